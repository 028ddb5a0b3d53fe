# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a module says about itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Optional

from .options import CONNECTION_OPTIONS


@dataclass(frozen=True)
class Spec:
    """What a module takes, beside the options that all modules share.

    :param options: its own options, as in an argument spec.
    :param rules: `mutually_exclusive`, `required_if` and the like.
    :param needs: the capabilities that it cannot do without; a vendor that lacks one is refused before any call.
    :param spares: from a task's options, those of `needs` that it can do without, for all of what there may be none of.
    :param uses: others that it may use. The controller imports all of them once, before it forks its workers.
    :param paths: the options that hold paths on the NAS.
    :param paths_by: the same from the options that a task gives, where it depends on them.
    :param sends_folder: whether `src` is a folder of the controller where `mode` is `push`.
    :param reads_only: whether it changes nothing, nowhere; it then waits for no other task.
    :param may_lack: from the options that a task gives, those whose host variables may be undefined as yet.
    """

    options: Mapping[str, dict[str, Any]]
    rules: Mapping[str, Any] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    spares: Callable[[Mapping[str, Any]], tuple[str, ...]] = lambda params: ()
    uses: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    paths_by: Optional[Callable[[Mapping[str, Any]], tuple[str, ...]]] = None
    sends_folder: bool = False
    reads_only: bool = False
    may_lack: Callable[[Mapping[str, Any]], tuple[str, ...]] = lambda given: ()

    def paths_of(self, params: Mapping[str, Any]) -> tuple[str, ...]:
        """The options of a task that hold paths on the NAS."""
        return self.paths if self.paths_by is None else self.paths_by(params)

    def argument_spec(self) -> dict[str, Any]:
        """All options, for `AnsibleModule` and for the controller's validator."""
        return {**CONNECTION_OPTIONS, **self.options}
