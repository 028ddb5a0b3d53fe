# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The device: its routes, how a request is named, who may make it, and how an answer or a refusal is written."""

from __future__ import annotations

import asyncio
import random
import shutil
import sys
import time
import traceback
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, ClassVar

from aiohttp import web

from ..core import errors
from ..core.context import CallInfo, Context, ResetConnection
from ..core.multipart import BadMultipart
from ..core.sessions import Session
from ..core.settings import Settings
from ..core.vendor import Vendor
from . import (
    archives,
    changes,
    checks,
    container,
    control,
    download,
    groups,
    keepalive,
    leaving,
    links,
    listing,
    login,
    recycle,
    reply,
    rights,
    search,
    share_page,
    shares,
    system,
    transcode,
    transfers,
    upload,
    volumes,
)
from .call import Call, Handlers, Params
from .codes import GENERATIONS, Refused, Status, status_of
from .people import People

CGI = "/cgi-bin"
FILE_MANAGER = f"{CGI}/filemanager"
UTIL = f"{FILE_MANAGER}/utilRequest.cgi"
HANDLERS: dict[str, Handlers] = {
    "utilRequest.cgi": {
        **listing.HANDLERS,
        **checks.HANDLERS,
        **changes.HANDLERS,
        **transfers.HANDLERS,
        **upload.HANDLERS,
        **download.HANDLERS,
        **archives.HANDLERS,
        **search.HANDLERS,
        **links.HANDLERS,
        **recycle.HANDLERS,
        **transcode.HANDLERS,
    }
}
WRITES = frozenset(
    {
        "createdir",
        "rename",
        "copy",
        "move",
        "cancel_copy",
        "cancel_move",
        "extract",
        "cancel_extract",
        "compress",
        "cancel_compress",
        "upload",
        "delete",
        "delete&@Recycle",
        "stat&settime",
        "start_chunked_upload",
        "chunked_upload",
        "delete_chunked_upload_file",
        "get_share_link",
        "share_file",
        "delete_share",
        "delete_share_all",
        "update_share_link",
        "trash_recovery",
        "cancel_trash_recovery",
        "video_ml_queue&op=3",
        "video_ml_queue&op=5",
        "delete_transcode",
        "cancel_transcode",
    }
)
WRITES |= control.WRITES
PRETENDED_TASKS = frozenset({"copy", "move", "extract", "compress", "trash_recovery"})


class Qnap(Vendor):
    """File Station and Container Station on one port."""

    name = "qnap"
    profiles = tuple(GENERATIONS)
    default_profile = "qts5"
    secret_params: ClassVar[frozenset[str]] = frozenset(
        {
            "access_code",
            "plain_pwd",
            "vtoken",
            "security_answer",
            "mail_content_pwd",
            "ep",
            "content",
            "user_pw",
            "a_passwd",
            "old_password",
        }
    )

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.generation = GENERATIONS[self.profile]
        self.max_url = settings.integer("max_url", 8190) or None  # type: ignore[misc]
        names = settings.text("illegal_names", "lenient" if self.generation.modern else "strict")
        self.strict_names = names == "strict"
        self.plus_is_space = settings.text("plus", "space") != "literal"
        self.json_type = "application/json" if self.generation.modern else reply.CGI_TYPE
        self.hostname = settings.text("hostname", "nas-qnap")
        self.began = time.time()
        self.state = Path(settings.text("state") or settings.root / ".simulator")
        self.iso_shares = frozenset(settings.names("iso"))
        self.strict_iso = settings.text("is_iso", "strict") != "lenient"
        self.timeless_shares = frozenset(settings.names("no_times"))
        self.disk.read_only |= self.iso_shares
        self.bins = recycle.Bins(settings)
        self.acl = settings.text("acl", "off")
        self.list_building = settings.integer("list_building", 1)
        self.leaving = leaving.Leaving(settings.number("deletion_seconds", 1.0))
        self.volumes = volumes.Volumes(self)
        self.groups = groups.Groups(self)
        self.people = People(self)
        self.shares = shares.Shares(self)
        self.rights = rights.Rights(self)
        self.away_until = 0.0
        self.uploads = upload.Uploads()
        self.links = links.Links(self)
        self.transcoder = transcode.Transcoder(self)
        self.station = container.Station(self)
        self.connections = keepalive.Connections(
            settings.number("keep_alive_seconds", 15.0), settings.integer("keep_alive_max", 100)
        )
        self._pid = random.randint(2000, 20000)

    def new_task_id(self, task_type: str) -> str:
        self._pid += random.randint(1, 9)
        return str(self._pid)

    # -- routes

    def routes(self, app: web.Application) -> None:
        table: tuple[tuple[str, Callable[[web.Request], Awaitable[web.StreamResponse]]], ...] = (
            (f"{CGI}/authLogin.cgi", self._cgi(login.auth_login)),
            (f"{CGI}/authLogout.cgi", self._cgi(login.auth_logout)),
            (f"{FILE_MANAGER}/wfm2Login.cgi", self._cgi(login.wfm2_login)),
            (f"{FILE_MANAGER}/wfm2Logout.cgi", self._cgi(login.wfm2_logout)),
            (UTIL, self.util_request),
            (f"{UTIL}/{{file:.*}}", self.util_request),
            ("/utilRequest.cgi", self.util_request),  # the guide prints the calls of section 19 so
            ("/share.cgi", self._cgi(share_page.serve)),
            *((f"{CGI}/{name}", self._cgi(handler)) for name, handler in system.PAGES.items()),
            *((f"{CGI}/{name}", self._cgi(control.serve)) for name in sorted(control.PATHS)),
            (f"{CGI}/sys/sysRequest.cgi", self._cgi(self._sys_request)),
        )
        for path, handler in table:
            app.router.add_route("*", path, self._guarded(handler))
        self.station.routes(app, self._guarded)
        app.router.add_route("*", "/{rest:.*}", self._guarded(self._no_page))

    async def _sys_request(self, call: Call) -> web.StreamResponse:
        """What it tells is a page of facts, what it does a call of the system."""
        serve = control.serve if call.context.info.call in control.NAMES else system.firmware
        return await serve(call)

    async def _no_page(self, request: web.Request) -> web.StreamResponse:
        return reply.page(404)

    def _guarded(
        self, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def run(request: web.Request) -> web.StreamResponse:
            if time.monotonic() < self.away_until:
                raise ResetConnection
            port = self.settings.text("force_https")
            if port and not self.settings.tls:
                # a device that forces https sends every plain request away, whatever its method
                host = (request.host or "127.0.0.1").rpartition(":")[0] or request.host
                target = f"https://{host}{'' if port == '443' else ':' + port}{request.raw_path}"
                return web.Response(status=302, headers={"Location": target})
            if self.sessions.blocked(request.remote or ""):
                # a blocked address has no documented answer: it does not get through to the web server
                raise ResetConnection
            with self.connections.serving(request):
                response = await handler(request)
            self.connections.answered(request, response)
            return response

        return run

    # -- naming the call

    async def identify(self, context: Context) -> CallInfo:
        path = context.request.path
        if path.startswith(container.PREFIX):
            return await self.station.identify(context)
        params = Params.parse(context.request.raw_path.partition("?")[2], plus=self.plus_is_space)
        method = context.request.method
        if method == "POST" and context.content_type in {"application/x-www-form-urlencoded", ""}:
            # the URL goes before the body; no device was seen to mix them up
            params.fill(Params.parse((await context.read()).decode("utf-8", "surrogateescape")))
        context.data["params"] = params
        call = name_call(path, params)
        return CallInfo(call, context.raw_path, params.dump(), call in WRITES, params.get("sid") or None)

    # -- File Station

    def _cgi(
        self, handler: Callable[[Call], Awaitable[web.StreamResponse]]
    ) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        """A CGI program of its own, which looks at the session itself."""

        async def run(request: web.Request) -> web.StreamResponse:
            context = Context.of(request)
            session = self.sessions.get(context.info.session)
            return await handler(Call(self, context, context.data["params"], session))

        return run

    async def util_request(self, request: web.Request) -> web.StreamResponse:
        """utilRequest.cgi: the session first, then the function, then what it says."""
        context = Context.of(request)
        params: Params = context.data["params"]
        session = self.sessions.get(context.info.session)
        if self.settings.text("file_station") == "off":
            return self.status(context, Status.DISABLED)
        func = params.get("func")
        if func in {"upload", "chunked_upload"} and request.method == "POST" and request.content_length is None:
            return reply.page(411)
        if session is None:
            return self._no_session(context)
        handler = HANDLERS["utilRequest.cgi"].get(func)
        if handler is None or (not self.generation.modern and func in checks.MODERN_ONLY):
            return self.status(context, Status.PARAMETER)
        call = Call(self, context, params, session)
        try:
            if context.info.writes and session.data.get("guest"):
                raise Refused(Status.PERMISSION_DENIED)
            if context.oddity("pretend") and context.info.writes:
                return self._pretend(call)
            return await handler(call)
        except Refused as exc:
            return self.status(context, exc.status)

    def _no_session(self, context: Context) -> web.StreamResponse:
        """Status 3; on old firmware an XML page (`ended_session=xml`, or the fault `expire_session: xml`)."""
        fault = context.actions.get("expire_session")
        if "xml" in {fault, self.settings.text("ended_session")}:
            context.code = "authPassed 0"
            page = reply.document({**system.model(self), "authPassed": 0})
            return reply.respond(context, page, login.XML)
        return self.status(context, Status.AUTH_FAIL)

    def _pretend(self, call: Call) -> web.StreamResponse:
        """The fault `pretend`: success, and nothing done."""
        if call.context.info.call in PRETENDED_TASKS:
            return call.pid(call.start(call.context.info.call, lambda progress: None))
        return call.status(Status.SUCCESS)

    # -- answers

    def envelope(self, status: int) -> dict[str, Any]:
        """`success` is the text "true" whatever happened."""
        generation = self.generation
        return {"version": generation.version, "build": generation.build, "status": int(status), "success": "true"}

    def status(self, context: Context, status: int, *, oddity: str = "") -> web.Response:
        if status != Status.SUCCESS:
            context.code = int(status)
        text = reply.spaced(self.envelope(status)) + ("" if self.generation.modern else "\n")
        return reply.respond(context, text, self.json_type, oddity=oddity)

    def render_error(self, context: Context, code: int | str) -> web.StreamResponse:
        """A code on purpose: `errorValue` of the login, HTTP status of Container Station, else `status`."""
        if context.request.path.startswith(container.PREFIX):
            return self.station.error(context, int(code))
        if context.info.call == "authLogin.cgi":
            return login.refusal(Call(self, context, context.data["params"], None), int(code))
        if context.info.call in control.NAMES:
            return control.error(self, context, int(code))
        return self.status(context, int(code))

    def crashed(self, context: Context, exc: Exception) -> web.StreamResponse:
        if context.streamed:
            # a reply has begun: there is no taking it back
            raise ResetConnection from exc
        if isinstance(exc, Refused):
            return self.status(context, exc.status)
        if isinstance(exc, (errors.DiskError, BadMultipart)):
            return self.status(context, status_of(exc, self.generation))
        traceback.print_exception(exc, file=sys.stderr)
        return web.Response(status=500, text="500 Internal Server Error\n")

    def expire_session(self, context: Context) -> None:
        self.sessions.drop(context.info.session)
        self.station.sessions.drop(context.info.session)

    # -- sessions

    def open_session(self, user: str) -> Session:
        """A sid has eight characters, small letters and digits."""
        sid = "".join(random.choices("abcdefghijklmnopqrstuvwxyz0123456789", k=8))
        person = self.people.get(user)
        if self.settings.flag("one_session"):
            # claimed of some firmware: an account's second login ends its first
            for other in self.sessions.all():
                if other.user == user:
                    self.sessions.drop(other.id)
        return self.sessions.open(user, sid, guest=person.guest)

    def discard(self, real: str) -> None:
        """Files that are no longer in a share go in the background."""
        asyncio.get_running_loop().run_in_executor(None, shutil.rmtree, real, True)

    async def stopped(self) -> None:
        await self.transcoder.stop()
        await super().stopped()


def name_call(path: str, params: Params) -> str:
    """As the list of calls spells it: the function, with what tells two uses of one function apart."""
    if path.startswith(UTIL) or path == "/utilRequest.cgi":
        func = params.get("func")
        if func == "stat" and params.number("settime") == 1:
            return "stat&settime"
        if func == "get_tree" and params.get("node") == "recycle_root":
            return "get_tree&recycle_root"
        if func == "delete" and recycle.empties(params):
            return "delete&@Recycle"
        if func == "video_ml_queue":
            return f"video_ml_queue&op={params.number('op')}"
        return func or "utilRequest.cgi"
    program = path.rpartition("/")[2] or "unknown"
    if program in control.FUNCTION or (program == "sysRequest.cgi" and path.startswith(CGI)):
        return control.name_of(control.key_of(program, params))
    name = system.FUNCTIONS.get(program, "")
    return f"{program}?{name}={params.get(name)}" if name in params else program
