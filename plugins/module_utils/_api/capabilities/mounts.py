# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Remote folders and images that are mounted on the device."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from ..offers import Capability


class Mounts(Capability):
    """Remote folders and images that are mounted on the device."""

    @abstractmethod
    def mounts(self) -> list[dict[str, Any]]:
        """Each with `path`, `type` and what else the vendor tells."""
