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
  - Tasks are what a NAS carries out by itself, such as copying, packing, removing. This module takes them to the wanted state,
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
  - A QNAP forgets a copy or move when it has reported once that it is over, and says then what it says of one that has just begun. So
    O(state=finished) takes it for over when it hears nothing else for a minute. An extraction or packing that a QNAP does not know
    has failed for all that it tells.
  - A QNAP cannot tell whether a task is there. So check mode reports each one that shall be cancelled as changed, and so does a
    real run for a copy or move, of which a QNAP never says that it is over.
"""

EXAMPLES = r"""
- name: Nothing is being packed any more (Freebox, Synology)
  nasops.nas.nas_task:
    kind: [compress]

- name: These two are over, however they went (Freebox, Synology)
  nasops.nas.nas_task:
    id: ["285", "301"]
    ignore_failed: true
    wait_timeout: 600

- name: What nas_copy has begun with wait=false is over
  nasops.nas.nas_task:
    id: "{{ copied.tasks | map(attribute='id') }}"
    kind: "{{ copied.tasks | map(attribute='kind') | unique }}"

- name: No copying while people watch films (Freebox)
  nasops.nas.nas_task:
    kind: [copy, move]
    state: paused

- name: Copying may go on (Freebox)
  nasops.nas.nas_task:
    kind: [copy, move]
    state: running

- name: Nobody unpacks anything into this folder (Freebox, Synology)
  nasops.nas.nas_task:
    path: /home/scans
    kind: [extract]
    state: cancelled

- name: This one goes no further, also on a QNAP, which needs the id and the kind
  nasops.nas.nas_task:
    id: ["285"]
    kind: [copy]
    state: cancelled

- name: No traces of what is over (Freebox, Synology)
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

from collections.abc import Mapping, Sequence

from ..module_utils import _vendors
from ..module_utils._api.capabilities.jobs import Jobs
from ..module_utils._api.offers import Can
from ..module_utils._core import model as _model
from ..module_utils._core import paths as _paths
from ..module_utils._core.errors import usage
from ..module_utils._delivery.jobs import apply, require_success, wait
from ..module_utils._module.context import ModuleContext, Result
from ..module_utils._module.run import main as run_module
from ..module_utils._module.spec import WAIT_TIMEOUT, Spec
from ..module_utils._plans.jobs import (
    CANCELLED,
    CLEARED,
    FINISHED,
    PAUSED,
    RUNNING,
    Desired,
    plan_jobs,
)

NEEDED: Mapping[str, tuple[str, Can]] = {
    FINISHED: ("telling whether tasks are over", lambda nas: nas.jobs.features.list or nas.jobs.features.ask),
    PAUSED: ("pausing tasks", lambda nas: nas.jobs.features.pause),
    RUNNING: ("pausing tasks", lambda nas: nas.jobs.features.pause),
    CANCELLED: ("cancelling tasks", lambda nas: nas.jobs.features.cancel),
    CLEARED: ("clearing tasks", lambda nas: nas.jobs.features.clear),
}

SPEC = Spec(
    options={
        "id": {"type": "list", "elements": "str"},
        "kind": {"type": "list", "elements": "str"},
        "path": {"type": "str"},
        "state": {"type": "str", "choices": [FINISHED, PAUSED, RUNNING, CANCELLED, CLEARED], "default": FINISHED},
        "ignore_failed": {"type": "bool", "default": False},
        **WAIT_TIMEOUT,
    },
    needs=(Jobs,),
    paths=("path",),
)


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
    named = [f"task {step.id}" for step in plan.steps] or ["tasks"]
    tasks = [one.as_result() for one in outlooks]
    return context.finish(plan, named, changed=bool(affected), tasks=tasks, affected=affected)


def read_desired(context: ModuleContext) -> Desired:
    """The options, checked before any call."""
    params = context.params
    vendor, state = params["vendor"], params["state"]
    features = context.client.jobs.features
    _vendors.require(vendor, *NEEDED[state])
    nothing = state == FINISHED and params["id"] == []
    for option in ("id", "kind"):
        if params[option] is not None and ("" in params[option] or not (params[option] or nothing)):
            raise usage(f"option {option}: {params[option]!r} names nothing", hint="Leave it out to choose all")
    if params["path"] is not None:
        _paths.check(params["path"], "path")
    if params["wait_timeout"] < 0:
        raise usage(f"option wait_timeout: {params['wait_timeout']} is negative", hint="Give seconds")
    if state == CANCELLED and not (params["id"] or params["kind"] or params["path"]):
        hint = "Choose the tasks by id, kind or path; they may be those of others"
        raise usage("state cancelled without a choice would stop all tasks of the device", hint=hint)
    ids = None if params["id"] is None else _paths.unique(params["id"])
    named = ids is not None and len(params["kind"] or ()) == 1 and params["path"] is None
    if not features.list and not (nothing or named):
        hint = "Give the ids in id and the kind that they have in kind, and no path"
        raise usage(f"{vendor} cannot tell which tasks there are", hint=hint)
    return Desired(state, ids, params["kind"], params["path"])


def read_current(jobs: Jobs, desired: Desired) -> Sequence[_model.Job]:
    """All that the device knows; where it cannot tell, what what is desired says of its ids."""
    if jobs.features.list and desired.ids != []:
        return jobs.list()
    job_type = (desired.types or ("unknown",))[0]
    return [_model.Job(job_id, job_type, _model.RUNNING) for job_id in desired.ids or ()]


def main() -> None:
    """Run as a module that was shipped to a host."""
    run_module(SPEC, run)


if __name__ == "__main__":
    main()
