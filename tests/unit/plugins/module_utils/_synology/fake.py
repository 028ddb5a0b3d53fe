# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A scripted stand-in for DSM: it answers what a test tells it to, and writes down what it was asked."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

import pytest
from ansible_collections.nasops.nas.plugins.module_utils._core.errors import NasError
from ansible_collections.nasops.nas.plugins.module_utils._synology.client import Synology
from ansible_collections.nasops.nas.plugins.module_utils._transport.http import Connection
from ansible_collections.nasops.nas.plugins.module_utils._transport.session import Credentials, MemoryStore

USER, PASSWORD = "backup", "p&ss wörd=1"
SID, TOKEN = "sid-S3CRET", "tök€n-S3CRET"

LIST = "SYNO.FileStation.List"
NAMES = [
    "BackgroundTask",
    "CheckPermission",
    "Compress",
    "CopyMove",
    "CreateFolder",
    "Delete",
    "DirSize",
    "Download",
    "Extract",
    "Favorite",
    "Info",
    "List",
    "MD5",
    "Rename",
    "Search",
    "Sharing",
    "Thumb",
    "Upload",
    "VirtualFolder",
]


def dsm7(*without):
    """The APIs of a DSM 7."""
    apis = {
        f"SYNO.FileStation.{name}": (1, 3 if name in ("CheckPermission", "Upload", "Sharing") else 2) for name in NAMES
    }
    apis["SYNO.FileStation.Upload"] = (2, 3)
    apis["SYNO.DSM.Info"] = (2, 2)
    listed = {
        name: {"path": "entry.cgi", "minVersion": low, "maxVersion": high, "requestFormat": "JSON"}
        for name, (low, high) in apis.items()
    }
    listed["SYNO.API.Auth"] = {"path": "entry.cgi", "minVersion": 1, "maxVersion": 9}
    return {name: about for name, about in listed.items() if name not in without}


def dsm5():
    """The APIs of a DSM 5: other paths, first versions, no permission check that names files."""
    listed = {
        f"SYNO.FileStation.{name}": {"path": f"FileStation/file_{name.lower()}.cgi", "minVersion": 1, "maxVersion": 1}
        for name in NAMES
    }
    listed["SYNO.API.Auth"] = {"path": "auth.cgi", "minVersion": 1, "maxVersion": 4}
    return listed


class Fail:
    """An envelope that reports an error."""

    def __init__(self, code, errors=None):
        self.error = {"code": code}
        if errors is not None:
            self.error["errors"] = errors


class Answer:
    """Any HTTP answer. With `cut`, the connection ends after the body, whatever the headers announce."""

    def __init__(self, body=b"", status=200, headers=(), cut=False):
        self.body, self.status, self.headers, self.cut = body, status, dict(headers), cut


class Asked:
    """One request."""

    def __init__(self, method, target, headers, body):
        self.http, self.headers, self.body = method, headers, body
        url = urlsplit(target)
        self.url, self.cgi = target, url.path
        self.query = dict(parse_qsl(url.query, keep_blank_values=True, errors="surrogateescape"))
        self.params = dict(self.query)
        if "urlencoded" in headers.get("Content-Type", ""):
            form = parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="surrogateescape")
            self.params.update(form)
        self.call = f"{self.params.get('api')}/{self.params.get('method')}"

    def json(self, name):
        """A parameter that must be JSON."""
        return json.loads(self.params[name])


class Dsm:
    """The stand-in. See `on` for what it is told to answer.

    :param apis: what SYNO.API.Info tells.
    """

    def __init__(self, apis=None):
        self.apis = dsm7() if apis is None else apis
        self.script = {}
        self.asked = []
        self.logins = 0
        self.lock = threading.Lock()

    def on(self, call, *answers):
        """Set the answers to a call, spelled without `SYNO.FileStation.`; the last one is repeated.

        Each is the `data` of a success (None for no data), a Fail, an Answer, or a function that makes one of these
        from an Asked.
        """
        self.script[call if call.startswith("SYNO.") else f"SYNO.FileStation.{call}"] = list(answers)
        return self

    def calls(self):
        """The calls made so far, without finding the APIs and logging in."""
        names = [asked.call.replace("SYNO.FileStation.", "") for asked in self.asked]
        return [name for name in names if name not in ("SYNO.API.Info/query", "SYNO.API.Auth/login")]

    def of(self, call):
        """The requests of one call."""
        return [asked for asked in self.asked if asked.call in (call, f"SYNO.FileStation.{call}")]

    def answer(self, asked):
        """What to say."""
        with self.lock:
            self.asked.append(asked)
            answers = self.script.get(asked.call)
            if answers:
                answer = answers.pop(0) if len(answers) > 1 else answers[0]
                return answer(asked) if callable(answer) else answer
            if asked.call == "SYNO.API.Info/query":
                wanted = asked.params["query"].split(",")
                return {name: about for name, about in self.apis.items() if name in wanted}
            if asked.call == "SYNO.API.Auth/login":
                self.logins += 1
                return {"sid": f"{SID}-{self.logins}", "synotoken": TOKEN, "is_portal_port": False}
            return Fail(103)


@contextmanager
def serving(dsm):
    """Let the stand-in answer on loopback; gives the port."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # one packet an answer

        def do(self):
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            answer = dsm.answer(Asked(self.command, self.path, self.headers, body))
            if isinstance(answer, Fail):
                answer = Answer(json.dumps({"success": False, "error": answer.error}).encode())
            elif not isinstance(answer, Answer):
                envelope = {"success": True} if answer is None else {"success": True, "data": answer}
                text = json.dumps(envelope, ensure_ascii=False)
                answer = Answer(text.encode("utf-8", "surrogateescape"), headers={"Content-Type": "text/plain"})
            self.send_response(answer.status)
            headers = {"Content-Length": str(len(answer.body)), **answer.headers}
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.body)
            self.close_connection = answer.cut

        do_GET = do_POST = do  # noqa: N815

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def client(port, *, session=None, store=None, retries=0, **who):
    """A client of a stand-in."""
    connection = Connection(vendor="synology", host="127.0.0.1", port=port, use_ssl=False, timeout=5.0, retries=retries)
    credentials = Credentials(**{"username": USER, "password": PASSWORD, **who})
    return Synology(connection, credentials, store or MemoryStore(session))


def file(path, *, size=3, mtime=1700000000, **more):
    """A `<file>` object of a file."""
    return _object(path, False, size, mtime, more)


def folder(path, *, mtime=1700000000, **more):
    """A `<file>` object of a folder."""
    return _object(path, True, 44, mtime, more)


def _object(path, is_folder, size, mtime, more):
    details = {
        "size": size,
        "owner": {"user": "backup", "group": "users", "uid": 1027, "gid": 100},
        "time": {"atime": mtime, "mtime": mtime, "ctime": mtime, "crtime": mtime},
        "perm": {"posix": 755, "is_acl_mode": False},
        **more,
    }
    return {"path": path, "name": path.rpartition("/")[2], "isdir": is_folder, "additional": details}


def fails(kind, action):
    """The error of an action that must fail so, and tells no secret."""
    with pytest.raises(NasError) as caught:
        action()
    error = caught.value
    assert error.kind is kind, error
    assert "S3CRET" not in f"{error} {error!r} {error.__cause__!r} {error.failure()}"
    return error
