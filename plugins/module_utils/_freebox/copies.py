# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Copying and moving on a Freebox ("Move files" and "Copy files" in the guide of the file system, API v4)."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

from .._api.capabilities.copies import Copies, CopyFeatures
from .._core import paths as _paths
from .._core.errors import Kind, NasError, usage
from .._core.model import FAILED, Entry
from .._core.waiting import Watch
from . import encoding, jobs
from .failures import freebox_error
from .listing import BATCH, Listing
from .wire import Wire

# Of the conflict modes of the guide ("Conflict resolution"). A call without one is refused.
_MODES = ("overwrite", "skip")
_COPY = "POST fs/cp/"
_MOVE = "POST fs/mv/"


class FreeboxCopies(Copies):
    """See `Copies`."""

    features = CopyFeatures(conflicts=frozenset(_MODES), names_copies=True)

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._listing = Listing(wire)
        self._jobs = jobs.FsJobs(wire)

    def into(self, sources: Sequence[str], folder: str, *, move: bool, conflict: str, watch: Watch) -> None:
        """`POST fs/cp/` or `POST fs/mv/` for all sources at once, after a check of the folder.

        The check is needed: a single source whose destination does not exist is given that name instead (seen in
        clients). The outcome is only verified here when the box has forgotten its task.
        """
        call = _MOVE if move else _COPY
        group = _paths.unique(sources)
        if conflict not in _MODES:
            raise freebox_error(Kind.INVALID_ARGUMENT, f"the box cannot solve a conflict by {conflict!r}", call, folder)
        self._refuse(group, folder, call)
        found = self._listing.info(folder)
        if found is None:
            raise freebox_error(Kind.NOT_FOUND, "there is no such folder", call, folder)
        if not found.is_folder:
            raise freebox_error(Kind.WRONG_TYPE, "this is a file and not a folder", call, folder)
        starts = range(0, len(group), BATCH)
        watch.require_one(len(starts), folder)
        for start in starts:
            self._run(call, group[start : start + BATCH], folder, conflict, watch)

    def copy_as(self, source: str, path: str, *, watch: Watch) -> None:
        """`POST fs/cp/` to a path where nothing is, which a single source takes as its name (seen in clients)."""
        folder = _paths.parent(path)
        if path == source or source in _paths.ancestors(path):
            raise freebox_error(Kind.INVALID_ARGUMENT, "a folder cannot go into itself", _COPY, source)
        found = self._listing.at([folder, path])
        above = found[folder]
        if above is None or not above.is_folder:
            raise freebox_error(Kind.NOT_FOUND, "there is no such folder", _COPY, folder)
        if found[path] is not None:
            raise freebox_error(Kind.EXISTS, "the name is taken", _COPY, path)
        body = {"files": [encoding.encode(source)], "dst": encoding.encode(path), "mode": "skip"}
        with self._jobs.started(_COPY, body, path=source) as job:
            ended = self._jobs.wait(job, watch)
        if ended is not None and ended.state == FAILED:
            raise jobs.failure(ended, _COPY, source)
        if ended is None:
            pair = self._listing.at([source, path])
            one, other = pair[source], pair[path]
            if other is None or (one is not None and not self._alike(one, other, sizes=True)):
                message = "the box has forgotten its task, and it was not done to the end"
                raise freebox_error(Kind.DEVICE, message, _COPY, source)

    def _refuse(self, group: Sequence[str], folder: str, call: str) -> None:
        """What is wrong with the request itself; older boxes do not find it out, or not before they have begun."""
        taken: set[str] = set()
        for path in group:
            if path == "/" or (call == _MOVE and _paths.is_share(path)):
                raise usage("a volume is never moved, and never copied with its name", path=path)
            if path == folder or path in _paths.ancestors(folder):
                raise freebox_error(Kind.INVALID_ARGUMENT, "a folder cannot go into itself", call, path)
            if _paths.parent(path) == folder:
                raise freebox_error(Kind.INVALID_ARGUMENT, "source and destination are the same", call, path)
            name = _paths.name(path)
            if name in taken:
                message = "two sources have this name, and only one of them can have it in the folder"
                raise freebox_error(Kind.INVALID_ARGUMENT, message, call, path)
            taken.add(name)

    def _run(self, call: str, group: Sequence[str], folder: str, conflict: str, watch: Watch) -> None:
        about = group[0] if len(group) == 1 else folder
        body = {
            "files": [encoding.encode(path) for path in group],
            "dst": encoding.encode(folder),
            "mode": conflict,
        }
        try:
            with self._jobs.started(call, body, path=about) as job:
                ended = self._jobs.wait(job, watch)
            if ended is not None and ended.state == FAILED:
                raise jobs.failure(ended, call, about)
        except NasError as error:
            self._locate(error, call, group, folder)
            raise
        if ended is None:
            self._verify(call, group, folder, conflict)

    def _locate(self, error: NasError, call: str, group: Sequence[str], folder: str) -> None:
        """Name the path that a failure is about, which the box does not tell."""
        if error.kind is Kind.WRONG_TYPE:
            error.path = folder
        if error.kind is not Kind.NOT_FOUND or len(group) == 1:
            return
        error.path = ""
        with contextlib.suppress(NasError):
            found = self._listing.at([*group, *(_target(path, folder) for path in group)])
            for path in group:
                # What was moved before the failure is absent too.
                if found[path] is None and (call == _COPY or found[_target(path, folder)] is None):
                    error.path = path
                    return

    def _verify(self, call: str, group: Sequence[str], folder: str, conflict: str) -> None:
        """Find out from the files whether a task that the box has forgotten was done.

        :raises NasError: `DEVICE` naming the first source that was not.
        """
        found = self._listing.at([*group, *(_target(path, folder) for path in group)])
        for path in group:
            source, target = found[path], found[_target(path, folder)]
            if target is None or (call == _MOVE and conflict == "overwrite" and source is not None):
                done = False
            else:
                done = call == _MOVE or source is None or self._alike(source, target, sizes=conflict == "overwrite")
            if not done:
                raise freebox_error(
                    Kind.DEVICE, "the box has forgotten its task, and it was not done to the end", call, path
                )

    def _alike(self, source: Entry, target: Entry, *, sizes: bool) -> bool:
        """Whether the target holds what the source holds, at all levels; it may hold more.

        :param sizes: whether files must have the same size.
        """
        pairs = [(source, target)]
        while pairs:
            one, other = pairs.pop()
            if one.type != other.type or (sizes and one.size != other.size):
                return False
            if one.is_tree and other.is_tree:
                current = {entry.name: entry for entry in self._listing.folder(other.path)}
                for child in self._listing.folder(one.path):
                    if child.name not in current:
                        return False
                    pairs.append((child, current[child.name]))
        return True


def _target(path: str, folder: str) -> str:
    return _paths.join("" if folder == "/" else folder, _paths.name(path))
