# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SYNO.FileStation.Compress: start, status, stop.

A real zip (with a password: AES) or 7z, made beside and renamed at its end. Seen on DSM 7: a session that does not come
from version 7 of SYNO.API.Auth may not compress (105).
"""

from __future__ import annotations

import contextlib
import os
from typing import Any

from ..core import archives, errors
from ..core.disk import Disk, Entry, base_name, parent
from ..core.progress import Progress
from ..core.space import Budget
from . import jobs
from .calls import Call, serves
from .codes import code_of
from .entries import true_path
from .folders import check_name
from .values import ApiError, failed_paths

API = "SYNO.FileStation.Compress"
FAILED, NAME_TOO_LONG, NO_RIGHT = 1300, 1301, 105
MODES = frozenset({"add", "update", "refreshen", "synchronize"})


def _setting(call: Call, name: str, default: str, allowed: frozenset[str]) -> str:
    """One of a few words, quoted or not (clients send a bare `7z`)."""
    value = call.params.raw.get(name, "").strip('"').lower() or default
    if value not in allowed:
        raise ApiError(400)
    return value


@serves(API, "start", writes=True)
async def start(call: Call) -> dict[str, str]:
    device, params = call.device, call.params
    session = call.session
    if device.dsm.device_key and session is not None and session.data["auth_version"] < 7:
        raise ApiError(NO_RIGHT)
    paths, wanted = params.texts("path"), params.text("dest_file_path")
    level = _setting(call, "level", "moderate", frozenset(archives.LEVELS))
    mode, archive_format = (
        _setting(call, "mode", "add", MODES),
        _setting(call, "format", "zip", frozenset({"zip", "7z"})),
    )
    password = params.secret("password")
    settings = {
        "dest_file_path": wanted,
        "format": archive_format,
        "level": level,
        "mode": mode,
        "password": password,
        "path": paths,
    }
    try:
        target = true_path(device, wanted)
        check_name(call, base_name(target))
    except errors.NameTooLong:
        raise ApiError(NAME_TOO_LONG) from None
    budget = call.context.budget(device.disk, target)

    def work(progress: Progress, report: jobs.Report) -> None:
        report.path = target
        try:
            _pack(
                device.disk,
                [true_path(device, path) for path in paths],
                target,
                progress,
                Recipe(archive_format, level, mode, password, budget, device.follows("compress")),
            )
        except errors.DiskError as exc:
            raise failed_paths(FAILED, code_of(exc), exc.path) from None
        except archives.ArchiveError:  # what lies at the destination is no archive, or has another password
            raise failed_paths(FAILED, 417, target) from None

    return jobs.start(call, work, settings)


class Recipe:
    """How to pack, and what comes into the archive."""

    def __init__(self, archive_format: str, level: str, mode: str, password: str, budget: Budget, follow: bool) -> None:
        self.archive_format = archive_format
        self.level = level
        self.mode = mode
        self.password = password
        self.budget = budget
        self.follow = follow

    def choose(self, fresh: dict[str, Entry], reader: archives.Reader | None) -> dict[str, archives.Source]:
        """`add` replaces what has the same name, `update` and `synchronize` only what is older, and all three take new
        files in; `refreshen` replaces what is older and takes nothing new (guide)."""
        chosen: dict[str, archives.Source] = {}
        if reader is not None:
            for member in reader.members:
                entry = fresh.get(member.name)
                newer = entry is not None and (self.mode == "add" or entry.mtime > member.mtime + 2)
                chosen[member.name] = entry if entry is not None and newer else (reader, member)
        if self.mode != "refreshen":
            for name, entry in fresh.items():
                chosen.setdefault(name, entry)
        return chosen


def _pack(disk: Disk, sources: list[str], target: str, progress: Progress, recipe: Recipe) -> None:
    disk.check_write(target)
    if not disk.stat(parent(target)).is_folder:
        raise errors.NotFound(parent(target))
    fresh: dict[str, Entry] = {}
    for top in sources:
        if top.endswith("/"):
            raise errors.NotFound(top)
        base = len(parent(top).rstrip("/")) + 1
        for entry in disk.walk(top, follow=recipe.follow):
            if entry.link is not None and entry.link.broken:
                continue
            disk.check_read(entry.path)
            if entry.path != target:
                fresh[entry.path[base:]] = entry
    part = disk.part_file()
    taken = disk.find(target)
    if taken is not None and taken.is_folder:
        raise errors.Exists(target)
    with contextlib.ExitStack() as stack:
        stack.callback(_remove, part)
        reader = None
        if taken is not None:
            reader = stack.enter_context(archives.open_archive(taken.real, recipe.password))
        chosen = recipe.choose(fresh, reader)
        sizes = [0 if isinstance(source, tuple) or source.is_folder else source.size for source in chosen.values()]
        progress.expect(files=len(chosen), size=sum(sizes))
        with archives.Writer(part, recipe.archive_format, level=recipe.level, password=recipe.password) as writer:
            for name, source in chosen.items():
                progress.checkpoint()
                for size in writer.add(name, source):
                    progress.advance(size=0 if isinstance(source, tuple) else size, current=name)
                    progress.checkpoint()
                progress.advance(files=1)
        recipe.budget.take(os.stat(part).st_size)
        progress.checkpoint()
        os.replace(part, disk.real(target))


def _remove(real: str) -> None:
    with contextlib.suppress(FileNotFoundError):
        os.unlink(real)


@serves(API, "status")
async def status(call: Call) -> dict[str, Any]:
    task, report, finished = jobs.status(call)
    reply = {"dest_file_path": task.data["params"]["dest_file_path"], "finished": finished}
    if finished:
        reply.update(jobs.answer_errors(call, report, FAILED))
    return reply


@serves(API, "stop", writes=True)
async def stop(call: Call) -> None:
    """Nothing is left of it."""
    await jobs.stop(call)
