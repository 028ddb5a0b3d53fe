# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Long operations that a QNAP carries out by itself: start, ask, stop (File Station guide, sections 4 to 7).

The device answers with a process id. Asking how far a process is has traps. Copying and moving are forgotten as soon
as somebody has read that they are finished, and then look as if they had just begun. A finished move has been seen to
be reported in broken JSON. And early firmware cannot be asked about some of them at all. So whenever the answer tells
nothing, what lies on the shares decides.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Mapping
from typing import Any, NamedTuple, Optional

from .._core.errors import Kind, NasError
from .._core.model import FINISHED, RUNNING, Job
from .._core.waiting import Watch
from .envelope import number
from .failures import qnap_error
from .wire import Fields, Wire

CANCEL: Mapping[str, str] = {
    "copy": "cancel_copy",
    "move": "cancel_move",
    "extract": "cancel_extract",
    "compress": "cancel_compress",
    "restore": "cancel_trash_recovery",
    "transcode": "cancel_transcode",
}
"""Which call stops a process, by `Job.type`."""

QUIET = 5.0  # seconds without a change after which a process that the device is silent about is over
LOST = 60.0  # the same where something that it should make is not there
MOST_SILENCES = 20  # questions in a row without an answer in time
_WORKING = (6, 28, 36)  # a status that says: not finished yet
NO_SUCH_CALL = ("20", "101", "102")
_WHOLE = 100  # percent


class Seen(NamedTuple):
    """What the shares show of a process."""

    mark: Hashable  # changes as long as the device works on it
    whole: bool  # whether everything that it makes is there, be it in parts
    over: bool = False  # whether it is certain that nothing is left to do


class Process:
    """One process of the device.

    :param wire: makes the calls.
    :param job_type: `copy`, `move`, `extract` or `compress`, which is also the call that starts it.
    :param path: what it is about, for errors.
    :param read_state: looks at what lies on the shares.
    """

    def __init__(self, wire: Wire, job_type: str, path: str, read_state: Callable[[], Seen]) -> None:
        self._wire = wire
        self._job_type = job_type
        self._path = path
        self._read_state = read_state
        self._pid = 0
        self._silences = 0
        self._last: Optional[Seen] = None
        self._since = 0.0

    def start(self, fields: Fields, *, form: bool = False) -> bool:
        """Begin it. False when the device has done it already, as the guide has it for copying and moving.

        :raises NasError: what the device reports.
        """
        reply = self._wire.call(self._job_type, fields, path=self._path, idempotent=False, form=form)
        pid = number(reply.get("pid"))
        if "pid" not in reply:
            return False
        if pid is None:
            raise qnap_error(Kind.PROTOCOL, "the pid is no number", call=self._job_type, path=self._path)
        self._pid = pid
        return True

    def wait(self, watch: Watch, part: int = 0, parts: int = 1) -> None:
        """Wait until it is over; it is stopped on timeout and interruption.

        :param part: which of how many processes of one request this is, for the progress in percent.
        """

        def status() -> Job:
            job = self.status()
            done = None if job.done is None else part * _WHOLE + job.done
            return Job(job.id, job.type, job.state, job.path, done, parts * _WHOLE)

        watch.until_finished(status, self.stop)

    def stop(self) -> None:
        """Give it up."""
        cancel(self._wire, self._job_type, self._pid, self._path)

    def status(self) -> Job:
        """How far it is.

        :raises NasError: what the device reports about it, `TIMEOUT` or `BUSY` after many silences, and `DEVICE` when
            it is gone and left its work undone.
        """
        try:
            answer = ask(self._wire, self._job_type, self._pid, self._path)
        except NasError as error:
            if error.kind in (Kind.TIMEOUT, Kind.BUSY) and self._silences < MOST_SILENCES:
                self._silences += 1
                return self._task(RUNNING)
            if error.kind is Kind.PROTOCOL or error.code in NO_SUCH_CALL:
                return self._check_outcome()
            raise
        self._silences = 0
        if answer is None:
            return self._check_outcome()
        self._last = None
        return self._task(*answer)

    def _check_outcome(self) -> Job:
        seen = self._read_state()
        now = time.monotonic()
        if seen.over:
            return self._task(FINISHED, _WHOLE)
        if seen != self._last:
            self._last, self._since = seen, now
        elif now - self._since >= (QUIET if seen.whole else LOST):
            if seen.whole:
                return self._task(FINISHED, _WHOLE)
            message = "the device no longer knows this task, and what it should make is not there"
            raise qnap_error(Kind.DEVICE, message, call=self._job_type, path=self._path)
        return self._task(RUNNING)

    def _task(self, state: str, done: Optional[int] = None) -> Job:
        return Job(str(self._pid), self._job_type, state, self._path, done, _WHOLE)


def ask(wire: Wire, job_type: str, pid: int, path: str = "") -> Optional[tuple[str, Optional[int]]]:
    """The state of a process and how many percent are done; None when the device's answer tells nothing.

    :param job_type: `copy`, `move`, `extract` or `compress`.
    :raises NasError: what the device reports about it.
    """
    call = f"get_{job_type}_status"

    def attempt(sid: str) -> dict[str, Any]:
        value = wire.parsed(call, wire.send(call, sid, [("pid", pid)], path=path), path)
        if isinstance(value, dict) and number(value.get("status")) in _WORKING:
            return value
        return wire.checked(call, value, path=path)

    reply = wire.run(attempt, idempotent=True)
    percent = _percent(reply)
    if number(reply.get("status")) in _WORKING:
        return RUNNING, percent
    if job_type in ("extract", "compress"):
        return FINISHED, _WHOLE
    if percent is None or (percent == 0 and not reply.get("filename")):
        return None
    return FINISHED if percent >= _WHOLE else RUNNING, min(percent, _WHOLE)


def cancel(wire: Wire, job_type: str, pid: int, path: str = "") -> None:
    """Stop a process.

    :param job_type: one of `CANCEL`.
    :raises NasError: `NOT_FOUND` when there is none to stop.
    """
    wire.call(CANCEL[job_type], [("pid", pid)], path=path, idempotent=False)


def _percent(reply: Mapping[str, Any]) -> Optional[int]:
    value = reply.get("percent")
    return int(value) if isinstance(value, float) else number(value)
