# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Archives that the device packs, lists and unpacks."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, ClassVar, NamedTuple, Optional

from ..._core.waiting import Watch
from ..offers import Capability, unsupported

if TYPE_CHECKING:
    from ..._core.archives import ArchiveMember, Packing, Unpacking


class ArchiveFeatures(NamedTuple):
    """What a vendor's devices can of `Archives`.

    :ivar formats: what `compress` makes, by the ending of the file: `zip`, `7z`, `tar.gz`, ...
    :ivar levels: of `store`, `fast`, `normal`, `best`; empty where there is no choice.
    :ivar list: whether `members` can be asked.
    :ivar scattered: whether sources may be shares and need not share a parent.
    :ivar password: whether a new archive may have a password.
    :ivar encryption: whether the way of encryption can be chosen.
    :ivar extract_password: whether archives with a password can be unpacked.
    :ivar extract_members: whether some members can be unpacked without the others.
    :ivar codepage: whether the character set of names in an archive can be given.
    """

    formats: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    list: bool = False
    scattered: bool = False
    password: bool = False
    encryption: bool = False
    extract_password: bool = False
    extract_members: bool = False
    codepage: bool = False


class Archives(Capability):
    """Packing and unpacking on the device itself."""

    features: ClassVar[ArchiveFeatures] = ArchiveFeatures()

    @abstractmethod
    def compress(self, sources: Sequence[str], archive: str, packing: Packing, *, watch: Watch) -> None:
        """Make a new archive of files and folders, and wait for it. Nothing may be at `archive`.

        Each source is a member under its own name, a folder with all that it holds. Sources need not share a parent
        where `features.scattered`; else `INVALID_ARGUMENT` before any call.
        """

    def in_one_job(self, sources: Sequence[str], archive: str, packing: Packing) -> bool:
        """Whether `compress` is one task of the device, after which there is nothing to do but to check."""
        return archive.endswith(f".{packing.format}")

    def members(
        self, archive: str, *, password: Optional[str] = None, codepage: Optional[str] = None
    ) -> Iterator[ArchiveMember]:
        """Everything that an archive holds, at all levels, where `features.list`.

        :raises NasError: `AUTHENTICATION` must not be used for archives: a wrong password is `PERMISSION_DENIED`; a
            damaged or unknown archive is `INVALID_ARGUMENT`.
        """
        raise unsupported("lists of archives", lambda nas: nas.archives.features.list, path=archive)

    @abstractmethod
    def extract(self, archive: str, folder: str, unpacking: Unpacking, *, watch: Watch) -> None:
        """Unpack into an existing folder, with the archive's folders, and wait for it. No file there is replaced.

        :raises NasError: `PERMISSION_DENIED` (password), `INVALID_ARGUMENT` (damaged, unsupported), `NO_SPACE`, ...
        """
