# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulated Freebox on the wire: tasks (cp, mv, rm, hash), share links, faults, and the examples of the page."""

from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.contract.simulator.freebox.simulated import TASK_KEYS, Box, b64

# -- the page's own examples, on the oldest box

DOCUMENTED_TASKS = [
    ("mv", {"files": ["L0Rpc3F1ZSBkdXIvUGhvdG9zL0RTQ18zNDkxLmpwZw==", "L0Rpc3F1ZSBkdXIvUGhvdG9zL0RTQ18zNTAwLmpwZw=="],
            "dst": "L0Rpc3F1ZSBkdXIvUGhvdG9zL0xhdW5jaHBhZA==", "mode": "overwrite"}),
    # the page's paths of cp and rm end with an encoded line break; here without
    ("cp", {"files": ["L0Rpc3F1ZSBkdXIvUGhvdG9zL0xhdW5jaHBhZC9EU0NfMzQ5MS5qcGc=",
                      "L0Rpc3F1ZSBkdXIvUGhvdG9zL0xhdW5jaHBhZC9EU0NfMzUwMC5qcGc="],
            "dst": "L0Rpc3F1ZSBkdXIvUGhvdG9zL1JvY2tldHM=", "mode": "both"}),
    ("rm", {"files": ["L0Rpc3F1ZSBkdXIvUGhvdG9zL1JvY2tldHMvRFNDXzM0OTEuanBn",
                      "L0Rpc3F1ZSBkdXIvUGhvdG9zL1JvY2tldHMvRFNDXzM1MDAuanBn"]}),
    ("hash", {"src": "L0Rpc3F1ZSBkdXIvbXlfZmlsZQ==", "hash_type": "md5"}),
]  # fmt: skip


def test_documented_examples(tmp_path: Path) -> None:
    with Box(tmp_path, profile="v4", opts={"task_seconds": 0.2}) as box:
        photos = box.folder("Disque dur/Photos", DSC_3491__jpg="one", DSC_3500__jpg="two")
        box.folder("Disque dur/Photos/Launchpad")
        box.folder("Disque dur/Photos/Rockets")
        box.folder("Disque dur", my_file="x" * 4242, test__txt="plop")
        (photos / "Plans secrets.jpg").write_bytes(b"secret")
        (box.root / "Disque dur" / "toto").symlink_to("Photos")

        listed = box.ok("GET", "fs/ls/L0Rpc3F1ZSBkdXI=", version="v4")
        assert {"path", "link", "modification", "name", "index", "mimetype", "hidden", "type", "size"} <= set(listed[0])
        info = box.ok("GET", "fs/info/L0Rpc3F1ZSBkdXIvdG90bw==", version="v4")
        assert info == {**info, "type": "dir", "link": True, "parent": "L0Rpc3F1ZSBkdXI=", "name": "toto",
                        "target": "L0Rpc3F1ZSBkdXIvUGhvdG9z", "size": 4096, "mimetype": "inode/directory"}  # fmt: skip
        assert set(info) == {"type", "link", "parent", "modification", "hidden", "mimetype", "name", "target", "path",
                             "size"}  # fmt: skip
        got = box.ask("GET", "dl/L0Rpc3F1ZSBkdXIvUGhvdG9zL1BsYW5zIHNlY3JldHMuanBn", version="v4")
        assert got.headers["Content-Disposition"] == 'attachment; filename="Plans secrets.jpg"'
        assert (got.headers["Content-Type"], got.content) == ("image/jpeg", b"secret")

        for call, body in DOCUMENTED_TASKS:
            task = box.ok("POST", f"fs/{call}/", body, version="v4")
            assert set(task) == TASK_KEYS
            assert task == {**task, "type": call, "state": "running", "error": "none", "progress": 0, "done_ts": 0}
            assert task["created_ts"] == pytest.approx(task["started_ts"], abs=1)
            done = box.wait(task["id"], "v4")
            assert (done["state"], done["error"], done["progress"]) == ("done", "none", 100), call
        assert sorted(path.name for path in photos.rglob("*.jpg")) == ["DSC_3491.jpg", "DSC_3500.jpg",
                                                                       "Plans secrets.jpg"]  # fmt: skip
        assert sorted(os.listdir(photos / "Launchpad")) == ["DSC_3491.jpg", "DSC_3500.jpg"]
        assert (done["from"], done["nfiles"], done["total_bytes"]) == ("/Disque dur/my_file", 1, 4242)
        value = box.ok("GET", f"fs/tasks/{done['id']}/hash", version="v4")
        assert value == {"hash": hashlib.md5(b"x" * 4242).hexdigest()}

        made = box.ask("POST", "fs/mkdir/", {"parent": "L0Rpc3F1ZSBkdXI=", "dirname": "Test"}, version="v4")
        assert made.json() == {"success": True}
        body = {"src": "L0Rpc3F1ZSBkdXIvdGVzdC50eHQ=", "dst": "plop.txt"}
        assert box.ok("POST", "fs/rename/", body, version="v4") == "L0Rpc3F1ZSBkdXIvcGxvcC50eHQ="

        # the newest first
        tasks = box.ok("GET", "fs/tasks/", version="v4")
        assert [task["type"] for task in tasks] == ["hash", "rm", "cp", "mv"]
        last = tasks[0]["id"]
        assert box.ok("GET", f"fs/tasks/{last}", version="v4") == tasks[0]
        assert box.ask("DELETE", f"fs/tasks/{last}", version="v4").json() == {"success": True}
        assert box.refused("GET", f"fs/tasks/{last}", version="v4") == "task_not_found"


# -- the life of a task


def test_shape_of_created_tasks(box: Box, place: tuple[str, Path]) -> None:
    path, folder = place
    for name in ("a", "b"):
        (folder / name).write_text("1")
    (folder / "d").mkdir()
    both = {"files": [b64(path + "/a"), b64(path + "/b")]}
    cp = box.ok("POST", "fs/cp/", {**both, "dst": b64(path + "/d"), "mode": "recent"})
    assert set(cp) == TASK_KEYS | {"src", "dst"}
    assert cp == {**cp, "src": [path + "/a", path + "/b"], "dst": path + "/d", "from": "", "to": "", "nfiles": 0}
    done = box.wait(cp["id"])
    assert done == {**done, "state": "done", "nfiles": 2, "nfiles_done": 2, "total_bytes": 2, "total_bytes_done": 2,
                    "curr_bytes": 1, "curr_bytes_done": 1, "from": path + "/b", "to": path + "/d/b"}  # fmt: skip
    assert done["done_ts"] >= done["started_ts"] > 0
    rm = box.ok("POST", "fs/rm/", {"files": [b64(path.lstrip("/") + "/a")]})
    assert rm == {**rm, "type": "rm", "src": [path.lstrip("/") + "/a"], "dst": "", "from": path.lstrip("/") + "/a"}
    box.wait(rm["id"])
    made = box.ok("POST", "fs/hash/", {"src": b64(path + "/b"), "hash_type": "sha512"})
    assert set(made) == TASK_KEYS | {"dst"}
    assert (made["type"], made["from"]) == ("hash", "")
    box.wait(made["id"])
    assert box.ok("GET", f"fs/tasks/{made['id']}/hash") == hashlib.sha512(b"1").hexdigest()
    assert "src" not in box.ok("GET", f"fs/tasks/{cp['id']}", version="v7")
    assert box.ok("GET", f"fs/tasks/{cp['id']}", version="v8")["src"] == [path + "/a", path + "/b"]


@pytest.mark.parametrize("algorithm", ["md5", "sha1", "sha256", "sha512"])
def test_hashes(box: Box, place: tuple[str, Path], algorithm: str) -> None:
    path, folder = place
    content = os.urandom(3 << 20)
    (folder / "f").write_bytes(content)
    task = box.run("hash", {"src": b64(path + "/f"), "hash_type": algorithm})
    value = box.ok("GET", f"fs/tasks/{task['id']}/hash/")
    assert value == hashlib.new(algorithm, content).hexdigest()


def test_hash_errors(box: Box, place: tuple[str, Path]) -> None:
    path, folder = place
    (folder / "f").write_text("")
    assert box.run("hash", {"src": b64(path + "/f"), "hash_type": "crc99"})["error"] == "unknown_hash_type"
    assert box.run("hash", {"src": b64(path), "hash_type": "md5"})["error"] == "unsupported_file_type"
    failed = box.run("hash", {"src": b64(path + "/nope"), "hash_type": "md5"})
    assert failed == {**failed, "state": "failed", "error": "file_not_found"}
    assert box.refused("GET", f"fs/tasks/{failed['id']}/hash") == "invalid_state"
    other = box.run("rm", {"files": [b64(path + "/f")]})
    assert box.refused("GET", f"fs/tasks/{other['id']}/hash") == "invalid_task_type"
    assert box.refused("GET", "fs/tasks/999999/hash") == "invalid_id"


def test_one_task_at_a_time(tmp_path: Path) -> None:
    with Box(tmp_path, opts={"task_seconds": 30}) as box:
        box.folder("Freebox", a="1", b="2")
        first = box.ok("POST", "fs/hash/", {"src": b64("/Freebox/a"), "hash_type": "md5"})
        second = box.ok("POST", "fs/rm/", {"files": [b64("/Freebox/b")]})
        assert (first["state"], second["state"], second["started_ts"]) == ("running", "queued", 0)
        assert second["id"] == first["id"] + 1
        assert box.ok("PUT", f"fs/tasks/{second['id']}", {"state": "paused"})["state"] == "paused"
        assert box.ok("PUT", f"fs/tasks/{second['id']}", {"state": "running"})["state"] == "queued"
        assert box.ask("DELETE", f"fs/tasks/{first['id']}").json() == {"success": True}
        until = time.monotonic() + 10
        while box.ok("GET", f"fs/tasks/{second['id']}")["state"] == "queued":
            assert time.monotonic() < until
        assert box.ok("PUT", f"fs/tasks/{second['id']}", {"state": "paused"})["state"] == "paused"
        assert box.ok("PUT", f"fs/tasks/{second['id']}", {"state": "running"})["state"] == "running"
        for state in ("done", "queued", "failed", "x", ""):
            assert box.refused("PUT", f"fs/tasks/{second['id']}", {"state": state}) in {"invalid_state",
                                                                                        "invalid_request"}  # fmt: skip
        assert box.refused("PUT", "fs/tasks/99", {"state": "paused"}) == "invalid_id"
        assert box.refused("DELETE", "fs/tasks/99") == "invalid_id"
        assert [task["id"] for task in box.ok("GET", "fs/tasks/")] == [second["id"]]
        box.ok("DELETE", f"fs/tasks/{second['id']}/")
        assert box.ask("GET", "fs/tasks/").json() == {"success": True}


def test_progress_pause_and_no_rollback(tmp_path: Path) -> None:
    with Box(tmp_path, opts={"task_seconds": 20}) as box:
        folder = box.folder("Freebox/in", **{f"f{number}": b"x" * (2 << 20) for number in range(8)})
        body = {"files": [b64("/Freebox/in")], "dst": b64("/Freebox/out"), "mode": "overwrite"}
        task = box.ok("POST", "fs/cp/", body)["id"]
        until = time.monotonic() + 15
        while (now := box.ok("GET", f"fs/tasks/{task}"))["nfiles_done"] < 1:
            assert time.monotonic() < until
        assert 0 < now["progress"] < 100
        assert (now["nfiles"], now["total_bytes"], now["curr_bytes"]) == (8, 16 << 20, 2 << 20)
        assert now["from"].startswith("/Freebox/in/f")
        assert now["to"].startswith("/Freebox/out/f")
        assert now["eta"] > 0
        assert now["rate"] > 0
        paused = box.ok("PUT", f"fs/tasks/{task}", {"state": "paused"})
        assert (paused["state"], paused["rate"]) == ("paused", 0)
        box.ok("DELETE", f"fs/tasks/{task}")
        assert box.refused("GET", f"fs/tasks/{task}") == "invalid_id"
        assert 1 <= len(os.listdir(box.root / "Freebox" / "out")) < 8
        assert len(os.listdir(folder)) == 8


# -- cp and mv


def conflict(box: Box, place: tuple[str, Path], call: str, mode: str, *, newer: bool) -> tuple[Any, Path]:
    path, folder = place
    (folder / "src").mkdir()
    (folder / "dst").mkdir()
    (folder / "src" / "f.txt").write_text("new")
    (folder / "dst" / "f.txt").write_text("old")
    os.utime(folder / "src" / "f.txt", (2000 if newer else 1000, 2000 if newer else 1000))
    os.utime(folder / "dst" / "f.txt", (1500, 1500))
    body = {"files": [b64(path + "/src/f.txt")], "dst": b64(path + "/dst"), "mode": mode}
    task = box.run(call, body)
    assert (task["state"], task["error"]) == ("done", "none")
    return task, folder


@pytest.mark.parametrize("call", ["cp", "mv"])
@pytest.mark.parametrize(
    ("mode", "newer", "left", "count", "source_stays"),
    [
        ("overwrite", False, "new", 1, False),
        ("skip", True, "old", 1, True),
        ("recent", True, "new", 1, False),
        ("recent", False, "old", 1, True),
        ("both", True, "old", 2, False),
    ],
)
def test_conflict_modes(box: Box, place: tuple[str, Path], call: str, mode: str, newer: bool, left: str, count: int,
                        source_stays: bool) -> None:  # fmt: skip
    _task, folder = conflict(box, place, call, mode, newer=newer)
    assert (folder / "dst" / "f.txt").read_text() == left
    found = sorted(path.read_text() for path in (folder / "dst").iterdir())
    assert len(found) == count
    if mode == "both":
        assert found == ["new", "old"]
    assert (folder / "src" / "f.txt").exists() is (source_stays or call == "cp")


@pytest.mark.parametrize("call", ["cp", "mv"])
def test_destinations(box: Box, place: tuple[str, Path], call: str) -> None:
    path, folder = place
    for name in ("a", "b", "c", "file"):
        (folder / name).write_text(name)
    (folder / "tree" / "in").mkdir(parents=True)
    (folder / "tree" / "in" / "leaf").write_text("leaf")

    def run(files: list[str], dst: str) -> Any:
        return box.run(
            call, {"files": [b64(path + "/" + name) for name in files], "dst": b64(dst), "mode": "overwrite"}
        )

    assert run(["a"], path + "/new name")["state"] == "done"
    assert (folder / "new name").read_text() == "a"
    assert run(["tree"], path + "/wood")["state"] == "done"
    assert (folder / "wood" / "in" / "leaf").read_text() == "leaf"
    assert run(["b", "c"], path + "/nope")["error"] == "dest_is_not_dir"
    assert run(["b", "c"], path + "/file")["error"] == "dest_is_not_dir"
    assert run(["wood"], path + "/file")["error"] == "dest_is_not_dir"
    assert run(["b"], path + "/no/where")["error"] == "open_output_failed"
    assert run(["nope"], path)["error"] == "file_not_found"
    assert run(["b", "nope"], path + "/wood")["error"] == "file_not_found"
    assert run(["b"], path)["error"] == "same_file"
    assert run(["wood"], path + "/wood/in")["error"] == "copy_into_itself"
    assert run(["b"], "/Other")["error"] == "file_not_found"
    assert (folder / "b").read_text() == "b"
    assert box.run(call, {"files": [b64("/Freebox")], "dst": b64(path), "mode": "skip"})["state"] == "failed"


def test_copy_beside_itself(box: Box, place: tuple[str, Path]) -> None:
    path, folder = place
    (folder / "a.txt").write_text("1")
    assert box.run("cp", {"files": [b64(path + "/a.txt")], "dst": b64(path), "mode": "both"})["state"] == "done"
    assert len(list(folder.iterdir())) == 2


def test_remove(box: Box, place: tuple[str, Path]) -> None:
    path, folder = place
    (folder / "tree" / "in").mkdir(parents=True)
    (folder / "tree" / "in" / "leaf").write_text("leaf")
    (folder / "a").write_text("")
    (folder / "b").write_text("")
    done = box.run("rm", {"files": [b64(path + "/tree"), b64(path + "/a")]})
    assert (done["state"], done["progress"], done["nfiles"], done["total_bytes"]) == ("done", 100, 0, 0)
    assert os.listdir(folder) == ["b"]
    assert box.run("rm", {"files": [b64(path + "/nope"), b64(path + "/b")]})["error"] == "file_not_found"
    assert os.listdir(folder) == ["b"]
    assert box.run("rm", {"files": [b64("/Freebox")]})["error"] == "permission_denied"


def test_settings_of_errors(tmp_path: Path) -> None:
    opts = {"path_errors": "immediate", "rm_missing": "done", "error_status": 404, "read_only": "Fixed"}
    with Box(tmp_path, opts=opts) as box:
        box.folder("Freebox", a="1")
        box.folder("Fixed")
        copy = {"files": [b64("/Freebox/nope")], "dst": b64("/Freebox"), "mode": "skip"}
        answer = box.ask("POST", "fs/cp/", copy)
        assert (answer.status_code, answer.json()["error_code"]) == (404, "path_not_found")
        copy = {"files": [b64("/Freebox/a")], "dst": b64("/Fixed"), "mode": "skip"}
        assert box.refused("POST", "fs/cp/", copy) == "access_denied"
        copy["dst"] = b64("/Freebox/no/where")
        assert box.refused("POST", "fs/cp/", copy) == "path_not_found"


# -- share links


def test_share_links(tmp_path: Path) -> None:
    with Box(tmp_path) as box:
        folder = box.folder("Freebox/d", x__gz=b"data")
        assert box.ask("GET", "share_link/").json() == {"success": True}
        body = {"path": b64("/Freebox/d/x.gz"), "expire": "0", "fullurl": ""}
        first, second = box.ok("POST", "share_link/", body), box.ok("POST", "share_link/", body)
        assert set(first) == {"path", "token", "name", "expire", "fullurl", "internal"}
        assert first["token"] != second["token"]
        assert (first["path"], first["name"], first["expire"]) == (body["path"], "x.gz", 0)
        assert box.ok("GET", "share_link") == [first, second]
        assert box.ok("GET", f"share_link/{first['token']}") == first
        assert requests.get(first["fullurl"], timeout=20).content == b"data"
        assert box.ask("DELETE", f"share_link/{first['token']}").json() == {"success": True}
        assert requests.get(first["fullurl"], timeout=20).status_code == 404
        for method in ("GET", "DELETE"):
            assert box.refused(method, f"share_link/{first['token']}") == "invalid_id"
        assert box.refused("POST", "share_link/", {"path": b64("/Freebox/nope"), "expire": 0}) == "path_not_found"
        assert box.refused("POST", "share_link/", {"expire": 0}) == "invalid_request"
        assert box.refused("POST", "share_link/", {"path": body["path"], "expire": "soon"}) == "invalid_request"
        soon = box.ok("POST", "share_link/", {**body, "expire": int(time.time()) + 600})
        assert requests.get(soon["fullurl"], timeout=20).status_code == 200
        past = box.ok("POST", "share_link/", {**body, "expire": 1704704400})
        assert past["expire"] == 1704704400
        assert requests.get(past["fullurl"], timeout=20).status_code == 404
        tree = box.ok("POST", "share_link/", {"path": b64("/Freebox/d"), "expire": 0})
        assert "x.gz" in requests.get(tree["fullurl"], timeout=20).text
        assert requests.get(tree["fullurl"] + "/x.gz", timeout=20).content == b"data"
        (folder / "x.gz").unlink()
        assert requests.get(second["fullurl"], timeout=20).status_code == 404
        assert first["token"] not in box.log_file.read_text()


def test_share_links_as_on_the_page(tmp_path: Path) -> None:
    with Box(tmp_path, opts={"shapes": "page", "remote_access": 0}) as box:
        box.folder("Freebox", a="1")
        assert box.ok("GET", "share_link/") == []
        link = box.ok("POST", "share_link/", {"path": b64("/Freebox/a"), "expire": 0})
        assert set(link) == {"path", "token", "name", "expire", "fullurl"}
        assert link["fullurl"] == ""


# -- faults


def test_faults(tmp_path: Path) -> None:
    with Box(tmp_path) as box:
        folder = box.folder("Freebox", a=b"x" * 3000)
        copy = {"files": [b64("/Freebox/a")], "dst": b64("/Freebox/b"), "mode": "overwrite"}
        box.faults({"call": "POST fs/cp/", "do": {"fail_task": "write_failed"}})
        assert box.run("cp", copy)["error"] == "write_failed"
        box.faults({"call": "POST fs/cp/", "do": {"disk_full": {"at_bytes": 1000}}})
        assert box.run("cp", copy)["error"] == "disk_full"
        box.faults({"call": "POST fs/cp/", "do": "lose_task"})
        task = box.ok("POST", "fs/cp/", copy)["id"]
        until = time.monotonic() + 10
        while box.ask("GET", f"fs/tasks/{task}").json()["success"]:
            assert time.monotonic() < until
        assert (folder / "b").read_bytes() == b"x" * 3000
        box.faults({"call": "POST fs/cp/", "do": "stall_task"})
        task = box.ok("POST", "fs/cp/", copy)["id"]
        assert box.ok("GET", f"fs/tasks/{task}")["state"] == "running"
        box.ok("DELETE", f"fs/tasks/{task}")
        box.faults({"call": "GET fs/ls/{path}", "params": {"path": "/Freebox*"}, "do": "expire_session"})
        answer = box.ask("GET", f"fs/ls/{b64('/Freebox')}")
        assert (answer.status_code, answer.json()["error_code"]) == (403, "auth_required")
        box.login()
        box.faults({"call": "GET fs/tasks/", "do": {"error": "internal_error"}},
                   {"call": "GET fs/tasks/", "after": 1, "do": {"error": "insufficient_rights"}})  # fmt: skip
        assert box.refused("GET", "fs/tasks/") == "internal_error"
        answer = box.ask("GET", "fs/tasks/")
        assert (answer.status_code, answer.json()["error_code"]) == (403, "insufficient_rights")
        box.faults({"call": "GET fs/tasks/{id}", "do": {"vendor": "null_progress"}})
        done = box.ok("POST", "fs/rm/", {"files": [b64("/Freebox/b")]})["id"]
        assert box.ok("GET", f"fs/tasks/{done}")["progress"] is None
        assert box.wait(done)["progress"] == 100
        box.faults({"call": "GET dl/{path}", "do": {"reset": {"at_bytes": 100}}})
        with pytest.raises(requests.exceptions.RequestException):
            box.ask("GET", f"dl/{b64('/Freebox/a')}")
        box.faults({"call": "GET dl/{path}", "do": {"truncate": 100}})
        assert len(box.ask("GET", f"dl/{b64('/Freebox/a')}").content) == 100


def test_log(tmp_path: Path) -> None:
    with Box(tmp_path) as box:
        box.folder("Freebox", a="1")
        box.run("cp", {"files": [b64("/Freebox/a")], "dst": b64("/Freebox/b"), "mode": "skip"})
        box.refused("GET", f"fs/info/{b64('/Freebox/nope')}")
        lines = [(line["call"], line["writes"]) for line in box.log()]
        assert lines[:3] == [("GET login/", False), ("POST login/session/", False), ("POST fs/cp/", True)]
        assert ("GET fs/tasks/{id}", False) in lines
        last = box.log()[-1]
        assert (last["call"], last["params"], last["code"], last["status"]) == (
            "GET fs/info/{path}", {"path": "/Freebox/nope"}, "path_not_found", 200)  # fmt: skip
        assert box.log()[2]["params"] == {"files": ["/Freebox/a"], "dst": "/Freebox/b", "mode": "skip"}
