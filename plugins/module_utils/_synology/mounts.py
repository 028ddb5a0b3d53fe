# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Remote folders and images that are mounted on a Synology device.

Rests on the File Station guide, SYNO.FileStation.VirtualFolder.
"""

from __future__ import annotations

from typing import Any, Optional

from .._api.capabilities.mounts import Mounts
from .._core import times as _times
from .._core.errors import Kind, NasError
from .entries import octal, pages
from .reply import Reply
from .wire import Wire

VIRTUAL_FOLDER = "SYNO.FileStation.VirtualFolder"
TYPES = ("cifs", "nfs", "iso")
DETAILS = ["real_path", "owner", "time", "perm", "mount_point_type", "volume_status"]

# What a device may say of a type that it cannot mount.
_UNKNOWN_TYPE = (Kind.INVALID_ARGUMENT, Kind.UNSUPPORTED)


class SynologyMounts(Mounts):
    """File Station's virtual folders.

    :param wire: to the device.
    """

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def mounts(self) -> list[dict[str, Any]]:
        """Guide, VirtualFolder/list: one call for each type. A device need not know them all, but one of them.

        :returns: by mount: `path`, `name`, `type` (of `TYPES`), `mount_point_type`, `real_path`, `owner`, `group`,
            `mtime`, `mtime_iso`, `mode`, `total`, `free` (bytes), `read_only`; null for what the device does not tell.
        """
        found: list[dict[str, Any]] = []
        refused: Optional[NasError] = None
        answered = False
        for one in TYPES:
            try:
                params = {"type": one, "additional": DETAILS}
                items = list(pages(self._wire, "list", params, "folders", api=VIRTUAL_FOLDER))
            except NasError as error:
                if error.kind not in _UNKNOWN_TYPE:
                    raise
                refused = refused or error
                continue
            answered = True
            found += [_read(item, one) for item in items]
        if refused is not None and not answered:
            raise refused
        return found


def _read(item: Reply, one: str) -> dict[str, Any]:
    """A `<virtual folder>` object."""
    details = item.part("additional")
    owner, volume = details.part("owner"), details.part("volume_status")
    mtime = details.part("time").time("mtime")
    return {
        "path": item.needed_text("path"),
        "name": item.needed_text("name"),
        "type": one,
        "mount_point_type": details.text("mount_point_type"),
        "real_path": details.text("real_path"),
        "owner": owner.text("user"),
        "group": owner.text("group"),
        "mtime": mtime,
        "mtime_iso": _times.iso(mtime),
        "mode": octal(details.part("perm").number("posix")),
        "total": volume.count("totalspace"),
        "free": volume.count("freespace"),
        "read_only": volume.flag("readonly"),
    }
