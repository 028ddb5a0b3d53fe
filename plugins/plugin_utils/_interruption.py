# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lets a task clear up when the user interrupts the run."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType
from typing import Optional

SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextlib.contextmanager
def interruptible() -> Iterator[None]:
    """Within it, the signals that end a worker raise KeyboardInterrupt, and then do nothing while the task clears up.

    When a run is interrupted, ansible-core ends its workers at once, and by more than one signal; a device would go on
    with what the task had started.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # Python takes signals in the main thread only
        return

    def interrupt(number: int, frame: Optional[FrameType]) -> None:
        for each in SIGNALS:
            signal.signal(each, signal.SIG_IGN)
        raise KeyboardInterrupt

    # A run in the background of a script is started with SIGINT ignored, and means to go on.
    taken = [number for number in SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
    usual = {number: signal.signal(number, interrupt) for number in taken}
    try:
        yield
    finally:
        for number, handler in usual.items():
            signal.signal(number, handler)
