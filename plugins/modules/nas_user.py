#!/usr/bin/python
# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: nas_user
version_added: 1.0.0
short_description: Make, change and remove local accounts of a NAS
description:
  - Makes sure that a local account exists, with a certain description, mail address and groups, or that it is gone.
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
      - The name of the account. Case does not tell accounts apart; one that is there keeps the case of its name.
    type: str
    required: true
  state:
    description:
      - V(present) makes the account if it is missing, and changes what differs.
      - V(absent) removes it; its home folder stays. The account that the run is logged in with, the last administrator and
        the device's own accounts are never removed.
    type: str
    choices: [present, absent]
    default: present
  password:
    description:
      - The password of the account. A new account needs one. No result, diff or error shows it.
      - This is not the password that the run logs in with; see O(login_password).
      - A default of C(password) for all modules (C(group/nasops.nas.nas)) is taken for O(login_password).
    type: str
  update_password:
    description:
      - V(on_create) sets O(password) for a new account only.
      - V(always) writes it at each run and then reports a change, because nobody can read the old one.
    type: str
    choices: [always, on_create]
    default: on_create
  description:
    description:
      - A text about the account. It stays as it is when omitted. Blanks and line breaks around it do not count.
    type: str
  email:
    description:
      - The mail address. It stays as it is when omitted.
    type: str
  disabled:
    description:
      - Whether the account is switched off. It stays as it is when omitted; a new one is on.
      - Synology has one setting for this and for O(expires), so an account that is switched off loses its last day.
    type: bool
  expires:
    description:
      - The last day of the account as C(YYYY-MM-DD), or V(never).
      - Offered by Synology.
    type: str
  groups:
    description:
      - The groups that the account is in. They must be there. The group of all accounts (C(users) on Synology, C(everyone) on
        QNAP) need not be named.
    type: list
    elements: str
  append:
    description:
      - Whether the account stays in groups that O(groups) does not name.
    type: bool
    default: true
  new_name:
    description:
      - Another name for the account. Where there is no account O(name) but one of this name, that is the one.
      - Offered by Synology.
    type: str
  login_password:
    description:
      - The password of the account that the run logs in with, which other modules call O(nasops.nas.nas_info#module:password).
      - As a host variable C(nas_password), else C(ansible_password).
    type: str
seealso:
  - module: nasops.nas.nas_group
  - module: nasops.nas.nas_share_permission
"""

EXAMPLES = r"""
- name: An account for a new colleague
  nasops.nas.nas_user:
    name: anna
    password: "{{ vault_anna_password }}"
    description: Anna Example
    email: anna@example.com
    groups: [office]

- name: A new password, whatever the old one is
  nasops.nas.nas_user:
    name: anna
    password: "{{ vault_anna_password }}"
    update_password: always

- name: She is away for a year, and nobody logs in for her
  nasops.nas.nas_user:
    name: anna
    disabled: true

- name: Who has left is gone
  nasops.nas.nas_user:
    name: bert
    state: absent
"""

RETURN = r"""
user:
  description: The account as it is then (in check mode, would be); null when there is none.
  type: dict
  returned: success
  contains:
    name:
      description: The name as the device writes it.
      type: str
    id:
      description: Its number; null for one that would be made.
      type: int
    description:
      description: The text about it.
      type: str
    email:
      description: The mail address.
      type: str
    disabled:
      description: Whether it is switched off.
      type: bool
    expires:
      description: Its last day; null for none.
      type: str
    built_in:
      description: Whether it is one of the device's own, which cannot be removed.
      type: bool
    groups:
      description:
        - Those of O(groups) that it is in; all of them with O(append=false). Only where O(groups) is given. The group of all
          accounts is left out.
      type: list
      elements: str
  sample:
    name: anna
    id: 1027
    description: Anna Example
    email: anna@example.com
    disabled: false
    expires: null
    built_in: false
failure:
  description:
    - What went wrong. C(kind) is a word such as V(not_found), V(permission_denied), V(authentication), V(usage);
      C(vendor), C(call), C(code) and C(path) say where, by the names of the vendor's document; C(hint) says what to do.
  type: dict
  returned: on failure of a call or of the checks before
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Optional

from ..module_utils import _vendors
from ..module_utils._api.capabilities.administration import Accounts
from ..module_utils._core.administration import (
    NO_END,
    Account,
    AccountValues,
    as_reported,
    is_among,
    name_of,
    require_name,
)
from ..module_utils._core.errors import NasError, usage
from ..module_utils._delivery import accounts as _delivery
from ..module_utils._module.context import ModuleContext, Result
from ..module_utils._module.options import own_accounts
from ..module_utils._module.run import main as run_module
from ..module_utils._module.spec import Spec
from ..module_utils._plans.accounts import (
    DesiredUser,
    is_dangerous,
    plan_user,
    require_known,
    require_user_allowed,
)

VALUES = ("description", "email", "disabled", "expires", "new_name")

SPEC = Spec(
    options={
        "name": {"type": "str", "required": True},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "password": {"type": "str", "no_log": True},
        "update_password": {
            "type": "str",
            "choices": ["always", "on_create"],
            "default": "on_create",
            "no_log": False,
        },
        "description": {"type": "str"},
        "email": {"type": "str"},
        "disabled": {"type": "bool"},
        "expires": {"type": "str"},
        "groups": {"type": "list", "elements": "str"},
        "append": {"type": "bool", "default": True},
        "new_name": {"type": "str"},
    },
    needs=(Accounts,),
    by_state={"present": (*VALUES, "password", "update_password", "groups", "append"), "absent": ()},
    device_wide=True,
)
NEVER = "never"
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def run(context: ModuleContext) -> Result:
    """The result of the task."""
    desired = read_desired(context.params)
    accounts = context.client.accounts
    if desired.groups:
        desired = with_known_groups(context, accounts, desired)
    current, groups = _delivery.read_user(accounts, desired)
    if current is None and desired.state == "present" and not desired.values.password and context.check_mode:
        context.not_yet(f"account {desired.name}")
        current = Account(desired.name, description="", email="", disabled=False, expires=NO_END)
    if desired.state == "present":
        check_new(accounts, desired, current)
    plan = plan_user(desired, current, groups, accounts.everybody)
    if current is not None:
        accounts.check_edit(current, plan.changes)
    own = own_accounts(context.params)
    if current is not None and is_dangerous(plan):
        today = date.today().isoformat()
        administrators = _delivery.administrators_of(accounts, own, today)
        require_user_allowed(plan, current, administrators, today)
    done = plan if context.check_mode or not plan.changed else _delivery.apply_user(accounts, desired, plan)
    if current is not None and is_among(current.name, own) and "password" in plan.after:
        context.warnings.append(
            f"{current.name!r}, as whom this run is logged in, has another password for the next run"
        )
    return context.finish(plan, [desired.name], user=shown(done.account, done.groups))


def read_desired(params: Mapping[str, Any]) -> DesiredUser:
    """The options, checked before any call.

    :raises NasError: `USAGE`, and `UNSUPPORTED` for what the vendor does not take.
    """
    for option in ("name", "new_name"):
        if params[option] is not None and not params[option].strip():
            raise usage(f"option {option}: {params[option]!r} is no name", hint="Give the name of an account")
    if params["state"] == "absent":
        return DesiredUser(params["name"], "absent")
    for option in VALUES:
        if params[option] is not None:
            _vendors.require_option(params["vendor"], "accounts", option)
    if params["password"] == "":
        raise usage("option password: the password is empty", hint="Set it to another one, or leave it out")
    always = params["update_password"] == "always"
    if always and params["password"] is None:
        raise usage("option update_password: there is no password to be set always", hint="Give password beside it")
    expires = None if params["expires"] is None else last_day(params["expires"])
    if params["disabled"] and expires:
        raise usage("options disabled and expires: a disabled account has no last day", hint="Remove one of them")
    values = AccountValues(
        as_reported(params["description"]),
        as_reported(params["email"]),
        params["disabled"],
        expires,
        params["new_name"],
        params["password"],
    )
    groups = None if params["groups"] is None else tuple(params["groups"])
    if groups is None and not params["append"]:
        raise usage("option append: false leaves groups that groups does not name", hint="Give groups beside it")
    return DesiredUser(params["name"], "present", values, always, groups, params["append"])


def last_day(text: str) -> str:
    """The last day of an account.

    :raises NasError: `USAGE`.
    """
    if text == NEVER:
        return NO_END
    try:
        if not _DAY.fullmatch(text):  # Python takes other forms too, from 3.11 on
            raise ValueError(text)
        return date.fromisoformat(text).isoformat()
    except ValueError:
        hint = "Give a day such as 2027-01-31, or never"
        raise usage(f"option expires: {text!r} is not a day", hint=hint) from None


def with_known_groups(context: ModuleContext, accounts: Accounts, desired: DesiredUser) -> DesiredUser:
    """The same with its groups as the device writes them.

    In check mode one that is missing may be made by a task before this one.

    :raises NasError: `NOT_FOUND`.
    """
    there = [name_of(group) for group in accounts.groups()]
    known: list[str] = []
    for name in desired.groups or ():
        try:
            known += require_known([name], there, "group", "groups")
        except NasError:
            if not context.check_mode:
                raise
            context.not_yet(f"group {name}")
            known.append(name)
    return DesiredUser(
        desired.name, desired.state, desired.values, desired.always, tuple(dict.fromkeys(known)), desired.append
    )


def check_new(accounts: Accounts, desired: DesiredUser, current: Optional[Account]) -> None:
    """Refuse a new name or a password that the device cannot be given, in check mode too."""
    if current is None or current.name != desired.final_name:
        require_name("name" if desired.values.new_name is None else "new_name", desired.final_name)
        accounts.check_name(desired.final_name)
    if desired.values.password is not None:
        accounts.check_password(desired.values.password)


def shown(user: Optional[Account], groups: Optional[Sequence[str]]) -> Optional[dict[str, Any]]:
    """An account as a result has it."""
    if user is None:
        return None
    return {**user.as_result(), **({} if groups is None else {"groups": sorted(groups)})}


def main() -> None:
    """Run as a module that was shipped to a host."""
    run_module(SPEC, run)


if __name__ == "__main__":
    main()
