# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names and addresses of the device."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from ..offers import Capability


class Network(Capability):
    """By which names and addresses the device is reached."""

    @abstractmethod
    def addresses(self) -> dict[str, Any]:
        """By the vendor's names."""
