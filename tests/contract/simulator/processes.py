# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulator as a process of its own, for tests that talk to it by HTTP alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import pytest

from tests.support.devices import simulate
from tests.support.forking import Process

T = TypeVar("T")


@contextmanager
def simulators(
    factory: pytest.TempPathFactory, vendor: str, device: Callable[[str, Path, Path, Path], T], *arguments: str
) -> Iterator[Callable[..., T]]:
    """A function that starts a device with further arguments; all of them are stopped at the end.

    :param device: what a test gets, of its address, its files, and its files of faults and of requests.
    """
    running: list[Process] = []

    def run(*more: str) -> T:
        folder = factory.mktemp(vendor)
        (folder / "nas").mkdir()
        files = folder / "nas", folder / "faults.json", folder / "log"
        files[1].write_text("[]")
        command = [vendor, "--root", str(files[0]), "--faults", str(files[1]), "--log", str(files[2])]
        process = simulate(*command, *arguments, *more)
        running.append(process)
        return device(process.stdout.readline().split()[2], *files)

    try:
        yield run
    finally:
        for process in running:
            process.terminate()
        for process in running:
            assert process.wait(60) == 0
            process.stdout.close()
