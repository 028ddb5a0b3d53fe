# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults of what a reply says: a value that makes no sense, or far too much of it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

from aiohttp import web

from .context import GARBAGE, Context, ResetConnection
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


async def before_message(context: Context) -> str | None:
    """What faults do to a message of a web socket before its work is done; an answer to give instead.

    A web server's status has no place inside a socket: the socket is cut, as it is by whatever would have said it.
    """
    acts = context.actions
    if "slow" in acts:
        await asyncio.sleep(float(acts["slow"]))
    if "status" in acts or ("reset" in acts and not _reset_later(acts)):
        raise ResetConnection
    return _page(acts["garbage"]) if "garbage" in acts else None


async def after_message(context: Context, text: str) -> list[str]:
    """What goes out in an answer's place, the work being done."""
    acts = context.actions
    if "slow after" in acts:
        await asyncio.sleep(float(acts["slow after"]))
    if "status after" in acts or _reset_later(acts):
        raise ResetConnection
    if "garbage after" in acts:
        text = _page(acts["garbage after"])
    if "fuzz" in acts:
        raw, context.note = fuzz(text.encode("utf-8", "surrogateescape"), acts["fuzz"])
        text = raw.decode("utf-8", "replace")
    if "pad" in acts:
        text = f"{text}{' ' * int(acts['pad'])}"
    if "truncate" in acts:
        text = text[: int(acts["truncate"])]
    return [text, text] if "double" in acts else [text]


def _reset_later(acts: dict[str, Any]) -> bool:
    return isinstance(acts.get("reset"), dict) and acts["reset"].get("where") in {"reply", "head"}


def _page(value: Any) -> str:
    return value if isinstance(value, str) else GARBAGE


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
