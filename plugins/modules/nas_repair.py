#!/usr/bin/python
# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: nas_repair
version_added: 1.0.0
short_description: Repair files on a NAS with a par2 set
description:
  - Makes sure that the files that a par2 set protects are whole. What is damaged or missing is mended by the NAS, with the
    recovery data of the set.
  - Only a Freebox offers this.
  - The par2 file tells size and MD5 of each file. They are compared with what the NAS calculates, before and after. So a task
    changes something only if a file is damaged, and it fails if one still is at the end.
author:
  - The nasops.nas authors (@nasops)
extends_documentation_fragment:
  - nasops.nas.nas
  - nasops.nas.nas.attributes
options:
  path:
    description:
      - A par2 file of the set, from the share on. The files that it protects and the other par2 files lie in the same folder.
      - It is read to learn what the set protects. So name the small one without recovery data, such as V(/share/folder/name.par2),
        not one such as V(name.vol000+10.par2).
    type: str
    required: true
  state:
    description:
      - V(repaired) mends what is damaged or missing.
    type: str
    choices: [repaired]
    default: repaired
  delete_archive:
    description:
      - Whether the par2 files of the set are removed once all files are whole.
      - When O(path) is not there in a folder that is, this was done before. What an interrupted run left of the set, by its
        names, is removed then, once another of its par2 files has shown that all files are whole.
    type: bool
    default: false
  wait_timeout:
    description:
      - Seconds that the NAS may take for each of its tasks, before it is stopped.
    type: int
    default: 3600
seealso:
  - module: nasops.nas.nas_assemble
  - module: nasops.nas.nas_archive
"""

EXAMPLES = r"""
- name: The backup is whole
  nasops.nas.nas_repair:
    path: /home/backup/2026.par2

- name: The film is whole, and its par2 files are gone
  nasops.nas.nas_repair:
    path: /home/films/film.mkv.par2
    delete_archive: true
"""

RETURN = r"""
path:
  description: The par2 file.
  type: str
  returned: success
  sample: /home/films/film.mkv.par2
files:
  description: All files that the set protects. Empty when the par2 file is not there (any more).
  type: list
  elements: str
  returned: success
  sample: [/home/films/film.mkv]
repaired:
  description: The files that were mended (in check mode, would be).
  type: list
  elements: str
  returned: success
deleted:
  description: The par2 files that were removed (in check mode, would be).
  type: list
  elements: str
  returned: success
failure:
  description:
    - What went wrong. C(kind) is a word such as V(not_found), V(permission_denied), V(authentication), V(usage);
      C(vendor), C(call), C(code) and C(path) say where, by the names of the vendor's document; C(hint) says what to do.
  type: dict
  returned: on failure of a call or of the checks before
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import BinaryIO, Optional, cast

from ..module_utils._api import lost_answers
from ..module_utils._api.client import Files
from ..module_utils._core import paths as _paths
from ..module_utils._core.errors import Kind, NasError
from ..module_utils._core.model import Entry
from ..module_utils._delivery import par2 as _par2
from ..module_utils._module.context import ModuleContext, Result
from ..module_utils._module.run import main as run_module
from ..module_utils._module.spec import Spec
from ..module_utils._plans.plan import Plan, Step

MD5 = "md5"
WHOLE = "whole"
DAMAGED = "damaged"
MISSING = "missing"

SPEC = Spec(
    options={
        "path": {"type": "str", "required": True},
        "state": {"type": "str", "choices": ["repaired"], "default": "repaired"},
        "delete_archive": {"type": "bool", "default": False},
        "wait_timeout": {"type": "int", "default": 3600},
    },
    needs=("files", "repair"),
    paths=("path",),
)


@dataclass(frozen=True)
class Desired:
    """Which set's files shall be whole."""

    path: str
    delete_archive: bool = False
    may_be_created_earlier: bool = False  # check mode: an earlier task may have promised the par2 file


@dataclass(frozen=True)
class Current:
    """What is there.

    :param states: of each file that the set protects, WHOLE, DAMAGED or MISSING; None when the par2 file is not there.
    :param archive: the par2 files of the set that are there, when they shall be removed.
    """

    states: Optional[Mapping[str, str]] = None
    archive: Sequence[str] = ()


def plan_repair(desired: Desired, current: Current) -> Plan:
    """The steps that mend the files, and remove the par2 files if they shall be.

    :raises NasError: for a par2 file that is not there.
    """
    if current.states is None:
        if desired.delete_archive:
            return Plan()
        if not desired.may_be_created_earlier:
            raise NasError(
                Kind.NOT_FOUND, "there is no such par2 file", path=desired.path, hint="Check the option path"
            )
        steps = [Step("repair", desired.path)]
    else:
        steps = [Step("repair", path) for path, state in current.states.items() if state != WHOLE]
    states = current.states or {}
    before = {step.path: {"state": states.get(step.path, "unknown")} for step in steps}
    after = {step.path: {"state": WHOLE} for step in steps}
    if desired.delete_archive:
        steps += [Step("delete", path) for path in current.archive]
        before.update({path: {"state": "present"} for path in current.archive})
        after.update({path: {"state": "absent"} for path in current.archive})
    return Plan(tuple(steps), {"files": before}, {"files": after})


def read_current(context: ModuleContext, desired: Desired) -> tuple[list[_par2.Protected], Current]:
    """What the set protects, and what is there of it."""
    files = context.client.files
    folder = _paths.parent(desired.path)
    found = files.stat([desired.path, folder])
    context.saw(found)
    entry = found[desired.path]
    if entry is None:
        if found[folder] is None and not desired.may_be_created_earlier:
            hint = "Check the option path"
            raise NasError(Kind.NOT_FOUND, "there is no such folder", path=folder, hint=hint)
        left = read_archive(files, desired.path) if desired.delete_archive and found[folder] is not None else []
        return [], Current(None, left)
    if entry.is_folder:
        hint = "Name one of the par2 files in it"
        raise NasError(Kind.WRONG_TYPE, "this is a folder, not a file", path=desired.path, hint=hint)
    reader = _par2.Reader(desired.path)
    files.download(desired.path, cast(BinaryIO, reader), watch=context.watch(f"reading {desired.path}"), entry=entry)
    protected = reader.files()
    archive: Sequence[str] = ()
    if desired.delete_archive:
        archive = read_archive(files, desired.path)
    return protected, Current(read_states(context, protected), archive)


def read_archive(files: Files, path: str) -> list[str]:
    """The par2 files of the set that are there."""
    entries = files.list(_paths.parent(path))
    return _par2.members(path, [entry.name for entry in entries if not entry.is_folder])


def read_states(context: ModuleContext, protected: Sequence[_par2.Protected]) -> dict[str, str]:
    """How each file is, by its size and then by the MD5 that the device calculates."""
    found = context.client.files.stat([file.path for file in protected])
    return {file.path: state_of(context, file, found[file.path]) for file in protected}


def state_of(context: ModuleContext, file: _par2.Protected, entry: Optional[Entry]) -> str:
    """Whether one file is whole.

    :raises NasError: `WRONG_TYPE` for a folder that has its name.
    """
    if entry is None:
        return MISSING
    if entry.is_folder:
        message = "a folder is where the set protects a file"
        raise NasError(Kind.WRONG_TYPE, message, path=file.path, hint="Move it to another place")
    if entry.size != file.size:
        return DAMAGED
    watch = context.watch(f"checksum of {file.path}", context.params["wait_timeout"])
    return WHOLE if context.client.files.checksum(file.path, MD5, watch=watch) == file.md5 else DAMAGED


def apply(context: ModuleContext, desired: Desired, plan: Plan, protected: Sequence[_par2.Protected]) -> None:
    """Carry the plan out. The par2 files go only when all that they protect is whole.

    :raises NasError: `MISMATCH` when a file is still damaged though the device reported success.
    """
    damaged = plan.paths("repair")
    if damaged:
        mended = [file for file in protected if file.path in damaged]

        def is_whole() -> bool:
            return set(read_states(context, mended).values()) == {WHOLE}

        lost_answers.done(
            lambda: mend(context, f"repairing by {desired.path}", desired.path, delete_archive=False), is_whole
        )
        states = read_states(context, mended)
        for path, state in states.items():
            if state != WHOLE:
                message = f"the device reported success, but this file is {state}"
                raise NasError(Kind.MISMATCH, message, path=path, hint="Run the task again")
    if plan.has("delete"):
        lost_answers.done(
            lambda: mend(context, f"removing {desired.path}", desired.path, delete_archive=True),
            lambda: desired.path not in read_archive(context.client.files, desired.path),
        )


def mend(context: ModuleContext, label: str, path: str, *, delete_archive: bool) -> None:
    """Let the device check and mend the files."""
    watch = context.watch(label, context.params["wait_timeout"])
    context.client.repair.repair(path, delete_archive=delete_archive, watch=watch)


def run(context: ModuleContext) -> Result:
    """The result of the task."""
    params = context.params
    path = _paths.check(params["path"])
    if _paths.is_share(path):
        raise _paths.bad(path, "path", "is a share, not a par2 file", "Name a file in the share")
    desired = Desired(path, params["delete_archive"], context.check_mode)
    protected, current = read_current(context, desired)
    if current.states is None and current.archive:
        # The removal of the set ended half-way: what is left of it tells and does the same.
        desired = replace(desired, path=current.archive[0])
        protected, current = read_current(context, desired)
    plan = plan_repair(desired, current)
    deleted = plan.paths("delete")
    if plan.changed and not context.check_mode:
        apply(context, desired, plan, protected)
        if deleted:
            # Which par2 files belong to the set is the device's say.
            left = read_archive(context.client.files, path)
            deleted = [member for member in deleted if member not in left]
    if current.states is None and plan.changed:
        context.not_yet(path)
    result: Result = {
        "changed": plan.changed,
        "path": path,
        "files": [file.path for file in protected],
        "repaired": plan.paths("repair") if current.states is not None else [],
        "deleted": deleted,
    }
    context.show_change(result, plan, [path])
    return result


def main() -> None:
    """Run as a module that was shipped to a host."""
    run_module(SPEC, run)


if __name__ == "__main__":
    main()
