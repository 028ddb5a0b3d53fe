#!/usr/bin/python
# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: nas_info
version_added: 0.1.0
short_description: Read what a NAS says about itself
description:
  - Returns facts about the device and the shares that the user may see.
author:
  - The nasops.nas authors (@nasops)
extends_documentation_fragment:
  - nasops.nas.nas
  - nasops.nas.nas.read_only
options:
  gather:
    description:
      - What to read. Each costs a call or two.
    type: list
    elements: str
    choices: [device, shares]
    default: [device, shares]
"""

EXAMPLES = r"""
- name: What is it, and how full is it
  nasops.nas.nas_info:
  register: nas

- name: Which shares are there
  ansible.builtin.debug:
    msg: "{{ nas.shares | map(attribute='path') }}"
"""

RETURN = r"""
device:
  description: The device.
  type: dict
  returned: when O(gather) has V(device)
  contains:
    vendor:
      description: The maker.
      type: str
    model:
      description: The model, if the device tells.
      type: str
    version:
      description: The version of the firmware; on a Freebox, of its API.
      type: str
    hostname:
      description: The name of the device.
      type: str
    serial:
      description: The serial number, if the device tells.
      type: str
    details:
      description: What else the device tells, by the vendor's own names.
      type: dict
shares:
  description: The shares that the user may see; on a Freebox, the volumes.
  type: list
  elements: dict
  returned: when O(gather) has V(shares)
  contains:
    name:
      description: The name.
      type: str
    path:
      description: The path, as other modules take it.
      type: str
    total:
      description: The size in bytes of the volume that the share lies on, if the device tells.
      type: int
    free:
      description: What is free of it, in bytes, if the device tells.
      type: int
    read_only:
      description: Whether the user can only read it, if the device tells.
      type: bool
failure:
  description:
    - What went wrong. C(kind) is a word such as V(not_found), V(permission_denied), V(authentication), V(usage);
      C(vendor), C(call), C(code) and C(path) say where, by the names of the vendor's document; C(hint) says what to do.
  type: dict
  returned: on failure of a call or of the checks before
"""

from collections.abc import Callable
from typing import Any

from ansible_collections.nasops.nas.plugins.module_utils._api import Client
from ansible_collections.nasops.nas.plugins.module_utils._task import Result, Spec, Task
from ansible_collections.nasops.nas.plugins.module_utils._task import main as run_module

READERS: dict[str, Callable[[Client], Any]] = {
    "device": lambda nas: nas.device.facts().as_result(),
    "shares": lambda nas: [share.as_result() for share in nas.files.shares()],
}

SPEC = Spec(
    options={
        "gather": {"type": "list", "elements": "str", "choices": list(READERS), "default": list(READERS)},
    },
)


def run(task: Task) -> Result:
    """The result of the task."""
    return {subset: read(task.client) for subset, read in READERS.items() if subset in task.params["gather"]}


def main() -> None:
    """Run as a module that was shipped to a host."""
    run_module(SPEC, run)


if __name__ == "__main__":
    main()
