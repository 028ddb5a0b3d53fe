# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps from the favorites that are there to those that shall be: pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Optional

from .._core import paths as _paths
from .._core.device import Favorite
from .._core.errors import Kind, NasError
from .._core.model import Entry
from .plan import Plan, Step


@dataclass(frozen=True)
class Desired:
    """The favorites of one task, by path: their names, or None to leave that open, and the places of new ones."""

    names: Mapping[str, Optional[str]]
    state: str = "present"
    exclusive: bool = False
    clear_broken: bool = False
    places: Mapping[str, int] = field(default_factory=dict)


def desired_favorites(desired: Desired, current: Sequence[Favorite]) -> list[Favorite]:
    """All favorites as they shall be, in order.

    :raises NasError: when two of them would have the same name.
    """
    if desired.state == "absent":
        after = [one for one in current if one.path not in desired.names]
    else:
        known = {one.path: one for one in current}
        mine = [
            replace(known[path], name=name or known[path].name)
            if path in known
            else Favorite(path, name or _paths.name(path))
            for path, name in desired.names.items()
        ]
        if desired.exclusive:
            after = mine
        else:
            changed = {one.path: one for one in mine}
            after = [changed.get(one.path, one) for one in current]
    if desired.clear_broken:
        after = [one for one in after if one.valid or one.path in desired.names]
    if desired.state == "present" and not desired.exclusive:
        for one in mine:
            if one.path not in known:
                after.insert(desired.places.get(one.path, len(after)), one)
    require_own_names(after)
    return after


def require_own_names(favorites: Sequence[Favorite]) -> None:
    """No two favorites have the same name."""
    owners: dict[str, str] = {}
    for one in favorites:
        other = owners.setdefault(one.name, one.path)
        if other != one.path:
            message = f"the favorite of {other!r} has the name {one.name!r}, too"
            raise NasError(Kind.EXISTS, message, path=one.path, hint="Give one of them another name")


@dataclass(frozen=True)
class FavoriteStep(Step):
    """A change of one favorite, by its path, or of all.

    :param name: the name that it gets.
    """

    name: str = ""


@dataclass(frozen=True)
class FavoritePlan(Plan):
    """The changes of favorites."""

    steps: tuple[FavoriteStep, ...] = ()


def plan_favorites(desired: Desired, current: Sequence[Favorite], after: Sequence[Favorite]) -> FavoritePlan:
    """The steps from the favorites that are there to those that shall be."""
    return FavoritePlan(tuple(_steps(desired, current, after)), _described(current), _described(after))


def _steps(desired: Desired, current: Sequence[Favorite], after: Sequence[Favorite]) -> list[FavoriteStep]:
    before = {one.path: one for one in current}
    then = {one.path: one for one in after}
    if desired.exclusive and after:
        # Their order counts, too.
        return [FavoriteStep("replace_all")] if _named(current) != _named(after) else []
    gone = [one for one in current if one.path not in then]
    steps = []
    if desired.clear_broken and any(not one.valid for one in gone):
        steps.append(FavoriteStep("clear_broken"))
        gone = [one for one in gone if one.valid]
    steps += [FavoriteStep("delete", one.path) for one in gone]
    edits = [one for one in after if one.path in before and before[one.path].name != one.name]
    taken = {path: one.name for path, one in before.items() if path in then}
    while edits:
        ready = next((one for one in edits if one.name not in taken.values()), None)
        if ready is None:
            # They pass their names round; only all at once is free of conflicts.
            return [FavoriteStep("replace_all")]
        steps.append(FavoriteStep("edit", ready.path, name=ready.name))
        taken[ready.path] = ready.name
        edits.remove(ready)
    # In the order of the task, as each finds those before it in their places.
    new = {one.path: one for one in after if one.path not in before}
    return steps + [FavoriteStep("add", path, name=new[path].name) for path in desired.names if path in new]


def _named(favorites: Sequence[Favorite]) -> list[tuple[str, str]]:
    return [(one.path, one.name) for one in favorites]


def _described(favorites: Sequence[Favorite]) -> dict[str, Any]:
    return {"favorites": [{"path": one.path, "name": one.name} for one in favorites]}


def differences(current: Sequence[Favorite], after: Sequence[Favorite]) -> dict[str, list[str]]:
    """What a result tells of the change."""
    before, then = dict(_named(current)), dict(_named(after))
    return {
        "added": [path for path in then if path not in before],
        "renamed": [path for path, name in then.items() if before.get(path, name) != name],
        "deleted": [path for path in before if path not in then],
    }


def require_folders(
    paths: Sequence[str], found: Mapping[str, Optional[Entry]], *, may_be_created_earlier: bool
) -> None:
    """What becomes a favorite must be a folder.

    :param may_be_created_earlier: check mode: an earlier task may make it.
    """
    for path in paths:
        entry = found[path]
        if entry is None and not may_be_created_earlier:
            hint = "Make it with nas_folder first"
            raise NasError(Kind.NOT_FOUND, "there is no such folder to be a favorite", path=path, hint=hint)
        if entry is not None and not entry.is_folder:
            hint = "Only folders can be favorites"
            raise NasError(Kind.WRONG_TYPE, "this is a file, not a folder", path=path, hint=hint)
