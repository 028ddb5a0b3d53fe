# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Access that a person grants at the device."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

from ..offers import Capability

if TYPE_CHECKING:
    from ..._core.device import Pairing


class Pairings(Capability):
    """Access that somebody at the device grants once: an application asks, a person presses a button."""

    @abstractmethod
    def request(self, app_id: str, app_name: str, app_version: str, device_name: str) -> Pairing:
        """Ask for access; the answer holds a token that is worthless until it is granted."""

    @abstractmethod
    def is_refused(self) -> bool:
        """Whether the device does not know, or no longer takes, the token that the credentials hold.

        :raises NasError: for every other reason that there is no session.
        """

    @abstractmethod
    def state(self, pairing: Pairing) -> str:
        """One of the `PAIRING_*` states."""
