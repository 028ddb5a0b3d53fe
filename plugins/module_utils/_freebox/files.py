# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files and folders of a Freebox (guide of the file system, API v4, with what later versions changed)."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, BinaryIO, Dict, List, Optional

from .._api import lost_answers
from .._api.files import NO_TIMES, FileFeatures, Files
from .._core import paths as _paths
from .._core.errors import NOTHING_THERE, Kind, NasError, usage
from .._core.model import FAILED, FILE, Entry, Share
from .._core.sources import Source
from .._core.waiting import Watch
from . import encoding, envelope, jobs, volumes
from .failures import freebox_error
from .listing import BATCH, Listing
from .transfer import download
from .wire import Wire

if TYPE_CHECKING:
    from .upload import UploadSocket

_DIGITS = {"md5": 32, "sha1": 40, "sha256": 64, "sha512": 128}
_HASH = "GET fs/tasks/{id}/hash"


class FreeboxFiles(Files):
    """See `Files`. A Freebox sets no modification times, and cannot tell whether a folder takes a file."""

    features = FileFeatures(
        checksum_algorithms=("sha256", "sha512", "sha1", "md5"),
        links=True,
        deletes_permanently=True,
    )

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._listing = Listing(wire)
        self._jobs = jobs.FsJobs(wire)
        self._in_series = False
        self._socket: Optional[UploadSocket] = None  # of a series of uploads

    def shares(self) -> List[Share]:
        """The volumes: what `GET fs/ls/{path}` tells of `/`, with sizes where `GET storage/partition/` is allowed."""
        return volumes.shares(self._wire, self._listing)

    def stat(self, paths: Sequence[str]) -> Dict[str, Optional[Entry]]:
        """See `Listing.at`: absent is only what the box called `path_not_found`, or left out of a folder's listing."""
        return self._listing.at(paths)

    def stats_many(self) -> bool:
        """By `POST fs/info`, from API v11.2 on."""
        return self._wire.version().has_batch

    def list(self, path: str) -> Iterator[Entry]:
        """What `GET fs/ls/{path}` tells, hidden entries included."""
        return self._listing.folder(path)

    def create_folders(self, paths: Sequence[str]) -> None:
        """One `POST fs/mkdir/` for each; there is no call for many, and none that makes parents."""
        for path in paths:
            self._create_folder(path)

    def delete_permanently(self, paths: Sequence[str], *, recursive: bool, watch: Watch) -> None:
        """A box has no recycle bin."""
        self.delete(paths, recursive=recursive, watch=watch)

    def rename(self, path: str, name: str) -> None:
        """One `POST fs/rename/`, after a check that the name is free: what the box does with it is not documented."""
        call = "POST fs/rename/"
        target = _paths.join(path.rpartition("/")[0], name)
        if name in ("", ".", "..") or "/" in name or "\0" in name:
            raise freebox_error(Kind.INVALID_NAME, "this is no name", call, target)
        clear = encoding.clear_name(target, call)
        if self._socket is None and self._listing.info(target) is not None:
            raise freebox_error(Kind.EXISTS, "something has this name already", call, target)
        self._wire.call(call, path=path, body={"src": encoding.encode(path), "dst": clear})

    def delete(self, paths: Sequence[str], *, recursive: bool, watch: Watch) -> None:
        """`POST fs/rm/` for all paths at once; it is recursive and refuses nothing, so everything is looked at before.
        A link goes without what it leads to.

        What is in a folder that is in `paths` goes with it. The box works on its own: its task is followed, then the
        files are looked at, because a box may forget its task or report success for what it left out.
        """
        call = "POST fs/rm/"
        asked = _paths.unique(paths)
        for path in asked:
            if path == "/" or _paths.is_share(path):
                raise usage("a volume is never removed", path=path)
        current = self._listing.at(asked)
        for path, entry in current.items():
            if entry is None:
                raise freebox_error(Kind.NOT_FOUND, NOTHING_THERE, call, path)
        if not recursive:
            for path, entry in current.items():
                if entry is not None and entry.is_tree:
                    self._refuse_content(path, current, call)
        tops = [path for path in asked if not any(above in current for above in _paths.ancestors(path))]
        for start in range(0, len(tops), BATCH):
            self._remove(tops[start : start + BATCH], call, watch)

    def upload(
        self, source: Source, path: str, *, mtime: Optional[int], watch: Watch, times: Mapping[str, int] = NO_TIMES
    ) -> None:
        """Over a WebSocket, see `Upload`."""
        from .upload import Upload, UploadSocket  # noqa: PLC0415 - their library takes its time

        if self._in_series and self._socket is None:
            self._socket = UploadSocket()
        Upload(self._wire, source, path, watch, self._socket).run()

    @contextlib.contextmanager
    def series(self) -> Iterator[None]:
        """Within it all uploads go over one WebSocket, and a new name is taken for free ("Upload", many files)."""
        self._in_series = True
        try:
            yield
        finally:
            self._in_series = False
            socket, self._socket = self._socket, None
            if socket is not None:
                socket.close()

    def discard(self, paths: Sequence[str], *, watch: Watch) -> None:
        """`POST fs/rm/` for all of them at once; a check only where the box does not say that it did."""
        for start in range(0, len(paths), BATCH):
            group = paths[start : start + BATCH]
            if not self._is_removed(group, watch):
                left = [path for path, entry in self._listing.at(group, expected=False).items() if entry is not None]
                if left:
                    self.delete(left, recursive=False, watch=watch)

    def _is_removed(self, group: Sequence[str], watch: Watch) -> bool:
        """Whether the box says that it has removed all of these; some may have been gone."""
        call, body = "POST fs/rm/", {"files": [encoding.encode(path) for path in group]}
        try:
            with self._jobs.started(call, body, path=group[0] if len(group) == 1 else "") as job:
                ended = self._jobs.wait(job, watch)
        except NasError as error:
            if error.kind is not Kind.NOT_FOUND:
                raise
            return False
        return ended is not None and ended.state != FAILED

    def require_upload(self) -> None:
        """Uploads need `websocket-client`."""
        from .channel import require_library  # noqa: PLC0415 - as above

        require_library()

    def download(self, path: str, sink: BinaryIO, *, watch: Watch, entry: Optional[Entry] = None) -> int:
        """`GET dl/{path}`, see `download`."""
        try:
            return download(self._wire, path, sink, watch, size=None if entry is None else entry.size)
        except NasError as error:
            raise self._listing.explained(error, path, FILE) from None

    def checksum(self, path: str, algorithm: str, *, watch: Watch) -> str:
        """`POST fs/hash/`, then `GET fs/tasks/{id}/hash`; asked a second time when the box forgot the first task."""
        if algorithm not in self.features.checksum_algorithms:
            return super().checksum(path, algorithm, watch=watch)
        try:
            digest = self._checksum(path, algorithm, watch) or self._checksum(path, algorithm, watch)
        except NasError as error:
            raise self._listing.explained(error, path, FILE) from None
        if digest is None:
            raise freebox_error(
                Kind.DEVICE, "the box forgets its task before it tells the checksum", "POST fs/hash/", path
            )
        return digest

    def _create_folder(self, path: str) -> None:
        call = "POST fs/mkdir/"
        body = {"parent": encoding.encode(_paths.parent(path)), "dirname": encoding.clear_name(path, call)}
        lost_answers.done(
            lambda: self._wire.call(call, path=path, body=body), lambda: lost_answers.folders_made(self, [path])
        )

    def _refuse_content(self, folder: str, removed: Dict[str, Optional[Entry]], call: str) -> None:
        for child in self._listing.folder(folder):
            if child.path not in removed:
                raise freebox_error(Kind.NOT_EMPTY, "the folder holds something", call, folder)

    def _remove(self, group: Sequence[str], call: str, watch: Watch) -> None:
        about = group[0] if len(group) == 1 else ""
        body = {"files": [encoding.encode(path) for path in group]}
        with self._jobs.started(call, body, path=about) as job:
            ended = self._jobs.wait(job, watch)
        for path, entry in self._listing.at(group, expected=False).items():
            if entry is None:
                continue
            if ended is not None and ended.state == FAILED:
                raise jobs.failure(ended, call, path)
            raise freebox_error(Kind.DEVICE, "the box's task is over, and this is still there", call, path)

    def _checksum(self, path: str, algorithm: str, watch: Watch) -> Optional[str]:
        """The digest, None when the box forgot its task."""
        call = "POST fs/hash/"
        with self._jobs.started(call, {"src": encoding.encode(path), "hash_type": algorithm}, path=path) as job:
            ended = self._jobs.wait(job, watch)
            if ended is None:
                return None
            if ended.state == FAILED:
                raise jobs.failure(ended, call, path)
            try:
                result = self._wire.call(_HASH, job.id, path=path)
            except NasError as error:
                if error.kind is Kind.NOT_FOUND:
                    return None
                raise
        return _digest(result, algorithm, path)


def _digest(result: Any, algorithm: str, path: str) -> str:
    """The digest in a hash task's result: the text itself on boxes, an object with `hash` in the guide."""
    text = result if isinstance(result, str) else envelope.member(result, "hash", str, _HASH, path)
    digest = text.strip().lower()
    if not re.fullmatch(f"[0-9a-f]{{{_DIGITS[algorithm]}}}", digest):
        raise envelope.protocol_error(_HASH, f"the answer is no {algorithm} checksum", path)
    return digest
