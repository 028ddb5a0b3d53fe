# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""nas_favorite's plan: a pure function of what is desired and what is there."""

from __future__ import annotations

import pytest
from ansible_collections.nasops.nas.plugins.module_utils._core.device import Favorite
from ansible_collections.nasops.nas.plugins.module_utils._core.errors import Kind, NasError
from ansible_collections.nasops.nas.plugins.module_utils._core.model import FILE, FOLDER, Entry
from ansible_collections.nasops.nas.plugins.module_utils._delivery.favorites import apply
from ansible_collections.nasops.nas.plugins.module_utils._plans.favorites import (
    Desired,
    desired_favorites,
    differences,
    plan_favorites,
    require_folders,
)

A, B, C = Favorite("/s/a", "a"), Favorite("/s/b", "bee"), Favorite("/s/c", "c", valid=False)
ALL = [A, B, C]


def steps(desired, current=None):
    current = ALL if current is None else current
    plan = plan_favorites(desired, current, desired_favorites(desired, current))
    return [(step.do, step.path, step.name or None) for step in plan.steps]


def names(desired, current=None):
    current = ALL if current is None else current
    return [(one.path, one.name) for one in desired_favorites(desired, current)]


@pytest.mark.parametrize(
    ("desired", "expected"),
    [
        (Desired({}), []),
        (Desired({"/s/a": None}), []),
        (Desired({"/s/a": "a", "/s/b": None}), []),
        (Desired({"/s/b": "b"}), [("edit", "/s/b", "b")]),
        (Desired({"/s/n": None}), [("add", "/s/n", "n")]),
        (Desired({"/s/n": "new", "/s/a": "aa"}), [("edit", "/s/a", "aa"), ("add", "/s/n", "new")]),
        (Desired({"/s/b": "a", "/s/a": "z"}), [("edit", "/s/a", "z"), ("edit", "/s/b", "a")]),
        (Desired({"/s/b": "a", "/s/a": "bee"}), [("replace_all", "", None)]),
        (Desired({"/s/a": None}, "absent"), [("delete", "/s/a", None)]),
        (Desired({"/s/n": None}, "absent"), []),
        (Desired({"/s/c": None, "/s/n": None}, "absent"), [("delete", "/s/c", None)]),
        (
            Desired({"/s/c": None, "/s/a": None}, "absent", clear_broken=True),
            [("clear_broken", "", None), ("delete", "/s/a", None)],
        ),
        (Desired({}, clear_broken=True), [("clear_broken", "", None)]),
        (Desired({"/s/n": "c"}, clear_broken=True), [("clear_broken", "", None), ("add", "/s/n", "c")]),
        (Desired({"/s/a": None, "/s/b": None}, exclusive=True), [("replace_all", "", None)]),
        (Desired({"/s/a": None, "/s/b": None, "/s/c": None}, exclusive=True), []),
        (Desired({"/s/b": None, "/s/a": None, "/s/c": None}, exclusive=True), [("replace_all", "", None)]),
        (Desired({}, exclusive=True), [("delete", "/s/a", None), ("delete", "/s/b", None), ("delete", "/s/c", None)]),
        (
            Desired({}, exclusive=True, clear_broken=True),
            [("clear_broken", "", None), ("delete", "/s/a", None), ("delete", "/s/b", None)],
        ),
    ],
)
def test_steps(desired, expected):
    assert steps(desired) == expected


def test_nothing_broken_is_not_cleared():
    assert steps(Desired({}, clear_broken=True), [A, B]) == []


def test_the_order():
    assert names(Desired({"/s/n": None, "/s/b": "x"})) == [("/s/a", "a"), ("/s/b", "x"), ("/s/c", "c"), ("/s/n", "n")]
    assert names(Desired({"/s/n": None, "/s/b": None}, exclusive=True)) == [("/s/n", "n"), ("/s/b", "bee")]


@pytest.mark.parametrize(
    "desired",
    [
        Desired({"/s/n": "a"}),
        Desired({"/s/b": "a"}),
        Desired({"/s/x/n": None, "/s/y/n": None}),
        Desired({"/s/x/c": None}),
    ],
)
def test_a_name_that_is_taken(desired):
    with pytest.raises(NasError) as caught:
        desired_favorites(desired, ALL)
    assert caught.value.kind is Kind.EXISTS


def test_differences():
    after = desired_favorites(Desired({"/s/n": None, "/s/b": "b"}, exclusive=True), ALL)
    assert differences(ALL, after) == {"added": ["/s/n"], "renamed": ["/s/b"], "deleted": ["/s/a", "/s/c"]}
    assert differences(ALL, ALL) == {"added": [], "renamed": [], "deleted": []}


def test_only_folders():
    found = {"/s/f": Entry("/s/f", FILE), "/s/d": Entry("/s/d", FOLDER), "/s/n": None}
    require_folders(["/s/d"], found, may_be_created_earlier=False)
    require_folders(["/s/n"], found, may_be_created_earlier=True)
    for path, may_be_created_earlier, kind in (("/s/f", True, Kind.WRONG_TYPE), ("/s/n", False, Kind.NOT_FOUND)):
        with pytest.raises(NasError) as caught:
            require_folders([path], found, may_be_created_earlier=may_be_created_earlier)
        assert caught.value.kind is kind


class Device:
    """Favorites that a device has; it ignores what it is told to."""

    def __init__(self, there, ignores=()):
        self.there, self.ignores, self.calls = list(there), ignores, []

    def list(self):
        return self.there

    def __getattr__(self, name):
        def call(*arguments):
            self.calls.append(name)
            if name not in self.ignores:
                getattr(self, f"_{name}")(*arguments)

        return call

    def _add(self, path, name, index):
        assert index is None or 0 <= index < len(self.there)
        self.there.insert(len(self.there) if index is None else index, Favorite(path, name))

    def _delete(self, path):
        self.there = [one for one in self.there if one.path != path]

    def _edit(self, path, name):
        self.there = [Favorite(path, name) if one.path == path else one for one in self.there]

    def _clear_broken(self):
        self.there = [one for one in self.there if one.valid]

    def _replace_all(self, favorites):
        self.there = list(favorites)


def carry_out(desired, device):
    current = device.list()
    after = desired_favorites(desired, current)
    return apply(device, plan_favorites(desired, current, after), desired, after)


@pytest.mark.parametrize(
    "desired",
    [
        Desired({"/s/n": None, "/s/b": "a", "/s/a": "z"}, clear_broken=True),
        Desired({"/s/b": "a", "/s/a": "bee"}),
        Desired({"/s/a": None}, "absent"),
        Desired({}, exclusive=True),
        Desired({"/s/n": None}, places={"/s/n": 0}),
        Desired({"/s/n": None}, places={"/s/n": 3}),
        Desired({"/s/n": None}, places={"/s/n": 99}),
        Desired({"/s/n": None, "/s/a": "x", "/s/o": None}, places={"/s/n": 1, "/s/a": 2, "/s/o": 1}),
        Desired({"/s/n": None, "/s/a": "x"}, places={"/s/n": 2}, clear_broken=True),
    ],
)
def test_what_is_carried_out_is_what_was_planned(desired):
    device = Device(ALL)
    assert carry_out(desired, device) == desired_favorites(desired, ALL)
    assert steps(desired, device.there) == []


@pytest.mark.parametrize(
    ("desired", "ignored"),
    [
        (Desired({"/s/n": None}), "add"),
        (Desired({"/s/b": "x"}), "edit"),
        (Desired({"/s/b": None}, "absent"), "delete"),
        (Desired({"/s/b": None}, exclusive=True), "replace_all"),
        (Desired({}, clear_broken=True), "clear_broken"),
    ],
)
def test_a_device_that_does_nothing(desired, ignored):
    with pytest.raises(NasError) as caught:
        carry_out(desired, Device(ALL, [ignored]))
    assert caught.value.kind is Kind.MISMATCH


def test_the_place_of_a_new_favorite():
    found = names(Desired({"/s/n": None, "/s/c": None}, places={"/s/n": 1, "/s/c": 0}))
    assert [path for path, _name in found] == ["/s/a", "/s/n", "/s/b", "/s/c"]


def test_a_device_that_puts_it_elsewhere():
    class Careless(Device):
        def _add(self, path, name, index):
            self.there.append(Favorite(path, name))

    with pytest.raises(NasError) as caught:
        carry_out(Desired({"/s/n": None}, places={"/s/n": 0}), Careless(ALL))
    assert caught.value.kind is Kind.MISMATCH
