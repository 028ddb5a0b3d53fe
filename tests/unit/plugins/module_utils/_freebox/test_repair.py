# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Par2 sets on a Freebox."""

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
    task,
)

SET = "/Disque dur/é.par2"
REPAIR = "POST fs/repair/"
DONE = "DELETE fs/tasks/50"
INFO = f"GET fs/info/{b64(SET)}"


@pytest.fixture
def box(box):
    box.on(REPAIR, good(task(50, "running", "repair")))
    box.on("GET fs/tasks/50", good(task(50, "done", "repair", progress=100)))
    box.on(DONE, good())
    box.on(INFO, good(info(SET)))
    return box


def repair(box, watch=None, **more):
    box.client().repair.repair(SET, watch=watch or Watch(), **more)


def failure(box, **more):
    with pytest.raises(NasError) as caught:
        repair(box, **more)
    return caught.value


def test_a_set_is_one_task(box):
    repair(box)
    assert box.bodies(REPAIR) == [{"src": b64(SET), "delete_archive": False}]
    assert box.calls() == [REPAIR, "GET fs/tasks/50", DONE]


@pytest.mark.parametrize("gone", [True, False])
def test_the_archive_is_deleted(box, gone):
    if gone:
        box.on(INFO, bad("path_not_found"))
        repair(box, delete_archive=True)
    else:
        assert failure(box, delete_archive=True).kind is Kind.DEVICE
    assert box.bodies(REPAIR) == [{"src": b64(SET), "delete_archive": True}]


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("repair_failed", Kind.DEVICE),
        ("invalid_format", Kind.INVALID_ARGUMENT),
        ("disk_full", Kind.NO_SPACE),
        ("permission_denied", Kind.PERMISSION_DENIED),
        ("something_new", Kind.DEVICE),
    ],
)
def test_a_task_that_fails(box, code, kind):
    box.on("GET fs/tasks/50", good(task(50, "failed", "repair", code)))
    error = failure(box)
    assert (error.kind, error.code, error.call, error.path) == (kind, code, REPAIR, SET)
    assert box.count(DONE) == 1


@pytest.mark.parametrize(
    ("there", "kind"), [(bad("path_not_found"), Kind.NOT_FOUND), (good(info(SET, "dir")), Kind.WRONG_TYPE)]
)
def test_what_is_no_file(box, there, kind):
    box.on("GET fs/tasks/50", good(task(50, "failed", "repair", "open_input_failed")))
    box.on(INFO, there)
    error = failure(box)
    assert (error.kind, error.path) == (kind, SET)


def test_a_task_that_does_not_begin(box):
    box.on(REPAIR, bad("path_not_found"))
    assert failure(box).kind is Kind.NOT_FOUND


def test_an_unheard_answer_is_not_a_reason_to_begin_again(box):
    box.on(REPAIR, Answer(200, b"", {"Content-Length": "9"}))
    assert failure(box).kind is Kind.CONNECTION
    assert box.count(REPAIR) == 1


def test_a_forgotten_task_is_begun_again(box):
    box.on("GET fs/tasks/50", bad("invalid_id"), good(task(50, "done", "repair")))
    repair(box)
    assert box.count(REPAIR) == 2


def test_a_task_forgotten_twice_tells_nothing(box):
    box.on("GET fs/tasks/50", bad("invalid_id"))
    assert failure(box).kind is Kind.DEVICE
    assert box.count(REPAIR) == 2


def test_a_forgotten_task_that_has_deleted_the_archive_was_done(box):
    box.on("GET fs/tasks/50", bad("invalid_id"))
    box.on(INFO, bad("path_not_found"))
    repair(box, delete_archive=True)
    assert box.count(REPAIR) == 1


def test_a_task_that_takes_too_long_is_stopped(box):
    box.on("GET fs/tasks/50", good(task(50, "running", "repair")))
    assert failure(box, watch=Watch(timeout=0)).kind is Kind.TIMEOUT
    assert box.count(DONE) == 1
