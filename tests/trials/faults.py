# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The faults: each one's rules for the simulator, from the request that it meets and a chance of its own."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from tests.support.devices import told

DELAY, SHORT_TIMEOUT = 1.0, 0.35  # seconds
HTML = "<html><head><title>Login</title></head><body><h1>It works!</h1></body></html>"
Make = Callable[[random.Random, str, str], Any]


@dataclass(frozen=True)
class Fault:
    """A kind of fault.

    :param make: what the simulator does, from a chance, the vendor and the call that it meets.
    :param meets: `all` requests, those that `write`, or those that start a `task` of the device.
    :param timeout: seconds that the task waits for an answer, None for the usual ones.
    :param late: whether the device goes on with its work after that.
    """

    name: str
    make: Make
    meets: str = "all"
    timeout: float | None = None
    late: bool = False

    def places(self, vendor: str, calls: Sequence[Mapping[str, Any]], requests: int) -> int:
        """At how many places a task can meet it.

        :param calls: the requests that the task makes without a fault, as the log has them.
        :param requests: how many they are, those included that are not in the log.
        """
        if self.meets == "all":
            return requests
        return len([one for one in calls if self._is_met(vendor, one)])

    def _is_met(self, vendor: str, entry: Mapping[str, Any]) -> bool:
        if self.meets == "write":
            return bool(entry["writes"])
        return any(fnmatchcase(entry["call"], glob) for glob in told(vendor, "starts_jobs"))

    def rules(
        self, vendor: str, calls: Sequence[Mapping[str, Any]], number: int, chance: random.Random
    ) -> list[dict[str, Any]]:
        """The rules for the place of that number."""
        if self.meets == "all":
            call = calls[number]["call"] if number < len(calls) else "*"
            return [{"call": "*", "after": number, "do": self.make(chance, vendor, call)}]
        if self.meets == "write":
            return [{"call": "*", "writes": True, "after": number, "do": self.make(chance, vendor, "")}]
        met = [one["call"] for one in calls if self._is_met(vendor, one)]
        call = met[number]
        return [{"call": call, "after": met[:number].count(call), "do": self.make(chance, vendor, call)}]


def _always(action: Any) -> Make:
    return lambda chance, vendor, call: action


def _busy(chance: random.Random, vendor: str, call: str) -> Any:
    page = {"status": 503, "body": "busy", "headers": {"Retry-After": "1"}}
    if vendor == "synology":
        return {"error": 117 if "Auth" in call else chance.choice((109, 117, 402))}
    if vendor == "qnap" and not call.startswith("auth"):
        return chance.choice(({"error": 19}, page))
    return page


def _status(code: int, where: str) -> Fault:
    page = f"<html><head><title>{code}</title></head><body><center><h1>{code}</h1></center></body></html>"
    return Fault(f"{code}-{where}", _always({"status": code, "body": page, "where": where}))


_ALL = (
    Fault("cut-before", lambda chance, vendor, call: {"reset": {"hard": True}} if chance.random() < 0.5 else "reset"),
    Fault("cut-in-request", lambda chance, vendor, call: {"reset": {"at_bytes": chance.randrange(1, 1500)}}),
    Fault(
        "cut-in-head", lambda chance, vendor, call: {"reset": {"where": "head", "at_bytes": chance.randrange(1, 60)}}
    ),
    Fault(
        "cut-in-reply", lambda chance, vendor, call: {"reset": {"where": "reply", "at_bytes": chance.randrange(1, 40)}}
    ),
    Fault("cut-after", _always({"reset": {"where": "reply", "at_bytes": 0}})),
    *(_status(code, where) for code in (500, 502, 504) for where in ("before", "after")),
    Fault("delay-before", _always({"slow": DELAY}), timeout=SHORT_TIMEOUT, late=True),
    Fault("delay-after", _always({"slow": DELAY, "where": "after"}), timeout=SHORT_TIMEOUT, late=True),
    Fault("html-before", _always({"garbage": HTML})),
    Fault("html-after", _always({"garbage": HTML, "where": "after"})),
    Fault("truncated", lambda chance, vendor, call: {"truncate": chance.randrange(0, 40)}),
    Fault(
        "length-too-long",
        lambda chance, vendor, call: {
            "content_length": chance.randrange(1, 300),
            **({"hang_up": 0} if chance.random() < 0.5 else {}),
        },
        timeout=SHORT_TIMEOUT,
    ),
    Fault(
        "length-too-short",
        lambda chance, vendor, call: {"content_length": -chance.randrange(1, 12)},
        timeout=SHORT_TIMEOUT,
    ),
    Fault("doubled", _always("double")),
    Fault("session-ended", _always("expire_session")),
    Fault("busy", _busy),
    Fault(
        "disk-full",
        lambda chance, vendor, call: {
            chance.choice(("disk_full", "quota")): {"at_bytes": chance.choice((0, 1, 500, 2500, 2999, 70000))}
        },
        "write",
    ),
    Fault("task-failed", lambda chance, vendor, call: {"fail_task": _task_error(chance, vendor)}, "task"),
    Fault("task-stalled", _always("stall_task"), "task"),
    Fault("task-forgotten", _always("lose_task"), "task"),
    Fault("fuzzed", lambda chance, vendor, call: {"fuzz": chance.randrange(1 << 30)}),
    Fault("closed-silently", lambda chance, vendor, call: {"hang_up": chance.choice((0, 0, 0.01))}),
)
FAULTS = {fault.name: fault for fault in _ALL}


def _task_error(chance: random.Random, vendor: str) -> Any:
    code = chance.choice(told(vendor, "job_errors"))
    return chance.choice((code, {"code": code, "after_files": 1}))
