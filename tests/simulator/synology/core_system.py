# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SYNO.Core.System and .System.Status, and whether an update is on offer (SYNO.Core.Upgrade and below it).

The setting `update=VERSION` puts an update on offer. What a device says of one beside `available` was not recorded:
the keys here are those that Home Assistant's client reads.
"""

from __future__ import annotations

import time
from typing import Any

from .calls import Call, controls


@controls("SYNO.Core.System", "info", everybody=True)
async def info(call: Call) -> dict[str, Any]:
    """Model, version, serial number and clock."""
    device = call.device
    up = int(time.monotonic() - device.began)
    model = device.settings.text("model", "VirtualDSM" if device.settings.flag("virtual") else "DS920+")
    return {
        "cpu_clock_speed": 2000,
        "cpu_cores": "4",
        "cpu_family": "Celeron",
        "cpu_series": "J4125",
        "cpu_vendor": "INTEL",
        "enabled_ntp": True,
        "firmware_date": "2024/08/26",
        "firmware_ver": device.dsm.build,
        "model": model,
        "ntp_server": "time.google.com",
        "ram_size": 4096,
        "sata_dev": [],
        "serial": "2010TQR000000",
        "support_esata": "no",
        "sys_temp": 40,
        "temperature_warning": False,
        "time": time.strftime("%Y-%m-%d %H:%M:%S"),
        "time_zone": "Amsterdam",
        "up_time": f"{up // 3600}:{up // 60 % 60}:{up % 60}",
        "usb_dev": [],
    }


@controls("SYNO.Core.System.Status", "get")
async def status(call: Call) -> dict[str, Any]:
    return {"is_system_crashed": False, "upgrade_ready": False}


@controls("SYNO.Core.Upgrade", "status")
async def upgrade(call: Call) -> dict[str, Any]:
    return {"allow_upgrade": True, "status": "none"}


@controls("SYNO.Core.Upgrade.Server", "check")
async def check(call: Call) -> dict[str, Any]:
    """From version 2 on, inside of `update`."""
    offered = call.device.settings.text("update")
    reply: dict[str, Any] = {"available": bool(offered)}
    if offered:
        reply.update(reboot="now", restart="some", type="nano", version=offered)
    return reply if call.version < 2 else {"update": {**reply, "rss_result": "success"}}


@controls("SYNO.Core.Upgrade.Setting", "get")
async def setting(call: Call) -> dict[str, Any]:
    return {
        "autoupdate_enable": False,
        "autoupdate_type": "hotfix-security",
        "schedule": {"hour": 4, "minute": 10, "week_day": "1,4"},
        "smart_nano_enabled": False,
        "upgrade_type": "hotfix-security",
    }
