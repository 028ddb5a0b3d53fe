# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SYNO.FileStation.CopyMove: start, status, stop.

Recorded on DSM 6: `status` says success:true when single sources failed (they stand in `errors`, and the status is
FAIL); a destination that is not there makes the status call itself fail (1002); what `overwrite=false` left out is
reported in `skipstatus` only; counters of a quick copy stay 0.
"""

from __future__ import annotations

from typing import Any

from ..core import errors, transfer
from ..core.disk import Entry, base_name, join, parent
from ..core.progress import Progress
from . import jobs
from .calls import Call, serves
from .codes import CONFLICT, COPY_FAILED, DESTINATION, EXISTS, MISSING, MOVE_FAILED, TYPE_MISMATCH, code_of
from .entries import true_path
from .values import failed_paths

API = "SYNO.FileStation.CopyMove"


@serves(API, "start", writes=True)
async def start(call: Call) -> dict[str, str]:
    """Nothing is looked at yet but the parameters: even a missing destination is reported by `status`."""
    device, params = call.device, call.params
    paths, target = params.texts("path"), params.text("dest_folder_path")
    overwrite, move = params.choice("overwrite"), params.flag("remove_src")
    accurate = params.flag("accurate_progress", True)
    budget = call.context.budget(device.disk, true_path(device, target) if target.startswith("/") else "/")
    settings = {
        "accurate_progress": accurate,
        "dest_folder_path": target,
        "overwrite": overwrite,
        "path": paths,
        "remove_src": move,
    }

    def conflict(source: Entry, taken: Entry) -> transfer.Decision:
        if overwrite is None:
            return "fail"
        return "overwrite" if overwrite else "skip"

    def work(progress: Progress, report: jobs.Report) -> None:
        folder = _destination(call, target)
        moving = transfer.Transfer(
            device.disk, conflict=conflict, progress=progress, budget=budget, merge=overwrite is not None
        )
        sources: list[str] = []
        for path in paths:
            try:
                source = true_path(device, path)
                if path.endswith("/"):
                    raise errors.BadPath(path)
                if move and parent(source) == "/":
                    raise errors.Denied(path)
                folders, files, size = device.disk.measure(source)
            except errors.DiskError as exc:
                report.failed(code_of(exc), path)
                continue
            sources.append(source)
            progress.expect(files=files, size=size)
            report.found_folders += folders
            report.found_files += files
            report.found_bytes += size
        report.counting = False
        report.extra["asked"] = len(sources)
        for source in sources:
            report.path = source
            _one(report, moving, source, join(folder, base_name(source)), move=move)

    return jobs.start(call, work, settings)


def _destination(call: Call, target: str) -> str:
    try:
        if target.endswith("/"):
            raise errors.NotFound(target)
        folder = true_path(call.device, target)
        entry = call.device.disk.stat(folder)
        if not entry.is_folder or folder == "/":
            raise errors.NotFound(target)
        call.device.disk.check_write(folder + "/x")
    except errors.DiskError as exc:
        raise failed_paths(DESTINATION, code_of(exc), target) from None
    return folder


def _one(report: jobs.Report, moving: transfer.Transfer, source: str, target: str, *, move: bool) -> None:
    """One of the asked paths. A conflict without `overwrite` ends the whole job, as does a full disk."""
    before = len(moving.skipped)
    try:
        (moving.move if move else moving.copy)(source, target)
        report.done += 1
        report.skipped += len(moving.skipped) > before
    except errors.Exists:
        raise failed_paths(CONFLICT, EXISTS, target) from None
    except (errors.IsFolder, errors.NotFolder):
        report.failed(TYPE_MISMATCH, source)
    except errors.IntoItself:
        report.failed(MOVE_FAILED if move else COPY_FAILED, source)
    except errors.NotFound:
        report.failed(MISSING, source)
    except errors.ReadOnly as exc:
        report.failed(code_of(exc), source)


@serves(API, "status")
async def status(call: Call) -> dict[str, Any]:
    """How far it is."""
    task, report, finished = jobs.status(call)
    progress = task.progress
    quick = finished and progress.minimum_seconds == 0
    reply: dict[str, Any] = {
        "dest_folder_path": task.data["params"]["dest_folder_path"],
        "finished": finished,
        "found_dir_num": 0 if quick else report.found_folders,
        "found_file_num": 0 if quick else report.found_files,
        "found_file_size": 0 if quick else report.found_bytes,
        "path": "" if quick else report.path,
        "processed_size": 0 if quick else progress.done_bytes,
        "processing_path": "" if quick else progress.current,
        "progress": 1 if finished else -1 if report.counting else progress.fraction,
        "status": "PROCESSING",
        "total": 0 if quick else -1 if report.counting else progress.total_bytes,
        "transfer_rate": 0,
    }
    if finished:
        reply.update(
            jobs.answer_errors(call, report, MOVE_FAILED if task.data["params"]["remove_src"] else COPY_FAILED)
        )
        if report.errors:
            reply["status"] = "FAIL"
        elif task.data["params"]["overwrite"] is False:
            some = "all" if report.skipped == report.extra.get("asked", 0) else "some"
            reply["skipstatus"] = {"status": some if report.skipped else "none"}
    return reply


@serves(API, "stop", writes=True)
async def stop(call: Call) -> None:
    """Success for any id (seen). What is copied stays."""
    await jobs.stop(call, unknown=None)
