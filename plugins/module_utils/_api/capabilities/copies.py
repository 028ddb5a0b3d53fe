# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Copying and moving on the device itself."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from ..._core.waiting import Watch
from ..offers import Capability, unsupported


class CopyFeatures(NamedTuple):
    """What a vendor's devices can of `Copies`.

    :ivar conflicts: what the device can do itself about a name that is taken: of `overwrite`, `skip`.
    :ivar names_copies: whether `copy_as` can be asked.
    """

    conflicts: frozenset[str] = frozenset()
    names_copies: bool = False


class Copies(Capability):
    """Copying and moving on the device itself."""

    features: ClassVar[CopyFeatures] = CopyFeatures()

    @abstractmethod
    def into(self, sources: Sequence[str], folder: str, *, move: bool, conflict: str, watch: Watch) -> None:
        """Copy or move files and folders into an existing folder, under their own names, and wait for it.

        Devices report success for what they skipped: the caller verifies by reading.

        :param sources: paths; they need not share a parent (the client groups them as the device wants).
        :param conflict: one of `features.conflicts`.
        :param watch: gets the progress; the device's task is stopped on timeout and interruption.
        :raises NasError: `NOT_FOUND` (source or folder), `NO_SPACE`, `INVALID_ARGUMENT` (a folder into itself), ...
        """

    def copy_as(self, source: str, path: str, *, watch: Watch) -> None:
        """Copy one file or folder to a path whose name is free, in an existing folder, and wait for it.

        As `into`; the copy has its last part as its name.
        """
        raise unsupported("another name for a copy", lambda nas: nas.copies.features.names_copies, path=source)
