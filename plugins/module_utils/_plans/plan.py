# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task would do: the steps from what is there to what is desired.

A module's plan is a pure function of (desired, current); carrying it out is left to the module's `apply`, which check
mode never calls.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Optional, Union

from .._core import times as _times
from .._core.archives import ArchiveMember
from .._core.model import FILE, Entry


@dataclass(frozen=True)
class Step:
    """One thing to do. What is about something else than paths has a class of its own, with fields for that.

    :param do: what; each plan has its own words.
    :param path: what it is done to; empty for what has no path.
    :param to: the path that it brings it to, where there is one.
    """

    do: str
    path: str = ""
    to: Optional[str] = None


@dataclass(frozen=True)
class Plan:
    """The steps, and the state before and after them as a user reads it in a diff."""

    steps: tuple[Step, ...] = ()
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)

    @property
    def changed(self) -> bool:
        """Whether there is anything to do."""
        return bool(self.steps)

    def paths(self, do: str) -> list[str]:
        """The paths of all steps of a kind, in order."""
        return [step.path for step in self.steps if step.do == do]

    def has(self, do: str) -> bool:
        """Whether there is a step of a kind."""
        return any(step.do == do for step in self.steps)


def facts(entry: Union[Entry, ArchiveMember, None]) -> dict[str, Any]:
    """What a diff tells of a file or folder that may be there."""
    if entry is None:
        return {"state": "absent"}
    return (
        {"state": "present", "size": entry.size, "mtime": _times.iso(entry.mtime)}
        if entry.type == FILE
        else {"state": "present"}
    )
