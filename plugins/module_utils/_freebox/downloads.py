# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sizes of folders of a Freebox ("List files" in the guide of the file system, API v4, with `countSubFolder`)."""

from __future__ import annotations

import time

from .._api.capabilities.downloads import DownloadFeatures, Downloads
from .._core.errors import Kind
from .._core.waiting import Watch
from .failures import freebox_error
from .listing import Listing
from .wire import Wire


class FreeboxDownloads(Downloads):
    """See `Downloads`. The box makes no zips and no pictures."""

    features = DownloadFeatures(
        folder_size=True,
    )

    def __init__(self, wire: Wire) -> None:
        self._listing = Listing(wire)

    def folder_size(self, path: str, *, watch: Watch) -> dict[str, int]:
        """`GET fs/ls/{path}` for each folder below, since the box has no call for all of them.

        It tells how many folders are in each, so those that hold none and no file are not listed. A symbolic link
        counts as a file of no size: what it leads to is not in the folder.

        :raises NasError: `NOT_FOUND`, `WRONG_TYPE` for a file.
        """
        total = {"folders": 0, "files": 0, "size": 0}
        waiting = [path]
        end = None if watch.timeout is None else time.monotonic() + watch.timeout
        while waiting:
            if end is not None and time.monotonic() > end:
                message = f"the folder's size was not known after {watch.timeout:g} s"
                hint = "Raise the option wait_timeout"
                raise freebox_error(Kind.TIMEOUT, message, path=path, hint=hint)
            for counted in self._listing.counted(waiting.pop()):
                if not counted.entry.is_tree:
                    total["files"] += 1
                    total["size"] += 0 if counted.entry.link else counted.entry.size or 0
                    continue
                total["folders"] += 1
                if not counted.is_empty:
                    waiting.append(counted.entry.path)
            watch.progress(total["files"], None)
        return total
