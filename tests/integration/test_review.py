# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Odd circumstances: hosts that are one NAS, interrupted runs, two changes in a second, hosts that are none."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from ansible_collections.nasops.nas.plugins.module_utils._core import marks

from tests.support.devices import VENDORS
from tests.support.playbooks import run, where_to_ship


def play(*tasks, **more):
    return [{"hosts": "all", "gather_facts": False, "tasks": list(tasks), **more}]


def file(**options):
    return {"nasops.nas.nas_file": options}


def folder(**options):
    return {"nasops.nas.nas_folder": options}


def test_hosts_that_are_one_nas(tmp_path, one):
    (tmp_path / "big").write_bytes(b"0123456789" * 300_000)
    tasks = (
        file(path="/home/aliases/big", src=str(tmp_path / "big"), parents=True),
        folder(path="/home/aliases/each/a/{{ inventory_hostname }}"),
        folder(path="/home/aliases/each", state="absent", recursive=True),
    )
    outcome = run(tmp_path, play(*tasks), {f"h{number}": one.variables() for number in range(4)})
    assert outcome.status == 0, outcome.text
    assert sum(outcome.changed.values()) == 1 + 4 + 1
    assert (one.root / "home" / "aliases" / "big").read_bytes() == b"0123456789" * 300_000
    assert [path for path in one.tree() if path.startswith("/home/aliases/")][1:] == ["/home/aliases/big"]
    assert len(one.calls_of("login")) == 1


@pytest.mark.parametrize("vendor", VENDORS)
def test_runs_that_write_the_same_files_at_once(tmp_path, start, vendor):
    device = start(vendor)
    names = [f"f{number}" for number in range(4)]
    for name in names:
        (device.root / "home" / name).write_bytes(b"the old content")
    tasks = [file(path=f"/home/{name}", content="by {{ run }}") for name in names]

    def one_run(name):
        (tmp_path / name).mkdir()
        hosts = {"it": device.variables(run=name)}
        return run(tmp_path / name, play(*tasks), hosts, ANSIBLE_HOME=str(tmp_path / "home of ansible"))

    with ThreadPoolExecutor(3) as pool:
        for outcome in pool.map(one_run, ("x", "y", "z")):
            assert outcome.status == 0, outcome.text
    assert {(device.root / "home" / name).read_bytes() for name in names} <= {b"by x", b"by y", b"by z"}
    assert [path for path in device.tree() if ".nasops-" in path] == []


def test_shipped_tasks_that_write_the_same_file_at_once(tmp_path, start):
    device = start("synology")
    (device.root / "home" / "f").write_bytes(b"the old content")
    shipped = {"ansible_connection": "local", **where_to_ship(tmp_path)}
    task = {**file(path="/home/f", content="by {{ inventory_hostname }}"), "async": 60, "poll": 1}
    device.faults({"call": "SYNO.FileStation.Upload/upload", "times": 0, "do": {"slow": 0.3}})
    outcome = run(tmp_path, play(task), {name: device.variables(**shipped) for name in ("a", "b", "c")})
    assert outcome.status == 0, outcome.text
    assert outcome.changed == {"a": 1, "b": 1, "c": 1}
    assert (device.root / "home" / "f").read_bytes() in {b"by a", b"by b", b"by c"}
    assert [path for path in device.tree() if ".nasops-" in path] == []


@pytest.mark.parametrize("vendor", VENDORS)
def test_folders_above_that_two_hosts_make_at_once(tmp_path, start, vendor):
    """Both see that they are missing before one of them has made them."""
    device = start(vendor)
    home = device.root / "home"
    recycled = {"synology": "#recycle", "qnap": "@Recycle", "freebox": "none"}[vendor]
    (home / recycled / "gone" / "deep").mkdir(parents=True)
    for name in ("a", "b"):
        (home / name).write_text(name)
        (home / recycled / "gone" / "deep" / name).write_text(name)
    makes = {"synology": "SYNO.FileStation.CreateFolder/create", "qnap": "createdir", "freebox": "POST fs/mkdir/"}
    device.faults({"call": makes[vendor], "times": 0, "do": {"slow": 0.4}})
    me = "{{ inventory_hostname }}"
    mine = f"/home/{me}"

    def task(module, **options):
        return {f"nasops.nas.{module}": options}

    tasks = [
        task("nas_copy", src=mine, dest=f"/home/copies/deep/{me}", parents=True),
        task("nas_copy", src=mine, dest=f"/home/begun/deep/{me}", parents=True, wait=False),
        task("nas_archive", path=f"/home/packed/deep/{me}.zip", sources=[mine], parents=True),
    ]
    if vendor == "freebox":
        tasks.append(task("nas_assemble", src=[mine], dest=f"/home/joint/deep/{me}", parents=True))
    else:
        tasks.append(task("nas_recycle_bin", state="restored", path=[f"/home/gone/deep/{me}"]))
    if vendor == "synology":
        tasks.append(task("nas_archive", path=f"/home/late/deep/{me}.zip", sources=[mine], parents=True, wait=False))
    outcome = run(tmp_path, play(*tasks), {name: device.variables() for name in ("a", "b")})
    assert outcome.status == 0, outcome.text
    assert outcome.changed == {"a": len(tasks), "b": len(tasks)}
    assert [(home / "copies" / "deep" / name).read_text() for name in ("a", "b")] == ["a", "b"]


@pytest.mark.parametrize(
    ("desired", "content"),
    [
        ({"state": "touch"}, "precious"),
        ({"content": "new", "force": False}, "precious"),
        ({"content": "precious"}, "precious"),
        ({"content": "new"}, "new"),
    ],
)
def test_what_an_interrupted_run_put_aside_is_not_lost(tmp_path, one, desired, content):
    path = "/home/interrupted"
    there = one.root / "home" / "interrupted"
    there.unlink(missing_ok=True)
    (one.root / marks.backup_path(path)[1:]).write_text("precious")
    (one.root / marks.staging_path(path)[1:]).write_text("half")
    host = {"it": one.variables()}
    assert run(tmp_path, play(file(path=path, **desired)), host, "--check", "--diff").changed == {"it": 1}
    assert one.writes() == []
    outcome = run(tmp_path, play(file(path=path, **desired)), host)
    assert outcome.status == 0, outcome.text
    assert there.read_text() == content
    assert not [found for found in one.tree() if ".nasops" in found]


def test_backups_of_one_second(tmp_path, one):
    tasks = [file(path="/home/kept", content=str(number), backup=True) for number in range(4)]
    outcome = run(tmp_path, play(*tasks), {"it": one.variables()})
    assert outcome.status == 0, outcome.text
    backups = [result["backup_path"] for result in outcome.results() if "backup_path" in result]
    assert [(one.root / path[1:]).read_text() for path in backups] == ["0", "1", "2"]


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_wrong_password_is_tried_once_when_each_task_logs_in(tmp_path, start, vendor):
    device = start(vendor)
    tasks = [{**folder(path="/home/x"), "ignore_errors": True} for _number in range(3)]
    variables = device.variables(ansible_password="wrong-s3cret", nas_session="task")
    outcome = run(tmp_path, play(*tasks), {"it": variables})
    assert [result["failure"]["kind"] for result in outcome.results()] == ["authentication"] * 3
    assert len(device.calls_of("login")) == 1


@pytest.mark.parametrize("host", ["https://127.0.0.1", "127.0.0.1/x", "a b", "[::1]", "", "me@127.0.0.1", "nas:5001"])
def test_a_host_that_is_none(tmp_path, nas, host):
    outcome = run(tmp_path, play(folder(path="/home/x")), {"it": nas["qnap"].variables(nas_host=host)})
    (result,) = outcome.results()
    assert result["failure"]["kind"] == "usage"
    assert "option host" in result["msg"]
    assert nas["qnap"].log() == []


def test_port_zero_is_not_the_usual_port(tmp_path, nas):
    outcome = run(tmp_path, play(folder(path="/home/x")), {"it": nas["qnap"].variables(nas_port=0)})
    assert "option port" in outcome.results()[0]["msg"]


def test_options_from_the_environment_of_a_task(tmp_path, nas):
    variables = nas["qnap"].variables()
    port, password = variables.pop("nas_port"), variables.pop("ansible_password")
    task = {**folder(path="/home/by-environment"), "environment": {"NAS_PORT": port, "NAS_PASSWORD": password}}
    outcome = run(tmp_path, play(task), {"it": variables}, "-vvvv")
    assert outcome.status == 0, outcome.text
    assert outcome.changed == {"it": 1}
    assert password not in outcome.text


@pytest.mark.parametrize("vendor", ["qnap", "freebox"])
def test_a_name_too_long_leaves_nothing_behind(tmp_path, nas, vendor):
    device = nas[vendor]
    outcome = run(tmp_path, play(file(path="/home/" + "n" * 256, content="x")), {"it": device.variables()})
    assert outcome.results()[0]["failed"]
    assert not [path for path in device.tree() if ".nasops" in path and not path.endswith(".json")]


def test_a_number_that_is_no_time(tmp_path, nas):
    outcome = run(tmp_path, play(file(path="/home/x", content="x", mtime="9" * 5000)), {"it": nas["qnap"].variables()})
    assert "option mtime" in outcome.results()[0]["msg"]
    assert nas["qnap"].log() == []


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_session_that_was_handed_on_and_expired(tmp_path, start, vendor):
    device = start(vendor)
    tasks = (
        {"nasops.nas.nas_session": {}, "register": "handed"},
        folder(path="/home/x", session_token="{{ handed.session_token }}"),
        folder(path="/home/y", session_token="{{ handed.session_token }}"),
    )
    looks = {"synology": "SYNO.FileStation.List/getinfo", "qnap": "stat", "freebox": "[GP]*T fs/*"}
    device.faults({"call": looks[vendor], "do": "expire_session"})
    outcome = run(tmp_path, play(*tasks), {"it": device.variables()})
    assert outcome.status == 0, outcome.text
    # The one that was handed on is dead: the tasks log in for themselves, and out.
    assert len(device.calls_of("login")) == 3
    assert len(device.calls_of("logout")) == 3


def test_a_task_with_no_log_shows_no_path_in_its_progress(tmp_path, start):
    device = start("synology", arguments=("--vendor-opt", "task_seconds=2.7"))
    (device.root / "home" / "hidden").write_text("x" * 1000)
    task = {"nasops.nas.nas_copy": {"src": "/home/hidden", "dest": "/home/hidden2"}, "no_log": True}
    outcome = run(tmp_path, play(task), {"it": device.variables()})
    assert outcome.status == 0, outcome.text
    assert (device.root / "home" / "hidden2").exists()
    assert "no_log task: " in outcome.text
    assert "hidden" not in outcome.text.replace("output has been hidden", "")
