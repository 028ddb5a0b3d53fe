# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Synology: the device's tasks, and what is mounted on it."""

from __future__ import annotations

import pytest
from ansible_collections.nasops.nas.plugins.module_utils._api.capabilities.jobs import JobFeatures
from ansible_collections.nasops.nas.plugins.module_utils._core.errors import Kind
from ansible_collections.nasops.nas.plugins.module_utils._core.model import Job
from ansible_collections.nasops.nas.plugins.module_utils._synology import entries
from ansible_collections.nasops.nas.tests.unit.plugins.module_utils._synology.fake import Fail, dsm7, fails


def task(api, task_id="2024", **more):
    """A `<background task>` object."""
    return {
        "api": f"SYNO.FileStation.{api}",
        "version": 1,
        "method": "start",
        "taskid": task_id,
        "crtime": 1372926088,
        "finished": False,
        "progress": 0,
        "total": -1,
        "params": {},
        **more,
    }


def listing(*tasks):
    return {"tasks": list(tasks), "offset": 0, "total": len(tasks)}


@pytest.mark.parametrize(
    ("reported", "expected"),
    [
        (
            task(
                "CopyMove", processed_size=5, total=9, path="/pub/a", params={"remove_src": False, "path": ["/pub/a"]}
            ),
            Job("2024", "copy", "running", "/pub/a", 5, 9),
        ),
        (
            task("CopyMove", finished=True, processed_size=9, total=9, path="/pub/a", params={"remove_src": True}),
            Job("2024", "move", "finished", "/pub/a", 9, 9),
        ),
        (
            task("CopyMove", finished=True, status="FAIL", errors=[{"code": 408, "path": "/pub/x"}]),
            Job("2024", "copy", "failed", None, error="408"),
        ),
        (
            task("Delete", processed_num=-1, path="", params={"path": ["/pub/b", "/pub/c"]}),
            Job("2024", "delete", "running", "/pub/b"),
        ),
        (
            task("Compress", params={"dest_file_path": "/pub/x.zip", "password": "S3CRET", "path": ["/pub/a"]}),
            Job("2024", "compress", "running", "/pub/x.zip"),
        ),
        (
            task("Extract", progress=0.25, processed_size=-1, params={"file_path": ["/pub/x.zip"]}),
            Job("2024", "extract", "running", "/pub/x.zip", 25, 100),
        ),
        (task("Extract", params={"file_path": "/pub/x.zip"}), Job("2024", "extract", "running", "/pub/x.zip")),
        (task("Upload"), Job("2024", "upload", "running")),
    ],
)
def test_what_a_task_of_the_list_becomes(dsm, nas, reported, expected):
    dsm.on("BackgroundTask/list", listing(reported))
    assert nas.jobs.list() == [expected]
    assert nas.jobs.get("2024") == expected
    assert nas.jobs.get("x") is None
    assert "S3CRET" not in repr(nas.jobs.list())


def test_list_is_paged(dsm, nas, monkeypatch):
    monkeypatch.setattr(entries, "PAGE", 2)
    there = [task("Delete", name) for name in "abc"]

    def answer(asked):
        offset, limit = asked.json("offset"), asked.json("limit")
        return {"tasks": there[offset : offset + limit], "total": 3, "offset": offset}

    dsm.on("BackgroundTask/list", answer)
    assert [one.id for one in nas.jobs.list()] == list("abc")


@pytest.mark.parametrize(
    "data", [None, {"tasks": [{}], "total": 1}, {"tasks": [], "total": 1}, {"tasks": {}, "total": 0}]
)
def test_a_list_that_makes_no_sense(dsm, nas, data):
    dsm.on("BackgroundTask/list", data)
    fails(Kind.PROTOCOL, nas.jobs.list)


@pytest.mark.parametrize("api", ["CopyMove", "Delete", "Extract", "Compress"])
def test_cancel(dsm, nas, api):
    dsm.on("BackgroundTask/list", listing(task(api))).on(f"{api}/stop", None)
    nas.jobs.cancel("2024")
    assert dsm.calls() == ["BackgroundTask/list", f"{api}/stop"]
    assert dsm.of(f"{api}/stop")[0].json("taskid") == "2024"


def test_cancel_what_is_not_there_or_finished(dsm, nas):
    dsm.on("BackgroundTask/list", listing(task("CopyMove", finished=True))).on("CopyMove/stop", None)
    fails(Kind.NOT_FOUND, lambda: nas.jobs.cancel("x", "copy"))
    nas.jobs.cancel("2024", "copy")
    assert "CopyMove/stop" not in dsm.calls()


def test_cancel_where_the_task_id_must_not_be_quoted(dsm, nas):
    dsm.on("BackgroundTask/list", listing(task("Delete")))
    dsm.on("Delete/stop", lambda asked: None if asked.params["taskid"] == "2024" else Fail(599))
    nas.jobs.cancel("2024")


def test_cancel_what_ends_meanwhile(dsm, nas):
    running = listing(task("Delete"))
    dsm.on("BackgroundTask/list", running, listing(), running, listing(task("Delete", finished=True)), running)
    dsm.on("Delete/stop", Fail(401))
    nas.jobs.cancel("2024")
    nas.jobs.cancel("2024")
    fails(Kind.DEVICE, lambda: nas.jobs.cancel("2024"))
    dsm.on("Delete/stop", Fail(105))
    fails(Kind.PERMISSION_DENIED, lambda: nas.jobs.cancel("2024"))


def test_cancel_what_the_list_never_holds(dsm, nas):
    dsm.on("DirSize/stop", None).on("MD5/stop", None)
    nas.jobs.cancel("51CBD7", "folder_size")
    nas.jobs.cancel("51CBD9", "checksum")
    assert dsm.calls() == ["DirSize/stop", "MD5/stop"]


def test_cancel_what_nothing_stops(dsm, nas):
    dsm.on("BackgroundTask/list", listing(task("Upload")))
    fails(Kind.UNSUPPORTED, lambda: nas.jobs.cancel("2024"))


def test_clear(dsm, nas):
    dsm.on("BackgroundTask/clear_finished", None)
    nas.jobs.clear(None)
    nas.jobs.clear(["2024", "b"])
    nas.jobs.clear([])
    everything, some = dsm.of("BackgroundTask/clear_finished")
    assert "taskid" not in everything.params
    assert some.json("taskid") == ["2024", "b"]


def test_what_no_task_can_do(dsm, nas):
    fails(Kind.UNSUPPORTED, lambda: nas.jobs.pause("2024"))
    fails(Kind.UNSUPPORTED, lambda: nas.jobs.resume("2024"))
    assert nas.jobs.features == JobFeatures(list=True, cancel=True, clear=True)
    dsm.apis = dsm7("SYNO.FileStation.BackgroundTask")
    fails(Kind.UNSUPPORTED, nas.jobs.list)


# Mounts


REMOTE = {
    "path": "/video/remote",
    "name": "remote",
    "isdir": True,
    "additional": {
        "mount_point_type": "remote",
        "owner": {"user": "admin", "group": "users", "uid": 1024, "gid": 100},
        "perm": {"posix": 777, "is_acl_mode": False},
        "real_path": "/volume1/video/remote",
        "time": {"mtime": 1371206944},
        "volume_status": {"freespace": 5, "readonly": False, "totalspace": 9},
    },
}


def mounted(**by_type):
    def answer(asked):
        found = by_type.get(asked.json("type"), [])
        return found if isinstance(found, Fail) else {"folders": found, "offset": 0, "total": len(found)}

    return answer


def test_mounts(dsm, nas):
    dsm.on("VirtualFolder/list", mounted(cifs=[REMOTE], nfs=Fail(400), iso=[{"path": "/pub/disc", "name": "disc"}]))
    first, second = nas.mounts.mounts()
    assert first == {
        "path": "/video/remote",
        "name": "remote",
        "type": "cifs",
        "mount_point_type": "remote",
        "real_path": "/volume1/video/remote",
        "owner": "admin",
        "group": "users",
        "mtime": 1371206944,
        "mtime_iso": "2013-06-14T10:49:04Z",
        "mode": "777",
        "total": 9,
        "free": 5,
        "read_only": False,
    }
    assert (second["path"], second["type"], second["total"]) == ("/pub/disc", "iso", None)
    asked = dsm.of("VirtualFolder/list")
    assert [one.json("type") for one in asked] == ["cifs", "nfs", "iso"]
    assert "mount_point_type" in asked[0].json("additional")


@pytest.mark.parametrize(("code", "kind"), [(400, Kind.INVALID_ARGUMENT), (105, Kind.PERMISSION_DENIED)])
def test_why_mounts_are_not_listed(dsm, nas, code, kind):
    dsm.on("VirtualFolder/list", Fail(code))
    fails(kind, nas.mounts.mounts)
    dsm.on("VirtualFolder/list", {"folders": [{"name": "x"}], "total": 1})
    fails(Kind.PROTOCOL, nas.mounts.mounts)
