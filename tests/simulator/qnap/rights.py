# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may do what in which share: simple rights of users and groups, and the calls that read and set them.

A right is read (R), write (W) or no access (I). What results for a user is the strongest of his own and his groups'
rights, `everyone` among them: no access before write, write before read; nothing (N) is no access either. A share that
was there from the start may be written by everyone.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from ..core.disk import Disk
from .call import Call, Params
from .operation import DONE, REFUSED, Operation, paged
from .people import ADMINISTRATORS, EVERYONE, Person

if TYPE_CHECKING:
    from .device import Qnap

READ, WRITE, DENY, NOTHING = "R", "W", "I", "N"
USER, GROUP = "user", "group"
LISTS = {"rd_share": READ, "rw_share": WRITE, "no_share": DENY, "empty_share": ""}
AT_FIRST = {(GROUP, ADMINISTRATORS): WRITE, (GROUP, EVERYONE): WRITE}
ADMINISTRATORS_ONLY = {(GROUP, ADMINISTRATORS): WRITE}
Holder = tuple[str, str]


class Rights:
    """Every right that was given, by share and holder."""

    def __init__(self, device: Qnap) -> None:
        self._device = device
        self._given: dict[str, dict[Holder, str]] = {}

    def own(self, share: str, holder: Holder) -> str:
        """What this user or group itself was given; an empty text for nothing."""
        return self._given.get(share, AT_FIRST).get(holder, "")

    def of(self, share: str, person: Person) -> str:
        """What results for a user."""
        given = self._given.get(share, AT_FIRST)
        found = {given.get((USER, person.name), "")}
        found |= {right for (holder_type, name), right in given.items() if holder_type == GROUP and person.is_in(name)}
        return next((right for right in (DENY, WRITE, READ) if right in found), NOTHING)

    def set(self, share: str, holder: Holder, right: str) -> None:
        """An empty right takes the entry away."""
        given = self._given.setdefault(share, dict(AT_FIRST))
        given.pop(holder, None)
        if right:
            given[holder] = right

    def set_first(self, share: str, given: dict[Holder, str]) -> None:
        """The rights of a new share."""
        self._given[share] = dict(given)

    def forget_share(self, share: str) -> None:
        self._given.pop(share, None)

    def forget(self, holder: Holder) -> None:
        """A user or group is gone."""
        for given in self._given.values():
            given.pop(holder, None)

    def disk_of(self, user: str) -> Disk:
        """The device's disk as this user may use it; one who is gone meanwhile has what everyone has."""
        disk = self._device.disk
        if not self._given:
            return disk
        person = self._device.people.find(user) or Person(user, "", -1)
        found = {share: self.of(share, person) for share in self._given}
        view = copy.copy(disk)
        view.denied = disk.denied | {share for share, right in found.items() if right in {DENY, NOTHING}}
        view.read_only = disk.read_only | {share for share, right in found.items() if right == READ}
        return view


# -- calls


def asked(params: Params) -> dict[str, str]:
    """The rights that a call names, by share: `rd_share0` .. as many as `rd_share_len` says, and so on."""
    return {
        params.get(f"{name}{number}"): right for name, right in LISTS.items() for number in params.count(f"{name}_len")
    }


def give(device: Qnap, holder: Holder, rights: dict[str, str]) -> int:
    """Only the shares that are named change; one that is not there changes nothing at all."""
    if any(device.shares.find(share) is None for share in rights):
        return REFUSED
    for share, right in rights.items():
        device.rights.set(share, holder, right)
    return DONE


def _user(call: Call, *names: str) -> Holder | None:
    name = call.params.first(*names)
    return (USER, name) if call.device.people.find(name) is not None else None


def _group(call: Call) -> Holder | None:
    name = call.params.first("groupname", "groupName")
    return (GROUP, name) if call.device.groups.find(name) is not None else None


def read(call: Call) -> dict[str, Any]:
    """Of a user (`type=0`) or a group (`type=2`): what each share has for it, and what results (`preview`)."""
    device = call.device
    holder = _group(call) if call.params.number("type") == 2 else _user(call, "userName", "username")
    if holder is None:
        return {"func": {"ownContent": {"shareroot": {"ret": REFUSED}}}}
    holder_type, name = holder
    person = device.people.find(name) if holder_type == USER else None
    rows: list[dict[str, Any]] = []
    for share in device.shares.all():
        own = device.rights.own(share.name, holder)
        row: dict[str, Any] = {"sharename": share.name}
        if own:
            row["type"] = own
        rows.append(row | {"preview": device.rights.of(share.name, person) if person else own or NOTHING})
    count, rows = paged(call.params, rows, "sharename")
    data = {"count": count, "share": rows}
    return {"func": {"ownContent": {"shareroot": {"ret": 0, "data": data}}}}


def set_of_user(call: Call) -> int:
    holder = _user(call, "username", "userName")
    return give(call.device, holder, asked(call.params)) if holder else REFUSED


def set_of_group(call: Call) -> int:
    holder = _group(call)
    return give(call.device, holder, asked(call.params)) if holder else REFUSED


OPERATIONS = {
    ("privWizard.cgi", "user_share_edit", ""): Operation(read),
    ("privWizard.cgi", "user_share_edit", "user_share_edit"): Operation(set_of_user, writes=True),
    ("privWizard.cgi", "group_share_edit", "group_share_edit"): Operation(set_of_group, writes=True),
}
