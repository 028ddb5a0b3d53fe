# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One call as a handler sees it: parameters that may repeat, who asks, and the ways to answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import parse_qsl

from aiohttp import web

from ..core import errors
from ..core.context import Context
from ..core.disk import Disk, Entry, join, split
from ..core.progress import Progress
from ..core.sessions import Session
from ..core.space import Budget
from ..core.tasks import Task
from . import reply
from .codes import Refused, Status

if TYPE_CHECKING:
    from .device import Qnap

T = TypeVar("T")
ILLEGAL = frozenset("\"+=/\\:|*?<>;[]%,`'")
"""What the later document lists as refused in a name (status 12)."""


class Params:
    """Parameters of a request. CGI programs read the first of equal names; lists of files repeat a name."""

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        self._values: dict[str, list[str]] = {}
        for name, value in pairs:
            self._values.setdefault(name, []).append(value)

    @classmethod
    def parse(cls, text: str, *, plus: bool = True) -> Params:
        """An urlencoded string; with `plus=False` a `+` is a plus and not a space."""
        return cls(
            parse_qsl(text if plus else text.replace("+", "%2B"), keep_blank_values=True, errors="surrogateescape")
        )

    def fill(self, other: Params) -> None:
        """Take what is not there yet."""
        for name, values in other._values.items():
            self._values.setdefault(name, values)

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def get(self, name: str, default: str = "") -> str:
        return self._values.get(name, [default])[0]

    def count(self, name: str) -> range:
        """The numbers of a list that says how many it has; no request holds more than it has parameters."""
        return range(min(self.number(name), len(self._values)))

    def first(self, *names: str) -> str:
        """The value of the first of these that is there."""
        return next((self.get(name) for name in names if name in self), "")

    def all(self, name: str) -> list[str]:
        return list(self._values.get(name, ()))

    def number(self, name: str, default: int = 0) -> int:
        """As C's atoi has it: what is no number is 0."""
        if name not in self._values:
            return default
        text = self.get(name).strip()
        sign = text[:1] if text[:1] in {"-", "+"} else ""
        digits = ""
        for char in text[len(sign) :]:
            if char not in "0123456789":
                break
            digits += char
        return int(sign + digits) if digits else 0

    def flag(self, name: str) -> bool:
        return self.get(name).lower() in {"1", "true"}

    def files(self, name: str, total: str, *, needs_total: bool = False) -> list[str]:
        """The repeated names, cut to the count that goes with them.

        `needs_total`: without a count there are none. That is what devices were seen to do with copy, move and
        download (they report success); of the other calls nothing is known, and the count may be left out.
        """
        values = self.all(name)
        if total in self._values:
            return values[: max(0, self.number(total))]
        return [] if needs_total else values

    def dump(self) -> dict[str, Any]:
        """For the log: a list where a name repeats."""
        return {name: values[0] if len(values) == 1 else list(values) for name, values in self._values.items()}


class Call:
    """What a handler gets."""

    def __init__(self, device: Qnap, context: Context, params: Params, session: Session | None) -> None:
        self.device = device
        self.context = context
        self.params = params
        self._session = session
        self._disk: Disk | None = None

    @property
    def session(self) -> Session:
        assert self._session is not None
        return self._session

    @property
    def user(self) -> str:
        return self.session.user

    @property
    def admin(self) -> bool:
        person = self.device.people.find(self.user)
        return person is not None and person.admin

    @property
    def disk(self) -> Disk:
        """The disk as who asks may use it; who comes without a session (by a share link) has the device's rights."""
        if self._disk is None:
            found = self.device.rights.disk_of(self.user) if self._session is not None else self.device.disk
            self._disk = found
        return self._disk

    @property
    def modern(self) -> bool:
        return self.device.generation.modern

    async def run(self, work: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        return await self.disk.run(work, *args, **kwargs)

    def budget(self, path: str) -> Budget:
        return self.context.budget(self.disk, path)

    # -- parameters

    def need(self, *names: str) -> None:
        """Refuse the call unless these are there: 20 is what wrong parameter names were answered with."""
        if any(name not in self.params for name in names):
            raise Refused(Status.PARAMETER)

    def path(self, name: str) -> str:
        """A path parameter. Folders with a leading dot at the top are the simulator's own."""
        self.need(name)
        path = self.params.get(name)
        names = split(path)
        if names and names[0].startswith("."):
            raise Refused(Status.NO_SUCH_FILE)
        return "/" + "/".join(names)

    def iso_path(self, name: str) -> str:
        """A path of the calls that know `is_iso` (guide, 12.1, 12.2, 16): it is 1 for an ISO share and 0 for any other,
        or nothing is found there. What devices say otherwise is not known; `is_iso=lenient` does not look at it."""
        path = self.path(name)
        device, share = self.device, self.disk.share(path)
        if device.strict_iso and share and (share in device.iso_shares) is not (self.params.number("is_iso") == 1):
            raise Refused(Status.NO_SUCH_FILE)
        return path

    def child(self, folder: str, name: str) -> str:
        """The path of an entry that is named by its folder and its name."""
        if not name or "/" in name:
            raise Refused(Status.NO_SUCH_FILE)
        return join(folder, name)

    @property
    def follows_links(self) -> bool:
        """Whether links are entered when something is packed (`follow_links=1`)."""
        return self.device.settings.flag("follow_links")

    def walk(self, path: str) -> Iterator[Entry]:
        """What is packed: links are not entered unless the device does that (`follow_links=1`: what devices do is not
        known), and one that leads nowhere is left out."""
        walked = self.disk.walk(path, follow=self.follows_links)
        return (entry for entry in walked if entry.link is None or not entry.link.broken)

    def check_writable(self, folder: str) -> None:
        """Raise when nothing may be put into this folder. Shares are not made here: the root takes nothing."""
        if folder == "/":
            raise errors.ReadOnly(folder)
        self.disk.check_write(join(folder, "x"))

    def check_name(self, name: str, *, strict: bool | None = None) -> None:
        """A name that is to be given: 12 for what is refused, 26 for what is too long."""
        if strict is None:
            strict = self.device.strict_names
        bad = name in {"", ".", ".."} or "/" in name or "\0" in name or name.startswith("_sn_")
        if bad or (strict and set(name) & ILLEGAL):
            raise Refused(Status.ILLEGAL_NAME)
        if len(name.encode("utf-8", "surrogateescape")) > 255:
            raise Refused(Status.NAME_TOO_LONG)

    # -- answers

    def status(self, status: int, *, oddity: str = "") -> web.Response:
        return self.device.status(self.context, status, oddity=oddity)

    def reply(self, values: Any, *, tight: bool = False, oddity: str = "") -> web.Response:
        """JSON; `tight` where QTS 5 was seen to write it without spaces."""
        text = reply.compact(values) if tight and self.modern else reply.spaced(values)
        return reply.respond(self.context, text + ("" if self.modern else "\n"), self.device.json_type, oddity=oddity)

    def start(self, task_type: str, work: Callable[[Progress], Any], **data: Any) -> Task:
        """A background process."""
        return self.device.tasks.start(task_type, work, owner=self.user, data=data, fault=self.context.task_fault())

    def pid(self, task: Task, *, oddity: str = "") -> web.Response:
        """The reply of every call that goes on in the background: no `success` in it."""
        return self.reply({"status": 1, "pid": int(task.id)}, oddity=oddity)

    def task(self, *task_types: str) -> Task | None:
        """The process that `pid` names."""
        task = self.device.tasks.get(str(self.params.number("pid")))
        return task if task is not None and task.type in task_types else None


Handler = Callable[[Call], Awaitable[web.StreamResponse]]
Handlers = Mapping[str, Handler]
