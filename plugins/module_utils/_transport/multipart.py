# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file sent as a form, the way browsers do it.

Not a library's encoder: those write names in forms (`filename*=`, percent escapes, RFC 2047) that change with their
version and that devices store literally.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from .._core.errors import Kind, NasError
from .._core.sources import CHUNK, CountingReader
from .._core.text import encoded
from .._core.waiting import Progress


class FileForm:
    """A body of `multipart/form-data` that is streamed and knows its length: fields, then one file.

    The file's name stands in its own bytes between the quotes, so it has none of the characters that devices read in
    more than one way: no quote, backslash or control character.

    :param fields: names and values before the file.
    :param filename: the file's name.
    :param stream: its bytes.
    :param size: how many bytes they are.
    :param progress: gets (bytes sent, size).
    """

    def __init__(
        self, fields: Sequence[tuple[str, str]], filename: str, stream: BinaryIO, size: int, progress: Progress
    ) -> None:
        boundary = secrets.token_hex(16)
        self.content_type = f"multipart/form-data; boundary={boundary}"
        head = "".join(
            f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in fields
        )
        head += (
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{filename}"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n"
        )
        self._head = encoded(head)
        self._tail = f"\r\n--{boundary}--\r\n".encode("ascii")
        self._reader = CountingReader(stream, size, progress)
        self._length = len(self._head) + size + len(self._tail)

    def __len__(self) -> int:
        """The length of the whole body in bytes."""
        return self._length

    def __iter__(self) -> Iterator[bytes]:
        """The body, piece by piece, once.

        :raises NasError: `USAGE` when the source cannot be read, `MISMATCH` when its size has changed.
        """
        yield self._head
        while piece := self._read():
            yield piece
        yield self._tail

    def _read(self) -> bytes:
        try:
            return self._reader.read(CHUNK)
        except OSError as error:
            # Would otherwise be taken for a failure of the network.
            raise NasError(Kind.USAGE, f"the source cannot be read: {error.strerror or error}") from None
