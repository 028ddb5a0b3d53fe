# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults of a reply on its way out: cut in its head, doubled, with a wrong length, in drops, without end."""

from __future__ import annotations

import asyncio
from typing import Any

from aiohttp import web

FAULTS = frozenset({"content_length", "double", "drip", "endless", "big_headers", "hang_up"})
BLANKS = b" " * (1 << 16)
_END = b"0\r\n\r\n"


def left(request: web.Request) -> bool:
    """Whether the client is gone."""
    transport = request.protocol.transport
    return transport is None or transport.is_closing()


async def continue_for_ever(request: web.Request, seconds: float) -> None:
    """`100 Continue` every so many seconds, until the client leaves."""
    while not left(request) and request.transport is not None:
        request.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        await request.writer.drain()
        await asyncio.sleep(seconds)


class Tap:
    """Stands in the transport's place while one reply is written, and passes it on as the faults would have it.

    :param head_limit: so many bytes of the reply, its head included, go out and no more.
    """

    def __init__(self, request: web.Request, actions: dict[str, Any], head_limit: int | None = None) -> None:
        self._request = request
        self._protocol = request.protocol
        self._real = request.protocol.transport
        self._actions = actions
        self._limit = head_limit
        self._head: bytearray | None = bytearray()
        self._chunked = False
        # for `double`: both copies go out in one write, so that what comes of them does not depend on when each arrives
        self._twice = bytearray() if "double" in actions and "reset" not in actions else None
        self._held = bytearray()  # for `drip`
        self._tail = b""  # the mark of a chunked reply's end
        self._drip = _details(actions, "drip", "seconds")
        self._endless = _details(actions, "endless", "length")
        self._without_end = self._endless is not None or (self._drip is not None and not self._drip.get("ends"))
        self._no_body = "head" in {(self._drip or {}).get("where"), (self._endless or {}).get("where")}
        self._protocol.transport = self  # type: ignore[assignment]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    # -- what the server writes

    def writelines(self, blocks: Any) -> None:
        self.write(b"".join(blocks))

    def write(self, data: bytes | bytearray | memoryview) -> None:
        block = bytes(data)
        while self._head is not None:
            self._head += block
            at = self._head.find(b"\r\n\r\n")
            if at < 0:
                return
            head, block = bytes(self._head[: at + 2]), bytes(self._head[at + 4 :])
            if head.startswith((b"HTTP/1.1 100", b"HTTP/1.0 100")):
                self._pass(head + b"\r\n", final=False)
                self._head = bytearray()
                continue
            self._head = None
            self._pass(self._changed(head))
        if self._no_body:
            return
        if self._chunked and self._without_end:
            block = self._tail + block
            block, self._tail = block[: -len(_END)], block[-len(_END) :]
        if self._drip is not None:
            self._held += block
        else:
            self._pass(block)

    def _pass(self, block: bytes, *, final: bool = True) -> None:
        if self._limit is not None:
            block = block[: self._limit]
            self._limit -= len(block)
        if self._twice is not None and final:
            self._twice += block
            return
        if block and self._real is not None:
            self._real.write(block)

    def _changed(self, head: bytes) -> bytes:
        """The head as it goes out, with the empty line unless it has no end."""
        lines = head.rstrip(b"\r\n").split(b"\r\n")
        if self._no_body:
            return lines[0] + b"\r\nX-Slow: "
        self._chunked = any(line.lower().startswith(b"transfer-encoding:") for line in lines)
        kept = []
        for line in lines:
            if line.lower().startswith(b"content-length:"):
                kept += self._length(int(line.partition(b":")[2]))
            else:
                kept.append(line)
        if self._without_end and not self._chunked and not any(b"content-length:" in line.lower() for line in kept):
            kept = [line for line in kept if not line.lower().startswith(b"connection:")]
            kept.append(b"Connection: close")
        if (big := _details(self._actions, "big_headers", "bytes")) is not None:
            lines_of, size = int(big.get("lines", 1)), int(big.get("bytes", 1 << 20))
            kept += [b"X-Filler-%d: %s" % (number, b"x" * (size // lines_of)) for number in range(lines_of)]
        return b"\r\n".join(kept) + b"\r\n\r\n"

    def _length(self, real: int) -> list[bytes]:
        """The line about the length, if any."""
        if "content_length" in self._actions:
            real = max(0, real + int(self._actions["content_length"]))
        elif self._without_end:
            said = (self._endless or {}).get("length")
            if said is None:
                return []
            real = real if said is True else int(said)
        return [b"Content-Length: %d" % real]

    # -- and what comes after it

    async def finish(self) -> None:
        """The reply is written: send what a fault has held back or adds, and let go of the transport."""
        if left(self._request):
            return  # the client is gone
        self._protocol.transport = self._real
        try:
            await self._rest()
        except ConnectionError:
            return
        if "hang_up" in self._actions and self._real is not None:
            wait = self._actions["hang_up"]
            asyncio.get_running_loop().call_later(0.0 if wait is True else float(wait), self._real.close)

    async def _rest(self) -> None:
        if self._twice is not None:
            await self._send(self._twice * 2)
        if self._drip is not None:
            seconds = float(self._drip.get("seconds", 1.0))
            for at in range(len(self._held)):
                if left(self._request):
                    return
                await self._send(self._held[at : at + 1])
                await asyncio.sleep(seconds)
            blank = b"x" if self._no_body else b"1\r\n \r\n" if self._chunked else b" "
            while self._without_end and not left(self._request):
                await self._send(blank)
                await asyncio.sleep(seconds)
        if self._endless is not None:
            block = BLANKS
            if self._no_body:
                block = b"x" * len(BLANKS)
            elif self._chunked:
                block = b"%x\r\n%s\r\n" % (len(BLANKS), BLANKS)
            while not left(self._request):
                await self._send(block)
                await asyncio.sleep(0)

    async def _send(self, block: bytes | bytearray) -> None:
        if self._real is not None and not self._real.is_closing():
            self._real.write(bytes(block))
            await self._request.writer.drain()


def _details(actions: dict[str, Any], name: str, short: str) -> dict[str, Any] | None:
    """An action's details; a bare value is the one named `short`, `true` none at all. None without the action."""
    if name not in actions:
        return None
    value = actions[name]
    if isinstance(value, dict):
        return value
    return {} if value is True else {short: value}
