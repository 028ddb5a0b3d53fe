# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Container Station, version 1 of its API, under /container-station/api/v1 on the device's own port.

Bodies are JSON whatever their type says: the guide's examples send them as forms. The session is a cookie. An error is
an HTTP status with an `error` object.

Container Station 3 (`cs3=SHAPE`) still has version 1 with its login, which takes JSON alone; lists come from version 3,
for a cookie or a Bearer sid of File Station; an error is a code and a message. Nothing is known of certificates there:
SHAPE is how it refuses them.
"""

from __future__ import annotations

import json
import os
import platform
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from aiohttp import web

from ..core import errors
from ..core.context import CallInfo, Context
from ..core.disk import join
from ..core.sessions import Session, SessionStore
from .certificates import Authority

if TYPE_CHECKING:
    from .device import Qnap

PREFIX = "/container-station/"
API = PREFIX + "api/v1"
COOKIE = "CS_SESS_ID"
REASONS = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    409: "Conflict",
    500: "Internal Server Error",
}
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Guard = Callable[[Handler], Handler]
WRITES = frozenset({"POST /api/v1/tls", "PUT /api/v1/tls/domain_names", "POST /api/v1/tls/rotation"})
USED_PORTS = "tcp/22,tcp/80,tcp/443,tcp/2376,tcp/5000,tcp/8080,tcp/8081,udp/1900,udp/5353"
SHAPES = frozenset({"404", "401", "302", "page", "no_dates"})
"""How Container Station 3 refuses certificates: an error, a way to the login page, a web page, JSON without dates."""
CS3_ERROR = 1009
CS3_PAGE = "<!DOCTYPE html>\n<html><head><title>Container Station</title></head><body></body></html>\n"
LISTS = ("containers", "volumes", "images", "apps", "tasks")
SIZES = "BKMGTP"
NOTIFY_DAYS = 30


class Refusal(Exception):  # noqa: N818
    """An HTTP status with a reason."""

    def __init__(self, status: int, detail: str = "") -> None:
        super().__init__(f"{status} {detail}")
        self.status = status
        self.detail = detail


class Station:
    """Its sessions, its certificates, its facts."""

    def __init__(self, device: Qnap) -> None:
        settings = device.settings
        self.device = device
        self.sessions = SessionStore(settings.session_seconds)
        self.authority = Authority(
            device.hostname, days=settings.integer("tls_days", 1080), age=settings.integer("tls_age", 30)
        )
        self._quiet = False
        self.shape = settings.text("cs3")
        if self.shape and self.shape not in SHAPES:
            raise SystemExit(f"qnap: cs3={self.shape}: there are {', '.join(sorted(SHAPES))}")
        used = settings.text("ports_used", USED_PORTS)
        self._used = {item for item in used.split(",") if item}

    @property
    def early(self) -> bool:
        """Container Station 1.7: no login by sid, `outdatedNotify` is text, a second export."""
        return not self.device.generation.modern and not self.shape

    @property
    def version(self) -> str:
        return "3.1.0.1392" if self.shape else self.device.generation.container

    def routes(self, app: web.Application, guard: Guard) -> None:
        table: tuple[tuple[str, str, Callable[[Context, Session], Awaitable[web.StreamResponse]]], ...] = (
            ("GET", "/login_refresh", self.login_refresh),
            ("PUT", "/logout", self.logout),
            ("GET", "/system", self.system),
            ("GET", "/system/resource", self.resource),
            ("GET", "/system/report", self.report),
            ("GET", "/system/port/{protocol}/{port}", self.port),
            ("GET", "/system/bridge", self.bridge),
            ("GET", "/sharefolder/", self.share_folder),
            ("GET", "/tls", self.tls),
            ("POST", "/tls", self.set_notify),
            ("GET", "/tls/domain_names", self.domain_names),
            ("PUT", "/tls/domain_names", self.set_domain_names),
            ("GET", "/tls/export", self.export),
            ("GET", "/tls/export/registry", self.export_registry),
            ("POST", "/tls/rotation", self.rotation),
        )
        app.router.add_post(f"{API}/login", guard(self._checked(self.login)))
        for method, path, handler in table:
            if path.startswith("/tls") and (self.shape or not self._serves_tls):
                continue
            if path == "/tls/export/registry" and not self.early:
                continue
            app.router.add_route(method, API + path, guard(self._checked(self._for_session(handler))))
        if self.shape:
            app.router.add_route("*", f"{API}/tls{{rest:.*}}", guard(self._checked(self.no_certificates)))
            for name in LISTS:
                app.router.add_get(f"{PREFIX}api/v3/{name}", guard(self._checked(self.version_3)))
            app.router.add_get(f"{PREFIX}api/v3/overview", guard(self._checked(self.version_3)))
        app.router.add_route("*", PREFIX + "{rest:.*}", guard(self._checked(self._for_session(self._unknown))))

    @property
    def _serves_tls(self) -> bool:
        return self.device.generation.tls_calls and self.device.settings.flag("container_tls", True)

    async def identify(self, context: Context) -> CallInfo:
        """The method and the path as the list of calls has them."""
        path = context.request.path
        name = path.removeprefix(PREFIX.rstrip("/"))
        if name.startswith("/api/v1/system/port/"):
            name = "/api/v1/system/port"
        call = f"{context.request.method} {name}"
        params: dict[str, Any] = dict(context.query())
        if context.request.method in {"POST", "PUT"}:
            body = await context.read()
            try:
                found = json.loads(body) if body.strip() else {}
                context.data["json"] = found
                params |= found if isinstance(found, dict) else {}
            except ValueError:
                context.data["json"] = None
        return CallInfo(call, context.raw_path, params, call in WRITES, context.request.cookies.get(COOKIE))

    # -- answers

    def error(self, context: Context, status: int, detail: str = "") -> web.Response:
        context.code = status
        side = "Client" if status < 500 else "Server"
        message = f"{status} {side} Error: {REASONS.get(status, 'Error')}" + (f" ({detail})" if detail else "")
        if self.shape:
            return web.json_response({"code": CS3_ERROR, "message": message}, status=status)
        return web.json_response({"error": {"code": status, "message": message}}, status=status)

    def _checked(self, handler: Handler) -> Handler:
        async def run(request: web.Request) -> web.StreamResponse:
            context = Context.of(request)
            if self.device.settings.text("container_station") == "off":
                return self.error(context, 404)
            try:
                return await handler(request)
            except Refusal as exc:
                return self.error(context, exc.status, exc.detail)
            except errors.Denied as exc:
                return self.error(context, 403, str(exc))
            except errors.DiskError as exc:
                return self.error(context, 404, str(exc))

        return run

    def _for_session(self, handler: Callable[[Context, Session], Awaitable[web.StreamResponse]]) -> Handler:
        async def run(request: web.Request) -> web.StreamResponse:
            context = Context.of(request)
            session = self.sessions.get(context.info.session)
            if session is None:
                raise Refusal(401)
            return await handler(context, session)

        return run

    async def _unknown(self, context: Context, session: Session) -> web.StreamResponse:
        raise Refusal(404)

    def _body(self, context: Context) -> dict[str, Any]:
        found = context.data.get("json")
        if not isinstance(found, dict):
            raise Refusal(400, "the body is no JSON object")
        return found

    # -- Container Station 3

    async def no_certificates(self, request: web.Request) -> web.StreamResponse:
        """Every call about certificates, before anybody looks at a session."""
        context = Context.of(request)
        context.code = self.shape
        if self.shape == "page":
            return web.Response(text=CS3_PAGE, content_type="text/html")
        if self.shape == "no_dates":
            return web.json_response({"data": {}})
        if self.shape == "302":
            return web.Response(status=302, headers={"Location": PREFIX + "login"})
        return self.error(context, int(self.shape))

    async def version_3(self, request: web.Request) -> web.StreamResponse:
        """A list, empty: this device has no containers."""
        context = Context.of(request)
        scheme, _blank, sid = request.headers.get("Authorization", "").partition(" ")
        bearer = self.device.sessions.get(sid) if scheme == "Bearer" else None
        if bearer is None and self.sessions.get(context.info.session) is None:
            raise Refusal(401)
        if request.path.endswith("/overview"):
            return web.json_response({"data": {"containers": 0, "apps": 0, "images": 0, "volumes": 0}})
        return web.json_response({"data": {"items": []}})

    # -- sessions

    async def login(self, request: web.Request) -> web.StreamResponse:
        """By name and password, or by a sid of File Station. A user with two steps has to come with a sid (403)."""
        context = Context.of(request)
        if self.shape and context.content_type == "application/x-www-form-urlencoded":
            raise Refusal(400, "application/json")
        body = self._body(context)
        if "sid" in body and not self.early:
            found = self.device.sessions.get(str(body["sid"]))
            if found is None:
                raise Refusal(401)
            return self._open(found.user)
        name, password = body.get("username"), body.get("password")
        if not isinstance(name, str) or not isinstance(password, str):
            raise Refusal(400, "username and password")
        person = self.device.people.by_password(name, password)
        if person is None:
            self.device.sessions.failed(request.remote or "")
            raise Refusal(401)
        if person.two_step:
            raise Refusal(403, "2-step verification")
        self.device.sessions.forgive(request.remote or "")
        return self._open(person.name)

    def _open(self, user: str) -> web.Response:
        session = self.sessions.open(user, logintime=time.strftime("%Y-%m-%d %H:%M:%S"))
        response = self._who(session)
        response.set_cookie(COOKIE, session.id, path="/container-station", httponly=True)
        return response

    def _who(self, session: Session) -> web.Response:
        person = self.device.people.get(session.user)
        return web.json_response(
            {
                "anonymous": False,
                "isAdmin": person.admin,
                "logintime": session.data["logintime"],
                "username": session.user,
            }
        )

    async def login_refresh(self, context: Context, session: Session) -> web.StreamResponse:
        return self._who(session)

    async def logout(self, context: Context, session: Session) -> web.StreamResponse:
        self.sessions.drop(session.id)
        return web.json_response({"username": session.user})

    # -- the system

    async def system(self, context: Context, session: Session) -> web.StreamResponse:
        """The facts, with the fields of the guide's example."""
        device = self.device
        cores = os.cpu_count() or 1
        machine = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
        return web.json_response(
            {
                "cpuCore": cores,
                "cpuThread": cores,
                "features": ["", "net_bridge", "lxd"],
                "gpu": {"csMode": False, "device": [], "driverInstalled": False},
                "gpuchanged": False,
                "hostname": device.hostname,
                "isDevicemapper": False,
                "isSupportOverlay": True,
                "machine": machine,
                "memory": 7998068,
                "memoryPageSize": 4096,
                "migrationDir": "/var/lib/docker/qnap-migration",
                "migrationDmStatus": "",
                "needRestart": False,
                "platform": "quts" if device.profile == "hero6" else "qts",
                "processor": "Intel(R) Celeron(R) CPU J4125 @ 2.00GHz",
                "status": "running",
                "storageDriver": "overlay2",
                "uncleanFS": False,
                "version": {
                    "compose": "1.29.2",
                    "dockerVersion": "20.10.3",
                    "firmware": device.generation.version,
                    "lxc": "2.0.11-1",
                    "lxd": "4.14",
                    "qpkg": self.version,
                    "qpkgBuildDate": "2021/07/06",
                },
            }
        )

    async def resource(self, context: Context, session: Session) -> web.StreamResponse:
        """`cpu_usage` is text; memory in MB."""
        busy = min(100.0, os.getloadavg()[0] * 100 / (os.cpu_count() or 1))
        return web.json_response(
            {
                "cpu_usage": f"{busy:.1f}",
                "memory_usage": {
                    "buffers": 585,
                    "cached": 3336,
                    "percent": 26,
                    "percent_buffers": 7,
                    "percent_cached": 42,
                    "total": 7810,
                    "used": 2086,
                },
            }
        )

    async def report(self, context: Context, session: Session) -> web.StreamResponse:
        """The diagnosis. The guide shows no reply; here it is a text file."""
        generation = self.device.generation
        lines = [
            "Container Station diagnosis report",
            f"time: {time.strftime('%Y-%m-%d %H:%M:%S')}",
            f"host: {self.device.hostname}",
            f"firmware: {generation.version} ({generation.build})",
            f"container station: {self.version}",
            "docker: running",
            "lxd: running",
            "errors: 0",
        ]
        headers = {"Content-Disposition": 'attachment; filename="container-station-report.txt"'}
        return web.Response(text="\n".join(lines) + "\n", headers=headers)

    async def port(self, context: Context, session: Session) -> web.StreamResponse:
        """Whether a port is taken: the setting `ports_used`, and the one this device listens on."""
        protocol, port = (context.request.match_info[name] for name in ("protocol", "port"))
        if protocol not in {"tcp", "udp"} or not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
            raise Refusal(400, "protocol and port")
        own = f"tcp/{self.device.url.rpartition(':')[2]}"
        return web.json_response({"used": f"{protocol}/{int(port)}" in self._used | {own}})

    async def bridge(self, context: Context, session: Session) -> web.StreamResponse:
        rows = [
            {
                "bridge": None,
                "display": f"Adapter {number}",
                "gateway": "192.0.2.254",
                "ip": f"192.0.2.{9 + number}",
                "name": f"eth{number - 1}",
                "netmask": "255.255.255.0",
            }
            for number in (1, 2)
        ]
        return web.json_response({"data": rows, "default": 1})

    async def share_folder(self, context: Context, session: Session) -> web.StreamResponse:
        """The shares (with `size=true` their room as text like 565.9G), or what is in a folder (`path=Public`)."""
        query = context.query()
        disk = self.device.disk
        if query.get("path", "").strip("/").startswith("."):
            raise Refusal(404)
        if query.get("path"):
            found = disk.list("/" + query["path"].strip("/"))
            found = sorted(found, key=lambda entry: (not entry.is_folder, entry.name))
            return web.json_response([{"isDir": entry.is_folder, "name": entry.name} for entry in found])
        rows = []
        for share in disk.shares():
            if share.name in disk.denied:
                continue
            row: dict[str, Any] = {"isDir": True, "name": share.name}
            if query.get("size") == "true":
                used = (await disk.run(disk.measure, share.path))[2]
                row |= {"totalSize": short_size(disk.usage()[0]), "usedSize": short_size(used)}
            try:
                disk.check_write(join(share.path, "x"))
                row["write"] = True
            except errors.Denied:
                row["write"] = False
            rows.append(row)
        return web.json_response(rows)

    # -- certificates

    async def tls(self, context: Context, session: Session) -> web.StreamResponse:
        """Dates only. `outdatedNotify`: false, or (1.7) an empty text; true near the end, unless told not to."""
        left = (self.authority.end.timestamp() - time.time()) / 86400
        notify: bool | str = left < NOTIFY_DAYS and not self._quiet
        if self.early and not notify:
            notify = ""
        return web.json_response(
            {
                "enddate": f"{self.authority.end:%Y-%m-%d}",
                "outdatedNotify": notify,
                "startdate": f"{self.authority.start:%Y-%m-%d}",
            }
        )

    async def set_notify(self, context: Context, session: Session) -> web.StreamResponse:
        value = self._body(context).get("outdatedNotify")
        if not isinstance(value, bool):
            raise Refusal(400, "outdatedNotify")
        self._quiet = not value
        return web.json_response({"result": True})

    async def domain_names(self, context: Context, session: Session) -> web.StreamResponse:
        return web.json_response({"domain_names": self.authority.names})

    async def set_domain_names(self, context: Context, session: Session) -> web.StreamResponse:
        """One string, whatever it parts its names with."""
        names = self._body(context).get("domain_names")
        if not isinstance(names, str):
            raise Refusal(400, "domain_names")
        try:
            self.authority.set_names(names)
        except (ValueError, UnicodeError):
            raise Refusal(400, "domain_names") from None
        return web.json_response({"result": True})

    async def export(self, context: Context, session: Session) -> web.StreamResponse:
        """A zip; no document names its members."""
        body = await self.device.disk.run(self.authority.export)
        return self._zip(body, "cert.zip")

    async def export_registry(self, context: Context, session: Session) -> web.StreamResponse:
        return self._zip(await self.device.disk.run(self.authority.export_registry), "registry-cert.zip")

    @staticmethod
    def _zip(body: bytes, name: str) -> web.Response:
        return web.Response(
            body=body,
            headers={"Content-Type": "application/zip", "Content-Disposition": f'attachment; filename="{name}"'},
        )

    async def rotation(self, context: Context, session: Session) -> web.StreamResponse:
        """New certificates every time. The reply is in no document: it is the one of the other two changes."""
        if context.oddity("pretend") is None:
            await self.device.disk.run(self.authority.rotate)
            self._quiet = False
        return web.json_response({"result": True})


def short_size(size: float) -> str:
    """As the device prints sizes: 565.9G, 711M, 12G."""
    unit = 0
    while size >= 1024 and unit < len(SIZES) - 1:
        size, unit = size / 1024, unit + 1
    text = f"{size:.1f}".removesuffix(".0") if size < 1000 else f"{size:.0f}"
    return text + SIZES[unit]
