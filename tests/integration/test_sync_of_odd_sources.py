# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""nas_sync in this process, where a source can be changed while it is read, and a device be full of entries."""

from __future__ import annotations

import os

import pytest
from ansible_collections.nasops.nas.plugins.module_utils._core import marks
from ansible_collections.nasops.nas.plugins.module_utils._core.sources import FileSource
from ansible_collections.nasops.nas.plugins.module_utils._delivery import local_file, sync

from tests.support.devices import VENDORS
from tests.support.local import LocalDevice
from tests.trials import tasks

NOTE = ".nasops-sync"
MARK = ".nasops-replacing"


@pytest.fixture(scope="module", params=VENDORS)
def served(request, tmp_path_factory):
    with LocalDevice(request.param, tmp_path_factory.mktemp(request.param) / "nas") as device:
        yield device


@pytest.fixture
def device(served):
    served.reset()
    return served


@pytest.fixture
def source(tmp_path):
    folder = tmp_path / "src"
    folder.mkdir()
    for number in range(6):
        (folder / f"f{number}").write_bytes(b"%d" % number * 1000)
        os.utime(folder / f"f{number}", (1_700_000_000, 1_700_000_000))
    return folder


def push(device, source, tmp_path, *, check=False, **options):
    given = {"src": f"{source}/", "dest": "/home/x", **options}
    return tasks.execute(device, "nas_sync", given, tmp_path, check=check)


def ours(device):
    """What is left of a run; a recycle bin may keep what was replaced."""
    found = [path for path in device.tree() if "/.nasops-" in path and not path.endswith(NOTE)]
    return [path for path in found if not {"@Recycle", "#recycle"} & set(path.split("/"))]


class Restless(FileSource):
    """A file that somebody writes to while it is read."""

    change: tuple = ("f2", b"+")

    def _open(self):
        stream = super()._open()
        name, more = self.change
        if self.filename.endswith(name):
            with open(self.filename, "ab" if more else "wb") as other:
                other.write(more)
        return stream


@pytest.mark.parametrize("more", [b"", b"+"], ids=["shorter", "longer"])
@pytest.mark.parametrize("parallel", [1, 3])
def test_a_source_that_changes_while_it_is_sent(device, source, tmp_path, monkeypatch, more, parallel):
    assert push(device, source, tmp_path)["changed"]
    old = device.tree()["/home/x/f2"]
    for number in range(6):
        os.utime(source / f"f{number}", (1_700_000_009, 1_700_000_009))
        (source / f"f{number}").write_bytes(b"n" * 1000)
    monkeypatch.setattr(Restless, "change", ("f2", more))
    monkeypatch.setattr(sync, "FileSource", Restless)
    result = push(device, source, tmp_path, parallel=parallel)
    assert result["failed"]
    assert [one["path"] for one in result["failed_files"]] == ["f2"]
    assert result["failed_files"][0]["kind"] == "mismatch"
    assert result["updated"] == ["f0", "f1", "f3", "f4", "f5"]
    assert device.tree()["/home/x/f2"] == old
    assert ours(device) == []
    monkeypatch.undo()
    assert push(device, source, tmp_path)["updated"] == ["f2"]


def test_a_source_that_vanishes(device, source, tmp_path, monkeypatch):
    original = sync.Push._stage

    def stage(self, files, path):
        if path == "f3":
            (source / "f3").unlink()
        return original(self, files, path)

    monkeypatch.setattr(sync.Push, "_stage", stage)
    result = push(device, source, tmp_path)
    assert [one["path"] for one in result["failed_files"]] == ["f3"]
    assert "no longer there" in result["msg"]
    assert result["counts"]["created"] == 5
    assert ours(device) == []


def test_what_cannot_be_compared_is_neither_sent_nor_deleted(device, source, tmp_path):
    assert push(device, source, tmp_path)["changed"]
    (source / "f1").write_bytes(b"changed")
    before = device.tree()
    device.faults = [
        {"call": call, "after": 2, "times": 1, "do": {"error": code}}
        for call, code in (
            ("SYNO.FileStation.Download/download", 407),
            ("download", 4),
            ("GET dl/*", "access_denied"),
        )
    ]
    result = push(device, source, tmp_path, compare="checksum", delete=True, parallel=1)
    assert len(result["failed_files"]) == 1, result
    path = result["failed_files"][0]["path"]
    assert path not in result["updated"] + result["unchanged"] + result["deleted"]
    assert device.tree()[f"/home/x/{path}"] == before[f"/home/x/{path}"]
    assert result["updated"] == ([] if path == "f1" else ["f1"])
    device.faults = []
    assert not push(device, source, tmp_path, compare="checksum").get("failed")


def test_what_cannot_be_made_concerns_what_is_in_it(device, source, tmp_path):
    odd = os.fsencode(source) + b"/\xff"
    with open(odd, "w", encoding="utf-8") as file:
        file.write("x")
    for name in ("good/deep/x", "_sn_bad/deep/y", "_sn_bad/z"):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text("x")
    result = push(device, source, tmp_path)
    bad = ["_sn_bad"] if device.vendor == "qnap" else []
    assert [one["path"] for one in result["failed_files"]] == ["\udcff", *bad]
    assert result["failed_files"][0]["kind"] == "invalid_name"
    made = ["good", "good/deep", "good/deep/x", *(f"f{number}" for number in range(6))]
    made += [] if bad else ["_sn_bad", "_sn_bad/deep", "_sn_bad/deep/y", "_sn_bad/z"]
    assert result["created"] == sorted(made)
    assert ours(device) == []


def test_nothing_is_deleted_through_a_link_here(device, source, tmp_path):
    assert push(device, source, tmp_path)["changed"]
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "own").write_text("x")
    (tmp_path / "link").symlink_to("real")
    pull = {"src": "/home/x/", "dest": str(tmp_path / "link"), "mode": "pull", "delete": True}
    result = tasks.execute(device, "nas_sync", pull, tmp_path)
    assert "symbolic link" in result["msg"]
    assert os.listdir(tmp_path / "real") == ["own"]
    assert tasks.execute(device, "nas_sync", {**pull, "delete": False}, tmp_path)["counts"]["created"] == 6
    assert (tmp_path / "real" / "f0").exists()


def test_many_entries(device, tmp_path):
    source = tmp_path / "many"
    for folder in range(20):
        (source / f"d{folder}").mkdir(parents=True)
        (device.root / "home" / "x" / f"d{folder}").mkdir(parents=True)
        for number in range(250):
            for place in (source, device.root / "home" / "x"):
                file = place / f"d{folder}" / f"f{number}"
                file.write_bytes(b"")
                os.utime(file, (1_700_000_000, 1_700_000_000))
    before = device.requests
    result = push(device, source, tmp_path)
    assert not result["changed"]
    assert result["counts"]["unchanged"] == 5020
    assert device.requests - before < 21 + 15


def test_a_pull_that_is_cut_leaves_the_old_file(device, source, tmp_path):
    assert push(device, source, tmp_path)["changed"]
    back = tmp_path / "back"
    pull = {"src": "/home/x/", "dest": str(back), "mode": "pull", "retries": 0, "parallel": 1}
    assert tasks.execute(device, "nas_sync", pull, tmp_path)["changed"]
    for number in range(6):
        place = device.root / "home" / "x" / f"f{number}"
        place.write_bytes(b"new" * 400)
        os.utime(place, (1_700_000_500, 1_700_000_500))
    device.faults = [
        {"call": "*ownload*", "after": 2, "times": 0, "do": {"reset": {"where": "reply", "at_bytes": 100}}}
    ]
    device.faults += [
        {"call": "GET dl/*", "after": 3, "times": 0, "do": {"reset": {"where": "reply", "at_bytes": 100}}}
    ]
    result = tasks.execute(device, "nas_sync", pull, tmp_path)
    assert result["failed"]
    contents = [(back / f"f{number}").read_bytes() for number in range(6)]
    assert contents.count(b"new" * 400) == 2
    assert sum(content == b"%d" % number * 1000 for number, content in enumerate(contents)) == 4
    assert list(back.glob(".nasops*")) == []
    device.faults = []
    assert tasks.execute(device, "nas_sync", pull, tmp_path)["counts"]["updated"] == 4


def test_requests_that_it_takes(device, tmp_path):
    """At most one list a folder when nothing changed; then five calls for each changed file, and a QNAP needs six."""
    source = tmp_path / "tree"
    for folder in range(60):
        (source / f"d{folder:02}").mkdir(parents=True)
        for name in ("a", "b"):
            (source / f"d{folder:02}" / name).write_bytes(b"x" * 100)
    assert push(device, source, tmp_path)["counts"]["created"] == 180
    before = len(device.entries())
    assert not push(device, source, tmp_path)["changed"]
    unchanged = len(device.entries()) - before
    assert unchanged <= 61 + 6
    for folder in range(40):
        place = source / f"d{folder:02}" / "b"
        place.write_bytes(b"y" * 101)
    before = len(device.entries())
    assert push(device, source, tmp_path)["counts"]["updated"] == 40
    # A few beside: connections, stats of many files at once, the note. All of it is within what lists of all cost.
    most = (6 if device.vendor == "qnap" else 5) * 40 + 20
    lists_of_differing = 0 if device.vendor == "qnap" else 40
    assert len(device.entries()) - before - unchanged <= most + lists_of_differing
    assert len(device.entries()) - before <= 61 + 6 + most
    listed = len(device.calls(device.told("list")))
    # Those that tell of many paths at once list the top in both runs, and the folders in which something differs.
    assert listed >= 2 * 61 if device.vendor == "qnap" else listed == 2 + 40


def write(folder, *names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)


def test_what_a_killed_push_left_of_files_that_are_no_longer_wanted(device, source, tmp_path):
    """With `delete` all of it goes, as if it had its name; what is excluded stays."""
    there = device.root / "home" / "x"
    write(source, "dir/f", "stays/f")
    assert push(device, source, tmp_path)["changed"]
    for name in ("gone", "dir/gone", "stays/gone"):
        (device.root / marks.staging_path(f"/home/x/{name}").lstrip("/")).write_text("a part")
    for name in ("lost", "f0", "own.log"):
        (device.root / marks.backup_path(f"/home/x/{name}").lstrip("/")).write_text("old")
    write(there, f"below/{NOTE}", "below/f")
    (there / "below" / MARK).mkdir()
    (source / "dir" / "f").unlink()
    (source / "dir").rmdir()
    options = {"delete": True, "exclude": ["*.log"]}
    result = push(device, source, tmp_path, **options)
    assert result["deleted"] == ["below", "below/f", "dir", "dir/f", "lost"], result
    assert ours(device) == [marks.backup_path("/home/x/own.log")]
    assert sorted(path.name for path in there.iterdir() if path.is_dir()) == ["stays"]
    assert not push(device, source, tmp_path, **options)["changed"]
    # What was deleted is forgotten by the note at once.
    (source / "f5").unlink()
    assert push(device, source, tmp_path, **options)["deleted"] == ["f5"]
    writes = len(device.writes())
    assert not push(device, source, tmp_path, **options)["changed"]
    assert len(device.writes()) == writes


def test_what_a_killed_pull_left(device, source, tmp_path):
    assert push(device, source, tmp_path)["changed"]
    back = tmp_path / "back"
    write(back, "gone/.nasops-abcd123_.part", "gone/f", ".nasops-abcd1234.part", ".nasops-0123456789abcdef.part")
    pull = {"src": "/home/x/", "dest": str(back), "mode": "pull", "delete": True}
    with local_file.Arrival(str(back)) as somebody_else:
        assert tasks.execute(device, "nas_sync", pull, tmp_path)["deleted"] == ["gone", "gone/f"]
        kept = {os.path.basename(somebody_else.filename), ".nasops-0123456789abcdef.part"}
        assert {name for name in os.listdir(back) if name.startswith(".")} == kept
        assert not tasks.execute(device, "nas_sync", pull, tmp_path)["changed"]


def test_two_sources_in_one_destination(device, source, tmp_path):
    """Neither forgets what the other one knows, nor reads it again."""
    other = tmp_path / "other"
    write(source, "one/f")
    write(other, "two/f")
    for options in ({}, {"exclude": ["nothing"]}):
        for folder in (source, other):
            before, written = len(device.entries()), len(device.writes())
            assert push(device, folder, tmp_path, **options)["changed"] is not bool(options)
    assert len(device.writes()) == written
    assert len(device.entries()) - before <= 8, [entry["call"] for entry in device.entries()[before:]]


def test_links_and_names_of_folders(device, source, tmp_path):
    (source / "round").symlink_to(".")
    (source / "elsewhere").symlink_to("..")
    os.mkdir(os.fsencode(source) + b"/\xff")
    result = push(device, source, tmp_path, links="follow", exclude=["elsewhere"])
    assert [one["path"] for one in result["failed_files"]] == ["round", "\udcff"]
    assert result["created"] == [f"f{number}" for number in range(6)]
    os.rmdir(os.fsencode(source) + b"/\xff")
    # Where the source has a link that is not followed, nobody knows what belongs there.
    write(device.root / "home" / "x", "elsewhere/kept", "goes")
    assert push(device, source, tmp_path, delete=True)["deleted"] == ["goes"]


def test_times_of_all_kinds(device, source, tmp_path):
    for number, time in enumerate((-86_400 * 10**9, -1, 0, 1_699_999_999_999_999_999, 2_300_000_000 * 10**9)):
        os.utime(source / f"f{number}", ns=(time, time))
    back = tmp_path / "back"
    pull = {"src": "/home/x/", "dest": str(back), "mode": "pull"}
    assert push(device, source, tmp_path)["counts"]["created"] == 6
    assert not push(device, source, tmp_path)["changed"]
    assert tasks.execute(device, "nas_sync", pull, tmp_path)["counts"]["created"] == 6
    assert not tasks.execute(device, "nas_sync", pull, tmp_path)["changed"]
    for number in range(6):
        times = [(folder / f"f{number}").stat().st_mtime_ns // 10**9 for folder in (source, back)]
        assert times[0] == times[1]


def test_what_cannot_be_read_is_known_before(device, source, tmp_path, monkeypatch):
    """So that check mode tells of it, and deletes nothing either."""
    access = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: not str(path).endswith("f2") and access(path, mode))
    write(device.root / "home" / "x", "extra")
    for check in (True, False):
        result = push(device, source, tmp_path, check=check, delete=True)
        assert [(one["path"], one["kind"]) for one in result["failed_files"]] == [("f2", "usage")]
        assert result["deleted"] == []
        assert result["counts"]["created"] == 5
    # Nor is anything sent to where nobody can look.
    write(source, "closed/f")
    (device.root / "home" / "x" / "closed").mkdir(mode=0o300)
    for check in (True, False):
        result = push(device, source, tmp_path, check=check, exclude=["f2"], delete=True)
        assert [(one["path"], one["kind"]) for one in result["failed_files"]] == [("closed", "permission_denied")]
        assert result["created"] == result["deleted"] == []
    (device.root / "home" / "x" / "closed").chmod(0o700)


def test_what_was_replaced_takes_no_space_of_a_full_disk(device, source, tmp_path):
    assert push(device, source, tmp_path)["changed"]
    for number in range(6):
        (source / f"f{number}").write_bytes(b"new" * 1000)
    device.faults = [
        {"call": device.told("upload_start"), "after": 3, "times": 0, "do": {"disk_full": {"at_bytes": 100}}}
    ]
    result = push(device, source, tmp_path, parallel=1)
    assert result["failure"]["kind"] in ("no_space", "quota_exceeded")
    assert result["updated"] == ["f0", "f1", "f2"]
    assert ours(device) == []
