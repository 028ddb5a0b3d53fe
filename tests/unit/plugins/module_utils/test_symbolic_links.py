# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Symbolic links: how vendors tell them, and that nothing that removes, copies, packs or restores goes through one."""

from __future__ import annotations

import pytest
from ansible_collections.nasops.nas.plugins.module_utils._api.files import FileFeatures
from ansible_collections.nasops.nas.plugins.module_utils._core.archives import ArchiveMember
from ansible_collections.nasops.nas.plugins.module_utils._core.errors import Kind, NasError
from ansible_collections.nasops.nas.plugins.module_utils._core.model import FILE, FOLDER, Entry
from ansible_collections.nasops.nas.plugins.module_utils._core.waiting import Watch
from ansible_collections.nasops.nas.plugins.module_utils._delivery import recycle_bin as _recovery
from ansible_collections.nasops.nas.plugins.module_utils._plans import archive as _archive_plan
from ansible_collections.nasops.nas.plugins.module_utils._plans import copy as _copy_plan
from ansible_collections.nasops.nas.plugins.module_utils._plans import recycle_bin
from ansible_collections.nasops.nas.plugins.module_utils._plans.archive_contents import (
    as_member,
    behind_link,
    differences,
    tree,
)
from ansible_collections.nasops.nas.plugins.modules import nas_file, nas_folder
from ansible_collections.nasops.nas.tests.unit.plugins.module_utils._freebox.fake import Fake as Box
from ansible_collections.nasops.nas.tests.unit.plugins.module_utils._freebox.fake import b64, bad, good, info, task
from ansible_collections.nasops.nas.tests.unit.plugins.module_utils._qnap.fake import Fake as Qnap
from ansible_collections.nasops.nas.tests.unit.plugins.module_utils._qnap.fake import row, rows, status


def folder(path, **more):
    return Entry(path, FOLDER, **more)


def link(path, target=None):
    return Entry(path, FOLDER, link=True, target=target)


def file(path, size=1):
    return Entry(path, FILE, size, 5)


@pytest.fixture
def box():
    fake = Box()
    yield fake
    fake.stop()


@pytest.fixture
def qnap():
    fake = Qnap()
    yield fake
    fake.close()


# How vendors tell them


@pytest.mark.parametrize("target", ["/Disque dur/Photos", "../photos", "latin-\udce9", ""])
def test_a_freebox_tells_where_a_link_leads(box, target):
    path = "/Disque dur/toto"
    box.on(f"GET fs/info/{b64(path)}", good({**info(path, "dir"), "link": True, "target": b64(target)}))
    entry = box.client().files.stat([path])[path]
    assert (entry.link, entry.target, entry.is_folder, entry.is_tree) == (True, target or None, True, False)
    reported = entry.as_result()
    assert (reported["link"], reported["target"]) == (True, target or None)


@pytest.mark.parametrize(("reported", "expected"), [(1, True), ("1", True), (0, False), ("0", False), (None, None)])
def test_a_qnap_tells_links_but_not_where_they_lead(qnap, reported, expected):
    more = {} if reported is None else {"is_link": reported}
    qnap.on("stat", rows(row("toto", isfolder=1, **more)))
    entry = qnap.client().files.stat(["/S/toto"])["/S/toto"]
    assert (entry.link, entry.target) == (expected, None)
    qnap.on("get_list", rows(row("toto", isfolder=1, **more)))
    assert [one.link for one in qnap.client().files.list("/S")] == [expected]


# Removing


@pytest.mark.parametrize("recursive", [True, False])
def test_a_freebox_removes_the_link_without_following_it(box, recursive):
    path = "/Disque dur/toto"
    box.on(f"GET fs/info/{b64(path)}", good({**info(path, "dir"), "link": True}), bad("path_not_found"))
    box.on("POST fs/rm/", good(task(45, "done")))
    box.client().files.delete([path], recursive=recursive, watch=Watch())
    assert box.bodies("POST fs/rm/") == [{"files": [b64(path)]}]
    assert not [one for one in box.calls() if one.startswith("GET fs/ls")]


@pytest.mark.parametrize("recursive", [True, False])
def test_a_qnap_removes_the_link_without_following_it(qnap, recursive):
    qnap.on("stat", rows(row("toto", isfolder=1, is_link=1)), rows())
    qnap.on("delete", status(1))
    qnap.client().files.delete(["/S/toto"], recursive=recursive, watch=Watch())
    assert qnap.calls("delete")[0].all("file_name") == ["toto"]
    assert not qnap.calls("get_list")


@pytest.mark.parametrize("recursive", [True, False])
def test_a_link_to_a_folder_is_removed_as_a_folder(recursive):
    plan = nas_folder.plan_absent(nas_folder.Desired(["/s/l"], recursive=recursive), {"/s/l": link("/s/l")}, {})
    assert plan.paths("delete") == ["/s/l"]


def test_a_link_to_a_folder_is_removed_as_a_file():
    steps = nas_file.plan_file(nas_file.Desired("/s/l", "absent"), nas_file.Current(link("/s/l")), True).steps
    assert [(step.do, step.path) for step in steps] == [("delete", "/s/l")]
    with pytest.raises(NasError) as caught:
        nas_file.plan_file(nas_file.Desired("/s/l", "present"), nas_file.Current(link("/s/l")), True)
    assert caught.value.kind is Kind.WRONG_TYPE


# Copying


def merged(source, target, conflict="overwrite"):
    desired = _copy_plan.Desired("/s/a", "/s/b", conflict=conflict)
    trees = ({"": folder("/s/a"), **source}, {"": folder("/s/b"), **target})
    plan, kept = _copy_plan.plan_copy(desired, _copy_plan.Current(*trees))
    return [(step.do, step.path) for step in plan.steps], kept


HERE = {"album": folder("/s/a/album"), "album/x": file("/s/a/album/x")}


@pytest.mark.parametrize("conflict", ["overwrite", "newer", "fail"])
def test_nothing_is_copied_through_a_link(conflict):
    with pytest.raises(NasError) as caught:
        merged(HERE, {"album": link("/s/b/album")}, conflict)
    assert caught.value.kind in (Kind.WRONG_TYPE, Kind.EXISTS)


def test_a_link_in_the_way_of_a_folder_may_stay():
    assert merged(HERE, {"album": link("/s/b/album")}, "skip") == ([], ["/s/b/album"])


def test_a_link_that_is_there_is_there():
    assert merged({"l": link("/s/a/l", "x")}, {"l": link("/s/b/l", "x")}, "fail") == ([], [])
    assert merged({"l": link("/s/a/l")}, {"l": link("/s/b/l")}, "fail") == ([], [])


# Packing


def test_links_do_not_count_when_archives_are_compared():
    desired = tree([as_member(one, one.path[3:]) for one in (file("/s/a/x"), link("/s/a/album"), folder("/s/a/d"))])
    plain = [ArchiveMember("a/x", FILE, 1, 5), ArchiveMember("a/d", FOLDER)]
    stored = ArchiveMember("a/album", FILE, 9, 1)
    behind = ArchiveMember("a/album/p.jpg", FILE, 7, 7)
    assert differences(desired, tree(plain), None) == []
    assert differences(desired, tree([*plain, stored]), None) == []
    assert differences(desired, tree([*plain, behind]), None) == []
    assert differences(desired, tree([ArchiveMember("a/x", FILE, 2, 5), stored]), None) == ["a/d", "a/x"]
    assert behind_link(desired, tree([*plain, stored])) is None
    assert behind_link(desired, tree([*plain, behind])) == "a/album/p.jpg"


def test_nothing_is_extracted_through_a_link():
    held = tree([ArchiveMember("album/x", FILE, 1, 5)])
    desired = _archive_plan.Desired("/s/f.zip", "extracted", dest="/s/d", overwrite=True)
    there = {"/s/d/album": link("/s/d/album"), "/s/d/album/x": None}
    current = _archive_plan.Current(
        file("/s/f.zip"), {"/s": folder("/s"), "/s/d": folder("/s/d")}, held=held, there=there
    )
    with pytest.raises(NasError) as caught:
        _archive_plan.plan_archive(desired, current)
    assert (caught.value.kind, caught.value.path) == (Kind.WRONG_TYPE, "/s/d/album")


# Restoring


@pytest.mark.parametrize("where", ["/s/@Recycle/album", "/s/album"])
def test_nothing_is_restored_through_a_link(where):
    wanted = recycle_bin.Wanted("/s/@Recycle/album/x", "/s/album/x")
    at = {
        "/s": folder("/s"),
        "/s/@Recycle": folder("/s/@Recycle"),
        "/s/@Recycle/album": folder("/s/@Recycle/album"),
        "/s/album": folder("/s/album"),
        wanted.source: file(wanted.source),
        wanted.home: None,
    }
    assert recycle_bin.plan_restored([wanted], recycle_bin.Current(at), "fail")[0].changed
    with pytest.raises(NasError) as caught:
        recycle_bin.plan_restored([wanted], recycle_bin.Current({**at, where: link(where)}), "fail")
    assert caught.value.kind is Kind.WRONG_TYPE


class Files:
    """Tells what is at paths, and notes what it was asked."""

    def __init__(self, links):
        self.features, self.asked = FileFeatures(links=links), []

    def stat(self, paths):
        self.asked += paths
        return {path: file(path) if path.endswith("x") else folder(path) for path in paths}


@pytest.mark.parametrize("tells", [True, False])
def test_folders_on_the_way_are_checked_where_links_are_reported(tells):
    class Nas:
        files = Files(tells)

    _recovery.read_current(Nas, [recycle_bin.Wanted("/s/@Recycle/a/x", "/s/a/x")], "skip")
    assert ("/s/@Recycle/a" in Nas.files.asked) is tells
    assert ("/s/a" in Nas.files.asked) is tells
