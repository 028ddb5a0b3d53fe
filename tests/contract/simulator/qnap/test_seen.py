# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulated QNAP on the wire: what devices were seen to do that the guide does not say.

Links on disk, names that a device shows and does not give, paths with a volume in front, share links as programs fetch
them, ISO shares, and listings that cannot be true.
"""

from __future__ import annotations

import base64
import io
import os
import zipfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import requests

from tests.contract.simulator.qnap.simulated import PASSWORD, Nas, Start, encoded, first, options, until


def status(answer: requests.Response) -> Any:
    return first(answer)["status"]


def run(nas: Nas, func: str, **params: Any) -> None:
    """Start a copy or a move and wait for it."""
    params = {"source_total": 1, "mode": 0, **params}
    pid = first(nas.raw(func, **params))["pid"]
    until(lambda: first(nas.raw(f"get_{func}_status", pid=pid)).get("percent") == 100)


# -- links on disk


@pytest.fixture
def linked(nas: Nas) -> tuple[str, Path]:
    share, folder = nas.share("photos/a.jpg", "photos/old/b.jpg", "tmp/own.txt")
    for name, target in (("album", "../photos"), ("one", "../photos/a.jpg"), ("loop", "."), ("gone", "nothing")):
        (folder / "tmp" / name).symlink_to(target)
    return share, folder


def test_listings_tell_links(nas: Nas, old: Nas, linked: tuple[str, Path]) -> None:
    share, _folder = linked
    rows = {row["filename"]: row for row in nas.call("get_list", path=share + "/tmp")["datas"]}
    assert {name: (row["is_link"], row["isfolder"]) for name, row in rows.items()} == {
        "album": (1, 1), "loop": (1, 1), "one": (1, 0), "gone": (1, 0), "own.txt": (0, 0),
    }  # fmt: skip
    assert {row["text"] for row in nas.call("get_tree", node=share + "/tmp")} == {"album", "loop"}
    for name, row in rows.items():
        assert nas.stat(share + "/tmp", name)["is_link"] == row["is_link"]
    # what a link leads to is listed below it, and a loop without end
    assert "b.jpg" in nas.names(share + "/tmp/album/old")
    assert nas.names(share + "/tmp" + "/loop" * 20) == list(rows)
    found = nas.call("search", source_path=share + "/tmp", keyword="jpg")
    assert found["total"] == 0
    share, folder = old.share("x")
    (folder / "y").symlink_to("x")
    assert all("is_link" not in row for row in old.call("get_list", path=share)["datas"])


def test_what_calls_make_of_links(nas: Nas, linked: tuple[str, Path]) -> None:
    share, folder = linked
    size = nas.call("get_file_size", path=share, total=1, name="tmp")
    assert int(size["fileCnt"]) < 6
    run(nas, "copy", source_path=share, source_file="tmp", dest_path=share + "/photos")
    assert os.readlink(folder / "photos/tmp/album") == "../photos"
    run(nas, "move", source_path=share + "/photos/tmp", source_file="album", dest_path=share)
    assert os.readlink(folder / "album") == "../photos"
    assert nas.status("rename", path=share + "/tmp", source_name="one", dest_name="two") == 1
    assert os.readlink(folder / "tmp/two") == "../photos/a.jpg"
    download = nas.raw("download", source_path=share + "/tmp", source_file="two", source_total=1, isfolder=0)
    assert download.content == b"photos/a.jpg"
    for name in ("album", "loop", "two", "gone"):
        assert nas.status("delete", path=share + "/tmp", file_total=1, file_name=name, force=1) == 1
    assert sorted(os.listdir(folder / "tmp")) == ["own.txt"]
    (folder / "tmp/again").symlink_to("../photos")
    assert nas.status("delete", path=share, file_total=1, file_name="tmp") == 1
    assert os.readlink(folder / "@Recycle/tmp/again") == "../photos"
    assert (folder / "photos/old/b.jpg").exists()


@pytest.mark.parametrize("follows", [False, True])
def test_packing_goes_through_links_or_not(start: Start, follows: bool) -> None:
    nas = start(*options(follow_links=int(follows)))
    nas.login()
    share, folder = nas.share("photos/a.jpg", "tmp/own.txt")
    for name, target in (("album", "../photos"), ("one", "../photos/a.jpg"), ("loop", "."), ("gone", "nothing"),
                         ("out", "/etc/hostname")):  # fmt: skip
        (folder / "tmp" / name).symlink_to(target)
    pid = nas.pid("compress", path=share, compress_name="a", type="zip", total=1, compress_file="tmp")
    assert nas.finish("get_compress_status", pid)["status"] == 1
    download = nas.raw("download", source_path=share, source_file="tmp", source_total=1, isfolder=1, compress=2)
    for archive in (folder / "a.zip", io.BytesIO(download.content)):
        names = set(zipfile.ZipFile(archive).namelist())
        assert names >= {"tmp/own.txt", "tmp/one", "tmp/album/", "tmp/loop/"}
        assert ("tmp/album/a.jpg" in names) is follows
        assert not {"tmp/gone", "tmp/out", "tmp/loop/loop/loop/loop/own.txt"} & names


# -- names that it shows and does not give


@pytest.mark.parametrize(
    ("profile", "name"),
    [
        ("qts4", "Smith, John.txt"),
        ("qts4", "C++.txt"),
        ("qts4", "O'Brien.txt"),
        ("qts4", "50%.txt"),
        ("qts4", "_sn_x"),
        ("qts5", "_sn_x"),
        ("qts5", "_sn_bk1"),
    ],
)
def test_a_name_that_came_by_smb(nas: Nas, old: Nas, profile: str, name: str) -> None:
    device = old if profile == "qts4" else nas
    share, folder = device.share(name)
    assert device.names(share) == [name]
    assert device.stat(share, name)["exist"] == 1
    # it goes away from this name, and neither it nor another gets it
    assert device.status("rename", path=share, source_name=name, dest_name="aside") == 1
    assert device.status("rename", path=share, source_name="aside", dest_name=name) == 12
    assert status(device.raw("createdir", dest_path=share, dest_folder=name)) == 12
    assert os.listdir(folder) == ["aside"]


def test_qts_5_gives_what_qts_4_does_not(nas: Nas) -> None:
    share, folder = nas.share("x")
    for number, name in enumerate(("Smith, John.txt", "C++.txt", "O'Brien.txt", "50%.txt")):
        assert nas.status("rename", path=share, source_name=os.listdir(folder)[0], dest_name=name) == 1, number
    assert os.listdir(folder) == ["50%.txt"]


def test_a_rename_that_is_said_and_not_done(nas: Nas) -> None:
    share, folder = nas.share("x")
    nas.faults({"call": "rename", "do": {"vendor": "pretend"}})
    assert nas.status("rename", path=share, source_name="x", dest_name="y") == 1
    assert os.listdir(folder) == ["x"]
    assert nas.status("rename", path=share, source_name="x", dest_name="y") == 1
    assert os.listdir(folder) == ["y"]


# -- paths that are none


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


# -- share links


def link(nas: Nas, share: str, name: str, **more: Any) -> str:
    fields = {"download_type": "create_download_link", "valid_duration": "forever", "network_type": "local", **more}
    made = first(nas.raw("get_share_link", path=share, file_total=1, file_name=name, **fields))
    return str(made["ssid"])


def test_links_as_programs_fetch_them(nas: Nas, old: Nas) -> None:
    for device in (nas, old):
        share, folder = device.share("top/a b.txt", "top/sub/deep.txt", "top/.hidden", "outside.txt")
        ssid = link(device, share, "top", access_enabled="true", access_code="pä ss")
        url, ep = f"{device.url}/share.cgi", base64.b64encode("pä ss".encode()).decode()
        known = {"ssid": ssid, "fid": ssid, "ep": ep}
        fetch = {**known, "openfolder": "forcedownload"}
        assert requests.post(url, data={"ssid": ssid, "func": "check_passwd", "ep": ep}, timeout=30).json() == {
            "status": 1
        }
        for wrong, code in (({"ep": "eA=="}, 17), ({"ep": ""}, 17), ({"ssid": "none", "fid": "none"}, 5)):
            for func in ("check_passwd", "get_list"):
                assert status(requests.get(url, params={**known, "func": func, **wrong}, timeout=30)) == code
        listing = {**known, "func": "get_list"}
        told = requests.get(url, params=listing, timeout=30).json()
        assert (told["total"], told["foldername"], told["link_name"]) == (2, "top", "top")
        rows = {row["filename"]: row for row in told["datas"]}
        assert {name: (row["isfolder"], row["filesize"]) for name, row in rows.items() if not row["isfolder"]} == {
            "a b.txt": (0, "11")
        }
        assert rows["a b.txt"]["epochmt"] == int((folder / "top/a b.txt").stat().st_mtime)
        below = requests.get(url, params={**listing, "path": "/sub"}, timeout=30).json()
        assert [row["filename"] for row in below["datas"]] == ["deep.txt"]
        assert status(requests.get(url, params={**listing, "path": "/none"}, timeout=30)) == 5
        for more, content in (
            ({"filename": "a b.txt"}, b"top/a b.txt"),
            ({"path": "/", "filename": "a b.txt"}, b"top/a b.txt"),
            ({"path": "/sub", "filename": "deep.txt"}, b"top/sub/deep.txt"),
        ):
            assert requests.get(url, params={**fetch, **more}, timeout=30).content == content
        part = requests.get(url, params={**fetch, "filename": "a b.txt"}, headers={"Range": "bytes=4-6"}, timeout=30)
        assert (part.status_code, part.content) == (206, b"a b")
        assert requests.get(url, params=fetch, timeout=30).content[:2] == b"PK"
        for more in ({"filename": "none"}, {"path": "/..", "filename": "outside.txt"}, {"filename": "../outside.txt"},
                     {"fid": "other"}):  # fmt: skip
            assert requests.get(url, params={**fetch, **more}, timeout=30).status_code == 404
        single = link(device, share, "outside.txt")
        for more in ({}, {"fid": single}, {"fid": single, "filename": "outside.txt", "openfolder": "forcedownload"}):
            assert requests.get(url, params={"ssid": single, **more}, timeout=30).content == b"outside.txt"


def test_a_link_that_is_a_page_for_browsers(start: Start) -> None:
    nas = start(*options(share_page=1))
    nas.login()
    share, _folder = nas.share("x")
    ssid = link(nas, share, "x")
    page = requests.get(f"{nas.url}/share.cgi?ssid={ssid}", timeout=30)
    assert page.headers["Content-Type"].startswith("text/html")
    assert page.text.startswith("<!DOCTYPE html>")
    got = requests.get(f"{nas.url}/share.cgi?ssid={ssid}&fid={ssid}&openfolder=forcedownload&ep=", timeout=30)
    assert got.content == b"x"


def test_network_type(nas: Nas) -> None:
    share, _folder = nas.share("x")
    fields = {"path": share, "file_total": 1, "file_name": "x", "valid_duration": "forever"}
    for wish, code in (("internet", 1), ("local", 1), ("lan", 20), ("", 20)):
        assert status(nas.raw("get_share_link", network_type=wish, **fields)) == code
        assert status(nas.raw("share_file", network_type=wish, addressee="a@example.org", **fields)) == code


# -- ISO shares


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


# -- listings and bodies that cannot be


def test_a_share_without_times(start: Start) -> None:
    nas = start(*options(no_times="Bare"))
    nas.login()
    (nas.root / "Bare").mkdir()
    (nas.root / "Bare/x").write_text("x")
    row = nas.call("get_list", path="/Bare")["datas"][0]
    assert not {"mt", "epochmt"} & set(row)
    assert nas.stat("/Bare", "x")["epochmt"] > 0


@pytest.mark.parametrize("kind", ["same", "new"])
def test_a_listing_without_end(nas: Nas, kind: str) -> None:
    share, folder = nas.share("a", "b", "c")
    nas.faults({"call": "get_list", "times": 0, "do": {"vendor": "endless", "value": kind}})
    start, seen = 0, []
    for _page in range(5):
        page = nas.call("get_list", path=share, start=start, limit=2)
        seen += [row["filename"] for row in page["datas"]]
        start += len(page["datas"])
        assert start < page["total"]
    assert len(set(seen)) == (2 if kind == "same" else 10)
    assert nas.call("get_list", path=share)["total"] > 3
    link(nas, share, "a")
    with zipfile.ZipFile(folder / "z.zip", "w") as archive:
        archive.writestr("m", "x")
    for func, more in (("search", {"source_path": share, "keyword": "a"}), ("get_share_list", {}),
                       ("get_extract_list", {"extract_file": share + "/z.zip"})):  # fmt: skip
        nas.faults({"call": func, "times": 0, "do": {"vendor": "endless", "value": kind}})
        pages = [nas.call(func, start=start, limit=1, **more) for start in range(3)]
        assert all(page["total"] > start + 1 for start, page in enumerate(pages))
        assert len({page["datas"][0]["filename"] for page in pages}) == (1 if kind == "same" else 3)
    nas.faults()
    assert nas.call("get_list", path=share)["total"] == 4


def test_a_size_that_cannot_be(nas: Nas) -> None:
    share, _folder = nas.share("sub/x", "file")
    nas.faults({"call": "get_list", "do": {"vendor": "bad_size"}},
               {"call": "get_list", "after": 1, "do": {"vendor": "bad_size", "value": "many"}})  # fmt: skip
    sizes = [
        {row["filename"]: row["filesize"] for row in nas.call("get_list", path=share)["datas"]}["file"]
        for _time in range(3)
    ]
    assert sizes == ["-1", "many", "4"]
    nas.faults({"call": "stat", "do": {"vendor": "bad_size"}})
    assert [nas.stat(share, "file")["filesize"] for _time in range(2)] == ["-1", "4"]


def test_half_a_surrogate_pair(nas: Nas) -> None:
    share, folder = nas.share("x", "target/y")
    nas.faults({"call": "copy", "do": {"vendor": "lone_surrogate"}},
               {"call": "get_list", "do": {"vendor": "lone_surrogate", "value": "filename"}})  # fmt: skip
    answer = nas.call("copy", source_path=share, source_file="x", source_total=1, dest_path=share + "/target", mode=0)
    assert answer == {"status": 1, "pid": "\ud800"}
    assert "\ud800" in nas.names(share)
    until((folder / "target/x").exists)


def test_deeply_nested_replies(nas: Nas) -> None:
    depth = 50_000
    nas.faults({"call": "authLogin.cgi", "do": {"vendor": "nested", "value": depth}},
               {"call": "get_list", "do": {"vendor": "nested", "value": depth}})  # fmt: skip
    fields = {"user": "admin", "pwd": encoded(PASSWORD), "serviceKey": "1"}
    page = requests.post(f"{nas.cgi}/authLogin.cgi", data=fields, timeout=30)
    assert page.headers["Content-Type"] == "text/xml"
    depths = []
    parser = ElementTree.XMLPullParser(["start", "end"])
    parser.feed(page.content)
    level = 0
    for event, element in parser.read_events():
        level += 1 if event == "start" else -1
        depths.append(level)
        element.clear()
    assert (max(depths), level) == (depth + 1, 0)
    assert nas.raw("get_list", path="/").content.count(b"[") == depth


# -- Container Station 3


@pytest.mark.parametrize("shape", ["404", "401", "302", "page", "no_dates"])
def test_container_station_3(start: Start, shape: str) -> None:
    nas = start(*options(cs3=shape))
    nas.login()
    http, api = requests.Session(), f"{nas.url}/container-station/api"
    account = {"username": "admin", "password": PASSWORD}
    form = http.post(f"{api}/v1/login", data=account, timeout=30)
    assert (form.status_code, form.json()["code"]) == (400, 1009)
    assert set(form.json()) == {"code", "message"}
    assert http.get(f"{api}/v3/containers", timeout=30).status_code == 401
    bearer = {"Authorization": f"Bearer {nas.sid}"}
    assert http.get(f"{api}/v3/containers", headers=bearer, timeout=30).json() == {"data": {"items": []}}
    assert http.post(f"{api}/v1/login", json={"sid": nas.sid}, timeout=30).json()["username"] == "admin"
    assert http.get(f"{api}/v3/volumes", timeout=30).json() == {"data": {"items": []}}
    assert http.get(f"{api}/v1/system", timeout=30).json()["version"]["qpkg"].startswith("3.")
    unknown = http.get(f"{api}/v1/nothing", timeout=30)
    assert (unknown.status_code, unknown.json()["code"]) == (404, 1009)
    for method, call in (("GET", "tls"), ("POST", "tls"), ("GET", "tls/domain_names"), ("PUT", "tls/domain_names"),
                         ("GET", "tls/export"), ("POST", "tls/rotation")):  # fmt: skip
        body = {} if method == "GET" else {"json": {"outdatedNotify": False, "domain_names": ""}}
        answer = http.request(method, f"{api}/v1/{call}", timeout=30, allow_redirects=False, **body)
        assert answer.status_code == (int(shape) if shape.isdigit() else 200)
        assert str(nas.log()[-1]["code"]) == shape
        if shape == "302":
            assert answer.headers["Location"].startswith("/container-station/")
        elif shape == "page":
            assert answer.headers["Content-Type"].startswith("text/html")
        elif shape == "no_dates":
            assert "startdate" not in answer.json()
        else:
            assert answer.json()["code"] == 1009
    # nobody has to log in to be told so
    assert requests.get(f"{api}/v1/tls", timeout=30, allow_redirects=False).text == answer.text


# -- the media library and the bin


def test_which_renditions_and_images_go(nas: Nas) -> None:
    share, folder = nas.share("film.mp4", "photo.jpg", ".@__thumb/s100film.mp4", ".@__thumb/defaultphoto.jpg",
                              ".@__thumb/s800other.jpg")  # fmt: skip
    thumbs = folder / ".@__thumb"

    def transcode() -> None:
        nas.call("video_ml_queue", op=3, path=share, total=1, filename="film.mp4", mask=2)
        until((folder / "@Transcode/film.mp4.mp4_360.mp4").exists)
        until(lambda: nas.call("video_ml_queue", op=1, subop=3)["total"] == 0)

    def forget(mode: int, keep: int) -> list[str]:
        fields = {"path": share, "file_total": 2, "file_name": ["film.mp4", "photo.jpg"]}
        assert nas.status("delete_transcode", mode=mode, keep_trans=keep, **fields) == 1
        return sorted(os.listdir(folder / "@Transcode")) + sorted(os.listdir(thumbs))

    transcode()
    for device_path, play in ((share + "/@Transcode", 1), (share, 0)):
        rows = nas.call("get_list", path=device_path)["datas"]
        assert [row["play"] for row in rows if row["filename"].endswith(".mp4")] == [play]
    assert forget(2, 1) == ["film.mp4.mp4_360.mp4", "defaultphoto.jpg", "s100film.mp4", "s800other.jpg"]
    assert forget(1, 0) == ["film.mp4.mp4_360.mp4", "s800other.jpg"]
    (thumbs / "s100film.mp4").write_text("x")
    assert forget(2, 0) == ["s100film.mp4", "s800other.jpg"]
    transcode()
    assert forget(3, 0) == ["s800other.jpg"]
    assert nas.status("delete_transcode", mode=4, path=share, file_total=1, file_name="film.mp4") == 20


def test_the_bin_keeps_name_place_and_owner(nas: Nas) -> None:
    share, folder = nas.share("team/report.txt")
    for content in ("old", "older"):
        (folder / "team/report.txt").write_text(content)
        before = nas.stat(share + "/team", "report.txt")
        assert nas.status("delete", path=share + "/team", file_total=1, file_name="report.txt") == 1
    rows = {row["filename"]: row for row in nas.call("get_list", path=share + "/@Recycle/team")["datas"]}
    assert set(rows) == {"report.txt", "report (1).txt"}
    assert {row["owner"] for row in rows.values()} == {before["owner"]}
    assert rows["report (1).txt"]["epochmt"] == before["epochmt"]
