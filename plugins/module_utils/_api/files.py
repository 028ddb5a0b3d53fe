# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every NAS is asked: its folders and files. Nothing here names a vendor, or sees check mode."""

from __future__ import annotations

import contextlib
from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import BinaryIO, ClassVar, NamedTuple, Optional

from .._core import names as _names
from .._core.errors import Kind, NasError
from .._core.model import Entry, Share
from .._core.sources import Source
from .._core.waiting import Watch
from . import lost_answers
from .offers import Capability, unsupported

NO_TIMES: Mapping[str, int] = MappingProxyType({})


class FileFeatures(NamedTuple):
    """What a vendor's devices can of `Files`.

    :ivar checksum_algorithms: what `checksum` takes, best first: some of `md5`, `sha1`, `sha256`, `sha512`.
    :ivar sets_mtime_at_upload: whether `upload` can give the new file a modification time.
    :ivar upload_times: what other times it can give: of `crtime` (of creation), `atime` (of the last access).
    :ivar sets_mtime_of: the types of entries (`file`, `folder`) whose modification time `set_mtime` can change.
    :ivar stats_at_once: whether one call of `stat` is one request, wherever the paths lie.
    :ivar makes_at_once: whether `create_folders` makes many by one request.
    :ivar owner: whether entries say whom they belong to.
    :ivar times: which of `TIMES` entries have.
    :ivar links: whether entries say that they are symbolic links.
    :ivar deletes_permanently: whether `delete_permanently` works.
    """

    checksum_algorithms: tuple[str, ...] = ()
    sets_mtime_at_upload: bool = False
    upload_times: frozenset[str] = frozenset()
    sets_mtime_of: frozenset[str] = frozenset()
    stats_at_once: bool = False
    makes_at_once: bool = False
    owner: bool = False
    times: frozenset[str] = frozenset(("mtime",))
    links: bool = False
    deletes_permanently: bool = False


class Files(Capability):
    """Folders and files: read what is there, make, name, remove, send and fetch.

    All paths are exact, start with `/` and name a share first. All methods raise `NasError`; only `stat` answers with
    "absent", and only when the device said so. Whatever a client's methods do, those that write look at the state
    before they fail for an answer that did not come; see `lost_answers`. A method that writes by several calls looks
    after each of them by itself (`lost_answers.done`): when one's answer is lost, the others are still to do.
    """

    def __init_subclass__(cls, **arguments: object) -> None:
        super().__init_subclass__(**arguments)
        lost_answers.settle(cls, lost_answers.FILES)

    features: ClassVar[FileFeatures] = FileFeatures()

    @abstractmethod
    def shares(self) -> list[Share]:
        """All shared folders that the user may see."""

    @abstractmethod
    def stat(self, paths: Sequence[str]) -> dict[str, Optional[Entry]]:
        """What is at each path, by path: an Entry, or None when the device said that nothing is there.

        A share itself, and a path below a folder or share that does not exist, is answered too (the latter with None).
        The vendor's cheapest calls are used: one call for many paths where it has one.

        :raises NasError: `PERMISSION_DENIED` and everything else that is not a plain "not found".
        """

    def stats_many(self) -> bool:
        """Whether `stat` checks some hundreds of paths by one request, wherever they lie. It may log in."""
        return self.features.stats_at_once

    @abstractmethod
    def list(self, path: str) -> Iterator[Entry]:
        """What lies directly in a folder, hidden entries included, paged as the device wants it.

        :raises NasError: `NOT_FOUND`, `WRONG_TYPE` for a file.
        """

    @abstractmethod
    def create_folders(self, paths: Sequence[str]) -> None:
        """Make folders. A parent that is missing comes before its children in `paths`.

        :raises NasError: `EXISTS`, `NOT_FOUND` (no parent), `INVALID_NAME`, `QUOTA_EXCEEDED`, `NO_SPACE`, ...
        """

    @abstractmethod
    def rename(self, path: str, name: str) -> None:
        """Give the entry at `path` another name in the same folder. Never overwrites.

        :raises NasError: `NOT_FOUND`, `EXISTS`.
        """

    def surely_gives(self, name: str) -> bool:
        """Whether there is no doubt that the device gives something exactly this name. Makes no call.

        What it shows is not always what it gives; see `_deliver.prove_name` for the others.
        """
        return _names.is_plain(name)

    @abstractmethod
    def delete(self, paths: Sequence[str], *, recursive: bool, watch: Watch) -> None:
        """Remove files and folders, and verify that they are gone.

        :param recursive: whether a folder may be removed with what it holds.
        :raises NasError: `NOT_EMPTY` for a folder that holds something, when not recursive (checked before anything is
            removed where the device itself would not refuse); `NOT_FOUND`.
        """

    @abstractmethod
    def upload(
        self, source: Source, path: str, *, mtime: Optional[int], watch: Watch, times: Mapping[str, int] = NO_TIMES
    ) -> None:
        """Send bytes to a new file, streamed. Nothing may be at `path`; its folder exists. Never overwrites.

        The caller chooses a temporary name, verifies what arrived, and renames. A failure may leave a part of the file
        at `path`; the caller removes it. The upload starts again from the first byte when the session had expired.

        :param mtime: modification time for the new file in seconds, where `sets_mtime_at_upload`; else None.
        :param watch: gets (bytes sent, size).
        :param times: other times in seconds, by the names that `upload_times` has.
        :raises NasError: `EXISTS`, `NOT_FOUND` (no folder), `QUOTA_EXCEEDED`, `NO_SPACE`, `CONNECTION`, ...
        """

    @abstractmethod
    def download(self, path: str, sink: BinaryIO, *, watch: Watch, entry: Optional[Entry] = None) -> int:
        """Write a file's bytes to `sink`, streamed, and return how many there were.

        :param entry: what `stat` or `list` gave for it a moment ago, which spares some devices a call.

        :raises NasError: `NOT_FOUND`; `MISMATCH` when fewer or more bytes came than the device announced.
        """

    def checksum(self, path: str, algorithm: str, *, watch: Watch) -> str:
        """The lower-case hex digest of a file, calculated by the device.

        :raises NasError: `UNSUPPORTED` when this device or its firmware has no such call (which a caller may take as
            "compare by size and mtime"); `NOT_FOUND`, `WRONG_TYPE`.
        """
        raise unsupported(
            f"{algorithm} checksums", lambda nas: algorithm in nas.files.features.checksum_algorithms, path=path
        )

    def series(self) -> contextlib.AbstractContextManager[object]:
        """Within it many files are sent one after the other, by one thread, by a caller who has listed their folders.

        What `upload` and `rename` get as a free name is taken for one, and what uploads need is kept for the next.
        """
        return contextlib.nullcontext()

    def delete_permanently(self, paths: Sequence[str], *, recursive: bool, watch: Watch) -> None:
        """As `delete`, and nothing of it goes to a recycle bin.

        :raises NasError: as `delete` does; `DEVICE` when the recycle bin has it now.
        """
        raise unsupported(
            "a removal past the recycle bin", lambda nas: nas.files.features.deletes_permanently, path=paths[0]
        )

    def discard(self, paths: Sequence[str], *, watch: Watch) -> None:
        """Remove files of our own that were there a moment ago, in as few calls as the device takes.

        Where the device said that it did, that is not checked; the next run finds what is there still.
        """
        try:
            self.delete(paths, recursive=False, watch=watch)
        except NasError as error:
            if error.kind is not Kind.NOT_FOUND:
                raise
            left = [path for path, entry in self.stat(paths).items() if entry is not None]
            if left:
                self.delete(left, recursive=False, watch=watch)

    def set_mtime(self, path: str, mtime: int) -> None:
        """Change an entry's modification time (seconds), where `sets_mtime_of` has its type."""
        raise unsupported(
            "a choice of the modification time", lambda nas: bool(nas.files.features.sets_mtime_of), path=path
        )

    def require_upload(self) -> None:
        """Make sure that this machine has what `upload` needs; makes no call.

        :raises NasError: `USAGE`, naming what to install.
        """
        return

    def writable(self, path: str) -> Optional[bool]:
        """Whether the user may create the file `path` in its (existing) folder.

        None when the device cannot tell without trying.
        """
        return None
