# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The roles, by the playbooks that the collection brings: twice, and in check mode."""

from __future__ import annotations

import zipfile

import pytest
from cryptography import x509

from tests.support.devices import ROOT, VENDORS
from tests.support.playbooks import run, write_play

PLAYBOOKS = ROOT / "playbooks"
README = ROOT / "tests" / "demo" / "playbooks" / "files" / "README.txt"
EVERYBODY = ("-e", "nas_hosts=all")
SECRET = "Tr0ub4dor&3"
DECLARED = {
    "provision_folders": ["/home/role/photos/2026", "/home/role/backup"],
    "provision_files": [
        {"path": "/home/role/papers/README.txt", "src": str(README)},
        {"path": "/home/role/papers/settings.json", "content": {"managed": True}},
        {"path": "/home/role/gone.txt", "state": "absent"},
    ],
    "provision_archives": [{"path": "/home/role/backup/papers.zip", "sources": ["/home/role/papers"]}],
    "provision_links": [{"path": ["/home/role/papers/README.txt", "/home/role/photos"], "expires": "30d"}],
}


def on_disk(device, path):
    return device.root.joinpath(path.lstrip("/"))


FILE_SERVER = {
    "provision_shared_folders": [
        {"name": "projects", "description": "What we work on", "recycle_bin": True},
        {"name": "backup", "hidden": True},
    ],
    "provision_groups": [
        {"name": "office", "members": ["boss"]},
        {"name": "interns"},
        {"name": "sales", "members": ["anna"]},
    ],
    "provision_users": [
        {"name": "anna", "password": SECRET + "a", "groups": ["office", "sales"]},
        {"name": "boss", "password": SECRET + "b", "description": "The boss"},
    ],
    "provision_permissions": [{"share": "projects", "groups": {"office": "write"}, "users": {"boss": "read"}}],
    "provision_folders": ["/projects/2026/plans"],
    "provision_files": [{"path": "/projects/README.txt", "content": "Welcome"}],
}


@pytest.mark.parametrize("vendor", ["synology", "qnap"])
def test_a_new_device_becomes_a_file_server(tmp_path, start, vendor):
    device = start(vendor, shares=())
    hosts = {"it": device.variables(**FILE_SERVER)}
    book = PLAYBOOKS / "provision.yml"
    checked = run(tmp_path, book, hosts, *EVERYBODY, "--check", "--diff")
    assert checked.status == 0, checked.text
    assert device.writes() == []
    first = run(tmp_path, book, hosts, *EVERYBODY, "--diff", "-vv")
    assert first.status == 0, first.text
    # Shared folders, groups, accounts, members, rights, folders, files.
    assert first.changed == checked.changed == {"it": 7}
    assert (device.root / "projects" / "README.txt").read_text() == "Welcome"
    device.forget()
    second = run(tmp_path, book, hosts, *EVERYBODY)
    assert (second.status, second.changed) == (0, {"it": 0}), second.text
    assert device.writes() == []
    for outcome in (checked, first, second):
        assert SECRET not in outcome.text
    as_anna = [
        {"nasops.nas.nas_file": {"path": "/projects/hers.txt", "content": "x"}},
        {"nasops.nas.nas_file": {"path": "/backup/hers.txt", "content": "x"}, "ignore_errors": True},
    ]
    tasks = [{"hosts": "all", "gather_facts": False, "tasks": as_anna}]
    variables = {"it": device.variables(ansible_user="anna", ansible_password=SECRET + "a")}
    written, refused = run(tmp_path, tasks, variables).results()
    assert written["changed"]
    assert refused["failed"]
    # Who is to join by the groups of the account is not counted once more for the members of the group.
    twice = {
        "provision_groups": [{"name": "sales", "members": ["anna", "carl"]}, {"name": "new", "members": ["carl"]}],
        "provision_users": [
            {"name": "anna"},
            {"name": "carl", "state": "present", "password": SECRET, "groups": ["sales", "new"]},
        ],
    }
    for arguments, changed in ((("--check",), 2), ((), 2), (("--check",), 0)):
        outcome = run(tmp_path, book, {"it": device.variables(**twice)}, *EVERYBODY, *arguments)
        assert (outcome.status, outcome.changed) == (0, {"it": changed}), outcome.text
    # A group that shall be gone has no members, and stays so.
    for group, words, changed in (
        ({"members": ["boss"]}, "option members makes no sense with state absent", 0),
        ({"members": []}, "", 1),
        ({}, "", 0),
    ):
        gone = {"provision_groups": [{"name": "office", "state": "absent", **group}]}
        outcome = run(tmp_path, book, {"it": device.variables(**gone)}, *EVERYBODY)
        assert words in outcome.text
        assert outcome.changed == {"it": changed}, outcome.text


def test_an_employee_comes_and_leaves(tmp_path, start):
    fleet = {vendor: start(vendor) for vendor in VENDORS}
    about = {"employee_name": "anna", "employee_password": SECRET, "employee_groups": ["administrators"]}
    hosts = {vendor: device.variables(**about) for vendor, device in fleet.items()}
    for words, changed in (
        (("--check",), 1),
        ((), 1),
        ((), 0),
        (("-e", "employee_state=absent"), 1),
        (("-e", "employee_state=absent"), 0),
    ):
        outcome = run(tmp_path, PLAYBOOKS / "employee.yml", hosts, *EVERYBODY, *words)
        assert outcome.status == 0, outcome.text
        assert outcome.changed == {"synology": changed, "qnap": changed, "freebox": 0}, outcome.text
        assert SECRET not in outcome.text


def test_provision(tmp_path, nas):
    hosts = {f"my-{vendor}": device.variables(**DECLARED) for vendor, device in nas.items()}
    for device in nas.values():
        on_disk(device, "/home/role").mkdir()
        on_disk(device, "/home/role/gone.txt").touch()

    checked = run(tmp_path, PLAYBOOKS / "provision.yml", hosts, *EVERYBODY, "--check", "--diff")
    assert checked.status == 0, checked.text
    for device in nas.values():
        assert device.writes() == []

    first = run(tmp_path, PLAYBOOKS / "provision.yml", hosts, *EVERYBODY)
    assert checked.changed == first.changed
    assert first.status == 0, first.text
    for vendor, device in nas.items():
        assert first.changed[f"my-{vendor}"] == 4
        assert on_disk(device, "/home/role/photos/2026").is_dir()
        assert on_disk(device, "/home/role/papers/README.txt").read_bytes() == README.read_bytes()
        assert on_disk(device, "/home/role/papers/settings.json").read_text() == '{"managed": true}'
        assert not on_disk(device, "/home/role/gone.txt").exists()
        with zipfile.ZipFile(on_disk(device, "/home/role/backup/papers.zip")) as archive:
            assert {name for name in archive.namelist() if name.endswith(".json")} == {"papers/settings.json"}
        facts = [result["ansible_facts"] for result in first.results(f"my-{vendor}") if "ansible_facts" in result]
        assert list(facts[-1]["provision_urls"]) == DECLARED["provision_links"][0]["path"]

    for arguments in ((), ("--check", "--diff")):
        next(iter(nas.values())).forget()
        again = run(tmp_path, PLAYBOOKS / "provision.yml", hosts, *EVERYBODY, *arguments)
        assert again.status == 0, again.text
        assert again.changed == dict.fromkeys(hosts, 0)
        for device in nas.values():
            assert device.writes() == []


def test_provision_says_what_is_wrong_and_tells_no_secret(tmp_path, nas):
    declared = {
        "provision_files": [{"path": "/home/role-secret.txt", "content": "x"}],
        "provision_archives": [
            {"path": "/home/role-secret.7z", "sources": ["/home/role-secret.txt"], "archive_password": SECRET}
        ],
        "provision_links": [{"path": ["/home/role-secret.txt"], "link_password": SECRET}],
    }
    device = nas["qnap"]
    done = run(
        tmp_path, PLAYBOOKS / "provision.yml", {"it": device.variables(**declared)}, *EVERYBODY, "-vvv", "--diff"
    )
    assert done.status == 0, done.text
    assert done.changed == {"it": 3}
    assert SECRET not in done.text
    wrong = {"provision_files": [{"path": "/home/x", "colour": "red"}]}
    refused = run(tmp_path, PLAYBOOKS / "provision.yml", {"it": device.variables(**wrong)}, *EVERYBODY)
    assert refused.status != 0
    assert "colour" in refused.text


def test_container_tls_across_a_fleet(tmp_path, nas, start):
    ending = start("qnap", arguments=("--vendor-opt", "tls_days=40", "--vendor-opt", "tls_age=30"))
    folder = tmp_path / "certs"
    settings = {
        "container_tls_export_to": f"{folder}/{{{{ inventory_hostname }}}}",
        "container_tls_docker_client_files": True,
        "container_tls_domain_names": ["{{ inventory_hostname }}.example"],
    }
    devices = {"ending": ending, "good": nas["qnap"], "other": nas["synology"]}
    hosts = {name: device.variables(**settings) for name, device in devices.items()}

    def go(*arguments):
        for device in devices.values():
            device.forget()
        done = run(tmp_path, PLAYBOOKS / "rotate_container_tls.yml", hosts, *EVERYBODY, *arguments)
        assert done.status == 0, done.text
        writes = {
            name: [entry["call"].rpartition("/")[2] for entry in devices[name].writes()] for name in ("ending", "good")
        }
        return done, writes

    checked, writes = go("--check")
    assert checked.changed == {"ending": 1, "good": 1, "other": 0}
    assert writes == {"ending": [], "good": []}
    assert not folder.exists()

    first, writes = go()
    assert first.changed == {"ending": 1, "good": 1, "other": 0}
    assert writes == {"ending": ["domain_names", "rotation"], "good": ["domain_names"]}
    assert nas["synology"].log() == []
    assert "40 days from now" in first.text
    for name in ("ending", "good"):
        assert sorted(file.name for file in (folder / name).iterdir()) == ["ca.pem", "cert.pem", "key.pem"]
        ca, certificate = (
            x509.load_pem_x509_certificate((folder / name / file).read_bytes()) for file in ("ca.pem", "cert.pem")
        )
        certificate.verify_directly_issued_by(ca)

    again, writes = go()
    assert again.changed == {"ending": 0, "good": 0, "other": 0}
    assert writes == {"ending": [], "good": []}


def test_certificates_are_kept_beside_the_users_playbook_and_never_in_the_collection(tmp_path, nas):
    hosts = {"it": nas["qnap"].variables(container_tls_docker_client_files=True)}
    own = tmp_path / "own"
    own.mkdir()
    play = write_play(own, [{"hosts": "all", "gather_facts": False, "roles": [{"role": "nasops.nas.container_tls"}]}])
    for playbook, place in ((PLAYBOOKS / "rotate_container_tls.yml", tmp_path), (play, own)):
        done = run(tmp_path, playbook, hosts, *EVERYBODY)
        assert done.status == 0, done.text
        assert {file.name for file in (place / "container_tls" / "it").iterdir()} == {"ca.pem", "cert.pem", "key.pem"}
        assert not (PLAYBOOKS / "container_tls").exists()
