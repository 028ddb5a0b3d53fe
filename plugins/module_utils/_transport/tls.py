# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""TLS: whom a connection trusts, and what is wrong when a handshake fails. One for HTTP and WebSocket.

To read the system's store takes longer than a task: whoever forks workers reads it once, with `preloading`, and a
connection that validates nothing, or by a file or fingerprint of its own, never does.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple, Optional, Protocol

from .._core.errors import Kind, usage
from .way import normalized, system_store

_HASHED = re.compile(r"[0-9a-f]{8}\.\d+")  # as OpenSSL looks up certificates in a folder
_PEM_FILES = (".pem", ".crt", ".cer")

# Codes of OpenSSL's X509_V_ERR_* (x509_vfy.h).
_NOT_YET_VALID, _EXPIRED, _HOSTNAME_MISMATCH, _IP_MISMATCH = 9, 10, 62, 64

# Reasons of OpenSSL, as Python names them.
_NO_TLS = ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "PACKET_LENGTH_TOO_LONG", "BAD_RECORD_TYPE", "RECORD_LAYER_FAILURE")
_TOO_OLD = (
    "UNSUPPORTED_PROTOCOL",
    "TLSV1_ALERT_PROTOCOL_VERSION",
    "UNSAFE_LEGACY_RENEGOTIATION_DISABLED",
    "DH_KEY_TOO_SMALL",
    "EE_KEY_TOO_SMALL",
    "CA_MD_TOO_WEAK",
    "CA_KEY_TOO_SMALL",
    "BAD_ECPOINT",
    "NO_CIPHERS_AVAILABLE",
    "NO_PROTOCOLS_AVAILABLE",
    "LEGACY_SIGALG_DISALLOWED_OR_UNSUPPORTED",
)
_WANTS_CERTIFICATE = (
    "TLSV13_ALERT_CERTIFICATE_REQUIRED",
    "SSLV3_ALERT_BAD_CERTIFICATE",
    "SSLV3_ALERT_CERTIFICATE_UNKNOWN",
    "SSLV3_ALERT_CERTIFICATE_EXPIRED",
    "SSLV3_ALERT_CERTIFICATE_REVOKED",
    "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE",
    "TLSV1_ALERT_UNKNOWN_CA",
    "TLSV1_ALERT_ACCESS_DENIED",
    "TLSV1_ALERT_DECRYPT_ERROR",
)
_REFUSED = ("SSLV3_ALERT_HANDSHAKE_FAILURE",)

_NO_PEM = "there is no PEM certificate in it (openssl x509 -inform der makes one of one in DER)"
# What OpenSSL says of files, in plain words.
_UNREADABLE = {
    "NO_CERTIFICATE_OR_CRL_FOUND": _NO_PEM,
    "NO_START_LINE": _NO_PEM,
    "KEY_VALUES_MISMATCH": "the key is not the one of the certificate",
    "PEM_LIB": "a certificate or its key is not there",
}

PIN = "accept exactly this certificate with fingerprint (nas_fingerprint)"


class Settings(Protocol):
    """What a connection says about TLS; see `_http.Connection`."""

    @property
    def validate_certs(self) -> bool:
        """Whether the certificate must be trusted and fit the host."""

    @property
    def ca_path(self) -> Optional[str]:
        """The authorities to trust instead of the system's."""

    @property
    def client_cert(self) -> Optional[str]:
        """The certificate that we show."""

    @property
    def client_key(self) -> Optional[str]:
        """The key of it, where it is not in the same file."""

    @property
    def fingerprint(self) -> Optional[str]:
        """The only certificate that is accepted."""


class Problem(NamedTuple):
    """Why there is no TLS connection.

    :ivar transient: whether another try may help: the handshake was broken off, nothing was refused.
    """

    kind: Kind
    message: str
    hint: str = ""
    transient: bool = False


_threads = threading.local()


class Context(ssl.SSLContext):
    """TLS settings, and for whom the next certificate must be: urllib3 1.26 does not pass on an address."""

    @property
    def expected(self) -> Optional[str]:
        """Name or address of the device that this thread connects to: threads may share a context."""
        return getattr(_threads, "expected", None)

    @expected.setter
    def expected(self, name: Optional[str]) -> None:
        _threads.expected = name

    def wrap_socket(self, sock: Any, **more: Any) -> ssl.SSLSocket:  # type: ignore[override]
        """As usual."""
        more["server_hostname"] = more.get("server_hostname") or self.expected
        return super().wrap_socket(sock, **more)

    def wrap_bio(self, incoming: Any, outgoing: Any, **more: Any) -> ssl.SSLObject:  # type: ignore[override]
        """As usual."""
        more["server_hostname"] = more.get("server_hostname") or self.expected
        return super().wrap_bio(incoming, outgoing, **more)


_spare: list[Context] = []  # without any settings, made before the fork, for the first connection of a process

# Contexts of the system's store, by what was loaded besides. One that has more than the store is never used for others.
_contexts: dict[tuple[str, ...], Context] = {}

# Contexts of files, by what these are and were: one for all devices, as a file of all authorities takes a megabyte.
_contexts_of_files: dict[tuple[Any, ...], Context] = {}


def preload() -> None:
    """Read the system's store now, for all that is forked from this process."""
    _contexts[system_store()] = _new(None)


@contextmanager
def preloading() -> Iterator[None]:
    """Read it while something else is done; it is there at the end.

    The thread that reads it stays, doing nothing. When a thread ends, OpenSSL takes a lock for a moment, which `join`
    of Python before 3.13 does not wait for; a process that is forked in this moment would have the lock for ever.
    """
    done = threading.Event()

    def read() -> None:
        try:
            preload()
        finally:
            done.set()
        threading.Event().wait()

    threading.Thread(target=read, name=__name__, daemon=True).start()
    try:
        yield
    finally:
        done.wait()


def warm() -> None:
    """Make now what each process that is forked from this one would make itself."""
    _spare.append(Context(ssl.PROTOCOL_TLS_CLIENT))


def context_for(settings: Settings, extra_ca: str = "") -> Context:
    """What a connection trusts and what it proves.

    :param extra_ca: PEM text of authorities that a vendor's devices are signed by, trusted beside the system's.
    :raises NasError: `USAGE` when a file of certificates cannot be read, naming the option.
    """
    accepts_any = bool(settings.fingerprint) or not settings.validate_certs
    if not accepts_any and not settings.ca_path:
        return _of_system(settings, extra_ca)
    ca_path = None if accepts_any else settings.ca_path
    key = tuple((file, *stamp(file)) for file in (ca_path, settings.client_cert, settings.client_key))
    context = _contexts_of_files.get(key)
    if context is None:
        context = _of_path(ca_path) if ca_path else accepting()
        _prove(context, settings)
        _contexts_of_files[key] = context
    return context


def accepting() -> Context:
    """TLS that accepts any certificate."""
    context = _blank()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def check_fingerprint(certificate: Optional[bytes], fingerprint: str) -> Optional[Problem]:
    """What is wrong with a device's certificate (DER), when only the one with this fingerprint is accepted."""
    actual = hashlib.sha256(certificate or b"").hexdigest()
    if actual == normalized(fingerprint):
        return None
    return Problem(
        Kind.CERTIFICATE,
        f"the certificate is not the one that fingerprint names; its own is sha256:{actual}",
        "Where the device has got a new certificate, and you know that it is this one, set fingerprint "
        "(nas_fingerprint) to it",
    )


def problem_of(error: ssl.SSLError, proves: bool) -> Problem:
    """Why a handshake failed, in plain words.

    :param proves: whether the connection has a client certificate.
    """
    reason = error.reason or _reason_in(str(error))
    if isinstance(error, ssl.SSLCertVerificationError):
        return _distrust(error)
    if isinstance(error, (ssl.SSLEOFError, ssl.SSLZeroReturnError)) or reason == "UNEXPECTED_EOF_WHILE_READING":
        return Problem(Kind.CONNECTION, "the connection broke off in the TLS handshake", transient=True)
    if reason in _NO_TLS:
        hint = "Perhaps this port speaks plain http: check port and use_ssl (nas_port, nas_use_ssl)"
        return Problem(Kind.CERTIFICATE, "what answers does not speak TLS", hint)
    if reason in _TOO_OLD:
        hint = "Let the device use TLS 1.2 or later, in its security settings or by a newer firmware"
        return Problem(Kind.CERTIFICATE, "the device offers only TLS that is too old to be safe", hint)
    if reason in _WANTS_CERTIFICATE or reason in _REFUSED:
        what = "refuses the client certificate" if proves else "refuses the TLS connection"
        hint = (
            "Give a certificate that the server in front of the device accepts as client_cert (nas_client_cert), with "
            "its key as client_key (nas_client_key)"
        )
        if reason in _REFUSED:
            hint = (
                f"Let the device use TLS 1.2 or later. If it asks for a client certificate: {hint[0].lower()}{hint[1:]}"
            )
        return Problem(Kind.CERTIFICATE, f"the other side {what}", hint)
    words = reason.replace("_", " ").lower() or "unknown reason"
    return Problem(
        Kind.CERTIFICATE, f"the TLS handshake failed: {words}", "Check host and port (ansible_host, nas_port)"
    )


def _reason_in(text: str) -> str:
    """The reason in OpenSSL's words, where Python has no name for it: `[SSL] legacy sigalg disallowed (_ssl.c:992)`."""
    return text.rpartition("] ")[2].partition(" (_ssl")[0].strip("'()1, ").upper().replace(" ", "_")


def _distrust(error: ssl.SSLCertVerificationError) -> Problem:
    words = error.verify_message.rstrip(".")
    if error.verify_code in (_HOSTNAME_MISMATCH, _IP_MISMATCH):
        hint = f"Set host (ansible_host or nas_host) to a name that the certificate holds, or {PIN}"
        return Problem(Kind.CERTIFICATE, f"the certificate is for other names: {words}", hint)
    if error.verify_code == _EXPIRED:
        hint = f"Check this machine's clock, and renew the certificate on the device; until then, {PIN}"
        return Problem(Kind.CERTIFICATE, "the certificate has expired", hint)
    if error.verify_code == _NOT_YET_VALID:
        hint = f"Check the clocks of the device and of this machine, or {PIN}"
        return Problem(Kind.CERTIFICATE, "the certificate is not yet valid", hint)
    hint = f"Set ca_path (nas_ca_path) to the certificate of its authority, or {PIN}"
    return Problem(Kind.CERTIFICATE, f"the certificate is not trusted: {words}", hint)


def stamp(path: Optional[str]) -> list[tuple[str, int, int, int]]:
    """What changes when a file of certificates, or one in a folder of them, becomes another."""
    found = []
    with contextlib.suppress(OSError):
        names = sorted(os.listdir(path)) if path and os.path.isdir(path) else [""]
        for name in names if path else ():
            status = os.stat(os.path.join(path or "", name) if name else path or "")
            found.append((name, status.st_ino, status.st_size, status.st_mtime_ns))
    return found


def _of_system(settings: Settings, extra_ca: str) -> Context:
    besides = (extra_ca, settings.client_cert or "", settings.client_key or "")
    key = (*system_store(), *besides) if any(besides) else system_store()
    context = _contexts.get(key)
    if context is None:
        # The bare store is handed over for good: what is added to it is trusted from now on.
        context = _contexts.pop(system_store(), None) or _new(None)
        if extra_ca:
            context.load_verify_locations(cadata=extra_ca)
        _prove(context, settings)
        _contexts[key] = context
    return context


def _of_path(ca_path: str) -> Context:
    """Trust in a file of certificates, or in those in a folder."""
    with _readable("ca_path", ca_path):
        if not os.path.isdir(ca_path):
            return _new(ca_path)
        context = _blank()
        _loosen(context)
        names = sorted(os.listdir(ca_path))
        hashed = [name for name in names if _HASHED.fullmatch(name)]
        plain = [name for name in names if name.lower().endswith(_PEM_FILES)]
        if hashed:
            context.load_verify_locations(capath=ca_path)
        held = [] if hashed else [file for file in (os.path.join(ca_path, name) for name in plain) if _holds(file)]
        for file in held:
            with _readable("ca_path", file):
                context.load_verify_locations(cafile=file)
        if not hashed and not held:
            raise OSError("the folder holds no certificates (*.pem, *.crt, *.cer, or names that openssl rehash makes)")
        return context


def _holds(file: str) -> bool:
    """Whether a file of a folder is about certificates: keys and notes may lie beside them."""
    if not os.path.isfile(file):
        return False
    with open(file, "rb") as stream:
        return b"CERTIFICATE-----" in stream.read()


def _prove(context: Context, settings: Settings) -> None:
    if not settings.client_cert:
        return
    option = "client_key" if settings.client_key else "client_cert"
    key = settings.client_key or settings.client_cert

    def refuse() -> str:
        # Without an answer of ours OpenSSL would ask for the passphrase at the terminal, and wait.
        hint = "Set client_key (nas_client_key) to a file without one, which openssl pkey -in KEY -out NEW_KEY writes"
        raise usage(f"option {option}: the key in {key!r} has a passphrase, for which nobody is asked", hint=hint)

    with _readable("client_cert", settings.client_cert):
        context.load_cert_chain(settings.client_cert, settings.client_key, password=refuse)


@contextmanager
def _readable(option: str, path: str) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        what = "a PEM certificate and its key" if option == "client_cert" else "PEM certificates"
        reason: Any = getattr(error, "reason", None) or getattr(error, "strerror", None) or error
        if "PEM lib" in str(reason):
            reason = "PEM_LIB"
        hint = f"Check {option} (nas_{option})"
        if not os.path.isabs(path):
            hint += (
                ": a relative path is looked for beside the inventory, beside the playbook and in the current folder"
            )
        if option == "client_cert":
            hint = f"{hint}, and client_key (nas_client_key) where the key is a file of its own"
        raise usage(
            f"option {option}: {path!r} cannot be read as {what}: {_UNREADABLE.get(reason, reason)}", hint=hint
        ) from None


def _blank() -> Context:
    """A context of one's own."""
    return _spare.pop() if _spare else Context(ssl.PROTOCOL_TLS_CLIENT)


def _new(ca_file: Optional[str]) -> Context:
    context = _blank()
    if ca_file is None:
        context.load_default_certs()
    else:
        context.load_verify_locations(ca_file)
    _loosen(context)
    return context


def _loosen(context: Context) -> None:
    # Python 3.13 turns this on; device certificates, and the chains of vendors' authorities, lack what it wants to see.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    # Whoever names a device's own certificate trusts it, whoever has signed it. Python 3.13 does the same.
    context.verify_flags |= getattr(ssl, "VERIFY_X509_PARTIAL_CHAIN", 0)
