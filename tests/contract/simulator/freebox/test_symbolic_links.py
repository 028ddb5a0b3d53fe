# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulated Freebox on the wire: links on disk, and what calls make of them."""

from __future__ import annotations

import os
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.contract.simulator.freebox.simulated import DISK, Box, b64, listed


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


def photos_are_whole(folder: Path) -> bool:
    return (folder / "photos/a.jpg").read_bytes() == b"jpeg!" and (folder / "photos/old/b.jpg").read_bytes() == b"b"


@pytest.mark.parametrize("version", ["v4", "v15"])
def test_links_tell_where_they_lead(box: Box, place: tuple[str, Path], version: str) -> None:
    path, folder = place
    (folder / "tmp" / "second").symlink_to("one")
    (folder / "tmp" / "whole").symlink_to(folder / "photos")
    rows = listed(box, path + "/tmp", version)
    reported = {name: (row["type"], row["link"], row.get("target")) for name, row in rows.items()}
    assert reported == {
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
