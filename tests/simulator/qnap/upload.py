# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""upload (guide, 10), and the upload in pieces that later firmware has beside it."""

from __future__ import annotations

import contextlib
import hashlib
import os
import random
from dataclasses import dataclass, field

from aiohttp import web

from ..core import errors
from ..core.disk import join, os_errors
from ..core.multipart import Part
from ..core.writer import Writer
from .call import Call, Handler
from .codes import Refused, Status

CACHE = ".upload_cache"


async def upload(call: Call) -> web.StreamResponse:
    """Every parameter stands in the query; any part with a file name is a file, whatever the part is called.

    `overwrite` 1 replaces, 0 leaves what is there and says nothing of it. QTS 5 answers size and name, QTS 4 something
    that is no JSON.
    """
    folder = call.path("dest_path")
    above = call.disk.find(folder)
    if above is None or not above.is_folder:
        raise Refused(Status.NO_TARGET_FOLDER if call.modern else Status.NO_SUCH_FILE)
    if call.context.content_type != "multipart/form-data":
        raise Refused(Status.PARAMETER)
    call.check_writable(folder)
    reader = call.context.multipart()
    name, size, count = "", 0, 0
    while (part := await reader.next_part()) is not None:
        if part.filename is None:
            continue
        name = part.filename.replace("\\", "/").rpartition("/")[2]
        # the list of refused characters was seen at work for folders and new names; an upload takes what the disk takes
        call.check_name(name, strict=call.device.settings.text("illegal_names") == "strict")
        size = await _store(call, part, join(folder, name))
        count += 1
    if count == 0:
        raise Refused(Status.PARAMETER)
    if not call.modern:
        return call.reply({"status": 1, "success": "true"}, oddity="not_json")
    return call.reply({"status": 1, "size": str(size), "name": name}, tight=False)


async def _store(call: Call, part: Part, path: str) -> int:
    taken = call.disk.find(path)
    if taken is not None and call.params.number("overwrite") != 1:
        size = 0
        async for block in part.chunks():
            size += len(block)
        return size
    writer = Writer(call.disk, path, in_place=call.device.settings.flag("upload_in_place"), budget=call.budget(path))
    try:
        async for block in part.chunks():
            await writer.write(block)
        return (await writer.commit()).size
    except BaseException:
        with contextlib.suppress(errors.DiskError, OSError):
            await writer.abort()
        raise


# -- in pieces


@dataclass
class Pieces:
    """One upload in pieces: where it was begun, and the file that is being filled."""

    folder: str
    user: str
    files: dict[str, str] = field(default_factory=dict)


class Uploads:
    """The uploads in pieces that are going on, by their seven characters."""

    def __init__(self) -> None:
        self._open: dict[str, Pieces] = {}

    def start(self, folder: str, user: str) -> str:
        upload_id = "".join(random.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", k=7))
        self._open[upload_id] = Pieces(folder, user)
        return upload_id

    def get(self, call: Call) -> Pieces:
        found = self._open.get(call.params.get("upload_id"))
        if found is None or found.user != call.user:
            raise Refused(Status.FAIL)
        return found

    def end(self, upload_id: str) -> None:
        self._open.pop(upload_id, None)


async def start_chunked_upload(call: Call) -> web.StreamResponse:
    """Here `status` 0 is the good answer. A hidden folder for the pieces comes to be."""
    folder = call.path("upload_root_dir")
    above = call.disk.find(folder)
    if above is None or not above.is_folder:
        raise Refused(Status.NO_TARGET_FOLDER)
    call.check_writable(folder)
    with contextlib.suppress(errors.Exists):
        call.disk.mkdir(join(folder, CACHE))
    return call.reply({"status": 0, "upload_id": call.device.uploads.start(folder, call.user)})


def _cache_path(pieces: Pieces, upload_id: str, name: str) -> str:
    digest = hashlib.md5(name.encode("utf-8", "surrogateescape"), usedforsecurity=False).hexdigest()
    return join(join(pieces.folder, CACHE), f"{upload_id}.{digest}")


async def chunked_upload(call: Call) -> web.StreamResponse:
    """One piece at `offset`. `multipart=1` stands on every piece but the last; the last ends it."""
    params = call.params
    pieces = call.device.uploads.get(call)
    target = call.path("dest_path")
    call.need("upload_name")
    name = params.get("upload_name")
    call.check_name(name, strict=False)
    if call.context.content_type != "multipart/form-data":
        raise Refused(Status.PARAMETER)
    above = call.disk.find(target)
    if above is None or not above.is_folder:
        raise Refused(Status.NO_TARGET_FOLDER)
    call.check_writable(target)
    cache = _cache_path(pieces, params.get("upload_id"), name)
    offset = params.number("offset")
    there = call.disk.find(cache)
    if offset > (there.size if there else 0):
        raise Refused(Status.UPLOAD_FAILED)
    await _append(call, cache, offset)
    if params.number("multipart") == 1:
        return call.reply({"status": 1, "size": str((call.disk.stat(cache)).size), "name": name})
    return await _finish(call, cache, join(target, name))


async def _append(call: Call, cache: str, offset: int) -> None:
    reader = call.context.multipart()
    found = False
    while (part := await reader.next_part()) is not None:
        if part.filename is None:
            continue
        found = True
        writer = Writer(call.disk, cache, in_place=True, budget=call.budget(cache), offset=offset)
        try:
            async for block in part.chunks():
                await writer.write(block)
            await writer.commit()
        except BaseException:
            with contextlib.suppress(errors.DiskError, OSError):
                await writer.abort()
            raise
    if not found:
        raise Refused(Status.PARAMETER)


async def _finish(call: Call, cache: str, target: str) -> web.StreamResponse:
    params = call.params
    size = (call.disk.stat(cache)).size
    if "filesize" in params and params.number("filesize") != size:
        raise Refused(Status.UPLOAD_PARTIAL)
    taken = call.disk.find(target)
    if taken is not None and params.number("overwrite") != 1:
        await call.run(call.disk.delete, cache)
    else:
        await call.run(call.disk.rename, cache, target, overwrite=True)
        if params.number("settime") == 1 and "mtime" in params:
            await call.run(call.disk.set_times, target, mtime=float(params.number("mtime")))
    return call.reply({"status": 1, "size": str(size), "name": target.rpartition("/")[2]})


async def get_chunked_upload_status(call: Call) -> web.StreamResponse:
    """How much of a file is there, and the MD5 of that much."""
    pieces = call.device.uploads.get(call)
    call.need("upload_name")
    cache = _cache_path(pieces, call.params.get("upload_id"), call.params.get("upload_name"))
    entry = call.disk.find(cache)
    size = entry.size if entry else 0
    digest = await call.run(call.disk.hash, cache) if entry else ""
    return call.reply({"status": 1, "size": str(size), "md5": digest, "md5Size": str(size)})


async def delete_chunked_upload_file(call: Call) -> web.StreamResponse:
    """Gives one upload up: its pieces go."""
    pieces = call.device.uploads.get(call)
    upload_id = call.params.get("upload_id")

    def work() -> None:
        folder = join(pieces.folder, CACHE)
        for entry in call.disk.list(folder):
            if entry.name.startswith(upload_id + "."):
                with os_errors(entry.path):
                    os.unlink(entry.real)

    await call.run(work)
    call.device.uploads.end(upload_id)
    return call.status(Status.SUCCESS)


HANDLERS: dict[str, Handler] = {
    "upload": upload,
    "start_chunked_upload": start_chunked_upload,
    "chunked_upload": chunked_upload,
    "get_chunked_upload_status": get_chunked_upload_status,
    "delete_chunked_upload_file": delete_chunked_upload_file,
}
