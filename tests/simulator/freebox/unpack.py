# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Readers of archives: those of the shared core, and cpio (the two ASCII forms)."""

from __future__ import annotations

import os
import stat
import tarfile
import zipfile
from collections.abc import Iterator, Sequence
from typing import IO

from ..core import archives
from ..core.archives import BrokenArchive, Member, Reader
from ..core.disk import CHUNK
from . import iso9660

_ODC, _NEWC = b"070707", (b"070701", b"070702")
_ODC_WIDTHS: list[int] = [6, 6, 6, 6, 6, 6, 6, 11, 6, 11]
_NEWC_WIDTHS: list[int] = [8] * 13
_NAME_LIMIT = 1 << 16


class Cpio(Reader):
    """`cpio -o`: odc and newc. Folders and files are members, links stand beside."""

    def __init__(self, real: str) -> None:
        super().__init__(real, None)
        self._offsets: list[int] = []
        self.links: list[tuple[str, str]] = []
        with open(real, "rb") as handle:
            while self._next(handle):
                pass

    def _next(self, handle: IO[bytes]) -> bool:
        magic = handle.read(6)
        if magic != _ODC and magic not in _NEWC:
            raise BrokenArchive("cpio header")
        base, widths, pad = (8, _ODC_WIDTHS, 1) if magic == _ODC else (16, _NEWC_WIDTHS, 4)
        try:
            numbers = [int(handle.read(width), base) for width in widths]
        except ValueError as exc:
            raise BrokenArchive("cpio header") from exc
        if magic == _ODC:
            mode, mtime, length, size = numbers[2], numbers[7], numbers[8], numbers[9]
        else:
            mode, mtime, length, size = numbers[1], numbers[5], numbers[11], numbers[6]
        if not 1 < length <= _NAME_LIMIT:
            raise BrokenArchive("cpio name")
        name = os.fsdecode(handle.read(length)[:-1])
        handle.seek(-handle.tell() % pad, os.SEEK_CUR)
        if name == "TRAILER!!!":
            return False
        start = handle.tell()
        if start + size > os.fstat(handle.fileno()).st_size:
            raise BrokenArchive("cpio ends early")
        if stat.S_ISLNK(mode):
            self.links.append((name.removeprefix("./").strip("/"), os.fsdecode(handle.read(size))))
            handle.seek(start)
        if stat.S_ISREG(mode) or stat.S_ISDIR(mode):
            inner = name[2:] if name.startswith("./") else name
            folder = stat.S_ISDIR(mode)
            self.members.append(Member(len(self.members), inner.strip("/"), folder, size, size, float(mtime)))
            self._offsets.append(start)
        handle.seek(start + size)
        handle.seek(-handle.tell() % pad, os.SEEK_CUR)
        return True

    def read(self, wanted: Sequence[Member], scratch: str) -> Iterator[tuple[Member, Iterator[bytes]]]:
        for member in wanted:
            yield member, iter(()) if member.is_folder else piece(self.real, self._offsets[member.index], member.size)


def piece(real: str, start: int, size: int) -> Iterator[bytes]:
    """A stretch of a file, in blocks."""
    with open(real, "rb") as handle:
        handle.seek(start)
        while size > 0:
            block = handle.read(min(CHUNK, size))
            if not block:
                raise BrokenArchive("ends early")
            size -= len(block)
            yield block


def links_in(reader: Reader) -> list[tuple[str, str]]:
    """(name, what it says) of every link in an archive that stays where it is extracted to."""
    if isinstance(reader, Cpio):
        found = reader.links
    elif zipfile.is_zipfile(reader.real):
        with zipfile.ZipFile(reader.real) as archive:
            infos = [info for info in archive.infolist() if stat.S_ISLNK(info.external_attr >> 16)]
            # a link is not worth a password: one that is encrypted stays a file
            found = [(info.filename, os.fsdecode(archive.read(info))) for info in infos if not info.flag_bits & 1]
    elif not iso9660.is_image(reader.real) and tarfile.is_tarfile(reader.real):
        with tarfile.open(reader.real) as tar:
            found = [(info.name, info.linkname) for info in tar.getmembers() if info.issym()]
    else:
        found = []
    return [(name, text) for name, text in found if Member(0, name, False, 0, 0, 0.0).safe]


def open_any(real: str, password: str | None) -> Reader:
    """A reader for whatever this is; NotAnArchive when it is nothing known."""
    with open(real, "rb") as handle:
        head = handle.read(6)
    if head == _ODC or head in _NEWC:
        return Cpio(real)
    if iso9660.is_image(real):
        return iso9660.Image(real)
    return archives.open_archive(real, password)
