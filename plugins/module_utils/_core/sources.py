# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is uploaded: bytes from a file or from memory, read in pieces, as often as needed."""

from __future__ import annotations

import hashlib
import io
import os
import queue
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import BinaryIO, Optional, Union, cast

from .errors import Kind, NasError

CHUNK = 512 * 1024  # bytes read at a time; of larger ones, each comes in memory that the system must clear for it
_SMALL = 64 * 1024  # bytes; what is not larger is summed up in no time
_AHEAD = 6  # pieces that may wait for their checksums: what bounds the memory for them
_AT_ONCE = 32 * 1024
"""Bytes written to a file at a time. Linux holds larger pieces in large pages of memory, which a virtual machine must
first get from its host; that can take longer than all else."""


class Source(ABC):
    """Bytes with a known length that can be opened more than once (an upload may have to start again)."""

    def __init__(self, size: int, mtime: Optional[int] = None) -> None:
        self.size = size  # bytes
        self.mtime = mtime  # seconds since 1970, None when the bytes are not a file's
        self._checksums: dict[str, str] = {}
        self._wanted: tuple[str, ...] = ()

    @abstractmethod
    def _open(self) -> BinaryIO:
        """A new stream from the first byte."""

    def open(self) -> BinaryIO:
        """A new stream from the first byte; the caller closes it.

        What `want` named is calculated from what is read of it, when that is all.
        """
        missing = [algorithm for algorithm in self._wanted if algorithm not in self._checksums]
        if not missing or self.size <= _SMALL:
            return self._open()
        return cast(BinaryIO, _Summed(self._open(), self.size, missing, self.learn))

    def want(self, algorithms: Iterable[str]) -> None:
        """Name the checksums that will be asked for: they are taken while the bytes travel."""
        self._wanted = tuple(algorithms)

    def require_unchanged(self) -> None:  # noqa: B027 - what is in memory does not change
        """Make sure that the bytes are those that there were at first.

        :raises NasError: `MISMATCH`.
        """

    def learn(self, checksums: Mapping[str, str]) -> None:
        """Take checksums that were calculated from these bytes, by their algorithms."""
        self._checksums.update(checksums)

    def pieces(self) -> Iterator[bytes]:
        """The bytes, some at a time."""
        with self._open() as stream:
            while piece := stream.read(CHUNK):
                yield piece

    def checksum(self, algorithm: str) -> str:
        """The hex digest by `md5`, `sha1`, `sha256` or `sha512`, calculated once; some pieces are in memory at a time.

        What `want` named is calculated with it, so that the bytes are read once.
        """
        if algorithm not in self._checksums:
            missing = [one for one in self._wanted if one not in self._checksums]
            sums = Checksums(dict.fromkeys((algorithm, *missing)))
            try:
                for piece in self.pieces():
                    sums.update(piece)
            finally:
                found = sums.finish()
            self.learn(found)
        return self._checksums[algorithm]


class FileSource(Source):
    """The bytes of a local file."""

    def __init__(self, filename: str) -> None:
        self.filename = filename
        status = os.stat(filename)
        self._state = (status.st_size, status.st_mtime_ns)
        super().__init__(status.st_size, status.st_mtime_ns // 1_000_000_000)

    def _open(self) -> BinaryIO:
        return open(self.filename, "rb")  # the caller closes it

    def require_unchanged(self) -> None:
        """See `Source`."""
        status = os.stat(self.filename)
        if (status.st_size, status.st_mtime_ns) != self._state:
            raise NasError(Kind.MISMATCH, "the source file changed while it was sent")


class BytesSource(Source):
    """Bytes that are in memory already."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        super().__init__(len(content))

    def _open(self) -> BinaryIO:
        return io.BytesIO(self._content)


class Checksums:
    """Checksums of bytes that travel, calculated beside it: each in a thread of its own, where there are many bytes.

    :param algorithms: of `md5`, `sha1`, `sha256`, `sha512`.
    """

    def __init__(self, algorithms: Iterable[str]) -> None:
        self._sums = {name: _Sum(name) for name in algorithms}
        self._taken = 0
        # Places for pieces, in turn: the same few stay in the processor's cache, and new memory for each would cost as
        # much as a checksum. One is worked at, `_AHEAD` are in a queue, and one more waits to get in.
        self._places = [bytearray()] * (_AHEAD + 2)
        self._next = 0

    def update(self, piece: Union[bytes, memoryview]) -> None:
        """Take the next bytes."""
        self._taken += len(piece)
        if self._taken <= _SMALL or not self._sums:
            for one in self._sums.values():
                one.update(piece)
            return
        size = len(piece)
        place = self._places[self._next]
        if len(place) < size:
            place = self._places[self._next] = bytearray(size)
        self._next = (self._next + 1) % len(self._places)
        held = memoryview(place)[:size]
        held[:] = piece
        for one in self._sums.values():
            one.update_beside(held)

    def finish(self) -> dict[str, str]:
        """The hex digests of all that came, by algorithm; the threads are gone."""
        return {name: one.finish() for name, one in self._sums.items()}


class _Sum:
    """One of them."""

    def __init__(self, algorithm: str) -> None:
        # For comparing content only; devices offer nothing better than MD5.
        self._state = hashlib.new(algorithm, usedforsecurity=False)
        self._pieces: queue.Queue[Optional[memoryview]] = queue.Queue(_AHEAD)
        self._thread: Optional[threading.Thread] = None

    def update(self, piece: Union[bytes, memoryview]) -> None:
        self._state.update(piece)

    def update_beside(self, piece: memoryview) -> None:
        """Take a piece that stays as it is until `_AHEAD` + 1 more are taken."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name=__name__, daemon=True)
            self._thread.start()
        self._pieces.put(piece)

    def _work(self) -> None:
        while (piece := self._pieces.get()) is not None:
            self._state.update(piece)

    def finish(self) -> str:
        if self._thread is not None:
            self._pieces.put(None)
            self._thread.join()
            self._thread = None
        return self._state.hexdigest()


class SummedSink:
    """Takes bytes for a file, and their checksums on the way.

    :param sink: gets them.
    :param algorithms: which checksums.
    """

    def __init__(self, sink: BinaryIO, algorithms: Iterable[str]) -> None:
        self._sink = sink
        self._checksums = Checksums(algorithms)
        self.found: dict[str, str] = {}
        """The hex digests by algorithm, once it is closed."""

    def write(self, piece: bytes) -> int:
        """Take the next bytes."""
        self._checksums.update(piece)
        rest = memoryview(piece)
        for start in range(0, len(rest), _AT_ONCE):
            self._sink.write(rest[start : start + _AT_ONCE])
        return len(rest)

    def close(self) -> None:
        """Close what gets the bytes; the checksums are known then."""
        self.found = self._checksums.finish()
        self._sink.close()


class _Summed:
    """A stream whose checksums are known when all of it was read.

    :param stream: what to read.
    :param size: how many bytes it holds.
    :param algorithms: which checksums.
    :param learn: gets them.
    """

    def __init__(
        self, stream: BinaryIO, size: int, algorithms: Iterable[str], learn: Callable[[Mapping[str, str]], None]
    ) -> None:
        self._stream = stream
        self._missing = size
        self._checksums = Checksums(algorithms)
        self._learn = learn

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        piece = self._stream.read(size)
        if piece:
            self._checksums.update(piece)
            self._missing -= len(piece)
        return piece

    def close(self) -> None:
        """Close the stream; the checksums of what was read as a whole are known then."""
        found = self._checksums.finish()
        if not self._missing:
            self._learn(found)
        self._stream.close()

    def __enter__(self) -> _Summed:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()


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
                Kind.MISMATCH,
                "the source file changed its size while it was sent",
            )
        if piece:
            self._progress(self._done, self._size)
        return piece
