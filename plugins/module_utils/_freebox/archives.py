# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Archives on a Freebox ("Create an archive" and "Extract a file" in the guide of the file system, API v4).

The ending of the archive's name decides its format; which endings there are was seen in clients and recordings. A box
cannot list what is in an archive.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

from .._api.capabilities.archives import ArchiveFeatures, Archives
from .._core import paths as _paths
from .._core.archives import Packing, Unpacking
from .._core.errors import NOTHING_THERE, Kind, NasError, usage
from .._core.model import FAILED, FILE, Entry
from .._core.waiting import Watch
from . import encoding, jobs
from .failures import freebox_error
from .listing import Listing
from .wire import Wire

_COMPRESS = "POST fs/archive/"
_EXTRACT = "POST fs/extract/"
_FORGOTTEN = "the box has forgotten its task"


class FreeboxArchives(Archives):
    """See `Archives`. What a task has written before it failed or was stopped stays on the box."""

    features = ArchiveFeatures(
        formats=("zip", "7z", "tar", "tar.gz", "tar.bz2", "tar.xz", "tar.7z", "cpio", "iso"),
        scattered=True,
        extract_password=True,
    )

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._listing = Listing(wire)
        self._jobs = jobs.FsJobs(wire)

    def compress(self, sources: Sequence[str], archive: str, packing: Packing, *, watch: Watch) -> None:
        """`POST fs/archive/`, between two checks of the archive: what the box does with a name that is taken is not
        documented, and a box that forgets its task does not tell how it ended.

        :raises NasError: `UNSUPPORTED` for a level or a password; `INVALID_ARGUMENT` for a name whose ending is not
            that of the format, or members of the same name.
        """
        group = _paths.unique(sources)
        self._refuse_packing(archive, packing)
        _refuse_members(group, archive)
        if self._listing.info(archive) is not None:
            raise freebox_error(Kind.EXISTS, "something has this name already", _COMPRESS, archive)
        body = {"files": [encoding.encode(path) for path in group], "dst": encoding.encode(archive)}
        try:
            forgotten = not self._finish(_COMPRESS, body, archive, watch)
        except NasError as error:
            raise self._located(error, group, archive) from None
        made = self._listing.info(archive)
        if made is None or made.is_folder or not made.size:
            message = _FORGOTTEN if forgotten else "the box's task is over"
            raise freebox_error(Kind.DEVICE, f"{message}, and there is no archive", _COMPRESS, archive)

    def extract(self, archive: str, folder: str, unpacking: Unpacking, *, watch: Watch) -> None:
        """`POST fs/extract/`, after the folder is listed.

        When the box forgets its task, it has to show in the folder that something was unpacked.

        :raises NasError: `PERMISSION_DENIED` (password), `INVALID_ARGUMENT` (damaged, no archive), `EXISTS` when a file
            is there, `UNSUPPORTED` for what the box cannot do.
        """
        _refuse_unpacking(archive, unpacking)
        before = self._inside(folder)
        body = {
            "src": encoding.encode(archive),
            "dst": encoding.encode(folder),
            "password": unpacking.password or "",
            "delete_archive": False,
            "overwrite": False,
        }
        try:
            forgotten = not self._finish(_EXTRACT, body, archive, watch)
        except NasError as error:
            raise self._listing.explained(error, archive, FILE) from None
        if forgotten and self._inside(folder) == before:
            message = f"{_FORGOTTEN}, and nothing in the folder shows that it was done"
            raise freebox_error(Kind.DEVICE, message, _EXTRACT, archive)

    def _finish(self, call: str, body: object, archive: str, watch: Watch) -> bool:
        """Start a task and follow it to its end; false when the box forgot it before.

        :raises NasError: what made the task fail.
        """
        with self._jobs.started(call, body, path=archive) as job:
            ended = self._jobs.wait(job, watch)
        if ended is not None and ended.state == FAILED:
            raise jobs.failure(ended, call, archive)
        return ended is not None

    def _inside(self, folder: str) -> frozenset[Entry]:
        return frozenset(self._listing.folder(folder))

    def _located(self, error: NasError, group: Sequence[str], archive: str) -> NasError:
        """The error, or a clearer one when what should be packed, or the archive's folder, is not there."""
        if error.kind not in (Kind.NOT_FOUND, Kind.DEVICE, Kind.INVALID_ARGUMENT):
            return error
        with contextlib.suppress(NasError):
            for path, current in self._listing.at([_paths.parent(archive), *group]).items():
                if current is None:
                    message = NOTHING_THERE
                    return freebox_error(Kind.NOT_FOUND, message, call=_COMPRESS, path=path, code=error.code)
        return error

    def _refuse_packing(self, archive: str, packing: Packing) -> None:
        if packing.level is not None or packing.password or packing.encryption is not None:
            raise freebox_error(
                Kind.UNSUPPORTED, "the box has no levels and no passwords to pack with", _COMPRESS, archive
            )
        # The longest: `.tar.7z` ends with `.7z` too.
        endings = [ending for ending in self.features.formats if archive.endswith(f".{ending}")]
        made = max(endings, key=len, default=None)
        if packing.format != made:
            message = f"the ending of the archive's name makes it {made or 'nothing that the box knows'}"
            hint = (
                f"Let it end with .{packing.format}"
                if packing.format in self.features.formats
                else "Choose another format"
            )
            raise freebox_error(Kind.INVALID_ARGUMENT, message, call=_COMPRESS, path=archive, hint=hint)


def _refuse_members(group: Sequence[str], archive: str) -> None:
    if not group:
        raise usage("there is nothing to pack", path=archive)
    names: set[str] = set()
    for path in group:
        if path == archive or path in _paths.ancestors(archive):
            raise freebox_error(Kind.INVALID_ARGUMENT, "an archive cannot hold itself", _COMPRESS, archive)
        if _paths.name(path) in names:
            raise freebox_error(
                Kind.INVALID_ARGUMENT, "two members of the archive would have this name", _COMPRESS, path
            )
        names.add(_paths.name(path))


def _refuse_unpacking(archive: str, unpacking: Unpacking) -> None:
    asked = {
        "some members only": unpacking.members is not None,
        "with another codepage": unpacking.codepage is not None,
    }
    for what, holds in asked.items():
        if holds:
            raise freebox_error(Kind.UNSUPPORTED, f"the box cannot unpack {what}", _EXTRACT, archive)
    try:
        (unpacking.password or "").encode("utf-8")
    except UnicodeEncodeError:
        raise usage("the archive's password is not text", path=archive) from None
