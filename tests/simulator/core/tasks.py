# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Background tasks: work in a thread, with an id, a state, progress, and a place in the queue."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from .progress import Cancelled, Progress

WAITING, RUNNING, PAUSED = "waiting", "running", "paused"
FINISHED, FAILED, CANCELLED = "finished", "failed", "cancelled"
ENDED = frozenset({FINISHED, FAILED, CANCELLED})


@dataclass
class TaskFault:
    """What a fault rule does to the next task."""

    fail_code: int | str | None = None
    fail_after_files: int = 0
    stall: bool = False
    lose: bool = False


@dataclass(eq=False)
class Task:
    """One task. `data` belongs to the vendor; `error` is the exception that ended it."""

    id: str
    type: str
    owner: str
    progress: Progress
    data: dict[str, Any] = field(default_factory=dict)
    state: str = WAITING
    created: float = field(default_factory=time.time)
    started: float | None = None
    ended: float | None = None
    result: Any = None
    error: BaseException | None = None
    lose: bool = False
    done: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def finished(self) -> bool:
        return self.state in ENDED

    async def wait(self, seconds: float | None = None) -> bool:
        """Wait for the end; False when it did not come in time."""
        try:
            await asyncio.wait_for(self.done.wait(), seconds)
        except asyncio.TimeoutError:
            return False
        return True


class TaskStore:
    """Every task the device knows. `active_limit` is how many run at once; the others wait their turn."""

    def __init__(
        self,
        *,
        minimum_seconds: float = 0.0,
        active_limit: int | None = None,
        new_id: Callable[[str], str] | None = None,
    ) -> None:
        self.minimum_seconds = minimum_seconds
        self._counter = itertools.count(1)
        self._new_id = new_id or (lambda task_type: str(next(self._counter)))
        self._tasks: dict[str, Task] = {}
        self._runs: dict[Task, asyncio.Task[None]] = {}
        self._slots = asyncio.Semaphore(active_limit) if active_limit else None
        self._pool = ThreadPoolExecutor(max_workers=64, thread_name_prefix="task")

    def start(
        self,
        task_type: str,
        work: Callable[[Progress], Any],
        *,
        owner: str = "",
        data: dict[str, Any] | None = None,
        fault: TaskFault | None = None,
        seconds: float | None = None,
    ) -> Task:
        """Queue `work(progress)`; its return value becomes `result`, its exception `error`."""
        progress = Progress(self.minimum_seconds if seconds is None else seconds)
        task = Task(self._new_id(task_type), task_type, owner, progress, data or {})
        if fault is not None:
            progress.fail_code, progress.fail_after_files = fault.fail_code, fault.fail_after_files
            progress.stall, task.lose = fault.stall, fault.lose
        self._tasks[task.id] = task
        self._runs[task] = asyncio.get_running_loop().create_task(self._run(task, work))
        return task

    async def _run(self, task: Task, work: Callable[[Progress], Any]) -> None:
        def job() -> Any:
            task.progress.start()
            task.progress.checkpoint()
            result = work(task.progress)
            task.progress.finish()
            return result

        try:
            if self._slots is None:
                await self._execute(task, job)
            else:
                async with self._slots:
                    await self._execute(task, job)
        except Cancelled:
            task.state = CANCELLED
        except asyncio.CancelledError:
            task.state = CANCELLED
            raise
        except Exception as exc:  # the vendor says what each exception means
            task.state, task.error = FAILED, exc
        else:
            task.state = FINISHED
        finally:
            task.ended = time.time()
            if task.lose:
                self._tasks.pop(task.id, None)
            self._runs.pop(task, None)
            task.done.set()

    async def _execute(self, task: Task, job: Callable[[], Any]) -> None:
        if task.progress.cancelled:
            raise Cancelled
        if task.state == WAITING:
            task.state = RUNNING
        task.started = time.time()
        task.result = await asyncio.get_running_loop().run_in_executor(self._pool, job)

    def get(self, task_id: str | None) -> Task | None:
        return self._tasks.get(task_id or "")

    def all(self, *, owner: str | None = None, types: tuple[str, ...] | None = None) -> list[Task]:
        return [
            task
            for task in self._tasks.values()
            if (owner is None or task.owner == owner) and (types is None or task.type in types)
        ]

    def forget(self, task: Task) -> None:
        self._tasks.pop(task.id, None)

    def cancel(self, task: Task) -> None:
        """Ask the work to stop at its next checkpoint; `task.wait()` waits for it."""
        task.progress.cancel()

    def pause(self, task: Task) -> None:
        if not task.finished:
            task.progress.pause()
            task.state = PAUSED

    def resume(self, task: Task) -> None:
        if task.state == PAUSED:
            task.state = RUNNING if task.started else WAITING
            task.progress.resume()

    async def close(self) -> None:
        """Stop everything: the device is switched off."""
        for task in list(self._runs):
            task.progress.cancel()
        if self._runs:
            await asyncio.wait(list(self._runs.values()), timeout=1.0)
        self._pool.shutdown(wait=False, cancel_futures=True)
