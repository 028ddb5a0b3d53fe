# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The web server of one device: aiohttp, TLS, and the middleware that ties log and faults to every request."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone

from aiohttp import web

from . import errors
from .context import KEY, CallInfo, Context, ResetConnection
from .faults import Faults
from .log import RequestLog, redact
from .sessions import short_hash
from .vendor import Vendor

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
HOST = "127.0.0.1"
GARBAGE = "<html><head><title>502 Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>\n"


class Server:
    """One vendor on one port."""

    def __init__(self, vendor: Vendor, log: RequestLog, faults: Faults) -> None:
        self.vendor = vendor
        self.log = log
        self.faults = faults
        vendor.log, vendor.faults = log, faults
        self._runner: web.AppRunner | None = None

    async def start(self, port: int, tls: tuple[str, str] | None) -> str:
        """Serve; the URL."""
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(max_workers=32, thread_name_prefix="disk"))
        app = web.Application(middlewares=[self._middleware], client_max_size=1 << 62)
        self.vendor.routes(app)
        self._runner = web.AppRunner(
            app,
            access_log=None,
            keepalive_timeout=75.0,
            max_line_size=1 << 20,
            max_field_size=1 << 17,
            shutdown_timeout=0.3,
            auto_decompress=False,
        )
        await self._runner.setup()
        context = None
        if tls is not None:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.load_cert_chain(*tls)
        site = web.TCPSite(self._runner, HOST, port, ssl_context=context)
        await site.start()
        port = self._runner.addresses[0][1]
        url = f"{'https' if tls else 'http'}://{HOST}:{port}"
        await self.vendor.started(url)
        return url

    async def stop(self) -> None:
        await self.vendor.stopped()
        if self._runner is not None:
            await self._runner.cleanup()

    # -- one request

    @web.middleware
    async def _middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        context = Context(self.vendor, request)
        request[KEY] = context
        status: int | None = None
        fault: str | None = None
        response: web.StreamResponse | None = None
        began = time.monotonic()
        try:
            response = await self._serve(context, handler)
            status = response.status
        except (ResetConnection, errors.Interrupted) as exc:
            fault = type(exc).__name__
            response = self._cut(request)
        except ConnectionError:
            fault = "client left"
            response = self._cut(request)
        except asyncio.CancelledError:
            fault = "cancelled"
            raise
        except web.HTTPException as exc:
            status, response = exc.status, exc
            raise
        finally:
            if context.actions:
                fault = ",".join(sorted(context.actions))
            self._record(context, status, response, fault, began)
        return response

    async def _serve(self, context: Context, handler: Handler) -> web.StreamResponse:
        vendor, request = self.vendor, context.request
        if vendor.max_url is not None and len(request.raw_path) > vendor.max_url:
            context.info = CallInfo("unknown", context.raw_path[:200])
            return web.Response(status=414, text="414 Request-URI Too Large\n")
        context.info = info = await vendor.identify(context)
        context.actions = self.faults.take(vendor.name, info.call, info.params)
        if context.actions:
            answer = await self._apply(context)
            if answer is not None:
                return answer
        try:
            response = await handler(request)
        except (ConnectionError, web.HTTPException, errors.Interrupted, ResetConnection, asyncio.CancelledError):
            raise
        except Exception as exc:
            response = vendor.crashed(context, exc)
        return await self._cut_reply(context, response)

    async def _apply(self, context: Context) -> web.StreamResponse | None:
        """What the fault rules do before the handler; a response when the handler is not reached."""
        acts = context.actions
        if "slow" in acts:
            await asyncio.sleep(float(acts["slow"]))
        if "expire_session" in acts:
            self.vendor.expire_session(context)
        if "status" in acts:
            return web.Response(status=int(acts["status"]), text=str(acts.get("body", "")), headers=acts.get("headers"))
        if "error" in acts:
            return self.vendor.render_error(context, acts["error"])
        if "garbage" in acts:
            body = acts["garbage"]
            return web.Response(text=body if isinstance(body, str) else GARBAGE, content_type="text/html")
        if "truncate" in acts:
            context.truncate_at = int(acts["truncate"])
        if "reset" in acts:
            detail = acts["reset"] if isinstance(acts["reset"], dict) else {}
            has_body = context.content_type == "multipart/form-data"
            if not detail:
                raise ResetConnection
            if detail.get("where", "upload" if has_body else "reply") == "upload":
                context.reset_body_at = int(detail.get("at_bytes", 0))
            else:
                context.reset_reply_at = int(detail.get("at_bytes", 0))
        return None

    @staticmethod
    async def _cut_reply(context: Context, response: web.StreamResponse) -> web.StreamResponse:
        """Cut a buffered reply: short but well-formed (truncate), or broken off (reset)."""
        if response.prepared or (context.truncate_at is None and context.reset_reply_at is None):
            return response
        if context.reset_reply_at == 0:
            raise ResetConnection
        assert isinstance(response, web.Response)
        body = response.body if isinstance(response.body, bytes) else b""
        if context.truncate_at is not None:
            response.body = body[: context.truncate_at]
            return response
        headers = {name: value for name, value in response.headers.items() if name.lower() != "content-length"}
        partial = web.StreamResponse(status=response.status, headers=headers)
        partial.content_length = len(body)
        context.streamed = True
        context.bytes_out = min(len(body), context.reset_reply_at or 0)
        await partial.prepare(context.request)
        await partial.write(body[: context.reset_reply_at])
        raise ResetConnection

    @staticmethod
    def _cut(request: web.Request) -> web.StreamResponse:
        """Close the connection; what was written so far still goes out, nothing else does."""
        if request.transport is not None:
            request.transport.close()
        request.protocol.force_close()
        return web.Response(status=500)

    def _record(
        self, context: Context, status: int | None, response: web.StreamResponse | None, fault: str | None, began: float
    ) -> None:
        info = context.info
        body = getattr(response, "body", None) if status is not None else None
        if not context.streamed:
            context.bytes_out = len(body) if isinstance(body, (bytes, bytearray)) else 0
        self.log.write(
            {
                "time": datetime.now(timezone.utc).isoformat(timespec="milliseconds"),
                "vendor": self.vendor.name,
                "call": info.call,
                "path": info.path or context.raw_path,
                "params": redact(info.params, self.vendor.secret_params),
                "status": status,
                "bytes_in": context.bytes_in,
                "bytes_out": context.bytes_out,
                "writes": info.writes,
                "code": context.code,
                "session": short_hash(info.session),
                "method": context.request.method,
                "agent": context.request.headers.get("User-Agent", ""),
                "seconds": round(time.monotonic() - began, 4),
                "fault": fault,
            }
        )
