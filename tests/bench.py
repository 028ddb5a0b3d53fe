# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`make bench`: what tasks that change nothing cost, as multiples of what `debug` costs in the same run.

Times are wall times less that of an empty play, the medians of several interleaved rounds; only the ratios mean
anything, and only on a machine that does nothing else. Three parts:

- `tasks`: each way to trust a device, for each module, without latency;
- `latency`: the same by one way, where a round trip takes 0, 5 and 30 ms, with connections of each task's own and with
  kept ones: in milliseconds more than `debug`;
- `fleet`: many devices, many forks; logins are counted.
"""

from __future__ import annotations

import argparse
import functools
import os
import ssl
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Optional

import yaml

from tests.support.devices import VENDORS, Device, devices, fleet
from tests.support.playbooks import BIN, environment, write_inventory
from tests.support.tls import fingerprint_of, self_signed

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
TASKS = 40
ROUND_TRIPS = (0.0, 0.005, 0.03)  # seconds
WAYS = ("0", "1")  # of NASOPS_KEEP: direct, kept
FLEET = 20

Body = Callable[[int], Optional[dict[str, Any]]]
BODIES: dict[str, Body] = {
    "empty": lambda number: None,
    "debug": lambda number: {"ansible.builtin.debug": {"msg": "nothing"}},
    "nas_folder": lambda number: {"nasops.nas.nas_folder": {"path": f"/home/bench/{number}"}},
    "nas_file": lambda number: {"nasops.nas.nas_file": {"path": f"/home/bench/{number}.txt", "content": "x" * 99}},
    "nas_share": lambda number: {"nasops.nas.nas_share": {"path": f"/home/bench/{number}.txt"}},
}
MODULES = ("nas_folder", "nas_file", "nas_share")


class Bench:
    """Plays against some hosts.

    :param folder: for what they need.
    :param hosts: variables by name, as an inventory has them.
    """

    def __init__(
        self, folder: Path, hosts: Mapping[str, Mapping[str, Any]], *arguments: str, tasks: int = TASKS
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._inventory = write_inventory(folder, hosts)
        self._arguments = arguments
        self._tasks = tasks

    def seconds(self, case: str, **variables: str) -> float:
        """The wall time of a play of tasks of a kind."""
        bodies = [body for number in range(self._tasks) if (body := BODIES[case](number)) is not None]
        playbook = self._folder / f"{case}.yml"
        playbook.write_text(yaml.safe_dump([{"hosts": "all", "gather_facts": False, "tasks": bodies}]))
        started = time.monotonic()
        subprocess.run(
            [str(BIN / "ansible-playbook"), "-i", str(self._inventory), *self._arguments, str(playbook)],
            env=environment(self._folder, **variables),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            check=True,
        )
        return time.monotonic() - started


def medians(cells: Mapping[str, Callable[[], float]]) -> dict[str, float]:
    """The median seconds of each cell, over rounds in which each has its turn; the round before makes the files."""
    for cell in cells.values():
        cell()
    times: dict[str, list[float]] = {name: [] for name in cells}
    for _round in range(ROUNDS):
        for name, cell in cells.items():
            times[name].append(cell())
    return {name: statistics.median(values) for name, values in times.items()}


def ways(plain: Device, secure: Device) -> dict[str, tuple[dict[str, Any], dict[str, str]]]:
    """The ways to a device: variables of the host, and of the environment."""
    assert secure.ca_path is not None
    no_file = {"nas_ca_path": None}
    return {
        "http": (plain.variables(), {}),
        "ca_path": (secure.variables(), {}),
        "fingerprint": (secure.variables(**no_file, nas_fingerprint=fingerprint_of(secure.ca_path)), {}),
        "unvalidated": (secure.variables(**no_file, nas_validate_certs=False), {}),
        "store": (secure.variables(**no_file), {"SSL_CERT_FILE": str(secure.ca_path.with_name("store.pem"))}),
    }


def measure_tasks(
    folder: Path, vendors: Sequence[str], plain: Mapping[str, Device], secure: Mapping[str, Device]
) -> None:
    """Print a table for each vendor: modules by ways, in multiples of debug."""
    for vendor in vendors:
        found = ways(plain[vendor], secure[vendor])
        cells: dict[str, Callable[[], float]] = {}
        base = Bench(folder / vendor / "base", {"it": found["http"][0]})
        cells.update({case: functools.partial(base.seconds, case) for case in ("empty", "debug")})
        for way, (host, variables) in found.items():
            bench = Bench(folder / vendor / way, {"it": host})
            for module in MODULES:
                cells[f"{module} {way}"] = functools.partial(bench.seconds, module, **variables)
        times = medians(cells)
        debug = times["debug"] - times["empty"]
        print(f"\n{vendor}: debug {1000 * debug / TASKS:.1f} ms a task; times debug:")
        print(f"{'':12}" + "".join(f"{way:>13}" for way in found))
        for module in MODULES:
            row = [(times[f"{module} {way}"] - times["empty"]) / debug for way in found]
            print(f"{module:12}" + "".join(f"{value:13.2f}" for value in row), flush=True)


def measure_latency(folder: Path, vendors: Sequence[str], tls: tuple[Path, Path]) -> None:
    """Print what a task costs more than debug, by connections of its own and by those that are kept, side by side."""
    print("\nhttps by ca_path: milliseconds more than debug, a task: direct | kept")
    for round_trip in ROUND_TRIPS:
        place = folder / f"far{round_trip}"
        place.mkdir()
        with devices(VENDORS, place, tls=tls, latency=round_trip) as far:
            for vendor in vendors:
                bench = Bench(folder / "latency" / vendor / str(round_trip), {"it": far[vendor].variables()})
                cells = {case: functools.partial(bench.seconds, case) for case in ("empty", "debug")}
                for case in MODULES:
                    for keep in WAYS:
                        cells[case + keep] = functools.partial(bench.seconds, case, NASOPS_KEEP=keep)
                times = medians(cells)
                more = {name: 1000 * (value - times["debug"]) / TASKS for name, value in times.items()}
                row = "".join(f"{case:>12} {more[case + '0']:5.1f} |{more[case + '1']:5.1f}" for case in MODULES)
                print(f"{1000 * round_trip:3.0f} ms {vendor:10}{row}", flush=True)


def measure_fleet(folder: Path, vendors: Sequence[str], tls: tuple[Path, Path]) -> None:
    """Print what a task on many devices costs, in multiples of debug, and how often they were logged in to."""
    print(f"\n{FLEET} devices, 10 tasks, 10 forks, https by ca_path: times debug, logins a run")
    for vendor in vendors:
        place = folder / "fleet" / vendor
        place.mkdir(parents=True)
        with fleet(vendor, FLEET, place, tls=tls) as found:
            hosts = {f"nas{number}": device.variables() for number, device in enumerate(found)}
            bench = Bench(place / "plays", hosts, "--forks=10", tasks=10)
            cases = ("empty", "debug", "nas_folder", "nas_file")
            times = medians({case: functools.partial(bench.seconds, case) for case in cases})
            logins = sum(len(device.calls_of("login")) for device in found)
        debug = times["debug"] - times["empty"]
        row = "".join(f"{case:>12} {(times[case] - times['empty']) / debug:5.2f}" for case in cases[2:])
        print(f"{vendor:12}{row}   {logins / (2 * (ROUNDS + 1)):.0f} logins", flush=True)


def main() -> None:
    """Measure what the command line says, or all."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("vendors", nargs="*", metavar="VENDOR", help="all of them when none is named")
    parser.add_argument("--part", action="append", choices=["tasks", "latency", "fleet"])
    chosen = parser.parse_args()
    vendors = chosen.vendors or VENDORS
    parts = chosen.part or ["tasks", "latency", "fleet"]
    with tempfile.TemporaryDirectory(prefix="nasops-bench-") as name:
        folder = Path(name)
        tls = self_signed(folder)
        (folder / "store.pem").write_bytes(system_store() + tls[0].read_bytes())
        places = [folder / place for place in ("plain", "secure")]
        for place in places:
            place.mkdir()
        with devices(VENDORS, places[0]) as plain, devices(VENDORS, places[1], tls=tls) as secure:
            if "tasks" in parts:
                measure_tasks(folder, vendors, plain, secure)
        if "latency" in parts:
            measure_latency(folder, vendors, tls)
        if "fleet" in parts:
            measure_fleet(folder, vendors, tls)


def system_store() -> bytes:
    """The certificates that this machine trusts, as one file, so that reading them costs what it does."""

    file = ssl.get_default_verify_paths().cafile
    return Path(file).read_bytes() if file else b""


if __name__ == "__main__":
    main()
