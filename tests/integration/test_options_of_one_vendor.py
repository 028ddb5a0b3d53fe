# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options for what one vendor alone offers: in check mode nothing is written, and a second run changes nothing."""

from __future__ import annotations

import hashlib
import os
import zipfile

import pytest
from PIL import Image

from tests.support.playbooks import play, run


def do(tmp_path, device, tasks, *arguments):
    """The results of tasks, those that fail included."""
    tolerant = [{**one, "ignore_errors": True} for one in tasks]
    outcome = run(tmp_path, play(*tolerant), {"it": device.variables()}, *arguments)
    assert "Traceback" not in outcome.text, outcome.text
    return outcome.results()


def twice(tmp_path, device, tasks):
    """Check mode, a run, and another one; the results of the first real run."""
    device.forget()
    checked = do(tmp_path, device, tasks, "--check", "--diff")
    assert [one["changed"] for one in checked] == [True] * len(tasks), checked
    assert device.writes() == []
    first = do(tmp_path, device, tasks, "--diff")
    assert [one["changed"] for one in first] == [True] * len(tasks), first
    second = do(tmp_path, device, tasks)
    assert [one["changed"] for one in second] == [False] * len(tasks), second
    return first


def file(path, **more):
    return {"nasops.nas.nas_file": {"path": path, **more}}


def fetch(**options):
    return {"nasops.nas.nas_fetch": options}


@pytest.fixture
def place(nas, request):
    """A device, a folder on its disk, and the folder's path."""

    def at(vendor):
        folder = nas[vendor].root / "home" / request.node.name
        folder.mkdir()
        return nas[vendor], folder, f"/home/{request.node.name}"

    return at


def test_times_as_ansible_tells_them(tmp_path, place):
    device, folder, at = place("qnap")
    local = tmp_path / "local.txt"
    local.write_text("x")
    os.utime(local, (1500000000, 1600000000.75))
    seen = {"ansible.builtin.stat": {"path": str(local)}, "delegate_to": "localhost", "register": "seen"}
    tasks = [
        file(f"{at}/a.txt", content="a", mtime="{{ seen.stat.mtime }}"),
        {"nasops.nas.nas_folder": {"path": f"{at}/f", "mtime": 1600000000.75}},
    ]
    first, second = (do(tmp_path, device, [seen, *tasks])[1:] for _run in range(2))
    assert [[one["changed"] for one in results] for results in (first, second)] == [[True] * 2, [False] * 2], first
    assert (folder / "a.txt").stat().st_mtime == (folder / "f").stat().st_mtime == 1600000000


def test_times_of_an_upload(tmp_path, place, nas):
    device, folder, at = place("synology")
    (folder / "old.txt").write_text("old")
    os.utime(folder / "old.txt", (1000000000, 1400000000))
    born = {"crtime": "2020-01-01T00:00:00Z", "atime": 1500000000.5}
    device.forget()
    new = file(f"{at}/new.txt", content="new", mtime=1600000000, **born)
    twice(tmp_path, device, [new])
    (sent,) = device.calls("SYNO.FileStation.Upload/upload")
    times = {name: sent["params"][name] for name in ("mtime", "crtime", "atime")}
    assert times == {"mtime": "1600000000000", "crtime": "1577836800000", "atime": "1500000000000"}
    (again,) = do(tmp_path, device, [file(f"{at}/new.txt", content="new", crtime=1500000000)])
    assert again["changed"]
    assert (folder / "new.txt").stat().st_mtime == 1600000000
    # Given when the file is sent; alone it sends nothing.
    assert not do(tmp_path, device, [file(f"{at}/old.txt", content="old", atime=1)])[0]["changed"]
    for vendor in ("qnap", "freebox"):
        nas[vendor].forget()
        (refused,) = do(tmp_path, nas[vendor], [file(f"{at}/new.txt", content="new", crtime=1)])
        assert refused["failure"]["kind"] == "unsupported"
        assert "synology" in refused["msg"]
        assert nas[vendor].writes() == []


def test_zips_and_pictures(tmp_path, place, nas):
    device, folder, at = place("qnap")
    (folder / "text").write_text("again and " * 1000)
    zips = [fetch(src=at, dest=f"{tmp_path}/{name}.zip", compress=name == "small") for name in ("small", "stored")]
    twice(tmp_path, device, zips)
    methods = []
    for name in ("small", "stored"):
        with zipfile.ZipFile(tmp_path / f"{name}.zip") as archive:
            methods += [{one.compress_type for one in archive.infolist() if not one.is_dir()}]
    assert methods == [{zipfile.ZIP_DEFLATED}, {zipfile.ZIP_STORED}]
    (refused,) = do(tmp_path, device, [fetch(src=f"{at}/text", dest=f"{tmp_path}/x", compress=True)])
    assert "option compress" in refused["msg"]

    device, folder, at = place("synology")
    picture = Image.new("RGB", (200, 100), "red")
    picture.putpixel((0, 0), (0, 0, 255))
    picture.save(folder / "red.png")
    about = {"src": f"{at}/red.png", "rendition": "thumbnail", "size": "original"}
    turned = [fetch(dest=f"{tmp_path}/{degrees}.jpg", rotate=degrees, **about) for degrees in (90, 180, 270)]
    twice(tmp_path, device, turned)
    assert [one["params"]["rotate"] for one in device.calls("SYNO.FileStation.Thumb/get")] == ["1", "2", "3"]
    for degrees, size in ((90, (100, 200)), (180, (200, 100)), (270, (100, 200))):
        with Image.open(tmp_path / f"{degrees}.jpg") as made:
            assert made.size == size
    (refused,) = do(tmp_path, nas["qnap"], [fetch(dest=f"{tmp_path}/x.jpg", rotate=90, **{**about, "size": "small"})])
    assert "synology" in refused["msg"]


def test_one_file_of_a_link(tmp_path, place, nas):
    device, folder, at = place("qnap")
    (folder / "shared" / "2026").mkdir(parents=True)
    (folder / "shared" / "2026" / "a é.txt").write_text("one")
    (folder / "shared" / "b.txt").write_text("two")
    link = {"nasops.nas.nas_share": {"path": f"{at}/shared", "link_password": "open sesame"}, "register": "made"}
    got = {"url": "{{ made.links[0].url }}", "link_password": "open sesame"}
    tasks = [
        fetch(dest=f"{tmp_path}/", link_path="2026/a é.txt", **got),
        fetch(dest=f"{tmp_path}/b", link_path="b.txt", **got),
        fetch(dest=f"{tmp_path}/none", link_path="none.txt", **got),
    ]
    first, second = (do(tmp_path, device, [link, *tasks]) for _run in range(2))
    assert [one["changed"] for one in first] == [True, True, True, False], first
    assert [one["changed"] for one in second] == [False] * 4
    assert first[3]["failed"]
    assert (tmp_path / "a é.txt").read_text() == "one"
    assert (tmp_path / "b").read_text() == "two"
    assert not (tmp_path / "none").exists()
    for entry in device.calls("share.cgi"):
        assert entry["params"]["fid"] == entry["params"]["ssid"]
        assert "access_code" not in entry["params"]
    refused = do(tmp_path, nas["freebox"], [fetch(url="http://x/y", link_path="a", dest=f"{tmp_path}/x")])
    refused += do(tmp_path, device, [fetch(url="http://x/y", link_path="../a", dest=f"{tmp_path}/x")])
    assert [one["failure"]["kind"] for one in refused] == ["unsupported", "usage"]


def test_the_place_of_a_favorite(tmp_path, place):
    device, folder, at = place("synology")
    for name in "abcd":
        (folder / name).mkdir()
    favorite = {"favorites": [{"path": f"{at}/a"}, {"path": f"{at}/b"}], "exclusive": True}
    do(tmp_path, device, [{"nasops.nas.nas_favorite": favorite}])
    tasks = [
        {"nasops.nas.nas_favorite": {"path": f"{at}/c", "index": 0}},
        {"nasops.nas.nas_favorite": {"favorites": [{"path": f"{at}/d", "index": 1, "name": "dee"}]}},
    ]
    first = twice(tmp_path, device, tasks)
    assert [one["path"][-1] for one in first[1]["favorites"]] == ["c", "d", "a", "b"]
    wrong = [{"path": f"{at}/a", "index": -1}, {"path": f"{at}/a", "index": 0, "state": "absent"}]
    refused = do(tmp_path, device, [{"nasops.nas.nas_favorite": one} for one in wrong])
    assert all("option index" in one["msg"] for one in refused)


def test_what_transcoding_leaves(tmp_path, place):
    device, folder, at = place("qnap")
    (folder / "a.mp4").write_bytes(b"film")
    film = f"{at}/a.mp4"

    def transcode(**options):
        return {"nasops.nas.nas_transcode": options}

    def delete(what):
        return transcode(path=[film], state="absent", delete=what)

    do(tmp_path, device, [transcode(path=[film], state="finished", wait_timeout=60)])
    twice(tmp_path, device, [transcode(clear_queue=["finished"])])
    device.forget()
    checked = do(tmp_path, device, [delete("pictures"), delete("all")], "--check", "--diff")
    assert device.writes() == []
    first = do(tmp_path, device, [delete("pictures"), delete("all"), delete("all"), delete("videos")], "--diff")
    assert [one["changed"] for one in (*checked, *first)] == [True] * 5 + [False]
    assert first[0]["renditions"] == {film: ["flv_720", "mp4_360", "mp4_720"]}
    assert first[1]["renditions"] == {film: []}
    sent = [(one["params"]["mode"], one["params"]["keep_trans"]) for one in device.calls("delete_transcode")]
    assert sent == [("1", "1"), ("3", "0"), ("3", "0")]
    device.faults({"call": "video_ml_queue&op=3", "times": 0, "do": "stall_task"})
    do(tmp_path, device, [transcode(path=[film])])
    device.faults()
    (cleared,) = twice(tmp_path, device, [transcode(clear_queue=["unfinished", "finished"])])
    assert film in cleared["cleared"]
    wrong = [{"path": [film], "delete": "all"}, {"clear_queue": ["finished"], "first": True}]
    refused = do(tmp_path, device, [transcode(**one) for one in wrong])
    assert all("makes no sense" in one["msg"] for one in refused)


def test_a_freebox_counts_and_appends(tmp_path, place):
    device, folder, at = place("freebox")
    (folder / "deep" / "deeper").mkdir(parents=True)
    (folder / "empty").mkdir()
    (folder / "deep" / "deeper" / "b").write_text("12345")
    (folder / ".hidden").write_text("123")
    (stat,) = do(tmp_path, device, [{"nasops.nas.nas_stat": {"path": [at], "folder_size": True}}])
    assert stat["entries"][0]["content"] == {"folders": 3, "files": 2, "size": 8}
    listed = device.calls("GET fs/ls/{path}")
    # The empty folder is not listed.
    assert [one["params"]["countSubFolder"] for one in listed] == ["1"] * 3
    (folder / "log").write_text("one,")
    (folder / "more").write_text("two")
    whole = hashlib.sha256(b"one,two").hexdigest()
    about = {"src": [f"{at}/more"], "dest": f"{at}/log", "append": True}
    (first,) = twice(tmp_path, device, [{"nasops.nas.nas_assemble": {**about, "checksum": f"sha256:{whole}"}}])
    assert (folder / "log").read_text() == "one,two"
    assert (first["size"], first["replaced"]) == (7, True)
    wrong = [about, {**about, "checksum": "sha256:" + "0" * 64}]
    refused = do(tmp_path, device, [{"nasops.nas.nas_assemble": one} for one in wrong])
    assert [one["failure"]["kind"] for one in refused] == ["usage", "mismatch"]
    assert (folder / "log").read_text() == "one,two"


def test_a_share_that_is_an_image(tmp_path, start):
    device = start("qnap", shares=("home", "disc"), arguments=["--vendor-opt", "iso=disc"])
    deep = device.root / "disc" / "deep"
    deep.mkdir()
    (deep / "read me.txt").write_text("me")
    (device.root / "disc" / "a.txt").write_text("a")
    found = {"nasops.nas.nas_find": {"paths": "/disc", "recurse": True, "patterns": "*.txt"}}
    listed = {"nasops.nas.nas_find": {"paths": "/disc/deep", "file_type": "any"}}
    info = {"nasops.nas.nas_info": {"gather": ["shares"]}}
    results = do(tmp_path, device, [found, listed, info, fetch(src="/disc/a.txt", dest=f"{tmp_path}/a")])
    assert [one["path"] for one in results[0]["files"]] == ["/disc/a.txt", "/disc/deep/read me.txt"]
    assert [one["path"] for one in results[1]["files"]] == ["/disc/deep/read me.txt"]
    assert {one["path"]: one["read_only"] for one in results[2]["shares"]} == {"/home": False, "/disc": True}
    assert (tmp_path / "a").read_text() == "a"
    assert {one["params"]["is_iso"] for call in ("search", "get_list") for one in device.calls(call)} >= {"1"}


def test_every_choice_of_the_options(tmp_path, place):
    """Of options whose values other tests try in part."""
    sizes = {"qnap": ("small", "medium", "large"), "synology": ("small", "medium", "large", "original")}
    levels = {"qnap": ("fast", "normal", "best"), "synology": ("store", "fast", "normal", "best")}
    for vendor in ("qnap", "synology"):
        device, folder, at = place(vendor)
        (folder / "in").mkdir()
        Image.new("RGB", (2000, 1000), "red").save(folder / "in" / "red.png")
        (folder / "film.mp4").write_bytes(b"film" * 1000)
        tasks = [
            fetch(src=f"{at}/in/red.png", dest=f"{tmp_path}/{vendor}-{size}", rendition="thumbnail", size=size)
            for size in sizes[vendor]
        ]
        tasks += [
            {"nasops.nas.nas_archive": {"path": f"{at}/{level}.zip", "sources": f"{at}/in", "level": level}}
            for level in levels[vendor]
        ]
        if vendor == "qnap":
            secret = {"sources": f"{at}/in", "archive_password": "open sesame"}
            tasks += [
                {"nasops.nas.nas_archive": {"path": f"{at}/{encryption}.zip", "encryption": encryption, **secret}}
                for encryption in ("aes256", "zipcrypto")
            ]
            film = {"path": f"{at}/film.mp4", "state": "finished", "resolutions": [240, 360, 720]}
            mail = {"addressees": ["ann@example.com"], "subject": "Pictures"}
            tasks.append({"nasops.nas.nas_transcode": film})
            tasks.append({"nasops.nas.nas_share": {"path": f"{at}/in", "expires": "2099-01-01", "email": mail}})
            tasks += [
                fetch(src=f"{at}/film.mp4", dest=f"{tmp_path}/film.{rendition}", rendition=rendition)
                for rendition in ("flv", "flv_720", "mp3", "mp4_360", "mp4_720")
            ]
        results = do(tmp_path, device, tasks)
        assert [one["changed"] for one in results] == [True] * len(tasks), results


def test_a_search_by_each_time(tmp_path, place):
    device, folder, at = place("synology")
    (folder / "deep").mkdir()
    (folder / "deep" / "a").write_text("a")
    os.utime(folder / "deep" / "a", (1000000000, 1400000000))
    tasks = [
        {"nasops.nas.nas_find": {"paths": at, "recurse": True, "age": age, "age_stamp": stamp}}
        for stamp in ("atime", "crtime")
        for age in ("30d", "-30d")
    ]
    device.forget()
    by_atime = do(tmp_path, device, tasks)[:2]
    assert [[one["path"] for one in result["files"]] for result in by_atime] == [[f"{at}/deep/a"], []]
    sent = {name for entry in device.calls("SYNO.FileStation.Search/start") for name in entry["params"]}
    assert {f"{stamp}_{end}" for stamp in ("atime", "crtime") for end in ("from", "to")} <= sent
