# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulated QNAP on the wire: shares as devices were seen to tell them.

Those that are not there, those that are ISO images, and paths with a volume in front.
"""

from __future__ import annotations

import os
from typing import Any

import pytest

from tests.contract.simulator.qnap.simulated import Nas, Start, options, status


@pytest.mark.parametrize("top", ["/share/CACHEDEV1_DATA", "/NoShare"])
@pytest.mark.parametrize("profile", ["qts4", "qts5"])
def test_a_path_with_a_volume_and_a_share_that_is_not_there(nas: Nas, old: Nas, profile: str, top: str) -> None:
    device, modern = (old, False) if profile == "qts4" else (nas, True)
    share, folder = device.share("x")
    place = top + share if "CACHEDEV1" in top else top
    file = {"file_total": 1, "file_name": "x"}
    source = {"source_path": place, "source_file": "x", "source_total": 1}

    def said(func: str, **params: Any) -> Any:
        return status(device.raw(func, **params))

    assert said("get_list", path=place) == 5
    assert said("get_tree", node=place) == 5
    assert said("search", source_path=place, keyword="x") == 5
    assert said("createdir", dest_path=place, dest_folder="new") == 5
    assert said("rename", path=place, source_name="x", dest_name="y") == 5
    assert said("delete", path=place, **file) == (25 if modern else 5)
    assert said("copy", **source, dest_path=share) == 5
    assert said("copy", source_path=share, source_file="x", source_total=1, dest_path=place) == 25
    assert said("move", **source, dest_path=share) == 5
    assert said("get_share_link", path=place, **file) == 5
    assert said("compress", path=place, compress_name="a", total=1, compress_file="x") == 5
    assert said("extract", extract_file=place + "/x.zip", dest_path=share) == 5
    assert said("get_disk_info", path=place) == 5
    assert said("get_file_size", path=place, total=1, name="x") == 5
    assert status(device.upload(place, "x", b"x")) == (25 if modern else 5)
    download = device.raw("download", **source, isfolder=0, compress=0)
    assert download.status_code == 200
    assert (download.json()["status"] if modern else download.content) == (5 if modern else b"")
    if modern:
        assert said("stat", path=place, **file) == 5
        assert said("checksum", path=place, **file) == 5
    else:
        assert device.stat(place, "x")["exist"] == 0
    assert said("createdir", dest_path="/", dest_folder="NoShare") == 4
    assert os.listdir(folder) == ["x"]


def test_is_iso(start: Start) -> None:
    settings = {"iso": "Disc"}
    for device, strict in ((start(*options(**settings)), True), (start(*options(is_iso="lenient", **settings)), False)):
        for name in ("Disc", "Plain"):
            (device.root / name / "sub").mkdir(parents=True)
            (device.root / name / "key.txt").write_text("x")
        device.login()
        icons = {row["text"]: row["iconCls"] for row in device.call("get_tree", node="share_root")}
        assert icons == {"Disc": "iso", "Plain": "folder"}
        for name in ("Disc", "Plain"):
            for flag in (0, 1):
                good = not strict or (name == "Disc") == bool(flag)
                listed = device.call("get_list", path="/" + name, is_iso=flag)
                assert (listed.get("total") == 2, listed.get("status", 1)) == (good, 1 if good else 5)
                assert isinstance(device.call("get_tree", node="/" + name, is_iso=flag), list) is good
                found = device.call("search", source_path="/" + name, keyword="key", is_iso=flag)
                assert (found.get("total") == 1) is good
        everywhere = device.call("search", source_path="/", keyword="key")
        assert everywhere["total"] == (1 if strict else 2)
        assert device.status("createdir", dest_path="/Disc", dest_folder="x") == 4


def test_a_share_without_times(start: Start) -> None:
    nas = start(*options(no_times="Bare"))
    nas.login()
    (nas.root / "Bare").mkdir()
    (nas.root / "Bare/x").write_text("x")
    row = nas.call("get_list", path="/Bare")["datas"][0]
    assert not {"mt", "epochmt"} & set(row)
    assert nas.stat("/Bare", "x")["epochmt"] > 0
