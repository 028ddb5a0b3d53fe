# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Paths and points in time, as users write them."""

from __future__ import annotations

import pytest
from ansible_collections.nasops.nas.plugins.module_utils._core import paths as _paths
from ansible_collections.nasops.nas.plugins.module_utils._core import times as _times
from ansible_collections.nasops.nas.plugins.module_utils._core.errors import Kind, NasError


@pytest.mark.parametrize(
    "path", ["/s", "/s/2024", "/s/a, b.txt", "/s/é", "/s/e\u0301", "/s/100% #1+?.txt", "/s/[1]", "/s/ a ", "/s/..."]
)
def test_names_are_taken_exactly(path):
    assert _paths.check(path) == path


@pytest.mark.parametrize("path", ["", "s/a", "/", "//", "/s//a", "/s/", "/s/../a", "/s/.", "/s/a\0b", "/.."])
def test_bad_paths_are_named(path):
    with pytest.raises(NasError) as caught:
        _paths.check(path, "some_option")
    assert caught.value.kind is Kind.USAGE
    assert "some_option" in str(caught.value)
    assert caught.value.hint


def test_a_folder_may_end_with_a_slash():
    assert _paths.check_folder("/s/a/") == "/s/a"
    with pytest.raises(NasError):
        _paths.check_folder("/s/a//")
    with pytest.raises(NasError):
        _paths.check_folder("/")


def test_parts_of_a_path():
    assert _paths.parent("/s/a/b") == "/s/a"
    assert _paths.parent("/s") == "/"
    assert _paths.name("/s/a/b") == "b"
    assert _paths.share("/s/a/b") == "/s"
    assert _paths.ancestors("/s/a/b") == ["/s", "/s/a"]
    assert _paths.ancestors("/s") == []
    assert _paths.is_share("/s")
    assert not _paths.is_share("/s/a")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0),
        ("1767225600", 1767225600),
        ("1767225600.987654", 1767225600),
        ("1767225600.0", 1767225600),
        ("2026-01-01T00:00:00Z", 1767225600),
        ("2026-01-01T01:00:00+01:00", 1767225600),
    ],
)
def test_times(text, seconds):
    assert _times.parse(text, "mtime") == seconds


@pytest.mark.parametrize("text", ["", "yesterday", "-5", "-5.5", ".5", "1.5.5", "1e9", "nan", "2026-13-01"])
def test_bad_times_are_named(text):
    with pytest.raises(NasError, match="option mtime"):
        _times.parse(text, "mtime")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90m", 5400), ("12h", 43200), ("30d", 2592000), ("2w", 1209600), ("30", None), ("d", None), ("1.5h", None)],
)
def test_durations(text, seconds):
    assert _times.duration(text) == seconds


def test_a_time_for_people():
    assert _times.parse(_times.readable(1767225600), "expires") == 1767225600
    assert _times.readable(10**18) == f"{10**18} seconds since 1970"


def test_a_stamp_sorts_and_holds_no_character_that_devices_refuse():
    assert _times.stamp(1767225600) == "20260101T000000Z"
