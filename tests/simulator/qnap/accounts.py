# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Accounts: listed, read, made, changed, removed (privRequest.cgi, privWizard.cgi, wizReq.cgi).

Most replies say nothing but `authPassed` 1. An account that was removed cannot log in any more, and is listed for
another second or two.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from ..core.names import written
from . import rights
from .call import Call, Params
from .operation import DONE, REFUSED, Operation, paged
from .people import EVERYONE, Person, decode_password

LONGEST_NAME, LONGEST_PASSWORD = 32, 64  # bytes of UTF-8
NOT_IN_A_NAME = frozenset(",/")
"""A comma would make two names of one in the lists of members; what else devices refuse is not known."""


def name_is_good(name: str) -> bool:
    size = len(name.encode("utf-8", "surrogateescape"))
    return 0 < size <= LONGEST_NAME and name.isprintable() and not set(name) & NOT_IN_A_NAME


def taken(name: str, names: list[str]) -> bool:
    """Whether there is one by this name already, in whatever case."""
    return written(name, names) is not None


def password_of(call: Call, name: str) -> str | None:
    """The clear password, or None for one that this device does not take."""
    password = decode_password(call.params.get(name))
    if password is None or not 0 < len(password.encode("utf-8", "surrogateescape")) <= LONGEST_PASSWORD:
        return None
    return password if len(password) >= call.device.settings.integer("password_min", 0) else None


def _find(call: Call, *names: str) -> Person | None:
    return call.device.people.find(call.params.first(*names))


def _others(call: Call, person: Person) -> list[Person]:
    return [other for other in call.device.people.all() if other is not person]


# -- reading


def _row(person: Person) -> dict[str, Any]:
    return {
        "username": person.name,
        "userid": person.uid,
        "QuotaSize": "--",
        "QuotaUsedSize": "--",
        "fullname": "",
        "email": person.email,
        "description": person.description,
        "tel_country_code": person.tel_country_code,
        "tel": person.tel,
        # recorded: 0 of the device's own administrator, who was not off. `chk_disable` of one account is what counts
        "user_enable": int(not person.disabled and not person.built_in),
        "user_account_expiry": person.expires.strftime("%Y/%m/%d") if person.expires else 0,
    }


def users(call: Call) -> dict[str, Any]:
    """`done` 0, and nothing else yet, for a list that is still being built: the first time that it is asked for
    (`list_building=N`: N times)."""
    device = call.device
    minimum = device.settings.integer("password_min", 0)
    rules = {"pw_min_limit_en": int(minimum > 0), "pw_min_limit": minimum}
    more = {"passwdConstraints": rules | {f"passwdConstraint{number:02}": 0 for number in range(1, 5)}}
    acl = device.acl
    head: dict[str, Any] = {
        "quotaenable": "false",
        "supportACL": 1,
        "ACLEnabled": int(acl != "off"),
        "UserHomeEnabled": 0,
        "UserHomeVolume": -1,
        "ADSSupport": 1,
    }
    if device.list_building > 0 or call.context.oddity("building") is not None:
        device.list_building -= 1
        return {"userroot": {"ret": 0, "done": 0, "timeout": 0, "count": 0, **head}, **more}
    leaving = [person for person in device.leaving.of("user") if device.people.find(person.name) is None]
    count, rows = paged(call.params, [_row(person) for person in (*device.people.all(), *leaving)], "username")
    body = {"ret": 0, "done": 1, "timeout": 0, "count": count, **head, "data": {"user": rows}}
    return {"userroot": body, **more}


def user(call: Call) -> dict[str, Any]:
    person = _find(call, "userName", "username")
    if person is None:
        return {"result": REFUSED}
    day = person.expires
    return {
        "userInfo": {
            "username": person.name,
            "uid": person.uid,
            "description": person.description,
            "email": person.email,
            "tel": person.tel,
            "tel_country_code": person.tel_country_code,
            "chk_disable": int(person.disabled),
            "year": day.year if day else 0,
            "month": day.month if day else 0,
            "day": day.day if day else 0,
        }
    }


def groups_of(call: Call) -> dict[str, Any]:
    person = _find(call, "userName", "username")
    if person is None:
        return {"func": {"ownContent": {"ret": REFUSED}}}
    names = [group.name for group in call.device.groups.all() if person.is_in(group.name)]
    return {"func": {"ownContent": {"ret": 0, "ownGroup": ", ".join(names)}}}


# -- changing


def create(call: Call) -> int:
    """With the groups and rights that are said; `everyone` is in `everyone` anyway."""
    device, params = call.device, call.params
    name, password = params.get("a_username"), password_of(call, "a_passwd")
    groups = {params.get(f"gp{number}") for number in params.count("gp_len")} - {EVERYONE}
    given = rights.asked(params)
    if not name_is_good(name) or password is None or taken(name, [person.name for person in device.people.all()]):
        return REFUSED
    if any(device.groups.find(group) is None for group in groups):
        return REFUSED
    if any(device.shares.find(share) is None for share in given):
        return REFUSED
    person = device.people.add(name, password, groups=groups)
    person.description, person.email = params.get("a_description"), params.get("a_email")
    device.leaving.back("user", name)
    return rights.give(device, (rights.USER, name), given)


def edit(call: Call) -> int:
    """The whole of what is sent of an account: what is not sent is empty afterwards. Whether it is off changes only
    with `a_enable`."""
    params = call.params
    person = _find(call, "username", "userName")
    if person is None or ("a_uid" in params and params.number("a_uid", -1) != person.uid):
        return REFUSED
    off = "a_enable" in params and params.number("a_enable") == 0
    if off and person.admin and not any(other.admin and other.active for other in _others(call, person)):
        return REFUSED
    expires = person.expires
    if "a_expire" in params:
        expires = _day(params) if params.number("a_expire") == 1 else None
        if params.number("a_expire") == 1 and expires is None:
            return REFUSED
    person.description, person.email = params.get("a_description"), params.get("a_email")
    person.tel, person.tel_country_code = params.get("a_tel"), params.get("a_tel_country_code")
    if "a_enable" in params:
        person.disabled = off
    person.expires = expires
    if not person.active:
        call.device.people.shut_out(person.name)
    return DONE


def _day(params: Params) -> date | None:
    try:
        return date(params.number("year"), params.number("month"), params.number("day"))
    except ValueError:
        return None


def set_password(call: Call) -> int:
    """`need_check=no`: an administrator need not know the old one."""
    person, password = _find(call, "username", "userName"), password_of(call, "password")
    if person is None or password is None:
        return REFUSED
    if call.params.get("need_check") != "no" and decode_password(call.params.get("old_password")) != person.password:
        return REFUSED
    person.password = password
    return DONE


def delete(call: Call) -> int:
    """One account. The device's own administrator stays."""
    device, name = call.device, call.params.get("user_list")
    person = device.people.find(name)
    if person is None or person.built_in or call.params.number("del_cnt") != 1:
        return REFUSED
    if person.admin and not any(other.admin for other in _others(call, person)):
        return REFUSED
    device.people.remove(name)
    device.rights.forget((rights.USER, name))
    device.leaving.add("user", name, person)
    return DONE


OPERATIONS = {
    ("privRequest.cgi", "user", ""): Operation(users),
    ("privRequest.cgi", "user", "apply"): Operation(delete, writes=True),
    ("privWizard.cgi", "user_edit", ""): Operation(user),
    ("privWizard.cgi", "user_edit", "account_edit"): Operation(edit, writes=True),
    ("privWizard.cgi", "user_group_edit", ""): Operation(groups_of),
    ("privWizard.cgi", "user_password_edit", "user_password_edit"): Operation(
        set_password, writes=True, elements=("func", "userPasswordEdit", "passwordCheck"), also=("passwordChange",)
    ),
    ("wizReq.cgi", "user_create", "add_user"): Operation(create, writes=True),
}
