# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulated QNAP on the wire: Container Station."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime, timezone
from urllib.parse import urlsplit

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from tests.contract.simulator.qnap.simulated import PASSWORD, Nas, Start, Station, options, refused


@pytest.fixture
def nas(own: Nas) -> Nas:
    return own


@pytest.fixture
def station(nas: Nas) -> Station:
    return Station(nas)


def test_station_login(nas: Nas, station: Station) -> None:
    assert refused(station("GET", "/system")) == 401
    who = station.login()
    assert set(who) == {"anonymous", "isAdmin", "logintime", "username"}
    assert (who["anonymous"], who["isAdmin"], who["username"]) == (False, True, "admin")
    datetime.strptime(who["logintime"], "%Y-%m-%d %H:%M:%S")
    assert [cookie.name for cookie in station.http.cookies] == ["CS_SESS_ID"]
    assert station("GET", "/login_refresh").json() == who
    assert nas.log()[-1]["call"] == "GET /api/v1/login_refresh"
    assert nas.log()[-3]["params"] == {}
    assert nas.log()[-2]["params"]["password"] == "***"
    assert station("PUT", "/logout").json() == {"username": "admin"}
    assert refused(station("GET", "/login_refresh")) == 401
    assert refused(station("POST", "/login", {"username": "admin", "password": "wrong"})) == 401
    assert refused(station("POST", "/login", {"user": "admin"})) == 400
    assert refused(station("POST", "/login", ["x"])) == 400
    assert station("POST", "/login", {"sid": nas.sid}).json()["username"] == "admin"
    assert station("GET", "/system").status_code == 200
    assert refused(station("POST", "/login", {"sid": "wrong"})) == 401


def test_station_login_with_two_steps(start: Start) -> None:
    nas = start("--otp-code", "123456")
    station = Station(nas)
    assert refused(station("POST", "/login", {"username": "admin", "password": PASSWORD})) == 403
    nas.login(security_code="123456", dont_verify_2sv_again=0)
    assert station("POST", "/login", {"sid": nas.sid}).json()["isAdmin"]


def test_station_system(nas: Nas, station: Station) -> None:
    station.login()
    system = station("GET", "/system").json()
    assert {"cpuCore", "cpuThread", "hostname", "processor", "machine", "version", "memoryPageSize", "features"} < set(
        system
    )
    assert {"compose", "dockerVersion", "firmware", "lxc", "lxd", "qpkg", "qpkgBuildDate"} == set(system["version"])
    resource = station("GET", "/system/resource").json()
    float(resource["cpu_usage"])
    assert {"buffers", "cached", "percent", "total", "used"} < set(resource["memory_usage"])
    assert station("GET", "/system/report").content
    assert station("GET", "/system/port/tcp/5000").json() == {"used": True}
    assert nas.log()[-1]["call"] == "GET /api/v1/system/port"
    assert station("GET", "/system/port/udp/33806").json() == {"used": False}
    assert station("GET", f"/system/port/tcp/{urlsplit(nas.url).port}").json() == {"used": True}
    for bad in ("sctp/1", "tcp/0", "tcp/70000", "tcp/x"):
        assert refused(station("GET", f"/system/port/{bad}")) == 400
    bridge = station("GET", "/system/bridge").json()
    assert set(bridge["data"][0]) == {"bridge", "display", "gateway", "ip", "name", "netmask"}
    assert bridge["default"] == 1
    share, _folder = nas.share("file", "sub/x")
    folders = {row["name"]: row for row in station("GET", "/sharefolder/?size=true").json()}
    assert set(folders[share[1:]]) == {"isDir", "name", "totalSize", "usedSize", "write"}
    assert station("GET", f"/sharefolder/?path={share[1:]}").json() == [
        {"isDir": True, "name": "sub"},
        {"isDir": False, "name": "file"},
    ]
    assert refused(station("GET", "/nothing")) == 404


def certificates(answer: requests.Response) -> tuple[x509.Certificate, x509.Certificate, x509.Certificate]:
    """Authority, client and server of an export; the key fits the client."""
    assert answer.headers["Content-Type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    ca, client, server = (
        x509.load_pem_x509_certificate(files[name]) for name in ("ca.pem", "cert.pem", "server-cert.pem")
    )
    key = serialization.load_pem_private_key(files["key.pem"], None)
    plain = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    assert key.public_key().public_bytes(*plain) == client.public_key().public_bytes(*plain)
    client.verify_directly_issued_by(ca)
    server.verify_directly_issued_by(ca)
    return ca, client, server


def test_station_certificates(station: Station) -> None:
    station.login()
    before = station("GET", "/tls").json()
    assert set(before) == {"enddate", "outdatedNotify", "startdate"}
    assert before["outdatedNotify"] is False
    assert station("GET", "/tls/domain_names").json() == {"domain_names": ""}
    ca, client, _server = certificates(station("GET", "/tls/export"))
    assert f"{client.not_valid_before_utc:%Y-%m-%d}" == before["startdate"]
    assert f"{client.not_valid_after_utc:%Y-%m-%d}" == before["enddate"]
    names = "user.myqnapcloud.com,10.0.0.7"
    assert station("PUT", "/tls/domain_names", {"domain_names": names}).json() == {"result": True}
    assert station("GET", "/tls/domain_names").json() == {"domain_names": names}
    same_ca, same_client, server = certificates(station("GET", "/tls/export"))
    assert (same_ca, same_client) == (ca, client)
    found = server.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert "user.myqnapcloud.com" in found.get_values_for_type(x509.DNSName)
    assert "10.0.0.7" in [str(address) for address in found.get_values_for_type(x509.IPAddress)]
    answer = station("POST", "/tls/rotation")
    assert answer.status_code == 200
    after = station("GET", "/tls").json()
    assert after["startdate"] == f"{datetime.now(timezone.utc):%Y-%m-%d}"
    assert after["enddate"] > before["enddate"]
    assert station("GET", "/tls/domain_names").json() == {"domain_names": names}
    third_ca, new_client, _server = certificates(station("GET", "/tls/export"))
    assert third_ca == ca
    assert new_client.serial_number != client.serial_number
    assert refused(station("PUT", "/tls/domain_names", {"domain_names": ["a"]})) == 400
    assert refused(station("PUT", "/tls/domain_names", {})) == 400
    assert refused(station("GET", "/tls/export/registry")) == 404


def test_station_notice_of_the_end(start: Start) -> None:
    nas = start(*options(tls_days=40, tls_age=20))
    station = Station(nas)
    station.login()
    assert station("GET", "/tls").json()["outdatedNotify"] is True
    assert station("POST", "/tls", {"outdatedNotify": False}).json() == {"result": True}
    assert station("GET", "/tls").json()["outdatedNotify"] is False
    assert refused(station("POST", "/tls", {"outdatedNotify": "no"})) == 400


def test_stations_that_are_older_newer_or_off(start: Start) -> None:
    old = Station(start("--profile", "qts4"))
    old.login()
    assert old("GET", "/tls").json()["outdatedNotify"] == ""
    assert zipfile.is_zipfile(io.BytesIO(old("GET", "/tls/export/registry").content))
    old.nas.login()
    assert refused(old("POST", "/login", {"sid": old.nas.sid})) == 400
    for words in (["--profile", "hero6"], options(container_tls="off")):
        station = Station(start(*words))
        station.login()
        assert station("GET", "/system").status_code == 200
        for method, path in (
            ("GET", "/tls"),
            ("GET", "/tls/export"),
            ("POST", "/tls/rotation"),
            ("GET", "/tls/domain_names"),
        ):
            assert refused(station(method, path)) == 404
    off = Station(start(*options(container_station="off")))
    assert refused(off("POST", "/login", {"username": "admin", "password": PASSWORD})) == 404


def test_station_faults(nas: Nas, station: Station) -> None:
    station.login()
    nas.faults(
        {"call": "GET /api/v1/tls", "do": "expire_session"}, {"call": "GET /api/v1/system*", "do": {"error": 409}}
    )
    assert refused(station("GET", "/tls")) == 401
    station.login()
    assert station("GET", "/tls").status_code == 200
    answer = station("GET", "/system")
    assert refused(answer) == 409
    assert answer.json()["error"]["message"].startswith("409 Client Error: Conflict")
    nas.faults({"call": "POST /api/v1/tls/rotation", "do": {"vendor": "pretend"}})
    before = station("GET", "/tls").json()
    assert station("POST", "/tls/rotation").json() == {"result": True}
    assert station("GET", "/tls").json() == before
