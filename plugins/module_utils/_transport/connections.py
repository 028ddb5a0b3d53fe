# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a connection of ours adds to one of urllib3: bounds for what comes, and errors made where they happen.

The libraries do not bound how long a whole answer takes and how large it is, and their errors do not tell whether a
request was sent. So an answer is read through an `Exchange`, and a `DeviceConnection` has a `Http` to turn whatever
goes wrong into a `NasError`, which the libraries let pass as it is.
"""

from __future__ import annotations

import functools
import io
import logging
import re
import select
import socket
import ssl
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from http.client import HTTPException, HTTPResponse
from typing import Any, Optional, Protocol

from .._core.errors import Kind, NasError
from . import tls as _tls
from .way import MAX_REPLY, SLICE, WHOLE_ANSWER

try:
    import requests
    import urllib3
except ImportError:
    REQUESTS_IMPORT_ERROR: Optional[str] = traceback.format_exc()
    LIBRARY_ERRORS: tuple[type[Exception], ...] = ()
    LIBRARY_TIMEOUTS: tuple[type[Exception], ...] = ()
else:
    REQUESTS_IMPORT_ERROR = None
    LIBRARY_ERRORS = (requests.RequestException, urllib3.exceptions.HTTPError)
    LIBRARY_TIMEOUTS = (requests.Timeout, urllib3.exceptions.TimeoutError)

WIRE_ERRORS: tuple[type[Exception], ...] = (OSError, HTTPException, *LIBRARY_ERRORS)
"""What can come out of the libraries when something is wrong on the wire."""

TIMED_OUT = (TimeoutError, socket.timeout)
"""How a socket says that time ran out: by the second on Python 3.9, where that is no `TimeoutError`."""

CONNECT_ERRORS: tuple[type[Exception], ...] = (ValueError, *WIRE_ERRORS)
"""The same while a connection is made: no host may have such a name."""

MAX_HEAD = 256 * 1024  # bytes of an answer before its body
LEAST_PROGRESS = 1024  # bytes of a download in the time to wait for a piece

_INTERIM = (102, 103)  # of HTTP; the answer comes after them
_ENDLESS = float("inf")
_IDLE = 60.0  # seconds after which what lies between may have forgotten a connection
_IDLE_TO_WRITE = 4.0  # seconds after which a device may be hanging up; servers wait for 5 or more by default
_KEEP_ALIVE = re.compile(r"timeout=(\d{1,5})")
_LEAST_SILENCE = 0.025  # seconds before a login on a used connection; a round trip where that takes longer
_LONGEST_SILENCE = 0.5  # seconds after which a new connection is better


class UsedConnectionError(Exception):
    """A connection that has served a request is no good for a login, of which no byte that matters has left."""


class NonsenseError(HTTPException):
    """What came is no HTTP."""


class Owner(Protocol):
    """What a connection needs of the `Http` that it is of."""

    @property
    def exchange(self) -> Exchange:
        """The latest one of this thread."""

    @property
    def fingerprint(self) -> Optional[str]:
        """Of the only certificate that is accepted."""

    def unconnected(self, error: BaseException) -> NasError:
        """The error for a connection that could not be made."""

    def tls_failure(self, problem: _tls.Problem) -> NasError:
        """The error for a TLS connection that could not be made."""

    def broken(self, error: Optional[BaseException], exchange: Optional[Exchange] = None) -> NasError:
        """The error for an answer that did not come, or not to its end."""


class Exchange:
    """One request and its answer on the wire: what is sent, what bounds the answer, and how far it is.

    :param fail: makes an error of this call.
    :param target: what stands in the request line, as it is.
    :param timeout: seconds to wait for each piece of the answer.
    """

    def __init__(self, fail: Callable[..., NasError], target: str, timeout: float) -> None:
        self.fail = fail
        self.target = target
        self.timeout = timeout
        self.connecting = False  # whether a proxy is asked for the connection, and its answer comes
        self.sent = False  # whether any byte of the request may have left
        self.cut = False  # whether the device stopped reading before the end
        self.head_waits = False  # whether the head of the request is sent with its body, at once
        self.head = b""  # which waits
        self.on_new_connection = False  # whether a connection that has served a request must not be used
        self.logs_in = False  # whether a device that hangs up must not have read it
        self.writes = False  # whether a device that hangs up as it comes must not be risked
        self.connect_timeout = timeout
        self._has_head = False
        self._paced = False
        self.begin_answer()

    def begin_answer(self) -> None:
        """From now on an answer is waited for: to connect, and to send the request, has taken time of its own."""
        self._bytes_left: float = MAX_HEAD
        self._limit = MAX_HEAD
        self._deadline = time.monotonic() + WHOLE_ANSWER * self.timeout

    def read_whole(self) -> None:
        """The head is there; the body is read whole."""
        self._bytes_left = self._limit = MAX_REPLY
        self._has_head = True

    def stream(self) -> None:
        """The head is there; the body may be of any size, and take any time while it gets on."""
        self._bytes_left = _ENDLESS
        self._paced = True
        self._start_pace()

    def next_message(self) -> None:
        """What is read from now on is one message of another protocol, bounded as a head is."""
        self._has_head = True
        self.begin_answer()

    def seconds_left(self) -> float:
        """How long the next piece may take.

        :raises NasError: `TIMEOUT` when the answer as a whole has taken too long.
        """
        left = self._deadline - time.monotonic()
        if self._paced:
            if left <= 0:
                if self._pace < LEAST_PROGRESS:
                    raise self.slow()
                self._start_pace()
            return self.timeout
        if left <= 0:
            raise self.slow()
        return min(self.timeout, left)

    def count(self, received: int) -> None:
        """Note how many bytes came.

        :raises NasError: `PROTOCOL` when that is more than an answer may have.
        """
        self._bytes_left -= received
        if self._paced:
            self._pace += received
        elif self._bytes_left < 0:
            what = "answer" if self._has_head else "headers"
            raise self.fail(
                Kind.PROTOCOL, f"the {what} of the device would be larger than {self._limit >> 10} KiB; it was not read"
            )

    def slow(self) -> Exception:
        """The error for an answer that comes too slowly. To ask again would not help."""
        if self.connecting:
            return TimeoutError()
        error = self.fail(
            Kind.TIMEOUT, "the device's answer comes too slowly to reach its end", hint="Raise timeout (nas_timeout)"
        )
        error.final = True
        return error

    def _start_pace(self) -> None:
        self._pace = 0
        self._deadline = time.monotonic() + self.timeout


class _Input(io.RawIOBase):
    """What comes from a socket, within the bounds of an exchange."""

    def __init__(self, raw: Any, sock: socket.socket, exchange: Exchange, broken: Callable[..., NasError]) -> None:
        super().__init__()
        self._raw = raw
        self._sock = sock
        self._exchange = exchange
        self._broken = broken
        self._ended = False

    def readable(self) -> bool:
        return True

    def end(self) -> None:
        """Give nothing more, so that what was read ahead can be counted."""
        self._ended = True

    def readinto(self, buffer: Any) -> Optional[int]:
        if self._ended:
            return 0
        left = self._exchange.seconds_left()
        try:
            self._sock.settimeout(left)
            received: int = self._raw.readinto(buffer)
        except OSError as error:
            if isinstance(error, TIMED_OUT) and left < self._exchange.timeout:
                raise self._exchange.slow() from None
            raise (error if self._exchange.connecting else self._broken(error)) from None
        self._exchange.count(received)
        return received

    def close(self) -> None:
        if not self.closed:
            self._raw.close()
        super().close()


class BoundedSocket:
    """A connected socket for another protocol, read within the bounds of an exchange; else it is the socket itself.

    :param sock: the socket.
    :param exchange: says how long each message may take and how large it may be.
    """

    def __init__(self, sock: Any, exchange: Exchange) -> None:
        self._sock = sock
        self._exchange = exchange
        exchange.begin_answer()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)

    def next_message(self) -> None:
        """From now on another message is read."""
        self._exchange.next_message()

    def settimeout(self, seconds: float) -> None:
        """Wait so long for each piece, and a few times so long for all of a message."""
        self._exchange.timeout = seconds
        self._sock.settimeout(seconds)

    def recv(self, size: int) -> bytes:
        """Some bytes.

        :raises NasError: `TIMEOUT` when the message takes too long, `PROTOCOL` when it is too large.
        """
        left = self._exchange.seconds_left()
        try:
            self._sock.settimeout(left)
            piece: bytes = self._sock.recv(size)
        except TIMED_OUT:
            if left < self._exchange.timeout:
                raise self._exchange.slow() from None
            raise
        finally:
            self._sock.settimeout(self._exchange.timeout)
        self._exchange.count(len(piece))
        return piece


class Answer(HTTPResponse):
    """An answer that is read through `_Input`. A connection on which more comes serves no other request."""

    def __init__(self, sock: Any, *args: Any, http: Owner, connection: DeviceConnection, **more: Any) -> None:
        super().__init__(sock, *args, **more)
        broken = functools.partial(http.broken, exchange=http.exchange)
        http.exchange.begin_answer()
        self._connection = connection
        self._input = _Input(self.fp.detach(), sock, http.exchange, broken)
        self.fp = io.BufferedReader(self._input, SLICE)

    def _close_conn(self) -> None:
        self._input.end()
        if self.fp.peek(1):
            self._connection.soiled = True
        super()._close_conn()  # type: ignore[misc]

    def _read_next_chunk_size(self) -> int:
        """The size of a chunk. One below zero would have http.client read all that comes, into memory, or fail."""
        if not self.fp.peek(1):
            return super()._read_next_chunk_size()  # type: ignore[misc,no-any-return]
        try:
            size: int = super()._read_next_chunk_size()  # type: ignore[misc]
        except ValueError:
            size = -1
        if size < 0:
            raise NonsenseError
        return size

    def _read_status(self) -> Any:
        """The status line, after those of interim answers, of which http.client knows `100 Continue` alone."""
        status = super()._read_status()  # type: ignore[misc]
        while status[1] in _INTERIM:
            while self.fp.readline(SLICE).strip():
                pass
            status = super()._read_status()  # type: ignore[misc]
        return status


class DeviceConnection:
    """What our connections add to those of urllib3, whichever of its classes they are.

    Errors are made here, where it is known what has been sent; urllib3 and requests let them pass as they are.
    """

    debuglevel = 0  # whatever somebody sets for all of http.client, whose debug output has the headers
    http: Owner
    host: str
    sock: Any
    _connecting = False
    soiled = False  # whether more came than what was asked for
    _answered = False  # whether the connection has served a request
    _answered_at = 0.0  # when it began to serve the latest
    _sent_at = 0.0
    _round_trip = _ENDLESS  # seconds that one takes at most
    _kept_for = _ENDLESS  # seconds for which the device says that it keeps it

    def connect(self) -> None:
        """Connect, through proxy and TLS as the options say, or raise an error of a request that was not sent."""
        http = self.http
        began = time.monotonic()
        self._connecting = http.exchange.connecting = True
        context = getattr(self, "ssl_context", None)
        if isinstance(context, _tls.Context):
            context.expected = getattr(self, "_tunnel_host", None) or self.host
        try:
            super().connect()  # type: ignore[misc]
            fingerprint = http.fingerprint
            if fingerprint:
                found = _tls.check_fingerprint(self.sock.getpeercert(binary_form=True), fingerprint)
                if found is not None:
                    raise http.tls_failure(found)
        except NasError:
            self.close()
            raise
        except CONNECT_ERRORS as error:
            self.close()
            raise http.unconnected(error) from None
        finally:
            self._connecting = http.exchange.connecting = False
        self._round_trip = time.monotonic() - began
        self.is_verified = True  # as far as the user wants it; urllib3 would warn at each request

    def _connect_tls_proxy(self, hostname: str, sock: Any) -> Any:
        """TLS to an https proxy by its own settings. Before version 2.8 urllib3 mixes in those for the device."""
        config: Any = self.proxy_config  # type: ignore[attr-defined]
        return config.ssl_context.wrap_socket(sock, server_hostname=hostname.strip("[]").rstrip("."))

    def close(self) -> None:
        """Close."""
        self._answered = self.soiled = False
        super().close()  # type: ignore[misc]

    def close_unusable(self, exchange: Exchange) -> None:
        """Close a connection that cannot serve another request, so that the next one makes a new one.

        Bytes that nobody has asked for would be taken for the answer to it. A device hangs up on a connection that is
        idle; of a request that meets this nobody knows whether it was read, so one that writes does not risk it.

        Nor does a login. It is not repeated, and a session whose answer is lost would stay. Without TLS it has a new
        connection (`Direct.send`). With TLS, where that takes a handshake, its head goes first. Its body, without which
        nobody is logged in, goes when the device has been silent for a round trip more: a hang-up, or a second copy of
        its last answer, would have come by then, and a device that has the head waits for the rest.
        """
        if self.sock is None or not self._answered:
            return
        idle = time.monotonic() - self._answered_at
        too_old = idle > (min(_IDLE_TO_WRITE, self._kept_for - 1) if exchange.writes or exchange.logs_in else _IDLE)
        unsure = exchange.logs_in and (not exchange.head_waits or self._round_trip > _LONGEST_SILENCE)
        unfit = exchange.on_new_connection or unsure or too_old or self.soiled
        if unfit or _pending(self.sock) or _readable_now(self.sock):
            self.close()

    def putrequest(self, method: str, url: str, *args: Any, **more: Any) -> None:
        """Begin a request, with the target as it was given: libraries change escapes, dots and case."""
        super().putrequest(method, self.http.exchange.target, *args, **more)  # type: ignore[misc]

    def send(self, data: Any) -> None:
        """Send, in pieces that have the whole time to wait each. A device that stops reading may have answered."""
        if self._connecting or not isinstance(data, (bytes, bytearray, memoryview)):
            super().send(data)  # type: ignore[misc]
            return
        exchange = self.http.exchange
        if exchange.head_waits:
            # A device reads once, and we write once, what is small.
            exchange.head_waits, exchange.head = False, bytes(data)
            return
        if self.sock is None:
            self.connect()
        if exchange.logs_in and self._answered:
            self._send_head_first(exchange)
        exchange.sent = True
        self._sent_at = time.monotonic()
        rest = memoryview(exchange.head + data if exchange.head else data)
        exchange.head = b""
        try:
            is_plain = isinstance(self.sock, socket.socket) and not isinstance(self.sock, ssl.SSLSocket)
            while rest:
                if is_plain and len(rest) > SLICE:
                    rest = rest[self.sock.send(rest) :]  # as much as there is room for
                else:
                    self.sock.sendall(rest[:SLICE])
                    rest = rest[SLICE:]
        except TIMED_OUT as error:
            if not _readable_now(self.sock):
                raise self.http.broken(error) from None
            exchange.cut = True
            raise BrokenPipeError from None
        except OSError:
            # A device that refuses an upload may say so, and leave, before it has read all of it.
            exchange.cut = True
            raise BrokenPipeError from None

    def _send_head_first(self, exchange: Exchange) -> None:
        """See `close_unusable`.

        :raises UsedConnectionError: when the device does anything but wait for the rest.
        """
        try:
            self.sock.sendall(exchange.head)
            if _readable_now(self.sock, max(self._round_trip, _LEAST_SILENCE)):
                raise UsedConnectionError
        except OSError:
            raise UsedConnectionError from None
        exchange.head = b""

    def getresponse(self, *args: Any, **more: Any) -> Any:
        """The answer, its body unread."""
        try:
            answer = super().getresponse(*args, **more)  # type: ignore[misc]
        except (OSError, HTTPException) as error:
            raise self.http.broken(error) from None
        self._answered = True
        self._answered_at = time.monotonic()
        self._round_trip = min(self._round_trip, self._answered_at - self._sent_at)
        match = _KEEP_ALIVE.search(answer.headers.get("Keep-Alive", ""))
        self._kept_for = float(match.group(1)) if match else _ENDLESS
        if self.http.exchange.cut and self.sock is not None:  # it is None where the device says that it closes
            # Nobody knows what it makes of the rest. Not `close`, which would end the answer too.
            sock, self.sock = self.sock, None
            sock.close()
        return answer


def _pending(sock: Any) -> bool:
    """Whether TLS has decrypted more than was read."""
    return bool(sock.pending()) if isinstance(sock, ssl.SSLSocket) else False


def _readable_now(sock: Any, wait: float = 0.0) -> bool:
    """Whether bytes, an end or an error have come, or come in so many seconds."""
    waiting = select.poll()
    waiting.register(sock, select.POLLIN)
    return bool(waiting.poll(1000 * wait))


@functools.cache
def connection_class(base: type) -> type:
    return type("DeviceConnection", (DeviceConnection, base), {})


class Silence(logging.Filter):
    """Keeps urllib3's log lines about our requests from every handler, at every level."""

    def __init__(self) -> None:
        super().__init__()
        self.ours = threading.local()

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether somebody else's request is meant."""
        return not getattr(self.ours, "depth", 0)

    def __enter__(self) -> None:
        self.ours.depth = getattr(self.ours, "depth", 0) + 1

    def __exit__(self, *_error: object) -> None:
        self.ours.depth -= 1


silence = Silence()
for _name in ("connection", "connectionpool", "poolmanager", "response", "util.retry", "util.ssl_match_hostname"):
    logging.getLogger(f"urllib3.{_name}").addFilter(silence)


def causes(error: BaseException) -> Iterator[BaseException]:
    """An error and what it came from, first to last."""
    seen: Optional[BaseException] = error
    for _step in range(16):
        if seen is None:
            return
        yield seen
        reason = getattr(seen, "reason", None)
        inner = [item for item in seen.args if isinstance(item, BaseException)]
        seen = (
            reason if isinstance(reason, BaseException) else inner[0] if inner else seen.__cause__ or seen.__context__
        )


def is_timeout(error: BaseException) -> bool:
    """Whether it says that time ran out."""
    if REQUESTS_IMPORT_ERROR is None and isinstance(error, urllib3.exceptions.NewConnectionError):
        return False  # which is one of urllib3's time-outs, whatever has happened
    return isinstance(error, (*TIMED_OUT, *LIBRARY_TIMEOUTS))
