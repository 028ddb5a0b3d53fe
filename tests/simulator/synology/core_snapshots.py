# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SYNO.Core.Share.Snapshot: create, list, set, delete. Only their descriptions are kept, no content.

`create` answers with the snapshot's name, a bare text; a share that is not there is 402. What a share gets that is not
on Btrfs was not recorded: here 3300.
"""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass, field
from typing import Any

from .calls import Call, controls
from .control import Wants, rows_page
from .core_shares import BAD_VALUE, GENERIC, NO_SHARE
from .shares import Share
from .storage import BTRFS
from .values import ApiError

API = "SYNO.Core.Share.Snapshot"
TOO_MANY, NONE = 3329, 402


@dataclass
class Snapshot:
    """One snapshot. `time` is its name."""

    time: str
    desc: str = ""
    lock: bool = True
    ruuid: str = field(default_factory=lambda: str(uuid.uuid4()))


def _share(call: Call, wants: Wants) -> Share:
    share = call.device.shares.get(wants.text("name"))
    if share is None:
        raise ApiError(NO_SHARE)
    volume = call.device.storage.at(share.vol_path)
    if volume is None or volume.fs_type != BTRFS:
        raise ApiError(GENERIC)
    return share


def _info(wants: Wants, known: Snapshot) -> tuple[str, bool]:
    info = wants.mapping("snapinfo")
    desc, lock = info.get("desc", known.desc), info.get("lock", known.lock)
    if not isinstance(desc, str) or not isinstance(lock, bool):
        raise wants.refuse()
    return desc, lock


def _name(taken: set[str]) -> str:
    """`GMT+01-2026.01.14-19.18.29`; a second later where that is taken."""
    moment = time.time()
    while True:
        local = time.localtime(moment)
        hours = int((local.tm_gmtoff or 0) // 3600)
        name = f"GMT{hours:+03d}-{time.strftime('%Y.%m.%d-%H.%M.%S', local)}"
        if name not in taken:
            return name
        moment += 1


@controls(API, "create", writes=True)
async def create(call: Call) -> str:
    """The new snapshot's name."""
    wants = Wants(call, missing=BAD_VALUE, bad=BAD_VALUE)
    share = _share(call, wants)
    snapshot = Snapshot(_name({known.time for known in share.snapshots}))
    snapshot.desc, snapshot.lock = _info(wants, snapshot)
    if len(share.snapshots) >= call.device.settings.integer("max_snapshots", 1024):
        raise ApiError(TOO_MANY)
    if not call.silent:
        share.snapshots.append(snapshot)
    return snapshot.time


@controls(API, "list")
async def list_(call: Call) -> dict[str, Any]:
    wants = Wants(call, missing=BAD_VALUE, bad=BAD_VALUE)
    wanted = wants.additional() or frozenset()
    rows = []
    for snapshot in _share(call, wants).snapshots:
        more = {
            "desc": snapshot.desc,
            "lock": snapshot.lock,
            "ruuid": snapshot.ruuid,
            "schedule_snapshot": False,
            "snap_size": "0",
            "worm_lock": False,
        }
        rows.append({"time": snapshot.time, **{name: more[name] for name in wanted if name in more}})
    return rows_page(wants, "snapshots", rows, offset=False)


@controls(API, "set", writes=True)
async def set_(call: Call) -> dict[str, Any]:
    """Description and lock, inside of `snapinfo` only."""
    wants = Wants(call, missing=BAD_VALUE, bad=BAD_VALUE)
    name = wants.text("snapshot")
    snapshot = next((known for known in _share(call, wants).snapshots if known.time == name), None)
    if snapshot is None:
        raise ApiError(NONE)
    desc, lock = _info(wants, snapshot)
    if not call.silent:
        snapshot.desc, snapshot.lock = desc, lock
    return {}


@controls(API, "delete", writes=True)
async def delete(call: Call) -> list[dict[str, Any]]:
    """The failures: those that are not there. Nothing is good."""
    wants = Wants(call, missing=BAD_VALUE, bad=BAD_VALUE)
    share, names = _share(call, wants), wants.texts("snapshots")
    known = {snapshot.time for snapshot in share.snapshots}
    if not call.silent:
        share.snapshots = [snapshot for snapshot in share.snapshots if snapshot.time not in names]
    return [{"error": NONE, "snapshot": name} for name in names if name not in known]
