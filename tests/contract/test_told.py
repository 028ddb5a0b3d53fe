# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What tests are told of vendors: all that the contract asks for, named where it is missing; and what is left out."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest
from ansible_collections.nasops.nas.plugins.module_utils import _vendors

from tests import conftest
from tests.support.devices import ABOUT, FALLBACKS, ROOT, lacks, told

OF_SOME = {"lacks", "administration", "bin", "settings", "jobs", "poll", "stop", "job_error", "pretends", "bad_size"}


def documented():
    """The names at the head of the file."""
    text = (ROOT / "tests" / "support" / "vendors.yml").read_text(encoding="utf-8")
    head = " ".join(line[1:].strip() for line in text.splitlines() if line.startswith("#"))
    return set(re.findall(r"`(\w+)`", head))


@pytest.mark.parametrize("vendor", ABOUT)
def test_all_is_told_of_each_vendor(vendor):
    names = {name for about in ABOUT.values() for name in about} - OF_SOME
    assert [name for name in sorted(names) if told(vendor, name) is None] == []
    if told(vendor, "generations") and ABOUT[vendor].get("jobs"):
        assert all(told(vendor, name) for name in ("poll", "stop", "job_error"))


def test_the_head_tells_of_every_name():
    assert {name for about in ABOUT.values() for name in about} <= documented()


def test_what_is_not_told_is_named():
    with pytest.raises(LookupError, match=re.escape("vendors.yml has no `upload_end` of nobody")):
        told("nobody", "upload_end")
    for vendor in ABOUT:
        for name, instead in FALLBACKS.items():
            assert told(vendor, name) == ABOUT[vendor].get(name, ABOUT[vendor][instead])
        assert not lacks(vendor, "no such generation", "checksum")


def one(vendor, *needed):
    """A test for a vendor."""
    marks = [SimpleNamespace(args=needed)] if needed else []
    return SimpleNamespace(
        get_closest_marker=lambda name: next(iter(marks), None),
        iter_markers=lambda name: marks,
        callspec=SimpleNamespace(params={"check": ["x"], "vendor": vendor}),
    )


def test_a_vendor_is_left_out_where_a_capability_that_it_lacks_is_needed():
    nas = _vendors.VENDORS["freebox"]
    assert {"copies", "pairing"} <= set(nas.capabilities())
    assert "favorites" not in nas.capabilities()
    stays = [one("freebox"), one("freebox", "copies", "pairing"), one("nobody", "favorites")]
    goes = [one("freebox", "copies", "favorites"), one(("freebox", "v4"), "favorites")]
    items, left_out = [*stays, *goes], []

    class Hook:
        def pytest_deselected(self, items):
            left_out.extend(items)

    conftest.pytest_collection_modifyitems(SimpleNamespace(hook=Hook()), items)
    assert (items, left_out) == (stays, goes)
