# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How far a piece of work has come, and the place where it can be paused, cancelled, slowed or made to fail.

Work runs in a thread and calls `checkpoint()` before every step that changes the disk.
"""

from __future__ import annotations

import threading
import time

_TICK = 0.01


class Cancelled(Exception):  # noqa: N818
    """The task was cancelled; what is done stays done."""


class InjectedFailure(Exception):  # noqa: N818
    """A fault rule made the task fail; `code` is the vendor's own code."""

    def __init__(self, code: int | str) -> None:
        super().__init__(f"injected failure {code}")
        self.code = code


class Progress:
    """Counters and the brake of one task."""

    def __init__(self, minimum_seconds: float = 0.0) -> None:
        self.total_bytes = 0
        self.done_bytes = 0
        self.total_files = 0
        self.done_files = 0
        self.current = ""
        self.target = ""
        self.minimum_seconds = minimum_seconds
        self.fail_code: int | str | None = None
        self.fail_after_files = 0
        self.stall = False
        self._started = time.monotonic()
        self._paused_for = 0.0
        self._cancel = threading.Event()
        self._run = threading.Event()
        self._run.set()

    def start(self) -> None:
        """The work starts now (it may have waited in a queue)."""
        self._started = time.monotonic()

    @property
    def fraction(self) -> float:
        """Between 0 and 1; by bytes when bytes are known, else by files."""
        if self.total_bytes:
            return min(1.0, self.done_bytes / self.total_bytes)
        if self.total_files:
            return min(1.0, self.done_files / self.total_files)
        return 0.0

    @property
    def elapsed(self) -> float:
        return time.monotonic() - self._started - self._paused_for

    @property
    def cancelled(self) -> bool:
        return self._cancel.is_set()

    def cancel(self) -> None:
        self._cancel.set()
        self._run.set()

    def pause(self) -> None:
        self._run.clear()

    def resume(self) -> None:
        self._run.set()

    def expect(self, *, files: int = 0, size: int = 0) -> None:
        self.total_files += files
        self.total_bytes += size

    def advance(self, *, files: int = 0, size: int = 0, current: str | None = None) -> None:
        self.done_files += files
        self.done_bytes += size
        if current is not None:
            self.current = current

    def checkpoint(self) -> None:
        """Wait while paused or ahead of the minimum duration; raise when cancelled or when told to fail."""
        self._brake()
        if self.fail_code is not None and self.done_files >= self.fail_after_files:
            raise InjectedFailure(self.fail_code)
        while self.stall or self.elapsed < self.minimum_seconds * self.fraction:
            self._brake()
            self._cancel.wait(_TICK)
        self._brake()

    def finish(self) -> None:
        """The last checkpoint: a failure that found no earlier place, and the rest of the minimum duration."""
        self._brake()
        if self.fail_code is not None:
            raise InjectedFailure(self.fail_code)
        while self.stall or self.elapsed < self.minimum_seconds:
            self._brake()
            self._cancel.wait(_TICK)
        self._brake()

    def _brake(self) -> None:
        if not self._run.is_set():
            since = time.monotonic()
            self._run.wait()
            self._paused_for += time.monotonic() - since
        if self._cancel.is_set():
            raise Cancelled
