# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sizes of folders, zips, thumbnails and other formats (File Station guide, sections 8, 9, 11 and 12.3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import BinaryIO, Optional

from .._api import tree as _tree
from .._api.capabilities.downloads import DownloadFeatures, Downloads
from .._api.files import Files
from .._core.errors import NOTHING_THERE, CodeMeaning, Kind, NasError
from .._core.model import FILE, Entry
from .._core.waiting import Watch
from .codes import NO_PICTURE, NO_RENDITION
from .entries import bundles, by_folder, split, within_share
from .failures import qnap_error
from .sizes import Measured, measure
from .streams import Stream, copy, opened
from .wire import LONG, Fields, Wire

_SIZES: Mapping[str, int] = {"small": 80, "medium": 320, "large": 640}
_FORMATS: Mapping[str, tuple[str, object]] = {
    "mp4_360": ("format", "mp4_360"),
    "mp4_720": ("format", "mp4_720"),
    "flv_720": ("format", "flv_720"),
    "flv": ("rtt", 1),
    "mp3": ("rtt", 3),
}
_NO_ZIP = CodeMeaning(Kind.DEVICE, "the device sent nothing", "The user may not be allowed to read it")
# What a device may say about a path that is no file, or none at all.
_PERHAPS_NO_FILE = (Kind.DEVICE, Kind.INVALID_ARGUMENT, Kind.NOT_FOUND, Kind.PROTOCOL, Kind.UNSUPPORTED)


class QnapDownloads(Downloads):
    """What utilRequest.cgi tells and makes beside plain files.

    :param wire: makes the calls.
    :param files: looks at what is there.
    """

    features = DownloadFeatures(
        folder_size=True,
        zip=True,
        compress=True,
        thumbnail_sizes=tuple(_SIZES),
        # `flv` and `mp3` are made while they are sent; the others must have been transcoded before.
        rendition_formats=tuple(_FORMATS),
    )

    def __init__(self, wire: Wire, files: Files) -> None:
        self._wire = wire
        self._files = files
        self._counts_itself: Optional[bool] = None

    def folder_size(self, path: str, *, watch: Watch) -> dict[str, int]:
        """What a folder holds (section 12.3); a share, which cannot be asked for by name, by what lies in it.

        Early firmware tells the size only; then all folders are listed to count. Whether the number of folders counts
        the named one itself is written nowhere: it is found out once, with a folder that holds none.
        """
        found = self._require([path])[path]
        if not found.is_folder:
            raise qnap_error(Kind.WRONG_TYPE, "this is a file", call="get_file_size", path=path)
        wait = watch.timeout or LONG
        folder, name = split(path)
        size = folders = files = 0
        named = 1
        if folder:
            above, portions = folder, [[name]]
        else:
            children = [*self._files.list(path)]
            named = sum(child.is_folder for child in children)
            above, portions = path, [*bundles(child.name for child in children)]
        with watch.unheard("folder_size"):
            measured = [measure(self._wire, above, names, timeout=wait) for names in portions]
        for part in measured:
            if part.folders is None or part.files is None:
                return self._counted(path)
            size, folders, files = size + part.size, folders + part.folders, files + part.files
        if folder:
            folders -= self._itself(path, measured[0])
        elif named and not self._itself(*self._first_folder(path)):
            folders += named
        return {"folders": folders, "files": files, "size": size}

    def download_zip(self, paths: Sequence[str], sink: BinaryIO, *, compress: bool = False, watch: Watch) -> int:
        """Files and folders of one folder as one zip (section 8, download; `compress` is 1 for stored, 2 for smaller).

        The device does not tell the zip's length before; a zip without an end is an error.

        :raises NasError: `INVALID_ARGUMENT` before any call when the paths do not share a folder.
        """
        wanted = list(dict.fromkeys(paths))
        for path in wanted:
            within_share(path, "downloaded as a zip")
        parents = by_folder(wanted)
        if len(parents) != 1:
            message = "the device puts into one zip only what lies in one folder"
            raise qnap_error(Kind.INVALID_ARGUMENT, message, call="download", path=paths[0] if paths else "")
        found = self._require(wanted)
        folder, names = next(iter(parents.items()))
        fields: Fields = [
            ("isfolder", int(any(entry.is_folder for entry in found.values()))),
            # To a single file, 0 means: as it is.
            ("compress", 2 if compress else 1),
            ("source_path", folder),
            *(("source_file", name) for name in names),
            ("source_total", len(names)),
        ]
        wait = watch.timeout or LONG
        with watch.unheard("compress"):
            stream = opened(self._wire, "download", fields, path=wanted[0], nothing=_NO_ZIP, wait=wait)
        if stream.head.startswith(b"PK\x05\x06") and any(entry.type == FILE for entry in found.values()):
            stream.pieces.close()
            message = "the device sent an empty zip"
            raise qnap_error(Kind.DEVICE, message, call="download", path=wanted[0])
        return copy(stream, sink, watch, is_zip=True)

    def thumbnail(self, path: str, size: str, sink: BinaryIO, *, rotate: int = 0) -> int:
        """A picture of 80, 320 or 640 pixels at its longer side (section 9, get_thumb)."""
        if size not in _SIZES:
            raise _not_taken("size", size, _SIZES, "get_thumb", path)
        folder, name = within_share(path, "shown as a picture")
        fields: Fields = [("path", folder), ("name", name), ("size", _SIZES[size])]
        return copy(self._opened("get_thumb", fields, path, NO_PICTURE), sink, Watch())

    def rendition(self, path: str, format_name: str, sink: BinaryIO, *, watch: Watch) -> int:
        """A film or song in one of `rendition_formats` (section 11, get_viewer).

        :raises NasError: `NOT_FOUND` also when the file is there and has no such rendition.
        """
        if format_name not in _FORMATS:
            raise _not_taken("format", format_name, _FORMATS, "get_viewer", path)
        folder, name = within_share(path, "played")
        fields: Fields = [("source_path", folder), ("source_file", name), _FORMATS[format_name]]
        with watch.unheard("transcode"):
            stream = self._opened("get_viewer", fields, path, NO_RENDITION, suffix=name)
        return copy(stream, sink, watch)

    def _opened(self, func: str, fields: Fields, path: str, nothing: CodeMeaning, suffix: str = "") -> Stream:
        try:
            return opened(self._wire, func, fields, path=path, nothing=nothing, suffix=suffix, wait=LONG)
        except NasError as error:
            if error.kind in _PERHAPS_NO_FILE and self._require([path])[path].is_folder:
                raise qnap_error(Kind.WRONG_TYPE, "this is a folder", call=func, path=path) from None
            raise

    def _require(self, paths: Sequence[str]) -> dict[str, Entry]:
        found: dict[str, Entry] = {}
        for path, entry in self._files.stat(paths).items():
            if entry is None:
                raise qnap_error(Kind.NOT_FOUND, NOTHING_THERE, call="stat", path=path)
            found[path] = entry
        return found

    def _itself(self, path: str, measured: Measured) -> bool:
        """Whether this device counts a folder among the folders that it holds.

        :param measured: what the device tells about `path`.
        """
        while self._counts_itself is None:
            inner = self._folders(path) if measured.folders else iter(())
            below = next(inner, None)
            if below is None:
                self._counts_itself = measured.folders == 1
            else:
                path = below
                measured = self._measured(path)
        return self._counts_itself

    def _first_folder(self, share: str) -> tuple[str, Measured]:
        path = next(self._folders(share))
        return path, self._measured(path)

    def _measured(self, path: str) -> Measured:
        folder, name = split(path)
        return measure(self._wire, folder, [name], timeout=LONG)

    def _folders(self, path: str) -> Iterator[str]:
        return (entry.path for entry in self._files.list(path) if entry.is_tree)

    def _counted(self, path: str) -> dict[str, int]:
        total = {"folders": 0, "files": 0, "size": 0}
        for _folder, entries in _tree.folders(self._files, path):
            for entry in entries:
                total["folders" if entry.is_folder else "files"] += 1
                total["size"] += entry.size or 0
        return total


def _not_taken(what: str, value: str, known: Mapping[str, object], call: str, path: str) -> NasError:
    hint = f"It knows: {', '.join(known)}"
    message = f"the device does not know the {what} {value}"
    return qnap_error(Kind.INVALID_ARGUMENT, message, call=call, path=path, hint=hint)
