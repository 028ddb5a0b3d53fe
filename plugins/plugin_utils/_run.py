# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a run begins, and how it ends: its workers clear up, then its sessions end, also when a signal ends the run."""

from __future__ import annotations

import atexit
import contextlib
import multiprocessing
import os
import signal
import sys
import threading
import time
from multiprocessing.process import BaseProcess
from types import FrameType
from typing import Any, Optional

from ansible.executor.process.worker import WorkerProcess
from ansible.executor.task_queue_manager import TaskQueueManager
from ansible.plugins.strategy import StrategyBase

from . import _broker, _imports, _process
from ._session_store import begin, clear, folder_of_run, log_out_all

CLEANUP_TIMEOUT = 15.0  # seconds that core may take to clean up at least, and twice as many at most
KILLED_TIMEOUT = 1.0  # seconds until a process that was killed is gone
HANGS = b"[ERROR]: Ansible hangs at the end of the run, and is ended\n"
HUNG = 250  # the exit status, which is core's for what it does not expect
_SOON = 0.01  # seconds
WORKERS_TIMEOUT = 30.0  # seconds that the workers of a run that is ended have to clear up


def _end(main_process: int) -> None:
    # Workers are forks that leave without this; only the process that owns the run ends its sessions.
    if os.getpid() == main_process:
        signal.setitimer(signal.ITIMER_REAL, 0)
        _wait_for(_workers())
        with contextlib.suppress(KeyboardInterrupt):  # the broker logs out, and clears up, also when nobody waits
            _broker.end(folder_of_run())
            log_out_all(folder_of_run())


def _workers() -> list[WorkerProcess]:
    return [child for child in multiprocessing.active_children() if isinstance(child, WorkerProcess)]


def _wait_for(workers: list[WorkerProcess]) -> None:
    """Let workers clear up, which after an interruption they may still do, and end those that do not come to an end.

    Another Ctrl-C does not wait for them.
    """
    until = time.monotonic() + WORKERS_TIMEOUT
    with contextlib.suppress(KeyboardInterrupt):
        for worker in workers:
            worker.join(max(until - time.monotonic(), 0))
    for worker in workers:
        worker.kill()
        worker.join(KILLED_TIMEOUT)


def _end_by_signal(number: int, usual: Any) -> None:
    """End the workers, let them clear up, log out; then do what would have been done without us.

    Core does not wait for its workers, and up to 2.18 it leaves them alone.
    """
    signal.signal(number, signal.SIG_IGN)
    workers = _workers()
    for worker in workers:
        worker.terminate()
    _wait_for(workers)
    _clear_own()
    signal.signal(number, usual)
    os.kill(os.getpid(), number)
    if usual is signal.SIG_DFL or os.getpid() == 1:
        # The first process of a container is not ended by such a signal, which core's own handler sends in the end.
        os._exit(128 + number)


def _clear_own() -> None:
    with contextlib.suppress(OSError):
        (folder_of_run() / _broker.OVER).touch()
    _broker.end(folder_of_run())
    clear(folder_of_run())
    with contextlib.suppress(OSError):
        folder_of_run().parent.rmdir()  # unless files of core's own are in it


def _is_in(frame: Optional[FrameType], *functions: Any) -> Optional[FrameType]:
    """The innermost frame of one of these functions that a frame is in, or None."""
    codes = [function.__code__ for function in functions]
    while frame is not None and frame.f_code not in codes:
        frame = frame.f_back
    return frame


class Signals:
    """What the main process does at signals: it ends its sessions, also when the run is ended by one.

    A worker that is killed while it sends its result takes a lock along, for which core's cleanup waits for ever. So a
    timer looks whether it does; then the run is ended here.

    :ivar usual: what would be done without us, by signal.
    """

    def __init__(self) -> None:
        self.usual: dict[int, Any] = {}
        self._postponed: list[int] = []
        self._cleanup: Optional[FrameType] = None

    def take(self) -> None:
        """Take them."""
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            handler = signal.getsignal(number)
            if callable(handler) or (handler is signal.SIG_DFL and number != signal.SIGINT):
                self.usual[number] = handler
                signal.signal(number, self._end)
        if signal.getsignal(signal.SIGALRM) is signal.SIG_DFL:
            self.usual[signal.SIGALRM] = signal.signal(signal.SIGALRM, self._wake)
            self._wake_in(CLEANUP_TIMEOUT)
        os.register_at_fork(after_in_child=self._restore)

    def _restore(self) -> None:
        # Core's handler ends the workers, which is not for one of them to do: until it has its own, a signal ends it.
        for number, handler in self.usual.items():
            is_core_s = isinstance(getattr(handler, "__self__", None), TaskQueueManager)
            if signal.getsignal(number) in (self._end, self._wake) and not is_core_s:
                signal.signal(number, handler)

    @staticmethod
    def _wake_in(seconds: float) -> None:
        signal.setitimer(signal.ITIMER_REAL, seconds, CLEANUP_TIMEOUT)

    def _end(self, number: int, frame: Optional[FrameType]) -> None:
        if os.getpid() != _process.MAIN:
            os._exit(128 + number)  # a worker that is just being forked
        if _is_in(frame, BaseProcess.start) and signal.SIGALRM in self.usual:
            # Nobody knows of that worker yet, and what is raised in the middle of a fork is lost.
            self._postponed.append(number)
            self._wake_in(_SOON)
        elif number == signal.SIGINT:
            signal.signal(number, self.usual[number])
            self.usual[number](number, frame)
        else:
            _end_by_signal(number, self.usual[number])

    def _wake(self, number: int, frame: Optional[FrameType]) -> None:
        if self._postponed:
            self._end(self._postponed.pop(), frame)
            return
        before, self._cleanup = self._cleanup, _is_in(frame, StrategyBase.cleanup, TaskQueueManager.cleanup)
        if os.getpid() == _process.MAIN and self._cleanup is not None and self._cleanup is before:
            signal.setitimer(signal.ITIMER_REAL, 0)
            with contextlib.suppress(OSError):
                os.write(2, HANGS)
            for worker in _workers():
                worker.kill()
            _clear_own()
            os._exit(HUNG)


def take_over() -> None:
    """From here on the main process ends what belongs to the run, however the run ends. Called once."""
    atexit.register(_end, _process.MAIN)
    if _process.PARENT is not None:
        return
    if threading.current_thread() is threading.main_thread():
        Signals().take()
    if not _broker.is_wanted():
        _imports.warm()
        return
    _imports.watch(folder_of_run())
    if _is_in(sys._getframe(), TaskQueueManager.run):
        begin()
