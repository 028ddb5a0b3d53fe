# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The client for Synology devices: DSM 5, 6 and 7 with File Station."""

from __future__ import annotations

from typing import ClassVar

from .._api.client import Client
from .._api.offers import offered
from .._transport.http import Connection
from .._transport.session import Credentials, Session, SessionStore
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
from .wire import Wire


class Synology(Client):
    """A Synology device.

    :param connection: where it is.
    :param credentials: who asks.
    :param store: where the session lives.
    """

    vendor: ClassVar[str] = "synology"
    default_ports: ClassVar[tuple[int, int]] = (5000, 5001)
    session_details: ClassVar[frozenset[str]] = frozenset({"device_token"})
    service_folders = frozenset(("@eaDir",))
    kept_aside = frozenset(("#recycle", "#snapshot"))

    files = offered(SynologyFiles, lambda nas: SynologyFiles(nas._wire))
    device = offered(SynologyDevice, lambda nas: SynologyDevice(nas._wire))
    copies = offered(SynologyCopies, lambda nas: SynologyCopies(nas._wire, nas.files.stat))
    share_links = offered(SynologyShareLinks, lambda nas: SynologyShareLinks(nas._wire))
    archives = offered(SynologyArchives, lambda nas: SynologyArchives(nas._wire, nas.files.stat))
    jobs = offered(SynologyJobs, lambda nas: SynologyJobs(nas._wire))
    downloads = offered(SynologyDownloads, lambda nas: SynologyDownloads(nas._wire, nas.files.stat))
    recycle_bin = offered(SynologyRecycleBin, lambda nas: SynologyRecycleBin(nas.files, nas.copies))
    search = offered(SynologySearch, lambda nas: SynologySearch(nas._wire, nas.files))
    favorites = offered(SynologyFavorites, lambda nas: SynologyFavorites(nas._wire))
    mounts = offered(SynologyMounts, lambda nas: SynologyMounts(nas._wire))

    def __init__(self, connection: Connection, credentials: Credentials, store: SessionStore) -> None:
        self._wire = Wire(connection, credentials, store)
        self._sessions = self._wire.sessions

    def end(self, session: Session) -> None:
        """Log a session out; only the connection is needed for it."""
        self._wire.end(session)

    def close(self) -> None:
        """Close the connections."""
        self._wire.http.close()
