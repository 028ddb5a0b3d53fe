# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulated Synology on the wire: background tasks and injected faults."""

from __future__ import annotations

import datetime
import hashlib
import time
from typing import Any

import pytest
import requests

from tests.contract.simulator.synology.simulated import FS, Nas, Start, q


@pytest.fixture(scope="module")
def nas(start: Start) -> Nas:
    device = start()
    device.login(enable_syno_token="yes")
    return device


# -- tasks


def test_md5_and_size(nas: Nas) -> None:
    share, folder = nas.share()
    (folder / "d/e").mkdir(parents=True)
    (folder / "d/e/f").write_bytes(b"x" * 1000)
    answer = nas.job(FS + "MD5", 2, file_path=share + "/d/e/f")["data"]
    assert answer == {"finished": True, "md5": hashlib.md5(b"x" * 1000).hexdigest()}
    assert nas.code(FS + "MD5", "start", file_path=share + "/none") == 408
    answer = nas.job(FS + "DirSize", 2, path=q([share]))["data"]
    assert answer == {"finished": True, "num_dir": 2, "num_file": 1, "total_size": 1000}
    assert nas.code(FS + "MD5", "stop", taskid=q("nothing")) == 599


def test_a_finished_task_is_forgotten_when_read(nas: Nas) -> None:
    share, folder = nas.share()
    (folder / "f").write_bytes(b"x")
    same = {"path": q([share + "/f"]), "dest_folder_path": share, "overwrite": "true"}
    task = nas.data(FS + "CopyMove", "start", 3, **same)["taskid"]
    assert task.startswith("FileStation_")
    assert nas.wait(FS + "CopyMove", 3, q(task))["success"]
    assert nas.code(FS + "CopyMove", "status", 3, taskid=q(task)) == 599


@pytest.mark.parametrize("form", ["hex", "decimal"])
def test_a_task_id_begins_with_its_time(start: Start, form: str) -> None:
    nas = start("--vendor-opt", f"task_ids={form}")
    nas.login()
    share, folder = nas.share()
    (folder / "f").write_bytes(b"x")
    before = int(time.time())
    task = nas.data(FS + "DirSize", "start", 2, path=q([share]))["taskid"]
    began = int(task[:8], 16) if form == "hex" else int(task[:10])
    assert before <= began <= time.time()
    assert len(task) == 16
    copy = {"path": q([share + "/f"]), "dest_folder_path": q(share + "/d"), "create_parents": "true"}
    assert nas.data(FS + "CopyMove", "start", 3, **copy)["taskid"].startswith(f"FileStation_{task[:4]}")


def test_an_unquoted_task_id_can_be_misread(start: Start) -> None:
    nas = start("--vendor-opt", "task_ids=decimal")
    nas.login()
    share, folder = nas.share()
    (folder / "f").write_bytes(b"x")
    seen = set()
    while len(seen) < 2:
        task = nas.data(FS + "MD5", "start", file_path=share + "/f")["taskid"]
        misread = task[10].isdigit()
        if misread:
            assert nas.code(FS + "MD5", "status", taskid=task) == 599
            assert nas.wait(FS + "MD5", 2, q(task))["success"]
        else:
            assert nas.wait(FS + "MD5", 2, task)["success"]
        seen.add(misread)


def test_copy_and_move(nas: Nas) -> None:
    share, folder = nas.share()
    (folder / "src").mkdir()
    (folder / "src" / "f").write_bytes(b"new")
    (folder / "dest").mkdir()
    source, dest = q([share + "/src"]), share + "/dest"

    def job(**more: str) -> dict[str, Any]:
        return dict(nas.job(FS + "CopyMove", 3, **{"path": source, "dest_folder_path": dest, **more}))

    done = job()["data"]
    assert (done["finished"], done["status"], done["progress"]) == (True, "PROCESSING", 1)
    assert not {"errors", "skipstatus"} & set(done)
    assert (folder / "dest/src/f").read_bytes() == b"new"
    conflict = job()["error"]
    assert (conflict["code"], conflict["errors"][0]["path"]) == (1003, dest + "/src")
    (folder / "dest/src/f").write_bytes(b"old")
    assert job(overwrite="false")["data"]["skipstatus"] == {"status": "all"}
    assert (folder / "dest/src/f").read_bytes() == b"old"
    assert "skipstatus" not in job(overwrite="true")["data"]
    assert (folder / "dest/src/f").read_bytes() == b"new"
    failed = job(path=q([share + "/none"]), overwrite="true")["data"]
    assert (failed["status"], failed["errors"]) == ("FAIL", [{"code": 408, "path": share + "/none"}])
    missing = job(dest_folder_path=share + "/nowhere")["error"]
    assert missing == {"code": 1002, "errors": [{"code": 408, "path": share + "/nowhere"}]}
    (folder / "dest/f").mkdir()
    assert job(path=q([share + "/src/f"]), overwrite="true")["data"]["errors"][0]["code"] == 1004
    (folder / "dest/f").rmdir()
    moved = job(path=q([share + "/src/f"]), overwrite="false", remove_src="true")["data"]
    assert moved["skipstatus"] == {"status": "none"}
    assert not (folder / "src/f").exists()
    assert (folder / "dest/f").read_bytes() == b"new"
    assert nas.call(FS + "CopyMove", "stop", 3, taskid=q("FileStation_NONE")) == {"success": True}


def test_delete(nas: Nas) -> None:
    share, folder = nas.share()
    (folder / "d/e").mkdir(parents=True)
    (folder / "d/e/f").write_bytes(b"x")
    kept = nas.job(FS + "Delete", 2, path=q([share + "/d"]), recursive="false")["data"]
    assert kept["errors"] == [{"code": 900, "path": share + "/d"}]
    assert nas.call(FS + "Delete", "delete", path=share + "/d", recursive="false")["error"]["code"] == 900
    done = nas.job(FS + "Delete", 2, path=q([share + "/d"]))["data"]
    assert (done["processed_num"], done["total"], done["progress"], done["path"]) == (3, 3, 1, share + "/d")
    assert not (folder / "d").exists()
    nothing = nas.job(FS + "Delete", 2, path=q([share + "/d"]))["data"]
    assert (nothing["total"], nothing["path"]) == (-1, "")
    assert nas.code(FS + "Delete", "start", path=q(["/nowhere/d"])) == 900
    assert nas.code(FS + "Delete", "start", path=q([share])) == 900
    assert nas.code(FS + "Delete", "stop", taskid=q("FileStation_NONE")) == 401
    (folder / "g").write_bytes(b"x")
    assert nas.call(FS + "Delete", "delete", get=True, path=q(share + "/g")) == {"success": True}
    (folder / "#recycle").mkdir()
    (folder / "g").write_bytes(b"x")
    nas.data(FS + "Delete", "delete", path=share + "/g")
    assert (folder / "#recycle/g").read_bytes() == b"x"
    nas.data(FS + "Delete", "delete", path=share + "/#recycle/g")
    assert list((folder / "#recycle").iterdir()) == []


def test_background_tasks(start: Start) -> None:
    nas = start("--vendor-opt", "task_seconds=30")
    share, folder = nas.share()
    (folder / "d").mkdir()
    for number in range(20):
        (folder / f"f{number}").write_bytes(b"x" * 100)
    nas.login()
    paths = [f"{share}/f{number}" for number in range(20)]
    task = nas.data(FS + "CopyMove", "start", 3, path=q(paths), dest_folder_path=share + "/d")["taskid"]
    other = nas.data(FS + "Delete", "start", path=q(paths[:1]))["taskid"]
    nas.data(FS + "MD5", "start", file_path=paths[1])
    reported = nas.data(FS + "BackgroundTask", "list", 3)
    assert [item["taskid"] for item in reported["tasks"]] == [task, other]
    assert reported["tasks"][0]["params"]["path"] == paths
    assert nas.data(FS + "BackgroundTask", "list", 3, api_filter=q([FS + "Delete"]))["total"] == 1
    status = nas.data(FS + "CopyMove", "status", 3, taskid=q(task))
    assert status["finished"] is False
    assert nas.call(FS + "BackgroundTask", "clear_finished", 3) == {"success": True}
    assert nas.data(FS + "BackgroundTask", "list", 3)["total"] == 2
    assert nas.call(FS + "CopyMove", "stop", 3, taskid=q(task)) == {"success": True}
    assert nas.code(FS + "CopyMove", "status", 3, taskid=q(task)) == 599
    assert len(list((folder / "d").iterdir())) < 20


def test_a_finished_task_can_be_cleared(nas: Nas) -> None:
    share, folder = nas.share()
    (folder / "f").write_bytes(b"x")
    task = nas.data(FS + "Delete", "start", path=q([share + "/f"]))["taskid"]
    end = time.monotonic() + 20
    while time.monotonic() < end:
        tasks = [item for item in nas.data(FS + "BackgroundTask", "list", 3)["tasks"] if item["taskid"] == task]
        assert len(tasks) == 1
        if tasks[0]["finished"]:
            break
    nas.data(FS + "BackgroundTask", "clear_finished", 3, taskid=q([task]))
    assert nas.code(FS + "Delete", "status", taskid=q(task)) == 599


# -- faults


def test_faults(start: Start) -> None:
    nas = start()
    share, folder = nas.share()
    (folder / "f").write_bytes(b"x")
    nas.login()
    nas.faults({"call": FS + "List/*", "do": {"status": 503, "body": "busy"}, "after": 1, "times": 2})
    codes = [nas.raw(FS + "List", "list_share").status_code for _attempt in range(4)]
    assert codes == [200, 503, 503, 200]
    nas.faults({"call": "*/upload", "do": {"reset": {"at_bytes": 200000}}}, {"call": "*/get", "do": {"error": 402}})
    with pytest.raises(requests.ConnectionError):
        nas.upload("big", b"x" * 1000000, path=share + "/new", create_parents="true")
    assert sorted(item.name for item in folder.iterdir()) == ["f"]
    assert nas.code(FS + "Info", "get") == 402
    nas.faults({"call": "*/list_share", "do": {"truncate": 20}}, {"call": "*/list_share", "do": "garbage", "after": 1})
    assert len(nas.raw(FS + "List", "list_share").content) == 20
    assert "html" in nas.raw(FS + "List", "list_share").text
    nas.faults({"call": "*/start", "do": {"fail_task": 1000}}, {"call": "*/start", "do": "lose_task", "after": 1})
    copy = {"path": q([share + "/f"]), "dest_folder_path": share, "overwrite": "true"}
    assert nas.job(FS + "CopyMove", 3, **copy)["error"]["code"] == 1000
    task = q(nas.data(FS + "CopyMove", "start", 3, **copy)["taskid"])
    answer = nas.call(FS + "CopyMove", "status", 3, taskid=task)
    while answer["success"]:
        assert answer["data"]["finished"] is False
        answer = nas.call(FS + "CopyMove", "status", 3, taskid=task)
    assert answer["error"]["code"] == 599
    assert datetime.datetime.fromisoformat(nas.log()[-1]["time"]).tzinfo is not None
    assert any(record["status"] is None and record["call"] == FS + "Upload/upload" for record in nas.log())
