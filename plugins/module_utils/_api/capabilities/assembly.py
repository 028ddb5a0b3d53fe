# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Joining files on the device itself."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence

from ..._core.waiting import Watch
from ..offers import Capability


class Assembly(Capability):
    """One file from many, on the device itself."""

    @abstractmethod
    def assemble(
        self,
        files: Sequence[str],
        dest: str,
        *,
        watch: Watch,
    ) -> None:
        """Write the bytes of all files, in this order, to the new file `dest`, and wait for it.

        A failure may leave a part of it.

        :raises NasError: `NOT_FOUND`, `WRONG_TYPE` for a folder, `EXISTS`, `NO_SPACE`, ...
        """
