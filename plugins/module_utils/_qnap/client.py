# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A client of QNAP's File Station (QTS 4.0 and later, QuTS hero) and of its Container Station."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, ClassVar

from .._api.client import Client, Offers
from .._core.errors import NasError
from .._transport.http import Connection
from .._transport.session import Credentials, MemoryStore, Session, SessionStore
from .container_station.wire import ContainerWire
from .system import SystemPages
from .wire import Wire

if TYPE_CHECKING:  # see Offers
    from .archives import QnapArchives
    from .container_station.station import QnapContainerStation
    from .container_station.tls import QnapContainerTls
    from .copies import QnapCopies
    from .device import QnapDevice
    from .downloads import QnapDownloads
    from .files import QnapFiles
    from .job_list import QnapJobs
    from .network import QnapNetwork
    from .recycle_bin import QnapRecycleBin
    from .search import QnapSearch
    from .share_links import QnapShareLinks
    from .system_accounts import QnapAccounts
    from .system_permissions import QnapPermissions
    from .system_shares import QnapSharedFolders
    from .system_storage import QnapStorage, QnapUpdates
    from .transcoding import QnapTranscoding

SYSTEM = ("accounts", "shared_folders", "share_permissions", "storage", "updates")
"""The capabilities that lie in the pages behind the web desktop."""


class Qnap(Client):
    """A QNAP, by its capabilities. Makes no call until one is used.

    :param connection: where it is.
    :param credentials: who asks.
    :param keeper: where the session lives.
    """

    vendor = "qnap"
    default_ports = (8080, 443)
    offers: ClassVar[Offers] = Offers(
        {
            "files": "_qnap.files.QnapFiles",
            "device": "_qnap.device.QnapDevice",
            "copies": "_qnap.copies.QnapCopies",
            "share_links": "_qnap.share_links.QnapShareLinks",
            "archives": "_qnap.archives.QnapArchives",
            "jobs": "_qnap.job_list.QnapJobs",
            "downloads": "_qnap.downloads.QnapDownloads",
            "search": "_qnap.search.QnapSearch",
            "recycle_bin": "_qnap.recycle_bin.QnapRecycleBin",
            "transcoding": "_qnap.transcoding.QnapTranscoding",
            "network": "_qnap.network.QnapNetwork",
            "accounts": "_qnap.system_accounts.QnapAccounts",
            "shared_folders": "_qnap.system_shares.QnapSharedFolders",
            "share_permissions": "_qnap.system_permissions.QnapPermissions",
            "storage": "_qnap.system_storage.QnapStorage",
            "updates": "_qnap.system_storage.QnapUpdates",
            "container_tls": "_qnap.container_station.tls.QnapContainerTls",
            "container_station": "_qnap.container_station.station.QnapContainerStation",
        }
    )
    session_details = frozenset(("device_token",))

    def __init__(self, connection: Connection, credentials: Credentials, store: SessionStore) -> None:
        self._wire = Wire(connection, credentials, store)
        self._container = ContainerWire(self._wire, credentials, store)
        self._of_one_job = isinstance(store, MemoryStore)
        super().__init__(self._wire.sessions)

    def make(self, name: str) -> object:
        """See `Client`."""
        kind = self.offers[name]
        if name in SYSTEM:
            return kind(SystemPages(self._wire))
        if name.startswith("container_"):
            return kind(self._container)
        if name == "archives":
            return kind(self._wire, self.files, self.copies)
        if name in ("copies", "downloads", "recycle_bin", "search"):
            return kind(self._wire, self.files)
        return kind(self._wire)

    def logout(self) -> bool:
        """Log out of File Station and Container Station, and forget both sessions. Whether there was one."""
        try:
            beside = self._end_beside()
        finally:
            ended = super().logout()
        return ended or beside

    def end(self, session: Session) -> None:
        """Log a session out, of File Station (authLogout.cgi) or of Container Station (PUT logout).

        The device answers the same for one that it does not know.
        """
        self._container.log_out(session)
        self._wire.log_out(session)

    def close(self) -> None:
        """Close the connections. The session stays, except one of Container Station that only this task knows."""
        try:
            if self._of_one_job:
                # It was made beside a session that was handed on, and nobody else could end it. The work is done.
                with contextlib.suppress(NasError):
                    self._end_beside()
        finally:
            self._wire.http.close()

    def _end_beside(self) -> bool:
        session = self._container.sessions.drop()
        if session is not None:
            self.end(session)
        return session is not None
