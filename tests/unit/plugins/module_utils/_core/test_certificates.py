# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands in a certificate is what another library, which did not write ours, made it of."""

from __future__ import annotations

import ipaddress
from datetime import datetime, timezone

import pytest
from ansible_collections.nasops.nas.plugins.module_utils._core import certificates
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.name import _ASN1Type
from cryptography.x509.oid import NameOID

EC = ec.generate_private_key(ec.SECP256R1())


def utc(*parts):
    return datetime(*parts, tzinfo=timezone.utc)


BEGIN, END = utc(2026, 5, 4, 3, 2, 1), utc(2027, 5, 4)


def made(subject=(), issuer=(), names=(), begin=BEGIN, end=END, key=EC):
    """A certificate as DER."""
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name(subject))
        .issuer_name(x509.Name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    )
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return builder.sign(key, hashes.SHA256())


def der(certificate):
    return certificate.public_bytes(serialization.Encoding.DER)


def named(text, oid=NameOID.COMMON_NAME, kind=None):
    return x509.NameAttribute(oid, text, _type=kind) if kind else x509.NameAttribute(oid, text)


def test_all_of_it():
    certificate = made(
        subject=[named("TW", NameOID.COUNTRY_NAME), named("Büro", NameOID.ORGANIZATION_NAME), named("nas.example")],
        issuer=[
            named("An authority"),
            named("a", NameOID.ORGANIZATIONAL_UNIT_NAME),
            named("b", NameOID.ORGANIZATIONAL_UNIT_NAME),
        ],
        names=[
            x509.DNSName("nas.example"),
            x509.RFC822Name("me@nas.example"),
            x509.DNSName("*.nas.example"),
            x509.IPAddress(ipaddress.ip_address("192.0.2.1")),
            x509.IPAddress(ipaddress.ip_address("2001:db8::1")),
        ],
    )
    assert certificates.read(der(certificate)).as_result() == {
        "subject": {"countryName": "TW", "organizationName": "Büro", "commonName": "nas.example"},
        "issuer": {"commonName": "An authority", "organizationalUnitName": "a, b"},
        "names": ["nas.example", "*.nas.example", "192.0.2.1", "2001:db8::1"],
        "not_before": 1777863721,
        "not_before_iso": "2026-05-04T03:02:01Z",
        "not_after": int(utc(2027, 5, 4).timestamp()),
        "not_after_iso": "2027-05-04T00:00:00Z",
        "fingerprint": f"sha256:{certificate.fingerprint(hashes.SHA256()).hex()}",
    }


@pytest.mark.parametrize(
    ("begin", "end"),
    [
        (utc(1951, 1, 1), utc(1999, 12, 31, 23, 59, 59)),
        (utc(2000, 1, 1), utc(2049, 12, 31, 23, 59, 59)),
        (utc(2049, 12, 31), utc(2050, 1, 1)),  # from then on years have four digits in it
        (utc(2050, 1, 1), utc(9999, 12, 31, 23, 59, 59)),
    ],
)
def test_times_of_all_centuries(begin, end):
    found = certificates.read(der(made(begin=begin, end=end)))
    assert (found.not_before, found.not_after) == (int(begin.timestamp()), int(end.timestamp()))


@pytest.mark.parametrize("kind", [_ASN1Type.UTF8String, _ASN1Type.BMPString, _ASN1Type.UniversalString])
def test_names_however_they_are_written(kind):
    assert certificates.read(der(made([named("Ñandú 北", kind=kind)]))).subject == {"commonName": "Ñandú 北"}


def test_a_certificate_without_any_name_as_devices_have_them():
    found = certificates.read(der(made()))
    assert (found.subject, found.issuer, found.names) == ({}, {}, ())


def test_an_attribute_that_has_no_name_here_and_a_large_key():
    oid = x509.ObjectIdentifier("1.3.6.1.4.1.24681.1")
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    assert certificates.read(der(made([named("x", oid)], key=key))).subject == {"1.3.6.1.4.1.24681.1": "x"}


def test_what_is_no_certificate_is_an_error_and_nothing_else():
    whole = der(made([named("nas.example")], names=[x509.DNSName("nas.example")]))
    for at in range(len(whole)):
        with pytest.raises(ValueError, match=r"\w"):
            certificates.read(whole[:at])
        for bit in (0x01, 0x80):
            damaged = whole[:at] + bytes([whole[at] ^ bit]) + whole[at + 1 :]
            try:
                certificates.read(damaged)  # much of it is not looked at, such as the key
            except ValueError:
                continue
    for other in (b"", b"\x30\x80", b"\x30\x00", b"\x30\x03\x30\x01\xff", b"\x30\x84\xff\xff\xff\xff", b"HTTP/1.1 400"):
        with pytest.raises(ValueError, match=r"\w"):
            certificates.read(other)
