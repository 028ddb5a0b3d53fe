# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Renditions of films, and the queue of what makes them."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from ..offers import Capability

if TYPE_CHECKING:
    from ..._core.model import Job


class TranscodingFeatures(NamedTuple):
    """What a vendor's devices can of `Transcoding`.

    :ivar resolutions: the heights in lines that the device makes.
    :ivar shown: those of them that `renditions` shows when they are there; about others the device is silent.
    """

    resolutions: tuple[int, ...] = ()
    shown: frozenset[int] = frozenset()


class Transcoding(Capability):
    """Versions of films in other resolutions, which the device makes one after the other from a queue of its own."""

    features: ClassVar[TranscodingFeatures] = TranscodingFeatures()

    @abstractmethod
    def renditions(self, paths: Sequence[str]) -> dict[str, Mapping[str, int]]:
        """Which renditions films have, by path: the lines of each, by the name of its format.

        :raises NasError: `NOT_FOUND` when one of the files is not there.
        """

    @abstractmethod
    def queue(self) -> list[Job]:
        """All that waits, is at work, or was done since the list was last cleared; `done` is in percent."""

    @abstractmethod
    def status(self, paths: Sequence[str]) -> list[Job]:
        """The same for some films.

        :raises NasError: `NOT_FOUND` when one of the files is not there.
        """

    @abstractmethod
    def running(self, job: Job) -> bool:
        """Whether the device is at work on something that `queue` lists."""

    @abstractmethod
    def add(self, paths: Sequence[str], resolutions: Sequence[int], *, first: bool) -> None:
        """Queue films. The device leaves out silently what it does not take: the caller verifies by `queue`.

        :param first: before all that waits.
        """

    @abstractmethod
    def remove(self, jobs: Sequence[Job]) -> None:
        """Stop what is at work and take the rest off the queue; the caller verifies by `queue`."""

    @abstractmethod
    def clear(self, *, finished: bool) -> None:
        """Take everything off the queue that is finished, or everything else; the caller verifies by `queue`.

        :param finished: which of them.
        """

    @abstractmethod
    def delete(self, paths: Sequence[str], *, videos: bool = True, pictures: bool = False) -> None:
        """Remove what the device made of films; the films stay.

        :param videos: all renditions. The caller verifies by `renditions`.
        :param pictures: the small pictures, of which no call tells whether there are any.
        """
