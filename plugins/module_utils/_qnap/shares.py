# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The folders that get_tree lists: shares, and what the user may do in them (File Station guide, section 12.1)."""

from __future__ import annotations

from functools import partial
from typing import Optional

from .._core.errors import Kind, NasError
from .._core.model import Share
from .entries import without_volume
from .envelope import number
from .failures import qnap_error
from .wire import Wire

SHARES = "share_root"

_KIB = 1024
_Sizes = tuple[Optional[int], Optional[int]]  # total and free bytes


def shares(wire: Wire) -> list[Share]:
    """All shares, with the sizes of their volumes where the device tells them.

    One call for the list, and one a share for the size (get_disk_info, which is not in the guide) until the device
    says that it does not know that call. One that it fails to tell is missing, and the user is warned.
    """
    sized = True
    unknown: Optional[_Sizes] = (None, None)
    found = []
    for path, writable in tree(wire, SHARES).items():
        size = unknown
        if sized:
            size = wire.sessions.optional(f"the size of {path}", partial(_size, wire, path), unknown)
            sized = size is not None
        total, free = size or (None, None)
        read_only = None if writable is None else not writable
        found.append(Share(path.lstrip("/"), path, total, free, read_only))
    return found


def tree(wire: Wire, node: str) -> dict[str, Optional[bool]]:
    """The paths of a node's folders, with whether the user may write there (None where the device is silent).

    `cls` is `w` or `r`; a share made of an ISO image is never written to.

    :param node: `SHARES`, or the path of a folder.
    :raises NasError: by the status; `PROTOCOL` for rows without a path.
    """
    folders: dict[str, Optional[bool]] = {}
    images = set()
    for row in wire.tree(node, path=node if node.startswith("/") else ""):
        path = row.get("id")
        if not isinstance(path, str) or not path.startswith("/"):
            message = "a row of the device's answer has no id"
            raise qnap_error(Kind.PROTOCOL, message, call="get_tree", path=node)
        may_write = {"w": True, "r": False}.get(str(row.get("cls")))
        folders[without_volume(path)] = False if row.get("iconCls") == "iso" else may_write
        if row.get("iconCls") == "iso":
            images.add(without_volume(path))
    if node == SHARES:
        wire.iso_shares = frozenset(images)
    return folders


def in_image(wire: Wire, path: str, *, ask: bool = False) -> bool:
    """Whether a path is in a share that is an ISO image, for which some calls want `is_iso` (sections 12 and 16).

    :param ask: whether the device is asked, once, when that is not known; else it counts as no.
    """
    if wire.iso_shares is None and ask:
        tree(wire, SHARES)
    share = "/" + path.lstrip("/").partition("/")[0]
    return share in (wire.iso_shares or ())


def _size(wire: Wire, path: str) -> Optional[_Sizes]:
    """The same as `_volume`, None where the device has no such call."""
    try:
        return _volume(wire, path)
    except NasError as error:
        if error.kind is not Kind.UNSUPPORTED:
            raise
        return None


def _volume(wire: Wire, path: str) -> _Sizes:
    """Total and free bytes of a share's volume; the device counts in KiB."""
    reply = wire.call("get_disk_info", [("path", path)], path=path, payload="free_size")
    free, used = number(reply.get("free_size")), number(reply.get("used_size"))
    if free is None or used is None:
        return None, None
    return (free + used) * _KIB, free * _KIB
