# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of the QNAP client start with."""

from __future__ import annotations

import pytest
from ansible_collections.nasops.nas.tests.unit.plugins.module_utils._qnap.fake import Fake


@pytest.fixture
def nas():
    """A QNAP whose answers are set."""
    fake = Fake()
    yield fake
    fake.close()
