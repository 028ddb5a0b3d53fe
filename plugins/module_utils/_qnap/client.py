# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A client of QNAP's File Station (QTS 4.0 and later, QuTS hero)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from ansible_collections.nasops.nas.plugins.module_utils._api import Client
from ansible_collections.nasops.nas.plugins.module_utils._http import Connection
from ansible_collections.nasops.nas.plugins.module_utils._qnap.device import QnapDevice
from ansible_collections.nasops.nas.plugins.module_utils._qnap.files import QnapFiles
from ansible_collections.nasops.nas.plugins.module_utils._qnap.wire import Wire
from ansible_collections.nasops.nas.plugins.module_utils._session import Credentials, Keeper, Session


class Qnap(Client):
    """A QNAP, by its capabilities. Makes no call until one is used.

    :param connection: where it is.
    :param credentials: who asks.
    :param keeper: where the session lives.
    """

    vendor = "qnap"
    default_ports = (8080, 443)
    offers: ClassVar[Mapping[str, type]] = {"files": QnapFiles, "device": QnapDevice}
    session_details = frozenset(("device_token",))

    def __init__(self, connection: Connection, credentials: Credentials, keeper: Keeper) -> None:
        self._wire = Wire(connection, credentials, keeper)
        super().__init__(self._wire.sessions, {"files": QnapFiles(self._wire), "device": QnapDevice(self._wire)})

    def end(self, session: Session) -> None:
        """Log a session out (authLogout.cgi); the device answers the same for one that it does not know."""
        self._wire.log_out(session)

    def close(self) -> None:
        """Close the connections."""
        self._wire.http.close()
