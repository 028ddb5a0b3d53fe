# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The device's own search."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from ..._core.waiting import Watch
from ..offers import Capability

if TYPE_CHECKING:
    from ..._core.device import Criteria
    from ..._core.model import Entry


class SearchFeatures(NamedTuple):
    """What a vendor's devices can of `Search`.

    :ivar criteria: what narrows a search: of `patterns`, `type`, `size`, `mtime`, `owner`, `group`.
    """

    criteria: frozenset[str] = frozenset()


class Search(Capability):
    """The device's own search, which spares the caller a list call for each folder."""

    features: ClassVar[SearchFeatures] = SearchFeatures()

    @abstractmethod
    def find(self, folder: str, criteria: Criteria, *, watch: Watch) -> list[Entry]:
        """What lies below a folder and may meet the criteria, each once.

        All that meets them is among it, and mostly more: devices compare names in their own way, and ignore what
        `features.criteria` does not name, so the caller filters. What is hidden, and what lies in recycle bins or in
        folders closed to the user, may be missing.

        :param watch: gets how many were found; the search is stopped on timeout and interruption.
        :raises NasError: `NOT_FOUND`, `WRONG_TYPE` for a file; `UNSUPPORTED` when the device cannot search by these
            criteria, has no search, or finds more than it lists: the caller may walk the folders instead.
        """
