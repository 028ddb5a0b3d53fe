# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a module says about itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Optional

from .._api.offers import Capability
from .._core.errors import usage
from .options import CONNECTION_OPTIONS, LOGIN

WAIT_TIMEOUT: Mapping[str, dict[str, Any]] = {"wait_timeout": {"type": "int", "default": 3600}}
"""The option that the documentation fragment `wait_timeout` describes."""


@dataclass(frozen=True)
class Spec:
    """What a module takes, beside the options that all modules share.

    :param options: its own options, as in an argument spec.
    :param rules: `mutually_exclusive`, `required_if` and the like.
    :param needs: the capabilities that it cannot do without; a vendor that lacks one is refused before any call.
    :param spares: from a task's options, those of `needs` that it can do without, for all of what there may be none of.
    :param paths: the options that hold paths on the NAS.
    :param paths_by: the same from the options that a task gives, where it depends on them.
    :param by_state: for each value of `state`, which options it takes, of those that not every state takes.
    :param reads_only: whether it changes nothing, nowhere; it then waits for no other task.
    :param device_wide: whether it waits for all other such tasks on the same device, whatever they are about.
    :param sends_source: whether `src` is a file of the controller, and `content` a text, that go to the NAS; the
        controller finds and decrypts the file, and sends it along where the module is shipped.
    :param sends_folder: whether `src` is a folder of the controller where `mode` is `push`.
    :param secrets: the keys of the result that are secret: a task that returns one is as one with `no_log`.
    :param may_lack: from the options that a task gives, those whose host variables may be undefined as yet.
    """

    options: Mapping[str, dict[str, Any]]
    rules: Mapping[str, Any] = field(default_factory=dict)
    needs: tuple[type[Capability], ...] = ()
    spares: Callable[[Mapping[str, Any]], tuple[type[Capability], ...]] = lambda params: ()
    paths: tuple[str, ...] = ()
    paths_by: Optional[Callable[[Mapping[str, Any]], tuple[str, ...]]] = None
    by_state: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    reads_only: bool = False
    device_wide: bool = False
    sends_source: bool = False
    sends_folder: bool = False
    secrets: tuple[str, ...] = ()
    may_lack: Callable[[Mapping[str, Any]], tuple[str, ...]] = lambda given: ()

    def paths_of(self, params: Mapping[str, Any]) -> tuple[str, ...]:
        """The options of a task that hold paths on the NAS."""
        return self.paths if self.paths_by is None else self.paths_by(params)

    def connection_option(self, name: str) -> str:
        """What the module calls an option of the connection: `login_<name>` where it has one of that name itself."""
        return f"{LOGIN}{name}" if name in self.options else name

    def argument_spec(self) -> dict[str, Any]:
        """All options, for `AnsibleModule` and for the controller's validator."""
        connection = {self.connection_option(name): option for name, option in CONNECTION_OPTIONS.items()}
        return {**connection, **self.options}

    def require_state(self, params: Mapping[str, Any]) -> None:
        """Refuse options that make no sense with the state that the task asks for. An empty list is as none.

        :raises NasError: `USAGE`.
        """
        taken = self.by_state.get(params.get("state") or "")
        if taken is None:
            return
        for option in sorted({option for options in self.by_state.values() for option in options}.difference(taken)):
            if params[option] not in (self.options[option].get("default"), []):
                states = " or ".join(state for state, options in self.by_state.items() if option in options)
                hint = f"Remove it, or use state {states}"
                raise usage(f"option {option} makes no sense with state {params['state']}", hint=hint)
