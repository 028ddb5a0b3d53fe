# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The long operations of a Synology device, whoever started them.

Rests on the File Station guide, SYNO.FileStation.BackgroundTask, and the stop method of each API. Only the list is
read: a status that says that a task is finished makes the device forget it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Optional

from .._api.capabilities.jobs import JobFeatures, Jobs
from .._core.errors import Kind, NasError
from .._core.model import FAILED, FINISHED, RUNNING, Job, parse_count
from .archives import COMPRESS
from .codes import first_detail
from .contents import EXTRACT
from .copies import COPY_MOVE
from .deletion import DELETE
from .downloads import DIR_SIZE
from .encoding import batches
from .entries import pages
from .failures import synology_error
from .files import MD5
from .jobs import JobApi, failures, percent, steps
from .reply import Reply
from .wire import Wire

BACKGROUND = "SYNO.FileStation.BackgroundTask"

_TYPES = {COMPRESS: "compress", EXTRACT: "extract", DELETE: "delete"}
_STOPPED_BY = {
    "compress": COMPRESS,
    "extract": EXTRACT,
    "delete": DELETE,
    "copy": COPY_MOVE,
    "move": COPY_MOVE,
}
_UNLISTED = {"checksum": MD5, "folder_size": DIR_SIZE}


class SynologyJobs(Jobs):
    """File Station's background tasks.

    :param wire: to the device.
    """

    features = JobFeatures(
        list=True,
        cancel=True,
        clear=True,
    )

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def list(self) -> list[Job]:
        """Guide, BackgroundTask/list."""
        return [read_job(item) for item in pages(self._wire, "list", {}, "tasks", api=BACKGROUND)]

    def get(self, job_id: str, job_type: Optional[str] = None) -> Optional[Job]:
        """Guide, BackgroundTask/list: there is no call for one task that would not make the device forget it."""
        return next((job for job in self.list() if job.id == job_id), None)

    def cancel(self, job_id: str, job_type: Optional[str] = None) -> None:
        """Guide, CopyMove/stop, Delete/stop, Extract/stop or Compress/stop: that of the API which the list names.

        Some of them report success for any id, so the list is asked first. What it never holds (`checksum`,
        `folder_size`) is stopped on the word of `job_type`. One that is finished is left alone.

        :raises NasError: `NOT_FOUND`.
        """
        if job_type in _UNLISTED:
            JobApi(self._wire, _UNLISTED[job_type], "", job_id).stop()
            return
        job = self.get(job_id)
        if job is None:
            raise synology_error(Kind.NOT_FOUND, "the device knows no such task", f"{BACKGROUND}/list")
        if job.state != RUNNING:
            return
        if job.type not in _STOPPED_BY:
            message = f"there is no call that stops a task of the kind {job.type}"
            raise synology_error(Kind.UNSUPPORTED, message, f"{BACKGROUND}/list", job.path or "")
        try:
            JobApi(self._wire, _STOPPED_BY[job.type], job.path or "", job_id).stop()
        except NasError as error:
            # It may have come to its end in the meantime, which each API reports in another way.
            if error.kind not in (Kind.NOT_FOUND, Kind.DEVICE, Kind.INVALID_ARGUMENT) or self._runs(job_id):
                raise

    def clear(self, job_ids: Optional[Sequence[str]]) -> None:
        """Guide, BackgroundTask/clear_finished. Tasks that run stay."""
        if job_ids is None:
            self._wire.call(BACKGROUND, "clear_finished", {}, idempotent=False)
            return
        for batch in batches(list(dict.fromkeys(job_ids))):
            self._wire.call(BACKGROUND, "clear_finished", {"taskid": batch}, idempotent=False)

    def _runs(self, job_id: str) -> bool:
        job = self.get(job_id)
        return job is not None and job.state == RUNNING


def read_job(item: Reply) -> Job:
    """A `<background task>` object (guide, BackgroundTask/list).

    Of its parameters, which may hold a password, only paths are read.

    :raises NasError: `PROTOCOL`.
    """
    api, params = item.needed_text("api"), item.part("params")
    if api == COPY_MOVE:
        job_type = "move" if params.flag("remove_src") else "copy"
    else:
        job_type = _TYPES.get(api) or api.rpartition(".")[2].lower()
    details = failures(item)
    failed = bool(details) or item.text("status") == "FAIL"
    done, total = steps("processed_size" if "processed_size" in item else "processed_num")(item)
    if total is None:
        done, total = percent(item)
    code = first_detail(details)[0]
    return Job(
        id=item.needed_text("taskid"),
        type=job_type,
        state=(FAILED if failed else FINISHED) if item.needed_flag("finished") else RUNNING,
        path=item.text("path") or _path(params),
        done=done,
        total=total,
        error=str(code) if code is not None else None,
        created=item.time("crtime"),
        **_counts(item),
        processing=item.text("processing_path") or None,
    )


def _counts(item: Reply) -> dict[str, Optional[int]]:
    """What is counted: bytes, or files; of both -1 stands for what is not known."""
    values = item.as_dict()
    what = "bytes" if "processed_size" in item else "files"
    done = parse_count(values.get("processed_size" if what == "bytes" else "processed_num"))
    return {f"{what}_done": done, f"{what}_total": None if done is None else parse_count(values.get("total"))}


def _path(params: Reply) -> Optional[str]:
    """What a task works on: the archive, or the first of the paths."""
    known = params.as_dict()
    for key in ("dest_file_path", "file_path", "path"):
        value: Any = known.get(key)
        if isinstance(value, list) and value:
            value = value[0]
        if isinstance(value, str) and value:
            return value
    return None
