# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the shared folders of a Synology device allow whom.

Observed calls, none documented: SYNO.Core.Share.Permission, as the vendor's own open client and those of others used it
on DSM 7.1.1 to 7.3. A row says what is set for that account or group itself, not what its groups give it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar, Optional

from .._api.capabilities.administration import PermissionFeatures, SharePermissions
from .._core.administration import CUSTOM, DENY, GROUP, NO_RULE, READ, USER, WORDS, WRITE, Rule
from .._core.errors import NasError
from .._core.model import LOCAL
from .control_panel import ControlPanel
from .encoding import Raw, Value
from .reply import Reply

PERMISSION = "SYNO.Core.Share.Permission"

_LDAP = "ldap"
_NO_LISTS = "3302"  # the shared folder's volume knows no access control lists, so that no rights can be set
_NO_DIRECTORY = "403"  # the device has joined none: it takes no such type
_FLAGS = (("is_custom", CUSTOM), ("is_deny", DENY), ("is_writable", WRITE), ("is_readonly", READ))


class SynologyPermissions(SharePermissions):
    """Rules of shared folders.

    :param panel: makes the calls.
    """

    features: ClassVar[PermissionFeatures] = PermissionFeatures((_LDAP,), administrators_pass=True)

    def __init__(self, panel: ControlPanel) -> None:
        self._panel = panel

    def principals(self, share: str, types: Sequence[str], directory: str = LOCAL) -> list[Rule]:
        """Permission/list names all of them, whether anything is set for them or not."""
        return list(self._all(share, types, directory))

    def rules(self, share: str, principals: Sequence[Rule]) -> list[Rule]:
        """Permission/list, for the types that are asked for."""
        wanted = {one.who for one in principals}
        types = dict.fromkeys((one.type, one.source) for one in principals)
        there = [rule for principal_type, source in types for rule in self._all(share, [principal_type], source)]
        return [rule for rule in there if rule.who in wanted]

    def set(self, share: str, rules: Sequence[Rule]) -> None:
        """Permission/set, which changes whom it names and nobody else."""
        for principal_type, source in dict.fromkeys((rule.type, rule.source) for rule in rules):
            rows = [_row(rule) for rule in rules if (rule.type, rule.source) == (principal_type, source)]
            params: dict[str, Value] = {
                "name": share,
                "user_group_type": f"{source}_{principal_type}",
                "permissions": Raw(json.dumps(rows, ensure_ascii=False, separators=(",", ":"))),
            }
            self._panel.change(PERMISSION, "set", params)

    def all_rules(self, shares: Sequence[str]) -> dict[str, Optional[list[Rule]]]:
        """Permission/list, twice for each shared folder."""
        return {share: self._rules_of(share) for share in shares}

    def _rules_of(self, share: str) -> Optional[list[Rule]]:
        try:
            return [rule for rule in self._all(share, (USER, GROUP), LOCAL) if rule.access != NO_RULE]
        except NasError as error:
            if error.code != _NO_LISTS:
                raise
            return None

    def more_rules(self, share: str, known: Sequence[Rule]) -> list[str]:
        """Permission/list, for the types that are not known; administrators have access whatever is set for them."""
        types = {rule.type for rule in known if rule.source == LOCAL}
        others = self._all(share, [one for one in (USER, GROUP) if one not in types], LOCAL)
        by_hand = [rule for rule in (*known, *others) if rule.access == CUSTOM and not rule.administrator]
        return [f"the rule of {WORDS[rule.type]} {rule.name!r} is a Windows ACL made by hand" for rule in by_hand]

    def _all(self, share: str, types: Sequence[str], source: str) -> Iterator[Rule]:
        for principal_type in types:
            params: dict[str, Value] = {
                "name": share,
                "user_group_type": f"{source}_{principal_type}",
                "offset": 0,
                "limit": -1,
                "action": "enum",
                "is_unite_permission": False,
            }
            try:
                reply = self._panel.read(PERMISSION, "list", params)
            except NasError as error:
                if source == LOCAL or error.code != _NO_DIRECTORY:
                    error.path = error.path or f"/{share}"
                    raise
                continue
            yield from (_rule(row, principal_type, source) for row in reply.parts("items"))


def _rule(row: Reply, principal_type: str, source: str) -> Rule:
    """An ACL made by hand comes first, as simple rights would replace it; what is refused before what is allowed."""
    access = next((word for flag, word in _FLAGS if row.flag(flag)), NO_RULE)
    return Rule(
        principal_type, row.needed_text("name"), access, source, bool(row.flag("is_mask")), bool(row.flag("is_admin"))
    )


def _row(rule: Rule) -> dict[str, Any]:
    return {
        "name": rule.name,
        "is_readonly": rule.access == READ,
        "is_writable": rule.access == WRITE,
        "is_deny": rule.access == DENY,
        "is_custom": False,
    }
