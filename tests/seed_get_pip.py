# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Gives ansible-test the pip that its sanity tests install their tools with, from PyPI alone.

ansible-test looks in its cache for a bootstrap script of pip before it fetches one from elsewhere. Run this with the
Python whose ansible-core will run the tests; where the script is there already, it does nothing.
"""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.metadata import distribution
from pathlib import Path

STAND_IN = """import os, sys
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), {wheel!r}))
from pip._internal.cli.main import main
unknown = ("--no-setuptools", "--no-wheel")
sys.exit(main(["install", "--upgrade"] + [a for a in sys.argv[1:] if a not in unknown]))
"""


def wanted_versions() -> list[str]:
    """The versions of pip that this ansible-core installs; older ones choose among several."""
    file = Path(str(distribution("ansible-core").locate_file("ansible_test/_internal/python_requirements.py")))
    source = file.read_text(encoding="utf-8")
    return sorted(set(re.findall(r"""pip(?:==|=')([\d.]+)'""", source)) | set(re.findall(r"'(2\d\.[\d.]+)'", source)))


def seed(version: str, cache: Path) -> None:
    """Put the stand-in for a version beside the wheel that it runs."""
    target = cache / f"get_pip_{version.replace('.', '_')}.py"
    if target.exists():
        return
    cache.mkdir(parents=True, exist_ok=True)
    download = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", str(cache), f"pip=={version}"]
    if subprocess.run(download, check=False).returncode == 0:
        target.write_text(STAND_IN.format(wheel=next(cache.glob(f"pip-{version}-*.whl")).name), encoding="utf-8")


if __name__ == "__main__":
    for wanted in wanted_versions():
        seed(wanted, Path.home() / ".ansible/test/cache")
