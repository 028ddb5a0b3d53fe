# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one way to a device: a `requests` session with TLS, timeouts, careful retries, and errors without secrets.

Nothing here knows a vendor. Exceptions of `requests` and `urllib3` quote URLs, and URLs hold session ids, so they are
replaced (`from None`) by a `NasError` in our own words.
"""

from __future__ import annotations

import logging
import re
import ssl
import time
import traceback
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Optional, TypeVar, Union
from urllib.parse import quote, urlencode

from ansible_collections.nasops.nas.plugins.module_utils._errors import Kind, NasError

try:
    import requests
    import requests.adapters
    import urllib3
except ImportError:
    REQUESTS_IMPORT_ERROR: Optional[str] = traceback.format_exc()
    _Adapter: Any = object
else:
    REQUESTS_IMPORT_ERROR = None
    _Adapter = requests.adapters.HTTPAdapter
    # Its debug lines quote URLs, and with them session ids.
    logging.getLogger("urllib3").setLevel(logging.INFO)

T = TypeVar("T")
Query = Union[Mapping[str, Any], Iterable[tuple[str, Any]]]

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


class _TlsAdapter(_Adapter):  # type: ignore[misc]
    """Hands our TLS context to urllib3."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, ssl_context=self._context, **kwargs)

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """The context has it all: never let requests load another bundle."""


def encode_query(query: Query) -> str:
    """A query string with a space as `%20` (some devices store a `+` literally) and everything else escaped.

    A list or tuple as a value repeats its name. Lone surrogates become the bytes that they stand for.
    """
    items = query.items() if isinstance(query, Mapping) else query
    return urlencode(list(items), doseq=True, quote_via=quote, safe="", errors="surrogateescape")


def encode_form(fields: Query) -> bytes:
    """The same as a body of `application/x-www-form-urlencoded`."""
    return encode_query(fields).encode("ascii")


class Http:
    """Requests to one device.

    :param connection: where it is.
    :param extra_ca: PEM text of certificates to trust beside the system's.
    """

    def __init__(self, connection: Connection, extra_ca: Optional[str] = None) -> None:
        self.connection = connection
        self._session = requests.Session()
        # No proxies, no .netrc: credentials go to the device alone.
        self._session.trust_env = False
        if connection.use_ssl:
            self._session.mount("https://", _TlsAdapter(ssl_context(connection, extra_ca)))
            if not connection.validate_certs:
                self._session.verify = False
                urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)

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
    ) -> requests.Response:
        """Send one request, once, and return whatever the device answers, except redirects and 502, 503, 504.

        :param url_path: starts with `/` and is already percent-encoded.
        :param call: the call's name in the vendor's document, for errors.
        :param path: the path on the NAS that it is about, for errors.
        :param query: see `encode_query`.
        :param body: bytes, an iterator of bytes, or an object with `read` and a length (a streamed upload).
        :param stream: leave the answer's body unread; the caller reads it with `chunks` and closes it.
        :raises NasError: `CONNECTION`, `TIMEOUT`, `CERTIFICATE`, `REDIRECT` or `BUSY`.
        """
        url = self.connection.base_url + url_path
        if query:
            url = f"{url}?{encode_query(query)}"
        wait = timeout or self.connection.timeout
        try:
            response = self._session.request(
                method,
                url,
                data=body,
                headers=dict(headers or {}),
                stream=stream,
                timeout=(self.connection.timeout, wait),
                allow_redirects=False,
            )
        except requests.RequestException as error:
            raise self._translate(error, call, path) from None
        if response.is_redirect or 300 <= response.status_code < 400:
            response.close()
            raise self._redirected(response, call, path)
        if response.status_code in _BUSY_STATUS:
            response.close()
            raise self.error(
                Kind.BUSY, "the device is not able to answer now", call, path, f"HTTP {response.status_code}"
            )
        return response

    def chunks(self, response: requests.Response, *, call: str, path: str = "") -> Iterable[bytes]:
        """The body of a streamed answer, piece by piece; the response is closed at the end.

        :raises NasError: `CONNECTION` or `TIMEOUT` when the device goes away in between.
        """
        try:
            yield from response.iter_content(CHUNK)
        except requests.RequestException as error:
            raise self._translate(error, call, path) from None
        finally:
            response.close()

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
        self._session.close()

    def error(self, kind: Kind, message: str, call: str, path: str = "", code: str = "", hint: str = "") -> NasError:
        """A NasError of this device."""
        return NasError(kind, message, vendor=self.connection.vendor, call=call, path=path, code=code, hint=hint)

    def _translate(self, error: requests.RequestException, call: str, path: str) -> NasError:
        where = f"{self.connection.host} port {self.connection.port}"
        if isinstance(error, requests.exceptions.SSLError):
            return self._tls_error(str(error), where, call, path)
        if isinstance(error, requests.exceptions.ConnectTimeout):
            translated = self.error(Kind.TIMEOUT, f"no connection to {where} in time", call, path)
            translated.unsent = True
            return translated
        if isinstance(error, requests.exceptions.Timeout):
            hint = "Raise the option timeout"
            return self.error(Kind.TIMEOUT, f"no answer from {where} in time", call, path, hint=hint)
        reason = getattr(error.args[0], "reason", None) if error.args else None
        if isinstance(reason, urllib3.exceptions.NewConnectionError):
            text = str(reason).rpartition(": ")[2]
            translated = self.error(
                Kind.CONNECTION, f"cannot connect to {where}: {text}", call, path, hint="Check host, port and use_ssl"
            )
            translated.unsent = True
            return translated
        return self.error(Kind.CONNECTION, f"the connection to {where} broke off", call, path)

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

    def _redirected(self, response: requests.Response, call: str, path: str) -> NasError:
        target = re.match(r"(https?)://[^/]*?(?::(\d+))?(?:/|$)", response.headers.get("Location", ""))
        hint = "Redirects are not followed, because the request may hold credentials"
        if target and target.group(1) == "https" and not self.connection.use_ssl:
            port = target.group(2) or "443"
            hint = f"The device wants https: set use_ssl to true and port to {port}. {hint}"
        return self.error(
            Kind.REDIRECT, "the device answered with a redirect", call, path, f"HTTP {response.status_code}", hint
        )
