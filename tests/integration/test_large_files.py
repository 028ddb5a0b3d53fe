# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A large file goes through no process's memory, and its way is shown."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import yaml

from tests.support.playbooks import BIN, environment, play, run, write_inventory

MEGABYTE = 1024 * 1024
PEAK = """
import json, resource, subprocess, sys
status = subprocess.run(sys.argv[1:], stdout=sys.stderr, stdin=subprocess.DEVNULL).returncode
print(json.dumps([status, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss]))
"""


def peak(folder, hosts, size):
    """The memory of the largest process of a run that sends a file, in MiB."""
    source = folder / f"{size}.bin"
    with source.open("wb") as stream:
        stream.truncate(size)
    playbook = folder / "large.yml"
    task = {"nasops.nas.nas_file": {"path": f"/home/{size}.bin", "src": str(source)}}
    playbook.write_text(yaml.safe_dump(play(task)))
    command = [str(BIN / "ansible-playbook"), "-i", str(write_inventory(folder, hosts)), str(playbook)]
    done = subprocess.run(
        [sys.executable, "-c", PEAK, *command], env=environment(folder), capture_output=True, text=True, check=True
    )
    status, kilobytes = json.loads(done.stdout)
    assert status == 0, done.stderr
    return kilobytes / 1024


def simulator_peak(device):
    status = Path(f"/proc/{device.process.pid}/status").read_text()
    found = re.search(r"VmHWM:\s+(\d+)", status)
    assert found is not None
    return int(found.group(1)) / 1024


def test_memory_stays_flat(tmp_path, nas, hosts):
    size = 200 * MEGABYTE
    small = peak(tmp_path, hosts, 100), simulator_peak(nas["qnap"])
    large = peak(tmp_path, hosts, size), simulator_peak(nas["qnap"])
    assert large[0] - small[0] < 64, (small, large)
    assert large[1] - small[1] < 64, (small, large)
    for device in nas.values():
        sent = device.root / "home" / f"{size}.bin"
        assert sent.stat().st_size == size
        sent.unlink()


def test_a_slow_upload_shows_how_far_it_is(tmp_path, nas):
    device = nas["synology"]
    source = tmp_path / "slow.bin"
    with source.open("wb") as stream:
        stream.truncate(40 * MEGABYTE)
    task = {"nasops.nas.nas_file": {"path": "/home/slow.bin", "src": str(source)}}
    plays = play(task)
    device.faults({"call": "SYNO.FileStation.Upload/upload", "do": {"slow": 2.5}})
    outcome = run(tmp_path, plays, {"it": device.variables()})
    assert outcome.status == 0, outcome.text
    line = re.search(r"\[it\] /home/slow.bin: uploading, (\d+) %, [\d.]+ .?B/s, \d+ s left", outcome.text)
    assert line is not None, outcome.text
