# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pages behind the web desktop that manage accounts, groups, shares, rights and power: priv/privRequest.cgi,
priv/privWizard.cgi, wizReq.cgi, sys/sysRequest.cgi. The vendor describes none of them; they are as they were observed
on QTS 5.1.9.

A reply is XML with what the device is, and `authPassed`: 0 for a session that is gone or is no administrator's, with
HTTP status 200. 1 does not say that a change was made: for most of them it is all that is said.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiohttp import web

from ..core.context import Context
from . import accounts, groups, power, reply, rights, shares, system
from .call import Call, Params
from .operation import DONE, REFUSED, Key, Operation

if TYPE_CHECKING:
    from .device import Qnap

FUNCTION = {"privRequest.cgi": "subfunc", "privWizard.cgi": "wiz_func", "wizReq.cgi": "wiz_func"}
PATHS = {"priv/privRequest.cgi", "priv/privWizard.cgi", "wizReq.cgi"}
OPERATIONS: dict[Key, Operation] = {
    **accounts.OPERATIONS,
    **groups.OPERATIONS,
    **shares.OPERATIONS,
    **rights.OPERATIONS,
    **power.OPERATIONS,
}


def key_of(program: str, params: Params) -> Key:
    """Program, function and action of a call: what privRequest.cgi is to change has `apply=1`, elsewhere the action has
    a name."""
    if program == "sysRequest.cgi":
        return program, params.get("subfunc"), params.get("apply")
    function = params.get(FUNCTION[program])
    if program == "privRequest.cgi":
        return program, function, "apply" if params.number("apply") == 1 else ""
    return program, function, params.get("action")


def name_of(key: Key) -> str:
    """As the log has it."""
    program, function, action = key
    if program == "sysRequest.cgi":
        return f"{program}?subfunc={function}" + (f"&apply={action}" if action else "")
    name = f"{program}?{FUNCTION[program]}={function}"
    if not action:
        return name
    return name + ("&apply=1" if program == "privRequest.cgi" else f"&action={action}")


NAMES = {name_of(key): operation for key, operation in OPERATIONS.items()}
WRITES = frozenset(name for name, operation in NAMES.items() if operation.writes)


async def serve(call: Call) -> web.StreamResponse:
    """Look at the session, do it, say what is said of it."""
    device, context = call.device, call.context
    if device.settings.text("system_calls") == "off":
        return reply.page(404)
    if call._session is None or not call.admin:
        context.code = "authPassed 0"
        return answer(device, context, {}, passed=0)
    operation = NAMES.get(context.info.call)
    if operation is None:
        context.code = REFUSED
        return answer(device, context, {"result": REFUSED})
    if not operation.writes:
        return answer(device, context, operation.run(call))
    number = DONE if context.oddity("pretend") is not None else operation.run(call)
    if number != DONE:
        context.code = number
    return answer(device, context, operation.reply(number))


def answer(device: Qnap, context: Context, values: dict[str, Any], *, passed: int = 1) -> web.Response:
    """The envelope. Text is bare, as recorded; in CDATA with the setting `xml=cdata`, as other firmware has it."""
    facts = system.model(device)
    facts["model"] = {"": facts["model"]["displayModelName"], **facts["model"]}
    plain = device.settings.text("xml", "bare") != "cdata"
    text = reply.document({"authPassed": passed, **facts, **values}, plain=plain)
    return reply.respond(context, text, system.XML)


def error(device: Qnap, context: Context, number: int) -> web.Response:
    """The fault `error`: this number where the call tells how it went, in `result` where it tells nothing."""
    context.code = number
    operation = NAMES.get(context.info.call)
    elements = operation.reply(number) if operation is not None else {}
    return answer(device, context, elements or {"result": number})
