# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is logged in. Sessions end by log-out, by idleness, or because a test drops them."""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

_SALT = secrets.token_bytes(8)


def short_hash(session_id: str | None) -> str | None:
    """A name for a session that may be written to a log: stable within a run, useless for logging in."""
    return hashlib.sha256(_SALT + session_id.encode("utf-8", "surrogateescape")).hexdigest()[:8] if session_id else None


@dataclass
class Session:
    """One login."""

    id: str
    user: str
    created: float
    used: float
    data: dict[str, Any] = field(default_factory=dict)


class SessionStore:
    """Sessions by id, and the count of failed logins by address."""

    def __init__(
        self,
        seconds: float,
        *,
        sliding: bool = True,
        max_failures: int = 0,
        block_seconds: float = 300.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.seconds = seconds
        self.sliding = sliding
        self.max_failures = max_failures
        self.block_seconds = block_seconds
        self.logins = 0
        self._clock = clock
        self._sessions: dict[str, Session] = {}
        self._failures: dict[str, list[float]] = {}
        self._timed_out: set[str] = set()

    def open(self, user: str, session_id: str | None = None, **data: Any) -> Session:
        now = self._clock()
        session = Session(session_id or secrets.token_urlsafe(32), user, now, now, data)
        self._sessions[session.id] = session
        self.logins += 1
        return session

    def get(self, session_id: str | None) -> Session | None:
        """The session if it is alive; reading it keeps it alive (when sliding)."""
        session = self._sessions.get(session_id or "")
        if session is None:
            return None
        now = self._clock()
        if now - (session.used if self.sliding else session.created) > self.seconds:
            del self._sessions[session.id]
            self._timed_out.add(session.id)
            return None
        session.used = now
        return session

    def timed_out(self, session_id: str | None) -> bool:
        """Whether this was a session that ended by idleness (known once `get` was tried)."""
        return session_id in self._timed_out

    def drop(self, session_id: str | None) -> bool:
        """End one session: log-out, or a fault."""
        return self._sessions.pop(session_id or "", None) is not None

    def drop_all(self) -> None:
        self._sessions.clear()

    def all(self) -> list[Session]:
        return [session for key in list(self._sessions) if (session := self._sessions.get(key)) is not None]

    def failed(self, address: str) -> int:
        """Count one refused login; how many there are now within the blocking time."""
        now = self._clock()
        recent = [when for when in self._failures.get(address, []) if now - when < self.block_seconds]
        recent.append(now)
        self._failures[address] = recent
        return len(recent)

    def blocked(self, address: str) -> bool:
        """Whether this address failed too often (never, when `max_failures` is 0)."""
        now = self._clock()
        recent = [when for when in self._failures.get(address, []) if now - when < self.block_seconds]
        return 0 < self.max_failures <= len(recent)

    def forgive(self, address: str) -> None:
        """A good login clears the count."""
        self._failures.pop(address, None)
