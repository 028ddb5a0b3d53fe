# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The client of a Freebox: its capabilities over one wire."""

from __future__ import annotations

from typing import ClassVar

from .._api.client import Client
from .._api.offers import offered
from .._transport.http import Connection
from .._transport.session import Credentials, Session, SessionStore
from .archives import FreeboxArchives
from .assembly import FreeboxAssembly
from .copies import FreeboxCopies
from .device import FreeboxDevice
from .downloads import FreeboxDownloads
from .files import FreeboxFiles
from .job_list import FreeboxJobs
from .pairing import FreeboxPairing
from .repair import FreeboxRepair
from .share_links import FreeboxShareLinks
from .storage import FreeboxStorage
from .wire import Wire


class Freebox(Client):
    """Freebox OS, API v4 and later.

    :param connection: where the box is.
    :param credentials: `username` is the application's id, `password` its token.
    :param store: where the session lives.
    """

    vendor = "freebox"
    default_ports: ClassVar[tuple[int, int]] = (80, 443)

    files = offered(FreeboxFiles, lambda nas: FreeboxFiles(nas._wire))
    device = offered(FreeboxDevice, lambda nas: FreeboxDevice(nas._wire))
    pairing = offered(FreeboxPairing, lambda nas: FreeboxPairing(nas._wire))
    copies = offered(FreeboxCopies, lambda nas: FreeboxCopies(nas._wire))
    share_links = offered(FreeboxShareLinks, lambda nas: FreeboxShareLinks(nas._wire))
    archives = offered(FreeboxArchives, lambda nas: FreeboxArchives(nas._wire))
    assembly = offered(FreeboxAssembly, lambda nas: FreeboxAssembly(nas._wire))
    repair = offered(FreeboxRepair, lambda nas: FreeboxRepair(nas._wire))
    jobs = offered(FreeboxJobs, lambda nas: FreeboxJobs(nas._wire))
    downloads = offered(FreeboxDownloads, lambda nas: FreeboxDownloads(nas._wire))
    storage = offered(FreeboxStorage, lambda nas: FreeboxStorage(nas._wire))

    def __init__(self, connection: Connection, credentials: Credentials, store: SessionStore) -> None:
        self._wire = Wire(connection, credentials, store)
        self._sessions = self._wire.sessions

    def end(self, session: Session) -> None:
        """`POST login/logout/`; needs the session alone."""
        self._wire.logout(session)

    def close(self) -> None:
        """Close the connections; the session stays."""
        self._wire.http.close()
