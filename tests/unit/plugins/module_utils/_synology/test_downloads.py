# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Synology: folder sizes, zips and thumbnails."""

from __future__ import annotations

import io
import zipfile

import pytest
from ansible_collections.nasops.nas.plugins.module_utils._api.capabilities.downloads import DownloadFeatures
from ansible_collections.nasops.nas.plugins.module_utils._core.errors import Kind
from ansible_collections.nasops.nas.plugins.module_utils._core.waiting import Watch
from ansible_collections.nasops.nas.tests.unit.plugins.module_utils._synology.fake import (
    Answer,
    Fail,
    fails,
    file,
    folder,
)

ATTACHED = {"Content-Disposition": 'attachment; filename="download.zip"', "Content-Type": "application/octet-stream"}
PICTURE = {"Content-Type": "image/jpeg"}
SIZE = {"finished": True, "num_dir": 3, "num_file": 104, "total_size": 29973265}


def current(*known):
    by_path = {item["path"]: item for item in known}
    return lambda asked: {"files": [by_path.get(path, {"path": path, "code": 408}) for path in asked.json("path")]}


def a_zip():
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("a.txt", "x" * 9999)
    return target.getvalue()


# Folder sizes


def test_folder_size(dsm, nas):
    dsm.on("DirSize/start", {"taskid": "51CBD7CD5C76E461"})
    dsm.on("DirSize/status", {"finished": False, "num_dir": 1, "num_file": 9, "total_size": 5}, SIZE)
    seen = []
    size = nas.downloads.folder_size("/pub/2024", watch=Watch(lambda done, total: seen.append((done, total))))
    assert size == {"folders": 3, "files": 104, "size": 29973265}
    assert dsm.of("DirSize/start")[0].json("path") == ["/pub/2024"]
    assert dsm.of("DirSize/status")[0].json("taskid") == "51CBD7CD5C76E461"
    assert dsm.calls() == ["DirSize/start", *["DirSize/status"] * 2]
    assert seen == [(9, None), (104, None)]


def test_a_size_that_was_lost_is_calculated_once_more(dsm, nas):
    dsm.on("DirSize/start", {"taskid": "1"}).on("DirSize/status", {"finished": False}, Fail(599), SIZE)
    assert nas.downloads.folder_size("/pub/d", watch=Watch())["files"] == 104
    dsm.on("DirSize/status", Fail(599))
    fails(Kind.DEVICE, lambda: nas.downloads.folder_size("/pub/d", watch=Watch()))


def test_the_size_of_a_file_or_of_nothing(dsm, nas):
    dsm.on("DirSize/start", {"taskid": "1"}).on("List/getinfo", current(file("/pub/a"), folder("/pub/d")))
    dsm.on("DirSize/status", {"finished": True, "num_dir": 0, "num_file": 1, "total_size": 3})
    fails(Kind.WRONG_TYPE, lambda: nas.downloads.folder_size("/pub/a", watch=Watch()))
    fails(Kind.NOT_FOUND, lambda: nas.downloads.folder_size("/pub/x", watch=Watch()))
    assert nas.downloads.folder_size("/pub/d", watch=Watch()) == {"folders": 0, "files": 1, "size": 3}
    dsm.on("DirSize/start", Fail(400))
    fails(Kind.WRONG_TYPE, lambda: nas.downloads.folder_size("/pub/a", watch=Watch()))
    dsm.on("DirSize/start", {"taskid": "1"}).on("DirSize/status", Fail(408))
    fails(Kind.NOT_FOUND, lambda: nas.downloads.folder_size("/pub/x", watch=Watch()))


@pytest.mark.parametrize("status", [{"finished": True}, {**SIZE, "total_size": "9"}, {"num_dir": 3}])
def test_a_size_that_makes_no_sense(dsm, nas, status):
    dsm.on("DirSize/start", {"taskid": "1"}).on("DirSize/status", status).on("DirSize/stop", None)
    fails(Kind.PROTOCOL, lambda: nas.downloads.folder_size("/pub/d", watch=Watch()))


def test_a_calculation_that_takes_too_long_is_stopped(dsm, nas):
    dsm.on("DirSize/start", {"taskid": "1"}).on("DirSize/status", {"finished": False}).on("DirSize/stop", None)
    fails(Kind.TIMEOUT, lambda: nas.downloads.folder_size("/pub/d", watch=Watch(timeout=0)))
    assert dsm.of("DirSize/stop")[0].json("taskid") == "1"


# Zips


def zipped(nas, *paths):
    sink = io.BytesIO()
    assert nas.downloads.download_zip(paths, sink, watch=Watch()) == len(sink.getvalue())
    return sink.getvalue()


def test_download_zip(dsm, nas):
    body = a_zip()
    dsm.on("List/getinfo", current(file("/pub/2024"), folder("/other/a, b")))
    dsm.on("Download/download", Answer(body, headers=ATTACHED))
    assert zipped(nas, "/pub/2024", "/other/a, b", "/pub/2024") == body
    (asked,) = dsm.of("Download/download")
    assert (asked.json("path"), asked.json("mode")) == (["/pub/2024", "/other/a, b"], "download")
    assert "_sid" not in asked.query
    assert zipped(nas, "/other/a, b") == body


def test_what_makes_no_zip(dsm, nas):
    dsm.on("List/getinfo", current(file("/pub/a")))
    fails(Kind.WRONG_TYPE, lambda: zipped(nas, "/pub/a"))
    assert fails(Kind.NOT_FOUND, lambda: zipped(nas, "/pub/a", "/pub/x")).path == "/pub/x"
    fails(Kind.INVALID_ARGUMENT, lambda: zipped(nas))
    assert "Download/download" not in dsm.calls()


def test_a_zip_that_ends_too_early(dsm, nas):
    body = a_zip()
    dsm.on("List/getinfo", current(file("/pub/a"), file("/pub/b")))
    dsm.on("Download/download", Answer(body[:-30], headers=ATTACHED))
    fails(Kind.MISMATCH, lambda: zipped(nas, "/pub/a", "/pub/b"))
    short = {**ATTACHED, "Content-Length": str(len(body))}
    dsm.on("Download/download", Answer(body[:-30], headers=short, cut=True))
    fails(Kind.MISMATCH, lambda: zipped(nas, "/pub/a", "/pub/b"))
    assert len(dsm.of("Download/download")) == 2


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Fail(407), Kind.PERMISSION_DENIED),
        (Answer(b"no", 404), Kind.PROTOCOL),
        (Answer(b"<html>"), Kind.PROTOCOL),
    ],
)
def test_why_there_is_no_zip(dsm, nas, answer, kind):
    dsm.on("List/getinfo", current(folder("/pub/d"))).on("Download/download", answer)
    sink = io.BytesIO()
    fails(kind, lambda: nas.downloads.download_zip(["/pub/d"], sink, watch=Watch()))
    assert sink.getvalue() == b""


# Thumbnails


def thumbnail(nas, path="/photo/2024.JPG", size="small"):
    sink = io.BytesIO()
    assert nas.downloads.thumbnail(path, size, sink) == len(sink.getvalue())
    return sink.getvalue()


@pytest.mark.parametrize("size", ["small", "medium", "large", "original"])
def test_thumbnail(dsm, nas, size):
    dsm.on("Thumb/get", Answer(b"\xff\xd8jpeg", headers=PICTURE))
    assert thumbnail(nas, size=size) == b"\xff\xd8jpeg"
    (asked,) = dsm.of("Thumb/get")
    assert (asked.json("path"), asked.json("size")) == ("/photo/2024.JPG", size)
    assert size in nas.downloads.features.thumbnail_sizes


@pytest.mark.parametrize(("degrees", "quarters"), [(0, None), (90, "1"), (180, "2"), (270, "3")])
def test_a_thumbnail_that_is_turned(dsm, nas, degrees, quarters):
    dsm.on("Thumb/get", Answer(b"jpeg", headers=PICTURE))
    nas.downloads.thumbnail("/photo/a.jpg", "small", io.BytesIO(), rotate=degrees)
    (asked,) = dsm.of("Thumb/get")
    assert asked.params.get("rotate") == quarters


def test_a_thumbnail_that_is_made_when_it_is_first_asked_for(dsm, nas):
    dsm.on("List/getinfo", current(file("/photo/2024.JPG")))
    dsm.on("Thumb/get", Answer(b"", 404), Answer(b"", 404), Answer(b"jpeg", headers=PICTURE))
    assert thumbnail(nas) == b"jpeg"


@pytest.mark.parametrize(
    ("path", "kind", "times"),
    [
        ("/pub/a.txt", Kind.UNSUPPORTED, 1),
        ("/pub/a.mkv", Kind.UNSUPPORTED, 3),
        ("/pub/jpg", Kind.WRONG_TYPE, 1),
        ("/pub/x.jpg", Kind.NOT_FOUND, 1),
    ],
)
def test_what_has_no_thumbnail(dsm, nas, path, kind, times):
    dsm.on("List/getinfo", current(file("/pub/a.txt"), file("/pub/a.mkv"), folder("/pub/jpg")))
    dsm.on("Thumb/get", Answer(b"<html>", 404))
    error = fails(kind, lambda: thumbnail(nas, path))
    assert (error.path, error.call, error.code) == (path, "SYNO.FileStation.Thumb/get", "HTTP 404")
    assert len(dsm.of("Thumb/get")) == times


def test_why_there_is_no_thumbnail(dsm, nas):
    dsm.on("Thumb/get", Fail(407), Fail(408), Answer(b"<html>", headers={"Content-Type": "text/html"}))
    fails(Kind.PERMISSION_DENIED, lambda: thumbnail(nas))
    fails(Kind.NOT_FOUND, lambda: thumbnail(nas))
    fails(Kind.PROTOCOL, lambda: thumbnail(nas))
    fails(Kind.INVALID_ARGUMENT, lambda: thumbnail(nas, size="huge"))


def test_the_session_expires(dsm, nas):
    dsm.on("Thumb/get", Fail(119), Answer(b"jpeg", headers=PICTURE))
    assert thumbnail(nas) == b"jpeg"
    assert dsm.logins == 2


def test_what_the_device_lacks(dsm, nas):
    fails(Kind.UNSUPPORTED, lambda: nas.downloads.rendition("/pub/a.mkv", "720p", io.BytesIO(), watch=Watch()))
    assert nas.downloads.features == DownloadFeatures(
        folder_size=True, zip=True, rotate=True, thumbnail_sizes=("small", "medium", "large", "original")
    )
    assert dsm.asked == []
