# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How every vendor's client changes folders and files: `Files.create_folders`, `rename`, `delete`, `set_mtime`."""

from __future__ import annotations

import io
import os

import pytest
from ansible_collections.nasops.nas.plugins.module_utils._core.errors import Kind, NasError
from ansible_collections.nasops.nas.plugins.module_utils._core.model import FILE, FOLDER
from ansible_collections.nasops.nas.plugins.module_utils._core.sources import BytesSource
from ansible_collections.nasops.nas.plugins.module_utils._core.waiting import Watch
from ansible_collections.nasops.nas.plugins.module_utils._delivery import atomic

from tests.contract.odd_names import ODD_NAMES

REFUSED = {
    "qts4": set("\"+=/\\:|*?<>;[]%,`'"),
    **{profile: {":"} for profile in ("dsm5", "dsm6", "dsm7", "dsm73")},
}
"""The characters that a device takes in no name of a new folder and in no new name (QTS 4: guide, status 12, as devices
have it). Uploads to QTS 4 were not seen to refuse them.
"""
SHUT = (Kind.READ_ONLY, Kind.PERMISSION_DENIED)


def refused(nas, name):
    return bool(set(name) & REFUSED.get(nas.profile, set()))


def names(place):
    return sorted(os.listdir(place.disk))


def test_folders_are_made_with_their_parents_first(nas):
    place = nas.place()
    paths = [place / "a", place / "a/b", place / "a/b/c", place / "d"]
    nas.files.create_folders(paths)
    assert set(place.tree()) == {"a", "a/b", "a/b/c", "d"}
    assert {entry.type for entry in nas.files.stat(paths).values()} == {FOLDER}
    nas.files.create_folders([])


def test_hundreds_of_folders(nas):
    place = nas.place()
    nas.files.create_folders([place / f"folder {number:03}" for number in range(200)])
    assert names(place) == [f"folder {number:03}" for number in range(200)]


def test_a_folder_that_cannot_be_made(nas):
    place = nas.place()
    (place.disk / "file").write_bytes(b"kept")
    (place.disk / "folder" / "below").mkdir(parents=True)
    before = place.tree()
    for path in (place / "folder", place / "file"):
        with nas.refuses(Kind.EXISTS) as refusal:
            nas.files.create_folders([path])
        assert refusal.error.path == path
    for path in (place / "none/folder", place / "none/none/folder"):
        with nas.refuses(Kind.NOT_FOUND):
            nas.files.create_folders([path])
    with nas.refuses(Kind.NOT_FOUND, Kind.WRONG_TYPE):
        nas.files.create_folders([place / "file/folder"])
    with nas.refuses(Kind.NOT_FOUND):
        nas.files.create_folders(["/nosuchshare/folder"])
    with nas.refuses(Kind.INVALID_NAME, Kind.INVALID_ARGUMENT):
        nas.files.create_folders([place / ("x" * 256)])
    assert place.tree() == before
    with pytest.raises(NasError):
        nas.files.create_folders(["/newshare"])
    assert not (nas.device.root / "newshare").exists()
    assert not (nas.device.root / "nosuchshare").exists()


@pytest.mark.parametrize("name", ODD_NAMES)
def test_odd_names_are_made_given_sent_and_removed_as_they_are(nas, name):
    place = nas.place()
    (place.disk / "old").write_bytes(b"x")
    if refused(nas, name):
        with nas.refuses(Kind.INVALID_NAME):
            nas.files.create_folders([place / name])
        with nas.refuses(Kind.INVALID_NAME):
            nas.files.rename(place / "old", name)
        assert place.tree() == {"old": b"x"}
    else:
        nas.files.create_folders([place / name])
        assert names(place) == sorted([name, "old"])
        nas.files.create_folders([f"{place / name}/{name}"])
        assert place.tree() == {"old": b"x", name: None, f"{name}/{name}": None}
        nas.files.delete([place / name], recursive=True, watch=Watch())
        assert names(place) == ["old"]
        nas.files.rename(place / "old", name)
        assert place.tree() == {name: b"x"}
        nas.files.delete([place / name], recursive=False, watch=Watch())
    (place.disk / name).mkdir(exist_ok=True)
    # Files are sent under plain names only, whatever the folder is called.
    nas.files.upload(BytesSource(b"content"), f"{place / name}/sent", mtime=None, watch=Watch())
    (place.disk / name / "sent").rename(place.disk / name / name)
    assert (place.disk / name / name).read_bytes() == b"content"
    sink = io.BytesIO()
    assert nas.files.download(f"{place / name}/{name}", sink, watch=Watch()) == 7
    assert sink.getvalue() == b"content"
    nas.files.rename(f"{place / name}/{name}", "plain")
    assert os.listdir(place.disk / name) == ["plain"]
    nas.files.delete([place / name], recursive=True, watch=Watch())
    assert name not in names(place)


def test_rename(nas):
    place = nas.place()
    (place.disk / "file").write_bytes(b"file")
    (place.disk / "folder" / "below").mkdir(parents=True)
    (place.disk / "folder" / "deep").write_bytes(b"deep")
    nas.files.rename(place / "file", "FILE")
    nas.files.rename(place / "folder", "folder.2")
    nas.files.rename(place / "folder.2/deep", ".deeper")
    assert place.tree() == {"FILE": b"file", "folder.2": None, "folder.2/below": None, "folder.2/.deeper": b"deep"}


def test_rename_never_overwrites(nas):
    place = nas.place()
    (place.disk / "file").write_bytes(b"old")
    (place.disk / "taken").write_bytes(b"kept")
    (place.disk / "folder").mkdir()
    (place.disk / "empty").mkdir()
    (place.disk / "full").mkdir()
    (place.disk / "full" / "kept").write_bytes(b"kept")
    before = place.tree()
    for old, new in (
        ("file", "taken"),
        ("file", "empty"),
        ("file", "full"),
        ("folder", "taken"),
        ("folder", "empty"),
        ("folder", "full"),
        ("full", "empty"),
    ):
        with nas.refuses(Kind.EXISTS) as refusal:
            nas.files.rename(place / old, new)
        assert refusal.error.path in (place / old, place / new)
        assert place.tree() == before
    for missing in ("none", "none/deeper"):
        with nas.refuses(Kind.NOT_FOUND) as refusal:
            nas.files.rename(place / missing, "new")
    with nas.refuses(Kind.NOT_FOUND):
        nas.files.rename("/nosuchshare/file", "new")
    with nas.refuses(Kind.INVALID_NAME, Kind.INVALID_ARGUMENT):
        nas.files.rename(place / "file", "x" * 256)
    assert place.tree() == before


@pytest.mark.parametrize("name", ["a/b", "../up", "..", ".", "", "/home/x"])
def test_a_new_name_is_a_name(nas, name):
    place = nas.place()
    (place.disk / "folder").mkdir()
    (place.disk / "folder" / "file").write_bytes(b"x")
    before = place.tree()
    with nas.refuses(Kind.INVALID_NAME, Kind.INVALID_ARGUMENT, Kind.USAGE):
        nas.files.rename(place / "folder/file", name)
    assert place.tree() == before


def test_delete(nas):
    place = nas.place()
    for name in ("file", "kept", "folder/file", "folder/below/file", "other/file"):
        (place.disk / name).parent.mkdir(parents=True, exist_ok=True)
        (place.disk / name).write_bytes(b"x")
    (place.disk / "empty").mkdir()
    nas.files.delete([], recursive=True, watch=Watch())
    nas.files.delete([place / "file", place / "empty"], recursive=False, watch=Watch())
    nas.files.delete([place / "folder", place / "other/file"], recursive=True, watch=Watch())
    assert place.tree() == {"kept": b"x", "other": None}


def test_delete_hundreds(nas):
    place = nas.place()
    for number in range(300):
        (place.disk / f"file {number}").touch()
    (place.disk / "kept").touch()
    nas.client.login()
    nas.device.forget()
    nas.files.delete([place / f"file {number}" for number in range(300)], recursive=False, watch=Watch())
    assert names(place) == ["kept"]
    assert len(nas.device.writes()) < 10


@pytest.mark.parametrize("recursive", [False, True])
def test_a_folder_and_what_it_holds_may_come_together(nas, recursive):
    place = nas.place()
    (place.disk / "folder" / "below").mkdir(parents=True)
    (place.disk / "folder" / "below" / "file").touch()
    paths = [place / "folder", place / "folder/below/file", place / "folder/below"]
    nas.files.delete(paths, recursive=recursive, watch=Watch())
    assert place.tree() == {}


def test_delete_removes_nothing_that_it_should_not(nas):
    place = nas.place()
    (place.disk / "full").mkdir()
    (place.disk / "full" / ".hidden").write_bytes(b"x")
    (place.disk / "file").write_bytes(b"x")
    before = place.tree()
    with nas.refuses(Kind.NOT_EMPTY) as refusal:
        nas.files.delete([place / "full"], recursive=False, watch=Watch())
    assert refusal.error.path == place / "full"
    assert place.tree() == before
    for missing in ("none", "none/deeper", "full/none"):
        for paths in ([place / missing], [place / "file", place / missing, place / "full"]):
            with nas.refuses(Kind.NOT_FOUND) as refusal:
                nas.files.delete(paths, recursive=True, watch=Watch())
            assert refusal.error.path == place / missing
    with nas.refuses(Kind.NOT_FOUND):
        nas.files.delete(["/nosuchshare/x"], recursive=True, watch=Watch())
    assert place.tree() == before
    with pytest.raises(NasError):
        nas.files.delete(["/home"], recursive=True, watch=Watch())
    assert place.tree() == before


def test_what_is_read_only_stays(nas):
    locked, shut = nas.place("locked"), nas.place()
    for place in (locked, shut):
        (place.disk / "file").write_bytes(b"x")
        (place.disk / "folder" / "below").mkdir(parents=True)
    shut.disk.chmod(0o555)
    before = locked.tree(), shut.tree()
    for place in (locked, shut):
        with nas.refuses(*SHUT):
            nas.files.create_folders([place / "new"])
        with nas.refuses(*SHUT):
            nas.files.rename(place / "file", "new")
        with nas.refuses(*SHUT):
            nas.files.delete([place / "file"], recursive=False, watch=Watch())
        with nas.refuses(*SHUT):
            nas.files.delete([place / "folder"], recursive=True, watch=Watch())
        with nas.refuses(*SHUT):
            nas.files.upload(BytesSource(b"new"), place / "new", mtime=None, watch=Watch())
        assert (locked.tree(), shut.tree()) == before
    if FILE in nas.files.features.sets_mtime_of:
        with nas.refuses(*SHUT):
            nas.files.set_mtime(locked / "file", 1_000_000_000)


def test_what_is_denied_stays(nas):
    place = nas.place("denied")
    (place.disk / "file").write_bytes(b"x")
    (place.disk / "folder").mkdir()
    before = place.tree()
    attempts = [
        lambda: nas.files.create_folders([place / "new"]),
        lambda: nas.files.rename(place / "file", "new"),
        lambda: nas.files.delete([place / "file"], recursive=False, watch=Watch()),
        lambda: nas.files.delete([place / "folder"], recursive=True, watch=Watch()),
        lambda: nas.files.delete([place / "none"], recursive=True, watch=Watch()),
        lambda: nas.files.upload(BytesSource(b"new"), place / "new", mtime=None, watch=Watch()),
        lambda: nas.files.download(place / "file", io.BytesIO(), watch=Watch()),
        lambda: nas.files.download(place / "none", io.BytesIO(), watch=Watch()),
        *(
            lambda name=name, algorithm=algorithm: nas.files.checksum(place / name, algorithm, watch=Watch())
            for name in ("file", "none")
            for algorithm in nas.files.features.checksum_algorithms[:1]
        ),
    ]
    if FILE in nas.files.features.sets_mtime_of:
        attempts.append(lambda: nas.files.set_mtime(place / "file", 1_000_000_000))
    for attempt in attempts:
        with nas.refuses(Kind.PERMISSION_DENIED):
            attempt()
    assert place.tree() == before


@pytest.mark.parametrize("entry_type", [FILE, FOLDER])
def test_set_mtime(nas, entry_type):
    place = nas.place()
    entry = place.disk / "a, é"
    entry.mkdir() if entry_type == FOLDER else entry.write_bytes(b"x")
    before = int(entry.stat().st_mtime)
    if entry_type not in nas.files.features.sets_mtime_of:
        with nas.refuses(Kind.UNSUPPORTED) as refusal:
            nas.files.set_mtime(place / "a, é", 1_000_000_000)
        assert refusal.error.path == place / "a, é"
        assert int(entry.stat().st_mtime) == before
        return
    for mtime in (1_000_000_000, 1, 2_000_000_000):
        nas.files.set_mtime(place / "a, é", mtime)
        assert int(entry.stat().st_mtime) == mtime
        assert nas.files.stat([place / "a, é"])[place / "a, é"].mtime == mtime
    for missing in ("none", "none/deeper"):
        with nas.refuses(Kind.NOT_FOUND):
            nas.files.set_mtime(place / missing, 1_000_000_000)
    assert place.tree() == {"a, é": None if entry_type == FOLDER else b"x"}


SHOWN = (
    *("Smith, John.txt", "C++.txt", "O'Brien.txt", "50%.txt", "a:b.txt", "_sn_x", "x" * 240 + ".txt"),
    *("e\u0301.txt", " blank", "dot.", "[1].txt", "report (1).txt"),
)


NOT_GIVEN = {
    "qts4": {"Smith, John.txt", "C++.txt", "O'Brien.txt", "50%.txt", "_sn_x"},
    "qts5": {"_sn_x"},
    **{profile: {"a:b.txt"} for profile in ("dsm5", "dsm6", "dsm7", "dsm73")},
}


def test_a_name_that_the_device_shows_is_kept_or_given_again(nas):
    """Other programs have given it; whether the device gives it to something new is its own affair."""
    refused = set()
    for name in SHOWN:
        place = nas.place()
        (place.disk / name).write_bytes(b"old")
        path = place / name
        assert nas.files.stat([path])[path] is not None

        def replace(path=path):
            source = BytesSource(b"new")
            atomic.deliver(nas.files, source, path, replaces=True, backup=None, mtime=None, watch=Watch())

        _answer, error = nas.outcome(replace)
        assert error is None or error.kind is Kind.INVALID_NAME, (name, str(error))
        assert place.tree() == {name: b"new" if error is None else b"old"}, name
        refused |= {name} if error else set()
    assert refused >= NOT_GIVEN.get(nas.profile, set())
    assert "report (1).txt" not in refused
