# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The vendors: the one list of them, and how options become a client."""

from __future__ import annotations

from ._api.client import Client, name_of
from ._api.offers import Can, Capability, UnsupportedError, spoken, unsupported
from ._freebox.client import Freebox
from ._qnap.client import Qnap
from ._synology.client import Synology
from ._transport.http import Connection
from ._transport.session import Credentials, SessionStore

VENDORS: dict[str, type[Client]] = {nas.vendor: nas for nas in (Freebox, Qnap, Synology)}


def build(connection: Connection, credentials: Credentials, store: SessionStore) -> Client:
    """The client for a device; no call is made yet."""
    return VENDORS[connection.vendor](connection, credentials, store)


def default_port(vendor: str, use_ssl: bool) -> int:
    """The port that a vendor's devices usually answer on."""
    return VENDORS[vendor].default_ports[use_ssl]


def vendors_with(can: Can) -> list[str]:
    """The vendors that offer something, such as `lambda nas: nas.share_links.features.edit`."""
    return sorted(vendor for vendor, nas in VENDORS.items() if can(nas))


def require(vendor: str, what: str, can: Can) -> None:
    """Refuse what a vendor does not offer, before any call.

    :param what: for a person, as in "this NAS does not offer compressed zips".
    :raises NasError: `UNSUPPORTED`, naming the vendors that do.
    """
    if not can(VENDORS[vendor]):
        raise named(unsupported(what, can, vendor=vendor))


def require_capability(vendor: str, capability: type[Capability]) -> None:
    """The same for all of a capability.

    :param capability: its abstract class.
    """
    if VENDORS[vendor].offers(capability):
        return
    require(vendor, spoken(name_of(capability)), lambda nas: nas.offers(capability))


def named(error: UnsupportedError) -> UnsupportedError:
    """The error with the vendors that offer what was asked for."""
    error.name_others(vendors_with(error.can))
    return error


def require_option(vendor: str, capability: str, option: str) -> None:
    """Refuse an option that the features of a vendor's class do not have, before any call.

    :param capability: the name of the client's attribute.
    :param option: the name of the option, and of the field of the features.
    :raises NasError: `UNSUPPORTED`, naming the vendors that take it.
    """
    require(vendor, f"option {option}", lambda nas: bool(getattr(getattr(nas, capability).features, option)))
