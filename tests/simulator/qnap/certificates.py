# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Container Station's own certificate authority: a CA, a server certificate with the extra names, a client certificate.

Everything is made on first use, really signed, and kept in memory.
"""

from __future__ import annotations

import io
import ipaddress
import re
import threading
import zipfile
from datetime import datetime, timedelta, timezone

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

Key = ec.EllipticCurvePrivateKey
CA_DAYS = 3650
_SEPARATORS = re.compile(r"[\s,;]+")


def _name(common: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "QNAP Systems, Inc."),
            x509.NameAttribute(NameOID.COMMON_NAME, common[:64]),
        ]
    )


def _pem(thing: x509.Certificate | Key) -> bytes:
    if isinstance(thing, x509.Certificate):
        return thing.public_bytes(serialization.Encoding.PEM)
    return thing.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )


def alternative_names(names: str) -> list[x509.GeneralName]:
    """Host names and addresses of the one string; commas, semicolons and spaces part them. ValueError for nonsense."""
    found: list[x509.GeneralName] = []
    for item in _SEPARATORS.split(names.strip()):
        if not item:
            continue
        try:
            found.append(x509.IPAddress(ipaddress.ip_address(item)))
        except ValueError:
            found.append(x509.DNSName(item.encode("idna").decode() if not item.isascii() else item))
    return found


class Authority:
    """The CA and what it signed. `days` is how long a certificate is good, `age` how old the first ones are."""

    def __init__(self, hostname: str, *, days: int, age: int) -> None:
        self._hostname = hostname
        self._days = days
        self._names = ""
        self._lock = threading.Lock()
        self._ca: tuple[Key, x509.Certificate] | None = None
        self._server: tuple[Key, x509.Certificate] | None = None
        self._client: tuple[Key, x509.Certificate] | None = None
        self.start = datetime.now(timezone.utc).replace(microsecond=0) - timedelta(days=age)

    @property
    def end(self) -> datetime:
        return self.start + timedelta(days=self._days)

    @property
    def names(self) -> str:
        return self._names

    def set_names(self, names: str) -> None:
        """The server's certificate is made anew for other names, for the same time."""
        alternative_names(names)
        with self._lock:
            self._names = names
            self._server = None

    def rotate(self) -> None:
        """New certificates of the same authority, from now on."""
        with self._lock:
            self.start = datetime.now(timezone.utc).replace(microsecond=0)
            self._server = self._client = None

    def export(self) -> bytes:
        """A zip with what a Docker client wants, and the server's certificate."""
        with self._lock:
            ca = self._authority()
            if self._client is None:
                self._client = self._sign("client", ExtendedKeyUsageOID.CLIENT_AUTH, [])
            if self._server is None:
                own: list[x509.GeneralName] = [
                    x509.DNSName(self._hostname),
                    x509.DNSName("localhost"),
                    x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
                ]
                own += [name for name in alternative_names(self._names) if name not in own]
                self._server = self._sign(self._hostname, ExtendedKeyUsageOID.SERVER_AUTH, own)
            files = {
                "ca.pem": _pem(ca[1]),
                "cert.pem": _pem(self._client[1]),
                "key.pem": _pem(self._client[0]),
                "server-cert.pem": _pem(self._server[1]),
            }
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in files.items():
                archive.writestr(name, content)
        return out.getvalue()

    def export_registry(self) -> bytes:
        """What Container Station 1.7 had for its registry: the authority's certificate alone."""
        with self._lock:
            content = _pem(self._authority()[1])
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            archive.writestr("ca.crt", content)
        return out.getvalue()

    def _authority(self) -> tuple[Key, x509.Certificate]:
        if self._ca is None:
            key = ec.generate_private_key(ec.SECP256R1())
            name = _name("Container Station CA")
            builder = (
                x509.CertificateBuilder()
                .subject_name(name)
                .issuer_name(name)
                .public_key(key.public_key())
                .serial_number(x509.random_serial_number())
                .not_valid_before(self.start - timedelta(days=1))
                .not_valid_after(self.start + timedelta(days=max(CA_DAYS, self._days * 2)))
                .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
                .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
                .add_extension(
                    x509.KeyUsage(
                        digital_signature=True,
                        content_commitment=False,
                        key_encipherment=False,
                        data_encipherment=False,
                        key_agreement=False,
                        key_cert_sign=True,
                        crl_sign=True,
                        encipher_only=False,
                        decipher_only=False,
                    ),
                    critical=True,
                )
            )
            self._ca = key, builder.sign(key, hashes.SHA256())
        return self._ca

    def _sign(
        self, common: str, usage: x509.ObjectIdentifier, names: list[x509.GeneralName]
    ) -> tuple[Key, x509.Certificate]:
        ca_key, ca = self._authority()
        key = ec.generate_private_key(ec.SECP256R1())
        builder = (
            x509.CertificateBuilder()
            .subject_name(_name(common))
            .issuer_name(ca.subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(self.start)
            .not_valid_after(self.end)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), critical=False)
        )
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        return key, builder.sign(ca_key, hashes.SHA256())
