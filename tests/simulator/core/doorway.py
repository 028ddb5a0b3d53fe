# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An https port that knows plain http when it sees it: real web servers answer it in plain http."""

from __future__ import annotations

import asyncio
import contextlib
import socket

HELLO = b"\x16"
"""A TLS client begins with it."""


async def speaks_plainly(sock: socket.socket) -> bool:
    """Whether a client's first byte, which stays where it is, is not that of a TLS hello."""
    loop = asyncio.get_running_loop()
    ready = asyncio.Event()
    loop.add_reader(sock, ready.set)
    try:
        await ready.wait()
    finally:
        loop.remove_reader(sock)
    return sock.recv(1, socket.MSG_PEEK) not in {b"", HELLO}


async def turn_away(sock: socket.socket, answer: bytes) -> None:
    """Send these bytes, and close when the client has."""
    loop = asyncio.get_running_loop()
    try:
        await loop.sock_recv(sock, 1 << 16)
        await loop.sock_sendall(sock, answer)
        sock.shutdown(socket.SHUT_WR)
        with contextlib.suppress(asyncio.TimeoutError):
            while await asyncio.wait_for(loop.sock_recv(sock, 1 << 16), 1.0):
                pass
    finally:
        sock.close()
