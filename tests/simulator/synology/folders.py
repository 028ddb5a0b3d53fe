# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SYNO.FileStation.CreateFolder, Rename and CheckPermission."""

from __future__ import annotations

from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import Any

from ..core import errors
from ..core.disk import Entry, base_name, join, parent
from .calls import Call, serves
from .codes import CREATE_FAILED, INVALID, MISSING, RENAME_FAILED, TOO_MANY_FOLDERS, code_of
from .entries import describe, true_path
from .values import ApiError


def check_name(call: Call, name: str) -> None:
    """Whether a new entry may be called so. The guide has an example for `:` only (1100 with 418).

    What has such a name already (from another protocol) is shown and can be read, copied, renamed and removed.
    """
    device = call.device
    refused = any(fnmatchcase(name, glob) for glob in device.settings.names("illegal_names"))
    if not name or name in {".", ".."} or "/" in name or "\0" in name or device.illegal & set(name) or refused:
        raise errors.BadPath(name)


async def pairs(
    call: Call, code: int, paths: list[str], names: list[str], work: Callable[[str, str], Entry], key: str
) -> dict[str, Any]:
    """Do `work` for each pair; errors are gathered, what worked stays done."""
    if len(paths) != len(names) or not paths:
        raise ApiError(INVALID)
    wanted = call.params.additional()
    done: list[Entry] = []
    failed: list[dict[str, Any]] = []
    for path, name in zip(paths, names):
        try:
            done.append(await call.device.disk.run(work, path, name))
        except errors.DiskError as exc:
            failed.append({"code": code_of(exc), "path": exc.path})
    if failed:
        raise ApiError(code, failed)
    return {key: [describe(call.device, entry, wanted) for entry in done]}


@serves("SYNO.FileStation.CreateFolder", "create", writes=True)
async def create(call: Call) -> dict[str, Any]:
    """Folders, each under its parent. No shares. A name may hold a path when parents are to be made."""
    device, params = call.device, call.params
    force = params.flag("force_parent")
    limit = device.settings.integer("max_subfolders", 0)

    def make(folder: str, name: str) -> Entry:
        above = true_path(device, folder)
        path = join(above, name)
        try:
            for part in name.split("/") if force else [name]:
                check_name(call, part)
        except errors.BadPath:
            raise errors.BadPath(path) from None
        if not above.strip("/"):
            raise errors.Denied(path)
        entry = device.disk.find(above)
        if entry is None and (not force or device.disk.find("/" + device.disk.share(above)) is None):
            raise errors.NotFound(above)
        if limit and entry is not None and sum(item.is_folder for item in device.disk.list(above)) >= limit:
            raise ApiError(TOO_MANY_FOLDERS)
        try:
            return device.disk.mkdir(path, parents=force)
        except errors.Exists:
            taken = device.disk.find(path)
            if force and taken is not None and taken.is_folder:
                return taken
            raise

    return await pairs(call, CREATE_FAILED, params.texts("folder_path"), params.texts("name"), make, "folders")


@serves("SYNO.FileStation.Rename", "rename", writes=True)
async def rename(call: Call) -> dict[str, Any]:
    """New names in the same folder; a name that is taken is 1200 with 414, a share keeps its name."""
    device, params = call.device, call.params

    def work(path: str, name: str) -> Entry:
        source = true_path(device, path)
        if source.endswith("/"):
            raise errors.BadPath(path)
        device.disk.stat(source)
        target = join(parent(source), name)
        try:
            check_name(call, name)
        except errors.BadPath:
            raise errors.BadPath(target) from None
        if parent(source) == "/":
            raise errors.Denied(source)
        device.check_special("disable_modify", call.user, source)
        if name == base_name(source):
            return device.disk.stat(source)
        return device.disk.rename(source, target)

    return await pairs(call, RENAME_FAILED, params.texts("path"), params.texts("name"), work, "files")


@serves("SYNO.FileStation.CheckPermission", "write")
async def check_permission(call: Call) -> dict[str, Any]:
    """Whether a file could be written; success:false if not. Nothing is written."""
    device, params = call.device, call.params
    folder, name = true_path(device, params.text("path")), params.text("filename")
    overwrite, create_only = params.choice("overwrite"), params.flag("create_only", True)
    if folder.endswith("/") or not folder.strip("/"):
        raise ApiError(MISSING)

    def check() -> dict[str, Any]:
        entry = device.disk.stat(folder)
        if not entry.is_folder:
            raise errors.NotFound(folder)
        check_name(call, name)
        path = join(folder, name)
        device.disk.check_write(path)
        if device.disk.find(path) is not None and create_only:
            if overwrite is None:
                raise errors.Exists(path)
            return {"blSkip": not overwrite}
        return {"blSkip": False}

    return await device.disk.run(check)
