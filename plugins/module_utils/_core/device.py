# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a device says of itself, what it keeps beside files, and what its search is asked for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Optional

from .model import Record


@dataclass(frozen=True)
class Bin(Record):
    """The recycle bin of a share."""

    share: str  # as a path
    path: str  # the folder in the share that what was deleted lies in, below the folders that it was in


@dataclass(frozen=True)
class DeviceFacts(Record):
    """Who answered."""

    vendor: str
    model: Optional[str] = None
    version: Optional[str] = None  # of the firmware, or of the API where that tells more
    hostname: Optional[str] = None
    serial: Optional[str] = None
    details: dict[str, Any] = field(default_factory=dict)  # what else the vendor tells, by the vendor's own names


@dataclass(frozen=True)
class Pairing:
    """A request for access that waits for somebody to grant it at the device."""

    token: str  # secret; good once granted
    track_id: str


# States of a pairing.
PAIRING_PENDING = "pending"
PAIRING_GRANTED = "granted"
PAIRING_DENIED = "denied"
PAIRING_TIMEOUT = "timeout"
PAIRING_UNKNOWN = "unknown"


@dataclass(frozen=True)
class Certificate(Record):
    """The certificate of Container Station."""

    start_date: str  # YYYY-MM-DD
    end_date: str
    domain_names: tuple[str, ...] = ()
    outdated_notify: Optional[bool] = None


@dataclass(frozen=True)
class Favorite(Record):
    """A folder that the user keeps at hand in the device's file manager, under a name."""

    path: str
    name: str
    valid: bool = True  # false: the folder is gone, or closed to the user


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
