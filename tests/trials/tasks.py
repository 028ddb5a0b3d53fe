# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs tasks in this process, as a module that was shipped does, and lets no pause of theirs take its time."""

from __future__ import annotations

import contextlib
import importlib
import pkgutil
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from tests.support.devices import PASSWORD, USER, Simulated

PLUGINS = "ansible_collections.nasops.nas.plugins"
SHORT, LONG = 0.02, 0.5  # seconds of a longer pause that pass
USUAL_TIMEOUT = 20.0


class Clock:
    """Stands for the module `time` in the plugins: a pause passes at once, and the clock knows it all the same.

    :ivar longest: seconds of a pause that pass, so that the device gets on.
    """

    def __init__(self) -> None:
        self.skipped = 0.0
        self.longest = SHORT

    def sleep(self, seconds: float) -> None:
        """Wait a little, and count it whole."""
        short = min(seconds, self.longest)
        time.sleep(short)
        self.skipped += seconds - short

    def monotonic(self) -> float:
        return time.monotonic() + self.skipped

    def __getattr__(self, name: str) -> Any:
        return getattr(time, name)


def _plugins() -> list[ModuleType]:
    """Everything of the collection that a task may use, imported."""
    for package in ("module_utils", "modules"):
        base = importlib.import_module(f"{PLUGINS}.{package}")
        for found in pkgutil.walk_packages(base.__path__, f"{base.__name__}."):
            importlib.import_module(found.name)
    return [module for name, module in sys.modules.items() if name.startswith(f"{PLUGINS}.") and module is not None]


@contextlib.contextmanager
def without_pauses() -> Iterator[Clock]:
    """Within it, no task of this process sleeps for long."""
    clock = Clock()
    # Some name the module, some its functions.
    instead = {id(time): clock, id(time.sleep): clock.sleep, id(time.monotonic): clock.monotonic}
    changed = [
        (module, name, value) for module in _plugins() for name, value in vars(module).items() if id(value) in instead
    ]
    for module, name, value in changed:
        setattr(module, name, instead[id(value)])
    try:
        yield clock
    finally:
        for module, name, value in changed:
            setattr(module, name, value)


def waits(module: str) -> bool:
    """Whether a module has the option `wait_timeout`."""
    return "wait_timeout" in importlib.import_module(f"{PLUGINS}.modules.{module}").SPEC.options


def execute(
    device: Simulated,
    module: str,
    options: Mapping[str, Any],
    locks: Path,
    timeout: float = USUAL_TIMEOUT,
    *,
    check: bool = False,
) -> dict[str, Any]:
    """The result of a task; what it raises is a defect.

    :param locks: a folder for the locks of tasks.
    :param timeout: seconds, with fractions, which the option does not take.
    :param check: whether it runs in check mode.
    """
    context = importlib.import_module(f"{PLUGINS}.module_utils._module.context")
    running = importlib.import_module(f"{PLUGINS}.module_utils._module.run")
    plugin = importlib.import_module(f"{PLUGINS}.modules.{module}")
    given = {
        "vendor": device.vendor,
        "host": "127.0.0.1",
        "port": device.port,
        "use_ssl": False,
        "username": USER,
        plugin.SPEC.connection_option("password"): PASSWORD,
        **options,
    }
    validated = ArgumentSpecValidator(plugin.SPEC.argument_spec(), **plugin.SPEC.rules).validate(given)
    if validated.error_messages:
        raise AssertionError(f"{module}: {validated.error_messages}")
    params = {**validated.validated_parameters, "timeout": timeout}
    task = context.ModuleContext(params, check, False, context.Runtime(module=module, locks=str(locks)))
    result = running.execute(plugin.SPEC, plugin.run, task)
    return dict(running.shown(result, params, validated._no_log_values))
