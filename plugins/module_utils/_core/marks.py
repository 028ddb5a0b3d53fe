# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where this collection keeps what is not at its place yet, or no longer: hidden paths beside the one it works on.

They are made from that path, so that the next run finds what an interrupted one left.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Optional, TypeVar

from . import paths as _paths
from .names import OURS, beside, is_ours, telling

T = TypeVar("T")

PROOF, PROBE, MOVE, COPY, OLD, RECORD = "name", "probe", "move", "copy", "old", "joined"


def staging_path(path: str) -> str:
    """Where the new content is until it is whole."""
    return beside(path, "part")


def backup_path(path: str) -> str:
    """Where the old content is until the new one has its name. A recycle bin may keep it, and its name tells whose."""
    return telling(path, OLD)


def backup_paths(path: str) -> tuple[str, str]:
    """Where an interrupted run may have left the old content: this version's place, and that of earlier ones."""
    return backup_path(path), beside(path, OLD)


def found_backup(path: str, found: Mapping[str, Optional[T]]) -> Optional[T]:
    """The old content that an interrupted run left, in what was found at the `backup_paths` of a path."""
    return next((entry for one in backup_paths(path) if (entry := found.get(one)) is not None), None)


def owner_of_backup(path: str) -> Optional[str]:
    """Whose old content is at a path: what `backup_path` made it from. None where the name does not tell."""
    name = _paths.name(path).partition(f".{OLD}.")[2]
    owner = _paths.join(_paths.parent(path), name)
    return owner if name and backup_path(owner) == path else None


def is_useless(path: str) -> bool:
    """Whether nobody can want what an interrupted run has left there: a part of a file, or a trial of a name."""
    return is_ours(path) and path.endswith((".part", f".{PROOF}"))


def proof_folder(path: str) -> str:
    """The folder in which a device shows that it gives the name of `path`."""
    return beside(path, PROOF)


def record_folder(path: str) -> str:
    """The folder whose empty folders tell, by their names, which files the one at `path` was verified to hold."""
    return beside(path, RECORD)


def holds_nothing(path: str) -> bool:
    """Whether it is one of our folders that hold nothing but empty ones, so that nobody can want it back."""
    return is_ours(path) and path.endswith((f".{PROOF}", f".{RECORD}"))


def copy_folder(path: str) -> str:
    """The staging folder of what is copied to `path`. What it holds can always be thrown away."""
    return beside(path, COPY)


def move_folder(path: str) -> str:
    """The staging folder of what is moved to `path`. It may hold what is nowhere else."""
    return beside(path, MOVE)


def probe_path(path: str) -> str:
    """What is at `path` has this name for a moment, to see whether something else goes away with it."""
    return beside(path, PROBE)


def keep_folder(path: str) -> str:
    """The folder that holds, as the name of a folder, the name under which something comes back beside `path`.

    It is there from before the entry gets that name in the recycle bin until it is back, so that the next run finds it.
    """
    return beside(path, "keep")


def replacing_mark(folder: str) -> str:
    """The empty folder that is in `folder` while files below it are replaced.

    Where it is, something of an interrupted run may lie beside files at which nothing else shows that.
    """
    return _paths.join(folder, f"{OURS}replacing")


def note_path(folder: str) -> str:
    """The note of a folder that is kept equal to another one, in that folder."""
    return _paths.join(folder, f"{OURS}sync")
