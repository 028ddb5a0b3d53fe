# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting for a device's long operations: progress, a deadline, and stopping what is no longer wanted."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from typing import Optional

from ansible_collections.nasops.nas.plugins.module_utils._errors import Kind, NasError
from ansible_collections.nasops.nas.plugins.module_utils._model import FAILED, FINISHED, QUEUED, Task

FIRST_PAUSE = 0.005
LONGEST_PAUSE = 2.0

Progress = Callable[[int, Optional[int]], None]


def _silent(done: int, total: Optional[int]) -> None:
    """Shows nothing."""


class Watch:
    """How a caller follows a long operation.

    :param progress: called with (done, total) in whatever unit the operation counts; total is None while unknown.
    :param timeout: seconds that a device's task may run (time in a queue does not count); None waits for ever.
    """

    def __init__(self, progress: Progress = _silent, timeout: Optional[float] = None) -> None:
        self.progress = progress
        self.timeout = timeout

    def until_finished(self, status: Callable[[], Task], stop: Callable[[], object]) -> Task:
        """Ask `status()` with growing pauses until the task is FINISHED or FAILED, and return that last answer.

        :param status: one question to the device; it may raise, which ends the wait and stops the task.
        :param stop: makes the device give the task up; called on timeout and on any interruption.
        :raises NasError: `TIMEOUT` when the task ran longer than `timeout`.
        """
        pause = FIRST_PAUSE
        started: Optional[float] = None
        try:
            while True:
                task = status()
                if task.done is not None:
                    self.progress(task.done, task.total)
                if task.state in (FINISHED, FAILED):
                    return task
                now = time.monotonic()
                if started is None and task.state != QUEUED:
                    started = now
                if started is not None and self.timeout is not None and now - started > self.timeout:
                    raise NasError(
                        Kind.TIMEOUT,
                        f"the device's {task.kind} task was stopped: it ran longer than {self.timeout:g} s",
                        path=task.path or "",
                        hint="Raise the option wait_timeout",
                    )
                time.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
        except BaseException:
            # Also an interruption by the user: the device must not go on alone. A failure to stop it must not hide why.
            with contextlib.suppress(NasError):
                stop()
            raise
