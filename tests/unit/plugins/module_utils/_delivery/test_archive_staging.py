# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What came out of an archive is compared with what it holds before any of it takes its place."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from ansible_collections.nasops.nas.plugins.module_utils._core.archives import ArchiveMember
from ansible_collections.nasops.nas.plugins.module_utils._core.errors import Kind, NasError
from ansible_collections.nasops.nas.plugins.module_utils._core.model import FILE, FOLDER, Job
from ansible_collections.nasops.nas.plugins.module_utils._core.waiting import Watch
from ansible_collections.nasops.nas.plugins.module_utils._delivery.archive_staging import Stage, ended_well
from ansible_collections.nasops.nas.plugins.module_utils._plans.archive_contents import tree

WANTED = tree([ArchiveMember("a", FILE, 3), ArchiveMember("f/b", FILE, 5), ArchiveMember("unsized", FILE)])


def verify(*members):
    Stage(None, "/s/x.zip", "/s/out", Watch()).verify(WANTED, tree(members))


def test_what_came_out_whole_is_accepted():
    verify(ArchiveMember("a", FILE, 3), ArchiveMember("f/b", FILE, 5), ArchiveMember("unsized", FILE, 7))


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ([("a", FILE, 3), ("f/b", FILE, 5)], "did not extract 'unsized'"),
        ([("a", FILE, 3), ("f/b", FILE, 4), ("unsized", FILE, 1)], "extracted 4 of 5 bytes of 'f/b'"),
        ([("a", FOLDER, None), ("f/b", FILE, 5), ("unsized", FILE, 1)], "'a'"),
    ],
)
def test_what_is_missing_or_cut_short_replaces_nothing(members, said):
    with pytest.raises(NasError) as caught:
        verify(*(ArchiveMember(*member) for member in members))
    assert caught.value.kind is Kind.MISMATCH
    assert said in str(caught.value)
    assert caught.value.path == "/s/x.zip"


@pytest.mark.parametrize(
    ("jobs", "ended"),
    [
        ([], False),
        ([Job("9", "extract", "failed", "/s/x.zip"), Job("10", "extract", "finished", "/s/x.zip")], True),
        ([Job("10", "extract", "failed", "/s/x.zip"), Job("9", "extract", "finished", "/s/x.zip")], False),
        ([Job("9", "compress", "finished", "/s/x.zip"), Job("10", "extract", "finished", "/s/y.zip")], False),
    ],
)
def test_the_newest_task_for_the_archive_says_how_it_ended(jobs, ended):
    listed = SimpleNamespace(features=SimpleNamespace(list=True), list=lambda: jobs)
    client = SimpleNamespace(offers=lambda capability: True, jobs=listed)
    assert ended_well(client, "extract", "/s/x.zip") is ended
