# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Carries the plan of nas_sync out, to the NAS or from it: each file is whole or old at every moment.

To a NAS, a portion of files goes to our own names first, each is verified there, and then all of them get their names;
what they replace is put aside until that is certain. What costs a call for many is done for many.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Optional

from .._api import comparison
from .._api.files import Files
from .._core import marks
from .._core import paths as _paths
from .._core.errors import READABLE, Kind, NasError, usage
from .._core.model import FILE, FOLDER, Entry
from .._core.sources import FileSource, Source
from .._core.waiting import Watch
from .._plans.sync import PUSH, Outcome, Record, SyncPlan, above, batches
from . import atomic
from .crew import FULL, GENERAL, Crew, Tally
from .local_file import Arrival, Attributes, local_errors, make_folders, new_mode, remove_left
from .note import Note
from .sides import Side

FILES, AMOUNT = 25, 16 * 1024 * 1024  # of one portion
ASIDE = 64 * 1024 * 1024  # bytes that are put aside at most before they are removed
NOTED = 1000  # files at least after which the note is written; more when it is long
_CLEANING = 60.0  # seconds

VANISHED = "the file is no longer there"


@dataclass
class Moves:
    """What a run has to do, and what it has done.

    :param outcome: gets what was done.
    :param tally: counts it.
    :param timeout: seconds that a task of the device may take.
    :param show: shows how far it is.
    """

    crew: Crew
    source: Side
    dest: Side
    plan: SyncPlan
    outcome: Outcome
    tally: Tally
    timeout: float
    show: Callable[[], None]

    def fails(self, path: str, error: BaseException) -> None:
        """Note the failure of one file.

        :raises NasError: that failure, when it is not the file's own.
        """
        if not isinstance(error, NasError) or error.kind in GENERAL:
            raise error
        self.outcome.failed[path] = error
        self.tally.lost()

    def lies_in_failed(self, path: str) -> bool:
        """Whether the folder of a path could not be made."""
        return any(folder in self.outcome.failed for folder in above(path))


def portion(count: int, crew: Crew) -> int:
    """How many files one connection takes at a time: few enough that each has some."""
    return max(1, min(FILES, -(-count // crew.size)))


class Push:
    """To the NAS.

    :param note: where the NAS keeps no times.
    """

    def __init__(self, moves: Moves, note: Optional[Note]) -> None:
        self._moves = moves
        self._note = note
        self._lock = threading.Lock()
        self._aside: list[str] = []
        self._aside_bytes = 0
        self._again: list[str] = []  # folders that were not made together with others
        self._since_note = 0

    def run(self, folders: Sequence[str], restore: Mapping[str, str], clean: Sequence[str]) -> None:
        """Do all but the deletions.

        :param folders: the destination and those above it that are missing.
        :param restore: where what an interrupted run put aside is, by the path below the top that it gets back.
        :param clean: what else such a run has left.
        """
        moves = self._moves
        mark = marks.replacing_mark(moves.dest.top)
        marked = mark in moves.dest.ours
        files = moves.crew.files
        if folders:
            atomic.make_folders(files, folders)
        if self._note is not None and self._note.left:
            clean = [*clean, *self._note.left]
        for path, aside in restore.items():
            files.rename(aside, _paths.name(moves.dest.at(path)))
        if clean:
            atomic.clean(files, clean, Watch(timeout=_CLEANING))
        self._make_folders(files)
        if not marked and files.stats_many() and any("/" in path for path in moves.plan.update):
            atomic.make_folders(files, [mark])
            marked = True
        paths = [path for path in (*moves.plan.create, *moves.plan.update) if not moves.lies_in_failed(path)]
        sizes = {path: moves.source.items[path].size or 0 for path in paths}
        portions = batches(sorted(paths), sizes, files=portion(len(paths), moves.crew), amount=AMOUNT)
        try:
            moves.crew.run(self._send, portions, moves.tally, moves.show)
        except BaseException as error:
            # The next run finds what stays; the reason to tell is another one.
            with contextlib.suppress(NasError):
                if not isinstance(error, NasError) or error.kind in FULL:
                    self._clear_aside(files, all_of_it=True)  # where space is scarce, it is needed
            with contextlib.suppress(NasError):
                self._write_note(files)
            raise
        self._write_note(files)
        if self._note is not None and self._note.aside is not None:
            self._aside.append(self._note.aside)
        if marked and not moves.outcome.failed:
            self._aside.append(mark)  # the last: it tells of the others
        self._clear_aside(files, all_of_it=True)

    def _write_note(self, files: Files) -> None:
        if self._note is not None:
            self._note.write(files)

    def _make_folders(self, files: Files) -> None:
        """Make the folders, level by level where each costs a call; what fails together is tried one by one."""
        moves, folders = self._moves, list(self._moves.plan.folders)
        levels: dict[int, list[str]] = {}
        for path in folders:
            levels.setdefault(0 if files.features.makes_at_once else path.count("/"), []).append(path)
        for _depth, level in sorted(levels.items()):
            wanted = [path for path in level if not moves.lies_in_failed(path)]
            count = len(wanted) if files.features.makes_at_once else portion(len(wanted), moves.crew)
            groups = batches(wanted, dict.fromkeys(wanted, 0), files=max(1, count), amount=1)
            moves.crew.run(self._make, groups, moves.tally, moves.show)
            again, self._again = self._again, []
            self._make_one_by_one(files, again)
        moves.outcome.created += [
            path for path in folders if path not in moves.outcome.failed and not moves.lies_in_failed(path)
        ]

    def _make(self, files: Files, group: Sequence[str]) -> None:
        try:
            atomic.make_folders(files, [self._moves.dest.at(path) for path in group])
        except NasError as error:
            if error.kind in GENERAL:
                raise
            with self._lock:
                self._again += group

    def _make_one_by_one(self, files: Files, folders: Sequence[str]) -> None:
        moves, dest = self._moves, self._moves.dest
        there = files.stat([dest.at(path) for path in folders]) if folders else {}
        for path in folders:
            entry = there[dest.at(path)]
            if moves.lies_in_failed(path) or (entry is not None and entry.is_folder):
                continue
            try:
                atomic.make_folders(files, [dest.at(path)])
            except NasError as error:
                if error.kind in GENERAL:
                    raise
                moves.outcome.failed[path] = error

    def _send(self, files: Files, portion: Sequence[str]) -> None:
        """Send some files, then give them their names."""
        moves = self._moves
        arrived: dict[str, Source] = {}
        failure: Optional[NasError] = None
        try:
            for path in portion:
                moves.tally.check()
                try:
                    arrived[path] = self._stage(files, path)
                except NasError as error:
                    if error.kind in FULL:
                        failure = error  # what is there already needs no more room
                        break
                    moves.fails(path, error)
            self._name(files, arrived)
        except BaseException:
            self._discard(files, [marks.staging_path(moves.dest.at(path)) for path in arrived])
            raise
        if failure is not None:
            raise failure

    @staticmethod
    def _discard(files: Files, staged: Sequence[str]) -> None:
        """Remove what has no name yet, as far as that is possible now."""
        with contextlib.suppress(NasError):
            left = [path for path, entry in files.stat(staged).items() if entry is not None] if staged else []
            if left:
                files.delete(left, recursive=False, watch=Watch(timeout=_CLEANING))

    def _stage(self, files: Files, path: str) -> Source:
        """Bring a file beside its place, and verify it there."""
        moves = self._moves
        item, place = moves.source.items[path], moves.dest.at(path)
        staging, watch = marks.staging_path(place), moves.tally.watch(moves.timeout)
        filename = moves.source.secrets.get(path) or moves.source.at(path)
        if path in moves.dest.items:
            atomic.prove_name(files, place)
        source = _source(filename, path)
        try:
            at_once = item.mtime if files.features.sets_mtime_at_upload else None
            source.want(files.features.checksum_algorithms[:1])
            files.upload(source, staging, mtime=at_once, watch=watch)
            source.require_unchanged()
            # The upload has reported its size by now, or the bytes show it.
            entry = Entry(staging, FILE, source.size)
            same = comparison.same_bytes(files, source, entry, Watch(timeout=moves.timeout))
            if same is None:
                atomic.verify(files, source, staging, watch)
            elif not same:
                raise NasError(Kind.MISMATCH, "the NAS holds other bytes than those that were sent", path=place)
        except BaseException as error:
            if not (isinstance(error, NasError) and error.kind is Kind.EXISTS):
                atomic.discard(files, staging)
            if isinstance(error, NasError) and error.path == staging:
                error.path = place
            if isinstance(error, OSError):
                raise _unreadable(error, path) from None
            raise
        return source

    def _name(self, files: Files, arrived: dict[str, Source]) -> None:
        """Give files that have arrived their names, and check that they have them."""
        moves, dest = self._moves, self._moves.dest
        named: list[str] = []
        for path, source in list(arrived.items()):
            failure = self._exchange(files, path)
            if failure is None:
                named.append(path)
                continue
            self._settle(files, path, source, failure)
            if path not in moves.outcome.failed:
                named.append(path)
        found: dict[str, Optional[Entry]] = {}
        if FILE not in files.features.sets_mtime_of and named:
            found = files.stat([dest.at(path) for path in named])
        for path in named:
            source, item, place = arrived.pop(path), moves.source.items[path], dest.at(path)
            if FILE in files.features.sets_mtime_of:
                # The answer to this tells that the name is there.
                try:
                    files.set_mtime(place, item.mtime or 0)
                except NasError as error:
                    if error.kind in GENERAL:
                        raise
                    self._settle(files, path, source, None)
                    moves.fails(path, error)
                    continue
            elif (entry := found[place]) is None or entry.size != source.size:
                self._settle(files, path, source, None)
            if path in moves.outcome.failed:
                continue
            self._count(files, path, source, found.get(place))
        self._clear_aside(files)

    def _exchange(self, files: Files, path: str) -> Optional[BaseException]:
        place = self._moves.dest.at(path)
        staging = marks.staging_path(place)
        aside = marks.backup_path(place) if path in self._moves.dest.items else None
        return atomic.exchange(files, place, aside, lambda: files.rename(staging, _paths.name(place)))

    def _settle(self, files: Files, path: str, source: Source, failure: Optional[BaseException]) -> None:
        """Look at one file alone, and note its failure if it did not get its name."""
        moves, place = self._moves, self._moves.dest.at(path)
        staging = marks.staging_path(place)
        try:
            atomic.settle(
                files,
                staging,
                place,
                size=source.size,
                aside=marks.backup_path(place) if path in moves.dest.items else None,
                discard=lambda: atomic.discard(files, staging),
                failure=failure,
            )
        except NasError as error:
            moves.fails(path, error)

    def _count(self, files: Files, path: str, source: Source, entry: Optional[Entry]) -> None:
        moves = self._moves
        replaces = path in moves.dest.items
        moves.tally.whole(source.size)
        write = False
        with self._lock:
            (moves.outcome.updated if replaces else moves.outcome.created).append(path)
            if replaces:
                self._aside.append(marks.backup_path(moves.dest.at(path)))
                self._aside_bytes += moves.dest.items[path].size or 0
            mtime = moves.source.items[path].mtime
            if self._note is not None and entry is not None and entry.mtime is not None and mtime is not None:
                self._note.add(path, Record(source.size, mtime, entry.mtime))
                self._since_note += 1
                if self._since_note >= max(NOTED, len(self._note.records) // 10):
                    self._since_note, write = 0, True
        if write:
            self._write_note(files)

    def _clear_aside(self, files: Files, *, all_of_it: bool = False) -> None:
        """Remove what was replaced, when there is enough of it."""
        with self._lock:
            if not self._aside or not (all_of_it or len(self._aside) >= 4 * FILES or self._aside_bytes >= ASIDE):
                return
            doomed, self._aside, self._aside_bytes = self._aside, [], 0
        files.discard(doomed, watch=Watch(timeout=self._moves.timeout))


class Pull:
    """From the NAS.

    :param note: where the NAS keeps no times: a file gets back the one that it had when it was sent.
    """

    def __init__(self, moves: Moves, note: Optional[Note]) -> None:
        self._moves = moves
        self._records = note.records if note is not None else {}
        self._lock = threading.Lock()
        self._new_mode = new_mode()

    def run(self, folders: Sequence[str], clean: Sequence[str]) -> None:
        """Do all but the deletions.

        :param folders: the destination and those above it that are missing.
        :param clean: what a run that was killed has left.
        """
        moves = self._moves
        for filename in clean:
            remove_left(filename)
        make_folders(folders)
        for path in moves.plan.folders:
            if moves.lies_in_failed(path):
                continue
            try:
                with local_errors(moves.dest.at(path)):
                    os.mkdir(moves.dest.at(path))
            except NasError as error:
                if error.kind in GENERAL:
                    raise
                moves.outcome.failed[path] = error
            else:
                moves.outcome.created.append(path)
        paths = [path for path in (*moves.plan.create, *moves.plan.update) if not moves.lies_in_failed(path)]
        sizes = {path: moves.source.items[path].size or 0 for path in paths}
        portions = batches(sorted(paths), sizes, files=portion(len(paths), moves.crew), amount=AMOUNT)
        moves.crew.run(self._fetch, portions, moves.tally, moves.show)

    def _fetch(self, files: Files, portion: Sequence[str]) -> None:
        for path in portion:
            self._moves.tally.check()
            try:
                self._fetch_one(files, path)
            except NasError as error:
                self._moves.fails(path, error)

    def _fetch_one(self, files: Files, path: str) -> None:
        moves = self._moves
        entry, place = moves.source.entries[path], moves.dest.at(path)
        replaces = path in moves.dest.items
        attributes = Attributes() if replaces else Attributes(self._new_mode)
        with Arrival(os.path.dirname(place)) as arrival:
            with local_errors(place):
                size = files.download(entry.path, arrival.sink, watch=moves.tally.watch(moves.timeout), entry=entry)
            if entry.size is not None and size != entry.size:
                message = f"{size} bytes came of a file that had {entry.size}"
                raise NasError(Kind.MISMATCH, message, path=entry.path, hint="Somebody writes it: run the task again")
            arrival.close()
            record = self._records.get(path)
            known = record is not None and (record.size, record.there) == (entry.size, entry.mtime)
            arrival.take_place(place, attributes, record.here if known and record is not None else entry.mtime)
        moves.tally.whole(size)
        with self._lock:
            (moves.outcome.updated if replaces else moves.outcome.created).append(path)


def same_bytes(
    crew: Crew, source: Side, dest: Side, paths: Sequence[str], mode: str, tally: Tally, timeout: float
) -> set[str]:
    """Which files of both sides have the same bytes.

    What cannot be read is from then on among what has failed of the source.
    """
    here, there = (source, dest) if mode == PUSH else (dest, source)
    same: set[str] = set()

    def compare(files: Files, path: str) -> None:
        filename = here.secrets.get(path) or here.at(path)
        try:
            if comparison.surely_same(files, _source(filename, path), there.entries[path], tally.watch(timeout)):
                same.add(path)
        except NasError as error:
            if error.kind in GENERAL:
                raise
            source.failed[path] = error

    crew.run(compare, paths, tally)
    for path in source.failed:
        source.items.pop(path, None)
    return same


def delete_there(moves: Moves, progress: Watch) -> None:
    """Remove from the NAS what is not in the source."""
    if moves.plan.remove:
        files = moves.crew.files
        doomed = [moves.dest.at(path) for path in moves.plan.remove]
        try:
            files.delete(doomed, recursive=True, watch=progress)
        except NasError:
            with contextlib.suppress(NasError):
                left = files.stat(doomed)
                gone = {path for path in moves.plan.remove if left[moves.dest.at(path)] is None}
                moves.outcome.deleted += [path for path in moves.plan.delete if gone.intersection((path, *above(path)))]
            raise
        moves.outcome.deleted += moves.plan.delete


def delete_here(moves: Moves) -> None:
    """Remove from this machine what is not in the source; a link without what it leads to."""
    for path in sorted(moves.plan.delete, key=lambda one: -one.count("/")):
        place = moves.dest.at(path)
        with local_errors(place):
            if moves.dest.items[path].type == FOLDER:
                os.rmdir(place)
            else:
                os.unlink(place)
        moves.outcome.deleted.append(path)
    moves.outcome.deleted.sort()


def _source(filename: str, path: str) -> FileSource:
    try:
        source = FileSource(filename)
        os.close(os.open(filename, os.O_RDONLY))
    except OSError as error:
        raise _unreadable(error, path) from None
    return source


def _unreadable(error: OSError, path: str) -> NasError:
    if isinstance(error, FileNotFoundError):
        return usage(VANISHED, path=path, hint="Run the task again")
    return usage(f"it cannot be read: {error.strerror or error}", path=path, hint=f"{READABLE}, or exclude it")
