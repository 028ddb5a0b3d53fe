# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Archives: get_extract_list, extract, compress, their status and cancel calls (guide, 6 and 7).

get_extract_status is in no guide; a client in the wild reads 1, 6 and 0 from it as get_compress_status has them.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from typing import Any

from aiohttp import web

from ..core import archives as core
from ..core import errors
from ..core.disk import join, os_errors, parent
from ..core.progress import InjectedFailure, Progress
from ..core.tasks import FINISHED, Task
from . import entries
from .call import Call, Handler
from .codes import Refused, Status
from .zipcrypto import ZipCryptoWriter

LEVELS = {"normal": "moderate", "large": "best", "fast": "fastest"}
DASHED_TIME = "%Y-%m-%d %H:%M:%S"


def open_archive(call: Call, path: str, password: str) -> core.Reader:
    """5 when the file is not there, 7 when it is no archive, 17 when it wants a password."""
    entry = call.disk.stat(path)
    if entry.is_folder:
        raise Refused(Status.OPEN_FAILED)
    call.disk.check_read(path)
    try:
        return core.open_archive(entry.real, password or None)
    except core.WrongPassword:
        raise Refused(Status.PASSWORD) from None
    except core.ArchiveError:
        raise Refused(Status.OPEN_FAILED) from None


# -- looking in


async def get_extract_list(call: Call) -> web.StreamResponse:
    """A page of an archive's members; no `status` in a good reply."""
    path = call.path("extract_file")

    def work() -> list[core.Member]:
        with open_archive(call, path, call.params.get("pwd")) as reader:
            return list(reader.members)

    members = await call.run(work)
    keys: dict[str, Callable[[core.Member], Any]] = {
        "filename": lambda member: member.name.lower(),
        "file_size": lambda member: member.size,
        "compress_size": lambda member: member.packed,
        "mt": lambda member: member.mtime,
    }
    members.sort(
        key=keys.get(call.params.get("sort", "filename"), keys["filename"]),
        reverse=call.params.get("dir", "ASC").upper() == "DESC",
    )
    without_end = call.context.oddity("endless") is not None
    rows = [
        {
            "filename": member.name,
            "isfolder": int(member.is_folder),
            "filesize": str(member.size),
            "mt": entries.device_time(member.mtime, DASHED_TIME),
            "id": member.index,
            "compress_size": str(member.packed),
        }
        for member in (members if without_end else entries.page(members, call.params, entries.LIST_MAX))
    ]
    total = len(members)
    if without_end:
        total, rows = entries.endless(call, rows)
    return call.reply({"total": total, "datas": rows})


# -- unpacking


async def extract(call: Call) -> web.StreamResponse:
    """Everything (`extract_all`) or `part_file` after `part_file` (`extract_part`), with or without its folders.

    A missing password is refused at once; a wrong one shows when the first member is read.
    """
    params = call.params
    path, target = call.path("extract_file"), call.path("dest_path")
    mode = params.get("mode", "extract_all")
    if mode not in {"extract_all", "extract_part"}:
        raise Refused(Status.PARAMETER)
    parts = params.files("part_file", "part_total") if mode == "extract_part" else None
    password = params.get("pwd")

    def check() -> None:
        above = call.disk.find(target)
        with open_archive(call, path, password) as reader:
            if above is None or not above.is_folder:
                raise Refused(Status.NO_TARGET_FOLDER if call.modern else Status.NO_SUCH_FILE)
            call.check_writable(target)
            if reader.encrypted and not password:
                raise Refused(Status.PASSWORD)
            if parts is not None and not _choose(reader, parts):
                raise Refused(Status.NO_SUCH_FILE)

    def work(progress: Progress) -> None:
        with open_archive(call, path, password) as reader:
            _unpack(call, reader, _choose(reader, parts), target, progress)

    await call.run(check)
    return call.pid(call.start("extract", work, target=target), oddity="" if call.modern else "doubled")


def _choose(reader: core.Reader, parts: list[str] | None) -> list[core.Member]:
    """The members asked for, folders with all below them. What would lead out of the target is left out."""
    safe = [member for member in reader.members if member.safe]
    if parts is None:
        return safe
    wanted = [part.strip("/") for part in parts]
    return [
        member for member in safe if any(member.name == part or member.name.startswith(part + "/") for part in wanted)
    ]


def _unpack(call: Call, reader: core.Reader, members: list[core.Member], target: str, progress: Progress) -> None:
    full = call.params.get("path_mode", "full") != "none"
    overwrite = call.params.number("overwrite") == 1
    progress.expect(files=sum(not member.is_folder for member in members), size=sum(member.size for member in members))
    for member, blocks in reader.read(members, tempfile.gettempdir()):
        progress.checkpoint()
        name = member.name if full else member.name.rpartition("/")[2]
        path = join(target, name)
        if member.is_folder:
            if full and call.disk.find(path) is None:
                _make_folders(call, path)
            continue
        taken = call.disk.find(path)
        if taken is not None and not overwrite:
            progress.advance(files=1, size=member.size, current=path)
            continue
        if taken is not None and taken.is_folder:
            raise errors.IsFolder(path)
        _make_folders(call, parent(path))
        _write(call, path, blocks, progress)
        call.disk.set_times(path, mtime=member.mtime)
        progress.advance(files=1, current=path)


def _make_folders(call: Call, path: str) -> None:
    if call.disk.find(path) is None:
        with contextlib.suppress(errors.Exists):
            call.disk.mkdir(path, parents=True)


def _write(call: Call, path: str, blocks: Iterator[bytes], progress: Progress) -> None:
    """In place: a process that is killed leaves what it had written. Nothing is touched before the first piece is
    read, so a wrong password harms no file."""
    first = next(blocks, b"")
    call.disk.check_write(path)
    budget = call.budget(path)
    taken = call.disk.find(path)
    if taken is not None:
        budget.give_back(taken.size)
    with os_errors(path), open(call.disk.real(path), "wb") as handle:
        for block in itertools.chain([first], blocks):
            progress.checkpoint()
            budget.take(len(block))
            handle.write(block)
            progress.advance(size=len(block))


async def get_extract_status(call: Call) -> web.StreamResponse:
    return _progress(call, "extract", Status.RUNNING)


# -- packing


async def compress(call: Call) -> web.StreamResponse:
    """`path`/`compress_name`.`type` of the names in `path`. The parameter is spelled `encryipt`: AES256, or ZipCrypto
    (the default for a zip). `mode` 2 leaves an archive that is there alone (a client's word); else it is replaced."""
    params = call.params
    folder = call.path("path")
    call.need("compress_name", "compress_file")
    archive_format = params.get("type") or "zip"
    if archive_format not in {"zip", "7z"}:
        raise Refused(Status.PARAMETER)
    name = f"{params.get('compress_name')}.{archive_format}"
    call.check_name(name, strict=False)
    target = join(folder, name)
    sources = [call.child(folder, item) for item in params.files("compress_file", "total")]
    password = params.get("pwd")
    method = (params.get("encryipt") or params.get("encrypt")).upper()

    def check() -> None:
        above = call.disk.find(folder)
        if above is None or not above.is_folder:
            raise Refused(Status.NO_SUCH_FILE)
        call.check_writable(folder)
        for source in sources:
            call.disk.stat(source)
        taken = call.disk.find(target)
        if taken is not None and (taken.is_folder or params.number("mode", 1) == 2):
            raise errors.Exists(target)

    def writer(real: str) -> core.Writer:
        level = LEVELS.get(params.get("level"), "moderate")
        if password and archive_format == "zip" and method != "AES256":
            return ZipCryptoWriter(real, level=level, password=password)
        return core.Writer(real, archive_format, level=level, password=password or None)

    def work(progress: Progress) -> None:
        _pack(call, writer, sources, target, progress)

    await call.run(check)
    return call.pid(call.start("compress", work, target=target), oddity="" if call.modern else "doubled")


def _pack(
    call: Call, writer: Callable[[str], core.Writer], sources: list[str], target: str, progress: Progress
) -> None:
    """Made aside; the archive is there when it is whole. A cancelled one leaves nothing."""
    base = len(parent(target).rstrip("/")) + 1
    for source in sources:
        found = [entry for entry in call.walk(source) if not entry.is_folder]
        progress.expect(files=len(found), size=sum(entry.size for entry in found))
    aside = tempfile.mkdtemp(prefix="qnap-")
    try:
        real = os.path.join(aside, "archive")
        with writer(real) as archive:
            for source in sources:
                for entry in call.walk(source):
                    progress.checkpoint()
                    call.disk.check_read(entry.path)
                    if entry.path == target:
                        continue
                    for size in archive.add(entry.path[base:], entry):
                        progress.advance(size=size, current=entry.path)
                        progress.checkpoint()
                    progress.advance(files=0 if entry.is_folder else 1)
        budget = call.budget(target)
        taken = call.disk.find(target)
        if taken is not None:
            budget.give_back(taken.size)
        budget.take(os.path.getsize(real))
        with os_errors(target):
            shutil.move(real, call.disk.real(target, follow=False))
    finally:
        shutil.rmtree(aside, ignore_errors=True)


async def get_compress_status(call: Call) -> web.StreamResponse:
    """6 while it goes on; later tables have 36 for that (`compress_running=36`)."""
    return _progress(call, "compress", call.device.settings.integer("compress_running", Status.RUNNING))


def _progress(call: Call, task_type: str, running: int) -> web.StreamResponse:
    """1 done, `running`, 0 failed or cancelled or not known; 17 when the password was wrong, 9 when space ran out."""
    call.need("pid")
    task = call.task(task_type)
    if task is None:
        return call.status(Status.FAIL)
    if not task.finished:
        return call.status(running)
    return call.status(Status.SUCCESS if task.state == FINISHED else _why(task))


def _why(task: Task) -> int:
    exc = task.error
    if isinstance(exc, InjectedFailure):
        return int(exc.code)
    if isinstance(exc, Refused):
        return exc.status
    if isinstance(exc, core.WrongPassword):
        return Status.PASSWORD
    return Status.QUOTA if isinstance(exc, (errors.NoSpace, errors.Quota)) else Status.FAIL


async def cancel_extract(call: Call) -> web.StreamResponse:
    return await _cancel(call, "extract")


async def cancel_compress(call: Call) -> web.StreamResponse:
    return await _cancel(call, "compress")


async def _cancel(call: Call, task_type: str) -> web.StreamResponse:
    """0 for a process that is not there (any more)."""
    call.need("pid")
    task = call.task(task_type)
    if task is None or task.finished:
        return call.status(Status.FAIL)
    call.device.tasks.cancel(task)
    await task.wait(5.0)
    return call.status(Status.SUCCESS)


HANDLERS: dict[str, Handler] = {
    "get_extract_list": get_extract_list,
    "extract": extract,
    "get_extract_status": get_extract_status,
    "cancel_extract": cancel_extract,
    "compress": compress,
    "get_compress_status": get_compress_status,
    "cancel_compress": cancel_compress,
}
