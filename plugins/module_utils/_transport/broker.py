# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The broker: one process for a run, which keeps the connections to devices and the sessions with them.

It serves the workers of a run over a unix socket. A thread of its own waits for each of their calls, so that a slow
device holds up nobody else. It ends when it is asked to, or when the last process that could tell it is gone: they all
hold the write end of a pipe, and nobody else does. Before it ends it logs out of all devices.
"""

from __future__ import annotations

import contextlib
import os
import select
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Optional

from .._core.errors import NasError
from . import frames
from . import tls as _tls
from .direct import Direct
from .kept import LOGOUT_TIME, request_from_data
from .session import Session
from .way import Connection, Request, Response, Way

TURN_NOTICE = 5.0  # seconds after which who waits for a turn hears that the broker lives
_BREATH = 0.05  # seconds to wait where the system has no room for one more connection
_TLS_FILES = ("ca_path", "client_cert", "client_key")
_OF_THE_REQUEST = ("timeout", "retries", "agent")

LogOut = Callable[[Connection, Session, Callable[[Connection, str], Way]], None]


class Device:
    """The connections to one device with the same settings, for so many calls at once as there may be connections."""

    def __init__(self, connection: Connection, extra_ca: str) -> None:
        self._connection = connection
        self._extra_ca = extra_ca
        self._turns = threading.Semaphore(connection.connections)
        self._lock = threading.Lock()
        self._stamp: Any = None
        self._direct: Optional[Direct] = None

    def send(self, request: Request, waits: Callable[[], None]) -> Response:
        """Send a request when it has its turn.

        :param waits: is called from time to time before that.
        """
        while not self._turns.acquire(timeout=TURN_NOTICE):
            waits()
        try:
            return self._way().send(request)
        finally:
            self._turns.release()

    def _way(self) -> Direct:
        """New connections where the files of certificates are others by now."""
        with self._lock:
            stamp = [_tls.stamp(getattr(self._connection, name)) for name in _TLS_FILES]
            if self._direct is None or stamp != self._stamp:
                if self._direct is not None:
                    self._direct.close()
                    self._direct = None
                self._direct, self._stamp = Direct(self._connection, self._extra_ca), stamp
            return self._direct


class Devices:
    """All devices of a run, apart from each other: what differs in any setting shares nothing."""

    def __init__(self) -> None:
        self._found: dict[tuple[Any, ...], Device] = {}
        self._lock = threading.Lock()

    def at(self, connection: Connection, extra_ca: str) -> Device:
        """One of them."""
        settings = vars(connection).items()
        key = (extra_ca, *(value for name, value in settings if name not in _OF_THE_REQUEST))
        with self._lock:
            if key not in self._found:
                self._found[key] = Device(connection, extra_ca)
            return self._found[key]

    def way(self, connection: Connection, extra_ca: str) -> Way:
        """The way to one of them from within the broker."""
        return _Within(self.at(connection, extra_ca))


class _Within(Way):
    def __init__(self, device: Device) -> None:
        self._device = device

    def send(self, request: Request) -> Response:
        return self._device.send(request, lambda: None)

    def close(self) -> None:
        """Nothing."""


@dataclass
class Slot:
    """One session of a run, or why there is none."""

    turn: threading.Condition = field(default_factory=threading.Condition)
    session: Optional[Session] = None
    connection: Optional[dict[str, Any]] = None
    refused: Optional[dict[str, Any]] = None
    code: str = ""  # a digest of the one-time code that was refused
    holder: Optional[object] = None  # who logs in


class Vault:
    """The sessions of a run: one worker at a time logs in, and hands over what it got."""

    def __init__(self) -> None:
        self._slots: dict[str, Slot] = {}
        self._lock = threading.Lock()

    def slot(self, key: str) -> Slot:
        """The place of a session."""
        with self._lock:
            return self._slots.setdefault(key, Slot())

    def current(self, key: str) -> dict[str, Any]:
        """The session at hand."""
        slot = self.slot(key)
        with slot.turn:
            return {"session": slot.session}

    def renew(self, key: str, stale: Optional[Session], code: str, kept: bool, holder: object) -> dict[str, Any]:
        """A session other than `stale`, the refusal that is remembered, or the right to log in.

        :param kept: false for a login whose session is its task's own.
        """
        slot = self.slot(key)
        with slot.turn:
            while True:
                if slot.refused is not None and slot.code == code:
                    return {"refused": slot.refused}
                if kept and slot.session is not None and slot.session != stale:
                    return {"session": slot.session}
                if slot.holder is None:
                    slot.holder = holder
                    return {"ticket": True}
                slot.turn.wait()

    def settle(self, key: str, holder: object, message: dict[str, Any]) -> None:
        """Take what came of a login: a session, a refusal, or nothing."""
        slot = self.slot(key)
        with slot.turn:
            if slot.holder is not holder:
                return
            slot.holder = None
            if "session" in message:
                slot.session, slot.connection, slot.refused = message["session"], message["connection"], None
            elif "refused" in message:
                slot.refused, slot.code = message["refused"], message["code"]
                if message.get("kept"):
                    slot.session = None
            slot.turn.notify_all()

    def drop(self, key: str) -> dict[str, Any]:
        """Forget a session and its refusal."""
        slot = self.slot(key)
        with slot.turn:
            session, slot.session, slot.refused = slot.session, None, None
            return {"session": session}

    def left_by(self, holder: object) -> None:
        """Let others log in where this one would have."""
        with self._lock:
            slots = list(self._slots.values())
        for slot in slots:
            with slot.turn:
                if slot.holder is holder:
                    slot.holder = None
                    slot.turn.notify_all()

    def take_all(self) -> list[tuple[dict[str, Any], Session]]:
        """All sessions with where they are, which are nobody's any more."""
        with self._lock:
            slots = list(self._slots.values())
        taken = []
        for slot in slots:
            with slot.turn:
                if slot.session is not None and slot.connection is not None:
                    taken.append((slot.connection, slot.session))
                    slot.session = None
        return taken


class Server:
    """The broker.

    :param listener: the socket that workers connect to.
    :param life: the read end of the pipe whose write end the processes of the run hold.
    :param log_out: ends a session.
    """

    def __init__(self, listener: socket.socket, life: int, log_out: LogOut) -> None:
        self._listener = listener
        self._life = life
        self._log_out = log_out
        self._devices = Devices()
        self._vault = Vault()
        self._user = os.geteuid()
        self._ended_by, self._ending = socket.socketpair()
        self._askers: list[socket.socket] = []

    def serve(self) -> bool:
        """Serve until the end. Whether somebody has announced it; else the run's processes are all gone."""
        waiting = select.poll()
        for each in (self._listener, self._life, self._ended_by):
            waiting.register(each, select.POLLIN)
        while True:
            ready = {number for number, _event in waiting.poll()}
            if self._ended_by.fileno() in ready:
                return True
            if self._life in ready:
                return False
            self._accept()

    def finish(self) -> None:
        """Log out everywhere, and tell those who have asked for it."""
        self._listener.close()
        until = time.monotonic() + LOGOUT_TIME
        threads = [
            threading.Thread(target=self._end_session, args=(connection, session), daemon=True)
            for connection, session in self._vault.take_all()
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(max(until - time.monotonic(), 0))
        for asker in self._askers:
            with contextlib.suppress(OSError):
                frames.send(asker, {"ended": True})

    def _end_session(self, connection: dict[str, Any], session: Session) -> None:
        # A device that is gone by now ends the session by itself, and the run is over: nobody is left to tell.
        with contextlib.suppress(NasError):
            at = Connection(**{**connection, "timeout": LOGOUT_TIME, "retries": 0})
            self._log_out(at, session, self._devices.way)

    def _accept(self) -> None:
        try:
            sock, _address = self._listener.accept()
        except OSError:
            time.sleep(_BREATH)
            return
        user = frames.user_of_peer(sock)
        if user is not None and user != self._user:
            sock.close()
            return
        sock.setblocking(True)
        try:
            threading.Thread(target=self._talk, args=(sock,), daemon=True).start()
        except RuntimeError:  # the system has no room for one more; the worker goes on without us
            sock.close()

    def _talk(self, sock: socket.socket) -> None:
        holder = object()
        try:
            while (frame := frames.receive(sock)) is not None:
                message, content = frame
                if message["do"] == "end":
                    self._askers.append(sock)
                    self._ending.send(b".")
                    return
                if message["do"] == "request":
                    self._pass_on(sock, message, content)
                else:
                    frames.send(sock, self._about_session(message, holder))
        except (frames.BrokenFrameError, OSError, KeyError, TypeError, ValueError):
            pass  # what was said may hold secrets
        finally:
            self._vault.left_by(holder)
            if sock not in self._askers:
                sock.close()

    def _pass_on(self, sock: socket.socket, message: dict[str, Any], content: bytes) -> None:
        request = request_from_data(message, content)
        device = self._devices.at(Connection(**message["connection"]), message["extra_ca"])
        try:
            response = device.send(request, lambda: frames.send(sock, {"waits": True}))
            reply = {"status": response.status_code, "headers": list(response.headers.items())}
            body = response.content
        except NasError as error:
            reply, body = {"error": frames.error_to_data(error)}, b""
        frames.send(sock, {**reply, "sent": request.sent}, body)

    def _about_session(self, message: dict[str, Any], holder: object) -> dict[str, Any]:
        key, what = message["key"], message["do"]
        if what == "current":
            return self._vault.current(key)
        if what == "renew":
            return self._vault.renew(key, message["stale"], message["code"], message["kept"], holder)
        if what == "settle":
            self._vault.settle(key, holder, message)
            return {}
        if what == "drop":
            return self._vault.drop(key)
        raise ValueError
