# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""cat: one file from many.

Rests on the File System page ("Cat files"). Not said there, and chosen here: an existing destination without `append`
and `overwrite` makes the task fail with file_exists, `append` wins over `overwrite`, sources are deleted only after
everything was written, and a destination among the sources is same_file.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ..core import errors
from ..core.disk import CHUNK, Entry, base_name, join, os_errors, parent
from ..core.progress import Progress
from . import tasks
from .calls import EXPLORER, Ask, Route
from .operations import check_sources, check_target
from .tasks import TaskFailed
from .wire import truth

if TYPE_CHECKING:
    from .device import Freebox

_VOLUME = re.compile(r"(.*?)(\d{3,})\Z", re.DOTALL)


class Cat:
    """One cat; runs in the task's thread."""

    def __init__(self, box: Freebox, ask: Ask) -> None:
        self.box = box
        self.ask = ask
        self.files = ask.paths("files")
        self.target = ask.path("dst")
        body = ask.mapping()
        self.volumes = truth(body.get("multi_volumes"))
        self.delete = truth(body.get("delete_files"))
        self.overwrite = truth(body.get("overwrite"))
        self.append = truth(body.get("append"))

    def sources(self) -> list[Entry]:
        paths = [self.box.place(sent) for sent in self.files]
        if self.volumes:
            paths = [path for first in paths for path in self._volumes(first)]
        entries = [self.box.disk.stat(path) for path in paths]
        if any(entry.is_folder for entry in entries):
            raise TaskFailed("unsupported_file_type")
        return entries

    def _volumes(self, first: str) -> list[str]:
        """XXX001, XXX002, ... as far as there are any; it starts at 001 whichever of them was named."""
        match = _VOLUME.match(base_name(first))
        if match is None:
            raise TaskFailed("unsupported_file_type")
        found: list[str] = []
        while True:
            path = join(parent(first), f"{match[1]}{len(found) + 1:0{len(match[2])}}")
            if self.box.disk.find(path) is None:
                break
            found.append(path)
        if not found:
            raise errors.NotFound(first)
        return found

    def run(self, progress: Progress, data: dict[str, Any]) -> None:
        box, disk = self.box, self.box.disk
        target = box.place(self.target)
        sources = self.sources()
        taken = disk.find(target)
        if box.is_volume(target):
            raise TaskFailed("permission_denied")
        if taken is not None and taken.is_folder:
            raise TaskFailed("open_output_failed")
        if any(entry.path == target for entry in sources):
            raise TaskFailed("same_file")
        if taken is not None and not (self.append or self.overwrite):
            raise TaskFailed("file_exists")
        disk.check_write(target)
        if not disk.stat(parent(target)).is_folder:
            raise TaskFailed("open_output_failed")
        budget = self.ask.context.budget(disk, target)
        if taken is not None and not self.append:
            budget.give_back(taken.size)
        progress.expect(files=len(sources), size=sum(entry.size for entry in sources))
        progress.target = self.target
        with os_errors(target), open(disk.real(target), "ab" if self.append else "wb") as out:
            for entry in sources:
                disk.check_read(entry.path)
                progress.checkpoint()
                progress.current = entry.path
                tasks.file_begins(progress, data, entry.size)
                with open(entry.real, "rb") as handle:
                    while block := handle.read(CHUNK):
                        progress.checkpoint()
                        budget.take(len(block))
                        out.write(block)
                        progress.advance(size=len(block))
                progress.advance(files=1)
        if self.delete:
            for entry in sources:
                disk.delete(entry.path)


async def cat(box: Freebox, ask: Ask) -> Any:
    job = Cat(box, ask)
    await box.disk.run(check_sources, box, job.files)
    await box.disk.run(check_target, box, job.target)
    return await tasks.start(box, ask, "cat", job.run, {"src": job.files, "dst": job.target})


ROUTES = [Route("POST", "fs/cat/", cat, permission=EXPLORER, writes=True)]
