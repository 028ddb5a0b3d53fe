# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""QNAP: archives."""

from __future__ import annotations

import pytest
from ansible_collections.nasops.nas.plugins.module_utils._core import waiting as _watch
from ansible_collections.nasops.nas.plugins.module_utils._core.archives import ArchiveMember, Packing, Unpacking
from ansible_collections.nasops.nas.plugins.module_utils._core.errors import Kind
from ansible_collections.nasops.nas.plugins.module_utils._core.model import FILE, FOLDER
from ansible_collections.nasops.nas.plugins.module_utils._core.waiting import Watch, start_detached
from ansible_collections.nasops.nas.plugins.module_utils._qnap import process
from ansible_collections.nasops.nas.tests.unit.plugins.module_utils._qnap.fake import (
    ODD,
    SECRETS,
    Reply,
    gone,
    row,
    rows,
    status,
)
from ansible_collections.nasops.nas.tests.unit.plugins.module_utils._qnap.fake import fails as failing

PID = {"status": 1, "pid": 28656}
DONE = {"status": 1, "success": "true"}
CODE = "archiv & 1+1=2"
MTIME = 1233659574  # 2009-02-03 11:12:54 UTC


@pytest.fixture
def nas(nas, monkeypatch):
    monkeypatch.setattr(_watch.time, "sleep", lambda _seconds: None)
    return nas


@pytest.fixture
def archives(nas):
    return nas.client({"sid": "sid-1"}).archives


def fails(kind, action):
    return failing(kind, action, (*SECRETS, CODE))


class Disk:
    """What lies on the device: the size of each file by its path, None for a folder."""

    def __init__(self, fake, **entries):
        self.entries = {}
        fake.on("stat", self.stat).on("get_list", self.list)
        fake.on("get_file_size", {"status": 1, "size": "7"})

    def put(self, path, size=5):
        self.entries[path] = size
        return self

    def row(self, path):
        size = self.entries[path]
        name = path.rpartition("/")[2]
        return row(name, isfolder=1, filesize="0") if size is None else row(name, filesize=str(size))

    def stat(self, asked):
        paths = [f"{asked['path']}/{name}" for name in asked.all("file_name")]
        return rows(*(self.row(path) if path in self.entries else gone(path.rpartition("/")[2]) for path in paths))

    def list(self, asked):
        return rows(*(self.row(path) for path in self.entries if path.rpartition("/")[0] == asked["path"]))

    def deletes(self, asked):
        for name in asked.all("file_name"):
            del self.entries[f"{asked['path']}/{name}"]
        return status(1)


@pytest.fixture
def disk(nas):
    return Disk(nas).put("/S/x", None).put("/S/x/a").put("/S/x/b", None).put("/S/to", None)


def member(number, name, **more):
    """A row of get_extract_list."""
    facts = {"filename": name, "isfolder": 0, "filesize": "5", "mt": "2009-02-03 11:12:54", "id": number}
    return {**facts, "compress_size": "3", **more}


def listing(*names, **more):
    entries = [member(number, name, isfolder=int(name.endswith("/"))) for number, name in enumerate(names)]
    return {"total": len(entries), "datas": entries, **more}


def asked_for(asked):
    return {**dict(asked.pairs), **(asked.form() if asked.method == "POST" else {})}


# Listing.


def test_members_of_a_flat_list_in_pages(nas, archives):
    every = listing("docs/", "docs/a.txt", "b.txt", *(f"docs/{name}" for name in ODD))["datas"]

    def page(asked):
        start = int(asked["start"])
        return {"total": str(len(every)), "datas": every[start : start + 4]}

    nas.on("get_extract_list", page)
    found = list(archives.members("/S/x/a.zip"))
    assert found[:3] == [
        ArchiveMember("docs", FOLDER, None, MTIME),
        ArchiveMember("docs/a.txt", FILE, 5, MTIME),
        ArchiveMember("b.txt", FILE, 5, MTIME),
    ]
    assert [one.path for one in found[3:]] == [f"docs/{name}" for name in ODD]
    first = nas.asked[0]
    assert (first["extract_file"], first["path"], first["code_page"]) == ("/S/x/a.zip", "/", "UTF-8")
    assert [asked["start"] for asked in nas.asked] == ["0", "4", "8", "12", "16"]
    assert not first.all("pwd")


@pytest.mark.parametrize("whole", [True, False])
def test_members_of_a_device_that_lists_each_level(nas, archives, whole):
    levels = {"/": ["docs/", "a.txt"], "/docs": ["deep/", "a.txt"], "/docs/deep": ["c.txt"]}

    def level(asked):
        above = asked["path"].lstrip("/")
        return listing(*(f"{above}/{name}" if above and whole else name for name in levels[asked["path"]]))

    nas.on("get_extract_list", level)
    found = list(archives.members("/S/x/a.zip"))
    assert [(one.path, one.type) for one in found] == [
        ("docs", FOLDER),
        ("a.txt", FILE),
        ("docs/deep", FOLDER),
        ("docs/a.txt", FILE),
        ("docs/deep/c.txt", FILE),
    ]


def test_members_of_a_flat_list_with_an_empty_folder(nas, archives):
    nas.on("get_extract_list", listing("empty/", "a.txt"))
    assert [one.path for one in archives.members("/S/x/a.zip")] == ["empty", "a.txt"]
    assert len(nas.asked) == 2


def test_members_with_a_password(nas, archives):
    nas.on("get_extract_list", listing("a"))
    list(archives.members("/S/x/a.7z", password=CODE))
    (asked,) = nas.asked
    assert asked.method == "POST"
    assert asked.form()["pwd"] == CODE


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (status(5), Kind.NOT_FOUND),
        (status(4), Kind.PERMISSION_DENIED),
        (status(17), Kind.PERMISSION_DENIED),
        (status(0), Kind.INVALID_ARGUMENT),
        (status(7), Kind.INVALID_ARGUMENT),
        (b"", Kind.PROTOCOL),
        (listing(""), Kind.PROTOCOL),
        ({"total": 1, "datas": [{"filename": "a"}]}, Kind.PROTOCOL),
    ],
)
def test_members_fail(nas, archives, reply, kind):
    nas.on("get_extract_list", reply)
    error = fails(kind, lambda: list(archives.members("/S/x/a.zip", password=CODE)))
    assert (error.call, error.path) == ("get_extract_list", "/S/x/a.zip")


def test_rows_without_a_time_or_a_size(nas, archives):
    nas.on("get_extract_list", {"total": 1, "datas": [member(0, "a", mt="", filesize="")]})
    assert list(archives.members("/S/x/a.zip")) == [ArchiveMember("a", FILE)]
    fails(Kind.UNSUPPORTED, lambda: list(archives.members("/S/x/a.zip", codepage="cp437")))


# Packing.


def compress(archives, sources=("/S/x/a", "/S/x/b"), archive="/S/x/all.zip", watch=None, **more):
    archives.compress(list(sources), archive, Packing(**more), watch=watch or Watch())


def makes(nas, disk, *status_replies):
    def start(asked):
        fields = asked_for(asked)
        disk.put(f"{fields['path']}/{fields['compress_name']}.{fields['type']}", 99)
        return PID

    nas.on("compress", start).on("get_compress_status", *(status_replies or (status(6), DONE)))


def test_compress(nas, archives, disk):
    makes(nas, disk, status(6), status(36), status(28), DONE)
    seen = []
    compress(archives, watch=Watch(lambda *done: seen.append(done)))
    (asked,) = nas.calls("compress")
    assert asked.method == "GET"
    assert asked.all("compress_file") == ["a", "b"]
    fields = asked_for(asked)
    assert {name: fields[name] for name in ("compress_name", "type", "level", "pwd", "path", "total")} == {
        "compress_name": "all",
        "type": "zip",
        "level": "normal",
        "pwd": "",
        "path": "/S/x",
        "total": "2",
    }
    assert "encryipt" not in fields
    assert [asked["pid"] for asked in nas.calls("get_compress_status")] == ["28656"] * 4
    assert seen == [(100, 100)]


def test_compress_odd_names(nas, archives, disk):
    for name in ODD:
        disk.put(f"/S/x/{name}")
    makes(nas, disk)
    compress(archives, [f"/S/x/{name}" for name in ODD], "/S/x/100% #1+?.zip")
    (asked,) = nas.calls("compress")
    assert asked.all("compress_file") == ODD
    assert asked["compress_name"] == "100% #1+?"


@pytest.mark.parametrize(
    ("more", "level", "encryption"),
    [
        ({"format": "7z", "level": "best", "password": CODE, "encryption": "aes256"}, "large", "AES256"),
        ({"format": "zip", "level": "fast", "password": CODE, "encryption": "zipcrypto"}, "fast", "ZipCrypto"),
        ({"format": "zip", "password": CODE}, "normal", "AES256"),
    ],
)
def test_compress_with_options(nas, archives, disk, more, level, encryption):
    makes(nas, disk)
    compress(archives, archive=f"/S/x/all.{more['format']}", **more)
    (asked,) = nas.calls("compress")
    assert asked.method == "POST"
    assert dict(asked.pairs) == {"func": "compress", "sid": "sid-1"}
    form = asked.form()
    assert (form["level"], form["pwd"], form["type"]) == (level, CODE, more["format"])
    assert form["encryipt"] == form["encrypt"] == encryption


def test_what_compress_refuses_before_any_call(nas, archives):
    for more in (
        {"archive": "/S/x/all.rar"},
        {"archive": "/S/x/all"},
        {"archive": "/S/x/.zip"},
        {"format": "tar"},
        {"level": "store"},
        {"encryption": "aes256"},
        {"format": "7z", "archive": "/S/x/a.7z", "encryption": "zipcrypto", "password": CODE},
        {"sources": ("/S/x/a", "/S/y/b")},
        {"sources": ()},
    ):
        fails(Kind.INVALID_ARGUMENT, lambda more=more: compress(archives, **more))
    fails(Kind.USAGE, lambda: compress(archives, ["/S"]))
    fails(Kind.USAGE, lambda: compress(archives, archive="/all.zip"))
    assert not nas.asked
    assert archives.features.formats == ("zip", "7z")
    assert archives.features.levels == ("fast", "normal", "best")


def test_what_compress_refuses_after_reading_the_folder(nas, archives, disk):
    disk.put("/S/x/all.zip")
    fails(Kind.EXISTS, lambda: compress(archives))
    assert fails(Kind.NOT_FOUND, lambda: compress(archives, ["/S/x/none"], "/S/x/b.zip")).path == "/S/x/none"
    assert fails(Kind.NOT_FOUND, lambda: compress(archives, archive="/S/none/b.zip")).path == "/S/none"
    assert not nas.calls("compress")


def test_compress_into_another_folder(nas, archives, disk):
    makes(nas, disk)

    def move(asked):
        name = asked["source_file"]
        disk.put(f"{asked['dest_path']}/{name}", disk.entries.pop(f"{asked['source_path']}/{name}"))
        return status(1)

    def rename(asked):
        folder = asked["path"]
        disk.put(f"{folder}/{asked['dest_name']}", disk.entries.pop(f"{folder}/{asked['source_name']}"))
        return status(1)

    nas.on("move", move).on("rename", rename).on("delete", disk.deletes)
    compress(archives, archive="/S/to/all.zip")
    assert disk.entries["/S/to/all.zip"] == 99
    assert len(disk.entries) == 5
    nas.on("rename", status(4))
    fails(Kind.PERMISSION_DENIED, lambda: compress(archives, archive="/S/to/more.zip"))
    assert len(disk.entries) == 5


def test_an_archive_that_nobody_waits_for(nas, archives, disk):
    makes(nas, disk, status(6))
    nas.on("delete", disk.deletes)
    (task,) = start_detached(lambda watch: compress(archives, watch=watch), Watch())
    assert (task.id, task.type, task.state) == ("28656", "compress", "running")
    assert "/S/x/all.zip" in disk.entries
    fails(
        Kind.USAGE,
        lambda: start_detached(lambda watch: compress(archives, archive="/S/to/b.zip", watch=watch), Watch()),
    )
    assert len(nas.calls("compress")) == 1


def test_which_archives_are_made_in_one_task(archives):
    asked = [("/S/x/a.zip", ["/S/x/a", "/S/x/b"]), ("/S/x/a.ZIP", ["/S/x/a"]), ("/S/a.zip", ["/S/x/a"])]
    assert [archives.in_one_job(sources, archive, Packing()) for archive, sources in asked] == [True, False, False]


@pytest.mark.parametrize(("reply", "kind"), [(status(0), Kind.DEVICE), (status(9), Kind.QUOTA_EXCEEDED)])
def test_compress_leaves_nothing_half_made(nas, archives, disk, reply, kind):
    makes(nas, disk, status(6), reply)
    nas.on("cancel_compress", status(1)).on("delete", disk.deletes)
    error = fails(kind, lambda: compress(archives))
    assert (error.call, error.path) == ("get_compress_status", "/S/x/all.zip")
    assert "/S/x/all.zip" not in disk.entries
    makes(nas, disk, status(6))
    fails(Kind.TIMEOUT, lambda: compress(archives, watch=Watch(timeout=-1)))
    assert "/S/x/all.zip" not in disk.entries
    assert nas.calls("cancel_compress")[-1]["pid"] == "28656"


def test_compress_that_claims_success(nas, archives, disk):
    nas.on("compress", PID).on("get_compress_status", DONE)
    assert fails(Kind.DEVICE, lambda: compress(archives)).path == "/S/x/all.zip"


@pytest.mark.parametrize("number", [2, 33, 4])
def test_compress_that_does_not_begin_removes_nothing(nas, archives, disk, number):
    nas.on("compress", status(number))
    fails(Kind.PERMISSION_DENIED if number == 4 else Kind.EXISTS, lambda: compress(archives))
    assert not nas.calls("delete")


# Unpacking.


def extract(archives, folder="/S/to", watch=None, **more):
    archives.extract("/S/x/a.zip", folder, Unpacking(**more), watch=watch or Watch())


def unpacks(nas, disk, contents, *status_replies):
    """The device knows what the archive holds and does what it is asked for."""
    nas.on("get_extract_list", listing(*contents))

    def start(asked):
        parts = asked.all("part_file") or [value for key, value in asked.form().items() if key == "part_file"]
        fields = asked_for(asked)
        for name in parts or [name for name in contents if not name.endswith("/")]:
            kept = name if fields["path_mode"] == "full" else name.rpartition("/")[2]
            disk.put(f"{fields['dest_path']}/{kept}", 5)
            if "/" in kept:
                disk.put(f"{fields['dest_path']}/{kept.partition('/')[0]}", None)
        return PID

    nas.on("extract", start).on("get_extract_status", *(status_replies or (status(6), DONE)))


def test_extract_into_an_empty_folder(nas, archives, disk):
    unpacks(nas, disk, ["docs/", "docs/a.txt", "b.txt"])
    extract(archives)
    (asked,) = nas.calls("extract")
    assert asked_for(asked) == {
        "func": "extract",
        "sid": "sid-1",
        "extract_file": "/S/x/a.zip",
        "dest_path": "/S/to",
        "pwd": "",
        "mode": "extract_all",
        "overwrite": "1",
        "path_mode": "full",
        "code_page": "UTF-8",
    }
    assert "/S/to/docs/a.txt" in disk.entries
    assert len(nas.calls("get_extract_list")) == 1


def test_extract_never_asks_for_what_is_there(nas, archives, disk):
    disk.put("/S/to/docs", None).put("/S/to/docs/a.txt", 1)
    unpacks(nas, disk, ["docs/", "docs/a.txt", "docs/b.txt", "c.txt"])
    extract(archives)
    (asked,) = nas.calls("extract")
    assert asked.all("part_file") == ["docs/b.txt", "c.txt"]
    assert (asked["part_total"], asked["mode"], asked["overwrite"]) == ("2", "extract_part", "1")
    assert disk.entries["/S/to/docs/a.txt"] == 1
    # Now all is there.
    extract(archives)
    assert len(nas.calls("extract")) == 1


def test_extract_some_members(nas, archives, disk):
    unpacks(nas, disk, ["docs/", *(f"docs/{name}" for name in ODD), "c.txt"])
    members = {one.path: one for one in archives.members("/S/x/a.zip")}
    extract(archives, members=(members["docs"], members["docs/2024"]))
    assert nas.calls("extract")[0].all("part_file") == ["docs/2024", *(f"docs/{name}" for name in ODD[1:])]
    extract(archives, members=())
    assert len(nas.calls("extract")) == 1


def test_extract_with_a_password(nas, archives, disk):
    unpacks(nas, disk, ["a.txt"])
    extract(archives, password=CODE)
    (asked,) = nas.calls("extract")
    assert dict(asked.pairs) == {"func": "extract", "sid": "sid-1"}
    assert asked.form()["pwd"] == CODE
    assert nas.calls("get_extract_list")[0].form()["pwd"] == CODE


def test_extract_of_an_archive_that_hides_its_names(nas, archives, disk):
    disk.put("/S/to/c.txt", 1)
    unpacks(nas, disk, ["a.txt"])
    nas.on("get_extract_list", status(17))
    extract(archives, password=CODE)
    assert nas.calls("extract")[0].form()["overwrite"] == "0"


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (17, Kind.PERMISSION_DENIED),
        (0, Kind.INVALID_ARGUMENT),
        (7, Kind.INVALID_ARGUMENT),
        (29, Kind.INVALID_ARGUMENT),
        (9, Kind.QUOTA_EXCEEDED),
        (94, Kind.NO_SPACE),
        (25, Kind.NOT_FOUND),
    ],
)
def test_extract_fails(nas, archives, disk, number, kind):
    unpacks(nas, disk, ["a.txt"], status(6), status(number))
    nas.on("cancel_extract", status(0))
    error = fails(kind, lambda: extract(archives, password=CODE))
    assert (error.call, error.path) == ("get_extract_status", "/S/x/a.zip")
    disk.entries.pop("/S/to/a.txt")
    nas.on("extract", status(number))
    assert fails(kind, lambda: extract(archives)).call == "extract"


def test_extract_that_claims_success(nas, archives, disk):
    nas.on("get_extract_list", listing("docs/a.txt", "b.txt")).on("extract", PID).on("get_extract_status", DONE)
    assert fails(Kind.DEVICE, lambda: extract(archives)).path == "/S/to/docs"
    nas.on("extract", lambda asked: disk.put("/S/to/docs", None).put("/S/to/b.txt", 4) and PID)
    assert fails(Kind.MISMATCH, lambda: extract(archives)).path == "/S/to/b.txt"


def test_extract_into_no_folder(nas, archives, disk):
    fails(Kind.NOT_FOUND, lambda: extract(archives, folder="/S/none"))
    fails(Kind.WRONG_TYPE, lambda: extract(archives, folder="/S/x/a"))
    assert not nas.calls("extract")


def test_extract_of_a_member_that_wants_to_get_out(nas, archives, disk):
    disk.put("/S/to/c.txt", 1)
    unpacks(nas, disk, ["../a.txt"])
    fails(Kind.INVALID_NAME, lambda: extract(archives))
    assert not nas.calls("extract")


def test_extract_of_names_that_begin_with_a_dot(nas, archives, disk):
    disk.put("/S/to/c.txt", 5)
    nas.on("get_extract_list", listing("./c.txt", "./d.txt"))
    nas.on("extract", lambda asked: disk.put("/S/to/d.txt") and PID).on("get_extract_status", DONE)
    extract(archives)
    assert nas.calls("extract")[0].all("part_file") == ["./d.txt"]


def test_extract_that_nobody_can_be_asked_about(nas, archives, disk, monkeypatch):
    monkeypatch.setattr(process, "QUIET", 0)
    unpacks(nas, disk, ["a.txt"], status(20))
    extract(archives)
    assert len(nas.calls("get_extract_status")) == 2
    disk.entries.pop("/S/to/a.txt")
    extract(archives, folder="/S/to")
    nas.on("get_tree", [{"id": "/S", "cls": "w"}])
    extract(archives, folder="/S")


def test_extract_stops_on_timeout(nas, archives, disk):
    unpacks(nas, disk, ["a.txt"], status(6))
    nas.on("cancel_extract", status(1))
    fails(Kind.TIMEOUT, lambda: extract(archives, watch=Watch(timeout=-1)))
    assert nas.calls("cancel_extract")[0]["pid"] == "28656"


def test_what_extract_refuses_before_any_call(nas, archives):
    fails(Kind.UNSUPPORTED, lambda: extract(archives, codepage="cp437"))
    assert not nas.asked
    assert Reply().code == 200
