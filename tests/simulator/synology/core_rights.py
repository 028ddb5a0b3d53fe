# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SYNO.Core.Share.Permission: list, set, list_by_user, list_by_group, set_by_user_group.

A list has every principal, with all flags false where nothing is set. `set` changes the named ones only. What a device
answers for a principal nobody knows was not recorded: here 403.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..core.names import fold, written
from .calls import Call, controls
from .control import Wants, rows_page
from .core_shares import BAD_VALUE, named
from .people import ADMINISTRATORS
from .rights import LOCAL_GROUP, LOCAL_USER, Rule
from .shares import Share
from .values import ApiError

if TYPE_CHECKING:
    from .device import Synology

API = "SYNO.Core.Share.Permission"
NO_ACL = 3302
DIRECTORY = {"ldap_user": "ldap_users", "ldap_group": "ldap_groups"}
"""Kinds of principals of a directory, and the settings that name them."""
PRINCIPAL_TYPES = frozenset({LOCAL_USER, LOCAL_GROUP, "system", *DIRECTORY})


def principals(device: Synology, principal_type: str) -> list[str]:
    """The names of one type, in order."""
    if principal_type == LOCAL_USER:
        names = list(device.people.users)
    elif principal_type == LOCAL_GROUP:
        names = list(device.people.groups)
    elif principal_type in DIRECTORY:
        names = device.settings.names(DIRECTORY[principal_type])
    else:
        names = ["http"]
    return sorted(names, key=fold)


def _share(call: Call, name: str) -> Share:
    """The share whose rights are asked for; 3302 where there are none."""
    share = named(call, name)
    volume = call.device.storage.at(share.vol_path)
    if volume is not None and not volume.acl:
        raise ApiError(NO_ACL)
    return share


def _principal_type(wants: Wants) -> str:
    principal_type = wants.text("user_group_type")
    if principal_type not in PRINCIPAL_TYPES:
        raise wants.refuse()
    return principal_type


def _principal(device: Synology, principal_type: str, name: str) -> str:
    """A name as it is written; 403 for one nobody knows."""
    known = written(name, principals(device, principal_type))
    if known is None:
        raise ApiError(BAD_VALUE)
    return known


def _administrates(device: Synology, principal_type: str, name: str) -> bool:
    if principal_type == LOCAL_GROUP:
        return name == ADMINISTRATORS
    return principal_type == LOCAL_USER and device.people.is_administrator(name)


def _rule(row: dict[str, Any]) -> Rule:
    flags = [row.get(f"is_{name}", False) for name in ("readonly", "writable", "deny", "custom")]
    if not all(isinstance(flag, bool) for flag in flags):
        raise ApiError(BAD_VALUE)
    return Rule(*flags)


@controls(API, "list")
async def list_(call: Call) -> dict[str, Any]:
    """Every principal of one type with its own rule; `action=find` with `substr` those with that in their names."""
    device, wants = call.device, Wants(call, missing=BAD_VALUE, bad=BAD_VALUE)
    share, principal_type = _share(call, wants.text("name")), _principal_type(wants)
    names = principals(device, principal_type)
    if wants.text("action", "enum") == "find":
        part = fold(wants.text("substr", ""))
        names = [name for name in names if part in fold(name)]
    rows = []
    for name in names:
        row: dict[str, Any] = device.rights.rule(share.name, principal_type, name).describe()
        row.update(name=name, is_admin=_administrates(device, principal_type, name))
        if principal_type == LOCAL_USER and wants.flag("with_inherit", False):
            row["inherit"] = device.rights.inherited(share.name, name)
        rows.append(row)
    return rows_page(wants, "items", rows, offset=False)


@controls(API, "set", writes=True)
async def set_(call: Call) -> None:
    """The rules of the named principals; those of the others stay."""
    device, wants = call.device, Wants(call, missing=BAD_VALUE, bad=BAD_VALUE)
    name, principal_type, given = wants.text("name"), _principal_type(wants), wants.rows("permissions")
    async with device.turnstile:
        share = _share(call, name)
        rules = [(_principal(device, principal_type, row["name"]), _rule(row)) for row in given]
        for principal, rule in [] if call.silent else rules:
            device.rights.put(share.name, principal_type, principal, rule)


@controls(API, "list_by_user", "list_by_group")
async def list_by(call: Call) -> dict[str, Any]:
    """The rules of one principal in all shares."""
    device, wants = call.device, Wants(call, missing=BAD_VALUE, bad=BAD_VALUE)
    of_user = call.method == "list_by_user"
    principal_type = wants.text("user_group_type", LOCAL_USER if of_user else LOCAL_GROUP)
    if principal_type not in PRINCIPAL_TYPES or principal_type.endswith("user") != of_user:
        raise wants.refuse()
    principal, wanted = _principal(device, principal_type, wants.text("name")), wants.additional() or frozenset()
    rows = []
    for share in device.shares.all():
        row: dict[str, Any] = device.rights.rule(share.name, principal_type, principal).describe()
        row.update(name=share.name, is_aclmode=share.acl)
        if of_user:
            row.update(
                share_path=f"{share.vol_path}/{share.name}", inherit=device.rights.inherited(share.name, principal)
            )
        if "hidden" in wanted:
            row["hidden"] = share.hidden
        if "encryption" in wanted:
            row["encryption"] = int(share.encrypted)
        rows.append(row)
    return rows_page(wants, "shares", rows, offset=False)


@controls(API, "set_by_user_group", writes=True)
async def set_by(call: Call) -> None:
    """One principal's rules in the named shares."""
    device, wants = call.device, Wants(call, missing=BAD_VALUE, bad=BAD_VALUE)
    name, principal_type, given = wants.text("name"), _principal_type(wants), wants.rows("permissions")
    async with device.turnstile:
        principal = _principal(device, principal_type, name)
        rules = [(_share(call, row["name"]), _rule(row)) for row in given]
        for share, rule in [] if call.silent else rules:
            device.rights.put(share.name, principal_type, principal, rule)
