# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What nas_info and nas_stat decide before any call."""

from __future__ import annotations

import pytest
from ansible_collections.nasops.nas.plugins.module_utils import _vendors
from ansible_collections.nasops.nas.plugins.module_utils._core.errors import Kind, NasError
from ansible_collections.nasops.nas.plugins.module_utils._core.model import Share
from ansible_collections.nasops.nas.plugins.module_utils._delivery.subsets import SUBSETS
from ansible_collections.nasops.nas.plugins.modules.nas_info import read, wanted
from ansible_collections.nasops.nas.plugins.modules.nas_stat import read_algorithm

VENDORS = sorted(_vendors.VENDORS)


@pytest.mark.parametrize("vendor", VENDORS)
def test_all_is_what_the_vendor_tells(vendor):
    reported = wanted(vendor, ["all"])
    assert {"device", "shares"} <= set(reported)
    assert ("tasks" in reported) is _vendors.VENDORS[vendor].jobs.features.list
    for name, subset in SUBSETS.items():
        if name != "tasks":
            assert (name in reported) is _vendors.VENDORS[vendor].offers(subset.capability)


def test_asked_for_by_name():
    assert wanted("qnap", ["shares", "device", "device"]) == ["device", "shares"]
    assert wanted("synology", []) == []


@pytest.mark.parametrize(
    ("vendor", "name", "able"),
    [("freebox", "mounts", "synology"), ("synology", "network", "qnap"), ("freebox", "container_station", "qnap")],
)
@pytest.mark.parametrize("beside", [[], ["all"]])
def test_what_a_vendor_lacks_is_an_error_that_names_the_others(vendor, name, able, beside):
    with pytest.raises(NasError) as caught:
        wanted(vendor, [*beside, name])
    assert caught.value.kind is Kind.UNSUPPORTED
    assert f"{vendor}: this NAS does not offer {name}" in str(caught.value)
    assert vendor not in caught.value.message
    assert able in caught.value.hint


class Asked:
    """The context of a task, as far as a subset asks for it."""

    client = None

    def __init__(self, gather):
        self.params = {"gather": gather}
        self.warnings = []


@pytest.mark.parametrize(
    ("name", "kind", "is_told"),
    [
        ("shares", Kind.UNSUPPORTED, True),
        ("share_links", Kind.UNSUPPORTED, True),
        ("device", Kind.UNSUPPORTED, True),
        ("shares", Kind.TIMEOUT, True),
        ("container_station", Kind.UNSUPPORTED, False),
        ("container_station", Kind.TIMEOUT, True),
    ],
)
def test_what_each_device_has_is_never_missing_without_a_word(monkeypatch, name, kind, is_told):
    def fail(nas):
        raise NasError(kind, "the device has no such page", vendor="qnap", code="HTTP 404", hint="Switch it on")

    monkeypatch.setitem(SUBSETS, name, SUBSETS[name]._replace(read=fail))
    asked = Asked(["all"])
    assert read(asked, name) == {}
    told = [f"{name} is left out: qnap: the device has no such page (code HTTP 404). Switch it on"]
    assert asked.warnings == (told if is_told else [])
    with pytest.raises(NasError):
        read(Asked(["all", name]), name)


@pytest.mark.parametrize(
    ("vendor", "desired", "algorithm"),
    [
        ("synology", True, "md5"),
        ("synology", "yes", "md5"),
        ("freebox", True, "sha256"),
        ("freebox", "sha1", "sha1"),
        ("freebox", "md5", "md5"),
        ("qnap", False, None),
        ("qnap", "no", None),
    ],
)
def test_algorithms(vendor, desired, algorithm):
    assert read_algorithm(vendor, desired) == algorithm


@pytest.mark.parametrize("desired", ["crc32", ["md5"], {}])
def test_no_algorithms(desired):
    with pytest.raises(NasError, match="option checksum") as caught:
        read_algorithm("freebox", desired)
    assert "sha512" in caught.value.hint


def test_algorithms_of_other_vendors():
    with pytest.raises(NasError) as caught:
        read_algorithm("synology", "sha256")
    assert caught.value.kind is Kind.UNSUPPORTED
    able = _vendors.vendors_with(lambda nas: "sha256" in nas.files.features.checksum_algorithms)
    assert caught.value.hint == f"Offered by: {', '.join(able)}"


@pytest.mark.parametrize(
    ("total", "free", "used", "percent"),
    [
        (1000, 186, 814, 81.4),
        (3, 2, 1, 33.3),
        (0, 0, 0, None),
        (None, 5, None, None),
        (5, None, None, None),
        (5, 9, 0, 0),
    ],
)
def test_how_full_a_share_is(total, free, used, percent):
    reported = Share("home", "/home", total, free).as_result()
    assert (reported["used"], reported["percent_used"]) == (used, percent)


def test_every_result_of_nas_info_can_be_had_with_a_point_in_jinja():
    assert not {subset.also_as or name for name, subset in SUBSETS.items()} & set(dir(dict))
