# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads what archives hold and what lies at the places of that; packs and unpacks, and checks whether it is whole."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Optional

from .._api import lost_answers
from .._api.client import Client
from .._api.files import Files
from .._core import names as _names
from .._core import paths as _paths
from .._core.archives import ArchiveMember, Unpacking
from .._core.errors import Kind, NasError
from .._core.model import FILE, Entry
from .._core.waiting import Watch
from .._plans import archive_contents
from .._plans.archive import Current, Desired, plan_extracted, targets
from .._plans.archive_contents import Tree, tree
from .._plans.plan import Plan
from .._plans.preconditions import require_writable
from . import archive_record, atomic
from .archive_staging import Stage, ended_well, staging

MOST_PARTS = 500  # more members than that are not named one by one: all are unpacked, and some of them moved


def read_current(nas: Client, desired: Desired) -> Current:
    """What is there."""
    ours = {
        "present": [temporary(desired), *atomic.besides(nas.files, desired.path)],
        "extracted": [staging(desired.path, desired.dest)],
        "absent": [temporary(desired), *atomic.besides(nas.files, desired.path)],
    }[desired.state]
    if desired.state == "absent" or desired.delete_archive:
        ours.append(archive_record.record_path(desired.path))
    found = nas.files.stat([desired.path, *ours, *desired.sources])
    archive = found[desired.path]
    above: dict[str, Optional[Entry]] = {}
    if desired.state == "extracted":
        above = nas.files.stat([*_paths.ancestors(desired.dest), desired.dest])
    elif desired.state == "present" and archive is None:
        above = nas.files.stat(_paths.ancestors(desired.path))
    sources = {path: found[path] for path in desired.sources}
    tops = [entry for entry in sources.values() if entry is not None]
    current = Current(
        archive,
        above,
        sources=sources,
        wanted=tree(archive_record.packed(nas.files, tops)),
        leftovers=tuple(path for path in ours if found[path] is not None),
    )
    if desired.state == "absent" or archive is None or archive.is_folder:
        return current
    held = read_held(nas, desired, archive)
    return current if held is None else with_held(nas.files, desired, current, held)


def read_held(nas: Client, desired: Desired, archive: Entry) -> Optional[Tree]:
    """All that the archive holds, None when nobody knows.

    :raises NasError: for a wrong password, a damaged archive, one that would write outside of its folder.
    """
    try:
        members = archive_record.known(nas.files, nas.archives, archive, desired.password, desired.codepage)
    except NasError as error:
        if desired.state == "present" and error.kind in (Kind.PERMISSION_DENIED, Kind.INVALID_ARGUMENT):
            error.hint = "What is there was not touched. To make the archive anew, remove it first with state absent"
        raise
    if members is not None and desired.state == "extracted":
        archive_contents.require_safe(members, desired.path)
    return None if members is None else tree(members)


def with_held(files: Files, desired: Desired, current: Current, held: Tree) -> Current:
    """The same, with what the archive holds, and what is at the places of that."""
    if desired.state == "present":
        return dataclasses.replace(current, held=held)
    held = archive_contents.chosen(held, desired.members, desired.path)
    places = list(targets(desired, held).values())
    there = dict.fromkeys(places) if current.above.get(desired.dest) is None else files.stat(places)
    return dataclasses.replace(current, held=held, there=there)


def temporary(desired: Desired) -> str:
    """Where a new archive is until it is whole; devices choose the format by the ending."""
    return _names.beside(desired.path, f"part.{desired.packing.format}")


def pack(nas: Client, desired: Desired, current: Current, watch: Watch) -> list[str]:
    """Make the archive beside its place, check that it is whole, and give it its name. Returns warnings."""
    made = temporary(desired)
    if current.archive is not None:
        atomic.prove_name(nas.files, desired.path)
    try:
        compress(nas, desired, current, made, watch)
        entry = nas.files.stat([made])[made]
        if entry is None or not entry.size:
            raise NasError(Kind.MISMATCH, "the NAS reported success, but made no archive", path=desired.path)
        warnings = compare(nas, desired, current, made) if nas.archives.features.list else []
    except BaseException as error:
        atomic.discard(nas.files, made)
        if isinstance(error, NasError) and error.path == made:
            error.path = desired.path
        raise
    replaces = current.archive is not None
    atomic.take_name(nas.files, made, desired.path, size=entry.size, replaces=replaces, backup=None, watch=watch)
    if not nas.archives.features.list:
        keep_record(nas.files, desired.path, current.wanted, watch)
    return warnings


def compress(nas: Client, desired: Desired, current: Current, made: str, watch: Watch) -> None:
    """Have the archive made; after a lost answer it must hold what it has to, or the device say that it is done."""

    def is_whole() -> bool:
        entry = nas.files.stat([made])[made]
        if entry is None or not entry.size:
            return False
        if not nas.archives.features.list:
            return ended_well(nas, "compress", made)
        held = tree(nas.archives.members(made, password=desired.password, codepage=desired.codepage))
        return not archive_contents.differences(current.wanted, held, None)

    lost_answers.done(lambda: nas.archives.compress(desired.sources, made, desired.packing, watch=watch), is_whole)


def compare(nas: Client, desired: Desired, current: Current, made: str) -> list[str]:
    """Compare a new archive with its sources. Returns warnings about sources that changed in the meantime.

    :raises NasError: `MISMATCH`.
    """
    held = tree(nas.archives.members(made, password=desired.password, codepage=desired.codepage))
    strange = archive_contents.behind_link(current.wanted, held)
    if strange is not None:
        message = f"the NAS packed what a link leads to, {strange!r}, so the archive was thrown away"
        hint = "Name the sources so that the link is not among what they hold, or remove the link"
        raise NasError(Kind.MISMATCH, message, path=desired.path, hint=hint)
    wrong = archive_contents.differences(current.wanted, held, None)
    if not wrong:
        return []
    tops = [entry for entry in nas.files.stat(desired.sources).values() if entry is not None]
    now = tree(archive_record.packed(nas.files, tops))
    for path in wrong:
        if now.get(path) == current.wanted.get(path):
            message = f"the archive that the NAS made does not hold {path!r} as it is, so it was thrown away"
            raise NasError(Kind.MISMATCH, message, path=desired.path)
    return [f"{wrong[0]!r} changed while it was packed; run the task again"]


def unpack(nas: Client, desired: Desired, plan: Plan, current: Current, watch: Watch) -> tuple[Plan, list[str]]:
    """Bring the content to its place, and see that it is there. Returns what was done, and warnings."""
    warnings: list[str] = []
    if plan.has("extract"):
        stage = Stage(nas, desired.path, desired.dest, watch)
        try:
            named = parts(nas, desired, plan, current)
            unpacking = Unpacking(password=desired.password, codepage=desired.codepage, members=named)
            staged = stage.unpack(unpacking, current.held if named is None else tree(named))
            if current.held is None:
                warnings += learned(nas.files, desired, staged, watch)
                current = with_held(nas.files, desired, current, staged)
                plan = plan_extracted(desired, current)
            stage.verify(wanted(plan, current), staged)
            existing = {path for path, entry in current.there.items() if entry is not None}
            stage.place(placed(plan), staged, existing, overwrite=desired.overwrite)
        except BaseException as error:
            stage.give_up(error)
            raise
        stage.remove()
    return plan, warnings + arrived(nas.files, desired, plan, current)


def placed(plan: Plan) -> dict[str, str]:
    """The members that the plan extracts, and their paths on the NAS."""
    return {step.path: step.to for step in plan.steps if step.do == "extract" and step.to}


def wanted(plan: Plan, current: Current) -> Tree:
    """The members that the plan extracts."""
    return {path: (current.held or {})[path] for path in placed(plan)}


def parts(nas: Client, desired: Desired, plan: Plan, current: Current) -> Optional[tuple[ArchiveMember, ...]]:
    """The members to name to the device; None to unpack all."""
    members = tuple(wanted(plan, current).values())
    if not nas.archives.features.extract_members or not 0 < len(members) <= MOST_PARTS:
        return None
    files = [member for member in (current.held or {}).values() if member.type == FILE]
    return None if desired.members is None and len(files) == len(members) else members


def learned(files: Files, desired: Desired, staged: Tree, watch: Watch) -> list[str]:
    """Write down what came out of an archive, for the next run. Returns warnings."""
    if desired.delete_archive:
        return []
    try:
        keep_record(files, desired.path, staged, watch)
    except NasError as error:
        if error.kind not in (Kind.PERMISSION_DENIED, Kind.READ_ONLY):
            raise
        return [f"what the archive holds cannot be noted beside it, so every run extracts it again: {error}"]
    return []


def keep_record(files: Files, path: str, members: Tree, watch: Watch) -> None:
    """Write down what the archive at `path` holds."""
    entry = files.stat([path])[path]
    if entry is not None:
        archive_record.keep_record(files, entry, members, watch)


def arrived(files: Files, desired: Desired, plan: Plan, current: Current) -> list[str]:
    """Make folders that hold nothing, and check whether everything is at its place. Returns warnings.

    :raises NasError: `MISMATCH`.
    """
    folders = [path for path in plan.paths("create_folder") if path in current.there]
    members, places = wanted(plan, current), placed(plan)
    found = files.stat([*folders, *places.values()])
    empty = [path for path in folders if found[path] is None]
    if empty:
        atomic.make_folders(files, empty)
    times = {}
    for path, member in members.items():
        entry = found[places[path]]
        if entry is None or archive_contents.other_size(entry.size, member.size):
            message = "the NAS reported success, but this is not there as it has to be"
            raise NasError(Kind.MISMATCH, message, path=places[path])
        if entry.mtime is not None and member.mtime is not None:
            times[path] = (entry.mtime, member.mtime)
    if desired.overwrite and archive_contents.other_times(times):
        return ["the NAS gave files other times than the archive has, so with overwrite every run extracts them"]
    return []


def remove(files: Files, ours: Sequence[str], watch: Watch) -> None:
    """Remove files and folders of our own, if there are any to remove."""
    if ours:
        files.delete(ours, recursive=True, watch=watch)


def require_possible(nas: Client, desired: Desired, plan: Plan, current: Current) -> list[str]:
    """For check mode: the paths that an earlier task must bring.

    :raises NasError: `PERMISSION_DENIED` for what the user may not do.
    """
    if desired.state == "absent":
        return []
    missing = [path for path, entry in current.sources.items() if entry is None]
    if desired.state == "extracted" and current.archive is None and plan.changed:
        missing.append(desired.path)
    target = desired.path if desired.state == "present" else f"{desired.dest}/x"
    folder = current.above.get(_paths.parent(target), current.archive if desired.state == "present" else None)
    if folder is None and not desired.parents:
        missing.append(_paths.parent(target))
    if folder is not None and plan.changed:
        require_writable(nas.files, target)
    return missing
