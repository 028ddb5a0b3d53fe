# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Repairing files by par2 on the device itself."""

from __future__ import annotations

from abc import abstractmethod

from ..._core.waiting import Watch
from ..offers import Capability


class Repair(Capability):
    """Checking and mending files with the recovery data of a par2 set beside them."""

    @abstractmethod
    def repair(self, path: str, *, delete_archive: bool = False, watch: Watch) -> None:
        """Check the files of a par2 set, mend those that are damaged or missing, and wait for it.

        :param path: one of the set's par2 files; the device finds the others.
        :param delete_archive: remove the set's par2 files afterwards.
        :raises NasError: `NOT_FOUND`, `INVALID_ARGUMENT` for what is no par2 file, `DEVICE` when too much is lost.
        """
