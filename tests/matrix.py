# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`make matrix`: the playbook tests on every line of ansible-core that can be had on this machine.

Each line gets an environment of its own below .cache, with the newest Python here that it runs on. A line for which no
Python is here is named and left out.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Optional

ROOT = Path(__file__).resolve().parents[1]
ENVIRONMENTS = ROOT / ".cache" / "matrix"
LINES = {  # ansible-core: the Pythons that its controller runs on
    "2.16": ("3.10", "3.11", "3.12"),
    "2.17": ("3.10", "3.11", "3.12"),
    "2.18": ("3.11", "3.12", "3.13"),
    "2.19": ("3.11", "3.12", "3.13"),
    "2.20": ("3.12", "3.13", "3.14"),
    "2.21": ("3.12", "3.13", "3.14"),
}


def pythons() -> dict[str, str]:
    """The Pythons on this machine that really run, by version."""
    candidates = [sys.executable]
    candidates += [name for minor in range(10, 15) if (name := shutil.which(f"python3.{minor}"))]
    versions = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    candidates += map(str, sorted(versions.glob("3.*/bin/python3")))
    found: dict[str, str] = {}
    for candidate in candidates:
        done = subprocess.run([candidate, "--version"], capture_output=True, text=True, check=False)
        version = re.match(r"Python (3\.\d+)", done.stdout)
        if version and not done.returncode:
            found[version.group(1)] = candidate
    return found


def check(line: str, python: str) -> bool:
    """Whether the playbook tests pass on a line of ansible-core."""
    place = ENVIRONMENTS / line
    wanted = [f"ansible-core=={line}.*", *requirements()]
    ready = place / "ready"
    if not ready.exists() or ready.read_text(encoding="utf-8") != "\n".join(wanted):
        subprocess.run([python, "-m", "venv", "--clear", str(place)], check=True)
        install = [str(place / "bin/python"), "-m", "pip", "install", "-q", "--disable-pip-version-check", *wanted]
        subprocess.run(install, check=True)
        ready.write_text("\n".join(wanted), encoding="utf-8")
    tests = [
        str(place / "bin/python"),
        "-m",
        "pytest",
        "-n",
        os.environ.get("JOBS", "3"),
        "--dist",
        "worksteal",
        "tests/unit",
        "tests/integration",
    ]
    return subprocess.run(tests, cwd=ROOT, check=False).returncode == 0


def requirements() -> list[str]:
    """What the playbook tests need beside ansible-core, as bounded by the requirements files."""
    lines = [
        line.strip()
        for name in ("requirements.txt", "requirements-dev.txt")
        for line in (ROOT / name).read_text(encoding="utf-8").splitlines()
    ]
    linters = ("ansible", "antsibull", "molecule", "mypy", "ruff", "types-")
    return [line for line in lines if line and not line.startswith(("#", "-r", *linters))]


def best(line: str, found: dict[str, str]) -> Optional[str]:
    """The newest Python here that a line runs on."""
    return next((found[version] for version in reversed(LINES[line]) if version in found), None)


def main() -> int:
    """Run all lines; the exit status is 0 when those that could be run passed, and at least one could."""
    found = pythons()
    outcome = {}
    for line in LINES:
        python = best(line, found)
        if python is None:
            outcome[line] = "no Python for it here"
            continue
        print(f"\n>>> ansible-core {line} on {python}", flush=True)
        outcome[line] = "passed" if check(line, python) else "FAILED"
    print()
    for line, word in outcome.items():
        print(f"ansible-core {line}: {word}")
    return 0 if "passed" in outcome.values() and "FAILED" not in outcome.values() else 1


if __name__ == "__main__":
    sys.exit(main())
