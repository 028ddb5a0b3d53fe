# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How every vendor's client sends many files one after the other, and removes what is ours: `series`, `discard`."""

from __future__ import annotations

import threading
import time

import pytest
from ansible_collections.nasops.nas.plugins.module_utils._core.errors import Kind, NasError
from ansible_collections.nasops.nas.plugins.module_utils._core.sources import BytesSource
from ansible_collections.nasops.nas.plugins.module_utils._core.waiting import Watch
from ansible_collections.nasops.nas.plugins.module_utils._transport.session import MemoryStore, SharedStore

READS = ("stat", "GET fs/info/{path}", "GET fs/ls/{path}", "POST fs/info")
NAMES = ("a", "b b", "é", "empty", "#1")


def upload(files, path, content):
    files.upload(BytesSource(content), path, mtime=None, watch=Watch())


def test_a_series_sends_each_file_whole_and_reads_nothing(nas):
    place, client = nas.place(), nas.client
    nas.device.forget()
    with client.files.series():
        for number, name in enumerate(NAMES):
            upload(client.files, place / f"{name}.part", b"x" * number * 1000)
            client.files.rename(place / f"{name}.part", name)
    assert place.tree() == {name: b"x" * number * 1000 for number, name in enumerate(NAMES)}
    calls = nas.calls()
    assert calls.count(nas.told("upload_start")) == len(NAMES)
    assert calls.count("GET ws/upload") <= 1
    # Of a device that does not tell what it has stored the file is checked: old ones.
    assert not set(calls) & set(READS) or nas.profile == "qts4", calls


def test_after_a_failure_a_series_goes_on(nas):
    place, files = nas.place(), nas.files
    with files.series():
        upload(files, place / "a", b"1")
        with nas.refuses(Kind.NOT_FOUND, Kind.EXISTS, Kind.DEVICE, Kind.PERMISSION_DENIED):
            upload(files, f"{place.path}/nowhere/b", b"2")
        upload(files, place / "c", b"3")
    upload(files, place / "d", b"4")
    with nas.refuses(Kind.EXISTS):
        upload(files, place / "d", b"5")
    assert place.tree() == {"a": b"1", "c": b"3", "d": b"4"}


def test_the_end_of_a_session_ends_no_series(nas):
    place, files = nas.place(), nas.files
    with files.series():
        upload(files, place / "a", b"1")
        nas.faults({"call": "*[Rr]ename*", "do": {"expire_session": True}, "times": 1})
        upload(files, place / "b", b"2")
        files.rename(place / "b", "bb")
        upload(files, place / "c", b"3")
    assert place.tree() == {"a": b"1", "bb": b"2", "c": b"3"}
    assert nas.logins() == 2


def test_a_connection_that_was_closed_meanwhile(nas):
    place, files = nas.place(), nas.files
    with files.series():
        upload(files, place / "a", b"1")
        nas.faults({"call": nas.told("upload_end"), "do": {"hang_up": True}, "times": 1})
        upload(files, place / "b", b"2")
        time.sleep(0.1)  # until the end of the connection is here: before, nobody can know of it
        upload(files, place / "c", b"3")
    assert place.tree() == {"a": b"1", "b": b"2", "c": b"3"}


@pytest.mark.parametrize("count", [1, 3, 30])
def test_what_is_discarded_is_gone(nas, count):
    place, client = nas.place(), nas.client
    (place.disk / "deep").mkdir()
    for number in range(count):
        (place.disk / f"{number}").write_text("x")
        (place.disk / "deep" / f"{number}").write_text("x")
    doomed = [path for number in range(count) for path in (place / f"{number}", place / f"deep/{number}")]
    client.files.discard([*doomed], watch=Watch())
    assert place.tree() == {"deep": None}


def test_what_is_discarded_may_be_gone(nas):
    place = nas.place()
    (place.disk / "b").write_text("x")
    nas.files.discard([place / "a", place / "b"], watch=Watch())
    nas.files.discard([place / "a", place / "b"], watch=Watch())
    assert place.tree() == {}


def test_several_threads_share_one_login(nas):
    place = nas.place()
    store = SharedStore(MemoryStore())
    clients = [nas.connect() for _number in range(4)]
    for client in clients:
        client._sessions._store = store
    nas.faults({"call": "*[Rr]ename*", "do": {"expire_session": True}, "after": 5, "times": 1})
    failures = []

    def send(number):
        try:
            with clients[number].files.series():
                for other in range(8):
                    upload(clients[number].files, place / f"{number}-{other}.part", b"%d %d" % (number, other))
                    clients[number].files.rename(place / f"{number}-{other}.part", f"{number}-{other}")
        except NasError as error:
            failures.append(error)

    threads = [threading.Thread(target=send, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    assert place.tree() == {f"{n}-{m}": b"%d %d" % (n, m) for n in range(4) for m in range(8)}
    assert nas.logins() == 2
