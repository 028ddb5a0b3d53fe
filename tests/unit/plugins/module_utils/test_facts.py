# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What devices tell beside name, size and time; times that people can read; and values that make no sense."""

from __future__ import annotations

import pytest
from ansible_collections.nasops.nas.plugins.module_utils import _vendors
from ansible_collections.nasops.nas.plugins.module_utils._core import times as _times
from ansible_collections.nasops.nas.plugins.module_utils._core.archives import ArchiveMember
from ansible_collections.nasops.nas.plugins.module_utils._core.device import Criteria
from ansible_collections.nasops.nas.plugins.module_utils._core.errors import Kind, NasError
from ansible_collections.nasops.nas.plugins.module_utils._core.links import ShareLink
from ansible_collections.nasops.nas.plugins.module_utils._core.model import FILE, FOLDER, Entry, parse_size, parse_time
from ansible_collections.nasops.nas.plugins.module_utils._freebox import jobs as box_tasks
from ansible_collections.nasops.nas.plugins.module_utils._plans.find import Desired, criteria_of, fits
from ansible_collections.nasops.nas.plugins.module_utils._synology import job_list
from ansible_collections.nasops.nas.plugins.module_utils._synology.entries import read_entry, read_share
from ansible_collections.nasops.nas.plugins.module_utils._synology.reply import Reply
from ansible_collections.nasops.nas.plugins.module_utils._synology.search import narrowed
from ansible_collections.nasops.nas.plugins.modules.nas_archive import listed
from ansible_collections.nasops.nas.tests.unit.plugins.module_utils._freebox.fake import Fake as Box
from ansible_collections.nasops.nas.tests.unit.plugins.module_utils._freebox.fake import b64, good, info
from ansible_collections.nasops.nas.tests.unit.plugins.module_utils._qnap.fake import Fake as Qnap
from ansible_collections.nasops.nas.tests.unit.plugins.module_utils._qnap.fake import row, rows
from ansible_collections.nasops.nas.tests.unit.plugins.module_utils._synology.fake import file


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0, "1970-01-01T00:00:00Z"),
        (1700000000, "2023-11-14T22:13:20Z"),
        (-1, "1969-12-31T23:59:59Z"),
        (253402300799, "9999-12-31T23:59:59Z"),
        (253402300800, None),
        (-62135596800, "0001-01-01T00:00:00Z"),
        (10**30, None),
        (None, None),
    ],
)
def test_iso(seconds, expected):
    assert _times.iso(seconds) == expected


@pytest.mark.parametrize("value", [-1, 2**63, "5", "", None, True, 1.0, [], {}])
def test_no_size(value):
    with pytest.raises(ValueError, match="size"):
        parse_size(value)


@pytest.mark.parametrize("value", ["5", "", True, [], {}])
def test_no_time(value):
    with pytest.raises(ValueError, match="time"):
        parse_time(value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (5, 5),
        (5.9, 5),
        (-5, -5),
        (None, None),
        (10**18, None),
        (1e300, None),
        (10**400, None),
        (float("inf"), None),
        (float("nan"), None),
    ],
)
def test_time(value, expected):
    assert parse_time(value) == expected


@pytest.mark.parametrize("size", ["-1", -1, "x", "", None, 1.5, [], 2**63, "9" * 30])
def test_a_senseless_size_of_a_qnap(size):
    nas = Qnap()
    nas.on("stat", rows(row("a", filesize=size)), rows(row("d", isfolder=1)))
    nas.on("get_list", rows(row("a", filesize=size)))
    try:
        for read in (lambda: nas.client().files.stat(["/S/a"]), lambda: list(nas.client().files.list("/S/d"))):
            with pytest.raises(NasError) as caught:
                read()
            assert caught.value.kind is Kind.PROTOCOL
            assert "size" in caught.value.message
    finally:
        nas.close()


@pytest.mark.parametrize(
    ("mtime", "expected"),
    [("1700000000", 1700000000), (5.5, 5), ("", None), (None, None), (10**17, None), ("soon", Kind.PROTOCOL)],
)
def test_a_time_of_a_qnap(mtime, expected):
    nas = Qnap()
    nas.on("stat", rows(row("a", epochmt=mtime)))
    try:
        if isinstance(expected, Kind):
            with pytest.raises(NasError) as caught:
                nas.client().files.stat(["/S/a"])
            assert caught.value.kind is expected
        else:
            assert nas.client().files.stat(["/S/a"])["/S/a"].mtime == expected
    finally:
        nas.close()


def test_what_a_freebox_tells_of_a_file():
    box = Box()
    box.on(f"GET fs/info/{b64('/d/a.jpg')}", good({**info("/d/a.jpg"), "mimetype": "image/jpeg"}))
    try:
        reported = box.client().files.stat(["/d/a.jpg"])["/d/a.jpg"].as_result()
    finally:
        box.stop()
    assert (reported["mimetype"], reported["link"], reported["target"]) == ("image/jpeg", False, None)
    assert (reported["mtime"], reported["mtime_iso"]) == (1700000000, "2023-11-14T22:13:20Z")
    assert reported["atime"] is reported["atime_iso"] is reported["uid"] is reported["acl"] is None


ACL = {"append": True, "del": False, "exec": False, "read": True, "write": True}


def test_what_a_synology_tells_of_a_file():
    times = {"atime": 1, "mtime": 2, "ctime": 3, "crtime": 4}
    perm = {"acl": ACL, "is_acl_mode": True, "posix": 777}
    item = file("/pub/a", time=times, perm=perm, real_path="/volume1/pub/a")
    reported = read_entry(Reply(item, "x")).as_result()
    assert {name: reported[name] for name in times} == times
    assert reported["crtime_iso"] == "1970-01-01T00:00:04Z"
    assert (reported["uid"], reported["gid"], reported["owner"], reported["mode"]) == (1027, 100, "backup", "777")
    assert (reported["acl"], reported["is_acl_mode"], reported["real_path"]) == (ACL, True, "/volume1/pub/a")
    assert reported["link"] is reported["target"] is None


def test_what_a_synology_tells_of_a_share():
    right = {"disable_download": False, "disable_list": True, "disable_modify": False}
    perm = {"share_right": "RW", "posix": 777, "adv_right": right, "acl": ACL, "acl_enable": True, "is_acl_mode": True}
    item = {"path": "/pub", "name": "pub", "isdir": True, "additional": {"real_path": "/volume1/pub", "perm": perm}}
    reported = read_share(Reply(item, "x")).as_result()
    assert (reported["adv_right"], reported["acl"], reported["is_acl_mode"]) == (right, ACL, True)
    assert (reported["real_path"], reported["read_only"]) == ("/volume1/pub", False)


def test_facts_that_change_by_reading_distinguish_no_entries():
    assert Entry("/a", FILE, 1, 5, atime=1, acl=ACL) == Entry("/a", FILE, 1, 5, atime=2)
    assert hash(Entry("/a", FILE, 1, 5, acl=ACL)) == hash(Entry("/a", FILE, 1, 5))
    assert Entry("/a", FOLDER, link=True) != Entry("/a", FOLDER, link=False)


BOX_TASK = {
    "id": 7,
    "type": "cp",
    "state": "running",
    "error": "none",
    "progress": 50,
    "created_ts": 10,
    "started_ts": 20,
    "done_ts": 0,
    "duration": 5,
    "rate": 1000,
    "eta": 9,
    "nfiles": 4,
    "nfiles_done": 0,
    "total_bytes": 100,
    "total_bytes_done": 50,
    "from": "/d/a",
    "to": "/d/b",
}


def test_what_a_freebox_tells_of_a_task():
    result = box_tasks.read(BOX_TASK, "GET fs/tasks/").as_result()
    assert (result["created"], result["created_iso"]) == (10, "1970-01-01T00:00:10Z")
    assert (result["started"], result["ended"], result["ended_iso"]) == (20, None, None)
    assert (result["rate"], result["eta"], result["processing"]) == (1000, 9, "/d/a")
    assert (result["files_done"], result["files_total"], result["bytes_done"], result["bytes_total"]) == (
        0,
        4,
        50,
        100,
    )


@pytest.mark.parametrize("value", [None, 0, -1, [], True, 10**40])
def test_a_freebox_that_does_not_know(value):
    numbers = ("created_ts", "started_ts", "done_ts", "rate", "eta", "nfiles", "total_bytes")
    result = box_tasks.read({**BOX_TASK, **dict.fromkeys(numbers, value), "from": value, "to": ""}, "x")
    assert result.rate is result.eta is result.files_total is result.bytes_done is result.processing is None
    assert result.created in (None, -1)


@pytest.mark.parametrize(
    ("more", "files", "size"),
    [
        ({"processed_num": 3, "total": 9}, (3, 9), (None, None)),
        ({"processed_size": 30, "total": 90}, (None, None), (30, 90)),
        ({"processed_num": -1, "total": -1}, (None, None), (None, None)),
        ({"total": -1, "progress": 0.5}, (None, None), (None, None)),
    ],
)
def test_what_a_synology_tells_of_a_task(more, files, size):
    item = {"api": "SYNO.FileStation.Delete", "taskid": "x", "finished": False, "crtime": 10, **more}
    result = job_list.read_job(Reply({**item, "processing_path": "/pub/a"}, "x"))
    assert (result.created, result.processing) == (10, "/pub/a")
    assert (result.files_done, result.files_total) == files
    assert (result.bytes_done, result.bytes_total) == size


def test_links_and_members_have_readable_times():
    result = ShareLink("a", "/p", "u", expires=10).as_result()
    assert (result["expires"], result["expires_iso"], result["available_from_iso"]) == (
        10,
        "1970-01-01T00:00:10Z",
        None,
    )
    assert ShareLink("a", "/p", "u").as_result()["expires_iso"] is None
    members = {path: ArchiveMember(path, FILE, 1, 10, "id") for path in ("b", "a")}
    assert [one["path"] for one in listed(members)] == ["a", "b"]
    assert listed(members)[0] == {
        "path": "a",
        "type": FILE,
        "size": 1,
        "mtime": 10,
        "mtime_iso": "1970-01-01T00:00:10Z",
    }


# Finding by other times


@pytest.mark.parametrize("stamp", ["mtime", "ctime", "atime", "crtime"])
def test_find_by_each_time(stamp):
    desired = Desired(("/s",), oldest=10, newest=20, stamp=stamp)
    others = dict.fromkeys(("mtime", "ctime", "atime", "crtime"), 1)
    assert fits(Entry("/s/a", FILE, 1, **{**others, stamp: 15}), desired)
    assert not fits(Entry("/s/a", FILE, 1, **{**others, stamp: 25}), desired)
    assert not fits(Entry("/s/a", FILE, 1), desired)
    assert fits(Entry("/s/a", FILE, 1), desired, unknown=True)
    assert criteria_of(desired).stamp == stamp


def test_a_synology_searches_by_the_times_that_it_can():
    for stamp in ("mtime", "atime", "crtime"):
        params = narrowed("/s", Criteria(oldest=10, newest=20, stamp=stamp))
        assert (params[f"{stamp}_from"], params[f"{stamp}_to"]) == (8, 22)
    assert set(narrowed("/s", Criteria(oldest=10, newest=20, stamp="ctime"))) == {"folder_path", "recursive"}


def test_which_times_each_vendor_reports():
    able = {
        stamp: _vendors.vendors_with(lambda nas, stamp=stamp: stamp in nas.files.features.times)
        for stamp in ("mtime", "atime")
    }
    assert set(able["mtime"]) > set(able["atime"])
    assert list(able["atime"]) == ["synology"]
