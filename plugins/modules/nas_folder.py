#!/usr/bin/python
# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: nas_folder
version_added: 1.0.0
short_description: Manage folders on a NAS
description:
  - Makes sure that folders exist on a NAS, or that they are gone. Looking at a whole list of folders and removing it costs a
    handful of calls, and so does making it on a Synology; the others make each folder by a call of its own, see O(parallel).
  - Shares, which are the first level of every path, are neither made nor removed.
author:
  - The nasops.nas authors (@nasops)
extends_documentation_fragment:
  - nasops.nas.nas
  - nasops.nas.nas.attributes
  - nasops.nas.nas.wait_timeout
options:
  path:
    description:
      - The folders, each from the share on, such as V(/share/folder/name). Names are taken exactly as written.
    type: list
    elements: str
    required: true
  state:
    description:
      - V(present) makes the folders that are missing.
      - V(absent) removes them. A share itself is never removed. Of a symbolic link to a folder the link goes, with or without
        O(recursive), and what it leads to stays; a Synology NAS does not tell links, so that there O(recursive) matters.
    type: str
    choices: [present, absent]
    default: present
  parents:
    description:
      - Whether V(present) also makes the folders above that are missing.
    type: bool
    default: true
  recursive:
    description:
      - Whether V(absent) removes a folder with everything in it. Without it a folder that holds something is an error,
        found before anything is removed.
    type: bool
    default: false
  permanent:
    description:
      - With O(state=absent), whether what is removed is gone for good, instead of going to the recycle bin of its share.
      - A Freebox has no recycle bin, so all is gone for good there. A QNAP is asked by a parameter that its document does not
        have, and a task whose folder is in the bin nevertheless fails. Synology cannot; see M(nasops.nas.nas_recycle_bin).
    type: bool
    default: false
  mtime:
    description:
      - The modification time that the folders of O(path) shall have. Seconds since 1970, or a date and time such as
        V(2026-05-04T03:02:01Z); without an offset it is local time where the task runs.
      - What is later made in a folder changes its time again.
      - Only QNAP can set the time of a folder.
    type: str
  parallel:
    description:
      - How many folders are looked at, made, or given their time, at the same time, each over a connection of its own in the
        same session. Folders above are made first, and only for more than four at a time is there more than one connection.
      - QNAP and Freebox have no call for many folders. A Synology makes all of them by one call, so that it makes no difference
        there.
    type: int
    default: 4
seealso:
  - module: nasops.nas.nas_file
"""

EXAMPLES = r"""
- name: The folders of the family
  nasops.nas.nas_folder:
    path:
      - /home/photos/2026
      - /home/papers/tax

- name: No more scratch folder, whatever it holds
  nasops.nas.nas_folder:
    path: [/home/scratch]
    state: absent
    recursive: true
"""

RETURN = r"""
created:
  description: The folders that were made (in check mode, would be), the ones above included, in order.
  type: list
  elements: str
  returned: when O(state=present), also when it fails after some were made
  sample: [/home/photos, /home/photos/2026]
deleted:
  description: The folders that were removed (in check mode, would be).
  type: list
  elements: str
  returned: when O(state=absent)
  sample: [/home/scratch]
failure:
  description:
    - What went wrong. C(kind) is a word such as V(not_found), V(permission_denied), V(authentication), V(usage);
      C(vendor), C(call), C(code) and C(path) say where, by the names of the vendor's document; C(hint) says what to do.
  type: dict
  returned: on failure of a call or of the checks before
"""

import contextlib

from ..module_utils import _vendors
from ..module_utils._api.files import Files
from ..module_utils._core import paths as _paths
from ..module_utils._core import times as _times
from ..module_utils._core.errors import Kind, NasError
from ..module_utils._core.model import FOLDER
from ..module_utils._delivery import folders
from ..module_utils._delivery.crew import Crew, require_size
from ..module_utils._delivery.file import remove, require_permanent
from ..module_utils._module.context import ModuleContext, Result
from ..module_utils._module.run import main as run_module
from ..module_utils._module.spec import WAIT_TIMEOUT, Spec
from ..module_utils._plans.folders import Current, Desired, plan_absent, plan_present
from ..module_utils._plans.plan import Plan
from ..module_utils._plans.preconditions import require_writable

SPEC = Spec(
    options={
        "path": {"type": "list", "elements": "str", "required": True},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "parents": {"type": "bool", "default": True},
        "recursive": {"type": "bool", "default": False},
        "permanent": {"type": "bool", "default": False},
        "mtime": {"type": "str"},
        "parallel": {"type": "int", "default": 4},
        **WAIT_TIMEOUT,
    },
    needs=(Files,),
    paths=("path",),
    by_state={"present": ("mtime",), "absent": ("permanent",)},
)


def run(context: ModuleContext) -> Result:
    """The result of the task."""
    desired = read_desired(context)
    with Crew(context.client, context.another_client, context.params["parallel"]) as crew:
        return run_by(crew, context, desired)


def run_by(crew: Crew, context: ModuleContext, desired: Desired) -> Result:
    """The same, by these connections."""
    files = crew.files
    if context.params["state"] == "present":
        current = read_current(crew, desired)
        context.saw(current)
        plan = plan_present(desired, current)
        if context.check_mode:
            made = {_paths.parent(path): path for path in plan.paths("create")}
            for above, path in made.items():
                if current.get(above) is not None:
                    require_writable(files, path)
        result: Result = {"created": plan.paths("create")}
    else:
        there = context.stat(desired.paths)
        held = {}
        if not desired.recursive:
            held = {path: list(files.list(path)) for path, entry in there.items() if entry and entry.is_tree}
        plan = plan_absent(desired, there, held)
        result = {"deleted": plan.paths("delete")}
    if plan.changed and not context.check_mode:
        apply(crew, context, desired, plan)
    return context.finish(plan, desired.paths, **result)


def read_desired(context: ModuleContext) -> Desired:
    """The options, checked before any call."""
    params = context.params
    require_size(params["parallel"])
    paths = _paths.unique(_paths.check_folder(path) for path in params["path"])
    if params["state"] == "absent":
        for path in paths:
            if _paths.is_share(path):
                raise _paths.bad(path, "path", "is a share, which is never removed", "Name a folder in the share")
    require_permanent(params)
    mtime = None
    if params["mtime"] is not None:
        mtime = _times.parse(params["mtime"], "mtime")
        what = "a choice of the modification time of folders"
        _vendors.require(params["vendor"], what, lambda nas: FOLDER in nas.files.features.sets_mtime_of)
    return Desired(paths, params["parents"], context.check_mode, params["recursive"], params["permanent"], mtime)


def read_current(crew: Crew, desired: Desired) -> Current:
    """What is there: the desired paths, and of those that are missing all folders above."""
    current = crew.stat(desired.paths)
    above = [folder for path in desired.paths if current[path] is None for folder in _paths.ancestors(path)]
    unknown = [folder for folder in _paths.unique(above) if folder not in current]
    return {**current, **crew.stat(unknown)} if unknown else current


def apply(crew: Crew, context: ModuleContext, desired: Desired, plan: Plan) -> None:
    """Carry the plan out: what is made from the top down, what is removed from the bottom up.

    :raises NasError: the first failure; its `done` has the folders that were made.
    """
    files = crew.files
    made: list[str] = []
    try:
        make_and_date(crew, desired, plan, made)
    except NasError as error:
        if files.features.makes_at_once and not made:
            with contextlib.suppress(NasError):  # the reason to tell is another one
                made = [path for path, entry in files.stat(plan.paths("create")).items() if entry and entry.is_folder]
        if made:
            error.done = {
                "changed": True,
                "created": [path for path in plan.paths("create") if path in frozenset(made)],
            }
            error.unreachable = False
        raise
    doomed = plan.paths("delete")
    for level in sorted({_paths.depth(path) for path in doomed}, reverse=True):
        watch = context.timed_watch("removing folders")
        paths = [path for path in doomed if _paths.depth(path) == level]
        remove(files, paths, watch, recursive=desired.recursive, permanently=desired.permanent)


def make_and_date(crew: Crew, desired: Desired, plan: Plan, made: list[str]) -> None:
    """Make the folders, check that they are there, and give them their time.

    :param made: gets those that were made.
    """
    created = plan.paths("create")
    if created:
        folders.make(crew, created, made)
        for path, entry in crew.stat(created).items():
            if entry is None or not entry.is_folder:
                made.remove(path)
                message = "the device reported success, but there is no such folder"
                raise NasError(Kind.DEVICE, message, path=path, hint="Run the task again")
    if plan.has("set_mtime") and desired.mtime is not None:
        folders.set_mtime(crew, plan.paths("set_mtime"), desired.mtime)


def main() -> None:
    """Run as a module that was shipped to a host."""
    run_module(SPEC, run)


if __name__ == "__main__":
    main()
