# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How values and files are written into requests. Pure functions and one stream; no calls here.

Two spellings exist. Since DSM 6 (`entry.cgi`) every value is JSON: unquoted, a name such as `2024` would be a number.
The older programs (`FileStation/file_*.cgi`) take plain text, several elements joined by commas, with a backslash
before each comma and backslash that belongs to an element (guide, "Making Requests").
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Sequence
from typing import BinaryIO, Union

from ansible_collections.nasops.nas.plugins.module_utils._errors import Kind, NasError
from ansible_collections.nasops.nas.plugins.module_utils._http import CHUNK
from ansible_collections.nasops.nas.plugins.module_utils._source import CountingReader
from ansible_collections.nasops.nas.plugins.module_utils._watch import Progress


class Raw(str):
    """Text that is sent as it is."""

    __slots__ = ()


Value = Union[str, int, bool, Sequence[str]]

MOST_ITEMS = 500
MOST_BYTES = 128 * 1024


def encode_value(value: Value, as_json: bool) -> str:
    """One parameter as text, in JSON or in the older spelling. Bytes that are not UTF-8 stay as they are."""
    if isinstance(value, Raw):
        return str(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if as_json:
        return json.dumps(value if isinstance(value, str) else list(value), ensure_ascii=False, separators=(",", ":"))
    if isinstance(value, str):
        return _escaped(value)
    return ",".join(_escaped(item) for item in value)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace(",", "\\,")


def batches(paths: Sequence[str]) -> Iterator[list[str]]:
    """The paths in as few portions as a device takes in one request."""
    batch: list[str] = []
    size = 0
    for path in paths:
        weight = 3 * len(path.encode("utf-8", "surrogateescape")) + 8  # as it may be after percent-encoding
        if batch and (len(batch) == MOST_ITEMS or size + weight > MOST_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(path)
        size += weight
    if batch:
        yield batch


def split(path: str) -> tuple[str, str]:
    """The folder of a path, and its name in it."""
    folder, _slash, name = path.rpartition("/")
    return folder, name


class Multipart:
    """A body of `multipart/form-data` that is streamed: some fields, and one file as the last part.

    The file's name is raw UTF-8: devices store `filename*=`, RFC 2047 and percent escapes as they are. Only what would
    end the quoted string is escaped. Rests on the guide, SYNO.FileStation.Upload (the file is the last part, and the
    request tells its Content-Length).

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
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{quoted(filename)}"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n"
        )
        self._head = head.encode("utf-8", "surrogateescape")
        self._tail = f"\r\n--{boundary}--\r\n".encode("ascii")
        self._reader = CountingReader(stream, size, progress)
        self.len = len(self._head) + size + len(self._tail)
        """The body's length; an attribute, because `__len__` cannot tell of more than 2 GiB everywhere."""

    def __iter__(self) -> Iterator[bytes]:
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


def quoted(filename: str) -> str:
    """A file name inside the quotes of a Content-Disposition."""
    return filename.replace('"', '\\"').replace("\r", "%0D").replace("\n", "%0A")


def travels_literally(filename: str) -> bool:
    """Whether an upload can carry this name without anything that devices may read in more than one way."""
    return not any(character in '"\\' or ord(character) < 0x20 for character in filename)
