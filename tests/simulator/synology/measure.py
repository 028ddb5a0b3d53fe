# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SYNO.FileStation.MD5 and SYNO.FileStation.DirSize: start, status, stop."""

from __future__ import annotations

from typing import Any

from ..core import errors
from ..core.progress import Progress
from . import jobs
from .calls import Call, serves
from .codes import MISSING
from .entries import true_path
from .values import ApiError

MD5, SIZE = "SYNO.FileStation.MD5", "SYNO.FileStation.DirSize"


@serves(MD5, "start")
async def md5_start(call: Call) -> dict[str, str]:
    """A file that is not there is refused at once (408)."""
    device, given = call.device, call.params.text("file_path")
    path = true_path(device, given)
    entry = device.disk.stat(path)
    if entry.is_folder or given.endswith("/"):
        raise ApiError(MISSING)
    device.disk.check_read(path)

    def work(progress: Progress, report: jobs.Report) -> None:
        progress.expect(size=entry.size)
        report.extra["md5"] = device.disk.hash(path, "md5", progress)

    return jobs.start(call, work, {"file_path": path})


@serves(MD5, "status")
async def md5_status(call: Call) -> dict[str, Any]:
    _task, report, finished = jobs.status(call)
    if report.errors:
        raise ApiError(report.errors[0]["code"])
    return {"finished": finished, **(report.extra if finished else {})}


@serves(MD5, "stop")
async def md5_stop(call: Call) -> None:
    await jobs.stop(call)


@serves(SIZE, "start")
async def size_start(call: Call) -> dict[str, str]:
    """Paths that are not there are refused at once (408, as MD5 does)."""
    device = call.device
    asked = call.params.texts("path")
    tops = []
    for path in asked:
        if path.endswith("/"):
            raise errors.NotFound(path)
        tops.append(device.disk.stat(true_path(device, path)))

    def work(progress: Progress, report: jobs.Report) -> None:
        for top in tops:
            for entry in device.disk.walk(top.path, follow=device.follows("size")):
                progress.checkpoint()
                if not entry.is_folder:
                    report.found_files += 1
                    report.found_bytes += entry.size
                elif entry.path != top.path:
                    report.found_folders += 1

    return jobs.start(call, work, {"path": asked})


@serves(SIZE, "status")
async def size_status(call: Call) -> dict[str, Any]:
    """`num_dir` does not count the asked folder itself (seen)."""
    _task, report, finished = jobs.status(call)
    if report.errors:
        raise ApiError(report.errors[0]["code"])
    return {
        "finished": finished,
        "num_dir": report.found_folders,
        "num_file": report.found_files,
        "total_size": report.found_bytes,
    }


@serves(SIZE, "stop")
async def size_stop(call: Call) -> None:
    await jobs.stop(call)
