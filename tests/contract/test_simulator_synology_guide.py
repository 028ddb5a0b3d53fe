# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every request that the File Station guide prints, in an order in which each can succeed, with a session in a cookie.

Where the guide's print is broken (`date_expired%22..`, `method%3Dstart`, a status asked of the wrong API), the request
is the one that is meant.
"""

from __future__ import annotations

import io
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from simulated_synology import FS, Nas, devices

pytest.importorskip("aiohttp")
image = pytest.importorskip("PIL.Image")


@pytest.fixture(scope="module")
def nas(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nas]:
    """A device with the guide's shares, its account and its files."""
    with devices(tmp_path_factory) as run:
        device = run("--user", "admin", "--password", "12345")
        for name in (
            "video/1",
            "video/fav",
            "video/test",
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
        image.new("RGB", (300, 300)).save(device.root / "photo/test.jpg")
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

    def data(self, text: str, cgi: str = "entry.cgi") -> Any:
        answer = self.ask(text, cgi).json()
        assert answer["success"], (text, answer)
        data = answer.get("data")
        if isinstance(data, dict) and "taskid" in data:
            self.last = data["taskid"]
        return data

    def until(self, text: str, cgi: str = "entry.cgi") -> Any:
        end = time.monotonic() + 20
        while not (data := self.data(text, cgi))["finished"]:
            assert time.monotonic() < end
        return data


def names(items: list[dict[str, Any]]) -> list[str]:
    return [item["name"] for item in items]


def test_the_guides_requests(nas: Nas) -> None:
    guide = Guide(nas)
    ask, data, until = guide.ask, guide.data, guide.until

    assert "SYNO.API.Auth" in data("SYNO.API.Info query 1 query=all", "query.cgi")
    assert FS + "List" in data("SYNO.API.Info query 1 query=SYNO.API.Auth,SYNO.FileStation", "query.cgi")
    login = data("SYNO.API.Auth login 3 account=admin passwd=12345 session=FileStation format=cookie", "auth.cgi")
    assert guide.http.cookies["id"] == login["sid"]
    assert data("Info get 2")["hostname"]

    shares = data('List list_share 2 additional=["real_path","owner,time"]')["shares"]
    assert names(shares) == ["download", "photo", "test", "upload", "video"]
    assert sorted(shares[0]["additional"]) == ["owner", "real_path", "time"]
    files = data('List list 2 additional=["real_path","size","owner","time,perm","type"] folder_path="/video"')["files"]
    assert names(files) == ["1", "12", "2.txt", "del_folder", "fav", "test", "test.avi", "test2.avi"]
    wanted = 'additional=["real_path","size,owner","time,perm,"type"]'
    found = data(f'List getinfo 2 {wanted} path=["/video/1","/video/2.txt"]')
    assert [item["isdir"] for item in found["files"]] == [True, False]

    data('Search start 2 folder_path=["/video"] pattern="1"')
    extra = 'additional=["real_path","size","owner","time","perm","type"]'
    assert names(until(f'Search list 2 {extra} taskid="{{id}}" limit=-1')["files"]) == ["1", "12"]
    assert data('Search stop 1 taskid="{id}"') is None
    assert data('Search clean 1 taskid="{id}"') is None
    assert data('VirtualFolder list 2 type="cifs" additional=["real_path","owner"]') == {
        "folders": [],
        "offset": 0,
        "total": 0,
    }

    assert data('Favorite add 2 path="/video/fav" name="favorite_video"') is None
    assert names(data("Favorite list 1")["favorites"]) == ["favorite_video"]
    assert data('Favorite edit 2 path="/video/fav" name="my_video"', "FileStation/entry.cgi") is None
    assert data('Favorite delete 2 path="/video/fav"', "FileStation/entry.cgi") is None
    assert data("Favorite clear_broken 2") is None
    assert data('Favorite replace_all 1 path=["/video","/video/fav"] name=["all_video","my_video"]') is None
    assert names(data("Favorite list 1")["favorites"]) == ["all_video", "my_video"]

    assert image.open(io.BytesIO(ask('Thumb get 2 path="/photo/test.jpg"').content)).size == (240, 240)
    data('DirSize start 2 path=["/download/2013Q1Enhencement"]')
    assert until('DirSize status 2 taskid="{id}"', "FileStation/entry.cgi")["num_file"] == 0
    data('MD5 start 2 file_path="/video/2.txt"')
    assert len(until('MD5 status 2 taskid="{id}"', "FileStation/entry.cgi")["md5"]) == 32
    data('CheckPermission write 3 path="/download" filename="test.zip" create_only=true')

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

    made = data('Sharing create 3 path="/test/ITEMA_20445972-0.mp3" date_expired="2999-12-21"')["links"]
    guide.last = made[0]["id"]
    assert data('Sharing getinfo 3 id="{id}"')["path"] == "/test/ITEMA_20445972-0.mp3"
    assert data("Sharing list 3 offset=0 limit=10")["total"] == 1
    assert data('Sharing edit 3 id="{id}" password="123"') is None
    assert data("Sharing clear_invalid 3") is None
    assert data('Sharing getinfo 3 id="{id}"')["has_password"] is True
    assert data('Sharing delete 3 id="{id}"') is None

    assert data('CreateFolder create 2 folder_path=["/video"] name=["test3"]') == {
        "folders": [{"isdir": True, "name": "test3", "path": "/video/test3"}]
    }
    assert data('Rename rename 2 path=["/video/test3"] name=["test2"]') == {
        "files": [{"isdir": True, "name": "test2", "path": "/video/test2"}]
    }
    data('CopyMove start 3 path=["/video/test.avi"] dest_folder_path="/video/test"')
    assert until('CopyMove status 3 taskid="{id}"')["progress"] == 1
    assert data('CopyMove stop 1 taskid="{id}"') is None
    data('Delete start 2 path="/video/del_folder"')
    assert until('Delete status 2 taskid="{id}"')["total"] == 1
    assert data('Delete delete 1 path="/video/test2"') is None

    paths = json.dumps(["/download/ITEMA_20455319-0.mp3", "/download/ITEMA_20445972-0.mp3"], separators=(",", ":"))
    compress = f'Compress start 3 path={paths} dest_file_path="/download/download.zip" format=zip'
    assert ask(compress).json()["error"]["code"] == 105, "not with a session of an old login"
    data("SYNO.API.Auth login 7 account=admin passwd=12345 session=FileStation format=cookie")
    data(compress)
    assert until('Compress status 3 taskid="{id}"') == {"dest_file_path": "/download/download.zip", "finished": True}
    zipped = 'file_path="/download/download.zip"'
    assert data(f'Extract list 2 {zipped} sortby="name" sort_direction="asc" item_id=-1')["total"] == 2
    data(
        f'Extract start 2 {zipped} dest_folder_path="/download/download" keep_dir=true create_subfolder=true '
        "overwrite=false"
    )
    assert data("BackgroundTask list 3")["total"] == 1
    assert until('Extract status 2 taskid="{id}"')["finished"] is True
    assert (nas.root / "download/download/download/ITEMA_20455319-0.mp3").is_file()
    assert data("BackgroundTask clear_finished 3") is None
    assert data("SYNO.API.Auth logout 1 session=FileStation", "auth.cgi") is None
    assert ask("Info get 2").json()["error"]["code"] == 119
