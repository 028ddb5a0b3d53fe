# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A box that says what a test tells it to say."""

from __future__ import annotations

import pytest
from ansible_collections.nasops.nas.tests.unit.plugins.module_utils._freebox.fake import Fake


@pytest.fixture
def box():
    fake = Fake()
    yield fake
    fake.stop()
