# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The local accounts and groups of a QNAP.

Observed calls, none documented: privRequest.cgi, privWizard.cgi and wizReq.cgi as a client of others used them on QTS
5.1.9. An account's last day is read and kept, but nobody was seen to set one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar, Optional

from .._api.capabilities.administration import AccountFeatures, Accounts
from .._core.administration import NO_END, Account, AccountValues, Group
from .._core.errors import Kind
from .._core.text import encoded
from .envelope import Element, number
from .failures import qnap_error
from .system import AT_A_TIME, CREATION, MOST_PAGES, PRIVILEGES, WIZARD, SystemPages, hidden, names

_USERS = {"subfunc": "user", "getdata": 1, "sort": 13, "force_2sv_flag": 0}
_GROUPS = {"subfunc": "group", "getdata": 1, "sort": 13}
_LISTED = {"type": 0, "refresh": 0, "filter": ""}
_USER_EDIT = {"wiz_func": "user_edit"}
_GROUPS_OF_USER = "user_group_edit"
_USERS_OF_GROUP = "group_user_edit"
_OWN = {"getdata": 1, "refresh": 0, "sort": 13}
LONGEST_NAME = 32  # bytes
LONGEST_PASSWORD = 64
_EVERYBODY = "everyone"
_ADMINISTRATORS = "administrators"
_ADMIN = "admin"


class QnapAccounts(Accounts):
    """Local accounts and groups.

    :param pages: makes the calls.
    """

    features: ClassVar[AccountFeatures] = AccountFeatures(description=True, email=True, disabled=True)
    administrators: ClassVar[str] = _ADMINISTRATORS
    everybody: ClassVar[str] = _EVERYBODY

    def __init__(self, pages: SystemPages) -> None:
        self._pages = pages

    def users(self) -> list[Account]:
        """privRequest.cgi, subfunc user. Whether an account is off is not certain from it."""
        rows = self._pages.rows(PRIVILEGES, _USERS, _LISTED, "userroot", "data/user")
        return [_listed(row) for row in rows if row.get("username")]

    def details(self, user: Account) -> Account:
        """privWizard.cgi, user_edit."""
        about = self._about(user.name)
        year, month, day = (number(about.get(key)) or 0 for key in ("year", "month", "day"))
        return replace(
            user,
            description=about.get("description"),
            email=about.get("email"),
            disabled=about.get("chk_disable") == "1",
            expires=f"{year:04}-{month:02}-{day:02}" if year else NO_END,
        )

    def groups(self) -> list[Group]:
        """privRequest.cgi, subfunc group."""
        rows = self._pages.rows(PRIVILEGES, _GROUPS, _LISTED, "grouproot", "data/group")
        return [
            Group(
                row.get("groupname"),
                number(row.get("groupid")),
                row.get("description"),
                row.get("groupname") in (_ADMINISTRATORS, _EVERYBODY),
            )
            for row in rows
            if row.get("groupname")
        ]

    def members(self, group: str) -> list[str]:
        """privWizard.cgi, group_user_edit."""
        return self._own(_USERS_OF_GROUP, "groupname", group, "ownUser")

    def groups_of(self, user: str, among: Optional[Sequence[str]] = None) -> list[str]:
        """privWizard.cgi, user_group_edit."""
        return self._own(_GROUPS_OF_USER, "userName", user, "ownGroup")

    def check_name(self, name: str) -> None:
        """QTS takes 32 bytes; and its lists of names are joined by commas."""
        size = len(encoded(name))
        if size > LONGEST_NAME:
            message = f"{name!r} has {size} bytes, and the device takes {LONGEST_NAME} in a name"
            raise qnap_error(Kind.INVALID_NAME, message, hint="Choose a shorter name")
        if "," in name:
            message = f"{name!r} has a comma, which separates names for the device"
            raise qnap_error(Kind.INVALID_NAME, message, hint="Choose another name")

    def check_password(self, password: str) -> None:
        """QTS takes 64 bytes."""
        size = len(encoded(password))
        if size > LONGEST_PASSWORD:
            message = f"the password has {size} bytes, and the device takes {LONGEST_PASSWORD}"
            raise qnap_error(Kind.INVALID_ARGUMENT, message, hint="Choose a shorter password")

    def check_edit(self, user: Account, values: AccountValues) -> None:
        """An account with a last day would lose it when it is switched on or off."""
        if values.disabled is not None and user.expires:
            message = f"the account has a last day ({user.expires}), which the call that turns it on or off removes"
            raise self._pages.unsupported(message, "Remove the last day in the device's settings first")

    def create_user(self, name: str, values: AccountValues) -> None:
        """wizReq.cgi, user_create; one that shall be off is switched off thereafter."""
        body = {
            "a_username": name,
            "a_passwd": hidden(values.password or ""),
            "a_description": values.description or "",
            "a_email": values.email or "",
            "create_priv": 0,
            "gp_len": 1,
            "gp0": _EVERYBODY,
            "rd_share_len": 0,
            "rw_share_len": 0,
            "no_share_len": 0,
            "send_mail": 0,
        }
        self._pages.write(CREATION, {"wiz_func": "user_create", "action": "add_user"}, body)
        if values.disabled:
            self.edit_user(Account(name, disabled=False, expires=NO_END), AccountValues(disabled=True))

    def edit_user(self, user: Account, values: AccountValues) -> None:
        """privWizard.cgi, account_edit, which takes everything: what was read goes back with the changes.

        :raises NasError: see `check_edit`.
        """
        self.check_edit(user, values)
        about = self._about(user.name)
        body: dict[str, Any] = {
            "username": user.name,
            "type": 0,
            "a_description": _first(values.description, about.get("description")),
            "a_email": _first(values.email, about.get("email")),
            "a_tel": about.get("tel"),
            "a_tel_country_code": about.get("tel_country_code"),
            "a_uid": about.get("uid"),
        }
        if values.disabled is not None:
            date = {key: about.get(key, "0") for key in ("year", "month", "day")}
            body.update({"a_enable": 0 if values.disabled else 1, "a_expire": 0, **date})
        self._pages.write(WIZARD, {**_USER_EDIT, "action": "account_edit"}, body)

    def set_password(self, name: str, password: str) -> None:
        """privWizard.cgi, user_password_edit, which tells how it went."""
        query = {"wiz_func": "user_password_edit", "action": "user_password_edit"}
        body = {"username": name, "password": hidden(password), "old_password": "", "need_check": "no"}
        answer = self._pages.write(WIZARD, query, body)
        for verdict in ("passwordCheck", "passwordChange"):
            code = answer.get(f"func/userPasswordEdit/{verdict}", "missing")
            if code != "0":
                failure = self._pages.failure(WIZARD, query, number(code))
                failure.hint = "Perhaps the password does not keep the device's rules for passwords"
                raise failure

    def delete_user(self, name: str) -> None:
        """privRequest.cgi, which the device works on for some seconds more. The home folder stays."""
        body = {
            "subfunc": "user",
            "apply": 1,
            "fork_del": 1,
            "del_cnt": 1,
            "delete_userhome": 0,
            "user_list": name,
        }
        self._pages.write(PRIVILEGES, {}, body)
        self._pages.wait_gone(f"the account {name!r}", lambda: name not in [user.name for user in self.users()])

    def create_group(self, name: str, description: str) -> None:
        """wizReq.cgi, user_group_create."""
        body = {"new_groupname": name, "a_description": description, "users_count": 0, "select_user": 0}
        self._pages.write(CREATION, {"wiz_func": "user_group_create", "action": "add_group"}, body)

    def edit_group(self, group: Group, description: str) -> None:
        """privWizard.cgi, group_user_detail."""
        query = {"wiz_func": "group_user_detail", "action": "group_user_edit"}
        self._pages.write(WIZARD, query, {"groupname": group.name, "a_description": description})

    def delete_group(self, name: str) -> None:
        """privRequest.cgi, which the device works on for some seconds more."""
        self._pages.write(PRIVILEGES, {"subfunc": "group", "apply": 1, "del_cnt": 1}, {"group_list": name})
        self._pages.wait_gone(f"the group {name!r}", lambda: name not in [group.name for group in self.groups()])

    def change_members(self, group: str, add: Sequence[str], remove: Sequence[str]) -> None:
        """privWizard.cgi, group_user_edit, which tells how it went."""
        body = {
            "groupname": group,
            "select_user": ",".join(add),
            "unselect_user": ",".join(remove),
            "select_user_len": len(add),
            "unselect_user_len": len(remove),
        }
        query = {"wiz_func": _USERS_OF_GROUP, "action": _USERS_OF_GROUP}
        self._pages.write(WIZARD, query, body, verdict="func/ownContent/setting_result")

    def _about(self, user: str) -> Element:
        answer = self._pages.read(WIZARD, _USER_EDIT, {"type": 0, "userName": user})
        found = answer.all("userInfo") or answer.all("func/ownContent/userInfo")
        if not found:
            raise self._pages.gone(WIZARD, _USER_EDIT, user)
        return found[0]

    def _own(self, function: str, key: str, name: str, listed: str) -> list[str]:
        """All names in such a list. How a device goes on after a page of them was not seen."""
        query = {"wiz_func": function, **_OWN, key: name}
        own: dict[str, None] = {}
        for _page in range(MOST_PAGES):
            body = {"filter": "", "type": 0, "lower": len(own), "upper": len(own) + AT_A_TIME}
            found = self._pages.read(WIZARD, query, body).all("func/ownContent")
            if not own and (not found or not found[0].all(listed)):
                raise self._pages.gone(WIZARD, query, name)
            before, listed_now = len(own), names(found[0].get(listed)) if found else []
            own.update(dict.fromkeys(listed_now))
            if len(own) == before or len(listed_now) < AT_A_TIME:
                return [*own]
        raise self._pages.endless(WIZARD, query)


def _listed(row: Element) -> Account:
    uid = number(row.get("userid"))
    name = row.get("username")
    return Account(name, uid, row.get("description"), row.get("email"), built_in=uid == 0 or name == _ADMIN)


def _first(*values: Any) -> Any:
    return next(value for value in values if value is not None)
