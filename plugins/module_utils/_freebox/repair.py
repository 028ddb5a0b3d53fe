# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Par2 sets on a Freebox ("Repair a file" in the guide of the file system, API v4)."""

from __future__ import annotations

from .._api.capabilities.repair import Repair
from .._core.errors import Kind, NasError
from .._core.model import FAILED, FILE
from .._core.waiting import Watch
from . import encoding, jobs
from .failures import freebox_error
from .listing import Listing
from .wire import Wire

_REPAIR = "POST fs/repair/"


class FreeboxRepair(Repair):
    """See `Repair`. Files are mended in place."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._listing = Listing(wire)
        self._jobs = jobs.FsJobs(wire)

    def repair(self, path: str, *, delete_archive: bool = False, watch: Watch) -> None:
        """`POST fs/repair/`; a second time when the box forgot the first task, since only a task tells how it went.

        :raises NasError: `DEVICE` when the par2 file that should be deleted is still there.
        """
        try:
            ended = self._run(path, delete_archive, watch)
            if not ended and delete_archive and self._listing.info(path) is None:
                return
            if not (ended or self._run(path, delete_archive, watch)):
                raise _error("the box forgets its task before it tells how the repair went", path)
        except NasError as error:
            raise self._listing.explained(error, path, FILE) from None
        if delete_archive and self._listing.info(path) is not None:
            raise _error("the box's task is over, and the par2 file is still there", path)

    def _run(self, path: str, delete_archive: bool, watch: Watch) -> bool:
        """Start a task and follow it to its end; false when the box forgot it before."""
        body = {"src": encoding.encode(path), "delete_archive": delete_archive}
        with self._jobs.started(_REPAIR, body, path=path) as job:
            ended = self._jobs.wait(job, watch)
        if ended is not None and ended.state == FAILED:
            raise jobs.failure(ended, _REPAIR, path)
        return ended is not None


def _error(message: str, path: str) -> NasError:
    return freebox_error(Kind.DEVICE, message, call=_REPAIR, path=path)
