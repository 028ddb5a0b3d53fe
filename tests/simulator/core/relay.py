# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A network between client and device: what passes takes half a round trip, connecting a whole one.

Bytes are late, not slow: what is on its way waits in a queue, so a large transfer runs at the speed of the machine.
What ends a connection (an end of the sending, a reset) passes in the same order.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections import deque

PIECE = 1 << 18
WINDOW = 1 << 24
"""Bytes that may be on their way in one direction of one connection; then the sender waits."""


def no_delay(sock: socket.socket) -> None:
    sock.setblocking(False)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def reset(sock: socket.socket) -> None:
    """Close with a reset (RST) instead of an end (FIN)."""
    with contextlib.suppress(OSError):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


class Reset(Exception):  # noqa: N818
    """One of the two ends is gone; the other one is to learn it the same way."""


class _Way:
    """One direction. Reading and writing are two coroutines with a queue between them."""

    def __init__(self, source: socket.socket, target: socket.socket, seconds: float, held: float) -> None:
        self.source, self.target, self.seconds = source, target, seconds
        self.loop = asyncio.get_running_loop()
        self.not_before = self.loop.time() + held
        self.queue: deque[tuple[float, bytes | None]] = deque()
        self.size = 0
        self.changed = asyncio.Event()
        self.ended = False
        self.back: _Way

    async def read(self) -> None:
        """Put what comes into the queue; None is the end, or (for a reset) the last thing before it."""
        block = b"?"
        while block:
            try:
                block = await self.loop.sock_recv(self.source, PIECE)
            except OSError:
                self.put(None)
                return
            self.put(block)
            while self.size >= WINDOW:
                self.changed.clear()
                await self.changed.wait()

    def put(self, block: bytes | None) -> None:
        due = max(self.loop.time() + self.seconds, self.not_before)
        self.queue.append((due, block))
        self.size += len(block or b"")
        self.changed.set()

    async def write(self) -> None:
        """Hand on what is due. Raises Reset when the source was reset.

        When the target takes no more, that travels back behind what it had said before.
        """
        while True:
            while not self.queue:
                self.changed.clear()
                await self.changed.wait()
            due, block = self.queue[0]
            if (wait := due - self.loop.time()) > 0:
                await asyncio.sleep(wait)
            if block is None:
                raise Reset
            try:
                if not block:
                    self.target.shutdown(socket.SHUT_WR)
                    self.ended = True
                    return
                await self.loop.sock_sendall(self.target, block)
            except OSError:
                if self.back.ended:
                    raise Reset from None
                self.ended = True
                self.back.put(None)
                return
            self.queue.popleft()
            self.size -= len(block)
            self.changed.set()


async def relay(client: socket.socket, device: socket.socket, latency: float) -> None:
    """Pass everything between two connected sockets until both have ended; closes them.

    :param latency: seconds of a round trip. Nothing reaches the device before one has passed: that is what connecting
        costs, whose own packets the kernel answers.
    """
    ways = (_Way(client, device, latency / 2, latency * 1.5), _Way(device, client, latency / 2, 0.0))
    ways[0].back, ways[1].back = ways[1], ways[0]
    runs = [asyncio.ensure_future(work) for way in ways for work in (way.read(), way.write())]
    broken = False
    try:
        await asyncio.gather(*runs)
    except Reset:
        broken = True
    finally:
        for run in runs:
            run.cancel()
        await asyncio.gather(*runs, return_exceptions=True)
        for sock in (client, device):
            if broken:
                reset(sock)
            else:
                sock.close()
