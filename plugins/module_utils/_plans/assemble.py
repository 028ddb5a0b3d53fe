# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps that make one file out of several, and remove those: pure functions."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Optional

from .._core import paths as _paths
from .._core.errors import Kind, NasError
from .._core.model import Entry
from .plan import Plan, Step, facts
from .preconditions import missing_above

FIRST = "001"


@dataclass(frozen=True)
class Desired:
    """What shall be made of what."""

    src: tuple[str, ...]
    dest: str
    multi_volumes: bool = False
    checksum: Optional[tuple[str, str]] = None  # algorithm, hex digits
    delete_sources: bool = False
    parents: bool = False
    append: bool = False
    may_be_created_earlier: bool = False  # check mode: an earlier task may make the parts, or the folder above


@dataclass(frozen=True)
class Current:
    """What is there.

    :param order: the parts, as `volumes` finds them where only the first is named.
    :param parts: what is at each of them.
    :param target: what is at `dest`.
    :param proved: whether that has the desired checksum; None when none is desired or nothing is there.
    :param above: what is at each folder above `dest`, when nothing is at `dest`.
    :param leftovers: what an interrupted run left beside `dest`.
    :param recorded: whether such a run wrote down that the file at `dest` is whole, made of these very parts among
        others, and then started to remove them.
    """

    order: tuple[str, ...]
    parts: Mapping[str, Optional[Entry]]
    target: Optional[Entry] = None
    proved: Optional[bool] = None
    above: Mapping[str, Optional[Entry]] = field(default_factory=dict)
    leftovers: tuple[str, ...] = ()
    recorded: bool = False

    @property
    def missing(self) -> list[str]:
        """The parts that are not there."""
        return [path for path in self.order if self.parts[path] is None]

    @property
    def size(self) -> int:
        """Bytes of all parts that are there, together."""
        entries = [self.parts[path] for path in self.order]
        return sum(entry.size or 0 for entry in entries if entry is not None)


def plan_assemble(desired: Desired, current: Current) -> Plan:
    """The steps that make the file, and remove its parts if they shall be.

    :raises NasError: for a folder where a file is desired, a part that is not there, a missing folder above.
    """
    for entry in (current.target, *current.parts.values()):
        if entry is not None and entry.is_folder:
            hint = "Name files only, as parts and as dest"
            raise NasError(Kind.WRONG_TYPE, "this is a folder, not a file", path=entry.path, hint=hint)
    there = [path for path in _paths.unique(current.order) if current.parts[path] is not None]
    steps: list[Step] = []
    if not right(desired, current):
        if current.missing and not desired.may_be_created_earlier:
            hint = "Check the option src; with checksum, a file that is there already needs no parts"
            raise NasError(Kind.NOT_FOUND, "there is no such part", path=current.missing[0], hint=hint)
        above = []
        if current.target is None:
            above = missing_above(
                desired.dest,
                current.above,
                parents=desired.parents,
                may_be_created_earlier=desired.may_be_created_earlier,
            )
        steps = [Step("create_folder", folder) for folder in above]
        steps.append(Step("assemble", desired.dest))
    elif (
        desired.delete_sources and not current.missing and current.target and not fits(desired, current, current.target)
    ):
        message = f"the parts have {current.size} bytes together, the file with the wanted checksum has another size"
        raise NasError(Kind.MISMATCH, message, path=desired.dest, hint="Nothing was removed. Check the option src")
    if desired.delete_sources:
        # In check mode all parts will be there, once they are made.
        made = any(step.do == "assemble" for step in steps)
        steps += [Step("delete", path) for path in (_paths.unique(current.order) if made else there)]
    steps += [Step("clean", path) for path in current.leftovers]
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for step in steps:
        before[step.path] = {"state": "absent" if step.do == "create_folder" else "present"}
        after[step.path] = {"state": "present" if step.do == "create_folder" else "absent"}
        if step.do == "assemble":
            old = current.target
            before[step.path] = facts(old)
            sources = (desired.dest, *current.order) if desired.append and old is not None else current.order
            after[step.path] = {"state": "present", "content": f"that of {', '.join(sources)}"}
    return Plan(tuple(steps), {"paths": before}, {"paths": after})


def fits(desired: Desired, current: Current, made: Entry) -> bool:
    """Whether a file can hold all parts, by its size."""
    size = made.size or 0
    return current.size <= size if desired.append else current.size == size


def whole_size(desired: Desired, current: Current) -> int:
    """How many bytes the file has when it is made of what is there."""
    old = current.target.size or 0 if desired.append and current.target is not None else 0
    return old + current.size


def right(desired: Desired, current: Current) -> bool:
    """Whether the file is what is desired."""
    if current.target is None:
        return False
    if desired.checksum is not None:
        return current.proved is True
    if desired.delete_sources:
        return current.recorded or len(current.missing) == len(current.order)
    made = current.target.mtime or 0
    newer = [path for path, entry in current.parts.items() if entry is not None and (entry.mtime or 0) > made]
    return not current.missing and current.target.size == current.size and not newer


def volumes(first: str, names: Sequence[str]) -> list[str]:
    """The volumes in order: those that are there, and the first that is missing among them; at least the first of all.

    :param names: all that lies in the folder of the first.
    """
    stem = _paths.name(first)[: -len(FIRST)]
    pattern = re.compile(re.escape(stem) + r"([0-9]{3}|[1-9][0-9]{3,})", re.ASCII)
    numbers = {int(match[1]) for match in map(pattern.fullmatch, names) if match} - {0}
    free = next(number for number in itertools.count(1) if number not in numbers)
    if free == 1 or free < max(numbers):
        numbers.add(free)
    return [_paths.join(_paths.parent(first), f"{stem}{number:03}") for number in sorted(numbers)]
