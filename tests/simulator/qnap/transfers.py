# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""copy and move (guide, 4 and 5) with get_copy_status, get_move_status, cancel_copy and cancel_move.

The guide shows a plain reply; the server forks and answers a pid. Its status calls are in no guide: they tell the
progress until it is 100, forget the process in that moment, and of one they do not know they say what they say of one
that has just begun.
"""

from __future__ import annotations

import itertools
from typing import Any

from aiohttp import web

from ..core import errors
from ..core.disk import Disk, Entry, join, parent
from ..core.progress import InjectedFailure, Progress
from ..core.tasks import FINISHED, Task
from ..core.transfer import Decision, Rename, Transfer
from .call import Call, Handler
from .codes import Refused, Status, status_of

OVERWRITE, SKIP, KEEP_BOTH = 0, 1, 2


def copy_name(disk: Disk, folder: str, entry: Entry, word: str) -> str:
    """The guide's example: /Public/test becomes /Public/test-copy(1). A file keeps its suffix."""
    stem, dot, suffix = entry.name.rpartition(".")
    ending = ""
    if stem and not entry.is_folder:
        ending = dot + suffix
    else:
        stem = entry.name
    for number in itertools.count(1):
        name = f"{stem}-{word}({number}){ending}"
        if disk.find(join(folder, name)) is None:
            return name
    raise AssertionError


async def copy(call: Call) -> web.StreamResponse:
    return await _transfer(call, "copy")


async def move(call: Call) -> web.StreamResponse:
    return await _transfer(call, "move")


async def _transfer(call: Call, task_type: str) -> web.StreamResponse:
    """Checks, then goes on in the background. Without a right `source_total` nothing is moved and success is said.

    `dest_file` and `overwrite` are no parameters of these calls and are not looked at; without `mode` it is 0.
    """
    params = call.params
    folder = call.path("source_path")
    target = call.path("dest_path")
    call.need("source_file")
    sources = [call.child(folder, name) for name in params.files("source_file", "source_total", needs_total=True)]
    await call.run(_check, call, task_type, sources, target)
    mode = params.number("mode")
    word = params.get("dup")
    same_folder = folder == target
    fault = call.context.task_fault()

    def conflict(entry: Entry, taken: Entry) -> Decision:
        if mode == KEEP_BOTH and call.modern and not entry.is_folder:
            # one client's word only: mode 2 keeps both
            return Rename(copy_name(call.disk, parent(taken.path), entry, word or "copy"))
        return "skip" if mode == SKIP else "overwrite"

    def work(progress: Progress) -> None:
        budget = call.budget(target)
        transfer = Transfer(call.disk, conflict=conflict, progress=progress, budget=budget)
        for source in sources:
            transfer.expect(source)
        for source in sources:
            name = source.rpartition("/")[2]
            if task_type == "copy" and same_folder:
                if word:
                    name = copy_name(call.disk, target, call.disk.stat(source), word)
                elif mode != KEEP_BOTH:
                    continue
            (transfer.copy if task_type == "copy" else transfer.move)(source, join(target, name))

    task = call.device.tasks.start(task_type, work, owner=call.user, data={"target": target}, fault=fault)
    if params.number("no_fork") == 1:
        await task.done.wait()
    # the forked child of the early server went on printing: its reply comes twice
    return call.pid(task, oddity="" if call.modern else "doubled")


def _check(call: Call, task_type: str, sources: list[str], target: str) -> None:
    disk = call.disk
    above = disk.find(target)
    if above is None or not above.is_folder:
        raise Refused(Status.NO_TARGET_FOLDER)
    call.check_writable(target)
    for source in sources:
        if disk.find(source) is None:
            raise Refused(Status.NO_SUCH_FILE)
        if task_type == "move":
            disk.check_write(source)
            if call.modern and parent(source) == target:
                raise Refused(Status.ALREADY_THERE)
        if (target + "/").startswith(source + "/"):
            raise errors.IntoItself(target)


# -- how far it is


async def get_copy_status(call: Call) -> web.StreamResponse:
    return _progress(call, "copy")


async def get_move_status(call: Call) -> web.StreamResponse:
    return _progress(call, "move")


def _progress(call: Call, task_type: str) -> web.StreamResponse:
    call.need("pid")
    task = call.task(task_type)
    if task is None:
        return call.reply(_report("", "", "", "", 0, 0))
    if not task.finished:
        return call.reply(_running(task))
    call.device.tasks.forget(task)
    if task.error is not None:
        return call.status(failure_of(call, task))
    if task.state != FINISHED:
        return call.reply(_report("", "", "", "", 0, 0))
    progress = task.progress
    done = _report(
        str(progress.total_files),
        progress.current.rpartition("/")[2],
        str(progress.total_bytes),
        str(progress.total_files),
        100,
        0,
    )
    # QTS 4.2 prints rubbish when a move is over
    return call.reply(done, oddity="broken_bytes" if task_type == "move" and not call.modern else "")


def _running(task: Task) -> dict[str, Any]:
    progress = task.progress
    percent = min(99, int(progress.fraction * 100))
    return _report(
        str(progress.done_files),
        progress.current.rpartition("/")[2],
        str(progress.total_bytes),
        str(progress.total_files),
        percent,
        1,
    )


def _report(number: str, name: str, size: str, files: str, percent: int, copying: int) -> dict[str, Any]:
    """Names as the server has them; all but the last two are text."""
    return {
        "status": 1,
        "the_num": number,
        "filename": name,
        "filesize": size,
        "files": files,
        "percent": percent,
        "copying": copying,
    }


def failure_of(call: Call, task: Task) -> int:
    """What ended a process: 9 for space, 10 and 11 for rights at the source and at the target."""
    exc = task.error
    if isinstance(exc, InjectedFailure):
        return int(exc.code)
    if isinstance(exc, Refused):
        return exc.status
    if isinstance(exc, errors.Denied):
        target = str(task.data.get("target", ""))
        return Status.TARGET_DENIED if (exc.path + "/").startswith(target + "/") else Status.SOURCE_DENIED
    return status_of(exc, call.device.generation) if isinstance(exc, Exception) else Status.FAIL


async def cancel_copy(call: Call) -> web.StreamResponse:
    return await _cancel(call, "copy")


async def cancel_move(call: Call) -> web.StreamResponse:
    return await _cancel(call, "move")


async def _cancel(call: Call, task_type: str) -> web.StreamResponse:
    """Always 1, whether there was anything to stop. What is done stays."""
    call.need("pid")
    task = call.task(task_type)
    if task is not None:
        call.device.tasks.cancel(task)
        await task.wait(5.0)
        call.device.tasks.forget(task)
    return call.status(Status.SUCCESS)


HANDLERS: dict[str, Handler] = {
    "copy": copy,
    "move": move,
    "get_copy_status": get_copy_status,
    "get_move_status": get_move_status,
    "cancel_copy": cancel_copy,
    "cancel_move": cancel_move,
}
