# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""nas_copy takes nothing for equal that may differ, before it overwrites nothing or removes something."""

from __future__ import annotations

import os

import pytest
from ansible_collections.nasops.nas.plugins.module_utils._delivery.copy import Relocation

TIME = 1_700_000_000
pytestmark = pytest.mark.needs("copies")


@pytest.fixture
def copied(device, do):
    """A device, a function that puts a file on it, and one that runs nas_copy there."""

    def put(path, content, time=TIME):
        place = device.root / path.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
        os.utime(place, (time, time))

    return device, put, lambda **options: do("nas_copy", **options)


@pytest.mark.parametrize("time", [0, -1])
def test_a_time_that_is_none_is_not_compared(copied, time):
    """Devices tell 0 for what has no time."""
    device, put, copy = copied
    put("/home/a", b"one", time)
    put("/home/b", b"two", time)
    assert copy(src="/home/a", dest="/home/b", conflict="overwrite")["replaced"] == ["/home/b"]
    assert device.tree()["/home/b"] == b"one"


@pytest.mark.parametrize("options", [{"state": "moved"}, {"compare": "checksum"}])
def test_each_file_of_a_folder_is_compared_by_its_bytes(copied, monkeypatch, options):
    """A device that wrote a file of the right name, size and time, and other bytes."""
    device, put, copy = copied
    put("/home/dir/x/f.bin", b"A" * 5000)
    put("/home/dir/g", b"G" * 100)
    arrived = Relocation._verify

    def spoilt(self, *given, **named):
        for place in (device.root / "public").rglob("f.bin"):
            place.write_bytes(bytes(5000))
            os.utime(place, (TIME, TIME))
        return arrived(self, *given, **named)

    monkeypatch.setattr(Relocation, "_verify", spoilt)
    result = copy(src="/home/dir", dest="/public/other", **options)
    assert result["failure"]["kind"] == "mismatch", result
    assert result["failure"]["path"] == "/home/dir/x/f.bin"
    assert device.tree()["/home/dir/x/f.bin"] == b"A" * 5000
    assert not [path for path in device.tree() if path.startswith("/public/other")]


def test_what_is_written_while_it_moves_stays(copied, monkeypatch):
    """Somebody saves a file of the same size after it was copied, and before it goes away."""
    device, put, copy = copied
    put("/home/dir/f", b"old!")
    removed = Relocation.delete_sources

    def late(self, *given, **named):
        put("/home/dir/f", b"new!", TIME + 500)
        return removed(self, *given, **named)

    monkeypatch.setattr(Relocation, "delete_sources", late)
    result = copy(src="/home/dir", dest="/public/dir", state="moved")
    assert "while it was copied" in result.get("msg", ""), result
    assert device.tree()["/home/dir/f"] == b"new!"
    monkeypatch.undo()
    assert copy(src="/home/dir", dest="/public/dir", state="moved", conflict="overwrite")["replaced"] == [
        "/public/dir/f"
    ]
    assert {path: data for path, data in device.tree().items() if path.endswith("/f") and "@Recycle" not in path} == {
        "/public/dir/f": b"new!"
    }


def test_a_refusal_names_the_path_that_was_asked_for(copied):
    """Where the device refuses, at whatever call, the user has never heard of our hidden names."""
    device, put, copy = copied
    reported = set()
    for number in range(2, 16):
        device.reset()
        put("/home/f", b"one")
        put("/public/g", b"other")
        device.faults = [{"call": "*", "after": number, "do": {"error": device.told("denied")}}]
        result = copy(src="/home/f", dest="/public/g", conflict="overwrite")
        if result.get("failed"):
            reported.add(result["failure"]["path"])
    assert reported
    assert not [path for path in reported if ".nasops-" in path]
