# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A vendor that nobody has heard of: one package of a client, one of a simulator, one entry, and modules work."""

from __future__ import annotations

import shutil

import pytest

from tests.support import devices
from tests.support.devices import ROOT
from tests.support.playbooks import run

CLIENT = """
from __future__ import annotations

import json
from urllib.parse import quote

from .._api.client import Client
from .._api.files import FileFeatures, Files
from .._api.offers import offered
from .._core import paths as _paths
from .._core.errors import Kind, NasError
from .._core.model import Entry, Share
from .._transport.http import Http
from .._transport.session import Sessions

KINDS = {401: Kind.SESSION_EXPIRED, 403: Kind.AUTHENTICATION, 404: Kind.NOT_FOUND, 409: Kind.EXISTS}


class Wire:
    def __init__(self, connection, credentials, store):
        self.http = Http(connection)
        self.sessions = Sessions(store, lambda: self.login(credentials))

    def login(self, credentials):
        body = json.dumps([credentials.username, credentials.password]).encode()
        return json.loads(self.send("POST", "login", "", {}, body).content)

    def send(self, method, call, path, query, body=None, **more):
        target = f"/{call}{quote(path)}"
        answer = self.http.request(method, target, call=f"{method} {call}", path=path, query=query, body=body, **more)
        if answer.status_code != 200:
            kind = KINDS.get(answer.status_code, Kind.DEVICE)
            raise NasError(kind, "acme says no", vendor="acme", call=f"{method} {call}", path=path)
        return answer

    def call(self, method, call, path, body=None, stream=False, **query):
        def attempt(session):
            return self.send(method, call, path, {**query, "sid": session["sid"]}, body, stream=stream)

        return self.sessions.run(attempt)


class AcmeFiles(Files):
    features = FileFeatures(checksum_algorithms=("sha256",))

    def __init__(self, wire):
        self._wire = wire

    def shares(self):
        return [Share(entry.name, entry.path) for entry in self.list("/")]

    def stat(self, paths):
        found = {}
        for path in paths:
            try:
                found[path] = Entry(path, **json.loads(self._wire.call("GET", "stat", path).content))
            except NasError as error:
                if error.kind is not Kind.NOT_FOUND:
                    raise
                found[path] = None
        return found

    def list(self, path):
        names = json.loads(self._wire.call("GET", "list", path).content)
        return iter([entry for entry in self.stat([_paths.join(path, name) for name in names]).values() if entry])

    def create_folders(self, paths):
        for path in paths:
            self._wire.call("POST", "folder", path)

    def rename(self, path, name):
        self._wire.call("POST", "rename", path, name=name)

    def delete(self, paths, *, recursive, watch):
        for path in paths:
            self._wire.call("DELETE", "entry", path, recursive=int(recursive))

    def upload(self, source, path, *, mtime, watch, times={}):
        self._wire.call("POST", "file", path, b"".join(source.pieces()))

    def download(self, path, sink, *, watch, entry=None):
        return sum(sink.write(piece) for piece in self._wire.call("GET", "file", path, stream=True).chunks())

    def checksum(self, path, algorithm, *, watch):
        if algorithm not in self.features.checksum_algorithms:
            return super().checksum(path, algorithm, watch=watch)
        return json.loads(self._wire.call("GET", "sha256", path).content)


class Acme(Client):
    vendor = "acme"
    files = offered(AcmeFiles, lambda nas: AcmeFiles(nas._wire))

    def __init__(self, connection, credentials, store):
        self._wire = Wire(connection, credentials, store)
        self._sessions = self._wire.sessions

    def end(self, session):
        self._wire.send("POST", "logout", "", session)

    def close(self):
        self._wire.http.close()
"""

SIMULATOR = """
from __future__ import annotations

import hashlib
import json
import shutil

from aiohttp import web

from ..core.context import CallInfo, Context
from ..core.vendor import Vendor


class Acme(Vendor):
    name = "acme"
    profiles = ("acme1",)
    default_profile = "acme1"

    def routes(self, app):
        self.sids = set()
        app.router.add_route("*", "/{call}{path:.*}", self.serve)

    async def identify(self, context):
        request = context.request
        call, path = request.match_info["call"].partition("/")[0], request.match_info["path"]
        writes = request.method != "GET" and call not in ("login", "logout")
        return CallInfo(f"{request.method} {call}", path, writes=writes)

    def render_error(self, context, code):
        return web.Response(status=int(code))

    async def serve(self, request):
        call, path = request.match_info["call"].partition("/")[0], request.match_info["path"]
        body = await request.read()
        if call == "login":
            if json.loads(body) != [self.settings.user, self.settings.password]:
                return web.Response(status=403)
            self.sids.add(f"sid-{len(self.sids)}")
            return web.json_response({"sid": f"sid-{len(self.sids) - 1}"})
        if request.query.get("sid") not in self.sids:
            return web.Response(status=401)
        if call == "logout":
            self.sids.discard(request.query["sid"])
            return web.json_response(None)
        here = self.settings.root / path.strip("/")
        if (call in ("folder", "file") and request.method == "POST") == here.exists():
            return web.Response(status=409 if here.exists() else 404)
        return web.json_response(getattr(self, f"{call}_{request.method}")(here, request, body) or None) if (
            call, request.method) != ("file", "GET") else web.Response(body=here.read_bytes())

    def stat_GET(self, here, request, body):
        status = here.stat()
        size = None if here.is_dir() else status.st_size
        return {"type": "folder" if here.is_dir() else "file", "size": size, "mtime": int(status.st_mtime)}

    def list_GET(self, here, request, body):
        return [one.name for one in here.iterdir()]

    def sha256_GET(self, here, request, body):
        return hashlib.sha256(here.read_bytes()).hexdigest()

    def folder_POST(self, here, request, body):
        here.mkdir()

    def file_POST(self, here, request, body):
        here.write_bytes(body)

    def rename_POST(self, here, request, body):
        here.rename(here.with_name(request.query["name"]))

    def entry_DELETE(self, here, request, body):
        shutil.rmtree(here) if here.is_dir() else here.unlink()


VENDOR = Acme
"""


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A copy of what runs, with the packages of acme and its entry."""
    copy = tmp_path / "collections" / "ansible_collections" / "nasops" / "nas"
    leave = shutil.ignore_patterns("__pycache__")
    for part in ("plugins", "meta", "tests/simulator"):
        shutil.copytree(ROOT / part, copy / part, ignore=leave)
    shutil.copy(ROOT / "galaxy.yml", copy)
    (copy / "tests" / "__init__.py").touch()
    package = copy / "plugins" / "module_utils" / "_acme"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "client.py").write_text(CLIENT)
    simulator = copy / "tests" / "simulator" / "acme"
    simulator.mkdir()
    (simulator / "__init__.py").write_text(SIMULATOR)
    entry = copy / "plugins" / "module_utils" / "_vendors.py"
    text = entry.read_text()
    text = text.replace("for nas in (", "for nas in (Acme, ")
    entry.write_text(text.replace("from ._api.client", "from ._acme.client import Acme\nfrom ._api.client", 1))
    monkeypatch.setattr(devices, "ROOT", copy)
    return copy


def test_files_and_folders_of_a_fourth_vendor(tmp_path, checkout):
    tasks = [
        {"nasops.nas.nas_folder": {"path": ["/home/a/b", "/home/c"], "parents": True}},
        {"nasops.nas.nas_file": {"path": "/home/a/b/x.txt", "content": "of acme"}},
        {"nasops.nas.nas_file": {"path": "/home/old.txt", "content": "new"}},
        {"nasops.nas.nas_file": {"path": "/home/gone.txt", "state": "absent"}},
        {"nasops.nas.nas_share": {"path": "/home/old.txt"}, "ignore_errors": True},
        {"nasops.nas.nas_find": {"paths": "/home", "recurse": True}},
    ]
    play = [{"hosts": "nas", "gather_facts": False, "tasks": tasks}]
    (tmp_path / "nas").mkdir()
    with devices.device("acme", tmp_path / "nas", shares=["home"]) as nas:
        hosts = {"nas": nas.variables()}
        (nas.root / "home" / "old.txt").write_text("old")
        (nas.root / "home" / "gone.txt").write_text("gone")
        checked = run(tmp_path, play, hosts, "--check")
        assert nas.writes() == []
        first = run(tmp_path, play, hosts)
        assert checked.changed == first.changed == {"nas": 4}, first.text
        assert nas.tree() == ["/home/", "/home/a/", "/home/a/b/", "/home/a/b/x.txt", "/home/c/", "/home/old.txt"]
        assert (nas.root / "home" / "old.txt").read_text() == "new"
        again = run(tmp_path, play, hosts)
        assert again.changed == {"nas": 0}, again.text
        lacking = again.results()[4]["failure"]
        assert (lacking["kind"], lacking["vendor"]) == ("unsupported", "acme")
        assert lacking["hint"] == f"Offered by: {', '.join(devices.VENDORS)}"
        assert len([entry for entry in nas.entries() if entry["call"] == "POST login"]) == 3
