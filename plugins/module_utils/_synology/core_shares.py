# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shared folders of a Synology device, as their administrator sees them.

Observed calls, none documented: SYNO.Core.Share, as the vendor's own open client and those of others used it on DSM
6.2, 7.1.1, 7.2 and 7.3.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, ClassVar, List, Optional

from .._api.capabilities.administration import SharedFolderFeatures, SharedFolders
from .._core.administration import SharedFolder, SharedFolderValues, Volume
from .control_panel import ControlPanel
from .core_storage import read_volumes
from .encoding import Raw
from .reply import Reply

SHARE = "SYNO.Core.Share"

MIB = 1024 * 1024
_LONGEST_DESCRIPTION = 64  # characters
_DETAILS = [
    "hidden",
    "encryption",
    "is_aclmode",
    "recyclebin",
    "share_quota",
    "enable_share_compress",
    "enable_share_cow",
]
_BUILT_IN = frozenset(("homes",))


class SynologySharedFolders(SharedFolders):
    """Shared folders.

    :param panel: makes the calls.
    """

    features: ClassVar[SharedFolderFeatures] = SharedFolderFeatures(
        description=True,
        hidden=True,
        recycle_bin=True,
        recycle_bin_admin_only=True,
        quota=True,
        compression=True,
        checksums=True,
        encryption_password=True,
        new_name=True,
        btrfs=("quota", "compression", "checksums"),
        longest_description=_LONGEST_DESCRIPTION,
    )

    def __init__(self, panel: ControlPanel) -> None:
        self._panel = panel

    def list(self) -> List[SharedFolder]:
        """Share/list. `additional` must be a list: of a text the device makes an empty answer."""
        params: Any = {"shareType": "all", "offset": 0, "limit": -1, "additional": _DETAILS}
        return [_folder(row) for row in self._panel.read(SHARE, "list", params).parts("shares")]

    def details(self, folder: SharedFolder) -> SharedFolder:
        """The listing tells everything."""
        return folder

    def volumes(self) -> Sequence[Volume]:
        """Storage.Volume/list."""
        return read_volumes(self._panel)

    def create(self, name: str, values: SharedFolderValues) -> None:
        """Share/create. `name_org` must be there, though empty; without it DSM 7.1.1 refuses."""
        info = {"name": name, "vol_path": values.volume, "desc": "", "name_org": "", **_info(values)}
        if values.encryption_password is not None:
            info.update({"encryption": 1, "enc_passwd": values.encryption_password})
        self._panel.change(SHARE, "create", {"name": name, "shareinfo": _json(info)})

    def edit(self, folder: SharedFolder, values: SharedFolderValues) -> None:
        """Share/set, which leaves alone what is not named, but wants name and volume."""
        info = {
            "name": values.new_name or folder.name,
            "name_org": folder.name,
            "vol_path": folder.volume,
            **_info(values),
        }
        self._panel.change(SHARE, "set", {"name": folder.name, "shareinfo": _json(info)})

    def delete(self, name: str) -> None:
        """Share/delete."""
        self._panel.change(SHARE, "delete", {"name": [name]})


def _info(values: SharedFolderValues) -> dict[str, Any]:
    """What is set, by the device's names."""
    quota = None if values.quota is None else values.quota // MIB
    named = {
        "desc": values.description,
        "hidden": values.hidden,
        "enable_recycle_bin": values.recycle_bin,
        "recycle_bin_admin_only": values.recycle_bin_admin_only,
        "share_quota": quota,
        "enable_share_compress": values.compression,
        "enable_share_cow": values.checksums,
    }
    return {key: value for key, value in named.items() if value is not None}


def _json(info: dict[str, Any]) -> Raw:
    return Raw(json.dumps(info, ensure_ascii=False, separators=(",", ":")))


def _folder(row: Reply) -> SharedFolder:
    name = row.needed_text("name")
    quota = row.as_dict().get("quota_value", 0)
    if isinstance(quota, bool) or not isinstance(quota, (int, float)) or quota < 0:
        raise row.broken("quota_value")
    return SharedFolder(
        name,
        f"/{name}",
        row.text("vol_path"),
        row.text("desc"),
        row.flag("hidden"),
        row.flag("enable_recycle_bin"),
        row.flag("recycle_bin_admin_only"),
        round(quota * MIB),
        # On a volume that has no such thing, these are missing.
        bool(row.flag("enable_share_compress")),
        bool(row.flag("enable_share_cow")),
        _encrypted(row),
        row.flag("is_aclmode"),
        built_in=name in _BUILT_IN or bool(row.flag("is_usb_share")),
    )


def _encrypted(row: Reply) -> Optional[bool]:
    """Recorded as a number, of which 0 is none; seen as a flag too."""
    value = row.as_dict().get("encryption")
    return value if value is None or isinstance(value, bool) else row.needed_number("encryption") != 0
