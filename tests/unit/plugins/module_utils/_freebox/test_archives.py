# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Packing and unpacking on a Freebox."""

from __future__ import annotations

import pytest
from ansible_collections.nasops.nas.plugins.module_utils._api.capabilities.archives import ArchiveFeatures
from ansible_collections.nasops.nas.plugins.module_utils._core.archives import Packing, Unpacking
from ansible_collections.nasops.nas.plugins.module_utils._core.errors import Kind, NasError
from ansible_collections.nasops.nas.plugins.module_utils._core.waiting import Watch
from ansible_collections.nasops.nas.tests.unit.plugins.module_utils._freebox.fake import (
    Answer,
    b64,
    bad,
    good,
    info,
    listing,
    task,
)

FOLDER = "/Disque dur/folder"
ZIP = f"{FOLDER}/new é.zip"
OUT = "/Disque dur/out"
PACK = "POST fs/archive/"
UNPACK = "POST fs/extract/"
DONE = "DELETE fs/tasks/42"


@pytest.fixture
def box(box):
    box.on(DONE, good())
    return box


def stat_call(path):
    return f"GET fs/info/{b64(path)}"


def pages(path):
    return f"GET fs/ls/{b64(path)}?limit=1000"


def failure(action):
    with pytest.raises(NasError) as caught:
        action()
    return caught.value


def compress(box, *names, archive=ZIP, packing=None, watch=None):
    sources = [name if name.startswith("/") else f"{FOLDER}/{name}" for name in names]
    box.client().archives.compress(sources, archive, packing or Packing(), watch=watch or Watch())


def extract(box, archive=ZIP, watch=None, **desires):
    box.client().archives.extract(archive, OUT, Unpacking(**desires), watch=watch or Watch())


# packing


@pytest.mark.parametrize("ending", ["zip", "iso", "cpio", "tar", "tar.gz", "tar.xz", "7z", "tar.7z", "tar.bz2"])
def test_compress(box, ending):
    archive = f"{FOLDER}/100% #1+?.{ending}"
    box.on(stat_call(archive), bad("path_not_found"), good(info(archive, size=99)))
    box.on(PACK, good(task(42, "running", "archive")))
    box.on("GET fs/tasks/42", good(task(42, "done", "archive", progress=100)))
    assert ending in box.client().archives.features.formats
    compress(box, "a", "é", "e\u0301", archive=archive, packing=Packing(ending))
    files = [b64(f"{FOLDER}/{name}") for name in ("a", "é", "e\u0301")]
    assert box.bodies(PACK) == [{"files": files, "dst": b64(archive)}]
    assert box.calls() == [stat_call(archive), PACK, "GET fs/tasks/42", DONE, stat_call(archive)]


@pytest.mark.parametrize(
    ("archive", "packing", "kind"),
    [
        (f"{FOLDER}/x.tar.7z", Packing("7z"), Kind.INVALID_ARGUMENT),
        (f"{FOLDER}/x.zip", Packing("tar"), Kind.INVALID_ARGUMENT),
        (f"{FOLDER}/x.ZIP", Packing(), Kind.INVALID_ARGUMENT),
        (f"{FOLDER}/x.rar", Packing("rar"), Kind.INVALID_ARGUMENT),
        (f"{FOLDER}/zip", Packing(), Kind.INVALID_ARGUMENT),
        (ZIP, Packing(password="secret-word"), Kind.UNSUPPORTED),
        (ZIP, Packing(level="best"), Kind.UNSUPPORTED),
        (ZIP, Packing(encryption="aes256"), Kind.UNSUPPORTED),
    ],
)
def test_what_a_freebox_cannot_make(box, archive, packing, kind):
    error = failure(lambda: compress(box, "a", archive=archive, packing=packing))
    assert error.kind is kind
    assert "secret-word" not in str(error)
    assert box.requests == []


@pytest.mark.parametrize(
    ("names", "kind"),
    [
        ([], Kind.USAGE),
        (["a", "/Volume/a"], Kind.INVALID_ARGUMENT),
        ([FOLDER], Kind.INVALID_ARGUMENT),
        ([ZIP], Kind.INVALID_ARGUMENT),
    ],
)
def test_members_that_cannot_be(box, names, kind):
    assert failure(lambda: compress(box, *names)).kind is kind
    assert box.requests == []


def test_an_archive_is_never_overwritten(box):
    box.on(stat_call(ZIP), good(info(ZIP)))
    error = failure(lambda: compress(box, "a"))
    assert (error.kind, error.path) == (Kind.EXISTS, ZIP)
    assert box.count(PACK) == 0


@pytest.mark.parametrize("made", [bad("path_not_found"), good(info(ZIP, size=0)), good(info(ZIP, "dir"))])
@pytest.mark.parametrize("end", [good(task(42, "done", "archive")), bad("task_not_found")])
def test_an_archive_that_did_not_come_to_be(box, made, end):
    box.on(stat_call(ZIP), bad("path_not_found"), made)
    box.on(PACK, good(task(42, "running", "archive")))
    box.on("GET fs/tasks/42", end)
    error = failure(lambda: compress(box, "a"))
    assert (error.kind, error.path, error.call) == (Kind.DEVICE, ZIP, PACK)


def test_a_forgotten_task_is_verified_by_the_archive(box):
    box.on(stat_call(ZIP), bad("path_not_found"), good(info(ZIP)))
    box.on(PACK, good(task(42, "running", "archive")))
    box.on("GET fs/tasks/42", bad("invalid_id"))
    compress(box, "a")


@pytest.mark.parametrize(
    ("code", "absent", "kind", "path"),
    [
        ("file_not_found", f"{FOLDER}/b", Kind.NOT_FOUND, f"{FOLDER}/b"),
        ("open_output_failed", FOLDER, Kind.NOT_FOUND, FOLDER),
        ("open_output_failed", None, Kind.DEVICE, ZIP),
        ("archive_open_failed", None, Kind.INVALID_ARGUMENT, ZIP),
        ("disk_full", None, Kind.NO_SPACE, ZIP),
        ("permission_denied", None, Kind.PERMISSION_DENIED, ZIP),
    ],
)
def test_a_task_that_fails(box, code, absent, kind, path):
    there = {b64(path): info(path) for path in (FOLDER, f"{FOLDER}/a", f"{FOLDER}/b") if path != absent}
    box.on(stat_call(ZIP), bad("path_not_found"))
    for path_ in (FOLDER, f"{FOLDER}/b"):
        box.on(stat_call(path_), bad("path_not_found"))
    box.on("POST fs/info", lambda request: good([there[path] for path in request.body if path in there]))
    box.on(PACK, good(task(42, "failed", "archive", code)))
    error = failure(lambda: compress(box, "a", "b"))
    assert (error.kind, error.path, error.code, error.call) == (kind, path, code, PACK)
    assert box.count(DONE) == 1


def test_a_task_that_takes_too_long_is_stopped(box):
    box.on(stat_call(ZIP), bad("path_not_found"))
    box.on(PACK, good(task(42, "running", "archive")))
    box.on("GET fs/tasks/42", good(task(42, "running", "archive")))
    assert failure(lambda: compress(box, "a", watch=Watch(timeout=0))).kind is Kind.TIMEOUT
    assert box.count(DONE) == 1


# unpacking


def folder_of(box, *states):
    box.on(pages(OUT), *(good({"entries": listing(OUT, *state)}) for state in states))


def test_features(box):
    features = box.client().archives.features
    assert features == ArchiveFeatures(features.formats, scattered=True, extract_password=True)
    assert failure(lambda: box.client().archives.members(ZIP)).kind is Kind.UNSUPPORTED


@pytest.mark.parametrize(
    ("desires", "sent"),
    [
        ({}, {"password": "", "delete_archive": False, "overwrite": False}),
        ({"password": "p\"'é"}, {"password": "p\"'é", "delete_archive": False, "overwrite": False}),
    ],
)
def test_extract(box, desires, sent):
    folder_of(box, [])
    box.on(UNPACK, good(task(42, "running", "extract")))
    box.on("GET fs/tasks/42", good(task(42, "done", "extract", progress=100)))
    extract(box, **desires)
    assert box.bodies(UNPACK) == [{"src": b64(ZIP), "dst": b64(OUT), **sent}]
    assert box.calls() == [pages(OUT), UNPACK, "GET fs/tasks/42", DONE]


@pytest.mark.parametrize("desires", [{"members": ()}, {"codepage": "cp850"}])
def test_what_a_freebox_cannot_unpack(box, desires):
    assert failure(lambda: extract(box, **desires)).kind is Kind.UNSUPPORTED
    assert box.requests == []


def test_a_password_that_is_no_text(box):
    error = failure(lambda: extract(box, password="hush\ud800"))
    assert error.kind is Kind.USAGE
    assert "hush" not in str(error)
    assert error.__suppress_context__


@pytest.mark.parametrize(
    ("code", "there", "kind"),
    [
        ("incorrect_password", "file", Kind.PERMISSION_DENIED),
        ("invalid_format", "file", Kind.INVALID_ARGUMENT),
        ("unsupported_file_type", "file", Kind.INVALID_ARGUMENT),
        ("archive_read_failed", "file", Kind.INVALID_ARGUMENT),
        ("archive_open_failed", "file", Kind.INVALID_ARGUMENT),
        ("archive_open_failed", None, Kind.NOT_FOUND),
        ("archive_open_failed", "dir", Kind.WRONG_TYPE),
        ("file_not_found", None, Kind.NOT_FOUND),
        ("file_exists", "file", Kind.EXISTS),
        ("disk_full", "file", Kind.NO_SPACE),
        ("internal", "file", Kind.DEVICE),
    ],
)
def test_an_extraction_that_fails(box, code, there, kind):
    folder_of(box, [])
    box.on(UNPACK, good(task(42, "running", "extract")))
    box.on("GET fs/tasks/42", good(task(42, "failed", "extract", code)))
    box.on(stat_call(ZIP), good(info(ZIP, there)) if there else bad("path_not_found"))
    error = failure(lambda: extract(box, password="secret-word"))
    assert (error.kind, error.code, error.call, error.path) == (kind, code, UNPACK, ZIP)
    assert "secret-word" not in str(error) + repr(error)
    assert box.count(DONE) == 1


@pytest.mark.parametrize(("there", "kind"), [(None, Kind.NOT_FOUND), ("file", Kind.WRONG_TYPE)])
def test_a_folder_that_is_none(box, there, kind):
    box.on(pages(OUT), bad("path_not_found"))
    box.on(stat_call(OUT), good(info(OUT, there)) if there else bad("path_not_found"))
    error = failure(lambda: extract(box))
    assert (error.kind, error.path) == (kind, OUT)
    assert box.count(UNPACK) == 0


@pytest.mark.parametrize(
    ("after", "done"),
    [
        ([], False),
        ([info(f"{OUT}/old")], False),
        ([info(f"{OUT}/old", mtime=1700000009)], True),
        ([info(f"{OUT}/old"), info(f"{OUT}/new", "dir")], True),
    ],
)
def test_a_forgotten_extraction_is_verified_by_the_folder(box, after, done):
    before = [info(f"{OUT}/old")] if after else []
    folder_of(box, before, after)
    box.on(UNPACK, good(task(42, "running", "extract")))
    box.on("GET fs/tasks/42", bad("invalid_id"))
    if done:
        extract(box)
    else:
        assert failure(lambda: extract(box)).kind is Kind.DEVICE


def test_an_extraction_is_never_started_twice(box):
    folder_of(box, [])
    box.on(UNPACK, Answer(503, b""))
    assert failure(lambda: extract(box, password="secret-word")).kind is Kind.BUSY
    assert box.count(UNPACK) == 1


def test_an_expired_session(box):
    folder_of(box, [])
    box.on(UNPACK, bad("auth_required", 403, result={"challenge": "c"}), good(task(42, "done", "extract")))
    extract(box)
    assert (box.logins, box.count(UNPACK)) == (2, 2)
