# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""FsTask: how a task is shown, paused, resumed, deleted, and how its failure is named.

Rests on the File System page ("Task") and on recorded tasks: paths in clear as sent, `progress` plain percent and 100
when done, `src` and `dst` since 8.2, the mixed-up `src` and `dst` of archive tasks, a hash that is a bare string.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..core import errors
from ..core import tasks as core_tasks
from ..core.progress import InjectedFailure, Progress
from ..core.tasks import Task
from .calls import EXPLORER, Ask, Route
from .profiles import NEW_TASK_ERRORS, TASK_PATHS
from .wire import NOTHING, Refused, shown

if TYPE_CHECKING:
    from .device import Freebox

_STATES = {
    core_tasks.WAITING: "queued",
    core_tasks.RUNNING: "running",
    core_tasks.PAUSED: "paused",
    core_tasks.FINISHED: "done",
    core_tasks.FAILED: "failed",
    core_tasks.CANCELLED: "failed",
}
_UNCOUNTED = frozenset({"mv", "rm", "extract"})
"""Tasks that were seen to count neither files nor bytes: on the page, an extraction that has run for minutes."""
_BLIND = frozenset({"extract"})
"""Nor does that one show any progress before its end."""

_ERRORS: list[tuple[type[errors.DiskError], str]] = [
    (errors.NotFound, "file_not_found"),
    (errors.NotFolder, "dest_is_not_dir"),
    (errors.Exists, "file_exists"),
    (errors.IsFolder, "overwrite_failed"),
    (errors.NotEmpty, "rmdir_failed"),
    (errors.NoSpace, "disk_full"),
    (errors.Quota, "disk_full"),
    (errors.Denied, "permission_denied"),
    (errors.NameTooLong, "path_too_big"),
    (errors.BadPath, "file_not_found"),
]


class TaskFailed(Exception):  # noqa: N818
    """The task ends as failed with this error."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def task_error(exc: BaseException | None, version: int) -> str:
    """The task's `error` for what its work raised."""
    if exc is None:
        return "none"
    if isinstance(exc, (TaskFailed, InjectedFailure)):
        return str(exc.code)
    if isinstance(exc, errors.IntoItself):
        return "copy_into_itself" if version >= NEW_TASK_ERRORS else "same_file"
    if isinstance(exc, errors.DiskError):
        return next((code for error, code in _ERRORS if isinstance(exc, error)), "internal")
    return "internal"


def render(task: Task, version: int, *, created: bool = False) -> dict[str, Any]:
    """The FsTask. `created`: as the call that makes it answers, before anything was counted."""
    progress, data = task.progress, task.data
    now = time.time()
    state = _STATES[task.state]
    done = state == "done"
    ran = (task.ended or now) - task.started if task.started else 0.0
    counted = not created and task.type not in _UNCOUNTED
    size, began_at = data.get("current", (0, 0))
    done_bytes = progress.total_bytes if done else progress.done_bytes
    percent = 100 if done else 0 if task.type in _BLIND else min(99, int(progress.fraction * 100))
    busy = 0 < percent < 100 and not created
    shown_from = data.get("from", "") if created else progress.current or data.get("from", "")
    shown_to = data.get("to", "") if created else progress.target or data.get("to", "")
    answer: dict[str, Any] = {
        "id": int(task.id),
        "type": task.type,
        "state": state,
        "error": task_error(task.error, version) if state == "failed" else "none",
        "created_ts": int(task.created),
        "started_ts": int(task.started or 0),
        "done_ts": int(task.ended or 0),
        "duration": 0 if created else max(0, int(ran)),
        "progress": 0 if created and not done else percent,
        "eta": int(ran * (100 - percent) / percent) if busy else 0,
        "from": shown(shown_from),
        "to": shown(shown_to),
        "nfiles": progress.total_files if counted else 0,
        "nfiles_done": (progress.total_files if done else progress.done_files) if counted else 0,
        "total_bytes": progress.total_bytes if counted else 0,
        "total_bytes_done": done_bytes if counted else 0,
        "curr_bytes": size if counted else 0,
        "curr_bytes_done": (size if done else max(0, min(size, progress.done_bytes - began_at))) if counted else 0,
        "rate": int(progress.done_bytes / ran) if counted and state == "running" and ran > 0 else 0,
    }
    if version >= TASK_PATHS:
        if data.get("src") is not None:
            answer["src"] = [shown(item) for item in data["src"]]
        answer["dst"] = shown(data.get("dst", ""))
    return answer


async def start(
    box: Freebox, ask: Ask, task_type: str, work: Callable[[Progress, dict[str, Any]], Any], data: dict[str, Any]
) -> dict[str, Any]:
    """Queue a task and answer as its call does. `work` gets the progress and the task's data."""
    session = ask.session
    task = box.tasks.start(
        task_type,
        lambda progress: work(progress, data),
        owner=session.user if session else "",
        data=data,
        fault=ask.context.task_fault(),
    )
    await asyncio.sleep(0)  # when its turn has come it runs now: created tasks were recorded as running
    return render(task, ask.version, created=True)


def file_begins(progress: Progress, data: dict[str, Any], size: int) -> None:
    """Note the size of the file that is worked on from here."""
    data["current"] = (size, progress.done_bytes)


def _find(box: Freebox, ask: Ask) -> Task:
    task = box.tasks.get(ask.args["id"])
    if task is None:
        # one client saw invalid_id; the page also lists task_not_found, which fits better what it says
        raise Refused("task_not_found" if box.page_shapes else "invalid_id")
    return task


async def list_tasks(box: Freebox, ask: Ask) -> Any:
    """The page prints the newest first."""
    rows = [render(task, ask.version) for task in reversed(box.tasks.all())]
    return rows if rows or box.page_shapes else NOTHING


async def get_task(box: Freebox, ask: Ask) -> Any:
    answer = render(_find(box, ask), ask.version)
    if ask.context.oddity("null_progress"):
        answer["progress"] = None
    return answer


async def delete_task(box: Freebox, ask: Ask) -> Any:
    """Stops a running one; what it did stays done."""
    task = _find(box, ask)
    # A checksum is only read: to forget its task changes nothing that a user keeps.
    ask.context.info.writes = task.type != "hash"
    if not task.finished:
        box.tasks.cancel(task)
        if task.started:
            await task.wait(10.0)
    box.tasks.forget(task)
    return NOTHING


async def update_task(box: Freebox, ask: Ask) -> Any:
    """Pause and resume. What an ended task or another state gets is not recorded: invalid_state fits by its text."""
    task = _find(box, ask)
    state = ask.text("state")
    if state not in {"paused", "running"} or task.finished:
        raise Refused("invalid_state")
    if state == "paused":
        box.tasks.pause(task)
    else:
        box.tasks.resume(task)
    return render(task, ask.version)


async def get_hash(box: Freebox, ask: Ask) -> Any:
    task = _find(box, ask)
    if task.type != "hash":
        raise Refused("invalid_task_type")
    if task.state != core_tasks.FINISHED:
        raise Refused("invalid_state")
    return {"hash": task.result} if box.page_shapes else task.result


ROUTES = [
    Route("GET", "fs/tasks/", list_tasks, permission=EXPLORER),
    Route("GET", "fs/tasks/{id}", get_task, permission=EXPLORER),
    Route("PUT", "fs/tasks/{id}", update_task, permission=EXPLORER, writes=True),
    Route("DELETE", "fs/tasks/{id}", delete_task, permission=EXPLORER, writes=True),
    Route("GET", "fs/tasks/{id}/hash", get_hash, permission=EXPLORER),
]
