# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What links lead to files and folders, and what new ones shall be like."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Optional

from . import times as _times
from .model import Record, with_iso

NEVER = 0


@dataclass(frozen=True)
class ShareLink(Record):
    """A link by which others fetch a file or folder without an account."""

    id: str
    path: str  # as other calls take it: a device's real-path prefix is stripped
    url: str
    expires: int = NEVER  # seconds since 1970 UTC; NEVER for a link without an end
    available_from: Optional[int] = None
    has_password: Optional[bool] = None  # None where the vendor's links have none, or it does not tell
    valid: bool = True  # false: expired, or what it leads to is gone
    qr_code: Optional[str] = None  # a data: URL of a picture
    owner: Optional[str] = None
    password: Optional[str] = field(default=None, repr=False)  # secret; only where the device shows it
    details: dict[str, Any] = field(default_factory=dict)  # the vendor's other fields, without secrets

    def as_result(self) -> dict[str, Any]:
        """All fields but the secret one, and each time also as a date and time in UTC; null for no end."""
        values = {name: value for name, value in super().as_result().items() if name != "password"}
        return {**with_iso(values, ("available_from",)), "expires_iso": _times.iso(self.expires or None)}


@dataclass(frozen=True)
class DesiredLink:
    """What a new link shall be like, or what of a present one shall change: None leaves a thing as it is.

    Only fields that the vendor's `ShareLinks.features` names may be set.
    """

    expires: Optional[int] = None  # seconds since 1970 UTC, as `ShareLinks.rounded` gives it; NEVER: no end
    available_from: Optional[int] = None
    password: Optional[str] = field(default=None, repr=False)  # an empty one removes the password
    ssl: Optional[bool] = None  # whether the link's url is https
    hostname: Optional[str] = None  # the name of the device in the link's url
    network: Optional[str] = None  # "internet" or "local"


@dataclass(frozen=True)
class Mail:
    """A message that the device sends with a link."""

    addressees: tuple[str, ...]
    subject: str
    content: str
    include_password: bool = False
