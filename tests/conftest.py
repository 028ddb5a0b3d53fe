# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes `ansible_collections.nasops.nas` importable from a checkout in any folder."""

from __future__ import annotations

import importlib.util
import os
import signal
import sys
import types
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def _graft() -> None:
    try:
        if importlib.util.find_spec("ansible_collections.nasops.nas") is not None:
            return
    except ImportError:
        pass
    places = {
        "ansible_collections": [],
        "ansible_collections.nasops": [],
        "ansible_collections.nasops.nas": [str(ROOT)],
    }
    for name, path in places.items():
        module = sys.modules.setdefault(name, types.ModuleType(name))
        module.__path__ = [*getattr(module, "__path__", []), *path]


_graft()

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell starts what is in the background so, and what tests start would inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is marked as `needs` of capabilities, by their attributes of a client, for vendors that lack them.

    A test is for the vendor that is among its parameters, by its name or with a generation.
    """
    marked = [item for item in items if item.get_closest_marker("needs")]
    if not marked:
        return
    from ansible_collections.nasops.nas.plugins.module_utils._vendors import VENDORS  # noqa: PLC0415 - not by others

    senseless = []
    for item in marked:
        needed = {name for mark in item.iter_markers("needs") for name in mark.args}
        given = item.callspec.params.values() if hasattr(item, "callspec") else ()
        firsts = [value[0] if isinstance(value, tuple) and value else value for value in given]
        if any(not needed <= set(nas.capabilities()) for name, nas in VENDORS.items() if name in firsts):
            senseless.append(item)
    config.hook.pytest_deselected(items=senseless)
    gone = {id(item) for item in senseless}
    items[:] = [item for item in items if id(item) not in gone]


@pytest.fixture(autouse=True)
def own_environment() -> Iterator[None]:
    """A test leaves the environment as it was: of another, runs in other tests could not share their imports."""
    before = dict(os.environ)
    yield
    left = {name for name, _value in before.items() ^ os.environ.items()} - {"PYTEST_CURRENT_TEST"}
    assert not left, f"left in the environment: {left}"


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that nobody but itself signed, and its key."""
    from .support.tls import self_signed  # noqa: PLC0415 - the package alone has none of it

    return self_signed(tmp_path_factory.mktemp("tls"))
