# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writing zip files with the traditional encryption (APPNOTE 6.1): the device's default for zip, and the library's gap.

It keeps no secret from anybody who tries; other programs read it everywhere.
"""

from __future__ import annotations

import os
from typing import Any

from ..core.archives import Writer

DATA_DESCRIPTOR = 0x08


def _row(byte: int) -> int:
    for _bit in range(8):
        byte = byte >> 1 ^ (0xEDB88320 if byte & 1 else 0)
    return byte


_TABLE = [_row(byte) for byte in range(256)]


def _step(byte: int, crc: int) -> int:
    return (crc >> 8) ^ _TABLE[(crc ^ byte) & 0xFF]


class Encrypter:
    """One member's key stream, in the form the zip library asks for."""

    def __init__(self, password: bytes) -> None:
        self._keys = [0x12345678, 0x23456789, 0x34567890]
        self._check = 0
        for byte in password:
            self._update(byte)

    def _update(self, byte: int) -> None:
        keys = self._keys
        keys[0] = _step(byte, keys[0])
        keys[1] = ((keys[1] + (keys[0] & 0xFF)) * 134775813 + 1) & 0xFFFFFFFF
        keys[2] = _step(keys[1] >> 24, keys[2])

    def update_zipinfo(self, info: Any) -> None:
        """The checksum is not known before the data: it goes behind, and a password is checked by the time."""
        info.flag_bits |= DATA_DESCRIPTOR
        hour, minute, second = info.date_time[3:6]
        self._check = (hour << 11 | minute << 5 | second // 2) >> 8

    def finalize_zipinfo(self, info: Any) -> None:
        """Nothing is left to say."""

    def encryption_header(self) -> bytes:
        return self.encrypt(os.urandom(11) + bytes([self._check]))

    def encrypt(self, data: bytes) -> bytes:
        out = bytearray(len(data))
        for index, byte in enumerate(data):
            word = (self._keys[2] & 0xFFFF) | 2
            out[index] = byte ^ (word * (word ^ 1) >> 8 & 0xFF)
            self._update(byte)
        return bytes(out)

    def flush(self) -> bytes:
        return b""


class ZipCryptoWriter(Writer):
    """A new zip whose members are encrypted in the traditional way."""

    def __init__(self, real: str, *, level: str, password: str) -> None:
        super().__init__(real, "zip", level=level, password=password)
        secret = password.encode()
        self._zip.get_encrypter = lambda: Encrypter(secret)
