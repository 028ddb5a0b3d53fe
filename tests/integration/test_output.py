# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is read of a run: one warning for one thing, names that no terminal obeys, stdout for the callback alone."""

from __future__ import annotations

import json
import subprocess

import pytest

from tests.support.playbooks import BIN, environment, play, run, write_inventory, write_play

PRINTER = """
DOCUMENTATION = '''
name: printer
type: stdout
short_description: Results as JSON
description: As programs like to read them.
author: The nasops.nas authors
'''
import json
from ansible.plugins.callback import CallbackBase


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "printer"

    def v2_runner_on_ok(self, result):
        print(json.dumps({"changed": result._result["changed"]}))
"""
ESCAPE = "\x1b]0;title\x07"


def test_check_mode_of_a_first_run_warns_once_a_task(tmp_path, one):
    paths = [f"/home/new/{number}" for number in range(20)]
    loop = {"loop": paths, "loop_control": {"label": "-"}}
    tasks = [
        {"nasops.nas.nas_share": {"path": paths}},
        {"nasops.nas.nas_file": {"path": "{{ item }}/x", "content": "x"}, **loop, "loop": paths[:18]},
        {"nasops.nas.nas_file": {"path": "/home/x", "content": "x"}, "loop": [1, 2], "when": "item == 1"},
        {"nasops.nas.nas_copy": {"src": "{{ item }}", "dest": "/home/copy"}, **loop, "when": "item != '/home/new/19'"},
        {"nasops.nas.nas_copy": {"src": "/home/one", "dest": "/home/two"}},
        {"nasops.nas.nas_file": {"path": "/no{{ item }}/x", "content": "x"}, "loop": [1, 2]},
    ]
    outcome = run(tmp_path, play(*tasks), {"box": one.variables()}, "--check")
    assert outcome.status == 0, outcome.text
    text = " ".join(outcome.text.split())
    assert text.count("[WARNING]") == 5
    assert "box: 20 paths are not there yet, such as '/home/new/0'; tasks before this one must make them" in text
    assert "box: 18 paths are not there yet" in text
    assert "box: 19 paths are not there yet" in text
    assert "box: there are no shares 'no1', 'no2', which '/no1/x' and 1 more would lie in; a task before" in text
    assert "box: '/home/one' is not there yet; a task before this one must make it" in text


def test_a_secret_in_a_path_is_warned_of_and_a_masked_path_refused(tmp_path, one):
    (one.root / "home" / "photo-of-me").mkdir(exist_ok=True)
    (one.root / "home" / "photo-of-me" / "of-the-secret.txt").write_text("a")
    secret = {"nas_device_token": "photo-of-me"}
    find = {
        "nasops.nas.nas_find": {"paths": "/home", "patterns": "of-the-secret.txt", "recurse": True},
        "register": "found",
    }
    gone = {"nasops.nas.nas_file": {"path": "{{ item.path }}", "state": "absent"}, "loop": "{{ found.files }}"}
    outcome = run(tmp_path, play(find, {**gone, "ignore_errors": True}), {"box": {**one.variables(), **secret}})
    text = " ".join(outcome.text.split())
    assert "the value of option device_token occurs in paths of the result" in text
    assert "photo-of-me" not in text
    failed = outcome.results()[1]["results"]
    assert failed
    assert all("is a masked path" in result["msg"] and result["failure"]["kind"] == "usage" for result in failed)
    assert (one.root / "home" / "photo-of-me" / "of-the-secret.txt").exists()


@pytest.mark.parametrize("vendor", ["synology", "freebox"])
def test_no_name_is_obeyed_by_a_terminal(tmp_path, nas, vendor):
    device = nas[vendor]
    folder = device.root / "home" / f"f{ESCAPE}"
    folder.mkdir(exist_ok=True)
    (folder / "x\ny").write_text("old")
    path = f"/home/f{ESCAPE}"
    tasks = [
        {"nasops.nas.nas_file": {"path": path, "content": "x"}, "ignore_errors": True},
        {"nasops.nas.nas_file": {"path": f"{path}/x\ny", "content": "new"}, "check_mode": True, "ignore_errors": True},
        {"nasops.nas.nas_copy": {"src": f"{path}/nothing", "dest": "/home/there"}, "check_mode": True},
        {"nasops.nas.nas_folder": {"path": f"{path}\n/../x"}, "ignore_errors": True},
    ]
    outcome = run(tmp_path, play(*tasks), {"box": device.variables()}, "--diff")
    assert outcome.status == 0, outcome.text
    assert "\x1b" not in outcome.text
    assert "\x07" not in outcome.text
    assert "\\x1b]0;title\\x07" in outcome.text


def test_progress_leaves_stdout_to_the_callback(tmp_path, start):
    device = start("synology", arguments=["--vendor-opt", "task_seconds=5"])
    (device.root / "home" / "x.txt").write_text("x" * 1000)
    task = {"nasops.nas.nas_archive": {"path": "/home/a.zip", "sources": ["/home/x.txt"]}}
    (tmp_path / "callbacks").mkdir()
    (tmp_path / "callbacks" / "printer.py").write_text(PRINTER)
    done = subprocess.run(
        [
            BIN / "ansible-playbook",
            "-i",
            write_inventory(tmp_path, {"box": device.variables()}),
            write_play(tmp_path, play(task)),
        ],
        cwd=tmp_path,
        env=environment(
            tmp_path,
            ANSIBLE_STDOUT_CALLBACK="printer",
            ANSIBLE_CALLBACK_PLUGINS=str(tmp_path / "callbacks"),
        ),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    reported = json.loads(done.stdout)
    assert reported == {"changed": True}
    lines = [line for line in done.stderr.splitlines() if line.startswith("[box] ")]
    assert lines
    assert all("packing /home/a.zip, " in line for line in lines)
    assert not [line for line in lines if "B/s" in line]
