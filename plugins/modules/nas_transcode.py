#!/usr/bin/python
# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: nas_transcode
version_added: 1.0.0
short_description: Manage the renditions of films on a NAS
description:
  - Has the media library of a NAS make versions of films in other resolutions, waits for them, or removes them.
  - The NAS works off a queue, one film after the other. The films themselves are never changed.
  - Only QNAP offers this.
author:
  - The nasops.nas authors (@nasops)
extends_documentation_fragment:
  - nasops.nas.nas
  - nasops.nas.nas.attributes
attributes:
  idempotent:
    support: partial
    description: When run twice in a row outside C(check_mode), the second run changes nothing.
    details: With O(delete=pictures) and O(delete=all) each run removes the pictures and reports a change, since the NAS does not tell
      whether there are any.
options:
  path:
    description:
      - The films, each from the share on, such as V(/share/folder/name.mp4). Give either this or O(clear_queue).
    type: list
    elements: str
  state:
    description:
      - V(queued) puts the films into the queue that lack a wanted rendition and are not in the queue yet.
      - V(finished) does the same, and waits until the renditions are there. Waiting for what was in the queue already is
        no change.
      - V(unqueued) takes the films off the queue, and stops the NAS where it is at work on one.
      - V(absent) does the same, and removes all renditions of the films, in whatever resolution, or what else O(delete) names.
    type: str
    choices: [queued, finished, unqueued, absent]
    default: queued
  resolutions:
    description:
      - The heights in lines that are wanted. Only for O(state=queued) and O(state=finished), where V([360, 720]) is meant
        when omitted.
      - V(720) counts as there in either of the formats that the NAS makes of it, C(mp4_720) and C(flv_720).
      - A QNAP does not show renditions of V(240). They count as there when the queue says that the film is finished.
    type: list
    elements: int
    choices: [240, 360, 720]
  first:
    description:
      - Whether films are put before all that waits in the queue.
    type: bool
    default: false
  delete:
    description:
      - What O(state=absent) removes.
      - V(videos) are the renditions.
      - V(pictures) are the small pictures that the NAS has made of the films, which it makes again when it needs them. The films
        stay in the queue then.
      - V(all) are both.
    type: str
    choices: [videos, pictures, all]
    default: videos
  clear_queue:
    description:
      - Takes films off the queue of the NAS, whoever put them there. The renditions stay.
      - V(finished) are those that are done.
      - V(unfinished) are all others, those that wait, that failed, and the one that the NAS is at work on.
    type: list
    elements: str
    choices: [finished, unfinished]
  wait_timeout:
    description:
      - Seconds that O(state=finished) waits once the NAS is at work. Then what this task has queued is taken off the queue
        again. Time that a film waits behind others does not count.
    type: int
    default: 3600
seealso:
  - module: nasops.nas.nas_fetch
  - module: nasops.nas.nas_task
"""

EXAMPLES = r"""
- name: Versions for phones, whenever the NAS finds time
  nasops.nas.nas_transcode:
    path:
      - /Multimedia/2026/party.mp4
      - /Multimedia/2026/snow.mov
    resolutions: [360]

- name: Both resolutions, now
  nasops.nas.nas_transcode:
    path: [/Multimedia/2026/party.mp4]
    state: finished
    first: true
    wait_timeout: 7200

- name: Not after all
  nasops.nas.nas_transcode:
    path: [/Multimedia/2026/snow.mov]
    state: unqueued

- name: No trace of what is done
  nasops.nas.nas_transcode:
    clear_queue: [finished]

- name: The space is needed for something else
  nasops.nas.nas_transcode:
    path: [/Multimedia/2026/party.mp4]
    state: absent
"""

RETURN = r"""
queued:
  description: The films that were put into the queue (in check mode, would be).
  type: list
  elements: str
  returned: always
unqueued:
  description: The films that were taken off the queue (in check mode, would be).
  type: list
  elements: str
  returned: always
cleared:
  description: The films that O(clear_queue) took off the queue (in check mode, would take).
  type: list
  elements: str
  returned: always
deleted:
  description: The films whose renditions, or what else O(delete) names, were removed (in check mode, would be).
  type: list
  elements: str
  returned: always
renditions:
  description: The formats that are there of each film, by its path, after the task. In check mode, those before it.
  type: dict
  returned: always
  sample: {"/Multimedia/2026/party.mp4": [flv_720, mp4_360, mp4_720]}
failure:
  description:
    - What went wrong. C(kind) is a word such as V(not_found), V(permission_denied), V(authentication), V(usage);
      C(vendor), C(call), C(code) and C(path) say where, by the names of the vendor's document; C(hint) says what to do.
  type: dict
  returned: on failure of a call or of the checks before
"""

from ..module_utils._api.capabilities.transcoding import Transcoding
from ..module_utils._api.files import Files
from ..module_utils._core import paths as _paths
from ..module_utils._core.errors import Kind, NasError, usage
from ..module_utils._delivery.transcode import apply, still, take_off, wait
from ..module_utils._module.context import ModuleContext, Result
from ..module_utils._module.run import main as run_module
from ..module_utils._module.spec import WAIT_TIMEOUT, Spec
from ..module_utils._plans.plan import Plan
from ..module_utils._plans.transcode import (
    ABSENT,
    ADD,
    ALL,
    DELETE,
    DESIRED_FINISHED,
    DESIRED_QUEUED,
    PICTURES,
    REMOVE,
    UNQUEUED,
    USUAL,
    VIDEOS,
    Current,
    Desired,
    doomed,
    plan_transcode,
)

STATES = (DESIRED_QUEUED, DESIRED_FINISHED, UNQUEUED, ABSENT)
RESOLUTIONS = (240, 360, 720)
CLEARED = ("finished", "unfinished")

SPEC = Spec(
    options={
        "path": {"type": "list", "elements": "str"},
        "state": {"type": "str", "choices": list(STATES), "default": DESIRED_QUEUED},
        "resolutions": {"type": "list", "elements": "int", "choices": list(RESOLUTIONS)},
        "first": {"type": "bool", "default": False},
        "delete": {"type": "str", "choices": [VIDEOS, PICTURES, ALL], "default": VIDEOS},
        "clear_queue": {"type": "list", "elements": "str", "choices": list(CLEARED)},
        **WAIT_TIMEOUT,
    },
    rules={"mutually_exclusive": [("path", "clear_queue")], "required_one_of": [("path", "clear_queue")]},
    needs=(Transcoding, Files),
    paths=("path",),
    by_state={
        DESIRED_QUEUED: ("resolutions", "first"),
        DESIRED_FINISHED: ("resolutions", "first"),
        UNQUEUED: (),
        ABSENT: ("delete",),
    },
)


def run(context: ModuleContext) -> Result:
    """The result of the task."""
    if context.params["clear_queue"] is not None:
        return clear(context)
    desired = read_desired(context)
    current = read_current(context, desired)
    plan = plan_transcode(desired, current)
    for path in desired.paths:
        if desired.may_be_created_earlier and current.at[path] is None and path in plan.paths(ADD):
            context.not_yet(path)
    renditions = current.renditions
    if not context.check_mode:
        if plan.changed:
            apply(context.client.transcoding, desired, plan, current)
        films = [path for path in desired.paths if current.lacking(path, desired)]
        if desired.state == DESIRED_FINISHED and films:
            watch = context.timed_watch("transcoding")
            wait(context.client.transcoding, desired, films, plan.paths(ADD), watch)
            renditions = context.client.transcoding.renditions(desired.paths)
        gone = plan.paths(DELETE) if desired.delete != PICTURES else []
        renditions = {path: {} if path in gone else formats for path, formats in renditions.items()}
    return context.finish(
        plan,
        desired.paths,
        queued=plan.paths(ADD),
        unqueued=plan.paths(REMOVE),
        cleared=[],
        deleted=plan.paths(DELETE),
        renditions={path: sorted(formats) for path, formats in renditions.items()},
    )


def clear(context: ModuleContext) -> Result:
    """Clear the queue, and make sure of it.

    :raises NasError: `DEVICE` when something is still there.
    """
    params, transcoding = context.params, context.client.transcoding
    for option in ("state", "resolutions", "first", "delete"):
        if params[option] != SPEC.options[option].get("default"):
            raise usage(f"option {option} makes no sense with clear_queue", hint="Remove one of them")
    queue = transcoding.queue()
    going = doomed(queue, params["clear_queue"])
    if not context.check_mode:
        for which in CLEARED:
            if which in params["clear_queue"] and doomed(queue, [which]):
                take_off(transcoding, queue, which)
        left = still(transcoding, queue, params["clear_queue"]) if going else []
        if left:
            message = "the device reported success, but this is still in the queue"
            raise NasError(Kind.DEVICE, message, path=left[0].path or "", hint="Run the task again")
    paths = _paths.unique(row.path for row in going if row.path)
    result: Result = {"queued": [], "unqueued": [], "cleared": paths, "deleted": [], "renditions": {}}
    kept = [row for row in queue if row not in going]
    before, after = ({"queue": [{"path": row.path, "state": row.state} for row in rows]} for rows in (queue, kept))
    return context.finish(Plan((), before, after), paths or ["queue"], changed=bool(going), **result)


def read_desired(context: ModuleContext) -> Desired:
    """The options, checked before any call."""
    params = context.params
    paths = _paths.unique(map(_paths.check, params["path"]))
    for path in paths:
        if _paths.is_share(path):
            raise _paths.bad(path, "path", "is a share, not a film", "Name the films in the share")
    resolutions = params["resolutions"]
    if resolutions is not None and not resolutions and params["state"] in (DESIRED_QUEUED, DESIRED_FINISHED):
        raise usage("option resolutions: [] asks for nothing", hint="Give some of 240, 360, 720, or leave it out")
    shown = context.client.transcoding.features.shown
    wanted = sorted(set(resolutions or USUAL))
    return Desired(paths, params["state"], wanted, shown, params["delete"], params["first"], context.check_mode)


def read_current(context: ModuleContext, desired: Desired) -> Current:
    """What there is; the queue is only asked for when something depends on it."""
    at = context.client.files.stat(desired.paths)
    context.saw(at)
    films = [path for path, entry in at.items() if entry is not None and not entry.is_folder]
    transcoding = context.client.transcoding
    renditions = transcoding.renditions(films) if films and desired.state != UNQUEUED else {}
    without_queue = Current(at, renditions)
    making = desired.state in (DESIRED_QUEUED, DESIRED_FINISHED)
    if making and len(films) == len(at) and not any(without_queue.lacking(path, desired) for path in films):
        return without_queue
    return Current(at, renditions, transcoding.queue())


def main() -> None:
    """Run as a module that was shipped to a host."""
    run_module(SPEC, run)


if __name__ == "__main__":
    main()
