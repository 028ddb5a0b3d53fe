# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""QNAP: copying, moving and stopping tasks."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from ansible_collections.nasops.nas.plugins.module_utils._api.capabilities.jobs import JobFeatures
from ansible_collections.nasops.nas.plugins.module_utils._core import waiting as _watch
from ansible_collections.nasops.nas.plugins.module_utils._core.errors import Kind
from ansible_collections.nasops.nas.plugins.module_utils._core.waiting import Watch, start_detached
from ansible_collections.nasops.nas.plugins.module_utils._qnap import job_list, process
from ansible_collections.nasops.nas.tests.unit.plugins.module_utils._qnap.fake import (
    ODD,
    Reply,
    fails,
    gone,
    row,
    rows,
    status,
)

PID = {"status": 1, "pid": 28656}
BLANK = {"status": 1, "the_num": "", "filename": "", "filesize": "", "files": "", "percent": 0, "copying": 0}


@pytest.fixture
def nas(nas, monkeypatch):
    monkeypatch.setattr(_watch.time, "sleep", lambda _seconds: None)
    return nas


@pytest.fixture
def copies(nas):
    return nas.client({"sid": "sid-1"}).copies


def percent(number, **more):
    return {**BLANK, "filename": "a", "percent": number, "copying": 1, **more}


def holds(nas, *paths):
    """The device answers stat from a set of paths."""
    current = set(paths)

    def stat(asked):
        return rows(
            *(row(name) if f"{asked['path']}/{name}" in current else gone(name) for name in asked.all("file_name"))
        )

    nas.on("stat", stat)
    return current


def into(copies, sources, folder="/S/to", move=False, conflict="skip", watch=None):
    copies.into(sources, folder, move=move, conflict=conflict, watch=watch or Watch())


@pytest.mark.parametrize("move", [False, True])
def test_one_process_for_each_folder(nas, copies, move):
    call = "move" if move else "copy"
    nas.on(call, PID).on(f"get_{call}_status", percent(30), percent("100"))
    seen = []
    watch = Watch(lambda done, total: seen.append((done, total)))
    into(copies, [f"/S/x/{name}" for name in ODD] + ["/T/b"], move=move, conflict="overwrite", watch=watch)
    first, second = nas.calls(call)
    assert first.all("source_file") == ODD
    assert {name: first[name] for name in ("source_total", "source_path", "dest_path", "mode")} == {
        "source_total": str(len(ODD)),
        "source_path": "/S/x",
        "dest_path": "/S/to",
        "mode": "0",
    }
    assert (second["source_path"], second.all("source_file"), second["source_total"]) == ("/T", ["b"], "1")
    assert not first.all("dup")
    assert nas.calls(f"get_{call}_status")[0]["pid"] == "28656"
    assert seen == [(30, 200), (100, 200), (100, 200), (200, 200), (200, 200)]
    assert len(nas.asked) == 5


def test_modes(nas, copies):
    nas.on("copy", status(1))
    into(copies, ["/S/x/a"], conflict="skip")
    assert nas.asked[-1]["mode"] == "1"
    # As in the guide: done when it answers.
    assert len(nas.asked) == 1
    error = fails(Kind.INVALID_ARGUMENT, lambda: into(copies, ["/S/x/a"], conflict="newer"))
    assert error.call == "copy"
    assert copies.features.conflicts == {"skip", "overwrite"}


def test_what_is_refused_before_any_call(nas, copies):
    fails(Kind.INVALID_ARGUMENT, lambda: into(copies, ["/S/to"]))
    fails(Kind.INVALID_ARGUMENT, lambda: into(copies, ["/S/a"], "/S/a/b/c"))
    fails(Kind.INVALID_ARGUMENT, lambda: into(copies, ["/S/to/a"], conflict="overwrite"))
    fails(Kind.INVALID_ARGUMENT, lambda: into(copies, ["/S/to/a"], conflict="overwrite", move=True))
    fails(Kind.USAGE, lambda: into(copies, ["/S"]))
    fails(Kind.INVALID_NAME, lambda: into(copies, ["/S/a"], "/"))
    into(copies, ["/S/to/a"], conflict="skip")
    into(copies, ["/S/to/a"], conflict="skip", move=True)
    into(copies, [])
    assert not nas.asked


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (5, Kind.NOT_FOUND),
        (25, Kind.NOT_FOUND),
        (4, Kind.PERMISSION_DENIED),
        (55, Kind.INVALID_ARGUMENT),
        (92, Kind.INVALID_ARGUMENT),
        (12, Kind.INVALID_NAME),
    ],
)
def test_a_start_that_fails(nas, copies, number, kind):
    nas.on("move", status(number))
    error = fails(kind, lambda: into(copies, ["/S/x/a"], move=True))
    assert (error.call, error.path, error.code) == ("move", "/S/x/a", str(number))
    assert len(nas.asked) == 1


@pytest.mark.parametrize(
    ("number", "kind"),
    [(9, Kind.QUOTA_EXCEEDED), (10, Kind.PERMISSION_DENIED), (11, Kind.PERMISSION_DENIED), (94, Kind.NO_SPACE)],
)
def test_a_failure_on_the_way(nas, copies, number, kind):
    nas.on("copy", PID).on("get_copy_status", percent(50), status(number)).on("cancel_copy", status(1))
    error = fails(kind, lambda: into(copies, ["/S/x/a"]))
    assert (error.call, error.path) == ("get_copy_status", "/S/x/a")
    assert nas.calls("cancel_copy")[0]["pid"] == "28656"


def test_timeout_stops_it(nas, copies):
    nas.on("move", PID).on("get_move_status", percent(1)).on("cancel_move", status(1))
    fails(Kind.TIMEOUT, lambda: into(copies, ["/S/x/a"], move=True, watch=Watch(timeout=-1)))
    assert nas.calls("cancel_move")[0]["pid"] == "28656"


@pytest.mark.parametrize("silent", [BLANK, b'{"status": 1, "the_num', status(20), status(1), b""])
def test_a_move_that_the_device_forgot_is_verified_by_what_is_there(nas, copies, silent):
    current = holds(nas, "/S/x/a")
    nas.on("get_file_size", {"status": 1, "size": "5"})
    nas.on("move", PID)

    def moved(_asked):
        current.clear()
        current.add("/S/to/a")
        return silent

    nas.on("get_move_status", percent(20), silent, moved)
    into(copies, ["/S/x/a"], move=True)
    assert len(nas.calls("get_move_status")) == 3


def test_a_copy_that_the_device_forgot_is_over_when_nothing_changes(nas, copies, monkeypatch):
    clock = iter(range(0, 10000, 2))
    monkeypatch.setattr(process, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    holds(nas, "/S/x/a", "/S/to/a")
    sizes = [{"status": 1, "size": str(size)} for size in (1, 2, 3, 3, 3, 3, 3, 3)]
    nas.on("get_file_size", *sizes)
    nas.on("copy", PID).on("get_copy_status", percent(90), BLANK)
    into(copies, ["/S/x/a"])
    assert len(nas.calls("get_file_size")) == 6


def test_a_copy_that_the_device_forgot_and_left_undone(nas, copies, monkeypatch):
    clock = iter(range(0, 100000, 7))
    monkeypatch.setattr(process, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    holds(nas, "/S/x/a")
    nas.on("copy", PID).on("get_copy_status", BLANK).on("cancel_copy", status(1))
    assert fails(Kind.DEVICE, lambda: into(copies, ["/S/x/a"])).path == "/S/x/a"


def test_a_device_that_is_silent_for_a_while(nas, copies):
    nas.on("copy", PID).on("get_copy_status", Reply(b"", 503), Reply(b"", 503), percent(100))
    into(copies, ["/S/x/a"])
    nas.on("get_copy_status", Reply(b"", 503)).on("cancel_copy", status(1))
    fails(Kind.BUSY, lambda: into(copies, ["/S/x/a"]))
    assert nas.calls("cancel_copy")


def test_a_session_that_ends_on_the_way(nas, copies):
    nas.on("copy", status(3), PID).on("get_copy_status", status(3), percent(100))
    into(copies, ["/S/x/a"])
    assert len(nas.calls("copy")) == 2
    assert nas.logins == 2


def test_a_pid_that_is_none(nas, copies):
    nas.on("copy", {"status": 1, "pid": "x"})
    fails(Kind.PROTOCOL, lambda: into(copies, ["/S/x/a"]))


@pytest.mark.parametrize(
    ("job_type", "call"),
    [
        ("copy", "cancel_copy"),
        ("move", "cancel_move"),
        ("extract", "cancel_extract"),
        ("compress", "cancel_compress"),
        ("restore", "cancel_trash_recovery"),
        ("transcode", "cancel_transcode"),
    ],
)
def test_cancel(nas, job_type, call):
    tasks = nas.client({"sid": "sid-1"}).jobs
    nas.on(call, status(1), status(0))
    tasks.cancel("28656", job_type)
    assert nas.asked[0]["pid"] == "28656"
    error = fails(Kind.NOT_FOUND, lambda: tasks.cancel("28656", job_type))
    assert (error.call, error.code) == (call, "0")


def test_what_tasks_do_not_offer(nas):
    tasks = nas.client({"sid": "sid-1"}).jobs
    assert tasks.features == JobFeatures(ask=True, cancel=True)
    fails(Kind.USAGE, lambda: tasks.cancel("1"))
    fails(Kind.USAGE, lambda: tasks.cancel("1", "delete"))
    fails(Kind.USAGE, lambda: tasks.cancel("x", "copy"))
    fails(Kind.USAGE, lambda: tasks.get("x", "copy"))
    for action in (
        tasks.list,
        lambda: tasks.get("1"),
        lambda: tasks.get("1", "restore"),
        lambda: tasks.pause("1"),
        lambda: tasks.resume("1"),
        lambda: tasks.clear(None),
    ):
        fails(Kind.UNSUPPORTED, action)
    assert not nas.asked


@pytest.mark.parametrize(
    ("job_type", "answer", "state", "done"),
    [
        ("copy", percent(30), "running", 30),
        ("move", percent("100"), "finished", 100),
        ("copy", BLANK, "running", None),
        ("copy", status(9), "failed", None),
        ("extract", status(6), "running", None),
        ("extract", status(1), "finished", 100),
        ("extract", status(0), "failed", None),
        ("compress", status(36), "running", None),
        ("extract", status(17), "failed", None),
        ("move", Reply(b"{broken"), "running", None),
    ],
)
def test_how_a_task_is(nas, job_type, answer, state, done):
    nas.on(f"get_{job_type}_status", answer)
    task = nas.client({"sid": "sid-1"}).jobs.get("28656", job_type)
    assert (task.id, task.type, task.state, task.done) == ("28656", job_type, state, done)
    assert nas.asked[0]["pid"] == "28656"


def test_a_task_that_the_device_is_silent_about_is_gone_after_a_while(nas, monkeypatch):
    now = [0.0]
    monkeypatch.setattr(job_list, "time", SimpleNamespace(monotonic=lambda: now[0]))
    tasks = nas.client({"sid": "sid-1"}).jobs
    nas.on("get_copy_status", BLANK, BLANK, percent(3), BLANK)
    states = []
    for now[0] in (0, 59, 61, 62, 121, 122):
        task = tasks.get("28656", "copy")
        states.append(task and (task.state, task.done))
    assert states == [("running", None)] * 2 + [("running", 3)] + [("running", None)] * 2 + [None]
    # QTS 4.2 tells the end of a move in broken JSON, and forgets it.
    nas.on("get_move_status", Reply(b"{broken"), BLANK)
    assert [tasks.get("28657", "move") is None for _turn in range(2)] == [False, True]


def test_firmware_without_a_status_call(nas):
    nas.on("get_move_status", status(20))
    tasks = nas.client({"sid": "sid-1"}).jobs
    fails(Kind.UNSUPPORTED, lambda: tasks.get("1", "move"))


@pytest.mark.parametrize("move", [False, True])
def test_a_process_that_nobody_waits_for(nas, copies, move):
    call = "move" if move else "copy"
    nas.on(call, PID).on(f"get_{call}_status", percent(30))
    (task,) = start_detached(lambda watch: into(copies, ["/S/x/a"], move=move, watch=watch), Watch())
    assert (task.id, task.type, task.state, task.path) == ("28656", call, "running", "/S/x/a")
    assert [asked.call for asked in nas.asked] == [call, f"get_{call}_status"]
    fails(Kind.USAGE, lambda: start_detached(lambda watch: into(copies, ["/S/x/a", "/T/b"], watch=watch), Watch()))
    assert len(nas.asked) == 2
