# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`make faults`: all three ways, in parts that run beside each other, and the page that tells of them.

python -m tests.trials.everything --jobs 2 --minutes 60 --sample 3
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from pathlib import Path

from tests.support.devices import ROOT
from tests.trials import report
from tests.trials.__main__ import USUAL_SEED

FOLDER = ROOT / ".cache" / "faults"


def main() -> int:
    """Exit status 1 when a trial was broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.trials.everything", description=__doc__)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--sample", type=int, default=3, help="places of each fault in each task and generation")
    parser.add_argument("--seed", type=int, default=USUAL_SEED)
    parser.add_argument("--folder", type=Path, default=FOLDER, help="what is there already is not made again")
    wanted = parser.parse_args()
    wanted.folder.mkdir(parents=True, exist_ok=True)
    files = [wanted.folder / f"{wanted.seed}-part{part}of{wanted.jobs}.jsonl" for part in range(1, wanted.jobs + 1)]
    end = time.monotonic() + 60 * wanted.minutes
    # Those that take a fixed time go first; the rest has what is left.
    for way in (["--playbooks"], ["--interruptions"], []):
        left = (end - time.monotonic()) / 60
        more = way or ["--minutes", f"{max(left, 0.1):.1f}"]
        processes = [
            subprocess.Popen(
                [
                    *(sys.executable, "-m", "tests.trials", "--part", f"{part}/{wanted.jobs}", "--out", str(file)),
                    *("--seed", str(wanted.seed), "--sample", "0" if way else str(wanted.sample), *more),
                ],
                cwd=ROOT,
            )
            for part, file in enumerate(files, 1)
        ]
        for process in processes:
            if process.wait() not in (0, 1):
                return process.returncode
    return report.write(files, wanted.sample)


if __name__ == "__main__":
    sys.exit(main())
