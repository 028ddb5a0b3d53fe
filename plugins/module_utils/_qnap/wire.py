# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The wire to a QNAP: log in, make one call, read the envelope, turn codes into errors.

Rests on the File Station guide for QTS 4.0, section 1 (authLogin.cgi) and the reply form that sections 2 to 19 share.
A session is `{"sid": str, "login": {...}, "device_token": str}`: the id that every call names, what the device said
about itself and the user at login, and, after a two-step login, the proof that later logins need no code.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Optional, TypeVar
from urllib.parse import quote

from .._core.errors import (
    CODE_REFUSED,
    CODE_WANTED,
    GARBLED,
    NEW_DEVICE_TOKEN,
    PASSWORD_MISSING,
    SPACE,
    WHERE,
    CodeMeaning,
    Kind,
    NasError,
)
from .._core.text import SURROGATES
from .._transport.http import Connection, Http, encode_form, encode_query
from .._transport.session import NO_DEVICE_TOKEN, Credentials, Session, Sessions, SessionStore
from .codes import LOGIN, SUCCESS, meaning
from .envelope import SESSION_EXPIRED, json_value, number, status_of, xml_fields
from .failures import BLOCKED, perhaps_blocked

if TYPE_CHECKING:
    from .._transport.http import Response

T = TypeVar("T")
Fields = list[tuple[str, Any]]

MAX_QUERY = 7000  # characters; a request line may have 8 KiB
_LONGEST_TIME = 40  # characters of the device's clock that are shown
LONG = 3600.0  # seconds to wait for a call that works through a whole file before it answers

_LOGIN = "/cgi-bin/authLogin.cgi"
_LOGOUT = "/cgi-bin/authLogout.cgi"
_UTILITY = "/cgi-bin/filemanager/utilRequest.cgi"
_SHARE = "/share.cgi"
_SYSINFO = "/cgi-bin/management/manaRequest.cgi"
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}

# What the login tells beside the session's id that is worth keeping; the last are on every page of the device.
_PAGE = (
    *(f"model/{name}" for name in ("modelName", "displayModelName", "internalModelName", "platform", "is_zfs")),
    *(f"firmware/{name}" for name in ("version", "number", "build", "patch", "buildTime")),
    "hostname",
)
_LOGIN_FIELDS = ("isAdmin", "groupname", "hero_model", "qts_mode_type", *_PAGE)

_HTTP_STATUS: Mapping[int, CodeMeaning] = {
    401: CodeMeaning(Kind.PERMISSION_DENIED, "the device's web server refuses the request"),
    403: CodeMeaning(Kind.PERMISSION_DENIED, "the device's web server refuses the request", BLOCKED),
    404: CodeMeaning(Kind.UNSUPPORTED, "the device has no such page", f"{WHERE}, and that File Station is on"),
    405: CodeMeaning(Kind.UNSUPPORTED, "the device does not take this request"),
    413: CodeMeaning(Kind.INVALID_ARGUMENT, "the device does not take so much at once"),
    429: CodeMeaning(Kind.BUSY, "the device gets too many requests"),
    507: CodeMeaning(Kind.NO_SPACE, "no space is left", SPACE),
}


class Wire:
    """Calls to one QNAP.

    :param connection: where it is.
    :param credentials: who logs in; may be empty when a session was handed on.
    :param store: where the session lives.
    """

    def __init__(self, connection: Connection, credentials: Credentials, store: SessionStore) -> None:
        self.http = Http(connection, keep=store.keep)
        self.sessions = Sessions(store, self._log_in)
        self.iso_shares: Optional[frozenset[str]] = None  # paths of shares that are ISO images, once known
        self._credentials = credentials
        # Blanks and line feeds around a token are not the token's.
        self._device_token = (credentials.device_token or "").strip() or None
        self._otp_code = credentials.otp_code

    def run(self, attempt: Callable[[str], T], *, idempotent: bool) -> T:
        """The result of `attempt(sid)`, with a session that the device knows; see `Http.repeat` for what is repeated.

        :param idempotent: whether the call may be repeated: it changes nothing on the device.
        """

        def in_session(session: Session) -> T:
            # The proof of a two-step login outlives its session.
            self._device_token = session.get("device_token") or self._device_token
            sid = session.get("sid")
            if not sid or not isinstance(sid, str):
                raise self.http.error(Kind.SESSION_EXPIRED, "the session at hand is none of a QNAP", "")
            return self.http.repeat(lambda: attempt(sid), idempotent=idempotent)

        return self.sessions.run(in_session)

    def call(
        self,
        func: str,
        fields: Fields,
        *,
        path: str = "",
        payload: str = "",
        idempotent: bool = True,
        timeout: Optional[float] = None,
        name: str = "",
        form: bool = False,
    ) -> dict[str, Any]:
        """One call of utilRequest.cgi and its reply, an object.

        :param func: the guide's `func`.
        :param fields: the call's parameters without `func` and `sid`, in order; names may repeat.
        :param path: what it is about, for errors.
        :param payload: the key that a good reply has (`datas`); empty when `status` 1 is all there is to expect.
        :param idempotent: whether the call may be repeated: it changes nothing on the device.
        :param timeout: seconds to wait for the answer, where that may be long.
        :param name: how errors name the call, where that is not `func`.
        :param form: see `send`.
        :raises NasError: by the reply's `status`; `PROTOCOL` for a reply that makes no sense.
        """

        def attempt(sid: str) -> dict[str, Any]:
            response = self.send(func, sid, fields, path=path, timeout=timeout, name=name, form=form)
            return self.checked(func, self.parsed(name or func, response, path), path=path, payload=payload, name=name)

        return self.run(attempt, idempotent=idempotent)

    def tree(self, node: str, *, path: str = "") -> list[dict[str, Any]]:
        """The rows of get_tree (section 12.1), whose good reply is a bare array.

        :param node: `share_root`, or the path of a folder.
        """

        def attempt(sid: str) -> list[dict[str, Any]]:
            response = self.send("get_tree", sid, [("is_iso", 0), ("node", node)], path=path)
            value = self.parsed("get_tree", response, path)
            if isinstance(value, list) and all(isinstance(row, dict) for row in value):
                return value
            status = number(value.get("status")) if isinstance(value, dict) else None
            if status in (None, SUCCESS):
                raise self.http.error(Kind.PROTOCOL, "the device's answer is no list of folders", "get_tree", path)
            raise self.failure("get_tree", status, path=path)

        return self.run(attempt, idempotent=True)

    def sysinfo(self) -> dict[str, str]:
        """What the device's own pages show about it, by element path such as `model/displayModelName`.

        Not in the guide; monitoring clients have long read it. Administrators only.

        :raises NasError: `PERMISSION_DENIED` when the user may not see it.
        """
        call = "sysinfo"

        def attempt(sid: str) -> dict[str, str]:
            query = [("subfunc", "sysinfo"), ("hd", "no"), ("multicpu", 1), ("sid", sid)]
            response = self.http.request("GET", _SYSINFO, call=call, query=query)
            fields = self._xml(call, response)
            if not self.lets_in(fields.get("authPassed", "1"), sid, call):
                raise self.http.error(Kind.PERMISSION_DENIED, "the device does not show this to the user", call)
            return fields

        return self.run(attempt, idempotent=True)

    def lets_in(self, verdict: str, sid: str, call: str) -> bool:
        """Whether a page of the device's own answers to a session, by its `authPassed`.

        A page says the same of a session that has ended, perhaps by another program's login a moment ago, and of one
        that is no administrator's. File Station's own check of a session (not in the guide; clients use it) tells them
        apart, where there is one.

        :raises NasError: `SESSION_EXPIRED`; `PROTOCOL` for what is neither 0 nor 1.
        """
        if verdict not in ("0", "1"):
            message = f"the device did not answer like its system pages: authPassed is {verdict[:40]!r}"
            raise self.http.error(Kind.PROTOCOL, message, call)
        if verdict == "0":
            status = status_of(self.send("check_sid", sid, []).content)
            if status == SESSION_EXPIRED:
                raise self.failure("check_sid", status)
        return verdict == "1"

    def page(self) -> dict[str, str]:
        """What the device tells anybody about its model and firmware: the login's page, asked without a login."""

        def attempt() -> dict[str, str]:
            return self._xml("authLogin.cgi", self.http.request("GET", _LOGIN, call="authLogin.cgi"))

        with perhaps_blocked():
            fields = self.http.repeat(attempt, idempotent=True)
        return {name: fields[name] for name in _PAGE if fields.get(name)}

    def send(
        self,
        func: str,
        sid: str,
        fields: Fields,
        *,
        path: str = "",
        body: Any = None,
        headers: Optional[Mapping[str, str]] = None,
        stream: bool = False,
        size: Optional[int] = None,
        timeout: Optional[float] = None,
        name: str = "",
        form: bool = False,
        suffix: str = "",
    ) -> Response:
        """Send one request to utilRequest.cgi and return its answer of HTTP 200 or 206.

        Parameters travel in the query, as the guide shows; those too long for it in a form.

        :param body: a stream to upload; then all parameters are in the query.
        :param size: how many bytes a streamed answer has, where that is known.
        :param form: let the parameters travel in a form in any case: a password has no place in a device's logs.
        :param suffix: a name that follows the page's own in the URL, as get_viewer has it.
        """
        query: Fields = [("func", func), ("sid", sid)]
        if body is None and (form or len(encode_query(fields)) > MAX_QUERY):
            body, headers = encode_form(fields), {**(headers or {}), **_FORM}
        else:
            query += fields
        response = self.http.request(
            "GET" if body is None else "POST",
            _UTILITY + (f"/{quote(suffix, safe='', errors=SURROGATES)}" if suffix else ""),
            call=name or func,
            path=path,
            query=query,
            body=body,
            headers=headers,
            stream=stream,
            expected=size,
            timeout=timeout,
        )
        self.require_success(response, name or func, path)
        return response

    def parsed(self, call: str, response: Response, path: str) -> Any:
        """The JSON value of an answer.

        :raises NasError: `PROTOCOL` when there is none.
        """
        try:
            return json_value(response.content)
        except ValueError:
            status = status_of(response.content)
            if status is not None:
                raise self.failure(call, status, path=path) from None
            what = "something that is no JSON" if response.content.strip() else "nothing"
            message = f"the device answered with {what}"
            raise self.http.error(Kind.PROTOCOL, message, call, path, hint=GARBLED) from None

    def checked(self, func: str, value: Any, *, path: str, payload: str = "", name: str = "") -> dict[str, Any]:
        """A reply of which its `status`, if it has one, says that all is well. `success` is "true" even in errors."""
        call = name or func
        if not isinstance(value, dict):
            raise self.http.error(Kind.PROTOCOL, "the device's answer is no object", call, path)
        status = number(value.get("status"))
        if status is None and "status" in value:
            raise self.http.error(Kind.PROTOCOL, "the status in the device's answer is no number", call, path)
        if payload and (value.get(payload) or (payload in value and status in (None, SUCCESS))):
            return value
        if status is not None and status != SUCCESS:
            raise self.failure(func, status, path=path, name=name)
        if status is None or payload:
            missing = payload or "status"
            raise self.http.error(Kind.PROTOCOL, f"the device's answer has no {missing}", call, path)
        return value

    def failure(self, func: str, status: int, *, path: str = "", name: str = "") -> NasError:
        """The error that a `status` other than 1 stands for."""
        known = meaning(func, status)
        return self.http.error(known.kind, known.message, name or func, path, str(status), known.hint)

    def open_link(self, query: Fields) -> Response:
        """Begin to fetch what a share link leads to, as anybody may: without a session (section 17.1).

        :param query: what the link's own URL has behind the question mark, and its code.
        """
        call = "share.cgi"
        # Compressed on the way, the announced length would not be the file's.
        headers = {"Accept-Encoding": "identity"}
        with perhaps_blocked():
            response = self.http.request("GET", _SHARE, call=call, query=query, headers=headers, stream=True)
        if response.status_code in (404, 410):
            response.close()
            code = f"HTTP {response.status_code}"
            raise self.http.error(Kind.NOT_FOUND, "the share link is unknown or has ended", call, code=code)
        self.require_success(response, call, "")
        return response

    def log_out(self, session: Session) -> None:
        """End a session; whatever XML the device answers, it is over."""
        sid = session.get("sid")
        if sid:
            query = [("logout", 1), ("sid", str(sid))]

            def attempt() -> None:
                response = self.http.request("GET", _LOGOUT, call="authLogout.cgi", query=query)
                self.require_success(response, "authLogout.cgi", "")
                try:
                    xml_fields(response.content)
                except ValueError as error:
                    message = f"the device did not answer like a QNAP: {error}"
                    raise self.http.error(Kind.PROTOCOL, message, "authLogout.cgi", hint=GARBLED) from None

            self.http.repeat(attempt, idempotent=True)  # to be logged out twice is to be logged out

    def _log_in(self) -> Session:
        """A new session. The password is sent once; a second time only with the one-time code that was asked for."""
        if lacking := self._credentials.lacking():
            raise self._refusal(f"a login is due, and there is no {lacking} for it", PASSWORD_MISSING)
        token, code = self._device_token, self._otp_code
        fields = self._authenticate([("vtoken", token)]) if token else {}
        if not token or (code and _wants_code(fields)):
            self._otp_code = None  # good for one login
            fields, was_refused, token = self._authenticate(_with_code(code)), bool(token), None
        else:
            code, was_refused = None, _wants_code(fields)
        if fields.get("authPassed") != "1" or not fields.get("authSid"):
            raise self._login_failure(fields, code_sent=bool(code), token_refused=was_refused)
        session: Session = {
            "sid": fields["authSid"],
            "login": {key: fields[key] for key in _LOGIN_FIELDS if fields.get(key)},
        }
        self._device_token = fields.get("vtoken") or token
        if self._device_token:
            session["device_token"] = self._device_token
        elif code:
            self.sessions.warnings.append(NO_DEVICE_TOKEN)
        return session

    def _authenticate(self, more: Fields) -> dict[str, str]:
        """One login by POST, which keeps the password out of the device's logs (the guide shows GET)."""
        try:
            password = base64.b64encode(self._credentials.password.encode("utf-8", "surrogateescape"))
        except UnicodeEncodeError:
            raise self._refusal("the password holds characters that cannot be sent", "Check its encoding") from None
        form = [("user", self._credentials.username), ("pwd", password.decode("ascii")), ("serviceKey", 1), *more]
        body = encode_form(form)
        with perhaps_blocked():
            response = self.http.repeat(
                lambda: self.http.request("POST", _LOGIN, call="authLogin.cgi", body=body, headers=_FORM),
                idempotent=False,
                is_login=True,
            )
        if response.status_code in (401, 403):
            raise self._refusal("the device's web server refuses the login", BLOCKED)
        return self._xml("authLogin.cgi", response)

    def _login_failure(self, fields: Mapping[str, str], *, code_sent: bool, token_refused: bool) -> NasError:
        if _asks_second_step(fields) and fields.get("lost_phone") == "-1":
            hint = "Wait, or sign in to the device's web page; then set otp_code (nas_otp_code) to a new code"
            return self._refusal("the account had too many one-time codes that were wrong", hint)
        if code_sent and _asks_second_step(fields):
            message, hint, clock = "the one-time code was refused", CODE_REFUSED, fields.get("timestring", "")
            if clock and clock.isprintable():
                hint = f"{hint}; the NAS's says {clock[:_LONGEST_TIME]}"
            return self.http.error(Kind.OTP_REQUIRED, message, "authLogin.cgi", hint=hint)
        if _wants_code(fields):
            message, hint = "the account needs a one-time code", CODE_WANTED
            if token_refused:
                message = "the device does not take the device token any more, and wants a one-time code"
                hint = NEW_DEVICE_TOKEN
            return self.http.error(Kind.OTP_REQUIRED, message, "authLogin.cgi", hint=hint)
        if fields.get("authPassed") == "1":
            return self._refusal("the device accepted the login but gave no session", "Update the device's firmware")
        if "authPassed" not in fields:
            # QTS 4.3.6 shows the page about the device to a login that it does not understand.
            firmware = fields.get("firmware/version", "")
            what = f"firmware {firmware[:_LONGEST_TIME]}" if firmware and firmware.isprintable() else "the device"
            message = f"{what} answered the login with its page about the device, without a verdict (no authPassed)"
            hint = (
                "Update the device's firmware, or switch File Station on; the account was neither accepted nor refused"
            )
            return self.http.error(Kind.PROTOCOL, message, "authLogin.cgi", hint=hint)
        value = number(fields.get("errorValue"))
        known = LOGIN.get(value) if value is not None else None
        known = known or CodeMeaning(Kind.AUTHENTICATION, "the device refused the login")
        code = "" if value is None else str(value)
        return self.http.error(known.kind, known.message, "authLogin.cgi", code=code, hint=known.hint)

    def _refusal(self, message: str, hint: str) -> NasError:
        return self.http.error(Kind.AUTHENTICATION, message, "authLogin.cgi", hint=hint)

    def _xml(self, call: str, response: Response) -> dict[str, str]:
        self.require_success(response, call, "")
        try:
            return xml_fields(response.content)
        except ValueError as error:
            message = f"the device did not answer like a QNAP: {error}"
            raise self.http.error(Kind.PROTOCOL, message, call, hint=WHERE) from None

    def require_success(self, response: Response, call: str, path: str = "") -> None:
        """Raise the error of an answer that is none of HTTP 200 or 206."""
        if response.status_code in (200, 206):
            return
        response.close()
        kind = Kind.DEVICE if response.status_code >= 500 else Kind.PROTOCOL
        known = _HTTP_STATUS.get(response.status_code) or CodeMeaning(kind, "the device's web server reports an error")
        raise self.http.error(known.kind, known.message, call, path, f"HTTP {response.status_code}", known.hint)


def _with_code(code: Optional[str]) -> Fields:
    """The second step of a two-step login; the device then gives a token, so that it need not ask again."""
    return [("security_code", code), ("dont_verify_2sv_again", 1)] if code else []


def _wants_code(fields: Mapping[str, str]) -> bool:
    # With a refusal beside it, the password may be what is wrong: it must not be sent again.
    refused = number(fields.get("errorValue")) not in (None, 0)
    return _asks_second_step(fields) and not fields.get("authSid") and not refused


def _asks_second_step(fields: Mapping[str, str]) -> bool:
    return "1" in (fields.get("need_2sv"), fields.get("need_2_step_verification"))
