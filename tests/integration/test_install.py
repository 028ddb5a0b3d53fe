# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ways to install that the README tells work as they stand there, from a repository on this machine."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess

import pytest

from tests.support.devices import ROOT
from tests.support.playbooks import environment

README = (ROOT / "README.md").read_text(encoding="utf-8")
ADDRESS = "https://github.com/nasops/nasops.nas.git"


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    """A repository of this checkout, with the branch main."""
    place = tmp_path_factory.mktemp("repository")
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0")
    for name in names:
        if name and not name.startswith("tests/") and (ROOT / name).is_file():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, place / name)
    git = ["git", "-C", str(place), "-c", "user.name=x", "-c", "user.email=x@example.org"]
    for command in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-q", "-m", "All"]):
        subprocess.run([*git, *command], check=True)
    return place


@pytest.mark.parametrize("way", ["git", "package", "requirements"])
def test_a_way_to_install(tmp_path, repository, way):
    commands = re.findall(r"^    (ansible-galaxy .*)$", README, re.MULTILINE)
    assert len(commands) == 4  # git, build, package, Galaxy
    place, home = tmp_path / "place", tmp_path / "home"
    place.mkdir()
    home.mkdir()
    if way == "git":
        (command,) = [command for command in commands if f"git+{ADDRESS}" in command]
    elif way == "package":
        place = repository
        command = " && ".join(command for command in commands if "dist" in command)
    else:
        (block,) = re.findall(r"```yaml\n(collections:\n.*?)```", README, re.DOTALL)
        (place / "requirements.yml").write_text(block.replace(ADDRESS, f"file://{repository}"))
        (command,) = re.findall(r"`(ansible-galaxy [^`]*requirements.yml)`", README)
    variables = environment(home, ANSIBLE_COLLECTIONS_PATH=str(tmp_path / "installed"), TMPDIR=str(tmp_path))
    command = command.replace(ADDRESS, f"file://{shlex.quote(str(repository))}")
    done = subprocess.run(command, shell=True, cwd=place, env=variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "installed" / "ansible_collections" / "nasops" / "nas" / "plugins" / "modules").is_dir()
