# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""cp and mv, with the four ways out of a conflict.

Rests on the File System page ("Conflict resolution", "Move files", "Copy files"), on a recorded refusal without a mode
and on what clients rely on: a destination that is a folder is copied into, one that does not exist is the new name of
a single source, and several sources need a folder.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..core.disk import Disk, Entry, base_name, join, parent
from ..core.progress import Progress
from ..core.transfer import Decision, Rename, Transfer
from . import tasks
from .calls import EXPLORER, Ask, Route
from .operations import check_sources, check_target
from .tasks import TaskFailed
from .wire import Refused

if TYPE_CHECKING:
    from .device import Freebox

MODES = frozenset({"overwrite", "both", "recent", "skip"})


def free_name(disk: Disk, path: str) -> str:
    """A free name beside this path: a task that the page prints makes testiso.1.iso of testiso.iso."""
    name = base_name(path)
    stem, dot, suffix = name.rpartition(".")
    if not stem:
        stem, dot, suffix = name, "", ""
    number = 1
    while disk.find(join(parent(path), f"{stem}.{number}{dot}{suffix}")) is not None:
        number += 1
    return f"{stem}.{number}{dot}{suffix}"


class BoxTransfer(Transfer):
    """A transfer that notes which file it is at. A link is copied as a link, where the volume can hold one."""

    data: dict[str, Any]
    linkless: Callable[[str], bool]

    def _file(self, entry: Entry, target: str) -> None:
        if entry.link is not None and self.linkless(target):
            raise TaskFailed("symlink_failed")
        tasks.file_begins(self.progress, self.data, entry.size)
        super()._file(entry, target)


class Job:
    """One cp or mv; runs in the task's thread."""

    def __init__(self, box: Freebox, ask: Ask, *, move: bool) -> None:
        self.box = box
        self.ask = ask
        self.move = move
        self.mode = ask.mapping().get("mode")
        self.files = ask.paths("files")
        self.target = ask.path("dst")
        if self.mode not in MODES:
            raise Refused("invalid_conflict_mode")

    def decide(self, source: Entry, taken: Entry) -> Decision:
        if self.mode == "both":
            return Rename(free_name(self.box.disk, taken.path))
        if self.mode == "recent":
            return "overwrite" if source.mtime > taken.mtime else "skip"
        return str(self.mode)

    def run(self, progress: Progress, data: dict[str, Any]) -> None:
        box, disk = self.box, self.box.disk
        target = box.place(self.target)
        taken = disk.find(target)
        into = taken is not None and taken.is_folder
        sources = [disk.stat(box.place(sent)) for sent in self.files]
        if not into:
            self._check_single(sources, target, taken)
        transfer = BoxTransfer(
            disk, conflict=self.decide, progress=progress, budget=self.ask.context.budget(disk, target)
        )
        transfer.data, transfer.linkless = data, box.linkless
        for source in sources:
            transfer.expect(source.path)
        for source in sources:
            self._one(transfer, source, join(target, base_name(source.path)) if into else target)

    def _check_single(self, sources: list[Entry], target: str, taken: Entry | None) -> None:
        """The destination is no folder: it has to be the new path of one source."""
        if len(sources) > 1 or (taken is not None and sources[0].is_folder):
            raise TaskFailed("dest_is_not_dir")
        if self.box.is_volume(target):
            raise TaskFailed("permission_denied")
        above = self.box.disk.find(parent(target))
        if above is None:
            raise TaskFailed("mkdir_failed" if sources[0].is_folder else "open_output_failed")
        if not above.is_folder:
            raise TaskFailed("dest_is_not_dir")

    def _one(self, transfer: BoxTransfer, source: Entry, target: str) -> None:
        disk = self.box.disk
        if self.box.is_volume(target) or (self.move and self.box.is_volume(source.path)):
            raise TaskFailed("permission_denied")
        if target == source.path:
            if self.mode != "both" or self.move:
                raise TaskFailed("same_file")
            target = join(parent(target), free_name(disk, target))
        if self.move:
            transfer.move(source.path, target)
        else:
            transfer.copy(source.path, target)


async def _start(box: Freebox, ask: Ask, task_type: str) -> Any:
    job = Job(box, ask, move=task_type == "mv")
    await box.disk.run(check_sources, box, job.files)
    await box.disk.run(check_target, box, job.target)
    return await tasks.start(box, ask, task_type, job.run, {"src": job.files, "dst": job.target})


async def copy(box: Freebox, ask: Ask) -> Any:
    return await _start(box, ask, "cp")


async def move(box: Freebox, ask: Ask) -> Any:
    return await _start(box, ask, "mv")


ROUTES = [
    Route("POST", "fs/cp/", copy, permission=EXPLORER, writes=True),
    Route("POST", "fs/mv/", move, permission=EXPLORER, writes=True),
]
