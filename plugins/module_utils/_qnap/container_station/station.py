# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Container Station tells about itself and its host.

Rests on the Container Station API guide, "System Information" and "Network". What it tells is handed on by its own
names; which there are depends on its version.
"""

from __future__ import annotations

from typing import Any, BinaryIO

from ..._api.capabilities.container_station import ContainerStation
from ..._core.errors import Kind, NasError
from .transfer import fetch
from .wire import ContainerWire

PROTOCOLS = ("tcp", "udp")
LARGEST_PORT = 65535

_SYSTEM = "GET /api/v1/system"
_RESOURCE = "GET /api/v1/system/resource"
_BRIDGE = "GET /api/v1/system/bridge"
_PORT = "GET /api/v1/system/port"
_REPORT = "GET /api/v1/system/report"


class QnapContainerStation(ContainerStation):
    """Container Station of a QNAP.

    :param wire: makes the calls.
    """

    def __init__(self, wire: ContainerWire) -> None:
        self._wire = wire

    def system(self) -> dict[str, Any]:
        """Hostname, processor, memory (KiB), `features`, `version` (of Docker, LXC, LXD, the app), ... (GET system)."""
        return self._object(_SYSTEM, "version", dict)

    def resources(self) -> dict[str, Any]:
        """`cpu_usage` (percent, as text) and `memory_usage` (MB and percent) (GET system/resource)."""
        return self._object(_RESOURCE, "memory_usage", dict)

    def networks(self) -> dict[str, Any]:
        """`data`, a list of adapters with name, address and bridge, and `default`, one's index (GET system/bridge)."""
        return self._object(_BRIDGE, "data", list)

    def port_used(self, protocol: str, port: int) -> bool:
        """Whether a port is in use (GET system/port).

        :raises NasError: `INVALID_ARGUMENT` before any call, for what is no port.
        """
        if protocol not in PROTOCOLS or not 0 < port <= LARGEST_PORT:
            raise self._error(Kind.INVALID_ARGUMENT, f"there is no {protocol} port {port}", _PORT)
        used = self._wire.value(_PORT, self._wire.call(_PORT, more=(protocol, str(port)))).get("used")
        if not isinstance(used, bool):
            raise self._error(Kind.PROTOCOL, "Container Station's answer has no used", _PORT)
        return used

    def report(self, sink: BinaryIO) -> int:
        """Write the diagnosis report (GET system/report). Its form the guide does not tell: it is written as it comes.

        :raises NasError: an error that came instead of it; `DEVICE` when nothing came.
        """
        return fetch(self._wire, _REPORT, sink)

    def _object(self, call: str, key: str, expected: type) -> dict[str, Any]:
        reply = self._wire.value(call, self._wire.call(call))
        if not isinstance(reply.get(key), expected):
            raise self._error(Kind.PROTOCOL, f"Container Station's answer has no {key}", call)
        return reply

    def _error(self, kind: Kind, message: str, call: str) -> NasError:
        return self._wire.http.error(kind, message, call)
