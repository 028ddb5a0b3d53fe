# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of calls: which function serves which method of which API."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..core.context import Context
from ..core.sessions import Session
from .values import Params

if TYPE_CHECKING:
    from .device import Synology


@dataclass
class Call:
    """A request that is about to be served. `session` is None for public methods only."""

    device: Synology
    context: Context
    params: Params
    api: str
    method: str
    version: int
    session: Session | None

    @property
    def user(self) -> str:
        return self.session.user if self.session is not None else ""

    @property
    def silent(self) -> bool:
        """Whether the call is to say success and do nothing (the oddity `silent`)."""
        return bool(self.context.oddity("silent"))


Handler = Callable[[Call], Awaitable[Any]]


@dataclass(frozen=True)
class Method:
    """One method. `writes`: it changes something on the device. `public`: it needs no session.

    `control`: it is one of the control panel's, with the rules of `control.admit`. `everybody`: of these, one that
    accounts without administration rights may call.
    """

    handler: Handler
    writes: bool
    public: bool = False
    control: bool = False
    everybody: bool = False


METHODS: dict[tuple[str, str], Method] = {}


def serves(api: str, method: str, *, writes: bool = False, public: bool = False) -> Callable[[Handler], Handler]:
    """Put a function into the table. It returns the `data` object, None for an empty success, or a response."""

    def keep(handler: Handler) -> Handler:
        METHODS[(api, method)] = Method(handler, writes, public)
        return handler

    return keep


def controls(api: str, *methods: str, writes: bool = False, everybody: bool = False) -> Callable[[Handler], Handler]:
    """The same for a method of the control panel (SYNO.Core, SYNO.Storage), perhaps under several names."""

    def keep(handler: Handler) -> Handler:
        for method in methods:
            METHODS[(api, method)] = Method(handler, writes, control=True, everybody=everybody)
        return handler

    return keep
