# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""nas_sync: only what differs travels, every file is whole, and what is not in the source goes when that is wished."""

from __future__ import annotations

import filecmp
import os
from pathlib import Path

import pytest

from tests.support.playbooks import in_diff, run

UPLOADS = {"synology": "SYNO.FileStation.Upload/upload", "qnap": "upload", "freebox": "GET ws/upload"}
NOTE = ".nasops-sync"
PLAIN = {"a.txt": b"one", "empty.bin": b"", "deep/er/é b.txt": b"two", "deep/100% #1.txt": b"three"}


def sync(**options):
    return {"nasops.nas.nas_sync": options}


def play(*tasks):
    return [{"hosts": "all", "gather_facts": False, "tasks": list(tasks)}]


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


@pytest.fixture
def folder(one, request):
    """A folder of the test's own on the device."""
    place = one.root / "home" / request.node.name.replace("[", "-").replace("]", "")
    place.mkdir()
    return place


@pytest.fixture
def at(folder):
    """Its path."""
    return f"/home/{folder.name}"


def test_a_folder_is_pushed_and_then_the_same(tmp_path, one, hosts, folder, at):
    source = fill(tmp_path / "files" / "site", {**PLAIN, "large.bin": os.urandom(300_000)})
    (source / "nothing" / "in it").mkdir(parents=True)
    tasks = play(sync(src="site", dest=at))
    there = folder / "site"

    checked = run(tmp_path, tasks, hosts, "--check", "--diff")
    assert checked.status == 0, checked.text
    result = checked.results()[0]
    assert result["changed"]
    assert result["counts"] == {"created": 9, "updated": 0, "deleted": 0, "unchanged": 0, "skipped": 0, "failed": 0}
    assert in_diff(result, "before")["entries"]["a.txt"] == "absent"
    assert in_diff(result, "after")["entries"]["a.txt"]["size"] == 3
    assert one.writes() == []
    assert list(folder.iterdir()) == []

    first = run(tmp_path, tasks, hosts)
    assert first.status == 0, first.text
    result = first.results()[0]
    assert result["changed"]
    assert result["created"] == sorted(
        [*PLAIN, "deep", "deep/er", "large.bin", "nothing", "nothing/in it"], key=lambda path: path
    )
    assert result["bytes_sent"] == 300_000 + sum(map(len, PLAIN.values()))
    assert result["dest"] == f"{at}/site"
    assert result["created_folders"] == [f"{at}/site"]
    assert differences(source, there) == []
    assert [name for name in one.tree() if ".nasops" in name and not name.endswith(NOTE)] == []
    if one.vendor != "freebox":
        assert (there / "a.txt").stat().st_mtime == 1_700_000_000

    one.forget()
    second = run(tmp_path, play(sync(src=f"{source}/", dest=f"{at}/site/")), hosts, "--diff")
    assert second.status == 0, second.text
    assert not second.results()[0]["changed"]
    assert second.results()[0]["counts"]["unchanged"] == 9
    assert one.writes() == []
