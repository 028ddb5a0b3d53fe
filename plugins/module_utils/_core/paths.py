# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Paths on a NAS: exact strings that start with `/` and name a share first."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from .errors import NasError, usage
from .text import half


def check(path: str, option: str = "path") -> str:
    """Return the path as it is, or say what is wrong with it.

    :raises NasError: `USAGE`, naming the option, the value and the way out.
    """
    problem = _problem(path)
    if problem:
        raise bad(path, option, *problem)
    return path


def check_folder(path: str, option: str = "path") -> str:
    """The same for a folder, whose path may end with a slash; returned without it."""
    return check(path[:-1] if len(path) > 1 and path.endswith("/") else path, option)


def bad(path: str, option: str, problem: str, hint: str) -> NasError:
    """An error about the path that an option holds."""
    return usage(f"option {option}: {path!r} {problem}", path=path, hint=hint)


def _problem(path: str) -> tuple[str, str] | None:
    if not path.startswith("/"):
        return "does not start with a slash", "Write it from the share on, such as /share/folder/name"
    odd = "a NUL character" if "\0" in path else repr(half(path)) + ", half of a character" if half(path) else ""
    if odd:
        return f"holds {odd}", "Remove it"
    parts = path[1:].split("/")
    if path == "/":
        return "names no share", "Write it from the share on, such as /share/folder/name"
    if "" in parts:
        way_out = "Remove the slash at the end" if path.endswith("/") else "Write one slash between two names"
        return "holds an empty name", way_out
    if "." in parts or ".." in parts:
        return "holds . or .. as a name", "Write the path out in full"
    return None


def parent(path: str) -> str:
    """The folder that the path lies in; `/` for a share."""
    return path.rpartition("/")[0] or "/"


def name(path: str) -> str:
    """The last part of the path."""
    return path.rpartition("/")[2]


def join(folder: str, entry_name: str) -> str:
    """The path of an entry of a folder."""
    return f"{folder}/{entry_name}"


def numbered(path: str, number: int, *, is_folder: bool) -> str:
    """Another path beside it, with the number after the name, before the suffix of a file."""
    stem, dot, suffix = name(path).rpartition(".")
    if is_folder or not stem:
        stem, dot, suffix = name(path), "", ""
    return join(parent(path), f"{stem} ({number}){dot}{suffix}")


def is_share(path: str) -> bool:
    """Whether the path is a share itself, which no module makes or removes."""
    return path.count("/") == 1


def share(path: str) -> str:
    """The share that the path lies in, as a path."""
    return "/" + path.split("/", 2)[1]


def ancestors(path: str) -> list[str]:
    """All folders above the path, the share first."""
    parts = path.split("/")
    return ["/".join(parts[:end]) for end in range(2, len(parts))]


def depth(path: str) -> int:
    """How many names the path has."""
    return path.count("/")


def alike(one: str, other: str) -> bool:
    """Whether two paths differ in letter case or in the way their letters are composed only, if at all.

    Some devices take such paths for the same.
    """
    first, second = (unicodedata.normalize("NFC", path).casefold() for path in (one, other))
    return first == second


def unique(paths: Iterable[str]) -> list[str]:
    """The paths in their order, each once."""
    return list(dict.fromkeys(paths))
