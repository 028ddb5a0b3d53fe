# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What all non-blocking calls share: start, status, stop.

Seen on DSM 7: a task is forgotten as soon as somebody has read that it is finished; the next `status` is 599.
"""

from __future__ import annotations

import contextvars
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ..core import errors
from ..core.progress import InjectedFailure, Progress
from ..core.tasks import FAILED, Task
from .calls import Call
from .codes import IO, NO_TASK, UNKNOWN, code_of
from .values import ApiError

API_CODES = 900
"""Codes from here on belong to one API: they stand in the envelope, the common ones in the list of errors."""


@dataclass
class Report:
    """What a job has to tell beside its progress."""

    errors: list[dict[str, Any]] = field(default_factory=list)
    counting: bool = True
    found_folders: int = 0
    found_files: int = 0
    found_bytes: int = 0
    path: str = ""
    done: int = 0
    skipped: int = 0
    extra: dict[str, Any] = field(default_factory=dict)

    def failed(self, code: int, path: str) -> None:
        self.errors.append({"code": code, "path": path})


LATE_APIS = frozenset({"SYNO.FileStation.Extract", "SYNO.FileStation.Compress"})
"""Of these no failed task was ever recorded: both forms are possible."""

Work = Callable[[Progress, Report], Any]


def start(call: Call, work: Work, params: dict[str, Any], extra: dict[str, Any] | None = None) -> dict[str, str]:
    """Start a job; the answer of every `start` method."""
    report = Report(extra=extra or {})
    silent = call.context.oddity("silent")

    def job(progress: Progress) -> Any:
        if silent:
            report.counting = False
            return None
        return work(progress, report)

    data = {"report": report, "params": params, "version": call.version}
    rights = contextvars.copy_context()  # the job runs in a thread of its own, with the rights of who started it
    task = call.device.tasks.start(
        call.api,
        lambda progress: rights.run(job, progress),
        owner=call.user,
        data=data,
        fault=call.context.task_fault(),
    )
    return {"taskid": task.id}


def find(call: Call) -> Task | None:
    """The job that `taskid` names, if this user started it with this API."""
    if call.context.oddity("quoted_task_id_rejected") and call.params.raw.get("taskid", "").startswith('"'):
        return None
    task = call.device.tasks.get(call.params.task_id())
    return task if task is not None and task.type == call.api and task.owner == call.user else None


def status(call: Call) -> tuple[Task, Report, bool]:
    """(the job, its report, whether it is finished); 599 when nobody knows it. A finished one is forgotten now."""
    task = find(call)
    if task is None:
        raise ApiError(NO_TASK)
    finished = task.finished and not call.context.oddity("lagging")
    if finished:
        call.device.tasks.forget(task)
    report: Report = task.data["report"]
    if finished and task.state == FAILED:
        _report_failure(call, task, report)
    return task, report, finished


def _report_failure(call: Call, task: Task, report: Report) -> None:
    """What ended a job badly becomes an error of the call, or one more error in its list."""
    exc = task.error
    if isinstance(exc, ApiError):
        if task.type in LATE_APIS and call.device.settings.text("task_errors") == "data":
            report.failed(exc.code, report.path)
            return
        raise exc
    code, path = UNKNOWN, report.path
    if isinstance(exc, InjectedFailure):
        code = int(exc.code)
    elif isinstance(exc, errors.DiskError):
        code, path = code_of(exc), exc.path
    elif isinstance(exc, OSError):
        code = IO
    if code >= API_CODES and isinstance(exc, InjectedFailure):
        raise ApiError(code, [{"code": IO, "path": path}])
    report.failed(code, path)


async def stop(call: Call, *, unknown: int | None = NO_TASK) -> None:
    """End a job and forget it; `unknown` is the answer for a job nobody knows (None: success)."""
    task = find(call)
    if task is None:
        if unknown is not None:
            raise ApiError(unknown)
        return
    call.device.tasks.cancel(task)
    await task.wait(5.0)
    call.device.tasks.forget(task)


def answer_errors(call: Call, report: Report, api_code: int) -> dict[str, Any]:
    """`errors` for the data of a finished job; with the setting `task_errors=envelope`, the call fails instead."""
    if not report.errors:
        return {}
    if call.device.settings.text("task_errors", "data") == "envelope":
        raise ApiError(api_code, report.errors)
    return {"errors": report.errors}
