# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a NAS holds and says, in terms that are the same for every vendor.

Paths are exact strings: `/share/folder/name`, never normalised, never stripped. Bytes of a name that are not UTF-8 are
kept as lone surrogates (`surrogateescape`). Sizes are bytes. Times are whole seconds since 1970-01-01 UTC.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Optional

FILE = "file"
FOLDER = "folder"


class Record:
    """A dataclass that becomes the plain dict of a module's result."""

    def as_result(self) -> dict[str, Any]:
        """All fields by name; what the device did not tell is null."""
        return asdict(self)  # type: ignore[call-overload,no-any-return]


@dataclass(frozen=True)
class Entry(Record):
    """A file or folder that exists."""

    path: str
    type: str  # FILE or FOLDER
    size: Optional[int] = None  # bytes; null for a folder
    mtime: Optional[int] = None
    owner: Optional[str] = None
    group: Optional[str] = None
    mode: Optional[str] = None  # octal digits such as "755"

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]

    @property
    def is_folder(self) -> bool:
        """Whether it can hold others."""
        return self.type == FOLDER


@dataclass(frozen=True)
class Share(Record):
    """A shared folder: the first level of every path. On a Freebox, a volume."""

    name: str
    path: str
    total: Optional[int] = None  # bytes of the volume it lies on
    free: Optional[int] = None
    read_only: Optional[bool] = None


@dataclass(frozen=True)
class DeviceFacts(Record):
    """Who answered."""

    vendor: str
    model: Optional[str] = None
    version: Optional[str] = None  # of the firmware or, on a Freebox, of the API
    hostname: Optional[str] = None
    serial: Optional[str] = None
    details: dict[str, Any] = field(default_factory=dict)  # what else the vendor tells, by the vendor's own names


QUEUED = "queued"
RUNNING = "running"
PAUSED = "paused"
FINISHED = "finished"
FAILED = "failed"


@dataclass(frozen=True)
class Task(Record):
    """A long operation that the device carries out by itself."""

    id: str
    kind: str  # delete, copy, move, checksum, compress, extract, ...
    state: str  # QUEUED, RUNNING, PAUSED, FINISHED or FAILED
    path: Optional[str] = None
    done: Optional[int] = None  # of `total`, in bytes, files or percent, as the vendor counts; null if it does not say
    total: Optional[int] = None
    error: Optional[str] = None  # the vendor's code of a failure


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
