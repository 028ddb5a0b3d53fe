# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""FsTask, a long operation of a Freebox ("Task" in the guide of the file system, API v4).

Tasks stay in the box's list for days, so those that were started here are deleted here. A box may also forget a task at
any time; the caller then looks at the files. Only one task is active at a time; others wait in the state `queued`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any, Optional

from .._core.errors import Kind, NasError
from .._core.model import FAILED, FINISHED, PAUSED, QUEUED, RUNNING, Job, parse_count, parse_time
from .._core.waiting import Detached, Watch
from . import codes, envelope
from .failures import VENDOR
from .wire import Wire

_STATES = {"queued": QUEUED, "running": RUNNING, "paused": PAUSED, "done": FINISHED, "failed": FAILED}
_TYPES = {"archive": "compress", "cat": "assemble", "cp": "copy", "hash": "checksum", "mv": "move", "rm": "delete"}
_GET = "GET fs/tasks/{id}"
_DELETE = "DELETE fs/tasks/{id}"


def read(found: Any, call: str, path: str = "") -> Job:
    """The Task in a FsTask. Its progress is in percent, and its total 100.

    A 0 in the other numbers says that the box does not know (yet), but where it counts what is done of a known total.

    :raises NasError: `PROTOCOL`.
    """
    number = envelope.member(found, "id", int, call, path)
    state = _STATES.get(envelope.member(found, "state", str, call, path))
    if state is None:
        raise envelope.protocol_error(call, "the task is in a state that is not documented", path)
    job_type = envelope.member(found, "type", str, call, path)
    error = found.get("error")
    if not isinstance(error, str) or error == "none":
        error = None
    progress = found.get("progress")  # null now and then
    known = isinstance(progress, int) and not isinstance(progress, bool)
    return Job(
        id=str(number),
        type=_TYPES.get(job_type, job_type),
        state=FAILED if state == FINISHED and error else state,
        path=path or None,
        done=min(max(progress, 0), 100) if known else None,
        total=100 if known else None,
        error=error,
        created=_moment(found, "created_ts"),
        started=_moment(found, "started_ts"),
        ended=_moment(found, "done_ts"),
        rate=parse_count(found.get("rate")) or None,
        eta=parse_count(found.get("eta")) or None,
        files_done=parse_count(found.get("nfiles_done")) if parse_count(found.get("nfiles")) else None,
        files_total=parse_count(found.get("nfiles")) or None,
        bytes_done=parse_count(found.get("total_bytes_done")) if parse_count(found.get("total_bytes")) else None,
        bytes_total=parse_count(found.get("total_bytes")) or None,
        processing=_word(found.get("from")) or _word(found.get("to")),
    )


def _moment(found: Any, key: str) -> Optional[int]:
    try:
        return parse_time(found.get(key) or None)
    except ValueError:
        return None


def _word(value: Any) -> Optional[str]:
    return value if isinstance(value, str) and value else None


def failure(job: Job, call: str, path: str = "") -> NasError:
    """The error that ended a task, by the `error` of its FsTask.

    :param call: the one that has started the task.
    """
    code = job.error or ""
    return envelope.failed(codes.known(codes.job_table_of(call), code), call, path, code)


class FsJobs:
    """The long operations that are started here."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    @contextlib.contextmanager
    def started(self, call: str, body: Any, *, path: str = "") -> Iterator[Job]:
        """Start an operation; at the end its task is deleted on the box, and stopped if it still runs, unless nobody
        waits for it.

        :param call: such as `POST fs/rm/`; never repeated, unless the box certainly did not receive it.
        :param path: what it is about, for errors.
        """
        job = read(self._wire.call(call, path=path, body=body), call, path)
        left_alone = False
        try:
            yield job
        except Detached:
            left_alone = True
            raise
        finally:
            if not left_alone:
                # The work is done or has failed already; that its trace stays behind must not hide how it went.
                with contextlib.suppress(NasError):
                    self._wire.call(_DELETE, job.id, path=path, idempotent=True)

    def wait(self, job: Job, watch: Watch) -> Optional[Job]:
        """Follow a task to its end, FINISHED or FAILED; None when the box has forgotten it.

        :raises NasError: `TIMEOUT`, and whatever a question to the box raises.
        """
        latest: list[Job] = [job]
        path = job.path or ""

        def status() -> Job:
            if latest:
                return latest.pop()
            return read(self._wire.call(_GET, job.id, path=path), _GET, path)

        try:
            return watch.until_finished(status, lambda: None)
        except NasError as error:
            if error.kind is Kind.NOT_FOUND:
                return None
            error.vendor = error.vendor or VENDOR
            error.call = error.call or _GET
            raise
