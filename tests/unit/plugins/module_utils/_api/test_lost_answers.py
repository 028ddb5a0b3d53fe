# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What writes looks at the state before it fails for an answer that did not come, in every client."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.nasops.nas.plugins.module_utils._api import lost_answers
from ansible_collections.nasops.nas.plugins.module_utils._api.capabilities.jobs import JobFeatures
from ansible_collections.nasops.nas.plugins.module_utils._core.device import Favorite
from ansible_collections.nasops.nas.plugins.module_utils._core.errors import Kind, NasError
from ansible_collections.nasops.nas.plugins.module_utils._core.model import Job
from ansible_collections.nasops.nas.plugins.module_utils._core.sources import BytesSource
from ansible_collections.nasops.nas.plugins.module_utils._core.waiting import OverdueError, Watch
from ansible_collections.nasops.nas.plugins.modules import nas_favorite, nas_task
from ansible_collections.nasops.nas.tests.unit.plugins.module_utils.disk_fake import Disk, lost

CUT = NasError(Kind.CONNECTION, "the connection broke off", call="any")


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (NasError(Kind.CONNECTION, "cut"), True),
        (NasError(Kind.TIMEOUT, "late"), True),
        (NasError(Kind.BUSY, "a web server's", code="HTTP 502"), True),
        (NasError(Kind.PROTOCOL, "a web page"), True),
        (NasError(Kind.DEVICE, "a web server's", code="HTTP 500"), True),
        (NasError(Kind.DEVICE, "the device's own", code="1200"), False),
        (NasError(Kind.PERMISSION_DENIED, "no"), False),
        (NasError(Kind.BUSY, "the device's own", code="402"), False),
        (NasError(Kind.EXISTS, "taken"), False),
        (OverdueError(Kind.TIMEOUT, "a task was stopped"), False),
    ],
)
def test_which_failures_say_nothing_about_the_work(error: NasError, expected: bool) -> None:
    assert lost_answers.is_lost(error) is expected


def test_the_state_is_read_until_it_is_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(lost_answers, "pause", pauses.append)
    answers = iter([None, NasError(Kind.CONNECTION, "still away"), "whole"])

    def work() -> str:
        raise CUT

    def read() -> Any:
        answer = next(answers)
        if isinstance(answer, NasError):
            raise answer
        return answer

    assert lost_answers.settled(work, read) == "whole"
    assert pauses == list(lost_answers.PAUSES[:3])


def test_the_first_failure_is_raised_when_it_never_is() -> None:
    reads = []

    def work() -> str:
        raise CUT

    with pytest.raises(NasError) as raised:
        lost_answers.settled(work, lambda: reads.append(1))
    assert raised.value is CUT
    assert len(reads) == len(lost_answers.PAUSES)


CHANGES = {
    "upload": lambda disk: disk.upload(BytesSource(b"new"), "/home/new", mtime=None, watch=Watch()),
    "rename": lambda disk: disk.rename("/home/f", "g"),
    "delete": lambda disk: disk.delete(["/home/f"], recursive=False, watch=Watch()),
    "create_folders": lambda disk: disk.create_folders(["/home/a", "/home/a/b"]),
    "set_mtime": lambda disk: disk.set_mtime("/home/f", 12),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_lost_answer_to_what_was_done(name: str) -> None:
    wanted = Disk({"/home/f": b"old"})
    CHANGES[name](wanted)
    disk = Disk({"/home/f": b"old"}, faults={1: lost(after=True)})
    CHANGES[name](disk)
    assert disk.content == wanted.content
    assert disk.times == wanted.times


@pytest.mark.parametrize("name", CHANGES)
def test_a_lost_answer_to_what_was_not_done(name: str) -> None:
    disk = Disk({"/home/f": b"old"}, faults={1: lost(after=False)})
    with pytest.raises(NasError) as raised:
        CHANGES[name](disk)
    assert raised.value.kind is Kind.CONNECTION
    assert disk.content == {"/home": None, "/home/f": b"old"}


def test_an_upload_of_the_right_size_with_other_bytes_is_not_whole() -> None:
    """A device may have set the length of a file before its bytes came."""
    disk = Disk({}, faults={1: lost(after=True)})
    disk.damage = lambda data: b"\0" * len(data)
    with pytest.raises(NasError):
        disk.upload(BytesSource(b"new"), "/home/new", mtime=None, watch=Watch())


def test_a_large_upload_is_read_where_the_device_has_no_checksums() -> None:
    data = b"x" * 100_000
    disk = Disk({}, faults={1: lost(after=True)})
    disk.upload(BytesSource(data), "/home/new", mtime=None, watch=Watch())
    assert disk.content["/home/new"] == data
    assert ("download", "/home/new") in disk.reads


class Lossy:
    """What a capability does is done, and no answer comes."""

    def __init__(self, capability: Any, *writing: str) -> None:
        self._capability, self._writing = capability, writing

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._capability, name)
        if name not in self._writing:
            return method

        def run(*given: Any, **named: Any) -> None:
            method(*given, **named)
            raise NasError(Kind.TIMEOUT, "no answer in time", call=name)

        return run


class Favorites:
    """A device's favorites."""

    def __init__(self, **names: str) -> None:
        self.held = {f"/s/{path}": name for path, name in names.items()}

    def list(self) -> list[Favorite]:
        return [Favorite(path, name) for path, name in self.held.items()]

    def add(self, path: str, name: str, place: Any = None) -> None:
        self.held[path] = name

    def edit(self, path: str, name: str) -> None:
        self.held[path] = name

    def delete(self, path: str) -> None:
        del self.held[path]

    def replace_all(self, favorites: list[Favorite]) -> None:
        self.held = {one.path: one.name for one in favorites}


@pytest.mark.parametrize(
    "desired",
    [
        nas_favorite.Desired({"/s/n": "new"}),
        nas_favorite.Desired({"/s/a": "other"}),
        nas_favorite.Desired({"/s/a": None}, "absent"),
        nas_favorite.Desired({"/s/b": "a", "/s/a": "b"}),
    ],
)
def test_favorites(desired: nas_favorite.Desired) -> None:
    device = Favorites(a="a", b="b")
    after = nas_favorite.desired_favorites(desired, device.list())
    plan = nas_favorite.plan_favorites(desired, device.list(), after)
    lossy: Any = Lossy(device, "add", "edit", "delete", "replace_all")
    assert plan.changed
    assert nas_favorite.apply(lossy, plan, desired, after) == after


class Jobs:
    """A device's tasks."""

    features = JobFeatures(list=True, pause=True, cancel=True, clear=True)

    def __init__(self, **states: str) -> None:
        self.states = states

    def list(self) -> list[Job]:
        return [Job(task_id, "copy", state) for task_id, state in self.states.items()]

    def get(self, task_id: str, job_type: Any = None) -> Any:
        return next((task for task in self.list() if task.id == task_id), None)

    def pause(self, task_id: str) -> None:
        self.states[task_id] = "paused"

    def resume(self, task_id: str) -> None:
        self.states[task_id] = "running"

    def cancel(self, task_id: str, job_type: Any = None) -> None:
        del self.states[task_id]

    def clear(self, task_ids: list[str]) -> None:
        for task_id in task_ids:
            del self.states[task_id]


@pytest.mark.parametrize(
    ("state", "before", "after"),
    [
        ("paused", {"a": "running"}, {"a": "paused"}),
        ("running", {"a": "paused"}, {"a": "running"}),
        ("cancelled", {"a": "running"}, {}),
        ("cleared", {"a": "finished"}, {}),
    ],
)
def test_tasks(state: str, before: dict[str, str], after: dict[str, str]) -> None:
    device = Jobs(**before)
    plan, outlooks = nas_task.plan_jobs(nas_task.Desired(state, ["a"]), device.list())
    lossy: Any = Lossy(device, "pause", "resume", "cancel", "clear")
    assert plan.changed
    nas_task.apply(lossy, plan, outlooks)
    assert device.states == after
