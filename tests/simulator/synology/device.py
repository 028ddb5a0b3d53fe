# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The device: from a request to the function that serves it, and back to an envelope (guide, chapter 2)."""

from __future__ import annotations

import json
import secrets
import time
from typing import Any, ClassVar

from aiohttp import web

from ..core import errors
from ..core.context import CallInfo, Context, ResetConnection
from ..core.multipart import BadMultipart
from ..core.sessions import Session
from ..core.settings import Settings
from ..core.vendor import Vendor
from . import (
    background,
    compress,
    control,
    copymove,
    core_certificates,
    core_groups,
    core_nfs,
    core_quota,
    core_rights,
    core_services,
    core_shares,
    core_snapshots,
    core_system,
    core_users,
    delete,
    download,
    encryption,
    extract,
    favorites,
    files,
    folders,
    info,
    login,
    measure,
    search,
    sharing,
    storage,
    thumbs,
    upload,
    visitors,
)
from .calls import METHODS, Call
from .codes import code_of
from .disk import SynologyDisk
from .people import People
from .profiles import PROFILES, Profile
from .rights import NO_ACCESS, Rights, acting
from .shares import Shares
from .values import ApiError, HttpError, Params, read_value

MODULES = (
    background,
    compress,
    copymove,
    core_certificates,
    core_groups,
    core_nfs,
    core_quota,
    core_rights,
    core_services,
    core_shares,
    core_snapshots,
    core_system,
    core_users,
    delete,
    download,
    encryption,
    extract,
    favorites,
    files,
    folders,
    info,
    login,
    measure,
    search,
    sharing,
    storage,
    thumbs,
    upload,
)
NOBODY = 65534
LINK_PLACES = ("sharing", "fbsharing", "fsdownload")
NO_RIGHT, SESSION_ENDED, SESSION_UNKNOWN = 105, 106, 119
NGINX = "<html>\r\n<head><title>{0}</title></head>\r\n<body>\r\n<center><h1>{0}</h1></center>\r\n</body>\r\n</html>\r\n"
PLAIN_ON_TLS = (
    "<html>\r\n<head><title>400 The plain HTTP request was sent to HTTPS port</title></head>\r\n<body>\r\n"
    "<center><h1>400 Bad Request</h1></center>\r\n<center>The plain HTTP request was sent to HTTPS port</center>\r\n"
    "<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
)
REASONS = {
    404: "404 Not Found",
    413: "413 Request Entity Too Large",
    414: "414 Request-URI Too Large",
    502: "502 Bad Gateway",
}
LOST_PAGE = (
    "<!DOCTYPE html>\n<html><head><title>Synology Inc.</title></head>\n"
    "<body><h1>Sorry, the page you are looking for is not found.</h1></body></html>\n"
)
FOLLOWERS = ("list", "search", "size", "compress", "download")
SPECIAL = ("disable_download", "disable_list", "disable_modify")


ERROR_OBJECTS: dict[int, dict[str, Any]] = {
    120: {"name": "list_id", "reason": "required"},
    1055: {"err_line": 182, "err_msg": "unknown error"},
}
"""What stood in `errors` beside these codes, as an object (recorded)."""
GUIDES_PLACE = "FileStation/entry.cgi"
"""Stands in some of the guide's examples; answers like entry.cgi."""


def never_ending(answer: dict[str, Any], offset: int, *, new: bool) -> None:
    """Make a list one without an end: the first page again for every offset, or (`new`) with other names."""
    rows = next((value for value in answer.values() if isinstance(value, list)), None)
    if rows is None or "total" not in answer:
        return
    answer["total"] = offset + len(rows) + 1000
    if "offset" in answer:
        answer["offset"] = offset
    for row in rows if new and offset else ():
        for name in ("name", "path", "id", "taskid"):
            if name in row:
                row[name] = f"{row[name]} {offset}"


class Synology(Vendor):
    """The vendor."""

    disk: SynologyDisk

    name: ClassVar[str] = "synology"
    profiles: ClassVar[tuple[str, ...]] = tuple(PROFILES)
    default_profile: ClassVar[str] = "dsm7"
    max_url: ClassVar[int | None] = 8192
    plain_on_tls: ClassVar[bytes] = (
        "HTTP/1.1 400 Bad Request\r\nServer: nginx\r\nContent-Type: text/html\r\n"
        f"Content-Length: {len(PLAIN_ON_TLS)}\r\nConnection: close\r\n\r\n{PLAIN_ON_TLS}"
    ).encode()
    secret_params: ClassVar[frozenset[str]] = frozenset(
        {"__cIpHeRtExT", "ik_message", "enc_passwd", "key", "SynoConfirmPWToken"}
    )

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.dsm: Profile = PROFILES[self.profile]
        self.sessions.max_failures = settings.integer("max_failures", 10)
        self.people = People(
            settings.user,
            {**settings.pairs("users"), settings.user: settings.password},
            frozenset(settings.names("administrators")),
        )
        self.rights = Rights(self.people)
        self.quotas: core_quota.Quotas = {}
        self.password_policy = core_users.new_policy(settings.integer("min_password", 0))
        self.began = time.monotonic()
        self.ended: dict[str, int] = {}
        self.auth = login.Gate(self)
        self.ciphers = encryption.Ciphers()
        self.favorites = favorites.Favorites(settings.integer("max_favorites", 250))
        self.links: dict[str, sharing.Link] = {}
        self.token_needed = settings.text("synotoken", "mutating" if self.dsm.token_needed else "never") == "mutating"
        self.illegal = frozenset(settings.text("illegal_chars", ":"))
        self.codepage = settings.text("codepage", "enu")
        self.volumes = settings.pairs("volumes")
        self.acl_shares = frozenset(settings.names("acl"))
        self.special = {name: frozenset(settings.names(name)) for name in SPECIAL}
        self.forbidden = frozenset(settings.names("forbidden"))
        self._followers = frozenset(settings.names("follow_links") if "follow_links" in settings.options else FOLLOWERS)
        self._lost = 0
        self.disk = SynologyDisk(
            settings.root,
            capacity=self.disk.capacity,
            quotas=self.disk.quotas,
            read_only=self.disk.read_only,
            denied=self.disk.denied,
        )
        self.storage = storage.Storage(self)
        self.shares = Shares(self)
        self.services = core_services.Services()
        self.certificates = core_certificates.Certificates(self)
        self.restarting = 0.0
        """Until then (monotonic) the web server starts anew and cuts connections."""
        self.turnstile = core_shares.Turnstile(self)
        self.disk.right = self.shares.right

    def uid(self, user: str) -> int:
        """An account's number; that of nobody for one that is gone."""
        known = self.people.user(user)
        return NOBODY if known is None else known.uid

    def may_see(self, share: str, user: str) -> bool:
        """Whether File Station shows a share to an account: it is mounted, and the account may read there."""
        disk = self.disk
        return share not in disk.denied | disk.locked and self.shares.right(share, user) != NO_ACCESS

    def follows(self, who: str) -> bool:
        """Whether this part of the device goes through symbolic links (setting `follow_links`)."""
        return who in self._followers

    def check_special(self, right: str, user: str, path: str) -> None:
        """Raise Denied where a share takes this special privilege from everybody but administrators."""
        if self.disk.share(path) in self.special[right] and not self.people.is_administrator(user):
            raise errors.Denied(path)

    def search_is_lost(self) -> bool:
        """Whether the search just started is forgotten: so many of a hundred, evenly (setting `lost_searches`)."""
        self._lost += self.settings.integer("lost_searches", 0)
        if self._lost < 100:
            return False
        self._lost -= 100
        return True

    def check_body(self, size: int) -> None:
        """Raise what a web server in front answers to a body that is too large for it (setting `max_body`)."""
        limit = self.settings.integer("max_body", 0)
        if limit and size > limit:
            raise HttpError(413)

    def end_session(self, sid: str | None, code: int) -> None:
        """End a session; from now on it is answered with this code."""
        if sid and self.sessions.drop(sid):
            self.ended[sid] = code

    # -- what the core asks

    def routes(self, app: web.Application) -> None:
        app.router.add_route("*", "/webapi/{path:.*}", self.serve)
        for place in LINK_PLACES:
            app.router.add_route("*", f"/{place}/{{id}}", self.link)
            app.router.add_route("*", f"/{place}/{{id}}/{{name:.*}}", self.link)
        app.router.add_route("*", "/{path:.*}", self.nothing)
        app.on_response_prepare.append(self._sign)

    @staticmethod
    async def _sign(_request: web.Request, response: web.StreamResponse) -> None:
        response.headers["Server"] = "nginx"

    async def identify(self, context: Context) -> CallInfo:
        raw = context.query()
        sid = raw.get("_sid")
        upload_form = context.content_type == "multipart/form-data"
        try:
            self.check_body(context.request.content_length or 0)
            if upload_form:
                body = context.multipart()
                part = await body.next_part()
                while part is not None and part.filename is None:
                    text = await part.text()
                    if part.name != "_sid":
                        raw.setdefault(part.name, text)
                    part = await body.next_part()
                context.data["file"] = part
            elif context.content_type == "application/x-www-form-urlencoded":
                raw = {**raw, **await context.form()}
                sid = raw.get("_sid")
        except BadMultipart as exc:
            context.data["broken"] = exc
        except HttpError as exc:
            context.data["refused"] = exc
        if upload_form and "_sid" not in context.query():
            sid = None  # devices do not look for the session inside an upload
        session = sid or context.request.cookies.get("id")
        context.data["raw"] = raw
        api, method = raw.get("api", ""), raw.get("method", "")
        known = METHODS.get((api, method))
        if self.dsm.style != "plain":
            session, api, method = (self._bare(session), self._bare(api) or "", self._bare(method) or "")
            known = known or METHODS.get((api, method))
        secret = self.secret_params
        shown = {name: control.veil(value, secret) for name, value in raw.items() if name not in {"api", "method"}}
        call = f"{api}/{method}" if api else "unknown"
        if context.raw_path.split("/")[1] in LINK_PLACES:
            call = "GET sharing"
        return CallInfo(call, context.raw_path, shown, session=session, writes=known is not None and known.writes)

    @staticmethod
    def _bare(text: str | None) -> str | None:
        """A value that may be quoted."""
        if text and text[0] == '"':
            value = read_value(text)
            return value if isinstance(value, str) else text
        return text

    def render_error(self, context: Context, code: int | str) -> web.StreamResponse:
        detail = context.oddity("errors")
        if detail is True:
            detail = ERROR_OBJECTS.get(int(code))
        return self.refusal(context, ApiError(int(code), detail))

    def expire_session(self, context: Context) -> None:
        """`do: expire_session` lets it time out (106); `do: {expire_session: 119}` or 107 says how it ended."""
        code = context.actions.get("expire_session")
        code = code if isinstance(code, int) and not isinstance(code, bool) else SESSION_ENDED
        self.end_session(context.info.session, code)

    def new_task_id(self, task_type: str) -> str:
        """When it was started, in hexadecimal (guide, recorded) or, on newer devices, decimal digits; then anything."""
        if task_type == core_groups.JOIN:
            return core_groups.new_task_id()
        prefix = "FileStation_" if task_type in background.LISTED else ""
        if self.settings.text("task_ids", "hex") == "decimal":
            return f"{prefix}{int(time.time())}{secrets.token_hex(3).upper()}"
        return f"{prefix}{int(time.time()):08X}{secrets.token_hex(4).upper()}"

    # -- one request

    async def link(self, request: web.Request) -> web.StreamResponse:
        """A share link's address."""
        acting.set(None)
        answer = await visitors.visit(Context.of(request), self.links.get(request.match_info["id"]))
        return self.page(404) if answer is None else answer

    async def nothing(self, request: web.Request) -> web.StreamResponse:
        """Beside the API there is only what the share links need."""
        return self.page(404)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        context = Context.of(request)
        if time.monotonic() < self.restarting:
            raise ResetConnection
        if "refused" in context.data:
            return self.page(context.data["refused"].status)
        place = context.raw_path.removeprefix("/webapi/")
        if self.dsm.style != "plain" and place.startswith("FileStation/") and not place.startswith(GUIDES_PLACE):
            return web.Response(status=404, text=LOST_PAGE, content_type="text/html")
        try:
            return await self._serve(context)
        except ApiError as exc:
            return self.refusal(context, exc)
        except HttpError as exc:
            return self.page(exc.status)
        except errors.Interrupted:
            raise
        except errors.DiskError as exc:
            return self.refusal(context, ApiError(code_of(exc)))

    async def _serve(self, context: Context) -> web.StreamResponse:
        raw: dict[str, str] = context.data["raw"]
        api, _slash, method = context.info.call.partition("/")
        if not raw.get("api") or not method or not raw.get("version"):
            raise ApiError(101)
        known = self.dsm.apis.get(api)
        if known is None or not self._answers(known, context.raw_path, api):
            raise ApiError(102)
        try:
            version = int(raw["version"].strip('"'))
        except ValueError:
            raise ApiError(104) from None
        if not known.min_version <= version <= known.max_version:
            raise ApiError(104)
        row = METHODS.get((api, method))
        if row is None or version in known.missing:
            raise ApiError(103)
        session = None if row.public else self._session(context, writes=row.writes and not row.control)
        if row.control and session is not None:
            control.admit(self, context, session, row, api)
            await control.unseal(self, raw)
        bound = session is not None and not self.people.is_administrator(session.user)
        acting.set(session.user if session is not None and bound else None)
        if api in self.forbidden:
            raise ApiError(NO_RIGHT)
        call = Call(self, context, Params(raw, self.dsm.style), api, method, version, session)
        endless = context.oddity("endless_list")
        offset = call.params.integer("offset", 0) if endless else 0
        if offset:
            raw["offset"] = "0"
        answer = await row.handler(call)
        if endless and isinstance(answer, dict):
            never_ending(answer, offset, new=endless == "new")
        if isinstance(answer, web.StreamResponse):
            return answer
        return self.envelope({"success": True} if answer is None else {"data": answer, "success": True})

    @staticmethod
    def _answers(api: Any, raw_path: str, name: str) -> bool:
        """Whether an API answers at this URL: its path, an old one that works, or with its name added (web UI)."""
        path = raw_path.removeprefix("/webapi/").removesuffix("/" + name)
        if path == GUIDES_PLACE:
            path = "entry.cgi"
        return path == api.path or path in api.also

    def _session(self, context: Context, *, writes: bool) -> Session:
        sid = context.info.session
        if not sid:
            raise ApiError(self.dsm.no_session)
        session = self.sessions.get(sid)
        if session is None:
            if sid in self.ended:
                raise ApiError(self.ended[sid])
            raise ApiError(SESSION_ENDED if self.sessions.timed_out(sid) else self.dsm.no_session)
        if writes and self.token_needed and not self.token_fits(context, session):
            raise ApiError(SESSION_UNKNOWN)
        return session

    def token_fits(self, context: Context, session: Session) -> bool:
        """Whether the request carries the session's SynoToken, in its header or as a parameter."""
        given = context.request.headers.get("X-SYNO-TOKEN") or context.data["raw"].get("SynoToken")
        return given is not None and self._bare(given) == session.data.get("synotoken")

    # -- answers

    def envelope(self, body: dict[str, Any]) -> web.Response:
        """JSON, chunked. Names that are no UTF-8 go out as the bytes they are."""
        text = json.dumps(body, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
        response = web.Response(body=text.encode("utf-8", "surrogateescape"))
        response.headers["Content-Type"] = self.dsm.content_type
        response.enable_chunked_encoding()
        return response

    def refusal(self, context: Context, exc: ApiError) -> web.StreamResponse:
        context.code = exc.code
        if exc.code == NO_RIGHT and self.settings.flag("refusal_ends_session", self.dsm.style == "plain"):
            self.end_session(context.info.session, NO_RIGHT)
        error: dict[str, Any] = {"code": exc.code}
        if exc.errors is not None:
            error["errors"] = exc.errors
        answer = self.envelope({"error": error, "success": False})
        answer.headers.update(exc.headers)
        return answer

    @staticmethod
    def page(status: int) -> web.Response:
        text = NGINX.format(REASONS.get(status, str(status)))
        return web.Response(status=status, text=text, content_type="text/html")
