# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Points in time as a user writes them."""

from __future__ import annotations

import re
import time
from datetime import datetime, timedelta, timezone
from typing import Optional

from .errors import usage

NOW = "now"
LATEST = 253370764800  # the year 9999, the last one that calendars know
_FIRST, _LAST = -62135596800, 253402300799  # the first and the last second of the years 1 to 9999
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
SECONDS = {"m": 60, "h": 3600, "d": 86400, "w": 604800}


def parse(text: str, option: str, or_else: str = NOW) -> int:
    """Seconds since 1970-01-01 UTC of `now`, a number of seconds, or an ISO 8601 date and time.

    Parts of a second are left out, as the clocks of devices have none: `ansible.builtin.stat` tells them.
    A date and time without an offset is in the time zone of the machine that runs the task.

    :param or_else: what the hint of an error offers beside a time.
    :raises NasError: `USAGE`, naming the option and the value.
    """
    if text == NOW:
        return int(time.time())
    number = re.fullmatch(r"(\d{1,18})(\.\d*)?", text)  # more digits are no time, and too long a number for Python
    if number:
        return int(number.group(1))
    try:
        # Python 3.9 and 3.10 do not read the letter that stands for UTC.
        return int(datetime.fromisoformat(re.sub(r"[zZ]$", "+00:00", text)).timestamp())
    except (ValueError, OverflowError):
        hint = f"Give seconds since 1970, a date and time such as 2026-05-04T03:02:01Z, or {or_else}"
        raise usage(f"option {option}: {text!r} is not a point in time", hint=hint) from None


def parse_end(text: str, option: str, or_else: str) -> int:
    """The same, where a date alone means all of that day: its last second, in the time zone of this machine."""
    moment = parse(text, option, or_else)
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        return moment
    return int(datetime.fromtimestamp(moment).replace(hour=23, minute=59, second=59).timestamp())


def duration(text: str) -> Optional[int]:
    """Seconds of a duration such as `30d`, `12h`, `90m` or `2w`; None for anything else."""
    found = re.fullmatch(r"(\d+)([wdhm])", text)
    return int(found.group(1)) * SECONDS[found.group(2)] if found else None


def readable(seconds: int) -> str:
    """A point in time for people, in the time zone of this machine."""
    try:
        return datetime.fromtimestamp(seconds).astimezone().isoformat()
    except (ValueError, OverflowError, OSError):
        return f"{seconds} seconds since 1970"  # beyond all calendars


def iso(seconds: Optional[int]) -> Optional[str]:
    """A point in time as ISO 8601 in UTC, such as 2026-05-04T03:02:01Z; None for None, and beyond all calendars."""
    if seconds is None:
        return None
    try:
        return (_EPOCH + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ").rjust(20, "0")
    except OverflowError:
        return None


def is_known(seconds: int) -> bool:
    """Whether calendars know a point in time."""
    return _FIRST <= seconds <= _LAST


def stamp(seconds: float) -> str:
    """A point in time for a file name: sortable, without a character that a device refuses."""
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y%m%dT%H%M%SZ")
