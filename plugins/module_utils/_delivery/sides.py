# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is below a folder, on the machine that runs the task and on the NAS, as one reads it to make them equal."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Optional

from .._api import tree as _tree
from .._api.client import kept_aside, service_folders
from .._core import marks
from .._core import names as _names
from .._core import paths as _paths
from .._core.errors import Kind, NasError, usage
from .._core.model import FILE, FOLDER, Entry
from .._core.patterns import Filter
from .._plans.sync import LINK, Item, below, parent
from .content import VAULT
from .crew import Crew
from .local_file import is_left

SKIP, FOLLOW, ERROR = "skip", "follow", "error"
_LINKS = "Set links to skip or follow, or exclude it"


@dataclass
class Side:
    """One of the two folders.

    :param top: its path.
    :param exists: whether it is there.
    :param items: what is in it and counts, by its path below the top.
    :param named: what is in it and is not transferred, such as links.
    :param kept: what is excluded, or the device's own.
    :param kept_in: the folders that hold something of that.
    :param failed: what could not be read, and why.
    :param entries: of the NAS, what it reported of each item.
    :param read: of the NAS, the folders that were listed, "" for the top.
    :param ours: of the NAS, what has a name of our own, by its path on the NAS.
    :param left: of this machine, the files in which an interrupted run left what had come.
    :param secrets: of this machine, the decrypted file of each vaulted one.
    """

    top: str
    exists: bool = True
    items: dict[str, Item] = field(default_factory=dict)
    named: set[str] = field(default_factory=set)
    kept: set[str] = field(default_factory=set)
    kept_in: set[str] = field(default_factory=set)
    failed: dict[str, NasError] = field(default_factory=dict)
    entries: dict[str, Entry] = field(default_factory=dict)
    read: set[str] = field(default_factory=set)
    ours: dict[str, Entry] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)
    secrets: dict[str, str] = field(default_factory=dict)

    def at(self, path: str) -> str:
        """Where a path below the top is."""
        return _tree.at(self.top, path)

    def keeps(self, path: str) -> None:
        """Note something that stays whatever the source has."""
        self.kept.add(path)
        self.kept_in.add(parent(path))


def read_here(
    top: str, chosen: Filter, *, links: str = SKIP, is_source: bool, decrypted: Optional[Callable[[str], str]] = None
) -> Side:
    """What is in a folder of this machine.

    :param links: what becomes of symbolic links of a source. Those of a destination are never followed.
    :param decrypted: gives the file with the clear text of a vaulted one; None where files are taken as they are.
    :raises NasError: `USAGE` for a link where `links` is ERROR, and a folder that cannot be read at all.
    """
    side = Side(top, os.path.isdir(top))
    if side.exists:
        itself = os.stat(top)
        reader = _Reader(side, chosen, links if is_source else SKIP, is_source, decrypted)
        reader.read("", ((itself.st_dev, itself.st_ino),))
    return side


@dataclass(frozen=True)
class _Reader:
    """Reads folders of this machine; see `read_here`."""

    side: Side
    chosen: Filter
    links: str
    is_source: bool
    decrypted: Optional[Callable[[str], str]]

    def read(self, folder: str, inside: tuple[tuple[int, int], ...]) -> None:
        """Read a folder.

        :param inside: what the system calls it and the folders above it.
        """
        side = self.side
        try:
            with os.scandir(side.at(folder)) as listed:
                found = sorted(listed, key=lambda one: one.name)
        except OSError as error:
            failure = usage(f"the folder cannot be read: {error.strerror or error}", path=side.at(folder))
            if not folder:
                raise failure from None
            side.failed[folder] = failure
            return
        for one in found:
            path = below(folder, one.name)
            try:
                self._take(one, path, inside)
            except OSError as error:
                side.failed[path] = usage(f"it cannot be read: {error.strerror or error}", path=one.path)
            except NasError as error:
                if error.final:
                    raise
                side.failed[path] = error

    def _take(self, one: os.DirEntry[str], path: str, inside: tuple[tuple[int, int], ...]) -> None:
        side, follow = self.side, self.links == FOLLOW
        if not self.is_source and is_left(one.path):
            side.left.append(one.path)
            return
        is_ours = _names.is_ours(one.name) or one.name in service_folders() or one.name in kept_aside()
        if is_ours or not self.chosen.takes(path, one.is_dir(follow_symlinks=follow)):
            side.keeps(path)
            return
        if one.is_symlink() and not follow:
            if self.links == ERROR:
                refused = usage(f"{one.path!r} is a symbolic link", path=one.path, hint=_LINKS)
                refused.final = True
                raise refused
            side.named.add(path)
            if not self.is_source:
                side.items[path] = Item(LINK)
            return
        info = one.stat(follow_symlinks=True)
        if stat.S_ISDIR(info.st_mode):
            if self.is_source:
                _require_utf8(path)
            itself = (info.st_dev, info.st_ino)
            if itself in inside:
                raise usage("the link leads back to a folder that it lies in", path=one.path, hint=_LINKS)
            side.items[path] = Item(FOLDER)
            self.read(path, (*inside, itself))
        elif stat.S_ISREG(info.st_mode):
            self._take_file(one, path, info)
        else:
            side.named.add(path)

    def _take_file(self, one: os.DirEntry[str], path: str, info: os.stat_result) -> None:
        size = info.st_size
        if self.is_source:
            _require_utf8(path)
            if not os.access(one.path, os.R_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        if self.decrypted is not None and size > len(VAULT) and _is_vaulted(one.path):
            self.side.secrets[path] = self.decrypted(one.path)
            size = os.stat(self.side.secrets[path]).st_size
        self.side.items[path] = Item(FILE, size, info.st_mtime_ns // 1_000_000_000)


def _is_vaulted(filename: str) -> bool:
    with open(filename, "rb") as file:
        return file.read(len(VAULT)) == VAULT


def _require_utf8(path: str) -> None:
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        raise NasError(Kind.INVALID_NAME, "its name is not UTF-8", path=path, hint="Rename it, or exclude it") from None


def _has_name_here(name: str) -> bool:
    try:
        os.fsencode(name)
    except UnicodeEncodeError:
        return False
    return True


def read_there(
    crew: Crew,
    top: str,
    chosen: Filter,
    *,
    links: str = SKIP,
    is_source: bool,
    wanted: Optional[Mapping[str, Item]] = None,
    progress: Callable[[int], None] = lambda count: None,
) -> Side:
    """What is in a folder of the NAS, one list a folder, some side by side.

    :param links: as of `read_here`, as far as the NAS tells links.
    :param wanted: of a destination, what the source has: other folders are not looked into; None for all folders.
    :param progress: gets the number of entries so far.
    """
    side = Side(top)

    def relative(path: str) -> str:
        return path[len(top) + 1 :]

    def enter(entry: Entry) -> bool:
        path = relative(entry.path)
        return path in side.items and side.items[path].type == FOLDER and (wanted is None or path in wanted)

    def failed(path: str, error: NasError) -> None:
        side.failed[relative(path)] = error

    follow = links == FOLLOW and is_source
    for folder, entries in _tree.folders(crew.files, top, enter=enter, follow=follow, failed=failed, many=crew.list):
        side.read.add(relative(folder))
        for entry in sorted(entries, key=lambda one: one.name):
            path = relative(entry.path)
            if entry.name in ("", ".", "..") or "\0" in entry.name:
                raise NasError(Kind.PROTOCOL, f"the device lists the name {entry.name!r}", path=folder)
            if _names.is_ours(entry.name):
                side.ours[entry.path] = entry
            elif not _tree.is_kept(entry):
                continue
            elif entry.name in kept_aside() or not chosen.takes(path, entry.is_folder):
                side.keeps(path)
            elif is_source and not _has_name_here(entry.name):
                hint = "Rename it on the NAS, or exclude it"
                message = "no file of this machine can have its name"
                side.failed[path] = NasError(Kind.INVALID_NAME, message, path=entry.path, hint=hint)
            elif entry.link and not follow:
                if links == ERROR and is_source:
                    raise NasError(Kind.WRONG_TYPE, "this is a symbolic link", path=entry.path, hint=_LINKS)
                side.named.add(path)
                if not is_source:
                    side.items[path] = Item(LINK)
                    side.entries[path] = entry
            else:
                side.entries[path] = entry
                side.items[path] = Item(FOLDER) if entry.is_folder else Item(FILE, entry.size, entry.mtime)
        progress(len(side.items))
    side.items = dict(sorted(side.items.items(), key=lambda one: one[0].split("/")))
    return side


def recovered(side: Side, expected: Iterable[str], everything: Optional[Filter]) -> dict[str, str]:
    """What an interrupted run has put aside on the NAS, of files that have no content at their place: where it is.

    They count as what is at that place.

    :param everything: where all of the folder is to be as the source is, what of it is meant; else None.
    """
    found = {}
    others = []
    if everything is not None:
        owners = [owner[len(side.top) + 1 :] for one in side.ours if (owner := marks.owner_of_backup(one)) is not None]
        others = [path for path in owners if everything.takes(path, is_folder=False)]
    for path in (*expected, *others):
        if path in side.items or not side.ours:
            continue
        aside = marks.found_backup(side.at(path), side.ours)
        if aside is not None and not aside.is_folder:
            found[path] = aside.path
            side.items[path] = Item(FILE, aside.size, aside.mtime)
            side.entries[path] = replace(aside, path=side.at(path))
    return found


def leftovers(
    side: Side, expected: Iterable[str], recovered_from: Mapping[str, str], everything: Optional[Filter]
) -> list[str]:
    """What else an interrupted run has left: beside files that are now to be there, or anywhere.

    :param everything: as of `recovered`.
    """
    if not side.ours:
        return []
    kept = frozenset(recovered_from.values())
    found = []
    for path in expected:
        place = side.at(path)
        for one in (marks.staging_path(place), *marks.backup_paths(place), marks.proof_folder(place)):
            if one in side.ours and one not in kept:
                found.append(one)
    if everything is not None:
        found += [one for one in side.ours if marks.is_useless(one)]
        found += [
            one
            for one in side.ours
            if (owner := marks.owner_of_backup(one)) is not None
            and one not in kept
            and everything.takes(owner[len(side.top) + 1 :], is_folder=False)
        ]
    return list(dict.fromkeys(found))


def holding(side: Side, passing: Collection[str]) -> set[str]:
    """The folders that hold something of our own that stays: not what is removed, and no note of a folder below."""
    return {
        parent(path[len(side.top) + 1 :])
        for path in side.ours
        if path not in passing and path != marks.note_path(_paths.parent(path))
    }
