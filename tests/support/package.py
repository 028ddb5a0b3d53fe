# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds and installs the package of the collection, as a user gets it."""

from __future__ import annotations

import os
import subprocess
import tarfile
from pathlib import Path

from .devices import ROOT
from .playbooks import BIN


def build(into: Path) -> Path:
    """Build the package of this checkout into a folder, and return its file."""
    command = [str(BIN / "ansible-galaxy"), "collection", "build", "--force", "--output-path", str(into), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True, cwd=into, env=_environment(into))
    (package,) = into.glob("nasops-nas-*.tar.gz")
    return package


def install(package: Path, into: Path, galaxy: Path = BIN / "ansible-galaxy") -> Path:
    """Install a package with the `ansible-galaxy` of an environment; returns the collections path."""
    command = [str(galaxy), "collection", "install", "--offline", str(package), "-p", str(into)]
    subprocess.run(command, check=True, capture_output=True, cwd=into.parent, env=_environment(into.parent))
    return into


def files(package: Path) -> set[str]:
    """The paths of the files and links in a package, without the two that the build itself writes."""
    with tarfile.open(package) as opened:
        return {entry.name for entry in opened if not entry.isdir()} - {"MANIFEST.json", "FILES.json"}


def _environment(home: Path) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")}
    return {**inherited, "HOME": str(home), "ANSIBLE_HOME": str(home / "ansible-home"), "ANSIBLE_NOCOLOR": "true"}
