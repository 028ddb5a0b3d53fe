# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Container Station: its certificate, and what it tells about itself."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, BinaryIO

from ..offers import Capability

if TYPE_CHECKING:
    from ..._core.device import Certificate


class ContainerTls(Capability):
    """The certificate of Container Station."""

    @abstractmethod
    def certificate(self) -> Certificate:
        """:raises NasError: `UNSUPPORTED` where this Container Station has no such API."""

    @abstractmethod
    def set_domain_names(self, names: Sequence[str]) -> None:
        """Replace the extra names and addresses that the certificate covers."""

    @abstractmethod
    def set_outdated_notify(self, notify: bool) -> None:
        """Whether the device tells about a certificate that ends."""

    @abstractmethod
    def rotate(self) -> None:
        """Make a new certificate. Never repeated: each call makes another one."""

    @abstractmethod
    def export(self, sink: BinaryIO) -> int:
        """Write the zip of the certificate files. Bytes written."""


class ContainerStation(Capability):
    """Facts about Container Station and the networks of its host."""

    @abstractmethod
    def system(self) -> dict[str, Any]:
        """Versions, processor, memory, features, by the vendor's names."""

    @abstractmethod
    def resources(self) -> dict[str, Any]:
        """Use of processor and memory."""

    @abstractmethod
    def networks(self) -> dict[str, Any]:
        """The bridges and adapters."""

    @abstractmethod
    def port_used(self, protocol: str, port: int) -> bool:
        """Whether `tcp` or `udp` port is in use on the device."""

    @abstractmethod
    def report(self, sink: BinaryIO) -> int:
        """Write the diagnosis report. Bytes written."""
