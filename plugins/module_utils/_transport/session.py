# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One login, kept as long as it is good.

A vendor's wire says how to log in; a store says where the session lives (this task's memory, or a store shared by the
tasks of a run). A session is a dict of JSON values that only its vendor's wire can read: ids, tokens, and what the
device said about itself at login, so that the next task need not ask again.
"""

from __future__ import annotations

import contextlib
import random
import threading
import time
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any, Callable, Optional, TypeVar

from .._core.errors import Kind, NasError
from .way import Connection, Way

Session = dict[str, Any]
Login = Callable[[], Session]
T = TypeVar("T")


@dataclass(frozen=True)
class Credentials:
    """Who asks. Never shown.

    :param username: the account, or the id of an application where a vendor has those instead.
    :param password: its password, or the application's token. May be empty when a session was handed on.
    :param otp_code: the one-time code of a two-step login, usable once.
    :param device_token: proves that this machine passed a two-step login before.
    """

    username: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    otp_code: Optional[str] = field(default=None, repr=False)
    device_token: Optional[str] = field(default=None, repr=False)

    def lacking(self) -> str:
        """What a login with a password lacks, in words for an error; empty when it has all."""
        given = {"user name": self.username, "password": self.password}
        return " and no ".join(name for name, value in given.items() if not value)


NO_DEVICE_TOKEN = (
    "the NAS took the one-time code but gave no device token (device_token), so the next login needs a new code"
)
"""The warning where a token was asked for and none came."""

REFUSALS = (Kind.AUTHENTICATION, Kind.OTP_REQUIRED)
"""What a second login with the same credentials cannot help; devices count it and block the address."""


class SessionStore(ABC):
    """Where a session lives between two calls.

    :ivar keep: makes the way to a device where connections live as long as the session, from where the device is and
        what certificates to trust beside the system's.
    :ivar of_one_task: whether what it keeps is known to one task alone, which must end it.
    """

    keep: Optional[Callable[[Connection, str], Way]] = None
    of_one_task = False

    @abstractmethod
    def current(self) -> Optional[Session]:
        """The session at hand, or None."""

    @abstractmethod
    def renew(self, login: Login, stale: Optional[Session]) -> Session:
        """A session other than `stale`: one that somebody else has stored meanwhile, or that of a new `login()`.

        A login that was refused (`REFUSALS`) is remembered, and raised again without asking the device.
        """

    @abstractmethod
    def drop(self) -> Optional[Session]:
        """Forget the session and return it, so that the caller can log it out."""

    @abstractmethod
    def for_service(self, name: str) -> SessionStore:
        """A store for a second session with the same device and credentials, that of another API with its own login.

        It lives as long as this one and shares nothing with it: neither is lost when the other is renewed or refused.
        `Client.end` gets its session like any other and must tell the two apart by what is in them.

        :param name: which API; the same in all tasks.
        """


class MemoryStore(SessionStore):
    """Keeps the session of one task in its own memory.

    :param session: a session that was handed on, or None.
    """

    of_one_task = True

    def __init__(self, session: Optional[Session] = None) -> None:
        self._session = session
        self._refused: Optional[NasError] = None

    def current(self) -> Optional[Session]:
        return self._session

    def renew(self, login: Login, stale: Optional[Session]) -> Session:
        if self._refused is not None:
            raise self._refused
        if self._session is None or self._session == stale:
            self._session = None
            try:
                self._session = login()
            except NasError as error:
                if error.kind in REFUSALS:
                    self._refused = error
                raise
        return self._session

    def drop(self) -> Optional[Session]:
        session, self._session = self._session, None
        return session

    def for_service(self, name: str) -> SessionStore:
        return MemoryStore()


class SharedStore(SessionStore):
    """A store for several threads with a connection each: one of them logs in, and all go on in that session.

    :param store: where the session lives.
    """

    def __init__(self, store: SessionStore) -> None:
        self._store = store
        self._lock = threading.RLock()
        self.keep = store.keep
        self.of_one_task = store.of_one_task

    def current(self) -> Optional[Session]:
        with self._lock:
            return self._store.current()

    def renew(self, login: Login, stale: Optional[Session]) -> Session:
        with self._lock:
            return self._store.renew(login, stale)

    def drop(self) -> Optional[Session]:
        with self._lock:
            return self._store.drop()

    def for_service(self, name: str) -> SessionStore:
        return SharedStore(self._store.for_service(name))


MOST_IN_A_ROW = 7  # new sessions for one call
MOST_IN_A_TASK = 100  # new sessions for all calls of a task
_AWAY = (Kind.CONNECTION, Kind.TIMEOUT)
_SETTLED = 3  # calls after which a session counts as one that worked
_LONGEST_PAUSE = 2.0  # seconds, more or less
_OTHERS = (
    "Perhaps other programs log in with the same account all the time, and the device allows it one session: give "
    "Ansible an account of its own"
)


class Sessions:
    """Runs calls in a session, and logs in again when the device no longer knows it.

    Some devices end an account's first session at its second login. Two runs at once then end each other's, so there
    is more than one new login for a call, with pauses that grow and are of uneven length, until one has its turn.

    :param store: where the session lives.
    :param login: makes a new one.
    :param end: ends one that a new one has replaced though the device may still know it.
    :ivar warnings: what a login has to tell the user.
    """

    def __init__(self, store: SessionStore, login: Login, end: Optional[Callable[[Session], None]] = None) -> None:
        self._store = store
        self._login = login
        self._end = end
        self.warnings: list[str] = []
        self._away: Optional[NasError] = None  # why the device did not answer something optional
        self._untried: Optional[Session] = None  # made by a login of this task; no call was made in it
        self._served = 0  # calls that the session at hand has served
        self._ends = 0  # of sessions, in this task
        self._strain = 0  # ends, one after another, of sessions that served hardly any call

    def run(self, call: Callable[[Session], T], *, asks: bool = True) -> T:
        """The result of `call(session)`, repeated in a new session for each one that has ended.

        A refusal that may mean the end of the session (`session_in_doubt`) is the verdict in a session that was made
        for this call, and ends any other session.

        :param asks: false for a call that only reads what the session holds and sends the device nothing.
        :raises NasError: whatever the call or the login raises; `SESSION_EXPIRED` only when `MOST_IN_A_ROW` new
            sessions have not helped.
        """
        session = self.session()
        for replays in range(MOST_IN_A_ROW + 1):
            fresh = session == self._untried
            if asks:
                self._untried = None
            try:
                result = call(session)
            except NasError as error:
                ended = error.kind is Kind.SESSION_EXPIRED or (error.session_in_doubt and not fresh)
                if not ended:
                    raise
                if replays == MOST_IN_A_ROW or self._ends >= MOST_IN_A_TASK:
                    error.hint = error.hint or _OTHERS
                    raise
                failure = error
            else:
                self._served += asks
                return result
            session = self._another(session, failure)
        raise AssertionError("unreachable: the last attempt returns or raises")

    def optional(self, what: str, read: Callable[[], T], instead: T) -> T:
        """The result of `read()`, or something instead where the device refuses or fails at what may be missing.

        A user is warned of it, unless this device has no such call.

        :param what: what would be missing, for a person.
        :raises NasError: for a login that was refused.
        """
        try:
            return read()
        except NasError as error:
            if error.kind in REFUSALS:
                raise
            if error.kind in _AWAY:
                self._away = error
            if error.kind is not Kind.UNSUPPORTED:
                self.warnings.append(f"the NAS does not tell {what}: {error}")
            return instead

    def require_answer(self, facts: object) -> None:
        """Make sure that a device whose optional facts are all missing answers at all.

        :param facts: what it said; false for nothing.
        :raises NasError: the last `CONNECTION` or `TIMEOUT`, if it said nothing.
        """
        if not facts and self._away is not None:
            raise self._away

    def session(self) -> Session:
        """The session at hand, or that of a login."""
        return self._store.current() or self._store.renew(self._new, None)

    def _new(self) -> Session:
        self._untried = session = self._login()
        return session

    def _another(self, ended: Session, failure: NasError) -> Session:
        """A session other than the one that has ended, or seems to have."""
        self._ends += 1
        self._strain = 1 if self._served >= _SETTLED else self._strain + 1
        self._served = 0
        if self._strain > 1:
            pause = min(0.1 * 2 ** (self._strain - 2), _LONGEST_PAUSE)
            _pause(pause * random.uniform(0.5, 1.5))  # noqa: S311 - no secret
        session = self._store.renew(self._new, ended)
        if failure.session_in_doubt and self._end is not None:
            # What the device does not take from a session that it knows may be known to it for long.
            with contextlib.suppress(NasError):
                self._end(ended)
        return session

    def current(self) -> Optional[Session]:
        """The session at hand, or None; nobody logs in for it."""
        return self._store.current()

    def drop(self) -> Optional[Session]:
        """Forget the session and return it."""
        return self._store.drop()


def _pause(seconds: float) -> None:
    time.sleep(seconds)
