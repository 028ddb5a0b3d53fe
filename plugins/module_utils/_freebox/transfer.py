# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Downloads from a Freebox ("Download a file" in the guide of the file system, API v4), and what they have in common
with fetching a share link."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, BinaryIO, NamedTuple, Optional

from .._core import json_text
from .._core.errors import Kind
from .._core.waiting import Watch
from .._transport.session import Session
from . import encoding, envelope
from .wire import Wire

if TYPE_CHECKING:
    from .._transport.http import Response

_CALL = "GET dl/{path}"
_LONGEST_REFUSAL = 64 * 1024  # bytes


class Answer(NamedTuple):
    """The answer to one request, which is a file for sure: its body has not been read, or is put together again."""

    response: Response
    pieces: Iterable[bytes]


def download(wire: Wire, path: str, sink: BinaryIO, watch: Watch, *, size: Optional[int] = None) -> int:
    """Write a file's bytes to `sink`, and return how many there were.

    :param size: what a listing gave a moment ago; no more bytes are taken where the box announces no number.
    :param watch: gets (bytes written, size; None when the box does not announce it).
    :raises NasError: `NOT_FOUND`; `MISMATCH` when the box announced another number of bytes; `CONNECTION` when it broke
        off, in which case `sink` holds a part of the file.
    """

    def attempt(session: Session) -> Answer:
        response = wire.send(session, _CALL, encoding.encode(path), path=path, stream=True, size=size)
        return checked(
            response,
            _CALL,
            path,
            lambda head, status: wire.open_envelope(session, head, status, _CALL, path=path),
            at_most=size,
        )

    answer = wire.sessions.run(lambda session: wire.http.repeat(lambda: attempt(session), idempotent=True))
    return save(wire, answer, _CALL, path, sink, watch)


def checked(
    response: Response,
    call: str,
    path: str,
    refuse: Callable[[bytes, int], object],
    pages: bool = False,
    at_most: Optional[int] = None,
) -> Answer:
    """A streamed answer, when it is a file.

    A refusal is JSON, perhaps with status 200; so is many a file, but a file is sent as an attachment. A web page that
    is no attachment comes from something between here and the box.

    :param refuse: raises the error that a body and its status tell.
    :param pages: whether a web page may be the file.
    :param at_most: how many bytes a file has, where that is known and the box announces no number.
    :raises NasError: what `refuse` raises; `PROTOCOL`.
    """
    announced = _announced(response)
    if announced is None and at_most is not None:
        announced = max(at_most, _LONGEST_REFUSAL)
    pieces = iter(response.chunks(announced))
    try:
        if response.status_code == 200:
            form = response.headers.get("Content-Type", "")
            page = "html" in form and not pages
            if "Content-Disposition" in response.headers or not ("json" in form or page):
                return Answer(response, pieces)
            head = _head(pieces)
            if not page and not _is_refusal(head):
                return Answer(response, itertools.chain([head], pieces))
        else:
            head = _head(pieces)
        refuse(head, response.status_code)
        raise envelope.protocol_error(call, "the answer is not a file", path)
    except BaseException:
        response.close()
        raise


def save(wire: Wire, answer: Answer, call: str, path: str, sink: BinaryIO, watch: Watch) -> int:
    """Write the file in an answer to `sink`, and return its bytes; raises like `download`."""
    announced = _announced(answer.response)
    written, progress = 0, watch.in_bytes("downloading")
    try:
        for piece in answer.pieces:
            sink.write(piece)
            written += len(piece)
            progress(written, announced)
    finally:
        answer.response.close()
    if announced is not None and written != announced:
        problem = f"the box announced {announced} bytes and sent {written}"
        raise wire.http.error(Kind.MISMATCH, problem, call, path)
    return written


def _head(pieces: Iterable[bytes]) -> bytes:
    """The beginning of a body, and all of it when it is short."""
    head = b""
    for piece in pieces:
        head += piece
        if len(head) > _LONGEST_REFUSAL:
            break
    return head


def _is_refusal(head: bytes) -> bool:
    if len(head) > _LONGEST_REFUSAL:
        return False
    try:
        answer = json_text.parse(head.decode("utf-8", "surrogateescape"))
    except ValueError:
        return False
    return isinstance(answer, dict) and answer.get("success") is False and "error_code" in answer


def _announced(response: Response) -> Optional[int]:
    """How many bytes will come, None when they are packed or the box does not say."""
    length = response.headers.get("Content-Length", "")
    packed = response.headers.get("Content-Encoding", "identity") != "identity"
    return int(length) if length.isdecimal() and not packed else None
