# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Synology: reading, making, renaming, removing; checksums and permissions."""

from __future__ import annotations

import json

import pytest
from ansible_collections.nasops.nas.plugins.module_utils._core.errors import Kind
from ansible_collections.nasops.nas.plugins.module_utils._core.model import Entry, Share
from ansible_collections.nasops.nas.plugins.module_utils._core.waiting import Watch
from ansible_collections.nasops.nas.plugins.module_utils._synology import entries
from ansible_collections.nasops.nas.tests.unit.plugins.module_utils._synology.fake import (
    Answer,
    Fail,
    dsm5,
    dsm7,
    fails,
    file,
    folder,
)

NAMES = [
    "2024",
    "007",
    "true",
    "null",
    "[1]",
    "a, b.txt",
    "caf\u00e9",
    "cafe\u0301",
    "100% #1+?.txt",
    " leading space",
    "trailing ",
    'say "hi"',
    "back\\slash",
    "it's",
    "\U0001f600 emoji",
    "\udcff\udcfe not utf-8",
    "tab\tbed",
]


def current(*known):
    """A getinfo that knows these objects, and answers as DSM 6 does for the others."""
    by_path = {item["path"]: item for item in known}

    def answer(asked):
        return {"files": [by_path.get(path, {"path": path, "code": 408}) for path in asked.json("path")]}

    return answer


# Reading


def test_stat_tells_what_is_there(dsm, nas):
    dsm.on("List/getinfo", current(file("/pub/a.txt", size=8), folder("/pub/d"), folder("/pub")))
    found = nas.files.stat(["/pub/a.txt", "/pub/d", "/pub", "/pub/x", "/pub/a.txt"])
    owner = {"owner": "backup", "group": "users", "mode": "755"}
    assert found["/pub/a.txt"] == Entry("/pub/a.txt", "file", 8, 1700000000, **owner)
    assert found["/pub/d"] == Entry("/pub/d", "folder", None, 1700000000, **owner)
    assert found["/pub"].is_folder
    assert found["/pub/x"] is None
    (asked,) = dsm.of("List/getinfo")
    assert asked.json("path") == ["/pub/a.txt", "/pub/d", "/pub", "/pub/x"]
    assert asked.json("additional") == ["real_path", "size", "owner", "time", "perm"]


def test_stat_of_nothing_asks_nothing(dsm, nas):
    assert nas.files.stat([]) == {}
    assert dsm.asked == []


def test_stat_of_many_paths(dsm, nas):
    dsm.on("List/getinfo", current(file("/pub/1"), file("/pub/1100")))
    found = nas.files.stat([f"/pub/{number}" for number in range(1200)])
    assert [path for path, entry in found.items() if entry] == ["/pub/1", "/pub/1100"]
    assert dsm.calls() == ["List/getinfo"] * 3


@pytest.mark.parametrize("code", [408, 418, 419, 412])
def test_stat_of_what_is_not_there_or_cannot_be(dsm, nas, code):
    dsm.on("List/getinfo", {"files": [{"path": "/pub/x", "code": code}]})
    assert nas.files.stat(["/pub/x"]) == {"/pub/x": None}


@pytest.mark.parametrize(
    ("code", "kind"),
    [(407, Kind.PERMISSION_DENIED), (403, Kind.PERMISSION_DENIED), (417, Kind.DEVICE), (9, Kind.DEVICE)],
)
def test_stat_that_fails(dsm, nas, code, kind):
    dsm.on("List/getinfo", {"files": [file("/pub/a"), {"path": "/pub/x", "code": code}]})
    error = fails(kind, lambda: nas.files.stat(["/pub/a", "/pub/x"]))
    assert (error.path, error.code, error.call) == ("/pub/x", str(code), "SYNO.FileStation.List/getinfo")


def test_stat_where_missing_paths_are_left_out(dsm, nas):
    dsm.on("List/getinfo", {"files": [file("/pub/b")]})
    found = nas.files.stat(["/pub/a", "/pub/b"])
    assert found["/pub/a"] is None
    assert found["/pub/b"] is not None


def test_stat_answered_for_another_path(dsm, nas):
    dsm.on("List/getinfo", {"files": [file("/pub/caf\u00e9")]})
    assert fails(Kind.PROTOCOL, lambda: nas.files.stat(["/pub/cafe\u0301"])).path == "/pub/cafe\u0301"


def test_share_names_are_the_same_in_capitals(dsm, nas):
    dsm.on("List/getinfo", {"files": [file("/Pub/A")]})
    assert nas.files.stat(["/pub/A"])["/pub/A"].path == "/pub/A"
    assert fails(Kind.PROTOCOL, lambda: nas.files.stat(["/pub/a"]))


@pytest.mark.parametrize(
    "data",
    [
        None,
        {},
        {"files": {}},
        {"files": [1]},
        {"files": [{"path": "/pub/a"}]},
        {"files": [{"path": "/pub/a", "name": "a", "isdir": "no"}]},
        {"files": [{"path": "/pub/a", "name": "a", "isdir": False}]},
        {"files": [{"path": "/pub/a", "code": "408"}]},
        {"files": [{"path": "/pub/a", "code": True}]},
        {"files": [file("/pub/a", size="8")]},
        {"files": [file("/pub/a", size=-1)]},
        {"files": [file("/pub/a", size=2**63)]},
        {"files": [file("/pub/a", size=8.0)]},
        {"files": [file("/pub/a", size=None)]},
        {"files": [file("/pub/a", time={"mtime": "1700000000"})]},
        {"files": [file("/pub/a", time={"mtime": 1, "atime": True})]},
        {"files": [file("/pub/a", time={"mtime": None})]},
        {"files": [file("/pub/a", owner=[])]},
        {"files": [{"code": 408}]},
        Answer(b'{"success": true, "data": {"files": []'),
    ],
)
def test_stat_that_makes_no_sense_is_never_absent(dsm, nas, data):
    dsm.on("List/getinfo", data)
    assert fails(Kind.PROTOCOL, lambda: nas.files.stat(["/pub/a"])).call == "SYNO.FileStation.List/getinfo"


@pytest.mark.parametrize(
    ("posix", "mode"), [(777, "777"), (70, "070"), (0, "000"), (1777, "1777"), (789, None), (-1, None)]
)
def test_modes_are_octal_digits_in_disguise(dsm, nas, posix, mode):
    dsm.on("List/getinfo", {"files": [file("/pub/a", perm={"posix": posix})]})
    assert nas.files.stat(["/pub/a"])["/pub/a"].mode == mode


@pytest.mark.parametrize("name", NAMES)
def test_names_survive(dsm, nas, name):
    path = f"/pub/{name}"
    dsm.on("List/getinfo", current(file(path)))
    assert nas.files.stat([path])[path].name == name
    (asked,) = dsm.of("List/getinfo")
    assert asked.json("path") == [path]
    dsm.on("Rename/rename", {"files": [file(path)]}).on("CreateFolder/create", {"folders": [folder(path)]})
    nas.files.rename("/pub/x", name)
    nas.files.create_folders([path])
    assert dsm.of("Rename/rename")[0].json("name") == [name]
    assert dsm.of("CreateFolder/create")[0].json("name") == [name]


def test_both_spellings_of_an_accent_side_by_side(dsm, nas):
    paths = ["/pub/caf\u00e9", "/pub/cafe\u0301"]
    dsm.on("List/getinfo", current(file(paths[0], size=1), file(paths[1], size=2)))
    assert [entry.size for entry in nas.files.stat(paths).values()] == [1, 2]


def test_shares(dsm, nas):
    volume = {"freespace": 5, "totalspace": 9, "readonly": False}
    shares = [
        folder("/pub", volume_status=volume, perm={"share_right": "RW"}),
        folder("/archive", volume_status=volume, perm={"share_right": "RO"}),
        folder("/dvd", volume_status={**volume, "readonly": True}),
        {"path": "/plain", "name": "plain", "isdir": True},
    ]
    dsm.on("List/list_share", {"shares": shares, "total": 4, "offset": 0})
    assert nas.files.shares() == [
        Share("pub", "/pub", 9, 5, False),
        Share("archive", "/archive", 9, 5, True),
        Share("dvd", "/dvd", 9, 5, True, is_acl_mode=False),
        Share("plain", "/plain"),
    ]
    assert dsm.of("List/list_share")[0].json("additional") == ["real_path", "volume_status", "perm"]


def test_list_is_paged(dsm, nas, monkeypatch):
    monkeypatch.setattr(entries, "PAGE", 2)
    there = [file(f"/pub/{name}") for name in "abcde"]

    def answer(asked):
        offset, limit = asked.json("offset"), asked.json("limit")
        return {"files": there[offset : offset + limit], "total": 5, "offset": offset}

    dsm.on("List/list", answer)
    listed = nas.files.list("/pub")
    assert dsm.asked == []
    assert [entry.name for entry in listed] == list("abcde")
    assert [asked.params["offset"] for asked in dsm.of("List/list")] == ["0", "2", "4"]
    assert dsm.of("List/list")[0].json("folder_path") == "/pub"


def test_list_of_an_empty_folder(dsm, nas):
    dsm.on("List/list", {"files": [], "total": 0, "offset": 0})
    assert list(nas.files.list("/pub")) == []


def test_list_that_ends_too_early(dsm, nas):
    dsm.on("List/list", {"files": [file("/pub/a")], "total": 2, "offset": 0}, {"files": [], "total": 2, "offset": 1})
    fails(Kind.PROTOCOL, lambda: list(nas.files.list("/pub")))


@pytest.mark.parametrize(
    "path", ["/pub/../../etc/x", "/pub/x/../../y", "/other/x", "/pub/..", "/pub/.", "/pub/", "/pub", "/pub/a/b"]
)
def test_nothing_that_is_listed_leads_out_of_the_folder(dsm, nas, path):
    dsm.on("List/list", {"files": [file(path)], "total": 1, "offset": 0})
    fails(Kind.PROTOCOL, lambda: list(nas.files.list("/pub")))


def test_what_is_listed_has_the_path_that_was_asked_for(dsm, nas):
    dsm.on("List/list", {"files": [file("/Pub/dir/a")], "total": 1, "offset": 0})
    assert [entry.path for entry in nas.files.list("/pub/dir")] == ["/pub/dir/a"]


@pytest.mark.parametrize("code", [408, 401, 400, 418])
def test_list_of_a_file_or_nothing(dsm, nas, code):
    dsm.on("List/list", Fail(code)).on("List/getinfo", current(file("/pub/a")))
    fails(Kind.WRONG_TYPE, lambda: list(nas.files.list("/pub/a")))
    fails(Kind.NOT_FOUND, lambda: list(nas.files.list("/pub/x")))


def test_list_of_what_the_user_may_not_see(dsm, nas):
    dsm.on("List/list", Fail(407))
    fails(Kind.PERMISSION_DENIED, lambda: list(nas.files.list("/homes")))
    assert dsm.calls() == ["List/list"]


# Making and renaming


def test_folders_are_made_in_one_call(dsm, nas):
    dsm.on("CreateFolder/create", {"folders": [folder("/pub/a"), folder("/pub/a/b, c")]})
    nas.files.create_folders(["/pub/a", "/pub/a/b, c"])
    (asked,) = dsm.of("CreateFolder/create")
    assert asked.json("folder_path") == ["/pub", "/pub/a"]
    assert asked.json("name") == ["a", "b, c"]
    assert asked.params["force_parent"] == "false"
    nas.files.create_folders([])
    assert len(dsm.calls()) == 1


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (414, Kind.EXISTS),
        (408, Kind.NOT_FOUND),
        (418, Kind.INVALID_NAME),
        (415, Kind.QUOTA_EXCEEDED),
        (416, Kind.NO_SPACE),
        (407, Kind.PERMISSION_DENIED),
    ],
)
def test_why_a_folder_is_not_made(dsm, nas, code, kind):
    dsm.on("CreateFolder/create", Fail(1100, [{"code": code, "path": "/pub/a"}]))
    error = fails(kind, lambda: nas.files.create_folders(["/pub/a", "/pub/b"]))
    assert (error.path, error.code, error.call) == ("/pub/a", f"1100/{code}", "SYNO.FileStation.CreateFolder/create")


def test_a_share_is_not_a_folder_to_make(dsm, nas):
    fails(Kind.UNSUPPORTED, lambda: nas.files.create_folders(["/new"]))
    assert dsm.asked == []


def test_a_device_that_changes_names(dsm, nas):
    dsm.on("CreateFolder/create", {"folders": [folder("/pub/a")]}).on("Rename/rename", {"files": [folder("/pub/b")]})
    fails(Kind.MISMATCH, lambda: nas.files.create_folders(["/pub/ a"]))
    fails(Kind.MISMATCH, lambda: nas.files.rename("/pub/a", " b"))


def test_rename(dsm, nas):
    dsm.on("Rename/rename", {"files": [file("/pub/2024")]})
    nas.files.rename("/pub/a", "2024")
    (asked,) = dsm.of("Rename/rename")
    assert (asked.json("path"), asked.json("name")) == (["/pub/a"], ["2024"])


@pytest.mark.parametrize(
    ("errors", "kind"), [([{"code": 408, "path": "/pub/x"}], Kind.NOT_FOUND), ([{"code": 414}], Kind.EXISTS)]
)
def test_why_something_is_not_renamed(dsm, nas, errors, kind):
    dsm.on("Rename/rename", Fail(1200, errors))
    fails(kind, lambda: nas.files.rename("/pub/x", "y"))
    assert dsm.calls() == ["Rename/rename"]


def test_a_bare_failure_to_rename_is_explained(dsm, nas):
    dsm.on("Rename/rename", Fail(1200)).on("List/getinfo", current(file("/pub/a"), file("/pub/b")))
    assert fails(Kind.EXISTS, lambda: nas.files.rename("/pub/a", "b")).code == "1200"
    fails(Kind.NOT_FOUND, lambda: nas.files.rename("/pub/x", "y"))
    fails(Kind.DEVICE, lambda: nas.files.rename("/pub/a", "y"))
    dsm.on("List/getinfo", Fail(100))
    fails(Kind.DEVICE, lambda: nas.files.rename("/pub/a", "b"))


# Checksums and permissions


def test_checksum(dsm, nas):
    dsm.on("MD5/start", {"taskid": "51CBD95028B22AED"})
    dsm.on("MD5/status", {"finished": False}, {"finished": True, "md5": "D41D8CD98F00B204E9800998ECF8427E"})
    assert nas.files.checksum("/pub/2024", "md5", watch=Watch()) == "d41d8cd98f00b204e9800998ecf8427e"
    assert dsm.calls() == ["MD5/start", "MD5/status", "MD5/status"]
    assert dsm.of("MD5/start")[0].json("file_path") == "/pub/2024"
    assert dsm.of("MD5/status")[0].json("taskid") == "51CBD95028B22AED"


def test_checksum_where_the_task_id_must_not_be_quoted(dsm, nas):
    def status(asked):
        return {"finished": True, "md5": "0" * 32} if asked.params["taskid"] == "51CBD9" else Fail(599)

    dsm.on("MD5/start", {"taskid": "51CBD9"}).on("MD5/status", status)
    assert nas.files.checksum("/pub/a", "md5", watch=Watch()) == "0" * 32


def test_checksum_whose_result_was_lost_is_begun_once_more(dsm, nas):
    done = {"finished": True, "md5": "0" * 32}
    dsm.on("MD5/start", {"taskid": "1"}).on("MD5/status", {"finished": False}, Fail(599), done)
    assert nas.files.checksum("/pub/a", "md5", watch=Watch()) == "0" * 32
    dsm.on("MD5/status", Fail(599))
    fails(Kind.DEVICE, lambda: nas.files.checksum("/pub/a", "md5", watch=Watch())).call.endswith("MD5/status")
    assert len(dsm.of("MD5/start")) == 4


def test_checksum_of_a_folder_or_nothing(dsm, nas):
    dsm.on("MD5/start", Fail(408)).on("List/getinfo", current(folder("/pub/d")))
    fails(Kind.WRONG_TYPE, lambda: nas.files.checksum("/pub/d", "md5", watch=Watch()))
    fails(Kind.NOT_FOUND, lambda: nas.files.checksum("/pub/x", "md5", watch=Watch()))


@pytest.mark.parametrize(
    "status", [{"md5": "0" * 32}, {"finished": True}, {"finished": True, "md5": "../../x"}, {"finished": 1}]
)
def test_checksum_that_makes_no_sense(dsm, nas, status):
    dsm.on("MD5/start", {"taskid": "1"}).on("MD5/status", status).on("MD5/stop", None)
    fails(Kind.PROTOCOL, lambda: nas.files.checksum("/pub/a", "md5", watch=Watch()))
    assert dsm.calls()[-1] == "MD5/stop"


def test_checksum_that_takes_too_long_is_stopped(dsm, nas):
    dsm.on("MD5/start", {"taskid": "1"}).on("MD5/status", {"finished": False}).on("MD5/stop", None)
    fails(Kind.TIMEOUT, lambda: nas.files.checksum("/pub/a", "md5", watch=Watch(timeout=0)))
    assert dsm.of("MD5/stop")[0].json("taskid") == "1"


def test_checksums_that_the_device_lacks(dsm, nas):
    dsm.apis = dsm7("SYNO.FileStation.MD5")
    fails(Kind.UNSUPPORTED, lambda: nas.files.checksum("/pub/a", "md5", watch=Watch()))
    fails(Kind.UNSUPPORTED, lambda: nas.files.checksum("/pub/a", "sha256", watch=Watch()))
    assert dsm.calls() == []
    assert nas.files.features.checksum_algorithms == ("md5",)


@pytest.mark.parametrize(
    ("answer", "writable"), [(None, True), (Fail(407), False), (Fail(105), False), (Fail(411), False)]
)
def test_writable(dsm, nas, answer, writable):
    dsm.on("CheckPermission/write", answer)
    assert nas.files.writable("/pub/d/2024") is writable
    (asked,) = dsm.of("CheckPermission/write")
    assert (asked.json("path"), asked.json("filename"), asked.params["version"]) == ("/pub/d", "2024", "3")


def test_writable_where_there_is_no_folder(dsm, nas):
    dsm.on("CheckPermission/write", Fail(408))
    fails(Kind.NOT_FOUND, lambda: nas.files.writable("/pub/x/a"))


def test_writable_on_an_old_device(dsm, nas):
    dsm.apis = dsm5()
    assert nas.files.writable("/pub/a") is None
    assert dsm.calls() == []


def test_modification_times(nas):
    assert nas.files.features.sets_mtime_at_upload
    assert nas.files.features.sets_mtime_of == frozenset()
    fails(Kind.UNSUPPORTED, lambda: nas.files.set_mtime("/pub/a", 1))


# Removing


class Disk:
    """What getinfo, list and Delete say of some paths that can be removed."""

    def __init__(self, dsm, *known):
        self.known = {item["path"]: item for item in known}
        dsm.on("List/getinfo", self.getinfo).on("List/list", self.list)
        dsm.on("Delete/delete", self.remove).on("Delete/start", self.start).on("Delete/stop", None)

    def getinfo(self, asked):
        return current(*self.known.values())(asked)

    def list(self, asked):
        inside = [item for path, item in self.known.items() if path.startswith(asked.json("folder_path") + "/")]
        return {"files": inside[:1], "total": len(inside), "offset": 0}

    def remove(self, asked):
        for path in asked.json("path"):
            self.known.pop(path, None)

    def start(self, asked):
        self.remove(asked)
        return {"taskid": "FileStation_51CEC9"}


DONE = {"finished": True, "processed_num": 2, "total": 2, "progress": 1, "path": ""}


def test_a_file_is_removed_by_the_call_that_waits(dsm, nas):
    Disk(dsm, file("/pub/a, b"))
    nas.files.delete(["/pub/a, b"], recursive=False, watch=Watch())
    assert dsm.calls() == ["List/getinfo", "Delete/delete", "List/getinfo"]
    assert dsm.of("Delete/delete")[0].json("path") == ["/pub/a, b"]


def test_a_folder_is_removed_by_a_task(dsm, nas):
    Disk(dsm, folder("/pub/d"))
    counting = {"finished": False, "processed_num": -1, "total": -1, "progress": -1}
    half = {"finished": False, "processed_num": 1, "total": 2, "progress": 0.5}
    dsm.on("Delete/status", counting, half, DONE)
    seen = []
    nas.files.delete(["/pub/d"], recursive=True, watch=Watch(lambda done, total: seen.append((done, total))))
    (start,) = dsm.of("Delete/start")
    assert (start.json("path"), start.params["recursive"]) == (["/pub/d"], "true")
    assert dsm.of("Delete/status")[0].json("taskid") == "FileStation_51CEC9"
    assert seen == [(1, 2), (2, 2)]
    assert dsm.calls() == ["List/getinfo", "Delete/start", *["Delete/status"] * 3, "List/getinfo"]


def test_many_files_are_removed_by_few_tasks_and_what_is_deepest_first(dsm, nas):
    files = [file(f"/pub/d/{number}") for number in range(600)]
    Disk(dsm, folder("/pub/d"), *files)
    dsm.on("Delete/status", DONE)
    nas.files.delete(["/pub/d", *(item["path"] for item in files)], recursive=False, watch=Watch())
    first, second = dsm.of("Delete/start")
    assert len(first.json("path")) == 500
    assert second.json("path")[-1] == "/pub/d"
    assert first.params["recursive"] == "false"


def test_nothing_to_remove(dsm, nas):
    nas.files.delete([], recursive=True, watch=Watch())
    assert dsm.asked == []


def test_what_is_not_there_is_not_removed_and_nothing_else_either(dsm, nas):
    Disk(dsm, file("/pub/a"))
    assert fails(Kind.NOT_FOUND, lambda: nas.files.delete(["/pub/a", "/pub/x"], recursive=True, watch=Watch()))
    assert dsm.calls() == ["List/getinfo"]


def test_a_share_is_never_removed(dsm, nas):
    fails(Kind.USAGE, lambda: nas.files.delete(["/pub"], recursive=True, watch=Watch()))
    assert dsm.asked == []


@pytest.mark.parametrize("reply", [Fail(900, [{"code": 900, "path": "/pub/d"}]), Fail(900), {}])
def test_a_folder_that_holds_something(dsm, nas, reply):
    """A folder that must be empty takes no time, so it needs no task."""
    Disk(dsm, folder("/pub/d"), file("/pub/d/a"))
    dsm.on("Delete/delete", reply)
    error = fails(Kind.NOT_EMPTY, lambda: nas.files.delete(["/pub/d"], recursive=False, watch=Watch()))
    assert error.path == "/pub/d"
    assert dsm.of("Delete/delete")[0].params["recursive"] == "false"


def test_a_task_that_is_refused_at_its_start(dsm, nas):
    Disk(dsm, folder("/pub/d"), file("/pub/d/a"))
    dsm.on("Delete/start", Fail(900, [{"code": 407, "path": "/pub/d"}]))
    fails(Kind.PERMISSION_DENIED, lambda: nas.files.delete(["/pub/d"], recursive=True, watch=Watch()))


def test_what_the_user_may_not_remove(dsm, nas):
    Disk(dsm, folder("/pub/d"), file("/pub/d/a"), file("/pub/b"))
    details = [{"code": 407, "path": "/pub/d/a"}]
    dsm.on("Delete/start", {"taskid": "1"}).on("Delete/status", {**DONE, "errors": details})
    error = fails(Kind.PERMISSION_DENIED, lambda: nas.files.delete(["/pub/d"], recursive=True, watch=Watch()))
    assert (error.path, error.code) == ("/pub/d/a", "900/407")
    dsm.on("Delete/delete", Fail(900, [{"code": 407, "path": "/pub/b"}]))
    fails(Kind.PERMISSION_DENIED, lambda: nas.files.delete(["/pub/b"], recursive=False, watch=Watch()))


def test_a_success_that_removed_nothing(dsm, nas):
    Disk(dsm, folder("/pub/d"), file("/pub/b"))
    dsm.on("Delete/start", {"taskid": "1"}).on("Delete/status", DONE).on("Delete/delete", None)
    error = fails(Kind.DEVICE, lambda: nas.files.delete(["/pub/d"], recursive=True, watch=Watch()))
    assert error.path == "/pub/d"
    fails(Kind.DEVICE, lambda: nas.files.delete(["/pub/b"], recursive=True, watch=Watch()))


@pytest.mark.parametrize("answers", [({"finished": False}, Fail(599)), (Fail(599),)])
def test_a_task_that_the_device_has_forgotten_is_verified_by_what_is_left(dsm, nas, answers):
    Disk(dsm, folder("/pub/d"))
    dsm.on("Delete/status", *answers)
    nas.files.delete(["/pub/d"], recursive=True, watch=Watch())


def test_a_status_that_is_late_does_not_stop_the_task(dsm, nas):
    Disk(dsm, folder("/pub/d"))
    dsm.on("Delete/status", Fail(402), Answer(b"", 504), DONE)
    nas.files.delete(["/pub/d"], recursive=True, watch=Watch())
    assert "Delete/stop" not in dsm.calls()


def test_a_task_that_takes_too_long_is_stopped(dsm, nas):
    Disk(dsm, folder("/pub/d"))
    dsm.on("Delete/status", {"finished": False, "processed_num": 0, "total": 9})
    fails(Kind.TIMEOUT, lambda: nas.files.delete(["/pub/d"], recursive=True, watch=Watch(timeout=0)))
    assert dsm.of("Delete/stop")[0].json("taskid") == "FileStation_51CEC9"


def test_the_session_expires_while_a_task_runs(dsm, nas):
    Disk(dsm, folder("/pub/d"))
    dsm.on("Delete/status", Fail(119), DONE)
    nas.files.delete(["/pub/d"], recursive=True, watch=Watch())
    assert len(dsm.of("Delete/start")) == 1
    assert dsm.logins == 2


def test_bytes_that_are_not_utf8_reach_the_device_as_they_are(dsm, nas):
    path = b"/pub/\xff\xfe".decode("utf-8", "surrogateescape")
    dsm.on("List/getinfo", current(file(path)))
    assert nas.files.stat([path])[path].path == path
    assert b"%FF%FE" in dsm.of("List/getinfo")[0].body
    assert json.dumps(nas.files.stat([path])[path].as_result())
