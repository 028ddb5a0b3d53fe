# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""nas_fetch: what comes is whole, comes once, and nothing on the NAS changes by it."""

from __future__ import annotations

import hashlib
import os
import stat
import zipfile

import pytest
from PIL import Image

from tests.support.devices import DOWNLOADS
from tests.support.playbooks import play, run


def fetch(**options):
    return {"nasops.nas.nas_fetch": options}


def tolerant(*tasks):
    return play(*({**task, "ignore_errors": True} for task in tasks))


@pytest.fixture
def hosts(one):
    return {"it": one.variables()}


def changes(tmp_path, hosts, tasks, *arguments):
    outcome = run(tmp_path, tasks, hosts, *arguments)
    assert outcome.status == 0, outcome.text
    return [result["changed"] for result in outcome.results()]


def test_what_a_killed_fetch_left_goes_with_the_next_one(tmp_path, hosts, folder, at):
    (folder / "a.txt").write_text("one")
    left = tmp_path / ".nasops-0a1b2c3d.part"
    left.write_text("half")
    tasks = play(fetch(src=f"{at}/a.txt", dest=f"{tmp_path}/a.txt"))
    assert changes(tmp_path, hosts, tasks, "--check") == [True]
    assert left.exists()
    assert changes(tmp_path, hosts, tasks) == [True]
    assert not left.exists()
    assert changes(tmp_path, hosts, tasks) == [False]


def test_files(tmp_path, one, hosts, folder, at):
    out = tmp_path / "out"
    out.mkdir()
    (folder / "a.txt").write_text("one")
    (folder / "100% #1 é.txt").write_text("odd")
    (folder / "empty").write_text("")
    (folder / "big.bin").write_bytes(os.urandom(3_000_000))
    os.utime(folder / "a.txt", (1000, 1000))
    tasks = play(
        fetch(src=f"{at}/a.txt", dest=f"{out}"),
        fetch(src=[f"{at}/100% #1 é.txt"], dest=f"{out}/new/", parents=True, mode="0600"),
        fetch(src=f"{at}/empty", dest=f"{out}/deep/er/nothing", parents=True),
        fetch(src=f"{at}/big.bin", dest=f"{out}/big", mode="u=rw,g=r,o=", owner=os.getuid(), group=os.getgid()),
    )
    assert changes(tmp_path, hosts, tasks, "--check", "--diff") == [True] * 4
    assert list(out.iterdir()) == []
    first = run(tmp_path, tasks, hosts, "--diff")
    assert [result["changed"] for result in first.results()] == [True] * 4, first.text
    assert first.results()[2]["created_folders"] == [f"{out}/deep", f"{out}/deep/er"]
    algorithm, _colon, digits = first.results()[3]["checksum"].partition(":")
    assert digits == hashlib.new(algorithm, (folder / "big.bin").read_bytes()).hexdigest()
    assert first.results()[0]["dest"] == f"{out}/a.txt"
    assert (out / "a.txt").read_text() == "one"
    assert (out / "a.txt").stat().st_mtime == 1000
    assert (out / "new" / "100% #1 é.txt").read_text() == "odd"
    assert stat.S_IMODE((out / "new" / "100% #1 é.txt").stat().st_mode) == 0o600
    assert stat.S_IMODE((out / "big").stat().st_mode) == 0o640
    assert (out / "big").read_bytes() == (folder / "big.bin").read_bytes()
    one.forget()
    assert changes(tmp_path, hosts, tasks) == [False] * 4
    assert one.calls(DOWNLOADS[one.vendor]) == []

    # Other sizes, other bytes, another mode, and a local file that somebody changed.
    (folder / "a.txt").write_text("two")
    (folder / "100% #1 é.txt").write_text("odder")
    (out / "deep" / "er" / "nothing").write_text("something")
    os.chmod(out / "big", 0o644)
    assert changes(tmp_path, hosts, tasks, "--check") == [True] * 4
    assert (out / "a.txt").read_text() == "one"
    assert changes(tmp_path, hosts, tasks, "--diff") == [True] * 4
    assert (out / "a.txt").read_text() == "two"
    assert (out / "new" / "100% #1 é.txt").read_text() == "odder"
    assert stat.S_IMODE((out / "new" / "100% #1 é.txt").stat().st_mode) == 0o600
    assert (out / "deep" / "er" / "nothing").read_bytes() == b""
    assert stat.S_IMODE((out / "big").stat().st_mode) == 0o640
    assert len(one.calls(DOWNLOADS[one.vendor])) == 3
    assert changes(tmp_path, hosts, tasks) == [False] * 4

    # Fetched all the same, and found to be the same.
    one.forget()
    assert changes(tmp_path, hosts, play(fetch(src=f"{at}/a.txt", dest=f"{out}", force=True))) == [False]
    assert len(one.calls(DOWNLOADS[one.vendor])) == 1
    assert one.writes() == []
    assert not list(out.rglob(".nasops*"))


def test_folders_as_zip(tmp_path, nas):
    out = tmp_path / "out.zip"
    for vendor in ("synology", "qnap"):
        hosts = {"it": nas[vendor].variables()}
        folder = nas[vendor].root / "home" / "zipped"
        (folder / "deep" / "é").mkdir(parents=True)
        (folder / "a").write_text("one")
        (folder / "deep" / "é" / "b").write_text("three")
        (folder.parent / "beside").write_text("x")
        several = fetch(src=["/home/zipped/a", "/home/zipped/deep"], dest=f"{tmp_path}/several.zip")
        tasks = play(fetch(src="/home/zipped", dest=str(out)), several, fetch(src="/home/zipped/", dest=f"{tmp_path}"))
        assert changes(tmp_path, hosts, tasks, "--check") == [True] * 3
        assert not out.exists()
        assert changes(tmp_path, hosts, tasks) == [True] * 3
        for name in (out, tmp_path / "zipped.zip", tmp_path / "several.zip"):
            with zipfile.ZipFile(name) as archive:
                held = {member.filename.split("/")[-1]: archive.read(member) for member in archive.infolist()}
            assert {"a": b"one", "b": b"three"}.items() <= held.items()
        nas[vendor].forget()
        assert changes(tmp_path, hosts, tasks) == [False] * 3
        assert nas[vendor].calls(DOWNLOADS[vendor]) == []
        # A change deep in it, and a damaged zip that kept its time.
        (folder / "deep" / "é" / "b").write_text("four")
        (folder / "deep" / "é" / "c").write_text("")
        times = os.stat(tmp_path / "zipped.zip")
        (tmp_path / "zipped.zip").write_bytes(b"no zip")
        os.utime(tmp_path / "zipped.zip", ns=(times.st_atime_ns, times.st_mtime_ns))
        assert changes(tmp_path, hosts, tasks, "--check") == [True] * 3
        assert changes(tmp_path, hosts, tasks) == [True] * 3
        assert changes(tmp_path, hosts, tasks) == [False] * 3
        # A zip that breaks off must not take the place of a whole one.
        (folder / "a").write_text("changed")
        before = out.read_bytes()
        nas[vendor].faults({"call": DOWNLOADS[vendor], "times": 1, "do": {"truncate": 60}})
        outcome = run(tmp_path, play(fetch(src="/home/zipped", dest=str(out))), hosts)
        assert outcome.results()[0]["failed"], outcome.text
        assert out.read_bytes() == before
        assert nas[vendor].writes() == []
        for path in (out, tmp_path / "zipped.zip", tmp_path / "several.zip"):
            path.unlink()


def test_pictures_and_films(tmp_path, nas):
    sizes = {"synology": 1280, "qnap": 640}
    for vendor, longest in sizes.items():
        device = nas[vendor]
        hosts = {"it": device.variables()}
        place = device.root / "home" / "pictures"
        place.mkdir()
        Image.new("RGB", (2000, 1000), "red").save(place / "red.png")
        (place / "note.txt").write_text("no picture")
        out = tmp_path / f"{vendor}.jpg"
        task = fetch(src="/home/pictures/red.png", dest=str(out), rendition="thumbnail", size="large")
        assert changes(tmp_path, hosts, play(task), "--check") == [True]
        assert changes(tmp_path, hosts, play(task)) == [True]
        with Image.open(out) as picture:
            assert max(picture.size) == longest
        assert changes(tmp_path, hosts, play(task)) == [False]
        Image.new("RGB", (1000, 2000), "blue").save(place / "red.png")
        os.utime(place / "red.png", (2000, 2000))
        assert changes(tmp_path, hosts, play(task), "--check") == [True]
        assert changes(tmp_path, hosts, play(task)) == [True]
        with Image.open(out) as picture:
            assert picture.size == (longest // 2, longest)
        wrong = [
            fetch(src="/home/pictures/note.txt", dest=f"{tmp_path}/x", rendition="thumbnail"),
            fetch(src="/home/pictures", dest=f"{tmp_path}/x", rendition="thumbnail"),
            fetch(src="/home/pictures/none.png", dest=f"{tmp_path}/x", rendition="thumbnail"),
        ]
        results = run(tmp_path, tolerant(*wrong), hosts).results()
        assert [result["failure"]["kind"] for result in results] == ["unsupported", "wrong_type", "not_found"]
    place = nas["qnap"].root / "home" / "films"
    place.mkdir()
    (place / "film.mp4").write_bytes(b"film" * 1000)
    hosts = {"it": nas["qnap"].variables()}
    tasks = [
        fetch(src="/home/films/film.mp4", dest=f"{tmp_path}/film.flv", rendition="flv"),
        fetch(src="/home/films/film.mp4", dest=f"{tmp_path}/film.mp4", rendition="mp4_720"),
    ]
    made, missing = run(tmp_path, tolerant(*tasks), hosts).results()
    assert made["changed"]
    assert (tmp_path / "film.flv").read_bytes().startswith(b"FLV")
    assert missing["failure"]["kind"] == "not_found"
    assert changes(tmp_path, hosts, play(tasks[0])) == [False]


@pytest.mark.parametrize("one", ["qnap", "freebox"], indirect=True)
def test_share_links(tmp_path, one, hosts, folder, at):
    (folder / "shared.txt").write_text("for all")
    # Not in the play itself, which Ansible quotes when a task fails.
    hosts["it"]["secret"] = "open sesame"
    secret = {} if one.vendor == "freebox" else {"link_password": "{{ secret }}"}
    link = {"nasops.nas.nas_share": {"path": [f"{at}/shared.txt"], **secret}, "register": "made"}
    url = "{{ made.links[0].url }}"
    got = fetch(url=url, dest=f"{tmp_path}/got", **secret)
    wrong = {**fetch(url=url, dest=f"{tmp_path}/not", link_password="guessed wrongly"), "ignore_errors": True}
    first = run(tmp_path, play(link, got, wrong), hosts, "-vvv")
    assert first.status == 0, first.text
    assert "sesame" not in first.text
    _made, fetched, refused = first.results()
    assert fetched["changed"]
    assert (tmp_path / "got").read_text() == "for all"
    assert refused["failure"]["kind"] == ("unsupported" if one.vendor == "freebox" else "permission_denied")
    assert not (tmp_path / "not").exists()
    assert changes(tmp_path, hosts, play(link, got)) == [False, False]
    (folder / "shared.txt").write_text("for many")
    # In check mode too, it is fetched to know whether it is something else.
    read = {**link, "check_mode": False}
    assert changes(tmp_path, hosts, play(read, got), "--check") == [False, True]
    assert (tmp_path / "got").read_text() == "for all"
    assert changes(tmp_path, hosts, play(link, got)) == [False, True]
    assert (tmp_path / "got").read_text() == "for many"


def test_the_report(tmp_path, nas):
    task = fetch(report=True, dest=f"{tmp_path}/report", mode="0600")
    outcome = run(tmp_path, play(task), {"it": nas["qnap"].variables()})
    assert outcome.changed == {"it": 1}, outcome.text
    assert stat.S_IMODE((tmp_path / "report").stat().st_mode) == 0o600
    assert (tmp_path / "report").stat().st_size == outcome.results()[0]["size"] > 0
    assert nas["qnap"].writes() == []
    (refused,) = run(tmp_path, play(task), {"it": nas["freebox"].variables()}).results()
    assert refused["failure"]["kind"] == "unsupported"
    assert "qnap" in refused["failure"]["hint"]


BAD = [
    (fetch(src="home/a", dest="x"), ["option src", "'home/a'", "slash"]),
    (fetch(dest="x"), ["src", "url", "report"]),
    (fetch(report=False, dest="x"), ["src", "url", "report"]),
    (fetch(src="/home/a", url="http://x", dest="x"), ["mutually exclusive"]),
    (fetch(url="ftp://x", dest="x"), ["option url", "'ftp://x'"]),
    (fetch(src=["/home/a", "/home/b"], dest="x", rendition="thumbnail"), ["option rendition", "one"]),
    (fetch(src="/home/a", dest="x", rendition="gif"), ["rendition", "gif", "thumbnail"]),
    (fetch(src="/home/a", dest="x", rendition="flv"), ["freebox", "'flv'", "qnap"]),
    (fetch(src="/home/a", dest="x", rendition="thumbnail"), ["freebox", "thumbnails", "qnap, synology"]),
    (fetch(src="/home/a", dest="x", size="small"), ["size", "rendition"]),
    (fetch(src=["/home/a", "/home/b"], dest="x"), ["freebox", "zips", "qnap, synology"]),
    (fetch(url="http://x/y", link_password="sesame", dest="x"), ["freebox", "passwords of share links", "qnap"]),
    (fetch(src="/home/a", dest="/no/such/folder/x"), ["option dest", "/no/such/folder", "parents"]),
    (fetch(src="/home/a", dest="x", mode="rw"), ["option mode", "'rw'", "0644"]),
    (fetch(src="/home/a", dest="x", owner="no-such-name"), ["option owner", "'no-such-name'"]),
]


def test_bad_options_end_before_any_call(tmp_path, nas):
    results = run(tmp_path, tolerant(*(task for task, _words in BAD)), {"it": nas["freebox"].variables()}).results()
    for (_task, words), result in zip(BAD, results, strict=True):
        assert result["failed"]
        assert [word for word in words if word not in result["msg"]] == []
    assert nas["freebox"].log() == []


def test_what_goes_wrong(tmp_path, one, hosts, folder, at):
    (folder / "a").write_text("a" * 5000)
    (folder / "f").mkdir()
    out = tmp_path / "out"
    out.write_text("old")
    (tmp_path / "dir").mkdir()
    wrong = [fetch(src=f"{at}/none", dest=str(out))]
    kinds = ["not_found"]
    if one.vendor == "freebox":
        wrong.append(fetch(src=f"{at}/f", dest=str(out)))
        kinds.append("unsupported")
    else:
        wrong.append(fetch(src=[f"{at}/a", f"{at}/f"], dest=f"{tmp_path}/dir"))
        kinds.append("usage")
    results = run(tmp_path, tolerant(*wrong), hosts).results()
    assert [result["failure"]["kind"] for result in results] == kinds
    may_be_created_earlier = run(
        tmp_path, play(wrong[0], fetch(src=f"{at}/a", dest=f"{tmp_path}/n/x")), hosts, "--check"
    )
    assert may_be_created_earlier.changed == {"it": 2}, may_be_created_earlier.text
    assert all("a task before this one" in result["warnings"][0] for result in may_be_created_earlier.results())
    one.faults({"call": DOWNLOADS[one.vendor], "times": 0, "do": {"truncate": 3000}})
    (failed,) = run(tmp_path, play(fetch(src=f"{at}/a", dest=str(out))), hosts).results()
    assert failed["failure"]["kind"] in ("mismatch", "connection"), failed
    assert out.read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir() if "nasops-" in path.name) == []


def test_a_device_without_checksums_is_compared_by_time(tmp_path, start):
    nas = start("qnap", profile="qts4")
    hosts = {"it": nas.variables()}
    (nas.root / "home" / "a").write_text("one")
    task = play(fetch(src="/home/a", dest=f"{tmp_path}/a"))
    assert changes(tmp_path, hosts, task) == [True]
    assert changes(tmp_path, hosts, task) == [False]
    (nas.root / "home" / "a").write_text("two")
    os.utime(nas.root / "home" / "a", (3000, 3000))
    assert changes(tmp_path, hosts, task, "--check") == [True]
    assert changes(tmp_path, hosts, task) == [True]
    assert (tmp_path / "a").read_text() == "two"
