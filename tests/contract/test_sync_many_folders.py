# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""nas_sync of a tree of many folders: what it asks for, and that it sees whatever has become of the tree."""

from __future__ import annotations

import fnmatch
import os
import shutil

import pytest
from ansible_collections.nasops.nas.plugins.module_utils import _vendors

from tests.support.devices import ABOUT
from tests.support.local import LocalDevice
from tests.trials import tasks

FOLDERS, EACH = 20, 2
TIME = 1_700_000_000
AROUND = 10  # requests: login and logout, a look at the folder, the note
WRITING = 24  # requests more: sockets, the note, the mark, looks at what was sent, the removal of what was replaced
NOTE = ".nasops-sync"
MARK = ".nasops-replacing"


def fill(file, content, mtime=TIME):
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content)
    os.utime(file, (mtime, mtime))


def files_of(top):
    """What is in a folder, but for the note."""
    return {
        str(path.relative_to(top)): path.read_bytes() if path.is_file() else None
        for path in top.rglob("*")
        if path.name != NOTE
    }


@pytest.fixture
def source(tmp_path):
    for number in range(FOLDERS * EACH):
        fill(tmp_path / "source" / f"d{number // EACH}" / "deep" / f"f{number}", f"content {number}")
    fill(tmp_path / "source" / "top", "top")
    return tmp_path / "source"


@pytest.fixture
def do(device, source, tmp_path):
    """Runs the task, and tells how many requests it took."""
    (tmp_path / "locks").mkdir()

    def run(**options):
        before = len(device.log)
        given = {"src": f"{source}/", "dest": "/home/tree", **options}
        result = tasks.execute(device, "nas_sync", given, tmp_path / "locks")
        # How often it is asked whether a job has ended depends on how busy this machine is.
        polls = device.told("poll") if "delete" in ABOUT[device.vendor].get("jobs", ()) else ""
        return result, sum(not fnmatch.fnmatchcase(entry["call"], polls) for entry in device.log[before:])

    return run


@pytest.fixture
def there(device):
    return device.root / "home" / "tree"


@pytest.fixture
def pushed(do, source, there):
    result, _requests = do()
    assert result["changed"], result
    assert files_of(there) == files_of(source)
    return result


def change(source, count, turn=1):
    """Change some files, each in another folder, to as many bytes as before."""
    changed = [source / f"d{number}" / "deep" / f"f{number * EACH}" for number in range(count)]
    for file in changed:
        fill(file, file.read_text()[:-1] + "-xy"[turn], TIME + turn)
    return [str(file.relative_to(source)) for file in sorted(changed)]


def test_what_is_asked_for(device, do, source, there, pushed):
    folders = 2 * FOLDERS + 1
    result, requests = do()
    assert not result["changed"], result
    assert requests <= (AROUND if device.told("looks_at_many") else folders + AROUND), requests
    unchanged = requests
    changed = change(source, 10)
    result, requests = do()
    assert result["updated"] == changed, result
    # One more for the list of each folder in which something differs, where not all are listed.
    lists = len(changed) if device.told("looks_at_many") else 0
    assert requests <= unchanged + device.told("sync_requests") * len(changed) + lists + WRITING, requests
    assert requests <= folders + device.told("sync_requests") * len(changed) + WRITING, requests
    assert files_of(there) == files_of(source)
    result, requests = do()
    assert (result["changed"], requests) == (False, unchanged)
    # What is to be deleted is found by lists alone, and so is what is to be fetched.
    _result, requests = do(delete=True)
    assert requests >= folders


def test_what_others_have_done_is_seen(device, do, source, there, pushed, tmp_path):
    (there / "d1" / "deep" / "f2").unlink()
    shutil.rmtree(there / "d2")
    fill(there / "d3" / "deep" / "f6", "other bytes", TIME + 9)
    fill(there / "d4" / "deep" / "more", "mine")
    shutil.rmtree(source / "d5")
    fill(source / "d6" / "new" / "file", "new")
    result, _requests = do()
    again = ["d1/deep/f2", "d2", "d2/deep", *(f"d2/deep/f{number}" for number in (4, 5))]
    assert result["created"] == [*again, "d6/new", "d6/new/file"], result
    assert result["updated"] == ["d3/deep/f6"]
    expected = files_of(source)
    assert expected.items() <= files_of(there).items()
    assert {path for path in files_of(there) if path not in expected} == {
        "d4/deep/more",
        "d5",
        "d5/deep",
        *(f"d5/deep/f{number}" for number in (10, 11)),
    }
    assert not do()[0]["changed"]
    # Back again, with the times that the files had: none of what was not looked at is forgotten.
    back = tmp_path / "back"
    pulled = tasks.execute(
        device, "nas_sync", {"src": "/home/tree/", "dest": str(back), "mode": "pull"}, tmp_path / "locks"
    )
    assert pulled["changed"], pulled
    assert files_of(back) == files_of(there)
    assert int((back / "d5" / "deep" / "f10").stat().st_mtime) == TIME


def test_what_is_in_the_way(device, do, source, there, pushed, tmp_path):
    before = files_of(there)
    (there / "d7" / "deep" / "f14").unlink()
    (there / "d7" / "deep" / "f14").mkdir()
    refused, _requests = do()
    assert refused["failure"]["kind"] == "wrong_type", refused
    (there / "d7" / "deep" / "f14").rmdir()
    if _vendors.VENDORS[device.vendor].files.features.links:
        shutil.move(there / "d8", tmp_path / "elsewhere")
        (there / "d8").symlink_to("d9")
        refused, _requests = do()
        assert refused["failure"]["kind"] == "wrong_type", refused
        (there / "d8").unlink()
        shutil.move(tmp_path / "elsewhere", there / "d8")
    result, _requests = do()
    assert result["created"] == ["d7/deep/f14"], result
    assert files_of(there) == before


def test_an_older_box_is_listed(source, tmp_path):
    (tmp_path / "locks").mkdir()
    with LocalDevice("freebox", tmp_path / "nas", profile="v4") as device, tasks.without_pauses():
        for expected in (True, False):
            before = len(device.log)
            options = {"src": f"{source}/", "dest": "/home/tree"}
            result = tasks.execute(device, "nas_sync", options, tmp_path / "locks")
            assert result["changed"] is expected, result
        assert 2 * FOLDERS < len(device.log) - before <= 2 * FOLDERS + AROUND
        assert not device.calls("POST fs/info")


def test_a_run_that_ends_anywhere_is_continued(device, do, source, there, pushed):
    """The device is gone from one of the requests on, whichever; the next run leaves nothing of ours behind."""
    change(source, 3, turn=2)
    most = do(parallel=1)[1]
    marked = 0
    for turn, number in enumerate(range(4, most, max(4, most // 10))):
        change(source, 3, turn=1 + turn % 2)
        old, new = files_of(there), files_of(source)
        device.faults = [{"call": "*", "after": number, "times": 0, "do": "reset"}]
        do(parallel=1, retries=0)
        device.faults = []
        left = files_of(there)
        for path, content in left.items():
            if ".nasops" not in path:
                assert content in (old[path], new[path]), (number, path)
        marked += MARK in left
        result, _requests = do(parallel=1)
        assert not result.get("failed"), result
        assert files_of(there) == new, number
    assert (marked > 0) is device.told("looks_at_many")
