# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""JSON of devices, read with bounds: for what is nested, which would break whatever handles it later, and for how many
arrays and objects there are, since each takes many times the memory of its text.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

DEEPEST = 64  # arrays and objects in each other; no document of a vendor has more than seven

MOST = 2_000_000  # arrays and objects in a text; an answer about a file has one or a few

# Names may hold control characters that firmware does not escape.
_LOOSE = json.JSONDecoder(strict=False)


def parse(text: str) -> Any:
    """The value of a text.

    :raises ValueError: it is no JSON, nested too deeply, or of too many parts.
    """
    try:
        return _bounded(text, lambda: json.loads(text))
    except RecursionError:
        raise ValueError("nested too deeply") from None


def first(text: str, start: int) -> Any:
    """The first value of a text from `start` on, whatever follows it.

    :raises ValueError: as above.
    """
    try:
        return _bounded(text, lambda: _LOOSE.raw_decode(text, start)[0])
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _bounded(text: str, read: Callable[[], Any]) -> Any:
    # The brackets of most answers are too few to be nested too deeply, which takes no time to see.
    brackets = text.count("{") + text.count("[")
    if brackets > MOST:
        raise ValueError("of too many parts")
    return read() if brackets <= DEEPEST else flat(read())


def flat(value: Any) -> Any:
    """The value itself.

    :raises ValueError: it is nested too deeply.
    """
    level = [value]
    for _depth in range(DEEPEST):
        level = [
            child
            for outer in level
            if isinstance(outer, (dict, list))
            for child in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(child, (dict, list))
        ]
        if not level:
            return value
    raise ValueError("nested too deeply")
