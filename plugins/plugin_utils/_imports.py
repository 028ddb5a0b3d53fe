# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one worker had to import, the main process imports before it forks the next.

What is imported before the fork costs a run once, and what a worker imports costs each task its time. Much of the
collection, `requests` above all, is needed by few runs: which run needs it shows in its first tasks, which write down
the names of what they have imported.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import itertools
import os
import sys
from collections.abc import Iterable
from pathlib import Path

from . import _process
from ._bytecode import PREFIX, kept_bytecode

FILE = "imports"  # in the folder of the run: a name in each line
DIRECT = f"{PREFIX}module_utils._transport.direct"


class Imports:
    """What the workers of this process import by themselves.

    :param folder: where they write it down; nobody else may enter it.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / FILE
        self._read = 0  # bytes of the file
        self._inherited = len(sys.modules)

    def watch(self) -> None:
        """From here on this process catches up whenever it forks. Called once."""
        os.register_at_fork(before=self._catch_up, after_in_child=self._begin)

    def tell(self) -> None:
        """Write down what this worker has imported."""
        newest = itertools.islice(reversed(sys.modules), max(len(sys.modules) - self._inherited, 0))
        names = [f"{name}\n" for name in newest if name.startswith(PREFIX)]
        if names:
            with contextlib.suppress(OSError), open(self._file, "a", encoding="utf-8") as stream:
                stream.write("".join(reversed(names)))

    def _begin(self) -> None:
        self._inherited = len(sys.modules)

    def _catch_up(self) -> None:
        if os.getpid() != _process.MAIN:
            return
        try:
            if os.stat(self._file).st_size == self._read:
                return
            with open(self._file, "rb") as stream:
                stream.seek(self._read)
                told = stream.read()
        except OSError:
            return
        whole = told[: told.rfind(b"\n") + 1]  # somebody may be writing
        self._read += len(whole)
        take_in(whole.decode("utf-8").split())


_watched: list[Imports] = []  # the one of this run, if any


def watch(folder: Path) -> None:
    """From here on the main process imports what its workers had to import. Called once.

    :param folder: of the run.
    """
    _watched.append(Imports(folder))
    _watched[0].watch()


def tell() -> None:
    """Let the main process know what this worker has imported."""
    for each in _watched:
        each.tell()


def take_in(names: Iterable[str]) -> None:
    """Import modules of ours for all workers that are forked from now on."""
    for name in names:
        if name.startswith(PREFIX) and name not in sys.modules:
            # A worker that needs what cannot be imported says so itself.
            with kept_bytecode(), contextlib.suppress(ImportError):
                importlib.import_module(name)
        if name == DIRECT:
            warm()


@functools.cache
def warm() -> None:
    """Get ready to connect, for all workers that are forked from now on: it takes as long as several tasks."""
    with kept_bytecode():
        from ..module_utils._transport import tls  # noqa: PLC0415 - only where it is needed

        with tls.preloading():
            from ..module_utils._transport import direct  # noqa: PLC0415 - as above

            direct.warm()
