# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulated disk's links: what a vendor's package is told of them, and that nothing leads out of the root."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.simulator.core import errors
from tests.simulator.core.disk import Disk, Link
from tests.simulator.core.transfer import Transfer, overwrite


@pytest.fixture
def disk(tmp_path: Path) -> Disk:
    root = tmp_path / "nas"
    (root / "home" / "album").mkdir(parents=True)
    (root / "photos" / "old").mkdir(parents=True)
    (root / "photos" / "a.jpg").write_bytes(b"jpeg!")
    (root / "home" / "photos").symlink_to("../photos")
    (root / "home" / "whole").symlink_to(root / "photos" / "a.jpg")
    (root / "home" / "second").symlink_to("whole")
    (root / "home" / "album" / "up").symlink_to("..")
    (root / "home" / "gone").symlink_to("album/nothing")
    (root / "home" / "circle").symlink_to("circle")
    (root / "home" / "out").symlink_to("/etc")
    (tmp_path / "beside").write_text("not ours")
    (root / "home" / "beside").symlink_to("../../beside")
    return Disk(root)


def test_an_entry_tells_where_a_link_leads(disk: Disk) -> None:
    found = {entry.name: entry for entry in disk.list("/home")}
    assert {name: entry.link for name, entry in found.items()} == {
        "album": None,
        "photos": Link("../photos", "/photos", False),
        "whole": Link("/photos/a.jpg", "/photos/a.jpg", False),
        "second": Link("whole", "/photos/a.jpg", False),
        "gone": Link("album/nothing", "/home/album/nothing", True),
        "circle": Link("circle", None, True),
        "out": Link("/etc", None, True),
        "beside": Link("../../beside", None, True),
    }
    assert found == {name: disk.stat(f"/home/{name}") for name in found}
    assert (found["photos"].is_folder, found["whole"].size, found["whole"].is_folder) == (True, 5, False)
    assert {name for name, entry in found.items() if entry.is_link} == set(found) - {"album"}
    assert {name for name, entry in found.items() if entry.leaves_root} == {"circle", "out", "beside"}
    assert {name for name, entry in found.items() if entry.leaves_share} == set(found) - {"album", "gone"}
    assert disk.stat("/home/album/up").link == Link("..", "/home", False)
    assert not disk.stat("/home/album/up").leaves_share
    assert [entry.name for entry in disk.list("/home/photos")] != []
    assert disk.place("/home/photos/old") == "/photos/old"


def test_a_walk_enters_links_only_with_follow_and_ends_in_either_case(disk: Disk) -> None:
    plain = [entry.path for entry in disk.walk("/home")]
    assert plain == ["/home", "/home/album", "/home/album/up", *(
        f"/home/{name}" for name in ("beside", "circle", "gone", "out", "photos", "second", "whole"))]  # fmt: skip
    followed = [entry.path for entry in disk.walk("/home", follow=True)]
    assert set(followed) - set(plain) == {"/home/photos/a.jpg", "/home/photos/old"}
    assert [entry.path for entry in disk.walk("/home/album/up/photos")] == ["/home/album/up/photos"]


def test_nothing_is_read_or_written_out_of_the_root(disk: Disk) -> None:
    for path in ("/home/out/passwd", "/home/beside"):
        with pytest.raises(errors.BadPath):
            disk.hash(path)
    with pytest.raises(errors.BadPath):
        disk.mkdir("/home/out/new")
    with pytest.raises(errors.BadPath):
        disk.list("/home/out")


def test_a_link_goes_as_a_link_and_what_it_leads_to_stays(disk: Disk, tmp_path: Path) -> None:
    root = tmp_path / "nas"
    disk.rename("/home/out", "/home/away")
    assert os.readlink(root / "home" / "away") == "/etc"
    Transfer(disk, conflict=overwrite).copy("/home", "/photos/copy")
    assert {entry.name for entry in disk.list("/photos/copy") if entry.is_link} == {
        "photos", "whole", "second", "gone", "circle", "away", "beside"}  # fmt: skip
    Transfer(disk, conflict=overwrite).move("/home/second", "/photos/a.jpg")
    assert (root / "photos" / "a.jpg").read_bytes() == b"jpeg!"
    assert disk.delete("/home", recursive=True) == 10
    assert (root / "photos" / "a.jpg").read_bytes() == b"jpeg!"
    assert (tmp_path / "beside").exists()


def test_a_link_to_another_share_has_the_rights_of_that_share(tmp_path: Path) -> None:
    for share in ("open", "closed", "fixed"):
        (tmp_path / share / "x").mkdir(parents=True)
        (tmp_path / "open" / share).symlink_to(f"../{share}/x")
    disk = Disk(tmp_path, denied=["closed"], read_only=["fixed"])
    with pytest.raises(errors.Denied):
        disk.list("/open/closed")
    with pytest.raises(errors.ReadOnly):
        disk.mkdir("/open/fixed/new")
    disk.delete("/open/fixed")
    assert (tmp_path / "fixed" / "x").is_dir()
