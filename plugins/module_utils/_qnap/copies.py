# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Copying and moving on a QNAP (File Station guide, sections 4, copy, and 5, move).

The guide shows both as if they answered when all is done; devices answer with a process id. All names of one call lie
in one folder, and their count must be right: with a wrong one a device reports success and moves nothing. A new name
cannot be given: what devices know as `dest_file` they ignore.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NoReturn

from .._api.capabilities.copies import Copies, CopyFeatures
from .._api.files import Files
from .._core.errors import Kind
from .._core.waiting import Watch
from .entries import bundles, by_folder, split, within_share
from .failures import qnap_error
from .process import Process, Seen
from .sizes import mark
from .wire import Fields, Wire

SKIP, OVERWRITE = "skip", "overwrite"


class QnapCopies(Copies):
    """Copying and moving through utilRequest.cgi.

    :param wire: makes the calls.
    :param files: looks at what is there.
    """

    features = CopyFeatures(
        conflicts=frozenset((SKIP, OVERWRITE)),
    )

    def __init__(self, wire: Wire, files: Files) -> None:
        self._wire = wire
        self._files = files

    def into(self, sources: Sequence[str], folder: str, *, move: bool, conflict: str, watch: Watch) -> None:
        """Copy or move into a folder: one process of the device for each folder that sources lie in.

        :raises NasError: `INVALID_ARGUMENT` before any call for a folder into itself, and for what lies in `folder`
            already (but to skip it, which needs no call); `USAGE` for a share; what the device reports.
        """
        job_type = "move" if move else "copy"
        split(folder)
        if conflict not in self.features.conflicts:
            _refuse(Kind.INVALID_ARGUMENT, f"the device does not know the conflict mode {conflict}", job_type, folder)
        wanted = [path for path in dict.fromkeys(sources) if self._differs(path, folder, job_type, conflict)]
        portions = [(above, names) for above, every in by_folder(wanted).items() for names in bundles(every)]
        watch.require_one(len(portions), folder)
        for part, (above, names) in enumerate(portions):
            process = Process(
                self._wire, job_type, f"{above}/{names[0]}", self._state_reader(above, names, folder, move)
            )
            if process.start(_fields(above, names, folder, conflict)):
                process.wait(watch, part, len(portions))
            watch.note(job_type, (part + 1) * 100, len(portions) * 100)

    def _differs(self, path: str, folder: str, job_type: str, conflict: str) -> bool:
        """Whether there is something to do for a source."""
        above, _name = within_share(path, "copied or moved by File Station")
        if f"{folder}/".startswith(f"{path}/"):
            _refuse(Kind.INVALID_ARGUMENT, "a folder cannot go into itself", job_type, path)
        if above == folder and conflict == SKIP:
            return False
        if above == folder:
            _refuse(Kind.INVALID_ARGUMENT, "it lies in this folder already", job_type, path)
        return True

    def _state_reader(self, above: str, names: Sequence[str], folder: str, move: bool) -> Callable[[], Seen]:
        targets = [f"{folder}/{name}" for name in names]
        sources = [f"{above}/{name}" for name in names]

        def read_state() -> Seen:
            left = tuple(entry for entry in self._files.stat(sources).values() if entry) if move else ()
            written, whole = mark(self._wire, self._files, targets)
            return Seen((left, written), whole, over=move and not left and whole)

        return read_state


def _fields(above: str, names: Sequence[str], folder: str, conflict: str) -> Fields:
    fields: Fields = [("source_file", name) for name in names]
    fields += [("source_total", len(names)), ("source_path", above), ("dest_path", folder)]
    fields.append(("mode", 0 if conflict == OVERWRITE else 1))
    return fields


def _refuse(kind: Kind, message: str, call: str, path: str) -> NoReturn:
    raise qnap_error(kind, message, call=call, path=path)
