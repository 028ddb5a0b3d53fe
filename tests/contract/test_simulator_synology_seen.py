# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulated Synology on the wire: what devices were seen to do that the guide does not say."""

from __future__ import annotations

import functools
import io
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from simulated_synology import FS, Nas, Start, devices, q

from tests.support.tls import self_signed

pytest.importorskip("aiohttp")
image = pytest.importorskip("PIL.Image")


def options(**settings: str) -> list[str]:
    return [part for name, value in settings.items() for part in ("--vendor-opt", f"{name}={value}")]


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    with devices(tmp_path_factory) as run:
        yield run


@pytest.fixture(scope="module")
def kept(start: Start) -> Start:
    """The same device for the same options."""
    return functools.cache(start)


@pytest.fixture(scope="module")
def nas(kept: Start) -> Nas:
    device = kept()
    device.login()
    return device


# -- login


def login_reply(nas: Nas, version: int, cgi: str = "auth.cgi", **more: str) -> requests.Response:
    fields = {"api": "SYNO.API.Auth", "version": str(version), "method": "login", "account": "admin", **more}
    return requests.post(f"{nas.url}/webapi/{cgi}", data={"passwd": "secret", **fields}, timeout=30)


@pytest.mark.parametrize(
    ("profile", "version", "told", "cookies"),
    [
        ("dsm7", 7, {"account", "device_id", "ik_message", "is_portal_port", "sid", "synotoken"}, {"id"}),
        ("dsm7", 6, {"did", "is_portal_port", "sid"}, {"did", "id"}),
        ("dsm7", 3, {"did", "is_portal_port", "sid"}, {"did", "id"}),
        ("dsm6", 6, {"did", "is_portal_port", "sid"}, {"did", "id"}),
        ("dsm6", 2, {"sid"}, {"id"}),
        ("dsm5", 4, {"is_portal_port", "sid"}, {"id"}),
    ],
)
def test_what_a_login_tells(kept: Start, profile: str, version: int, told: set[str], cookies: set[str]) -> None:
    nas = kept("--profile", profile)
    reply = login_reply(nas, version)
    data = reply.json()["data"]
    assert set(data) == told
    assert set(reply.cookies.keys()) == cookies
    assert reply.cookies.get("did") == data.get("did")
    if version == 7:
        assert (data["device_id"], data["ik_message"], data["synotoken"]) == ("", "", "--------")
        asked = login_reply(nas, 7, enable_syno_token="yes").json()["data"]
        assert asked["synotoken"] not in {"", "--------"}
    assert "id" not in login_reply(nas, version, format="sid").cookies


def test_an_empty_device_id(start: Start) -> None:
    nas = start("--otp-code", "123456", *options(empty_device_id="1"))
    asked = {"otp_code": "123456", "enable_device_token": "yes", "device_name": "me"}
    assert login_reply(nas, 7, format="sid", **asked).json()["data"]["device_id"] == ""
    reply = login_reply(nas, 7, **asked)
    token = reply.json()["data"]["device_id"]
    assert token
    assert reply.cookies["did"] == token
    assert login_reply(nas, 6, format="sid", **asked).json()["data"]["did"]
    assert nas.login(device_id=token, device_name="me")["success"]


def test_a_device_token_that_is_not_taken_any_more(start: Start) -> None:
    nas = start("--otp-code", "123456", *options(otp_types="authenticator,fido,otp"))
    asked = {"otp_code": "123456", "enable_device_token": "yes", "device_name": "me"}
    token = nas.login(**asked)["data"]["device_id"]
    known = {"device_id": token, "device_name": "me"}
    assert nas.login(**known)["success"]
    nas.faults({"call": "SYNO.API.Auth/login", "do": {"vendor": "forget_devices"}})
    error = nas.login(**known)["error"]
    assert error["code"] == 403
    assert [item["type"] for item in error["errors"]["types"]] == ["authenticator", "fido", "otp"]
    assert nas.login(**known)["error"]["code"] == 403
    assert nas.login(**known, otp_code="000000")["error"]["code"] == 404
    assert nas.login(**known, otp_code="123456")["success"], "the code counts"


# -- the ends of a session


def test_a_second_login_ends_the_first(start: Start) -> None:
    nas = start(*options(single_session="1", users="joe:pw"))
    nas.login()
    first = nas.sid
    nas.login(account="joe", passwd="pw")
    joes = nas.sid
    nas.login()
    second = nas.sid
    nas.sid = first
    assert nas.code(FS + "Info", "get") == 107
    for nas.sid in (second, joes):
        assert nas.data(FS + "Info", "get")


@pytest.mark.parametrize(
    ("profile", "settings", "after"),
    [("dsm5", {}, 105), ("dsm5", {"refusal_ends_session": "0"}, 0), ("dsm7", {}, 0),
     ("dsm7", {"refusal_ends_session": "1"}, 105)],
)  # fmt: skip
def test_a_refusal_that_ends_the_session(start: Start, profile: str, settings: dict[str, str], after: int) -> None:
    nas = start("--profile", profile, *options(forbidden="SYNO.DSM.Info", **settings))
    share, _folder = nas.share()
    old = profile == "dsm5"
    version, place, dsm = (1, "FileStation/file_share.cgi", "dsm/info.cgi") if old else (2, "entry.cgi", "entry.cgi")

    def look() -> int:
        answer = nas.call(FS + "List", "list", version, cgi=place, folder_path=share)
        return 0 if answer["success"] else int(answer["error"]["code"])

    for _round in range(2):
        nas.login(4 if old else 7, cgi="auth.cgi")
        assert look() == 0
        assert nas.code("SYNO.DSM.Info", "getinfo", 1 if old else 2, cgi=dsm) == 105
        assert [look(), look()] == [after, after]
    nas.login(4 if old else 7, cgi="auth.cgi")
    nas.faults({"call": FS + "List/list", "do": {"error": 105}})
    assert [look(), look()] == [105, after]


def test_dsm_5(kept: Start) -> None:
    nas = kept("--profile", "dsm5")
    told = nas.data("SYNO.API.Info", "query", 1, cgi="query.cgi", query="SYNO.DSM.Info,SYNO.FileStation.VFS")
    assert told["SYNO.DSM.Info"] == {"maxVersion": 1, "minVersion": 1, "path": "dsm/info.cgi"}
    assert told[FS + "VFS.Connection"]["path"].endswith("____entry.cgi")
    nas.login(4, cgi="auth.cgi")
    assert nas.data("SYNO.DSM.Info", "getinfo", 1, cgi="dsm/info.cgi")["version"] == "5967"
    assert nas.code("SYNO.DSM.Info", "getinfo", 2, cgi="dsm/info.cgi") == 104
    assert nas.code("SYNO.DSM.Info", "getinfo", 1) == 102
    nas.sid = "nobody-knows-this"
    assert nas.code(FS + "List", "list_share", 1, cgi="FileStation/file_share.cgi") == 105


def test_old_paths_on_dsm_6(kept: Start) -> None:
    nas = kept("--profile", "dsm6")
    nas.login(6, cgi="auth.cgi")
    reply = nas.raw(FS + "List", "list_share", 1, cgi="FileStation/file_share.cgi")
    assert reply.status_code == 404
    assert reply.headers["Content-Type"].startswith("text/html")
    assert "not found" in reply.text
    assert nas.code("SYNO.API.Auth", "login", 6, account="admin", passwd="secret") == 102, "only at auth.cgi"
    assert nas.call(FS + "List", "list_share")["success"]


def test_a_virtual_dsm_has_no_thermometer(start: Start) -> None:
    nas = start(*options(virtual="1"))
    nas.login()
    assert not {"temperature", "temperature_warn"} & set(nas.data("SYNO.DSM.Info", "getinfo"))


# -- errors


def test_errors_as_an_object(nas: Nas) -> None:
    nas.faults(
        {"call": "SYNO.DSM.Info/*", "do": {"error": 1055, "vendor": "errors"}},
        {"call": FS + "Info/get", "do": {"error": 120, "vendor": "errors", "value": {"name": "x", "reason": "type"}}},
        {"call": FS + "List/list_share", "do": {"error": 402}},
    )
    error = nas.call("SYNO.DSM.Info", "getinfo")["error"]
    assert (error["code"], sorted(error["errors"])) == (1055, ["err_line", "err_msg"])
    assert nas.call(FS + "Info", "get")["error"] == {"code": 120, "errors": {"name": "x", "reason": "type"}}
    assert nas.call(FS + "List", "list_share")["error"] == {"code": 402}


def test_a_web_server_in_front_with_a_limit(start: Start) -> None:
    nas = start(*options(max_body="10000"))
    share, folder = nas.share()
    nas.login()
    assert nas.upload("small", b"x" * 100, path=share)["success"]
    url = {"api": FS + "Upload", "version": "2", "method": "upload", "_sid": nas.sid}
    fields = {"path": (None, share), "file": ("large", b"x" * 2_000_000)}
    reply = requests.post(f"{nas.url}/webapi/entry.cgi", params=url, files=fields, timeout=30)
    assert (reply.status_code, reply.headers["Content-Type"].split(";")[0]) == (413, "text/html")
    assert "413 Request Entity Too Large" in reply.text
    assert nas.log()[-1]["bytes_in"] == 0, "answered before the body is read"

    def chunks() -> Iterator[bytes]:
        yield f'--B\r\ncontent-disposition: form-data; name="path"\r\n\r\n{share}\r\n'.encode()
        yield b'--B\r\ncontent-disposition: form-data; name="file"; filename="large"\r\n\r\n'
        yield from [b"x" * 50000, b"\r\n--B--\r\n"]

    kind = {"Content-Type": "multipart/form-data; boundary=B"}
    reply = requests.post(f"{nas.url}/webapi/entry.cgi", params=url, data=chunks(), headers=kind, timeout=30)
    assert reply.status_code == 413
    assert [item.name for item in folder.iterdir()] == ["small"]


def test_plain_http_at_the_https_port(start: Start, tmp_path: Path) -> None:
    certificate, key = self_signed(tmp_path)
    nas = start("--tls", str(certificate), str(key))
    plain = nas.url.replace("https", "http")
    fields = {"api": "SYNO.API.Info", "version": "1", "method": "query"}
    for reply in (
        requests.get(f"{plain}/webapi/query.cgi", params=fields, timeout=30),
        requests.post(f"{plain}/webapi/entry.cgi", data={**fields, "more": "x" * 300_000}, timeout=30),
    ):
        assert (reply.status_code, reply.headers["Server"]) == (400, "nginx")
        assert "The plain HTTP request was sent to HTTPS port" in reply.text
    with requests.Session() as secure:
        for _request in range(2):
            reply = secure.get(f"{nas.url}/webapi/query.cgi", params=fields, timeout=30, verify=str(certificate))
            assert reply.json()["success"]


def test_lists_without_an_end(nas: Nas) -> None:
    share, folder = nas.share()
    for name in "ab":
        (folder / name).touch()
    nas.faults({"call": FS + "List/list", "times": 2, "do": {"vendor": "endless_list"}})
    for offset in (0, 2):
        page = nas.data(FS + "List", "list", folder_path=share, offset=offset, limit=2)
        assert [item["name"] for item in page["files"]] == ["a", "b"]
        assert (page["total"], page["offset"]) == (offset + 1002, offset)
    assert nas.data(FS + "List", "list", folder_path=share, offset=2)["files"] == []
    nas.faults({"call": FS + "*", "times": 0, "do": {"vendor": "endless_list", "value": "new"}})
    page = nas.data(FS + "List", "list", folder_path=share, offset=20, limit=2)
    assert [item["path"] for item in page["files"]] == [f"{share}/a 20", f"{share}/b 20"]
    assert nas.data(FS + "BackgroundTask", "list", 3, offset=50)["total"] == 1050
    nas.faults()


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


# -- names that the device shows and will not give


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
    told = nas.data(FS + "List", "getinfo", path=q([path]), additional=q(["size"]))["files"][0]
    assert told["additional"]["size"] == 3
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


# -- links


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


# -- times, rights and other fields


def test_times_that_an_upload_sets_stay(nas: Nas) -> None:
    share, folder = nas.share()
    path = share + "/f"

    def times() -> dict[str, int]:
        told = nas.data(FS + "List", "getinfo", path=q([path]), additional=q(["time"]))["files"][0]
        return dict(told["additional"]["time"])

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


def test_an_upload_takes_true_and_not_python(nas: Nas) -> None:
    share, folder = nas.share()
    assert nas.upload("f", b"1", path=share + "/a", create_parents="True")["error"]["code"] == 408
    assert nas.upload("f", b"1", path=share + "/a", create_parents="true")["success"]
    for word in ("True", "False", "1", "yes"):
        assert nas.upload("f", b"2", path=share + "/a", overwrite=word)["error"]["code"] == 414
    assert nas.upload("f", b"2", version=3, path=share + "/a", overwrite="Overwrite")["error"]["code"] == 414
    assert (folder / "a/f").read_bytes() == b"1"


def test_forgotten_searches(start: Start) -> None:
    nas = start(*options(lost_searches="60"))
    share, folder = nas.share()
    (folder / "f").touch()
    nas.login()
    seen = []
    for _attempt in range(5):
        task = q(nas.data(FS + "Search", "start", folder_path=q([share]))["taskid"])
        answer = nas.data(FS + "Search", "list", taskid=task, limit=-1)
        while not answer["finished"]:
            answer = nas.data(FS + "Search", "list", taskid=task, limit=-1)
        seen.append(answer == {"finished": True})
        nas.data(FS + "Search", "clean", taskid=task)
    assert seen == [False, True, False, True, True]


# -- archives


def shift_jis_zip(target: Path, name: str) -> None:
    """A zip as Windows makes it in Japan: no flag for UTF-8, the name's bytes in Shift-JIS."""
    with zipfile.ZipFile(target, "w") as made:
        made.writestr("x" * len(name.encode("cp932")), b"content")
        made.writestr("plain.txt", b"1")
        made.writestr("ünï.txt", b"2")
    data = target.read_bytes().replace(b"x" * len(name.encode("cp932")), name.encode("cp932"))
    target.write_bytes(data)


@pytest.mark.parametrize("codepage", ["jpn", "enu", "rus", None])
def test_code_pages(kept: Start, codepage: str | None) -> None:
    nas = kept(*options(codepage="jpn") if codepage is None else [])
    share, folder = nas.share()
    name = "写真/表ソ.txt"
    shift_jis_zip(folder / "x.zip", name)
    nas.login()
    given: dict[str, Any] = {"file_path": q(share + "/x.zip"), **({"codepage": codepage} if codepage else {})}
    read = codepage in {"jpn", None}
    top = nas.data(FS + "Extract", "list", **given)["items"]
    names = {item["name"] for item in top}
    assert {"plain.txt", "ünï.txt"} <= names, "ASCII, and what is marked as UTF-8, is the same in each"
    assert ("写真" in names) == read
    if codepage == "enu":
        assert name.encode("cp932").decode("cp437").partition("/")[0] in names
    if read:
        number = next(item["itemid"] for item in top if item["name"] == "写真")
        inside = nas.data(FS + "Extract", "list", **given, item_id=number)["items"]
        assert [(item["path"], item["size"]) for item in inside[1:]] == [(name, 7)]
    assert nas.job(FS + "Extract", 2, dest_folder_path=q(share), **given)["success"]
    assert (folder / name).is_file() == read
    assert (folder / "ünï.txt").read_bytes() == b"2"
    files = [item for item in folder.rglob("*") if item.is_file() and item.read_bytes() == b"content"]
    assert len(files) == 1
    assert nas.code(FS + "Extract", "list", file_path=q(share + "/x.zip"), codepage="xyz") == 400
    assert nas.data(FS + "Info", "get")["system_codepage"] == ("jpn" if codepage is None else "enu")


def test_what_is_told_of_a_member(nas: Nas) -> None:
    share, folder = nas.share()
    with zipfile.ZipFile(folder / "x.zip", "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr(zipfile.ZipInfo("d/f", (2020, 2, 3, 4, 5, 6)), b"x" * 1000, zipfile.ZIP_DEFLATED)
    (top,) = nas.data(FS + "Extract", "list", file_path=q(share + "/x.zip"))["items"]
    assert (top["is_dir"], top["path"]) == (True, "d")
    _up, member = nas.data(FS + "Extract", "list", file_path=q(share + "/x.zip"), item_id=top["itemid"])["items"]
    assert {key: member[key] for key in ("is_dir", "mtime", "path", "size")} == {
        "is_dir": False, "mtime": "2020-02-03 04:05:06", "path": "d/f", "size": 1000
    }  # fmt: skip
    assert 0 < member["pack_size"] < 1000


# -- tasks


def test_what_a_running_task_tells(start: Start) -> None:
    nas = start(*options(task_seconds="4"))
    share, folder = nas.share()
    (folder / "into").mkdir()
    (folder / "gone").mkdir()
    for name in "abcd":
        (folder / name).write_bytes(b"x" * 250_000)
    nas.login()
    paths = [f"{share}/{name}" for name in "abcd"]
    before = int(time.time())
    copying = nas.data(FS + "CopyMove", "start", 3, path=q(paths), dest_folder_path=q(share + "/into"))["taskid"]
    removing = nas.data(FS + "Delete", "start", path=q([share + "/gone"]))["taskid"]
    end = time.monotonic() + 20
    sizes: list[int] = []
    while time.monotonic() < end:
        tasks = {item["taskid"]: item for item in nas.data(FS + "BackgroundTask", "list", 3)["tasks"]}
        sizes.append(tasks[copying]["processed_size"])
        if tasks[copying]["finished"] or 0 < sizes[-1] < 1_000_000:
            break
        assert 0 <= tasks[copying]["progress"] <= 1
        time.sleep(0.05)
    assert sizes == sorted(sizes)
    assert any(0 < size < 1_000_000 for size in sizes), "it grows"
    assert before <= tasks[copying]["crtime"] <= time.time()
    assert {"path", "processing_path", "total", "params", "api", "version", "method"} <= set(tasks[copying])
    assert {"processed_num", "total", "processing_path"} <= set(tasks[removing])


def test_favorites_in_order(nas: Nas) -> None:
    share, folder = nas.share()
    for name in "abcde":
        (folder / name).mkdir()
    for name, index in (("a", -1), ("b", 0), ("c", 1), ("d", -1), ("e", 99)):
        nas.data(FS + "Favorite", "add", path=q(f"{share}/{name}"), name=q(name), index=index)
    assert [item["name"] for item in nas.data(FS + "Favorite", "list")["favorites"]] == ["b", "c", "a", "d", "e"]


@pytest.mark.parametrize(
    ("rotate", "size", "red"),
    [(0, (80, 40), (5, 20)), (1, (40, 80), (20, 5)), (2, (80, 40), (75, 20)), (3, (40, 80), (20, 75)),
     (4, (80, 40), (5, 20))],
)  # fmt: skip
def test_rotated_thumbnails(nas: Nas, rotate: int, size: tuple[int, int], red: tuple[int, int]) -> None:
    """A picture whose left half is red: where the red is after a clockwise turn."""
    share, folder = nas.share()
    picture = image.new("RGB", (80, 40), "blue")
    picture.paste("red", (0, 0, 40, 40))
    picture.save(folder / "p.png")
    asked = {"path": q(share + "/p.png"), "size": "original", "rotate": rotate}
    turned = image.open(io.BytesIO(nas.raw(FS + "Thumb", "get", get=True, **asked).content))
    assert turned.size == size
    assert turned.getpixel(red)[0] > 200
    assert turned.getpixel((size[0] - 1 - red[0], size[1] - 1 - red[1]))[2] > 200
