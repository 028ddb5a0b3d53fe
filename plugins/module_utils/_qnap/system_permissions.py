# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the shared folders of a QNAP allow whom, in simple rights.

Observed calls, none documented: privWizard.cgi as a client of others used it on QTS 5.1.9. A device tells the rights of
one account or group at a time, for all shared folders.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from .._api.capabilities.administration import SharePermissions
from .._core.administration import DENY, GROUP, NO_RULE, READ, USER, WRITE, Rule
from .._core.model import LOCAL
from .system import PRIVILEGES, WIZARD, SystemPages
from .system_accounts import QnapAccounts
from .system_shares import LISTED, SHARE_INFO, SHARES

_READING = {"wiz_func": "user_share_edit"}
_TYPES = {"R": READ, "W": WRITE, "I": DENY}
_LISTS = {READ: "rd_share", WRITE: "rw_share", DENY: "no_share", NO_RULE: "empty_share"}
_ADMINISTRATORS = "administrators"


class QnapPermissions(SharePermissions):
    """Rules of shared folders.

    :param pages: makes the calls.
    """

    def __init__(self, pages: SystemPages) -> None:
        self._pages = pages
        self._accounts = QnapAccounts(pages)

    def principals(self, share: str, types: Sequence[str], directory: str = LOCAL) -> list[Rule]:
        """The lists of accounts and groups."""
        users = self._accounts.users() if USER in types else []
        groups = [group.name for group in self._accounts.groups()] if GROUP in types else []
        return [
            *(Rule(USER, user.name, administrator=user.built_in) for user in users),
            *(Rule(GROUP, name, administrator=name == _ADMINISTRATORS) for name in groups),
        ]

    def rules(self, share: str, principals: Sequence[Rule]) -> list[Rule]:
        """privWizard.cgi, user_share_edit, once for each of them."""
        return [self._rules_by_share(one).get(share, replace(one, access=NO_RULE)) for one in principals]

    def set(self, share: str, rules: Sequence[Rule]) -> None:
        """privWizard.cgi, user_share_edit or group_share_edit: only what is named changes."""
        for rule in rules:
            function, key = ("user_share_edit", "username") if rule.type == USER else ("group_share_edit", "groupname")
            body: dict[str, Any] = {key: rule.name, "recursive": 0}
            body.update({f"{listed}_len": int(access == rule.access) for access, listed in _LISTS.items()})
            body[f"{_LISTS[rule.access]}0"] = share
            self._pages.write(WIZARD, {"wiz_func": function, "action": function}, body)

    def all_rules(self, shares: Sequence[str]) -> dict[str, list[Rule]]:
        """One call for each account and group."""
        found: dict[str, list[Rule]] = {share: [] for share in shares}
        for one in self.principals("", (USER, GROUP)):
            for share, rule in self._rules_by_share(one).items():
                if share in found:
                    found[share].append(rule)
        return found

    def more_rules(self, share: str, known: Sequence[Rule]) -> list[str]:
        """The device's list of shared folders tells whether it has access control lists, for all of them."""
        info, _rows = self._pages.listed(PRIVILEGES, SHARES, LISTED, SHARE_INFO, "data/share")
        has_lists = "1" in (info.get("WinACLEnabled"), info.get("ACLEnabled"))
        return ["the device has access control lists too"] if has_lists else []

    def _rules_by_share(self, principal: Rule) -> dict[str, Rule]:
        """What is set for an account or group, by the name of the shared folder."""
        body: dict[str, Any] = {"getdata": 1, "filter": ""}
        body.update(
            {"type": 0, "userName": principal.name}
            if principal.type == USER
            else {"type": 2, "groupName": principal.name}
        )
        _root, rows = self._pages.listed(
            WIZARD, _READING, body, "func/ownContent/shareroot", "data/share", "data/count", principal.name
        )
        return {
            row.get("sharename"): Rule(
                principal.type,
                principal.name,
                _TYPES[row.get("type")],
                administrator=principal.administrator,
            )
            for row in rows
            if row.get("type") in _TYPES
        }
