# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SYNO.Core.FileServ.NFS.SharePrivilege: load and save the NFS rules of a share.

`save` puts the list in the place of the one that is there. A rule that is not well-formed, and any while NFS is off,
is 2301 (seen), a share that is not there 2370.
"""

from __future__ import annotations

from typing import Any

from .calls import Call, controls
from .control import Wants
from .shares import Share
from .values import ApiError

API = "SYNO.Core.FileServ.NFS.SharePrivilege"
REFUSED, NO_SHARE = 2301, 2370
SQUASH = frozenset({"root", "admin", "guest", "all_admin", "all_guest"})
FLAVORS = ("kerberos", "kerberos_integrity", "kerberos_privacy", "sys")
SWITCHES = ("async", "crossmnt", "insecure")


def _share(call: Call, wants: Wants) -> Share:
    share = call.device.shares.get(wants.text("share_name"))
    if share is None:
        raise ApiError(NO_SHARE)
    return share


def _rule(row: Any) -> dict[str, Any]:
    """A rule as it is kept."""
    if not isinstance(row, dict) or not isinstance(row.get("client"), str) or not row["client"]:
        raise ApiError(REFUSED)
    flavor = row.get("security_flavor")
    if not isinstance(flavor, dict) or not any(flavor.get(name) is True for name in FLAVORS):
        raise ApiError(REFUSED)
    if row.get("privilege") not in {"rw", "ro"} or row.get("root_squash") not in SQUASH:
        raise ApiError(REFUSED)
    if not all(isinstance(row.get(name, False), bool) for name in SWITCHES):
        raise ApiError(REFUSED)
    return {
        "client": row["client"],
        "privilege": row["privilege"],
        "root_squash": row["root_squash"],
        "security_flavor": {name: flavor.get(name) is True for name in FLAVORS},
        **{name: row.get(name, False) for name in SWITCHES},
    }


@controls(API, "load")
async def load(call: Call) -> dict[str, Any]:
    wants = Wants(call, missing=REFUSED, bad=REFUSED)
    return {"rule": [dict(rule) for rule in _share(call, wants).nfs]}


@controls(API, "save", writes=True)
async def save(call: Call) -> dict[str, Any]:
    """All rules of a share."""
    wants = Wants(call, missing=REFUSED, bad=REFUSED)
    share, given = _share(call, wants), wants.value("rule") if wants.has("rule") else None
    if not isinstance(given, list) or not call.device.services.nfs_runs:
        raise ApiError(REFUSED)
    rules = [_rule(row) for row in given]
    if not call.silent:
        share.nfs = rules
    return {}
