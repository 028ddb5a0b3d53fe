# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""nas_find: what meets the criteria, whoever looks for it."""

from __future__ import annotations

import pytest
from ansible_collections.nasops.nas.plugins.module_utils._core.device import Criteria
from ansible_collections.nasops.nas.plugins.module_utils._core.errors import Kind, NasError
from ansible_collections.nasops.nas.plugins.module_utils._core.model import FILE, FOLDER, Entry
from ansible_collections.nasops.nas.plugins.module_utils._plans.find import (
    Desired,
    criteria_of,
    fits,
    is_for_search,
    is_in_reach,
)
from ansible_collections.nasops.nas.plugins.modules.nas_find import AGES, SIZES, bounds, completed, walk

TOP = "/s/top"


def file(path="/s/top/a.txt", **more):
    return Entry(path, FILE, **{"size": 10, "mtime": 100, "owner": "ann", "group": "users", **more})


def folder(path="/s/top/d", **more):
    return Entry(path, FOLDER, **{"mtime": 100, "owner": "ann", "group": "users", **more})


def desired(**more):
    return Desired((TOP,), **more)


class Tree:
    """Files that answer from a dict of folders; an error instead of a list is raised."""

    def __init__(self, folders):
        self.folders, self.listed, self.asked = folders, [], []

    def list(self, path):
        self.listed.append(path)
        found = self.folders[path]
        if isinstance(found, NasError):
            raise found
        return iter(found)

    def stat(self, paths):
        self.asked.append(paths)
        known = {entry.path: entry for entries in self.folders.values() for entry in entries}
        return {path: known.get(path) for path in paths}


@pytest.mark.parametrize(
    ("name", "patterns", "excludes", "expected"),
    [
        ("a.txt", (), (), True),
        ("a.txt", ("*.txt",), (), True),
        ("a.TXT", ("*.txt",), (), False),
        ("a.txt", ("*.jpg", "a*"), (), True),
        ("a.txt", ("*.txt",), ("a*",), False),
        ("a.txt", (), ("*.jpg",), True),
        ("a.txt", ("a",), (), False),
        ("2024", ("2024",), (), True),
        ("[1]", ("[1]",), (), False),
        ("[1]", ("[[]1]",), (), True),
        ("x", ("[!a-c]",), (), True),
        ("\u00e9", ("\u00e9",), (), True),
        ("e\u0301", ("\u00e9",), (), False),
        ("a\nb", ("a?b",), (), True),
        ("latin-\udce9", ("latin-?",), (), True),
        (" lead", (" *",), (), True),
    ],
)
def test_names(name, patterns, excludes, expected):
    assert fits(file(f"{TOP}/{name}"), desired(patterns=patterns, excludes=excludes)) is expected


@pytest.mark.parametrize(
    ("entry_type", "expected"), [(FILE, (True, False)), (FOLDER, (False, True)), (None, (True, True))]
)
def test_types_of_entries(entry_type, expected):
    assert (fits(file(), desired(type=entry_type)), fits(folder(), desired(type=entry_type))) == expected


@pytest.mark.parametrize(
    ("criteria", "expected"),
    [
        ({"smallest": 10}, True),
        ({"smallest": 11}, False),
        ({"largest": 10}, True),
        ({"largest": 9}, False),
        ({"newest": 100}, True),
        ({"newest": 99}, False),
        ({"oldest": 100}, True),
        ({"oldest": 101}, False),
        ({"owner": "ann"}, True),
        ({"owner": "Ann"}, False),
        ({"group": "users", "owner": "ann"}, True),
        ({"group": "admins", "owner": "ann"}, False),
    ],
)
def test_bounds_include_their_value(criteria, expected):
    assert fits(file(), desired(**criteria)) is expected


def test_a_folder_has_no_size():
    assert fits(folder(), desired(type=None, smallest=10**12))


def test_an_unknown_time():
    entry = file(mtime=None)
    assert fits(entry, desired())
    assert fits(entry, desired(newest=100), unknown=True)
    assert not fits(entry, desired(newest=100))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, (None, None)),
        ("0", (0, None)),
        ("512", (512, None)),
        ("+1k", (1024, None)),
        ("-10M", (None, 10485760)),
        ("2t", (2199023255552, None)),
        ("7b", (7, None)),
    ],
)
def test_sizes(text, expected):
    assert bounds(text, "size", SIZES, "10m") == expected


@pytest.mark.parametrize(("text", "expected"), [("1w", (604800, None)), ("-2d", (None, 172800)), ("3m", (180, None))])
def test_ages(text, expected):
    assert bounds(text, "age", AGES, "30d") == expected


@pytest.mark.parametrize("text", ["", "m", "1.5g", "1x", "--1", "10 m", "1kb", "\u0663"])
def test_a_size_that_is_none(text):
    with pytest.raises(NasError, match=r"option size: .* is not a valid size") as caught:
        bounds(text, "size", SIZES, "10m or -4k")
    assert caught.value.kind is Kind.USAGE


@pytest.mark.parametrize(
    ("below", "more", "expected"),
    [
        ("a", {}, True),
        ("d/a", {}, False),
        ("d/a", {"levels": 2}, True),
        ("d/e/a", {"levels": 2}, False),
        ("d/e/f/a", {"levels": None}, True),
        (".a", {}, False),
        (".a", {"hidden": True}, True),
        (".d/a", {"levels": None}, False),
        (".d/a", {"levels": None, "hidden": True}, True),
        ("@Recycle/a", {"levels": None}, False),
        ("#recycle/a", {"levels": None}, False),
        ("#recycle/a", {"levels": None, "hidden": True}, True),
        ("@eaDir/a", {"levels": None, "hidden": True}, False),
    ],
)
def test_which_entries_the_depth_includes(below, more, expected):
    assert is_in_reach(f"{TOP}/{below}", TOP, desired(**more)) is expected


def test_a_path_that_is_named_is_included():
    assert is_in_reach("/s/@Recycle/.x/a", "/s/@Recycle/.x", desired())


@pytest.mark.parametrize(
    ("top", "more", "expected"),
    [
        (TOP, {"levels": None}, True),
        (TOP, {"levels": 2}, True),
        (TOP, {"levels": 1}, False),
        (TOP, {"levels": None, "hidden": True}, False),
        ("/s/.x", {"levels": None}, False),
        ("/s/@Recycle/d", {"levels": None}, False),
    ],
)
def test_search_or_lists(top, more, expected):
    assert is_for_search(top, desired(**more), True) is expected


def test_links_are_followed_by_us_where_the_device_tells_them():
    assert not is_for_search(TOP, desired(levels=None, follow=True), True)
    assert is_for_search(TOP, desired(levels=None, follow=True), False)


def test_a_search_for_folders_must_not_go_by_size():
    assert criteria_of(desired(type=None, smallest=1, newest=5, patterns=("a",))) == Criteria(("a",), newest=5)
    assert criteria_of(desired(smallest=1, largest=2)) == Criteria(type=FILE, smallest=1, largest=2)


def test_a_walk_reads_no_folder_in_vain():
    files = Tree(
        {
            TOP: [file(), folder(), folder(f"{TOP}/.h"), folder(f"{TOP}/@eaDir")],
            f"{TOP}/d": [folder(f"{TOP}/d/e")],
            f"{TOP}/d/e": [file(f"{TOP}/d/e/f")],
            f"{TOP}/.h": [],
        }
    )
    assert [entry.path for entry in walk(files, TOP, desired(levels=2), {})] == [file().path, f"{TOP}/d", f"{TOP}/d/e"]
    assert files.listed == [TOP, f"{TOP}/d"]
    assert f"{TOP}/d/e/f" in [entry.path for entry in walk(files, TOP, desired(levels=None), {})]
    files.listed.clear()
    list(walk(files, TOP, desired(hidden=True), {}))
    assert files.listed == [TOP]


def test_a_walk_past_what_is_closed_or_gone():
    closed = NasError(Kind.PERMISSION_DENIED, "permission denied")
    tops = [folder(f"{TOP}/closed"), folder(f"{TOP}/gone"), folder(f"{TOP}/open")]
    files = Tree(
        {
            TOP: tops,
            f"{TOP}/closed": closed,
            f"{TOP}/gone": NasError(Kind.NOT_FOUND, "gone"),
            f"{TOP}/open": [file(f"{TOP}/open/f")],
        }
    )
    skipped = {}
    assert len(list(walk(files, TOP, desired(levels=None), skipped))) == 4
    assert skipped == {f"{TOP}/closed": "permission denied"}
    for error in (closed, NasError(Kind.NOT_FOUND, "gone")):
        files.folders[TOP] = error
        with pytest.raises(NasError):
            list(walk(files, TOP, desired(), {}))
    files.folders = {TOP: tops, f"{TOP}/open": NasError(Kind.CONNECTION, "reset")}
    with pytest.raises(NasError, match="reset"):
        list(walk(files, TOP, desired(levels=None), {}))


def test_times_that_a_search_left_out_are_asked_for_at_once():
    files = Tree({TOP: [file(f"{TOP}/b", mtime=5), file(f"{TOP}/c", mtime=6)]})
    entries = [
        file(f"{TOP}/c", mtime=None),
        file(f"{TOP}/b", mtime=None),
        file(f"{TOP}/a"),
        file(f"{TOP}/x", mtime=None),
    ]
    found = completed(files, {entry.path: entry for entry in entries})
    assert [(entry.name, entry.mtime) for entry in found] == [("a", 100), ("b", 5), ("c", 6)]
    assert files.asked == [[f"{TOP}/c", f"{TOP}/b", f"{TOP}/x"]]
    assert completed(files, {}) == []
    assert len(files.asked) == 1
