# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs whose imports are made once: a process that has made them (`zygote.py`) forks for each start."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TextIO

from .zygote import NUMBER


class Process:
    """What a zygote has forked, with what tests use of a `subprocess.Popen`.

    :param control: says its id, and its exit status when it has ended.
    """

    stdout: TextIO

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self.pid = self._read()
        self.returncode: int | None = None

    def _read(self) -> int:
        raw = self._control.recv(NUMBER.size, socket.MSG_WAITALL)
        assert raw, "the zygote has ended"
        return int(NUMBER.unpack(raw)[0])

    def wait(self, timeout: float | None = None) -> int:
        """Its exit status, the negative number of a signal that ended it. Raises subprocess.TimeoutExpired."""
        if self.returncode is None:
            self._control.settimeout(timeout)
            try:
                self.returncode = self._read()
            except (BlockingIOError, TimeoutError):
                raise subprocess.TimeoutExpired(str(self.pid), timeout or 0.0) from None
            self._control.close()
        return self.returncode

    def poll(self) -> int | None:
        """Its exit status if it has ended."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.wait(0.0)
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send a signal to it, if it has not ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class Zygote:
    """A program that has done its imports, for as long as this process lasts.

    :param address: where its socket is to be.
    :param words: which program, as `zygote.py` takes it.
    """

    def __init__(self, address: Path, *words: str, cwd: Path, env: Mapping[str, str]) -> None:
        self._address = str(address)
        self._process = subprocess.Popen(
            [sys.executable, Path(__file__).with_name("zygote.py"), self._address, *words],
            cwd=cwd,
            env=dict(env),
            stdin=subprocess.PIPE,  # which ends with this process
            stdout=subprocess.PIPE,
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == b"ready\n", "the zygote did not start"

    def start(self, command: Sequence[str], *, cwd: Path, env: Mapping[str, str], stdout: int, stderr: int) -> Process:
        """What `subprocess.Popen` does, without stdin.

        :param stdout: file descriptor, open as long as the caller leaves it so.
        :param stderr: the same.
        """
        wanted = {"argv": list(command), "cwd": str(cwd), "env": dict(env)}
        control = socket.socket(socket.AF_UNIX)
        with open(os.devnull, "rb") as nothing:
            control.connect(self._address)
            socket.send_fds(control, [b" "], [nothing.fileno(), stdout, stderr])
            control.sendall(json.dumps(wanted).encode())
            control.shutdown(socket.SHUT_WR)
        return Process(control)
