# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The face of a device for those who call it: requests, careful retries, whether anything was written.

Nothing here knows a vendor. There are two ways for a request, with one interface: `direct` from this process, and
`kept`, through the broker that keeps connections for a whole run. What streams goes directly, but for small files, and
so does what a task asks for when it has asked for much: each call through the broker costs as much again as the call.

`requests` takes longer to import than a task takes, so it is imported by whoever goes directly, and by nobody else.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Optional, TypeVar, Union
from urllib.parse import quote, urlencode, urlsplit

from .._core import certificates
from .._core.certificates import Certificate
from .._core.errors import Kind, NasError, usage
from .._core.text import SURROGATES
from .kept import BrokerLostError
from .way import AGENT, Connection, Request, Response, Way

if TYPE_CHECKING:
    from .connections import BoundedSocket
    from .direct import Direct

__all__ = [
    "AGENT",
    "Connection",
    "Http",
    "Query",
    "Response",
    "check_proxy",
    "encode_form",
    "encode_query",
]

T = TypeVar("T")
Query = Union[Mapping[str, Any], Iterable[tuple[str, Any]]]
Keep = Callable[[Connection, str], Way]
"""Makes the kept way to a device, from where it is and what certificates to trust beside the system's."""

listeners: list[Callable[[str], None]] = []
"""Who wants to know which way each call goes. They hear its name, and nothing that is in it."""

PROXY_SCHEMES = ("http", "https", "socks5", "socks5h")
MOST_KEPT = 1024 * 1024  # bytes of a body that goes the kept way
OWN_AFTER = 32  # calls by the kept way, after which a connection of its own is worth its handshake
MOST_OF_FILE = 64 * 1024  # bytes of a file that goes or comes the kept way
_FETCHES = 2  # files that come the kept way; who fetches more of them does better without a hop for each

_TRANSIENT = (Kind.BUSY, Kind.CONNECTION, Kind.TIMEOUT)
_HOST = re.compile(r"[^\s\x00-\x20\x7f\"#%/<>?@\\^`{|}\[\]]+(%[\w.-]+)?")


def encode_query(query: Query) -> str:
    """A query string with a space as `%20` (some devices store a `+` literally) and everything else escaped.

    A list or tuple as a value repeats its name. Lone surrogates become the bytes that they stand for.
    """
    items = query.items() if isinstance(query, Mapping) else query
    return urlencode(list(items), doseq=True, quote_via=quote, safe="", errors=SURROGATES)


def encode_form(fields: Query) -> bytes:
    """The same as a body of `application/x-www-form-urlencoded`."""
    return encode_query(fields).encode("ascii")


def note(line: str) -> None:
    """Tell the listeners."""
    for listener in listeners:
        listener(line)


class Http:
    """Requests to one device.

    :param connection: where it is.
    :param extra_ca: PEM text of certificates to trust beside the system's.
    :param keep: makes the kept way, where there is one.
    :raises NasError: `USAGE` where `requests`, or what a proxy needs, is missing, and for files that cannot be read.
    """

    def __init__(self, connection: Connection, extra_ca: str = "", keep: Optional[Keep] = None) -> None:
        self.connection = connection
        self._extra_ca = extra_ca
        self._writing = self._logging_in = self._idempotent = False
        self._wrote = False  # whether a call that changes something was sent
        self._by_kept = 0  # calls that went the kept way
        self._fetches = 0  # files that came the kept way
        self._made: Optional[Direct] = None
        self._kept = keep(connection, extra_ca) if keep is not None else None
        if self._kept is None:
            self._direct  # noqa: B018 - says at once what is missing

    def request(
        self,
        method: str,
        url_path: str,
        *,
        call: str,
        path: str = "",
        query: Optional[Query] = None,
        body: Any = None,
        headers: Optional[Mapping[str, str]] = None,
        stream: bool = False,
        expected: Optional[int] = None,
        timeout: Optional[float] = None,
    ) -> Response:
        """Send one request, once, and return whatever the device answers, except redirects and 413, 502, 503, 504.

        :param url_path: starts with `/` and is already percent-encoded; it is sent as it is.
        :param call: the call's name in the vendor's document, for errors.
        :param path: the path on the NAS that it is about, for errors.
        :param query: see `encode_query`.
        :param body: bytes, or something to iterate over that has a length (a streamed upload).
        :param stream: leave the answer's body unread; the caller reads it with `Response.chunks`.
        :param expected: about how many bytes a streamed body will have, where that is known.
        :param timeout: seconds to wait for each piece of the answer, where it takes longer than usual.
        :raises NasError: `CONNECTION`, `TIMEOUT`, `CERTIFICATE`, `REDIRECT`, `BUSY`, `PROTOCOL`.
        """
        target = f"{url_path}?{encode_query(query)}" if query else url_path
        sent = {"User-Agent": self.connection.agent, "Accept-Encoding": "identity", **(headers or {})}
        if body is not None and not isinstance(body, bytes) and len(body) <= MOST_OF_FILE:
            body = b"".join(body)  # a small file takes less time than a connection of its own
        request = self._request(method, target, sent, body, call, path, timeout, stream)
        is_small = body is None or (isinstance(body, bytes) and len(body) <= MOST_KEPT)
        if stream and is_small:
            is_small = expected is not None and expected <= MOST_OF_FILE and self._fetches < _FETCHES
            self._fetches += is_small
        try:
            return self._send(request, is_small)
        except NasError as error:
            error.unreachable &= not self._wrote
            raise
        finally:
            self._wrote |= self._writing and request.sent

    def open_socket(self, call: str, path: str) -> BoundedSocket:
        """A connected socket to the device, through proxy and TLS as the options say, for another protocol.

        What is read from it is bounded; see `BoundedSocket`.

        :raises NasError: as for a request that was not sent.
        """
        request = self._request("GET", "", {}, None, call, path, None, True)
        try:
            return self._direct.open_socket(request)
        except NasError as error:
            error.unreachable &= not self._wrote
            raise
        finally:
            self._wrote |= self._writing and request.sent

    def certificate(self) -> Optional[Certificate]:
        """The certificate that the device shows on a new connection, as valid as the options ask; None for http.

        :raises NasError: as for a request that was not sent; `PROTOCOL` where it cannot be read.
        """
        if not self.connection.use_ssl:
            return None
        call = "TLS handshake"
        sock = self.repeat(lambda: self.open_socket(call, ""), idempotent=True)
        try:
            return certificates.read(sock.getpeercert(binary_form=True) or b"")
        except ValueError as error:
            raise self.error(Kind.PROTOCOL, f"the device's certificate cannot be read: {error}", call) from None
        finally:
            sock.close()

    def repeat(self, attempt: Callable[[], T], *, idempotent: bool, is_login: bool = False) -> T:
        """The result of `attempt()`, tried again after a transient failure where that cannot do harm.

        A call that changes something is only repeated when the device certainly never received it.

        A login is never repeated: it may have used up a one-time code, or be counted. On a connection that has served
        a request the device may be hanging up, or send another copy of an answer; see
        `DeviceConnection.close_unusable`.

        :param is_login: whether it changes nothing but sessions, though it must not be repeated.
        """
        pause = 0.2
        self._writing = not idempotent and not is_login
        self._logging_in = is_login and not idempotent
        self._idempotent = idempotent
        try:
            for remaining in range(self.connection.retries, -1, -1):
                try:
                    return attempt()
                except NasError as error:
                    harmless = error.kind in _TRANSIENT and not error.final and (error.unsent or idempotent)
                    if not harmless or not remaining:
                        raise
                time.sleep(pause)
                pause = min(pause * 2, 5.0)
        finally:
            self._writing = self._logging_in = self._idempotent = False
        raise AssertionError("unreachable: the last attempt returns or raises")

    def close(self) -> None:
        """Close the connections that are not kept."""
        for way in (self._kept, self._made):
            if way is not None:
                way.close()

    def error(self, kind: Kind, message: str, call: str, path: str = "", code: str = "", hint: str = "") -> NasError:
        """A NasError of this device."""
        return NasError(kind, message, vendor=self.connection.vendor, call=call, path=path, code=code, hint=hint)

    def _send(self, request: Request, is_small: bool) -> Response:
        kept = self._kept if is_small and self._by_kept < OWN_AFTER else None
        if kept is not None:
            self._by_kept += 1
            try:
                note(f"{request.call} by a connection that is kept")
                return kept.send(request)
            except BrokerLostError:
                self._kept = None
        note(f"{request.call} by a connection of its own")
        return self._direct.send(request)

    @property
    def _direct(self) -> Direct:
        if self._made is None:
            from .direct import Direct  # noqa: PLC0415 - takes its time

            self._made = Direct(self.connection, self._extra_ca)
        return self._made

    def _request(
        self,
        method: str,
        target: str,
        headers: Mapping[str, str],
        body: Any,
        call: str,
        path: str,
        timeout: Optional[float],
        stream: bool,
    ) -> Request:
        seconds = self.connection.timeout
        return Request(
            method,
            target,
            headers,
            body,
            call,
            path,
            timeout or seconds,
            seconds,
            logs_in=self._logging_in,
            writes=self._writing,
            idempotent=self._idempotent,
            stream=stream,
        )


def check_proxy(proxy: str) -> None:
    """Refuse a proxy that is no URL of one. It is not quoted: it may hold a password.

    :raises NasError: `USAGE`.
    """
    try:
        parts = urlsplit(proxy)
        usable = parts.scheme.lower() in PROXY_SCHEMES and parts.path in ("", "/")
        usable = usable and _HOST.fullmatch(parts.hostname or "") is not None
        usable = usable and not parts.query and not parts.fragment and (parts.port is None or parts.port > 0)
    except ValueError:
        usable = False
    if not usable:
        raise usage(
            "option proxy is not the URL of a proxy",
            hint="Set proxy (nas_proxy) to scheme://[user:password@]host:port, with one of the schemes "
            + ", ".join(PROXY_SCHEMES),
        )
