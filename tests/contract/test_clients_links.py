# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Symbolic links on the device: told, never gone into, removed without what they lead to. Synology tells none."""

from __future__ import annotations

import posixpath

import pytest
from ansible_collections.nasops.nas.plugins.module_utils import _vendors
from ansible_collections.nasops.nas.plugins.module_utils._api import tree as _tree
from ansible_collections.nasops.nas.plugins.module_utils._core.errors import Kind
from ansible_collections.nasops.nas.plugins.module_utils._core.model import FILE, FOLDER
from ansible_collections.nasops.nas.plugins.module_utils._core.waiting import Watch
from ansible_collections.nasops.nas.plugins.module_utils._delivery import copy as _relocate
from ansible_collections.nasops.nas.plugins.module_utils._plans.plan import Step


def applies(test, vendor, _params):
    """Whether there is anything to test: what a vendor does not tell is tested apart."""
    return _vendors.VENDORS[vendor].files.features.links is not test.startswith("test_unreported")


@pytest.fixture
def place(nas):
    """A folder `tmp` with links to what lies beside it."""
    place = nas.place()
    photos, tmp = place.disk / "photos", place.disk / "tmp"
    (photos / "deep").mkdir(parents=True)
    (photos / "a.jpg").write_bytes(b"photo")
    (photos / "deep" / "b.jpg").write_bytes(b"deep")
    tmp.mkdir()
    (tmp / "x").write_bytes(b"12")
    (tmp / "album").symlink_to("../photos")
    (tmp / "photo").symlink_to("../photos/a.jpg")
    return place


def test_links_are_reported(nas, place):
    names = {"x": FILE, "album": FOLDER, "photo": FILE}
    listed = {entry.name: entry for entry in nas.files.list(place / "tmp")}
    found = nas.files.stat([place / f"tmp/{name}" for name in names])
    for name, entry_type in names.items():
        entry = listed[name]
        if entry.link is None:
            assert nas.lacks("links")  # early firmware has no word for it
            continue
        assert entry.type == entry_type
        assert found[entry.path] == entry
        assert entry.link is (name != "x")
        assert nas.files.features.links
        if nas.vendor == "freebox" and entry.link:
            lands = posixpath.normpath(posixpath.join(place / "tmp", entry.target or ""))
            assert lands == place / ("photos" if entry_type == FOLDER else "photos/a.jpg")


def test_a_walk_goes_into_none(nas, place):
    (place.disk / "tmp" / "loop").symlink_to(".")
    if not nas.lacks("links"):
        top = nas.files.stat([place / "tmp"])[place / "tmp"]
        assert sorted(_tree.walk(nas.files, top)) == ["", "album", "loop", "photo", "x"]
        link = nas.files.stat([place / "tmp/album"])[place / "tmp/album"]
        assert list(_tree.walk(nas.files, link)) == [""]


@pytest.mark.parametrize("recursive", [True, False])
@pytest.mark.parametrize("name", ["album", "photo"])
def test_a_link_goes_alone(nas, place, name, recursive):
    if name == "album" and not recursive and nas.lacks("links"):
        return  # to such a device it is a folder that holds something
    nas.files.delete([place / f"tmp/{name}"], recursive=recursive, watch=Watch())
    assert not (place.disk / "tmp" / name).is_symlink()
    assert (place.disk / "photos" / "a.jpg").read_bytes() == b"photo"
    assert (place.disk / "photos" / "deep" / "b.jpg").read_bytes() == b"deep"


def test_a_folder_goes_without_what_its_links_lead_to(nas, place):
    nas.files.delete([place / "tmp"], recursive=True, watch=Watch())
    assert not (place.disk / "tmp").exists()
    assert sorted(place.tree()) == ["photos", "photos/a.jpg", "photos/deep", "photos/deep/b.jpg"]


@pytest.mark.needs("copies")
def test_a_folder_with_links_is_copied(nas, place):
    (place.disk / "to").mkdir()
    (place.disk / "tmp" / "within").symlink_to("x")
    if nas.lacks("links"):  # to such a device a link is what it leads to, which is another thing in another folder
        (place.disk / "tmp" / "album").unlink()
        (place.disk / "tmp" / "photo").unlink()
    relocation = _relocate.Relocation(nas.client, Watch())
    relocation.copy([Step("copy", place / "tmp", place / "to/tmp")])
    assert (place.disk / "to" / "tmp" / "x").read_bytes() == b"12"
    assert not (place.disk / "to" / "tmp" / "album" / "a.jpg").exists()
    assert (place.disk / "photos" / "a.jpg").read_bytes() == b"photo"
    relocation.move(place / "to/tmp", place / "moved", replaces=False)
    assert (place.disk / "moved" / "x").read_bytes() == b"12"
    assert not (place.disk / "to" / "tmp").exists()


@pytest.mark.parametrize("loops", [["."], [".", "."], [".."], ["../tmp", "../photos/../tmp"]])
def test_unreported_circles_are_an_error(nas, place, loops):
    for number, target in enumerate(loops):
        (place.disk / "tmp" / f"loop{number}").symlink_to(target)
    top = nas.files.stat([place / "tmp"])[place / "tmp"]
    assert top.link is None
    assert not nas.files.features.links
    nas.device.forget()
    with nas.refuses(Kind.PROTOCOL) as refusal:
        _tree.walk(nas.files, top)
    assert "link" in refusal.error.hint
    assert len(nas.calls()) < 200


def test_unreported_links_go_alone(nas, place):
    nas.files.delete([place / "tmp/photo", place / "tmp/album"], recursive=True, watch=Watch())
    assert sorted(path.name for path in (place.disk / "tmp").iterdir()) == ["x"]
    assert (place.disk / "photos" / "deep" / "b.jpg").read_bytes() == b"deep"


@pytest.mark.parametrize("target", ["nowhere", "self"])
def test_a_link_that_leads_nowhere_goes_too(nas, place, target):
    (place.disk / "tmp" / "self").symlink_to(target)
    path = place / "tmp/self"
    assert path in [entry.path for entry in nas.files.list(place / "tmp")]
    entry = nas.files.stat([path])[path]
    assert entry is not None
    assert entry.link in (True, None)
    nas.files.delete([path], recursive=False, watch=Watch())
    assert not (place.disk / "tmp" / "self").is_symlink()
