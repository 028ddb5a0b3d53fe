# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One request on its way through the simulator: what was asked, which faults meet it, what it came to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from aiohttp import ClientError, web

from . import errors
from .disk import Disk
from .multipart import Multipart
from .space import Budget
from .tasks import TaskFault
from .wire import Tap, continue_for_ever

if TYPE_CHECKING:
    from .vendor import Vendor

KEY: Any = getattr(web, "RequestKey", lambda name, _type: name)("context", object)  # a class since aiohttp 3.14
GARBAGE = "<html><head><title>502 Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>\n"


UPLOADS = ("multipart/form-data", "application/octet-stream")
"""The types of bodies that hold a file."""


class ResetConnection(Exception):  # noqa: N818
    """Close the connection without a (further) word."""


@dataclass
class CallInfo:
    """What a request asks for. `call` is spelled as in the list of calls; `session` is the session id it carries."""

    call: str
    path: str = ""
    params: dict[str, Any] = field(default_factory=dict)
    writes: bool = False
    session: str | None = None


class Context:
    """Kept in the request: `Context.of(request)`. A vendor reads bodies through it, so that faults can bite there."""

    def __init__(self, vendor: Vendor, request: web.Request) -> None:
        self.vendor = vendor
        self.request = request
        self.info = CallInfo("unknown", request.path)
        self.actions: dict[str, Any] = {}
        self.code: int | str | None = None
        self.bytes_in = 0
        self.bytes_out = 0
        self.streamed = False
        self.data: dict[str, Any] = {}
        self.reset_body_at: int | None = None
        self.reset_reply_at: int | None = None
        self.reset_head_at: int | None = None
        self.hard_reset = False
        self.tap: Tap | None = None
        self.truncate_at: int | None = None
        self._multipart: Multipart | None = None
        self._body: bytes | None = None
        self._settled = False
        self.note = ""
        """What a fault did, for the log."""

    @classmethod
    def of(cls, request: web.Request) -> Context:
        context = request[KEY]
        assert isinstance(context, cls)
        return context

    # -- what the client sent

    @property
    def raw_path(self) -> str:
        """The path as it stands in the request line, still percent-encoded, without the query."""
        return self.request.raw_path.partition("?")[0]

    def query(self) -> dict[str, str]:
        """Query parameters; bytes that are no UTF-8 survive as surrogate escapes. The last of equal names wins."""
        return parse_form(self.request.raw_path.partition("?")[2])

    async def body(self) -> AsyncIterator[bytes]:
        """The body in pieces, as they come. Raises ResetConnection (a fault) or Interrupted (the client left)."""
        content = self.request.content
        while True:
            try:
                block = await content.readany()
            except (ConnectionError, ClientError, web.RequestPayloadError) as exc:
                raise errors.Interrupted(self.info.path, str(exc)) from exc
            if not block:
                return
            if self.reset_body_at is not None and self.bytes_in + len(block) >= self.reset_body_at:
                keep = max(0, self.reset_body_at - self.bytes_in)
                self.bytes_in += keep
                if keep:
                    yield block[:keep]
                raise ResetConnection
            self.bytes_in += len(block)
            yield block

    async def read(self) -> bytes:
        """The whole body (kept: it may be asked for again). For forms and JSON, not for files."""
        if self._body is None:
            self._body = b"".join([block async for block in self.body()])
        return self._body

    async def form(self) -> dict[str, str]:
        """An urlencoded body's fields."""
        return parse_form((await self.read()).decode("utf-8", "surrogateescape"))

    @property
    def content_type(self) -> str:
        """Without its parameters; a comma before them is taken for a semicolon (a vendor's example has one)."""
        return self.request.headers.get("Content-Type", "").replace(",", ";", 1).partition(";")[0].strip().lower()

    def multipart(self) -> Multipart:
        """The one reader of this request's multipart body; `identify` may begin and the handler go on."""
        if self._multipart is None:
            self._multipart = Multipart(self.request.headers.get("Content-Type", ""), self.body())
        return self._multipart

    # -- faults

    async def settle(self) -> web.StreamResponse | None:
        """The work is done, the reply is due: wait, and give another reply, as faults with `where: after` say."""
        if self._settled:
            return None
        self._settled = True
        acts = self.actions
        if "slow after" in acts:
            await asyncio.sleep(float(acts["slow after"]))
        if "continue after" in acts:
            await continue_for_ever(self.request, float(acts["continue after"]))
            raise ResetConnection
        return self.answer(" after")

    def answer(self, suffix: str = "") -> web.StreamResponse | None:
        """What a fault says instead of the vendor."""
        acts = self.actions
        if (status := acts.get("status" + suffix)) is not None:
            return web.Response(status=status["status"], text=str(status["body"]), headers=status["headers"])
        if (code := acts.get("error" + suffix)) is not None:
            return self.vendor.render_error(self, code)
        if (body := acts.get("garbage" + suffix)) is not None:
            return web.Response(text=body if isinstance(body, str) else GARBAGE, content_type="text/html")
        return None

    def oddity(self, name: str) -> Any:
        """What a rule `do: {vendor: NAME, value: ...}` says for this vendor-specific oddity; None without one."""
        return self.actions.get("value", True) if self.actions.get("vendor") == name else None

    def task_fault(self) -> TaskFault | None:
        """What is to happen to the task that this call starts."""
        acts = self.actions
        if not {"fail_task", "stall_task", "lose_task"} & set(acts):
            return None
        fail = acts.get("fail_task")
        details: dict[str, Any] = fail if isinstance(fail, dict) else {"code": fail}
        return TaskFault(
            fail_code=details.get("code"),
            fail_after_files=int(details.get("after_files", 0)),
            stall="stall_task" in acts,
            lose="lose_task" in acts,
        )

    def budget(self, disk: Disk, path: str) -> Budget:
        """The disk's budget for this path, with the limits a fault adds."""
        budget = disk.budget(path)
        for name, error in (("disk_full", errors.NoSpace), ("quota", errors.Quota)):
            if name in self.actions:
                detail = self.actions[name]
                budget.limit(int(detail.get("at_bytes", 0)) if isinstance(detail, dict) else 0, error, fixed=True)
        return budget


def parse_form(text: str) -> dict[str, str]:
    """An urlencoded string; the last of equal names wins."""
    return dict(parse_qsl(text, keep_blank_values=True, errors="surrogateescape"))
