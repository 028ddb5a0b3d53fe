# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Devices for the playbook tests: one simulator process for each worker, and one of its own for what would disturb."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.support.devices import VENDORS, Device, device, devices
from tests.support.playbooks import BIN, environment


@pytest.fixture(scope="session")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Device]]:
    """The worker's devices, by vendor; tests share them and keep to folders of their own."""
    with devices(VENDORS, tmp_path_factory.mktemp("fleet")) as found:
        yield found


@pytest.fixture
def nas(fleet: dict[str, Device]) -> dict[str, Device]:
    """The same, with an empty log and no faults."""
    for one in fleet.values():
        one.forget()
        one.faults()
    return fleet


@pytest.fixture(params=VENDORS)
def one(request: pytest.FixtureRequest, nas: dict[str, Device]) -> Device:
    """Each vendor's device in turn."""
    return nas[request.param]


@pytest.fixture
def folder(one: Device, request: pytest.FixtureRequest) -> Path:
    """A folder of the test's own on the device."""
    place = one.root / "home" / request.node.name.replace("[", "-").replace("]", "")
    place.mkdir()
    return place


@pytest.fixture
def at(folder: Path) -> str:
    """Its path on the device."""
    return f"/home/{folder.name}"


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Device]]:
    """Starts a device of the test's own, stopped at its end."""
    with ExitStack() as stack:
        count = 0

        def begin(vendor: str, **options: Any) -> Device:
            nonlocal count
            count += 1
            place = tmp_path / f"device{count}"
            place.mkdir()
            return stack.enter_context(device(vendor, place, **options))

        yield begin


@pytest.fixture
def hosts(nas: dict[str, Device]) -> dict[str, dict[str, Any]]:
    """An inventory of all devices."""
    return {f"my-{vendor}": found.variables() for vendor, found in nas.items()}


@pytest.fixture
def vaulted(tmp_path: Path) -> Path:
    """The file of the password of `files/secret.txt`, which is vaulted."""
    (tmp_path / "files").mkdir()
    secret = tmp_path / "files" / "secret.txt"
    secret.write_text("the combination is 1234\n")
    password = tmp_path / "vault-password"
    password.write_text("swordfish\n")
    command = [str(BIN / "ansible-vault"), "encrypt", "--vault-password-file", str(password), str(secret)]
    subprocess.run(command, check=True, env=environment(tmp_path), capture_output=True)
    assert secret.read_text().startswith("$ANSIBLE_VAULT")
    return password
