#!/usr/bin/python
# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: nas_copy
version_added: 1.0.0
short_description: Copy, move and rename files and folders on a NAS
description:
  - Makes sure that a file or folder of a NAS is also at another place of the same NAS, or is there instead. Nothing travels
    through the controller.
  - What is copied arrives in a folder beside O(dest) whose name begins with C(.nasops-), is compared with O(src) there, and only
    then takes its name. At every moment the old or the new content is at O(dest), whole. What an interrupted run left under
    such names, the next one puts in order; what O(state=moved) gave one at O(src) gets its own name back.
  - Two files are equal when size and modification time are, or size and checksum; see O(compare). A folder at O(dest) is equal
    when it holds everything that O(src) holds; it may hold more.
  - Symbolic links are copied and moved as the NAS does it. None is gone into, and nothing is written through one at O(dest),
    on a Freebox and QNAP, which report links. Two links are equal when they lead equally, as far as that is reported (Freebox). On
    Synology see O(nasops.nas.nas_find#module:follow).
author:
  - The nasops.nas authors (@nasops)
extends_documentation_fragment:
  - nasops.nas.nas
  - nasops.nas.nas.attributes
  - nasops.nas.nas.wait_timeout
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
      - V(skip) leaves everything that is there, without reading its content, and adds to a folder what is missing in it.
      - V(keep_both) chooses another name, O(dest) with a number such as C(name (1).txt), and the same one in each run.
      - A file never replaces a folder, nor the reverse.
    type: str
    choices: [fail, overwrite, skip, keep_both, newer]
    default: fail
  compare:
    description:
      - How two files of the same size are compared, before and after copying.
      - With V(mtime) they are equal when their modification times are, which copies keep; where the times differ, the NAS
        calculates checksums of both. So nothing is read for what did not change.
      - V(checksum) calculates checksums of both in any case. So does O(state=moved), before it removes what it copied.
      - A time that is unknown, or that is not after 1970-01-01, is no time. Where the NAS has no checksums (QNAP), both
        files are read.
    type: str
    choices: [mtime, checksum]
    default: mtime
  parents:
    description:
      - Whether the folders above O(dest) are made when they are missing.
    type: bool
    default: false
  wait:
    description:
      - With V(false) the NAS is asked to begin, and the module returns at once with the ids in RV(tasks), for
        M(nasops.nas.nas_task) to wait for. Nothing is compared then, and what has arrived so far is at O(dest) already.
      - So it is refused, before anything is written, where more is to do than to start one task that can do no harm. That is so for
        O(dest) with another name than O(src) (but in the same folder, where that takes no time), for O(state=moved) to another
        share, when something that differs is at O(dest), and after an interrupted run. Ansible's own C(async) always works.
      - Do not run the task again before the NAS is ready. After that, a run with V(true) tells whether everything arrived; it
        changes nothing then. What a task that failed or was stopped has copied stays at O(dest), and differs from O(src).
      - No vendor tells whether such a task outlives the login that began it. With O(session=run) on the controller the login lasts
        to the end of the run, so wait for the task in the same run.
    type: bool
    default: true
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

from ..module_utils._api.capabilities.copies import Copies
from ..module_utils._api.files import Files
from ..module_utils._core import paths as _paths
from ..module_utils._core.errors import usage
from ..module_utils._delivery.copy import apply, start
from ..module_utils._delivery.copy_current import give_names_again, read_current
from ..module_utils._module.context import ModuleContext, Result
from ..module_utils._module.run import main as run_module
from ..module_utils._module.spec import WAIT_TIMEOUT, Spec
from ..module_utils._plans.copy import (
    FAIL,
    KEEP_BOTH,
    NEWER,
    OVERWRITE,
    SKIP,
    Desired,
    plan_copy,
    require_one_job,
    require_one_name,
)
from ..module_utils._plans.preconditions import require_writable

SPEC = Spec(
    options={
        "src": {"type": "str", "required": True},
        "dest": {"type": "str", "required": True},
        "state": {"type": "str", "choices": ["copied", "moved"], "default": "copied"},
        "conflict": {"type": "str", "choices": [FAIL, OVERWRITE, SKIP, KEEP_BOTH, NEWER], "default": FAIL},
        "compare": {"type": "str", "choices": ["mtime", "checksum"], "default": "mtime"},
        "parents": {"type": "bool", "default": False},
        "wait": {"type": "bool", "default": True},
        **WAIT_TIMEOUT,
    },
    needs=(Files, Copies),
    paths=("src", "dest"),
)


def run(context: ModuleContext) -> Result:
    """The result of the task."""
    asked = read_desired(context)
    files = context.client.files
    desired, current = read_current(files, asked, context.timed_watch)
    if current.away and context.params["wait"] and not context.check_mode:
        # Before the plan, for whatever that will be, even an error: a hidden source is of use to nobody.
        desired, current = give_names_again(files, asked, current, context.timed_watch)
    context.saw({desired.src: current.source.get(""), desired.dest: current.target.get(""), **current.above})
    plan, kept = plan_copy(desired, current)
    if not context.params["wait"]:
        require_one_job(desired, plan, current)
    arriving = [step for step in plan.steps if step.to is not None and step.do != "restore"]
    replaced = [
        step.to for step in arriving if step.do == "replace" or (step.do in ("move", "finish") and current.target)
    ]
    result: Result = {
        "src": desired.src,
        "dest": desired.dest,
        "created_folders": plan.paths("create_folder"),
        "copied": [step.to for step in arriving if step.to not in replaced],
        "replaced": replaced,
        "kept": kept,
        "deleted": plan.paths("delete"),
        "tasks": [],
    }
    if not context.check_mode:
        watch = context.timed_watch(f"{desired.src} to {desired.dest}")
        if plan.changed and not context.params["wait"]:
            result["tasks"] = [job.as_result() for job in start(context.client, desired, plan, watch)]
        elif plan.changed:
            apply(context.client, desired, plan, current, watch)
    elif arriving:
        above = current.above.get(_paths.parent(desired.dest))
        if not current.source and current.stranded is None:
            context.not_yet(desired.src)
        if not current.target and above is None and not desired.parents:
            context.not_yet(_paths.parent(desired.dest))
        elif current.target or above:
            require_writable(files, desired.dest)
    return context.finish(plan, [desired.src, desired.dest] if desired.move else [desired.dest], **result)


def read_desired(context: ModuleContext) -> Desired:
    """The options, checked before any call."""
    params = context.params
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
    desired = Desired(
        src,
        dest,
        move=params["state"] == "moved",
        conflict=params["conflict"],
        by_checksum=params["compare"] == "checksum",
        parents=params["parents"],
        may_be_created_earlier=context.check_mode,
    )
    if not params["wait"]:
        require_one_name(desired)
    return desired


def main() -> None:
    """Run as a module that was shipped to a host."""
    run_module(SPEC, run)


if __name__ == "__main__":
    main()
