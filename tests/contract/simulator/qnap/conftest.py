# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Simulated QNAPs for a module's tests, which keep to folders of their own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.contract.simulator.qnap.simulated import Nas, Start, devices


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """A function that starts a device with further options of the command line."""
    with devices(tmp_path_factory) as run:
        yield run


@pytest.fixture(scope="module")
def nas(start: Start) -> Nas:
    """QTS 5, logged in."""
    device = start()
    device.login()
    return device


@pytest.fixture(scope="module")
def old(start: Start) -> Nas:
    """QTS 4, logged in."""
    device = start("--profile", "qts4")
    device.login()
    return device


@pytest.fixture
def own(start: Start) -> Nas:
    """QTS 5, logged in, and this test's alone."""
    device = start()
    device.login()
    return device
