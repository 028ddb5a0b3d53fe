# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SYNO.Core.Certificate: import; .Certificate.CRT: list, set, delete; .Certificate.Service: set.

An import is multipart, its files before its words. Any word in `as_default` that is not empty makes it the default
(seen). The web server starts anew after it: for two seconds connections are cut (setting `restart_seconds`). What the
port of the simulator shows in TLS does not change. A replaced certificate keeps its services.
"""

from __future__ import annotations

import datetime
import ipaddress
import secrets
import string
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from ..core.multipart import BadMultipart
from .calls import Call, controls
from .control import Wants
from .values import ApiError, read_value

if TYPE_CHECKING:
    from .device import Synology

API, CRT, SERVICE = "SYNO.Core.Certificate", "SYNO.Core.Certificate.CRT", "SYNO.Core.Certificate.Service"
UNKNOWN, BAD_FILE, WRONG_KEY, BROKEN_CHAIN = 5503, 5510, 5514, 5517
_NAMES = {
    "city": NameOID.LOCALITY_NAME,
    "common_name": NameOID.COMMON_NAME,
    "country": NameOID.COUNTRY_NAME,
    "organization": NameOID.ORGANIZATION_NAME,
}


@dataclass
class Certificate:
    """One certificate with what uses it."""

    id: str
    leaf: x509.Certificate
    desc: str = ""
    is_default: bool = False
    services: list[dict[str, Any]] = field(default_factory=list)

    def describe(self) -> dict[str, Any]:
        subject = _name(self.leaf.subject)
        subject["sub_alt_name"] = _alternatives(self.leaf)
        return {
            "desc": self.desc,
            "id": self.id,
            "is_broken": False,
            "is_default": self.is_default,
            "issuer": _name(self.leaf.issuer),
            "key_types": "ECC" if isinstance(self.leaf.public_key(), ec.EllipticCurvePublicKey) else "RSA",
            "renewable": False,
            "services": [dict(service) for service in self.services],
            "signature_algorithm": f"{self.leaf.signature_hash_algorithm.name}With"
            if self.leaf.signature_hash_algorithm
            else "",
            "subject": subject,
            "user_deletable": not self.services,
            "valid_from": _date(self.leaf.not_valid_before_utc),
            "valid_till": _date(self.leaf.not_valid_after_utc),
        }


def _name(name: x509.Name) -> dict[str, Any]:
    return {key: str(found[0].value) for key, oid in _NAMES.items() if (found := name.get_attributes_for_oid(oid))}


def _alternatives(leaf: x509.Certificate) -> list[str]:
    try:
        names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    return [str(name.value) for name in names if isinstance(name, (x509.DNSName, x509.IPAddress))]


def _date(moment: datetime.datetime) -> str:
    """`May  6 00:00:00 2024 GMT`: the day is padded with a blank."""
    return f"{moment:%b} {moment.day:2d} {moment:%H:%M:%S %Y} GMT"


class Certificates:
    """All of them; the first one is the device's own."""

    def __init__(self, device: Synology) -> None:
        self.device = device
        self.all: list[Certificate] = []

    def rows(self) -> list[Certificate]:
        """The device's own is made when somebody first asks."""
        if not self.all:
            service = {
                "display_name": "DSM Desktop Service",
                "display_name_i18n": "common:web_desktop",
                "isPkg": False,
                "multiple_cert": True,
                "owner": "root",
                "service": "default",
                "subscriber": "system",
                "user_setable": True,
            }
            self.all.append(Certificate(new_id(), _own("synology"), "", True, [service]))
        return self.all

    def find(self, name: Any) -> Certificate:
        for row in self.rows():
            if row.id == name:
                return row
        raise ApiError(UNKNOWN)

    def make_default(self, chosen: Certificate) -> None:
        for row in self.rows():
            row.is_default = row is chosen


def new_id() -> str:
    return "".join(secrets.choice(string.ascii_letters) for _place in range(6))


def _own(name: str) -> x509.Certificate:
    """A certificate that the device has signed itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.timezone.utc)
    alternatives = x509.SubjectAlternativeName([x509.DNSName(name), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=364))
        .add_extension(alternatives, critical=False)
        .sign(key, hashes.SHA256())
    )


@controls(CRT, "list")
async def list_(call: Call) -> dict[str, Any]:
    return {"certificates": [row.describe() for row in call.device.certificates.rows()]}


@controls(CRT, "set", writes=True)
async def set_(call: Call) -> dict[str, Any]:
    wants = Wants(call, missing=UNKNOWN, bad=UNKNOWN)
    row = call.device.certificates.find(wants.text("id"))
    desc = wants.text("desc", row.desc)
    if not call.silent:
        row.desc = desc
        if call.params.raw.get("as_default"):
            call.device.certificates.make_default(row)
    return {}


@controls(CRT, "delete", writes=True)
async def delete(call: Call) -> dict[str, Any]:
    """`ids`, an array; `id` is 5503 (seen). One that is in use stays: its code was not recorded, here the same."""
    certificates, wants = call.device.certificates, Wants(call, missing=UNKNOWN, bad=UNKNOWN)
    rows = [certificates.find(name) for name in wants.texts("ids")]
    if any(row.services or row.is_default for row in rows):
        raise ApiError(UNKNOWN)
    if not call.silent:
        certificates.all = [row for row in certificates.rows() if row not in rows]
    return {}


@controls(SERVICE, "set", writes=True)
async def set_service(call: Call) -> dict[str, Any]:
    """Which certificate a service uses: `settings` = [{service, old_id, id}], the service as the list has it."""
    certificates, wants = call.device.certificates, Wants(call, missing=UNKNOWN, bad=UNKNOWN)
    given = wants.value("settings") if wants.has("settings") else None
    if not isinstance(given, list) or not all(isinstance(row, dict) for row in given):
        raise wants.refuse()
    moves = [
        (row.get("service"), certificates.find(row.get("old_id")), certificates.find(row.get("id"))) for row in given
    ]
    if any(service not in old.services for service, old, _new in moves):
        raise wants.refuse()
    for service, old, new in [] if call.silent else moves:
        old.services.remove(service)
        if old is not new or call.device.dsm.control != "dsm6":  # DSM 6 drops what is bound to where it is (seen)
            new.services.append(service)
    return {}


@controls(API, "import", writes=True)
async def import_(call: Call) -> dict[str, Any]:
    """A new certificate, or (`id`) another in the place of one."""
    device = call.device
    files, words = await _parts(call)
    leaf = _check(files)
    name = _word(words, "id", "")
    row = device.certificates.find(name) if name else Certificate(new_id(), leaf)
    if call.silent:
        return {"id": row.id, "restart_httpd": True}
    row.leaf, row.desc = leaf, _word(words, "desc", row.desc)
    if not name:
        device.certificates.rows().append(row)
    if words.get("as_default"):
        device.certificates.make_default(row)
    device.restarting = time.monotonic() + device.settings.number("restart_seconds", 2.0)
    return {"id": row.id, "restart_httpd": True}


def _word(words: dict[str, str], name: str, default: str) -> str:
    """A word of the form, quoted or not: it may look like a number."""
    text = words.get(name, default)
    value = read_value(text, whole=True)
    return value if isinstance(value, str) else text


async def _parts(call: Call) -> tuple[dict[str, bytes], dict[str, str]]:
    """The files and the words of the form."""
    files: dict[str, bytes] = {}
    words = dict(call.params.raw)
    part = call.context.data.get("file")
    try:
        while part is not None:
            if part.filename is None:
                words[part.name] = await part.text()
            else:
                files[part.name] = b"".join([block async for block in part.chunks()])
            part = await call.context.multipart().next_part()
    except BadMultipart:
        raise ApiError(BAD_FILE) from None
    return files, words


def _check(files: dict[str, bytes]) -> x509.Certificate:
    """The certificate, if key and chain belong to it."""
    try:
        leaf = x509.load_pem_x509_certificate(files["cert"])
        key = serialization.load_pem_private_key(files["key"], None)
        chain = x509.load_pem_x509_certificates(files["inter_cert"]) if files.get("inter_cert") else []
    except (KeyError, ValueError, TypeError, UnsupportedAlgorithm):
        raise ApiError(BAD_FILE) from None
    encoding = (serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    if key.public_key().public_bytes(*encoding) != leaf.public_key().public_bytes(*encoding):
        raise ApiError(WRONG_KEY)
    try:
        for lower, upper in zip([leaf, *chain], chain):
            lower.verify_directly_issued_by(upper)
    except (InvalidSignature, ValueError, TypeError):
        raise ApiError(BROKEN_CHAIN) from None
    return leaf
