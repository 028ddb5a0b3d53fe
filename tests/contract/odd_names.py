# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of files that something on the way may take for something else, or refuse."""

from __future__ import annotations

import unicodedata

ODD_NAMES = (
    "2024",
    "007",
    "1e5",
    "true",
    "null",
    "[1]",
    '{"a":1}',
    "a, b.txt",  # DSM 5 wants commas escaped in every parameter, also in those that take one path only
    "a,b",
    unicodedata.normalize("NFC", "é"),
    unicodedata.normalize("NFD", "é"),
    "100% #1+?.txt",
    "%41",
    "a+b",
    "a&b=c;d",
    " leading",
    "trailing ",
    "it's",
    'quo"te',
    "back\\slash",
    "~ª>",  # bytes whose base64 has a slash or a plus
    "🦊 emoji",
    ".hidden",
    "..two dots",
    "-dash",
    "$HOME",
    "*",
    "漢字",
    "x" * 200,
)
