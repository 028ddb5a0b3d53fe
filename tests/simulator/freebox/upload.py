# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ws/upload: files over a WebSocket.

Rests on the vendor's Upload page as far as known: upload_start, binary frames (each is acknowledged with the request_id
of the start), upload_finalize, upload_cancel; one socket may carry one file after the other. The bytes go straight to
the file, so what a closed socket leaves is a part of it, which `force: resume` goes on with. `request_id` comes back as
it came (one client sends strings); `size` and `request_id` may be missing. Frames are limited to 1 MiB.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import time
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from aiohttp import WSMsgType, web

from ..core import errors
from ..core.context import CallInfo, Context, ResetConnection
from ..core.disk import join
from ..core.replies import after_message, before_message
from ..core.sessions import short_hash
from ..core.writer import Writer
from . import tracking
from .calls import EXPLORER, Ask, Route
from .operations import new_name
from .wire import Refused, decode_path, disk_code, dumps, message, number, shown

if TYPE_CHECKING:
    from .device import Freebox

FRAME_LIMIT = 1 << 20
_FORCES = (None, "", "missing", "overwrite", "resume")


class Conversation:
    """One socket."""

    def __init__(self, box: Freebox, ask: Ask, socket: web.WebSocketResponse) -> None:
        self.box = box
        self.ask = ask
        self.socket = socket
        self.lock = asyncio.Lock()
        self.start_id: dict[str, Any] = {}  # the request_id of the start, if it had one
        self.writer: Writer | None = None
        self.record: tracking.Upload | None = None
        self.offset = 0
        self.failed_with = ""
        self.faults: dict[str, Any] = {}

    # -- the actions

    async def take_text(self, text: str) -> None:
        try:
            request = json.loads(text)
        except ValueError:
            request = None
        if not isinstance(request, dict):
            await self.send({"action": "", "success": False, **_problem("invalid_request", "JSON")})
            return
        action = request.get("action")
        work = {"upload_start": self.start, "upload_finalize": self.finalize, "upload_cancel": self.cancel}
        context = self._context(f"ws/upload {shown_action(action)}", _logged(request), writes=action in work)
        began, answer = time.monotonic(), {"action": action, "success": True}
        if "request_id" in request:
            answer["request_id"] = request["request_id"]
        fault, instead = ",".join(sorted(context.actions)) or None, None
        try:
            instead = await self._inject(context)
            if instead is None:
                if not isinstance(action, str) or action not in work:
                    raise _invalid(action)
                async with self.lock:
                    answer.update(await work[action](request, context))
                self._refuse_after(context)
        except (Refused, errors.DiskError) as exc:
            answer.update(success=False, **self._refused(exc))
            context.code = answer["error_code"]
        except ResetConnection:
            fault = fault or "ResetConnection"
            raise
        finally:
            self._log(context, began, fault)
        await self.send(answer, context, instead)

    async def start(self, request: dict[str, Any], context: Context) -> dict[str, Any]:
        if self.writer is not None:
            raise _invalid("upload_start")
        box, disk = self.box, self.box.disk
        sent, name = decode_path(request.get("dirname")), request.get("filename")
        if not isinstance(name, str) or not name or request.get("force") not in _FORCES:
            raise Refused("invalid_request")
        force, size = request.get("force"), number(request.get("size") or 0)
        folder, name = box.place(sent), new_name(name)
        if not disk.stat(folder).is_folder:
            raise Refused("path_not_found")
        if folder == "/":
            raise Refused("access_denied")
        path = join(folder, name)
        taken = disk.find(path)
        if taken is not None and (taken.is_folder or force not in {"overwrite", "resume"}):
            # the page's text says destination_conflict, its example and a client's test say conflict
            raise Refused(box.settings.text("upload_conflict", "conflict"), file_size=taken.size)
        self.offset = taken.size if taken is not None and force == "resume" else 0
        budget = (context if context.actions else self.ask.context).budget(disk, path)
        self.writer = await disk.run(Writer, disk, path, in_place=True, budget=budget, offset=self.offset)
        self.record = box.uploads.add(size, name, sent, self.stop)
        self.start_id = {name: request[name] for name in ("request_id",) if name in request}
        self.failed_with, self.faults = "", context.actions
        self.ask.context.info.writes = True
        return {}

    async def finalize(self, request: dict[str, Any], context: Context) -> dict[str, Any]:
        """Complete, however many bytes came: nothing says that the box compares them with `size`."""
        writer, record = self._active("upload_finalize")
        entry = await writer.commit()
        await self.box.disk.run(self._spoil, entry.real)
        self.writer = None
        record.touch(self.total, tracking.DONE)
        return {"result": {"total_len": self.total, "complete": True}}

    async def cancel(self, request: dict[str, Any], context: Context) -> dict[str, Any]:
        total = await self._discard("upload_cancel")
        return {"result": {"total_len": total, "complete": True, "cancelled": True}}

    async def stop(self) -> None:
        """Cancelled from elsewhere (DELETE upload/{id}/cancel): the socket is told. The form is a guess."""
        async with self.lock:
            if self.writer is None:
                return
            total = await self._discard("upload_cancel")
            self.failed_with = "cancelled"
        result = {"total_len": total, "complete": True, "cancelled": True}
        await self.send(
            {
                "action": "upload_cancelled",
                **self.start_id,
                "success": False,
                "result": result,
                **_problem("cancelled"),
            }
        )

    # -- the bytes

    @property
    def total(self) -> int:
        """`total_len`: the file's length, or (a setting) what this session sent of it."""
        if self.record is None:
            return 0
        return self.record.uploaded

    async def take_data(self, block: bytes) -> None:
        context = self.ask.context
        limit = next((at for at in (context.reset_body_at, context.reset_reply_at) if at is not None), None)
        cut = limit is not None and context.bytes_in + len(block) >= limit
        if cut:
            block = block[: max(0, (limit or 0) - context.bytes_in)]
        context.bytes_in += len(block)
        answer: dict[str, Any] = {**self.start_id, "action": "upload_data", "success": True}
        try:
            frame = self._context("ws/upload upload_data", {"size": len(block)}, writes=True)
            if (instead := await self._inject(frame)) is not None:
                await self.send(answer, frame, instead)
                return
            async with self.lock:
                if self.writer is None and self.failed_with:
                    return  # frames that were on their way when the upload ended
                writer, record = self._active("upload_data")
                try:
                    await writer.write(block)
                except (Refused, errors.DiskError):
                    await self._fail(writer, record)
                    raise
                counted = writer.size - (self.offset if self.box.settings.text("resume_length") == "session" else 0)
                record.touch(counted, tracking.IN_PROGRESS)
                answer["result"] = {"total_len": counted, "complete": False}
            self._refuse_after(frame)
        except (Refused, errors.DiskError) as exc:
            answer.update(success=False, **self._refused(exc))
            self.failed_with = context.code = answer["error_code"]
        if cut:
            raise ResetConnection
        await self.send(answer, frame)

    async def closed(self) -> None:
        """The socket is gone: what came of the file stays."""
        async with self.lock:
            if self.writer is not None and self.record is not None:
                await self._fail(self.writer, self.record)

    # -- helpers

    async def _fail(self, writer: Writer, record: tracking.Upload) -> None:
        await writer.abort()
        self.writer = None
        record.touch(record.uploaded, tracking.FAILED)

    async def _discard(self, action: str) -> int:
        """Cancel: the partial file goes."""
        writer, record = self._active(action)
        await writer.abort()
        await self.box.disk.run(self.box.disk.delete, writer.path)
        self.writer = None
        record.touch(record.uploaded, tracking.CANCELLED)
        return self.total

    def _active(self, action: str) -> tuple[Writer, tracking.Upload]:
        if self.writer is None or self.record is None:
            raise Refused(self.failed_with) if self.failed_with else _invalid(action)
        return self.writer, self.record

    def _spoil(self, real: str) -> None:
        """The oddities of a bad disk; blocks."""
        oddity, value = self.faults.get("vendor"), self.faults.get("value", 1)
        size = os.path.getsize(real)
        if oddity == "lose_bytes":
            os.truncate(real, max(0, size - int(value)))
        elif oddity == "corrupt_upload" and size:
            with open(real, "r+b") as handle:
                handle.seek(-1, os.SEEK_END)
                last = handle.read(1)[0]
                handle.seek(-1, os.SEEK_END)
                handle.write(bytes([last ^ 0xFF]))

    @staticmethod
    async def _inject(context: Context) -> str | None:
        """The faults before the work; an answer to send instead of doing it."""
        instead = await before_message(context)
        if "error" in context.actions:
            raise Refused(str(context.actions["error"]))
        return instead

    @staticmethod
    def _refuse_after(context: Context) -> None:
        if "error after" in context.actions:
            raise Refused(str(context.actions["error after"]))

    def _context(self, call: str, params: dict[str, Any], *, writes: bool) -> Context:
        """A context of its own for one action, so that fault rules and the log know it."""
        context = Context(self.box, self.ask.context.request)
        context.info = CallInfo(
            call, self.ask.context.info.path, params, writes=writes, session=self.ask.context.info.session
        )
        if self.box.faults is not None:
            context.actions = self.box.faults.take(self.box.name, call, params, writes=writes)
        return context

    def _log(self, context: Context, began: float, fault: str | None) -> None:
        if self.box.log is None:
            return
        info = context.info
        self.box.log.write(
            {
                "time": datetime.now(timezone.utc).isoformat(timespec="milliseconds"),
                "vendor": self.box.name,
                "call": info.call,
                "path": info.path,
                "params": info.params,
                "status": 101,
                "bytes_in": 0,
                "bytes_out": 0,
                "writes": info.writes,
                "code": context.code,
                "session": short_hash(info.session),
                "method": "WS",
                "seconds": round(time.monotonic() - began, 4),
                "fault": fault,
            }
        )

    @staticmethod
    def _refused(exc: Refused | errors.DiskError) -> dict[str, Any]:
        if isinstance(exc, Refused):
            return {**exc.extra, **_problem(exc.code, exc.detail)}
        return _problem(disk_code(exc))

    async def send(self, answer: dict[str, Any], context: Context | None = None, instead: str | None = None) -> None:
        """Send an answer, or what a fault makes of it."""
        text = dumps(answer) if instead is None else instead
        for one in [text] if context is None else await after_message(context, text):
            self.ask.context.bytes_out += len(one)
            if not self.socket.closed:
                await self.socket.send_str(one)
        if context is not None and "hang_up" in context.actions:
            raise ResetConnection


def shown_action(action: Any) -> str:
    return shown(action)[:40] if isinstance(action, str) else "?"


def _problem(code: str, detail: str = "") -> dict[str, Any]:
    return {"msg": message(code, detail), "error_code": code}


def _invalid(action: Any) -> Refused:
    """An action that does not fit: an unknown one, a second upload_start, a finalize of nothing."""
    return Refused("invalid_request", detail=f"Invalid action {shown_action(action)}")


def _logged(request: dict[str, Any]) -> dict[str, Any]:
    params = dict(request)
    with contextlib.suppress(Refused):
        params["dirname"] = shown(decode_path(request.get("dirname")))
    return params


async def upload_socket(box: Freebox, ask: Ask) -> Any:
    socket = web.WebSocketResponse(max_msg_size=FRAME_LIMIT + 1, compress=False)
    request = ask.context.request
    if not socket.can_prepare(request).ok:
        raise Refused("invalid_request", status=400, detail="websocket")
    await socket.prepare(request)
    ask.context.streamed = True
    talk = Conversation(box, ask, socket)
    try:
        async for frame in socket:
            if frame.type is WSMsgType.BINARY:
                await talk.take_data(frame.data)
            elif frame.type is WSMsgType.TEXT:
                await talk.take_text(frame.data)
            else:
                break
    finally:
        await talk.closed()
    return socket


ROUTES = [Route("GET", "ws/upload", upload_socket, permission=EXPLORER)]
