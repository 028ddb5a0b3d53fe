# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every module that writes files, with a fault at each call that writes: nothing is lost, the next run converges.

A trial: bystanders and an old state; one run with one fault; every name has its old or its new content; what was said
to be done is done; the same run without the fault ends as it should; one more changes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Optional

import pytest
from ansible_collections.nasops.nas.plugins.module_utils._core.errors import Kind, NasError
from ansible_collections.nasops.nas.plugins.module_utils._core.model import Entry
from ansible_collections.nasops.nas.plugins.module_utils._core.waiting import Watch
from ansible_collections.nasops.nas.plugins.module_utils._delivery.copy import Relocation
from ansible_collections.nasops.nas.plugins.module_utils._module.context import ModuleContext, Runtime
from ansible_collections.nasops.nas.plugins.module_utils._plans.plan import Step
from ansible_collections.nasops.nas.plugins.modules import (
    nas_archive,
    nas_assemble,
    nas_copy,
    nas_file,
    nas_folder,
    nas_recycle_bin,
)
from ansible_collections.nasops.nas.tests.unit.plugins.module_utils.disk_fake import (
    Disk,
    Fault,
    Killed,
    Nas,
    Packing,
    half_done,
    idle,
    killed,
    lost,
    refused,
)

Content = dict[str, Optional[bytes]]
BYSTANDERS: Content = {"/home": None, "/home/.hidden": b"h", "/home/a": None, "/home/a/other": b"o", "/other": None}
FAULTS: dict[str, Callable[[], Fault]] = {
    "lost after": lambda: lost(after=True),
    "lost before": lambda: lost(after=False),
    "refused": refused,
    "does nothing": lambda: idle,
    "half done": lambda: half_done,
    "killed before": lambda: killed(after=False),
    "killed after": lambda: killed(after=True),
}
MOST = 40  # calls that write


@dataclass(frozen=True)
class Trial:
    """One task.

    :param old: what is there before, beside the bystanders.
    :param new: what is there afterwards instead.
    """

    module: Any
    options: dict[str, Any]
    old: Content
    new: Content
    keeps: tuple[str, ...] = field(default=())

    def run(self, disk: Disk) -> dict[str, Any]:
        params: dict[str, Any] = {name: option.get("default") for name, option in self.module.SPEC.options.items()}
        params.update(self.options, vendor="synology")
        nas = Nas(disk)

        class Here(ModuleContext):
            client = nas  # type: ignore[assignment]

        result: dict[str, Any] = self.module.run(Here(params, False, False, Runtime()))
        return result


BIN: Content = {"/home/#recycle": None, "/home/#recycle/a": None}
PACKED = b'{"f": "new"}'
TRIALS = {
    "a new file": Trial(nas_file, {"path": "/home/a/f", "content": "new"}, {}, {"/home/a/f": b"new"}),
    "a file replaced": Trial(
        nas_file, {"path": "/home/a/f", "content": "new!"}, {"/home/a/f": b"old"}, {"/home/a/f": b"new!"}
    ),
    "an oddly named file replaced": Trial(
        nas_file, {"path": "/home/a/50%", "content": "new!"}, {"/home/a/50%": b"old"}, {"/home/a/50%": b"new!"}
    ),
    "a file of the same size replaced": Trial(
        nas_file, {"path": "/home/a/f", "content": "new"}, {"/home/a/f": b"old"}, {"/home/a/f": b"new"}
    ),
    "a file below new folders": Trial(
        nas_file,
        {"path": "/home/b/c/f", "content": "new", "parents": True},
        {},
        {"/home/b": None, "/home/b/c": None, "/home/b/c/f": b"new"},
    ),
    "a file removed": Trial(nas_file, {"path": "/home/a/f", "state": "absent"}, {"/home/a/f": b"old"}, {}),
    "folders": Trial(
        nas_folder,
        {"path": ["/home/b/c", "/home/d"], "parents": True},
        {},
        dict.fromkeys(("/home/b", "/home/b/c", "/home/d")),
    ),
    "a folder removed": Trial(
        nas_folder,
        {"path": ["/home/b"], "state": "absent", "recursive": True},
        {"/home/b": None, "/home/b/f": b"old"},
        {},
    ),
    "copied": Trial(
        nas_copy,
        {"src": "/home/a/f", "dest": "/home/g"},
        {"/home/a/f": b"one"},
        {"/home/a/f": b"one", "/home/g": b"one"},
    ),
    "a folder copied": Trial(
        nas_copy,
        {"src": "/home/b", "dest": "/home/a/c"},
        {"/home/b": None, "/home/b/f": b"one"},
        {"/home/b": None, "/home/b/f": b"one", "/home/a/c": None, "/home/a/c/f": b"one"},
    ),
    "copied over": Trial(
        nas_copy,
        {"src": "/home/a/f", "dest": "/home/g", "conflict": "overwrite"},
        {"/home/a/f": b"one", "/home/g": b"old!"},
        {"/home/a/f": b"one", "/home/g": b"one"},
    ),
    "copied over an odd name": Trial(
        nas_copy,
        {"src": "/home/a/f", "dest": "/home/50%", "conflict": "overwrite"},
        {"/home/a/f": b"one", "/home/50%": b"old!"},
        {"/home/a/f": b"one", "/home/50%": b"one"},
    ),
    "moved": Trial(
        nas_copy, {"src": "/home/a/f", "dest": "/home/g", "state": "moved"}, {"/home/a/f": b"one"}, {"/home/g": b"one"}
    ),
    "renamed over": Trial(
        nas_copy,
        {"src": "/home/a/f", "dest": "/home/a/g", "state": "moved", "conflict": "overwrite"},
        {"/home/a/f": b"one", "/home/a/g": b"old!"},
        {"/home/a/g": b"one"},
    ),
    "moved over": Trial(
        nas_copy,
        {"src": "/home/a/f", "dest": "/home/g", "state": "moved", "conflict": "overwrite"},
        {"/home/a/f": b"one", "/home/g": b"old!"},
        {"/home/g": b"one"},
    ),
    "moved to another share": Trial(
        nas_copy,
        {"src": "/home/a/f", "dest": "/other/g", "state": "moved"},
        {"/home/a/f": b"one"},
        {"/other/g": b"one"},
    ),
    "restored": Trial(
        nas_recycle_bin,
        {"path": ["/home/a/f"], "state": "restored"},
        {**BIN, "/home/#recycle/a/f": b"gone"},
        {**BIN, "/home/a/f": b"gone"},
    ),
    "restored over": Trial(
        nas_recycle_bin,
        {"path": ["/home/a/f"], "state": "restored", "conflict": "overwrite"},
        {**BIN, "/home/#recycle/a/f": b"gone", "/home/a/f": b"here!"},
        {**BIN, "/home/a/f": b"gone"},
    ),
    "restored beside": Trial(
        nas_recycle_bin,
        {"path": ["/home/a/f.txt"], "state": "restored", "conflict": "keep_both"},
        {**BIN, "/home/#recycle/a/f.txt": b"gone", "/home/a/f.txt": b"here!"},
        {**BIN, "/home/a/f (1).txt": b"gone", "/home/a/f.txt": b"here!"},
    ),
    "a new archive": Trial(
        nas_archive,
        {"path": "/home/x.zip", "sources": ["/home/a/f"]},
        {"/home/a/f": b"new"},
        {"/home/a/f": b"new", "/home/x.zip": PACKED},
    ),
    "an archive replaced": Trial(
        nas_archive,
        {"path": "/home/x.zip", "sources": ["/home/a/f"]},
        {"/home/a/f": b"new", "/home/x.zip": b'{"f": "old!"}'},
        {"/home/a/f": b"new", "/home/x.zip": PACKED},
    ),
    "extracted": Trial(
        nas_archive,
        {"path": "/home/x.zip", "dest": "/home/a", "state": "extracted"},
        {"/home/x.zip": PACKED},
        {"/home/x.zip": PACKED, "/home/a/f": b"new"},
    ),
    "assembled over": Trial(
        nas_assemble,
        {"src": ["/home/a/1", "/home/a/2"], "dest": "/home/w", "multi_volumes": False},
        {"/home/a/1": b"a", "/home/a/2": b"b", "/home/w": b"old!"},
        {"/home/a/1": b"a", "/home/a/2": b"b", "/home/w": b"ab"},
    ),
    "assembled, and the parts are gone": Trial(
        nas_assemble,
        {"src": ["/home/a/1", "/home/b/2", "/home/a/3"], "dest": "/home/w", "delete_sources": True},
        {"/home/b": None, "/home/a/1": b"a", "/home/b/2": b"b", "/home/a/3": b"c", "/home/w": b"old!"},
        {"/home/b": None, "/home/w": b"abc"},
    ),
    "volumes assembled, and gone": Trial(
        nas_assemble,
        {"src": ["/home/a/v.001"], "multi_volumes": True, "dest": "/home/a/v", "delete_sources": True},
        {f"/home/a/v.00{number}": str(number).encode() for number in (1, 2, 3, 4)},
        {"/home/a/v": b"1234"},
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("name", TRIALS)
def test_a_fault_at_each_call(name: str, fault: str) -> None:
    trial = TRIALS[name]
    goal = {**BYSTANDERS, **trial.new}
    for number in range(1, MOST):
        disk = Disk({**BYSTANDERS, **trial.old}, faults={number: FAULTS[fault]()})
        error: Optional[BaseException] = None
        try:
            trial.run(disk)
        except (NasError, Killed) as raised:
            error = raised
        about = f"{name}: {fault} at call {number}, {disk.writes[number - 1 : number]}, ended with {error!r}"
        if error is None:
            assert disk.content == goal, about
        require_nothing_lost(disk, trial, about, isinstance(error, Killed))
        if len(disk.writes) < number:
            assert error is None
            return
        if fault == "lost after":
            assert error is None, about
        again = disk.again()
        trial.run(again)
        assert again.content == goal, about
        third = again.again()
        assert trial.run(third)["changed"] is False, about
        assert third.writes == [], about
    raise AssertionError(f"more than {MOST} calls")


class Damaging(Disk):
    """Says that all is well, though what one of its calls has made of files is not what it should be.

    :ivar number: which of the calls that write.
    :ivar harm: what becomes of the bytes of a file.
    :ivar harmed: that call's name, and whether it was a move. What moves out of a folder of ours has been looked at.
    """

    number = 0
    harm: Callable[[bytes], bytes]
    harmed: tuple[str, bool] = ("", False)

    def _write(self, name: str, work: Callable[[], Any], *about: Any) -> None:
        before = dict(self.content)
        super()._write(name, work, *about)
        made = [path for path, data in self.content.items() if data and path not in before]
        gone = set(before) - set(self.content)
        is_last = any("/.nasops-" in path for path in gone)
        if len(self.writes) == self.number and made and name not in ("rename", "delete") and not is_last:
            self.harmed = name, bool(gone)
            for path in made:
                self.content[path] = self.harm(self.content[path] or b"")


def one_less(data: bytes) -> bytes:
    """Without the last byte; of an archive without that of its last member."""
    return data[:-3] + data[-2:] if data.endswith(b'"}') else data[:-1]


def other(data: bytes) -> bytes:
    """As many bytes, but others."""
    return b"?" + data[1:]


@pytest.mark.parametrize("name", TRIALS)
@pytest.mark.parametrize("harm", [one_less, other])
def test_what_a_device_has_made_is_not_trusted(name: str, harm: Callable[[bytes], bytes]) -> None:
    """A file that was sent, or copied with checksums, is compared by its bytes; everything by its size."""
    trial = TRIALS[name]
    if harm is other and (trial.module not in (nas_file, nas_copy) or "folder" in name):
        return
    if harm is other and trial.module is nas_copy:
        trial = replace(trial, options={**trial.options, "compare": "checksum"})
    before, goal = {**BYSTANDERS, **trial.old}, {**BYSTANDERS, **trial.new}
    for number in range(1, MOST):
        disk = Damaging(before)
        disk.number, disk.harm = number, harm
        error: Optional[NasError] = None
        try:
            trial.run(disk)
        except NasError as raised:
            error = raised
        if len(disk.writes) < number:
            return
        call, was_moved = disk.harmed
        if not call or (was_moved and harm is other):
            continue
        about = f"{name}: call {number}, {call}, ended with {error!r}"
        assert error is not None, about
        assert error.kind is Kind.MISMATCH, about
        for path, data in before.items():
            if not was_moved:
                assert disk.content.get(path, b"gone") == data, (about, path)
        if not was_moved:
            again = disk.again()
            trial.run(again)
            assert again.content == goal, about
    raise AssertionError(f"more than {MOST} calls")


def test_an_archive_that_would_write_elsewhere_is_not_extracted() -> None:
    for member in ("../f", "/f", "a/../../f", "a\\..\\f", ""):
        held = json.dumps({"g": "fine", member: "new"}).encode()
        disk = Disk({**BYSTANDERS, "/home/x.zip": held})
        with pytest.raises(NasError) as caught:
            Trial(nas_archive, {"path": "/home/x.zip", "dest": "/home/a", "state": "extracted"}, {}, {}).run(disk)
        assert caught.value.kind is Kind.INVALID_ARGUMENT
        assert disk.writes == []


def test_an_empty_file_is_no_archive_where_nobody_can_look_into_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Packing, "features", Packing.features._replace(list=False))
    old = {**BYSTANDERS, "/home/a/f": b"new", "/home/x.zip": b"{}"}
    disk = Damaging(old)
    disk.number, disk.harm = 1, lambda data: b""
    with pytest.raises(NasError) as caught:
        Trial(nas_archive, {"path": "/home/x.zip", "sources": ["/home/a/f"]}, {}, {}).run(disk)
    assert caught.value.kind is Kind.MISMATCH
    assert disk.content == old


def relocation(disk: Disk) -> Relocation:
    return Relocation(Nas(disk), Watch())  # type: ignore[arg-type]


@pytest.mark.parametrize("there", [{}, {"/home/c": None}, {"/home/c": None, "/home/c/f": b"on"}, {"/home/c": b"one"}])
def test_no_source_is_removed_before_all_of_it_is_at_its_new_place(there: Content) -> None:
    disk = Disk({"/home/b": None, "/home/b/f": b"one", "/home/g": b"g", "/home/h": b"g", **there})
    before = dict(disk.content)
    with pytest.raises(NasError) as caught:
        relocation(disk).delete_sources({"/home/g": "/home/h", "/home/b": "/home/c"}, {})
    assert caught.value.kind is Kind.MISMATCH
    assert "/home/b" in disk.content
    assert disk.content == before
    whole = Disk({"/home/b": None, "/home/b/f": b"one", "/home/c": None, "/home/c/f": b"one"})
    relocation(whole).delete_sources({"/home/b": "/home/c"}, {})
    assert "/home/b" not in whole.content


class Indexing(Disk):
    """Puts a folder of its own into every folder that something comes to."""

    own = "@eaDir"

    def copy(self, path: str, folder: str) -> None:
        super().copy(path, folder)
        self.content[f"{folder}/{self.own}"] = None

    def move(self, path: str, folder: str) -> None:
        super().move(path, folder)
        self.content[f"{folder}/{self.own}"] = None


def test_a_staging_folder_goes_with_what_the_device_put_into_it() -> None:
    disk = Indexing({"/home/a": b"one", "/home/t": None})
    relocation(disk).copy([Step("copy", "/home/a", "/home/t/b")])
    there = {"/home": None, "/home/a": b"one", "/home/t": None, "/home/t/b": b"one"}
    assert disk.content == {**there, "/home/t/@eaDir": None}


@pytest.mark.parametrize("there", [{}, {"/home/t/b": b"old"}])
def test_a_move_ends_though_the_device_put_something_of_its_own_into_a_staging_folder(there: Content) -> None:
    disk = Indexing({"/home/a": b"one", "/home/t": None, **there})
    relocation(disk).move("/home/a", "/home/t/b", replaces=bool(there))
    assert disk.content == {"/home": None, "/home/t": None, "/home/t/b": b"one", "/home/t/@eaDir": None}


def test_a_move_does_not_remove_a_staging_folder_that_somebody_put_a_file_into() -> None:
    disk = Indexing({"/home/a": b"one", "/home/t": None})
    disk.own = "letter"
    with pytest.raises(NasError) as caught:
        relocation(disk).move("/home/a", "/home/t/b", replaces=False)
    assert caught.value.kind is Kind.NOT_EMPTY
    assert any(path.endswith("/letter") for path in disk.content)
    assert disk.content["/home/t/b"] == b"one"


class CaseBlind(Disk):
    """Small letters and capitals are the same to it."""

    def entry(self, path: str) -> Optional[Entry]:
        found = super().entry(path.lower())
        return found and replace(found, path=path)


def test_what_is_the_same_under_two_names_is_not_removed() -> None:
    disk = CaseBlind({"/home/b": b"one"})
    with pytest.raises(NasError) as caught:
        relocation(disk).delete_sources({"/home/b": "/home/B"}, {})
    assert caught.value.kind is Kind.INVALID_ARGUMENT
    assert disk.content["/home/b"] == b"one"


def require_nothing_lost(disk: Disk, trial: Trial, about: str, was_killed: bool) -> None:
    before = {**BYSTANDERS, **trial.old}
    for path, data in {**before, **trial.new}.items():
        allowed = [state[path] for state in (before, {**BYSTANDERS, **trial.new}) if path in state]
        if path in disk.content:
            assert disk.content[path] in allowed, (about, path)
        elif path in before and path in {**BYSTANDERS, **trial.new}:
            # Only a process that is killed between two changes of names leaves one without content for a while.
            assert was_killed, (about, path)
            assert data in disk.content.values(), (about, path)
    gone = [path for path in trial.old if path not in {**trial.new, **disk.content}]
    if trial.module is nas_assemble and gone:
        assert disk.content["/home/w" if "/home/w" in trial.new else "/home/a/v"] in trial.new.values(), about
    for path, data in trial.old.items():
        if path not in trial.new and data in trial.new.values():
            # What was moved is somewhere; unless a process was killed, where somebody finds it.
            places = [one for one, found in disk.content.items() if found == data]
            assert places, (about, path)
            assert was_killed or any("/.nasops-" not in one for one in places), (about, path)


@pytest.mark.parametrize("changed", ["/home/a/v.004", "/home/a/v"])
def test_what_has_changed_since_a_removal_ended_half_way_is_not_removed(changed: str) -> None:
    trial = TRIALS["volumes assembled, and gone"]
    number = 1
    while True:  # until the removal of the parts is what fails
        disk = Disk({**BYSTANDERS, **trial.old}, faults={number: half_done})
        with pytest.raises(NasError):
            trial.run(disk)
        if "/home/a/v.001" not in disk.content:
            break
        number += 1
    again = disk.again()
    again.content[changed] = b"something else"
    with pytest.raises(NasError):
        trial.run(again)
    assert again.content["/home/a/v.004"] == (b"something else" if changed.endswith("4") else b"4")


def test_a_lost_answer_in_the_bin_and_a_device_that_is_gone_then() -> None:
    """The name in the bin has changed, and nobody could look: the next run finds it."""
    trial = TRIALS["restored beside"]
    disk = Disk({**BYSTANDERS, **trial.old}, faults={2: killed(after=True)})
    with pytest.raises(Killed):
        trial.run(disk)
    assert "/home/#recycle/a/f (1).txt" in disk.content
    again = disk.again()
    result = trial.run(again)
    assert result["changed"] is True
    assert result["restored"] == ["/home/a/f (1).txt"]
    assert again.content == {**BYSTANDERS, **trial.new}


def test_another_entry_of_the_bin_with_a_number_is_none_of_ours() -> None:
    trial = TRIALS["restored beside"]
    disk = Disk({**BYSTANDERS, **BIN, "/home/a/f.txt": b"here!", "/home/#recycle/a/f (1).txt": b"another"})
    with_both = trial.run(disk)
    assert with_both["changed"] is False
    assert disk.writes == []


ODD = [
    Trial(nas_file, {"path": "/home/a/x", "content": "new"}, {"/home/a/x": b"old"}, {}),
    Trial(nas_file, {"path": "/home/a/x", "state": "touch"}, {"/home/a/x": b"old"}, {}),
    Trial(nas_file, {"path": "/home/a/x", "content": "new", "backup": True}, {"/home/a/x": b"old"}, {}),
    Trial(
        nas_copy,
        {"src": "/home/a/f", "dest": "/home/a/x", "state": "moved", "conflict": "overwrite"},
        {"/home/a/f": b"one", "/home/a/x": b"old"},
        {},
    ),
    Trial(
        nas_copy,
        {"src": "/home/f", "dest": "/home/a/x", "state": "moved", "conflict": "overwrite"},
        {"/home/f": b"one", "/home/a/x": b"old"},
        {},
    ),
    Trial(
        nas_copy,
        {"src": "/home/f", "dest": "/home/a/x", "conflict": "overwrite"},
        {"/home/f": b"one", "/home/a/x": b"older"},
        {},
    ),
    Trial(
        nas_archive,
        {"path": "/home/a/x", "sources": ["/home/f"], "format": "zip"},
        {"/home/f": b"one", "/home/a/x": b"{}"},
        {},
    ),
    Trial(
        nas_assemble,
        {"src": ["/home/f"], "dest": "/home/a/x", "multi_volumes": False},
        {"/home/f": b"one", "/home/a/x": b"older"},
        {},
    ),
    Trial(
        nas_recycle_bin,
        {"path": ["/home/a/x"], "state": "restored", "conflict": "overwrite"},
        {**BIN, "/home/#recycle/a/x": b"gone", "/home/a/x": b"here"},
        {},
    ),
]


@pytest.mark.parametrize("name", ["Smith, John.txt", "_sn_x", "a:b.txt", "\udce9", "y" * 250])
@pytest.mark.parametrize("number", range(len(ODD)))
def test_a_name_that_is_only_shown(number: int, name: str) -> None:
    trial = ODD[number]
    text = f"/home/a/{name}"
    old = {
        text if path == "/home/a/x" else path.replace("/a/x", f"/a/{name}"): data for path, data in trial.old.items()
    }
    options = {
        key: text if value == "/home/a/x" else [text] if value == ["/home/a/x"] else value
        for key, value in trial.options.items()
    }
    disk = Disk({**BYSTANDERS, **old})
    disk.refused_names = lambda given: name in given
    disk.surely_gives = lambda given: False  # type: ignore[method-assign]
    before = dict(disk.content)
    failed = Trial(trial.module, options, {}, {})
    if options.get("state") == "touch":
        failed.run(disk)  # changes a time, and no name
    else:
        with pytest.raises(NasError) as raised:
            failed.run(disk)
        assert raised.value.kind is Kind.INVALID_NAME
        assert repr(name) in str(raised.value)
        assert raised.value.hint
    assert disk.content == before
