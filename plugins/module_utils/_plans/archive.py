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
from .._core.archives import ArchiveMember, Packing
from .._core.errors import Kind, NasError
from .._core.model import FILE, FOLDER, Entry
from .archive_contents import Tree, differences, other_size, other_times
from .plan import Plan, Step
from .preconditions import missing_above


@dataclass(frozen=True)
class Desired:
    """The archive of one task.

    :param dest: the folder that the content shall lie in, the one named like the archive included.
    :param members: which of it; None for all.
    :param may_be_created_earlier: check mode: an earlier task may make what is not there.
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
    may_be_created_earlier: bool = False


@dataclass(frozen=True)
class Current:
    """What is there.

    :param archive: what is at the archive's path.
    :param above: what is at each folder above what may be made.
    :param held: what the archive holds, of that only the desired members; None when nobody knows.
    :param sources: what is at each source.
    :param wanted: what the archive shall hold.
    :param there: what is at each place that the content of the archive belongs to.
    :param leftovers: what an interrupted run left, and for an archive that goes, the record of it.
    """

    archive: Optional[Entry] = None
    above: Mapping[str, Optional[Entry]] = field(default_factory=dict)
    held: Optional[Tree] = None
    sources: Mapping[str, Optional[Entry]] = field(default_factory=dict)
    wanted: Tree = field(default_factory=dict)
    there: Mapping[str, Optional[Entry]] = field(default_factory=dict)
    leftovers: tuple[str, ...] = ()


def plan_archive(desired: Desired, current: Current) -> Plan:
    """The steps from what is there to what is desired, for any state.

    :raises NasError: for a folder where the archive is desired, and what the plan of the state finds wrong.
    """
    if current.archive is not None and current.archive.is_folder:
        raise NasError(Kind.WRONG_TYPE, "a folder is where an archive is wanted", path=desired.path)
    plans = {"present": plan_present, "extracted": plan_extracted, "absent": plan_absent}
    plan = plans[desired.state](desired, current)
    clean = tuple(Step("clean", path) for path in current.leftovers)
    return Plan(plan.steps + clean, plan.before, plan.after)


def plan_absent(desired: Desired, current: Current) -> Plan:
    """The steps that remove an archive."""
    before = {"state": "absent" if current.archive is None else "present"}
    steps = () if current.archive is None else (Step("delete", desired.path),)
    return Plan(steps, before, {"state": "absent"})


def plan_present(desired: Desired, current: Current) -> Plan:
    """The steps that make an archive hold the sources.

    :raises NasError: for a source that is not there, a share or folder above that is not there.
    """
    for path, entry in current.sources.items():
        if entry is None and not desired.may_be_created_earlier:
            raise NasError(Kind.NOT_FOUND, "there is nothing to pack here (option sources)", path=path)
    after: dict[str, Any] = {"state": "present", "members": described(current.wanted, current.wanted)}
    if current.archive is None:
        missing = missing_above(
            desired.path, current.above, parents=desired.parents, may_be_created_earlier=desired.may_be_created_earlier
        )
        steps = [*(Step("create_folder", path) for path in missing), Step("compress", desired.path)]
        return Plan(tuple(steps), {"state": "absent"}, after)
    if current.held is None:
        return Plan((Step("compress", desired.path),), {"state": "present", "members": "(not known)"}, after)
    changes = differences(current.wanted, current.held, current.archive.mtime)
    stale = changes or None in current.sources.values()
    before, after = (
        {"state": "present", "members": described(side, changes)} for side in (current.held, current.wanted)
    )
    return Plan((Step("compress", desired.path),) if stale else (), before, after)


def plan_extracted(desired: Desired, current: Current) -> Plan:
    """The steps that bring the content of an archive into a folder.

    :raises NasError: for an archive that is not there; for what is in the way of its content.
    """
    dest = current.above.get(desired.dest)
    if current.archive is None and desired.delete_archive and dest is not None and dest.is_folder:
        return Plan()
    if current.archive is None and not desired.may_be_created_earlier:
        raise NasError(Kind.NOT_FOUND, "there is no archive", path=desired.path)
    missing = missing_above(
        f"{desired.dest}/x",
        current.above,
        parents=desired.parents,
        may_be_created_earlier=desired.may_be_created_earlier,
    )
    steps = [Step("create_folder", path) for path in missing]
    end = [Step("delete", desired.path)] if desired.delete_archive else []
    if current.held is None:
        # What the archive holds shows when it is unpacked.
        unknown = Step("extract", desired.path)
        return Plan((*steps, unknown, *end), {"content": "(not known)"}, {"content": "extracted"})
    places = targets(desired, current.held)
    late = outdated(desired, current.held, places, current.there)
    folders = [target for path, target in places.items() if current.held[path].type == FOLDER]
    folders.sort(key=lambda path: (_paths.depth(path), path))
    steps += [Step("create_folder", path) for path in folders if current.there[path] is None]
    steps += [Step("extract", path, places[path]) for path in late]
    before = {places[path]: brief(current.there[places[path]]) for path in late}
    after = {places[path]: brief(current.held[path]) for path in late}
    return Plan((*steps, *end), {"files": before}, {"files": after})


def targets(desired: Desired, held: Tree) -> dict[str, str]:
    """For each path in the archive its path on the NAS; without the archive's folders, for the files only.

    :raises NasError: `INVALID_ARGUMENT` for two files of one name where the folders are not kept.
    """
    if desired.keep_folders:
        return {path: _paths.join(desired.dest, path) for path in held}
    places: dict[str, str] = {}
    names: dict[str, str] = {}
    for path, member in held.items():
        name = path.rpartition("/")[2]
        if member.type == FILE:
            if name in names:
                message = f"without folders, {names[name]!r} and {path!r} would be the same file"
                raise NasError(Kind.INVALID_ARGUMENT, message, path=desired.path, hint="Set keep_folders to true")
            names[name] = path
            places[path] = _paths.join(desired.dest, name)
    return places


def outdated(
    desired: Desired, held: Tree, places: Mapping[str, str], there: Mapping[str, Optional[Entry]]
) -> list[str]:
    """The files in the archive that must be written.

    :raises NasError: for a folder in the way of a file, or the reverse; for a file that may not be replaced.
    """
    late, changed, times = [], [], {}
    for path, target in places.items():
        member, entry = held[path], there[target]
        if entry is not None and (entry.type != member.type or (entry.is_folder and entry.link)):
            raise NasError(Kind.WRONG_TYPE, f"a {entry.type_name} is in the way of a {member.type}", path=target)
        if member.type == FOLDER:
            continue
        if entry is None:
            late.append(path)
        elif other_size(entry.size, member.size):
            changed.append(path)
        elif entry.mtime is not None and member.mtime is not None:
            times[path] = (entry.mtime, member.mtime)
    if not desired.overwrite:
        if changed:
            hint = "Set overwrite to true to replace it; nothing was written"
            message = "this file is there with another size than in the archive"
            if len(changed) > 1:
                message = f"{message}, as are {len(changed) - 1} more"
            raise NasError(Kind.EXISTS, message, path=places[changed[0]], hint=hint)
        unlike = sorted(other_times(times)) if desired.delete_archive else []
        if unlike:
            # It stays, and with the archive its other version would be gone.
            hint = "Set overwrite to true to replace it, or delete_archive to false; the archive was not removed"
            message = "this file is there with another time than in the archive"
            raise NasError(Kind.EXISTS, message, path=places[unlike[0]], hint=hint)
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
