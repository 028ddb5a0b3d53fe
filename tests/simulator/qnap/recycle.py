# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The recycle bins: /Share/@Recycle with the folders as they were (guide, section 18)."""

from __future__ import annotations

import contextlib

from aiohttp import web

from ..core import errors
from ..core.disk import Disk, join, parent, split
from ..core.progress import Progress
from ..core.settings import Settings
from ..core.transfer import Transfer, overwrite, skip
from .call import Call, Handler, Params
from .codes import Refused, Status

BIN = "@Recycle"


class Bins:
    """Which shares have one: `recycle_bin=on` (default), `off`, or `Share,Share`, until a call says otherwise."""

    def __init__(self, settings: Settings) -> None:
        setting = settings.text("recycle_bin", "on")
        self._all = setting == "on"
        self._iso = frozenset(settings.names("iso"))
        self._names = set() if setting in {"on", "off"} else {name for name in setting.split(",") if name}
        self._switched: dict[str, bool] = {}

    def set(self, share: str, on: bool | None) -> None:
        """What a call said of this share; None: what the setting says again."""
        self._switched.pop(share, None)
        if on is not None:
            self._switched[share] = on

    def any(self) -> bool:
        return self._all or bool(self._names) or any(self._switched.values())

    def has(self, share: str) -> bool:
        return share not in self._iso and self._switched.get(share, self._all or share in self._names)

    def takes(self, path: str) -> bool:
        """Whether what is deleted here goes to the bin; what is in the bin already does not."""
        names = split(path)
        return len(names) > 1 and self.has(names[0]) and names[1] != BIN


def empties(params: Params) -> bool:
    """Emptying a bin is a delete with the bin's path as path and as name, and without a count (18.4)."""
    path = params.get("path").rstrip("/")
    return path.rpartition("/")[2] == BIN and params.get("file_name").rstrip("/") == path


def free_name(disk: Disk, path: str) -> str:
    """This path, or the next one like it that is free: what lies in a bin under the same name stays there."""
    if disk.find(path) is None:
        return path
    stem, dot, suffix = path.rpartition("/")[2].rpartition(".")
    stem, ending = (stem, dot + suffix) if stem else (suffix, "")
    number = 1
    while disk.find(taken := join(parent(path), f"{stem} ({number}){ending}")) is not None:
        number += 1
    return taken


def throw_away(disk: Disk, path: str) -> None:
    """Into the bin of its share, in the folders it was in."""
    names = split(path)
    disk.check_write(path)
    for depth in range(1, len(names)):
        folder = "/" + "/".join([names[0], BIN, *names[1:depth]])
        with contextlib.suppress(errors.Exists):
            disk.mkdir(folder)
    disk.rename(path, free_name(disk, "/" + "/".join([names[0], BIN, *names[1:]])))


async def empty(call: Call) -> web.StreamResponse:
    """The bin stays, what is in it goes."""
    path = call.path("path")
    if not call.device.bins.has(call.disk.share(path)):
        raise Refused(Status.NO_RECYCLE_BIN)
    call.check_writable(path)

    def work(progress: Progress) -> None:
        entry = call.disk.find(path)
        found = call.disk.list(path) if entry is not None else []
        progress.expect(files=sum(sum(call.disk.measure(item.path)[:2]) for item in found))
        for item in sorted(found, key=lambda item: item.name):
            call.disk.delete(item.path, progress=progress)

    if call.modern and call.params.number("v") == 2:
        return call.pid(call.start("delete", work))
    await call.run(work, Progress())
    return call.status(Status.SUCCESS)


async def trash_recovery(call: Call) -> web.StreamResponse:
    """Back to where it was, in the background. No call tells how far it is; missing sources fail at once (0)."""
    folder = call.path("source_path")
    names = split(folder)
    if not call.device.bins.any():
        raise Refused(Status.NO_RECYCLE_BIN)
    if len(names) < 2 or names[1] != BIN:
        raise Refused(Status.FAIL)
    call.need("source_file")
    sources = [call.child(folder, name) for name in call.params.files("source_file", "source_total")]
    home = "/" + "/".join([names[0], *names[2:]])
    call.check_writable(home)
    for source in sources:
        if call.disk.find(source) is None:
            raise Refused(Status.FAIL)
    skipping = call.params.number("mode") == 1

    def work(progress: Progress) -> None:
        transfer = Transfer(call.disk, conflict=skip if skipping else overwrite, progress=progress)
        for source in sources:
            transfer.expect(source)
        if call.disk.find(home) is None:
            with contextlib.suppress(errors.Exists):  # another recovery was before this one
                call.disk.mkdir(home, parents=True)
        for source in sources:
            transfer.move(source, join(home, source.rpartition("/")[2]))

    return call.pid(call.start("trash_recovery", work))


async def cancel_trash_recovery(call: Call) -> web.StreamResponse:
    """0 for a process that is not there (any more)."""
    task = call.task("trash_recovery")
    if task is None or task.finished:
        raise Refused(Status.FAIL)
    call.device.tasks.cancel(task)
    await task.wait(5.0)
    return call.status(Status.SUCCESS)


HANDLERS: dict[str, Handler] = {"trash_recovery": trash_recovery, "cancel_trash_recovery": cancel_trash_recovery}
