# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulated Synology on the wire: names that are shown and not given."""

from __future__ import annotations

import pytest

from tests.contract.simulator.synology.simulated import FS, Start, options, q


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ({}, "a:b.txt"),
        ({"illegal_chars": '*"', "illegal_names": "*.tmp,CON"}, 'say "hi".txt'),
        ({"illegal_chars": '*"', "illegal_names": "*.tmp,CON"}, "x.tmp"),
    ],
)
def test_a_name_that_is_shown_and_not_given(kept: Start, settings: dict[str, str], name: str) -> None:
    nas = kept(*options(**settings))
    share, folder = nas.share()
    (folder / name).write_bytes(b"old")
    (folder / "other").write_bytes(b"new")
    nas.login()
    path = f"{share}/{name}"
    assert {item["name"] for item in nas.data(FS + "List", "list", folder_path=share)["files"]} == {name, "other"}
    reported = nas.data(FS + "List", "getinfo", path=q([path]), additional=q(["size"]))["files"][0]
    assert reported["additional"]["size"] == 3
    assert nas.raw(FS + "Download", "download", path=q([path]), mode=q("download")).content == b"old"
    assert nas.upload(name, b"new", path=share, overwrite="true")["error"]["code"] == 419
    assert nas.upload("x", b"1", path=f"{share}/sub/{name}", create_parents="true")["error"]["code"] == 418
    assert not (folder / "sub").exists()
    assert nas.code(FS + "CheckPermission", "write", 3, path=share, filename=q(name), overwrite="true") == 418
    for answer in (
        nas.call(FS + "CreateFolder", "create", folder_path=q([share]), name=q([name])),
        nas.call(FS + "Rename", "rename", path=q([share + "/other"]), name=q([name])),
    ):
        assert answer["error"]["errors"] == [{"code": 418, "path": path}]
    assert nas.code(FS + "Compress", "start", 3, path=q([share + "/other"]), dest_file_path=q(path)) == 418
    assert (folder / name).read_bytes() == b"old"
    nas.data(FS + "Rename", "rename", path=q([path]), name=q(["plain"]))
    assert nas.code(FS + "Rename", "rename", path=q([share + "/plain"]), name=q([name])) == 1200, "there is no way back"
    assert (folder / "plain").read_bytes() == b"old"
