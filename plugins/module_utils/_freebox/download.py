# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Downloads from a Freebox ("Download a file" in the guide of the file system, API v4)."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, BinaryIO, NamedTuple, Optional

from ansible_collections.nasops.nas.plugins.module_utils._errors import Kind
from ansible_collections.nasops.nas.plugins.module_utils._freebox import encoding, envelope
from ansible_collections.nasops.nas.plugins.module_utils._freebox.wire import Wire
from ansible_collections.nasops.nas.plugins.module_utils._session import Session
from ansible_collections.nasops.nas.plugins.module_utils._watch import Watch

if TYPE_CHECKING:
    import requests

_CALL = "GET dl/{path}"
_LONGEST_REFUSAL = 64 * 1024  # bytes


class _Answer(NamedTuple):
    response: requests.Response
    pieces: Iterable[bytes]


def download(wire: Wire, path: str, sink: BinaryIO, watch: Watch) -> int:
    """Write a file's bytes to `sink`, and return how many there were.

    :param watch: gets (bytes written, size; None when the box does not announce it).
    :raises NasError: `NOT_FOUND`; `MISMATCH` when the box announced another number of bytes; `CONNECTION` when it broke
        off, in which case `sink` holds a part of the file.
    """
    answer = wire.sessions.run(
        lambda session: wire.http.repeat(lambda: _open(wire, session, path), changes_nothing=True)
    )
    announced = _announced(answer.response)
    written = 0
    try:
        for piece in answer.pieces:
            sink.write(piece)
            written += len(piece)
            watch.progress(written, announced)
    finally:
        answer.response.close()
    if announced is not None and written != announced:
        problem = f"the box announced {announced} bytes and sent {written}"
        raise wire.http.error(Kind.MISMATCH, problem, _CALL, path)
    return written


def _open(wire: Wire, session: Session, path: str) -> _Answer:
    """The answer to one request, which is the file for sure.

    A refusal is JSON, perhaps with status 200; so is many a file, but a file is sent as an attachment.
    """
    response = wire.send(session, _CALL, encoding.encode(path), path=path, stream=True)
    pieces = iter(wire.http.chunks(response, call=_CALL, path=path))
    try:
        if response.status_code == 200:
            if "Content-Disposition" in response.headers or "json" not in response.headers.get("Content-Type", ""):
                return _Answer(response, pieces)
            head = _head(pieces)
            if not _is_refusal(head):
                return _Answer(response, itertools.chain([head], pieces))
        else:
            head = _head(pieces)
        wire.open_envelope(session, head, response.status_code, _CALL, path=path)
        raise envelope.garbage(_CALL, "the answer is not a file", path)
    except BaseException:
        response.close()
        raise


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
        answer = json.loads(head)
    except (ValueError, RecursionError):
        return False
    return isinstance(answer, dict) and answer.get("success") is False and "error_code" in answer


def _announced(response: requests.Response) -> Optional[int]:
    """How many bytes will come, None when they are packed or the box does not say."""
    length = response.headers.get("Content-Length", "")
    packed = response.headers.get("Content-Encoding", "identity") != "identity"
    return int(length) if length.isdecimal() and not packed else None
