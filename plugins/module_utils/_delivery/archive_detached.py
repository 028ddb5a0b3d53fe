# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Packs and unpacks without waiting: one task of the device that does all, straight at its place, and harms nothing.

Where more has to be done when the task is over (names, records, removals), it is refused before anything is written.
"""

from __future__ import annotations

from .._api.capabilities.archives import Archives
from .._api.client import Client
from .._core import paths as _paths
from .._core.archives import Unpacking
from .._core.model import FILE, Job
from .._core.waiting import Watch, start_detached, wait_required
from .._plans.archive import Current, Desired
from .._plans.plan import Plan
from . import atomic
from .archive import parts, placed


def require_one_step(desired: Desired, archives: Archives) -> None:
    """Refuse what needs more than one step whatever is there. Makes no call.

    :raises NasError: `USAGE`.
    """
    why = ""
    if desired.state == "present":
        if not archives.features.list:
            why = "this NAS cannot list archives, so what a new one holds is noted down when it is whole"
        elif not archives.in_one_job(desired.sources, desired.path, desired.packing):
            why = "this NAS makes such an archive elsewhere or in parts, and brings it to its place afterwards"
    elif desired.delete_archive:
        why = "with delete_archive the archive is removed when its content is at its place"
    elif not desired.keep_folders:
        why = "with keep_folders false the files are moved out of their folders afterwards"
    elif desired.members is not None and not archives.features.extract_members:
        why = "this NAS unpacks all, and the members are moved to their place afterwards"
    if why:
        raise wait_required(why, desired.path)


def require_one_job(nas: Client, desired: Desired, plan: Plan, current: Current) -> None:
    """The same for all that is planned.

    :raises NasError: `USAGE`.
    """
    if not plan.changed:
        return
    if current.leftovers:
        raise wait_required("an interrupted run left something there that has to be put in order", current.leftovers[0])
    if current.archive is None:
        return  # a new one, or in check mode one that an earlier task must make
    if desired.state == "present":
        raise wait_required("the archive that is there stays until the new one is whole", desired.path)
    if current.held is None:
        why = "nobody knows what the archive holds, so it is unpacked aside, and that is noted down afterwards"
        raise wait_required(why, desired.path)
    late = placed(plan)
    for place in late.values():
        if current.there[place] is not None:
            raise wait_required("a file that is there stays until the one in its place is whole", place)
    files = sum(member.type == FILE for member in current.held.values())
    whole = desired.members is None and len(late) == files
    if late and not whole and parts(nas, desired, plan, current) is None:
        why = "a part of the content is to be unpacked, for which the NAS unpacks all, and the part is moved afterwards"
        raise wait_required(why, desired.path)


def start(nas: Client, desired: Desired, plan: Plan, current: Current, watch: Watch) -> list[Job]:
    """Carry out a plan that `require_one_job` lets pass. The task of the device that goes on, if there is one."""
    planned = plan.paths("create_folder")
    folders = [path for path in planned if path not in current.there] + hollow(plan, current)
    if folders:
        atomic.make_folders(nas.files, folders)
    if plan.has("compress"):
        return start_detached(
            lambda one: nas.archives.compress(desired.sources, desired.path, desired.packing, watch=one), watch
        )
    if not plan.has("extract"):
        return []
    unpacking = Unpacking(
        password=desired.password, codepage=desired.codepage, members=parts(nas, desired, plan, current)
    )
    return start_detached(lambda one: nas.archives.extract(desired.path, desired.dest, unpacking, watch=one), watch)


def hollow(plan: Plan, current: Current) -> list[str]:
    """The folders of the content that hold none of its files, with those above: they may not come out by themselves."""
    missing = [path for path in plan.paths("create_folder") if path in current.there]
    filled = {folder for place in placed(plan).values() for folder in _paths.ancestors(place)}
    empty = [path for path in missing if path not in filled]
    needed = {folder for path in empty for folder in [*_paths.ancestors(path), path]}
    return [path for path in missing if path in needed]
