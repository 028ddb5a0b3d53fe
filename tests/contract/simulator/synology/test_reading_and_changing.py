# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulated Synology on the wire: the base API, reading, changing."""

from __future__ import annotations

import base64
import hashlib
import hmac
import io
import os
import struct
import time
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.contract.simulator.synology.simulated import FS, Nas, Start, q


@pytest.fixture(scope="module")
def nas(start: Start) -> Nas:
    device = start()
    device.login(enable_syno_token="yes")
    return device


# -- the base API


def test_info_is_asked_in_many_ways(nas: Nas) -> None:
    everything = nas.data("SYNO.API.Info", "query", 1, cgi="query.cgi", query="all")
    assert everything["SYNO.API.Auth"] == {"maxVersion": 7, "minVersion": 1, "path": "entry.cgi"}
    assert everything[FS + "Upload"] == {"maxVersion": 3, "minVersion": 2, "path": "entry.cgi", "requestFormat": "JSON"}
    for more in ({}, {"query": "ALL"}, {"query": '"all"'}):
        assert nas.data("SYNO.API.Info", "query", 1, **more) == everything
    some = nas.data("SYNO.API.Info", "query", 1, get=True, query="SYNO.API.Auth,SYNO.FileStation.Li")
    assert sorted(some) == ["SYNO.API.Auth", FS + "List"]


@pytest.mark.parametrize(
    ("api", "method", "version", "code"),
    [
        ("", "list", 2, 101),
        (FS + "List", "", 2, 101),
        (FS + "Nothing", "list", 2, 102),
        (FS + "List", "nothing", 2, 103),
        (FS + "Search", "status", 2, 103),
        (FS + "List", "list", 3, 104),
        ("SYNO.API.Auth", "login", 2, 103),
        (FS + "List", "list", 2, 101),
    ],
)
def test_wrong_calls(nas: Nas, api: str, method: str, version: int, code: int) -> None:
    assert nas.code(api, method, version) == code


def test_login_and_its_codes(start: Start) -> None:
    nas = start(
        "--vendor-opt",
        "users=guest:pw,old:pw",
        "--vendor-opt",
        "refuse=guest:401,old:410",
        "--vendor-opt",
        "max_failures=3",
    )
    reply = requests.post(
        f"{nas.url}/webapi/auth.cgi",
        timeout=30,
        data={
            "api": "SYNO.API.Auth",
            "version": 7,
            "method": "login",
            "account": "admin",
            "passwd": "secret",
            "enable_syno_token": "yes",
            "session": "FileStation",
        },
    )
    assert reply.headers["Content-Type"] == 'application/json; charset="UTF-8"'
    reported = reply.json()["data"]
    assert sorted(reported) == ["account", "device_id", "ik_message", "is_portal_port", "sid", "synotoken"]
    assert (reported["account"], reported["device_id"], reported["ik_message"]) == ("admin", "", "")
    assert reply.cookies["id"] == reply.json()["data"]["sid"]
    info = requests.get(
        f"{nas.url}/webapi/entry.cgi",
        timeout=30,
        cookies={"id": reply.cookies["id"]},
        params={"api": FS + "Info", "version": "2", "method": "get"},
    ).json()
    assert info["data"]["is_manager"] is True
    assert info["data"]["support_virtual_protocol"] == ["cifs", "nfs", "iso"]
    assert nas.login(account="guest", passwd="pw")["error"]["code"] == 401
    assert nas.login(account="old", passwd="pw")["error"]["code"] == 410
    assert [nas.login(passwd="wrong")["error"]["code"] for _attempt in range(4)] == [400, 400, 400, 407]
    assert nas.login()["error"]["code"] == 407
    record = nas.log()[0]
    assert record["call"] == "SYNO.API.Auth/login"
    assert record["params"]["passwd"] == "***"
    assert record["writes"] is False


def totp(secret: str) -> str:
    digest = hmac.new(base64.b32decode(secret), struct.pack(">Q", int(time.time() // 30)), hashlib.sha1).digest()
    start = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[start : start + 4])[0] & 0x7FFFFFFF) % 10**6:06d}"


@pytest.mark.parametrize(
    ("profile", "version", "cgi", "key"), [("dsm7", 7, "entry.cgi", "device_id"), ("dsm6", 6, "auth.cgi", "did")]
)
def test_two_steps(start: Start, profile: str, version: int, cgi: str, key: str) -> None:
    secret = "JBSWY3DPEHPK3PXP"
    nas = start("--otp-secret", secret, "--profile", profile)
    needed = nas.login(version, cgi=cgi)["error"]
    assert needed["code"] == 403
    assert ("errors" in needed) == (profile == "dsm7")
    assert nas.login(version, cgi=cgi, otp_code="000000")["error"]["code"] == 404
    code = totp(secret)
    answer = nas.login(version, cgi=cgi, otp_code=code, enable_device_token="yes", device_name="me")
    assert nas.login(version, cgi=cgi, otp_code=code)["error"]["code"] == 404
    token = answer["data"][key]
    assert nas.login(version, cgi=cgi, device_id=token, device_name="me")["success"]
    assert nas.login(version, cgi=cgi, device_id=token, device_name="other")["error"]["code"] == 403


def test_sessions_end(start: Start) -> None:
    idle = start("--session-seconds", "0")
    idle.login()
    assert idle.code(FS + "Info", "get") == 106
    nas = start()
    assert nas.code(FS + "Info", "get") == 119
    nas.login()
    nas.data(FS + "Info", "get")
    nas.faults({"call": FS + "Info/get", "do": "expire_session"})
    assert nas.code(FS + "Info", "get") == 106
    nas.login()
    nas.faults({"call": FS + "Info/get", "do": {"expire_session": 107}})
    assert nas.code(FS + "Info", "get") == 107
    nas.login()
    assert nas.call("SYNO.API.Auth", "logout", 7) == {"success": True}
    assert nas.code(FS + "Info", "get") == 119
    nas.sid = ""
    assert nas.call("SYNO.API.Auth", "logout", 7) == {"success": True}


def test_the_token_is_needed_on_7_3(start: Start) -> None:
    nas = start("--profile", "dsm73")
    share, _folder = nas.share()
    token = nas.login(enable_syno_token="yes")["data"]["synotoken"]
    new: dict[str, Any] = {"folder_path": q([share]), "name": q(["a"])}
    assert nas.code(FS + "CreateFolder", "create", **new) == 119
    assert nas.call(FS + "CreateFolder", "create", SynoToken=token, **new)["success"]
    assert nas.call(
        FS + "CreateFolder", "create", headers={"X-SYNO-TOKEN": token}, folder_path=q([share]), name=q(["b"])
    )["success"]
    assert nas.data(FS + "List", "list_share")["total"] == 1


def test_older_profiles(start: Start) -> None:
    nas = start("--profile", "dsm5")
    share, folder = nas.share()
    (folder / "a,b").mkdir()
    (folder / "c").mkdir()
    assert nas.login(3, cgi="auth.cgi")["success"]
    reply = nas.raw(
        FS + "List",
        "getinfo",
        1,
        cgi="FileStation/file_share.cgi",
        get=True,
        path=f"{share}/a\\,b,{share}/c",
        additional="owner,time",
    )
    assert reply.headers["Content-Type"] == 'text/plain; charset="UTF-8"'
    assert [item["name"] for item in reply.json()["data"]["files"]] == ["a,b", "c"]
    assert nas.code(FS + "List", "list_share") == 102
    assert nas.code(FS + "List", "list_share", cgi="FileStation/file_share.cgi") == 104
    nas.sid = ""
    assert nas.code(FS + "List", "list_share", 1, cgi="FileStation/file_share.cgi") == 105
    nas = start("--profile", "dsm6")
    share, folder = nas.share()
    assert nas.login(6, cgi="auth.cgi")["success"]
    (folder / "a").mkdir()
    (folder / "b").mkdir()
    found = nas.data(FS + "List", "getinfo", path=f"{share}/a,{share}/b")["files"]
    assert [item["name"] for item in found] == ["a", "b"]
    nas.data(FS + "CreateFolder", "create", folder_path=q(share), name=q("a, b"))
    assert (folder / "a, b").is_dir(), "in quotes, a comma separates nothing"
    assert nas.upload("x", b"1", path=share)["success"]
    assert nas.upload("x", b"1", path=share)["error"]["code"] == 1805


# -- reading


def test_list_share_and_list(nas: Nas) -> None:
    share, folder = nas.share()
    (folder / "b.TXT").write_bytes(b"12345")
    (folder / "a").mkdir()
    os.utime(folder / "b.TXT", (1600000000, 1500000000))
    names = ("real_path", "owner,time", "perm", "volume_status", "size", "nothing")
    reported = nas.data(FS + "List", "list_share", additional=q(names))
    found = next(item for item in reported["shares"] if item["path"] == share)
    more = found["additional"]
    assert found["isdir"] is True
    assert more["real_path"] == "/volume1" + share
    assert more["perm"]["share_right"] == "RW"
    assert more["volume_status"]["totalspace"] > more["volume_status"]["freespace"] > 0
    assert "size" not in more
    reported = nas.data(FS + "List", "list", folder_path=q(share), additional=q(["size", "time", "type", "perm"]))
    assert [reported["offset"], reported["total"]] == [0, 2]
    assert [item["name"] for item in reported["files"]] == ["a", "b.TXT"]
    more = reported["files"][1]["additional"]
    assert (more["size"], more["type"], more["time"]["mtime"]) == (5, "TXT", 1500000000)
    assert nas.data(FS + "List", "list", folder_path=share, filetype="dir")["total"] == 1
    assert nas.data(FS + "List", "list", folder_path=share, pattern="*.txt,zzz")["files"][0]["name"] == "b.TXT"
    page = nas.data(FS + "List", "list", folder_path=share, offset=1, limit=1, sort_direction="desc")
    assert ([item["name"] for item in page["files"]], page["total"], page["offset"]) == (["a"], 2, 1)
    assert nas.data(FS + "List", "list", folder_path=share.upper())["total"] == 2
    joined = nas.data(FS + "List", "list", folder_path=share, additional="size,time")["files"][0]
    assert "additional" not in joined


def test_paths_that_are_not_there(nas: Nas) -> None:
    share, folder = nas.share()
    (folder / "a,b").mkdir()
    assert nas.code(FS + "List", "list", folder_path="/") == 401
    assert nas.code(FS + "List", "list", folder_path=share + "/") == 408
    assert nas.code(FS + "List", "list", folder_path=share + "/x") == 408
    assert nas.code(FS + "List", "list", folder_path="/volume1" + share) == 408
    asked = [share, share + "/none", share + "/", share + "/a,b"]
    answer = nas.data(FS + "List", "getinfo", path=q(asked))["files"]
    assert [item.get("code") for item in answer] == [None, 408, 418, None]
    literal = f"{share}/a,{share}/b"
    assert nas.data(FS + "List", "getinfo", path=literal)["files"] == [{"code": 408, "path": literal}]


def test_values_are_read_as_json(nas: Nas) -> None:
    share, folder = nas.share()
    for name in ("2024", "007", "1e5", "true", "null"):
        assert nas.code(FS + "CreateFolder", "create", folder_path=q([share]), name=name) == 400
        nas.data(FS + "CreateFolder", "create", folder_path=q([share]), name=q([name]))
        assert (folder / name).is_dir()
    assert nas.raw(FS + "CreateFolder", "create", folder_path=q([share]), name="[1]").status_code == 502
    assert nas.raw(FS + "List", "list", folder_path=share, pattern="2024").status_code == 502
    assert nas.data(FS + "List", "list", folder_path=share, pattern=q("2024"))["total"] == 1
    assert nas.raw(FS + "List", "list", get=True, folder_path=q("/" + "x" * 8200)).status_code == 414
    assert requests.get(nas.url + "/nothing", timeout=30).status_code == 404


def test_rights(start: Start) -> None:
    nas = start("--vendor-opt", "read_only=ro", "--vendor-opt", "denied=hidden", "--vendor-opt", "users=joe:pw")
    for name in ("ro", "hidden", "rw"):
        (nas.root / name).mkdir()
    (nas.root / "ro" / "a").write_bytes(b"a")
    nas.login(account="joe", passwd="pw")
    assert nas.data(FS + "Info", "get")["is_manager"] is False
    assert [item["name"] for item in nas.data(FS + "List", "list_share")["shares"]] == ["ro", "rw"]
    assert nas.data(FS + "List", "list_share", onlywritable="True")["total"] == 1
    assert nas.code(FS + "List", "list", folder_path="/hidden") == 407
    assert nas.data(FS + "List", "getinfo", path=q(["/hidden"]))["files"] == [{"code": 407, "path": "/hidden"}]
    assert nas.upload("x", b"x", path="/ro")["error"]["code"] == 411
    assert nas.code(FS + "CheckPermission", "write", 3, path="/ro", filename="x") == 411
    (nas.root / "rw" / "closed").mkdir(mode=0o555)
    assert nas.code(FS + "CheckPermission", "write", 3, path="/rw/closed", filename="x") == 407
    assert nas.data(FS + "CheckPermission", "write", 3, path="/rw", filename="x") == {"blSkip": False}
    answer = nas.job(FS + "Delete", 2, path=q(["/ro/a"]))
    assert answer["data"]["errors"] == [{"code": 411, "path": "/ro/a"}]
    assert (nas.root / "ro" / "a").exists()


# -- changing


def test_create_folder(nas: Nas) -> None:
    share, folder = nas.share()
    made = nas.data(FS + "CreateFolder", "create", folder_path=q([share, share + "/a"]), name=q(["a", "b"]))
    assert made["folders"][1] == {"isdir": True, "name": "b", "path": share + "/a/b"}
    again = nas.call(FS + "CreateFolder", "create", folder_path=q([share]), name=q(["a"]))["error"]
    assert again == {"code": 1100, "errors": [{"code": 414, "path": share + "/a"}]}
    nas.data(FS + "CreateFolder", "create", folder_path=q([share]), name=q(["a"]), force_parent="true")
    above = share + "/x/y"
    orphan = nas.call(FS + "CreateFolder", "create", folder_path=q([above]), name=q(["z"]))["error"]
    assert orphan["errors"] == [{"code": 408, "path": above}]
    nas.data(FS + "CreateFolder", "create", folder_path=q([above]), name=q(["z"]), force_parent="True")
    assert (folder / "x/y/z").is_dir()
    illegal = nas.call(FS + "CreateFolder", "create", folder_path=share, name=":")["error"]
    assert illegal == {"code": 1100, "errors": [{"code": 418, "path": share + "/:"}]}
    for where in ("/", "/none"):
        assert nas.code(FS + "CreateFolder", "create", folder_path=where, name="new", force_parent="true") == 1100
    assert nas.code(FS + "CreateFolder", "create", folder_path=q([share]), name=q(["a", "b"])) == 400


def test_rename(nas: Nas) -> None:
    share, folder = nas.share()
    (folder / "a").mkdir()
    (folder / "b").mkdir()
    renamed = nas.data(FS + "Rename", "rename", path=q([share + "/a"]), name=q(["c é"]))
    assert renamed["files"][0]["path"] == share + "/c é"
    assert (folder / "c é").is_dir()
    missing = nas.call(FS + "Rename", "rename", path=share + "/a", name="d")["error"]
    assert missing == {"code": 1200, "errors": [{"code": 408, "path": share + "/a"}]}
    assert nas.call(FS + "Rename", "rename", path=share + "/b", name=q("c é"))["error"]["errors"][0]["code"] == 414
    assert nas.code(FS + "Rename", "rename", path=share, name="other") == 1200


def test_upload(nas: Nas) -> None:
    share, folder = nas.share()
    name = 'ä "x" 100%.txt'
    first = nas.upload(name, b"one", path=share, mtime="1600000000123", crtime="1500000000000", atime="1600000001000")
    assert sorted(first["data"]) == ["blSkip", "file", "pid", "progress"]
    assert (folder / name).stat().st_mtime_ns == 1600000000123 * 10**6
    info = nas.data(FS + "List", "getinfo", path=q([f"{share}/{name}"]), additional=q(["time"]))["files"][0]
    times = info["additional"]["time"]
    assert (times["mtime"], times["crtime"], times["atime"]) == (1600000000, 1500000000, 1600000001)
    assert nas.upload(name, b"two", path=share)["error"]["code"] == 414
    assert nas.upload(name, b"two", path=share, overwrite="false")["data"]["blSkip"] is True
    assert nas.upload(name, b"two", version=3, path=share, overwrite="skip")["data"]["blSkip"] is True
    assert nas.upload(name, b"two", version=3, path=share, overwrite="true")["error"]["code"] == 414
    assert (folder / name).read_bytes() == b"one"
    assert nas.upload(name, b"two", path=share, overwrite="true")["data"]["blSkip"] is False
    assert nas.upload(name, b"three", version=3, part="files", path=share, overwrite="overwrite")["success"]
    assert (folder / name).read_bytes() == b"three"
    assert nas.upload("empty", b"", path=share)["success"]
    assert nas.upload("n", b"1", path=share + "/a/b")["error"]["code"] == 408
    assert nas.upload("n", b"1", path=share + "/a/b", create_parents="true")["success"]
    assert (folder / "a/b/n").read_bytes() == b"1"


def test_upload_forms(nas: Nas) -> None:
    share, folder = nas.share()
    fields = {"api": FS + "Upload", "version": "2", "method": "upload", "path": share}
    one = {"file": ("a", b"1")}
    assert nas.post_file({"_sid": nas.sid}, fields, one)["success"]
    assert nas.post_file({}, {**fields, "_sid": nas.sid}, {"file": ("b", b"1")})["error"]["code"] == 119

    def chunks() -> Iterator[bytes]:
        yield b'--B\r\ncontent-disposition: form-data; name="path"\r\n\r\n' + share.encode() + b"\r\n"
        yield b'--B\r\ncontent-disposition: form-data; name="file"; filename="%C3%A9.bin"\r\n\r\n'
        yield from [b"x" * 70000, b"\r\n--", b"\r\n--B", b"--\r\n"]

    url = {"api": FS + "Upload", "version": "2", "method": "upload", "_sid": nas.sid}
    answer = requests.post(
        f"{nas.url}/webapi/entry.cgi",
        params=url,
        data=chunks(),
        timeout=30,
        headers={"Content-Type": "multipart/form-data; boundary=B"},
    )
    assert answer.json()["success"]
    assert (folder / "%C3%A9.bin").read_bytes() == b"x" * 70000 + b"\r\n--"
    assert not (folder / "b").exists()
    last = nas.post_file(url, {}, [("file", ("f", b"1")), ("path", (None, share))])
    assert last["error"]["code"] == 101
    nameless = nas.post_file(url, {}, {"path": (None, share), "file": (None, "1")})
    assert nameless["error"]["code"] == 1802


def test_no_space(start: Start) -> None:
    nas = start("--vendor-opt", "capacity=100000", "--vendor-opt", "quota=small:1000")
    (nas.root / "small").mkdir()
    share, folder = nas.share()
    nas.login()
    assert nas.upload("a", b"x" * 60000, path=share)["success"]
    assert nas.upload("b", b"x" * 60000, path=share)["error"]["code"] == 416
    assert nas.upload("a", b"y" * 200000, path=share, overwrite="true")["error"]["code"] == 416
    assert (folder / "a").read_bytes() == b"x" * 60000
    assert nas.upload("a", b"y" * 90000, path=share, overwrite="true")["success"]
    assert nas.upload("q", b"x" * 2000, path="/small")["error"]["code"] == 415
    answer = nas.job(FS + "CopyMove", 3, path=q([share + "/a"]), dest_folder_path="/small")
    assert answer["data"]["status"] == "FAIL"
    assert answer["data"]["errors"][0]["code"] in {415, 416}


def test_download(nas: Nas) -> None:
    share, folder = nas.share()
    (folder / "a.txt").write_bytes(b"hello")
    (folder / "dir").mkdir()
    (folder / "dir" / "é.bin").write_bytes(b"z" * 300000)

    def get(paths: list[str], mode: str, **headers: str) -> requests.Response:
        return nas.raw(FS + "Download", "download", get=True, path=q(paths), mode=q(mode), headers=headers)

    reply = get([share + "/a.txt"], "open")
    assert (reply.content, reply.headers["Content-Type"]) == (b"hello", "text/plain")
    reply = get([share + "/a.txt"], "download")
    assert reply.headers["Content-Type"] == "application/octet-stream"
    assert reply.headers["Content-Disposition"].startswith("attachment")
    part = get([share + "/a.txt"], "download", Range="bytes=1-2")
    assert (part.status_code, part.content, part.headers["Content-Range"]) == (206, b"el", "bytes 1-2/5")
    for paths in ([share + "/dir"], [share + "/a.txt", share + "/dir"]):
        archive = zipfile.ZipFile(io.BytesIO(get(paths, "download").content))
        assert archive.read("dir/é.bin") == b"z" * 300000
        assert archive.testzip() is None
    assert get([share + "/none"], "open").status_code == 404
    missing = get([share + "/none"], "download")
    assert (missing.status_code, missing.json()["error"]["code"]) == (200, 408)
