# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real archives: zip (also encrypted, with AES) and 7z read and written; tar, gz, bz2 and xz read.

What is compressed how is read from the content of the file, never by its name. All functions block.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import posixpath
import shutil
import stat
import tarfile
import tempfile
import time
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Union

import py7zr
import py7zr.exceptions
import pyzipper

from .disk import CHUNK, Entry

LEVELS = {"store": 0, "fastest": 1, "moderate": 5, "best": 9}


class ArchiveError(Exception):
    """Base of what can be wrong with an archive."""


class NotAnArchive(ArchiveError):  # noqa: N818
    """The file is no archive that this device can open."""


class BrokenArchive(ArchiveError):  # noqa: N818
    """It begins like one and cannot be read to its end."""


class WrongPassword(ArchiveError):  # noqa: N818
    """The password is missing or wrong."""


@dataclass(frozen=True)
class Member:
    """One thing in an archive. `name` is its path within, without slashes at the ends; `mtime` counts from 1970."""

    index: int
    name: str
    is_folder: bool
    size: int
    packed: int
    mtime: float

    @property
    def safe(self) -> bool:
        """Whether it stays where it is extracted to."""
        return bool(self.name) and not self.name.startswith("/") and ".." not in self.name.split("/")


def _text(name: str) -> str:
    """A name that every format can write: bytes that are no UTF-8 become the replacement character."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


class Reader:
    """An open archive; `members` in its own order. Close it, or use `with`."""

    encrypted = False

    def __init__(self, real: str, password: str | None) -> None:
        self.real = real
        self.password = password or None
        self.members: list[Member] = []

    def read(self, wanted: Sequence[Member], scratch: str) -> Iterator[tuple[Member, Iterator[bytes]]]:
        """The content of these members (folders have none). `scratch`: a real folder for what is unpacked first."""
        raise NotImplementedError

    def close(self) -> None:
        """Let go of the file."""

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()


def _blocks(handle: Any) -> Iterator[bytes]:
    with handle:
        while block := handle.read(CHUNK):
            yield block


_ZIP_ERRORS = (RuntimeError, zipfile.BadZipFile, pyzipper.BadZipFile, zlib.error, EOFError, NotImplementedError)


class _Zip(Reader):
    def __init__(self, real: str, password: str | None) -> None:
        super().__init__(real, password)
        try:
            self._zip = pyzipper.AESZipFile(real)
        except (zipfile.BadZipFile, pyzipper.BadZipFile, OSError, ValueError) as exc:
            raise BrokenArchive(str(exc)) from exc
        if self.password:
            self._zip.setpassword(self.password.encode())
        self._infos = self._zip.infolist()
        for index, info in enumerate(self._infos):
            self.encrypted = self.encrypted or bool(info.flag_bits & 1)
            moment = time.mktime((*info.date_time, 0, 0, -1))
            self.members.append(
                Member(index, info.filename.strip("/"), info.is_dir(), info.file_size, info.compress_size, moment)
            )

    def read(self, wanted: Sequence[Member], scratch: str) -> Iterator[tuple[Member, Iterator[bytes]]]:
        for member in wanted:
            yield member, iter(()) if member.is_folder else self._content(self._infos[member.index])

    def _content(self, info: Any) -> Iterator[bytes]:
        try:
            yield from _blocks(self._zip.open(info))
        except _ZIP_ERRORS as exc:
            if info.flag_bits & 1:
                raise WrongPassword(str(exc)) from exc
            raise BrokenArchive(str(exc)) from exc

    def close(self) -> None:
        self._zip.close()


_SEVEN_ZIP_ERRORS = (
    py7zr.exceptions.ArchiveError,
    py7zr.exceptions.CrcError,
    lzma.LZMAError,
    EOFError,
    ValueError,
    TypeError,
    IndexError,
    KeyError,
    OSError,
)


class _SevenZip(Reader):
    def __init__(self, real: str, password: str | None) -> None:
        super().__init__(real, password)
        try:
            self._seven = py7zr.SevenZipFile(real, password=self.password)
        except py7zr.exceptions.PasswordRequired as exc:
            raise WrongPassword(str(exc)) from exc
        except _SEVEN_ZIP_ERRORS as exc:
            raise (WrongPassword if self.password else BrokenArchive)(str(exc)) from exc
        self.encrypted = bool(self._seven.needs_password())
        for index, info in enumerate(self._seven.list()):
            moment = info.creationtime.timestamp() if info.creationtime else 0.0
            self.members.append(
                Member(
                    index,
                    info.filename.strip("/"),
                    info.is_directory,
                    info.uncompressed or 0,
                    info.compressed or 0,
                    moment,
                )
            )

    def read(self, wanted: Sequence[Member], scratch: str) -> Iterator[tuple[Member, Iterator[bytes]]]:
        with tempfile.TemporaryDirectory(dir=scratch) as folder:
            try:
                self._seven.reset()
                self._seven.extract(path=folder, targets=[member.name for member in wanted])
            except py7zr.exceptions.PasswordRequired as exc:
                raise WrongPassword(str(exc)) from exc
            except _SEVEN_ZIP_ERRORS as exc:
                raise (WrongPassword if self.encrypted else BrokenArchive)(str(exc)) from exc
            for member in wanted:
                here = os.path.join(folder, member.name)
                yield member, iter(()) if member.is_folder else _blocks(open(here, "rb"))  # noqa: SIM115

    def close(self) -> None:
        self._seven.close()


class _Tar(Reader):
    def __init__(self, real: str, password: str | None) -> None:
        super().__init__(real, password)
        try:
            self._tar = tarfile.open(real)  # noqa: SIM115
            self._infos = [info for info in self._tar.getmembers() if info.isfile() or info.isdir()]
        except (tarfile.TarError, EOFError, zlib.error, lzma.LZMAError, OSError) as exc:
            raise BrokenArchive(str(exc)) from exc
        for index, info in enumerate(self._infos):
            name = posixpath.normpath(info.name).strip("/")
            self.members.append(Member(index, name, info.isdir(), info.size, info.size, float(info.mtime)))

    def read(self, wanted: Sequence[Member], scratch: str) -> Iterator[tuple[Member, Iterator[bytes]]]:
        for member in wanted:
            yield member, iter(()) if member.is_folder else self._content(self._infos[member.index])

    def _content(self, info: tarfile.TarInfo) -> Iterator[bytes]:
        try:
            yield from _blocks(self._tar.extractfile(info))
        except (tarfile.TarError, EOFError, zlib.error, lzma.LZMAError, OSError) as exc:
            raise BrokenArchive(str(exc)) from exc

    def close(self) -> None:
        self._tar.close()


class _Single(Reader):
    """One compressed file without a folder: gz, bz2, xz."""

    def __init__(self, real: str, password: str | None, opener: Any) -> None:
        super().__init__(real, password)
        self._opener = opener
        name = os.path.basename(real)
        stem, dot, suffix = name.rpartition(".")
        status = os.stat(real)
        size = sum(len(block) for block in self._content())
        inner = stem if dot and suffix.lower() in {"gz", "bz2", "xz"} else name + ".out"
        self.members = [Member(0, inner, False, size, status.st_size, status.st_mtime)]

    def _content(self) -> Iterator[bytes]:
        try:
            yield from _blocks(self._opener(self.real, "rb"))
        except (OSError, EOFError, zlib.error, lzma.LZMAError) as exc:
            raise BrokenArchive(str(exc)) from exc

    def read(self, wanted: Sequence[Member], scratch: str) -> Iterator[tuple[Member, Iterator[bytes]]]:
        for member in wanted:
            yield member, self._content()


def _is_tar(real: str) -> bool:
    try:
        return tarfile.is_tarfile(real)
    except (OSError, EOFError, zlib.error, lzma.LZMAError):
        return False


def open_archive(real: str, password: str | None = None) -> Reader:
    """A reader for the file at a real path; NotAnArchive when it is none."""
    with open(real, "rb") as handle:
        head = handle.read(6)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _Zip(real, password)
    if head == b"7z\xbc\xaf\x27\x1c":
        return _SevenZip(real, password)
    if _is_tar(real):
        return _Tar(real, password)
    for magic, opener in ((b"\x1f\x8b", gzip.open), (b"BZh", bz2.open), (b"\xfd7zXZ\x00", lzma.open)):
        if head.startswith(magic):
            return _Single(real, password, opener)
    raise NotAnArchive(os.path.basename(real))


Source = Union[Entry, "tuple[Reader, Member]"]
"""What goes into a new archive: something on the disk, or a member of an open archive."""


class Writer:
    """A new archive at a real path. `archive_format`: "zip" or "7z"; `level`: one of LEVELS. Close it."""

    def __init__(
        self,
        real: str,
        archive_format: str,
        *,
        level: str = "moderate",
        password: str | None = None,
        header_encryption: bool = False,
    ) -> None:
        self._scratch = tempfile.mkdtemp(dir=os.path.dirname(real))
        self._seven: Any = None
        self._zip: Any = None
        strength = LEVELS[level]
        if archive_format == "7z":
            filters: list[dict[str, int]] = [{"id": py7zr.FILTER_COPY}]
            if strength:
                filters = [{"id": py7zr.FILTER_LZMA2, "preset": strength}]
            if password:
                filters.append({"id": py7zr.FILTER_CRYPTO_AES256_SHA256})
            self._seven = py7zr.SevenZipFile(
                real, "w", filters=filters, password=password or None, header_encryption=header_encryption
            )
            return
        self._method = zipfile.ZIP_DEFLATED if strength else zipfile.ZIP_STORED
        self._zip = pyzipper.AESZipFile(
            real,
            "w",
            compression=self._method,
            compresslevel=strength or None,
            encryption=pyzipper.WZ_AES if password else None,
        )
        if password:
            self._zip.setpassword(password.encode())

    def add(self, name: str, source: Source) -> Iterator[int]:
        """Add something under a name; yields the sizes of the pieces as they are packed: work can pause between."""
        if isinstance(source, Entry):
            folder, moment = source.is_folder, source.mtime
            blocks: Iterator[bytes] = iter(()) if folder else _blocks(open(source.real, "rb"))  # noqa: SIM115
            yield from self._add(_text(name), folder, moment, blocks, source.real)
        else:
            reader, member = source
            for _member, blocks in reader.read([member], self._scratch):
                yield from self._add(_text(name), member.is_folder, member.mtime, blocks, None)

    def _add(self, name: str, folder: bool, moment: float, blocks: Iterator[bytes], real: str | None) -> Iterator[int]:
        if self._seven is not None:
            yield from self._add_seven(name, folder, moment, blocks, real)
            return
        stamp = max(time.localtime(moment)[:6], (1980, 1, 1, 0, 0, 0))
        info = self._zip.zipinfo_cls(name + ("/" if folder else ""), stamp)
        mode = stat.S_IFDIR | 0o755 if folder else stat.S_IFREG | 0o644
        info.external_attr = mode << 16 | (0x10 if folder else 0)
        info.compress_type = zipfile.ZIP_STORED if folder else self._method
        if folder:
            self._zip.writestr(info, b"")
            yield 0
            return
        with self._zip.open(info, "w", force_zip64=True) as member:
            for block in blocks:
                member.write(block)
                yield len(block)

    def _add_seven(
        self, name: str, folder: bool, moment: float, blocks: Iterator[bytes], real: str | None
    ) -> Iterator[int]:
        """py7zr takes whole files from the disk only; a member of another archive is unpacked first."""
        if real is None:
            real = os.path.join(self._scratch, "member")
            shutil.rmtree(real, ignore_errors=True)
            if folder:
                os.mkdir(real)
            else:
                with open(real, "wb") as handle:
                    handle.writelines(blocks)
            os.utime(real, (moment, moment))
        self._seven.write(real, name)
        yield 0 if folder else os.stat(real).st_size

    def close(self) -> None:
        if self._seven is not None:
            self._seven.close()
        if self._zip is not None:
            self._zip.close()
        shutil.rmtree(self._scratch, ignore_errors=True)

    def __enter__(self) -> Writer:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()
