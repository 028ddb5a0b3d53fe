# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Volumes and disks: SYNO.Core.Storage.Volume, .Disk, SYNO.Storage.CGI.Storage and .Smart.

All volumes share the space of the root. Byte counts are texts (recorded); a list of volumes without `location` is 101.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .calls import Call, controls
from .control import Wants, rows_page

if TYPE_CHECKING:
    from .device import Synology

BTRFS = "btrfs"
NORMAL = "normal"
DISK_BYTES = 4000787030016
_NO_TABLE, _BAD_DEVICE = 117, 114


@dataclass(frozen=True)
class Volume:
    """One volume. `path`: `/volume1`."""

    path: str
    fs_type: str
    status: str
    read_only: bool
    acl: bool

    @property
    def number(self) -> int:
        digits = "".join(char for char in self.path if char.isdigit())
        return int(digits or 0)


@dataclass(frozen=True)
class Drive:
    """One disk. `id`: sda."""

    id: str
    status: str

    @property
    def place(self) -> int:
        return ord(self.id[-1]) - ord("a") + 1


class Storage:
    """What the settings say there is."""

    def __init__(self, device: Synology) -> None:
        self.device = device
        settings = device.settings
        file_systems = settings.pairs("file_systems") or {"volume1": BTRFS}
        for name in device.volumes.values():
            file_systems.setdefault(name, BTRFS)
        states = settings.pairs("volume_status")
        read_only, without_acl = settings.names("read_only_volumes"), settings.names("no_acl")
        self.volumes = [
            Volume(f"/{name}", file_system, states.get(name, NORMAL), name in read_only, name not in without_acl)
            for name, file_system in sorted(file_systems.items())
        ]
        drives = settings.pairs("disks") or {"sda": NORMAL, "sdb": NORMAL}
        self.drives = [Drive(name, status) for name, status in drives.items()]

    def at(self, path: str) -> Volume | None:
        return next((volume for volume in self.volumes if volume.path == path), None)

    def of_setting(self, share: str) -> Volume:
        """The volume of a share that was there from the beginning (setting `volumes`, else the first)."""
        return self.at("/" + self.device.volumes.get(share, "")) or self.volumes[0]

    def describe(self, volume: Volume) -> dict[str, Any]:
        total, free = self.device.disk.usage()
        name = f"Volume {volume.number}"
        return {
            "container": "internal",
            "crashed": volume.status == "crashed",
            "deployed_unit": "",
            "description": "",
            "display_name": name,
            "fs_type": volume.fs_type,
            "location": "internal",
            "pool_path": f"reuse_{volume.number}",
            "raid_type": self.raid,
            "readonly": volume.read_only,
            "single_volume": False,
            "size_free_byte": str(free),
            "size_total_byte": str(total),
            "status": volume.status,
            "volume_attribute": "generic",
            "volume_id": volume.number,
            "volume_path": volume.path,
            "volume_quota_status": "v2" if volume.fs_type == BTRFS else "v1",
        }

    @property
    def raid(self) -> str:
        return "basic" if len(self.drives) < 2 else "raid_1" if len(self.drives) == 2 else "raid_5"

    def describe_drive(self, drive: Drive) -> dict[str, Any]:
        well = drive.status == NORMAL
        return {
            "device": f"/dev/{drive.id}",
            "diskType": "SATA",
            "firm": "SC60",
            "id": drive.id,
            "isSsd": False,
            "model": "ST4000VN008-2DR166",
            "name": f"Drive {drive.place}",
            "overview_status": drive.status,
            "remain_life": {"trustable": False, "value": -1},
            "sb_days_left": 0,
            "serial": f"ZDH0SIM{drive.place}",
            "size_total": str(DISK_BYTES),
            "smart_status": NORMAL if well else "warning",
            "status": drive.status,
            "temp": 33 + drive.place,
            "unc": 0 if well else 8,
            "vendor": "Seagate",
        }


@controls("SYNO.Core.Storage.Volume", "list")
async def volumes(call: Call) -> dict[str, Any]:
    """`location` is internal or all."""
    wants = Wants(call, missing=101, bad=101)
    if wants.text("location") not in {"internal", "all"}:
        raise wants.refuse()
    storage = call.device.storage
    return rows_page(wants, "volumes", [storage.describe(volume) for volume in storage.volumes])


@controls("SYNO.Core.Storage.Disk", "list")
async def disks(call: Call) -> dict[str, Any]:
    wants = Wants(call, missing=101, bad=101)
    storage = call.device.storage
    return rows_page(wants, "disks", [storage.describe_drive(drive) for drive in storage.drives])


@controls("SYNO.Storage.CGI.Storage", "load_info")
async def load_info(call: Call) -> dict[str, Any]:
    """Disks, volumes and pools in one, as Home Assistant's client reads them."""
    storage = call.device.storage
    total, free = call.device.disk.usage()
    size = {"total": str(total), "used": str(total - free)}
    return {
        "disks": [storage.describe_drive(drive) for drive in storage.drives],
        "storagePools": [
            {
                "device_type": storage.raid,
                "disks": [drive.id for drive in storage.drives],
                "id": f"reuse_{volume.number}",
                "size": size,
                "status": NORMAL,
            }
            for volume in storage.volumes
        ],
        "volumes": [
            {
                "device_type": storage.raid,
                "fs_type": volume.fs_type,
                "id": f"volume_{volume.number}",
                "num_id": volume.number,
                "pool_path": f"reuse_{volume.number}",
                "size": size,
                "status": volume.status,
                "vol_path": volume.path,
            }
            for volume in storage.volumes
        ],
    }


@controls("SYNO.Storage.CGI.Smart", "get_health_info")
async def health(call: Call) -> dict[str, Any]:
    """Wants a device path (a short id is 114). The disks here keep no table of attributes: 117, as seen of such."""
    wants = Wants(call, missing=_BAD_DEVICE, bad=_BAD_DEVICE)
    known = {f"/dev/{drive.id}" for drive in call.device.storage.drives}
    raise wants.refuse(_NO_TABLE if wants.text("device") in known else _BAD_DEVICE)
