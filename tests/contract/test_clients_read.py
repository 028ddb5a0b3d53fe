# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every vendor's client tells about shares, folders and files: `Files.shares`, `stat`, `list`, `writable`."""

from __future__ import annotations

import io
import os
import unicodedata
from dataclasses import replace

import pytest
from ansible_collections.nasops.nas.plugins.module_utils._core import marks
from ansible_collections.nasops.nas.plugins.module_utils._core.errors import Kind
from ansible_collections.nasops.nas.plugins.module_utils._core.model import FILE, FOLDER
from ansible_collections.nasops.nas.plugins.module_utils._core.waiting import Watch
from ansible_collections.nasops.nas.plugins.module_utils._delivery import atomic

from tests.contract.odd_names import ODD_NAMES


def test_shares(nas):
    found = {share.name: share for share in nas.files.shares()}
    assert {"home", "locked", "tight"} <= set(found) <= {"home", "locked", "tight", "denied"}
    for share in found.values():
        assert share.path == f"/{share.name}"
        assert share.total is None or share.total > 0
        assert share.free is None or share.total is None or 0 <= share.free <= share.total
    assert found["home"].read_only is not True
    assert found["locked"].read_only is not False


def test_stat_tells_all_of_an_entry(nas):
    place = nas.place()
    (place.disk / "file").write_bytes(b"12345")
    (place.disk / "folder").mkdir()
    os.utime(place.disk / "file", (1_234_567_890, 1_234_567_890))
    paths = [place / "file", place / "folder"]
    found = nas.files.stat(paths)
    assert list(found) == paths
    file, folder = found[place / "file"], found[place / "folder"]
    assert (file.path, file.type, file.size, file.mtime) == (place / "file", FILE, 5, 1_234_567_890)
    assert (folder.path, folder.type, folder.size) == (place / "folder", FOLDER, None)
    assert folder.mtime == int((place.disk / "folder").stat().st_mtime)
    for entry in (file, folder):
        assert entry.mode is None or set(entry.mode) <= set("01234567")


def test_the_other_facts_of_an_entry(nas):
    place = nas.place()
    (place.disk / "a.txt").write_bytes(b"12345")
    os.utime(place.disk / "a.txt", (1_000_000_000, 1_234_567_890))
    found = nas.files.stat([place / "a.txt"])[place / "a.txt"]
    reported = found.as_result()
    assert reported["mtime_iso"] == "2009-02-13T23:31:30Z"
    there = {name for name, value in reported.items() if value is not None}
    times = {f"{name}{end}" for name in nas.files.features.times for end in ("", "_iso")}
    assert times <= there
    assert there & {"atime", "ctime", "crtime"} == nas.files.features.times - {"mtime"}
    if nas.vendor == "synology":
        assert reported["real_path"].endswith(found.path)
        assert {"uid", "gid", "acl", "is_acl_mode"} <= there
        assert set(reported["acl"]) == {"append", "del", "exec", "read", "write"}
        assert reported["atime"] >= 1_000_000_000
        share = next(one for one in nas.files.shares() if one.name == "home")
        assert set(share.adv_right or ()) == {"disable_download", "disable_list", "disable_modify"}
        assert (share.real_path or "").endswith("/home")
    assert ("mimetype" in there) is (nas.vendor == "freebox")


def test_stat_of_what_is_there_and_what_is_not(nas):
    place = nas.place()
    (place.disk / "folder" / "deeper").mkdir(parents=True)
    (place.disk / "folder" / "file").write_bytes(b"x")
    wanted = {
        "/home": FOLDER,
        "/locked": FOLDER,
        "/nosuchshare": None,
        "/nosuchshare/x": None,
        "/nosuchshare/x/y": None,
        place.path: FOLDER,
        place / "folder": FOLDER,
        place / "folder/deeper": FOLDER,
        place / "folder/deeper/none": None,
        place / "folder/file": FILE,
        place / "folder/file/below": None,
        place / "folder/file/below/more": None,
        place / "none": None,
        place / "none/x": None,
        place / "none/x/y": None,
        place / "FOLDER": None,
        place / "folde": None,
        place / "folder ": None,
    }
    found = nas.files.stat(list(wanted))
    assert {path: entry and entry.type for path, entry in found.items()} == wanted
    # ... and the same of each alone, which may be another call.
    for path, entry_type in wanted.items():
        assert {key: entry and entry.type for key, entry in nas.files.stat([path]).items()} == {path: entry_type}
    assert all(entry is None or entry.path == path for path, entry in found.items())


def test_stat_of_nothing_and_of_the_same_twice(nas):
    place = nas.place()
    nas.client.login()
    nas.device.forget()
    assert nas.files.stat([]) == {}
    assert nas.calls() == []
    assert list(nas.files.stat([place.path, place / "x", place.path])) == [place.path, place / "x"]


@pytest.mark.parametrize("entry_type", [FILE, FOLDER])
def test_odd_names_are_found_and_listed_as_they_are(nas, entry_type):
    place = nas.place()
    for number, name in enumerate(ODD_NAMES):
        if entry_type == FOLDER:
            (place.disk / name).mkdir()
        else:
            (place.disk / name).write_bytes(b"x" * number)
    found = nas.files.stat([place / name for name in ODD_NAMES])
    assert {path: entry and entry.type for path, entry in found.items()} == {
        place / name: entry_type for name in ODD_NAMES
    }
    listed = {entry.path: entry for entry in nas.files.list(place.path)}
    # QTS 4 lists times without their time zone, which are no use.
    assert {replace(entry, mtime=entry.mtime or found[path].mtime) for path, entry in listed.items()} == set(
        found.values()
    )
    if entry_type == FILE:
        assert [found[place / name].size for name in ODD_NAMES] == list(range(len(ODD_NAMES)))
    for name in ODD_NAMES:
        assert nas.files.stat([place / name]) == {place / name: found[place / name]}
        if entry_type == FOLDER:
            assert nas.files.stat([f"{place / name}/none"]) == {f"{place / name}/none": None}
            assert list(nas.files.list(place / name)) == []


def test_odd_names_that_are_not_there(nas):
    place = nas.place()
    assert nas.files.stat([place / name for name in ODD_NAMES]) == dict.fromkeys(place / name for name in ODD_NAMES)
    for name in ODD_NAMES:
        assert nas.files.stat([place / name]) == {place / name: None}


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_unicode_is_never_normalised(nas, form):
    place = nas.place()
    other = {"NFC": "NFD", "NFD": "NFC"}[form]
    here, there = (unicodedata.normalize(one, "é è ü.txt") for one in (form, other))
    (place.disk / here).write_bytes(b"x")
    found = nas.files.stat([place / here, place / there])
    assert found[place / here].path == place / here
    assert found[place / there] is None
    assert nas.files.stat([place / there]) == {place / there: None}
    assert [entry.name for entry in nas.files.list(place.path)] == [here]


def test_a_name_that_is_no_utf_8_is_seen_or_an_error(nas):
    """Not every API can carry its bytes. Nobody else's name comes of them, and they are not absent."""
    place, name = nas.place(), os.fsdecode(b"caf\xe9")
    path = place / name
    (place.disk / name).write_bytes(b"x")
    listed, error = nas.outcome(lambda: [entry.path for entry in nas.files.list(place.path)])
    assert error or listed == [path]
    found, error = nas.outcome(lambda: nas.files.stat([path]))
    assert error or found[path].type == FILE
    sink = io.BytesIO()
    _size, error = nas.outcome(lambda: nas.files.download(path, sink, watch=Watch()))
    assert error.kind is not Kind.NOT_FOUND if error else sink.getvalue() == b"x"
    _gone, error = nas.outcome(lambda: nas.files.delete([path], recursive=False, watch=Watch()))
    assert error.kind is not Kind.NOT_FOUND if error else place.tree() == {}


def test_hundreds_of_paths_cost_a_few_calls(nas):
    places = [nas.place() for _number in range(3)]
    wanted = {}
    for place in places:
        for number in range(200):
            name = f"a name of some length, {number}"
            wanted[place / name] = FILE if number % 2 else None
            if number % 2:
                (place.disk / name).touch()
    nas.client.login()
    nas.device.forget()
    found = nas.files.stat(list(wanted))
    assert {path: entry and entry.type for path, entry in found.items()} == wanted
    assert len(nas.calls()) <= 4 * len(places)


def test_long_paths_cost_no_failure(nas):
    place = nas.place()
    folder = place.disk
    for _number in range(8):
        folder = folder / ("é" * 120)
    folder.mkdir(parents=True)
    path = f"{place.path}/{folder.relative_to(place.disk)}"
    (folder / "x").touch()
    wanted = [f"{path}/{name}" for name in ("x", *map(str, range(30)))]
    assert [path for path, entry in nas.files.stat(wanted).items() if entry] == [f"{path}/x"]
    assert [entry.path for entry in nas.files.list(path)] == [f"{path}/x"]


def test_list_of_thousands(nas):
    place = nas.place()
    names = {f"{'.' if number % 7 == 0 else ''}entry {number}" for number in range(2345)}
    for name in names:
        (place.disk / name).touch()
    (place.disk / "folder" / "below").mkdir(parents=True)
    listed = list(nas.files.list(place.path))
    assert len(listed) == len(names) + 1
    assert {entry.name for entry in listed} == names | {"folder"}
    assert {entry.path for entry in listed if entry.type == FOLDER} == {place / "folder"}
    assert {entry.size for entry in listed if entry.type == FILE} == {0}


@pytest.mark.parametrize("trouble", [{"status": 500}, {"garbage": True}, {"error": "denied"}])
@pytest.mark.parametrize("page", [1, 2])
def test_a_list_does_not_end_at_a_page_that_fails(nas, page, trouble):
    place = nas.place()
    for number in range(2345):
        (place.disk / f"{number}").touch()
    nas.client.login()
    do = {name: nas.told("denied") if name == "error" else what for name, what in trouble.items()}
    nas.faults({"call": nas.told("list"), "after": page, "do": do})
    listed, error = nas.outcome(lambda: list(nas.files.list(place.path)))
    # Where so many come at once, no page has failed.
    assert error is not None or len(listed) == 2345


def test_list_of_nothing_of_a_share_and_of_what_is_no_folder(nas):
    place = nas.place()
    (place.disk / "file").touch()
    (place.disk / "empty").mkdir()
    assert list(nas.files.list(place / "empty")) == []
    assert place.path in {entry.path for entry in nas.files.list("/home")}
    for missing in (place / "none", place / "none/deeper", "/nosuchshare", "/nosuchshare/x"):
        with nas.refuses(Kind.NOT_FOUND) as refusal:
            list(nas.files.list(missing))
        assert refusal.error.path == missing
    with nas.refuses(Kind.WRONG_TYPE) as refusal:
        list(nas.files.list(place / "file"))
    assert refusal.error.path == place / "file"
    with nas.refuses(Kind.NOT_FOUND, Kind.WRONG_TYPE):
        list(nas.files.list(place / "file/below"))


def test_what_the_user_may_not_see_is_never_absent(nas):
    place, closed = nas.place(), nas.place("denied")
    (closed.disk / "there").touch()
    (place.disk / "closed").mkdir()
    (place.disk / "closed" / "there").touch()
    (place.disk / "open").touch()
    (place.disk / "closed").chmod(0o333)
    for path in (closed / "there", closed / "not there", closed.path, "/denied/none", "/denied/none/x"):
        with nas.refuses(Kind.PERMISSION_DENIED) as refusal:
            nas.files.stat([path])
        assert refusal.error.path == path
        with nas.refuses(Kind.PERMISSION_DENIED):
            nas.files.stat([place / "open", path, place / "none"])
        with nas.refuses(Kind.PERMISSION_DENIED):
            nas.files.stat([path, f"{path} 2", f"{path} 3"])
    for path in ("/denied", closed.path, place / "closed"):
        with nas.refuses(Kind.PERMISSION_DENIED) as refusal:
            list(nas.files.list(path))
        assert refusal.error.path == path
    for path in ("/denied", place / "closed"):
        found, error = nas.outcome(lambda path=path: nas.files.stat([path])[path])
        assert error.kind is Kind.PERMISSION_DENIED if error else found.type == FOLDER


def test_writable(nas):
    place, locked, closed = nas.place(), nas.place("locked"), nas.place("denied")
    (place.disk / "file").touch()
    (place.disk / "folder").mkdir()
    before = place.tree(), locked.tree()
    open_ones = [
        nas.files.writable(path) for path in (place / "new", place / "file", place / "folder/new", "/home/new")
    ]
    shut_ones = [nas.files.writable(path) for path in (locked / "new", "/locked/new")]
    assert open_ones in ([True] * 4, [None] * 4)
    assert shut_ones == ([False] * 2 if True in open_ones else [None] * 2)
    for path in (closed / "new", "/denied/new"):
        reported, error = nas.outcome(lambda path=path: nas.files.writable(path))
        assert error.kind is Kind.PERMISSION_DENIED if error else reported is not True
    assert (place.tree(), locked.tree()) == before


@pytest.mark.needs("downloads")
def test_the_size_of_a_folder(nas):
    place = nas.place()
    deep = place.disk / "é deep" / "deeper"
    deep.mkdir(parents=True)
    (place.disk / "empty").mkdir()
    (place.disk / ".hidden").write_bytes(b"123")
    (place.disk / "é deep" / "[1]").write_bytes(b"")
    (deep / "a, b.txt").write_bytes(b"12345")
    size = nas.client.downloads.folder_size
    assert size(place.path, watch=Watch()) == {"folders": 3, "files": 3, "size": 8}
    assert size(place / "empty", watch=Watch()) == {"folders": 0, "files": 0, "size": 0}
    for path, kind in ((place / "none", Kind.NOT_FOUND), (place / ".hidden", Kind.WRONG_TYPE)):
        with nas.refuses(kind) as refusal:
            size(path, watch=Watch())
        assert refusal.error.path == path


def test_what_may_lie_beside_a_file_costs_no_call_of_its_own(nas):
    place = nas.place()
    (place.disk / "file").write_bytes(b"x")
    path = place / "file"
    nas.client.login()
    nas.files.stat([path])
    nas.device.forget()
    nas.files.stat([path, marks.staging_path(path), *atomic.besides(nas.files, path)])
    assert len(nas.calls()) == 1
