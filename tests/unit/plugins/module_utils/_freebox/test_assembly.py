# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One file from many on a Freebox."""

from __future__ import annotations

import pytest
from ansible_collections.nasops.nas.plugins.module_utils._core.errors import Kind, NasError
from ansible_collections.nasops.nas.plugins.module_utils._core.waiting import Watch
from ansible_collections.nasops.nas.tests.unit.plugins.module_utils._freebox.fake import (
    Answer,
    b64,
    bad,
    good,
    info,
    listing,
    task,
)

A, B, NEW = "/Disque dur/a é.001", "/Disque dur/b.002", "/Disque dur/new"
CAT = "POST fs/cat/"
DONE = "DELETE fs/tasks/43"
LIST = f"GET fs/ls/{b64('/Disque dur')}?limit=1000"


@pytest.fixture
def box(box):
    holds(box, info(A, size=2), info(B, size=3))
    box.on(CAT, good(task(43, "done", "cat")))
    box.on(DONE, good())
    return box


def holds(box, *infos):
    there = {found["path"]: found for found in infos}
    box.on("POST fs/info", lambda request: good([there[path] for path in request.body if path in there]))
    box.on(LIST, good({"entries": listing("/Disque dur", *infos), "cursor": ""}))
    for path in (A, B, NEW):
        found = there.get(b64(path))
        box.on(f"GET fs/info/{b64(path)}", good(found) if found else bad("path_not_found"))


def assemble(box, *files, dest=NEW, watch=None, **more):
    box.client().assembly.assemble(files or (A, B), dest, watch=watch or Watch(), **more)


def failure(box, *files, **more):
    with pytest.raises(NasError) as caught:
        assemble(box, *files, **more)
    return caught.value


def test_all_parts_are_one_task(box):
    box.on(CAT, good(task(43, "running", "cat")))
    box.on("GET fs/tasks/43", good(task(43, "running", "cat", progress=40)), good(task(43, "done", "cat")))
    assemble(box, A, B, A)
    assert box.bodies(CAT) == [
        {
            "files": [b64(A), b64(B), b64(A)],
            "dst": b64(NEW),
            "multi_volumes": False,
            "delete_files": False,
            "overwrite": False,
            "append": False,
        }
    ]
    assert box.calls() == [
        LIST,
        CAT,
        "GET fs/tasks/43",
        "GET fs/tasks/43",
        DONE,
    ]


def test_a_part_of_itself_is_refused_before_any_call(box):
    assert failure(box, A, NEW).kind is Kind.INVALID_ARGUMENT
    assert box.requests == []


def test_no_parts(box):
    with pytest.raises(NasError) as caught:
        box.client().assembly.assemble([], NEW, watch=Watch())
    assert caught.value.kind is Kind.USAGE


@pytest.mark.parametrize(
    ("there", "kind", "path"),
    [
        ([info(A)], Kind.NOT_FOUND, B),
        ([info(A, "dir"), info(B)], Kind.WRONG_TYPE, A),
        ([info(A), info(B), info(NEW)], Kind.EXISTS, NEW),
        ([info(A), info(B), info(NEW, "dir")], Kind.WRONG_TYPE, NEW),
    ],
)
def test_what_is_there_is_checked_first(box, there, kind, path):
    holds(box, *there)
    error = failure(box)
    assert (error.kind, error.path, error.call) == (kind, path, CAT)
    assert box.count(CAT) == 0


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("disk_full", Kind.NO_SPACE),
        ("file_exists", Kind.EXISTS),
        ("file_not_found", Kind.NOT_FOUND),
        ("same_file", Kind.INVALID_ARGUMENT),
        ("unsupported_file_type", Kind.WRONG_TYPE),
        ("open_output_failed", Kind.DEVICE),
        ("something_new", Kind.DEVICE),
    ],
)
def test_a_task_that_fails(box, code, kind):
    box.on(CAT, good(task(43, "failed", "cat", code)))
    error = failure(box)
    assert (error.kind, error.code, error.call, error.path) == (kind, code, CAT, NEW)
    assert box.count(DONE) == 1


def test_a_task_that_does_not_begin(box):
    box.on(CAT, bad("access_denied"))
    assert failure(box).kind is Kind.PERMISSION_DENIED


def test_it_is_never_started_twice(box):
    box.on(CAT, Answer(200, b"", {"Content-Length": "9"}))
    assert failure(box).kind is Kind.CONNECTION
    assert box.count(CAT) == 1


@pytest.mark.parametrize(("after", "done"), [(5, True), (4, False), (6, False), (None, False)])
def test_a_forgotten_task_is_verified_by_the_size(box, after, done):
    parts = [info(A, size=2), info(B, size=3)]
    holds(box, *parts)

    def begin(_request):
        holds(box, *parts, *([info(NEW, size=after)] if after is not None else []))
        return good(task(43, "running", "cat"))

    box.on(CAT, begin)
    box.on("GET fs/tasks/43", bad("invalid_id"))
    if done:
        assemble(box, A, B)
    else:
        error = failure(box, A, B)
        assert (error.kind, error.path) == (Kind.DEVICE, NEW)


def test_a_task_that_takes_too_long_is_stopped(box):
    box.on(CAT, good(task(43, "running", "cat")))
    box.on("GET fs/tasks/43", good(task(43, "running", "cat")))
    error = failure(box, watch=Watch(timeout=0))
    assert (error.kind, error.path) == (Kind.TIMEOUT, NEW)
    assert box.count(DONE) == 1
