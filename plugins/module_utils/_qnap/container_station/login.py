# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logging in to Container Station.

Rests on the Container Station API guide, "Authentication". Container Station has a login of its own, beside File
Station's, and knows its sessions by a cookie. It takes the password, so a task that is about nothing else makes no
login to File Station. To an account with 2-step verification it answers 403; then, and where there is no password
because a session was handed on, it is given the id of File Station's session (with the login there, if that is due).

A session is `{"container_station": {name: value of each cookie}}`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Optional

from ..._core.errors import PASSWORD_REFUSED, Kind, NasError
from ..._transport.session import Credentials, Session
from ..failures import perhaps_blocked
from ..wire import Wire as FileStation
from .api import ContainerStationApi
from .codes import FORBIDDEN, NO_STATION, NOT_FOUND, UNAUTHORIZED, meaning
from .replies import ErrorBody, error_in, failed, status_of

if TYPE_CHECKING:
    from ..._transport.http import Response

SESSION = "container_station"
"""The key of a session that is Container Station's, and the name of the store of such sessions."""

_LOGIN = "POST /api/v1/login"


class Login:
    """Makes sessions.

    :param api: to Container Station.
    :param file_station: the wire to the same device, for its session.
    :param credentials: who logs in; may be empty when a session was handed on.
    """

    def __init__(self, api: ContainerStationApi, file_station: FileStation, credentials: Credentials) -> None:
        self._api = api
        self._file_station = file_station
        self._credentials = credentials

    def log_in(self) -> Session:
        """A new session. The password is sent once; to File Station too only after the 403 of a two-step account.

        :raises NasError: `AUTHENTICATION`, `OTP_REQUIRED`; `UNSUPPORTED` where there is no Container Station.
        """
        username, password = self._credentials.username, self._credentials.password
        if not username or not password:
            return self._log_in_by_sid()
        try:
            (username + password).encode("utf-8")
        except UnicodeEncodeError:
            raise self._refusal("the user name or password holds characters that cannot be sent", "") from None
        body = {"username": username, "password": password}
        with perhaps_blocked():
            response, error_body = self._api.http.repeat(
                lambda: self._authenticate(body), idempotent=False, is_login=True
            )
        status = status_of(response, error_body)
        if status == FORBIDDEN:
            return self._log_in_by_sid()
        if status == UNAUTHORIZED:
            raise self._refusal("user name or password refused", PASSWORD_REFUSED, status)
        return self._new_session(response, error_body)

    def _log_in_by_sid(self) -> Session:
        """A new session by that of File Station, which logs in, or in again, if it must."""

        def attempt(sid: str) -> Session:
            response, error_body = self._authenticate({"sid": sid})
            status = status_of(response, error_body)
            if status == FORBIDDEN:
                raise self._refusal("Container Station does not let this account in", meaning(status).hint, status)
            if status == UNAUTHORIZED:
                message = "Container Station does not take the session of File Station"
                refusal = self._refusal(message, meaning(UNAUTHORIZED).hint, status)
                refusal.session_in_doubt = True
                raise refusal
            return self._new_session(response, error_body)

        return self._file_station.run(attempt, idempotent=False)

    def _authenticate(self, body: dict[str, Any]) -> tuple[Response, Optional[ErrorBody]]:
        response = self._api.send(_LOGIN, body=body)
        return response, error_in(response.content)

    def _new_session(self, response: Response, error_body: Optional[ErrorBody]) -> Session:
        """The session in the answer to a login."""
        if status_of(response, error_body) == NOT_FOUND:
            raise self._api.http.error(
                NO_STATION.kind, NO_STATION.message, _LOGIN, code=f"HTTP {NOT_FOUND}", hint=NO_STATION.hint
            )
        if error_body or failed(response):
            raise self._api.failure(_LOGIN, response, error_body)
        try:
            reply = self._api.value(_LOGIN, response)
        except NasError as error:
            error.hint = NO_STATION.hint
            raise
        if reply.get("anonymous") is True:
            raise self._refusal("Container Station let nobody in", PASSWORD_REFUSED)
        cookies = {name: value for name, value in response.cookies.items() if value}
        if not cookies:
            raise self._refusal("Container Station accepted the login but gave no session", "Update Container Station")
        return {SESSION: cookies}

    def _refusal(self, message: str, hint: str, status: Optional[int] = None) -> NasError:
        code = f"HTTP {status}" if status else ""
        return self._api.http.error(Kind.AUTHENTICATION, message, _LOGIN, code=code, hint=hint)


def cookie_of(session: Session) -> str:
    """What to send with each request, empty for a session that is not Container Station's."""
    cookies = session.get(SESSION)
    if not isinstance(cookies, dict) or not all(isinstance(value, str) for value in cookies.values()):
        return ""
    return "; ".join(f"{name}={value}" for name, value in cookies.items())
