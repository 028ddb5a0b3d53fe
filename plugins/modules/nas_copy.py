#!/usr/bin/python
# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ..module_utils._core import marks

DOCUMENTATION = r"""
module: nas_copy
version_added: 0.1.0
short_description: Copy, move and rename files and folders on a NAS
description:
  - Makes sure that a file or folder of a NAS is also at another place of the same NAS, or is there instead. Nothing travels
    through the controller.
  - What is copied arrives in a folder beside O(dest) whose name begins with C(.nasops-), is compared with O(src) there, and only
    then takes its name. At every moment the old or the new content is at O(dest), whole. What an interrupted run left under
    such names, the next one puts in order; what O(state=moved) gave one at O(src) gets its own name back.
  - Two files are equal when size and checksum are. A folder at O(dest) is equal when it holds everything that O(src) holds, by
    names and sizes, and by checksums where only the modification times differ; it may hold more.
  - Symbolic links are copied and moved as the NAS does it. None is gone into, and nothing is written through one at O(dest),
    on a Freebox and QNAP, which tell links. Two links are equal when they lead equally, as far as that is told (Freebox). On
    Synology see O(nasops.nas.nas_find#module:follow).
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
  wait:
    description:
      - With V(false) the NAS is told to begin, and the module returns at once with the ids in RV(tasks), for
        M(nasops.nas.nas_task) to wait for. Nothing is compared then, and what has arrived so far is at O(dest) already.
      - So it is refused, before anything is written, where more is to do than to start one task that can do no harm. That is so for
        a new name (but in the same folder, which takes no time), for O(state=moved) to another share, when something that
        differs is at O(dest), and after an interrupted run. Ansible's own C(async) always works.
      - Do not run the task again before the NAS is ready. After that, a run with V(true) tells whether everything arrived; it
        changes nothing then. What a task that failed or was stopped has copied stays at O(dest), and differs from O(src).
      - No vendor tells whether such a task outlives the login that began it. With O(session=run) on the controller the login lasts
        to the end of the run, so wait for the task in the same run.
    type: bool
    default: true
  wait_timeout:
    description:
      - Seconds that each long task of the NAS (a copy, a checksum, a removal) may take, before it is stopped.
    type: int
    default: 3600
seealso:
  - module: nasops.nas.nas_file
  - module: nasops.nas.nas_folder
  - module: nasops.nas.nas_task
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

- name: The films begin to go to the other share
  nasops.nas.nas_copy:
    src: /home/films
    dest: /public/films
    wait: false
  register: copied

- name: And some tasks later that is over
  nasops.nas.nas_task:
    id: "{{ copied.tasks | map(attribute='id') }}"
    kind: "{{ copied.tasks | map(attribute='kind') | unique }}"
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
tasks:
  description:
    - The tasks of the NAS that go on, with O(wait=false); empty when nothing was to do, when it was done at once, and in check mode.
    - C(id), C(kind) and more, as M(nasops.nas.nas_task) takes and returns them.
  type: list
  elements: dict
  returned: success
  sample:
    - {id: "301", kind: copy, state: running, path: /home/films, done: 0, total: 100, error: null}
failure:
  description:
    - What went wrong. C(kind) is a word such as V(not_found), V(permission_denied), V(authentication), V(usage);
      C(vendor), C(call), C(code) and C(path) say where, by the names of the vendor's document; C(hint) says what to do.
  type: dict
  returned: on failure of a call or of the checks before
"""

import itertools
from dataclasses import replace
from typing import Optional

from ..module_utils._api import tree as _tree
from ..module_utils._api.client import Files
from ..module_utils._core import model as _model
from ..module_utils._core import paths as _paths
from ..module_utils._core.errors import usage
from ..module_utils._core.model import Entry
from ..module_utils._delivery import atomic
from ..module_utils._delivery import copy as _relocate
from ..module_utils._module.context import Result, Task
from ..module_utils._module.run import main as run_module
from ..module_utils._module.spec import Spec
from ..module_utils._plans import copy_leftovers as _copy_remains
from ..module_utils._plans.copy import (
    FAIL,
    KEEP_BOTH,
    NEWER,
    OVERWRITE,
    SKIP,
    Present,
    Wish,
    beside,
    plan_copy,
    require_one_name,
    require_one_task,
)
from ..module_utils._plans.plan import Plan, Step
from ..module_utils._plans.preconditions import require_writable

SPEC = Spec(
    options={
        "src": {"type": "str", "required": True},
        "dest": {"type": "str", "required": True},
        "state": {"type": "str", "choices": ["copied", "moved"], "default": "copied"},
        "conflict": {"type": "str", "choices": [FAIL, OVERWRITE, SKIP, KEEP_BOTH, NEWER], "default": FAIL},
        "parents": {"type": "bool", "default": False},
        "wait": {"type": "bool", "default": True},
        "wait_timeout": {"type": "int", "default": 3600},
    },
    needs=("files", "copies"),
    paths=("src", "dest"),
)


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
    """What is at `src`, at `dest`, and beside them.

    :raises NasError: for what an interrupted move left, when nobody can tell from what is there where it belongs.
    """
    room, hidden = marks.move_folder(wish.dest), marks.probe_path(wish.src)
    spare = (*atomic.besides(files, wish.dest), marks.copy_folder(wish.dest))
    found = files.stat([wish.src, wish.dest, *spare, room, *([hidden] if wish.move else [])])
    source, target = found[wish.src], found[wish.dest]
    away: dict[str, str] = {}
    if found.get(hidden) is not None:
        if source is not None:
            raise _copy_remains.unclear(hidden)
        source, away = found[hidden], {hidden: wish.src}
    elif wish.move and source is not None and _paths.alike(wish.src, wish.dest):
        # To some devices both are the same, so that only the list tells which name it has.
        listed = {entry.path: entry for entry in files.list(_paths.parent(wish.src))}
        source, target = listed.get(wish.src), listed.get(wish.dest)
    leftovers = [path for path in spare if found[path] is not None]
    stranded = None
    if found[room] is not None:
        held = list(files.list(room))
        if len(held) == 1 and wish.move and source is None and may_finish(wish, held[0], target):
            stranded = held[0]
        elif held:
            raise _copy_remains.unclear(room)
        else:
            leftovers.append(room)
    above = {} if target is not None else files.stat(_paths.ancestors(wish.dest))
    task.saw({wish.src: source, wish.dest: target, **above})
    if source is None or target is None:
        there = {"": target} if target is not None else {}
        here = {"": source} if source is not None else {}
        return Present(here, there, above=above, leftovers=tuple(leftovers), stranded=stranded, away=away)
    trees = _tree.walk(files, source), _tree.walk(files, target)
    if wish.move:
        again, parts = _copy_remains.named_again(wish.src, *trees)
        trees, away = (again, trees[1]), {**away, **parts}
    leftovers += _copy_remains.in_folders(wish.dest, *trees)
    same: frozenset[str] = frozenset()
    if wish.move or wish.conflict != SKIP:
        same = _tree.same_files(files, *trees, task.watch(f"comparing {wish.src}", task.params["wait_timeout"]))
    return Present(*trees, same, leftovers=tuple(leftovers), away=away)


def may_finish(wish: Wish, waiting: Entry, target: Optional[Entry]) -> bool:
    """Whether what an interrupted move left beside `dest` belongs there: the file that it was to replace may be there.

    :param target: what is at `dest`.
    """
    return target is None or (wish.conflict in (OVERWRITE, NEWER) and not waiting.is_folder and not target.is_folder)


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
    wish = Wish(src, dest, params["state"] == "moved", params["conflict"], params["parents"], task.check_mode)
    if not params["wait"]:
        require_one_name(wish)
    return wish


def apply(task: Task, wish: Wish, plan: Plan, present: Present) -> None:
    """Carry the plan out."""
    files = task.client.files
    relocation = _relocate.Relocation(
        task.client, task.watch(f"{wish.src} to {wish.dest}", task.params["wait_timeout"])
    )
    for path in plan.paths("delete"):
        # At the end each is renamed for a moment, and must get its name again.
        atomic.prove_name(files, path)
    atomic.make_folders(files, plan.paths("create_folder"))
    # Where nothing has the name, what an interrupted run put aside waits for the new one to be whole.
    new = [step.to or "" for step in plan.steps if step.do in ("copy", "finish", "move")]
    last_copies = {one for to in new if to != wish.dest or not present.target for one in marks.backup_paths(to)}
    relocation.clean([path for path in plan.paths("clean") if path not in last_copies])
    groups: dict[str, list[Step]] = {}
    for step in plan.steps:
        to = step.to or ""
        if step.do == "finish" and present.stranded is not None:
            replaces = bool(present.target)
            if replaces:
                atomic.prove_name(files, to)
            relocation.finish(present.stranded, to, replaces=replaces)
            relocation.clean([marks.backup_path(to)] if replaces else [])
        elif step.do == "move":
            relocation.move(step.path, to, replaces=bool(present.target))
        elif step.do in ("copy", "replace"):
            groups.setdefault(_paths.parent(to), []).append(step)
    for group in groups.values():
        relocation.copy(group)
    late = files.stat([path for path in plan.paths("clean") if path in last_copies])
    relocation.clean([path for path, entry in late.items() if entry is not None])
    relocation.delete_sources({path: wish.dest + path[len(wish.src) :] for path in plan.paths("delete")})


def give_names_again(files: Files, wish: Wish, present: Present, task: Task) -> tuple[Wish, Present]:
    """Take back what an interrupted move renamed, and look again: more than that may have gone away with it."""
    for hidden, path in present.away.items():
        files.rename(hidden, _paths.name(path))
    wish, now = read_present(files, wish, task)
    return wish, replace(now, away=present.away)


def start(task: Task, wish: Wish, plan: Plan) -> list[_model.Task]:
    """The same without waiting, of a plan that `require_one_task` lets pass: the tasks of the device that go on."""
    relocation = _relocate.Relocation(task.client, task.watch(wish.src, task.params["wait_timeout"]))
    atomic.make_folders(task.client.files, plan.paths("create_folder"))
    if wish.move and beside(wish):
        relocation.move(wish.src, wish.dest, replaces=False)
        return []
    return relocation.start(wish.src, _paths.parent(wish.dest), move=wish.move)


def run(task: Task) -> Result:
    """The result of the task."""
    asked = read_wish(task)
    files = task.client.files
    wish, present = read_present(files, asked, task)
    if present.away and task.params["wait"] and not task.check_mode:
        # Before the plan, for whatever that will be, even an error: a hidden source is of use to nobody.
        wish, present = give_names_again(files, asked, present, task)
    plan, kept = plan_copy(wish, present)
    if not task.params["wait"]:
        require_one_task(wish, plan, present)
    arriving = [step for step in plan.steps if step.to is not None and step.do != "restore"]
    replaced = [
        step.to for step in arriving if step.do == "replace" or (step.do in ("move", "finish") and present.target)
    ]
    result: Result = {
        "changed": plan.changed,
        "src": wish.src,
        "dest": wish.dest,
        "created_folders": plan.paths("create_folder"),
        "copied": [step.to for step in arriving if step.to not in replaced],
        "replaced": replaced,
        "kept": kept,
        "deleted": plan.paths("delete"),
        "tasks": [],
    }
    task.show_change(result, plan, [wish.src, wish.dest] if wish.move else [wish.dest])
    if not task.check_mode:
        if plan.changed and not task.params["wait"]:
            result["tasks"] = [started.as_result() for started in start(task, wish, plan)]
        elif plan.changed:
            apply(task, wish, plan, present)
    elif arriving:
        above = present.above.get(_paths.parent(wish.dest))
        if not present.source and present.stranded is None:
            task.not_yet(wish.src)
        if not present.target and above is None and not wish.parents:
            task.not_yet(_paths.parent(wish.dest))
        elif present.target or above:
            require_writable(files, wish.dest)
    return result


def main() -> None:
    """Run as a module that was shipped to a host."""
    run_module(SPEC, run)


if __name__ == "__main__":
    main()
