# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The numbers File Station answers with, and what the generations of QTS do differently.

The guide of QTS 4.0 names only a handful of numbers; the rest are those seen in later firmware and clients.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from ..core import errors


class Status(IntEnum):
    """`status` in a reply of utilRequest.cgi."""

    FAIL = 0
    SUCCESS = 1
    FILE_EXISTS = 2
    AUTH_FAIL = 3
    PERMISSION_DENIED = 4
    NO_SUCH_FILE = 5
    RUNNING = 6
    OPEN_FAILED = 7
    DISABLED = 8
    QUOTA = 9
    SOURCE_DENIED = 10
    TARGET_DENIED = 11
    ILLEGAL_NAME = 12
    TOO_MANY_LINKS = 14
    NO_RECYCLE_BIN = 16
    PASSWORD = 17
    TRANSCODING_OFF = 18
    PARAMETER = 20
    NO_TARGET_FOLDER = 25
    NAME_TOO_LONG = 26
    NAME_TAKEN = 33
    TOO_MANY_HITS = 34
    INTO_ITSELF = 55
    LINK_EXPIRED = 57
    DELETE_FAILED = 63
    NO_THUMBNAIL = 65
    NEED_2SV = 69
    ALREADY_THERE = 92
    TIME_INVALID = 95
    CHECKSUM_FAILED = 106
    UPLOAD_PARTIAL = 107
    UPLOAD_FAILED = 109


class Refused(Exception):  # noqa: N818
    """A handler's way to answer with a status."""

    def __init__(self, status: int) -> None:
        super().__init__(f"status {int(status)}")
        self.status = int(status)


@dataclass(frozen=True)
class Generation:
    """What a profile stands for."""

    version: str
    build: str
    volume: str
    """The folder that search results and the link list put before a share: /share/VOLUME/Share/..."""
    modern: bool
    """QTS 5 in its names, numbers and extra fields; else the guide's QTS 4."""
    tls_calls: bool = True
    """Container Station serves /tls."""
    container: str = "2.4.0.2316"
    number: str = ""
    """Of the firmware; empty: the last part of the version."""
    model: str = "TS-453D"


GENERATIONS = {
    "qts4": Generation("4.3.3", "20180402", "HDA_DATA", modern=False, container="1.7.2415", model="TS-420"),
    # the system's calls (accounts, shares, rights) were observed on this one
    "qts51": Generation("5.1.9", "20241120", "CACHEDEV1_DATA", modern=True, number="2954", model="TS-873"),
    "qts5": Generation("5.2.6", "20250808", "CACHEDEV1_DATA", modern=True),
    # QuTS hero h6.0 beta: version 1 of Container Station's API logs in and lists, and knows nothing of certificates
    "hero6": Generation("h6.0.0", "20250630", "ZFS530_DATA", modern=True, tls_calls=False, container="3.1.0"),
}


def status_of(exc: Exception, generation: Generation) -> int:
    """The status for a trouble with the disk."""
    modern = generation.modern
    table: tuple[tuple[type[Exception], Status], ...] = (
        (errors.NotFound, Status.NO_SUCH_FILE),
        (errors.NotFolder, Status.NO_SUCH_FILE),
        (errors.BadPath, Status.NO_SUCH_FILE),
        (errors.Exists, Status.NAME_TAKEN if modern else Status.FILE_EXISTS),
        (errors.Denied, Status.PERMISSION_DENIED),
        # a full volume: 9 is what the early server answers whenever mkdir or write fails (94 is for remote folders)
        (errors.NoSpace, Status.QUOTA),
        (errors.Quota, Status.QUOTA),
        (errors.NameTooLong, Status.NAME_TOO_LONG),
        (errors.IntoItself, Status.INTO_ITSELF if modern else Status.ILLEGAL_NAME),
        (errors.IsFolder, Status.OPEN_FAILED),
    )
    for error, status in table:
        if isinstance(exc, error):
            return status
    return Status.FAIL
