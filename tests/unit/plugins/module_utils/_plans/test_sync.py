# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What nas_sync decides before any call that writes: patterns, comparisons, plans, deletions, the note."""

from __future__ import annotations

import dataclasses

import pytest
from ansible_collections.nasops.nas.plugins.module_utils._core.errors import Kind, NasError
from ansible_collections.nasops.nas.plugins.module_utils._core.model import FILE, FOLDER
from ansible_collections.nasops.nas.plugins.module_utils._core.patterns import Filter, parse
from ansible_collections.nasops.nas.plugins.module_utils._plans.sync import (
    CHECKSUM,
    LINK,
    PULL,
    Item,
    Record,
    Rules,
    batches,
    described,
    is_same,
    one_name,
    plan_sync,
    read_note,
    undecided,
    write_note,
)

PUSH_TIMES = Rules()
PUSH_NOTE = Rules(keeps_times=False)
DELETE = Rules(delete=True)


def file(size=1, mtime=100):
    return Item(FILE, size, mtime)


def tree(*paths, **items):
    """Folders end with a slash."""
    found = {path.rstrip("/"): Item(FOLDER) if path.endswith("/") else file() for path in paths}
    return dict(sorted({**found, **items}.items(), key=lambda one: one[0].split("/")))


@pytest.mark.parametrize(
    ("pattern", "matches", "others"),
    [
        # As rsync's manual has them.
        ("*.o", ["a.o", "x/y/b.o", ".o"], ["a.oo", "a.o/b"]),
        ("/foo", ["foo"], ["x/foo", "foo/x"]),
        ("foo", ["foo", "x/foo"], ["xfoo", "foo/x"]),
        ("foo/", ["foo/", "x/foo/"], ["foo", "x/foo"]),
        ("/foo/", ["foo/"], ["x/foo/", "foo"]),
        ("foo/bar", ["foo/bar", "x/foo/bar"], ["foo/x/bar", "bar", "xfoo/bar"]),
        ("/foo/*/bar", ["foo/x/bar"], ["foo/bar", "foo/x/y/bar", "x/foo/x/bar"]),
        ("/foo/**/bar", ["foo/x/bar", "foo/x/y/bar"], ["foo/bar", "x/foo/x/bar"]),
        ("foo/**", ["foo/x", "foo/x/y", "a/foo/x"], ["foo"]),
        ("foo/***", ["foo/", "foo/x", "foo/x/y", "a/foo/"], ["xfoo/a", "foox", "foo", "a/foo"]),
        ("x*/***", ["xy/", "a/x/b"], ["xy", "a/x"]),
        ("**/x", ["x", "a/x", "a/b/x"], ["ax"]),
        ("**x", ["x", "ax", "a/x", "a/bx"], ["xa"]),
        ("***/x/", ["x/", "a/x/"], ["x"]),
        ("/**/x", ["a/x", "a/b/x"], ["x"]),
        ("*", ["a", "a/b"], []),
        ("/*", ["a"], ["a/b"]),
        ("?.txt", ["a.txt", "x/é.txt"], ["ab.txt", ".txt"]),
        ("a?b", ["axb"], ["a/b"]),
        ("[a-c]x", ["ax", "cx"], ["dx", "Ax"]),
        ("[!a-c]x", ["dx"], ["ax"]),
        ("[^a]", ["b"], ["a"]),
        ("[]a]", ["]", "a"], ["b"]),
        ("[!]a]", ["b"], ["]", "a"]),
        ("a[!x]b", ["ayb"], ["a/b", "axb"]),
        ("a[/]b", [], ["a/b"]),
        ("[[:digit:]x]", ["1", "x"], ["a"]),
        ("[a\\]]", ["a", "]"], ["\\"]),
        ("[a-]", ["a", "-"], ["b"]),
        ("a\\*", ["a*"], ["a\\x", "ab"]),
        ("a\\b", ["a\\b"], ["ab"]),
        ("a.b+(c)", ["a.b+(c)"], ["axb+(c)"]),
        ("line\nfeed*", ["line\nfeeds\n"], []),
        ("*.TXT", ["A.TXT"], ["a.txt"]),
        ("#recycle", ["x/#recycle"], []),
    ],
)
def test_patterns(pattern, matches, others):
    found = parse(pattern, "exclude")
    for path in matches:
        assert found.matches(path.rstrip("/"), path.endswith("/")), path
    for path in others:
        assert not found.matches(path.rstrip("/"), path.endswith("/")), path


@pytest.mark.parametrize("pattern", ["", "/", "//", "[a", "a[", "[!", "[[:digit:]", "[[:nothing:]]", "[z-a]"])
def test_what_is_no_pattern(pattern):
    with pytest.raises(NasError) as caught:
        parse(pattern, "include")
    assert caught.value.kind is Kind.USAGE
    assert repr(pattern) in str(caught.value)
    assert "option include" in str(caught.value)
    assert caught.value.hint


def test_the_first_pattern_that_matches_decides():
    chosen = Filter(["keep.log", "/logs/"], ["*.log", "/logs*", "/tmp/"])
    assert chosen.takes("a/keep.log", is_folder=False)
    assert not chosen.takes("a/other.log", is_folder=False)
    assert chosen.takes("logs", is_folder=True)
    assert not chosen.takes("logs", is_folder=False)
    assert not chosen.takes("tmp", is_folder=True)
    assert chosen.takes("tmp", is_folder=False)
    assert chosen.takes("anything/else", is_folder=False)
    assert Filter().takes("anything", is_folder=True)


def test_include_a_few_of_many():
    chosen = Filter(["*/", "*.jpg"], ["*"])
    assert chosen.takes("a/b", is_folder=True)
    assert chosen.takes("a/b/c.jpg", is_folder=False)
    assert not chosen.takes("a/b/c.txt", is_folder=False)


@pytest.mark.parametrize("mode", ["push", PULL])
def test_size_and_time_where_the_destination_keeps_times(mode):
    rules = dataclasses.replace(PUSH_TIMES, mode=mode)
    assert is_same(file(5, 100), file(5, 100), None, rules) is True
    assert is_same(file(5, 100), file(6, 100), None, rules) is False
    assert is_same(file(5, 100), file(5, 101), None, rules) is False
    assert is_same(file(5, 100), file(5, 99), None, rules) is False
    assert is_same(file(5, 100), file(5, None), None, rules) is None
    assert is_same(file(0, 100), file(0, 99), None, rules) is False


def test_checksums_whatever_the_times():
    rules = dataclasses.replace(PUSH_TIMES, compare=CHECKSUM)
    assert is_same(file(5, 100), file(5, 100), None, rules) is None
    assert is_same(file(5, 100), file(4, 100), None, rules) is False
    assert is_same(file(0, 1), file(0, 2), None, rules) is True
    assert is_same(file(5, 1), file(5, 900), Record(5, 1, 900), dataclasses.replace(rules, keeps_times=False)) is None


@pytest.mark.parametrize(
    ("here", "there", "record", "same"),
    [
        (file(5, 100), file(5, 900), Record(5, 100, 900), True),
        (file(5, 101), file(5, 900), Record(5, 100, 900), False),  # changed here
        (file(6, 100), file(5, 900), Record(5, 100, 900), False),
        (file(5, 100), file(5, 901), Record(5, 100, 900), None),  # changed there
        (file(5, 100), file(6, 901), Record(5, 100, 900), False),
        (file(5, 100), file(5, 900), None, None),  # put there by another hand, or a run that was killed
        (file(5, 100), file(5, 100), None, None),
        (file(5, 100), file(5, None), None, None),
        (file(0, 100), file(0, 900), None, True),
    ],
)
def test_the_note_tells_where_no_times_are_kept(here, there, record, same):
    assert is_same(here, there, record, PUSH_NOTE) is same


@pytest.mark.parametrize(
    ("there", "here", "record", "same"),
    [
        (file(5, 900), file(5, 900), None, True),
        (file(5, 900), file(5, 100), None, False),
        (file(5, 900), file(5, 100), Record(5, 100, 900), True),  # pushed from here
        (file(5, 901), file(5, 100), Record(5, 100, 900), False),
        (file(5, 900), file(5, 101), Record(5, 100, 900), False),
        (file(5, 900), file(4, 900), Record(5, 100, 900), False),
    ],
)
def test_the_note_tells_what_was_pushed_when_it_is_pulled(there, here, record, same):
    assert is_same(there, here, record, Rules(mode=PULL)) is same


def test_only_what_must_be_read_is_undecided():
    source = tree("a", "b", "c", "d/", e=Item(LINK))
    dest = {"a": file(1, 900), "b": file(2, 900), "d": file(), "e": file()}
    assert undecided(source, dest, {}, PUSH_NOTE) == ["a"]
    assert undecided(source, dest, {"a": Record(1, 100, 900)}, PUSH_NOTE) == []
    assert undecided(source, dest, {}, PUSH_TIMES) == []


def test_the_plan_of_a_tree():
    source = tree("a", "b", "c", "new/", "new/deep/", "new/deep/x", "old/")
    dest = {"a": file(), "b": file(2), "old": Item(FOLDER), "gone": file()}
    plan = plan_sync(source, dest, PUSH_TIMES)
    assert plan.folders == ("new", "new/deep")
    assert plan.create == ("c", "new/deep/x")
    assert plan.update == ("b",)
    assert plan.unchanged == ("a", "old")
    assert plan.delete == plan.remove == ()
    assert plan.changed
    assert not plan_sync(dest, dest, DELETE).changed
    assert plan_sync({}, {}, DELETE).unchanged == ()


def test_what_was_read_decides_what_times_do_not():
    source, dest = tree("a", "b"), {"a": file(1, 900), "b": file(1, 900)}
    plan = plan_sync(source, dest, PUSH_NOTE, same={"a"})
    assert (plan.unchanged, plan.update) == (("a",), ("b",))


@pytest.mark.parametrize(
    ("source", "dest"),
    [
        (file(), Item(FOLDER)),
        (Item(FOLDER), file()),
        (file(), Item(LINK)),
        (Item(FOLDER), Item(LINK)),
    ],
)
@pytest.mark.parametrize("rules", [PUSH_TIMES, DELETE])
def test_another_type_is_never_replaced(source, dest, rules):
    with pytest.raises(NasError) as caught:
        plan_sync({"x": source}, {"x": dest}, rules)
    assert caught.value.kind is Kind.WRONG_TYPE
    assert caught.value.path == "x"


def test_a_folder_goes_with_all_that_it_holds():
    dest = tree("a", "old/", "old/deep/", "old/deep/x", "old/y", "z")
    plan = plan_sync(tree("a"), dest, DELETE)
    assert plan.delete == ("old", "old/deep", "old/deep/x", "old/y", "z")
    assert plan.remove == ("old", "z")


def test_nothing_goes_unasked():
    assert plan_sync(tree("a"), tree("a", "b", "c/"), PUSH_TIMES).delete == ()


def test_a_folder_stays_with_what_stays_in_it():
    dest = tree("old/", "old/deep/", "old/deep/x", "old/other/", "old/other/y", "old/z")
    plan = plan_sync({}, dest, DELETE, kept_in={"old/deep"})
    assert plan.delete == ("old/deep/x", "old/other", "old/other/y", "old/z")
    assert plan.remove == ("old/deep/x", "old/other", "old/z")
    assert plan_sync({}, tree("a"), DELETE, kept_in={""}).delete == ("a",)


def test_what_the_source_names_stays():
    plan = plan_sync({}, tree("dir/", "dir/link", "dir/x"), DELETE, named={"dir/link"})
    assert plan.delete == plan.remove == ("dir/x",)
    # Nor is what is in a folder there, where the source has a link that nobody has followed.
    assert plan_sync({}, tree("link/", "link/deep/", "link/deep/x"), DELETE, named={"link"}).delete == ()


def test_a_link_at_the_destination_goes_alone():
    plan = plan_sync({}, {"link": Item(LINK)}, DELETE)
    assert plan.remove == ("link",)


def test_more_than_expected_is_not_deleted():
    dest = tree("a", "b", "c/", "c/d")
    rules = dataclasses.replace(DELETE, max_delete=3)
    with pytest.raises(NasError) as caught:
        plan_sync({}, dest, rules)
    assert caught.value.kind is Kind.USAGE
    assert "4 files and folders" in str(caught.value)
    assert "max_delete" in caught.value.hint
    assert plan_sync({}, dest, dataclasses.replace(rules, max_delete=4)).remove == ("a", "b", "c")
    assert plan_sync({}, dest, dataclasses.replace(rules, max_delete=None)).remove == ("a", "b", "c")
    with pytest.raises(NasError):
        plan_sync({}, tree("a"), dataclasses.replace(rules, max_delete=0))
    assert plan_sync({}, {}, dataclasses.replace(rules, max_delete=0)).delete == ()


@pytest.mark.parametrize(
    ("names", "alike"),
    [
        (["a", "A"], ("a", "A")),
        (["x/é", "x/e\u0301"], ("x/é", "x/e\u0301")),
        (["Dir/a", "dir/b", "Dir", "dir"], ("Dir", "dir")),
        (["straße", "STRASSE"], ("straße", "STRASSE")),
        (["a/x", "b/x", "ab"], None),
        ([], None),
    ],
)
def test_names_that_a_device_may_take_for_one(names, alike):
    assert one_name(names) == alike


def test_a_note_is_read_as_it_was_written():
    records = {"a/é\udc80 \n.txt": Record(5, 100, 900), "b": Record(0, -1, 2**40)}
    assert read_note(write_note(records)) == records
    assert read_note(write_note({})) == {}
    assert write_note(records) == write_note(dict(reversed(records.items())))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda note: b"",
        lambda note: note[:-3],
        lambda note: note.replace(b"900", b"901"),
        lambda note: b"\xff" * 100,
        lambda note: note[1:],
    ],
)
def test_a_note_that_is_not_whole_says_nothing(spoil):
    assert read_note(spoil(write_note({"a": Record(5, 100, 900)}))) == {}


def test_a_diff_lists_a_hundred():
    source = tree(*(f"f{number:03}" for number in range(150)), x=file(7, 0))
    before, after = described(plan_sync(source, {"x": file(6)}, PUSH_TIMES), source, {"x": file(6)})
    assert len(before["entries"]) == len(after["entries"]) == 100
    assert before["entries"]["f000"] == "absent"
    assert after["entries"]["f000"] == {"size": 1, "mtime": "1970-01-01T00:01:40Z"}
    assert before["and_more"] == after["and_more"] == 51
    assert (after["created"], after["updated"], after["deleted"]) == (150, 1, 0)
    before, after = described(plan_sync(source, source, DELETE), source, source)
    assert before == after == {"entries": {}}
    before, after = described(plan_sync({}, tree("d/", "d/x"), DELETE), {}, tree("d/", "d/x"))
    assert before["entries"] == {"d": "folder", "d/x": {"size": 1, "mtime": "1970-01-01T00:01:40Z"}}
    assert after["entries"] == {"d": "absent", "d/x": "absent"}


def test_files_travel_in_portions():
    sizes = {"a": 1, "b": 1, "c": 10, "d": 1, "e": 30}
    assert batches("abcde", sizes, files=2, amount=100) == [["a", "b"], ["c", "d"], ["e"]]
    assert batches("abcde", sizes, files=9, amount=12) == [["a", "b", "c"], ["d", "e"]]
    assert batches("", {}, files=2, amount=1) == []
