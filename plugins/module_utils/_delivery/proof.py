# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What changes of accounts, groups, shared folders and rights have in common: they are proved by reading."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from typing import Optional, TypeVar

from .._api import lost_answers
from .._core import waiting
from .._core.administration import GoneError
from .._core.errors import Kind, NasError
from .._plans.plan import Plan, Step

P = TypeVar("P", bound=Plan)
T = TypeVar("T")


AGREE_WITHIN = 10.0  # seconds
_DONE_BY_OTHERS = {"create": (Kind.EXISTS,), "delete": (Kind.NOT_FOUND, Kind.DEVICE)}
"""What devices say of a step that somebody else has done meanwhile; some have no word for it."""


def agreed(read: Callable[[], T]) -> T:
    """What a device tells once its lists and what it tells of each name agree.

    Some list what was removed for some seconds more, and tell nothing else of it.

    :param read: reads lists and what is in them, from the start.
    :raises NasError: `GoneError` when they do not agree within `AGREE_WITHIN` seconds.
    """
    end = time.monotonic() + AGREE_WITHIN
    for pause in waiting.pauses():
        try:
            return read()
        except GoneError:
            if time.monotonic() > end:
                raise
        time.sleep(pause)
    raise AssertionError("pauses end never")


def carry_out(plan: Plan, what: str, act: Callable[[Step], None], left: Callable[[], Plan]) -> None:
    """Carry out each step; where an answer is lost, what is left to do tells whether it was done, as where another run
    has done it meanwhile.

    :param what: what it is about, such as `account 'x'`: an error names it where the device's own words do not.
    :param act: does one step.
    :param left: what there is still to do, by reading.
    """
    for step in plan.steps:

        def work(step: Step = step) -> None:
            act(step)

        def is_done(step: Step = step) -> Optional[bool]:
            return step not in left().steps

        try:
            lost_answers.done(work, is_done)
        except NasError as error:
            done = False
            if error.kind in _DONE_BY_OTHERS.get(step.do, ()):
                with contextlib.suppress(NasError):  # the first failure is the one to report
                    done = step not in left().steps
            if not done:
                if error.code and not error.path and what not in error.message:
                    error.message = f"{what}: {error.message}"
                raise


def completed(plan: P, left: Callable[[], P], carry_on: Callable[[P], None]) -> P:
    """What is left to do after a plan, by reading; nothing, where it was all done.

    Some devices take a part of what is new in a call of its own, which never came where the answer to the first was
    lost: that is made up for, once.

    :param plan: what was carried out.
    :param carry_on: carries out what is left.
    """
    rest = left()
    if rest.changed and plan.has("create") and not rest.has("create"):
        carry_on(rest)
        rest = left()
    return rest


def require_done(rest: Plan, what: str) -> None:
    """Make sure that nothing is left to do.

    :param rest: what is left, by reading.
    :param what: what it is about, such as `account 'x'`.
    :raises NasError: `MISMATCH`: the device reported as done what it has not done.
    """
    if not rest.changed:
        return
    differing = [key for key in {**rest.before, **rest.after} if rest.before.get(key) != rest.after.get(key)]
    details = f" ({', '.join(differing)})" if differing else ""
    message = f"the device reported success, but did not make the {what} as desired{details}"
    if rest.has("delete"):
        message = f"the device reported success, but did not remove the {what}"
    hint = "Run the task again; what differs still is what this release of the device does not keep"
    raise NasError(Kind.MISMATCH, message, hint=hint)
