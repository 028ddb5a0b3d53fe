# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way from this process to a device: HTTP by `requests`, with TLS, proxies, bounds, errors without secrets.

`requests` keeps the connections; what it must not do is kept from it: no redirects, no .netrc, no proxies of the
environment, no cookies beyond a session, no path changed on its way. Its exceptions and log lines quote URLs, and URLs
hold session ids, so they end here: every failure is a `NasError` in our own words, made where it happens, and known to
be from before or after the first byte of the request.
"""

from __future__ import annotations

import functools
import re
import socket
import ssl
import threading
from base64 import b64encode
from collections.abc import Iterator
from http.client import BadStatusLine, HTTPException, LineTooLong, RemoteDisconnected, UnknownProtocol
from typing import Any, Optional
from urllib.parse import unquote_to_bytes, urlsplit

from .._core.errors import Kind, NasError, usage
from . import tls as _tls
from .connections import (
    REQUESTS_IMPORT_ERROR,
    WIRE_ERRORS,
    Answer,
    BoundedSocket,
    Exchange,
    NonsenseError,
    UsedConnectionError,
    causes,
    connection_class,
    is_timeout,
    silence,
)
from .way import CHUNK, CONNECTIONS, Connection, Request, Response, Way, more_than

try:
    import requests
    import urllib3
    from requests.adapters import HTTPAdapter
    from requests.sessions import Session as RequestsSession
except ImportError:  # REQUESTS_IMPORT_ERROR tells
    HTTPAdapter = RequestsSession = object  # type: ignore[assignment,misc]

_BUSY_STATUS = (502, 503, 504)
_TOO_LARGE = 413
_PROXY_LOGIN = 407
_WANTS_TLS = (b"plain HTTP request was sent to HTTPS port", b"speaking plain HTTP to an SSL-enabled server port")
_TLS_RECORD = re.compile(r"[\x14-\x17]\x03[\x00-\x04]")
_TUNNEL_REFUSED = re.compile(r"Tunnel connection failed: (\d{3})")
_SPEAKS_TLS = "This port speaks https: set use_ssl (nas_use_ssl) to true, or port (nas_port) to the one of http"
_QUICK = 5.0  # seconds to find out what a port speaks
_WHERE = "host, port and use_ssl (ansible_host, nas_port, nas_use_ssl)"


def require_requests() -> None:
    """Make sure that the library is there.

    :raises NasError: `USAGE`.
    """
    if REQUESTS_IMPORT_ERROR is not None:
        hint = "Install it where the task runs: pip install requests"
        raise usage("the Python library requests is missing", hint=hint)


def _in_ascii(host: str) -> Optional[str]:
    """A host as name services and proxies know it; None where no host may have such a name."""
    if host.isascii():
        return host
    try:
        return urllib3.util.parse_url(f"http://{host}").host
    except urllib3.exceptions.LocationParseError:
        return None


class _Adapter(HTTPAdapter):
    """Sends the requests of one device, by the connections that it is given."""

    pool: Any = None
    shown_url = "/"
    """What urllib3's log and errors may show, and what tells it whether to tunnel; `putrequest` has the target."""

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
        """Nothing: the pool has its TLS settings."""

    def request_url(self, request: Any, proxies: Any) -> str:
        """Nothing of the request."""
        return self.shown_url

    def proxy_headers(self, proxy: Any) -> dict[str, str]:
        """The login of a proxy's URL, by the bytes that stand there, as in UTF-8; requests takes Latin-1 alone."""
        parts = urlsplit(proxy)
        if parts.username is None:
            return {}
        login = b":".join(unquote_to_bytes(part or "") for part in (parts.username, parts.password))
        return {"Proxy-Authorization": f"Basic {b64encode(login).decode('ascii')}"}

    def build_response(self, req: Any, resp: Any) -> Any:
        """That of urllib3, which has all that is asked for; to make one of requests takes longer than to parse it."""
        return resp

    def get_connection_with_tls_context(self, request: Any, verify: Any, proxies: Any = None, cert: Any = None) -> Any:
        """The pool (requests 2.32.2 and later)."""
        return self.pool

    def _get_connection(self, request: Any, verify: Any, proxies: Any = None, cert: Any = None) -> Any:
        """The pool (requests 2.32.0 and 2.32.1)."""
        return self.pool

    def get_connection(self, url: Any, proxies: Any = None) -> Any:
        """The pool (before requests 2.32)."""
        return self.pool


class _Session(RequestsSession):
    """A session of requests that does no more than to send and to keep connections.

    What else a session does with an answer is not wanted: hooks, cookies for later requests, redirects.
    """

    def __init__(self) -> None:
        super().__init__()
        self.trust_env = False
        self.adapter = _Adapter(pool_connections=1, pool_maxsize=CONNECTIONS)
        self.adapters.clear()
        self.mount("http", self.adapter)

    def send(self, request: Any, **options: Any) -> Any:
        """The answer, its body unread."""
        return self.adapter.send(request, stream=True, **options)


_spare: list[_Session] = []  # made before the fork, for the first device of a process


class Streamed(Response):
    """What a device answered, its body still on the wire."""

    def __init__(self, way: Direct, answer: Any, exchange: Exchange) -> None:
        super().__init__(answer.status, answer.headers)
        self._way = way
        self._raw = answer
        self._exchange = exchange

    @property
    def content(self) -> bytes:
        """The whole body."""
        if self._content is None:
            self._exchange.read_whole()
            length = self.length
            if length is not None:
                # Reading would stop at the limit too; this spares the wait.
                self._exchange.count(length)
                self._exchange.read_whole()
            self._content = b"".join(self._pieces())
        return self._content

    def chunks(self, expected: Optional[int] = None) -> Iterator[bytes]:
        """The body, piece by piece."""
        if self._content is not None:
            yield self._content
            return
        received = 0
        self._exchange.stream()
        try:
            for piece in self._pieces():
                received += len(piece)
                if expected is not None and received > expected:
                    raise self._exchange.fail(Kind.MISMATCH, more_than(expected))
                yield piece
        finally:
            self.close()

    def close(self) -> None:
        """Leave the rest of the body."""
        with silence:
            self._raw.close()

    def _pieces(self) -> Iterator[bytes]:
        missing = self.length
        while piece := self._read():
            if missing is not None:
                missing -= len(piece)
            yield piece
            if missing == 0:
                return
        if missing:  # which libraries do not always mind
            raise self._way.broken(None, self._exchange)

    def _read(self) -> bytes:
        try:
            with silence:
                piece: bytes = self._raw.read(CHUNK, decode_content=False)
                return piece
        except WIRE_ERRORS as error:
            raise self._way.broken(error, self._exchange) from None


class Direct(Way):
    """Connections from this process to one device, in a session of `requests`.

    :param connection: where it is.
    :param extra_ca: PEM text of certificates to trust beside the system's.
    :raises NasError: `USAGE` where `requests`, or what a proxy needs, is missing, and for files that cannot be read.
    """

    def __init__(self, connection: Connection, extra_ca: str = "") -> None:
        self.connection = connection
        self._answered = False  # whether the device has spoken HTTP
        self._threads = threading.local()
        require_requests()
        self._host = _in_ascii(connection.url_host)
        self._session = _spare.pop() if _spare else _Session()
        self._adapter = self._session.adapter
        self._adapter.pool = self._pool(extra_ca)
        if not self._tunnels:
            self._adapter.shown_url = connection.base_url + "/"

    @property
    def exchange(self) -> Exchange:
        """The latest one of this thread."""
        latest: Exchange = self._threads.exchange
        return latest

    def send(self, request: Request) -> Response:
        # Without TLS a new connection takes less time than to see whether a used one serves a login, and a proxy that
        # takes requests one by one may keep connections of its own to the device.
        on_new_connection = request.logs_in and not self.connection.use_ssl
        try:
            return self._send(request, on_new_connection)
        except UsedConnectionError:
            return self._send(request, on_new_connection=True)

    def _send(self, request: Request, on_new_connection: bool) -> Response:
        at = self.connection
        exchange = self._exchange_of(request)
        exchange.on_new_connection = on_new_connection
        prepared = requests.PreparedRequest()
        prepared.method = request.method
        prepared.url = at.base_url + "/"
        prepared.headers = dict(request.headers)  # type: ignore[assignment]
        prepared.body = body = request.body
        if body is not None:
            prepared.headers["Content-Length"] = str(len(body))
        exchange.head_waits = bool(body) and isinstance(body, bytes)
        try:
            with silence:
                answer = self._session.send(prepared, timeout=(request.connect_timeout, exchange.timeout))
        except WIRE_ERRORS as error:
            raise self.broken(error) from None
        finally:
            request.sent = exchange.sent
        self._answered = True
        response = Streamed(self, answer, exchange)
        try:
            self._refuse(response, exchange)
            if not request.stream:
                response.content  # noqa: B018 - reads it
        except BaseException:
            response.close()
            raise
        return response

    def open_socket(self, request: Request) -> BoundedSocket:
        """A connected socket to the device, through proxy and TLS as the options say, for another protocol.

        What is read from it is bounded; see `BoundedSocket`.

        :raises NasError: as for a request that was not sent.
        """
        exchange = self._exchange_of(request)
        pool = self._adapter.pool
        if self._proxy_scheme == "https" and not self.connection.use_ssl:
            hint = "Set use_ssl (nas_use_ssl) to true, or proxy (nas_proxy) to one of another scheme"
            raise exchange.fail(
                Kind.UNSUPPORTED, "nothing but HTTP goes to plain http through an https proxy", hint=hint
            )
        with silence:
            connection = pool._new_conn()
            connection.timeout = exchange.timeout
            if pool.proxy is None:
                connection.connect()
            elif self.connection.use_ssl:
                pool._prepare_proxy(connection)
            else:
                connection.set_tunnel(self.connection.host, self.connection.port, pool.proxy_headers)
                connection.connect()
        connection.sock.settimeout(exchange.timeout)
        request.sent = True
        return BoundedSocket(connection.sock, exchange)

    def close(self) -> None:
        """Close the connections."""
        with silence:
            self._session.close()
            self._adapter.pool.close()

    @property
    def fingerprint(self) -> Optional[str]:
        """Of the only certificate that is accepted."""
        return self.connection.fingerprint

    def unconnected(self, error: BaseException) -> NasError:
        """The error for a connection that could not be made: the request was not sent."""
        for cause in causes(error):
            if isinstance(cause, ssl.SSLError):
                return self.tls_failure(_tls.problem_of(cause, bool(self.connection.client_cert)))
            if type(cause).__name__ == "SOCKS5AuthError":
                return self._login_refused()
        first = next(causes(error))
        refused = _TUNNEL_REFUSED.search(str(first))
        if refused is not None:
            status = int(refused.group(1))
            if status == _PROXY_LOGIN:
                return self._login_refused(f"HTTP {status}")
            verb = "cannot" if status in _BUSY_STATUS else "refuses to"
            failure = self.exchange.fail(
                Kind.CONNECTION,
                f"{self._via} {verb} connect to {self.connection.where}",
                code=f"HTTP {status}",
                hint="Check proxy (nas_proxy), and whether it may connect to this host and port",
            )
            # Of a device that is away, a proxy says what a web server in front of it would.
            return self._unsent(failure) if status in _BUSY_STATUS else failure
        socks_reason = next((str(cause) for cause in causes(error) if type(cause).__name__ == "SOCKS5Error"), "")
        if socks_reason:
            failure = self.exchange.fail(Kind.CONNECTION, f"{self._via} cannot connect to {self.connection.where}")
            failure.message += f": {socks_reason.partition(': ')[2] or socks_reason}"
            failure.hint = "Check proxy (nas_proxy), and whether it may connect to this host and port"
        elif any(is_timeout(cause) for cause in causes(error)):
            failure = self.exchange.fail(Kind.TIMEOUT, f"no connection to {self._to} in time")
            failure.hint = f"Check {self._ways}, or raise timeout (nas_timeout)"
        else:
            reasons = [getattr(cause, "strerror", None) for cause in causes(error)]
            if any(isinstance(cause, UnicodeError) for cause in causes(error)):
                reasons = ["no host has such a name"]
            reason = next((reason for reason in reversed(reasons) if reason), "the connection broke off")
            failure = self.exchange.fail(Kind.CONNECTION, f"cannot connect to {self._to}: {reason}")
            failure.hint = f"Check {self._ways}"
            failure.broke_off = any(isinstance(cause, ConnectionResetError) for cause in causes(error))
        return self._unsent(failure)

    def tls_failure(self, problem: _tls.Problem) -> NasError:
        """The error for a TLS connection that could not be made."""
        failure = self.exchange.fail(problem.kind, f"{self.connection.where}: {problem.message}", hint=problem.hint)
        failure.broke_off = problem.transient
        return self._unsent(failure) if problem.transient else failure

    def broken(self, error: Optional[BaseException], exchange: Optional[Exchange] = None) -> NasError:
        """The error for an answer that did not come, or not to its end."""
        exchange = exchange or self.exchange
        where = self.connection.where
        for cause in causes(error) if error is not None else ():
            if isinstance(cause, NasError):
                return cause
            if is_timeout(cause):
                return exchange.fail(
                    Kind.TIMEOUT, f"no answer from {where} in time", hint="Raise timeout (nas_timeout)"
                )
            if isinstance(cause, ssl.SSLError):
                problem = _tls.problem_of(cause, bool(self.connection.client_cert))
                # A server refuses a client certificate (TLS 1.3) after the handshake.
                if problem.hint and "client_cert" in problem.hint:
                    return exchange.fail(problem.kind, f"{where}: {problem.message}", hint=problem.hint)
            nonsense = self._nonsense(cause, exchange)
            if nonsense is not None:
                return nonsense
        failure = exchange.fail(Kind.CONNECTION, f"the connection to {where} broke off")
        failure.broke_off = self._answered or not self._speaks_tls()
        if not failure.broke_off:
            failure.hint = _SPEAKS_TLS
        elif not self._answered and self.connection.proxy:
            failure.hint = f"Check {self._ways}"
        return failure

    def _speaks_tls(self) -> bool:
        """Whether a port that leaves without a word to plain http answers to TLS."""
        at = self.connection
        if at.use_ssl or at.proxy:
            return False
        try:
            with socket.create_connection(
                (at.host, at.port), timeout=min(self.exchange.connect_timeout, _QUICK)
            ) as plain:
                _tls.accepting().wrap_socket(plain, server_hostname=at.host).close()
        except (OSError, ValueError):
            return False
        return True

    def _no_http(self, line: str, exchange: Exchange) -> NasError:
        if _TLS_RECORD.search(line) and not self.connection.use_ssl:
            return exchange.fail(Kind.PROTOCOL, "the device wants https", hint=_SPEAKS_TLS)
        where = self.connection.where
        return exchange.fail(Kind.PROTOCOL, f"what answers at {where} does not speak HTTP", hint=f"Check {_WHERE}")

    def _nonsense(self, cause: BaseException, exchange: Exchange) -> Optional[NasError]:
        """The error for what is no HTTP; None for any other cause."""
        is_nonsense = isinstance(cause, (NonsenseError, UnknownProtocol)) or type(cause).__name__ == "InvalidHeader"
        if isinstance(cause, BadStatusLine) and not isinstance(cause, RemoteDisconnected):
            line = str(cause.args[0]) if cause.args else ""
            if not "HTTP/".startswith(line.strip("'\"")[:5]):
                return self._no_http(line, exchange)
            is_nonsense = line.endswith("\n")  # else its end is missing
        where = self.connection.where
        if is_nonsense:
            what = f"the answer of {where} is not well-formed HTTP"
            return exchange.fail(Kind.PROTOCOL, what, hint=f"Check {_WHERE}")
        if isinstance(cause, LineTooLong) or (isinstance(cause, HTTPException) and "more than" in str(cause)):
            return exchange.fail(Kind.PROTOCOL, f"the answer of {where} has headers without end")
        return None

    def _exchange_of(self, request: Request) -> Exchange:
        def fail(kind: Kind, message: str, code: str = "", hint: str = "") -> NasError:
            at = self.connection
            return NasError(kind, message, vendor=at.vendor, call=request.call, path=request.path, code=code, hint=hint)

        self._threads.exchange = exchange = Exchange(fail, request.target, request.timeout)
        exchange.logs_in, exchange.writes = request.logs_in, request.writes
        exchange.connect_timeout = request.connect_timeout
        if self._host is None:
            raise self.unconnected(UnicodeError())
        if not self._tunnels:
            at = self.connection
            exchange.target = at.base_url.replace(at.url_host, self._host, 1) + request.target
        return exchange

    def _unsent(self, error: NasError) -> NasError:
        error.unsent = error.unreachable = True
        return error

    def _login_refused(self, code: str = "") -> NasError:
        message = f"{self._via} refuses the login"
        hint = "Check user and password in proxy (nas_proxy)"
        return self.exchange.fail(Kind.AUTHENTICATION, message, code=code, hint=hint)

    def _refuse(self, response: Response, exchange: Exchange) -> None:
        """Raise the error for an answer that never is one of the device's API."""
        status = response.status_code
        code = f"HTTP {status}"
        if 300 <= status < 400:
            raise self._redirected(exchange, status, response.headers.get("Location", ""))
        if status == _PROXY_LOGIN and self.connection.proxy:
            raise self._login_refused(code)
        if status in _BUSY_STATUS:
            raise exchange.fail(Kind.BUSY, "the device is not able to answer now", code)
        if status == _TOO_LARGE:
            hint = (
                "Raise the size of requests that it takes (nginx: client_max_body_size), or let host and port "
                "(ansible_host, nas_port) name the device itself"
            )
            message = "a web server in front of the device refuses a request of this size"
            raise exchange.fail(Kind.DEVICE, message, code, hint)
        if status == 400 and not self.connection.use_ssl and any(text in response.content for text in _WANTS_TLS):
            raise exchange.fail(Kind.PROTOCOL, "the device wants https", code, _SPEAKS_TLS)

    def _redirected(self, exchange: Exchange, status: int, location: str) -> NasError:
        target = re.match(r"(https?)://[^/]*?(?::(\d{1,5}))?(?:/|$)", location)
        hint = "Redirects are not followed, because the request may hold credentials"
        if target and target.group(1) == "https" and not self.connection.use_ssl:
            port = target.group(2) or "443"
            hint = f"The device wants https: set use_ssl (nas_use_ssl) to true and port (nas_port) to {port}. {hint}"
        return exchange.fail(Kind.REDIRECT, "the device answered with a redirect", f"HTTP {status}", hint)

    # -- connections

    @property
    def _proxy_scheme(self) -> str:
        return urlsplit(self.connection.proxy).scheme.lower() if self.connection.proxy else ""

    @property
    def _tunnels(self) -> bool:
        """Whether the device itself reads the request line; else a proxy that must find the device in it."""
        return self.connection.use_ssl or self._proxy_scheme not in ("http", "https")

    @property
    def _via(self) -> str:
        """The proxy for a person: its URL may hold a password."""
        parts = urlsplit(self.connection.proxy or "")
        return f"proxy {parts.hostname}{f' port {parts.port}' if parts.port else ''}"

    @property
    def _ways(self) -> str:
        """The options that say where the device is."""
        return f"{'proxy (nas_proxy), ' if self.connection.proxy else ''}{_WHERE}"

    @property
    def _to(self) -> str:
        return f"{self.connection.where} by {self._via}" if self.connection.proxy else self.connection.where

    def _pool(self, extra_ca: str) -> Any:
        """The connections to the device, as urllib3 keeps them, of a class that is ours."""
        at = self.connection
        host = self._host or "invalid"  # `_exchange_of` refuses to talk to nobody
        context = _tls.context_for(at, extra_ca) if at.use_ssl else None
        settings: dict[str, Any] = {"ssl_context": context} if context is not None else {}
        if at.proxy:
            scheme = "https" if at.use_ssl else "http"
            manager = self._manager()
            if not at.use_ssl and self._proxy_scheme == "https":
                settings["ssl_context"] = manager.proxy_config.ssl_context  # urllib3 1.26 looks for it here
            pool: Any = manager.connection_from_host(host, at.port, scheme, pool_kwargs=settings)
        else:
            pool_class: Any = urllib3.HTTPSConnectionPool if at.use_ssl else urllib3.HTTPConnectionPool
            pool = pool_class(host, at.port, maxsize=at.connections, **settings)
        device_connection = connection_class(pool.ConnectionCls)

        def make_connection(**options: Any) -> Any:
            connection = device_connection(**options)
            connection.http = self
            connection.response_class = functools.partial(Answer, http=self, connection=connection)
            return connection

        take = pool._get_conn

        def taken(timeout: Optional[float] = None) -> Any:
            connection = take(timeout)
            connection.close_unusable(self.exchange)
            return connection

        pool.ConnectionCls = make_connection
        pool._get_conn = taken  # before urllib3 checks whether it must make a tunnel
        return pool

    def _manager(self) -> Any:
        """What makes connections by the proxy."""
        at = self.connection
        more: dict[str, Any] = {}
        if self._proxy_scheme == "https":
            # The proxy proves itself by the same authorities; a fingerprint or key is for the device.
            like = Connection(at.vendor, at.host, at.port, validate_certs=at.validate_certs, ca_path=at.ca_path)
            more["proxy_ssl_context"] = _tls.context_for(like)
        try:
            return self._adapter.proxy_manager_for(at.proxy or "", **more)
        except requests.exceptions.InvalidSchema:
            hint = "Install it where the task runs: pip install 'requests[socks]'"
            raise usage("a SOCKS proxy needs the Python library PySocks, which is missing", hint=hint) from None


def warm() -> None:
    """Make one request to nobody, so that processes that are forked from this one need not do what a first one does."""
    if REQUESTS_IMPORT_ERROR is not None:
        return
    "localhost".encode("idna")
    for use_ssl in (False, True):
        way = Direct(Connection("", "localhost", 1, use_ssl=use_ssl, validate_certs=False, timeout=1.0))
        here, there = socket.socketpair()
        make = way._adapter.pool.ConnectionCls

        def connected(make: Any = make, here: Any = here, **options: Any) -> Any:
            connection = make(**options)
            connection.sock, connection.is_verified = here, True
            return connection

        way._adapter.pool.ConnectionCls = connected
        with here, there:
            there.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}")
            way.send(Request("POST", "/?a=b", {}, b"{}", "", "", 1.0, 1.0))
            way.close()
    _spare.append(_Session())
    _tls.warm()
