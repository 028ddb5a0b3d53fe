# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The web server of one device: aiohttp, TLS, and the middleware that ties log and faults to every request."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import struct
import time
from collections.abc import Awaitable, Callable
from datetime import datetime, timezone

from aiohttp import web, web_app

from . import errors, wire
from .context import KEY, UPLOADS, CallInfo, Context, ResetConnection
from .faults import Faults
from .listener import HOST, Listener
from .log import RequestLog, redact
from .replies import alter
from .sessions import short_hash
from .vendor import Vendor

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Server:
    """One device on one port."""

    def __init__(self, vendor: Vendor, log: RequestLog, faults: Faults, *, latency: float = 0.0) -> None:
        self.log = log
        self.faults = faults
        self.latency = latency
        self.url = ""
        self._listener: Listener | None = None
        self._put_in(vendor)

    def _put_in(self, vendor: Vendor) -> None:
        self.vendor = vendor
        vendor.log, vendor.faults = self.log, self.faults
        app = web.Application(middlewares=[self._middleware], client_max_size=1 << 62)
        vendor.routes(app)
        self._runner = web.AppRunner(
            app,
            access_log=None,
            keepalive_timeout=75.0,
            max_line_size=1 << 20,
            max_field_size=1 << 17,
            shutdown_timeout=0.3,
            auto_decompress=False,
        )

    async def start(self, port: int, tls: tuple[str, str] | None) -> str:
        """Serve; the URL."""
        await self._runner.setup()
        context = None
        if tls is not None:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.load_cert_chain(*tls)
        self._listener = Listener(
            self.vendor.name,
            self._new_protocol,
            self.faults,
            self._connection_fault,
            tls=context,
            plain_on_tls=self.vendor.plain_on_tls,
            latency=self.latency,
        )
        self.vendor.go_away = self._listener.go_away
        self.url = f"{'https' if tls else 'http'}://{HOST}:{self._listener.open(port)}"
        await self.vendor.started(self.url)
        return self.url

    def _new_protocol(self) -> asyncio.Protocol:
        if self._runner.server is None:
            raise ConnectionError("switched off")
        return self._runner.server()

    @property
    def connections(self) -> int:
        """How many were accepted so far."""
        return self._listener.connections if self._listener is not None else 0

    async def switch_off(self) -> None:
        """Connections, sessions and tasks end. Who comes meanwhile is turned away."""
        await self.vendor.stopped()
        await self._runner.cleanup()
        # aiohttp keeps every handler that it ever wrapped into a middleware, and with it the whole device
        if (kept := getattr(web_app, "_cached_build_middleware", None)) is not None:
            kept.cache_clear()

    async def switch_on(self, vendor: Vendor) -> None:
        """A device, maybe another one, serves at the URL again."""
        self._put_in(vendor)
        await self._runner.setup()
        if self._listener is not None:
            vendor.go_away = self._listener.go_away
            self._listener.come_back()
        await vendor.started(self.url)

    async def stop(self) -> None:
        """For good."""
        await self.switch_off()
        if self._listener is not None:
            await self._listener.close()

    # -- one request

    @web.middleware
    async def _middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        context = Context(self.vendor, request)
        request[KEY] = context
        connection = (request.transport.get_extra_info("peername") if request.transport else None) or ("", 0)
        context.data["connection"] = connection[1]
        status: int | None = None
        fault: str | None = None
        response: web.StreamResponse | None = None
        began = time.monotonic()
        try:
            response = await self._serve(context, handler)
            status = response.status
        except (ResetConnection, errors.Interrupted) as exc:
            fault = type(exc).__name__
            response = self._cut(context)
        except ConnectionError:
            fault = "client left"
            response = self._cut(context)
        except asyncio.CancelledError:
            fault = "cancelled"
            raise
        except web.HTTPException as exc:
            status, response = exc.status, exc
            raise
        finally:
            if context.actions:
                fault = ",".join(sorted(context.actions)) + (f" ({context.note})" if context.note else "")
            self._record(context, status, response, fault, began)
        if context.tap is not None and status is not None:
            with contextlib.suppress(ConnectionError):
                await response.prepare(request)
                await response.write_eof()
            await context.tap.finish()
        return response

    async def _serve(self, context: Context, handler: Handler) -> web.StreamResponse:
        vendor, request = self.vendor, context.request
        too_long = vendor.max_url is not None and len(request.raw_path) > vendor.max_url
        info = CallInfo("unknown", context.raw_path[:200]) if too_long else await vendor.identify(context)
        context.info = info
        context.actions = self.faults.take(vendor.name, info.call, info.params, writes=info.writes)
        if context.actions:
            answer = await self._apply(context)
            if answer is not None:
                return answer
        if too_long:
            return web.Response(status=414, text="414 Request-URI Too Large\n")
        try:
            response = await handler(request)
        except (ConnectionError, web.HTTPException, errors.Interrupted, ResetConnection, asyncio.CancelledError):
            raise
        except Exception as exc:
            response = vendor.crashed(context, exc)
        if not response.prepared and context.actions:
            response = await context.settle() or response
            response = alter(context, response)
        return await self._cut_reply(context, response)

    async def _apply(self, context: Context) -> web.StreamResponse | None:
        """What the fault rules do before the handler; a response when the handler is not reached."""
        acts = context.actions
        if "slow" in acts:
            await asyncio.sleep(float(acts["slow"]))
        if "expire_session" in acts:
            self.vendor.expire_session(context)
        if "truncate" in acts:
            context.truncate_at = int(acts["truncate"])
        if "reset" in acts:
            detail = acts["reset"] if isinstance(acts["reset"], dict) else {}
            has_body = context.content_type in UPLOADS
            context.hard_reset = bool(detail.get("hard", False))
            if not detail.keys() - {"hard"}:
                raise ResetConnection
            where, at = detail.get("where", "upload" if has_body else "reply"), int(detail.get("at_bytes", 0))
            if where == "upload":
                context.reset_body_at = at
            elif where == "head":
                context.reset_head_at = at
            else:
                context.reset_reply_at = at
        if context.reset_head_at is not None or acts.keys() & wire.FAULTS:
            context.tap = wire.Tap(context.request, acts, context.reset_head_at)
        if "continue" in acts:
            await wire.continue_for_ever(context.request, float(acts["continue"]))
            raise ResetConnection
        return context.answer()

    @staticmethod
    async def _cut_reply(context: Context, response: web.StreamResponse) -> web.StreamResponse:
        """Cut a buffered reply: short but well-formed (truncate), or broken off (reset)."""
        if context.reset_head_at is not None:
            await response.prepare(context.request)
            await response.write_eof()
            raise ResetConnection
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
    def _cut(context: Context) -> web.StreamResponse:
        """Close the connection; what was written so far still goes out, nothing else does."""
        request = context.request
        if request.transport is not None:
            if context.hard_reset and (sock := request.transport.get_extra_info("socket")) is not None:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                request.transport.abort()
            else:
                request.transport.close()
        request.protocol.force_close()
        return web.Response(status=500)

    def _connection_fault(self, fault: str, seconds: float) -> None:
        """A line of the log for a connection that no request came from."""
        self.log.write(
            {
                "time": now(),
                "vendor": self.vendor.name,
                "call": "connect",
                "path": "",
                "params": {},
                "status": None,
                "bytes_in": 0,
                "bytes_out": 0,
                "writes": False,
                "code": None,
                "session": None,
                "method": "",
                "agent": "",
                "seconds": round(seconds, 4),
                "fault": fault,
            }
        )

    def _record(
        self, context: Context, status: int | None, response: web.StreamResponse | None, fault: str | None, began: float
    ) -> None:
        info = context.info
        body = getattr(response, "body", None) if status is not None else None
        if not context.streamed:
            context.bytes_out = len(body) if isinstance(body, (bytes, bytearray)) else 0
        self.log.write(
            {
                "time": now(),
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
                "connection": context.data["connection"],
            }
        )


def now() -> str:
    """The time as the log has it."""
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds")
