# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An inventory in slices, side by side: `ansible-runner transmit | worker | process` for each, results joined.

    python -m tests.scale [--hosts 300] [--workers 3] [--tasks 5] [--forks 20]

It is what AWX does with a sliced job, with nothing of our own in between. Against simulated devices it tells what a
slice costs beside one run of the whole inventory, how many logins there were, and how much memory a worker takes.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from .support.devices import Device, fleet

ROOT = Path(__file__).resolve().parents[1]
RUNNER = "ansible-runner"


def sliced(names: Sequence[str], slices: int) -> list[list[str]]:
    """The hosts of each slice: every n-th, as AWX does it. No slice is empty."""
    return [part for number in range(slices) if (part := list(names[number::slices]))]


def private_data(folder: Path, hosts: dict[str, dict[str, Any]], tasks: Sequence[dict[str, Any]]) -> Path:
    """A folder as ansible-runner wants it: a project with the play, an inventory, the environment."""
    play = [{"hosts": "all", "gather_facts": False, "tasks": list(tasks)}]
    inventory = {"all": {"hosts": hosts}}
    (folder / "project").mkdir(parents=True)
    (folder / "inventory").mkdir()
    (folder / "env").mkdir()
    (folder / "project" / "site.yml").write_text(json.dumps(play), encoding="utf-8")
    (folder / "inventory" / "hosts.json").write_text(json.dumps(inventory), encoding="utf-8")
    variables = {"ANSIBLE_COLLECTIONS_PATH": os.environ.get("ANSIBLE_COLLECTIONS_PATH", str(ROOT / ".cache" / "link"))}
    (folder / "env" / "envvars").write_text(json.dumps(variables), encoding="utf-8")
    return folder


def run_slice(folder: Path, forks: int) -> Counter[str]:
    """One slice through `transmit | worker | process`; how many hosts ended how.

    :raises SystemExit: with what was said, when one of the three fails.
    """
    out = folder.with_name(f"{folder.name}-out")
    work = folder.with_name(f"{folder.name}-work")
    for path in (out, work):
        path.mkdir()
    commands = [
        [RUNNER, "transmit", str(folder), "-p", "site.yml", "--forks", str(forks)],
        [RUNNER, "worker", "--private-data-dir", str(work)],
        [RUNNER, "process", str(out)],
    ]
    said = folder.with_name(f"{folder.name}.log")
    with said.open("wb") as log:
        running: list[subprocess.Popen[bytes]] = []
        for command in commands:
            source = running[-1].stdout if running else subprocess.DEVNULL
            sink = log if command is commands[-1] else subprocess.PIPE
            running.append(subprocess.Popen(command, stdin=source, stdout=sink, stderr=log))
            if source is not subprocess.DEVNULL and source is not None:
                source.close()  # type: ignore[union-attr]
        codes = [each.wait() for each in running]
    if any(codes):
        sys.exit(f"{folder.name}: {codes}\n{said.read_text(errors='replace')[-2000:]}")
    return outcomes(out)


def outcomes(folder: Path) -> Counter[str]:
    """The hosts of a processed slice by how they ended, from the events that ansible-runner keeps."""
    for file in folder.rglob("job_events/*.json"):
        event = json.loads(file.read_text(encoding="utf-8"))
        if event.get("event") == "playbook_on_stats":
            data = event["event_data"]
            bad = {**data.get("failures", {}), **data.get("dark", {})}
            return Counter("failed" if host in bad else "ok" for host in {**data["processed"], **bad})
    return Counter()


class Watcher(threading.Thread):
    """Measures now and then what the processes below this one hold, on Linux.

    :ivar forks: most workers of one ansible-playbook at a time.
    :ivar main: MiB of the largest ansible-playbook, shared pages counted in part.
    :ivar fork: MiB of a worker, likewise, in the median.
    :ivar handles: most file handles of an ansible-playbook.
    """

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.forks, self.main, self.handles = 0, 0.0, 0
        self._fork: list[float] = []
        self._done = threading.Event()

    @property
    def fork(self) -> float:
        """See above."""
        return statistics.median(self._fork) if self._fork else 0.0

    def run(self) -> None:
        """Measure until the end."""
        while not self._done.wait(0.5):
            parents = {pid: parent for pid, parent, name in _processes() if name.startswith("ansible-playboo")}
            for pid in set(parents) - {one for one in parents if parents[one] in parents}:
                workers = [one for one, parent in parents.items() if parent == pid]
                self.forks = max(self.forks, len(workers))
                self._fork += [size for one in workers[:3] if (size := _memory(one))]
                self.main = max(self.main, _memory(pid))
                with contextlib.suppress(OSError):
                    self.handles = max(self.handles, len(os.listdir(f"/proc/{pid}/fd")))

    def end(self) -> None:
        """Measure no more."""
        self._done.set()
        self.join()


def _processes() -> Iterator[tuple[int, int, str]]:
    """Number, number of the parent, and name of each process that descends from this one."""
    known: dict[int, tuple[int, str]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, ValueError):
            name, _bracket, rest = (folder / "stat").read_text().partition("(")[2].rpartition(")")
            known[int(folder.name)] = (int(rest.split()[1]), name)
    for pid, (parent, name) in known.items():
        above = parent
        while above in known and above != os.getpid():
            above = known[above][0]
        if above == os.getpid():
            yield pid, parent, name


def _memory(pid: int) -> float:
    """MiB of a process; what it shares with others is divided among them. 0 when it is gone."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    return 0.0


def logins(devices: Sequence[Device]) -> int:
    """How many logins all devices saw."""
    return sum(len(device.calls_of("login")) for device in devices)


def main() -> None:
    """Measure, and print a table of ratios."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--hosts", type=int, default=300)
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--tasks", type=int, default=5)
    parser.add_argument("--forks", type=int, default=20)
    asked = parser.parse_args()
    tasks = [
        {"nasops.nas.nas_folder": {"path": f"/home/folder-{number}"}, "name": f"folder {number}"}
        for number in range(asked.tasks)
    ]
    with tempfile.TemporaryDirectory() as name, fleet("synology", asked.hosts, Path(name)) as devices:
        hosts = {f"nas{number}": device.variables() for number, device in enumerate(devices, 1)}
        watcher = Watcher()
        watcher.start()
        results: dict[int, tuple[float, Counter[str]]] = {}
        counted = 0
        for workers in (1, asked.workers):
            folders = [
                private_data(Path(name) / f"{workers}-{part}", {host: hosts[host] for host in names}, tasks)
                for part, names in enumerate(sliced(list(hosts), workers))
            ]
            began = time.monotonic()
            with ThreadPoolExecutor(workers) as pool:
                joined = sum(pool.map(lambda folder: run_slice(folder, asked.forks), folders), Counter[str]())
            results[workers] = (time.monotonic() - began, joined)
            counted, before = logins(devices), counted
            print(f"{workers} slices: {dict(joined)}, {counted - before} logins of {asked.hosts} devices", flush=True)
        watcher.end()
        whole, parts = results[1][0], results[asked.workers][0]
        memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        print(f"{asked.workers} slices side by side take {parts / whole:.2f} of the time of one run of all")
        print(f"largest process: {memory:.0f} MiB; {asked.forks} forks a slice, {os.cpu_count()} cores")
        print(f"one run of all: {whole / asked.hosts / asked.tasks * 1000:.0f} ms for each task of each host")
        print(
            f"an ansible-playbook had {watcher.forks} workers at most, {watcher.main:.0f} MiB itself, "
            f"{watcher.fork:.1f} MiB for each worker, {watcher.handles} file handles"
        )


if __name__ == "__main__":
    main()
