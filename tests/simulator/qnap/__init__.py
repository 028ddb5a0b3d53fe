# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A QNAP device: File Station (guide of QTS 4.0 and what devices were seen to do since) and Container Station.

Profiles: `qts5` (default; 5.2), `qts4` (4.3, close to the guide, with the bodies of that time that are not quite
JSON), `hero6` (QuTS hero h6.0: as qts5, Container Station's API of version 1 without certificates).
"""

from .device import Qnap

VENDOR = Qnap

__all__ = ["VENDOR", "Qnap"]
