# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file or folder with all that it holds, and whether another one holds the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Optional

from ansible_collections.nasops.nas.plugins.module_utils import _compare, _paths
from ansible_collections.nasops.nas.plugins.module_utils._api import Files
from ansible_collections.nasops.nas.plugins.module_utils._errors import Kind, NasError
from ansible_collections.nasops.nas.plugins.module_utils._model import Entry
from ansible_collections.nasops.nas.plugins.module_utils._watch import Watch

Tree = Mapping[str, Entry]
"""Entries by their path below the top, which itself has the empty one; parents come before what they hold."""

# Thumbnails that devices keep beside files. They may or may not show in a list, and come and go by themselves.
DEVICES_OWN = frozenset(("@eaDir", ".@__thumb"))


def walk(files: Files, top: Entry) -> Tree:
    """What there is, one list a folder.

    :raises NasError: also when a folder goes away meanwhile.
    """
    found = {"": top}
    waiting = [""] if top.is_folder else []
    while waiting:
        folder = waiting.pop()
        for entry in files.list(at(top.path, folder)):
            if entry.name in DEVICES_OWN:
                continue
            relative = f"{folder}/{entry.name}" if folder else entry.name
            found[relative] = entry
            if entry.is_folder:
                waiting.append(relative)
    return found


def at(top: str, relative: str) -> str:
    """The path of what lies below the top."""
    return _paths.join(top, relative) if relative else top


def above(relative: str) -> list[str]:
    """What a path below the top lies in: the top first, then the folders on the way."""
    if not relative:
        return []
    parts = relative.split("/")
    return ["/".join(parts[:end]) for end in range(len(parts))]


def lacking(wanted: Tree, there: Tree) -> Optional[str]:
    """The first of what is wanted that is not there by name, type and size; None when all is. There may be more."""
    for relative, entry in wanted.items():
        other = there.get(relative)
        if other is None or (other.type, other.size) != (entry.type, entry.size):
            return relative
    return None


def same_files(files: Files, one: Tree, other: Tree, watch: Watch) -> frozenset[str]:
    """Which files of both have the same bytes: for the top by its bytes, below it also by size and time alone."""
    same = set()
    for relative, entry in one.items():
        there = other.get(relative)
        if there is None or entry.is_folder or (there.type, there.size) != (entry.type, entry.size):
            continue
        told_by_time = relative and entry.mtime is not None and entry.mtime == there.mtime
        if told_by_time or same_bytes(files, entry, there, watch):
            same.add(relative)
    return frozenset(same)


def equal(wanted: Tree, there: Tree, same: frozenset[str]) -> bool:
    """Whether all that is wanted is there. There may be more.

    :param same: as `same_files` tells.
    """
    return all(
        relative in same or (entry.is_folder and relative in there and there[relative].is_folder)
        for relative, entry in wanted.items()
    )


def same_bytes(files: Files, one: Entry, other: Entry, watch: Watch) -> bool:
    """Whether two files hold the same: by size, then by checksums; where the device has none, both are read."""
    if one.size != other.size:
        return False
    if not one.size:
        return True
    for algorithm in files.checksum_algorithms:
        try:
            first = files.checksum(one.path, algorithm, watch=Watch(timeout=watch.timeout))
            return first == files.checksum(other.path, algorithm, watch=Watch(timeout=watch.timeout))
        except NasError as error:
            if error.kind is not Kind.UNSUPPORTED:
                raise
    return _compare.digest(files, one, watch) == _compare.digest(files, other, watch)
