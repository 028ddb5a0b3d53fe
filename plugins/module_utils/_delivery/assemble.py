# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes one file out of several beside its place, verifies it, and gives it its name."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Optional

from .._api import lost_answers
from .._api.client import Client
from .._api.files import Files
from .._core import marks
from .._core import paths as _paths
from .._core.errors import Kind, NasError
from .._core.model import Entry
from .._core.text import encoded
from .._core.waiting import Watching
from .._plans.assemble import Current, Desired, fits, volumes, whole_size
from .._plans.plan import Plan
from . import atomic

DIGITS, TOGETHER = 10, 12  # of a mark in a record, and how many marks one name holds


def read_volumes(files: Files, first: str) -> list[str]:
    """The volumes in order; only the first when their folder is not there."""
    try:
        names = [entry.name for entry in files.list(_paths.parent(first))]
    except NasError as error:
        if error.kind is not Kind.NOT_FOUND:
            raise
        names = []
    return volumes(first, names)


def proved(files: Files, desired: Desired, entry: Optional[Entry], watching: Watching) -> Optional[bool]:
    """Whether a file has the desired checksum; None when none is desired, or there is no file."""
    if desired.checksum is None or entry is None or entry.is_folder:
        return None
    algorithm, digits = desired.checksum
    return files.checksum(entry.path, algorithm, watch=watching(f"checksum of {entry.path}")) == digits


def apply(nas: Client, desired: Desired, plan: Plan, current: Current, watching: Watching) -> None:
    """Carry the plan out."""
    files = nas.files
    folders = plan.paths("create_folder")
    if folders:
        atomic.make_folders(files, folders)
    # Where nothing has the name, what an interrupted run put aside waits for the new one to be whole.
    asides = marks.backup_paths(desired.dest)
    last = [path for path in plan.paths("clean") if path in asides and current.target is None]
    noted = [marks.record_folder(desired.dest)] if current.recorded else []
    clean(files, [path for path in plan.paths("clean") if path not in (*last, *noted)], watching)
    if plan.has("assemble"):
        make(nas, desired, current, watching)
    clean(files, last, watching)
    if plan.has("delete"):
        delete_sources(files, desired, plan.paths("delete"), current, watching)
    clean(files, noted, watching)


def make(nas: Client, desired: Desired, current: Current, watching: Watching) -> None:
    """Write the new file beside its place, verify it, and give it its name.

    :raises NasError: `MISMATCH`, and whatever else failed; what was at `dest` before is there still.
    """
    files, temporary = nas.files, marks.staging_path(desired.dest)
    expected = whole_size(desired, current)
    watch = watching(f"assembling {desired.dest}")
    if current.target is not None:
        atomic.prove_name(files, desired.dest)
    try:
        old = (desired.dest,) if desired.append and current.target is not None else ()

        def is_whole() -> bool:
            made = files.stat([temporary])[temporary]
            return made is not None and made.size == expected

        lost_answers.done(
            lambda: nas.assembly.assemble((*old, *current.order), temporary, watch=watch),
            is_whole,
        )
        entry = files.stat([temporary])[temporary]
        if entry is None or entry.size != expected:
            size = "nothing" if entry is None else f"{entry.size} bytes"
            message = f"the device reported success, but made {size} of the {expected} bytes of the parts"
            raise NasError(Kind.MISMATCH, message, path=desired.dest)
        if proved(files, desired, entry, watching) is False:
            message = "the parts together do not have the checksum of the option"
            hint = "Nothing was replaced or removed. Check the parts, their order, and the option checksum"
            raise NasError(Kind.MISMATCH, message, path=desired.dest, hint=hint)
    except BaseException as error:
        atomic.discard(files, temporary)
        if isinstance(error, NasError) and error.path == temporary:
            error.path = desired.dest
        raise
    replaces = current.target is not None
    atomic.take_name(files, temporary, desired.dest, size=expected, replaces=replaces, backup=None, watch=watch)


def delete_sources(files: Files, desired: Desired, paths: Sequence[str], current: Current, watching: Watching) -> None:
    """Remove the parts after checking once more that they and the file are as before.

    :raises NasError: `MISMATCH` when one of them changed meanwhile; nothing is removed then.
    """
    found = files.stat([desired.dest, *paths])
    made = found[desired.dest]
    changed = [path for path in paths if found[path] != current.parts[path]]
    if made is None or (not current.missing and not fits(desired, current, made)):
        changed.append(desired.dest)
    if changed:
        message = "this has changed meanwhile, so no part was removed"
        raise NasError(Kind.MISMATCH, message, path=changed[0])
    noted = marks.record_folder(desired.dest)
    records = desired.checksum is None and not current.recorded and len(paths) > 1
    if records:
        record(files, noted, (made, *current.parts.values()))
    files.delete(list(paths), recursive=False, watch=watching("removing parts"))
    if records:
        clean(files, [noted], watching)


def clean(files: Files, paths: Sequence[str], watching: Watching) -> None:
    """Remove what an interrupted run left."""
    if paths:
        atomic.clean(files, paths, watching("removing leftovers"))


def record(files: Files, folder: str, entries: Sequence[Optional[Entry]]) -> None:
    """Write down that a file is whole, and the parts that it was made of.

    When their removal ends half-way, the next run has no other proof: what is left of the parts does not tell. It is
    written in names of folders, which every device makes, and none of which takes room.
    """
    known = [mark_of(entry) for entry in entries if entry is not None]
    names = ["-".join(known[at : at + TOGETHER]) for at in range(0, len(known), TOGETHER)]
    files.create_folders([folder, *(_paths.join(folder, name) for name in names)])


def is_recorded(files: Files, folder: str, entries: Sequence[Optional[Entry]]) -> bool:
    """Whether a record names everything that is there, the file itself included, as it is now."""
    known = {mark for entry in files.list(folder) for mark in entry.name.split("-")}
    return entries[0] is not None and all(entry is None or mark_of(entry) in known for entry in entries)


def mark_of(entry: Entry) -> str:
    """What tells a file as it is from any other, and from what it was before."""
    text = encoded(f"{entry.path}\0{entry.size}\0{entry.mtime}")
    return hashlib.sha256(text).hexdigest()[:DIGITS]
