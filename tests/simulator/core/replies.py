# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults of what a reply says: a value that makes no sense, or far too much of it."""

from __future__ import annotations

from collections.abc import Iterator

from aiohttp import web

from .context import Context
from .fuzz import fuzz

PIECE = 1 << 16


def alter(context: Context, response: web.StreamResponse) -> web.StreamResponse:
    """The reply as the faults `fuzz`, `pad` and `content_length` would have it. Streams pass as they are."""
    acts = context.actions
    if not isinstance(response, web.Response) or not isinstance(response.body, (bytes, bytearray)):
        return response
    if "fuzz" in acts:
        response.body, context.note = fuzz(bytes(response.body), acts["fuzz"])
    if "content_length" in acts:
        response._chunked = False  # a length can only be wrong where one is said
    if "pad" in acts:
        return Padded(context, response, int(acts["pad"]))
    return response


class Padded(web.StreamResponse):
    """A reply with so many bytes more: a value of a JSON object, or blanks at the end. Made as they are sent."""

    def __init__(self, context: Context, response: web.Response, size: int) -> None:
        headers = {name: text for name, text in response.headers.items() if name.lower() != "content-length"}
        super().__init__(status=response.status, reason=response.reason, headers=headers)
        self._cookies = response.cookies
        body = bytes(response.body) if isinstance(response.body, (bytes, bytearray)) else b""
        at = body.find(b"{") + 1
        if at and body[at:].lstrip()[:1] == b'"':
            self._parts: tuple[bytes, bytes, bytes] = (body[:at] + b'"padding":"', b"x", b'",' + body[at:])
        else:
            self._parts = (body, b" ", b"")
        self._size = size
        length = len(self._parts[0]) + size + len(self._parts[2])
        if response.chunked:
            self.enable_chunked_encoding()
        else:
            self.content_length = length
        context.streamed = True
        context.bytes_out = length

    def _blocks(self) -> Iterator[bytes]:
        before, filler, behind = self._parts
        yield before
        rest, block = self._size, filler * PIECE
        while rest > 0:
            yield block[:rest]
            rest -= PIECE
        if behind:
            yield behind

    async def write_eof(self, data: bytes = b"") -> None:
        for block in self._blocks():
            await self.write(block)
        await super().write_eof(data)
