# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The package in an environment with ansible-core and requirements.txt and nothing else, used by an ordinary user."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
import yaml

from tests.support import package
from tests.support.devices import ROOT, VENDORS, devices

PLACE = ROOT / ".cache" / "alone"
VARIABLES = {
    "provision_folders": ["/home/alone/photos"],
    "provision_files": [{"path": "/home/alone/README.txt", "content": "from the package\n"}],
    "provision_archives": [{"path": "/home/alone.zip", "sources": ["/home/alone"]}],
    "provision_links": [{"path": ["/home/alone/photos"], "expires": "30d"}],
}


@pytest.fixture(scope="module")
def alone() -> Path:
    """The commands of an environment with the ansible-core that runs this test, and what the collection requires."""
    core = version("ansible-core")
    place = PLACE / f"{core}-py{sys.version_info[0]}.{sys.version_info[1]}"
    if not (place / "ready").exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(place)], check=True)
        install = [str(place / "bin/python"), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
        subprocess.run([*install, f"ansible-core=={core}", "-r", str(ROOT / "requirements.txt")], check=True)
        (place / "ready").touch()
    return place / "bin"


def as_user() -> list[str]:
    """What makes a command run without the rights of root, where this is root: an identity that has none elsewhere."""
    return [] if os.geteuid() else ["unshare", "--user", "--map-user=1000", "--map-group=1000"]


def test_an_ordinary_user_provisions_from_the_package_twice(tmp_path, alone):
    built = package.build(tmp_path)
    installed = package.install(built, tmp_path / "installed", alone / "ansible-galaxy")
    home = tmp_path / "home"
    home.mkdir()
    environment = {
        "PATH": f"{alone}:/usr/bin:/bin",
        "HOME": str(home),
        "LC_ALL": "C.UTF-8",
        "ANSIBLE_COLLECTIONS_PATH": str(installed),
        "ANSIBLE_LOCALHOST_WARNING": "false",
    }
    user = subprocess.run([*as_user(), "id", "-u"], capture_output=True, text=True, check=True, env=environment)
    assert user.stdout.strip() != "0"
    (home / "vars.yml").write_text(yaml.safe_dump(VARIABLES))
    command = [*as_user(), "ansible-playbook", "-i", "inventory.yml", "-e", "@vars.yml", "nasops.nas.provision"]
    with devices(VENDORS, tmp_path) as found:
        hosts = {vendor: device.variables() for vendor, device in found.items()}
        (home / "inventory.yml").write_text(yaml.safe_dump({"nas": {"hosts": hosts}}))
        for changed in ("changed=4", "changed=0"):
            done = subprocess.run(command, cwd=home, env=environment, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stdout + done.stderr
            recap = [line for line in done.stdout.splitlines() if " : ok=" in line]
            assert len(recap) == len(found)
            assert all(changed in line for line in recap), done.stdout
        for device in found.values():
            assert (device.root / "home/alone/README.txt").read_text() == "from the package\n"
            assert (device.root / "home/alone.zip").stat().st_size
