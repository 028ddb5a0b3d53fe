# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compares a file of the NAS with the desired content, and gives it content and times."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from typing import Any, Optional

from .. import _vendors
from .._api import comparison
from .._api.client import Client
from .._api.files import Files
from .._core import paths as _paths
from .._core.model import FILE, Entry
from .._core.sources import BytesSource, Source
from .._core.waiting import Watch
from .._plans.file import Current, Desired
from .._plans.plan import Plan
from . import atomic


def same_content(files: Files, source: Source, entry: Entry, watch: Watch, *, by_time: bool) -> bool:
    """Whether the file has the bytes of the source: size first, then the bytes or a checksum, else the time.

    :param by_time: whether the same modification time is enough. One that is not known is 0, or less.
    """
    if entry.size != source.size:
        return False
    if by_time and source.mtime is not None and 0 < source.mtime == entry.mtime:
        return True
    same = comparison.same_bytes(files, source, entry, watch)
    if same is not None:
        return same
    if source.mtime is not None:
        return entry.mtime == source.mtime
    with tempfile.TemporaryFile() as there:
        files.download(entry.path, there, watch=watch, entry=entry)
        there.seek(0)
        return BytesSource(there.read()).checksum("sha256") == source.checksum("sha256")


def sets_mtime(nas: type[Client]) -> bool:
    """Whether a vendor can give a file a certain time, in one way or another."""
    return nas.files.features.sets_mtime_at_upload or FILE in nas.files.features.sets_mtime_of


def free_backup(files: Files, stem: str) -> str:
    """A path for a backup that nothing has: two in the same second are kept both."""
    path, number = f"{stem}~", 1
    while files.stat([path])[path] is not None:
        number += 1
        path = f"{stem}-{number}~"
    return path


def apply(files: Files, desired: Desired, plan: Plan, current: Current, *, backup: Optional[str], watch: Watch) -> None:
    """Carry the plan out.

    :param backup: the path under which an old file is kept; None keeps none.
    """
    folders = plan.paths("create_folder")
    if folders:
        atomic.make_folders(files, folders)
    for aside in plan.paths("restore"):
        files.rename(aside, _paths.name(desired.path))
    atomic.clean(files, plan.paths("clean"), watch)
    if plan.has("upload"):
        source = desired.source or BytesSource(b"")
        replaces = current.entry is not None
        mtime, times = desired.mtime, desired.times
        if mtime is None and current.same and current.entry is not None:
            mtime = current.entry.mtime  # it is sent for another time of creation alone
        atomic.deliver(
            files, source, desired.path, replaces=replaces, backup=backup, mtime=mtime, watch=watch, times=times
        )
    elif plan.has("rewrite"):
        mtime = desired.mtime if files.features.sets_mtime_at_upload else None
        atomic.rewrite(files, desired.path, mtime=mtime, watch=watch, times=desired.times)
    elif plan.has("set_mtime") and desired.mtime is not None:
        files.set_mtime(desired.path, desired.mtime)
    remove(files, plan.paths("delete"), watch, permanently=desired.permanent)


def remove(
    files: Files, paths: Sequence[str], watch: Watch, *, recursive: bool = False, permanently: bool = False
) -> None:
    """Remove files or folders, if there are any to remove."""
    if paths:
        delete = files.delete_permanently if permanently else files.delete
        delete(paths, recursive=recursive, watch=watch)


def require_permanent(params: Mapping[str, Any]) -> None:
    """Refuse the option `permanent` where the vendor always asks its recycle bin."""
    if params["permanent"]:
        what = "a removal past the recycle bin"
        _vendors.require(params["vendor"], what, lambda nas: nas.files.features.deletes_permanently)
