# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes the favorites, and sees whether it came true."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional

from .._api import lost_answers
from .._api.capabilities.favorites import Favorites
from .._core.device import Favorite
from .._core.errors import Kind, NasError
from .._plans.favorites import Desired, FavoritePlan, FavoriteStep, _named


def apply(favorites: Favorites, plan: FavoritePlan, desired: Desired, after: Sequence[Favorite]) -> list[Favorite]:
    """Carry the plan out, and return what is there then.

    :raises NasError: `MISMATCH` when that is not what is desired.
    """
    count = len(after) - sum(step.do == "add" for step in plan.steps)
    for step in plan.steps:
        place = desired.places.get(step.path, count) if step.do == "add" else count
        carry_out(favorites, step, after, place if place < count else None)
        count += step.do == "add"
    there = favorites.list()
    missed = dict(_named(there)).items() ^ dict(_named(after)).items()
    if desired.places and not missed and _named(there) != _named(after):
        missed = set(_named(there))  # places count for what was added
    if missed:
        path, name = sorted(missed)[0]
        message = f"the device reported success, but the favorites are others than asked for, such as {name!r}"
        raise NasError(Kind.MISMATCH, message, path=path)
    return there


def carry_out(favorites: Favorites, step: FavoriteStep, after: Sequence[Favorite], place: Optional[int]) -> None:
    """One step.

    :param place: of a new favorite; None for the end.
    """

    def act() -> None:
        if step.do == "replace_all":
            favorites.replace_all(after)
        elif step.do == "clear_broken":
            favorites.clear_broken()
        elif step.do == "delete":
            favorites.delete(step.path)
        elif step.do == "edit":
            favorites.edit(step.path, step.name)
        else:
            favorites.add(step.path, step.name, place)

    lost_answers.done(act, lambda: is_done(favorites.list(), step, after))


def is_done(there: Sequence[Favorite], step: FavoriteStep, after: Sequence[Favorite]) -> bool:
    """Whether a step shows in the favorites."""
    names = dict(_named(there))
    if step.do == "replace_all":
        return _named(there) == _named(after)
    if step.do == "clear_broken":
        return all(one.valid for one in there)
    return step.path not in names if step.do == "delete" else names.get(step.path) == step.name
