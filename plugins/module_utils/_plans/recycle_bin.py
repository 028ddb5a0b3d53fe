# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is to come back from a recycle bin where, and how, so that nothing is lost on the way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Optional

from .._api import tree as _tree
from .._core import marks
from .._core import paths as _paths
from .._core.device import Bin
from .._core.errors import Kind, NasError
from .._core.marks import keep_folder
from .._core.model import Entry
from . import preconditions
from .plan import Plan, Step, facts

CONFLICTS = FAIL, OVERWRITE, SKIP, KEEP_BOTH = ("fail", "overwrite", "skip", "keep_both")


CREATE_FOLDER, RESTORE, REPLACE, RENAME, CLEAN = "create_folder", "restore", "restore_replacing", "restore_as", "clean"


@dataclass(frozen=True)
class Wanted:
    """Something that was deleted.

    :param source: where it lies in the bin.
    :param home: where it was.
    """

    source: str
    home: str


@dataclass(frozen=True)
class Current:
    """What there is.

    :param at: what is at each path: sources, homes, all folders above the homes, and what an interrupted run put aside.
    :param shares: the shares that have a bin, of those where something is at neither place.
    :param free: for each home that is taken, the numbered path that is to be used instead.
    :param waiting: for each home, what an interrupted run has given another name in the bin, and where that belongs.
    """

    at: Mapping[str, Optional[Entry]]
    shares: frozenset[str] = frozenset()
    free: Mapping[str, str] = field(default_factory=dict)
    waiting: Mapping[str, Wanted] = field(default_factory=dict)


def located(path: str, folder: str) -> Optional[Wanted]:
    """Where something lies in the bin, and where it was, from either path; None for a share or a bin itself.

    :param folder: the name of the bin.
    """
    share, inside = _paths.share(path), f"{_paths.share(path)}/{folder}"
    if path in (share, inside):
        return None
    if path.startswith(f"{inside}/"):
        return Wanted(path, share + path[len(inside) :])
    return Wanted(inside + path[len(share) :], path)


def no_bin(share: str, entry: Optional[Entry]) -> NasError:
    """The error for a share without a recycle bin.

    :param entry: the share, or None when that is not there.
    """
    if entry is None:
        hint = "nas_info lists the shares that the user may see"
        return NasError(Kind.NOT_FOUND, f"there is no share {_paths.name(share)!r}", path=share, hint=hint)
    message = f"the share {_paths.name(share)!r} has no recycle bin"
    return NasError(Kind.NOT_FOUND, message, path=share, hint="Switch it on in the device's settings of the share")


def plan_restored(wanted: Sequence[Wanted], current: Current, conflict: str) -> tuple[Plan, list[str]]:
    """The steps that bring things back, and what stays in the bin.

    :raises NasError: for what is neither in the bin nor at its place, and for conflicts.
    """
    at = current.at
    folders: dict[str, None] = {}
    steps: list[Step] = []
    kept: list[str] = []
    for one in wanted:
        require_no_link(one, at)
        source, there, aside = at[one.source], at[one.home], marks.found_backup(one.home, at)
        clean = [Step(CLEAN, aside.path)] if aside is not None else []
        waiting = current.waiting.get(one.home)
        if waiting is not None:
            steps.append(Step(RESTORE, waiting.source, waiting.home))
        if at.get(keep_folder(one.home)) is not None:
            steps.append(Step(CLEAN, keep_folder(one.home)))
        if source is None:
            steps += clean if there is not None else []
            if there is None and waiting is None:
                require_known(one, current)
            continue
        if there is None:
            above = {folder: at[folder] for folder in _paths.ancestors(one.home)}
            missing = preconditions.missing_above(one.home, above, parents=True, may_be_created_earlier=False)
            folders.update(dict.fromkeys(missing))
            steps += [Step(RESTORE, one.source, one.home), *clean]
        elif conflict == SKIP:
            kept.append(one.source)
        elif conflict == KEEP_BOTH:
            steps.append(Step(RENAME, one.source, current.free[one.home]))
        else:
            require_replaceable(one, source, there, conflict)
            steps += [*clean, Step(REPLACE, one.source, one.home)]
    made = [Step(CREATE_FOLDER, path) for path in sorted(folders, key=_paths.depth)]
    return Plan((*made, *steps), *described([*made, *steps], at)), kept


def require_known(one: Wanted, current: Current) -> None:
    """What is to come back must be somewhere.

    :raises NasError: `NOT_FOUND`.
    """
    share = _paths.share(one.home)
    if share not in current.shares:
        raise no_bin(share, current.at[share])
    hint = "Look into the bin with nas_find; the same name deleted several times has other names there"
    raise NasError(Kind.NOT_FOUND, "this is not in the recycle bin", path=one.source, hint=hint)


def require_no_link(one: Wanted, at: Mapping[str, Optional[Entry]]) -> None:
    """What comes back must not come from, nor go to, where a link leads: that is neither in the bin nor its old place.

    :raises NasError: `WRONG_TYPE`.
    """
    for path in (one.source, one.home):
        for folder in _paths.ancestors(path):
            entry = at.get(folder)
            if entry is not None and entry.link:
                message = f"{folder!r} is a link, so this would be another file or folder"
                raise NasError(Kind.WRONG_TYPE, message, path=path, hint="Remove or rename the link")


def require_replaceable(one: Wanted, source: Entry, there: Entry, conflict: str) -> None:
    """Only a file replaces a file, and only when the option conflict says so.

    :raises NasError: `EXISTS`.
    """
    if conflict == FAIL:
        hint = "Set conflict to overwrite, skip or keep_both"
        raise NasError(Kind.EXISTS, "the place of what is in the recycle bin is taken", path=one.home, hint=hint)
    if source.is_folder or there.is_folder:
        hint = "Set conflict to skip or keep_both, or name what lies in the folder"
        raise NasError(Kind.EXISTS, "a folder neither replaces nor is replaced", path=one.home, hint=hint)


def described(steps: Sequence[Step], at: Mapping[str, Optional[Entry]]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the steps are about, before and after them, for a diff."""
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for step in steps:
        if step.do == CREATE_FOLDER:
            before[step.path], after[step.path] = {"state": "absent"}, {"state": "present"}
            continue
        before[step.path], after[step.path] = {"state": "present"}, {"state": "absent"}
        if step.to is not None:
            old = at.get(step.to)
            before[step.to] = facts(old)
            after[step.to] = {"state": "present", "content": f"that of {step.path}"}
    return {"paths": before}, {"paths": after}


EMPTY = "empty"
DELETE = "delete"


Trees = Mapping[str, Mapping[str, _tree.Tree]]
"""What the bins hold: by the bin's path, and by the path of each entry that lies directly in it."""


@dataclass(frozen=True)
class Clearing:
    """What a task wants to be gone.

    :param shares: whose bins; None for all.
    :param before: only what was modified before this point in time.
    """

    shares: Optional[Sequence[str]]
    before: Optional[int] = None


def plan_empty(desired: Clearing, bins: Sequence[Bin], held: Trees) -> Plan:
    """The steps that remove what is to go: `empty` a share's whole bin, or `delete` some of it."""
    steps: list[Step] = []
    gone: list[str] = []
    for found in bins:
        trees = held[found.path]
        if desired.before is None:
            steps += [Step(EMPTY, found.share)] if trees else []
            gone += sorted(trees)
            continue
        for path, tree in sorted(trees.items()):
            old = outdated(tree, desired.before)
            steps += [Step(DELETE, _tree.at(path, relative)) for relative in old]
            gone += [_tree.at(path, relative) for relative in old]
    return Plan(tuple(steps), {"recycle_bins": gone}, {"recycle_bins": []})


def outdated(tree: _tree.Tree, before: int) -> list[str]:
    """The topmost paths of a tree that hold nothing but old files, and folders that are empty and old themselves."""
    young: set[str] = set()
    parents = {above for relative in tree for above in _tree.above(relative)}
    for relative, entry in tree.items():
        counts = not (entry.is_folder and relative in parents)
        if counts and (entry.mtime is None or entry.mtime >= before):
            young.update((relative, *_tree.above(relative)))
    old = [relative for relative in tree if relative not in young]
    return sorted(relative for relative in old if all(above in young for above in _tree.above(relative)))
