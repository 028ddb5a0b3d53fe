# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Signals while a task is at work; in a process of their own, since they are the whole process's."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import pytest
from ansible_collections.nasops.nas.tests.support.playbooks import collections_path

FRAME = """
import os, signal, sys
from ansible_collections.nasops.nas.plugins.plugin_utils._interruption import interruptible

def handler(number, frame):
    print("handled by others", flush=True)

{before}
try:
    with interruptible():
        try:
            os.kill(os.getpid(), signal.{sent})
            print("goes on", flush=True)
        except KeyboardInterrupt:
            os.kill(os.getpid(), signal.SIGTERM)
            print("clears up", flush=True)
            raise
except KeyboardInterrupt:
    print("interrupted", flush=True)
os.kill(os.getpid(), signal.{sent})
print("the end", flush=True)
"""


LOGIN = """
import os, signal, sys, time
from ansible_collections.nasops.nas.plugins.plugin_utils import _interruption

_interruption.GRACE = {grace}
signal.signal(signal.SIGTERM, lambda number, frame: print("handled by others", flush=True))
try:
    with _interruption.interruptible():
        with _interruption.deferred():
            for _number in range({signals}):
                os.kill(os.getpid(), signal.{sent})
            if {grace} < 1:
                time.sleep(30)
            print("the session is known", flush=True)
        print("goes on", flush=True)
except KeyboardInterrupt:
    print("interrupted", flush=True)
os.kill(os.getpid(), signal.SIGTERM)
"""


@pytest.mark.parametrize("sent", ["SIGINT", "SIGTERM"])
@pytest.mark.parametrize(
    ("signals", "grace", "lines"),
    [
        (0, 30, ["the session is known", "goes on"]),
        (1, 30, ["the session is known", "interrupted"]),
        (2, 30, ["interrupted"]),
        (1, 0.05, ["interrupted"]),
    ],
)
def test_an_interruption_waits_for_a_login_but_not_for_long(tmp_path, sent, signals, grace, lines):
    done = subprocess.run(
        [sys.executable, "-c", LOGIN.format(sent=sent, signals=signals, grace=grace)],
        env={"PYTHONPATH": str(collections_path(tmp_path))},
        capture_output=True,
        text=True,
        check=True,
        timeout=25,
    )
    handed_on = ["handled by others"] if sent == "SIGTERM" and signals else []
    at = lines.index("interrupted") if handed_on else 0
    assert done.stdout.splitlines() == [*lines[:at], *handed_on, *lines[at:], "handled by others"]


@pytest.mark.parametrize("sent", ["SIGINT", "SIGTERM"])
@pytest.mark.parametrize(
    ("handler", "lines"),
    [
        ("handler", ["clears up", "interrupted", "handled by others", "the end"]),
        ("signal.SIG_IGN", ["goes on", "the end"]),
    ],
)
def test_a_signal_interrupts_once_unless_it_is_ignored(tmp_path, sent, handler, lines):
    before = f"signal.signal(signal.{sent}, {handler})"
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(FRAME).format(before=before, sent=sent)],
        env={"PYTHONPATH": str(collections_path(tmp_path))},
        capture_output=True,
        text=True,
        check=True,
    )
    if sent == "SIGTERM" and handler == "handler":
        lines = [lines[0], "handled by others", *lines[1:]]  # it is handed on
    assert done.stdout.splitlines() == lines
