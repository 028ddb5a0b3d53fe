# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The package that users install: what is in it, how large it is, and that using it leaves it as it was."""

from __future__ import annotations

import fnmatch
import posixpath
import re
import subprocess
import tarfile
from collections.abc import Iterable
from pathlib import PurePosixPath

import pytest

from tests.support import package
from tests.support.devices import ROOT
from tests.support.playbooks import BIN, environment, run, write_play

LIMIT = 535_000  # bytes. The plugins alone are 470,000; of these, 100,000 are docstrings and comments.
BESIDE_PLUGINS = 63_000  # of that, what all else may take; LICENSE and FILES.json, which must be, take 27,000
WRITTEN_BY_CORE = {"plugins/action/__pycache__", "plugins/doc_fragments/__pycache__"}  # bytecode, by its own loader
KEEPS_BYTECODE = (ROOT / "plugins" / "plugin_utils" / "_bytecode.py").exists()  # all of ours, as long as it is there

# What belongs in the package, folder by folder: a `*` stands for a part of one name.
BELONGS = (
    "CHANGELOG.rst",
    "CODE_OF_CONDUCT.md",
    "LICENSE",
    "MAINTAINERS.md",
    "README.md",
    "SECURITY.md",
    "requirements.txt",
    "changelogs/changelog.yaml",
    "changelogs/config.yaml",
    "docs/docsite/*.yml",
    "docs/docsite/rst/*.rst",
    "meta/*.yml",
    "playbooks/*.yml",
    "plugins/*/*.py",
    "plugins/module_utils/*/*.py",
    "plugins/module_utils/*/*/*.py",
    "roles/*/README.md",
    "roles/*/defaults/*.yml",
    "roles/*/handlers/*.yml",
    "roles/*/meta/*.yml",
    "roles/*/tasks/*.yml",
    "roles/*/vars/*.yml",
    "roles/*/files/*",
    "roles/*/templates/*",
)


def belonging(paths: Iterable[str]) -> set[str]:
    """The paths that belong in the package."""
    exactly = [re.compile(fnmatch.translate(pattern).replace(".*", "[^/]*")) for pattern in BELONGS]
    return {path for path in paths if any(pattern.match(path) for pattern in exactly)}


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The package of this checkout."""
    return package.build(tmp_path_factory.mktemp("package"))


def test_the_package_holds_what_belongs_in_it_and_nothing_else(built):
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines()
    assert package.files(built) == {path for path in belonging(listed) if (ROOT / path).exists()}


def test_pages_of_the_package_lead_to_what_is_in_it(built):
    """Who reads them on Galaxy, or as installed, has nothing else."""
    there = package.files(built)
    folders = {str(parent) for file in there for parent in PurePosixPath(file).parents}
    for page in (PurePosixPath(file) for file in there if file.endswith(".md")):
        for link in re.findall(r"\]\(([^)#\s]+)[^)]*\)", (ROOT / page).read_text(encoding="utf-8")):
            if "://" not in link:
                assert posixpath.normpath(page.parent / link) in there | folders, f"{page}: {link}"


@pytest.mark.parametrize(
    "stray",
    [
        "tests/demo/playbooks/files/demo-vault-password.txt",
        "playbooks/files/password.txt",
        "docs/a.md.orig",
        "docs/docsite/rst/a.svg",
        "x.py",
    ],
)
def test_the_list_leaves_out(stray):
    assert not belonging([stray])


def packed(built, place, below=""):
    """The size of what is below a folder of the package, packed in the order of the names and without times.

    The package itself has the files as the file system lists them, which makes a difference of some thousand bytes.
    """
    with tarfile.open(built) as package_file, tarfile.open(place, "w:gz") as again:
        for member in sorted(package_file, key=lambda member: member.name):
            if member.isfile() and member.name.startswith(below):
                member.mtime = 0
                again.addfile(member, package_file.extractfile(member))
    return place.stat().st_size


def test_the_package_is_small(built, tmp_path):
    size = packed(built, tmp_path / "all.tar.gz")
    assert size <= LIMIT
    assert size - packed(built, tmp_path / "plugins.tar.gz", "plugins/") <= BESIDE_PLUGINS


def test_a_use_of_the_package_leaves_it_as_it_was(tmp_path, built, nas, hosts):
    installed = package.install(built, tmp_path / "installed")
    variables = {"ANSIBLE_COLLECTIONS_PATH": str(installed)}
    play = [
        {
            "hosts": "all",
            "gather_facts": False,
            "roles": [{"role": "nasops.nas.provision", "vars": {"provision_folders": ["/home/package"]}}],
        }
    ]
    apart = tmp_path / "apart"  # from the folder of run(), whose `collections` ansible-playbook would look into first
    apart.mkdir()
    outcome = run(tmp_path, write_play(apart, play), hosts, **variables)
    assert outcome.status == 0, outcome.text
    assert all((device.root / "home" / "package").is_dir() for device in nas.values())
    verify = [str(BIN / "ansible-galaxy"), "collection", "verify", "--offline", "nasops.nas", "-p", str(installed)]
    output = subprocess.run(verify, capture_output=True, text=True, check=False, env=environment(tmp_path, **variables))
    named = {line.strip() for line in output.stdout.splitlines() if line.startswith("    ")}
    ours = {name for name in named if name.endswith("/__pycache__")} if KEEPS_BYTECODE else set()
    assert named - ours <= WRITTEN_BY_CORE, output.stdout
    assert named or "Successfully verified" in output.stdout
