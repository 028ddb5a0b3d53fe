#!/usr/bin/python
# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: nas_stat
version_added: 1.0.0
short_description: Look at files and folders on a NAS
description:
  - Tells what is at paths of a NAS. Many paths cost hardly more calls than one, but for what is asked for in addition.
  - A path where there is nothing is not an error; one that the user may not look at is.
author:
  - The nasops.nas authors (@nasops)
extends_documentation_fragment:
  - nasops.nas.nas
  - nasops.nas.nas.read_only
  - nasops.nas.nas.wait_timeout
options:
  path:
    description:
      - The files and folders, each from the share on, such as V(/share/folder/name). Names are taken exactly as written.
    type: list
    elements: str
    required: true
  checksum:
    description:
      - Whether to have the NAS calculate the checksum of each file, which it reads from end to end for that.
      - V(true) takes the best algorithm that the NAS has. It can be named instead, as V(md5) (all vendors), or V(sha1), V(sha256) or
        V(sha512) (Freebox).
    type: raw
    default: false
  folder_size:
    description:
      - Whether to count what each folder holds at all levels. On a Freebox each folder is listed for that; a symbolic link
        counts there as a file without a size.
    type: bool
    default: false
  writable:
    description:
      - Whether to find out if the user may write there.
    type: bool
    default: false
seealso:
  - module: nasops.nas.nas_info
"""

EXAMPLES = r"""
- name: Is the backup there, and how old is it
  nasops.nas.nas_stat:
    path: /home/backup/latest.tar
    checksum: true
  register: backup

- name: A backup of yesterday at least
  ansible.builtin.assert:
    that:
      - backup.entries[0].exists
      - backup.entries[0].mtime > now().timestamp() - 86400

- name: How large are these folders, and may something be put into them
  nasops.nas.nas_stat:
    path:
      - /home/photos
      - /public
    folder_size: true
    writable: true
"""

RETURN = r"""
entries:
  description: What is at each path of O(path), in the same order.
  type: list
  elements: dict
  returned: success
  contains:
    path:
      description: The path.
      type: str
    exists:
      description: Whether something is there.
      type: bool
    type:
      description: V(file) or V(folder); null when nothing is there, as for everything below.
      type: str
    size:
      description: The size of a file in bytes.
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
      description: Whether RV(entries[].acl) decides, and not RV(entries[].mode) (Synology).
      type: bool
    mimetype:
      description: The kind of content, such as V(image/jpeg), or V(inode/directory) for a folder (Freebox).
      type: str
    checksum:
      description: The algorithm and the checksum of a file, with O(checksum); null when the device cannot calculate it.
      type: str
      sample: md5:0123456789abcdef0123456789abcdef
    content:
      description: What a folder holds at all levels, with O(folder_size).
      type: dict
      contains:
        files:
          description: How many files.
          type: int
        folders:
          description: How many folders, itself not counted.
          type: int
        size:
          description: The size of all of them in bytes.
          type: int
    writable:
      description:
        - With O(writable), whether files can be made in a folder, or a file can be written, or made where nothing is.
        - Null when the device cannot tell without trying (Freebox), or when the folder above is missing.
      type: bool
failure:
  description:
    - What went wrong. C(kind) is a word such as V(not_found), V(permission_denied), V(authentication), V(usage);
      C(vendor), C(call), C(code) and C(path) say where, by the names of the vendor's document; C(hint) says what to do.
  type: dict
  returned: on failure of a call or of the checks before
"""

from typing import Any, Optional

from ansible.module_utils.parsing.convert_bool import boolean

from ..module_utils import _vendors
from ..module_utils._api.files import Files
from ..module_utils._core import paths as _paths
from ..module_utils._core.errors import Kind, NasError, usage
from ..module_utils._core.model import Entry
from ..module_utils._module.context import ModuleContext, Result
from ..module_utils._module.run import main as run_module
from ..module_utils._module.spec import WAIT_TIMEOUT, Spec

SPEC = Spec(
    reads_only=True,
    options={
        "path": {"type": "list", "elements": "str", "required": True},
        "checksum": {"type": "raw", "default": False},
        "folder_size": {"type": "bool", "default": False},
        "writable": {"type": "bool", "default": False},
        **WAIT_TIMEOUT,
    },
    needs=(Files,),
    paths=("path",),
)

ALGORITHMS = ("md5", "sha1", "sha256", "sha512")
PROBE = ".nasops-probe"  # asked about in a folder, and never made
NOTHING = {key: None for key in Entry("", "").as_result() if key != "path"}


def run(context: ModuleContext) -> Result:
    """The result of the task."""
    params = context.params
    paths = [_paths.check_folder(path) for path in params["path"]]
    algorithm = read_algorithm(params["vendor"], params["checksum"])
    if params["folder_size"]:
        _vendors.require(params["vendor"], "sizes of folders", lambda nas: nas.downloads.features.folder_size)
    files = context.client.files
    found = context.stat(_paths.unique(paths))
    entries = []
    for path in paths:
        entry = found[path]
        row: dict[str, Any] = {"path": path, "exists": entry is not None}
        row.update(NOTHING if entry is None else entry.as_result())
        if algorithm is not None:
            row["checksum"] = checksum(context, entry, algorithm)
        if params["folder_size"]:
            row["content"] = content(context, entry)
        if params["writable"]:
            row["writable"] = writable(files, path, entry)
        entries.append(row)
    return {"entries": entries}


def read_algorithm(vendor: str, wanted: Any) -> Optional[str]:
    """The algorithm to calculate checksums by, None for no checksums.

    :raises NasError: for what is no algorithm, and for one that the vendor lacks.
    """
    if wanted in ALGORITHMS:
        what = f"{wanted} checksums"
        _vendors.require(vendor, what, lambda nas: wanted in nas.files.features.checksum_algorithms)
        return str(wanted)
    try:
        if not boolean(wanted):
            return None
    except TypeError:
        hint = f"Give true, false or one of {', '.join(ALGORITHMS)}"
        raise usage(f"option checksum: {wanted!r} is no algorithm", hint=hint) from None
    _vendors.require(vendor, "checksums", lambda nas: bool(nas.files.features.checksum_algorithms))
    return _vendors.VENDORS[vendor].files.features.checksum_algorithms[0]


def checksum(context: ModuleContext, entry: Optional[Entry], algorithm: str) -> Optional[str]:
    """The checksum of a file, None for anything else, and when this device has no such call."""
    if entry is None or entry.is_folder:
        return None
    watch = context.timed_watch(f"checksum of {entry.path}")
    try:
        return f"{algorithm}:{context.client.files.checksum(entry.path, algorithm, watch=watch)}"
    except NasError as error:
        if error.kind is not Kind.UNSUPPORTED:
            raise
        context.warnings.append(f"no checksum of {entry.path!r}: {error.message}")
        return None


def content(context: ModuleContext, entry: Optional[Entry]) -> Optional[dict[str, int]]:
    """What a folder holds, None for anything else."""
    if entry is None or not entry.is_folder:
        return None
    watch = context.timed_watch(f"size of {entry.path}")
    return context.client.downloads.folder_size(entry.path, watch=watch)


def writable(files: Files, path: str, entry: Optional[Entry]) -> Optional[bool]:
    """Whether something can be written; None when nobody can tell."""
    if entry is None and _paths.is_share(path):
        return None
    try:
        return files.writable(_paths.join(path, PROBE) if entry is not None and entry.is_folder else path)
    except NasError as error:
        if error.kind is not Kind.NOT_FOUND:
            raise
        return None


def main() -> None:
    """Run as a module that was shipped to a host."""
    run_module(SPEC, run)


if __name__ == "__main__":
    main()
