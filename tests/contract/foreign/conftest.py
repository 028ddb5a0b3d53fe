# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Simulated devices for the clients that others wrote."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.contract.simulator.qnap.simulated import Start, devices


@pytest.fixture(scope="module")
def start_qnap(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """A function that starts a QNAP with further options of the command line."""
    with devices(tmp_path_factory) as run:
        yield run
