# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`make bench`: what tasks cost, beside what `debug` costs in the same run or a bare script of the same calls.

Times are wall times less that of an empty play, the medians of several interleaved rounds; only the ratios mean
anything, and only on a machine that does nothing else. It writes docs/benchmarks.md, part by part: all of it takes
hours, `make bench PARTS="latency fleet"` measures some. Parts:

- `tasks`: each way to trust a device, for each module that changes nothing, without latency;
- `latency`: the same by one way, where a round trip takes 0, 5 and 30 ms, with connections of each task's own and with
  kept ones: in milliseconds more than `debug`;
- `others`: the same beside `ansible.builtin.uri`, and beside modules that are shipped;
- `fleet`: many devices, many forks; logins are counted;
- those of `tests/bench_work.py`: `login`, `folders`, `sync`, `packing`, `copies`, `transfers`,
  `waiting`.
"""

from __future__ import annotations

import argparse
import functools
import inspect
import os
import re
import ssl
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Optional

import yaml

from tests import bench_work
from tests.bench_work import Table
from tests.support.devices import ROOT, VENDORS, Device, devices, fleet
from tests.support.playbooks import BIN, environment, where_to_ship, write_inventory
from tests.support.tls import fingerprint_of, self_signed

TASKS = 40
ROUND_TRIPS = (0.0, 0.005, 0.03)  # seconds
WAYS = {"direct": "0", "kept": "1"}  # by NASOPS_KEEP
PAGE = ROOT / "docs" / "benchmarks.md"
OWN = {
    "tasks": ("Tasks that change nothing, in multiples of debug", "Each way to trust a NAS, without latency."),
    "latency": (
        "Tasks that change nothing, with latency",
        "https: milliseconds that a task takes more than `debug`, connecting for itself : by a kept connection.",
    ),
    "others": (
        "The same by other means",
        "A task that changes nothing over https, in multiples of `debug`: here; one request of `ansible.builtin.uri`\n"
        "to the same device, which looks at nothing; the same module, shipped to a machine that it is delegated to.",
    ),
    "fleet": ("Many devices", "Tasks that change nothing on many devices, in multiples of debug, and logins a run."),
}
HEAD = """# Benchmarks

This page is written by `make bench`, part by part. Do not edit it.

Everything is measured through `ansible-playbook`, against simulated devices on the machine itself: what the collection
costs, not what a device does. Times are wall times less that of an empty play, medians of interleaved rounds, and only
their ratios are told. `A : B` is how many times as long as B takes A. A script is one of `requests` with the fewest
calls, one connection and no check of what it did (`tests/bare.py`).

`nas_sync` sends each file by itself: one upload of many small ones, which the NAS extracts, is nowhere twice as fast by
the time that what was extracted is verified ("Many small files in one upload").
"""

Body = Callable[[int], Optional[dict[str, Any]]]
BODIES: dict[str, Body] = {
    "empty": lambda number: None,
    "debug": lambda number: {"ansible.builtin.debug": {"msg": "nothing"}},
    "nas_folder": lambda number: {"nasops.nas.nas_folder": {"path": f"/home/bench/{number}"}},
    "nas_file": lambda number: {"nasops.nas.nas_file": {"path": f"/home/bench/{number}.txt", "content": "x" * 99}},
    "nas_share": lambda number: {"nasops.nas.nas_share": {"path": f"/home/bench/{number}.txt"}},
}
OTHERS: dict[str, Body] = {
    "here": BODIES["nas_folder"],
    "uri": lambda number: {
        "ansible.builtin.uri": {"url": "{{ bench_url }}", "validate_certs": False, "status_code": [200, 302, 404]},
        "delegate_to": "localhost",
    },
    "shipped": lambda number: {**(BODIES["nas_folder"](number) or {}), "delegate_to": "bastion"},
}
BODIES.update(OTHERS)
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
        """The wall time of a play of tasks of a case."""
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


def medians(cells: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, float]:
    """The median seconds of each cell, over rounds in which each has its turn; the round before makes the files."""
    for cell in cells.values():
        cell()
    return bench_work.interleaved(rounds, cells)


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
    folder: Path, vendors: Sequence[str], plain: Mapping[str, Device], secure: Mapping[str, Device], rounds: int
) -> Table:
    """Modules by ways, in multiples of debug."""
    rows, names = [], []
    for vendor in vendors:
        found = ways(plain[vendor], secure[vendor])
        cells: dict[str, Callable[[], float]] = {}
        base = Bench(folder / vendor / "base", {"it": found["http"][0]})
        cells.update({case: functools.partial(base.seconds, case) for case in ("empty", "debug")})
        for way, (host, variables) in found.items():
            bench = Bench(folder / vendor / way, {"it": host})
            for module in MODULES:
                cells[f"{module} {way}"] = functools.partial(bench.seconds, module, **variables)
        times = medians(cells, rounds)
        debug, names = times["debug"] - times["empty"], list(found)
        for module in MODULES:
            row = [(times[f"{module} {way}"] - times["empty"]) / debug for way in found]
            rows.append([vendor, module, *(f"{value:.2f}" for value in row)])
    return ["vendor", "module", *names], rows


def measure_latency(folder: Path, vendors: Sequence[str], tls: tuple[Path, Path], rounds: int) -> Table:
    """What a task costs more than debug, by connections of its own and by those that are kept, side by side."""
    rows = []
    for round_trip in ROUND_TRIPS:
        place = folder / f"far{round_trip}"
        place.mkdir()
        with devices(VENDORS, place, tls=tls, latency=round_trip) as far:
            for vendor in vendors:
                bench = Bench(folder / "latency" / vendor / str(round_trip), {"it": far[vendor].variables()})
                cells = {"debug": functools.partial(bench.seconds, "debug")}
                for case in MODULES:
                    for way, keep in WAYS.items():
                        cells[f"{case} {way}"] = functools.partial(bench.seconds, case, NASOPS_KEEP=keep)
                times = medians(cells, rounds)
                more = {name: 1000 * (value - times["debug"]) / TASKS for name, value in times.items()}
                row = [" : ".join(f"{more[f'{case} {way}']:.1f}" for way in WAYS) for case in MODULES]
                rows.append([f"{1000 * round_trip:.0f} ms", vendor, *row])
    return ["round trip", "vendor", *MODULES], rows


def measure_others(folder: Path, vendors: Sequence[str], tls: tuple[Path, Path], asked: argparse.Namespace) -> Table:
    """nas_folder beside what others do, in multiples of debug."""
    plugins = {"ANSIBLE_CONNECTION_PLUGINS": str(ROOT / "tests" / "support" / "connection")}
    rows = []
    for round_trip in asked.round_trips:
        place = folder / f"others{round_trip}"
        place.mkdir()
        shipping = where_to_ship(place)
        with devices(vendors, place, tls=tls, latency=round_trip) as found:
            for vendor, device in found.items():
                hosts = {
                    "it": device.variables(bench_url=device.url),
                    "bastion": {"ansible_connection": "elsewhere", **shipping},
                    "localhost": {"ansible_connection": "local", **shipping},
                }
                bench = Bench(place / "plays" / vendor, hosts, "--limit=it", tasks=asked.fleet_tasks)
                cells = {
                    case: functools.partial(bench.seconds, case, **plugins) for case in ("empty", "debug", *OTHERS)
                }
                times = medians(cells, asked.rounds)
                debug = times["debug"] - times["empty"]
                ratios = [f"{(times[case] - times['empty']) / debug:.2f}" for case in OTHERS]
                rows.append([f"{1000 * round_trip:.0f} ms", vendor, *ratios])
    return ["round trip", "vendor", "nas_folder", "ansible.builtin.uri", "nas_folder, shipped"], rows


def measure_fleet(folder: Path, vendors: Sequence[str], tls: tuple[Path, Path], asked: argparse.Namespace) -> Table:
    """What a task on many devices costs, in multiples of debug, and how often they were logged in to."""
    rows = []
    for vendor in vendors:
        place = folder / "fleet" / vendor
        place.mkdir(parents=True)
        with fleet(vendor, asked.fleet, place, tls=tls) as found:
            hosts = {f"nas{number}": device.variables() for number, device in enumerate(found)}
            bench = Bench(place / "plays", hosts, "--forks=10", tasks=asked.fleet_tasks)
            cases = ("empty", "debug", "nas_folder", "nas_file")
            times = medians({case: functools.partial(bench.seconds, case) for case in cases}, asked.rounds)
            logins = sum(len(device.calls_of("login")) for device in found)
        debug = times["debug"] - times["empty"]
        ratios = [f"{(times[case] - times['empty']) / debug:.2f}" for case in cases[2:]]
        size = [str(asked.fleet), str(asked.fleet_tasks)]
        rows.append([vendor, *size, *ratios, f"{logins / (2 * (asked.rounds + 1)):.0f}"])
    return ["vendor", "devices", "tasks", "nas_folder", "nas_file", "logins"], rows


def section(part: str, table: Table, rounds: int) -> str:
    """The part of the page that tells a table."""
    title, about = (
        OWN[part] if part in OWN else (bench_work.PARTS[part][0], inspect.getdoc(bench_work.PARTS[part][1]) or "")
    )
    head, rows = table
    lines = [head, ["---"] * len(head), *rows]
    load = os.getloadavg()[1] / (os.cpu_count() or 1)
    busy = f", and {load:.1f} processes for each core when it ended" if load > 1.5 else ""
    times = f"{rounds} round{'s' if rounds > 1 else ''}"
    return "\n".join(
        [
            f"## {title}\n",
            f"<!-- {part} -->",
            f"{about}\n",
            *(f"| {' | '.join(line)} |" for line in lines),
            f"\nOn {time.strftime('%Y-%m-%d')}: {times}, {os.cpu_count()} cores{busy}.\n",
        ]
    )


def write(part: str, text: str, page: Path = PAGE) -> None:
    """Put a part into the page, in the place of what it told before."""
    held = page.read_text(encoding="utf-8").split("\n## ")[1:] if page.exists() else []
    sections = {match.group(1): f"## {one}" for one in held if (match := re.search(r"<!-- (\w+) -->", one))}
    sections[part] = text
    known = [sections[name].strip() for name in (*OWN, *bench_work.PARTS) if name in sections]
    page.write_text("\n\n".join([HEAD.strip(), *known]) + "\n", encoding="utf-8")


def main() -> None:
    """Measure what the command line says, or all."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("vendors", nargs="*", metavar="VENDOR", help="all of them when none is named")
    parser.add_argument("--part", action="append", choices=[*OWN, *bench_work.PARTS], help="all when none is named")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--round-trips", type=float, nargs="+", default=[0.0, 0.005], help="seconds")
    parser.add_argument("--folders", type=int, default=1000)
    parser.add_argument("--files", type=int, default=5000, help="of `sync`, ten in each folder")
    parser.add_argument("--megabytes", type=int, default=2048, help="of `transfers`")
    parser.add_argument("--job-seconds", type=float, default=2.0, help="of `copies`")
    parser.add_argument("--jobs", type=float, nargs="+", default=[0.1, 1.0, 10.0, 60.0], help="seconds, of `waiting`")
    parser.add_argument("--fleet", type=int, default=100, help="devices")
    parser.add_argument("--fleet-tasks", type=int, default=20, help="of `fleet` and `others`")
    chosen = parser.parse_args()
    vendors = chosen.vendors or VENDORS
    parts = chosen.part or [*OWN, *bench_work.PARTS]

    def tell(part: str, table: Table) -> None:
        text = section(part, table, chosen.rounds)
        print(f"\n{text}", flush=True)
        write(part, text)

    with tempfile.TemporaryDirectory(prefix="nasops-bench-") as name:
        folder = Path(name)
        tls = self_signed(folder)
        (folder / "store.pem").write_bytes(system_store() + tls[0].read_bytes())
        places = [folder / place for place in ("plain", "secure")]
        for place in places:
            place.mkdir()
        with devices(VENDORS, places[0]) as plain, devices(VENDORS, places[1], tls=tls) as secure:
            if "tasks" in parts:
                tell("tasks", measure_tasks(folder, vendors, plain, secure, chosen.rounds))
        if "latency" in parts:
            tell("latency", measure_latency(folder, vendors, tls, chosen.rounds))
        if "others" in parts:
            tell("others", measure_others(folder, vendors, tls, chosen))
        if "fleet" in parts:
            tell("fleet", measure_fleet(folder, vendors, tls, chosen))
        for part in bench_work.PARTS:
            if part in parts:
                tell(part, bench_work.measure(part, folder, vendors, chosen))


def system_store() -> bytes:
    """The certificates that this machine trusts, as one file, so that reading them costs what it does."""

    file = ssl.get_default_verify_paths().cafile
    return Path(file).read_bytes() if file else b""


if __name__ == "__main__":
    main()
