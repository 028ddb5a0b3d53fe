# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""repair: check the files of a par2 set, and mend them.

Rests on the File System page ("Repair a file") and on the task errors it lists: repair_failed when too much is lost,
invalid_format when the file is no par2 set. Nothing is recorded of a box at this work. The volumes of the set are the
par2 files beside the one that is named; `delete_archive` removes all of them after a success.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from ..core.disk import join, os_errors, parent
from ..core.progress import Progress
from . import tasks
from .calls import EXPLORER, Ask, Route
from .operations import check_sources
from .par2 import BadSet, CannotRepair, Par2Set
from .tasks import TaskFailed
from .wire import truth

if TYPE_CHECKING:
    from .device import Freebox


class Repair:
    """One repair; runs in the task's thread."""

    def __init__(self, box: Freebox, ask: Ask) -> None:
        self.box = box
        self.ask = ask
        self.source = ask.path("src")
        self.delete = truth(ask.mapping().get("delete_archive"))

    def run(self, progress: Progress, data: dict[str, Any]) -> None:
        disk = self.box.disk
        path = self.box.place(self.source)
        source = disk.stat(path)
        if source.is_folder:
            raise TaskFailed("unsupported_file_type")
        disk.check_read(path)
        folder = parent(path)
        beside = [entry.real for entry in disk.list(folder)
                  if entry.name.lower().endswith(".par2") and not entry.is_folder]  # fmt: skip
        with os_errors(path):
            self._mend(source.real, sorted(beside), folder, progress)

    def _mend(self, source: str, beside: list[str], folder: str, progress: Progress) -> None:
        disk = self.box.disk
        try:
            wanted = Par2Set(source, beside)
        except BadSet as exc:
            raise TaskFailed("invalid_format") from exc
        if any(os.path.basename(file.name) != file.name or file.name in {"", ".", ".."} for file in wanted.files):
            raise TaskFailed("invalid_format")
        progress.expect(files=len(wanted.files), size=sum(file.size for file in wanted.files))

        def tick(size: int) -> None:
            progress.checkpoint()
            progress.advance(size=size)

        here = disk.real(folder)
        if not wanted.check(here, tick):
            disk.check_write(join(folder, "x"))
            lost = [file for file in wanted.files if not file.whole]
            progress.current = join(folder, lost[0].name)
            self.ask.context.budget(disk, folder).take(sum(file.size for file in lost))
            try:
                wanted.repair(here, lambda _size: progress.checkpoint())
            except CannotRepair as exc:
                raise TaskFailed("repair_failed") from exc
        progress.advance(files=len(wanted.files))
        if self.delete:
            for real in wanted.members:
                disk.delete(join(folder, os.path.basename(real)))


async def repair(box: Freebox, ask: Ask) -> Any:
    job = Repair(box, ask)
    await box.disk.run(check_sources, box, [job.source])
    return await tasks.start(box, ask, "repair", job.run, {"src": [job.source]})


ROUTES = [Route("POST", "fs/repair/", repair, permission=EXPLORER, writes=True)]
