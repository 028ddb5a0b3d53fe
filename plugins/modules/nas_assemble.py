#!/usr/bin/python
# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: nas_assemble
version_added: 1.0.0
short_description: Make one file from many on a NAS
description:
  - Makes sure that a file of a NAS holds the bytes of other files there, one after the other. Nothing travels through the
    controller.
  - The new file is written beside O(dest) under a name that begins with C(.nasops-), verified there, and only then takes the
    name. At every moment the old or the new content is at O(dest), whole.
  - Only a Freebox offers this.
  - A file at O(dest) counts as right when it has the checksum O(checksum). Without that option, when its size is that of all
    parts together and no part was modified later than it.
author:
  - The nasops.nas authors (@nasops)
extends_documentation_fragment:
  - nasops.nas.nas
  - nasops.nas.nas.attributes
  - nasops.nas.nas.wait_timeout
options:
  src:
    description:
      - The parts in their order, each from the share on, such as V(/share/folder/name.part1). Names are taken exactly as written.
    type: list
    elements: str
    required: true
  dest:
    description:
      - The file that is made of them. What is there and differs is replaced.
    type: str
    required: true
  multi_volumes:
    description:
      - Whether O(src) is only the first of volumes that end with V(001), V(002) and so on. The others are found beside it.
      - A gap in the numbers is an error.
    type: bool
    default: false
  state:
    description:
      - V(present) makes the file.
    type: str
    choices: [present]
    default: present
  checksum:
    description:
      - What the whole file must have as checksum, which the NAS calculates before the file takes its name. Written as
        C(algorithm:hex digits) with V(md5), V(sha1), V(sha256) or V(sha512), or just the digits.
      - A file at O(dest) that has it is left alone, whether or not the parts are still there.
    type: str
  append:
    description:
      - Whether the parts are added to the end of the file that is at O(dest). Where nothing is, they are the whole file.
      - Only with O(checksum), of the file with the parts added, which tells whether that was done before. The file at O(dest) and
        the parts are made into a new file, so the old content is whole until that is verified.
    type: bool
    default: false
  delete_sources:
    description:
      - Whether the parts are removed once the file is verified at its place.
      - When all of them are gone and O(dest) is there, nothing is left to do.
      - Without O(checksum) a file that is at O(dest) is not trusted by its size, but made again before the parts are removed.
      - A removal that ended half-way is ended by the next run. Without O(checksum) it finds a folder beside O(dest) whose name
        begins with C(.nasops-), which tells the parts that the verified file holds.
    type: bool
    default: false
  parents:
    description:
      - Whether the folders above O(dest) are made when they are missing.
    type: bool
    default: false
seealso:
  - module: nasops.nas.nas_repair
  - module: nasops.nas.nas_archive
"""

EXAMPLES = r"""
- name: The film is whole, and its parts are gone
  nasops.nas.nas_assemble:
    src: [/home/films/film.mkv.001]
    multi_volumes: true
    dest: /home/films/film.mkv
    checksum: sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
    delete_sources: true

- name: What was logged today is added to the log
  nasops.nas.nas_assemble:
    src: [/home/logs/today.log]
    dest: /home/logs/all.log
    append: true
    checksum: sha256:a6e2b7a040683432de03a18fd8a1939a2fdf82585b364bfc874bdd4095c4cae1

- name: One log of the whole year
  nasops.nas.nas_assemble:
    src:
      - /home/logs/first-half.log
      - /home/logs/second-half.log
    dest: /home/logs/2026/all.log
    parents: true
"""

RETURN = r"""
src:
  description: The parts in their order, the volumes that were found included.
  type: list
  elements: str
  returned: success
  sample: [/home/films/film.mkv.001, /home/films/film.mkv.002]
dest:
  description: The file.
  type: str
  returned: success
  sample: /home/films/film.mkv
size:
  description: Its size in bytes (in check mode, as it would be). Null when parts are not there yet in check mode.
  type: int
  returned: success
  sample: 734003200
assembled:
  description: Whether it was made (in check mode, would be).
  type: bool
  returned: success
replaced:
  description: Whether it took the place of another file (in check mode, would).
  type: bool
  returned: success
created_folders:
  description: The folders above that were made (in check mode, would be).
  type: list
  elements: str
  returned: success
deleted:
  description: The parts that were removed (in check mode, would be).
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

from typing import Optional

from ..module_utils import _vendors
from ..module_utils._api.capabilities.assembly import Assembly
from ..module_utils._api.files import Files
from ..module_utils._core import checksums as _checksums
from ..module_utils._core import marks
from ..module_utils._core import paths as _paths
from ..module_utils._core.errors import usage
from ..module_utils._delivery import atomic
from ..module_utils._delivery.assemble import apply, is_recorded, proved, read_volumes
from ..module_utils._module.context import ModuleContext, Result
from ..module_utils._module.run import main as run_module
from ..module_utils._module.spec import WAIT_TIMEOUT, Spec
from ..module_utils._plans.assemble import FIRST, Current, Desired, plan_assemble, whole_size

SPEC = Spec(
    options={
        "src": {"type": "list", "elements": "str", "required": True},
        "dest": {"type": "str", "required": True},
        "multi_volumes": {"type": "bool", "default": False},
        "state": {"type": "str", "choices": ["present"], "default": "present"},
        "checksum": {"type": "str"},
        "append": {"type": "bool", "default": False},
        "delete_sources": {"type": "bool", "default": False},
        "parents": {"type": "bool", "default": False},
        **WAIT_TIMEOUT,
    },
    needs=(Files, Assembly),
    paths=("src", "dest"),
)


def run(context: ModuleContext) -> Result:
    """The result of the task."""
    desired = read_desired(context)
    current = read_current(context, desired)
    context.saw({**current.parts, desired.dest: current.target, **current.above})
    plan = plan_assemble(desired, current)
    if plan.changed and not context.check_mode:
        apply(context.client, desired, plan, current, context.timed_watch)
    assembled = plan.has("assemble")
    size: Optional[int] = whole_size(desired, current)
    if not assembled and current.target is not None:
        size = current.target.size
    elif current.missing:
        context.not_yet(*current.missing)
        size = None
    return context.finish(
        plan,
        [desired.dest, *plan.paths("delete")],
        src=list(current.order),
        dest=desired.dest,
        size=size,
        assembled=assembled,
        replaced=assembled and current.target is not None,
        created_folders=plan.paths("create_folder"),
        deleted=plan.paths("delete"),
    )


def read_desired(context: ModuleContext) -> Desired:
    """The options, checked before any call."""
    params = context.params
    src = tuple(_paths.check(path, "src") for path in params["src"])
    dest = _paths.check(params["dest"], "dest")
    if not src:
        raise usage("option src: there is nothing in the list", path=dest, hint="Name the parts in their order")
    if dest in src:
        raise _paths.bad(
            dest, "dest", "is one of the parts too", "Choose another path; delete_sources removes the parts"
        )
    for option, path in (("dest", dest), *(("src", path) for path in src)):
        if _paths.is_share(path):
            raise _paths.bad(path, option, "is a share, not a file", "Name a file in the share")
    if params["multi_volumes"] and (len(src) != 1 or not src[0].endswith(FIRST)):
        hint = "Name the first volume only, or set multi_volumes to false"
        raise usage(f"option src: {list(src)!r} is not one name that ends with {FIRST}", path=src[0], hint=hint)
    checksum = None if params["checksum"] is None else _checksums.parse(params["checksum"])
    if checksum is not None:
        what, algorithm = f"{checksum[0]} checksums", checksum[0]
        _vendors.require(params["vendor"], what, lambda nas: algorithm in nas.files.features.checksum_algorithms)
    if params["append"] and checksum is None:
        hint = "Give the checksum that the file has when the parts are added, or every run would add them once more"
        raise usage("option append needs checksum", path=dest, hint=hint)
    flags = params["delete_sources"], params["parents"], params["append"], context.check_mode
    return Desired(src, dest, params["multi_volumes"], checksum, *flags)


def read_current(context: ModuleContext, desired: Desired) -> Current:
    """What is there."""
    files = context.client.files
    order = tuple(read_volumes(files, desired.src[0])) if desired.multi_volumes else desired.src
    noted = marks.record_folder(desired.dest)
    beside = (marks.staging_path(desired.dest), *atomic.besides(files, desired.dest), noted)
    found = files.stat([*_paths.unique(order), desired.dest, *beside])
    target = found[desired.dest]
    parts = {path: found[path] for path in order}
    return Current(
        order,
        parts,
        target,
        proved(files, desired, target, context.timed_watch),
        {} if target is not None else files.stat(_paths.ancestors(desired.dest)),
        tuple(path for path in beside if found[path] is not None),
        recorded=found[noted] is not None and is_recorded(files, noted, (target, *parts.values())),
    )


def main() -> None:
    """Run as a module that was shipped to a host."""
    run_module(SPEC, run)


if __name__ == "__main__":
    main()
