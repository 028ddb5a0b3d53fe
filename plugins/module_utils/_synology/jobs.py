# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Long operations that DSM carries out by itself: start, ask, stop.

The status call of these APIs has traps. A device forgets a task as soon as somebody has read that it is finished. It
may not answer in time while it is busy with the task. And some releases take the id of a task without quotes only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple, Optional

from .._core.errors import Kind, NasError
from .._core.model import FAILED, FINISHED, RUNNING, Job
from .._core.waiting import Watch
from .codes import to_error
from .encoding import Raw, Value
from .reply import Reply
from .wire import Wire

MOST_SILENCES = 20  # status calls in a row without an answer in time
STOP_TIMEOUT = 70.0  # seconds; stopping a delete was seen to take a minute
_NO_JOB, _BAD_VALUE = "599", "400"

# After these nothing can be found out about what a task was to do.
FATAL = (
    Kind.AUTHENTICATION,
    Kind.CERTIFICATE,
    Kind.CONNECTION,
    Kind.OTP_REQUIRED,
    Kind.PROTOCOL,
    Kind.REDIRECT,
    Kind.SESSION_EXPIRED,
    Kind.UNSUPPORTED,
)


class JobLostError(Exception):
    """The device knows no such task any more: it is over, and how it went has to be found out in another way."""


class End(NamedTuple):
    """How a task ended. With neither of them the device has forgotten the task before it reported."""

    reply: Optional[Reply]  # the last status
    failure: Optional[NasError]  # what the device reports

    @property
    def lost(self) -> bool:
        """Whether the device has reported nothing."""
        return self.reply is None and self.failure is None


_IN_BYTES = ("copy", "move")  # what is counted in bytes; else it is files, or a part of the whole

Count = Callable[[Reply], tuple[Optional[int], Optional[int]]]


def steps(done: str) -> Count:
    """Reads how far a task is from the key `done` and from `total`; both are -1 while the device counts."""

    def count(reply: Reply) -> tuple[Optional[int], Optional[int]]:
        first, second = reply.number(done), reply.number("total")
        return (
            first if first is not None and first >= 0 else None,
            second if second is not None and second >= 0 else None,
        )

    return count


def percent(reply: Reply) -> tuple[Optional[int], Optional[int]]:
    """Reads how far a task is from `progress`, from 0 to 1; some tasks always leave it at 0."""
    progress = reply.fraction("progress")
    return (round(progress * 100), 100) if progress is not None and 0 < progress <= 1 else (None, None)


def failures(reply: Reply) -> list[object]:
    """The details of a failure in a status."""
    for key in ("errors", "error"):
        details = reply.as_dict().get(key)
        if isinstance(details, list) and details:
            return details
    return []


class JobApi:
    """One task of an API with the methods start, status and stop (Delete, MD5, DirSize, CopyMove, ...).

    :param wire: to the device.
    :param api: for example `SYNO.FileStation.Delete`.
    :param path: the path on the NAS that it is about, for errors.
    :param task_id: of a task that runs already.
    """

    def __init__(self, wire: Wire, api: str, path: str, job_id: str = "") -> None:
        self._wire = wire
        self._api = api
        self._path = path
        self._id = job_id
        self._seen = False
        self._silences = 0

    def start(self, params: Mapping[str, Value], *, idempotent: bool) -> None:
        """Begin the task. Raises what the device reports."""
        reply = self._wire.call(self._api, "start", params, path=self._path, idempotent=idempotent)
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
            if not self._seen and not isinstance(self._id, Raw) and error.code in (_NO_JOB, _BAD_VALUE):
                self._id = Raw(self._id)
                return self.status()
            if error.code == _NO_JOB:
                raise JobLostError from None
            raise
        self._seen, self._silences = True, 0
        return reply

    def stop(self) -> None:
        """Give the task up."""
        try:
            self._stop()
        except NasError as error:
            if self._seen or isinstance(self._id, Raw) or error.code not in (_NO_JOB, _BAD_VALUE):
                raise
            self._id = Raw(self._id)
            self._stop()

    def follow(self, job_type: str, watch: Watch, count: Count, code: int) -> End:
        """Ask until the task is over, and tell how it ended.

        :param job_type: what the task does, in the words of `Job.type`.
        :param count: reads (done, total) from a status.
        :param code: the code under which this API reports the details of a failure.
        :raises NasError: of a kind in `FATAL`; `TIMEOUT` and `BUSY`. Any other failure is part of the answer.
        """
        last: Optional[Reply] = None
        failure: Optional[NasError] = None

        def status() -> Job:
            nonlocal last, failure
            try:
                reply = self.status()
            except JobLostError:
                last = None
                return Job(str(self._id), job_type, FINISHED, self._path)
            except NasError as error:
                if error.kind in FATAL or error.kind in (Kind.TIMEOUT, Kind.BUSY):
                    raise
                failure = error
                return Job(str(self._id), job_type, FAILED, self._path, error=error.code)
            if reply is None:
                return Job(str(self._id), job_type, RUNNING, self._path)
            last, failure = reply, self._reported(reply, code) or failure
            done, total = count(reply)
            state = FINISHED if reply.needed_flag("finished") else RUNNING
            return Job(str(self._id), job_type, state, self._path, done, total)

        watch.until_finished(status, self.stop, in_bytes=job_type in _IN_BYTES)
        return End(last, failure)

    def _reported(self, reply: Reply, code: int) -> Optional[NasError]:
        """The failure in a status; some releases call the list `errors`, others are said to call it `error`."""
        details = failures(reply)
        if not details:
            return None
        return to_error(self._api, "status", self._path, {"code": code, "errors": details})

    def _stop(self) -> None:
        timeout = max(STOP_TIMEOUT, self._wire.http.connection.timeout)
        self._wire.call(self._api, "stop", {"taskid": self._id}, path=self._path, idempotent=False, timeout=timeout)

    def _ask(self) -> Reply:
        return self._wire.call(self._api, "status", {"taskid": self._id}, path=self._path, idempotent=False)
