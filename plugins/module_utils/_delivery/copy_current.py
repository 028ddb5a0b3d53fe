# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is at the source and the destination of a copy, and what an interrupted one left there."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Optional

from .._api import tree as _tree
from .._api.files import Files
from .._core import marks
from .._core import paths as _paths
from .._core.model import Entry
from .._core.waiting import Watching
from .._plans import copy_leftovers
from .._plans.copy import KEEP_BOTH, NEWER, OVERWRITE, SKIP, Current, Desired
from . import atomic


def read_current(files: Files, desired: Desired, watching: Watching) -> tuple[Desired, Current]:
    """What is there; and with both to be kept, what is desired then, with a name that is free or right already."""
    asked, current = desired.dest, inspect(files, desired, watching)
    for number in itertools.count(1):
        if (
            desired.conflict != KEEP_BOTH
            or not current.source
            or not current.target
            or _tree.equal(current.source, current.target, current.same)
        ):
            break
        dest = _paths.numbered(asked, number, is_folder=current.source[""].is_folder)
        desired = replace(desired, dest=dest)
        current = inspect(files, desired, watching)
    return desired, current


def inspect(files: Files, desired: Desired, watching: Watching) -> Current:
    """What is at `src`, at `dest`, and beside them.

    :raises NasError: for what an interrupted move left, when nobody can tell from what is there where it belongs.
    """
    staged, hidden = marks.move_folder(desired.dest), marks.probe_path(desired.src)
    spare = (*atomic.besides(files, desired.dest), marks.copy_folder(desired.dest))
    found = files.stat([desired.src, desired.dest, *spare, staged, *([hidden] if desired.move else [])])
    source, target = found[desired.src], found[desired.dest]
    away: dict[str, str] = {}
    if found.get(hidden) is not None:
        if source is not None:
            raise copy_leftovers.unclear(hidden)
        source, away = found[hidden], {hidden: desired.src}
    elif desired.move and source is not None and _paths.alike(desired.src, desired.dest):
        # To some devices both are the same, so that only the list tells which name it has.
        listed = {entry.path: entry for entry in files.list(_paths.parent(desired.src))}
        source, target = listed.get(desired.src), listed.get(desired.dest)
    leftovers = [path for path in spare if found[path] is not None]
    stranded = None
    if found[staged] is not None:
        held = _tree.contents(files, staged)
        if len(held) == 1 and desired.move and source is None and may_finish(desired, held[0], target):
            stranded = held[0]
        elif held:
            raise copy_leftovers.unclear(staged)
        else:
            leftovers.append(staged)
    above = {} if target is not None else files.stat(_paths.ancestors(desired.dest))
    if source is None or target is None:
        there = {"": target} if target is not None else {}
        here = {"": source} if source is not None else {}
        return Current(here, there, above=above, leftovers=tuple(leftovers), stranded=stranded, away=away)
    trees = _tree.walk(files, source), _tree.walk(files, target)
    if desired.move:
        again, parts = copy_leftovers.named_again(desired.src, *trees)
        trees, away = (again, trees[1]), {**away, **parts}
    leftovers += copy_leftovers.in_folders(desired.dest, *trees)
    same: frozenset[str] = frozenset()
    if desired.move or desired.conflict != SKIP:
        watch = watching(f"comparing {desired.src}")
        # What is moved is removed at its old place, so that size and time are not enough.
        same = _tree.same_files(files, *trees, watch, by_checksum=desired.move or desired.by_checksum)
    return Current(*trees, same, leftovers=tuple(leftovers), away=away)


def may_finish(desired: Desired, waiting: Entry, target: Optional[Entry]) -> bool:
    """Whether what an interrupted move left beside `dest` belongs there: the file that it was to replace may be there.

    :param target: what is at `dest`.
    """
    return target is None or (desired.conflict in (OVERWRITE, NEWER) and not waiting.is_folder and not target.is_folder)


def give_names_again(files: Files, desired: Desired, current: Current, watching: Watching) -> tuple[Desired, Current]:
    """Take back what an interrupted move renamed, and inspect again: more than that may have gone away with it."""
    for hidden, path in current.away.items():
        files.rename(hidden, _paths.name(path))
    desired, now = read_current(files, desired, watching)
    return desired, replace(now, away=current.away)
