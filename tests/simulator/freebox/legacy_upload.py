# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Upload by HTTP, as before the WebSocket: ask for an id, then send a form.

Rests on one old client (`POST upload/` with dirname and upload_name, `POST upload/{id}/send` with the file); the vendor
called it deprecated with v4 and stopped describing it. Served below `/api/v4/` and older.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..core import errors
from ..core.disk import join
from ..core.multipart import BadMultipart, Part
from ..core.writer import Writer
from . import tracking
from .calls import EXPLORER, Ask, Route
from .operations import new_name
from .wire import NOTHING, Refused, number

if TYPE_CHECKING:
    from .device import Freebox

LAST_VERSION = 4


async def authorize(box: Freebox, ask: Ask) -> Any:
    sent, name = ask.path("dirname"), new_name(ask.text("upload_name"))
    force = ask.mapping().get("force")
    folder = box.place(sent)
    if not box.disk.stat(folder).is_folder:
        raise Refused("path_not_found")
    if folder == "/":
        raise Refused("access_denied")
    taken = box.disk.find(join(folder, name))
    if taken is not None and (taken.is_folder or force != "overwrite"):
        raise Refused("conflict", file_size=taken.size)
    upload = box.uploads.add(number(ask.mapping().get("size") or 0), name, sent)
    return {"id": upload.id}


async def _file(ask: Ask) -> Part:
    """The first part that is a file."""
    try:
        form = ask.context.multipart()
        while (part := await form.next_part()) is not None:
            if part.filename is not None:
                return part
    except BadMultipart as exc:
        raise Refused("invalid_request", detail="multipart") from exc
    raise Refused("invalid_request", detail="file")


async def send(box: Freebox, ask: Ask) -> Any:
    upload = box.uploads.get(ask.args["id"])
    if upload.status != tracking.AUTHORIZED:
        raise Refused("invalid_request", detail=upload.status)
    disk, path = box.disk, join(box.place(upload.folder), upload.name)
    part = await _file(ask)
    writer = await disk.run(Writer, disk, path, in_place=True, budget=ask.context.budget(disk, path))
    try:
        async for block in part.chunks():
            if upload.status == tracking.CANCELLED:
                raise Refused("cancelled")
            await writer.write(block)
            upload.touch(writer.size, tracking.IN_PROGRESS)
        await writer.commit()
    except BaseException as exc:
        await writer.abort()
        if upload.status != tracking.CANCELLED:
            upload.touch(upload.uploaded, tracking.FAILED)
        else:
            await disk.run(disk.delete, path)
        if isinstance(exc, BadMultipart):
            raise errors.Interrupted(path) from exc
        raise
    upload.touch(writer.size, tracking.DONE)
    return NOTHING


ROUTES = [
    Route("POST", "upload/", authorize, permission=EXPLORER, until=LAST_VERSION),
    Route("POST", "upload/{id}/send", send, permission=EXPLORER, writes=True, until=LAST_VERSION),
]
