# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Paths that begin with no share: one that a shell on the device would take, and one with a share that is not there.

A device only says of both that nothing is there, which "absent" must not be content with.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Optional

from .._api.files import Files
from .._core import paths as _paths
from .._core.errors import Kind, NasError
from .._core.model import Entry

# Where devices mount their volumes: /volume1, /volumeUSB1/usbshare; /share/CACHEDEV1_DATA, /share/MD0_DATA, and all
# shares once more in /share. What is plugged in has a share with the number of the volume.
_VOLUME = re.compile(r"/volume([A-Za-z]*)([0-9]+)(?=/|\Z)|/share/[^/]+_DATA(?=/|\Z)")
_MOUNTS = re.compile(r"/share(?=/)")
_PLUGGED = re.compile(r"/(usbshare|satashare|sdshare)(?=/|\Z)", re.IGNORECASE)

WHICH = "nas_info lists the shares that the user may see"
MOST_NAMES = 5  # that a warning lists; of paths, which may be thousands, one is an example
MADE = f"Make it with nas_shared_folder, or in the device's own settings where the API has no such call; {WHICH}"
SET_UP = f"Write one of those that there are, or set it up in the device's own settings; {WHICH}"  # by no module


def without_volume(path: str) -> Optional[tuple[str, bool]]:
    """The path without the volume that it begins with, and whether it certainly is one; None where there is none."""
    volume = _VOLUME.match(path)
    if volume is None:
        mounts = _MOUNTS.match(path)
        return None if mounts is None else (path[mounts.end() :], False)
    rest = path[volume.end() :]
    if volume.group(1):
        rest = _PLUGGED.sub(rf"/\g<1>{volume.group(2)}", rest, count=1)
    return rest, True


def named(params: Mapping[str, Any], options: Iterable[str]) -> Iterator[tuple[str, str]]:
    """The paths on the NAS that a task names, each with its option."""
    for option in options:
        value = params[option]
        for one in value if isinstance(value, list) else [value]:
            path = one.get("path") if isinstance(one, dict) else one
            if isinstance(path, str):
                yield option, path


def refuse_volumes(files: Files, params: Mapping[str, Any], options: Iterable[str]) -> None:
    """Refuse paths that begin with a volume, unless a share has its name. No call is made where none does.

    :raises NasError: `USAGE`, giving the right path.
    """
    for option, path in named(params, options):
        found = without_volume(path)
        if found is None or "\0" in path:
            continue
        rest, is_volume = found
        right = rest if rest.strip("/") else ""
        asked = [_paths.share(path), *([_paths.share(right)] if right else [])]
        there = files.stat(_paths.unique(asked))
        if there[asked[0]] is not None:
            continue
        good = bool(right) and there[asked[1]] is not None
        if good or is_volume:
            hint = f"Write it from the share on, as {right!r}" if good else f"Write it from the share on; {WHICH}"
            raise _paths.bad(path, option, "begins with a volume of the device, and no share has that name", hint)


def missing(files: Files, found: Mapping[str, Optional[Entry]]) -> dict[str, list[str]]:
    """The shares that are not there, each with the paths in it that were found absent.

    Costs one call, for the shares that `found` says nothing about.
    """
    absent: dict[str, list[str]] = {}
    for path, entry in found.items():
        if entry is None:
            absent.setdefault(_paths.share(path), []).append(path)
    for path, entry in found.items():
        if entry is not None:
            absent.pop(_paths.share(path), None)
    unknown = [share for share in absent if share not in found]
    there = {share: _at(files, share) for share in unknown}
    return {share: paths for share, paths in absent.items() if not there.get(share)}


@dataclass
class Missing:
    """What a task, or each item of its loop, did not find: it becomes one warning.

    :param paths: what a task before this one must make (check mode).
    :param shares: the shares that are not there, each with the paths in it.
    :param may_be_created_earlier: whether a task before this one may make those too (check mode).
    """

    paths: list[str] = field(default_factory=list)
    shares: dict[str, list[str]] = field(default_factory=dict)
    may_be_created_earlier: bool = False

    def add(self, other: Missing) -> None:
        """Take in what another item did not find."""
        self.paths = _paths.unique([*self.paths, *other.paths])
        self.shares = {
            share: _paths.unique([*self.shares.get(share, ()), *other.shares.get(share, ())])
            for share in _paths.unique([*self.shares, *other.shares])
        }
        self.may_be_created_earlier = other.may_be_created_earlier

    def warning(self, host: str) -> str:
        """The warning.

        :param host: of the inventory; empty where that is not known.
        """
        parts = [_without(self.shares)] if self.shares else []
        if len(self.paths) == 1:
            parts.append(f"{self.paths[0]!r} is not there yet")
        elif any(not one.startswith("/") for one in self.paths):
            more = f" and {len(self.paths) - MOST_NAMES} more" if len(self.paths) > MOST_NAMES else ""
            parts.append(f"{', '.join(map(repr, self.paths[:MOST_NAMES]))}{more} are not there yet")
        elif self.paths:
            parts.append(f"{len(self.paths)} paths are not there yet, such as {self.paths[0]!r}")
        end = "a task before this one must make it" if self.may_be_created_earlier else WHICH
        if len(parts) > 1 or len(self.paths) > 1:
            end = "tasks before this one must make them"
        return f"{host + ': ' if host else ''}{' and '.join(parts)}; {end}"


def _without(shares: Mapping[str, list[str]]) -> str:
    names = ", ".join(repr(_paths.name(share)) for share in shares)
    what = f"there is no share {names}" if len(shares) == 1 else f"there are no shares {names}"
    inner = [path for paths in shares.values() for path in paths if not _paths.is_share(path)]
    if inner:
        more = f" and {len(inner) - 1} more" if len(inner) > 1 else ""
        what = f"{what}, which {inner[0]!r}{more} would lie in"
    return what


def not_there(share: str) -> NasError:
    """The error for a share that is not there; `explain` knows what to do about it."""
    return NasError(Kind.NOT_FOUND, f"there is no share {_paths.name(share)!r}", path=share)


def explain(files: Files, error: NasError, *, makes_shares: bool) -> None:
    """Give the error that something is not there better words where its share is not there either.

    :param makes_shares: whether nas_shared_folder makes some on this NAS.
    """
    if not error.path.startswith("/") or not _paths.name(error.path):
        return
    share = _paths.share(error.path)
    if "no share " not in error.message:
        if _at(files, share):
            return
        error.message, error.hint = not_there(share).message, ""
    error.hint = error.hint or (MADE if makes_shares else SET_UP)


def _at(files: Files, share: str) -> bool:
    """Whether a share may be there: it is, or nobody says that it is not."""
    with contextlib.suppress(NasError):
        return files.stat([share])[share] is not None
    return True
