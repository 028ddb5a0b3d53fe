# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""nas_find: the same answer from every vendor, by a search where the device has one, by lists where it has none."""

from __future__ import annotations

import os
import shutil
import time

import pytest

from tests.support.devices import VENDORS
from tests.support.playbooks import play, run

SEARCH = {"synology": "SYNO.FileStation.Search/start", "qnap": "search"}
ENDINGS = ("SYNO.FileStation.Search/stop", "SYNO.FileStation.Search/clean")
TOP = "/home/find"
DAY = 86400
FILES = {
    "a.txt": (10, 1),
    "B.TXT": (10, 1),
    "2024": (20, 10),
    "a, b.txt": (2048, 40),
    "100% #1+.txt": (0, 400),
    "\u00e9.jpg": (5000, 1),
    "e\u0301.jpg": (5000, 1),
    ".hidden.txt": (10, 1),
    "d1/[1].txt": (10, 1),
    "d1/big.jpg": (3 * 1024 * 1024, 40),
    "d1/d2/deep.txt": (10, 1),
    "d1/.secret/inside.txt": (10, 1),
    "photo.d/one.txt": (10, 40),
    "@Recycle/old.txt": (10, 1),
    "#recycle/old.txt": (10, 1),
}
SHOWN = sorted(name for name in FILES if not any(part[0] in ".@#" for part in name.split("/")))


def find(**options):
    return {"nasops.nas.nas_find": {"paths": [TOP], **options}}


@pytest.fixture
def seeded(nas):
    """All devices with the same files."""
    now = time.time()
    for device in nas.values():
        top = device.root / TOP[1:]
        shutil.rmtree(top, ignore_errors=True)
        for name, (size, days) in FILES.items():
            file = top / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(b"x" * size)
            os.utime(file, (now - days * DAY, now - days * DAY))
        device.forget()
    return nas


def found(result):
    return [entry["path"][len(TOP) + 1 :] for entry in result["files"]]


def matching(*endings):
    return [name for name in SHOWN if name.endswith(endings)]


QUESTIONS = [
    (find(), [name for name in SHOWN if "/" not in name]),
    (find(recurse=True), SHOWN),
    (find(recurse=True, patterns=["*.txt"]), matching(".txt")),
    (find(recurse=True, pattern="*.jpg,*.TXT"), matching(".jpg", ".TXT")),
    (
        find(recurse=True, patterns=["*.txt"], excludes=["a*", "[[]*"]),
        ["100% #1+.txt", "d1/d2/deep.txt", "photo.d/one.txt"],
    ),
    (find(recurse=True, patterns=["a, b.txt", "2024"]), ["2024", "a, b.txt"]),
    (find(recurse=True, patterns=["\u00e9.jpg"]), ["\u00e9.jpg"]),
    (find(recurse=True, patterns=["e\u0301.jpg"]), ["e\u0301.jpg"]),
    (find(recurse=True, patterns=["[[]1].txt", "100*"]), ["100% #1+.txt", "d1/[1].txt"]),
    (find(recurse=True, size="1m"), ["d1/big.jpg"]),
    (find(recurse=True, size="2k", patterns=["*.txt"]), ["a, b.txt"]),
    (find(recurse=True, size="-0"), ["100% #1+.txt"]),
    (find(recurse=True, age="30d"), ["100% #1+.txt", "a, b.txt", "d1/big.jpg", "photo.d/one.txt"]),
    (find(recurse=True, age="-2w", patterns=["20*", "big*", "deep*"]), ["2024", "d1/d2/deep.txt"]),
    (find(recurse=True, depth=2, patterns=["*.txt"]), [name for name in matching(".txt") if name.count("/") < 2]),
    (find(recurse=True, depth=1), [name for name in SHOWN if "/" not in name]),
    (find(recurse=True, file_type="folder"), ["d1", "d1/d2", "photo.d"]),
    (find(recurse=True, file_type="folder", patterns=["*d*"], size="1g"), ["d1", "d1/d2", "photo.d"]),
    (find(recurse=True, file_type="any", patterns=["d*"]), ["d1", "d1/d2", "d1/d2/deep.txt"]),
    (find(recurse=True, patterns=["*.txt"], hidden=True), sorted(name for name in FILES if name.endswith(".txt"))),
    (find(paths=[TOP, f"{TOP}/d1/", f"{TOP}/d1/d2"], recurse=True, patterns=["*p.txt"]), ["d1/d2/deep.txt"]),
    (find(paths=[f"{TOP}/@Recycle"], recurse=True), ["@Recycle/old.txt"]),
    (find(recurse=True, patterns=["nothing*"]), []),
]


def test_all_vendors_answer_the_same(tmp_path, seeded):
    hosts = {vendor: device.variables() for vendor, device in seeded.items()}
    outcome = run(tmp_path, play(*(question for question, _expected in QUESTIONS)), hosts)
    assert outcome.status == 0, outcome.text
    for vendor, device in seeded.items():
        results = outcome.results(vendor)
        for (question, expected), result in zip(QUESTIONS, results, strict=True):
            assert (vendor, question, found(result)) == (vendor, question, expected)
            assert result["matched"] == len(expected)
            assert not result["changed"]
            assert "warnings" not in result
            for entry in result["files"]:
                size, days = FILES.get(entry["path"][len(TOP) + 1 :], (None, None))
                assert entry["size"] == size
                assert days is None or 0 <= time.time() - entry["mtime"] - days * DAY < 600
        assert device.writes() == []
        # Only where nothing was searched for is it known how many there are.
        assert results[0]["examined"] == len([name for name in SHOWN if "/" not in name]) + 2
        assert (results[2]["examined"] is None) == (vendor in SEARCH)
    ended = [len(seeded["synology"].calls(call)) for call in (SEARCH["synology"], *ENDINGS)]
    assert ended == [ended[0]] * 3


@pytest.mark.parametrize("vendor", SEARCH)
def test_a_search_spares_the_lists(tmp_path, seeded, vendor):
    device = seeded[vendor]
    for number in range(40):
        (device.root / TOP[1:] / f"many{number}").mkdir()
    outcome = run(tmp_path, play(find(recurse=True, patterns=["*.jpg"])), {"it": device.variables()}, "--check")
    assert found(outcome.results()[0]) == ["d1/big.jpg", "e\u0301.jpg", "\u00e9.jpg"]
    assert device.calls(device.told("list")) == []
    assert len(device.calls(SEARCH[vendor])) == 1


def test_where_the_device_finds_too_much_or_tells_too_little(tmp_path, start):
    """QTS 4 tells no times in lists and searches, and no QNAP lists more than a thousand."""
    device = start("qnap", profile="qts4")
    top = device.root / TOP[1:]
    top.mkdir()
    for number in range(1010):
        (top / f"{number:04}.txt").touch()
    old = top / "d" / "0500.txt"
    old.parent.mkdir()
    old.touch()
    os.utime(old, (1000000000, 1000000000))
    tasks = [
        find(recurse=True, patterns=["*.txt"], limit=2),
        find(recurse=True, patterns=["*0500.txt"], age="1w"),
        find(recurse=True, patterns=["*0500.txt"]),
    ]
    outcome = run(tmp_path, play(*tasks), {"it": device.variables()})
    assert outcome.status == 0, outcome.text
    many, aged, both = outcome.results()
    assert (many["matched"], found(many)) == (1011, ["0000.txt", "0001.txt"])
    assert many["examined"] == 1012
    assert (aged["examined"], found(aged), aged["files"][0]["mtime"]) == (None, ["d/0500.txt"], 1000000000)
    assert [entry["mtime"] > 1000000000 for entry in both["files"]] == [True, False]


@pytest.mark.parametrize("vendor", VENDORS)
def test_owners(tmp_path, seeded, vendor):
    host = {"it": seeded[vendor].variables()}
    tasks = [
        find(recurse=True, patterns=["a.txt"], owner="admin"),
        find(recurse=True, patterns=["a.txt"], owner="nobody-like-that", group="users"),
    ]
    outcome = run(tmp_path, play(*({**task, "ignore_errors": True} for task in tasks)), host)
    mine, other = outcome.results()
    if vendor == "freebox":
        assert mine["failure"]["kind"] == "unsupported"
        assert mine["msg"] == "freebox: this NAS does not offer the owner of files. Offered by: qnap, synology"
        assert seeded[vendor].log() == []
    else:
        assert [entry["owner"] for entry in mine["files"]] == ["admin"]
        assert found(other) == []


@pytest.mark.parametrize("vendor", VENDORS)
def test_bad_options_are_refused(tmp_path, seeded, vendor):
    device = seeded[vendor]
    tasks = [
        find(paths=["relative"]),
        find(paths=["/"]),
        find(size="huge"),
        find(age="1y"),
        find(depth=2),
        find(recurse=True, depth=0),
        find(limit=0),
    ]
    mistakes = run(tmp_path, play(*({**task, "ignore_errors": True} for task in tasks)), {"it": device.variables()})
    for result, text in zip(
        mistakes.results(), ("relative", "/", "huge", "1y", "depth", "depth", "limit"), strict=True
    ):
        assert result["failure"]["kind"] == "usage"
        assert text in result["msg"]
        assert result["failure"]["hint"]
    assert device.log() == []

    tasks = [
        find(paths=[f"{TOP}/none", f"{TOP}/d1"], recurse=True, patterns=["*.jpg"]),
        find(paths=[f"{TOP}/none"]),
        {**find(paths=[f"{TOP}/a.txt"], recurse=True, patterns=["*.jpg"]), "ignore_errors": True},
        {**find(paths=[f"{TOP}/a.txt"]), "ignore_errors": True},
    ]
    outcome = run(tmp_path, play(*tasks), {"it": device.variables()})
    some, none, file, listed = outcome.results()
    assert found(some) == ["d1/big.jpg"]
    assert found(none) == []
    for result in (some, none):
        assert list(result["skipped_paths"]) == [f"{TOP}/none"]
        assert f"{TOP}/none" in result["warnings"][0]
    for result in (file, listed):
        assert (result["failure"]["kind"], result["failure"]["path"]) == ("wrong_type", f"{TOP}/a.txt")


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_folder_that_is_closed_to_the_user(tmp_path, seeded, vendor):
    device = seeded[vendor]
    closed = device.root / TOP[1:] / "d1" / "d2"
    closed.chmod(0o300)
    try:
        tasks = [find(recurse=True, hidden=True, patterns=["*.jpg"]), find(recurse=True, patterns=["*.jpg"])]
        tasks += [
            {**find(paths=[f"{TOP}/d1/d2"], recurse=recurse, patterns=["*.txt"]), "ignore_errors": True}
            for recurse in (False, True)
        ]
        walked, asked, *named = run(tmp_path, play(*tasks), {"it": device.variables()}).results()
    finally:
        closed.chmod(0o700)
    assert found(walked) == found(asked) == matching(".jpg")
    assert list(walked["skipped_paths"]) == [f"{TOP}/d1/d2"]
    assert "d1/d2" in walked["warnings"][0]
    assert [result["failure"]["kind"] for result in named] == ["permission_denied"] * 2


def test_a_search_that_takes_too_long_is_stopped_and_cleaned(tmp_path, seeded):
    device = seeded["synology"]
    device.faults({"call": SEARCH["synology"], "only": "synology", "do": "stall_task"})
    slow = find(recurse=True, patterns=["*.txt"], wait_timeout=0)
    outcome = run(tmp_path, play({**slow, "ignore_errors": True}), {"it": device.variables()})
    (result,) = outcome.results()
    assert result["failure"]["kind"] == "timeout"
    assert [len(device.calls(call)) for call in ENDINGS] == [1, 1]


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_device_in_trouble(tmp_path, seeded, vendor):
    device = seeded[vendor]
    question = find(recurse=True, patterns=["*.jpg"])
    busy = [
        {"call": call, "only": vendor, "times": 1, "do": {"status": 503}}
        for call in (device.told("list"), SEARCH.get(vendor, "-"))
    ]
    device.faults(*busy)
    assert found(run(tmp_path, play(question), {"it": device.variables()}).results()[0]) == [
        "d1/big.jpg",
        "e\u0301.jpg",
        "\u00e9.jpg",
    ]
    garbage = [
        {"call": call, "only": vendor, "times": 0, "do": "garbage"}
        for call in (device.told("list"), SEARCH.get(vendor, "-"))
    ]
    device.faults(*garbage)
    (result,) = run(tmp_path, play({**question, "ignore_errors": True}), {"it": device.variables()}).results()
    assert result["failure"]["kind"] == "protocol"


def test_by_other_times(tmp_path, nas):
    for device in nas.values():
        top = device.root / "home" / "stamps"
        top.mkdir(exist_ok=True)
        (top / "old").write_bytes(b"x")
        (top / "read").write_bytes(b"x")
        now = time.time()
        os.utime(top / "old", (now - 40 * DAY, now))
        os.utime(top / "read", (now, now - 40 * DAY))
    tasks = [
        {**find(paths=["/home/stamps"], age="30d", age_stamp=stamp), "ignore_errors": True}
        for stamp in ("mtime", "atime", "ctime", "crtime")
    ]
    tasks.append({**find(paths=["/home/stamps"], recurse=True, age="30d", age_stamp="atime"), "ignore_errors": True})
    tasks.append({**find(paths=["/home/stamps"], age_stamp="atime"), "ignore_errors": True})
    outcome = run(tmp_path, play(*tasks), {vendor: nas[vendor].variables() for vendor in VENDORS}, "--check")
    for vendor in VENDORS:
        by_mtime, *others, searched, senseless = outcome.results(vendor)
        assert [entry["path"] for entry in by_mtime["files"]] == ["/home/stamps/read"]
        assert "age_stamp" in senseless["msg"]
        if vendor == "synology":
            by_atime = [[entry["path"] for entry in result["files"]] for result in (others[0], searched)]
            assert by_atime == [["/home/stamps/old"]] * 2, outcome.text
            assert others[0]["files"][0]["atime_iso"].endswith("Z")
            assert others[1]["files"] == []
            assert all(entry["crtime"] < now - 30 * DAY for entry in others[2]["files"])
            continue
        for result in (*others, searched):
            assert result["failure"]["kind"] == "unsupported"
            assert "synology" in result["failure"]["hint"]
