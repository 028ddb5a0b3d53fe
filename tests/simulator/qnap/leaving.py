# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was deleted and is still listed: a device deletes in the background (`deletion_seconds=S`, default 1)."""

from __future__ import annotations

import time
from typing import Any


class Leaving:
    """Users, groups and shares that are gone but for the lists."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._until: dict[tuple[str, str], tuple[float, Any]] = {}

    def add(self, category: str, name: str, what: Any) -> None:
        if self._seconds > 0:
            self._until[category, name] = (time.monotonic() + self._seconds, what)

    def back(self, category: str, name: str) -> None:
        """There is one by this name again."""
        self._until.pop((category, name), None)

    def of(self, category: str) -> list[Any]:
        now = time.monotonic()
        self._until = {key: item for key, item in self._until.items() if item[0] > now}
        return [what for (one, _name), (_until, what) in self._until.items() if one == category]
