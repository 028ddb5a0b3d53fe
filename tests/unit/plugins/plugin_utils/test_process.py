# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the process that owned something is gone."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from ansible_collections.nasops.nas.plugins.plugin_utils._process import identity, is_gone


def owner(tmp_path, record):
    file = tmp_path / "owner"
    file.write_text(record if isinstance(record, str) else json.dumps(record))
    return file


def test_a_process_that_lives(tmp_path):
    assert not is_gone(owner(tmp_path, identity(os.getpid())))


def test_a_process_that_has_ended_and_one_that_nobody_has_waited_for(tmp_path):
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    file = owner(tmp_path, identity(process.pid))
    assert not is_gone(file)
    process.stdin.close()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert is_gone(file)
    process.wait()
    assert is_gone(file)


def test_another_process_of_the_same_number(tmp_path):
    assert is_gone(owner(tmp_path, {**identity(os.getpid()), "started": "1"}))


@pytest.mark.parametrize("other", [{"where": ["other", "pid:[1]"]}, {"pid": None}])
def test_a_process_that_cannot_be_seen_from_here(tmp_path, other):
    assert not is_gone(owner(tmp_path, {**identity(os.getpid()), "started": "1", **other}))


@pytest.mark.parametrize("record", ["", "[]", "{", "{}"])
def test_a_file_that_tells_nothing(tmp_path, record):
    assert not is_gone(owner(tmp_path, record))
    assert not is_gone(tmp_path / "nothing")
