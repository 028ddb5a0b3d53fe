# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The favorites of a user of a Synology device.

Rests on the File Station guide, SYNO.FileStation.Favorite.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional

from .._api.capabilities.favorites import Favorites
from .._core.device import Favorite
from .encoding import Value
from .entries import pages
from .reply import Reply
from .wire import Wire

FAVORITE = "SYNO.FileStation.Favorite"


class SynologyFavorites(Favorites):
    """File Station's favorites.

    :param wire: to the device.
    """

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def list(self) -> list[Favorite]:
        """Guide, Favorite/list."""
        return [_read(item) for item in pages(self._wire, "list", {"status_filter": "all"}, "favorites", api=FAVORITE)]

    def add(self, path: str, name: str, index: Optional[int] = None) -> None:
        """Guide, Favorite/add, where -1 is the end."""
        self._change("add", {"path": path, "name": name, "index": -1 if index is None else index}, path)

    def edit(self, path: str, name: str) -> None:
        """Guide, Favorite/edit."""
        self._change("edit", {"path": path, "name": name}, path)

    def delete(self, path: str) -> None:
        """Guide, Favorite/delete."""
        self._change("delete", {"path": path}, path)

    def clear_broken(self) -> None:
        """Guide, Favorite/clear_broken."""
        self._change("clear_broken", {})

    def replace_all(self, favorites: Sequence[Favorite]) -> None:
        """Guide, Favorite/replace_all: two lists, of paths and of names, in the same order."""
        params: dict[str, Value] = {
            "path": [favorite.path for favorite in favorites],
            "name": [favorite.name for favorite in favorites],
        }
        self._change("replace_all", params)

    def _change(self, method: str, params: dict[str, Value], path: str = "") -> None:
        self._wire.call(FAVORITE, method, params, path=path, idempotent=False)


def _read(item: Reply) -> Favorite:
    """A `<favorite>` object. Its status is `valid` or `broken`."""
    status = item.needed_text("status")
    if status not in ("valid", "broken"):
        raise item.broken("status")
    return Favorite(item.needed_path("path"), item.needed_text("name"), valid=status == "valid")
