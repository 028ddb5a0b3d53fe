# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Points in time as a user writes them."""

from __future__ import annotations

import re
import time
from datetime import datetime, timezone

from ansible_collections.nasops.nas.plugins.module_utils._errors import usage

NOW = "now"


def parse(text: str, option: str) -> int:
    """Seconds since 1970-01-01 UTC of `now`, a number of seconds, or an ISO 8601 date and time.

    A date and time without an offset is in the time zone of the machine that runs the task.

    :raises NasError: `USAGE`, naming the option and the value.
    """
    if text == NOW:
        return int(time.time())
    if re.fullmatch(r"\d+", text):
        return int(text)
    try:
        # Python 3.9 and 3.10 do not read the letter that stands for UTC.
        return int(datetime.fromisoformat(re.sub(r"[zZ]$", "+00:00", text)).timestamp())
    except (ValueError, OverflowError):
        hint = "Give seconds since 1970, a date and time such as 2026-05-04T03:02:01Z, or now"
        raise usage(f"option {option}: {text!r} is not a point in time", hint=hint) from None


def stamp(seconds: float) -> str:
    """A point in time for a file name: sortable, without a character that a device refuses."""
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y%m%dT%H%M%SZ")
