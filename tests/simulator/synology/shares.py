# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the device knows of its shared folders. A share is a folder below the root, whoever has put it there.

One that somebody has put there from outside is found the next time that shares are looked for: the accounts of the
setting `users` may write in it, as a rule of their own each. One that the control panel makes begins without any rule.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..core.names import fold, written
from .delete import RECYCLE
from .rights import LOCAL_GROUP, LOCAL_USER, NO_ACCESS, READ_WRITE, Rule
from .storage import BTRFS

if TYPE_CHECKING:
    from .core_snapshots import Snapshot
    from .device import Synology

RESERVED = frozenset({"home", "homes", "photo", "music", "video", "web", "surveillance"})


@dataclass
class Share:
    """One shared folder.

    `quota`: MiB, 0 for none. `found`: the control panel has not made it. `bin`: whether it has a recycle bin; None:
    as long as there is a folder for it.
    """

    name: str
    vol_path: str
    found: bool = False
    desc: str = ""
    hidden: bool = False
    bin: bool | None = None
    admin_only: bool = False
    cow: bool = False
    compress: bool = False
    quota: int = 0
    encrypted: bool = False
    key: str = ""
    acl: bool = False
    nfs: list[dict[str, Any]] = field(default_factory=list)
    snapshots: list[Snapshot] = field(default_factory=list)
    uuid: str = field(default_factory=lambda: str(uuid.uuid4()))


class Shares:
    """All of them."""

    def __init__(self, device: Synology) -> None:
        self.device = device
        self._known: dict[str, Share] = {}

    def all(self) -> list[Share]:
        """By name, those in folders that are there now; what is gone from the disk is forgotten."""
        names = [entry.name for entry in self.device.disk.shares()]
        for name in [name for name in self._known if name not in names]:
            self._forget(name)
        for name in names:
            if name not in self._known:
                self._find(name)
        return [self._known[name] for name in sorted(names, key=lambda name: (fold(name), name))]

    def get(self, name: str) -> Share | None:
        """The share of this name, in any case."""
        shares = {share.name: share for share in self.all()}
        known = written(name, shares)
        return None if known is None else shares[known]

    def known(self, name: str) -> Share | None:
        """What is known of the share of exactly this name; quick, for every file of a list."""
        return self._known.get(name) or self.get(name)

    def _find(self, name: str) -> None:
        device = self.device
        volume = device.storage.of_setting(name)
        share = Share(name, volume.path, found=True, acl=name in device.acl_shares, cow=volume.fs_type == BTRFS)
        share.quota = device.disk.quotas.get(name, 0) >> 20
        self._known[name] = share
        for user in device.people.users.values():
            if user.found and not device.people.is_administrator(user.name):
                device.rights.put(name, LOCAL_USER, user.name, Rule(writable=True))
        for setting, rule in (("custom", Rule(writable=True, custom=True)), ("masked", Rule(writable=True, mask=True))):
            for item in device.settings.names(f"{setting}_rules"):
                share_name, _colon, principal = item.partition(":")
                if share_name == name:
                    principal_type = LOCAL_USER if device.people.user(principal) else LOCAL_GROUP
                    device.rights.put(name, principal_type, principal, rule)

    def _forget(self, name: str) -> None:
        del self._known[name]
        self.device.rights.forget_share(name)
        self.device.disk.quotas.pop(name, None)
        self.device.disk.locked.discard(name)

    def add(self, share: Share) -> None:
        """The folder of a new share."""
        self.device.disk.make_share(share.name)
        self.take(share)

    def take(self, share: Share) -> None:
        """A share whose folder is there already."""
        self._known[share.name] = share
        self.set_bin(share, on=bool(share.bin))
        self.set_quota(share, share.quota)

    def remove(self, share: Share) -> None:
        """The share with all that is in it, its rules, and the links that lead there."""
        self.device.disk.remove_share(share.name)
        self._forget(share.name)
        for link in list(self.device.links.values()):
            if self.device.disk.share(link.path) == share.name:
                del self.device.links[link.id]

    def rename(self, share: Share, name: str) -> None:
        """Another name; what has the old one in its path (links, favorites) is not changed."""
        device = self.device
        device.disk.rename_share(share.name, name)
        device.rights.rename_share(share.name, name)
        if share.name in device.disk.quotas:
            device.disk.quotas[name] = device.disk.quotas.pop(share.name)
        del self._known[share.name]
        share.name = name
        self._known[name] = share

    def set_bin(self, share: Share, *, on: bool) -> None:
        """With a recycle bin, there is a folder for it, which stays when the bin is turned off."""
        share.bin = on
        if on and not self.has_bin_folder(share.name):
            self.device.disk.make_share(f"{share.name}/{RECYCLE}")

    def set_quota(self, share: Share, mebibytes: int) -> None:
        share.quota = mebibytes
        if mebibytes:
            self.device.disk.quotas[share.name] = mebibytes << 20
        else:
            self.device.disk.quotas.pop(share.name, None)

    def has_bin_folder(self, name: str) -> bool:
        return self.device.disk.holds(f"/{name}/{RECYCLE}")

    def recycles(self, name: str) -> bool:
        """Whether what is deleted in a share goes to its recycle bin."""
        share = self.known(name)
        return share is not None and (self.has_bin_folder(name) if share.bin is None else share.bin)

    def right(self, name: str, user: str | None, *, inside: str = "") -> str:
        """What an account may do in a share, or in its folder `inside`; the device itself (None) may do everything."""
        device = self.device
        if user is None or device.people.is_administrator(user):
            return READ_WRITE
        share = self.known(name)
        if share is None:
            return READ_WRITE  # nothing is there: that is what the answer will say
        if share.admin_only and inside == RECYCLE:
            return NO_ACCESS
        return device.rights.of(name, user)
