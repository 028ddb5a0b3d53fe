# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All long operations that a Freebox knows, whoever started them ("Task" in the guide of the file system, API v4)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar, List, Optional

from .._api.capabilities import Tasks
from .._core.errors import Kind, NasError, usage
from .._core.model import FAILED, FINISHED, Task
from . import envelope, tasks
from .wire import Wire

_LIST = "GET fs/tasks/"
_GET = "GET fs/tasks/{id}"
_PUT = "PUT fs/tasks/{id}"
_DELETE = "DELETE fs/tasks/{id}"


class FreeboxTasks(Tasks):
    """See `Tasks`. An id is a number. Finished tasks stay in the box's list for days, until somebody clears them."""

    features: ClassVar[frozenset[str]] = frozenset({"list", "pause", "cancel", "clear"})

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def list(self) -> List[Task]:
        """`GET fs/tasks/`."""
        found = self._wire.call(_LIST)
        if found is not None and not isinstance(found, list):
            raise envelope.garbage(_LIST, "the answer is not a list")
        return [_read(task, _LIST) for task in found or []]

    def get(self, task_id: str, kind: Optional[str] = None) -> Optional[Task]:
        """`GET fs/tasks/{id}`, None when the box says that there is no such task."""
        try:
            return _read(self._wire.call(_GET, _number(task_id)), _GET)
        except NasError as error:
            if error.kind is Kind.NOT_FOUND:
                return None
            raise

    def pause(self, task_id: str) -> None:
        """`PUT fs/tasks/{id}` with the state `paused`.

        :raises NasError: `NOT_FOUND`; `INVALID_ARGUMENT` for a task that cannot be paused, such as one that is over.
        """
        self._change(task_id, "paused")

    def resume(self, task_id: str) -> None:
        """`PUT fs/tasks/{id}` with the state `running`; raises like `pause`."""
        self._change(task_id, "running")

    def cancel(self, task_id: str, kind: Optional[str] = None) -> None:
        """`DELETE fs/tasks/{id}`, which stops a task and forgets it; what it has done already stays done.

        :raises NasError: `NOT_FOUND`.
        """
        self._wire.call(_DELETE, _number(task_id))

    def clear(self, task_ids: Optional[Sequence[str]]) -> None:
        """`DELETE fs/tasks/{id}` for each that is over, after a look at the list: the call would stop one that runs.

        Those that the box has forgotten already are passed over.

        :raises NasError: `INVALID_ARGUMENT`, before anything is forgotten, for one that is not over.
        """
        wanted = None if task_ids is None else {_number(task_id) for task_id in task_ids}
        chosen = [task for task in self.list() if wanted is None or task.id in wanted]
        for task in chosen:
            if wanted is not None and not _is_over(task):
                message = f"task {task.id} is {task.state}, and only one that is over can be cleared"
                raise NasError(
                    Kind.INVALID_ARGUMENT,
                    message,
                    vendor=envelope.VENDOR,
                    call=_DELETE,
                    hint="Wait for it or cancel it",
                )
        for task in filter(_is_over, chosen):
            try:
                self._wire.call(_DELETE, task.id, changes_nothing=True)
            except NasError as error:
                if error.kind is not Kind.NOT_FOUND:
                    raise

    def _change(self, task_id: str, state: str) -> None:
        # The same state twice is no harm.
        found = self._wire.call(_PUT, _number(task_id), body={"state": state}, changes_nothing=True)
        tasks.read(found, _PUT)


def _read(found: Any, call: str) -> Task:
    task = tasks.read(found, call)
    return replace(task, path=_about(found))


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


def _is_over(task: Task) -> bool:
    return task.state in (FINISHED, FAILED)


def _number(task_id: str) -> str:
    if not re.fullmatch("[0-9]{1,20}", task_id):
        raise usage("the id of a task on a Freebox is a number")
    return task_id
