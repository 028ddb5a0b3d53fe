# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Volumes, disks and updates of a Synology device.

Observed calls, none documented: SYNO.Core.Storage.Volume and .Disk as recorded on DSM 7.1.1, and
SYNO.Core.Upgrade.Server on DSM 7.3.
"""

from __future__ import annotations

from typing import Any, Optional

from .._api.capabilities.administration import Storage, Updates
from .._core.administration import Disk, Update, Volume
from .control_panel import ControlPanel
from .encoding import Value
from .reply import Reply

VOLUME = "SYNO.Core.Storage.Volume"
DISK = "SYNO.Core.Storage.Disk"
UPGRADE = "SYNO.Core.Upgrade.Server"

_VOLUME_DETAILS = ("volume_id", "pool_path", "container", "volume_attribute", "volume_quota_status", "crashed")
_DISK_DETAILS = ("device", "vendor", "firm", "isSsd", "overview_status", "remain_life", "unc", "sb_days_left")


class SynologyStorage(Storage):
    """Volumes and disks.

    :param panel: makes the calls.
    """

    def __init__(self, panel: ControlPanel) -> None:
        self._panel = panel

    def volumes(self) -> list[Volume]:
        """Storage.Volume/list."""
        return read_volumes(self._panel)

    def disks(self) -> list[Disk]:
        """Storage.Disk/list."""
        params: dict[str, Value] = {"offset": 0, "limit": -1}
        return [_disk(row) for row in self._panel.read(DISK, "list", params).parts("disks")]


class SynologyUpdates(Updates):
    """What DSM says of newer releases of itself.

    :param panel: makes the calls.
    """

    def __init__(self, panel: ControlPanel) -> None:
        self._panel = panel

    def offered(self) -> Update:
        """Upgrade.Server/check, whose second version puts its answer into an object."""
        reply = self._panel.read(UPGRADE, "check")
        update = reply.part("update") if "update" in reply else reply
        return Update(update.needed_flag("available"), _word(update, "version"))


def read_volumes(panel: ControlPanel) -> list[Volume]:
    """Storage.Volume/list, which needs a location."""
    params: dict[str, Value] = {"offset": 0, "limit": -1, "location": "internal"}
    return [_volume(row) for row in panel.read(VOLUME, "list", params).parts("volumes")]


def _volume(row: Reply) -> Volume:
    path = row.needed_text("volume_path")
    return Volume(
        path,
        _word(row, "display_name") or path.lstrip("/"),
        path,
        _word(row, "fs_type"),
        _bytes(row, "size_total_byte"),
        _bytes(row, "size_free_byte"),
        _word(row, "status"),
        _word(row, "raid_type"),
        row.flag("readonly"),
        _some(row, _VOLUME_DETAILS),
    )


def _disk(row: Reply) -> Disk:
    number = row.needed_text("id")
    return Disk(
        number,
        _word(row, "name") or number,
        _word(row, "model"),
        _word(row, "serial"),
        _word(row, "diskType"),
        _bytes(row, "size_total"),
        row.number("temp"),
        _word(row, "status"),
        _word(row, "smart_status"),
        _some(row, _DISK_DETAILS),
    )


def _word(row: Reply, key: str) -> Optional[str]:
    """A text without the blanks around it, which models of disks have; None where there is none."""
    return (row.text(key) or "").strip() or None


def _bytes(row: Reply, key: str) -> Optional[int]:
    """A number of bytes, which comes as text."""
    value = row.as_dict().get(key)
    if isinstance(value, str) and value.isascii() and value.isdigit():
        return int(value)
    return row.count(key)


def _some(row: Reply, keys: tuple[str, ...]) -> dict[str, Any]:
    values = row.as_dict()
    return {key: values[key] for key in keys if values.get(key) is not None}
