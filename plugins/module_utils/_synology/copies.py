# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Copying and moving on a Synology device.

Rests on the File Station guide, SYNO.FileStation.CopyMove. A task reports success for files that it left out, so the
state is read afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence

from .._api.capabilities.copies import Copies, CopyFeatures
from .._core.errors import Kind, NasError
from .._core.model import FOLDER
from .._core.waiting import Watch
from .deletion import Stat
from .encoding import batches, split
from .entries import folded
from .failures import synology_error
from .jobs import JobApi, steps
from .reasons import ANY, explained, own_names
from .reply import Reply
from .wire import Wire

COPY_MOVE = "SYNO.FileStation.CopyMove"
_START, _STATUS = f"{COPY_MOVE}/start", f"{COPY_MOVE}/status"


class SynologyCopies(Copies):
    """File Station's copy and move.

    :param wire: to the device.
    :param stat: reads what is at some paths.
    """

    features = CopyFeatures(
        conflicts=frozenset(("overwrite", "skip")),
    )

    def __init__(self, wire: Wire, stat: Stat) -> None:
        self._wire = wire
        self._stat = stat

    def into(self, sources: Sequence[str], folder: str, *, move: bool, conflict: str, watch: Watch) -> None:
        """Guide, CopyMove/start, /status and /stop: one task for some hundreds of sources, wherever they are.

        A folder whose name is taken by a folder is merged with it.
        """
        wanted = list(dict.fromkeys(sources))
        self._check(wanted, folder, move, conflict)
        portions = list(batches(wanted))
        watch.require_one(len(portions), folder)
        for batch in portions:
            self._run(batch, folder, move, conflict, watch)

    def _check(self, sources: Sequence[str], folder: str, move: bool, conflict: str) -> None:
        """Refuse what a device would do harm with, or nothing at all."""
        if conflict not in self.features.conflicts:
            raise synology_error(Kind.UNSUPPORTED, f"File Station cannot {conflict!r} where a name is taken", _START)
        own_names(sources, _START)
        target = f"{folded(folder)}/"
        for source in sources:
            if move and source.count("/") < 2:
                raise synology_error(Kind.INVALID_ARGUMENT, "a shared folder cannot be moved", _START, source)
            if target.startswith(f"{folded(source)}/"):
                message = f"a folder cannot be put into itself: {folder} is in it"
                raise synology_error(Kind.INVALID_ARGUMENT, message, _START, source)
            if f"{folded(split(source)[0])}/" == target:
                raise synology_error(Kind.INVALID_ARGUMENT, "this is in that folder already", _START, source)

    def _run(self, sources: Sequence[str], folder: str, move: bool, conflict: str, watch: Watch) -> None:
        job_type = "move" if move else "copy"
        job = JobApi(self._wire, COPY_MOVE, sources[0] if len(sources) == 1 else folder)
        try:
            job.start(
                {
                    "path": list(sources),
                    "dest_folder_path": folder,
                    "overwrite": conflict == "overwrite",
                    "remove_src": move,
                    "accurate_progress": True,
                },
                idempotent=False,
            )
            end = job.follow(job_type, watch, steps("processed_size"), 1001 if move else 1000)
        except NasError as error:
            raise self._explained(error, sources, folder) from None
        if end.failure is not None:
            raise self._explained(end.failure, sources, folder)
        if end.reply is not None:
            self._refuse_failed(end.reply, job_type, conflict)
        self._verify(sources, folder, move, conflict, end.lost)

    def _explained(self, error: NasError, sources: Sequence[str], folder: str) -> NasError:
        return explained(error, self._stat, {folder: FOLDER, **dict.fromkeys(sources, ANY)})

    @staticmethod
    def _refuse_failed(reply: Reply, job_type: str, conflict: str) -> None:
        """What a last status says beside its details. Its `status` may still be PROCESSING when it is finished."""
        if reply.text("status") == "FAIL":
            raise synology_error(Kind.DEVICE, f"the device reports that the {job_type} failed", _STATUS, reply.path)
        skipped = reply.part("skipstatus").text("status")
        if conflict == "overwrite" and skipped not in (None, "none"):
            message = "the device left out files whose names are taken, though it was asked to overwrite them"
            raise synology_error(Kind.DEVICE, message, _STATUS, reply.path)

    def _verify(self, sources: Sequence[str], folder: str, move: bool, conflict: str, lost: bool) -> None:
        """Make sure that everything has arrived and, after a move, left.

        :param lost: whether the device has not reported how the task ended, so that it is looked at more closely.
        """
        targets = {source: f"{folder}/{split(source)[1]}" for source in sources}
        found = self._stat([*sources, *targets.values()])
        for source, target in targets.items():
            before, after = found[source], found[target]
            if after is None:
                message = "the device reported success, but this is not there" if not lost else "this has not arrived"
                raise synology_error(Kind.DEVICE, message, _STATUS, target)
            if conflict == "skip" or before is None:
                continue
            if move:
                raise synology_error(Kind.DEVICE, "this was copied, and not removed at its old place", _STATUS, source)
            if lost and (before.type, before.size) != (after.type, after.size):
                raise synology_error(Kind.DEVICE, "this was not copied completely", _STATUS, target)
