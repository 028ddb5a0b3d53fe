# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which files and folders meet the criteria, and which of these a device's search may use: pure functions."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Optional

from .._api.client import kept_aside, service_folders
from .._core import paths as _paths
from .._core.device import Criteria
from .._core.model import FILE, Entry

# Recycle bins and snapshots, which some devices list and others do not.


@dataclass(frozen=True)
class Desired:
    """What to find. The bounds include their value."""

    paths: tuple[str, ...]
    patterns: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    type: Optional[str] = FILE  # None: any
    smallest: Optional[int] = None
    largest: Optional[int] = None
    oldest: Optional[int] = None  # seconds since 1970
    newest: Optional[int] = None
    stamp: str = "mtime"  # which of the times of an entry these two are about
    owner: Optional[str] = None
    group: Optional[str] = None
    levels: Optional[int] = 1  # None: all
    hidden: bool = False
    follow: bool = False


def fits(entry: Entry, desired: Desired, *, unknown: bool = False) -> bool:
    """Whether an entry meets all criteria but that of where it lies.

    :param unknown: what a time that the device did not tell counts for.
    """
    if desired.type not in (None, entry.type):
        return False
    if desired.patterns and not any(fnmatchcase(entry.name, pattern) for pattern in desired.patterns):
        return False
    if any(fnmatchcase(entry.name, pattern) for pattern in desired.excludes):
        return False
    if desired.owner not in (None, entry.owner) or desired.group not in (None, entry.group):
        return False
    if not entry.is_folder and not _within(entry.size, desired.smallest, desired.largest, unknown):
        return False
    return _within(getattr(entry, desired.stamp), desired.oldest, desired.newest, unknown)


def _within(value: Optional[int], least: Optional[int], most: Optional[int], unknown: bool) -> bool:
    if least is None and most is None:
        return True
    if value is None:
        return unknown
    return (least is None or value >= least) and (most is None or value <= most)


def is_hidden(name: str) -> bool:
    """Whether a name is that of something hidden."""
    return name.startswith(".") or name in kept_aside()


def is_in_reach(path: str, top: str, desired: Desired) -> bool:
    """Whether what lies somewhere below a folder is to be found at all: not too deep, nor in something hidden."""
    names = path.split("/")[_paths.depth(top) + 1 :]
    if desired.levels is not None and len(names) > desired.levels:
        return False
    return not any(name in service_folders() or (is_hidden(name) and not desired.hidden) for name in names)


def is_for_search(top: str, desired: Desired, tells_links: bool) -> bool:
    """Whether a device's search finds all and saves calls; a single folder is as cheap to list.

    :param tells_links: whether the device tells links, so that they can be followed by us.
    """
    if desired.follow and tells_links:
        return False
    return desired.levels != 1 and not desired.hidden and not any(is_hidden(name) for name in top.split("/"))


def criteria_of(desired: Desired) -> Criteria:
    """What of it a device's search may use. Sizes only for files: they would leave out folders."""
    sized = desired.type == FILE
    return Criteria(
        patterns=desired.patterns,
        type=desired.type,
        smallest=desired.smallest if sized else None,
        largest=desired.largest if sized else None,
        oldest=desired.oldest,
        newest=desired.newest,
        stamp=desired.stamp,
        owner=desired.owner,
        group=desired.group,
    )
