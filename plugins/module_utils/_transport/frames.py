# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What travels between a worker and the broker: a JSON object and some bytes, both of bounded size, and errors as data.

A frame is two lengths (32 bits each, big-endian), the object in UTF-8, the bytes. Nothing that is read is executed.
"""

from __future__ import annotations

import json
import socket
import struct
import sys
import time
from typing import Any, Optional

from .._core.errors import Kind, NasError
from .way import MAX_REPLY

MAX_OBJECT = 4 * 1024 * 1024  # bytes; headers of an answer are the largest that comes
MAX_BYTES = MAX_REPLY

_LENGTHS = struct.Struct("!II")
_TEXTS = ("message", "vendor", "call", "path", "code", "hint")
_MARKS = ("unsent", "final", "broke_off", "unreachable", "session_in_doubt")
_LOCAL_PEER_CREDENTIALS = 1  # of macOS and the BSDs, at the level 0: a version, then the user
_DARWIN_CREDENTIALS = 76  # bytes


class BrokenFrameError(Exception):
    """The other side left in the middle, or does not speak like this. It does not say what was read."""


def send(sock: socket.socket, message: dict[str, Any], content: bytes = b"") -> None:
    """Send a frame.

    :raises OSError: when the other side is gone.
    """
    text = json.dumps(message).encode("ascii")
    head = _LENGTHS.pack(len(text), len(content)) + text
    if len(content) <= MAX_OBJECT:
        sock.sendall(head + content)
    else:
        sock.sendall(head)
        sock.sendall(content)


def receive(sock: socket.socket, deadline: Optional[float] = None) -> Optional[tuple[dict[str, Any], bytes]]:
    """The next frame; None when the other side has left before it.

    :param deadline: on the monotonic clock; None to wait for ever.
    :raises BrokenFrameError: for one that is cut off, too large or no JSON object.
    :raises TimeoutError: after the deadline.
    :raises OSError: when the other side is gone.
    """
    head = _read(sock, _LENGTHS.size, deadline)
    if not head:
        return None
    if len(head) < _LENGTHS.size:
        raise BrokenFrameError
    length, more = _LENGTHS.unpack(head)
    if length > MAX_OBJECT or more > MAX_BYTES:
        raise BrokenFrameError
    body = _read(sock, length + more, deadline)
    if len(body) < length + more:
        raise BrokenFrameError
    try:
        message = json.loads(body[:length])
    except (ValueError, RecursionError):
        raise BrokenFrameError from None
    if not isinstance(message, dict):
        raise BrokenFrameError
    return message, bytes(body[length:])


def _read(sock: socket.socket, size: int, deadline: Optional[float]) -> bytearray:
    read = bytearray()
    while len(read) < size:
        if deadline is not None:
            sock.settimeout(max(deadline - time.monotonic(), 0.001))
        try:
            piece = sock.recv(min(size - len(read), MAX_OBJECT))
        except socket.timeout as error:
            raise TimeoutError from error  # which it is itself, but on Python 3.9
        if not piece:
            break
        read += piece
    return read


def error_to_data(error: NasError) -> dict[str, Any]:
    """An error as JSON has it."""
    message: dict[str, Any] = {name: getattr(error, name) for name in (*_TEXTS, *_MARKS)}
    message["kind"] = error.kind.value
    return message


def error_from_data(message: dict[str, Any]) -> NasError:
    """The same error again."""
    texts = {name: str(message.get(name, "")) for name in _TEXTS}
    error = NasError(Kind(message["kind"]), texts.pop("message"), **texts, unsent=bool(message.get("unsent")))
    for mark in _MARKS[1:]:
        if message.get(mark):
            setattr(error, mark, True)
    return error


def user_of_peer(sock: socket.socket) -> Optional[int]:
    """Which user is at the other end, where the system tells; else None."""
    try:
        if hasattr(socket, "SO_PEERCRED"):
            found = sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
            return int(struct.unpack("3i", found)[1])
        if sys.platform == "darwin" or "bsd" in sys.platform:
            found = sock.getsockopt(0, _LOCAL_PEER_CREDENTIALS, _DARWIN_CREDENTIALS)
            return int(struct.unpack_from("2I", found)[1])
    except (OSError, struct.error):
        return -1  # nobody
    return None
