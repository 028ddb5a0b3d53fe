# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""nas_file's plan: a pure function of what is desired and what is there."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.nasops.nas.plugins.module_utils._core.errors import Kind, NasError
from ansible_collections.nasops.nas.plugins.module_utils._core.model import FILE, FOLDER, Entry
from ansible_collections.nasops.nas.plugins.module_utils._core.sources import BytesSource
from ansible_collections.nasops.nas.plugins.module_utils._plans.file import Current, Desired, plan_file
from ansible_collections.nasops.nas.plugins.modules.nas_file import check_source, read_times

PATH = "/s/a/f"
OLD = Entry(PATH, FILE, size=3, mtime=5)
ABOVE = {"/s": Entry("/s", FOLDER), "/s/a": Entry("/s/a", FOLDER)}
NEW = BytesSource(b"abc")


def steps(desired, current, sets_mtime=True):
    return [(step.do, step.path) for step in plan_file(desired, current, sets_mtime).steps]


def test_a_new_file():
    assert steps(Desired(PATH, source=NEW), Current(above=ABOVE)) == [("upload", PATH)]


def test_a_new_file_below_missing_folders():
    above = {"/s": ABOVE["/s"], "/s/a": None}
    made = steps(Desired(PATH, source=NEW, parents=True), Current(above=above))
    assert made == [("create_folder", "/s/a"), ("upload", PATH)]
    with pytest.raises(NasError) as caught:
        steps(Desired(PATH, source=NEW), Current(above=above))
    assert caught.value.kind is Kind.NOT_FOUND


def test_no_such_share():
    with pytest.raises(NasError, match="no share 's'"):
        steps(Desired(PATH, source=NEW, parents=True), Current(above={"/s": None, "/s/a": None}))


def test_a_file_above():
    with pytest.raises(NasError) as caught:
        steps(Desired(PATH, source=NEW, parents=True), Current(above={**ABOVE, "/s/a": Entry("/s/a", FILE)}))
    assert caught.value.kind is Kind.WRONG_TYPE


@pytest.mark.parametrize(("same", "expected"), [(True, []), (False, [("upload", PATH)]), (None, [])])
def test_a_file_with_some_content(same, expected):
    assert steps(Desired(PATH, source=NEW), Current(OLD, same=same)) == expected


@pytest.mark.parametrize("state", ["present", "touch", "absent"])
def test_a_folder_is_never_taken_for_a_file(state):
    source = NEW if state == "present" else None
    with pytest.raises(NasError) as caught:
        steps(Desired(PATH, state, source), Current(Entry(PATH, FOLDER)))
    assert caught.value.kind is Kind.WRONG_TYPE


def test_another_time_is_set_or_sent_again():
    desired = Desired(PATH, source=NEW, mtime=7)
    assert steps(desired, Current(OLD, same=True)) == [("set_mtime", PATH)]
    assert steps(desired, Current(OLD, same=True), sets_mtime=False) == [("upload", PATH)]
    assert steps(Desired(PATH, source=NEW, mtime=5), Current(OLD, same=True)) == []


def test_what_only_has_to_be_there_keeps_its_content_whatever_its_time():
    kept = Desired(PATH, source=NEW, force=False, mtime=7)
    assert steps(kept, Current(OLD)) == [("set_mtime", PATH)]
    assert steps(kept, Current(OLD), sets_mtime=False) == [("rewrite", PATH)]


def test_touch():
    now = Desired(PATH, "touch", mtime=9, always=True)
    assert steps(now, Current(above=ABOVE)) == [("upload", PATH)]
    assert steps(now, Current(OLD)) == [("set_mtime", PATH)]
    assert steps(now, Current(OLD), sets_mtime=False) == [("rewrite", PATH)]
    assert steps(Desired(PATH, "touch", mtime=5), Current(OLD)) == []


def test_removal():
    assert steps(Desired(PATH, "absent"), Current(OLD)) == [("delete", PATH)]
    assert steps(Desired(PATH, "absent"), Current()) == []


def test_what_an_interrupted_run_left_is_cleaned_even_when_the_file_is_right():
    left = ("/s/a/.nasops-1.part",)
    assert steps(Desired(PATH, source=NEW), Current(OLD, same=True, leftovers=left)) == [("clean", left[0])]


@pytest.mark.parametrize(
    "good",
    [
        "900150983cd24fb0d6963f7d28e17f72",
        "md5:900150983CD24FB0D6963F7D28E17F72",
        "sha1:a9993e364706816aba3e25717850c26c9cd0d89d",
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    ],
)
def test_an_expected_checksum_that_is_met(good):
    check_source(NEW, good)


@pytest.mark.parametrize(
    ("expected", "kind"),
    [
        ("md5:00000000000000000000000000000000", Kind.MISMATCH),
        ("crc32:352441c2", Kind.USAGE),
        ("md5:abc", Kind.USAGE),
        ("nonsense", Kind.USAGE),
        ("z" * 32, Kind.USAGE),
    ],
)
def test_an_expected_checksum_that_is_not(expected, kind):
    with pytest.raises(NasError) as caught:
        check_source(NEW, expected)
    assert caught.value.kind is kind


@pytest.mark.parametrize(
    ("desired", "same", "expected"),
    [
        (Desired(PATH, source=NEW, times={"crtime": 3}), True, []),
        (Desired(PATH, source=NEW, times={"crtime": 4}), True, ["upload"]),
        (Desired(PATH, source=NEW, times={"crtime": 4}), None, ["rewrite"]),  # it only has to be there
        (Desired(PATH, source=NEW, times={"atime": 4}), True, []),
        (Desired(PATH, source=NEW, times={"atime": 4}), False, ["upload"]),
        (Desired(PATH, "touch", mtime=5, times={"crtime": 3}), None, []),
        (Desired(PATH, "touch", mtime=5, times={"crtime": 4}), None, ["rewrite"]),
        (Desired(PATH, "touch", mtime=5, times={"atime": 4}), None, []),
        (Desired(PATH, "touch", mtime=6, times={"atime": 4}), None, ["rewrite"]),
    ],
)
def test_a_file_with_another_time(desired, same, expected):
    there = Current(replace(OLD, crtime=3), same=same)
    assert [step.do for step in plan_file(desired, there, sets_mtime=False).steps] == expected


def read(vendor, **options):
    params = {"vendor": vendor, "state": "present", "crtime": None, "atime": None, **options}
    return read_times(params)


def test_who_can_set_other_times():
    assert read("synology", crtime="1767225600.5", atime="2026-01-01T00:00:00Z") == {
        "crtime": 1767225600,
        "atime": 1767225600,
    }
    for vendor in ("qnap", "freebox"):
        for option in ("crtime", "atime"):
            with pytest.raises(NasError, match=f"{vendor}.*{option}.*synology") as caught:
                read(vendor, **{option: "5"})
            assert caught.value.kind is Kind.UNSUPPORTED
            assert read(vendor) == {}


@pytest.mark.parametrize("more", [{"atime": "now"}, {"crtime": "preserve"}])
def test_other_times_that_make_no_sense(more):
    with pytest.raises(NasError, match=r"option (crtime|atime)") as caught:
        read("synology", **more)
    assert caught.value.kind is Kind.USAGE
