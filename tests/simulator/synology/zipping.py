# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A zip made while it is sent."""

from __future__ import annotations

import asyncio
import io
import time
import zipfile
from collections.abc import AsyncIterator, Iterator

from ..core.disk import CHUNK, Disk, Entry


class _Sink(io.RawIOBase):
    """Keeps what the zip writer wrote since the last read; cannot go back, so the writer uses data descriptors."""

    def __init__(self) -> None:
        self.data = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, block: object) -> int:
        piece = bytes(block)  # type: ignore[call-overload]
        self.data += piece
        return len(piece)

    def take(self) -> bytes:
        data, self.data = bytes(self.data), bytearray()
        return data


def info_for(entry: Entry, name: str) -> zipfile.ZipInfo:
    """A member with the entry's time and mode (zip knows no time before 1980)."""
    moment = max(time.localtime(entry.mtime)[:6], (1980, 1, 1, 0, 0, 0))
    name = name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    info = zipfile.ZipInfo(name + ("/" if entry.is_folder else ""), moment)
    info.external_attr = (entry.mode | (0o040000 if entry.is_folder else 0o100000)) << 16
    info.compress_type = zipfile.ZIP_STORED if entry.is_folder else zipfile.ZIP_DEFLATED
    return info


def _pieces(disk: Disk, paths: list[str], follow: bool) -> Iterator[bytes]:
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for top in paths:
            base = len(top.rstrip("/").rpartition("/")[0]) + 1
            for entry in disk.walk(top, follow=follow):
                if entry.link is not None and entry.link.broken:
                    continue
                info = info_for(entry, entry.path[base:])
                if entry.is_folder:
                    archive.writestr(info, b"")
                    continue
                with open(disk.real(entry.path), "rb") as source, archive.open(info, "w", force_zip64=True) as member:
                    while block := source.read(CHUNK):
                        member.write(block)
                        yield sink.take()
            yield sink.take()
    yield sink.take()


async def zip_blocks(disk: Disk, paths: list[str], *, follow: bool) -> AsyncIterator[bytes]:
    """The zip of these paths, each under its own name, in pieces. `follow`: with what lies behind links to folders."""
    pieces = _pieces(disk, paths, follow)
    while (block := await asyncio.to_thread(next, pieces, None)) is not None:
        if block:
            yield block
