# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file or folder with all that it holds, and whether another one holds the same."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Optional, Union

from .._core import paths as _paths
from .._core.errors import Kind, NasError
from .._core.model import Entry
from .._core.waiting import Watch
from . import comparison
from .client import service_folders
from .files import Files

Tree = Mapping[str, Entry]
"""Entries by their path below the top, which itself has the empty one; parents come before what they hold."""

Listed = Union[list[Entry], NasError]

Listing = Callable[[Sequence[str]], Sequence[Listed]]
"""Lists folders: what each holds, or why that is not known, in the same order."""

AT_ONCE = 64
"""Folders that are listed side by side before what is in them is looked at."""

LEVELS = 100
"""Folders in folders that a walk goes down; what goes on for longer is taken for a link that leads back."""

REPEATS = 8
"""How often the same names may lie in a folder, in the one above it, and so on, where a device does not tell links."""

FOLDERS = 1_000_000
"""Folders that a walk lists at most."""

_BACK = "A link there may lead back to a folder above it: remove the link, or name the folders beside it one by one"


@dataclass(frozen=True)
class _Place:
    """A folder on a walk.

    :param real: where it is in truth, as far as the device tells; None for what lies behind a link without a target.
    :param sure: whether the device said that this is no link.
    :param marks: what the folders above hold, each as a number that is the same for the same names.
    """

    path: str
    real: Optional[str]
    sure: bool = True
    marks: tuple[int, ...] = ()


def folders(
    files: Files,
    top: str,
    *,
    enter: Callable[[Entry], bool] = lambda entry: True,
    follow: bool = False,
    failed: Optional[Callable[[str, NasError], None]] = None,
    many: Optional[Listing] = None,
) -> Iterator[tuple[str, list[Entry]]]:
    """Folders and what each holds, one list a folder, the top first and each folder before those in it.

    A link to a folder is not gone into, but for the top itself, which the caller has named. Where a device does not
    tell links, a walk that goes round in a circle is known by names that come again on each level, and by its depth.

    :param enter: whether a folder is gone into.
    :param follow: whether links are: after all else, and each folder once as far as the device tells where they lead.
    :param failed: gets the path and the error where a folder below the top cannot be listed; by default that is raised.
    :param many: lists some folders side by side; None for one after the other.
    :raises NasError: `PROTOCOL` for folders without an end.
    """
    waiting: list[_Place] = [_Place(top, top)]
    links: list[_Place] = []
    known: set[str] = set()
    listed = 0
    while waiting or links:
        places: list[_Place] = []
        while (waiting or (links and not places)) and len(places) < (AT_ONCE if many else 1):
            place = waiting.pop() if waiting else links.pop()
            if follow and place.real is not None:
                if place.real in known:
                    continue
                known.add(place.real)
            if len(place.marks) > LEVELS or listed == FOLDERS:
                what = f"levels of folders, and at least {LEVELS}"
                what = what if listed < FOLDERS else f"folders, more than {FOLDERS}"
                raise NasError(Kind.PROTOCOL, f"there is no end of {what}", path=top, hint=_BACK)
            listed += 1
            places.append(place)
        paths = [place.path for place in places]
        for place, entries in zip(places, many(paths) if many else _listed(files, paths)):
            if isinstance(entries, NasError):
                if failed is None or place.path == top:
                    raise entries
                failed(place.path, entries)
                continue
            mark = hash(frozenset((entry.name, entry.type) for entry in entries))
            if not place.sure and place.marks.count(mark) >= REPEATS:
                message = (
                    f"the folders go round in a circle: this one holds the same names as {REPEATS} of those above it"
                )
                raise NasError(Kind.PROTOCOL, message, path=place.path, hint=_BACK)
            yield place.path, entries
            for entry in entries:
                if not entry.is_folder or (entry.link and not follow) or not enter(entry):
                    continue
                below = _Place(
                    _paths.join(place.path, entry.name), _real(entry, place), entry.link is False, (*place.marks, mark)
                )
                (links if entry.link else waiting).append(below)


def _listed(files: Files, paths: Sequence[str]) -> list[Listed]:
    return [listed(files, path) for path in paths]


def listed(files: Files, path: str) -> Listed:
    """What lies in a folder, or why nobody knows."""
    try:
        return list(files.list(path))
    except NasError as error:
        return error


def _real(entry: Entry, place: _Place) -> Optional[str]:
    """Where a folder is in truth, as far as the device tells."""
    if place.real is None:
        return None
    if not entry.link:
        return _paths.join(place.real, entry.name)
    return None if entry.target is None else posixpath.normpath(posixpath.join(place.real, entry.target))


def may_repeat(paths: Iterable[str], top: str) -> bool:
    """Whether what a device found below a folder looks as if it went round in a circle: a walk will tell."""
    names: dict[str, set[str]] = {}
    for path in paths:
        names.setdefault(_paths.parent(path), set()).add(_paths.name(path))
    for folder, held in names.items():
        above = [one for one in _paths.ancestors(folder) if one == top or one.startswith(f"{top}/")]
        if sum(names.get(one) == held for one in above) >= REPEATS // 2:
            return True
    return False


def walk(files: Files, top: Entry) -> Tree:
    """What there is, one list a folder. A link is there, and what it leads to is not.

    :raises NasError: also when a folder goes away meanwhile, and for folders without an end.
    """
    found = {"": top}
    if top.is_tree:
        for path, entries in folders(files, top.path, enter=is_kept):
            above = path[len(top.path) + 1 :]
            for entry in filter(is_kept, entries):
                found[f"{above}/{entry.name}" if above else entry.name] = entry
    return found


def contents(files: Files, folder: str) -> list[Entry]:
    """What lies in a folder, but for what the device keeps there for itself."""
    return [entry for entry in files.list(folder) if is_kept(entry)]


def is_kept(entry: Entry) -> bool:
    """Whether it is not what devices keep beside files."""
    return entry.name not in service_folders()


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
    """The first of what is wanted that is not there by name, type and size; None when all is. There may be more.

    Of a link only the name counts: from another folder it may lead elsewhere, or nowhere.
    """
    for relative, entry in wanted.items():
        other = there.get(relative)
        if other is None or not (entry.link or (other.type, other.size) == (entry.type, entry.size)):
            return relative
    return None


def same_files(files: Files, one: Tree, other: Tree, watch: Watch, *, by_checksum: bool = False) -> frozenset[str]:
    """Which files of both have the same bytes: by size and time, and where the times differ by their bytes.

    :param by_checksum: whether size and time are not enough.

    Links that lead equally, as far as the device tells, are the same too.
    """
    same = set()
    for relative, entry in one.items():
        there = other.get(relative)
        if there is not None and entry.link and there.link and alike(entry, there):
            same.add(relative)
            continue
        if there is None or entry.is_folder or (there.type, there.size) != (entry.type, entry.size):
            continue
        if (not by_checksum and same_time(entry, there)) or same_bytes(files, entry, there, watch):
            same.add(relative)
    return frozenset(same)


def same_time(one: Entry, other: Entry) -> bool:
    """Whether two entries were changed at the same time, as far as the device tells: copies keep theirs on most.

    What has no time is given as 0, or less, so that this is never equal.
    """
    return one.mtime is not None and one.mtime > 0 and one.mtime == other.mtime


def equal(wanted: Tree, there: Tree, same: frozenset[str]) -> bool:
    """Whether all that is wanted is there. There may be more.

    :param same: as `same_files` tells.
    """
    return all(
        relative in same or (entry.is_folder and relative in there and alike(entry, there[relative]))
        for relative, entry in wanted.items()
    )


def alike(one: Entry, other: Entry) -> bool:
    """Whether two entries are both files, both folders, or both links that lead equally, as far as the device tells.

    What a device tells of a link's target may be what was written, or where that leads to from the link's folder.
    """
    if one.link and other.link:
        both_known = one.target is not None and other.target is not None
        return not both_known or one.target == other.target or _from_its_folder(one) == _from_its_folder(other)
    return one.type == other.type and (not one.is_folder or bool(one.link) == bool(other.link))


def _from_its_folder(link: Entry) -> str:
    folder = _paths.parent(link.path)
    return posixpath.relpath(posixpath.join(folder, link.target or ""), folder)


def same_bytes(files: Files, one: Entry, other: Entry, watch: Watch) -> bool:
    """Whether two files hold the same: by size, then by checksums; where the device has none, both are read."""
    if one.size != other.size:
        return False
    if not one.size:
        return True
    checking = Watch(watch.progress, watch.timeout)  # waited for, whatever the work is
    for algorithm in files.features.checksum_algorithms:
        try:
            first = files.checksum(one.path, algorithm, watch=checking)
            return first == files.checksum(other.path, algorithm, watch=checking)
        except NasError as error:
            if error.kind is not Kind.UNSUPPORTED:
                raise
    return comparison.digest(files, one, watch) == comparison.digest(files, other, watch)
