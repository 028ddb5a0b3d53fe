# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes the device's jobs, waits for them, and sees by the device's list whether it came true."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

from .._api import lost_answers
from .._api.capabilities.jobs import Jobs
from .._core import model as _model
from .._core.errors import Kind, NasError
from .._core.waiting import pauses
from .._plans.jobs import CANCELLED, CLEARED, DONE_BEFORE, GONE, OVER, PAUSED, RUNNING, JobPlan, Outlook, seen


def wait(jobs: Jobs, waited: Sequence[Outlook], timeout: float) -> list[Outlook]:
    """Ask for the tasks with growing pauses until all that are waited for are over or gone.

    :raises NasError: `TIMEOUT`; the tasks go on.
    """
    latest = list(waited)
    pause, end = pauses(), time.monotonic() + timeout
    while True:
        pending = [one.job for one in latest if one.job.state not in OVER]
        if not pending:
            return latest
        if time.monotonic() > end:
            first = pending[0]
            message = f"after {timeout:g} s task {first.id} ({first.type}) is still {first.state}, and goes on"
            hint = "Raise the option wait_timeout, or let it run with state running"
            raise NasError(Kind.TIMEOUT, message, path=first.path or "", hint=hint)
        time.sleep(next(pause))
        found = {job.id: job for job in asked(jobs, pending)}
        latest = [one if one.job.state in OVER else seen(one.job, found) for one in latest]


def asked(jobs: Jobs, pending: Sequence[_model.Job]) -> list[_model.Job]:
    """How tasks are now, without those that the device has forgotten; where it has a list, all that are on it."""
    if jobs.features.list:
        return jobs.list()
    found = [jobs.get(one.id, one.type) for one in pending]
    return [job for job in found if job is not None]


def require_success(outlooks: Sequence[Outlook]) -> None:
    """:raises NasError: for the first task that failed."""
    for job in (one.job for one in outlooks):
        if job.state == _model.FAILED:
            message = f"the device's task {job.id} ({job.type}) failed"
            hint = "Set ignore_failed to true if this does not matter"
            raise NasError(Kind.DEVICE, message, path=job.path or "", code=job.error or "", hint=hint)


def apply(jobs: Jobs, plan: JobPlan, outlooks: Sequence[Outlook]) -> list[Outlook]:
    """Carry the plan out, and see by the device's list whether it came true.

    Returns the outlook with what was over before it could be reached.
    """
    missed: dict[str, Outlook] = {}
    cleared = [step.id for step in plan.steps if step.do == CLEARED]
    if cleared:
        lost_answers.done(lambda: jobs.clear(cleared), lambda: not any(job.id in cleared for job in jobs.list()))
    for one in outlooks:
        if not one.affected or one.job.id in cleared:
            continue
        try:
            _change(jobs, one.job)
        except NasError as error:
            # It may have come to its end meanwhile, which devices tell in different ways.
            if error.kind not in (Kind.NOT_FOUND, Kind.INVALID_ARGUMENT):
                raise
            now = jobs.get(one.job.id) if jobs.features.list else None
            if (now is not None and now.state not in OVER) or (now is None and error.kind is not Kind.NOT_FOUND):
                raise
            over = now if now is not None else replace(one.job, state=_model.FINISHED)
            missed[one.job.id] = Outlook(over, GONE if now is None else DONE_BEFORE)
    if jobs.features.list:
        found = {job.id: job for job in jobs.list()}
        for step in plan.steps:
            if step.id in found and step.id not in missed:
                _require(step.do, found[step.id])
    return [missed.get(one.job.id, one) for one in outlooks]


def _change(jobs: Jobs, job: _model.Job) -> None:
    state = job.state

    def act() -> None:
        if state == PAUSED:
            jobs.pause(job.id)
        elif state == RUNNING:
            jobs.resume(job.id)
        else:
            jobs.cancel(job.id, job.type)

    def is_done() -> bool:
        now = jobs.get(job.id, job.type)
        wanted = state if state in (PAUSED, RUNNING) else CANCELLED
        return wanted == CANCELLED if now is None else _shows(wanted, now)

    lost_answers.done(act, is_done)


def _shows(state: str, job: _model.Job) -> bool:
    """Whether a job has the state that was asked for."""
    return {
        PAUSED: job.state in (_model.PAUSED, *OVER),
        RUNNING: job.state != _model.PAUSED,
        CANCELLED: job.state in OVER,
        CLEARED: False,
    }[state]


def _require(state: str, job: _model.Job) -> None:
    """:raises NasError: when the device has not done what it said."""
    if not _shows(state, job):
        message = f"the device reported success, but task {job.id} is {job.state}"
        raise NasError(Kind.DEVICE, message, path=job.path or "", hint="Run the task again")
