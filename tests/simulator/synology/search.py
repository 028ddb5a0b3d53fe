# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SYNO.FileStation.Search: start, list, stop, clean. There is no `status`: `list` tells whether it is finished.

Results stay until they are cleaned. `limit` 0, the default, lists nothing, -1 everything (guide); a search nobody knows
is answered `{"finished": true}` and no more (seen).
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from ..core import errors
from ..core.disk import Entry
from ..core.progress import InjectedFailure, Progress
from . import jobs
from .calls import Call, serves
from .entries import describe, extension, in_order, name_matcher, owner, page, true_path, type_matcher
from .values import ApiError

if TYPE_CHECKING:
    from .device import Synology

API = "SYNO.FileStation.Search"


def _bounds(call: Call) -> list[Callable[[Entry], bool]]:
    """`size_from`, `mtime_to` and the like: greater than, less than; sizes are of files only."""
    readers: dict[str, Callable[[Entry], float]] = {
        "size": lambda entry: entry.size,
        "mtime": lambda entry: entry.mtime,
        "crtime": lambda entry: entry.crtime,
        "atime": lambda entry: entry.atime,
    }
    tests: list[Callable[[Entry], bool]] = []
    for name, read in readers.items():
        low, high = call.params.number(name + "_from"), call.params.number(name + "_to")
        if low is not None:
            tests.append(lambda entry, read=read, low=low: read(entry) > low)  # type: ignore[misc]
        if high is not None:
            tests.append(lambda entry, read=read, high=high: read(entry) < high)  # type: ignore[misc]
        if name == "size" and tests:
            tests.append(lambda entry: not entry.is_folder)
    return tests


def _tests(call: Call) -> list[Callable[[Entry], bool]]:
    device, params = call.device, call.params
    matches = name_matcher(params.pattern("pattern"), separator=" ")
    tests = [type_matcher(params), lambda entry: matches(entry.name), *_bounds(call)]
    endings = params.pattern("extension")
    if endings:
        globs = [glob.strip().lower() for glob in endings.split(",")]
        tests.append(lambda entry: not entry.is_folder and any(fnmatchcase(extension(entry).lower(), g) for g in globs))
    for name, key in (("owner", "user"), ("group", "group")):
        wanted = params.text(name, "").lower()
        if wanted:
            tests.append(lambda entry, key=key, wanted=wanted: owner(device, entry)[key].lower() == wanted)  # type: ignore[misc]
    return tests


def _below(device: Synology, folder: str, above: tuple[str, ...] = ()) -> Iterator[Entry]:
    """Everything below a folder, parents first. What is closed is passed over, and a link into a folder that the search
    is in already."""
    here = device.disk.place(folder)
    if here in above:
        return
    for entry in sorted(device.disk.list(folder), key=lambda item: item.name):
        yield entry
        if entry.is_folder and (entry.link is None or device.follows("search")):
            with contextlib.suppress(errors.Denied):
                yield from _below(device, entry.path, (*above, here))


@serves(API, "start")
async def start(call: Call) -> dict[str, str]:
    """Every criterion must hold. A folder that is not there is refused at once (408)."""
    device, params = call.device, call.params
    folders = [true_path(device, path) for path in params.texts("folder_path")]
    for folder in folders:
        if not device.disk.stat(folder).is_folder or folder == "/":
            raise errors.NotFound(folder)
    recursive, tests = params.flag("recursive", True), _tests(call)

    def work(progress: Progress, report: jobs.Report) -> None:
        found: list[Entry] = report.extra["found"]
        places = [
            entry for folder in folders for entry in (_below(device, folder) if recursive else device.disk.list(folder))
        ]
        progress.expect(files=len(places))
        for entry in places:
            progress.checkpoint()
            if all(test(entry) for test in tests):
                found.append(entry)
            progress.advance(files=1, current=entry.path)

    started = jobs.start(call, work, {"folder_path": folders}, extra={"found": []})
    if device.search_is_lost():
        task = device.tasks.get(started["taskid"])
        if task is not None:
            device.tasks.cancel(task)
            device.tasks.forget(task)
    return started


@serves(API, "list")
async def list_(call: Call) -> dict[str, Any]:
    """What was found so far."""
    device, params = call.device, call.params
    task = jobs.find(call)
    if task is None:
        return {"finished": True}
    matches, of_type = name_matcher(params.pattern("pattern"), separator=" "), type_matcher(params)
    if isinstance(task.error, InjectedFailure):
        raise ApiError(int(task.error.code))
    report: jobs.Report = task.data["report"]
    finished = task.finished and not call.context.oddity("lagging")
    found = [entry for entry in list(report.extra["found"]) if of_type(entry) and matches(entry.name)]
    offset, shown = page(in_order(device, found, params), params, all_of=-1)
    wanted = params.additional()
    return {
        "files": [describe(device, entry, wanted) for entry in shown],
        "finished": finished,
        "offset": offset,
        "total": len(found),
    }


@serves(API, "stop")
async def stop(call: Call) -> None:
    """End searches; what they found can still be listed. Success for any id."""
    for task_id in call.params.task_ids():
        task = call.device.tasks.get(task_id)
        if task is not None and task.type == API and task.owner == call.user:
            call.device.tasks.cancel(task)
            await task.wait(5.0)


@serves(API, "clean")
async def clean(call: Call) -> None:
    """Throw results away. Success for any id."""
    await stop(call)
    for task_id in call.params.task_ids():
        task = call.device.tasks.get(task_id)
        if task is not None and task.type == API and task.owner == call.user:
            call.device.tasks.forget(task)
