# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Talk to DSM: find its APIs, log in, make one call, read the envelope. The only place with URLs.

Rests on the File Station guide, chapters 2 (requests, responses) and 3 (SYNO.API.Info, SYNO.API.Auth). Paths and
versions of the APIs differ between DSM 5, 6 and 7; the device tells them once, and the session keeps them.

A session is `{sid, token, device_token, apis: {api: [path, lowest version, highest version, whether JSON]}}`. The
session id travels in the body of a POST, and the token in a header, where no log of a server writes them down; an
upload must carry them in its query.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Optional, TypeVar

from ansible_collections.nasops.nas.plugins.module_utils._errors import Kind, NasError
from ansible_collections.nasops.nas.plugins.module_utils._http import Connection, Http, encode_form
from ansible_collections.nasops.nas.plugins.module_utils._multipart import FileForm
from ansible_collections.nasops.nas.plugins.module_utils._session import Credentials, Keeper, Session, Sessions
from ansible_collections.nasops.nas.plugins.module_utils._synology.apis import SPOKEN, Api, find_api, read_apis
from ansible_collections.nasops.nas.plugins.module_utils._synology.codes import AUTH
from ansible_collections.nasops.nas.plugins.module_utils._synology.encoding import Value, encode_value
from ansible_collections.nasops.nas.plugins.module_utils._synology.reply import Reply, read_envelope

if TYPE_CHECKING:
    from ansible_collections.nasops.nas.plugins.module_utils._http import Response

T = TypeVar("T")

INFO = "SYNO.API.Info"
SESSION_NAME = "FileStation"
DEVICE_NAME = "nasops.nas"

_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_GONE = ("105",)  # old releases of DSM say this of an unknown session at logout


class Wire:
    """Calls to one DSM. Makes none at construction.

    :param connection: where it is.
    :param credentials: who asks.
    :param keeper: where the session lives.
    """

    def __init__(self, connection: Connection, credentials: Credentials, keeper: Keeper) -> None:
        self.http = Http(connection)
        self.sessions = Sessions(keeper, self._login)
        self._credentials = credentials
        self._device_token: Optional[str] = None  # of a session that this process has seen

    def call(
        self,
        api: str,
        method: str,
        params: Mapping[str, Value],
        *,
        path: str = "",
        changes_nothing: bool,
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

        return self._in_session(attempt, changes_nothing)

    def version(self, api: str) -> int:
        """The version of an API that calls use; 0 when the device lacks it. Makes no call beside a login."""
        try:
            return self.sessions.run(lambda session: self._api(session, api, api).version)
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

        return self._in_session(attempt, changes_nothing=False)

    def fetch(
        self,
        api: str,
        method: str,
        params: Mapping[str, Value],
        *,
        path: str,
        is_file: Callable[[Mapping[str, str]], bool],
    ) -> Response:
        """A call that is answered with a file: the unread response, which the caller closes.

        A failure arrives as an envelope with HTTP 200, or as an HTTP error.

        :param is_file: whether the headers of an answer with HTTP 200 say that it is the file.
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

        return self._in_session(attempt, changes_nothing=True)

    def end(self, session: Session) -> None:
        """SYNO.API.Auth/logout. A session that the device no longer knows is over too. Needs no credentials."""
        try:
            target = find_api(session, AUTH, f"{AUTH}/logout")
            fields = [("api", AUTH), ("version", str(target.version)), ("method", "logout"), ("session", SESSION_NAME)]
            # To be logged out twice is to be logged out.
            self.http.repeat(lambda: self._send(session, target, "logout", fields), changes_nothing=True)
        except NasError as error:
            if error.kind is not Kind.SESSION_EXPIRED and error.code not in _GONE:
                raise

    def _api(self, session: Session, api: str, call: str, path: str = "") -> Api:
        target = find_api(session, api, call, path)
        device_token = session.get("device_token")
        if isinstance(device_token, str) and device_token:
            self._device_token = device_token
        return target

    def _in_session(self, attempt: Callable[[Session], T], changes_nothing: bool) -> T:
        return self.sessions.run(
            lambda session: self.http.repeat(lambda: attempt(session), changes_nothing=changes_nothing)
        )

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
                query=[("api", INFO), ("version", "1"), ("method", "query"), ("query", ",".join(SPOKEN))],
            )
            return read_envelope(response.content, response.status_code, INFO, "query")

        return self.http.repeat(attempt, changes_nothing=True)

    def _login(self) -> Session:
        """SYNO.API.Auth/login with the highest version that both sides speak; exactly one attempt.

        A two-step login takes a one-time code, and is asked for a device token, which later logins send instead.

        :raises NasError: `AUTHENTICATION`, `OTP_REQUIRED`.
        """
        who, call = self._credentials, f"{AUTH}/login"
        if not who.username or not who.password:
            raise self.http.error(
                Kind.AUTHENTICATION,
                "there is no session that the device knows, and no username and password to log in with",
                call,
                hint="Set username and password",
            )
        session: Session = {"apis": read_apis(self._discover()), "sid": "-"}
        target = self._api(session, AUTH, call)
        fields = [
            ("api", AUTH),
            ("version", str(target.version)),
            ("method", "login"),
            ("account", who.username),
            ("passwd", who.password),
            ("session", SESSION_NAME),
            ("format", "sid"),
            ("enable_syno_token", "yes"),
        ]
        # The token that the last session has brought: its one-time code is spent.
        device_token = self._device_token or who.device_token
        otp_code = who.otp_code if self._device_token is None else None
        if otp_code:
            fields += [("otp_code", otp_code), ("enable_device_token", "yes")]
        if device_token:
            fields.append(("device_id", device_token))
        if otp_code or device_token:
            fields.append(("device_name", DEVICE_NAME))

        def attempt() -> Reply:
            response = self.http.request(
                "POST", f"/webapi/{target.path}", call=call, body=encode_form(fields), headers=_FORM
            )
            return read_envelope(response.content, response.status_code, AUTH, "login")

        reply = self.http.repeat(attempt, changes_nothing=False, is_login=True)
        session["sid"] = reply.needed_text("sid")
        session["token"] = _header_safe(reply, "synotoken")
        given = (reply.text("device_id") or reply.text("did")) if otp_code else None
        session["device_token"] = given or device_token
        return session


def _header_safe(reply: Reply, key: str) -> Optional[str]:
    """A token that can stand in a header; None when the device gave none (DSM 5)."""
    token = reply.text(key)
    if token and not token.isprintable():
        raise reply.broken(key)
    return token or None
