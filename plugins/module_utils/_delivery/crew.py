# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several connections to one NAS that work side by side, and the counting of what they have done together."""

from __future__ import annotations

import contextlib
import itertools
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Optional, TypeVar

from .._api import tree as _tree
from .._api.client import Client
from .._api.files import Files
from .._core import paths as _paths
from .._core.errors import Kind, usage
from .._core.model import Entry
from .._core.waiting import Watch

T = TypeVar("T")

MOST = 16  # connections at a time
POLL = 0.2  # seconds between two reports of how far they are
CLEARING = 30.0  # seconds that they all have to clear up when the work is stopped
PATHS = 500  # that are asked for at a time
CALLS = 4  # that a connection makes at a time, and for which one more connection is worth it

FULL = (Kind.NO_SPACE, Kind.QUOTA_EXCEEDED)
GENERAL = frozenset(
    (
        *FULL,
        *(Kind.AUTHENTICATION, Kind.OTP_REQUIRED, Kind.SESSION_EXPIRED),
        *(Kind.CONNECTION, Kind.TIMEOUT, Kind.CERTIFICATE, Kind.REDIRECT, Kind.BUSY),
    )
)
"""Failures that are not one file's own: the run stops."""


class Stopped(BaseException):
    """Leads out of the work of one connection when another one has failed, or the user interrupts."""


def in_portions(items: Sequence[T], size: int) -> list[Sequence[T]]:
    """The items, so many at a time."""
    return [items[start : start + size] for start in range(0, len(items), size)]


class Tally:
    """How far all connections are together.

    :param files: how many files are to travel.
    :param size: their bytes.
    """

    def __init__(self, files: int, size: int) -> None:
        self.files, self.size = files, size
        self.done_files = 0
        self.bytes = 0  # that have travelled, of whole files
        self.stopped = threading.Event()
        self._lock = threading.Lock()
        self._on_the_way: dict[int, int] = {}

    def check(self) -> None:
        """Get out when the work is stopped.

        :raises Stopped: then.
        """
        if self.stopped.is_set():
            raise Stopped

    def watch(self, timeout: Optional[float]) -> Watch:
        """What follows the transfer of one file."""
        return Watch(_Moving(self), timeout)

    def moved(self, count: int) -> None:
        """Note how many bytes of this thread's file have travelled."""
        self.check()
        self._on_the_way[threading.get_ident()] = count

    def whole(self, size: int) -> None:
        """Note that a file has travelled; its size in bytes."""
        with self._lock:
            self._on_the_way.pop(threading.get_ident(), None)
            self.done_files += 1
            self.bytes += size

    def lost(self) -> None:
        """Note that a file has not."""
        with self._lock:
            self._on_the_way.pop(threading.get_ident(), None)
            self.done_files += 1

    @property
    def moving(self) -> int:
        """Bytes that have travelled, those of files on their way too."""
        return self.bytes + sum(list(self._on_the_way.values()))


class _Moving:
    """The progress of one file, for a `Watch`."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally

    def __call__(self, done: int, total: Optional[int]) -> None:
        self._tally.moved(done)

    def in_bytes(self, phase: str) -> _Moving:
        """The same: there is one phase."""
        return self

    def of_device(
        self, job_type: str, done: Optional[int], total: Optional[int], in_bytes: bool, job_id: str = ""
    ) -> None:
        """What the device does is not counted, and ends when the work is stopped."""
        self._tally.check()


def require_size(parallel: int) -> None:
    """Refuse an option `parallel` that makes no sense.

    :raises NasError: `USAGE`.
    """
    if parallel < 1:
        raise usage(f"option parallel: {parallel} is less than 1", hint="Give 1 or more")
    if parallel > MOST:
        raise usage(f"option parallel: {parallel} connections are too many", hint=f"Give {MOST} or fewer")


class Crew:
    """The connections: a context, within which each is there for a series of transfers (`Files.series`).

    Each has a client of its own, and a thread while there is work. They share the login.

    :param first: the task's own client.
    :param another: makes one more client of the same device and session.
    :param size: how many there may be.
    """

    def __init__(self, first: Client, another: Callable[[], Client], size: int) -> None:
        self._clients = [first]
        self._another = another
        self.size = size
        self._series = contextlib.ExitStack()

    def __enter__(self) -> Crew:
        self._series.enter_context(self.files.series())
        return self

    def __exit__(self, *_error: object) -> None:
        self._series.close()

    @property
    def files(self) -> Files:
        """Of the task's own client, for what is done alone."""
        return self._clients[0].files

    def list(self, paths: Sequence[str]) -> Sequence[_tree.Listed]:
        """What lies in folders, side by side; see `tree.Listing`."""
        found: dict[str, _tree.Listed] = {}

        def read(files: Files, path: str) -> None:
            found[path] = _tree.listed(files, path)

        self._each(read, paths)
        return [found[path] for path in paths]

    def stat(self, paths: Sequence[str]) -> dict[str, Optional[Entry]]:
        """What is at many paths, some hundreds or some folders at a time side by side; see `Files.stat`."""
        found: dict[str, Optional[Entry]] = {}

        def read(files: Files, portion: Sequence[str]) -> None:
            found.update(files.stat(portion))

        if self.files.stats_many():
            self._each(read, in_portions(paths, PATHS))
        else:
            folders: dict[str, list[str]] = {}
            for path in paths:
                folders.setdefault(_paths.parent(path), []).append(path)
            calls = [names for below in folders.values() for names in in_portions(below, PATHS)]
            most = max(CALLS, -(-len(calls) // self.size))
            self._each(read, [list(itertools.chain(*several)) for several in in_portions(calls, most)])
        return {path: found[path] for path in paths}

    def _each(self, read: Callable[[Files, T], None], jobs: Sequence[T]) -> None:
        if len(jobs) > 1 and self.size > 1:
            self.run(read, jobs, Tally(0, 0))
        else:
            for job in jobs:
                read(self.files, job)

    def run(
        self, work: Callable[[Files, T], None], jobs: Sequence[T], tally: Tally, show: Callable[[], None] = lambda: None
    ) -> None:
        """Do all jobs, each by whichever connection is free.

        :param work: does one job by a connection.
        :param show: is called now and then meanwhile.
        :raises BaseException: the first one that a job raised; the others are stopped then, and left after `CLEARING`
            where they are in a call that nothing stops.
        """
        waiting = deque(jobs)
        failures: list[BaseException] = []

        def serve(client: Client, ended: threading.Event) -> None:
            try:
                while True:
                    tally.check()
                    try:
                        job = waiting.popleft()
                    except IndexError:
                        return
                    work(client.files, job)
            except Stopped:
                return
            except BaseException as error:
                failures.append(error)
                tally.stopped.set()
            finally:
                ended.set()

        count = min(self.size, len(jobs))
        while len(self._clients) < count:
            self._clients.append(self._another())
            self._series.enter_context(self._clients[-1].files.series())
        clients = self._clients[:count]
        # Not by `join`: of a thread for which it waits when it is interrupted, Python 3.11 believes that it has ended.
        begun: list[threading.Event] = []
        try:
            for client in clients:
                begun.append(threading.Event())
                try:
                    threading.Thread(target=serve, args=(client, begun[-1]), daemon=True).start()
                except RuntimeError:  # the system has no room for one more
                    begun[-1].set()
                    raise
            for ended in begun:
                while not ended.is_set() and not failures:
                    ended.wait(POLL)
                    show()
            if failures:
                raise failures[0]
        except BaseException:
            tally.stopped.set()
            end = time.monotonic() + CLEARING
            for ended in begun:
                ended.wait(max(0.0, end - time.monotonic()))
            raise
