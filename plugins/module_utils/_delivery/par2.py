# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which files a par2 set protects, read from one of its files ("Parity Volume Set Specification 2.0").

A par2 file is a row of packets, each with a length and an MD5 of its own. The main packet names the files by their ids,
a packet for each file tells its name, size and MD5. Recovery data is passed over, and damaged packets do not count.
"""

from __future__ import annotations

import hashlib
import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass

from .._core import paths as _paths
from .._core.errors import Kind, NasError

_MAGIC = b"PAR2\0PKT"
_HEAD = struct.Struct("<8sQ16s16s16s")  # magic, length of the whole, MD5 of what follows it, id of the set, kind
_SIGNED_FROM = 32  # where that which the MD5 is of begins
_MAIN = b"PAR 2.0\0Main\0\0\0\0"
_FILE = b"PAR 2.0\0FileDesc"
_MAIN_FIXED, _FILE_FIXED, _ID = 12, 56, 16
_LARGEST_KEPT = 1 << 20  # the most files that a set may have need half of it


@dataclass(frozen=True)
class Protected:
    """A file of a set, as it is when it is whole."""

    path: str
    size: int
    md5: str


class Reader:
    """A sink for the bytes of a par2 file, that keeps what it says about its set.

    :param path: of the par2 file, for errors; the files of the set lie in the same folder.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._held = bytearray()
        self._skip = 0
        self._set = b""
        self._order: list[bytes] = []
        self._described: dict[bytes, bytes] = {}

    def write(self, data: bytes) -> int:
        """Take some."""
        self._held += data
        while self._step():
            pass
        return len(data)

    def files(self) -> list[Protected]:
        """What the set protects.

        :raises NasError: `INVALID_ARGUMENT` for a file that is no par2 file, or that does not tell it whole.
        """
        if not self._set:
            raise self._bad("this is no par2 file, or it is damaged", "Name another file of the set")
        if not self._order or any(file not in self._described for file in self._order):
            raise self._bad("this par2 file does not describe its set whole", "Name another file of the set")
        return [self._protected(self._described[file]) for file in self._order]

    def _step(self) -> bool:
        """Take one packet, or a piece of what is no packet; false when more bytes are needed."""
        if self._skip:
            count = min(self._skip, len(self._held))
            del self._held[:count]
            self._skip -= count
            return not self._skip
        if len(self._held) < _HEAD.size:
            return False
        magic, length, digest, set_id, packet_type = _HEAD.unpack_from(self._held)
        good = magic == _MAGIC and length >= _HEAD.size and not length % 4
        if good and (packet_type not in (_MAIN, _FILE) or length > _LARGEST_KEPT):
            self._skip = length
            return True
        if good and len(self._held) < length:
            return False
        signed = bytes(self._held[_SIGNED_FROM:length]) if good else b""
        if not good or hashlib.md5(signed, usedforsecurity=False).digest() != digest:
            return self._seek()
        del self._held[:length]
        if self._set in (b"", set_id):
            self._set = set_id
            self._take(packet_type, signed[_HEAD.size - _SIGNED_FROM :])
        return True

    def _seek(self) -> bool:
        """Go on to the next beginning of a packet."""
        at = self._held.find(_MAGIC, 1)
        del self._held[: at if at > 0 else len(self._held) - len(_MAGIC) + 1]
        return at > 0

    def _take(self, packet_type: bytes, body: bytes) -> None:
        if packet_type == _FILE and len(body) > _FILE_FIXED:
            self._described[body[:_ID]] = body
        elif packet_type == _MAIN and len(body) >= _MAIN_FIXED:
            (count,) = struct.unpack_from("<I", body, _MAIN_FIXED - 4)
            ids = body[_MAIN_FIXED : _MAIN_FIXED + count * _ID]
            self._order = [ids[at : at + _ID] for at in range(0, len(ids), _ID)]

    def _protected(self, body: bytes) -> Protected:
        (size,) = struct.unpack_from("<Q", body, _FILE_FIXED - 8)
        name = body[_FILE_FIXED:].rstrip(b"\0").decode("utf-8", "surrogateescape")
        if {"", ".", ".."}.intersection(name.split("/")) or "\0" in name:
            raise self._bad(f"the set names the file {name!r}, which is no name in its folder", "Do not use this set")
        return Protected(_paths.join(_paths.parent(self._path), name), size, body[_ID : 2 * _ID].hex())

    def _bad(self, message: str, hint: str) -> NasError:
        return NasError(Kind.INVALID_ARGUMENT, message, path=self._path, hint=hint)


def members(path: str, names: Sequence[str]) -> list[str]:
    """The par2 files of a set by their names: `NAME.par2` and `NAME.vol0+1.par2`, which all programs give them.

    :param path: one of them.
    :param names: all that lies in its folder.
    """
    stem = re.sub(r"(?i)(\.vol\d+[+-]\d+)?\.par2$", "", _paths.name(path))
    pattern = re.compile(re.escape(stem) + r"(?i:(\.vol\d+[+-]\d+)?\.par2)")
    return [_paths.join(_paths.parent(path), name) for name in sorted(names) if pattern.fullmatch(name)]
