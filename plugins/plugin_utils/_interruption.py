# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lets a task clear up when the user interrupts the run, or when its time is up."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from collections.abc import Iterator
from types import FrameType
from typing import Optional

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
GRACE = 3.0  # seconds that an interruption waits for the answer to a login


class TimeUp(BaseException):
    """The time that a task may take is over. What clears up after an interruption clears up after it too."""


@contextlib.contextmanager
def interruptible() -> Iterator[None]:
    """Within it, the signals that end a worker raise KeyboardInterrupt, and then do nothing while the task clears up.

    After that the signal does what it would have done at first.

    When a run is interrupted, ansible-core ends its workers at once, and by more than one signal; a device would go on
    with what the task had started.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # Python takes signals in the main thread only
        return

    received: list[int] = []

    def interrupt(number: int, frame: Optional[FrameType]) -> None:
        for each in SIGNALS:
            signal.signal(each, signal.SIG_IGN)
        received.append(number)
        raise KeyboardInterrupt

    # A run in the background of a script is started with SIGINT ignored, and means to go on.
    taken = [number for number in SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
    usual = {number: signal.signal(number, interrupt) for number in taken}
    try:
        yield
    finally:
        for number, handler in usual.items():
            signal.signal(number, handler)
        for signalled in received:
            if signalled != signal.SIGINT:  # which KeyboardInterrupt has reported by now
                os.kill(os.getpid(), signalled)


@contextlib.contextmanager
def deferred() -> Iterator[None]:
    """Within it, the first signal that would interrupt waits for the end; the second, or GRACE seconds, does not.

    For a login: a device has made a session before its answer is here, and nobody could end one that nobody knows.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    waiting: list[int] = []
    timers: list[threading.Timer] = []

    def wait(number: int, frame: Optional[FrameType]) -> None:
        if waiting:
            waiting.clear()
            give_back()
            os.kill(os.getpid(), number)
            return
        waiting.append(number)
        timers.append(threading.Timer(GRACE, os.kill, (os.getpid(), number)))
        timers[0].daemon = True
        timers[0].start()

    def give_back() -> None:
        for number, handler in usual.items():
            signal.signal(number, handler)

    taken = [number for number in (*SIGNALS, signal.SIGALRM) if callable(signal.getsignal(number))]
    usual = {number: signal.signal(number, wait) for number in taken}
    try:
        yield
    finally:
        for timer in timers:
            timer.cancel()
        give_back()
        for number in waiting:
            os.kill(os.getpid(), number)


@contextlib.contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Within it, TimeUp is raised when the time is over; 0 is no limit.

    The alarm of core's own keyword `timeout` stays set, and comes first where it is shorter.
    """
    if not seconds or threading.current_thread() is not threading.main_thread():
        yield
        return

    def time_up(number: int, frame: Optional[FrameType]) -> None:
        raise TimeUp

    began = time.monotonic()
    left, _interval = signal.setitimer(signal.ITIMER_REAL, 0)
    if 0 < left <= seconds:
        signal.setitimer(signal.ITIMER_REAL, left)
        yield
        return
    usual = signal.signal(signal.SIGALRM, time_up)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, usual)
        if left:
            signal.setitimer(signal.ITIMER_REAL, max(left - (time.monotonic() - began), 0.001))
