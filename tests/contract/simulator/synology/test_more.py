# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulated Synology on the wire: search, favorites, thumbnails, share links, archives."""

from __future__ import annotations

import io
import os
import time
import zipfile
from pathlib import Path
from typing import Any

import py7zr
import pytest
import pyzipper
import requests
from PIL import Image

from tests.contract.simulator.synology.simulated import FS, Nas, Start, q

# -- search


def search(nas: Nas, **criteria: Any) -> list[str]:
    task = q(nas.data(FS + "Search", "start", **criteria)["taskid"])
    end = time.monotonic() + 20
    while not (found := nas.data(FS + "Search", "list", taskid=task, limit=-1))["finished"]:
        assert time.monotonic() < end
    assert found["total"] == len(found["files"])
    nas.data(FS + "Search", "clean", taskid=task)
    return [item["path"].split("/", 2)[2] for item in found["files"]]


def test_search(nas: Nas) -> None:
    share, folder = nas.share()
    (folder / "Sub").mkdir()
    for name, size, mtime in (("a.txt", 10, 1000), ("B.TXT", 20, 2000), ("Sub/c.bin", 30, 3000)):
        (folder / name).write_bytes(b"x" * size)
        os.utime(folder / name, (mtime, mtime))
    where: dict[str, Any] = {"folder_path": q([share])}
    assert search(nas, **where) == ["a.txt", "B.TXT", "Sub/c.bin", "Sub"]
    assert search(nas, **where, recursive="false") == ["a.txt", "B.TXT", "Sub"]
    assert search(nas, **where, pattern="TXT") == ["a.txt", "B.TXT"]
    assert search(nas, **where, pattern=q("a* *.bin")) == ["a.txt", "Sub/c.bin"]
    assert search(nas, **where, extension=q("txt,b?n"), size_from="10") == ["B.TXT", "Sub/c.bin"]
    assert search(nas, **where, filetype="dir") == ["Sub"]
    assert search(nas, **where, mtime_from="1000", mtime_to="3000") == ["B.TXT"]
    assert search(nas, **where, owner="ADMIN", filetype="file") == ["a.txt", "B.TXT", "Sub/c.bin"]
    assert search(nas, **where, owner="nobody") == []
    assert nas.raw(FS + "Search", "start", **where, pattern="2024").status_code == 502


def test_search_results_stay_until_cleaned(nas: Nas) -> None:
    share, folder = nas.share()
    (folder / "f").write_bytes(b"x")
    task = nas.data(FS + "Search", "start", folder_path=share)["taskid"]
    assert not task.startswith("FileStation_")
    while not nas.data(FS + "Search", "list", taskid=q(task))["finished"]:
        pass
    assert nas.data(FS + "Search", "list", taskid=q(task)) == {"files": [], "finished": True, "offset": 0, "total": 1}
    assert nas.call(FS + "Search", "stop", taskid=q([task])) == {"success": True}
    more = nas.data(FS + "Search", "list", taskid=q(task), limit=1, additional=q(["size"]))
    assert more["files"][0]["additional"] == {"size": 1}
    assert nas.call(FS + "Search", "clean", taskid=q(task)) == {"success": True}
    assert nas.data(FS + "Search", "list", taskid=q(task)) == {"finished": True}


# -- favorites, mounts, thumbnails


def test_favorites(start: Start) -> None:
    nas = start("--vendor-opt", "max_favorites=3")
    share, folder = nas.share()
    nas.login()
    for name in "abc":
        (folder / name).mkdir()

    def listed(**more: Any) -> list[tuple[str, str]]:
        return [(item["name"], item["status"]) for item in nas.data(FS + "Favorite", "list", **more)["favorites"]]

    assert nas.call(FS + "Favorite", "add", path=q(share + "/a"), name=q("A")) == {"success": True}
    assert nas.code(FS + "Favorite", "add", path=share + "/a", name="X") == 800
    assert nas.code(FS + "Favorite", "add", path=share + "/b", name="A") == 801
    assert nas.code(FS + "Favorite", "add", path=share + "/none", name="N") == 408
    nas.data(FS + "Favorite", "add", path=share + "/b", name="B", index=0)
    nas.data(FS + "Favorite", "add", path=share + "/c", name="C")
    assert nas.code(FS + "Favorite", "add", path=share, name="D") == 802
    assert listed() == [("B", "valid"), ("A", "valid"), ("C", "valid")]
    (folder / "b").rmdir()
    assert listed(status_filter="broken") == [("B", "broken")]
    nas.data(FS + "Favorite", "clear_broken")
    nas.data(FS + "Favorite", "edit", path=share + "/a", name="Z")
    assert nas.code(FS + "Favorite", "edit", path=share + "/a", name="C") == 801
    assert listed(limit=1) == [("Z", "valid")]
    nas.data(FS + "Favorite", "delete", path=share + "/a")
    assert nas.code(FS + "Favorite", "delete", path=share + "/a") == 408
    assert nas.code(FS + "Favorite", "replace_all", path=q([share]), name=q(["a", "b"])) == 400
    nas.data(FS + "Favorite", "replace_all", path=q([share, share + "/a"]), name=q(["all", "one"]))
    assert listed() == [("all", "valid"), ("one", "valid")]


def test_virtual_folders(start: Start) -> None:
    nas = start("--vendor-opt", "mounts=cifs:/video/remote,iso:/video/disc")
    for name in ("remote", "disc"):
        (nas.root / "video" / name).mkdir(parents=True)
    nas.login()
    names = ["real_path", "owner", "time", "perm", "mount_point_type", "volume_status"]
    found = nas.data(FS + "VirtualFolder", "list", get=True, type=q("cifs"), additional=q(names))
    assert (found["total"], found["folders"][0]["path"]) == (1, "/video/remote")
    assert sorted(found["folders"][0]["additional"]) == sorted(names)
    assert found["folders"][0]["additional"]["mount_point_type"] == "remote"
    assert nas.data(FS + "VirtualFolder", "list", type="nfs")["folders"] == []
    assert nas.code(FS + "VirtualFolder", "list") == 101


def test_thumbnails(nas: Nas) -> None:
    share, folder = nas.share()
    picture = Image.new("RGB", (800, 400), "red")
    picture.paste("blue", (0, 0, 400, 400))
    picture.save(folder / "p.png")
    (folder / "broken.jpg").write_bytes(b"no picture")

    def get(name: str, **more: Any) -> requests.Response:
        return nas.raw(FS + "Thumb", "get", get=True, path=q(f"{share}/{name}"), **more)

    reply = get("p.png")
    assert reply.headers["Content-Type"] == "image/jpeg"
    assert Image.open(io.BytesIO(reply.content)).size == (240, 120)
    assert Image.open(io.BytesIO(get("p.png", size="original").content)).size == (800, 400)
    turned = Image.open(io.BytesIO(get("p.png", size="medium", rotate=1).content))
    assert turned.size == (160, 320)
    assert turned.getpixel((80, 10))[2] > 200, "the left side is above after a clockwise turn"
    assert [get(name).status_code for name in ("none.png", "broken.jpg")] == [404, 404]


# -- share links


def test_share_links(nas: Nas) -> None:
    share, folder = nas.share()
    (folder / "f é.txt").write_bytes(b"shared")
    (folder / "d").mkdir()
    (folder / "d" / "g").write_bytes(b"inside")
    paths = [share + "/f é.txt", share + "/none", share + "/d"]
    links = nas.data(FS + "Sharing", "create", 3, path=q(paths))["links"]
    assert links[1] == {"error": 408, "path": share + "/none"}
    assert sorted(links[0]) == ["error", "id", "path", "qrcode", "url"]
    assert links[0]["qrcode"].startswith("data:image/png;base64,")
    reply = requests.get(links[0]["url"], timeout=30)
    assert (reply.status_code, reply.content) == (200, b"shared")
    assert zipfile.ZipFile(io.BytesIO(requests.get(links[2]["url"], timeout=30).content)).read("d/g") == b"inside"
    again = nas.data(FS + "Sharing", "create", 3, path=paths[0])["links"][0]
    assert again["id"] != links[0]["id"]
    info = nas.data(FS + "Sharing", "getinfo", 3, id=q(again["id"]))
    expected = {
        "date_available": "",
        "date_expired": "",
        "has_password": False,
        "isFolder": False,
        "name": "f é.txt",
        "link_owner": "admin",
        "path": paths[0],
        "status": "valid",
        "url": again["url"],
        "protect_type": "none",
    }
    assert {key: info[key] for key in expected} == expected
    listed = nas.data(FS + "Sharing", "list", 3, offset=0, limit=10, sort_by="path")
    assert {item["id"] for item in listed["links"]} >= {links[0]["id"], links[2]["id"], again["id"]}
    assert nas.call(FS + "Sharing", "delete", 3, id=q([again["id"], links[0]["id"]])) == {"success": True}
    assert requests.get(again["url"], timeout=30).status_code == 404
    assert nas.code(FS + "Sharing", "getinfo", 3, id=q(again["id"])) == 2000
    assert nas.call(FS + "Sharing", "delete", 3, id=q("nothing"))["error"]["code"] == 2000


def test_share_link_settings(nas: Nas) -> None:
    share, folder = nas.share()
    (folder / "f").write_bytes(b"shared")
    path = share + "/f"
    link = nas.data(FS + "Sharing", "create", 3, path=path, password=q("123"), date_expired=q("2999-12-31"))["links"][0]

    def info() -> dict[str, Any]:
        return dict(nas.data(FS + "Sharing", "getinfo", 3, id=q(link["id"])))

    assert (info()["has_password"], info()["date_expired"]) == (True, "2999-12-31 23:59:59")
    assert requests.get(link["url"], timeout=30).status_code == 403
    assert requests.get(link["url"], params={"password": "124"}, timeout=30).status_code == 403
    assert requests.post(link["url"], data={"password": "123"}, timeout=30).content == b"shared"
    nas.data(FS + "Sharing", "edit", 3, id=q(link["id"]), password="")
    assert requests.get(link["url"], timeout=30).content == b"shared"
    nas.data(FS + "Sharing", "edit", 3, id=q([link["id"]]), date_available=q("2999-01-01"))
    assert (info()["status"], requests.get(link["url"], timeout=30).status_code) == ("invalid", 404)
    nas.data(FS + "Sharing", "clear_invalid", 3)
    assert info()["status"] == "invalid"
    nas.data(FS + "Sharing", "edit", 3, id=q(link["id"]), date_available=q("0"), date_expired=q("2001-01-01"))
    assert info()["status"] == "expired"
    nas.data(FS + "Sharing", "edit", 3, id=q(link["id"]), date_expired="0", expire_times=1)
    assert requests.get(link["url"], timeout=30).content == b"shared"
    assert info()["status"] == "expired"
    assert nas.code(FS + "Sharing", "edit", 3, id=q(link["id"]), date_expired="2999-12-31") == 400
    assert nas.code(FS + "Sharing", "edit", 3, id=q(link["id"]), password=q("x" * 17)) == 400
    (folder / "f").unlink()
    assert info()["status"] == "broken"
    nas.data(FS + "Sharing", "clear_invalid", 3)
    assert nas.code(FS + "Sharing", "getinfo", 3, id=q(link["id"])) == 2000


def test_too_many_links(start: Start) -> None:
    nas = start("--vendor-opt", "max_links=1", "--profile", "dsm6")
    share, _folder = nas.share()
    nas.login(6, cgi="auth.cgi")
    link = nas.data(FS + "Sharing", "create", 3, path=share)["links"][0]
    assert nas.data(FS + "Sharing", "getinfo", 3, id=q(link["id"]))["date_expired"] == "0"
    assert nas.code(FS + "Sharing", "create", 3, path=share) == 2001


# -- archives


def filled(nas: Nas) -> tuple[str, Path]:
    share, folder = nas.share()
    (folder / "src/deep").mkdir(parents=True)
    (folder / "src/a.txt").write_bytes(b"hello" * 100)
    (folder / "src/deep/ä.bin").write_bytes(bytes(range(256)) * 20)
    os.utime(folder / "src/a.txt", (1600000000, 1600000000))
    (folder / "out").mkdir()
    return share, folder


@pytest.mark.parametrize("kind", ["zip", "7z"])
@pytest.mark.parametrize("password", ["", "12 pässw"])
def test_compress_and_extract(nas: Nas, kind: str, password: str) -> None:
    share, folder = filled(nas)
    archive = f"{share}/x.{kind}"
    secret = {"password": q(password)} if password else {}
    what = {"path": q([share + "/src"]), "dest_file_path": q(archive), "format": kind, "level": "best"}
    done = nas.job(FS + "Compress", 3, **what, **secret)
    assert done["data"] == {"dest_file_path": archive, "finished": True}
    if kind == "7z":
        with py7zr.SevenZipFile(folder / "x.7z", password=password or None) as real:
            assert real.needs_password() == bool(password)
            assert "src/deep/ä.bin" in real.getnames()
    else:
        with pyzipper.AESZipFile(folder / "x.zip") as real:
            real.setpassword(password.encode() or None)
            assert real.read("src/a.txt") == b"hello" * 100
    into = {"file_path": q(archive), "dest_folder_path": q(share + "/out")}
    if password:
        assert nas.job(FS + "Extract", 2, **into)["error"]["code"] == 1403
        assert nas.job(FS + "Extract", 2, **into, password=q("wrong"))["error"]["code"] == 1403
        assert not (folder / "out/src/a.txt").exists()
    done = nas.job(FS + "Extract", 2, **into, **secret)
    assert done["data"] == {"dest_folder_path": share + "/out", "finished": True, "progress": 1}
    assert (folder / "out/src/deep/ä.bin").read_bytes() == bytes(range(256)) * 20
    assert (folder / "out/src/a.txt").stat().st_mtime == 1600000000


def test_what_an_archive_holds(nas: Nas) -> None:
    share, folder = nas.share()
    with zipfile.ZipFile(folder / "x.zip", "w") as real:
        real.writestr("top.txt", b"1")
        real.writestr("one/two/deep.txt", b"12")

    def listed(**more: Any) -> dict[str, dict[str, Any]]:
        items = nas.data(FS + "Extract", "list", file_path=q(share + "/x.zip"), **more)["items"]
        return {item["name"]: item for item in items}

    top = listed(item_id=-1)
    assert list(top) == ["one", "top.txt"]
    assert sorted(top["top.txt"]) == ["is_dir", "itemid", "mtime", "name", "pack_size", "path", "size"]
    level = listed(item_id=top["one"]["itemid"])
    assert list(level) == ["..", "two"]
    level = listed(item_id=level["two"]["itemid"])
    assert level["deep.txt"]["path"] == "one/two/deep.txt"
    into = {"file_path": share + "/x.zip", "dest_folder_path": share}
    nas.job(FS + "Extract", 2, **into, item_id=level["deep.txt"]["itemid"], keep_dir="false", create_subfolder="true")
    assert [item.name for item in (folder / "x").iterdir()] == ["deep.txt"]
    (folder / "top.txt").write_bytes(b"mine")
    nas.job(FS + "Extract", 2, **into)
    assert (folder / "top.txt").read_bytes() == b"mine"
    nas.job(FS + "Extract", 2, **into, overwrite="true")
    assert (folder / "top.txt").read_bytes() == b"1"
    assert nas.code(FS + "Extract", "list", file_path=share + "/x.zip", item_id=99) == 1405
    assert nas.job(FS + "Extract", 2, **into, item_id=99)["error"]["code"] == 1405


def test_bad_archives(nas: Nas) -> None:
    share, folder = nas.share()
    (folder / "text.zip").write_bytes(b"no archive at all")
    (folder / "cut.zip").write_bytes(b"PK\x03\x04 and then nothing")
    assert nas.code(FS + "Extract", "list", file_path=share + "/text.zip") == 1401
    assert nas.code(FS + "Extract", "list", file_path=share + "/cut.zip") == 1402
    assert nas.code(FS + "Extract", "list", file_path=share + "/none.zip") == 408
    assert nas.job(FS + "Extract", 2, file_path=share + "/text.zip", dest_folder_path=share)["error"]["code"] == 1401
    assert nas.code(FS + "Extract", "start", file_path=share + "/text.zip", dest_folder_path=share + "/none") == 408
    with zipfile.ZipFile(folder / "evil.zip", "w") as real:
        real.writestr("../../evil", b"1")
    answer = nas.job(FS + "Extract", 2, file_path=share + "/evil.zip", dest_folder_path=share)
    assert answer["error"]["code"] == 1400
    assert not (nas.root.parent / "evil").exists()
    failed = nas.job(FS + "Compress", 3, path=q([share + "/none"]), dest_file_path=share + "/new.zip")["error"]
    assert failed == {"code": 1300, "errors": [{"code": 408, "path": share + "/none"}]}
    long = {"path": share + "/text.zip", "dest_file_path": share + "/" + "x" * 256}
    assert nas.code(FS + "Compress", "start", 3, **long) == 1301


def test_compress_modes(nas: Nas) -> None:
    share, folder = nas.share()
    (folder / "old").write_bytes(b"1")
    (folder / "new").write_bytes(b"2")

    def packed(mode: str) -> dict[str, bytes]:
        what = {"path": q([share + "/old", share + "/new"]), "dest_file_path": share + "/x.zip"}
        done = nas.job(FS + "Compress", 3, **what, mode=mode)
        assert done["success"], done
        with zipfile.ZipFile(folder / "x.zip") as real:
            return {name: real.read(name) for name in real.namelist()}

    with zipfile.ZipFile(folder / "x.zip", "w") as real:
        real.writestr(zipfile.ZipInfo("old", (2050, 1, 1, 0, 0, 0)), b"kept")
        real.writestr("other", b"3")
    assert packed("refreshen") == {"old": b"kept", "other": b"3"}
    assert packed("update") == {"old": b"kept", "other": b"3", "new": b"2"}
    assert packed("add") == {"old": b"1", "other": b"3", "new": b"2"}


def test_compress_needs_a_login_of_version_7(start: Start) -> None:
    nas = start()
    share, folder = nas.share()
    (folder / "f").write_bytes(b"1")
    nas.login(6)
    assert nas.code(FS + "Compress", "start", 3, path=share + "/f", dest_file_path=share + "/x.zip") == 105


def test_a_stopped_compress_leaves_nothing(start: Start) -> None:
    nas = start("--vendor-opt", "task_seconds=30")
    share, folder = filled(nas)
    nas.login()
    task = nas.data(FS + "Compress", "start", 3, path=share + "/src", dest_file_path=share + "/x.zip")["taskid"]
    assert nas.data(FS + "BackgroundTask", "list", 3)["tasks"][0]["api"] == FS + "Compress"
    assert nas.call(FS + "Compress", "stop", 3, taskid=q(task)) == {"success": True}
    assert sorted(item.name for item in folder.iterdir()) == ["out", "src"]
