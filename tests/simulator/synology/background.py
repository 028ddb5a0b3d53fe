# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SYNO.FileStation.BackgroundTask: list, clear_finished (guide; the fields of each type as in its example)."""

from __future__ import annotations

from typing import Any

from ..core.tasks import Task
from .calls import Call, serves
from .entries import page
from .jobs import Report
from .values import ApiError

API = "SYNO.FileStation.BackgroundTask"
COPY, DELETE = "SYNO.FileStation.CopyMove", "SYNO.FileStation.Delete"
EXTRACT, COMPRESS = "SYNO.FileStation.Extract", "SYNO.FileStation.Compress"
LISTED = (COPY, DELETE, EXTRACT, COMPRESS)


def describe(task: Task) -> dict[str, Any]:
    """One task. A password among its parameters is not shown."""
    report: Report = task.data["report"]
    progress, params = task.progress, dict(task.data["params"])
    if params.get("password"):
        params["password"] = "*"
    row: dict[str, Any] = {
        "api": task.type,
        "crtime": int(task.created),
        "finished": task.finished,
        "method": "start",
        "params": params,
        "taskid": task.id,
        "total": -1,
        "version": task.data["version"],
        "progress": 1 if task.finished else progress.fraction,
    }
    if task.type == COPY:
        row.update(
            path=report.path,
            processed_size=progress.done_bytes,
            processing_path=progress.current,
            total=-1 if report.counting else progress.total_bytes,
        )
    elif task.type == DELETE:
        row.update(
            path=report.path,
            processed_num=progress.done_files,
            processing_path=progress.current,
            total=-1 if report.counting else progress.total_files,
        )
    elif task.type == COMPRESS:
        row["progress"] = 0
    return row


def _mine(call: Call) -> list[Task]:
    return call.device.tasks.all(owner=call.user, types=LISTED)


@serves(API, "list")
async def list_(call: Call) -> dict[str, Any]:
    """Tasks nobody has seen finished yet."""
    params = call.params
    found = _mine(call)
    wanted = params.texts("api_filter", [])
    if wanted:
        found = [task for task in found if task.type in wanted]
    order, direction = params.text("sort_by", "crtime"), params.text("sort_direction", "asc").lower()
    if order not in {"crtime", "finished"} or direction not in {"asc", "desc"}:
        raise ApiError(400)
    found.sort(key=lambda task: task.created if order == "crtime" else task.finished, reverse=direction == "desc")
    offset, shown = page(found, params)
    return {"offset": offset, "tasks": [describe(task) for task in shown], "total": len(found)}


@serves(API, "clear_finished", writes=True)
async def clear_finished(call: Call) -> None:
    """Forget finished tasks: these, or all."""
    wanted = call.params.texts("taskid", [])
    for task in _mine(call):
        if task.finished and (not wanted or task.id in wanted):
            call.device.tasks.forget(task)
