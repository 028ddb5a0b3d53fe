# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""By which names and addresses a QNAP is reached (File Station guide, section 17.5)."""

from __future__ import annotations

from typing import Any

from .._api.capabilities.network import Network
from .wire import Wire

_ENVELOPE = ("status", "success", "version", "build")


class QnapNetwork(Network):
    """Names and addresses.

    :param wire: makes the calls.
    """

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def addresses(self) -> dict[str, Any]:
        """What get_domain_ip_list tells: `mycloudnas_hn`, `ddns_hn`, `external_ip`, `local_ip`, `host_ip`, ..."""
        reply = self._wire.call("get_domain_ip_list", [])
        return {name: value for name, value in reply.items() if name not in _ENVELOPE}
