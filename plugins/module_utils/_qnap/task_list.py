# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The long operations of a QNAP, known by a process id and a kind.

The device has no list of them, and the same id does not tell its kind: all that File Station offers is a call for each
kind that stops one (guide, sections 6.3, 7.2, 18.3 and 19.7; for copying and moving as devices have it).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional

from ansible_collections.nasops.nas.plugins.module_utils._capabilities import Tasks
from ansible_collections.nasops.nas.plugins.module_utils._errors import Kind, NasError
from ansible_collections.nasops.nas.plugins.module_utils._model import Task
from ansible_collections.nasops.nas.plugins.module_utils._qnap.entries import VENDOR
from ansible_collections.nasops.nas.plugins.module_utils._qnap.process import CANCEL, cancel
from ansible_collections.nasops.nas.plugins.module_utils._qnap.wire import Wire


class QnapTasks(Tasks):
    """Stopping the device's processes.

    :param wire: makes the calls.
    """

    features = frozenset(("cancel",))

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def get(self, task_id: str) -> Optional[Task]:
        """Not offered: what asks about a process needs to know its kind."""
        raise _lacking("ask for a task by its id alone")

    def pause(self, task_id: str) -> None:
        """Not offered."""
        raise _lacking("pause tasks")

    def resume(self, task_id: str) -> None:
        """Not offered."""
        raise _lacking("resume tasks")

    def cancel(self, task_id: str, kind: Optional[str] = None) -> None:
        """Stop a process.

        :param task_id: the process id, a number.
        :param kind: `copy`, `move`, `extract`, `compress`, `restore` or `transcode`.
        :raises NasError: `NOT_FOUND` when no such process runs (copying and moving never say so); `USAGE`.
        """
        if kind is None or kind not in CANCEL:
            message = "the device needs to know the kind of the task to stop it"
            raise NasError(Kind.USAGE, message, vendor=VENDOR, hint=f"Give one of: {', '.join(CANCEL)}")
        if not (task_id.isascii() and task_id.isdigit()):
            message = f"the task id {task_id!r} is no process id"
            raise NasError(Kind.USAGE, message, vendor=VENDOR, call=CANCEL[kind], hint="It is a number")
        cancel(self._wire, kind, int(task_id))

    def clear(self, task_ids: Optional[Sequence[str]]) -> None:
        """Not offered."""
        raise _lacking("clear tasks: it forgets them by itself")

    def list(self) -> list[Task]:
        """Not offered."""
        raise _lacking("list tasks")


def _lacking(what: str) -> NasError:
    return NasError(Kind.UNSUPPORTED, f"the device cannot {what}", vendor=VENDOR)
