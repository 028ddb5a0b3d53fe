# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""nas_favorite and nas_info's favorites: what is wished is what the device shows, and a second run changes nothing."""

from __future__ import annotations

import shutil

import pytest

from tests.support.playbooks import in_diff, play, run

API = "SYNO.FileStation.Favorite/"
ODD = ["2024", "a, b", "[1]", "\u00e9", "e\u0301", " leading", "100% #1+", 'it\'s "q"', "😀"]


def favorite(**options):
    return {"nasops.nas.nas_favorite": options}


INFO = {"nasops.nas.nas_info": {"gather": ["favorites"]}}


@pytest.fixture
def device(nas):
    return nas["synology"]


@pytest.fixture
def runner(tmp_path, device):
    """Runs tasks on a Synology without favorites; gives their results."""

    def go(*tasks, arguments=()):
        outcome = run(tmp_path, play(*tasks), {"it": device.variables()}, *arguments)
        assert "Traceback" not in outcome.text, outcome.text
        return outcome.results()

    top = device.root / "home" / "fav"
    shutil.rmtree(top, ignore_errors=True)
    for name in (*ODD, "a", "b", "c", "gone"):
        (top / name).mkdir(parents=True)
    (top / "file").touch()
    go(favorite(favorites=[], exclusive=True))
    device.forget()
    return go


def named(result):
    return [(one["path"].rpartition("/")[2], one["name"]) for one in result["favorites"]]


def at(name):
    return f"/home/fav/{name}"


def several(*names, **options):
    return favorite(favorites=[{"path": at(name)} for name in names], **options)


def test_favorites_come_change_and_go(device, runner):
    tasks = [
        several(*ODD),
        favorite(path=at("2024"), name="Photos, all"),
        favorite(favorites=[{"path": at("a"), "name": "null"}, {"path": at("2024") + "/"}]),
        favorite(favorites=[{"path": at("a"), "name": "Photos, all"}, {"path": at("2024"), "name": "null"}]),
        several("[1]", "b", state="absent"),
        several("b", "\u00e9", "2024", exclusive=True),
    ]
    (checked,) = runner(tasks[0], arguments=("--check", "--diff"))
    assert checked["changed"]
    assert named(checked) == [(name, name) for name in ODD]
    assert device.writes() == []

    real = runner(*tasks)
    assert all(result["changed"] for result in real), real
    assert named(real[0]) == [(name, name) for name in ODD]
    assert real[0]["favorites"] == checked["favorites"]
    assert (real[1]["renamed"], real[1]["added"], real[1]["deleted"]) == ([at("2024")], [], [])
    assert named(real[2])[0] == ("2024", "Photos, all")
    assert named(real[2])[-1] == ("a", "null")
    assert named(real[3])[0] == ("2024", "null")
    assert named(real[3])[-1] == ("a", "Photos, all")
    assert real[4]["deleted"] == [at("[1]")]
    assert named(real[5]) == [("b", "b"), ("\u00e9", "\u00e9"), ("2024", "null")]

    device.forget()
    again = [tasks[5], several("2024"), several("[1]", state="absent"), favorite(path=at("b"), name="b"), INFO]
    for arguments in ((), ("--check", "--diff")):
        results = runner(*again, arguments=arguments)
        assert not any(result["changed"] for result in results), results
        assert results[-1]["favorites"] == real[5]["favorites"]
    assert device.writes() == []
    assert len(device.calls(API + "list")) == 2 * len(again)
    # One stat a run: whether the share of what is absent is there.
    assert len(device.calls("SYNO.FileStation.List/getinfo")) == 2

    (order,) = runner(several("2024", "b", "\u00e9", exclusive=True), arguments=("--diff",))
    assert order["changed"]
    assert [one["path"] for one in in_diff(order, "after")["favorites"]] == [at("2024"), at("b"), at("\u00e9")]
    assert [len(device.calls(API + call)) for call in ("replace_all", "add", "delete", "edit")] == [1, 0, 0, 0]


def test_broken_favorites(device, runner):
    runner(several("a", "gone", "b"))
    (device.root / at("gone")[1:]).rmdir()
    (shown,) = runner(INFO)
    assert [one["valid"] for one in shown["favorites"]] == [True, False, True]
    device.forget()
    (checked,) = runner(favorite(clear_broken=True), arguments=("--check",))
    assert checked["deleted"] == [at("gone")]
    assert device.writes() == []
    cleared, again = runner(favorite(clear_broken=True), favorite(clear_broken=True))
    assert (cleared["deleted"], named(cleared)) == ([at("gone")], [("a", "a"), ("b", "b")])
    assert not again["changed"]
    assert [entry["call"] for entry in device.writes()] == [API + "clear_broken"]
    assert (device.root / at("a")[1:]).is_dir()


def test_bad_options_are_refused(device, runner):
    runner(several("a", "b"))
    device.forget()
    usage = [
        favorite(),
        favorite(path="a"),
        favorite(path="/"),
        favorite(path=at("a"), name=" "),
        several("a", "a"),
        several("a", state="absent", exclusive=True),
        favorite(exclusive=True, clear_broken=True),
    ]
    for result in runner(*({**task, "ignore_errors": True} for task in usage)):
        assert result["failure"]["kind"] == "usage", result
        assert result["failure"]["hint"]
    assert device.log() == []

    impossible = [
        (several("c", "none"), "not_found"),
        (several("file"), "wrong_type"),
        (favorite(path=at("c"), name="a"), "exists"),
        (favorite(path=at("b"), name="a"), "exists"),
    ]
    results = runner(*({**task, "ignore_errors": True} for task, _kind in impossible))
    assert [result["failure"]["kind"] for result in results] == [kind for _task, kind in impossible]
    assert device.writes() == []
    # What an earlier task would have made is there in a real run.
    (may_be_created_earlier,) = runner(several("none"), arguments=("--check",))
    assert may_be_created_earlier["changed"]


def test_a_device_in_trouble(device, runner):
    device.faults(
        {"call": API + "add", "only": "synology", "do": {"error": 802}},
        {"call": API + "list", "only": "synology", "after": 1, "do": "expire_session"},
    )
    full, then = runner({**favorite(path=at("a")), "ignore_errors": True}, favorite(path=at("a")))
    assert (full["failure"]["kind"], full["failure"]["code"]) == ("quota_exceeded", "802")
    assert named(then) == [("a", "a")]


@pytest.mark.parametrize("vendor", ["qnap", "freebox"])
def test_only_one_vendor_has_them(tmp_path, nas, vendor):
    tasks = [favorite(path="/home/a"), INFO]
    outcome = run(tmp_path, play(*({**task, "ignore_errors": True} for task in tasks)), {"it": nas[vendor].variables()})
    for result in outcome.results():
        assert result["failure"]["kind"] == "unsupported"
        assert "synology" in result["failure"]["hint"]
    assert nas[vendor].log() == []
