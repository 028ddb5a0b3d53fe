# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps that mend the files of a par2 set: pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Optional

from .._core.errors import Kind, NasError
from .plan import Plan, Step

WHOLE = "whole"
DAMAGED = "damaged"
MISSING = "missing"


@dataclass(frozen=True)
class Desired:
    """Which set's files shall be whole."""

    path: str
    delete_archive: bool = False
    may_be_created_earlier: bool = False  # check mode: an earlier task may make the par2 file


@dataclass(frozen=True)
class Current:
    """What is there.

    :param states: of each file that the set protects, WHOLE, DAMAGED or MISSING; None when the par2 file is not there.
    :param archive: the par2 files of the set that are there, when they shall be removed.
    """

    states: Optional[Mapping[str, str]] = None
    archive: Sequence[str] = ()


def plan_repair(desired: Desired, current: Current) -> Plan:
    """The steps that mend the files, and remove the par2 files if they shall be.

    :raises NasError: for a par2 file that is not there.
    """
    if current.states is None:
        if desired.delete_archive:
            return Plan()
        if not desired.may_be_created_earlier:
            raise NasError(
                Kind.NOT_FOUND, "there is no such par2 file", path=desired.path, hint="Check the option path"
            )
        steps = [Step("repair", desired.path)]
    else:
        steps = [Step("repair", path) for path, state in current.states.items() if state != WHOLE]
    states = current.states or {}
    before = {step.path: {"state": states.get(step.path, "unknown")} for step in steps}
    after = {step.path: {"state": WHOLE} for step in steps}
    if desired.delete_archive:
        steps += [Step("delete", path) for path in current.archive]
        before.update({path: {"state": "present"} for path in current.archive})
        after.update({path: {"state": "absent"} for path in current.archive})
    return Plan(tuple(steps), {"files": before}, {"files": after})
