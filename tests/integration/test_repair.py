# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""nas_repair: what a par2 set protects is whole at the end, or the task says which file is not."""

from __future__ import annotations

import pytest

from tests.simulator.freebox import par2
from tests.support.playbooks import in_diff, play, run

REPAIR = "POST fs/repair/"


def repair(path, **more):
    return {"nasops.nas.nas_repair": {"path": path, **more}, "ignore_errors": True}


@pytest.fixture
def box(nas):
    return nas["freebox"]


@pytest.fixture
def hosts(box):
    return {"it": box.variables()}


class Set:
    """Three files and a par2 set of theirs, on the device."""

    def __init__(self, folder):
        self.folder, self.at = folder, f"/home/{folder.name}"
        folder.mkdir()
        self.contents = {"a é.bin": bytes(range(256)) * 40, "b": b"b" * 5000, "c": b"short"}
        self.restore()
        par2.create(folder / "set.par2", [folder / name for name in self.contents], slice_size=1024, recovery=12)

    def restore(self):
        for name, content in self.contents.items():
            (self.folder / name).write_bytes(content)

    def damage(self):
        (self.folder / "a é.bin").write_bytes(self.contents["a é.bin"][:2000] + b"?" + self.contents["a é.bin"][2001:])
        (self.folder / "c").unlink()

    @property
    def whole(self):
        there = {name: self.folder / name for name in self.contents}
        return all(path.exists() and path.read_bytes() == self.contents[name] for name, path in there.items())

    def names(self):
        return sorted(path.name for path in self.folder.iterdir())


@pytest.fixture
def files(box, request):
    return Set(box.root / "home" / request.node.name.replace("[", "-").replace("]", ""))


KEYS = ("path", "files", "repaired", "deleted", "diff")


def test_only_what_is_damaged_changes(tmp_path, box, hosts, files):
    task = play(repair(f"{files.at}/set.par2"))
    box.forget()
    untouched = run(tmp_path, task, hosts, "--diff")
    assert untouched.changed == {"it": 0}, untouched.text
    assert untouched.results()[0]["repaired"] == []
    assert box.writes() == []
    files.damage()
    checked = run(tmp_path, task, hosts, "--check", "--diff").results()[0]
    assert box.writes() == []
    done = run(tmp_path, task, hosts, "--diff").results()[0]
    assert [checked[key] for key in KEYS] == [done[key] for key in KEYS]
    assert [done["changed"], checked["changed"]] == [True, True]
    assert sorted(done["repaired"]) == [f"{files.at}/a é.bin", f"{files.at}/c"]
    assert sorted(done["files"]) == [f"{files.at}/{name}" for name in sorted(files.contents)]
    assert in_diff(done, "before")["files"][f"{files.at}/c"] == {"state": "missing"}
    assert files.whole
    box.forget()
    assert run(tmp_path, task, hosts, "--check").changed == {"it": 0}
    assert run(tmp_path, task, hosts).changed == {"it": 0}
    assert box.writes() == []


def test_the_archive_goes_when_all_is_whole(tmp_path, box, hosts, files):
    task = play(repair(f"{files.at}/set.par2", delete_archive=True))
    files.damage()
    names = files.names()
    box.faults({"call": REPAIR, "do": {"fail_task": "repair_failed"}})
    result = run(tmp_path, task, hosts).results()[0]
    assert (result["failure"]["code"], files.names()) == ("repair_failed", names)
    box.faults()
    checked = run(tmp_path, task, hosts, "--check", "--diff").results()[0]
    done = run(tmp_path, task, hosts, "--diff").results()[0]
    assert [checked[key] for key in KEYS] == [done[key] for key in KEYS]
    assert done["deleted"] == [f"{files.at}/set.par2", f"{files.at}/set.vol000+12.par2"]
    assert files.whole
    assert files.names() == sorted(files.contents)
    box.forget()
    assert run(tmp_path, task, hosts, "--check").changed == {"it": 0}
    assert run(tmp_path, task, hosts).changed == {"it": 0}
    assert box.writes() == []


def test_a_removal_of_the_archive_that_ended_half_way_is_ended(tmp_path, box, hosts, files):
    (files.folder / "set.par2").unlink()
    task = play(repair(f"{files.at}/set.par2", delete_archive=True))
    checked = run(tmp_path, task, hosts, "--check", "--diff").results()[0]
    done = run(tmp_path, task, hosts, "--diff").results()[0]
    assert [checked[key] for key in KEYS] == [done[key] for key in KEYS]
    assert (done["changed"], done["repaired"], done["deleted"]) == (True, [], [f"{files.at}/set.vol000+12.par2"])
    assert files.names() == sorted(files.contents)
    assert run(tmp_path, task, hosts).changed == {"it": 0}


def test_nothing_damaged_but_the_archive_to_remove(tmp_path, box, hosts, files):
    result = run(tmp_path, play(repair(f"{files.at}/set.par2", delete_archive=True)), hosts).results()[0]
    assert (result["changed"], result["repaired"], len(result["deleted"])) == (True, [], 2)
    assert len(box.calls(REPAIR)) == 1
    assert files.whole


def test_errors(tmp_path, box, hosts, files):
    (files.folder / "no.par2").write_bytes(b"this is none" * 20)
    (files.folder / "folder.par2").mkdir()
    cases = [
        (repair("home/x.par2"), "usage", "option path: 'home/x.par2'"),
        (repair("/home"), "usage", "is a share"),
        (repair(f"{files.at}/none.par2"), "not_found", "none.par2"),
        (repair(f"{files.at}/none/x.par2", delete_archive=True), "not_found", f"{files.at}/none"),
        (repair(f"{files.at}/no.par2"), "invalid_argument", "no par2 file"),
        (repair(f"{files.at}/folder.par2"), "wrong_type", "folder.par2"),
    ]
    box.forget()
    results = run(tmp_path, play(*(task for task, _kind, _text in cases)), hosts).results()
    for (_task, kind, text), result in zip(cases, results, strict=True):
        assert result["failure"]["kind"] == kind, result
        assert text in result["msg"]
    assert box.writes() == []
    may_be_created_earlier = run(tmp_path, play(cases[2][0]), hosts, "--check").results()[0]
    assert may_be_created_earlier["changed"]
    assert "a task before this one" in may_be_created_earlier["warnings"][0]
    # More is lost than the set can give back.
    (files.folder / "a é.bin").write_bytes(b"")
    (files.folder / "b").write_bytes(b"")
    result = run(tmp_path, play(repair(f"{files.at}/set.par2")), hosts).results()[0]
    assert (result["failure"]["kind"], result["failure"]["code"]) == ("device", "repair_failed")
    files.restore()
    files.damage()
    box.faults({"call": REPAIR, "do": "stall_task"})
    result = run(tmp_path, play(repair(f"{files.at}/set.par2", wait_timeout=0)), hosts).results()[0]
    assert result["failure"]["kind"] == "timeout"
    box.faults({"call": REPAIR, "times": 1, "do": "lose_task"})
    assert run(tmp_path, play(repair(f"{files.at}/set.par2")), hosts).changed == {"it": 1}
    assert files.whole
