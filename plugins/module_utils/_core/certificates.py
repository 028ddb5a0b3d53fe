# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands in a certificate (X.509, RFC 5280), read from its DER.

Python reads a certificate only for a connection that it has validated, and devices sign theirs themselves.
"""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, NamedTuple

from .model import Record, with_iso

_SEQUENCE, _OID, _OCTETS = 0x30, 0x06, 0x04
_UTC_TIME, _TIME = 0x17, 0x18
_VERSION, _EXTENSIONS = 0xA0, 0xA3  # of the optional parts of TBSCertificate
_DNS_NAME, _IP_ADDRESS = 0x82, 0x87  # of GeneralName
_ENCODINGS = {0x14: "latin-1", 0x1C: "utf-32-be", 0x1E: "utf-16-be"}  # of strings that are not UTF-8
_ALTERNATIVE_NAMES = "2.5.29.17"
_ATTRIBUTES = {
    "2.5.4.3": "commonName",
    "2.5.4.5": "serialNumber",
    "2.5.4.6": "countryName",
    "2.5.4.7": "localityName",
    "2.5.4.8": "stateOrProvinceName",
    "2.5.4.10": "organizationName",
    "2.5.4.11": "organizationalUnitName",
    "0.9.2342.19200300.100.1.25": "domainComponent",
    "1.2.840.113549.1.9.1": "emailAddress",
}


@dataclass(frozen=True)
class Certificate(Record):
    """A certificate."""

    subject: dict[str, str]  # whom it is of, by the attributes' names in RFC 4519, such as `commonName`
    issuer: dict[str, str]  # who signed it, likewise
    names: tuple[str, ...]  # the host names and addresses that it is for
    not_before: int
    not_after: int
    fingerprint: str  # `sha256:` and hex digits, as the option `fingerprint` takes it

    def as_result(self) -> dict[str, Any]:
        """All fields by name, and each time also as a date and time in UTC."""
        return with_iso({**super().as_result(), "names": list(self.names)}, ("not_before", "not_after"))


class _Part(NamedTuple):
    """A value of DER: its tag, and the bytes that it consists of."""

    tag: int
    content: bytes

    def parts(self) -> list[_Part]:
        """What a value that is made of others consists of."""
        return _parts(self.content)

    def of(self, tag: int) -> _Part:
        """Itself, if it is of a kind."""
        if self.tag != tag:
            raise ValueError(f"tag {self.tag:#x} instead of {tag:#x}")
        return self


def read(der: bytes) -> Certificate:
    """What stands in a certificate.

    :raises ValueError: for what is none.
    """
    try:
        signed = _parts(der)[0].of(_SEQUENCE).parts()[0].of(_SEQUENCE)
        fields = [part for part in signed.parts() if part.tag != _VERSION]
        _serial, _algorithm, issuer, validity, subject, _key, *others = fields
        not_before, not_after = map(_moment, validity.of(_SEQUENCE).parts())
        extensions = next((part for part in others if part.tag == _EXTENSIONS), None)
        return Certificate(
            subject=_distinguished(subject),
            issuer=_distinguished(issuer),
            names=tuple(_names(extensions)) if extensions else (),
            not_before=not_before,
            not_after=not_after,
            fingerprint=f"sha256:{hashlib.sha256(der).hexdigest()}",
        )
    except IndexError:
        raise ValueError("it ends too soon") from None


def _parts(data: bytes) -> list[_Part]:
    found, at = [], 0
    while at < len(data):
        tag, length, at = data[at], data[at + 1], at + 2
        if length & 0x80:
            digits = length & 0x7F
            length, at = int.from_bytes(data[at : at + digits], "big"), at + digits
        if at + length > len(data):
            raise ValueError("it ends too soon")
        found.append(_Part(tag, data[at : at + length]))
        at += length
    return found


def _distinguished(name: _Part) -> dict[str, str]:
    """A distinguished name; what an attribute has several times is one text with commas."""
    found: dict[str, list[str]] = {}
    for relative in name.of(_SEQUENCE).parts():
        for attribute in relative.parts():
            kind, value = attribute.of(_SEQUENCE).parts()
            number = _number(kind)
            text = value.content.decode(_ENCODINGS.get(value.tag, "utf-8"), "replace")
            found.setdefault(_ATTRIBUTES.get(number, number), []).append(text)
    return {attribute: ", ".join(texts) for attribute, texts in found.items()}


def _names(extensions: _Part) -> Iterator[str]:
    """The subject's alternative names that a host can be reached by."""
    for extension in extensions.parts()[0].of(_SEQUENCE).parts():
        kind, *_critical, value = extension.of(_SEQUENCE).parts()
        if _number(kind) != _ALTERNATIVE_NAMES:
            continue
        for name in _parts(value.of(_OCTETS).content)[0].of(_SEQUENCE).parts():
            if name.tag == _DNS_NAME:
                yield name.content.decode("ascii", "replace")
            elif name.tag == _IP_ADDRESS:
                yield str(ipaddress.ip_address(name.content))


def _number(part: _Part) -> str:
    """An object identifier with points."""
    first, *rest = part.of(_OID).content
    numbers, number = [min(first // 40, 2), first - 40 * min(first // 40, 2)], 0
    for byte in rest:
        number = number << 7 | byte & 0x7F
        if not byte & 0x80:
            numbers.append(number)
            number = 0
    return ".".join(map(str, numbers))


def _moment(part: _Part) -> int:
    """A time, which is in UTC, in seconds since 1970."""
    text = part.content.decode("ascii", "replace")
    if part.tag == _UTC_TIME:  # years with two digits, from 1950 on
        text = ("19" if text >= "5" else "20") + text
    else:
        part.of(_TIME)
    return int(datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=timezone.utc).timestamp())
