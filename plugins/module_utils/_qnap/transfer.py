# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sending and fetching the bytes of files, streamed.

Rests on the File Station guide, sections 8 (download) and 10 (upload), and on what devices do beyond it: a failed
download comes as HTTP 200 with a status reply, a web page or nothing in place of the file.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, BinaryIO, NamedTuple, Union

from ansible_collections.nasops.nas.plugins.module_utils._errors import Kind, NasError
from ansible_collections.nasops.nas.plugins.module_utils._model import Entry
from ansible_collections.nasops.nas.plugins.module_utils._qnap.entries import VENDOR, split
from ansible_collections.nasops.nas.plugins.module_utils._qnap.envelope import (
    is_html,
    json_value,
    number,
    status_of,
)
from ansible_collections.nasops.nas.plugins.module_utils._qnap.wire import Fields, Wire
from ansible_collections.nasops.nas.plugins.module_utils._source import CountingReader, Source
from ansible_collections.nasops.nas.plugins.module_utils._watch import Watch

if TYPE_CHECKING:
    import requests

_BOUNDARY = b"nasops-5b0e3c1f7d2a4968a1c4e7f09d63b852"
_HEAD = 4096  # bytes; no status reply is longer
_RANGE_GIVEN = 206


class Form:
    """A multipart body with one file in it, as a stream of known length.

    Not one of a library's: those write names beyond ASCII in a form that devices do not read. Here the name's own
    bytes stand between the quotes, as browsers send them; a quote and a backslash in it have a backslash before them.

    :param name: the file's name.
    :param content: its bytes.
    """

    def __init__(self, name: str, content: CountingReader) -> None:
        quoted = name.replace("\\", "\\\\").replace('"', '\\"').encode("utf-8", "surrogateescape")
        head = (
            b"--%s\r\n"
            b'Content-Disposition: form-data; name="file"; filename="%s"\r\n'
            b"Content-Type: application/octet-stream\r\n\r\n" % (_BOUNDARY, quoted)
        )
        tail = b"\r\n--%s--\r\n" % _BOUNDARY
        self._parts: list[Union[BinaryIO, CountingReader]] = [io.BytesIO(head), content, io.BytesIO(tail)]
        self._left = len(head) + len(content) + len(tail)

    content_type = f"multipart/form-data; boundary={_BOUNDARY.decode('ascii')}"

    def __len__(self) -> int:
        """What is left to read."""
        return self._left

    def read(self, size: int = -1) -> bytes:
        """The next piece, empty at the end."""
        while self._parts:
            piece = self._parts[0].read(size)
            if piece or size == 0:
                self._left -= len(piece)
                return piece
            del self._parts[0]
        return b""


def send_file(wire: Wire, source: Source, path: str, watch: Watch) -> bool:
    """Upload to a name that is free, and tell whether the device confirmed what it got.

    All parameters are in the query and the length is announced: devices read neither form fields nor chunked bodies.
    `overwrite` is 1 because devices disagree on what 0 means, and skip without a word.

    :returns: False when the reply cannot be understood (old firmware answers with text), so that a look must decide.
    :raises NasError: by the reply's status; `MISMATCH` when the device names another size or name.
    """
    folder, name = split(path)
    if any(character in name for character in "\r\n"):
        raise NasError(
            Kind.INVALID_NAME, "a name with a line break cannot be sent", vendor=VENDOR, call="upload", path=path
        )
    fields: Fields = [
        ("type", "standard"),
        ("dest_path", folder),
        ("overwrite", 1),
        ("progress", path.replace("/", "-")),
    ]

    def attempt(sid: str) -> bool:
        with contextlib.closing(source.open()) as stream:
            body = Form(name, CountingReader(stream, source.size, watch.progress))
            headers = {"Content-Type": Form.content_type}
            response = wire.send("upload", sid, fields, path=path, body=body, headers=headers)
        try:
            value = json_value(response.content)
        except ValueError:
            return False
        reply = wire.checked("upload", value, path=path)
        size, stored = number(reply.get("size")), reply.get("name")
        if size not in (None, source.size) or (isinstance(stored, str) and stored not in ("", name)):
            raise wire.http.error(Kind.MISMATCH, "the device stored another size or name than was sent", "upload", path)
        return size is not None

    return wire.run(attempt, writes=True)


class Opened(NamedTuple):
    """A download that has begun and is known to be the file."""

    size: int  # bytes that must come
    pieces: Generator[bytes, None, None]


def open_file(wire: Wire, entry: Entry) -> Opened:
    """Begin to fetch a file, and make sure that the file is what comes.

    :param entry: what stat told about it a moment ago.
    :raises NasError: by the status that came in its place; `DEVICE` for a web page or nothing at all.
    """
    folder, name = split(entry.path)
    fields: Fields = [
        ("isfolder", 0),
        ("compress", 0),
        ("source_path", folder),
        ("source_file", name),
        ("source_total", 1),
    ]

    def begin(sid: str, headers: dict[str, str]) -> requests.Response:
        # Compressed on the way, the announced length would not be the file's.
        headers = {"Accept-Encoding": "identity", **headers}
        try:
            return wire.send("download", sid, fields, path=entry.path, headers=headers, stream=True)
        except NasError as error:
            if error.code != "HTTP 404":
                raise
            message = "the device does not send this file"
            raise wire.http.error(Kind.NOT_FOUND, message, "download", entry.path, error.code) from None

    def attempt(sid: str) -> Opened:
        with contextlib.ExitStack() as cleanup:
            response = begin(sid, {})
            cleanup.callback(response.close)
            announced = number(response.headers.get("Content-Length"))
            pieces = iter(wire.http.chunks(response, call="download", path=entry.path))
            head, complete = _first(pieces)
            size = len(head) if complete else announced
            status = status_of(head) if complete else None
            if size == entry.size:
                # The file itself may be a saved status reply. Only a file is sent as an attachment or by range.
                if status is not None and "Content-Disposition" not in response.headers:
                    with contextlib.closing(begin(sid, {"Range": "bytes=0-"})) as again:
                        if again.status_code != _RANGE_GIVEN:
                            raise wire.failure("download", status, path=entry.path)
            elif status is not None:
                raise wire.failure("download", status, path=entry.path)
            elif size is not None and (not head or is_html(head)):
                what = "a web page" if head else "nothing"
                raise wire.http.error(
                    Kind.DEVICE,
                    f"the device sent {what} instead of the file",
                    "download",
                    entry.path,
                    hint="The user may not be allowed to read it",
                )
            cleanup.pop_all()
        # Where the size differs but a length was announced, somebody wrote to the file meanwhile.
        return Opened(entry.size or 0 if announced is None else announced, _chain(head, pieces, response))

    return wire.run(attempt, writes=False)


def _first(pieces: Iterator[bytes]) -> tuple[bytes, bool]:
    """The first bytes of a body, and whether they are all."""
    head = b""
    for piece in pieces:
        head += piece
        if len(head) > _HEAD:
            return head, False
    return head, True


def _chain(head: bytes, pieces: Iterator[bytes], response: requests.Response) -> Generator[bytes, None, None]:
    with contextlib.closing(response):
        if head:
            yield head
        yield from pieces


def expect(done: int, opened: Opened, path: str) -> None:
    """Make sure that as many bytes came as should.

    :raises NasError: `MISMATCH`.
    """
    if done != opened.size:
        message = f"{done} bytes came instead of {opened.size}"
        raise NasError(Kind.MISMATCH, message, vendor=VENDOR, call="download", path=path, hint="Run the task again")
