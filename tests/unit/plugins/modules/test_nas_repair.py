# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""nas_repair's plan, and what a par2 file says about its set."""

from __future__ import annotations

import hashlib
import struct
from types import SimpleNamespace

import pytest
from ansible_collections.nasops.nas.plugins.module_utils._core.errors import Kind, NasError
from ansible_collections.nasops.nas.plugins.module_utils._core.model import Entry
from ansible_collections.nasops.nas.plugins.module_utils._core.waiting import Watch
from ansible_collections.nasops.nas.plugins.module_utils._delivery.par2 import Protected, Reader, members
from ansible_collections.nasops.nas.plugins.module_utils._delivery.repair import apply
from ansible_collections.nasops.nas.plugins.module_utils._plans.repair import Current, Desired, plan_repair

SET = "/s/d/x.par2"
VOLUME = "/s/d/x.vol0+1.par2"


def steps(desired, current):
    return [(step.do, step.path) for step in plan_repair(desired, current).steps]


def test_only_what_is_not_whole_is_mended():
    found = Current({"/s/d/a": "whole", "/s/d/b": "damaged", "/s/d/c": "missing"})
    plan = plan_repair(Desired(SET), found)
    assert plan.paths("repair") == ["/s/d/b", "/s/d/c"]
    assert plan.before == {"files": {"/s/d/b": {"state": "damaged"}, "/s/d/c": {"state": "missing"}}}
    assert plan.after == {"files": {"/s/d/b": {"state": "whole"}, "/s/d/c": {"state": "whole"}}}
    assert not plan_repair(Desired(SET), Current({"/s/d/a": "whole"})).changed


def test_the_archive_is_deleted_last():
    found = Current({"/s/d/a": "whole"}, (SET, VOLUME))
    assert steps(Desired(SET), found) == []
    assert steps(Desired(SET, delete_archive=True), found) == [("delete", SET), ("delete", VOLUME)]
    assert plan_repair(Desired(SET, delete_archive=True), found).after["files"][SET] == {"state": "absent"}


def test_a_set_that_is_not_there():
    with pytest.raises(NasError) as caught:
        plan_repair(Desired(SET), Current())
    assert caught.value.kind is Kind.NOT_FOUND
    assert steps(Desired(SET, delete_archive=True), Current()) == []
    assert steps(Desired(SET, may_be_created_earlier=True), Current()) == [("repair", SET)]


@pytest.mark.parametrize("left", ["damaged", "missing"])
def test_what_is_not_whole_though_the_device_says_so_is_noticed(left):
    there = Entry("/s/d/a", "file", size=7) if left == "damaged" else None
    files = SimpleNamespace(stat=lambda paths: {"/s/d/a": there}, checksum=lambda *args, **more: "other")
    asked = []
    repair = SimpleNamespace(repair=lambda path, **more: asked.append(more["delete_archive"]))
    nas = SimpleNamespace(files=files, repair=repair)
    desired, found = Desired(SET, delete_archive=True), Current({"/s/d/a": left}, (SET,))
    plan = plan_repair(desired, found)
    with pytest.raises(NasError) as caught:
        apply(nas, desired, plan, [Protected("/s/d/a", 7, "0" * 32)], lambda label: Watch())
    assert (caught.value.kind, caught.value.path) == (Kind.MISMATCH, "/s/d/a")
    assert asked == [False]  # the par2 files stay


SET_ID = b"s" * 16


def packet(packet_type, body, set_id=SET_ID):
    signed = set_id + packet_type.ljust(16, b"\0") + body
    return b"PAR2\0PKT" + struct.pack("<Q", len(signed) + 32) + hashlib.md5(signed).digest() + signed


def main_packet(*ids, extra=b"", set_id=SET_ID):
    return packet(b"PAR 2.0\0Main", struct.pack("<QI", 4096, len(ids)) + b"".join(ids) + extra, set_id)


def described(file_id, name, size=7, md5=b"m" * 16, set_id=SET_ID):
    padded = name + b"\0" * (-len(name) % 4)
    return packet(b"PAR 2.0\0FileDesc", file_id + md5 + b"h" * 16 + struct.pack("<Q", size) + padded, set_id)


ONE, TWO, THREE = b"1" * 16, b"2" * 16, b"3" * 16
RECOVERY = packet(b"PAR 2.0\0RecvSlic", b"PAR2\0PKT" * 1000)
GOOD = main_packet(ONE, TWO, extra=THREE) + described(TWO, b"b.txt", 1 << 33) + RECOVERY + described(ONE, "é".encode())
FILES = [Protected("/s/d/é", 7, "6d" * 16), Protected("/s/d/b.txt", 1 << 33, "6d" * 16)]


def read(data, piece=1 << 20):
    reader = Reader(SET)
    for at in range(0, len(data), piece):
        assert reader.write(data[at : at + piece]) == len(data[at : at + piece])
    return reader.files()


@pytest.mark.parametrize("piece", [1, 7, 64, 1000, 1 << 20])
def test_a_set_in_pieces(piece):
    assert read(GOOD, piece) == FILES


def test_what_is_between_packets_does_not_count():
    damaged = bytearray(described(ONE, b"wrong"))
    damaged[-1] ^= 1
    other = main_packet(TWO, set_id=b"o" * 16)
    short = b"PAR2\0PKT" + struct.pack("<Q", 3) + bytes(48)
    assert read(b"noise PAR2" + GOOD + bytes(damaged) + other + short + RECOVERY[:500]) == FILES


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no par2 file at all" * 10,
        RECOVERY,
        described(ONE, b"a"),
        main_packet(ONE),
        main_packet(),
        main_packet(ONE) + described(TWO, b"b"),
        GOOD[:-30],
        *(main_packet(ONE) + described(ONE, name) for name in (b"../x", b"/x", b"a//b", b".", b"a/..")),
    ],
)
def test_what_tells_no_whole_set(data):
    with pytest.raises(NasError) as caught:
        read(data)
    assert (caught.value.kind, caught.value.path) == (Kind.INVALID_ARGUMENT, SET)


def test_little_is_held():
    reader = Reader(SET)
    for _turn in range(50):
        reader.write(RECOVERY)
        reader.write(b"noise" * 5000)
        assert len(reader._held) < 64


@pytest.mark.parametrize("path", [SET, VOLUME, "/s/d/x.VOL10-2.PAR2"])
def test_members(path):
    names = ["x.par2", "x.vol0+1.par2", "x.vol10+20.PAR2", "y.par2", "x.txt", "x.par2.txt", "xx.par2", "x.y.par2"]
    assert members(path, names) == ["/s/d/x.par2", "/s/d/x.vol0+1.par2", "/s/d/x.vol10+20.PAR2"]
