# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""nas_sync in this process, where a source can be changed while it is read, and a device be full of entries."""

from __future__ import annotations

import os

import pytest
from ansible_collections.nasops.nas.plugins.module_utils._core.sources import FileSource
from ansible_collections.nasops.nas.plugins.module_utils._delivery import sync

from tests.support.devices import VENDORS
from tests.support.local import LocalDevice
from tests.trials import tasks

NOTE = ".nasops-sync"


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


def push(device, source, tmp_path, **options):
    given = {"src": f"{source}/", "dest": "/home/x", **options}
    return tasks.execute(device, "nas_sync", given, tmp_path)


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
    """One list a folder when nothing changed; then five calls for each changed file, and a QNAP needs six."""
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
    # A few beside: connections, stats of many files at once, the note.
    assert len(device.entries()) - before - unchanged <= (6 if device.vendor == "qnap" else 5) * 40 + 20
    lists = {"synology": "SYNO.FileStation.List/list", "qnap": "get_list", "freebox": "GET fs/ls/{path}"}
    assert len(device.calls(lists[device.vendor])) >= 61
