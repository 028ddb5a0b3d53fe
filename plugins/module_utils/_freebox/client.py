# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The client of a Freebox: its capabilities over one wire."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from .._api.client import Client
from .._api.offers import offered
from .._transport.http import Connection
from .._transport.session import Credentials, Session, SessionStore
from .wire import Wire

if TYPE_CHECKING:  # whoever ships a module along finds here what to ship
    from .archives import FreeboxArchives  # noqa: F401
    from .assembly import FreeboxAssembly  # noqa: F401
    from .copies import FreeboxCopies  # noqa: F401
    from .device import FreeboxDevice  # noqa: F401
    from .downloads import FreeboxDownloads  # noqa: F401
    from .files import FreeboxFiles  # noqa: F401
    from .job_list import FreeboxJobs  # noqa: F401
    from .pairing import FreeboxPairing  # noqa: F401
    from .repair import FreeboxRepair  # noqa: F401
    from .share_links import FreeboxShareLinks  # noqa: F401
    from .storage import FreeboxStorage  # noqa: F401


class Freebox(Client):
    """Freebox OS, API v4 and later.

    :param connection: where the box is.
    :param credentials: `username` is the application's id, `password` its token.
    :param store: where the session lives.
    """

    vendor = "freebox"
    default_ports: ClassVar[tuple[int, int]] = (80, 443)

    files = offered("files.FreeboxFiles", lambda nas, made: made(nas._wire))
    device = offered("device.FreeboxDevice", lambda nas, made: made(nas._wire))
    pairing = offered("pairing.FreeboxPairing", lambda nas, made: made(nas._wire))
    copies = offered("copies.FreeboxCopies", lambda nas, made: made(nas._wire))
    share_links = offered("share_links.FreeboxShareLinks", lambda nas, made: made(nas._wire))
    archives = offered("archives.FreeboxArchives", lambda nas, made: made(nas._wire))
    assembly = offered("assembly.FreeboxAssembly", lambda nas, made: made(nas._wire))
    repair = offered("repair.FreeboxRepair", lambda nas, made: made(nas._wire))
    jobs = offered("job_list.FreeboxJobs", lambda nas, made: made(nas._wire))
    downloads = offered("downloads.FreeboxDownloads", lambda nas, made: made(nas._wire))
    storage = offered("storage.FreeboxStorage", lambda nas, made: made(nas._wire))

    def __init__(self, connection: Connection, credentials: Credentials, store: SessionStore) -> None:
        self._wire = Wire(connection, credentials, store)
        self._sessions = self._wire.sessions

    def end(self, session: Session) -> None:
        """`POST login/logout/`; needs the session alone."""
        self._wire.logout(session)

    def close(self) -> None:
        """Close the connections; the session stays."""
        self._wire.http.close()
