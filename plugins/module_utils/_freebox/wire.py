# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The wire of a Freebox: find the API, log in, make one call. No other module knows a URL.

A call is named as in the guides, `GET fs/ls/{path}`, and its URL is made from that name: `/api/v15/fs/ls/<base64>`.
A box serves all versions up to its own side by side, and the URL chooses one (guide of API v16, "API versions").
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import time
from typing import TYPE_CHECKING, Any, Optional
from urllib.parse import quote

from .._core.errors import DENIED, WHERE, CodeMeaning, Kind, NasError, usage
from .._core.text import SURROGATES, encoded
from .._transport.http import Connection, Http, Query
from .._transport.session import Credentials, Session, Sessions, SessionStore
from . import ca, codes, envelope
from .session import AUTH_HEADER, BASE, NEWEST, OLDEST, TOKEN, Api, api_of, may_see_files, token_of

if TYPE_CHECKING:
    from .._transport.connections import BoundedSocket
    from .._transport.http import Response

_SHARE_LINK = re.compile(r"https?://[^/?#\s]+(/(?:[^/?#]+/)*share/[^/?#]+(?:/.*)?)", re.DOTALL | re.IGNORECASE)
_CHALLENGE_LIFE = 5.0  # seconds; the box changes its challenge often
_NAME_MISMATCH = (
    "Set host (nas_host or ansible_host) to a name that the certificate holds: mafreebox.freebox.fr at home, or the "
    "box's own name (its api_domain); an address never fits"
)


class Wire:
    """Calls to one Freebox.

    :param connection: where it is.
    :param credentials: the application's id and token.
    :param store: where the session lives.
    """

    def __init__(self, connection: Connection, credentials: Credentials, store: SessionStore) -> None:
        self.connection = connection
        self.http = Http(connection, ca.PEM, store.keep)
        self.sessions = Sessions(store, self.login)
        self._app_id = credentials.username
        self._app_token = credentials.password.strip()  # blanks and line feeds around it are not the token's
        self._api: Optional[Api] = None
        self._challenge: Optional[tuple[float, str]] = None

    def call(
        self,
        name: str,
        part: str = "",
        *,
        path: str = "",
        query: Optional[Query] = None,
        body: Any = None,
        idempotent: Optional[bool] = None,
    ) -> Any:
        """The result of one call in the session, None where the box has nothing to tell.

        :param name: the call as its guide names it.
        :param part: what stands for the braces in the name: base64 as it is, or a number.
        :param path: the path on the box that it is about, for errors.
        :param body: what is sent as JSON.
        :param changes_nothing: whether it may be repeated after a transient failure; by default what is a GET.
        :raises NasError: what the box's code stands for, and what `Http.request` and `login` raise.
        """
        harmless = name.startswith("GET ") if idempotent is None else idempotent

        def attempt(session: Session) -> Any:
            response = self.send(session, name, part, path=path, query=query, body=body)
            return self.read(session, response, name, path=path)

        return self.sessions.run(lambda session: self.http.repeat(lambda: attempt(session), idempotent=harmless))

    def send(
        self,
        session: Session,
        name: str,
        part: str = "",
        *,
        path: str = "",
        query: Optional[Query] = None,
        body: Any = None,
        stream: bool = False,
        size: Optional[int] = None,
    ) -> Response:
        """Send one request in a session, once, and return whatever the box answers.

        :param size: how many bytes a streamed answer has, where that is known.
        """
        headers = {AUTH_HEADER: token_of(session)}
        if stream:
            # What is counted are the bytes of the file, not those of a compressed answer.
            headers["Accept-Encoding"] = "identity"
        return self._request(
            api_of(session), name, part, path=path, query=query, body=body, headers=headers, stream=stream, size=size
        )

    def send_share_link(self, url: str, name: str) -> Response:
        """Fetch a share link from the connection's address, once, as anybody could: no session goes with it.

        The name at the link's end may be written with escapes or without; no documented link has a query.

        :raises NasError: `USAGE` for what is no share link of a Freebox.
        """
        found = _SHARE_LINK.fullmatch(url)
        if found is None:
            raise usage("this is no share link of a Freebox", hint="It looks like https://HOST:PORT/share/TOKEN/NAME")
        escaped = re.sub("%(?![0-9A-Fa-f]{2})", "%25", found.group(1))
        url_path = quote(escaped, safe="/%!$&'()*+,;=:@~", errors=SURROGATES)
        headers = {"Accept-Encoding": "identity"}
        try:
            return self.http.request("GET", url_path, call=name, headers=headers, stream=True)
        except NasError as error:
            raise explained(error) from None

    def read(self, session: Session, response: Response, name: str, *, path: str = "") -> Any:
        """The result in an answer to `send`.

        :raises NasError: what the box's code stands for; `SESSION_EXPIRED` when it does not know the session.
        """
        return self.open_envelope(session, response.content, response.status_code, name, path=path)

    def open_envelope(self, session: Session, body: bytes, status: int, name: str, *, path: str = "") -> Any:
        """The same for the parts of an answer."""
        answer = envelope.parse(body, name, path, status)
        try:
            return envelope.result(answer, codes.table_of(name), name, path, status)
        except NasError as error:
            if error.kind is Kind.SESSION_EXPIRED:
                # The box answered at this address, and its answer holds what the next login needs.
                self._api = api_of(session)
                self._remember_challenge(answer.get("result"))
            if error.kind is Kind.PERMISSION_DENIED and error.hint in ("", DENIED) and not may_see_files(session):
                error.hint = codes.GRANT
            raise

    def version(self) -> Api:
        """Which API the session speaks. Logs in when there is no session."""
        return self.sessions.run(api_of, asks=False)

    def login(self) -> Session:
        """A new session (guide of API v16, "Login"): one `POST login/session/`, never repeated when refused.

        The application proves that it has its token by HMAC-SHA1 of the box's challenge. The challenge is asked for
        unless the answer that ended the last session has brought one a moment ago.

        :raises NasError: `AUTHENTICATION` when the box refuses, and when there is nothing to log in with.
        """
        if not self._app_id or not self._app_token:
            raise self.http.error(
                Kind.AUTHENTICATION,
                "the box wants username (the application's id) and password (its token)",
                "POST login/session/",
                hint="Set them (nas_username, nas_password); nas_session with pair asks the Freebox for a token",
            )
        api = self.discovered()
        challenge = self._fresh_challenge()
        if challenge is None:
            asked = self.public("GET login/")
            challenge = envelope.member(asked, "challenge", str, "GET login/")
        name = "POST login/session/"
        result = self.public(
            name,
            body={
                "app_id": self._app_id,
                "password": hmac.new(
                    encoded(self._app_token),
                    encoded(challenge),
                    hashlib.sha1,
                ).hexdigest(),
            },
        )
        token = envelope.member(result, "session_token", str, name)
        if not TOKEN.fullmatch(token):
            raise envelope.protocol_error(name, "the session's token is no text for a header")
        granted = result.get("permissions")
        permissions = (
            sorted(key for key, value in granted.items() if value is True) if isinstance(granted, dict) else []
        )
        return {"token": token, "permissions": permissions, "api": list(api)}

    def logout(self, session: Session) -> None:
        """End a session (`POST login/logout/`). One that the box no longer knows is over too."""
        name = "POST login/logout/"
        try:
            self.http.repeat(lambda: self.read(session, self.send(session, name, body={}), name), idempotent=True)
        except NasError as error:
            if error.kind is not Kind.SESSION_EXPIRED:
                raise

    def describe(self) -> dict[str, Any]:
        """What the box tells anybody about itself (`GET api_version`): model, name, addresses, version of the API.

        The answer has no envelope. From outside the home network it holds no more than `discovered` needs.
        """
        name = "GET api_version"

        def attempt() -> dict[str, Any]:
            response = self._request(None, name)
            facts = envelope.parse(response.content, name, status=response.status_code)
            if facts.get("success") is False:
                raise envelope.error(facts, codes.LOGIN, name, status=response.status_code)
            if response.status_code != 200:
                problem = CodeMeaning(Kind.PROTOCOL, "this does not look like a Freebox", WHERE)
                raise envelope.failed(problem, name, code=f"HTTP {response.status_code}")
            return facts

        return self.http.repeat(attempt, idempotent=True)

    def discovered(self) -> Api:
        """Which API to speak with the box: its own version, or the newest that is known here. Asked once.

        :raises NasError: `UNSUPPORTED` for a box older than API v4; `PROTOCOL`.
        """
        if self._api is not None:
            return self._api
        name = "GET api_version"
        facts = self.describe()
        base = envelope.member(facts, "api_base_url", str, name)
        version = re.fullmatch(r"(\d{1,4})(?:\.(\d{1,4}))?(?:\.\d+)*", envelope.member(facts, "api_version", str, name))
        if not BASE.fullmatch(base) or version is None:
            raise envelope.protocol_error(name, "the API has an address or a version that makes no sense")
        major = int(version.group(1))
        if major < OLDEST:
            message = f"the box has API v{major}, and v{OLDEST} is the least that is needed"
            raise envelope.failed(CodeMeaning(Kind.UNSUPPORTED, message, "Update the box's firmware"), name)
        minor = int(version.group(2) or 0) if major <= NEWEST else 0
        self._api = Api(base, min(major, NEWEST), minor)
        return self._api

    def public(self, name: str, part: str = "", *, body: Any = None) -> Any:
        """The result of a call that needs no session: pairing and login. A POST is not repeated."""
        api = self.discovered()

        def attempt() -> Any:
            response = self._request(api, name, part, body=body)
            answer = envelope.parse(response.content, name, status=response.status_code)
            return envelope.result(answer, codes.LOGIN, name, status=response.status_code)

        return self.http.repeat(attempt, idempotent=name.startswith("GET "), is_login=True)

    def socket_url(self, session: Session, name: str) -> str:
        """The URL of a WebSocket."""
        scheme, _colon, rest = self.connection.base_url.partition(":")
        return f"{'wss' if scheme == 'https' else 'ws'}:{rest}{_address(api_of(session), name)[1]}"

    def open_socket(self, name: str, path: str) -> BoundedSocket:
        """A connected socket for a WebSocket, see `Http.open_socket`."""
        try:
            return self.http.open_socket(name, path)
        except NasError as error:
            raise explained(error) from None

    def _request(
        self,
        api: Optional[Api],
        name: str,
        part: str = "",
        *,
        path: str = "",
        query: Optional[Query] = None,
        body: Any = None,
        headers: Optional[dict[str, str]] = None,
        stream: bool = False,
        size: Optional[int] = None,
    ) -> Response:
        method, url_path = _address(api, name, part)
        sent = dict(headers or {})
        data = None
        if body is not None:
            sent["Content-Type"] = "application/json"
            data = encoded(json.dumps(body, ensure_ascii=False))
        try:
            return self.http.request(
                method,
                url_path,
                call=name,
                path=path,
                query=query,
                body=data,
                headers=sent,
                stream=stream,
                expected=size,
            )
        except NasError as error:
            raise explained(error) from None

    def _remember_challenge(self, result: Any) -> None:
        challenge = result.get("challenge") if isinstance(result, dict) else None
        if isinstance(challenge, str) and challenge:
            self._challenge = (time.monotonic(), challenge)

    def _fresh_challenge(self) -> Optional[str]:
        remembered, self._challenge = self._challenge, None
        if remembered is None or time.monotonic() - remembered[0] > _CHALLENGE_LIFE:
            return None
        return remembered[1]


def explained(error: NasError) -> NasError:
    """The error, with the way out where a certificate does not fit the host's name."""
    if error.kind is Kind.CERTIFICATE and ("mismatch" in error.message or "not valid for" in error.message):
        error.hint = _NAME_MISMATCH
    return error


def _address(api: Optional[Api], name: str, part: str = "") -> tuple[str, str]:
    """Method and path of a call's URL; without an API that of `/api_version`, which has no version."""
    method, _space, template = name.partition(" ")
    filled = re.sub(r"\{[a-z_]+\}", lambda braces: part, template)
    return method, f"{api.base}v{api.major}/{filled}" if api else f"/{filled}"
