# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bringing back from a recycle bin: what is to come back where, and how, so that nothing is lost on the way."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Optional

from ansible_collections.nasops.nas.plugins.module_utils import _deliver, _folders, _lost, _names, _paths, _tree
from ansible_collections.nasops.nas.plugins.module_utils._api import Client
from ansible_collections.nasops.nas.plugins.module_utils._diff import facts
from ansible_collections.nasops.nas.plugins.module_utils._errors import Kind, NasError
from ansible_collections.nasops.nas.plugins.module_utils._model import Entry
from ansible_collections.nasops.nas.plugins.module_utils._plan import Plan, Step
from ansible_collections.nasops.nas.plugins.module_utils._watch import Watch

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
class Present:
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


def keeping(home: str) -> str:
    """The folder that holds, as the name of a folder, the name under which something comes back beside `home`.

    It is there from before the entry gets that name in the bin until it is back, so that the next run finds it.
    """
    return _names.beside(home, "keep")


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


def plan_restored(wanted: Sequence[Wanted], present: Present, conflict: str) -> tuple[Plan, list[str]]:
    """The steps that bring things back, and what stays in the bin.

    :raises NasError: for what is neither in the bin nor at its place, and for conflicts.
    """
    at = present.at
    folders: dict[str, None] = {}
    steps: list[Step] = []
    kept: list[str] = []
    for one in wanted:
        require_no_link(one, at)
        source, there, aside = at[one.source], at[one.home], _deliver.set_aside(one.home, at)
        clean = [Step(CLEAN, aside.path)] if aside is not None else []
        waiting = present.waiting.get(one.home)
        if waiting is not None:
            steps.append(Step(RESTORE, waiting.source, waiting.home))
        if at.get(keeping(one.home)) is not None:
            steps.append(Step(CLEAN, keeping(one.home)))
        if source is None:
            steps += clean if there is not None else []
            if there is None and waiting is None:
                require_known(one, present)
            continue
        if there is None:
            above = {folder: at[folder] for folder in _paths.ancestors(one.home)}
            missing = _folders.missing_above(one.home, above, parents=True, promised=False)
            folders.update(dict.fromkeys(missing))
            steps += [Step(RESTORE, one.source, one.home), *clean]
        elif conflict == SKIP:
            kept.append(one.source)
        elif conflict == KEEP_BOTH:
            steps.append(Step(RENAME, one.source, present.free[one.home]))
        else:
            require_replaceable(one, source, there, conflict)
            steps += [*clean, Step(REPLACE, one.source, one.home)]
    made = [Step(CREATE_FOLDER, path) for path in sorted(folders, key=_paths.depth)]
    return Plan((*made, *steps), *described([*made, *steps], at)), kept


def require_known(one: Wanted, present: Present) -> None:
    """What is to come back must be somewhere.

    :raises NasError: `NOT_FOUND`.
    """
    share = _paths.share(one.home)
    if share not in present.shares:
        raise no_bin(share, present.at[share])
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
    """Only a file replaces a file, and only when told to.

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


def read_present(nas: Client, wanted: Sequence[Wanted], conflict: str) -> Present:
    """What is in the bins, at the places of that, and above them."""
    paths = [path for one in wanted for path in (one.source, one.home)]
    if conflict == OVERWRITE:
        paths += [aside for one in wanted for aside in _deliver.asides(one.home)]
    if conflict == KEEP_BOTH:
        paths += [keeping(one.home) for one in wanted]
    at = nas.files.stat(paths)
    homeless = [one.home for one in wanted if at[one.home] is None]
    if nas.files.tells_links:
        homeless = [path for one in wanted for path in (one.source, one.home)]
    above = _paths.unique(folder for home in homeless for folder in _paths.ancestors(home) if folder not in at)
    at = {**at, **nas.files.stat(above)} if above else at
    lost = _paths.unique(_paths.share(one.home) for one in wanted if at[one.source] is at[one.home] is None)
    shares = frozenset(found.share for found in nas.recycle_bin.bins(lost)) if lost else frozenset()
    taken = {one.home: one for one in wanted if at[one.source] is not None and at[one.home] is not None}
    if conflict != KEEP_BOTH:
        return Present(at, shares)
    return Present(at, shares, _free_names(nas, taken, at), _waiting(nas, wanted, at))


def _waiting(nas: Client, wanted: Sequence[Wanted], at: Mapping[str, Optional[Entry]]) -> dict[str, Wanted]:
    """What an interrupted run has given another name in the bin.

    :raises NasError: `EXISTS` when something else has got its new place.
    """
    waiting: dict[str, Wanted] = {}
    for one in wanted:
        if at[keeping(one.home)] is None:
            continue
        for name in [entry.name for entry in nas.files.list(keeping(one.home))]:
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
            _deliver.make_folders(self._files, folders)
        plain = {step.path: step.to or "" for step in plan.steps if step.do == RESTORE}
        if plain:
            self._restore(plain)
        for step in plan.steps:
            if step.do == RENAME:
                self._restore_as(step.path, step.to or "")
            elif step.do == REPLACE:
                self._replace(step.path, step.to or "")
            elif step.do == CLEAN:
                _deliver.clean(self._files, [step.path], self._watch)

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

        _lost.done(lambda: self._bin.restore(list(homes), watch=self._watch), is_back)

    def _restore_as(self, source: str, home: str) -> None:
        """Restore under another name, which the entry gets in the bin first; see `keeping`."""
        name = _paths.name(home)
        waiting = _paths.join(_paths.parent(source), name)
        asked = located(source, self._bin.folder)
        note = keeping(asked.home if asked is not None else home)
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
                    _deliver.discard(self._files, note, recursive=True)
            raise
        _deliver.clean(self._files, [note], self._watch)

    def _replace(self, source: str, home: str) -> None:
        """Put the file that is there aside, restore, and then remove it."""
        entry = self._files.stat([source])[source]
        _deliver.prove_name(self._files, home)
        aside = _deliver.leaving(home)
        _deliver.swap_in(
            self._files,
            source,
            home,
            size=entry.size if entry is not None else None,
            aside=aside,
            place=lambda: self._restore({source: home}),
            discard=lambda: None,
        )
        self._files.delete([aside], recursive=False, watch=self._watch)
