# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SYNO.FileStation.Upload: one file a call, as multipart/form-data.

Seen on devices: api, version, method and the session stand in the URL, or all but the session in the form; the file's
part may have any name; the web server takes the whole body before the API sees any of it, so a broken connection leaves
nothing behind. What comes after the file's part is not read (guide: it must be the last).
"""

from __future__ import annotations

import contextlib
import os
import time
from typing import Any

from ..core import errors
from ..core.disk import base_name, join, parent
from ..core.multipart import BadMultipart, Part
from ..core.writer import Writer
from .calls import Call, serves
from .codes import EXISTS, ILLEGAL_NAME, MISSING
from .entries import true_path
from .folders import check_name
from .values import ApiError

NO_LENGTH, NO_FILENAME = 1800, 1802


def _said(call: Call, name: str) -> str:
    """A word of the form. Here `True` is not `true` (seen): it is as if it were not given."""
    return call.params.raw.get(name, "").strip().strip('"')


def _overwrite(call: Call) -> str | None:
    """ "overwrite", "skip", or None: version 2 says true or false, version 3 overwrite or skip."""
    given = _said(call, "overwrite")
    if call.version >= 3:
        return given if given in {"overwrite", "skip"} else None
    return {"true": "overwrite", "false": "skip"}.get(given)


async def _prepare(call: Call, name: str, made: list[str]) -> tuple[str, bool]:
    """(the path to write, whether to skip it), with the parents made."""
    device, params = call.device, call.params
    folder = true_path(device, params.text("path"))
    if len(folder) > 1 and folder.endswith("/"):
        folder = folder.rstrip("/")
    try:
        check_name(call, name)
    except errors.BadPath:
        raise ApiError(ILLEGAL_NAME) from None
    path = join(folder, name)
    entry = device.disk.find(folder)
    if entry is None and _said(call, "create_parents") == "true" and device.disk.find("/" + device.disk.share(folder)):
        missing = [folder]
        while device.disk.find(parent(missing[0])) is None:
            missing.insert(0, parent(missing[0]))
        for each in missing:
            check_name(call, base_name(each))
        for each in missing:
            device.disk.mkdir(each)
            made.insert(0, each)
    elif entry is None or not entry.is_folder:
        raise ApiError(MISSING)
    device.disk.check_write(path)
    taken = device.disk.find(path)
    if taken is not None:
        overwrite = _overwrite(call)
        if overwrite is None:
            raise ApiError(device.dsm.exists_on_upload)
        if overwrite == "skip":
            return path, True
        if taken.is_folder:
            raise ApiError(EXISTS)
        device.check_special("disable_modify", call.user, path)
    return path, False


@serves("SYNO.FileStation.Upload", "upload", writes=True)
async def upload(call: Call) -> dict[str, Any]:
    """Take the file."""
    context = call.context
    part: Part | None = context.data.get("file")
    if "broken" in context.data or context.content_type != "multipart/form-data":
        raise ApiError(NO_LENGTH if "broken" in context.data else NO_FILENAME)
    try:
        if part is None or not part.filename:
            raise ApiError(NO_FILENAME)
        return await _take(call, part, part.filename)
    except BadMultipart:
        raise ApiError(NO_LENGTH) from None
    except (ApiError, errors.DiskError) as exc:
        if not isinstance(exc, errors.Interrupted):
            await _rest(call)
        raise


async def _rest(call: Call) -> None:
    """Read what is left of the body: the answer comes after it."""
    try:
        while await call.context.multipart().next_part() is not None:
            pass
    except BadMultipart:
        return


async def _take(call: Call, part: Part, name: str) -> dict[str, Any]:
    device, context, params = call.device, call.context, call.params
    if device.settings.flag("refuse_chunked") and "Content-Length" not in context.request.headers:
        raise ApiError(NO_LENGTH)
    stamps = {stamp: params.number(stamp) for stamp in ("mtime", "atime", "crtime")}
    made: list[str] = []
    path, skip = await _prepare(call, name, made)
    began = time.time()
    reply = {"blSkip": skip, "file": name, "pid": os.getpid(), "progress": 1}
    if skip:
        await _rest(call)
        return reply
    writer = Writer(device.disk, path, budget=context.budget(device.disk, path))
    try:
        async for block in part.chunks():
            device.check_body(context.bytes_in)
            await writer.write(block)
        await _rest(call)
        taken = device.disk.find(path)
        replaced = os.lstat(taken.real) if taken is not None else None
        await writer.commit()
        if replaced is not None:
            device.disk.forget_times(replaced)
    except BaseException:
        await writer.abort()
        for folder in made:
            with contextlib.suppress(errors.DiskError):
                device.disk.delete(folder, recursive=False)
        raise
    fresh = {"crtime": began}
    fresh.update({stamp: value / 1000 for stamp, value in stamps.items() if value is not None})
    device.disk.set_times(path, **fresh)
    return reply
