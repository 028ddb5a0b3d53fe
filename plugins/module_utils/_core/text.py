# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Text as bytes and for terminals, whatever is in it.

Bytes of a name that are not UTF-8 are kept as lone surrogates from U+DC80 to U+DCFF, and become those bytes again.
Other lone surrogates stand for nothing, yet come in JSON (`"\\ud800"`) from devices and plays; they are written as
UTF-8 would, and a device then knows no such name. So no text is too odd to be sent, compared or logged.
"""

from __future__ import annotations

import codecs
import unicodedata

SURROGATES = "nasops_surrogates"
"""A name for the `errors` of everything that encodes text."""

_FIRST_BYTE, _LAST_BYTE, _BYTES = 0xDC80, 0xDCFF, 0xDC00


def _encode(error: UnicodeError) -> tuple[bytes, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    written = b"".join(
        bytes((ord(one) - _BYTES,)) if _FIRST_BYTE <= ord(one) <= _LAST_BYTE else one.encode("utf-8", "surrogatepass")
        for one in error.object[error.start : error.end]
    )
    return written, error.end


codecs.register_error(SURROGATES, _encode)


def encoded(text: str) -> bytes:
    """The text as UTF-8."""
    return text.encode("utf-8", SURROGATES)


def half(text: str) -> str:
    """The first lone surrogate in a text that stands for no byte; empty when there is none."""
    return next((one for one in text if "\ud800" <= one <= "\udfff" and not _FIRST_BYTE <= ord(one) <= _LAST_BYTE), "")


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
