# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which process owns something on disk, so that a later one can tell whether it is gone."""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import platform
from pathlib import Path
from typing import Any, Optional

OWNER = "owner"  # the file in what is owned
ENDED = ("Z", "X")  # states of a process that is gone, but for its entry


def is_worker() -> bool:
    """Whether this process is one that another has forked for a task."""
    return multiprocessing.parent_process() is not None


# The process that forks the workers. Core's strategies import actions there; others may do so in a worker.
PARENT = os.getppid() if is_worker() else None
MAIN = PARENT or os.getpid()


def identity(pid: int) -> dict[str, Any]:
    """What tells a process from any other, also from one that gets its number later."""
    return {"pid": pid, "started": _started(pid), "where": _where()}


def is_gone(owner: Path) -> bool:
    """Whether the process that the file names has certainly ended.

    A process on another machine, or in another container, which may share the disk, cannot be seen from here.
    """
    try:
        record = json.loads(owner.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    if not isinstance(record, dict) or record.get("where") != _where() or not isinstance(record.get("pid"), int):
        return False
    started = _started(record["pid"])
    return started is None or started != record.get("started")


def _started(pid: int) -> Optional[str]:
    """When a process was started, as the system tells it; None when there is none of this number."""
    try:
        if not os.path.exists("/proc/self/stat"):
            os.kill(pid, 0)
            return ""
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    # The name, in parentheses, can hold anything; then follow the fields from the third on, the state first.
    fields = text.rpartition(")")[2].split()
    return None if fields[0] in ENDED else fields[19]


def _where() -> list[str]:
    """The machine, and the container in it."""
    namespace = ""
    with contextlib.suppress(OSError):
        namespace = os.readlink("/proc/self/ns/pid")
    return [platform.node(), namespace]
