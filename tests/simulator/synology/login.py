# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SYNO.API.Auth: login and logout (guide, chapter 3; codes of Synology's login guide; seen on DSM 6 and 7)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import struct
import time
from typing import TYPE_CHECKING, Any

from aiohttp import web

from ..core.sessions import Session
from .calls import Call, serves
from .values import ApiError, Params

if TYPE_CHECKING:
    from .device import Synology

BAD_CREDENTIALS, TURNED_OFF, DENIED, OTP_NEEDED, OTP_WRONG, BLOCKED, BOOTING = 400, 401, 402, 403, 404, 407, 499
DUPLICATE = 107
NO_TOKEN = "--------"


def totp(secret: str, when: float, step: int = 30) -> str:
    """RFC 6238, six digits, SHA-1."""
    key = base64.b32decode(secret.upper() + "=" * (-len(secret) % 8))
    digest = hmac.new(key, struct.pack(">Q", int(when // step)), hashlib.sha1).digest()
    start = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[start : start + 4])[0] & 0x7FFFFFFF) % 1_000_000:06d}"


class Gate:
    """Who may in."""

    def __init__(self, device: Synology) -> None:
        self.device = device
        self.settings = device.settings
        self.refused = {name: int(code) for name, code in self.settings.pairs("refuse").items()}
        self._used: set[str] = set()
        self._trusted: dict[str, str] = {}

    def _code_fits(self, code: str) -> bool:
        """Whether the second factor is right; a code is good for one login."""
        now = time.time()
        if self.settings.otp_secret:
            steps = {totp(self.settings.otp_secret, now + shift): int((now + shift) // 30) for shift in (-30, 0, 30)}
            mark = f"{code}@{steps.get(code)}"
            good = code in steps and mark not in self._used
        else:
            mark = code
            good = code == self.settings.otp_code and not (mark in self._used and self.settings.flag("otp_single_use"))
        if good:
            self._used.add(mark)
        return good

    def check(self, params: Params, address: str) -> tuple[str, bool]:
        """(the user, whether a code was used), or the error."""
        sessions = self.device.sessions
        if time.monotonic() - self.device.began < self.settings.number("boot_seconds", 0.0):
            raise ApiError(BOOTING)
        user, password = params.raw.get("account", ""), params.raw.get("passwd", "")
        if sessions.blocked(address):
            raise ApiError(BLOCKED)
        known = self.device.people.user(user)
        given = password.encode("utf-8", "surrogateescape")
        if known is None or not hmac.compare_digest(known.password.encode("utf-8", "surrogateescape"), given):
            sessions.failed(address)
            raise ApiError(BAD_CREDENTIALS)
        user = known.name
        if not known.active:
            raise ApiError(TURNED_OFF)
        if user in self.refused:
            raise ApiError(self.refused[user])
        self._check_session_name(params)
        used = False
        if user == self.settings.user and (self.settings.otp_code or self.settings.otp_secret):
            used = self._second_step(params, address)
        sessions.forgive(address)
        return user, used

    def _check_session_name(self, params: Params) -> None:
        """Some devices want a session name from users without administration rights, others refuse any (402)."""
        wanted = self.settings.names("require_session")
        given = params.raw.get("session", "")
        if (wanted and given not in wanted) or (given and self.settings.flag("refuse_session")):
            raise ApiError(DENIED)

    def _second_step(self, params: Params, address: str) -> bool:
        device = params.raw.get("device_id", "").strip('"')
        if device in self._trusted and self._trusted[device] == params.raw.get("device_name", ""):
            return False
        code = params.raw.get("otp_code", "").strip('"')
        if not code:
            types = self.settings.names("otp_types") or ["otp"]
            detail = {"token": secrets.token_urlsafe(24), "types": [{"type": name} for name in types]}
            raise ApiError(OTP_NEEDED, detail if self.device.dsm.device_key else None)
        if not self._code_fits(code):
            self.device.sessions.failed(address)
            raise ApiError(OTP_WRONG)
        return True

    def forget_devices(self) -> None:
        """No device token is taken any more."""
        self._trusted.clear()

    def trust(self, name: str) -> str:
        """A device token: the next login with it and the same device name needs no code."""
        token = secrets.token_urlsafe(48)
        self._trusted[token] = name
        return token


@serves("SYNO.API.Auth", "login", public=True)
async def login(call: Call) -> web.StreamResponse:
    """One login, plain or with the fields of SYNO.API.Encryption."""
    device = call.device
    raw = dict(call.params.raw)
    if device.ciphers.FIELD in raw:
        raw.update(await device.ciphers.open(raw.pop(device.ciphers.FIELD)))
    params = Params(raw, "plain")
    if call.context.oddity("forget_devices"):
        device.auth.forget_devices()
    user, code_used = device.auth.check(params, call.context.request.remote or "")
    if device.settings.flag("single_session"):
        for other in device.sessions.all():
            if other.user == user:
                device.end_session(other.id, DUPLICATE)
    session = device.sessions.open(
        user,
        secrets.token_urlsafe(48),
        auth_version=call.version,
        name=raw.get("session", ""),
        synotoken=secrets.token_urlsafe(9),
    )
    as_sid = call.version >= 2 and raw.get("format", "cookie").strip('"') == "sid"
    reply = _login_reply(call, raw, session, code_used=code_used, as_sid=as_sid)
    call.context.info.session = session.id
    response = device.envelope({"data": reply, "success": True})
    token = reply.get("device_id") or reply.get("did")
    if token:
        response.set_cookie("did", token, path="/", httponly=True, max_age=30 * 86400)
    if not as_sid:
        response.set_cookie("id", session.id, path="/", httponly=True)
    return response


def _login_reply(call: Call, raw: dict[str, str], session: Session, *, code_used: bool, as_sid: bool) -> dict[str, Any]:
    """What the reply holds, by the version of the call (recorded): 3 to 6 give a `did` to everybody, 7 a `device_id`
    that is empty where no device token was asked for with a code, and `synotoken` in any case."""
    device, version = call.device, call.version
    reply: dict[str, Any] = {}
    if version >= 2:
        reply["sid"] = session.id
    if version >= 3:
        reply["is_portal_port"] = False
    if device.profile == "dsm5":
        return reply
    if raw.get("enable_syno_token", "").lower() in {"yes", "true"}:
        reply["synotoken"] = session.data["synotoken"]
    token = ""
    if code_used and raw.get("enable_device_token", "").lower() in {"yes", "true"} and version >= 6:
        token = device.auth.trust(raw.get("device_name", ""))
    if version >= 7:
        reply.setdefault("synotoken", NO_TOKEN)
        kept = not (as_sid and device.settings.flag("empty_device_id"))
        reply.update(account=session.user, device_id=token if kept else "")
        if (
            "ik_message" not in raw
        ):  # a client's own begins a handshake (see `encryption`): that one gets no answer here
            reply["ik_message"] = ""
    elif version >= 3:
        reply["did"] = token or secrets.token_urlsafe(48)
    return reply


@serves("SYNO.API.Auth", "logout", public=True)
async def logout(call: Call) -> None:
    """End the session. Without one, or with one nobody knows, devices answer success as well."""
    call.device.sessions.drop(call.context.info.session)
