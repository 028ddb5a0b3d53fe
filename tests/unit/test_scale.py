# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How an inventory is cut, and how the results of its slices are joined."""

from __future__ import annotations

import json

import pytest
from ansible_collections.nasops.nas.tests import scale


@pytest.mark.parametrize(
    ("hosts", "slices", "parts"),
    [
        ("abcdefg", 3, ["adg", "be", "cf"]),
        ("abc", 1, ["abc"]),
        ("ab", 5, ["a", "b"]),
        ("", 2, []),
    ],
)
def test_every_host_is_in_one_slice(hosts, slices, parts):
    assert ["".join(part) for part in scale.sliced(hosts, slices)] == parts


def test_what_a_slice_is_given(tmp_path):
    hosts = {"nas1": {"nas_vendor": "synology"}}
    folder = scale.private_data(tmp_path / "1", hosts, [{"nasops.nas.nas_info": {}}])
    play = json.loads((folder / "project" / "site.yml").read_text())
    assert play == [{"hosts": "all", "gather_facts": False, "tasks": [{"nasops.nas.nas_info": {}}]}]
    assert json.loads((folder / "inventory" / "hosts.json").read_text()) == {"all": {"hosts": hosts}}


def test_how_hosts_ended(tmp_path):
    folder = tmp_path / "artifacts" / "x" / "job_events"
    folder.mkdir(parents=True)
    stats = {"processed": {"a": 1, "b": 1}, "failures": {"b": 1}, "dark": {"c": 1}}
    (folder / "1.json").write_text(json.dumps({"event": "runner_on_ok"}))
    (folder / "2.json").write_text(json.dumps({"event": "playbook_on_stats", "event_data": stats}))
    assert scale.outcomes(tmp_path) == {"ok": 1, "failed": 2}
