# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SYNO.Core.Quota: what a user or group may fill, in MiB; 0 is no limit. Kept and listed; no upload is held to it.

On Btrfs a quota belongs to a share, elsewhere to the volume. A virtual DSM has no such API (102).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .calls import Call, controls
from .control import Wants
from .core_shares import GENERIC, mebibytes
from .rights import LOCAL_GROUP, LOCAL_USER
from .storage import BTRFS
from .values import ApiError

if TYPE_CHECKING:
    from .device import Synology

API = "SYNO.Core.Quota"
NO_PRINCIPAL, NO_API = 5403, 102
Principal = tuple[str, int]
"""Its type and its number, which is never given again: a quota ends with it, whatever it is called."""
Quotas = dict[tuple[Principal, str], int]
"""{(whose, a share's uuid or a volume's path): MiB}"""


def _principal(wants: Wants, *, of_group: bool) -> Principal:
    device = wants.call.device
    if device.settings.flag("virtual"):
        raise ApiError(NO_API)
    name = wants.text("name")
    if of_group:
        group = device.people.group(name)
        if group is not None:
            return LOCAL_GROUP, group.gid
    else:
        user = device.people.user(name)
        if user is not None:
            return LOCAL_USER, user.uid
    raise ApiError(NO_PRINCIPAL)


def _rows(device: Synology, principal: Principal) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for volume in device.storage.volumes:
        row: dict[str, Any] = {"deduped": False, "volume": volume.path}
        if volume.fs_type == BTRFS:
            shares = [share for share in device.shares.all() if share.vol_path == volume.path]
            row.update(
                quota_status="v2",
                support_share_quota=True,
                shares=[
                    {
                        "description": share.desc,
                        "name": share.name,
                        "quota": device.quotas.get((principal, share.uuid), 0),
                    }
                    for share in shares
                ],
            )
        else:
            row.update(
                quota_status="v1",
                support_share_quota=False,
                quota=device.quotas.get((principal, volume.path), 0),
            )
        rows.append(row)
    return rows


@controls(API, "get")
async def get(call: Call) -> dict[str, Any]:
    wants = Wants(call, missing=GENERIC, bad=GENERIC)
    of_group = wants.text("subject_type", "user") == "group"
    rows = _rows(call.device, _principal(wants, of_group=of_group))
    return {"group_quota" if of_group else "user_quota": rows}


@controls(API, "set", writes=True)
async def set_(call: Call) -> dict[str, Any]:
    """The named shares' and volumes' quotas; the others stay."""
    device, wants = call.device, Wants(call, missing=GENERIC, bad=GENERIC)
    of_group = wants.has("group_quota")
    principal = _principal(wants, of_group=of_group)
    given = wants.value("group_quota" if of_group else "user_quota")
    if not isinstance(given, list) or not all(isinstance(row, dict) for row in given):
        raise wants.refuse()
    ext4 = {volume.path: volume.path for volume in device.storage.volumes if volume.fs_type != BTRFS}
    btrfs = {share.name: share.uuid for share in device.shares.all() if share.vol_path not in ext4}
    fresh: Quotas = {}
    for row in given:
        target = str(row.get("share", row.get("volume")))
        known = btrfs if "share" in row else ext4
        if target not in known:
            raise ApiError(GENERIC, {"fail_share": target})
        fresh[(principal, known[target])] = mebibytes(row.get("quota"))
    if not call.silent:
        device.quotas.update(fresh)
    return {}
