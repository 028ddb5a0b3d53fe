# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The local accounts and groups of a Synology device.

Observed calls, none documented: SYNO.Core.User, SYNO.Core.Group and SYNO.Core.Group.Member, as clients of others used
them on DSM 7.1.1, 7.2 and 7.3.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar, Optional

from .._api.capabilities.administration import AccountFeatures, Accounts
from .._core.administration import NO_END, Account, AccountValues, Group, is_among
from .._core.errors import NasError
from .control_panel import ControlPanel
from .encoding import Secret, Value
from .reply import Reply

USER = "SYNO.Core.User"
GROUP = "SYNO.Core.Group"
MEMBER = "SYNO.Core.Group.Member"

_ALL: dict[str, Value] = {"type": "local", "offset": 0, "limit": -1}
_DETAILS = ["description", "email", "expired", "uid"]
_OFF, _ON = "now", "normal"  # of `expired`
_FIRST_USER = 1026  # the smallest uid of an account that somebody has made
_FIRST_GROUP = 65536
_NO_GROUP = "3205"
_BUILT_IN = frozenset(("admin", "guest", "anonymous", "root"))
_BUILT_IN_GROUPS = frozenset(("administrators", "users", "http"))
_DATE = re.compile(r"(\d{4})/(\d{1,2})/(\d{1,2})\Z")


class SynologyAccounts(Accounts):
    """Local accounts and groups.

    :param panel: makes the calls.
    """

    features: ClassVar[AccountFeatures] = AccountFeatures(True, True, True, expires=True, new_name=True)
    everybody: ClassVar[str] = "users"

    def __init__(self, panel: ControlPanel) -> None:
        self._panel = panel

    def users(self) -> list[Account]:
        """User/list."""
        reply = self._panel.read(USER, "list", {**_ALL, "additional": _DETAILS})
        return [_account(row) for row in reply.parts("users")]

    def details(self, user: Account) -> Account:
        """The listing tells everything."""
        return user

    def groups(self) -> list[Group]:
        """Group/list."""
        reply = self._panel.read(GROUP, "list", {**_ALL, "additional": ["description", "gid"]})
        return [_group(row) for row in reply.parts("groups")]

    def members(self, group: str) -> list[str]:
        """Group.Member/list."""
        params: dict[str, Value] = {"group": group, "ingroup": True, "offset": 0, "limit": -1}
        return [row.needed_text("name") for row in self._panel.read(MEMBER, "list", params).parts("users")]

    def groups_of(self, user: str, among: Optional[Sequence[str]] = None) -> list[str]:
        """No call tells it in a form that was recorded: each group is asked for its members."""
        asked = [group.name for group in self.groups()] if among is None else among
        return [name for name in asked if self._is_in(user, name)]

    def _is_in(self, user: str, group: str) -> bool:
        """Whether an account is in a group, which need not be there: in check mode it may be yet to be made."""
        try:
            return is_among(user, self.members(group))
        except NasError as error:
            if error.code != _NO_GROUP:
                raise
            return False

    def memberships(self, users: Sequence[str]) -> dict[str, list[str]]:
        """Each group is asked once."""
        members = {group.name: self.members(group.name) for group in self.groups()}
        return {user: [group for group, names in members.items() if user in names] for user in users}

    def create_user(self, name: str, values: AccountValues) -> None:
        """User/create."""
        params: dict[str, Value] = {
            "name": name,
            "password": Secret(values.password or ""),
            "description": values.description or "",
            "email": values.email or "",
            "expired": _expired(values) or _ON,
            "notify_by_email": False,
            "send_password": False,
        }
        self._panel.change(USER, "create", params)

    def edit_user(self, user: Account, values: AccountValues) -> None:
        """User/set, which leaves alone what is not named. It wants the name a second time where that stays."""
        params: dict[str, Value] = {"name": user.name, "new_name": values.new_name or user.name}
        if values.description is not None:
            params["description"] = values.description
        if values.email is not None:
            params["email"] = values.email
        expired = _expired(values)
        if expired is not None:
            params["expired"] = expired
        self._panel.change(USER, "set", params)

    def set_password(self, name: str, password: str) -> None:
        """User/set."""
        self._panel.change(USER, "set", {"name": name, "new_name": name, "password": Secret(password)})

    def delete_user(self, name: str) -> None:
        """User/delete. It may tell of errors and have removed the account all the same: the caller checks."""
        self._panel.change(USER, "delete", {"name": [name]})

    def create_group(self, name: str, description: str) -> None:
        """Group/create."""
        self._panel.change(GROUP, "create", {"name": name, "description": description})

    def edit_group(self, group: Group, description: str) -> None:
        """Group/set, which wants the name a second time."""
        self._panel.change(GROUP, "set", {"name": group.name, "new_name": group.name, "description": description})

    def delete_group(self, name: str) -> None:
        """Group/delete."""
        self._panel.change(GROUP, "delete", {"name": [name]})

    def change_members(self, group: str, add: Sequence[str], remove: Sequence[str]) -> None:
        """Group.Member/change, which wants both lists."""
        params: dict[str, Value] = {"group": group, "add_member": [*add], "remove_member": [*remove]}
        self._panel.change(MEMBER, "change", params)


def _account(row: Reply) -> Account:
    name, number = row.needed_text("name"), _number(row, "uid")
    expired = row.text("expired")
    account = Account(
        name,
        number,
        row.text("description"),
        row.text("email"),
        built_in=name in _BUILT_IN or (number is not None and number < _FIRST_USER),
    )
    if expired is None:
        return account
    date = _DATE.match(expired)
    if date is not None:
        year, month, day = map(int, date.groups())
        return replace(account, disabled=False, expires=f"{year:04}-{month:02}-{day:02}")
    if expired not in (_OFF, _ON):
        raise row.broken("expired")
    return replace(account, disabled=expired == _OFF, expires=NO_END)


def _group(row: Reply) -> Group:
    name, number = row.needed_text("name"), _number(row, "gid")
    built_in = name in _BUILT_IN_GROUPS or (number is not None and number < _FIRST_GROUP)
    return Group(name, number, row.text("description"), built_in)


def _number(row: Reply, key: str) -> Optional[int]:
    """A uid or gid, which comes as a number or as text; None where it does not come."""
    value = row.as_dict().get(key)
    if isinstance(value, str) and value.isascii() and value.isdigit():
        return int(value)
    if value in (None, ""):
        return None
    return row.needed_number(key)


def _expired(values: AccountValues) -> Optional[str]:
    """The device has one word for both: that an account is off, and its last day."""
    if values.disabled:
        return _OFF
    if values.expires:
        year, month, day = map(int, values.expires.split("-"))
        return f"{year}/{month}/{day}"
    if values.disabled is False or values.expires == NO_END:
        return _ON
    return None
