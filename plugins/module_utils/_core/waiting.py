# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting for a device's long operations: progress, a deadline, stopping what is no longer wanted; or not waiting."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from typing import Optional

from .errors import Kind, NasError, usage
from .model import FAILED, FINISHED, QUEUED, Job

_FIRST_PAUSE = 0.005  # seconds
_SHARE = 0.1  # of the time so far
_LONGEST_PAUSE = 6.0  # seconds

Progress = Callable[[int, Optional[int]], None]


def _silent(done: int, total: Optional[int]) -> None:
    """Shows nothing."""


class OverdueError(NasError):
    """A task of the device ran longer than it may, and was stopped: no answer was lost."""


class Detached(BaseException):
    """Leads out of a client while the device's task goes on: nobody waits for it, so what would follow is not done.

    It is no failure. What clears up after one must let the task, and what the task makes, alone.

    :param task: as the device reported it at first.
    """

    def __init__(self, job: Job) -> None:
        super().__init__(job.id)
        self.job = job


def pauses() -> Iterator[float]:
    """The seconds to wait before each further poll of something that goes on, counted from the first `next`.

    They double from 5 ms on, up to a tenth of the time so far and 0.1 s more, and to 6 s: an end is noticed within
    that, and a minute takes no more than 50 polls.
    """
    started, pause = time.monotonic(), _FIRST_PAUSE
    while True:
        yield pause
        pause = min(pause * 2, _SHARE * (time.monotonic() - started) + 0.1, _LONGEST_PAUSE)


class Watch:
    """How a caller follows a long operation.

    :param progress: called with (done, total) in whatever unit the operation counts; total is None while unknown.
    :param timeout: seconds that a device's task may run (time in a queue does not count); None waits for ever.
    :param waits: whether a task is followed to its end; see `start_detached`.
    """

    def __init__(self, progress: Progress = _silent, timeout: Optional[float] = None, *, waits: bool = True) -> None:
        self.progress = progress
        self.timeout = timeout
        self.waits = waits

    def require_one(self, steps: int, path: str = "") -> None:
        """A client says, before the first of them, in how many steps it does something: only one can be left alone.

        :raises NasError: `USAGE`.
        """
        if not self.waits and steps > 1:
            raise wait_required("the NAS needs more than one task for this, one after the other", path)

    def in_bytes(self, phase: str) -> Progress:
        """What a transfer calls with (done, total) in bytes.

        :param phase: what is done, for a person, such as `uploading`.
        """
        named = getattr(self.progress, "in_bytes", None)
        return self.progress if named is None else named(phase)

    def count(self, phase: str, files: int, of_files: int, done: int, total: int) -> None:
        """Show how far the transfer of many files is, if somebody can see it.

        :param done: bytes.
        """
        counts = getattr(self.progress, "of_files", None)
        if counts is not None:
            counts(phase, files, of_files, done, total)

    def note(
        self,
        job_type: str,
        done: Optional[int],
        total: Optional[int] = None,
        *,
        in_bytes: bool = False,
        job_id: str = "",
    ) -> None:
        """Show how far the device is, if somebody can see it.

        :param job_type: what it does, in the words of `Job.type`.
        :param done: None when it tells nothing.
        :param in_bytes: whether it counts bytes: percent and numbers of files have no rate.
        :param job_id: which of its jobs this is; none of them goes backwards.
        """
        of_device = getattr(self.progress, "of_device", None)
        if of_device is not None:
            of_device(job_type, done, total, in_bytes, job_id)
        elif done is not None:
            self.progress(done, total)

    def unheard(self, job_type: str) -> contextlib.AbstractContextManager[None]:
        """Within it the device works on one call and tells nothing before its answer: that it goes on is shown."""
        unheard = getattr(self.progress, "unheard", None)
        found: contextlib.AbstractContextManager[None] = (
            contextlib.nullcontext() if unheard is None else unheard(job_type)
        )
        return found

    def until_finished(self, status: Callable[[], Job], stop: Callable[[], object], *, in_bytes: bool = False) -> Job:
        """Ask `status()` with growing pauses until the task is FINISHED or FAILED, and return that last answer.

        :param status: one question to the device; it may raise, which ends the wait and stops the task.
        :param stop: makes the device give the task up; called on timeout and on any interruption.
        :param in_bytes: see `note`.
        :raises NasError: `TIMEOUT` when the task ran longer than `timeout`.
        :raises Detached: when nobody waits, and the first answer is another one.
        """
        pause = pauses()
        started: Optional[float] = None
        try:
            while True:
                job = status()
                self.note(job.type, job.done, job.total, in_bytes=in_bytes, job_id=job.id)
                if job.state in (FINISHED, FAILED):
                    return job
                if not self.waits:
                    raise Detached(job)
                now = time.monotonic()
                if started is None and job.state != QUEUED:
                    started = now
                if started is not None and self.timeout is not None and now - started > self.timeout:
                    raise OverdueError(
                        Kind.TIMEOUT,
                        f"the device's {job.type} task was stopped: it ran longer than {self.timeout:g} s",
                        path=job.path or "",
                        hint="Raise the option wait_timeout",
                    )
                time.sleep(next(pause))
        except Detached:
            raise
        except BaseException:
            # Also an interruption by the user: the device must not go on alone. A failure to stop it must not hide why.
            with contextlib.suppress(NasError):
                stop()
            raise


def start_detached(work: Callable[[Watch], object], watch: Watch) -> list[Job]:
    """Start a background job that is one task of the device, and return after one poll, without waiting for its end.

    :param work: a client's method, which gets the watch to follow with.
    :returns: the task, or nothing when it was over at once, and well.
    :raises NasError: what fails at once.
    """
    try:
        work(Watch(watch.progress, watch.timeout, waits=False))
    except Detached as left:
        return [left.job]
    return []


def wait_required(why: str, path: str = "") -> NasError:
    """The error for `wait: false` where it is not enough to start a task of the device.

    :param why: what else there is to do; a sentence without its dot.
    """
    hint = "Set wait to true; where the play shall go on meanwhile, use Ansible's own async"
    return usage(f"option wait: false is not possible here: {why}", path=path, hint=hint)


Watching = Callable[[str], Watch]
"""Makes the Watch of a job, with its time limit, from what is done, for a person: `checksum of /home/a`."""
