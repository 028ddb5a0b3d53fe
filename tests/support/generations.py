# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Generations of devices as parameters of tests."""

from __future__ import annotations

from typing import Any

import pytest

from .devices import ABOUT, VENDORS


def each(what: str) -> list[Any]:
    """Vendor and profile of each generation, from the oldest to the newest.

    `make test` leaves out those that are neither their vendor's oldest nor its newest; `make faults` makes up for it.

    :param what: for which tests, as `vendors.yml` calls them.
    """
    found = []
    for vendor in VENDORS:
        profiles = ABOUT.get(vendor, {}).get(what, [])
        for profile in profiles:
            is_middle = profile not in (profiles[0], profiles[-1])
            marks = [pytest.mark.for_faults] if is_middle else []
            found.append(pytest.param((vendor, profile), marks=marks, id=f"{vendor}-{profile}"))
    return found


def is_newest(vendor: str, profile: str) -> bool:
    """Whether it is the newest generation that tests of clients know of a vendor."""
    return bool(ABOUT[vendor]["generations"][-1] == profile)
