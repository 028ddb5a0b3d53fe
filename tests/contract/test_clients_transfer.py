# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How every vendor's client moves bytes: `Files.upload`, `download`, `checksum`."""

from __future__ import annotations

import hashlib
import io
import json
import os
import random

import pytest
from ansible_collections.nasops.nas.plugins.module_utils import _vendors
from ansible_collections.nasops.nas.plugins.module_utils._core.errors import Kind, NasError
from ansible_collections.nasops.nas.plugins.module_utils._core.sources import BytesSource, FileSource
from ansible_collections.nasops.nas.plugins.module_utils._core.waiting import Watch
from ansible_collections.nasops.nas.plugins.module_utils._transport import connections

LARGE = 20_000_000
ALGORITHMS = {"md5", "sha1", "sha256", "sha512"}
FULL = (Kind.QUOTA_EXCEEDED, Kind.NO_SPACE)
BROKEN_OFF = (Kind.CONNECTION, Kind.MISMATCH)


class Seen:
    """A watch's progress, as it was told."""

    def __init__(self):
        self.steps = []
        self.watch = Watch(lambda done, total: self.steps.append((done, total)))

    def check(self, size):
        """It grew, and ended at the size."""
        dones = [done for done, _total in self.steps]
        assert dones == sorted(dones)
        assert {total for _done, total in self.steps} <= {size, None}
        assert not size or dones[-1] == size


def upload(nas, path, content, mtime=None):
    nas.files.upload(BytesSource(content), path, mtime=mtime, watch=Watch())


def fetched(nas, path):
    sink, seen = io.BytesIO(), Seen()
    size = nas.files.download(path, sink, watch=seen.watch)
    assert size == len(sink.getvalue())
    seen.check(size)
    return sink.getvalue()


@pytest.mark.parametrize("content", [b"", b"x", b"hello\r\n", b"\r\n--boundary--\r\n", bytes(range(256)) * 5000])
def test_what_is_sent_arrives_and_comes_back(nas, content):
    place, seen = nas.place(), Seen()
    nas.files.upload(BytesSource(content), place / "file", mtime=None, watch=seen.watch)
    seen.check(len(content))
    assert place.tree() == {"file": content}
    assert fetched(nas, place / "file") == content
    entry = nas.files.stat([place / "file"])[place / "file"]
    assert (entry.size, entry.mtime) == (len(content), int((place.disk / "file").stat().st_mtime))


def test_a_large_file(nas, tmp_path):
    place, seen = nas.place(), Seen()
    local = tmp_path / "large"
    local.write_bytes(random.Random(1).randbytes(LARGE))
    nas.files.upload(FileSource(str(local)), place / "large", mtime=None, watch=seen.watch)
    seen.check(LARGE)
    assert len(seen.steps) > 5
    assert (place.disk / "large").read_bytes() == local.read_bytes()
    seen = Seen()
    with open(tmp_path / "copy", "wb") as sink:
        assert nas.files.download(place / "large", sink, watch=seen.watch) == LARGE
    seen.check(LARGE)
    assert len(seen.steps) > 5
    assert (tmp_path / "copy").read_bytes() == local.read_bytes()


def test_upload_never_overwrites(nas):
    place = nas.place()
    (place.disk / "file").write_bytes(b"kept")
    (place.disk / "empty").touch()
    (place.disk / "folder").mkdir()
    (place.disk / "folder" / "kept").write_bytes(b"kept")
    before = place.tree()
    for name in ("file", "empty", "folder"):
        with nas.refuses(Kind.EXISTS) as refusal:
            upload(nas, place / name, b"new")
        assert refusal.error.path == place / name
        assert place.tree() == before


def test_upload_without_a_folder(nas):
    place = nas.place()
    (place.disk / "file").write_bytes(b"kept")
    for path in (place / "none/new", place / "none/none/new", "/nosuchshare/new"):
        with nas.refuses(Kind.NOT_FOUND):
            upload(nas, path, b"new")
    with nas.refuses(Kind.NOT_FOUND, Kind.WRONG_TYPE):
        upload(nas, place / "file/new", b"new")
    with pytest.raises(NasError):
        upload(nas, "/new", b"new")
    assert place.tree() == {"file": b"kept"}
    assert not (nas.device.root / "nosuchshare").exists()
    assert not (nas.device.root / "new").exists()


@pytest.mark.parametrize("mtime", [1_234_567_890, 1, 2_000_000_000])
def test_modification_time_at_upload(nas, mtime):
    place = nas.place()
    upload(nas, place / "file", b"x", mtime)
    assert int((place.disk / "file").stat().st_mtime) == mtime
    assert nas.files.stat([place / "file"])[place / "file"].mtime == mtime


def test_other_times_at_upload(nas):
    place = nas.place()
    times = dict.fromkeys(type(nas.files).features.upload_times, 1577836800)
    nas.files.upload(BytesSource(b"x"), place / "file", mtime=1600000000, watch=Watch(), times=times)
    if "atime" in times:
        assert int((place.disk / "file").stat().st_atime) == 1577836800
    assert place.tree() == {"file": b"x"}


@pytest.mark.parametrize("times", [1, 3])
def test_over_quota(nas, times):
    place = nas.place("tight")
    with nas.refuses(*FULL):
        upload(nas, place / "file", b"x" * (nas.quota * times + 1))
    left = place.tree()
    # A part may stay, under the name that the caller removes.
    assert set(left) <= {"file"}
    if left:
        nas.files.delete([place / "file"], recursive=False, watch=Watch())
    upload(nas, place / "file", b"x" * 1000)
    assert place.tree() == {"file": b"x" * 1000}


def test_a_full_disk(nas):
    place = nas.place()
    for free in (0, 100_000):
        nas.faults({"call": nas.told("upload"), "do": {"disk_full": {"at_bytes": free}}})
        with nas.refuses(*FULL):
            upload(nas, place / f"file {free}", b"x" * 1_500_000)
    nas.faults()
    upload(nas, place / "small", b"x")
    assert (place.disk / "small").read_bytes() == b"x"


@pytest.mark.parametrize("sent", [0, 1_000_000])
def test_a_connection_that_breaks_off_while_sending(nas, sent):
    place = nas.place()
    nas.client.login()
    nas.faults({"call": nas.told("upload"), "do": {"reset": {"at_bytes": sent}}})
    with nas.refuses(Kind.CONNECTION):
        upload(nas, place / "file", b"x" * 5_000_000)
    assert set(place.tree()) <= {"file"}
    assert (place.tree().get("file") or b"x") != b"x" * 5_000_000
    # Nothing was sent a second time without being asked.
    nas.faults()
    if place.tree():
        nas.files.delete([place / "file"], recursive=False, watch=Watch())
    upload(nas, place / "file", b"again")
    assert place.tree() == {"file": b"again"}


def test_a_reply_to_an_upload_that_is_lost(nas):
    place = nas.place()
    nas.faults({"call": nas.told("upload_end"), "do": {"reset": {"at_bytes": 0, "where": "reply"}}})
    upload(nas, place / "file", b"whole")
    assert place.tree() == {"file": b"whole"}


def test_a_source_that_changes_while_it_is_sent(nas, tmp_path):
    place = nas.place()
    for size in (5, 15):
        local = tmp_path / "local"
        local.write_bytes(b"x" * 10)
        source = FileSource(str(local))
        local.write_bytes(b"x" * size)
        with nas.refuses(Kind.MISMATCH):
            nas.files.upload(source, place / f"file {size}", mtime=None, watch=Watch())
    upload(nas, place / "other", b"x")
    assert (place.disk / "other").read_bytes() == b"x"


def test_an_interrupted_upload_leaves_the_client_fit(nas):
    place = nas.place()

    def interrupt(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        nas.files.upload(BytesSource(b"x" * 3_000_000), place / "file", mtime=None, watch=Watch(interrupt))
    upload(nas, place / "other", b"x")
    assert (place.disk / "other").read_bytes() == b"x"


def test_download_of_what_is_no_file(nas):
    place = nas.place()
    (place.disk / "folder").mkdir()
    (place.disk / "file").write_bytes(b"x")
    sink = io.BytesIO()
    for missing in ("none", "none/deeper"):
        with nas.refuses(Kind.NOT_FOUND) as refusal:
            nas.files.download(place / missing, sink, watch=Watch())
        assert refusal.error.path == place / missing
    with nas.refuses(Kind.NOT_FOUND, Kind.WRONG_TYPE):
        nas.files.download(place / "file/below", sink, watch=Watch())
    # Synology devices answer with a zip of the folder.
    with pytest.raises(NasError) as caught:
        nas.files.download(place / "folder", sink, watch=Watch())
    assert caught.value.kind is not Kind.NOT_FOUND
    assert sink.getvalue() == b""


def test_what_the_user_may_not_read(nas):
    place = nas.place()
    (place.disk / "file").write_bytes(b"secret")
    (place.disk / "file").chmod(0o222)
    sink = io.BytesIO()
    with pytest.raises(NasError) as caught:
        nas.files.download(place / "file", sink, watch=Watch())
    assert caught.value.kind in (Kind.PERMISSION_DENIED, Kind.DEVICE)
    assert sink.getvalue() == b""
    for algorithm in nas.files.features.checksum_algorithms[:1]:
        with nas.refuses(Kind.UNSUPPORTED if nas.lacks("checksum") else Kind.PERMISSION_DENIED):
            nas.files.checksum(place / "file", algorithm, watch=Watch())


LOOK_ALIKES = (
    {"success": False, "error": {"code": 408}},
    {"success": True, "data": {}},
    {"status": 5, "success": "true", "version": "5.5.6", "build": "20260310"},
    {"status": 1, "success": "true"},
    {"success": False, "error_code": "path_not_found", "msg": "Le fichier n'existe pas"},
    {"success": False, "error_code": "auth_required", "result": {"challenge": "x"}},
    "<html><body>404 Not Found</body></html>",
)


@pytest.mark.parametrize("number", range(len(LOOK_ALIKES)))
@pytest.mark.parametrize("name", ["answer.json", "answer", "answer.html"])
def test_a_file_that_looks_like_a_refusal_is_a_file(nas, number, name):
    place, answer = nas.place(), LOOK_ALIKES[number]
    content = answer.encode() if isinstance(answer, str) else json.dumps(answer).encode()
    (place.disk / name).write_bytes(content)
    assert fetched(nas, place / name) == content


@pytest.mark.parametrize("at", [0, 1, 700_000])
def test_a_download_that_breaks_off(nas, at):
    place = nas.place()
    (place.disk / "file").write_bytes(b"x" * 1_500_000)
    nas.client.login()
    nas.faults({"call": nas.told("download"), "do": {"reset": {"at_bytes": at, "where": "reply"}}})
    sink = io.BytesIO()
    with nas.refuses(*BROKEN_OFF):
        nas.files.download(place / "file", sink, watch=Watch())
    assert len(sink.getvalue()) < 1_500_000
    nas.faults()
    assert fetched(nas, place / "file") == b"x" * 1_500_000


@pytest.mark.parametrize("size", [0, 1, 3_000_000])
def test_checksums_are_those_of_the_bytes(nas, size):
    place = nas.place()
    content = random.Random(size).randbytes(size)
    (place.disk / "a, é").write_bytes(content)
    assert set(nas.files.features.checksum_algorithms) <= ALGORITHMS
    for algorithm in nas.files.features.checksum_algorithms:
        if nas.lacks("checksum"):
            with nas.refuses(Kind.UNSUPPORTED):
                nas.files.checksum(place / "a, é", algorithm, watch=Watch())
            continue
        digest = nas.files.checksum(place / "a, é", algorithm, watch=Watch())
        assert digest == hashlib.new(algorithm, content).hexdigest()


def test_checksum_of_what_is_no_file(nas):
    place = nas.place()
    (place.disk / "folder").mkdir()
    (place.disk / "file").write_bytes(b"x")
    for algorithm in nas.files.features.checksum_algorithms:
        for missing in ("none", "none/deeper"):
            with nas.refuses(Kind.NOT_FOUND) as refusal:
                nas.files.checksum(place / missing, algorithm, watch=Watch())
            assert refusal.error.path == place / missing
        with nas.refuses(Kind.WRONG_TYPE) as refusal:
            nas.files.checksum(place / "folder", algorithm, watch=Watch())
        assert refusal.error.path == place / "folder"
    for algorithm in ALGORITHMS - set(nas.files.features.checksum_algorithms):
        with nas.refuses(Kind.UNSUPPORTED):
            nas.files.checksum(place / "file", algorithm, watch=Watch())
    assert os.listdir(place.disk / "folder") == []


def applies(test, vendor, params):
    """Whether there is anything to test: a promise that a vendor does not make is not broken."""
    may_be_created_earlier = _vendors.VENDORS[vendor].files.features.sets_mtime_at_upload
    return may_be_created_earlier or test not in ("test_modification_time_at_upload", "test_other_times_at_upload")


@pytest.mark.parametrize("endless", [{"endless": True}, {"endless": {"length": True}}])
def test_a_download_that_does_not_end(nas, endless):
    place = nas.place()
    upload(nas, place / "file", b"x" * 100_000)
    entry = nas.files.stat([place / "file"])[place / "file"]
    sink = io.BytesIO()
    nas.faults({"call": nas.told("download"), "do": endless})
    try:
        nas.files.download(entry.path, sink, watch=Watch(), entry=entry)
    except NasError as error:
        assert error.kind is Kind.MISMATCH  # noqa: PT017 - a length that was told bounds what is read
        assert endless == {"endless": True}
    assert sink.getvalue() in (b"x" * len(sink.getvalue()), b"x" * 100_000)
    assert len(sink.getvalue()) <= 100_000


@pytest.mark.parametrize("fault", [{"endless": True}, {"big_headers": 1_000_000}])
def test_an_answer_that_does_not_end(nas, fault, monkeypatch):
    monkeypatch.setattr(connections, "MAX_REPLY", 1_000_000)
    nas.files.shares()
    nas.faults({"call": "*", "do": fault, "times": 0})
    with pytest.raises(NasError) as caught:
        nas.files.shares()
    assert caught.value.kind is Kind.PROTOCOL
    assert "larger than" in caught.value.message or "without end" in caught.value.message
