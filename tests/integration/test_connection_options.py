# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts and ports that are none, and options from the environment of a task."""

from __future__ import annotations

import pytest

from tests.support.playbooks import folder, play, run


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
