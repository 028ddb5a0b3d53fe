# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A certificate for devices on loopback."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


def self_signed(
    folder: Path, *, names: Sequence[str] = ("127.0.0.1",), days: tuple[int, int] = (-1, 2), stem: str = ""
) -> tuple[Path, Path]:
    """Write `cert.pem` and `key.pem` into the folder and return them.

    :param names: addresses and names that the certificate is for.
    :param days: from when to when it is valid, in days from now.
    :param stem: what stands before the files' names.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{stem}simulated device")])
    now = datetime.now(timezone.utc)
    alternatives = x509.SubjectAlternativeName([_alternative(each) for each in names])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + timedelta(days=days[0]))
        .not_valid_after(now + timedelta(days=days[1]))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(alternatives, critical=False)
        .sign(key, hashes.SHA256())
    )
    cert_file, key_file = folder / f"{stem}cert.pem", folder / f"{stem}key.pem"
    cert_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    key_file.write_bytes(private)
    return cert_file, key_file


def fingerprint_of(cert_file: Path) -> str:
    """What the option fingerprint takes for a certificate."""
    certificate = x509.load_pem_x509_certificate(cert_file.read_bytes())
    return f"sha256:{certificate.fingerprint(hashes.SHA256()).hex()}"


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
