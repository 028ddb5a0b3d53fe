# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults on demand: a list of rules in a file, read again whenever the file changes.

A rule: `{call: GLOB, do: ACTION, after: 0, times: 1, params: {name: GLOB}, only: VENDOR}`. `after` skips so many
matching requests, `times` is how often the rule acts (0: always). When the file changes, a rule that is still in it
keeps its count.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import yaml

ACTIONS = frozenset(
    {
        "expire_session",
        "status",
        "error",
        "reset",
        "truncate",
        "slow",
        "disk_full",
        "quota",
        "fail_task",
        "stall_task",
        "lose_task",
        "garbage",
        "vendor",
    }
)
_DETAILS = frozenset({"body", "headers", "value", "args"})


@dataclass
class Rule:
    """One rule and how often it matched."""

    call: str
    do: dict[str, Any]
    after: int = 0
    times: int = 1
    params: dict[str, str] = field(default_factory=dict)
    only: str = ""
    key: str = ""
    seen: int = 0

    @classmethod
    def parse(cls, raw: dict[str, Any]) -> Rule:
        do = raw["do"]
        do = {do: True} if isinstance(do, str) else dict(do)
        unknown = set(do) - ACTIONS - _DETAILS
        if unknown or not set(do) & ACTIONS or set(raw) - {"call", "do", "after", "times", "params", "only"}:
            raise ValueError(f"fault rule not understood: {raw!r}")
        return cls(
            call=str(raw.get("call", "*")),
            do=do,
            after=int(raw.get("after", 0)),
            times=int(raw.get("times", 1)),
            params={str(k): str(v) for k, v in (raw.get("params") or {}).items()},
            only=str(raw.get("only", "")),
            key=json.dumps(raw, sort_keys=True, default=str),
        )

    def matches(self, vendor: str, call: str, params: dict[str, Any]) -> bool:
        if (self.only and self.only != vendor) or not fnmatchcase(call, self.call):
            return False
        return all(fnmatchcase(str(params.get(name, "")), glob) for name, glob in self.params.items())


class Faults:
    """The rules of one run."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._stamp: tuple[int, int, int] | None = None
        self._rules: list[Rule] = []

    def _reload(self) -> None:
        if self._path is None:
            return
        try:
            st = os.stat(self._path)
        except FileNotFoundError:
            self._stamp, self._rules = None, []
            return
        stamp = (st.st_mtime_ns, st.st_size, st.st_ino)
        if stamp == self._stamp:
            return
        try:
            raw = yaml.safe_load(self._path.read_text(encoding="utf-8")) or []
            rules = [Rule.parse(item) for item in raw]
        except (ValueError, KeyError, TypeError, yaml.YAMLError) as exc:
            # half-written, or wrong: say so, keep the old ones
            print(f"faults: {exc}", file=sys.stderr, flush=True)
            return
        old = {rule.key: rule.seen for rule in self._rules}
        for rule in rules:
            rule.seen = old.get(rule.key, 0)
        self._stamp, self._rules = stamp, rules

    def take(self, vendor: str, call: str, params: dict[str, Any]) -> dict[str, Any]:
        """The actions that apply to this request (usually none), as one mapping; every matching rule counts it."""
        self._reload()
        actions: dict[str, Any] = {}
        for rule in self._rules:
            if rule.matches(vendor, call, params):
                rule.seen += 1
                if rule.seen > rule.after and (rule.times == 0 or rule.seen <= rule.after + rule.times):
                    actions.update(rule.do)
        return actions
