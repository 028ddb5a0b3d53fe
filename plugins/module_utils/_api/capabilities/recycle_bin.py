# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The recycle bins of shares."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, NamedTuple, Optional

from ..._core.waiting import Watch
from ..offers import Capability

if TYPE_CHECKING:
    from ..._core.device import Bin


class RecycleBinFeatures(NamedTuple):
    """What a vendor's devices can of `RecycleBin`.

    :ivar folder: the name that the bin has in every share.
    """

    folder: str = ""


class RecycleBin(Capability):
    """The folders of shares that hold what was deleted, each entry below the folders that it was in."""

    features: ClassVar[RecycleBinFeatures] = RecycleBinFeatures()

    @abstractmethod
    def bins(self, shares: Optional[Sequence[str]] = None) -> list[Bin]:
        """The recycle bins that there are.

        :param shares: only those of these shares, as paths; None for all that the user may see.
        """

    @abstractmethod
    def restore(self, paths: Sequence[str], *, watch: Watch) -> None:
        """Bring entries of bins back to where they were, under the names that they have in the bin, and wait for it.

        Nothing is at those places, and the folders above are there; the caller sees to both. Never overwrites. Devices
        report success for what they skipped: the caller verifies by reading.

        :raises NasError: `NOT_FOUND` for what is not in the bin.
        """

    @abstractmethod
    def empty(self, share: str, *, watch: Watch) -> None:
        """Remove for good all that the bin of a share holds, and verify that it is gone.

        :param share: as a path.
        """
