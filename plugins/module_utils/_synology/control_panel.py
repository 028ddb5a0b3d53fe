# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Talk to DSM's control panel (`SYNO.Core.*`).

The vendor documents none of it. What is known was seen with clients of others on DSM 6.2, 7.1.1, 7.2 and 7.3: the login
must be of SYNO.API.Auth version 7 where there is one, as a session of version 6 may read but change nothing (105); each
call carries the token; the session's id goes as a cookie too, because some releases do not find it in the body alone.
No source proves that a session by the name of `FileStation` may do it. So these calls have a session of their own,
which names nothing, beside that of File Station. Without a password there is only the session that was handed on.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar, Optional, TypeVar

from .._core.errors import Kind, NasError
from .._transport.http import Connection
from .._transport.session import Credentials, Session, SessionStore
from .apis import CONTROL_PANEL_APIS, Api, find_api, read_apis
from .codes import NO_ADMINISTRATOR
from .encoding import Value
from .reply import Reply
from .wire import Wire

T = TypeVar("T")

SESSION = "control_panel"
"""The name of the store of these sessions."""

_BUSY = "3328"  # another shared folder is being changed
_GENERIC = "3300"  # a bad value, or another shared folder has just been changed
BUSY_PAUSES = (0.5, 1.0, 2.0, 4.0, 7.0, 10.0, 15.0, 15.0)  # seconds
GENERIC_PAUSES = (0.5, 1.5)
_UNKNOWN_SESSION = "119"
pause = time.sleep


class ControlPanel(Wire):
    """Calls to the control panel of one DSM. Makes none at construction.

    :param connection: where it is.
    :param credentials: who asks.
    :param store: keeps File Station's session; the control panel's is kept beside it.
    :param file_station: the wire to the same device, which lends its connections, and its session where there is no
        password for another.
    """

    session_name: ClassVar[str] = ""
    spoken: ClassVar[Sequence[str]] = tuple(CONTROL_PANEL_APIS)

    def __init__(
        self, connection: Connection, credentials: Credentials, store: SessionStore, file_station: Wire
    ) -> None:
        own = store.for_service(SESSION)
        super().__init__(connection, credentials, own, file_station.http)
        self.is_borrowed = not credentials.username or not credentials.password
        self._found: Optional[Mapping[str, object]] = None
        if self.is_borrowed:
            self.sessions = file_station.sessions
        else:
            self.other, file_station.other = store, own

    def change(self, api: str, method: str, params: Mapping[str, Value]) -> Reply:
        """A call that changes something, repeated while the device is at work on another change, for a minute at most.

        Only these refusals are certain to have changed nothing.
        """
        waits = {_BUSY: iter(BUSY_PAUSES), _GENERIC: iter(GENERIC_PAUSES)}
        while True:
            try:
                return self.call(api, method, params, idempotent=False)
            except NasError as error:
                seconds = next(waits.get(error.code, iter(())), None)
                if seconds is None:
                    raise
            pause(seconds)

    def read(self, api: str, method: str, params: Optional[Mapping[str, Value]] = None) -> Reply:
        """A call that changes nothing."""
        return self.call(api, method, params or {}, idempotent=True)

    def _api(self, session: Session, api: str, call: str, path: str = "") -> Api:
        if self.is_borrowed:
            # It was made for File Station, and does not know where the control panel is.
            if self._found is None:
                self._found = read_apis(self._discover())
            return find_api({**session, "apis": self._found}, api, call, path)
        return super()._api(session, api, call, path)

    def _in_session(self, api: str, attempt: Callable[[Session], T], idempotent: bool) -> T:
        def explained(session: Session) -> T:
            try:
                return attempt(session)
            except NasError as error:
                if error.code == _UNKNOWN_SESSION:
                    # Some releases say so to everybody who is no administrator, too: it is true of a new session only.
                    error.kind, error.message, error.hint = NO_ADMINISTRATOR
                    error.session_in_doubt = True
                raise

        def in_session(session: Session) -> T:
            return self.http.repeat(lambda: explained(session), idempotent=idempotent)

        try:
            return self.sessions.run(in_session)
        except NasError as error:
            if self.is_borrowed and error.kind is Kind.PERMISSION_DENIED:
                error.hint = (
                    f"{error.hint}. The session that was handed on is one of File Station: give username "
                    "(nas_username) and password (nas_password) for one that may do this"
                )
            raise

    @staticmethod
    def _headers(session: Session) -> dict[str, str]:
        return {**Wire._headers(session), "Cookie": f"id={session['sid']}"}
