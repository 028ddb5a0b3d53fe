# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the box is: /api_version, storage, system, connection.

/api_version rests on an answer of a v16 box (no envelope, no login); the storage members on the vendor's Storage page
as far as known; system and connection are what device facts of clients read, with addresses kept for documentation.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from aiohttp import web

from ..core.context import Context
from ..core.disk import Entry
from .calls import Ask, Route
from .wire import NOTHING, Refused, encode_path, reply, shown

if TYPE_CHECKING:
    from .device import Freebox

DISK_ID = 1000
_STARTED = time.monotonic()


async def api_version(box: Freebox, context: Context) -> web.StreamResponse:
    generation = box.generation
    answer = {
        "uid": box.uid,
        "device_name": "Freebox Server",
        "api_version": generation.api_version,
        "api_base_url": "/api/",
        "device_type": generation.device_type,
        "api_domain": box.settings.text("api_domain", "127.0.0.1"),
        "https_available": box.settings.tls,
        "https_port": box.settings.integer("https_port", urlsplit(box.url).port or 0),
    }
    if generation.box_model:
        answer.update(box_model=generation.box_model, box_model_name=generation.box_model_name)
    return reply({name: value for name, value in answer.items() if name not in box.settings.names("api_version_lacks")})


def _partition(box: Freebox, number: int, share: Entry) -> dict[str, Any]:
    mounted = share.name not in box.unmounted
    total, free = box.disk.usage() if mounted else (0, 0)
    return {
        "id": DISK_ID + number,
        "disk_id": DISK_ID,
        "label": shown(share.name),
        "fstype": "ext4",
        "state": "mounted" if mounted else "umounted",
        "path": encode_path(share.path) if mounted else "",
        "total_bytes": total,
        "free_bytes": free,
        "used_bytes": total - free,
        "internal": True,
        "fsck_result": "no_run_yet",
    }


def _partitions(box: Freebox) -> list[dict[str, Any]]:
    return [_partition(box, number, share) for number, share in enumerate(box.disk.shares(), 1)]


def _disks(box: Freebox) -> list[dict[str, Any]]:
    """One disk with every volume on it."""
    return [
        {
            "id": DISK_ID,
            "type": "internal",
            "state": "enabled",
            "connector": 0,
            "model": "SIMULATED",
            "serial": "SIM0000001",
            "firmware": "0001",
            "table_type": "gpt",
            "total_bytes": box.disk.usage()[0],
            "temp": 38,
            "idle": False,
            "spinning": True,
            "partitions": _partitions(box),
        }
    ]


def _present(box: Freebox, ask: Ask) -> None:
    """A call that the model lacks is a plain internal_error (`lacks=storage,system,connection`)."""
    if ask.route.template.partition("/")[0] in box.settings.names("lacks"):
        raise Refused("internal_error")


def _by_id(rows: list[dict[str, Any]], ask: Ask) -> dict[str, Any]:
    for row in rows:
        if str(row["id"]) == ask.args["id"]:
            return row
    raise Refused("not_found")


def _collection(box: Freebox, rows: list[dict[str, Any]]) -> Any:
    return rows if rows or box.page_shapes else NOTHING


async def disks(box: Freebox, ask: Ask) -> Any:
    _present(box, ask)
    return _collection(box, await box.disk.run(_disks, box))


async def disk(box: Freebox, ask: Ask) -> Any:
    _present(box, ask)
    return _by_id(await box.disk.run(_disks, box), ask)


async def partitions(box: Freebox, ask: Ask) -> Any:
    _present(box, ask)
    return _collection(box, await box.disk.run(_partitions, box))


async def partition(box: Freebox, ask: Ask) -> Any:
    _present(box, ask)
    return _by_id(await box.disk.run(_partitions, box), ask)


async def system(box: Freebox, ask: Ask) -> Any:
    _present(box, ask)
    shares = box.disk.shares()
    seconds = int(time.monotonic() - _STARTED)
    answer: dict[str, Any] = {
        "firmware_version": f"{box.generation.api_version}.simulated",
        "mac": "02:00:5E:00:53:01",
        "serial": "000000S000000001",
        "uptime": f"{seconds // 3600} heures {seconds // 60 % 60} minutes {seconds % 60} secondes",
        "uptime_val": seconds,
        "board_name": box.generation.box_model or "fbxgw1r",
        "box_authenticated": True,
        "box_flavor": "full",
        "disk_status": "active" if shares else "not_detected",
        "user_main_storage": shown(shares[0].name) if shares else "",
    }
    if box.generation.box_model:
        answer["model_info"] = {"name": box.generation.box_model, "pretty_name": box.generation.box_model_name}
        answer["sensors"] = [{"id": "temp_cpum", "name": "Température CPU M", "value": 51}]
        answer["fans"] = [{"id": "fan0_speed", "name": "Ventilateur 1", "value": 1200}]
    return answer


async def connection(box: Freebox, ask: Ask) -> Any:
    _present(box, ask)
    return {
        "state": "up",
        "type": "ethernet",
        "media": "ftth",
        "ipv4": "192.0.2.1",
        "ipv6": "2001:db8::1",
        "rate_up": 0,
        "rate_down": 0,
        "bandwidth_up": 700000000,
        "bandwidth_down": 8000000000,
        "bytes_up": 0,
        "bytes_down": 0,
    }


ROUTES = [
    Route("GET", "storage/disk/", disks),
    Route("GET", "storage/disk/{id}", disk),
    Route("GET", "storage/partition/", partitions),
    Route("GET", "storage/partition/{id}", partition),
    Route("GET", "system/", system),
    Route("GET", "connection/", connection),
]
