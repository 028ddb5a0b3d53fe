# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""nas_assemble: one whole file from many, and no part removed too early."""

from __future__ import annotations

import hashlib
import os

import pytest
from ansible_collections.nasops.nas.plugins.module_utils._core import marks

from tests.support.playbooks import play, run

CAT = "POST fs/cat/"


def assemble(src, dest, **more):
    return {"nasops.nas.nas_assemble": {"src": src, "dest": dest, **more}, "ignore_errors": True}


@pytest.fixture
def box(nas):
    return nas["freebox"]


@pytest.fixture
def hosts(box):
    return {"it": box.variables()}


@pytest.fixture
def folder(box, request):
    folder = box.root / "home" / request.node.name.replace("[", "-").replace("]", "")
    folder.mkdir()
    return folder


def write(folder, **files):
    for name, content in files.items():
        (folder / name).write_text(content)
        os.utime(folder / name, (1000, 1000))


def read(folder):
    return {place.name: place.read_text() for place in sorted(folder.rglob("*")) if place.is_file()}


def sha256(text):
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def twice(tmp_path, box, hosts, tasks, changed):
    """Check mode, a run, check mode, and another run; the results of the first real run."""
    box.forget()
    checked = run(tmp_path, tasks, hosts, "--check", "--diff")
    assert [result["changed"] for result in checked.results()] == changed, checked.text
    assert box.writes() == []
    first = run(tmp_path, tasks, hosts, "--diff")
    assert [result["changed"] for result in first.results()] == changed, first.text
    for before, after in zip(checked.results(), first.results()):
        for key in ("src", "dest", "size", "assembled", "replaced", "created_folders", "deleted", "diff"):
            assert before[key] == after[key]
    box.forget()
    assert run(tmp_path, tasks, hosts, "--check").changed == {"it": 0}
    again = run(tmp_path, tasks, hosts)
    assert again.changed == {"it": 0}, again.text
    assert box.writes() == []
    assert not box.unfinished()
    return first.results()


def test_every_way_to_assemble(tmp_path, box, hosts, folder):
    at = f"/home/{folder.name}"
    write(folder, a="one ", b="two", **{"100% é.001": "x", "100% é.002": "y", "100% é.003": "z", "100% é.md5": "no"})
    write(folder, old="one two", wrong="ONE TWO", short="one", c1="c", c2="d", d1="e", d2="f", done="gh", empty="")
    whole = "one two"
    volumes = [f"{at}/100% é.001", f"{at}/100% é.002", f"{at}/100% é.003"]
    results = twice(
        tmp_path,
        box,
        hosts,
        play(
            assemble([f"{at}/a", f"{at}/b"], f"{at}/deep/down/new", parents=True),
            assemble([f"{at}/a", f"{at}/b"], f"{at}/old"),
            assemble([f"{at}/a", f"{at}/b"], f"{at}/wrong", checksum=sha256(whole)),
            assemble([f"{at}/a", f"{at}/b"], f"{at}/short"),
            assemble(volumes[:1], f"{at}/100% é", multi_volumes=True, delete_sources=True),
            assemble([f"{at}/c1", f"{at}/c2", f"{at}/c1"], f"{at}/cdc", delete_sources=True),
            assemble([f"{at}/d1", f"{at}/d2"], f"{at}/ef", delete_sources=True, checksum=sha256("ef").upper()[7:]),
            assemble([f"{at}/g1", f"{at}/g2"], f"{at}/done", checksum=sha256("gh")),
            assemble([f"{at}/empty"], f"{at}/empty too"),
        ),
        [True, False, True, True, True, True, True, False, True],
    )
    assert results[0]["created_folders"] == [f"{at}/deep", f"{at}/deep/down"]
    assert [result["replaced"] for result in results] == [False, False, True, True, False, False, False, False, False]
    assert [result["size"] for result in results] == [7, 7, 7, 7, 3, 3, 2, 2, 0]
    assert (results[4]["src"], results[4]["deleted"]) == (volumes, volumes)
    assert results[5]["deleted"] == [f"{at}/c1", f"{at}/c2"]
    assert read(folder) == {
        "a": "one ",
        "b": "two",
        "new": whole,
        "old": whole,
        "wrong": whole,
        "short": whole,
        "100% é": "xyz",
        "100% é.md5": "no",
        "cdc": "cdc",
        "ef": "ef",
        "done": "gh",
        "empty": "",
        "empty too": "",
    }


def test_what_changed_is_made_again(tmp_path, box, hosts, folder):
    at = f"/home/{folder.name}"
    write(
        folder, a="one", b="two", whole="OLDOLD", c="three", d="four", both="threeFOUR", left="four", e="", kept="four"
    )
    os.utime(folder / "a", (2000, 2000))
    os.utime(folder / "both", (3000, 3000))
    tasks = play(
        assemble([f"{at}/a", f"{at}/b"], f"{at}/whole"),
        # Its size is right, but before parts are removed that is not enough.
        assemble([f"{at}/c", f"{at}/d"], f"{at}/both", delete_sources=True),
        # As if the run before had died while it removed parts.
        assemble([f"{at}/gone", f"{at}/left"], f"{at}/kept", checksum=sha256("four"), delete_sources=True),
    )
    results = twice(tmp_path, box, hosts, tasks, [True] * 3)
    assert [result["assembled"] for result in results] == [True, True, False]
    assert results[2]["deleted"] == [f"{at}/left"]
    assert read(folder) == {"a": "one", "b": "two", "whole": "onetwo", "both": "threefour", "e": "", "kept": "four"}


def test_an_interrupted_run_is_finished(tmp_path, box, hosts, folder):
    at = f"/home/{folder.name}"
    write(folder, a="one", b="two", c="three")
    (folder / marks.staging_path(f"{at}/whole").rpartition("/")[2]).write_text("on")
    (folder / marks.backup_path(f"{at}/whole").rpartition("/")[2]).write_text("old")
    twice(tmp_path, box, hosts, play(assemble([f"{at}/a", f"{at}/b"], f"{at}/whole")), [True])
    assert read(folder) == {"a": "one", "b": "two", "c": "three", "whole": "onetwo"}


def test_errors_lose_nothing(tmp_path, box, hosts, folder):
    at = f"/home/{folder.name}"
    write(folder, a="one", b="two", whole="old", **{"v.001": "1", "v.003": "3"})
    (folder / "folder").mkdir()
    parts = [f"{at}/a", f"{at}/b"]
    before = read(folder)
    cases = [
        (assemble([], f"{at}/x"), "usage", "option src"),
        (assemble(["home/a"], f"{at}/x"), "usage", "option src: 'home/a'"),
        (assemble(parts, f"{at}/"), "usage", "option dest"),
        (assemble(parts, "/home"), "usage", "is a share"),
        (assemble(parts, f"{at}/a"), "usage", "is one of the parts"),
        (assemble(parts, f"{at}/x", multi_volumes=True), "usage", "ends with 001"),
        (assemble(parts, f"{at}/x", checksum="sha256:12"), "usage", "option checksum: 'sha256:12'"),
        (assemble([f"{at}/a", f"{at}/none"], f"{at}/x"), "not_found", f"{at}/none"),
        (assemble([f"{at}/v.001"], f"{at}/x", multi_volumes=True), "not_found", f"{at}/v.002"),
        (assemble(["/none/v.001"], f"{at}/x", multi_volumes=True), "not_found", "/none/v.001"),
        (assemble(parts, f"{at}/none/x"), "not_found", f"{at}/none"),
        (assemble(parts, "/none/x", parents=True), "not_found", "/none"),
        (assemble(parts, f"{at}/folder"), "wrong_type", f"{at}/folder"),
        (assemble([f"{at}/a", f"{at}/folder"], f"{at}/x"), "wrong_type", f"{at}/folder"),
    ]
    box.forget()
    results = run(tmp_path, play(*(task for task, _kind, _text in cases)), hosts).results()
    for (_task, kind, text), result in zip(cases, results, strict=True):
        assert result["failure"]["kind"] == kind, result
        assert text in result["msg"]
    assert box.writes() == []
    # In check mode an earlier task may have promised the parts.
    may_be_created_earlier = run(tmp_path, play(cases[7][0]), hosts, "--check").results()[0]
    assert may_be_created_earlier["changed"]
    assert "a task before this one" in may_be_created_earlier["warnings"][0]
    desired = assemble(parts, f"{at}/whole", delete_sources=True)
    wrong = assemble(parts, f"{at}/whole", delete_sources=True, checksum=sha256("other!"))
    (result,) = run(tmp_path, play(wrong), hosts).results()
    assert (result["failure"]["kind"], read(folder)) == ("mismatch", before)
    for fault, kind in (({"fail_task": "disk_full"}, "no_space"), ({"disk_full": {"at_bytes": 4}}, "no_space")):
        box.faults({"call": CAT, "do": fault})
        (result,) = run(tmp_path, play(desired), hosts).results()
        assert (result["failure"]["kind"], read(folder)) == (kind, before), result
    box.faults({"call": CAT, "do": "stall_task"})
    slow = assemble(parts, f"{at}/whole", delete_sources=True, wait_timeout=0)
    (result,) = run(tmp_path, play(slow), hosts).results()
    assert (result["failure"]["kind"], read(folder)) == ("timeout", before)
    # A change of names that fails brings the old content back.
    box.faults({"call": "POST fs/rename/", "after": 1, "do": {"error": "access_denied"}})
    (result,) = run(tmp_path, play(desired), hosts).results()
    assert (result["failure"]["kind"], read(folder)) == ("permission_denied", before)
    box.faults({"call": CAT, "do": "lose_task"})
    assert run(tmp_path, play(desired), hosts).changed == {"it": 1}
    assert read(folder)["whole"] == "onetwo"
    assert "a" not in read(folder)


def test_a_vendor_that_cannot_names_those_that_can(tmp_path, nas):
    hosts = {vendor: nas[vendor].variables() for vendor in ("synology", "qnap")}
    repair = {"nasops.nas.nas_repair": {"path": "/home/x.par2"}, "ignore_errors": True}
    outcome = run(tmp_path, play(assemble(["/home/a"], "/home/b"), repair), hosts)
    for result in outcome.results():
        assert (result["failure"]["kind"], result["failure"]["hint"]) == ("unsupported", "Offered by: freebox")
    assert nas["synology"].log() == nas["qnap"].log() == []
