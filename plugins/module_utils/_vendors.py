# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The vendors: the one list of them, and how options become a client."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ._api.client import Client, unsupported
from ._core.errors import NasError
from ._freebox.client import Freebox
from ._qnap.client import Qnap
from ._synology.client import Synology
from ._transport.http import Connection
from ._transport.session import Credentials, SessionStore

VENDORS: dict[str, type[Client]] = {kind.vendor: kind for kind in (Freebox, Qnap, Synology)}


def build(connection: Connection, credentials: Credentials, store: SessionStore) -> Client:
    """The client for a device; no call is made yet."""
    return VENDORS[connection.vendor](connection, credentials, store)  # type: ignore[call-arg,arg-type]


def load(capabilities: Iterable[str]) -> None:
    """Import what the vendors have of some capabilities; else that is done when one is used."""
    for name in capabilities:
        for kind in VENDORS.values():
            kind.offers.get(name)


def default_port(vendor: str, use_ssl: bool) -> int:
    """The port that a vendor's devices usually answer on."""
    return VENDORS[vendor].default_ports[use_ssl]


def vendors_with(capability: str, feature: Callable[[Any], bool] = lambda kind: True) -> list[str]:
    """The vendors that have a capability, and whose class for it has the feature."""
    return sorted(
        name for name, kind in VENDORS.items() if capability in kind.offers and feature(kind.offers[capability])
    )


def missing(vendor: str, capability: str) -> NasError:
    """The error for a capability that a vendor lacks, naming those that have it."""
    return unsupported(vendor, capability.replace("_", " "), vendors_with(capability))


def require(vendor: str, capability: str, what: str, feature: Callable[[Any], bool] = lambda kind: True) -> None:
    """Refuse what a vendor cannot do, before any call.

    :param what: the feature of the capability, for a person.
    :raises NasError: `UNSUPPORTED`, naming the vendors that can.
    """
    able = vendors_with(capability, feature)
    if vendor not in able:
        raise unsupported(vendor, what, able)


def require_option(vendor: str, capability: str, option: str) -> None:
    """Refuse an option that the features of a vendor's class do not have, before any call.

    :param option: the name of the option, and of the field of the features.
    :raises NasError: `UNSUPPORTED`, naming the vendors that take it.
    """
    require(vendor, capability, f"option {option}", lambda cls: bool(getattr(cls.features, option)))
