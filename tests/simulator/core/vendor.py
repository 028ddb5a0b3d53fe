# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a vendor package is: a subclass of Vendor, named VENDOR in the package."""

from __future__ import annotations

import abc
from collections.abc import Callable
from typing import ClassVar

from aiohttp import web

from .context import CallInfo, Context
from .disk import Disk
from .faults import Faults
from .log import RequestLog
from .sessions import SessionStore
from .settings import Settings
from .tasks import TaskStore


class Vendor(abc.ABC):
    """One device. Made inside the running loop; disk, sessions and tasks are ready, a subclass may replace them."""

    name: ClassVar[str]
    profiles: ClassVar[tuple[str, ...]]
    default_profile: ClassVar[str]
    max_url: ClassVar[int | None] = None
    """Request lines with a longer URL are answered 414 (the vendor's web server's own limit)."""
    plain_on_tls: ClassVar[bytes] = b""
    """The whole HTTP answer to a plain http request at the https port; empty: the connection is closed."""
    secret_params: ClassVar[frozenset[str]] = frozenset()
    """Parameters to redact in the log, beside the common ones of `core.log.SECRETS`."""
    active_tasks: ClassVar[int | None] = None

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.profile = settings.profile or self.default_profile
        if self.profile not in self.profiles:
            raise SystemExit(f"{self.name}: unknown profile {self.profile!r}; there are: {', '.join(self.profiles)}")
        capacity = settings.text("capacity")
        self.disk = Disk(
            settings.root,
            capacity=int(capacity) if capacity else None,
            quotas={share: int(size) for share, size in settings.pairs("quota").items()},
            read_only=settings.names("read_only"),
            denied=settings.names("denied"),
        )
        self.sessions = SessionStore(
            settings.session_seconds,
            max_failures=settings.integer("max_failures", 0),
            block_seconds=settings.number("block_seconds", 300.0),
        )
        self.tasks = TaskStore(
            minimum_seconds=settings.number("task_seconds", 0.0),
            active_limit=settings.integer("active_tasks", self.active_tasks or 0) or None,
            new_id=self.new_task_id,
        )

    @abc.abstractmethod
    def routes(self, app: web.Application) -> None:
        """Add the routes. Handlers take a request; `Context.of(request)` is the rest."""

    @abc.abstractmethod
    async def identify(self, context: Context) -> CallInfo:
        """Name the call. It may read a form body, or a multipart body up to its file, through the context."""

    @abc.abstractmethod
    def render_error(self, context: Context, code: int | str) -> web.StreamResponse:
        """The vendor's envelope around one of its error codes; sets `context.code`."""

    def expire_session(self, context: Context) -> None:
        """The fault `expire_session`: the session of this request ends before the request is served."""
        self.sessions.drop(context.info.session)

    def crashed(self, context: Context, exc: Exception) -> web.StreamResponse:
        """A handler raised something it should not have."""
        raise exc

    url = ""
    log: RequestLog | None = None
    """Set by the server, with `faults`: for requests inside a request (the messages of a web socket)."""
    faults: Faults | None = None
    go_away: Callable[[float], None] | None = None
    """Set by the server: nothing listens on the port for so many seconds."""
    _task_count = 0

    def new_task_id(self, task_type: str) -> str:
        self._task_count += 1
        return str(self._task_count)

    async def started(self, url: str) -> None:
        """The device serves at this URL now."""
        self.url = url

    async def stopped(self) -> None:
        """The device is being switched off."""
        await self.tasks.close()
        self.disk.close()
