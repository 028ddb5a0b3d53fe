# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A NAS on loopback: the HTTP APIs of vendors' devices over a real folder, for tests and demos."""

from __future__ import annotations

from pathlib import Path

# Every folder beside `core` is the package of a vendor.
VENDORS = tuple(sorted({file.parent.name for file in Path(__file__).parent.glob("*/__init__.py")} - {"core"}))
