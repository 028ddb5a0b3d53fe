# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""nas_assemble's plan: a pure function of what is desired and what is there."""

from __future__ import annotations

import pytest
from ansible_collections.nasops.nas.plugins.module_utils._core.errors import Kind, NasError
from ansible_collections.nasops.nas.plugins.module_utils._core.model import FILE, FOLDER, Entry
from ansible_collections.nasops.nas.plugins.module_utils._delivery.assemble import read_volumes
from ansible_collections.nasops.nas.plugins.module_utils._plans.assemble import (
    Current,
    Desired,
    plan_assemble,
    volumes,
    whole_size,
)

A, B, DEST = "/s/p/a", "/s/p/b", "/s/d/whole"
ABOVE = {"/s": Entry("/s", FOLDER), "/s/d": Entry("/s/d", FOLDER)}
SUM = ("sha256", "00")
BOTH = (A, B)


def file(path, size, mtime=5):
    return Entry(path, FILE, size=size, mtime=mtime)


PARTS = {A: file(A, 2), B: file(B, 3)}
GONE = {A: None, B: None}


def current(parts=None, target=None, **more):
    parts = PARTS if parts is None else parts
    return Current(tuple(parts), parts, target, above=more.pop("above", ABOVE), **more)


def steps(desired, found):
    return [(step.do, step.path) for step in plan_assemble(desired, found).steps]


def fails(desired, found):
    with pytest.raises(NasError) as caught:
        plan_assemble(desired, found)
    return caught.value


def test_something_new():
    assert steps(Desired(BOTH, DEST), current()) == [("assemble", DEST)]
    found = current(above={"/s": ABOVE["/s"], "/s/d": None})
    assert steps(Desired(BOTH, DEST, parents=True), found) == [("create_folder", "/s/d"), ("assemble", DEST)]
    assert fails(Desired(BOTH, DEST), found).path == "/s/d"
    assert steps(Desired(BOTH, DEST, may_be_created_earlier=True), found) == [("assemble", DEST)]


@pytest.mark.parametrize(
    ("target", "same"),
    [
        (file(DEST, 5), True),
        (file(DEST, 5, 4), False),  # a part is newer
        (file(DEST, 5, 6), True),
        (file(DEST, 4), False),
    ],
)
def test_what_is_there_is_verified_by_size_and_time(target, same):
    assert steps(Desired(BOTH, DEST), current(target=target)) == ([] if same else [("assemble", DEST)])


@pytest.mark.parametrize("parts", [PARTS, GONE, {A: PARTS[A], B: None}])
def test_a_checksum_proves_what_is_there_whatever_the_parts_are(parts):
    desired = Desired(BOTH, DEST, checksum=SUM)
    assert steps(desired, current(parts, file(DEST, 9, 1), proved=True)) == []


def test_another_checksum_makes_it_anew():
    desired = Desired(BOTH, DEST, checksum=SUM)
    assert steps(desired, current(target=file(DEST, 5), proved=False)) == [("assemble", DEST)]
    assert fails(desired, current(GONE, file(DEST, 5), proved=False)).kind is Kind.NOT_FOUND


def test_parts_are_deleted_at_the_end():
    desired = Desired(BOTH, DEST, delete_sources=True)
    everything = [("assemble", DEST), ("delete", A), ("delete", B)]
    assert steps(desired, current()) == everything
    # Its size alone is no reason to trust what is there.
    assert steps(desired, current(target=file(DEST, 5, 9))) == everything
    assert steps(desired, current(GONE, file(DEST, 5))) == []
    assert fails(desired, current({A: None, B: PARTS[B]}, file(DEST, 5))).path == A
    twice = Current((A, B, A), PARTS, above=ABOVE)
    assert steps(Desired((A, B, A), DEST, delete_sources=True), twice) == everything
    assert twice.size == 7


def test_parts_of_what_is_proved_are_deleted():
    desired = Desired(BOTH, DEST, checksum=SUM, delete_sources=True)
    assert steps(desired, current(target=file(DEST, 5, 1), proved=True)) == [("delete", A), ("delete", B)]
    assert steps(desired, current({A: None, B: PARTS[B]}, file(DEST, 5), proved=True)) == [("delete", B)]
    assert steps(desired, current(GONE, file(DEST, 5), proved=True)) == []
    assert fails(desired, current(target=file(DEST, 6), proved=True)).kind is Kind.MISMATCH


def test_missing_parts():
    found = current({A: PARTS[A], B: None})
    error = fails(Desired(BOTH, DEST), found)
    assert (error.kind, error.path) == (Kind.NOT_FOUND, B)
    assert fails(Desired(BOTH, DEST), current({A: PARTS[A], B: None}, file(DEST, 2))).path == B
    may_be_created_earlier = Desired(BOTH, DEST, delete_sources=True, may_be_created_earlier=True)
    assert steps(may_be_created_earlier, found) == [("assemble", DEST), ("delete", A), ("delete", B)]


@pytest.mark.parametrize(
    "found",
    [current(target=Entry(DEST, FOLDER)), current({A: Entry(A, FOLDER), B: PARTS[B]})],
)
def test_folders(found):
    assert fails(Desired(BOTH, DEST), found).kind is Kind.WRONG_TYPE


def test_leftovers_are_cleaned():
    found = current(target=file(DEST, 5), leftovers=("/s/d/.nasops-1.part",))
    assert steps(Desired(BOTH, DEST), found) == [("clean", "/s/d/.nasops-1.part")]


def test_what_a_diff_says():
    plan = plan_assemble(Desired(BOTH, DEST, delete_sources=True), current(target=file(DEST, 4, 1)))
    assert plan.before == {
        "paths": {
            DEST: {"state": "present", "size": 4, "mtime": "1970-01-01T00:00:01Z"},
            A: {"state": "present"},
            B: {"state": "present"},
        },
    }
    assert plan.after["paths"][DEST] == {"state": "present", "content": f"that of {A}, {B}"}
    assert plan.after["paths"][A] == {"state": "absent"}


@pytest.mark.parametrize(
    ("names", "found"),
    [
        ([], ["001"]),
        (["x.001"], ["001"]),
        (["x.001", "x.002", "x.003", "x.3", "x.0004", "xx.004", "y.004", "x.000", "x.004.md5"], ["001", "002", "003"]),
        (["x.001", "x.003", "x.004"], ["001", "002", "003", "004"]),
        (["x.002"], ["001", "002"]),
        (["x.001", "x.99999999"], ["001", "002", "99999999"]),
        ([f"x.{number:03}" for number in range(1, 1002)], [f"{number:03}" for number in range(1, 1002)]),
    ],
)
def test_volumes(names, found):
    assert volumes("/s/x.001", names) == [f"/s/x.{number}" for number in found]


def appends(**more):
    return Desired(BOTH, DEST, checksum=SUM, append=True, **more)


def test_what_is_appended():
    assert steps(appends(), current()) == [("assemble", DEST)]
    assert steps(appends(), current(target=file(DEST, 9), proved=False)) == [("assemble", DEST)]
    assert steps(appends(), current(target=file(DEST, 14), proved=True)) == []
    assert whole_size(appends(), current(target=file(DEST, 9), proved=False)) == 14
    assert whole_size(appends(), current()) == 5
    plan = plan_assemble(appends(), current(target=file(DEST, 9), proved=False))
    assert plan.after["paths"][DEST]["content"] == f"that of {DEST}, {A}, {B}"


def test_appended_parts_are_deleted_though_the_file_is_larger():
    desired = appends(delete_sources=True)
    assert steps(desired, current(target=file(DEST, 14), proved=True)) == [("delete", A), ("delete", B)]
    made = steps(desired, current(target=file(DEST, 9), proved=False))
    assert made == [("assemble", DEST), ("delete", A), ("delete", B)]
    # A file that is smaller than its parts cannot hold them, whatever checksum was given.
    assert fails(desired, current(target=file(DEST, 4), proved=True)).kind is Kind.MISMATCH
    assert steps(desired, current(GONE, file(DEST, 14), proved=True)) == []


class Listed:
    def __init__(self, kind):
        self.kind = kind

    def list(self, path):
        raise NasError(self.kind, "no")


def test_a_folder_that_cannot_be_listed_does_not_pass_for_one_without_more_volumes():
    assert read_volumes(Listed(Kind.NOT_FOUND), "/s/x.001") == ["/s/x.001"]
    for kind in (Kind.PERMISSION_DENIED, Kind.TIMEOUT, Kind.PROTOCOL):
        with pytest.raises(NasError) as caught:
            read_volumes(Listed(kind), "/s/x.001")
        assert caught.value.kind is kind
