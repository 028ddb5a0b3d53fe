# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SYNO.Core.User: list, get, create, set, delete; SYNO.Core.User.PasswordPolicy: get, set; .User.PasswordConfirm: auth.

Seen: an end date is `2027/1/5`, told without leading zeros however it was written, an ISO date is refused (3103);
`disabled` and, after the creation, `passwd_never_expire` are taken and ignored; a deletion may say 3102 in `errors`
though the account is gone; names come as an array, a bare one is 3101 (a virtual DSM takes it). What happens to the
sessions of an account that is deleted or turned off was not recorded: here they end (119).
"""

from __future__ import annotations

import secrets
import string
import time
from typing import TYPE_CHECKING, Any

from ..core.names import fold
from .calls import Call, controls
from .control import NO_SESSION, Wants, rows_page
from .people import OFF, User, read_expiry
from .rights import LOCAL_USER
from .values import ApiError

if TYPE_CHECKING:
    from .device import Synology

API = "SYNO.Core.User"
POLICY = "SYNO.Core.User.PasswordPolicy"
BAD_VALUE, GONE_ANYWAY, MISSING, NO_USER, EXISTS, NAME_RESERVED = 3101, 3102, 3103, 3106, 3107, 3108
LAST_ADMINISTRATOR, SYSTEM_ACCOUNT, BAD_PASSWORD, IN_HISTORY, TOO_WEAK = 3109, 3115, 3121, 3122, 3123
RESERVED = frozenset({"root", "http", "nobody", "anonymous", "administrator", "system", "guests", "nas", "sync", "ftp"})
ILLEGAL = frozenset("!\"#$%&'()*+,/:;<=>?@[]\\^`{}|~\0\n\r\t")
LISTED = frozenset({"description", "email", "expired", "passwd_never_expire", "2fa_status", "groups", "uid"})
MAX_NAME, MAX_PASSWORD = 64, 127


def named(device: Synology, name: str) -> User:
    """The account of this name; 3106 without one."""
    user = device.people.user(name)
    if user is None:
        raise ApiError(NO_USER)
    return user


def _describe(device: Synology, user: User, wanted: frozenset[str]) -> dict[str, Any]:
    row: dict[str, Any] = {"name": user.name}
    more: dict[str, Any] = {
        "2fa_status": False,
        "cannot_chg_passwd": user.cannot_chg_passwd,
        "description": user.description,
        "email": user.email,
        "expired": user.expired,
        "groups": device.people.groups_of(user.name),
        "passwd_never_expire": user.passwd_never_expire,
        "uid": user.uid,
    }
    row.update({name: more[name] for name in wanted if name in more})
    return row


@controls(API, "list")
async def list_(call: Call) -> dict[str, Any]:
    """Name and number, and what `additional` asks for; whether the password may be changed is a field of `get` only."""
    device, wants = call.device, Wants(call, missing=MISSING, bad=BAD_VALUE)
    users = sorted(device.people.users.values(), key=lambda user: fold(user.name))
    if wants.text("type", "local") not in {"local", "all"}:
        users = []
    wanted = (wants.additional() or frozenset({"uid"})) & LISTED
    return rows_page(wants, "users", [_describe(device, user, wanted) for user in users])


@controls(API, "get")
async def get(call: Call) -> dict[str, Any]:
    """A list of one."""
    wants = Wants(call, missing=MISSING, bad=BAD_VALUE)
    user = named(call.device, wants.text("name"))
    return {"users": [_describe(call.device, user, (wants.additional() or frozenset()) | {"uid"})]}


# -- changing


def _check_name(device: Synology, name: str, *, but: User | None = None) -> None:
    taken = device.people.user(name)
    if taken is not None and taken is not but:
        raise ApiError(EXISTS)
    if fold(name) in RESERVED:
        raise ApiError(NAME_RESERVED)
    if not name.strip() or len(name) > MAX_NAME or name[0] in " -" or name[-1] == " " or set(name) & ILLEGAL:
        raise ApiError(BAD_VALUE)


def check_password(device: Synology, user: User | None, name: str, password: str) -> None:
    """What the policy says to a password."""
    policy = device.password_policy
    if not password or len(password) > MAX_PASSWORD:
        raise ApiError(BAD_PASSWORD)
    weak = [
        policy["min_length_enable"] and len(password) < policy["min_length"],
        policy["mixed_case"] and (password.lower() == password or password.upper() == password),
        policy["included_numeric_char"] and not set(password) & set(string.digits),
        policy["included_special_char"] and not set(password) & set(string.punctuation),
        policy["exclude_username"] and fold(name) in fold(password),
    ]
    if any(weak):
        raise ApiError(TOO_WEAK)
    if user is not None and policy["history_num"] and password in user.history[-policy["history_num"] :]:
        raise ApiError(IN_HISTORY)


def _expiry(wants: Wants, default: str) -> str:
    try:
        return read_expiry(wants.text("expired", default))
    except (ValueError, ApiError):
        raise ApiError(MISSING) from None


def new_policy(length: int) -> dict[str, Any]:
    """The policy of a device: nothing is asked for but perhaps a length (setting `min_password`)."""
    return {
        "exclude_common_password": False,
        "exclude_history": False,
        "exclude_username": False,
        "history_num": 0,
        "included_numeric_char": False,
        "included_special_char": False,
        "min_length": length or 6,
        "min_length_enable": bool(length),
        "mixed_case": False,
    }


@controls(API, "create", writes=True)
async def create(call: Call) -> dict[str, Any]:
    device, wants = call.device, Wants(call, missing=MISSING, bad=BAD_VALUE)
    name, password = wants.text("name"), wants.password("password")
    description, email = wants.text("description", ""), wants.text("email", "")
    expired = _expiry(wants, "normal")
    kept = wants.flag("cannot_chg_passwd", False), wants.flag("passwd_never_expire", True)
    for other in ("notify_by_email", "send_password"):
        wants.flag(other, False)
    _check_name(device, name)
    check_password(device, None, name, password)
    if call.silent:
        return {"name": name, "uid": 1026 + len(device.people.users)}
    user = device.people.add(name, password)
    user.description, user.email, user.expired = description, email, expired
    user.cannot_chg_passwd, user.passwd_never_expire = kept
    user.history.append(password)
    return {"name": user.name, "uid": user.uid}


@controls(API, "set", writes=True)
async def set_(call: Call) -> dict[str, Any]:
    """What is named changes, the rest stays. An empty password is none (as a client in the wild sends it)."""
    device, wants = call.device, Wants(call, missing=MISSING, bad=BAD_VALUE)
    user = named(device, wants.text("name"))
    new = wants.text("new_name", user.name)
    description, email = wants.text("description", user.description), wants.text("email", user.email)
    expired = _expiry(wants, user.expired)
    kept = wants.flag("cannot_chg_passwd", user.cannot_chg_passwd)
    wants.flag("passwd_never_expire", True)
    password = wants.password("password") if wants.has("password") else ""
    if new != user.name:
        if user.built_in:
            raise ApiError(SYSTEM_ACCOUNT)
        _check_name(device, new, but=user)
    if password:
        check_password(device, user, new, password)
    if (
        expired == OFF
        and device.people.is_administrator(user.name)
        and not device.people.others_administrate(user.name)
    ):
        raise ApiError(LAST_ADMINISTRATOR)
    if not call.silent:
        user.description, user.email, user.expired, user.cannot_chg_passwd = description, email, expired, kept
        if password:
            user.password, user.changed = password, int(time.time())
            user.history.append(password)
        if new != user.name:
            _rename(device, user, new)
        if not user.active:
            _end_sessions(device, user.name)
    return {"name": new, "password_last_change": user.changed // 86400, "uid": user.uid}


def _rename(device: Synology, user: User, name: str) -> None:
    device.rights.rename(LOCAL_USER, user.name, name)
    for session in device.sessions.all():
        if session.user == user.name:
            session.user = name
    for link in device.links.values():
        if link.owner == user.name:
            link.owner = name
    device.people.rename(user, name)


def _end_sessions(device: Synology, name: str) -> None:
    for session in device.sessions.all():
        if session.user == name:
            device.end_session(session.id, NO_SESSION)


@controls(API, "delete", writes=True)
async def delete(call: Call) -> dict[str, Any]:
    """All of them or none. The account's links end with it."""
    device, wants = call.device, Wants(call, missing=MISSING, bad=BAD_VALUE)
    users = [named(device, name) for name in wants.texts("name", single=device.settings.flag("virtual"))]
    if any(user.built_in for user in users):
        raise ApiError(SYSTEM_ACCOUNT)
    if not users or not device.people.others_administrate(*(user.name for user in users)):
        raise ApiError(LAST_ADMINISTRATOR if users else BAD_VALUE)
    for user in [] if call.silent else users:
        device.people.users.pop(user.name, None)
        device.rights.forget(LOCAL_USER, user.name)
        for link in [link for link in device.links.values() if link.owner == user.name]:
            del device.links[link.id]
        _end_sessions(device, user.name)
    return {"errors": [GONE_ANYWAY]} if device.dsm.control == "dsm72" else {}


@controls("SYNO.Core.User.PasswordConfirm", "auth", everybody=True)
async def confirm(call: Call) -> dict[str, str]:
    """A second proof of who one is, as a token; nothing here asks for it. A wrong password is 3101 (not recorded)."""
    wants = Wants(call, missing=MISSING, bad=BAD_VALUE)
    if wants.password("password") != named(call.device, call.user).password:
        raise wants.refuse()
    return {"SynoConfirmPWToken": secrets.token_urlsafe(48)}


@controls(POLICY, "get")
async def get_policy(call: Call) -> dict[str, Any]:
    return {"strong_password": dict(call.device.password_policy)}


@controls(POLICY, "set", writes=True)
async def set_policy(call: Call) -> None:
    """The whole object."""
    device, wants = call.device, Wants(call, missing=MISSING, bad=BAD_VALUE)
    given = wants.mapping("strong_password")
    known = device.password_policy
    if any(name in known and type(value) is not type(known[name]) for name, value in given.items()):
        raise wants.refuse()
    if not call.silent:
        device.password_policy = {**new_policy(0), **{name: given[name] for name in given if name in known}}
