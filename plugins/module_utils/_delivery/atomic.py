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
import tempfile
from collections.abc import Callable, Mapping, Sequence
from typing import BinaryIO, Optional, cast

from .._api import comparison
from .._api import tree as _tree
from .._api.files import NO_TIMES, Files
from .._core import paths as _paths
from .._core.errors import Kind, NasError
from .._core.marks import PROBE, PROOF, RECORD, backup_path, backup_paths, proof_folder, staging_path
from .._core.model import FILE
from .._core.sources import FileSource, Source
from .._core.waiting import Watch

OWN_FOLDERS = (f".{PROOF}", f".{RECORD}", ".keep")  # the endings of our own folders, which hold nothing of worth
CLEANING = 60  # seconds
_REFUSALS = (Kind.INVALID_NAME, Kind.INVALID_ARGUMENT, Kind.DEVICE, Kind.EXISTS, Kind.NOT_FOUND, Kind.MISMATCH)


def besides(files: Files, path: str) -> tuple[str, ...]:
    """What an interrupted run may have left beside a file that it was to replace."""
    return backup_paths(path) if files.surely_gives(_paths.name(path)) else (*backup_paths(path), proof_folder(path))


def clean(files: Files, leftovers: Sequence[str], watch: Watch) -> None:
    """Remove what an interrupted run left beside a file, if there is anything to remove."""
    for recursive in (False, True):
        chosen = [path for path in leftovers if path.endswith(OWN_FOLDERS) is recursive]
        if chosen:
            files.delete(chosen, recursive=recursive, watch=watch)


def prove_name(files: Files, path: str) -> None:
    """Make sure that the device gives exactly the name of `path`, before what has it now is touched.

    Devices show names that other programs have given, and refuse some of them, or give them in another form. So unless
    there is no doubt, something else gets the name first, in a folder of our own beside it.

    :raises NasError: `INVALID_NAME`; whatever else failed.
    """
    name, folder = _paths.name(path), proof_folder(path)
    if files.surely_gives(name):
        return
    probe = _paths.join(folder, PROBE)
    try:
        try:
            files.create_folders([folder, probe])
        except NasError as error:
            if error.kind is not Kind.EXISTS:
                raise
            files.delete([folder], recursive=True, watch=Watch(timeout=CLEANING))
            files.create_folders([folder, probe])
        try:
            files.rename(probe, name)
        except NasError as error:
            if error.kind not in _REFUSALS:
                raise
            raise _not_given(path, error) from None
        if [entry.name for entry in _tree.contents(files, folder)] != [name]:
            raise _not_given(path)
    except BaseException:
        discard(files, folder, recursive=True)
        raise
    files.delete([folder], recursive=True, watch=Watch(timeout=CLEANING))


def _not_given(path: str, error: Optional[NasError] = None) -> NasError:
    refusal = NasError(
        Kind.INVALID_NAME,
        f"the NAS shows the name {_paths.name(path)!r}, but gives it to nothing, so what has it was not touched",
        path=path,
        hint="Give it a plainer name by another way, such as SMB, and use that one here",
    )
    if error is not None:
        refusal.vendor, refusal.call, refusal.code = error.vendor, error.call, error.code
    return refusal


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
    temporary = staging_path(path)
    if replaces:
        prove_name(files, path)
    try:
        at_once = mtime if files.features.sets_mtime_at_upload else None
        source.want(files.features.checksum_algorithms[:1])
        files.upload(source, temporary, mtime=at_once, watch=watch, times=times)
        source.require_unchanged()
        compared = verify(files, source, temporary, watch)
        if mtime is None and not compared:
            # Without checksums the next run compares by size and time.
            mtime = source.mtime
        if mtime is not None and FILE in files.features.sets_mtime_of:
            files.set_mtime(temporary, mtime)
    except BaseException as error:
        if not (isinstance(error, NasError) and error.kind is Kind.EXISTS):  # then it is what somebody else sends
            discard(files, temporary)
        if isinstance(error, NasError) and error.path == temporary:
            error.path = path
        raise
    take_name(files, temporary, path, size=source.size, replaces=replaces, backup=backup, watch=watch)


def take_name(
    files: Files,
    arrived: str,
    path: str,
    *,
    size: int,
    replaces: bool,
    backup: Optional[str],
    watch: Watch,
) -> None:
    """Give a file that arrived beside `path`, whole and verified, its name.

    :param size: its size in bytes.
    :param replaces: whether a file is at `path` now; see `prove_name`.
    :param backup: the path, in the same folder, under which the old file is kept; None removes it at the end.
    :raises NasError: whatever failed; what was at `path` before is there still.
    """
    replace_atomically(
        files,
        arrived,
        path,
        size=size,
        aside=(backup or backup_path(path)) if replaces else None,
        place=lambda: files.rename(arrived, _paths.name(path)),
        discard=lambda: discard(files, arrived),
    )
    if replaces and not backup:
        files.delete([backup_path(path)], recursive=False, watch=watch)


def verify(files: Files, source: Source, path: str, watch: Watch) -> bool:
    """Compare what the device holds with what was sent. Whether it was compared by their bytes or a checksum.

    :raises NasError: `MISMATCH`.
    """
    entry = files.stat([path])[path]
    if entry is None or entry.size != source.size:
        size = "nothing" if entry is None else f"{entry.size} bytes"
        raise NasError(Kind.MISMATCH, f"the NAS holds {size} of the {source.size} bytes sent", path=path)
    same = comparison.same_bytes(files, source, entry, watch)
    if same is False:
        raise NasError(Kind.MISMATCH, "the NAS holds other bytes than those that were sent", path=path)
    return same is not None


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


def replace_atomically(
    files: Files,
    arrived: str,
    path: str,
    *,
    size: Optional[int],
    aside: Optional[str],
    place: Callable[[], object],
    discard: Callable[[], object],
) -> None:
    """Give what has arrived, whole and verified, the name `path`, and check whether it has it.

    What has that name is put aside first, and kept.

    :param arrived: where it is.
    :param size: its size in bytes, None for a folder.
    :param aside: the path, in the same folder, for what is at `path` now; None when nothing is there. That the device
        gives the name again is known; see `prove_name`.
    :param place: brings it from `arrived` to `path`, which is free then; it never overwrites.
    :param discard: is called when it did not get there, after the old one has its name again.
    :raises NasError: whatever failed; what was at `path` before is there still, or the error's hint says where.
    """
    failure = exchange(files, path, aside, place)
    settle(files, arrived, path, size=size, aside=aside, discard=discard, failure=failure)


def exchange(files: Files, path: str, aside: Optional[str], place: Callable[[], object]) -> Optional[BaseException]:
    """Put aside what is at `path`, and bring there what has arrived; see `replace_atomically`. What failed, if any."""
    try:
        if aside is not None:
            files.rename(path, _paths.name(aside))
        place()
    except BaseException as error:
        return error
    return None


def settle(
    files: Files,
    arrived: str,
    path: str,
    *,
    size: Optional[int],
    aside: Optional[str],
    discard: Callable[[], object],
    failure: Optional[BaseException],
) -> None:
    """Look what an `exchange` has led to, and put back what was there before if the new one is not in its place.

    :param failure: what the exchange returned; it is raised when the state does not show that all is done.
    """
    # Devices fail after they have done a thing, and say that they did what they have not: the names alone tell.
    try:
        now = files.stat([path, arrived, *([aside] if aside else [])])
        entry, waits = now[path], now[arrived] is not None
        # A link that was moved may lead elsewhere from here, or nowhere: its size says nothing.
        if entry is not None and not waits and (entry.link or entry.size == size):
            failure = None if isinstance(failure, NasError) else failure
        elif entry is not None and not waits and failure is None:
            failure = _another(path, aside)
        else:
            failure = failure or NasError(Kind.DEVICE, "the device said that it gave this name, and did not", path=path)
            if aside is not None and entry is None and now[aside] is not None:
                _put_back(files, aside, path)
            if waits:
                discard()
    except NasError as error:
        failure = failure or error
        if aside is None:
            discard()  # nobody knows, but the name was free: what still waits beside it is of no use
        elif isinstance(failure, NasError):
            failure.hint = (
                f"The old content, if it is not at its place, is whole at {aside}; the next run goes on from there"
            )
    if failure is not None:
        raise failure


def _another(path: str, aside: Optional[str]) -> NasError:
    hint = "Perhaps somebody else writes it at the same time"
    if aside is not None:
        hint += f". The old content is whole at {aside}"
    return NasError(Kind.MISMATCH, "what was verified is not what has the name now", path=path, hint=hint)


def _put_back(files: Files, aside: str, path: str) -> None:
    """Give the old content its name again.

    :raises NasError: when it does not have it then.
    """
    files.rename(aside, _paths.name(path))
    if files.stat([path])[path] is None:
        raise NasError(Kind.DEVICE, "the device does not give the old content its name again", path=path)


def discard(files: Files, path: str, *, recursive: bool = False) -> None:
    """Remove after a failure what is of no use.

    What cannot be removed now (the device may be gone) is removed by the next run; the reason to tell is another one.
    """
    with contextlib.suppress(NasError):
        files.delete([path], recursive=recursive, watch=Watch(timeout=30))
