# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which documented calls the playbook tests made, by the simulators' logs: `python -m tests.coverage FOLDER`.

FOLDER is what NASOPS_CALLS named while the playbook tests ran. Only calls of the collection itself are in it, none that
a test made by other means. Writes docs/coverage.md, and fails when a documented call was made by no task.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from tests.support.devices import ROOT

PAGE = ROOT / "docs" / "coverage.md"


def made(folder: Path) -> set[tuple[str, str]]:
    """The (vendor, call) pairs that tasks made."""
    lines = (line for file in folder.glob("*.calls") for line in file.read_text(encoding="utf-8").splitlines())
    return {(vendor, call) for vendor, _tab, call in (line.partition("\t") for line in lines)}


def page(documents: Mapping[str, Any], calls: set[tuple[str, str]]) -> str:
    """The text of docs/coverage.md."""
    rows = [(group, row) for group in documents.values() for row in group["calls"]]
    done = [row for group, row in rows if (group["vendor"], row["call"]) in calls]
    text = [
        "# Which calls of the devices the modules make",
        "",
        f"{len(done)} of the {len(rows)} calls that the vendors' documents describe are made by tasks of the playbook",
        "tests. This page is written by the tests, from the simulators' request logs.",
    ]
    for group in documents.values():
        text += ["", f"## {group['document']}", "", "| call | section | by | made |", "|---|---|---|---|"]
        for row in group["calls"]:
            yes = "yes" if (group["vendor"], row["call"]) in calls else "**no**"
            text.append(f"| `{row['call']}` | {row['section']} | {', '.join(row['by'])} | {yes} |")
    return "\n".join(text) + "\n"


def main(folder: Path) -> int:
    """Write the page; the exit status is 0 when every documented call was made."""
    documents = yaml.safe_load((ROOT / "tests" / "documented_calls.yml").read_text(encoding="utf-8"))
    calls = made(folder)
    PAGE.write_text(page(documents, calls), encoding="utf-8")
    missing = [
        f"{group['vendor']}: {row['call']}"
        for group in documents.values()
        for row in group["calls"]
        if (group["vendor"], row["call"]) not in calls
    ]
    for call in missing:
        print(f"made by no task: {call}")
    total = sum(len(group["calls"]) for group in documents.values())
    print(f"{total - len(missing)} of {total} documented calls are made by tasks")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
