# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps from the renditions and the queue that are there to those that are desired: pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Optional

from .._core import paths as _paths
from .._core.errors import Kind, NasError
from .._core.model import FINISHED, QUEUED, RUNNING, Entry, Job
from .plan import Plan, Step

DESIRED_QUEUED = "queued"
DESIRED_FINISHED = "finished"
UNQUEUED = "unqueued"
ABSENT = "absent"
USUAL = (360, 720)
ADD = "queue"
REMOVE = "unqueue"
DELETE = "delete"
PENDING = (QUEUED, RUNNING)
VIDEOS = "videos"
PICTURES = "pictures"
ALL = "all"


@dataclass(frozen=True)
class Desired:
    """What a task wants of some films.

    :param shown: the resolutions that the device tells about.
    :param first: whether new renditions come before all others in the queue.
    """

    paths: Sequence[str]
    state: str
    resolutions: Sequence[int] = USUAL
    shown: frozenset[int] = frozenset(USUAL)
    delete: str = VIDEOS
    first: bool = False
    may_be_created_earlier: bool = False  # check mode: an earlier task may make a film that is missing


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
        """The desired resolutions that a film has no rendition in, as far as the device tells."""
        made = set(self.renditions.get(path, {}).values())
        if self.state(path) == FINISHED:
            made |= set(desired.resolutions) - desired.shown
        return [lines for lines in desired.resolutions if lines not in made]


def plan_transcode(desired: Desired, current: Current) -> Plan:
    """The steps from what is there to what is desired.

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


def doomed(queue: Sequence[Job], clear_queue: Sequence[str]) -> list[Job]:
    """The rows of the queue that are to be cleared."""
    return [row for row in queue if ("finished" if row.state == FINISHED else "unfinished") in clear_queue]
