# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The favorites of the device's file manager."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Optional

from ..offers import Capability

if TYPE_CHECKING:
    from ..._core.device import Favorite


class Favorites(Capability):
    """Folders that the user keeps at hand in the device's file manager, in an order of the user's own."""

    @abstractmethod
    def list(self) -> list[Favorite]:
        """All of them, in their order."""

    @abstractmethod
    def add(self, path: str, name: str, index: Optional[int] = None) -> None:
        """One more, at the end.

        :param index: before the one that has this place, counted from 0; less than there are favorites.
        :raises NasError: `EXISTS` for a folder or a name that is among them; `QUOTA_EXCEEDED`; `NOT_FOUND`.
        """

    @abstractmethod
    def edit(self, path: str, name: str) -> None:
        """Another name for one of them. :raises NasError: `EXISTS`, `NOT_FOUND`."""

    @abstractmethod
    def delete(self, path: str) -> None:
        """Take one out; the folder stays. :raises NasError: `NOT_FOUND`."""

    @abstractmethod
    def clear_broken(self) -> None:
        """Take out all whose folder is gone or closed to the user."""

    @abstractmethod
    def replace_all(self, favorites: Sequence[Favorite]) -> None:
        """Have these, in this order, instead of all that there are. There must be one at least."""
