# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A client of QNAP's File Station (QTS 4.0 and later, QuTS hero) and of its Container Station."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, ClassVar

from ansible_collections.nasops.nas.plugins.module_utils._api import Client, Offers
from ansible_collections.nasops.nas.plugins.module_utils._container_station.wire import ContainerWire
from ansible_collections.nasops.nas.plugins.module_utils._errors import NasError
from ansible_collections.nasops.nas.plugins.module_utils._http import Connection
from ansible_collections.nasops.nas.plugins.module_utils._qnap.wire import Wire
from ansible_collections.nasops.nas.plugins.module_utils._session import (
    Credentials,
    Keeper,
    MemoryKeeper,
    Session,
)

if TYPE_CHECKING:  # see Offers
    from ansible_collections.nasops.nas.plugins.module_utils._container_station.station import QnapContainerStation
    from ansible_collections.nasops.nas.plugins.module_utils._container_station.tls import QnapContainerTls
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
            "tasks": "_qnap.task_list.QnapTasks",
            "extras": "_qnap.extras.QnapExtras",
            "search": "_qnap.search.QnapSearch",
            "recycle_bin": "_qnap.recycle_bin.QnapRecycleBin",
            "transcoding": "_qnap.transcoding.QnapTranscoding",
            "network": "_qnap.network.QnapNetwork",
            "container_tls": "_container_station.tls.QnapContainerTls",
            "container_station": "_container_station.station.QnapContainerStation",
        }
    )
    session_details = frozenset(("device_token",))

    def __init__(self, connection: Connection, credentials: Credentials, keeper: Keeper) -> None:
        self._wire = Wire(connection, credentials, keeper)
        self._container = ContainerWire(self._wire, credentials, keeper)
        self._of_one_task = isinstance(keeper, MemoryKeeper)
        super().__init__(self._wire.sessions)

    def make(self, name: str) -> object:
        """See `Client`."""
        kind = self.offers[name]
        if name.startswith("container_"):
            return kind(self._container)
        if name == "archives":
            return kind(self._wire, self.files, self.copies)
        if name in ("copies", "extras", "recycle_bin", "search"):
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
