# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SYNO.FileStation.Delete: start, status, stop, and the blocking delete.

Seen: a path that is not there is no error; a share nobody knows is (900). A share with a folder `#recycle` keeps there
what is deleted, except what lies in it.
"""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING, Any

from ..core import errors
from ..core.disk import base_name, join, parent, split
from ..core.progress import Progress
from . import jobs
from .calls import Call, serves
from .codes import DELETE_FAILED, MISSING, UNKNOWN, code_of
from .entries import true_path
from .rights import acting
from .values import ApiError

if TYPE_CHECKING:
    from .device import Synology

API = "SYNO.FileStation.Delete"
RECYCLE = "#recycle"


def _paths(call: Call) -> list[str]:
    """The paths, if none of them is a share or in a share that is not there."""
    device = call.device
    failed: list[dict[str, Any]] = []
    found: list[str] = []
    for path in call.params.texts("path"):
        try:
            real = true_path(device, path)
            if device.disk.find("/" + device.disk.share(real)) is None:
                raise errors.NotFound(path)
            if len(split(real)) < 2:
                raise errors.Denied(path)
            device.check_special("disable_modify", call.user, real)
            found.append(real)
        except errors.DiskError as exc:
            failed.append({"code": code_of(exc), "path": path})
    if failed:
        raise ApiError(DELETE_FAILED, failed)
    return found


def _remove(device: Synology, path: str, *, recursive: bool, progress: Progress) -> None:
    """Delete, or move into the share's recycle bin."""
    share = "/" + device.disk.share(path)
    bin_folder = join(share, RECYCLE)
    entry = device.disk.stat(path)
    if not device.shares.recycles(share[1:]) or (path + "/").startswith(bin_folder + "/"):
        device.disk.delete(path, recursive=recursive, progress=progress)
        return
    device.disk.check_write(path)
    if entry.is_folder and not recursive and device.disk.list(path):
        raise errors.NotEmpty(path)
    folders, files, _size = device.disk.measure(path)
    progress.checkpoint()
    user = acting.set(None)  # not everybody who may delete may look into the bin
    try:
        _into_bin(device, path, bin_folder + path[len(share) :])
    finally:
        acting.reset(user)
    progress.advance(files=folders + files, current=path)


def _into_bin(device: Synology, path: str, target: str) -> None:
    if device.disk.find(parent(target)) is None:
        with contextlib.suppress(errors.Exists):  # another deletion, from the same folder, was before this one
            device.disk.mkdir(parent(target), parents=True)
    if device.disk.find(target) is not None:
        target = join(parent(target), f"{base_name(target)}.{time.time_ns()}")
    device.disk.rename(path, target)


def _work(call: Call, paths: list[str], *, recursive: bool, accurate: bool) -> jobs.Work:
    device = call.device

    def work(progress: Progress, report: jobs.Report) -> None:
        present: list[str] = []
        for path in paths:
            try:
                folders, files, _size = device.disk.measure(path)
            except errors.DiskError as exc:
                if code_of(exc) != MISSING:
                    report.failed(code_of(exc), path)
                continue
            present.append(path)
            progress.expect(files=folders + files)
        report.counting = not present
        report.extra.update(accurate=accurate, asked=len(present))
        for path in present:
            report.path = path
            try:
                _remove(device, path, recursive=recursive, progress=progress)
                report.done += 1
            except errors.NotFound:
                report.done += 1
            except errors.DiskError as exc:
                report.failed(code_of(exc), exc.path if isinstance(exc, errors.Denied) else path)

    return work


@serves(API, "start", writes=True)
async def start(call: Call) -> dict[str, str]:
    params = call.params
    paths, recursive = _paths(call), params.flag("recursive", True)
    accurate = params.flag("accurate_progress", True)
    settings = {"accurate_progress": accurate, "path": params.texts("path"), "recursive": recursive}
    return jobs.start(call, _work(call, paths, recursive=recursive, accurate=accurate), settings)


@serves(API, "status")
async def status(call: Call) -> dict[str, Any]:
    """How far it is; `total` is -1 while counting, and stays so when there was nothing to delete (seen)."""
    task, report, finished = jobs.status(call)
    progress = task.progress
    accurate = report.extra.get("accurate", True)
    total = progress.total_files if accurate else report.extra.get("asked", 0)
    processed = progress.done_files if accurate else report.done
    reply = {
        "finished": finished,
        "path": report.path,
        "processed_num": processed,
        "processing_path": progress.current,
        "progress": 1 if finished else -1 if report.counting else processed / total,
        "total": -1 if report.counting else total,
    }
    if finished:
        reply.update(jobs.answer_errors(call, report, DELETE_FAILED))
    return reply


@serves(API, "stop", writes=True)
async def stop(call: Call) -> None:
    """401 for a task nobody knows (seen). What is deleted stays deleted."""
    await jobs.stop(call, unknown=UNKNOWN)


@serves(API, "delete", writes=True)
async def delete(call: Call) -> None:
    """The same, and the answer comes at the end."""
    paths, report = _paths(call), jobs.Report()
    work = _work(call, paths, recursive=call.params.flag("recursive", True), accurate=False)
    if not call.context.oddity("silent"):
        await call.device.disk.run(work, Progress(), report)
    if report.errors:
        raise ApiError(DELETE_FAILED, report.errors)
