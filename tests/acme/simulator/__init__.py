# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A simulated Acme: what a vendor's simulator must have, and nothing else. See CONTRIBUTING.md and ../README.md.

A refusal is an HTTP status without a body. It shares no code with the client.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

from aiohttp import web

from ..core.context import CallInfo, Context
from ..core.vendor import Vendor


class Acme(Vendor):
    """A device of Acme: `/CALL/PATH?sid=SESSION`."""

    name = "acme"
    profiles = ("acme1",)
    default_profile = "acme1"

    def routes(self, app: web.Application) -> None:
        """All calls."""
        self.sids: set[str] = set()
        app.router.add_route("*", "/{call:[^/]+}{path:.*}", self.serve)

    async def identify(self, context: Context) -> CallInfo:
        """The call's name as it stands in the log, and whether it changes something."""
        method, call, path = asked(context.request)
        writes = method != "GET" and call not in ("login", "logout")
        return CallInfo(f"{method} {call}", path, writes=writes)

    def render_error(self, context: Context, code: int | str) -> web.StreamResponse:
        """A refusal."""
        return web.Response(status=int(code))

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """The reply."""
        method, call, path = asked(request)
        body = await Context.of(request).read()
        if call == "login":
            if json.loads(body) != [self.settings.user, self.settings.password]:
                return web.Response(status=403)
            sid = f"sid-{len(self.sids)}"
            self.sids.add(sid)
            return web.json_response({"sid": sid})
        if request.query.get("sid") not in self.sids:
            return web.Response(status=401)
        if call == "logout":
            self.sids.discard(request.query["sid"])
            return web.json_response(None)
        if call == "device":
            return web.json_response({"model": "Acme One", "version": "1.0"})
        here = self.settings.root / path.strip("/")
        makes = method == "POST" and call in ("folder", "file")
        if makes == here.exists() or not here.parent.is_dir():
            return web.Response(status=409 if here.exists() else 404)
        if (method, call) == ("GET", "file"):
            return web.Response(body=here.read_bytes())
        reply: web.StreamResponse = getattr(self, f"{method.lower()}_{call}")(here, request, body)
        return reply

    def get_stat(self, here: Path, request: web.Request, body: bytes) -> web.Response:
        """What is there."""
        status, is_folder = here.stat(), here.is_dir()
        size = None if is_folder else status.st_size
        kind = "folder" if is_folder else "file"
        return web.json_response({"type": kind, "size": size, "mtime": int(status.st_mtime)})

    def get_list(self, here: Path, request: web.Request, body: bytes) -> web.Response:
        """The names in a folder."""
        return web.json_response([one.name for one in here.iterdir()])

    def get_sha256(self, here: Path, request: web.Request, body: bytes) -> web.Response:
        """A checksum."""
        return web.json_response(hashlib.sha256(here.read_bytes()).hexdigest())

    def post_folder(self, here: Path, request: web.Request, body: bytes) -> web.Response:
        """Make a folder."""
        here.mkdir()
        return web.json_response(None)

    def post_file(self, here: Path, request: web.Request, body: bytes) -> web.Response:
        """Make a file."""
        here.write_bytes(body)
        return web.json_response(None)

    def post_rename(self, here: Path, request: web.Request, body: bytes) -> web.Response:
        """Another name."""
        there = here.with_name(request.query["name"])
        if there.exists():
            return web.Response(status=409)
        here.rename(there)
        return web.json_response(None)

    def delete_entry(self, here: Path, request: web.Request, body: bytes) -> web.Response:
        """Remove a file, or a folder: with what it holds only if that is asked for."""
        if here.is_dir() and request.query.get("recursive") != "1" and any(here.iterdir()):
            return web.Response(status=422)
        shutil.rmtree(here) if here.is_dir() else here.unlink()
        return web.json_response(None)


def asked(request: web.Request) -> tuple[str, str, str]:
    """Method, call and path of a request."""
    return request.method, request.match_info["call"], request.match_info["path"]


VENDOR = Acme
