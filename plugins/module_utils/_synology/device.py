# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The device itself."""

from __future__ import annotations

from typing import Any

from ansible_collections.nasops.nas.plugins.module_utils._api import Device
from ansible_collections.nasops.nas.plugins.module_utils._errors import Kind, NasError
from ansible_collections.nasops.nas.plugins.module_utils._model import DeviceFacts
from ansible_collections.nasops.nas.plugins.module_utils._synology.reply import Reply
from ansible_collections.nasops.nas.plugins.module_utils._synology.wire import Wire

FILE_STATION_INFO = "SYNO.FileStation.Info"
DSM_INFO = "SYNO.DSM.Info"


class SynologyDevice(Device):
    """What File Station tells every user, and what DSM tells those whom it trusts.

    :param wire: to the device.
    """

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def facts(self) -> DeviceFacts:
        """Guide, Info/get; and SYNO.DSM.Info/getinfo, which the guide leaves out and ordinary users may not call."""
        station = self._file_station()
        system = self._dsm()
        details: dict[str, Any] = {**station.as_dict(), **system.as_dict()}
        for name in ("hostname", "model", "serial", "version_string"):
            details.pop(name, None)
        return DeviceFacts(
            vendor="synology",
            model=system.text("model"),
            version=system.text("version_string"),
            hostname=station.text("hostname"),
            serial=system.text("serial"),
            details=details,
        )

    def _file_station(self) -> Reply:
        try:
            return self._wire.call(FILE_STATION_INFO, "get", {}, changes_nothing=True)
        except NasError as error:
            # DSM 5 calls the method otherwise.
            if error.code != "103":
                raise
        return self._wire.call(FILE_STATION_INFO, "getinfo", {}, changes_nothing=True)

    def _dsm(self) -> Reply:
        try:
            return self._wire.call(DSM_INFO, "getinfo", {}, changes_nothing=True)
        except NasError as error:
            if error.kind not in (Kind.UNSUPPORTED, Kind.PERMISSION_DENIED):
                raise
            return Reply({}, error.call)
