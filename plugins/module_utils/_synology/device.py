# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The device itself."""

from __future__ import annotations

from typing import Any, Optional

from .._api.capabilities.device import Device
from .._core.certificates import Certificate
from .._core.device import DeviceFacts
from .._core.errors import NasError
from .reply import Reply
from .wire import Wire

FILE_STATION_INFO = "SYNO.FileStation.Info"
DSM_INFO = "SYNO.DSM.Info"
_NAMED = ("hostname", "model", "serial", "version_string")


class SynologyDevice(Device):
    """What File Station tells every user, and what DSM tells those whom it trusts.

    :param wire: to the device.
    """

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def facts(self) -> DeviceFacts:
        """Guide, Info/get; and SYNO.DSM.Info/getinfo, which the guide leaves out and ordinary users may not call."""
        optional = self._wire.sessions.optional
        nothing: tuple[dict[str, Any], dict[str, Optional[str]]] = {}, {}
        station, texts = optional("its name", lambda: _texts(self._file_station(), "hostname"), nothing)
        system, more = optional("its model and version", self._dsm, nothing)
        texts = {**texts, **more}
        self._wire.sessions.require_answer(texts)
        details = {name: value for name, value in {**station, **system}.items() if name not in _NAMED}
        return DeviceFacts(
            vendor="synology",
            model=texts.get("model"),
            version=texts.get("version_string"),
            hostname=texts.get("hostname"),
            serial=texts.get("serial"),
            details=details,
        )

    def https_certificate(self) -> Optional[Certificate]:
        """No call: what the port shows."""
        return self._wire.http.certificate()

    def _file_station(self) -> Reply:
        try:
            return self._wire.call(FILE_STATION_INFO, "get", {}, idempotent=True)
        except NasError as error:
            # DSM 5 calls the method otherwise.
            if error.code != "103":
                raise
        return self._wire.call(FILE_STATION_INFO, "getinfo", {}, idempotent=True)

    def _dsm(self) -> tuple[dict[str, Any], dict[str, Optional[str]]]:
        reply = self._wire.call(DSM_INFO, "getinfo", {}, idempotent=True)
        return _texts(reply, "model", "serial", "version_string")


def _texts(reply: Reply, *names: str) -> tuple[dict[str, Any], dict[str, Optional[str]]]:
    """All of a reply, and some texts in it."""
    return reply.as_dict(), {name: reply.text(name) for name in names}
