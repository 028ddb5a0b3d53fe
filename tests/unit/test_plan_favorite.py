# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""nas_favorite's plan: a pure function of what is wished and what is there."""

from __future__ import annotations

import pytest
from ansible_collections.nasops.nas.plugins.module_utils._core.errors import Kind, NasError
from ansible_collections.nasops.nas.plugins.module_utils._core.model import FILE, FOLDER, Entry, Favorite
from ansible_collections.nasops.nas.plugins.modules.nas_favorite import (
    Wish,
    apply,
    differences,
    plan_favorites,
    require_folders,
    wished,
)

A, B, C = Favorite("/s/a", "a"), Favorite("/s/b", "bee"), Favorite("/s/c", "c", valid=False)
ALL = [A, B, C]


def steps(wish, present=None):
    present = ALL if present is None else present
    plan = plan_favorites(wish, present, wished(wish, present))
    return [(step.do, step.path, step.to) for step in plan.steps]


def names(wish, present=None):
    present = ALL if present is None else present
    return [(one.path, one.name) for one in wished(wish, present)]


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        (Wish({}), []),
        (Wish({"/s/a": None}), []),
        (Wish({"/s/a": "a", "/s/b": None}), []),
        (Wish({"/s/b": "b"}), [("edit", "/s/b", "b")]),
        (Wish({"/s/n": None}), [("add", "/s/n", "n")]),
        (Wish({"/s/n": "new", "/s/a": "aa"}), [("edit", "/s/a", "aa"), ("add", "/s/n", "new")]),
        (Wish({"/s/b": "a", "/s/a": "z"}), [("edit", "/s/a", "z"), ("edit", "/s/b", "a")]),
        (Wish({"/s/b": "a", "/s/a": "bee"}), [("replace_all", "", None)]),
        (Wish({"/s/a": None}, "absent"), [("delete", "/s/a", None)]),
        (Wish({"/s/n": None}, "absent"), []),
        (Wish({"/s/c": None, "/s/n": None}, "absent"), [("delete", "/s/c", None)]),
        (
            Wish({"/s/c": None, "/s/a": None}, "absent", clear_broken=True),
            [("clear_broken", "", None), ("delete", "/s/a", None)],
        ),
        (Wish({}, clear_broken=True), [("clear_broken", "", None)]),
        (Wish({"/s/n": "c"}, clear_broken=True), [("clear_broken", "", None), ("add", "/s/n", "c")]),
        (Wish({"/s/a": None, "/s/b": None}, exclusive=True), [("replace_all", "", None)]),
        (Wish({"/s/a": None, "/s/b": None, "/s/c": None}, exclusive=True), []),
        (Wish({"/s/b": None, "/s/a": None, "/s/c": None}, exclusive=True), [("replace_all", "", None)]),
        (Wish({}, exclusive=True), [("delete", "/s/a", None), ("delete", "/s/b", None), ("delete", "/s/c", None)]),
        (
            Wish({}, exclusive=True, clear_broken=True),
            [("clear_broken", "", None), ("delete", "/s/a", None), ("delete", "/s/b", None)],
        ),
    ],
)
def test_steps(wish, expected):
    assert steps(wish) == expected


def test_nothing_broken_is_not_cleared():
    assert steps(Wish({}, clear_broken=True), [A, B]) == []


def test_the_order():
    assert names(Wish({"/s/n": None, "/s/b": "x"})) == [("/s/a", "a"), ("/s/b", "x"), ("/s/c", "c"), ("/s/n", "n")]
    assert names(Wish({"/s/n": None, "/s/b": None}, exclusive=True)) == [("/s/n", "n"), ("/s/b", "bee")]


@pytest.mark.parametrize(
    "wish",
    [Wish({"/s/n": "a"}), Wish({"/s/b": "a"}), Wish({"/s/x/n": None, "/s/y/n": None}), Wish({"/s/x/c": None})],
)
def test_a_name_that_is_taken(wish):
    with pytest.raises(NasError) as caught:
        wished(wish, ALL)
    assert caught.value.kind is Kind.EXISTS


def test_differences():
    after = wished(Wish({"/s/n": None, "/s/b": "b"}, exclusive=True), ALL)
    assert differences(ALL, after) == {"added": ["/s/n"], "renamed": ["/s/b"], "deleted": ["/s/a", "/s/c"]}
    assert differences(ALL, ALL) == {"added": [], "renamed": [], "deleted": []}


def test_only_folders():
    found = {"/s/f": Entry("/s/f", FILE), "/s/d": Entry("/s/d", FOLDER), "/s/n": None}
    require_folders(["/s/d"], found, promised=False)
    require_folders(["/s/n"], found, promised=True)
    for path, promised, kind in (("/s/f", True, Kind.WRONG_TYPE), ("/s/n", False, Kind.NOT_FOUND)):
        with pytest.raises(NasError) as caught:
            require_folders([path], found, promised=promised)
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


def carry_out(wish, device):
    present = device.list()
    after = wished(wish, present)
    return apply(device, plan_favorites(wish, present, after), wish, after)


@pytest.mark.parametrize(
    "wish",
    [
        Wish({"/s/n": None, "/s/b": "a", "/s/a": "z"}, clear_broken=True),
        Wish({"/s/b": "a", "/s/a": "bee"}),
        Wish({"/s/a": None}, "absent"),
        Wish({}, exclusive=True),
        Wish({"/s/n": None}, places={"/s/n": 0}),
        Wish({"/s/n": None}, places={"/s/n": 3}),
        Wish({"/s/n": None}, places={"/s/n": 99}),
        Wish({"/s/n": None, "/s/a": "x", "/s/o": None}, places={"/s/n": 1, "/s/a": 2, "/s/o": 1}),
        Wish({"/s/n": None, "/s/a": "x"}, places={"/s/n": 2}, clear_broken=True),
    ],
)
def test_what_is_carried_out_is_what_was_planned(wish):
    device = Device(ALL)
    assert carry_out(wish, device) == wished(wish, ALL)
    assert steps(wish, device.there) == []


@pytest.mark.parametrize(
    ("wish", "ignored"),
    [
        (Wish({"/s/n": None}), "add"),
        (Wish({"/s/b": "x"}), "edit"),
        (Wish({"/s/b": None}, "absent"), "delete"),
        (Wish({"/s/b": None}, exclusive=True), "replace_all"),
        (Wish({}, clear_broken=True), "clear_broken"),
    ],
)
def test_a_device_that_does_nothing(wish, ignored):
    with pytest.raises(NasError) as caught:
        carry_out(wish, Device(ALL, [ignored]))
    assert caught.value.kind is Kind.MISMATCH


def test_the_place_of_a_new_favorite():
    found = names(Wish({"/s/n": None, "/s/c": None}, places={"/s/n": 1, "/s/c": 0}))
    assert [path for path, _name in found] == ["/s/a", "/s/n", "/s/b", "/s/c"]


def test_a_device_that_puts_it_elsewhere():
    class Careless(Device):
        def _add(self, path, name, index):
            self.there.append(Favorite(path, name))

    with pytest.raises(NasError) as caught:
        carry_out(Wish({"/s/n": None}, places={"/s/n": 0}), Careless(ALL))
    assert caught.value.kind is Kind.MISMATCH
