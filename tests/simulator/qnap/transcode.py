# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The media library's transcoding (guide, 19) and where its renditions lie.

There is no encoder here: a rendition is a file of its format's outer form (an MP4 with one data box, an FLV header)
around the source's bytes. Renditions lie in `@Transcode` beside the video.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from aiohttp import web

from ..core import errors
from ..core.disk import CHUNK, Entry, join, os_errors, parent
from ..core.progress import Progress
from ..core.streams import file_blocks, send_stream
from ..core.tasks import FINISHED, Task, TaskFault
from . import entries
from .call import Call, Handler
from .codes import Refused, Status

if TYPE_CHECKING:
    from .device import Qnap

FOLDER, IMAGES = "@Transcode", ".@__thumb"
IMAGE_PREFIXES = ("s100", "s800", "default")
WAITING, DONE, ERROR, ONGOING, ANY = 0, 1, 2, 3, 4
MANUAL = 1
IDLE_PERCENTAGE = 200
ALL_FORMATS = 7
BY_MASK = ((1, ("mp4_240",)), (2, ("mp4_360",)), (4, ("mp4_720", "flv_720")))
FORMATS = tuple(form for _bit, forms in BY_MASK for form in forms)
LIST, ADD, REMOVE = 1, 3, 5
REMOVE_FINISHED, REMOVE_OTHERS = 1, 5


@dataclass(eq=False)
class Job:
    """A video in the queue; its id is the process id that the last two calls ask for."""

    id: int
    path: str
    formats: tuple[str, ...]
    added: str
    created: int
    fault: TaskFault | None
    status: int = WAITING
    task: Task | None = None


class Transcoder:
    """The queue, worked off one by one."""

    def __init__(self, device: Qnap) -> None:
        self._device = device
        self._jobs: list[Job] = []
        self._worker: asyncio.Task[None] | None = None

    @property
    def on(self) -> bool:
        return self._device.settings.flag("transcoding", True)

    # -- renditions

    def rendition_path(self, path: str, form: str) -> str:
        return join(join(parent(path), FOLDER), f"{path.rpartition('/')[2]}.{form}.{form.partition('_')[0]}")

    def ready(self, path: str) -> frozenset[str]:
        """The formats that are there."""
        disk = self._device.disk
        return frozenset(form for form in FORMATS if disk.find(self.rendition_path(path, form)) is not None)

    def rendition(self, path: str, form: str) -> str:
        """Where a format lies; 20 for one that does not exist, 5 for one that is not made."""
        if form not in FORMATS:
            raise Refused(Status.PARAMETER)
        found = self.rendition_path(path, form)
        if self._device.disk.find(found) is None:
            raise Refused(Status.NO_SUCH_FILE)
        return found

    def forget_renditions(self, path: str) -> None:
        for form in self.ready(path):
            self._device.disk.delete(self.rendition_path(path, form))

    def forget_images(self, path: str) -> None:
        """The small images of a file, which devices keep in `.@__thumb` beside it (none are made here)."""
        disk, name = self._device.disk, path.rpartition("/")[2]
        folder = disk.find(join(parent(path), IMAGES))
        for entry in disk.list(folder.path) if folder is not None and folder.is_folder else ():
            if entry.name in {prefix + name for prefix in IMAGE_PREFIXES}:
                disk.delete(entry.path)

    async def stream(self, call: Call, path: str, form: str, content_type: str) -> web.StreamResponse:
        """Transcoded on the way: no length, no ranges."""
        call.disk.check_read(path)
        real = call.disk.real(path)
        size = os.stat(real).st_size

        async def blocks() -> AsyncIterator[bytes]:
            yield wrapper(form, size)
            async for block in file_blocks(real, 0, size):
                yield block

        return await send_stream(call.context, blocks(), headers={"Content-Type": content_type}, length=None)

    # -- the queue

    def all(self) -> list[Job]:
        return list(self._jobs)

    def find(self, pid: int) -> Job | None:
        return next((job for job in self._jobs if job.id == pid), None)

    def queued(self, path: str) -> bool:
        return any(job.path == path and job.status in {WAITING, ONGOING} for job in self._jobs)

    @property
    def percentage(self) -> int:
        """Of the video at work; 200 when there is none."""
        job = next((job for job in self._jobs if job.status == ONGOING), None)
        if job is None or job.task is None:
            return IDLE_PERCENTAGE
        return min(99, int(job.task.progress.fraction * 100))

    def add(self, entry: Entry, formats: tuple[str, ...], *, first: bool, fault: TaskFault | None) -> None:
        job = Job(
            int(self._device.new_task_id("transcode")),
            entry.path,
            formats,
            str(int(time.time() * 1e6)),
            int(entry.mtime),
            fault,
        )
        self._jobs = [job, *self._jobs] if first else [*self._jobs, job]
        if self._worker is None or self._worker.done():
            self._worker = asyncio.get_running_loop().create_task(self._work_off())

    async def remove(self, jobs: list[Job]) -> int:
        for job in jobs:
            if job.task is not None and not job.task.finished:
                self._device.tasks.cancel(job.task)
                await job.task.wait(5.0)
        self._jobs = [job for job in self._jobs if job not in jobs]
        return len(jobs)

    async def _work_off(self) -> None:
        while (job := next((job for job in self._jobs if job.status == WAITING), None)) is not None:
            job.status = ONGOING
            job.task = self._device.tasks.start("transcode", partial(self._transcode, job), fault=job.fault)
            await job.task.done.wait()
            job.status = DONE if job.task.state == FINISHED else ERROR

    def _transcode(self, job: Job, progress: Progress) -> None:
        disk = self._device.disk
        source = disk.stat(job.path)
        progress.expect(files=len(job.formats), size=source.size * len(job.formats))
        with contextlib.suppress(errors.Exists):
            disk.mkdir(join(parent(job.path), FOLDER))
        for form in job.formats:
            target = disk.real(self.rendition_path(job.path, form))
            with os_errors(job.path):
                try:
                    with open(source.real, "rb") as reader, open(target, "wb") as writer:
                        writer.write(wrapper(form, source.size))
                        while block := reader.read(CHUNK):
                            progress.checkpoint()
                            writer.write(block)
                            progress.advance(size=len(block))
                    progress.advance(files=1, current=job.path)
                except BaseException:
                    with contextlib.suppress(FileNotFoundError):
                        os.unlink(target)
                    raise

    async def stop(self) -> None:
        if self._worker is not None:
            self._worker.cancel()


def wrapper(form: str, size: int) -> bytes:
    """What stands before the bytes: MP4's file type box and the head of its data box, or FLV's header."""
    if form.startswith("flv"):
        return b"FLV\x01\x05\x00\x00\x00\x09\x00\x00\x00\x00"
    if not form.startswith("mp4"):
        return b""
    file_type = b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2"
    return file_type + b"\x00\x00\x00\x01mdat" + (size + 16).to_bytes(8, "big")


# -- calls


def _ready(call: Call) -> Transcoder:
    """18 when the media library is off (`transcoding=off`)."""
    if not call.device.transcoder.on:
        raise Refused(Status.TRANSCODING_OFF)
    return call.device.transcoder


def _videos(call: Call, folder: str, name: str, total: str) -> list[str]:
    above = call.path(folder)
    call.need(name)
    return [call.child(above, item) for item in call.params.files(name, total)]


def _report(transcoder: Transcoder, jobs: list[Job]) -> dict[str, Any]:
    rows = [
        {
            "id": str(job.id),
            "filename": job.path,
            "addtime": job.added,
            "time": job.created,
            "status": job.status,
            "type": MANUAL,
        }
        for job in jobs
    ]
    return {"status": 1, "total": len(rows), "percentage": transcoder.percentage, "datas": rows}


async def video_ml_queue(call: Call) -> web.StreamResponse:
    """`op` 1 lists (19.1), 3 adds, 5 removes (19.2)."""
    transcoder = _ready(call)
    op, subop = call.params.number("op"), call.params.number("subop")
    if op == LIST:
        return call.reply(_report(transcoder, [job for job in transcoder.all() if subop in {ANY, job.status}]))
    if op == ADD:
        return await _add(call, transcoder, first=subop == 1)
    if op == REMOVE and subop in {REMOVE_FINISHED, REMOVE_OTHERS}:
        finished = subop == REMOVE_FINISHED
        await transcoder.remove([job for job in transcoder.all() if (job.status == DONE) is finished])
        return call.reply({"status": 1, "result": "true"})
    if op == REMOVE:
        paths = set(_videos(call, "path", "filename", "total"))
        gone = await transcoder.remove([job for job in transcoder.all() if job.path in paths])
        return call.reply({"status": 1, "result": str(gone)})
    raise Refused(Status.PARAMETER)


async def _add(call: Call, transcoder: Transcoder, *, first: bool) -> web.StreamResponse:
    """`result` counts what was taken: videos that are there and are not in the queue already."""
    mask = call.params.number("mask", ALL_FORMATS) or ALL_FORMATS
    formats = tuple(form for bit, forms in BY_MASK if mask & bit for form in forms)
    if not formats:
        raise Refused(Status.PARAMETER)
    paths = _videos(call, "path", "filename", "total")
    call.check_writable(call.path("path"))
    taken = 0
    for path in paths:
        entry = call.disk.find(path)
        if (
            entry is None
            or entry.is_folder
            or entries.file_type(entry.name) != entries.VIDEO
            or transcoder.queued(path)
        ):
            continue
        await transcoder.remove([job for job in transcoder.all() if job.path == path])
        transcoder.add(entry, formats, first=first, fault=call.context.task_fault())
        taken += 1
    return call.reply({"status": 1, "result": str(taken)})


async def _existing(call: Call, folder: str, name: str, total: str) -> list[str]:
    paths = _videos(call, folder, name, total)
    for path in paths:
        call.disk.stat(path)
    return paths


async def video_list(call: Call) -> web.StreamResponse:
    """Which renditions videos have (19.3)."""
    transcoder = _ready(call)
    rows = []
    for path in await _existing(call, "source_path", "source_file", "source_total"):
        ready = await call.run(transcoder.ready, path)
        rows.append({"filename": path.rpartition("/")[2], **{form: int(form in ready) for form in entries.RENDITIONS}})
    return call.reply({"status": 1, "total": len(rows), "datas": rows})


async def video_ml_status(call: Call) -> web.StreamResponse:
    """The queue's rows of some videos (19.4)."""
    transcoder = _ready(call)
    paths = set(await _existing(call, "path", "filename", "total"))
    return call.reply(_report(transcoder, [job for job in transcoder.all() if job.path in paths]))


async def delete_transcode(call: Call) -> web.StreamResponse:
    """Renditions of files, or of all files below folders (19.5). `mode` 1 is the small images, 2 the transcoded videos,
    3 both; `keep_trans` 1 leaves what lies in @Transcode."""
    params = call.params
    paths = await _existing(call, "path", "file_name", "file_total")
    mode = params.number("mode")
    if mode not in {1, 2, 3}:
        raise Refused(Status.PARAMETER)
    call.check_writable(call.path("path"))
    videos = mode in {2, 3} and params.number("keep_trans") != 1

    def work() -> None:
        for top in paths:
            for entry in list(call.disk.walk(top)):
                if entry.is_folder:
                    continue
                if mode in {1, 3}:
                    call.device.transcoder.forget_images(entry.path)
                if videos and entries.file_type(entry.name) == entries.VIDEO:
                    call.device.transcoder.forget_renditions(entry.path)

    await call.run(work)
    return call.status(Status.SUCCESS)


async def get_video_qstatus(call: Call) -> web.StreamResponse:
    """One video by its process id (19.6): a name and `running` while it is at work, else just success."""
    call.need("pid")
    job = call.device.transcoder.find(call.params.number("pid"))
    if job is None or job.status != ONGOING:
        return call.status(Status.SUCCESS)
    return call.reply({"status": 1, "filename": job.path.rpartition("/")[2], "running": 1})


async def cancel_transcode(call: Call) -> web.StreamResponse:
    """19.7: 0 when there is nothing to stop."""
    call.need("pid")
    job = call.device.transcoder.find(call.params.number("pid"))
    if job is None or job.status not in {WAITING, ONGOING}:
        return call.status(Status.FAIL)
    await call.device.transcoder.remove([job])
    return call.status(Status.SUCCESS)


HANDLERS: dict[str, Handler] = {
    "video_ml_queue": video_ml_queue,
    "video_list": video_list,
    "video_ml_status": video_ml_status,
    "delete_transcode": delete_transcode,
    "get_video_qstatus": get_video_qstatus,
    "cancel_transcode": cancel_transcode,
}
