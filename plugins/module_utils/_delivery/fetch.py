# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Brings something of the NAS to a file of the controller, and compares it with what the NAS has."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO, Optional

from .._api import comparison
from .._api.client import Client
from .._api.files import Files
from .._core.errors import Kind, NasError
from .._core.model import Entry
from .._core.sources import FileSource
from .._core.waiting import Watch, Watching
from .._plans.fetch import LINK, RENDITION, REPORT, THUMBNAIL, ZIP, Current, Desired, Thing
from . import local_file
from .content import LARGEST_SHOWN, Content, read
from .crew import Crew, Tally
from .local_file import Arrival, Attributes, clear_left, local_errors, make_folders

LARGE = 16 * 1024 * 1024  # bytes of a file whose checksum the NAS is asked for while it comes


@dataclass(frozen=True)
class Came:
    """What has come from the NAS.

    :param content: what of it a diff shows.
    :param size: bytes.
    :param checksum: with its algorithm, as results have it.
    """

    content: Content
    size: int
    checksum: str


def holds(files: Files, local: FileSource, thing: Thing, watching: Watching, *, by_time: bool) -> Optional[bool]:
    """Whether a local file holds what the NAS has; None when only fetching can tell.

    :param by_time: whether a file with the same size and modification time is the same.
    """
    same_time = local.mtime == thing.mtime
    if thing.entry is not None:
        if local.size != thing.entry.size:
            return False
        if by_time and same_time and (thing.mtime or 0) > 0:  # 0 or less stands for a time that is not known
            return True
        local.want((comparison.shown_algorithm(files),))
        same = same_bytes(files, local, thing.entry, watching)
        return same_time if same is None else same
    if thing.mtime is None:
        return None
    return same_time and (thing.type != ZIP or local_file.zip_holds(local.filename, thing.sizes))


def same_bytes(files: Files, local: FileSource, entry: Entry, watching: Watching) -> Optional[bool]:
    """Whether a local file of the same size has the bytes of the one on the NAS; None when that has no checksums."""
    with local_errors(local.filename):
        return comparison.same_checksum(files, local, entry, watching(f"checksum of {entry.path}"))


def fetch(
    nas: Client,
    another: Callable[[], Client],
    desired: Desired,
    current: Current,
    thing: Thing,
    attributes: Attributes,
    *,
    certain: bool,
    put: bool,
    watch: Watch,
    watching: Watching,
) -> Optional[Came]:
    """Fetch it, and put it at its place if that holds something else. Returns what came; None if it is the same.

    Its checksums are taken while it comes, so that it is read no more.

    :param another: makes one more client of the same NAS and session.
    :param certain: whether it is known to be something else.
    :param put: False leaves the place as it is (check mode).
    :param watch: of the transfer.
    :param watching: of the checksums.
    """
    folder = os.path.dirname(current.dest)
    if put:
        make_folders(current.missing)
        clear_left(folder)
    with Arrival(folder if put else None, [comparison.shown_algorithm(nas.files)]) as arrival:
        digest = None
        with local_errors(current.dest):
            if thing.entry is not None and (thing.entry.size or 0) >= LARGE:
                crew = Crew(nas, another, size=2)
                digest = download_large(crew, thing.entry, arrival.sink, watch, watching)
            else:
                download(nas, desired, thing, arrival.sink, watch)
        arrival.close()
        source = FileSource(arrival.filename)
        source.learn(arrival.checksums)
        verify(nas.files, desired, thing, source, digest, watching)
        came = Came(local_content(source), source.size, comparison.shown_checksum(nas.files, source))
        if not certain and current.held is not None:
            with local_errors(current.dest):
                if comparison.shown_checksum(nas.files, current.held) == came.checksum:
                    return None
        if put:
            arrival.take_place(current.dest, attributes, thing.mtime)
    return came


def download(nas: Client, desired: Desired, thing: Thing, sink: BinaryIO, watch: Watch) -> None:
    """Fetch the bytes."""
    src = desired.src
    if thing.type == LINK:
        nas.share_links.download(desired.url, desired.link_password, sink, watch=watch, member=desired.member)
    elif thing.type == REPORT:
        nas.container_station.report(sink)
    elif thing.type == THUMBNAIL:
        nas.downloads.thumbnail(src[0], desired.size, sink, rotate=desired.rotate)
    elif thing.type == RENDITION:
        nas.downloads.rendition(src[0], desired.rendition, sink, watch=watch)
    elif thing.type == ZIP:
        nas.downloads.download_zip(src, sink, compress=desired.compress, watch=watch)
    else:
        nas.files.download(src[0], sink, watch=watch, entry=thing.entry)


def download_large(
    crew: Crew, entry: Entry, sink: BinaryIO, watch: Watch, watching: Watching
) -> Optional[comparison.Digest]:
    """Fetch the bytes of a file while the NAS calculates its checksum, which it returns; None if the NAS has none.

    One after the other takes as long as both.
    """
    total = entry.size or 0
    tally, progress = Tally(1, total), watch.in_bytes("downloading")
    timeout = watching(f"checksum of {entry.path}").timeout
    found: list[Optional[comparison.Digest]] = []

    def bring(files: Files) -> None:
        files.download(entry.path, sink, watch=tally.watch(None), entry=entry)
        tally.whole(total)

    def ask(files: Files) -> None:
        found.append(comparison.device_digest(files, entry, tally.watch(timeout)))

    with crew:
        crew.run(lambda files, job: job(files), (bring, ask), tally, lambda: progress(tally.moving, total))
    return found[0]


def verify(
    files: Files,
    desired: Desired,
    thing: Thing,
    source: FileSource,
    digest: Optional[comparison.Digest],
    watching: Watching,
) -> None:
    """Compare what came with what was to come.

    :param digest: of the file, where the NAS was asked for it meanwhile.
    :raises NasError: `MISMATCH`.
    """
    size = source.size
    if thing.entry is not None:
        whole = size == thing.entry.size
        if digest is not None:
            whole = whole and digest.is_of(source)
        elif size < LARGE:  # else it has been asked for one, and has none
            whole = whole and same_bytes(files, source, thing.entry, watching) is not False
    elif thing.type == ZIP:
        whole = local_file.zip_holds(source.filename, thing.sizes, thorough=True)
    else:
        whole = size > 0 or thing.type == LINK
    if not whole:
        message = f"what came ({size} bytes) is not what the NAS has"
        raise NasError(Kind.MISMATCH, message, path=desired.source)


def is_shown(thing: Thing) -> bool:
    """Whether a diff needs the bytes to show them: a file itself, when it is small enough, and what a link leads to."""
    if thing.entry is not None:
        return (thing.entry.size or 0) <= LARGEST_SHOWN
    return thing.type == LINK


def local_content(source: FileSource) -> Content:
    """What is in a local file."""
    with local_errors(source.filename):
        return read(source)
