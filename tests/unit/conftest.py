# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What all unit tests start with."""

from __future__ import annotations

import pytest
from ansible_collections.nasops.nas.plugins.module_utils._api import lost_answers
from ansible_collections.nasops.nas.plugins.module_utils._transport import session as _session


@pytest.fixture(autouse=True)
def pauses(monkeypatch):
    """The pauses between two logins of a task, in seconds. Nobody waits for them, or for a state that a test set."""
    made = []
    monkeypatch.setattr(lost_answers, "pause", lambda seconds: None)
    monkeypatch.setattr(_session, "_pause", made.append)
    return made
