# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps that give Container Station the desired certificate: pure functions."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Optional

from .._core.device import Certificate
from .._core.errors import usage
from .plan import Plan, Step

NOTICE_DAYS = 30  # a device that sends no notice within them was set to send none


@dataclass(frozen=True)
class Desired:
    """The certificate of one task. None leaves a thing as it is."""

    names: Optional[tuple[str, ...]] = None
    renew_before: Optional[int] = None
    force: bool = False
    notify: Optional[bool] = None
    export_to: Optional[str] = None
    docker: bool = False


@dataclass(frozen=True)
class Current:
    """What is there.

    :param drifted: what each file in the folder of the export is, of those that are not as they shall be.
    """

    certificate: Certificate
    today: date
    drifted: Mapping[str, str] = field(default_factory=dict)

    @property
    def days_left(self) -> int:
        """Days from today to the certificate's last one."""
        return (date.fromisoformat(self.certificate.end_date) - self.today).days


def plan_tls(desired: Desired, current: Current) -> Plan:
    """The steps from what is there to what is desired.

    :raises NasError: `USAGE` when each new certificate would be due for renewal at once.
    """
    certificate = current.certificate
    steps: list[Step] = []
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    if desired.names is not None and not same_names(desired.names, certificate.domain_names):
        steps.append(Step("set_domain_names", ""))
        before["domain_names"], after["domain_names"] = sorted(certificate.domain_names), sorted(desired.names)
    rotates = desired.force or is_due(desired, current)
    if rotates:
        steps.append(Step("rotate", ""))
        before["end_date"], after["end_date"] = certificate.end_date, "that of a new certificate"
    tells = bool(certificate.outdated_notify)
    telling_is_due = not rotates and current.days_left < NOTICE_DAYS
    if desired.notify is not None and desired.notify != tells and (tells or telling_is_due):
        steps.append(Step("set_outdated_notify", ""))
        before["outdated_notify"], after["outdated_notify"] = tells, desired.notify
    if desired.export_to is not None and (rotates or current.drifted):
        steps.append(Step("export", desired.export_to))
        before["files"], after["files"] = dict(current.drifted), dict.fromkeys(current.drifted, "present")
    return Plan(tuple(steps), before, after)


def is_due(desired: Desired, current: Current) -> bool:
    """Whether the certificate ends sooner than desired."""
    if desired.renew_before is None or current.days_left >= desired.renew_before:
        return False
    in_all = lifetime(current.certificate)
    if desired.renew_before > in_all and not desired.force:
        raise usage(
            f"option renew_before: {desired.renew_before} days are more than the {in_all} that the certificate is good"
            " for, so a new one would be due at once",
            hint="Give fewer days, or make a new certificate with force, once, if it will be good for longer",
        )
    return True


def lifetime(certificate: Certificate) -> int:
    """The days from a certificate's first to its last."""
    return (date.fromisoformat(certificate.end_date) - date.fromisoformat(certificate.start_date)).days


def same_names(some: Iterable[str], others: Iterable[str]) -> bool:
    """Whether two lists of names mean the same."""
    return {spelled(name) for name in some} == {spelled(name) for name in others}


def spelled(name: str) -> str:
    """The one spelling of a host name or address."""
    try:
        return str(ipaddress.ip_address(name))
    except ValueError:
        return name.lower()
