# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulated Synology on the wire: times."""

from __future__ import annotations

import time

from tests.contract.simulator.synology.simulated import FS, Nas, q


def test_times_that_an_upload_sets_stay(nas: Nas) -> None:
    share, folder = nas.share()
    path = share + "/f"

    def times() -> dict[str, int]:
        reported = nas.data(FS + "List", "getinfo", path=q([path]), additional=q(["time"]))["files"][0]
        return dict(reported["additional"]["time"])

    before = int(time.time())
    assert nas.upload("f", b"one", path=share, mtime="1500000000000")["success"]
    assert times()["mtime"] == 1500000000
    assert times()["crtime"] >= before, "a new file is made now"
    stamps = {"mtime": "1400000000000", "atime": "1300000000000", "crtime": "1200000000000"}
    assert nas.upload("f", b"two", path=share, overwrite="true", **stamps)["success"]
    wanted = {"mtime": 1400000000, "atime": 1300000000, "crtime": 1200000000}
    assert {name: times()[name] for name in wanted} == wanted
    nas.job(FS + "MD5", 2, file_path=q(path))
    assert nas.raw(FS + "Download", "download", path=q([path]), mode=q("download")).content == b"two"
    nas.data(FS + "Rename", "rename", path=q([path]), name=q(["g"]))
    path = share + "/g"
    assert {name: times()[name] for name in wanted} == wanted, "reading and renaming change none of them"
    (folder / "sub").mkdir()
    nas.job(FS + "CopyMove", 3, path=q([path]), dest_folder_path=q(share + "/sub"), remove_src="true")
    path = share + "/sub/g"
    assert {name: times()[name] for name in wanted} == wanted
    nas.upload("g", b"three", path=share + "/sub", overwrite="true")
    assert min(times()[name] for name in wanted) >= before
    for number in range(20):  # a file that is made where one was gets times of its own
        name = f"{number}"
        assert nas.upload(name, b"x", path=share + "/sub", **stamps)["success"]
        path = f"{share}/sub/{name}"
        assert times()["crtime"] == 1200000000
        nas.data(FS + "Delete", "delete", 2, path=q([path]))
        nas.data(FS + "CreateFolder", "create", folder_path=q([share + "/sub"]), name=q([name]))
        assert times()["crtime"] >= before


def test_search_by_every_time(nas: Nas) -> None:
    share, _folder = nas.share()
    for name, year in (("old", 1), ("new", 2)):
        stamps = {"mtime": year * 10**11, "atime": year * 10**11 + 10**9, "crtime": year * 10**11 - 10**9}
        assert nas.upload(name, b"x", path=share, **{key: str(value) for key, value in stamps.items()})["success"]

    def names(**criteria: int) -> list[str]:
        task = q(nas.data(FS + "Search", "start", folder_path=q([share]), **criteria)["taskid"])
        while not (answer := nas.data(FS + "Search", "list", taskid=task, limit=-1))["finished"]:
            pass
        return [item["name"] for item in answer["files"]]

    for stamp, shift in (("mtime", 0), ("atime", 10**6), ("crtime", -(10**6))):
        middle = 150_000_000 + shift
        assert names(**{stamp + "_from": middle}) == ["new"]
        assert names(**{stamp + "_to": middle}) == ["old"]
        assert names(**{stamp + "_from": 100_000_000 + shift - 1, stamp + "_to": 100_000_000 + shift + 1}) == ["old"]
        listed = nas.data(FS + "List", "list", folder_path=share, sort_by=stamp, sort_direction="desc")["files"]
        assert [item["name"] for item in listed] == ["new", "old"]
