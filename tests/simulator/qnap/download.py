# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""download (guide, 8), get_thumb (9), get_viewer (11)."""

from __future__ import annotations

import asyncio
import html
import io
import mimetypes
from urllib.parse import quote

from aiohttp import web
from PIL import Image, ImageOps

from ..core import errors
from ..core.disk import Disk
from ..core.streams import send_file, send_stream
from ..core.zip_stream import zip_blocks
from . import reply
from .call import Call, Handler
from .codes import Refused, Status, status_of

THUMB_SIZES = (80, 320, 640)
DEFAULT_THUMB = 320
DEFLATE = 2


def disposition(name: str, how: str = "attachment") -> str:
    plain = "".join(char if char.isascii() and char.isprintable() and char not in '"\\' else "_" for char in name)
    encoded = quote(name.encode("utf-8", "surrogateescape"), safe="")
    return f"{how}; filename=\"{plain}\"; filename*=UTF-8''{encoded}"


def failed(call: Call, status: int) -> web.StreamResponse:
    """A download that fails: the guide's empty contents, on QTS 5 JSON with HTTP status 200."""
    if call.modern:
        return call.status(status)
    call.context.code = int(status)
    return web.Response(body=b"", headers={"Content-Type": reply.CGI_TYPE})


async def download(call: Call) -> web.StreamResponse:
    """One file as it is (with ranges), or a zip: of several names, of a folder, or because `compress` says so.

    Without `source_total` the zip is there and empty: so a device was seen to do.
    """
    try:
        folder = call.path("source_path")
        call.need("source_file")
        names = call.params.files("source_file", "source_total", needs_total=True)
        paths = [call.child(folder, name) for name in names]
        return await _send(call, paths)
    except Refused as exc:
        return failed(call, exc.status)
    except errors.DiskError as exc:
        return failed(call, status_of(exc, call.device.generation))


async def _send(call: Call, paths: list[str]) -> web.StreamResponse:
    found = [call.disk.stat(path) for path in paths]
    for entry in found:
        call.disk.check_read(entry.path)
    how = call.params.number("compress")
    if len(found) == 1 and not found[0].is_folder and call.params.number("isfolder") != 1 and how == 0:
        return await send_file(
            call.context,
            found[0].path,
            headers={"Content-Type": "application/octet-stream", "Content-Disposition": disposition(found[0].name)},
        )
    name = found[0].name if len(found) == 1 else call.path("source_path").rpartition("/")[2] or "download"
    return await send_zip(call, paths, name + ".zip", deflate=how == DEFLATE)


async def send_zip(call: Call, paths: list[str], name: str, *, deflate: bool) -> web.StreamResponse:
    """A zip of these entries, made while it is sent."""
    headers = {"Content-Type": "application/zip", "Content-Disposition": disposition(name)}
    return await send_stream(
        call.context,
        zip_blocks(call.disk, paths, follow=call.follows_links, deflate=deflate),
        headers=headers,
        length=None,
    )


# -- thumbnails


async def get_thumb(call: Call) -> web.StreamResponse:
    """A JPEG that fits a square of 80, 320 or 640; 320 when another size is asked for."""
    try:
        path = call.child(call.path("path"), call.params.get("name"))
        entry = call.disk.stat(path)
        if entry.is_folder:
            raise Refused(Status.NO_THUMBNAIL)
        size = call.params.number("size", DEFAULT_THUMB)
        body = await asyncio.to_thread(thumbnail, call.disk, path, size if size in THUMB_SIZES else DEFAULT_THUMB)
    except Refused as exc:
        return failed(call, exc.status)
    except errors.DiskError as exc:
        return failed(call, status_of(exc, call.device.generation))
    return web.Response(body=body, headers={"Content-Type": "image/jpeg"})


def thumbnail(disk: Disk, path: str, size: int) -> bytes:
    disk.check_read(path)
    try:
        with Image.open(disk.real(path)) as image:
            image.draft("RGB", (size, size))
            upright = ImageOps.exif_transpose(image)
            upright.thumbnail((size, size))
            out = io.BytesIO()
            upright.convert("RGB").save(out, "JPEG", quality=85)
            return out.getvalue()
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise Refused(Status.NO_THUMBNAIL) from None


# -- the viewer

PLAYER = """<!DOCTYPE html>
<html><head><title>{name}</title><script src="/filestation/jwplayer/jwplayer.js"></script></head>
<body><div id="player"></div><script>jwplayer("player").setup({{"file": "{url}"}});</script></body></html>
"""
REAL_TIME = {1: ("flv_720", "video/x-flv"), 3: ("mp3", "audio/mpeg")}


async def get_viewer(call: Call) -> web.StreamResponse:
    """A file for looking at: as it is, as one of its transcoded forms, transcoded on the way (`rtt`), or in a page
    with a player. The name behind utilRequest.cgi is only for the browser."""
    params = call.params
    try:
        path = call.child(call.path("source_path"), params.get("source_file"))
        entry = call.disk.stat(path)
        if entry.is_folder:
            raise Refused(Status.NO_SUCH_FILE)
        if form := params.get("format"):
            path = call.device.transcoder.rendition(path, form)
            return await send_file(call.context, path, headers={"Content-Type": _type_of(path)})
        rtt = params.number("rtt")
        if rtt in REAL_TIME:
            form, content_type = REAL_TIME[rtt]
            return await call.device.transcoder.stream(call, path, form, content_type)
        if params.number("player") == 1:
            url = call.context.request.raw_path.replace("player=1", "player=0")
            page = PLAYER.format(name=html.escape(entry.name), url=html.escape(url))
            return web.Response(body=reply.encode(page), headers={"Content-Type": "text/html; charset=UTF-8"})
        return await send_file(
            call.context,
            path,
            headers={"Content-Type": _type_of(path), "Content-Disposition": disposition(entry.name, "inline")},
        )
    except Refused as exc:
        return failed(call, exc.status)
    except errors.DiskError as exc:
        return failed(call, status_of(exc, call.device.generation))


def _type_of(path: str) -> str:
    return mimetypes.guess_type(path)[0] or "application/octet-stream"


HANDLERS: dict[str, Handler] = {"download": download, "get_thumb": get_thumb, "get_viewer": get_viewer}
