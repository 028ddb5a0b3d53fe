# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bytes that a QNAP makes on their way, of a size that nobody knows before: zips, pictures, films, shared files.

In the File Station guide a failure is an empty answer (sections 8 and 11); devices also send HTTP 200 with a status
reply or a web page. Nothing is written before it is clear that none of these is what comes.
"""

from __future__ import annotations

import contextlib
from collections.abc import Generator
from typing import TYPE_CHECKING, BinaryIO, NamedTuple, Optional
from urllib.parse import quote

from .._core.errors import CodeMeaning, Kind, NasError
from .._core.waiting import Watch
from .envelope import first_bytes, is_html, number, status_of
from .failures import qnap_error
from .transfer import LONGEST_STATUS, chain
from .wire import Fields, Wire

if TYPE_CHECKING:
    from .._transport.http import Response

_ZIP_BEGINS = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_WHOLE = CodeMeaning(
    Kind.UNSUPPORTED,
    "the device sends all of the folder instead of the one file",
    "Fetch the folder, without link_path, and take the file out of it",
)
_ZIP_ENDS = b"PK\x05\x06"
_ZIP_TAIL = 22 + 65535  # bytes: the end record and its longest comment


class Stream(NamedTuple):
    """An answer that has begun."""

    call: str
    path: str
    size: Optional[int]  # bytes, if the device announced them
    head: bytes  # the first of them, which come with `pieces` too
    pieces: Generator[bytes, None, None]


def opened(
    wire: Wire,
    func: str,
    fields: Fields,
    *,
    path: str,
    nothing: CodeMeaning,
    suffix: str = "",
    wait: Optional[float] = None,
) -> Stream:
    """Begin to fetch what utilRequest.cgi makes.

    :param nothing: what an empty answer stands for.
    :param suffix: see `Wire.send`.
    :param wait: seconds until the first byte, where that may be long.
    :raises NasError: by the status that came in its place; `DEVICE` for a web page.
    """

    def attempt(sid: str) -> Stream:
        headers = {"Accept-Encoding": "identity"}
        response = wire.send(func, sid, fields, path=path, headers=headers, stream=True, timeout=wait, suffix=suffix)
        page = CodeMeaning(Kind.DEVICE, "the device sent a web page instead", "The user may not be allowed to read it")
        return begun(wire, response, func, path, nothing=nothing, page=page)

    return wire.run(attempt, idempotent=True)


def begun(
    wire: Wire,
    response: Response,
    call: str,
    path: str,
    *,
    nothing: Optional[CodeMeaning],
    page: CodeMeaning,
    only: Optional[str] = None,
) -> Stream:
    """Look at the first bytes of an answer.

    :param nothing: what an empty answer stands for; None where it may be an empty file.
    :param page: what a web page stands for that is not sent as a file.
    :param only: the one file that was asked for, in a folder that comes as a zip where a device does not understand so.
    """
    with contextlib.ExitStack() as cleanup:
        cleanup.callback(response.close)
        pieces = iter(response.chunks(number(response.headers.get("Content-Length"))))
        head, complete = first_bytes(pieces, LONGEST_STATUS)
        refused: Optional[CodeMeaning] = None
        if not head:
            refused = nothing
        elif "Content-Disposition" not in response.headers:
            status = status_of(head) if complete else None
            if status is not None:
                raise wire.failure(call, status, path=path)
            refused = _asks_for_password(head, page) if is_html(head) else None
        if only is not None and refused is None and _is_another_zip(head, only, response):
            refused = _WHOLE
        if refused is not None:
            raise wire.http.error(refused.kind, refused.message, call, path, hint=refused.hint)
        cleanup.pop_all()
    return Stream(call, path, number(response.headers.get("Content-Length")), head, chain(head, pieces, response))


def _is_another_zip(head: bytes, only: str, response: Response) -> bool:
    """Whether a zip came that is not called like the file that was asked for."""
    name = only.rpartition("/")[2]
    sent = response.headers.get("Content-Disposition", "")
    escaped = quote(name, safe="", errors="surrogateescape")
    return head.startswith(_ZIP_BEGINS) and ".zip" in sent.lower() and name not in sent and escaped not in sent


def _asks_for_password(head: bytes, page: CodeMeaning) -> CodeMeaning:
    if b'type="password"' in head.lower():
        return CodeMeaning(Kind.PERMISSION_DENIED, "the device's web page asks for a password")
    return page


def copy(stream: Stream, sink: BinaryIO, watch: Watch, *, is_zip: bool = False) -> int:
    """Write it all to `sink` and return how many bytes there were.

    :param is_zip: whether it must have the end that only a whole zip has.
    :raises NasError: `MISMATCH` when it is cut off; `PROTOCOL` when it should be a zip and is none.
    """
    if is_zip and not stream.head.startswith(_ZIP_BEGINS):
        stream.pieces.close()
        raise _wrong(stream, Kind.PROTOCOL, "what the device sent is no zip")
    done, tail, progress = 0, b"", watch.in_bytes("downloading")
    with contextlib.closing(stream.pieces) as pieces:
        for piece in pieces:
            sink.write(piece)
            done += len(piece)
            progress(done, stream.size)
            if is_zip:
                tail = (tail + piece)[-_ZIP_TAIL:]
    if stream.size not in (None, done):
        raise _wrong(stream, Kind.MISMATCH, f"{done} bytes came instead of {stream.size}")
    if is_zip and _ZIP_ENDS not in tail:
        raise _wrong(stream, Kind.MISMATCH, "the zip is cut off")
    return done


def _wrong(stream: Stream, kind: Kind, message: str) -> NasError:
    return qnap_error(kind, message, call=stream.call, path=stream.path)
