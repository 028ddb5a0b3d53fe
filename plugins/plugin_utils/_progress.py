# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How far a long operation is, in the terminal: what is being done, how much of it, and the time left."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from typing import Optional

from ..module_utils._core.text import printable

QUIET = 2.0  # seconds before the first line, and before the second
LONGEST_QUIET = 30.0  # between two lines, when there were some
GROWTH = 1.5
PHASES = {  # what a device's task does, by its type
    "assemble": "joining",
    "checksum": "checking",
    "compress": "packing",
    "copy": "copying",
    "delete": "removing",
    "extract": "unpacking",
    "folder_size": "counting",
    "move": "moving",
    "repair": "repairing",
    "search": "searching",
    "transcode": "transcoding",
}
UNITS = ("B", "kB", "MB", "GB", "TB")
STEP = 1000
LOOK = 1.0  # seconds between two looks at the clock while the device says nothing


class ProgressLine:
    """Says lines that grow rarer, from one after two seconds to one in 30 seconds; nothing for what is quick.

    Called with (done, total) in bytes. What is known in another way comes through `in_bytes` and `of_device`.

    :param label: what is worked on.
    :param say: shows a line.
    :param clock: seconds, monotonic.
    """

    def __init__(self, label: str, say: Callable[[str], None], clock: Callable[[], float] = time.monotonic) -> None:
        self._label = printable(label)
        self._say = say
        self._clock = clock
        self._since = self._last = clock()
        self._quiet = QUIET
        self._pause = QUIET
        self._phase: Optional[str] = None
        self._phases: set[str] = set()
        self._job = ""
        self._done = 0
        self._percent = 0

    def __call__(self, done: int, total: Optional[int]) -> None:
        """Note how many bytes have gone over the line; `total` is None while nobody knows."""
        self._note("transferring", done, total, in_bytes=True)

    def in_bytes(self, phase: str) -> Callable[[int, Optional[int]], None]:
        """The same for a phase that has a name, such as `uploading`."""
        return lambda done, total: self._note(phase, done, total, in_bytes=True)

    def of_files(self, phase: str, files: int, of_files: int, done: int, total: int) -> None:
        """Note how many of several files have gone over the line, and how many bytes of all."""
        self._note(phase, done, total, in_bytes=True, count=f"{files} of {of_files} files, ")

    def of_device(
        self, job_type: str, done: Optional[int], total: Optional[int], in_bytes: bool, job_id: str = ""
    ) -> None:
        """Note what the device says of its own task.

        :param job_type: what the task does, in the words of `Job.type`.
        :param done: in whatever the device counts; None when it tells nothing.
        :param in_bytes: whether that is bytes, which alone have a rate.
        :param job_id: which of its tasks.
        """
        is_another, self._job = job_id != self._job, job_id
        self._note(PHASES.get(job_type, job_type), done, total, in_bytes=in_bytes, may_restart=is_another)

    @contextlib.contextmanager
    def unheard(self, job_type: str) -> Iterator[None]:
        """Within it, say from time to time that the device still works.

        :param job_type: at what, in the words of `Job.type`.
        """
        over = threading.Event()

        def look() -> None:
            while not over.wait(LOOK):
                self.of_device(job_type, None, None, False)

        self.of_device(job_type, None, None, False)
        threading.Thread(target=look, daemon=True).start()
        try:
            yield
        finally:
            over.set()

    def _note(
        self,
        phase: str,
        done: Optional[int],
        total: Optional[int],
        *,
        in_bytes: bool,
        count: str = "",
        may_restart: bool = True,
    ) -> None:
        """:param may_restart: whether a number that falls far is of a next file or job, which begins at nothing."""
        now = self._clock()
        restarts = may_restart and done is not None and done * 2 < self._done
        if phase != self._phase or restarts:
            if self._phase is not None:
                self._since = now
            if phase not in self._phases:
                self._phases.add(phase)
                self._quiet = QUIET
            self._phase, self._done, self._percent = phase, 0, 0
        self._done = max(self._done, done or 0)
        if now - self._last < self._quiet:
            return
        self._last = now
        self._pause = self._quiet = min(self._pause * GROWTH, LONGEST_QUIET)
        what = self._label if self._label.startswith(phase) else f"{self._label}: {phase}"
        self._say(f"{what}, {count}{self._state(done, total, now - self._since, in_bytes)}")

    def _state(self, done: Optional[int], total: Optional[int], seconds: float, in_bytes: bool) -> str:
        so_long = f"{seconds:.0f} s"
        if done is None:
            return f"still working, {so_long}"
        if not total:
            if not in_bytes:
                return f"{self._done} so far, {so_long}" if self._done else f"still working, {so_long}"
            return f"{amount(self._done)}, {amount(self._done / seconds) if seconds else amount(0)}/s"
        self._percent = min(max(self._percent, 100 * self._done // total), 100)
        if self._percent == 100:
            return f"finishing, {so_long}"
        if not in_bytes:
            return f"{self._percent} %, {so_long}"
        rate = self._done / seconds if seconds else 0
        left = f"{(total - self._done) / rate:.0f} s left" if rate else "time left unknown"
        return f"{self._percent} %, {amount(rate)}/s, {left}"


def amount(count: float) -> str:
    """Bytes as a person reads them, with decimal units."""
    for unit in UNITS[:-1]:
        if count < STEP:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= STEP
    return f"{count:.1f} {UNITS[-1]}"
