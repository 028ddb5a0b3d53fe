# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SYNO.API.Info query, SYNO.DSM.Info getinfo, SYNO.FileStation.Info get."""

from __future__ import annotations

import time
from typing import Any

from .calls import Call, serves
from .values import read_value


@serves("SYNO.API.Info", "query", public=True)
async def query(call: Call) -> dict[str, Any]:
    """APIs by name, by prefix, or all of them (`all` in any case, or no `query`), as clients in the wild ask."""
    apis = call.device.dsm.apis
    asked = read_value(call.params.raw.get("query", "all"))
    names = asked if isinstance(asked, list) else str(asked).split(",")
    found = {}
    for name in (str(item).strip() for item in names):
        for known, api in apis.items():
            if name.lower() == "all" or known == name or (name and name not in apis and known.startswith(name)):
                found[known] = api.describe()
    return found


@serves("SYNO.DSM.Info", "getinfo")
async def dsm(call: Call) -> dict[str, Any]:
    """What the device is (asked by Home Assistant's client right after the login)."""
    device = call.device
    virtual = device.settings.flag("virtual")
    reply = {
        "codepage": device.codepage,
        "model": device.settings.text("model", "VirtualDSM" if virtual else "DS920+"),
        "ram": 4096,
        "serial": "2010TQR000000",
        "temperature": 40,
        "temperature_warn": False,
        "time": time.strftime("%a %b %d %H:%M:%S %Y"),
        "uptime": int(time.monotonic() - device.began),
        "version": device.dsm.version,
        "version_string": device.dsm.build,
    }
    if virtual:  # has no thermometer (seen)
        del reply["temperature"], reply["temperature_warn"]
    return reply


@serves("SYNO.FileStation.Info", "get")
async def file_station(call: Call) -> dict[str, Any]:
    """File Station's own information. `support_virtual_protocol` is an array on devices, a joined text in the guide."""
    device = call.device
    protocols = ["cifs", "nfs", "iso"]
    data: dict[str, Any] = {
        "hostname": device.settings.text("hostname", "nas"),
        "is_manager": device.people.is_administrator(call.user),
        "items": [{"gid": 100}],
        "support_file_request": True,
        "support_sharing": True,
        "support_vfs": True,
        "support_virtual": {"enable_iso_mount": True, "enable_remote_mount": True},
        "support_virtual_protocol": protocols,
        "system_codepage": device.codepage,
        "uid": device.uid(call.user),
    }
    if device.dsm.style == "plain":
        data["support_virtual"] = ",".join(protocols)
        del data["support_virtual_protocol"]
    return data
