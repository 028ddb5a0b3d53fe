# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How much files and folders hold at all levels (File Station guide, section 12.3, get_file_size)."""

from __future__ import annotations

import contextlib
from collections.abc import Hashable, Sequence
from typing import NamedTuple, Optional

from .._api.files import Files
from .._core.errors import Kind, NasError
from .._core.model import parse_count
from .entries import bundles, by_folder, split
from .envelope import number
from .failures import qnap_error
from .wire import Fields, Wire


class Measured(NamedTuple):
    """What some names of one folder hold together, hidden entries included."""

    size: int  # bytes
    folders: Optional[int] = None  # None where the firmware does not count them
    files: Optional[int] = None


def measure(wire: Wire, folder: str, names: Sequence[str], *, timeout: Optional[float] = None) -> Measured:
    """Ask for names of one folder, in one call (`names` must fit into it; see `bundles`).

    :param timeout: seconds to wait: the device works through everything before it answers.
    :raises NasError: by the status; `PROTOCOL` when the reply has no size.
    """
    path = f"{folder}/{names[0]}" if len(names) == 1 else folder
    fields: Fields = [("path", folder), ("total", len(names)), *(("name", name) for name in names)]
    reply = wire.call("get_file_size", fields, path=path, payload="size", timeout=timeout)
    size = number(reply.get("size"))
    if parse_count(size) is None or size is None:
        raise qnap_error(Kind.PROTOCOL, "the size is no number", call="get_file_size", path=path)
    folders, files = (parse_count(number(reply.get(name))) for name in ("folderCnt", "fileCnt"))
    return Measured(size, folders, files)


def mark(wire: Wire, files: Files, paths: Sequence[str]) -> tuple[Hashable, bool]:
    """Something that changes as long as the device writes to these paths, and whether all of them are there."""
    found = files.stat(paths)
    there = [path for path, entry in found.items() if entry is not None and split(path)[0]]
    sizes = []
    for folder, names in by_folder(there).items():
        for portion in bundles(names):
            # What comes and goes while the device works is hard to count.
            with contextlib.suppress(NasError):
                sizes.append(measure(wire, folder, portion))
    return (tuple(found.values()), tuple(sizes)), all(found.values())
