# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Text that a terminal shows as it is."""

from __future__ import annotations

import unicodedata


def printable(text: str) -> str:
    r"""The text with what a terminal would obey written out, as Python does: `\x1b`, `\n`, `\u202e`.

    Names on a device can hold escape codes, line feeds, and marks that turn the writing around.
    """
    if text.isprintable():
        return text
    return "".join(
        letter if letter.isprintable() or unicodedata.category(letter) == "Zs" else repr(letter)[1:-1]
        for letter in text
    )
