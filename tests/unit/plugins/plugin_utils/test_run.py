# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a run ends."""

from __future__ import annotations

import multiprocessing
import signal
import subprocess
import sys
import time

import pytest
from ansible_collections.nasops.nas.plugins.plugin_utils import _run
from ansible_collections.nasops.nas.tests.support.playbooks import collections_path


@pytest.mark.parametrize("seconds", [0.05, 60])
def test_a_run_does_not_wait_for_ever_for_its_workers(monkeypatch, seconds):
    monkeypatch.setattr(_run, "WORKERS_TIMEOUT", seconds)
    fork = multiprocessing.get_context("fork")
    workers = [fork.Process(target=time.sleep, args=(60,)) for _number in range(2)]
    for worker in workers:
        worker.start()
    if seconds == 60:
        monkeypatch.setattr(workers[0], "join", interrupted)
    _run._wait_for(workers)
    assert workers[1].exitcode == -signal.SIGKILL


def interrupted(seconds):
    if seconds > 1:
        raise KeyboardInterrupt  # the second Ctrl-C


def run_python(tmp_path, program):
    home = str(tmp_path / "home")
    return subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": str(collections_path(tmp_path)), "ANSIBLE_HOME": home, "HOME": home},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


HANGING = """
import multiprocessing, os, signal, time
from types import SimpleNamespace
from ansible.plugins.strategy import StrategyBase
from ansible_collections.nasops.nas.plugins.plugin_utils import _run

_run.CLEANUP_TIMEOUT = 0.2
_run.take_over()
signal.setitimer(signal.ITIMER_REAL, 0.2, 0.2)
lost = multiprocessing.Lock()
lost.acquire()
queue = SimpleNamespace(put=lambda item: lost.acquire())
# A signal that comes while a worker is started waits for it, and is not lost.
os.register_at_fork(before=lambda: os.kill(os.getpid(), signal.SIGINT))
worker = multiprocessing.get_context("fork").Process(target=time.sleep, args=(0,))
try:
    worker.start()
    time.sleep(5)
except KeyboardInterrupt:
    worker.join()
    print("a worker that ends with", worker.exitcode, flush=True)
    time.sleep(1)
    print("what is no cleanup goes on", flush=True)
    StrategyBase.cleanup(SimpleNamespace(_active_connections={}, _final_q=queue))
"""


def test_a_signal_in_a_fork_is_not_lost_and_a_cleanup_that_hangs_is_ended(tmp_path):
    done = run_python(tmp_path, HANGING)
    assert done.stdout == "a worker that ends with 0\nwhat is no cleanup goes on\n"
    assert done.stderr == _run.HANGS.decode()
    assert done.returncode == _run.HUNG
    assert list((tmp_path / "home" / "tmp").iterdir()) == []


FORKED = """
import os, signal
from ansible.executor.task_queue_manager import TaskQueueManager
from ansible_collections.nasops.nas.plugins.plugin_utils import _run


class Core(TaskQueueManager):
    def __init__(self):
        pass

    def end_workers(self, number, frame):
        print("ends workers", flush=True)


signal.signal(signal.SIGTERM, Core().end_workers)
_run.take_over()
for number in (signal.SIGTERM, signal.SIGINT):
    child = os.fork()
    if not child:
        try:
            os.kill(os.getpid(), number)
        except KeyboardInterrupt:
            os._exit(1)
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


def test_a_worker_that_is_just_forked_ends_and_does_not_end_others(tmp_path):
    assert run_python(tmp_path, FORKED).stdout == f"{128 + signal.SIGTERM}\n1\n"
