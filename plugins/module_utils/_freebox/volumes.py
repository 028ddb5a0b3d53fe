# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The volumes of a Freebox, which stand for shares."""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Tuple

from .._core.model import Share, parse_count
from . import encoding, envelope
from .listing import Listing
from .wire import Wire

PARTITIONS = "GET storage/partition/"
_Sizes = Tuple[Optional[int], Optional[int]]  # total and free bytes


def shares(wire: Wire, listing: Listing) -> List[Share]:
    """The folders in `/`, with the sizes of the partition that is mounted there.

    The sizes are null when the application has no right to `GET storage/partition/` (guide of API v16, "Storage",
    marked as unstable), or the box has no such call.
    """
    nothing: Dict[str, _Sizes] = {}
    sizes = wire.sessions.optional("the sizes of its volumes", lambda: _sizes(wire), nothing)
    volumes = [entry for entry in listing.folder("/") if entry.is_folder]
    return [Share(entry.name, entry.path, *sizes.get(entry.path, (None, None))) for entry in volumes]


def _sizes(wire: Wire) -> Dict[str, _Sizes]:
    partitions = wire.call(PARTITIONS)
    if partitions is not None and not isinstance(partitions, list):
        raise envelope.protocol_error(PARTITIONS, "the answer is not a list")
    sizes: Dict[str, _Sizes] = {}
    for partition in partitions or []:
        path = mount_point(partition)
        if path is not None:
            sizes[path] = (parse_count(partition.get("total_bytes")), parse_count(partition.get("free_bytes")))
    return sizes


def mount_point(partition: Any) -> Optional[str]:
    """The volume that a partition is mounted as; one that is not mounted has no path."""
    text = partition.get("path") if isinstance(partition, dict) else None
    if not isinstance(text, str) or not text:
        return None
    try:
        return "/" + encoding.decode(text).strip("/")
    except ValueError:
        raise envelope.protocol_error(PARTITIONS, "the answer holds a path that is not base64") from None
