# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shared folders of a QNAP, as their administrator sees them.

Observed calls, none documented: privRequest.cgi, privWizard.cgi and wizReq.cgi as a client of others used them on QTS
5.1.9. A quota was not seen to be set, and a new name is taken by a field but was not seen to work.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar, Dict, List, Optional

from .._api.capabilities.administration import SharedFolderFeatures, SharedFolders
from .._core.administration import SharedFolder, SharedFolderValues, Volume
from .._core.errors import Kind
from .envelope import Element
from .failures import qnap_error
from .system import CREATION, PRIVILEGES, WIZARD, SystemPages
from .system_storage import read_volumes

SHARES = {"subfunc": "share", "getdata": 1, "sort": 13}
LISTED = {"type": 0, "refresh": 0, "filter": ""}
SHARE_INFO = "func/ownContent/shareInfo"
_PROPERTY = {"wiz_func": "share_property"}

# What the page about a shared folder tells, and under which name it takes it back: texts, and switches. It tells some
# switches as yes and no, but takes all of them as 1 and 0.
_TEXTS = {"comment": "share_comment", "path": "manual_path", "selectedVol": "vol_no"}
_SWITCHES = {
    "hidden": "share_hidden",
    "oplocks": "oplocks",
    "supportNameMangling": "mangled_names",
    "ftp_wonly/val": "ftp_wonly",
    "recyclePerShare": "recycle_bin",
    "recycleAdministratorsOnly": "recycle_bin_administrators_only",
    "qsync": "qsync",
    "hide_unreadable": "hide_unreadable",
    "share_enumeration": "share_enumeration",
    "timemachine": "timemachine",
    "showSnapshots": "showSnapshots",
    "smb_encryption": "EncryptData",
}
_KEPT = {**_TEXTS, **_SWITCHES}


class QnapSharedFolders(SharedFolders):
    """Shared folders.

    :param pages: makes the calls.
    """

    features: ClassVar[SharedFolderFeatures] = SharedFolderFeatures(
        description=True, hidden=True, recycle_bin=True, recycle_bin_admin_only=True
    )

    def __init__(self, pages: SystemPages) -> None:
        self._pages = pages

    def list(self) -> List[SharedFolder]:
        """privRequest.cgi, subfunc share; it also tells which ones are the device's own."""
        return [folder for folder, _row in self._rows()]

    def details(self, folder: SharedFolder) -> SharedFolder:
        """privWizard.cgi, share_property."""
        about = self._about(folder.name)
        return replace(
            folder,
            volume=about.get("selectedVol") or None,
            description=about.get("comment"),
            hidden=_is_on(about.get("hidden")),
            recycle_bin=_is_on(about.get("recyclePerShare")),
            recycle_bin_admin_only=_is_on(about.get("recycleAdministratorsOnly")),
        )

    def volumes(self) -> Sequence[Volume]:
        """chartReq.cgi, which names them by the numbers that a new shared folder takes."""
        return read_volumes(self._pages)

    def create(self, name: str, values: SharedFolderValues) -> None:
        """wizReq.cgi, share_create; one that shall be hidden is so thereafter, as it was seen."""
        body = {
            "share_name": name,
            "comment": values.description or "",
            "vol_no": values.volume,
            "path_type": "auto",
            "hidden": "no",
            "oplocks": "yes",
            "access_r": "admin_only",
            "guest": "deny",
            "recycle_bin": int(bool(values.recycle_bin)),
            "recycle_bin_administrators_only": int(bool(values.recycle_bin_admin_only)),
            "qsync": 0,
            "quotaRadio": 0,
            "quota_size": "",
        }
        self._pages.write(CREATION, {"wiz_func": "share_create", "action": "add_share"}, body)
        if values.hidden:
            self.edit(SharedFolder(name, f"/{name}"), SharedFolderValues(hidden=True))

    def edit(self, folder: SharedFolder, values: SharedFolderValues) -> None:
        """privWizard.cgi, share_property, which takes everything: what was read goes back with the changes.

        :raises NasError: `MISMATCH` when something else changed by it.
        """
        before = self._kept(folder.name)
        changes: Dict[str, Any] = {
            "comment": values.description,
            "hidden": _switch(values.hidden),
            "recyclePerShare": _switch(values.recycle_bin),
            "recycleAdministratorsOnly": _switch(values.recycle_bin_admin_only),
        }
        changes = {key: value for key, value in changes.items() if value is not None}
        settings = {**before, **changes}
        body = {
            "old_sname": folder.name,
            "new_sname": folder.name,
            **{field: settings[key] for key, field in _KEPT.items() if key in settings},
        }
        query = {**_PROPERTY, "action": "share_property"}
        self._pages.write(WIZARD, query, body, verdict="shareProperty/setting_result")
        after = self._kept(folder.name)
        lost = [key for key in before if key not in changes and before[key] != after.get(key)]
        if lost:
            message = f"the device changed more of the shared folder {folder.name!r} than was asked: {', '.join(lost)}"
            raise qnap_error(Kind.MISMATCH, message, hint="Check the shared folder in the device's settings")

    def delete(self, name: str) -> None:
        """privRequest.cgi, which the device works on for some seconds more."""
        body = {
            "subfunc": "share",
            "apply": 1,
            "del_cnt": 1,
            "stop_service": "no",
            "share_list": name,
            "delsymboliconly": 0,
        }
        self._pages.write(PRIVILEGES, {}, body, verdict="func/ownContent/return")
        self._pages.wait_gone(
            f"the shared folder {name!r}", lambda: name not in [folder.name for folder in self.list()]
        )

    def _rows(self) -> List[tuple[SharedFolder, Element]]:
        info, rows = self._pages.listed(PRIVILEGES, SHARES, LISTED, SHARE_INFO, "data/share")
        own = {name for name in info.get("defShareList").split("/") if name}
        fixed = {one.text for one in info.all("no_setup_list/no_setup_info/share_name") if one.text}
        windows = "1" in (info.get("WinACLEnabled"), info.get("ACLEnabled"))
        return [
            (
                SharedFolder(
                    name,
                    f"/{name}",
                    encrypted=_is_on(row.get("encrypted")),
                    hidden=_is_on(row.get("hidden")),
                    windows_acl=windows,
                    built_in=name in own or name in fixed,
                    editable=name not in fixed,
                ),
                row,
            )
            for row in rows
            if (name := row.get("shareName"))
        ]

    def _about(self, name: str) -> Element:
        found = self._pages.read(WIZARD, _PROPERTY, {"sharename": name}).all("shareProperty")
        if not found or not found[0].all("shareName"):
            raise self._pages.gone(WIZARD, _PROPERTY, name)
        return found[0]

    def _kept(self, name: str) -> Dict[str, Any]:
        """What is to stay, as the page takes it back; what a device does not tell, it does not have."""
        about = self._about(name)
        told = {key: about.get(key) for key in _KEPT if about.all(key)}
        return {key: _sent(text) if key in _SWITCHES else text for key, text in told.items()}


def _is_on(text: str) -> Optional[bool]:
    """Devices write it in two ways; None for what they do not tell."""
    return {"1": True, "yes": True, "0": False, "no": False}.get(text)


def _sent(text: str) -> Any:
    """A switch as the page takes it; a value that is neither on nor off goes back as it is."""
    on = _is_on(text)
    return text if on is None else int(on)


def _switch(on: Optional[bool]) -> Optional[int]:
    return None if on is None else int(on)
