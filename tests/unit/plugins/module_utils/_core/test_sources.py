# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bytes that are sent, and the checksums that are taken of them on the way."""

from __future__ import annotations

import hashlib
import io
import os
import threading

import pytest
from ansible_collections.nasops.nas.plugins.module_utils._core import sources
from ansible_collections.nasops.nas.plugins.module_utils._core.errors import Kind, NasError
from ansible_collections.nasops.nas.plugins.module_utils._core.sources import BytesSource, FileSource, SummedSink

LARGE = bytes(range(256)) * 4096  # 1 MiB


@pytest.fixture
def file(tmp_path):
    (tmp_path / "a").write_bytes(LARGE)
    return FileSource(str(tmp_path / "a"))


def summing():
    """The threads that calculate checksums now."""
    return [thread for thread in threading.enumerate() if thread.name == sources.__name__]


def read(source, size=100_000):
    with source.open() as stream:
        while stream.read(size):
            pass


@pytest.mark.parametrize("make", [lambda file: file, lambda file: BytesSource(LARGE)])
def test_a_checksum_is_taken_while_the_bytes_travel(file, make, monkeypatch):
    source = make(file)
    source.want(["md5", "sha256"])
    read(source)
    monkeypatch.setattr(type(source), "_open", None)  # nothing is read again
    assert source.checksum("md5") == hashlib.md5(LARGE).hexdigest()
    assert source.checksum("sha256") == hashlib.sha256(LARGE).hexdigest()
    assert not summing()


def test_what_was_read_in_part_has_no_checksum_of_the_whole(file):
    file.want(["md5"])
    with file.open() as stream:
        stream.read(5)
    assert file.checksum("md5") == hashlib.md5(LARGE).hexdigest()
    read(file)
    assert not summing()


@pytest.mark.parametrize("content", [b"", b"small"])
def test_little_needs_no_thread(content, monkeypatch):
    monkeypatch.setattr(threading, "Thread", None)
    source = BytesSource(content)
    source.want(["md5"])
    read(source)
    assert source.checksum("md5") == hashlib.md5(content).hexdigest()


def test_all_checksums_that_are_wanted_are_taken_at_once(file, monkeypatch):
    file.want(["md5", "sha256"])
    assert file.checksum("sha1") == hashlib.sha1(LARGE).hexdigest()
    monkeypatch.setattr(FileSource, "_open", None)
    assert file.checksum("md5") == hashlib.md5(LARGE).hexdigest()
    assert file.checksum("sha256") == hashlib.sha256(LARGE).hexdigest()
    assert not summing()


def test_no_thread_stays_where_reading_fails(file, monkeypatch):
    class Broken(io.BytesIO):
        def read(self, size=-1):
            if self.tell():
                raise OSError("gone")
            return super().read(len(LARGE) // 2)

    monkeypatch.setattr(FileSource, "_open", lambda self: Broken(LARGE))
    with pytest.raises(OSError, match="gone"):
        file.checksum("md5")
    assert not summing()


@pytest.mark.parametrize("content", [b"", b"a", LARGE])
def test_what_comes_is_summed_up_on_the_way(content):
    there = io.BytesIO()
    there.close = lambda: None
    sink = SummedSink(there, ["md5", "sha256"])
    for start in range(0, len(content), 100_000):
        sink.write(content[start : start + 100_000])
    sink.close()
    assert there.getvalue() == content
    assert sink.found == {name: hashlib.new(name, content).hexdigest() for name in ("md5", "sha256")}
    assert not summing()


@pytest.mark.parametrize("size", [0, 1, 32_767, 32_768, 32_769, 65_536, 65_537, 1_000_001])
@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_all_of_a_piece_is_written(size, kind):
    there, content = io.BytesIO(), os.urandom(size)
    assert SummedSink(there, []).write(kind(content)) == size
    assert there.getvalue() == content


def test_a_source_that_changes_is_noticed(file):
    file.require_unchanged()
    os.utime(file.filename, ns=(1, 1))
    with pytest.raises(NasError) as caught:
        file.require_unchanged()
    assert caught.value.kind is Kind.MISMATCH
    BytesSource(b"a").require_unchanged()


def test_a_checksum_that_falls_behind_gets_each_piece_as_it_came(monkeypatch):
    new, all_waiting = hashlib.new, threading.Event()
    most = sources._AHEAD + 2  # one that is summed up, those in the queue, and one that waits to get in

    class Watched:
        """The second one stands at its first piece until the first one has as many as can be under way."""

        def __init__(self, name, **_more):
            self._name, self._state, self._pieces = name, new(name), 0

        def update(self, piece):
            self._pieces += 1
            if self._name == "md5" and self._pieces == 1:
                assert all_waiting.wait(30)
            if self._name == "sha256" and self._pieces == most:
                all_waiting.set()
            self._state.update(piece)

        def hexdigest(self):
            return self._state.hexdigest()

    monkeypatch.setattr(sources.hashlib, "new", Watched)
    sums, whole, memory = sources.Checksums(("sha256", "md5")), b"", bytearray(200_000)
    for number in range(5 * most):
        size = 200_000 - number * 7919 % 130_000
        memory[:size] = bytes([number]) * size  # who gives a piece may use its memory again
        whole += memory[:size]
        sums.update(memoryview(memory)[:size])
    assert sums.finish() == {name: new(name, whole).hexdigest() for name in ("sha256", "md5")}
    assert summing() == []
