#!/usr/bin/python
# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: nas_sync
version_added: 1.0.0
short_description: Keep a folder on a NAS and one on the controller the same
description:
  - Makes a folder on a NAS the same as one on the controller, or the other way round. Only what differs travels.
  - A file on its way has a name that begins with C(.nasops-) beside its place, is verified there, and only then takes its name.
    At every moment the old or the new content is there, whole. A run that was interrupted is continued by the next one.
  - A failure that is one file's own, such as a name that the NAS refuses, does not stop the run. The task goes on with the
    other files, deletes nothing, and fails at its end with RV(failed_files). A full disk, a session that is lost, and a NAS that
    does not answer stop it.
  - Where a NAS keeps no modification times of files (Freebox), a hidden file C(.nasops-sync) in O(dest) notes sizes and times
    of both sides. It is never fetched or deleted. Without it, files of equal size are compared by their content once.
  - Where a NAS tells of many paths at once (Synology, Freebox from API 11.2 on), no folder is listed in which nothing differs, unless
    O(delete) is set. While files in folders of O(dest) are replaced there, it holds a hidden folder C(.nasops-replacing); after
    an interruption it stays until a run has ended well.
  - What devices keep for themselves (C(@eaDir), C(.@__thumb), C(#recycle), C(@Recycle), C(#snapshot), C(@Recently-Snapshot))
    is never sent, fetched or deleted, but for thumbnails in a folder that goes.
  - Two names of O(src) that differ only in capitals, or in how their letters are composed, are an error before anything is sent
    to a NAS, which may take them for one. A file is never replaced by a folder, nor a folder by a file.
  - Owners, permissions and the times of folders are not transferred.
author:
  - The nasops.nas authors (@nasops)
extends_documentation_fragment:
  - nasops.nas.nas
  - nasops.nas.nas.attributes
  - nasops.nas.nas.wait_timeout
options:
  src:
    description:
      - The folder that is to be had on the other side too.
      - With O(mode=push) a folder on the controller, looked for as M(ansible.builtin.copy) does, in C(files/) of the role or play.
        Where the task is delegated to a machine with a connection of its own, a folder there.
      - With O(mode=pull) a folder on the NAS, from the share on, such as V(/share/folder).
      - With a slash at its end, what is in it goes into O(dest); without, the folder itself does, as with M(ansible.builtin.copy).
    type: str
    required: true
  dest:
    description:
      - The folder into which O(src), or what is in it, goes. It is made when it is missing, with the folders above.
      - On the NAS with O(mode=push), where the task runs with O(mode=pull).
    type: str
    required: true
  mode:
    description:
      - V(push) sends from the controller to the NAS, V(pull) fetches from the NAS to the controller.
    type: str
    choices: [push, pull]
    default: push
  compare:
    description:
      - How files of the same size are compared. V(mtime) takes those with the same modification time, in whole seconds, for
        equal; files get the time of their source, where the device can.
      - V(checksum) compares the contents of all of them, whatever their times. The NAS calculates a checksum of each file of more
        than 64 KiB, smaller ones are read.
    type: str
    choices: [mtime, checksum]
    default: mtime
  delete:
    description:
      - Whether what is in O(dest) and not in O(src) is deleted, after everything else has gone well. What O(exclude) names stays,
        and so does a folder that holds something that stays. A symbolic link goes without what it leads to, as far as the NAS
        tells links (Synology does not).
      - With O(mode=push) the destination must then be a folder in a share, not the share itself.
    type: bool
    default: false
  max_delete:
    description:
      - With O(delete=true), how many files and folders may be deleted at most. Where there are more, the task fails before
        anything is sent or deleted. A negative number is no limit.
    type: int
    default: 100
  include:
    description:
      - Patterns of what is transferred although O(exclude) names it. They are looked at before those of O(exclude); the first
        pattern that matches decides, and what none matches is transferred.
      - V(*) stands for anything but a slash, V(**) for anything, V(?) for one letter, V([a-z]) for one of these letters. A slash
        at the beginning ties a pattern to the top of the folder, one at the end makes it match folders only. What is in a folder
        that is excluded is not looked at.
    type: list
    elements: str
    default: []
  exclude:
    description:
      - Patterns, as of O(include), of what is neither transferred nor deleted. A text is split at its commas, so
        a pattern that has one must be an element of a list.
    type: list
    elements: str
    default: []
  links:
    description:
      - What becomes of symbolic links in O(src), as far as a NAS tells links (Synology does not). V(skip) leaves them out and
        returns them as RV(left_out), V(follow) transfers what they lead to, V(error) fails before anything is sent.
      - Links in O(dest) are never followed.
    type: str
    choices: [skip, follow, error]
    default: skip
  decrypt:
    description:
      - Whether vaulted files are decrypted before they are sent. That needs the vault's password, which a task has that is neither
        delegated to a machine with a connection of its own nor C(async) with C(poll=0).
    type: bool
    default: true
  parallel:
    description:
      - How many files travel, and how many folders are listed, at the same time, each over a connection of its own in the same
        session.
    type: int
    default: 4
seealso:
  - module: nasops.nas.nas_file
  - module: nasops.nas.nas_fetch
"""

EXAMPLES = r"""
- name: The web site, as it is in files/site of the role
  nasops.nas.nas_sync:
    src: site/
    dest: /web/site
    exclude:
      - "*.bak"
      - /cache/
    delete: true

- name: What is in the folder of scans, to the controller
  nasops.nas.nas_sync:
    mode: pull
    src: /home/scans/
    dest: /srv/scans
"""

RETURN = r"""
src:
  description: The folder that was read.
  type: str
  returned: success
  sample: /srv/play/files/site
dest:
  description: The folder that is the same now.
  type: str
  returned: success
  sample: /web/site
created_folders:
  description: RV(dest) and the folders above that were made (in check mode, would be).
  type: list
  elements: str
  returned: success
created:
  description: Files and folders that were not there, by their paths below RV(dest).
  type: list
  elements: str
  returned: success
  sample: [img, img/logo.png]
updated:
  description: Files that have another content or time now.
  type: list
  elements: str
  returned: success
  sample: [index.html]
deleted:
  description: Files and folders that are gone.
  type: list
  elements: str
  returned: success
unchanged:
  description: Files and folders that were the same.
  type: list
  elements: str
  returned: success
left_out:
  description: What was left out because it is no file and no folder, such as symbolic links.
  type: list
  elements: str
  returned: success
counts:
  description: How many paths each of these lists has, and how many files failed.
  type: dict
  returned: success
  sample: {created: 2, updated: 1, deleted: 0, unchanged: 310, left_out: 0, failed: 0}
bytes_sent:
  description: Bytes of the files that were sent to the NAS.
  type: int
  returned: when O(mode=push)
bytes_received:
  description: Bytes of the files that were fetched.
  type: int
  returned: when O(mode=pull)
failed_files:
  description: What could not be read, sent, fetched or deleted, with the reason.
  type: list
  elements: dict
  returned: when there are any
  contains:
    path:
      description: The path below RV(src).
      type: str
    kind:
      description: A word as of RV(failure).
      type: str
    msg:
      description: What went wrong.
      type: str
failure:
  description:
    - What went wrong. C(kind) is a word such as V(not_found), V(permission_denied), V(authentication), V(usage);
      C(vendor), C(call), C(code) and C(path) say where, by the names of the vendor's document; C(hint) says what to do.
  type: dict
  returned: on failure of a call or of the checks before
"""

import os
from typing import Optional

from ..module_utils._api.files import Files
from ..module_utils._core import paths as _paths
from ..module_utils._core.errors import Kind, NasError, usage
from ..module_utils._core.model import FILE
from ..module_utils._core.patterns import Filter
from ..module_utils._core.text import printable
from ..module_utils._delivery import local_file
from ..module_utils._delivery.crew import Crew, require_size
from ..module_utils._delivery.sides import Side, read_here, read_there
from ..module_utils._delivery.sync_work import Desired, Work, apply, compare, first_of, no_vault, refuse_one_name
from ..module_utils._module.context import ModuleContext, Result
from ..module_utils._module.run import main as run_module
from ..module_utils._module.spec import WAIT_TIMEOUT, Spec
from ..module_utils._plans.plan import Plan
from ..module_utils._plans.preconditions import missing_above, require_writable
from ..module_utils._plans.sync import (
    PULL,
    PUSH,
    Outcome,
    Rules,
    described,
    outcome_of,
)

SPEC = Spec(
    options={
        "src": {"type": "str", "required": True},
        "dest": {"type": "str", "required": True},
        "mode": {"type": "str", "choices": ["push", "pull"], "default": "push"},
        "compare": {"type": "str", "choices": ["mtime", "checksum"], "default": "mtime"},
        "delete": {"type": "bool", "default": False},
        "max_delete": {"type": "int", "default": 100},
        "include": {"type": "list", "elements": "str", "default": []},
        "exclude": {"type": "list", "elements": "str", "default": []},
        "links": {"type": "str", "choices": ["skip", "follow", "error"], "default": "skip"},
        "decrypt": {"type": "bool", "default": True},
        "parallel": {"type": "int", "default": 4},
        **WAIT_TIMEOUT,
    },
    needs=(Files,),
    paths_by=lambda params: ("dest",) if params["mode"] == PUSH else ("src",),
    sends_folder=True,
)


def run(context: ModuleContext) -> Result:
    """The result of the task."""
    desired, timeout = read_desired(context), context.params["wait_timeout"]
    with Crew(context.client, context.another_client, context.params["parallel"]) as crew:
        source, dest = read_sides(context, desired, crew)
        if not source.exists:
            if not context.check_mode:
                raise NasError(Kind.NOT_FOUND, "there is no such folder", path=source.top, hint="Check the option src")
            context.not_yet(source.top)
        folders = missing_folders(context, desired, dest) if source.exists else []
        work = compare(desired, source, dest, folders, crew, timeout)
        if context.check_mode:
            return result_of(context, desired, work, *foresee(context, desired, work))
        moving = context.watch(f"{source.top} to {dest.top}")
        deleting = context.watch(f"deleting from {dest.top}", timeout)
        return result_of(context, desired, work, *apply(desired, work, crew, moving, deleting, timeout))


def read_desired(context: ModuleContext) -> Desired:
    """The options, checked before any call."""
    params = context.params
    mode, source, dest = params["mode"], params["src"], params["dest"]
    nas_option, nas_path, own_path = ("dest", dest, source) if mode == PUSH else ("src", source, dest)
    there = _paths.check_folder(nas_path, nas_option)
    if not own_path or "\0" in own_path:
        option = "src" if mode == PUSH else "dest"
        raise usage(f"option {option}: {own_path!r} is no path", hint="Name a folder")
    here = local_file.absolute(own_path)
    if not source.endswith("/"):
        name = os.path.basename(os.path.normpath(source)) if mode == PUSH else _paths.name(there)
        if name not in ("", ".", ".."):
            there, here = (_paths.join(there, name), here) if mode == PUSH else (there, os.path.join(here, name))
    require_size(params["parallel"])
    if params["wait_timeout"] < 1:
        raise usage(f"option wait_timeout: {params['wait_timeout']} is less than 1", hint="Give 1 or more")
    if params["delete"] and (_paths.is_share(there) if mode == PUSH else here == "/"):
        hint = "Name a folder in it, or leave delete out"
        raise usage(f"option delete: {dest!r} holds more than one folder's content", path=dest, hint=hint)
    files = type(context.client.files)
    keeps = mode == PULL or files.features.sets_mtime_at_upload or FILE in files.features.sets_mtime_of
    most = params["max_delete"] if params["max_delete"] >= 0 else None
    rules = Rules(mode, params["compare"], keeps, params["delete"], most)
    return Desired(here, there, rules, Filter(params["include"], params["exclude"]))


def read_sides(context: ModuleContext, desired: Desired, crew: Crew) -> tuple[Side, Side]:
    """What is in the source, and what is in the destination."""
    params = context.params
    watch = context.watch(f"reading {desired.there}")
    decrypted = context.runtime.decrypted or no_vault if params["decrypt"] and desired.is_push else None
    links = params["links"]
    here = read_here(desired.here, desired.chosen, links=links, is_source=desired.is_push, decrypted=decrypted)
    if desired.is_push and not here.exists:
        raise usage(f"option src: there is no folder {desired.here!r}", hint="Check the option src")
    if desired.is_push:
        refuse_one_name(here)
    entry = context.stat([desired.there])[desired.there]
    if desired.rules.delete and not desired.is_push and os.path.islink(desired.here):
        hint = "Name the folder that it leads to"
        raise usage(f"{desired.here!r} is a symbolic link, and nothing is deleted through one", hint=hint)
    if entry is None:
        return (here, Side(desired.there, False)) if desired.is_push else (Side(desired.there, False), here)
    if not entry.is_folder:
        raise NasError(Kind.WRONG_TYPE, f"this is a {entry.type}, not a folder", path=desired.there)
    if entry.link and desired.is_push and desired.rules.delete:
        hint = "Name the folder that it leads to"
        raise NasError(
            Kind.WRONG_TYPE,
            "this is a symbolic link, and nothing is deleted through one",
            path=desired.there,
            hint=hint,
        )
    there = read_there(
        crew,
        desired.there,
        desired.chosen,
        desired.rules,
        links=links,
        wanted=here.items if desired.is_push and not desired.rules.delete else None,
        progress=lambda count: watch.note("search", count),
    )
    return (here, there) if desired.is_push else (there, here)


def missing_folders(context: ModuleContext, desired: Desired, dest: Side) -> list[str]:
    """The destination and the folders above it that are not there."""
    if dest.exists:
        return []
    if desired.is_push:
        inside = _paths.join(desired.there, "x")
        above = context.client.files.stat(_paths.ancestors(inside))
        context.saw(above)
        return missing_above(inside, above, parents=True, may_be_created_earlier=context.check_mode)
    missing: list[str] = []
    folder = desired.here
    while not os.path.isdir(folder):
        if os.path.lexists(folder):
            raise usage(f"option dest: {folder!r} is no folder", hint="Choose another path")
        missing.insert(0, folder)
        folder = os.path.dirname(folder)
    if not os.access(folder, os.W_OK | os.X_OK):
        raise usage(f"option dest: nothing can be written to {folder!r} on this machine", hint="Choose another folder")
    return missing


def foresee(context: ModuleContext, desired: Desired, work: Work) -> tuple[Outcome, int, Optional[NasError]]:
    """What a run would do: as `apply`."""
    if work.travels and desired.is_push and work.dest.exists:
        require_writable(context.client.files, _paths.join(desired.there, "x"))
    outcome = outcome_of(work.plan)
    outcome.failed = work.failed
    return outcome, work.size_of(work.travels), None


def result_of(
    context: ModuleContext, desired: Desired, work: Work, outcome: Outcome, size: int, error: Optional[NasError]
) -> Result:
    """What the task returns, in check mode too; failed where some file or all of it has.

    :param size: the bytes that travelled.
    """
    lists = {
        "created": sorted(outcome.created),
        "updated": sorted(outcome.updated),
        "deleted": sorted(outcome.deleted),
        "unchanged": sorted(work.plan.unchanged),
        "left_out": sorted(work.source.named),
    }
    before, after = described(work.plan, work.source.items, work.dest.items)
    values: Result = {
        "changed": bool(outcome.created or outcome.updated or outcome.deleted)
        or bool(work.folders or work.restore or work.clean),
        "src": work.source.top,
        "dest": work.dest.top,
        "created_folders": list(work.folders),
        **lists,
        "counts": {**{name: len(paths) for name, paths in lists.items()}, "failed": len(outcome.failed)},
        "bytes_sent" if desired.is_push else "bytes_received": size,
    }
    result = context.finish(Plan((), before, after), [work.dest.top], **values)
    if outcome.failed:
        result["failed_files"] = [
            {"path": path, "kind": one.kind.value, "msg": printable(str(one))} for path, one in outcome.failed.items()
        ]
        error = error or first_of(outcome.failed)
    if error is not None:
        if error.kind is not Kind.USAGE:
            error.vendor = error.vendor or context.params["vendor"]
        result.update({"failed": True, "msg": printable(str(error)), "failure": error.failure()})
    return result


def main() -> None:
    """Run as a module that was shipped to a host."""
    run_module(SPEC, run)


if __name__ == "__main__":
    main()
