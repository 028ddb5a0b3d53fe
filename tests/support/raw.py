# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers on loopback that do to a socket whatever a test wants, and proxies."""

from __future__ import annotations

import base64
import contextlib
import selectors
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from typing import Any, Optional

Talk = Callable[[socket.socket], None]


class RawServer:
    """Runs `talk` for each connection, in a thread of its own.

    :param talk: gets the connected socket, which is closed after it.
    :param tls: the settings of a TLS server, or None.
    :ivar connections: how many came.
    """

    def __init__(self, talk: Talk, tls: Optional[ssl.SSLContext] = None) -> None:
        self.talk = talk
        self.connections = 0
        self._tls = tls
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Take no more connections."""
        # A thread that waits in accept would keep the port open.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _peer = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            if self._tls is None:
                self.talk(connection)
                return
            with self._tls.wrap_socket(connection, server_side=True) as wrapped:
                self.talk(wrapped)


@contextlib.contextmanager
def serving(talk: Talk, tls: Optional[ssl.SSLContext] = None) -> Iterator[RawServer]:
    """A server for as long as the block lasts."""
    server = RawServer(talk, tls)
    try:
        yield server
    finally:
        server.close()


def read_head(connection: socket.socket) -> bytes:
    """The head of a request, up to and with the empty line."""
    head = b""
    while b"\r\n\r\n" not in head:
        piece = connection.recv(1)
        if not piece:
            break
        head += piece
    return head


def read_request(connection: socket.socket) -> tuple[bytes, bytes]:
    """The head and the body of a request."""
    head = read_head(connection)
    length = 0
    for line in head.split(b"\r\n"):
        name, _colon, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    body = b""
    while len(body) < length:
        piece = connection.recv(65536)
        if not piece:
            break
        body += piece
    return head, body


def answer(body: bytes = b"{}", status: str = "200 OK", headers: str = "") -> bytes:
    """An answer of HTTP."""
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{headers}\r\n".encode("latin-1") + body


def relay(one: socket.socket, other: socket.socket) -> None:
    """Pass bytes both ways until one side ends."""
    with selectors.DefaultSelector() as waiting:  # `select` would take descriptors below 1024 only
        waiting.register(one, selectors.EVENT_READ, other)
        waiting.register(other, selectors.EVENT_READ, one)
        while ready := waiting.select(30):
            for key, _events in ready:
                piece = key.fileobj.recv(65536)  # type: ignore[union-attr]
                if not piece:
                    return
                key.data.sendall(piece)


class HttpProxy:
    """A proxy that forwards and tunnels, to loopback whatever the name.

    :param login: `user:password` that it wants, or empty.
    :ivar asked: the request lines that came.
    """

    def __init__(self, login: str = "") -> None:
        self.asked: list[str] = []
        self._wanted = b"Basic " + base64.b64encode(login.encode()) if login else b""

    def __call__(self, connection: socket.socket) -> None:
        head = read_head(connection)
        line = head.split(b"\r\n", 1)[0].decode("latin-1")
        self.asked.append(line)
        if self._wanted and self._wanted not in head:
            connection.sendall(answer(b"no", "407 Proxy Authentication Required", "Connection: close\r\n"))
            return
        method, target, _version = line.split(" ")
        if method == "CONNECT":
            with socket.create_connection(("127.0.0.1", int(target.rpartition(":")[2]))) as device:
                connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                relay(connection, device)
            return
        address, _slash, rest = target.removeprefix("http://").partition("/")
        with socket.create_connection(("127.0.0.1", int(address.rpartition(":")[2]))) as device:
            # One request a connection: the next one may be for another device.
            own = head.replace(target.encode("latin-1"), f"/{rest}".encode("latin-1"), 1)
            device.sendall(own[:-2] + b"Connection: close\r\n\r\n")
            relay(connection, device)


class SocksProxy:
    """A SOCKS5 proxy (RFC 1928) without login, to loopback whatever the name.

    :ivar asked: the names and ports that it was asked for.
    """

    def __init__(self) -> None:
        self.asked: list[tuple[str, int]] = []

    def __call__(self, connection: socket.socket) -> None:
        def read(count: int) -> bytes:
            data = b""
            while len(data) < count:
                piece = connection.recv(count - len(data))
                if not piece:
                    raise ConnectionError
                data += piece
            return data

        read(read(2)[1])
        connection.sendall(b"\x05\x00")
        address_type = read(4)[3]
        name = socket.inet_ntoa(read(4)) if address_type == 1 else read(read(1)[0]).decode("ascii")
        port = int.from_bytes(read(2), "big")
        self.asked.append((name, port))
        with socket.create_connection(("127.0.0.1", port)) as device:
            connection.sendall(b"\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x00")
            relay(connection, device)


def server_settings(cert: Any, key: Any, **wanted: Any) -> ssl.SSLContext:
    """TLS of a server; `wanted` are attributes of the context."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    for name, value in wanted.items():
        setattr(context, name, value)
    return context


def always(reply: bytes) -> Talk:
    """Answers each request of a connection alike."""

    def talk(connection: socket.socket) -> None:
        while read_request(connection)[0]:
            connection.sendall(reply)

    return talk
