# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""QNAP: folders and files."""

from __future__ import annotations

import io

import pytest
from ansible_collections.nasops.nas.plugins.module_utils._core import waiting as _watch
from ansible_collections.nasops.nas.plugins.module_utils._core.errors import Kind, NasError
from ansible_collections.nasops.nas.plugins.module_utils._core.model import FILE, FOLDER, Entry, Share
from ansible_collections.nasops.nas.plugins.module_utils._core.sources import BytesSource, FileSource
from ansible_collections.nasops.nas.plugins.module_utils._core.waiting import Watch
from ansible_collections.nasops.nas.tests.unit.plugins.module_utils._qnap.fake import (
    ODD,
    SECRETS,
    Reply,
    gone,
    row,
    rows,
    status,
)

SHARES = [
    {"id": "/Backups", "cls": "w", "text": "Backups", "iconCls": "folder"},
    {"id": "/share/CACHEDEV1_DATA/Public", "cls": "r", "text": "Public", "iconCls": "folder"},
    {"id": "/disc", "cls": "w", "text": "disc", "iconCls": "iso"},
]
MD5 = "5d41402abc4b2a76b9719d911017c592"


@pytest.fixture
def files(nas):
    return nas.client({"sid": "sid-1"}).files


def fails(kind, action):
    with pytest.raises(NasError) as caught:
        action()
    error = caught.value
    assert error.kind is kind, error
    assert not any(secret in f"{error} {error!r} {error.failure()}" for secret in SECRETS)
    return error


def holds(nas, *names, **more):
    """The device answers stat from a set of names, whatever their folder."""
    current = set(names)

    def stat(asked):
        return rows(*(row(name, **more) if name in current else gone(name) for name in asked.all("file_name")))

    nas.on("stat", stat)
    return current


def test_stat_asks_once_a_folder(nas, files):
    holds(nas, "a", "b")
    found = files.stat(["/S/a", "/S/x/b", "/S/c", "/S/a"])
    assert list(found) == ["/S/a", "/S/c", "/S/x/b"] or list(found) == ["/S/a", "/S/x/b", "/S/c"]
    assert found["/S/a"] == Entry("/S/a", FILE, 5, 1700000000, "admin", "everyone", "644")
    assert found["/S/c"] is None
    assert found["/S/x/b"].path == "/S/x/b"
    one, two = nas.asked
    assert (one["path"], one["file_total"], one.all("file_name")) == ("/S", "2", ["a", "c"])
    assert (two["path"], two["file_total"], two.all("file_name")) == ("/S/x", "1", ["b"])
    assert one.method == "GET"


def test_stat_of_hundreds_fits_into_queries(nas, files):
    names = [f"{number:04d} é" for number in range(700)]
    holds(nas, *names[:350])
    found = files.stat([f"/S/{name}" for name in names])
    assert [entry is not None for entry in found.values()] == [True] * 350 + [False] * 350
    assert len(nas.asked) <= 4
    assert max(len(asked.raw_query) for asked in nas.asked) < 8000
    assert sum(int(asked["file_total"]) for asked in nas.asked) == 700


def test_stat_below_a_very_long_folder_uses_a_form(nas, files):
    folder = "/S" + "/é" * 2000

    def stat(asked):
        assert asked.method == "POST"
        assert dict(asked.pairs) == {"func": "stat", "sid": "sid-1"}
        assert asked.form() == {"path": folder, "file_total": "1", "file_name": "a"}
        return rows(row("a"))

    nas.on("stat", stat)
    assert files.stat([f"{folder}/a"])[f"{folder}/a"].name == "a"


def test_stat_keeps_odd_names(nas, files):
    paths = [f"/S/{name}" for name in ODD]
    holds(nas, *ODD)
    found = files.stat(paths)
    assert [entry.path for entry in found.values()] == paths
    assert nas.asked[0].all("file_name") == ODD
    assert "+" not in nas.asked[0].raw_query


@pytest.mark.parametrize(
    ("fields", "entry"),
    [
        ({"isfolder": 1}, Entry("/S/a", FOLDER, None, 1700000000, "admin", "everyone", "644")),
        ({"isfolder": "1", "filesize": ""}, Entry("/S/a", FOLDER, None, 1700000000, "admin", "everyone", "644")),
        ({"filesize": 7, "epochmt": "12", "privilege": 755}, Entry("/S/a", FILE, 7, 12, "admin", "everyone", "755")),
        ({"epochmt": None, "owner": "", "privilege": ""}, Entry("/S/a", FILE, 5, None, None, "everyone", None)),
        ({"exist": "0"}, None),
    ],
)
def test_rows_of_all_sorts(nas, files, fields, entry):
    nas.on("stat", rows(row("a", **fields)))
    assert files.stat(["/S/a"]) == {"/S/a": entry}


def test_rows_of_old_firmware_do_not_say_that_they_exist(nas, files):
    old = row("a")
    del old["exist"], old["epochmt"]
    nas.on("stat", rows(old))
    assert files.stat(["/S/a"])["/S/a"] == Entry("/S/a", FILE, 5, None, "admin", "everyone", "644")


@pytest.mark.parametrize("reply", [status(5), status(25), {"total": 0, "datas": []}, {"status": 1, "datas": []}])
def test_ways_to_say_absent(nas, files, reply):
    nas.on("stat", reply)
    assert files.stat(["/S/x/a", "/S/x/b"]) == {"/S/x/a": None, "/S/x/b": None}
    assert len(nas.asked) == 1


def test_a_row_that_is_left_out_is_asked_for_again(nas, files):
    nas.on("stat", rows(row("a")), rows(), status(4))
    assert files.stat(["/S/a", "/S/b"])["/S/b"] is None
    assert nas.asked[1].all("file_name") == ["b"]
    nas.on("stat", rows(row("a")), status(4))
    fails(Kind.PERMISSION_DENIED, lambda: files.stat(["/S/a", "/S/b"]))


@pytest.mark.parametrize("path", ["S/a", "/", "", "/S/", "/S//a", "/S/../a", "/S/.", "/S/a\0"])
def test_what_is_no_path(nas, files, path):
    for action in (files.stat, files.create_folders, lambda paths: files.list(paths[0])):
        fails(Kind.INVALID_NAME, lambda action=action: list(action([path]) or ()))
    assert not nas.asked


def test_stat_of_shares(nas, files):
    nas.on("get_tree", SHARES)
    answers = {"/hidden": rows(row("x")), "/none": status(5), "/void": rows(), "/closed": status(4)}
    nas.on("get_list", lambda asked: answers[asked["path"]])
    found = files.stat(["/Public", "/hidden", "/none", "/void", "/Backups"])
    assert [path for path, entry in found.items() if entry] == ["/Public", "/hidden", "/Backups"]
    assert found["/Public"] == Entry("/Public", FOLDER)
    assert len(nas.calls("get_tree")) == 1
    assert nas.calls("get_tree")[0]["node"] == "share_root"
    assert nas.calls("get_list")[0]["limit"] == "1"
    fails(Kind.PERMISSION_DENIED, lambda: files.stat(["/closed"]))


def test_shares(nas, files):
    nas.on("get_tree", SHARES)
    nas.on("get_disk_info", {"status": 1, "free_size": "10", "used_size": 30}, status(4), {"free_size": 1})
    assert files.shares() == [
        Share("Backups", "/Backups", 40 * 1024, 10 * 1024, False),
        Share("Public", "/Public", None, None, True),
        Share("disc", "/disc", None, None, True),
    ]
    nas.on("get_disk_info", status(20))
    assert [share.free for share in files.shares()] == [None] * 3
    assert len(nas.calls("get_disk_info")) == 4


@pytest.mark.parametrize(
    ("reply", "kind"),
    [(status(4), Kind.PERMISSION_DENIED), ({}, Kind.PROTOCOL), ([1], Kind.PROTOCOL), ([{"text": "a"}], Kind.PROTOCOL)],
)
def test_no_list_of_shares(nas, files, reply, kind):
    nas.on("get_tree", reply)
    fails(kind, files.shares)


def test_list_pages(nas, files):
    every = [row(f"{number:03d}", isfolder=number % 2) for number in range(7)]

    def page(asked):
        start = int(asked["start"])
        # This device gives three at most, whatever the limit.
        return rows(*every[start : start + 3], total="7", real_total=7)

    nas.on("get_list", page)
    assert [entry.path for entry in files.list("/S/x")] == [f"/S/x/{number:03d}" for number in range(7)]
    assert [asked["start"] for asked in nas.asked] == ["0", "3", "6"]
    first = nas.asked[0]
    assert (first["path"], first["hidden_file"], first["list_mode"], first["is_iso"]) == ("/S/x", "1", "all", "0")


def test_list_keeps_odd_names_and_leaves_out_what_is_gone(nas, files):
    nas.on("get_list", rows(*(row(name) for name in ODD), gone("old"), row("."), row("..")))
    assert [entry.name for entry in files.list("/S")] == ODD


def test_list_without_a_total_ends_with_an_empty_page(nas, files):
    pages = [rows(row("a")), rows(row("b")), rows()]
    for page in pages:
        del page["total"], page["real_total"]
    nas.on("get_list", *pages)
    assert [entry.name for entry in files.list("/S")] == ["a", "b"]


def test_list_shows_an_entry_once_when_the_folder_changes(nas, files):
    nas.on("get_list", rows(row("b"), row("c"), total=4), rows(row("c"), row("d"), total=4))
    assert [entry.name for entry in files.list("/S")] == ["b", "c", "d"]


def test_list_of_a_device_that_ignores_the_start(nas, files):
    for total in (2, 5):
        nas.on("get_list", rows(row("a"), total=total))
        fails(Kind.PROTOCOL, lambda: list(files.list("/S")))


def test_list_that_the_device_cuts_off(nas, files):
    nas.on("get_list", rows(row("a"), exceed_max=1))
    assert "several folders" in fails(Kind.DEVICE, lambda: list(files.list("/S"))).hint


@pytest.mark.parametrize("code", [49, 50])
def test_list_that_the_device_refuses_for_its_length(nas, files, code):
    nas.on("get_list", status(code))
    assert "several folders" in fails(Kind.DEVICE, lambda: list(files.list("/S"))).hint


@pytest.mark.parametrize("reply", [rows(), status(5), status(0), status(20), b""])
@pytest.mark.parametrize(
    ("there", "kind"), [(gone("x"), Kind.NOT_FOUND), (row("x"), Kind.WRONG_TYPE), (row("x", isfolder=1), None)]
)
def test_an_empty_list_is_checked(nas, files, reply, there, kind):
    nas.on("get_list", reply).on("stat", rows(there))
    if kind:
        assert fails(kind, lambda: list(files.list("/S/x"))).path == "/S/x"
    elif reply == rows():
        assert list(files.list("/S/x")) == []
    else:
        with pytest.raises(NasError):
            list(files.list("/S/x"))


IMAGES = [{"id": "/Disc", "cls": "r", "iconCls": "iso"}, {"id": "/S", "cls": "w", "iconCls": "folder"}]


def strict(asked):
    """What a device shows of an image only to who says that it is one."""
    return rows(row("a")) if asked["is_iso"] == "1" else rows()


@pytest.mark.parametrize("refused", [rows(), status(5), status(4), b""])
def test_list_of_an_image(nas, files, refused):
    nas.on("get_list", lambda asked: strict(asked) if asked["is_iso"] == "1" else refused).on("get_tree", IMAGES)
    nas.on("stat", rows(row("Disc", isfolder=1)))
    assert [entry.path for entry in files.list("/Disc/x")] == ["/Disc/x/a"]
    assert [entry.path for entry in files.list("/Disc")] == ["/Disc/a"]
    # It was asked once, and is known from then on.
    assert [asked["is_iso"] for asked in nas.calls("get_list")] == ["0", "1", "1"]
    assert len(nas.calls("get_tree")) == 1


def test_images_are_known_from_a_list_of_shares(nas, files):
    nas.on("get_list", strict).on("get_tree", IMAGES).on("get_disk_info", status(20))
    assert [share.read_only for share in files.shares()] == [True, False]
    assert [entry.path for entry in files.list("/Disc")] == ["/Disc/a"]
    assert [asked["is_iso"] for asked in nas.calls("get_list")] == ["1"]


def test_a_list_of_shares_that_is_closed_leaves_a_folder_empty(nas, files):
    nas.on("get_list", rows()).on("get_tree", status(4)).on("stat", rows(row("x", isfolder=1)))
    assert list(files.list("/S/x")) == []
    assert list(files.list("/S/x")) == []
    assert len(nas.calls("get_tree")) == 1


@pytest.mark.parametrize("answer", [[], status(5)])
def test_nothing_is_writable_on_an_image(nas, files, answer):
    nas.on("get_tree", lambda asked: IMAGES if asked["node"] == "share_root" else answer)
    assert files.writable("/Disc/x/y") is False


def test_list_goes_on_in_a_new_session(nas, files):
    nas.on("get_list", rows(row("a"), total=2), status(3), rows(row("b"), total=2))
    assert [entry.name for entry in files.list("/S")] == ["a", "b"]
    assert nas.logins == 1


def test_create_folders(nas, files):
    nas.on("createdir", status(1))
    files.create_folders(["/S/a", *(f"/S/a/{name}" for name in ODD)])
    assert [asked["dest_folder"] for asked in nas.asked] == ["a", *ODD]
    assert [asked["dest_path"] for asked in nas.asked] == ["/S"] + ["/S/a"] * len(ODD)


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (2, Kind.EXISTS),
        (33, Kind.EXISTS),
        (4, Kind.PERMISSION_DENIED),
        (5, Kind.NOT_FOUND),
        (9, Kind.QUOTA_EXCEEDED),
        (12, Kind.INVALID_NAME),
        (26, Kind.INVALID_NAME),
        (56, Kind.READ_ONLY),
        (94, Kind.NO_SPACE),
        (108, Kind.OTP_REQUIRED),
    ],
)
def test_create_folders_fails(nas, files, number, kind):
    nas.on("createdir", status(number))
    error = fails(kind, lambda: files.create_folders(["/S/a"]))
    assert (error.code, error.path, error.call) == (str(number), "/S/a", "createdir")


def test_create_folders_makes_no_share(nas, files):
    fails(Kind.USAGE, lambda: files.create_folders(["/S/a", "/S"]))
    assert not nas.asked


def test_create_folders_checks_when_the_reply_is_broken(nas, files):
    nas.on("createdir", b"oops")
    current = holds(nas, "a", isfolder=1)
    files.create_folders(["/S/a"])
    current.clear()
    fails(Kind.PROTOCOL, lambda: files.create_folders(["/S/a"]))


def test_rename(nas, files):
    nas.on("rename", status(1))
    for name in ODD:
        files.rename("/S/x", name)
    assert [asked["dest_name"] for asked in nas.asked] == ODD
    assert (nas.asked[0]["path"], nas.asked[0]["source_name"]) == ("/S", "x")


@pytest.mark.parametrize(
    ("number", "kind"), [(2, Kind.EXISTS), (33, Kind.EXISTS), (5, Kind.NOT_FOUND), (4, Kind.PERMISSION_DENIED)]
)
def test_rename_fails(nas, files, number, kind):
    nas.on("rename", status(number))
    fails(kind, lambda: files.rename("/S/x", "y"))
    assert len(nas.asked) == 1


def test_rename_of_nothing_is_a_plain_failure_on_the_wire(nas, files):
    nas.on("rename", status(0))
    current = holds(nas)
    fails(Kind.NOT_FOUND, lambda: files.rename("/S/x", "y"))
    current.add("x")
    fails(Kind.DEVICE, lambda: files.rename("/S/x", "y"))


def test_rename_checks_when_the_reply_is_broken(nas, files):
    nas.on("rename", b"")
    current = holds(nas, "y")
    files.rename("/S/x", "y")
    current.add("x")
    fails(Kind.PROTOCOL, lambda: files.rename("/S/x", "y"))


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "\0"])
def test_rename_to_no_name(nas, files, name):
    fails(Kind.INVALID_NAME, lambda: files.rename("/S/x", name))
    fails(Kind.USAGE, lambda: files.rename("/S", "y"))
    assert not nas.asked


def deletes(nas, current, reply=None):
    def delete(asked):
        current.difference_update(asked.all("file_name"))
        return reply or status(1)

    nas.on("delete", delete)


def test_delete_is_one_call_a_folder_and_is_checked(nas, files):
    current = holds(nas, "a", "b", *ODD)
    deletes(nas, current)
    seen = []
    paths = ["/S/a", "/S/x/b", *(f"/S/{name}" for name in ODD)]
    files.delete(paths, recursive=False, watch=Watch(lambda done, total: seen.append((done, total))))
    deep, flat = nas.calls("delete")
    assert (deep["path"], deep.all("file_name"), deep["file_total"]) == ("/S/x", ["b"], "1")
    assert (flat["path"], flat.all("file_name"), flat["file_total"]) == ("/S", ["a", *ODD], str(len(ODD) + 1))
    assert not flat.all("force")
    assert seen == [(1, len(paths)), (len(paths), len(paths))]


def test_a_folder_of_our_own_does_not_fill_the_recycle_bin(nas, files):
    ours = [".nasops-0123456789abcdef.name", ".nasops-0123456789abcdef.old.a", ".nasops.name", "a.name"]
    present = holds(nas, *ours)
    deletes(nas, present)
    for name in ours:
        files.delete([f"/S/{name}"], recursive=True, watch=Watch())
    files_of = [asked.all("force") for asked in nas.calls("delete")]
    assert files_of == [["1"], [], [], []]


@pytest.mark.parametrize("bin_is", ["left out", "used", "hidden"])
def test_delete_permanently_checks_the_recycle_bin(nas, files, bin_is):
    there = {"/S/x": {"a"}, "/S/@Recycle/x": {"old"}}

    def stat(asked):
        if "@Recycle" in asked["path"] and bin_is == "hidden":
            return status(4)
        return rows(*(row(name) for name in asked.all("file_name") if name in there[asked["path"]]))

    def delete(asked):
        there[asked["path"]].difference_update(asked.all("file_name"))
        if bin_is == "used":
            there["/S/@Recycle/x"].update(asked.all("file_name"))
        return status(1)

    nas.on("stat", stat).on("delete", delete)
    if bin_is == "used":
        error = fails(Kind.DEVICE, lambda: files.delete_permanently(["/S/x/a"], recursive=False, watch=Watch()))
        assert error.path == "/S/@Recycle/x/a"
        assert "nas_recycle_bin" in error.hint
    else:
        files.delete_permanently(["/S/x/a"], recursive=False, watch=Watch())
    (asked,) = nas.calls("delete")
    assert asked.all("force") == ["1"]
    assert not there["/S/x"]


def test_delete_refuses_before_it_removes_anything(nas, files):
    holds(nas, "a", "full", isfolder=1)
    nas.on("get_list", lambda asked: rows(row("child")) if asked["path"] == "/S/full" else rows())
    error = fails(Kind.NOT_EMPTY, lambda: files.delete(["/S/a", "/S/full"], recursive=False, watch=Watch()))
    assert error.path == "/S/full"
    error = fails(Kind.NOT_FOUND, lambda: files.delete(["/S/a", "/S/none"], recursive=True, watch=Watch()))
    assert error.path == "/S/none"
    fails(Kind.USAGE, lambda: files.delete(["/S/a", "/S"], recursive=True, watch=Watch()))
    assert not nas.calls("delete")


def test_delete_of_a_folder_with_all_that_it_holds_named(nas, files):
    current = holds(nas, "full", "child", isfolder=1)
    nas.on("get_list", lambda asked: rows(row("child")) if asked["path"] == "/S/full" else rows())
    deletes(nas, current)
    files.delete(["/S/full", "/S/full/child"], recursive=False, watch=Watch())
    assert [asked["path"] for asked in nas.calls("delete")] == ["/S/full", "/S"]


def test_delete_recursively_names_the_topmost_only(nas, files):
    current = holds(nas, "full", "child", isfolder=1)
    deletes(nas, current)
    files.delete(["/S/full/child", "/S/full", "/S/full/child/child"], recursive=True, watch=Watch())
    assert [asked["path"] for asked in nas.calls("delete")] == ["/S"]
    assert not nas.calls("get_list")


@pytest.mark.parametrize("reply", [status(0), status(4), status(63), b"oops", b""])
def test_delete_believes_what_it_sees(nas, files, reply):
    current = holds(nas, "a", "b")
    deletes(nas, current, reply)
    files.delete(["/S/a"], recursive=False, watch=Watch())
    nas.on("delete", reply)
    error = fails(
        Kind.PROTOCOL if isinstance(reply, bytes) else Kind.PERMISSION_DENIED if reply == status(4) else Kind.DEVICE,
        lambda: files.delete(["/S/b"], recursive=False, watch=Watch()),
    )
    assert error.path == "/S/b"


def test_delete_that_claims_success(nas, files):
    holds(nas, "a")
    nas.on("delete", status(1))
    fails(Kind.DEVICE, lambda: files.delete(["/S/a"], recursive=False, watch=Watch()))


def test_delete_in_the_background_is_waited_for(nas, files, monkeypatch):
    monkeypatch.setattr(_watch.time, "sleep", lambda _seconds: None)
    nas.on("stat", rows(row("a")), rows(row("a")), rows(row("a")), rows(gone("a")))
    nas.on("delete", {"status": 1, "pid": 28656})
    files.delete(["/S/a"], recursive=True, watch=Watch())
    assert len(nas.calls("stat")) == 4
    nas.on("stat", rows(row("a")))
    fails(Kind.TIMEOUT, lambda: files.delete(["/S/a"], recursive=True, watch=Watch(timeout=-1)))


def test_delete_passes_other_failures_on(nas, files):
    holds(nas, "a")
    nas.on("delete", Reply(b"", 503))
    fails(Kind.BUSY, lambda: files.delete(["/S/a"], recursive=False, watch=Watch()))
    nas.on("delete", status(3))
    fails(Kind.SESSION_EXPIRED, lambda: files.delete(["/S/a"], recursive=False, watch=Watch()))


def uploads(nas, size=5, reply=None):
    """An upload that works: the name is free before, and there after."""

    def stat(asked):
        name = asked["file_name"]
        return rows(row(name, filesize=str(size)) if nas.calls("upload") else gone(name))

    nas.on("stat", stat)
    nas.on("upload", reply if reply is not None else {"status": 1, "size": str(size)})


def test_upload(nas, files):
    for name in (odd for odd in ODD if not {*odd} & {'"', "\\"}):
        nas.asked.clear()
        uploads(nas)
        seen = []
        watch = Watch(lambda *done, seen=seen: seen.append(done))
        files.upload(BytesSource(b"hello"), f"/S/x/{name}", mtime=None, watch=watch)
        (asked,) = nas.calls("upload")
        assert asked.method == "POST"
        assert {key: asked[key] for key, _value in asked.pairs} == {
            "func": "upload",
            "sid": "sid-1",
            "type": "standard",
            "dest_path": "/S/x",
            "overwrite": "1",
            "progress": f"-S-x-{name}",
        }
        assert "Transfer-Encoding" not in asked.headers
        assert int(asked.headers["Content-Length"]) == len(asked.body)
        boundary = asked.headers["Content-Type"].partition("boundary=")[2].encode()
        head, _empty, rest = asked.body.partition(b"\r\n\r\n")
        assert rest == b"hello\r\n--" + boundary + b"--\r\n"
        assert b'; filename="' + name.encode("utf-8", "surrogateescape") + b'"\r\n' in head
        assert head.startswith(b"--" + boundary + b"\r\n")
        assert seen == [(5, 5)]
        assert len(nas.calls("stat")) == 1


def test_upload_streams_a_large_file(nas, files, tmp_path):
    local = tmp_path / "large"
    content = bytes(range(256)) * 20000
    local.write_bytes(content)
    uploads(nas, len(content))
    files.upload(FileSource(str(local)), "/S/large", mtime=None, watch=Watch())
    assert content in nas.calls("upload")[0].body


def test_upload_of_nothing(nas, files):
    uploads(nas, 0)
    files.upload(BytesSource(b""), "/S/empty", mtime=None, watch=Watch())


@pytest.mark.parametrize("reply", [b"", b"OK", b'{"status": 1, "success": "true"}', b"Content-type: text/html\n\n{"])
def test_upload_with_a_reply_without_a_size_is_checked(nas, files, reply):
    uploads(nas, 5, reply)
    files.upload(BytesSource(b"hello"), "/S/a", mtime=None, watch=Watch())
    assert len(nas.calls("stat")) == 2
    nas.asked.clear()
    uploads(nas, 4, reply)
    fails(Kind.MISMATCH, lambda: files.upload(BytesSource(b"hello"), "/S/a", mtime=None, watch=Watch()))
    nas.on("stat", rows(gone("a")))
    fails(Kind.PROTOCOL, lambda: files.upload(BytesSource(b"hello"), "/S/a", mtime=None, watch=Watch()))


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (status(4), Kind.PERMISSION_DENIED),
        (status(9), Kind.QUOTA_EXCEEDED),
        (status(5), Kind.NOT_FOUND),
        (status(109), Kind.DEVICE),
        ({"status": 1, "size": "4"}, Kind.MISMATCH),
        ({"status": 1, "size": "5", "name": "A"}, Kind.MISMATCH),
        (Reply(b"<html>", 411), Kind.PROTOCOL),
        (Reply(b"", 503), Kind.BUSY),
    ],
)
def test_upload_fails(nas, files, reply, kind):
    uploads(nas, 5, reply)
    error = fails(kind, lambda: files.upload(BytesSource(b"hello"), "/S/a", mtime=None, watch=Watch()))
    assert (error.call, error.path) == ("upload", "/S/a")
    assert len(nas.calls("upload")) == 1


def test_upload_never_overwrites(nas, files):
    holds(nas, "a")
    fails(Kind.EXISTS, lambda: files.upload(BytesSource(b"hello"), "/S/a", mtime=None, watch=Watch()))
    fails(Kind.USAGE, lambda: files.upload(BytesSource(b""), "/S", mtime=None, watch=Watch()))
    assert not nas.calls("upload")


def test_upload_starts_again_in_a_new_session(nas, files):
    uploads(nas)
    nas.on("upload", status(3), {"status": 1, "size": 5, "name": "a"})
    files.upload(BytesSource(b"hello"), "/S/a", mtime=None, watch=Watch())
    one, two = nas.calls("upload")
    assert (one["sid"], two["sid"]) == ("sid-1", "sid-1")
    assert len(one.body) == len(two.body)  # all but the boundary is the same
    assert nas.logins == 1


def test_upload_of_a_file_that_shrinks(nas, files, tmp_path):
    local = tmp_path / "file"
    local.write_bytes(b"hello")
    source = FileSource(str(local))
    local.write_bytes(b"he")
    uploads(nas)
    fails(Kind.MISMATCH, lambda: files.upload(source, "/S/a", mtime=None, watch=Watch()))


def fetch(files, path="/S/a"):
    sink = io.BytesIO()
    try:
        done = files.download(path, sink, watch=Watch())
    except NasError:
        assert not sink.getvalue()
        raise
    assert done == len(sink.getvalue())
    return sink.getvalue()


def test_download(nas, files):
    for name in ODD:
        nas.asked.clear()
        holds(nas, name)
        nas.on("download", Reply(b"hello"))
        assert fetch(files, f"/S/x/{name}") == b"hello"
        (asked,) = nas.calls("download")
        assert (asked["source_path"], asked["source_file"], asked["source_total"]) == ("/S/x", name, "1")
        assert (asked["isfolder"], asked["compress"]) == ("0", "0")
        assert asked.headers["Accept-Encoding"] == "identity"


def test_download_of_a_large_file(nas, files):
    content = bytes(range(256)) * 10000
    holds(nas, "a", filesize=len(content))
    nas.on("download", Reply(content))
    assert fetch(files) == content
    nas.on("download", Reply(content, length=-1))
    assert fetch(files) == content


def test_download_of_nothing(nas, files):
    holds(nas, "a", filesize="0")
    nas.on("download", Reply(b""))
    assert fetch(files) == b""


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (status(4), Kind.PERMISSION_DENIED),
        (status(5), Kind.NOT_FOUND),
        (b'Content-type: text/html\n\n{"status": "4", "success": "true"}\n', Kind.PERMISSION_DENIED),
        (Reply(b'{"status": 4, "success": "true"}', length=-1), Kind.PERMISSION_DENIED),
        (b"<!DOCTYPE HTML><html>login</html>", Kind.DEVICE),
        (b"", Kind.DEVICE),
        (Reply(b"", length=-1), Kind.DEVICE),
        (Reply(b"<html>", 404), Kind.NOT_FOUND),
        (Reply(b"<html>", 500), Kind.DEVICE),
        (Reply(b"hell", length=5), Kind.CONNECTION),
    ],
)
def test_download_fails_before_anything_is_written(nas, files, reply, kind):
    holds(nas, "a")
    nas.on("download", reply)
    assert fails(kind, lambda: fetch(files)).call == "download"


def test_download_of_no_file(nas, files):
    holds(nas, "a", isfolder=1)
    fails(Kind.WRONG_TYPE, lambda: fetch(files))
    holds(nas)
    fails(Kind.NOT_FOUND, lambda: fetch(files))
    fails(Kind.USAGE, lambda: fetch(files, "/S"))
    assert not nas.calls("download")


def test_download_in_a_new_session(nas, files):
    holds(nas, "a")
    nas.on("download", status(3), Reply(b"hello"))
    assert fetch(files) == b"hello"
    assert nas.logins == 1


def test_download_of_a_file_that_reads_like_an_error(nas, files):
    content = b'{"status": 3, "success": "true"}'
    holds(nas, "a", filesize=len(content))
    nas.on("download", Reply(content, headers={"Content-Disposition": "attachment"}))
    assert fetch(files) == content
    nas.on("download", lambda asked: Reply(content, 206 if "Range" in asked.headers else 200))
    assert fetch(files) == content
    assert nas.logins == 0
    nas.on("download", Reply(content))
    fails(Kind.SESSION_EXPIRED, lambda: fetch(files))


def test_download_of_a_file_that_grows(nas, files):
    holds(nas, "a", filesize="3")
    nas.on("download", Reply(b"hello"))
    assert fetch(files) == b"hello"


def test_download_of_unannounced_length_must_be_whole(nas, files):
    holds(nas, "a")
    nas.on("download", Reply(b"hell", length=-1))
    sink = io.BytesIO()
    fails(Kind.MISMATCH, lambda: files.download("/S/a", sink, watch=Watch()))


def test_checksum(nas, files):
    nas.on("checksum", rows({"filename": "a", "filesize": "5", "checksum": MD5.upper()}))
    assert files.checksum("/S/a", "md5", watch=Watch()) == MD5
    assert nas.asked[0].all("file_name") == ["a"]
    assert files.features.checksum_algorithms == ("md5",)
    fails(Kind.UNSUPPORTED, lambda: files.checksum("/S/a", "sha256", watch=Watch()))
    assert len(nas.asked) == 1


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (status(20), Kind.UNSUPPORTED),
        (status(102), Kind.UNSUPPORTED),
        (Reply(b"", 404), Kind.UNSUPPORTED),
        (status(4), Kind.PERMISSION_DENIED),
        (status(0), Kind.DEVICE),
        (b"", Kind.PROTOCOL),
        (rows(), Kind.PROTOCOL),
        (rows({"filename": "a", "checksum": ""}), Kind.PROTOCOL),
        (rows({"filename": "a", "checksum": "xyz"}), Kind.PROTOCOL),
    ],
)
def test_checksum_fails(nas, files, reply, kind):
    nas.on("checksum", reply)
    current = holds(nas, "a")
    fails(kind, lambda: files.checksum("/S/a", "md5", watch=Watch()))
    if kind is not Kind.PERMISSION_DENIED:
        current.clear()
        fails(Kind.NOT_FOUND, lambda: files.checksum("/S/a", "md5", watch=Watch()))
        holds(nas, "a", isfolder=1)
        fails(Kind.WRONG_TYPE, lambda: files.checksum("/S/a", "md5", watch=Watch()))


def test_set_mtime(nas, files):
    nas.on("stat", rows(row("a", epochmt=12)))
    files.set_mtime("/S/a", 12)
    (asked,) = nas.asked
    assert (asked["settime"], asked["mtime"], asked["path"], asked["file_name"]) == ("1", "12", "/S", "a")
    assert files.features.sets_mtime_of == {"file", "folder"}
    assert not files.features.sets_mtime_at_upload


def test_set_mtime_that_is_seen_later_or_never(nas, files):
    nas.on("stat", rows(row("a", epochmt=1)), rows(row("a", epochmt=12)))
    files.set_mtime("/S/a", 12)
    nas.on("stat", rows(row("a", epochmt=1)))
    assert fails(Kind.DEVICE, lambda: files.set_mtime("/S/a", 12)).call == "stat&settime"


@pytest.mark.parametrize("reply", [status(5), rows(), rows(gone("a"))])
def test_set_mtime_of_nothing(nas, files, reply):
    nas.on("stat", reply)
    assert fails(Kind.NOT_FOUND, lambda: files.set_mtime("/S/a", 12)).call == "stat&settime"
    fails(Kind.USAGE, lambda: files.set_mtime("/S", 12))


def test_writable(nas, files):
    nas.on("get_tree", lambda asked: SHARES if asked["node"] == "share_root" else [{"id": "/S/x", "cls": "r"}])
    assert files.writable("/Backups/a") is True
    assert files.writable("/Public/a") is False
    assert files.writable("/other/a") is None
    assert files.writable("/S/x/a") is False
    assert nas.asked[-1]["node"] == "/S"
