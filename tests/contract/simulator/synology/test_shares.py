# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulated Synology on the wire: shares that are not there or may not be written."""

from __future__ import annotations

import pytest

from tests.contract.simulator.synology.simulated import FS, Start, options, q


@pytest.mark.parametrize("where", ["/nowhere", "/volume1/there"])
def test_a_share_that_is_not_there(kept: Start, where: str) -> None:
    """Every call that takes a path: what was seen (list, Delete, CreateFolder), and the same code for the others."""
    nas = kept()
    (nas.root / "there").mkdir(exist_ok=True)
    (nas.root / "there" / "f.txt").write_bytes(b"1")
    nas.login()
    path, good, gone = where + "/f.txt", "/there/f.txt", [{"code": 408, "path": where + "/f.txt"}]
    assert nas.code(FS + "List", "list", folder_path=where) == 408
    assert nas.data(FS + "List", "getinfo", path=q([path]))["files"] == gone
    assert nas.code(FS + "Search", "start", folder_path=q([where])) == 408
    assert nas.code(FS + "DirSize", "start", path=q([where])) == 408
    assert nas.code(FS + "MD5", "start", file_path=q(path)) == 408
    assert nas.code(FS + "CheckPermission", "write", 3, path=q(where), filename="x") == 408
    assert nas.code(FS + "Favorite", "add", path=q(where), name="x") == 408
    assert nas.raw(FS + "Thumb", "get", path=q(path)).status_code == 404
    assert nas.code(FS + "Download", "download", path=q([path]), mode=q("download")) == 408
    assert nas.raw(FS + "Download", "download", path=q([path]), mode=q("open")).status_code == 404
    for parents in ("true", "false"):
        assert nas.upload("x", b"1", path=where, create_parents=parents)["error"]["code"] == 408
        made = nas.call(FS + "CreateFolder", "create", folder_path=q([where]), name=q(["x"]), force_parent=parents)
        assert made["error"] == {"code": 1100, "errors": [{"code": 408, "path": where}]}
    assert nas.call(FS + "Rename", "rename", path=q([path]), name=q(["x"]))["error"] == {"code": 1200, "errors": gone}
    assert nas.call(FS + "Delete", "start", path=q([path]))["error"] == {"code": 900, "errors": gone}
    assert nas.call(FS + "Delete", "delete", path=q([path]))["error"] == {"code": 900, "errors": gone}
    assert nas.data(FS + "Sharing", "create", 3, path=q([path]))["links"] == [{"error": 408, "path": path}]
    copy = nas.job(FS + "CopyMove", 3, path=q([path]), dest_folder_path=q("/there"), overwrite="true")["data"]
    assert (copy["status"], copy["errors"]) == ("FAIL", gone)
    copy = nas.job(FS + "CopyMove", 3, path=q([good]), dest_folder_path=q(where))["error"]
    assert copy == {"code": 1002, "errors": [{"code": 408, "path": where}]}
    assert nas.code(FS + "Extract", "list", file_path=q(path)) == 408
    assert nas.code(FS + "Extract", "start", file_path=q(path), dest_folder_path=q("/there")) == 408
    assert nas.code(FS + "Extract", "start", file_path=q(good), dest_folder_path=q(where)) == 408
    pack = nas.job(FS + "Compress", 3, path=q([path]), dest_file_path=q("/there/x.zip"))["error"]
    assert pack == {"code": 1300, "errors": gone}
    pack = nas.job(FS + "Compress", 3, path=q([good]), dest_file_path=q(where + "/x.zip"))["error"]
    assert pack == {"code": 1300, "errors": [{"code": 408, "path": where}]}
    assert not (nas.root / "nowhere").exists()
    assert not (nas.root / "volume1").exists()


def test_rights_of_a_share(start: Start) -> None:
    lacking = {"disable_download": "locked", "disable_list": "hushed", "disable_modify": "locked"}
    nas = start(*options(users="joe:pw", acl="windows", read_only="ro", volumes="windows:volume2", **lacking))
    for name in ("windows", "locked", "hushed", "ro"):
        (nas.root / name).mkdir()
        (nas.root / name / "f").write_bytes(b"1")
    for account, passwd, special in (("admin", "secret", False), ("joe", "pw", True)):
        nas.login(account=account, passwd=passwd)
        asked = nas.data(FS + "List", "list_share", additional=q(["perm", "volume_status", "mount_point_type"]))
        shares = {item["name"]: item["additional"] for item in asked["shares"]}
        assert [name for name, more in shares.items() if more["perm"]["is_acl_mode"]] == ["windows"]
        assert shares["locked"]["perm"]["adv_right"] == {
            "disable_download": True, "disable_list": False, "disable_modify": True
        }  # fmt: skip
        assert [name for name, more in shares.items() if more["volume_status"]["readonly"]] == ["ro"]
        assert shares["ro"]["perm"]["share_right"] == "RO"
        asked = nas.data(FS + "List", "getinfo", path=q(["/windows/f", "/ro/f"]), additional=q(["perm", "real_path"]))
        file, other = (item["additional"] for item in asked["files"])
        assert (file["perm"]["is_acl_mode"], other["perm"]["is_acl_mode"]) == (True, False)
        assert (file["real_path"], other["real_path"]) == ("/volume2/windows/f", "/volume1/ro/f")
        get = nas.raw(FS + "Download", "download", path=q(["/locked/f"]), mode=q("download"))
        assert (get.content == b"1") is not special
        assert nas.call(FS + "List", "list", folder_path="/hushed")["success"] is not special
        assert nas.upload("f", b"1", path="/locked", overwrite="true")["success"] is not special
        assert nas.upload("new", b"1", path="/locked", overwrite="true")["success"], "not there yet, or one's own"
        (nas.root / "locked/new").unlink()
        assert nas.call(FS + "Rename", "rename", path="/locked/f", name="f")["success"] is not special


@pytest.mark.parametrize("where", ["/ro", "/rw/to-ro"])
def test_a_read_only_share(kept: Start, where: str) -> None:
    nas = kept(*options(read_only="ro"))
    if not (nas.root / "ro").exists():
        for name in ("ro", "rw"):
            (nas.root / name).mkdir()
            (nas.root / name / "f").write_bytes(b"1")
        (nas.root / "rw/to-ro").symlink_to("../ro")
    nas.login()
    path, denied = where + "/f", [{"code": 411, "path": where + "/f"}]
    assert nas.upload("x", b"1", path=where)["error"]["code"] == 411
    made = nas.call(FS + "CreateFolder", "create", folder_path=q([where]), name=q(["x"]))["error"]
    assert (made["code"], made["errors"][0]["code"]) == (1100, 411)
    assert nas.call(FS + "Rename", "rename", path=q([path]), name=q(["x"]))["error"] == {"code": 1200, "errors": denied}
    assert nas.job(FS + "Delete", 2, path=q([path]))["data"]["errors"] == denied
    copy = nas.job(FS + "CopyMove", 3, path=q(["/rw/f"]), dest_folder_path=q(where))["error"]
    assert copy == {"code": 1002, "errors": [{"code": 411, "path": where}]}
    move = nas.job(FS + "CopyMove", 3, path=q([path]), dest_folder_path=q("/rw"), overwrite="true", remove_src="true")
    assert [item["code"] for item in move["data"]["errors"]] == [411]
    pack = nas.job(FS + "Compress", 3, path=q(["/rw/f"]), dest_file_path=q(where + "/x.zip"))["error"]
    assert (pack["code"], pack["errors"][0]["code"]) == (1300, 411)
    assert [item.name for item in (nas.root / "ro").iterdir()] == ["f"]
