# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulated QNAP on the wire: links on disk, as devices were seen to tell and treat them."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.contract.simulator.qnap.simulated import Nas, Start, first, options, until


def run(nas: Nas, func: str, **params: Any) -> None:
    """Start a copy or a move and wait for it."""
    params = {"source_total": 1, "mode": 0, **params}
    pid = first(nas.raw(func, **params))["pid"]
    until(lambda: first(nas.raw(f"get_{func}_status", pid=pid)).get("percent") == 100)


@pytest.fixture
def linked(nas: Nas) -> tuple[str, Path]:
    share, folder = nas.share("photos/a.jpg", "photos/old/b.jpg", "tmp/own.txt")
    for name, target in (("album", "../photos"), ("one", "../photos/a.jpg"), ("loop", "."), ("gone", "nothing")):
        (folder / "tmp" / name).symlink_to(target)
    return share, folder


def test_listings_tell_links(nas: Nas, old: Nas, linked: tuple[str, Path]) -> None:
    share, _folder = linked
    rows = {row["filename"]: row for row in nas.call("get_list", path=share + "/tmp")["datas"]}
    assert {name: (row["is_link"], row["isfolder"]) for name, row in rows.items()} == {
        "album": (1, 1), "loop": (1, 1), "one": (1, 0), "gone": (1, 0), "own.txt": (0, 0),
    }  # fmt: skip
    assert {row["text"] for row in nas.call("get_tree", node=share + "/tmp")} == {"album", "loop"}
    for name, row in rows.items():
        assert nas.stat(share + "/tmp", name)["is_link"] == row["is_link"]
    # what a link leads to is listed below it, and a loop without end
    assert "b.jpg" in nas.names(share + "/tmp/album/old")
    assert nas.names(share + "/tmp" + "/loop" * 20) == list(rows)
    found = nas.call("search", source_path=share + "/tmp", keyword="jpg")
    assert found["total"] == 0
    share, folder = old.share("x")
    (folder / "y").symlink_to("x")
    assert all("is_link" not in row for row in old.call("get_list", path=share)["datas"])


def test_what_calls_make_of_links(nas: Nas, linked: tuple[str, Path]) -> None:
    share, folder = linked
    size = nas.call("get_file_size", path=share, total=1, name="tmp")
    assert int(size["fileCnt"]) < 6
    run(nas, "copy", source_path=share, source_file="tmp", dest_path=share + "/photos")
    assert os.readlink(folder / "photos/tmp/album") == "../photos"
    run(nas, "move", source_path=share + "/photos/tmp", source_file="album", dest_path=share)
    assert os.readlink(folder / "album") == "../photos"
    assert nas.status("rename", path=share + "/tmp", source_name="one", dest_name="two") == 1
    assert os.readlink(folder / "tmp/two") == "../photos/a.jpg"
    download = nas.raw("download", source_path=share + "/tmp", source_file="two", source_total=1, isfolder=0)
    assert download.content == b"photos/a.jpg"
    for name in ("album", "loop", "two", "gone"):
        assert nas.status("delete", path=share + "/tmp", file_total=1, file_name=name, force=1) == 1
    assert sorted(os.listdir(folder / "tmp")) == ["own.txt"]
    (folder / "tmp/again").symlink_to("../photos")
    assert nas.status("delete", path=share, file_total=1, file_name="tmp") == 1
    assert os.readlink(folder / "@Recycle/tmp/again") == "../photos"
    assert (folder / "photos/old/b.jpg").exists()


@pytest.mark.parametrize("follows", [False, True])
def test_packing_goes_through_links_or_not(start: Start, follows: bool) -> None:
    nas = start(*options(follow_links=int(follows)))
    nas.login()
    share, folder = nas.share("photos/a.jpg", "tmp/own.txt")
    for name, target in (("album", "../photos"), ("one", "../photos/a.jpg"), ("loop", "."), ("gone", "nothing"),
                         ("out", "/etc/hostname")):  # fmt: skip
        (folder / "tmp" / name).symlink_to(target)
    pid = nas.pid("compress", path=share, compress_name="a", type="zip", total=1, compress_file="tmp")
    assert nas.finish("get_compress_status", pid)["status"] == 1
    download = nas.raw("download", source_path=share, source_file="tmp", source_total=1, isfolder=1, compress=2)
    for archive in (folder / "a.zip", io.BytesIO(download.content)):
        names = set(zipfile.ZipFile(archive).namelist())
        assert names >= {"tmp/own.txt", "tmp/one", "tmp/album/", "tmp/loop/"}
        assert ("tmp/album/a.jpg" in names) is follows
        assert not {"tmp/gone", "tmp/out", "tmp/loop/loop/loop/loop/own.txt"} & names
