# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes docs/reliability.md."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timezone
from pathlib import Path

from tests.support.devices import ROOT
from tests.trials.faults import FAULTS
from tests.trials.trial import BROKEN, IDLE, Trial

PAGE = ROOT / "docs" / "reliability.md"
HEAD = """\
# Reliability

This page is written by `make faults`. Do not edit it.

A trial begins with bystanders and an old state on a simulated device. One task runs and meets one fault at one of its
requests. A trial is held when all of this is so:

- The task fails with a message, or what it says is true.
- Every name has its old or its new content, and what a task moves is at one of both places. Bystanders are untouched.
- The session is closed, unless the fault hit the request that opens or closes it.
- The same task without the fault succeeds, brings the new state and leaves no hidden file behind.
- A third run changes nothing and makes no call that writes.
"""
PARTS = """\
Written on {date}. Seed {seeds}; {parts} {of}; {count} trials, {held} held, in {minutes:.0f} minutes of work.

Trials in one process choose from the requests that each task makes by the seed, at most {sample} for each task,
generation and fault. `python -m tests.trials --help` tells how to make all of them, and how to make one again.
"""


def read(file: Path) -> Iterator[Trial]:
    """The trials in a file; a last line that was not written to its end is none."""
    for line in file.read_text(encoding="utf-8").splitlines():
        try:
            yield Trial(**json.loads(line))
        except json.JSONDecodeError:
            continue


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """A Markdown table."""
    yield f"| {' | '.join(head)} |"
    yield f"|{'|'.join(['---'] + ['---:'] * (len(head) - 1))}|"
    yield from (f"| {' | '.join(row)} |" for row in rows)
    yield ""


def by_fault(found: Sequence[Trial]) -> Iterator[str]:
    """Fault x module; how many trials and how many of them held."""
    modules = sorted({one.module for one in found})
    trials = Counter((one.fault, one.module) for one in found)
    broken = Counter((one.fault, one.module) for one in found if one.outcome == BROKEN)

    def cell(fault: str, module: str) -> str:
        count = trials[fault, module]
        return f"{count - broken[fault, module]}/{count}" if count else ""

    faults = [fault for fault in FAULTS if any(one.fault == fault for one in found)]
    yield from table(["fault", *modules], ([fault, *(cell(fault, module) for module in modules)] for fault in faults))


def by_case(found: Sequence[Trial]) -> Iterator[str]:
    """What is interrupted, and by what."""
    rows = sorted({(one.cell, one.fault) for one in found})
    vendors = sorted({one.vendor for one in found})
    trials = Counter((one.cell, one.fault, one.vendor) for one in found)
    broken = Counter((one.cell, one.fault, one.vendor) for one in found if one.outcome == BROKEN)

    def count(row: tuple[str, str], vendor: str) -> str:
        number = trials[(*row, vendor)]
        return f"{number - broken[(*row, vendor)]}/{number}" if number else ""

    named = (
        [what, "" if signal == what else signal, *(count((what, signal), vendor) for vendor in vendors)]
        for what, signal in rows
    )
    yield from table(["what", "signal", *vendors], named)


def page(found: Sequence[Trial], parts: int, sample: int) -> str:
    """The page."""
    found = [one for one in found if one.outcome != IDLE]
    broken = [one for one in found if one.outcome == BROKEN]
    lines = [HEAD]
    lines += PARTS.format(
        date=f"{datetime.now(timezone.utc):%Y-%m-%d}",
        seeds=", ".join(str(seed) for seed in sorted({one.seed for one in found})),
        parts=parts,
        of="part" if parts == 1 else "parts",
        count=len(found),
        held=len(found) - len(broken),
        minutes=sum(one.seconds for one in found) / 60,
        sample=sample or "all",
    ).splitlines()
    lines += ["", "Each cell is `held/trials`.", ""]
    for vendor in sorted({one.vendor for one in found}):
        own = [one for one in found if one.vendor == vendor]
        generations = ", ".join(sorted({one.profile for one in own}))
        lines += [f"## {vendor} ({generations})", ""]
        for way, title in (("process", "In one process"), ("playbook", "Through ansible-playbook")):
            some = [one for one in own if one.way == way]
            if some:
                lines += [f"### {vendor}: {title[0].lower()}{title[1:]}", "", *by_fault(some)]
    interrupted = [one for one in found if one.way == "interruption"]
    if interrupted:
        lines += [
            "## Interruptions",
            "",
            "`ansible-playbook` gets a signal at a moment that chance chooses, while it sends a file over another one",
            "(`upload`), replaces an archive (`archive`) or moves a folder into another one (`copy`). No process of it",
            "may go on. After SIGTERM and SIGINT no session is open, and every name has old or new content. After",
            "SIGKILL the content is on the device; the next run puts it at its place and closes the session.",
            "`forks-20`: twenty workers at one device, with one login. `two-runs`: two runs want one file at once.",
            "`two-runs-one-session`: on a device where each login ends the session before it.",
            "",
            *by_case(interrupted),
        ]
    if broken:
        lines += ["## Not held", "", *(f"- `{one.id}`: {' '.join(one.why[0].split())[:300]}" for one in broken), ""]
    return "\n".join(lines).rstrip() + "\n"


def write(files: Sequence[Path], sample: int) -> int:
    """Write the page from files of trials, one for each part. 1 when a trial was broken, else 0.

    :param sample: how many places of each fault were tried in each task and generation.
    """
    found = list({one.id: one for file in files for one in read(file)}.values())
    PAGE.write_text(page(found, len(files), sample), encoding="utf-8")
    broken = [one for one in found if one.outcome == BROKEN]
    print(f"{len(found)} trials, {len(broken)} broken: {PAGE.relative_to(ROOT)}")
    return 1 if broken else 0
