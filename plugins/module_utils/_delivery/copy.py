# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Copies and moves on the device to a path of the caller's choice, whole or not at all.

Devices keep the name of what they copy or move, and write it at its place piece by piece. So it goes into a
folder of our own beside the destination first, is compared with the source there, renamed, and only then moved to its
place, which is a change of names. What a folder for copies holds can always be thrown away; a folder for moves may hold
what is nowhere else, and is only ever removed when it is empty.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Optional

from .._api import lost_answers
from .._api import tree as _tree
from .._api.client import Client
from .._api.files import Files
from .._core import marks
from .._core import paths as _paths
from .._core.errors import Kind, NasError
from .._core.marks import MOVE, copy_folder, move_folder, probe_path
from .._core.model import Entry, Job
from .._core.waiting import Watch, start_detached
from .._plans.copy import Current, Desired, beside
from .._plans.plan import Plan, Step
from . import atomic

NEVER_OVER = "skip"  # what the device does about a name that is taken, though none should be
CLEANING = 60  # seconds


def into(nas: Client, sources: Sequence[str], folder: str, *, move: bool, conflict: str, watch: Watch) -> None:
    """Copy or move into a folder; see `Copies.into`. After a lost answer what has arrived decides."""
    files = nas.files
    targets = {path: _paths.join(folder, _paths.name(path)) for path in sources}

    def arrived() -> bool:
        found = files.stat([*targets, *targets.values()])
        pairs = [(found[source], found[target]) for source, target in targets.items()]
        if move:
            return all(left is None and there is not None for left, there in pairs)
        return all(one is not None and other is not None and _same(files, one, other, watch) for one, other in pairs)

    lost_answers.done(lambda: nas.copies.into(sources, folder, move=move, conflict=conflict, watch=watch), arrived)


def _same(files: Files, one: Entry, other: Entry, watch: Watch) -> bool:
    trees = _tree.walk(files, one), _tree.walk(files, other)
    return _tree.equal(*trees, _tree.same_files(files, *trees, watch))


class Relocation:
    """Copies and moves.

    :param nas: the device.
    :param watch: gets the progress and has the time limit.
    :param by_checksum: whether size and time of a copied file are not enough to know that it is whole.
    """

    def __init__(self, nas: Client, watch: Watch, *, by_checksum: bool = False) -> None:
        self._nas = nas
        self._files = nas.files
        self._watch = watch
        self._by_checksum = by_checksum
        self._copied: dict[str, Entry] = {}  # as it was before, by path

    def copy(self, steps: Sequence[Step]) -> None:
        """Copy what `steps` name to their `to`, all in one existing folder; only one alone may get another name.

        Nothing is at the destination, but a file where a step says `replace`.

        :raises NasError: whatever failed. Each destination is then as it was, or has been done.
        """
        staging = copy_folder(steps[0].to or "")
        trees = [self._walk(step.path) for step in steps]
        self._copied.update((entry.path, entry) for tree in trees for entry in tree.values())
        # What an interrupted run left: copies, and old files, which are the last ones where nothing has their name.
        there = {entry.path for entry in self._files.list(_paths.parent(staging))}
        replaced = [one for step in steps if step.do == "replace" for one in marks.backup_paths(step.to or "")]
        waiting = [one for step in steps if step.do != "replace" for one in marks.backup_paths(step.to or "")]
        self.clean([path for path in (staging, *replaced) if path in there])
        for step in steps:
            if step.do == "replace":
                atomic.prove_name(self._files, step.to or "")
        if self._nas.copies.features.names_copies and len(steps) == 1:
            self._copy_beside(steps[0], trees[0])
            self.clean([path for path in waiting if path in there])
            return
        self._files.create_folders([staging])
        try:
            self._into([step.path for step in steps], staging, move=False)
            for step, tree in zip(steps, trees):
                self._verify(tree, _paths.join(staging, _paths.name(step.path)))
                self._name(staging, _paths.name(step.path), step.to or "")
            self._place(staging, [step.to or "" for step in steps if step.do != "replace"])
            for step, tree in zip(steps, trees):
                if step.do == "replace":
                    self._swap(staging, step.to or "", tree[""], replaces=True)
                    self.clean([marks.backup_path(step.to or "")])
        except BaseException:
            # The reason to tell is the one above; what cannot be removed now is removed by the next run.
            with contextlib.suppress(NasError):
                self._files.delete([staging], recursive=True, watch=Watch(timeout=CLEANING))
            raise
        self._drop(staging)
        self.clean([path for path in waiting if path in there])

    def _copy_beside(self, step: Step, tree: _tree.Tree) -> None:
        """Copy what `step` names to a hidden name beside its `to`, and give it that name when it is whole."""
        path, replaces = step.to or "", step.do == "replace"
        hidden = copy_folder(path)

        def arrived() -> bool:
            found = self._files.stat([step.path, hidden])
            one, other = found[step.path], found[hidden]
            return one is not None and other is not None and _same(self._files, one, other, self._watch)

        try:
            lost_answers.done(lambda: self._nas.copies.copy_as(step.path, hidden, watch=self._watch), arrived)
            self._verify(tree, hidden)
        except BaseException:
            with contextlib.suppress(NasError):
                self._files.delete([hidden], recursive=True, watch=Watch(timeout=CLEANING))
            raise
        atomic.replace_atomically(
            self._files,
            hidden,
            path,
            size=tree[""].size,
            aside=marks.backup_path(path) if replaces else None,
            place=lambda: self._files.rename(hidden, _paths.name(path)),
            discard=lambda: atomic.discard(self._files, hidden, recursive=True),
        )
        if replaces:
            self.clean([marks.backup_path(path)])

    def move(self, source: str, path: str, *, replaces: bool) -> None:
        """Move one file or folder to `path`, in an existing folder of the same share.

        :param replaces: whether a file is at `path`.
        """
        tree = self._walk(source)
        folder, name = _paths.parent(path), _paths.name(path)
        if replaces:
            atomic.prove_name(self._files, path)
        if _paths.parent(source) == folder:
            atomic.replace_atomically(
                self._files,
                source,
                path,
                size=tree[""].size,
                aside=marks.backup_path(path) if replaces else None,
                place=lambda: self._files.rename(source, name),
                discard=lambda: None,
            )
        elif _paths.name(source) == name and not replaces:
            self._into([source], folder, move=True)
        else:
            staging = move_folder(path)
            if replaces:
                # Should it fail, the source gets its name and place again.
                atomic.prove_name(self._files, source)
            self._files.create_folders([staging])
            try:
                self._into([source], staging, move=True)
                self.finish(replace(tree[""], path=_paths.join(staging, _paths.name(source))), path, replaces=replaces)
            except BaseException as error:
                self._put_back(staging, source, error)
                raise
        self._verify(tree, path, by_checksum=False)
        if replaces:
            self.clean([marks.backup_path(path)])

    def start(self, source: str, folder: str, *, move: bool) -> list[Job]:
        """Begin to copy or move into an existing folder, where nothing has the name, and do not wait for the end.

        :returns: the task of the device that goes on, if it was not over at once.
        """
        return start_detached(
            lambda watch: into(self._nas, [source], folder, move=move, conflict=NEVER_OVER, watch=watch),
            self._watch,
        )

    def finish(self, arrived: Entry, path: str, *, replaces: bool = False) -> None:
        """Bring what waits in a folder for moves to its place, and remove the folder."""
        staging = _paths.parent(arrived.path)
        self._name(staging, arrived.name, path)
        self._swap(staging, path, arrived, replaces=replaces)
        self.clean([staging])

    def clean(self, leftovers: Sequence[str]) -> None:
        """Remove what is left beside a destination: old files, folders for copies, and empty folders for moves."""
        moves = [path for path in leftovers if path.endswith(f".{MOVE}")]
        others = [path for path in leftovers if path not in moves]
        if others:
            self._files.delete(others, recursive=True, watch=self._watch)
        for path in moves:
            self._drop(path)

    def _drop(self, staging: str) -> None:
        """Remove a folder of our own that is empty, which needs no job, unless the device has put in its own.

        :raises NasError: `NOT_EMPTY` when something else is in it.
        """
        try:
            self._files.delete([staging], recursive=False, watch=self._watch)
        except NasError as error:
            if error.kind is not Kind.NOT_EMPTY or _tree.contents(self._files, staging):
                raise
            self._files.delete([staging], recursive=True, watch=self._watch)

    def delete_sources(self, copies: Mapping[str, str], known: Mapping[str, Entry]) -> None:
        """Remove what was copied, once all of it has been compared again.

        :param copies: where each is now. That the device gives their names again is known; see `atomic.prove_name`.
        :param known: by its path, what was found equal there as it was then.
        :raises NasError: `MISMATCH` when something that is there is not at its new place, or was changed meanwhile;
            nothing is removed then.
        """
        found = self._files.stat([*copies, *copies.values()]) if copies else {}
        for path, copy in copies.items():
            here, there = found[path], found[copy]
            lacking: Optional[str] = ""
            if here is not None and there is not None:
                now = _tree.walk(self._files, here)
                lacking = _tree.lacking(now, _tree.walk(self._files, there))
                _require_unchanged(now, {**known, **self._copied})
            if lacking is not None:
                message = "this is not at its new place, so nothing was removed"
                raise NasError(Kind.MISMATCH, message, path=_tree.at(path, lacking))
            self._require_another(path, copy, there)
        if copies:
            self._files.delete(list(copies), recursive=True, watch=self._watch)

    def _require_another(self, path: str, copy: str, there: Optional[Entry]) -> None:
        """Make sure that two paths do not lead to the same thing, by a link or because letter case does not count.

        :param there: what is at `copy`, which must be there still when the thing at `path` has another name.
        :raises NasError: `INVALID_ARGUMENT` when they do.
        """
        away = probe_path(path)
        try:
            self._files.rename(path, _paths.name(away))
            place_lock = self._files.stat([copy])[copy]
            self._files.rename(away, _paths.name(path))
        except BaseException as error:
            self._name_again(path, away, error)
            raise
        if place_lock != there:
            message = "source and destination are the same thing under two names, so nothing was removed"
            raise NasError(Kind.INVALID_ARGUMENT, message, path=path, hint=f"Compare it with {copy}")

    def _name_again(self, path: str, away: str, error: BaseException) -> None:
        """After an interrupted probe: give what may have been renamed away its name again; else say where it is."""
        try:
            # The answer to a change of names may have been lost after it was done.
            now = self._files.stat([path, away])
            if now[path] is None and now[away] is not None:
                self._files.rename(away, _paths.name(path))
        except NasError:
            if isinstance(error, NasError):
                error.hint = (
                    f"What was at {path}, if it is not there, is at {away}; the next run gives it its name again"
                )

    def _walk(self, path: str) -> _tree.Tree:
        entry = self._files.stat([path])[path]
        if entry is None:
            raise NasError(Kind.NOT_FOUND, "this has gone away meanwhile", path=path, hint="Run the task again")
        return _tree.walk(self._files, entry)

    def _into(self, sources: Sequence[str], folder: str, *, move: bool) -> None:
        into(self._nas, sources, folder, move=move, conflict=NEVER_OVER, watch=self._watch)

    def _verify(self, wanted: _tree.Tree, path: str, *, by_checksum: bool = True) -> None:
        """Compare what has arrived with what was to: names and sizes, then each file by time or bytes.

        :param by_checksum: False where only names have changed.
        :raises NasError: `MISMATCH`.
        """
        entry = self._files.stat([path])[path]
        there = {} if entry is None else _tree.walk(self._files, entry)
        lacking = _tree.lacking(wanted, there)
        if lacking is None and by_checksum:
            same = _tree.same_files(self._files, wanted, there, self._watch, by_checksum=self._by_checksum)
            unlike = (one for one, each in wanted.items() if not (each.is_folder or each.link or one in same))
            lacking = next(unlike, None)
        if lacking is not None:
            missing = _tree.at(wanted[""].path, lacking)
            message = "the device reported success, but this has not arrived whole"
            raise NasError(Kind.MISMATCH, message, path=missing)

    def _name(self, staging: str, name: str, path: str) -> None:
        if name != _paths.name(path):
            self._files.rename(_paths.join(staging, name), _paths.name(path))

    def _place(self, staging: str, paths: Sequence[str]) -> None:
        """Move what waits under its last name to its place.

        :raises NasError: `EXISTS` when somebody took the name meanwhile.
        """
        if not paths:
            return
        waiting = {_paths.join(staging, _paths.name(path)): path for path in paths}
        self._into(list(waiting), _paths.parent(paths[0]), move=True)
        found = self._files.stat([*waiting, *paths])
        for arrived, path in waiting.items():
            if found[arrived] is not None or found[path] is None:
                hint = "Run the task again"
                raise NasError(Kind.EXISTS, "the name was taken meanwhile", path=path, hint=hint)

    def _swap(self, staging: str, path: str, entry: Entry, *, replaces: bool) -> None:
        atomic.replace_atomically(
            self._files,
            _paths.join(staging, _paths.name(path)),
            path,
            size=entry.size,
            aside=marks.backup_path(path) if replaces else None,
            place=lambda: self._place(staging, [path]),
            discard=lambda: None,  # whoever made the folder clears it
        )

    def _put_back(self, staging: str, source: str, error: BaseException) -> None:
        """After an interrupted move: bring what is in the folder to where it was; else say where it is."""
        try:
            for entry in _tree.contents(self._files, staging):
                self._name(staging, entry.name, source)
                self._into([_paths.join(staging, _paths.name(source))], _paths.parent(source), move=True)
            self._drop(staging)
        except NasError:
            if isinstance(error, NasError):
                error.hint = (
                    f"What was to be moved may be in {staging}, under its old or new name; the next run goes on"
                )


def _require_unchanged(now: _tree.Tree, known: Mapping[str, Entry]) -> None:
    """Make sure that what is to be removed is what was copied.

    :raises NasError: `MISMATCH` for a file that has another time than before, where the device reports both.
    """
    for entry in now.values():
        before = known.get(entry.path)
        both_known = before is not None and None not in (before.mtime, entry.mtime)
        if before is not None and both_known and not entry.is_folder and entry.mtime != before.mtime:
            message = "this was changed while it was copied, so nothing was removed"
            raise NasError(Kind.MISMATCH, message, path=entry.path)


def apply(nas: Client, desired: Desired, plan: Plan, current: Current, watch: Watch) -> None:
    """Carry the plan out."""
    files = nas.files
    relocation = Relocation(nas, watch, by_checksum=desired.move or desired.by_checksum)
    for path in plan.paths("delete"):
        # At the end each is renamed for a moment, and must get its name again.
        atomic.prove_name(files, path)
    atomic.make_folders(files, plan.paths("create_folder"))
    # Where nothing has the name, what an interrupted run put aside waits for the new one to be whole.
    new = [step.to or "" for step in plan.steps if step.do in ("copy", "finish", "move")]
    last_copies = {one for to in new if to != desired.dest or not current.target for one in marks.backup_paths(to)}
    relocation.clean([path for path in plan.paths("clean") if path not in last_copies])
    groups: dict[str, list[Step]] = {}
    for step in plan.steps:
        to = step.to or ""
        if step.do == "finish" and current.stranded is not None:
            replaces = bool(current.target)
            if replaces:
                atomic.prove_name(files, to)
            relocation.finish(current.stranded, to, replaces=replaces)
            relocation.clean([marks.backup_path(to)] if replaces else [])
        elif step.do == "move":
            relocation.move(step.path, to, replaces=bool(current.target))
        elif step.do in ("copy", "replace"):
            groups.setdefault(_paths.parent(to), []).append(step)
    for group in groups.values():
        relocation.copy(group)
    late = files.stat([path for path in plan.paths("clean") if path in last_copies])
    relocation.clean([path for path, entry in late.items() if entry is not None])
    relocation.delete_sources(
        {path: desired.dest + path[len(desired.src) :] for path in plan.paths("delete")},
        {entry.path: entry for entry in current.source.values()},
    )


def start(nas: Client, desired: Desired, plan: Plan, watch: Watch) -> list[Job]:
    """The same without waiting, of a plan that `require_one_job` lets pass: the tasks of the device that go on."""
    relocation = Relocation(nas, watch)
    atomic.make_folders(nas.files, plan.paths("create_folder"))
    if desired.move and beside(desired):
        relocation.move(desired.src, desired.dest, replaces=False)
        return []
    return relocation.start(desired.src, _paths.parent(desired.dest), move=desired.move)
