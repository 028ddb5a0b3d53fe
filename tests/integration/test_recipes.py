# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The recipes of the documentation: they run as they stand there, all in one playbook."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import time

import pytest
import yaml

from tests.support import pages
from tests.support.devices import ROOT, VENDORS, devices
from tests.support.playbooks import BIN, environment, run, write_play

RECIPES = pages.recipes("recipes")
YEARS_AGO = time.time() - 800 * 86400
VARIABLES = {"employee": "jdoe"}
SHARES = {vendor: ["/home", "/public"] for vendor in VENDORS}
SHARES["freebox"] = ["/Freebox", *SHARES["freebox"]]
PAPERS = {"papers_link_password": "open sesame", "papers_level": "best"}  # of the groups of vendors that have both


def aged(place, size=0):
    place.parent.mkdir(parents=True, exist_ok=True)
    with open(place, "wb") as stream:
        stream.truncate(size)
    os.utime(place, (YEARS_AGO, YEARS_AGO))


@pytest.fixture
def fleet(tmp_path):
    """Devices with what the recipes speak of."""
    options = ("--vendor-opt", "qnap.tls_days=400", "--vendor-opt", "qnap.tls_age=370")
    (tmp_path / "fleet").mkdir()
    with devices(VENDORS, tmp_path / "fleet", arguments=options) as found:
        for vendor, device in found.items():
            home = device.root / "home"
            for name in ("forms/leave.odt", "projects/plan.txt", "papers/tax.pdf"):
                (home / name).parent.mkdir(exist_ok=True)
                (home / name).write_text(name)
            for name in ("web/pages/old.html", "web/pages/drafts/next.html", "web/uploads/a.jpg", "web/uploads/b.txt"):
                (home / name).parent.mkdir(parents=True, exist_ok=True)
                (home / name).write_text(name)
            aged(home / "weekly" / "projects-2024-W01.zip")
            aged(home / "films" / "old.mkv", 5 << 30)
            aged(home / "films" / "small.mkv", 5)
            if vendor == "freebox":
                (device.root / "Freebox").mkdir()
            else:
                aged(home / {"synology": "#recycle", "qnap": "@Recycle"}[vendor] / "old.txt")
        yield found


def test_the_recipes_do_what_they_say(tmp_path, fleet):
    folder = tmp_path / "playbooks"
    (folder / "files" / "configs").mkdir(parents=True)
    (folder / "files" / "configs" / "switch.cfg").write_text("vlan 1\n")
    for page in ("index.html", "about/us.html", "index.html.bak"):
        (folder / "files" / "site" / page).parent.mkdir(parents=True, exist_ok=True)
        (folder / "files" / "site" / page).write_text(page)
    hosts = {
        vendor: device.variables(**(PAPERS if vendor != "freebox" else {}), **VARIABLES)
        for vendor, device in fleet.items()
    }
    box = {
        **fleet["freebox"].variables(),
        "nas_password": "{{ vault_box_token }}",
        "ansible_user": "org.example.ansible",
    }
    del box["ansible_password"]
    hosts["box"] = box
    groups = folder / "groups.yml"
    groups.write_text(yaml.safe_dump({"nas": {"hosts": dict.fromkeys(VENDORS)}}))

    def play(*plays, arguments=()):
        outcome = run(folder, write_play(folder, plays), hosts, "-i", str(groups), *arguments)
        assert outcome.status == 0, outcome.text
        return outcome

    pairing = yaml.safe_load(pages.recipes("guide_freebox")["pairing"])
    assert play(*pairing).changed["box"] == 3
    token = folder / "host_vars" / "box" / "token.yml"
    assert stat.S_IMODE(token.stat().st_mode) == 0o600
    password = tmp_path / "password"
    password.write_text("open sesame")
    vaulted = ("--vault-password-file", str(password))
    command = [str(BIN / "ansible-vault"), "encrypt", *vaulted, str(token)]
    subprocess.run(command, env=environment(tmp_path), capture_output=True, check=True)
    encrypted = token.read_text()
    assert "vault_box_token" not in encrypted
    again = play(*pairing, arguments=vaulted)
    assert again.changed["box"] == 0, (again.text, again.tasks)
    assert token.read_text() == encrypted

    everything = [one for recipe in RECIPES.values() for one in yaml.safe_load(recipe)]
    everything += yaml.safe_load(pages.recipes("guide_first_steps", "first-steps")["photos.yml"])
    for device in fleet.values():
        device.forget()
    first = play(*everything, arguments=vaulted)
    assert all(first.changed.values())
    assert play(*everything, arguments=vaulted).changed == dict.fromkeys(hosts, 0)
    for vendor, device in fleet.items():
        home = device.root / "home"
        assert (home / "staff" / "jdoe" / "forms" / "leave.odt").read_text() == "forms/leave.odt"
        assert (home / "staff" / "jdoe" / "inbox").is_dir()
        assert len(list((home / "weekly").glob("projects-*-W*.zip"))) == 1
        assert not (home / "weekly" / "projects-2024-W01.zip").exists()
        assert (home / "films" / "small.mkv").exists()
        assert not (home / "films" / "old.mkv").exists()
        assert (home / "configs" / "switch.cfg").read_text() == "vlan 1\n"
        assert (home / "backup" / "papers.zip").exists()
        pages_there = {str(page.relative_to(home / "web" / "pages")) for page in (home / "web" / "pages").rglob("*.*")}
        assert pages_there - {".nasops-sync"} == {"index.html", "about/us.html", "drafts/next.html"}
        assert [page.name for page in (folder / "uploads" / vendor).iterdir()] == ["a.jpg"]
        bin_of = home / {"synology": "#recycle", "qnap": "@Recycle", "freebox": "none"}[vendor]
        assert not (bin_of / "old.txt").exists()
        assert yaml.safe_load((folder / f"{vendor}.yml").read_text())["shares"] == SHARES[vendor]
    assert {file.name for file in (folder / "docker" / "qnap").iterdir()} == {"ca.pem", "cert.pem", "key.pem"}
    assert (fleet["freebox"].root / "Freebox" / "scans").is_dir()
    assert len([entry for entry in fleet["qnap"].calls("share_file") if entry["writes"]]) == 1

    rescued = yaml.safe_load(pages.recipes("troubleshooting")["rescue"])
    for device in fleet.values():
        (device.root / "home" / "everything").mkdir()
        (device.root / "home" / "everything" / "a.txt").write_text("a" * 5000)
        device.faults({"writes": True, "times": 0, "do": {"disk_full": {"at_bytes": 0}}})
    outcome = play(*rescued, arguments=vaulted)
    assert {outcome.stats[vendor]["rescued"] for vendor in VENDORS} == {1}
    for device in fleet.values():
        device.faults()
        shutil.rmtree(device.root / "home" / "everything")
    failed = run(folder, write_play(folder, rescued), hosts, "-i", str(groups), *vaulted)
    assert {failed.stats[vendor]["failures"] for vendor in VENDORS} == {1}


def test_no_recipe_has_a_task_for_one_vendor_only_but_by_its_words():
    """A mixed fleet is without `when`; the only condition on a vendor is that of Container Station, which one has."""
    assert "when" not in RECIPES["mixed"]
    assert [name for name, recipe in RECIPES.items() if "when: nas_vendor" in recipe] == ["certificates"]


def test_recipes_use_role_variables_that_there_are():
    for recipe in RECIPES.values():
        for play in yaml.safe_load(recipe):
            for role in play.get("roles", ()):
                name = role["role"].rpartition(".")[2]
                specs = yaml.safe_load(
                    (ROOT / "roles" / name / "meta" / "argument_specs.yml").read_text(encoding="utf-8")
                )
                assert set(role["vars"]) <= set(specs["argument_specs"]["main"]["options"])
