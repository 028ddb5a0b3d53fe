# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How far a long operation is, for somebody who watches."""

from __future__ import annotations

import pytest
from ansible_collections.nasops.nas.plugins.plugin_utils._progress import ProgressLine, amount


def lines(*steps):
    """What is said when (second, done, total) come one after the other."""
    said, now = [], [0.0]
    progress = ProgressLine("/s/f", said.append, lambda: now[0])
    for second, done, total in steps:
        now[0] = second
        progress(done, total)
    return said


def test_nothing_for_what_is_quick():
    assert lines((0.5, 10, 100), (1.9, 100, 100)) == []


def test_percent_rate_and_time_left():
    assert lines((2.0, 50_000_000, 200_000_000)) == ["/s/f: 25 %, 25.0 MB/s, 6 s left"]


def test_at_most_a_line_every_two_seconds():
    assert len(lines(*((second / 10, second, 100) for second in range(70)))) == 3


def test_without_a_total():
    assert lines((4.0, 4000, None)) == ["/s/f: 4.0 kB, 1.0 kB/s"]


def test_nothing_done_yet():
    assert lines((3.0, 0, 100)) == ["/s/f: 0 %, 0 B/s, time left unknown"]


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 B"), (999, "999 B"), (1500, "1.5 kB"), (2e9, "2.0 GB"), (5e15, "5000.0 TB")]
)
def test_amounts(count, text):
    assert amount(count) == text
