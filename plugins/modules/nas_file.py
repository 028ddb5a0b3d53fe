#!/usr/bin/python
# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: nas_file
version_added: 1.0.0
short_description: Manage files on a NAS
description:
  - Makes sure that a file on a NAS has a certain content, that it exists, or that it is gone.
  - Contents are compared by size first. A file of up to 64 KiB is then read; of a larger one the NAS calculates a checksum,
    so nothing large travels when nothing changed. Where a NAS calculates none, O(src) is compared by size and modification
    time, and O(content) by reading the file back. O(compare) leaves the reading out.
  - A file is sent beside its place under a name that begins with C(.nasops-), verified there, and only then takes the name.
    At every moment the old or the new content is on the NAS, whole.
  - A NAS may show names that it does not give, such as C(a,b.txt) from SMB on a QNAP with QTS 4. Unless there is no doubt
    about the name of a file that is to be replaced, an empty folder gets it first, in a hidden folder beside the file.
    When the NAS refuses, the task fails and nothing was touched.
author:
  - The nasops.nas authors (@nasops)
extends_documentation_fragment:
  - nasops.nas.nas
  - nasops.nas.nas.attributes
  - nasops.nas.nas.wait_timeout
attributes:
  idempotent:
    support: partial
    description: When run twice in a row outside C(check_mode), the second run changes nothing.
    details: With O(state=touch), unless O(mtime) is a certain time, each run changes the time.
options:
  path:
    description:
      - The file, from the share on, such as V(/share/folder/name.txt). The name is taken exactly as written.
      - With O(state=absent) and O(state=touch) also a list of files. With a content it is one file; use C(loop) for several.
    type: raw
    required: true
  src:
    description:
      - A file on the controller with the content. It is looked for as M(ansible.builtin.copy) does, in C(files/) of the
        role or play, and it is decrypted when it is vaulted.
      - It is never held in memory, however large.
    type: path
  content:
    description:
      - The content itself. A dictionary or list is written as JSON.
    type: str
  decrypt:
    description:
      - Whether a vaulted O(src) is decrypted before it is sent.
    type: bool
    default: true
  state:
    description:
      - V(present) gives the file the content of O(src) or O(content).
      - V(touch) makes an empty file when there is none, else gives the file the time O(mtime), or now when that is omitted.
        On Synology, and on a Freebox without O(mtime), this sends the content once more, since their APIs set no times.
      - V(absent) removes the file. A folder is never removed. A symbolic link goes, even one to a folder, and what it leads
        to stays; a Synology NAS does not tell links, so that there a link to a folder counts as a folder.
    type: str
    choices: [present, touch, absent]
    default: present
  compare:
    description:
      - How a file on the NAS is compared with O(src) where both have the same size.
      - V(checksum) compares the contents each time, as M(ansible.builtin.copy) does.
      - V(mtime) takes them for the same when their modification times are, in whole seconds, and reads neither. The file gets the
        time of O(src), as with O(mtime=preserve), beside which O(mtime) has no other value. Where only the time differs the
        contents are compared, and QNAP changes the time alone; a Synology cannot, so that there the file is sent again.
        A time that is not after 1970-01-01 is no time.
      - With V(mtime), a file that was changed on the NAS and was given its old size and time there is not noticed.
      - A Freebox cannot set times, so that there is no V(mtime) for it.
    type: str
    choices: [checksum, mtime]
    default: checksum
  checksum:
    description:
      - What O(src) or O(content) must have as checksum, checked before anything is sent. Written as C(algorithm:hex digits)
        with V(md5), V(sha1), V(sha256) or V(sha512), or just the digits.
    type: str
  force:
    description:
      - Whether a file that is there with another content is replaced. With V(false) it only has to be there.
    type: bool
    default: true
  backup:
    description:
      - Whether a file that is replaced is kept in the same folder, under its name with the time and a tilde added.
    type: bool
    default: false
  mtime:
    description:
      - The modification time that the file shall have. Seconds since 1970, as M(ansible.builtin.stat) returns them too (parts of a
        second are left out), a date and time such as V(2026-05-04T03:02:01Z) (without an offset, local time where the task
        runs), V(now) with O(state=touch), or V(preserve) for that of O(src).
      - A Freebox cannot set times. A Synology can only set them while a file is sent, so there a file with another time is
        sent again.
    type: str
  crtime:
    description:
      - The time of creation that the file shall have, written like O(mtime) but without V(now) and V(preserve). Where the NAS has
        another one, the file is sent again.
      - On Synology, whose upload alone sets it.
    type: str
  atime:
    description:
      - The time of the last access that the file shall have, written like O(crtime).
      - It is given to the file when that is sent, and never compared, since every look at the content changes it. So O(atime) alone
        changes nothing.
      - On Synology, whose upload alone sets it.
    type: str
  parents:
    description:
      - Whether the folders above are made when they are missing.
    type: bool
    default: false
  permanent:
    description:
      - With O(state=absent), whether what is removed is gone for good, instead of going to the recycle bin of its share.
      - A Freebox has no recycle bin, so all is gone for good there. A QNAP is asked by a parameter that its document does not
        have, and a task whose file is in the bin nevertheless fails. Synology cannot; see M(nasops.nas.nas_recycle_bin).
    type: bool
    default: false
seealso:
  - module: nasops.nas.nas_folder
"""

EXAMPLES = r"""
- name: The price list of this year
  nasops.nas.nas_file:
    path: /home/papers/prices-2026.pdf
    src: prices.pdf
    parents: true

- name: A film, taken for unchanged when size and modification time are the same (QNAP, Synology)
  nasops.nas.nas_file:
    path: /home/films/wedding.mp4
    src: wedding.mp4
    parents: true
    compare: mtime

- name: A note; what somebody else wrote there is kept beside it
  nasops.nas.nas_file:
    path: /home/papers/README.txt
    content: |
      These files are managed. Changes are overwritten.
    backup: true

- name: A marker file (QNAP, Synology)
  nasops.nas.nas_file:
    path: /home/papers/.nobackup
    state: touch
    mtime: "2026-01-01T00:00:00Z"

- name: No leftovers
  nasops.nas.nas_file:
    path:
      - /home/papers/old.pdf
      - /home/papers/older.pdf
    state: absent
"""

RETURN = r"""
path:
  description: The file; a list where O(path) is one.
  type: raw
  returned: success
  sample: /home/papers/prices-2026.pdf
size:
  description: The size of the wanted content in bytes.
  type: int
  returned: when O(state=present)
  sample: 182034
checksum:
  description: The checksum of the wanted content, with the algorithm that this NAS calculates.
  type: str
  returned: when O(state=present); with O(compare=mtime) only when something changed
  sample: md5:0123456789abcdef0123456789abcdef
created_folders:
  description: The folders above that were made (in check mode, would be).
  type: list
  elements: str
  returned: when O(state=present) or O(state=touch)
backup_path:
  description: Where the old file is kept (in check mode, would be).
  type: str
  returned: when O(backup=true) and a file was replaced
  sample: /home/papers/README.txt.20260504T030201Z~
files:
  description: What this module returns of each file, in the order of O(path).
  type: list
  elements: dict
  returned: when O(path) is a list
failure:
  description:
    - What went wrong. C(kind) is a word such as V(not_found), V(permission_denied), V(authentication), V(usage);
      C(vendor), C(call), C(code) and C(path) say where, by the names of the vendor's document; C(hint) says what to do.
  type: dict
  returned: on failure of a call or of the checks before
"""

import os
import time
from collections.abc import Mapping
from typing import Any, Optional

from ..module_utils import _vendors
from ..module_utils._api.comparison import shown_checksum
from ..module_utils._api.files import Files
from ..module_utils._core import checksums as _checksums
from ..module_utils._core import marks
from ..module_utils._core import paths as _paths
from ..module_utils._core import times as _times
from ..module_utils._core.errors import READABLE, Kind, NasError, usage
from ..module_utils._core.model import FILE
from ..module_utils._core.sources import BytesSource, FileSource, Source
from ..module_utils._core.text import encoded, half
from ..module_utils._delivery import atomic
from ..module_utils._delivery import content as _content
from ..module_utils._delivery.file import apply, free_backup, require_permanent, same_content, sets_mtime
from ..module_utils._module import diff as _diff
from ..module_utils._module.context import ModuleContext, Result
from ..module_utils._module.run import main as run_module
from ..module_utils._module.run import sent_mtime
from ..module_utils._module.spec import WAIT_TIMEOUT, Spec
from ..module_utils._plans.file import Current, Desired, plan_file
from ..module_utils._plans.plan import Plan
from ..module_utils._plans.preconditions import require_writable

SPEC = Spec(
    options={
        "path": {"type": "raw", "required": True},
        "src": {"type": "path"},
        "content": {"type": "str"},
        "decrypt": {"type": "bool", "default": True},
        "state": {"type": "str", "choices": ["present", "touch", "absent"], "default": "present"},
        "compare": {"type": "str", "choices": ["checksum", "mtime"], "default": "checksum"},
        "checksum": {"type": "str"},
        "force": {"type": "bool", "default": True},
        "backup": {"type": "bool", "default": False},
        "mtime": {"type": "str"},
        "crtime": {"type": "str"},
        "atime": {"type": "str"},
        "parents": {"type": "bool", "default": False},
        "permanent": {"type": "bool", "default": False},
        **WAIT_TIMEOUT,
    },
    rules={
        "mutually_exclusive": [("src", "content")],
        "required_if": [("state", "present", ("src", "content"), True)],
    },
    needs=(Files,),
    paths=("path",),
    by_state={
        "present": ("src", "content", "compare", "checksum", "mtime", "crtime", "atime"),
        "touch": ("mtime", "crtime", "atime"),
        "absent": ("permanent",),
    },
    sends_source=True,
)

PRESERVE = "preserve"


def run(context: ModuleContext) -> Result:
    """The result of the task."""
    desires = [read_desired(context, path) for path in read_paths(context.params)]
    results = [run_one(context, desired) for desired in desires]
    if isinstance(context.params["path"], str):
        return results[0]
    return context.finish(
        Plan(),
        [],
        diff=[one.get("diff") for one in results],
        changed=any(one["changed"] for one in results),
        path=[one["path"] for one in results],
        files=[{name: value for name, value in one.items() if name != "diff"} for one in results],
    )


def read_desired(context: ModuleContext, path: str) -> Desired:
    """The options for one file, checked before any call."""
    params = context.params
    state = params["state"]
    if _paths.is_share(path):
        raise _paths.bad(path, "path", "is a share, not a file", "Name a file in the share")
    source = read_source(params) if state == "present" else None
    if source is not None and params["checksum"] is not None:
        check_source(source, params["checksum"])
    by_time = params["compare"] == "mtime"
    if by_time:
        require_comparable(params)
    mtime = read_mtime(params, source)
    if by_time and source is not None and params["force"]:
        mtime = source.mtime
    always = state == "touch" and params["mtime"] in (None, _times.NOW)
    if mtime is not None and not always:
        _vendors.require(params["vendor"], "a choice of the modification time of files", sets_mtime)
    times = read_times(params)
    flags = params["force"], params["backup"], params["parents"], context.check_mode
    require_permanent(params)
    return Desired(path, state, source, *flags, mtime, times, by_time, params["permanent"], always)


def require_comparable(params: Mapping[str, Any]) -> None:
    """Refuse a comparison by time where there are no two times to compare."""
    if params["src"] is None:
        raise usage("option compare: mtime needs src", hint="Leave compare out: a content has no modification time")
    if params["mtime"] not in (None, PRESERVE):
        hint = "Leave mtime out: the file gets that of src; or set compare to checksum"
        raise usage("option compare: mtime compares with the time of src, and mtime gives another one", hint=hint)
    _vendors.require(params["vendor"], "a comparison with src by modification time", sets_mtime)


def read_source(params: Mapping[str, Any]) -> Source:
    """The desired content."""
    if params["content"] is not None:
        odd = half(params["content"])
        if odd:
            raise usage(f"option content holds {odd!r}, which is half of a character", hint="Check how it was read")
        return BytesSource(encoded(params["content"]))
    filename = params["src"]
    if os.path.isdir(filename):
        raise usage(f"option src: {filename!r} is a folder", hint="Name a file; folders are made with nas_folder")
    try:
        source = FileSource(filename)
    except OSError as error:
        raise usage(f"option src: {filename!r} cannot be read: {error.strerror}", hint=READABLE) from None
    sent = sent_mtime(filename)
    source.mtime = source.mtime if sent is None else sent
    return source


def check_source(source: Source, expected: str) -> None:
    """Compare the desired content with the `checksum` option.

    :raises NasError: `USAGE` when that is not a checksum, `MISMATCH` when it is another one.
    """
    algorithm, digits = _checksums.parse(expected)
    actual = source.checksum(algorithm)
    if actual != digits:
        hint = "Nothing was sent. Check the source, or the option checksum"
        raise NasError(Kind.MISMATCH, f"the source has the {algorithm} checksum {actual}, not {digits}", hint=hint)


def read_mtime(params: Mapping[str, Any], source: Optional[Source]) -> Optional[int]:
    """The desired modification time, or None for whatever it becomes."""
    wanted, state = params["mtime"], params["state"]
    if wanted is None:
        return int(time.time()) if state == "touch" else None
    if wanted == PRESERVE:
        if source is None or source.mtime is None:
            raise usage("option mtime: preserve needs src", hint="Give a time instead")
        return source.mtime
    if wanted == _times.NOW and state == "present":
        raise usage("option mtime: now would change the file every time", hint="Use state touch, or give a time")
    return _times.parse(wanted, "mtime")


def read_times(params: Mapping[str, Any]) -> dict[str, int]:
    """The desired times other than that of the modification, in seconds."""
    times = {}
    for option in ("crtime", "atime"):
        wanted = params[option]
        if wanted is None:
            continue
        if wanted == _times.NOW:
            raise usage(f"option {option}: now would change the file every time", hint="Give a time")
        times[option] = _times.parse(wanted, option)
        require_time(params["vendor"], option)
    return times


def require_time(vendor: str, time: str) -> None:
    """Refuse a time that the vendor's upload does not set."""
    what = f"a choice of the {time} of files"
    _vendors.require(vendor, what, lambda nas: time in nas.files.features.upload_times)


def read_paths(params: Mapping[str, Any]) -> list[str]:
    """The files of a task, each once."""
    given = params["path"]
    if isinstance(given, str):
        return [_paths.check(given)]
    if not isinstance(given, list) or not given or not all(isinstance(path, str) for path in given):
        raise usage(f"option path: {given!r} is neither a path nor a list of paths", hint="Write /share/folder/name")
    if params["state"] == "present":
        hint = "Give one path, and loop over the files: path with item, src or content beside it"
        raise usage(
            "option path: a list of files makes no sense with state present, which gives one its content", hint=hint
        )
    return _paths.unique(map(_paths.check, given))


def run_one(context: ModuleContext, desired: Desired) -> Result:
    """The result for one file."""
    files = context.client.files
    current = read_current(files, desired, context)
    plan = plan_file(desired, current, FILE in files.features.sets_mtime_of)
    result: Result = {"path": desired.path}
    backup = None
    if desired.backup and plan.has("upload") and current.entry is not None:
        backup = free_backup(files, f"{desired.path}.{_times.stamp(time.time())}")
        result["backup_path"] = backup
    if desired.state != "absent":
        result["created_folders"] = plan.paths("create_folder")
    diff = file_diff(files, desired, plan, current, context.runtime.secret_source) if context.diff else None
    if context.check_mode:
        if plan.has("upload") or plan.has("rewrite"):
            files.require_upload()
        if plan.has("upload") and current.above.get(_paths.parent(desired.path), current.entry) is None:
            if not desired.parents:
                context.not_yet(_paths.parent(desired.path))
        elif plan.has("upload"):
            require_writable(files, desired.path)
    elif plan.changed:
        apply(files, desired, plan, current, backup=backup, watch=context.timed_watch(desired.path))
    if desired.source is not None:
        result["size"] = desired.source.size
        if plan.changed or not desired.by_time:
            # It is known where the content was sent.
            result["checksum"] = shown_checksum(files, desired.source)
    return context.finish(plan, [desired.path], diff=diff, **result)


def read_current(files: Files, desired: Desired, context: ModuleContext) -> Current:
    """What is there, and whether its content is the desired one."""
    ours = [marks.staging_path(desired.path), *atomic.besides(files, desired.path)]
    found = context.stat([desired.path, *ours])
    entry = found[desired.path]
    leftovers = tuple(path for path in ours if found[path] is not None)
    aside = None
    if entry is None and desired.state != "absent":
        entry = marks.found_backup(desired.path, found)
        if entry is not None:
            aside = entry.path
            leftovers = tuple(path for path in leftovers if path != aside)
    if entry is None:
        above = files.stat(_paths.ancestors(desired.path)) if desired.state != "absent" else {}
        context.saw(above)
        return Current(None, above, leftovers=leftovers)
    same = None
    if desired.source is not None and desired.force and not entry.is_folder:
        watch = context.timed_watch(f"checksum of {entry.path}")
        same = same_content(files, desired.source, entry, watch, by_time=desired.by_time)
    return Current(entry, same=same, leftovers=leftovers, aside=aside)


def file_diff(files: Files, desired: Desired, plan: Plan, current: Current, secret: bool) -> dict[str, Any]:
    """Before and after: the content where that changes and may be shown, else the state."""
    if plan.has("upload") and current.same is not True and desired.source is not None:
        held = None if current.entry is None or secret else _content.fetch(files, current.entry)
        return _diff.content_diff(desired.path, held, _content.read(desired.source), secret)
    before: dict[str, Any] = {"state": "present" if current.entry is not None else "absent"}
    after: dict[str, Any] = {"state": "absent" if desired.state == "absent" else "present"}
    if plan.changed and desired.mtime is not None:
        before["mtime"] = _times.iso(current.entry.mtime if current.entry is not None else None)
        after["mtime"] = _times.iso(desired.mtime)
    if plan.changed and desired.times.get("crtime", current.crtime) != current.crtime:
        before["crtime"], after["crtime"] = _times.iso(current.crtime), _times.iso(desired.times["crtime"])
    return _diff.state_diff([desired.path], before, after)


def main() -> None:
    """Run as a module that was shipped to a host."""
    run_module(SPEC, run)


if __name__ == "__main__":
    main()
