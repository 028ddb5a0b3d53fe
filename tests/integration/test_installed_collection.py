# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A collection that was installed stays as it was installed, whatever is done with it; bytecode is kept elsewhere."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.support.devices import ROOT, VENDORS, devices
from tests.support.playbooks import BIN, environment, where_to_ship, write_inventory

# Ansible loads plugins of these types as files of their own, and Python keeps their bytecode beside them.
CORES_OWN = re.compile(r"plugins/(action|doc_fragments)/__pycache__(/.*)?")


def command(*arguments: str, cwd: Path, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(BIN / arguments[0]), *arguments[1:]], cwd=cwd, env=env, capture_output=True, text=True, check=False
    )


def installed(folder: Path) -> dict[str, str]:
    """Build the collection out of what git knows, install it, and return an environment that finds it alone."""
    source = folder / "source"
    source.mkdir()
    names = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "plugins", "meta"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout.split(b"\0")
    for name in [*(name.decode() for name in names if name), "galaxy.yml", "README.md", "LICENSE"]:
        if (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes((ROOT / name).read_bytes())
    place = folder / "installed"
    env = environment(folder, ANSIBLE_COLLECTIONS_PATH=str(place))
    built = command("ansible-galaxy", "collection", "build", "--output-path", str(folder), cwd=source, env=env)
    assert built.returncode == 0, built.stderr
    (archive,) = folder.glob("nasops-nas-*.tar.gz")
    arguments = ("collection", "install", "--offline", "--no-deps", "--pre", "-p", str(place), str(archive))
    done = command("ansible-galaxy", *arguments, cwd=folder, env=env)
    assert done.returncode == 0, done.stderr
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    return env


@pytest.mark.parametrize("more", [{}, {"PYTHONDONTWRITEBYTECODE": "1"}], ids=["usual", "as in a container"])
def test_use_changes_nothing_in_it(tmp_path, more):
    env = {**installed(tmp_path), **more}
    env["ANSIBLE_CONNECTION_PLUGINS"] = str(ROOT / "tests" / "support" / "connection")
    # Ansible prefers collections beside the playbook, and the environment has this checkout beside it.
    shipping, nas, plays = (tmp_path / name for name in ("shipping", "nas", "plays"))
    for place in (shipping, nas, plays):
        place.mkdir()
    file = {"nasops.nas.nas_file": {"path": "/home/f", "content": "x"}}
    tasks = [
        file,
        {"nasops.nas.nas_info": None},
        {**file, "delegate_to": "here"},
    ]
    (plays / "play.yml").write_text(yaml.safe_dump([{"hosts": "it", "gather_facts": False, "tasks": tasks}]))
    with devices(VENDORS, nas) as found:
        hosts = {
            "it": found["synology"].variables(),
            "here": {"ansible_connection": "elsewhere", "ansible_host": "127.0.0.1", **where_to_ship(shipping)},
        }
        inventory = write_inventory(plays, hosts)
        ran = command("ansible-playbook", "-i", str(inventory), "play.yml", cwd=plays, env=env)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    documented = command("ansible-doc", "nasops.nas.nas_file", cwd=tmp_path, env=env)
    assert "wait_timeout" in documented.stdout
    verified = command("ansible-galaxy", "collection", "verify", "--offline", "nasops.nas", cwd=tmp_path, env=env)
    named = [line.strip() for line in verified.stdout.splitlines() if "/" in line and line.startswith(" ")]
    assert "nasops.nas" in verified.stdout
    assert [name for name in named if not CORES_OWN.fullmatch(name)] == []
    kept = [file.name for file in (tmp_path / "ansible-home" / "nasops_bytecode").rglob("nas_file.*.pyc")]
    assert len(kept) == 1
