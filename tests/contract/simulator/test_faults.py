# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The faults of the simulator's core: of connections, before and after the work, of replies on their way, of values."""

from __future__ import annotations

import contextlib
import gc
import json
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.simulator.__main__ import main
from tests.simulator.core.faults import Book, Faults, Rule
from tests.simulator.core.fuzz import fuzz
from tests.support.devices import PASSWORD, ROOT, USER, device
from tests.support.local import LocalDevice
from tests.support.tls import self_signed

QUERY = "/webapi/query.cgi?api=SYNO.API.Info&version=1&method=query&query=SYNO.API.Auth"
REQUEST = f"GET {QUERY} HTTP/1.1\r\nHost: nas\r\n\r\n".encode()
GOOD = {"data": {"SYNO.API.Auth": {"maxVersion": 7, "minVersion": 1, "path": "entry.cgi"}}, "success": True}
XML = "/cgi-bin/authLogin.cgi"


@pytest.fixture(scope="module")
def synology(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalDevice]:
    with LocalDevice("synology", tmp_path_factory.mktemp("syno"), options={"synotoken": "never"}) as nas:
        yield nas


@pytest.fixture(scope="module")
def qnap(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalDevice]:
    with LocalDevice("qnap", tmp_path_factory.mktemp("qnap")) as nas:
        yield nas


@pytest.fixture
def nas(synology: LocalDevice) -> LocalDevice:
    synology.reset()
    return synology


class Client:
    """A client of a Synology: one session, kept connections."""

    def __init__(self, nas: LocalDevice) -> None:
        self.nas, self.http, self.sid = nas, requests.Session(), ""

    def call(self, api: str, method: str, version: int = 2, **params: Any) -> requests.Response:
        known = {"api": f"SYNO.{api}", "version": version, "method": method, **params}
        return self.http.get(f"{self.nas.url}/webapi/entry.cgi", params={**known, "_sid": self.sid}, timeout=20)

    def login(self) -> None:
        self.sid = self.call("API.Auth", "login", 6, account=USER, passwd=PASSWORD, format="sid").json()["data"]["sid"]

    def create(self, name: str) -> requests.Response:
        return self.call("FileStation.CreateFolder", "create", folder_path='["/home"]', name=json.dumps([name]))


@pytest.fixture
def client(nas: LocalDevice) -> Client:
    found = Client(nas)
    found.login()
    return found


@contextlib.contextmanager
def talk(nas: LocalDevice, sent: bytes = REQUEST) -> Iterator[socket.socket]:
    """A connection by hand, with something sent."""
    with socket.create_connection(("127.0.0.1", nas.port), 20) as raw:
        raw.sendall(sent)
        yield raw


def whole(raw: socket.socket, until: bytes | None = None) -> bytes:
    """What comes until the end, or until it ends so."""
    found = b""
    while (until is None or not found.endswith(until)) and (block := raw.recv(1 << 16)):
        found += block
    return found


# -- the file


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "No such file"),
        ("- {call: x, do: reset, oops: 1}", "oops"),
        ("- {call: x, do: {explode: 1}}", "explode"),
        ("- {call: x, do: {truncate: 3, where: after}}", "where: after"),
        ("- {connect: explode}", "explode"),
        ("- {connect: {tls: 1, oops: 2}}", "oops"),
        ("- {call: x, do: reset, after: soon}", "soon"),
        ("- {call: x, do: reset, params: [a]}", "params"),
        ("- {call: x, do: reset, writes: maybe}", "writes"),
        ("- {call: x}", "missing key"),
        ("- {call: x, do: [", "expected"),
        ("nonsense", "not a list"),
    ],
)
def test_a_file_of_faults_that_cannot_be_read_is_an_error_at_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str | None, said: str
) -> None:
    faults = tmp_path / "faults.yml"
    if content is not None:
        faults.write_text(content)
    monkeypatch.setattr("sys.argv", ["simulator", "qnap", "--root", str(tmp_path / "nas"), "--faults", str(faults)])
    with pytest.raises(SystemExit) as found:
        main()
    text = str(found.value.code)
    assert text.startswith(f"simulator: --faults {faults}: ")
    assert said in text
    assert "\n" not in text


def test_the_error_at_start_has_a_status(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.simulator", "qnap", "--root", str(tmp_path / "nas"), "--faults", "/none"]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert (found.returncode, found.stdout, len(found.stderr.splitlines())) == (1, "", 1)


def test_the_file_may_go_and_come_later(tmp_path: Path) -> None:
    with device("qnap", tmp_path) as nas:
        nas.faults({"call": "*", "times": 0, "do": {"status": 503}})
        assert requests.get(nas.url).status_code == 503
        nas.faults_file.unlink()
        assert requests.get(nas.url).status_code == 404
        nas.faults({"call": "*", "times": 0, "do": {"status": 504}})
        assert requests.get(nas.url).status_code == 504
        nas.faults_file.write_text("- {call: '*', d")
        assert requests.get(nas.url).status_code == 504


# -- which requests


def acting(rule: dict[str, Any], calls: list[tuple[str, bool]]) -> list[int]:
    """The numbers of the requests, from 0, at which a rule acts."""
    book = Book(None)
    book.set([{"do": "reset", "times": 0, **rule}])
    faults = Faults(book)
    return [at for at, (call, writes) in enumerate(calls) if faults.take("acme", call, {}, writes=writes)]


CALLS = [("login", False), ("stat", False), ("upload", True), ("stat", False), ("rename", True), ("logout", False)]


@pytest.mark.parametrize(
    ("rule", "numbers"),
    [
        ({}, [0, 1, 2, 3, 4, 5]),
        ({"after": 3, "times": 1}, [3]),
        ({"call": "stat"}, [1, 3]),
        ({"writes": True}, [2, 4]),
        ({"writes": False, "after": 1}, [1, 3, 5]),
        ({"since": "upload"}, [3, 4, 5]),
        ({"since": "up*", "after": 1, "times": 1}, [4]),
        ({"until": "upload"}, [0, 1]),
        ({"since": "login", "until": "rename"}, [1, 2, 3]),
        ({"since": "stat", "until": "stat"}, [2]),
        ({"since": "never"}, []),
        ({"only": "other"}, []),
        ({"device": 2}, []),
    ],
)
def test_at_which_requests_a_rule_acts(rule: dict[str, Any], numbers: list[int]) -> None:
    assert acting(rule, CALLS) == numbers


def test_every_request_is_counted(nas: LocalDevice, client: Client) -> None:
    """The login, what no API serves, and what is too long for the web server."""
    nas.reset()
    nas.faults = [{"call": "*", "after": 3, "do": {"status": 500}}]
    client.login()
    requests.get(f"{nas.url}/nothing")
    assert requests.get(f"{nas.url}/{'x' * 9000}").status_code == 414
    assert client.create("new").status_code == 500
    assert client.create("new").json()["success"] is True
    assert (nas.requests, len(nas.log), nas.acted) == (5, 5, 1)
    assert [entry["fault"] for entry in nas.log] == [None, None, None, "status", None]
    assert [entry["call"] for entry in nas.writes()] == ["SYNO.FileStation.CreateFolder/create"] * 2


# -- before and after the work


@pytest.mark.parametrize("status", [500, 502, 504])
@pytest.mark.parametrize("where", ["before", "after"])
def test_a_status_before_and_after_the_work(nas: LocalDevice, client: Client, status: int, where: str) -> None:
    do = {"status": status, "where": where, "body": "gateway", "headers": {"Retry-After": "1"}}
    nas.faults = [{"call": "*create", "do": do}]
    answer = client.create("new")
    assert (answer.status_code, answer.text, answer.headers["Retry-After"]) == (status, "gateway", "1")
    assert ("/home/new" in nas.tree()) == (where == "after")
    assert nas.log[-1]["status"] == status
    assert nas.log[-1]["fault"] == ("status" if where == "before" else "status after")


@pytest.mark.parametrize("where", ["before", "after"])
def test_a_page_and_a_code_before_and_after_the_work(nas: LocalDevice, client: Client, where: str) -> None:
    nas.faults = [
        {"call": "*create", "do": {"garbage": True, "where": where}},
        {"call": "*create", "after": 1, "do": {"error": 421, "where": where}},
    ]
    page = client.create("one")
    assert (page.status_code, page.headers["Content-Type"].partition(";")[0]) == (200, "text/html")
    assert client.create("two").json() == {"success": False, "error": {"code": 421}}
    assert nas.log[-1]["code"] == 421
    assert set(nas.tree()) - {"/home", "/public"} == ({"/home/one", "/home/two"} if where == "after" else set())


@pytest.mark.parametrize("where", ["before", "after"])
def test_a_delay_before_and_after_the_work(nas: LocalDevice, client: Client, where: str) -> None:
    nas.faults = [{"call": "*create", "do": {"slow": 0.3, "where": where}}]
    asking = threading.Thread(target=client.create, args=("new",))
    began = time.monotonic()
    asking.start()
    while "/home/new" not in nas.tree() and asking.is_alive():
        time.sleep(0.005)
    made = time.monotonic() - began
    asking.join()
    assert time.monotonic() - began >= 0.3
    assert (made < 0.3) == (where == "after")


def test_a_stream_is_replaced_too(nas: LocalDevice, client: Client) -> None:
    (nas.root / "home" / "file").write_bytes(b"content")
    nas.faults = [{"call": "*Download*", "do": {"status": 502, "where": "after"}}]
    asked = {"path": '["/home/file"]', "mode": "download"}
    assert client.call("FileStation.Download", "download", **asked).status_code == 502
    assert client.call("FileStation.Download", "download", **asked).content == b"content"


@pytest.mark.parametrize("do", ["reset", {"reset": {"hard": True}}])
def test_a_connection_cut_before_the_work(nas: LocalDevice, client: Client, do: Any) -> None:
    nas.faults = [{"call": "*create", "do": do}]
    with pytest.raises(requests.exceptions.ConnectionError):
        client.create("new")
    assert "/home/new" not in nas.tree()
    assert nas.log[-1]["status"] is None


@pytest.mark.parametrize(
    "detail",
    [
        {"where": "reply", "at_bytes": 0},
        {"where": "reply", "at_bytes": 12},
        {"where": "reply", "at_bytes": 12, "hard": True},
        {"where": "head", "at_bytes": 0},
        {"where": "head", "at_bytes": 5},
    ],
)
def test_a_reply_cut_after_the_work(nas: LocalDevice, client: Client, detail: dict[str, Any]) -> None:
    nas.faults = [{"call": "*create", "do": {"reset": detail}}]
    with pytest.raises(requests.exceptions.RequestException):
        client.create("new")
    assert "/home/new" in nas.tree()
    assert nas.log[-1]["status"] is None


def test_the_head_of_a_reply_is_cut_at_a_byte(nas: LocalDevice) -> None:
    nas.faults = [{"call": "*", "do": {"reset": {"where": "head", "at_bytes": 11}}}]
    with talk(nas) as raw:
        assert whole(raw) == b"HTTP/1.1 20"


# -- replies on their way


def test_a_doubled_reply(nas: LocalDevice) -> None:
    nas.faults = [{"call": "*", "do": {"double": True, "hang_up": True}}]
    with talk(nas) as raw:
        found = whole(raw)
    assert found.startswith(b"HTTP/1.1 200")
    assert found[: len(found) // 2] == found[len(found) // 2 :]
    assert len(nas.log) == 1


def test_both_copies_of_a_doubled_reply_come_in_one_piece(nas: LocalDevice) -> None:
    nas.faults = [{"call": "*", "times": 0, "do": "double"}]
    for _attempt in range(20):
        with talk(nas) as raw:
            assert raw.recv(1 << 16).count(b"HTTP/1.1 200") == 2


@pytest.mark.parametrize(("more", "said"), [(7, 7), (-7, -7), (-1000, None)])
def test_a_wrong_length(nas: LocalDevice, more: int, said: int | None) -> None:
    nas.faults = [{"call": "*", "do": {"content_length": more, "hang_up": True}}]
    with talk(nas) as raw:
        head, _empty, body = whole(raw).partition(b"\r\n\r\n")
    assert json.loads(body) == GOOD
    length = len(body) + said if said is not None else 0
    assert b"Content-Length: %d" % length in head.split(b"\r\n")
    assert b"transfer-encoding" not in head.lower()


def test_a_wrong_length_of_a_download(nas: LocalDevice, client: Client) -> None:
    (nas.root / "home" / "file").write_bytes(b"content")
    nas.faults = [{"call": "*Download*", "do": {"content_length": 5, "hang_up": True}}]
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        client.call("FileStation.Download", "download", path='["/home/file"]', mode="download")


def test_a_kept_connection_that_is_closed_silently(nas: LocalDevice) -> None:
    nas.faults = [{"call": "*", "do": "hang_up"}]
    with talk(nas) as raw:
        head, _empty, body = whole(raw).partition(b"\r\n\r\n")
    assert b"connection: close" not in head.lower()
    assert body.endswith(b"0\r\n\r\n")
    nas.faults = [{"call": "*", "do": {"hang_up": 0.2}}]
    with talk(nas) as raw:
        whole(raw, b"0\r\n\r\n")
        raw.sendall(REQUEST)  # in the time that is left
        whole(raw, b"0\r\n\r\n")
        assert raw.recv(1) == b""
    assert len(nas.log) == 3


def test_continue_without_end(nas: LocalDevice, client: Client) -> None:
    for where in ("before", "after"):
        nas.faults = [{"call": "*", "do": {"continue": 0.01, "where": where}}]
        with talk(nas, REQUEST) as raw:
            found = b""
            while found.count(b"HTTP/1.1 100 Continue\r\n\r\n") < 3:
                found += raw.recv(100)
            assert found.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n")
    nas.faults = [{"call": "*create", "do": {"continue": 0.01, "where": "after"}}]
    asked = (f"/webapi/entry.cgi?api=SYNO.FileStation.CreateFolder&version=2&method=create&_sid={client.sid}"
             "&folder_path=%5B%22/home%22%5D&name=%5B%22new%22%5D")  # fmt: skip
    with talk(nas, f"GET {asked} HTTP/1.1\r\nHost: nas\r\n\r\n".encode()) as raw:
        assert raw.recv(100).startswith(b"HTTP/1.1 100 Continue")
        assert "/home/new" in nas.tree()


def wait_for(what: Any) -> None:
    end = time.monotonic() + 10
    while not what():
        assert time.monotonic() < end
        time.sleep(0.005)


def test_a_reply_in_drops(nas: LocalDevice) -> None:
    nas.faults = [{"call": "*", "do": {"drip": {"seconds": 0.001, "ends": True}}}]
    assert requests.get(nas.url + QUERY).json() == GOOD
    nas.faults = [{"call": "*", "do": {"drip": 0.001}}]
    with talk(nas) as raw:
        found = b""
        while not found.endswith(b"1\r\n \r\n" * 3):
            found += raw.recv(1 << 16)
    assert b"0\r\n\r\n" not in found.partition(b"\r\n\r\n")[2]


def test_a_head_in_drops(nas: LocalDevice) -> None:
    nas.faults = [{"call": "*", "do": {"drip": {"seconds": 0.001, "where": "head"}}}]
    with talk(nas) as raw:
        found = b""
        while len(found) < 100:
            found += raw.recv(1 << 16)
    assert found.startswith(b"HTTP/1.1 200 OK\r\nX-Slow: xxx")
    assert b"\r\n\r\n" not in found


@pytest.mark.parametrize("length", [None, True, 5])
def test_a_body_without_end(qnap: LocalDevice, length: Any) -> None:
    qnap.reset()
    qnap.faults = [{"call": "*", "do": {"endless": {"length": length} if length else True}}]
    with talk(qnap, b"GET /none HTTP/1.1\r\nHost: nas\r\n\r\n") as raw:
        got = b""
        while len(got) < 1 << 22:
            got += raw.recv(1 << 20)
    head, _empty, body = got.partition(b"\r\n\r\n")
    assert body.rstrip(b" ").endswith(b"</html>\n")
    said = [line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
    real = len(body.rstrip(b" "))
    assert said == ([] if length is None else [b"Content-Length: %d" % (real if length is True else length)])
    wait_for(lambda: qnap.log[-1]["call"] == "none")


def test_a_chunked_body_without_end_and_a_head_without_end(nas: LocalDevice) -> None:
    nas.faults = [{"call": "*", "do": "endless"}, {"call": "*", "after": 1, "do": {"endless": {"where": "head"}}}]
    answer = requests.get(nas.url + QUERY, stream=True)
    assert sum(len(answer.raw.read(1 << 16)) for _block in range(32)) == 1 << 21
    answer.close()
    with talk(nas) as raw:
        got = 0
        while got < 1 << 21:
            got += len(raw.recv(1 << 20))


def test_huge_headers(nas: LocalDevice) -> None:
    nas.faults = [{"call": "*", "do": {"big_headers": {"bytes": 40_000, "lines": 10}}}]
    answer = requests.get(nas.url + QUERY)
    assert answer.json() == GOOD
    assert sum(len(text) for name, text in answer.headers.items() if name.startswith("X-Filler")) == 40_000
    nas.faults = [{"call": "*", "do": {"big_headers": 100_000}}]
    with pytest.raises(requests.exceptions.RequestException):
        requests.get(nas.url + QUERY)


def test_far_too_much_json(nas: LocalDevice, qnap: LocalDevice) -> None:
    nas.faults = [{"call": "*", "do": {"pad": 3_000_000}}]
    answer = requests.get(nas.url + QUERY)
    assert answer.json() == {**GOOD, "padding": "x" * 3_000_000}
    assert nas.log[-1]["bytes_out"] == len(answer.content)
    qnap.faults = [{"call": "*", "do": {"pad": 70_000}}]
    page = requests.get(f"{qnap.url}{XML}")
    assert len(page.content) == int(page.headers["Content-Length"]) == len(page.content.rstrip(b" ")) + 70_000


def test_a_reply_cut_short_in_good_form(nas: LocalDevice, client: Client) -> None:
    nas.faults = [{"call": "*create", "do": {"truncate": 9}}]
    assert len(client.create("new").content) == 9
    assert "/home/new" in nas.tree()


@pytest.mark.parametrize("tls", [False, True])
def test_faults_work_behind_tls_and_with_latency(tmp_path: Path, tls: bool) -> None:
    files = self_signed(tmp_path) if tls else None
    with LocalDevice("synology", tmp_path / "nas", tls=files, latency=0.01) as nas:
        verify = str(files[0]) if files else None
        for do in ({"drip": {"seconds": 0, "ends": True}}, {"hang_up": True}, {"big_headers": 1000}, {"pad": 500_000}):
            nas.faults = [{"call": "*", "do": do}]
            assert requests.get(nas.url + QUERY, verify=verify).json()["success"] is True
            assert nas.acted == 1
        nas.faults = [{"call": "*", "do": {"reset": {"hard": True}}}]
        # Python's ssl takes a reset for an end
        with pytest.raises(requests.exceptions.ConnectionError, match="closed" if tls else "reset"):
            requests.get(nas.url + QUERY, verify=verify)


# -- values


def test_the_same_seed_spoils_the_same_value(nas: LocalDevice) -> None:
    seen = []
    for seed in (1, 1, *range(2, 40)):
        nas.faults = [{"call": "*", "do": {"fuzz": seed}}]
        seen.append(requests.get(nas.url + QUERY).content)
        assert nas.log[-1]["fault"].startswith("fuzz (")
    assert seen[0] == seen[1]
    assert len(set(seen)) > 20
    assert all(json.loads(one) != GOOD for one in seen)
    assert any(b'"\\ud800"' in one for one in seen)


def test_one_value_of_a_reply() -> None:
    body = b'{"data":{"files":[{"name":"a\xff"},{"name":"b"}],"total":2}}\n'
    assert fuzz(body, {"at": "data/total", "value": -1}) == (body.replace(b":2", b":-1"), "data/total: -1")
    assert fuzz(body, {"at": "data/files/0/name", "value": "\ud800"})[0] == body.replace(b"a\xff", b"\\ud800")
    assert fuzz(body, {"at": "data/files/*/size", "value": 1}) == (body, "")
    kept = [fuzz(body, {"seed": seed, "at": "data/files/*/name"})[0] for seed in range(50)]
    assert all((b"a\xff" in one) != (b'"b"' in one) for one in kept)
    assert fuzz(b"Content-type: x\r\n\r\n" + body, {"at": "data/total", "value": None})[0].startswith(
        b"Content-type: x"
    )
    assert fuzz(b"no json", 1) == (b"no json", "")
    assert fuzz(b"{broken", 1) == (b"{broken", "")
    assert fuzz(b"{}", 1) == (b"{}", "")


def test_one_value_of_an_xml_reply(qnap: LocalDevice) -> None:
    page = b"<r><a><![CDATA[1]]></a><b>2</b><c></c></r>"
    assert fuzz(page, {"at": "a", "value": -1}) == (b"<r><a>-1</a><b>2</b><c></c></r>", "a: b'-1'")
    found = {fuzz(page, seed)[0] for seed in range(60)}
    assert page not in found
    assert len(found) > 15
    qnap.reset()
    qnap.faults = [{"call": "authLogin.cgi", "do": {"fuzz": {"at": "authPassed", "value": "maybe"}}}]
    assert "<authPassed>maybe</authPassed>" in requests.get(f"{qnap.url}{XML}").text


# -- connections


@pytest.mark.parametrize("action", ["close", "reset", "silent"])
def test_an_accepted_connection_that_comes_to_nothing(nas: LocalDevice, action: str) -> None:
    nas.faults = [{"connect": action, "after": 1, "times": 1}]
    with talk(nas) as first:
        assert whole(first, b"0\r\n\r\n").startswith(b"HTTP/1.1 200")
    # A reset may come while it still connects, or sends.
    with contextlib.suppress(ConnectionResetError, BrokenPipeError, TimeoutError), talk(nas) as second:
        if action == "silent":
            second.settimeout(0.1)
        assert second.recv(100) == b""
    with talk(nas) as third:
        assert whole(third, b"0\r\n\r\n").startswith(b"HTTP/1.1 200")
    wait_for(lambda: len(nas.calls("connect")) == 1)
    assert nas.calls("connect")[0]["fault"] == f"connect {action}"
    assert (nas.acted, nas.requests) == (1, 2)


@pytest.mark.parametrize("fault", [{"tls": 0}, {"tls": 50}, {"tls": 50, "reset": True}, "close"])
def test_a_handshake_broken_in_the_middle(tmp_path: Path, fault: Any) -> None:
    cert, key = self_signed(tmp_path)
    with LocalDevice("synology", tmp_path / "nas", tls=(cert, key)) as nas:
        nas.faults = [{"connect": fault}]
        context = ssl.create_default_context(cafile=str(cert))
        with socket.create_connection(("127.0.0.1", nas.port), 20) as raw, pytest.raises(OSError, match=r"EOF|reset"):
            context.wrap_socket(raw, server_hostname="127.0.0.1")
        assert requests.get(nas.url + QUERY, verify=str(cert)).json() == GOOD
        assert nas.connections == 2


def test_a_handshake_cut_after_half_of_the_server_hello(tmp_path: Path) -> None:
    cert, key = self_signed(tmp_path)
    with LocalDevice("synology", tmp_path / "nas", tls=(cert, key)) as nas:
        nas.faults = [{"connect": {"tls": 20}}]
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        shake = ssl.create_default_context(cafile=str(cert)).wrap_bio(incoming, outgoing, server_hostname="127.0.0.1")
        with pytest.raises(ssl.SSLWantReadError):
            shake.do_handshake()
        with talk(nas, outgoing.read()) as raw:
            found = whole(raw)
        assert (len(found), found[:1]) == (20, b"\x16")


def test_a_device_that_is_off_for_a_while(nas: LocalDevice) -> None:
    nas.faults = [{"connect": {"off": 0.2}}]
    for _attempt in range(2):
        with pytest.raises(requests.exceptions.ConnectionError):
            requests.get(nas.url + QUERY)
        wait_for(lambda: nas.calls("connect"))

    def back() -> bool:
        with contextlib.suppress(requests.exceptions.ConnectionError):
            return bool(requests.get(nas.url + QUERY).json() == GOOD)
        return False

    wait_for(back)


# -- a device in the test's process


def test_a_local_device_is_as_new_after_a_reset(nas: LocalDevice, client: Client, tmp_path: Path) -> None:
    client.create("new")
    (nas.root / "home" / "locked").mkdir(mode=0o500)
    nas.faults = [{"call": "*", "times": 0, "do": {"status": 500}}]
    url = nas.url
    (tmp_path / "template" / "music").mkdir(parents=True)
    (tmp_path / "template" / "music" / "song").write_bytes(b"la")
    (tmp_path / "template" / "music" / "link").symlink_to("song")
    nas.reset(tmp_path / "template")
    assert (nas.url, nas.log, nas.requests, nas.faults, nas.acted, nas.sessions()) == (url, [], 0, [], 0, 0)
    assert nas.tree() == {
        "/home": None, "/public": None, "/music": None, "/music/song": b"la", "/music/link": b"-> song"}  # fmt: skip
    assert client.create("again").json()["success"] is False
    client.login()
    assert nas.sessions() == 1
    assert client.create("again").json()["success"] is True
    assert nas.variables()["nas_port"] == nas.port


def test_a_reset_ends_what_still_runs(nas: LocalDevice) -> None:
    nas.faults = [{"call": "*", "do": {"slow": 60}}]
    with talk(nas) as raw:
        wait_for(lambda: nas.acted)
        nas.reset()
        with contextlib.suppress(ConnectionResetError):
            assert raw.recv(10) == b""
    assert requests.get(nas.url + QUERY).json() == GOOD


def test_a_reset_lets_go_of_the_old_device(qnap: LocalDevice) -> None:
    """Thousands of resets in one process must not fill its memory."""
    requests.get(f"{qnap.url}{XML}")
    kinds = Counter(type(one).__name__ for one in gc.get_objects())
    for _reset in range(3):
        requests.get(f"{qnap.url}{XML}")
        qnap.reset()
    gc.collect()
    assert Counter(type(one).__name__ for one in gc.get_objects())["Qnap"] <= kinds["Qnap"]


def test_rules_are_read_when_they_are_set(nas: LocalDevice) -> None:
    with pytest.raises(ValueError, match="not understood"):
        nas.faults = [{"call": "*", "do": "explode"}]
    with pytest.raises(ValueError, match="not understood"):
        Rule.parse({"call": "*", "connect": "close"})
    assert nas.faults == []
