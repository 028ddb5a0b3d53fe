# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All long operations that a Freebox knows, whoever started them ("Task" in the guide of the file system, API v4)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, List, Optional

from .._api.capabilities.jobs import JobFeatures, Jobs
from .._core.errors import Kind, NasError, usage
from .._core.model import FAILED, FINISHED, Job
from . import envelope, jobs
from .failures import freebox_error
from .wire import Wire

_LIST = "GET fs/tasks/"
_GET = "GET fs/tasks/{id}"
_PUT = "PUT fs/tasks/{id}"
_DELETE = "DELETE fs/tasks/{id}"


class FreeboxJobs(Jobs):
    """See `Jobs`. An id is a number. Finished tasks stay in the box's list for days, until somebody clears them."""

    features = JobFeatures(
        list=True,
        pause=True,
        cancel=True,
        clear=True,
    )

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def list(self) -> List[Job]:
        """`GET fs/tasks/`."""
        found = self._wire.call(_LIST)
        if found is not None and not isinstance(found, list):
            raise envelope.protocol_error(_LIST, "the answer is not a list")
        return [_read(job, _LIST) for job in found or []]

    def get(self, job_id: str, job_type: Optional[str] = None) -> Optional[Job]:
        """`GET fs/tasks/{id}`, None when the box says that there is no such task."""
        try:
            return _read(self._wire.call(_GET, _number(job_id)), _GET)
        except NasError as error:
            if error.kind is Kind.NOT_FOUND:
                return None
            raise

    def pause(self, job_id: str) -> None:
        """`PUT fs/tasks/{id}` with the state `paused`.

        :raises NasError: `NOT_FOUND`; `INVALID_ARGUMENT` for a task that cannot be paused, such as one that is over.
        """
        self._change(job_id, "paused")

    def resume(self, job_id: str) -> None:
        """`PUT fs/tasks/{id}` with the state `running`; raises like `pause`."""
        self._change(job_id, "running")

    def cancel(self, job_id: str, job_type: Optional[str] = None) -> None:
        """`DELETE fs/tasks/{id}`, which stops a task and forgets it; what it has done already stays done.

        :raises NasError: `NOT_FOUND`.
        """
        self._wire.call(_DELETE, _number(job_id))

    def clear(self, job_ids: Optional[Sequence[str]]) -> None:
        """`DELETE fs/tasks/{id}` for each that is over, after reading the list: the call would stop one that runs.

        Those that the box has forgotten already are passed over.

        :raises NasError: `INVALID_ARGUMENT`, before anything is forgotten, for one that is not over.
        """
        wanted = None if job_ids is None else {_number(job_id) for job_id in job_ids}
        chosen = [job for job in self.list() if wanted is None or job.id in wanted]
        for job in chosen:
            if wanted is not None and not _is_over(job):
                message = f"task {job.id} is {job.state}, and only one that is over can be cleared"
                raise freebox_error(Kind.INVALID_ARGUMENT, message, call=_DELETE, hint="Wait for it or cancel it")
        for job in filter(_is_over, chosen):
            try:
                self._wire.call(_DELETE, job.id, idempotent=True)
            except NasError as error:
                if error.kind is not Kind.NOT_FOUND:
                    raise

    def _change(self, job_id: str, state: str) -> None:
        # The same state twice is no harm.
        found = self._wire.call(_PUT, _number(job_id), body={"state": state}, idempotent=True)
        jobs.read(found, _PUT)


def _read(found: Any, call: str) -> Job:
    job = jobs.read(found, call)
    return replace(job, path=_about(found))


def _about(found: Any) -> Optional[str]:
    """The path that a task is about: the file that it makes or reads, or the first that it copies, moves or removes.

    The box tells paths in clear text, and as they were sent, perhaps without the first slash. `from` and `to` are those
    of the moment; `src` (API v8.2 and later) are those that were sent, but not for an archive, where they are mixed up.
    """
    makes = found["type"] in ("archive", "cat")
    sent = found.get("src")
    first = sent[0] if isinstance(sent, list) and sent and not makes else None
    for path in (first, found.get("to" if makes else "from")):
        if isinstance(path, str) and path:
            return path if path.startswith("/") else f"/{path}"
    return None


def _is_over(job: Job) -> bool:
    return job.state in (FINISHED, FAILED)


def _number(job_id: str) -> str:
    if not re.fullmatch("[0-9]{1,20}", job_id):
        raise usage("the id of a task on a Freebox is a number", hint="nas_info with gather: [tasks] lists them")
    return job_id
