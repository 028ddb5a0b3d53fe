# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""nas_task's plan: a pure function of what is desired and what the device knows; and how it waits."""

from __future__ import annotations

import pytest
from ansible_collections.nasops.nas.plugins.module_utils._api.capabilities.jobs import JobFeatures
from ansible_collections.nasops.nas.plugins.module_utils._core.errors import Kind, NasError
from ansible_collections.nasops.nas.plugins.module_utils._core.model import Job
from ansible_collections.nasops.nas.plugins.module_utils._delivery import jobs as jobs_at_work
from ansible_collections.nasops.nas.plugins.module_utils._delivery.jobs import require_success, wait
from ansible_collections.nasops.nas.plugins.module_utils._plans import jobs
from ansible_collections.nasops.nas.plugins.module_utils._plans.jobs import Desired, Outlook, plan_jobs

QUEUED = Job("1", "copy", "queued", "/s/a")
RUNNING = Job("2", "compress", "running", "/s/a/b.zip")
PAUSED = Job("3", "copy", "paused", "/s/ab")
FINISHED = Job("4", "move", "finished")
FAILED = Job("5", "delete", "failed", "/t", error="disk_full")
ALL = [QUEUED, RUNNING, PAUSED, FINISHED, FAILED]


def outcome(current=None, **desired):
    plan, outlooks = plan_jobs(Desired(**desired), ALL if current is None else current)
    assert [step.id for step in plan.steps if step.do == desired["state"]] == [
        one.job.id for one in outlooks if one.affected
    ]
    return {one.job.id: (one.job.state, one.affected) for one in outlooks}


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("finished", {"1": ("queued", False), "2": ("running", False), "3": ("paused", False)}),
        ("paused", {"1": ("paused", True), "2": ("paused", True), "3": ("paused", False)}),
        ("running", {"1": ("queued", False), "2": ("running", False), "3": ("running", True)}),
        ("cancelled", {"1": ("cancelled", True), "2": ("cancelled", True), "3": ("cancelled", True)}),
        ("cleared", {"4": ("finished", True), "5": ("failed", True)}),
    ],
)
def test_all(state, expected):
    assert outcome(state=state) == expected
    assert outcome([], state=state) == {}


@pytest.mark.parametrize("state", ["finished", "paused", "running", "cancelled"])
def test_what_is_over_is_left_alone(state):
    assert outcome(state=state, ids=["4", "5"]) == {"4": ("finished", False), "5": ("failed", False)}


@pytest.mark.parametrize("state", ["finished", "paused", "running", "cancelled", "cleared"])
def test_what_is_not_known_counts_as_finished(state):
    plan, outlooks = plan_jobs(Desired(state, ids=["9", "4"]), ALL)
    (unknown,) = [one for one in outlooks if one.job.id == "9"]
    assert (unknown.job.state, unknown.note, unknown.affected) == ("finished", jobs.UNKNOWN, False)
    assert "9" not in plan.paths(state)


def test_choices():
    assert set(outcome(state="paused", types=["copy"])) == {"1", "3"}
    assert set(outcome(state="paused", path="/s/a")) == {"1", "2"}
    assert set(outcome(state="paused", path="/s/a", types=["copy"])) == {"1"}
    assert set(outcome(state="paused", path="/s/a/b.zip")) == {"2"}
    assert set(outcome(state="cleared", types=["delete", "copy"])) == {"5"}
    assert outcome(state="cancelled", ids=["1"], types=["move"]) == {}


def test_what_runs_is_not_cleared():
    with pytest.raises(NasError) as caught:
        plan_jobs(Desired("cleared", ids=["4", "2"]), ALL)
    assert (caught.value.kind, caught.value.path) == (Kind.INVALID_ARGUMENT, "/s/a/b.zip")


def test_what_a_diff_says():
    plan, _outlooks = plan_jobs(Desired("paused"), ALL)
    assert plan.before == {"tasks": {"1": {"state": "queued"}, "2": {"state": "running"}}}
    assert plan.after == {"tasks": {"1": {"state": "paused"}, "2": {"state": "paused"}}}
    plan, _outlooks = plan_jobs(Desired("cleared"), ALL)
    assert plan.after == {"tasks": {"4": {"state": "absent"}, "5": {"state": "absent"}}}


class Lists:
    """Answers with one list after the other."""

    features = JobFeatures(list=True)

    def __init__(self, *lists):
        self.lists = list(lists)

    def list(self):
        return self.lists.pop(0)


def done(task):
    return Job(task.id, task.type, "finished", task.path)


def test_waiting_ends_when_all_are_over_or_gone(monkeypatch):
    monkeypatch.setattr(jobs_at_work.time, "sleep", lambda seconds: None)
    tasks = Lists([QUEUED, RUNNING], [done(QUEUED), RUNNING], [])
    latest = wait(tasks, [Outlook(QUEUED), Outlook(RUNNING), Outlook(FINISHED, "x")], 60)
    assert [(one.job.state, one.note) for one in latest] == [
        ("finished", None),
        ("finished", jobs.GONE),
        ("finished", "x"),
    ]
    assert tasks.lists == []


def test_waiting_has_an_end(monkeypatch):
    monkeypatch.setattr(jobs_at_work.time, "sleep", lambda seconds: None)
    with pytest.raises(NasError) as caught:
        wait(Lists(*[[PAUSED]] * 1000), [Outlook(PAUSED)], 0)
    assert (caught.value.kind, caught.value.path) == (Kind.TIMEOUT, "/s/ab")
    assert "paused" in caught.value.message


def test_a_failure_is_reported():
    with pytest.raises(NasError) as caught:
        require_success([Outlook(FINISHED), Outlook(FAILED)])
    assert (caught.value.code, caught.value.path) == ("disk_full", "/t")
    require_success([Outlook(FINISHED), Outlook(RUNNING)])
