# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ctrl-C: the device does not go on with what a task has started, nothing is half done, the session is logged out."""

from __future__ import annotations

import os
import signal
import subprocess
import time

import pytest

from tests.support.playbooks import BIN, environment, run, write_inventory, write_play

VENDORS = ("synology", "qnap", "freebox")
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


def interrupted(tmp_path, device, task, begun):
    """Run a task, and interrupt ansible-playbook when `begun()` is true."""
    playbook = write_play(tmp_path, [{"hosts": "all", "gather_facts": False, "tasks": [task]}])
    # What is started in the background of a script ignores it, and so does all that it starts.
    usual = signal.signal(signal.SIGINT, signal.default_int_handler)
    process = subprocess.Popen(
        [BIN / "ansible-playbook", "-i", write_inventory(tmp_path, {"it": device.variables()}), playbook],
        cwd=tmp_path,
        env=environment(tmp_path),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        until = time.monotonic() + DEADLINE
        while not begun():
            assert process.poll() is None, process.stdout.read()
            assert time.monotonic() < until
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        text, _errors = process.communicate(timeout=DEADLINE)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        signal.signal(signal.SIGINT, usual)
    assert process.returncode != 0
    assert "Traceback" not in text
    return text


@pytest.mark.parametrize("vendor", VENDORS)
def test_the_task_of_the_device_is_stopped(tmp_path, start, vendor):
    device = start(vendor, arguments=["--vendor-opt", "task_seconds=4"])
    (device.root / "home" / "x.txt").write_text("x")
    wish = {"nasops.nas.nas_archive": {"path": "/home/a.zip", "sources": ["/home/x.txt"]}}
    if vendor == "freebox":  # the others see that this is no archive, and refuse to touch it
        (device.root / "home" / "a.zip").write_text("the old one")
    before = device.tree()
    interrupted(tmp_path, device, wish, lambda: device.calls(STATUS[vendor]))
    assert device.calls(STOPPED[vendor])
    assert device.tree() == before
    assert len(device.calls_of("login")) == len(device.calls_of("logout")) == 1


def test_an_upload_leaves_nothing_behind(tmp_path, start):
    device = start("synology")
    (device.root / "home" / "a.bin").write_bytes(b"old")
    source = tmp_path / "a.bin"
    with open(source, "wb") as made:
        made.truncate(2_000_000_000)

    def begun():
        return any(place.stat().st_size for place in device.root.rglob(".parts/*") if place.is_file())

    wish = {"nasops.nas.nas_file": {"path": "/home/a.bin", "src": str(source)}}
    interrupted(tmp_path, device, wish, begun)
    assert device.tree() == ["/home/", "/home/a.bin", "/public/"]
    assert (device.root / "home" / "a.bin").read_bytes() == b"old"
    small = {"nasops.nas.nas_file": {"path": "/home/a.bin", "content": "new"}}
    play = [{"hosts": "all", "gather_facts": False, "tasks": [small]}]
    assert run(tmp_path, play, {"it": device.variables()}).changed == {"it": 1}
