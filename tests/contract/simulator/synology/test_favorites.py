# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulated Synology on the wire: favorites."""

from __future__ import annotations

from typing import Any

from tests.contract.simulator.synology.simulated import FS, Nas, Start, q


def test_favorites_in_order(nas: Nas) -> None:
    share, folder = nas.share()
    for name in "abcde":
        (folder / name).mkdir()
    for name, index in (("a", -1), ("b", 0), ("c", 1), ("d", -1), ("e", 99)):
        nas.data(FS + "Favorite", "add", path=q(f"{share}/{name}"), name=q(name), index=index)
    assert [item["name"] for item in nas.data(FS + "Favorite", "list")["favorites"]] == ["b", "c", "a", "d", "e"]


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
