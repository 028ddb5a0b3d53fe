# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A simulated Freebox for a module's tests, which keep to folders of their own."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.simulator.freebox.simulated import Box


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Box]:
    """A box with a disk, logged in."""
    with Box(tmp_path_factory.mktemp("freebox")) as one:
        one.folder("Freebox")
        yield one


@pytest.fixture
def place(box: Box, request: pytest.FixtureRequest) -> tuple[str, Path]:
    """A folder of its own for each test: its path on the box and on the disk."""
    name = hashlib.md5(request.node.nodeid.encode()).hexdigest()[:12]
    return f"/Freebox/{name}", box.folder(f"Freebox/{name}")
