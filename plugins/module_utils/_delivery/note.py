# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The note by which nas_sync knows files again on a NAS that keeps no times of theirs."""

from __future__ import annotations

import io
import threading
from collections.abc import Collection, Container, Mapping
from typing import TYPE_CHECKING, Optional

from .._api.files import Files
from .._core import marks
from .._core import paths as _paths
from .._core.model import FILE, Entry
from .._core.sources import BytesSource
from .._core.waiting import Watch
from .._plans.sync import Record, above, parent, read_note, write_note
from . import atomic

if TYPE_CHECKING:
    from .sides import Side

_CLEANING = 60.0  # seconds


class Note:
    """The note in a folder of a NAS that keeps no times.

    :param top: the folder.
    :param ours: what is there under names of our own, by its path.
    """

    def __init__(self, files: Files, top: str, ours: Mapping[str, Entry]) -> None:
        self._path = marks.note_path(top)
        self._lock = threading.Lock()
        self._written: dict[str, Record] = {}
        self.aside: Optional[str] = None  # where the last one is, since there is a new one
        self.left = [path for path in (marks.staging_path(self._path), marks.backup_path(self._path)) if path in ours]
        found, self._found = ours.get(self._path), self._path in ours
        self.records = {} if found is None else self._read(files, found)
        if found is not None:
            self._written = dict(self.records)
        elif marks.backup_path(self._path) in ours:
            self.records = self._read(files, ours[marks.backup_path(self._path)])

    @classmethod
    def of(cls, files: Files, top: str, ours: Mapping[str, Entry]) -> Optional[Note]:
        """The note of a folder; None where the NAS keeps times, and needs none."""
        return (
            None
            if files.features.sets_mtime_at_upload or FILE in files.features.sets_mtime_of
            else cls(files, top, ours)
        )

    @staticmethod
    def _read(files: Files, entry: Entry) -> dict[str, Record]:
        held = io.BytesIO()
        files.download(entry.path, held, watch=Watch(), entry=entry)
        return read_note(held.getvalue())

    def add(self, path: str, record: Record) -> None:
        """Note a file that is equal on both sides."""
        with self._lock:
            self.records[path] = record

    def learn(self, source: Side, dest: Side, same: Container[str], going: Collection[str]) -> None:
        """Note the files that were found to have the same bytes, and forget those that are no longer there.

        :param going: what is to be deleted.
        """
        there = {*dest.items, *dest.kept}.difference(going)
        gone = [
            path
            for path in self.records
            if any(one not in there and parent(one) in dest.listed for one in (*above(path), path))
        ]
        for path in gone:
            del self.records[path]
        for path, item in source.items.items():
            other = dest.items.get(path)
            if path in same and other is not None and other.mtime is not None and item.mtime is not None:
                self.records[path] = Record(item.size or 0, item.mtime, other.mtime)

    def write(self, files: Files) -> None:
        """Put the note in place, if it has changed, as any file."""
        with self._lock:
            if self.records == self._written:
                return
            if self.aside is not None:
                files.discard([self.aside], watch=Watch(timeout=_CLEANING))
                self.aside = None
            records = dict(self.records)
            source = BytesSource(write_note(records))
            staging = marks.staging_path(self._path)
            aside = marks.backup_path(self._path) if self._found else None
            try:
                files.upload(source, staging, mtime=None, watch=Watch())
            except BaseException:
                atomic.discard(files, staging)
                raise
            failure = atomic.exchange(files, self._path, aside, lambda: files.rename(staging, _paths.name(self._path)))
            if failure is not None:
                atomic.settle(
                    files,
                    staging,
                    self._path,
                    size=source.size,
                    aside=aside,
                    discard=lambda: atomic.discard(files, staging),
                    failure=failure,
                )
            self._found = True
            self._written = records
            self.aside = aside
