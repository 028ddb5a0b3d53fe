# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes many folders, and gives them their times: side by side where each costs a call."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from .._api.files import Files
from .._core import paths as _paths
from . import atomic
from .crew import CALLS, Crew, Tally, in_portions


def make(crew: Crew, paths: Sequence[str], made: list[str]) -> None:
    """Make folders that were missing a moment ago; those of one level together, after those above.

    :param made: gets those that were made, also when it fails; where one call makes many, only all of them.
    :raises NasError: the first failure; nothing more is begun after it.
    """
    if crew.files.features.makes_at_once:
        atomic.make_folders(crew.files, paths)
        made += paths
        return

    def make_one(files: Files, path: str) -> None:
        atomic.make_folders(files, [path])
        made.append(path)

    for level in levels(paths):
        each(crew, make_one, level)


def set_mtime(crew: Crew, paths: Sequence[str], mtime: int) -> None:
    """Give folders a modification time in seconds; the lowest first, since what is made in a folder changes its own."""
    for level in reversed(levels(paths)):
        each(crew, lambda files, path: files.set_mtime(path, mtime), level)


def levels(paths: Iterable[str]) -> list[list[str]]:
    """Folders by how deep they lie, those above first."""
    found: dict[int, list[str]] = {}
    for path in paths:
        found.setdefault(_paths.depth(path), []).append(path)
    return [found[depth] for depth in sorted(found)]


def each(crew: Crew, work: Callable[[Files, str], None], paths: Sequence[str]) -> None:
    """Do the work for each path, by as many connections as are worth it.

    :raises NasError: the first failure; the others end then.
    """
    tally = Tally(0, 0)

    def several(files: Files, group: Sequence[str]) -> None:
        for path in group:
            tally.check()
            work(files, path)

    groups = in_portions(paths, CALLS)
    if len(groups) > 1:
        crew.run(several, groups, tally)
    else:
        for path in paths:
            work(crew.files, path)
