# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SYNO.FileStation.Extract: start, status, stop, list.

The guide's table calls an item's number `itemid`, its example `item_id`; here the newer profiles say `itemid`, the
older ones `item_id`. How a failed task looks was never recorded: by default the status call fails with the code of
the API, with `task_errors=data` it succeeds and the code stands in `errors`.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..core import archives, errors
from ..core.disk import Disk, base_name, join
from ..core.progress import Progress
from ..core.space import Budget
from ..core.writer import SyncWriter
from . import jobs
from .calls import Call, serves
from .codepages import CODEPAGES, read_names
from .codes import code_of
from .entries import page, true_path
from .values import ApiError, failed_paths

API = "SYNO.FileStation.Extract"
FAILED, CANNOT_OPEN, CANNOT_READ, WRONG_PASSWORD, CANNOT_LIST, NO_ITEM = 1400, 1401, 1402, 1403, 1404, 1405


@contextlib.contextmanager
def archive_errors() -> Iterator[None]:
    """The API's codes for what can be wrong with an archive."""
    try:
        yield
    except archives.NotAnArchive:
        raise ApiError(CANNOT_OPEN) from None
    except archives.WrongPassword:
        raise ApiError(WRONG_PASSWORD) from None
    except archives.BrokenArchive:
        raise ApiError(CANNOT_READ) from None


@dataclass
class Item:
    """A line of `list`: a member, or a folder that exists only in the names of others."""

    id: int
    name: str
    is_folder: bool
    size: int
    packed: int
    mtime: float
    member: archives.Member | None

    @property
    def above(self) -> str:
        return self.name.rpartition("/")[0]

    def describe(self, key: str) -> dict[str, Any]:
        when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(self.mtime))
        return {
            "is_dir": self.is_folder,
            key: self.id,
            "mtime": when,
            "name": self.name.rpartition("/")[2],
            "pack_size": self.packed,
            "path": self.name,
            "size": self.size,
        }


def items_of(reader: archives.Reader, codepage: str) -> list[Item]:
    """Members, then the folders that have no member of their own."""
    items = [
        Item(member.index, member.name, member.is_folder, member.size, member.packed, member.mtime, member)
        for member in read_names(reader, codepage)
    ]
    known = {item.name for item in items if item.is_folder}
    number = len(items)
    for item in list(items):
        above = item.above
        while above and above not in known:
            known.add(above)
            items.append(Item(number, above, True, 0, 0, item.mtime, None))
            number += 1
            above = above.rpartition("/")[0]
    return items


def _archive(call: Call) -> str:
    path = true_path(call.device, call.params.text("file_path"))
    entry = call.device.disk.stat(path)
    if entry.is_folder:
        raise ApiError(CANNOT_OPEN)
    call.device.disk.check_read(path)
    return path


def _password(call: Call) -> str | None:
    return call.params.secret("password") or None


def _codepage(call: Call) -> str:
    """The language of the names; the device's own by default."""
    value = call.params.raw.get("codepage", "").strip('"').lower() or call.device.codepage
    if value not in CODEPAGES:
        raise ApiError(400)
    return value


def _numbers(call: Call) -> list[int]:
    """`item_id`: a number, an array of numbers, or numbers joined by commas."""
    text = call.params.raw.get("item_id", "").strip().strip("[]")
    try:
        return [int(part.strip().strip('"')) for part in text.split(",") if part.strip()]
    except ValueError:
        raise ApiError(400) from None


@serves(API, "list")
async def list_(call: Call) -> dict[str, Any]:
    """One level. Within a folder the first item is `..` (seen)."""
    params = call.params
    path, numbers, codepage = _archive(call), _numbers(call), _codepage(call)
    order, direction = params.text("sort_by", "name"), params.text("sort_direction", "asc").lower()
    keys = {"name": "name", "size": "size", "pack_size": "packed", "mtime": "mtime"}
    if order not in keys or direction not in {"asc", "desc"}:
        raise ApiError(400)

    def read() -> tuple[list[Item], Item | None]:
        with archive_errors(), archives.open_archive(call.device.disk.real(path), _password(call)) as reader:
            items = items_of(reader, codepage)
        top = None
        if numbers and numbers[0] != -1:
            top = next((item for item in items if item.id == numbers[0]), None)
            if top is None:
                raise ApiError(NO_ITEM)
            if not top.is_folder:
                raise ApiError(CANNOT_LIST)
        level = [item for item in items if item.name and item.above == (top.name if top else "")]
        level.sort(key=lambda item: (getattr(item, keys[order]), item.name), reverse=direction == "desc")
        if top is not None:
            up = next((item for item in items if item.is_folder and item.name == top.above), None)
            dots = Item(up.id if up else -1, "..", True, 0, 0, top.mtime, None)
            level.insert(0, dots)
        return level, top

    level, _top = await call.device.disk.run(read)
    _offset, shown = page(level, params, all_of=-1, default=-1)
    key = "itemid" if call.device.dsm.device_key else "item_id"
    return {"items": [item.describe(key) for item in shown], "total": len(level)}


@dataclass
class Plan:
    """What an extraction does with each file."""

    disk: Disk
    target: str
    overwrite: bool
    keep_folders: bool
    budget: Budget

    def place(self, name: str) -> str:
        return join(self.target, name if self.keep_folders else name.rpartition("/")[2])

    def folder(self, path: str) -> None:
        with contextlib.suppress(errors.Exists):
            self.disk.mkdir(path, parents=True)


def _chosen(items: list[Item], numbers: list[int]) -> list[archives.Member]:
    """The members of these items and of everything below them; all, when none is named."""
    if not numbers or numbers == [-1]:
        return [item.member for item in items if item.member is not None]
    tops = [item for item in items if item.id in numbers]
    if len(tops) < len(set(numbers)):
        raise ApiError(NO_ITEM)
    names = {top.name for top in tops}
    return [
        item.member
        for item in items
        if item.member is not None and (item.name in names or any(item.name.startswith(name + "/") for name in names))
    ]


@serves(API, "start", writes=True)
async def start(call: Call) -> dict[str, str]:
    """The archive must be there, and so must the destination; the rest is reported by `status`."""
    device, params, disk = call.device, call.params, call.device.disk
    path, target = _archive(call), true_path(device, params.text("dest_folder_path"))
    settings: dict[str, Any] = {
        "create_subfolder": params.flag("create_subfolder"),
        "dest_folder_path": params.text("dest_folder_path"),
        "file_path": [path],
        "keep_dir": params.flag("keep_dir", True),
        "overwrite": params.flag("overwrite"),
    }
    numbers, password, codepage = _numbers(call), _password(call), _codepage(call)
    if not disk.stat(target).is_folder or target == "/":
        raise errors.NotFound(target)
    disk.check_write(target + "/x")
    if settings["create_subfolder"]:
        target = join(target, base_name(path).partition(".")[0] or base_name(path))
    plan = Plan(disk, target, settings["overwrite"], settings["keep_dir"], call.context.budget(disk, target))

    def work(progress: Progress, report: jobs.Report) -> None:
        report.path = path
        with archive_errors(), archives.open_archive(disk.real(path), password) as reader:
            chosen = _chosen(items_of(reader, codepage), numbers)
            progress.expect(files=len(chosen), size=sum(member.size for member in chosen))
            report.counting = False
            try:
                _unpack(reader, chosen, plan, progress)
            except errors.DiskError as exc:
                raise failed_paths(FAILED, code_of(exc), exc.path) from None

    return jobs.start(call, work, settings)


def _unpack(reader: archives.Reader, chosen: list[archives.Member], plan: Plan, progress: Progress) -> None:
    disk = plan.disk
    if disk.find(plan.target) is None:
        disk.mkdir(plan.target)
    for member, blocks in reader.read(chosen, disk.scratch()):
        progress.checkpoint()
        if not member.safe:
            raise errors.BadPath(join(plan.target, member.name))
        path = plan.place(member.name)
        if member.is_folder:
            if plan.keep_folders:
                plan.folder(path)
            progress.advance(files=1)
            continue
        if plan.keep_folders and "/" in member.name:
            plan.folder(path.rpartition("/")[0])
        taken = disk.find(path)
        if taken is not None and (not plan.overwrite or taken.is_folder):
            progress.advance(files=1, size=member.size)
            continue
        with SyncWriter(disk, path, budget=plan.budget) as writer:
            for block in blocks:
                progress.checkpoint()
                writer.write(block)
                progress.advance(size=len(block), current=path)
        disk.set_times(path, mtime=member.mtime)
        progress.advance(files=1)


@serves(API, "status")
async def status(call: Call) -> dict[str, Any]:
    task, report, finished = jobs.status(call)
    reply = {
        "dest_folder_path": task.data["params"]["dest_folder_path"],
        "finished": finished,
        "progress": 1 if finished else task.progress.fraction,
    }
    if finished:
        reply.update(jobs.answer_errors(call, report, FAILED))
    return reply


@serves(API, "stop", writes=True)
async def stop(call: Call) -> None:
    """What is extracted stays."""
    await jobs.stop(call)
