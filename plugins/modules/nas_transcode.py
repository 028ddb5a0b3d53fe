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
      - V(queued) puts the films into the queue that lack a wished rendition and are not in the queue yet.
      - V(finished) does the same, and waits until the renditions are there. Waiting for what was in the queue already is
        no change.
      - V(unqueued) takes the films off the queue, and stops the NAS where it is at work on one.
      - V(absent) does the same, and removes all renditions of the films, in whatever resolution, or what else O(delete) names.
    type: str
    choices: [queued, finished, unqueued, absent]
    default: queued
  resolutions:
    description:
      - The heights in lines that are wished. Only for O(state=queued) and O(state=finished), where V([360, 720]) is meant
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

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Optional

from ..module_utils._api import lost_answers
from ..module_utils._api.capabilities import Transcoding
from ..module_utils._core import paths as _paths
from ..module_utils._core.errors import Kind, NasError, usage
from ..module_utils._core.model import FAILED, FINISHED, QUEUED, RUNNING, Entry, Job
from ..module_utils._module.context import ModuleContext, Result
from ..module_utils._module.run import main as run_module
from ..module_utils._module.spec import Spec
from ..module_utils._plans.plan import Plan, Step

DESIRED_QUEUED = "queued"
DESIRED_FINISHED = "finished"
UNQUEUED = "unqueued"
ABSENT = "absent"
STATES = (DESIRED_QUEUED, DESIRED_FINISHED, UNQUEUED, ABSENT)
RESOLUTIONS = (240, 360, 720)
USUAL = (360, 720)
ADD = "queue"
REMOVE = "unqueue"
DELETE = "delete"
PENDING = (QUEUED, RUNNING)
VIDEOS = "videos"
PICTURES = "pictures"
ALL = "all"
CLEARED = ("finished", "unfinished")

SPEC = Spec(
    options={
        "path": {"type": "list", "elements": "str"},
        "state": {"type": "str", "choices": list(STATES), "default": DESIRED_QUEUED},
        "resolutions": {"type": "list", "elements": "int", "choices": list(RESOLUTIONS)},
        "first": {"type": "bool", "default": False},
        "delete": {"type": "str", "choices": [VIDEOS, PICTURES, ALL], "default": VIDEOS},
        "clear_queue": {"type": "list", "elements": "str", "choices": list(CLEARED)},
        "wait_timeout": {"type": "int", "default": 3600},
    },
    rules={"mutually_exclusive": [("path", "clear_queue")], "required_one_of": [("path", "clear_queue")]},
    needs=("transcoding", "files"),
    paths=("path",),
)


@dataclass(frozen=True)
class Desired:
    """What a task wants of some films.

    :param shown: the resolutions that the device tells about.
    """

    paths: Sequence[str]
    state: str
    resolutions: Sequence[int] = USUAL
    shown: frozenset[int] = frozenset(USUAL)
    delete: str = VIDEOS
    may_be_created_earlier: bool = False  # check mode: an earlier task may have promised a film that is missing


@dataclass(frozen=True)
class Current:
    """What there is.

    :param at: what is at each path.
    :param renditions: the lines of each format that is there, by path; without the films that are not there.
    :param queue: the queue's rows, of all films.
    """

    at: Mapping[str, Optional[Entry]]
    renditions: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    queue: Sequence[Job] = ()

    def row(self, path: str) -> Optional[Job]:
        """The queue's row of a film: one that is not done before one that is, the last before those before it."""
        rows = [row for row in self.queue if row.path == path]
        pending = [row for row in rows if row.state in PENDING]
        return (pending or rows)[-1] if rows else None

    def state(self, path: str) -> Optional[str]:
        """What the queue says about a film, None when it says nothing."""
        row = self.row(path)
        return row.state if row is not None else None

    def lacking(self, path: str, desired: Desired) -> list[int]:
        """The wished resolutions that a film has no rendition in, as far as the device tells."""
        made = set(self.renditions.get(path, {}).values())
        if self.state(path) == FINISHED:
            made |= set(desired.resolutions) - desired.shown
        return [lines for lines in desired.resolutions if lines not in made]


def plan_transcode(desired: Desired, current: Current) -> Plan:
    """The steps from what is there to what is wished.

    :raises NasError: for a folder, and for a film that is not there and shall have renditions.
    """
    steps: list[Step] = []
    for path in desired.paths:
        entry, state = current.at[path], current.state(path)
        if entry is not None and entry.is_folder:
            raise NasError(Kind.WRONG_TYPE, "this is a folder, not a film", path=path, hint="Name the films in it")
        if desired.state in (DESIRED_QUEUED, DESIRED_FINISHED):
            if entry is None and not desired.may_be_created_earlier:
                raise NasError(Kind.NOT_FOUND, "there is no such film", path=path, hint="Check the path")
            if state not in PENDING and current.lacking(path, desired):
                steps.append(Step(ADD, path))
            continue
        if desired.state == ABSENT and desired.delete == PICTURES:
            steps += [Step(DELETE, path)] if entry is not None else []
            continue
        made = bool(current.renditions.get(path))
        # That the queue calls it finished may be the only trace of renditions that the device does not tell about.
        traces = desired.state == ABSENT and entry is not None and (made or state == FINISHED)
        steps += [Step(REMOVE, path)] if state in PENDING or (traces and state is not None) else []
        # Of pictures the device does not tell.
        steps += [Step(DELETE, path)] if traces or (desired.delete == ALL and entry is not None) else []
    touched = _paths.unique(step.path for step in steps)
    before = {path: shown(current.state(path), current.renditions.get(path, {})) for path in touched}
    after = {path: dict(state) for path, state in before.items()}
    for step in steps:
        if step.do == DELETE:
            if desired.delete != PICTURES:
                after[step.path]["renditions"] = []
            if desired.delete != VIDEOS:
                before[step.path]["pictures"], after[step.path]["pictures"] = "unknown", "absent"
        else:
            after[step.path]["queue"] = desired.state if step.do == ADD else None
        if step.do == ADD and desired.state == DESIRED_FINISHED:
            after[step.path]["resolutions"] = sorted(desired.resolutions)
    return Plan(tuple(steps), {"films": before}, {"films": after})


def shown(state: Optional[str], renditions: Mapping[str, int]) -> dict[str, Any]:
    """A film in a diff."""
    return {"queue": state, "renditions": sorted(renditions)}


def read_desired(context: ModuleContext) -> Desired:
    """The options, checked before any call."""
    params = context.params
    paths = _paths.unique(map(_paths.check, params["path"]))
    for path in paths:
        if _paths.is_share(path):
            raise _paths.bad(path, "path", "is a share, not a film", "Name the films in the share")
    resolutions = params["resolutions"]
    if params["state"] in (UNQUEUED, ABSENT):
        for option in ("resolutions", "first"):
            if params[option]:
                hint = "Remove it: the NAS cannot tell one resolution from another there"
                raise usage(f"option {option} makes no sense with state {params['state']}", hint=hint)
    if params["delete"] != VIDEOS and params["state"] != ABSENT:
        raise usage(f"option delete makes no sense with state {params['state']}", hint="Use state absent, or remove it")
    if resolutions is not None and not resolutions and params["state"] in (DESIRED_QUEUED, DESIRED_FINISHED):
        raise usage("option resolutions: [] asks for nothing", hint="Give some of 240, 360, 720, or leave it out")
    kind = context.client.transcoding
    wished = sorted(set(resolutions or USUAL))
    return Desired(paths, params["state"], wished, kind.shown, params["delete"], context.check_mode)


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


def apply(context: ModuleContext, desired: Desired, plan: Plan, current: Current) -> None:
    """Carry the plan out, and make sure of it."""
    transcoding = context.client.transcoding
    groups: dict[tuple[int, ...], list[str]] = {}
    for path in plan.paths(ADD):
        groups.setdefault(tuple(current.lacking(path, desired)), []).append(path)
    for resolutions, paths in groups.items():
        add(context, desired, paths, resolutions, current)
    if plan.has(ADD):
        require_taken(transcoding, desired, plan.paths(ADD), current)
    unqueued = plan.paths(REMOVE)
    if unqueued:

        def waiting() -> list[Job]:
            return [row for row in transcoding.queue() if row.path in unqueued and row.state in PENDING]

        rows = [row for row in current.queue if row.path in unqueued]
        lost_answers.done(lambda: transcoding.remove(rows), lambda: not waiting())
        left = waiting()
        if left:
            message = "the device reported success, but this is still in the queue"
            raise NasError(Kind.DEVICE, message, path=left[0].path or "", hint="Run the task again")
    deleted = plan.paths(DELETE)
    if deleted:
        # Of pictures the device does not tell, so a lost answer about them stays a failure.
        lost_answers.done(
            lambda: transcoding.delete(deleted, videos=desired.delete != PICTURES, pictures=desired.delete != VIDEOS),
            lambda: desired.delete == VIDEOS and not any(transcoding.renditions(deleted).values()),
        )
        for path, formats in transcoding.renditions(deleted).items():
            if formats and desired.delete != PICTURES:
                message = f"the device reported success, but the rendition {min(formats)} is still there"
                raise NasError(Kind.DEVICE, message, path=path)


def add(
    context: ModuleContext, desired: Desired, paths: Sequence[str], resolutions: Sequence[int], before: Current
) -> None:
    """Queue some films for the same renditions."""
    transcoding = context.client.transcoding
    lost_answers.done(
        lambda: transcoding.add(paths, resolutions, first=context.params["first"]),
        lambda: not left_out(transcoding, desired, paths, before),
    )


def require_taken(transcoding: Transcoding, desired: Desired, paths: Sequence[str], before: Current) -> None:
    """Devices do not say which films they left out of the queue.

    :raises NasError: `INVALID_ARGUMENT`.
    """
    for path in left_out(transcoding, desired, paths, before):
        hint = "Check that it is a film of a kind that the device transcodes"
        raise NasError(Kind.INVALID_ARGUMENT, "the device did not queue this", path=path, hint=hint)


def left_out(transcoding: Transcoding, desired: Desired, paths: Sequence[str], before: Current) -> list[str]:
    """The films that are not in the queue and lack a rendition."""
    known = {row.id for row in before.queue if row.state not in PENDING}
    queue = transcoding.queue()
    taken = {row.path for row in queue if row.state in PENDING or row.id not in known}
    absent = [path for path in paths if path not in taken]
    if not absent:
        return []
    now = Current({}, transcoding.renditions(absent), queue)
    return [path for path in absent if now.lacking(path, desired)]


def wait(context: ModuleContext, desired: Desired, films: Sequence[str], queued: Sequence[str]) -> None:
    """Wait until films are in the queue no more, and make sure that the renditions are there.

    :param films: those that lack a rendition.
    :param queued: what this task has queued; it is taken off the queue on timeout and interruption.
    :raises NasError: `TIMEOUT`; `DEVICE` when the device failed.
    """
    transcoding = context.client.transcoding
    last: dict[str, Job] = {}
    done: set[str] = set()

    def status() -> Job:
        now = Current({}, {}, transcoding.status(films))
        pending = []
        for path in films:
            row = now.row(path) or last.get(path)
            if row is None or path in done:
                continue
            last[path] = row
            # What the queue calls done, or has dropped, may still be at work.
            if now.state(path) in PENDING:
                pending.append(row)
            elif transcoding.running(row):
                pending.append(replace(row, state=RUNNING))
            else:
                done.add(path)
        working = next((row for row in pending if row.state == RUNNING), None)
        state = RUNNING if working else QUEUED if pending else FINISHED
        percent = (len(films) - len(pending)) * 100 + (working.done or 0 if working else 0)
        return Job("", "transcode", state, working.path if working else None, percent, len(films) * 100)

    def stop() -> None:
        transcoding.remove([row for row in transcoding.queue() if row.path in queued and row.state in PENDING])

    context.watch("transcoding", context.params["wait_timeout"]).until_finished(status, stop)
    current = Current({}, transcoding.renditions(films), transcoding.status(films))
    for path in films:
        lacking = [lines for lines in current.lacking(path, desired) if lines in desired.shown]
        if current.state(path) == FAILED or lacking:
            what = f"no rendition of {lacking[0]} lines" if lacking else "a failure"
            hint = "It may be damaged, or smaller than this itself; the device's own log may say more"
            if path not in queued:
                hint = "Somebody else had queued it, perhaps for other resolutions: run the task again"
            raise NasError(Kind.DEVICE, f"the device is done with this film and reports {what}", path=path, hint=hint)


def doomed(queue: Sequence[Job], clear_queue: Sequence[str]) -> list[Job]:
    """The rows of the queue that are to be cleared."""
    return [row for row in queue if ("finished" if row.state == FINISHED else "unfinished") in clear_queue]


def still(transcoding: Transcoding, before: Sequence[Job], clear_queue: Sequence[str]) -> list[Job]:
    """What of it is in the queue yet."""
    known = {row.id for row in doomed(before, clear_queue)}
    return [row for row in doomed(transcoding.queue(), clear_queue) if row.id in known]


def take_off(transcoding: Transcoding, before: Sequence[Job], which: str) -> None:
    """Clear a part of the queue."""
    lost_answers.done(
        lambda: transcoding.clear(finished=which == "finished"), lambda: not still(transcoding, before, [which])
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
    result: Result = {"changed": bool(going), "queued": [], "unqueued": [], "cleared": paths}
    result.update(deleted=[], renditions={})
    kept = [row for row in queue if row not in going]
    before, after = ({"queue": [{"path": row.path, "state": row.state} for row in rows]} for rows in (queue, kept))
    context.show_change(result, Plan((), before, after), paths or ["queue"])
    return result


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
            apply(context, desired, plan, current)
        films = [path for path in desired.paths if current.lacking(path, desired)]
        if desired.state == DESIRED_FINISHED and films:
            wait(context, desired, films, plan.paths(ADD))
            renditions = context.client.transcoding.renditions(desired.paths)
        gone = plan.paths(DELETE) if desired.delete != PICTURES else []
        renditions = {path: {} if path in gone else formats for path, formats in renditions.items()}
    result: Result = {"changed": plan.changed, "queued": plan.paths(ADD), "unqueued": plan.paths(REMOVE), "cleared": []}
    result["deleted"] = plan.paths(DELETE)
    result["renditions"] = {path: sorted(formats) for path, formats in renditions.items()}
    context.show_change(result, plan, desired.paths)
    return result


def main() -> None:
    """Run as a module that was shipped to a host."""
    run_module(SPEC, run)


if __name__ == "__main__":
    main()
