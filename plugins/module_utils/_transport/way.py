# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a request to a device is, and what comes back: the interface of every way that leads there."""

from __future__ import annotations

import contextlib
import os
import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Optional

from .._core.errors import usage

AGENT = "nasops.nas"
CONNECTIONS = 4  # to a device at most, by default
CHUNK = 512 * 1024  # bytes of a file that are read at a time
SLICE = 64 * 1024  # bytes written at a time at least: each has the whole time to wait
MAX_REPLY = 64 * 1024 * 1024  # bytes of an answer that is read whole
WHOLE_ANSWER = 3  # times the time to wait for a piece of it
_STORE_VARIABLES = ("SSL_CERT_FILE", "SSL_CERT_DIR")
_FINGERPRINT = re.compile(r"sha256:((?:[0-9a-f]{2}:?){31}[0-9a-f]{2})", re.IGNORECASE)
_MOST_DIGITS = 30  # of a length: more than any that can come

RECIPE = (
    "openssl s_client -connect HOST:PORT </dev/null 2>/dev/null | openssl x509 -noout -fingerprint -sha256 "
    "| sed 's/.*=/sha256:/'"
)
"""Prints what `fingerprint` takes."""


@dataclass(frozen=True)
class Connection:
    """Where a device is and how to talk to it.

    :param vendor: as `_vendors` has it; names the device in errors.
    :param host: name or address; an IPv6 address without brackets.
    :param port: TCP port.
    :param use_ssl: https rather than http.
    :param validate_certs: whether the certificate must be trusted and fit the host.
    :param ca_path: file or folder of PEM certificates to trust instead of the system's, or None.
    :param client_cert: file of a PEM certificate that proves who connects, or None.
    :param client_key: file of its key, or None where `client_cert` holds it.
    :param fingerprint: `sha256:...` of the only certificate that is accepted, or None.
    :param proxy: URL of a proxy, or None. Secret: it may hold a password.
    :param timeout: seconds to wait for a connection, and for each piece of an answer.
    :param retries: how often a call that changes nothing is repeated after a transient failure.
    :param agent: what the device's own log says of us.
    :param connections: how many connections to it a run keeps at most.
    """

    vendor: str
    host: str
    port: int
    use_ssl: bool = True
    validate_certs: bool = True
    ca_path: Optional[str] = None
    timeout: float = 30.0
    retries: int = 3
    agent: str = AGENT
    client_cert: Optional[str] = None
    client_key: Optional[str] = None
    fingerprint: Optional[str] = None
    proxy: Optional[str] = field(default=None, repr=False)
    connections: int = CONNECTIONS

    @property
    def url_host(self) -> str:
        """The host as it stands in a URL."""
        return f"[{self.host}]" if ":" in self.host else self.host

    @property
    def base_url(self) -> str:
        """`https://host:port`, without a slash at the end."""
        return f"{'https' if self.use_ssl else 'http'}://{self.url_host}:{self.port}"

    @property
    def where(self) -> str:
        """The address for a person."""
        return f"{self.host} port {self.port}"


@dataclass
class Request:
    """One request, as it is sent.

    :param target: path and query, percent-encoded.
    :param headers: all but `Content-Length` and `Host`. They may hold secrets, as may target and body.
    :param body: bytes, or something to iterate over that has a length (a streamed upload).
    :param call: the call's name in the vendor's document, for errors.
    :param path: the path on the NAS that it is about, for errors.
    :param timeout: seconds to wait for each piece of the answer.
    :param connect_timeout: seconds to wait for a connection.
    :param logs_in: whether it must only leave on a connection that the device has certainly not given up.
    :param writes: whether it must not be lost on a connection that the device is about to close.
    :param idempotent: whether it may be repeated.
    :param stream: whether the answer's body is left unread.
    :ivar sent: whether any byte of it may have left.
    """

    method: str
    target: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: Any = field(repr=False)
    call: str
    path: str
    timeout: float
    connect_timeout: float
    logs_in: bool = False
    writes: bool = False
    idempotent: bool = False
    stream: bool = False
    sent: bool = False


def more_than(expected: int) -> str:
    """What is wrong with an answer that is longer than that."""
    return f"the device sends more than the {expected} bytes that it has announced"


class Headers(Mapping[str, str]):
    """Headers by name in whatever case; one that came more than once is one with commas."""

    def __init__(self, pairs: Iterable[Sequence[str]]) -> None:
        self._found: dict[str, list[str]] = {}
        for name, value in pairs:
            self._found.setdefault(name.lower(), []).append(value)

    def __getitem__(self, name: str) -> str:
        return ", ".join(self._found[name.lower()])

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)

    def getlist(self, name: str) -> list[str]:
        """Each value of a header, as it came."""
        return self._found.get(name.lower(), [])


class Response:
    """What a device answered.

    :ivar status_code: the HTTP status.
    :ivar headers: by name, in whatever case it is asked for.
    """

    def __init__(self, status_code: int, headers: Any, content: Optional[bytes] = None) -> None:
        self.status_code = status_code
        self.headers: Mapping[str, str] = headers
        self._content = content

    @property
    def content(self) -> bytes:
        """The whole body.

        :raises NasError: `CONNECTION` or `TIMEOUT` when the device goes away in between, `PROTOCOL` when the body is
            larger than `MAX_REPLY`.
        """
        return self._content or b""

    @property
    def length(self) -> Optional[int]:
        """How many bytes the device says that the body has; None where it does not."""
        size = self.headers.get("Content-Length", "")
        if not (size.isascii() and size.isdigit()) or "Transfer-Encoding" in self.headers:
            return None
        digits = size.lstrip("0") or "0"
        return int(digits[:_MOST_DIGITS])  # Python makes no number of some thousands of digits

    @property
    def cookies(self) -> dict[str, str]:
        """The cookies that the device set, by name; secret. They are not kept anywhere."""
        from http.cookies import CookieError, SimpleCookie  # noqa: PLC0415 - takes its time, and is hardly ever needed

        found: SimpleCookie = SimpleCookie()
        headers: Any = self.headers
        for header in headers.getlist("Set-Cookie"):
            with contextlib.suppress(CookieError):  # of a name that no cookie has
                found.load(header)
        return {name: morsel.value for name, morsel in found.items()}

    def chunks(self, expected: Optional[int] = None) -> Iterator[bytes]:
        """The body of a streamed answer, piece by piece; the connection is left at the end.

        :param expected: how many bytes it may have at most, where that is known.
        :raises NasError: as `content` does; `MISMATCH` at the first byte too many.
        """
        yield self.content

    def close(self) -> None:
        """Leave the body, if there is more of it, unread."""


def normalized(fingerprint: str) -> str:
    """A fingerprint as lower-case hex digits.

    :raises NasError: `USAGE` when it is not `sha256:` and the 64 hex digits of a SHA-256.
    """
    found = _FINGERPRINT.fullmatch(fingerprint.strip())
    if found is None:
        raise usage(
            f"option fingerprint: {fingerprint!r} is no SHA-256 fingerprint",
            hint="Set fingerprint (nas_fingerprint) to sha256: and 64 hex digits, with or without colons; this prints "
            f"it: {RECIPE}",
        )
    return found.group(1).replace(":", "").lower()


def system_store() -> tuple[str, ...]:
    """Which store of certificates is the system's: a task's environment may name another."""
    return tuple(os.environ.get(name, "") for name in _STORE_VARIABLES)


class Way(ABC):
    """A way to one device. It may be used by several threads."""

    @abstractmethod
    def send(self, request: Request) -> Response:
        """Send a request, once, and return whatever the device answers, except redirects and 413, 502, 503, 504.

        :raises NasError: `CONNECTION`, `TIMEOUT`, `CERTIFICATE`, `REDIRECT`, `BUSY`, `PROTOCOL`. What says
            `unreachable` tells only that this request did not reach the device.
        """

    @abstractmethod
    def close(self) -> None:
        """Close the connections that are this way's own."""
