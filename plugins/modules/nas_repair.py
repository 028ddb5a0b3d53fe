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
  - nasops.nas.nas.wait_timeout
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

from collections.abc import Sequence
from dataclasses import replace
from typing import BinaryIO, cast

from ..module_utils._api.capabilities.repair import Repair
from ..module_utils._api.files import Files
from ..module_utils._core import paths as _paths
from ..module_utils._core.errors import Kind, NasError
from ..module_utils._delivery import par2
from ..module_utils._delivery.repair import apply, read_archive, read_states
from ..module_utils._module.context import ModuleContext, Result
from ..module_utils._module.run import main as run_module
from ..module_utils._module.spec import WAIT_TIMEOUT, Spec
from ..module_utils._plans.repair import Current, Desired, plan_repair

SPEC = Spec(
    options={
        "path": {"type": "str", "required": True},
        "state": {"type": "str", "choices": ["repaired"], "default": "repaired"},
        "delete_archive": {"type": "bool", "default": False},
        **WAIT_TIMEOUT,
    },
    needs=(Files, Repair),
    paths=("path",),
)


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
        apply(context.client, desired, plan, protected, context.timed_watch)
        if deleted:
            # Which par2 files belong to the set is the device's say.
            left = read_archive(context.client.files, path)
            deleted = [member for member in deleted if member not in left]
    if current.states is None and plan.changed:
        context.not_yet(path)
    return context.finish(
        plan,
        [path],
        path=path,
        files=[file.path for file in protected],
        repaired=plan.paths("repair") if current.states is not None else [],
        deleted=deleted,
    )


def read_current(context: ModuleContext, desired: Desired) -> tuple[list[par2.Protected], Current]:
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
    reader = par2.Reader(desired.path)
    files.download(desired.path, cast(BinaryIO, reader), watch=context.watch(f"reading {desired.path}"), entry=entry)
    protected = reader.files()
    archive: Sequence[str] = ()
    if desired.delete_archive:
        archive = read_archive(files, desired.path)
    return protected, Current(read_states(files, protected, context.timed_watch), archive)


def main() -> None:
    """Run as a module that was shipped to a host."""
    run_module(SPEC, run)


if __name__ == "__main__":
    main()
