#!/usr/bin/python
# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: nas_group
version_added: 1.0.0
short_description: Make, change and remove local groups of a NAS
description:
  - Makes sure that a local group exists, with a certain description and certain members, or that it is gone.
  - Offered by QNAP and Synology. It rests on calls that no vendor documents, as they were observed on DSM 6.2, 7.1, 7.2 and
    7.3, and on QTS 5.1.9. What the module wrote it reads again; a device that reports success and did nothing is an error.
  - Needs the rights of an administrator.
author:
  - The nasops.nas authors (@nasops)
extends_documentation_fragment:
  - nasops.nas.nas
  - nasops.nas.nas.attributes
options:
  name:
    description:
      - The name of the group. Case does not tell groups apart; one that is there keeps the case of its name.
    type: str
    required: true
  state:
    description:
      - V(present) makes the group if it is missing, and changes what differs.
      - V(absent) removes it; its members stay. The device's own groups are never removed.
    type: str
    choices: [present, absent]
    default: present
  description:
    description:
      - A text about the group. It stays as it is when omitted. Blanks and line breaks around it do not count. DSM 7.1 does not
        keep it, which is an error there.
    type: str
  members:
    description:
      - The accounts in the group. They must be there.
      - Every account is in C(users) on Synology and in C(everyone) on QNAP, and none joins or leaves these.
    type: list
    elements: str
  append:
    description:
      - Whether accounts that O(members) does not name stay in the group.
      - With V(false) they leave it. The account that the run is logged in with and the last administrator never leave
        C(administrators).
    type: bool
    default: true
seealso:
  - module: nasops.nas.nas_user
  - module: nasops.nas.nas_share_permission
"""

EXAMPLES = r"""
- name: A group for the office
  nasops.nas.nas_group:
    name: office
    description: Everybody who works here

- name: Anna and Bert are among them
  nasops.nas.nas_group:
    name: office
    members: [anna, bert]

- name: These and nobody else
  nasops.nas.nas_group:
    name: office
    members: [anna]
    append: false

- name: The group is gone
  nasops.nas.nas_group:
    name: office
    state: absent
"""

RETURN = r"""
group:
  description: The group as it is then (in check mode, would be); null when there is none.
  type: dict
  returned: success
  contains:
    name:
      description: The name as the device writes it.
      type: str
    id:
      description: Its number; null for one that would be made, or where the device does not tell.
      type: int
    description:
      description: The text about it.
      type: str
    built_in:
      description: Whether it is one of the device's own, which cannot be removed.
      type: bool
    members:
      description: The accounts in it. Only where O(members) is given.
      type: list
      elements: str
  sample:
    name: office
    id: 65537
    description: Everybody who works here
    built_in: false
    members: [anna]
failure:
  description:
    - What went wrong. C(kind) is a word such as V(not_found), V(permission_denied), V(authentication), V(usage);
      C(vendor), C(call), C(code) and C(path) say where, by the names of the vendor's document; C(hint) says what to do.
  type: dict
  returned: on failure of a call or of the checks before
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Optional

from ..module_utils._api.capabilities.administration import Accounts
from ..module_utils._core.administration import Group, as_reported, name_of, require_name, same
from ..module_utils._core.errors import NasError, usage
from ..module_utils._delivery import accounts as _delivery
from ..module_utils._module.context import ModuleContext, Result
from ..module_utils._module.options import own_accounts
from ..module_utils._module.run import main as run_module
from ..module_utils._module.spec import Spec
from ..module_utils._plans.accounts import (
    Administrators,
    DesiredGroup,
    plan_group,
    require_group_allowed,
    require_known,
)

SPEC = Spec(
    options={
        "name": {"type": "str", "required": True},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "description": {"type": "str"},
        "members": {"type": "list", "elements": "str"},
        "append": {"type": "bool", "default": True},
    },
    needs=(Accounts,),
    by_state={"present": ("description", "members", "append"), "absent": ()},
    device_wide=True,
)


def run(context: ModuleContext) -> Result:
    """The result of the task."""
    desired = read_desired(context.params)
    accounts = context.client.accounts
    if desired.members:
        desired = with_known_members(context, accounts, desired)
    current, members = _delivery.read_group(accounts, desired)
    if desired.state == "present" and current is None:
        require_name("name", desired.name)
        accounts.check_name(desired.name)
    plan = plan_group(desired, current, members)
    administrators = Administrators(accounts.administrators)
    if plan.has("leave") and same(desired.name, accounts.administrators):
        own = own_accounts(context.params)
        administrators = _delivery.administrators_of(accounts, own, date.today().isoformat())
    require_group_allowed(desired, plan, current, administrators, accounts.everybody)
    done = plan if context.check_mode or not plan.changed else _delivery.apply_group(accounts, desired, plan)
    return context.finish(plan, [desired.name], group=shown(done.group, done.members))


def read_desired(params: Mapping[str, Any]) -> DesiredGroup:
    """The options, checked before any call.

    :raises NasError: `USAGE`.
    """
    if not params["name"].strip():
        raise usage(f"option name: {params['name']!r} is no name", hint="Give the name of a group")
    if params["state"] == "absent":
        return DesiredGroup(params["name"], "absent")
    members = None if params["members"] is None else tuple(params["members"])
    if members is None and not params["append"]:
        raise usage("option append: false removes who is not in members", hint="Give members beside it")
    return DesiredGroup(params["name"], "present", as_reported(params["description"]), members, params["append"])


def with_known_members(context: ModuleContext, accounts: Accounts, desired: DesiredGroup) -> DesiredGroup:
    """The same with its members as the device writes them.

    In check mode one that is missing may be made by a task before this one.

    :raises NasError: `NOT_FOUND`.
    """
    there = [name_of(user) for user in accounts.users()]
    known: list[str] = []
    for name in desired.members or ():
        try:
            known += require_known([name], there, "account", "members")
        except NasError:
            if not context.check_mode:
                raise
            context.not_yet(f"account {name}")
            known.append(name)
    return replace(desired, members=tuple(dict.fromkeys(known)))


def shown(group: Optional[Group], members: Optional[Sequence[str]]) -> Optional[dict[str, Any]]:
    """A group as a result has it."""
    if group is None:
        return None
    return {**group.as_result(), **({} if members is None else {"members": sorted(members)})}


def main() -> None:
    """Run as a module that was shipped to a host."""
    run_module(SPEC, run)


if __name__ == "__main__":
    main()
