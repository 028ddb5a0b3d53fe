# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""nas_copy: what is copied or moved is whole at its new place, once, and nothing is lost on the way."""

from __future__ import annotations

import os
import re
import shutil

import pytest
from ansible_collections.nasops.nas.plugins.module_utils._core import names

from tests.support.playbooks import play, run

pytestmark = pytest.mark.needs("copies")

COPIES = {"synology": "SYNO.FileStation.CopyMove/start", "qnap": "copy", "freebox": "POST fs/cp/"}
MOVES = {"synology": "SYNO.FileStation.CopyMove/start", "qnap": "move", "freebox": "POST fs/mv/"}


def copy(src, dest, **more):
    return {"nasops.nas.nas_copy": {"src": src, "dest": dest, **more}}


def move(src, dest, **more):
    return copy(src, dest, state="moved", **more)


@pytest.fixture
def hosts(one):
    return {"it": one.variables()}


@pytest.fixture
def disk(one, request):
    """A folder of the test's own on the device: writes files, reads all of them."""

    own = request.node.name.replace("[", "-").replace("]", "")
    written = []

    class Disk:
        path = f"/home/{own}"
        root = one.root / "home" / own

        def write(self, **files):
            for name, content in files.items():
                place = self.root / name.replace("__", "/")
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_text(content)
                written.append(place)
                os.utime(place, (len(written) * 10 + 1_700_000_000,) * 2)  # what is written anew has another time

        def age(self, name, seconds):
            os.utime(self.root / name, (seconds, seconds))

        def all(self):
            return {
                str(place.relative_to(self.root)).replace("/", "__"): place.read_text()
                for place in sorted(self.root.rglob("*"))
                if place.is_file()
            }

        def folders(self):
            return sorted(str(place.relative_to(self.root)) for place in self.root.rglob("*") if place.is_dir())

    found = Disk()
    found.root.mkdir()
    return found


def twice(tmp_path, one, hosts, tasks, changed):
    """Check mode, a run, check mode, and another run; the results of the first real run."""
    one.forget()
    checked = run(tmp_path, tasks, hosts, "--check", "--diff")
    assert checked.status == 0, checked.text
    assert [result["changed"] for result in checked.results()] == changed, checked.text
    assert one.writes() == []
    first = run(tmp_path, tasks, hosts, "--diff")
    assert first.status == 0, first.text
    assert [result["changed"] for result in first.results()] == changed
    for before, after in zip(checked.results(), first.results()):
        for key in ("dest", "created_folders", "copied", "replaced", "kept", "deleted", "diff"):
            assert before.get(key) == after.get(key)
    one.forget()
    again = run(tmp_path, tasks, hosts, "--check")
    assert again.changed == {"it": 0}, again.text
    again = run(tmp_path, tasks, hosts)
    assert again.changed == {"it": 0}, again.text
    assert one.writes() == []
    assert not one.unfinished()
    return first.results()


def test_new_places(tmp_path, one, hosts, disk):
    disk.write(a="one", b="two", c="three", d__x="x", d__e__y="y", f__z="z", **{"100% #1 é.txt": "odd"})
    at = disk.path
    other = at.replace("/home/", "/public/")
    (one.root / "public" / disk.root.name).mkdir()
    tasks = play(
        copy(f"{at}/a", f"{at}/copy of a"),
        copy(f"{at}/a", f"{at}/deep/down/a", parents=True),
        copy(f"{at}/100% #1 é.txt", f"{other}/2024"),
        copy(f"{at}/d", f"{at}/d2"),
        move(f"{at}/b", f"{at}/renamed"),
        move(f"{at}/c", f"{at}/deep2/c", parents=True),
        move(f"{at}/f", f"{at}/d2/g"),
        move(f"{at}/d/e", f"{other}/e2"),
        copy(f"{at}/a", f"{other}/b", state="moved"),
    )
    # In check mode what earlier tasks move is still there, and what they make is not: /d2/g is told with a warning.
    results = twice(tmp_path, one, hosts, play(*tasks[0]["tasks"][:6]), [True] * 6)
    assert results[1]["created_folders"] == [f"{at}/deep", f"{at}/deep/down"]
    results = twice(tmp_path, one, hosts, play(*tasks[0]["tasks"][6:]), [True] * 3)
    assert results[1]["deleted"] == [f"{at}/d/e"]
    assert disk.all() == {
        "copy of a": "one",
        "deep__down__a": "one",
        "deep2__c": "three",
        "renamed": "two",
        "100% #1 é.txt": "odd",
        "d__x": "x",
        "d2__x": "x",
        "d2__e__y": "y",
        "d2__g__z": "z",
    }
    public = one.root / "public" / disk.root.name
    assert (public / "2024").read_text() == "odd"
    assert (public / "e2" / "y").read_text() == "y"
    assert (public / "b").read_text() == "one"


def test_a_new_name_in_the_same_folder_is_one_call(tmp_path, one, hosts, disk):
    disk.write(a="one")
    one.forget()
    outcome = run(tmp_path, play(move(f"{disk.path}/a", f"{disk.path}/b")), hosts)
    assert outcome.changed == {"it": 1}, outcome.text
    assert [entry["call"] for entry in one.writes()] == [one.told("rename")]
    assert disk.all() == {"b": "one"}


def test_the_ways_out_of_a_conflict(tmp_path, one, hosts, disk):
    disk.write(new="new!", old="new!", skipped="s", replaced="r", both="b", **{"pic.jpg": "p"}, moved="m", same="eq")
    disk.write(t__new="1", t__old="2", t__skipped="3", t__replaced="4", t__both="5", t__moved="6", t__same="eq")
    disk.write(**{"t__pic.jpg": "7", "t__pic (1).jpg": "8"})
    disk.age("t/new", 1000)
    disk.age("old", 1000)
    at = disk.path
    results = twice(
        tmp_path,
        one,
        hosts,
        play(
            copy(f"{at}/new", f"{at}/t/new", conflict="newer"),
            copy(f"{at}/old", f"{at}/t/old", conflict="newer"),
            copy(f"{at}/skipped", f"{at}/t/skipped", conflict="skip"),
            copy(f"{at}/replaced", f"{at}/t/replaced", conflict="overwrite"),
            copy(f"{at}/both", f"{at}/t/both", conflict="keep_both"),
            copy(f"{at}/pic.jpg", f"{at}/t/pic.jpg", conflict="keep_both"),
            move(f"{at}/moved", f"{at}/t/moved", conflict="overwrite"),
            copy(f"{at}/same", f"{at}/t/same"),
        ),
        [True, False, False, True, True, True, True, False],
    )
    assert results[1]["kept"] == [f"{at}/t/old"]
    assert results[3]["replaced"] == [f"{at}/t/replaced"]
    assert results[4]["dest"] == f"{at}/t/both (1)"
    assert results[5]["dest"] == f"{at}/t/pic (2).jpg"
    there = {name[3:]: content for name, content in disk.all().items() if name.startswith("t__")}
    assert there == {
        "new": "new!",
        "old": "2",
        "skipped": "3",
        "replaced": "r",
        "both": "5",
        "both (1)": "b",
        "pic.jpg": "7",
        "pic (1).jpg": "8",
        "pic (2).jpg": "p",
        "moved": "m",
        "same": "eq",
    }
    assert not (disk.root / "moved").exists()


def test_folders_are_merged(tmp_path, one, hosts, disk):
    disk.write(a__same="eq", a__other="mine", a__sub__new="n", a__fresh__deep__x="x")
    disk.write(b__same="eq", b__other="yours", b__sub__old="o", b__more="more")
    disk.write(c__same="eq", c__other="third")
    disk.age("b/same", 1000)
    at = disk.path
    disk.write(e__x="1", e__y__z="2", f__x="1", f__y__z="2", f__w="more")
    tasks = [
        copy(f"{at}/a", f"{at}/b", conflict="overwrite"),
        move(f"{at}/a2", f"{at}/c", conflict="skip"),
        move(f"{at}/e", f"{at}/f"),
    ]
    disk.write(**{name.replace("a__", "a2__", 1): text for name, text in disk.all().items() if name.startswith("a__")})
    (failed,) = run(tmp_path, play(copy(f"{at}/a", f"{at}/b")), hosts).results()
    assert failed["failure"]["kind"] == "exists"
    assert "conflict" in failed["failure"]["hint"]
    merged, moved, equal = twice(tmp_path, one, hosts, play(*tasks), [True] * 3)
    assert merged["replaced"] == [f"{at}/b/other"]
    assert sorted(merged["copied"]) == [f"{at}/b/fresh", f"{at}/b/sub/new"]
    assert moved["kept"] == [f"{at}/c/other"]
    assert equal["deleted"] == [f"{at}/e"]
    assert {name: text for name, text in disk.all().items() if not name.startswith("a__")} == {
        "b__same": "eq",
        "b__other": "mine",
        "b__sub__new": "n",
        "b__sub__old": "o",
        "b__more": "more",
        "b__fresh__deep__x": "x",
        "a2__other": "mine",
        "c__same": "eq",
        "c__other": "third",
        "c__sub__new": "n",
        "c__fresh__deep__x": "x",
        "f__x": "1",
        "f__y__z": "2",
        "f__w": "more",
    }
    assert "a2/sub" not in disk.folders()
    assert "e" not in disk.folders()


BAD = [
    (copy("home/a", "/home/b"), ["option src", "'home/a'", "slash"]),
    (copy("/home/a", "/home/b/"), ["option dest", "'/home/b/'"]),
    (copy("/home", "/public/b"), ["option src", "'/home'", "is a share"]),
    (move("/home/a", "/public"), ["option dest", "'/public'", "is a share"]),
    (copy("/home/a", "/home/a"), ["src and dest", "'/home/a'"]),
    (copy("/home/a", "/home/a/b/c"), ["option dest", "'/home/a/b/c'", "into itself"]),
    (copy("/home/a/b/c", "/home/a"), ["option dest", "'/home/a'", "holds src"]),
    (copy("/home/a", "/home/b", conflict="rename"), ["conflict", "rename", "keep_both"]),
]


def test_bad_options_end_before_any_call(tmp_path, nas):
    device = nas["synology"]
    tasks = [{**task, "ignore_errors": True} for task, _words in BAD]
    results = run(tmp_path, play(*tasks), {"it": device.variables()}).results()
    for (_task, words), result in zip(BAD, results, strict=True):
        assert result["failed"]
        assert [word for word in words if word not in result["msg"]] == []
    assert device.log() == []


def test_what_is_not_there(tmp_path, one, hosts, disk):
    disk.write(a="one", f__x="1")
    at = disk.path
    tasks = [
        copy(f"{at}/none", f"{at}/b"),
        move(f"{at}/none", f"{at}/b"),
        copy(f"{at}/a", f"{at}/none/b"),
        copy(f"{at}/a", "/no-such-share/b", parents=True),
        copy(f"{at}/a", f"{at}/f/x/b", parents=True),
        copy(f"{at}/a", f"{at}/f", conflict="overwrite"),
    ]
    one.forget()
    outcome = run(tmp_path, play(*({**task, "ignore_errors": True} for task in tasks)), hosts)
    kinds = [result["failure"]["kind"] for result in outcome.results()]
    assert kinds == ["not_found", "not_found", "not_found", "not_found", "wrong_type", "wrong_type"]
    assert one.writes() == []
    may_be_created_earlier = run(tmp_path, play(*tasks[:3]), hosts, "--check")
    assert may_be_created_earlier.changed == {"it": 3}
    assert all("a task before this one" in result["warnings"][0] for result in may_be_created_earlier.results())
    assert disk.all() == {"a": "one", "f__x": "1"}


def test_a_device_that_lies_or_fails_loses_nothing(tmp_path, one, hosts, disk):
    disk.write(a="one", b="two", t__a="old a", t__b="old b", big__x="1", big__y="2")
    at = disk.path
    before = disk.all()
    error = {"synology": 408, "qnap": 9, "freebox": "disk_full"}[one.vendor]
    tasks = play(
        {**copy(f"{at}/a", f"{at}/t/a", conflict="overwrite"), "ignore_errors": True},
        {**move(f"{at}/b", f"{at}/t/b", conflict="overwrite"), "ignore_errors": True},
        {**copy(f"{at}/big", f"{at}/t/big"), "ignore_errors": True},
        {**copy(f"{at}/big", f"{at}/t/new/big", parents=True), "ignore_errors": True},
    )
    calls = {COPIES[one.vendor], MOVES[one.vendor]}
    one.faults(*({"call": call, "times": 0, "do": {"fail_task": error}} for call in calls))
    outcome = run(tmp_path, tasks, hosts)
    assert [bool(result.get("failed")) for result in outcome.results()] == [True] * 4, outcome.text
    assert disk.all() == before
    one.faults()
    assert not one.unfinished()
    assert run(tmp_path, tasks, hosts).changed == {"it": 4}
    assert disk.all() == {
        "a": "one",
        "t__a": "one",
        "t__b": "two",
        "big__x": "1",
        "big__y": "2",
        "t__big__x": "1",
        "t__big__y": "2",
        "t__new__big__x": "1",
        "t__new__big__y": "2",
    }


@pytest.mark.parametrize("verb", [copy, move])
def test_a_failure_at_the_change_of_names_brings_the_old_back(tmp_path, one, hosts, disk, verb):
    disk.write(a="one", t__a="old a")
    tasks = play(verb(f"{disk.path}/a", f"{disk.path}/t/a", conflict="overwrite"))
    before = disk.all()
    # The second step into a folder, once the old file is aside; for QNAP the first move after a copy, and on a Freebox,
    # which copies to a name of our choice, the second change of a name.
    after = 0 if verb is copy and one.vendor == "qnap" else 1
    call = one.told("rename") if verb is copy and one.vendor == "freebox" else MOVES[one.vendor]
    error = {"synology": 1001, "qnap": 4, "freebox": "access_denied"}[one.vendor]
    one.faults({"call": call, "after": after, "times": 1, "do": {"error": error}})
    outcome = run(tmp_path, tasks, hosts)
    assert outcome.results()[0].get("failed"), outcome.text
    assert disk.all() == before
    assert not one.unfinished()
    one.faults()
    assert run(tmp_path, tasks, hosts).changed == {"it": 1}
    assert disk.all() == {"t__a": "one"} if verb is move else {"a": "one", "t__a": "one"}


def test_an_interrupted_run_is_finished(tmp_path, one, hosts, disk):
    """As if the controller had died: in the middle of a copy, between two steps of a move, between two names."""
    at = disk.path
    disk.write(a="one", t__a="old a", t__c="old c", c="three", moved="m")
    (disk.root / _ours(f"{at}/t/a", "copy")).mkdir(parents=True)
    disk.write(**{f"{_ours(f'{at}/t/a', 'copy')}/a": "on"})
    staging = disk.root / _ours(f"{at}/t/b", "move")
    staging.mkdir()
    (disk.root / "moved").rename(staging / "moved")
    (disk.root / "t/c").rename(disk.root / _ours(f"{at}/t/c", "old"))
    results = twice(
        tmp_path,
        one,
        hosts,
        play(
            copy(f"{at}/a", f"{at}/t/a", conflict="overwrite"),
            move(f"{at}/moved", f"{at}/t/b"),
            copy(f"{at}/c", f"{at}/t/c", conflict="overwrite"),
        ),
        [True] * 3,
    )
    assert results[1]["copied"] == [f"{at}/t/b"]
    assert disk.all() == {"a": "one", "c": "three", "t__a": "one", "t__b": "m", "t__c": "three"}


def test_what_may_be_nowhere_else_is_never_removed(tmp_path, one, hosts, disk):
    at = disk.path
    disk.write(d__left="1", t__x="x")
    staging = f"{_ours(f'{at}/t/d', 'move')}/d"
    disk.write(**{f"{staging}/gone": "2"})
    before = disk.all()
    for task in (move(f"{at}/d", f"{at}/t/d"), copy(f"{at}/d", f"{at}/t/d")):
        (failed,) = run(tmp_path, play(task), hosts).results()
        assert failed["failure"]["path"] == f"{at}/{_ours(f'{at}/t/d', 'move')}"
    assert disk.all() == before
    shutil.rmtree(disk.root)  # others look for what was left behind


def _ours(path, role):
    """The name of our own beside a path, below the test's folder."""
    return names.beside(path, role).removeprefix(f"/home/{path.split('/')[2]}/")


def test_a_device_without_checksums_reads_both(tmp_path, start):
    nas = start("qnap", profile="qts4")
    hosts = {"it": nas.variables()}
    home = nas.root / "home"
    (home / "t").mkdir()
    (home / "a").write_text("same size")
    (home / "t" / "a").write_text("size same")
    os.utime(home / "t" / "a", (1_600_000_000, 1_600_000_000))
    tasks = play(copy("/home/a", "/home/t/a", conflict="overwrite"), move("/home/t/a", "/public/b"))
    first = run(tmp_path, play(*tasks[0]["tasks"]), hosts)
    assert first.changed == {"it": 2}, first.text
    assert (nas.root / "public" / "b").read_text() == "same size"
    assert not (home / "t" / "a").exists()
    again = run(tmp_path, play(copy("/home/a", "/public/b"), tasks[0]["tasks"][1]), hosts)
    assert again.changed == {"it": 0}, again.text
    assert not nas.unfinished()


def test_a_copy_that_takes_too_long_is_stopped_and_leaves_nothing(tmp_path, one, hosts, disk):
    stops = {
        "synology": "SYNO.FileStation.CopyMove/stop",
        "qnap": "cancel_copy",
        "freebox": "DELETE fs/tasks/{id}",
    }
    disk.write(a="one")
    one.faults({"call": COPIES[one.vendor], "times": 1, "do": "stall_task"})
    (failed,) = run(tmp_path, play(copy(f"{disk.path}/a", f"{disk.path}/b", wait_timeout=1)), hosts).results()
    assert failed["failure"]["kind"] == "timeout", failed
    assert "wait_timeout" in failed["failure"]["hint"]
    assert one.calls(stops[one.vendor])
    assert disk.all() == {"a": "one"}
    assert not one.unfinished()


def test_two_names_of_one_thing(tmp_path, one, hosts, disk):
    disk.write(real__x="1", lower="2")
    (disk.root / "link").symlink_to("real")
    at = disk.path
    tasks = [
        {**move(f"{at}/real", f"{at}/link"), "ignore_errors": True},
        move(f"{at}/lower", f"{at}/Lower"),
        {**move(f"{at}/Lower".replace("/home", "/HOME"), f"{at}/Lower"), "ignore_errors": True},
    ]
    linked, renamed, _other_share = run(tmp_path, play(*tasks), hosts).results()
    # Where links are told, one in the way is seen before anything is done; else when the copy would go with its source.
    seen = "invalid_argument" if one.vendor == "synology" else "exists"
    assert linked["failure"]["kind"] == seen, linked
    assert renamed["changed"]
    assert (disk.root / "real" / "x").read_text() == "1"
    assert (disk.root / "Lower").read_text() == "2"
    assert not (disk.root / "lower").exists()
    assert run(tmp_path, play(tasks[1]), hosts).changed == {"it": 0}
    assert not one.unfinished()


def test_an_interrupted_merge_goes_on(tmp_path, one, hosts, disk):
    """As if the controller had died between two names of one file, and in the copy of the next folder."""
    at = disk.path
    disk.write(a__x="new", a__sub__y="new", b__sub__y="older")
    (disk.root / _ours(f"{at}/b/x", "old")).write_text("old")
    disk.write(**{f"{_ours(f'{at}/b/sub/y', 'copy')}/y": "ne", _ours(f"{at}/b/sub/y", "old"): "older"})
    assert run(tmp_path, play(copy(f"{at}/a", f"{at}/b", conflict="overwrite")), hosts).changed == {"it": 1}
    assert disk.all() == {"a__x": "new", "a__sub__y": "new", "b__x": "new", "b__sub__y": "new"}


STARTS_A_JOB = {
    "synology": r".*/start",
    "qnap": r"copy|move|get_file_md5|delete_start",
    "freebox": r"POST fs/(cp|mv|rm|hash)/",
}


def test_a_copy_costs_few_jobs_of_the_device(tmp_path, one, hosts, disk):
    """The copy, and where devices keep the name of what they copy the move that gives it its own; nothing unchanged."""
    disk.write(a="content", t__x="")
    tasks = play(copy(f"{disk.path}/a", f"{disk.path}/t/b"))
    jobs = []
    for _run in range(2):
        one.forget()
        assert run(tmp_path, tasks, hosts).status == 0
        jobs.append(
            [entry["call"] for entry in one.entries() if re.fullmatch(STARTS_A_JOB[one.vendor], entry["call"] or "")]
        )
    assert len(jobs[0]) <= 2, jobs
    assert jobs[1] == []
    assert disk.all()["t__b"] == "content"
    changed = run(tmp_path, play(copy(f"{disk.path}/a", f"{disk.path}/t/b", compare="checksum")), hosts)
    assert changed.changed == {"it": 0}


def test_a_move_over_another_file_of_the_same_size_and_time_loses_nothing(tmp_path, one, hosts, disk):
    """What is moved goes away at its old place, so only equal bytes make it a thing that is there already."""
    disk.write(a="one", t__a="two")
    for name in ("a", "t/a"):
        disk.age(name, 1_700_000_000)
    failed = run(tmp_path, play(move(f"{disk.path}/a", f"{disk.path}/t/a")), hosts)
    assert failed.status != 0
    assert disk.all() == {"a": "one", "t__a": "two"}
    assert run(tmp_path, play(move(f"{disk.path}/a", f"{disk.path}/t/a", conflict="overwrite")), hosts).status == 0
    assert disk.all() == {"t__a": "one"}
