# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sessions that live in the memory of the broker."""

from __future__ import annotations

import contextlib
from dataclasses import asdict
from typing import Any, Callable, Optional

from ..module_utils._core.errors import NasError
from ..module_utils._transport import frames
from ..module_utils._transport.http import Connection
from ..module_utils._transport.kept import Broker, BrokerLostError, Channel, Reply
from ..module_utils._transport.session import REFUSALS, Login, Session, SessionStore
from ._interruption import deferred
from ._one_time_codes import Codes


class BrokerStore(SessionStore):
    """The session of a NAS, shared by all tasks of the run.

    :param find: finds the broker, or starts another.
    :param key: which session.
    :param connection: where the NAS is, to log out there.
    :param codes: knows which one-time code was used.
    """

    def __init__(
        self,
        broker: Broker,
        find: Callable[[], Optional[Broker]],
        key: Callable[[str], str],
        connection: Connection,
        codes: Codes,
        name: str = "",
    ) -> None:
        self._broker = broker
        self._find = find
        self._key_of = key
        self._key = key(name)
        self._connection = connection
        self._codes = codes
        self._session: Optional[Session] = None
        self._answer: Optional[Callable[[], Reply]] = None

    def ask_ahead(self) -> None:
        """Ask for the session, for who wants it soon."""
        with contextlib.suppress(BrokerLostError):
            self._answer = self._ask()

    def current(self) -> Optional[Session]:
        if self._session is None:
            with contextlib.suppress(BrokerLostError):
                answer, self._answer = self._answer or self._ask(), None
                self._session = answer()[0].get("session")
        return self._session

    def _ask(self) -> Callable[[], Reply]:
        return self._broker.ask_ahead({"do": "current", "key": self._key})

    def renew(self, login: Login, stale: Optional[Session]) -> Session:
        self._session = None
        self._session = self._renewed(login, stale, kept=True)
        return self._session

    def attempt(self, login: Login) -> Session:
        """The session of `login()`, which is not kept; only a refusal is."""
        return self._renewed(login, None, kept=False)

    def drop(self) -> Optional[Session]:
        session, self._session = self._session, None
        with contextlib.suppress(BrokerLostError):
            session = self._broker.ask({"do": "drop", "key": self._key})[0].get("session")
        return session

    def for_service(self, name: str) -> BrokerStore:
        store = BrokerStore(
            self._broker, self._find, self._key_of, self._connection, self._codes.for_service(name), name
        )
        store.keep = self.keep
        return store

    def _renewed(self, login: Login, stale: Optional[Session], kept: bool) -> Session:
        try:
            return self._asked(login, stale, kept)
        except BrokerLostError:
            self._broker = self._find() or self._broker
        try:
            return self._asked(login, stale, kept)
        except BrokerLostError:
            return self._logged_in(login, stale, lambda message: None, kept)

    def _asked(self, login: Login, stale: Optional[Session], kept: bool) -> Session:
        """The session that the broker has, or that of a login for which all others wait."""
        message = {"do": "renew", "key": self._key, "stale": stale, "code": self._codes.digest, "kept": kept}
        with self._broker.channel() as channel:
            reply, _content = channel.ask(message)
            if "refused" in reply:
                raise frames.error_from_data(reply["refused"])
            if "session" in reply:
                session: Session = reply["session"]
                return session
            return self._logged_in(login, stale, lambda message: self._settle(channel, message), kept)

    def _logged_in(
        self, login: Login, stale: Optional[Session], settle: Callable[[dict[str, Any]], None], kept: bool
    ) -> Session:
        with deferred():
            try:
                with self._codes.spending(again=stale is not None):
                    session = login()
            except NasError as error:
                if error.kind in REFUSALS:
                    # A second attempt with the same secret brings a device closer to blocking our address.
                    settle({"refused": frames.error_to_data(error), "code": self._codes.digest, "kept": kept})
                else:
                    settle({})
                raise
            settle({"session": session, "connection": asdict(self._connection)} if kept else {})
            return session

    def _settle(self, channel: Channel, message: dict[str, Any]) -> None:
        # A session that no broker holds any more serves this task, and ends by the device's own time-out.
        with contextlib.suppress(BrokerLostError):
            channel.ask({"do": "settle", "key": self._key, **message})
