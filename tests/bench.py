# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`make bench`: what a task that changes nothing costs, as a multiple of what `debug` costs in the same run.

Times are wall times less that of an empty play, the medians of several interleaved rounds; only the ratios mean
anything.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Optional

import yaml

from tests.support.devices import Device, devices
from tests.support.playbooks import BIN, environment, write_inventory

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
TASKS = 40
VENDORS = ("synology", "qnap", "freebox")


def tasks(kind: str) -> list[dict[str, Any]]:
    """The tasks of a play of a kind."""
    bodies: dict[str, Callable[[int], Optional[dict[str, Any]]]] = {
        "empty": lambda number: None,
        "debug": lambda number: {"ansible.builtin.debug": {"msg": "nothing"}},
        "nas_folder": lambda number: {"nasops.nas.nas_folder": {"path": f"/home/bench/{number}"}},
        "nas_file": lambda number: {"nasops.nas.nas_file": {"path": f"/home/bench/{number}.txt", "content": "x" * 99}},
    }
    return [body for number in range(TASKS) if (body := bodies[kind](number)) is not None]


def seconds(folder: Path, kind: str, host: Mapping[str, Any]) -> float:
    """The wall time of a play."""
    playbook = folder / f"{kind}.yml"
    playbook.write_text(yaml.safe_dump([{"hosts": "all", "gather_facts": False, "tasks": tasks(kind)}]))
    inventory = write_inventory(folder, {"it": host})
    started = time.monotonic()
    subprocess.run(
        [str(BIN / "ansible-playbook"), "-i", str(inventory), str(playbook)],
        env=environment(folder),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        check=True,
    )
    return time.monotonic() - started


def measure(folder: Path, device: Device) -> None:
    """Print the ratios for a device."""
    host = device.variables()
    kinds = ("empty", "debug", "nas_folder", "nas_file")
    for kind in kinds:  # the first run makes the folders and files
        seconds(folder, kind, host)
    times: dict[str, list[float]] = {kind: [] for kind in kinds}
    for _round in range(ROUNDS):
        for kind in kinds:
            times[kind].append(seconds(folder, kind, host))
    empty = statistics.median(times["empty"])
    debug = statistics.median(times["debug"]) - empty
    print(f"{device.vendor}: debug {1000 * debug / TASKS:.1f} ms a task")
    for kind in kinds[2:]:
        own = statistics.median(times[kind]) - empty
        print(f"{device.vendor}: {kind} {1000 * own / TASKS:.1f} ms a task, {own / debug:.2f} times debug", flush=True)


def main() -> None:
    """Measure the vendors named on the command line, or all."""
    wanted = sys.argv[1:] or VENDORS
    with tempfile.TemporaryDirectory(prefix="nasops-bench-") as folder, devices(VENDORS, Path(folder)) as found:
        for vendor in wanted:
            measure(Path(folder), found[vendor])


if __name__ == "__main__":
    main()
