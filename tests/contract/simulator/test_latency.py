# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`--latency` is a round trip: what costs one, what does not, and that everything passes as it would without."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import socket
import struct
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
import requests

from tests.simulator.core.listener import listening
from tests.simulator.core.relay import no_delay, relay
from tests.support.devices import device
from tests.support.local import LocalDevice
from tests.support.tls import self_signed

ROUND = 0.05
QUERY = "/webapi/query.cgi?api=SYNO.API.Info&version=1&method=query&query=SYNO.API.Auth"
FORM = {
    "api": "SYNO.FileStation.Upload",
    "version": "2",
    "method": "upload",
    "path": "/home",
    "create_parents": "false",
}


@contextlib.contextmanager
def seconds() -> Iterator[Callable[[], float]]:
    began = time.monotonic()
    yield lambda: time.monotonic() - began


def login(url: str, session: requests.Session) -> str:
    params = {"api": "SYNO.API.Auth", "version": "6", "method": "login", "account": "admin"}
    params |= {"passwd": "correct horse battery staple", "session": "FileStation", "format": "sid"}
    answer = session.get(f"{url}/webapi/entry.cgi", params=params).json()
    return str(answer["data"]["sid"])


def test_connecting_and_each_answer_cost_a_round_trip(tmp_path: Path) -> None:
    with LocalDevice("synology", tmp_path / "nas", latency=ROUND) as nas:
        with requests.Session() as session, seconds() as passed:
            session.get(nas.url + QUERY)
            first = passed()
            for _more in range(3):
                session.get(nas.url + QUERY)
            assert first >= 2 * ROUND
            assert passed() >= 5 * ROUND
        with seconds() as passed:
            for _more in range(2):
                requests.get(nas.url + QUERY)
            assert passed() >= 4 * ROUND
        assert nas.connections == 3
        assert all(entry["seconds"] < ROUND for entry in nas.log), "the device is not slow"
        assert len({entry["connection"] for entry in nas.log}) == 3


def test_each_flight_of_a_handshake_costs_one(tmp_path: Path) -> None:
    cert, key = self_signed(tmp_path)
    with LocalDevice("qnap", tmp_path / "nas", latency=ROUND, tls=(cert, key)) as nas, seconds() as passed:
        assert requests.get(nas.url, verify=str(cert)).status_code == 404
        assert passed() >= 3 * ROUND


def test_a_process_of_its_own_has_it_too(tmp_path: Path) -> None:
    with device("freebox", tmp_path, latency=ROUND) as box, seconds() as passed:
        assert requests.get(f"{box.url}/api_version").json()["device_name"]
        assert passed() >= 2 * ROUND
        assert [entry["call"] for entry in box.log()] == ["GET api_version"]


def test_a_large_upload_is_late_not_slow(tmp_path: Path) -> None:
    """64 MiB in pieces of 64 KiB: a sleep for each piece would take a minute."""
    block = hashlib.sha256(b"block").digest() * 2048
    options = {"synotoken": "never"}
    with (
        LocalDevice("synology", tmp_path / "nas", latency=ROUND, options=options) as nas,
        requests.Session() as session,
    ):
        sid = login(nas.url, session)
        head = "".join(
            f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n' for name, text in FORM.items()
        )
        head += '--b\r\nContent-Disposition: form-data; name="file"; filename="big"\r\n\r\n'

        def body() -> Iterator[bytes]:
            yield head.encode()
            for _piece in range(1024):
                yield block
            yield b"\r\n--b--\r\n"

        with seconds() as passed:
            answer = session.post(
                f"{nas.url}/webapi/entry.cgi?api=SYNO.FileStation.Upload&version=2&method=upload&_sid={sid}",
                data=body(),
                headers={"Content-Type": "multipart/form-data; boundary=b"},
            )
            assert answer.json()["success"] is True
            assert ROUND <= passed() < 20
        assert (nas.root / "home" / "big").stat().st_size == 64 << 20
        whole = hashlib.sha256((nas.root / "home" / "big").read_bytes()).digest()
        assert whole == hashlib.sha256(block * 1024).digest()


def test_a_device_that_cuts_is_seen_to_cut(tmp_path: Path) -> None:
    with LocalDevice("qnap", tmp_path / "nas", latency=0.02) as nas:
        for action in ("reset", {"reset": {"hard": True}}, {"reset": {"where": "reply", "at_bytes": 9}}):
            nas.faults = [{"call": "*", "do": action}]
            with pytest.raises(requests.exceptions.RequestException):
                requests.get(nas.url)
            assert nas.acted == 1
        nas.faults = [{"call": "*", "do": {"reset": {"hard": True}}}]
        with socket.create_connection(("127.0.0.1", nas.port), 10) as raw:
            raw.sendall(b"GET / HTTP/1.1\r\nHost: nas\r\n\r\n")
            with pytest.raises(ConnectionResetError):
                raw.recv(100)


# -- the relay alone, between a client and a device of two sockets

Play = Callable[[socket.socket, socket.socket], Awaitable[None]]


def between(play: Play, latency: float = 0.02) -> None:
    """Run `play(client, device)` with a relay between the two."""

    async def run() -> None:
        loop = asyncio.get_running_loop()

        async def pair() -> tuple[socket.socket, socket.socket]:
            door, one = listening(), socket.socket()
            no_delay(one)
            await loop.sock_connect(one, door.getsockname())
            other, _address = await loop.sock_accept(door)
            no_delay(other)
            door.close()
            return one, other

        client, front = await pair()
        back, far = await pair()
        passing = loop.create_task(relay(front, back, latency))
        try:
            await asyncio.wait_for(play(client, far), 30)
        finally:
            client.close()
            far.close()
            await asyncio.wait_for(passing, 30)

    asyncio.run(run())


async def all_of(sock: socket.socket) -> bytes:
    loop, found = asyncio.get_running_loop(), b""
    while block := await loop.sock_recv(sock, 1 << 16):
        found += block
    return found


def test_an_end_of_sending_passes_and_the_other_way_stays_open() -> None:
    async def play(client: socket.socket, far: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        await loop.sock_sendall(client, b"question")
        client.shutdown(socket.SHUT_WR)
        assert await all_of(far) == b"question"
        await loop.sock_sendall(far, b"answer")
        far.close()
        assert await all_of(client) == b"answer"

    between(play)


@pytest.mark.parametrize("who", ["client", "device"])
def test_a_reset_passes_behind_what_was_sent(who: str) -> None:
    async def play(client: socket.socket, far: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        here, there = (client, far) if who == "client" else (far, client)
        await loop.sock_sendall(here, b"last words")
        assert await loop.sock_recv(there, 100) == b"last words"
        here.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        here.close()
        with pytest.raises(ConnectionResetError):
            await loop.sock_recv(there, 100)

    between(play)


def test_an_answer_before_the_whole_question_arrives() -> None:
    """A device that refuses an upload says so and closes while the client still sends."""

    async def play(client: socket.socket, far: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        await loop.sock_sendall(client, b"x" * 1000)
        assert await loop.sock_recv(far, 10) == b"x" * 10
        await loop.sock_sendall(far, b"no")
        far.close()  # with something unread: the kernel makes a reset of it
        assert await loop.sock_recv(client, 100) == b"no"
        with contextlib.suppress(ConnectionError):
            assert await all_of(client) == b""

    between(play)


def test_who_does_not_read_holds_the_sender(monkeypatch: pytest.MonkeyPatch) -> None:
    """What waits in the relay is bounded: the sender of something endless is stopped, and goes on when it is read."""
    monkeypatch.setattr("tests.simulator.core.relay.WINDOW", 1 << 20)

    async def play(client: socket.socket, far: socket.socket) -> None:
        loop, size = asyncio.get_running_loop(), 64 << 20
        sending = loop.create_task(loop.sock_sendall(far, bytes(size)))
        done, _waiting = await asyncio.wait([sending], timeout=0.3)
        assert not done
        got = 0
        while got < size:
            got += len(await loop.sock_recv(client, 1 << 20))
        await sending

    between(play)
