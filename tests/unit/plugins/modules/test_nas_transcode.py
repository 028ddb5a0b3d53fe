# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""nas_transcode's plan: a pure function of what is desired and what is there."""

from __future__ import annotations

import pytest
from ansible_collections.nasops.nas.plugins.module_utils._core.errors import Kind, NasError
from ansible_collections.nasops.nas.plugins.module_utils._core.model import (
    FAILED,
    FILE,
    FINISHED,
    FOLDER,
    QUEUED,
    RUNNING,
    Entry,
    Job,
)
from ansible_collections.nasops.nas.plugins.module_utils._plans.transcode import (
    Current,
    Desired,
    doomed,
    plan_transcode,
)

A = "/s/a.mp4"
SMALL, TALL, FLASH = {"mp4_360": 360}, {"mp4_720": 720}, {"flv_720": 720}


def current(made=(), *states, entry=True, entry_type=FILE):
    at = {A: Entry(A, entry_type, 1) if entry else None}
    return Current(at, {A: dict(made)} if entry else {}, [Job(str(n), "", state, A) for n, state in enumerate(states)])


def does(state, there, resolutions=(360, 720), **more):
    plan = plan_transcode(Desired([A], state, resolutions, **more), there)
    assert plan.changed or plan.before == plan.after
    return [step.do for step in plan.steps]


@pytest.mark.parametrize("state", ["queued", "finished"])
@pytest.mark.parametrize(
    ("there", "resolutions", "steps"),
    [
        (current(), (360,), ["queue"]),
        (current(SMALL), (360,), []),
        (current(SMALL), (360, 720), ["queue"]),
        (current({**SMALL, **TALL}), (360, 720), []),
        (current({**SMALL, **FLASH}), (360, 720), []),
        (current((), QUEUED), (360,), []),
        (current((), RUNNING), (360,), []),
        (current((), FAILED), (360,), ["queue"]),
        (current((), FINISHED), (360,), ["queue"]),
        (current((), FINISHED, QUEUED), (360,), []),
        (current((), QUEUED, FINISHED), (360,), []),
        (current(), (240,), ["queue"]),
        (current((), FINISHED), (240,), []),
        (current(SMALL, FINISHED), (240, 360), []),
        (current((), FAILED), (240,), ["queue"]),
    ],
)
def test_steps_to_what_is_desired(state, there, resolutions, steps):
    assert does(state, there, resolutions) == steps


def test_only_missing_resolutions_are_queued():
    assert current(SMALL).lacking(A, Desired([A], "queued", (240, 360, 720))) == [240, 720]


@pytest.mark.parametrize(
    ("there", "unqueued", "absent"),
    [
        (current(), [], []),
        (current(SMALL), [], ["delete"]),
        (current((), QUEUED), ["unqueue"], ["unqueue"]),
        (current(SMALL, RUNNING), ["unqueue"], ["unqueue", "delete"]),
        (current((), FINISHED), [], ["unqueue", "delete"]),
        (current(SMALL, FINISHED), [], ["unqueue", "delete"]),
        (current((), FAILED), [], []),
        (current(entry=False), [], []),
        (Current({A: None}, {}, [Job("1", "", QUEUED, A)]), ["unqueue"], ["unqueue"]),
        (Current({A: None}, {}, [Job("1", "", FINISHED, A)]), [], []),
    ],
)
def test_steps_to_absent(there, unqueued, absent):
    assert does("unqueued", there) == unqueued
    assert does("absent", there) == absent


@pytest.mark.parametrize("state", ["queued", "finished", "unqueued", "absent"])
def test_a_folder(state):
    with pytest.raises(NasError) as caught:
        does(state, current(entry_type=FOLDER))
    assert caught.value.kind is Kind.WRONG_TYPE


def test_a_film_that_is_not_there():
    with pytest.raises(NasError) as caught:
        does("queued", current(entry=False))
    assert caught.value.kind is Kind.NOT_FOUND
    assert does("queued", current(entry=False), may_be_created_earlier=True) == ["queue"]


def test_the_diff():
    plan = plan_transcode(Desired([A], "finished"), current(SMALL, FAILED))
    assert plan.before == {"films": {A: {"queue": "failed", "renditions": ["mp4_360"]}}}
    after = {"queue": "finished", "renditions": ["mp4_360"], "resolutions": [360, 720]}
    assert plan.after == {"films": {A: after}}
    plan = plan_transcode(Desired([A], "absent"), current(SMALL, RUNNING))
    assert plan.after == {"films": {A: {"queue": None, "renditions": []}}}


@pytest.mark.parametrize(
    ("delete", "there", "steps"),
    [
        ("videos", current(SMALL), ["delete"]),
        ("videos", current(), []),
        ("pictures", current(), ["delete"]),
        ("pictures", current(SMALL, QUEUED), ["delete"]),
        ("pictures", current(entry=False), []),
        ("all", current(), ["delete"]),
        ("all", current(SMALL, QUEUED), ["unqueue", "delete"]),
        ("all", current(entry=False), []),
    ],
)
def test_what_is_removed(delete, there, steps):
    assert does("absent", there, delete=delete) == steps


def test_what_a_diff_says_of_what_is_removed():
    plan = plan_transcode(Desired([A], "absent", delete="pictures"), current(SMALL))
    assert plan.before == {"films": {A: {"queue": None, "renditions": ["mp4_360"], "pictures": "unknown"}}}
    assert plan.after == {"films": {A: {"queue": None, "renditions": ["mp4_360"], "pictures": "absent"}}}
    plan = plan_transcode(Desired([A], "absent", delete="all"), current(SMALL))
    assert plan.after == {"films": {A: {"queue": None, "renditions": [], "pictures": "absent"}}}


@pytest.mark.parametrize(
    ("clear_queue", "ids"),
    [([], ""), (["finished"], "c"), (["unfinished"], "abd"), (["unfinished", "finished"], "abcd")],
)
def test_what_is_cleared(clear_queue, ids):
    states = {"a": QUEUED, "b": RUNNING, "c": FINISHED, "d": FAILED}
    queue = [Job(name, "transcode", state, A) for name, state in states.items()]
    assert "".join(row.id for row in doomed(queue, clear_queue)) == ids
