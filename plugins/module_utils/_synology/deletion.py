# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Removing files and folders, and making sure that they are gone.

Rests on the File Station guide, SYNO.FileStation.Delete: `delete` answers when it is done, `start` makes a task.
Neither says that a path was never there, and a task reports success for what it skipped, so the state is read before
and after.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Optional

from .._core.errors import NOTHING_THERE, Kind, NasError, usage
from .._core.model import Entry
from .._core.waiting import Watch
from .encoding import Value, batches
from .entries import LIST
from .failures import synology_error
from .jobs import FATAL, JobApi, steps
from .wire import Wire

DELETE = "SYNO.FileStation.Delete"
FEW = 16  # as many files are removed while the device keeps the request open

Stat = Callable[[Sequence[str]], Mapping[str, Optional[Entry]]]


class Deletion:
    """Removes paths.

    :param wire: to the device.
    :param stat: reads what is at some paths.
    """

    def __init__(self, wire: Wire, stat: Stat) -> None:
        self._wire = wire
        self._stat = stat

    def run(self, paths: Sequence[str], *, recursive: bool, watch: Watch) -> None:
        """See `Files.delete`. What lies deeper goes first, so that a folder and what it holds may come together."""
        wanted = sorted(dict.fromkeys(paths), key=lambda path: -path.count("/"))
        for path in wanted:
            if path.count("/") < 2:
                raise usage("a shared folder is never deleted", path=path, hint="nas_shared_folder removes one")
        before = self._stat(wanted)
        for path in wanted:
            if before[path] is None:
                raise self._error(Kind.NOT_FOUND, NOTHING_THERE, path)
        # What takes no time needs no job: files, and folders that must be empty.
        is_short = not recursive or not any(entry.is_folder for entry in before.values() if entry)
        for batch in batches(wanted):
            at_once = is_short and len(wanted) <= FEW
            failure = self._at_once(batch) if at_once else self._as_job(batch, recursive, watch)
            left = [entry for entry in self._stat(batch).values() if entry]
            if left:
                raise self._reason(failure, left, recursive)

    def _at_once(self, paths: Sequence[str]) -> Optional[NasError]:
        """Delete/delete, for files and empty folders. What the device reports, if anything."""
        params: dict[str, Value] = {"path": list(paths), "recursive": False}
        try:
            self._wire.call(DELETE, "delete", params, path=_only(paths), idempotent=False)
        except NasError as error:
            if error.kind in FATAL:
                raise
            return error
        return None

    def _as_job(self, paths: Sequence[str], recursive: bool, watch: Watch) -> Optional[NasError]:
        """Delete/start, /status and /stop. What the device reports, if anything."""
        path = _only(paths)
        job = JobApi(self._wire, DELETE, path)
        try:
            job.start({"path": list(paths), "accurate_progress": True, "recursive": recursive}, idempotent=False)
        except NasError as error:
            if error.kind in FATAL:
                raise
            return error
        return job.follow("delete", watch, steps("processed_num"), 900).failure

    def _reason(self, failure: Optional[NasError], left: Sequence[Entry], recursive: bool) -> NasError:
        """Why something is still there."""
        code = failure.code if failure else ""
        if not recursive:
            for entry in left:
                if entry.is_folder and self._holds_something(entry.path):
                    hint = "Set recursive to true to delete it with what it holds"
                    return self._error(Kind.NOT_EMPTY, "the folder is not empty", entry.path, code, hint)
        if failure is not None and failure.kind is not Kind.NOT_FOUND:
            return failure
        message = "the device reported success, but this is still there"
        return self._error(Kind.DEVICE, message, left[0].path, code)

    def _holds_something(self, path: str) -> bool:
        params: dict[str, Value] = {"folder_path": path, "offset": 0, "limit": 1}
        try:
            return self._wire.call(LIST, "list", params, path=path, idempotent=True).needed_number("total") > 0
        except NasError:
            return False  # what the device said of the deletion is the better error

    @staticmethod
    def _error(kind: Kind, message: str, path: str, code: str = "", hint: str = "") -> NasError:
        return synology_error(kind, message, call=DELETE, path=path, code=code, hint=hint)


def _only(paths: Sequence[str]) -> str:
    """The path that an error names: when there are several, the device must say which."""
    return paths[0] if len(paths) == 1 else ""
