# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""nas_archive's plan, and how archives are compared: pure functions of what is desired and what is there."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace

import pytest
from ansible_collections.nasops.nas.plugins.module_utils import _vendors
from ansible_collections.nasops.nas.plugins.module_utils._core import times as _times
from ansible_collections.nasops.nas.plugins.module_utils._core.archives import ArchiveMember
from ansible_collections.nasops.nas.plugins.module_utils._core.errors import Kind, NasError
from ansible_collections.nasops.nas.plugins.module_utils._core.model import FILE, FOLDER, Entry
from ansible_collections.nasops.nas.plugins.module_utils._delivery.archive_detached import (
    hollow,
    require_one_job,
    require_one_step,
)
from ansible_collections.nasops.nas.plugins.module_utils._delivery.archive_staging import moves
from ansible_collections.nasops.nas.plugins.module_utils._plans.archive import Current, Desired, plan_archive, targets
from ansible_collections.nasops.nas.plugins.module_utils._plans.archive_contents import (
    chosen,
    differences,
    other_times,
    require_safe,
    tree,
)
from ansible_collections.nasops.nas.plugins.modules.nas_archive import FORMATS, ending

PATH = "/s/a/f.zip"
T = 1_700_000_000
HOUR = 3600
ARCHIVE = Entry(PATH, FILE, size=100, mtime=T + 10 * HOUR)
ABOVE = {"/s": Entry("/s", FOLDER), "/s/a": Entry("/s/a", FOLDER)}
DEST = {"/s": Entry("/s", FOLDER), "/s/d": Entry("/s/d", FOLDER)}


def held(*rows):
    """Members from (path, size, mtime), a folder from its path alone."""
    return tree(
        ArchiveMember(row, FOLDER) if isinstance(row, str) else ArchiveMember(row[0], FILE, row[1], row[2])
        for row in rows
    )


def steps(desired, current):
    return [(step.do, step.path) for step in plan_archive(desired, current).steps]


def kind_of(desired, current):
    with pytest.raises(NasError) as caught:
        plan_archive(desired, current)
    return caught.value.kind


# What is the same


def test_folders_that_only_show_in_names():
    assert set(tree([ArchiveMember("a/b/c.txt", FILE, 1, T)])) == {"a", "a/b", "a/b/c.txt"}


def test_thumbnails_of_the_device_do_not_count():
    assert set(tree([ArchiveMember("a/@eaDir/x.jpg", FILE), ArchiveMember("a/.@__thumb", FOLDER)])) == set()


@pytest.mark.parametrize(
    ("theirs", "expected"),
    [
        (held(("d/a", 1, T), ("d/b", 2, T), "d/e"), []),
        (held(("d/a", 1, T + 2 * HOUR), ("d/b", 2, T + 2 * HOUR - 2), "d/e"), []),
        (held(("d/a", 1, T - 5400), ("d/b", 2, T - 5400), "d/e"), []),
        (held(("d/a", 1, T), ("d/b", 3, T), "d/e"), ["d/b"]),
        (held(("d/a", 1, T), ("d/b", 2, T + 3), "d/e"), ["d/b"]),
        (held(("d/a", 1, T), ("d/b", 2, None), "d/e"), []),
        (held(("d/a", 1, T), ("d/b", None, T), "d/e"), []),
        (held(("d/a", 1, T), "d/e"), ["d/b"]),
        (held(("d/a", 1, T), ("d/b", 2, T)), ["d/e"]),
        (held(("d/a", 1, T), ("d/b", 2, T), ("d/c", 2, T), "d/e"), ["d/c"]),
        (held(("d/a", 1, T), "d/b", "d/e"), ["d/b"]),
    ],
)
def test_differences(theirs, expected):
    assert differences(held(("d/a", 1, T), ("d/b", 2, T), "d/e"), theirs, T + HOUR) == expected


def test_names_that_no_archive_can_say():
    ours, theirs = held(("caf\udce9", 1, T)), held(("caf\ufffd", 1, T))
    assert differences(ours, theirs, None) == []


def test_times_in_summer_and_winter():
    assert other_times({"a": (T, T + HOUR), "b": (T, T + HOUR), "c": (T, T + 2 * HOUR)}) == set()
    assert other_times({"a": (T, T + HOUR), "b": (T, T + HOUR), "c": (T, T + 3 * HOUR)}) == {"c"}


def test_times_before_zip_began():
    assert other_times({"a": (T, T + HOUR), "b": (0, 315532800), "c": (5, 315536400)}) == set()


def test_a_shift_that_no_time_zone_has():
    assert other_times({"a": (T, T + 16 * HOUR)}) == {"a"}


def test_a_file_that_is_written_anew_every_hour():
    made = T + HOUR // 2
    assert other_times({"a": (T, T)}, made) == set()
    assert other_times({"a": (T + HOUR, T)}, made) == {"a"}
    assert other_times({"a": (T + HOUR, T), "b": (T - 60, T - 60)}, made) == {"a"}


def test_a_file_from_the_future_beside_others():
    made = T + HOUR // 2
    assert other_times({"a": (T + 9 * HOUR, T + 10 * HOUR), "b": (T, T + HOUR)}, made) == set()


@pytest.mark.parametrize("path", ["../x", "a/../../x", "/x", "a//x", "a/./x", "a\\..\\x", "", "a\0"])
def test_paths_that_lead_out(path):
    with pytest.raises(NasError) as caught:
        require_safe([ArchiveMember("fine", FILE), ArchiveMember(path, FILE)], PATH)
    assert caught.value.kind is Kind.INVALID_ARGUMENT


def test_paths_that_only_look_strange():
    require_safe([ArchiveMember(path, FILE) for path in ("..a/b..", "a b/\u00e9", "C:", "a\\b")], PATH)


def test_the_chosen_members():
    members = held(("a/b/c", 1, T), ("a/d", 1, T), ("e", 1, T))
    assert chosen(members, None, PATH) == members
    assert set(chosen(members, ["a/b", "e"], PATH)) == {"a", "a/b", "a/b/c", "e"}
    with pytest.raises(NasError, match="'a/x'"):
        chosen(members, ["a/x"], PATH)


# Packing

DESIRED = Desired(PATH, sources=("/s/x",))
SOURCES = {"/s/x": Entry("/s/x", FILE, 1, T)}
PACKED = Current(ARCHIVE, held=held(("x", 1, T)), sources=SOURCES, wanted=held(("x", 1, T)))


def test_a_new_archive():
    current = Current(above=ABOVE, sources=SOURCES, wanted=held(("x", 1, T)))
    assert steps(DESIRED, current) == [("compress", PATH)]
    below = dataclasses.replace(current, above={"/s": ABOVE["/s"], "/s/a": None})
    assert kind_of(DESIRED, below) is Kind.NOT_FOUND
    made = steps(dataclasses.replace(DESIRED, parents=True), below)
    assert made == [("create_folder", "/s/a"), ("compress", PATH)]
    assert steps(dataclasses.replace(DESIRED, may_be_created_earlier=True), below) == [("compress", PATH)]


def test_an_archive_that_holds_what_it_shall():
    assert steps(DESIRED, PACKED) == []


def test_an_archive_that_holds_something_else():
    changed = dataclasses.replace(PACKED, wanted=held(("x", 2, T)))
    plan = plan_archive(DESIRED, changed)
    assert [step.do for step in plan.steps] == ["compress"]
    assert plan.before["members"] == {"x": {"size": 1, "mtime": _times.iso(T)}}
    assert plan.after["members"] == {"x": {"size": 2, "mtime": _times.iso(T)}}


def test_an_archive_of_which_nobody_knows_what_it_holds():
    assert steps(DESIRED, dataclasses.replace(PACKED, held=None)) == [("compress", PATH)]


def test_a_source_that_is_not_there():
    current = dataclasses.replace(PACKED, sources={"/s/x": None}, wanted={})
    assert kind_of(DESIRED, current) is Kind.NOT_FOUND
    assert steps(dataclasses.replace(DESIRED, may_be_created_earlier=True), current) == [("compress", PATH)]


@pytest.mark.parametrize("state", ["present", "extracted", "absent"])
def test_a_folder_is_never_taken_for_an_archive(state):
    current = Current(Entry(PATH, FOLDER), DEST, sources=SOURCES)
    assert kind_of(Desired(PATH, state, dest="/s/d"), current) is Kind.WRONG_TYPE


def test_removal_and_what_an_interrupted_run_left():
    gone = Desired(PATH, "absent")
    assert steps(gone, Current(ARCHIVE)) == [("delete", PATH)]
    assert steps(gone, Current()) == []
    left = ("/s/a/.nasops-1.part.zip",)
    assert steps(gone, Current(leftovers=left)) == [("clean", left[0])]
    assert steps(DESIRED, dataclasses.replace(PACKED, leftovers=left)) == [("clean", left[0])]


# Unpacking

OUT = Desired(PATH, "extracted", dest="/s/d")
HELD = held(("a/b", 1, T), ("c", 2, T), "n")


def out(desired=OUT, above=None, **there):
    """What is there, a size for a file and FOLDER for a folder, by the path in the archive with _ for /."""
    found = {path.replace("_", "/"): what for path, what in there.items()}
    entries = {}
    for path, target in targets(desired, HELD).items():
        what = found.get(path)
        if what is not None:
            entries[target] = Entry(target, FOLDER) if what == FOLDER else Entry(target, FILE, *what)
        else:
            entries[target] = None
    return Current(ARCHIVE, above or DEST, HELD, there=entries)


def test_nothing_is_there_yet():
    assert steps(OUT, out()) == [
        ("create_folder", "/s/d/a"),
        ("create_folder", "/s/d/n"),
        ("extract", "a/b"),
        ("extract", "c"),
    ]
    new = {"/s": DEST["/s"], "/s/d": None}
    assert kind_of(OUT, out(above=new)) is Kind.NOT_FOUND
    desired = dataclasses.replace(OUT, parents=True)
    assert steps(desired, out(desired, above=new))[0] == ("create_folder", "/s/d")


def test_all_is_there():
    everything = out(a=FOLDER, n=FOLDER, a_b=(1, T + 77), c=(2, T))
    assert steps(OUT, everything) == []
    assert steps(dataclasses.replace(OUT, overwrite=True), everything) == [("extract", "a/b")]
    last = dataclasses.replace(OUT, delete_archive=True)
    assert steps(last, out(a=FOLDER, n=FOLDER, a_b=(1, T), c=(2, T))) == [("delete", PATH)]


@pytest.mark.parametrize("time", [T + 77, T - 40 * 24 * HOUR])
def test_an_archive_that_goes_takes_no_other_version_along(time):
    """A file of the same size and another time stays where it is, and the archive has the only other one."""
    last = dataclasses.replace(OUT, delete_archive=True)
    there = out(a=FOLDER, n=FOLDER, a_b=(1, time), c=(2, T))
    assert kind_of(last, there) is Kind.EXISTS
    assert steps(dataclasses.replace(last, overwrite=True), there) == [("extract", "a/b"), ("delete", PATH)]
    shifted = out(a=FOLDER, n=FOLDER, a_b=(1, T + HOUR), c=(2, T + HOUR))  # a clock of another zone
    assert steps(last, shifted) == [("delete", PATH)]


def test_some_of_it_is_there():
    assert steps(OUT, out(a=FOLDER, n=FOLDER, c=(2, T))) == [("extract", "a/b")]


def test_another_size():
    current = out(a=FOLDER, n=FOLDER, a_b=(7, T))
    with pytest.raises(NasError) as caught:
        plan_archive(OUT, current)
    assert caught.value.kind is Kind.EXISTS
    assert caught.value.path == "/s/d/a/b"
    assert steps(dataclasses.replace(OUT, overwrite=True), current) == [("extract", "a/b"), ("extract", "c")]


@pytest.mark.parametrize("there", [{"a": (1, T)}, {"c": FOLDER}])
def test_something_else_is_in_the_way(there):
    assert kind_of(dataclasses.replace(OUT, overwrite=True), out(**there)) is Kind.WRONG_TYPE


def test_without_folders():
    flat = dataclasses.replace(OUT, keep_folders=False)
    assert steps(flat, out(flat)) == [("extract", "a/b"), ("extract", "c")]
    assert targets(flat, HELD) == {"a/b": "/s/d/b", "c": "/s/d/c"}
    with pytest.raises(NasError, match="'a/b' and 'b' would be the same file"):
        targets(flat, held(("a/b", 1, T), ("b", 1, T)))


def test_content_that_nobody_knows():
    plan = plan_archive(OUT, Current(ARCHIVE, DEST))
    assert [(step.do, step.path) for step in plan.steps] == [("extract", PATH)]


def test_no_archive():
    assert kind_of(OUT, Current(above=DEST)) is Kind.NOT_FOUND
    assert steps(dataclasses.replace(OUT, may_be_created_earlier=True), Current(above=DEST)) == [("extract", PATH)]
    last = dataclasses.replace(OUT, delete_archive=True)
    assert steps(last, Current(above=DEST)) == []
    assert kind_of(last, Current(above={**DEST, "/s/d": None})) is Kind.NOT_FOUND


# Without waiting


def device(vendor):
    archives_class = _vendors.VENDORS[vendor].archives
    return SimpleNamespace(archives=archives_class.__new__(archives_class))


def why_wait(vendor, desired, current=None):
    """Why it takes more than one task of the device; None where it does not."""
    nas, found = device(vendor), None
    try:
        require_one_step(desired, nas.archives)
        if current is not None:
            require_one_job(nas, desired, plan_archive(desired, current), current)
    except NasError as error:
        found = error
    assert found is None or (found.kind is Kind.USAGE and "option wait: false" in found.message)
    return found and found.message


NEW = Desired(PATH, sources=("/s/a/x",))
NOTHING = Current(above=ABOVE, sources={"/s/a/x": Entry("/s/a/x", FILE)})


def test_a_new_archive_is_one_task_of_some_devices():
    assert why_wait("synology", NEW, NOTHING) is None
    assert why_wait("qnap", NEW, NOTHING) is None
    assert "cannot list" in why_wait("freebox", NEW)
    elsewhere = dataclasses.replace(NEW, sources=("/s/b/x",))
    assert why_wait("synology", elsewhere) is None
    assert "elsewhere" in why_wait("qnap", elsewhere)
    assert "in parts" in why_wait("synology", dataclasses.replace(NEW, sources=tuple(f"/s/{n}" for n in range(9999))))
    assert "elsewhere" in why_wait("synology", dataclasses.replace(NEW, path="/s/a/f.ZIP"))


def test_an_archive_that_is_there_is_not_made_anew_without_waiting():
    there = dataclasses.replace(NOTHING, archive=ARCHIVE, wanted=held(("x", 1, T)))
    assert "stays" in why_wait("synology", NEW, dataclasses.replace(there, held=held(("x", 2, T))))
    assert why_wait("synology", NEW, dataclasses.replace(there, held=held(("x", 1, T)))) is None
    assert "interrupted" in why_wait("synology", NEW, dataclasses.replace(NOTHING, leftovers=("/s/a/.nasops",)))


INTO = Desired(PATH, "extracted", dest="/s/d")
INSIDE = held(("a/b", 1, T), ("a/c", 2, T), "e/f")


def content(*there, **more):
    places = dict.fromkeys(f"/s/d/{path}" for path in INSIDE)
    places.update({entry.path: entry for entry in there})
    return Current(ARCHIVE, DEST, INSIDE, there=places, **more)


@pytest.mark.parametrize("vendor", _vendors.vendors_with(lambda nas: "archives" in nas.capabilities()))
def test_an_extraction_in_one_task(vendor):
    assert why_wait(vendor, INTO, content()) is None
    plan = plan_archive(INTO, content())
    assert hollow(plan, content()) == ["/s/d/e", "/s/d/e/f"]
    assert "delete_archive" in why_wait(vendor, dataclasses.replace(INTO, delete_archive=True))
    assert "keep_folders" in why_wait(vendor, dataclasses.replace(INTO, keep_folders=False))
    assert "nobody knows" in why_wait(vendor, INTO, Current(ARCHIVE, DEST))
    assert "interrupted" in why_wait(vendor, INTO, content(leftovers=("/s/d/.nasops",)))
    # In check mode an earlier task may make the archive.
    assert why_wait(vendor, dataclasses.replace(INTO, may_be_created_earlier=True), Current(above=DEST)) is None
    older = Entry("/s/d/a/b", FILE, size=5, mtime=T)
    message = why_wait(vendor, dataclasses.replace(INTO, overwrite=True), content(older))
    assert "a file that is there stays" in message


def test_a_part_of_the_content_in_one_task():
    same = Entry("/s/d/a/b", FILE, size=1, mtime=T)
    assert why_wait("synology", INTO, content(same)) is None
    assert "a part" in why_wait("freebox", INTO, content(same))
    some = dataclasses.replace(INTO, members=("a/b",))
    assert why_wait("synology", some) is None
    assert "unpacks all" in why_wait("freebox", some)


# Moving to the place


def test_whole_folders_are_moved_where_nothing_is():
    wanted = {"a/b": "/s/d/a/b", "a/x/y": "/s/d/a/x/y", "c": "/s/d/c"}
    staged = held(("a/b", 1, T), ("a/x/y", 1, T), ("c", 1, T))
    assert moves(wanted, staged, set()) == {"a": "/s/d/a", "c": "/s/d/c"}
    current = {"/s/d/a"}
    assert moves(wanted, staged, current) == {"a/b": "/s/d/a/b", "a/x": "/s/d/a/x", "c": "/s/d/c"}


def test_a_folder_with_more_than_is_wanted_is_not_moved_whole():
    staged = held(("a/b", 1, T), ("a/x/y", 1, T), ("a/x/z", 1, T))
    assert moves({"a/x/y": "/s/d/a/x/y"}, staged, set()) == {"a/x/y": "/s/d/a/x/y"}
    both = {"a/x/y": "/s/d/a/x/y", "a/x/z": "/s/d/a/x/z"}
    assert moves(both, staged, set()) == {"a/x": "/s/d/a/x"}


def test_without_folders_every_file_is_moved():
    assert moves({"a/b": "/s/d/b"}, held(("a/b", 1, T)), set()) == {"a/b": "/s/d/b"}


# Names


@pytest.mark.parametrize(
    ("name", "expected"),
    [("a.zip", "zip"), ("A.ZIP", "zip"), ("a.tar.gz", "tar.gz"), ("a.tar.7z", "tar.7z"), ("a.7z", "7z"), ("zip", None)],
)
def test_the_format_that_a_name_says(name, expected):
    assert ending(f"/s/{name}") == expected


def test_the_formats_are_those_that_vendors_make():
    made = {name for nas in _vendors.VENDORS.values() for name in nas.archives.features.formats}
    assert sorted(made) == sorted(FORMATS)
