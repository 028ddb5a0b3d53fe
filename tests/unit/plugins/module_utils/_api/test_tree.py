# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Walks through folders: links are not gone into, and there is always an end."""

from __future__ import annotations

import os
import posixpath

import pytest
from ansible_collections.nasops.nas.plugins.module_utils._api import tree as _tree
from ansible_collections.nasops.nas.plugins.module_utils._api.files import FileFeatures
from ansible_collections.nasops.nas.plugins.module_utils._core.errors import Kind, NasError
from ansible_collections.nasops.nas.plugins.module_utils._core.model import FILE, FOLDER, Entry
from ansible_collections.nasops.nas.plugins.module_utils._core.waiting import Watch
from ansible_collections.nasops.nas.plugins.module_utils._delivery.archive_record import below
from ansible_collections.nasops.nas.plugins.module_utils._plans.find import Desired
from ansible_collections.nasops.nas.plugins.modules.nas_find import walk, without_links

TARGET, NO_TARGET, SILENT = "link and target", "link alone", "nothing"


class Device:
    """Files on a disk of our own, with links, reported as a vendor reports them."""

    features = FileFeatures(links=True)

    def __init__(self, root, tells):
        self.root, self.tells, self.lists = str(root), tells, 0

    def entry(self, path):
        real = self.root + path
        entry_type = FOLDER if os.path.isdir(real) else FILE
        link = os.path.islink(real)
        return Entry(
            path,
            entry_type,
            None if entry_type == FOLDER else 1,
            5,
            link=None if self.tells == SILENT else link,
            target=os.readlink(real) if link and self.tells == TARGET else None,
        )

    def stat(self, paths):
        return {path: self.entry(path) if os.path.lexists(self.root + path) else None for path in paths}

    def list(self, path):
        self.lists += 1
        try:
            names = sorted(os.listdir(self.root + path))
        except OSError as error:
            raise NasError(Kind.NOT_FOUND, str(error), path=path) from None
        return iter([self.entry(f"{path}/{name}") for name in names])


@pytest.fixture
def disk(tmp_path):
    """Makes files, folders and links from a dict: None is a folder, text a link's target, bytes a file."""

    def make(tree, tells):
        for path, what in tree.items():
            place = tmp_path / path
            place.parent.mkdir(parents=True, exist_ok=True)
            if what is None:
                place.mkdir(exist_ok=True)
            elif isinstance(what, str):
                place.symlink_to(what)
            else:
                place.write_bytes(what)
        return Device(tmp_path, tells)

    return make


def found(device, top="/d/tmp", **more):
    desired = Desired((top,), type=None, **{"levels": None, **more})
    return sorted(entry.path[len(top) + 1 :] for entry in walk(device, top, desired, {}))


OUT = {"d/photos/a.jpg": b"a", "d/photos/deep/b.jpg": b"b", "d/tmp/x": b"x", "d/tmp/album": "../photos"}
LOOPS = {
    "one": {"d/tmp/x": b"x", "d/tmp/y": b"y", "d/tmp/loop": "."},
    "two": {"d/tmp/x": b"x", "d/tmp/a": ".", "d/tmp/b": "."},
    "each other": {"d/tmp/p/x": b"x", "d/tmp/q/y": b"y", "d/tmp/p/to_q": "../q", "d/tmp/q/to_p": "../p"},
    "up": {"d/tmp/p/q/r/x": b"x", "d/tmp/p/q/r/up": "../..", "d/tmp/p/q/again": ".."},
    "many": {"d/tmp/p/x": b"x", **{f"d/tmp/p/l{number}": ".." for number in range(12)}},
}


@pytest.mark.parametrize("tells", [TARGET, NO_TARGET])
def test_nothing_behind_a_link_is_found_walked_or_packed(disk, tells):
    device = disk(OUT, tells)
    assert found(device) == ["album", "x"]
    assert sorted(_tree.walk(device, device.entry("/d/tmp"))) == ["", "album", "x"]
    assert sorted(member.path for member in below(device, "/d/tmp", "tmp")) == ["tmp/album", "tmp/x"]


@pytest.mark.parametrize("tells", [TARGET, NO_TARGET])
@pytest.mark.parametrize("loops", LOOPS)
def test_links_that_lead_back_are_not_gone_into(disk, tells, loops):
    device = disk(LOOPS[loops], tells)
    real = [path[len("d/tmp/") :] for path in LOOPS[loops]]
    folders = {above for path in real for above in _tree.above(path) if above}
    assert found(device) == sorted({*real, *folders})
    assert set(_tree.walk(device, device.entry("/d/tmp"))) == {"", *real, *folders}


@pytest.mark.parametrize("loops", LOOPS)
def test_without_word_of_links_a_circle_is_an_error(disk, loops):
    device = disk(LOOPS[loops], SILENT)
    for read in (
        lambda: found(device),
        lambda: _tree.walk(device, device.entry("/d/tmp")),
        lambda: list(below(device, "/d/tmp")),
    ):
        with pytest.raises(NasError) as caught:
            read()
        assert caught.value.kind is Kind.PROTOCOL
        assert "link" in caught.value.hint
    assert device.lists < 500


def test_without_word_of_links_levels_can_be_chosen(disk):
    device = disk(LOOPS["two"], SILENT)
    assert found(device, levels=2) == ["a", "a/a", "a/b", "a/x", "b", "b/a", "b/b", "b/x", "x"]


@pytest.mark.parametrize("tells", [TARGET, NO_TARGET])
def test_a_link_that_was_named_is_followed(disk, tells):
    device = disk(OUT, tells)
    assert found(device, "/d/tmp/album") == ["a.jpg", "deep", "deep/b.jpg"]


@pytest.mark.parametrize("tells", [TARGET, NO_TARGET, SILENT])
def test_follow_finds_what_a_link_leads_to(disk, tells):
    device = disk(OUT, tells)
    assert found(device, follow=True) == ["album", "album/a.jpg", "album/deep", "album/deep/b.jpg", "x"]


@pytest.mark.parametrize("loops", LOOPS)
def test_follow_ends_where_targets_are_reported(disk, loops):
    device = disk(LOOPS[loops], TARGET)
    real = [path[len("d/tmp/") :] for path in LOOPS[loops]]
    folders = {above for path in real for above in _tree.above(path) if above}
    assert found(device, follow=True) == sorted({*real, *folders})
    assert device.lists == 1 + len(folders)


@pytest.mark.parametrize("loops", LOOPS)
def test_follow_ends_in_an_error_where_targets_are_not_reported(disk, loops):
    device = disk(LOOPS[loops], NO_TARGET)
    with pytest.raises(NasError) as caught:
        found(device, follow=True)
    assert caught.value.kind is Kind.PROTOCOL
    assert device.lists < 500


def test_follow_takes_a_target_from_the_top_on(disk):
    device = disk({"d/tmp/x": b"x", "d/photos/a": b"a"}, TARGET)
    real = device.entry
    device.entry = lambda path: Entry(path, FOLDER, link=True, target="/d/tmp") if path == "/d/tmp/x" else real(path)
    assert found(device, follow=True) == ["x"]


@pytest.mark.parametrize("tells", [TARGET, NO_TARGET, SILENT])
def test_deep_folders_are_no_circle(disk, tells):
    path = "/".join(f"level {number}" for number in range(60))
    device = disk({f"d/tmp/{path}/x": b"x", "d/tmp/" + "/".join(["same"] * 7) + "/end": b"x"}, tells)
    assert f"{path}/x" in found(device)


class Endless:
    """A folder in a folder in a folder, each with another name."""

    def __init__(self, link):
        self.link = link

    def list(self, path):
        return iter([Entry(f"{path}/{len(path)}", FOLDER, link=self.link), Entry(f"{path}/{len(path)}x", FOLDER)])


@pytest.mark.parametrize("link", [None, False])
def test_folders_without_an_end(link):
    with pytest.raises(NasError) as caught:
        _tree.walk(Endless(link), Entry("/d", FOLDER, link=link))
    assert caught.value.kind is Kind.PROTOCOL


def test_more_folders_than_there_can_be(monkeypatch):
    monkeypatch.setattr(_tree, "FOLDERS", 50)
    monkeypatch.setattr(_tree, "LEVELS", 10)
    with pytest.raises(NasError):
        _tree.walk(Endless(False), Entry("/d", FOLDER))


def test_finds_behind_a_link_are_left_out(disk):
    device = disk(OUT, NO_TARGET)
    paths = ["/d/tmp/x", "/d/tmp/album", "/d/tmp/album/a.jpg", "/d/tmp/album/deep/b.jpg"]
    kept = without_links(device, [device.entry(path) for path in paths], "/d/tmp")
    assert [entry.path for entry in kept] == paths[:2]
    named = without_links(device, [device.entry(path) for path in paths[2:]], "/d/tmp/album")
    assert [entry.path for entry in named] == paths[2:]


def test_finds_that_look_like_a_circle():
    again = ["/d/tmp" + "/loop" * level + "/x" for level in range(40)]
    assert _tree.may_repeat(again, "/d/tmp")
    assert not _tree.may_repeat(
        [posixpath.join("/d/tmp", *"abcdefgh"[:level], f"x{level}") for level in range(8)], "/d"
    )
    assert not _tree.may_repeat(["/d/tmp/x", "/d/tmp/a/x", "/d/tmp/a/b/x"], "/d/tmp")


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (Entry("/a", FOLDER), Entry("/b", FOLDER, link=False), True),
        (Entry("/a", FOLDER, link=True), Entry("/b", FOLDER, link=True), True),
        (Entry("/a", FOLDER, link=True), Entry("/b", FOLDER), False),
        (Entry("/a", FOLDER, link=True, target="x"), Entry("/b", FOLDER, link=True, target="y"), False),
        (Entry("/a", FILE, 1), Entry("/b", FILE, 2, link=True), True),
        (Entry("/a/l", FOLDER, link=True, target="/a"), Entry("/b/l", FOLDER, link=True, target="/b"), True),
        (Entry("/a/l", FOLDER, link=True, target="/a"), Entry("/b/l", FOLDER, link=True, target="/c"), False),
        (Entry("/a/l", FOLDER, link=True, target="/a"), Entry("/b/l", FOLDER, link=True, target="."), True),
        (Entry("/a/l", FOLDER, link=True, target="/a"), Entry("/b/l", FILE, 0, link=True), True),
        (Entry("/a", FILE, 1), Entry("/b", FOLDER), False),
        (Entry("/a", FILE, 0, link=True, target="x"), Entry("/b", FOLDER, link=True, target="x"), True),
    ],
)
def test_entries_that_are_alike(one, other, expected):
    assert _tree.alike(one, other) is expected


def test_a_link_that_leads_elsewhere_from_another_folder_has_arrived():
    wanted = {"": Entry("/a", FOLDER), "l": Entry("/a/l", FOLDER, link=True, target="../p")}
    there = {"": Entry("/b", FOLDER), "l": Entry("/b/l", FILE, 0, link=True, target="../p")}
    assert _tree.lacking(wanted, there) is None
    assert _tree.lacking(wanted, {"": there[""]}) == "l"
    assert _tree.same_files(None, wanted, there, Watch()) == {"l"}
    assert _tree.equal(wanted, there, frozenset({"l"}))


@pytest.mark.parametrize("follow", [False, True])
def test_side_by_side_the_same_is_found_and_each_folder_is_listed_once(disk, monkeypatch, follow):
    monkeypatch.setattr(_tree, "AT_ONCE", 3)
    tree = {f"top/{one}/{two}/f": b"x" for one in range(4) for two in range(3)}
    device = disk({**tree, "top/gone/link": "../0", "top/back": "."}, TARGET)
    groups = []

    def many(paths):
        groups.append(list(paths))
        return [_tree.listed(device, path) for path in paths]

    def walked(**more):
        device.lists = 0
        return list(_tree.folders(device, "/top", follow=follow, **more)), device.lists

    alone, together = walked(), walked(many=many)
    assert sorted(path for path, _entries in together[0]) == sorted(path for path, _entries in alone[0])
    assert dict(together[0]) == dict(alone[0])
    assert together[1] == alone[1]
    assert groups[0] == ["/top"]
    assert max(map(len, groups)) == 3
    seen = set()
    for path, _entries in together[0]:
        assert path == "/top" or posixpath.dirname(path) in seen
        seen.add(path)


def test_side_by_side_a_folder_that_cannot_be_listed_is_reported_or_raised(disk):
    device = disk({"top/a/f": b"x", "top/b/f": b"x"}, TARGET)

    def many(paths):
        refused = NasError(Kind.PERMISSION_DENIED, "no", path="/top/a")
        return [refused if path == "/top/a" else _tree.listed(device, path) for path in paths]

    failed = {}
    found = dict(_tree.folders(device, "/top", failed=failed.__setitem__, many=many))
    assert set(found) == {"/top", "/top/b"}
    assert failed["/top/a"].kind is Kind.PERMISSION_DENIED
    with pytest.raises(NasError, match="no"):
        list(_tree.folders(device, "/top", many=many))
