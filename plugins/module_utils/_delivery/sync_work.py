# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What it takes to make a folder and one on a NAS the same: found by a comparison, and done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Optional

from .._core.errors import NasError, usage
from .._core.patterns import Filter
from .._core.waiting import Watch
from .._plans.sync import PUSH, Outcome, Rules, SyncPlan, above, one_name, plan_sync, undecided
from . import sync
from .crew import Crew, Tally
from .note import Note
from .sides import Side, holding, leftovers, recovered


@dataclass(frozen=True)
class Desired:
    """The two folders of one task, and how they become the same.

    :param here: the folder where the task runs.
    :param there: the folder on the NAS.
    :param chosen: what of them is meant.
    """

    here: str
    there: str
    rules: Rules
    chosen: Filter

    @property
    def is_push(self) -> bool:
        """Whether the NAS is the destination."""
        return self.rules.mode == PUSH


def no_vault(filename: str) -> str:
    """Where there is no key, a vaulted file is that file's failure."""
    hint = "Run the task on the controller, or set decrypt to false to send it as it is"
    raise usage("it is vaulted, and where the task runs there is no key", path=filename, hint=hint)


def refuse_one_name(source: Side) -> None:
    """Refuse names that many devices take for one.

    :raises NasError: `USAGE`.
    """
    alike = one_name(source.items)
    if alike is not None:
        hint = "Rename one of them, or exclude it"
        raise usage(f"a NAS may take {alike[0]!r} and {alike[1]!r} for one name", path=alike[0], hint=hint)


@dataclass(frozen=True)
class Work:
    """What there is, and what is to be done.

    :param folders: the destination and the folders above it that are missing.
    :param note: where the NAS keeps no times.
    :param same: files that were read and have the same bytes.
    :param restore: where an interrupted run has put aside what belongs to a path of the NAS.
    :param clean: what else such a run has left in the destination.
    """

    source: Side
    dest: Side
    folders: Sequence[str]
    note: Optional[Note]
    same: set[str]
    restore: Mapping[str, str]
    clean: Sequence[str]
    plan: SyncPlan

    @property
    def travels(self) -> tuple[str, ...]:
        """The files that are sent or fetched."""
        return (*self.plan.create, *self.plan.update)

    @property
    def failed(self) -> dict[str, NasError]:
        """What could not be read."""
        return {**self.source.failed, **self.dest.failed}

    def size_of(self, paths: Sequence[str]) -> int:
        """The bytes of some files."""
        return sum(self.source.items[path].size or 0 for path in paths)


def compare(desired: Desired, source: Side, dest: Side, folders: Sequence[str], crew: Crew, timeout: float) -> Work:
    """What is to be done, from what is there; reads files where nothing else tells whether they are the same."""
    rules, there = desired.rules, dest if desired.is_push else source
    note = there.note or Note.of(crew.files, desired.there, there.ours)
    records = note.records if note is not None else {}
    if dest.failed:
        for path in [one for one in source.items if dest.failed.keys() & above(one)]:
            del source.items[path]  # nobody knows what is there
    everything = desired.chosen if rules.delete else None
    restore = recovered(dest, source.items, everything) if desired.is_push else {}
    clean = leftovers(dest, source.items, restore, everything) if desired.is_push else dest.left
    unknown = undecided(source.items, dest.items, records, rules)
    same = sync.same_bytes(crew, source, dest, unknown, rules.mode, Tally(0, 0), timeout)
    if source.failed or dest.failed or not source.exists:
        rules = replace(rules, delete=False)  # nobody knows what else they have
    plan = plan_sync(
        source.items,
        dest.items,
        rules,
        records=records,
        same=same,
        named={*source.named, *source.failed},
        kept_in=dest.kept_in | holding(dest, {*clean, *restore.values()}),
    )
    work = Work(source, dest, folders, note, same, restore, clean, plan)
    if work.travels and desired.is_push:
        crew.files.require_upload()
    return work


def apply(
    desired: Desired, work: Work, crew: Crew, moving: Watch, deleting: Watch, timeout: float
) -> tuple[Outcome, int, Optional[NasError]]:
    """Carry the plan out: what was done, the bytes that travelled, and the failure that has stopped it.

    What is made and sent comes first; then, if all went well, what is deleted.

    :param moving: shows what travels.
    :param deleting: shows what is deleted.
    :param timeout: seconds that each job of the NAS may take.
    """
    outcome, tally = Outcome(failed=work.failed), Tally(len(work.travels), work.size_of(work.travels))
    phase = "uploading" if desired.is_push else "downloading"

    def show() -> None:
        moving.count(phase, tally.done_files, tally.files, tally.moving, tally.size)

    moves = sync.Moves(crew, work.source, work.dest, work.plan, outcome, tally, timeout, show)
    try:
        if desired.is_push:
            if work.note is not None:
                work.note.learn(work.source, work.dest, work.same, work.plan.delete)
            sync.Push(moves, work.note).run(work.folders, work.restore, work.clean)
            if not outcome.failed:
                sync.delete_there(moves, deleting)
        else:
            sync.Pull(moves, work.note).run(work.folders, work.clean)
            if not outcome.failed:
                sync.delete_here(moves)
    except NasError as error:
        error.unreachable = False  # it was read a moment ago
        if not (outcome.created or outcome.updated or outcome.deleted):
            raise
        return outcome, tally.bytes, error
    return outcome, tally.bytes, None


def first_of(failed: Mapping[str, NasError]) -> NasError:
    """The failure of the task, from those of its files."""
    path, first = next(iter(failed.items()))
    what = f"{len(failed)} files or folders" if len(failed) > 1 else repr(path)
    return NasError(
        first.kind,
        f"{what} could not be made the same, and nothing was deleted: {first.message}",
        vendor=first.vendor,
        call=first.call,
        path=first.path or path,
        code=first.code,
        hint=first.hint,
    )
