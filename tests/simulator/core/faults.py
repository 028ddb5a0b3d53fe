# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults on demand: a list of rules, in a file that is read again whenever it changes, or in memory.

A rule: `{call: GLOB, do: ACTION, after: 0, times: 1, params: {name: GLOB}, only: VENDOR, device: N, writes: BOOL,
since: GLOB, until: GLOB}`, or with `connect: ACTION` instead of `call` and `do`. `after` skips so many matching
requests, `times` is how often the rule acts (0: always). When the file changes, a rule that is still in it keeps its
count.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable
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
        "continue",
        "fuzz",
        "pad",
        "content_length",
        "double",
        "drip",
        "endless",
        "big_headers",
        "hang_up",
    }
)
AFTER = frozenset({"status", "error", "garbage", "slow", "continue"})
"""Actions that can be put off until the work is done (`where: after`); they are then called `status after`, ..."""
CONNECT = frozenset({"close", "reset", "silent", "tls", "off"})
_DETAILS = frozenset({"body", "headers", "value", "args", "where"})
_KEYS = frozenset({"call", "do", "connect", "after", "times", "params", "only", "device", "writes", "since", "until"})


def _mapping(action: Any) -> dict[str, Any]:
    return {action: True} if isinstance(action, str) else dict(action)


def _request_actions(raw: Any) -> dict[str, Any]:
    """What a rule does, each action whole in its own key."""
    do = _mapping(raw)
    where = do.pop("where", "before")
    if set(do) - ACTIONS - _DETAILS or not set(do) & ACTIONS or where not in {"before", "after"}:
        raise ValueError("unknown action")
    if where == "after":
        if not set(do) & AFTER:
            raise ValueError(f"`where: after` belongs to {', '.join(sorted(AFTER))}")
        for name in sorted(set(do) & AFTER):
            do[f"{name} after"] = do.pop(name)
    for name in ("status", "status after"):
        if name in do:
            do[name] = {"status": int(do[name]), "body": do.pop("body", ""), "headers": do.pop("headers", None)}
    return do


@dataclass
class Rule:
    """One rule and how often it matched."""

    call: str
    do: dict[str, Any]
    connect: bool = False
    after: int = 0
    times: int = 1
    params: dict[str, str] = field(default_factory=dict)
    only: str = ""
    device: int = 0
    writes: bool | None = None
    since: str = ""
    until: str = ""
    key: str = ""
    seen: int = 0
    began: bool = False
    over: bool = False

    @classmethod
    def parse(cls, raw: dict[str, Any]) -> Rule:
        """Raises ValueError, with the rule in it."""
        try:
            return cls._parse(raw)
        except (ValueError, TypeError, AttributeError) as exc:
            raise ValueError(f"fault rule not understood: {raw!r} ({exc})") from None

    @classmethod
    def _parse(cls, raw: dict[str, Any]) -> Rule:
        if set(raw) - _KEYS or ("connect" in raw) == ("do" in raw) or ("connect" in raw and "call" in raw):
            raise ValueError("unknown or missing key")
        if "connect" in raw:
            do = _mapping(raw["connect"])
            if not do or set(do) - CONNECT:
                raise ValueError("unknown action")
        else:
            do = _request_actions(raw["do"])
        writes = raw.get("writes")
        if writes not in {None, True, False}:
            raise ValueError("`writes` is true or false")
        return cls(
            call=str(raw.get("call", "*")),
            do=do,
            connect="connect" in raw,
            after=int(raw.get("after", 0)),
            times=int(raw.get("times", 1)),
            params={str(k): str(v) for k, v in (raw.get("params") or {}).items()},
            only=str(raw.get("only", "")),
            device=int(raw.get("device", 0)),
            writes=writes,
            since=str(raw.get("since", "")),
            until=str(raw.get("until", "")),
            key=json.dumps(raw, sort_keys=True, default=str),
        )

    def in_time(self, call: str) -> bool:
        """Whether this request comes after the first one that `since` names, and before the first of `until`."""
        begun, self.began = self.began, self.began or fnmatchcase(call, self.since)
        if self.until and (begun or not self.since) and fnmatchcase(call, self.until):
            self.over = True
        return (begun or not self.since) and not self.over

    def is_for(self, vendor: str, device: int) -> bool:
        return self.only in {"", vendor} and self.device in {0, device}

    def matches(self, call: str, params: dict[str, Any], writes: bool | None) -> bool:
        if not fnmatchcase(call, self.call) or (self.writes is not None and self.writes is not writes):
            return False
        return all(fnmatchcase(str(params.get(name, "")), glob) for name, glob in self.params.items())

    def count(self) -> bool:
        """Count what matched; whether the rule acts."""
        self.seen += 1
        return self.seen > self.after and (self.times == 0 or self.seen <= self.after + self.times)


class Book:
    """The rules of one run, and how many requests each device has had."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.rules: list[Rule] = []
        self.acted = 0
        self.requests: dict[tuple[str, int], int] = {}
        self._stamp: tuple[int, int, int] | None = None

    def set(self, raw: Iterable[dict[str, Any]]) -> None:
        """These rules and no others, with their counts at the beginning. Raises ValueError."""
        self.rules = [Rule.parse(item) for item in raw]
        self.acted = 0

    def read(self) -> None:
        """Read the file if it has changed. Raises OSError or ValueError; the rules are then as before."""
        if self.path is None:
            return
        st = os.stat(self.path)
        stamp = (st.st_mtime_ns, st.st_size, st.st_ino)
        if stamp == self._stamp:
            return
        try:
            raw = yaml.safe_load(self.path.read_text(encoding="utf-8")) or []
            if not isinstance(raw, list) or not all(isinstance(item, dict) for item in raw):
                raise ValueError("not a list of rules")
            rules = [Rule.parse(item) for item in raw]
        except yaml.YAMLError as exc:
            raise ValueError(" ".join(str(exc).split())) from None
        old = {rule.key: rule for rule in self.rules}
        for rule in rules:
            if rule.key in old:
                same = old[rule.key]
                rule.seen, rule.began, rule.over = same.seen, same.began, same.over
        self._stamp, self.rules = stamp, rules

    def refresh(self) -> None:
        """Read it, and carry on when it cannot be: gone means no rules, half-written or wrong the old ones."""
        try:
            self.read()
        except FileNotFoundError:
            self._stamp, self.rules = None, []
        except ValueError as exc:
            print(f"faults: {exc}", file=sys.stderr, flush=True)


class Faults:
    """What meets one device."""

    def __init__(self, book: Book, device: int = 1) -> None:
        self.book = book
        self.device = device

    def take(self, vendor: str, call: str, params: dict[str, Any], *, writes: bool | None = None) -> dict[str, Any]:
        """The actions that apply to this request (usually none), as one mapping; every matching rule counts it."""
        self.book.refresh()
        self.book.requests[vendor, self.device] = self.book.requests.get((vendor, self.device), 0) + 1
        actions: dict[str, Any] = {}
        for rule in self.book.rules:
            if rule.connect or not rule.is_for(vendor, self.device):
                continue
            if rule.in_time(call) and rule.matches(call, params, writes) and rule.count():
                self.book.acted += 1
                actions.update(rule.do)
        return actions

    def take_connection(self, vendor: str) -> dict[str, Any]:
        """The same for a connection that was accepted."""
        self.book.refresh()
        actions: dict[str, Any] = {}
        for rule in self.book.rules:
            if rule.connect and rule.is_for(vendor, self.device) and rule.count():
                self.book.acted += 1
                actions.update(rule.do)
        return actions
