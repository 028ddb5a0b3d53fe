# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The list of a Freebox's tasks."""

from __future__ import annotations

import pytest
from ansible_collections.nasops.nas.plugins.module_utils._api.capabilities.jobs import JobFeatures
from ansible_collections.nasops.nas.plugins.module_utils._core.errors import Kind, NasError
from ansible_collections.nasops.nas.plugins.module_utils._core.model import (
    FAILED,
    FINISHED,
    PAUSED,
    QUEUED,
    RUNNING,
    Job,
)
from ansible_collections.nasops.nas.tests.unit.plugins.module_utils._freebox.fake import Answer, bad, good, task

LIST = "GET fs/tasks/"


def failure(action):
    with pytest.raises(NasError) as caught:
        action()
    return caught.value


def test_features(box):
    assert box.client().jobs.features == JobFeatures(list=True, pause=True, cancel=True, clear=True)


@pytest.mark.parametrize(
    ("reported", "expected"),
    [
        (
            {**task(12, "paused", "extract", progress=9), "from": "/Disque dur/a.tar.gz", "to": "inside/x.png"},
            Job("12", "extract", PAUSED, "/Disque dur/a.tar.gz", 9, 100),
        ),
        (
            {**task(13, "running", "archive"), "src": ["/a/new.zip", "/a/1"], "dst": "/a/2", "to": "/a/new.zip"},
            Job("13", "compress", RUNNING, "/a/new.zip", 0, 100),
        ),
        (
            {**task(14, "queued", "mv", progress=None), "src": ["Freebox/1", "/Freebox/2"], "from": ""},
            Job("14", "move", QUEUED, "/Freebox/1"),
        ),
        (
            {**task(15, "failed", "cp", "disk_full", 55), "src": [], "from": "/a/é"},
            Job("15", "copy", FAILED, "/a/é", 55, 100, "disk_full"),
        ),
        (
            {**task(16, "done", "hash", progress=100), "from": "", "to": ""},
            Job("16", "checksum", FINISHED, None, 100, 100),
        ),
        ({**task(17, "done", "repair", progress=100), "from": 5}, Job("17", "repair", FINISHED, None, 100, 100)),
    ],
)
def test_what_a_task_tells(box, reported, expected):
    box.on(LIST, good([reported]))
    box.on(f"GET fs/tasks/{reported['id']}", good(reported))
    assert box.client().jobs.list() == [expected]
    assert box.client().jobs.get(expected.id) == expected


def test_no_tasks(box):
    box.on(LIST, good())
    assert box.client().jobs.list() == []


@pytest.mark.parametrize("result", [{}, "x", [5], [task(1, "asleep")], [{**task(1, "done"), "type": None}]])
def test_a_list_that_makes_no_sense(box, result):
    box.on(LIST, good(result))
    assert failure(box.client().jobs.list).kind is Kind.PROTOCOL


@pytest.mark.parametrize("code", ["invalid_id", "task_not_found", "noent"])
def test_a_task_that_is_not_there(box, code):
    for call in ("GET", "PUT", "DELETE"):
        box.on(f"{call} fs/tasks/7", bad(code))
    tasks = box.client().jobs
    assert tasks.get("7") is None
    for action in (tasks.pause, tasks.resume, tasks.cancel):
        assert failure(lambda action=action: action("7")).kind is Kind.NOT_FOUND


def test_a_failure_is_not_absent(box):
    box.on("GET fs/tasks/7", bad("internal_error"))
    assert failure(lambda: box.client().jobs.get("7")).kind is Kind.DEVICE


@pytest.mark.parametrize("odd", ["", "x", "-1", "1/hash", "..", "\u0661"])
def test_what_is_no_number(box, odd):
    tasks = box.client().jobs
    for action in (tasks.get, tasks.pause, tasks.resume, tasks.cancel, lambda odd: tasks.clear([odd])):
        assert failure(lambda action=action: action(odd)).kind is Kind.USAGE
    assert box.requests == []


def test_pause_and_resume(box):
    box.on("PUT fs/tasks/7", Answer(503, b""), good(task(7, "paused", "cp")), good(task(7, "queued", "cp")))
    box.client().jobs.pause("7")
    box.client().jobs.resume("7")
    assert box.bodies("PUT fs/tasks/7") == [{"state": "paused"}] * 2 + [{"state": "running"}]


@pytest.mark.parametrize("code", ["invalid_state", "invalid_task_type"])
def test_a_task_that_cannot_be_paused(box, code):
    box.on("PUT fs/tasks/7", bad(code))
    error = failure(lambda: box.client().jobs.pause("7"))
    assert (error.kind, error.call, error.code) == (Kind.INVALID_ARGUMENT, "PUT fs/tasks/{id}", code)


def test_cancel(box):
    box.on("DELETE fs/tasks/7", good())
    box.client().jobs.cancel("7", "copy")
    assert box.calls() == ["DELETE fs/tasks/7"]


def test_clear_all(box):
    states = ["running", "done", "paused", "failed", "queued", "done"]
    box.on(LIST, good([task(number, state) for number, state in enumerate(states)]))
    box.on("DELETE fs/tasks/1", good())
    box.on("DELETE fs/tasks/3", bad("task_not_found"))
    box.on("DELETE fs/tasks/5", Answer(503, b""), good())
    box.client().jobs.clear(None)
    assert box.calls() == [LIST, *(f"DELETE fs/tasks/{number}" for number in (1, 3, 5, 5))]


def test_clear_some(box):
    box.on(LIST, good([task(1, "done"), task(2, "failed"), task(3, "running"), task(4, "done")]))
    box.on("DELETE fs/tasks/1", good())
    box.on("DELETE fs/tasks/2", good())
    box.client().jobs.clear(["2", "1", "99"])
    assert box.calls() == [LIST, "DELETE fs/tasks/1", "DELETE fs/tasks/2"]


def test_clear_none(box):
    box.on(LIST, good([task(1, "done")]))
    box.client().jobs.clear([])
    assert box.count("DELETE fs/tasks/1") == 0


def test_what_runs_is_not_cleared(box):
    box.on(LIST, good([task(1, "done"), task(3, "running")]))
    assert failure(lambda: box.client().jobs.clear(["1", "3"])).kind is Kind.INVALID_ARGUMENT
    assert box.calls() == [LIST]


def test_an_expired_session(box):
    box.on(LIST, bad("auth_required", 403, result={"challenge": "c"}), good())
    assert box.client().jobs.list() == []
    assert box.logins == 2
