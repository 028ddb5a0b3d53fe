# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A vendor's client: which capabilities it has, and its session."""

from __future__ import annotations

import functools
from abc import ABC, abstractmethod
from typing import ClassVar, cast

from .._transport.http import Connection
from .._transport.session import Credentials, Session, Sessions, SessionStore
from .capabilities.administration import Accounts, SharedFolders, SharePermissions, Storage, Updates
from .capabilities.archives import Archives
from .capabilities.assembly import Assembly
from .capabilities.container_station import ContainerStation, ContainerTls
from .capabilities.copies import Copies
from .capabilities.device import Device
from .capabilities.downloads import Downloads
from .capabilities.favorites import Favorites
from .capabilities.jobs import Jobs
from .capabilities.mounts import Mounts
from .capabilities.network import Network
from .capabilities.pairings import Pairings
from .capabilities.recycle_bin import RecycleBin
from .capabilities.repair import Repair
from .capabilities.search import Search
from .capabilities.share_links import ShareLinks
from .capabilities.transcoding import Transcoding
from .files import Files
from .offers import Capability, Offer, not_offered


class Client(ABC):
    """A vendor's client: its capabilities over one wire.

    A vendor's subclass fills in the class variables and says for each capability that its API has how it is made, by
    `offered`. So `nas.share_links` of a class is the class of that capability, which has the features, and of a client
    the capability itself.

    :param connection: where the device is.
    :param credentials: who asks.
    :param store: where the session lives. Nothing is called yet.
    """

    vendor: ClassVar[str] = ""
    default_ports: ClassVar[tuple[int, int]] = (80, 443)
    """The usual ports without and with TLS."""

    session_details: ClassVar[frozenset[str]] = frozenset()
    """What of a session a user may keep and gets from nas_session, such as `device_token`."""

    service_folders: ClassVar[frozenset[str]] = frozenset()
    """Names of folders that the device keeps for itself beside files, for thumbnails and the like. They may show in a
    list or not, come and go, and are nobody's content."""

    kept_aside: ClassVar[frozenset[str]] = frozenset()
    """Names of the folders of a share that hold what was: its recycle bin and its snapshots."""

    files = not_offered(Files)
    """Folders and files."""
    device = not_offered(Device)
    """The device itself."""
    pairing = not_offered(Pairings)
    """Asking for access."""
    copies = not_offered(Copies)
    """Copying and moving on the device."""
    share_links = not_offered(ShareLinks)
    """Links for others."""
    archives = not_offered(Archives)
    """Packing and unpacking."""
    assembly = not_offered(Assembly)
    """One file from many."""
    repair = not_offered(Repair)
    """Mending files by par2 sets."""
    jobs = not_offered(Jobs)
    """The device's long operations."""
    downloads = not_offered(Downloads)
    """More ways to look at and fetch files."""
    recycle_bin = not_offered(RecycleBin)
    """What was deleted."""
    transcoding = not_offered(Transcoding)
    """Renditions of films."""
    search = not_offered(Search)
    """The device's own search."""
    favorites = not_offered(Favorites)
    """Folders that the user keeps at hand."""
    container_tls = not_offered(ContainerTls)
    """The certificate of Container Station."""
    container_station = not_offered(ContainerStation)
    """Facts about Container Station."""
    network = not_offered(Network)
    """Names and addresses of the device."""
    mounts = not_offered(Mounts)
    """What is mounted on the device."""
    accounts = not_offered(Accounts)
    """Local accounts and groups."""
    shared_folders = not_offered(SharedFolders)
    """Shared folders, as their administrator sees them."""
    share_permissions = not_offered(SharePermissions)
    """What shared folders allow whom."""
    storage = not_offered(Storage)
    """Volumes and disks."""
    updates = not_offered(Updates)
    """Firmware on offer."""

    @abstractmethod
    def __init__(self, connection: Connection, credentials: Credentials, store: SessionStore) -> None:
        """Set `_sessions`, and what else the vendor's capabilities work on."""
        self._sessions: Sessions

    @classmethod
    @functools.cache
    def offered(cls) -> tuple[str, ...]:
        """The names of the attributes for what the vendor offers."""
        offers = {
            name: offer
            for base in reversed(cls.__mro__)
            for name, offer in vars(base).items()
            if isinstance(offer, Offer)
        }
        return tuple(name for name, offer in sorted(offers.items()) if offer.is_made)

    @classmethod
    def capabilities(cls) -> dict[str, type[Capability]]:
        """The classes of what the vendor offers, by the names of the attributes."""
        return {name: getattr(cls, name) for name in cls.offered()}

    @classmethod
    @functools.cache
    def offers(cls, capability: type[Capability]) -> bool:
        """Whether the vendor offers a capability, by its abstract class."""
        return name_of(capability) in cls.offered()

    @classmethod
    def of(cls, capability: type[Capability]) -> type[Capability]:
        """The vendor's class of a capability, by its abstract class, which it is itself where it is not offered."""
        return cast("type[Capability]", getattr(cls, name_of(capability)))

    @property
    def warnings(self) -> list[str]:
        """What the user should know of the logins so far."""
        return self._sessions.warnings

    def login(self) -> Session:
        """Make sure there is a session and return it. Secret."""
        return self._sessions.session()

    def logout(self) -> bool:
        """Log the session out, if there is one, and then forget it. Whether there was one.

        :raises NasError: as `end` does. The session is still at hand then, so that the next attempt can end it.
        """
        return self._log_out(self._sessions)

    def _log_out(self, sessions: Sessions) -> bool:
        ended = sessions.current()
        if ended is not None:
            self.end(ended)
        forgotten = sessions.drop()
        if forgotten is not None and forgotten != ended:
            # Somebody who shares it has logged in meanwhile.
            self.end(forgotten)
        return (ended or forgotten) is not None

    @abstractmethod
    def end(self, session: Session) -> None:
        """Tell the device that this session is over. One that it no longer knows is over too.

        :raises NasError: where the device does not answer, or something else does.
        """

    @abstractmethod
    def close(self) -> None:
        """Close the connections; the session stays."""


def name_of(capability: type[Capability]) -> str:
    """The name of a client's attribute for a capability, by its abstract class."""
    return next(
        name for name, offer in vars(Client).items() if isinstance(offer, Offer) and offer.capability is capability
    )


def service_folders() -> frozenset[str]:
    """The `service_folders` of all vendors: disks and archives travel from one to another."""
    return frozenset[str]().union(*(nas.service_folders for nas in Client.__subclasses__()))


def kept_aside() -> frozenset[str]:
    """The `kept_aside` of all vendors."""
    return frozenset[str]().union(*(nas.kept_aside for nas in Client.__subclasses__()))
