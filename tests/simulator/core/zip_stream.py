# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A zip that is made while it is sent."""

from __future__ import annotations

import asyncio
import io
import time
import zipfile
from collections.abc import AsyncIterator, Iterator

from .disk import CHUNK, Disk, Entry

ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)


class _Pipe(io.RawIOBase):
    """What was written since the last read. It cannot seek: the writer puts sizes behind the data."""

    def __init__(self) -> None:
        self._data = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, block: object) -> int:
        before = len(self._data)
        self._data += block  # type: ignore[arg-type]
        return len(self._data) - before

    def drain(self) -> bytes:
        data, self._data = bytes(self._data), bytearray()
        return data


def member_name(entry: Entry, top: str) -> str:
    """The path below the folder that holds `top`. Bytes that are no UTF-8 become a mark: zip has no way to say them."""
    name = entry.path[len(top.rstrip("/").rpartition("/")[0]) + 1 :]
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def zip_info(entry: Entry, name: str, *, deflate: bool) -> zipfile.ZipInfo:
    """A member with the entry's time (not before 1980) and mode."""
    moment = max(tuple(time.localtime(entry.mtime)[:6]), ZIP_EPOCH)
    info = zipfile.ZipInfo(name + ("/" if entry.is_folder else ""), moment)  # type: ignore[arg-type]
    info.external_attr = (entry.mode | (0o040000 if entry.is_folder else 0o100000)) << 16
    info.compress_type = zipfile.ZIP_DEFLATED if deflate and not entry.is_folder else zipfile.ZIP_STORED
    return info


def _blocks(disk: Disk, paths: list[str], deflate: bool, follow: bool) -> Iterator[bytes]:
    pipe = _Pipe()
    with zipfile.ZipFile(pipe, "w") as archive:
        for top in paths:
            for entry in disk.walk(top, follow=follow):
                if entry.link is not None and entry.link.broken:
                    continue
                info = zip_info(entry, member_name(entry, top), deflate=deflate)
                if entry.is_folder:
                    archive.writestr(info, b"")
                    continue
                with open(disk.real(entry.path), "rb") as source, archive.open(info, "w", force_zip64=True) as member:
                    while block := source.read(CHUNK):
                        member.write(block)
                        yield pipe.drain()
            yield pipe.drain()
    yield pipe.drain()


async def zip_blocks(disk: Disk, paths: list[str], *, follow: bool, deflate: bool = True) -> AsyncIterator[bytes]:
    """The zip of these paths, each under its own name, in pieces.

    :param follow: with what lies behind links to folders; links that lead nowhere are left out in any case.
    :param deflate: compressed.
    """
    blocks = _blocks(disk, paths, deflate, follow)
    while (block := await asyncio.to_thread(next, blocks, None)) is not None:
        if block:
            yield block
