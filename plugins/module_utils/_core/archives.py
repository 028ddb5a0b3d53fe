# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What archives hold, and how they are packed and unpacked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Optional

from .model import Record, with_iso


@dataclass(frozen=True)
class ArchiveMember(Record):
    """What an archive holds, at one place."""

    path: str  # inside the archive: no leading slash, no slash at the end
    type: str  # FILE or FOLDER; LINK only for what shall be packed: how devices pack links is their affair
    size: Optional[int] = None
    mtime: Optional[int] = None  # seconds since 1970 as if the archive's clock were UTC; archives know no time zone
    id: Optional[str] = None  # the vendor's handle for extracting only this

    def as_result(self) -> dict[str, Any]:
        """All fields but the handle, and the time also as a date and time."""
        return with_iso({name: value for name, value in super().as_result().items() if name != "id"}, ("mtime",))


@dataclass(frozen=True)
class Packing:
    """How an archive is made. None leaves a thing to the device; only what `Archives.features` names may be set."""

    format: str = "zip"
    level: Optional[str] = None  # "store", "fast", "normal" or "best", as `Archives.levels` has them
    password: Optional[str] = field(default=None, repr=False)
    encryption: Optional[str] = None  # "zipcrypto" or "aes256"


@dataclass(frozen=True)
class Unpacking:
    """How an archive is unpacked. Only what `Archives.features` names may be set."""

    password: Optional[str] = field(default=None, repr=False)
    members: Optional[tuple[ArchiveMember, ...]] = None  # only these; None for all
    codepage: Optional[str] = None
