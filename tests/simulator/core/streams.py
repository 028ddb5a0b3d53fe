# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Replies that are files or streams: in pieces, with ranges, and with the faults that cut them."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import AsyncGenerator, AsyncIterator, Mapping

from aiohttp import web

from .context import Context, ResetConnection
from .disk import os_errors

CHUNK = 1 << 18
SMALL = 64 * 1024
_RANGE = re.compile(r"bytes=(\d*)-(\d*)$")


async def send_stream(
    context: Context, blocks: AsyncIterator[bytes], *, headers: Mapping[str, str], length: int | None, status: int = 200
) -> web.StreamResponse:
    """Send blocks with this status and these headers; chunked when the length is not known."""
    if (instead := await context.settle()) is not None:
        if isinstance(blocks, AsyncGenerator):
            await blocks.aclose()
        return instead
    response = web.StreamResponse(status=status, headers=headers)
    limit = context.truncate_at
    if length is not None:
        response.content_length = length if limit is None else min(limit, length)
    context.streamed = True
    if context.reset_reply_at == 0:
        raise ResetConnection
    await response.prepare(context.request)
    if context.request.method == "HEAD":
        await response.write_eof()
        return response
    sent = 0
    stop = min((at for at in (limit, context.reset_reply_at) if at is not None), default=None)
    async for block in blocks:
        if stop is not None and sent + len(block) >= stop:
            await response.write(block[: stop - sent])
            context.bytes_out = stop
            if stop == context.reset_reply_at:
                raise ResetConnection
            break
        await response.write(block)
        sent += len(block)
        context.bytes_out = sent
    await response.write_eof()
    return response


async def file_blocks(real: str, start: int, length: int) -> AsyncIterator[bytes]:
    """A piece of a real file; what is large is read in a thread."""
    with os_errors(real):
        handle = open(real, "rb")  # noqa: SIM115 - opening is quick; closed below
    with handle:
        handle.seek(start)
        while length > 0:
            size = min(CHUNK, length)
            # A thread for a small piece costs more than reading it.
            block = handle.read(size) if size <= SMALL else await asyncio.to_thread(handle.read, size)
            if not block:
                return
            length -= len(block)
            yield block


async def send_file(
    context: Context, path: str, *, headers: Mapping[str, str] | None = None, ranges: bool = True
) -> web.StreamResponse:
    """Send the file at an API path. With `ranges`, one `bytes=` range is honoured (206; 416 when it lies outside)."""
    disk = context.vendor.disk
    disk.check_read(path)
    real = disk.real(path)
    with os_errors(path):
        size = os.stat(real).st_size
    out = {"Content-Type": "application/octet-stream", **(headers or {})}
    start, end, status = 0, size, 200
    if ranges:
        out["Accept-Ranges"] = "bytes"
        match = _RANGE.match(context.request.headers.get("Range", ""))
        if match and (match[1] or match[2]):
            if match[1]:
                start, end = int(match[1]), min(size, int(match[2]) + 1) if match[2] else size
            else:
                start = max(0, size - int(match[2]))
            if start >= size or start >= end:
                return web.Response(status=416, headers={"Content-Range": f"bytes */{size}"})
            status = 206
            out["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    blocks = file_blocks(real, start, end - start)
    return await send_stream(context, blocks, headers=out, length=end - start, status=status)
