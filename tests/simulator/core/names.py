# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names that a device compares without case."""

from __future__ import annotations

from collections.abc import Iterable


def fold(text: str) -> str:
    """The text without case, one character for one: `É` is `é`, and `ß` is itself, not `ss`.

    So file systems and Samba compare names. Of the devices it is known only that they do not mind case: nothing says
    that two letters of theirs could be the same as one.
    """
    return text.lower() if text.isascii() else "".join(map(_fold, text))


def _fold(char: str) -> str:
    for other in (char.casefold(), char.lower()):
        if len(other) == 1:
            return other
    return char


def written(name: str, names: Iterable[str]) -> str | None:
    """The name as it is written among these: itself, else the first that differs in case only; None without one."""
    names = list(names)
    if name in names:
        return name
    wanted = fold(name)
    return next((other for other in names if fold(other) == wanted), None)
