# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every request that the guide of Container Station's API prints, section by section.

They go out as its curl commands send them: JSON bodies with the type of a form, the session in a cookie. Each has a
session of its own; the reply has the keys and the types of the guide's sample. The device is near the end of its
certificates, so that there is a notice to switch off.
"""

from __future__ import annotations

import io
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

import pytest
import requests
from cryptography import x509

from tests.contract.simulator.qnap.simulated import Nas, Station, devices, fits, options, refused

Check = Callable[[Station, requests.Response], None]


@dataclass(frozen=True)
class Example:
    """A request: method, path below /container-station/api/v1, body as it is printed. Without a sample no reply is
    shown, and `check` tells what must come."""

    section: str
    method: str
    path: str
    body: str | None = None
    reply: Any = None
    check: Check | None = None


WHO = {"anonymous": False, "isAdmin": True, "logintime": str, "username": "admin"}
VERSIONS = ("compose", "dockerVersion", "firmware", "lxc", "lxd", "qpkg", "qpkgBuildDate")
SYSTEM = {
    "cpuCore": int, "cpuThread": int, "features": [str],
    "gpu": {"csMode": bool, "device": list, "driverInstalled": bool}, "gpuchanged": bool, "hostname": str,
    "isDevicemapper": bool, "isSupportOverlay": bool, "machine": str, "memory": int, "memoryPageSize": int,
    "migrationDir": str, "migrationDmStatus": str, "needRestart": bool, "platform": str, "processor": str,
    "status": str, "storageDriver": str, "uncleanFS": bool, "version": dict.fromkeys(VERSIONS, str),
}  # fmt: skip
MEMORY = ("buffers", "cached", "percent", "percent_buffers", "percent_cached", "total", "used")
# `bridge` is null in every row of the sample: what a bridge is called there is not shown
ADAPTER = {"bridge": None, **dict.fromkeys(("display", "gateway", "ip", "name", "netmask"), str)}


def opened(station: Station, answer: requests.Response) -> None:
    """The cookie is good for the next call."""
    assert [cookie.name for cookie in station.http.cookies] == ["CS_SESS_ID"]
    time.strptime(answer.json()["logintime"], "%Y-%m-%d %H:%M:%S")
    assert station("GET", "/system").status_code == 200


def ended(station: Station, answer: requests.Response) -> None:
    assert refused(station("GET", "/login_refresh")) == 401


def percentage(station: Station, answer: requests.Response) -> None:
    assert 0 <= float(answer.json()["cpu_usage"]) <= 100


def report(station: Station, answer: requests.Response) -> None:
    assert station.nas.log()[-1]["call"] == "GET /api/v1/system/report"
    assert answer.content


def dates(station: Station, answer: requests.Response) -> None:
    found = answer.json()
    assert time.strptime(found["startdate"], "%Y-%m-%d") < time.strptime(found["enddate"], "%Y-%m-%d")


def silent(station: Station, answer: requests.Response) -> None:
    assert station("GET", "/tls").json()["outdatedNotify"] is False


def named(station: Station, answer: requests.Response) -> None:
    assert station("GET", "/tls/domain_names").json() == {"domain_names": "user.myqnapcloud.com"}


def exported(station: Station, answer: requests.Response) -> None:
    """Certificates of the time that the station tells; no document names the members."""
    dated = station("GET", "/tls").json()
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        members = [archive.read(name) for name in archive.namelist()]
    found = [x509.load_pem_x509_certificate(body) for body in members if b"BEGIN CERTIFICATE" in body]
    ends = {f"{certificate.not_valid_after_utc:%Y-%m-%d}" for certificate in found}
    assert dated["enddate"] in ends


def renewed(station: Station, answer: requests.Response) -> None:
    found = station("GET", "/tls").json()
    assert found["startdate"] == f"{datetime.now(timezone.utc):%Y-%m-%d}"
    assert found["outdatedNotify"] is False


GUIDE = (
    # System: authentication
    Example("login by password", "POST", "/login", '{{"username": "admin", "password": "admin"}}', WHO, opened),
    Example("login by sid", "POST", "/login", '{{"sid": "{sid}"}}', WHO, opened),
    Example("login_refresh", "GET", "/login_refresh", None, WHO, opened),
    Example("logout", "PUT", "/logout", None, {"username": "admin"}, ended),
    # System: information
    Example("system", "GET", "/system", None, SYSTEM),
    Example("resource", "GET", "/system/resource", None,
            {"cpu_usage": str, "memory_usage": dict.fromkeys(MEMORY, int)}, percentage),
    # no reply is shown
    Example("report", "GET", "/system/report", check=report),
    # Network
    Example("port of tcp", "GET", "/system/port/tcp/5000", None, {"used": True}),
    Example("port of udp", "GET", "/system/port/udp/33806", None, {"used": False}),
    # the fields listed above the sample (interface, vswitchName, disabled, join) are in none of its rows
    Example("bridge", "GET", "/system/bridge", None, {"data": [ADAPTER], "default": 1}),
    # Certificate file; Container Station 1.7 was seen with an empty text for `outdatedNotify`
    Example("tls", "GET", "/tls", None, {"enddate": str, "outdatedNotify": bool, "startdate": str}, dates),
    Example("tls notice", "POST", "/tls", '{{"outdatedNotify": false}}', {"result": True}, silent),
    Example("domain_names", "GET", "/tls/domain_names", None, {"domain_names": ""}),
    Example("domain_names set", "PUT", "/tls/domain_names", '{{"domain_names": "user.myqnapcloud.com"}}',
            {"result": True}, named),
    # no reply is shown of the last two: a zip is promised, and of a renewal nothing is said
    Example("export", "GET", "/tls/export", check=exported),
    Example("rotation", "POST", "/tls/rotation", check=renewed),
)  # fmt: skip


@pytest.fixture(scope="module")
def nas(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nas]:
    with devices(tmp_path_factory) as run:
        device = run("--password", "admin", *options(tls_days=40, tls_age=20))
        device.login(password="admin")
        yield device


@pytest.mark.parametrize("example", GUIDE, ids=[example.section.replace(" ", "_") for example in GUIDE])
def test_request(nas: Nas, example: Example) -> None:
    station = Station(nas)
    if example.path != "/login":
        station.login("admin")
    answer = station.send(example.method, example.path, example.body and example.body.format(sid=nas.sid))
    assert answer.status_code == 200
    if example.reply is not None:
        fits(example.reply, answer.json())
    if example.check:
        example.check(station, answer)


def test_no_request_but_a_login_is_served_without_a_session(nas: Nas) -> None:
    for example in GUIDE:
        if example.path != "/login":
            assert refused(Station(nas).send(example.method, example.path, example.body)) == 401


def test_a_user_with_two_steps_comes_with_a_sid(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The guide's note on 403."""
    with devices(tmp_path_factory) as run:
        nas = run("--password", "admin", "--otp-code", "123456")
        station = Station(nas)
        assert refused(station.send("POST", "/login", '{"username": "admin", "password": "admin"}')) == 403
        nas.login(password="admin", security_code="123456", dont_verify_2sv_again=0)
        fits(WHO, station.send("POST", "/login", f'{{"sid": "{nas.sid}"}}').json())
