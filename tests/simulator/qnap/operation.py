# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a call of the system's pages is: what it does, and where its reply says how that went."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .call import Call, Params

DONE, REFUSED = 0, -1
"""No table of numbers is known: what is not negative is good."""


@dataclass(frozen=True)
class Operation:
    """One call.

    :param run: what it does; a call that reads gives the reply's elements, one that writes a number (`DONE`, or less
        than that).
    :param elements: the elements around (and at last with) that number. Without them the reply says `authPassed` 1 and
        nothing else, whatever came of it: so most of these calls are on a device.
    :param also: more elements beside the last one, with the same number.
    """

    run: Callable[[Call], Any]
    writes: bool = False
    elements: tuple[str, ...] = ()
    also: tuple[str, ...] = ()

    def reply(self, number: int) -> dict[str, Any]:
        """The elements that tell the number."""
        if not self.elements:
            return {}
        *above, last = self.elements
        found: dict[str, Any] = dict.fromkeys((last, *self.also), number)
        for name in reversed(above):
            found = {name: found}
        return found


Key = tuple[str, str, str]
"""Program, function, action."""
Operations = Mapping[Key, Operation]


def paged(params: Params, rows: list[dict[str, Any]], name: str) -> tuple[int, list[dict[str, Any]]]:
    """(how many there are, those from `lower` up to `upper`) of the rows whose name holds `filter`."""
    wanted = params.get("filter").lower()
    found = [row for row in rows if wanted in str(row[name]).lower()]
    lower = max(0, params.number("lower"))
    return len(found), found[lower : params.number("upper", len(found))]
