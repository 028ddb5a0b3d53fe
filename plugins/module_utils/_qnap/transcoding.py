# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The media library's transcoding on a QNAP (File Station guide, section 19).

The guide's examples leave out `/cgi-bin/filemanager`; the calls are where all others are. All names of one call lie in
one folder, and their count goes with them.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Optional

from .._api.capabilities.transcoding import Transcoding, TranscodingFeatures
from .._core.errors import Kind, NasError
from .._core.model import FAILED, FINISHED, QUEUED, RUNNING, Job
from .entries import Row, bundles, by_folder, name_of, rows_of, selection, within_share, without_volume
from .envelope import number
from .failures import qnap_error
from .process import cancel
from .wire import Fields, Wire

_MASK: Mapping[int, int] = {240: 1, 360: 2, 720: 4}
_FORMATS: Mapping[str, int] = {"mp4_360": 360, "mp4_720": 720, "flv_720": 720}
_STATES: Mapping[int, str] = {0: QUEUED, 1: FINISHED, 2: FAILED, 3: RUNNING}
_EVERYTHING = 4
_LIST, _ADD, _REMOVE = 1, 3, 5
_FINISHED, _UNFINISHED = 1, 5
_PICTURES, _VIDEOS = 1, 2
_WHOLE = 100  # percent; an idle device says 200


class QnapTranscoding(Transcoding):
    """The queue and the renditions through utilRequest.cgi.

    :param wire: makes the calls.
    """

    features = TranscodingFeatures(
        resolutions=tuple(_MASK),
        shown=frozenset(_FORMATS.values()),
    )

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def renditions(self, paths: Sequence[str]) -> dict[str, Mapping[str, int]]:
        """Section 19.3, video_list: one call for each folder."""
        found: dict[str, Mapping[str, int]] = {path: {} for path in paths}
        for folder, names in _portions(paths):
            fields: Fields = [("source_path", folder), ("source_total", len(names))]
            fields += [("source_file", name) for name in names]
            reply = self._wire.call("video_list", fields, path=f"{folder}/{names[0]}", payload="datas")
            for row in rows_of(reply, "video_list", folder):
                path = f"{folder}/{name_of(row, 'video_list', folder)}"
                found[path] = {form: lines for form, lines in _FORMATS.items() if number(row.get(form)) == 1}
        return found

    def queue(self) -> list[Job]:
        """Section 19.1, video_ml_queue with op 1."""
        fields: Fields = [("op", _LIST), ("subop", _EVERYTHING)]
        call = f"video_ml_queue&op={_LIST}"
        return _jobs(self._wire.call("video_ml_queue", fields, payload="datas", name=call), call)

    def status(self, paths: Sequence[str]) -> list[Job]:
        """Section 19.4, video_ml_status: one call for each folder."""
        jobs = []
        for folder, names in _portions(paths):
            path = f"{folder}/{names[0]}"
            fields = _films(folder, names)
            jobs += _jobs(self._wire.call("video_ml_status", fields, path=path, payload="datas"), "video_ml_status")
        return jobs

    def running(self, job: Job) -> bool:
        """Section 19.6, get_video_qstatus: `running` while it is at work, else nothing but success."""
        reply = self._wire.call("get_video_qstatus", [("pid", job.id)], path=job.path or "")
        return number(reply.get("running")) == 1

    def add(self, paths: Sequence[str], resolutions: Sequence[int], *, first: bool) -> None:
        """Section 19.2, video_ml_queue with op 3; subop 1 goes before what waits."""
        mask = sum(_MASK[lines] for lines in set(resolutions))
        self._change_queue(_ADD, paths, [("subop", int(first)), ("mask", mask)])

    def remove(self, jobs: Sequence[Job]) -> None:
        """Section 19.7, cancel_transcode, for what is at work; section 19.2, video_ml_queue with op 5, for all."""
        self._stop([job for job in jobs if job.state == RUNNING])
        self._change_queue(_REMOVE, [job.path for job in jobs if job.path], [("subop", 0)])

    def clear(self, *, finished: bool) -> None:
        """Section 19.2, video_ml_queue with op 5: subop 1 for what is finished, 5 for the rest.

        What is at work is stopped first (section 19.7), as for `remove`.
        """
        if not finished:
            self._stop([job for job in self.queue() if job.state == RUNNING])
        fields: Fields = [("op", _REMOVE), ("subop", _FINISHED if finished else _UNFINISHED)]
        self._wire.call("video_ml_queue", fields, idempotent=False, name=f"video_ml_queue&op={_REMOVE}")

    def delete(self, paths: Sequence[str], *, videos: bool = True, pictures: bool = False) -> None:
        """Section 19.5, delete_transcode: mode 1 for the pictures, 2 for the videos, 3 for both.

        The videos in the folder `@Transcode` are kept or go with the others.
        """
        mode = _PICTURES * pictures + _VIDEOS * videos
        for folder, names in _portions(paths):
            fields: Fields = [*selection(folder, names), ("mode", mode), ("keep_trans", int(not videos))]
            self._wire.call("delete_transcode", fields, path=f"{folder}/{names[0]}", idempotent=False)

    def _stop(self, jobs: Sequence[Job]) -> None:
        for job in jobs:
            # It may have ended meanwhile, or firmware may know no process of this id: then the queue decides.
            with contextlib.suppress(NasError):
                cancel(self._wire, "transcode", int(job.id), job.path or "")

    def _change_queue(self, op: int, paths: Sequence[str], more: Fields) -> None:
        for folder, names in _portions(paths):
            self._wire.call(
                "video_ml_queue",
                [("op", op), *more, *_films(folder, names)],
                path=f"{folder}/{names[0]}",
                idempotent=False,
                name=f"video_ml_queue&op={op}",
            )


def _portions(paths: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    for path in paths:
        within_share(path, "transcoded")
    for folder, every in by_folder(dict.fromkeys(paths)).items():
        for names in bundles(every):
            yield folder, names


def _films(folder: str, names: Sequence[str]) -> Fields:
    return [("path", folder), ("total", len(names)), *(("filename", name) for name in names)]


def _jobs(reply: Mapping[str, Any], call: str) -> list[Job]:
    """The rows of the queue; `percentage` is about the one at work."""
    return [_task(row, call, number(reply.get("percentage"))) for row in rows_of(reply, call, "")]


def _task(row: Row, call: str, percentage: Optional[int]) -> Job:
    path, ident, status = row.get("filename"), number(row.get("id")), number(row.get("status"))
    state = None if status is None else _STATES.get(status)
    if not isinstance(path, str) or not path.startswith("/") or ident is None or state is None:
        message = "a row of the device's queue has no usable id, filename or status"
        raise qnap_error(Kind.PROTOCOL, message, call=call)
    known = state == RUNNING and percentage is not None and percentage <= _WHOLE
    done = percentage if known else _WHOLE if state == FINISHED else None
    return Job(str(ident), "transcode", state, without_volume(path), done, _WHOLE)
