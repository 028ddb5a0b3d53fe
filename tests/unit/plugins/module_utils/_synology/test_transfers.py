# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Synology: the bytes of files, both ways."""

from __future__ import annotations

import io
import re

import pytest
from ansible_collections.nasops.nas.plugins.module_utils._core.errors import Kind, NasError
from ansible_collections.nasops.nas.plugins.module_utils._core.sources import BytesSource, FileSource, Source
from ansible_collections.nasops.nas.plugins.module_utils._core.waiting import Watch
from ansible_collections.nasops.nas.tests.unit.plugins.module_utils._synology.fake import (
    SID,
    TOKEN,
    Answer,
    Fail,
    client,
    dsm5,
    dsm7,
    fails,
    serving,
)

ATTACHED = {"Content-Disposition": 'attachment; filename="a"', "Content-Type": "application/octet-stream"}
STORED = {"blSkip": False, "pid": 7, "progress": 1}


@pytest.fixture
def nas(dsm):
    with serving(dsm) as port:
        client_ = client(port, retries=2)
        yield client_
        client_.close()


def parts(asked):
    """The parts of an upload: name, file name, content."""
    boundary = re.search("boundary=(.*)", asked.headers["Content-Type"]).group(1).encode()
    pieces = asked.body.split(b"--" + boundary)
    assert (pieces[0], pieces[-1]) == (b"", b"--\r\n")
    found = []
    for piece in pieces[1:-1]:
        head, _blank, content = piece.partition(b"\r\n\r\n")
        name = re.search(rb'[; ]name="([^"]*)"', head).group(1).decode()
        filename = re.search(rb'filename="(.*)"', head)
        found.append((name, filename and filename.group(1), content[:-2]))
    return found


class Big(Source):
    """Many bytes that are never in memory at once."""

    def __init__(self, size, given=None):
        super().__init__(size)
        self.given = size if given is None else given
        self.largest = 0
        self.opened = 0

    def _open(self):
        self.opened += 1
        outer = self

        class Stream(io.RawIOBase):
            left = outer.given

            def readable(self):
                return True

            def read(self, size=-1):
                outer.largest = max(outer.largest, size)
                piece = b"x" * min(size, self.left)
                self.left -= len(piece)
                return piece

        return Stream()


def test_upload(dsm, nas):
    dsm.on("Upload/upload", {**STORED, "file": "a, b.txt"})
    seen = []
    watch = Watch(lambda done, total: seen.append((done, total)))
    nas.files.upload(BytesSource(b"--x\r\n\0y"), "/pub/d/a, b.txt", mtime=1700000000, watch=watch)
    (asked,) = dsm.of("Upload/upload")
    assert asked.query == {
        "api": "SYNO.FileStation.Upload",
        "version": "3",
        "method": "upload",
        "_sid": f"{SID}-1",
        "SynoToken": TOKEN,
    }
    assert int(asked.headers["Content-Length"]) == len(asked.body)
    assert "Transfer-Encoding" not in asked.headers
    assert parts(asked) == [
        ("path", None, b"/pub/d"),
        ("create_parents", None, b"false"),
        ("overwrite", None, b"skip"),
        ("mtime", None, b"1700000000000"),
        ("file", b"a, b.txt", b"--x\r\n\0y"),
    ]
    assert seen == [(7, 7)]


def test_all_times_of_an_upload_are_milliseconds(dsm, nas):
    dsm.on("Upload/upload", {**STORED, "file": "a"})
    times = {"crtime": 1600000000, "atime": 1650000000}
    nas.files.upload(BytesSource(b""), "/pub/a", mtime=1700000000, watch=Watch(), times=times)
    sent = {name: value for name, _filename, value in parts(dsm.of("Upload/upload")[0])}
    expected = {"mtime": b"1700000000000", "crtime": b"1600000000000", "atime": b"1650000000000"}
    assert {name: sent[name] for name in expected} == expected
    assert set(times) == nas.files.features.upload_times


def test_upload_of_nothing(dsm, nas):
    dsm.on("Upload/upload", None)
    nas.files.upload(BytesSource(b""), "/pub/a", mtime=None, watch=Watch())
    assert parts(dsm.of("Upload/upload")[0])[-1] == ("file", b"a", b"")


def test_upload_in_the_words_of_older_versions(dsm, nas):
    dsm.on("Upload/upload", None)
    dsm.apis["SYNO.FileStation.Upload"]["maxVersion"] = 2
    nas.files.upload(BytesSource(b"x"), "/pub/a", mtime=None, watch=Watch())
    assert ("overwrite", None, b"false") in parts(dsm.of("Upload/upload")[0])


def test_upload_to_an_old_device(dsm, nas):
    dsm.apis = dsm5()
    dsm.on("Upload/upload", None)
    nas.files.upload(BytesSource(b"x"), "/pub/a", mtime=None, watch=Watch())
    (asked,) = dsm.of("Upload/upload")
    assert asked.cgi == "/webapi/FileStation/file_upload.cgi"
    assert ("dest_folder_path", None, b"/pub") in parts(asked)


@pytest.mark.parametrize(
    "name", ["2024", "100% #1+?.txt", " leading", "caf\u00e9", "cafe\u0301", "\U0001f600", "it's", "a;b=c", "\udcff"]
)
def test_names_are_sent_as_they_are(dsm, nas, name):
    dsm.on("Upload/upload", {**STORED, "file": name})
    nas.files.upload(BytesSource(b"x"), f"/pub/{name}", mtime=None, watch=Watch())
    assert parts(dsm.of("Upload/upload")[0])[-1][1] == name.encode("utf-8", "surrogateescape")
    assert dsm.calls() == ["Upload/upload"]


@pytest.mark.parametrize("answer", [{"blSkip": True}, Fail(414), Fail(1805)])
def test_upload_never_overwrites(dsm, nas, answer):
    dsm.on("Upload/upload", answer)
    error = fails(Kind.EXISTS, lambda: nas.files.upload(BytesSource(b"x"), "/pub/a", mtime=None, watch=Watch()))
    assert (error.path, error.call) == ("/pub/a", "SYNO.FileStation.Upload/upload")


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (408, Kind.NOT_FOUND),
        (415, Kind.QUOTA_EXCEEDED),
        (416, Kind.NO_SPACE),
        (407, Kind.PERMISSION_DENIED),
        (418, Kind.INVALID_NAME),
        (1800, Kind.MISMATCH),
    ],
)
def test_why_a_file_does_not_arrive(dsm, nas, code, kind):
    dsm.on("Upload/upload", Fail(code))
    fails(kind, lambda: nas.files.upload(BytesSource(b"x"), "/pub/a", mtime=None, watch=Watch()))
    assert len(dsm.of("Upload/upload")) == 1


def test_a_file_stored_under_another_name(dsm, nas):
    dsm.on("Upload/upload", {**STORED, "file": "caf\u00e9"})
    fails(Kind.MISMATCH, lambda: nas.files.upload(BytesSource(b"x"), "/pub/cafe\u0301", mtime=None, watch=Watch()))


def test_an_upload_starts_again_when_the_session_had_expired(dsm, nas):
    dsm.on("Upload/upload", Fail(119), STORED)
    source = Big(100_000)
    nas.files.upload(source, "/pub/a", mtime=None, watch=Watch())
    assert source.opened == 2
    assert dsm.logins == 2
    assert [parts(asked)[-1][2] for asked in dsm.of("Upload/upload")] == [b"x" * 100_000] * 2


@pytest.mark.parametrize("answer", [Answer(b"", 502), Fail(402), Answer(cut=True, headers={"Content-Length": "9"})])
def test_an_upload_is_not_repeated_blindly(dsm, nas, answer):
    dsm.on("Upload/upload", answer)
    with pytest.raises(NasError):
        nas.files.upload(BytesSource(b"x"), "/pub/a", mtime=None, watch=Watch())
    assert len(dsm.of("Upload/upload")) == 1


def test_uploads_are_streamed(dsm, nas):
    dsm.on("Upload/upload", STORED)
    source = Big(5_000_000)
    nas.files.upload(source, "/pub/a", mtime=None, watch=Watch())
    assert 0 < source.largest <= 1024 * 1024
    assert len(parts(dsm.of("Upload/upload")[0])[-1][2]) == 5_000_000


@pytest.mark.parametrize("given", [10, 30])
def test_a_source_that_changes_while_it_is_sent(dsm, nas, given):
    dsm.on("Upload/upload", STORED)
    fails(Kind.MISMATCH, lambda: nas.files.upload(Big(20, given), "/pub/a", mtime=None, watch=Watch()))


def test_a_source_that_cannot_be_read(dsm, nas, tmp_path):
    local = tmp_path / "a"
    local.write_bytes(b"x")
    source = FileSource(str(local))
    local.unlink()
    fails(Kind.USAGE, lambda: nas.files.upload(source, "/pub/a", mtime=None, watch=Watch()))
    assert dsm.of("Upload/upload") == []


def test_download(dsm, nas):
    content = bytes(range(256)) * 5000
    dsm.on("Download/download", Answer(content, headers=ATTACHED))
    sink, seen = io.BytesIO(), []
    watch = Watch(lambda done, total: seen.append((done, total)))
    assert nas.files.download("/pub/a, b", sink, watch=watch) == len(content)
    assert sink.getvalue() == content
    assert seen[-1] == (len(content), len(content))
    assert len(seen) > 1
    (asked,) = dsm.of("Download/download")
    assert (asked.json("path"), asked.json("mode")) == (["/pub/a, b"], "download")
    assert asked.headers["Accept-Encoding"] == "identity"
    assert "?" not in asked.url


@pytest.mark.parametrize("content", [b"", b'{"success": false, "error": {"code": 408}}'])
def test_download_of_odd_content(dsm, nas, content):
    dsm.on("Download/download", Answer(content, headers=ATTACHED))
    sink = io.BytesIO()
    assert nas.files.download("/pub/a", sink, watch=Watch()) == len(content)
    assert sink.getvalue() == content


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Fail(408), Kind.NOT_FOUND),
        (Fail(407), Kind.PERMISSION_DENIED),
        (Answer(b'{"success":false,"error":{"code":408}}', 404), Kind.NOT_FOUND),
        (Answer(b"<html>", 404), Kind.PROTOCOL),
        (Answer(b"<html>"), Kind.PROTOCOL),
        (Answer(b"y" * 200_000), Kind.PROTOCOL),
        ({}, Kind.PROTOCOL),
    ],
)
def test_download_that_is_no_file_writes_nothing(dsm, nas, answer, kind):
    dsm.on("Download/download", answer)
    sink = io.BytesIO()
    assert fails(kind, lambda: nas.files.download("/pub/x", sink, watch=Watch())).path == "/pub/x"
    assert sink.getvalue() == b""


def test_download_that_breaks_off(dsm, nas):
    dsm.on("Download/download", Answer(b"half", headers={**ATTACHED, "Content-Length": "8"}, cut=True))
    fails(Kind.MISMATCH, lambda: nas.files.download("/pub/a", io.BytesIO(), watch=Watch()))
    assert len(dsm.of("Download/download")) == 1


def test_download_begins_again_before_its_first_byte_only(dsm, nas):
    dsm.on("Download/download", Answer(b"", 503), Fail(119), Answer(b"x", headers=ATTACHED))
    sink = io.BytesIO()
    assert nas.files.download("/pub/a", sink, watch=Watch()) == 1
    assert dsm.logins == 2


def test_download_of_a_device_without_it(dsm, nas):
    dsm.apis = dsm7("SYNO.FileStation.Download")
    fails(Kind.UNSUPPORTED, lambda: nas.files.download("/pub/a", io.BytesIO(), watch=Watch()))
