# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How DSM describes files, folders and shares (guide, SYNO.FileStation.List, and recorded answers of DSM 6 and 7)."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from ..core import errors
from ..core.disk import Entry, split
from ..core.names import fold, written
from .values import ApiError, Params

if TYPE_CHECKING:
    from .device import Synology


def true_path(device: Synology, path: str) -> str:
    """The path as it lies on the disk: a share is found in any case (seen on 7.1 and 7.2.2), nothing else."""
    names = split(path)
    if not names:
        return path
    if device.disk.find("/" + names[0]) is None:
        share = written(names[0], (entry.name for entry in device.disk.shares()))
        if share is not None:
            return "/" + share + path.lstrip("/")[len(names[0]) :]
    return path


def extension(entry: Entry) -> str:
    """`TXT` for a.txt; nothing for a folder or a name without a dot."""
    return "" if entry.is_folder else os.path.splitext(entry.name)[1][1:].upper()


def times(entry: Entry) -> dict[str, int]:
    return {name: int(getattr(entry, name)) for name in ("atime", "crtime", "ctime", "mtime")}


def owner(device: Synology, entry: Entry) -> dict[str, Any]:
    """What belongs to the simulator's own user belongs to the device's administrator."""
    if entry.uid == os.geteuid():
        name = device.settings.user
        return {"gid": 100, "group": "users", "uid": device.uid(name), "user": name}
    return {"gid": entry.gid, "group": entry.group, "uid": entry.uid, "user": entry.owner}


def can_write(device: Synology, entry: Entry) -> bool:
    """Whether the user may change what is at or in this entry."""
    try:
        device.disk.check_write(entry.path + "/x" if entry.is_folder else entry.path)
    except errors.DiskError:
        return False
    return True


def posix(entry: Entry) -> int:
    """Mode 0o644 is sent as the number 644."""
    return int(f"{entry.mode:o}"[-3:])


def permissions(device: Synology, entry: Entry) -> dict[str, Any]:
    writable = can_write(device, entry)
    readable = bool(entry.mode & 0o400)
    share = device.shares.known(device.disk.share(entry.path))
    new = share is not None and share.acl and not share.found  # begins in ACL mode, without a bit of POSIX rights
    mode = 0 if new and entry.path == "/" + entry.name else posix(entry)
    rights = {"append": writable, "del": writable, "exec": readable, "read": readable, "write": writable}
    return {"acl": rights, "is_acl_mode": share is not None and share.acl, "posix": mode}


def describe(device: Synology, entry: Entry, additional: Iterable[str] = ()) -> dict[str, Any]:
    """A <file> object."""
    row: dict[str, Any] = {"isdir": entry.is_folder, "name": entry.name, "path": entry.path}
    more = _additional(device, entry, frozenset(additional))
    if more:
        row["additional"] = more
    return row


def _additional(device: Synology, entry: Entry, wanted: frozenset[str]) -> dict[str, Any]:
    makers: dict[str, Callable[[], Any]] = {
        "mount_point_type": lambda: mount_type(device, entry.path),
        "owner": lambda: owner(device, entry),
        "perm": lambda: permissions(device, entry),
        "real_path": lambda: real_path(device, entry.path),
        "size": lambda: entry.size,
        "time": lambda: times(entry),
        "type": lambda: extension(entry),
    }
    return {name: make() for name, make in makers.items() if name in wanted}


def real_path(device: Synology, path: str) -> str:
    """A path as it lies on the volume."""
    share = device.shares.known(device.disk.share(path))
    return (share.vol_path if share is not None else device.storage.volumes[0].path) + path


def mount_type(device: Synology, path: str) -> str:
    """`remote`, `iso`, or nothing, for the folders of the setting `mounts`."""
    for mount_type, mounted in mounts(device):
        if mounted == path:
            return "iso" if mount_type == "iso" else "remote"
    return ""


def mounts(device: Synology) -> list[tuple[str, str]]:
    """(type, path) of every mount point."""
    return [
        (mount_type.lower(), path)
        for mount_type, _colon, path in (item.partition(":") for item in device.settings.names("mounts"))
    ]


def volume(device: Synology, path: str) -> dict[str, Any]:
    total, free = device.disk.usage()
    return {"freespace": free, "readonly": device.disk.share(path) in device.disk.read_only, "totalspace": total}


def describe_share(device: Synology, entry: Entry, wanted: frozenset[str]) -> dict[str, Any]:
    """A <shared folder> object; it has no `size`."""
    row = describe(device, entry, wanted - {"size", "type", "perm"})
    more = row.get("additional", {})
    if "perm" in wanted:
        perm = permissions(device, entry)
        perm.update(
            acl_enable=True,
            is_share_readonly=not can_write(device, entry),
            share_right="RW" if can_write(device, entry) else "RO",
            adv_right={name: entry.name in shares for name, shares in device.special.items()},
        )
        more["perm"] = perm
    if "sync_share" in wanted:
        more["sync_share"] = False
    if "volume_status" in wanted:
        more["volume_status"] = volume(device, entry.path)
    if more:
        row["additional"] = more
    return row


# -- sorting, filtering, paging


def sort_key(device: Synology, name: str) -> Callable[[Entry], Any]:
    """A key for `sort_by`; 400 for a name the guide does not know."""
    keys: dict[str, Callable[[Entry], Any]] = {
        "name": lambda entry: (fold(entry.name), entry.name),
        "size": lambda entry: (0 if entry.is_folder else entry.size, entry.name),
        "user": lambda entry: (owner(device, entry)["user"], entry.name),
        "group": lambda entry: (owner(device, entry)["group"], entry.name),
        "mtime": lambda entry: (entry.mtime, entry.name),
        "atime": lambda entry: (entry.atime, entry.name),
        "ctime": lambda entry: (entry.ctime, entry.name),
        "crtime": lambda entry: (entry.crtime, entry.name),
        "posix": lambda entry: (posix(entry), entry.name),
        "type": lambda entry: (extension(entry), entry.name),
    }
    if name.lower() not in keys:
        raise ApiError(400)
    return keys[name.lower()]


def in_order(device: Synology, found: list[Entry], params: Params, default: str = "name") -> list[Entry]:
    """Sorted as `sort_by` and `sort_direction` say."""
    direction = params.text("sort_direction", "asc").lower()
    if direction not in {"asc", "desc"}:
        raise ApiError(400)
    return sorted(found, key=sort_key(device, params.text("sort_by", default)), reverse=direction == "desc")


def page(items: list[Any], params: Params, *, all_of: int = 0, default: int = 0) -> tuple[int, list[Any]]:
    """(offset, the page). `all_of` is the limit that means everything."""
    offset, limit = max(0, params.integer("offset", 0)), params.integer("limit", default)
    rest = items[offset:]
    return offset, rest if limit == all_of or limit < 0 else rest[:limit]


def name_matcher(pattern: str | None, *, separator: str = ",") -> Callable[[str], bool]:
    """Globs in any case; one without `*` and `?` matches anywhere in the name."""
    if not pattern:
        return lambda name: True
    globs = [
        glob.lower() if set(glob) & {"*", "?"} else f"*{glob.lower()}*"
        for glob in (part.strip() for part in pattern.split(separator))
        if glob
    ]
    globs = [glob.replace("[", "[[]") for glob in globs]
    return lambda name: any(fnmatchcase(name.lower(), glob) for glob in globs)


def type_matcher(params: Params) -> Callable[[Entry], bool]:
    """`filetype`: file, dir or all."""
    file_type = params.text("filetype", "all").lower()
    if file_type not in {"file", "dir", "all"}:
        raise ApiError(400)
    return lambda entry: file_type == "all" or (file_type == "dir") == entry.is_folder
