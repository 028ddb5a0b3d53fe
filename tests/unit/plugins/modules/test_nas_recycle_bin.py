# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""nas_recycle_bin's plans: pure functions of what is desired and what is there."""

from __future__ import annotations

import pytest
from ansible_collections.nasops.nas.plugins.module_utils._core import marks
from ansible_collections.nasops.nas.plugins.module_utils._core.device import Bin
from ansible_collections.nasops.nas.plugins.module_utils._core.errors import Kind, NasError
from ansible_collections.nasops.nas.plugins.module_utils._core.model import FILE, FOLDER, Entry
from ansible_collections.nasops.nas.plugins.module_utils._plans.recycle_bin import (
    Clearing,
    Current,
    Wanted,
    located,
    outdated,
    plan_empty,
    plan_restored,
)

BIN = "#bin"
ONE = Wanted("/s/#bin/d/a", "/s/d/a")
ASIDE = marks.backup_path(ONE.home)


def file(path, mtime=5):
    return Entry(path, FILE, 1, mtime)


def folder(path, mtime=5):
    return Entry(path, FOLDER, None, mtime)


def there(*entries, shares=("/s",), free=()):
    at = dict.fromkeys(("/s", "/s/d", ONE.source, ONE.home))
    return Current({**at, **{entry.path: entry for entry in entries}}, frozenset(shares), dict(free))


def does(current, conflict="fail", wanted=(ONE,)):
    plan, kept = plan_restored(wanted, current, conflict)
    assert plan.changed or plan.before == plan.after
    return [(step.do, step.path, *([step.to] if step.to else [])) for step in plan.steps], kept


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("/s/d/a", ONE),
        ("/s/#bin/d/a", ONE),
        ("/s/a", Wanted("/s/#bin/a", "/s/a")),
        ("/s/#binary", Wanted("/s/#bin/#binary", "/s/#binary")),
        ("/s/d/#bin/a", Wanted("/s/#bin/d/#bin/a", "/s/d/#bin/a")),
        ("/s/#bin", None),
        ("/s", None),
    ],
)
def test_from_either_path(path, wanted):
    assert located(path, BIN) == wanted


def test_restored_with_the_folders_above():
    steps, kept = does(there(folder("/s"), file(ONE.source)))
    assert steps == [("create_folder", "/s/d"), ("restore", ONE.source, ONE.home)]
    assert kept == []


@pytest.mark.parametrize("conflict", ["fail", "overwrite", "skip", "keep_both"])
def test_restored_already(conflict):
    assert does(there(folder("/s"), folder("/s/d"), file(ONE.home)), conflict) == ([], [])


def test_conflicts():
    both = there(file(ONE.source), file(ONE.home), free={ONE.home: "/s/d/a (1)"})
    with pytest.raises(NasError) as caught:
        does(both)
    assert caught.value.kind is Kind.EXISTS
    assert does(both, "skip") == ([], [ONE.source])
    assert does(both, "overwrite") == ([("restore_replacing", ONE.source, ONE.home)], [])
    assert does(both, "keep_both") == ([("restore_as", ONE.source, "/s/d/a (1)")], [])


@pytest.mark.parametrize("entries", [(file(ONE.source), folder(ONE.home)), (folder(ONE.source), file(ONE.home))])
def test_a_folder_is_never_replaced(entries):
    with pytest.raises(NasError) as caught:
        does(there(*entries), "overwrite")
    assert caught.value.kind is Kind.EXISTS


def test_what_an_interrupted_run_put_aside():
    clean = ("clean", ASIDE)
    back = ("restore", ONE.source, ONE.home)
    assert does(there(folder("/s"), folder("/s/d"), file(ONE.source), file(ASIDE)), "overwrite")[0] == [back, clean]
    assert does(there(file(ONE.home), file(ASIDE)), "overwrite")[0] == [clean]
    both = there(file(ONE.source), file(ONE.home), file(ASIDE))
    assert does(both, "overwrite")[0] == [clean, ("restore_replacing", ONE.source, ONE.home)]


@pytest.mark.parametrize(
    ("current", "words"),
    [
        (there(folder("/s")), "not in the recycle bin"),
        (there(folder("/s"), shares=()), "has no recycle bin"),
        (there(shares=()), "there is no share"),
    ],
)
def test_a_path_that_is_neither_in_the_bin_nor_in_its_place(current, words):
    with pytest.raises(NasError) as caught:
        does(current)
    assert caught.value.kind is Kind.NOT_FOUND
    assert words in caught.value.message


def test_a_file_above():
    with pytest.raises(NasError) as caught:
        does(there(folder("/s"), file("/s/d"), file(ONE.source)))
    assert caught.value.kind is Kind.WRONG_TYPE


def tree(**mtimes):
    """A tree by relative path; a name that ends with an underscore is a folder."""
    found = {"": folder("/s/#bin/t")}
    for name, mtime in mtimes.items():
        relative = name.replace("__", "/")
        found[relative] = (folder if relative.rpartition("/")[2].startswith("f") else file)(relative, mtime)
    return found


@pytest.mark.parametrize(
    ("mtimes", "old"),
    [
        ({"a": 1, "b": 2}, [""]),
        ({"a": 1, "b": 50}, ["a"]),
        ({"a": 50}, []),
        ({"a": 10}, []),
        ({"a": None}, []),
        ({"f1": 99, "f1__a": 1, "f1__b": 2, "b": 99}, ["f1"]),
        ({"f1": 1, "f1__f2": 1, "f1__f2__a": 99, "f1__f2__b": 1}, ["f1/f2/b"]),
        ({"f1": 1, "f2": 99}, ["f1"]),
        ({"f1": 1}, [""]),
    ],
)
def test_which_entries_are_old(mtimes, old):
    assert outdated(tree(**mtimes), 10) == old


def test_a_single_file():
    assert outdated({"": file("/s/#bin/a", 1)}, 10) == [""]
    assert outdated({"": file("/s/#bin/a", 10)}, 10) == []


def test_emptying():
    bins = [Bin("/s", "/s/#bin"), Bin("/t", "/t/#bin")]
    held = {"/s/#bin": {"/s/#bin/b": {"": file("b")}, "/s/#bin/a": {"": file("a")}}, "/t/#bin": {}}
    plan = plan_empty(Clearing(None), bins, held)
    assert [(step.do, step.path) for step in plan.steps] == [("empty", "/s")]
    assert plan.before == {"recycle_bins": ["/s/#bin/a", "/s/#bin/b"]}
    assert plan.after == {"recycle_bins": []}
    assert not plan_empty(Clearing(None), bins[1:], held).changed
    aged = plan_empty(Clearing(None, 10), bins, held)
    assert aged.paths("delete") == ["/s/#bin/a", "/s/#bin/b"]
    assert not plan_empty(Clearing(None, 1), bins, held).changed
