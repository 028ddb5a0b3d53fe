# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The disk as a Synology has it, with the rights of the account that the work is done for (`rights.acting`).

A share that cannot be written is a read-only file system (411), a folder without the right to write is not permitted
(407). A volume records access times once a month (DSM's default), so a time that a client has set stays when the file
is read.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from typing import Any

from ..core import errors
from ..core.disk import Disk, Entry, os_errors, split
from ..core.progress import Progress
from .rights import NO_ACCESS, READ_ONLY, READ_WRITE, acting


class ReadOnlyShare(errors.ReadOnly):
    """The whole share is read only."""


class SynologyDisk(Disk):
    """The vendor's disk."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._atimes: dict[tuple[int, int], tuple[int, float]] = {}
        self.locked: set[str] = set()
        """Encrypted shares that are not mounted: nothing of them can be seen."""
        self.right: Callable[..., str] = lambda name, user, inside="": READ_WRITE
        """What an account may do in a share (see `shares.Shares.right`)."""

    def real(self, path: str, *, follow: bool = True) -> str:
        if self.locked and self.share(path) in self.locked:
            raise errors.NotFound(path)
        return super().real(path, follow=follow)

    def _check_right(self, path: str, *, write: bool) -> None:
        """Raise Denied, or ReadOnly, for what the account may not do; a link has the rights of where it leads."""
        user = acting.get()
        if user is None:
            return
        for place in dict.fromkeys((path, self.place(path))):
            names = split(place)
            if not names:
                continue
            right = self.right(names[0], user, inside=names[1] if len(names) > 1 else "")
            if right == NO_ACCESS:
                raise errors.Denied(path)
            if write and right == READ_ONLY:
                raise errors.ReadOnly(path)

    def check_read(self, path: str) -> None:
        super().check_read(path)
        self._check_right(path, write=False)

    def stat(self, path: str, *, check: bool = True) -> Entry:
        if check and acting.get() is not None:
            self.real(path, follow=False)  # first, whether it is a path at all
            self._check_right(path, write=False)
        return super().stat(path, check=check)

    def check_write(self, path: str) -> None:
        self._check_right(path, write=True)
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

    # -- shares as wholes, for the control panel

    def holds(self, path: str) -> bool:
        """Whether something lies at a path, whatever the rights there."""
        return os.path.lexists(os.path.join(self.root, *split(path)))

    def make_share(self, path: str) -> None:
        with os_errors(path):
            os.mkdir(os.path.join(self.root, *split("/" + path)))

    def remove_share(self, name: str) -> None:
        """With everything in it."""
        place = os.path.join(self.root, name)
        with os_errors(name):
            if os.path.islink(place):
                os.unlink(place)
                return
            for base, folders, _files in os.walk(place):
                for folder in [base, *(os.path.join(base, folder) for folder in folders)]:
                    if not os.path.islink(folder):
                        os.chmod(folder, 0o700)
            shutil.rmtree(place)

    def clone_share(self, name: str, new: str) -> None:
        with os_errors(name):
            shutil.copytree(os.path.join(self.root, name), os.path.join(self.root, new), symlinks=True)

    def rename_share(self, name: str, new: str) -> None:
        with os_errors(name):
            os.rename(os.path.join(self.root, name), os.path.join(self.root, new))

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
