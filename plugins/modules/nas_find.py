#!/usr/bin/python
# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: nas_find
version_added: 1.0.0
short_description: Find files and folders on a NAS
description:
  - Returns the files and folders below some folders that meet all criteria, much as M(ansible.builtin.find) does.
  - Where the NAS has a search of its own it is asked first, so that a big tree costs a few calls. Synology searches by
    all criteria, QNAP by a part of the name. Else each folder is listed. The answer is the same in either case, because
    the module compares each entry with the criteria itself.
author:
  - The nasops.nas authors (@nasops)
extends_documentation_fragment:
  - nasops.nas.nas
  - nasops.nas.nas.read_only
  - nasops.nas.nas.wait_timeout
options:
  paths:
    description:
      - The folders to look in, each from the share on, such as V(/share/folder). A folder that does not exist is left
        out with a warning, see RV(skipped_paths).
    type: list
    elements: str
    required: true
    aliases: [path]
  patterns:
    description:
      - Shell globs, such as V(*.jpg), of which the name must fit one. Capitals count. All names when omitted.
      - A glob that holds a comma must be an element of a list, because a text is split at commas.
    type: list
    elements: str
    default: []
    aliases: [pattern]
  excludes:
    description:
      - Shell globs of which the name must fit none. A text is split at its commas, as in O(patterns).
      - What lies in a folder that fits one is found all the same.
    type: list
    elements: str
    default: []
    aliases: [exclude]
  file_type:
    description:
      - What to find.
    type: str
    choices: [file, folder, any]
    default: file
  size:
    description:
      - Files of this size or larger; with a minus sign, of this size or smaller. Bytes, or a number with one of the
        suffixes V(b), V(k), V(m), V(g) and V(t), each 1024 times the one before, such as V(10m) or V(-4k).
      - Folders have no size, so it leaves them out of nothing.
    type: str
  age:
    description:
      - What was modified (or see O(age_stamp)) so long ago or longer; with a minus sign, not longer ago. Seconds, or a number with one of the
        suffixes V(s), V(m), V(h), V(d) and V(w), such as V(30d) or V(-12h).
      - The clocks of the NAS and of the machine that runs the task should agree.
    type: str
  age_stamp:
    description:
      - Which time O(age) is about. When a file or folder was modified (V(mtime)), when its content, name or permissions
        last changed (V(ctime)), when it was last read (V(atime)), or when it was made (V(crtime)).
      - All vendors tell V(mtime), Synology the others too.
    type: str
    choices: [mtime, ctime, atime, crtime]
    default: mtime
  owner:
    description:
      - The name of the user that it must belong to. Not on a Freebox, which does not tell.
    type: str
  group:
    description:
      - The name of the group that it must belong to. Not on a Freebox, which does not tell.
    type: str
  recurse:
    description:
      - Whether to look in the folders below, too.
    type: bool
    default: false
  depth:
    description:
      - How many levels to look into with O(recurse=true). V(1) is what lies directly in O(paths). All when omitted.
    type: int
  hidden:
    description:
      - Whether to find also what is hidden, and what lies in hidden folders. Hidden is what has a name that begins with
        a point, and the recycle bins and snapshots that a NAS keeps in its shares.
      - With it each folder is listed, because a device's search may leave hidden ones out.
    type: bool
    default: false
  follow:
    description:
      - Whether to look also in the folders that symbolic links below O(paths) lead to. A link that is one of O(paths)
        is always followed.
      - With it each folder is looked into once, however many links lead to it, as far as the NAS tells where they lead
        (Freebox). Where it does not (QNAP), links that lead in a circle end in an error.
      - A Synology NAS tells nothing of links and lists what they lead to, so that this option changes nothing there.
        What lies behind a link cannot be distinguished from what lies in the folder itself, even if the link leads out of
        O(paths). See that there are none before what was found is removed. Links that lead in a circle end in an error.
    type: bool
    default: false
  limit:
    description:
      - At most so many RV(files), the first ones by their paths. RV(matched) counts all.
    type: int
seealso:
  - module: nasops.nas.nas_folder
  - module: nasops.nas.nas_file
  - module: ansible.builtin.find
"""

EXAMPLES = r"""
- name: The big films that nobody has touched for a year
  nasops.nas.nas_find:
    paths: [/video]
    patterns: ["*.mkv", "*.mp4"]
    size: 4g
    age: 52w
    recurse: true
  register: films

- name: They go
  nasops.nas.nas_file:
    path: "{{ item.path }}"
    state: absent
  loop: "{{ films.files }}"
  loop_control:
    label: "{{ item.path }}"

- name: The folders directly in a share
  nasops.nas.nas_find:
    paths: [/home]
    file_type: folder
"""

RETURN = r"""
files:
  description: What was found, by path, and at most O(limit) of it.
  type: list
  elements: dict
  returned: success
  contains:
    path:
      description: Where it is.
      type: str
    type:
      description: V(file) or V(folder).
      type: str
    size:
      description: The bytes of a file; null for a folder.
      type: int
    mtime:
      description:
        - The modification time in seconds since 1970-01-01 UTC; null where the device tells none, or one that no calendar
          knows.
      type: int
    mtime_iso:
      description: The same as a date and time in UTC, such as V(2026-05-04T03:02:01Z).
      type: str
    owner:
      description: The user that it belongs to (Synology, QNAP).
      type: str
    group:
      description: The group that it belongs to (Synology, QNAP).
      type: str
    mode:
      description: The permissions as octal digits such as V(755) (Synology, QNAP).
      type: str
    link:
      description:
        - Whether it is a symbolic link (Freebox, and QNAP but for early firmware). Type, size and times are those of what
          it leads to. Null on Synology, which does not tell.
      type: bool
    target:
      description: Where a link leads to, as it was written (Freebox).
      type: str
    real_path:
      description: Where it lies in the file system of the device, such as V(/volume1/home/a.txt) (Synology).
      type: str
    atime:
      description: When it was last read, in seconds since 1970-01-01 UTC (Synology).
      type: int
    atime_iso:
      description: The same as a date and time in UTC.
      type: str
    ctime:
      description: When its content, name or permissions last changed, in seconds since 1970-01-01 UTC (Synology).
      type: int
    ctime_iso:
      description: The same as a date and time in UTC.
      type: str
    crtime:
      description: When it was made, in seconds since 1970-01-01 UTC (Synology).
      type: int
    crtime_iso:
      description: The same as a date and time in UTC.
      type: str
    uid:
      description: The number of the user that it belongs to (Synology).
      type: int
    gid:
      description: The number of the group that it belongs to (Synology).
      type: int
    acl:
      description:
        - Whether the user may do what the names say, which are the vendor's, such as C(append), C(del), C(exec), C(read)
          and C(write) (Synology).
      type: dict
    is_acl_mode:
      description: Whether RV(files[].acl) decides, and not RV(files[].mode) (Synology).
      type: bool
    mimetype:
      description: The kind of content, such as V(image/jpeg), or V(inode/directory) for a folder (Freebox).
      type: str
  sample:
    - {path: /video/2024/trip.mkv, type: file, size: 7340032000, mtime: 1720000000, owner: ann, group: users, mode: "644"}
matched:
  description: How many files and folders meet the criteria, whatever O(limit) says.
  type: int
  returned: success
  sample: 17
examined:
  description: How many files and folders were looked at; null when the device searched, because it does not tell.
  type: int
  returned: success
  sample: 4211
skipped_paths:
  description:
    - Folders that were not looked into, with the reason. Those of O(paths) that do not exist, and those below that are
      closed to the user, where folders are listed. What a device's search passes over it does not tell.
  type: dict
  returned: success
  sample: {}
failure:
  description:
    - What went wrong. C(kind) is a word such as V(not_found), V(permission_denied), V(authentication), V(usage);
      C(vendor), C(call), C(code) and C(path) say where, by the names of the vendor's document; C(hint) says what to do.
  type: dict
  returned: on failure of a call or of the checks before
"""

import re
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Optional

from ..module_utils import _vendors
from ..module_utils._api import tree as _tree
from ..module_utils._api.capabilities.search import Search
from ..module_utils._api.files import Files
from ..module_utils._core import paths as _paths
from ..module_utils._core.errors import Kind, NasError, usage
from ..module_utils._core.model import FILE, FOLDER, Entry
from ..module_utils._module.context import ModuleContext, Result
from ..module_utils._module.run import main as run_module
from ..module_utils._module.spec import WAIT_TIMEOUT, Spec
from ..module_utils._plans.find import Desired, criteria_of, fits, is_for_search, is_in_reach

SPEC = Spec(
    reads_only=True,
    options={
        "paths": {"type": "list", "elements": "str", "required": True, "aliases": ["path"]},
        "patterns": {"type": "list", "elements": "str", "default": [], "aliases": ["pattern"]},
        "excludes": {"type": "list", "elements": "str", "default": [], "aliases": ["exclude"]},
        "file_type": {"type": "str", "choices": ["file", "folder", "any"], "default": "file"},
        "size": {"type": "str"},
        "age": {"type": "str"},
        "age_stamp": {"type": "str", "choices": ["mtime", "ctime", "atime", "crtime"], "default": "mtime"},
        "owner": {"type": "str"},
        "group": {"type": "str"},
        "recurse": {"type": "bool", "default": False},
        "depth": {"type": "int"},
        "hidden": {"type": "bool", "default": False},
        "follow": {"type": "bool", "default": False},
        "limit": {"type": "int"},
        **WAIT_TIMEOUT,
    },
    needs=(Files,),
    paths=("paths",),
)

SIZES = {"": 1, "b": 1, "k": 1024, "m": 1024**2, "g": 1024**3, "t": 1024**4}
AGES = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


@dataclass
class Seen:
    """What was found so far.

    :param entries: those that may meet the criteria, by path.
    :param examined: how many were looked at; None when the device searched.
    :param skipped: why folders were not looked into, by path.
    """

    entries: dict[str, Entry] = field(default_factory=dict)
    examined: Optional[int] = 0
    skipped: dict[str, str] = field(default_factory=dict)


def run(context: ModuleContext) -> Result:
    """The result of the task."""
    desired = read_desired(context)
    seen = Seen()
    for top in desired.paths:
        try:
            read_folder(context, desired, top, seen)
        except NasError as error:
            if error.kind is not Kind.NOT_FOUND:
                raise
            seen.skipped[top] = error.message
            context.saw({top: None})
    if seen.skipped:
        path, reason = next(iter(seen.skipped.items()))
        context.warnings.append(f"folders that were not looked into: {len(seen.skipped)}, such as {path!r}: {reason}")
    found = [entry for entry in completed(context.client.files, seen.entries, desired.stamp) if fits(entry, desired)]
    return {
        "matched": len(found),
        "examined": seen.examined,
        "files": [entry.as_result() for entry in found[: context.params["limit"]]],
        "skipped_paths": seen.skipped,
    }


def read_desired(context: ModuleContext) -> Desired:
    """The options, checked before any call."""
    params = context.params
    for option in ("depth", "limit"):
        if params[option] is not None and params[option] < 1:
            raise usage(f"option {option}: {params[option]} is less than one", hint="Give 1 or more, or omit it")
    if params["depth"] is not None and not params["recurse"]:
        raise usage("option depth makes no sense with recurse false", hint="Set recurse to true, or omit depth")
    for option in ("owner", "group"):
        if params[option] is not None:
            _vendors.require(params["vendor"], f"the {option} of files", lambda nas: nas.files.features.owner)
    if params["age_stamp"] != "mtime" and params["age"] is None:
        raise usage("option age_stamp makes no sense without age", hint="Set age, or omit age_stamp")
    stamp = params["age_stamp"]
    what = f"the {stamp} of files (option age_stamp)"
    _vendors.require(params["vendor"], what, lambda nas: stamp in nas.files.features.times)
    smallest, largest = bounds(params["size"], "size", SIZES, "10m or -4k")
    least, most = bounds(params["age"], "age", AGES, "30d or -12h")
    now = int(time.time())
    return Desired(
        paths=tuple(_paths.unique(_paths.check_folder(path, "paths") for path in params["paths"])),
        patterns=tuple(params["patterns"]),
        excludes=tuple(params["excludes"]),
        type={"file": FILE, "folder": FOLDER}.get(params["file_type"]),
        smallest=smallest,
        largest=largest,
        oldest=None if most is None else now - most,
        newest=None if least is None else now - least,
        stamp=stamp,
        owner=params["owner"],
        group=params["group"],
        levels=params["depth"] if params["recurse"] else 1,
        hidden=params["hidden"],
        follow=params["follow"],
    )


def bounds(
    text: Optional[str], option: str, units: Mapping[str, int], sample: str
) -> tuple[Optional[int], Optional[int]]:
    """The lower and the upper bound that a number with a sign and a unit stands for."""
    if text is None:
        return None, None
    found = re.fullmatch(r"([+-]?)([0-9]{1,15})([a-z]?)", text.strip().lower())
    if found is None or found.group(3) not in units:
        suffixes = ", ".join(unit for unit in units if unit)
        hint = f"Give a number with one of the suffixes {suffixes}, such as {sample}"
        raise usage(f"option {option}: {text!r} is not a valid {option}", hint=hint)
    value = int(found.group(2)) * units[found.group(3)]
    return (None, value) if found.group(1) == "-" else (value, None)


def read_folder(context: ModuleContext, desired: Desired, top: str, seen: Seen) -> None:
    """Add what lies below one of the paths."""
    client = context.client
    if client.offers(Search) and is_for_search(top, desired, client.files.features.links):
        watch = context.timed_watch("searching")
        try:
            found = client.search.find(top, criteria_of(desired), watch=watch)
        except NasError as error:
            if error.kind is not Kind.UNSUPPORTED:
                raise
        else:
            found = [entry for entry in found if is_in_reach(entry.path, top, desired)]
            if not _tree.may_repeat((entry.path for entry in found), top):
                seen.examined = None
                keep(seen, desired, without_links(client.files, found, top))
                return
    for entry in walk(client.files, top, desired, seen.skipped):
        if seen.examined is not None:
            seen.examined += 1
        keep(seen, desired, (entry,))


def keep(seen: Seen, desired: Desired, entries: Iterable[Entry]) -> None:
    """Remember those that may meet the criteria."""
    seen.entries.update((entry.path, entry) for entry in entries if fits(entry, desired, unknown=True))


def without_links(files: Files, found: Sequence[Entry], top: str) -> list[Entry]:
    """What of a device's finds does not lie behind a link to a folder, as far as the device tells links."""
    if not files.features.links:
        return list(found)
    above = {folder for entry in found for folder in _paths.ancestors(entry.path) if folder.startswith(f"{top}/")}
    links = {path for path, entry in (files.stat(sorted(above)) if above else {}).items() if entry and entry.link}
    return [entry for entry in found if not links.intersection(_paths.ancestors(entry.path))]


def walk(files: Files, top: str, desired: Desired, skipped: dict[str, str]) -> Iterator[Entry]:
    """What lies below a folder, one list a folder. What goes away meanwhile was not there.

    :raises NasError: `PROTOCOL` for folders without an end.
    """

    def failed(folder: str, error: NasError) -> None:
        if error.kind not in (Kind.NOT_FOUND, Kind.PERMISSION_DENIED):
            raise error
        if error.kind is Kind.PERMISSION_DENIED:
            skipped[folder] = error.message

    def enter(entry: Entry) -> bool:
        level = _paths.depth(entry.path) - _paths.depth(top)
        return is_in_reach(entry.path, top, desired) and (desired.levels is None or level < desired.levels)

    for _folder, entries in _tree.folders(files, top, enter=enter, follow=desired.follow, failed=failed):
        yield from (entry for entry in entries if is_in_reach(entry.path, top, desired))


def completed(files: Files, entries: Mapping[str, Entry], stamp: str = "mtime") -> list[Entry]:
    """The entries by path; those without the time that matters are asked for once more."""
    unknown = [path for path, entry in entries.items() if None in (entry.mtime, getattr(entry, stamp))]
    now = files.stat(unknown) if unknown else {}
    found = [now.get(path, entry) for path, entry in sorted(entries.items())]
    return [entry for entry in found if entry is not None]


def main() -> None:
    """Run as a module that was shipped to a host."""
    run_module(SPEC, run)


if __name__ == "__main__":
    main()
