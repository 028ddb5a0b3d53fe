# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A device without limits: listings without an end, and sizes that cannot be, are clear errors of every client."""

from __future__ import annotations

import pytest
from ansible_collections.nasops.nas.plugins.module_utils._core import pages as _pages
from ansible_collections.nasops.nas.plugins.module_utils._core.errors import Kind

from tests.support.devices import ABOUT, lacks


def applies(test, vendor, params):
    if test == "test_a_size_that_cannot_be":  # of a Synology: tests/unit/plugins/module_utils/_synology/test_files.py
        return "bad_size" in ABOUT[vendor]
    # One answer holds a whole folder up to API 14.
    return not any(lacks(*value, "pages") for value in params.values() if isinstance(value, tuple))


@pytest.fixture
def place(nas):
    place = nas.place()
    for name in "ab":
        (place.disk / name).write_bytes(b"1234")
    return place


@pytest.mark.parametrize("variant", ["same", "new"])
def test_a_listing_without_an_end(nas, place, variant, monkeypatch):
    monkeypatch.setattr(_pages, "PAGES", 30)
    nas.faults({"call": nas.told("list"), "times": 0, "do": {"vendor": nas.told("endless"), "value": variant}})
    with nas.refuses(Kind.PROTOCOL) as refusal:
        list(nas.files.list(place.path))
    assert "never ends" in refusal.error.message
    assert (refusal.error.call, refusal.error.path) == (nas.told("list"), place.path)
    nas.faults()
    assert [entry.name for entry in nas.files.list(place.path)] == ["a", "b"]


@pytest.mark.parametrize("size", [-1, "many", 2**64])
def test_a_size_that_cannot_be(nas, place, size):
    nas.faults({"call": nas.told("list"), "do": {"vendor": nas.told("bad_size"), "value": size}})
    with nas.refuses(Kind.PROTOCOL) as refusal:
        list(nas.files.list(place.path))
    assert "size" in refusal.error.message
    nas.faults()
    assert [entry.size for entry in nas.files.list(place.path)] == [4, 4]
