# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is checked before a long operation, and why one has failed where the device's own code does not say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .._core.errors import NOTHING_THERE, Kind, NasError
from .deletion import Stat
from .encoding import split
from .failures import synology_error

ANY = ""  # a file or a folder

# Kinds that a device may report for a path of the wrong type, or for one that is not there.
_VAGUE = (Kind.NOT_FOUND, Kind.INVALID_ARGUMENT, Kind.INVALID_NAME, Kind.DEVICE)


def own_names(paths: Sequence[str], call: str) -> dict[str, str]:
    """The last part of each path, by path, when they can all lie in one folder.

    :raises NasError: `INVALID_ARGUMENT` when two of them have the same name.
    """
    names: dict[str, str] = {}
    owners: dict[str, str] = {}
    for path in paths:
        name = split(path)[1]
        other = owners.setdefault(name, path)
        if other != path:
            message = f"two of the paths have the same name; the other one is {other}"
            raise synology_error(Kind.INVALID_ARGUMENT, message, call, path)
        names[path] = name
    return names


def explained(error: NasError, stat: Stat, wanted: Mapping[str, str]) -> NasError:
    """A better error where something is not there, or of the wrong type, and the device's own does not say so.

    :param wanted: the type that has to be at each path.
    """
    if error.kind not in _VAGUE or not error.code:
        return error
    try:
        found = stat(list(wanted))
    except NasError:
        return error
    if error.kind is Kind.NOT_FOUND and found.get(error.path, error) is None:
        return error
    for path, entry_type in wanted.items():
        entry = found[path]
        if entry is None:
            return synology_error(Kind.NOT_FOUND, NOTHING_THERE, error.call, path, error.code)
        if entry_type not in (ANY, entry.type):
            message = f"this is a {entry.type}, not a {entry_type}"
            return synology_error(Kind.WRONG_TYPE, message, error.call, path, error.code)
    return error
