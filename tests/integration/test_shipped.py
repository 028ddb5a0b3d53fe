# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tasks that do not run in the controller's own process: async ones, and those delegated to another machine."""

from __future__ import annotations

import os
from pathlib import Path

from tests.support.devices import PASSWORD
from tests.support.playbooks import job, play, run, where_to_ship

PLUGINS = {"ANSIBLE_CONNECTION_PLUGINS": str(Path(__file__).parents[1] / "support" / "connection")}


def inventory(device):
    there = where_to_ship(device.log_file.parent)
    return {
        "nas": device.variables(**there),
        "bastion": {"ansible_connection": "elsewhere", **there},
        "localhost": {"ansible_connection": "local", **there},
    }


def test_an_async_task_that_nobody_waits_for_is_a_job_on_the_controller(tmp_path, one):
    source = tmp_path / "source.txt"
    source.write_text("from the controller")
    tasks = job({"nasops.nas.nas_file": {"path": "/home/async.txt", "src": str(source)}})
    # A NAS has no connection of its own; that of the inventory would be ssh.
    hosts = {**inventory(one), "nas": one.variables()}
    first = run(tmp_path, play(*tasks, hosts="nas"), hosts, "-vvvv")
    assert first.status == 0, first.text
    assert first.changed == {"nas": 2}
    assert (one.root / "home" / "async.txt").read_text() == "from the controller"
    assert PASSWORD not in first.text
    assert len(one.calls_of("logout")) == len(one.calls_of("login")) == 1
    again = run(tmp_path, play(*tasks, hosts="nas"), hosts)
    assert [result["changed"] for result in again.results() if "changed" in result][-1] is False


def test_an_async_task_that_is_waited_for_runs_here_in_its_time(tmp_path, start):
    device = start("synology", arguments=["--vendor-opt", "task_seconds=30"])
    (device.root / "home" / "x.txt").write_text("x")
    folder = {"nasops.nas.nas_folder": {"path": "/home/async"}, "async": 60, "poll": 5}
    pack = {"nasops.nas.nas_archive": {"path": "/home/a.zip", "sources": ["/home/x.txt"]}, "async": 1, "poll": 1}
    tasks = [folder, {**pack, "ignore_errors": True}, {**folder, "async": 60}]
    outcome = run(tmp_path, play(*tasks, hosts="nas"), {"nas": device.variables()})
    assert outcome.changed == {"nas": 1}, outcome.text
    failed = outcome.results()[1]
    assert "async time of 1 s" in failed["msg"]
    assert failed["failure"]["kind"] == "timeout"
    assert device.calls("SYNO.FileStation.Compress/stop")
    assert len(device.calls_of("login")) == len(device.calls_of("logout")) == 1
    assert run(tmp_path, play(folder, hosts="nas"), {"nas": device.variables()}, "--check").changed == {"nas": 0}


def test_a_task_delegated_to_another_machine_is_shipped_there(tmp_path, one):
    source = tmp_path / "source.txt"
    source.write_text("sent along")
    options = {"delegate_to": "bastion"}
    os.utime(source, (1_700_000_000, 1_700_000_000))
    dated = {} if one.vendor == "freebox" else {"compare": "mtime"}  # of the file here, not of what is sent along
    tasks = [
        {"nasops.nas.nas_file": {"path": "/home/delegated.txt", "src": str(source), **dated}, **options},
        {"nasops.nas.nas_file": {"path": "/home/delegated2.txt", "content": "as text"}, **options},
        {"nasops.nas.nas_folder": {"path": "home/bad"}, "ignore_errors": True, **options},
    ]
    first = run(tmp_path, play(*tasks, hosts="nas"), inventory(one), **PLUGINS)
    assert first.status == 0, first.text
    assert first.changed == {"nas": 2}
    assert (one.root / "home" / "delegated.txt").read_text() == "sent along"
    assert not dated or (one.root / "home" / "delegated.txt").stat().st_mtime == 1_700_000_000
    assert first.results()[2]["failure"]["kind"] == "usage"
    # Each shipped task has a session of its own, and ends it; bad options cost none.
    assert len(one.calls_of("logout")) == len(one.calls_of("login")) == 2
    assert run(tmp_path, play(*tasks, hosts="nas"), inventory(one), "--check", **PLUGINS).changed == {"nas": 0}


def test_a_task_delegated_to_the_controller_shares_the_session(tmp_path, one):
    task = {"nasops.nas.nas_folder": {"path": "/home/near"}}
    tasks = [task, {**task, "delegate_to": "localhost"}, {**task, "connection": "local"}]
    outcome = run(tmp_path, play(*tasks, hosts="nas"), inventory(one))
    assert outcome.status == 0, outcome.text
    assert outcome.changed == {"nas": 1}
    assert len(one.calls_of("login")) == 1


def test_a_session_of_the_task_alone(tmp_path, one):
    task = {"nasops.nas.nas_folder": {"path": "/home/alone", "session": "task"}}
    outcome = run(tmp_path, play(task, task, hosts="nas"), inventory(one))
    assert outcome.status == 0, outcome.text
    assert len(one.calls_of("login")) == len(one.calls_of("logout")) == 2


def test_a_session_that_is_handed_on(tmp_path, one):
    tasks = [
        {"nasops.nas.nas_session": {}, "register": "login"},
        {
            "nasops.nas.nas_folder": {"path": "/home/handed", "session_token": "{{ login.session_token }}"},
            "delegate_to": "bastion",
        },
        {"nasops.nas.nas_session": {"state": "absent"}},
    ]
    outcome = run(tmp_path, play(*tasks, hosts="nas"), inventory(one), **PLUGINS)
    assert outcome.status == 0, outcome.text
    assert (one.root / "home" / "handed").is_dir()
    assert len(one.calls_of("login")) == len(one.calls_of("logout")) == 1


def test_module_defaults_and_environment(tmp_path, one):
    values = one.variables()
    defaults = {"vendor": one.vendor, "host": "127.0.0.1", "port": values["nas_port"], "use_ssl": False}
    task = {"nasops.nas.nas_folder": {"path": "/home/defaults"}}
    group = [{**play(task, hosts="nas")[0], "module_defaults": {"group/nasops.nas.nas": defaults}}]
    secrets = {"NAS_USERNAME": values["ansible_user"], "NAS_PASSWORD": PASSWORD}
    outcome = run(tmp_path, group, {"nas": {}}, **secrets)
    assert outcome.status == 0, outcome.text
    assert outcome.changed == {"nas": 1}


def test_a_src_that_is_on_the_nas_is_not_sent_along(tmp_path, one):
    (one.root / "home" / "there.txt").write_text("on the NAS")
    options = {"delegate_to": "bastion"}
    tasks = [
        {"nasops.nas.nas_copy": {"src": "/home/there.txt", "dest": "/home/also-there.txt"}, **options},
        {"nasops.nas.nas_fetch": {"src": "/home/there.txt", "dest": f"{tmp_path}/here.txt"}, **options},
    ]
    first = run(tmp_path, play(*tasks, hosts="nas"), inventory(one), **PLUGINS)
    assert first.changed == {"nas": 2}, first.text
    assert (one.root / "home" / "also-there.txt").read_text() == "on the NAS"
    assert (tmp_path / "here.txt").read_text() == "on the NAS"


def test_a_session_that_is_handed_on_outlives_its_task(tmp_path, one):
    tasks = [
        {"nasops.nas.nas_session": {"session": "task"}, "register": "login"},
        {"nasops.nas.nas_stat": {"path": ["/home"], "session_token": "{{ login.session_token }}"}},
        {"nasops.nas.nas_session": {"state": "absent", "session_token": "{{ login.session_token }}"}},
    ]
    outcome = run(tmp_path, play(*tasks), {"it": one.variables()})
    assert outcome.status == 0, outcome.text
    assert len(one.calls_of("login")) == len(one.calls_of("logout")) == 1
    assert one.calls_of("logout")[0] == one.log()[-1]


def test_a_vaulted_file_that_is_shipped_is_not_shown(tmp_path, one, vaulted):
    tasks = job({"nasops.nas.nas_file": {"path": "/home/shipped-secret.txt", "src": "secret.txt"}})
    outcome = run(
        tmp_path, play(*tasks, hosts="nas"), inventory(one), "--diff", "-vvv", "--vault-password-file", str(vaulted)
    )
    assert outcome.status == 0, outcome.text
    assert one.root.joinpath("home/shipped-secret.txt").read_text() == "the combination is 1234\n"
    assert "combination" not in outcome.text
    jobs = [place for place in (one.log_file.parent / "async").iterdir() if place.is_file()]
    assert jobs
    assert not [place for place in jobs if "combination" in place.read_text()]


SYSLOG = """
LOG_USER = LOG_INFO = LOG_NOTICE = 0
def openlog(*arguments, **more):
    pass
def syslog(*arguments):
    with open({file!r}, "a") as stream:
        stream.write(str(arguments[-1]) + "\\n")
"""


def test_no_content_and_no_secret_is_in_the_log_of_the_system(tmp_path, start):
    device = start("synology")
    here = inventory(device)
    log, fakes = tmp_path / "syslog", tmp_path / "fakes"
    fakes.mkdir()
    (fakes / "syslog.py").write_text(SYSLOG.format(file=str(log)))
    # Where it is built in, as in Debian's Python, a file alone would not be found.
    load = f"spec = importlib.util.spec_from_file_location('syslog', {str(fakes / 'syslog.py')!r})"
    made = "module = sys.modules['syslog'] = importlib.util.module_from_spec(spec)"
    lines = ("import importlib.util, sys", load, made, "spec.loader.exec_module(module)")
    (fakes / "sitecustomize.py").write_text("\n".join(lines))
    python = device.log_file.parent / "python"
    python.write_text(python.read_text().replace("exec ", f'PYTHONPATH="{fakes}" exec '))
    content = "the combination is 1234, {{ 6 * 7 }}"
    desired = {"nasops.nas.nas_file": {"path": "/home/told.txt", "content": content}}
    mail = {"addressees": ["a@example.com"], "subject": "link", "content": "the combination is 1234"}
    share = {"nasops.nas.nas_share": {"path": "/home/told.txt", "link_password": "swordfish", "email": mail}}
    tasks = [
        {**desired, "delegate_to": "bastion"},
        {**desired, "delegate_to": "bastion"},
        *job(desired),
        {**share, "delegate_to": "bastion", "ignore_errors": True},
        {"nasops.nas.nas_user": {"name": "anna", "password": "swordfish1"}, "delegate_to": "bastion"},
        *job({"nasops.nas.nas_user": {"name": "bert", "password": "swordfish1"}}),
        {"nasops.nas.nas_shared_folder": {"name": "s", "encryption_password": "swordfish"}, "delegate_to": "bastion"},
    ]
    outcome = run(tmp_path, play(*tasks, hosts="nas"), here, "-vvv", **PLUGINS)
    assert outcome.status == 0, outcome.text
    assert (device.root / "home" / "told.txt").read_text() == "the combination is 1234, 42"
    reported = log.read_text()
    assert "/home/told.txt" in reported
    assert all(name in reported for name in ("name=anna", "name=bert", "name=s"))
    assert len([line for line in reported.splitlines() if "nas_file" in line or "told.txt" in line]) >= 4
    assert [word for word in ("combination", "swordfish", PASSWORD) if word in reported] == []
    results = outcome.results("nas")
    assert [result["changed"] for result in results[:2]] == [True, False]
    assert "combination" not in outcome.text


def test_a_text_is_one_path_here_and_there(tmp_path, one):
    task = {"nasops.nas.nas_folder": 'path="/home/Smith, John"'}
    loop = {"nasops.nas.nas_stat": {"path": "{{ item.path }}"}, "loop": "{{ found.files }}", "register": "seen"}
    find = {
        "nasops.nas.nas_find": 'paths="/home/Smith, John" file_type=any',
        "register": "found",
        "delegate_to": "bastion",
    }
    tasks = [
        task,
        {**task, "delegate_to": "bastion"},
        {"nasops.nas.nas_file": {"path": "/home/Smith, John/a, b.txt", "content": "x"}},
        find,
        loop,
    ]
    outcome = run(tmp_path, play(*tasks, hosts="nas"), inventory(one), **PLUGINS)
    assert outcome.changed == {"nas": 2}, outcome.text
    assert (one.root / "home" / "Smith, John").is_dir()
    assert [result["results"][0]["entries"][0]["exists"] for result in outcome.results() if "results" in result] == [
        True
    ]


def test_what_a_shipped_task_did_not_find_and_was_not_given(tmp_path, one):
    there = {"delegate_to": "bastion"}
    loop = {"loop": [f"/home/none/{number}" for number in range(5)], "loop_control": {"label": "-"}}
    tasks = [
        {"nasops.nas.nas_file": {"path": "/nowhere/x", "content": "x"}, **there},
        {"nasops.nas.nas_file": {"path": "/home/none/x", "content": "x"}, **there},
        {"nasops.nas.nas_file": {"path": "{{ item }}/x", "content": "x"}, **loop, **there},
        {"nasops.nas.nas_file": {"path": "/other/{{ item }}", "content": "x"}, "loop": ["x", "y"], **there},
        {"nasops.nas.nas_info": {}, "vars": {"nas_port": "http"}, "ignore_errors": True, **there},
    ]
    hosts = inventory(one)
    outcome = run(tmp_path, play(*tasks, hosts="nas"), hosts, "--check", **PLUGINS)
    text = " ".join(outcome.text.split())
    assert outcome.status == 0, text
    share = "nas: there is no share 'nowhere', which '/nowhere/x' would lie in; a task before this one must make it"
    assert text.count(share) == 1, outcome.text
    assert "nas: there is no share 'other', which '/other/x' and 1 more would lie in; a task before" in text
    assert text.count("nas: '/home/none' is not there yet; a task before this one must make it") == 1
    assert "nas: 5 paths are not there yet, such as '/home/none/0'; tasks before this one must make them" in text
    assert text.count("[WARNING]") == 4
    assert "_nasops" not in text
    wrong = outcome.results("nas")[-1]
    assert "port (nas_port)" in wrong["msg"]
    assert "port (nas_port)" in wrong["failure"]["hint"]
    # Nothing is looked for or sent for options that are wrong, wherever the module would run.
    wrong = {"nasops.nas.nas_file": {"path": "/home/x", "src": "nowhere", "state": "there"}, "ignore_errors": True}
    elsewhere = ({}, there, {"async": 60, "poll": 0})
    outcome = run(tmp_path, play(*({**wrong, **more} for more in elsewhere), hosts="nas"), hosts, **PLUGINS)
    for result in outcome.results("nas"):
        assert "value of state must be one of" in result["msg"]
        assert result["failure"]["kind"] == "usage"
    # As on the controller.
    del hosts["nas"]["nas_vendor"]
    tasks = [{"nasops.nas.nas_info": {}, "ignore_errors": True, **more} for more in (there, {})]
    shipped, here = run(tmp_path, play(*tasks, hosts="nas"), hosts, **PLUGINS).results("nas")
    assert "vendor (nas_vendor)" in shipped["msg"]
    assert (shipped["msg"], shipped["failure"]) == (here["msg"], here["failure"])
