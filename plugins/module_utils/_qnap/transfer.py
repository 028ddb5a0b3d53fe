# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sending and fetching the bytes of files, streamed.

Rests on the File Station guide, sections 8 (download) and 10 (upload), and on what devices do beyond it: a failed
download comes as HTTP 200 with a status reply, a web page or nothing in place of the file.
"""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, NamedTuple

from .._core.errors import Kind, NasError
from .._core.model import Entry
from .._core.sources import Source
from .._core.waiting import Watch
from .._transport.multipart import FileForm
from .entries import split
from .envelope import first_bytes, is_html, json_value, number, status_of
from .failures import qnap_error
from .wire import Fields, Wire

if TYPE_CHECKING:
    from .._transport.http import Response

LONGEST_STATUS = 4096  # bytes; no status reply is longer
_RANGE_GIVEN = 206


def send_file(wire: Wire, source: Source, path: str, watch: Watch) -> bool:
    """Upload to a name that is free, and tell whether the device confirmed what it got.

    All parameters are in the query and the length is announced: devices read neither form fields nor chunked bodies.
    `overwrite` is 1 because devices disagree on what 0 means, and skip without a word.

    :returns: False when the reply cannot be understood (old firmware answers with text), so that stat must decide.
    :raises NasError: by the reply's status; `MISMATCH` when the device names another size or name.
    """
    folder, name = split(path)
    fields: Fields = [
        ("type", "standard"),
        ("dest_path", folder),
        ("overwrite", 1),
        ("progress", path.replace("/", "-")),
    ]

    def attempt(sid: str) -> bool:
        with contextlib.closing(source.open()) as stream:
            body = FileForm([], name, stream, source.size, watch.in_bytes("uploading"))
            headers = {"Content-Type": body.content_type}
            response = wire.send("upload", sid, fields, path=path, body=body, headers=headers)
        try:
            value = json_value(response.content)
        except ValueError:
            status = status_of(response.content)
            if status is not None:
                raise wire.failure("upload", status, path=path) from None
            return False
        reply = wire.checked("upload", value, path=path)
        size, stored = number(reply.get("size")), reply.get("name")
        if size not in (None, source.size) or (isinstance(stored, str) and stored not in ("", name)):
            raise wire.http.error(Kind.MISMATCH, "the device stored another size or name than was sent", "upload", path)
        return size is not None

    return wire.run(attempt, idempotent=False)


class Opened(NamedTuple):
    """A download that has begun and is known to be the file."""

    size: int  # bytes that must come
    pieces: Generator[bytes, None, None]


def open_file(wire: Wire, entry: Entry) -> Opened:
    """Begin to fetch a file, and make sure that the file is what comes.

    :param entry: what stat gave for it a moment ago.
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

    def requested(sid: str, headers: dict[str, str]) -> Response:
        # Compressed on the way, the announced length would not be the file's.
        headers = {"Accept-Encoding": "identity", **headers}
        try:
            return wire.send("download", sid, fields, path=entry.path, headers=headers, stream=True, size=entry.size)
        except NasError as error:
            if error.code != "HTTP 404":
                raise
            message = "the device does not send this file"
            raise wire.http.error(Kind.NOT_FOUND, message, "download", entry.path, error.code) from None

    def attempt(sid: str) -> Opened:
        with contextlib.ExitStack() as cleanup:
            response = requested(sid, {})
            cleanup.callback(response.close)
            announced = number(response.headers.get("Content-Length"))
            pieces = iter(response.chunks(max(entry.size or 0, LONGEST_STATUS) if announced is None else announced))
            head, complete = first_bytes(pieces, LONGEST_STATUS)
            size = len(head) if complete else announced
            status = status_of(head) if complete else None
            if size == entry.size:
                # The file itself may be a saved status reply. Only a file is sent as an attachment or by range.
                if status is not None and "Content-Disposition" not in response.headers:
                    with contextlib.closing(requested(sid, {"Range": "bytes=0-"})) as again:
                        if again.status_code != _RANGE_GIVEN:
                            raise wire.failure("download", status, path=entry.path)
            elif status is not None:
                raise wire.failure("download", status, path=entry.path)
            elif size is not None and (not head or is_html(head) or _is_text_reply(response)):
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
        return Opened(entry.size or 0 if announced is None else announced, chain(head, pieces, response))

    return wire.run(attempt, idempotent=True)


def _is_text_reply(response: Response) -> bool:
    """Whether the device calls this a web page, as it calls its replies, and not an attachment, as it calls files."""
    form = response.headers.get("Content-Type", "")
    return form.startswith("text/html") and "Content-Disposition" not in response.headers


def chain(head: bytes, pieces: Iterator[bytes], response: Response) -> Generator[bytes, None, None]:
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
        raise qnap_error(Kind.MISMATCH, message, call="download", path=path)
