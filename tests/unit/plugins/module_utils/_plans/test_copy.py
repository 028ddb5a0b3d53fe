# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""nas_copy's plan: a pure function of what is desired and what is there."""

from __future__ import annotations

import pytest
from ansible_collections.nasops.nas.plugins.module_utils._core import marks
from ansible_collections.nasops.nas.plugins.module_utils._core import paths as _paths
from ansible_collections.nasops.nas.plugins.module_utils._core.errors import Kind, NasError
from ansible_collections.nasops.nas.plugins.module_utils._core.model import FILE, FOLDER, Entry
from ansible_collections.nasops.nas.plugins.module_utils._plans import copy_leftovers as _copy_remains
from ansible_collections.nasops.nas.plugins.module_utils._plans.copy import (
    Current,
    Desired,
    plan_copy,
    removable,
    require_one_job,
    require_one_name,
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


def steps(desired, current):
    return [(step.do, step.path, step.to) for step in plan_copy(desired, current)[0].steps]


def kept(desired, current):
    return plan_copy(desired, current)[1]


def fails(desired, current):
    with pytest.raises(NasError) as caught:
        plan_copy(desired, current)
    return caught.value


ONE = {"": file(SRC)}
OTHER = {"": file(DEST, size=4, mtime=4)}


def test_something_new():
    current = Current(ONE, above=ABOVE)
    assert steps(Desired(SRC, DEST), current) == [("copy", SRC, DEST)]
    assert steps(Desired(SRC, DEST, move=True), current) == [("move", SRC, DEST)]
    assert steps(Desired(SRC, "/s/a/y", move=True), current) == [("move", SRC, "/s/a/y")]


def test_a_move_to_another_share_is_a_copy_and_a_removal():
    assert steps(Desired(SRC, ELSEWHERE, move=True), Current(ONE, above=ABOVE)) == [
        ("copy", SRC, ELSEWHERE),
        ("delete", SRC, None),
    ]


def test_below_missing_folders():
    above = {**ABOVE, "/s/b": None}
    assert steps(Desired(SRC, DEST, parents=True), Current(ONE, above=above)) == [
        ("create_folder", "/s/b", None),
        ("copy", SRC, DEST),
    ]
    assert fails(Desired(SRC, DEST), Current(ONE, above=above)).kind is Kind.NOT_FOUND
    assert steps(Desired(SRC, DEST, may_be_created_earlier=True), Current(ONE, above=above)) == [("copy", SRC, DEST)]


def test_no_source():
    assert fails(Desired(SRC, DEST), Current(above=ABOVE)).kind is Kind.NOT_FOUND
    assert fails(Desired(SRC, DEST), Current(target=OTHER)).kind is Kind.NOT_FOUND
    assert fails(Desired(SRC, DEST, move=True), Current(above=ABOVE)).kind is Kind.NOT_FOUND
    assert steps(Desired(SRC, DEST, move=True), Current(target=OTHER)) == []
    assert steps(Desired(SRC, DEST, may_be_created_earlier=True), Current(above=ABOVE)) == [("copy", SRC, DEST)]
    assert steps(Desired(SRC, DEST, may_be_created_earlier=True), Current(target=OTHER)) == [("copy", SRC, DEST)]


@pytest.mark.parametrize("conflict", ["fail", "overwrite", "skip", "newer", "keep_both"])
def test_the_same_is_no_conflict(conflict):
    current = Current(ONE, {"": file(DEST)}, frozenset({""}))
    assert steps(Desired(SRC, DEST, conflict=conflict), current) == []
    assert steps(Desired(SRC, DEST, move=True, conflict=conflict), current) == [("delete", SRC, None)]


def test_another_file():
    current = Current(ONE, OTHER)
    error = fails(Desired(SRC, DEST), current)
    assert error.kind is Kind.EXISTS
    assert error.path == DEST
    assert steps(Desired(SRC, DEST, conflict="overwrite"), current) == [("replace", SRC, DEST)]
    assert steps(Desired(SRC, DEST, conflict="newer"), current) == [("replace", SRC, DEST)]
    assert steps(Desired(SRC, DEST, conflict="skip"), current) == []
    assert kept(Desired(SRC, DEST, conflict="skip"), current) == [DEST]
    assert steps(Desired(SRC, DEST, move=True, conflict="skip"), current) == []
    assert steps(Desired(SRC, DEST, move=True, conflict="overwrite"), current) == [("move", SRC, DEST)]
    assert steps(Desired(SRC, ELSEWHERE, move=True, conflict="overwrite"), Current(ONE, {"": file(ELSEWHERE, 4)})) == [
        ("replace", SRC, ELSEWHERE),
        ("delete", SRC, None),
    ]


def test_an_older_source_replaces_nothing():
    current = Current(ONE, {"": file(DEST, size=4, mtime=5)})
    assert steps(Desired(SRC, DEST, conflict="newer"), current) == []
    assert kept(Desired(SRC, DEST, conflict="newer"), current) == [DEST]


@pytest.mark.parametrize("conflict", ["overwrite", "newer"])
def test_a_file_and_a_folder_never_replace_each_other(conflict):
    assert fails(Desired(SRC, DEST, conflict=conflict), Current(ONE, tree(DEST))).kind is Kind.WRONG_TYPE
    assert fails(Desired(SRC, DEST, conflict=conflict), Current(tree(SRC), OTHER)).kind is Kind.WRONG_TYPE
    inner = Current(tree(SRC, a=1), tree(DEST, a=None))
    assert fails(Desired(SRC, DEST, conflict=conflict), inner).kind is Kind.WRONG_TYPE


def test_a_file_and_a_folder_of_one_name_are_a_conflict_or_skipped():
    current = Current(tree(SRC, a=None, a__b=1), tree(DEST, a=1))
    assert fails(Desired(SRC, DEST), current).kind is Kind.EXISTS
    assert steps(Desired(SRC, DEST, conflict="skip"), current) == []
    assert kept(Desired(SRC, DEST, conflict="skip"), current) == [f"{DEST}/a"]
    assert steps(Desired(SRC, DEST, move=True, conflict="skip"), current) == []


MANY = tree(SRC, same=1, other=2, new=3, sub=None, sub__new=4, sub__same=5, fresh=None, fresh__deep=6)
THERE = tree(DEST, same=1, other=9, more=7, sub=None, sub__same=5)
MERGED = Current(MANY, THERE, frozenset({"same", "sub/same"}))


def test_folders_are_merged():
    assert steps(Desired(SRC, DEST, conflict="overwrite"), MERGED) == [
        ("replace", f"{SRC}/other", f"{DEST}/other"),
        ("copy", f"{SRC}/new", f"{DEST}/new"),
        ("copy", f"{SRC}/sub/new", f"{DEST}/sub/new"),
        ("copy", f"{SRC}/fresh", f"{DEST}/fresh"),
    ]
    skipping = Desired(SRC, DEST, conflict="skip")
    assert [to for _do, _path, to in steps(skipping, MERGED)] == [f"{DEST}/new", f"{DEST}/sub/new", f"{DEST}/fresh"]
    assert kept(skipping, MERGED) == [f"{DEST}/other"]
    error = fails(Desired(SRC, DEST), MERGED)
    assert error.kind is Kind.EXISTS
    assert f"{DEST}/new" in error.message


def test_a_merged_source_goes_away_but_for_what_was_skipped():
    whole = steps(Desired(SRC, DEST, move=True, conflict="overwrite"), MERGED)
    assert whole[-1] == ("delete", SRC, None)
    part = steps(Desired(SRC, DEST, move=True, conflict="skip"), MERGED)
    removed = [path for do, path, _to in part if do == "delete"]
    assert removed == [f"{SRC}/{name}" for name in ("same", "new", "sub", "fresh")]


def test_more_at_the_destination_does_not_matter():
    current = Current(tree(SRC, a=1), tree(DEST, a=1, b=2), frozenset({"a"}))
    assert steps(Desired(SRC, DEST), current) == []


def test_what_an_interrupted_run_left():
    left = ("/s/b/.nasops-1.copy",)
    assert steps(Desired(SRC, DEST), Current(ONE, above=ABOVE, leftovers=left)) == [
        ("copy", SRC, DEST),
        ("clean", left[0], None),
    ]
    waiting = file("/s/b/.nasops-1.move/x")
    assert steps(Desired(SRC, DEST, move=True), Current(above=ABOVE, stranded=waiting)) == [
        ("finish", waiting.path, DEST),
    ]


def test_which_sources_may_be_removed():
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


def why_wait(desired, current):
    """Why the device's task alone will not do."""
    plan, _kept = plan_copy(desired, current)
    with pytest.raises(NasError) as caught:
        require_one_job(desired, plan, current)
    assert caught.value.kind is Kind.USAGE
    assert "option wait: false" in caught.value.message
    return caught.value.message


def test_what_one_task_of_the_device_does():
    to = "/s/b/x"
    for desired, current in (
        (Desired(SRC, to), Current(ONE, above=ABOVE)),
        (Desired(SRC, to, conflict="overwrite"), Current(ONE, above=ABOVE)),
        (Desired(SRC, to, parents=True), Current(ONE, above={**ABOVE, "/s/b": None})),
        (Desired(SRC, to, move=True), Current(ONE, above=ABOVE)),
        (Desired(SRC, "/other/x"), Current(ONE, above=ABOVE)),
        (Desired(SRC, "/s/a/y", move=True), Current(ONE, above=ABOVE)),
        (Desired(SRC, to, may_be_created_earlier=True), Current(above=ABOVE)),
        # Nothing is to be done.
        (Desired(SRC, to), Current(ONE, {"": file(to)}, frozenset({""}))),
        (Desired(SRC, DEST, conflict="keep_both"), Current(ONE, {"": file(DEST)}, frozenset({""}))),
    ):
        require_one_job(desired, plan_copy(desired, current)[0], current)


def test_what_needs_more_than_one_task_of_the_device():
    to, left = "/s/b/x", ("/s/b/.nasops-1.old",)
    other = {"": file(to, size=4, mtime=4)}
    assert "name" in why_wait(Desired(SRC, DEST), Current(ONE, above=ABOVE))
    assert "name" in why_wait(Desired(SRC, DEST, move=True), Current(ONE, above=ABOVE))
    assert "another share" in why_wait(Desired(SRC, "/other/x", move=True), Current(ONE, above=ABOVE))
    assert "at dest" in why_wait(Desired(SRC, to, conflict="overwrite"), Current(ONE, other))
    assert "at dest" in why_wait(Desired(SRC, to, move=True), Current(ONE, {"": file(to)}, frozenset({""})))
    assert "interrupted" in why_wait(Desired(SRC, to), Current(ONE, above=ABOVE, leftovers=left))
    stranded = Current(above=ABOVE, stranded=file("/s/b/.nasops-1.move/x"))
    assert "interrupted" in why_wait(Desired(SRC, to, move=True), stranded)
    with pytest.raises(NasError):
        require_one_name(Desired(SRC, DEST))
    require_one_name(Desired(SRC, to))


HIDDEN = marks.probe_path(SRC)


def test_what_a_probe_renamed_away_gets_its_name_back_first():
    back = ("restore", HIDDEN, SRC)
    current = Current({"": file(HIDDEN)}, {"": file(ELSEWHERE)}, frozenset({""}), away={HIDDEN: SRC})
    desired = Desired(SRC, ELSEWHERE, move=True)
    assert steps(desired, current) == [back, ("delete", SRC, None)]
    plan, _kept = plan_copy(desired, current)
    assert plan.before["paths"] == {SRC: {"state": "absent"}, HIDDEN: {"state": "present"}}
    assert plan.after["paths"][HIDDEN] == plan.after["paths"][SRC] == {"state": "absent"}
    new = Current(current.source, above=ABOVE, away=current.away)
    assert steps(Desired(SRC, DEST, move=True), new) == [back, ("move", SRC, DEST)]
    assert "interrupted" in why_wait(Desired(SRC, "/s/a/y", move=True), new)
    skipped = Current(current.source, OTHER, away=current.away)
    assert steps(Desired(SRC, DEST, move=True, conflict="skip"), skipped) == [back]


def test_parts_that_a_probe_renamed_away_are_found_by_the_target():
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
    staging = marks.copy_folder(f"{DEST}/sub/y")[len(DEST) + 1 :]
    source = tree(SRC, sub=None, sub__x=1, sub__y=2)
    left = {path: file(f"{DEST}/{path}") for path in (old, staging, gone, f"{staging}/y")}
    target = {**tree(DEST, sub=None, sub__x=1), **left}
    assert _copy_remains.in_folders(DEST, source, target) == (f"{DEST}/{old}", f"{DEST}/{staging}")
    assert _copy_remains.in_folders(DEST, {**source, old: target[old]}, target) == (f"{DEST}/{staging}",)
    assert _copy_remains.in_folders(DEST, source, source) == ()
