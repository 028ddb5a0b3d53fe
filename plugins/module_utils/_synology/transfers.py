# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The bytes of files, streamed both ways.

Rests on the File Station guide, SYNO.FileStation.Upload/upload and SYNO.FileStation.Download/download.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, BinaryIO, Optional, Protocol

from .._core.errors import Kind, NasError, usage
from .._core.sources import Source
from .._core.waiting import Watch
from .._transport.multipart import FileForm
from .deletion import Stat
from .encoding import Value, split
from .failures import synology_error
from .wire import Wire

if TYPE_CHECKING:
    from .._transport.http import Response

UPLOAD = "SYNO.FileStation.Upload/upload"
DOWNLOAD = "SYNO.FileStation.Download"


class Sink(Protocol):
    """What takes the bytes of a file."""

    def write(self, data: bytes, /) -> object:
        """Take some."""


class Transfers:
    """Sends and fetches files.

    :param wire: to the device.
    :param stat: reads what is at some paths.
    """

    def __init__(self, wire: Wire, stat: Stat) -> None:
        self._wire = wire
        self._stat = stat

    def upload(self, source: Source, path: str, *, times: Mapping[str, int], watch: Watch) -> None:
        """Upload/upload, see `Files.upload`; `mtime` is one of the times here.

        Times are milliseconds; an existing file is always to be skipped, and reported as such.
        """
        folder, name = split(path)

        @contextlib.contextmanager
        def body(version: int) -> Iterator[FileForm]:
            fields = [("path", folder), ("create_parents", "false")]
            if version < 2:
                fields.append(("dest_folder_path", folder))  # as DSM 5 calls it
            fields.append(("overwrite", "skip" if version >= 3 else "false"))
            fields += [(time, str(seconds * 1000)) for time, seconds in times.items()]
            try:
                stream = source.open()
            except OSError as error:
                raise usage(f"the source cannot be read: {error.strerror or error}", path=path) from None
            with stream:
                yield FileForm(fields, name, stream, source.size, watch.in_bytes("uploading"))

        reply = self._wire.upload(body, path=path)
        if reply.flag("blSkip"):
            raise self._error(Kind.EXISTS, "the name is taken", UPLOAD, path)
        stored = reply.text("file")
        if stored and stored != name:
            raise self._error(
                Kind.MISMATCH,
                f"the device stored the file as {stored!r}",
                UPLOAD,
                path,
                "Choose a name that the device keeps as it is",
            )

    def download(self, path: str, sink: BinaryIO, *, watch: Watch, size: Optional[int] = None) -> int:
        """See `Files.download`. A transfer that has begun is never repeated: `sink` holds a part of it already.

        :param size: what a listing gave a moment ago.
        """

        def unsized() -> None:
            self._require_file(path)

        return receive(self._wire, [path], sink, path=path, watch=watch, unsized=unsized, size=size)

    def _require_file(self, path: str) -> None:
        entry = self._stat([path])[path]
        if entry is not None and entry.is_folder:
            raise self._error(Kind.WRONG_TYPE, "this is a folder, not a file", f"{DOWNLOAD}/download", path)

    @staticmethod
    def _error(kind: Kind, message: str, call: str, path: str, hint: str = "") -> NasError:
        return synology_error(kind, message, call=call, path=path, hint=hint)


def receive(
    wire: Wire,
    paths: Sequence[str],
    sink: Sink,
    *,
    path: str,
    watch: Watch,
    unsized: Callable[[], None] = lambda: None,
    size: Optional[int] = None,
) -> int:
    """Download/download with mode=download: one file as it is, several or a folder as a zip. Bytes written.

    Only an answer with a Content-Disposition is a file (guide, Download, on mode=download).

    :param path: for errors.
    :param unsized: called before the first byte when the device announces no size, as of a zip that it makes; it may
        raise.
    :param size: how many bytes are to come, where that is known and the device announces none.
    :raises NasError: `MISMATCH` when fewer or more bytes came than the device announced.
    """
    params: dict[str, Value] = {"path": list(paths), "mode": "download"}
    response = wire.fetch(
        DOWNLOAD, "download", params, path=path, is_file=lambda headers: "Content-Disposition" in headers, size=size
    )
    if "Content-Length" not in response.headers:
        try:
            unsized()
        except BaseException:
            response.close()
            raise
    return drain(response, sink, call=f"{DOWNLOAD}/download", path=path, watch=watch, at_most=size)


def drain(
    response: Response,
    sink: Sink,
    *,
    call: str,
    path: str,
    watch: Watch,
    at_most: Optional[int] = None,
) -> int:
    """Write the body of a response to `sink`, close it, and return how many bytes there were.

    :param at_most: how many bytes may come where the device announces no number.
    :raises NasError: `MISMATCH` when fewer or more bytes came than the device announced.
    """
    announced = response.headers.get("Content-Length", "")
    encoded = response.headers.get("Content-Encoding", "identity") != "identity"
    size = int(announced) if announced.isdigit() and not encoded else None
    done, progress = 0, watch.in_bytes("downloading")
    try:
        for piece in response.chunks(at_most if size is None else size):
            sink.write(piece)
            done += len(piece)
            progress(done, size)
    except NasError as error:
        if size is None or error.kind is not Kind.CONNECTION:
            raise
        raise _short(done, size, call, path) from None
    finally:
        response.close()
    if size is not None and done != size:
        raise _short(done, size, call, path)
    return done


def _short(done: int, size: int, call: str, path: str) -> NasError:
    message = f"{done} bytes came, and the device had announced {size}"
    return synology_error(Kind.MISMATCH, message, call=call, path=path)
