# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The box itself: what it tells anybody (`GET api_version`), and what it tells an application (`GET system/`)."""

from __future__ import annotations

from typing import Any, Dict, Optional

from .._api.capabilities.device import Device
from .._core.certificates import Certificate
from .._core.device import DeviceFacts
from . import envelope
from .failures import VENDOR
from .wire import Wire

_SYSTEM = "GET system/"


class FreeboxDevice(Device):
    """See `Device`. `version` is that of the API; `details` holds the box's own names, the firmware's version too."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def facts(self) -> DeviceFacts:
        """Two calls: one that needs no session, and `GET system/`, whose answer may be missing.

        :raises NasError: `PROTOCOL`, `AUTHENTICATION`, ...
        """
        optional = self._wire.sessions.optional
        nothing: Dict[str, Any] = {}
        public = self._wire.describe()
        system = optional("its firmware and serial number", self._system, nothing)
        details: Dict[str, Any] = {
            key: value
            for key, value in {**public, **system}.items()
            if value is None or isinstance(value, (str, int, float))
        }
        return DeviceFacts(
            vendor=VENDOR,
            model=_text(public, "box_model_name") or _text(public, "box_model"),
            version=_text(public, "api_version"),
            hostname=_text(public, "device_name"),
            serial=_text(system, "serial"),
            details=details,
        )

    def https_certificate(self) -> Optional[Certificate]:
        """No call: what the port shows."""
        return self._wire.http.certificate()

    def _system(self) -> Dict[str, Any]:
        system = self._wire.call(_SYSTEM)
        if system is not None and not isinstance(system, dict):
            raise envelope.protocol_error(_SYSTEM, "the answer is not an object")
        return system or {}


def _text(facts: Dict[str, Any], key: str) -> Optional[str]:
    value = facts.get(key)
    return value if isinstance(value, str) and value else None
