# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a file on the NAS holds the bytes of a source."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Optional, cast

from .._core.errors import Kind, NasError
from .._core.model import Entry
from .._core.sources import Source
from .._core.waiting import Watch

if TYPE_CHECKING:
    from .files import Files

READ = 64 * 1024  # bytes; what is not larger is read to be compared


def same_bytes(files: Files, source: Source, entry: Entry, watch: Watch) -> Optional[bool]:
    """Whether a file of the same size has the same bytes; None when it is large and the device has no checksums.

    A small one is read: one call, where a checksum takes two to five, and no doubt about MD5.
    """
    if source.size <= READ:
        there = io.BytesIO()
        if source.size:
            files.download(entry.path, there, watch=Watch(timeout=watch.timeout), entry=entry)
        return there.getvalue() == b"".join(source.pieces())
    return same_checksum(files, source, entry, watch)


@dataclass(frozen=True)
class Digest:
    """A checksum that a device calculated, in hex digits."""

    algorithm: str
    value: str

    def is_of(self, source: Source) -> bool:
        """Whether a source has it."""
        return self.value == source.checksum(self.algorithm)


def shown_algorithm(files: Files) -> str:
    """The algorithm of the checksums in results: what the device calculates, so that none is taken for them alone."""
    return next(iter(files.features.checksum_algorithms), "sha256")


def shown_checksum(files: Files, source: Source) -> str:
    """The checksum of a local source as results have it, with its algorithm."""
    algorithm = shown_algorithm(files)
    return f"{algorithm}:{source.checksum(algorithm)}"


def device_digest(files: Files, entry: Entry, watch: Watch) -> Optional[Digest]:
    """The checksum of a file as the device calculates it; None when it calculates none."""
    for algorithm in files.features.checksum_algorithms:
        try:
            value = files.checksum(entry.path, algorithm, watch=Watch(watch.progress, watch.timeout))
        except NasError as error:
            if error.kind is not Kind.UNSUPPORTED:
                raise
        else:
            return Digest(algorithm, value)
    return None


def same_checksum(files: Files, source: Source, entry: Entry, watch: Watch) -> Optional[bool]:
    """Whether a file of the same size has the same checksum; None when the device calculates none."""
    if not source.size:
        return True
    found = device_digest(files, entry, watch)
    return None if found is None else found.is_of(source)


def surely_same(files: Files, source: Source, entry: Entry, watch: Watch) -> bool:
    """Whether a file has the bytes of the source; it is read where the device tells no checksum."""
    if entry.is_folder or entry.size != source.size:
        return False
    same = same_bytes(files, source, entry, watch)
    return digest(files, entry, watch) == source.checksum("sha256") if same is None else same


def digest(files: Files, entry: Entry, watch: Watch) -> str:
    """The SHA-256 of a file, which is read for it."""
    sink = _Digest()
    files.download(entry.path, cast(BinaryIO, sink), watch=watch, entry=entry)
    return sink.state.hexdigest()


class _Digest:
    """Takes bytes and keeps their digest only."""

    def __init__(self) -> None:
        self.state = hashlib.sha256()

    def write(self, data: bytes) -> int:
        """Take some."""
        self.state.update(data)
        return len(data)
