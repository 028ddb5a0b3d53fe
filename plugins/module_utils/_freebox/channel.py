# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The WebSocket of an upload (guide of API v16, "WebSocket API"), with errors in our own words.

The library `websocket-client` speaks the protocol, on a connection that is made here: it would follow redirects and
proxies with the session's token, and take TLS settings from the environment.
"""

from __future__ import annotations

import contextlib
import json
import selectors
import socket
import traceback
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Dict, Mapping, Optional

from .._core.errors import CodeMeaning, Kind, NasError
from .._transport.session import Session
from . import codes, envelope
from .failures import freebox_error
from .session import AUTH_HEADER, may_see_files, token_of
from .wire import Wire

if TYPE_CHECKING:
    from .._transport.connections import BoundedSocket

try:
    import websocket
except ImportError:
    WEBSOCKET_IMPORT_ERROR: Optional[str] = traceback.format_exc()
else:
    WEBSOCKET_IMPORT_ERROR = None

CALL = "GET ws/upload"
_GOODBYE = 1  # seconds that the box has to close its side
_PASSED_ON = (
    "A proxy or web server in front of the box must pass on WebSockets, by which files are sent; or let host and port "
    "(ansible_host, nas_port) name the box itself"
)
_AT_ONCE = 1000  # messages that are read between two pieces of a file


def require_library() -> None:
    """Make sure that the library is there.

    :raises NasError: `USAGE`, saying how to install it.
    """
    if WEBSOCKET_IMPORT_ERROR is not None:
        raise freebox_error(
            Kind.USAGE,
            "uploads need the Python library websocket-client, which is missing",
            call=CALL,
            hint="Install it where the task runs: pip install websocket-client",
        )


class Channel:
    """A WebSocket to the box. Building it connects.

    :param path: the file that it is for, for errors.
    :raises NasError: `CONNECTION`, `TIMEOUT`, `CERTIFICATE`, `REDIRECT`, `SESSION_EXPIRED`, `PERMISSION_DENIED`, ...
        Errors of this step are marked as `unsent` where another try may help: nothing has begun yet.
    """

    def __init__(self, wire: Wire, session: Session, path: str) -> None:
        self._wire = wire
        self.path = path
        require_library()
        self._broken = False
        self._connection: Optional[BoundedSocket] = None
        self._socket = websocket.WebSocket(enable_multithread=False)
        try:
            self._shake_hands(session)
        except BaseException:
            self.drop()
            raise

    def send(self, message: Mapping[str, Any]) -> None:
        """Send a message of JSON.

        :raises NasError: what the box has said before it broke off, or else `CONNECTION`, `TIMEOUT`.
        """
        self._push(json.dumps(message, ensure_ascii=False).encode("utf-8"), websocket.ABNF.OPCODE_TEXT)

    def send_bytes(self, piece: bytes) -> None:
        """Send a piece of the file, as one message; raises like `send`."""
        self._push(piece, websocket.ABNF.OPCODE_BINARY)

    def drain(self) -> None:
        """Read what the box has said until now, without waiting; not all, where it never stops talking.

        :raises NasError: the failure that it reports.
        """
        for _message in range(_AT_ONCE):
            if not self._is_readable():
                return
            self.next_answer()
            self.receive()

    def next_answer(self) -> None:
        """From now on an answer is waited for: what is received until it is complete has a time and a size in all."""
        if self._connection is not None:
            self._connection.next_message()

    def receive(self) -> Optional[Dict[str, Any]]:
        """The next message, None for one that is of the protocol alone.

        :raises NasError: the failure that it reports; `CANCELLED`; `CONNECTION` when the box ends the conversation.
        """
        with self._own_words():
            opcode, data = self._socket.recv_data(control_frame=True)
        if opcode == websocket.ABNF.OPCODE_CLOSE:
            self._broken = True
            raise self._error(Kind.CONNECTION, "the box ended the upload")
        if opcode not in (websocket.ABNF.OPCODE_TEXT, websocket.ABNF.OPCODE_BINARY):
            return None
        message = envelope.parse(data if isinstance(data, bytes) else data.encode("utf-8"), CALL, self.path)
        result = envelope.result(message, codes.UPLOAD, CALL, self.path)
        if isinstance(result, dict) and result.get("cancelled") is True and message.get("action") != "upload_cancel":
            raise self._error(Kind.CANCELLED, "somebody cancelled the upload")
        return message

    def usable(self, timeout: float) -> bool:
        """Whether the box may still be spoken to; from now on it has `timeout` seconds to answer."""
        if not self._broken:
            self._socket.settimeout(timeout)
        return not self._broken

    def close(self) -> None:
        """End the conversation politely."""
        with contextlib.suppress(websocket.WebSocketException, OSError):
            self._socket.close(timeout=_GOODBYE)

    def drop(self) -> None:
        """End the connection."""
        self._broken = True
        with contextlib.suppress(websocket.WebSocketException, OSError):
            self._socket.shutdown()

    def _push(self, payload: bytes, opcode: int) -> None:
        try:
            with self._own_words():
                self._socket.send(payload, opcode)
        except NasError as error:
            if error.kind is Kind.CONNECTION:
                self._last_words()
            raise

    def _shake_hands(self, session: Session) -> None:
        url = self._wire.socket_url(session, CALL)
        headers = {"User-Agent": self._wire.connection.agent, AUTH_HEADER: token_of(session)}
        connected = self._connection = self._wire.open_socket(CALL, self.path)
        try:
            self._socket.connect(
                url,
                socket=connected,
                header=headers,
                suppress_origin=True,
                redirect_limit=0,
                timeout=self._wire.connection.timeout,
            )
        except websocket.WebSocketBadStatusException as error:
            raise self._refusal(session, error.status_code, getattr(error, "resp_body", None) or b"") from None
        except (websocket.WebSocketTimeoutException, socket.timeout):
            raise self._error(Kind.TIMEOUT, "no answer in time", unsent=True) from None
        except (websocket.WebSocketConnectionClosedException, OSError):
            raise self._error(Kind.CONNECTION, "the connection broke off", unsent=True) from None
        except (websocket.WebSocketException, ValueError, IndexError):
            self._refuse_redirect()
            raise self._error(Kind.PROTOCOL, "the answer is no WebSocket", hint=_PASSED_ON) from None
        except BaseException:
            connected.close()
            raise
        self._refuse_redirect()

    def _refuse_redirect(self) -> None:
        status = self._socket.getstatus()
        if status is not None and 300 <= status < 400:
            hint = "Redirects are not followed, because the request holds the session's token"
            raise self._error(Kind.REDIRECT, "the box answered with a redirect", code=f"HTTP {status}", hint=hint)

    def _refusal(self, session: Session, status: int, body: bytes) -> NasError:
        """The error in the answer to a handshake; its body does not always arrive."""
        code = f"HTTP {status}"
        if status in (502, 503, 504):
            return self._error(Kind.BUSY, "the device is not able to answer now", code=code, unsent=True)
        try:
            self._wire.open_envelope(session, body, status, CALL, path=self.path)
        except NasError as error:
            if error.kind is not Kind.PROTOCOL:
                error.unsent = error.kind is Kind.BUSY
                return error
        if status in (401, 403):
            if may_see_files(session):
                known = CodeMeaning(Kind.SESSION_EXPIRED, "the box does not know the session")
            else:
                known = codes.CALL["insufficient_rights"]
            return envelope.failed(known, CALL, self.path, code)
        if status == 404:
            return self._error(Kind.UNSUPPORTED, "this box takes no uploads here", code=code)
        return self._error(Kind.PROTOCOL, "the answer is no WebSocket", code=code, hint=_PASSED_ON)

    def _is_readable(self) -> bool:
        connection = self._socket.sock
        if connection is None:
            return False
        pending = getattr(connection, "pending", None)  # what TLS has decrypted already
        if pending is not None and pending():
            return True
        with selectors.DefaultSelector() as selector:
            selector.register(connection, selectors.EVENT_READ)
            return bool(selector.select(0))

    def _last_words(self) -> None:
        """Raise the failure that the box has reported before it broke off, if it is still to be read."""
        try:
            self.drain()
        except NasError as error:
            if error.kind is not Kind.CONNECTION:
                raise

    @contextlib.contextmanager
    def _own_words(self) -> Iterator[None]:
        """Turns the library's errors into ours, and remembers that there is nobody to talk to any more."""
        try:
            yield
        except NasError:
            self._broken = True
            raise
        except (websocket.WebSocketTimeoutException, socket.timeout):
            self._broken = True
            raise self._error(Kind.TIMEOUT, "no answer in time", hint="Raise timeout (nas_timeout)") from None
        except (websocket.WebSocketConnectionClosedException, OSError):
            self._broken = True
            raise self._error(Kind.CONNECTION, "the connection broke off during the upload") from None
        except (websocket.WebSocketException, ValueError):
            self._broken = True
            raise self._error(Kind.PROTOCOL, "the box does not keep to the WebSocket protocol") from None

    def _error(self, kind: Kind, message: str, *, code: str = "", hint: str = "", unsent: bool = False) -> NasError:
        return freebox_error(kind, message, call=CALL, path=self.path, code=code, hint=hint, unsent=unsent)
