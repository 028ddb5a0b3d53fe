# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fetching the files that Container Station makes, streamed."""

from __future__ import annotations

import contextlib
from typing import BinaryIO

from ..._core.errors import Kind
from .wire import ContainerWire

_ZIP = (b"PK\x03\x04", b"PK\x05\x06")  # the first member, or the end of an empty one
_ZIP_END = b"PK\x05\x06"
_END_SIZE = 22  # bytes of the record at a zip's end, without its comment
_LONGEST_END = _END_SIZE + 0xFFFF


def fetch(wire: ContainerWire, call: str, sink: BinaryIO, *, is_zip: bool = False) -> int:
    """Write the file that a call answers with to `sink`. Bytes written.

    :param is_zip: whether it must be a zip; what is none is refused before the first byte is written.
    :raises NasError: an error that came instead of the file; `PROTOCOL` for something else than a zip; `MISMATCH` for
        a file that is cut off.
    """
    opened = wire.open(call)
    done, tail = 0, b""
    with contextlib.closing(opened.response):
        if is_zip and not opened.head.startswith(_ZIP):
            raise wire.http.error(Kind.PROTOCOL, "Container Station sent something that is no zip", call)
        for piece in opened.pieces:
            sink.write(piece)
            done += len(piece)
            if is_zip:
                tail = (tail + piece)[-_LONGEST_END:]
    if opened.size not in (None, done):
        message = f"{done} bytes came instead of {opened.size}"
        raise wire.http.error(Kind.MISMATCH, message, call)
    if is_zip and not _has_end(tail):
        raise wire.http.error(Kind.MISMATCH, "the zip is cut off", call)
    return done


def _has_end(tail: bytes) -> bool:
    """Whether a zip's last bytes hold the record that ends it, with a comment of the length that it tells."""
    at = tail.rfind(_ZIP_END)
    while at >= 0:
        comment = int.from_bytes(tail[at + _END_SIZE - 2 : at + _END_SIZE], "little")
        if at + _END_SIZE + comment == len(tail):
            return True
        at = tail.rfind(_ZIP_END, 0, at)
    return False
