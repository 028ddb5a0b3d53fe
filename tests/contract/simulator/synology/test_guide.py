# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every request that the File Station guide prints, in an order in which each can succeed, with a session in a cookie.

Where the guide's print is broken (`date_expired%22..`, `method%3Dstart`, a status asked of the wrong API, a call said
to lack its method that has it, `FilStation/info.cgi`), the request is the one that is meant. Answers have the keys that
the guide prints, with the printed types, where devices were not recorded to answer otherwise.
"""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from PIL import Image

from tests.contract.simulator.synology.simulated import FS, Nas, devices

# -- the printed answers: keys and types

NUMBER = (int, float)
API_INFO = {"path": str, "minVersion": int, "maxVersion": int}
TASK_ID = {"taskid": str}
FILE = {"isdir": bool, "name": str, "path": str}
OWNER = {"gid": int, "group": str, "uid": int, "user": str}
TIME = {"atime": int, "crtime": int, "ctime": int, "mtime": int}
PERM = {
    "acl": {"append": bool, "del": bool, "exec": bool, "read": bool, "write": bool},
    "is_acl_mode": bool,
    "posix": int,
}
PLACE = {"owner": OWNER, "real_path": str, "time": TIME}
DETAILS = {**PLACE, "perm": PERM, "size": int, "type": str}
LISTED = {"offset": int, "total": int}
SHARES = {**LISTED, "shares": [{**FILE, "additional": PLACE}]}
FILES = {"files": [{**FILE, "additional": DETAILS}]}
VOLUME = {"freespace": int, "readonly": bool, "totalspace": int}
MOUNTED = {**PLACE, "perm": PERM, "mount_point_type": str, "volume_status": VOLUME}
FAVORITES = {**LISTED, "favorites": [{**FILE, "status": str}]}
LINK = {
    **dict.fromkeys(("date_available", "date_expired", "id", "link_owner", "name", "path", "status", "url"), str),
    "has_password": bool,
    "isFolder": bool,
}
NEW_LINK = {"error": int, "id": str, "path": str, "qrcode": str, "url": str}
SIZE = {"finished": bool, "num_dir": int, "num_file": int, "total_size": int}
COPYING = {
    "dest_folder_path": str, "finished": bool, "path": str, "processed_size": int, "progress": NUMBER, "total": int
}  # fmt: skip
DELETING = {
    "finished": bool, "path": str, "processed_num": int, "processing_path": str, "progress": NUMBER, "total": int
}  # fmt: skip
MEMBER = {
    "is_dir": bool, "itemid": int, "mtime": str, "name": str, "pack_size": int, "path": str, "size": int
}  # fmt: skip
"""`itemid` is the table's name; the example prints `item_id`, which older generations of the simulator answer."""
TASK = {
    "api": str, "crtime": int, "finished": bool, "method": str, "params": {}, "progress": NUMBER, "taskid": str,
    "total": int, "version": int,
}  # fmt: skip
TASKS = {
    FS + "CopyMove": {
        **TASK, "path": str, "processed_size": int, "processing_path": str,
        "params": {"accurate_progress": bool, "dest_folder_path": str, "overwrite": bool, "path": [str],
                   "remove_src": bool},
    },
    FS + "Compress": {
        **TASK, "params": {"dest_file_path": str, "format": str, "level": str, "mode": str, "password": str,
                           "path": [str]},
    },
    FS + "Extract": {
        **TASK, "params": {"create_subfolder": bool, "dest_folder_path": str, "file_path": [str], "keep_dir": bool,
                           "overwrite": bool},
    },
    FS + "Delete": {
        **TASK, "path": str, "processed_num": int, "processing_path": str,
        "params": {"accurate_progress": bool, "path": [str]},
    },
}  # fmt: skip


def check(value: Any, shape: Any, where: str = "data") -> None:
    """The value has the keys of the shape, of these types; it may have more keys, and a list any length but none."""
    if isinstance(shape, dict):
        assert isinstance(value, dict), (where, value)
        assert set(shape) <= set(value), (where, set(shape) - set(value))
        for key, inner in shape.items():
            check(value[key], inner, f"{where}.{key}")
    elif isinstance(shape, list):
        assert isinstance(value, list), (where, value)
        assert value, where
        for item in value:
            check(item, shape[0], where + "[]")
    else:
        assert type(value) in (shape if isinstance(shape, tuple) else (shape,)), (where, value)


@pytest.fixture(scope="module")
def nas(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nas]:
    """A device with the guide's shares, its account and its files."""
    with devices(tmp_path_factory) as run:
        device = run("--user", "admin", "--password", "12345", "--vendor-opt", "mounts=cifs:/video/remote")
        for name in (
            "video/1",
            "video/fav",
            "video/remote",
            "video/del_folder",
            "download/2013Q1Enhencement",
            "download/download",
            "upload/test",
            "test",
            "photo",
        ):
            (device.root / name).mkdir(parents=True)
        for name in (
            "video/2.txt",
            "video/12",
            "video/test.avi",
            "video/test2.avi",
            "test/ITEMA_20445972-0.mp3",
            "download/ITEMA_20455319-0.mp3",
            "download/ITEMA_20445972-0.mp3",
        ):
            (device.root / name).write_bytes(name.encode())
        Image.new("RGB", (300, 300)).save(device.root / "photo/test.jpg")
        yield device


class Guide:
    """One session; the task or link that `{id}` stands for is the last one made."""

    def __init__(self, nas: Nas) -> None:
        self.nas = nas
        self.http = requests.Session()
        self.last = ""

    def ask(self, text: str, cgi: str = "entry.cgi") -> requests.Response:
        """`api method version name=value ...`, the API without its first two words."""
        api, method, version, *rest = text.split(" ")
        params = dict(item.replace("{id}", self.last).split("=", 1) for item in rest)
        full = api if api.startswith("SYNO.") else FS + api
        return self.http.get(
            f"{self.nas.url}/webapi/{cgi}",
            timeout=30,
            params={"api": full, "version": version, "method": method, **params},
        )

    def data(self, text: str, cgi: str = "entry.cgi", shape: Any = None) -> Any:
        answer = self.ask(text, cgi).json()
        assert answer["success"], (text, answer)
        data = answer.get("data")
        if " start " in text:
            check(data, TASK_ID, text)
            self.last = data["taskid"]
        if shape is not None:
            check(data, shape, text)
        return data

    def until(self, text: str, cgi: str = "entry.cgi", shape: Any = None) -> Any:
        end = time.monotonic() + 20
        while not (data := self.data(text, cgi, shape))["finished"]:
            assert time.monotonic() < end
        return data

    def wrong(self, query: str) -> Any:
        """The error of a call that has to fail."""
        answer = self.http.get(f"{self.nas.url}/webapi/entry.cgi?{query}", timeout=30).json()
        assert answer["success"] is False
        return answer["error"]


def names(items: list[dict[str, Any]]) -> list[str]:
    return [item["name"] for item in items]


def test_the_guides_requests(nas: Nas) -> None:
    guide = Guide(nas)
    ask, data, until = guide.ask, guide.data, guide.until

    # query.cgi and auth.cgi
    for names_ in ("all", "SYNO.API.Auth,SYNO.FileStation"):
        found = data(f"SYNO.API.Info query 1 query={names_}", "query.cgi")
        check(found, {"SYNO.API.Auth": API_INFO, FS + "List": API_INFO})
    login = data("SYNO.API.Auth login 3 account=admin passwd=12345 session=FileStation format=cookie", "auth.cgi")
    assert guide.http.cookies["id"] == login["sid"]

    # the kinds of replies
    assert guide.wrong(f"api={FS}Info&version=2") == {"code": 101}
    assert guide.wrong(f"api={FS}CreateFolder&method=create&version=1&folder_path=%2Ftest&name=%3A") == {
        "code": 1100,
        "errors": [{"code": 418, "path": "/test/:"}],
    }
    # `support_virtual`, or `support_virtual_protocol`, as text: devices were recorded to answer a list
    data("Info get 2", shape={"is_manager": bool, "hostname": str, "support_sharing": bool,
                              "support_virtual_protocol": list})  # fmt: skip

    # List
    shares = data('List list_share 2 additional=["real_path","owner,time"]', shape=SHARES)["shares"]
    assert names(shares) == ["download", "photo", "test", "upload", "video"]
    assert sorted(shares[0]["additional"]) == ["owner", "real_path", "time"]
    wanted = 'additional=["real_path","size","owner","time,perm","type"]'
    files = data(f'List list 2 {wanted} folder_path="/video"', shape={**LISTED, **FILES})["files"]
    assert names(files) == ["1", "12", "2.txt", "del_folder", "fav", "remote", "test.avi", "test2.avi"]
    wanted = 'additional=["real_path","size,owner","time,perm,"type"]'
    found = data(f'List getinfo 2 {wanted} path=["/video/1","/video/2.txt"]', shape={"files": [FILE]})
    assert [item["isdir"] for item in found["files"]] == [True, False]
    wanted = wanted.replace('perm,"type', 'perm","type')  # the printed one lacks a quote and is no JSON
    found = data(f'List getinfo 2 {wanted} path=["/video/1","/video/2.txt"]', shape=FILES)
    assert [item["additional"]["type"] for item in found["files"]] == ["", "TXT"]

    # Search, VirtualFolder
    data('Search start 2 folder_path=["/video"] pattern="1"')
    extra = 'additional=["real_path","size","owner","time","perm","type"]'
    matches = until(f'Search list 2 {extra} taskid="{{id}}" limit=-1', shape={**LISTED, "finished": bool})
    check(matches, FILES)
    assert names(matches["files"]) == ["1", "12"]
    assert data('Search stop 1 taskid="{id}"') is None
    assert data('Search clean 1 taskid="{id}"') is None
    extra = 'additional=["real_path","owner","time","perm","mount_point_type","volume_status"]'
    mounts = data(f'VirtualFolder list 2 type="cifs" {extra}', shape=LISTED)
    check(mounts, {"folders": [{**FILE, "additional": MOUNTED}]})
    assert names(mounts["folders"]) == ["remote"]

    # Favorite
    assert data('Favorite add 2 path="/video/fav" name="favorite_video"') is None
    assert names(data("Favorite list 1", shape=FAVORITES)["favorites"]) == ["favorite_video"]
    assert data('Favorite edit 2 path="/video/fav" name="my_video"', "FileStation/entry.cgi") is None
    (nas.root / "video/fav").rmdir()
    broken = data("Favorite list 1", shape=FAVORITES)["favorites"]
    assert broken == [{"isdir": False, "name": "my_video", "path": "/video/fav", "status": "broken"}]
    (nas.root / "video/fav").mkdir()
    assert data('Favorite delete 2 path="/video/fav"', "FileStation/entry.cgi") is None
    assert data("Favorite clear_broken 2") is None
    assert data('Favorite replace_all 1 path=["/video","/video/fav"] name=["all_video","my_video"]') is None
    assert names(data("Favorite list 1")["favorites"]) == ["all_video", "my_video"]

    # Thumb, DirSize, CheckPermission
    assert Image.open(io.BytesIO(ask('Thumb get 2 path="/photo/test.jpg"').content)).size == (240, 240)
    size = 'DirSize start 2 path=["/download/2013Q1Enhencement"]'
    data(size)
    assert until('DirSize status 2 taskid="{id}"', "FileStation/entry.cgi", SIZE)["num_file"] == 0
    data(size)
    assert data('DirSize stop 2 taskid="{id}"') is None
    data('CheckPermission write 3 path="/download" filename="test.zip" create_only=true')

    # Upload, Download
    fields = {
        "api": FS + "Upload",
        "version": "2",
        "method": "upload",
        "path": "/upload/test",
        "create_parents": "true",
    }
    body = "".join(
        f'--AaB03x\r\ncontent-disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    )
    body += (
        '--AaB03x\r\ncontent-disposition: form-data; name="file"; filename="file1.txt"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n... contents of file1.txt ...\r\n--AaB03x--\r\n"
    )
    sent = guide.http.post(
        f"{nas.url}/webapi/entry.cgi",
        data=body,
        timeout=30,
        headers={"Content-Type": "multipart/form-data, boundary=AaB03x"},
    )
    assert sent.json()["success"]
    assert (nas.root / "upload/test/file1.txt").read_text() == "... contents of file1.txt ..."
    song = ask('Download download 2 path=["/test/ITEMA_20445972-0.mp3"] mode="open"')
    assert (song.content, song.headers["Content-Type"]) == (b"test/ITEMA_20445972-0.mp3", "audio/mpeg")

    # Sharing
    create = 'Sharing create 3 path="/test/ITEMA_20445972-0.mp3" date_expired="2999-12-21"'
    guide.last = data(create, shape={"links": [NEW_LINK]})["links"][0]["id"]
    assert data('Sharing getinfo 3 id="{id}"', shape=LINK)["path"] == "/test/ITEMA_20445972-0.mp3"
    assert data("Sharing list 3 offset=0 limit=10", shape={**LISTED, "links": [LINK]})["total"] == 1
    assert data('Sharing edit 3 id="{id}" password="123"') is None
    assert data("Sharing clear_invalid 3") is None
    assert data('Sharing getinfo 3 id="{id}"')["has_password"] is True
    assert data('Sharing delete 3 id="{id}"') is None

    # CreateFolder, Rename, CopyMove, Delete
    assert data('CreateFolder create 2 folder_path=["/video"] name=["test"]') == {
        "folders": [{"isdir": True, "name": "test", "path": "/video/test"}]
    }
    assert data('Rename rename 2 path=["/video/test"] name=["test2"]') == {
        "files": [{"isdir": True, "name": "test2", "path": "/video/test2"}]
    }
    (nas.root / "video/test").mkdir()
    data('CopyMove start 3 path=["/video/test.avi"] dest_folder_path="/video/test"')
    assert until('CopyMove status 3 taskid="{id}"', shape=COPYING)["progress"] == 1
    assert data('CopyMove stop 1 taskid="{id}"') is None
    data('Delete start 2 path="/video/del_folder"')
    assert until('Delete status 2 taskid="{id}"', shape=DELETING)["total"] == 1
    (nas.root / "video/del_folder").mkdir()
    data('Delete start 2 path="/video/del_folder"')
    assert data('Delete stop 2 taskid="{id}"') is None
    (nas.root / "video/del_folder").mkdir(exist_ok=True)
    assert data('Delete delete 1 path="/video/del_folder"') is None
    assert not (nas.root / "video/del_folder").exists()

    # Compress
    paths = json.dumps(["/download/ITEMA_20455319-0.mp3", "/download/ITEMA_20445972-0.mp3"], separators=(",", ":"))
    compress = f'Compress start 3 path={paths} dest_file_path="/download/download.zip" format=zip'
    assert ask(compress).json()["error"]["code"] == 105, "not with a session of an old login"
    data("SYNO.API.Auth login 7 account=admin passwd=12345 session=FileStation format=cookie", "auth.cgi")
    data(compress)
    assert data('Compress stop 1 taskid="{id}"') is None
    (nas.root / "download/download.zip").unlink(missing_ok=True)
    data(compress)
    assert until('Compress status 3 taskid="{id}"') == {"dest_file_path": "/download/download.zip", "finished": True}

    # MD5 and Extract, of what was made
    md5 = 'MD5 start 2 file_path="/download/download.zip"'
    data(md5)
    assert until('MD5 status 2 taskid="{id}"', "FileStation/entry.cgi")["md5"] == (
        hashlib.md5((nas.root / "download/download.zip").read_bytes()).hexdigest()
    )
    data(md5)
    assert data('MD5 stop 2 taskid="{id}"') is None
    zipped = 'file_path="/download/download.zip"'
    members = data(f'Extract list 2 {zipped} sortby="name" sort_direction="asc" item_id=-1', shape={"items": [MEMBER]})
    assert (members["total"], names(members["items"])) == (2, ["ITEMA_20445972-0.mp3", "ITEMA_20455319-0.mp3"])
    extract = (
        f'Extract start 2 {zipped} dest_folder_path="/download/download" keep_dir=true create_subfolder=true '
        "overwrite=false"
    )
    data(extract)
    unpacking = {"dest_folder_path": str, "finished": bool, "progress": NUMBER}
    assert until('Extract status 2 taskid="{id}"', shape=unpacking)["finished"] is True
    assert (nas.root / "download/download/download/ITEMA_20455319-0.mp3").is_file()
    shutil.rmtree(nas.root / "download/download/download")
    data(extract)
    assert data('Extract stop 2 taskid="{id}"') is None

    # BackgroundTask: the printed list has a task of each kind
    shutil.rmtree(nas.root / "download/download/download", ignore_errors=True)
    data(
        'CopyMove start 3 path=["/video/test2.avi"] dest_folder_path="/video/test" overwrite=true '
        "accurate_progress=true remove_src=false"
    )
    data(compress.replace("download.zip", "test.zip"))
    data(extract)
    data('Delete start 2 path=["/video/2.txt"] accurate_progress=true')
    end = time.monotonic() + 20
    while not all(task["finished"] for task in data("BackgroundTask list 3", shape=LISTED)["tasks"]):
        assert time.monotonic() < end
    tasks = data("BackgroundTask list 3")["tasks"]
    assert sorted(task["api"] for task in tasks) == sorted(TASKS)
    for task in tasks:
        check(task, TASKS[task["api"]], task["api"])
    assert data("BackgroundTask clear_finished 3") is None
    assert data("BackgroundTask list 3")["total"] == 0
    assert data("SYNO.API.Auth logout 1 session=FileStation", "auth.cgi") is None
    assert ask("Info get 2").json()["error"]["code"] == 119


def test_the_guides_working_example(tmp_path_factory: pytest.TempPathFactory) -> None:
    """It is of the generation whose APIs have a file each."""
    with devices(tmp_path_factory) as run:
        nas = run("--profile", "dsm5", "--user", "admin", "--password", "12345")
        for name in ("video", "photo"):
            (nas.root / name).mkdir()
        guide = Guide(nas)
        found = guide.data("SYNO.API.Info query 1 query=SYNO.API.Auth,SYNO.FileStation", "query.cgi")
        check(found, {"SYNO.API.Auth": API_INFO, FS + "List": API_INFO})
        cgi = found[FS + "List"]["path"]
        assert (found["SYNO.API.Auth"]["path"], cgi) == ("auth.cgi", "FileStation/file_share.cgi")
        login = "SYNO.API.Auth login 3 account=admin passwd=12345 session=FileStation format=cookie"
        guide.data(login, "auth.cgi", {"sid": str})
        shares = guide.data("List list_share 1", cgi, {**LISTED, "shares": [FILE]})
        assert sorted(names(shares["shares"])) == ["photo", "video"]
        getinfo = "List getinfo 1 path=/photo additional=real_path,owner,time,perm"
        (photo,) = guide.data(getinfo, cgi, {"files": [{**FILE, "additional": PLACE}]})["files"]
        assert (photo["path"], photo["isdir"]) == ("/photo", True)
        assert guide.data("SYNO.API.Auth logout 1 session=FileStation", "auth.cgi") is None
