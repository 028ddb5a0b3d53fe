# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a client says what it offers, and how everybody asks: the classes of its capabilities, and their features."""

from __future__ import annotations

import importlib
from abc import ABC
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Generic, NamedTuple, Optional, TypeVar, Union, cast, overload

from .._core.errors import Kind, NasError

if TYPE_CHECKING:
    from .client import Client

Can = Callable[["type[Client]"], bool]
"""A question to a vendor's client class, such as `lambda nas: nas.share_links.features.edit`."""


class NoFeatures(NamedTuple):
    """What a vendor's devices can of a capability that vendors do not differ in.

    Of the others, each has a class of its own, whose defaults say "nothing": they count for a vendor that lacks the
    capability.
    """


class Capability(ABC):  # noqa: B024 - each subclass says what is abstract
    """A part of what a NAS can be asked: an abstract class each, with a concrete class for each vendor that offers it.

    A method that only some of those vendors offer is not abstract: it raises `unsupported` unless it is overridden, and
    a field of `features` says whether it is, so that a module can refuse a task before any call. All methods raise
    `NasError`; "absent" is only what the device said is absent.
    """

    features: ClassVar[NamedTuple] = NoFeatures()


T_co = TypeVar("T_co", bound=Capability, covariant=True)


class Offer(Generic[T_co]):
    """A client's attribute for a capability: on the class the capability's class, on a client the one object of it.

    :param capability: the abstract class where the capability is not offered; else where the vendor's is, from the
        package of the client on. It is imported when it is first asked for: a task needs few.
    :param make: gets the client and that class; makes no call to the device. None where it is not offered.
    """

    def __init__(self, capability: Union[str, type[T_co]], make: Optional[Callable[[Any, Any], T_co]]) -> None:
        self._where = capability
        self._make = make

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name
        self._package = owner.__module__.rpartition(".")[0]

    @property
    def capability(self) -> type[T_co]:
        """The class."""
        if isinstance(self._where, str):
            module, _dot, name = self._where.rpartition(".")
            self._where = getattr(importlib.import_module(f"{self._package}.{module}"), name)
        return cast("type[T_co]", self._where)

    @property
    def is_made(self) -> bool:
        """Whether the client offers it."""
        return self._make is not None

    @overload
    def __get__(self, client: None, owner: type) -> type[T_co]:
        """On the class."""

    @overload
    def __get__(self, client: Client, owner: type) -> T_co:
        """On a client."""

    def __get__(self, client: Optional[Client], owner: type) -> Union[T_co, type[T_co]]:
        if client is None:
            return self.capability
        if self._make is None:
            name = self._name
            raise unsupported(spoken(name), lambda nas: name in nas.offered(), vendor=client.vendor)
        made = client.__dict__[self._name] = self._make(client, self.capability)  # from now on Python finds this one
        return made


def offered(capability: str, make: Callable[[Any, Any], Any]) -> Offer[Any]:
    """A capability that a vendor's client has, such as `"archives.AcmeArchives"`; see `Offer`."""
    return Offer(capability, make)


def not_offered(capability: type[T_co]) -> Offer[T_co]:
    """A capability that a client lacks unless its class says otherwise."""
    return Offer(capability, None)


def spoken(name: str) -> str:
    """The name of an attribute for a person."""
    return name.replace("_", " ")


class UnsupportedError(NasError):
    """What a vendor's API does not offer.

    :ivar can: which vendors do; who knows them all names them.
    """

    def __init__(self, vendor: str, what: str, can: Can, path: str) -> None:
        super().__init__(Kind.UNSUPPORTED, f"this NAS does not offer {what}", vendor=vendor, path=path)
        self.can = can

    def name_others(self, vendors: Sequence[str]) -> None:
        """Say in the hint which vendors offer it."""
        if vendors and not self.hint:
            self.hint = f"Offered by: {', '.join(vendors)}"


def unsupported(what: str, can: Can, *, vendor: str = "", path: str = "") -> UnsupportedError:
    """The error for something that a vendor's API does not offer.

    :param what: for a person, as in "this NAS does not offer passwords for share links".
    :param can: which vendors do.
    :param vendor: who does not; left out where only the caller knows it.
    """
    return UnsupportedError(vendor, what, can, path)
