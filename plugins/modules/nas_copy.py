#!/usr/bin/python
# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: nas_copy
version_added: 0.1.0
short_description: Copy, move and rename files and folders on a NAS
description:
  - Makes sure that a file or folder of a NAS is also at another place of the same NAS, or is there instead. Nothing travels
    through the controller.
  - What is copied arrives in a folder beside O(dest) whose name begins with C(.nasops-), is compared with O(src) there, and only
    then takes its name. At every moment the old or the new content is at O(dest), whole.
  - Two files are equal when size and checksum are. A folder at O(dest) is equal when it holds everything that O(src) holds, by
    names and sizes, and by checksums where only the modification times differ; it may hold more.
author:
  - The nasops.nas authors (@nasops)
extends_documentation_fragment:
  - nasops.nas.nas
  - nasops.nas.nas.attributes
options:
  src:
    description:
      - The file or folder, from the share on, such as V(/share/folder/name). Names are taken exactly as written.
      - Not a share itself.
    type: str
    required: true
  dest:
    description:
      - Its full new path, the new name included. A folder that is there is never taken for one to put O(src) into.
      - Not a share itself, and neither in O(src) nor above it.
    type: str
    required: true
  state:
    description:
      - V(copied) leaves O(src) where it is.
      - V(moved) does not; in the same folder this is a new name. When O(src) is gone and O(dest) is there, nothing is left to do.
      - Between two shares, and where folders are merged, V(moved) copies, compares, and then removes O(src), to the recycle bin
        where the NAS has one. Within a share it is a change of names.
    type: str
    choices: [copied, moved]
    default: copied
  conflict:
    description:
      - What to do when something else is at O(dest) already. What is equal never is a conflict.
      - V(fail) is an error.
      - V(overwrite) replaces a file. A folder is merged into the one that is there, where its files replace others of the same name;
        nothing is removed there.
      - V(newer) does the same, but only with files that were modified later than those that they replace.
      - V(skip) leaves everything that is there, without a look at its content, and adds to a folder what is missing in it.
      - V(keep_both) chooses another name, O(dest) with a number such as C(name (1).txt), and the same one in each run.
      - A file never replaces a folder, nor the reverse.
    type: str
    choices: [fail, overwrite, skip, keep_both, newer]
    default: fail
  parents:
    description:
      - Whether the folders above O(dest) are made when they are missing.
    type: bool
    default: false
  wait_timeout:
    description:
      - Seconds that each long task of the NAS (a copy, a checksum, a removal) may take, before it is stopped.
    type: int
    default: 3600
seealso:
  - module: nasops.nas.nas_file
  - module: nasops.nas.nas_folder
"""

EXAMPLES = r"""
- name: A copy of the price list for everybody, always the present one
  nasops.nas.nas_copy:
    src: /home/papers/prices-2026.pdf
    dest: /public/prices.pdf
    conflict: overwrite

- name: What was scanned goes to the papers, with what is there already
  nasops.nas.nas_copy:
    src: /home/scans/tax
    dest: /home/papers/tax
    state: moved
    conflict: skip
    parents: true

- name: Another name
  nasops.nas.nas_copy:
    src: /home/photos/IMG 0001.jpg
    dest: /home/photos/grandmother.jpg
    state: moved
"""

RETURN = r"""
src:
  description: The file or folder that was asked for.
  type: str
  returned: success
dest:
  description: Where it is now (in check mode, would be); with O(conflict=keep_both) perhaps another path than was asked for.
  type: str
  returned: success
  sample: /public/prices.pdf
created_folders:
  description: The folders above that were made (in check mode, would be).
  type: list
  elements: str
  returned: success
copied:
  description: What is new there, a new folder once with all that it holds (in check mode, would be).
  type: list
  elements: str
  returned: success
replaced:
  description: The files that took the place of others (in check mode, would).
  type: list
  elements: str
  returned: success
kept:
  description: The files and folders whose names are taken, which were left as they are there.
  type: list
  elements: str
  returned: success
deleted:
  description: What was removed at O(src) after it was copied (in check mode, would be).
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

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Optional

from ansible_collections.nasops.nas.plugins.module_utils import _deliver, _paths, _relocate, _tree
from ansible_collections.nasops.nas.plugins.module_utils._api import Files
from ansible_collections.nasops.nas.plugins.module_utils._errors import Kind, NasError, usage
from ansible_collections.nasops.nas.plugins.module_utils._folders import missing_above
from ansible_collections.nasops.nas.plugins.module_utils._model import Entry
from ansible_collections.nasops.nas.plugins.module_utils._plan import Plan, Step
from ansible_collections.nasops.nas.plugins.module_utils._task import Result, Spec, Task
from ansible_collections.nasops.nas.plugins.module_utils._task import main as run_module

FAIL = "fail"
OVERWRITE = "overwrite"
SKIP = "skip"
KEEP_BOTH = "keep_both"
NEWER = "newer"

SPEC = Spec(
    options={
        "src": {"type": "str", "required": True},
        "dest": {"type": "str", "required": True},
        "state": {"type": "str", "choices": ["copied", "moved"], "default": "copied"},
        "conflict": {"type": "str", "choices": [FAIL, OVERWRITE, SKIP, KEEP_BOTH, NEWER], "default": FAIL},
        "parents": {"type": "bool", "default": False},
        "wait_timeout": {"type": "int", "default": 3600},
    },
    needs=("files", "copies"),
)


@dataclass(frozen=True)
class Wish:
    """What shall be where."""

    src: str
    dest: str
    move: bool = False
    conflict: str = FAIL
    parents: bool = False
    promised: bool = False  # check mode: an earlier task may have promised the source, or the folder above


@dataclass(frozen=True)
class Present:
    """What is there.

    :param source: what is at `src`; only its top when nothing is at `dest`; empty when nothing is there.
    :param target: the same for `dest`.
    :param same: which files of both have the same bytes.
    :param above: what is at each folder above `dest`, when nothing is at `dest`.
    :param leftovers: what an interrupted run left beside `dest` and nobody needs.
    :param stranded: what an interrupted move brought beside `dest` and no further.
    """

    source: _tree.Tree = field(default_factory=dict)
    target: _tree.Tree = field(default_factory=dict)
    same: frozenset[str] = frozenset()
    above: Mapping[str, Optional[Entry]] = field(default_factory=dict)
    leftovers: tuple[str, ...] = ()
    stranded: Optional[Entry] = None


def plan_copy(wish: Wish, present: Present) -> tuple[Plan, list[str]]:
    """The steps from what is there to what is wished, and what stays as it is there though it differs.

    :raises NasError: for a source that is not there, a name that is taken, a missing folder above.
    """
    kept: list[str] = []
    if present.stranded is not None:
        steps = [Step("finish", present.stranded.path, wish.dest)]
    elif wish.move and present.target and not present.source:
        steps = []
    elif present.source and present.target:
        steps, kept = merge(wish, present)
    elif present.source or wish.promised:
        missing = []
        if not present.target:
            missing = missing_above(wish.dest, present.above, parents=wish.parents, promised=wish.promised)
        steps = [Step("create_folder", folder) for folder in missing]
        steps.append(Step("copy", wish.src, wish.dest))
    else:
        raise NasError(Kind.NOT_FOUND, "there is no such file or folder", path=wish.src, hint="Check the option src")
    if wish.move and present.source:
        if steps and steps[-1].path == wish.src and _paths.share(wish.src) == _paths.share(wish.dest):
            steps[-1] = replace(steps[-1], do="move")
        else:
            steps += [Step("delete", _tree.at(wish.src, path)) for path in removable(present.source, kept)]
    steps += [Step("clean", path) for path in present.leftovers]
    return Plan(tuple(steps), *described(steps, present)), [_tree.at(wish.dest, path) for path in kept]


def merge(wish: Wish, present: Present) -> tuple[list[Step], list[str]]:
    """What must be copied to what is there already, and what is left out.

    :raises NasError: for anything that differs, if that is how conflicts are solved; for a file where a folder is wished.
    """
    steps: list[Step] = []
    kept: list[str] = []
    done: set[str] = set()  # with all that they hold
    for path, entry in present.source.items():
        if done.intersection(_tree.above(path)):
            continue
        there = present.target.get(path)
        here, to = _tree.at(wish.src, path), _tree.at(wish.dest, path)
        clash = there is not None and there.type != entry.type
        if there is None:
            steps.append(Step("copy", here, to))
            done.add(path)
        elif clash and wish.conflict in (OVERWRITE, NEWER):
            hint = "Remove or rename one of them, or set conflict to skip or keep_both"
            raise NasError(Kind.WRONG_TYPE, f"a {entry.type} cannot replace a {there.type}", path=to, hint=hint)
        elif clash or not (entry.is_folder or path in present.same or replaces(wish, entry, there)):
            kept.append(path)
            done.add(path)
        elif not entry.is_folder and path not in present.same:
            steps.append(Step("replace", here, to))
    if wish.conflict == FAIL and (steps or kept):
        differs = steps[0].to if steps else _tree.at(wish.dest, kept[0])
        hint = "Choose another dest, or set conflict to what shall be done about it"
        message = f"something else is there already; it differs from src at {differs!r}"
        raise NasError(Kind.EXISTS, message, path=wish.dest, hint=hint)
    return steps, kept


def replaces(wish: Wish, entry: Entry, there: Entry) -> bool:
    """Whether a file takes the place of another one."""
    if wish.conflict == NEWER:
        return (entry.mtime or 0) > (there.mtime or 0)
    return wish.conflict == OVERWRITE


def removable(source: _tree.Tree, kept: list[str]) -> list[str]:
    """The topmost parts of the source that hold nothing of what stays."""
    left = set(kept)
    needed = left.union(*map(_tree.above, kept))
    chosen: list[str] = []
    for path in source:
        above = _tree.above(path)
        if path not in needed and not left.intersection(above) and not set(chosen).intersection(above):
            chosen.append(path)
    return chosen


def described(steps: list[Step], present: Present) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the steps are about, before and after them, for a diff."""
    entries = {entry.path: entry for entry in (*present.source.values(), *present.target.values())}
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for step in steps:
        old = entries.get(step.to or step.path)
        if step.do == "create_folder":
            before[step.path], after[step.path] = {"state": "absent"}, {"state": "present"}
        if step.to is not None:
            before[step.to] = {"state": "absent"} if old is None else {"size": old.size, "mtime": old.mtime}
            after[step.to] = {"state": "present", "content": f"that of {step.path}"}
        if step.do in ("move", "finish", "delete", "clean"):
            before[step.path], after[step.path] = {"state": "present"}, {"state": "absent"}
    return {"paths": before}, {"paths": after}


def read_present(files: Files, wish: Wish, task: Task) -> tuple[Wish, Present]:
    """What is there; and the wish with the name that is free, or right already, where both are to be kept."""
    present = look(files, wish, task)
    for number in itertools.count(1):
        if (
            wish.conflict != KEEP_BOTH
            or not present.source
            or not present.target
            or _tree.equal(present.source, present.target, present.same)
        ):
            break
        dest = _paths.numbered(task.params["dest"], number, is_folder=present.source[""].is_folder)
        wish = replace(wish, dest=dest)
        present = look(files, wish, task)
    return wish, present


def look(files: Files, wish: Wish, task: Task) -> Present:
    """What is at `src`, at `dest`, and beside it.

    :raises NasError: for what an interrupted move left beside `dest`, when that cannot be told from what is there.
    """
    room = _relocate.moving(wish.dest)
    spare = (_deliver.leaving(wish.dest), _relocate.copying(wish.dest))
    found = files.stat([wish.src, wish.dest, *spare, room])
    source, target = found[wish.src], found[wish.dest]
    if wish.move and source is not None and _paths.alike(wish.src, wish.dest):
        # To some devices both are the same, so that only the list tells which name it has.
        listed = {entry.path: entry for entry in files.list(_paths.parent(wish.src))}
        source, target = listed.get(wish.src), listed.get(wish.dest)
    leftovers = [path for path in spare if found[path] is not None]
    stranded = None
    if found[room] is not None:
        held = list(files.list(room))
        if len(held) == 1 and wish.move and source is None and target is None:
            stranded = held[0]
        elif held:
            message = "an interrupted move left something here that may be nowhere else"
            raise NasError(Kind.EXISTS, message, path=room, hint="Move it to its place, or remove it")
        else:
            leftovers.append(room)
    above = {} if target is not None else files.stat(_paths.ancestors(wish.dest))
    if source is None or target is None:
        there = {"": target} if target is not None else {}
        here = {"": source} if source is not None else {}
        return Present(here, there, above=above, leftovers=tuple(leftovers), stranded=stranded)
    trees = _tree.walk(files, source), _tree.walk(files, target)
    same: frozenset[str] = frozenset()
    if wish.move or wish.conflict != SKIP:
        same = _tree.same_files(files, *trees, task.watch(f"comparing {wish.src}", task.params["wait_timeout"]))
    return Present(*trees, same, leftovers=tuple(leftovers))


def read_wish(task: Task) -> Wish:
    """The options, checked before any call."""
    params = task.params
    paths = {option: _paths.check(params[option], option) for option in ("src", "dest")}
    for option, path in paths.items():
        if _paths.is_share(path):
            hint = "Name a file or folder in the share"
            raise _paths.bad(path, option, "is a share, which is neither copied nor moved nor replaced", hint)
    src, dest = paths["src"], paths["dest"]
    if src == dest:
        raise usage(f"options src and dest are both {src!r}", path=src, hint="Give the new path in dest")
    if src in _paths.ancestors(dest):
        raise _paths.bad(dest, "dest", "lies in src", "A folder cannot go into itself; choose a path outside of it")
    if dest in _paths.ancestors(src):
        raise _paths.bad(dest, "dest", "holds src", "Write the full new path, the name included")
    return Wish(src, dest, params["state"] == "moved", params["conflict"], params["parents"], task.check_mode)


def apply(task: Task, wish: Wish, plan: Plan, present: Present) -> None:
    """Carry the plan out."""
    files = task.client.files
    relocation = _relocate.Relocation(
        task.client, task.watch(f"{wish.src} to {wish.dest}", task.params["wait_timeout"])
    )
    folders = plan.paths("create_folder")
    if folders:
        files.create_folders(folders)
    # Where nothing has the name, what an interrupted run put aside waits for the new one to be whole.
    last_copy = _deliver.leaving(wish.dest) if not present.target else None
    relocation.clean([path for path in plan.paths("clean") if path != last_copy])
    groups: dict[str, list[Step]] = {}
    for step in plan.steps:
        to = step.to or ""
        if step.do == "finish" and present.stranded is not None:
            relocation.finish(present.stranded, to)
        elif step.do == "move":
            relocation.move(step.path, to, replaces=bool(present.target))
        elif step.do in ("copy", "replace"):
            groups.setdefault(_paths.parent(to), []).append(step)
    for group in groups.values():
        relocation.copy(group)
    relocation.clean([path for path in plan.paths("clean") if path == last_copy and files.stat([path])[path]])
    relocation.delete_sources({path: wish.dest + path[len(wish.src) :] for path in plan.paths("delete")})


def run(task: Task) -> Result:
    """The result of the task."""
    asked = read_wish(task)
    files = task.client.files
    wish, present = read_present(files, asked, task)
    plan, kept = plan_copy(wish, present)
    arriving = [step for step in plan.steps if step.to is not None]
    replaced = [step.to for step in arriving if step.do == "replace" or (step.do == "move" and present.target)]
    result: Result = {
        "changed": plan.changed,
        "src": wish.src,
        "dest": wish.dest,
        "created_folders": plan.paths("create_folder"),
        "copied": [step.to for step in arriving if step.to not in replaced],
        "replaced": replaced,
        "kept": kept,
        "deleted": plan.paths("delete"),
    }
    if task.diff:
        result["diff"] = {"before": plan.before, "after": plan.after}
    if not task.check_mode:
        if plan.changed:
            apply(task, wish, plan, present)
    elif arriving:
        above = present.above.get(_paths.parent(wish.dest))
        if not present.source and present.stranded is None:
            task.warnings.append(f"{wish.src!r} is not there yet; a task before this one must make it")
        if not present.target and above is None and not wish.parents:
            task.warnings.append(f"the folder of {wish.dest!r} is not there yet; a task before this one must make it")
        elif (present.target or above) and files.writable(wish.dest) is False:
            hint = "Give the user the right to write there"
            raise NasError(Kind.PERMISSION_DENIED, "the user may not write here", path=wish.dest, hint=hint)
    return result


def main() -> None:
    """Run as a module that was shipped to a host."""
    run_module(SPEC, run)


if __name__ == "__main__":
    main()
