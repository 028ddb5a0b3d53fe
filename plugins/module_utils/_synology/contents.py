# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an archive on a Synology device holds, level by level.

Rests on the File Station guide, SYNO.FileStation.Extract/list.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator
from datetime import datetime, timezone
from typing import Optional

from .._core.archives import ArchiveMember
from .._core.model import FILE, FOLDER
from .._core.pages import Levels, Page, Place, every
from .encoding import Secret, Value
from .entries import identity
from .reply import Reply
from .wire import Wire

EXTRACT = "SYNO.FileStation.Extract"
_ROOT = -1
_ALL = -1
_TIME = re.compile(r"(\d{4})-(\d\d?)-(\d\d?)[ T](\d\d?):(\d\d):(\d\d)")


class Contents:
    """Reads archives.

    :param wire: to the device.
    """

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def members(self, archive: str, password: Optional[str], codepage: Optional[str]) -> Iterator[ArchiveMember]:
        """Everything, a folder before what it holds. One call for each folder.

        :raises NasError: `PROTOCOL` when a folder turns up twice.
        """
        waiting: list[Optional[ArchiveMember]] = [None]
        seen: set[Optional[str]] = set()
        levels = Levels(Reply({}, f"{EXTRACT}/list", archive).nonsense)
        while waiting:
            folder = waiting.pop()
            levels.enter(folder.path if folder else "")
            folders = []
            for member in self.level(archive, password, codepage, folder):
                yield member
                if member.type == FOLDER:
                    if member.id in seen:
                        raise Reply({}, f"{EXTRACT}/list", archive).broken("itemid of a folder")
                    seen.add(member.id)
                    folders.append(member)
            waiting.extend(reversed(folders))

    def level(
        self, archive: str, password: Optional[str], codepage: Optional[str], folder: Optional[ArchiveMember] = None
    ) -> Iterator[ArchiveMember]:
        """What lies directly in a folder of an archive, or at its root."""
        params: dict[str, Value] = {
            "file_path": archive,
            "limit": _ALL,
            "item_id": _ROOT if folder is None else int(folder.id or _ROOT),
        }
        if codepage:
            params["codepage"] = codepage
        if password:
            params["password"] = Secret(password)

        def ask(place: Place) -> Page[Reply]:
            page = {**params, "offset": place.start}
            reply = self._wire.call(EXTRACT, "list", page, path=archive, idempotent=True)
            return Page(reply.parts("items"), reply.number("total") or -1)

        def key(item: Reply) -> Hashable:
            # The way back may have the handle of another item.
            return identity(item), item.text("name")

        for item in every(ask, key, Reply({}, f"{EXTRACT}/list", archive).nonsense):
            # Inside folders, devices begin with the way back.
            if folder is None or item.text("name") not in (".", ".."):
                yield _member(item, folder)


def _member(item: Reply, folder: Optional[ArchiveMember]) -> ArchiveMember:
    """An `<Archive_Item>` object. The guide's table spells its handle `itemid`, its example `item_id`."""
    item_id = item.number("itemid" if "itemid" in item else "item_id")
    if item_id is None:
        raise item.broken("itemid")
    is_folder = item.needed_flag("is_dir")
    name = item.needed_text("name").strip("/")
    return ArchiveMember(
        path=f"{folder.path}/{name}" if folder else name,
        type=FOLDER if is_folder else FILE,
        size=None if is_folder or "size" not in item else item.size("size"),
        mtime=_seconds(item.text("mtime")),
        id=str(item_id),
    )


def _seconds(text: Optional[str]) -> Optional[int]:
    """The archive's own clock as if it were UTC; None for one that makes no sense, as archives may hold."""
    found = _TIME.match(text or "")
    if not found:
        return None
    try:
        year, month, day, hour, minute, second = (int(part) for part in found.groups())
        return int(datetime(year, month, day, hour, minute, second, tzinfo=timezone.utc).timestamp())
    except ValueError:
        return None
