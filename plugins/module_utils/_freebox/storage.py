# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The disks and partitions of a Freebox.

Rests on the guide of API v16, "Storage", which the vendor calls unstable. Nothing here formats, checks or ejects.
"""

from __future__ import annotations

from typing import Any, Dict, List, Optional

from .._api.capabilities.administration import Storage
from .._core.administration import Disk, Volume
from .._core.model import parse_count
from . import envelope
from .volumes import PARTITIONS, mount_point
from .wire import Wire

_DISKS = "GET storage/disk/"
_DISK_DETAILS = ("type", "connector", "table_type", "firmware", "idle", "spinning")
_PARTITION_DETAILS = ("disk_id", "fsck_result")


class FreeboxStorage(Storage):
    """Disks and partitions.

    :param wire: makes the calls.
    """

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def volumes(self) -> List[Volume]:
        """The partitions; one that is not mounted has no path."""
        return [_volume(row) for row in self._rows(PARTITIONS)]

    def disks(self) -> List[Disk]:
        """The disks, those without partitions too."""
        return [_disk(row) for row in self._rows(_DISKS)]

    def _rows(self, call: str) -> List[Dict[str, Any]]:
        rows = self._wire.call(call)
        if rows is None:
            return []
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise envelope.protocol_error(call, "the answer is not a list of objects")
        return rows


def _volume(row: Dict[str, Any]) -> Volume:
    number = str(envelope.member(row, "id", int, PARTITIONS))
    return Volume(
        number,
        _text(row, "label") or f"Partition {number}",
        mount_point(row),
        _text(row, "fstype"),
        parse_count(row.get("total_bytes")),
        parse_count(row.get("free_bytes")),
        _text(row, "state"),
        details=_some(row, _PARTITION_DETAILS),
    )


def _disk(row: Dict[str, Any]) -> Disk:
    number = str(envelope.member(row, "id", int, _DISKS))
    temperature = row.get("temp")
    return Disk(
        number,
        f"Disk {number}",
        _text(row, "model"),
        _text(row, "serial"),
        _text(row, "type"),
        parse_count(row.get("total_bytes")),
        parse_count(temperature) or None,  # a disk that cannot tell says 0
        _text(row, "state"),
        details=_some(row, _DISK_DETAILS),
    )


def _text(row: Dict[str, Any], key: str) -> Optional[str]:
    value = row.get(key)
    return (value.strip() or None) if isinstance(value, str) else None


def _some(row: Dict[str, Any], keys: tuple[str, ...]) -> Dict[str, Any]:
    return {key: row[key] for key in keys if isinstance(row.get(key), (str, int, bool))}
