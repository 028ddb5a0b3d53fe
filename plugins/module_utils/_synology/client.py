# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The client for Synology devices: DSM 5, 6 and 7 with File Station."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from ansible_collections.nasops.nas.plugins.module_utils._api import Client
from ansible_collections.nasops.nas.plugins.module_utils._http import Connection
from ansible_collections.nasops.nas.plugins.module_utils._session import Credentials, Keeper, Session
from ansible_collections.nasops.nas.plugins.module_utils._synology.archives import SynologyArchives
from ansible_collections.nasops.nas.plugins.module_utils._synology.copies import SynologyCopies
from ansible_collections.nasops.nas.plugins.module_utils._synology.device import SynologyDevice
from ansible_collections.nasops.nas.plugins.module_utils._synology.extras import SynologyExtras
from ansible_collections.nasops.nas.plugins.module_utils._synology.favorites import SynologyFavorites
from ansible_collections.nasops.nas.plugins.module_utils._synology.files import SynologyFiles
from ansible_collections.nasops.nas.plugins.module_utils._synology.mounts import SynologyMounts
from ansible_collections.nasops.nas.plugins.module_utils._synology.recycle_bin import SynologyRecycleBin
from ansible_collections.nasops.nas.plugins.module_utils._synology.search import SynologySearch
from ansible_collections.nasops.nas.plugins.module_utils._synology.share_links import SynologyShareLinks
from ansible_collections.nasops.nas.plugins.module_utils._synology.task_list import SynologyTasks
from ansible_collections.nasops.nas.plugins.module_utils._synology.wire import Wire


class Synology(Client):
    """A Synology device.

    :param connection: where it is.
    :param credentials: who asks.
    :param keeper: where the session lives.
    """

    vendor: ClassVar[str] = "synology"
    default_ports: ClassVar[tuple[int, int]] = (5000, 5001)
    offers: ClassVar[Mapping[str, type]] = {
        "files": SynologyFiles,
        "device": SynologyDevice,
        "copies": SynologyCopies,
        "share_links": SynologyShareLinks,
        "archives": SynologyArchives,
        "tasks": SynologyTasks,
        "extras": SynologyExtras,
        "search": SynologySearch,
        "favorites": SynologyFavorites,
        "recycle_bin": SynologyRecycleBin,
        "mounts": SynologyMounts,
    }
    session_details: ClassVar[frozenset[str]] = frozenset({"device_token"})

    def __init__(self, connection: Connection, credentials: Credentials, keeper: Keeper) -> None:
        wire = Wire(connection, credentials, keeper)
        files = SynologyFiles(wire)
        copies = SynologyCopies(wire, files.stat)
        super().__init__(
            wire.sessions,
            {
                "files": files,
                "device": SynologyDevice(wire),
                "copies": copies,
                "share_links": SynologyShareLinks(wire),
                "archives": SynologyArchives(wire, files.stat),
                "tasks": SynologyTasks(wire),
                "extras": SynologyExtras(wire, files.stat),
                "search": SynologySearch(wire, files),
                "favorites": SynologyFavorites(wire),
                "recycle_bin": SynologyRecycleBin(files, copies),
                "mounts": SynologyMounts(wire),
            },
        )
        self._wire = wire

    def end(self, session: Session) -> None:
        """Log a session out; only the connection is needed for it."""
        self._wire.end(session)

    def close(self) -> None:
        """Close the connections."""
        self._wire.http.close()
