# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one way to a device: HTTP with TLS, timeouts, careful retries, and errors without secrets.

Nothing here knows a vendor. Exceptions of `urllib3` quote URLs, and URLs hold session ids, so they are replaced (`from
None`) by a `NasError` in our own words. `urllib3` alone, without `requests` over it: of what that adds (redirects,
cookies, proxies, .netrc) nothing is wanted here, and a task that changes nothing costs a tenth less without it.
"""

from __future__ import annotations

import logging
import re
import ssl
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Any, Optional, TypeVar, Union
from urllib.parse import quote, urlencode

from ansible_collections.nasops.nas.plugins.module_utils._errors import Kind, NasError

try:
    import urllib3
    from urllib3 import exceptions
except ImportError:
    URLLIB3_IMPORT_ERROR: Optional[str] = traceback.format_exc()
else:
    URLLIB3_IMPORT_ERROR = None
    # Its debug lines quote URLs, and with them session ids.
    logging.getLogger("urllib3").setLevel(logging.INFO)

T = TypeVar("T")
Query = Union[Mapping[str, Any], Iterable[tuple[str, Any]]]

AGENT = "nasops.nas"  # what a device's own log says of us
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
    """

    vendor: str
    host: str
    port: int
    use_ssl: bool = True
    validate_certs: bool = True
    ca_path: Optional[str] = None
    timeout: float = 30.0
    retries: int = 3

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
    """

    def __init__(self, http: Http, raw: urllib3.BaseHTTPResponse, call: str, path: str) -> None:
        self.status_code: int = raw.status
        self.headers: Mapping[str, str] = raw.headers
        self._http = http
        self._raw = raw
        self._call = call
        self._path = path

    @property
    def content(self) -> bytes:
        """The whole body.

        :raises NasError: `CONNECTION` or `TIMEOUT` when the device goes away in between.
        """
        try:
            return bytes(self._raw.data)
        except exceptions.HTTPError as error:
            raise self._http.translated(error, self._call, self._path) from None

    @property
    def cookies(self) -> dict[str, str]:
        """The cookies that the device set, by name; secret. They are not kept anywhere."""
        found: SimpleCookie = SimpleCookie()
        for header in self._raw.headers.getlist("Set-Cookie"):
            found.load(header)
        return {name: morsel.value for name, morsel in found.items()}

    def chunks(self) -> Iterator[bytes]:
        """The body of a streamed answer, piece by piece; the connection is left at the end.

        :raises NasError: as `content` does.
        """
        try:
            yield from self._raw.stream(CHUNK)
        except exceptions.HTTPError as error:
            raise self._http.translated(error, self._call, self._path) from None
        finally:
            self.close()

    def close(self) -> None:
        """Leave the body, if there is more of it, unread."""
        self._raw.close()


class Http:
    """Requests to one device. No proxies, no .netrc, no cookie jar: what is secret goes to the device alone.

    :param connection: where it is.
    :param extra_ca: PEM text of certificates to trust beside the system's.
    """

    def __init__(self, connection: Connection, extra_ca: Optional[str] = None) -> None:
        self.connection = connection
        tls: dict[str, Any] = {}
        if connection.use_ssl:
            tls["ssl_context"] = ssl_context(connection, extra_ca)
            if not connection.validate_certs:
                tls["cert_reqs"] = ssl.CERT_NONE
                tls["assert_hostname"] = False
                urllib3.disable_warnings(exceptions.InsecureRequestWarning)
        self._pool = urllib3.connection_from_url(connection.base_url, **tls)

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
        :param body: bytes, or an object with `read` and a length (a streamed upload).
        :param stream: leave the answer's body unread; the caller reads it with `Response.chunks`.
        :param timeout: seconds to wait for each piece of the answer, where it takes longer than usual.
        :raises NasError: `CONNECTION`, `TIMEOUT`, `CERTIFICATE`, `REDIRECT` or `BUSY`.
        """
        sent_headers = {"User-Agent": AGENT, **(headers or {})}
        if body is not None:
            sent_headers["Content-Length"] = str(len(body))
        wait = urllib3.Timeout(connect=self.connection.timeout, read=timeout or self.connection.timeout)
        try:
            raw = self._pool.request(
                method,
                f"{url_path}?{encode_query(query)}" if query else url_path,
                body=body,
                headers=sent_headers,
                timeout=wait,
                retries=False,
                redirect=False,
                preload_content=not stream,
                enforce_content_length=True,
            )
        except exceptions.HTTPError as error:
            raise self.translated(error, call, path) from None
        if 300 <= raw.status < 400:
            raw.close()
            raise self._redirected(raw.status, raw.headers.get("Location", ""), call, path)
        if raw.status in _BUSY_STATUS:
            raw.close()
            raise self.error(Kind.BUSY, "the device is not able to answer now", call, path, f"HTTP {raw.status}")
        return Response(self, raw, call, path)

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
        """Close the connections."""
        self._pool.close()

    def error(self, kind: Kind, message: str, call: str, path: str = "", code: str = "", hint: str = "") -> NasError:
        """A NasError of this device."""
        return NasError(kind, message, vendor=self.connection.vendor, call=call, path=path, code=code, hint=hint)

    def translated(self, error: exceptions.HTTPError, call: str, path: str) -> NasError:
        """An exception of urllib3, which may quote a URL and with it a session id, in our own words."""
        where = f"{self.connection.host} port {self.connection.port}"
        if isinstance(error, exceptions.SSLError):
            return self._tls_error(str(error), where, call, path)
        if isinstance(error, exceptions.NewConnectionError):
            told = self.error(
                Kind.CONNECTION, f"cannot connect to {where}: {str(error).rpartition(': ')[2]}", call, path
            )
            told.hint = "Check host, port and use_ssl"
            told.unsent = True
        elif isinstance(error, exceptions.ConnectTimeoutError):
            told = self.error(Kind.TIMEOUT, f"no connection to {where} in time", call, path)
            told.unsent = True
        elif isinstance(error, exceptions.TimeoutError):
            told = self.error(Kind.TIMEOUT, f"no answer from {where} in time", call, path)
            told.hint = "Raise the option timeout"
        else:
            told = self.error(Kind.CONNECTION, f"the connection to {where} broke off", call, path)
        return told

    def _tls_error(self, text: str, where: str, call: str, path: str) -> NasError:
        if "CERTIFICATE_VERIFY_FAILED" in text:
            found = re.search(r"certificate verify failed: ([^(']*)", text)
            reason = found.group(1).strip() if found else "certificate verify failed"
            return self.error(
                Kind.CERTIFICATE,
                f"the certificate of {where} is not trusted: {reason}",
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
