# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulated Synology on the wire: links on disk."""

from __future__ import annotations

import time
import zipfile
from pathlib import Path

from tests.contract.simulator.synology.simulated import FS, Nas, Start, options, q


def linked(nas: Nas) -> tuple[str, Path]:
    """A share with a folder of one file, a link to it, and two links in a circle."""
    share, folder = nas.share()
    (folder / "real").mkdir()
    (folder / "real/f.txt").write_bytes(b"12345")
    (folder / "top").mkdir()
    (folder / "top/album").symlink_to("../real")
    (folder / "top/loop").symlink_to(".")
    (folder / "top/back").symlink_to(".")
    (folder / "top/gone").symlink_to("nowhere")
    (folder / "top/out").symlink_to("/etc")
    return share, folder


def found(nas: Nas, where: str) -> set[str]:
    task = q(nas.data(FS + "Search", "start", folder_path=q([where]))["taskid"])
    end = time.monotonic() + 20
    while not (answer := nas.data(FS + "Search", "list", taskid=task, limit=-1))["finished"]:
        assert time.monotonic() < end
    return {item["path"].removeprefix(where + "/") for item in answer["files"]}


def test_links_are_gone_through(nas: Nas) -> None:
    share, folder = linked(nas)
    top = share + "/top"
    listed = nas.data(FS + "List", "list", folder_path=top, additional=q(["type", "perm", "mount_point_type"]))["files"]
    assert {item["name"]: item["isdir"] for item in listed} == {
        "album": True, "back": True, "gone": False, "loop": True, "out": False
    }  # fmt: skip
    assert {key for item in listed for key in item} == {"additional", "isdir", "name", "path"}, "nothing tells a link"
    inside = nas.data(FS + "List", "list", folder_path=top + "/loop/back/loop/album")["files"]
    assert [item["path"] for item in inside] == [top + "/loop/back/loop/album/f.txt"]
    assert nas.code(FS + "List", "list", folder_path=top + "/loop" * 50) in {401, 408}
    links = {"album", "loop", "back", "gone", "out"}
    assert found(nas, top) == {*links, "album/f.txt"}
    assert nas.job(FS + "DirSize", 2, path=q([top]))["data"]["total_size"] >= 5
    nas.login()
    done = nas.job(FS + "Compress", 3, path=q([top]), dest_file_path=q(share + "/x.zip"))
    assert done["success"]
    with zipfile.ZipFile(folder / "x.zip") as packed:
        assert {name for name in packed.namelist() if name.endswith(".txt")} == {"top/album/f.txt"}


def test_links_are_copied_moved_and_removed_as_links(nas: Nas) -> None:
    share, folder = linked(nas)
    (folder / "copies").mkdir()
    nas.job(FS + "CopyMove", 3, path=q([share + "/top"]), dest_folder_path=q(share + "/copies"))
    assert {item.name: item.is_symlink() for item in (folder / "copies/top").iterdir()} == dict.fromkeys(
        ("album", "loop", "back", "gone", "out"), True
    )
    move = {"dest_folder_path": q(share + "/copies"), "remove_src": "true"}
    nas.job(FS + "CopyMove", 3, path=q([share + "/copies/top/album"]), **move)
    assert (folder / "copies/album").is_symlink()
    for name in ("album", "loop", "gone", "out"):
        assert "errors" not in nas.job(FS + "Delete", 2, path=q([f"{share}/top/{name}"]))["data"]
    assert [item.name for item in (folder / "top").iterdir()] == ["back"]
    nas.data(FS + "Rename", "rename", path=q([share + "/top/back"]), name=q(["again"]))
    assert (folder / "top/again").is_symlink()
    nas.job(FS + "Delete", 2, path=q([share + "/top"]))
    assert not (folder / "top").exists()
    assert (folder / "real/f.txt").read_bytes() == b"12345"


def test_links_that_are_not_gone_through(start: Start) -> None:
    nas = start(*options(follow_links="none"))
    share, folder = linked(nas)
    nas.login()
    top = share + "/top"
    assert nas.data(FS + "List", "list", folder_path=top)["total"] == 5
    assert nas.code(FS + "List", "list", folder_path=top + "/album") == 408
    assert found(nas, top) == {"album", "loop", "back", "gone", "out"}
    assert nas.job(FS + "Compress", 3, path=q([top]), dest_file_path=q(share + "/x.zip"))["success"]
    with zipfile.ZipFile(folder / "x.zip") as packed:
        assert not [name for name in packed.namelist() if name.endswith(".txt")]
