# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`make matrix`: every line of ansible-core that can be had on this machine, or those that the command line names.

Each line gets an environment of its own below .cache, with the newest Python here that it runs on. In it run the sanity
and unit tests of ansible-test, the unit and playbook tests, and the package alone as an ordinary user. Whether modules
can be compiled and imported is also tried with the oldest Python that they support, where it is here; with the oldest
line, so are their unit tests. A line for which no Python is here is named and left out, unless the command line asks
for it.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Optional

import yaml

ROOT = Path(__file__).resolve().parents[1]
ENVIRONMENTS = ROOT / ".cache" / "matrix"
MODULES = ("--test", "compile", "--test", "import")  # what ansible-test tries with other Pythons than the controller's
COPY = ROOT / ".cache" / "tree" / "ansible_collections" / "nasops" / "nas"  # by `make tree`
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
    candidates += [name for minor in range(9, 15) if (name := shutil.which(f"python3.{minor}"))]
    versions = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    candidates += map(str, sorted(versions.glob("3.*/bin/python3")))
    found: dict[str, str] = {}
    for candidate in candidates:
        done = subprocess.run([candidate, "--version"], capture_output=True, text=True, check=False)
        version = re.match(r"Python (3\.\d+)", done.stdout)
        if version and not done.returncode:
            found[version.group(1)] = candidate
    return found


def environment(name: str, python: str, wanted: Sequence[str]) -> Path:
    """The commands of an environment in which something is installed."""
    place = ENVIRONMENTS / name
    ready = place / "ready"
    if not ready.exists() or ready.read_text(encoding="utf-8") != "\n".join(wanted):
        subprocess.run([python, "-m", "venv", "--clear", str(place)], check=True)
        install = [str(place / "bin/python"), "-m", "pip", "install", "-q", "--disable-pip-version-check", *wanted]
        subprocess.run(install, check=True)
        ready.write_text("\n".join(wanted), encoding="utf-8")
    return place / "bin"


def check(line: str, version: str, found: Mapping[str, str]) -> list[str]:
    """The names of the tests that fail on a line of ansible-core with a Python, one of those found."""
    wanted = requirements("requirements.txt", "requirements-dev.txt")
    commands = environment(line, found[version], [f"ansible-core=={line}.*", *wanted])
    python = str(commands / "python")
    subprocess.run([python, "tests/seed_get_pip.py"], cwd=ROOT, check=True)
    # ansible-test takes each Python that it finds to be a real one, which the shims of pyenv are not.
    path = os.pathsep.join([str(commands), str(links(found)), "/usr/local/bin", "/usr/bin", "/bin"])
    ansible_test = [str(commands / "ansible-test"), "{}", "--local", "--python", version]
    pytest = [python, "-m", "pytest", "-n", os.environ.get("JOBS", "3"), "--dist", "worksteal"]
    tests: dict[str, tuple[list[str], Path]] = {
        "sanity": ([word.format("sanity") for word in ansible_test], COPY),
        "ansible-test units": ([word.format("units") for word in ansible_test], COPY),
        "tests": ([*pytest, "tests/unit", "tests/integration"], ROOT),
        "package alone": ([*pytest[:3], "tests/gates/test_package_alone.py"], ROOT),
    }
    oldest = of_modules()
    if oldest in found and oldest != version:
        sanity = [word.format("sanity") for word in ansible_test[:-1]]
        tests[f"sanity of modules on Python {oldest}"] = ([*sanity, oldest, *MODULES], COPY)
        if line == min(LINES):
            units = [word.format("units") for word in ansible_test[:-1]]
            tests[f"ansible-test units of modules on Python {oldest}"] = ([*units, oldest], COPY)
            runs = [*requirements("tests/unit/requirements.txt"), "pytest>=8,<9", "pytest-mock", "pytest-xdist>=3.6,<4"]
            path = os.pathsep.join([str(commands), str(environment("modules", found[oldest], runs)), path])
    failed = []
    for name, (command, folder) in tests.items():
        print(f"\n>>> ansible-core {line} on Python {version}: {name}", flush=True)
        variables = dict(os.environ)
        if folder == COPY:
            variables = {name: text for name, text in variables.items() if not name.startswith("ANSIBLE_")}
            variables |= {"PATH": path, "LC_ALL": "C.UTF-8"}
        if subprocess.run(command, cwd=folder, env=variables, check=False).returncode:
            failed.append(name)
    return failed


def links(found: Mapping[str, str]) -> Path:
    """A folder with the Pythons that were found, each by its name."""
    folder = ENVIRONMENTS / "pythons"
    folder.mkdir(parents=True, exist_ok=True)
    for version, python in found.items():
        link = folder / f"python{version}"
        link.unlink(missing_ok=True)
        link.symlink_to(python)
    return folder


def requirements(*files: str) -> list[str]:
    """What requirements files name, but for ansible-core and what `make lint` needs."""
    lines = [line.strip() for name in files for line in (ROOT / name).read_text(encoding="utf-8").splitlines()]
    linters = ("ansible", "antsibull", "molecule", "mypy", "ruff", "types-")
    return [line for line in lines if line and not line.startswith(("#", "-r", *linters))]


def of_modules() -> str:
    """The oldest Python on which modules run, as ansible-test is told it."""
    with open(ROOT / "tests" / "config.yml", encoding="utf-8") as config:
        return str(yaml.safe_load(config)["modules"]["python_requires"]).removeprefix(">=")


def best(line: str, found: Mapping[str, str]) -> Optional[str]:
    """The newest Python here that a line runs on."""
    return next((version for version in reversed(LINES[line]) if version in found), None)


def main(asked: Sequence[str]) -> int:
    """Run the lines that are asked for, or all.

    The exit status is 0 when those that could be run passed, and at least one could, or all that were asked for.
    """
    unknown = [line for line in asked if line not in LINES]
    if unknown:
        print(f"There is no line {', '.join(unknown)} of ansible-core here, but {', '.join(LINES)}.", file=sys.stderr)
        return 2
    found = pythons()
    outcome = {}
    for line in asked or LINES:
        version = best(line, found)
        if version is None:
            outcome[line] = f"{'FAILED: ' if asked else ''}no Python for it here"
            continue
        failed = check(line, version, found)
        outcome[line] = f"FAILED: {', '.join(failed)}" if failed else "passed"
    print()
    for line, word in outcome.items():
        print(f"ansible-core {line}: {word}")
    words = outcome.values()
    return 0 if "passed" in words and not any(word.startswith("FAILED") for word in words) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
