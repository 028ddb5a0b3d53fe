# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is in a file, here or on the device, as far as it is small enough to be shown."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Optional

from .._api.files import Files
from .._core.model import Entry
from .._core.sources import Source
from .._core.waiting import Watch

LARGEST_SHOWN = 104448  # bytes; Ansible's own default for the files that it shows
VAULT = b"$ANSIBLE_VAULT;"  # how a vaulted file begins


@dataclass(frozen=True)
class Content:
    """What is in a file.

    :param size: bytes.
    :param data: the bytes; None where they are too many to be shown.
    """

    size: int
    data: Optional[bytes]

    @property
    def text(self) -> Optional[str]:
        """The content as text; None when it is none, or too large."""
        try:
            text = None if self.data is None else self.data.decode("utf-8")
        except UnicodeDecodeError:
            return None
        return None if text is None or "\0" in text else text

    @property
    def is_vaulted(self) -> bool:
        """Whether it is kept in a vault."""
        return self.data is not None and self.data.startswith(VAULT)


def read(source: Source) -> Content:
    """The content of a local file, or of what is in memory."""
    return Content(source.size, None if source.size > LARGEST_SHOWN else b"".join(source.pieces()))


def fetch(files: Files, entry: Entry) -> Content:
    """The content of a file on the device."""
    size = entry.size or 0
    if size > LARGEST_SHOWN:
        return Content(size, None)
    held = io.BytesIO()
    files.download(entry.path, held, watch=Watch(), entry=entry)
    return Content(size, held.getvalue())
