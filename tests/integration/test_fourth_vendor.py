# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What CONTRIBUTING tells of a new vendor, done as it stands there: two packages, one entry, and modules work."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess

import pytest

from tests.support import devices
from tests.support.devices import ROOT
from tests.support.playbooks import BIN, environment, run

NAMES = {"acme": "Acme", "zenith": "ZenithNas"}
"""What vendors may be called, and the classes of their clients: the first is the page's."""


def commands(name):
    """The blocks of commands in the section about a new vendor, for a vendor of that name."""
    section = (
        (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").partition("\n## A new vendor\n")[2].partition("\n## ")[0]
    )
    blocks = [block.splitlines() for block in re.findall(r"(?:^    \S.*\n)+", section, re.MULTILINE)]
    (naming, *make), use = ([line.strip() for line in block] for block in blocks)
    assert naming == "name=acme class=Acme"
    return [f"name={name} class={NAMES[name]}", *make], [line.replace("$name", name) for line in use]


def option(command, name):
    """What stands after an option of a command."""
    words = shlex.split(command)
    return words[words.index(name) + 1]


@pytest.fixture(params=NAMES)
def vendor(request):
    """The vendor's name."""
    return request.param


@pytest.fixture
def checkout(tmp_path, monkeypatch, vendor):
    """A copy of what runs, with the vendor's packages and its entry, made by the commands of CONTRIBUTING."""
    copy = tmp_path / "collections" / "ansible_collections" / "nasops" / "nas"
    leave = shutil.ignore_patterns("__pycache__")
    for part in ("plugins", "meta", "tests/simulator", "tests/acme"):
        shutil.copytree(ROOT / part, copy / part, ignore=leave)
    shutil.copy(ROOT / "galaxy.yml", copy)
    (copy / "tests" / "__init__.py").touch()
    subprocess.run("\n".join(["set -e", *commands(vendor)[0]]), shell=True, cwd=copy, check=True)
    monkeypatch.setattr(devices, "ROOT", copy)
    return copy


def test_files_and_folders_of_a_fourth_vendor(tmp_path, checkout, vendor):
    tasks = [
        {"nasops.nas.nas_folder": {"path": ["/home/a/b", "/home/c"], "parents": True}},
        {"nasops.nas.nas_file": {"path": "/home/a/b/x.txt", "content": "of acme"}},
        {"nasops.nas.nas_file": {"path": "/home/old.txt", "content": "new"}},
        {"nasops.nas.nas_file": {"path": "/home/gone.txt", "state": "absent"}},
        {"nasops.nas.nas_share": {"path": "/home/old.txt"}, "ignore_errors": True},
        {"nasops.nas.nas_find": {"paths": "/home", "recurse": True}},
        {"nasops.nas.nas_info": {"gather": ["device", "shares"]}},
    ]
    play = [{"hosts": "nas", "gather_facts": False, "tasks": tasks}]
    (tmp_path / "nas").mkdir()
    with devices.device(vendor, tmp_path / "nas", shares=["home"]) as nas:
        hosts = {"nas": nas.variables()}
        (nas.root / "home" / "old.txt").write_text("old")
        (nas.root / "home" / "gone.txt").write_text("gone")
        checked = run(tmp_path, play, hosts, "--check")
        assert nas.writes() == []
        first = run(tmp_path, play, hosts)
        assert checked.changed == first.changed == {"nas": 4}, first.text
        assert nas.tree() == ["/home/", "/home/a/", "/home/a/b/", "/home/a/b/x.txt", "/home/c/", "/home/old.txt"]
        assert (nas.root / "home" / "old.txt").read_text() == "new"
        again = run(tmp_path, play, hosts)
        assert again.changed == {"nas": 0}, again.text
        lacking = again.results()[4]["failure"]
        assert (lacking["kind"], lacking["vendor"]) == ("unsupported", vendor)
        assert lacking["hint"] == f"Offered by: {', '.join(devices.VENDORS)}"
        told = again.results()[6]
        assert told["device"]["vendor"] == vendor
        assert [(share["name"], share["path"]) for share in told["shares"]] == [("home", "/home")]
        assert len([entry for entry in nas.entries() if entry["call"] == "POST login"]) == 3


def test_the_first_task_of_a_new_vendor(tmp_path, checkout, vendor):
    _make, start, _export, task = commands(vendor)[1]
    assert start.endswith(" &")
    account = {"ansible_user": option(start, "--user"), "ansible_password": option(start, "--password")}
    (tmp_path / "nas").mkdir()
    with devices.device(vendor, tmp_path / "nas", shares=["home"]) as nas:
        here = {**nas.variables(), "nas_port": int(option(start, "--port")), **account}
        said = dict(one.split("=") for one in option(task, "-e").split())
        assert said == {name: str(value) if value is not False else "false" for name, value in here.items()}
        variables = environment(tmp_path, ANSIBLE_COLLECTIONS_PATH=str(tmp_path / "collections"))
        words = shlex.split(task)
        words[words.index("-e") + 1] = json.dumps(nas.variables())
        for _run in range(2):
            done = subprocess.run(
                [str(BIN / words[0]), *words[1:]],
                cwd=tmp_path,
                env=variables,
                capture_output=True,
                text=True,
                check=True,
            )
        assert nas.tree() == ["/home/", "/home/photos/", "/home/photos/2026/"]
        assert '"changed": false' in done.stdout
