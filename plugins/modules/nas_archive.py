#!/usr/bin/python
# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: nas_archive
version_added: 1.0.0
short_description: Pack and unpack archives on a NAS
description:
  - Makes sure that an archive on a NAS holds exactly certain files and folders of the NAS, that its content lies in a folder,
    or that it is gone. The NAS does the work, so no content travels.
  - What an archive holds is compared with what lies on the NAS by names, sizes and modification times. Archives know no time
    zone, so times are the same when all of them are apart by the same whole quarters of an hour, give or take two seconds
    (and an hour between summer and winter); but a file that is younger than the archive is a changed one. Thumbnails that
    devices keep in C(@eaDir) and C(.@__thumb) do not count.
  - A Freebox cannot list archives. There the module keeps a hidden file C(.nasops-<hash>.json) beside the archive, which says
    what the archive holds, and which size and time it had then. An archive without one, or that was changed since, is made
    anew by O(state=present), and unpacked once more by O(state=extracted), which reports a change.
  - A new archive is made beside its place under a name that begins with C(.nasops-), listed and compared where the NAS can,
    and only then takes the name. The old one stays whole until then, whatever fails.
  - What symbolic links lead to is not packed, and nothing is unpacked through a link below O(dest), on a Freebox and QNAP,
    which tell links. How a link itself is packed is up to the NAS and is not compared; an archive that a NAS made of what lies
    behind a link is thrown away with an error, where the NAS lists archives. On Synology see
    O(nasops.nas.nas_find#module:follow).
  - Level, password and encryption of an archive that is there are not compared. To change them, remove it first.
author:
  - The nasops.nas authors (@nasops)
extends_documentation_fragment:
  - nasops.nas.nas
  - nasops.nas.nas.attributes
  - nasops.nas.nas.wait_timeout
options:
  path:
    description:
      - The archive, from the share on, such as V(/share/folder/name.zip). The name is taken exactly as written.
    type: str
    required: true
  state:
    description:
      - V(present) makes the archive hold exactly O(sources), and makes it anew when one of them changed.
      - V(extracted) makes the content of the archive lie in O(dest).
      - V(absent) removes the archive. A folder is never removed.
    type: str
    choices: [present, extracted, absent]
    default: present
  sources:
    description:
      - Files and folders on the same NAS, each a member of the archive under its own name, a folder with all that it holds.
        Required with O(state=present).
      - On QNAP they must lie in one folder, so they cannot be shares.
    type: list
    elements: str
  format:
    description:
      - The format of the archive. By the ending of O(path) when omitted.
      - Synology and QNAP make V(zip) and V(7z), a Freebox makes all.
    type: str
    choices: [7z, cpio, iso, tar, tar.7z, tar.bz2, tar.gz, tar.xz, zip]
  level:
    description:
      - How much the NAS compresses. Not on a Freebox; V(store), which does not compress, on Synology only.
        The device's own choice when omitted.
    type: str
    choices: [store, fast, normal, best]
  archive_password:
    description:
      - The password of the archive, to pack with or to unpack with. A Freebox can only unpack with one.
    type: str
  encryption:
    description:
      - How O(archive_password) encrypts a new archive. Only QNAP can choose; it uses V(aes256) when omitted. V(zipcrypto) is weak,
        but every program opens it; it is for V(zip) only.
    type: str
    choices: [aes256, zipcrypto]
  codepage:
    description:
      - How the archive's names are encoded, in the device's words, such as V(jpn). Only on Synology.
    type: str
  dest:
    description:
      - The folder for the content, from the share on. Required with O(state=extracted).
      - The archive is unpacked in a hidden folder C(.nasops-<hash>.unpacked) in it, and only what came out whole is moved to its
        place. So nothing is harmed by a damaged archive, a wrong password or a full disk, and an interrupted run is completed
        by the next one.
    type: str
  subfolder:
    description:
      - Whether O(state=extracted) unpacks into a folder in O(dest) that is named like the archive without its ending.
    type: bool
    default: false
  keep_folders:
    description:
      - Whether the folders of the archive are kept. With V(false) all files lie directly in O(dest).
    type: bool
    default: true
  members:
    description:
      - The paths in the archive that O(state=extracted) unpacks, such as V(docs/a.txt). A folder stands for all that it holds.
        Everything when omitted.
    type: list
    elements: str
  overwrite:
    description:
      - Whether a file that is there is replaced when its size or its modification time is another one than in the archive.
      - With V(false) a file of the same size stays, and one of another size is an error, found before anything is written.
    type: bool
    default: false
  delete_archive:
    description:
      - Whether the archive is removed when its content is at its place. An archive that is not there counts as extracted when
        the folder is there.
      - A file that stays because O(overwrite=false), and has the size but not the time that it has in the archive, is an error then.
    type: bool
    default: false
  parents:
    description:
      - Whether the folder of the archive, or O(dest), and the folders above are made when they are missing.
    type: bool
    default: false
  wait:
    description:
      - With V(false) the NAS is asked to begin, and the module returns at once with the ids in RV(tasks), for
        M(nasops.nas.nas_task) to wait for. Nothing is compared then, and there is no hidden place - the archive grows under its
        own name, and the files in O(dest) under theirs.
      - So it is refused, before anything is written, where more is to do than to start one task that can do no harm. V(present)
        makes a new archive only, not on a Freebox, and on QNAP beside its sources. V(extracted) replaces nothing, and does not go
        with O(delete_archive), nor with O(keep_folders=false); a Freebox must know what is in the archive (see above), and
        unpacks all of it or nothing. Neither goes on after an interrupted run. Ansible's own C(async) always works.
      - Do not run the task again before the NAS is ready. After that, a run with V(true) tells whether everything is there; it
        changes nothing then. What a task that failed or was stopped has made stays. The next run finds such a file another size,
        or such an archive damaged, which is an error until it is removed.
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
- name: The papers of the year in one encrypted archive (QNAP, Synology)
  nasops.nas.nas_archive:
    path: /home/backup/papers-2026.7z
    sources:
      - /home/papers/2026
      - /home/papers/index.txt
    level: best
    archive_password: "{{ papers_password }}"
    parents: true

- name: The content of a delivery, and then no more archive
  nasops.nas.nas_archive:
    path: /public/incoming/delivery.zip
    state: extracted
    dest: /home/deliveries
    subfolder: true
    parents: true
    delete_archive: true

- name: One file out of an archive, whatever is there now
  nasops.nas.nas_archive:
    path: /home/backup/papers-2026.7z
    state: extracted
    dest: /home/restored
    members: [2026/contract.pdf]
    keep_folders: false
    overwrite: true
    archive_password: "{{ papers_password }}"

- name: No old archive
  nasops.nas.nas_archive:
    path: /home/backup/papers-2019.7z
    state: absent
"""

RETURN = r"""
path:
  description: The archive.
  type: str
  returned: success
  sample: /home/backup/papers-2026.7z
format:
  description: The format of the archive.
  type: str
  returned: when O(state=present)
  sample: 7z
files:
  description: How many files the archive holds (in check mode, would hold).
  type: int
  returned: when O(state=present)
  sample: 3000
dest:
  description: The folder that the content is in.
  type: str
  returned: when O(state=extracted)
  sample: /home/deliveries/delivery
extracted:
  description: The files that were written (in check mode, would be; with O(wait=false), that will be), by their paths on the NAS.
  type: list
  elements: str
  returned: when O(state=extracted), but not in check mode when the NAS cannot tell what the archive holds
  sample: [/home/deliveries/delivery/docs/a.txt]
members:
  description:
    - What the archive holds (with O(state=present) in check mode, would hold), of that with O(state=extracted) what
      O(members) chooses.
  type: list
  elements: dict
  returned: when O(state=present), and when O(state=extracted) on a NAS that can tell what the archive holds
  contains:
    path:
      description: The path in the archive.
      type: str
    type:
      description: V(file) or V(folder), or V(link) for a link among what shall be packed, which each NAS packs in its own way.
      type: str
    size:
      description: The bytes of a file.
      type: int
    mtime:
      description:
        - The modification time in seconds since 1970. With O(state=extracted) it is that of the archive's own clock, which
          knows no time zone, as if that were UTC.
      type: int
    mtime_iso:
      description: The same as a date and time.
      type: str
created_folders:
  description: The folders that were made (in check mode, would be).
  type: list
  elements: str
  returned: when O(state=present) or O(state=extracted)
tasks:
  description:
    - The tasks of the NAS that go on, with O(wait=false); empty when nothing was to do, when it was done at once, and in check mode.
    - C(id), C(kind) and more, as M(nasops.nas.nas_task) takes and returns them.
  type: list
  elements: dict
  returned: success
  sample:
    - {id: "302", kind: compress, state: running, path: /home/backup/papers-2026.7z, done: 0, total: 100, error: null}
failure:
  description:
    - What went wrong. C(kind) is a word such as V(not_found), V(permission_denied), V(authentication), V(usage);
      C(vendor), C(call), C(code) and C(path) say where, by the names of the vendor's document; C(hint) says what to do.
    - A wrong or missing password of an archive is V(permission_denied), a damaged archive V(invalid_argument).
  type: dict
  returned: on failure of a call or of the checks before
"""

import dataclasses
from collections.abc import Mapping
from typing import Any, Optional

from ..module_utils import _vendors
from ..module_utils._api.capabilities.archives import Archives
from ..module_utils._api.capabilities.copies import Copies
from ..module_utils._api.files import Files
from ..module_utils._core import marks
from ..module_utils._core import paths as _paths
from ..module_utils._core.archives import ArchiveMember, Packing
from ..module_utils._core.errors import usage
from ..module_utils._core.model import FILE
from ..module_utils._delivery import archive as delivery
from ..module_utils._delivery import archive_detached, atomic
from ..module_utils._module.context import ModuleContext, Result
from ..module_utils._module.run import main as run_module
from ..module_utils._module.spec import WAIT_TIMEOUT, Spec
from ..module_utils._plans.archive import Current, Desired, plan_archive
from ..module_utils._plans.plan import Plan

FORMATS = ("7z", "cpio", "iso", "tar", "tar.7z", "tar.bz2", "tar.gz", "tar.xz", "zip")

SPEC = Spec(
    options={
        "path": {"type": "str", "required": True},
        "state": {"type": "str", "choices": ["present", "extracted", "absent"], "default": "present"},
        "sources": {"type": "list", "elements": "str"},
        "format": {"type": "str", "choices": list(FORMATS)},
        "level": {"type": "str", "choices": ["store", "fast", "normal", "best"]},
        "archive_password": {"type": "str", "no_log": True},
        "encryption": {"type": "str", "choices": ["aes256", "zipcrypto"]},
        "codepage": {"type": "str"},
        "dest": {"type": "str"},
        "subfolder": {"type": "bool", "default": False},
        "keep_folders": {"type": "bool", "default": True},
        "members": {"type": "list", "elements": "str"},
        "overwrite": {"type": "bool", "default": False},
        "delete_archive": {"type": "bool", "default": False},
        "parents": {"type": "bool", "default": False},
        "wait": {"type": "bool", "default": True},
        **WAIT_TIMEOUT,
    },
    rules={
        "required_if": [("state", "present", ("sources",)), ("state", "extracted", ("dest",))],
    },
    needs=(Files, Archives, Copies),
    paths=("path", "sources", "dest"),
    by_state={
        "present": ("sources", "format", "level", "archive_password", "encryption", "codepage", "parents", "wait"),
        "extracted": (
            *("dest", "subfolder", "keep_folders", "members", "overwrite", "delete_archive"),
            *("archive_password", "codepage", "parents", "wait"),
        ),
        "absent": (),
    },
)


def run(context: ModuleContext) -> Result:
    """The result of the task."""
    desired = read_desired(context)
    current = delivery.read_current(context.client, desired)
    context.saw({desired.path: current.archive, **current.sources, **current.above})
    plan = done = plan_archive(desired, current)
    result: Result = {"path": desired.path, "tasks": []}
    if not context.params["wait"]:
        archive_detached.require_one_job(context.client, desired, plan, current)
    if context.check_mode:
        context.not_yet(*delivery.require_possible(context.client, desired, plan, current))
    elif plan.changed and not context.params["wait"]:
        watch = context.timed_watch(desired.path)
        started = archive_detached.start(context.client, desired, plan, current, watch)
        result["tasks"] = [one.as_result() for one in started]
    elif plan.changed:
        done = apply(context, desired, plan, current)
    if desired.state != "absent":
        result["created_folders"] = done.paths("create_folder")
    if desired.state == "present":
        result["format"] = desired.packing.format
        result["files"] = sum(member.type == FILE for member in current.wanted.values())
        result["members"] = listed(current.wanted)
    if desired.state == "extracted":
        result["dest"] = desired.dest
        if current.held is not None or not context.check_mode:
            result["extracted"] = [step.to for step in done.steps if step.do == "extract" and step.to]
        if current.held is not None:
            result["members"] = listed(current.held)
    named = [desired.path, desired.dest] if desired.state == "extracted" else [desired.path]
    return context.finish(dataclasses.replace(done, before=plan.before), named, changed=plan.changed, **result)


def read_desired(context: ModuleContext) -> Desired:
    """The options, checked before any call."""
    params = context.params
    path, state = _paths.check(params["path"]), params["state"]
    if _paths.is_share(path):
        raise _paths.bad(path, "path", "is a share, not an archive", "Name a file in the share")
    if params["archive_password"] == "":
        raise usage("option archive_password is empty", hint="Give a password, or omit the option")
    if params["codepage"] is not None:
        _vendors.require(params["vendor"], "a codepage for archives", lambda nas: nas.archives.features.codepage)
    desired = Desired(
        path,
        state,
        password=params["archive_password"],
        codepage=params["codepage"],
        parents=params["parents"],
        may_be_created_earlier=context.check_mode,
    )
    if state != "absent":
        desired = read_packing(context, desired) if state == "present" else read_unpacking(context, desired)
    if not params["wait"]:
        archive_detached.require_one_step(desired, context.client.archives)
    return desired


def read_packing(context: ModuleContext, desired: Desired) -> Desired:
    """What shall be packed, and how."""
    params, path = context.params, desired.path
    sources = tuple(_paths.unique(_paths.check_folder(source, "sources") for source in params["sources"]))
    if not sources:
        raise usage("option sources is empty", hint="Name what to pack, or use state absent")
    names: dict[str, str] = {}
    for source in sources:
        if source == path or source in _paths.ancestors(path):
            raise _paths.bad(source, "sources", "would hold the archive itself", "Choose another path for the archive")
        other = names.setdefault(_paths.name(source), source)
        if other != source:
            problem = f"would have the same name in the archive as {other!r}"
            raise _paths.bad(source, "sources", problem, "Make two archives, or pack the folders above")
    made = params["format"] or ending(path)
    if made is None:
        hint = f"End it with one of {', '.join(f'.{name}' for name in FORMATS)}, or set format"
        raise usage(f"option path: {path!r} has the ending of no archive", path=path, hint=hint)
    vendor, what = params["vendor"], f"archives of the format {made}"
    _vendors.require(vendor, what, lambda nas: made in nas.archives.features.formats)
    folders = {_paths.parent(source) for source in sources}
    if len(folders) > 1 or "/" in folders:
        _vendors.require(
            params["vendor"],
            "archives of shares or of several folders' content",
            lambda nas: nas.archives.features.scattered,
        )
    if params["level"] is not None:
        level = params["level"]
        _vendors.require(vendor, f"the level {level} for archives", lambda nas: level in nas.archives.features.levels)
    if desired.password is not None:
        _vendors.require(params["vendor"], "a password for new archives", lambda nas: nas.archives.features.password)
    if params["encryption"] is not None:
        if desired.password is None:
            raise usage("option encryption needs archive_password", hint="Give a password, or omit encryption")
        _vendors.require(
            params["vendor"], "a choice of how archives are encrypted", lambda nas: nas.archives.features.encryption
        )
    if params["encryption"] == "zipcrypto" and made != "zip":
        raise usage(f"option encryption: zipcrypto is for zip only, not for {made}", hint="Use aes256")
    packing = Packing(made, params["level"], desired.password, params["encryption"])
    return dataclasses.replace(desired, sources=sources, packing=packing)


def ending(path: str) -> Optional[str]:
    """The format that a name says."""
    found = [name for name in FORMATS if path.lower().endswith(f".{name}")]
    return max(found, key=len, default=None)


def read_unpacking(context: ModuleContext, desired: Desired) -> Desired:
    """What shall be unpacked, and where to."""
    params = context.params
    dest = _paths.check_folder(params["dest"], "dest")
    if params["subfolder"]:
        name = _paths.name(desired.path)
        known = ending(desired.path)
        stem = (name[: -len(known) - 1] if known else name.rpartition(".")[0]) or name
        dest = _paths.check(_paths.join(dest, stem), "subfolder")
    members = params["members"]
    if members is not None:
        members = tuple(_paths.unique(path.rstrip("/") for path in members))
        if not members or "" in members:
            raise usage("option members names nothing", hint="Name paths in the archive, or omit the option")
        if params["delete_archive"]:
            raise usage("option delete_archive would lose all but the members", hint="Remove one of the two options")
    if desired.password is not None:
        _vendors.require(
            params["vendor"], "a password to unpack with", lambda nas: nas.archives.features.extract_password
        )
    return dataclasses.replace(
        desired,
        dest=dest,
        members=members,
        keep_folders=params["keep_folders"],
        overwrite=params["overwrite"],
        delete_archive=params["delete_archive"],
    )


def apply(context: ModuleContext, desired: Desired, plan: Plan, current: Current) -> Plan:
    """Carry the plan out. What was done, which is more than was planned where the content had to be unpacked to be known."""
    nas = context.client
    verb = {"present": "packing", "extracted": "extracting", "absent": "removing"}[desired.state]
    watch = context.timed_watch(f"{verb} {desired.path}")
    # Where an interrupted run put the old archive aside and nothing has its name, it waits for the new one to be whole.
    last_copy = marks.backup_paths(desired.path) if current.archive is None and plan.has("compress") else ()
    clean = plan.paths("clean")
    delivery.remove(nas.files, [path for path in clean if path not in last_copy], watch)
    folders = [path for path in plan.paths("create_folder") if path not in current.there]
    if folders:
        atomic.make_folders(nas.files, folders)
    if plan.has("compress"):
        context.warnings += delivery.pack(nas, desired, current, watch)
        delivery.remove(nas.files, [path for path in clean if path in last_copy], watch)
    elif desired.state == "extracted" and current.archive is not None:
        plan, warnings = delivery.unpack(nas, desired, plan, current, watch)
        context.warnings += warnings
    if plan.has("delete"):
        nas.files.delete([desired.path], recursive=False, watch=watch)
    return plan


def listed(members: Mapping[str, ArchiveMember]) -> list[dict[str, Any]]:
    """What an archive holds, for the result."""
    return [member.as_result() for _path, member in sorted(members.items())]


def main() -> None:
    """Run as a module that was shipped to a host."""
    run_module(SPEC, run)


if __name__ == "__main__":
    main()
