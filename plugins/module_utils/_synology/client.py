# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The client for Synology devices: DSM 5, 6 and 7 with File Station."""

from __future__ import annotations

import contextlib
from typing import ClassVar

from .._api.client import Client
from .._api.offers import offered
from .._core.errors import NasError
from .._transport.http import Connection
from .._transport.session import Credentials, Session, SessionStore
from .archives import SynologyArchives
from .control_panel import ControlPanel
from .copies import SynologyCopies
from .core_accounts import SynologyAccounts
from .core_permissions import SynologyPermissions
from .core_shares import SynologySharedFolders
from .core_storage import SynologyStorage, SynologyUpdates
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
    accounts = offered(SynologyAccounts, lambda nas: SynologyAccounts(nas._panel))
    shared_folders = offered(SynologySharedFolders, lambda nas: SynologySharedFolders(nas._panel))
    share_permissions = offered(SynologyPermissions, lambda nas: SynologyPermissions(nas._panel))
    storage = offered(SynologyStorage, lambda nas: SynologyStorage(nas._panel))
    updates = offered(SynologyUpdates, lambda nas: SynologyUpdates(nas._panel))

    def __init__(self, connection: Connection, credentials: Credentials, store: SessionStore) -> None:
        self._wire = Wire(connection, credentials, store)
        self._panel = ControlPanel(connection, credentials, store, self._wire)
        self._of_one_task = store.of_one_task
        self._sessions = self._wire.sessions

    @property
    def warnings(self) -> list[str]:
        """What the user should know of the logins so far, of both kinds of sessions."""
        return [*super().warnings, *([] if self._panel.is_borrowed else self._panel.sessions.warnings)]

    def logout(self) -> bool:
        """Log out of File Station and of the control panel, and forget what has ended. Whether there was one."""
        try:
            beside = self._end_beside()
        finally:
            ended = super().logout()
        return ended or beside

    def end(self, session: Session) -> None:
        """Log a session out; only the connection is needed for it."""
        self._wire.end(session)

    def close(self) -> None:
        """Close the connections. The session stays, except one of the control panel that only this task knows."""
        try:
            if self._of_one_task:
                # It was made beside a session that was handed on, and nobody else could end it. The work is done.
                with contextlib.suppress(NasError):
                    self._end_beside()
        finally:
            self._wire.http.close()

    def _end_beside(self) -> bool:
        return not self._panel.is_borrowed and self._log_out(self._panel.sessions)
