# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The device's background tasks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, NamedTuple, Optional

from ..offers import Capability, unsupported

if TYPE_CHECKING:
    from ..._core.model import Job


class JobFeatures(NamedTuple):
    """What a vendor's devices can of `Jobs`.

    :ivar list: whether the device tells which jobs there are.
    :ivar ask: whether, without a list, `get` takes an id and its type.
    :ivar pause: whether jobs can be held, and go on.
    :ivar cancel: whether jobs can be stopped.
    :ivar clear: whether the device can be asked to forget finished ones.
    """

    list: bool = False
    ask: bool = False
    pause: bool = False
    cancel: bool = False
    clear: bool = False


class Jobs(Capability):
    """The device's long operations, whoever started them."""

    features: ClassVar[JobFeatures] = JobFeatures()

    def list(self) -> list[Job]:
        """All that the device knows."""
        raise unsupported("a list of its jobs", lambda nas: nas.jobs.features.list)

    def get(self, job_id: str, job_type: Optional[str] = None) -> Optional[Job]:
        """One of them, or None when the device does not know it (any more).

        :param job_type: what `Job.type` says, where `features.ask`.
        """
        raise unsupported("news of a job", lambda nas: nas.jobs.features.list or nas.jobs.features.ask)

    def pause(self, job_id: str) -> None:
        """Hold it, where `features.pause`."""
        raise unsupported("pausing jobs", lambda nas: nas.jobs.features.pause)

    def resume(self, job_id: str) -> None:
        """Let it go on, where `features.pause`."""
        raise unsupported("pausing jobs", lambda nas: nas.jobs.features.pause)

    def cancel(self, job_id: str, job_type: Optional[str] = None) -> None:
        """Stop it. :param job_type: what `Job.type` says, where the vendor needs it to know which call stops it."""
        raise unsupported("cancelling jobs", lambda nas: nas.jobs.features.cancel)

    def clear(self, job_ids: Optional[Sequence[str]]) -> None:
        """Forget finished ones, all of them for None."""
        raise unsupported("clearing jobs", lambda nas: nas.jobs.features.clear)
