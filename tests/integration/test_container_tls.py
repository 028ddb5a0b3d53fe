# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""nas_container_tls: a certificate that is renewed once and then never, and files that a TLS library accepts."""

from __future__ import annotations

import ssl
import stat

import pytest
from cryptography import x509

from tests.support.playbooks import in_diff, play, run

ROTATION = "POST /api/v1/tls/rotation"
SET_NAMES = "PUT /api/v1/tls/domain_names"
SET_NOTIFY = "POST /api/v1/tls"
EXPORT = "GET /api/v1/tls/export"
ENDING = ("--vendor-opt", "tls_days=40", "--vendor-opt", "tls_age=30")
NEW = ("--vendor-opt", "tls_age=0")


def tls(**options):
    return {"nasops.nas.nas_container_tls": options}


@pytest.fixture
def at(tmp_path):
    """Makes a runner of tasks for a device; it returns their results."""

    def runner(device, **variables):
        def go(*tasks, arguments=()):
            plays = play(*tasks, ignore_errors=True)
            outcome = run(tmp_path, plays, {"it": device.variables(**variables)}, *arguments)
            assert outcome.status == 0, outcome.text
            assert "Traceback" not in outcome.text, outcome.text
            assert "PRIVATE KEY" not in outcome.text
            return outcome.results()

        return go

    return runner


def certificate(file):
    return x509.load_pem_x509_certificate(file.read_bytes())


def require_client_files(folder):
    """What a Docker client does with the three files: the key fits, and the authority signed it."""
    assert sorted(file.name for file in folder.iterdir()) == ["ca.pem", "cert.pem", "key.pem"]
    context = ssl.create_default_context(cafile=str(folder / "ca.pem"))
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    certificate(folder / "cert.pem").verify_directly_issued_by(certificate(folder / "ca.pem"))
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()}
    assert modes == {"ca.pem": 0o644, "cert.pem": 0o644, "key.pem": 0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_certificate_that_ends_is_renewed_once(at, start, tmp_path):
    device = start("qnap", arguments=ENDING)
    go, folder = at(device), tmp_path / "certs" / "it"
    desired = tls(
        domain_names=["docker.example", "192.0.2.9"], renew_before=30, export_to=str(folder), docker_client_files=True
    )

    # (1) Before: check mode says what will be, and does nothing.
    (checked,) = go(desired, arguments=("--check", "--diff"))
    assert checked["changed"]
    assert checked["rotated"]
    assert (checked["days_left"], checked["domain_names"]) == (10, ["docker.example", "192.0.2.9"])
    assert in_diff(checked, "before")["files"][str(folder / "key.pem")] == "absent"
    assert device.writes() == []
    assert not folder.exists()

    # (2) The run.
    (first,) = go(desired, arguments=("--diff",))
    assert first["changed"]
    assert first["rotated"]
    assert first["diff"] == checked["diff"]
    assert (first["days_left"], first["domain_names"]) == (40, ["docker.example", "192.0.2.9"])
    assert first["exported"] == [
        {"path": str(folder / "ca.pem"), "mode": "0644"},
        {"path": str(folder / "cert.pem"), "mode": "0644"},
        {"path": str(folder / "key.pem"), "mode": "0600"},
    ]
    assert [entry["call"] for entry in device.writes()] == [SET_NAMES, ROTATION]
    require_client_files(folder)
    assert certificate(folder / "cert.pem").not_valid_before_utc.date().isoformat() == first["start_date"]

    # (3) Everything is as wished, in another order too; nothing is written on either side.
    device.forget()
    times = {file.name: file.stat().st_mtime_ns for file in folder.iterdir()}
    other_order = tls(domain_names=["192.0.2.9", "DOCKER.example"], renew_before=30)
    results = go(desired, other_order) + go(desired, arguments=("--check",))
    assert [result["changed"] for result in results] == [False] * 3
    assert device.writes() == []
    assert len(device.calls(EXPORT)) == 2
    assert times == {file.name: file.stat().st_mtime_ns for file in folder.iterdir()}

    # (4) What drifts is mended, and only that.
    (folder / "key.pem").chmod(0o644)
    (folder / "cert.pem").write_text("nonsense")
    (mended,) = go(desired)
    assert mended["changed"]
    assert not mended["rotated"]
    require_client_files(folder)
    assert times["ca.pem"] == (folder / "ca.pem").stat().st_mtime_ns
    assert device.writes() == []
    fewer = tls(domain_names=["docker.example"])
    results = go(fewer, fewer, tls(domain_names=[]), tls())
    assert [result["changed"] for result in results] == [True, False, True, False]
    # Whether the certificate in use has the new names is not known, and said.
    assert ["force set to true" in str(result.get("warnings")) for result in results] == [True, False, True, False]
    assert not first.get("warnings")
    assert [entry["call"] for entry in device.writes()] == [SET_NAMES, SET_NAMES]


def test_two_renewals_in_one_day_are_two_certificates(at, start, tmp_path):
    device = start("qnap", arguments=NEW)
    go, folder = at(device), tmp_path / "certs"
    desired = tls(force=True, export_to=str(folder), domain_names=["docker.example"])
    serials = set()
    for _round in range(2):
        (result,) = go(desired)
        assert result["changed"]
        assert result["rotated"]
        serials.add(certificate(folder / "cert.pem").serial_number)
    assert len(serials) == 2
    assert len(device.calls(ROTATION)) == 2
    server = certificate(folder / "server-cert.pem")
    names = server.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert "docker.example" in names.get_values_for_type(x509.DNSName)
    server.verify_directly_issued_by(certificate(folder / "ca.pem"))

    # A device that says so and does nothing is found out, though its dates are those of today anyway.
    device.faults({"call": ROTATION, "do": {"vendor": "pretend"}})
    (failed,) = go(tls(force=True, wait_timeout=0))
    assert failed["failure"]["kind"] == "mismatch"
    assert "has the old one" in failed["msg"]

    # An answer that is lost after it was done: it was done, and is not asked for again.
    device.forget()
    device.faults({"call": ROTATION, "do": {"reset": {"at_bytes": 0, "where": "reply"}}})
    (lost,) = go(desired)
    assert lost["changed"], lost
    assert len(device.calls(ROTATION)) == 1
    assert certificate(folder / "cert.pem").serial_number not in serials


def test_warnings_about_a_certificate(at, start):
    device = start("qnap", arguments=ENDING)
    go = at(device)
    results = go(
        tls(outdated_notify=False), tls(outdated_notify=False), tls(outdated_notify=True), tls(outdated_notify=True)
    )
    assert [result["changed"] for result in results] == [True, False, True, False]
    assert [result["outdated_notify"] for result in results] == [False, False, True, True]
    assert len(device.calls(SET_NOTIFY)) == 2
    (both,) = go(tls(renew_before=20, outdated_notify=True))
    assert both["rotated"]
    assert [result["changed"] for result in go(tls(renew_before=20, outdated_notify=True))] == [False]


def test_bad_options_are_refused_before_any_call(at, nas, tmp_path):
    device = nas["qnap"]
    (tmp_path / "file").touch()
    desires = {
        "option domain_names: 'a.example, b.example' is not one name": {"domain_names": ["a.example, b.example"]},
        "option domain_names: '' is not one name": {"domain_names": [""]},
        "option renew_before: -1 is negative": {"renew_before": -1},
        "option docker_client_files needs export_to": {"docker_cert_path": True},
        "file' is not a folder": {"export_to": str(tmp_path / "file" / "certs")},
    }
    for (said, options), result in zip(
        desires.items(), at(device)(*(tls(**options) for options in desires.values())), strict=True
    ):
        assert said in result["msg"], (options, result)
        assert result["failure"]["kind"] == "usage"
    assert device.log() == []
    (endless,) = at(device)(tls(renew_before=5000))
    assert "would be due at once" in endless["msg"]
    assert device.writes() == []


def test_other_vendors_are_refused(at, nas):
    for vendor in ("synology", "freebox"):
        (result,) = at(nas[vendor])(tls(renew_before=30))
        assert result["failed"]
        assert result["failure"]["kind"] == "unsupported"
        assert "qnap" in result["failure"]["hint"]
        assert nas[vendor].log() == []


@pytest.mark.parametrize("options", [{"profile": "hero6"}, {"arguments": ("--vendor-opt", "container_station=off")}])
def test_a_device_without_it(at, start, options, tmp_path):
    (result,) = at(start("qnap", **options))(tls(renew_before=30, export_to=str(tmp_path / "certs")))
    assert result["failed"]
    assert result["failure"]["kind"] == "unsupported"
    assert "Container Station" in result["msg"]
    assert not (tmp_path / "certs").exists()


def test_an_account_with_two_steps(at, start, tmp_path):
    device = start("qnap", arguments=("--otp-code", "246810"))
    folder = tmp_path / "certs"
    desired = tls(export_to=str(folder), docker_cert_path=True)
    (refused,) = at(device)(desired)
    assert refused["failure"]["kind"] == "otp_required"
    results = at(device, nas_otp_code="246810")(desired, desired)
    assert [result["changed"] for result in results] == [True, False]
    require_client_files(folder)


def test_errors_of_the_device(at, nas, tmp_path):
    device = nas["qnap"]
    go, folder = at(device), tmp_path / "certs"
    device.faults({"call": EXPORT, "do": {"truncate": 400}})
    (cut,) = go(tls(export_to=str(folder)))
    assert cut["failure"]["kind"] in ("mismatch", "protocol")
    device.faults({"call": SET_NAMES, "do": {"vendor": "pretend"}}, {"call": ROTATION, "do": {"error": 403}})
    (refused,) = go(tls(force=True))
    assert refused["failure"]["kind"] == "permission_denied"
    device.faults({"call": EXPORT, "do": {"status": 200, "body": "PK\x05\x06" + "\0" * 18}})
    (empty,) = go(tls(force=True, export_to=str(folder)))
    assert "holds no files" in empty["msg"]
    assert not folder.exists()
    assert len(device.calls(ROTATION)) == 1  # the refused one
