# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Synology: copying and moving."""

from __future__ import annotations

import pytest
from ansible_collections.nasops.nas.plugins.module_utils._core.errors import Kind
from ansible_collections.nasops.nas.plugins.module_utils._core.waiting import Watch, start_detached
from ansible_collections.nasops.nas.plugins.module_utils._synology.encoding import Raw
from ansible_collections.nasops.nas.tests.unit.plugins.module_utils._synology.fake import (
    Answer,
    Fail,
    fails,
    file,
    folder,
)

TASK = {"taskid": "FileStation_60B0E65E1C162712"}
RUNNING = {
    "finished": False,
    "processed_size": 4,
    "total": 9,
    "progress": 0.4,
    "path": "/pub/a",
    "status": "PROCESSING",
}
DONE = {**RUNNING, "finished": True, "processed_size": 0, "total": 0, "progress": 1}


class Disk:
    """What getinfo says, and copies that a status makes when it tells the end."""

    def __init__(self, dsm, *known):
        self.known = {item["path"]: item for item in known}
        dsm.on("List/getinfo", self.getinfo).on("CopyMove/start", TASK).on("CopyMove/stop", None)

    def getinfo(self, asked):
        return {"files": [self.known.get(path, {"path": path, "code": 408}) for path in asked.json("path")]}

    def then(self, answer, *made, gone=()):
        """An answer, and what has changed on the disk by then."""

        def act(asked):
            self.known.update({item["path"]: item for item in made})
            for path in gone:
                self.known.pop(path, None)
            return answer

        return act


def copy(nas, *sources, to="/pub/d", conflict="skip", watch=None):
    nas.copies.into(sources, to, move=False, conflict=conflict, watch=watch or Watch())


def move(nas, *sources, to="/pub/d", conflict="overwrite"):
    nas.copies.into(sources, to, move=True, conflict=conflict, watch=Watch())


def test_copy(dsm, nas):
    disk = Disk(dsm, file("/pub/2024"), file("/other/a, b"), folder("/pub/d"))
    counting = {**RUNNING, "processed_size": -1, "total": -1}
    dsm.on("CopyMove/status", counting, RUNNING, disk.then(DONE, file("/pub/d/2024"), file("/pub/d/a, b")))
    seen = []
    copy(nas, "/pub/2024", "/other/a, b", watch=Watch(lambda done, total: seen.append((done, total))))
    assert dsm.calls() == ["CopyMove/start", *["CopyMove/status"] * 3, "List/getinfo"]
    (start,) = dsm.of("CopyMove/start")
    assert start.json("path") == ["/pub/2024", "/other/a, b"]
    assert start.json("dest_folder_path") == "/pub/d"
    assert (start.params["overwrite"], start.params["remove_src"]) == ("false", "false")
    assert dsm.of("CopyMove/status")[0].json("taskid") == TASK["taskid"]
    assert seen == [(4, 9), (0, 0)]


def test_a_task_that_nobody_waits_for(dsm, nas):
    Disk(dsm, file("/pub/a"), folder("/pub/d"))
    dsm.on("CopyMove/status", RUNNING)
    (task,) = start_detached(lambda watch: copy(nas, "/pub/a", watch=watch), Watch())
    assert (task.id, task.type, task.state, task.path) == (TASK["taskid"], "copy", "running", "/pub/a")
    assert dsm.calls() == ["CopyMove/start", "CopyMove/status"]
    # Some releases take an id without quotes only; it is told as plain text all the same.
    dsm.on("CopyMove/status", Fail(599), RUNNING)
    (task,) = start_detached(lambda watch: copy(nas, "/pub/a", watch=watch), Watch())
    assert not isinstance(task.id, Raw)
    many = [f"/pub/{number}" for number in range(600)]
    fails(Kind.USAGE, lambda: start_detached(lambda watch: copy(nas, *many, watch=watch), Watch()))


def test_move(dsm, nas):
    disk = Disk(dsm, file("/pub/a"), folder("/pub/d"))
    dsm.on("CopyMove/status", disk.then(DONE, file("/pub/d/a"), gone=["/pub/a"]))
    move(nas, "/pub/a")
    (start,) = dsm.of("CopyMove/start")
    assert (start.params["overwrite"], start.params["remove_src"]) == ("true", "true")


def test_many_sources_make_few_tasks(dsm, nas):
    sources = [file(f"/pub/{number}") for number in range(600)]
    disk = Disk(dsm, folder("/pub/d"), *sources)
    dsm.on("CopyMove/status", disk.then(DONE, *(file(f"/pub/d/{item['name']}") for item in sources)))
    copy(nas, *(item["path"] for item in sources))
    assert [len(asked.json("path")) for asked in dsm.of("CopyMove/start")] == [500, 100]


def test_nothing_to_copy(dsm, nas):
    copy(nas)
    assert dsm.asked == []


def test_what_was_left_out_on_purpose(dsm, nas):
    Disk(dsm, file("/pub/a"), file("/pub/d/a", size=99))
    dsm.on("CopyMove/status", {**DONE, "skipstatus": {"status": "all"}})
    copy(nas, "/pub/a", conflict="skip")
    move(nas, "/pub/a", conflict="skip")


@pytest.mark.parametrize("skipped", ["all", "some"])
def test_files_that_the_device_left_out_are_an_error(dsm, nas, skipped):
    Disk(dsm, file("/pub/a"), file("/pub/d/a"))
    dsm.on("CopyMove/status", {**DONE, "skipstatus": {"status": skipped}})
    fails(Kind.DEVICE, lambda: copy(nas, "/pub/a", conflict="overwrite"))
    dsm.on("CopyMove/status", {**DONE, "skipstatus": {"status": "none"}})
    copy(nas, "/pub/a", conflict="overwrite")


@pytest.mark.parametrize("key", ["errors", "error"])
def test_a_source_that_is_not_there(dsm, nas, key):
    Disk(dsm, folder("/pub/d"))
    dsm.on("CopyMove/status", {**DONE, "status": "FAIL", key: [{"code": 408, "path": "/pub/x"}]})
    error = fails(Kind.NOT_FOUND, lambda: copy(nas, "/pub/x"))
    assert (error.path, error.code, error.call) == ("/pub/x", "1000/408", "SYNO.FileStation.CopyMove/status")


def test_a_destination_that_is_not_there(dsm, nas):
    Disk(dsm, file("/pub/a"))
    dsm.on("CopyMove/status", Fail(1002, [{"code": 408, "path": "/pub/d"}]))
    assert fails(Kind.NOT_FOUND, lambda: copy(nas, "/pub/a")).path == "/pub/d"
    assert "CopyMove/stop" not in dsm.calls()
    dsm.on("CopyMove/start", Fail(1002))
    assert fails(Kind.NOT_FOUND, lambda: copy(nas, "/pub/a")).path == "/pub/d"
    Disk(dsm, file("/pub/a"), file("/pub/d"))
    for bare_or_not in (Fail(1002), Fail(1002, [{"code": 408, "path": "/pub/d"}])):
        dsm.on("CopyMove/start", TASK).on("CopyMove/status", bare_or_not)
        assert fails(Kind.WRONG_TYPE, lambda: copy(nas, "/pub/a")).path == "/pub/d"


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (1003, Kind.EXISTS),
        (1004, Kind.WRONG_TYPE),
        (1006, Kind.INVALID_NAME),
        (1007, Kind.INVALID_ARGUMENT),
        (1000, Kind.DEVICE),
        (416, Kind.NO_SPACE),
        (415, Kind.QUOTA_EXCEEDED),
        (407, Kind.PERMISSION_DENIED),
    ],
)
def test_why_something_is_not_copied(dsm, nas, code, kind):
    Disk(dsm, file("/pub/a"), folder("/pub/d"))
    dsm.on("CopyMove/start", Fail(code))
    assert fails(kind, lambda: copy(nas, "/pub/a")).code == str(code)
    dsm.on("CopyMove/start", TASK).on("CopyMove/status", {**DONE, "errors": [{"code": code, "path": "/pub/a"}]})
    fails(kind, lambda: copy(nas, "/pub/a"))


def test_a_failure_without_details(dsm, nas):
    Disk(dsm, file("/pub/a"), file("/pub/d/a"))
    dsm.on("CopyMove/status", {**DONE, "status": "FAIL"})
    fails(Kind.DEVICE, lambda: copy(nas, "/pub/a"))


def test_a_success_that_changed_nothing(dsm, nas):
    disk = Disk(dsm, file("/pub/a"), folder("/pub/d"))
    dsm.on("CopyMove/status", DONE)
    assert fails(Kind.DEVICE, lambda: copy(nas, "/pub/a")).path == "/pub/d/a"
    dsm.on("CopyMove/status", disk.then(DONE, file("/pub/d/a")))
    assert fails(Kind.DEVICE, lambda: move(nas, "/pub/a")).path == "/pub/a"


@pytest.mark.parametrize("before", [(RUNNING,), ()])
def test_a_task_that_the_device_has_forgotten_is_verified_by_what_is_there(dsm, nas, before):
    disk = Disk(dsm, file("/pub/a", size=7), folder("/pub/d"))
    dsm.on("CopyMove/status", *before, Fail(599))
    assert fails(Kind.DEVICE, lambda: copy(nas, "/pub/a")).path == "/pub/d/a"
    dsm.on("CopyMove/status", *before, disk.then(Fail(599), file("/pub/d/a", size=6)))
    fails(Kind.DEVICE, lambda: copy(nas, "/pub/a", conflict="overwrite"))
    dsm.on("CopyMove/status", *before, disk.then(Fail(599), file("/pub/d/a", size=7)))
    copy(nas, "/pub/a", conflict="overwrite")
    dsm.on("CopyMove/status", *before, disk.then(Fail(599), gone=["/pub/a"]))
    move(nas, "/pub/a")


def test_a_task_that_takes_too_long_is_stopped(dsm, nas):
    Disk(dsm, file("/pub/a"), folder("/pub/d"))
    dsm.on("CopyMove/status", RUNNING)
    fails(Kind.TIMEOUT, lambda: copy(nas, "/pub/a", watch=Watch(timeout=0)))
    assert dsm.of("CopyMove/stop")[0].json("taskid") == TASK["taskid"]


@pytest.mark.parametrize("status", [{"finished": 1}, {}, {**DONE, "total": "9"}, Answer(b"<html>")])
def test_a_status_that_makes_no_sense(dsm, nas, status):
    Disk(dsm, file("/pub/a"), folder("/pub/d"))
    dsm.on("CopyMove/status", status)
    fails(Kind.PROTOCOL, lambda: copy(nas, "/pub/a"))
    assert dsm.calls()[-1] == "CopyMove/stop"


def test_a_task_without_an_id(dsm, nas):
    Disk(dsm, file("/pub/a"), folder("/pub/d"))
    dsm.on("CopyMove/start", {})
    fails(Kind.PROTOCOL, lambda: copy(nas, "/pub/a"))


def test_a_lost_start_is_not_repeated(dsm, nas):
    dsm.on("CopyMove/start", Answer(b"", 502))
    fails(Kind.BUSY, lambda: copy(nas, "/pub/a"))
    assert dsm.calls() == ["CopyMove/start"]


@pytest.mark.parametrize(
    ("sources", "folder_", "moving"),
    [
        (["/pub/d"], "/pub/d", False),
        (["/pub/d"], "/pub/d/e/f", False),
        (["/Pub/d"], "/pub/d/e", False),
        (["/pub/d/a"], "/pub/d", False),
        (["/pub"], "/pub/d", False),
        (["/pub"], "/other", True),
        (["/pub/a", "/other/a"], "/pub/d", False),
    ],
)
def test_what_is_refused_before_any_call(dsm, nas, sources, folder_, moving):
    into = nas.copies.into
    fails(Kind.INVALID_ARGUMENT, lambda: into(sources, folder_, move=moving, conflict="overwrite", watch=Watch()))
    assert dsm.asked == []


def test_names_that_only_begin_alike(dsm, nas):
    disk = Disk(dsm, folder("/pub/d"), folder("/pub/dd"))
    dsm.on("CopyMove/status", disk.then(DONE, folder("/pub/dd/d")))
    copy(nas, "/pub/d", to="/pub/dd")


def test_conflicts(nas):
    assert nas.copies.features.conflicts == {"overwrite", "skip"}
    fails(Kind.UNSUPPORTED, lambda: copy(nas, "/pub/a", conflict="keep_both"))
