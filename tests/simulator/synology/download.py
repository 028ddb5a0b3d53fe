# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SYNO.FileStation.Download: one file as it is, a folder or several paths as one zip."""

from __future__ import annotations

import mimetypes
from urllib.parse import quote

from aiohttp import web

from ..core import errors
from ..core.disk import base_name
from ..core.streams import send_file, send_stream
from ..core.zip_stream import zip_blocks
from .calls import Call, serves
from .codes import code_of
from .entries import true_path
from .values import ApiError, HttpError


def disposition(name: str) -> str:
    """`attachment` with the name as ASCII and as UTF-8. What no header can hold (control characters) is `_` in the
    former, and escaped in the latter."""
    plain = "".join(char if char.isascii() and char.isprintable() and char not in '"?' else "_" for char in name)
    encoded = quote(name.encode("utf-8", "surrogateescape"), safe="")
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}"


@serves("SYNO.FileStation.Download", "download")
async def download(call: Call) -> web.StreamResponse:
    """`mode=open` tells the file's own type, and 404 when something is wrong; `download` an attachment, and JSON."""
    params = call.params
    mode = params.text("mode", "open").lower()
    if mode not in {"open", "download"}:
        raise ApiError(400)
    try:
        return await _send(call, params.texts("path"), attach=mode == "download")
    except errors.DiskError as exc:
        if mode == "open":
            raise HttpError(404) from None
        raise ApiError(code_of(exc)) from None


async def _send(call: Call, asked: list[str], *, attach: bool) -> web.StreamResponse:
    disk = call.device.disk
    entries = [disk.stat(true_path(call.device, path)) for path in asked]
    if not entries:
        raise errors.NotFound("")
    for entry in entries:
        disk.check_read(entry.path)
        call.device.check_special("disable_download", call.user, entry.path)
        if entry.path == "/":
            raise errors.NotFound("/")
    if len(entries) == 1 and not entries[0].is_folder:
        entry = entries[0]
        content_type = mimetypes.guess_type(entry.name)[0] or "application/octet-stream"
        headers = {"Content-Type": "application/octet-stream" if attach else content_type}
        if attach:
            headers["Content-Disposition"] = disposition(entry.name)
        return await send_file(call.context, entry.path, headers=headers)
    name = (base_name(entries[0].path) if len(entries) == 1 else "download") + ".zip"
    headers = {
        "Content-Type": "application/octet-stream" if attach else "application/zip",
        "Content-Disposition": disposition(name),
    }
    blocks = zip_blocks(disk, [entry.path for entry in entries], follow=call.device.follows("download"))
    return await send_stream(call.context, blocks, headers=headers, length=None)
