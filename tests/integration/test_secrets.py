# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No password, session id or token is ever shown or left behind."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from ansible_collections.nasops.nas.plugins.module_utils._module.options import session_from_token

from tests.support.devices import PASSWORD, USER, VENDORS
from tests.support.playbooks import BIN, environment, play, run, where_to_ship


@pytest.mark.parametrize("vendor", VENDORS)
def test_nothing_secret_in_output_results_or_home(tmp_path, start, vendor):
    device = start(vendor, arguments=("--vendor-opt", "reveal_sessions=true"))
    tasks = [
        {"nasops.nas.nas_folder": {"path": "/home/x"}},
        {"nasops.nas.nas_file": {"path": "/home/x/y", "content": "z"}},
        {"nasops.nas.nas_info": {}},
        {"nasops.nas.nas_session": {}, "register": "login"},
        {
            "ansible.builtin.copy": {"content": "{{ login.session_token }}", "dest": f"{tmp_path}/token"},
            "no_log": True,
            "delegate_to": "localhost",
        },
        {"nasops.nas.nas_folder": {"path": "/nosuchshare/x"}, "ignore_errors": True},
    ]
    plays = play(*tasks)
    outcome = run(tmp_path, plays, {"it": device.variables()}, "-vvvv", "--diff")
    assert outcome.status == 0, outcome.text
    token = (tmp_path / "token").read_text()
    secrets = {PASSWORD, token}
    session = session_from_token(token)
    for key, value in session.items():
        if (
            isinstance(value, str)
            and len(value) >= 6
            and any(word in key.lower() for word in ("sid", "token", "session"))
        ):
            secrets.add(value)
    assert len(secrets) > 2, "the session names no secret of its own: the test would prove nothing"
    (tmp_path / "token").unlink()
    kept = [path for path in (tmp_path / "ansible-home").rglob("*") if path.is_file()]
    texts = {
        "output": outcome.text,
        "results": json.dumps([result for _task, _host, result in outcome.tasks if "session_token" not in result]),
    }
    texts.update({str(path): path.read_text(errors="replace") for path in kept})
    texts["log of the simulator"] = device.log_file.read_text()
    for name, text in texts.items():
        for secret in secrets:
            assert secret not in text, f"a secret is in {name}"


@pytest.mark.parametrize(
    "token", ["{{ vault_token }}", "", " ", "of-another-freebox", "{{ vault_token | default('') }}"]
)
def test_pairing_with_a_freebox_from_an_inventory_with_or_without_a_token(tmp_path, start, token):
    device = start("freebox", arguments=("--grant-after", "0.1"))
    pair = {"nasops.nas.nas_session": {"pair": {"app_name": "Backups"}}, "register": "pairing"}
    use = {
        "nasops.nas.nas_folder": {"path": "/home/paired"},
        "vars": {"nas_password": "{{ pairing.app_token }}\n"},
    }
    again = {**pair, "vars": use["vars"], "register": "again"}
    variables = {name: value for name, value in device.variables().items() if name != "ansible_password"}
    variables.update(ansible_user="org.example.test", nas_password=token)
    plays = play(pair, use, again)
    outcome = run(tmp_path, plays, {"it": variables})
    assert outcome.status == 0, outcome.text
    assert [result["changed"] for result in outcome.results()] == [True, True, False]
    assert len(device.calls("POST login/authorize/")) == 1
    assert (device.root / "home" / "paired").is_dir()


def test_every_other_task_reports_a_token_that_is_not_defined(tmp_path, start):
    device = start("freebox")
    variables = {name: value for name, value in device.variables().items() if name != "ansible_password"}
    tasks = [
        {"nasops.nas.nas_session": {}, "ignore_errors": True},
        {"nasops.nas.nas_info": {}, "ignore_errors": True},
        # What the task gives itself needs no variable.
        {"nasops.nas.nas_info": {"password": PASSWORD}},
    ]
    plays = play(*tasks)
    outcome = run(tmp_path, plays, {"it": {**variables, "nas_password": "{{ vault_token }}"}})
    assert outcome.status == 0, outcome.text
    first, second, third = outcome.results()
    assert "vault_token" in first["msg"]
    assert "vault_token" in second["msg"]
    assert not third.get("failed")


def test_pairing_with_a_freebox(tmp_path, start):
    device = start("freebox", arguments=("--grant-after", "0.3"))
    tasks = [
        {
            "nasops.nas.nas_session": {
                "username": "org.example.test",
                "password": "{{ omit }}",
                "pair": {"app_name": "Backups"},
            },
            "register": "pairing",
        },
        {
            "nasops.nas.nas_folder": {
                "path": "/home/paired",
                "username": "org.example.test",
                "password": "{{ pairing.app_token }}",
            }
        },
    ]
    variables = {
        name: value for name, value in device.variables().items() if name not in ("ansible_user", "ansible_password")
    }
    plays = play(*tasks)
    outcome = run(tmp_path, plays, {"it": variables}, "-vvvv")
    assert outcome.status == 0, outcome.text
    assert "Go to the freebox" in outcome.text
    assert (device.root / "home" / "paired").is_dir()
    token = outcome.results()[0].get("app_token", "")
    assert not token or token not in outcome.text


VAULTED_PLAY = """
- hosts: it
  gather_facts: false
  module_defaults:
    group/nasops.nas.nas:
      otp_code: {secret}
  vars:
    name_of_a_folder: {folder}
  tasks:
    - nasops.nas.nas_folder:
        path:
          - /home/plain
          - {folder}
          - "{{{{ name_of_a_folder }}}}/below"
    - nasops.nas.nas_file:
        path: /home/vaulted.txt
        content:
          inner: [{text}]
        password: {secret}
    - nasops.nas.nas_stat:
        path: {folder}
        device_token: {text}
      delegate_to: bastion
    - nasops.nas.nas_stat:
        path: /home/plain
        password: {broken}
      ignore_errors: true
"""


def test_inline_vaults(tmp_path, one):
    vault = tmp_path / "vault-password"
    vault.write_text("swordfish\n")

    def vaulted(text, password=vault):
        command = [str(BIN / "ansible-vault"), "encrypt_string", "--vault-password-file", str(password), "--", text]
        done = subprocess.run(command, check=True, env=environment(tmp_path), capture_output=True, text=True)
        lines = done.stdout.replace("!vault |", "").split()
        return '!vault "' + "\\n".join(lines) + '"'

    other = tmp_path / "other-password"
    other.write_text("marlin\n")
    values = {"secret": vaulted(PASSWORD), "folder": vaulted("/home/vaulted"), "text": vaulted("of the vault")}
    playbook = tmp_path / "vaulted.yml"
    playbook.write_text(VAULTED_PLAY.format(**values, broken=vaulted("x", other)))
    (tmp_path / "host_vars").mkdir()
    (tmp_path / "host_vars" / "it.yml").write_text(
        f"ansible_password: {values['secret']}\nansible_user: {vaulted(USER)}\n"
    )
    known = one.variables()
    del known["ansible_password"], known["ansible_user"]
    there = where_to_ship(one.log_file.parent)
    hosts = {"it": {**known, **there}, "bastion": {"ansible_connection": "elsewhere", **there}}
    plugins = str(Path(__file__).parents[1] / "support" / "connection")
    arguments = ("-vvv", "--vault-password-file", str(vault))
    # Core's own debug output quotes what a shipped module was given, as it is.
    outcome = run(tmp_path, playbook, hosts, *arguments, ANSIBLE_CONNECTION_PLUGINS=plugins, ANSIBLE_DEBUG="1")
    assert outcome.status == 0, outcome.text
    assert (one.root / "home" / "vaulted" / "below").is_dir()
    assert (one.root / "home" / "vaulted.txt").read_text() == '{"inner": ["of the vault"]}'
    assert outcome.results()[2]["entries"][0]["exists"]
    assert "option password" in outcome.results()[3]["msg"] or "Decryption" in outcome.text
    assert "done with _execute_module" in outcome.text
    assert PASSWORD not in outcome.text
    assert "of the vault" not in outcome.text


def test_a_task_with_no_log_shows_no_path_in_its_progress(tmp_path, start):
    device = start("synology", arguments=("--vendor-opt", "task_seconds=2.7"))
    (device.root / "home" / "hidden").write_text("x" * 1000)
    task = {"nasops.nas.nas_copy": {"src": "/home/hidden", "dest": "/home/hidden2"}, "no_log": True}
    outcome = run(tmp_path, play(task), {"it": device.variables()})
    assert outcome.status == 0, outcome.text
    assert (device.root / "home" / "hidden2").exists()
    assert "no_log task: " in outcome.text
    assert "hidden" not in outcome.text.replace("output has been hidden", "")
