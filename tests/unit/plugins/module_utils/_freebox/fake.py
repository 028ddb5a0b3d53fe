# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Freebox that says what a test tells it to say, on a loopback port, and writes down what it was asked."""

from __future__ import annotations

import base64
import hashlib
import json
import ssl
import struct
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

from ansible_collections.nasops.nas.plugins.module_utils._freebox.client import Freebox
from ansible_collections.nasops.nas.plugins.module_utils._transport.http import Connection
from ansible_collections.nasops.nas.plugins.module_utils._transport.session import Credentials, MemoryStore

APP = "org.example.app"
APP_TOKEN = "app-token-never-shown"
CHALLENGE = "KWmElA9q9R49"


def b64(path: str) -> str:
    return base64.b64encode(path.encode("utf-8", "surrogateescape")).decode()


def info(path: str, entry_type: str = "file", size: int = 5, mtime: int = 1700000000, name: str | None = None) -> dict:
    name = path.rpartition("/")[2].encode("utf-8", "replace").decode() if name is None else name
    return {"path": b64(path), "name": name, "type": entry_type, "size": size, "modification": mtime, "link": False}


def listing(folder: str, *infos: dict) -> list[dict]:
    return [
        info(folder, "dir", name="."),
        info(folder.rpartition("/")[0] or "/", "dir", name=".."),
        *infos,
    ]


def good(*result: Any) -> dict:
    return {"success": True, **({"result": result[0]} if result else {})}


def bad(code: str, status: int = 200, **more: Any) -> Answer:
    return Answer(status, {"success": False, "error_code": code, "msg": "Non", **more})


def task(number: int, state: str, job_type: str = "rm", error: str = "none", progress: Any = 0) -> dict:
    return {"id": number, "type": job_type, "state": state, "error": error, "progress": progress}


class Answer(NamedTuple):
    status: int
    body: Any
    headers: dict = {}


class Request(NamedTuple):
    call: str  # `GET fs/ls/...`, without /api/vN/
    target: str  # as it stood in the request line
    headers: dict
    body: Any


class Socket:
    """The server's end of a WebSocket."""

    def __init__(self, handler: BaseHTTPRequestHandler) -> None:
        self._read = handler.rfile.read
        self._write = handler.wfile
        self._sock = handler.connection

    def receive(self) -> Any:
        """The next message: an object for JSON, bytes for a piece, None at the end."""
        head = self._read(2)
        if len(head) < 2:
            return None
        opcode, size = head[0] & 15, head[1] & 127
        if size == 126:
            size = struct.unpack("!H", self._read(2))[0]
        elif size == 127:
            size = struct.unpack("!Q", self._read(8))[0]
        mask = self._read(4)
        masked = self._read(size)
        data = (int.from_bytes(masked, "big") ^ int.from_bytes((mask * (size // 4 + 1))[:size], "big")).to_bytes(
            size, "big"
        )
        if opcode == 8:
            self.frame(8, b"")
            return None
        return json.loads(data) if opcode == 1 else data

    def frame(self, opcode: int, data: bytes) -> None:
        size = bytes([len(data)]) if len(data) < 126 else struct.pack("!BH", 126, len(data))
        self._write.write(bytes([0x80 | opcode]) + size + data)
        self._write.flush()

    def say(self, message: Any) -> None:
        self.frame(1, message if isinstance(message, bytes) else json.dumps(message).encode())

    def ack(self, action: str, request_id: int = 1, **result: Any) -> None:
        self.say(
            {"action": action, "request_id": request_id, "success": True, **({"result": result} if result else {})}
        )

    def refuse(self, action: str, code: str) -> None:
        self.say({"action": action, "request_id": 1, "success": False, "error_code": code, "msg": "Non"})


class Fake:
    def __init__(self, version: str = "16.0", permissions: dict | None = None, tls: tuple | None = None) -> None:
        self.requests: list[Request] = []
        self.sockets: list[Any] = []  # a function for each WebSocket, called with its Socket
        self._answers: dict[str, list[Any]] = {}
        self._lock = threading.Lock()
        self.on(
            "GET /api_version",
            {
                "api_base_url": "/api/",
                "api_version": version,
                "box_model": "fbxgw9-r1",
                "box_model_name": "Freebox v9 (r1)",
                "device_name": "Freebox Server",
                "uid": "23b86ec8",
            },
        )
        self.on("GET login/", good({"logged_in": False, "challenge": CHALLENGE}))
        self.permissions = {"explorer": True, "settings": False} if permissions is None else permissions
        self.logins = 0
        self.on("POST login/session/", self._login)
        self.on("POST login/logout/", good())
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1  # head and body leave together
            disable_nagle_algorithm = True

            def log_message(self, *args: Any) -> None:
                pass

            def handle_one(self) -> None:
                fake._handle(self)

            do_GET = do_POST = do_DELETE = do_PUT = handle_one  # noqa: N815

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._tls = tls is not None
        if tls is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*tls)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    def on(self, call: str, *answers: Any) -> None:
        """What a call is answered with, one after the other; the last is said again and again."""
        self._answers[call] = list(answers)

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def client(self, session: Any = None, retries: int = 1, tls: dict | None = None, **credentials: str) -> Freebox:
        given = {"username": APP, "password": APP_TOKEN, **credentials}
        where = {"host": "127.0.0.1", "port": self.port, "use_ssl": self._tls, "timeout": 5, "retries": retries}
        connection = Connection("freebox", **{**where, **(tls or {})})
        return Freebox(connection, Credentials(**given), MemoryStore(session))

    def calls(self) -> list[str]:
        """What was asked after the login."""
        return [r.call for r in self.requests if "login" not in r.call and r.call != "GET /api_version"]

    def bodies(self, call: str) -> list[Any]:
        return [r.body for r in self.requests if r.call == call]

    def count(self, call: str) -> int:
        return len(self.bodies(call))

    def _login(self, request: Request) -> Any:
        self.logins += 1
        return good({"session_token": f"session/{self.logins}", "challenge": "next", "permissions": self.permissions})

    def _handle(self, handler: BaseHTTPRequestHandler) -> None:
        size = int(handler.headers.get("Content-Length") or 0)
        raw = handler.rfile.read(size)
        target = handler.path
        local = target.split("/", 3)[3] if target.startswith("/api/v") else target
        call = f"{handler.command} {local}"
        request = Request(call, target, dict(handler.headers), json.loads(raw) if raw else None)
        with self._lock:
            self.requests.append(request)
            if call == "GET ws/upload" and self.sockets:
                script = self.sockets.pop(0) if len(self.sockets) > 1 else self.sockets[0]
                answer: Any = script
            else:
                left = self._answers.get(call, [bad("invalid_request", 404)])
                answer = left.pop(0) if len(left) > 1 else left[0]
                script = None
        if script is not None and not isinstance(script, Answer):
            self._socket(handler, script)
            return
        if callable(answer):
            answer = answer(request)
        if not isinstance(answer, Answer):
            answer = Answer(200, answer)
        body = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Content-Length": str(len(body)),
            **answer.headers,
        }
        handler.send_response(answer.status)
        for name, value in headers.items():
            if value is not None:
                handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)
        handler.wfile.flush()
        handler.close_connection = handler.close_connection or headers["Content-Length"] != str(len(body))

    def _socket(self, handler: BaseHTTPRequestHandler, script: Any) -> None:
        key = handler.headers["Sec-WebSocket-Key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        handler.send_response(101)
        handler.send_header("Upgrade", "websocket")
        handler.send_header("Connection", "Upgrade")
        handler.send_header("Sec-WebSocket-Accept", base64.b64encode(hashlib.sha1(key.encode()).digest()).decode())
        handler.end_headers()
        handler.wfile.flush()
        handler.close_connection = True
        script(Socket(handler))
