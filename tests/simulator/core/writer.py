# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that arrive in pieces. What is left of an interrupted one is the vendor's to choose."""

from __future__ import annotations

import asyncio
import os
from typing import IO

from . import errors
from .disk import CHUNK, Disk, Entry, base_name, os_errors, parent
from .space import Budget


class Writer:
    """Writes one file.

    `in_place=True`: the bytes go straight to the target (truncated first, or from `offset`), so an interruption leaves
    a part of the file. `in_place=False`: they go where no client sees them; the file takes the target's name in one
    step at `commit()`, and disappears at `abort()`.
    """

    def __init__(
        self,
        disk: Disk,
        path: str,
        *,
        in_place: bool = False,
        budget: Budget | None = None,
        offset: int = 0,
        mode: int | None = None,
    ) -> None:
        self.disk = disk
        self.path = path
        self.in_place = in_place
        self.budget = budget
        self.size = offset
        self._mode = mode
        disk.check_write(path)
        if not disk.stat(parent(path)).is_folder:
            raise errors.NotFolder(parent(path))
        taken = disk.find(path)
        if taken is not None and taken.is_folder:
            raise errors.IsFolder(path)
        if taken is not None and budget is not None:
            budget.give_back(taken.size - offset)
        if len(base_name(path)) == 0:
            raise errors.IsFolder(path)
        self._buffer = bytearray()
        with os_errors(path):
            self._part = disk.real(path) if in_place else disk.part_file()
            self._handle: IO[bytes] = open(self._part, "r+b" if in_place and offset else "wb")  # noqa: SIM115
            if offset:
                self._handle.seek(offset)
                self._handle.truncate()

    async def write(self, block: bytes) -> None:
        """Take a piece; the disk sees it when a megabyte is together. NoSpace or Quota at the byte that is too many."""
        if self.budget is not None:
            room = self.budget.room()
            if room is not None and room < len(block):
                self._buffer += block[:room]
                await self.flush()
                self.budget.take(len(block))
            self.budget.take(len(block))
        self._buffer += block
        self.size += len(block)
        if len(self._buffer) >= CHUNK:
            await self.flush()

    async def flush(self) -> None:
        if self._buffer:
            data, self._buffer = self._buffer, bytearray()
            with os_errors(self.path):
                await asyncio.to_thread(self._handle.write, data)

    async def commit(self) -> Entry:
        """The file is complete."""
        await self.flush()
        with os_errors(self.path):
            self._handle.close()
            if self._mode is not None:
                os.chmod(self._part, self._mode)
            if not self.in_place:
                os.replace(self._part, self.disk.real(self.path, follow=False))
        return self.disk.stat(self.path)

    def write_now(self, block: bytes) -> None:
        """Write without a buffer, budget or thread."""
        with os_errors(self.path):
            self._handle.write(block)
            self.size += len(block)

    def finish_now(self, *, keep: bool) -> None:
        """Commit or abort without a thread (not for files in place)."""
        with os_errors(self.path):
            self._handle.close()
            if keep:
                os.replace(self._part, self.disk.real(self.path, follow=False))
            else:
                os.unlink(self._part)

    async def abort(self) -> None:
        """It will not be complete: in place the part stays, else nothing does."""
        if self._handle.closed:
            return
        await self.flush()
        self._handle.close()
        if not self.in_place:
            os.unlink(self._part)


class SyncWriter:
    """The same for work that runs in a thread: `with SyncWriter(...) as writer: writer.write(block)`.

    Leaving the block without an exception gives the file its name; with one, nothing is left.
    """

    def __init__(self, disk: Disk, path: str, *, budget: Budget | None = None) -> None:
        self._inner = Writer(disk, path, budget=budget)
        self._budget = budget

    def __enter__(self) -> SyncWriter:
        return self

    def write(self, block: bytes) -> None:
        if self._budget is not None:
            self._budget.take(len(block))
        self._inner.write_now(block)

    def __exit__(self, exc_type: object, *_error: object) -> None:
        self._inner.finish_now(keep=exc_type is None)
