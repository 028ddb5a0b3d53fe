# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Shared folders and their rights written, and what became of it proved by reading."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from typing import Optional

from .._api.capabilities.administration import SharedFolders, SharePermissions
from .._core.administration import GoneError, Rule, SharedFolder, Volume, named, renamed_or
from .._core.errors import Kind, NasError
from .._plans import share_permissions as _rules
from .._plans import shared_folder as _plans
from .._plans.plan import Step
from .._plans.share_permissions import DesiredRules, RulesPlan
from .._plans.shared_folder import DesiredFolder, FolderPlan
from . import proof

_LITTLE = 1024**3  # bytes; with more that are free, it is hardly for lack of space that a device makes nothing


def read_folder(folders: SharedFolders, desired: DesiredFolder) -> Optional[SharedFolder]:
    """The shared folder that a task is about, with its details."""

    def read() -> Optional[SharedFolder]:
        found = renamed_or(folders.list(), desired.name, desired.values.new_name, "a shared folder")
        return None if found is None else folders.details(found)

    return proof.agreed(read)


def apply_folder(
    folders: SharedFolders, desired: DesiredFolder, plan: FolderPlan, volumes: Sequence[Volume]
) -> FolderPlan:
    """Carry a plan out, and return one in which nothing is left to do.

    :raises NasError: `MISMATCH` when something is.
    """
    what = f"shared folder {desired.final_name!r}"

    def left() -> FolderPlan:
        return _plans.plan_folder(desired, read_folder(folders, desired), volumes)

    def carry_on(plan: FolderPlan) -> None:
        proof.carry_out(plan, what, lambda step: _act_on_folder(folders, step, plan), left)

    carry_on(plan)
    try:
        rest = proof.completed(plan, left, carry_on)
    except NasError as error:
        if error.kind is not Kind.USAGE:
            raise
        # What only a new one can get: the device has made it without.
        message = f"the device reported success, but did not make the shared folder as desired: {error.message}"
        raise NasError(Kind.MISMATCH, message, path=f"/{desired.final_name}", hint=error.hint) from None
    if rest.has(_plans.CREATE):
        volume = next((one for one in volumes if one.id == plan.changes.volume), None)
        message = f"the device reported success, but made no shared folder {desired.final_name!r}, and does not say why"
        hint = "Perhaps the device does not take the name, or has something by it already"
        if volume is None or volume.free is None or volume.free < _LITTLE:
            space = "" if volume is None or volume.free is None else f" ({_plans.readable(volume.free)} are free)"
            hint = f"Perhaps the volume is full{space}, or the device does not take the name"
        raise NasError(Kind.MISMATCH, message, path=f"/{desired.final_name}", hint=hint)
    proof.require_done(rest, what)
    return rest


def _act_on_folder(folders: SharedFolders, step: Step, plan: FolderPlan) -> None:
    if step.do == _plans.CREATE:
        with contextlib.suppress(GoneError):  # it was not made, which the next reading tells
            folders.create(step.path, plan.changes)
    elif step.do == _plans.DELETE:
        folders.delete(step.path)
    else:
        found = named(folders.list(), step.path)
        if found is None:
            raise NasError(Kind.NOT_FOUND, f"the shared folder {step.path!r} is gone", hint="Run the task again")
        folders.edit(folders.details(found), plan.changes)


def apply_rules(
    permissions: SharePermissions,
    desired: DesiredRules,
    wanted: Mapping[Rule, str],
    plan: RulesPlan,
    principals: Sequence[Rule],
) -> RulesPlan:
    """Carry a plan out, and return one in which nothing is left to do.

    :param principals: those whose rules matter.
    :raises NasError: `MISMATCH` when something is.
    """
    what = f"rights on {desired.share!r}"

    def left() -> RulesPlan:
        return _rules.plan_rules(desired, wanted, permissions.rules(desired.share, principals))

    def write(plan: RulesPlan) -> RulesPlan:
        every = RulesPlan(plan.steps[:1])  # one change for all of them
        proof.carry_out(every, what, lambda step: permissions.set(desired.share, plan.rules), left)
        return left()

    rest = write(plan)
    while 0 < len(rest.rules) < len(plan.rules):
        # Devices take them in several calls: where the answer to one is lost, the others are still to come.
        plan, rest = rest, write(rest)
    proof.require_done(rest, what)
    return rest
