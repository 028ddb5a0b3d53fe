# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""mkdir, rename, rm, hash and the download of a file.

Rests on the File System page ("Operations" and "Download a file") and on recorded answers. mkdir and rename are done
when they answer; rm and hash are tasks, whose failures show in the task.
"""

from __future__ import annotations

import contextlib
import re
from typing import TYPE_CHECKING, Any

from ..core import errors
from ..core.disk import join, parent
from ..core.progress import Progress
from ..core.streams import send_file
from . import tasks
from .calls import EXPLORER, Ask, Route
from .fsinfo import entry_path, mimetype
from .tasks import TaskFailed
from .wire import NOTHING, Refused, decode_url_path, encode_path, shown

if TYPE_CHECKING:
    from .device import Freebox

HASHES = frozenset({"md5", "sha1", "sha256", "sha512"})
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def new_name(value: str) -> str:
    """A name in clear text, without a path."""
    try:
        size = len(value.encode("utf-8"))
    except UnicodeEncodeError as exc:
        raise Refused("invalid_request", detail="UTF-8") from exc
    if "/" in value or "\0" in value or value in {".", ".."} or size > 255:
        raise Refused("invalid_request", detail="name")
    return value


def check_sources(box: Freebox, paths: list[str]) -> None:
    """Before a task starts: an unmounted disk refuses the call, other troubles only with `path_errors=immediate`."""
    for sent in paths:
        try:
            path = box.place(sent)
            if box.immediate:
                box.disk.stat(path)
                box.disk.check_read(path)
        except errors.DiskError:
            if box.immediate:
                raise


def check_target(box: Freebox, sent: str) -> None:
    """The same for a destination that need not exist: its folder has to, and be writable."""
    try:
        path = box.place(sent)
        if box.immediate:
            if box.disk.find(path) is None:
                if box.is_volume(path):
                    raise errors.Denied(path)
                box.disk.stat(parent(path))
            box.disk.check_write(path)
    except errors.DiskError:
        if box.immediate:
            raise


async def mkdir(box: Freebox, ask: Ask) -> Any:
    """Not recursive. A file of that name is a conflict too."""
    sent, name = ask.path("parent"), new_name(ask.text("dirname"))
    folder = box.place(sent)
    if not box.disk.stat(folder).is_folder:
        raise errors.NotFolder(folder)
    if folder == "/":
        raise errors.Denied(folder)
    box.disk.mkdir(join(folder, name))
    return NOTHING if box.page_shapes else encode_path(entry_path(sent, name))


async def rename(box: Freebox, ask: Ask) -> Any:
    """The code for a taken name is not recorded; mkdir's is taken."""
    sent, name = ask.path("src"), new_name(ask.text("dst"))
    path = box.place(sent)
    box.disk.stat(path)
    if box.is_volume(path):
        raise errors.Denied(path)
    box.disk.rename(path, join(parent(path), name))
    above = sent.rstrip("/").rpartition("/")[0]
    return encode_path(f"{above}/{name}")


async def remove(box: Freebox, ask: Ask) -> Any:
    """One after the other: what was removed before a failure is gone. It counts neither files nor bytes (recorded)."""
    sent = ask.paths("files")
    await box.disk.run(check_sources, box, sent)
    lenient = box.settings.text("rm_missing") == "done"

    def work(progress: Progress, data: dict[str, Any]) -> None:
        for item in sent:
            with contextlib.suppress(errors.DiskError):
                folders, files, _size = box.disk.measure(box.place(item))
                progress.expect(files=folders + files)
        for item in sent:
            data["from"] = item
            try:
                path = box.place(item)
                if box.is_volume(path):
                    raise errors.Denied(path)
                box.disk.delete(path, progress=progress)
            except errors.NotFound:
                if not lenient:
                    raise

    return await tasks.start(box, ask, "rm", work, {"src": sent, "from": sent[0]})


async def start_hash(box: Freebox, ask: Ask) -> Any:
    """The task knows no `src` (recorded). An unknown type makes it fail.

    As the page prints it, a task that runs at once knows its file from the start.
    """
    sent, algorithm = ask.path("src"), ask.text("hash_type")
    await box.disk.run(check_sources, box, [sent])

    def work(progress: Progress, data: dict[str, Any]) -> str:
        path = box.place(sent)
        entry = box.disk.stat(path)
        if algorithm not in HASHES:
            raise TaskFailed("unknown_hash_type")
        if entry.is_folder:
            raise TaskFailed("unsupported_file_type")
        progress.expect(files=1, size=entry.size)
        progress.current = sent
        tasks.file_begins(progress, data, entry.size)
        value = box.disk.hash(path, algorithm, _Quiet(progress))
        progress.advance(files=1)
        return value

    if not box.page_shapes:
        return await tasks.start(box, ask, "hash", work, {"from": ""})
    made = await tasks.start(box, ask, "hash", work, {"from": sent})
    with contextlib.suppress(errors.DiskError):
        entry = box.disk.stat(box.place(sent))
        if made["state"] == "running" and not entry.is_folder:
            made.update(nfiles=1, total_bytes=entry.size, curr_bytes=entry.size)
    return made


class _Quiet(Progress):
    """Passes on the bytes and the brake; `from` stays as sent."""

    def __init__(self, outer: Progress) -> None:
        super().__init__()
        self.outer = outer

    def checkpoint(self) -> None:
        self.outer.checkpoint()

    def advance(self, *, files: int = 0, size: int = 0, current: str | None = None) -> None:
        self.outer.advance(files=files, size=size)


def disposition(name: str) -> str:
    quoted = _CONTROL.sub("_", shown(name)).replace("\\", "\\\\").replace('"', '\\"')
    return f'attachment; filename="{quoted}"'


async def download(box: Freebox, ask: Ask) -> Any:
    """Whether boxes honour Range is not known: the setting `ranges`. Errors are JSON, as of any other call."""
    path = box.place(decode_url_path(ask.args["path"]))
    entry = box.disk.stat(path)
    if entry.is_folder:
        raise Refused("invalid_request", detail="dir")
    headers = {"Content-Type": mimetype(entry.name), "Content-Disposition": disposition(entry.name)}
    return await send_file(ask.context, path, headers=headers, ranges=box.settings.flag("ranges", True))


ROUTES = [
    Route("POST", "fs/mkdir/", mkdir, permission=EXPLORER, writes=True),
    Route("POST", "fs/rename/", rename, permission=EXPLORER, writes=True),
    Route("POST", "fs/rm/", remove, permission=EXPLORER, writes=True),
    Route("POST", "fs/hash/", start_hash, permission=EXPLORER),
    Route("GET", "dl/{path}", download, permission=EXPLORER),
]
