# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The worker's side of the broker: requests that go through it, and what it is to know of sessions.

A broker can be gone at any time. What has certainly not been sent then goes directly; of what may have been, the error
is the one for a connection that broke off.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, Optional

from .._core.errors import Kind, NasError
from . import frames
from .way import SLICE, WHOLE_ANSWER, Connection, Headers, Request, Response, Way, more_than

LOGOUT_TIME = 5.0  # seconds for all logouts of a run, which are made side by side
LINGER = 2.0  # seconds for the answer to a call that changes something, when the task is interrupted meanwhile
SPARE_TIME = 120.0  # seconds more than a device may take for its answer: names and several addresses take time too
HINT = "Run the task again; it goes to the device directly where there is no such process"

Reply = tuple[dict[str, Any], bytes]


class BrokerLostError(Exception):
    """The broker is gone.

    :ivar sent: whether it may have carried out what it was asked for.
    """

    def __init__(self, sent: bool) -> None:
        super().__init__("the process that keeps the connections of this run has ended")
        self.sent = sent


class Channel:
    """One connection to the broker, for one question at a time."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock

    def ask(self, message: dict[str, Any], content: bytes = b"", seconds: float = 0.0, linger: float = 0.0) -> Reply:
        """What the broker answers.

        :param seconds: how long it may be silent; 0 for ever. It is heard of while others have their turn.
        :param linger: how many seconds more to wait for the answer when the task is interrupted. The broker goes on
            with what it was asked for, and who clears up must find what comes of it.
        :raises BrokerLostError: when it is gone, or silent for longer.
        """
        self.say(message, content, seconds)
        try:
            return self.hear(seconds)
        except BrokerLostError:
            raise
        except BaseException:
            if linger:
                with contextlib.suppress(BrokerLostError):
                    self.hear(linger)
            raise

    def say(self, message: dict[str, Any], content: bytes = b"", seconds: float = 0.0) -> None:
        """Send a question. Whoever sends one calls `hear` before anybody sends the next."""
        self._sock.settimeout(seconds or None)
        try:
            frames.send(self._sock, message, content)
        except OSError:
            raise BrokerLostError(sent=False) from None

    def hear(self, seconds: float = 0.0) -> Reply:
        """The answer."""
        try:
            while True:
                reply = frames.receive(self._sock, time.monotonic() + seconds if seconds else None)
                if reply is None:
                    raise BrokerLostError(sent=True)
                if "waits" not in reply[0]:
                    return reply
        except (frames.BrokenFrameError, OSError):
            raise BrokerLostError(sent=True) from None

    def close(self) -> None:
        """Leave; whatever was promised to this channel goes to another."""
        self._sock.close()


class Broker:
    """The broker as a worker sees it.

    :param connect: makes a connection to it, or raises `OSError`.
    :param lost: is called, once, when it is gone.
    :param connected: a connection to begin with.
    """

    def __init__(
        self, connect: Callable[[], socket.socket], lost: Callable[[], None], connected: Optional[socket.socket] = None
    ) -> None:
        self._connect = connect
        self._lost = lost
        self._idle = [] if connected is None else [Channel(connected)]
        self._lock = threading.Lock()
        self.is_lost = False

    @contextlib.contextmanager
    def channel(self) -> Iterator[Channel]:
        """A channel that nobody else uses. What is interrupted leaves none behind: an answer may be on its way.

        :raises BrokerLostError: where there is no broker.
        """
        with self._lock:
            channel = self._idle.pop() if self._idle else None
        try:
            if channel is None:
                try:
                    channel = Channel(self._connect())
                except OSError:
                    raise BrokerLostError(sent=False) from None
            yield channel
        except BrokerLostError:
            self._mourn()
            if channel is not None:
                channel.close()
            raise
        except NasError:  # of a login; nothing is left unsaid
            if channel is not None:
                self._idle.append(channel)
            raise
        except BaseException:
            if channel is not None:
                channel.close()
            raise
        else:
            self._idle.append(channel)

    def ask(self, message: dict[str, Any], content: bytes = b"", seconds: float = 0.0, linger: float = 0.0) -> Reply:
        """The same as `Channel.ask`, by whichever channel."""
        with self.channel() as channel:
            return channel.ask(message, content, seconds, linger)

    def ask_ahead(self, message: dict[str, Any]) -> Callable[[], Reply]:
        """The same, for an answer that is wanted later: the broker is at it while the task prepares something else.

        :returns: what waits for the answer; to be called once.
        """
        with contextlib.ExitStack() as stack:
            channel = stack.enter_context(self.channel())
            channel.say(message)
            taken = stack.pop_all()

        def answer() -> Reply:
            with taken:
                return channel.hear()

        return answer

    def way(self, connection: Connection, extra_ca: str) -> Way:
        """The kept way to a device."""
        return Kept(self, connection, extra_ca)

    def _mourn(self) -> None:
        with self._lock:
            first, self.is_lost = not self.is_lost, True
        if first:
            self._lost()


class Kept(Way):
    """The way to a device through the broker."""

    def __init__(self, broker: Broker, connection: Connection, extra_ca: str) -> None:
        self._broker = broker
        self._vendor = connection.vendor
        self._device = {"connection": dict(vars(connection)), "extra_ca": extra_ca}

    @property
    def usable(self) -> bool:
        return not self._broker.is_lost

    def send(self, request: Request) -> Response:
        message = {"do": "request", **self._device, **request_to_data(request)}
        body = request.body or b""
        pieces = WHOLE_ANSWER + len(body) // SLICE
        seconds = request.connect_timeout + pieces * request.timeout + SPARE_TIME
        try:
            reply, content = self._broker.ask(message, body, seconds, LINGER if request.writes else 0.0)
        except BrokerLostError as lost:
            if not lost.sent or request.idempotent:
                raise
            request.sent = True
            raise NasError(
                Kind.CONNECTION,
                "the process that keeps the connections of this run ended before the device's answer was here",
                vendor=self._vendor,
                call=request.call,
                path=request.path,
                hint=HINT,
            ) from None
        request.sent = bool(reply.get("sent"))
        if "error" in reply:
            raise frames.error_from_data(reply["error"]) from None
        return _Whole(reply["status"], Headers(reply["headers"]), content, self._vendor, request)

    def close(self) -> None:
        """Nothing: the connections are kept."""


class _Whole(Response):
    """An answer that the broker has read."""

    def __init__(self, status_code: int, headers: Headers, content: bytes, vendor: str, request: Request) -> None:
        super().__init__(status_code, headers, content)
        self._vendor = vendor
        self._request = request

    def chunks(self, expected: Optional[int] = None) -> Iterator[bytes]:
        """The body in one piece."""
        if expected is not None and len(self.content) > expected:
            raise NasError(
                Kind.MISMATCH,
                more_than(expected),
                vendor=self._vendor,
                call=self._request.call,
                path=self._request.path,
            )
        yield self.content


def request_to_data(request: Request) -> dict[str, Any]:
    """A request without its body, as JSON has it."""
    message = {name: value for name, value in vars(request).items() if name not in ("body", "sent", "stream")}
    return {"request": {**message, "headers": dict(request.headers)}, "has_body": request.body is not None}


def request_from_data(message: dict[str, Any], body: bytes) -> Request:
    """The same request again."""
    return Request(body=body if message["has_body"] else None, **message["request"])
