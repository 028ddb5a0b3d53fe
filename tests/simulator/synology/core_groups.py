# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SYNO.Core.Group: list, get, create, set, delete; .Group.Member: list, change, add, remove; .User.Group: join.

Seen: a parameter by another name (`members`, `join_groups`) is passed over, with success; DSM 7.1 does not keep a
group's description; everybody stays in `users`. Names of accounts nobody knows are 3106 here (not recorded).
"""

from __future__ import annotations

import os
import secrets
from typing import TYPE_CHECKING, Any

from ..core.names import fold
from ..core.progress import Progress
from .calls import Call, controls
from .control import Wants, rows_page
from .core_users import ILLEGAL, named
from .people import ADMINISTRATORS, EVERYBODY, Group, User
from .rights import LOCAL_GROUP
from .values import ApiError

if TYPE_CHECKING:
    from .device import Synology

API, MEMBER, JOIN = "SYNO.Core.Group", "SYNO.Core.Group.Member", "SYNO.Core.User.Group"
BAD_VALUE, NO_GROUP, EXISTS, NAME_RESERVED, BAD_NAME, TOO_MANY, LAST_ADMINISTRATOR = (
    3201,
    3205,
    3206,
    3207,
    3208,
    3209,
    3210,
)
RESERVED = frozenset({"root", "nobody", "guests", "system", "admin"})
MAX_NAME = 64


def _group(device: Synology, name: str) -> Group:
    group = device.people.group(name)
    if group is None:
        raise ApiError(NO_GROUP)
    return group


def _wants(call: Call) -> Wants:
    return Wants(call, missing=BAD_VALUE, bad=BAD_VALUE)


def _describe(group: Group, wanted: frozenset[str]) -> dict[str, Any]:
    more = {"description": group.description, "gid": group.gid}
    return {"name": group.name, **{name: more[name] for name in wanted if name in more}}


@controls(API, "list")
async def list_(call: Call) -> dict[str, Any]:
    """Names, and with `additional` or `name_only=false` more."""
    device, wants = call.device, _wants(call)
    groups = sorted(device.people.groups.values(), key=lambda group: fold(group.name))
    if wants.text("type", "local") not in {"local", "all"}:
        groups = []
    wanted = wants.additional() or frozenset()
    if not wants.flag("name_only", True):
        wanted = frozenset({"description", "gid"})
    return rows_page(wants, "groups", [_describe(group, wanted) for group in groups])


@controls(API, "get")
async def get(call: Call) -> dict[str, Any]:
    """A list of one, with everything."""
    group = _group(call.device, _wants(call).text("name"))
    return {"groups": [_describe(group, frozenset({"description", "gid"}))]}


def _check_name(device: Synology, name: str, *, but: Group | None = None) -> None:
    taken = device.people.group(name)
    if taken is not None and taken is not but:
        raise ApiError(EXISTS)
    if fold(name) in RESERVED:
        raise ApiError(NAME_RESERVED)
    if not name.strip() or len(name) > MAX_NAME or name[0] in " -" or name[-1] == " " or set(name) & ILLEGAL:
        raise ApiError(BAD_NAME)


def _kept(device: Synology, description: str) -> str:
    return "" if device.dsm.control == "dsm71" else description


@controls(API, "create", writes=True)
async def create(call: Call) -> dict[str, Any]:
    device, wants = call.device, _wants(call)
    name, description = wants.text("name"), wants.text("description", "")
    _check_name(device, name)
    if len(device.people.groups) >= device.settings.integer("max_groups", 512):
        raise ApiError(TOO_MANY)
    if call.silent:
        return {"gid": 65536 + len(device.people.groups), "name": name}
    group = device.people.add_group(name, _kept(device, description))
    return {"gid": group.gid, "name": group.name}


@controls(API, "set", writes=True)
async def set_(call: Call) -> dict[str, Any]:
    device, wants = call.device, _wants(call)
    group = _group(device, wants.text("name"))
    new, description = wants.text("new_name", group.name), wants.text("description", group.description)
    if new != group.name:
        if group.built_in:
            raise ApiError(NAME_RESERVED)
        _check_name(device, new, but=group)
    if not call.silent:
        group.description = _kept(device, description)
        if new != group.name:
            device.rights.rename(LOCAL_GROUP, group.name, new)
            device.people.rename_group(group, new)
    return {"gid": group.gid, "name": new}


@controls(API, "delete", writes=True)
async def delete(call: Call) -> dict[str, Any]:
    """All of them or none."""
    device, wants = call.device, _wants(call)
    groups = [_group(device, name) for name in wants.texts("name", single=True)]
    if any(group.built_in for group in groups):
        raise ApiError(NAME_RESERVED)
    for group in [] if call.silent else groups:
        if device.people.groups.get(group.name) is group:
            device.people.remove_group(group)
            device.rights.forget(LOCAL_GROUP, group.name)
    return {}


# -- who is in it


@controls(MEMBER, "list")
async def members(call: Call) -> dict[str, Any]:
    """Those in the group, or with `ingroup=false` the others."""
    device, wants = call.device, _wants(call)
    group = _group(device, wants.text("group"))
    users = device.people.members(group.name)
    if not wants.flag("ingroup", True):
        inside = {user.name for user in users}
        users = sorted(
            (user for user in device.people.users.values() if user.name not in inside),
            key=lambda user: fold(user.name),
        )
    rows = [{"description": user.description, "name": user.name, "uid": user.uid} for user in users]
    return rows_page(wants, "users", rows)


def _change(device: Synology, changes: list[tuple[User, Group, bool]], *, silent: bool) -> None:
    """Put accounts into groups (True) or out of them. Nobody leaves `users`, somebody stays administrator."""
    leaving = {user.name for user, group, joins in changes if group.name == ADMINISTRATORS and not joins}
    joining = any(user.active for user, group, joins in changes if group.name == ADMINISTRATORS and joins)
    if leaving and not joining and not device.people.others_administrate(*leaving):
        raise ApiError(LAST_ADMINISTRATOR)
    for user, group, joins in changes:
        if silent or group.name == EVERYBODY:
            continue
        if joins:
            user.groups.add(group.name)
        else:
            user.groups.discard(group.name)


@controls(MEMBER, "change", writes=True)
async def change(call: Call) -> None:
    """`add_member` and `remove_member`, each an array of names."""
    device, wants = call.device, _wants(call)
    group = _group(device, wants.text("group"))
    added = [(named(device, name), group, True) for name in wants.texts("add_member", [])]
    gone = [(named(device, name), group, False) for name in wants.texts("remove_member", [])]
    _change(device, [*added, *gone], silent=call.silent)


@controls(MEMBER, "add", "remove", writes=True)
async def add_or_remove(call: Call) -> None:
    """The same with `name`, one way."""
    device, wants = call.device, _wants(call)
    group = _group(device, wants.text("group"))
    users = [named(device, name) for name in wants.texts("name", [], single=True)]
    _change(device, [(user, group, call.method == "add") for user in users], silent=call.silent)


@controls(JOIN, "join", writes=True)
async def join(call: Call) -> dict[str, str]:
    """One account's groups, in the background."""
    device, wants = call.device, _wants(call)
    user = named(device, wants.text("name"))
    changes = [(user, _group(device, name), True) for name in wants.texts("join_group", [])]
    changes += [(user, _group(device, name), False) for name in wants.texts("leave_group", [])]
    if any(group.name == ADMINISTRATORS and not joins for _user, group, joins in changes):
        _change(device, changes, silent=True)  # reported at once, not by the task
    silent = call.silent

    def work(_progress: Progress) -> None:
        _change(device, changes, silent=silent)

    data = {"name": user.name, "uid": user.uid, "total": len(changes)}
    task = device.tasks.start(JOIN, work, owner=call.user, data=data, fault=call.context.task_fault())
    return {"task_id": task.id}


def new_task_id() -> str:
    return f"@administrators/groupbatch{secrets.token_hex(8)}"


@controls(JOIN, "join_status")
async def join_status(call: Call) -> dict[str, Any]:
    """How far it is; `success` and `finish` stand inside."""
    task = call.device.tasks.get(_wants(call).text("task_id"))
    if task is None or task.type != JOIN:
        raise ApiError(BAD_VALUE)
    finished = task.finished and not call.context.oddity("lagging")
    total = task.data["total"]
    data = {
        "name": task.data["name"],
        "pid": os.getpid(),
        "progress": total if finished else 0,
        "total": total,
        "uid": task.data["uid"],
    }
    if finished and task.error is not None:
        code = getattr(task.error, "code", BAD_VALUE)
        return {"data": {**data, "error": {"code": int(code)}}, "finish": True, "success": False}
    return {"data": data, "finish": finished, "success": True}
