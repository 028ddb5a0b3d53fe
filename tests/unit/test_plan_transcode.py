# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""nas_transcode's plan: a pure function of what is wished and what is there."""

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
    Task,
)
from ansible_collections.nasops.nas.plugins.modules.nas_transcode import Present, Wish, doomed, plan_transcode

A = "/s/a.mp4"
SMALL, TALL, FLASH = {"mp4_360": 360}, {"mp4_720": 720}, {"flv_720": 720}


def present(made=(), *states, entry=True, kind=FILE):
    at = {A: Entry(A, kind, 1) if entry else None}
    return Present(at, {A: dict(made)} if entry else {}, [Task(str(n), "", state, A) for n, state in enumerate(states)])


def does(state, there, resolutions=(360, 720), **more):
    plan = plan_transcode(Wish([A], state, resolutions, **more), there)
    assert plan.changed or plan.before == plan.after
    return [step.do for step in plan.steps]


@pytest.mark.parametrize("state", ["queued", "finished"])
@pytest.mark.parametrize(
    ("there", "resolutions", "steps"),
    [
        (present(), (360,), ["queue"]),
        (present(SMALL), (360,), []),
        (present(SMALL), (360, 720), ["queue"]),
        (present({**SMALL, **TALL}), (360, 720), []),
        (present({**SMALL, **FLASH}), (360, 720), []),
        (present((), QUEUED), (360,), []),
        (present((), RUNNING), (360,), []),
        (present((), FAILED), (360,), ["queue"]),
        (present((), FINISHED), (360,), ["queue"]),
        (present((), FINISHED, QUEUED), (360,), []),
        (present((), QUEUED, FINISHED), (360,), []),
        (present(), (240,), ["queue"]),
        (present((), FINISHED), (240,), []),
        (present(SMALL, FINISHED), (240, 360), []),
        (present((), FAILED), (240,), ["queue"]),
    ],
)
def test_wished(state, there, resolutions, steps):
    assert does(state, there, resolutions) == steps


def test_only_what_lacks():
    assert present(SMALL).lacking(A, Wish([A], "queued", (240, 360, 720))) == [240, 720]


@pytest.mark.parametrize(
    ("there", "unqueued", "absent"),
    [
        (present(), [], []),
        (present(SMALL), [], ["delete"]),
        (present((), QUEUED), ["unqueue"], ["unqueue"]),
        (present(SMALL, RUNNING), ["unqueue"], ["unqueue", "delete"]),
        (present((), FINISHED), [], ["unqueue", "delete"]),
        (present(SMALL, FINISHED), [], ["unqueue", "delete"]),
        (present((), FAILED), [], []),
        (present(entry=False), [], []),
        (Present({A: None}, {}, [Task("1", "", QUEUED, A)]), ["unqueue"], ["unqueue"]),
        (Present({A: None}, {}, [Task("1", "", FINISHED, A)]), [], []),
    ],
)
def test_unwished(there, unqueued, absent):
    assert does("unqueued", there) == unqueued
    assert does("absent", there) == absent


@pytest.mark.parametrize("state", ["queued", "finished", "unqueued", "absent"])
def test_a_folder(state):
    with pytest.raises(NasError) as caught:
        does(state, present(kind=FOLDER))
    assert caught.value.kind is Kind.WRONG_TYPE


def test_a_film_that_is_not_there():
    with pytest.raises(NasError) as caught:
        does("queued", present(entry=False))
    assert caught.value.kind is Kind.NOT_FOUND
    assert does("queued", present(entry=False), promised=True) == ["queue"]


def test_the_diff():
    plan = plan_transcode(Wish([A], "finished"), present(SMALL, FAILED))
    assert plan.before == {"films": {A: {"queue": "failed", "renditions": ["mp4_360"]}}}
    after = {"queue": "finished", "renditions": ["mp4_360"], "resolutions": [360, 720]}
    assert plan.after == {"films": {A: after}}
    plan = plan_transcode(Wish([A], "absent"), present(SMALL, RUNNING))
    assert plan.after == {"films": {A: {"queue": None, "renditions": []}}}


@pytest.mark.parametrize(
    ("delete", "there", "steps"),
    [
        ("videos", present(SMALL), ["delete"]),
        ("videos", present(), []),
        ("pictures", present(), ["delete"]),
        ("pictures", present(SMALL, QUEUED), ["delete"]),
        ("pictures", present(entry=False), []),
        ("all", present(), ["delete"]),
        ("all", present(SMALL, QUEUED), ["unqueue", "delete"]),
        ("all", present(entry=False), []),
    ],
)
def test_what_is_removed(delete, there, steps):
    assert does("absent", there, delete=delete) == steps


def test_what_a_diff_says_of_what_is_removed():
    plan = plan_transcode(Wish([A], "absent", delete="pictures"), present(SMALL))
    assert plan.before == {"films": {A: {"queue": None, "renditions": ["mp4_360"], "pictures": "unknown"}}}
    assert plan.after == {"films": {A: {"queue": None, "renditions": ["mp4_360"], "pictures": "absent"}}}
    plan = plan_transcode(Wish([A], "absent", delete="all"), present(SMALL))
    assert plan.after == {"films": {A: {"queue": None, "renditions": [], "pictures": "absent"}}}


@pytest.mark.parametrize(
    ("clear_queue", "ids"),
    [([], ""), (["finished"], "c"), (["unfinished"], "abd"), (["unfinished", "finished"], "abcd")],
)
def test_what_is_cleared(clear_queue, ids):
    states = {"a": QUEUED, "b": RUNNING, "c": FINISHED, "d": FAILED}
    queue = [Task(name, "transcode", state, A) for name, state in states.items()]
    assert "".join(row.id for row in doomed(queue, clear_queue)) == ids
