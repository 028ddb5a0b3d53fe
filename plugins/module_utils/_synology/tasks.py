# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Long operations that DSM carries out by itself: start, ask, stop.

The status call of these APIs has traps. A device forgets a task as soon as somebody has read that it is finished. It
may not answer in time while it is busy with the task. And some releases take the id of a task without quotes only.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Optional

from ansible_collections.nasops.nas.plugins.module_utils._errors import Kind, NasError
from ansible_collections.nasops.nas.plugins.module_utils._synology.encoding import Raw, Value
from ansible_collections.nasops.nas.plugins.module_utils._synology.reply import Reply
from ansible_collections.nasops.nas.plugins.module_utils._synology.wire import Wire

MOST_SILENCES = 20  # status calls in a row without an answer in time
STOP_TIMEOUT = 70.0  # seconds; stopping a delete was seen to take a minute
_NO_TASK, _BAD_VALUE = "599", "400"


class TaskLostError(Exception):
    """The device knows no such task any more: it is over, and how it went has to be found out in another way."""


class DeviceTask:
    """One task of an API with the methods start, status and stop (Delete, MD5, DirSize, CopyMove, ...).

    :param wire: to the device.
    :param api: for example `SYNO.FileStation.Delete`.
    :param path: the path on the NAS that it is about, for errors.
    """

    def __init__(self, wire: Wire, api: str, path: str) -> None:
        self._wire = wire
        self._api = api
        self._path = path
        self._id = ""
        self._seen = False
        self._silences = 0

    def start(self, params: Mapping[str, Value], *, changes_nothing: bool) -> None:
        """Begin the task. Raises what the device reports."""
        reply = self._wire.call(self._api, "start", params, path=self._path, changes_nothing=changes_nothing)
        self._id = reply.needed_text("taskid")

    def status(self) -> Optional[Reply]:
        """The present state; None when the device did not answer in time, so that one should ask again.

        Never repeated by itself: an answer that got lost may have been the one after which the task is forgotten.

        :raises TaskLostError: see there.
        :raises NasError: what the device reports, and `TIMEOUT` or `BUSY` after many silences.
        """
        try:
            reply = self._ask()
        except NasError as error:
            if error.kind in (Kind.TIMEOUT, Kind.BUSY) and self._silences < MOST_SILENCES:
                self._silences += 1
                return None
            if not self._seen and not isinstance(self._id, Raw) and error.code in (_NO_TASK, _BAD_VALUE):
                self._id = Raw(self._id)
                return self.status()
            if error.code == _NO_TASK:
                raise TaskLostError from None
            raise
        self._seen, self._silences = True, 0
        return reply

    def stop(self) -> None:
        """Give the task up."""
        timeout = max(STOP_TIMEOUT, self._wire.http.connection.timeout)
        self._wire.call(
            self._api, "stop", {"taskid": self._id}, path=self._path, changes_nothing=False, timeout=timeout
        )

    def _ask(self) -> Reply:
        return self._wire.call(self._api, "status", {"taskid": self._id}, path=self._path, changes_nothing=False)
