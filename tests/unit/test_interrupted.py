# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every module that writes files, with a fault at each call that writes: nothing is lost, the next run converges.

A trial: bystanders and an old state; one run with one fault; every name has its old or its new content; what was said
to be done is done; the same run without the fault ends as it should; one more changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Optional

import pytest
from ansible_collections.nasops.nas.plugins.module_utils._core.errors import Kind, NasError
from ansible_collections.nasops.nas.plugins.module_utils._module.context import ModuleContext, Runtime
from ansible_collections.nasops.nas.plugins.modules import (
    nas_archive,
    nas_assemble,
    nas_copy,
    nas_file,
    nas_folder,
    nas_recycle_bin,
)
from disk_fake import Disk, Fault, Killed, Nas, idle, killed, lost, refused

Content = dict[str, Optional[bytes]]
BYSTANDERS: Content = {"/home": None, "/home/.hidden": b"h", "/home/a": None, "/home/a/other": b"o", "/other": None}
FAULTS: dict[str, Callable[[], Fault]] = {
    "lost after": lambda: lost(after=True),
    "lost before": lambda: lost(after=False),
    "refused": refused,
    "does nothing": lambda: idle,
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
        params.update(self.options, vendor="any")
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
    for path, data in trial.old.items():
        if path not in trial.new and data in trial.new.values():
            # What was moved is somewhere.
            assert data in disk.content.values(), (about, path)


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
