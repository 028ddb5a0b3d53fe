# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The certificate of Container Station, by which Docker clients and its server know each other.

Rests on the Container Station API guide, "Certificate file". The extra names of the certificate are one string there,
and the guide does not say how several are kept apart: they are written with commas between them, and read with
whatever devices and people put there.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, BinaryIO, Optional

from ..._api.capabilities.container_station import ContainerTls
from ..._core.device import Certificate
from ..._core.errors import Kind, NasError
from .codes import TLS_OF_2
from .transfer import fetch
from .wire import LONG, ContainerWire

SEPARATOR = ","
"""Between the names that are written."""

_SEPARATORS = re.compile(r"[,;\s]+")
_DATE = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[T ].*)?")

_TLS = "GET /api/v1/tls"
_SET_TLS = "POST /api/v1/tls"
_NAMES = "GET /api/v1/tls/domain_names"
_SET_NAMES = "PUT /api/v1/tls/domain_names"
_EXPORT = "GET /api/v1/tls/export"
_ROTATION = "POST /api/v1/tls/rotation"


class QnapContainerTls(ContainerTls):
    """The certificate of a QNAP's Container Station.

    :param wire: makes the calls.
    """

    def __init__(self, wire: ContainerWire) -> None:
        self._wire = wire

    def certificate(self) -> Certificate:
        """The certificate's dates and names, in two calls (GET tls, GET tls/domain_names).

        The names are in the device's order, each once; their order means nothing, so compare them as sets. Early
        versions answer with an empty string for `outdated_notify`: that is false. The guide leaves open whether it is
        the setting or whether the device has something to tell just now: false may stay after it was set to true.
        """
        with _of_version_2():
            reply = self._wire.value(_TLS, self._wire.call(_TLS))
            return Certificate(
                start_date=self._date(reply, "startdate"),
                end_date=self._date(reply, "enddate"),
                outdated_notify=self._notify(reply),
                domain_names=self._names(),
            )

    def set_domain_names(self, names: Sequence[str]) -> None:
        """Replace the extra names and addresses (PUT tls/domain_names), in one string with commas between them.

        The certificate that is in use covers them from its next `rotate` on.

        :raises NasError: `INVALID_ARGUMENT` before any call, for a name that the device would read as several or none.
        """
        for name in names:
            if not name or _SEPARATORS.search(name):
                message = f"{name!r} is not one name: it is empty, or has a comma, semicolon or space in it"
                raise self._error(Kind.INVALID_ARGUMENT, message, _SET_NAMES)
        self._set(_SET_NAMES, {"domain_names": SEPARATOR.join(dict.fromkeys(names))})

    def set_outdated_notify(self, notify: bool) -> None:
        """Whether the device tells its users about a certificate that ends (POST tls)."""
        self._set(_SET_TLS, {"outdatedNotify": notify})

    def rotate(self) -> None:
        """Make a new certificate (POST tls/rotation).

        It makes sure of the session first (login_refresh), so that this call is never sent twice. The guide shows no
        answer to it: everything but an error counts as done, and `certificate` tells; its dates are whole days, so
        after two rotations in one day they are the same. Clients with the old certificate are locked out by it.

        :raises NasError: `TIMEOUT` and `CONNECTION` leave open whether there is a new certificate.
        """
        self._wire.check()
        try:
            with _of_version_2():
                response = self._wire.call(_ROTATION, idempotent=False, once=True, timeout=LONG)
        except NasError as error:
            if error.kind in (Kind.TIMEOUT, Kind.CONNECTION) and not error.unsent:
                error.hint = "It may have been done all the same: look at the certificate's start date first"
            raise
        if response.content.strip():
            try:
                reply = self._wire.value(_ROTATION, response)
            except NasError:
                return  # not an object: nothing to read in it
            if reply.get("result") is False:
                raise self._error(Kind.DEVICE, "Container Station did not make a new certificate", _ROTATION)

    def export(self, sink: BinaryIO) -> int:
        """Write the zip of the certificate files (GET tls/export). What is in it the guide does not say. Secret.

        :raises NasError: `PROTOCOL` when no zip came, before anything is written; `MISMATCH` for one that is cut off.
        """
        with _of_version_2():
            return fetch(self._wire, _EXPORT, sink, is_zip=True)

    def _set(self, call: str, body: dict[str, Any]) -> None:
        with _of_version_2():
            result = self._wire.value(call, self._wire.call(call, body=body, idempotent=False)).get("result")
            if result is False:
                raise self._error(Kind.DEVICE, "Container Station did not do it and does not say why", call)
            if result is not True:
                raise self._error(Kind.PROTOCOL, "Container Station's answer does not say whether it was done", call)

    def _names(self) -> tuple[str, ...]:
        names = self._wire.value(_NAMES, self._wire.call(_NAMES)).get("domain_names", 0)
        if names is None:
            return ()
        if not isinstance(names, str):
            raise self._error(Kind.PROTOCOL, "Container Station's answer has no domain_names", _NAMES)
        return split_names(names)

    def _date(self, reply: dict[str, Any], key: str) -> str:
        found = _DATE.fullmatch(str(reply.get(key)).strip())
        try:
            return date.fromisoformat(found.group(1) if found else "").isoformat()
        except ValueError:
            raise self._error(Kind.PROTOCOL, f"Container Station's answer has no {key}", _TLS) from None

    def _notify(self, reply: dict[str, Any]) -> Optional[bool]:
        value = reply.get("outdatedNotify")
        if value is None or isinstance(value, bool):
            return value
        if value in (0, 1):
            return bool(value)
        if isinstance(value, str) and value.strip().lower() in ("", "false", "true", "0", "1"):
            return value.strip().lower() in ("true", "1")
        raise self._error(Kind.PROTOCOL, "outdatedNotify in Container Station's answer is no truth value", _TLS)

    def _error(self, kind: Kind, message: str, call: str) -> NasError:
        return self._wire.http.error(kind, message, call)


@contextlib.contextmanager
def _of_version_2() -> Iterator[None]:
    """Within it, an answer that has no meaning has a hint: Container Station 3 gives many, and documents none."""
    try:
        yield
    except NasError as error:
        if error.kind in (Kind.UNSUPPORTED, Kind.PROTOCOL, Kind.REDIRECT, Kind.PERMISSION_DENIED):
            # It may also be that there is no Container Station, or that the account has no right to it.
            other = error.hint if error.call.endswith("/login") or error.kind is Kind.PERMISSION_DENIED else ""
            error.hint = f"{other}. {TLS_OF_2}" if other else TLS_OF_2
        raise


def split_names(text: str) -> tuple[str, ...]:
    """The names in a string, each once: commas, semicolons, spaces and line feeds keep them apart."""
    return tuple(dict.fromkeys(name for name in _SEPARATORS.split(text) if name))
