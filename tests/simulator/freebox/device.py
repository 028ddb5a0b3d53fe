# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The box itself: which calls there are, who may make them, and how answers are wrapped."""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
import traceback
from typing import Any
from urllib.parse import unquote

from aiohttp import web

from ..core import errors
from ..core.context import CallInfo, Context
from ..core.disk import split
from ..core.sessions import SessionStore
from ..core.settings import Settings
from ..core.vendor import Vendor
from . import (
    archive,
    cat,
    facts,
    fsinfo,
    legacy_upload,
    login,
    operations,
    repair,
    share_links,
    storage,
    tasks,
    tracking,
    transfers,
    upload,
)
from .calls import Ask, Calls
from .profiles import PROFILES
from .wire import (
    LOGIN_CODES,
    NOTHING,
    Refused,
    decode_path,
    decode_url_path,
    disk_code,
    lone_surrogate,
    message,
    reply,
    shown,
)

AUTH_HEADER = "X-Fbx-App-Auth"
_URL = re.compile(r"/api/(?:v(\d+)|(latest))/(.*)\Z", re.DOTALL)
_SHARE_URL = re.compile(r"(?:/api/v\d+)?/share/([^/]+)(?:/(.*))?\Z", re.DOTALL)
_ENCODED = frozenset({"path", "src", "dst", "files", "parent"})


class Freebox(Vendor):
    """One box."""

    name = "freebox"
    profiles = tuple(PROFILES)
    default_profile = "v15"
    secret_params = frozenset({"app_token", "password"})
    active_tasks = 1

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.generation = PROFILES[self.profile]
        self.page_shapes = settings.text("shapes", self.generation.shapes) == "page"
        self.immediate = settings.text("path_errors", self.generation.path_errors) == "immediate"
        self.error_status = settings.integer("error_status", 200)
        self.session_error = settings.text("session_error", "auth_required")
        self.storage = storage.Storage(self)
        self.unmounted = self.storage.unmounted()
        self.uid = hashlib.md5(self.disk.root.encode("utf-8", "surrogateescape"), usedforsecurity=False).hexdigest()
        self.sessions = SessionStore(
            settings.session_seconds,
            sliding=settings.flag("sliding_session", True),
            max_failures=settings.integer("max_failures", 5),
            block_seconds=settings.number("block_seconds", 60.0),
        )
        self.logins = login.Logins(settings)
        self.uploads = tracking.Uploads()
        self.links = share_links.ShareLinks()
        self.calls = Calls(
            [
                *login.ROUTES,
                *fsinfo.ROUTES,
                *tasks.ROUTES,
                *operations.ROUTES,
                *transfers.ROUTES,
                *cat.ROUTES,
                *archive.ROUTES,
                *repair.ROUTES,
                *upload.ROUTES,
                *tracking.ROUTES,
                *legacy_upload.ROUTES,
                *share_links.ROUTES,
                *facts.ROUTES,
                *storage.ROUTES,
            ]
        )

    def routes(self, app: web.Application) -> None:
        app.router.add_route("*", "/{tail:.*}", self.serve)

    # -- one request

    async def identify(self, context: Context) -> CallInfo:
        raw, method = context.raw_path, context.request.method
        session = context.request.headers.get(AUTH_HEADER)
        info = CallInfo("unknown", raw, context.query(), session=session)
        if raw.rstrip("/") == "/api_version":
            info.call = "GET api_version"
            context.data["serve"] = facts.api_version
            return info
        shared = _SHARE_URL.match(raw)
        if shared is not None and method in {"GET", "HEAD"}:
            context.data["serve"] = share_links.serve
            context.data["share"] = (unquote(shared[1]), unquote(shared[2] or "", errors="surrogateescape"))
            return CallInfo("GET share/{token}", raw.replace(shared[1], "***", 1), {"token": shared[1]})
        match = _URL.match(raw)
        if match is None:
            return info
        version = int(match[1] or self.generation.major)
        if not 1 <= version <= self.generation.major:
            context.data["refused"] = Refused("invalid_api_version", status=404)
            return info
        found = self.calls.find(method, unquote(match[3]), version)
        if found is None:
            return info
        route, args = found
        ask = context.data["ask"] = Ask(context, route, version, args, context.query())
        if method not in {"GET", "HEAD"} and context.content_type != "multipart/form-data":
            ask.body = parse_json(await context.read())
        if "token" in args:
            raw = raw.replace(args["token"], "***")
        return CallInfo(route.call, raw, logged(ask), writes=route.writes, session=session)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        context = Context.of(request)
        try:
            if "serve" in context.data:
                answer: web.StreamResponse = await context.data["serve"](self, context)
                return answer
            if "refused" in context.data:
                raise context.data["refused"]
            ask = context.data.get("ask")
            if not isinstance(ask, Ask):
                # recorded: an unknown URL is a 404 with invalid_request
                raise Refused("invalid_request", status=404, detail="404")
            self.authorise(ask)
            result = await ask.route.handler(self, ask)
        except Refused as exc:
            return self.refuse(context, exc)
        except errors.Interrupted:
            raise
        except errors.DiskError as exc:
            return self.refuse(context, Refused(disk_code(exc)))
        if isinstance(result, web.StreamResponse):
            return result
        envelope: dict[str, Any] = {"success": True}
        if result is not NOTHING:
            envelope["result"] = result
        answer = reply(envelope, escape_slashes=ask.route.escape_slashes)
        return self.odd(context, answer)

    @staticmethod
    def odd(context: Context, answer: web.Response) -> web.Response:
        """A good answer as a fault of this vendor's has it."""
        if (key := context.oddity("lone_surrogate")) is not None:
            assert isinstance(answer.body, bytes)
            text = lone_surrogate(answer.body.decode("utf-8"), key if isinstance(key, str) else "id")
            answer.body = text.encode("utf-8")
        if (depth := context.oddity("nested")) is not None:
            answer.body = b'{"success": true, "result": ' + b"[" * int(depth) + b"]" * int(depth) + b"}"
        return answer

    def authorise(self, ask: Ask) -> None:
        """Log-in and permission, as the login page says: 403 with auth_required or insufficient_rights."""
        ask.session = self.sessions.get(ask.context.info.session)
        if not ask.route.login:
            return
        if ask.session is None:
            raise Refused(self.session_error)
        if ask.route.permission and not ask.session.data["permissions"].get(ask.route.permission):
            raise Refused("insufficient_rights")

    def refuse(self, context: Context, exc: Refused) -> web.Response:
        """The envelope of an error."""
        context.code = exc.code
        body: dict[str, Any] = {"success": False, "msg": message(exc.code, exc.detail), "error_code": exc.code}
        status = exc.status or self.error_status
        if exc.code in LOGIN_CODES:
            status = exc.status or 403
            body["uid"] = self.uid
            body["result"] = {"challenge": self.logins.challenge()}
        body.update(exc.extra)
        return reply(body, status=status)

    def render_error(self, context: Context, code: int | str) -> web.StreamResponse:
        return self.refuse(context, Refused(str(code)))

    def crashed(self, context: Context, exc: Exception) -> web.StreamResponse:
        traceback.print_exception(exc, file=sys.stderr)
        return self.refuse(context, Refused("internal_error"))

    # -- paths

    def place(self, clear: str) -> str:
        """The disk's path for a path as sent; a missing first `/` is forgiven (clients were seen to leave it out)."""
        names = split("/" + clear)
        if names:
            if names[0].startswith(".") or not os.path.isdir(os.path.join(self.disk.root, names[0])):
                raise errors.NotFound(clear)
            if names[0] in self.unmounted:
                raise Refused("disk_unavailable")
        return "/" + "/".join(names)

    def linkless(self, path: str) -> bool:
        """Whether this volume's file system knows no links, as vfat and exfat."""
        share = self.disk.share(path)
        return share in self.settings.names("no_links") or self.storage.fstype(share) in storage.LINKLESS

    @staticmethod
    def is_volume(path: str) -> bool:
        """Whether this is `/` or a mount point: nothing may be made, renamed or removed there."""
        return len(split(path)) <= 1


def parse_json(raw: bytes) -> Any:
    """A body of whatever Content-Type; None when there is none, or when it is no JSON."""
    try:
        return json.loads(raw) if raw.strip() else None
    except (ValueError, RecursionError):
        return None


def logged(ask: Ask) -> dict[str, Any]:
    """The parameters for the log, with paths in clear."""
    params: dict[str, Any] = {**ask.query, **ask.args}
    if isinstance(ask.body, dict):
        params.update(ask.body)
    elif isinstance(ask.body, list):
        params["files"] = ask.body
    for name in _ENCODED & set(params):
        value = params[name]
        if isinstance(value, list):
            params[name] = [clear(item) for item in value]
        elif ask.route.call != "POST fs/rename/" or name != "dst":
            params[name] = clear(value, url=name in ask.args)
    return params


def clear(value: Any, *, url: bool = False) -> Any:
    """A base64 path in clear; anything else as it is."""
    try:
        return shown(decode_url_path(value) if url else decode_path(value))
    except Refused:
        return value
