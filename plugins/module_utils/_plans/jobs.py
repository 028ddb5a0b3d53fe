# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What must be done to which jobs of the device, and how they are then: pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Optional

from .._core import model as _model
from .._core.errors import Kind, NasError
from .plan import Plan, Step

FINISHED = "finished"
PAUSED = "paused"
RUNNING = "running"
CANCELLED = "cancelled"
CLEARED = "cleared"
OVER = (_model.FINISHED, _model.FAILED)
UNKNOWN = "the device does not know this task (any more)"
DONE_BEFORE = "it was over already"
GONE = "the device has forgotten it meanwhile"


@dataclass(frozen=True)
class Desired:
    """Which tasks shall be in which state. None chooses all."""

    state: str
    ids: Optional[Sequence[str]] = None
    types: Optional[Sequence[str]] = None
    path: Optional[str] = None

    def chooses(self, job: _model.Job) -> bool:
        """Whether a task fits."""
        if self.ids is not None and job.id not in self.ids:
            return False
        if self.types is not None and job.type not in self.types:
            return False
        return self.path is None or (job.path is not None and f"{job.path}/".startswith(f"{self.path}/"))


@dataclass(frozen=True)
class Outlook:
    """What the result tells of a task."""

    job: _model.Job
    note: Optional[str] = None
    affected: bool = False

    def as_result(self) -> dict[str, Any]:
        """Its fields and the note."""
        return {**self.job.as_result(), "note": self.note}


@dataclass(frozen=True)
class JobStep(Step):
    """A change of one job.

    :param id: of the job.
    """

    id: str = ""


@dataclass(frozen=True)
class JobPlan(Plan):
    """The changes of jobs."""

    steps: tuple[JobStep, ...] = ()


def plan_jobs(desired: Desired, current: Sequence[_model.Job]) -> tuple[JobPlan, list[Outlook]]:
    """What must be done to which jobs, and how they are then.

    :param current: all jobs that the device knows, fitting or not.
    :raises NasError: for a task that shall be cleared and is not over.
    """
    chosen = [job for job in current if desired.chooses(job)]
    if desired.ids is None and desired.state != CLEARED:
        chosen = [job for job in chosen if job.state not in OVER]
    outlooks = [outlook(desired, job) for job in chosen]
    known = {job.id for job in current}
    outlooks += [Outlook(forgotten(job_id), UNKNOWN) for job_id in desired.ids or () if job_id not in known]
    outlooks = [one for one in outlooks if one.affected or desired.state != CLEARED or desired.ids is not None]
    affected = [one.job for one in outlooks if one.affected]
    states = {job.id: job.state for job in current}
    before = {job.id: {"state": states[job.id]} for job in affected}
    after = {job.id: {"state": "absent" if desired.state == CLEARED else job.state} for job in affected}
    steps = tuple(JobStep(desired.state, job.path or "", id=job.id) for job in affected)
    return JobPlan(steps, {"tasks": before}, {"tasks": after}), outlooks


def outlook(desired: Desired, job: _model.Job) -> Outlook:
    """How a job is once it has the desired state."""
    over = job.state in OVER
    if desired.state == FINISHED:
        return Outlook(job)
    if desired.state == CLEARED:
        if not over and desired.ids is not None:
            hint = "Wait for it with state finished, or cancel it"
            message = f"task {job.id} is {job.state}; only one that is over can be cleared"
            raise NasError(Kind.INVALID_ARGUMENT, message, path=job.path or "", hint=hint)
        return Outlook(job, affected=over)
    if over:
        return Outlook(job, DONE_BEFORE)
    differs = {
        PAUSED: job.state != _model.PAUSED,
        RUNNING: job.state == _model.PAUSED,
        CANCELLED: True,
    }[desired.state]
    return Outlook(replace(job, state=desired.state) if differs else job, affected=differs)


def forgotten(job_id: str) -> _model.Job:
    """A task of which nothing is known."""
    return _model.Job(job_id, "unknown", _model.FINISHED)


def seen(job: _model.Job, found: Mapping[str, _model.Job]) -> Outlook:
    """What became of a task by the device's latest list."""
    if job.id in found:
        return Outlook(found[job.id])
    return Outlook(replace(job, state=_model.FINISHED), GONE)
