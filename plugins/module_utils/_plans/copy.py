# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What has to be done so that something is also at another place of the NAS, or is there instead."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Optional

from .._api import tree as _tree
from .._core import paths as _paths
from .._core.errors import NOTHING_THERE, Kind, NasError
from .._core.model import Entry
from .._core.waiting import wait_required
from .plan import Plan, Step, facts
from .preconditions import missing_above

FAIL = "fail"
OVERWRITE = "overwrite"
SKIP = "skip"
KEEP_BOTH = "keep_both"
NEWER = "newer"


@dataclass(frozen=True)
class Desired:
    """What shall be where.

    :param by_checksum: whether files are equal by their checksums alone, not by their times.
    :param may_be_created_earlier: check mode: an earlier task may make the source, or the folder above.
    """

    src: str
    dest: str
    move: bool = False
    conflict: str = FAIL
    parents: bool = False
    may_be_created_earlier: bool = False
    by_checksum: bool = False


@dataclass(frozen=True)
class Current:
    """What is there.

    :param source: what is at `src`; only its top when nothing is at `dest`; empty when nothing is there.
    :param target: the same for `dest`.
    :param same: which files of both have the same bytes.
    :param above: what is at each folder above `dest`, when nothing is at `dest`.
    :param leftovers: what an interrupted run left beside `dest`, or in it, and nobody needs when the plan is done.
    :param stranded: what an interrupted move brought beside `dest` and no further.
    :param away: of what an interrupted move gave a name of our own, at `src` or in it: its path, and the right one.
        `source` tells of it as if it had its name again.
    """

    source: _tree.Tree = field(default_factory=dict)
    target: _tree.Tree = field(default_factory=dict)
    same: frozenset[str] = frozenset()
    above: Mapping[str, Optional[Entry]] = field(default_factory=dict)
    leftovers: tuple[str, ...] = ()
    stranded: Optional[Entry] = None
    away: Mapping[str, str] = field(default_factory=dict)


def plan_copy(desired: Desired, current: Current) -> tuple[Plan, list[str]]:
    """The steps from what is there to what is desired, and what stays as it is there though it differs.

    :raises NasError: for a source that is not there, a name that is taken, a missing folder above.
    """
    kept: list[str] = []
    if current.stranded is not None:
        steps = [Step("finish", current.stranded.path, desired.dest)]
    elif desired.move and current.target and not current.source:
        steps = []
    elif current.source and current.target:
        steps, kept = merge(desired, current)
    elif current.source or desired.may_be_created_earlier:
        missing = []
        if not current.target:
            missing = missing_above(
                desired.dest,
                current.above,
                parents=desired.parents,
                may_be_created_earlier=desired.may_be_created_earlier,
            )
        steps = [Step("create_folder", folder) for folder in missing]
        steps.append(Step("copy", desired.src, desired.dest))
    else:
        raise NasError(Kind.NOT_FOUND, NOTHING_THERE, path=desired.src, hint="Check the option src")
    if desired.move and current.source:
        if steps and steps[-1].path == desired.src and _paths.share(desired.src) == _paths.share(desired.dest):
            steps[-1] = replace(steps[-1], do="move")
        else:
            steps += [Step("delete", _tree.at(desired.src, path)) for path in removable(current.source, kept)]
    steps = [Step("restore", *names) for names in current.away.items()] + steps
    steps += [Step("clean", path) for path in current.leftovers]
    return Plan(tuple(steps), *described(steps, current)), [_tree.at(desired.dest, path) for path in kept]


def merge(desired: Desired, current: Current) -> tuple[list[Step], list[str]]:
    """What must be copied to what is there already, and what is left out.

    :raises NasError: for anything that differs, if that is how conflicts are solved; for a file where a folder is
        desired.
    """
    steps: list[Step] = []
    kept: list[str] = []
    done: set[str] = set()  # with all that they hold
    for path, entry in current.source.items():
        if done.intersection(_tree.above(path)):
            continue
        there = current.target.get(path)
        here, to = _tree.at(desired.src, path), _tree.at(desired.dest, path)
        clash = there is not None and not _tree.alike(entry, there)
        if there is None:
            steps.append(Step("copy", here, to))
            done.add(path)
        elif clash and desired.conflict in (OVERWRITE, NEWER):
            hint = "Remove or rename one of them, or set conflict to skip or keep_both"
            raise NasError(
                Kind.WRONG_TYPE, f"a {entry.type_name} cannot replace a {there.type_name}", path=to, hint=hint
            )
        elif clash or not (entry.is_folder or path in current.same or replaces(desired, entry, there)):
            kept.append(path)
            done.add(path)
        elif not entry.is_folder and path not in current.same:
            steps.append(Step("replace", here, to))
    if desired.conflict == FAIL and (steps or kept):
        differs = steps[0].to if steps else _tree.at(desired.dest, kept[0])
        hint = "Choose another dest, or set conflict to what shall be done about it"
        message = f"something else is there already; it differs from src at {differs!r}"
        raise NasError(Kind.EXISTS, message, path=desired.dest, hint=hint)
    return steps, kept


def replaces(desired: Desired, entry: Entry, there: Entry) -> bool:
    """Whether a file takes the place of another one."""
    if desired.conflict == NEWER:
        return (entry.mtime or 0) > (there.mtime or 0)
    return desired.conflict == OVERWRITE


def removable(source: _tree.Tree, kept: list[str]) -> list[str]:
    """The topmost parts of the source that hold nothing of what stays."""
    left = set(kept)
    needed = left.union(*map(_tree.above, kept))
    chosen: list[str] = []
    for path in source:
        above = _tree.above(path)
        if path not in needed and not left.intersection(above) and not set(chosen).intersection(above):
            chosen.append(path)
    return chosen


def described(steps: list[Step], current: Current) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the steps are about, before and after them, for a diff."""
    entries = {entry.path: entry for entry in (*current.source.values(), *current.target.values())}
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for step in steps:
        old = None if step.do == "restore" else entries.get(step.to or step.path)
        if step.do == "create_folder":
            before[step.path], after[step.path] = {"state": "absent"}, {"state": "present"}
        if step.to is not None:
            before[step.to] = facts(old)
            after[step.to] = {"state": "present", "content": f"that of {step.path}"}
        if step.do in ("restore", "move", "finish", "delete", "clean"):
            before.setdefault(step.path, {"state": "present"})
            after[step.path] = {"state": "absent"}
    return {"paths": before}, {"paths": after}


def require_one_name(desired: Desired) -> None:
    """Refuse not to wait where the names alone say that there is something to do after the device's task.

    :raises NasError: `USAGE`.
    """
    if desired.move and _paths.share(desired.src) != _paths.share(desired.dest):
        why = "what moves to another share is copied, compared, and then removed at its old place"
        raise wait_required(why, desired.dest)
    if _paths.name(desired.src) != _paths.name(desired.dest) and not (desired.move and beside(desired)):
        why = "a NAS keeps the name of what it copies or moves, so that the new one is given afterwards"
        raise wait_required(why, desired.dest)


def require_one_job(desired: Desired, plan: Plan, current: Current) -> None:
    """The same for all that is planned.

    :raises NasError: `USAGE`.
    """
    if not plan.changed:
        return
    require_one_name(desired)
    left = plan.paths("restore") + plan.paths("clean") + plan.paths("finish")
    if left:
        raise wait_required("an interrupted run left something there that has to be put in order", left[0])
    if current.target:
        raise wait_required("something is at dest already, and that takes more than one step", desired.dest)


def beside(desired: Desired) -> bool:
    """Whether both paths are in one folder."""
    return _paths.parent(desired.src) == _paths.parent(desired.dest)
