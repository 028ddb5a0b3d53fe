# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logging in and out: authLogin.cgi (guide, section 1; its later versions for two steps and tokens), authLogout.cgi,
and the older JSON pair wfm2Login.cgi and wfm2Logout.cgi."""

from __future__ import annotations

import hashlib
import time
from typing import Any

from aiohttp import web

from . import mail, reply, system
from .call import Call
from .codes import Status
from .people import Person, decode_password

XML = "text/xml"
BAD_CREDENTIALS, PASSWORD_EXPIRED_ADMIN, PASSWORD_EXPIRED = -1, -3, -4
NO_SESSION_FROM = 100
FORCE_TWO_STEP = 99
DEFAULT_TRUST_DAYS = 90
EMERGENCY_TRIES = 5
SENT, NO_MAIL_SERVER = 1, -1
TOO_MANY_TRIES = -1


def refusal(call: Call, value: int | None) -> web.Response:
    """Refused: bare text. Devices put in what they are, which needs no rights; the guide's two elements alone with the
    setting `login_facts=off`."""
    call.context.code = "authPassed 0" if value is None else value
    elements: dict[str, Any] = {"authPassed": 0} if value is None else {"authPassed": 0, "errorValue": value}
    text = reply.document({**_device(call), **elements}, plain=True)
    return reply.respond(call.context, text, XML)


def _device(call: Call) -> dict[str, Any]:
    """Model, firmware and port: what the login page tells anybody."""
    if call.device.settings.text("login_facts") == "off":
        return {}
    port = call.device.url.rpartition(":")[2]
    return {**_booting(), **system.model(call.device), "webAccessPort": port}


def _fail(call: Call, value: int = BAD_CREDENTIALS) -> web.Response:
    call.device.sessions.failed(call.context.request.remote or "")
    return refusal(call, value)


async def auth_login(call: Call) -> web.StreamResponse:
    """By password (`pwd`, or `plain_pwd`), by `qtoken`, or by a `sid` that is to be confirmed; GET and POST alike.

    Without either it is the page about the device. QTS 4.3.6 takes a POST without `serviceKey` for that, and the page
    does not even say `authPassed` (`post_needs_service_key=page`).
    """
    params, device = call.params, call.device
    if "sid" in params and "user" not in params:
        return refusal(call, BAD_CREDENTIALS) if call._session is None else _confirm(call)
    if "user" not in params:
        return refusal(call, None)
    if _lacks_service_key(call) == "page":
        return reply.respond(call.context, reply.document({**_device(call)}), XML)
    name = params.get("user")
    if "qtoken" in params:
        # Tailscale sends the sid beside a user's name to have a session confirmed; a qtoken opens one
        person = device.people.by_token(params.get("qtoken"), name)
        return _fail(call) if person is None else _open(call, person)
    if "pwd" not in params and "plain_pwd" not in params and call._session is not None and call.user == name:
        return _confirm(call)
    password = params.get("plain_pwd") if "plain_pwd" in params else decode_password(params.get("pwd"))
    person = device.people.by_password(name, password)
    if person is None:
        return _fail(call)
    if device.settings.flag("password_expired"):
        return _fail(call, PASSWORD_EXPIRED_ADMIN if person.admin else PASSWORD_EXPIRED)
    if not person.two_step:
        return _open(call, person)
    return _two_step(call, person)


def _confirm(call: Call) -> web.Response:
    person = call.device.people.get(call.user)
    return reply.respond(call.context, reply.document(_facts(call, person, call.session.id)), XML)


def _lacks_service_key(call: Call) -> str:
    """What becomes of this POST without serviceKey: `page`, `1` (accepted, without a sid), or nothing."""
    if call.context.request.method != "POST" or "serviceKey" in call.params:
        return ""
    services = call.device.settings.text("post_needs_service_key", "0")
    return "" if services in {"no", "0", "off"} else services


def _two_step(call: Call, person: Person) -> web.Response:
    """The password was right. A code opens the session, with the mandatory word on asking again; a vtoken does too.

    Devices ask no second step of a request that comes from 127.0.0.1. Everything comes from there here, so that rule
    is left out.
    """
    params, people = call.params, call.device.people
    forced = params.number("service") == FORCE_TWO_STEP or params.flag("force_to_check_2sv")
    client = params.get("client_id")
    if "vtoken" in params and not forced and people.is_trusted(params.get("vtoken"), person.name, client):
        return _open(call, person, need_2sv=1)
    again = params.get("dont_verify_2sv_again")
    code = params.get("security_code")
    answered = bool(people.answer) and params.get("security_answer") == people.answer
    if (people.code_is_good(code) or answered) and again in {"0", "1"}:
        people.tries = 0
        days = params.number("duration", DEFAULT_TRUST_DAYS)
        token = people.trust_device(person.name, client, days, lasting=again == "1")
        if call.device.settings.text("vtoken") == "off":
            return _open(call, person, need_2sv=1)
        return _open(call, person, need_2sv=1, vtoken=token)
    refused = bool(code or params.get("security_answer"))
    if refused:
        people.tries += 1
        call.device.sessions.failed(call.context.request.remote or "")
    lost = 2 if people.question else 1
    word = call.device.settings.text("two_step_element", "need_2sv")
    more: dict[str, Any] = {
        word: 1,
        "lost_phone": TOO_MANY_TRIES if people.tries >= EMERGENCY_TRIES else lost,
        "emergency_try_count": min(people.tries, EMERGENCY_TRIES),
        "emergency_try_limit": EMERGENCY_TRIES,
    }
    if refused:
        # a clock that drifts is the usual cause of a wrong code: the device tells its own (`clock=SECONDS` of drift)
        now = time.time() + call.device.settings.number("clock", 0.0)
        more["timestring"] = time.strftime("%Y/%m/%d %H:%M:%S", time.localtime(now))
    if params.flag("get_question"):
        more["security_question_text"] = people.question
    if params.flag("send_mail"):
        message = {"type": "security_code", "to": person.name, "code": people.current_code()}
        more["send_result"] = SENT if mail.send(call.device, message) else NO_MAIL_SERVER
    call.context.code = word
    return reply.respond(call.context, reply.document({**_device(call), "authPassed": 0, **more}), XML)


def _open(call: Call, person: Person, **more: Any) -> web.Response:
    """A session, unless the asking service gets none. On some devices (a TS-251+ with 4.5.1) a POST without serviceKey
    is accepted and gets none either: the setting `post_needs_service_key=1`, the fault `no_sid`."""
    device, params = call.device, call.params
    device.sessions.forgive(call.context.request.remote or "")
    quiet = bool(_lacks_service_key(call))
    sid = ""
    if params.number("service") < NO_SESSION_FROM and not quiet and call.context.oddity("no_sid") is None:
        sid = device.open_session(person.name).id
    if params.flag("remme"):
        more["qtoken"] = device.people.remember(person.name)
    return reply.respond(call.context, reply.document(_facts(call, person, sid, **more)), XML)


def _booting() -> dict[str, Any]:
    return {"doQuick": "", "is_booting": 0, "mediaReady": 1}


def _facts(call: Call, person: Person, sid: str, **more: Any) -> dict[str, Any]:
    """What a good login tells, as recorded. Who is no administrator has three elements of his own."""
    device = call.device
    seed = hashlib.md5(device.hostname.encode(), usedforsecurity=False).hexdigest()
    facts = _booting()
    if device.generation.modern:
        facts["shutdown_info"] = {"type": -1, "timestamp": 0, "duration": 0}
    facts["SMBFW"] = 0
    if device.generation.modern:
        facts |= {"hero_model": int(device.profile == "hero6"), "qts_mode_type": 0}
    facts["authPassed"] = 1
    if sid:
        facts["authSid"] = sid
    if person.admin:
        facts |= {"pw_status": 0, "isAdmin": 1}
    else:
        facts |= {"isAdmin": 0, "userid": person.uid, "userType": "local", "user_pw_change": 1}
    facts |= {
        "username": person.name,
        "groupname": "administrators" if person.admin else "everyone",
        "ts": int(time.time()) % 100000000,
        "fwNotice": 0,
    }
    if person.admin:
        facts["SUID"] = seed
    facts |= {
        "title": "",
        "content": "",
        "psType": 1,
        "standard_massage": "",
        "standard_color": "#ffffff",
        "standard_size": "12px",
        "standard_bg_style": "fill",
        "showVersion": 0,
        "show_link": 1,
    }
    if person.admin:
        facts["cuid"] = hashlib.md5(seed.encode(), usedforsecurity=False).hexdigest()
    return facts | more


async def auth_logout(call: Call) -> web.StreamResponse:
    """Ends the session; answers `authPassed` 0, as it is no login.

    The later document has `logout=1` beside the sid: with the setting `logout=strict` nothing ends without it.
    """
    if call.device.settings.text("logout") != "strict" or call.params.number("logout") == 1:
        call.device.sessions.drop(call.params.get("sid"))
    return reply.respond(call.context, reply.document({"authPassed": 0}), XML)


async def wfm2_login(call: Call) -> web.StreamResponse:
    """The JSON login: a wrong password is `status` 0 with an empty sid, a File Station that is off 8.

    It knows no second step; a user who needs one is refused with 69, the number later firmware has for that.
    """
    device, params = call.device, call.params
    if device.settings.text("file_station") == "off":
        return call.status(Status.DISABLED)
    person = device.people.by_password(params.get("user"), decode_password(params.get("pwd")))
    if person is None:
        device.sessions.failed(call.context.request.remote or "")
        call.context.code = 0
        return call.reply({"status": 0, "sid": "", **_server(call, None)})
    if person.two_step:
        return call.status(Status.NEED_2SV)
    device.sessions.forgive(call.context.request.remote or "")
    return call.reply({"status": 1, "sid": device.open_session(person.name).id, **_server(call, person)})


def _server(call: Call, person: Person | None) -> dict[str, Any]:
    device = call.device
    return {
        "servername": device.hostname,
        "username": person.name if person else "",
        "admingroup": int(person is not None and person.admin),
        "version": device.generation.version,
        "build": device.generation.build,
    }


async def wfm2_logout(call: Call) -> web.StreamResponse:
    call.device.sessions.drop(call.params.get("sid"))
    return call.status(Status.SUCCESS)


async def check_sid(call: Call) -> web.StreamResponse:
    """func=check_sid: the sid itself is not repeated, `sid` is "0"."""
    return call.reply({"status": 1, "sid": "0", **_server(call, call.device.people.get(call.user))})
