# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""nas_fetch's plan, and what it knows about files of this machine."""

from __future__ import annotations

import fcntl
import os
import stat
import zipfile
from collections import Counter
from types import SimpleNamespace

import pytest
from ansible_collections.nasops.nas.plugins.module_utils import _vendors
from ansible_collections.nasops.nas.plugins.module_utils._core.errors import Kind, NasError
from ansible_collections.nasops.nas.plugins.module_utils._core.model import Entry
from ansible_collections.nasops.nas.plugins.module_utils._delivery import local_file as _local
from ansible_collections.nasops.nas.plugins.module_utils._plans.fetch import (
    FILE,
    THUMBNAIL,
    ZIP,
    Current,
    Desired,
    Thing,
    plan_fetch,
)
from ansible_collections.nasops.nas.plugins.modules.nas_fetch import SPEC, read_thing

DEST = "/tmp/x/f"
THING = Thing(FILE, "f", mtime=5)
DESIRED = Desired(FILE, DEST, "/s/f", ("/s/f",))


@pytest.fixture
def file(tmp_path):
    found = tmp_path / "f"
    found.write_text("abc")
    found.chmod(0o640)
    return found


def steps(desired, current):
    return [step.do for step in plan_fetch(desired, current).steps]


def test_what_is_not_here_is_fetched(file):
    assert steps(DESIRED, Current(THING, DEST)) == ["fetch"]
    assert steps(DESIRED, Current(THING, DEST, missing=("/tmp/x",))) == ["create_folder", "fetch"]
    assert steps(DESIRED, Current(None, DEST)) == ["fetch"]


@pytest.mark.parametrize(
    ("same", "force", "expected"),
    [
        (True, False, []),
        (True, True, ["compare"]),
        (False, False, ["fetch"]),
        (False, True, ["fetch"]),
        (None, False, ["compare"]),
        (None, True, ["compare"]),
    ],
)
def test_a_file_that_is_on_the_controller_already(file, same, force, expected):
    desired = Desired(FILE, DEST, force=force)
    assert steps(desired, Current(THING, DEST, os.stat(file), same)) == expected


def test_another_mode_alone(file):
    now = os.stat(file)
    drift = _local.Attributes(mode=0o600).drift(now)
    assert steps(DESIRED, Current(THING, DEST, now, True, drift=drift)) == ["set_attributes"]
    assert steps(DESIRED, Current(THING, DEST, now, False, drift=drift)) == ["fetch"]
    drift = _local.Attributes(mode=0o640, uid=os.getuid()).drift(now)
    assert steps(DESIRED, Current(THING, DEST, now, True, drift=drift)) == []


def test_another_time_alone(file):
    drift = {"mtime": ("1970-01-01T00:00:04Z", "1970-01-01T00:00:05Z")}
    assert steps(DESIRED, Current(THING, DEST, os.stat(file), True, drift=drift)) == ["set_attributes"]


def test_the_renditions_are_those_that_vendors_make():
    made = {one for nas in _vendors.VENDORS.values() for one in nas.downloads.features.rendition_formats}
    assert set(SPEC.options["rendition"]["choices"]) == {THUMBNAIL, *made}
    sizes = {one for nas in _vendors.VENDORS.values() for one in nas.downloads.features.thumbnail_sizes}
    assert set(SPEC.options["size"]["choices"]) == sizes


def attributes(mode=None, owner=None, group=None):
    return _local.read_attributes({"mode": mode, "owner": owner, "group": group})


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("0644", 0o644),
        ("644", 0o644),
        (0o644, 0o644),
        ("u=rw,g=r,o=", 0o640),
        ("g+w", 0o660),
        ("a-rwx", 0),
        (None, 0o640),
        ("0", 0),
    ],
)
def test_modes(file, mode, expected):
    assert attributes(mode).mode_for(os.stat(file)) == expected


@pytest.mark.parametrize("mode", ["rw", "0999", "99999", -1, 1.5, True, ["0644"]])
def test_bad_modes(mode):
    with pytest.raises(NasError, match="option mode") as caught:
        attributes(mode)
    assert caught.value.kind is Kind.USAGE


def test_owners():
    assert attributes(owner="root", group="root") == _local.Attributes(None, 0, 0)
    assert attributes(owner="12345", group="54321") == _local.Attributes(None, 12345, 54321)
    for option in ("owner", "group"):
        with pytest.raises(NasError, match=f"option {option}: there is no 'no-such-name'"):
            attributes(**{option: "no-such-name"})


def test_a_new_file_has_the_usual_mode_and_a_replaced_one_keeps_its_own(tmp_path, file):
    for dest, expected in ((tmp_path / "new", 0o666 & ~_umask()), (file, 0o640)):
        with _local.Arrival(str(tmp_path)) as arrival:
            arrival.sink.write(b"bytes")
            arrival.close()
            arrival.take_place(str(dest), _local.Attributes(), 1000)
        assert dest.read_bytes() == b"bytes"
        assert stat.S_IMODE(dest.stat().st_mode) == expected
        assert dest.stat().st_mtime == 1000
    assert sorted(path.name for path in tmp_path.iterdir()) == ["f", "new"]


def _umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_what_did_not_take_its_place_is_gone(tmp_path):
    with pytest.raises(NasError, match="no space") as caught, _local.Arrival(str(tmp_path)), _local.local_errors("x"):
        raise OSError(28, "no space left")
    assert caught.value.kind is Kind.NO_SPACE
    assert list(tmp_path.iterdir()) == []


def test_destinations(tmp_path, file):
    assert _local.destination(str(file), "name") == str(file)
    assert _local.destination(str(tmp_path), "name") == str(tmp_path / "name")
    assert _local.destination(f"{tmp_path}/new/", "name") == str(tmp_path / "new" / "name")
    (tmp_path / "link").symlink_to(file)
    assert _local.destination(str(tmp_path / "link"), None) == str(file)
    with pytest.raises(NasError, match="is a folder"):
        _local.destination(str(tmp_path), None)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(NasError, match="is no file"):
        _local.destination(str(tmp_path / "pipe"), None)


def test_folders_that_are_not_ready(tmp_path, file):
    assert _local.is_ready(str(tmp_path), parents=False, may_be_created_earlier=False)
    new = str(tmp_path / "new" / "deeper")
    assert _local.is_ready(new, parents=True, may_be_created_earlier=False)
    assert not _local.is_ready(new, parents=False, may_be_created_earlier=True)
    with pytest.raises(NasError, match="there is no folder"):
        _local.is_ready(new, parents=False, may_be_created_earlier=False)
    with pytest.raises(NasError, match="nothing can be written"):
        _local.is_ready(str(file / "below"), parents=True, may_be_created_earlier=False)
    assert _local.missing_folders(f"{new}/f") == (str(tmp_path / "new"), new)


def test_what_a_zip_holds(tmp_path, file):
    archive = tmp_path / "a.zip"
    with zipfile.ZipFile(archive, "w") as writer:
        writer.writestr("d/", "")
        writer.writestr("d/one", "abc")
        writer.writestr("d/two", "abc")
        writer.writestr("three", "abcdef")
    assert _local.zip_holds(str(archive), Counter({3: 2, 6: 1}), thorough=True)
    assert _local.zip_holds(str(archive), Counter({3: 1}))
    assert not _local.zip_holds(str(archive), Counter({3: 3}))
    assert not _local.zip_holds(str(file), Counter())
    archive.write_bytes(archive.read_bytes().replace(b"abcdef", b"abcdeX"))
    assert _local.zip_holds(str(archive), Counter({6: 1}))
    assert not _local.zip_holds(str(archive), Counter({6: 1}), thorough=True)


def test_a_zip_need_not_hold_what_links_lead_to():
    folder = Entry("/s/d", "folder", link=False)
    held = [
        Entry("/s/d/f", "file", 3, 7, link=False),
        Entry("/s/d/broken", "file", 0, 5, link=True),
        Entry("/s/d/to-f", "file", 3, 7, link=True),
    ]
    files = SimpleNamespace(stat=lambda paths: {"/s/d": folder}, list=lambda path: held if path == "/s/d" else [])
    task = SimpleNamespace(
        client=SimpleNamespace(files=files), params={"vendor": "qnap"}, check_mode=False, saw=lambda found: None
    )
    assert read_thing(task, Desired(ZIP, DEST, "/s/d", ("/s/d",))).sizes == Counter({3: 1})


def test_what_killed_processes_left_is_cleared_and_what_others_write_is_not(tmp_path):
    (tmp_path / ".nasops-0a1b2c3d.part").write_text("half")
    kept = (".nasops-0a1b2c3d", ".nasops-0a1b2c3d4e.part", "0a1b2c3d.part")
    for name in kept:
        (tmp_path / name).write_text("somebody's")
    with _local.Arrival(str(tmp_path)) as of_another:
        _local.clear_left(str(tmp_path))
        assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
            [os.path.basename(of_another.filename), *kept]
        )


def test_a_file_that_was_cleared_before_it_was_locked_is_made_anew(tmp_path, monkeypatch):
    lock = fcntl.flock

    def late(descriptor, how):
        monkeypatch.setattr(_local.fcntl, "flock", lock)
        _local.clear_left(str(tmp_path))
        lock(descriptor, how)

    monkeypatch.setattr(_local.fcntl, "flock", late)
    with _local.Arrival(str(tmp_path)) as arrival:
        arrival.sink.write(b"bytes")
        arrival.close()
        arrival.take_place(str(tmp_path / "dest"), _local.Attributes(), None)
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"bytes"]


def test_what_may_not_be_listed_is_left_as_it_is(tmp_path, monkeypatch):
    def refused(folder):
        raise PermissionError(13, "Permission denied")

    (tmp_path / ".nasops-0a1b2c3d.part").write_text("half")
    with monkeypatch.context() as patched:
        patched.setattr(_local.os, "scandir", refused)
        _local.clear_left(str(tmp_path))
    assert len(list(tmp_path.iterdir())) == 1
    with pytest.raises(NasError):
        _local.clear_left(str(tmp_path / "no folder"))
