# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""QNAP: renditions of films and the queue that makes them."""

from __future__ import annotations

import pytest
from ansible_collections.nasops.nas.plugins.module_utils._core.errors import Kind
from ansible_collections.nasops.nas.plugins.module_utils._core.model import FAILED, FINISHED, QUEUED, RUNNING, Job
from ansible_collections.nasops.nas.tests.unit.plugins.module_utils._qnap.fake import ODD, fails, status


@pytest.fixture
def transcoding(nas):
    return nas.client({"sid": "sid-1"}).transcoding


def item(ident, path, state, **more):
    return {"id": str(ident), "filename": path, "addtime": "89046071967999", "time": 1, "status": state, **more}


def queue(*items, percentage=200):
    return {"status": 1, "total": len(items), "percentage": percentage, "datas": list(items)}


def test_renditions(nas, transcoding):
    def answer(asked):
        datas = [{"filename": name, "mp4_360": 1, "flv_720": 0, "mp4_720": "1"} for name in asked.all("source_file")]
        return {"status": 1, "total": len(datas), "datas": datas}

    nas.on("video_list", answer)
    paths = [*(f"/D/t/{name}" for name in ODD), "/E/a.mp4"]
    assert transcoding.renditions(paths) == {path: {"mp4_360": 360, "mp4_720": 720} for path in paths}
    first, second = nas.calls("video_list")
    assert (first["source_path"], first["source_total"]) == ("/D/t", str(len(ODD)))
    assert second["source_path"] == "/E"


def test_the_queue(nas, transcoding):
    rows = [item(1, "/D/a", 0), item(2, "/D/b", 1), item(3, "/D/c", 2), item(4, "/share/HDA_DATA/D/d", 3)]
    nas.on("video_ml_queue", queue(*rows, percentage=40))
    assert transcoding.queue() == [
        Job("1", "transcode", QUEUED, "/D/a", None, 100),
        Job("2", "transcode", FINISHED, "/D/b", 100, 100),
        Job("3", "transcode", FAILED, "/D/c", None, 100),
        Job("4", "transcode", RUNNING, "/D/d", 40, 100),
    ]
    assert (nas.asked[-1]["op"], nas.asked[-1]["subop"]) == ("1", "4")
    nas.on("video_ml_queue", queue())
    assert transcoding.queue() == []


@pytest.mark.parametrize(
    "row", [{}, item("x", "/D/a", 0), item(1, "a", 0), item(1, "/D/a", 9), item(1, None, 0), item(1, "/D/a", "x")]
)
def test_a_broken_queue(nas, transcoding, row):
    nas.on("video_ml_queue", queue(row))
    error = fails(Kind.PROTOCOL, transcoding.queue)
    assert error.call == "video_ml_queue&op=1"


def test_status(nas, transcoding):
    nas.on("video_ml_status", queue(item(21, "/D/3.mp4", 1)))
    assert [task.id for task in transcoding.status(["/D/3.mp4", "/D/4.mp4"])] == ["21"]
    assert nas.asked[-1].all("filename") == ["3.mp4", "4.mp4"]
    assert nas.asked[-1]["total"] == "2"
    nas.on("video_ml_status", status(5))
    fails(Kind.NOT_FOUND, lambda: transcoding.status(["/D/none"]))


@pytest.mark.parametrize(
    ("answer", "running"), [({"status": 1, "filename": "aa.mp4", "running": 1}, True), (status(1), False)]
)
def test_whether_a_film_is_at_work(nas, transcoding, answer, running):
    nas.on("get_video_qstatus", answer)
    assert transcoding.running(Job("2450", "transcode", RUNNING, "/D/aa.mp4")) is running
    assert nas.asked[-1]["pid"] == "2450"


@pytest.mark.parametrize(
    ("resolutions", "mask"), [((240,), "1"), ((360,), "2"), ((720, 360), "6"), ((240, 360, 720), "7")]
)
def test_add(nas, transcoding, resolutions, mask):
    nas.on("video_ml_queue", {"status": 1, "result": "2"})
    transcoding.add(["/D/a", "/D/b"], resolutions, first=mask == "1")
    asked = nas.asked[-1]
    assert (asked["op"], asked["subop"], asked["mask"]) == ("3", "1" if mask == "1" else "0", mask)
    assert (asked["path"], asked["total"], asked.all("filename")) == ("/D", "2", ["a", "b"])


@pytest.mark.parametrize("answer", [status(1), status(0), status(20)])
def test_remove(nas, transcoding, answer):
    nas.on("cancel_transcode", answer).on("video_ml_queue", {"status": 1, "result": "1"})
    tasks = [Job("7", "transcode", RUNNING, "/D/a"), Job("8", "transcode", QUEUED, "/D/b")]
    transcoding.remove(tasks)
    assert [asked.call for asked in nas.calls()] == ["cancel_transcode", "video_ml_queue"]
    assert nas.calls("cancel_transcode")[0]["pid"] == "7"
    assert (nas.asked[-1]["op"], nas.asked[-1].all("filename")) == ("5", ["a", "b"])


def test_delete(nas, transcoding):
    nas.on("delete_transcode", status(1))
    transcoding.delete(["/D/a", "/D/b"])
    asked = nas.asked[-1]
    assert (asked["mode"], asked["keep_trans"], asked["file_total"]) == ("2", "0", "2")
    nas.on("delete_transcode", status(4))
    fails(Kind.PERMISSION_DENIED, lambda: transcoding.delete(["/D/a"]))


def test_errors(nas, transcoding):
    nas.on("video_ml_queue", status(18))
    error = fails(Kind.UNSUPPORTED, transcoding.queue)
    assert "media library" in error.message
    error = fails(Kind.UNSUPPORTED, lambda: transcoding.add(["/D/a"], [360], first=False))
    assert (error.call, error.code) == ("video_ml_queue&op=3", "18")
    fails(Kind.USAGE, lambda: transcoding.renditions(["/D"]))


@pytest.mark.parametrize(
    ("videos", "pictures", "mode", "keep_trans"),
    [(True, False, "2", "0"), (False, True, "1", "1"), (True, True, "3", "0")],
)
def test_what_delete_removes(nas, transcoding, videos, pictures, mode, keep_trans):
    nas.on("delete_transcode", status(1))
    transcoding.delete(["/D/a"], videos=videos, pictures=pictures)
    assert (nas.asked[-1]["mode"], nas.asked[-1]["keep_trans"]) == (mode, keep_trans)


def test_clear(nas, transcoding):
    nas.on("video_ml_queue", {"status": 1, "result": "true"})
    transcoding.clear(finished=True)
    (asked,) = nas.calls()
    assert (asked["op"], asked["subop"], asked.all("path")) == ("5", "1", [])


@pytest.mark.parametrize("answer", [status(1), status(0)])
def test_what_is_at_work_is_stopped_before_the_rest_is_cleared(nas, transcoding, answer):
    rows = [
        {"id": "21", "filename": "/D/a", "status": 3, "type": 1},
        {"id": "22", "filename": "/D/b", "status": 0, "type": 1},
    ]
    nas.on("video_ml_queue", {"status": 1, "total": 2, "percentage": 5, "datas": rows}, {"status": 1, "result": "true"})
    nas.on("cancel_transcode", answer)
    transcoding.clear(finished=False)
    assert [(asked.call, asked.all("op"), asked.all("subop")) for asked in nas.calls()] == [
        ("video_ml_queue", ["1"], ["4"]),
        ("cancel_transcode", [], []),
        ("video_ml_queue", ["5"], ["5"]),
    ]
    assert nas.calls("cancel_transcode")[0]["pid"] == "21"
