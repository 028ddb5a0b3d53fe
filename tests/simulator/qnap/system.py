# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The management pages that monitoring clients read after a login: XML facts about the device. No guide describes
them; the elements are those that a published client reads (model, firmware, memory, network, disks, volumes, a firmware
on offer)."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from aiohttp import web

from . import reply
from .call import Call

if TYPE_CHECKING:
    from .device import Qnap

XML = "text/xml"
MEMORY_MB = 7810.0
NOTHING_NEWER, NOTHING_SAID = "none", "empty"
Page = Callable[[Call], Awaitable[web.StreamResponse]]


def model(device: Qnap) -> dict[str, Any]:
    """Model and firmware: every page of the management and the login page carry them. `is_zfs` 1 is QuTS hero."""
    name = device.settings.text("model", device.generation.model)
    hero = device.profile == "hero6"
    number = device.generation.version.lstrip("h")
    return {
        "model": {
            "modelName": name.replace("-", ""),
            "internalModelName": name,
            "platform": "QTS",
            "platform_ex": "QTS",
            "displayModelName": name,
            "is_zfs": int(hero),
        },
        "firmware": {
            "name": "QuTS hero" if hero else "QTS",
            "version": number,
            "number": device.generation.number or number.rpartition(".")[2],
            "build": device.generation.build,
            "patch": "0",
            "buildTime": "2025/08/08",
        },
        "hostname": device.hostname,
    }


def _model(call: Call) -> dict[str, Any]:
    return model(call.device)


def _answer(call: Call, values: dict[str, Any]) -> web.Response:
    return reply.respond(call.context, reply.document(values), XML)


def _page(write: Callable[[Call], dict[str, Any]]) -> Page:
    """A page for administrators: without a good session it says `authPassed` 0, and what the device is."""

    async def run(call: Call) -> web.StreamResponse:
        if call._session is None or not call.admin:
            call.context.code = "authPassed 0"
            return _answer(call, {"authPassed": 0, **_model(call)})
        return _answer(call, {"authPassed": 1, **await call.run(write, call)})

    return run


def _function(name: str, content: dict[str, Any]) -> dict[str, Any]:
    return {"func": {"name": name, "ownContent": content}}


def _mana(call: Call) -> dict[str, Any]:
    """manaRequest.cgi?subfunc=sysinfo; with `sysHealth=1` only the health."""
    if call.params.get("subfunc") != "sysinfo":
        return {**_model(call), "result": -1}
    if call.params.number("sysHealth") == 1:
        return {**_model(call), **_function("sysinfo", {"sysHealth": {"status": "good"}})}
    device = call.device
    up = int(time.time() - device.began)
    root: dict[str, Any] = {
        "cpu_model": "Intel(R) Celeron(R) CPU J4125 @ 2.00GHz",
        "cpu_usage": f"{_load():.1f} %",
        "server_name": device.hostname,
        "serial_number": "Q" + _digits(device.hostname, 9),
        "timezone": "(GMT+00:00) UTC",
        "total_memory": MEMORY_MB,
        "free_memory": round(MEMORY_MB * 0.7, 1),
        "uptime_day": up // 86400,
        "uptime_hour": up // 3600 % 24,
        "uptime_min": up // 60 % 60,
        "uptime_sec": up % 60,
        "cpu_tempc": 41,
        "cpu_tempf": 106,
        "sys_tempc": 38,
        "sys_tempf": 100,
        "nic_cnt": 1,
        "eth_status1": 1,
        "eth_max_speed1": 1000,
        "eth_ip1": "127.0.0.1",
        "eth_mask1": "255.0.0.0",
        "eth_mac1": "24:5E:BE:00:00:01",
        "eth_usage1": "DHCP",
        "rx_packet1": 1048576,
        "tx_packet1": 524288,
        "err_packet1": 0,
        "sysfan_count": 1,
        "sysfan1": 812,
        "sysfan1_stat": 0,
        "dnsInfo": {"DNS_LIST": ["127.0.0.53"]},
    }
    return {**_model(call), **_function("sysinfo", {"root": root})}


def _load() -> float:
    return min(100.0, os.getloadavg()[0] * 100 / (os.cpu_count() or 1))


def _digits(text: str, count: int) -> str:
    return str(int(hashlib.md5(text.encode(), usedforsecurity=False).hexdigest(), 16))[:count]


def _chart(call: Call) -> dict[str, Any]:
    """chartReq.cgi: `chart_func=disk_usage` (volumes and what each share uses), `bandwidth`."""
    which = call.params.get("chart_func")
    if which == "disk_usage":
        volumes = call.device.volumes
        return {**_model(call), "volumeList": volumes.listed(), "volumeUseList": volumes.used()}
    if which == "QSM40bandwidth" and call.modern:
        return _model(call)  # since 4.5.4 the old name tells nothing
    item = {"id": "eth0", "dname": "Adapter 1", "name": "eth0", "rx": 5120, "tx": 2560}
    if which == "QSM40bandwidth":
        return {**_model(call), "df_gateway": "eth0", "bandwidth_info": {"item": [item]}}
    if which == "bandwidth":
        return {
            **_model(call),
            "bandwidth_info": {
                "df_gateway": "eth0",
                "eth_index_list": "0",
                "wlan_index_list": "",
                "eth0": {"name": "Adapter 1", "rx": 5120, "tx": 2560},
            },
        }
    return {**_model(call), "result": -1}


def _smart(call: Call) -> dict[str, Any]:
    """qsmart.cgi?func=all_hd_data: so many disks (`disks=N`), in this health (`disk_health=OK,Warning,...`)."""
    settings = call.device.settings
    health = settings.names("disk_health")
    disks = [
        {
            "HDNo": number,
            "Health": health[number - 1] if number <= len(health) else "OK",
            "Temperature": {"oC": 33 + number, "oF": 91 + number * 2},
            "Capacity": "3.64 TB",
            "Capacity_bytes": 4000787030016,
            "Model": "WD40EFRX-68N32N0",
            "Serial": f"WD-WCC7K{_digits(str(number), 6)}",
            "hd_is_ssd": 0,
        }
        for number in range(1, settings.integer("disks", 2) + 1)
    ]
    return {**_model(call), "Disk_Info": {"entry": disks}}


def _firmware(call: Call) -> dict[str, Any]:
    """sysRequest.cgi?subfunc=firm_update, as recorded: one `newVersion` up to 5.0.1, since 5.1 one in each of the
    channels `official` and `recommended`. It is a version with its build (`5.2.10.3577 Build 20260731`), maybe the one
    that is installed, `none` when there is nothing newer, and `error` when the device could not find out, maybe for one
    channel alone. Clients take an empty text for `none`. `new_firmware=VERSION,...` is what the channels say, in this
    order.
    """
    said = ["" if word == NOTHING_SAID else word for word in call.device.settings.names("new_firmware")]
    official, recommended = [*said, *[NOTHING_NEWER] * 2][:2]
    content: dict[str, Any] = {"newVersion": official}
    if call.modern:
        content = {"official": {"newVersion": official}, "recommended": {"newVersion": recommended}}
    return {**_model(call), **_function("firm_update", content)}


def _external(call: Call) -> dict[str, Any]:
    return {**_model(call), **_function("getExternalDev", {"externalDevice": ""})}


def _external_disks(call: Call) -> dict[str, Any]:
    return {**_model(call), "Disk_Vol": ""}


firmware = _page(_firmware)
FUNCTIONS = {
    "manaRequest.cgi": "subfunc",
    "chartReq.cgi": "chart_func",
    "qsmart.cgi": "func",
    "devRequest.cgi": "subfunc",
    "disk_manage.cgi": "func",
}
"""The parameter that tells one page of a program from another."""
PAGES: dict[str, Page] = {
    "management/manaRequest.cgi": _page(_mana),
    "management/chartReq.cgi": _page(_chart),
    "disk/qsmart.cgi": _page(_smart),
    "devices/devRequest.cgi": _page(_external),
    "disk/disk_manage.cgi": _page(_external_disks),
}
