# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task was given, before anything is made of it: paths as they are written, and those that Ansible masked."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from typing import Any

from .._core.errors import usage

Options = Mapping[str, Mapping[str, Any]]  # as in an argument spec

# Options that hold paths, on a NAS or here, in whichever module they are.
PATHS = frozenset(("path", "paths", "src", "dest", "sources", "members", "share", "export_to"))
# Options that hold patterns of names: their text is split at commas, as that of ansible.builtin.find.
PATTERNS = frozenset(("patterns", "excludes", "include", "exclude"))
# What Ansible writes where a secret was: for a part of a text, and for all of it.
MASKS = ("*" * 8, "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER")


def whole_paths(options: Options, given: Mapping[str, Any]) -> dict[str, Any]:
    """The same with each text that stands where a list of paths is wanted as one path.

    Ansible would split it at its commas, and names have commas.
    """
    lists = {
        name
        for option, about in options.items()
        if option in PATHS and about.get("type") == "list"
        for name in (option, *about.get("aliases", ()))
    }
    return {name: [value] if name in lists and isinstance(value, str) else value for name, value in given.items()}


def refuse_masked(options: Options, params: Mapping[str, Any]) -> None:
    """Refuse a path that another task returned with a secret masked in it: it leads elsewhere, or nowhere.

    :param params: validated, so that lists are lists.
    :raises NasError: `USAGE`.
    """
    for option, path in paths_in(options, params):
        if any(mask in path for mask in MASKS):
            hint = (
                "A secret of an earlier task occurs in it, such as its password, and Ansible masks secrets in results. "
            )
            hint += "Change the secret, or write the path out"
            raise usage(f"option {option}: {path!r} is a masked path", path=path, hint=hint)


def refuse_torn(options: Options, params: Mapping[str, Any]) -> None:
    """Refuse patterns out of a text with a comma and a blank, which may be one name or two patterns.

    What would not be found, or not be excluded from a removal, shows nowhere else.

    :param params: validated, so that lists are lists.
    :raises NasError: `USAGE`.
    """
    for option in sorted(PATTERNS.intersection(options)):
        for before, after in zip(params[option] or (), (params[option] or ())[1:]):
            if after.startswith(" "):
                hint = "Write each pattern as an item of a YAML list; in a pattern, [ ] is a blank"
                raise usage(f"option {option}: {f'{before},{after}'!r} may be one pattern or two", hint=hint)


def paths_in(options: Options, params: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Each path, with the option that holds it."""
    for option, about in options.items():
        value = params.get(option)
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, str) and (option in PATHS or about.get("type") == "path"):
                yield option, each
            elif isinstance(each, dict) and about.get("options"):
                yield from ((f"{option}.{name}", path) for name, path in paths_in(about["options"], each))


def masking(params: Mapping[str, Any], secrets: Container[str], result: Any) -> list[str]:
    """The options whose secret value occurs in a path or name of the result, where Ansible will mask it."""
    values = {name: value for name, value in params.items() if isinstance(value, str) and value and value in secrets}
    places = list(_places(result))
    return [option for option, value in values.items() if any(value in place for place in places)]


def _places(result: Any, key: str = "") -> Iterator[str]:
    if isinstance(result, dict):
        for name, value in result.items():
            yield from _places(value, str(name))
    elif isinstance(result, (list, tuple)):
        for value in result:
            yield from _places(value, key)
    elif isinstance(result, str) and (result.startswith("/") or key == "name"):
        yield result
