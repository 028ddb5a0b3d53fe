# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The recycle bins of a Synology device.

File Station has no calls for them. A share with a bin has a folder `#recycle`, which holds what was deleted below the
folders that it was in; what is deleted there is gone for good. So they are folders to list, move from and delete in.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional

from .._api.capabilities.copies import Copies
from .._api.capabilities.recycle_bin import RecycleBin, RecycleBinFeatures
from .._api.files import Files
from .._core.device import Bin
from .._core.errors import Kind
from .._core.waiting import Watch
from .copies import COPY_MOVE
from .encoding import split
from .failures import synology_error

BIN = "#recycle"
THUMBNAILS = "@eaDir"  # the device's own; comes back by itself


class SynologyRecycleBin(RecycleBin):
    """Recycle bins through List, CopyMove and Delete.

    :param files: reads and deletes.
    :param copies: moves.
    """

    features = RecycleBinFeatures(
        folder=BIN,
    )

    def __init__(self, files: Files, copies: Copies) -> None:
        self._files = files
        self._copies = copies

    def bins(self, shares: Optional[Sequence[str]] = None) -> list[Bin]:
        """Guide, List/list_share and List/getinfo: the shares that have the folder."""
        wanted = [share.path for share in self._files.shares()] if shares is None else list(shares)
        having = self._files.stat([f"{share}/{BIN}" for share in wanted]) if wanted else {}
        return [Bin(split(path)[0], path) for path, entry in having.items() if entry is not None and entry.is_folder]

    def restore(self, paths: Sequence[str], *, watch: Watch) -> None:
        """Guide, CopyMove/start: one move for each folder that something goes back to.

        :raises NasError: `INVALID_ARGUMENT` before any call for what does not lie in a bin.
        """
        homes: dict[str, list[str]] = {}
        for path in dict.fromkeys(paths):
            parts = path.split("/")
            if parts[2:3] != [BIN] or len(parts) < 4:
                call = f"{COPY_MOVE}/start"
                raise synology_error(Kind.INVALID_ARGUMENT, "this does not lie in a recycle bin", call, path)
            home = "/".join(parts[:2] + parts[3:-1])
            homes.setdefault(home, []).append(path)
        for home, sources in homes.items():
            self._copies.into(sources, home, move=True, conflict="skip", watch=watch)

    def empty(self, share: str, *, watch: Watch) -> None:
        """Guide, List/list and Delete/start."""
        held = [entry.path for entry in self._files.list(f"{share}/{BIN}") if entry.name != THUMBNAILS]
        if held:
            self._files.delete(held, recursive=True, watch=watch)
