# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Talk to DSM: find its APIs, log in, make one call, read the envelope. The only place with URLs.

Rests on the File Station guide, chapters 2 (requests, responses) and 3 (SYNO.API.Info, SYNO.API.Auth). Paths and
versions of the APIs differ between DSM 5, 6 and 7; the device tells them once, and the session keeps them.

A session is `{sid, token, device_token, apis: {api: [path, lowest version, highest version, whether JSON]}, name}`. The
session id travels in the body of a POST, and the token in a header, where no log of a server writes them down; an
upload must carry them in its query.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, ClassVar, Optional, TypeVar

from .._core.errors import PASSWORD_MISSING, Kind, NasError
from .._transport.http import Connection, Http, encode_form
from .._transport.multipart import FileForm
from .._transport.session import NO_DEVICE_TOKEN, Credentials, Session, Sessions, SessionStore
from .apis import FILE_STATION_APIS, Api, find_api, read_apis
from .codes import AUTH, FILE_STATION, login_refused
from .encoding import Value, encode_value
from .reply import Reply, read_envelope

if TYPE_CHECKING:
    from .._transport.http import Response

T = TypeVar("T")

INFO = "SYNO.API.Info"
SESSION_NAME = "FileStation"
DEVICE_NAME = "nasops.nas"

_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_AUTH_OF_DSM_6 = 6  # version of SYNO.API.Auth
_REFUSED = "105"  # no permission; in some releases of DSM also that the session is not known


class Wire:
    """Calls to one DSM. Makes none at construction.

    :param connection: where it is.
    :param credentials: who asks.
    :param store: where the session lives.
    :param http: the connections, where they are shared with another wire.
    """

    session_name: ClassVar[str] = SESSION_NAME
    """What a login names the session; empty for none."""

    spoken: ClassVar[Sequence[str]] = tuple(FILE_STATION_APIS)
    """The APIs that the device is asked for."""

    def __init__(
        self, connection: Connection, credentials: Credentials, store: SessionStore, http: Optional[Http] = None
    ) -> None:
        self.http = http or Http(connection, keep=store.keep)
        self.sessions = Sessions(store, self._login, self.end)
        self.other: Optional[SessionStore] = None  # of another kind of session with the same device and account
        self._credentials = credentials
        # Blanks and line feeds around a token are not the token's.
        self._device_token = (credentials.device_token or "").strip() or None
        self._otp_code = credentials.otp_code

    def call(
        self,
        api: str,
        method: str,
        params: Mapping[str, Value],
        *,
        path: str = "",
        idempotent: bool,
        timeout: Optional[float] = None,
    ) -> Reply:
        """Make one call in the session, with one new login when the session had expired.

        :param params: what the method takes, beside api, version and method.
        :param path: the path on the NAS that it is about, for errors.
        :param changes_nothing: whether it may be repeated after a transient failure.
        :param timeout: seconds to wait for the answer, when it may take longer than others.
        :returns: the reply's `data`; empty when there is none.
        :raises NasError: `UNSUPPORTED` when the device lacks the API; `PROTOCOL` for a reply that is no envelope;
            whatever the device reports.
        """

        def attempt(session: Session) -> Reply:
            target = self._api(session, api, f"{api}/{method}", path)
            fields = [("api", api), ("version", str(target.version)), ("method", method)]
            fields += [(name, encode_value(value, target.as_json)) for name, value in params.items()]
            return self._send(session, target, method, fields, path, timeout)

        return self._in_session(api, attempt, idempotent)

    def version(self, api: str) -> int:
        """The version of an API that calls use; 0 when the device lacks it. Makes no call beside a login."""
        try:
            return self.sessions.run(lambda session: self._api(session, api, api).version, asks=False)
        except NasError as error:
            if error.kind is not Kind.UNSUPPORTED:
                raise
            return 0

    def upload(self, body: Callable[[int], AbstractContextManager[FileForm]], *, path: str) -> Reply:
        """SYNO.FileStation.Upload/upload: send a body, once, or again from its start when the session had expired.

        Session id and token stand in the query: devices do not look for them in the parts.

        :param body: makes the body anew for each attempt, for this version of the API.
        """
        api, method = "SYNO.FileStation.Upload", "upload"
        call = f"{api}/{method}"

        def attempt(session: Session) -> Reply:
            target = self._api(session, api, call, path)
            query = [("api", api), ("version", str(target.version)), ("method", method), ("_sid", session["sid"])]
            if session.get("token"):
                query.append(("SynoToken", session["token"]))
            with body(target.version) as form:
                response = self.http.request(
                    "POST",
                    f"/webapi/{target.path}",
                    call=call,
                    path=path,
                    query=query,
                    body=form,
                    headers={"Content-Type": form.content_type},
                )
            return read_envelope(response.content, response.status_code, api, method, path)

        return self._in_session(api, attempt, idempotent=False)

    def fetch(
        self,
        api: str,
        method: str,
        params: Mapping[str, Value],
        *,
        path: str,
        is_file: Callable[[Mapping[str, str]], bool],
        size: Optional[int] = None,
    ) -> Response:
        """A call that is answered with a file: the unread response, which the caller closes.

        A failure arrives as an envelope with HTTP 200, or as an HTTP error.

        :param is_file: whether the headers of an answer with HTTP 200 say that it is the file.
        :param size: how many bytes it has, where that is known.
        """
        call = f"{api}/{method}"

        def attempt(session: Session) -> Response:
            target = self._api(session, api, call, path)
            fields = [("api", api), ("version", str(target.version)), ("method", method)]
            fields += [(name, encode_value(value, target.as_json)) for name, value in params.items()]
            fields.append(("_sid", session["sid"]))
            response = self.http.request(
                "POST",
                f"/webapi/{target.path}",
                call=call,
                path=path,
                body=encode_form(fields),
                headers={**self._headers(session), "Accept-Encoding": "identity"},
                stream=True,
                expected=size,
            )
            if response.status_code == 200 and is_file(response.headers):
                return response
            start = b""
            for piece in response.chunks():
                start += piece
                if len(start) > 65536:
                    break
            response.close()
            read_envelope(start, response.status_code, api, method, path)
            raise self.http.error(Kind.PROTOCOL, "the device sent no file and no error", call, path)

        return self._in_session(api, attempt, idempotent=True)

    def end(self, session: Session) -> None:
        """SYNO.API.Auth/logout. A session that the device no longer knows is over too. Needs no credentials."""
        try:
            target = find_api(session, AUTH, f"{AUTH}/logout")
            fields = [("api", AUTH), ("version", str(target.version)), ("method", "logout")]
            if session.get("name", SESSION_NAME):
                fields.append(("session", session.get("name", SESSION_NAME)))
            # To be logged out twice is to be logged out.
            self.http.repeat(lambda: self._send(session, target, "logout", fields), idempotent=True)
        except NasError as error:
            if error.kind is not Kind.SESSION_EXPIRED and error.code != _REFUSED:
                raise

    def _api(self, session: Session, api: str, call: str, path: str = "") -> Api:
        target = find_api(session, api, call, path)
        device_token = session.get("device_token")
        if isinstance(device_token, str) and device_token:
            self._device_token = device_token
        return target

    def _in_session(self, api: str, attempt: Callable[[Session], T], idempotent: bool) -> T:
        def in_session(session: Session) -> T:
            try:
                return self.http.repeat(lambda: attempt(session), idempotent=idempotent)
            except NasError as error:
                # DSM 5.2 says so of everything once it has refused anything, old releases of an unknown session. Other
                # APIs than File Station's are for administrators, and asked for what may be missing.
                error.session_in_doubt = (
                    error.code == _REFUSED and api.startswith(FILE_STATION) and self._is_worth_a_login(session)
                )
                raise

        return self.sessions.run(in_session)

    def _is_worth_a_login(self, session: Session) -> bool:
        """Whether a login is to show if a session has ended: it takes no one-time code, which is good for one.

        Without an account there is none. A handed-on session is then taken for ended where the release says no other
        word for it.
        """
        who = self._credentials
        if not who.username or not who.password:
            return find_api(session, AUTH, f"{AUTH}/login").version < _AUTH_OF_DSM_6
        return bool(self._device_token or not who.otp_code)

    def _send(
        self,
        session: Session,
        target: Api,
        method: str,
        fields: list[tuple[str, str]],
        path: str = "",
        timeout: Optional[float] = None,
    ) -> Reply:
        response = self.http.request(
            "POST",
            f"/webapi/{target.path}",
            call=f"{target.name}/{method}",
            path=path,
            body=encode_form([*fields, ("_sid", session["sid"])]),
            headers=self._headers(session),
            timeout=timeout,
        )
        return read_envelope(response.content, response.status_code, target.name, method, path)

    @staticmethod
    def _headers(session: Session) -> dict[str, str]:
        token = session.get("token")
        if not isinstance(token, str) or not token:
            return _FORM
        # A header is Latin-1 to HTTP clients: this puts UTF-8 on the wire, whatever a token is made of.
        return {**_FORM, "X-SYNO-TOKEN": token.encode("utf-8").decode("latin-1")}

    def _discover(self) -> Reply:
        """SYNO.API.Info/query for the APIs that this package speaks. It is always at `query.cgi`, open to everybody."""

        def attempt() -> Reply:
            response = self.http.request(
                "GET",
                "/webapi/query.cgi",
                call=f"{INFO}/query",
                query=[("api", INFO), ("version", "1"), ("method", "query"), ("query", ",".join(self.spoken))],
            )
            return read_envelope(response.content, response.status_code, INFO, "query")

        return self.http.repeat(attempt, idempotent=True)

    def _login(self) -> Session:
        """SYNO.API.Auth/login with the highest version that both sides speak.

        The password is sent once; a second time only with a one-time code, after a device token that is no longer good.
        A login with a code asks for a device token, which later logins send instead.

        :raises NasError: `AUTHENTICATION`, `OTP_REQUIRED`.
        """
        who, call = self._credentials, f"{AUTH}/login"
        if lacking := who.lacking():
            message = f"a login is due, and there is no {lacking} for it"
            raise self.http.error(Kind.AUTHENTICATION, message, call, hint=PASSWORD_MISSING)
        session: Session = {"apis": read_apis(self._discover()), "sid": "-"}
        if self.session_name != SESSION_NAME:
            session["name"] = self.session_name
        target = self._api(session, AUTH, call)
        if self._device_token is None and self.other is not None:
            # A one-time code is good for one login: the token that the other one brought does for this one.
            self._device_token = (self.other.current() or {}).get("device_token") or None
        token, code = self._device_token, self._otp_code
        self._otp_code = None  # good for one login
        known = [("device_id", token), ("device_name", DEVICE_NAME)] if token else []
        if token or not code:
            try:
                session.update(self._authenticate(target, [("format", "sid"), *known]))
            except NasError as error:
                if error.kind is not Kind.OTP_REQUIRED or not code:
                    self._otp_code = code
                    raise login_refused(error, token=bool(token)) from None
                self._device_token = None
            else:
                self._otp_code = code
                session["device_token"] = token
                return session
        # DSM 7.0.1 gives no device token where a format is asked for; without one the reply holds the session too.
        asked = [("otp_code", code or ""), ("enable_device_token", "yes"), ("device_name", DEVICE_NAME)]
        try:
            session.update(self._authenticate(target, asked))
        except NasError as error:
            raise login_refused(error, code=True, token=bool(token)) from None
        if not session["device_token"]:
            self.sessions.warnings.append(NO_DEVICE_TOKEN)
        self._device_token = session["device_token"]
        return session

    def _authenticate(self, target: Api, more: list[tuple[str, str]]) -> Session:
        """What one request for a login brings to a session."""
        fields = [
            ("api", AUTH),
            ("version", str(target.version)),
            ("method", "login"),
            ("account", self._credentials.username),
            ("passwd", self._credentials.password),
            *([("session", self.session_name)] if self.session_name else []),
            ("enable_syno_token", "yes"),
            *more,
        ]
        response = self.http.repeat(
            lambda: self.http.request(
                "POST", f"/webapi/{target.path}", call=f"{AUTH}/login", body=encode_form(fields), headers=_FORM
            ),
            idempotent=False,
            is_login=True,
        )
        reply = read_envelope(response.content, response.status_code, AUTH, "login")
        sid = reply.text("sid") or response.cookies.get("id")
        return {
            "sid": sid or reply.needed_text("sid"),
            "token": _header_safe(reply, "synotoken"),
            "device_token": reply.text("device_id") or reply.text("did") or None,
        }


def _header_safe(reply: Reply, key: str) -> Optional[str]:
    """A token that can stand in a header; None when the device gave none (DSM 5)."""
    token = reply.text(key)
    if token and not token.isprintable():
        raise reply.broken(key)
    return token if token and token.strip("-") else None  # "--------" is no token
