# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The wire to Container Station's API v1: calls in a session, and what errors mean for it.

Rests on the Container Station API guide, "Authentication" (login_refresh, logout).
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Optional, TypeVar

from ..._core.errors import Kind, NasError
from ..._transport.session import Credentials, Session, Sessions, SessionStore
from ..envelope import first_bytes, number
from ..wire import Wire as FileStation
from .api import ContainerStationApi
from .codes import FORBIDDEN, NOT_FOUND, UNAUTHORIZED, meaning
from .login import SESSION, Login, cookie_of
from .replies import LONGEST_ERROR, ErrorBody, error_in, failed, status_of

if TYPE_CHECKING:
    from ..._transport.http import Response

T = TypeVar("T")

LONG = 600.0  # seconds to wait for calls that make keys or gather a report before they answer

_REFRESH = "GET /api/v1/login_refresh"
_LOGOUT = "PUT /api/v1/logout"


class Opened(NamedTuple):
    """A file that has begun to arrive."""

    head: bytes
    pieces: Iterator[bytes]  # `head` first
    size: Optional[int]  # bytes that must come, where the device tells
    response: Response  # to be closed


class ContainerWire:
    """Calls to the Container Station of one QNAP.

    :param file_station: the wire to the same device, which lends its connections and, if need be, its session.
    :param credentials: who logs in; may be empty when a session was handed on.
    :param store: where File Station's session lives; Container Station's has a store of its own beside it.
    """

    def __init__(self, file_station: FileStation, credentials: Credentials, store: SessionStore) -> None:
        self.http = file_station.http
        self._api = ContainerStationApi(self.http)
        self._in_doubt = False  # whether the session is new because the device did not tell if it knew the last one
        self.sessions = Sessions(store.for_service(SESSION), Login(self._api, file_station, credentials).log_in)

    def call(
        self,
        call: str,
        *,
        more: Sequence[str] = (),
        body: Optional[dict[str, Any]] = None,
        idempotent: bool = True,
        once: bool = False,
        timeout: Optional[float] = None,
    ) -> Response:
        """One call and its answer, which is no error; `value` reads it.

        :param call: method and page, as the guide heads it.
        :param more: further parts of the page.
        :param body: what is sent, as JSON.
        :param idempotent: whether the call may be repeated: it changes nothing on the device.
        :param once: never send it a second time, not even in another session.
        :param timeout: seconds to wait for the answer, where that may be long.
        :raises NasError: by the status; `PROTOCOL` for an answer that makes no sense.
        """

        def attempt(cookie: str) -> Response:
            response = self._api.send(call, cookie, more=more, body=body, timeout=timeout)
            self._require_success(call, response, error_in(response.content), cookie)
            return response

        return self._run(attempt, call, idempotent=idempotent, once=once)

    def value(self, call: str, response: Response) -> dict[str, Any]:
        """The object in an answer.

        :raises NasError: `PROTOCOL` when there is none.
        """
        return self._api.value(call, response)

    def open(self, call: str) -> Opened:
        """Begin to fetch a file, and make sure that no error comes in its place. The caller closes the response.

        :raises NasError: by the status, or by the JSON that came instead; `DEVICE` when nothing came.
        """

        def attempt(cookie: str) -> Opened:
            with contextlib.ExitStack() as cleanup:
                response = self._api.send(call, cookie, stream=True, timeout=LONG)
                cleanup.callback(response.close)
                rest = iter(response.chunks())
                head, complete = first_bytes(rest, LONGEST_ERROR)
                # What is sent as an attachment is the file itself.
                is_file = not failed(response) and "Content-Disposition" in response.headers
                error_body = error_in(head) if complete and not is_file else None
                self._require_success(call, response, error_body, cookie)
                if not head:
                    raise self.http.error(Kind.DEVICE, "Container Station sent nothing", call)
                cleanup.pop_all()
            encoded = "Content-Encoding" in response.headers
            size = None if encoded else number(response.headers.get("Content-Length"))
            return Opened(head, itertools.chain([head], rest), size, response)

        return self._run(attempt, call, idempotent=True)

    def check(self) -> None:
        """Make sure that there is a session which Container Station knows, by login_refresh; log in where not."""

        def attempt(cookie: str) -> None:
            if self._knows(cookie) is False:
                raise self._api.expired(_REFRESH)

        self._run(attempt, _REFRESH, idempotent=True)

    def log_out(self, session: Session) -> None:
        """End a session, if it is one of Container Station's; one that is not known any more is over too."""
        cookie = cookie_of(session)
        if not cookie:
            return
        # To be logged out twice is to be logged out.
        response = self.http.repeat(lambda: self._api.send(_LOGOUT, cookie), idempotent=True)
        error_body = error_in(response.content)
        if status_of(response, error_body) not in (UNAUTHORIZED, FORBIDDEN, NOT_FOUND) and (
            error_body or failed(response)
        ):
            raise self._api.failure(_LOGOUT, response, error_body, cookie)

    def _run(self, attempt: Callable[[str], T], call: str, *, idempotent: bool, once: bool = False) -> T:
        """The result of `attempt(cookie)`, in a session that the device knows.

        A refused session is held against login_refresh, which saves a login where the session is good after all: then
        the call is made once more, and refused again it is a matter of rights.
        """

        def in_session(session: Session) -> T:
            cookie = cookie_of(session)
            if not cookie:
                raise self._api.expired(call)
            try:
                result = self.http.repeat(lambda: attempt(cookie), idempotent=idempotent)
            except NasError as error:
                if error.kind is not Kind.SESSION_EXPIRED:
                    raise
                refused = error
            else:
                self._in_doubt = False
                return result
            if once:
                raise self._not_allowed(call)
            known = False if call == _REFRESH else self.http.repeat(lambda: self._knows(cookie), idempotent=True)
            if known is None and self._in_doubt:
                raise self._not_allowed(call)
            if not known:
                # Where nobody tells, it is worth one new session; a refusal there is the verdict.
                self._in_doubt = known is None
                raise refused
            try:
                return self.http.repeat(lambda: attempt(cookie), idempotent=idempotent)
            except NasError as error:
                if error.kind is not Kind.SESSION_EXPIRED:
                    raise
            raise self._not_allowed(call)

        return self.sessions.run(in_session)

    def _knows(self, cookie: str) -> Optional[bool]:
        """Whether the device knows a session (login_refresh); None when it does not tell."""
        response = self._api.send(_REFRESH, cookie)
        error_body = error_in(response.content)
        status = status_of(response, error_body)
        if status in (UNAUTHORIZED, FORBIDDEN):
            return False
        if status == NOT_FOUND:
            return None
        if error_body or failed(response):
            raise self._api.failure(_REFRESH, response, error_body, cookie)
        # Somebody who is not logged in may get an answer too, as nobody.
        return self._api.value(_REFRESH, response).get("anonymous") is not True

    def _require_success(self, call: str, response: Response, error_body: Optional[ErrorBody], cookie: str) -> None:
        if not error_body and not failed(response):
            return
        if status_of(response, error_body) == UNAUTHORIZED:
            raise self._api.expired(call)
        raise self._api.failure(call, response, error_body, cookie)

    def _not_allowed(self, call: str) -> NasError:
        known = meaning(UNAUTHORIZED)
        return self.http.error(known.kind, known.message, call, code=f"HTTP {UNAUTHORIZED}", hint=known.hint)
