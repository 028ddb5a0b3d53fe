# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the box is: /api_version, system, connection.

/api_version rests on an answer of a v16 box (no envelope, no login); system and connection are what device facts of
clients read, with addresses kept for documentation.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from aiohttp import web

from ..core.context import Context
from .calls import Ask, Route
from .wire import Refused, reply, shown

if TYPE_CHECKING:
    from .device import Freebox

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


def present(box: Freebox, ask: Ask) -> None:
    """A call that the model lacks is a plain internal_error (`lacks=storage,system,connection`)."""
    if ask.route.template.partition("/")[0] in box.settings.names("lacks"):
        raise Refused("internal_error")


async def system(box: Freebox, ask: Ask) -> Any:
    present(box, ask)
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
    present(box, ask)
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
    Route("GET", "system/", system),
    Route("GET", "connection/", connection),
]
