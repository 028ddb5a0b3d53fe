# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The folders that something new needs above it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Optional

from .._api.files import Files
from .._core import paths as _paths
from .._core.errors import DENIED, Kind, NasError
from .._core.model import Entry
from . import shares as _shares


def missing_above(
    path: str, above: Mapping[str, Optional[Entry]], *, parents: bool, may_be_created_earlier: bool
) -> list[str]:
    """The folders that must be made for what is to be at `path`.

    :param above: what is at each folder above.
    :param parents: whether missing ones may be made.
    :param may_be_created_earlier: whether an earlier task may make them, the share too (check mode).
    :raises NasError: for a share that is not there, a file in the way, a missing folder without `parents`.
    """
    share = _paths.share(path)
    if above[share] is None and not may_be_created_earlier:
        raise _shares.not_there(share)
    for folder, entry in above.items():
        if entry is not None and not entry.is_folder:
            raise NasError(Kind.WRONG_TYPE, "this is a file, so nothing can lie in it", path=folder)
    missing = [folder for folder in _paths.ancestors(path) if above[folder] is None and folder != share]
    if may_be_created_earlier and not parents:
        return []
    if missing and not parents:
        hint = "Set parents to true, or make it with nas_folder"
        raise NasError(Kind.NOT_FOUND, f"the folder {missing[0]!r} does not exist", path=missing[0], hint=hint)
    return missing


def require_writable(files: Files, path: str) -> None:
    """Refuse in check mode, where nothing shows it otherwise, what the user may not write.

    :param path: what is to be made in a folder that is there.
    :raises NasError: `PERMISSION_DENIED`.
    """
    if files.writable(path) is False:
        raise NasError(Kind.PERMISSION_DENIED, "the user may not write here", path=path, hint=DENIED)
