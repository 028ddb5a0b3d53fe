# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a device's long operations are followed, or left alone."""

from __future__ import annotations

import pytest
from ansible_collections.nasops.nas.plugins.module_utils._core import waiting
from ansible_collections.nasops.nas.plugins.module_utils._core.errors import Kind, NasError
from ansible_collections.nasops.nas.plugins.module_utils._core.model import Job
from ansible_collections.nasops.nas.plugins.module_utils._core.waiting import Watch, start_detached


class Operation:
    """One of a client that does something before and after its task."""

    def __init__(self, *states):
        self.states = list(states)
        self.did = []

    def status(self):
        answer = self.states.pop(0)
        if isinstance(answer, BaseException):
            raise answer
        return Job("7", "copy", answer, "/s/a", 1, 2)

    def work(self, watch):
        self.did.append("start")
        try:
            task = watch.until_finished(self.status, lambda: self.did.append("stop"))
        except NasError:
            self.did.append("clear up")
            raise
        self.did.append(f"poll {task.state}")


@pytest.fixture(autouse=True)
def hurry(monkeypatch):
    monkeypatch.setattr(waiting.time, "sleep", lambda _seconds: None)


def test_a_task_is_followed_to_its_end():
    operation, seen = Operation("queued", "running", "finished"), []
    operation.work(Watch(lambda done, total: seen.append((done, total))))
    assert operation.did == ["start", "poll finished"]
    assert seen == [(1, 2)] * 3


@pytest.mark.parametrize("state", ["queued", "running", "paused"])
def test_a_detached_task_is_left_alone_after_one_poll(state):
    operation = Operation(state)
    assert start_detached(operation.work, Watch()) == [Job("7", "copy", state, "/s/a", 1, 2)]
    assert operation.did == ["start"]


@pytest.mark.parametrize("state", ["finished", "failed"])
def test_a_detached_task_that_is_over_at_once_is_verified(state):
    operation = Operation(state)
    assert start_detached(operation.work, Watch()) == []
    assert operation.did == ["start", f"poll {state}"]


@pytest.mark.parametrize("waits", [True, False])
def test_a_task_that_nobody_can_hand_over_is_stopped(waits):
    operation = Operation(NasError(Kind.CONNECTION, "gone"))
    with pytest.raises(NasError):
        operation.work(Watch(waits=waits))
    assert operation.did == ["start", "stop", "clear up"]


def test_only_one_step_can_be_left_alone():
    Watch().require_one(2)
    Watch(waits=False).require_one(1)
    with pytest.raises(NasError) as caught:
        Watch(waits=False).require_one(2, "/s/a")
    assert (caught.value.kind, caught.value.path) == (Kind.USAGE, "/s/a")
    assert "option wait: false" in caught.value.message
    assert "wait to true" in caught.value.hint


@pytest.mark.parametrize("job", [0.1, 1.0, 10.0, 60.0])
@pytest.mark.parametrize("call", [0.0, 0.03])
def test_an_end_is_noticed_soon_with_few_questions(monkeypatch, job, call):
    """Within a tenth of its time and 0.1 s; a minute takes 50 questions at most."""
    now, asked = [1000.0], []
    monkeypatch.setattr(waiting.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(waiting.time, "sleep", lambda seconds: now.__setitem__(0, now[0] + seconds))

    def status():
        now[0] += call
        asked.append(now[0])
        return Job("7", "copy", "finished" if now[0] >= 1000 + job else "running", "/s/a")

    Watch().until_finished(status, lambda: None)
    assert now[0] - 1000 - job <= 0.1 * job + 0.1 + 2 * call
    assert len(asked) <= 50
