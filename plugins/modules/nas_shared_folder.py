#!/usr/bin/python
# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: nas_shared_folder
version_added: 1.0.0
short_description: Make, change and remove shared folders of a NAS
description:
  - Makes sure that a shared folder exists, with a certain description, recycle bin and quota, or that it is gone with all that was in it.
  - Offered by QNAP and Synology. It rests on calls that no vendor documents, as they were observed on DSM 6.2, 7.1, 7.2 and
    7.3, and on QTS 5.1.9. What the module wrote it reads again; a device that reports success and did nothing is an error.
  - Needs the rights of an administrator.
  - M(nasops.nas.nas_share_permission) sets who may read or write in it. In a new one only administrators may.
author:
  - The nasops.nas authors (@nasops)
extends_documentation_fragment:
  - nasops.nas.nas
  - nasops.nas.nas.attributes
options:
  name:
    description:
      - The name of the shared folder. Case does not tell shared folders apart; one that is there keeps the case of its name.
    type: str
    required: true
  state:
    description:
      - V(present) makes it if it is missing, and changes what differs.
      - V(absent) removes it with all that is in it, past any recycle bin. This needs O(delete_data). One of the device's own is
        never removed.
    type: str
    choices: [present, absent]
    default: present
  volume:
    description:
      - The volume that a new one lies on, by its name, its path or its number; M(nasops.nas.nas_info) lists them. Where the
        device has one volume, it need not be named.
      - One that is there is not moved; another volume is an error.
    type: str
  description:
    description:
      - A text about it, on Synology up to 64 characters. It stays as it is when omitted. Blanks and line breaks around it do not
        count.
    type: str
  hidden:
    description:
      - Whether it is left out where the network is browsed. It stays as it is when omitted; a new one is shown.
    type: bool
  recycle_bin:
    description:
      - Whether what is deleted in it goes to a recycle bin. It stays as it is when omitted; a new one has none.
    type: bool
  recycle_bin_admin_only:
    description:
      - Whether only administrators see the recycle bin. It stays as it is when omitted.
    type: bool
  quota:
    description:
      - How much it may hold, such as V(10 GiB) or V(500 MiB), a whole number of MiB; V(none) for no bound. It stays as it is when omitted.
      - Offered by Synology, on volumes of Btrfs.
    type: str
  compression:
    description:
      - Whether what is in it is compressed. A new one gets this or never does; on one that is there, another value is an
        error. It turns on O(checksums) too.
      - Offered by Synology, on volumes of Btrfs.
    type: bool
  checksums:
    description:
      - Whether the device checks what is in it by checksums (copy on write). A new one gets this or never does; on one that is
        there, another value is an error.
      - Offered by Synology, on volumes of Btrfs.
    type: bool
  encryption_password:
    description:
      - Makes a new one encrypted, with this key. It is not compared or changed on one that is encrypted; one that is not is an
        error. No result, diff or error shows it.
      - Offered by Synology.
    type: str
  new_name:
    description:
      - Another name for the shared folder. Where there is none called O(name) but one of this name, that is the one.
      - Offered by Synology, where it rests on what another client sends; it was not observed on a device.
    type: str
  delete_data:
    description:
      - Whether O(state=absent) may remove all that is in it. Without it that is an error, which tells how much there is.
    type: bool
    default: false
seealso:
  - module: nasops.nas.nas_share_permission
  - module: nasops.nas.nas_folder
"""

EXAMPLES = r"""
- name: A shared folder for projects
  nasops.nas.nas_shared_folder:
    name: projects
    description: What we work on
    recycle_bin: true

- name: A shared folder for backups that finds damage (Synology)
  nasops.nas.nas_shared_folder:
    name: backup
    volume: /volume1
    checksums: true
    quota: 10 GiB

- name: The old shared folder is gone with all that was in it
  nasops.nas.nas_shared_folder:
    name: projects-2019
    state: absent
    delete_data: true
"""

RETURN = r"""
shared_folder:
  description: The shared folder as it is then (in check mode, would be); null when there is none.
  type: dict
  returned: success
  contains:
    name:
      description: The name as the device writes it.
      type: str
    path:
      description: The path, as other modules take it.
      type: str
    volume:
      description: The volume that it lies on, as its path (Synology) or number (QNAP).
      type: str
    description:
      description: The text about it.
      type: str
    hidden:
      description: Whether browsers of the network do not show it.
      type: bool
    recycle_bin:
      description: Whether it has a recycle bin.
      type: bool
    recycle_bin_admin_only:
      description: Whether only administrators see that.
      type: bool
    quota:
      description: How many bytes it may hold; 0 for no bound, null where the device does not tell.
      type: int
    compression:
      description: Whether what is in it is compressed, if the device tells.
      type: bool
    checksums:
      description: Whether what is in it has checksums, if the device tells.
      type: bool
    encrypted:
      description: Whether it is encrypted, if the device tells.
      type: bool
    windows_acl:
      description: Whether access control lists count in it beside simple rights.
      type: bool
    built_in:
      description: Whether it is one of the device's own, which is not removed.
      type: bool
    editable:
      description: Whether it can be changed.
      type: bool
  sample:
    name: projects
    path: /projects
    volume: /volume1
    description: What we work on
    hidden: false
    recycle_bin: true
    recycle_bin_admin_only: false
    quota: 0
deleted:
  description: What went with it (in check mode, would go); null where that could not be counted.
  type: dict
  returned: with O(state=absent) where there is one, in check mode and with a diff
  contains:
    folders:
      description: How many folders.
      type: int
    files:
      description: How many files.
      type: int
    size:
      description: How many bytes.
      type: int
  sample: {folders: 12, files: 340, size: 123456789}
failure:
  description:
    - What went wrong. C(kind) is a word such as V(not_found), V(permission_denied), V(authentication), V(usage);
      C(vendor), C(call), C(code) and C(path) say where, by the names of the vendor's document; C(hint) says what to do.
  type: dict
  returned: on failure of a call or of the checks before
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Optional

from ..module_utils import _vendors
from ..module_utils._api.capabilities.administration import SharedFolderFeatures, SharedFolders
from ..module_utils._core.administration import SharedFolder, SharedFolderValues, as_reported, require_name
from ..module_utils._core.errors import Kind, NasError, usage
from ..module_utils._delivery import shared_folders as _delivery
from ..module_utils._module.context import ModuleContext, Result
from ..module_utils._module.run import main as run_module
from ..module_utils._module.spec import Spec
from ..module_utils._plans.shared_folder import (
    DesiredFolder,
    plan_folder,
    read_quota,
    readable,
    require_removable,
    require_volume_can,
)

VALUES = (
    "description",
    "hidden",
    "recycle_bin",
    "recycle_bin_admin_only",
    "quota",
    "compression",
    "checksums",
    "encryption_password",
    "new_name",
)

SPEC = Spec(
    options={
        "name": {"type": "str", "required": True},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "volume": {"type": "str"},
        "description": {"type": "str"},
        "hidden": {"type": "bool"},
        "recycle_bin": {"type": "bool"},
        "recycle_bin_admin_only": {"type": "bool"},
        "quota": {"type": "str"},
        "compression": {"type": "bool"},
        "checksums": {"type": "bool"},
        "encryption_password": {"type": "str", "no_log": True},
        "new_name": {"type": "str"},
        "delete_data": {"type": "bool", "default": False},
    },
    needs=(SharedFolders,),
    by_state={"present": (*VALUES, "volume"), "absent": ("delete_data",)},
    device_wide=True,
)


def run(context: ModuleContext) -> Result:
    """The result of the task."""
    desired = read_desired(context.params)
    folders = context.client.shared_folders
    if desired.state == "present":
        require_length(desired, folders.features)
    current = _delivery.read_folder(folders, desired)
    result: Result = {}
    if desired.state == "absent" and current is not None:
        require_removable(current)
        result = content_of(context, current)
    needs_volumes = desired.state == "present" and (current is None or needs_volume(desired, folders.features))
    volumes = folders.volumes() if needs_volumes else ()
    if desired.state == "present" and (current is None or current.name != desired.final_name):
        require_name("name" if desired.values.new_name is None else "new_name", desired.final_name)
    plan = plan_folder(desired, current, volumes)
    if plan.folder is not None:
        volume = next((one for one in volumes if one.id == plan.folder.volume), None)
        require_volume_can(desired.values, volume, folders.features)
    folder = plan.folder
    if plan.changed and not context.check_mode:
        folder = _delivery.apply_folder(folders, desired, plan, volumes).folder
    if "deleted" in result:
        plan = replace(plan, before={**plan.before, "content": result["deleted"] or "(not counted)"})
    shown = None if folder is None else folder.as_result()
    return context.finish(plan, [f"/{desired.name}"], shared_folder=shown, **result)


def read_desired(params: Mapping[str, Any]) -> DesiredFolder:
    """The options, checked before any call.

    :raises NasError: `USAGE`, and `UNSUPPORTED` for what the vendor does not take.
    """
    for option in ("name", "new_name"):
        name = params[option]
        if name is not None and (not name.strip() or "/" in name or "\0" in name):
            raise usage(
                f"option {option}: {name!r} is no name", hint="Give the name of a shared folder, without a slash"
            )
    if params["state"] == "absent":
        return DesiredFolder(params["name"], "absent")
    for option in VALUES:
        if params[option] is not None:
            _vendors.require_option(params["vendor"], "shared_folders", option)
    if params["encryption_password"] == "":
        raise usage("option encryption_password: the key is empty", hint="Set it to another one, or leave it out")
    if params["compression"] and params["checksums"] is False:
        hint = "Set checksums to true, or leave it out"
        raise usage("option compression: what is compressed has checksums too", hint=hint)
    if params["recycle_bin_admin_only"] and params["recycle_bin"] is False:
        hint = "Set recycle_bin to true beside it"
        raise usage("option recycle_bin_admin_only: there is no recycle bin with recycle_bin false", hint=hint)
    values = {option: params[option] for option in (*VALUES, "volume")}
    values["description"] = as_reported(params["description"])
    if params["quota"] is not None:
        values["quota"] = read_quota(params["quota"])
    return DesiredFolder(params["name"], "present", SharedFolderValues(**values))


def require_length(desired: DesiredFolder, features: SharedFolderFeatures) -> None:
    """Refuse a description that is longer than the device takes.

    :raises NasError: `INVALID_ARGUMENT`.
    """
    text, most = desired.values.description or "", features.longest_description
    if most is not None and len(text) > most:
        message = f"option description: it has {len(text)} characters, and the device takes {most}"
        raise NasError(Kind.INVALID_ARGUMENT, message, hint="Make it shorter")


def needs_volume(desired: DesiredFolder, features: SharedFolderFeatures) -> bool:
    """Whether it matters which volumes there are, or what they can."""
    return desired.values.volume is not None or any(getattr(desired.values, option) for option in features.btrfs)


def content_of(context: ModuleContext, folder: SharedFolder) -> Result:
    """How much goes with a shared folder, where somebody looks at it.

    :raises NasError: `USAGE` with that, where `delete_data` does not allow it to go.
    """
    allowed = context.params["delete_data"]
    if allowed and not context.check_mode and not context.diff:
        return {}
    size: Optional[dict[str, int]] = None
    try:
        size = context.client.downloads.folder_size(folder.path, watch=context.watch(folder.path))
    except NasError as error:
        if error.kind not in (Kind.NOT_FOUND, Kind.PERMISSION_DENIED, Kind.UNSUPPORTED):
            raise
        context.warnings.append(f"what is in {folder.path!r} could not be counted: {error}")
    if not allowed:
        much = (
            f"{size['folders']} folders and {size['files']} files with {readable(size['size'])}"
            if size is not None
            else "all that is in it"
        )
        message = f"the shared folder {folder.name!r} would go for good, with {much}"
        raise usage(message, path=folder.path, hint="Set delete_data to true if that is meant")
    return {"deleted": size}


def main() -> None:
    """Run as a module that was shipped to a host."""
    run_module(SPEC, run)


if __name__ == "__main__":
    main()
