# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulator as a process, as others start it, for tests that talk to it by HTTP alone."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import pytest

ROOT = Path(__file__).resolve().parents[3]
T = TypeVar("T")


@contextmanager
def simulators(
    factory: pytest.TempPathFactory, vendor: str, device: Callable[[str, Path, Path, Path], T], *arguments: str
) -> Iterator[Callable[..., T]]:
    """A function that starts a device with further arguments; all of them are stopped at the end.

    :param device: what a test gets, of its address, its files, and its files of faults and of requests.
    """
    running: list[subprocess.Popen[str]] = []

    def run(*more: str) -> T:
        folder = factory.mktemp(vendor)
        (folder / "nas").mkdir()
        files = folder / "nas", folder / "faults.json", folder / "log"
        files[1].write_text("[]")
        command = [
            *(sys.executable, "-m", "tests.simulator", vendor, "--root", str(files[0])),
            *("--faults", str(files[1]), "--log", str(files[2]), *arguments, *more),
        ]
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        running.append(process)
        assert process.stdout is not None
        return device(process.stdout.readline().split()[2], *files)

    try:
        yield run
    finally:
        for process in running:
            process.terminate()
        for process in running:
            assert process.wait(60) == 0
            assert process.stdout is not None
            process.stdout.close()
