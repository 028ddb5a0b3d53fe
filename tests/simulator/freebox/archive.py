# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""archive and extract.

Rests on the File System page ("Create an archive", "Extract a file") and on recorded tasks. The format follows the
ending of the destination when packing, and the content when unpacking. Chosen where nothing is recorded: an unknown
ending is archive_open_failed (clients saw that error), a taken destination file_exists, a missing destination folder of
an extraction chdir_failed, a file that is no archive archive_open_failed, a broken one invalid_format or, when that
shows only while reading, archive_read_failed. What was written before a failure stays.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import posixpath
import shutil
import tempfile
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ..core import errors
from ..core.archives import ArchiveError, BrokenArchive, Member, NotAnArchive, Reader, WrongPassword
from ..core.disk import Entry, base_name, join, os_errors, parent
from ..core.progress import Progress
from ..core.space import Budget
from . import tasks
from .calls import EXPLORER, Ask, Route
from .operations import check_sources, check_target
from .pack import packer_for
from .tasks import TaskFailed
from .unpack import links_in, open_any
from .wire import Refused, truth

if TYPE_CHECKING:
    from .device import Freebox


class Pack:
    """One new archive; runs in the task's thread. Members are named from each source's own name on."""

    def __init__(self, box: Freebox, ask: Ask) -> None:
        self.box = box
        self.ask = ask
        self.files = ask.paths("files")
        self.target = ask.path("dst")

    def run(self, progress: Progress, data: dict[str, Any]) -> None:
        box, disk = self.box, self.box.disk
        target = box.place(self.target)
        sources = [disk.stat(box.place(sent)) for sent in self.files]
        opener = packer_for(base_name(target))
        above = disk.find(parent(target))
        if opener is None or box.is_volume(target) or above is None or not above.is_folder:
            raise TaskFailed("archive_open_failed")
        taken = disk.find(target)
        if taken is not None and (taken.is_folder or not box.settings.flag("archive_overwrite")):
            raise TaskFailed("file_exists")
        disk.check_write(target)
        members = [(name, entry) for source in sources for name, entry in self._members(source, target)]
        files = [entry for _name, entry in members if not entry.is_folder]
        progress.expect(files=len(files), size=sum(entry.size for entry in files if entry.link is None))
        real = disk.real(target)
        meter = Meter(real, self.ask.context.budget(disk, target))
        with os_errors(target), contextlib.closing(opener(real)) as packer:
            for name, entry in members:
                self._one(packer, name, entry, progress, data, meter)
            packer.finish()
        meter.check()

    def _members(self, source: Entry, target: str) -> Iterator[tuple[str, Entry]]:
        """The archive itself may lie in a folder that is packed: it is left out."""
        for entry in self.box.disk.walk(source.path):
            if entry.path != target:
                yield join(source.name, entry.path[len(source.path) :].lstrip("/")).rstrip("/"), entry

    def _one(self, packer: Any, name: str, entry: Entry, progress: Progress, data: dict[str, Any],
             meter: Meter) -> None:  # fmt: skip
        progress.checkpoint()
        progress.current = entry.path
        if entry.link is None:
            self.box.disk.check_read(entry.path)
        if not entry.is_folder:
            tasks.file_begins(progress, data, entry.size)

        def tick(size: int) -> None:
            progress.checkpoint()
            progress.advance(size=size)
            meter.check()

        try:
            packer.add(name, entry, tick)
        except ValueError as exc:  # a name or a size that the format cannot hold
            raise TaskFailed("archive_write_failed") from exc
        if not entry.is_folder:
            progress.advance(files=1)


class Meter:
    """Keeps a file that somebody else writes within its budget."""

    def __init__(self, real: str, budget: Budget) -> None:
        self.real = real
        self.budget = budget
        self.seen = 0

    def check(self) -> None:
        size = os.path.getsize(self.real)
        if size > self.seen:
            self.budget.take(size - self.seen)
            self.seen = size


class Unpack:
    """One extraction; runs in the task's thread."""

    def __init__(self, box: Freebox, ask: Ask) -> None:
        self.box = box
        self.ask = ask
        self.source = ask.path("src")
        self.target = ask.path("dst")
        body = ask.mapping()
        password = body.get("password")
        if password is not None and not isinstance(password, str):
            raise Refused("invalid_request", detail="password")
        self.password = password or None
        self.delete = truth(body.get("delete_archive"))
        self.overwrite = truth(body.get("overwrite"))

    def run(self, progress: Progress, data: dict[str, Any]) -> None:
        box, disk = self.box, self.box.disk
        # one client found that these two paths have to be absolute, unlike those of other calls
        if not self.source.startswith("/"):
            raise TaskFailed("archive_open_failed")
        source = disk.stat(box.place(self.source))
        if not self.target.startswith("/") or (above := disk.find(box.place(self.target))) is None:
            raise TaskFailed("chdir_failed")
        if not above.is_folder:
            raise TaskFailed("dest_is_not_dir")
        disk.check_read(source.path)
        disk.check_write(join(above.path, "x"))
        progress.current = self.source
        scratch = tempfile.mkdtemp(prefix="extract-")
        try:
            with self._open(source) as reader:
                self._members(reader, above.path, scratch, progress, data)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
        if self.delete:
            disk.delete(source.path)

    def _open(self, source: Entry) -> Reader:
        if source.is_folder:
            raise TaskFailed("archive_open_failed")
        try:
            with os_errors(source.path):
                return open_any(source.real, self.password)
        except WrongPassword as exc:
            raise TaskFailed("incorrect_password") from exc
        except NotAnArchive as exc:
            with open(source.real, "rb") as handle:
                rar = handle.read(4) == b"Rar!"
            raise TaskFailed("unsupported_file_type" if rar else "archive_open_failed") from exc
        except ArchiveError as exc:
            raise TaskFailed("invalid_format") from exc

    def _members(self, reader: Reader, folder: str, scratch: str, progress: Progress, data: dict[str, Any]) -> None:
        links = links_in(reader)
        names = {name for name, _text in links}
        members = [member for member in reader.members if member.name not in names]
        files = [member for member in members if not member.is_folder]
        progress.expect(files=len(files), size=sum(member.size for member in files))
        budget = self.ask.context.budget(self.box.disk, folder)
        try:
            for member, blocks in reader.read(members, scratch):
                progress.checkpoint()
                progress.target = member.name
                if not member.safe:
                    raise TaskFailed("archive_read_failed")
                if member.is_folder:
                    self._folder(join(folder, member.name))
                else:
                    tasks.file_begins(progress, data, member.size)
                    self._file(join(folder, member.name), member, blocks, progress, budget)
            for name, text in links:
                progress.checkpoint()
                self._link(join(folder, name), text)
        except WrongPassword as exc:
            raise TaskFailed("incorrect_password") from exc
        except BrokenArchive as exc:
            raise TaskFailed("archive_read_failed") from exc

    def _link(self, path: str, text: str) -> None:
        """A link is made as it was packed, wherever it leads, after everything else: nothing is written through it."""
        disk = self.box.disk
        self._folder(posixpath.dirname(path))
        taken = disk.find(path)
        if taken is not None and not self.overwrite:
            raise TaskFailed("file_exists")
        if self.box.linkless(path) or (taken is not None and taken.is_folder and taken.link is None):
            raise TaskFailed("symlink_failed")
        if taken is not None:
            disk.delete(path)
        with os_errors(path):
            os.symlink(text, disk.real(path, follow=False))

    def _folder(self, path: str) -> None:
        disk = self.box.disk
        taken = disk.find(path)
        if taken is None:
            above = posixpath.dirname(path)
            if disk.find(above) is None:
                self._folder(above)
            disk.mkdir(path)
        elif not taken.is_folder:
            raise TaskFailed("mkdir_failed")

    def _file(self, path: str, member: Member, blocks: Iterator[bytes], progress: Progress, budget: Budget) -> None:
        disk = self.box.disk
        first = next(blocks, b"")  # a wrong password shows here: before anything is made
        self._folder(posixpath.dirname(path))
        taken = disk.find(path)
        if taken is not None:
            if not self.overwrite:
                raise TaskFailed("file_exists")
            if taken.is_folder:
                raise TaskFailed("overwrite_failed")
            budget.give_back(taken.size)
        real = disk.real(path)
        with os_errors(path), open(real, "wb") as out:
            for block in itertools.chain([first], blocks):
                progress.checkpoint()
                budget.take(len(block))
                out.write(block)
                progress.advance(size=len(block))
        if member.mtime > 0:
            with contextlib.suppress(errors.DiskError):
                disk.set_times(path, mtime=member.mtime)
        progress.advance(files=1)


async def archive(box: Freebox, ask: Ask) -> Any:
    """A recorded task's `src` begins with the archive and lacks the last source, which stands in `dst`."""
    job = Pack(box, ask)
    await box.disk.run(check_sources, box, job.files)
    await box.disk.run(check_target, box, job.target)
    data: dict[str, Any] = {"src": [job.target, *job.files[:-1]], "dst": job.files[-1], "to": job.target}
    if box.page_shapes:
        data = {"src": job.files, "dst": job.target}
    return await tasks.start(box, ask, "archive", job.run, data)


async def extract(box: Freebox, ask: Ask) -> Any:
    job = Unpack(box, ask)
    await box.disk.run(check_sources, box, [job.source, job.target])
    data = {"src": [job.source], "dst": job.target, "from": job.source, "to": job.target}
    return await tasks.start(box, ask, "extract", job.run, data)


ROUTES = [
    Route("POST", "fs/archive/", archive, permission=EXPLORER, writes=True),
    Route("POST", "fs/extract/", extract, permission=EXPLORER, writes=True),
]
