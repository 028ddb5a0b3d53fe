# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""nas_copy's plan: a pure function of what is wished and what is there."""

from __future__ import annotations

import pytest
from ansible_collections.nasops.nas.plugins.module_utils._core import marks
from ansible_collections.nasops.nas.plugins.module_utils._core import paths as _paths
from ansible_collections.nasops.nas.plugins.module_utils._core.errors import Kind, NasError
from ansible_collections.nasops.nas.plugins.module_utils._core.model import FILE, FOLDER, Entry
from ansible_collections.nasops.nas.plugins.module_utils._plans import copy_leftovers as _copy_remains
from ansible_collections.nasops.nas.plugins.module_utils._plans.copy import (
    Present,
    Wish,
    plan_copy,
    removable,
    require_one_name,
    require_one_task,
)

SRC, DEST, ELSEWHERE = "/s/a/x", "/s/b/y", "/other/y"
ABOVE = {
    "/s": Entry("/s", FOLDER),
    "/s/a": Entry("/s/a", FOLDER),
    "/s/b": Entry("/s/b", FOLDER),
    "/other": Entry("/other", FOLDER),
}


def file(path, size=3, mtime=5):
    return Entry(path, FILE, size=size, mtime=mtime)


def tree(top, **inside):
    """A folder; of each thing inside its size, None for a folder. Two underscores are a slash."""
    paths = {name.replace("__", "/"): size for name, size in inside.items()}
    entries = {
        path: Entry(f"{top}/{path}", FOLDER) if size is None else file(f"{top}/{path}", size)
        for path, size in paths.items()
    }
    return {"": Entry(top, FOLDER), **entries}


def steps(wish, present):
    return [(step.do, step.path, step.to) for step in plan_copy(wish, present)[0].steps]


def kept(wish, present):
    return plan_copy(wish, present)[1]


def fails(wish, present):
    with pytest.raises(NasError) as caught:
        plan_copy(wish, present)
    return caught.value


ONE = {"": file(SRC)}
OTHER = {"": file(DEST, size=4, mtime=4)}


def test_something_new():
    present = Present(ONE, above=ABOVE)
    assert steps(Wish(SRC, DEST), present) == [("copy", SRC, DEST)]
    assert steps(Wish(SRC, DEST, move=True), present) == [("move", SRC, DEST)]
    assert steps(Wish(SRC, "/s/a/y", move=True), present) == [("move", SRC, "/s/a/y")]


def test_a_move_to_another_share_is_a_copy_and_a_removal():
    assert steps(Wish(SRC, ELSEWHERE, move=True), Present(ONE, above=ABOVE)) == [
        ("copy", SRC, ELSEWHERE),
        ("delete", SRC, None),
    ]


def test_below_missing_folders():
    above = {**ABOVE, "/s/b": None}
    assert steps(Wish(SRC, DEST, parents=True), Present(ONE, above=above)) == [
        ("create_folder", "/s/b", None),
        ("copy", SRC, DEST),
    ]
    assert fails(Wish(SRC, DEST), Present(ONE, above=above)).kind is Kind.NOT_FOUND
    assert steps(Wish(SRC, DEST, promised=True), Present(ONE, above=above)) == [("copy", SRC, DEST)]


def test_no_source():
    assert fails(Wish(SRC, DEST), Present(above=ABOVE)).kind is Kind.NOT_FOUND
    assert fails(Wish(SRC, DEST), Present(target=OTHER)).kind is Kind.NOT_FOUND
    assert fails(Wish(SRC, DEST, move=True), Present(above=ABOVE)).kind is Kind.NOT_FOUND
    assert steps(Wish(SRC, DEST, move=True), Present(target=OTHER)) == []
    assert steps(Wish(SRC, DEST, promised=True), Present(above=ABOVE)) == [("copy", SRC, DEST)]
    assert steps(Wish(SRC, DEST, promised=True), Present(target=OTHER)) == [("copy", SRC, DEST)]


@pytest.mark.parametrize("conflict", ["fail", "overwrite", "skip", "newer", "keep_both"])
def test_the_same_is_no_conflict(conflict):
    present = Present(ONE, {"": file(DEST)}, frozenset({""}))
    assert steps(Wish(SRC, DEST, conflict=conflict), present) == []
    assert steps(Wish(SRC, DEST, move=True, conflict=conflict), present) == [("delete", SRC, None)]


def test_another_file():
    present = Present(ONE, OTHER)
    error = fails(Wish(SRC, DEST), present)
    assert error.kind is Kind.EXISTS
    assert error.path == DEST
    assert steps(Wish(SRC, DEST, conflict="overwrite"), present) == [("replace", SRC, DEST)]
    assert steps(Wish(SRC, DEST, conflict="newer"), present) == [("replace", SRC, DEST)]
    assert steps(Wish(SRC, DEST, conflict="skip"), present) == []
    assert kept(Wish(SRC, DEST, conflict="skip"), present) == [DEST]
    assert steps(Wish(SRC, DEST, move=True, conflict="skip"), present) == []
    assert steps(Wish(SRC, DEST, move=True, conflict="overwrite"), present) == [("move", SRC, DEST)]
    assert steps(Wish(SRC, ELSEWHERE, move=True, conflict="overwrite"), Present(ONE, {"": file(ELSEWHERE, 4)})) == [
        ("replace", SRC, ELSEWHERE),
        ("delete", SRC, None),
    ]


def test_an_older_source_replaces_nothing():
    present = Present(ONE, {"": file(DEST, size=4, mtime=5)})
    assert steps(Wish(SRC, DEST, conflict="newer"), present) == []
    assert kept(Wish(SRC, DEST, conflict="newer"), present) == [DEST]


@pytest.mark.parametrize("conflict", ["overwrite", "newer"])
def test_a_file_and_a_folder_never_replace_each_other(conflict):
    assert fails(Wish(SRC, DEST, conflict=conflict), Present(ONE, tree(DEST))).kind is Kind.WRONG_TYPE
    assert fails(Wish(SRC, DEST, conflict=conflict), Present(tree(SRC), OTHER)).kind is Kind.WRONG_TYPE
    inner = Present(tree(SRC, a=1), tree(DEST, a=None))
    assert fails(Wish(SRC, DEST, conflict=conflict), inner).kind is Kind.WRONG_TYPE


def test_a_file_and_a_folder_of_one_name_are_a_conflict_or_skipped():
    present = Present(tree(SRC, a=None, a__b=1), tree(DEST, a=1))
    assert fails(Wish(SRC, DEST), present).kind is Kind.EXISTS
    assert steps(Wish(SRC, DEST, conflict="skip"), present) == []
    assert kept(Wish(SRC, DEST, conflict="skip"), present) == [f"{DEST}/a"]
    assert steps(Wish(SRC, DEST, move=True, conflict="skip"), present) == []


MANY = tree(SRC, same=1, other=2, new=3, sub=None, sub__new=4, sub__same=5, fresh=None, fresh__deep=6)
THERE = tree(DEST, same=1, other=9, more=7, sub=None, sub__same=5)
MERGED = Present(MANY, THERE, frozenset({"same", "sub/same"}))


def test_folders_are_merged():
    assert steps(Wish(SRC, DEST, conflict="overwrite"), MERGED) == [
        ("replace", f"{SRC}/other", f"{DEST}/other"),
        ("copy", f"{SRC}/new", f"{DEST}/new"),
        ("copy", f"{SRC}/sub/new", f"{DEST}/sub/new"),
        ("copy", f"{SRC}/fresh", f"{DEST}/fresh"),
    ]
    skipping = Wish(SRC, DEST, conflict="skip")
    assert [to for _do, _path, to in steps(skipping, MERGED)] == [f"{DEST}/new", f"{DEST}/sub/new", f"{DEST}/fresh"]
    assert kept(skipping, MERGED) == [f"{DEST}/other"]
    error = fails(Wish(SRC, DEST), MERGED)
    assert error.kind is Kind.EXISTS
    assert f"{DEST}/new" in error.message


def test_a_merged_source_goes_away_but_for_what_was_skipped():
    whole = steps(Wish(SRC, DEST, move=True, conflict="overwrite"), MERGED)
    assert whole[-1] == ("delete", SRC, None)
    part = steps(Wish(SRC, DEST, move=True, conflict="skip"), MERGED)
    removed = [path for do, path, _to in part if do == "delete"]
    assert removed == [f"{SRC}/{name}" for name in ("same", "new", "sub", "fresh")]


def test_more_at_the_destination_does_not_matter():
    present = Present(tree(SRC, a=1), tree(DEST, a=1, b=2), frozenset({"a"}))
    assert steps(Wish(SRC, DEST), present) == []


def test_what_an_interrupted_run_left():
    left = ("/s/b/.nasops-1.copy",)
    assert steps(Wish(SRC, DEST), Present(ONE, above=ABOVE, leftovers=left)) == [
        ("copy", SRC, DEST),
        ("clean", left[0], None),
    ]
    waiting = file("/s/b/.nasops-1.move/x")
    assert steps(Wish(SRC, DEST, move=True), Present(above=ABOVE, stranded=waiting)) == [
        ("finish", waiting.path, DEST),
    ]


def test_removable():
    source = tree("/t", a=None, a__b=None, a__b__c=1, a__d=2, e=3)
    assert removable(source, []) == [""]
    assert removable(source, ["a/b/c"]) == ["a/d", "e"]
    assert removable(source, ["a"]) == ["e"]
    assert removable(source, [""]) == []


@pytest.mark.parametrize(
    ("path", "is_folder", "expected"),
    [
        ("/s/a.txt", False, "/s/a (2).txt"),
        ("/s/a.txt", True, "/s/a.txt (2)"),
        ("/s/a", False, "/s/a (2)"),
        ("/s/.hidden", False, "/s/.hidden (2)"),
    ],
)
def test_another_name(path, is_folder, expected):
    assert _paths.numbered(path, 2, is_folder=is_folder) == expected


def why_wait(wish, present):
    """Why the device's task alone will not do."""
    plan, _kept = plan_copy(wish, present)
    with pytest.raises(NasError) as caught:
        require_one_task(wish, plan, present)
    assert caught.value.kind is Kind.USAGE
    assert "option wait: false" in caught.value.message
    return caught.value.message


def test_what_one_task_of_the_device_does():
    to = "/s/b/x"
    for wish, present in (
        (Wish(SRC, to), Present(ONE, above=ABOVE)),
        (Wish(SRC, to, conflict="overwrite"), Present(ONE, above=ABOVE)),
        (Wish(SRC, to, parents=True), Present(ONE, above={**ABOVE, "/s/b": None})),
        (Wish(SRC, to, move=True), Present(ONE, above=ABOVE)),
        (Wish(SRC, "/other/x"), Present(ONE, above=ABOVE)),
        (Wish(SRC, "/s/a/y", move=True), Present(ONE, above=ABOVE)),
        (Wish(SRC, to, promised=True), Present(above=ABOVE)),
        # Nothing is to be done.
        (Wish(SRC, to), Present(ONE, {"": file(to)}, frozenset({""}))),
        (Wish(SRC, DEST, conflict="keep_both"), Present(ONE, {"": file(DEST)}, frozenset({""}))),
    ):
        require_one_task(wish, plan_copy(wish, present)[0], present)


def test_what_needs_more_than_one_task_of_the_device():
    to, left = "/s/b/x", ("/s/b/.nasops-1.old",)
    other = {"": file(to, size=4, mtime=4)}
    assert "name" in why_wait(Wish(SRC, DEST), Present(ONE, above=ABOVE))
    assert "name" in why_wait(Wish(SRC, DEST, move=True), Present(ONE, above=ABOVE))
    assert "another share" in why_wait(Wish(SRC, "/other/x", move=True), Present(ONE, above=ABOVE))
    assert "at dest" in why_wait(Wish(SRC, to, conflict="overwrite"), Present(ONE, other))
    assert "at dest" in why_wait(Wish(SRC, to, move=True), Present(ONE, {"": file(to)}, frozenset({""})))
    assert "interrupted" in why_wait(Wish(SRC, to), Present(ONE, above=ABOVE, leftovers=left))
    stranded = Present(above=ABOVE, stranded=file("/s/b/.nasops-1.move/x"))
    assert "interrupted" in why_wait(Wish(SRC, to, move=True), stranded)
    with pytest.raises(NasError):
        require_one_name(Wish(SRC, DEST))
    require_one_name(Wish(SRC, to))


HIDDEN = marks.probe_path(SRC)


def test_what_a_probe_renamed_away_gets_its_name_back_first():
    back = ("restore", HIDDEN, SRC)
    present = Present({"": file(HIDDEN)}, {"": file(ELSEWHERE)}, frozenset({""}), away={HIDDEN: SRC})
    wish = Wish(SRC, ELSEWHERE, move=True)
    assert steps(wish, present) == [back, ("delete", SRC, None)]
    plan, _kept = plan_copy(wish, present)
    assert plan.before["paths"] == {SRC: {"state": "absent"}, HIDDEN: {"state": "present"}}
    assert plan.after["paths"][HIDDEN] == plan.after["paths"][SRC] == {"state": "absent"}
    new = Present(present.source, above=ABOVE, away=present.away)
    assert steps(Wish(SRC, DEST, move=True), new) == [back, ("move", SRC, DEST)]
    assert "interrupted" in why_wait(Wish(SRC, "/s/a/y", move=True), new)
    skipped = Present(present.source, OTHER, away=present.away)
    assert steps(Wish(SRC, DEST, move=True, conflict="skip"), skipped) == [back]


def test_parts_that_a_probe_renamed_away_are_told_by_the_target():
    def away(path):
        return marks.probe_path(f"{SRC}/{path}")

    hidden = away("sub")[len(SRC) + 1 :], away("sub/deep/x")[len(f"{SRC}/sub/deep/") :]
    source = {
        "": Entry(SRC, FOLDER),
        hidden[0]: Entry(away("sub"), FOLDER),
        f"{hidden[0]}/deep": Entry(f"{away('sub')}/deep", FOLDER),
        f"{hidden[0]}/deep/{hidden[1]}": file(f"{away('sub')}/deep/{hidden[1]}"),
        "y": file(f"{SRC}/y"),
    }
    target = tree(DEST, sub=None, sub__deep=None, sub__deep__x=3)
    again, names = _copy_remains.named_again(SRC, source, target)
    assert list(again) == ["", "sub", "sub/deep", "sub/deep/x", "y"]
    assert list(again.values()) == list(source.values())
    assert list(names.items()) == [(away("sub"), f"{SRC}/sub"), (away("sub/deep/x"), f"{SRC}/sub/deep/x")]
    for lacking in (tree(DEST), {**target, "y": file(f"{DEST}/y")}):
        with pytest.raises(NasError) as caught:
            _copy_remains.named_again(SRC, {**source, "sub": Entry(f"{SRC}/sub", FOLDER)}, lacking)
        assert (caught.value.kind, caught.value.path) == (Kind.EXISTS, away("sub"))
    assert _copy_remains.named_again(SRC, target, target) == (target, {})


def test_what_a_merge_left_in_folders():
    old, gone = (marks.backup_path(f"{DEST}/{path}")[len(DEST) + 1 :] for path in ("sub/x", "elsewhere"))
    room = marks.copy_folder(f"{DEST}/sub/y")[len(DEST) + 1 :]
    source = tree(SRC, sub=None, sub__x=1, sub__y=2)
    left = {path: file(f"{DEST}/{path}") for path in (old, room, gone, f"{room}/y")}
    target = {**tree(DEST, sub=None, sub__x=1), **left}
    assert _copy_remains.in_folders(DEST, source, target) == (f"{DEST}/{old}", f"{DEST}/{room}")
    assert _copy_remains.in_folders(DEST, {**source, old: target[old]}, target) == (f"{DEST}/{room}",)
    assert _copy_remains.in_folders(DEST, source, source) == ()
