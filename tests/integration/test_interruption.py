# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run that is ended: the device does not go on with what a task started, nothing is half done, no session stays."""

from __future__ import annotations

import os
import signal
import subprocess
import time

import pytest
from ansible_collections.nasops.nas.plugins.module_utils._core import marks

from tests.support.devices import VENDORS
from tests.support.playbooks import (
    file,
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


def interrupted(tmp_path, device, task, begun, number=signal.SIGINT):
    """Run a task, and send ansible-playbook a signal when `begun()` is true."""
    # What is started in the background of a script, or by nohup, ignores it, and so does all that it starts.
    usual = signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
    process = started(tmp_path, play(task), {"it": device.variables()})
    try:
        until = time.monotonic() + DEADLINE
        while not begun():
            assert process.poll() is None, process.stdout.read()
            assert time.monotonic() < until
            time.sleep(0.05)
        process.send_signal(number)
        text, _errors = process.communicate(timeout=DEADLINE)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        signal.signal(number, usual)
    assert process.returncode != 0
    assert "Traceback" not in text
    return text


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
    interrupted(tmp_path, device, desired, begun)
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
    assert not [found for found in one.tree() if ".nasops" in found and not found.endswith(".json")]
