# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is known to the device: accounts and groups. Names are compared without case and kept as written.

Numbers as seen: `admin` 1024, `guest` 1025, further accounts from 1026 on, never given twice; groups `users` 100,
`administrators` 101, `http` 1023, others from 65536 on. Everybody is in `users`.
"""

from __future__ import annotations

import datetime
import itertools
import re
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from ..core.names import fold, written

T = TypeVar("T")
ADMINISTRATORS, EVERYBODY = "administrators", "users"
ACTIVE, OFF = "normal", "now"
_DATE = re.compile(r"([0-9]{4})/([0-9]{1,2})/([0-9]{1,2})")
BUILT_IN = {"admin": (1024, "System default user"), "guest": (1025, "Guest")}


def read_expiry(text: str) -> str:
    """`normal`, `now`, or a date as the device tells it, without leading zeros however it was written: 2027/1/5.
    ValueError for anything else, ISO dates too."""
    if text in {ACTIVE, OFF}:
        return text
    if text == "never":  # what a client in the wild sends for `normal`
        return ACTIVE
    match = _DATE.fullmatch(text)
    if match is None:
        raise ValueError(text)
    day = datetime.date(*(int(part) for part in match.groups()))
    return f"{day.year}/{day.month}/{day.day}"


@dataclass
class User:
    """One account. `expired`: `normal`, `now`, or its last day. `found`: it was there when the device started."""

    name: str
    password: str
    uid: int
    description: str = ""
    email: str = ""
    expired: str = ACTIVE
    cannot_chg_passwd: bool = False
    passwd_never_expire: bool = True
    found: bool = False
    groups: set[str] = field(default_factory=set)
    changed: int = field(default_factory=lambda: int(time.time()))
    history: list[str] = field(default_factory=list)

    @property
    def active(self) -> bool:
        """Whether it may log in today."""
        match = _DATE.fullmatch(self.expired)
        if match is None:
            return self.expired == ACTIVE
        return datetime.date.today() <= datetime.date(*(int(part) for part in match.groups()))

    @property
    def built_in(self) -> bool:
        return self.name in BUILT_IN


@dataclass
class Group:
    """One group; who is in it stands with the users."""

    name: str
    gid: int
    description: str = ""

    @property
    def built_in(self) -> bool:
        return self.gid < 65536


class People:
    """All of them.

    :param owner: the administrator that the device was set up with.
    :param accounts: names and passwords of those that are there from the beginning, the owner among them.
    :param administrators: which of these are administrators too.
    """

    def __init__(self, owner: str, accounts: Mapping[str, str], administrators: frozenset[str]) -> None:
        self._uids, self._gids = itertools.count(1026), itertools.count(65536)
        self.groups = {
            name: Group(name, gid, description)
            for name, gid, description in (
                (ADMINISTRATORS, 101, "System default admin group"),
                ("http", 1023, "System default group for Web services"),
                (EVERYBODY, 100, "System default group"),
            )
        }
        self.users: dict[str, User] = {}
        for name in sorted(accounts, key=lambda name: (name != owner, name)):
            user = self.add(name, accounts[name])
            user.found = True
            if name == owner or name in administrators:
                user.groups.add(ADMINISTRATORS)
        for name, (_uid, description) in BUILT_IN.items():
            if name not in self.users:
                user = self.add(name, secrets.token_urlsafe(16))
                user.description, user.expired = description, OFF
                user.groups = {ADMINISTRATORS} if name == "admin" else set()

    def add(self, name: str, password: str) -> User:
        uid = BUILT_IN[name][0] if name in BUILT_IN else next(self._uids)
        user = self.users[name] = User(name, password, uid)
        return user

    def add_group(self, name: str, description: str) -> Group:
        group = self.groups[name] = Group(name, next(self._gids), description)
        return group

    def user(self, name: str) -> User | None:
        return _find(self.users, name)

    def group(self, name: str) -> Group | None:
        return _find(self.groups, name)

    def members(self, group: str) -> list[User]:
        """Who is in a group, by name."""
        found = [user for user in self.users.values() if group == EVERYBODY or group in user.groups]
        return sorted(found, key=lambda user: fold(user.name))

    def groups_of(self, name: str) -> list[str]:
        """The groups of an account, `users` among them; none for an account nobody knows."""
        user = self.user(name)
        return [] if user is None else sorted({*user.groups, EVERYBODY})

    def is_administrator(self, name: str) -> bool:
        user = self.user(name)
        return user is not None and ADMINISTRATORS in user.groups

    def others_administrate(self, *without: str) -> bool:
        """Whether there is an active administrator beside these accounts."""
        return any(user.active and user.name not in without for user in self.members(ADMINISTRATORS))

    def rename(self, user: User, name: str) -> None:
        del self.users[user.name]
        user.name = name
        self.users[name] = user

    def rename_group(self, group: Group, name: str) -> None:
        for user in self.members(group.name):
            user.groups.discard(group.name)
            user.groups.add(name)
        del self.groups[group.name]
        group.name = name
        self.groups[name] = group

    def remove_group(self, group: Group) -> None:
        for user in self.members(group.name):
            user.groups.discard(group.name)
        del self.groups[group.name]


def _find(rows: Mapping[str, T], name: str) -> T | None:
    """By name, in any case."""
    known = written(name, rows)
    return None if known is None else rows[known]
