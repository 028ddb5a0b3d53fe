# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The box itself, pairing, TLS, and what the client says of itself."""

from __future__ import annotations

import datetime
import ipaddress
import ssl

import pytest
from ansible_collections.nasops.nas.plugins.module_utils._core.device import Pairing
from ansible_collections.nasops.nas.plugins.module_utils._core.errors import Kind, NasError
from ansible_collections.nasops.nas.plugins.module_utils._core.sources import BytesSource
from ansible_collections.nasops.nas.plugins.module_utils._core.waiting import Watch
from ansible_collections.nasops.nas.plugins.module_utils._freebox import ca, codes
from ansible_collections.nasops.nas.plugins.module_utils._freebox.client import Freebox
from ansible_collections.nasops.nas.tests.unit.plugins.module_utils._freebox.fake import (
    Answer,
    Fake,
    b64,
    bad,
    good,
    info,
)
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

PATH = "/Freebox/x"
STAT = f"GET fs/info/{b64(PATH)}"


def test_capabilities():
    names = "archives assembly copies device downloads files jobs pairing repair share_links storage"
    assert set(Freebox.capabilities()) == set(names.split())
    assert Freebox.default_ports == (80, 443)


# device


def test_facts(box):
    box.on("GET system/", good({"serial": "7629", "firmware_version": "4.8.11", "sensors": [1]}))
    facts = box.client().device.facts()
    assert (facts.vendor, facts.model, facts.version, facts.hostname, facts.serial) == (
        "freebox",
        "Freebox v9 (r1)",
        "16.0",
        "Freebox Server",
        "7629",
    )
    assert facts.details["firmware_version"] == "4.8.11"
    assert "sensors" not in facts.details


@pytest.mark.parametrize("answer", [bad("insufficient_rights", 403), bad("invalid_request", 404), good()])
def test_facts_without_the_system(box, answer):
    box.on("GET system/", answer)
    facts = box.client().device.facts()
    assert facts.serial is None
    assert facts.model == "Freebox v9 (r1)"


@pytest.mark.parametrize("answer", [bad("internal_error"), bad("insufficient_rights", 403), good([1])])
def test_facts_that_the_box_fails_to_tell_are_a_gap_with_a_warning(box, answer):
    box.on("GET system/", answer)
    box.on("GET storage/partition/", bad("internal_error"))
    box.on(f"GET fs/ls/{b64('/')}?limit=1000", good({"entries": [info("/Freebox", "dir")]}))
    nas = box.client()
    facts = nas.device.facts()
    assert (facts.model, facts.serial) == ("Freebox v9 (r1)", None)
    assert [(share.path, share.total) for share in nas.files.shares()] == [("/Freebox", None)]
    first, second = nas.warnings
    assert "serial number" in first
    assert "sizes of its volumes" in second


# pairing


def test_pairing_needs_no_credentials(box):
    box.on("POST login/authorize/", good({"app_token": "dy/EdC8=", "track_id": 42}))
    pairing = box.client(username="", password="").pairing.request("id", "name", "1", "controller")
    assert pairing == Pairing("dy/EdC8=", "42")
    assert box.bodies("POST login/authorize/") == [
        {"app_id": "id", "app_name": "name", "app_version": "1", "device_name": "controller"}
    ]
    assert box.logins == 0


@pytest.mark.parametrize("status", ["unknown", "pending", "timeout", "granted", "denied"])
def test_the_state_of_a_pairing(box, status):
    box.on("GET login/authorize/42", good({"status": status, "challenge": "c"}))
    assert box.client().pairing.state(Pairing("t", "42")) == status


@pytest.mark.parametrize(("code", "refused"), [("invalid_token", True), ("pending_token", True), ("", False)])
def test_whether_the_box_takes_a_token(box, code, refused):
    if code:
        box.on("POST login/session/", bad(code, 403))
    assert box.client().pairing.is_refused() is refused


@pytest.mark.parametrize("code", ["apps_denied", "denied_from_external_ip", "ratelimited", "internal_error"])
def test_what_another_token_would_not_help(box, code):
    box.on("POST login/session/", bad(code, 403))
    with pytest.raises(NasError) as caught:
        box.client().pairing.is_refused()
    assert caught.value.code == code


def test_a_pairing_that_makes_no_sense(box):
    pairing = box.client().pairing
    box.on("GET login/authorize/42", good({"status": "perhaps"}))
    box.on("POST login/authorize/", good({"app_token": "t"}))
    with pytest.raises(NasError) as caught:
        pairing.state(Pairing("secret-token", "42"))
    assert caught.value.kind is Kind.PROTOCOL
    with pytest.raises(NasError) as caught:
        pairing.request("id", "name", "1", "controller")
    assert caught.value.kind is Kind.PROTOCOL
    with pytest.raises(NasError) as caught:
        pairing.state(Pairing("secret-token", "../42"))
    assert caught.value.kind is Kind.USAGE
    assert "secret-token" not in str(caught.value)


@pytest.mark.parametrize("code", ["new_apps_denied", "denied_from_external_ip"])
def test_a_box_that_takes_no_applications(box, code):
    box.on("POST login/authorize/", bad(code, 403))
    with pytest.raises(NasError) as caught:
        box.client(retries=3).pairing.request("id", "name", "1", "controller")
    assert (caught.value.kind, caught.value.code) == (Kind.AUTHENTICATION, code)
    assert box.count("POST login/authorize/") == 1


# codes


def test_every_code_has_a_message_without_an_end():
    call, task = (codes.CALL, codes.UPLOAD, codes.ABOUT_JOB, codes.SHARE_LINK), (codes.TASK, codes.EXTRACT_JOB)
    for table in (codes.LOGIN, *call, *task):
        for known in table.values():
            assert known.message
            assert not known.message.endswith(".")


@pytest.mark.parametrize("table", [codes.CALL, codes.UPLOAD, codes.ABOUT_JOB])
def test_a_call_knows_the_documented_codes(table):
    documented = [
        *("invalid_id", "path_not_found", "internal_error", "disk_unavailable", "invalid_request"),
        *("invalid_conflict_mode", "exec_failed", "out_of_memory", "task_not_found", "invalid_state"),
        *("invalid_task_type", "destination_conflict", "access_denied", "disk_full"),
    ]
    missing = set(documented) - set(table)
    # Ids are those of tasks.
    assert missing <= {"invalid_id", "task_not_found"}
    assert not set(documented) - set(codes.ABOUT_JOB)


# TLS


def test_the_authorities_can_be_read():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=ca.PEM)
    subjects = {dict(pair[0] for pair in found["subject"])["commonName"] for found in context.get_ca_certs()}
    assert subjects == {"Freebox ECC Root CA", "Freebox Root CA", "Iliadbox ECC Root CA"}


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test box")])
    now = datetime.datetime.now(datetime.timezone.utc)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("tls")
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return str(folder / "cert.pem"), str(folder / "key.pem")


@pytest.fixture
def secured(certificate):
    box = Fake(tls=certificate)
    box.on(STAT, good(info(PATH)))
    yield box
    box.stop()


@pytest.fixture(params=["ca_path", "no validation"])
def trust(request, certificate):
    return {"ca_path": certificate[0]} if request.param == "ca_path" else {"validate_certs": False}


def take(socket):
    total = 0
    while (message := socket.receive()) is not None:
        if isinstance(message, bytes):
            total += len(message)
            socket.ack("upload_data", 1, total_len=total, complete=False)
        else:
            socket.ack(message["action"], message["request_id"], total_len=total, complete=True)


def test_calls_and_uploads_over_tls(secured, trust, monkeypatch):
    # The WebSocket library would look at these.
    monkeypatch.setenv("WEBSOCKET_CLIENT_CA_BUNDLE", "/nonexistent")
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    client = secured.client(tls=trust)
    client.files.stat([PATH])
    secured.sockets = [take]
    client.files.upload(BytesSource(b"x" * 3000000), PATH, mtime=None, watch=Watch())


def test_a_certificate_that_nobody_trusts(secured):
    session = {"token": "t", "permissions": ["explorer"], "api": ["/api/", 16, 0]}
    client = secured.client(session, retries=0)
    for call in (
        lambda: client.files.stat([PATH]),
        lambda: client.files.upload(BytesSource(b""), PATH, mtime=None, watch=Watch()),
    ):
        with pytest.raises(NasError) as caught:
            call()
        assert caught.value.kind is Kind.CERTIFICATE
        assert "ca_path" in caught.value.hint
    assert secured.requests == []


def test_a_certificate_of_another_name_says_which_to_use(secured, certificate):
    session = {"token": "t", "permissions": ["explorer"], "api": ["/api/", 16, 0]}
    client = secured.client(session, retries=0, tls={"ca_path": certificate[0], "host": "localhost"})
    for call in (
        lambda: client.files.stat([PATH]),
        lambda: client.files.upload(BytesSource(b""), PATH, mtime=None, watch=Watch()),
    ):
        with pytest.raises(NasError) as caught:
            call()
        assert caught.value.kind is Kind.CERTIFICATE
        assert "mafreebox.freebox.fr" in caught.value.hint


def test_a_device_that_is_no_freebox(box):
    box.on("GET /api_version", Answer(404, b"<html>nginx</html>"))
    with pytest.raises(NasError) as caught:
        box.client().device.facts()
    assert caught.value.kind is Kind.PROTOCOL


# storage


def test_disks_and_partitions(box):
    disk = {
        "id": 1000,
        "type": "usb",
        "state": "enabled",
        "model": " WD ",
        "serial": "S1",
        "temp": 38,
        "total_bytes": 100,
    }
    partition = {"id": 1001, "disk_id": 1000, "label": "Box", "fstype": "ext4", "state": "mounted", "free_bytes": 40}
    rows = [{**partition, "path": "L0JveA==", "total_bytes": 90, "fsck_result": "no_run_yet"}, {"id": 1002, "path": ""}]
    box.on("GET storage/disk/", good([disk, {"id": 2000, "temp": 0}]))
    box.on("GET storage/partition/", good(rows))
    storage = box.client().storage
    found, bare = storage.disks()
    assert (found.id, found.model, found.serial, found.health, found.type) == ("1000", "WD", "S1", "enabled", "usb")
    assert (found.size, found.temperature, bare.temperature, bare.model) == (100, 38, None, None)
    volume, other = storage.volumes()
    assert (volume.name, volume.path, volume.file_system, volume.size, volume.free, volume.status) == (
        "Box",
        "/Box",
        "ext4",
        90,
        40,
        "mounted",
    )
    assert volume.details == {"disk_id": 1000, "fsck_result": "no_run_yet"}
    assert (other.name, other.path) == ("Partition 1002", None)


@pytest.mark.parametrize("rows", [{}, "x", [1], [{"id": "1"}], [{}]])
def test_disks_that_make_no_sense(box, rows):
    box.on("GET storage/disk/", good(rows))
    with pytest.raises(NasError) as caught:
        box.client().storage.disks()
    assert caught.value.kind is Kind.PROTOCOL
