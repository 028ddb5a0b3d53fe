# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Copy and move inside the disk, step by step, with progress, a budget, and a say for every conflict."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Union

from . import errors
from .disk import CHUNK, Disk, Entry, join, os_errors, parent, same_file
from .progress import Progress
from .space import Budget


@dataclass(frozen=True)
class Rename:
    """Decision: keep both; the newcomer gets this name."""

    name: str


Decision = Union[str, Rename]
Conflict = Callable[[Entry, Entry], Decision]
"""Called with (source, what is in its place); answers "overwrite", "skip", "fail" or Rename(name)."""


def overwrite(_source: Entry, _taken: Entry) -> Decision:
    return "overwrite"


def skip(_source: Entry, _taken: Entry) -> Decision:
    return "skip"


def fail(_source: Entry, _taken: Entry) -> Decision:
    return "fail"


class Transfer:
    """One copy or move. Folders merge; `conflict` is asked for files in the way (and, with `merge=False`, for folders).

    `skipped` lists what a conflict left where it was.
    """

    def __init__(
        self,
        disk: Disk,
        *,
        conflict: Conflict = fail,
        progress: Progress | None = None,
        budget: Budget | None = None,
        merge: bool = True,
        keep_times: bool = True,
    ) -> None:
        self.disk = disk
        self.conflict = conflict
        self.progress = progress or Progress()
        self.budget = budget
        self.merge = merge
        self.keep_times = keep_times
        self.skipped: list[str] = []

    def expect(self, path: str) -> None:
        """Add an entry to the totals of the progress, before it is copied."""
        _folders, files, size = self.disk.measure(path)
        self.progress.expect(files=files, size=size)

    def copy(self, source: str, target: str) -> str | None:
        """Copy an entry to exactly this path; the path it got, or None when skipped."""
        self._check(source, target)
        return self._one(self.disk.stat(source), target, move=False)

    def move(self, source: str, target: str) -> str | None:
        """Move an entry to exactly this path; the path it got, or None when (in part) skipped."""
        self._check(source, target)
        self.disk.check_write(source)
        return self._one(self.disk.stat(source), target, move=True)

    def _check(self, source: str, target: str) -> None:
        if (target.rstrip("/") + "/").startswith(source.rstrip("/") + "/") and target.rstrip("/") != source.rstrip("/"):
            raise errors.IntoItself(target)
        self.disk.check_write(target)
        if not self.disk.stat(parent(target)).is_folder:
            raise errors.NotFolder(parent(target))

    def _one(self, entry: Entry, target: str, *, move: bool) -> str | None:
        self.progress.checkpoint()
        self.progress.current, self.progress.target = entry.path, target
        taken = self.disk.find(target)
        folder = entry.is_folder and not entry.is_link
        if taken is not None and not (folder and taken.is_folder and self.merge):
            decision = self.conflict(entry, taken)
            if isinstance(decision, Rename):
                return self._one(entry, join(parent(target), decision.name), move=move)
            if decision == "skip":
                self.skipped.append(entry.path)
                self._count(entry)
                return None
            if decision == "fail":
                raise errors.Exists(target)
            if same_file(entry, taken):
                self._count(entry)
                return target
            if taken.is_folder != entry.is_folder:
                raise (errors.IsFolder if taken.is_folder else errors.NotFolder)(target)
            if not taken.is_folder:
                if self.budget is not None:
                    self.budget.give_back(taken.size)
                if not move:
                    with os_errors(target):
                        os.unlink(taken.real)
                taken = None
        if move and taken is None:
            return self._rename(entry, target)
        if folder:
            return self._folder(entry, target, taken, move=move)
        self._file(entry, target)
        if move:
            self.disk.delete(entry.path)
        return target

    def _rename(self, entry: Entry, target: str) -> str:
        _folders, files, size = self.disk.measure(entry.path)
        with os_errors(target):
            os.rename(entry.real, self.disk.real(target, follow=False))
        self.progress.advance(files=files, size=size)
        return target

    def _folder(self, entry: Entry, target: str, taken: Entry | None, *, move: bool) -> str | None:
        if taken is None:
            self.disk.mkdir(target)
        before = len(self.skipped)
        for child in sorted(self.disk.list(entry.path), key=lambda item: item.name):
            self._one(child, join(target, child.name), move=move)
        if self.keep_times and taken is None:
            self.disk.set_times(target, mtime=entry.mtime)
        if move and len(self.skipped) == before:
            with os_errors(entry.path):
                os.rmdir(entry.real)
        return target if len(self.skipped) == before else None

    def _file(self, entry: Entry, target: str) -> None:
        real = self.disk.real(target, follow=False)
        with os_errors(target):
            if entry.is_link:
                os.symlink(os.readlink(entry.real), real)
                self.progress.advance(files=1)
                return
            self.disk.check_read(entry.path)
            with open(entry.real, "rb") as source, open(real, "xb") as handle:
                while block := source.read(CHUNK):
                    self.progress.checkpoint()
                    if self.budget is not None:
                        self.budget.take(len(block))
                    handle.write(block)
                    self.progress.advance(size=len(block))
            if self.keep_times:
                os.utime(real, ns=(round(entry.atime * 1e9), round(entry.mtime * 1e9)))
        self.progress.advance(files=1)

    def _count(self, entry: Entry) -> None:
        _folders, files, size = self.disk.measure(entry.path)
        self.progress.advance(files=files, size=size)
