# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An execution environment takes what the collection requires; ansible-runner and ansible-navigator run the demo.

No image is built here, which takes containers: .github/workflows/containers.yml does that.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.demo.__main__ import PLAYBOOK, new_devices, write_inventory
from tests.support import package, pages
from tests.support.devices import ROOT
from tests.support.playbooks import BIN, environment

VAULT = PLAYBOOK.parent / "files" / "demo-vault-password.txt"


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The package of this checkout."""
    return package.build(tmp_path_factory.mktemp("package"))


def command(folder: Path, *words: object, **variables: str) -> str:
    """What a command prints, run in a folder."""
    line = [str(BIN / str(words[0])), *map(str, words[1:])]
    done = subprocess.run(
        line, cwd=folder, env=environment(folder, **variables), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def requirements() -> set[str]:
    """The lines of requirements.txt."""
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    return {line for line in lines if line and not line.startswith("#")}


def test_ansible_builder_finds_what_the_collection_requires(tmp_path, built):
    installed = package.install(built, tmp_path / "installed")
    reported = yaml.safe_load(command(tmp_path, "ansible-builder", "introspect", installed))
    found = {line.partition("#")[0].strip() for line in reported["python"]}
    wanted = {line.replace(" ", "") for line in requirements()}
    assert {line.replace(" ", "") for line in found} == wanted
    assert not reported.get("system")


def test_ansible_builder_writes_a_context(tmp_path, built):
    shutil.copy(built, tmp_path / "nas.tar.gz")
    definition = ROOT / "tests" / "gates" / "execution-environment.yml"
    shutil.copy(definition, tmp_path)
    command(tmp_path, "ansible-builder", "create", "--output-filename", "Containerfile")
    context = tmp_path / "context"
    steps = (context / "Containerfile").read_text(encoding="utf-8")
    assert "ansible-galaxy collection install" in steps
    assert "introspect" in steps  # it reads meta/execution-environment.yml of the collection when the image is built
    listed = yaml.safe_load((context / "_build" / "requirements.yml").read_text(encoding="utf-8"))
    assert listed == yaml.safe_load(definition.read_text(encoding="utf-8"))["dependencies"]["galaxy"]
    assert (context / "_build" / "nas.tar.gz").stat().st_size == built.stat().st_size


def test_the_definition_in_the_guide_is_one_that_has_what_it_takes_to_install_from_git(tmp_path):
    (definition,) = pages.recipes("guide_controllers", "execution-environment").values()
    (tmp_path / "execution-environment.yml").write_text(definition)
    command(tmp_path, "ansible-builder", "create", "--output-filename", "Containerfile")
    steps = (tmp_path / "context" / "Containerfile").read_text(encoding="utf-8")
    assert 0 < steps.index("git-core") < steps.index("ansible-galaxy collection install")


def test_ansible_runner_and_then_ansible_navigator_run_the_demo(tmp_path, built):
    installed = package.install(built, tmp_path / "installed")
    project = tmp_path / "private" / "project"
    shutil.copytree(PLAYBOOK.parent, project)
    (tmp_path / "private" / "env").mkdir()
    (tmp_path / "private" / "inventory").mkdir()
    with new_devices(tmp_path) as found:
        inventory = tmp_path / "private" / "inventory" / "hosts.yml"
        write_inventory(inventory, found, tmp_path / "certificates")
        variables = {"ANSIBLE_COLLECTIONS_PATH": str(installed)}

        options = ["--ident", "demo", "--cmdline", f"--vault-password-file {VAULT}"]
        command(tmp_path, "ansible-runner", "run", "private", "-p", PLAYBOOK.name, *options, **variables)
        events = [
            json.loads(file.read_text(encoding="utf-8"))
            for file in (tmp_path / "private" / "artifacts" / "demo" / "job_events").glob("*.json")
        ]
        (stats,) = [event["event_data"] for event in events if event["event"] == "playbook_on_stats"]
        assert set(stats["changed"]) == {f"my-{vendor}" for vendor in found}
        assert not stats["failures"]
        assert not stats["dark"]
        for device in found.values():
            assert (device.root / "projects/papers/README.txt").read_text() == (
                project / "files/README.txt"
            ).read_text()

        artifact = tmp_path / "navigator.json"
        options = ["--execution-environment", "false", "--mode", "stdout", "--playbook-artifact-save-as", str(artifact)]
        options += ["--log-file", str(tmp_path / "navigator.log"), "--vault-password-file", str(VAULT)]
        reported = command(project, "ansible-navigator", "run", PLAYBOOK.name, "-i", inventory, *options, **variables)
        recap = [line for line in reported.splitlines() if " : ok=" in line]
        assert len(recap) == len(found)
        assert all("changed=0" in line for line in recap), reported
    assert os.path.exists(artifact)
