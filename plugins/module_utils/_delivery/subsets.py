# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a NAS tells about itself, in the subsets of nas_info. Everything here only reads."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple, Optional

from .._api.capabilities.administration import Accounts, SharedFolders, Storage, Updates
from .._api.capabilities.container_station import ContainerStation
from .._api.capabilities.device import Device
from .._api.capabilities.favorites import Favorites
from .._api.capabilities.jobs import Jobs
from .._api.capabilities.mounts import Mounts
from .._api.capabilities.network import Network
from .._api.capabilities.recycle_bin import RecycleBin
from .._api.capabilities.share_links import ShareLinks
from .._api.capabilities.transcoding import Transcoding
from .._api.client import Client
from .._api.files import Files
from .._api.offers import Can, Capability
from .._core.model import Record
from .proof import agreed

DAY = 86400  # seconds


class Subset(NamedTuple):
    """A part of what a NAS tells: the capability that it needs, how it is read, and what else a vendor must offer."""

    capability: type[Capability]
    read: Callable[[Client], Any]
    feature: Can = lambda nas: True
    own_login: bool = False  # whether reading it logs in as it needs, if at all
    also_as: str = ""  # another key of the result, where the name is a method of dictionaries in Jinja
    everywhere: bool = False  # whether each device has it, whatever is installed

    def offered(self, nas: type[Client]) -> bool:
        """Whether a vendor offers it."""
        return nas.offers(self.capability) and self.feature(nas)


SUBSETS: Mapping[str, Subset] = {
    "capabilities": Subset(Files, lambda nas: dict(capabilities_of(nas)), own_login=True),
    "container_networks": Subset(ContainerStation, lambda nas: nas.container_station.networks()),
    "container_resources": Subset(ContainerStation, lambda nas: nas.container_station.resources()),
    "container_station": Subset(ContainerStation, lambda nas: nas.container_station.system()),
    "device": Subset(Device, lambda nas: nas.device.facts().as_result(), everywhere=True),
    "disks": Subset(Storage, lambda nas: results(nas.storage.disks()), own_login=True),
    "favorites": Subset(Favorites, lambda nas: results(nas.favorites.list())),
    "groups": Subset(Accounts, lambda nas: agreed(lambda: list(groups_of(nas))), own_login=True),
    "https_certificate": Subset(Device, lambda nas: certificate_shown_by(nas.device), own_login=True),
    "mounts": Subset(Mounts, lambda nas: nas.mounts.mounts()),
    "network": Subset(Network, lambda nas: nas.network.addresses()),
    "recycle_bins": Subset(RecycleBin, lambda nas: results(nas.recycle_bin.bins())),
    "share_links": Subset(ShareLinks, lambda nas: results(nas.share_links.list()), everywhere=True),
    "shared_folders": Subset(SharedFolders, lambda nas: agreed(lambda: list(shared_folders_of(nas))), own_login=True),
    "shares": Subset(Files, lambda nas: results(nas.files.shares()), everywhere=True),
    "tasks": Subset(Jobs, lambda nas: results(nas.jobs.list()), lambda nas: nas.jobs.features.list),
    "transcoding": Subset(Transcoding, lambda nas: results(nas.transcoding.queue())),
    "update": Subset(Updates, lambda nas: nas.updates.offered().as_result(), own_login=True, also_as="firmware_update"),
    "users": Subset(Accounts, lambda nas: agreed(lambda: list(users_of(nas))), own_login=True),
    "volumes": Subset(Storage, lambda nas: results(nas.storage.volumes()), own_login=True),
}


def results(records: Iterable[Record]) -> list[dict[str, Any]]:
    """Records as a task returns them; secrets drop out of them there."""
    return [record.as_result() for record in records]


def capabilities_of(nas: Client) -> Iterator[tuple[str, dict[str, Any]]]:
    """What a vendor's API can: the features of each capability. Makes no call."""
    for name, capability in nas.capabilities().items():
        features = capability.features._asdict().items()
        yield name, {key: sorted(value) if isinstance(value, frozenset) else value for key, value in features}


def certificate_shown_by(device: Device) -> Optional[dict[str, Any]]:
    """The certificate that the device shows, and how long it is good; None without TLS."""
    certificate = device.https_certificate()
    if certificate is None:
        return None
    return {**certificate.as_result(), "days_left": int((certificate.not_after - time.time()) // DAY)}


def users_of(nas: Client) -> Iterator[dict[str, Any]]:
    """All accounts, and the groups that each is in."""
    accounts = nas.accounts
    users = accounts.users()
    groups = accounts.memberships([user.name for user in users])
    return ({**accounts.details(user).as_result(), "groups": sorted(groups[user.name])} for user in users)


def groups_of(nas: Client) -> Iterator[dict[str, Any]]:
    """All groups, and who is in each; that of everybody would be long."""
    accounts = nas.accounts
    return (
        {
            **group.as_result(),
            "members": None if group.name == accounts.everybody else sorted(accounts.members(group.name)),
        }
        for group in accounts.groups()
    )


def shared_folders_of(nas: Client) -> Iterator[dict[str, Any]]:
    """All shared folders, with what is set for whom."""
    folders = nas.shared_folders
    there = folders.list()
    found = nas.share_permissions.all_rules([folder.name for folder in there])
    rules = {name: None if some is None else results(some) for name, some in found.items()}
    return ({**folders.details(folder).as_result(), "permissions": rules[folder.name]} for folder in there)
