# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an interrupted run left in the folders that are merged, found by its names alone in what was read anyway."""

from __future__ import annotations

import re

from .._api import tree as _tree
from .._core import marks
from .._core import paths as _paths
from .._core.errors import Kind, NasError

_OURS = re.compile(r"\.nasops-[0-9a-f]{16}\.([a-z]+)(?:\..*)?", re.DOTALL)


def named_again(src: str, source: _tree.Tree, target: _tree.Tree) -> tuple[_tree.Tree, dict[str, str]]:
    """The source as it is when all that a probe renamed away has its name again; and of each such path the right one.

    Our names do not tell whose place they take. But only what has been copied is probed, so the target has the names.

    :raises NasError: `EXISTS` for what has no name there, or another thing in its place.
    """
    if not _ours(source, marks.PROBE):
        return source, {}
    again: dict[str, str] = {}
    for relative in filter(None, target):  # folders come before what they hold
        path = _tree.at(src, relative)
        away = marks.probe_path(path)
        hidden = away[len(src) + 1 :]
        if hidden in source and relative not in source:
            again[away] = path
            source = {_moved(one, hidden, relative): entry for one, entry in source.items()}
    for relative in _ours(source, marks.PROBE):
        raise unclear(source[relative].path)
    return source, again


def unclear(path: str) -> NasError:
    """The error for what an interrupted move left at `path`, when nobody knows whether it is needed."""
    message = "an interrupted move left something here that may be nowhere else"
    return NasError(Kind.EXISTS, message, path=path, hint="Move it to its place, or remove it")


def in_folders(dest: str, source: _tree.Tree, target: _tree.Tree) -> tuple[str, ...]:
    """What a merge left below `dest`, which nobody needs when the merge is complete: old files, folders for copies."""
    left = _ours(target, "old", "copy")
    if not left:
        return ()
    places = [_tree.at(dest, relative) for relative in source if relative]
    names = {name for to in places for name in (*marks.backup_paths(to), marks.copy_folder(to))}
    return tuple(path for path in (_tree.at(dest, one) for one in left if one not in source) if path in names)


def _ours(tree: _tree.Tree, *roles: str) -> list[str]:
    """What is in a tree under a name of ours that ends with one of the roles."""
    found = ((relative, _OURS.fullmatch(_paths.name(relative))) for relative in tree)
    return [relative for relative, match in found if match and match.group(1) in roles]


def _moved(relative: str, old: str, new: str) -> str:
    """A path below the top after `old` became `new`."""
    return new + relative[len(old) :] if relative == old or relative.startswith(f"{old}/") else relative
