# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The transport: what it sends, what it refuses, and where it stops, against sockets that do as they like."""

from __future__ import annotations

import http.client
import itertools
import logging
import socket
import ssl
import struct
import sys
import time
from urllib.parse import unquote

import pytest
import urllib3
from ansible_collections.nasops.nas.plugins.module_utils._core.errors import Kind, NasError
from ansible_collections.nasops.nas.plugins.module_utils._transport import connections, direct
from ansible_collections.nasops.nas.plugins.module_utils._transport.http import Connection, Http, check_proxy
from ansible_collections.nasops.nas.tests.support.raw import (
    HttpProxy,
    SocksProxy,
    always,
    answer,
    read_head,
    read_request,
    server_settings,
    serving,
)
from ansible_collections.nasops.nas.tests.support.tls import fingerprint_of, self_signed

pytestmark = pytest.mark.usefixtures("way")

SECRET = "S3CRET-sid"


def http_to(port, host="127.0.0.1", **more):
    return Http(Connection("synology", host, port, **{"use_ssl": False, "timeout": 5.0, "retries": 2, **more}))


def ask(http, **more):
    return http.request("GET", "/x", **{"call": "the call", "path": "/home/a", **more})


def refused(http, **more):
    with pytest.raises(NasError) as caught:
        ask(http, **more)
    error = caught.value
    assert (error.vendor, error.call, error.path) == ("synology", "the call", "/home/a")
    return error


# -- what is sent


@pytest.mark.parametrize("target", ["/a%2fb/../c/./+d", "/share/%c3%A9/x//y", "/fs/L2E=", "/a;b=c,d'e"])
def test_a_path_is_sent_as_it_is_written(target):
    seen = []

    def talk(connection):
        seen.append(read_head(connection))
        connection.sendall(answer())

    with serving(talk) as server:
        http_to(server.port).request("GET", target, call="x", query=[("a", "b c+d/é")])
    assert seen[0].split(b"\r\n")[0].decode() == f"GET {target}?a=b%20c%2Bd%2F%C3%A9 HTTP/1.1"
    assert f"\r\nHost: 127.0.0.1:{server.port}\r\n".encode() in seen[0]


@pytest.mark.parametrize("name", ["get_connection", "_get_connection", "get_connection_with_tls_context"])
def test_requests_has_asked_for_its_connections_by_several_names(name):
    """Before 2.32, in 2.32.0 and 2.32.1, and since then: whoever does not know the name sends `/` by urllib3's own."""
    adapter = direct._Adapter()
    adapter.pool = object()
    assert getattr(adapter, name)(None, None) is adapter.pool


def test_one_connection_serves_many_requests():
    with serving(always(answer(b"[1]"))) as server:
        http = http_to(server.port)
        assert [ask(http).content for _number in range(5)] == [b"[1]"] * 5
        assert server.connections == 1


@pytest.mark.parametrize("stray", [answer(b"[stray]"), answer(b"x" * 100_000), b"?"])
@pytest.mark.parametrize("use_ssl", [False, True])
def test_bytes_that_nobody_asked_for_are_no_answer(certificate, stray, use_ssl):
    connections = []

    def talk(connection):
        connections.append(connection)
        read_request(connection)
        connection.sendall(answer(b"[1]") + (stray if len(connections) == 1 else b""))
        connection.recv(1)

    settings = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    settings.load_cert_chain(*certificate)
    with serving(talk, settings if use_ssl else None) as server:
        http = http_to(server.port, use_ssl=use_ssl, validate_certs=False)
        assert ask(http).content == b"[1]"
        assert ask(http).content == b"[1]"
        assert server.connections == 2


def by_connection(*replies):
    """Answers the first, second, ... request of each connection with those; `?` tells which connection it is."""
    numbers = itertools.count(1)

    def talk(connection):
        number = str(next(numbers)).encode()
        for reply in replies:
            if read_request(connection)[0]:
                connection.sendall(reply.replace(b"?", number))

    return talk


@pytest.mark.parametrize("rest", [b"", answer(b"?"), answer(b"?") * 2, answer(b"?")[:7]])
def test_a_connection_on_which_more_came_than_the_answer_serves_nothing_else(rest):
    with serving(by_connection(answer(b"?") + rest, answer(b"?"))) as server:
        http = http_to(server.port)
        assert [ask(http).content, ask(http).content] == [b"1", b"2" if rest else b"1"]
        assert server.connections == (2 if rest else 1)


@pytest.mark.parametrize("rest", [b"", answer(b"?")])
def test_a_streamed_answer_with_more_behind_it_too(rest, way):
    with serving(by_connection(answer(b"?") + rest, answer(b"?"))) as server:
        http = http_to(server.port)
        assert b"".join(ask(http, stream=True).chunks()) == b"1"
        assert ask(http).content == (b"2" if rest or way == "kept" else b"1")


LOGIN = b"passwd=x&otp_code=123456"


def log_in(http, body=LOGIN):
    def attempt():
        return http.request("POST", "/login", call="the call", path="/home/a", body=body).content

    return http.repeat(attempt, idempotent=False, is_login=True)


@pytest.mark.parametrize("proxied", [False, True])
def test_a_login_goes_out_on_a_connection_that_the_device_keeps(certificate, proxied):
    settings = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    settings.load_cert_chain(*certificate)
    with serving(by_connection(*[answer(b"?")] * 9), settings) as device, serving(HttpProxy()) as at:
        proxy = f"http://127.0.0.1:{at.port}" if proxied else None
        http = http_to(device.port, use_ssl=True, ca_path=str(certificate[0]), proxy=proxy)
        assert ask(http).content == log_in(http) == ask(http).content == b"1"
        assert log_in(http, body=None) == b"2"  # nothing of it could be held back
        assert log_in(http) == b"2"


def leaves(connection):
    """Nothing more."""


def leaves_soon(connection):
    time.sleep(0.01)


def leaves_with_the_head(connection):
    read_head(connection)


def answers_the_head(connection):
    connection.sendall(answer(b"early", "400 Bad Request")) if read_head(connection) else None
    connection.recv(1)


def sends_another_copy(connection):
    time.sleep(0.005)
    connection.sendall(answer(b"1"))
    connection.recv(1)


def waits(connection):
    connection.recv(1)


@pytest.mark.parametrize("use_ssl", [False, True])
@pytest.mark.parametrize(
    ("then", "headers"),
    [
        (leaves, ""),
        (leaves_soon, ""),
        (leaves_with_the_head, ""),
        (answers_the_head, ""),
        (sends_another_copy, ""),
        (waits, "Connection: close\r\n"),
        (waits, "Keep-Alive: timeout=1\r\n"),
    ],
)
def test_no_device_reads_a_login_on_a_connection_that_it_gives_up(certificate, use_ssl, then, headers):
    settings = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    settings.load_cert_chain(*certificate)
    numbers, read = itertools.count(1), []

    def talk(connection):
        if next(numbers) == 1:
            read_head(connection)
            connection.sendall(answer(b"1", headers=headers))
            then(connection)
            connection.setblocking(False)
            while piece := connection.recv(1000):
                read.append((1, piece))
        else:
            read.append((2, read_request(connection)[1]))
            connection.sendall(answer(b"2"))

    with serving(talk, settings if use_ssl else None) as device:
        http = http_to(device.port, use_ssl=use_ssl, validate_certs=False, retries=0)
        assert ask(http).content == b"1"
        assert log_in(http) == b"2"
        assert device.connections == 2
    assert [body for _number, body in read if b"passwd" in body] == [LOGIN]
    assert read[-1] == (2, LOGIN)


@pytest.mark.parametrize("use_ssl", [False, True])
def test_a_login_that_may_have_been_read_is_not_repeated(certificate, use_ssl):
    settings = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    settings.load_cert_chain(*certificate)
    numbers, read = itertools.count(1), []

    def talk(connection):
        if next(numbers) == 1:
            read_head(connection)
            connection.sendall(answer(b"1"))
            if not use_ssl:
                return  # without TLS a login has a connection of its own
        read.append(read_request(connection)[1])

    with serving(talk, settings if use_ssl else None) as device:
        http = http_to(device.port, use_ssl=use_ssl, validate_certs=False)
        assert ask(http).content == b"1"
        with pytest.raises(NasError) as caught:
            log_in(http)
    assert caught.value.kind is Kind.CONNECTION
    assert not caught.value.unsent
    assert read == [LOGIN]


def test_a_login_does_not_wait_for_a_device_that_is_far_away(certificate, monkeypatch):
    monkeypatch.setattr(connections, "_LONGEST_SILENCE", 0)
    settings = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    settings.load_cert_chain(*certificate)
    with serving(by_connection(*[answer(b"?")] * 2), settings) as device:
        http = http_to(device.port, use_ssl=True, validate_certs=False)
        assert [ask(http).content, log_in(http)] == [b"1", b"2"]


def test_a_login_without_tls_does_not_wait(monkeypatch):
    monkeypatch.setattr(connections.DeviceConnection, "_send_head_first", None)
    with serving(by_connection(*[answer(b"?")] * 2)) as device:
        http = http_to(device.port)
        assert [ask(http).content, log_in(http)] == [b"1", b"2"]


@pytest.mark.parametrize("body", [None, b"", b"a=b", b"x" * 200_000])
@pytest.mark.parametrize("use_ssl", [False, True])
def test_a_request_is_sent_whole(certificate, monkeypatch, body, use_ssl):
    seen, sizes = [], []

    def talk(connection):
        for _number in range(2):
            seen.append(read_request(connection)[1])
            connection.sendall(answer(b"[1]"))

    settings = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    settings.load_cert_chain(*certificate)
    socket_class = ssl.SSLSocket if use_ssl else socket.socket
    real = socket_class.sendall

    def sendall(self, data, *args):
        if bytes(data[:5]) == b"POST " or bytes(data) == body:
            sizes.append(len(data))
        return real(self, data, *args)

    with serving(talk, settings if use_ssl else None) as server:
        http = http_to(server.port, use_ssl=use_ssl, validate_certs=False)
        monkeypatch.setattr(socket_class, "sendall", sendall)
        for _number in range(2):
            assert http.request("POST", "/x", call="x", body=body).content == b"[1]"
    assert seen == [body or b""] * 2
    if body == b"a=b":
        assert len(sizes) == 2  # each with its head


def test_cookies_are_returned_and_not_sent_back():
    heads = []

    def talk(connection):
        while head := read_head(connection):
            heads.append(head)
            connection.sendall(answer(headers=f"Set-Cookie: id={SECRET}; path=/\r\nSet-Cookie: did=2\r\n"))

    with serving(talk) as server:
        http = http_to(server.port)
        assert ask(http).cookies == {"id": SECRET, "did": "2"}
        ask(http)
    assert len(heads) == 2
    assert b"cookie" not in heads[1].lower()


def test_cookies_of_impossible_names_are_passed_over():
    odd = "".join(f"Set-Cookie: {cookie}\r\n" for cookie in ("a/b=c; path=/", "@=1", "=;;", "", "id=1", "[]=2"))
    with serving(always(answer(headers=odd))) as server:
        assert ask(http_to(server.port)).cookies == {"id": "1"}


def test_nothing_of_the_environment_is_used(monkeypatch, tmp_path):
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login a password b\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    heads = []

    def talk(connection):
        heads.append(read_head(connection))
        connection.sendall(answer())

    with serving(talk) as server:
        ask(http_to(server.port))
    assert b"authorization" not in heads[0].lower()


class Body:
    """A body of many pieces, which counts what was taken of it."""

    def __init__(self, pieces, size=65536):
        self.pieces, self.size, self.taken = pieces, size, 0

    def __len__(self):
        return self.pieces * self.size

    def __iter__(self):
        for _number in range(self.pieces):
            self.taken += 1
            yield b"x" * self.size


def test_an_upload_is_streamed_with_its_length():
    seen = []

    def talk(connection):
        seen.append(read_request(connection))
        connection.sendall(answer(b"done"))

    body = Body(20)
    with serving(talk) as server:
        assert http_to(server.port).request("POST", "/x", call="x", body=body).content == b"done"
    head, sent = seen[0]
    assert f"Content-Length: {len(body)}".encode() in head
    assert b"chunked" not in head.lower()
    assert sent == b"x" * len(body)


@pytest.mark.parametrize("headers", ["", "Connection: close\r\n"])
def test_an_early_refusal_of_an_upload_is_read(headers):
    def talk(connection):
        read_head(connection)
        connection.sendall(answer(b"no room", "507 Insufficient Storage", headers))

    body = Body(2000)
    with serving(talk) as server:
        http = http_to(server.port)
        response = http.request("POST", "/x", call="x", body=body)
        assert (response.status_code, response.content) == (507, b"no room")
        assert body.taken < body.pieces
        server.talk = always(answer(b"next"))
        assert ask(http).content == b"next"  # not on the connection where the rest is due


@pytest.mark.parametrize("headers", ["", "Connection: close\r\n"])
def test_a_device_that_answers_and_reads_no_further_is_heard(headers):
    def talk(connection):
        read_head(connection)
        connection.sendall(answer(b"enough", "413 Too Large", headers))
        connection.recv(1)
        time.sleep(3)  # neither reads nor leaves

    with serving(talk) as server:
        http = http_to(server.port, timeout=0.5)
        with pytest.raises(NasError) as caught:
            http.request("POST", "/x", call="x", body=Body(2000))
    assert caught.value.code == "HTTP 413"
    assert "client_max_body_size" in caught.value.hint


# -- answers that never are the device's


def test_a_redirect_is_not_followed():
    with serving(always(answer(b"", "302 Found", "Location: https://127.0.0.1:1/x\r\n"))) as server:
        error = refused(http_to(server.port))
        assert server.connections == 1
    assert (error.kind, error.code) == (Kind.REDIRECT, "HTTP 302")
    assert "nas_use_ssl" in error.hint


@pytest.mark.parametrize("stream", [False, True])
def test_a_web_server_that_wants_https_says_so_in_a_page(stream):
    page = b"<html>400 The plain HTTP request was sent to HTTPS port</html>"
    with serving(always(answer(page, "400 Bad Request"))) as server:
        error = refused(http_to(server.port), stream=stream)
    assert error.kind is Kind.PROTOCOL
    assert "set use_ssl (nas_use_ssl) to true" in error.hint


def test_another_answer_with_status_400_is_left_to_the_client():
    with serving(always(answer(b"own words", "400 Bad Request"))) as server:
        http = http_to(server.port)
        assert ask(http).content == b"own words"
        assert b"".join(ask(http, stream=True).chunks()) == b"own words"


# -- answers without end


def endless(connection, start, piece, pause=0.0):
    read_head(connection)
    connection.sendall(start)
    for _number in range(200_000):
        connection.sendall(piece)
        if pause:
            time.sleep(pause)


@pytest.fixture
def _small(monkeypatch):
    monkeypatch.setattr(connections, "MAX_REPLY", 100_000)
    monkeypatch.setattr(connections, "MAX_HEAD", 100_000)


HEAD = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.usefixtures("_small")
@pytest.mark.parametrize(
    ("start", "piece", "words"),
    [
        (HEAD + b"Content-Length: 99999999999\r\n\r\n", b"", "larger than 97 KiB"),
        (HEAD + b"\r\n", b"x" * 1000, "larger than 97 KiB"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"3e8\r\n" + b"x" * 1000 + b"\r\n", "larger than 97 KiB"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n", "headers"),
        (HEAD, b"A: " + b"x" * 5000 + b"\r\n", "headers"),
        (HEAD, b"x" * 1000, "headers"),
        (HEAD, b"A: b\r\n", "headers"),
    ],
)
def test_what_is_larger_than_an_answer_may_be_is_not_read(start, piece, words):
    with serving(lambda connection: endless(connection, start, piece)) as server:
        error = refused(http_to(server.port))
    assert error.kind is Kind.PROTOCOL
    assert words in error.message


@pytest.mark.parametrize(
    ("start", "piece"),
    [
        (HEAD + b"Content-Length: 100000\r\n\r\n", b"x"),
        (HEAD + b"\r\n", b"x"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        (b"", b" "),
        (HEAD + b"A: ", b"b"),
    ],
)
def test_what_drips_has_an_end_and_is_not_asked_for_again(start, piece):
    began = time.monotonic()
    with serving(lambda connection: endless(connection, start, piece, 0.05)) as server:
        http = http_to(server.port, timeout=0.6)  # a busy machine may be silent for some of it
        with pytest.raises(NasError) as caught:
            http.repeat(lambda: ask(http), idempotent=True)
        assert server.connections == 1
    assert caught.value.kind is Kind.TIMEOUT
    assert "nas_timeout" in caught.value.hint
    assert time.monotonic() - began < 30


class Clock:
    """The time as the transport sees it, which passes at will."""

    def __init__(self):
        self.passed = 0.0

    def monotonic(self):
        return time.monotonic() + self.passed


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(connections, "time", clock)
    return clock


def test_an_upload_may_take_longer_than_an_answer(clock):
    class Slow(Body):
        def __iter__(self):
            for piece in super().__iter__():
                clock.passed += 60.0
                yield piece

    def talk(connection):
        read_request(connection)
        connection.sendall(answer(b"done"))

    with serving(talk) as server:
        assert http_to(server.port).request("POST", "/x", call="x", body=Slow(20)).content == b"done"


@pytest.mark.parametrize("use_ssl", [True, False])
def test_the_way_to_a_device_takes_no_time_of_its_answer(certificate, clock, monkeypatch, use_ssl):
    def connect(*arguments, **more):
        sock = make(*arguments, **more)
        clock.passed += 60.0
        return sock

    make = urllib3.util.connection.create_connection
    monkeypatch.setattr(urllib3.util.connection, "create_connection", connect)
    tls = server_settings(*certificate) if use_ssl else None
    with serving(lambda connection: (read_head(connection), connection.sendall(answer(b"done"))), tls) as server:
        http = http_to(server.port, use_ssl=use_ssl, ca_path=str(certificate[0]))
        assert ask(http).content == b"done"
        sock = http.open_socket("the call", "")
        sock.sendall(b"\r\n\r\n")
        assert sock.recv(4) == b"HTTP"


CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (b"HTTP/1.1 abc OK\r\n\r\n", Kind.PROTOCOL),
        (b"HTTP/1.1 20000 OK\r\n\r\n", Kind.PROTOCOL),
        (b"HTTP/3.0 200 OK\r\n\r\n", Kind.PROTOCOL),
        (HEAD + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{} ", Kind.PROTOCOL),
        (CHUNKED + b"-1\r\n{}", Kind.PROTOCOL),
        (CHUNKED + b"-5\r\n{}", Kind.PROTOCOL),
        (CHUNKED + b"zz\r\n{}", Kind.PROTOCOL),
        (CHUNKED + b"5\r\n{}", Kind.CONNECTION),
        (CHUNKED + b"2\r\n{}\r\n", Kind.CONNECTION),
        (CHUNKED, Kind.CONNECTION),
        (b"HTTP/1.1 2", Kind.CONNECTION),
    ],
)
def test_nonsense_is_no_broken_connection(said, kind, stream):
    with (
        serving(lambda connection: (read_head(connection), connection.sendall(said))) as server,
        pytest.raises(NasError) as caught,
    ):
        b"".join(ask(http_to(server.port), stream=stream).chunks())
    assert caught.value.kind is kind


@pytest.mark.parametrize("size", [b"9" * 5000, b"1" + b"0" * 30])
def test_a_length_of_any_size_is_a_number(size):
    head = HEAD + b"Content-Length: " + size + b"\r\n\r\n"
    with serving(lambda connection: (read_head(connection), connection.sendall(head))) as server:
        http = http_to(server.port)
        assert refused(http).kind is Kind.PROTOCOL
        assert ask(http, stream=True).length > 10**20


def test_zeros_before_a_length_count_for_nothing():
    head = HEAD + b"Content-Length: " + b"0" * 5000 + b"2\r\n\r\n{}"
    with serving(lambda connection: (read_head(connection), connection.sendall(head))) as server:
        assert ask(http_to(server.port)).content == b"{}"


def test_a_download_that_drips_has_an_end():
    start = HEAD + b"Content-Length: 100000\r\n\r\n"
    with serving(lambda connection: endless(connection, start, b"x", 0.05)) as server:
        response = ask(http_to(server.port, timeout=0.3), stream=True)
        with pytest.raises(NasError) as caught:
            list(response.chunks())
    assert caught.value.kind is Kind.TIMEOUT


def test_a_download_may_take_longer_than_an_answer():
    def talk(connection):
        read_head(connection)
        connection.sendall(HEAD + b"Content-Length: 60000\r\n\r\n")
        for _number in range(30):
            connection.sendall(b"x" * 2000)
            time.sleep(0.05)

    with serving(talk) as server:
        response = ask(http_to(server.port, timeout=0.3), stream=True)
        assert sum(len(piece) for piece in response.chunks()) == 60000


@pytest.mark.parametrize("start", [HEAD + b"\r\n", HEAD + b"Content-Length: 5000000000\r\n\r\n"])
def test_a_download_that_is_longer_than_announced_stops(start):
    with serving(lambda connection: endless(connection, start, b"x" * 1000)) as server:
        response = ask(http_to(server.port), stream=True)
        got = []
        with pytest.raises(NasError) as caught:
            got.extend(len(piece) for piece in response.chunks(expected=5000))
    assert caught.value.kind is Kind.MISMATCH
    assert sum(got) <= 5000


@pytest.mark.parametrize("stream", [False, True])
def test_an_answer_that_is_shorter_than_announced_is_broken(stream):
    def talk(connection):
        read_head(connection)
        connection.sendall(HEAD + b"Content-Length: 10\r\n\r\n12345")

    with serving(talk) as server:
        with pytest.raises(NasError) as caught:
            list(ask(http_to(server.port), stream=stream).chunks())
        assert caught.value.kind is Kind.CONNECTION
        assert not caught.value.unsent


# -- before the first byte, and after


def test_what_breaks_before_the_first_byte_is_repeated(certificate):
    calls = itertools.count()

    def break_off_twice(connection):
        if next(calls) < 2:
            return  # in the middle of the handshake: the server side never speaks
        with settings.wrap_socket(connection, server_side=True) as wrapped:
            always(answer())(wrapped)

    settings = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    settings.load_cert_chain(*certificate)
    with serving(break_off_twice) as server:
        http = http_to(server.port, use_ssl=True, validate_certs=False)
        response = http.repeat(lambda: ask(http), idempotent=False)
        assert response.status_code == 200
        assert server.connections == 3


def test_a_name_that_is_not_known_is_asked_for_again(monkeypatch):
    asked = []
    real = connections.socket.getaddrinfo

    def lookup(host, *args, **more):
        if host == "nas.test":
            asked.append(host)
            if len(asked) < 3:
                raise connections.socket.gaierror(-3, "Temporary failure in name resolution")
            host = "127.0.0.1"
        return real(host, *args, **more)

    monkeypatch.setattr("socket.getaddrinfo", lookup)
    with serving(always(answer())) as server:
        http = Http(Connection("synology", "nas.test", server.port, use_ssl=False, retries=3))
        assert http.repeat(lambda: ask(http), idempotent=False).status_code == 200
    assert len(asked) == 3


def test_a_device_that_is_not_reached_is_unreachable_until_something_was_written():
    def once(connection):
        read_request(connection)
        connection.sendall(answer(headers="Connection: close\r\n"))

    with serving(once) as server:
        http = http_to(server.port, retries=0)
        http.repeat(lambda: ask(http), idempotent=True)
        http.repeat(lambda: ask(http), idempotent=False, is_login=True)
    error = refused(http)
    assert (error.kind, error.unsent, error.unreachable) == (Kind.CONNECTION, True, True)
    assert "nas_port" in error.hint
    with serving(once) as server:
        http = http_to(server.port, retries=0)
        http.repeat(lambda: ask(http), idempotent=False)
    error = refused(http)
    assert (error.unsent, error.unreachable) == (True, False)


@pytest.mark.parametrize("cut", [b"", b"HTTP/1.1 2", HEAD + b"Content-Length: 9\r\n\r\n12"])
def test_what_changes_something_is_not_repeated_after_its_first_byte(cut):
    def talk(connection):
        read_request(connection)
        connection.sendall(cut)

    with serving(talk) as server:
        http = http_to(server.port)
        with pytest.raises(NasError) as caught:
            http.repeat(lambda: ask(http), idempotent=False)
        assert server.connections == 1 + (b" 200 " not in cut)  # once more, to see whether it speaks TLS
    assert (caught.value.kind, caught.value.unsent, caught.value.unreachable) == (Kind.CONNECTION, False, False)
    assert "https" not in caught.value.hint


def test_a_device_that_does_not_answer_is_no_unreachable_one():
    with serving(lambda connection: time.sleep(2)) as server:
        error = refused(http_to(server.port, timeout=0.2))
    assert (error.kind, error.unreachable) == (Kind.TIMEOUT, False)


@pytest.mark.parametrize("line", [b"SSH-2.0-OpenSSH_9\r\n", b"220 mail\r\n\r\n"])
def test_what_speaks_no_http_is_said(line):
    with serving(lambda connection: connection.sendall(line) or connection.recv(9)) as server:
        error = refused(http_to(server.port))
    assert error.kind is Kind.PROTOCOL
    assert "does not speak HTTP" in error.message


# -- secrets


def test_no_log_of_a_library_has_anything_of_a_request(caplog, monkeypatch, capsys):
    monkeypatch.setattr(http.client.HTTPConnection, "debuglevel", 1)
    caplog.set_level(logging.DEBUG)
    body = answer(headers="Broken header\r\n: x\r\n")
    with serving(always(body)) as server:
        http_one = http_to(server.port)
        http_one.request("GET", f"/{SECRET}", call="x", query=[("sid", SECRET)], headers={"X-Token": SECRET})
        list(http_one.request("GET", f"/{SECRET}", call="x", stream=True).chunks())
        http_one.close()
    with pytest.raises(NasError):
        http_to(1, retries=0).request("GET", f"/{SECRET}", call="x", query=[("sid", SECRET)])
    printed = capsys.readouterr()
    assert SECRET not in caplog.text + printed.out + printed.err
    assert not [record for record in caplog.records if record.name.startswith("urllib3")]


def test_the_log_of_others_who_use_urllib3_stays(caplog):
    import requests  # noqa: PLC0415

    caplog.set_level(logging.DEBUG)
    with serving(always(answer())) as server:
        requests.get(f"http://127.0.0.1:{server.port}/theirs", timeout=5)
    assert "/theirs" in caplog.text


@pytest.mark.parametrize("port", [None, 1])
def test_an_error_has_no_exception_of_a_library_in_sight(port):
    with serving(lambda connection: None) as server, pytest.raises(NasError) as caught:
        ask(http_to(port or server.port, retries=0))
    assert caught.value.__suppress_context__


def test_a_missing_library_is_said(monkeypatch):
    monkeypatch.setattr(direct, "REQUESTS_IMPORT_ERROR", "ImportError")
    with pytest.raises(NasError) as caught:
        ask(http_to(1))
    assert "pip install requests" in caught.value.hint


# -- proxies


@pytest.mark.parametrize("use_ssl", [False, True])
@pytest.mark.parametrize("login", ["", "me:pw%3A1"])
def test_an_http_proxy(certificate, use_ssl, login, way):
    settings = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    settings.load_cert_chain(*certificate)
    proxy = HttpProxy(login.replace("%3A", ":"))
    with serving(always(answer(b"[]")), settings if use_ssl else None) as device, serving(proxy) as at:
        url = f"http://{login}{'@' if login else ''}127.0.0.1:{at.port}"
        http_one = http_to(device.port, use_ssl=use_ssl, ca_path=str(certificate[0]), proxy=url)
        assert ask(http_one).content == b"[]"
        assert ask(http_one, stream=True).status_code == 200
        assert device.connections == (2 if way == "kept" else 1)  # what streams has its own
        sock = http_one.open_socket("the call", "")
        sock.sendall(b"GET / HTTP/1.1\r\n\r\n")
        assert sock.recv(12) == b"HTTP/1.1 200"
        sock.close()
        assert (http_one.certificate() is not None) == use_ssl
    target = f"127.0.0.1:{device.port}"
    first = f"CONNECT {target} HTTP/1.1" if use_ssl else f"GET http://{target}/x HTTP/1.1"
    connections = device.connections + 1 if use_ssl else 2
    tunnel = [] if use_ssl else [f"CONNECT {target}"]
    assert {line.rpartition(" ")[0] for line in proxy.asked} == {first.rpartition(" ")[0], *tunnel}
    assert len(proxy.asked) <= max(connections, 3)


@pytest.mark.parametrize("use_ssl", [False, True])
@pytest.mark.parametrize("login", ["me:pał", "mé:é", "me:pa%C5%82", "me", ":pw"])
def test_the_login_of_a_proxy_has_any_letters(certificate, use_ssl, login):
    proxy = HttpProxy(unquote(login) if ":" in login else f"{login}:")
    settings = server_settings(*certificate) if use_ssl else None
    with serving(always(answer(b"[]")), settings) as device, serving(proxy) as at:
        url = f"http://{login}@127.0.0.1:{at.port}"
        http = http_to(device.port, use_ssl=use_ssl, ca_path=str(certificate[0]), proxy=url)
        assert ask(http).content == b"[]"


@pytest.mark.parametrize("use_ssl", [False, True])
def test_a_host_of_any_letters_behind_a_proxy(use_ssl):
    with serving(lambda connection: seen.append(read_head(connection))) as at:
        seen = []
        http = http_to(8080, host="nås.example", use_ssl=use_ssl, proxy=f"http://127.0.0.1:{at.port}", retries=0)
        assert refused(http).kind is Kind.CONNECTION
    first = b"CONNECT xn--ns-yia.example:8080 " if use_ssl else b"GET http://xn--ns-yia.example:8080/x "
    assert seen[0].startswith(first)


@pytest.mark.parametrize("proxy", [None, "http://127.0.0.1:1"])
@pytest.mark.parametrize("use_ssl", [False, True])
@pytest.mark.parametrize("host", ["å" * 70, "å..example", "a" * 70, "a..example"])
def test_a_name_that_no_host_may_have_is_not_reached(host, use_ssl, proxy):
    error = refused(http_to(80, host=host, use_ssl=use_ssl, proxy=proxy))
    assert (error.kind, error.unsent, error.unreachable) == (Kind.CONNECTION, True, True)


def test_an_https_proxy(certificate):
    settings = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    settings.load_cert_chain(*certificate)
    proxy = HttpProxy()
    with serving(always(answer(b"[]"))) as device, serving(proxy, settings) as at:
        url = f"https://127.0.0.1:{at.port}"
        assert ask(http_to(device.port, ca_path=str(certificate[0]), proxy=url)).content == b"[]"
        error = refused(http_to(device.port, proxy=url))
    assert error.kind is Kind.CERTIFICATE


def test_the_certificate_of_a_device_behind_an_https_proxy(certificate, tmp_path):
    own = self_signed(tmp_path, names=("nas.example",), stem="own-")
    with (
        serving(always(answer(b"[]")), server_settings(*own)) as device,
        serving(HttpProxy(), server_settings(*certificate)) as at,
    ):
        proxy = f"https://127.0.0.1:{at.port}"
        trust = {"ca_path": str(certificate[0]), "fingerprint": fingerprint_of(own[0])}
        http = http_to(device.port, use_ssl=True, proxy=proxy, **trust)
        assert http.certificate().names == ("nas.example",)


@pytest.mark.parametrize(("scheme", "name"), [("socks5h", "nas.test"), ("socks5", "127.0.0.1")])
def test_a_socks_proxy(scheme, name):
    proxy = SocksProxy()
    with serving(always(answer(b"[]"))) as device, serving(proxy) as at:
        connection = Connection("synology", name, device.port, use_ssl=False, proxy=f"{scheme}://127.0.0.1:{at.port}")
        assert ask(Http(connection)).content == b"[]"
    assert proxy.asked == [(name, device.port)]


def test_a_socks_proxy_needs_its_library(monkeypatch):
    monkeypatch.setitem(sys.modules, "socks", None)
    monkeypatch.delitem(sys.modules, "urllib3.contrib.socks", raising=False)
    import requests  # noqa: PLC0415

    def missing(*args, **more):
        raise requests.exceptions.InvalidSchema("Missing dependencies for SOCKS support.")

    monkeypatch.setattr("requests.adapters.SOCKSProxyManager", missing)
    with pytest.raises(NasError) as caught:
        ask(http_to(1, proxy="socks5h://127.0.0.1:1"))
    assert "requests[socks]" in caught.value.hint


def test_a_proxy_that_refuses():
    proxy = HttpProxy("me:pw")
    with serving(proxy) as at:
        error = refused(
            http_to(1, use_ssl=True, validate_certs=False, proxy=f"http://me:no-{SECRET}@127.0.0.1:{at.port}")
        )
    assert (error.kind, error.code, error.unreachable) == (Kind.AUTHENTICATION, "HTTP 407", False)
    assert "nas_proxy" in error.hint
    assert SECRET not in str(error)


@pytest.mark.parametrize("use_ssl", [False, True])
def test_a_proxy_that_is_not_there(use_ssl):
    error = refused(http_to(1, use_ssl=use_ssl, proxy=f"http://me:{SECRET}@127.0.0.1:1", retries=0))
    assert (error.kind, error.unsent, error.unreachable) == (Kind.CONNECTION, True, True)
    assert "proxy 127.0.0.1 port 1" in error.message
    assert SECRET not in str(error)


@pytest.mark.parametrize(
    "proxy",
    ["proxy:3128", "ftp://p:1", "http://", "http://p:99999", "http://p/x", "http://[::1", "http://p q", "http://p|q"],
)
def test_what_is_no_proxy(proxy):
    with pytest.raises(NasError) as caught:
        check_proxy(proxy)
    assert caught.value.kind is Kind.USAGE
    assert proxy not in str(caught.value)


def test_a_proxy_in_front_of_plain_http_that_wants_a_login():
    with serving(HttpProxy("me:pw")) as at:
        error = refused(http_to(1, proxy=f"http://me:no-{SECRET}@127.0.0.1:{at.port}"))
    assert error.kind is Kind.AUTHENTICATION
    assert "nas_proxy" in error.hint
    assert SECRET not in str(error)


@pytest.mark.parametrize(("status", "away"), [(403, False), (502, True), (503, True), (504, True)])
def test_a_proxy_that_does_not_reach_the_device(status, away):
    """It is as if there was no way to the device: nothing was sent, and a task may wait for it."""
    with serving(lambda sock: (read_head(sock), sock.sendall(answer(b"no", f"{status} No")))) as at:
        error = refused(http_to(1, use_ssl=True, validate_certs=False, proxy=f"http://127.0.0.1:{at.port}"))
    assert (error.kind, error.unsent, error.unreachable) == (Kind.CONNECTION, away, away)
    assert "nas_proxy" in error.hint


def hangs_up(sock):
    read_head(sock)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


@pytest.mark.parametrize(
    ("talk", "kind"),
    [
        (read_head, Kind.CONNECTION),
        (hangs_up, Kind.CONNECTION),
        (lambda sock: (read_head(sock), sock.recv(1)), Kind.TIMEOUT),
        (lambda sock: endless(sock, b"", b" ", 0.05), Kind.TIMEOUT),
        (lambda sock: endless(sock, HEAD, b"A: b\r\n", 0.05), Kind.TIMEOUT),
    ],
)
def test_a_proxy_that_makes_no_connection(talk, kind):
    """It fails where an answer of the device would, but nothing was sent to that."""
    with serving(talk) as at:
        proxy = f"http://127.0.0.1:{at.port}"
        http = http_to(1, use_ssl=True, validate_certs=False, proxy=proxy, timeout=0.6, retries=1)
        with pytest.raises(NasError) as caught:
            http.repeat(lambda: ask(http), idempotent=False)
        assert at.connections == 2
    error = caught.value
    assert (error.kind, error.unsent, error.unreachable) == (kind, True, True)
    assert "nas_proxy" in error.hint


@pytest.mark.parametrize(
    ("said", "kind", "words"),
    [
        ((b"\x05\xff",), Kind.AUTHENTICATION, "refuses the login"),
        ((b"\x05\x00", b"\x05\x04\x00\x01\0\0\0\0\0\0"), Kind.CONNECTION, "Host unreachable"),
    ],
)
def test_a_socks_proxy_that_says_why(said, kind, words):
    def talk(sock):
        for piece in said:
            sock.recv(100)
            sock.sendall(piece)
        sock.recv(100)

    with serving(talk) as at:
        error = refused(http_to(1, proxy=f"socks5h://me:{SECRET}@127.0.0.1:{at.port}"))
    assert error.kind is kind
    assert words in error.message
    assert SECRET not in str(error)


def test_a_connection_that_takes_too_long_names_what_to_check():
    """A SOCKS proxy that never says a word."""
    with serving(lambda sock: (sock.recv(100), time.sleep(1))) as at:
        error = refused(http_to(1, timeout=0.2, retries=0, proxy=f"socks5h://127.0.0.1:{at.port}"))
    assert error.kind is Kind.TIMEOUT
    assert "nas_proxy" in error.hint
    assert "nas_timeout" in error.hint


@pytest.mark.parametrize("status", [102, 103])
def test_interim_answers_are_passed_over(status):
    interim = f"HTTP/1.1 {status} Wait\r\nLink: </a>\r\n\r\n".encode()
    with serving(always(interim * 2 + answer(b"[1]"))) as device:
        http_one = http_to(device.port)
        assert [ask(http_one).content, ask(http_one).content] == [b"[1]", b"[1]"]
    assert device.connections == 1


@pytest.mark.parametrize("proxy", ["http://p:3128", "https://me:pw@p", "socks5h://[::1]:1080/"])
def test_what_is_a_proxy(proxy):
    check_proxy(proxy)
