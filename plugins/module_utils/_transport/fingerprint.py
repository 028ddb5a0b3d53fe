# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fingerprint of the only certificate that is accepted, as users write it."""

from __future__ import annotations

import re

from .._core.errors import usage

_FINGERPRINT = re.compile(r"sha256:((?:[0-9a-f]{2}:?){31}[0-9a-f]{2})", re.IGNORECASE)

RECIPE = (
    "openssl s_client -connect HOST:PORT </dev/null 2>/dev/null | openssl x509 -noout -fingerprint -sha256 "
    "| sed 's/.*=/sha256:/'"
)
"""Prints what `fingerprint` takes."""


def normalized(fingerprint: str) -> str:
    """A fingerprint as lower-case hex digits.

    :raises NasError: `USAGE` when it is not `sha256:` and the 64 hex digits of a SHA-256.
    """
    found = _FINGERPRINT.fullmatch(fingerprint.strip())
    if found is None:
        raise usage(
            f"option fingerprint: {fingerprint!r} is no SHA-256 fingerprint",
            hint="Set fingerprint (nas_fingerprint) to sha256: and 64 hex digits, with or without colons; this prints "
            f"it: {RECIPE}",
        )
    return found.group(1).replace(":", "").lower()
