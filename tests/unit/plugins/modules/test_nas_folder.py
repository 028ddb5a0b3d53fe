# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""nas_folder's plan: a pure function of what is desired and what is there."""

from __future__ import annotations

import pytest
from ansible_collections.nasops.nas.plugins.module_utils._core.errors import Kind, NasError
from ansible_collections.nasops.nas.plugins.module_utils._core.model import FILE, FOLDER, Entry
from ansible_collections.nasops.nas.plugins.module_utils._plans.folders import Desired, plan_absent, plan_present


def there(*folders: str, files: tuple[str, ...] = (), missing: tuple[str, ...] = ()):
    current = {path: Entry(path, FOLDER, mtime=5) for path in folders}
    current.update({path: Entry(path, FILE, size=1) for path in files})
    return {**current, **dict.fromkeys(missing)}


def test_nothing_to_do_when_all_is_there():
    plan = plan_present(Desired(["/s/a", "/s/b"]), there("/s/a", "/s/b"))
    assert not plan.changed
    assert plan.before == plan.after


def test_parents_come_before_children_and_once():
    current = there("/s", missing=("/s/a", "/s/a/b", "/s/a/c"))
    plan = plan_present(Desired(["/s/a/b", "/s/a/c"]), current)
    assert plan.paths("create") == ["/s/a", "/s/a/b", "/s/a/c"]


def test_a_child_that_is_named_before_its_parent():
    current = there("/s", missing=("/s/a", "/s/a/b"))
    assert plan_present(Desired(["/s/a/b", "/s/a"], parents=False), current).paths("create") == ["/s/a", "/s/a/b"]


def test_a_missing_folder_above_is_an_error_without_parents():
    current = there("/s", missing=("/s/a", "/s/a/b"))
    with pytest.raises(NasError) as caught:
        plan_present(Desired(["/s/a/b"], parents=False), current)
    assert caught.value.kind is Kind.NOT_FOUND
    assert caught.value.path == "/s/a"


def test_a_missing_share_is_never_made():
    with pytest.raises(NasError) as caught:
        plan_present(Desired(["/s/a"]), there(missing=("/s", "/s/a")))
    assert caught.value.kind is Kind.NOT_FOUND
    assert "share 's'" in caught.value.message


@pytest.mark.parametrize("files", [("/s/a",), ("/s/a/b",)])
def test_a_file_in_the_way(files):
    current = {**there("/s", missing=("/s/a", "/s/a/b")), **there(files=files)}
    with pytest.raises(NasError) as caught:
        plan_present(Desired(["/s/a/b"]), current)
    assert caught.value.kind is Kind.WRONG_TYPE
    assert caught.value.path == files[0]


def test_mtime_is_set_on_wished_folders_that_differ_and_on_new_ones():
    current = there("/s", "/s/a", missing=("/s/b", "/s/b/c"))
    plan = plan_present(Desired(["/s/a", "/s/b/c"], mtime=7), current)
    assert plan.paths("set_mtime") == ["/s/a", "/s/b/c"]
    assert plan_present(Desired(["/s/a"], mtime=5), current).steps == ()


def test_removal_goes_from_the_bottom_up():
    current = there("/s/a", "/s/a/b")
    held = {"/s/a": [Entry("/s/a/b", FOLDER)], "/s/a/b": []}
    assert plan_absent(Desired(["/s/a", "/s/a/b"]), current, held).paths("delete") == ["/s/a/b", "/s/a"]


def test_recursive_removal_names_only_the_uppermost():
    assert plan_absent(Desired(["/s/a", "/s/a/b"], recursive=True), there("/s/a", "/s/a/b"), {}).paths("delete") == [
        "/s/a"
    ]


def test_a_folder_that_holds_something_stays():
    with pytest.raises(NasError) as caught:
        plan_absent(Desired(["/s/a"]), there("/s/a"), {"/s/a": [Entry("/s/a/x", FILE)]})
    assert caught.value.kind is Kind.NOT_EMPTY


def test_a_file_is_not_removed_as_a_folder():
    with pytest.raises(NasError) as caught:
        plan_absent(Desired(["/s/a"], recursive=True), there(files=("/s/a",)), {})
    assert caught.value.kind is Kind.WRONG_TYPE


def test_what_is_not_there_need_not_be_removed():
    assert not plan_absent(Desired(["/s/a"]), there(missing=("/s/a",)), {}).changed
