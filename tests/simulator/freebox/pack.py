# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writers of the archive formats, chosen by the name's ending as the box does: zip, 7z, tar, tar.gz, ..., cpio, iso.

The endings rest on what a client lists for boxes and are those of libarchive.
"""

from __future__ import annotations

import os
import stat
import tarfile
import time
import zipfile
from collections.abc import Callable
from functools import partial
from typing import IO, Any

import py7zr

from ..core.disk import CHUNK, Entry
from . import iso9660

Tick = Callable[[int], None]
"""Called before bytes are packed, with their number: the place for progress, pause and limits."""


class Packer:
    """An archive that is being written at a real path. Links are packed as links (in 7z and iso, as they are written
    here, left out)."""

    def add(self, name: str, entry: Entry, tick: Tick) -> None:
        raise NotImplementedError

    def finish(self) -> None:
        """Everything was added."""

    def close(self) -> None:
        """Let go of the file, finished or not."""
        raise NotImplementedError


class _Ticking:
    """A file that is read under the eyes of the task."""

    def __init__(self, handle: IO[bytes], tick: Tick) -> None:
        self._handle = handle
        self._tick = tick

    def read(self, size: int = -1) -> bytes:
        block = self._handle.read(size)
        self._tick(len(block))
        return block


class _Tar(Packer):
    def __init__(self, real: str, mode: Any) -> None:
        self._tar: Any = tarfile.open(real, mode)  # noqa: SIM115

    def add(self, name: str, entry: Entry, tick: Tick) -> None:
        info = self._tar.gettarinfo(entry.real, name)
        info.uid = info.gid = 0
        info.uname = info.gname = "root"
        if not info.isreg():
            self._tar.addfile(info)
            return
        with open(entry.real, "rb") as handle:
            self._tar.addfile(info, _Ticking(handle, tick))

    def close(self) -> None:
        self._tar.close()


class _Zip(Packer):
    def __init__(self, real: str, _mode: str) -> None:
        self._zip = zipfile.ZipFile(real, "w", zipfile.ZIP_DEFLATED)

    def add(self, name: str, entry: Entry, tick: Tick) -> None:
        if entry.link is not None:
            moment = max(time.localtime(os.lstat(entry.real).st_mtime)[:6], (1980, 1, 1, 0, 0, 0))
            info = zipfile.ZipInfo(name, moment)
            info.external_attr = (stat.S_IFLNK | 0o777) << 16
            self._zip.writestr(info, entry.link.text.encode("utf-8", "surrogateescape"))
            return
        info = zipfile.ZipInfo.from_file(entry.real, name, strict_timestamps=False)
        info.compress_type = zipfile.ZIP_DEFLATED
        if entry.is_folder:
            self._zip.writestr(info, b"")
            return
        with open(entry.real, "rb") as handle, self._zip.open(info, "w", force_zip64=entry.size > 1 << 31) as member:
            while block := handle.read(CHUNK):
                tick(len(block))
                member.write(block)

    def close(self) -> None:
        self._zip.close()


class _SevenZip(Packer):
    def __init__(self, real: str, _mode: str) -> None:
        self._seven = py7zr.SevenZipFile(real, "w", filters=[{"id": py7zr.FILTER_LZMA2, "preset": 1}])

    def add(self, name: str, entry: Entry, tick: Tick) -> None:
        if entry.link is not None:
            return
        if not entry.is_folder:
            tick(entry.size)
        self._seven.write(entry.real, name)

    def close(self) -> None:
        self._seven.close()


class _Cpio(Packer):
    """The portable ASCII form of POSIX ("odc")."""

    def __init__(self, real: str, _mode: str) -> None:
        self._out = open(real, "wb")  # noqa: SIM115
        self._number = 0

    def add(self, name: str, entry: Entry, tick: Tick) -> None:
        status = os.lstat(entry.real)
        link = os.readlink(os.fsencode(entry.real)) if stat.S_ISLNK(status.st_mode) else b""
        size = len(link) if link else 0 if entry.is_folder else status.st_size
        self._head(name, status.st_mode, int(status.st_mtime), size)
        if link or entry.is_folder:
            self._out.write(link)
            return
        with open(entry.real, "rb") as handle:
            while block := handle.read(CHUNK):
                tick(len(block))
                self._out.write(block)

    def _head(self, name: str, mode: int, mtime: int, size: int) -> None:
        self._number += 1
        raw = os.fsencode(name) + b"\0"
        numbers = (0, self._number & 0o777777, mode, 0, 0, 1, 0)
        head = "070707" + "".join(f"{number:06o}" for number in numbers)
        self._out.write(f"{head}{mtime:011o}{len(raw):06o}{size:011o}".encode("ascii") + raw)

    def finish(self) -> None:
        self._number = -1
        self._head("TRAILER!!!", 0, 0, 0)

    def close(self) -> None:
        self._out.close()


class _Iso(Packer):
    def __init__(self, real: str, _mode: str) -> None:
        self._out = open(real, "wb")  # noqa: SIM115
        self._image = iso9660.Writer(self._out)

    def add(self, name: str, entry: Entry, tick: Tick) -> None:
        if entry.link is None:
            self._image.add(name, entry, tick)

    def finish(self) -> None:
        self._image.write()

    def close(self) -> None:
        self._out.close()


_FORMATS: dict[str, tuple[Callable[[str, str], Packer], str]] = {
    ".zip": (_Zip, ""),
    ".jar": (_Zip, ""),
    ".7z": (_SevenZip, ""),
    ".cpio": (_Cpio, ""),
    ".iso": (_Iso, ""),
    ".tar": (_Tar, "w"),
    ".tgz": (_Tar, "w:gz"),
    ".tar.gz": (_Tar, "w:gz"),
    ".tar.bz2": (_Tar, "w:bz2"),
    ".tar.xz": (_Tar, "w:xz"),
}


def _make(packer: Callable[[str, str], Packer], mode: str, real: str) -> Packer:
    return packer(real, mode)


def packer_for(name: str) -> Callable[[str], Packer] | None:
    """Who writes an archive of this name; None when the ending says nothing."""
    for ending, (packer, mode) in _FORMATS.items():
        if name.lower().endswith(ending) and len(name) > len(ending):
            return partial(_make, packer, mode)
    return None
