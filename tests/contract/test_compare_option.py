# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`compare` of nas_file and nas_fetch: what is read, what travels, and what is taken for the same."""

from __future__ import annotations

import hashlib
import os

import pytest
from ansible_collections.nasops.nas.plugins.module_utils import _vendors
from ansible_collections.nasops.nas.plugins.module_utils._core.model import FILE
from ansible_collections.nasops.nas.plugins.module_utils._core.sources import FileSource

from tests.support.devices import CHECKSUMS, DOWNLOADS

TIME = 1_700_000_000
ONE, TWO = b"1" * 200_000, b"2" * 200_000  # too large to be read for a comparison, or for a diff


def write(place, content, time=TIME):
    place.write_bytes(content)
    os.utime(place, (time, time))


def features(device):
    """What the vendor's client can with files."""
    return _vendors.VENDORS[device.vendor].files.features


def keeps_times(nas):
    """Whether files can have a modification time of a task's choice, by a client's class."""
    return nas.files.features.sets_mtime_at_upload or FILE in nas.files.features.sets_mtime_of


@pytest.fixture
def reads(monkeypatch):
    """The local files that were opened to be read."""
    opened = []
    stream = FileSource._open
    monkeypatch.setattr(FileSource, "_open", lambda self: opened.append(self.filename) or stream(self))
    return opened


def test_nas_file_by_time(device, do, tmp_path, reads):
    src, there = tmp_path / "src", device.root / "home" / "f"
    write(src, ONE)
    options = {"path": "/home/f", "src": str(src), "compare": "mtime"}
    if not keeps_times(_vendors.VENDORS[device.vendor]):
        refused = do("nas_file", **options)
        assert refused["failed"], refused
        assert "modification time" in refused["msg"], refused
        for vendor in _vendors.vendors_with(keeps_times):
            assert vendor in refused["msg"]
        return
    first = do("nas_file", **options)
    assert first["changed"], first
    assert first["checksum"].startswith(f"{features(device).checksum_algorithms[0]}:"), first
    assert there.read_bytes() == ONE
    assert int(there.stat().st_mtime) == TIME
    assert reads == [str(src)]  # once, though its checksum was taken, compared and told

    # Nothing is read where size and time are equal, though the bytes are others.
    reads.clear()
    os.utime(src, (TIME + 0.7, TIME + 0.7))
    write(there, TWO)
    again = do("nas_file", **options)
    assert not again["changed"], again
    assert "checksum" not in again, again
    assert reads == []
    assert do("nas_file", **{**options, "compare": "checksum"})["changed"]
    assert there.read_bytes() == ONE

    # Another time of the same bytes, of other bytes, another size.
    write(there, ONE, TIME - 5)
    assert do("nas_file", **options)["changed"]
    for content, time in ((TWO, TIME - 5), (ONE + b"x", TIME)):
        write(there, content, time)
        assert do("nas_file", **options)["changed"]
        assert (there.read_bytes(), int(there.stat().st_mtime)) == (ONE, TIME)
        assert not do("nas_file", **options)["changed"]

    # A file that only has to be there keeps its content and its time.
    write(there, TWO, TIME - 5)
    assert not do("nas_file", force=False, **options)["changed"]
    assert (there.read_bytes(), int(there.stat().st_mtime)) == (TWO, TIME - 5)


def test_a_time_for_a_file_that_only_has_to_be_there(device, do, tmp_path):
    if not keeps_times(_vendors.VENDORS[device.vendor]):
        return
    src, there = tmp_path / "src", device.root / "home" / "f"
    write(src, ONE)
    write(there, TWO, TIME - 5)
    assert do("nas_file", path="/home/f", src=str(src), force=False, mtime="preserve")["changed"]
    assert (there.read_bytes(), int(there.stat().st_mtime)) == (TWO, TIME)


@pytest.mark.parametrize(
    ("options", "words"),
    [({"content": "x"}, "needs src"), ({"mtime": "2026-01-01"}, "mtime gives another"), ({"state": "absent"}, "state")],
)
def test_nas_file_refuses_what_has_no_two_times(device, do, tmp_path, options, words):
    write(tmp_path / "src", ONE)
    given = {"path": "/home/f", "compare": "mtime", **options}
    if "content" not in options and "state" not in options:
        given["src"] = str(tmp_path / "src")
    refused = do("nas_file", **given)
    assert refused["failed"], refused
    assert words in refused["msg"], refused
    assert refused["failure"]["kind"] == "usage", refused
    assert device.requests == 0


def test_nas_fetch_by_time(device, do, tmp_path, reads):
    there, dest = device.root / "home" / "f", tmp_path / "dest"
    write(there, ONE)
    options = {"src": ["/home/f"], "dest": str(dest), "compare": "mtime"}
    first = do("nas_fetch", **options)
    assert first["changed"], first
    algorithm, _colon, digits = first["checksum"].partition(":")
    assert algorithm == features(device).checksum_algorithms[0]
    assert digits == hashlib.new(algorithm, ONE).hexdigest(), first
    assert (dest.read_bytes(), int(dest.stat().st_mtime)) == (ONE, TIME)
    assert reads == []  # all checksums were taken on the way

    write(dest, TWO, TIME + 0.7)
    device.log.clear()
    again = do("nas_fetch", **options)
    assert not again["changed"], again
    assert again["size"] == len(ONE), again
    assert "checksum" not in again, again
    assert reads == []
    assert device.calls(CHECKSUMS[device.vendor]) == []
    assert do("nas_fetch", **{**options, "compare": "checksum"})["changed"]
    assert reads == [str(dest)]

    # The same bytes with another time get it, without being fetched; only the checksum of the NAS is asked for.
    write(dest, ONE, TIME - 5)
    device.log.clear()
    result = do("nas_fetch", **options)
    assert result["changed"]
    assert result["checksum"] == first["checksum"]
    assert int(dest.stat().st_mtime) == TIME
    assert device.calls(DOWNLOADS[device.vendor]) == []
    assert len(device.calls(CHECKSUMS[device.vendor])) == 1

    # Of another size no checksum is asked for before it came.
    for content, time, sums in ((TWO, TIME - 5, 2), (ONE[1:], TIME, 1)):
        write(dest, content, time)
        device.log.clear()
        assert do("nas_fetch", **options)["changed"]
        assert (dest.read_bytes(), int(dest.stat().st_mtime)) == (ONE, TIME)
        assert len(device.calls(CHECKSUMS[device.vendor])) == sums
        assert not do("nas_fetch", **options)["changed"]

    # By default the time of the local file does not matter.
    write(dest, ONE, TIME - 5)
    reads.clear()
    assert not do("nas_fetch", src=["/home/f"], dest=str(dest))["changed"]
    assert reads == [str(dest)]  # once for both checksums
    assert not do("nas_fetch", src=["/home/f"], dest=str(dest), force=True)["changed"]


@pytest.mark.parametrize("time", [0, -1])
def test_a_time_that_is_none_is_not_compared(device, do, tmp_path, time):
    there, dest = device.root / "home" / "f", tmp_path / "dest"
    write(there, ONE, time)
    write(dest, TWO, time)
    assert do("nas_fetch", src=["/home/f"], dest=str(dest), compare="mtime")["changed"]
    assert dest.read_bytes() == ONE
    if keeps_times(_vendors.VENDORS[device.vendor]):
        write(there, TWO, time)
        assert do("nas_file", path="/home/f", src=str(dest), compare="mtime")["changed"]
        assert there.read_bytes() == ONE
