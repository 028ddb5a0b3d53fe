# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Accounts and groups written, one step after the other, and what became of it proved by reading."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, Optional

from .._api import lost_answers
from .._api.capabilities.administration import Accounts
from .._core.administration import Account, GoneError, Group, is_among, name_of, named, renamed_or, same
from .._core.errors import Kind, NasError, usage
from .._plans import accounts as _plans
from .._plans.accounts import Administrators, DesiredGroup, DesiredUser, GroupPlan, UserPlan
from .._plans.plan import Step
from . import proof

_NAME = "Perhaps the device does not take the name"
_PASSWORD = f"{_NAME}, or the password does not keep its rules for passwords"


def read_user(accounts: Accounts, desired: DesiredUser) -> tuple[Optional[Account], list[str]]:
    """The account that a task is about, with its details, and which of the groups that matter it is in."""
    return proof.agreed(lambda: _read_user(accounts, desired))


def _read_user(accounts: Accounts, desired: DesiredUser) -> tuple[Optional[Account], list[str]]:
    users = accounts.users()
    found = renamed_or(users, desired.name, desired.values.new_name, "an account")
    if found is None:
        return None, []
    groups: list[str] = []
    if desired.groups is not None:
        wanted = [group for group in desired.groups if not same(group, accounts.everybody)]
        groups = accounts.groups_of(found.name, wanted if desired.append else None)
        others = [] if desired.append else groups
        groups = [one for one in groups if is_among(one, (*wanted, *others)) and one != accounts.everybody]
    return accounts.details(found), groups


def read_group(accounts: Accounts, desired: DesiredGroup) -> tuple[Optional[Group], list[str]]:
    """The group that a task is about, and its members where they matter."""

    def read() -> tuple[Optional[Group], list[str]]:
        found = named(accounts.groups(), desired.name)
        return found, accounts.members(found.name) if found is not None and desired.members is not None else []

    return proof.agreed(read)


def require_known_own(own: Sequence[str]) -> None:
    """Make sure that it is known which account the run is logged in with.

    :raises NasError: `USAGE`.
    """
    if not own:
        hint = "Set username (nas_username or ansible_user) to the account that the session is of"
        raise usage("it is not known which account this run is logged in with", hint=hint)


def administrators_of(accounts: Accounts, own: Sequence[str], today: str) -> Administrators:
    """Who may administer the device.

    :param own: the account of the run; several where it may be one or the other.
    :param today: `YYYY-MM-DD`; whose last day was before is none.
    :raises NasError: `USAGE` where that is not known, as it might be the one that is to lose its rights.
    """
    require_known_own(own)

    def read() -> list[Account]:
        users = accounts.users()
        members = [named(users, name) for name in accounts.members(accounts.administrators)]
        return [accounts.details(user) for user in members if user is not None]

    active = [user for user in proof.agreed(read) if not user.disabled and (user.expires or today) >= today]
    lasting = tuple(user.name for user in active if not user.expires)
    return Administrators(accounts.administrators, tuple(user.name for user in active), tuple(own), lasting)


def apply_user(accounts: Accounts, desired: DesiredUser, plan: UserPlan) -> UserPlan:
    """Carry a plan out, and return one in which nothing is left to do.

    :raises NasError: `MISMATCH` when something is.
    """
    what = f"account {desired.final_name!r}"

    def left() -> UserPlan:
        return _plans.plan_user(desired, *read_user(accounts, desired), accounts.everybody)

    def left_but_password() -> UserPlan:
        written = replace(desired, always=False)  # nobody can read it
        return _plans.plan_user(written, *read_user(accounts, desired), accounts.everybody)

    def carry_on(plan: UserPlan) -> None:
        proof.carry_out(plan, what, lambda step: _act_on_user(accounts, step, plan, desired), left)

    carry_on(plan)
    rest = proof.completed(plan, left_but_password, carry_on)
    proof.require_done(rest, what)
    return rest


def _act_on_user(accounts: Accounts, step: Step, plan: UserPlan, desired: DesiredUser) -> None:
    name, group = step.path, step.to or ""
    if step.do == _plans.CREATE:
        with contextlib.suppress(GoneError):
            accounts.create_user(name, plan.changes)
        _require_made(accounts.users(), name, "account", _PASSWORD)
    elif step.do == _plans.EDIT:
        accounts.edit_user(_there(accounts, name), plan.changes)
    elif step.do == _plans.PASSWORD:
        _set_password(accounts, name, desired.values.password or "")
    elif step.do == _plans.DELETE:
        accounts.delete_user(name)
    else:
        joins = step.do == _plans.JOIN
        accounts.change_members(group, [name] if joins else [], [] if joins else [name])


def apply_group(accounts: Accounts, desired: DesiredGroup, plan: GroupPlan) -> GroupPlan:
    """Carry a plan out, and return one in which nothing is left to do.

    :raises NasError: `MISMATCH` when something is.
    """
    what = f"group {desired.name!r}"

    def left() -> GroupPlan:
        return _plans.plan_group(desired, *read_group(accounts, desired))

    def carry_on(plan: GroupPlan) -> None:
        members = [step for step in plan.steps if step.do in (_plans.JOIN, _plans.LEAVE)]
        others = [step for step in plan.steps if step not in members]
        every = GroupPlan((*others, *members[:1]))  # one call changes all members
        proof.carry_out(every, what, lambda step: _act_on_group(accounts, step, plan, desired), left)

    carry_on(plan)
    rest = proof.completed(plan, left, carry_on)
    proof.require_done(rest, what)
    return rest


def _act_on_group(accounts: Accounts, step: Step, plan: GroupPlan, desired: DesiredGroup) -> None:
    if step.do == _plans.CREATE:
        accounts.create_group(step.path, desired.description or "")
        _require_made(accounts.groups(), step.path, "group", _NAME)
    elif step.do == _plans.EDIT:
        accounts.edit_group(Group(step.path), desired.description or "")
    elif step.do == _plans.DELETE:
        accounts.delete_group(step.path)
    else:
        accounts.change_members(step.to or "", plan.paths(_plans.JOIN), plan.paths(_plans.LEAVE))


def _set_password(accounts: Accounts, name: str, password: str) -> None:
    """Give an account its password. Where the answer is lost, nothing tells which one it has."""
    try:
        accounts.set_password(name, password)
    except NasError as error:
        if lost_answers.is_lost(error):
            unsure = f"The account {name!r} may have the new password by now: run the task again to be sure"
            error.hint = ". ".join(filter(None, (error.hint, unsure)))
        raise


def _require_made(there: Iterable[Any], name: str, what: str, hint: str) -> None:
    """Make sure that there is what was made, before more is done about it: some devices do not tell of a refusal.

    :raises NasError: `MISMATCH`.
    """
    if not any(name_of(one) == name for one in there):
        message = f"the device reported success, but made no {what} {name!r}, and does not say why"
        raise NasError(Kind.MISMATCH, message, hint=hint)


def _there(accounts: Accounts, name: str) -> Account:
    found = named(accounts.users(), name)
    if found is None:
        raise NasError(Kind.NOT_FOUND, f"the account {name!r} is gone", hint="Run the task again")
    return accounts.details(found)
