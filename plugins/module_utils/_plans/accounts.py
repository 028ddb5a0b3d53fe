# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What to do about a local account or group: from what is desired and what there is. Pure functions; no calls here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Optional

from .._core.administration import NO_END, Account, AccountValues, Group, is_among, key_of, same, unknown
from .._core.errors import Kind, NasError, usage
from .plan import Plan, Step

CREATE = "create"
EDIT = "edit"
PASSWORD = "password"
JOIN = "join"
LEAVE = "leave"
DELETE = "delete"
NOTHING = AccountValues()


@dataclass(frozen=True)
class DesiredUser:
    """An account as it shall be.

    :ivar always: whether the password is written though nobody can read what it is.
    :ivar groups: those that it is in; None for whichever they are.
    :ivar append: whether it stays in others.
    """

    name: str
    state: str = "present"
    values: AccountValues = NOTHING
    always: bool = False
    groups: Optional[tuple[str, ...]] = None
    append: bool = True

    @property
    def final_name(self) -> str:
        """Its name in the end."""
        return self.values.new_name or self.name


@dataclass(frozen=True)
class Administrators:
    """Who may administer the device, as far as it matters.

    :ivar group: the name of their group.
    :ivar active: its members that are neither switched off nor past their last day.
    :ivar lasting: those of them that have no last day.
    :ivar own: the account that the run is logged in with; several where it may be one or the other.
    """

    group: str
    active: tuple[str, ...] = ()
    own: tuple[str, ...] = ()
    lasting: tuple[str, ...] = ()

    def require_others(self, name: str, what: str) -> None:
        """Refuse what would take an account's rights to administer the device.

        :param what: the change, as in `remove the account 'x'`.
        :raises NasError: for the account of the run, and for the last administrator.
        """
        if is_among(name, self.own):
            hint = "Log in (username, nas_username or ansible_user) as another administrator for that"
            raise usage(f"this run is logged in as {name!r}, and would {what}", hint=hint)
        if any(same(name, one) for one in self.active) and len(self.active) == 1:
            hint = f"Put another account that is in use into the group {self.group} first"
            raise usage(f"{name!r} is the last administrator, and the task would {what}", hint=hint)

    def require_lasting(self, name: str, day: str) -> None:
        """Refuse a last day for the last administrator without one.

        :raises NasError: `USAGE`.
        """
        if is_among(name, self.lasting) and len(self.lasting) == 1:
            hint = f"Put another account that has no last day into the group {self.group} first, or leave expires out"
            message = f"{name!r} is the last administrator without a last day, and the task would end the account"
            raise usage(f"{message} on {day}", hint=hint)


@dataclass(frozen=True)
class UserPlan(Plan):
    """What to do about an account.

    :ivar changes: what of it to write.
    :ivar account: the account as it will be; None for none.
    :ivar groups: those that it will be in; None where they do not matter.
    """

    changes: AccountValues = NOTHING
    account: Optional[Account] = None
    groups: Optional[tuple[str, ...]] = None


@dataclass(frozen=True)
class GroupPlan(Plan):
    """What to do about a group.

    :ivar group: the group as it will be; None for none.
    :ivar members: those that it will have; None where they do not matter.
    """

    group: Optional[Group] = None
    members: Optional[tuple[str, ...]] = None


def plan_user(desired: DesiredUser, current: Optional[Account], groups: Sequence[str], everybody: str) -> UserPlan:
    """The steps to a desired account.

    :param current: the account that there is, with its details.
    :param groups: those that it is in; only what `desired` names matters.
    :param everybody: the group that nobody joins or leaves.
    :raises NasError: `USAGE` for what cannot be.
    """
    if desired.state == "absent":
        gone = (Step(DELETE, current.name),) if current else ()
        return UserPlan(gone, _diff_of(current, None), {"state": "absent"})
    if current is None:
        return _new_user(desired, everybody)
    changes = _changes(desired, current)
    after = _after(current, changes)
    steps: tuple[Step, ...] = (Step(EDIT, current.name, changes.new_name),) if changes != NOTHING else ()
    if desired.always and desired.values.password is not None:
        steps += (Step(PASSWORD, after.name),)
    join, leave = _moves(desired, groups, everybody)
    steps += tuple(Step(JOIN, after.name, group) for group in join)
    steps += tuple(Step(LEAVE, after.name, group) for group in leave)
    then = sorted({*groups, *join} - {*leave})
    shown, shown_after = (sorted(groups), then) if desired.groups is not None else (None, None)
    diff_before, diff_after = _diff_of(current, shown), _diff_of(after, shown_after)
    if any(step.do == PASSWORD for step in steps):
        diff_before = {**diff_before, "password": "(not shown)"}
        diff_after = {**diff_after, "password": "(not shown, changed)"}
    return UserPlan(steps, diff_before, diff_after, changes, after, None if desired.groups is None else tuple(then))


def _new_user(desired: DesiredUser, everybody: str) -> UserPlan:
    if not desired.values.password:
        hint = "Set password to the one that it shall have; update_password: on_create leaves those of others alone"
        raise usage(f"there is no account {desired.name!r}, and a new one needs a password", hint=hint)
    name = desired.final_name
    changes = replace(desired.values, new_name=None)
    join = [group for group in desired.groups or () if not same(group, everybody)]
    account = Account(
        name,
        description=changes.description or "",
        email=changes.email or "",
        disabled=bool(changes.disabled),
        expires=changes.expires or NO_END,
    )
    steps = (Step(CREATE, name), *(Step(JOIN, name, group) for group in join))
    groups = None if desired.groups is None else tuple(sorted(join))
    after = {**_diff_of(account, groups), "password": "(not shown)"}
    return UserPlan(steps, {"state": "absent"}, after, changes, account, groups)


def _changes(desired: DesiredUser, current: Account) -> AccountValues:
    """What of the account to write; the password is a step of its own."""
    values = desired.values
    off, ends = values.disabled, values.expires
    if ends and off is None and current.disabled:
        hint = "Set disabled to false as well, which turns it on until then, or leave expires out"
        raise usage(f"{current.name!r} is disabled, and a disabled account has no last day", hint=hint)
    return AccountValues(
        description=_new(values.description, current.description),
        email=_new(values.email, current.email),
        disabled=_new(off, current.disabled),
        expires=_new(ends, current.expires),
        new_name=_new(values.new_name, current.name),
    )


def _new(desired: Any, current: Any) -> Any:
    """What is desired, unless it is so. A text that a device does not tell is an empty one."""
    return None if desired == current or (desired == "" and current is None) else desired


def _after(current: Account, changes: AccountValues) -> Account:
    name = changes.new_name or current.name
    values = {
        key: value
        for key in ("description", "email", "disabled", "expires")
        if (value := getattr(changes, key)) is not None
    }
    if values.get("disabled") and current.expires:
        values["expires"] = NO_END
    return replace(current, name=name, **values)


def _moves(desired: DesiredUser, groups: Sequence[str], everybody: str) -> tuple[list[str], list[str]]:
    """The groups to join and those to leave."""
    if desired.groups is None:
        return [], []
    join = [group for group in desired.groups if not is_among(group, (*groups, everybody))]
    leave = [] if desired.append else [group for group in groups if not is_among(group, (*desired.groups, everybody))]
    return join, leave


def require_user_allowed(
    plan: UserPlan, current: Optional[Account], administrators: Administrators, today: str
) -> None:
    """Refuse a plan that removes what the device needs, or locks the run or the last administrator out.

    :param today: `YYYY-MM-DD`.
    :raises NasError: `USAGE`, `PERMISSION_DENIED`.
    """
    if current is None:
        return
    name, changes = current.name, plan.changes
    if plan.has(DELETE):
        if current.built_in:
            message = f"the account {name!r} is the device's own, which cannot be removed"
            whose = "As another administrator, set" if is_among(name, administrators.own) else "Set"
            raise NasError(Kind.PERMISSION_DENIED, message, hint=f"{whose} disabled to true to switch it off")
        administrators.require_others(name, f"remove the account {name!r}")
    if changes.disabled:
        administrators.require_others(name, f"disable the account {name!r}")
    if changes.expires and changes.expires < today:
        administrators.require_others(name, f"end the account {name!r}, whose last day would be {changes.expires}")
    if changes.expires:
        administrators.require_lasting(name, changes.expires)
    if any(step.do == LEAVE and same(step.to or "", administrators.group) for step in plan.steps):
        administrators.require_others(name, f"take {name!r} out of the group {administrators.group}")
    if changes.new_name and current.built_in:
        raise NasError(Kind.PERMISSION_DENIED, f"the account {name!r} is the device's own, which keeps its name")
    if changes.new_name and is_among(name, administrators.own):
        hint = "Log in (username, nas_username or ansible_user) as another administrator for that"
        raise usage(f"this run is logged in as {name!r}, and would give the account another name", hint=hint)


def is_dangerous(plan: UserPlan) -> bool:
    """Whether it matters who may administer the device."""
    changes = plan.changes
    risky = plan.has(DELETE) or plan.has(LEAVE)
    return plan.changed and (risky or bool(changes.disabled or changes.expires or changes.new_name))


def require_known(names: Iterable[str], there: Sequence[str], what: str, option: str) -> list[str]:
    """The names as the device writes them.

    :param what: what they are, such as `group`.
    :raises NasError: `NOT_FOUND` for one that the device does not have.
    """
    written = {key_of(one): one for one in there}
    for name in names:
        if key_of(name) not in written:
            raise unknown(what, name, there, option)
    return list(dict.fromkeys(written[key_of(name)] for name in names))


@dataclass(frozen=True)
class DesiredGroup:
    """A group as it shall be.

    :ivar members: the accounts in it; None for whichever they are.
    :ivar append: whether others stay in it.
    """

    name: str
    state: str = "present"
    description: Optional[str] = None
    members: Optional[tuple[str, ...]] = None
    append: bool = True


def plan_group(desired: DesiredGroup, current: Optional[Group], members: Sequence[str]) -> GroupPlan:
    """The steps to a desired group.

    :param members: the accounts that are in it; only where `desired` has members.
    """
    listed = sorted(members) if desired.members is not None else None
    if desired.state == "absent":
        gone = (Step(DELETE, current.name),) if current else ()
        return GroupPlan(gone, _group_diff_of(current, None), {"state": "absent"})
    steps: tuple[Step, ...] = ()
    name = desired.name if current is None else current.name
    after = Group(name, description=desired.description or "") if current is None else current
    if current is None:
        steps += (Step(CREATE, name),)
    elif desired.description is not None and desired.description != (current.description or ""):
        steps += (Step(EDIT, name),)
        after = replace(current, description=desired.description)
    if desired.members is not None:
        join = [one for one in desired.members if not is_among(one, members)]
        leave = [] if desired.append else [one for one in members if not is_among(one, desired.members)]
        steps += tuple(Step(JOIN, one, name) for one in join) + tuple(Step(LEAVE, one, name) for one in leave)
        then: Optional[tuple[str, ...]] = tuple(sorted({*members, *join} - {*leave}))
    else:
        then = None
    return GroupPlan(steps, _group_diff_of(current, listed), _group_diff_of(after, then), after, then)


def require_group_allowed(
    desired: DesiredGroup, plan: Plan, current: Optional[Group], administrators: Administrators, everybody: str
) -> None:
    """Refuse a plan that removes what the device needs, or locks the run or the last administrator out.

    :raises NasError: `USAGE`, `PERMISSION_DENIED`.
    """
    if plan.has(DELETE) and current is not None and current.built_in:
        message = f"the group {current.name!r} is the device's own, which cannot be removed"
        raise NasError(Kind.PERMISSION_DENIED, message, hint="Choose another name")
    if same(desired.name, everybody) and (plan.has(JOIN) or plan.has(LEAVE)):
        hint = "Leave members out"
        raise usage(f"every account is in the group {everybody!r}, and none joins or leaves it", hint=hint)
    if same(desired.name, administrators.group):
        left = administrators
        for name in plan.paths(LEAVE):
            left.require_others(name, f"take {name!r} out of the group {administrators.group}")
            left = replace(left, active=tuple(one for one in left.active if not same(one, name)))


def _diff_of(account: Optional[Account], groups: Optional[Sequence[str]]) -> dict[str, Any]:
    """What a diff tells of an account."""
    if account is None:
        return {"state": "absent"}
    values: dict[str, Any] = {"state": "present", "name": account.name}
    for key in ("description", "email", "disabled", "expires"):
        value = getattr(account, key)
        if value is not None:
            values[key] = (value or "never") if key == "expires" else value
    return values if groups is None else {**values, "groups": list(groups)}


def _group_diff_of(group: Optional[Group], members: Optional[Sequence[str]]) -> dict[str, Any]:
    if group is None:
        return {"state": "absent"}
    values: dict[str, Any] = {"state": "present", "name": group.name}
    if group.description is not None:
        values["description"] = group.description
    return values if members is None else {**values, "members": list(members)}
