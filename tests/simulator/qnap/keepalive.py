# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long a connection lasts. Devices say `Keep-Alive: timeout=15, max=100`: they hang up on a connection that was
idle for 15 s, and with the 100th answer."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from aiohttp import web


@dataclass
class _Connection:
    answers: int = 0
    busy: int = 0
    end: asyncio.TimerHandle | None = None


class Connections:
    """Every open connection: how many answers it got, and when it is given up."""

    def __init__(self, seconds: float, most: int) -> None:
        self.seconds, self.most = seconds, most
        self._open: WeakKeyDictionary[asyncio.Transport, _Connection] = WeakKeyDictionary()

    def _of(self, request: web.Request) -> _Connection:
        if request.transport is None:
            return _Connection()
        return self._open.setdefault(request.transport, _Connection())

    @contextlib.contextmanager
    def serving(self, request: web.Request) -> Iterator[None]:
        """A connection that is at work is not idle."""
        connection, transport = self._of(request), request.transport
        if connection.end is not None:
            connection.end.cancel()
        connection.busy += 1
        try:
            yield
        finally:
            connection.busy -= 1
            if transport is not None and not connection.busy:
                self._wait(connection, transport, request.protocol)

    def _wait(self, connection: _Connection, transport: asyncio.Transport, protocol: object) -> None:
        connection.end = asyncio.get_running_loop().call_later(
            self.seconds, self._give_up, connection, transport, protocol
        )

    def _give_up(self, connection: _Connection, transport: asyncio.Transport, protocol: object) -> None:
        """Unless the answer is still on its way (a fault may make that long): aiohttp waits for a request when idle."""
        if transport.is_closing():
            return
        waiter = getattr(protocol, "_waiter", None)
        if waiter is None or waiter.done():
            self._wait(connection, transport, protocol)
        else:
            transport.close()

    def answered(self, request: web.Request, response: web.StreamResponse) -> None:
        """Count the answer; the last one says that it is the last."""
        connection = self._of(request)
        connection.answers += 1
        if response.prepared:
            return
        left = self.most - connection.answers
        if left > 0:
            response.headers["Keep-Alive"] = f"timeout={self.seconds:g}, max={left}"
        else:
            response.force_close()
