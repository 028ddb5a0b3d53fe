# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""nas_copy when the device falls silent in the middle: nothing is lost or stays hidden, and the next run goes on."""

from __future__ import annotations

import shutil

import pytest
from ansible_collections.nasops.nas.plugins.module_utils._core import marks, names

from tests.support.playbooks import in_diff, play, run

pytestmark = pytest.mark.needs("copies")

# Of the first, what begins a removal: neither status nor stop.
REMOVALS = {"synology": "SYNO.FileStation.Delete/[ds]*[et]", "qnap": "delete", "freebox": "POST fs/rm/"}
COPIES = {"synology": "SYNO.FileStation.CopyMove/start", "qnap": "copy", "freebox": "POST fs/cp/"}
MOVES = {"synology": "SYNO.FileStation.CopyMove/start", "qnap": "move", "freebox": "POST fs/mv/"}
NO_REPLY = {"reset": {"at_bytes": 0, "where": "reply"}}


def copy(src, dest, **more):
    return {"nasops.nas.nas_copy": {"src": src, "dest": dest, **more}, "ignore_errors": True}


def move(src, dest, **more):
    return copy(src, dest, state="moved", **more)


@pytest.fixture
def do(tmp_path, one):
    """Runs tasks on the device, and returns their results; in check mode nothing is written."""

    def results(*tasks, check=False):
        one.forget()
        plays = play(*tasks)
        outcome = run(tmp_path, plays, {"it": one.variables()}, *(["--check", "--diff"] if check else []))
        assert "Traceback" not in outcome.text
        assert not check or one.writes() == []
        return outcome.results()

    return results


@pytest.fixture
def place(one, request):
    """Two folders of the test's own, in two shares: writes files, reads all of them."""
    own = request.node.name.replace("[", "-").replace("]", "")

    class Place:
        home, public = f"/home/{own}", f"/public/{own}"
        roots = one.root / "home" / own, one.root / "public" / own

        def write(self, files):
            for path, content in files.items():
                file = one.root / path[1:]
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(content)

        def read(self):
            files = [file for root in self.roots for file in root.rglob("*") if file.is_file()]
            return {f"/{file.relative_to(one.root)}": file.read_text() for file in sorted(files)}

        def hidden(self):
            return one.unfinished()

    found = Place()
    for root in found.roots:
        root.mkdir()
    yield found
    one.faults()
    for root in found.roots:
        shutil.rmtree(root)


def said(results):
    """Of each task: whether it changed something, or the kind of its failure."""
    return [result["failure"]["kind"] if result.get("failed") else result["changed"] for result in results]


def test_a_new_name_without_a_reply_strands_nothing(one, do, place):
    home, public = place.home, place.public
    place.write({f"{home}/doc": "precious"})
    task = move(f"{home}/doc", f"{public}/doc")
    one.faults({"call": one.told("rename"), "times": 1, "do": NO_REPLY})
    assert said(do(task)) == [True]
    assert place.read() == {f"{public}/doc": "precious"}
    assert said(do(task)) == [False]
    assert place.hidden() == []


def test_what_got_no_name_back_is_found_by_the_next_run(one, do, place):
    """A file, parts of a merged tree, and one thing under two names; the device is silent twice for each."""
    home, public = place.home, place.public
    place.write({f"{home}/doc": "precious", f"{home}/real/x": "one"})
    (place.roots[0] / "link").symlink_to("real")
    place.write({f"{home}/t/kept": "mine", f"{home}/t/sub/deep/x": "x"})
    place.write({f"{home}/u/kept": "yours", f"{home}/u/sub/deep/x": "x"})
    tasks = (
        move(f"{home}/doc", f"{public}/doc"),
        move(f"{home}/t", f"{home}/u", conflict="skip"),
        move(f"{home}/real", f"{home}/link"),
    )
    # Of each three: away, back, and back once more.
    # A Freebox gives the copy of the first its name by one more.
    more = one.vendor == "freebox"
    one.faults(*({"call": one.told("rename"), "after": number + more, "do": "reset"} for number in (1, 2, 4, 5, 7, 8)))
    failed = do(*tasks)
    reported = one.vendor != "synology"  # that the last target is a link
    assert said(failed) == ["connection", "connection", "exists" if reported else "connection"]
    hidden = [f"{home}/doc", f"{home}/t/sub", f"{home}/real"][: 2 if reported else 3]
    for result, path in zip(failed, hidden):
        assert names.beside(path, "probe") in result["failure"]["hint"]
    assert len([path for path in place.hidden() if path.endswith((".probe", ".probe/"))]) == len(hidden)
    one.faults()
    checked = do(*tasks[:2], check=True)
    assert said(checked) == [True, True]
    assert checked[0]["deleted"] == [f"{home}/doc"]
    assert names.beside(f"{home}/doc", "probe") in in_diff(checked[0], "before")["paths"]
    again = do(*tasks)
    assert said(again) == [True, True, "exists" if reported else "invalid_argument"]
    for key in ("copied", "replaced", "kept", "deleted"):
        assert [result[key] for result in checked] == [result[key] for result in again[:2]]
    after = {
        f"{public}/doc": "precious",
        f"{home}/t/kept": "mine",
        f"{home}/u/kept": "yours",
        f"{home}/u/sub/deep/x": "x",
        f"{home}/real/x": "one",
    }
    assert place.read() == after
    assert (place.roots[0] / "link" / "x").read_text() == "one"
    assert said(do(*tasks)) == [False, False, "exists" if reported else "invalid_argument"]
    assert place.read() == after
    assert place.hidden() == []


def test_what_nobody_can_name_stays_and_is_reported(do, place):
    home = place.home
    unknown = names.beside(f"{home}/t/a", "probe")
    place.write({unknown: "precious", f"{home}/t/b": "b", f"{home}/u/b": "b", f"{home}/x": "new"})
    place.write({names.beside(f"{home}/x", "probe"): "old"})
    before = place.read()
    results = do(move(f"{home}/t", f"{home}/u", conflict="overwrite"), move(f"{home}/x", f"{home}/z"))
    assert said(results) == ["exists"] * 2
    assert results[0]["failure"]["path"] == unknown
    assert results[1]["failure"]["path"] == names.beside(f"{home}/x", "probe")
    assert place.read() == before


def test_what_an_interrupted_merge_left_in_folders_is_removed(one, do, place):
    """The removals: of the old file and then of the empty folder for copies, for one merge after the other."""
    home = place.home
    wanted = {}
    for top in ("a", "b"):
        place.write({f"{home}/{top}/sub/x": "new", f"{home}/{top}/sub/z": "z", f"{home}/{top}2/sub/x": "older"})
        wanted |= {
            f"{home}/{name}/sub/{file}": text for name in (top, f"{top}2") for file, text in (("x", "new"), ("z", "z"))
        }
    tasks = [copy(f"{home}/{top}", f"{home}/{top}2", conflict="overwrite") for top in ("a", "b")]
    # Of the first merge the first removal, and the one that tidies up after that; of the second the second.
    one.faults(*({"call": REMOVALS[one.vendor], "after": number, "do": "reset"} for number in (0, 1, 3)))
    assert said(do(*tasks)) == ["connection"] * 2
    left = [path for path in place.hidden() if path.startswith(home)]
    assert marks.backup_path(f"{home}/a2/sub/x") in left
    assert [path for path in left if path.startswith(f"{home}/b2/") and path.endswith(".copy/")]
    one.faults()
    assert said(do(*tasks, check=True)) == said(do(*tasks)) == [True, True]
    assert place.read() == wanted
    assert place.hidden() == []
    assert said(do(*tasks)) == [False, False]


def test_a_merge_whose_file_got_its_place_without_a_reply_goes_on(one, do, place):
    home = place.home
    place.write({f"{home}/a/sub/x": "new", f"{home}/b/sub/x": "older"})
    task = copy(f"{home}/a", f"{home}/b", conflict="overwrite")
    # One vendor has one call for copies and moves.
    one.faults({"call": MOVES[one.vendor], "after": int(MOVES[one.vendor] == COPIES[one.vendor]), "do": NO_REPLY})
    do(task)
    one.faults()
    do(task)
    assert place.read() == {f"{home}/a/sub/x": "new", f"{home}/b/sub/x": "new"}
    assert place.hidden() == []
    assert said(do(task)) == [False]


def test_an_old_file_in_a_folder_stays_until_the_new_one_is_whole(one, do, place):
    home = place.home
    old = marks.backup_path(f"{home}/b/sub/x")
    place.write({f"{home}/a/sub/x": "new", f"{home}/b/sub/y": "y", old: "old"})
    task = copy(f"{home}/a", f"{home}/b", conflict="overwrite")
    one.faults({"call": COPIES[one.vendor], "times": 0, "do": "reset"})
    assert said(do(task)) == ["connection"]
    assert place.read()[old] == "old"
    one.faults()
    assert said(do(task)) == [True]
    assert place.read() == {f"{home}/a/sub/x": "new", f"{home}/b/sub/x": "new", f"{home}/b/sub/y": "y"}
