# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes Container Station's certificate, sees whether it came true, and brings its files to this machine."""

from __future__ import annotations

import io
import time
from collections.abc import Mapping

from .._api import lost_answers
from .._api.capabilities.container_station import ContainerTls
from .._core.device import Certificate
from .._core.errors import Kind, NasError
from .._core.model import FAILED, FINISHED, RUNNING, Job
from .._core.waiting import Watch
from .._plans.container_tls import Desired, lifetime, same_names
from .._plans.plan import Plan
from . import certificate_files
from .certificate_files import LocalFile


def exported(tls: ContainerTls, desired: Desired) -> list[LocalFile]:
    """The certificate files as they shall be on this machine; none where none are desired."""
    if desired.export_to is None:
        return []
    members: Mapping[str, bytes] = fetch(tls)
    if desired.docker:
        members = certificate_files.docker_files(members)
    return certificate_files.local_files(desired.export_to, members)


def drifted(desired: Desired, files: list[LocalFile]) -> dict[str, str]:
    """What each file is that is not as it shall be."""
    return {} if desired.export_to is None else certificate_files.drifted(desired.export_to, files)


def fetch(tls: ContainerTls) -> dict[str, bytes]:
    """The certificate files of the device, by their names there. Secret; never on a disk."""
    held = io.BytesIO()
    tls.export(held)
    return certificate_files.read_zip(held.getvalue())


def apply(
    tls: ContainerTls,
    desired: Desired,
    plan: Plan,
    certificate: Certificate,
    files: list[LocalFile],
    wait_timeout: float,
) -> tuple[Certificate, list[LocalFile], list[str]]:
    """Carry the plan out. Returns the certificate then, its files, and warnings.

    :param wait_timeout: seconds that a new certificate may take to be in use.
    """
    warnings = []
    if plan.has("set_domain_names") and desired.names is not None:
        names = desired.names
        lost_answers.done(
            lambda: tls.set_domain_names(names), lambda: same_names(names, tls.certificate().domain_names)
        )
        kept = tls.certificate().domain_names
        if not same_names(desired.names, kept):
            raise NasError(
                Kind.MISMATCH, f"the device has the names {', '.join(kept) or '(none)'} now, not those wanted"
            )
        if not plan.has("rotate"):
            warnings.append(
                "the device has the names now, but does not say whether the certificate in use has them; it certainly "
                "has when a run with force set to true (container_tls_force of the role) has made a new one"
            )
    if plan.has("rotate"):
        rotate(tls, certificate, wait_timeout)
    if plan.has("set_outdated_notify") and desired.notify is not None:
        notify = desired.notify
        lost_answers.done(lambda: tls.set_outdated_notify(notify), lambda: tls.certificate().outdated_notify is notify)
    now = tls.certificate()
    if plan.has("set_outdated_notify") and now.outdated_notify is not desired.notify:
        warnings.append("the device took outdated_notify, but does not say yet that it does so")
    if plan.has("rotate") and desired.renew_before is not None and lifetime(now) < desired.renew_before:
        warnings.append(f"the new certificate ends on {now.end_date} already; the next run makes another one")
    renamed = plan.has("set_domain_names")
    if desired.export_to is not None and (renamed or plan.has("export")):
        if renamed or plan.has("rotate"):
            files = exported(tls, desired)
        differing = drifted(desired, files)
        certificate_files.write(desired.export_to, [file for file in files if file.path in differing])
    return now, files, warnings


def rotate(tls: ContainerTls, old: Certificate, wait_timeout: float) -> None:
    """Have a new certificate made, and make sure that it is another one.

    Its dates are days: those of one that was made today are the same again, so the files are compared too.
    """
    files = fetch(tls)

    def is_new() -> bool:
        new = tls.certificate()
        return (new.start_date, new.end_date) != (old.start_date, old.end_date) or fetch(tls) != files

    lost_answers.done(tls.rotate, is_new)
    deadline = time.monotonic() + wait_timeout

    def status() -> Job:
        late = time.monotonic() > deadline
        return Job("", "rotate", FINISHED if is_new() else FAILED if late else RUNNING)

    if Watch().until_finished(status, stop=lambda: None).state == FAILED:
        hint = "Look at Container Station's preferences, or raise wait_timeout"
        raise NasError(Kind.MISMATCH, "the device said that it made a new certificate, but has the old one", hint=hint)
