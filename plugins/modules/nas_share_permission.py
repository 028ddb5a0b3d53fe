#!/usr/bin/python
# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: nas_share_permission
version_added: 1.0.0
short_description: Manage what accounts and groups may do in a shared folder of a NAS
description:
  - Makes sure that accounts and groups may read or write in a shared folder, or may not.
  - Offered by QNAP and Synology. It rests on calls that no vendor documents, as they were observed on DSM 7.1, 7.2 and 7.3,
    and on QTS 5.1.9. What the module wrote it reads again; a device that reports success and did nothing is an error.
  - Needs the rights of an administrator.
  - These are the simple rights of the shared folder. Where they are not all that decides, a warning says so. On QNAP that is where
    the device has advanced permissions or Windows ACLs on. On Synology it is where somebody's rule in the shared folder was set by
    hand as a Windows ACL, or a rule of the task is masked by another one. Such rules are not replaced without O(force).
author:
  - The nasops.nas authors (@nasops)
extends_documentation_fragment:
  - nasops.nas.nas
  - nasops.nas.nas.attributes
options:
  share:
    description:
      - The shared folder, by its name or as a path such as V(/projects).
    type: str
    required: true
  users:
    description:
      - What accounts may do, by their names. V(read), V(write) (read too), V(deny) (neither, whatever a group allows) or
        V(none) (nothing is set, so that it is what groups allow).
      - The device must know all of them; no account is made. On Synology those of the LDAP directory that the device has joined
        can be named too, as the device lists them. A local account of the same name comes first.
    type: dict
  groups:
    description:
      - What groups may do, by their names, in the same words. On Synology those of the LDAP directory can be named too.
      - On Synology members of C(administrators) have access anyway; on QNAP rules count for them too.
    type: dict
  purge:
    description:
      - Whether to remove what is set for accounts that O(users) does not name, and for groups that O(groups) does not name. Where
        one of the two is not given, its kind is left alone.
      - The rules of administrators stay; on QNAP those of the group C(administrators) and of the account C(admin).
    type: bool
    default: false
  force:
    description:
      - Whether to replace what was set by hand as a Windows ACL, or is masked by another rule (Synology).
      - Also whether the account that the run is logged in with may lose its access to the shared folder, by V(deny) for itself
        or a group that it is in, or by V(none) or O(purge) where nothing else lets it in (QNAP, where rules count for
        administrators too).
    type: bool
    default: false
seealso:
  - module: nasops.nas.nas_shared_folder
  - module: nasops.nas.nas_user
  - module: nasops.nas.nas_group
"""

EXAMPLES = r"""
- name: The office writes, a guest reads
  nasops.nas.nas_share_permission:
    share: projects
    users:
      anna: read
    groups:
      office: write

- name: These groups and no others
  nasops.nas.nas_share_permission:
    share: projects
    groups:
      office: write
    purge: true

- name: Anna stays out, whatever her groups may do
  nasops.nas.nas_share_permission:
    share: projects
    users:
      anna: deny
"""

RETURN = r"""
share:
  description: The name of the shared folder as the device writes it.
  type: str
  returned: success
  sample: projects
permissions:
  description:
    - What is set for the accounts and groups of the task (in check mode, would be), and with O(purge) for all others of the
      kind that have something set.
  type: list
  elements: dict
  returned: success
  contains:
    kind:
      description: V(user) or V(group).
      type: str
    name:
      description: The name as the device writes it.
      type: str
    access:
      description:
        - V(read), V(write), V(deny), V(none), or V(custom) for a Windows ACL made by hand.
      type: str
    source:
      description: V(local), or V(ldap) for a name of a directory.
      type: str
    masked:
      description: Whether another rule of the device hides it (Synology).
      type: bool
    administrator:
      description: Whether it is an administrator's, so that O(purge) leaves it alone. On Synology it has access anyway.
      type: bool
  sample:
    - {kind: user, name: anna, access: read, source: local, masked: false, administrator: false}
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

from ..module_utils._api.capabilities.administration import Accounts, SharedFolders, SharePermissions
from ..module_utils._core.administration import (
    DENY,
    GROUP,
    NO_RULE,
    READ,
    USER,
    WORDS,
    WRITE,
    Rule,
    is_among,
    name_of,
    named,
    unknown,
)
from ..module_utils._core.errors import usage
from ..module_utils._delivery import accounts as _accounts
from ..module_utils._delivery import shared_folders as _delivery
from ..module_utils._module.context import ModuleContext, Result
from ..module_utils._module.options import own_accounts
from ..module_utils._module.run import main as run_module
from ..module_utils._module.spec import Spec
from ..module_utils._plans.share_permissions import (
    DesiredRules,
    RulesPlan,
    half_truths,
    known,
    narrowing,
    plan_rules,
    require_own_way_in,
    unknown_name,
)

SPEC = Spec(
    options={
        "share": {"type": "str", "required": True},
        "users": {"type": "dict"},
        "groups": {"type": "dict"},
        "purge": {"type": "bool", "default": False},
        "force": {"type": "bool", "default": False},
    },
    rules={"required_one_of": [("users", "groups")]},
    needs=(SharePermissions, SharedFolders, Accounts),
    paths=("share",),
    device_wide=True,
)
ACCESS = (READ, WRITE, DENY, NO_RULE)


def run(context: ModuleContext) -> Result:
    """The result of the task."""
    desired = read_desired(context.params)
    client = context.client
    permissions = client.share_permissions
    there = client.shared_folders.list()
    folder = named(there, desired.share)
    if folder is None and not context.check_mode:
        raise unknown("shared folder", desired.share, map(name_of, there), "share")
    if folder is None:
        context.not_yet(f"/{desired.share}")
        principals = local_names(client.accounts, desired)
    else:
        desired = replace(desired, share=folder.name)
        principals = find_principals(permissions, desired)
    wanted, missing = known(desired, principals)
    for principal_type, name in missing:
        if not context.check_mode:
            raise unknown_name(principal_type, name, principals)
        context.not_yet(f"{WORDS[principal_type]} {name}")
        wanted[Rule(principal_type, name)] = desired.of(principal_type)[name]
    asked = [*wanted, *(one for one in principals if desired.purge and one not in wanted)]
    asked = [one for one in asked if one in principals]
    current = permissions.rules(desired.share, asked) if asked and folder is not None else [*asked]
    current += [who for who in wanted if who not in principals]
    plan = plan_rules(desired, wanted, current)
    if narrowing(plan) and not desired.force and not permissions.features.administrators_pass:
        require_way_in(context, desired, plan)
    shown = plan.shown
    if plan.changed and not context.check_mode:
        shown = _delivery.apply_rules(permissions, desired, wanted, plan, asked).shown
    if folder is not None:
        now = {rule.who: rule for rule in (*principals, *plan.rules, *shown)}
        warning = half_truths(desired, shown, permissions.more_rules(desired.share, [*now.values()]))
        context.warnings += [] if warning is None else [warning]
    rules = [rule.as_result() for rule in sorted(shown, key=lambda rule: rule.who)]
    return context.finish(plan, [f"/{desired.share}"], share=desired.share, permissions=rules)


def read_desired(params: Mapping[str, Any]) -> DesiredRules:
    """The options, checked before any call.

    :raises NasError: `USAGE`.
    """
    share = params["share"].strip("/")
    if not share or "/" in share:
        hint = "Give the name of a shared folder, such as projects: rights of folders in it are not offered"
        raise usage(f"option share: {params['share']!r} is no shared folder", hint=hint)
    return DesiredRules(
        share, _read_access(params, "users"), _read_access(params, "groups"), params["purge"], params["force"]
    )


def _read_access(params: Mapping[str, Any], option: str) -> Optional[dict[str, str]]:
    """What an option wants of whom; YAML reads `none` as a text, and nothing at all as null."""
    given: Optional[Mapping[str, Any]] = params[option]
    if given is None:
        return None
    names: dict[str, str] = {}
    for key, access in given.items():
        name = str(key) if isinstance(key, int) and not isinstance(key, bool) else key  # YAML reads 2024 as a number
        if not isinstance(access, str) or access not in ACCESS:
            hint = f"Give one of {', '.join(ACCESS)}"
            raise usage(f"option {option}: {name!r} has {access!r}, which is no access", hint=hint)
        if not isinstance(name, str) or not name.strip():
            raise usage(f"option {option}: {name!r} is no name", hint="Give the name of an account or group")
        if is_among(name, names):
            raise usage(
                f"option {option}: {name!r} is there twice", hint="Name each once; case does not tell them apart"
            )
        names[name] = access
    return names


def require_way_in(context: ModuleContext, desired: DesiredRules, plan: RulesPlan) -> None:
    """Refuse to take the access of the account of the run to the shared folder.

    :raises NasError: `USAGE`.
    """
    own, accounts, permissions = own_accounts(context.params), context.client.accounts, context.client.share_permissions
    _accounts.require_known_own(own)
    users = accounts.users()
    for name in own:
        user = named(users, name)
        groups = [*([] if user is None else accounts.groups_of(user.name)), accounts.everybody]
        principals = permissions.principals(desired.share, (USER, GROUP))
        mine = [one for one in principals if is_among(one.name, [name] if one.type == USER else groups)]
        require_own_way_in(desired, plan, name, permissions.rules(desired.share, mine))


def find_principals(permissions: SharePermissions, desired: DesiredRules) -> list[Rule]:
    """All that rules can name, of the kinds that are given: of a directory where the device itself lacks a name."""
    principals = permissions.principals(desired.share, desired.types)
    for directory in permissions.features.directories:
        if desired.purge or known(desired, principals)[1]:
            principals += permissions.principals(desired.share, desired.types, directory)
    return principals


def local_names(accounts: Accounts, desired: DesiredRules) -> list[Rule]:
    """Whom rules of a shared folder that is yet to be made can name, of the kinds that are given."""
    users = accounts.users() if desired.users is not None else []
    groups = accounts.groups() if desired.groups is not None else []
    return [*(Rule(USER, user.name) for user in users), *(Rule(GROUP, group.name) for group in groups)]


def main() -> None:
    """Run as a module that was shipped to a host."""
    run_module(SPEC, run)


if __name__ == "__main__":
    main()
