# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulated QNAP on the wire: names that a device shows and does not give."""

from __future__ import annotations

import os

import pytest

from tests.contract.simulator.qnap.simulated import Nas, status


@pytest.mark.parametrize(
    ("profile", "name"),
    [
        ("qts4", "Smith, John.txt"),
        ("qts4", "C++.txt"),
        ("qts4", "O'Brien.txt"),
        ("qts4", "50%.txt"),
        ("qts4", "_sn_x"),
        ("qts5", "_sn_x"),
        ("qts5", "_sn_bk1"),
    ],
)
def test_a_name_that_came_by_smb(nas: Nas, old: Nas, profile: str, name: str) -> None:
    device = old if profile == "qts4" else nas
    share, folder = device.share(name)
    assert device.names(share) == [name]
    assert device.stat(share, name)["exist"] == 1
    # it goes away from this name, and neither it nor another gets it
    assert device.status("rename", path=share, source_name=name, dest_name="aside") == 1
    assert device.status("rename", path=share, source_name="aside", dest_name=name) == 12
    assert status(device.raw("createdir", dest_path=share, dest_folder=name)) == 12
    assert os.listdir(folder) == ["aside"]


def test_qts_5_gives_what_qts_4_does_not(nas: Nas) -> None:
    share, folder = nas.share("x")
    for number, name in enumerate(("Smith, John.txt", "C++.txt", "O'Brien.txt", "50%.txt")):
        assert nas.status("rename", path=share, source_name=os.listdir(folder)[0], dest_name=name) == 1, number
    assert os.listdir(folder) == ["50%.txt"]


def test_a_rename_that_is_said_and_not_done(nas: Nas) -> None:
    share, folder = nas.share("x")
    nas.faults({"call": "rename", "do": {"vendor": "pretend"}})
    assert nas.status("rename", path=share, source_name="x", dest_name="y") == 1
    assert os.listdir(folder) == ["x"]
    assert nas.status("rename", path=share, source_name="x", dest_name="y") == 1
    assert os.listdir(folder) == ["y"]
