# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How far a long operation is, in the terminal: percent, rate, and the time left."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Optional

QUIET = 2.0  # seconds before the first line, and between two
UNITS = ("B", "kB", "MB", "GB", "TB")
STEP = 1000


class ProgressLine:
    """Called with (done, total) in bytes; says a line every two seconds, and nothing for what is quick.

    :param label: what is worked on.
    :param say: shows a line.
    :param clock: seconds, monotonic.
    """

    def __init__(self, label: str, say: Callable[[str], None], clock: Callable[[], float] = time.monotonic) -> None:
        self._label = label
        self._say = say
        self._clock = clock
        self._started = clock()
        self._last = self._started

    def __call__(self, done: int, total: Optional[int]) -> None:
        """Note how far it is; `total` is None while nobody knows."""
        now = self._clock()
        if now - self._last < QUIET:
            return
        self._last = now
        rate = done / (now - self._started)
        if total:
            left = f"{(total - done) / rate:.0f} s left" if rate else "time left unknown"
            self._say(f"{self._label}: {100 * done // total} %, {amount(rate)}/s, {left}")
        else:
            self._say(f"{self._label}: {amount(done)}, {amount(rate)}/s")


def amount(count: float) -> str:
    """Bytes as a person reads them, with decimal units."""
    for unit in UNITS[:-1]:
        if count < STEP:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= STEP
    return f"{count:.1f} {UNITS[-1]}"
