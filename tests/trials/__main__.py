# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`python -m tests.trials`: makes trials, in parts, and goes on where it was stopped."""

from __future__ import annotations

import argparse
import importlib
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

importlib.import_module("tests.conftest")  # makes the collection importable
from tests.trials import interruption, playbook
from tests.trials import trial as trials
from tests.trials.cells import CELLS, PROFILES, Cell
from tests.trials.faults import FAULTS, Fault
from tests.trials.report import read
from tests.trials.trial import BROKEN, IDLE, Bench, Name, Trial

USUAL_SEED = 20260704


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status 1 when one was broken."""
    wanted = options(arguments)
    if wanted.only:
        ways = {playbook.WAY: playbook.alone, interruption.WAY: interruption.alone}
        return show([one for text in wanted.only for one in ways.get(text.partition(":")[0], alone)(text)])
    known = {one.id for one in read(wanted.out)} if wanted.out and wanted.out.exists() else set()
    stream = wanted.out.open("a", encoding="utf-8") if wanted.out else None
    found: list[Trial] = []
    try:
        for one in series(wanted, known):
            found.append(one)
            if stream is not None:
                stream.write(one.as_json() + "\n")
                stream.flush()
            if one.outcome == BROKEN:
                tell(one)
    finally:
        if stream is not None:
            stream.close()
    return show(found, reported=True)


def options(arguments: Sequence[str] | None) -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(prog="python -m tests.trials", description=__doc__)
    parser.add_argument("--playbooks", action="store_true", help="one of each fault, module and vendor by playbooks")
    parser.add_argument("--interruptions", action="store_true", help="signals, many forks, two runs at once")
    parser.add_argument("--part", default="1/1", help="which part of how many, such as 1/2")
    parser.add_argument("--seed", type=int, default=USUAL_SEED, help="chooses places, and the faults' details")
    parser.add_argument("--sample", type=int, default=0, help="how many places of each fault in a task; 0 for all")
    parser.add_argument("--out", type=Path, help="a file of JSON lines to add to; what is in it is not made again")
    parser.add_argument("--vendor", action="append")
    parser.add_argument("--profile", action="append")
    parser.add_argument("--module", action="append")
    parser.add_argument("--cell", action="append")
    parser.add_argument("--fault", action="append")
    parser.add_argument(
        "--minutes", type=float, default=0, help="begin no trial after so long; each generation has its share"
    )
    parser.add_argument("--only", action="append", metavar="ID", help="this trial alone")
    wanted = parser.parse_args(arguments)
    for given, there in (
        (wanted.vendor, PROFILES),
        (wanted.module, {cell.module for cell in CELLS}),
        (wanted.cell, {cell.name for cell in CELLS}),
        (wanted.fault, FAULTS),
    ):
        for name in set(given or ()) - set(there):
            parser.error(f"{name}: there are {', '.join(sorted(there))}")
    part, _slash, parts = wanted.part.partition("/")
    if not (part.isdigit() and parts.isdigit() and 1 <= int(part) <= int(parts)):
        parser.error(f"--part {wanted.part}: such as 1/2")
    wanted.part = int(part), int(parts)
    return wanted


def chosen(wanted: argparse.Namespace) -> tuple[list[Cell], list[Fault]]:
    """The cells and faults that the command line names."""
    cells = [
        cell
        for cell in CELLS
        if (not wanted.module or cell.module in wanted.module) and (not wanted.cell or cell.name in wanted.cell)
    ]
    return cells, [fault for fault in FAULTS.values() if not wanted.fault or fault.name in wanted.fault]


def series(wanted: argparse.Namespace, known: set[str]) -> Iterator[Trial]:
    """The trials of a part, but those that are known."""
    cells, faults = chosen(wanted)
    part, parts = wanted.part
    vendors = list(wanted.vendor or PROFILES)
    if wanted.interruptions:
        yield from interruption.series(vendors, wanted.seed, known, wanted.part, wanted.sample or interruption.MOMENTS)
        return
    if wanted.playbooks:
        modules = sorted({cell.module for cell in cells})
        for vendor, module in [(vendor, module) for vendor in vendors for module in modules][part - 1 :: parts]:
            yield from playbook.series(vendor, [module], faults, wanted.seed, known)
        return
    generations = [
        (vendor, profile)
        for vendor, profiles in PROFILES.items()
        for profile in profiles
        if vendor in (wanted.vendor or PROFILES) and profile in (wanted.profile or profiles)
    ]
    began, row = time.monotonic(), 0
    for turn, (vendor, profile) in enumerate(generations, 1):
        end = began + 60 * wanted.minutes * turn / len(generations) if wanted.minutes else None
        with trials.bench(vendor, profile) as bench:
            for names in trials.names(bench, cells, faults, wanted.seed, wanted.sample):
                row += 1
                if row % parts == part - 1:
                    yield from made(bench, names, known, end)


def made(bench: Bench, names: Sequence[Name], known: set[str], end: float | None) -> Iterator[Trial]:
    for name in names:
        if end is not None and time.monotonic() > end:
            return
        if str(name) not in known:
            yield bench.run(name)


def alone(text: str) -> Iterator[Trial]:
    name = Name.parse(text)
    with trials.bench(name.vendor, name.profile) as bench:
        yield bench.run(name)


def tell(one: Trial) -> None:
    """What is broken, and how to see it again."""
    print(f"{one.id}\n  at {one.call}; {one.ended}: {one.message}")
    for why in one.why:
        print(f"  - {why}")
    print(f"  again: python -m tests.trials --only '{one.id}'", flush=True)


def show(found: Sequence[Trial], reported: bool = False) -> int:
    """The sum of it."""
    if not reported:
        for one in found:
            tell(one)
    count = Counter(one.outcome for one in found)
    print(f"{len(found) - count[IDLE]} trials, {count[BROKEN]} broken; {sum(one.seconds for one in found):.0f} s")
    return 1 if count[BROKEN] else 0


if __name__ == "__main__":
    sys.exit(main())
