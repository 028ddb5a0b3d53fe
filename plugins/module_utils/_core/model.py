# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a NAS holds and says, in terms that are the same for every vendor.

Paths are exact strings: `/share/folder/name`, never normalised, never stripped. Bytes of a name that are not UTF-8 are
kept as lone surrogates (`surrogateescape`). Sizes are bytes. Times are whole seconds since 1970-01-01 UTC.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field
from typing import Any, Optional

from . import times as _times

FILE = "file"
FOLDER = "folder"
LINK = "link"

LOCAL = "local"  # where names are from that no directory of the network has

_LARGEST = 2**63 - 1  # bytes; no file system has a larger file


def parse_size(value: Any) -> int:
    """The size of a file as a device reported it.

    :raises ValueError: for what is no number of bytes: text, a fraction, less than nothing, more than can be.
    """
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _LARGEST:
        raise ValueError("no size")
    return value


def parse_time(value: Any) -> Optional[int]:
    """A time as a device reported it, in whole seconds; None for one that it did not report or that no calendar knows.

    :raises ValueError: for what is no number.
    """
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError("no time")
    if isinstance(value, float) and not math.isfinite(value):
        return None
    seconds = math.floor(value)
    return seconds if _times.is_known(seconds) else None


def parse_count(value: Any) -> Optional[int]:
    """A number of things as a device reported it, where nothing depends on it; None for what is none."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _LARGEST else None


def with_iso(result: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """A result with each of its times, seconds since 1970, also as a date and time in UTC, under `<name>_iso`."""
    return {**result, **{f"{name}_iso": _times.iso(result[name]) for name in names}}


def with_kind(result: dict[str, Any]) -> dict[str, Any]:
    """A result with the field `type` under the key that users know: `kind`."""
    return {"kind" if name == "type" else name: value for name, value in result.items()}


class Record:
    """A dataclass that becomes the plain dict of a module's result."""

    def as_result(self) -> dict[str, Any]:
        """All fields by name; what the device did not tell is null."""
        return asdict(self)  # type: ignore[call-overload,no-any-return]


@dataclass(frozen=True)
class Entry(Record):
    """A file or folder that exists, or a symbolic link to one.

    Of a link, type, size and times are those of what it leads to. What does not tell two entries apart, because it
    changes by being read or is another view of the same, does not count when they are compared.
    """

    path: str
    type: str  # FILE or FOLDER
    size: Optional[int] = None  # bytes; null for a folder
    mtime: Optional[int] = None
    owner: Optional[str] = None
    group: Optional[str] = None
    mode: Optional[str] = None  # octal digits such as "755"
    link: Optional[bool] = None  # whether it is a symbolic link; null where the device does not tell
    target: Optional[str] = None  # where a link leads to, as it was written: from `/` on, or from the link's folder on
    real_path: Optional[str] = field(default=None, compare=False)  # in the file system of the device
    atime: Optional[int] = field(default=None, compare=False)  # when it was last read
    ctime: Optional[int] = field(default=None, compare=False)  # when its content, name or permissions last changed
    crtime: Optional[int] = field(default=None, compare=False)  # when it was made
    uid: Optional[int] = field(default=None, compare=False)
    gid: Optional[int] = field(default=None, compare=False)
    acl: Optional[dict[str, bool]] = field(default=None, compare=False)  # what the user may do, by the vendor's names
    is_acl_mode: Optional[bool] = field(default=None, compare=False)  # whether `acl` decides, and not `mode`
    mimetype: Optional[str] = field(default=None, compare=False)

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]

    @property
    def is_folder(self) -> bool:
        """Whether it can hold others, or leads to what can."""
        return self.type == FOLDER

    @property
    def is_tree(self) -> bool:
        """Whether it holds others itself: a folder that is, as far as the device tells, no link to one."""
        return self.type == FOLDER and not self.link

    @property
    def type_name(self) -> str:
        """What it is, for people."""
        return f"link to a {self.type}" if self.link else self.type

    def as_result(self) -> dict[str, Any]:
        """All fields by name, and each time also as a date and time in UTC."""
        return with_iso(super().as_result(), TIMES)


TIMES = ("mtime", "atime", "ctime", "crtime")
"""The times that entries may have."""


@dataclass(frozen=True)
class Share(Record):
    """A shared folder: the first level of every path; a volume where a vendor has no shares."""

    name: str
    path: str
    total: Optional[int] = None  # bytes of the volume it lies on
    free: Optional[int] = None
    read_only: Optional[bool] = None
    real_path: Optional[str] = None  # in the file system of the device
    adv_right: Optional[dict[str, bool]] = None  # what is withheld from users, by the vendor's names
    acl: Optional[dict[str, bool]] = None  # what the user may do, by the vendor's names
    is_acl_mode: Optional[bool] = None  # whether `acl` decides, and not the permissions of POSIX

    def as_result(self) -> dict[str, Any]:
        """All fields by name, and how much is used in bytes and percent; null where size or free space is not known."""
        values = super().as_result()
        used = None if self.total is None or self.free is None else max(self.total - self.free, 0)
        percent = round(100 * used / self.total, 1) if used is not None and self.total else None
        return {**values, "used": used, "percent_used": percent}


QUEUED = "queued"
RUNNING = "running"
PAUSED = "paused"
FINISHED = "finished"
FAILED = "failed"


@dataclass(frozen=True)
class Job(Record):
    """A long operation that the device carries out by itself."""

    id: str
    type: str  # delete, copy, move, checksum, compress, extract, ...
    state: str  # QUEUED, RUNNING, PAUSED, FINISHED or FAILED
    path: Optional[str] = None
    done: Optional[int] = None  # of `total`, in bytes, files or percent, as the vendor counts; null if it does not say
    total: Optional[int] = None
    error: Optional[str] = None  # the vendor's code of a failure
    created: Optional[int] = field(default=None, compare=False)  # when somebody asked for it
    started: Optional[int] = field(default=None, compare=False)
    ended: Optional[int] = field(default=None, compare=False)
    rate: Optional[int] = field(default=None, compare=False)  # bytes a second at the moment
    eta: Optional[int] = field(default=None, compare=False)  # seconds that are left, as the device thinks
    files_done: Optional[int] = field(default=None, compare=False)
    files_total: Optional[int] = field(default=None, compare=False)
    bytes_done: Optional[int] = field(default=None, compare=False)
    bytes_total: Optional[int] = field(default=None, compare=False)
    processing: Optional[str] = field(default=None, compare=False)  # what it works on at the moment, as the vendor says

    def as_result(self) -> dict[str, Any]:
        """All fields by name, the type as `kind`, and each time also as a date and time in UTC."""
        return with_kind(with_iso(super().as_result(), ("created", "started", "ended")))
