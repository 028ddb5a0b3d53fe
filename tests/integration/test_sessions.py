# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logins that fail and sessions that end while a run goes on."""

from __future__ import annotations

import pytest

from tests.support.devices import VENDORS
from tests.support.playbooks import folder, play, run


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_wrong_password_is_tried_once_when_each_task_logs_in(tmp_path, start, vendor):
    device = start(vendor)
    tasks = [{**folder(path="/home/x"), "ignore_errors": True} for _number in range(3)]
    variables = device.variables(ansible_password="wrong-s3cret", nas_session="task")
    outcome = run(tmp_path, play(*tasks), {"it": variables})
    assert [result["failure"]["kind"] for result in outcome.results()] == ["authentication"] * 3
    assert len(device.calls_of("login")) == 1


def test_a_session_beside_one_that_was_handed_on_ends_with_its_task(tmp_path, start):
    device = start("synology")
    handed = {"session_token": "{{ handed.session_token }}"}
    tasks = (
        {"nasops.nas.nas_session": {}, "register": "handed"},
        {"nasops.nas.nas_info": {"gather": ["users"], **handed}},
        {"nasops.nas.nas_group": {"name": "office", **handed}},
        {"nasops.nas.nas_session": {"state": "absent", **handed}},
    )
    outcome = run(tmp_path, play(*tasks), {"it": device.variables()})
    assert outcome.status == 0, outcome.text
    # The control panel of DSM has sessions of its own, which nobody else could end.
    logins, logouts = device.calls_of("login"), device.calls_of("logout")
    assert len(logins) == 3
    assert len(logouts) >= len(logins)
    users = {"it": device.variables(ansible_user="boss", ansible_password="Another-s3cret")}
    made = {"name": "boss", "password": "Another-s3cret", "groups": ["administrators"]}
    assert run(tmp_path, play({"nasops.nas.nas_user": made}), {"it": device.variables()}).status == 0
    # Whoever has the session is not locked out, whatever the host's variables say.
    as_boss = [
        {"nasops.nas.nas_session": {}, "register": "handed", "vars": users["it"]},
        {"nasops.nas.nas_user": {"name": "boss", "state": "absent", **handed}, "ignore_errors": True},
    ]
    refused = run(tmp_path, play(*as_boss), {"it": device.variables()}).results()[-1]
    assert "this run is logged in as 'boss'" in refused["msg"]


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_session_that_was_handed_on_and_expired(tmp_path, start, vendor):
    device = start(vendor)
    tasks = (
        {"nasops.nas.nas_session": {}, "register": "handed"},
        folder(path="/home/x", session_token="{{ handed.session_token }}"),
        folder(path="/home/y", session_token="{{ handed.session_token }}"),
    )
    reads = {"synology": "SYNO.FileStation.List/getinfo", "qnap": "stat", "freebox": "[GP]*T fs/*"}
    device.faults({"call": reads[vendor], "do": "expire_session"})
    outcome = run(tmp_path, play(*tasks), {"it": device.variables()})
    assert outcome.status == 0, outcome.text
    # The one that was handed on is dead: the tasks log in for themselves, and out.
    assert len(device.calls_of("login")) == 3
    assert len(device.calls_of("logout")) == 3
