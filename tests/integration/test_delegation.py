# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tasks that are delegated work on the NAS that the user means."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.devices import PASSWORD, USER
from tests.support.playbooks import job, play, run, where_to_ship

PLUGINS = {"ANSIBLE_CONNECTION_PLUGINS": str(Path(__file__).parents[1] / "support" / "connection")}


@pytest.fixture
def hosts(nas):
    """NAS without a word of a connection, and machines that are none; variables of theirs would lead nowhere."""
    there = where_to_ship(nas["qnap"].log_file.parent)
    stranger = {"ansible_user": "deploy", "ansible_password": "of-the-server", **there}
    return {
        "syno": nas["synology"].variables(),
        "qnap": nas["qnap"].variables(
            ansible_host="{{ address }}", address="127.0.0.{{ inventory_hostname | length - 3 }}"
        ),
        "local-box": nas["freebox"].variables(ansible_connection="local"),
        "app": {"ansible_host": "192.0.2.1", **stranger},
        "bastion": {"ansible_host": "192.0.2.2", "ansible_connection": "elsewhere", **stranger},
    }


def folder(name, **task):
    return {"nasops.nas.nas_folder": {"path": f"/home/{name}"}, **task}


def there(device, name):
    return (device.root / "home" / name).is_dir()


def test_a_task_that_is_delegated_to_a_nas_works_on_that_one(tmp_path, nas, hosts):
    # What a play says of its own hosts leads nowhere else, what it says of all of them goes along.
    of_the_play = {"nas_timeout": 7, "nas_host": "192.0.2.3", "ansible_user": "deploy", "ansible_password": "x"}
    ports = {"nas_vendor": "synology", "nas_session_token": "of another", "nas_port": 1, "nas_password": "y"}
    port = {"nas_port": nas["qnap"].port}
    plays = [
        *play(folder("to-qnap", delegate_to="qnap"), folder("to-box", delegate_to="local-box"), hosts="syno"),
        *play(folder("from-local", delegate_to="qnap"), hosts="local-box"),
        # With anything of the server's, its address or user or password, it would fail.
        *play(folder("from-app", delegate_to="qnap"), hosts="app"),
        *play(folder("itself", delegate_to="syno"), hosts="syno"),
        *play(folder("{{ item }}", delegate_to="{{ item }}", loop=["syno", "qnap", "local-box"]), hosts="syno"),
        *play(folder("once", delegate_to="local-box", run_once=True), hosts="syno:qnap"),
        *play(folder("with-play-vars", delegate_to="qnap"), hosts="app", vars=of_the_play),
        *play(folder("with-task-vars", delegate_to="qnap", vars=port), hosts="syno", vars=ports),
    ]
    outcome = run(tmp_path, plays, hosts, **PLUGINS)
    assert outcome.status == 0, outcome.text
    syno, qnap, box = nas["synology"], nas["qnap"], nas["freebox"]
    made = {
        "to-qnap": [qnap],
        "to-box": [box],
        "from-local": [qnap],
        "from-app": [qnap],
        "itself": [syno],
        "syno": [syno],
        "qnap": [qnap],
        "local-box": [box],
        "once": [box],
        "with-play-vars": [qnap],
        "with-task-vars": [qnap],
    }
    for name, devices in made.items():
        assert [device for device in (syno, qnap, box) if there(device, name)] == devices, name
    assert [len(device.calls_of("login")) for device in (syno, qnap, box)] == [1, 1, 1]


def test_localhost_and_other_machines_work_on_the_nas_of_the_host(tmp_path, nas, hosts):
    local = {"local_action": {"module": "nasops.nas.nas_folder", "path": "/home/local-action"}}
    tasks = [
        folder("on-localhost", delegate_to="localhost"),
        folder("on-loopback", delegate_to="127.0.0.1"),
        local,
        folder("on-bastion", delegate_to="bastion"),
    ]
    # Extra variables are localhost's too, and make no NAS of it.
    extra = ["-e", f"nas_vendor=qnap nas_port={nas['qnap'].port}", "-e", '{"nas_use_ssl": false}']
    bare = {"qnap": {name: value for name, value in hosts["qnap"].items() if not name.startswith("nas_")}}
    first = run(tmp_path, play(*tasks, hosts="qnap"), hosts, **PLUGINS)
    assert first.changed == {"qnap": 4}, first.text
    assert all(there(nas["qnap"], name) for name in ("on-localhost", "on-loopback", "local-action", "on-bastion"))
    again = run(tmp_path, play(*tasks[:3], hosts="qnap"), bare, *extra, **PLUGINS)
    assert again.changed == {"qnap": 0}, again.text


def test_a_host_without_an_address_keeps_its_name_when_it_is_delegated(tmp_path, nas, hosts):
    known = {name: value for name, value in nas["synology"].variables().items() if name != "ansible_host"}
    tasks = [folder("by-name", delegate_to=to) for to in ("localhost", "bastion")]
    outcome = run(tmp_path, play(*tasks, hosts="127.1"), {**hosts, "127.1": known}, **PLUGINS)
    assert outcome.changed == {"127.1": 1}, outcome.text
    assert there(nas["synology"], "by-name")


def test_variables_of_all_hosts(tmp_path, nas, hosts):
    device = nas["synology"]
    common = {"nas_vendor": "synology", "nas_use_ssl": False, "nas_port": device.port}
    (tmp_path / "group_vars").mkdir()
    (tmp_path / "group_vars" / "all.yml").write_text("".join(f"{name}: {value}\n" for name, value in common.items()))
    login = {"ansible_user": USER, "ansible_password": PASSWORD}
    one = {"first": {"ansible_host": "127.0.0.1", **login}, "second": {"ansible_host": "127.0.0.1", **login}}
    tasks = [folder("all-localhost", delegate_to="localhost"), folder("all-second", delegate_to="second")]
    outcome = run(tmp_path, play(*tasks, hosts="first"), one)
    assert outcome.changed == {"first": 2}, outcome.text
    # A machine that is no NAS says so with an empty nas_vendor, and the task is shipped there.
    tasks = [folder("all-machine", delegate_to="bastion")]
    machine = {"bastion": {**hosts["bastion"], "nas_vendor": ""}}
    outcome = run(tmp_path, play(*tasks, hosts="first"), {**one, **machine}, **PLUGINS)
    assert outcome.changed == {"first": 1}, outcome.text
    assert there(device, "all-machine")
    taken_for_one = run(tmp_path, play(*tasks, hosts="first"), {**one, "bastion": hosts["bastion"]}, **PLUGINS)
    assert taken_for_one.changed == {"first": 0}, taken_for_one.text


def test_localhost_is_a_nas_where_the_inventory_says_so(tmp_path, nas, hosts):
    itself = {**nas["synology"].variables(), "ansible_connection": "local"}
    tasks = [folder("delegated-here", delegate_to="localhost")]
    plays = [*play(*tasks, hosts="qnap"), *play(folder("here"), hosts="localhost")]
    outcome = run(tmp_path, plays, {"qnap": hosts["qnap"], "localhost": itself})
    assert outcome.changed == {"qnap": 1, "localhost": 1}, outcome.text
    assert there(nas["synology"], "delegated-here")
    assert there(nas["synology"], "here")


def test_a_job_for_another_nas(tmp_path, nas, hosts):
    tasks = [
        folder("waited", delegate_to="qnap", **{"async": 60, "poll": 2}),
        *job(folder("by-job", delegate_to="qnap")),
    ]
    place = where_to_ship(nas["qnap"].log_file.parent)
    local = {"ansible_connection": "local", **place}
    outcome = run(tmp_path, play(*tasks, hosts="app"), {**hosts, "localhost": local}, **PLUGINS)
    assert outcome.status == 0, outcome.text
    assert there(nas["qnap"], "by-job")
    assert there(nas["qnap"], "waited")
