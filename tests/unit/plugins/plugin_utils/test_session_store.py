# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One login per NAS and run, shared by processes, and never found by a wrong secret."""

from __future__ import annotations

import concurrent.futures
import multiprocessing
import os
import stat
import threading
import time
from dataclasses import replace

import pytest
from ansible_collections.nasops.nas.plugins.module_utils._core.errors import Kind, NasError
from ansible_collections.nasops.nas.plugins.module_utils._qnap.client import Qnap
from ansible_collections.nasops.nas.plugins.module_utils._transport import session as _session
from ansible_collections.nasops.nas.plugins.module_utils._transport.http import Connection
from ansible_collections.nasops.nas.plugins.module_utils._transport.session import (
    MOST_IN_A_ROW,
    MOST_IN_A_TASK,
    Credentials,
    MemoryStore,
    Sessions,
)
from ansible_collections.nasops.nas.plugins.plugin_utils import _session_store
from ansible_collections.nasops.nas.plugins.plugin_utils._session_store import FileStore
from ansible_collections.nasops.nas.tests.unit.plugins.module_utils._qnap.container_station_fake import (
    Station,
    cookie_of,
)
from ansible_collections.nasops.nas.tests.unit.plugins.module_utils._qnap.fake import PASSWORD, row, rows

WHERE = Connection("qnap", "nas", 8080, use_ssl=False)
WHO = Credentials("admin", "secret")


def never():
    raise AssertionError("no login is due")


def test_the_next_task_finds_the_session(tmp_path):
    assert FileStore(tmp_path, WHERE, WHO).renew(lambda: {"sid": "1"}, None) == {"sid": "1"}
    assert FileStore(tmp_path, WHERE, WHO).current() == {"sid": "1"}
    assert FileStore(tmp_path, WHERE, WHO).renew(never, None) == {"sid": "1"}


@pytest.mark.parametrize(
    ("where", "who"),
    [
        (replace(WHERE, host="other"), WHO),
        (replace(WHERE, port=1), WHO),
        (replace(WHERE, vendor="synology"), WHO),
        (replace(WHERE, use_ssl=True), WHO),
        (replace(WHERE, validate_certs=False), WHO),
        (replace(WHERE, ca_path="/ca.pem"), WHO),
        (WHERE, replace(WHO, username="root")),
        (WHERE, replace(WHO, password="wrong")),
    ],
)
def test_nobody_else_finds_it(tmp_path, where, who):
    FileStore(tmp_path, WHERE, WHO).renew(lambda: {"sid": "1"}, None)
    assert FileStore(tmp_path, where, who).current() is None


class Leaving:
    """A client that is asked to log out, and may be interrupted at that."""

    def __init__(self, interrupted=(), refused=()):
        self.interrupted, self.refused = list(interrupted), list(refused)
        self.ended = []

    def build(self, connection, credentials, store):
        self.current = store.current()
        return self

    def logout(self):
        if self.interrupted:
            raise self.interrupted.pop()
        self.ended.append(self.current["sid"])
        if self.refused:
            raise self.refused.pop()

    def close(self):
        pass


def test_a_session_is_forgotten_after_its_logout_and_not_before(tmp_path, monkeypatch):
    device = Leaving(interrupted=[KeyboardInterrupt()], refused=[NasError(Kind.CONNECTION, "gone")])
    monkeypatch.setattr(_session_store._vendors, "build", device.build)
    FileStore(tmp_path, WHERE, WHO).renew(lambda: {"sid": "1"}, None)
    with pytest.raises(KeyboardInterrupt):
        _session_store.log_out_all(tmp_path)
    # A signal came in between: whoever handles it finds the session.
    assert FileStore(tmp_path, WHERE, WHO).current() == {"sid": "1"}
    _session_store.log_out_all(tmp_path)
    assert device.ended == ["1"]
    assert not list(tmp_path.glob("*.json"))


def test_the_logouts_at_the_end_of_a_run_are_bounded(tmp_path, monkeypatch):
    device = Leaving()
    monkeypatch.setattr(_session_store._vendors, "build", device.build)
    monkeypatch.setattr(_session_store, "ALL_TIMEOUT", 0)
    FileStore(tmp_path, WHERE, WHO).renew(lambda: {"sid": "1"}, None)
    _session_store.log_out_all(tmp_path)
    # What there is no time for is left to the next run.
    assert device.ended == []
    assert FileStore(tmp_path, WHERE, WHO).current() == {"sid": "1"}
    _session_store.clear(tmp_path)
    assert FileStore(tmp_path, WHERE, WHO).current() == {"sid": "1"}
    monkeypatch.undo()
    monkeypatch.setattr(_session_store._vendors, "build", device.build)
    _session_store.clear(tmp_path)
    assert device.ended == ["1"]
    assert not tmp_path.exists()


def test_only_the_user_can_read_it_and_no_name_tells_anything(tmp_path):
    folder = tmp_path / "sessions"
    FileStore(folder, WHERE, WHO).renew(lambda: {"sid": "1"}, None)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for file in folder.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert "secret" not in file.read_text()
        assert len(file.stem) == 64


@pytest.mark.parametrize("store_type", ["file", "memory"])
def test_a_session_beside_another_is_apart_from_it(tmp_path, store_type):
    first = MemoryStore() if store_type == "memory" else FileStore(tmp_path, WHERE, WHO)
    second = first.for_service("other")
    assert first.renew(lambda: {"sid": "1"}, None) == {"sid": "1"}
    assert second.current() is None

    def refuse():
        raise NasError(Kind.AUTHENTICATION, "no")

    with pytest.raises(NasError):
        second.renew(refuse, None)
    assert first.renew(never, None) == {"sid": "1"}
    assert second.drop() is None
    assert first.drop() == {"sid": "1"}


def test_the_next_task_finds_the_session_beside(tmp_path):
    FileStore(tmp_path, WHERE, WHO).for_service("other").renew(lambda: {"cookie": "1"}, None)
    assert FileStore(tmp_path, WHERE, WHO).current() is None
    assert FileStore(tmp_path, WHERE, WHO).for_service("another").current() is None
    assert FileStore(tmp_path, WHERE, WHO).for_service("other").renew(never, None) == {"cookie": "1"}
    assert {len(file.stem) for file in tmp_path.iterdir()} == {64}


def test_a_stale_session_is_replaced_once(tmp_path):
    first, second = FileStore(tmp_path, WHERE, WHO), FileStore(tmp_path, WHERE, WHO)
    first.renew(lambda: {"sid": "1"}, None)
    assert second.current() == {"sid": "1"}
    assert first.renew(lambda: {"sid": "2"}, {"sid": "1"}) == {"sid": "2"}
    assert second.renew(never, {"sid": "1"}) == {"sid": "2"}


@pytest.mark.parametrize("store_type", ["file", "memory"])
def test_a_refused_password_is_not_tried_again(tmp_path, store_type):
    kept = MemoryStore()
    attempts = []

    def refuse():
        attempts.append(1)
        raise NasError(Kind.AUTHENTICATION, "no", vendor="qnap", call="authLogin.cgi", code="-1", hint="check it")

    for _task in range(3):
        store = kept if store_type == "memory" else FileStore(tmp_path, WHERE, WHO)
        with pytest.raises(NasError) as caught:
            store.renew(refuse, None)
        assert caught.value.failure()["code"] == "-1"
        assert caught.value.kind is Kind.AUTHENTICATION
    assert len(attempts) == 1


def test_another_one_time_code_is_worth_another_attempt(tmp_path):
    def refuse():
        raise NasError(Kind.OTP_REQUIRED, "a code, please")

    with pytest.raises(NasError):
        FileStore(tmp_path, WHERE, WHO).renew(refuse, None)
    with pytest.raises(NasError):
        FileStore(tmp_path, WHERE, WHO).renew(never, None)
    coded = replace(WHO, otp_code="123456")
    assert FileStore(tmp_path, WHERE, coded).renew(lambda: {"sid": "1"}, None) == {"sid": "1"}
    assert "123456" not in "".join(file.read_text() for file in tmp_path.iterdir())


def test_another_failure_of_a_login_is_not_remembered(tmp_path):
    def busy():
        raise NasError(Kind.BUSY, "later")

    with pytest.raises(NasError):
        FileStore(tmp_path, WHERE, WHO).renew(busy, None)
    assert FileStore(tmp_path, WHERE, WHO).renew(lambda: {"sid": "1"}, None) == {"sid": "1"}


def _log_in(folder, attempts):
    def login():
        os.write(attempts, b".")
        return {"sid": str(os.getpid())}

    FileStore(folder, WHERE, WHO).renew(login, None)


def test_parallel_processes_log_in_once(tmp_path):
    reader, writer = os.pipe()
    fork = multiprocessing.get_context("fork")
    workers = [fork.Process(target=_log_in, args=(tmp_path, writer)) for _number in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    os.close(writer)
    assert os.read(reader, 100) == b"."


def test_a_call_is_repeated_once_after_one_new_login():
    logins, seen = [], []

    def login():
        logins.append(1)
        return {"sid": len(logins)}

    def call(session):
        seen.append(session["sid"])
        if session["sid"] == 1:
            raise NasError(Kind.SESSION_EXPIRED, "gone")
        return "answer"

    assert Sessions(MemoryStore(), login).run(call) == "answer"
    assert seen == [1, 2]

    def always_gone(session):
        raise NasError(Kind.SESSION_EXPIRED, "gone")

    with pytest.raises(NasError):
        Sessions(MemoryStore(), login).run(always_gone)
    assert len(logins) == 2 + 1 + MOST_IN_A_ROW


def test_the_pauses_between_logins_grow_and_are_uneven(pauses):
    def gone(session):
        raise NasError(Kind.SESSION_EXPIRED, "gone")

    for _run in range(2):
        with pytest.raises(NasError):
            Sessions(MemoryStore(), lambda: {"sid": 1}).run(gone)
    half = len(pauses) // 2
    assert half == MOST_IN_A_ROW - 1  # the first new login waits for nothing
    assert pauses[:half] != pauses[half:]
    assert pauses[0] < 0.2 < sum(pauses[half - 2 : half])


@pytest.mark.parametrize("calls", [1, 2])
def test_two_runs_that_end_each_other_both_get_through(pauses, calls):
    """A device that knows one session of an account, and two tasks of many calls each, by turns."""
    numbers = iter(range(1, 10_000))
    device = {}

    def login():
        device["sid"] = next(numbers)
        return {"sid": device["sid"]}

    def ask(session):
        if session["sid"] != device["sid"]:
            raise NasError(Kind.SESSION_EXPIRED, "gone")
        return "answer"

    runs = [Sessions(MemoryStore(), login) for _run in range(2)]
    for _turn in range(20):
        for run in runs:
            assert [run.run(ask) for _call in range(calls)] == ["answer"] * calls
    assert pauses  # and not at the device's own pace


def test_the_logins_of_a_task_are_bounded():
    asked = []

    def ask(session):
        asked.append(session)
        if len(asked) % 2:
            raise NasError(Kind.SESSION_EXPIRED, "gone")
        return "answer"

    sessions = Sessions(MemoryStore(), lambda: {"sid": len(asked)})
    for _call in range(MOST_IN_A_TASK):
        assert sessions.run(ask) == "answer"
    with pytest.raises(NasError):
        sessions.run(ask)
    assert len(asked) == 2 * MOST_IN_A_TASK + 1


def test_two_runs_at_once_on_a_device_that_knows_one_session(monkeypatch):
    """As above, but each in a thread of its own, with real pauses: however they meet, both get through."""
    monkeypatch.setattr(_session, "_pause", time.sleep)
    lock, numbers, device = threading.Lock(), iter(range(1, 10_000)), {}

    def login():
        with lock:
            device["sid"] = next(numbers)
            return {"sid": device["sid"]}

    def ask(session):
        time.sleep(0)  # let the other one have its turn
        with lock:
            if session["sid"] != device["sid"]:
                raise NasError(Kind.SESSION_EXPIRED, "gone")
            return "answer"

    def work():
        sessions = Sessions(MemoryStore(), login)
        return [sessions.run(ask) for _call in range(30)]

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        runs = [pool.submit(work) for _run in range(2)]
        assert [run.result(timeout=60) for run in runs] == [["answer"] * 30] * 2


@pytest.fixture
def station():
    fake = Station()
    yield fake
    fake.close()


def test_one_login_per_run_for_each_service_of_a_device_and_a_logout_at_its_end(station, tmp_path):
    station.on("stat", rows(row("a")))
    connection = Connection("qnap", "127.0.0.1", station.server.server_address[1], use_ssl=False, timeout=10, retries=0)
    credentials = Credentials("admin", PASSWORD)
    for _task in range(3):
        client = Qnap(connection, credentials, FileStore(tmp_path, connection, credentials))
        client.container_tls.certificate()
        client.files.stat(["/Public/a"])
        client.close()
    assert (station.container_logins, station.logins) == (1, 1)
    assert not any(PASSWORD in file.read_text() for file in tmp_path.iterdir())
    station.asked.clear()
    _session_store.log_out_all(tmp_path)
    assert sorted(station.names()) == ["GET authLogout.cgi", "PUT logout"]
    assert cookie_of(station.calls("logout")[0]) == "CS_SESS_ID=cookie-1"
    assert station.calls("authLogout.cgi")[0]["sid"] == "sid-1"
