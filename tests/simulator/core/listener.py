# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The door of a device: its listening socket, the faults of whole connections, and the network in front (latency)."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Callable, Coroutine
from typing import Any

from .doorway import speaks_plainly, turn_away
from .faults import Faults
from .relay import no_delay, relay, reset

HOST = "127.0.0.1"
BACKLOG = 1024


def listening(port: int = 0) -> socket.socket:
    """A socket that listens on loopback."""
    sock = socket.create_server((HOST, port), backlog=BACKLOG)
    sock.setblocking(False)
    return sock


class Listener:
    """Accepts connections and gives each to a new protocol of `factory`.

    :param note: called with each fault that met a connection.
    """

    def __init__(
        self,
        vendor: str,
        factory: Callable[[], asyncio.Protocol],
        faults: Faults,
        note: Callable[[str, float], None],
        *,
        tls: ssl.SSLContext | None = None,
        plain_on_tls: bytes = b"",
        latency: float = 0.0,
    ) -> None:
        self.vendor = vendor
        self.factory = factory
        self.faults = faults
        self.note = note
        self.tls = tls
        self.plain_on_tls = plain_on_tls
        self.latency = latency
        self.port = 0
        self.connections = 0
        self._inner: socket.socket | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._socket: socket.socket | None = None
        self._away: asyncio.Task[None] | None = None

    def open(self, port: int = 0) -> int:
        """Listen; the port."""
        self._socket = listening(port)
        self.port = int(self._socket.getsockname()[1])
        if self.latency and self._inner is None:
            self._inner = listening()
        self._await_connections()
        return self.port

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._stop_listening()
        if self._inner is not None:
            self._inner.close()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _await_connections(self) -> None:
        if self._socket is not None:
            asyncio.get_running_loop().add_reader(self._socket, self._accept, self._socket)

    def _accept(self, sock: socket.socket) -> None:
        # At once: of an `await` for a connection that is cancelled as one arrives, nobody gets it, nor closes it.
        try:
            client, _address = sock.accept()
        except BlockingIOError:
            return
        except OSError:  # no file descriptor left
            loop = asyncio.get_running_loop()
            loop.remove_reader(sock)
            loop.call_later(0.05, self._await_connections)
            return
        client.setblocking(False)
        no_delay(client)
        self.connections += 1
        self._spawn(self._connection(client))

    def _stop_listening(self) -> None:
        if self._socket is not None:
            asyncio.get_running_loop().remove_reader(self._socket)
            self._socket.close()
            self._socket = None

    async def _connection(self, client: socket.socket) -> None:
        try:
            fault = self.faults.take_connection(self.vendor)
            if fault:
                await self._break(client, fault)
            elif self.latency:
                await self._distant(client)
            else:
                await self._serve(client)
        except asyncio.CancelledError:
            client.close()
            raise
        except OSError:
            client.close()

    async def _serve(self, sock: socket.socket) -> None:
        if self.tls is not None and self.plain_on_tls and await speaks_plainly(sock):
            await turn_away(sock, self.plain_on_tls)
            return
        try:
            protocol = self.factory()
        except ConnectionError:  # switched off
            reset(sock)
            return
        # a handshake that fails is the client's affair
        with contextlib.suppress(OSError, asyncio.TimeoutError):
            await asyncio.get_running_loop().connect_accepted_socket(lambda: protocol, sock, ssl=self.tls)

    async def _distant(self, client: socket.socket) -> None:
        assert self._inner is not None
        loop = asyncio.get_running_loop()
        near = socket.socket()
        no_delay(near)
        await loop.sock_connect(near, self._inner.getsockname())
        far, _address = await loop.sock_accept(self._inner)
        no_delay(far)
        self._spawn(self._serve(far))
        await relay(client, near, self.latency)

    # -- faults

    async def _break(self, client: socket.socket, fault: dict[str, Any]) -> None:
        """Accepted, and then: closed, reset, silent, or broken in the middle of the handshake."""
        began = asyncio.get_running_loop().time()
        if self.latency:
            await asyncio.sleep(self.latency)
        if "tls" in fault:
            await self._half_handshake(client, int(fault["tls"]))
        if "off" in fault:
            self.go_away(float(fault["off"]))
        if "silent" in fault:
            loop = asyncio.get_running_loop()
            with contextlib.suppress(OSError):
                while await loop.sock_recv(client, 1 << 16):
                    pass
        if fault.keys() & {"reset", "off"}:
            reset(client)
        else:
            client.close()
        self.note("connect " + ",".join(sorted(fault)), asyncio.get_running_loop().time() - began)

    async def _half_handshake(self, client: socket.socket, size: int) -> None:
        """Answer the client's hello with no more than so many bytes of what a device says."""
        loop = asyncio.get_running_loop()
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        shake = self.tls.wrap_bio(incoming, outgoing, server_side=True) if self.tls else None
        while not outgoing.pending:
            hello = await loop.sock_recv(client, 1 << 16)
            if not hello or shake is None:
                break
            incoming.write(hello)
            with contextlib.suppress(ssl.SSLError):
                shake.do_handshake()
        await loop.sock_sendall(client, outgoing.read(size) if size else b"")

    def go_away(self, seconds: float) -> None:
        """Nothing listens for so long."""
        self._away = self._spawn(self._switch_off(seconds))

    def come_back(self) -> None:
        """Listen again, if nothing does."""
        if self._away is not None:
            self._away.cancel()
            self._away = None
        if self._socket is None:
            self.open(self.port)

    async def _switch_off(self, seconds: float) -> None:
        if self._socket is None:
            return
        self._stop_listening()
        await asyncio.sleep(seconds)
        self.open(self.port)
