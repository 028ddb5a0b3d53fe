# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps that give a file the desired content and times, or remove it: pure functions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Optional

from .._core.errors import Kind, NasError
from .._core.model import Entry
from .._core.sources import Source
from .plan import Plan, Step
from .preconditions import missing_above


@dataclass(frozen=True)
class Desired:
    """The file of one task."""

    path: str
    state: str = "present"
    source: Optional[Source] = None
    force: bool = True
    backup: bool = False
    parents: bool = False
    may_be_created_earlier: bool = False  # check mode: an earlier task may make the folder above
    mtime: Optional[int] = None
    times: Mapping[str, int] = field(default_factory=dict)  # crtime and atime in seconds, where they are desired
    by_time: bool = False  # whether a file of the same size and modification time has the same content
    always: bool = False  # touch without a time of the user's own: now, every time


@dataclass(frozen=True)
class Current:
    """What is there.

    :param entry: what is at the path.
    :param above: what is at each folder above; only known when the path is empty.
    :param same: whether the file has the desired content; None when that does not matter.
    :param leftovers: what an interrupted run left beside it.
    :param aside: where a run that was interrupted has put the old content aside, before the new one had its name; the
        file of `entry` is that one then.
    """

    entry: Optional[Entry] = None
    above: Mapping[str, Optional[Entry]] = field(default_factory=dict)
    same: Optional[bool] = None
    leftovers: tuple[str, ...] = ()
    aside: Optional[str] = None

    @property
    def crtime(self) -> Optional[int]:
        """The time of creation of what is there, in seconds, if the device tells."""
        return self.entry.crtime if self.entry is not None else None


def plan_file(desired: Desired, current: Current, sets_mtime: bool) -> Plan:
    """The steps from what is there to what is desired.

    :param sets_mtime: whether the device can change the time of a file that is there.
    :raises NasError: for a folder in the way, a share or folder above that is not there.
    """
    entry = current.entry
    if entry is not None and (entry.is_tree or (entry.is_folder and desired.state != "absent")):
        hint = "Choose another path, or remove the folder with nas_folder"
        raise NasError(Kind.WRONG_TYPE, "a folder is where a file is wanted", path=desired.path, hint=hint)
    steps = []
    if desired.state == "absent":
        steps = [Step("delete", desired.path)] if entry is not None else []
    elif entry is None:
        missing = missing_above(
            desired.path, current.above, parents=desired.parents, may_be_created_earlier=desired.may_be_created_earlier
        )
        steps = [Step("create_folder", path) for path in missing]
        steps.append(Step("upload", desired.path))
    else:
        late = desired.always or (desired.mtime is not None and entry.mtime != desired.mtime)
        born = desired.times.get("crtime", current.crtime) != current.crtime
        # Where nobody asked whether the content is the desired one, it stays whatever its times become.
        if current.same is False or (current.same and (born or (late and not sets_mtime))):
            steps = [Step("upload", desired.path)]
        elif born:
            steps = [Step("rewrite", desired.path)]
        elif late:
            steps = [Step("set_mtime" if sets_mtime else "rewrite", desired.path)]
        if current.aside is not None:
            # Nothing has the name; the content that had it gets it back before anything else.
            steps.insert(0, Step("restore", current.aside, desired.path))
    steps += [Step("clean", path) for path in current.leftovers]
    return Plan(tuple(steps))
