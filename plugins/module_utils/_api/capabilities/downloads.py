# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Folder sizes, zips, thumbnails and renditions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import BinaryIO, ClassVar, NamedTuple

from ..._core.waiting import Watch
from ..offers import Capability, unsupported


class DownloadFeatures(NamedTuple):
    """What a vendor's devices can of `Downloads`.

    :ivar folder_size: whether `folder_size` can be asked.
    :ivar zip: whether `download_zip` can be asked.
    :ivar compress: whether it can be chosen that a zip is compressed.
    :ivar thumbnail_sizes: of `small`, `medium`, `large`, `original`, as `thumbnail` takes them.
    :ivar rotate: whether thumbnails can be turned.
    :ivar rendition_formats: what `rendition` takes.
    """

    folder_size: bool = False
    zip: bool = False
    compress: bool = False
    thumbnail_sizes: tuple[str, ...] = ()
    rotate: bool = False
    rendition_formats: tuple[str, ...] = ()


class Downloads(Capability):
    """More ways to look at and fetch files."""

    features: ClassVar[DownloadFeatures] = DownloadFeatures()

    def folder_size(self, path: str, *, watch: Watch) -> dict[str, int]:
        """What a folder holds at all levels, itself not counted: `folders`, `files`, `size` (bytes)."""
        raise unsupported("sizes of folders", lambda nas: nas.downloads.features.folder_size, path=path)

    def download_zip(self, paths: Sequence[str], sink: BinaryIO, *, compress: bool = False, watch: Watch) -> int:
        """Several files, or folders, as one zip that the device makes on its way. Bytes written.

        :param compress: whether it is compressed, where `features.compress`; else that is the device's choice.
        """
        raise unsupported("zips", lambda nas: nas.downloads.features.zip, path=paths[0] if paths else "")

    def thumbnail(self, path: str, size: str, sink: BinaryIO, *, rotate: int = 0) -> int:
        """A small picture of a picture or film. Bytes written.

        :param rotate: degrees clockwise, 0, 90, 180 or 270; other than 0 where `features.rotate`.
        :raises NasError: `UNSUPPORTED` for other files.
        """
        raise unsupported("thumbnails", lambda nas: bool(nas.downloads.features.thumbnail_sizes), path=path)

    def rendition(self, path: str, format_name: str, sink: BinaryIO, *, watch: Watch) -> int:
        """The device's own version of a film or song in another format or resolution. Bytes written."""
        raise unsupported("renditions", lambda nas: bool(nas.downloads.features.rendition_formats), path=path)
