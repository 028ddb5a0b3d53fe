# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A program whose imports were made before is the real one in all that a run can see."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest
import requests

from tests.support.devices import ROOT, VENDORS, simulate
from tests.support.playbooks import BIN, environment, play, run

NAMES = ("ANSIBLE_HOME", "CONFIG_FILE", "DEFAULT_FORKS", "DEFAULT_FILTER_PLUGIN_PATH", "DEFAULT_TIMEOUT")
PROCESS = "{{ lookup('ansible.builtin.file', '/proc/self/cmdline') }}"


def tell(text):
    return {"ansible.builtin.debug": {"msg": text}}


def by_which(outcome):
    assert outcome.status == 0, outcome.text
    return "zygote" if "zygote.py" in str(outcome.results()) else "real"


@pytest.mark.parametrize(
    ("by", "variables"),
    [
        ("zygote", {}),
        ("zygote", {"ANSIBLE_FORKS": "3", "ANSIBLE_FILTER_PLUGINS": "/elsewhere", "NAS_TIMEOUT": "5"}),
        ("real", {"ANSIBLE_TIMEOUT": "77"}),  # which the keywords of a play took when they were imported
        ("real", {"ANSIBLE_FORCE_COLOR": "true"}),
        ("real", {"ANSIBLE_ANY_ERRORS_FATAL": "true"}),
        ("real", {"TZ": "Asia/Tokyo"}),
    ],
)
def test_whose_imports_would_be_others_is_the_real_one(tmp_path, by, variables):
    assert by_which(run(tmp_path, play(tell(PROCESS), connection="local"), {"it": {}}, **variables)) == by


def test_settings_plugins_and_output_are_those_of_the_run(tmp_path):
    plugins = tmp_path / "ansible-home" / "plugins" / "filter"
    plugins.mkdir(parents=True)
    (plugins / "own.py").write_text(
        "class FilterModule:\n    def filters(self):\n        return {'twice': lambda text: text * 2}\n"
    )
    (tmp_path / "ansible.cfg").write_text("[defaults]\nforks = 7\n")
    settings = [f"{{{{ lookup('ansible.builtin.config', '{name}') }}}}" for name in NAMES]
    words = [*settings, "{{ 'ab' | twice }}", "{{ lookup('ansible.builtin.env', 'HOME') }}", "{{ playbook_dir }}"]
    plays = play(tell(words), {"ansible.builtin.fail": {"msg": "an end"}}, connection="local")
    forked = run(tmp_path, plays, {"it": {}}, "-v", "--diff", NAS_OWN="x")
    arguments = ["-i", tmp_path / "inventory.yml", "-v", "--diff", tmp_path / "play.yml"]
    real = subprocess.run(
        [BIN / "ansible-playbook", *arguments],
        cwd=tmp_path,
        env=environment(tmp_path),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (forked.status, forked.text) == (real.returncode, real.stdout + real.stderr)
    assert forked.status == 2
    values = forked.results()[0]["msg"]
    assert values[0] == str(tmp_path / "ansible-home")
    assert "7" in map(str, values)  # a number since ansible-core 2.19
    assert "abab" in values


@pytest.mark.parametrize("text", ["- hosts: all\n  no_such_keyword: 1\n", "no play\n", None])
def test_what_is_no_playbook(tmp_path, text):
    playbook = tmp_path / "wrong.yml"
    if text is not None:
        playbook.write_text(text)
    forked = run(tmp_path, playbook, {"it": {}})
    command = [BIN / "ansible-playbook", "-i", tmp_path / "inventory.yml", playbook]
    real = subprocess.run(command, cwd=tmp_path, env=environment(tmp_path), capture_output=True, text=True, check=False)
    assert (forked.status, forked.text) == (real.returncode, real.stdout + real.stderr)
    assert forked.status != 0


def test_the_status_of_a_run_that_is_killed_and_the_next_one(tmp_path):
    kill = "kill -9 $(cut -d ' ' -f 4 /proc/$PPID/stat)"  # the parent of the worker
    task = {
        "ansible.builtin.debug": {"msg": "{{ lookup('ansible.builtin.pipe', command) }}"},
        "vars": {"command": kill},
    }
    assert run(tmp_path, play(task, connection="local"), {"it": {}}).status == -9
    assert run(tmp_path, play(tell("on"), connection="local"), {"it": {}}).status == 0


@pytest.mark.parametrize("place", ["collections", "elsewhere"])
def test_another_collection_of_our_name_is_that_of_its_run(tmp_path, place):
    plugins = tmp_path / place / "ansible_collections" / "nasops" / "nas" / "plugins"
    for folder in ("action", "modules", "module_utils/_core"):
        (plugins / folder).mkdir(parents=True)
    (plugins / "modules" / "nas_stat.py").touch()
    (plugins / "module_utils" / "_core" / "names.py").write_text("WHO = 'another'\n")
    (plugins / "action" / "nas_stat.py").write_text(
        "from ansible.plugins.action import ActionBase\n"
        "from ..module_utils._core import names\n"
        "class ActionModule(ActionBase):\n"
        "    def run(self, tmp=None, task_vars=None):\n"
        "        return {'who': names.WHO}\n"
    )
    # That beside a playbook comes first.
    more = {} if place == "collections" else {"ANSIBLE_COLLECTIONS_PATH": str(tmp_path / place)}
    (result,) = run(tmp_path, play({"nasops.nas.nas_stat": {}}), {"it": {}}, **more).results()
    assert result["who"] == "another"


def test_a_simulator_is_the_real_one_in_all_that_a_test_can_see(tmp_path):
    words = [VENDORS[0], "--root", str(tmp_path), "--log", str(tmp_path / "log")]
    process = simulate(*words)
    line = process.stdout.readline().split()
    assert line[:2] == ["ready", VENDORS[0]]
    assert process.poll() is None
    assert requests.get(line[2], timeout=10).status_code == 404
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.01)
    process.kill()
    assert process.wait(10) == process.poll() == -signal.SIGKILL
    process.terminate()  # which does nothing now
    assert process.stdout.read() == ""
    process.stdout.close()


@pytest.mark.parametrize(
    "words", [["--help"], ["no-vendor", "--root", "."], [VENDORS[0], "--root", ".", "--faults", "x"]]
)
def test_what_a_simulator_says_when_it_does_not_start(capfd, words):
    command = [sys.executable, "-m", "tests.simulator", *words]
    real = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    forked = simulate(*words)
    with forked.stdout:
        assert (forked.stdout.read(), forked.wait(20)) == (real.stdout, real.returncode)
    assert capfd.readouterr().err == real.stderr
