# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading folders and entries: get_tree (guide, 12.1 and 18.1), get_list (12.2), stat and its settime (14, 15)."""

from __future__ import annotations

import time
from typing import Any

from aiohttp import web

from ..core import errors
from ..core.disk import Entry
from . import entries
from .call import Call, Handler
from .codes import Refused, Status

TREE_MAX = 2000


async def get_tree(call: Call) -> web.StreamResponse:
    """Success is a bare list, a refusal an object."""
    call.need("node")
    node = call.params.get("node")
    if node == "share_root":
        return call.reply(_shares(call, bins_only=False))
    if node == "recycle_root":
        if not call.device.bins.any():
            raise Refused(Status.NO_RECYCLE_BIN)
        return call.reply(_shares(call, bins_only=True))
    if node == "vol_root":
        return call.reply(_volumes(call))
    path = call.iso_path("node")
    if path == "/":
        raise Refused(Status.NO_SUCH_FILE)
    return call.reply(_folders(call, path))


def _tree_row(call: Call, entry: Entry, total: int, *, ident: str | None = None) -> dict[str, Any]:
    try:
        call.disk.check_write(entry.path + "/x")
        rights = "w"
    except errors.Denied:
        rights = "r"
    # where `is_iso` is to be 1 in the next call (guide, 12.1)
    icon = "iso" if call.disk.share(entry.path) in call.device.iso_shares and entry.path.count("/") == 1 else "folder"
    row: dict[str, Any] = {"id": ident or entry.path, "cls": rights, "text": entry.name}
    if not call.modern:
        return {
            "text": entry.name,
            "id": ident or entry.path,
            "cls": rights,
            "draggable": 0,
            "iconCls": icon,
            "noSupportACL": 0,
        }
    row |= {"no_setup": 0, "is_cached": 0, "draggable": 0, "iconCls": icon}
    if call.disk.share(entry.path) == entry.name and entry.path.count("/") == 1:
        on = call.device.bins.has(entry.name)
        row |= {"recycle_bin": "enable" if on else "disable", "recycle_folder": "yes" if on else "no"}
    return row | {"max_item_limit": TREE_MAX, "real_total": total}


def _shares(call: Call, *, bins_only: bool) -> list[dict[str, Any]]:
    """The shares; those the user may not see into are not shown. In the guide the ids of the recycle bin's tree carry
    the volume, as search results do."""
    found = [
        entry
        for entry in call.disk.shares()
        if entry.name not in call.disk.denied and (not bins_only or call.device.bins.has(entry.name))
    ]
    rows = []
    for entry in found:
        ident = entries.real_path(call.device, entry.path) if bins_only and not call.modern else None
        rows.append(_tree_row(call, entry, len(found), ident=ident))
    return rows


def _folders(call: Call, path: str) -> list[dict[str, Any]]:
    if not call.disk.stat(path).is_folder:
        raise errors.NotFolder(path)
    found = sorted(
        (entry for entry in call.disk.list(path) if entry.is_folder and not entry.name.startswith(".")),
        key=lambda entry: (entry.name.lower(), entry.name),
    )
    return [_tree_row(call, entry, len(found)) for entry in found[:TREE_MAX]]


def _volumes(call: Call) -> list[dict[str, Any]]:
    """node=vol_root: known to exist, with size and free space; its field names are this simulator's."""
    total, free = call.disk.usage()
    volumes = call.device.volumes
    return [
        {
            "id": f"/share/{volumes.folder(number)}",
            "cls": "w",
            "text": label,
            "draggable": 0,
            "iconCls": "folder",
            "vol_no": str(number),
            "total_size": str(total),
            "free_size": str(free),
            "used_size": str(total - free),
        }
        for number, label in enumerate(volumes.labels, 1)
    ]


# -- get_list


def acl_of(call: Call, path: str) -> int:
    """7 read and write, 4 read only (a recorded QTS 5 said 2 of a share; what that meant is not known)."""
    try:
        call.disk.check_write(path + "/x")
    except errors.Denied:
        return entries.ACL_READ
    return entries.ACL_FULL


async def get_list(call: Call) -> web.StreamResponse:
    """A page of a folder. There is no `status` in a good reply; the list of shares is not to be had here (5)."""
    path = call.iso_path("path")
    if path == "/":
        raise Refused(Status.NO_SUCH_FILE)
    return call.reply(_list(call, path), tight=True)


def _list(call: Call, path: str) -> dict[str, Any]:
    params, device = call.params, call.device
    if not call.disk.stat(path).is_folder:
        raise errors.NotFolder(path)
    wanted = params.number("type")
    formats = [form for form in entries.RENDITIONS if params.number(form) == 1]
    hidden = params.number("hidden_file") == 1
    name = params.get("filename").lower()
    found = []
    for entry in call.disk.list(path):
        if entry.name.startswith(".") and not hidden:
            continue
        if wanted and (entry.is_folder or entries.file_type(entry.name) != wanted):
            continue
        # `filename` and the formats belong to the video list (guide, 12.2, second example)
        if wanted == entries.VIDEO:
            if name and name not in entry.name.lower():
                continue
            if formats and not device.transcoder.ready(entry.path) & set(formats):
                continue
        found.append(entry)
    total = len(found)
    ordered = entries.sort_entries(device, found, params)
    rows = [entries.row(device, entry, listing=True) for entry in entries.page(ordered, params, entries.LIST_MAX)]
    if call.context.oddity("endless") is not None:
        total, rows = entries.endless(call, [entries.row(device, entry, listing=True) for entry in ordered])
    entries.spoil_size(call, rows)
    head: dict[str, Any] = {"total": total, "acl": acl_of(call, path)}
    if not call.modern:
        head |= {"is_acl_enable": 1, "is_winacl_support": 1, "is_winacl_enable": 0, "rtt_support": 1}
        # the guide speaks of media types, and shows it for a folder of other files; recorded QTS 5 has none
        limit = params.number("limit")
        head["page"] = max(0, params.number("start")) // limit + 1 if limit > 0 else 1
        return head | {"datas": rows}
    return head | {
        "is_acl_enable": 0,
        "is_winacl_enable": 0,
        "is_winacl_support": 1,
        "rtt_support": 1,
        "datas": rows,
        "exceed_max": int(total > entries.LIST_MAX),
        "max_item_limit": entries.LIST_MAX,
        "medialib": 0,
        "real_total": total,
    }


# -- stat


async def stat(call: Call) -> web.StreamResponse:
    """What is known of entries. One that is not there is a row with `exist` 0, no error.

    Without `file_name`, `path` is the entry itself (a client in the wild asks so, and gets its answer).
    """
    path = call.path("path")
    names = call.params.files("file_name", "file_total")
    if not call.params.all("file_name"):
        paths = [path]
    else:
        _check_parent(call, path)
        paths = [call.child(path, name) for name in names]
    if call.params.number("settime") == 1:
        _set_times(call, paths)
    rows = _rows(call, paths)
    head = {"total": len(rows), "acl": 1, "is_acl_enable": 0, "is_winacl_support": 1, "is_winacl_enable": 1}
    return call.reply({**head, "datas": rows}, tight=True)


def _check_parent(call: Call, path: str) -> None:
    """What a stat below a folder that is not there answers is not known. The early server looks at each path and would
    say `exist` 0 (QTS 4 here); QTS 5 says 5 here. The setting `stat_missing_parent` has other guesses."""
    entry = call.disk.find(path)
    if entry is not None and entry.is_folder:
        return
    answer = call.device.settings.text("stat_missing_parent", "5" if call.modern else "exist0")
    if answer != "exist0":
        raise Refused(int(answer))


def _rows(call: Call, paths: list[str]) -> list[dict[str, Any]]:
    rows = []
    for path in paths:
        entry = call.disk.find(path)
        name = path.rpartition("/")[2]
        rows.append(entries.row(call.device, entry, name=name) if entry else entries.missing_row(call.device, name))
    entries.spoil_size(call, rows)
    return rows


def _set_times(call: Call, paths: list[str]) -> None:
    """Whole seconds since 1970; now when no time is given. What is not there is passed over."""
    mtime = float(call.params.number("mtime")) if call.params.get("mtime") else time.time()
    for path in paths:
        if call.disk.find(path) is not None:
            call.disk.set_times(path, mtime=mtime)


HANDLERS: dict[str, Handler] = {"get_tree": get_tree, "get_list": get_list, "stat": stat}
