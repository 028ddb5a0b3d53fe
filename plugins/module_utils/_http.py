# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one way to a device: HTTP with TLS, timeouts, careful retries, and errors without secrets.

Nothing here knows a vendor. Exceptions of HTTP clients may quote URLs, and URLs hold session ids, so they are replaced
(`from None`) by a `NasError` in our own words. Python's own `http.client` is all that is needed: of what `requests` and
`urllib3` add (redirects, cookies, proxies, .netrc, pools) nothing is wanted here, and their first request in a fresh
worker process costs three times as much, which every task would pay.
"""

from __future__ import annotations

import contextlib
import re
import select
import ssl
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from http.client import BadStatusLine, HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from http.cookies import SimpleCookie
from typing import Any, Optional, TypeVar, Union
from urllib.parse import quote, urlencode

from ansible_collections.nasops.nas.plugins.module_utils._errors import Kind, NasError

T = TypeVar("T")
Query = Union[Mapping[str, Any], Iterable[tuple[str, Any]]]

AGENT = "nasops.nas"
CHUNK = 512 * 1024  # bytes read or written at a time
_TRANSIENT = (Kind.BUSY, Kind.CONNECTION, Kind.TIMEOUT)
_BUSY_STATUS = (502, 503, 504)


@dataclass(frozen=True)
class Connection:
    """Where a device is and how to talk to it.

    :param vendor: `synology`, `qnap` or `freebox`; names the device in errors.
    :param host: name or address; an IPv6 address without brackets.
    :param port: TCP port.
    :param use_ssl: https rather than http.
    :param validate_certs: whether the certificate must be trusted and fit the host.
    :param ca_path: file of PEM certificates to trust instead of the system's, or None.
    :param timeout: seconds to wait for a connection, and for each piece of an answer.
    :param retries: how often a call that changes nothing is repeated after a transient failure.
    :param agent: what the device's own log says of us.
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

    @property
    def base_url(self) -> str:
        """`https://host:port`, without a slash at the end."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.use_ssl else 'http'}://{host}:{self.port}"


def ssl_context(connection: Connection, extra_ca: Optional[str] = None) -> ssl.SSLContext:
    """The TLS settings of a connection, for HTTP and WebSocket alike.

    :param extra_ca: PEM text of certificates that a vendor's devices are signed with, trusted beside the system's.
    :raises NasError: `USAGE` when `ca_path` cannot be read as certificates.
    """
    try:
        context = ssl.create_default_context(cafile=connection.ca_path)
    except (OSError, ssl.SSLError) as error:
        raise NasError(
            Kind.USAGE,
            f"ca_path {connection.ca_path!r} cannot be read as PEM certificates: {error}",
            vendor=connection.vendor,
        ) from None
    if extra_ca and not connection.ca_path:
        context.load_verify_locations(cadata=extra_ca)
    # Python 3.13 turns this on; device certificates, the Freebox chain among them, lack what it wants to see.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    if not connection.validate_certs:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def encode_query(query: Query) -> str:
    """A query string with a space as `%20` (some devices store a `+` literally) and everything else escaped.

    A list or tuple as a value repeats its name. Lone surrogates become the bytes that they stand for.
    """
    items = query.items() if isinstance(query, Mapping) else query
    return urlencode(list(items), doseq=True, quote_via=quote, safe="", errors="surrogateescape")


def encode_form(fields: Query) -> bytes:
    """The same as a body of `application/x-www-form-urlencoded`."""
    return encode_query(fields).encode("ascii")


class Response:
    """What a device answered.

    :ivar status_code: the HTTP status.
    :ivar headers: by name, in whatever case it is asked for.
    :ivar line: the connection that ends with the answer; None where the next request goes on with it.
    """

    def __init__(self, http: Http, line: HTTPConnection, raw: HTTPResponse, call: str, path: str) -> None:
        self.status_code: int = raw.status
        self.headers: Mapping[str, str] = raw.headers  # type: ignore[assignment]
        self.line: Optional[HTTPConnection] = line
        self._http = http
        self._raw = raw
        self._call = call
        self._path = path
        self._content: Optional[bytes] = None

    @property
    def content(self) -> bytes:
        """The whole body.

        :raises NasError: `CONNECTION` or `TIMEOUT` when the device goes away in between.
        """
        if self._content is None:
            self._content = self._read(None)
        return self._content

    @property
    def cookies(self) -> dict[str, str]:
        """The cookies that the device set, by name; secret. They are not kept anywhere."""
        found: SimpleCookie = SimpleCookie()
        for header in self._raw.headers.get_all("Set-Cookie", ()):
            found.load(header)
        return {name: morsel.value for name, morsel in found.items()}

    def chunks(self) -> Iterator[bytes]:
        """The body of a streamed answer, piece by piece; the connection is left at the end.

        :raises NasError: as `content` does.
        """
        try:
            while piece := self._read(CHUNK):
                yield piece
            if self._raw.length:  # which `http.client` does not mind when it is asked for pieces
                raise self._http.broken(self._call, self._path)
        finally:
            self.close()

    def close(self) -> None:
        """Leave the body, if there is more of it, unread."""
        self._raw.close()
        if self.line is not None:
            self.line.close()

    def _read(self, size: Optional[int]) -> bytes:
        try:
            return self._raw.read(size)
        except (OSError, HTTPException) as error:
            raise self._http.broken(self._call, self._path, error) from None


class Http:
    """Requests to one device. No proxies, no .netrc, no cookie jar: what is secret goes to the device alone.

    :param connection: where it is.
    :param extra_ca: PEM text of certificates to trust beside the system's.
    """

    def __init__(self, connection: Connection, extra_ca: Optional[str] = None) -> None:
        self.connection = connection
        self._context = ssl_context(connection, extra_ca) if connection.use_ssl else None
        self._idle: Optional[HTTPConnection] = None

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
        timeout: Optional[float] = None,
    ) -> Response:
        """Send one request, once, and return whatever the device answers, except redirects and 502, 503, 504.

        :param url_path: starts with `/` and is already percent-encoded.
        :param call: the call's name in the vendor's document, for errors.
        :param path: the path on the NAS that it is about, for errors.
        :param query: see `encode_query`.
        :param body: bytes, or something to iterate over that has a length (a streamed upload).
        :param stream: leave the answer's body unread; the caller reads it with `Response.chunks`.
        :param timeout: seconds to wait for each piece of the answer, where it takes longer than usual.
        :raises NasError: `CONNECTION`, `TIMEOUT`, `CERTIFICATE`, `REDIRECT` or `BUSY`.
        """
        target = f"{url_path}?{encode_query(query)}" if query else url_path
        sent_headers = {"User-Agent": self.connection.agent, **(headers or {})}
        if body is not None:
            sent_headers["Content-Length"] = str(len(body))
        line = self._take_idle() or self._connect(call, path)
        try:
            line.sock.settimeout(timeout or self.connection.timeout)
            try:
                with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                    # A device that refuses an upload may say so, and leave, before it has read all of it.
                    line.request(method, target, body=body, headers=sent_headers)
                raw = line.getresponse()
            except (OSError, HTTPException) as error:
                raise self.broken(call, path, error) from None
            if 300 <= raw.status < 400:
                raise self._redirected(raw.status, raw.headers.get("Location", ""), call, path)
            if raw.status in _BUSY_STATUS:
                raise self.error(Kind.BUSY, "the device is not able to answer now", call, path, f"HTTP {raw.status}")
            response = Response(self, line, raw, call, path)
            if not stream and response.content is not None and line.sock is not None:
                self._idle, response.line = line, None
        except BaseException:
            line.close()
            raise
        return response

    def repeat(self, attempt: Callable[[], T], *, changes_nothing: bool) -> T:
        """The result of `attempt()`, tried again after a transient failure where that cannot do harm.

        A call that changes something is only repeated when the device certainly never received it.
        """
        pause = 0.2
        for remaining in range(self.connection.retries, -1, -1):
            try:
                return attempt()
            except NasError as error:
                harmless = error.unsent or (changes_nothing and error.kind in _TRANSIENT)
                if not harmless or not remaining:
                    raise
            time.sleep(pause)
            pause = min(pause * 2, 5.0)
        raise AssertionError("unreachable: the last attempt returns or raises")

    def close(self) -> None:
        """Close the connection."""
        if self._idle is not None:
            self._idle.close()
            self._idle = None

    def _take_idle(self) -> Optional[HTTPConnection]:
        """The connection of the request before; None when there is none, or the device has left it meanwhile."""
        line, self._idle = self._idle, None
        if line is None:
            return None
        waiting = select.poll()
        waiting.register(line.sock, select.POLLIN)
        if waiting.poll(0):
            line.close()
            return None
        return line

    def _connect(self, call: str, path: str) -> HTTPConnection:
        at = self.connection
        line = (
            HTTPConnection(at.host, at.port, timeout=at.timeout)
            if self._context is None
            else HTTPSConnection(at.host, at.port, timeout=at.timeout, context=self._context)
        )
        where = f"{at.host} port {at.port}"
        try:
            line.connect()
        except ssl.SSLError as error:
            raise self._tls_error(error, where, call, path) from None
        except TimeoutError:
            told = self.error(Kind.TIMEOUT, f"no connection to {where} in time", call, path)
        except (OSError, UnicodeError) as error:  # UnicodeError: no name of a host looks like this
            reason = getattr(error, "strerror", None) or error
            told = self.error(Kind.CONNECTION, f"cannot connect to {where}: {reason}", call, path)
            told.hint = "Check host, port and use_ssl"
        else:
            return line
        told.unsent = True
        raise told

    def error(self, kind: Kind, message: str, call: str, path: str = "", code: str = "", hint: str = "") -> NasError:
        """A NasError of this device."""
        return NasError(kind, message, vendor=self.connection.vendor, call=call, path=path, code=code, hint=hint)

    def broken(self, call: str, path: str, error: Optional[Exception] = None) -> NasError:
        """The error for an answer that did not come, or not to its end."""
        where = f"{self.connection.host} port {self.connection.port}"
        if isinstance(error, TimeoutError):
            return self.error(
                Kind.TIMEOUT, f"no answer from {where} in time", call, path, hint="Raise the option timeout"
            )
        told = self.error(Kind.CONNECTION, f"the connection to {where} broke off", call, path)
        if isinstance(error, BadStatusLine) and not self.connection.use_ssl:
            told.hint = "Perhaps this port speaks https: check port and use_ssl"
        return told

    def _tls_error(self, error: ssl.SSLError, where: str, call: str, path: str) -> NasError:
        if isinstance(error, ssl.SSLCertVerificationError):
            return self.error(
                Kind.CERTIFICATE,
                f"the certificate of {where} is not trusted: {error.verify_message}",
                call,
                path,
                hint="Set ca_path to the certificate of its authority, or validate_certs to false",
            )
        hint = "Perhaps this port speaks plain http: check port and use_ssl"
        return self.error(Kind.CERTIFICATE, f"no TLS connection to {where}", call, path, hint=hint)

    def _redirected(self, status: int, location: str, call: str, path: str) -> NasError:
        target = re.match(r"(https?)://[^/]*?(?::(\d+))?(?:/|$)", location)
        hint = "Redirects are not followed, because the request may hold credentials"
        if target and target.group(1) == "https" and not self.connection.use_ssl:
            port = target.group(2) or "443"
            hint = f"The device wants https: set use_ssl to true and port to {port}. {hint}"
        return self.error(Kind.REDIRECT, "the device answered with a redirect", call, path, f"HTTP {status}", hint)
