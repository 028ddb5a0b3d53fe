# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The calls: which method and URL, since which major version, what they need, and who answers them."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..core.context import Context
from ..core.sessions import Session
from .wire import Refused, decode_path

if TYPE_CHECKING:
    from .device import Freebox

EXPLORER = "explorer"


@dataclass
class Ask:
    """One request that a route serves. `paths` are clear paths as sent, by the name of their parameter."""

    context: Context
    route: Route
    version: int
    args: dict[str, str]
    query: dict[str, str]
    body: Any = None
    session: Session | None = None

    def mapping(self) -> dict[str, Any]:
        """The JSON body, which has to be an object."""
        if not isinstance(self.body, dict):
            raise Refused("invalid_request", detail="JSON")
        return self.body

    def text(self, name: str) -> str:
        """A string of the body that has to be there and not empty."""
        value = self.mapping().get(name)
        if not isinstance(value, str) or not value:
            raise Refused("invalid_request", detail=name)
        return value

    def path(self, name: str) -> str:
        """A base64 path of the body, clear."""
        return decode_path(self.text(name))

    def paths(self, name: str) -> list[str]:
        """A list of base64 paths of the body, clear; it has to hold one at least."""
        value = self.mapping().get(name)
        if not isinstance(value, list) or not value:
            raise Refused("invalid_request", detail=name)
        return [decode_path(item) for item in value]


Handler = Callable[["Freebox", Ask], Awaitable[Any]]


@dataclass(frozen=True)
class Route:
    """A call. `{path}` takes the rest of the URL, other names one segment; a last slash may stand or not."""

    method: str
    template: str
    handler: Handler
    writes: bool = False
    permission: str | None = None
    login: bool = True
    since: int = 0
    until: int = 1 << 30
    escape_slashes: bool = False
    pattern: re.Pattern[str] = field(init=False)

    def __post_init__(self) -> None:
        text = re.escape(self.template.rstrip("/")).replace(r"\{", "{").replace(r"\}", "}")
        rest = text.endswith("/{path}")
        text = text.replace("/{path}", "(?:/(?P<path>.*))?")
        text = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", text)
        object.__setattr__(self, "pattern", re.compile(text + ("" if rest else "/?") + r"\Z", re.DOTALL))

    @property
    def call(self) -> str:
        """As the log spells it."""
        return f"{self.method} {self.template}"


class Calls:
    """Every route, looked up by method and the URL behind `/api/vN/`."""

    def __init__(self, routes: list[Route]) -> None:
        self._routes = routes

    def find(self, method: str, rest: str, version: int) -> tuple[Route, dict[str, str]] | None:
        wanted = "GET" if method == "HEAD" else method
        for route in self._routes:
            if route.method == wanted and route.since <= version <= route.until:
                match = route.pattern.match(rest)
                if match:
                    return route, {name: value or "" for name, value in match.groupdict().items()}
        return None
