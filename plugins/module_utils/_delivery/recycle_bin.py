# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bringing back from a recycle bin: what is to come back where, and how, so that nothing is lost on the way."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Mapping, Sequence
from typing import Optional

from .._api import lost_answers
from .._api import tree as _tree
from .._api.client import Client
from .._api.files import Files
from .._core import marks
from .._core import paths as _paths
from .._core.device import Bin
from .._core.errors import Kind, NasError
from .._core.marks import keep_folder
from .._core.model import Entry
from .._core.waiting import Watch
from .._plans.plan import Plan
from .._plans.recycle_bin import (
    CLEAN,
    CREATE_FOLDER,
    KEEP_BOTH,
    OVERWRITE,
    RENAME,
    REPLACE,
    RESTORE,
    Current,
    Trees,
    Wanted,
    located,
    no_bin,
)
from . import atomic


def read_current(nas: Client, wanted: Sequence[Wanted], conflict: str) -> Current:
    """What is in the bins, at the places of that, and above them."""
    paths = [path for one in wanted for path in (one.source, one.home)]
    if conflict == OVERWRITE:
        paths += [aside for one in wanted for aside in marks.backup_paths(one.home)]
    if conflict == KEEP_BOTH:
        paths += [keep_folder(one.home) for one in wanted]
    at = nas.files.stat(paths)
    homeless = [one.home for one in wanted if at[one.home] is None]
    if nas.files.features.links:
        homeless = [path for one in wanted for path in (one.source, one.home)]
    above = _paths.unique(folder for home in homeless for folder in _paths.ancestors(home) if folder not in at)
    at = {**at, **nas.files.stat(above)} if above else at
    lost = _paths.unique(_paths.share(one.home) for one in wanted if at[one.source] is at[one.home] is None)
    shares = frozenset(found.share for found in nas.recycle_bin.bins(lost)) if lost else frozenset()
    taken = {one.home: one for one in wanted if at[one.source] is not None and at[one.home] is not None}
    if conflict != KEEP_BOTH:
        return Current(at, shares)
    return Current(at, shares, _free_names(nas, taken, at), _waiting(nas, wanted, at))


def _waiting(nas: Client, wanted: Sequence[Wanted], at: Mapping[str, Optional[Entry]]) -> dict[str, Wanted]:
    """What an interrupted run has given another name in the bin.

    :raises NasError: `EXISTS` when something else has got its new place.
    """
    waiting: dict[str, Wanted] = {}
    for one in wanted:
        if at[keep_folder(one.home)] is None:
            continue
        for name in [entry.name for entry in _tree.contents(nas.files, keep_folder(one.home))]:
            other = Wanted(*(_paths.join(_paths.parent(path), name) for path in (one.source, one.home)))
            found = nas.files.stat([other.source, other.home])
            if found[other.source] is None:
                continue
            if found[other.home] is not None:
                message = "the place of what an interrupted run was to bring back was taken meanwhile"
                hint = f"Move it away and run the task again; what was to come back is at {other.source}"
                raise NasError(Kind.EXISTS, message, path=other.home, hint=hint)
            waiting[one.home] = other
    return waiting


def _free_names(nas: Client, taken: Mapping[str, Wanted], at: Mapping[str, Optional[Entry]]) -> dict[str, str]:
    """For each home that is taken, the first numbered path that is free there, and whose name is free in the bin."""
    free: dict[str, str] = {}
    for home, one in taken.items():
        source = at[one.source]
        is_folder = source is not None and source.is_folder
        for number in itertools.count(1):
            path, waiting = (_paths.numbered(path, number, is_folder=is_folder) for path in (home, one.source))
            if not any(nas.files.stat([path, waiting]).values()):
                free[home] = path
                break
    return free


class Recovery:
    """Carries a plan out.

    :param nas: the device.
    :param watch: gets the progress and has the time limit.
    """

    def __init__(self, nas: Client, watch: Watch) -> None:
        self._files = nas.files
        self._bin = nas.recycle_bin
        self._watch = watch

    def apply(self, plan: Plan) -> None:
        """Make the folders, then bring everything back; what was replaced goes last."""
        folders = plan.paths(CREATE_FOLDER)
        if folders:
            atomic.make_folders(self._files, folders)
        plain = {step.path: step.to or "" for step in plan.steps if step.do == RESTORE}
        if plain:
            self._restore(plain)
        for step in plan.steps:
            if step.do == RENAME:
                self._restore_as(step.path, step.to or "")
            elif step.do == REPLACE:
                self._replace(step.path, step.to or "")
            elif step.do == CLEAN:
                atomic.clean(self._files, [step.path], self._watch)

    def _restore(self, homes: Mapping[str, str]) -> None:
        """Bring entries back to their free places, and make sure that they got there whole.

        :raises NasError: `MISMATCH`.
        """
        found = self._files.stat(list(homes))
        trees = {path: _tree.walk(self._files, entry) for path, entry in found.items() if entry is not None}
        self._bring_back(homes)
        now = self._files.stat([*homes, *homes.values()])
        for path, home in homes.items():
            entry = now[home]
            lacking: Optional[str] = ""
            if entry is not None and now[path] is None:
                lacking = _tree.lacking(trees.get(path, {}), _tree.walk(self._files, entry))
            if lacking is not None:
                message = "the device reported success, but this has not come back whole"
                hint = f"What is missing may still be at {path}; run the task again"
                raise NasError(Kind.MISMATCH, message, path=_tree.at(home, lacking), hint=hint)

    def _bring_back(self, homes: Mapping[str, str]) -> None:
        def is_back() -> bool:
            found = self._files.stat([*homes, *homes.values()])
            return all(found[path] is None and found[home] is not None for path, home in homes.items())

        lost_answers.done(lambda: self._bin.restore(list(homes), watch=self._watch), is_back)

    def _restore_as(self, source: str, home: str) -> None:
        """Restore under another name, which the entry gets in the bin first; see `keep_folder`."""
        name = _paths.name(home)
        waiting = _paths.join(_paths.parent(source), name)
        asked = located(source, self._bin.features.folder)
        note = keep_folder(asked.home if asked is not None else home)
        try:
            self._files.create_folders([note, _paths.join(note, name)])
            self._files.rename(source, name)
            self._restore({waiting: home})
        except BaseException:
            # The reason to tell is the one above. What cannot be put back now is brought back by the next run.
            with contextlib.suppress(NasError):
                found = self._files.stat([source, waiting])
                if found[source] is None and found[waiting] is not None:
                    self._files.rename(waiting, _paths.name(source))
                    found = self._files.stat([source, waiting])
                if found[source] is not None:
                    atomic.discard(self._files, note, recursive=True)
            raise
        atomic.clean(self._files, [note], self._watch)

    def _replace(self, source: str, home: str) -> None:
        """Put the file that is there aside, restore, and then remove it."""
        entry = self._files.stat([source])[source]
        atomic.prove_name(self._files, home)
        aside = marks.backup_path(home)
        atomic.replace_atomically(
            self._files,
            source,
            home,
            size=entry.size if entry is not None else None,
            aside=aside,
            place=lambda: self._restore({source: home}),
            discard=lambda: None,
        )
        self._files.delete([aside], recursive=False, watch=self._watch)


def bins_of(nas: Client, shares: Optional[Sequence[str]]) -> list[Bin]:
    """The bins that there are: of all shares, there may be none.

    :raises NasError: `NOT_FOUND` for a share that is not there, or has none.
    """
    try:
        offered = nas.recycle_bin
    except NasError as error:
        if shares is None and error.kind is Kind.UNSUPPORTED:
            return []
        raise
    bins = offered.bins(shares)
    lacking = [share for share in shares or () if share not in {found.share for found in bins}]
    if lacking:
        raise no_bin(lacking[0], nas.files.stat(lacking[:1])[lacking[0]])
    return bins


def held_in(nas: Client, bins: Sequence[Bin], deep: bool) -> Trees:
    """What the bins hold, the top entries alone or with everything below."""
    files = nas.files
    return {
        found.path: {
            entry.path: _tree.walk(files, entry) if deep else {"": entry} for entry in listed(nas.files, found.path)
        }
        for found in bins
    }


def listed(files: Files, path: str) -> list[Entry]:
    """What lies in a bin, but for what the device keeps there itself."""
    try:
        return _tree.contents(files, path)
    except NasError as error:
        if error.kind is not Kind.NOT_FOUND:
            raise
        return []  # a bin that never held anything need not be there


def empty(nas: Client, found: Bin, watch: Watch) -> None:
    """Empty one bin."""
    lost_answers.done(
        lambda: nas.recycle_bin.empty(found.share, watch=watch), lambda: not listed(nas.files, found.path)
    )
