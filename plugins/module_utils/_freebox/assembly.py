# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One file from many on a Freebox ("Cat files" in the guide of the file system, API v4)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional

from .._api.capabilities.assembly import Assembly
from .._core.errors import Kind, NasError, usage
from .._core.model import FAILED, Entry
from .._core.waiting import Watch
from . import encoding, jobs
from .failures import freebox_error
from .listing import Listing
from .wire import Wire

_CAT = "POST fs/cat/"


class FreeboxAssembly(Assembly):
    """See `Assembly`. What a task has written before it failed or was stopped stays on the box."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._listing = Listing(wire)
        self._jobs = jobs.FsJobs(wire)

    def assemble(
        self,
        files: Sequence[str],
        dest: str,
        *,
        watch: Watch,
    ) -> None:
        """`POST fs/cat/` with all its switches off, after a check of all that it names.

        The check is needed: what the box does with a name that is taken is not documented, and when it has forgotten
        its task, only the size of the new file tells whether it was done.

        :raises NasError: `DEVICE` when the box forgot its task and the new file has not the size that it should have.
        """
        if not files:
            raise usage("there is nothing to assemble", path=dest)
        if dest in files:
            raise _error(Kind.INVALID_ARGUMENT, "a file cannot be assembled from itself", dest)
        found = self._listing.at([*files, dest])
        size = self._size(files, found)
        there = found[dest]
        if there is not None and there.is_folder:
            raise _error(Kind.WRONG_TYPE, "this is a folder and not a file", dest)
        if there is not None:
            raise _error(Kind.EXISTS, "something has this name already", dest)
        body = {
            "files": [encoding.encode(path) for path in files],
            "dst": encoding.encode(dest),
            "multi_volumes": False,
            "delete_files": False,
            "overwrite": False,
            "append": False,
        }
        with self._jobs.started(_CAT, body, path=dest) as job:
            ended = self._jobs.wait(job, watch)
        if ended is not None and ended.state == FAILED:
            raise jobs.failure(ended, _CAT, dest)
        if ended is None:
            self._verify(dest, size)

    def _size(self, files: Sequence[str], found: dict[str, Optional[Entry]]) -> int:
        """How many bytes the files have together.

        :raises NasError: `NOT_FOUND` naming the first that is not there; `WRONG_TYPE` for a folder.
        """
        size = 0
        for path in files:
            entry = found[path]
            if entry is None:
                raise _error(Kind.NOT_FOUND, "there is no such file", path)
            if entry.is_folder:
                raise _error(Kind.WRONG_TYPE, "this is a folder and not a file", path)
            size += entry.size or 0
        return size

    def _verify(self, dest: str, size: int) -> None:
        """Find out from the file whether a task that the box has forgotten was done."""
        made = self._listing.info(dest)
        if made is None or made.size != size:
            raise _error(Kind.DEVICE, "the box has forgotten its task, and it was not done to the end", dest)


def _error(kind: Kind, message: str, path: str) -> NasError:
    return freebox_error(kind, message, call=_CAT, path=path)
