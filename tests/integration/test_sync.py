# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""nas_sync: only what differs travels, every file is whole, and what is not in the source goes when that is wished."""

from __future__ import annotations

import filecmp
import os
import shutil
import signal
import time
from pathlib import Path

import pytest

from tests.support.playbooks import (
    in_diff,
    job,
    play,
    run,
    started,
    where_to_ship,
)

UPLOADS = {"synology": "SYNO.FileStation.Upload/upload", "qnap": "upload", "freebox": "GET ws/upload"}
NOTE = ".nasops-sync"
PLAIN = {"a.txt": b"one", "empty.bin": b"", "deep/er/é b.txt": b"two", "deep/100% #1.txt": b"three"}


def sync(**options):
    return {"nasops.nas.nas_sync": options}


def tolerant(*tasks):
    return play(*({**task, "ignore_errors": True} for task in tasks))


def fill(folder: Path, files, mtime=1_700_000_000):
    for name, content in files.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
        os.utime(place, (mtime, mtime))
    return folder


def differences(one: Path, other: Path):
    """What `diff -r` would tell, but for our note."""
    found = filecmp.dircmp(one, other, ignore=[NOTE], hide=[])
    wrong = [*found.left_only, *found.right_only, *found.funny_files]
    _same, different, errors = filecmp.cmpfiles(one, other, found.common_files, shallow=False)
    wrong += [*different, *errors]
    for name in found.common_dirs:
        wrong += [f"{name}/{path}" for path in differences(one / name, other / name)]
    return sorted(wrong)


@pytest.fixture
def hosts(one):
    return {"it": one.variables()}


def test_a_folder_is_pushed_and_then_the_same(tmp_path, one, hosts, folder, at):
    source = fill(tmp_path / "files" / "site", {**PLAIN, "large.bin": os.urandom(300_000)})
    (source / "nothing" / "in it").mkdir(parents=True)
    tasks = play(sync(src="site", dest=at))
    there = folder / "site"

    checked = run(tmp_path, tasks, hosts, "--check", "--diff")
    assert checked.status == 0, checked.text
    result = checked.results()[0]
    assert result["changed"]
    assert result["counts"] == {"created": 9, "updated": 0, "deleted": 0, "unchanged": 0, "left_out": 0, "failed": 0}
    assert in_diff(result, "before")["entries"]["a.txt"] == "absent"
    assert in_diff(result, "after")["entries"]["a.txt"]["size"] == 3
    assert one.writes() == []
    assert list(folder.iterdir()) == []

    first = run(tmp_path, tasks, hosts)
    assert first.status == 0, first.text
    result = first.results()[0]
    assert result["changed"]
    assert result["created"] == sorted([*PLAIN, "deep", "deep/er", "large.bin", "nothing", "nothing/in it"])
    assert result["bytes_sent"] == 300_000 + sum(map(len, PLAIN.values()))
    assert result["dest"] == f"{at}/site"
    assert result["created_folders"] == [f"{at}/site"]
    assert differences(source, there) == []
    assert not one.unfinished()
    if one.vendor != "freebox":
        assert (there / "a.txt").stat().st_mtime == 1_700_000_000

    one.forget()
    second = run(tmp_path, play(sync(src=f"{source}/", dest=f"{at}/site/")), hosts, "--diff")
    assert second.status == 0, second.text
    assert not second.results()[0]["changed"]
    assert second.results()[0]["counts"]["unchanged"] == 9
    assert one.writes() == []


def test_only_what_differs_travels_and_what_is_gone_goes(tmp_path, one, hosts, folder, at):
    source = fill(tmp_path / "src", {**PLAIN, "same size": b"abc", "touched": b"t", "big": b"x" * 100_000})
    assert run(tmp_path, play(sync(src=f"{source}/", dest=at)), hosts).status == 0

    fill(source, {"same size": b"xyz", "a.txt": b"longer than before"}, mtime=1_700_000_100)
    fill(source, {"big": b"y" * 100_000}, mtime=1_700_000_100)
    fill(source, {"new/er/file": b"new"})
    os.utime(source / "touched", (1_700_000_200, 1_700_000_200))
    (source / "deep/er/é b.txt").unlink()
    (source / "deep/er").rmdir()
    (folder / "strange").write_text("not of the source")
    (folder / "keep.log").write_text("excluded")
    (folder / "kept" / "deep").mkdir(parents=True)
    (folder / "kept" / "deep" / "keep.log").write_text("excluded")
    (folder / "kept" / "other").write_text("goes")
    options = {"src": f"{source}/", "dest": f"{at}/", "delete": True, "exclude": ["*.log"]}
    gone = ["deep/er", "deep/er/é b.txt", "kept/other", "strange"]

    one.forget()
    checked = run(tmp_path, play(sync(**options)), hosts, "--check", "--diff")
    assert checked.status == 0, checked.text
    assert one.writes() == []
    done = run(tmp_path, play(sync(**options)), hosts, "--diff")
    assert done.status == 0, done.text
    for result in (checked.results()[0], done.results()[0]):
        assert result["changed"]
        assert result["created"] == ["new", "new/er", "new/er/file"]
        assert result["updated"] == ["a.txt", "big", "same size", "touched"]
        assert result["deleted"] == gone
        assert result["counts"]["unchanged"] == 3
        assert result["bytes_sent"] == 3 + 18 + 100_000 + 3 + 1
    assert checked.results()[0]["diff"] == done.results()[0]["diff"]
    assert (folder / "kept" / "deep" / "keep.log").read_text() == "excluded"
    assert differences(source, folder) == ["keep.log", "kept"]
    assert not one.unfinished()

    one.forget()
    again = run(tmp_path, play(sync(**options)), hosts)
    assert not again.results()[0]["changed"], again.text
    assert one.writes() == []
    # Login and logout, a stat of the folder, its list and those of deep, new, new/er, kept, kept/deep; the note.
    assert len(one.entries()) <= 13, [entry["call"] for entry in one.entries()]


def test_deletion_is_bounded(tmp_path, one, hosts, folder, at):
    source = fill(tmp_path / "src", {"a": b"a"})
    (tmp_path / "empty").mkdir()
    fill(folder / "other", {f"f{number}": b"x" for number in range(12)})
    link = folder / "link"
    if one.vendor != "synology":  # which does not tell links
        link.symlink_to("other")
    tasks = tolerant(
        sync(src=f"{source}/", dest="/home", delete=True),
        sync(src=f"{source}/", dest="/home/", delete=True, max_delete=-1),
        sync(src=f"{source}/", dest=f"{at}/", delete=True, max_delete=5),
        sync(src=f"{tmp_path}/empty/", dest=f"{at}/", delete=True, max_delete=5),
        sync(src=f"{source}/", dest=f"{at}/a.txt/..", delete=True),
    )
    one.forget()
    outcome = run(tmp_path, tasks, hosts)
    results = outcome.results()
    assert [result["failure"]["kind"] for result in results] == ["usage"] * 5, outcome.text
    assert "option delete" in results[0]["msg"]
    assert "max_delete is 5" in results[2]["msg"]
    assert one.writes() == []
    assert len(list((folder / "other").iterdir())) == 12
    if one.vendor == "synology":
        return
    # A link goes alone; what it leads to stays. Nothing is done through one.
    into = tolerant(
        sync(src=f"{source}/", dest=f"{at}/", delete=True, exclude=["/other"]),
    )
    outcome = run(tmp_path, into, hosts)
    assert outcome.results()[0]["deleted"] == ["link"], outcome.text
    assert not link.is_symlink()
    assert len(list((folder / "other").iterdir())) == 12
    link.symlink_to("other")
    fill(tmp_path / "src2", {"link/b": b"b"})
    through = tolerant(
        sync(src=f"{tmp_path}/src2/", dest=f"{at}/"),
        sync(src=f"{source}/", dest=f"{at}/link/", delete=True),
    )
    one.forget()
    outcome = run(tmp_path, through, hosts)
    assert [result["failure"]["kind"] for result in outcome.results()] == ["wrong_type"] * 2, outcome.text
    assert one.writes() == []
    assert len(list((folder / "other").iterdir())) == 12


def test_a_folder_is_pulled(tmp_path, one, hosts, folder, at):
    fill(folder / "docs", {**PLAIN, "big": os.urandom(200_000)})
    (folder / "docs" / "nothing").mkdir()
    for service in ("@eaDir", "#recycle", "@Recycle"):
        fill(folder / "docs" / service, {"thumb": b"x"})
    out = tmp_path / "out"
    tasks = play(sync(src=f"{at}/docs", dest=str(out), mode="pull"))
    checked = run(tmp_path, tasks, hosts, "--check", "--diff")
    assert checked.status == 0, checked.text
    assert not out.exists()
    first = run(tmp_path, tasks, hosts, "--diff")
    assert first.status == 0, first.text
    result = first.results()[0]
    assert result["created"] == checked.results()[0]["created"] == sorted([*PLAIN, "big", "deep", "deep/er", "nothing"])
    assert result["created_folders"] == [str(out), f"{out}/docs"]
    assert result["bytes_received"] == 200_000 + sum(map(len, PLAIN.values()))
    for service in ("@eaDir", "#recycle", "@Recycle"):
        assert not (out / "docs" / service).exists()
        shutil.move(folder / "docs" / service, tmp_path / f"{service}.{one.vendor}")
    assert differences(folder / "docs", out / "docs") == []
    assert (out / "docs" / "a.txt").stat().st_mtime == 1_700_000_000
    assert one.writes() == []

    one.forget()
    assert not run(tmp_path, tasks, hosts).results()[0]["changed"]
    assert len(one.entries()) <= 10, [entry["call"] for entry in one.entries()]

    # What differs comes, what is gone goes, links that lie here are not followed.
    fill(folder / "docs", {"a.txt": b"ONE"}, mtime=1_700_000_100)
    shutil.rmtree(folder / "docs" / "deep" / "er")
    (out / "docs" / "own").mkdir()
    (out / "docs" / "own" / "x").write_text("x")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "y").write_text("y")
    (out / "docs" / "link").symlink_to(tmp_path / "elsewhere")
    done = run(tmp_path, play(sync(src=f"{at}/docs/", dest=f"{out}/docs", mode="pull", delete=True)), hosts)
    assert done.status == 0, done.text
    assert done.results()[0]["updated"] == ["a.txt"]
    assert done.results()[0]["deleted"] == ["deep/er", "deep/er/é b.txt", "link", "own", "own/x"]
    assert differences(folder / "docs", out / "docs") == []
    assert (tmp_path / "elsewhere" / "y").read_text() == "y"
    assert list(out.rglob(".nasops*")) == []
    assert one.writes() == []


def test_a_tree_that_is_pushed_and_pulled_is_the_same(tmp_path, one, hosts, folder, at):
    source = fill(tmp_path / "src", {**PLAIN, "big": os.urandom(100_000)})
    back = tmp_path / "back"
    push, pull = sync(src=f"{source}/", dest=at), sync(src=f"{at}/", dest=str(back), mode="pull")
    outcome = run(tmp_path, play(push, pull, pull, push, sync(src=f"{back}/", dest=at)), hosts)
    assert [result["changed"] for result in outcome.results()] == [True, True, False, False, False], outcome.text
    assert differences(source, back) == []
    assert (back / "a.txt").stat().st_mtime == 1_700_000_000
    # Somebody changes a file of the same size on either side.
    fill(folder, {"a.txt": b"ENO"}, mtime=1_700_000_900)
    outcome = run(tmp_path, play(push, pull), hosts)
    assert outcome.results()[0]["updated"] == ["a.txt"], outcome.text
    assert (folder / "a.txt").read_bytes() == b"one"
    # By their content, whatever the times.
    os.utime(source / "big", (5, 5))
    fill(source, {"a.txt": b"ENO"})
    by_content = sync(src=f"{source}/", dest=at, compare="checksum")
    outcome = run(tmp_path, play(by_content, by_content), hosts)
    assert [result["updated"] for result in outcome.results()] == [["a.txt"], []], outcome.text
    assert not outcome.results()[1]["changed"]


def test_links_odd_names_and_what_is_no_file(tmp_path, one, hosts, folder, at):
    source = fill(tmp_path / "src", {"a": b"a", "dir/b": b"b", "#hash": b"h", "tab\tand\n": b"t", "quote\"'": b"q"})
    fill(
        source,
        {
            "%41": b"p",
            "漢字 ü/c": b"c",
            "-rf": b"r",
            "_sn_x": b"s",
            "@eaDir/x": b"x",
            ".nasops-x": b"n",
            ".hidden": b"d",
        },
    )
    fill(tmp_path / "elsewhere", {"e": b"e"})
    (source / "to-file").symlink_to("a")
    (source / "to-dir").symlink_to(tmp_path / "elsewhere")
    os.mkfifo(source / "pipe")
    tasks = tolerant(
        sync(src=f"{source}/", dest=at, links="error"),
        sync(src=f"{source}/", dest=at),
        sync(src=f"{source}/", dest=at, links="follow"),
    )
    outcome = run(tmp_path, tasks, hosts)
    assert len(outcome.results()) == 3, outcome.text
    strict, skipped, followed = outcome.results()
    assert "is a symbolic link" in strict["msg"]
    assert skipped["left_out"] == ["pipe", "to-dir", "to-file"]
    assert followed["left_out"] == ["pipe"]
    odd = {"_sn_x"} if one.vendor == "qnap" else set()  # which it keeps for itself
    for result in (skipped, followed):
        assert {one["path"] for one in result.get("failed_files", ())} == odd, outcome.text
        assert result["failed"] is bool(odd)
        assert result["counts"]["failed"] == len(odd)
    assert followed["created"] == ["to-dir", "to-dir/e", "to-file"]
    (source / "pipe").unlink()
    shutil.rmtree(source / "@eaDir")
    (source / ".nasops-x").unlink()
    assert set(differences(source, folder)) == odd
    assert not one.unfinished()

    # A circle, a link to nothing: of that file alone. Names that a device takes for one: before anything is sent.
    (source / "dir" / "circle").symlink_to(source / "dir")
    (source / "broken").symlink_to("nothing")
    fill(tmp_path / "alike", {"x/Readme": b"1", "x/README": b"2"})
    one.forget()
    tasks = tolerant(
        sync(src=f"{source}/", dest=at, links="follow", exclude=["tab*", "_sn*"]),
        sync(src=f"{tmp_path}/alike/", dest=f"{at}/alike"),
        sync(src="nowhere/", dest=at),
        sync(src=f"{source}/a", dest=at),
        sync(src="", dest=at, delete=True),
        sync(src="nowhere/", dest=at, parallel="many"),
        sync(src="nowhere/", dest=at, destination=at),
        sync(src="nowhere/"),
    )
    fill(tmp_path / "files", {"of the play": b"x"})
    outcome = run(tmp_path, tasks, hosts)
    circle, alike, nowhere, no_folder, empty, *wrong = outcome.results()
    assert {one["path"] for one in circle["failed_files"]} == {"broken", "dir/circle"}, outcome.text
    assert circle["failure"]["kind"] == "usage"
    assert "Readme" in alike["msg"]
    assert "option src" in nowhere["msg"]
    assert "is no folder" in no_folder["msg"]
    assert "option src: '' is no path" in empty["msg"]
    for result, word in zip(wrong, ("parallel", "Unsupported parameters", "dest"), strict=True):
        assert word in result["msg"]
        assert "nowhere" not in result["msg"]
    assert one.writes() == []


ERRORS = {"synology": {"error": 418}, "qnap": {"error": 12}, "freebox": {"error": "access_denied"}}


def test_a_failure_of_one_file_stops_nothing_and_a_general_one_all(tmp_path, one, hosts, folder, at):
    source = fill(tmp_path / "src", {f"f{number}": b"%d" % number for number in range(10)})
    (folder / "extra").write_text("stays when something has failed")
    options = {"src": f"{source}/", "dest": f"{at}/", "delete": True, "parallel": 2}
    one.faults({"call": one.told("upload_start"), "after": 3, "times": 1, "do": ERRORS[one.vendor]})
    outcome = run(tmp_path, play(sync(**options)), hosts)
    result = outcome.results()[0]
    assert outcome.status != 0
    assert result["changed"]
    assert result["failed"]
    assert result["counts"] == {"created": 9, "updated": 0, "deleted": 0, "unchanged": 0, "left_out": 0, "failed": 1}
    assert result["failed_files"][0]["path"] not in result["created"]
    assert result["failure"]["vendor"] == one.vendor
    assert "nothing was deleted" in result["msg"]
    assert (folder / "extra").exists()
    assert differences(source, folder) == sorted(["extra", result["failed_files"][0]["path"]])
    one.faults()
    outcome = run(tmp_path, play(sync(**options)), hosts)
    assert outcome.results()[0]["counts"] == {
        "created": 1,
        "updated": 0,
        "deleted": 1,
        "unchanged": 9,
        "left_out": 0,
        "failed": 0,
    }, outcome.text
    assert differences(source, folder) == []

    # A full disk.
    fill(source, {f"g{number}": b"g" * 1000 for number in range(10)})
    one.faults({"call": one.told("upload_start"), "after": 4, "times": 0, "do": {"disk_full": {"at_bytes": 100}}})
    outcome = run(tmp_path, play(sync(**options)), hosts)
    result = outcome.results()[0]
    assert result["failure"]["kind"] in ("no_space", "quota_exceeded"), outcome.text
    assert 0 < result["counts"]["created"] < 10
    one.faults()
    outcome = run(tmp_path, play(sync(**options)), hosts)
    assert outcome.results()[0]["counts"]["created"] == 10 - result["counts"]["created"]
    assert differences(source, folder) == []
    assert not one.unfinished()


def test_patterns_vaults_and_places(tmp_path, one, hosts, folder, at, vaulted):
    files = tmp_path / "files"
    fill(files / "web", {"index.html": b"i", "a.bak": b"b", "keep.bak": b"k", "cache/x": b"x", "sub/cache/y": b"y"})
    shutil.move(files / "secret.txt", files / "web" / "secret.txt")
    with_key = ["--vault-password-file", str(vaulted)]
    pick = {"exclude": ["*.bak", "/cache/"], "include": ["keep.bak"]}
    outcome = run(tmp_path, play(*[sync(src="web", dest=at, **pick)] * 2), hosts, "--diff", *with_key)
    first, second = outcome.results()
    assert first["created"] == ["index.html", "keep.bak", "secret.txt", "sub", "sub/cache", "sub/cache/y"]
    assert not second["changed"], outcome.text
    assert (folder / "web" / "secret.txt").read_text() == "the combination is 1234\n"
    assert "1234" not in outcome.text

    # As it is; and by a job, which has no key to vaults.
    delegated = job({**sync(src="web", dest=f"{at}/job"), "ignore_errors": True}, ignore_errors=True)
    tasks = play(sync(src="web/", dest=f"{at}/raw", decrypt=False), *delegated)
    here = {"localhost": {"ansible_connection": "local", **where_to_ship(tmp_path)}}
    outcome = run(tmp_path, [{**tasks[0], "hosts": "it"}], {**hosts, **here}, *with_key)
    assert (folder / "raw" / "secret.txt").read_text().startswith("$ANSIBLE_VAULT")
    assert (folder / "job" / "web" / "index.html").read_text() == "i"
    failed = outcome.results()[-1]["failed_files"]
    assert [one["path"] for one in failed] == ["secret.txt"], outcome.text
    assert "decrypt" in failed[0]["msg"]


def test_where_it_is_delegated_src_is_a_folder_there(tmp_path, one, hosts, folder, at):
    plugins = {"ANSIBLE_CONNECTION_PLUGINS": str(Path(__file__).parents[1] / "support" / "connection")}
    source = fill(tmp_path / "there", PLAIN)
    machine = {"bastion": {"ansible_host": "192.0.2.2", "ansible_connection": "elsewhere", **where_to_ship(tmp_path)}}
    task = {**sync(src=f"{source}/", dest=at), "delegate_to": "bastion"}
    back = {**sync(src=f"{at}/", dest=f"{tmp_path}/back", mode="pull"), "delegate_to": "bastion"}
    outcome = run(tmp_path, [{**play(task, task, back)[0], "hosts": "it"}], {**hosts, **machine}, **plugins)
    assert [result["changed"] for result in outcome.results()] == [True, False, True], outcome.text
    assert differences(source, folder) == []
    assert differences(source, tmp_path / "back") == []


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_an_interrupted_run_goes_on(tmp_path, one, hosts, folder, at, number):
    source = fill(tmp_path / "src", {f"d{n % 7}/f{n:03}": b"content %d" % n for n in range(300)})
    options = {"src": f"{source}/", "dest": at}
    process = started(tmp_path, play(sync(**options)), hosts)
    until = time.monotonic() + 60
    while len(one.calls(one.told("upload_start"))) < 60:
        assert process.poll() is None, process.stdout.read()
        assert time.monotonic() < until
        time.sleep(0.01)
    (os.killpg if number == signal.SIGKILL else os.kill)(process.pid, number)
    text, _errors = process.communicate(timeout=60)
    assert "Traceback" not in text
    done = [path for path in folder.rglob("*") if path.is_file() and not path.name.startswith(".nasops-")]
    for path in done:
        assert path.read_bytes() == (source / path.relative_to(folder)).read_bytes()
    if number == signal.SIGINT:
        assert not one.unfinished()

    one.forget()
    outcome = run(tmp_path, play(sync(**options)), hosts)
    result = outcome.results()[0]
    assert outcome.status == 0, outcome.text
    sent = one.calls(one.told("upload_start"))
    assert len(sent) <= 300 - len(done) + 30  # the note too, and QNAP's without a time as yet
    assert result["counts"]["unchanged"] >= len(done) - 30
    assert differences(source, folder) == []
    assert not one.unfinished()
    assert not run(tmp_path, play(sync(**options)), hosts).results()[0]["changed"]
