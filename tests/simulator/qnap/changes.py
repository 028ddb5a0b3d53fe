# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""createdir (guide, 2), rename (3), delete (13)."""

from __future__ import annotations

from aiohttp import web

from ..core import errors
from ..core.disk import join
from ..core.progress import Progress
from . import recycle
from .call import Call, Handler
from .codes import Refused, Status


async def createdir(call: Call) -> web.StreamResponse:
    """One folder; the one above must be there. QTS 4 was seen to put a header line into this body."""
    folder = call.path("dest_path")
    call.need("dest_folder")
    name = call.params.get("dest_folder")
    call.check_name(name)
    if not call.disk.stat(folder).is_folder:
        raise Refused(Status.NO_SUCH_FILE)
    call.check_writable(folder)
    call.disk.mkdir(join(folder, name))
    return call.status(Status.SUCCESS, oddity="" if call.modern else "header_in_body")


async def rename(call: Call) -> web.StreamResponse:
    """Another name in the same folder. A source that is not there is a plain failure (0); a name that is taken 2 or 33.

    A change of case alone succeeds.
    """
    folder = call.path("path")
    call.need("source_name", "dest_name")
    name = call.params.get("dest_name")
    call.check_name(name)
    source = call.child(folder, call.params.get("source_name"))
    if not call.disk.stat(folder).is_folder:
        raise Refused(Status.NO_SUCH_FILE)
    if call.disk.find(source) is None:
        raise Refused(Status.FAIL)
    if folder == "/":
        raise Refused(Status.PERMISSION_DENIED)
    if source == join(folder, name):
        raise errors.Exists(source)
    await call.run(call.disk.rename, source, join(folder, name))
    return call.status(Status.SUCCESS)


async def delete(call: Call) -> web.StreamResponse:
    """Files and folders with all that is in them, into the recycle bin or (`force=1`) for good; stops at the first
    failure.

    QTS 4 and, without `v`, QTS 5 do it before they answer; QTS 5 with `v=2` answers a pid. A missing name is 0 on QTS
    4 and 4 on QTS 5, a missing folder 5 and 25: so a client's tests on devices had it.
    """
    params = call.params
    if recycle.empties(params):
        return await recycle.empty(call)
    folder = call.path("path")
    call.need("file_name")
    paths = [call.child(folder, name) for name in params.files("file_name", "file_total")]
    force = params.number("force") == 1
    above = call.disk.find(folder)
    if above is None or not above.is_folder:
        raise Refused(Status.NO_TARGET_FOLDER if call.modern else Status.NO_SUCH_FILE)
    if folder == "/":
        raise Refused(Status.PERMISSION_DENIED)

    def check() -> None:
        for path in paths:
            if call.disk.find(path) is None:
                raise Refused(Status.PERMISSION_DENIED if call.modern else Status.FAIL)
            call.disk.check_write(path)

    def work(progress: Progress) -> None:
        progress.expect(files=len(paths))
        for path in paths:
            _delete_one(call, path, progress, force=force)

    if call.modern and params.number("v") == 2:
        await call.run(check)
        return call.pid(call.start("delete", work))
    failure = call.context.task_fault()

    def now() -> None:
        for path in paths:
            if call.disk.find(path) is None:
                raise Refused(Status.PERMISSION_DENIED if call.modern else Status.FAIL)
            _delete_one(call, path, Progress(), force=force)

    if failure is not None and failure.fail_code is not None:
        raise Refused(int(failure.fail_code))
    await call.run(now)
    return call.status(Status.SUCCESS)


def _delete_one(call: Call, path: str, progress: Progress, *, force: bool) -> None:
    progress.checkpoint()
    if not force and call.device.bins.takes(path):
        recycle.throw_away(call.disk, path)
        progress.advance(files=1, current=path)
        return
    call.disk.delete(path, progress=progress)


HANDLERS: dict[str, Handler] = {"createdir": createdir, "rename": rename, "delete": delete}
