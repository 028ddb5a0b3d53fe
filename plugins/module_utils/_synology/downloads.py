# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""More ways to look at and fetch files of a Synology device.

Rests on the File Station guide, SYNO.FileStation.DirSize, SYNO.FileStation.Download and SYNO.FileStation.Thumb.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, BinaryIO, Optional

from .._api.capabilities.downloads import DownloadFeatures, Downloads
from .._core.errors import NOTHING_THERE, Kind, NasError
from .._core.model import FILE, FOLDER
from .._core.waiting import Watch
from .deletion import Stat
from .encoding import Value
from .failures import synology_error
from .jobs import JobApi, steps
from .reasons import explained
from .reply import Reply
from .transfers import DOWNLOAD, Sink, drain, receive
from .wire import Wire

if TYPE_CHECKING:
    from .._transport.http import Response

DIR_SIZE = "SYNO.FileStation.DirSize"
THUMB = "SYNO.FileStation.Thumb"

# What the guide says that there are thumbnails of.
_PICTURE = re.compile(
    r".*\.(jpe?g|jpe|bmp|png|tiff?|gif|arw|srf|sr2|dcr|k25|kdc|cr2|crw|nef|mrw|ptx|pef|raf|3fr|erf|mef|mos|orf|rw2|dng"
    r"|x3f|heic|raw)\Z",
    re.IGNORECASE | re.DOTALL,
)
_FILM = re.compile(
    r".*\.(3gp|3g2|asf|dat|divx|dvr-ms|m2t|m2ts|m4v|mkv|mp4|mts|mov|qt|tp|trp|ts|vob|wmv|xvid|ac3|amr|rm|rmvb|ifo|mpe?g"
    r"|mpe|m1v|m2v|mpeg[124]|ogv|webm|flv|f4v|avi|swf|vdr|iso|hevc)\Z",
    re.IGNORECASE | re.DOTALL,
)
_PAUSES = (0.3, 1.0)  # seconds; a device makes the thumbnail when it is first asked, and answers 404 meanwhile
_END_OF_ZIP = b"PK\x05\x06"
_TAIL = 4096


class SynologyDownloads(Downloads):
    """File Station's folder sizes, zips and thumbnails.

    :param wire: to the device.
    :param stat: reads what is at some paths.
    """

    features = DownloadFeatures(
        folder_size=True,
        zip=True,
        rotate=True,
        thumbnail_sizes=("small", "medium", "large", "original"),
    )

    def __init__(self, wire: Wire, stat: Stat) -> None:
        self._wire = wire
        self._stat = stat

    def folder_size(self, path: str, *, watch: Watch) -> dict[str, int]:
        """Guide, DirSize/start, /status and /stop; begun once more when the device has lost the result.

        :raises NasError: `NOT_FOUND`, `WRONG_TYPE` for a file.
        """
        try:
            size = self._dir_size(path, watch) or self._dir_size(path, watch)
        except NasError as error:
            raise explained(error, self._stat, {path: FOLDER}) from None
        if size is None:
            raise synology_error(Kind.DEVICE, "the device lost the folder's size", f"{DIR_SIZE}/status", path)
        if not size["folders"] and size["files"] <= 1:
            # As it may count a file, or what is not there.
            self._need_folder(path)
        return size

    def download_zip(self, paths: Sequence[str], sink: BinaryIO, *, compress: bool = False, watch: Watch) -> int:
        """Guide, Download/download of several paths, or of a folder.

        :raises NasError: `NOT_FOUND`; `WRONG_TYPE` for one single file, which the device sends as it is; `MISMATCH`
            when the zip ends too early.
        """
        call = f"{DOWNLOAD}/download"
        wanted = list(dict.fromkeys(paths))
        if not wanted:
            raise synology_error(Kind.INVALID_ARGUMENT, "a zip needs at least one file or folder", call)
        found = self._stat(wanted)
        for path in wanted:
            if found[path] is None:
                raise synology_error(Kind.NOT_FOUND, NOTHING_THERE, call, path)
        path, entry = wanted[0], found[wanted[0]]
        if len(wanted) == 1 and entry is not None and not entry.is_folder:
            raise synology_error(Kind.WRONG_TYPE, "the device makes no zip of a single file", call, path)
        zipped = _ZipSink(sink)
        done = receive(self._wire, wanted, zipped, path=path if len(wanted) == 1 else "", watch=watch)
        if not zipped.complete:
            message = f"{done} bytes came, and they are not a whole zip"
            raise synology_error(Kind.MISMATCH, message, call, path)
        return done

    def thumbnail(self, path: str, size: str, sink: BinaryIO, *, rotate: int = 0) -> int:
        """Guide, Thumb/get, where `rotate` counts quarters of a turn.

        Asked again after a moment for what the device makes thumbnails of.

        :raises NasError: `NOT_FOUND`, `WRONG_TYPE` for a folder, `UNSUPPORTED` when there is none of this file.
        """
        call = f"{THUMB}/get"
        if size not in self.features.thumbnail_sizes:
            raise synology_error(
                Kind.INVALID_ARGUMENT, f"thumbnails are {', '.join(self.features.thumbnail_sizes)}", call, path
            )
        is_film = bool(_FILM.match(path))
        pauses = _PAUSES if is_film or _PICTURE.match(path) else ()
        for pause in (*pauses, None):
            try:
                response = self._thumb(path, size, rotate)
            except NasError as error:
                if error.code != "HTTP 404":
                    raise explained(error, self._stat, {path: FILE}) from None
            else:
                return drain(response, sink, call=call, path=path, watch=Watch())
            missing = synology_error(Kind.DEVICE, "", call, path, "HTTP 404")
            better = explained(missing, self._stat, {path: FILE})
            if better is not missing:
                raise better
            if pause is not None:
                time.sleep(pause)
        message = "the device has no thumbnail of this file"
        hint = "Films have thumbnails only in indexed folders" if is_film else ""
        raise synology_error(Kind.UNSUPPORTED, message, call, path, "HTTP 404", hint)

    def _dir_size(self, path: str, watch: Watch) -> Optional[dict[str, int]]:
        """The size, or None when the device has forgotten the task before it reported it."""
        job = JobApi(self._wire, DIR_SIZE, path)
        job.start({"path": [path]}, idempotent=True)
        end = job.follow("folder_size", watch, steps("num_file"), 401)
        if end.failure is not None:
            raise end.failure
        return _size(end.reply) if end.reply is not None else None

    def _need_folder(self, path: str) -> None:
        entry = self._stat([path])[path]
        if entry is None:
            raise synology_error(Kind.NOT_FOUND, NOTHING_THERE, f"{DIR_SIZE}/start", path)
        if not entry.is_folder:
            raise synology_error(Kind.WRONG_TYPE, "this is a file, not a folder", f"{DIR_SIZE}/start", path)

    def _thumb(self, path: str, size: str, rotate: int) -> Response:
        params: dict[str, Value] = {"path": path, "size": size, **({"rotate": rotate // 90} if rotate else {})}
        return self._wire.fetch(THUMB, "get", params, path=path, is_file=_is_picture)


class _ZipSink:
    """Passes bytes on and keeps the last ones.

    :param sink: takes the bytes.
    """

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._tail = b""

    def write(self, data: bytes, /) -> None:
        """Take some."""
        self._sink.write(data)
        self._tail = (self._tail + data[-_TAIL:])[-_TAIL:]

    @property
    def complete(self) -> bool:
        """Whether the end of a zip's directory was among the last bytes."""
        return _END_OF_ZIP in self._tail


def _is_picture(headers: Mapping[str, str]) -> bool:
    return headers.get("Content-Type", "").lower().startswith(("image/", "application/octet-stream"))


def _size(reply: Reply) -> dict[str, int]:
    return {
        "folders": reply.size("num_dir"),
        "files": reply.size("num_file"),
        "size": reply.size("total_size"),
    }
