# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads what archives hold and what lies at the places of that; packs and unpacks, and looks whether it is whole."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Optional

from .._api import lost_answers
from .._api.client import Client, Files
from .._core import names as _names
from .._core import paths as _paths
from .._core.errors import Kind, NasError
from .._core.model import FILE, ArchiveMember, Entry, Unpacking
from .._core.waiting import Watch
from .._plans import archive_contents as _archive_state
from .._plans.archive import Present, Wish, plan_extracted, targets
from .._plans.archive_contents import Tree, tree
from .._plans.plan import Plan
from .._plans.preconditions import require_writable
from . import archive_record, atomic
from .archive_staging import Stage, ended_well, staging

MOST_PARTS = 500  # more members than that are not named one by one: all are unpacked, and some of them moved


def read_present(nas: Client, wish: Wish) -> Present:
    """What is there."""
    ours = {
        "present": [temporary(wish), *atomic.besides(nas.files, wish.path)],
        "extracted": [staging(wish.path, wish.dest)],
        "absent": [temporary(wish), *atomic.besides(nas.files, wish.path)],
    }[wish.state]
    if wish.state == "absent" or wish.delete_archive:
        ours.append(archive_record.record_path(wish.path))
    found = nas.files.stat([wish.path, *ours, *wish.sources])
    archive = found[wish.path]
    above: dict[str, Optional[Entry]] = {}
    if wish.state == "extracted":
        above = nas.files.stat([*_paths.ancestors(wish.dest), wish.dest])
    elif wish.state == "present" and archive is None:
        above = nas.files.stat(_paths.ancestors(wish.path))
    sources = {path: found[path] for path in wish.sources}
    tops = [entry for entry in sources.values() if entry is not None]
    present = Present(
        archive,
        above,
        sources=sources,
        wished=tree(archive_record.packed(nas.files, tops)),
        leftovers=tuple(path for path in ours if found[path] is not None),
    )
    if wish.state == "absent" or archive is None or archive.is_folder:
        return present
    held = read_held(nas, wish, archive)
    return present if held is None else with_held(nas.files, wish, present, held)


def read_held(nas: Client, wish: Wish, archive: Entry) -> Optional[Tree]:
    """All that the archive holds, None when nobody knows.

    :raises NasError: for a wrong password, a damaged archive, one that would write outside of its folder.
    """
    try:
        members = archive_record.known(nas.files, nas.archives, archive, wish.password, wish.codepage)
    except NasError as error:
        if wish.state == "present" and error.kind in (Kind.PERMISSION_DENIED, Kind.INVALID_ARGUMENT):
            error.hint = "What is there was not touched. To make the archive anew, remove it first with state absent"
        raise
    if members is not None and wish.state == "extracted":
        _archive_state.require_safe(members, wish.path)
    return None if members is None else tree(members)


def with_held(files: Files, wish: Wish, present: Present, held: Tree) -> Present:
    """The same, with what the archive holds, and what is at the places of that."""
    if wish.state == "present":
        return dataclasses.replace(present, held=held)
    held = _archive_state.chosen(held, wish.members, wish.path)
    places = list(targets(wish, held).values())
    there = dict.fromkeys(places) if present.above.get(wish.dest) is None else files.stat(places)
    return dataclasses.replace(present, held=held, there=there)


def temporary(wish: Wish) -> str:
    """Where a new archive is until it is whole; devices choose the format by the ending."""
    return _names.beside(wish.path, f"part.{wish.packing.format}")


def pack(nas: Client, wish: Wish, present: Present, watch: Watch) -> list[str]:
    """Make the archive beside its place, look whether it is whole, and give it its name. Returns warnings."""
    made = temporary(wish)
    if present.archive is not None:
        atomic.prove_name(nas.files, wish.path)
    try:
        compress(nas, wish, present, made, watch)
        entry = nas.files.stat([made])[made]
        if entry is None or not entry.size:
            raise NasError(Kind.MISMATCH, "the NAS reported success, but made no archive", path=wish.path)
        warnings = compare(nas, wish, present, made) if "list" in nas.archives.features else []
    except BaseException as error:
        atomic.discard(nas.files, made)
        if isinstance(error, NasError) and error.path == made:
            error.path = wish.path
        raise
    replaces = present.archive is not None
    atomic.take_name(nas.files, made, wish.path, size=entry.size, replaces=replaces, backup=None, watch=watch)
    if "list" not in nas.archives.features:
        keep_record(nas.files, wish.path, present.wished, watch)
    return warnings


def compress(nas: Client, wish: Wish, present: Present, made: str, watch: Watch) -> None:
    """Have the archive made; after a lost answer it must hold what it has to, or the device say that it is done."""

    def is_whole() -> bool:
        entry = nas.files.stat([made])[made]
        if entry is None or not entry.size:
            return False
        if "list" not in nas.archives.features:
            return ended_well(nas, "compress", made)
        held = tree(nas.archives.members(made, password=wish.password, codepage=wish.codepage))
        return not _archive_state.differences(present.wished, held, None)

    lost_answers.done(lambda: nas.archives.compress(wish.sources, made, wish.packing, watch=watch), is_whole)


def compare(nas: Client, wish: Wish, present: Present, made: str) -> list[str]:
    """Compare a new archive with its sources. Returns warnings about sources that changed in the meantime.

    :raises NasError: `MISMATCH`.
    """
    held = tree(nas.archives.members(made, password=wish.password, codepage=wish.codepage))
    strange = _archive_state.behind_link(present.wished, held)
    if strange is not None:
        message = f"the NAS packed what a link leads to, {strange!r}, so the archive was thrown away"
        hint = "Name the sources so that the link is not among what they hold, or remove the link"
        raise NasError(Kind.MISMATCH, message, path=wish.path, hint=hint)
    wrong = _archive_state.differences(present.wished, held, None)
    if not wrong:
        return []
    tops = [entry for entry in nas.files.stat(wish.sources).values() if entry is not None]
    now = tree(archive_record.packed(nas.files, tops))
    for path in wrong:
        if now.get(path) == present.wished.get(path):
            message = f"the archive that the NAS made does not hold {path!r} as it is, so it was thrown away"
            raise NasError(Kind.MISMATCH, message, path=wish.path)
    return [f"{wrong[0]!r} changed while it was packed; run the task again"]


def unpack(nas: Client, wish: Wish, plan: Plan, present: Present, watch: Watch) -> tuple[Plan, list[str]]:
    """Bring the content to its place, and see that it is there. Returns what was done, and warnings."""
    warnings: list[str] = []
    if plan.has("extract"):
        stage = Stage(nas, wish.path, wish.dest, watch)
        try:
            named = parts(nas, wish, plan, present)
            unpacking = Unpacking(password=wish.password, codepage=wish.codepage, members=named)
            staged = stage.unpack(unpacking, present.held if named is None else tree(named))
            if present.held is None:
                warnings += learned(nas.files, wish, present, staged, watch)
                present = with_held(nas.files, wish, present, staged)
                plan = plan_extracted(wish, present)
            stage.verify(wanted(plan, present), staged)
            existing = {path for path, entry in present.there.items() if entry is not None}
            stage.place(placed(plan), staged, existing, overwrite=wish.overwrite)
        except BaseException as error:
            stage.give_up(error)
            raise
        stage.remove()
    return plan, warnings + arrived(nas.files, wish, plan, present)


def placed(plan: Plan) -> dict[str, str]:
    """The members that the plan extracts, and their paths on the NAS."""
    return {step.path: step.to for step in plan.steps if step.do == "extract" and step.to}


def wanted(plan: Plan, present: Present) -> Tree:
    """The members that the plan extracts."""
    return {path: (present.held or {})[path] for path in placed(plan)}


def parts(nas: Client, wish: Wish, plan: Plan, present: Present) -> Optional[tuple[ArchiveMember, ...]]:
    """The members to name to the device; None to unpack all."""
    members = tuple(wanted(plan, present).values())
    if "extract_members" not in nas.archives.features or not 0 < len(members) <= MOST_PARTS:
        return None
    files = [member for member in (present.held or {}).values() if member.type == FILE]
    return None if wish.members is None and len(files) == len(members) else members


def learned(files: Files, wish: Wish, present: Present, staged: Tree, watch: Watch) -> list[str]:
    """Write down what came out of an archive, for the next run. Returns warnings."""
    if wish.delete_archive:
        return []
    try:
        keep_record(files, wish.path, staged, watch)
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


def arrived(files: Files, wish: Wish, plan: Plan, present: Present) -> list[str]:
    """Make folders that hold nothing, and look whether everything is at its place. Returns warnings.

    :raises NasError: `MISMATCH`.
    """
    folders = [path for path in plan.paths("create_folder") if path in present.there]
    members, places = wanted(plan, present), placed(plan)
    found = files.stat([*folders, *places.values()])
    empty = [path for path in folders if found[path] is None]
    if empty:
        atomic.make_folders(files, empty)
    times = {}
    for path, member in members.items():
        entry = found[places[path]]
        if entry is None or _archive_state.other_size(entry.size, member.size):
            message = "the NAS reported success, but this is not there as it has to be"
            raise NasError(Kind.MISMATCH, message, path=places[path])
        if entry.mtime is not None and member.mtime is not None:
            times[path] = (entry.mtime, member.mtime)
    if wish.overwrite and _archive_state.other_times(times):
        return ["the NAS gave files other times than the archive has, so with overwrite every run extracts them"]
    return []


def remove(files: Files, ours: Sequence[str], watch: Watch) -> None:
    """Remove files and folders of our own, if there are any to remove."""
    if ours:
        files.delete(ours, recursive=True, watch=watch)


def require_possible(nas: Client, wish: Wish, plan: Plan, present: Present) -> list[str]:
    """For check mode: the paths that an earlier task must bring.

    :raises NasError: `PERMISSION_DENIED` for what the user may not do.
    """
    if wish.state == "absent":
        return []
    missing = [path for path, entry in present.sources.items() if entry is None]
    if wish.state == "extracted" and present.archive is None and plan.changed:
        missing.append(wish.path)
    target = wish.path if wish.state == "present" else f"{wish.dest}/x"
    folder = present.above.get(_paths.parent(target), present.archive if wish.state == "present" else None)
    if folder is None and not wish.parents:
        missing.append(_paths.parent(target))
    if folder is not None and plan.changed:
        require_writable(nas.files, target)
    return missing
