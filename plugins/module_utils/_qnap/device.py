# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a QNAP tells about itself.

The File Station guide has no call for it. The login tells a little, the device's own system page the rest (to
administrators), and File Station its name and version to everybody.
"""

from __future__ import annotations

from typing import Any, Optional

from .._api.capabilities.device import Device
from .._core.certificates import Certificate
from .._core.device import DeviceFacts
from .failures import VENDOR
from .wire import Wire

_OWN = "func/ownContent/root/"
_DETAILS = {
    "firmware/number": "number",
    "firmware/build": "build",
    "firmware/patch": "patch",
    "firmware/buildTime": "buildTime",
    "model/modelName": "modelName",
    "model/internalModelName": "internalModelName",
    "model/platform": "platform",
    "model/is_zfs": "is_zfs",
    **{
        _OWN + name: name
        for name in (
            "cpu_model",
            "total_memory",
            "free_memory",
            "timezone",
            "uptime_day",
            "uptime_hour",
            "uptime_min",
            "uptime_sec",
            "sys_tempc",
            "cpu_tempc",
        )
    },
}


class QnapDevice(Device):
    """The device itself.

    :param wire: makes the calls.
    """

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def facts(self) -> DeviceFacts:
        """Model, firmware, name and serial number; the last, and what is at work, for administrators only.

        The login, or its page, gives model and firmware to anybody.
        """
        optional = self._wire.sessions.optional
        reported = self._wire.sessions.session().get("login")
        known: dict[str, str] = dict(reported) if isinstance(reported, dict) else {}
        details: dict[str, Any] = {
            name: value for name, value in known.items() if "/" not in name and name != "hostname"
        }
        nothing: dict[str, str] = {}
        page = nothing
        if details.get("isAdmin") != "0":
            page = optional("its serial number and state", self._wire.sysinfo, nothing)
        if not {**known, **page}.keys() & {"model/displayModelName", "model/modelName"}:
            page = {**page, **optional("its model and firmware", self._wire.page, nothing)}
        heard = bool(page)
        page = {**known, **page}
        details.update({name: page[key] for key, name in _DETAILS.items() if page.get(key)})
        hostname = page.get(_OWN + "server_name") or page.get("hostname")
        if not hostname:
            hostname = optional("its name", lambda: self._file_station(details), None)
            heard = heard or hostname is not None
        self._wire.sessions.require_answer(heard)
        return DeviceFacts(
            vendor=VENDOR,
            model=page.get("model/displayModelName") or page.get("model/modelName") or None,
            version=page.get("firmware/version") or None,
            hostname=hostname or None,
            serial=page.get(_OWN + "serial_number") or None,
            details=details,
        )

    def https_certificate(self) -> Optional[Certificate]:
        """No call: what the port shows."""
        return self._wire.http.certificate()

    def _file_station(self, details: dict[str, Any]) -> Optional[str]:
        """The device's name, from File Station's check of the session, whose version goes to `details`."""
        reply = self._wire.call("check_sid", [])
        for name in ("version", "build"):
            if isinstance(reply.get(name), str) and reply[name]:
                details[f"file_station_{name}"] = reply[name]
        hostname = reply.get("servername")
        return hostname if isinstance(hostname, str) else None
