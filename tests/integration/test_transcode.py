# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Renditions of films: queued, waited for, taken off the queue, removed, on the simulator's disk."""

from __future__ import annotations

import pytest

from tests.support.playbooks import play, run

OPS = {"list": "video_ml_queue&op=1", "add": "video_ml_queue&op=3", "remove": "video_ml_queue&op=5"}
ALL = ["flv_720", "mp4_360", "mp4_720"]


@pytest.fixture
def films(nas, request):
    """A QNAP, a folder on its disk, and the folder's path."""
    device = nas["qnap"]
    folder = device.root / "home" / request.node.name
    folder.mkdir()
    return device, folder, f"/home/{request.node.name}"


def task(*paths, **options):
    return {"nasops.nas.nas_transcode": {"path": list(paths), **options}}


def do(tmp_path, device, tasks, *arguments):
    """The results of tasks, those that fail included."""
    plays = play(*tasks, ignore_errors=True)
    return run(tmp_path, plays, {"it": device.variables()}, *arguments).results()


def made(folder):
    return sorted(place.name for place in (folder / "@Transcode").glob("*"))


def test_from_nothing_to_renditions_and_back(tmp_path, films):
    device, folder, path = films
    (folder / "a, b é.mp4").write_bytes(b"film" * 1000)
    (folder / "inner").mkdir()
    (folder / "inner" / "c.mkv").write_bytes(b"other")
    both = [f"{path}/a, b é.mp4", f"{path}/inner/c.mkv"]
    finished = task(*both, state="finished", wait_timeout=60)
    (checked,) = do(tmp_path, device, [finished], "--check", "--diff")
    assert device.writes() == []
    first, second, third = do(tmp_path, device, [finished, finished, task(*both)], "--diff")
    assert [one["changed"] for one in (checked, first, second, third)] == [True, True, False, False]
    assert first["queued"] == checked["queued"] == both
    assert len(device.calls("get_video_qstatus")) == len(both)
    assert first["diff"] == checked["diff"]
    assert first["renditions"] == second["renditions"] == dict.fromkeys(both, ALL)
    assert made(folder) == [f"a, b é.mp4.{form}.{form[:3]}" for form in ALL]
    device.forget()
    absent = task(*both, state="absent")
    (checked,) = do(tmp_path, device, [absent], "--check", "--diff")
    assert device.writes() == []
    first, second = do(tmp_path, device, [absent] * 2, "--diff")
    assert [one["changed"] for one in (checked, first, second)] == [True, True, False]
    assert first["deleted"] == checked["deleted"] == both
    assert first["diff"] == checked["diff"]
    assert first["renditions"] == {both[0]: [], both[1]: []}
    assert made(folder) == []
    assert (folder / "a, b é.mp4").exists()


def test_a_run_that_changes_nothing_is_cheap(tmp_path, films):
    device, folder, path = films
    names = [f"{number}.mp4" for number in range(50)]
    for name in names:
        (folder / name).write_bytes(b"film")
    finished = task(*(f"{path}/{name}" for name in names), state="finished", resolutions=[360])
    assert do(tmp_path, device, [finished])[0]["changed"]
    device.forget()
    assert not do(tmp_path, device, [finished])[0]["changed"]
    assert [entry["call"] for entry in device.log()][1:-1] == ["stat", "video_list"]


def test_only_missing_resolutions_are_made(tmp_path, films):
    device, folder, path = films
    (folder / "a.mp4").write_bytes(b"film")
    desires = [
        task(f"{path}/a.mp4", state="finished", resolutions=[360]),
        task(f"{path}/a.mp4", state="finished", resolutions=[720, 360]),
    ]
    assert [one["changed"] for one in do(tmp_path, device, [desires[0], desires[0], desires[1], desires[1]])] == [
        True,
        False,
        True,
        False,
    ]
    assert [call["params"]["mask"] for call in device.calls(OPS["add"])] == ["2", "4"]
    # The device does not show this one, but the queue says that it is done.
    (folder / "b.mp4").write_bytes(b"film")
    small = task(f"{path}/b.mp4", state="finished", resolutions=[240])
    gone = task(f"{path}/b.mp4", state="absent")
    results = do(tmp_path, device, [small, small, gone, gone, small])
    assert [one["changed"] for one in results] == [True, False, True, False, True]
    assert "b.mp4.mp4_240.mp4" in made(folder)


def test_the_queue(tmp_path, films):
    device, folder, path = films
    for name in "abc":
        (folder / f"{name}.mp4").write_bytes(b"film")
    a, b, c = (f"{path}/{name}.mp4" for name in "abc")
    device.faults({"call": OPS["add"], "times": 0, "do": "stall_task"})
    unqueued = task(a, b, c, state="unqueued")
    info = {"nasops.nas.nas_info": {"gather": ["transcoding"]}}
    results = do(tmp_path, device, [task(a, b), task(b, a), task(c, first=True), info, task(a, state="absent"), info])
    assert [one.get("changed") for one in results[:3]] == [True, False, True]
    rows = [row for row in results[3]["transcoding"] if row["path"].startswith(path)]
    assert [row["state"] for row in sorted(rows, key=lambda row: row["path"])] == ["running", "queued", "queued"]
    assert [row["path"] for row in rows] == [c, a, b]
    assert results[4]["unqueued"] == [a]
    assert results[4]["deleted"] == []
    assert a not in [row["path"] for row in results[5]["transcoding"]]
    assert device.calls("cancel_transcode")
    device.forget()
    (checked,) = do(tmp_path, device, [unqueued], "--check")
    assert device.writes() == []
    first, second = do(tmp_path, device, [unqueued] * 2)
    assert (checked["changed"], first["changed"], second["changed"]) == (True, True, False)
    assert sorted(first["unqueued"]) == sorted(checked["unqueued"]) == [b, c]
    assert made(folder) == []


def test_failures(tmp_path, films):
    device, folder, path = films
    (folder / "a.mp4").write_bytes(b"film")
    (folder / "song.mp3").write_bytes(b"song")
    film = f"{path}/a.mp4"
    desired = task(film, state="finished", wait_timeout=1)
    device.faults({"call": OPS["add"], "times": 0, "do": "stall_task"})
    failed, info = do(tmp_path, device, [desired, {"nasops.nas.nas_info": {"gather": ["transcoding"]}}])
    assert failed["failure"]["kind"] == "timeout"
    assert film not in [row["path"] for row in info["transcoding"]]  # taken off again
    device.faults({"call": OPS["add"], "times": 0, "do": {"fail_task": 1}})
    (failed,) = do(tmp_path, device, [desired])
    assert failed["failure"]["kind"] == "device"
    assert failed["failure"]["path"] == film
    device.faults()
    assert do(tmp_path, device, [desired])[0]["changed"]
    device.faults({"call": "delete_transcode", "do": {"vendor": "pretend"}})
    (failed,) = do(tmp_path, device, [task(film, state="absent")])
    assert failed["failure"]["kind"] == "device"
    device.faults()
    cases = [
        (task(f"{path}/none.mp4"), "not_found"),
        (task(path), "wrong_type"),
        (task(f"{path}/song.mp3"), "invalid_argument"),
        (task("home/a.mp4"), "usage"),
        (task("/home"), "usage"),
        (task(film, resolutions=[]), "usage"),
        (task(film, state="absent", resolutions=[360]), "usage"),
        (task(film, state="unqueued", first=True), "usage"),
    ]
    for (case, kind), failed in zip(cases, do(tmp_path, device, [case for case, _kind in cases]), strict=True):
        assert failed["failure"]["kind"] == kind, (case, failed)
    gone = [task(f"{path}/none.mp4", state=state) for state in ("unqueued", "absent")]
    assert [one["changed"] for one in do(tmp_path, device, gone)] == [False, False]
    (may_be_created_earlier,) = do(tmp_path, device, [task(f"{path}/none.mp4")], "--check")
    assert may_be_created_earlier["changed"]
    assert "is not there yet" in may_be_created_earlier["warnings"][0]


def test_vendors_and_devices_that_do_not_transcode(tmp_path, nas, start):
    for vendor in ("synology", "freebox"):
        (failed,) = do(tmp_path, nas[vendor], [task("/home/a.mp4")])
        assert failed["failure"]["kind"] == "unsupported"
        assert "Offered by: qnap" in failed["msg"]
        assert nas[vendor].log() == []
    device = start("qnap", arguments=("--vendor-opt", "transcoding=off"))
    (device.root / "home" / "a.mp4").write_bytes(b"film")
    (failed,) = do(tmp_path, device, [task("/home/a.mp4")])
    assert failed["failure"]["kind"] == "unsupported"
    assert "media library" in failed["msg"]
