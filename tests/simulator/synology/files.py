# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SYNO.FileStation.List: list_share, list, getinfo."""

from __future__ import annotations

from typing import Any

from ..core import errors
from ..core.disk import Entry
from .calls import Call, serves
from .codes import ILLEGAL_PATH, MISSING, UNKNOWN, code_of
from .entries import can_write, describe, describe_share, in_order, name_matcher, page, true_path, type_matcher
from .values import ApiError

API = "SYNO.FileStation.List"


@serves(API, "list_share")
async def list_share(call: Call) -> dict[str, Any]:
    """Shares the user may see."""
    device, params = call.device, call.params
    found = [entry for entry in device.disk.shares() if device.may_see(entry.name, call.user)]
    if params.flag("onlywritable"):
        found = [entry for entry in found if can_write(device, entry)]
    offset, shown = page(in_order(device, found, params), params)
    wanted = params.additional()
    return {"offset": offset, "shares": [describe_share(device, entry, wanted) for entry in shown], "total": len(found)}


@serves(API, "list")
async def list_(call: Call) -> dict[str, Any]:
    """A folder's content. The root is 401, a trailing slash 408 (both seen); `goto_path` opens folders on the way."""
    device, params = call.device, call.params
    folder = params.text("folder_path")
    if folder == "/":
        raise ApiError(UNKNOWN)
    if folder.endswith("/") or not folder.startswith("/"):
        raise ApiError(MISSING)
    folder = true_path(device, folder)
    if not device.follows("list") and device.disk.place(folder) != folder:
        raise ApiError(MISSING)
    device.check_special("disable_list", call.user, folder)
    matches, of_type = name_matcher(params.pattern("pattern")), type_matcher(params)
    wanted = params.additional()
    goto = true_path(device, params.text("goto_path", "")) if params.has("goto_path") and "real_path" in wanted else ""

    def read(path: str) -> tuple[list[Entry], dict[str, Any]]:
        found = [entry for entry in device.disk.list(path) if of_type(entry) and matches(entry.name)]
        offset, shown = page(in_order(device, found, params), params)
        rows = [describe(device, entry, wanted) for entry in shown]
        return shown, {"files": rows, "offset": offset, "total": len(found)}

    def tree(path: str) -> dict[str, Any]:
        shown, data = read(path)
        for entry, row in zip(shown, data["files"]):
            if goto and entry.is_folder and (goto + "/").startswith(entry.path + "/"):
                row["children"] = tree(entry.path)
        return data

    return tree(folder)


@serves(API, "getinfo")
async def getinfo(call: Call) -> dict[str, Any]:
    """Several paths at once. A path that is not there is an entry with a code, and the call succeeds (recorded)."""
    device, params = call.device, call.params
    wanted = params.additional()
    asked = params.texts("path")
    hide_missing = call.context.oddity("missing_omitted")

    def one(path: str) -> dict[str, Any] | None:
        if path != "/" and path.endswith("/"):
            return {"code": ILLEGAL_PATH, "path": path}
        try:
            if not path.startswith("/") or path == "/":
                raise errors.NotFound(path)
            entry = device.disk.stat(true_path(device, path))
        except errors.DiskError as exc:
            code = code_of(exc)
            return None if hide_missing and code == MISSING else {"code": code, "path": path}
        return describe(device, entry, wanted)

    return {"files": [row for row in map(one, asked) if row is not None]}
