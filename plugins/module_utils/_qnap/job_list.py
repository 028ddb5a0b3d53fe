# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The long operations of a QNAP, known by a process id and a type.

The device has no list of them, and the same id does not tell its type: all that File Station offers is a call for each
type that stops one (guide, sections 6.3, 7.2, 18.3 and 19.7; for copying and moving as devices have it), and for some
kinds one that tells how far it is (section 7.3; the others as devices have them).
"""

from __future__ import annotations

import time
from typing import Optional

from .._api.capabilities.jobs import JobFeatures, Jobs
from .._core.errors import Kind, NasError
from .._core.model import FAILED, RUNNING, Job
from .failures import qnap_error
from .process import CANCEL, LOST, NO_SUCH_CALL, ask, cancel
from .wire import Wire

_ASKED = ("copy", "move", "extract", "compress")
_UNRELATED = (
    Kind.AUTHENTICATION,
    Kind.CERTIFICATE,
    Kind.CONNECTION,
    Kind.OTP_REQUIRED,
    Kind.REDIRECT,
    Kind.SESSION_EXPIRED,
    Kind.UNSUPPORTED,
)
"""Kinds of failures that say nothing about a process."""


class QnapJobs(Jobs):
    """Asking about the device's processes, and stopping them.

    :param wire: makes the calls.
    """

    features = JobFeatures(
        ask=True,
        cancel=True,
    )

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._silent: dict[int, float] = {}

    def get(self, job_id: str, job_type: Optional[str] = None) -> Optional[Job]:
        """How a process is.

        Copies and moves are forgotten with the first answer that tells their end, and look then as if they had just
        begun. So only when that was said for a minute, or after an answer in broken JSON, which QTS 4.2 gives for a
        finished move, is one gone. What is said of an extraction that the device does not know is a failure.

        :param job_type: `copy`, `move`, `extract` or `compress`.
        :raises NasError: `UNSUPPORTED` for other kinds, and where the firmware has no such call; `USAGE`.
        """
        if job_type is None:
            raise _lacking("ask for a task by its id alone")
        if job_type not in _ASKED:
            raise _lacking(f"tell how a task of the kind {job_type} is")
        pid = _pid(job_id, f"get_{job_type}_status")
        try:
            answer = ask(self._wire, job_type, pid)
        except NasError as error:
            if error.kind is Kind.PROTOCOL:
                self._silent[pid] = time.monotonic() - LOST
            elif error.code in NO_SUCH_CALL:
                raise _lacking(f"tell how a task of the kind {job_type} is") from error
            elif error.kind in _UNRELATED:
                raise
            elif error.kind not in (Kind.TIMEOUT, Kind.BUSY):
                return Job(job_id, job_type, FAILED, error=error.code or error.message)
            return Job(job_id, job_type, RUNNING)
        if answer is None:
            since = self._silent.setdefault(pid, time.monotonic())
            return None if time.monotonic() - since >= LOST else Job(job_id, job_type, RUNNING)
        self._silent.pop(pid, None)
        state, percent = answer
        return Job(job_id, job_type, state, done=percent, total=100)

    def cancel(self, job_id: str, job_type: Optional[str] = None) -> None:
        """Stop a process.

        :param task_id: the process id, a number.
        :param job_type: `copy`, `move`, `extract`, `compress`, `restore` or `transcode`.
        :raises NasError: `NOT_FOUND` when no such process runs (copying and moving never say so); `USAGE`.
        """
        if job_type is None or job_type not in CANCEL:
            message = "the device needs to know the kind of the task to stop it"
            raise qnap_error(Kind.USAGE, message, hint=f"Give one of: {', '.join(CANCEL)}")
        cancel(self._wire, job_type, _pid(job_id, CANCEL[job_type]))


def _pid(job_id: str, call: str) -> int:
    if not (job_id.isascii() and job_id.isdigit()):
        message = f"the task id {job_id!r} is no process id"
        raise qnap_error(Kind.USAGE, message, call=call, hint="It is a number")
    return int(job_id)


def _lacking(what: str) -> NasError:
    return qnap_error(Kind.UNSUPPORTED, f"the device cannot {what}")
