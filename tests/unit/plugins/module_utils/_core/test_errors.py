# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What there is to do about a failure of each kind."""

from __future__ import annotations

from ansible_collections.nasops.nas.plugins.module_utils._core.errors import BY_KIND, Kind


def test_every_kind_of_failure_but_that_of_the_task_itself_has_something_to_do():
    assert set(Kind) - set(BY_KIND) == {Kind.USAGE}
    assert all(BY_KIND.values())
