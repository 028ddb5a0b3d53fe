# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is uploaded: bytes from a file or from memory, read in pieces, as often as needed."""

from __future__ import annotations

import hashlib
import io
import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from typing import BinaryIO, Optional

from .errors import Kind, NasError

CHUNK = 1024 * 1024


class Source(ABC):
    """Bytes with a known length that can be opened more than once (an upload may have to start again)."""

    def __init__(self, size: int, mtime: Optional[int] = None) -> None:
        self.size = size  # bytes
        self.mtime = mtime  # seconds since 1970, None when the bytes are not a file's
        self._checksums: dict[str, str] = {}

    @abstractmethod
    def open(self) -> BinaryIO:
        """A new stream from the first byte; the caller closes it."""

    def pieces(self, size: int = CHUNK) -> Iterator[bytes]:
        """The bytes, at most `size` at a time."""
        with self.open() as stream:
            while piece := stream.read(size):
                yield piece

    def checksum(self, algorithm: str) -> str:
        """The hex digest by `md5`, `sha1`, `sha256` or `sha512`, calculated once; one piece is in memory at a time."""
        if algorithm not in self._checksums:
            self._checksums[algorithm] = digest(self.pieces(), algorithm)
        return self._checksums[algorithm]


class FileSource(Source):
    """The bytes of a local file."""

    def __init__(self, filename: str) -> None:
        self.filename = filename
        status = os.stat(filename)
        super().__init__(status.st_size, int(status.st_mtime))

    def open(self) -> BinaryIO:
        return open(self.filename, "rb")  # the caller closes it


class BytesSource(Source):
    """Bytes that are in memory already."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        super().__init__(len(content))

    def open(self) -> BinaryIO:
        return io.BytesIO(self._content)


def digest(pieces: Iterator[bytes], algorithm: str) -> str:
    """The hex digest of a stream of bytes."""
    # For comparing content only; devices offer nothing better than MD5.
    state = hashlib.new(algorithm, usedforsecurity=False)
    for piece in pieces:
        state.update(piece)
    return state.hexdigest()


class CountingReader:
    """A stream that reports how far it was read and knows its length, as HTTP clients want it.

    :param stream: what to read.
    :param size: how many bytes it holds.
    :param progress: called with (bytes read, size) after each read.
    """

    def __init__(self, stream: BinaryIO, size: int, progress: Callable[[int, Optional[int]], None]) -> None:
        self._stream = stream
        self._done = 0
        self._size = size
        self._progress = progress

    def __len__(self) -> int:
        """What is left to read."""
        return self._size - self._done

    def read(self, size: int = -1) -> bytes:
        """The next piece.

        :raises NasError: `MISMATCH` when the file is shorter or longer than it was when the upload began.
        """
        piece = self._stream.read(size)
        self._done += len(piece)
        if self._done > self._size or (not piece and size != 0 and self._done < self._size):
            raise NasError(
                Kind.MISMATCH, "the source file changed its size while it was sent", hint="Run the task again"
            )
        if piece:
            self._progress(self._done, self._size)
        return piece
