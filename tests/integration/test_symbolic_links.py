# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Symbolic links on a NAS: found as links, not gone into, removed alone; where nobody tells them, a clear error."""

from __future__ import annotations

import os
import shutil

import pytest

from tests.support.playbooks import play, run

TOP = "/home/links"
PHOTOS = {"photos", "photos/a.jpg", "photos/deep", "photos/deep/b.jpg"}


def find(**options):
    options = {"paths": [f"{TOP}/tmp"], "recurse": True, "file_type": "any", **options}
    return {"nasops.nas.nas_find": options}


def absent(module, path, **options):
    return {f"nasops.nas.nas_{module}": {"path": path, "state": "absent", **options}}


def names(result):
    return [entry["path"][len(TOP) + 1 :] for entry in result["files"]]


def there(top):
    """All below a folder, without a step into a link."""
    return {
        os.path.relpath(os.path.join(folder, name), top)
        for folder, folders, files in os.walk(top)
        for name in (*folders, *files)
    }


@pytest.fixture
def top(one):
    """On each device: a folder with links to what lies beside it and two that lead back."""
    top = one.root / TOP[1:]
    shutil.rmtree(top, ignore_errors=True)
    (top / "photos" / "deep").mkdir(parents=True)
    (top / "photos" / "a.jpg").write_bytes(b"photo")
    (top / "photos" / "deep" / "b.jpg").write_bytes(b"deep")
    (top / "tmp" / "sub").mkdir(parents=True)
    (top / "tmp" / "x").write_bytes(b"12")
    (top / "tmp" / "sub" / "y").write_bytes(b"123")
    (top / "tmp" / "album").symlink_to("../photos")
    (top / "tmp" / "loop").symlink_to(".")
    (top / "tmp" / "sub" / "up").symlink_to("..")
    for path in (top / "tmp" / "x", top / "tmp" / "sub" / "y", top / "photos" / "a.jpg"):
        os.utime(path, (1000, 1000))
    one.forget()
    return top


REAL = ["tmp/album", "tmp/loop", "tmp/sub", "tmp/sub/up", "tmp/sub/y", "tmp/x"]
PACK = {"nasops.nas.nas_archive": {"path": f"{TOP}/tmp.zip", "sources": [f"{TOP}/tmp"]}}
COPY = {"nasops.nas.nas_copy": {"src": f"{TOP}/tmp", "dest": f"{TOP}/copy", "conflict": "overwrite"}}


@pytest.mark.parametrize("one", ["qnap", "freebox"], indirect=True)
def test_links_are_found_and_not_gone_into(tmp_path, one, top):
    hosts = {"it": one.variables()}
    stat = {"nasops.nas.nas_stat": {"path": [f"{TOP}/tmp/album", f"{TOP}/tmp/x"]}}
    reads = (find(), find(follow=True), find(hidden=True, patterns=["*.jpg"]), stat, PACK, COPY)
    outcome = run(tmp_path, play(*reads, ignore_errors=True), hosts, "--check")
    assert not one.writes()
    outcome = run(tmp_path, play(*reads, ignore_errors=True), hosts)
    plain, followed, hidden, reported, packed, copied = outcome.results()
    assert names(plain) == REAL, outcome.text
    assert {entry["path"][len(TOP) + 1 :] for entry in plain["files"] if entry["link"]} == {
        "tmp/album",
        "tmp/loop",
        "tmp/sub/up",
    }
    assert [entry["link"] for entry in reported["entries"]] == [True, False]
    if one.vendor == "freebox":
        assert names(followed) == sorted([*REAL, "tmp/album/a.jpg", "tmp/album/deep", "tmp/album/deep/b.jpg"])
        assert reported["entries"][0]["target"].rstrip("/").endswith("photos")
    else:
        assert followed["failure"]["kind"] == "protocol"
        assert reported["entries"][0]["target"] is None
    assert hidden["files"] == []
    assert [member["path"] for member in packed["members"]] == ["tmp", *REAL], outcome.text
    assert packed["changed"]
    assert copied["changed"], outcome.text
    assert (top / "copy" / "sub" / "y").read_bytes() == b"123"
    assert not (top / "copy" / "sub" / "up" / "x").exists() or (top / "copy" / "sub" / "up").is_symlink()
    again = run(tmp_path, play(PACK, COPY, ignore_errors=True), hosts)
    assert again.changed == {"it": 0}, again.text
    assert not any(result.get("failed") for result in again.results()), again.text


@pytest.mark.parametrize("one", ["qnap", "freebox"], indirect=True)
def test_what_is_old_goes_and_nothing_behind_links(tmp_path, one, top):
    hosts = {"it": one.variables()}
    old = {**find(file_type="file", age="1d"), "register": "old"}
    gone = {**absent("file", "{{ item.path }}"), "loop": "{{ old.files }}"}
    outcome = run(tmp_path, play(old, gone, ignore_errors=True), hosts)
    assert names(outcome.results()[0]) == ["tmp/sub/y", "tmp/x"], outcome.text
    assert {"photos", "photos/a.jpg", "photos/deep", "photos/deep/b.jpg"} < there(top)
    tasks = play(
        absent("file", f"{TOP}/tmp/loop"),
        absent("folder", [f"{TOP}/tmp/sub/up"]),
        absent("folder", [f"{TOP}/tmp/album"], recursive=True),
        absent("folder", [f"{TOP}/tmp"], recursive=True),
        ignore_errors=True,
    )
    one.forget()
    check = run(tmp_path, tasks, hosts, "--check")
    assert check.changed == {"it": 4}, check.text
    assert not one.writes()
    first, second = run(tmp_path, tasks, hosts), run(tmp_path, tasks, hosts)
    assert first.changed == {"it": 4}, first.text
    assert second.changed == {"it": 0}, second.text
    assert there(top) == PHOTOS


@pytest.mark.parametrize("one", ["qnap", "freebox"], indirect=True)
def test_a_link_itself_is_copied_moved_and_restored(tmp_path, one, top):
    hosts = {"it": one.variables()}
    (top / "tmp" / "dead").symlink_to("nowhere")
    moves = [
        {"nasops.nas.nas_copy": {"src": f"{TOP}/tmp/{name}", "dest": f"{TOP}/tmp/{name} 2"}}
        for name in ("album", "dead")
    ]
    moves += [
        {"nasops.nas.nas_copy": {"src": f"{TOP}/tmp/{name} 2", "dest": f"{TOP}/{name} 3", "state": "moved"}}
        for name in ("album", "dead")
    ]
    first = run(tmp_path, play(*moves, ignore_errors=True), hosts)
    assert first.changed == {"it": 4}, first.text
    for name, target in (("album", "../photos"), ("dead", "nowhere")):
        assert os.readlink(top / f"{name} 3") == os.readlink(top / "tmp" / name) == target
        assert not (top / "tmp" / f"{name} 2").is_symlink()
    again = run(tmp_path, play(*moves[2:], ignore_errors=True), hosts)
    assert again.changed == {"it": 0}, again.text
    tasks = play(absent("file", f"{TOP}/tmp/dead"), absent("folder", f"{TOP}/tmp/album"), ignore_errors=True)
    assert run(tmp_path, tasks, hosts).changed == {"it": 2}
    assert not {"tmp/dead", "tmp/album"} & there(top)
    if one.vendor == "qnap":
        back = {"nasops.nas.nas_recycle_bin": {"state": "restored", "path": [f"{TOP}/tmp/album"]}}
        through = {"nasops.nas.nas_recycle_bin": {"state": "restored", "path": [f"{TOP}/tmp/album/a.jpg"]}}
        refused, restored = run(tmp_path, play(through, back, ignore_errors=True), hosts).results()
        assert refused["failed"]
        assert restored["changed"]
        assert os.readlink(top / "tmp" / "album") == "../photos"
    assert there(top) > PHOTOS


@pytest.mark.parametrize("one", ["synology"], indirect=True)
def test_a_circle_that_nobody_tells_is_an_error(tmp_path, one, top):
    hosts = {"it": one.variables()}
    copy = {"nasops.nas.nas_copy": {"src": f"{TOP}/tmp", "dest": f"{TOP}/copy"}}
    outcome = run(
        tmp_path, play(find(), find(hidden=True), PACK, copy, find(hidden=True, depth=2), ignore_errors=True), hosts
    )
    searched, *endless, bounded = outcome.results()
    # Whether a search goes through links is the device's affair, but that it ends is not.
    assert searched.get("failed") or len(names(searched)) < 50, outcome.text
    for result in endless:
        assert result["failed"], outcome.text
        assert result["failure"]["kind"] == "protocol"
        assert "link" in result["failure"]["hint"]
    assert "tmp/loop/x" in names(bounded)
    assert not one.writes()
    tasks = play(
        absent("folder", [f"{TOP}/tmp/album"], recursive=True),
        absent("folder", [f"{TOP}/tmp"], recursive=True),
        ignore_errors=True,
    )
    assert run(tmp_path, tasks, hosts).changed == {"it": 2}
    assert there(top) == PHOTOS
