# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The disk as a Synology has it.

A share that cannot be written is a read-only file system (411), a folder without the right to write is not permitted
(407). A volume records access times once a month (DSM's default), so a time that a client has set stays when the file
is read.
"""

from __future__ import annotations

import os
from typing import Any

from ..core import errors
from ..core.disk import Disk, Entry, os_errors
from ..core.progress import Progress


class ReadOnlyShare(errors.ReadOnly):
    """The whole share is read only."""


class SynologyDisk(Disk):
    """The vendor's disk."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._atimes: dict[tuple[int, int], tuple[int, float]] = {}

    def check_write(self, path: str) -> None:
        try:
            super().check_write(path)
        except errors.ReadOnly as exc:
            if {self.share(path), self.share(self.place(path))} & self.read_only:
                raise ReadOnlyShare(exc.path) from None
            raise

    def _entry(self, path: str, real: str, st: os.stat_result, *more: Any) -> Entry:
        entry = super()._entry(path, real, st, *more)
        mtime, atime = self._atimes.get((st.st_dev, st.st_ino), (0, 0.0))
        return entry._replace(atime=atime) if mtime == st.st_mtime_ns else entry

    def delete(self, path: str, *, recursive: bool = True, progress: Progress | None = None) -> int:
        with os_errors(path):
            gone = os.lstat(self.real(path, follow=False))
        count = super().delete(path, recursive=recursive, progress=progress)
        self.forget_times(gone)
        return count

    def forget_times(self, gone: os.stat_result) -> None:
        """What was at this inode is no more; the next file that gets it has times of its own."""
        key = (gone.st_dev, gone.st_ino)
        self._crtimes.pop(key, None)
        self._atimes.pop(key, None)

    def set_times(
        self, path: str, *, mtime: float | None = None, atime: float | None = None, crtime: float | None = None
    ) -> None:
        super().set_times(path, mtime=mtime, atime=atime, crtime=crtime)
        if atime is not None:
            st = os.stat(self.real(path))
            self._atimes[(st.st_dev, st.st_ino)] = (st.st_mtime_ns, atime)
