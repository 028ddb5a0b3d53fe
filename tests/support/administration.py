# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the playbook tests of shared folders, accounts, groups and rights share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .devices import ABOUT, Device
from .playbooks import play

FAST = {vendor: tuple(about["administration"]) for vendor, about in ABOUT.items() if "administration" in about}
VENDORS = tuple(FAST)
"""Whose devices have all this."""
SECRET = "Sw0rdfish&Tr0ut"


def one(module: str, title: str = "", /, **options: Any) -> dict[str, Any]:
    """A task of a module of the collection."""
    task = {f"nasops.nas.nas_{module}": options}
    return {"name": title, **task} if title else task


def tolerant(*tasks: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A playbook of these tasks, which goes on whichever fails."""
    return play(*({**task, "ignore_errors": True} for task in tasks))


def begin(start: Callable[..., Device], vendor: str, *settings: str, **more: Any) -> Device:
    """A new device of a vendor that removes things fast, with settings of the simulator."""
    words = [word for setting in (*FAST[vendor], *settings) for word in ("--vendor-opt", setting)]
    return start(vendor, arguments=words, **more)
