# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The client for Synology devices: DSM 5, 6 and 7 with File Station."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, ClassVar

from .._api.client import Client, Offers
from .._core.errors import NasError
from .._transport.http import Connection
from .._transport.session import Credentials, MemoryStore, Session, SessionStore
from .control_panel import ControlPanel
from .wire import Wire

if TYPE_CHECKING:  # see Offers
    from .archives import SynologyArchives
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

PANEL = ("accounts", "shared_folders", "share_permissions", "storage", "updates")
"""The capabilities that lie in the control panel."""


class Synology(Client):
    """A Synology device.

    :param connection: where it is.
    :param credentials: who asks.
    :param store: where the session lives.
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
            "accounts": "_synology.core_accounts.SynologyAccounts",
            "shared_folders": "_synology.core_shares.SynologySharedFolders",
            "share_permissions": "_synology.core_permissions.SynologyPermissions",
            "storage": "_synology.core_storage.SynologyStorage",
            "updates": "_synology.core_storage.SynologyUpdates",
        }
    )
    session_details: ClassVar[frozenset[str]] = frozenset({"device_token"})

    def __init__(self, connection: Connection, credentials: Credentials, store: SessionStore) -> None:
        self._wire = Wire(connection, credentials, store)
        self._panel = ControlPanel(connection, credentials, store, self._wire)
        self._of_one_task = isinstance(store, MemoryStore)
        super().__init__(self._wire.sessions)

    def make(self, name: str) -> object:
        """See `Client`."""
        kind = self.offers[name]
        if name in PANEL:
            return kind(self._panel)
        if name == "recycle_bin":
            return kind(self.files, self.copies)
        if name == "search":
            return kind(self._wire, self.files)
        if name in ("archives", "copies", "downloads"):
            return kind(self._wire, self.files.stat)
        return kind(self._wire)

    @property
    def warnings(self) -> list[str]:
        """What the user should know of the logins so far, of both kinds of sessions."""
        return [*super().warnings, *([] if self._panel.is_borrowed else self._panel.sessions.warnings)]

    def logout(self) -> bool:
        """Log out of File Station and of the control panel, and forget both sessions. Whether there was one."""
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
        session = None if self._panel.is_borrowed else self._panel.sessions.drop()
        if session is not None:
            self.end(session)
        return session is not None
