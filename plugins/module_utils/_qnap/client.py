# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A client of QNAP's File Station (QTS 4.0 and later, QuTS hero) and of its Container Station."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import ClassVar

from ansible_collections.nasops.nas.plugins.module_utils._api import Client
from ansible_collections.nasops.nas.plugins.module_utils._container_station.station import QnapContainerStation
from ansible_collections.nasops.nas.plugins.module_utils._container_station.tls import QnapContainerTls
from ansible_collections.nasops.nas.plugins.module_utils._container_station.wire import ContainerWire
from ansible_collections.nasops.nas.plugins.module_utils._errors import NasError
from ansible_collections.nasops.nas.plugins.module_utils._http import Connection
from ansible_collections.nasops.nas.plugins.module_utils._qnap.archives import QnapArchives
from ansible_collections.nasops.nas.plugins.module_utils._qnap.copies import QnapCopies
from ansible_collections.nasops.nas.plugins.module_utils._qnap.device import QnapDevice
from ansible_collections.nasops.nas.plugins.module_utils._qnap.extras import QnapExtras
from ansible_collections.nasops.nas.plugins.module_utils._qnap.files import QnapFiles
from ansible_collections.nasops.nas.plugins.module_utils._qnap.network import QnapNetwork
from ansible_collections.nasops.nas.plugins.module_utils._qnap.recycle_bin import QnapRecycleBin
from ansible_collections.nasops.nas.plugins.module_utils._qnap.search import QnapSearch
from ansible_collections.nasops.nas.plugins.module_utils._qnap.share_links import QnapShareLinks
from ansible_collections.nasops.nas.plugins.module_utils._qnap.task_list import QnapTasks
from ansible_collections.nasops.nas.plugins.module_utils._qnap.transcoding import QnapTranscoding
from ansible_collections.nasops.nas.plugins.module_utils._qnap.wire import Wire
from ansible_collections.nasops.nas.plugins.module_utils._session import (
    Credentials,
    Keeper,
    MemoryKeeper,
    Session,
)


class Qnap(Client):
    """A QNAP, by its capabilities. Makes no call until one is used.

    :param connection: where it is.
    :param credentials: who asks.
    :param keeper: where the session lives.
    """

    vendor = "qnap"
    default_ports = (8080, 443)
    offers: ClassVar[Mapping[str, type]] = {
        "files": QnapFiles,
        "device": QnapDevice,
        "copies": QnapCopies,
        "share_links": QnapShareLinks,
        "archives": QnapArchives,
        "tasks": QnapTasks,
        "extras": QnapExtras,
        "search": QnapSearch,
        "recycle_bin": QnapRecycleBin,
        "transcoding": QnapTranscoding,
        "network": QnapNetwork,
        "container_tls": QnapContainerTls,
        "container_station": QnapContainerStation,
    }
    session_details = frozenset(("device_token",))

    def __init__(self, connection: Connection, credentials: Credentials, keeper: Keeper) -> None:
        self._wire = Wire(connection, credentials, keeper)
        self._container = ContainerWire(self._wire, credentials, keeper)
        self._of_one_task = isinstance(keeper, MemoryKeeper)
        files = QnapFiles(self._wire)
        copies = QnapCopies(self._wire, files)
        capabilities = {
            "files": files,
            "device": QnapDevice(self._wire),
            "copies": copies,
            "share_links": QnapShareLinks(self._wire),
            "archives": QnapArchives(self._wire, files, copies),
            "tasks": QnapTasks(self._wire),
            "extras": QnapExtras(self._wire, files),
            "search": QnapSearch(self._wire, files),
            "recycle_bin": QnapRecycleBin(self._wire, files),
            "transcoding": QnapTranscoding(self._wire),
            "network": QnapNetwork(self._wire),
            "container_tls": QnapContainerTls(self._container),
            "container_station": QnapContainerStation(self._container),
        }
        super().__init__(self._wire.sessions, capabilities)

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
            if self._of_one_task:
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
