#!/usr/bin/python
# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: nas_recycle_bin
version_added: 1.0.0
short_description: Restore deleted files on a NAS, and empty its recycle bins
description:
  - Brings files and folders back from the recycle bins of a NAS, or removes for good what is in them.
  - QNAP and Synology have a recycle bin in each share where it is switched on, C(/share/@Recycle) and C(/share/#recycle).
    What was deleted lies there below the folders that it was in. A Freebox has none.
  - Nothing is restored from or to a folder that a symbolic link leads to, on QNAP, which tells links.
author:
  - The nasops.nas authors (@nasops)
extends_documentation_fragment:
  - nasops.nas.nas
  - nasops.nas.nas.attributes
  - nasops.nas.nas.wait_timeout
options:
  state:
    description:
      - V(restored) brings O(path) back. What is at its place and no longer in the bin is restored already.
      - V(empty) removes for good what is in the bins of O(share), or in all of them.
    type: str
    choices: [restored, empty]
    required: true
  path:
    description:
      - With O(state=restored), the files and folders. Each either as it was, such as V(/share/folder/name), or as it lies in
        the bin, such as V(/share/@Recycle/folder/name). A folder comes back with all that the bin has of it.
      - When the same name was deleted several times, devices give the later ones other names in the bin; then give the path
        in the bin.
    type: list
    elements: str
  conflict:
    description:
      - With O(state=restored), what to do when something is at the place of what is in the bin.
      - V(fail) is an error, before anything is restored.
      - V(overwrite) replaces a file, which goes to the bin under another name once the restored one is in its place.
        A folder is not replaced.
      - V(skip) leaves both where they are.
      - V(keep_both) restores under another name with a number, such as C(name (1).txt).
    type: str
    choices: [fail, overwrite, skip, keep_both]
    default: fail
  share:
    description:
      - With O(state=empty), the shares, such as V(/share).
    type: list
    elements: str
  all:
    description:
      - With O(state=empty), whether the bins of all shares are emptied that the user may see. There is nothing to do when
        there are none, as on a Freebox.
    type: bool
    default: false
  age:
    description:
      - With O(state=empty), removes only what was modified longer ago than this. A number with one of the suffixes V(m) (minutes),
        V(h), V(d) and V(w), such as V(30d) or V(12h).
      - A folder goes when all of its files go; an empty one by its own time.
      - Devices do not tell when something was deleted. A file that was written years ago and deleted today counts as old.
    type: str
seealso:
  - module: nasops.nas.nas_file
  - module: nasops.nas.nas_folder
"""

EXAMPLES = r"""
- name: The tax papers were deleted by mistake
  nasops.nas.nas_recycle_bin:
    state: restored
    path:
      - /home/papers/tax

- name: The newest of several deleted versions, beside the one that is there (QNAP; Synology says '#recycle')
  nasops.nas.nas_recycle_bin:
    state: restored
    path: ["/home/@Recycle/papers/letter (2).odt"]
    conflict: keep_both

- name: What is older than a month goes for good, in two shares
  nasops.nas.nas_recycle_bin:
    state: empty
    share: [/home, /public]
    age: 30d

- name: All recycle bins of the NAS
  nasops.nas.nas_recycle_bin:
    state: empty
    all: true
"""

RETURN = r"""
restored:
  description: Where the files and folders are that were restored (in check mode, would be).
  type: list
  elements: str
  returned: when O(state=restored)
  sample: [/home/papers/tax]
replaced:
  description: Those of them that replaced a file.
  type: list
  elements: str
  returned: when O(state=restored)
kept:
  description: What stayed in the bin because its place is taken, as paths in the bin.
  type: list
  elements: str
  returned: when O(state=restored)
created_folders:
  description: The folders that were made above what was restored.
  type: list
  elements: str
  returned: when O(state=restored)
deleted:
  description: What was removed for good, as paths in the bins; of a folder that went with everything in it, only itself.
  type: list
  elements: str
  returned: when O(state=empty)
  sample: ["/home/@Recycle/papers"]
failure:
  description:
    - What went wrong. C(kind) is a word such as V(not_found), V(permission_denied), V(authentication), V(usage);
      C(vendor), C(call), C(code) and C(path) say where, by the names of the vendor's document; C(hint) says what to do.
  type: dict
  returned: on failure of a call or of the checks before
"""

import time
from collections.abc import Mapping

from ..module_utils._api.capabilities.recycle_bin import RecycleBin
from ..module_utils._api.files import Files
from ..module_utils._core import paths as _paths
from ..module_utils._core import times as _times
from ..module_utils._core.errors import usage
from ..module_utils._delivery import recycle_bin as delivery
from ..module_utils._delivery.recycle_bin import bins_of, empty, held_in
from ..module_utils._module.context import ModuleContext, Result
from ..module_utils._module.run import main as run_module
from ..module_utils._module.spec import WAIT_TIMEOUT, Spec
from ..module_utils._plans import recycle_bin
from ..module_utils._plans.plan import Plan
from ..module_utils._plans.recycle_bin import (
    CONFLICTS,
    DELETE,
    EMPTY,
    FAIL,
    Clearing,
    Wanted,
    plan_empty,
    plan_restored,
)

SPEC = Spec(
    options={
        "state": {"type": "str", "choices": ["restored", "empty"], "required": True},
        "path": {"type": "list", "elements": "str"},
        "conflict": {"type": "str", "choices": list(CONFLICTS), "default": FAIL},
        "share": {"type": "list", "elements": "str"},
        "all": {"type": "bool", "default": False},
        "age": {"type": "str"},
        **WAIT_TIMEOUT,
    },
    needs=(RecycleBin, Files),
    spares=lambda params: (RecycleBin,) if params["state"] == "empty" and params["all"] else (),
    paths=("path", "share"),
    by_state={"restored": ("path",), "empty": ("share", "age", "all")},
)


def run(context: ModuleContext) -> Result:
    """The result of the task."""
    plan, result = run_empty(context) if context.params["state"] == "empty" else run_restored(context)
    named = context.params["share"] or context.params["path"]
    return context.finish(plan, named or ["recycle bins"], **result)


def run_empty(context: ModuleContext) -> tuple[Plan, Result]:
    """Empty the bins."""
    desired = read_clearing(context.params)
    bins = bins_of(context.client, desired.shares)
    plan = plan_empty(desired, bins, held_in(context.client, bins, deep=desired.before is not None))
    if not context.check_mode:
        watch = context.timed_watch("emptying recycle bins")
        for share in plan.paths(EMPTY):
            empty(context.client, next(found for found in bins if found.share == share), watch)
        if plan.has(DELETE):
            context.client.files.delete(plan.paths(DELETE), recursive=True, watch=watch)
    return plan, {"deleted": plan.before["recycle_bins"]}


def read_clearing(params: Mapping[str, object]) -> Clearing:
    """The options of `empty`, checked before any call."""
    shares, age = params["share"], params["age"]
    if bool(shares) == bool(params["all"]):
        which = "options share and all exclude each other" if shares else "state empty needs to know which recycle bins"
        raise usage(which, hint="Name the shares in share, or set all to true")
    before = None
    if isinstance(age, str):
        seconds = _times.duration(age)
        if seconds is None:
            raise usage(f"option age: {age!r} is no duration", hint="Give a number and a unit: 30d, 12h, 90m or 2w")
        before = int(time.time()) - seconds
    if not isinstance(shares, list) or not shares:
        return Clearing(None, before)
    wanted = _paths.unique(_paths.check_folder(path, "share") for path in shares)
    for path in wanted:
        if not _paths.is_share(path):
            raise _paths.bad(path, "share", "is a folder in a share", f"Name the share, {_paths.share(path)}")
    return Clearing(wanted, before)


def run_restored(context: ModuleContext) -> tuple[Plan, Result]:
    """Restore the paths."""
    wanted = read_wanted(context)
    conflict = context.params["conflict"]
    current = delivery.read_current(context.client, wanted, conflict)
    plan, kept = plan_restored(wanted, current, conflict)
    if plan.changed and not context.check_mode:
        watch = context.timed_watch("restoring from the recycle bin")
        delivery.Recovery(context.client, watch).apply(plan)
    back = [step.to for step in plan.steps if step.to is not None]
    result = {"restored": back, "replaced": [step.to for step in plan.steps if step.do == recycle_bin.REPLACE]}
    return plan, {**result, "kept": kept, "created_folders": plan.paths(recycle_bin.CREATE_FOLDER)}


def read_wanted(context: ModuleContext) -> list[Wanted]:
    """The options of `restored`, checked before any call."""
    params = context.params
    if not params["path"]:
        raise usage("state restored needs to know what to restore", hint="Name files and folders in path")
    folder = context.client.recycle_bin.features.folder
    wanted = {}
    for path in _paths.unique(map(_paths.check_folder, params["path"])):
        one = recycle_bin.located(path, folder)
        if one is None:
            hint = f"Name a file or folder in the share, such as {_paths.share(path)}/folder/name"
            raise _paths.bad(path, "path", "is not something that was deleted", hint)
        wanted[one.source] = one
    return [one for one in wanted.values() if not set(_paths.ancestors(one.source)) & set(wanted)]


def main() -> None:
    """Run as a module that was shipped to a host."""
    run_module(SPEC, run)


if __name__ == "__main__":
    main()
