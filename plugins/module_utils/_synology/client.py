# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The client for Synology devices: DSM 5, 6 and 7 with File Station."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from .._api.client import Client, Offers
from .._transport.http import Connection
from .._transport.session import Credentials, Session, SessionStore
from .wire import Wire

if TYPE_CHECKING:  # see Offers
    from .archives import SynologyArchives
    from .copies import SynologyCopies
    from .device import SynologyDevice
    from .downloads import SynologyDownloads
    from .favorites import SynologyFavorites
    from .files import SynologyFiles
    from .job_list import SynologyJobs
    from .mounts import SynologyMounts
    from .recycle_bin import SynologyRecycleBin
    from .search import SynologySearch
    from .share_links import SynologyShareLinks


class Synology(Client):
    """A Synology device.

    :param connection: where it is.
    :param credentials: who asks.
    :param keeper: where the session lives.
    """

    vendor: ClassVar[str] = "synology"
    default_ports: ClassVar[tuple[int, int]] = (5000, 5001)
    offers: ClassVar[Offers] = Offers(
        {
            "files": "_synology.files.SynologyFiles",
            "device": "_synology.device.SynologyDevice",
            "copies": "_synology.copies.SynologyCopies",
            "share_links": "_synology.share_links.SynologyShareLinks",
            "archives": "_synology.archives.SynologyArchives",
            "jobs": "_synology.job_list.SynologyJobs",
            "downloads": "_synology.downloads.SynologyDownloads",
            "search": "_synology.search.SynologySearch",
            "favorites": "_synology.favorites.SynologyFavorites",
            "recycle_bin": "_synology.recycle_bin.SynologyRecycleBin",
            "mounts": "_synology.mounts.SynologyMounts",
        }
    )
    session_details: ClassVar[frozenset[str]] = frozenset({"device_token"})

    def __init__(self, connection: Connection, credentials: Credentials, store: SessionStore) -> None:
        self._wire = Wire(connection, credentials, store)
        super().__init__(self._wire.sessions)

    def make(self, name: str) -> object:
        """See `Client`."""
        kind = self.offers[name]
        if name == "recycle_bin":
            return kind(self.files, self.copies)
        if name == "search":
            return kind(self._wire, self.files)
        if name in ("archives", "copies", "downloads"):
            return kind(self._wire, self.files.stat)
        return kind(self._wire)

    def end(self, session: Session) -> None:
        """Log a session out; only the connection is needed for it."""
        self._wire.end(session)

    def close(self) -> None:
        """Close the connections."""
        self._wire.http.close()
