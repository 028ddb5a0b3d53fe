# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulated Freebox on the wire: what boxes were seen to do that the page does not say.

Links and what calls make of them, names that are no UTF-8, tokens from before a reset, calls that a model lacks, and
answers that cannot be true.
"""

from __future__ import annotations

import os
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.contract.simulator.freebox.simulated import APP, Box, b64, exchange

DISK = "Disk"


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Box]:
    with Box(tmp_path_factory.mktemp("box")) as running:
        yield running


@pytest.fixture
def place(box: Box, request: pytest.FixtureRequest) -> tuple[str, Path]:
    """photos, and tmp with a file of its own and links: to photos, a file, itself, nothing, and out of the disk."""
    name = f"place{abs(hash(request.node.nodeid)) % 10**9}"
    folder = box.root / DISK / name
    (folder / "photos" / "old").mkdir(parents=True)
    (folder / "photos" / "a.jpg").write_bytes(b"jpeg!")
    (folder / "photos" / "old" / "b.jpg").write_bytes(b"b")
    (folder / "tmp").mkdir()
    (folder / "tmp" / "own.txt").write_bytes(b"own")
    for link, text in (("album", "../photos"), ("one", "../photos/a.jpg"), ("loop", "."), ("gone", "nothing"),
                       ("out", "/etc/hostname")):  # fmt: skip
        (folder / "tmp" / link).symlink_to(text)
    return f"/{DISK}/{name}", folder


def listed(box: Box, path: str, version: str = "v15") -> dict[str, Any]:
    found = box.ok("GET", f"fs/ls/{b64(path)}", version=version)
    rows = found["entries"] if isinstance(found, dict) else found
    return {row["name"]: row for row in rows if row["name"] not in {".", ".."}}


def photos_are_whole(folder: Path) -> bool:
    return (folder / "photos/a.jpg").read_bytes() == b"jpeg!" and (folder / "photos/old/b.jpg").read_bytes() == b"b"


# -- links


@pytest.mark.parametrize("version", ["v4", "v15"])
def test_links_tell_where_they_lead(box: Box, place: tuple[str, Path], version: str) -> None:
    path, folder = place
    (folder / "tmp" / "second").symlink_to("one")
    (folder / "tmp" / "whole").symlink_to(folder / "photos")
    rows = listed(box, path + "/tmp", version)
    told = {name: (row["type"], row["link"], row.get("target")) for name, row in rows.items()}
    assert told == {
        "album": ("dir", True, b64(path + "/photos")),
        "gone": ("file", True, b64(path + "/tmp/nothing")),
        "loop": ("dir", True, b64(path + "/tmp")),
        "one": ("file", True, b64(path + "/photos/a.jpg")),
        "out": ("file", True, b64("/etc/hostname")),
        "own.txt": ("file", False, None),
        "second": ("file", True, b64(path + "/tmp/one")),
        "whole": ("dir", True, b64(path + "/photos")),
    }
    assert rows["one"]["size"] == 5
    for name, row in rows.items():
        info = box.ok("GET", f"fs/info/{b64(path + '/tmp/' + name)}", version=version)
        assert {key: info.get(key) for key in ("type", "link", "target", "path")} == {
            key: row.get(key) for key in ("type", "link", "target", "path")
        }
    # what is seen through a link has the path that was asked for
    below = listed(box, path + "/tmp/loop/album/old", version)
    assert below["b.jpg"]["path"] == b64(path + "/tmp/loop/album/old/b.jpg")
    assert set(listed(box, path + "/tmp" + "/loop" * 20, version)) == set(rows)
    assert box.refused("GET", f"fs/ls/{b64(path + '/tmp' + '/loop' * 60)}", version=version) == "path_not_found"
    assert box.raw("GET", f"/api/{version}/dl/{b64(path + '/tmp/one')}").content == b"jpeg!"
    for name in ("gone", "out"):
        assert box.refused("GET", f"dl/{b64(path + '/tmp/' + name)}", version=version) == "path_not_found"


def test_targets_as_the_links_say_them(tmp_path: Path) -> None:
    with Box(tmp_path, opts={"link_target": "text"}) as box:
        folder = box.folder(DISK, x="x")
        (folder / "y").symlink_to("../Disk/x")
        assert listed(box, f"/{DISK}")["y"]["target"] == b64("../Disk/x")


def test_copying_and_moving_links(box: Box, place: tuple[str, Path]) -> None:
    path, folder = place
    files = [b64(f"{path}/tmp/{name}") for name in ("album", "one", "gone", "loop")]
    (folder / "to").mkdir()
    assert box.run("cp", {"files": files, "dst": b64(path + "/to"), "mode": "skip"})["state"] == "done"
    assert {name: os.readlink(folder / "to" / name) for name in os.listdir(folder / "to")} == {
        "album": "../photos", "one": "../photos/a.jpg", "gone": "nothing", "loop": ".",
    }  # fmt: skip
    whole = {"files": [b64(path + "/tmp")], "dst": b64(path + "/copy"), "mode": "overwrite"}
    assert box.run("cp", whole)["state"] == "done"
    assert os.readlink(folder / "copy/loop") == "."
    assert (folder / "copy/own.txt").read_bytes() == b"own"
    moved = {"files": [b64(path + "/tmp/album")], "dst": b64(path + "/here"), "mode": "overwrite"}
    assert box.run("mv", moved)["state"] == "done"
    assert os.readlink(folder / "here") == "../photos"
    # a link to a folder is a destination to copy into
    (folder / "into").symlink_to("photos")
    own = {"files": [b64(path + "/tmp/own.txt")], "dst": b64(path + "/into"), "mode": "skip"}
    assert box.run("cp", own)["state"] == "done"
    assert (folder / "photos/own.txt").exists()
    assert box.ok("POST", "fs/rename/", {"src": b64(path + "/into"), "dst": "else"}) == b64(path + "/else")
    assert os.readlink(folder / "else") == "photos"
    assert photos_are_whole(folder)


def test_removing_links(box: Box, place: tuple[str, Path]) -> None:
    path, folder = place
    files = [b64(f"{path}/tmp/{name}") for name in ("album", "one", "gone", "loop", "out")]
    assert box.run("rm", {"files": files})["state"] == "done"
    assert os.listdir(folder / "tmp") == ["own.txt"]
    (folder / "tmp" / "album").symlink_to("../photos")
    assert box.run("rm", {"files": [b64(path + "/tmp")]})["state"] == "done"
    assert sorted(os.listdir(folder)) == ["photos"]
    assert photos_are_whole(folder)
    # a path through a link is another matter: that file is in photos
    (folder / "album").symlink_to("photos")
    assert box.run("rm", {"files": [b64(path + "/album/a.jpg")]})["state"] == "done"
    assert os.listdir(folder / "photos") == ["old"]


def test_cat_and_hash_read_through_links(box: Box, place: tuple[str, Path]) -> None:
    path, folder = place
    one, new = b64(path + "/tmp/one"), b64(path + "/new")
    done = box.run("cat", {"files": [one, one], "dst": new, "overwrite": True, "delete_files": False})
    assert (done["state"], (folder / "new").read_bytes()) == ("done", b"jpeg!jpeg!")
    for name in ("gone", "out", "loop"):
        failed = box.run("cat", {"files": [b64(f"{path}/tmp/{name}")], "dst": b64(path + "/newer"), "overwrite": True})
        assert (failed["state"], failed["error"]) == (
            "failed", "unsupported_file_type" if name == "loop" else "file_not_found"
        )  # fmt: skip
        assert box.run("hash", {"src": b64(f"{path}/tmp/{name}"), "hash_type": "md5"})["state"] == "failed"
    box.run("cat", {"files": [one], "dst": new, "overwrite": True, "delete_files": True})
    assert not os.path.lexists(folder / "tmp/one")
    assert photos_are_whole(folder)


@pytest.mark.parametrize("ending", ["zip", "tar.gz", "cpio"])
def test_links_are_packed_and_unpacked_as_links(box: Box, place: tuple[str, Path], ending: str) -> None:
    path, folder = place
    archive = b64(f"{path}/a.{ending}")
    packed = box.run("archive", {"files": [b64(path + "/tmp")], "dst": archive})
    assert (packed["state"], packed["error"]) == ("done", "none")
    (folder / "to").mkdir()
    task = {"src": archive, "dst": b64(path + "/to"), "password": "", "delete_archive": False, "overwrite": False}
    assert box.run("extract", task)["state"] == "done"
    links = {name: os.readlink(folder / "to/tmp" / name) for name in ("album", "one", "loop", "gone", "out")}
    assert links == {
        "album": "../photos", "one": "../photos/a.jpg", "loop": ".", "gone": "nothing", "out": "/etc/hostname",
    }  # fmt: skip
    assert sorted(os.listdir(folder / "to/tmp")) == sorted([*links, "own.txt"])
    (folder / "to/tmp/own.txt").unlink()
    assert box.run("extract", task)["error"] == "file_exists"
    assert box.run("extract", {**task, "overwrite": True})["state"] == "done"
    assert photos_are_whole(folder)


@pytest.mark.parametrize("ending", ["7z", "iso"])
def test_formats_without_links_leave_them_out(box: Box, place: tuple[str, Path], ending: str) -> None:
    path, folder = place
    (folder / "to").mkdir()
    assert box.run("archive", {"files": [b64(path + "/tmp")], "dst": b64(f"{path}/a.{ending}")})["state"] == "done"
    assert box.run("extract", {"src": b64(f"{path}/a.{ending}"), "dst": b64(path + "/to")})["state"] == "done"
    assert os.listdir(folder / "to/tmp") == ["own.txt"]


def test_links_of_an_archive_do_not_lead_others_astray(box: Box, place: tuple[str, Path]) -> None:
    path, folder = place
    with tarfile.open(folder / "x.tar", "w") as archive:
        link = tarfile.TarInfo("d")
        link.type, link.linkname = tarfile.SYMTYPE, "../../photos"
        archive.addfile(link)
        member = tarfile.TarInfo("d/a.jpg")
        member.size = 0
        archive.addfile(member)
    with zipfile.ZipFile(folder / "y.zip", "w") as outer:
        info = zipfile.ZipInfo("../up")
        info.external_attr = 0o120777 << 16
        outer.writestr(info, "x")
    (folder / "to" / "deep").mkdir(parents=True)
    for name in ("x.tar", "y.zip"):
        box.run("extract", {"src": b64(f"{path}/{name}"), "dst": b64(path + "/to/deep"), "overwrite": True})
    assert photos_are_whole(folder)
    assert os.listdir(folder / "to") == ["deep"]


def test_volumes_that_hold_no_links(tmp_path: Path) -> None:
    with Box(tmp_path, opts={"no_links": "Stick"}) as box:
        folder = box.folder(DISK, x="x")
        box.folder("Stick")
        (folder / "y").symlink_to("x")
        copied = box.run("cp", {"files": [b64(f"/{DISK}/y")], "dst": b64("/Stick"), "mode": "skip"})
        assert (copied["state"], copied["error"]) == ("failed", "symlink_failed")
        box.run("archive", {"files": [b64(f"/{DISK}/y")], "dst": b64(f"/{DISK}/a.zip")})
        assert box.run("extract", {"src": b64(f"/{DISK}/a.zip"), "dst": b64("/Stick")})["error"] == "symlink_failed"
        assert os.listdir(box.root / "Stick") == []


def test_a_walk_that_follows_loops_meets_every_file_again(box: Box, place: tuple[str, Path]) -> None:
    path, folder = place
    (folder / "tmp" / "loop2").symlink_to(".")
    seen, todo = 0, [path + "/tmp"]
    while todo and seen < 300:
        here = todo.pop()
        for name, row in listed(box, here).items():
            seen += 1
            if row["type"] == "dir":
                todo.append(f"{here}/{name}")
    assert seen >= 300


# -- names


def test_a_name_that_is_no_utf_8(box: Box) -> None:
    folder = box.folder(DISK) / "latin"
    folder.mkdir()
    raw = b"caf\xe9.txt"
    Path(os.fsdecode(os.fsencode(folder) + b"/" + raw)).write_bytes(b"x")
    row = listed(box, f"/{DISK}/latin")["caf\N{REPLACEMENT CHARACTER}.txt"]
    here = f"/{DISK}/latin/".encode()
    assert row["path"] == b64(here + raw)
    assert box.ok("GET", f"fs/info/{row['path']}")["size"] == 1
    assert box.raw("GET", f"/api/v15/dl/{row['path']}").content == b"x"
    # a new name is clear text: the shown one is another name, and no text spells the old one
    assert box.ok("POST", "fs/rename/", {"src": row["path"], "dst": row["name"]}) == b64(f"/{DISK}/latin/{row['name']}")
    assert os.listdir(os.fsencode(folder)) == [row["name"].encode()]
    assert box.refused("POST", "fs/rename/", {"src": b64(here + row["name"].encode()), "dst": "caf\udce9.txt"}) == (
        "invalid_request"
    )
    # a destination is base64, and gives every name
    moved = box.run("mv", {"files": [b64(here + row["name"].encode())], "dst": b64(here + raw), "mode": "skip"})
    assert moved["state"] == "done"
    assert os.listdir(os.fsencode(folder)) == [raw]


# -- tokens


def test_a_token_from_before_a_reset(tmp_path: Path) -> None:
    with Box(tmp_path, opts={"token_known": 0}, login=False) as box:
        box.folder(DISK)
        for _time in range(2):
            challenge = box.ok("GET", "login/")["challenge"]
            assert challenge
            with pytest.raises(AssertionError, match="invalid_token"):
                box.login()
        app = {"app_id": APP, "app_name": "test", "app_version": "1", "device_name": "here"}
        pairing = box.ok("POST", "login/authorize/", app)
        assert box.ok("GET", f"login/authorize/{pairing['track_id']}")["status"] == "granted"
        box.login(token=pairing["app_token"])
        assert box.ok("GET", f"fs/ls/{b64('/')}")


# -- calls that a model lacks, errors outside tasks, paths that are none


def test_calls_that_a_model_lacks(tmp_path: Path) -> None:
    opts = {"lacks": "storage,system", "api_version_lacks": "uid,api_domain", "https_port": 0}
    with Box(tmp_path, opts=opts) as box:
        for call in ("storage/disk/", "storage/partition/", "storage/disk/1000", "storage/partition/1001", "system/"):
            assert box.refused("GET", call) == "internal_error"
        assert box.ok("GET", "connection/")["state"] == "up"
        told = box.raw("GET", "/api_version").json()
        assert not {"uid", "api_domain"} & set(told)
        assert told["https_port"] == 0
    with Box(tmp_path / "other", opts={"api_domain": ""}) as box:
        assert box.raw("GET", "/api_version").json()["api_domain"] == ""


CALLS: list[tuple[str, str, Any]] = [
    ("GET", "fs/ls/{path}", None),
    ("GET", "fs/info/{path}", None),
    ("GET", "dl/{path}", None),
    ("POST", "fs/mkdir/", {"parent": "{path}", "dirname": "new"}),
    ("POST", "fs/rename/", {"src": "{path}", "dst": "new"}),
    ("POST", "fs/cp/", {"files": ["{path}"], "dst": "{path}", "mode": "skip"}),
    ("POST", "fs/mv/", {"files": ["{path}"], "dst": "{path}", "mode": "skip"}),
    ("POST", "fs/rm/", {"files": ["{path}"]}),
    ("POST", "fs/hash/", {"src": "{path}", "hash_type": "md5"}),
    ("POST", "fs/cat/", {"files": ["{path}"], "dst": "{path}"}),
    ("POST", "fs/archive/", {"files": ["{path}"], "dst": "{path}"}),
    ("POST", "fs/extract/", {"src": "{path}", "dst": "{path}"}),
    ("POST", "fs/repair/", {"src": "{path}"}),
    ("POST", "share_link/", {"path": "{path}", "expire": 0}),
]


def filled(value: Any, path: str) -> Any:
    """A call with the path in it, in base64."""
    if isinstance(value, dict):
        return {name: filled(item, path) for name, item in value.items()}
    if isinstance(value, list):
        return [filled(item, path) for item in value]
    return value.replace("{path}", b64(path)) if isinstance(value, str) else value


def test_a_volume_that_is_not_there(box: Box) -> None:
    """By each call: at once, or in the task that it starts."""
    for method, call, body in CALLS:
        answer = box.ask(method, filled(call, "/volume1/data/x"), filled(body, "/volume1/data/x")).json()
        if answer["success"]:
            task = box.wait(answer["result"]["id"])
            assert (task["state"], task["error"]) == ("failed", "file_not_found"), call
        else:
            assert answer["error_code"] == "path_not_found", call
    socket = box.socket()
    start = {"action": "upload_start", "request_id": 1, "dirname": b64("/volume1/data"), "filename": "x", "size": 1}
    assert exchange(socket, start)["error_code"] == "path_not_found"
    socket.close()


@pytest.mark.parametrize("code", ["invalid_id", "task_not_found", "internal_error", "disk_unavailable"])
def test_every_call_may_be_refused_in_words_of_another(box: Box, code: str) -> None:
    box.folder(DISK, file="x")
    for method, call, body in CALLS:
        box.faults({"call": f"{method} {call}", "do": {"error": code}})
        assert box.refused(method, filled(call, f"/{DISK}/file"), filled(body, f"/{DISK}/file")) == code
    box.faults()


def test_ids_that_nobody_knows(box: Box, tmp_path: Path) -> None:
    for call in ("fs/tasks/999999", "share_link/none"):
        assert [box.refused(method, call) for method in ("GET", "DELETE")] == ["invalid_id"] * 2
    assert box.refused("GET", "fs/tasks/999999/hash") == "invalid_id"
    assert box.refused("GET", "upload/999999") == "noent"
    assert box.refused("PUT", "fs/tasks/999999", {"state": "paused"}) == "invalid_id"
    with Box(tmp_path, profile="v4") as old:
        assert old.refused("GET", "fs/tasks/999999", version="v4") == "task_not_found"


# -- answers that cannot be true


def test_a_size_that_cannot_be(box: Box) -> None:
    box.folder(DISK + "/sized/sub")
    box.folder(DISK + "/sized", file="four")
    box.faults({"call": "GET fs/ls/{path}", "do": {"vendor": "bad_size"}})
    sizes = [listed(box, f"/{DISK}/sized")["file"]["size"] for _time in range(2)]
    assert sizes == [-1, 4]
    box.faults({"call": "GET fs/info/{path}", "do": {"vendor": "bad_size", "value": None}})
    sizes = [box.ok("GET", f"fs/info/{b64(f'/{DISK}/sized/file')}")["size"] for _time in range(2)]
    assert sizes == [4, 4]
    box.faults({"call": "GET fs/info/{path}", "do": {"vendor": "bad_size", "value": "many"}})
    assert box.ok("GET", f"fs/info/{b64(f'/{DISK}/sized/file')}")["size"] == "many"


@pytest.mark.parametrize("kind", ["same", "new"])
def test_a_listing_without_end(box: Box, kind: str) -> None:
    box.folder(DISK + "/endless", a="", b="")
    box.faults({"call": "GET fs/ls/{path}", "times": 0, "do": {"vendor": "endless", "value": kind}})
    cursor, names, cursors = "", [], set()
    for _page in range(5):
        found = box.ok("GET", f"fs/ls/{b64(f'/{DISK}/endless')}?cursor={cursor}")
        names += [row["name"] for row in found["entries"]]
        cursor = found["cursor"]
        cursors.add(cursor)
    box.faults()
    assert (len(set(names)), len(names), len(cursors)) == (4 if kind == "same" else 20, 20, 5)


def test_half_a_surrogate_pair_and_lists_within_lists(box: Box) -> None:
    box.folder(DISK + "/odd", file="x")
    box.faults(
        {"call": "POST fs/hash/", "do": {"vendor": "lone_surrogate"}},
        {"call": "GET fs/ls/{path}", "do": {"vendor": "lone_surrogate", "value": "name"}},
        {"call": "GET fs/info/{path}", "do": {"vendor": "nested", "value": 100_000}},
    )
    made = box.ok("POST", "fs/hash/", {"src": b64(f"/{DISK}/odd/file"), "hash_type": "md5"})
    assert (made["id"], made["type"]) == ("\ud800", "hash")
    found = box.ok("GET", f"fs/ls/{b64(f'/{DISK}/odd')}")["entries"]
    assert "\ud800" in [row["name"] for row in found]
    text = box.ask("GET", f"fs/info/{b64(f'/{DISK}/odd')}").text
    assert (text.count("["), text.count("]")) == (100_000, 100_000)
