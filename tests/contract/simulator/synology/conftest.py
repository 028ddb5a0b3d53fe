# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Simulated Synologys for a module's tests, which keep to folders of their own."""

from __future__ import annotations

import functools
from collections.abc import Iterator

import pytest

from tests.contract.simulator.synology.simulated import Nas, Start, devices


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """A function that starts a device with further options of the command line."""
    with devices(tmp_path_factory) as run:
        yield run


@pytest.fixture(scope="module")
def kept(start: Start) -> Start:
    """The same device for the same options."""
    return functools.cache(start)


@pytest.fixture(scope="module")
def nas(kept: Start) -> Nas:
    """A device of the usual generation, logged in."""
    device = kept()
    device.login()
    return device
