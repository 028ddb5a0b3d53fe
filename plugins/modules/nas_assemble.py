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
  wait_timeout:
    description:
      - Seconds that the NAS may take for each of its tasks, before it is stopped.
    type: int
    default: 3600
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

import hashlib
import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Optional

from ..module_utils import _vendors
from ..module_utils._api import lost_answers
from ..module_utils._api.client import Files, unsupported
from ..module_utils._core import checksums as _checksums
from ..module_utils._core import marks
from ..module_utils._core import paths as _paths
from ..module_utils._core.errors import Kind, NasError, usage
from ..module_utils._core.model import Entry
from ..module_utils._core.text import encoded
from ..module_utils._delivery import atomic
from ..module_utils._module.context import ModuleContext, Result
from ..module_utils._module.run import main as run_module
from ..module_utils._module.spec import Spec
from ..module_utils._plans.plan import Plan, Step, facts
from ..module_utils._plans.preconditions import missing_above

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
        "wait_timeout": {"type": "int", "default": 3600},
    },
    needs=("files", "assembly"),
    paths=("src", "dest"),
)
FIRST = "001"
DIGITS, TOGETHER = 10, 12  # of a mark in a record, and how many marks one name holds


@dataclass(frozen=True)
class Desired:
    """What shall be made of what."""

    src: tuple[str, ...]
    dest: str
    multi_volumes: bool = False
    checksum: Optional[tuple[str, str]] = None  # algorithm, hex digits
    delete_sources: bool = False
    parents: bool = False
    append: bool = False
    may_be_created_earlier: bool = False  # check mode: an earlier task may have promised the parts, or the folder above


@dataclass(frozen=True)
class Current:
    """What is there.

    :param order: the parts, as `volumes` finds them where only the first is named.
    :param parts: what is at each of them.
    :param target: what is at `dest`.
    :param proved: whether that has the wished checksum; None when none is wished or nothing is there.
    :param above: what is at each folder above `dest`, when nothing is at `dest`.
    :param leftovers: what an interrupted run left beside `dest`.
    :param recorded: whether such a run wrote down that the file at `dest` is whole, made of these very parts among
        others, and then began to remove them; see `record`.
    """

    order: tuple[str, ...]
    parts: Mapping[str, Optional[Entry]]
    target: Optional[Entry] = None
    proved: Optional[bool] = None
    above: Mapping[str, Optional[Entry]] = field(default_factory=dict)
    leftovers: tuple[str, ...] = ()
    recorded: bool = False

    @property
    def missing(self) -> list[str]:
        """The parts that are not there."""
        return [path for path in self.order if self.parts[path] is None]

    @property
    def size(self) -> int:
        """Bytes of all parts that are there, together."""
        entries = [self.parts[path] for path in self.order]
        return sum(entry.size or 0 for entry in entries if entry is not None)


def plan_assemble(desired: Desired, current: Current) -> Plan:
    """The steps that make the file, and remove its parts if they shall be.

    :raises NasError: for a folder where a file is wished, a part that is not there, a missing folder above.
    """
    for entry in (current.target, *current.parts.values()):
        if entry is not None and entry.is_folder:
            hint = "Name files only, as parts and as dest"
            raise NasError(Kind.WRONG_TYPE, "this is a folder, not a file", path=entry.path, hint=hint)
    there = [path for path in _paths.unique(current.order) if current.parts[path] is not None]
    steps: list[Step] = []
    if not right(desired, current):
        if current.missing and not desired.may_be_created_earlier:
            hint = "Check the option src; with checksum, a file that is there already needs no parts"
            raise NasError(Kind.NOT_FOUND, "there is no such part", path=current.missing[0], hint=hint)
        above = []
        if current.target is None:
            above = missing_above(
                desired.dest,
                current.above,
                parents=desired.parents,
                may_be_created_earlier=desired.may_be_created_earlier,
            )
        steps = [Step("create_folder", folder) for folder in above]
        steps.append(Step("assemble", desired.dest))
    elif (
        desired.delete_sources and not current.missing and current.target and not fits(desired, current, current.target)
    ):
        message = f"the parts have {current.size} bytes together, the file with the wished checksum has another size"
        raise NasError(Kind.MISMATCH, message, path=desired.dest, hint="Nothing was removed. Check the option src")
    if desired.delete_sources:
        # In check mode all parts will be there, once they are made.
        made = any(step.do == "assemble" for step in steps)
        steps += [Step("delete", path) for path in (_paths.unique(current.order) if made else there)]
    steps += [Step("clean", path) for path in current.leftovers]
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for step in steps:
        before[step.path] = {"state": "absent" if step.do == "create_folder" else "present"}
        after[step.path] = {"state": "present" if step.do == "create_folder" else "absent"}
        if step.do == "assemble":
            old = current.target
            before[step.path] = facts(old)
            sources = (desired.dest, *current.order) if desired.append and old is not None else current.order
            after[step.path] = {"state": "present", "content": f"that of {', '.join(sources)}"}
    return Plan(tuple(steps), {"paths": before}, {"paths": after})


def fits(desired: Desired, current: Current, made: Entry) -> bool:
    """Whether a file can hold all parts, by its size."""
    size = made.size or 0
    return current.size <= size if desired.append else current.size == size


def whole_size(desired: Desired, current: Current) -> int:
    """How many bytes the file has when it is made of what is there."""
    old = current.target.size or 0 if desired.append and current.target is not None else 0
    return old + current.size


def right(desired: Desired, current: Current) -> bool:
    """Whether the file is what is wished."""
    if current.target is None:
        return False
    if desired.checksum is not None:
        return current.proved is True
    if desired.delete_sources:
        return current.recorded or len(current.missing) == len(current.order)
    made = current.target.mtime or 0
    newer = [path for path, entry in current.parts.items() if entry is not None and (entry.mtime or 0) > made]
    return not current.missing and current.target.size == current.size and not newer


def volumes(first: str, names: Sequence[str]) -> list[str]:
    """The volumes in order: those that are there, and the first that is missing among them; at least the first of all.

    :param names: all that lies in the folder of the first.
    """
    stem = _paths.name(first)[: -len(FIRST)]
    pattern = re.compile(re.escape(stem) + r"([0-9]{3}|[1-9][0-9]{3,})", re.ASCII)
    numbers = {int(match[1]) for match in map(pattern.fullmatch, names) if match} - {0}
    free = next(number for number in itertools.count(1) if number not in numbers)
    if free == 1 or free < max(numbers):
        numbers.add(free)
    return [_paths.join(_paths.parent(first), f"{stem}{number:03}") for number in sorted(numbers)]


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
        proved(context, desired, target),
        {} if target is not None else files.stat(_paths.ancestors(desired.dest)),
        tuple(path for path in beside if found[path] is not None),
        recorded=found[noted] is not None and is_recorded(files, noted, (target, *parts.values())),
    )


def record(files: Files, folder: str, entries: Sequence[Optional[Entry]]) -> None:
    """Write down that a file is whole, and the parts that it was made of.

    When their removal ends half-way, the next run has no other proof: what is left of the parts does not tell. It is
    written in names of folders, which every device makes, and none of which takes room.
    """
    told = [mark_of(entry) for entry in entries if entry is not None]
    names = ["-".join(told[at : at + TOGETHER]) for at in range(0, len(told), TOGETHER)]
    files.create_folders([folder, *(_paths.join(folder, name) for name in names)])


def is_recorded(files: Files, folder: str, entries: Sequence[Optional[Entry]]) -> bool:
    """Whether a record names everything that is there, the file itself included, as it is now."""
    told = {mark for entry in files.list(folder) for mark in entry.name.split("-")}
    return entries[0] is not None and all(entry is None or mark_of(entry) in told for entry in entries)


def mark_of(entry: Entry) -> str:
    """What tells a file as it is from any other, and from what it was before."""
    text = encoded(f"{entry.path}\0{entry.size}\0{entry.mtime}")
    return hashlib.sha256(text).hexdigest()[:DIGITS]


def read_volumes(files: Files, first: str) -> list[str]:
    """The volumes in order; only the first when their folder is not there."""
    try:
        names = [entry.name for entry in files.list(_paths.parent(first))]
    except NasError as error:
        if error.kind is not Kind.NOT_FOUND:
            raise
        names = []
    return volumes(first, names)


def proved(context: ModuleContext, desired: Desired, entry: Optional[Entry]) -> Optional[bool]:
    """Whether a file has the wished checksum; None when none is wished, or there is no file."""
    if desired.checksum is None or entry is None or entry.is_folder:
        return None
    algorithm, digits = desired.checksum
    watch = context.watch(f"checksum of {entry.path}", context.params["wait_timeout"])
    return context.client.files.checksum(entry.path, algorithm, watch=watch) == digits


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
    if checksum is not None and checksum[0] not in context.client.files.checksum_algorithms:
        able = _vendors.vendors_with("files", lambda files: checksum[0] in files.checksum_algorithms)
        raise unsupported(params["vendor"], f"{checksum[0]} checksums", able)
    if params["append"] and checksum is None:
        hint = "Give the checksum that the file has when the parts are added, or every run would add them once more"
        raise usage("option append needs checksum", path=dest, hint=hint)
    flags = params["delete_sources"], params["parents"], params["append"], context.check_mode
    return Desired(src, dest, params["multi_volumes"], checksum, *flags)


def apply(context: ModuleContext, desired: Desired, plan: Plan, current: Current) -> None:
    """Carry the plan out."""
    files = context.client.files
    folders = plan.paths("create_folder")
    if folders:
        atomic.make_folders(files, folders)
    # Where nothing has the name, what an interrupted run put aside waits for the new one to be whole.
    asides = marks.backup_paths(desired.dest)
    last = [path for path in plan.paths("clean") if path in asides and current.target is None]
    noted = [marks.record_folder(desired.dest)] if current.recorded else []
    clean(context, [path for path in plan.paths("clean") if path not in (*last, *noted)])
    if plan.has("assemble"):
        make(context, desired, current)
    clean(context, last)
    if plan.has("delete"):
        delete_sources(context, desired, plan.paths("delete"), current)
    clean(context, noted)


def make(context: ModuleContext, desired: Desired, current: Current) -> None:
    """Write the new file beside its place, verify it, and give it its name.

    :raises NasError: `MISMATCH`, and whatever else failed; what was at `dest` before is there still.
    """
    files, temporary = context.client.files, marks.staging_path(desired.dest)
    expected = whole_size(desired, current)
    watch = context.watch(f"assembling {desired.dest}", context.params["wait_timeout"])
    if current.target is not None:
        atomic.prove_name(files, desired.dest)
    try:
        old = (desired.dest,) if desired.append and current.target is not None else ()

        def is_whole() -> bool:
            made = files.stat([temporary])[temporary]
            return made is not None and made.size == expected

        lost_answers.done(
            lambda: context.client.assembly.assemble((*old, *current.order), temporary, watch=watch),
            is_whole,
        )
        entry = files.stat([temporary])[temporary]
        if entry is None or entry.size != expected:
            size = "nothing" if entry is None else f"{entry.size} bytes"
            message = f"the device reported success, but made {size} of the {expected} bytes of the parts"
            raise NasError(Kind.MISMATCH, message, path=desired.dest, hint="Run the task again")
        if proved(context, desired, entry) is False:
            message = "the parts together have not the wished checksum"
            hint = "Nothing was replaced or removed. Check the parts, their order, and the option checksum"
            raise NasError(Kind.MISMATCH, message, path=desired.dest, hint=hint)
    except BaseException as error:
        atomic.discard(files, temporary)
        if isinstance(error, NasError) and error.path == temporary:
            error.path = desired.dest
        raise
    replaces = current.target is not None
    atomic.take_name(files, temporary, desired.dest, size=expected, replaces=replaces, backup=None, watch=watch)


def delete_sources(context: ModuleContext, desired: Desired, paths: Sequence[str], current: Current) -> None:
    """Remove the parts after one more look at them and at the file.

    :raises NasError: `MISMATCH` when one of them changed meanwhile; nothing is removed then.
    """
    files = context.client.files
    found = files.stat([desired.dest, *paths])
    made = found[desired.dest]
    changed = [path for path in paths if found[path] != current.parts[path]]
    if made is None or (not current.missing and not fits(desired, current, made)):
        changed.append(desired.dest)
    if changed:
        message = "this has changed meanwhile, so no part was removed"
        raise NasError(Kind.MISMATCH, message, path=changed[0], hint="Run the task again")
    noted = marks.record_folder(desired.dest)
    records = desired.checksum is None and not current.recorded and len(paths) > 1
    if records:
        record(files, noted, (made, *current.parts.values()))
    files.delete(list(paths), recursive=False, watch=context.watch("removing parts", context.params["wait_timeout"]))
    if records:
        clean(context, [noted])


def clean(context: ModuleContext, paths: Sequence[str]) -> None:
    """Remove what an interrupted run left."""
    if paths:
        atomic.clean(context.client.files, paths, context.watch("removing leftovers", context.params["wait_timeout"]))


def run(context: ModuleContext) -> Result:
    """The result of the task."""
    desired = read_desired(context)
    current = read_current(context, desired)
    context.saw({**current.parts, desired.dest: current.target, **current.above})
    plan = plan_assemble(desired, current)
    if plan.changed and not context.check_mode:
        apply(context, desired, plan, current)
    assembled = plan.has("assemble")
    size: Optional[int] = whole_size(desired, current)
    if not assembled and current.target is not None:
        size = current.target.size
    elif current.missing:
        context.not_yet(*current.missing)
        size = None
    result: Result = {
        "changed": plan.changed,
        "src": list(current.order),
        "dest": desired.dest,
        "size": size,
        "assembled": assembled,
        "replaced": assembled and current.target is not None,
        "created_folders": plan.paths("create_folder"),
        "deleted": plan.paths("delete"),
    }
    context.show_change(result, plan, [desired.dest, *plan.paths("delete")])
    return result


def main() -> None:
    """Run as a module that was shipped to a host."""
    run_module(SPEC, run)


if __name__ == "__main__":
    main()
