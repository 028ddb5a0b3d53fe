# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Shared folders: listed, read, made, changed, removed. Each is a first-level folder of the root.

What is deleted is gone for File Station at once, its links end, and the list shows it for another second or two.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..core import errors
from . import rights
from .accounts import taken
from .call import ILLEGAL, Call, Params
from .operation import DONE, REFUSED, Operation, paged

if TYPE_CHECKING:
    from .device import Qnap

KEPT = ".kept"
YES = frozenset({"1", "yes", "true", "on"})
DEFAULTS = ("Public", "TMBackup")
NO_SETUP = ("TMBackup", "homes")
AT_FIRST = {
    "oplocks": 1,
    "supportNameMangling": "no",
    "recyclePerShare": 0,
    "recycleAdministratorsOnly": 0,
    "qsync": 0,
    "hide_unreadable": "no",
    "share_enumeration": "no",
    "timemachine": 0,
    "showSnapshots": "no",
    "smb_encryption": 0,
}
SENT = {
    "oplocks": "oplocks",
    "mangled_names": "supportNameMangling",
    "EncryptData": "smb_encryption",
    "recycle_bin": "recyclePerShare",
    "recycle_bin_administrators_only": "recycleAdministratorsOnly",
    "qsync": "qsync",
    "hide_unreadable": "hide_unreadable",
    "share_enumeration": "share_enumeration",
    "timemachine": "timemachine",
    "showSnapshots": "showSnapshots",
}
"""What an edit sends, and how it is read. It sends 1 and 0 alone, also for what is read as `yes` and `no`."""


@dataclass
class Share:
    """A shared folder. `more` is what is read and written under names of its own."""

    name: str
    volume: int = 1
    comment: str = ""
    hidden: bool = False
    ftp_write_only: bool = False
    more: dict[str, Any] = field(default_factory=lambda: dict(AT_FIRST))


class Shares:
    """What is known of the shares beside their folders."""

    def __init__(self, device: Qnap) -> None:
        self._device = device
        self._known: dict[str, Share] = {}
        settings = device.settings
        self.defaults = tuple(settings.names("default_shares")) or DEFAULTS
        self.no_setup = tuple(settings.names("no_setup")) or NO_SETUP
        self._volumes = settings.pairs("share_volumes")

    def all(self) -> list[Share]:
        """Those whose folders are there, by name."""
        return [self._of(entry.name) for entry in self._device.disk.shares()]

    def find(self, name: str) -> Share | None:
        return next((share for share in self.all() if share.name == name), None)

    def volume_of(self, name: str) -> int:
        return self._of(name).volume

    def _of(self, name: str) -> Share:
        found = self._known.get(name)
        if found is None:
            found = Share(name, int(self._volumes.get(name, 1)))
            found.more["recyclePerShare"] = int(self._device.bins.has(name))
        return found

    def keep(self, share: Share) -> None:
        self._known[share.name] = share

    def forget(self, name: str) -> None:
        self._known.pop(name, None)

    def path(self, share: Share) -> str:
        """As the device's own disk has it."""
        return f"/share/{self._device.volumes.folder(share.volume)}/{share.name}"


def _yes(params: Params, name: str, default: str = "") -> bool:
    return params.get(name, default).lower() in YES


# -- reading


def shares(call: Call) -> dict[str, Any]:
    device = call.device
    leaving = [share for share in device.leaving.of("share") if device.shares.find(share.name) is None]
    rows = [_row(share) for share in (*device.shares.all(), *leaving)]
    count, rows = paged(call.params, rows, "shareName")
    acl = device.acl
    info = {
        "ret": 0,
        "shareCount": count,
        "defShareCount": len(device.shares.defaults),
        "defShareList": "/".join(device.shares.defaults),
        "no_setup_count": len(device.shares.no_setup),
        "no_setup_list": {"no_setup_info": [{"share_name": name} for name in device.shares.no_setup]},
        "WinACLSupport": 1,
        "WinACLEnabled": int(acl == "windows"),
        "ACLEnabled": int(acl != "off"),
        "data": {"share": rows},
    }
    return {"func": {"ownContent": {"shareInfo": info}}}


def _row(share: Share) -> dict[str, Any]:
    return {
        "shareName": share.name,
        "hidden": int(share.hidden),
        "webdav": 1,
        "valid_path": 1,
        "noSupportACL": 0,
        "EncryptData": int(share.more["smb_encryption"]),
        "encrypted": 0,
        "enable_ksmbd": 1,
    }


def share(call: Call) -> dict[str, Any]:
    found = call.device.shares.find(call.params.get("sharename"))
    if found is None:
        return {"shareProperty": {"setting_result": REFUSED}}
    return {
        "shareProperty": {
            "shareName": found.name,
            "comment": found.comment,
            "path": call.device.shares.path(found),
            "selectedVol": found.volume,
            "hidden": int(found.hidden),
            "ftp_wonly": {"val": int(found.ftp_write_only)},
            **found.more,
        }
    }


def choices(call: Call) -> dict[str, Any]:
    """Where a share can be made. How a device writes this is not known; the elements are those of chartReq.cgi."""
    return {"volumeList": call.device.volumes.listed(), "selectedVol": 1}


# -- changing


def _name_is_good(name: str) -> bool:
    """What devices refuse is not known but for the characters of File Station."""
    if not name or not name.isprintable() or set(name) & ILLEGAL or name != name.strip():
        return False
    return len(name.encode("utf-8", "surrogateescape")) <= 255 and name[0] not in ".@_"


def create(call: Call) -> int:
    """For administrators alone at first. Whose files were kept at a deletion has them again."""
    device, params = call.device, call.params
    name, volume = params.get("share_name"), params.number("vol_no")
    known = params.get("path_type", "auto") == "auto" and params.get("access_r") == "admin_only"
    known = known and params.number("quotaRadio") == 0
    if not known or not _name_is_good(name) or volume not in device.volumes.numbers():
        return REFUSED
    if taken(name, [share.name for share in device.shares.all()]):
        return REFUSED
    if call.context.budget(device.disk, "/").room() == 0:  # the volume is full
        return REFUSED
    kept = os.path.join(device.disk.root, KEPT, str(volume), name)
    try:
        if os.path.isdir(kept):
            os.rename(kept, os.path.join(device.disk.root, name))
        else:
            device.disk.mkdir(f"/{name}")
    except (OSError, errors.DiskError):
        return REFUSED
    made = Share(name, volume, params.get("comment"), _yes(params, "hidden"))
    made.more |= {
        "oplocks": int(_yes(params, "oplocks", "yes")),
        "recyclePerShare": int(_yes(params, "recycle_bin")),
        "recycleAdministratorsOnly": int(_yes(params, "recycle_bin_administrators_only")),
        "qsync": int(_yes(params, "qsync")),
    }
    device.shares.keep(made)
    device.rights.set_first(name, rights.ADMINISTRATORS_ONLY)
    device.bins.set(name, _yes(params, "recycle_bin"))
    device.leaving.back("share", name)
    return DONE


def edit(call: Call) -> int:
    """The whole of what is sent of a share: what is not sent as 1 is off afterwards (nobody was seen to send `yes`),
    and a comment that is not sent is empty. Another name is refused: of that nothing is known."""
    device, params = call.device, call.params
    found = device.shares.find(params.get("old_sname"))
    if found is None or found.name in device.shares.no_setup or params.get("new_sname") != found.name:
        return REFUSED
    if params.get("manual_path", device.shares.path(found)) not in {"", device.shares.path(found)}:
        return REFUSED
    if params.number("vol_no", found.volume) != found.volume:
        return REFUSED
    found.comment = params.get("share_comment")
    found.hidden = params.number("share_hidden") == 1
    found.ftp_write_only = params.number("ftp_wonly") == 1
    for sent, name in SENT.items():
        on = params.number(sent) == 1
        found.more[name] = ("yes" if on else "no") if isinstance(AT_FIRST[name], str) else int(on)
    device.shares.keep(found)
    device.bins.set(found.name, params.number("recycle_bin") == 1)
    return DONE


def delete(call: Call) -> int:
    """`delsymboliconly` 1 keeps the files, 0 deletes them. A default share stays, and one that is not to be set up."""
    device, params = call.device, call.params
    found = device.shares.find(params.get("share_list"))
    if found is None or found.name in {*device.shares.defaults, *device.shares.no_setup}:
        return REFUSED
    if params.number("del_cnt") != 1:
        return REFUSED
    folder = device.disk.real(f"/{found.name}", follow=False)
    if params.number("delsymboliconly") == 1:
        target = Path(device.disk.root, KEPT, str(found.volume), found.name)
        target.parent.mkdir(parents=True, exist_ok=True)
        os.rename(folder, target)
    else:
        gone = device.disk.part_file()
        os.rename(folder, gone)
        device.discard(gone)
    device.shares.forget(found.name)
    device.links.end_below(f"/{found.name}")
    device.rights.forget_share(found.name)
    device.bins.set(found.name, None)
    device.leaving.add("share", found.name, found)
    return DONE


OPERATIONS = {
    ("privRequest.cgi", "share", ""): Operation(shares),
    ("privRequest.cgi", "share", "apply"): Operation(delete, writes=True, elements=("func", "ownContent", "return")),
    ("privWizard.cgi", "share_property", ""): Operation(share),
    ("privWizard.cgi", "share_property", "share_property"): Operation(
        edit, writes=True, elements=("shareProperty", "setting_result")
    ),
    ("wizReq.cgi", "share_create", ""): Operation(choices),
    ("wizReq.cgi", "share_create", "add_share"): Operation(create, writes=True),
}
