# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may do what in which share.

A rule belongs to one share and one principal (a user or a group, local or of a directory). An account has what its own
rule and those of its groups say together: deny before write before read before nothing. A rule made by hand as a
Windows ACL (`custom`) gives what its flags say. Administrators have access anyway.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextvars import ContextVar
from dataclasses import dataclass, replace

from .people import People

READ_WRITE, READ_ONLY, NO_ACCESS, CUSTOM, NOTHING = "rw", "ro", "na", "cu", "-"
LOCAL_USER, LOCAL_GROUP = "local_user", "local_group"

acting: ContextVar[str | None] = ContextVar("acting", default=None)
"""The account that the work at hand is done for; None: an administrator, or the device itself."""


@dataclass(frozen=True)
class Rule:
    """The flags of one rule as the device tells them."""

    readonly: bool = False
    writable: bool = False
    deny: bool = False
    custom: bool = False
    mask: bool = False

    def describe(self) -> dict[str, bool]:
        return {
            "is_custom": self.custom,
            "is_deny": self.deny,
            "is_mask": self.mask,
            "is_readonly": self.readonly,
            "is_writable": self.writable,
        }


NO_RULE = Rule()


class Rights:
    """The rules of all shares: {share: {(principal_type, principal): rule}}."""

    def __init__(self, people: People) -> None:
        self.people = people
        self.rules: dict[str, dict[tuple[str, str], Rule]] = {}

    def rule(self, share: str, principal_type: str, name: str) -> Rule:
        return self.rules.get(share, {}).get((principal_type, name), NO_RULE)

    def put(self, share: str, principal_type: str, name: str, rule: Rule) -> None:
        """A principal's rule, in the place of the one it had; the others stay."""
        rows = self.rules.setdefault(share, {})
        if rule == NO_RULE:
            rows.pop((principal_type, name), None)
        else:
            rows[(principal_type, name)] = rule

    def inherited(self, share: str, user: str) -> str:
        """What an account's groups give it, in the device's word."""
        return _together(self.rule(share, LOCAL_GROUP, group) for group in self.people.groups_of(user))

    def of(self, share: str, user: str) -> str:
        """What an account may do: `rw`, `ro`, or `na`."""
        groups = self.people.groups_of(user)
        if self.people.is_administrator(user):
            return READ_WRITE
        rules = [self.rule(share, LOCAL_USER, user), *(self.rule(share, LOCAL_GROUP, group) for group in groups)]
        together = _together(replace(rule, custom=False) for rule in rules)
        return NO_ACCESS if together == NOTHING else together

    def forget_share(self, share: str) -> None:
        self.rules.pop(share, None)

    def rename_share(self, share: str, name: str) -> None:
        if share in self.rules:
            self.rules[name] = self.rules.pop(share)

    def forget(self, principal_type: str, name: str) -> None:
        """A principal is no more."""
        for rows in self.rules.values():
            rows.pop((principal_type, name), None)

    def rename(self, principal_type: str, name: str, new: str) -> None:
        for rows in self.rules.values():
            if (principal_type, name) in rows:
                rows[(principal_type, new)] = rows.pop((principal_type, name))


def _together(rules: Iterable[Rule]) -> str:
    rows = list(rules)
    if any(rule.deny for rule in rows):
        return NO_ACCESS
    if any(rule.custom for rule in rows):
        return CUSTOM
    if any(rule.writable for rule in rows):
        return READ_WRITE
    return READ_ONLY if any(rule.readonly for rule in rows) else NOTHING
