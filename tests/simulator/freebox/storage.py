# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Disks and partitions, read only, with the members of the vendor's Storage page (which it calls unstable).

The volumes lie on the internal disk, or each on a USB disk of its own (`usb=A,B`). What storage/config/ answers is not
known: that call is not served. Nothing here formats, checks or ejects.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..core.disk import Entry
from .calls import Ask, Route
from .facts import present
from .wire import NOTHING, Refused, encode_path, shown

if TYPE_CHECKING:
    from .device import Freebox

STEP = 1000
"""Between the ids of disks; partitions have those behind their disk's."""
MOUNTED = "mounted"
LINKLESS = frozenset({"vfat", "exfat"})


class Storage:
    """The settings about disks and partitions, by volume (`:` before the last part) and by a disk's id."""

    def __init__(self, box: Freebox) -> None:
        settings = box.settings
        self.usb = settings.names("usb")
        self.empty = settings.flag("empty_disk")
        self.fstypes = settings.pairs("fstype")
        self.states = dict.fromkeys(settings.names("unmounted"), "umounted") | settings.pairs("partition_state")
        self.checks = settings.pairs("fsck")
        self.disk_states = settings.pairs("disk_state")
        self.asleep = frozenset(settings.names("asleep"))
        self.temperature = settings.integer("disk_temp", 38)

    def unmounted(self) -> frozenset[str]:
        return frozenset(name for name, state in self.states.items() if state != MOUNTED)

    def fstype(self, volume: str) -> str:
        return self.fstypes.get(volume, "exfat" if volume in self.usb else "ext4")


def _partition(box: Freebox, share: Entry, disk_id: int, number: int) -> dict[str, Any]:
    storage = box.storage
    mounted = share.name not in box.unmounted
    total, free = box.disk.usage() if mounted else (0, 0)
    return {
        "id": disk_id + number,
        "disk_id": disk_id,
        "label": shown(share.name),
        "fstype": storage.fstype(share.name),
        "state": storage.states.get(share.name, MOUNTED),
        "path": encode_path(share.path) if mounted else "",
        "total_bytes": total,
        "free_bytes": free,
        "used_bytes": total - free,
        "internal": share.name not in storage.usb,
        "fsck_result": storage.checks.get(share.name, "no_run_yet"),
    }


def _disk(box: Freebox, disk_id: int, disk_type: str, shares: list[Entry], table: str) -> dict[str, Any]:
    storage = box.storage
    asleep = str(disk_id) in storage.asleep
    internal = disk_type == "internal"
    return {
        "id": disk_id,
        "type": disk_type,
        "state": storage.disk_states.get(str(disk_id), "enabled"),
        "connector": 0 if internal else disk_id // STEP - 1,
        "model": "SIMULATED" if internal else "SIMULATED USB",
        "serial": f"SIM{disk_id // STEP:07}",
        "firmware": "0001",
        "table_type": table,
        "total_bytes": box.disk.usage()[0],
        "temp": storage.temperature if internal else 0,
        "idle": asleep,
        "spinning": not asleep,
        "partitions": [_partition(box, share, disk_id, number) for number, share in enumerate(shares, 1)],
    }


def _disks(box: Freebox) -> list[dict[str, Any]]:
    """The internal disk, the USB disks with a volume, and the empty one."""
    shares, usb = box.disk.shares(), box.storage.usb
    found = [_disk(box, STEP, "internal", [share for share in shares if share.name not in usb], "gpt")]
    for share in shares:
        if share.name in usb:
            found.append(_disk(box, STEP * (len(found) + 1), "usb", [share], "msdos"))
    if box.storage.empty:
        found.append(_disk(box, STEP * (len(found) + 1), "usb", [], "empty"))
    return found


def _partitions(box: Freebox) -> list[dict[str, Any]]:
    return [partition for disk in _disks(box) for partition in disk["partitions"]]


def _by_id(rows: list[dict[str, Any]], ask: Ask) -> dict[str, Any]:
    for row in rows:
        if str(row["id"]) == ask.args["id"]:
            return row
    raise Refused("not_found")


def _collection(box: Freebox, rows: list[dict[str, Any]]) -> Any:
    return rows if rows or box.page_shapes else NOTHING


async def disks(box: Freebox, ask: Ask) -> Any:
    present(box, ask)
    return _collection(box, await box.disk.run(_disks, box))


async def disk(box: Freebox, ask: Ask) -> Any:
    present(box, ask)
    return _by_id(await box.disk.run(_disks, box), ask)


async def partitions(box: Freebox, ask: Ask) -> Any:
    present(box, ask)
    return _collection(box, await box.disk.run(_partitions, box))


async def partition(box: Freebox, ask: Ask) -> Any:
    present(box, ask)
    return _by_id(await box.disk.run(_partitions, box), ask)


async def raids(box: Freebox, ask: Ask) -> Any:
    """A box without one."""
    present(box, ask)
    return _collection(box, [])


ROUTES = [
    Route("GET", "storage/disk/", disks),
    Route("GET", "storage/disk/{id}", disk),
    Route("GET", "storage/partition/", partitions),
    Route("GET", "storage/partition/{id}", partition),
    Route("GET", "storage/raid/", raids),
]
