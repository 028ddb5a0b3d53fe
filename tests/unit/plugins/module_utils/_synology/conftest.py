# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of the Synology client start with."""

from __future__ import annotations

import pytest
from ansible_collections.nasops.nas.plugins.module_utils._core import waiting as _watch
from ansible_collections.nasops.nas.plugins.module_utils._transport import http as _http
from ansible_collections.nasops.nas.tests.unit.plugins.module_utils._synology.fake import Dsm, client, serving


@pytest.fixture
def dsm(monkeypatch):
    """A DSM whose answers are set, and nobody pauses between questions to it."""
    monkeypatch.setattr(_http.time, "sleep", lambda seconds: None)
    monkeypatch.setattr(_watch.time, "sleep", lambda seconds: None)
    return Dsm()


@pytest.fixture
def nas(dsm):
    """A client of it."""
    with serving(dsm) as port:
        client_ = client(port)
        yield client_
        client_.close()
