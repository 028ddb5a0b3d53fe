# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checksums as a user writes them."""

from __future__ import annotations

import re

from .errors import usage

DIGEST_LENGTHS = {32: "md5", 40: "sha1", 64: "sha256", 128: "sha512"}


def parse(text: str, option: str = "checksum") -> tuple[str, str]:
    """The algorithm and the lower-case hex digits of `algorithm:hex digits`, or of the digits alone.

    :raises NasError: `USAGE` for anything else.
    """
    prefix, _colon, digits = text.rpartition(":")
    algorithm = (prefix or DIGEST_LENGTHS.get(len(digits), "")).lower()
    wanted = {name: length for length, name in DIGEST_LENGTHS.items()}.get(algorithm)
    if wanted != len(digits) or not re.fullmatch(r"[0-9a-fA-F]+", digits):
        hint = "Write it as algorithm:hex digits with md5, sha1, sha256 or sha512"
        raise usage(f"option {option}: {text!r} is not a checksum", hint=hint)
    return algorithm, digits.lower()
