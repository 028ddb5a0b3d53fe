# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The WebSocket of an upload to a Freebox: what a box says without an end is bounded, in time and in size."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import selectors
import socket
import struct
import time
import types

import pytest

from tests.support.local import LocalDevice
from tests.support.raw import read_head, serving
from tests.trials import tasks

TEXT, PING, MORE = 1, 9, 0
TIMEOUT = 0.3  # seconds


def frame(opcode, data, *, last=True, length=None):
    """A frame from the box; `length` is what it says of itself."""
    return bytes([last << 7 | opcode, 127]) + struct.pack(">Q", len(data) if length is None else length) + data


def shaking(head, more):
    """The box's answer to the handshake, which goes on with `more`."""
    key = next(
        line.split(b":", 1)[1].strip() for line in head.split(b"\r\n") if line.lower().startswith(b"sec-websocket-key")
    )
    accept = base64.b64encode(hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())
    lines = (b"HTTP/1.1 101 Switching Protocols", b"Upgrade: websocket", b"Connection: Upgrade")
    return b"\r\n".join((*lines, b"Sec-WebSocket-Accept: " + accept, more))


def in_front(port, first, piece, pause):
    """A server that hands everything on to a device, and talks itself where an upload begins."""

    def talk(connection):
        head = read_head(connection)
        if b"/ws/upload" in head:
            connection.sendall(first(head))
            while True:
                connection.sendall(piece)
                time.sleep(pause)
        with socket.create_connection(("127.0.0.1", port)) as device, selectors.DefaultSelector() as selector:
            device.sendall(head)
            for one in (connection, device):
                selector.register(one, selectors.EVENT_READ)
            while True:
                for key, _events in selector.select():
                    data = key.fileobj.recv(65536)
                    if not data:
                        return
                    (device if key.fileobj is connection else connection).sendall(data)

    return talk


@pytest.mark.parametrize(
    ("first", "piece", "pause"),
    [
        (lambda head: shaking(head, b""), b"X-A: b\r\n" * 1000, 0),
        (lambda head: shaking(head, b"X-A: "), b"b", 0.05),
        (lambda head: b"HTTP/1.1 403 Forbidden\r\nContent-Length: 4000000000\r\n\r\n", b" " * 60000, 0),
        (lambda head: shaking(head, b"\r\n") + frame(TEXT, b"{", length=2**40), b" " * 60000, 0),
        (lambda head: shaking(head, b"\r\n") + frame(TEXT, b"{", length=5000), b" ", 0.05),
        (lambda head: shaking(head, b"\r\n") + frame(TEXT, b"{", last=False), frame(MORE, b" " * 60000, last=False), 0),
        (lambda head: shaking(head, b"\r\n"), frame(PING, b"x"), 0.05),
        (lambda head: shaking(head, b"\r\n"), frame(PING, b"x") * 1000, 0),
        (lambda head: shaking(head, b"\r\n"), frame(TEXT, b'{"action":"other","success":true}'), 0.05),
    ],
    ids=["headers", "slow header", "refusal", "frame", "slow frame", "fragments", "pings", "many pings", "others"],
)
def test_a_box_that_never_ends(tmp_path, first, piece, pause):
    source = tmp_path / "file"
    source.write_bytes(b"z" * 1_000_000)
    (tmp_path / "locks").mkdir()
    with LocalDevice("freebox", tmp_path / "nas") as device, contextlib.ExitStack() as stack:
        port = stack.enter_context(serving(in_front(device.port, first, piece, pause))).port
        here = types.SimpleNamespace(vendor="freebox", port=port)
        stack.enter_context(tasks.without_pauses())
        began = time.monotonic()
        options = {"path": "/home/f", "src": str(source), "retries": 0}
        result = tasks.execute(here, "nas_file", options, tmp_path / "locks", TIMEOUT)
        assert result["failure"]["kind"] in ("timeout", "protocol"), result
        assert result["failure"]["call"] == "GET ws/upload"
        assert time.monotonic() - began < 10
