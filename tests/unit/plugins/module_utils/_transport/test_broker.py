# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The broker and its workers, in one process: what travels, who logs in, whose turn it is, and what is left to it."""

from __future__ import annotations

import concurrent.futures
import json
import os
import signal
import socket
import struct
import threading
import time

import pytest
from ansible_collections.nasops.nas.plugins.module_utils._core.errors import Kind, NasError
from ansible_collections.nasops.nas.plugins.module_utils._transport import broker as _broker
from ansible_collections.nasops.nas.plugins.module_utils._transport import frames, kept
from ansible_collections.nasops.nas.plugins.module_utils._transport import http as _http
from ansible_collections.nasops.nas.plugins.module_utils._transport.http import Connection, Http
from ansible_collections.nasops.nas.plugins.module_utils._transport.kept import BrokerLostError, Channel
from ansible_collections.nasops.nas.tests.support.raw import always, answer, read_request, serving

SESSION = {"sid": "S3CRET"}


def to(port, **more):
    return Connection("qnap", "127.0.0.1", port, use_ssl=False, timeout=5.0, retries=0, **more)


def renew(stale=None, code="", kept=True):
    return {"do": "renew", "key": "k", "stale": stale, "code": code, "kept": kept}


def settle(**message):
    return {"do": "settle", "key": "k", **message}


# -- what travels


def test_a_frame_arrives_as_it_was_sent():
    here, there = socket.socketpair()
    with here, there:
        message = {"name": "\udcff é", "none": None}
        content = bytes(range(256)) * 40_000
        thread = threading.Thread(target=frames.send, args=(here, message, content))
        thread.start()
        assert frames.receive(there) == (message, content)
        thread.join()
        here.close()
        assert frames.receive(there) is None


@pytest.mark.parametrize(
    "sent",
    [
        b"\0\0",
        struct.pack("!II", 5, 0) + b"{",
        struct.pack("!II", frames.MAX_OBJECT + 1, 0),
        struct.pack("!II", 2, frames.MAX_BYTES + 1) + b"{}",
        struct.pack("!II", 2, 0) + b"[]",
        struct.pack("!II", 2, 0) + b"\xff{",
        struct.pack("!II", 200_000, 0) + b"[" * 200_000,
    ],
)
def test_what_is_no_frame_is_refused_unread(sent):
    here, there = socket.socketpair()
    with here, there:
        here.settimeout(5)
        thread = threading.Thread(target=lambda: (here.sendall(sent), here.shutdown(socket.SHUT_WR)))
        thread.start()
        with pytest.raises(frames.BrokenFrameError):
            frames.receive(there)
        thread.join()


def test_a_frame_has_a_deadline():
    here, there = socket.socketpair()
    with here, there, pytest.raises(TimeoutError):
        frames.receive(there, time.monotonic() + 0.05)


def test_an_error_is_the_same_on_the_other_side():
    error = NasError(Kind.BUSY, "m", vendor="v", call="c", path="/p\udcff", code="7", hint="h", unsent=True)
    error.final = error.unreachable = True
    again = frames.error_from_data(json.loads(json.dumps(frames.error_to_data(error))))
    assert vars(again) == vars(error)
    assert str(again) == str(error)


def test_nobody_else_is_served(broker):
    broker.server._user = os.geteuid() + 1
    with pytest.raises(BrokerLostError):
        broker.worker().ask({"do": "current", "key": "k"})


@pytest.mark.parametrize("message", [{}, {"do": "?", "key": "k"}, {"do": "request"}, {"do": "renew", "key": "k"}])
def test_what_makes_no_sense_ends_that_connection_alone(broker, message):
    with pytest.raises(BrokerLostError):
        broker.worker().ask(message)
    assert broker.worker().ask({"do": "current", "key": "k"})[0] == {"session": None}


def test_an_answer_may_be_awaited_after_others(broker):
    worker = broker.worker()
    session = worker.ask_ahead({"do": "current", "key": "k"})
    assert worker.ask(renew()) == ({"ticket": True}, b"")  # by another channel
    worker.ask(settle(session=SESSION, connection=None))
    assert session()[0] == {"session": None}  # as it was then
    assert worker.ask_ahead({"do": "current", "key": "k"})()[0] == {"session": SESSION}


def test_what_was_asked_ahead_is_lost_with_the_broker(broker):
    session = broker.worker().ask_ahead({"do": "?", "key": "k"})
    with pytest.raises(BrokerLostError):
        session()


def test_the_first_small_files_come_by_a_connection_that_is_kept(broker, monkeypatch):
    ways = []
    monkeypatch.setattr(_http, "listeners", [ways.append])
    with serving(always(answer(b"a file"))) as server:
        http = Http(to(server.port), keep=broker.worker().way)

        def fetched(size):
            response = http.request("GET", "/", call="get", path="/a", stream=True, expected=size)
            return b"".join(response.chunks(size))

        sizes = (_http.MOST_OF_FILE + 1, None, 6, 6, 6)
        assert {fetched(size) for size in sizes} == {b"a file"}
        assert [line.endswith("kept") for line in ways] == [False, False, True, True, False]


class Upload:
    """A body that is streamed."""

    def __init__(self, size):
        self._size = size

    def __len__(self):
        return self._size

    def __iter__(self):
        yield b"x" * (self._size - 1)
        yield b"y"


def test_a_small_file_goes_by_a_connection_that_is_kept(broker, monkeypatch):
    ways, read = [], []
    monkeypatch.setattr(_http, "listeners", [ways.append])

    def talk(connection):
        while (found := read_request(connection))[0]:
            read.append(found[1])
            connection.sendall(answer(b"[]"))

    with serving(talk) as server:
        http = Http(to(server.port), keep=broker.worker().way)
        sizes = (_http.MOST_OF_FILE, _http.MOST_OF_FILE + 1, 6)
        for size in sizes:
            assert http.request("POST", "/", call="put", path="/a", body=Upload(size)).content == b"[]"
        http.close()
    assert read == [b"x" * (size - 1) + b"y" for size in sizes]
    assert [line.endswith("kept") for line in ways] == [True, False, True]


def test_a_file_that_came_whole_is_no_longer_than_expected(broker):
    with serving(always(answer(b"a file"))) as server:
        http = Http(to(server.port), keep=broker.worker().way)
        response = http.request("GET", "/", call="get", path="/a", stream=True, expected=5)
        with pytest.raises(NasError) as caught:
            list(response.chunks(5))
    assert caught.value.kind is Kind.MISMATCH
    assert (caught.value.vendor, caught.value.call, caught.value.path) == ("qnap", "get", "/a")


# -- who logs in


def test_one_worker_logs_in_and_all_others_wait(broker):
    first = broker.worker()
    with first.channel() as channel, concurrent.futures.ThreadPoolExecutor(8) as pool:
        assert channel.ask(renew())[0] == {"ticket": True}
        waiting = [pool.submit(broker.worker().ask, renew()) for _number in range(8)]
        channel.ask(settle(session=SESSION, connection=vars(to(1))))
        assert [one.result(10)[0] for one in waiting] == [{"session": SESSION}] * 8
    # A session that has ended is renewed once.
    with first.channel() as channel, concurrent.futures.ThreadPoolExecutor(8) as pool:
        assert channel.ask(renew(SESSION))[0] == {"ticket": True}
        waiting = [pool.submit(broker.worker().ask, renew(SESSION)) for _number in range(8)]
        channel.ask(settle(session={"sid": "2"}, connection=vars(to(1))))
        assert [one.result(10)[0] for one in waiting] == [{"session": {"sid": "2"}}] * 8


def test_the_right_to_log_in_goes_on_when_its_worker_dies(broker):
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        dying = Channel(broker.connect())
        assert dying.ask(renew())[0] == {"ticket": True}
        next_one = pool.submit(broker.worker().ask, renew())
        dying.close()
        assert next_one.result(10)[0] == {"ticket": True}


def test_a_refusal_is_remembered_and_another_code_is_worth_another_attempt(broker):
    worker = broker.worker()
    refused = frames.error_to_data(NasError(Kind.AUTHENTICATION, "no"))
    with worker.channel() as channel:
        channel.ask(renew())
        channel.ask(settle(refused=refused, code="", kept=True))
    assert broker.worker().ask(renew())[0] == {"refused": refused}
    assert broker.worker().ask(renew(code="other"))[0] == {"ticket": True}


def test_a_session_of_a_task_alone_is_not_kept(broker):
    worker = broker.worker()
    with worker.channel() as channel:
        assert channel.ask(renew(kept=False))[0] == {"ticket": True}
        channel.ask(settle())
    assert worker.ask({"do": "current", "key": "k"})[0] == {"session": None}


def test_it_logs_out_of_all_devices_side_by_side(broker, monkeypatch):
    monkeypatch.setattr(_broker, "LOGOUT_TIME", 2.0)
    worker = broker.worker()
    everybody = threading.Barrier(20)
    ended = []

    def log_out(connection, session, keep):
        everybody.wait(10)
        ended.append((connection.host, session["sid"]))

    broker.server._log_out = log_out
    for number in range(20):
        message = {"key": str(number), "stale": None, "code": "", "kept": True}
        with worker.channel() as channel:
            channel.ask({"do": "renew", **message})
            at = {**vars(to(1)), "host": f"nas{number}"}
            channel.ask({"do": "settle", "key": str(number), "session": {"sid": number}, "connection": at})
    assert worker.ask({"do": "end"}, seconds=10)[0] == {"ended": True}
    assert sorted(ended) == sorted((f"nas{number}", number) for number in range(20))
    assert broker.announced is True


def test_it_ends_by_itself_when_nobody_is_left(broker):
    worker = broker.worker()
    with worker.channel() as channel:
        channel.ask(renew())
        channel.ask(settle(session=SESSION, connection=vars(to(1))))
    broker.end()
    assert broker.announced is False
    assert broker.ended == [("127.0.0.1", SESSION)]


# -- whose turn it is


def test_a_slow_device_holds_up_nobody_else_and_no_device_has_more_than_its_connections(broker):
    go, most, at_once, lock = threading.Event(), [0], [0], threading.Lock()

    def slow(connection):
        while read_request(connection)[0]:
            with lock:
                at_once[0] += 1
                most[0] = max(most[0], at_once[0])
            go.wait(10)
            with lock:
                at_once[0] -= 1
            connection.sendall(answer(b'"slow"'))

    def quick(connection):
        while read_request(connection)[0]:
            connection.sendall(answer(b'"quick"'))

    def ask(port, **more):
        return Http(to(port, **more), keep=broker.worker().way).request("GET", "/", call="x").content

    with serving(slow) as late, serving(quick) as early, concurrent.futures.ThreadPoolExecutor(6) as pool:
        waiting = [pool.submit(ask, late.port, connections=2) for _number in range(6)]
        assert [ask(early.port) for _number in range(20)] == [b'"quick"'] * 20
        assert early.connections == 1
        go.set()
        assert [one.result(20) for one in waiting] == [b'"slow"'] * 6
        assert most[0] <= 2
        assert late.connections <= 2


def test_the_requests_of_two_devices_never_mix(broker):
    def device(name):
        def talk(connection):
            while read_request(connection)[0]:
                connection.sendall(answer(f'"{name}"'.encode()))

        return talk

    def ask(port):
        http = Http(to(port), keep=broker.worker().way)
        return [http.request("GET", "/", call="x").content for _number in range(25)]

    with serving(device("a")) as one, serving(device("b")) as other, concurrent.futures.ThreadPoolExecutor(8) as pool:
        asked = [(name, pool.submit(ask, at.port)) for name, at in (("a", one), ("b", other)) for _number in range(4)]
        for name, answers in asked:
            assert set(answers.result(20)) == {f'"{name}"'.encode()}


def test_a_task_that_asks_much_goes_on_by_a_connection_of_its_own(broker):
    def talk(connection):
        while read_request(connection)[0]:
            connection.sendall(answer(b"[]"))

    ways = []
    _http.listeners.append(ways.append)
    try:
        with serving(talk) as server:
            http, another = (Http(to(server.port), keep=broker.worker().way) for _number in range(2))
            for _number in range(_http.OWN_AFTER + 10):
                assert http.request("GET", "/", call="x").content == b"[]"
            assert server.connections == 2
            assert another.request("GET", "/", call="x").content == b"[]"
            http.close()
    finally:
        _http.listeners.remove(ways.append)
    kept, own = "x by a connection that is kept", "x by a connection of its own"
    assert ways == [*[kept] * _http.OWN_AFTER, *[own] * 10, kept]


class Interrupted(BaseException):
    """As a signal makes one."""


@pytest.fixture
def interrupted():
    """Is set when a SIGUSR1 has interrupted the test."""
    raised = threading.Event()

    def interrupt(number, frame):
        raised.set()
        raise Interrupted

    usual = signal.signal(signal.SIGUSR1, interrupt)
    yield raised
    signal.signal(signal.SIGUSR1, usual)


@pytest.mark.parametrize("writes", [True, False])
def test_who_is_interrupted_meets_what_comes_of_a_call_that_writes(broker, interrupted, writes):
    answered = threading.Event()

    def talk(connection):
        read_request(connection)
        os.kill(os.getpid(), signal.SIGUSR1)
        interrupted.wait(10)
        if not writes:
            answered.wait(10)  # until nobody waits any more
        answered.set()
        connection.sendall(answer(b"[]"))

    with serving(talk) as server:
        http = Http(to(server.port), keep=broker.worker().way)
        with pytest.raises(Interrupted):
            http.repeat(lambda: http.request("POST", "/", call="put", body=b"x"), idempotent=not writes)
        assert answered.is_set() is writes
        answered.set()


@pytest.mark.usefixtures("interrupted")
def test_who_is_interrupted_does_not_wait_for_long(broker, monkeypatch):
    monkeypatch.setattr(kept, "LINGER", 0.1)
    over = threading.Event()

    def talk(connection):
        read_request(connection)
        os.kill(os.getpid(), signal.SIGUSR1)
        over.wait(10)

    with serving(talk) as server:
        http = Http(to(server.port), keep=broker.worker().way)
        with pytest.raises(Interrupted):
            http.repeat(lambda: http.request("POST", "/", call="put", body=b"x"), idempotent=False)
        assert not over.is_set()
        over.set()


# -- when it dies


@pytest.mark.parametrize("idempotent", [True, False])
def test_what_may_have_been_sent_is_repeated_only_where_that_does_no_harm(broker, idempotent):
    asked = []

    def talk(connection):
        while read_request(connection)[0]:
            asked.append(1)
            if len(asked) == 1:
                for one in worker_sockets:
                    one.shutdown(socket.SHUT_RDWR)
            connection.sendall(answer(b"[]"))

    worker_sockets = []

    def connect():
        worker_sockets.append(broker.connect())
        return worker_sockets[-1]

    worker = broker.worker()
    worker._connect = connect
    with serving(talk) as server:
        http = Http(to(server.port), keep=worker.way)
        if idempotent:
            assert http.repeat(lambda: http.request("GET", "/", call="x"), idempotent=True).content == b"[]"
            assert len(asked) == 2
        else:
            with pytest.raises(NasError) as caught:
                http.repeat(lambda: http.request("POST", "/", call="x", path="/a"), idempotent=False)
            assert (caught.value.kind, caught.value.unsent, caught.value.call) == (Kind.CONNECTION, False, "x")
            assert len(asked) == 1
    assert broker.lost == [1]


def test_what_was_not_sent_goes_directly(broker):
    worker = broker.worker()
    broker.end()
    with serving(lambda connection: (read_request(connection), connection.sendall(answer(b"[]")))) as server:
        http = Http(to(server.port), keep=worker.way)
        assert http.repeat(lambda: http.request("POST", "/", call="x"), idempotent=False).content == b"[]"
    assert broker.lost == [1]
