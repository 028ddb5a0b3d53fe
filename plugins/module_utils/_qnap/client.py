# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A client of QNAP's File Station (QTS 4.0 and later, QuTS hero) and of its Container Station."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from .._api.client import Client
from .._api.offers import offered
from .._core.errors import NasError
from .._transport.http import Connection
from .._transport.session import Credentials, Session, SessionStore
from .container_station.wire import ContainerWire
from .wire import Wire

if TYPE_CHECKING:  # whoever ships a module along finds here what to ship
    from .archives import QnapArchives  # noqa: F401
    from .container_station.station import QnapContainerStation  # noqa: F401
    from .container_station.tls import QnapContainerTls  # noqa: F401
    from .copies import QnapCopies  # noqa: F401
    from .device import QnapDevice  # noqa: F401
    from .downloads import QnapDownloads  # noqa: F401
    from .files import QnapFiles  # noqa: F401
    from .job_list import QnapJobs  # noqa: F401
    from .network import QnapNetwork  # noqa: F401
    from .recycle_bin import QnapRecycleBin  # noqa: F401
    from .search import QnapSearch  # noqa: F401
    from .share_links import QnapShareLinks  # noqa: F401
    from .system import SystemPages
    from .system_accounts import QnapAccounts  # noqa: F401
    from .system_permissions import QnapPermissions  # noqa: F401
    from .system_shares import QnapSharedFolders  # noqa: F401
    from .system_storage import QnapStorage, QnapUpdates  # noqa: F401
    from .transcoding import QnapTranscoding  # noqa: F401


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

    files = offered("files.QnapFiles", lambda nas, made: made(nas._wire))
    device = offered("device.QnapDevice", lambda nas, made: made(nas._wire))
    copies = offered("copies.QnapCopies", lambda nas, made: made(nas._wire, nas.files))
    share_links = offered("share_links.QnapShareLinks", lambda nas, made: made(nas._wire))
    archives = offered("archives.QnapArchives", lambda nas, made: made(nas._wire, nas.files, nas.copies))
    jobs = offered("job_list.QnapJobs", lambda nas, made: made(nas._wire))
    downloads = offered("downloads.QnapDownloads", lambda nas, made: made(nas._wire, nas.files))
    recycle_bin = offered("recycle_bin.QnapRecycleBin", lambda nas, made: made(nas._wire, nas.files))
    transcoding = offered("transcoding.QnapTranscoding", lambda nas, made: made(nas._wire))
    search = offered("search.QnapSearch", lambda nas, made: made(nas._wire, nas.files))
    network = offered("network.QnapNetwork", lambda nas, made: made(nas._wire))
    container_tls = offered("container_station.tls.QnapContainerTls", lambda nas, made: made(nas._container))
    accounts = offered("system_accounts.QnapAccounts", lambda nas, made: made(nas._pages))
    shared_folders = offered("system_shares.QnapSharedFolders", lambda nas, made: made(nas._pages))
    share_permissions = offered("system_permissions.QnapPermissions", lambda nas, made: made(nas._pages))
    storage = offered("system_storage.QnapStorage", lambda nas, made: made(nas._pages))
    updates = offered("system_storage.QnapUpdates", lambda nas, made: made(nas._pages))
    container_station = offered(
        "container_station.station.QnapContainerStation", lambda nas, made: made(nas._container)
    )

    def __init__(self, connection: Connection, credentials: Credentials, store: SessionStore) -> None:
        self._wire = Wire(connection, credentials, store)
        self._container = ContainerWire(self._wire, credentials, store)
        self._of_one_task = store.of_one_task
        self._sessions = self._wire.sessions

    @property
    def _pages(self) -> SystemPages:
        from .system import SystemPages  # noqa: PLC0415 - for the administration alone

        return SystemPages(self._wire)

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
