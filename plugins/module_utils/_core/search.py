# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a device's search shall look for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional


@dataclass(frozen=True)
class Criteria:
    """What a device's search shall look for. None and empty mean anything; all bounds include their value.

    Names are compared without regard to case or not, as the device likes.
    """

    patterns: tuple[str, ...] = ()  # shell globs of names, one of which fits
    type: Optional[str] = None  # FILE or FOLDER
    smallest: Optional[int] = None  # bytes of a file; with this or the next, folders need not be found
    largest: Optional[int] = None
    oldest: Optional[int] = None  # seconds since 1970
    newest: Optional[int] = None
    owner: Optional[str] = None
    group: Optional[str] = None
    stamp: str = "mtime"  # which of `TIMES` `oldest` and `newest` are about
