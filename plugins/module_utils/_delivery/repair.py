# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a par2 set says of its files, and their repair by the device."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional

from .._api import lost_answers
from .._api.client import Client
from .._api.files import Files
from .._core import paths as _paths
from .._core.errors import Kind, NasError
from .._core.model import Entry
from .._core.waiting import Watch, Watching
from .._plans.plan import Plan
from .._plans.repair import DAMAGED, MISSING, WHOLE, Desired
from . import par2


def read_archive(files: Files, path: str) -> list[str]:
    """The par2 files of the set that are there."""
    entries = files.list(_paths.parent(path))
    return par2.members(path, [entry.name for entry in entries if not entry.is_folder])


def read_states(files: Files, protected: Sequence[par2.Protected], watching: Watching) -> dict[str, str]:
    """How each file is, by its size and then by the MD5 that the device calculates."""
    found = files.stat([file.path for file in protected])
    return {file.path: state_of(files, file, found[file.path], watching) for file in protected}


def state_of(files: Files, file: par2.Protected, entry: Optional[Entry], watching: Watching) -> str:
    """Whether one file is whole.

    :raises NasError: `WRONG_TYPE` for a folder that has its name.
    """
    if entry is None:
        return MISSING
    if entry.is_folder:
        message = "a folder has the name of a file of the par2 set"
        raise NasError(Kind.WRONG_TYPE, message, path=file.path, hint="Move or rename the folder")
    if entry.size != file.size:
        return DAMAGED
    md5 = files.checksum(file.path, "md5", watch=watching(f"checksum of {file.path}"))
    return WHOLE if md5 == file.md5 else DAMAGED


def apply(nas: Client, desired: Desired, plan: Plan, protected: Sequence[par2.Protected], watching: Watching) -> None:
    """Carry the plan out. The par2 files go only when all that they protect is whole.

    :raises NasError: `MISMATCH` when a file is still damaged though the device reported success.
    """
    damaged = plan.paths("repair")
    if damaged:
        mended = [file for file in protected if file.path in damaged]

        def is_whole() -> bool:
            return set(read_states(nas.files, mended, watching).values()) == {WHOLE}

        lost_answers.done(
            lambda: mend(nas, desired.path, watching(f"repairing by {desired.path}"), delete_archive=False), is_whole
        )
        states = read_states(nas.files, mended, watching)
        for path, state in states.items():
            if state != WHOLE:
                message = f"the device reported success, but this file is {state}"
                raise NasError(Kind.MISMATCH, message, path=path)
    if plan.has("delete"):
        lost_answers.done(
            lambda: mend(nas, desired.path, watching(f"removing {desired.path}"), delete_archive=True),
            lambda: desired.path not in read_archive(nas.files, desired.path),
        )


def mend(nas: Client, path: str, watch: Watch, *, delete_archive: bool) -> None:
    """Let the device check and mend the files."""
    nas.repair.repair(path, delete_archive=delete_archive, watch=watch)
