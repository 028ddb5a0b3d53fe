# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What has to be done so that an archive holds certain files, or its content lies in a folder."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Optional, Union

from .._core import paths as _paths
from .._core import times as _times
from .._core.errors import Kind, NasError
from .._core.model import FILE, FOLDER, ArchiveMember, Entry, Packing
from .archive_contents import Tree, differences, other_size, other_times
from .plan import Plan, Step
from .preconditions import missing_above


@dataclass(frozen=True)
class Wish:
    """The archive of one task.

    :param dest: the folder that the content shall lie in, the one named like the archive included.
    :param members: which of it; None for all.
    :param promised: check mode: an earlier task may have promised what is not there.
    """

    path: str
    state: str = "present"
    sources: tuple[str, ...] = ()
    packing: Packing = field(default_factory=Packing)
    dest: str = ""
    members: Optional[tuple[str, ...]] = None
    keep_folders: bool = True
    overwrite: bool = False
    delete_archive: bool = False
    password: Optional[str] = field(default=None, repr=False)
    codepage: Optional[str] = None
    parents: bool = False
    promised: bool = False


@dataclass(frozen=True)
class Present:
    """What is there.

    :param archive: what is at the archive's path.
    :param above: what is at each folder above what may be made.
    :param held: what the archive holds, of that only the wished members; None when nobody knows.
    :param sources: what is at each source.
    :param wished: what the archive shall hold.
    :param there: what is at each place that the content of the archive belongs to.
    :param leftovers: what an interrupted run left, and for an archive that goes, the record of it.
    """

    archive: Optional[Entry] = None
    above: Mapping[str, Optional[Entry]] = field(default_factory=dict)
    held: Optional[Tree] = None
    sources: Mapping[str, Optional[Entry]] = field(default_factory=dict)
    wished: Tree = field(default_factory=dict)
    there: Mapping[str, Optional[Entry]] = field(default_factory=dict)
    leftovers: tuple[str, ...] = ()


def plan_archive(wish: Wish, present: Present) -> Plan:
    """The steps from what is there to what is wished, for any state.

    :raises NasError: for a folder where the archive is wished, and what the plan of the state finds wrong.
    """
    if present.archive is not None and present.archive.is_folder:
        raise NasError(Kind.WRONG_TYPE, "a folder is where an archive is wished", path=wish.path)
    plans = {"present": plan_present, "extracted": plan_extracted, "absent": plan_absent}
    plan = plans[wish.state](wish, present)
    clean = tuple(Step("clean", path) for path in present.leftovers)
    return Plan(plan.steps + clean, plan.before, plan.after)


def plan_absent(wish: Wish, present: Present) -> Plan:
    """The steps that remove an archive."""
    before = {"state": "absent" if present.archive is None else "present"}
    steps = () if present.archive is None else (Step("delete", wish.path),)
    return Plan(steps, before, {"state": "absent"})


def plan_present(wish: Wish, present: Present) -> Plan:
    """The steps that make an archive hold the sources.

    :raises NasError: for a source that is not there, a share or folder above that is not there.
    """
    for path, entry in present.sources.items():
        if entry is None and not wish.promised:
            raise NasError(Kind.NOT_FOUND, "there is nothing to pack here (option sources)", path=path)
    after: dict[str, Any] = {"state": "present", "members": described(present.wished, present.wished)}
    if present.archive is None:
        missing = missing_above(wish.path, present.above, parents=wish.parents, promised=wish.promised)
        steps = [*(Step("create_folder", path) for path in missing), Step("compress", wish.path)]
        return Plan(tuple(steps), {"state": "absent"}, after)
    if present.held is None:
        return Plan((Step("compress", wish.path),), {"state": "present", "members": "(not known)"}, after)
    changes = differences(present.wished, present.held, present.archive.mtime)
    stale = changes or None in present.sources.values()
    before, after = (
        {"state": "present", "members": described(side, changes)} for side in (present.held, present.wished)
    )
    return Plan((Step("compress", wish.path),) if stale else (), before, after)


def plan_extracted(wish: Wish, present: Present) -> Plan:
    """The steps that bring the content of an archive into a folder.

    :raises NasError: for an archive that is not there; for what is in the way of its content.
    """
    dest = present.above.get(wish.dest)
    if present.archive is None and wish.delete_archive and dest is not None and dest.is_folder:
        return Plan()
    if present.archive is None and not wish.promised:
        raise NasError(Kind.NOT_FOUND, "there is no archive", path=wish.path)
    missing = missing_above(f"{wish.dest}/x", present.above, parents=wish.parents, promised=wish.promised)
    steps = [Step("create_folder", path) for path in missing]
    end = [Step("delete", wish.path)] if wish.delete_archive else []
    if present.held is None:
        # What the archive holds shows when it is unpacked.
        unknown = Step("extract", wish.path)
        return Plan((*steps, unknown, *end), {"content": "(not known)"}, {"content": "extracted"})
    places = targets(wish, present.held)
    late = outdated(wish, present.held, places, present.there)
    folders = [target for path, target in places.items() if present.held[path].type == FOLDER]
    folders.sort(key=lambda path: (_paths.depth(path), path))
    steps += [Step("create_folder", path) for path in folders if present.there[path] is None]
    steps += [Step("extract", path, places[path]) for path in late]
    before = {places[path]: brief(present.there[places[path]]) for path in late}
    after = {places[path]: brief(present.held[path]) for path in late}
    return Plan((*steps, *end), {"files": before}, {"files": after})


def targets(wish: Wish, held: Tree) -> dict[str, str]:
    """For each path in the archive its path on the NAS; without the archive's folders, for the files only.

    :raises NasError: `INVALID_ARGUMENT` for two files of one name where the folders are not kept.
    """
    if wish.keep_folders:
        return {path: _paths.join(wish.dest, path) for path in held}
    places: dict[str, str] = {}
    names: dict[str, str] = {}
    for path, member in held.items():
        name = path.rpartition("/")[2]
        if member.type == FILE:
            if name in names:
                message = f"without folders, {names[name]!r} and {path!r} would be the same file"
                raise NasError(Kind.INVALID_ARGUMENT, message, path=wish.path, hint="Set keep_folders to true")
            names[name] = path
            places[path] = _paths.join(wish.dest, name)
    return places


def outdated(wish: Wish, held: Tree, places: Mapping[str, str], there: Mapping[str, Optional[Entry]]) -> list[str]:
    """The files in the archive that must be written.

    :raises NasError: for a folder in the way of a file, or the reverse; for a file that may not be replaced.
    """
    late, changed, times = [], [], {}
    for path, target in places.items():
        member, entry = held[path], there[target]
        if entry is not None and (entry.type != member.type or (entry.is_folder and entry.link)):
            raise NasError(Kind.WRONG_TYPE, f"a {entry.kind} is in the way of a {member.type}", path=target)
        if member.type == FOLDER:
            continue
        if entry is None:
            late.append(path)
        elif other_size(entry.size, member.size):
            changed.append(path)
        elif entry.mtime is not None and member.mtime is not None:
            times[path] = (entry.mtime, member.mtime)
    if not wish.overwrite:
        if changed:
            hint = "Set overwrite to true to replace it; nothing was written"
            message = "this file is there with another size than in the archive"
            if len(changed) > 1:
                message = f"{message}, as are {len(changed) - 1} more"
            raise NasError(Kind.EXISTS, message, path=places[changed[0]], hint=hint)
        return late
    return sorted({*late, *changed, *other_times(times)})


def described(side: Tree, paths: Iterable[str]) -> dict[str, Any]:
    """Some members, for a diff."""
    return {path: brief(side.get(path)) for path in paths}


def brief(one: Union[ArchiveMember, Entry, None]) -> Any:
    """What a diff tells about a file or folder."""
    if one is None:
        return "absent"
    return {"size": one.size, "mtime": _times.iso(one.mtime)} if one.type == FILE else one.type
