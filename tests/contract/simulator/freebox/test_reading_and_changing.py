# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulated Freebox on the wire: versions, listings, mkdir and rename, downloads, facts."""

from __future__ import annotations

import base64
import hashlib
import json
import os
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import requests

from tests.contract.simulator.freebox.simulated import TASK_KEYS, Box, b64

INFO_KEYS = {"type", "name", "path", "size", "modification", "mimetype", "hidden", "link"}


def names(entries: Any) -> list[str]:
    return [entry["name"] for entry in entries if entry["name"] not in {".", ".."}]


# -- versions and addresses


def test_api_version_needs_no_login_and_has_no_envelope(box: Box) -> None:
    answer = requests.get(box.url + "/api_version", timeout=20).json()
    assert answer["api_version"] == "15.0"
    assert answer["api_base_url"] == "/api/"
    assert {"uid", "device_name", "device_type", "api_domain", "https_available", "https_port", "box_model",
            "box_model_name"} <= set(answer)  # fmt: skip
    assert answer["https_available"] is False


@pytest.mark.parametrize("version", ["v1", "v3", "v4", "v8", "v12", "v14", "v15", "latest"])
@pytest.mark.parametrize("call", ["fs/tasks", "fs/tasks/", "share_link", "upload/", "storage/disk", "system/"])
def test_every_version_and_both_slashes(box: Box, version: str, call: str) -> None:
    assert box.ask("GET", call, version=version).json()["success"] is True


@pytest.mark.parametrize("version", ["v0", "v16", "v99"])
def test_unknown_version(box: Box, version: str) -> None:
    assert box.refused("GET", "fs/tasks/", version=version) == "invalid_api_version"


def test_unknown_url(box: Box) -> None:
    for method, call in (("GET", "fs/nope/"), ("POST", "fs/copy/"), ("DELETE", "fs/ls/"), ("PATCH", "fs/tasks/1")):
        answer = box.ask(method, call)
        assert answer.status_code == 404
        assert answer.json()["error_code"] == "invalid_request"
    assert box.raw("GET", "/index.html").status_code == 404


# -- listing


def test_ls_array_up_to_v14_and_pages_from_v15(box: Box, place: tuple[str, Path]) -> None:
    path, folder = place
    (folder / "notes.txt").write_text("hello")
    (folder / "Videos").mkdir()
    (folder / "Videos" / "in").mkdir()
    (folder / ".secret").write_text("x")
    old = box.ok("GET", f"fs/ls/{b64(path)}", version="v14")
    new = box.ok("GET", f"fs/ls/{b64(path)}")
    assert isinstance(old, list)
    assert set(new) == {"entries"}
    assert [entry["name"] for entry in new["entries"]] == [entry["name"] for entry in old]
    assert [entry["name"] for entry in old[:2]] == [".", ".."]
    assert [entry["path"] for entry in old[:2]] == [b64(path), b64("/Freebox")]
    assert [entry["index"] for entry in old] == list(range(len(old)))
    assert {entry["hidden"] for entry in old[:2]} == {True}
    assert {entry["hidden"] for entry in new["entries"][:2]} == {False}
    by_name = {entry["name"]: entry for entry in new["entries"]}
    assert set(by_name["notes.txt"]) == INFO_KEYS | {"index"}
    assert by_name["notes.txt"] == {**by_name["notes.txt"], "type": "file", "size": 5, "mimetype": "text/plain",
                                    "path": b64(path + "/notes.txt"), "hidden": False, "link": False}  # fmt: skip
    assert by_name[".secret"]["hidden"] is True
    assert (by_name["Videos"]["type"], by_name["Videos"]["mimetype"]) == ("dir", "inode/directory")


def test_ls_parameters(box: Box, place: tuple[str, Path]) -> None:
    path, folder = place
    (folder / "sub" / "deep").mkdir(parents=True)
    (folder / "sub" / "file").write_text("")
    (folder / ".hidden").write_text("")
    (folder / "file").write_text("")

    def ls(query: str, version: str = "v15") -> Any:
        result = box.ok("GET", f"fs/ls/{b64(path)}?{query}", version=version)
        return result["entries"] if version == "v15" else result

    counted = {entry["name"]: entry for entry in ls("countSubFolder=1")}
    assert (counted["sub"]["foldercount"], counted["sub"]["filecount"]) == (1, 1)
    assert "foldercount" not in counted["file"]
    assert "foldercount" not in ls("countSubFolder=0")[2]
    assert names(ls("removeHidden=1")) == ["file", "sub"]
    assert [entry["name"] for entry in ls("removeHidden=1")][:2] == [".", ".."]
    assert [entry["name"] for entry in ls("removeHidden=1", "v12")] == ["file", "sub"]
    assert names(ls("onlyFolder=true")) == ["sub"]


def test_ls_natural_order(box: Box, place: tuple[str, Path]) -> None:
    path, folder = place
    for name in ("a10", "a9", "B1", "a1"):
        (folder / name).write_text("")
    entries = box.ok("GET", f"fs/ls/{b64(path)}")["entries"]
    assert names(entries) == ["a1", "a9", "a10", "B1"]


def test_ls_pages(box: Box, place: tuple[str, Path]) -> None:
    path, folder = place
    wanted = {f"file {number}" for number in range(25)}
    for name in wanted:
        (folder / name).write_text("")
    seen: list[str] = []
    query = "limit=10"
    pages = 0
    while True:
        result = box.ok("GET", f"fs/ls/{b64(path)}?{query}")
        seen += [entry["name"] for entry in result["entries"]]
        pages += 1
        if pages == 1:
            (folder / "file 0").unlink(missing_ok=True)  # a cursor is no index
        if "cursor" not in result:
            break
        assert set(json.loads(base64.b64decode(result["cursor"]))) == {"offset"}
        query = f"limit=10&cursor={quote(result['cursor'])}"
    assert len(seen) == len(set(seen))
    assert wanted - {"file 0"} <= set(seen)
    assert 3 <= pages <= 4
    assert "cursor" not in box.ok("GET", f"fs/ls/{b64(path)}?limit=100")
    for bad in ("limit=-1", "limit=x", "cursor=%20%20", "cursor=bm8="):
        assert box.refused("GET", f"fs/ls/{b64(path)}?{bad}") == "invalid_request"
    assert len(names(box.ok("GET", f"fs/ls/{b64(path)}?limit=1", version="v14"))) >= 24


def test_ls_of_the_root_lists_the_volumes(box: Box) -> None:
    for call in ("fs/ls/", "fs/ls", "fs/ls/Lw==", "fs/ls/Lw=="):
        assert "Freebox" in names(box.ok("GET", call)["entries"])


def test_ls_and_info_errors(box: Box, place: tuple[str, Path]) -> None:
    path, folder = place
    (folder / "file").write_text("")
    for wrong in ("/nope", path + "/nope", path + "/file", path + "/file/below", "/Freebox/../Freebox"):
        answer = box.ask("GET", f"fs/ls/{b64(wrong)}")
        assert answer.status_code == 200
        assert answer.json()["error_code"] == "path_not_found"
    assert box.refused("GET", f"fs/info/{b64(path + '/nope')}") == "path_not_found"
    assert box.refused("GET", "fs/info/") == "invalid_request"
    for no_base64 in ("***", "L0Z", "L0ZyZWVib3g", "_-8="):
        assert box.refused("GET", f"fs/ls/{no_base64}") == "invalid_request"


def test_info(box: Box, place: tuple[str, Path]) -> None:
    path, folder = place
    (folder / "photo.jpg").write_bytes(b"12345")
    os.utime(folder / "photo.jpg", (1370354349, 1370354349))
    (folder / "link").symlink_to("photo.jpg")
    (folder / "gone").symlink_to("nowhere")
    result = box.ok("GET", f"fs/info/{b64(path + '/photo.jpg')}")
    assert result == {"type": "file", "name": "photo.jpg", "path": b64(path + "/photo.jpg"), "size": 5,
                      "modification": 1370354349, "mimetype": "image/jpeg", "hidden": False, "link": False,
                      "parent": b64(path), "index": 0}  # fmt: skip
    link = box.ok("GET", f"fs/info/{b64(path + '/link')}")
    assert (link["link"], link["target"], link["size"]) == (True, b64(path + "/photo.jpg"), 5)
    assert box.ok("GET", f"fs/info/{b64(path + '/gone')}")["link"] is True
    relative = path.lstrip("/") + "/photo.jpg"
    assert box.ok("GET", f"fs/info/{b64(relative)}")["path"] == b64(relative)
    assert box.ok("GET", f"fs/info/{b64('/Freebox')}")["parent"] == "Lw=="


def test_info_batch(box: Box, place: tuple[str, Path]) -> None:
    path, folder = place
    (folder / "a").write_text("1")
    body = [b64(path + "/a"), b64(path + "/nope"), "no base64", 7, b64(path)]
    found = box.ok("POST", "fs/info", body)
    assert [entry["path"] for entry in found] == [b64(path + "/a"), b64(path)]
    assert box.ok("POST", "fs/info/", [], version="v11") == []
    assert box.refused("POST", "fs/info", {"files": []}) == "invalid_request"
    assert box.ask("POST", "fs/info", body, version="v10").status_code == 404


@pytest.mark.parametrize(
    "name",
    [
        b"Noe\xcc\x81",  # decomposed
        b"No\xc3\xa9",  # composed
        b"\xc3\xa9?>~~~",
        b"  blanks  ",
        b"line\nbreak",
        b"latin-1 \xe9\xff",
        b"%2F+&=#?",
        "🎬 film".encode(),
    ],
)
def test_names_are_bytes(box: Box, place: tuple[str, Path], name: bytes) -> None:
    path, folder = place
    for lead in range(3):  # every offset in the base64 groups
        raw = path.encode() + b"/" + b"x" * lead + name
        Path(os.fsdecode(os.fsencode(folder) + b"/" + b"x" * lead + name)).write_bytes(raw)
        for sent in (b64(raw), quote(b64(raw), safe="")):
            assert box.ok("GET", f"fs/info/{sent}")["path"] == b64(raw)
            assert box.ask("GET", f"dl/{sent}").content == raw
    listed = {entry["path"] for entry in box.ok("GET", f"fs/ls/{b64(path)}")["entries"]}
    assert {b64(path.encode() + b"/" + b"x" * lead + name) for lead in range(3)} <= listed


# -- mkdir and rename


def test_mkdir(box: Box, place: tuple[str, Path]) -> None:
    path, folder = place
    answer = box.ask("POST", "fs/mkdir/", {"parent": b64(path), "dirname": "Été"})
    assert answer.json() == {"success": True, "result": b64(path + "/Été")}
    assert (folder / "Été").is_dir()
    relative = path.lstrip("/")
    assert box.ok("POST", "fs/mkdir", {"parent": b64(relative), "dirname": "b"}) == b64(relative + "/b")
    (folder / "file").write_text("")
    for dirname, parent, code in [
        ("Été", path, "destination_conflict"),
        ("file", path, "destination_conflict"),
        ("a/b", path, "invalid_request"),
        ("..", path, "invalid_request"),
        ("", path, "invalid_request"),
        ("x" * 256, path, "invalid_request"),
        ("new", path + "/nope", "path_not_found"),
        ("new", path + "/file", "path_not_found"),
        ("new", "/", "access_denied"),
    ]:
        assert box.refused("POST", "fs/mkdir/", {"parent": b64(parent), "dirname": dirname}) == code, dirname


def test_rename(box: Box, place: tuple[str, Path]) -> None:
    path, folder = place
    (folder / "a").write_text("1")
    (folder / "taken").write_text("2")
    assert box.ok("POST", "fs/rename/", {"src": b64(path + "/a"), "dst": "b é"}) == b64(path + "/b é")
    assert (folder / "b é").read_text() == "1"
    for source, dst, code in [
        (path + "/b é", "taken", "destination_conflict"),
        (path + "/nope", "new", "path_not_found"),
        (path + "/b é", "x/y", "invalid_request"),
        (path + "/b é", "", "invalid_request"),
        ("/Freebox", "Other", "access_denied"),
    ]:
        assert box.refused("POST", "fs/rename/", {"src": b64(source), "dst": dst}) == code
    assert (folder / "taken").read_text() == "2"


def test_links_out_of_the_root(box: Box, place: tuple[str, Path]) -> None:
    path, folder = place
    (folder / "out").symlink_to("/etc")
    (folder / "loop").symlink_to("loop")
    assert names(box.ok("GET", f"fs/ls/{b64(path)}")["entries"]) == ["loop", "out"]
    for call in ("fs/ls", "dl"):
        for name in ("out", "out/passwd", "loop"):
            assert box.refused("GET", f"{call}/{b64(path + '/' + name)}") == "path_not_found"
    assert box.refused("GET", f"fs/info/{b64(path + '/out/passwd')}") == "path_not_found"
    assert box.ok("GET", f"fs/info/{b64(path + '/out')}")["link"] is True


def test_denied(tmp_path: Path) -> None:
    with Box(tmp_path, opts={"read_only": "Fixed", "denied": "Closed", "unmounted": "Away"}) as box:
        box.folder("Fixed", file="1")
        box.folder("Closed", file="1")
        box.folder("Away", file="1")
        box.folder("Freebox", file="1")
        assert box.refused("POST", "fs/mkdir/", {"parent": b64("/Fixed"), "dirname": "x"}) == "access_denied"
        assert box.refused("GET", f"fs/ls/{b64('/Closed')}") == "access_denied"
        assert box.refused("GET", f"fs/info/{b64('/Closed/file')}") == "access_denied"
        assert box.refused("GET", f"fs/ls/{b64('/Away')}") == "disk_unavailable"
        assert box.refused("POST", "fs/rm/", {"files": [b64("/Away/file")]}) == "disk_unavailable"
        assert names(box.ok("GET", "fs/ls/")["entries"]) == ["Closed", "Fixed", "Freebox"]
        states = {part["label"]: part["state"] for part in box.ok("GET", "storage/partition/")}
        assert states == {"Away": "umounted", "Closed": "mounted", "Fixed": "mounted", "Freebox": "mounted"}
        assert box.run("rm", {"files": [b64("/Fixed/file")]})["error"] == "permission_denied"
        body = {"files": [b64("/Freebox/file")], "dst": b64("/Fixed"), "mode": "skip"}
        assert box.run("cp", body)["error"] == "permission_denied"


def test_a_folder_that_may_not_be_read_tells_nothing_of_what_is_in_it(box: Box, place: tuple[str, Path]) -> None:
    path, folder = place
    (folder / "closed").mkdir()
    (folder / "closed" / "file").touch()
    assert box.ok("GET", f"fs/info/{b64(path + '/closed/file')}")["name"] == "file"
    (folder / "closed").chmod(0o300)
    try:
        assert box.refused("GET", f"fs/ls/{b64(path + '/closed')}") == "access_denied"
        assert box.refused("GET", f"fs/info/{b64(path + '/closed/file')}") == "access_denied"
        assert box.ok("GET", f"fs/info/{b64(path + '/closed')}")["name"] == "closed"
    finally:
        (folder / "closed").chmod(0o700)


# -- bodies


def test_bodies(box: Box, place: tuple[str, Path]) -> None:
    path, _folder = place
    good = json.dumps({"parent": b64(path), "dirname": "text"})
    assert box.raw("POST", "/api/v8/fs/mkdir/", data=good, headers={"Content-Type": "text/plain"}).json()["success"]
    for bad in ("", "{", "[]", '"x"', "null", '{"parent": 7, "dirname": "x"}', '{"parent": "###", "dirname": "x"}',
                '{"parent": "L0ZyZWVib3g=", "dirname": "\\ud800"}'):  # fmt: skip
        answer = box.raw("POST", "/api/v8/fs/mkdir/", data=bad)
        assert (answer.status_code, answer.json()["error_code"]) == (200, "invalid_request"), bad
    for call in ("mv", "cp"):
        for body in ({"mode": "skip"}, {"files": [], "dst": b64(path), "mode": "skip"},
                     {"files": b64(path), "dst": b64(path), "mode": "skip"}, {"files": [b64(path)], "mode": "skip"},
                     {"files": ["#"], "dst": b64(path), "mode": "skip"}):  # fmt: skip
            assert box.refused("POST", f"fs/{call}/", body) == "invalid_request"
        for mode in ({}, {"mode": ""}, {"mode": "replace"}, {"mode": None}):
            body = {"files": [b64(path)], "dst": b64(path), **mode}
            assert box.refused("POST", f"fs/{call}/", body) == "invalid_conflict_mode"
    assert box.refused("POST", "fs/rm/", {"files": []}) == "invalid_request"
    assert box.refused("POST", "fs/hash/", {"src": b64(path)}) == "invalid_request"


# -- download


def test_download(box: Box, place: tuple[str, Path]) -> None:
    path, folder = place
    content = bytes(range(256)) * 4096
    (folder / 'Plans "secrets".jpg').write_bytes(content)
    sent = b64(path + '/Plans "secrets".jpg')
    answer = box.ask("GET", f"dl/{sent}")
    assert answer.content == content
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.headers["Content-Length"] == str(len(content))
    assert answer.headers["Content-Disposition"] == 'attachment; filename="Plans \\"secrets\\".jpg"'
    part = box.ask("GET", f"dl/{sent}", headers={"Range": "bytes=1000-"})
    assert (part.status_code, part.content) == (206, content[1000:])
    assert box.refused("GET", f"dl/{b64(path + '/nope')}") == "path_not_found"
    assert box.refused("GET", f"dl/{b64(path)}") == "invalid_request"
    head = box.ask("HEAD", f"dl/{sent}")
    assert (head.headers["Content-Length"], head.content) == (str(len(content)), b"")


# -- facts


def test_facts(tmp_path: Path) -> None:
    # a size of its own: the real disk's free space changes while the test runs
    with Box(tmp_path, opts={"capacity": 10_000}) as box:
        box.folder("Freebox", file=b"x" * 1000)
        (disk,) = box.ok("GET", "storage/disk/")
        assert {"id", "type", "state", "total_bytes", "partitions"} <= set(disk)
        (partition,) = disk["partitions"]
        assert set(partition) == {"id", "disk_id", "label", "fstype", "state", "path", "total_bytes", "used_bytes",
                                  "free_bytes", "internal", "fsck_result"}  # fmt: skip
        assert (partition["path"], partition["label"]) == (b64("/Freebox"), "Freebox")
        sizes = (partition["total_bytes"], partition["used_bytes"], partition["free_bytes"])
        assert sizes == (10_000, 1000, 9000)
        assert box.ok("GET", "storage/partition/") == [partition]
        assert box.ok("GET", f"storage/partition/{partition['id']}") == partition
        assert box.ok("GET", f"storage/disk/{disk['id']}/")["id"] == disk["id"]
        assert box.refused("GET", "storage/disk/7") == "not_found"
        assert box.ok("GET", "system/")["user_main_storage"] == "Freebox"
        assert box.ok("GET", "connection/")["state"] == "up"


# -- profiles


def test_profile_v4(tmp_path: Path) -> None:
    with Box(tmp_path, profile="v4") as box:
        box.folder("Freebox", a="1")
        assert box.ok("GET", "login/", version="v4").keys() == {"logged_in", "challenge"}
        version = box.raw("GET", "/api_version").json()
        assert version["api_version"] == "4.0"
        assert "box_model" not in version
        assert box.refused("GET", "fs/tasks/", version="v5") == "invalid_api_version"
        assert box.ok("GET", "fs/tasks/", version="v4") == []
        assert names(box.ok("GET", f"fs/ls/{b64('/Freebox')}", version="latest")) == ["a"]
        made = box.ask("POST", "fs/mkdir/", {"parent": b64("/Freebox"), "dirname": "d"}, version="v4")
        assert made.json() == {"success": True}
        assert "index" not in box.ok("GET", f"fs/info/{b64('/Freebox/a')}", version="v4")
        assert box.refused("GET", "fs/tasks/99", version="v4") == "task_not_found"
        assert box.refused("POST", "fs/rm/", {"files": [b64("/Freebox/nope")]}, version="v4") == "path_not_found"
        hash_body = {"src": b64("/Freebox/a"), "hash_type": "sha1"}
        task = box.run("hash", hash_body, version="v4")
        assert set(task) == TASK_KEYS
        value = box.ok("GET", f"fs/tasks/{task['id']}/hash", version="v4")
        assert value == {"hash": hashlib.sha1(b"1").hexdigest()}


def test_profile_v16(tmp_path: Path) -> None:
    with Box(tmp_path, profile="v16") as box:
        assert box.raw("GET", "/api_version").json()["api_version"] == "16.0"
        assert "entries" in box.ok("GET", "fs/ls/", version="v16")
        assert "entries" in box.ok("GET", "fs/ls/", version="latest")
