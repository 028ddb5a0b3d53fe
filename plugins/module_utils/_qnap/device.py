# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a QNAP tells about itself.

The File Station guide has no call for it. The login tells a little, the device's own system page the rest (to
administrators), and File Station its name and version to everybody.
"""

from __future__ import annotations

from typing import Any, Optional

from ansible_collections.nasops.nas.plugins.module_utils._api import Device
from ansible_collections.nasops.nas.plugins.module_utils._errors import Kind, NasError
from ansible_collections.nasops.nas.plugins.module_utils._model import DeviceFacts
from ansible_collections.nasops.nas.plugins.module_utils._qnap.entries import VENDOR
from ansible_collections.nasops.nas.plugins.module_utils._qnap.wire import Wire

_OWN = "func/ownContent/root/"
_DETAILS = {
    "firmware/build": "build",
    "firmware/patch": "patch",
    "firmware/buildTime": "buildTime",
    "model/modelName": "modelName",
    "model/internalModelName": "internalModelName",
    "model/platform": "platform",
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
# The user may not see the system page, or this firmware has none.
_HIDDEN = (Kind.SESSION_EXPIRED, Kind.PERMISSION_DENIED, Kind.UNSUPPORTED, Kind.PROTOCOL, Kind.DEVICE)


class QnapDevice(Device):
    """The device itself.

    :param wire: makes the calls.
    """

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def facts(self) -> DeviceFacts:
        """Model, firmware, name and serial number; for users who are no administrators only what File Station tells."""
        told = self._wire.sessions.session().get("login")
        details: dict[str, Any] = dict(told) if isinstance(told, dict) else {}
        page: dict[str, str] = {}
        if details.get("isAdmin") != "0":
            try:
                page = self._wire.sysinfo()
            except NasError as error:
                if error.kind not in _HIDDEN:
                    raise
        details.update({name: page[key] for key, name in _DETAILS.items() if page.get(key)})
        hostname = page.get(_OWN + "server_name") or page.get("hostname")
        if not page:
            hostname = self._file_station(details)
        return DeviceFacts(
            vendor=VENDOR,
            model=page.get("model/displayModelName") or page.get("model/modelName") or None,
            version=page.get("firmware/version") or None,
            hostname=hostname or None,
            serial=page.get(_OWN + "serial_number") or None,
            details=details,
        )

    def _file_station(self, details: dict[str, Any]) -> Optional[str]:
        """The device's name, from File Station's check of the session, whose version goes to `details`."""
        try:
            reply = self._wire.call("check_sid", [])
        except NasError as error:
            if error.kind not in (Kind.UNSUPPORTED, Kind.PROTOCOL, Kind.DEVICE):
                raise
            return None
        for name in ("version", "build"):
            if isinstance(reply.get(name), str) and reply[name]:
                details[f"file_station_{name}"] = reply[name]
        hostname = reply.get("servername")
        return hostname if isinstance(hostname, str) else None
