# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Unpacks an archive in a hidden folder of our own, and moves what is whole from there to its place.

A device unpacks straight into the files that are there: a damaged archive, a wrong password or a full disk would leave
them in pieces. So nothing is written over before its replacement is there, as large as it has to be. What an
interrupted run left is one folder, which the next run finds by its name and removes.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Optional

from .._api import lost_answers
from .._api.capabilities.jobs import Jobs
from .._api.client import Client
from .._core import names as _names
from .._core import paths as _paths
from .._core.archives import Unpacking
from .._core.errors import Kind, NasError
from .._core.model import FILE, FINISHED
from .._core.waiting import Watch
from .._plans.archive_contents import Tree, folders_above, other_size, tree
from . import atomic, copy
from .archive_record import below


def staging(archive: str, dest: str) -> str:
    """Where an archive is unpacked first, on its way to the folder `dest`."""
    return _names.beside(_paths.join(dest, _paths.name(archive)), "unpacked")


class Stage:
    """One archive on its way into the folder `dest`, which exists.

    :param client: of the NAS.
    """

    def __init__(self, client: Client, archive: str, dest: str, watch: Watch) -> None:
        self._client = client
        self._archive = archive
        self._folder = staging(archive, dest)
        self._watch = watch

    def unpack(self, unpacking: Unpacking, expected: Optional[Tree]) -> Tree:
        """Unpack, and tell what came out.

        :param expected: what has to come out; None when nobody knows.
        :raises NasError: see `Archives.extract`.
        """
        self._client.files.create_folders([self._folder])

        def is_whole() -> bool:
            if expected is None:
                return ended_well(self._client, "extract", self._archive)
            return lacking(expected, self._staged()) is None

        lost_answers.done(
            lambda: self._client.archives.extract(self._archive, self._folder, unpacking, watch=self._watch), is_whole
        )
        return self._staged()

    def _staged(self) -> Tree:
        return tree(below(self._client.files, self._folder))

    def verify(self, wanted: Tree, staged: Tree) -> None:
        """Compare what came out with what the archive is said to hold: devices report success for what they skipped.

        :raises NasError: `MISMATCH`.
        """
        path = lacking(wanted, staged)
        if path is not None:
            found, member = staged.get(path), wanted[path]
            what = "did not extract" if found is None else f"extracted {found.size} of {member.size} bytes of"
            message = f"the NAS reported success, but {what} {path!r}; nothing was replaced"
            raise NasError(Kind.MISMATCH, message, path=self._archive)

    def place(self, wanted: Mapping[str, str], staged: Tree, current: Set[str], *, overwrite: bool) -> None:
        """Move files to where they belong, folder by folder.

        :param wanted: for each path of a file in the archive its path on the NAS.
        :param staged: what `unpack` returned.
        :param current: what is there of those paths and of the folders above them.
        :param overwrite: whether files may be replaced.
        """
        conflicts = self._client.copies.features.conflicts
        conflict = "overwrite" if overwrite or "skip" not in conflicts else "skip"
        groups: dict[str, list[str]] = {}
        for source, target in moves(wanted, staged, current).items():
            groups.setdefault(_paths.parent(target), []).append(_paths.join(self._folder, source))
        above = _paths.parent(self._folder)
        missing = {
            folder
            for group in groups
            for folder in [*_paths.ancestors(group), group]
            if folder.startswith(f"{above}/") and folder not in current
        }
        if missing:
            atomic.make_folders(self._client.files, sorted(missing, key=_paths.depth))
        for folder, sources in groups.items():
            copy.into(self._client, sources, folder, move=True, conflict=conflict, watch=self._watch)

    def remove(self) -> None:
        """Remove what is left of it."""
        self._client.files.delete([self._folder], recursive=True, watch=self._watch)

    def give_up(self, why: BaseException) -> None:
        """The same after a failure; one that names our folder shall name the user's."""
        atomic.discard(self._client.files, self._folder, recursive=True)
        if isinstance(why, NasError) and f"{why.path}/".startswith(f"{self._folder}/"):
            why.path = f"{_paths.parent(self._folder)}{why.path[len(self._folder) :]}"


def lacking(wanted: Tree, staged: Tree) -> Optional[str]:
    """The first of what is wanted that did not come out by name, type and size; None when all did."""
    for path, member in wanted.items():
        found = staged.get(path)
        if found is None or found.type != member.type or other_size(found.size, member.size):
            return path
    return None


def ended_well(client: Client, job_type: str, path: str) -> bool:
    """Whether the device's own list says that its newest task of a type, for a path, came to a good end."""
    if not client.offers(Jobs) or not client.jobs.features.list:
        return False
    jobs = [job for job in client.jobs.list() if job.type == job_type and job.path == path and job.id.isdecimal()]
    return bool(jobs) and max(jobs, key=lambda job: int(job.id)).state == FINISHED


def moves(wanted: Mapping[str, str], staged: Tree, current: Set[str]) -> dict[str, str]:
    """What to move where: whole folders where all that came out of them is wanted and nothing is at their place.

    :param wanted: for each path of a file in the archive its path on the NAS, with or without the archive's folders.
    """
    mixed = {
        folder
        for path, member in staged.items()
        if member.type == FILE and path not in wanted
        for folder in folders_above(path)
    }
    found: dict[str, str] = {}
    for source, target in wanted.items():
        dest = target[: -len(source)] if target.endswith(f"/{source}") else ""
        candidates = folders_above(source) if dest else []
        unit = next((one for one in candidates if one not in mixed and f"{dest}{one}" not in current), None)
        found[unit or source] = f"{dest}{unit}" if unit else target
    return found
