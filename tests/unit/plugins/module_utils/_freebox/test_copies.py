# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Copying and moving on a Freebox."""

from __future__ import annotations

import pytest
from ansible_collections.nasops.nas.plugins.module_utils._core.errors import Kind, NasError
from ansible_collections.nasops.nas.plugins.module_utils._core.waiting import Watch, start_detached
from ansible_collections.nasops.nas.tests.unit.plugins.module_utils._freebox.fake import (
    Answer,
    b64,
    bad,
    good,
    info,
    listing,
    task,
)

FOLDER = "/Disque dur/folder"
THERE = "/Disque dur/there"
CP = "POST fs/cp/"
MV = "POST fs/mv/"
DONE = "DELETE fs/tasks/43"
ODD_NAMES = ["2024", "a, b.txt", "\u00e9", "e\u0301", "100% #1+?.txt", "[1]", " x", "'\"", "\U0001f600", "\udce9"]


@pytest.fixture
def box(box):
    box.on(stat_call(THERE), good(info(THERE, "dir")))
    box.on(DONE, good())
    return box


def stat_call(path):
    return f"GET fs/info/{b64(path)}"


def pages(path):
    return f"GET fs/ls/{b64(path)}?limit=1000"


def holds(box, *infos):
    """What the call for many paths finds; everything else is absent."""
    there = {found["path"]: found for found in infos}
    box.on("POST fs/info", lambda request: good([there[path] for path in request.body if path in there]))
    box.on(pages(FOLDER), good({"entries": listing(FOLDER, *infos)}))
    box.on(pages(THERE), good({"entries": listing(THERE)}))


def into(box, *names, move=False, conflict="overwrite", watch=None, folder=THERE):
    sources = [name if name.startswith("/") else f"{FOLDER}/{name}" for name in names]
    box.client().copies.into(sources, folder, move=move, conflict=conflict, watch=watch or Watch())


def failure(box, *names, **more):
    with pytest.raises(NasError) as caught:
        into(box, *names, **more)
    return caught.value


@pytest.mark.parametrize("conflict", ["overwrite", "skip"])
@pytest.mark.parametrize("move", [False, True])
def test_all_sources_are_one_task(box, conflict, move):
    call = MV if move else CP
    seen = []
    box.on(call, good(task(43, "running", "cp")))
    box.on("GET fs/tasks/43", good(task(43, "running", progress=40)), good(task(43, "done", progress=100)))
    into(box, *ODD_NAMES, move=move, conflict=conflict, watch=Watch(lambda done, total: seen.append((done, total))))
    files = [b64(f"{FOLDER}/{name}") for name in ODD_NAMES]
    assert box.bodies(call) == [{"files": files, "dst": b64(THERE), "mode": conflict}]
    assert box.calls() == [stat_call(THERE), call, "GET fs/tasks/43", "GET fs/tasks/43", DONE]
    assert seen == [(0, 100), (40, 100), (100, 100)]


@pytest.mark.parametrize("state", ["queued", "running"])
def test_a_task_that_nobody_waits_for_is_not_deleted(box, state):
    box.on(CP, good(task(43, state, "cp")))
    (left,) = start_detached(lambda watch: into(box, "a", watch=watch), Watch())
    assert (left.id, left.type, left.state, left.path) == ("43", "copy", state, f"{FOLDER}/a")
    assert box.calls() == [stat_call(THERE), CP]


def test_conflicts(box):
    assert box.client().copies.features.conflicts == {"overwrite", "skip"}


def test_hundreds_are_few_tasks(box):
    box.on(CP, good(task(43, "done", "cp")))
    into(box, *(str(number) for number in range(1100)))
    assert [len(body["files"]) for body in box.bodies(CP)] == [500, 500, 100]
    with pytest.raises(NasError) as caught:
        start_detached(lambda watch: into(box, *(str(number) for number in range(501)), watch=watch), Watch())
    assert caught.value.kind is Kind.USAGE
    assert box.count(CP) == 3


@pytest.mark.parametrize(
    ("names", "more", "kind"),
    [
        (["a"], {"conflict": "ask"}, Kind.INVALID_ARGUMENT),
        ([THERE], {}, Kind.INVALID_ARGUMENT),
        (["/Disque dur"], {}, Kind.INVALID_ARGUMENT),
        (["/Volume"], {"move": True}, Kind.USAGE),
        (["/"], {}, Kind.USAGE),
        (["a", "/Volume/a"], {}, Kind.INVALID_ARGUMENT),
        ([f"{THERE}/a"], {"conflict": "skip", "move": True}, Kind.INVALID_ARGUMENT),
        (["a"], {"conflict": "newer"}, Kind.INVALID_ARGUMENT),
        ([f"{THERE}/a"], {}, Kind.INVALID_ARGUMENT),
    ],
)
def test_what_cannot_be_is_refused_before_any_call(box, names, more, kind):
    assert failure(box, *names, **more).kind is kind
    assert box.requests == []


@pytest.mark.parametrize(
    ("answer", "kind"), [(bad("path_not_found"), Kind.NOT_FOUND), (good(info(THERE)), Kind.WRONG_TYPE)]
)
def test_a_folder_that_is_none(box, answer, kind):
    box.on(stat_call(THERE), answer)
    error = failure(box, "a")
    assert (error.kind, error.path) == (kind, THERE)
    assert box.count(CP) == 0


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("file_not_found", Kind.NOT_FOUND),
        ("disk_full", Kind.NO_SPACE),
        ("copy_into_itself", Kind.INVALID_ARGUMENT),
        ("same_file", Kind.INVALID_ARGUMENT),
        ("file_exists", Kind.EXISTS),
        ("permission_denied", Kind.PERMISSION_DENIED),
        ("write_failed", Kind.DEVICE),
        ("something_new", Kind.DEVICE),
    ],
)
def test_a_task_that_fails(box, code, kind):
    box.on(CP, good(task(43, "running", "cp")))
    box.on("GET fs/tasks/43", good(task(43, "failed", "cp", code)))
    error = failure(box, "a")
    assert (error.kind, error.code, error.call, error.path) == (kind, code, CP, f"{FOLDER}/a")
    assert box.count(DONE) == 1


def test_the_destination_turned_into_a_file_meanwhile(box):
    box.on(CP, good(task(43, "failed", "cp", "dest_is_not_dir")))
    error = failure(box, "a")
    assert (error.kind, error.path) == (Kind.WRONG_TYPE, THERE)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("invalid_conflict_mode", Kind.INVALID_ARGUMENT),
        ("insufficient_rights", Kind.PERMISSION_DENIED),
        ("access_denied", Kind.PERMISSION_DENIED),
        ("path_not_found", Kind.NOT_FOUND),
    ],
)
def test_a_task_that_does_not_begin(box, code, kind):
    box.on(MV, bad(code))
    error = failure(box, "a", move=True)
    assert (error.kind, error.call, error.path) == (kind, MV, f"{FOLDER}/a")


def test_the_missing_source_is_named(box):
    box.on(CP, good(task(43, "failed", "cp", "file_not_found")))
    holds(box, info(f"{FOLDER}/a"))
    box.on(stat_call(f"{FOLDER}/b"), bad("path_not_found"))
    assert failure(box, "a", "b").path == f"{FOLDER}/b"


def test_what_was_moved_before_is_not_the_missing_one(box):
    box.on(MV, good(task(43, "failed", "mv", "file_not_found")))
    holds(box, info(f"{THERE}/a"))
    box.on(stat_call(f"{THERE}/b"), bad("path_not_found"))
    assert failure(box, "a", "b", move=True).path == f"{FOLDER}/b"


def test_a_copy_is_never_started_twice(box):
    box.on(CP, Answer(200, b"", {"Content-Length": "9"}))
    assert failure(box, "a").kind is Kind.CONNECTION
    assert box.count(CP) == 1


def test_a_task_that_takes_too_long_is_stopped(box):
    box.on(CP, good(task(43, "running", "cp")))
    box.on("GET fs/tasks/43", good(task(43, "running", "cp")))
    error = failure(box, "a", watch=Watch(timeout=0))
    assert (error.kind, error.path) == (Kind.TIMEOUT, f"{FOLDER}/a")
    assert box.count(DONE) == 1


def test_time_in_the_queue_does_not_count(box):
    box.on(CP, good(task(43, "queued", "cp")))
    box.on("GET fs/tasks/43", good(task(43, "queued", "cp")), good(task(43, "done", "cp")))
    into(box, "a", watch=Watch(timeout=0))


def forgotten(box, call):
    box.on(call, good(task(43, "running", "cp")))
    box.on("GET fs/tasks/43", bad("invalid_id"))


@pytest.mark.parametrize(
    ("conflict", "there", "done"),
    [
        ("overwrite", [info(f"{THERE}/a", size=5)], True),
        ("overwrite", [info(f"{THERE}/a", size=4)], False),
        ("overwrite", [info(f"{THERE}/a", "dir")], False),
        ("overwrite", [], False),
        ("skip", [info(f"{THERE}/a", size=4)], True),
    ],
)
def test_a_forgotten_copy_is_verified_by_what_is_there(box, conflict, there, done):
    forgotten(box, CP)
    holds(box, info(f"{FOLDER}/a", size=5), *there)
    box.on(stat_call(f"{THERE}/a"), bad("path_not_found"))
    if done:
        into(box, "a", conflict=conflict)
    else:
        error = failure(box, "a", conflict=conflict)
        assert (error.kind, error.path) == (Kind.DEVICE, f"{FOLDER}/a")


@pytest.mark.parametrize("complete", [True, False])
def test_a_forgotten_copy_of_a_folder_is_compared_at_all_levels(box, complete):
    forgotten(box, CP)
    source, target = f"{FOLDER}/f", f"{THERE}/f"
    holds(box, info(source, "dir"), info(target, "dir"))
    for folder, last in ((source, True), (target, complete)):
        box.on(pages(folder), good({"entries": listing(folder, info(f"{folder}/s", "dir"))}))
        files = [info(f"{folder}/s/1"), *([info(f"{folder}/s/2")] if last else [])]
        box.on(pages(f"{folder}/s"), good({"entries": listing(f"{folder}/s", *files)}))
    if complete:
        into(box, "f")
    else:
        assert failure(box, "f").kind is Kind.DEVICE


@pytest.mark.parametrize(
    ("conflict", "current", "done"),
    [
        ("overwrite", ["there"], True),
        ("overwrite", ["there", "here"], False),
        ("skip", ["there", "here"], True),
        ("skip", ["here"], False),
    ],
)
def test_a_forgotten_move_is_verified_by_what_is_left(box, conflict, current, done):
    forgotten(box, MV)
    places = {"here": f"{FOLDER}/a", "there": f"{THERE}/a"}
    holds(box, *(info(places[place]) for place in current))
    for place, path in places.items():
        box.on(stat_call(path), good(info(path)) if place in current else bad("path_not_found"))
    if done:
        into(box, "a", move=True, conflict=conflict)
    else:
        assert failure(box, "a", move=True, conflict=conflict).kind is Kind.DEVICE


def test_a_session_that_expires_on_the_way(box):
    box.on(CP, bad("auth_required", 403, result={"challenge": "c"}), good(task(43, "running", "cp")))
    box.on("GET fs/tasks/43", bad("auth_required", 403, result={"challenge": "c"}), good(task(43, "done", "cp")))
    into(box, "a")
    assert (box.logins, box.count(CP)) == (3, 2)
