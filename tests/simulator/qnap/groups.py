# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Groups of accounts, and who is in them. `administrators` and `everyone` are the device's own; everybody is in the
latter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from . import rights
from .accounts import name_is_good, taken
from .call import Call
from .operation import DONE, REFUSED, Operation, paged
from .people import ADMINISTRATORS, EVERYONE

if TYPE_CHECKING:
    from .device import Qnap

BUILT_IN = (ADMINISTRATORS, EVERYONE)


@dataclass
class Group:
    """A group; who is in it is known of each account."""

    name: str
    gid: int
    description: str = ""


class Groups:
    """Every group of the device: its own, those of the setting `groups`, and those that calls make."""

    def __init__(self, device: Qnap) -> None:
        self._groups = {ADMINISTRATORS: Group(ADMINISTRATORS, 0), EVERYONE: Group(EVERYONE, 100)}
        for name in device.settings.names("groups"):
            self.add(name)

    def all(self) -> list[Group]:
        return list(self._groups.values())

    def find(self, name: str) -> Group | None:
        return self._groups.get(name)

    def add(self, name: str, description: str = "") -> None:
        gid = max([499, *(group.gid for group in self._groups.values())]) + 1
        self._groups[name] = Group(name, gid, description)

    def remove(self, name: str) -> None:
        del self._groups[name]


def _row(group: Group) -> dict[str, Any]:
    return {"groupname": group.name, "groupid": group.gid, "groupQuota": "--", "description": group.description}


def _find(call: Call) -> Group | None:
    return call.device.groups.find(call.params.first("groupname", "groupName"))


def groups(call: Call) -> dict[str, Any]:
    device = call.device
    leaving = [group for group in device.leaving.of("group") if device.groups.find(group.name) is None]
    count, rows = paged(call.params, [_row(group) for group in (*device.groups.all(), *leaving)], "groupname")
    return {"grouproot": {"ret": 0, "done": 1, "timeout": 0, "count": count, "data": {"group": rows}}}


def group(call: Call) -> dict[str, Any]:
    found = _find(call)
    if found is None:
        return {"result": REFUSED}
    return {"group": {"groupName": found.name, "description": found.description}}


def members(call: Call) -> dict[str, Any]:
    found = _find(call)
    if found is None:
        return {"func": {"ownContent": {"ret": REFUSED}}}
    names = [person.name for person in call.device.people.all() if person.is_in(found.name)]
    return {"func": {"ownContent": {"ret": 0, "ownUser": ", ".join(names)}}}


def create(call: Call) -> int:
    """Empty: who is to be in it is said by another call."""
    device, name = call.device, call.params.get("new_groupname")
    if not name_is_good(name) or taken(name, [group.name for group in device.groups.all()]):
        return REFUSED
    device.groups.add(name, call.params.get("a_description"))
    device.leaving.back("group", name)
    return DONE


def edit(call: Call) -> int:
    found = _find(call)
    if found is None:
        return REFUSED
    found.description = call.params.get("a_description")
    return DONE


def _names(call: Call, which: str) -> list[str] | None:
    """The names of a list with commas, as many as are said; None when the count is another."""
    names = [name.strip() for name in call.params.get(which).split(",") if name.strip()]
    return names if call.params.number(f"{which}_len") == len(names) else None


def change_members(call: Call) -> int:
    """All of it or nothing. Nobody leaves `everyone`, and the device's own administrator not the administrators."""
    found, people = _find(call), call.device.people
    coming, going = _names(call, "select_user"), _names(call, "unselect_user")
    if found is None or found.name == EVERYONE or coming is None or going is None:
        return REFUSED
    if any(people.find(name) is None for name in (*coming, *going)):
        return REFUSED
    if found.name == ADMINISTRATORS and any(people.get(name).built_in for name in going):
        return REFUSED
    for name in coming:
        people.get(name).groups.add(found.name)
    for name in going:
        people.get(name).groups.discard(found.name)
    return DONE


def delete(call: Call) -> int:
    device, name = call.device, call.params.get("group_list")
    found = device.groups.find(name)
    if found is None or name in BUILT_IN or call.params.number("del_cnt") != 1:
        return REFUSED
    device.groups.remove(name)
    for person in device.people.all():
        person.groups.discard(name)
    device.rights.forget((rights.GROUP, name))
    device.leaving.add("group", name, found)
    return DONE


OPERATIONS = {
    ("privRequest.cgi", "group", ""): Operation(groups),
    ("privRequest.cgi", "group", "apply"): Operation(delete, writes=True),
    ("privWizard.cgi", "group_user_detail", ""): Operation(group),
    ("privWizard.cgi", "group_user_detail", "group_user_edit"): Operation(edit, writes=True),
    ("privWizard.cgi", "group_user_edit", ""): Operation(members),
    ("privWizard.cgi", "group_user_edit", "group_user_edit"): Operation(
        change_members, writes=True, elements=("func", "ownContent", "setting_result")
    ),
    ("wizReq.cgi", "user_group_create", "add_group"): Operation(create, writes=True),
}
