# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A scripted stand-in for a QNAP: it answers what a test tells it to, and remembers what it was asked."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Callable, Optional, Union
from urllib.parse import parse_qsl, urlsplit

import pytest
from ansible_collections.nasops.nas.plugins.module_utils._core.errors import Kind, NasError
from ansible_collections.nasops.nas.plugins.module_utils._qnap.client import Qnap
from ansible_collections.nasops.nas.plugins.module_utils._transport.http import Connection
from ansible_collections.nasops.nas.plugins.module_utils._transport.session import Credentials, MemoryStore

PASSWORD = "pä ss+/=&%汉😀"
SECRETS = (PASSWORD, "sid-1", "sid-2", "123456", "vtoken-1")
ODD = [
    "2024",
    "a, b.txt",
    "\u00e9",
    "e\u0301",
    "100% #1+?.txt",
    "[1]",
    " leading space",
    "trailing ",
    "it's",
    'say "hi"',
    "back\\slash",
    "a&b=c;d",
    "😀",
    "latin-\udce9",
]


def fails(kind: Kind, action: Callable[[], Any], secrets: tuple[str, ...] = SECRETS) -> NasError:
    """The error that an action raises, which must be of a kind and hold no secret."""
    with pytest.raises(NasError) as caught:
        action()
    error = caught.value
    assert error.kind is kind, error
    for text in (str(error), repr(error), str(error.failure()), repr(error.__cause__)):
        assert not any(secret in text for secret in secrets)
    return error


@dataclass
class Asked:
    """One request."""

    method: str
    call: str  # `func`, or the last part of the URL's path
    pairs: list[tuple[str, str]]
    raw_query: str
    headers: dict[str, str]
    body: bytes

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.pairs if key == name]

    def __getitem__(self, name: str) -> str:
        (value,) = self.all(name)
        return value

    def form(self) -> dict[str, str]:
        return dict(_pairs(self.body.decode("ascii")))


@dataclass
class Reply:
    """What to answer."""

    body: bytes = b""
    code: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    length: Optional[int] = None  # what Content-Length says; -1 for none


Answer = Union[Reply, dict, list, bytes, Callable[[Asked], Any]]


def status(number: int) -> dict[str, Any]:
    return {"version": "5.5.6", "build": "20260310", "status": number, "success": "true"}


def row(name: str, **more: Any) -> dict[str, Any]:
    """A row of get_list or stat as today's firmware sends it; a file unless told otherwise."""
    facts = {"filename": name, "exist": 1, "isfolder": 0, "filesize": "5", "epochmt": 1700000000, "privilege": "644"}
    return {**facts, "owner": "admin", "group": "everyone", "mt": "2023/11/14 22:13:20", **more}


def gone(name: str) -> dict[str, Any]:
    return {**row(name), "exist": 0, "filesize": "0", "owner": "", "group": "", "privilege": "", "epochmt": 0, "mt": ""}


def rows(*entries: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"total": len(entries), "real_total": len(entries), "acl": 7, "datas": list(entries), **more}


def xml(**fields: Any) -> Reply:
    inner = "".join(f"<{key}><![CDATA[{value}]]></{key}>" for key, value in fields.items())
    text = f'\n<?xml version="1.0" encoding="UTF-8" ?>\n<QDocRoot version="1.0">{inner}</QDocRoot>'
    return Reply(text.encode(), headers={"Content-Type": "text/xml"})


def _pairs(query: str) -> list[tuple[str, str]]:
    return parse_qsl(query, keep_blank_values=True, encoding="utf-8", errors="surrogateescape", max_num_fields=100000)


class Fake:
    """The device. `answers` holds, by call, what to answer in turn; the last answer goes on."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.answers: dict[str, list[Answer]] = {"get_tree": [[]]}  # no share is an ISO image
        self.logins = 0
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1
            disable_nagle_algorithm = True

            def handle_one(self) -> None:
                fake.serve(self)

            do_GET = do_POST = do_PUT = handle_one  # noqa: N815

            def log_message(self, *_arguments: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def on(self, call: str, *answers: Answer) -> Fake:
        self.answers[call] = list(answers)
        return self

    def calls(self, call: str = "") -> list[Asked]:
        """What was asked, without logins unless they are asked for."""
        return [asked for asked in self.asked if asked.call == call or (not call and asked.call != "authLogin.cgi")]

    def serve(self, handler: BaseHTTPRequestHandler) -> None:
        url = urlsplit(handler.path)
        pairs = _pairs(url.query)
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        call = dict(pairs).get("func") or url.path.rpartition("/")[2]
        asked = Asked(handler.command, call, pairs, url.query, dict(handler.headers), body)
        self.asked.append(asked)
        reply = self.reply(asked)
        handler.send_response(reply.code)
        for name, value in reply.headers.items():
            handler.send_header(name, value)
        length = len(reply.body) if reply.length is None else reply.length
        if length >= 0:
            handler.send_header("Content-Length", str(length))
        handler.close_connection = length != len(reply.body)
        handler.end_headers()
        handler.wfile.write(reply.body)

    def reply(self, asked: Asked) -> Reply:
        answers = self.answers.get(asked.call, [])
        if not answers:
            assert asked.call == "authLogin.cgi", f"unexpected {asked.call}"
            self.logins += 1
            return xml(authPassed=1, authSid=f"sid-{self.logins}", isAdmin=1, groupname="administrators")
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if callable(answer):
            answer = answer(asked)
        if isinstance(answer, bytes):
            return Reply(answer)
        if isinstance(answer, Reply):
            return answer
        # Devices call it HTML.
        return Reply(json.dumps(answer).encode("utf-8"), headers={"Content-Type": 'text/html; charset="UTF-8"'})

    def client(self, session: Optional[dict[str, Any]] = None, **more: Any) -> Qnap:
        retries = more.pop("retries", 0)
        credentials = Credentials(**{"username": "admin", "password": PASSWORD, **more})
        port = self.server.server_address[1]
        connection = Connection("qnap", "127.0.0.1", port, use_ssl=False, timeout=10, retries=retries)
        return Qnap(connection, credentials, MemoryStore(session))
