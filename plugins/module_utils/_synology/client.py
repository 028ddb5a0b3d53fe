# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The client for Synology devices: DSM 5, 6 and 7 with File Station."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, ClassVar

from .._api.client import Client
from .._api.offers import offered
from .._core.errors import NasError
from .._transport.http import Connection
from .._transport.session import Credentials, Session, SessionStore
from .control_panel import ControlPanel
from .wire import Wire

if TYPE_CHECKING:  # whoever ships a module along finds here what to ship
    from .archives import SynologyArchives  # noqa: F401
    from .copies import SynologyCopies  # noqa: F401
    from .core_accounts import SynologyAccounts  # noqa: F401
    from .core_permissions import SynologyPermissions  # noqa: F401
    from .core_shares import SynologySharedFolders  # noqa: F401
    from .core_storage import SynologyStorage, SynologyUpdates  # noqa: F401
    from .device import SynologyDevice  # noqa: F401
    from .downloads import SynologyDownloads  # noqa: F401
    from .favorites import SynologyFavorites  # noqa: F401
    from .files import SynologyFiles  # noqa: F401
    from .job_list import SynologyJobs  # noqa: F401
    from .mounts import SynologyMounts  # noqa: F401
    from .recycle_bin import SynologyRecycleBin  # noqa: F401
    from .search import SynologySearch  # noqa: F401
    from .share_links import SynologyShareLinks  # noqa: F401


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

    files = offered("files.SynologyFiles", lambda nas, made: made(nas._wire))
    device = offered("device.SynologyDevice", lambda nas, made: made(nas._wire))
    copies = offered("copies.SynologyCopies", lambda nas, made: made(nas._wire, nas.files.stat))
    share_links = offered("share_links.SynologyShareLinks", lambda nas, made: made(nas._wire))
    archives = offered("archives.SynologyArchives", lambda nas, made: made(nas._wire, nas.files.stat))
    jobs = offered("job_list.SynologyJobs", lambda nas, made: made(nas._wire))
    downloads = offered("downloads.SynologyDownloads", lambda nas, made: made(nas._wire, nas.files.stat))
    recycle_bin = offered("recycle_bin.SynologyRecycleBin", lambda nas, made: made(nas.files, nas.copies))
    search = offered("search.SynologySearch", lambda nas, made: made(nas._wire, nas.files))
    favorites = offered("favorites.SynologyFavorites", lambda nas, made: made(nas._wire))
    mounts = offered("mounts.SynologyMounts", lambda nas, made: made(nas._wire))
    accounts = offered("core_accounts.SynologyAccounts", lambda nas, made: made(nas._panel))
    shared_folders = offered("core_shares.SynologySharedFolders", lambda nas, made: made(nas._panel))
    share_permissions = offered("core_permissions.SynologyPermissions", lambda nas, made: made(nas._panel))
    storage = offered("core_storage.SynologyStorage", lambda nas, made: made(nas._panel))
    updates = offered("core_storage.SynologyUpdates", lambda nas, made: made(nas._panel))

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
