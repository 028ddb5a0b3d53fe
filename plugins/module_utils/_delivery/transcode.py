# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes the queue and the renditions of the media library, and sees whether it came true."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from .._api import lost_answers
from .._api.capabilities.transcoding import Transcoding
from .._core.errors import Kind, NasError
from .._core.model import FAILED, FINISHED, QUEUED, RUNNING, Job
from .._core.waiting import Watch
from .._plans.plan import Plan
from .._plans.transcode import ADD, DELETE, PENDING, PICTURES, REMOVE, VIDEOS, Current, Desired, doomed


def apply(transcoding: Transcoding, desired: Desired, plan: Plan, current: Current) -> None:
    """Carry the plan out, and make sure of it."""
    groups: dict[tuple[int, ...], list[str]] = {}
    for path in plan.paths(ADD):
        groups.setdefault(tuple(current.lacking(path, desired)), []).append(path)
    for resolutions, paths in groups.items():
        add(transcoding, desired, paths, resolutions, current)
    if plan.has(ADD):
        require_taken(transcoding, desired, plan.paths(ADD), current)
    unqueued = plan.paths(REMOVE)
    if unqueued:

        def waiting() -> list[Job]:
            return [row for row in transcoding.queue() if row.path in unqueued and row.state in PENDING]

        rows = [row for row in current.queue if row.path in unqueued]
        lost_answers.done(lambda: transcoding.remove(rows), lambda: not waiting())
        left = waiting()
        if left:
            message = "the device reported success, but this is still in the queue"
            raise NasError(Kind.DEVICE, message, path=left[0].path or "", hint="Run the task again")
    deleted = plan.paths(DELETE)
    if deleted:
        # Of pictures the device does not tell, so a lost answer about them stays a failure.
        lost_answers.done(
            lambda: transcoding.delete(deleted, videos=desired.delete != PICTURES, pictures=desired.delete != VIDEOS),
            lambda: desired.delete == VIDEOS and not any(transcoding.renditions(deleted).values()),
        )
        for path, formats in transcoding.renditions(deleted).items():
            if formats and desired.delete != PICTURES:
                message = f"the device reported success, but the rendition {min(formats)} is still there"
                raise NasError(Kind.DEVICE, message, path=path)


def add(
    transcoding: Transcoding, desired: Desired, paths: Sequence[str], resolutions: Sequence[int], before: Current
) -> None:
    """Queue some films for the same renditions."""
    lost_answers.done(
        lambda: transcoding.add(paths, resolutions, first=desired.first),
        lambda: not left_out(transcoding, desired, paths, before),
    )


def require_taken(transcoding: Transcoding, desired: Desired, paths: Sequence[str], before: Current) -> None:
    """Devices do not say which films they left out of the queue.

    :raises NasError: `INVALID_ARGUMENT`.
    """
    for path in left_out(transcoding, desired, paths, before):
        hint = "Check that it is a film of a kind that the device transcodes"
        raise NasError(Kind.INVALID_ARGUMENT, "the device did not queue this", path=path, hint=hint)


def left_out(transcoding: Transcoding, desired: Desired, paths: Sequence[str], before: Current) -> list[str]:
    """The films that are not in the queue and lack a rendition."""
    known = {row.id for row in before.queue if row.state not in PENDING}
    queue = transcoding.queue()
    taken = {row.path for row in queue if row.state in PENDING or row.id not in known}
    absent = [path for path in paths if path not in taken]
    if not absent:
        return []
    now = Current({}, transcoding.renditions(absent), queue)
    return [path for path in absent if now.lacking(path, desired)]


def wait(transcoding: Transcoding, desired: Desired, films: Sequence[str], queued: Sequence[str], watch: Watch) -> None:
    """Wait until films are in the queue no more, and make sure that the renditions are there.

    :param films: those that lack a rendition.
    :param queued: what this task has queued; it is taken off the queue on timeout and interruption.
    :raises NasError: `TIMEOUT`; `DEVICE` when the device failed.
    """
    last: dict[str, Job] = {}
    done: set[str] = set()

    def status() -> Job:
        now = Current({}, {}, transcoding.status(films))
        pending = []
        for path in films:
            row = now.row(path) or last.get(path)
            if row is None or path in done:
                continue
            last[path] = row
            # What the queue calls done, or has dropped, may still be at work.
            if now.state(path) in PENDING:
                pending.append(row)
            elif transcoding.running(row):
                pending.append(replace(row, state=RUNNING))
            else:
                done.add(path)
        working = next((row for row in pending if row.state == RUNNING), None)
        state = RUNNING if working else QUEUED if pending else FINISHED
        percent = (len(films) - len(pending)) * 100 + (working.done or 0 if working else 0)
        return Job("", "transcode", state, working.path if working else None, percent, len(films) * 100)

    def stop() -> None:
        transcoding.remove([row for row in transcoding.queue() if row.path in queued and row.state in PENDING])

    watch.until_finished(status, stop)
    current = Current({}, transcoding.renditions(films), transcoding.status(films))
    for path in films:
        lacking = [lines for lines in current.lacking(path, desired) if lines in desired.shown]
        if current.state(path) == FAILED or lacking:
            what = f"no rendition of {lacking[0]} lines" if lacking else "a failure"
            hint = "It may be damaged, or smaller than this itself; the device's own log may say more"
            if path not in queued:
                hint = "Somebody else had queued it, perhaps for other resolutions: run the task again"
            raise NasError(Kind.DEVICE, f"the device is done with this film and reports {what}", path=path, hint=hint)


def take_off(transcoding: Transcoding, before: Sequence[Job], which: str) -> None:
    """Clear a part of the queue."""
    lost_answers.done(
        lambda: transcoding.clear(finished=which == "finished"), lambda: not still(transcoding, before, [which])
    )


def still(transcoding: Transcoding, before: Sequence[Job], clear_queue: Sequence[str]) -> list[Job]:
    """What of it is in the queue yet."""
    known = {row.id for row in doomed(before, clear_queue)}
    return [row for row in doomed(transcoding.queue(), clear_queue) if row.id in known]
