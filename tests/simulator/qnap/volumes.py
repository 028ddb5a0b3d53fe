# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The volumes (`volumes=LABEL,...`). All of them lie on the one disk of the simulator: its size is theirs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .device import Qnap


class Volumes:
    """Volumes by number, from 1."""

    def __init__(self, device: Qnap) -> None:
        self._device = device
        self.labels = tuple(device.settings.names("volumes")) or ("DataVol1",)

    def numbers(self) -> range:
        return range(1, len(self.labels) + 1)

    def folder(self, number: int) -> str:
        """Where a volume is mounted below /share: CACHEDEV1_DATA, HDA_DATA and ZFS530_DATA are first ones."""
        first = self._device.generation.volume
        if first == "HDA_DATA":
            return f"HD{chr(ord('A') + number - 1)}_DATA"
        return re.sub(r"\d+(?=_)", lambda match: str(int(match[0]) + number - 1), first)

    def listed(self) -> dict[str, Any]:
        """The list of volumes, as chartReq.cgi has it."""
        return {
            "volume": [
                {"volumeValue": number, "volumeStat": 0, "volumeStatus": 0, "volumeLabel": label}
                for number, label in enumerate(self.labels, 1)
            ]
        }

    def used(self) -> dict[str, Any]:
        """Room, and what each share of a volume uses."""
        device = self._device
        total, free = device.disk.usage()
        folders: dict[int, list[dict[str, Any]]] = {number: [] for number in self.numbers()}
        for share in device.shares.all():
            size = device.disk.measure(f"/{share.name}")[2]
            folders.setdefault(share.volume, []).append({"sharename": share.name, "used_size": size})
        return {
            "volumeUse": [
                {
                    "volumeValue": number,
                    "total_size": total,
                    "free_size": free,
                    "folder_element": folders[number],
                }
                for number in self.numbers()
            ]
        }
