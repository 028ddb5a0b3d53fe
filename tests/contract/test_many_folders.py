# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many folders in one task: side by side where each is a call, parents first, and what was made is told."""

from __future__ import annotations

import pytest
from ansible_collections.nasops.nas.plugins.module_utils import _vendors
from ansible_collections.nasops.nas.plugins.module_utils._core.model import FOLDER

PATHS = [f"/home/top/{one}/{two}" for one in range(6) for two in range(10)]
ALL = {"/home/top", *(f"/home/top/{one}" for one in range(6)), *PATHS}


def tree(device):
    """What is in the shares."""
    return {path for path in device.tree() if path.count("/") > 1}


def features(device):
    """What the vendor's client can with files."""
    return _vendors.VENDORS[device.vendor].files.features


@pytest.fixture
def make(do):
    """Runs nas_folder, with these folders unless others are given."""
    return lambda **options: do("nas_folder", **{"path": PATHS, **options})


def connections(device, task):
    """How many connections a task makes, on a device as new."""
    device.reset()
    before = device.connections
    task()
    return device.connections - before


def test_each_is_made_once_by_as_many_connections_as_are_asked_for(device, make):
    few = connections(device, lambda: make(path=PATHS[:4]))  # not worth more than one
    assert connections(device, lambda: make(parallel=1)) == few
    bulk = features(device).makes_at_once
    assert connections(device, make) == few + (0 if bulk else 3)
    assert tree(device) == ALL
    assert len(device.calls(device.told("create_folder"))) == (1 if bulk else len(ALL))
    assert len(device.calls_of("login")) == len(device.calls_of("logout")) == 1
    assert not make()["changed"]
    device.reset()
    assert set(make()["created"]) == ALL


def test_times(device, make):
    if FOLDER in features(device).sets_mtime_of:
        assert make(mtime="1700000000")["changed"]
        assert {int((device.root / path.lstrip("/")).stat().st_mtime) for path in PATHS} == {1_700_000_000}
        assert not make(mtime="1700000000")["changed"]


def test_the_first_failure_is_named_and_what_was_made_is_reported(device, make):
    bad = f"/home/top/3/{'x' * 300}"
    failed = make(path=[*PATHS[:30], bad, *PATHS[30:]])
    assert failed["failed"], failed
    # Some devices refuse the name when it is looked at, before any folder is made.
    assert failed["changed"] or failed["failure"]["call"] != device.told("create_folder"), failed
    assert failed["failure"]["kind"] in ("invalid_name", "invalid_argument"), failed
    assert set(failed["created"]) == tree(device)
    assert bad not in failed["created"]
    assert bad in failed["failure"]["path"] or features(device).makes_at_once
    assert make()["changed"] or tree(device) == ALL
    assert tree(device) == ALL


@pytest.mark.parametrize(("given", "words"), [(0, "less than 1"), (17, "too many")])
def test_how_many_connections_there_may_be(device, make, given, words):
    refused = make(parallel=given)
    assert words in refused["msg"]
    assert device.requests == 0
