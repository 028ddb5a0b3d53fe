# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Restoring from the recycle bins of the simulators' disks, and emptying them."""

from __future__ import annotations

import os
import time

import pytest

from tests.support.playbooks import in_diff, play, run

HAVING = ("synology", "qnap")
FOLDER = {"synology": "#recycle", "qnap": "@Recycle"}
RESTORE = {"synology": "SYNO.FileStation.CopyMove/start", "qnap": "trash_recovery"}
EMPTY = {"synology": "SYNO.FileStation.Delete/start", "qnap": "delete&@Recycle"}
OLD = time.time() - 40 * 86400


@pytest.fixture(params=HAVING)
def one(request, start):
    """Each device that has recycle bins in turn, with an empty one in the share `home`; the tests' own, for what other
    tests remove goes to the recycle bins of theirs."""
    device = start(request.param)
    (device.root / "home" / FOLDER[device.vendor]).mkdir(exist_ok=True)
    return device


def task(name="nas_recycle_bin", **options):
    return {f"nasops.nas.{name}": options}


def restored(*paths, **options):
    return task(state="restored", path=list(paths), **options)


def empty(**options):
    return task(state="empty", **options)


def do(tmp_path, device, tasks, *arguments):
    """The results of tasks, those that fail included."""
    ignoring = [{**one, "ignore_errors": True} for one in tasks]
    return run(tmp_path, play(*ignoring), {"it": device.variables()}, *arguments).results()


def write(root, files, mtime=None):
    for name, content in files.items():
        place = root / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
        if mtime is not None:
            os.utime(place, (mtime, mtime))


def read(folder):
    return {str(place.relative_to(folder)): place.read_bytes() for place in folder.rglob("*") if place.is_file()}


def bin_of(device, share="home"):
    return device.root / share / FOLDER[device.vendor]


def test_what_was_deleted_comes_back(tmp_path, one):
    base, path = one.root / "home" / "back", "/home/back"
    files = {"a, b.txt": b"a", "docs/e\u0301 100% #1+.txt": b"b" * 5000, "docs/deep/c": b"c", "stays/d": b"d"}
    write(base, files)
    gone = [
        task("nas_file", path=f"{path}/a, b.txt", state="absent"),
        task("nas_folder", path=[f"{path}/docs", f"{path}/stays"], state="absent", recursive=True),
    ]
    assert all(result["changed"] for result in do(tmp_path, one, gone))
    base.rmdir()
    inside = f"/home/{FOLDER[one.vendor]}/back"
    # By the old path and by the one in the bin; something in a folder that comes back anyway is not asked for twice.
    desires = [restored(f"{path}/a, b.txt", f"{inside}/docs", f"{path}/docs/deep/c")]
    one.forget()
    (checked,) = do(tmp_path, one, desires, "--check", "--diff")
    assert one.writes() == []
    first, second = do(tmp_path, one, desires * 2, "--diff")
    (after,) = do(tmp_path, one, desires, "--check")
    assert [checked["changed"], first["changed"], second["changed"], after["changed"]] == [True, True, False, False]
    assert first["restored"] == checked["restored"] == [f"{path}/a, b.txt", f"{path}/docs"]
    assert first["created_folders"] == [path]
    assert first["diff"] == checked["diff"]
    assert in_diff(first, "after")["paths"][f"{path}/docs"]["state"] == "present"
    assert second["restored"] == second["kept"] == []
    assert read(base) == {name: content for name, content in files.items() if not name.startswith("stays")}
    assert read(bin_of(one)) == {"back/stays/d": b"d"}


def test_conflicts(tmp_path, one):
    base, path = one.root / "home" / "conflicts", "/home/conflicts"
    inside = bin_of(one) / "conflicts"
    for name in ("fail", "skip", "overwrite", "keep_both"):
        write(base, {f"{name}.txt": b"new"})
        write(inside, {f"{name}.txt": b"old " + name.encode()})
    write(base, {"keep_both (1).txt": b"taken", "folder/x": b"x"})
    write(inside, {"folder/y": b"y"})
    before = read(one.root / "home")
    cases = [
        restored(f"{path}/fail.txt"),
        restored(f"{path}/folder", conflict="overwrite"),
        restored(f"{path}/fail.txt", f"{path}/skip.txt"),
    ]
    one.forget()
    for failed in do(tmp_path, one, cases):
        assert failed["failure"]["kind"] == "exists", failed
        assert failed["failure"]["hint"]
    assert one.writes() == []
    assert read(one.root / "home") == before
    desires = [restored(f"{path}/{name}.txt", conflict=name) for name in ("skip", "overwrite", "keep_both")]
    checked = do(tmp_path, one, desires, "--check")
    assert one.writes() == []
    results = do(tmp_path, one, desires * 2)
    assert [result["changed"] for result in checked] == [False, True, True]
    assert [result["changed"] for result in results] == [False, True, True, False, False, False]
    assert [result["restored"] for result in checked] == [result["restored"] for result in results[:3]]
    assert results[0]["kept"] == [f"/home/{FOLDER[one.vendor]}/conflicts/skip.txt"]
    assert results[1]["replaced"] == [f"{path}/overwrite.txt"]
    assert results[2]["restored"] == [f"{path}/keep_both (2).txt"]
    after = read(base)
    assert after["overwrite.txt"] == b"old overwrite"
    assert after["keep_both.txt"] == b"new"
    assert after["keep_both (1).txt"] == b"taken"
    assert after["keep_both (2).txt"] == b"old keep_both"
    assert not [name for name in after if name.startswith(".nasops")]
    left = read(inside)
    assert left.pop("skip.txt") == b"old skip"
    assert left.pop("fail.txt") == b"old fail"
    assert b"new" in left.values()  # what was replaced is in the bin


def test_emptying(tmp_path, one):
    inside = bin_of(one)
    write(inside, {"old/a": b"a", "old/b": b"b", "mixed/deep/old": b"o"}, OLD)
    write(inside, {"mixed/young": b"y", "fresh": b"f"})
    name = FOLDER[one.vendor]
    tasks = [empty(share=["/home"], age="30d"), empty(share=["/home/"])]
    one.forget()
    checked = do(tmp_path, one, tasks, "--check", "--diff")
    assert one.writes() == []
    first, again = do(tmp_path, one, [tasks[0]] * 2, "--diff")
    assert first["deleted"] == checked[0]["deleted"] == [f"/home/{name}/mixed/deep", f"/home/{name}/old"]
    assert first["diff"] == checked[0]["diff"]
    assert (first["changed"], again["changed"]) == (True, False)
    assert read(inside) == {"mixed/young": b"y", "fresh": b"f"}
    one.forget()
    first, again = do(tmp_path, one, [tasks[1]] * 2)
    assert (checked[1]["changed"], first["changed"], again["changed"]) == (True, True, False)
    assert first["deleted"] == [f"/home/{name}/fresh", f"/home/{name}/mixed"]
    assert len(one.calls(EMPTY[one.vendor])) == 1
    assert inside.is_dir()
    assert not list(inside.iterdir())
    write(inside, {"more": b"m"})
    first, again = do(tmp_path, one, [empty(all=True)] * 2)
    assert (first["changed"], again["changed"]) == (True, False)
    assert first["deleted"] == [f"/home/{name}/more"]


def test_bad_input(tmp_path, one):
    cases = [
        restored("home/a"),
        restored("/home"),
        restored(f"/home/{FOLDER[one.vendor]}"),
        restored("/home/a", all=True),
        task(state="restored"),
        empty(),
        empty(share=["/home"], all=True),
        empty(share=["/home/docs"]),
        empty(all=True, age="soon"),
        empty(path=["/home/a"], all=True),
    ]
    one.forget()
    for case, failed in zip(cases, do(tmp_path, one, cases), strict=True):
        assert failed["failure"]["kind"] == "usage", (case, failed)
        assert failed["failure"]["hint"]
    assert one.log() == []
    missing = [restored("/home/none.txt"), restored("/nosuch/a"), empty(share=["/home", "/nosuch"])]
    for failed in do(tmp_path, one, missing):
        assert failed["failure"]["kind"] == "not_found", failed


def test_a_vendor_without_recycle_bins(tmp_path, nas):
    nothing, aged, wrong, *refused = do(
        tmp_path,
        nas["freebox"],
        [
            empty(all=True),
            empty(all=True, age="30d"),
            empty(all=True, age="soon"),
            empty(share=["/home"]),
            restored("/home/a"),
        ],
    )
    for done in (nothing, aged):
        assert (done["changed"], done["deleted"]) == (False, [])
        assert not done.get("failed")
    assert wrong["failure"]["kind"] == "usage"
    for failed in refused:
        assert failed["failure"]["kind"] == "unsupported"
        assert "qnap, synology" in failed["msg"]
    assert nas["freebox"].log() == []


def test_what_is_removed_past_the_bin(tmp_path, start):
    def gone(**options):
        return task("nas_file", path="/home/a.txt", state="absent", **options)

    folder = task("nas_folder", path=["/home/b"], state="absent", recursive=True, permanent=True)
    senseless = task("nas_file", path="/home/a.txt", content="a", permanent=True)
    tasks = [gone(permanent=True), folder, gone(permanent=True), senseless]
    for vendor in ("qnap", "freebox"):
        device = start(vendor)
        if vendor in HAVING:
            bin_of(device).mkdir(exist_ok=True)
        write(device.root / "home", {"a.txt": b"a", "b/c/d.txt": b"d"})
        checked = do(tmp_path, device, tasks, "--check")
        assert [result["changed"] for result in checked[:3]] == [True, True, True]
        assert device.writes() == []
        *done, refused = do(tmp_path, device, tasks)
        assert [result["changed"] for result in done] == [True, True, False], done
        assert "permanent makes no sense with state present" in refused["msg"]
        assert device.tree() == ["/home/", "/public/"]
        assert vendor not in HAVING or not list(bin_of(device).iterdir())
    device = start("synology")
    write(device.root / "home", {"a.txt": b"a"})
    for refused in do(tmp_path, device, tasks[:2]):
        assert refused["failure"]["kind"] == "unsupported"
        assert "Offered by: freebox, qnap" in refused["msg"]
    assert device.log() == []


@pytest.mark.parametrize("vendor", HAVING)
def test_shares_without_a_bin(tmp_path, start, vendor):
    device = start(vendor, arguments=("--vendor-opt", "recycle_bin=home") if vendor == "qnap" else ())
    (device.root / "home" / FOLDER[vendor]).mkdir()
    tasks = [empty(share=["/public"]), restored("/public/a"), task("nas_info", gather=["recycle_bins"])]
    first, second, info = do(tmp_path, device, tasks)
    for failed in (first, second):
        assert failed["failure"]["kind"] == "not_found"
        assert "'public' has no recycle bin" in failed["msg"]
    assert info["recycle_bins"] == [{"share": "/home", "path": f"/home/{FOLDER[vendor]}"}]


def test_bins_that_are_all_switched_off(tmp_path, start):
    device = start("qnap", arguments=("--vendor-opt", "recycle_bin=off"))
    every, named, info = do(
        tmp_path, device, [empty(all=True), empty(share=["/home"]), task("nas_info", gather=["recycle_bins"])]
    )
    assert not every["changed"]
    assert "has no recycle bin" in named["msg"]
    assert info["recycle_bins"] == []


def test_an_early_qnap_tells_real_paths(tmp_path, start):
    device = start("qnap", profile="qts4")
    write(bin_of(device), {"docs/a.txt": b"a"})
    info, back, cleared = do(
        tmp_path,
        device,
        [task("nas_info", gather=["recycle_bins"]), restored("/home/docs/a.txt"), empty(share=["/home"])],
    )
    assert [found["share"] for found in info["recycle_bins"]] == ["/home", "/public"]
    assert back["changed"]
    assert cleared["changed"]  # the folder that it was in
    assert read(device.root / "home") == {"docs/a.txt": b"a"}


def test_failures_lose_nothing(tmp_path, one):
    base, path = one.root / "home" / "breaks", "/home/breaks"
    write(base, {"a.txt": b"new"})
    write(bin_of(one), {"breaks/a.txt": b"old one", "breaks/b.txt": b"b"})
    desires = [restored(f"{path}/a.txt", conflict=conflict, wait_timeout=1) for conflict in ("overwrite", "keep_both")]
    desires.append(restored(f"{path}/b.txt", wait_timeout=1))
    before = read(one.root / "home")
    for fault in ({"error": 4 if one.vendor == "qnap" else 407}, "stall_task"):
        one.faults({"call": RESTORE[one.vendor], "only": one.vendor, "times": 0, "do": fault})
        expected = "timeout" if fault == "stall_task" else "permission_denied"
        for failed in do(tmp_path, one, desires):
            assert failed["failure"]["kind"] == expected, (fault, failed)
        assert read(one.root / "home") == before
    if one.vendor == "qnap":
        assert len(one.calls("cancel_trash_recovery")) == len(desires)
    one.faults()
    assert [result["changed"] for result in do(tmp_path, one, [desires[0], desires[2]])] == [True, True]
    assert read(base) == {"a.txt": b"old one", "b.txt": b"b"}


def test_a_bin_that_only_pretends_to_be_emptied(tmp_path, nas):
    device = nas["qnap"]
    write(bin_of(device), {"kept": b"k"})
    device.faults({"call": EMPTY["qnap"], "do": {"vendor": "pretend"}})
    (failed,) = do(tmp_path, device, [empty(share=["/home"])])
    assert failed["failure"]["kind"] == "device"
    assert failed["failure"]["call"] == "delete&@Recycle"


@pytest.mark.parametrize("vendor", HAVING)
def test_a_share_that_may_not_be_written(tmp_path, start, vendor):
    device = start(vendor, arguments=("--vendor-opt", "read_only=public"))
    write(bin_of(device, "public"), {"a.txt": b"a"})
    for failed in do(tmp_path, device, [restored("/public/a.txt"), empty(share=["/public"])]):
        assert failed["failure"]["kind"] in ("permission_denied", "read_only"), failed
    assert read(bin_of(device, "public")) == {"a.txt": b"a"}
