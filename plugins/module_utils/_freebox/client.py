# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The client of a Freebox: its capabilities over one wire."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from .._api.client import Client, Offers
from .._transport.http import Connection
from .._transport.session import Credentials, Session, SessionStore
from .wire import Wire

if TYPE_CHECKING:  # see Offers
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


class Freebox(Client):
    """Freebox OS, API v4 and later.

    :param connection: where the box is.
    :param credentials: `username` is the application's id, `password` its token.
    :param keeper: where the session lives.
    """

    vendor = "freebox"
    default_ports: ClassVar[tuple[int, int]] = (80, 443)
    offers: ClassVar[Offers] = Offers(
        {
            "archives": "_freebox.archives.FreeboxArchives",
            "assembly": "_freebox.assembly.FreeboxAssembly",
            "copies": "_freebox.copies.FreeboxCopies",
            "device": "_freebox.device.FreeboxDevice",
            "downloads": "_freebox.downloads.FreeboxDownloads",
            "files": "_freebox.files.FreeboxFiles",
            "pairing": "_freebox.pairing.FreeboxPairing",
            "repair": "_freebox.repair.FreeboxRepair",
            "share_links": "_freebox.share_links.FreeboxShareLinks",
            "storage": "_freebox.storage.FreeboxStorage",
            "jobs": "_freebox.job_list.FreeboxJobs",
        }
    )

    def __init__(self, connection: Connection, credentials: Credentials, store: SessionStore) -> None:
        self._wire = Wire(connection, credentials, store)
        super().__init__(self._wire.sessions)

    def make(self, name: str) -> object:
        """See `Client`."""
        return self.offers[name](self._wire)

    def end(self, session: Session) -> None:
        """`POST login/logout/`; needs the session alone."""
        self._wire.logout(session)

    def close(self) -> None:
        """Close the connections; the session stays."""
        self._wire.http.close()
