# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A client of QNAP's File Station (QTS 4.0 and later, QuTS hero) and of its Container Station."""

from __future__ import annotations

import contextlib

from .._api.client import Client
from .._api.offers import offered
from .._core.errors import NasError
from .._transport.http import Connection
from .._transport.session import Credentials, Session, SessionStore
from .archives import QnapArchives
from .container_station.station import QnapContainerStation
from .container_station.tls import QnapContainerTls
from .container_station.wire import ContainerWire
from .copies import QnapCopies
from .device import QnapDevice
from .downloads import QnapDownloads
from .files import QnapFiles
from .job_list import QnapJobs
from .network import QnapNetwork
from .recycle_bin import QnapRecycleBin
from .search import QnapSearch
from .share_links import QnapShareLinks
from .system import SystemPages
from .system_accounts import QnapAccounts
from .system_permissions import QnapPermissions
from .system_shares import QnapSharedFolders
from .system_storage import QnapStorage, QnapUpdates
from .transcoding import QnapTranscoding
from .wire import Wire


class Qnap(Client):
    """A QNAP, by its capabilities. Makes no call until one is used.

    :param connection: where it is.
    :param credentials: who asks.
    :param store: where the session lives.
    """

    vendor = "qnap"
    default_ports = (8080, 443)
    session_details = frozenset(("device_token",))
    service_folders = frozenset((".@__thumb",))
    kept_aside = frozenset(("@Recycle", "@Recently-Snapshot"))

    files = offered(QnapFiles, lambda nas: QnapFiles(nas._wire))
    device = offered(QnapDevice, lambda nas: QnapDevice(nas._wire))
    copies = offered(QnapCopies, lambda nas: QnapCopies(nas._wire, nas.files))
    share_links = offered(QnapShareLinks, lambda nas: QnapShareLinks(nas._wire))
    archives = offered(QnapArchives, lambda nas: QnapArchives(nas._wire, nas.files, nas.copies))
    jobs = offered(QnapJobs, lambda nas: QnapJobs(nas._wire))
    downloads = offered(QnapDownloads, lambda nas: QnapDownloads(nas._wire, nas.files))
    recycle_bin = offered(QnapRecycleBin, lambda nas: QnapRecycleBin(nas._wire, nas.files))
    transcoding = offered(QnapTranscoding, lambda nas: QnapTranscoding(nas._wire))
    search = offered(QnapSearch, lambda nas: QnapSearch(nas._wire, nas.files))
    network = offered(QnapNetwork, lambda nas: QnapNetwork(nas._wire))
    container_tls = offered(QnapContainerTls, lambda nas: QnapContainerTls(nas._container))
    accounts = offered(QnapAccounts, lambda nas: QnapAccounts(SystemPages(nas._wire)))
    shared_folders = offered(QnapSharedFolders, lambda nas: QnapSharedFolders(SystemPages(nas._wire)))
    share_permissions = offered(QnapPermissions, lambda nas: QnapPermissions(SystemPages(nas._wire)))
    storage = offered(QnapStorage, lambda nas: QnapStorage(SystemPages(nas._wire)))
    updates = offered(QnapUpdates, lambda nas: QnapUpdates(SystemPages(nas._wire)))
    container_station = offered(QnapContainerStation, lambda nas: QnapContainerStation(nas._container))

    def __init__(self, connection: Connection, credentials: Credentials, store: SessionStore) -> None:
        self._wire = Wire(connection, credentials, store)
        self._container = ContainerWire(self._wire, credentials, store)
        self._of_one_task = store.of_one_task
        self._sessions = self._wire.sessions

    def logout(self) -> bool:
        """Log out of File Station and Container Station, and forget what has ended. Whether there was one."""
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
            if self._of_one_task:
                # It was made beside a session that was handed on, and nobody else could end it. The work is done.
                with contextlib.suppress(NasError):
                    self._end_beside()
        finally:
            self._wire.http.close()

    def _end_beside(self) -> bool:
        return self._log_out(self._container.sessions)
