# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What to do about the rights on a shared folder: from what is desired and what there is. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Optional

from .._core.administration import CUSTOM, DENY, GROUP, NO_RULE, USER, WORDS, Rule, is_among, same, unknown
from .._core.errors import Kind, NasError
from .._core.model import LOCAL
from .plan import Plan, Step

SET = "set"
MOST_REASONS = 3  # that a warning lists
OPTIONS = {USER: "users", GROUP: "groups"}


@dataclass(frozen=True)
class DesiredRules:
    """The rights on a shared folder as they shall be, by the names of accounts and groups.

    :ivar users: what accounts may do; None for whatever that is.
    :ivar groups: what groups may do; None likewise.
    :ivar purge: whether other rules of the types that are given go.
    :ivar force: whether rules that more than simple rights made are replaced.
    """

    share: str
    users: Optional[Mapping[str, str]] = None
    groups: Optional[Mapping[str, str]] = None
    purge: bool = False
    force: bool = False

    @property
    def types(self) -> tuple[str, ...]:
        """The types that are given."""
        return tuple(
            principal_type for principal_type, names in ((USER, self.users), (GROUP, self.groups)) if names is not None
        )

    def of(self, principal_type: str) -> Mapping[str, str]:
        """What is desired of accounts or of groups, by the names."""
        return (self.users if principal_type == USER else self.groups) or {}


@dataclass(frozen=True)
class RulesPlan(Plan):
    """What to do about the rights.

    :ivar rules: what to write.
    :ivar shown: all rules that matter as they will be.
    """

    rules: tuple[Rule, ...] = ()
    shown: tuple[Rule, ...] = ()


def known(desired: DesiredRules, there: Sequence[Rule]) -> tuple[dict[Rule, str], list[tuple[str, str]]]:
    """The access that is desired, by whom it is for; and the types and names that the device does not have.

    :param there: whom the device has, those of its own first.
    """
    found: dict[Rule, str] = {}
    missing: list[tuple[str, str]] = []
    for principal_type in desired.types:
        for name, access in desired.of(principal_type).items():
            found_here = [one for one in there if one.type == principal_type and same(one.name, name)]
            exact = [one for one in found_here if one.name == name]
            if found_here:
                found[(exact or found_here)[0]] = access
            else:
                missing.append((principal_type, name))
    return found, missing


def unknown_name(principal_type: str, name: str, there: Sequence[Rule]) -> NasError:
    """The error for a name that the device does not have."""
    return unknown(
        WORDS[principal_type], name, [one.name for one in there if one.type == principal_type], OPTIONS[principal_type]
    )


def plan_rules(desired: DesiredRules, wanted: Mapping[Rule, str], current: Sequence[Rule]) -> RulesPlan:
    """The steps to the desired rights.

    :param wanted: the access that is desired, by whom it is for.
    :param current: the rules of those, and where others go, of them too.
    :raises NasError: `USAGE` for a rule that simple rights cannot tell the whole of, without `force`.
    """
    by_who = {who.who: access for who, access in wanted.items()}
    changed: list[Rule] = []
    kept: list[Rule] = []
    for rule in current:
        access = by_who.get(rule.who)
        if access is None and desired.purge and rule.type in desired.types and not rule.administrator:
            access = NO_RULE
        if access is None or access == rule.access:
            kept.append(rule)
        else:
            changed.append(replace(rule, access=access, masked=False))
    if not desired.force:
        _require_simple(desired, changed, current)
    steps = tuple(Step(SET, f"{rule.type} {rule.name}", rule.access) for rule in changed)
    shown = tuple(rule for rule in [*kept, *changed] if rule.who in by_who or rule.access != NO_RULE)
    named = {rule.who for rule in changed} | {*by_who}
    before = [rule for rule in current if rule.who in named or rule.access != NO_RULE]
    return RulesPlan(steps, _diff_of(before), _diff_of(shown), tuple(changed), shown)


def narrowing(plan: RulesPlan) -> bool:
    """Whether a plan takes anything from anybody."""
    return any(rule.access in (DENY, NO_RULE) for rule in plan.rules)


def require_own_way_in(desired: DesiredRules, plan: RulesPlan, own: str, mine: Sequence[Rule]) -> None:
    """Refuse to keep the account of the run out of a shared folder.

    :param own: its name.
    :param mine: the rules of the account and of the groups that it is in, as they are.
    :raises NasError: `USAGE`.
    """
    changed = {rule.who: rule for rule in plan.rules}
    after = [changed.get(rule.who, rule) for rule in mine]
    lost = [rule for rule in after if rule.who in changed and rule.access in (DENY, NO_RULE)]
    denied = [rule for rule in lost if rule.access == DENY]
    for rule in denied or (lost if _let_in(mine) and not _let_in(after) else []):
        purged = not is_among(rule.name, desired.of(rule.type))
        what = f"{'purge' if purged else repr(rule.access)} for {WORDS[rule.type]} {rule.name!r}"
        message = f"this run is logged in as {own!r}, which {what} keeps out of {desired.share!r}"
        keep = f"name {rule.name!r} in {OPTIONS[rule.type]}" if purged else f"leave {rule.name!r} as it is"
        hint = f"Set force to true if that is meant, or {keep}"
        raise NasError(Kind.USAGE, message, hint=hint)


def half_truths(desired: DesiredRules, shown: Sequence[Rule], more: Sequence[str]) -> Optional[str]:
    """A warning where simple rights are not all that decides; None where they are.

    :param shown: the rules that matter as they are by now.
    :param more: what decides beside them, in words.
    """
    masked = [rule for rule in shown if rule.masked and is_among(rule.name, desired.of(rule.type))]
    reasons = [*more, *(f"the rule of {WORDS[rule.type]} {rule.name!r} is masked by another rule" for rule in masked)]
    if not reasons:
        return None
    others = f" and {len(reasons) - MOST_REASONS} more" if len(reasons) > MOST_REASONS else ""
    listed = f"{', '.join(reasons[:MOST_REASONS])}{others}"
    return f"{listed}, so that these simple rights are not all that decides in {desired.share!r}"


def _let_in(rules: Sequence[Rule]) -> bool:
    """Whether rules of an account and its groups give it access where administrators have none of their own."""
    accesses = {rule.access for rule in rules}
    return DENY not in accesses and bool(accesses - {NO_RULE})


def _require_simple(desired: DesiredRules, changed: Sequence[Rule], current: Sequence[Rule]) -> None:
    was = {rule.who: rule for rule in current}
    for rule in changed:
        old = was[rule.who]
        if old.access == CUSTOM or old.masked:
            what = "a Windows ACL made by hand" if old.access == CUSTOM else "masked by another rule"
            message = f"the rule of {WORDS[rule.type]} {rule.name!r} on {desired.share!r} is {what}"
            hint = f"Set force to true to replace it, or leave {rule.name!r} out of {OPTIONS[rule.type]}"
            raise NasError(Kind.USAGE, f"{message}, which {rule.access!r} would replace", hint=hint)


def _diff_of(rules: Sequence[Rule]) -> dict[str, Any]:
    """What a diff tells of rules."""
    values: dict[str, Any] = {}
    for rule in rules:
        name = rule.name if rule.source == LOCAL else f"{rule.name} ({rule.source})"
        values.setdefault(OPTIONS[rule.type], {})[name] = rule.access
    return values
