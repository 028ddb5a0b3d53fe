# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One login, kept as long as it is good.

A vendor's wire says how to log in; a keeper says where the session lives (this task's memory, or a store shared by the
tasks of a run). A session is a dict of JSON values that only its vendor's wire can read: ids, tokens, and what the
device told about itself at login, so that the next task need not ask again.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any, Callable, Optional, TypeVar

from ansible_collections.nasops.nas.plugins.module_utils._errors import Kind, NasError

Session = dict[str, Any]
Login = Callable[[], Session]
T = TypeVar("T")


@dataclass(frozen=True)
class Credentials:
    """Who asks. Never shown.

    :param username: the account; on a Freebox the application's id.
    :param password: its password; on a Freebox the application's token. May be empty when a session was handed on.
    :param otp_code: the one-time code of a two-step login, usable once.
    :param device_token: proves that this machine passed a two-step login before.
    """

    username: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    otp_code: Optional[str] = field(default=None, repr=False)
    device_token: Optional[str] = field(default=None, repr=False)


REFUSALS = (Kind.AUTHENTICATION, Kind.OTP_REQUIRED)
"""What a second login with the same credentials cannot help; devices count it and block the address."""


class Keeper(ABC):
    """Where a session lives between two calls."""

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
    def beside(self, name: str) -> Keeper:
        """A keeper of a second session with the same device and credentials, that of another API with its own login.

        It lives as long as this one and shares nothing with it: neither is lost when the other is renewed or refused.
        `Client.end` gets its session like any other and must tell the two apart by what is in them.

        :param name: which API; the same in all tasks.
        """


class MemoryKeeper(Keeper):
    """Keeps the session of one task in its own memory.

    :param session: a session that was handed on, or None.
    """

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

    def beside(self, name: str) -> Keeper:
        return MemoryKeeper()


class Sessions:
    """Runs calls in a session, and logs in again once when the device no longer knows it."""

    def __init__(self, keeper: Keeper, login: Login) -> None:
        self._keeper = keeper
        self._login = login

    def run(self, call: Callable[[Session], T]) -> T:
        """The result of `call(session)`.

        :raises NasError: whatever the call or the login raises; `SESSION_EXPIRED` only when a session that was made a
            moment ago is not known either.
        """
        session = self.session()
        try:
            return call(session)
        except NasError as error:
            if error.kind is not Kind.SESSION_EXPIRED:
                raise
        return call(self._keeper.renew(self._login, session))

    def session(self) -> Session:
        """The session at hand, or that of a login."""
        return self._keeper.current() or self._keeper.renew(self._login, None)

    def drop(self) -> Optional[Session]:
        """Forget the session and return it."""
        return self._keeper.drop()
