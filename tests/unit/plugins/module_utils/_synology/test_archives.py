# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Synology: archives."""

from __future__ import annotations

import pytest
from ansible_collections.nasops.nas.plugins.module_utils._core.archives import ArchiveMember, Packing, Unpacking
from ansible_collections.nasops.nas.plugins.module_utils._core.errors import Kind
from ansible_collections.nasops.nas.plugins.module_utils._core.waiting import Watch
from ansible_collections.nasops.nas.tests.unit.plugins.module_utils._synology.fake import (
    Fail,
    dsm5,
    fails,
    file,
    folder,
)

TASK = {"taskid": "FileStation_51CBB25CC31961FD"}
PASSWORD = "S3CRET, \\ü"


def member(item_id, name, **more):
    """An `<Archive_Item>` object."""
    times = {"mtime": "2013-02-03 00:17:12", "pack_size": 3, "path": name}
    return {"itemid": item_id, "name": name, "is_dir": False, "size": 5, **times, **more}


TREE = {
    -1: [member(0, "a, b.txt"), member(1, "d", is_dir=True, size=0), member(7, "e", is_dir=True)],
    1: [member(-1, "..", is_dir=True), member(2, "2024"), member(3, "d", is_dir=True)],
    3: [member(1, "..", is_dir=True), member(4, "cafe\u0301")],
    7: [member(-1, "..", is_dir=True)],
}


class Disk:
    """What getinfo and an archive's list say."""

    def __init__(self, dsm, *known, tree=None):
        self.known = {item["path"]: item for item in known}
        self.tree = TREE if tree is None else tree
        dsm.on("List/getinfo", self.getinfo).on("Extract/list", self.list)
        for name in ("Compress", "Extract"):
            dsm.on(f"{name}/start", TASK).on(f"{name}/stop", None)

    def getinfo(self, asked):
        return {"files": [self.known.get(path, {"path": path, "code": 408}) for path in asked.json("path")]}

    def list(self, asked):
        items = self.tree[asked.json("item_id")]
        return {"items": items[asked.json("offset") :], "total": len(items)}

    def then(self, answer, *made):
        """An answer, and what there is on the disk by then."""

        def act(asked):
            self.known.update({item["path"]: item for item in made})
            return answer

        return act


# Packing


def pack(nas, *sources, to="/pub/x.zip", watch=None, **packing):
    nas.archives.compress(sources or ["/pub/a"], to, Packing(**packing), watch=watch or Watch())


def test_compress(dsm, nas):
    disk = Disk(dsm, file("/pub/2024"), folder("/other/d"))
    done = {"finished": True, "dest_file_path": "/pub/x.7z"}
    dsm.on("Compress/status", {"finished": False, "progress": 0.5}, disk.then(done, file("/pub/x.7z")))
    seen = []
    watch = Watch(lambda done, total: seen.append((done, total)))
    pack(nas, "/pub/2024", "/other/d", to="/pub/x.7z", format="7z", level="best", password=PASSWORD, watch=watch)
    (asked,) = dsm.of("Compress/start")
    assert asked.json("path") == ["/pub/2024", "/other/d"]
    assert asked.json("dest_file_path") == "/pub/x.7z"
    assert (asked.json("format"), asked.json("level"), asked.json("mode")) == ("7z", "best", "add")
    assert asked.json("password") == PASSWORD
    assert dsm.of("Compress/status")[0].json("taskid") == TASK["taskid"]
    assert dsm.calls() == ["List/getinfo", "Compress/start", *["Compress/status"] * 2, "List/getinfo"]
    assert seen == [(50, 100)]


def test_compress_with_nothing_wished(dsm, nas):
    disk = Disk(dsm, file("/pub/a"))
    dsm.on("Compress/status", disk.then({"finished": True}, file("/pub/x.zip")))
    pack(nas)
    (asked,) = dsm.of("Compress/start")
    assert asked.json("format") == "zip"
    assert not {"level", "password"} & set(asked.params)


@pytest.mark.parametrize(
    ("level", "name"), [("store", "store"), ("fast", "fastest"), ("normal", "moderate"), ("best", "best")]
)
def test_levels(dsm, nas, level, name):
    disk = Disk(dsm, file("/pub/a"))
    dsm.on("Compress/status", disk.then({"finished": True}, file("/pub/x.zip")))
    pack(nas, level=level)
    assert dsm.of("Compress/start")[0].json("level") == name
    assert nas.archives.features.levels == ("store", "fast", "normal", "best")


def test_many_sources_are_added_by_a_second_task(dsm, nas):
    sources = [file(f"/pub/{number}") for number in range(600)]
    disk = Disk(dsm, *sources)
    dsm.on("Compress/status", disk.then({"finished": True}, file("/pub/x.zip")))
    pack(nas, *(item["path"] for item in sources))
    assert [len(asked.json("path")) for asked in dsm.of("Compress/start")] == [500, 100]
    assert {asked.json("dest_file_path") for asked in dsm.of("Compress/start")} == {"/pub/x.zip"}


def test_compress_on_an_old_device_escapes_names_and_no_password(dsm, nas):
    dsm.apis = dsm5()
    answers = [
        {"files": [{"path": "/pub/x.zip", "code": 408}, file("/pub/a, b")]},
        {"files": [file("/pub/x.zip")]},
    ]
    dsm.on("List/getinfo", *answers).on("Compress/start", TASK).on("Compress/status", {"finished": True})
    pack(nas, "/pub/a, b", password=PASSWORD)
    (asked,) = dsm.of("Compress/start")
    assert (asked.params["path"], asked.params["password"]) == ("/pub/a\\, b", PASSWORD)


def test_what_is_seen_before_anything_is_packed(dsm, nas):
    Disk(dsm, file("/pub/a"), file("/pub/x.zip"))
    assert fails(Kind.EXISTS, lambda: pack(nas)).path == "/pub/x.zip"
    Disk(dsm)
    assert fails(Kind.NOT_FOUND, lambda: pack(nas)).path == "/pub/a"
    assert "Compress/start" not in dsm.calls()


@pytest.mark.parametrize(
    ("desired", "kind"),
    [
        ({"format": "tar.gz"}, Kind.UNSUPPORTED),
        ({"level": "9"}, Kind.UNSUPPORTED),
        ({"encryption": "aes256"}, Kind.UNSUPPORTED),
    ],
)
def test_what_the_device_cannot_pack(dsm, nas, desired, kind):
    fails(kind, lambda: pack(nas, **desired))
    fails(Kind.INVALID_ARGUMENT, lambda: pack(nas, "/pub/a", "/other/a"))
    fails(Kind.INVALID_ARGUMENT, lambda: nas.archives.compress([], "/pub/x", Packing(), watch=Watch()))
    assert dsm.asked == []
    assert nas.archives.features.formats == ("zip", "7z")


@pytest.mark.parametrize(
    ("answer", "kind", "code"),
    [
        (Fail(1300), Kind.DEVICE, "1300"),
        (Fail(1301), Kind.INVALID_NAME, "1301"),
        (Fail(1300, [{"code": 416, "path": "/pub/x.zip"}]), Kind.NO_SPACE, "1300/416"),
        ({"finished": True, "errors": [{"code": 407, "path": "/pub"}]}, Kind.PERMISSION_DENIED, "1300/407"),
    ],
)
def test_why_there_is_no_archive(dsm, nas, answer, kind, code):
    Disk(dsm, folder("/pub"), file("/pub/a"))
    dsm.on("Compress/status", answer)
    error = fails(kind, lambda: pack(nas, password=PASSWORD))
    assert error.code == code


def test_an_archive_in_a_folder_that_is_not_there(dsm, nas):
    Disk(dsm, file("/pub/a"))
    dsm.on("Compress/start", Fail(1300))
    assert fails(Kind.NOT_FOUND, lambda: pack(nas, to="/pub/none/x.zip")).path == "/pub/none"


def test_a_success_without_an_archive(dsm, nas):
    disk = Disk(dsm, file("/pub/a"))
    dsm.on("Compress/status", {"finished": True})
    assert fails(Kind.DEVICE, lambda: pack(nas)).path == "/pub/x.zip"
    dsm.on("Compress/status", Fail(599))
    fails(Kind.DEVICE, lambda: pack(nas))
    dsm.on("Compress/status", disk.then({"finished": True}, folder("/pub/x.zip")))
    fails(Kind.DEVICE, lambda: pack(nas))


def test_a_lost_task_is_verified_by_what_the_archive_holds(dsm, nas):
    disk = Disk(dsm, file("/pub/a"), tree={-1: [member(0, "a")]})
    dsm.on("Compress/status", disk.then(Fail(599), file("/pub/x.zip")))
    pack(nas, password=PASSWORD)
    assert dsm.of("Extract/list")[0].json("password") == PASSWORD
    disk = Disk(dsm, file("/pub/a"), tree={-1: []})
    dsm.on("Compress/status", disk.then(Fail(599), file("/pub/x.zip")))
    fails(Kind.DEVICE, lambda: pack(nas))


def test_packing_that_takes_too_long_is_stopped(dsm, nas):
    Disk(dsm, file("/pub/a"))
    dsm.on("Compress/status", {"finished": False})
    fails(Kind.TIMEOUT, lambda: pack(nas, watch=Watch(timeout=0)))
    assert dsm.of("Compress/stop")[0].json("taskid") == TASK["taskid"]


# Looking inside


def test_members(dsm, nas):
    Disk(dsm)
    found = nas.archives.members("/pub/2024.zip", password=PASSWORD, codepage="jpn")
    assert dsm.asked == []
    assert list(found) == [
        ArchiveMember("a, b.txt", "file", 5, 1359850632, "0"),
        ArchiveMember("d", "folder", None, 1359850632, "1"),
        ArchiveMember("e", "folder", None, 1359850632, "7"),
        ArchiveMember("d/2024", "file", 5, 1359850632, "2"),
        ArchiveMember("d/d", "folder", None, 1359850632, "3"),
        ArchiveMember("d/d/cafe\u0301", "file", 5, 1359850632, "4"),
    ]
    asked = dsm.of("Extract/list")
    assert [one.json("item_id") for one in asked] == [-1, 1, 3, 7]
    assert (asked[0].json("file_path"), asked[0].json("limit")) == ("/pub/2024.zip", -1)
    assert (asked[0].json("password"), asked[0].json("codepage")) == (PASSWORD, "jpn")


def test_members_as_the_example_spells_them(dsm, nas):
    item = {"item_id": 3, "name": "a", "is_dir": False, "mtime": "0000-00-00 00:00:00", "size": 1}
    dsm.on("Extract/list", {"items": [item]})
    assert list(nas.archives.members("/pub/a.zip")) == [ArchiveMember("a", "file", 1, None, "3")]
    assert not {"password", "codepage"} & set(dsm.of("Extract/list")[0].params)


def test_members_that_come_in_portions(dsm, nas):
    items = [member(number, f"{number}") for number in range(5)]
    dsm.on("Extract/list", lambda asked: {"items": items[asked.json("offset") :][:2], "total": 5})
    assert [one.path for one in nas.archives.members("/pub/a.zip")] == list("01234")


@pytest.mark.parametrize(
    "tree",
    [
        {-1: [member(1, "d", is_dir=True)], 1: [member(1, "d", is_dir=True)]},
        {-1: [{"name": "a", "is_dir": False}]},
        {-1: [member(0, "")]},
        {-1: [member("0", "a")]},
        {-1: [member(0, "a", is_dir="false")]},
    ],
)
def test_members_that_make_no_sense(dsm, nas, tree):
    Disk(dsm, tree=tree)
    fails(Kind.PROTOCOL, lambda: list(nas.archives.members("/pub/a.zip")))


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (1403, Kind.PERMISSION_DENIED),
        (1401, Kind.INVALID_ARGUMENT),
        (1402, Kind.INVALID_ARGUMENT),
        (1404, Kind.INVALID_ARGUMENT),
        (1405, Kind.NOT_FOUND),
        (407, Kind.PERMISSION_DENIED),
    ],
)
def test_why_an_archive_cannot_be_read(dsm, nas, code, kind):
    Disk(dsm, file("/pub/a.zip"), folder("/pub/d"))
    dsm.on("Extract/list", Fail(code)).on("Extract/start", Fail(code))
    assert fails(kind, lambda: list(nas.archives.members("/pub/a.zip", password=PASSWORD))).path == "/pub/a.zip"
    fails(kind, lambda: unpack(nas, password=PASSWORD))
    dsm.on("Extract/start", TASK).on("Extract/status", Fail(code))
    fails(kind, lambda: unpack(nas, password=PASSWORD))
    dsm.on("Extract/status", {"finished": True, "errors": [{"code": code}]})
    fails(kind, lambda: unpack(nas, password=PASSWORD))


@pytest.mark.parametrize("code", [400, 408, 1401, 1404])
def test_an_archive_that_is_not_there(dsm, nas, code):
    Disk(dsm, folder("/pub/d"))
    dsm.on("Extract/list", Fail(code)).on("Extract/start", Fail(code))
    fails(Kind.NOT_FOUND, lambda: list(nas.archives.members("/pub/a.zip")))
    fails(Kind.NOT_FOUND, lambda: unpack(nas))
    if code != 408:
        fails(Kind.WRONG_TYPE, lambda: list(nas.archives.members("/pub/d")))


# Unpacking


def unpack(nas, archive="/pub/a.zip", to="/pub/d", watch=None, **unpacking):
    nas.archives.extract(archive, to, Unpacking(**unpacking), watch=watch or Watch())


def test_extract(dsm, nas):
    Disk(dsm)
    dsm.on("Extract/status", {"finished": False, "progress": 0.1}, {"finished": True, "progress": 1})
    seen = []
    unpack(nas, watch=Watch(lambda done, total: seen.append((done, total))))
    (asked,) = dsm.of("Extract/start")
    assert (asked.json("file_path"), asked.json("dest_folder_path")) == ("/pub/a.zip", "/pub/d")
    flags = ("overwrite", "keep_dir", "create_subfolder")
    assert [asked.params[name] for name in flags] == ["false", "true", "false"]
    assert not {"password", "codepage", "item_id"} & set(asked.params)
    assert dsm.calls() == ["Extract/start", *["Extract/status"] * 2]
    assert seen == [(10, 100), (100, 100)]


def test_extract_with_all_wishes(dsm, nas):
    Disk(dsm)
    dsm.on("Extract/status", {"finished": True})
    members = (ArchiveMember("a", "file", id="0"), ArchiveMember("b", "file", id="12"))
    unpack(nas, codepage="jpn", password=PASSWORD, members=members)
    (asked,) = dsm.of("Extract/start")
    assert asked.json("item_id") == [0, 12]
    assert (asked.json("codepage"), asked.json("password")) == ("jpn", PASSWORD)


def test_what_the_device_cannot_unpack(dsm, nas):
    fails(Kind.INVALID_ARGUMENT, lambda: unpack(nas, members=()))
    fails(Kind.INVALID_ARGUMENT, lambda: unpack(nas, members=(ArchiveMember("a", "file"),)))
    assert dsm.asked == []


def test_a_folder_that_is_not_there(dsm, nas):
    Disk(dsm, file("/pub/a.zip"))
    dsm.on("Extract/status", Fail(1400))
    assert fails(Kind.NOT_FOUND, lambda: unpack(nas)).path == "/pub/d"
    dsm.on("Extract/start", Fail(408))
    assert fails(Kind.NOT_FOUND, lambda: unpack(nas)).path == "/pub/d"
    Disk(dsm, file("/pub/a.zip"), file("/pub/d"))
    assert fails(Kind.WRONG_TYPE, lambda: unpack(nas)).path == "/pub/d"


def everything(base):
    files = [file(f"{base}/{name}", size=5) for name in ("a, b.txt", "d/2024", "d/d/cafe\u0301")]
    return [*files, *(folder(f"{base}/{name}") for name in ("d", "e", "d/d"))]


def test_a_lost_unpacking_is_verified_by_what_is_there(dsm, nas):
    disk = Disk(dsm)
    dsm.on("Extract/status", {"finished": False, "progress": 0}, disk.then(Fail(599), *everything("/pub/d")))
    unpack(nas, password=PASSWORD)
    assert dsm.of("Extract/list")[0].json("password") == PASSWORD
    dsm.on("Extract/status", Fail(599))
    disk.known["/pub/d/d/2024"] = file("/pub/d/d/2024", size=4)
    unpack(nas)
    del disk.known["/pub/d/d/2024"]
    assert fails(Kind.DEVICE, lambda: unpack(nas)).path == "/pub/d/d/2024"
    unpack(nas, members=(ArchiveMember("d", "folder", id="1"),))


def test_unpacking_that_takes_too_long_is_stopped(dsm, nas):
    Disk(dsm)
    dsm.on("Extract/status", {"finished": False, "progress": 0})
    fails(Kind.TIMEOUT, lambda: unpack(nas, watch=Watch(timeout=0)))
    assert dsm.of("Extract/stop")[0].json("taskid") == TASK["taskid"]
