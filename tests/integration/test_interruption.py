# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run that is ended: the device does not go on with what a task started, nothing is half done, no session stays."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
from ansible_collections.nasops.nas.plugins.module_utils._core import marks

from tests.support.devices import VENDORS
from tests.support.playbooks import (
    file,
    of_run,
    play,
    run,
    started,
    where_to_ship,
)

STATUS = {
    "synology": "SYNO.FileStation.Compress/status",
    "qnap": "get_compress_status",
    "freebox": "GET fs/tasks/{id}",
}
STOPPED = {
    "synology": "SYNO.FileStation.Compress/stop",
    "qnap": "cancel_compress",
    "freebox": "DELETE fs/tasks/{id}",
}
DEADLINE = 60  # seconds


# Ansible's workers have closed their stderr: what they say goes to a file.
TELLS = "import faulthandler, os\nfaulthandler.enable(open(os.environ['NASOPS_STACKS'], 'a'))\n"


def interrupted(tmp_path, device, task, begun, number=signal.SIGINT, *, held=False):
    """Run a task, and send ansible-playbook a signal when `begun()` is true.

    :param held: the device stands still from then on until the run has been told, so that nothing goes on meanwhile.
    """
    (tmp_path / "sitecustomize.py").write_text(TELLS)
    stacks, said = tmp_path / "stacks", tmp_path / "said"
    variables = {"PYTHONPATH": str(tmp_path), "NASOPS_STACKS": str(stacks)}
    # What is started in the background of a script, or by nohup, ignores it, and so does all that it starts.
    usual = signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
    with open(said, "w", encoding="utf-8") as output:
        process = started(tmp_path, play(task), {"it": device.variables()}, output.fileno(), **variables)

    def until(done):
        end = time.monotonic() + DEADLINE
        while not done():
            assert time.monotonic() < end, evidence(tmp_path, said, stacks)
            time.sleep(0.01)

    try:
        until(lambda: begun() or process.poll() is not None)
        if held:
            device.process.send_signal(signal.SIGSTOP)
        assert process.poll() is None, said.read_text()
        process.send_signal(number)
        if held:
            until(lambda: "User interrupted execution" in said.read_text() or process.poll() is not None)
            device.process.send_signal(signal.SIGCONT)
        until(lambda: process.poll() is not None)
        until(lambda: not of_run(tmp_path))
    finally:
        device.process.send_signal(signal.SIGCONT)
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        signal.signal(number, usual)
    text = said.read_text()
    assert process.returncode != 0
    assert "Traceback" not in text
    return text


def evidence(tmp_path, said, stacks):
    """What a run that does not end has said, which of its processes live, and where each of their threads stands."""
    living = {}
    for pid in of_run(tmp_path):
        with contextlib.suppress(OSError):  # one that has ended meanwhile
            status = Path(f"/proc/{pid}/status").read_text().splitlines()
            shown = [line for line in status if line.startswith(("Name", "State", "PPid", "Sig", "Shd"))]
            words = Path(f"/proc/{pid}/cmdline").read_text().split("\0")
            living[pid] = "\n".join([f"{pid}: {' '.join(words)}", *shown, Path(f"/proc/{pid}/wchan").read_text()])
    for pid in living:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGABRT)
    end = time.monotonic() + 5
    while of_run(tmp_path) and time.monotonic() < end:
        time.sleep(0.05)
    told = stacks.read_text() if stacks.exists() else ""
    return "\n\n".join(["it does not end:", said.read_text(), *living.values(), told])


def sessions(tmp_path):
    """The files of sessions that runs have left."""
    return list((tmp_path / "ansible-home" / "tmp").glob("*/nasops-sessions/*.json"))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("vendor", VENDORS)
def test_the_task_of_the_device_is_stopped(tmp_path, start, vendor, number):
    device = start(vendor, arguments=["--vendor-opt", "task_seconds=4"])
    (device.root / "home" / "x.txt").write_text("x")
    desired = {"nasops.nas.nas_archive": {"path": "/home/a.zip", "sources": ["/home/x.txt"]}}
    if vendor == "freebox":  # the others see that this is no archive, and refuse to touch it
        (device.root / "home" / "a.zip").write_text("the old one")
    before = device.tree()
    interrupted(tmp_path, device, desired, lambda: device.calls(STATUS[vendor]), number)
    assert device.calls(STOPPED[vendor])
    assert device.tree() == before
    assert len(device.calls_of("login")) == len(device.calls_of("logout")) == 1
    assert sessions(tmp_path) == []


def test_what_a_run_left_that_was_killed_is_cleared_away_by_the_next(tmp_path, one, monkeypatch):
    monkeypatch.setenv("NASOPS_KEEP", "0")  # with it, the broker logs out
    one_task = {"nasops.nas.nas_stat": {"path": "/home"}}
    pause = {
        "ansible.builtin.wait_for": {"path": str(tmp_path / "never"), "timeout": DEADLINE},
        "delegate_to": "localhost",
    }
    hosts = {"it": one.variables(), "localhost": {"ansible_connection": "local", **where_to_ship(tmp_path)}}
    process = started(tmp_path, play(one_task, pause), hosts, subprocess.DEVNULL)
    try:
        until = time.monotonic() + DEADLINE
        while not sessions(tmp_path):
            assert process.poll() is None
            assert time.monotonic() < until
            time.sleep(0.05)
        # While it lives, another run leaves its session alone.
        run(tmp_path, play(one_task, hosts="it"), hosts)
        assert len(sessions(tmp_path)) == 1
        assert len(one.calls_of("logout")) == 1
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    assert len(sessions(tmp_path)) == 1
    run(tmp_path, play(one_task, hosts="it"), hosts)
    assert sessions(tmp_path) == []
    assert len(one.calls_of("login")) == len(one.calls_of("logout")) == 3


def test_an_upload_leaves_nothing_behind(tmp_path, start):
    device = start("synology")
    (device.root / "home" / "a.bin").write_bytes(b"old")
    source = tmp_path / "a.bin"
    with open(source, "wb") as made:
        made.truncate(2_000_000_000)

    def begun():
        return any(place.stat().st_size for place in device.root.rglob(".parts/*") if place.is_file())

    desired = {"nasops.nas.nas_file": {"path": "/home/a.bin", "src": str(source)}}
    interrupted(tmp_path, device, desired, begun, held=True)
    assert device.tree() == ["/home/", "/home/a.bin", "/public/"]
    assert (device.root / "home" / "a.bin").read_bytes() == b"old"
    small = {"nasops.nas.nas_file": {"path": "/home/a.bin", "content": "new"}}
    plays = play(small)
    assert run(tmp_path, plays, {"it": device.variables()}).changed == {"it": 1}


@pytest.mark.parametrize(
    ("desired", "content"),
    [
        ({"state": "touch"}, "precious"),
        ({"content": "new", "force": False}, "precious"),
        ({"content": "precious"}, "precious"),
        ({"content": "new"}, "new"),
    ],
)
def test_what_an_interrupted_run_put_aside_is_not_lost(tmp_path, one, desired, content):
    path = "/home/interrupted"
    there = one.root / "home" / "interrupted"
    there.unlink(missing_ok=True)
    (one.root / marks.backup_path(path)[1:]).write_text("precious")
    (one.root / marks.staging_path(path)[1:]).write_text("half")
    host = {"it": one.variables()}
    assert run(tmp_path, play(file(path=path, **desired)), host, "--check", "--diff").changed == {"it": 1}
    assert one.writes() == []
    outcome = run(tmp_path, play(file(path=path, **desired)), host)
    assert outcome.status == 0, outcome.text
    assert there.read_text() == content
    # A Freebox keeps its notes of the archives of other tests.
    assert not one.unfinished()
