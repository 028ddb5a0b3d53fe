# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the device says about itself."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Optional

from ..offers import Capability

if TYPE_CHECKING:
    from ..._core.certificates import Certificate
    from ..._core.device import DeviceFacts


class Device(Capability):
    """The device itself."""

    @abstractmethod
    def facts(self) -> DeviceFacts:
        """Model, version and whatever else the vendor tells about itself."""

    @abstractmethod
    def https_certificate(self) -> Optional[Certificate]:
        """The certificate that the device shows by https, as `Http.certificate` reads it; None where http is used."""
