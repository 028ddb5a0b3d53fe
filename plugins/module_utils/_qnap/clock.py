# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Points in time as a QNAP takes them: dates and minutes in its own time zone (File Station guide, section 17.8).

No call tells the time zone. What can be known: a row of `stat` has a file's modification time both in the device's
zone (`mt`) and in seconds since 1970 (`epochmt`), but summer time may have changed since; and the device tells in
seconds (`expire_time`) what it made of a date that was sent. So the first is a good guess, and the second corrects it.
"""

from __future__ import annotations

from calendar import timegm
from time import gmtime, strftime, strptime

from .entries import Row
from .envelope import number

MINUTE = 60
DAY = 86400
_QUARTER = 900  # seconds; no zone is off by less
_FARTHEST = 16 * 3600


class Clock:
    """The device's time zone, as far as it is known.

    :param offset: seconds that its clock is ahead of UTC.
    """

    def __init__(self, offset: int = 0) -> None:
        self.offset = offset

    def written(self, seconds: int) -> str:
        """A point in time as the device takes it; seconds beyond the minute are cut off."""
        return strftime("%Y/%m/%d %H:%M", gmtime(seconds + self.offset))

    def learn(self, meant: int, understood: int) -> None:
        """Correct the offset by what the device made of `written(meant)`.

        One that is too far off is no time zone: then the device did not take the date at all.
        """
        offset = _rounded(meant + self.offset - understood)
        if abs(offset) <= _FARTHEST:
            self.offset = offset


def clock_of(row: Row) -> Clock:
    """The clock by which a row's times were written; UTC when it does not tell."""
    epoch = number(row.get("epochmt"))
    try:
        local = timegm(strptime(str(row.get("mt")).strip(), "%Y/%m/%d %H:%M:%S"))
    except ValueError:
        return Clock()
    offset = _rounded(local - epoch) if epoch else 0
    return Clock(offset if abs(offset) <= _FARTHEST else 0)


def _rounded(offset: int) -> int:
    return (offset + _QUARTER // 2) // _QUARTER * _QUARTER
