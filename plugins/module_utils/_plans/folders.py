# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps that make folders, or remove them: pure functions of what is desired and what is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Optional

from .._core import paths as _paths
from .._core import times as _times
from .._core.errors import Kind, NasError
from .._core.model import Entry
from . import shares as _shares
from .plan import Plan, Step

Current = Mapping[str, Optional[Entry]]


@dataclass(frozen=True)
class Desired:
    """The folders of one task."""

    paths: Sequence[str]
    parents: bool = True
    may_be_created_earlier: bool = False  # check mode: an earlier task may make the folders above
    recursive: bool = False
    permanent: bool = False  # with absent: past the recycle bin
    mtime: Optional[int] = None


def plan_present(desired: Desired, current: Current) -> Plan:
    """The steps that make the desired folders.

    :param current: what is at each desired path, and at every folder above those that are missing.
    :raises NasError: for a file in the way, a share that is not there, a missing folder above without `parents`.
    """
    missing: dict[str, None] = {}
    for path in desired.paths:
        for folder in [*_paths.ancestors(path), path]:
            entry = current.get(folder)
            if entry is not None and not entry.is_folder:
                hint = "Choose another path, or remove the file with nas_file"
                raise NasError(Kind.WRONG_TYPE, "a file is where a folder is wanted", path=folder, hint=hint)
        if current[path] is not None:
            continue
        above = [folder for folder in _paths.ancestors(path) if current[folder] is None]
        if not desired.may_be_created_earlier:
            require_share(path, current)
        above = [folder for folder in above if not _paths.is_share(folder)]
        if not desired.parents:
            not_desired = [folder for folder in above if folder not in desired.paths]
            if not desired.may_be_created_earlier:
                require_above(path, not_desired)
            above = [folder for folder in above if folder not in not_desired]
        missing.update(dict.fromkeys([*above, path]))
    steps = [Step("create", path) for path in sorted(missing, key=_paths.depth)]
    if desired.mtime is not None:
        steps += [Step("set_mtime", path) for path in desired.paths if drifted(current[path], desired.mtime)]
    before, after = (described(steps, current, desired, after) for after in (False, True))
    return Plan(tuple(steps), before, after)


def plan_absent(desired: Desired, current: Current, held: Mapping[str, Sequence[Entry]]) -> Plan:
    """The steps that remove the desired folders.

    :param held: what lies in each folder that is there and no link; only needed without `recursive`.
    :raises NasError: for a file, and for a folder that holds something when not `recursive`.
    """
    there = [path for path in desired.paths if current[path] is not None]
    for path in there:
        entry = current[path]
        if entry is not None and not entry.is_folder:
            hint = "Remove files with nas_file"
            raise NasError(Kind.WRONG_TYPE, "this is a file, not a folder", path=path, hint=hint)
        if not desired.recursive:
            others = [entry.name for entry in held.get(path, ()) if entry.path not in there]
            if others:
                hint = "Set recursive to true to remove it with everything in it"
                raise NasError(Kind.NOT_EMPTY, f"the folder holds {others[0]!r} at least", path=path, hint=hint)
    if desired.recursive:
        there = [path for path in there if not set(_paths.ancestors(path)) & set(there)]
    steps = [Step("delete", path) for path in sorted(there, key=_paths.depth, reverse=True)]
    before, after = ({step.path: {"state": state} for step in steps} for state in ("present", "absent"))
    return Plan(tuple(steps), {"folders": before}, {"folders": after})


def require_share(path: str, current: Current) -> None:
    """Nothing can be made in a share that is not there."""
    share = _paths.share(path)
    if current[share] is None:
        raise _shares.not_there(share)


def require_above(path: str, missing: Sequence[str]) -> None:
    """Without `parents`, what lies above must be there or asked for."""
    if missing:
        hint = "Set parents to true, or add the folder above to path"
        raise NasError(Kind.NOT_FOUND, f"the folder above {path!r} does not exist", path=missing[0], hint=hint)


def drifted(entry: Optional[Entry], mtime: int) -> bool:
    """Whether the modification time must be set."""
    return entry is None or entry.mtime != mtime


def described(steps: Sequence[Step], current: Current, desired: Desired, after: bool) -> dict[str, Any]:
    """What the steps are about, before or after them, for a diff."""
    folders: dict[str, Any] = {}
    for step in steps:
        entry = current.get(step.path)
        state: dict[str, Any] = {"state": "present" if after or entry else "absent"}
        if step.do == "set_mtime":
            state["mtime"] = _times.iso(desired.mtime if after else entry.mtime if entry else None)
        folders[step.path] = state
    return {"folders": folders}
