#!/usr/bin/python
# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: nas_task
version_added: 1.0.0
short_description: Wait for, pause, resume, cancel and clear the long operations of a NAS
description:
  - Tasks are what a NAS carries out by itself, such as copying, packing, removing. This module takes them to the wished state,
    whoever started them.
  - A task is chosen by O(id), O(kind) and O(path); it must fit all that are given.
author:
  - The nasops.nas authors (@nasops)
extends_documentation_fragment:
  - nasops.nas.nas
  - nasops.nas.nas.attributes
options:
  id:
    description:
      - The tasks, by the ids that the NAS gave them, such as other modules return with C(wait=false). All when omitted; with
        O(state=finished) none for an empty list.
      - NAS devices forget tasks that are over. One that is not known (any more) counts as finished, with a note in RV(tasks).
    type: list
    elements: str
  kind:
    description:
      - Only tasks of these kinds, such as V(assemble), V(checksum), V(compress), V(copy), V(delete), V(extract), V(move),
        V(repair).
      - A QNAP cannot tell what runs. There O(id) and the one kind that these ids are of are needed. O(state=finished) is for
        V(copy), V(move), V(extract) and V(compress), O(state=cancelled) for these, V(restore) and V(transcode).
    type: list
    elements: str
  path:
    description:
      - Only tasks about this file or folder, or about what lies in it. It is the path that RV(tasks) tells.
    type: str
  state:
    description:
      - V(finished) waits until the tasks are over, and changes nothing; it does not look at what they made. With O(id) a task that
        had failed already counts too; else only those that were not over at the beginning are waited for. Check mode does not
        wait.
      - V(paused) holds tasks, V(running) lets those that were paused go on. Only a Freebox can do that. A task that is over is
        left alone, with a note.
      - V(cancelled) stops tasks that are not over. What they have done already stays done. It needs O(id), O(kind) or O(path).
      - V(cleared) makes the NAS forget tasks that are over. One named by O(id) that is not over is an error. A QNAP forgets by
        itself.
    type: str
    choices: [finished, paused, running, cancelled, cleared]
    default: finished
  ignore_failed:
    description:
      - Whether O(state=finished) takes a task that failed for one that is over. Without it, it is an error.
      - A Synology seldom tells in its list of tasks that one failed; it then counts as finished.
    type: bool
    default: false
  wait_timeout:
    description:
      - Seconds that O(state=finished) waits at most, time in the device's queue included. Then it fails, and the tasks go on.
    type: int
    default: 3600
seealso:
  - module: nasops.nas.nas_archive
  - module: nasops.nas.nas_copy
  - module: nasops.nas.nas_info
notes:
  - A QNAP forgets a copy or move when it has told once that it is over, and says then what it says of one that has just begun. So
    O(state=finished) takes it for over when it hears nothing else for a minute. An extraction or packing that a QNAP does not know
    has failed for all that it tells.
  - A QNAP cannot tell whether a task is there. So check mode reports each one that shall be cancelled as changed, and so does a
    real run for a copy or move, of which a QNAP never says that it is over.
"""

EXAMPLES = r"""
- name: Nothing is being packed any more
  nasops.nas.nas_task:
    kind: [compress]

- name: These two are over, however they went
  nasops.nas.nas_task:
    id: ["285", "301"]
    ignore_failed: true
    wait_timeout: 600

- name: What nas_copy has begun with wait=false is over
  nasops.nas.nas_task:
    id: "{{ copied.tasks | map(attribute='id') }}"
    kind: "{{ copied.tasks | map(attribute='kind') | unique }}"

- name: No copying while people watch films
  nasops.nas.nas_task:
    kind: [copy, move]
    state: paused

- name: Copying may go on
  nasops.nas.nas_task:
    kind: [copy, move]
    state: running

- name: Nobody unpacks anything into this folder
  nasops.nas.nas_task:
    path: /home/scans
    kind: [extract]
    state: cancelled

- name: This one goes no further, also on a QNAP, which needs the id and the kind
  nasops.nas.nas_task:
    id: ["285"]
    kind: [copy]
    state: cancelled

- name: No traces of what is over
  nasops.nas.nas_task:
    state: cleared
"""

RETURN = r"""
tasks:
  description:
    - The tasks that were chosen, in their state at the end (in check mode, the state that they would have).
    - What the device does not tell is null.
  type: list
  elements: dict
  returned: success
  contains:
    id:
      description: The id of the task.
      type: str
    kind:
      description: What it does, such as V(copy), V(delete), V(extract).
      type: str
    state:
      description: One of V(queued), V(running), V(paused), V(finished), V(failed) and V(cancelled).
      type: str
    path:
      description: What it is about, if the device tells.
      type: str
    done:
      description: How much of C(total) is done, in bytes, files or percent as the vendor counts.
      type: int
    total:
      description: How much there is to do.
      type: int
    error:
      description: The vendor's code of a failure.
      type: str
    note:
      description: What is special about it.
      type: str
    created:
      description: When somebody asked for it, in seconds since 1970-01-01 UTC (Freebox, Synology).
      type: int
    created_iso:
      description: The same as a date and time in UTC.
      type: str
    started:
      description: When the device began with it, in seconds since 1970-01-01 UTC (Freebox).
      type: int
    started_iso:
      description: The same as a date and time in UTC.
      type: str
    ended:
      description: When it was over, in seconds since 1970-01-01 UTC (Freebox).
      type: int
    ended_iso:
      description: The same as a date and time in UTC.
      type: str
    rate:
      description: How many bytes a second it works through at the moment (Freebox).
      type: int
    eta:
      description: How many seconds are left, as the device thinks (Freebox).
      type: int
    files_done:
      description: How many files are done (Freebox; Synology for what it deletes).
      type: int
    files_total:
      description: How many files there are to do (Freebox; Synology for what it deletes).
      type: int
    bytes_done:
      description: How many bytes are done (Freebox; Synology for what it copies and moves).
      type: int
    bytes_total:
      description: How many bytes there are to do (Freebox; Synology for what it copies and moves).
      type: int
    processing:
      description: The file that it works on at the moment, as the vendor writes its path (Freebox, Synology).
      type: str
  sample:
    - {id: "301", kind: copy, state: finished, path: /home/films, done: 100, total: 100, error: null, note: null}
affected:
  description: The ids of the tasks that were paused, resumed, cancelled or cleared (in check mode, would be).
  type: list
  elements: str
  returned: success
  sample: ["301"]
failure:
  description:
    - What went wrong. C(kind) is a word such as V(not_found), V(permission_denied), V(authentication), V(usage);
      C(vendor), C(call), C(code) and C(path) say where, by the names of the vendor's document; C(hint) says what to do.
  type: dict
  returned: on failure of a call or of the checks before
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Optional

from ..module_utils import _vendors
from ..module_utils._api import lost_answers
from ..module_utils._api.capabilities import Jobs
from ..module_utils._api.client import unsupported
from ..module_utils._core import model as _model
from ..module_utils._core import paths as _paths
from ..module_utils._core.errors import Kind, NasError, usage
from ..module_utils._core.waiting import pauses
from ..module_utils._module.context import ModuleContext, Result
from ..module_utils._module.run import main as run_module
from ..module_utils._module.spec import Spec
from ..module_utils._plans.plan import Plan, Step

FINISHED = "finished"
PAUSED = "paused"
RUNNING = "running"
CANCELLED = "cancelled"
CLEARED = "cleared"
NEEDED = {
    FINISHED: ({"list", "ask"}, "telling whether tasks are over"),
    PAUSED: ({"pause"}, "pausing tasks"),
    RUNNING: ({"pause"}, "pausing tasks"),
    CANCELLED: ({"cancel"}, "cancelling tasks"),
    CLEARED: ({"clear"}, "clearing tasks"),
}
OVER = (_model.FINISHED, _model.FAILED)
UNKNOWN = "the device does not know this task (any more)"
DONE_BEFORE = "it was over already"
GONE = "the device has forgotten it meanwhile"

SPEC = Spec(
    options={
        "id": {"type": "list", "elements": "str"},
        "kind": {"type": "list", "elements": "str"},
        "path": {"type": "str"},
        "state": {"type": "str", "choices": [FINISHED, PAUSED, RUNNING, CANCELLED, CLEARED], "default": FINISHED},
        "ignore_failed": {"type": "bool", "default": False},
        "wait_timeout": {"type": "int", "default": 3600},
    },
    needs=("jobs",),
    paths=("path",),
)


@dataclass(frozen=True)
class Desired:
    """Which tasks shall be in which state. None chooses all."""

    state: str
    ids: Optional[Sequence[str]] = None
    kinds: Optional[Sequence[str]] = None
    path: Optional[str] = None

    def chooses(self, job: _model.Job) -> bool:
        """Whether a task fits."""
        if self.ids is not None and job.id not in self.ids:
            return False
        if self.kinds is not None and job.kind not in self.kinds:
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


def plan_jobs(desired: Desired, current: Sequence[_model.Job]) -> tuple[Plan, list[Outlook]]:
    """What must be done to which tasks, and how they are then.

    :param present: all tasks that the device knows, fitting or not.
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
    steps = tuple(Step(desired.state, job.id) for job in affected)
    return Plan(steps, {"tasks": before}, {"tasks": after}), outlooks


def outlook(desired: Desired, job: _model.Job) -> Outlook:
    """How a task is when it has got what is wished."""
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
            message = f"after {timeout:g} s task {first.id} ({first.kind}) is still {first.state}, and goes on"
            hint = "Raise the option wait_timeout, or let it run with state running"
            raise NasError(Kind.TIMEOUT, message, path=first.path or "", hint=hint)
        time.sleep(next(pause))
        found = {job.id: job for job in asked(jobs, pending)}
        latest = [one if one.job.state in OVER else seen(one.job, found) for one in latest]


def asked(jobs: Jobs, pending: Sequence[_model.Job]) -> list[_model.Job]:
    """How tasks are now, without those that the device has forgotten; where it has a list, all that are on it."""
    if "list" in jobs.features:
        return jobs.list()
    found = [jobs.get(one.id, one.kind) for one in pending]
    return [job for job in found if job is not None]


def seen(job: _model.Job, found: Mapping[str, _model.Job]) -> Outlook:
    """What became of a task by the device's latest list."""
    if job.id in found:
        return Outlook(found[job.id])
    return Outlook(replace(job, state=_model.FINISHED), GONE)


def require_success(outlooks: Sequence[Outlook]) -> None:
    """:raises NasError: for the first task that failed."""
    for job in (one.job for one in outlooks):
        if job.state == _model.FAILED:
            message = f"the device's task {job.id} ({job.kind}) failed"
            hint = "Set ignore_failed to true if this does not matter"
            raise NasError(Kind.DEVICE, message, path=job.path or "", code=job.error or "", hint=hint)


def read_desired(context: ModuleContext) -> Desired:
    """The options, checked before any call."""
    params = context.params
    vendor, state = params["vendor"], params["state"]
    features = context.client.jobs.features
    some, what = NEEDED[state]
    if not some & features:
        raise unsupported(vendor, what, _vendors.vendors_with("jobs", lambda jobs: bool(some & jobs.features)))
    nothing = state == FINISHED and params["id"] == []
    for option in ("id", "kind"):
        if params[option] is not None and ("" in params[option] or not (params[option] or nothing)):
            raise usage(f"option {option}: {params[option]!r} names nothing", hint="Leave it out to choose all")
    if params["path"] is not None:
        _paths.check(params["path"], "path")
    if params["wait_timeout"] < 0:
        raise usage(f"option wait_timeout: {params['wait_timeout']} is less than no time", hint="Give seconds")
    if state == CANCELLED and not (params["id"] or params["kind"] or params["path"]):
        hint = "Choose the tasks by id, kind or path; they may be those of others"
        raise usage("state cancelled without a choice would stop all tasks of the device", hint=hint)
    ids = None if params["id"] is None else _paths.unique(params["id"])
    named = ids is not None and len(params["kind"] or ()) == 1 and params["path"] is None
    if "list" not in features and not (nothing or named):
        hint = "Give the ids in id and the kind that they have in kind, and no path"
        raise usage(f"{vendor} cannot tell which tasks there are", hint=hint)
    return Desired(state, ids, params["kind"], params["path"])


def read_current(jobs: Jobs, desired: Desired) -> Sequence[_model.Job]:
    """All that the device knows; where it cannot tell, what the wish says of its ids."""
    if "list" in jobs.features and desired.ids != []:
        return jobs.list()
    kind = (desired.kinds or ("unknown",))[0]
    return [_model.Job(job_id, kind, _model.RUNNING) for job_id in desired.ids or ()]


def apply(jobs: Jobs, plan: Plan, outlooks: Sequence[Outlook]) -> list[Outlook]:
    """Carry the plan out, and see by the device's list whether it came true.

    Returns the outlook with what was over before it could be reached.
    """
    missed: dict[str, Outlook] = {}
    cleared = plan.paths(CLEARED)
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
            now = jobs.get(one.job.id) if "list" in jobs.features else None
            if (now is not None and now.state not in OVER) or (now is None and error.kind is not Kind.NOT_FOUND):
                raise
            over = now if now is not None else replace(one.job, state=_model.FINISHED)
            missed[one.job.id] = Outlook(over, GONE if now is None else DONE_BEFORE)
    if "list" in jobs.features:
        found = {job.id: job for job in jobs.list()}
        for step in plan.steps:
            if step.path in found and step.path not in missed:
                _require(step.do, found[step.path])
    return [missed.get(one.job.id, one) for one in outlooks]


def _change(jobs: Jobs, job: _model.Job) -> None:
    state = job.state

    def act() -> None:
        if state == PAUSED:
            jobs.pause(job.id)
        elif state == RUNNING:
            jobs.resume(job.id)
        else:
            jobs.cancel(job.id, job.kind)

    def is_done() -> bool:
        now = jobs.get(job.id, job.kind)
        wished = state if state in (PAUSED, RUNNING) else CANCELLED
        return wished == CANCELLED if now is None else _shows(wished, now)

    lost_answers.done(act, is_done)


def _shows(state: str, job: _model.Job) -> bool:
    """Whether a task is as it was wished."""
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


def run(context: ModuleContext) -> Result:
    """The result of the task."""
    desired = read_desired(context)
    jobs = context.client.jobs
    plan, outlooks = plan_jobs(desired, read_current(jobs, desired))
    if desired.path is not None and not outlooks:
        context.saw({desired.path: None})
    if desired.state == FINISHED:
        if not context.check_mode:
            outlooks = wait(jobs, outlooks, context.params["wait_timeout"])
            if not context.params["ignore_failed"]:
                require_success(outlooks)
    elif plan.changed and not context.check_mode:
        outlooks = apply(jobs, plan, outlooks)
    affected = [one.job.id for one in outlooks if one.affected]
    result: Result = {
        "changed": bool(affected),
        "tasks": [one.as_result() for one in outlooks],
        "affected": affected,
    }
    context.show_change(result, plan, [f"task {step.path}" for step in plan.steps] or ["tasks"])
    return result


def main() -> None:
    """Run as a module that was shipped to a host."""
    run_module(SPEC, run)


if __name__ == "__main__":
    main()
