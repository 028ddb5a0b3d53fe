# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is below a folder, on the machine that runs the task and on the NAS, as one reads it to make them equal."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Optional

from .._api import tree as _tree
from .._api.client import kept_aside, service_folders
from .._core import marks
from .._core import names as _names
from .._core import paths as _paths
from .._core.errors import READABLE, Kind, NasError, usage
from .._core.model import FILE, FOLDER, Entry
from .._core.patterns import Filter
from .._plans.sync import LINK, MTIME, NO_RECORDS, PULL, Item, Records, Rules, below, is_same, parent
from .content import VAULT
from .crew import GENERAL, PATHS, Crew
from .local_file import is_left
from .note import Note

SKIP, FOLLOW, ERROR = "skip", "follow", "error"
_READABLE = f"{READABLE}, or exclude it"
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
    :param ours: of the NAS, what has a name of our own, by its path on the NAS.
    :param listed: of the NAS, the folders that were listed, "" for the top.
    :param note: of the NAS, the note that was read.
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
    ours: dict[str, Entry] = field(default_factory=dict)
    listed: set[str] = field(default_factory=set)
    note: Optional[Note] = None
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
        of_devices = service_folders() | kept_aside()
        reader = _Reader(side, chosen, links if is_source else SKIP, is_source, decrypted, of_devices)
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
    of_devices: frozenset[str]

    def read(self, folder: str, inside: tuple[tuple[int, int], ...]) -> None:
        """Read a folder.

        :param inside: what the system calls it and the folders above it.
        """
        side = self.side
        try:
            with os.scandir(side.at(folder)) as listed:
                found = sorted(listed, key=lambda one: one.name)
        except OSError as error:
            message = f"the folder cannot be read: {error.strerror or error}"
            failure = usage(message, path=side.at(folder), hint=_READABLE)
            if not folder:
                raise failure from None
            side.failed[folder] = failure
            return
        for one in found:
            path = below(folder, one.name)
            try:
                self._take(one, path, inside)
            except OSError as error:
                message = f"it cannot be read: {error.strerror or error}"
                side.failed[path] = usage(message, path=one.path, hint=_READABLE)
            except NasError as error:
                if error.final:
                    raise
                side.failed[path] = error

    def _take(self, one: os.DirEntry[str], path: str, inside: tuple[tuple[int, int], ...]) -> None:
        side, follow = self.side, self.links == FOLLOW
        is_ours = one.name.startswith(_names.OURS)
        if is_ours and not self.is_source and is_left(one.path):
            side.left.append(one.path)
            return
        if is_ours or one.name in self.of_devices or not self.chosen.takes(path, one.is_dir(follow_symlinks=follow)):
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
    rules: Rules,
    *,
    links: str = SKIP,
    wanted: Optional[Mapping[str, Item]] = None,
    progress: Callable[[int], None] = lambda count: None,
) -> Side:
    """What is in a folder of the NAS, one list a folder, some side by side.

    Where it is enough to know of what is `wanted`, and the NAS tells of many paths at once, those folders alone are
    listed in which something differs.

    :param rules: what is to be done with it.
    :param links: as of `read_here`, as far as the NAS tells links.
    :param wanted: of a destination, what the source has: other folders are not looked into; None for all folders.
    :param progress: gets the number of entries so far.
    """
    reader = _ThereReader(crew, Side(top), chosen, rules, links, wanted or {}, progress)
    side = reader.side
    if wanted is None or rules.compare != MTIME or not reader.check():
        reader.walk(wanted is None)
    side.items = dict(sorted(side.items.items(), key=lambda one: one[0].split("/")))
    return side


class _ThereReader:
    """Reads folders of the NAS; see `read_there`."""

    def __init__(
        self,
        crew: Crew,
        side: Side,
        chosen: Filter,
        rules: Rules,
        links: str,
        wanted: Mapping[str, Item],
        progress: Callable[[int], None],
    ) -> None:
        self.side = side
        self._crew = crew
        self._chosen = chosen
        self._rules = rules
        self._links = links
        self._wanted = wanted
        self._progress = progress
        self._is_source = rules.mode == PULL
        self._follow = links == FOLLOW and self._is_source
        self._of_devices, self._aside = service_folders(), kept_aside()

    def walk(self, everywhere: bool) -> None:
        """List folders.

        :param everywhere: false for those that are wanted.
        """
        side = self.side

        def enter(entry: Entry) -> bool:
            path = self._relative(entry.path)
            return self._is_folder(path) and (everywhere or path in self._wanted)

        def failed(path: str, error: NasError) -> None:
            side.failed[self._relative(path)] = error

        for folder, entries in _tree.folders(
            self._crew.files, side.top, enter=enter, follow=self._follow, failed=failed, many=self._crew.list
        ):
            self._take_all(folder, entries)

    def check(self) -> bool:
        """Ask for what is wanted, path by path, and list only the folders in which something differs.

        So what an interrupted run left beside a file that is to be replaced is found. Of more than that its mark tells.

        :returns: whether that was worth it, and all is known now.
        """
        side, wanted = self.side, self._wanted
        folders = sum(item.type == FOLDER for item in wanted.values())
        if folders <= 2 + len(wanted) // PATHS or not self._crew.files.stats_many():
            return False
        self._list([""])
        if side.failed:
            raise side.failed.pop("")
        if marks.replacing_mark(side.top) in side.ours:
            return False
        side.note = Note.of(self._crew.files, side.top, side.ours)
        below_top = [path for path in wanted if "/" in path and self._is_folder(path.partition("/")[0])]
        try:
            found = self._crew.stat([side.at(path) for path in below_top])
        except NasError as error:
            if error.kind in GENERAL:
                raise
            return False  # a list of its folder tells which one it is
        for path in below_top:
            entry = found[side.at(path)]
            if entry is not None and self._is_folder(parent(path)):
                self._put(path, entry)
        records = side.note.records if side.note is not None else NO_RECORDS
        differing = [
            parent(path)
            for path, item in wanted.items()
            if item.type == FILE and "/" in path and self._is_folder(parent(path)) and not self._is_same(path, records)
        ]
        self._list(list(dict.fromkeys(differing)))
        return True

    def _list(self, folders: Sequence[str]) -> None:
        """List some folders, and forget what was known of them."""
        side = self.side
        listings = dict(zip(folders, self._crew.list([side.at(folder) for folder in folders])))
        side.failed.update({folder: listed for folder, listed in listings.items() if isinstance(listed, NasError)})
        known = listings.keys() - side.failed.keys()
        side.items = {path: item for path, item in side.items.items() if parent(path) not in known}
        for folder, listed in listings.items():
            if not isinstance(listed, NasError):
                self._take_all(side.at(folder), listed)

    def _is_same(self, path: str, records: Records) -> bool:
        """Whether a file need not be sent."""
        item, other = self._wanted[path], self.side.items.get(path)
        return other is not None and other.type == FILE and is_same(item, other, records.get(path), self._rules) is True

    def _take_all(self, folder: str, entries: Iterable[Entry]) -> None:
        self.side.listed.add(self._relative(folder))
        for entry in sorted(entries, key=lambda one: one.path):
            self._take(folder, entry)
        self._progress(len(self.side.items))

    def _take(self, folder: str, entry: Entry) -> None:
        side, name = self.side, entry.name
        path = self._relative(entry.path)
        if name in ("", ".", "..") or "\0" in name:
            raise NasError(Kind.PROTOCOL, f"the device lists the name {name!r}", path=folder)
        if name.startswith(_names.OURS):
            side.ours[entry.path] = entry
        elif name in self._of_devices:
            return
        elif name in self._aside or not self._chosen.takes(path, entry.is_folder):
            side.keeps(path)
        elif self._is_source and not _has_name_here(name):
            hint = "Rename it on the NAS, or exclude it"
            message = "no file of this machine can have its name"
            side.failed[path] = NasError(Kind.INVALID_NAME, message, path=entry.path, hint=hint)
        else:
            self._put(path, entry)

    def _put(self, path: str, entry: Entry) -> None:
        side = self.side
        if entry.link and not self._follow:
            if self._links == ERROR and self._is_source:
                raise NasError(Kind.WRONG_TYPE, "this is a symbolic link", path=entry.path, hint=_LINKS)
            side.named.add(path)
            if not self._is_source:
                side.items[path] = Item(LINK)
                side.entries[path] = entry
        else:
            side.entries[path] = entry
            side.items[path] = Item(FOLDER) if entry.is_folder else Item(FILE, entry.size, entry.mtime)

    def _relative(self, path: str) -> str:
        return path[len(self.side.top) + 1 :]

    def _is_folder(self, path: str) -> bool:
        item = self.side.items.get(path)
        return item is not None and item.type == FOLDER


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
    """The folders that hold something of our own that stays: not what is removed, and no note or mark of a folder."""
    return {
        parent(path[len(side.top) + 1 :])
        for path in side.ours
        if path not in passing
        and path not in (marks.note_path(_paths.parent(path)), marks.replacing_mark(_paths.parent(path)))
    }
