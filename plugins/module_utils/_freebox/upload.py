# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Uploads to a Freebox (guide of API v16, "Upload": the only way since API v4 is a WebSocket).

The file is announced with its size, sent in binary messages of 512 KiB, and ended with a message that the box answers
with the length it has. The box acknowledges each piece; the acknowledgements are read as they come, without waiting
for one before the next piece is sent.
"""

from __future__ import annotations

import contextlib
from typing import Any, Dict, Optional, Tuple

from .._api.lost_answers import is_lost
from .._core import paths as _paths
from .._core.errors import Kind, NasError
from .._core.sources import CountingReader, Source
from .._core.waiting import Watch
from .._transport.session import Session
from .._transport.way import CHUNK
from . import encoding, envelope
from .channel import CALL, Channel
from .failures import freebox_error
from .wire import Wire

_CHATTER = 1000  # messages beside one for each piece that a box may send before the one that is waited for
_ACKNOWLEDGED = "upload_data"
_PATIENCE = 5.0  # seconds that the box has to answer when an upload is given up
_OVER = (Kind.CANCELLED, Kind.SESSION_EXPIRED)  # the box takes no more messages after these


class UploadSocket:
    """A WebSocket that one upload leaves to the next one ("Upload": many files over one socket)."""

    def __init__(self) -> None:
        self._kept: Optional[Tuple[Channel, Session]] = None

    def take(self, session: Session, path: str) -> Optional[Channel]:
        """The socket that was kept, for another file; None when there is none of this session."""
        kept, self._kept = self._kept, None
        if kept is None:
            return None
        channel, its_session = kept
        if its_session is not session and its_session != session:
            channel.close()
            return None
        channel.path = path
        return channel

    def keep(self, channel: Channel, session: Session) -> None:
        """Keep a socket for the next file."""
        self._kept = (channel, session)

    def close(self) -> None:
        """End the conversation."""
        kept, self._kept = self._kept, None
        if kept is not None:
            kept[0].close()


class Upload:
    """One file on its way to the box.

    :param source: what is sent.
    :param path: the new file; nothing is there yet.
    :param watch: gets (bytes handed to the connection, size).
    :param socket: keeps the socket for the next file; None for a file that is sent alone.
    """

    def __init__(
        self, wire: Wire, source: Source, path: str, watch: Watch, socket: Optional[UploadSocket] = None
    ) -> None:
        self._wire = wire
        self._socket = socket
        self._source = source
        self._path = path
        self._watch = watch
        self._begun = self._answered = False
        self._start = {
            "action": "upload_start",
            "request_id": 1,
            "size": source.size,
            "dirname": encoding.encode(_paths.parent(path)),
            "filename": encoding.clear_name(path, CALL),
        }

    def run(self) -> None:
        """Send it all. Repeated from the first byte only when the session had expired, or nothing was sent yet.

        :raises NasError: `EXISTS`, `NOT_FOUND`, `NO_SPACE`, `MISMATCH`, `CANCELLED`, `CONNECTION`, ... A part of the
            file may stay on the box then.
        """
        self._wire.sessions.run(
            lambda session: self._wire.http.repeat(lambda: self._attempt(session), idempotent=False)
        )

    def _attempt(self, session: Session) -> None:
        kept = self._socket.take(session, self._path) if self._socket is not None else None
        if kept is not None:
            try:
                self._send(kept, session)
            except NasError as error:
                # A box may end a socket that had waited. What it made of the file until then is ours.
                if error.kind is not Kind.CONNECTION or self._answered:
                    raise
                self._begun = True
            else:
                return
        self._send(Channel(self._wire, session, self._path), session)

    def _send(self, channel: Channel, session: Session) -> None:
        begun = ended = False
        try:
            # A part that an earlier attempt has left is ours; anything else that is there makes the box refuse.
            channel.send({**self._start, "force": "overwrite"} if self._begun else self._start)
            self._answer_to("upload_start", channel)
            self._begun = self._answered = begun = True
            self._send_pieces(channel)
            channel.send({"action": "upload_finalize", "request_id": 2})
            ended = True
            self._verify(self._answer_to("upload_finalize", channel))
        except BaseException as error:
            over = isinstance(error, NasError) and (error.kind in _OVER or (ended and is_lost(error)))
            if begun and not over:  # else the box has ended it, or it is whole and only the answer is lost
                self._give_up(channel)
            channel.drop()
            raise
        if self._socket is None:
            channel.close()
        else:
            self._socket.keep(channel, session)

    def _send_pieces(self, channel: Channel) -> None:
        with self._source.open() as stream:
            reader = CountingReader(stream, self._source.size, self._watch.in_bytes("uploading"))
            while piece := reader.read(CHUNK):
                channel.send_bytes(piece)
                channel.drain()

    def _answer_to(self, action: str, channel: Channel) -> Any:
        """The `result` of the box's answer to an action; acknowledgements before it are passed over.

        :raises NasError: whatever the box says instead; `PROTOCOL` when it says everything but that.
        """
        channel.next_answer()
        for _message in range(self._source.size // CHUNK + _CHATTER):
            message = channel.receive()
            if message is not None and message.get("action") == action:
                return message.get("result")
            if message is not None and message.get("action") == _ACKNOWLEDGED:
                channel.next_answer()  # the box gets on
        raise envelope.protocol_error(CALL, f"the box does not answer to {action}", self._path)

    def _verify(self, result: Any) -> None:
        length = envelope.member(result, "total_len", int, CALL, self._path)
        complete = envelope.member(result, "complete", bool, CALL, self._path)
        if not complete or length != self._source.size:
            problem = f"the box has {length} of {self._source.size} bytes"
            raise freebox_error(Kind.MISMATCH, problem, call=CALL, path=self._path)

    def _give_up(self, channel: Channel) -> None:
        """Make the box remove the part that it has. A failure to do so must not hide why."""
        cancel: Dict[str, Any] = {"action": "upload_cancel", "request_id": 3}
        with contextlib.suppress(NasError):
            if channel.usable(_PATIENCE):
                channel.send(cancel)
                self._answer_to("upload_cancel", channel)
