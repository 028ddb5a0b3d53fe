#!/usr/bin/python
# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: nas_transcode
version_added: 0.1.0
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
from ..module_utils._core.model import FAILED, FINISHED, QUEUED, RUNNING, Entry
from ..module_utils._core.model import Task as DeviceTask
from ..module_utils._module.context import Result, Task
from ..module_utils._module.run import main as run_module
from ..module_utils._module.spec import Spec
from ..module_utils._plans.plan import Plan, Step

WISH_QUEUED = "queued"
WISH_FINISHED = "finished"
UNQUEUED = "unqueued"
ABSENT = "absent"
STATES = (WISH_QUEUED, WISH_FINISHED, UNQUEUED, ABSENT)
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
        "state": {"type": "str", "choices": list(STATES), "default": WISH_QUEUED},
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
class Wish:
    """What a task wants of some films.

    :param shown: the resolutions that the device tells about.
    """

    paths: Sequence[str]
    state: str
    resolutions: Sequence[int] = USUAL
    shown: frozenset[int] = frozenset(USUAL)
    delete: str = VIDEOS
    promised: bool = False  # check mode: an earlier task may have promised a film that is missing


@dataclass(frozen=True)
class Present:
    """What there is.

    :param at: what is at each path.
    :param renditions: the lines of each format that is there, by path; without the films that are not there.
    :param queue: the queue's rows, of all films.
    """

    at: Mapping[str, Optional[Entry]]
    renditions: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    queue: Sequence[DeviceTask] = ()

    def row(self, path: str) -> Optional[DeviceTask]:
        """The queue's row of a film: one that is not done before one that is, the last before those before it."""
        rows = [row for row in self.queue if row.path == path]
        pending = [row for row in rows if row.state in PENDING]
        return (pending or rows)[-1] if rows else None

    def state(self, path: str) -> Optional[str]:
        """What the queue says about a film, None when it says nothing."""
        row = self.row(path)
        return row.state if row is not None else None

    def lacking(self, path: str, wish: Wish) -> list[int]:
        """The wished resolutions that a film has no rendition in, as far as the device tells."""
        made = set(self.renditions.get(path, {}).values())
        if self.state(path) == FINISHED:
            made |= set(wish.resolutions) - wish.shown
        return [lines for lines in wish.resolutions if lines not in made]


def plan_transcode(wish: Wish, present: Present) -> Plan:
    """The steps from what is there to what is wished.

    :raises NasError: for a folder, and for a film that is not there and shall have renditions.
    """
    steps: list[Step] = []
    for path in wish.paths:
        entry, state = present.at[path], present.state(path)
        if entry is not None and entry.is_folder:
            raise NasError(Kind.WRONG_TYPE, "this is a folder, not a film", path=path, hint="Name the films in it")
        if wish.state in (WISH_QUEUED, WISH_FINISHED):
            if entry is None and not wish.promised:
                raise NasError(Kind.NOT_FOUND, "there is no such film", path=path, hint="Check the path")
            if state not in PENDING and present.lacking(path, wish):
                steps.append(Step(ADD, path))
            continue
        if wish.state == ABSENT and wish.delete == PICTURES:
            steps += [Step(DELETE, path)] if entry is not None else []
            continue
        made = bool(present.renditions.get(path))
        # That the queue calls it finished may be the only trace of renditions that the device does not tell about.
        traces = wish.state == ABSENT and entry is not None and (made or state == FINISHED)
        steps += [Step(REMOVE, path)] if state in PENDING or (traces and state is not None) else []
        # Of pictures the device does not tell.
        steps += [Step(DELETE, path)] if traces or (wish.delete == ALL and entry is not None) else []
    touched = _paths.unique(step.path for step in steps)
    before = {path: shown(present.state(path), present.renditions.get(path, {})) for path in touched}
    after = {path: dict(state) for path, state in before.items()}
    for step in steps:
        if step.do == DELETE:
            if wish.delete != PICTURES:
                after[step.path]["renditions"] = []
            if wish.delete != VIDEOS:
                before[step.path]["pictures"], after[step.path]["pictures"] = "unknown", "absent"
        else:
            after[step.path]["queue"] = wish.state if step.do == ADD else None
        if step.do == ADD and wish.state == WISH_FINISHED:
            after[step.path]["resolutions"] = sorted(wish.resolutions)
    return Plan(tuple(steps), {"films": before}, {"films": after})


def shown(state: Optional[str], renditions: Mapping[str, int]) -> dict[str, Any]:
    """A film in a diff."""
    return {"queue": state, "renditions": sorted(renditions)}


def read_wish(task: Task) -> Wish:
    """The options, checked before any call."""
    params = task.params
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
    if resolutions is not None and not resolutions and params["state"] in (WISH_QUEUED, WISH_FINISHED):
        raise usage("option resolutions: [] asks for nothing", hint="Give some of 240, 360, 720, or leave it out")
    kind = task.client.transcoding
    wished = sorted(set(resolutions or USUAL))
    return Wish(paths, params["state"], wished, kind.shown, params["delete"], task.check_mode)


def read_present(task: Task, wish: Wish) -> Present:
    """What there is; the queue is only asked for when something depends on it."""
    at = task.client.files.stat(wish.paths)
    task.saw(at)
    films = [path for path, entry in at.items() if entry is not None and not entry.is_folder]
    transcoding = task.client.transcoding
    renditions = transcoding.renditions(films) if films and wish.state != UNQUEUED else {}
    without_queue = Present(at, renditions)
    making = wish.state in (WISH_QUEUED, WISH_FINISHED)
    if making and len(films) == len(at) and not any(without_queue.lacking(path, wish) for path in films):
        return without_queue
    return Present(at, renditions, transcoding.queue())


def apply(task: Task, wish: Wish, plan: Plan, present: Present) -> None:
    """Carry the plan out, and make sure of it."""
    transcoding = task.client.transcoding
    groups: dict[tuple[int, ...], list[str]] = {}
    for path in plan.paths(ADD):
        groups.setdefault(tuple(present.lacking(path, wish)), []).append(path)
    for resolutions, paths in groups.items():
        add(task, wish, paths, resolutions, present)
    if plan.has(ADD):
        require_taken(transcoding, wish, plan.paths(ADD), present)
    unqueued = plan.paths(REMOVE)
    if unqueued:

        def waiting() -> list[DeviceTask]:
            return [row for row in transcoding.queue() if row.path in unqueued and row.state in PENDING]

        rows = [row for row in present.queue if row.path in unqueued]
        lost_answers.done(lambda: transcoding.remove(rows), lambda: not waiting())
        left = waiting()
        if left:
            message = "the device reported success, but this is still in the queue"
            raise NasError(Kind.DEVICE, message, path=left[0].path or "", hint="Run the task again")
    deleted = plan.paths(DELETE)
    if deleted:
        # Of pictures the device does not tell, so a lost answer about them stays a failure.
        lost_answers.done(
            lambda: transcoding.delete(deleted, videos=wish.delete != PICTURES, pictures=wish.delete != VIDEOS),
            lambda: wish.delete == VIDEOS and not any(transcoding.renditions(deleted).values()),
        )
        for path, formats in transcoding.renditions(deleted).items():
            if formats and wish.delete != PICTURES:
                message = f"the device reported success, but the rendition {min(formats)} is still there"
                raise NasError(Kind.DEVICE, message, path=path)


def add(task: Task, wish: Wish, paths: Sequence[str], resolutions: Sequence[int], before: Present) -> None:
    """Queue some films for the same renditions."""
    transcoding = task.client.transcoding
    lost_answers.done(
        lambda: transcoding.add(paths, resolutions, first=task.params["first"]),
        lambda: not left_out(transcoding, wish, paths, before),
    )


def require_taken(transcoding: Transcoding, wish: Wish, paths: Sequence[str], before: Present) -> None:
    """Devices do not say which films they left out of the queue.

    :raises NasError: `INVALID_ARGUMENT`.
    """
    for path in left_out(transcoding, wish, paths, before):
        hint = "Check that it is a film of a kind that the device transcodes"
        raise NasError(Kind.INVALID_ARGUMENT, "the device did not queue this", path=path, hint=hint)


def left_out(transcoding: Transcoding, wish: Wish, paths: Sequence[str], before: Present) -> list[str]:
    """The films that are not in the queue and lack a rendition."""
    known = {row.id for row in before.queue if row.state not in PENDING}
    queue = transcoding.queue()
    taken = {row.path for row in queue if row.state in PENDING or row.id not in known}
    absent = [path for path in paths if path not in taken]
    if not absent:
        return []
    now = Present({}, transcoding.renditions(absent), queue)
    return [path for path in absent if now.lacking(path, wish)]


def wait(task: Task, wish: Wish, films: Sequence[str], queued: Sequence[str]) -> None:
    """Wait until films are in the queue no more, and make sure that the renditions are there.

    :param films: those that lack a rendition.
    :param queued: what this task has queued; it is taken off the queue on timeout and interruption.
    :raises NasError: `TIMEOUT`; `DEVICE` when the device failed.
    """
    transcoding = task.client.transcoding
    last: dict[str, DeviceTask] = {}
    done: set[str] = set()

    def status() -> DeviceTask:
        now = Present({}, {}, transcoding.status(films))
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
        return DeviceTask("", "transcode", state, working.path if working else None, percent, len(films) * 100)

    def stop() -> None:
        transcoding.remove([row for row in transcoding.queue() if row.path in queued and row.state in PENDING])

    task.watch("transcoding", task.params["wait_timeout"]).until_finished(status, stop)
    present = Present({}, transcoding.renditions(films), transcoding.status(films))
    for path in films:
        lacking = [lines for lines in present.lacking(path, wish) if lines in wish.shown]
        if present.state(path) == FAILED or lacking:
            what = f"no rendition of {lacking[0]} lines" if lacking else "a failure"
            hint = "It may be damaged, or smaller than this itself; the device's own log may say more"
            if path not in queued:
                hint = "Somebody else had queued it, perhaps for other resolutions: run the task again"
            raise NasError(Kind.DEVICE, f"the device is done with this film and reports {what}", path=path, hint=hint)


def doomed(queue: Sequence[DeviceTask], clear_queue: Sequence[str]) -> list[DeviceTask]:
    """The rows of the queue that are to be cleared."""
    return [row for row in queue if ("finished" if row.state == FINISHED else "unfinished") in clear_queue]


def still(transcoding: Transcoding, before: Sequence[DeviceTask], clear_queue: Sequence[str]) -> list[DeviceTask]:
    """What of it is in the queue yet."""
    known = {row.id for row in doomed(before, clear_queue)}
    return [row for row in doomed(transcoding.queue(), clear_queue) if row.id in known]


def take_off(transcoding: Transcoding, before: Sequence[DeviceTask], which: str) -> None:
    """Clear a part of the queue."""
    lost_answers.done(
        lambda: transcoding.clear(finished=which == "finished"), lambda: not still(transcoding, before, [which])
    )


def clear(task: Task) -> Result:
    """Clear the queue, and make sure of it.

    :raises NasError: `DEVICE` when something is still there.
    """
    params, transcoding = task.params, task.client.transcoding
    for option in ("state", "resolutions", "first", "delete"):
        if params[option] != SPEC.options[option].get("default"):
            raise usage(f"option {option} makes no sense with clear_queue", hint="Remove one of them")
    queue = transcoding.queue()
    going = doomed(queue, params["clear_queue"])
    if not task.check_mode:
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
    task.show_change(result, Plan((), before, after), paths or ["queue"])
    return result


def run(task: Task) -> Result:
    """The result of the task."""
    if task.params["clear_queue"] is not None:
        return clear(task)
    wish = read_wish(task)
    present = read_present(task, wish)
    plan = plan_transcode(wish, present)
    for path in wish.paths:
        if wish.promised and present.at[path] is None and path in plan.paths(ADD):
            task.not_yet(path)
    renditions = present.renditions
    if not task.check_mode:
        if plan.changed:
            apply(task, wish, plan, present)
        films = [path for path in wish.paths if present.lacking(path, wish)]
        if wish.state == WISH_FINISHED and films:
            wait(task, wish, films, plan.paths(ADD))
            renditions = task.client.transcoding.renditions(wish.paths)
        gone = plan.paths(DELETE) if wish.delete != PICTURES else []
        renditions = {path: {} if path in gone else formats for path, formats in renditions.items()}
    result: Result = {"changed": plan.changed, "queued": plan.paths(ADD), "unqueued": plan.paths(REMOVE), "cleared": []}
    result["deleted"] = plan.paths(DELETE)
    result["renditions"] = {path: sorted(formats) for path, formats in renditions.items()}
    task.show_change(result, plan, wish.paths)
    return result


def main() -> None:
    """Run as a module that was shipped to a host."""
    run_module(SPEC, run)


if __name__ == "__main__":
    main()
