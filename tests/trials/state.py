# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is there: on a device, on this machine, and in what a device tells; and what may have become of it."""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional

from tests.trials.cells import BIN

Tree = Mapping[str, str]  # what is at a path, in short
Rows = Mapping[str, list[dict[str, Any]]]  # what a device tells, by what it is about
OURS = ".nasops-"
LOCAL = "local:"
FOLDER = "a folder"
_BACKUP = re.compile(r"\.\d{4}-?\d\d-?\d\d[-\d:T@_.+Z]*(?:\.\d+)?~$")
# The rest is what a device chooses by itself, or what passes with time.
_KEPT = (
    *("path", "name", "expires", "has_password", "kind", "state"),
    *("description", "email", "disabled", "groups", "members", "built_in"),
    *("volume", "hidden", "recycle_bin", "recycle_bin_admin_only", "quota", "encrypted", "permissions"),
)


def short(data: Optional[bytes]) -> str:
    """What tells content from other content, the same for two archives of the same members."""
    if data is None:
        return FOLDER
    if data[:2] == b"PK":
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                members = sorted((one.filename, f"{one.CRC:08x}") for one in archive.infolist())
            return f"a zip of {members}"
        except (zipfile.BadZipFile, ValueError):
            return f"a broken zip of {len(data)} bytes"
    if data.startswith(b"-----BEGIN") and data.rstrip().endswith(b"-----"):
        return data.splitlines()[0].decode("ascii", "replace")
    if len(data) <= 24:
        return repr(data)
    return f"{data[:18]!r}... {len(data)} bytes, {hashlib.md5(data).hexdigest()[:8]}"


def of_device(tree: Mapping[str, Optional[bytes]]) -> dict[str, str]:
    """What is on a device, a backup without the time in its name."""
    return without_times({path: short(data) for path, data in tree.items()})


def without_times(tree: Tree) -> dict[str, str]:
    """The same, a backup without the time in its name."""
    return {_BACKUP.sub(".TIME~", path): data for path, data in tree.items()}


def of_disk(root: Path, prefix: str = "") -> dict[str, str]:
    """The same of a folder on this machine."""
    found = sorted(root.rglob("*"))
    return {f"{prefix}/{path.relative_to(root)}": short(None if path.is_dir() else path.read_bytes()) for path in found}


def reported(facts: Mapping[str, Iterable[Mapping[str, Any]]]) -> list[str]:
    """What a device tells of its links, accounts or tasks, as far as a task can wish it.

    :param facts: rows by the subset of nas_info.
    """
    return sorted(
        json.dumps({"of": subset, **{key: row[key] for key in _KEPT if key in row}})
        for subset, rows in facts.items()
        for row in rows
    )


def _by_name(rows: Iterable[str]) -> dict[str, list[dict[str, Any]]]:
    """What a device tells, by what it is about."""
    found: dict[str, list[dict[str, Any]]] = {}
    for row in map(json.loads, rows):
        found.setdefault(f"{row['of']} {row.get('path') or row.get('name')}", []).append(row)
    return found


def is_ours(path: str) -> bool:
    return any(part.startswith(OURS) for part in path.split("/"))


def is_binned(path: str) -> bool:
    return any(part in BIN.values() for part in path.split("/"))


@dataclass(frozen=True)
class State:
    """Everything at one moment.

    :param bins: whether the names in recycle bins count.
    """

    tree: Tree
    reported: tuple[str, ...] = ()
    bins: bool = False

    @property
    def visible(self) -> dict[str, str]:
        """What a user sees."""
        return {
            path: data for path, data in self.tree.items() if not is_ours(path) and (self.bins or not is_binned(path))
        }

    @property
    def reachable(self) -> set[str]:
        """The contents that a user finds, those in recycle bins among them."""
        return {data for path, data in self.tree.items() if not is_ours(path) and data != FOLDER}

    @property
    def leftovers(self) -> list[str]:
        """What is ours."""
        return sorted(path for path in self.tree if is_ours(path) and not is_binned(path))


def losses(old: State, new: State, now: State, hidden: bool = False) -> Iterator[str]:
    """What must not be, however a task ended.

    :param hidden: whether it is enough that content is there under a name of ours, for the next run to put right.
    """
    before, after, there = old.visible, new.visible, now.visible
    for path in sorted({*before, *after, *there}):
        if path not in there and hidden and before[path] in now.tree.values():
            continue
        if there.get(path) not in (before.get(path), after.get(path)):
            was = before.get(path, "nothing"), after.get(path, "nothing")
            word = "lost" if path not in there else "spoilt" if path in before else "stray"
            yield f"{word}: {path} is {there.get(path, 'nothing')}, not {was[0]} (old) or {was[1]} (new)"
    for data in sorted((old.reachable & new.reachable) - now.reachable):
        if hidden and data in now.tree.values():
            continue
        where = [path for path, found in now.tree.items() if found == data]
        yield f"lost: {data} is nowhere{f' but in {where}' if where else ''}"
    yield from _reported_losses(_by_name(old.reported), _by_name(new.reported), _by_name(now.reported))


def _reported_losses(old: Rows, new: Rows, now: Rows) -> Iterator[str]:
    """The same of what a device tells. A new one may be half made; of an old one each value is the old or the new."""
    for name in sorted({*old, *new, *now}):
        if name not in now:
            if name in old and name in new:
                yield f"lost: the device tells no more of {name}"
        elif name not in old and name not in new:
            yield f"stray: the device tells of {name}"
        elif name in old and len(now[name]) == len(old[name]) == 1 and len(new.get(name, now[name])) == 1:
            (was,), (then,), (there,) = old[name], new.get(name, old[name]), now[name]
            for key in there:
                if not _is_between(was.get(key), then.get(key), there[key]):
                    yield f"spoilt: {name}: {key} is {there[key]}, not {was.get(key)} (old) or {then.get(key)} (new)"


def _is_between(old: Any, new: Any, now: Any) -> bool:
    """Whether a value is the old or the new one; a list has what both have, and nothing that neither has."""
    if not (isinstance(old, list) and isinstance(new, list) and isinstance(now, list)):
        return now in (old, new)
    return all(one in now for one in old if one in new) and all(one in old or one in new for one in now)


def differences(new: State, now: State) -> Iterator[str]:
    """How it is not as it shall be at the end."""
    after, there = new.visible, now.visible
    for path in sorted({*after, *there}):
        if there.get(path) != after.get(path):
            yield f"{path} is {there.get(path, 'nothing')}, not {after.get(path, 'nothing')}"
    for data in sorted(new.reachable - now.reachable):
        yield f"lost: {data} is nowhere"
    if new.reported != now.reported:
        yield f"the device tells {', '.join(now.reported)}; not {', '.join(new.reported)}"
