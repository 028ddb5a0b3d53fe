# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What makes a folder equal to another one on the other side: pure, from what is in both of them.

Everything is named by its path below the two folders, such as `a/b.txt`. The source decides; one of the two sides is
the NAS, the other one is the machine where the task runs, `here`.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Optional

from .._core import times as _times
from .._core.errors import Kind, NasError, usage
from .._core.model import FILE, FOLDER

LINK = "link"
PUSH, PULL = "push", "pull"
MTIME, CHECKSUM = "mtime", "checksum"

SHOWN = 100
"""Paths at most that a diff lists."""


@dataclass(frozen=True)
class Item:
    """What has a name on one of the sides.

    :param type: FILE, FOLDER or LINK.
    :param size: bytes of a file.
    :param mtime: whole seconds; None where the device tells none.
    """

    type: str
    size: Optional[int] = None
    mtime: Optional[int] = None


Tree = Mapping[str, Item]
"""What there is, by its path below the top; folders come before what they hold."""


@dataclass(frozen=True)
class Record:
    """What the note says of a file that was equal on both sides.

    :param size: bytes, on both.
    :param here: when it was modified where the task runs.
    :param there: when it was modified on the NAS.
    """

    size: int
    here: int
    there: int


Records = Mapping[str, Record]
NO_RECORDS: Records = MappingProxyType({})


@dataclass(frozen=True)
class Rules:
    """What the task wants.

    :param mode: PUSH or PULL.
    :param compare: MTIME or CHECKSUM.
    :param keeps_times: whether the destination gives a file the modification time of its source.
    :param delete: whether what is not in the source goes.
    :param max_delete: how much may go; None for any number.
    """

    mode: str = PUSH
    compare: str = MTIME
    keeps_times: bool = True
    delete: bool = False
    max_delete: Optional[int] = None


@dataclass(frozen=True)
class SyncPlan:
    """What is to be done, in the order in which it is.

    :param folders: that are made.
    :param create: files that are not there yet.
    :param update: files that get another content.
    :param delete: everything that goes, files and folders.
    :param remove: of these, what goes with all that it holds.
    :param unchanged: files and folders that stay as they are.
    """

    folders: tuple[str, ...] = ()
    create: tuple[str, ...] = ()
    update: tuple[str, ...] = ()
    delete: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether there is anything to do."""
        return bool(self.folders or self.create or self.update or self.delete)


@dataclass
class Outcome:
    """What was done, or in check mode would be."""

    created: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    failed: dict[str, NasError] = field(default_factory=dict)


def is_same(item: Item, other: Item, record: Optional[Record], rules: Rules) -> Optional[bool]:
    """Whether a file of the source is equal to the one of the destination; None when only their bytes can tell.

    :param record: what the note says of it, where the NAS cannot keep times.
    """
    if item.size != other.size:
        return False
    if item.size == 0 and (rules.compare == CHECKSUM or not rules.keeps_times):
        return True
    if rules.compare == CHECKSUM or item.mtime is None or other.mtime is None:
        return None
    if item.mtime == other.mtime and (rules.keeps_times or rules.mode == PULL):
        return True
    here, there = (item, other) if rules.mode == PUSH else (other, item)
    known = record is not None and (record.size, record.there) == (there.size, there.mtime)
    if known and record is not None and record.here == here.mtime:
        return True
    # What was put there by another hand may have the same bytes, and need not travel.
    return False if known or rules.keeps_times or rules.mode == PULL else None


def undecided(source: Tree, dest: Tree, records: Records, rules: Rules) -> list[str]:
    """The files that are on both sides and must be read to be compared."""
    return [
        path
        for path, item in source.items()
        if item.type == FILE
        and (other := dest.get(path)) is not None
        and other.type == FILE
        and is_same(item, other, records.get(path), rules) is None
    ]


def plan_sync(
    source: Tree,
    dest: Tree,
    rules: Rules,
    *,
    records: Records = NO_RECORDS,
    same: Container[str] = (),
    named: Collection[str] = (),
    kept_in: Collection[str] = (),
) -> SyncPlan:
    """The plan.

    :param dest: without what is excluded and what belongs to the device.
    :param same: of the `undecided` files those that have the same bytes.
    :param named: paths that are in the source though they are not sent, such as links: they are not deleted.
    :param kept_in: folders of the destination that hold something that is not in `dest` and has to stay.
    :raises NasError: `WRONG_TYPE` for a file where a folder is to be, and the like; `USAGE` for too much to delete.
    """
    folders: list[str] = []
    create: list[str] = []
    update: list[str] = []
    unchanged: list[str] = []
    for path, item in source.items():
        other = dest.get(path)
        if other is not None and other.type != item.type:
            message = f"there is a {other.type} at the destination where the source has a {item.type}"
            hint = "Remove it, or exclude it by its path"
            raise NasError(Kind.WRONG_TYPE, message, path=path, hint=hint)
        if other is None:
            (folders if item.type == FOLDER else create).append(path)
        elif item.type == FOLDER:
            unchanged.append(path)
        else:
            equal = is_same(item, other, records.get(path), rules)
            (unchanged if equal or (equal is None and path in same) else update).append(path)
    doomed = _doomed(source, dest, named, kept_in) if rules.delete else []
    if rules.max_delete is not None and len(doomed) > rules.max_delete:
        raise usage(
            f"{len(doomed)} files and folders of the destination are not in the source, and max_delete is "
            f"{rules.max_delete}: nothing was sent or deleted",
            hint="Check src and dest; if all of that may go, raise max_delete",
        )
    gone = frozenset(doomed)
    remove = tuple(path for path in doomed if parent(path) not in gone)
    return SyncPlan(tuple(folders), tuple(create), tuple(update), tuple(doomed), remove, tuple(unchanged))


def _doomed(source: Tree, dest: Tree, named: Collection[str], kept_in: Iterable[str]) -> list[str]:
    """What is not in the source; a folder only when nothing in it has to stay."""
    staying = {folder for kept in kept_in for folder in (kept, *above(kept))}
    doomed = []
    for path, item in dest.items():
        # Nobody has looked into what is named only.
        if path in source or path in named or (named and any(folder in named for folder in above(path))):
            staying.update(above(path))
        elif not (item.type == FOLDER and path in staying):
            doomed.append(path)
    return [path for path in doomed if path not in staying]


def parent(path: str) -> str:
    """The folder that a path below the top lies in, "" for the top."""
    return path.rpartition("/")[0]


def above(path: str) -> list[str]:
    """The folders that a path below the top lies in, without the top."""
    parts = path.split("/")
    return ["/".join(parts[:end]) for end in range(1, len(parts))]


def below(folder: str, name: str) -> str:
    """The path of what lies in a folder below the top, or in the top itself."""
    return f"{folder}/{name}" if folder else name


def one_name(paths: Iterable[str]) -> Optional[tuple[str, str]]:
    """Two paths that a device may take for one: they differ in capitals, or in how letters are composed."""
    seen: dict[str, str] = {}
    for path in paths:
        folded = unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())
        if folded in seen:
            return seen[folded], path
        seen[folded] = path
    return None


def outcome_of(plan: SyncPlan) -> Outcome:
    """What a run would do."""
    return Outcome([*plan.folders, *plan.create], [*plan.update], [*plan.delete])


def described(plan: SyncPlan, source: Tree, dest: Tree) -> tuple[dict[str, Any], dict[str, Any]]:
    """What a diff tells before and after: each path that changes, a number instead of those after the first hundred."""
    touched = [*plan.folders, *plan.create, *plan.update, *plan.delete]
    gone = frozenset(plan.delete)
    sides: list[dict[str, Any]] = []
    for side in (dest, {path: item for path, item in source.items() if path not in gone}):
        entries: dict[str, Any] = {path: _state(side.get(path)) for path in touched[:SHOWN]}
        values: dict[str, Any] = {"entries": entries}
        if len(touched) > SHOWN:
            values["and_more"] = len(touched) - SHOWN
        sides.append(values)
    before, after = sides
    if touched:
        after["created"], after["updated"] = len(plan.folders) + len(plan.create), len(plan.update)
        after["deleted"] = len(plan.delete)
    return before, after


def _state(item: Optional[Item]) -> Any:
    if item is None:
        return "absent"
    return {"size": item.size, "mtime": _times.iso(item.mtime)} if item.type == FILE else item.type


def write_note(records: Records) -> bytes:
    """The note that keeps the sizes and times of both sides where the NAS keeps none. It proves that it is whole."""
    files = {path: [one.size, one.here, one.there] for path, one in sorted(records.items())}
    body = json.dumps(files, separators=(",", ":")).encode("ascii")
    return b"%s\n%s\n" % (_digest(body), body)


def read_note(data: bytes) -> dict[str, Record]:
    """The records in a note; none in one that is not whole, and then files are compared by their bytes."""
    digest, _newline, body = data.partition(b"\n")
    body = body.rstrip(b"\n")
    if digest != _digest(body):
        return {}
    try:
        return {path: Record(*map(int, one)) for path, one in json.loads(body).items()}
    except (ValueError, TypeError, AttributeError):
        return {}


def _digest(body: bytes) -> bytes:
    return hashlib.sha256(body).hexdigest().encode("ascii")


def batches(paths: Sequence[str], sizes: Mapping[str, int], *, files: int, amount: int) -> list[list[str]]:
    """The files in portions that one connection transfers one after the other.

    :param files: at most so many in one.
    :param amount: bytes after which a portion is full.
    """
    found: list[list[str]] = []
    held = amount
    for path in paths:
        if held >= amount or len(found[-1]) >= files:
            found.append([])
            held = 0
        found[-1].append(path)
        held += sizes[path]
    return found
