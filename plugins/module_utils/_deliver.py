# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Puts a whole file in place, so that at every moment either the old or the new content is on the NAS, whole.

The bytes go beside the destination under a name of our own, are verified there, and only then take the name. An old
file is first renamed, never overwritten, and removed when the new one has its name. Our names are made from the
destination's, so that the next run finds and removes what an interrupted one left.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import tempfile
from collections.abc import Callable, Mapping, Sequence
from typing import BinaryIO, Optional, cast

from ansible_collections.nasops.nas.plugins.module_utils import _paths
from ansible_collections.nasops.nas.plugins.module_utils._api import NO_TIMES, Files
from ansible_collections.nasops.nas.plugins.module_utils._errors import Kind, NasError
from ansible_collections.nasops.nas.plugins.module_utils._model import FILE, Entry
from ansible_collections.nasops.nas.plugins.module_utils._source import FileSource, Source
from ansible_collections.nasops.nas.plugins.module_utils._watch import Watch

READ = 64 * 1024  # bytes; what is not larger is read to be compared


def arriving(path: str) -> str:
    """Where the new content is until it is whole."""
    return beside(path, "part")


def leaving(path: str) -> str:
    """Where the old content is until the new one has its name."""
    return beside(path, "old")


def beside(path: str, role: str) -> str:
    """A name of our own beside `path`; the same in every run.

    :param role: what is there; its ending.
    """
    mark = hashlib.sha256(path.encode("utf-8", "surrogateescape")).hexdigest()[:16]
    return _paths.join(_paths.parent(path), f".nasops-{mark}.{role}")


def make_folders(files: Files, paths: Sequence[str]) -> None:
    """Make folders that were missing a moment ago, those above first.

    Another host's task may make the same ones on the same NAS meanwhile: what is there by then is as good.

    :raises NasError: whatever failed; `EXISTS` when something else has a name.
    """
    missing = list(paths)
    while missing:
        try:
            files.create_folders(missing)
            return
        except NasError as error:
            if error.kind is not Kind.EXISTS:
                raise
            now = files.stat(missing)
            left = [path for path in missing if (entry := now[path]) is None or not entry.is_folder]
            if len(left) == len(missing):
                raise
            missing = left


def deliver(
    files: Files,
    source: Source,
    path: str,
    *,
    replaces: bool,
    backup: Optional[str],
    mtime: Optional[int],
    watch: Watch,
    times: Mapping[str, int] = NO_TIMES,
) -> None:
    """Make the bytes of `source` the content of the file `path`, in an existing folder.

    :param replaces: whether a file is at `path` now.
    :param backup: the path, in the same folder, under which the old file is kept; None removes it at the end.
    :param mtime: modification time for the file in seconds, where the device can set one.
    :param times: see `Files.upload`.
    :raises NasError: whatever failed; what was at `path` before is there still.
    """
    temporary = arriving(path)
    try:
        at_once = mtime if files.sets_mtime_at_upload else None
        files.upload(source, temporary, mtime=at_once, watch=watch, times=times)
        compared = verify(files, source, temporary, watch)
        if mtime is None and not compared:
            # Without checksums the next run compares by size and time.
            mtime = source.mtime
        if mtime is not None and FILE in files.sets_mtime_of:
            files.set_mtime(temporary, mtime)
    except BaseException as error:
        if not (isinstance(error, NasError) and error.kind is Kind.EXISTS):  # then it is what somebody else sends
            discard(files, temporary)
        raise
    take_name(files, temporary, path, size=source.size, replaces=replaces, backup=backup, watch=watch)


def take_name(
    files: Files, arrived: str, path: str, *, size: int, replaces: bool, backup: Optional[str], watch: Watch
) -> None:
    """Give a file that arrived beside `path`, whole and verified, its name.

    :param size: its size in bytes.
    :param replaces: whether a file is at `path` now.
    :param backup: the path, in the same folder, under which the old file is kept; None removes it at the end.
    :raises NasError: whatever failed; what was at `path` before is there still.
    """
    swap_in(
        files,
        arrived,
        path,
        size=size,
        aside=(backup or leaving(path)) if replaces else None,
        place=lambda: files.rename(arrived, _paths.name(path)),
        discard=lambda: discard(files, arrived),
    )
    if replaces and not backup:
        now = files.stat([path])[path]
        if now is None or now.size != size:
            hint = f"Perhaps somebody else writes it at the same time. The old content is whole at {leaving(path)}"
            raise NasError(Kind.MISMATCH, "what was verified is not what has the name now", path=path, hint=hint)
        files.delete([leaving(path)], recursive=False, watch=watch)


def verify(files: Files, source: Source, path: str, watch: Watch) -> bool:
    """Compare what the device holds with what was sent. Whether it was compared by their bytes or a checksum.

    :raises NasError: `MISMATCH`.
    """
    entry = files.stat([path])[path]
    if entry is None or entry.size != source.size:
        size = "nothing" if entry is None else f"{entry.size} bytes"
        raise NasError(Kind.MISMATCH, f"the NAS holds {size} of the {source.size} bytes sent", path=path)
    same = same_bytes(files, source, entry, watch)
    if same is False:
        raise NasError(Kind.MISMATCH, "the NAS holds other bytes than those that were sent", path=path)
    return same is not None


def same_bytes(files: Files, source: Source, entry: Entry, watch: Watch) -> Optional[bool]:
    """Whether a file of the same size has the same bytes; None when it is large and the device has no checksums.

    A small one is read: one call, where a checksum takes two to five, and no doubt about MD5.
    """
    if source.size <= READ:
        there = io.BytesIO()
        if source.size:
            files.download(entry.path, there, watch=Watch(timeout=watch.timeout), entry=entry)
        return there.getvalue() == b"".join(source.pieces())
    return same_checksum(files, source, entry, watch)


def same_checksum(files: Files, source: Source, entry: Entry, watch: Watch) -> Optional[bool]:
    """Whether a file of the same size has the same checksum; None when the device calculates none."""
    if not source.size:
        return True
    for algorithm in files.checksum_algorithms:
        try:
            digest = files.checksum(entry.path, algorithm, watch=Watch(timeout=watch.timeout))
        except NasError as error:
            if error.kind is not Kind.UNSUPPORTED:
                raise
        else:
            return digest == source.checksum(algorithm)
    return None


def rewrite(
    files: Files, path: str, *, mtime: Optional[int], watch: Watch, times: Mapping[str, int] = NO_TIMES
) -> None:
    """Give a file new times by sending its own bytes again, for devices that can do no better.

    :param mtime: the new time in seconds; None for the moment of sending.
    :param times: see `Files.upload`.
    """
    with tempfile.NamedTemporaryFile(prefix="nasops-") as local:
        files.download(path, cast(BinaryIO, local), watch=watch)
        local.flush()
        source = FileSource(local.name)
        verify(files, source, path, watch)
        deliver(files, source, path, replaces=True, backup=None, mtime=mtime, watch=watch, times=times)


def swap_in(
    files: Files,
    arrived: str,
    path: str,
    *,
    size: Optional[int],
    aside: Optional[str],
    place: Callable[[], object],
    discard: Callable[[], object],
) -> None:
    """Give what has arrived, whole and verified, the name `path`. What has that name is put aside first, and kept.

    :param arrived: where it is.
    :param size: its size in bytes, None for a folder.
    :param aside: the path, in the same folder, for what is at `path` now; None when nothing is there.
    :param place: brings it from `arrived` to `path`, which is free then; it never overwrites.
    :param discard: is called when it did not get there, after the old one has its name again.
    :raises NasError: whatever failed; what was at `path` before is there still, or the error's hint says where.
    """
    try:
        if aside is not None:
            files.rename(path, _paths.name(aside))
        place()
    except NasError as error:
        # The answer to a change of names may have been lost after it was done: look before saying that it failed.
        if not _settled(files, arrived, path, size, aside, discard, error):
            raise
    except BaseException:
        _settled(files, arrived, path, size, aside, discard, None)
        raise


def _settled(
    files: Files,
    arrived: str,
    path: str,
    size: Optional[int],
    aside: Optional[str],
    discard: Callable[[], object],
    error: Optional[NasError],
) -> bool:
    """After an interrupted change of names: whether the new one has its name; if not, the old one gets it back."""
    try:
        now = files.stat([path, arrived, *([aside] if aside else [])])
        entry = now[path]
        if entry is not None and now[arrived] is None and entry.size == size:
            return True
        if aside is not None and entry is None and now[aside] is not None:
            files.rename(aside, _paths.name(path))
        if now[arrived] is not None:
            discard()
    except NasError:
        if aside is None:
            discard()  # nobody knows, but the name was free: what still waits beside it is of no use
        elif error is not None:
            error.hint = (
                f"The old content, if it is not at its place, is whole at {aside}; the next run goes on from there"
            )
    return False


def discard(files: Files, path: str, *, recursive: bool = False) -> None:
    """Remove after a failure what is of no use.

    What cannot be removed now (the device may be gone) is removed by the next run; the reason to tell is another one.
    """
    with contextlib.suppress(NasError):
        files.delete([path], recursive=recursive, watch=Watch(timeout=30))
