# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SYNO.FileStation.Favorite and SYNO.FileStation.VirtualFolder."""

from __future__ import annotations

from typing import Any

from ..core import errors
from ..core.disk import Entry
from .calls import Call, serves
from .codes import INVALID, MISSING
from .entries import describe, describe_share, in_order, mounts, page, true_path
from .values import ApiError

API = "SYNO.FileStation.Favorite"
KNOWN, NAME_TAKEN, TOO_MANY = 800, 801, 802


class Favorites:
    """Every user's favorites, in their order: (path, name)."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._by_user: dict[str, list[tuple[str, str]]] = {}

    def of(self, user: str) -> list[tuple[str, str]]:
        return self._by_user.setdefault(user, [])

    def check(self, favorites: list[tuple[str, str]], path: str, name: str) -> None:
        """Raise when this one cannot be added."""
        if any(path == known for known, _name in favorites):
            raise ApiError(KNOWN)
        if any(name == known for _path, known in favorites):
            raise ApiError(NAME_TAKEN)
        if len(favorites) >= self.limit:
            raise ApiError(TOO_MANY)

    def replace(self, user: str, favorites: list[tuple[str, str]]) -> None:
        self._by_user[user] = favorites


def _folder(call: Call, path: str) -> Entry | None:
    """The folder that a favorite leads to; None for a broken one."""
    try:
        entry = call.device.disk.stat(path)
    except errors.DiskError:
        return None
    return entry if entry.is_folder else None


@serves(API, "list")
async def list_(call: Call) -> dict[str, Any]:
    """`status_filter`: valid, broken or all. A broken one has no `additional`, and `isdir` false (guide's example)."""
    params = call.params
    wanted, status = params.additional(), params.text("status_filter", "all").lower()
    if status not in {"valid", "broken", "all"}:
        raise ApiError(INVALID)
    rows = []
    for path, name in call.device.favorites.of(call.user):
        entry = _folder(call, path)
        item = describe(call.device, entry, wanted) if entry is not None else {"isdir": False, "path": path}
        item.update(name=name, status="broken" if entry is None else "valid")
        if status in {"all", item["status"]}:
            rows.append(item)
    offset, shown = page(rows, params)
    return {"favorites": shown, "offset": offset, "total": len(rows)}


@serves(API, "add", writes=True)
async def add(call: Call) -> None:
    """One more, at `index` or at the end."""
    params, favorites = call.params, call.device.favorites.of(call.user)
    path, name, index = true_path(call.device, params.text("path")), params.text("name"), params.integer("index", -1)
    if _folder(call, path) is None:
        raise ApiError(MISSING)
    call.device.favorites.check(favorites, path, name)
    favorites.insert(index if 0 <= index < len(favorites) else len(favorites), (path, name))


def _place(call: Call) -> int:
    path = true_path(call.device, call.params.text("path"))
    for index, (known, _name) in enumerate(call.device.favorites.of(call.user)):
        if known == path:
            return index
    raise ApiError(MISSING)


@serves(API, "delete", writes=True)
async def delete(call: Call) -> None:
    del call.device.favorites.of(call.user)[_place(call)]


@serves(API, "edit", writes=True)
async def edit(call: Call) -> None:
    """A new name."""
    favorites, index, name = call.device.favorites.of(call.user), _place(call), call.params.text("name")
    if any(name == known for place, (_path, known) in enumerate(favorites) if place != index):
        raise ApiError(NAME_TAKEN)
    favorites[index] = (favorites[index][0], name)


@serves(API, "clear_broken", writes=True)
async def clear_broken(call: Call) -> None:
    favorites = call.device.favorites.of(call.user)
    call.device.favorites.replace(call.user, [item for item in favorites if _folder(call, item[0]) is not None])


@serves(API, "replace_all", writes=True)
async def replace_all(call: Call) -> None:
    """These favorites instead of all others; either all of them or none."""
    paths, names = call.params.texts("path"), call.params.texts("name")
    if len(paths) != len(names):
        raise ApiError(INVALID)
    fresh: list[tuple[str, str]] = []
    for given, name in zip(paths, names):
        path = true_path(call.device, given)
        call.device.favorites.check(fresh, path, name)
        fresh.append((path, name))
    call.device.favorites.replace(call.user, fresh)


@serves("SYNO.FileStation.VirtualFolder", "list")
async def virtual_folders(call: Call) -> dict[str, Any]:
    """Mount points of one type: the folders of the setting `mounts`."""
    device, params = call.device, call.params
    mount_type = params.text("type").lower()
    if mount_type not in {"cifs", "nfs", "iso"}:
        raise ApiError(INVALID)
    entries = [entry for mounted, path in mounts(device) if mounted == mount_type and (entry := _folder(call, path))]
    offset, shown = page(in_order(device, entries, params), params)
    wanted = params.additional()
    rows = []
    for entry in shown:
        item = describe(device, entry, wanted)
        if "volume_status" in wanted:
            item.setdefault("additional", {})["volume_status"] = describe_share(
                device, entry, frozenset({"volume_status"})
            )["additional"]["volume_status"]
        rows.append(item)
    return {"folders": rows, "offset": offset, "total": len(entries)}
