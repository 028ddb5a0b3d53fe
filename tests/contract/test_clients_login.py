# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logins and ends of sessions as single devices were seen to have them, against the simulator's settings for them."""

from __future__ import annotations

import concurrent.futures
import contextlib

import pytest
from ansible_collections.nasops.nas.plugins.module_utils import _vendors
from ansible_collections.nasops.nas.plugins.module_utils._core.errors import (
    CODE_REFUSED,
    CODE_WANTED,
    NEW_DEVICE_TOKEN,
    Kind,
    NasError,
)
from ansible_collections.nasops.nas.plugins.module_utils._core.sources import BytesSource
from ansible_collections.nasops.nas.plugins.module_utils._core.waiting import Watch
from ansible_collections.nasops.nas.plugins.module_utils._qnap.container_station.codes import TLS_OF_2
from ansible_collections.nasops.nas.plugins.module_utils._transport.http import Connection
from ansible_collections.nasops.nas.plugins.module_utils._transport.session import (
    NO_DEVICE_TOKEN,
    Credentials,
    MemoryStore,
)

from tests.support import devices

CODE = "123456"
OTP = ("--otp-code", CODE)


@pytest.fixture
def start(tmp_path):
    """Starts a device with some settings."""
    with contextlib.ExitStack() as stack:

        def begin(vendor, *arguments, profile=None, tls=None, **settings):
            folder = tmp_path / f"{vendor}{len(list(tmp_path.iterdir()))}"
            folder.mkdir()
            words = [word for name, value in settings.items() for word in ("--vendor-opt", f"{name}={value}")]
            return stack.enter_context(
                devices.device(vendor, folder, profile=profile, tls=tls, arguments=[*arguments, *words])
            )

        yield begin


def connect(device, session=None, retries=0, ca_path=None, **who):
    connection = Connection(
        *(device.vendor, "127.0.0.1", device.port),
        use_ssl=bool(ca_path),
        ca_path=ca_path,
        timeout=20.0,
        retries=retries,
    )
    credentials = Credentials(**{"username": devices.USER, "password": devices.PASSWORD, **who})
    return _vendors.build(connection, credentials, MemoryStore(session))


def work(client, name):
    """Some calls of every kind, and what they leave."""
    files = client.files
    folder = f"/home/{name}"
    files.create_folders([folder])
    for number in range(5):
        path = f"{folder}/{number}"
        files.upload(BytesSource(b"x" * number), path, mtime=None, watch=Watch())
        assert files.stat([path])[path].size == number
    return sorted(entry.name for entry in files.list(folder))


@pytest.mark.parametrize("vendor", devices.VENDORS)
def test_a_login_and_all_else_by_one_handshake(start, vendor, certificate):
    device = start(vendor, tls=certificate)
    client = connect(device, ca_path=str(certificate[0]))
    client.files.stat(["/home"])
    client.logout()
    assert len({entry["connection"] for entry in device.entries()}) == 1


@pytest.mark.parametrize("vendor", ["synology", "qnap"])
@pytest.mark.parametrize("seconds", [0, 0.01])
def test_a_code_goes_once_to_a_device_that_hangs_up_after_each_answer(start, vendor, seconds):
    device = start(vendor, *OTP)
    device.faults({"call": "*", "times": 0, "do": {"hang_up": seconds}})
    client = connect(device, retries=3, otp_code=CODE)
    client.login()
    assert client.files.stat(["/home"])["/home"].is_folder
    (login,) = device.calls_of("login")
    assert login["status"] == 200


@pytest.mark.parametrize("seconds", [0, 0.01])
def test_a_wrong_password_is_counted_once_by_a_device_that_hangs_up_after_each_answer(start, seconds):
    for vendor in devices.VENDORS:
        device = start(vendor)
        device.faults({"call": "*", "times": 0, "do": {"hang_up": seconds}})
        with pytest.raises(NasError) as caught:
            connect(device, retries=3, password="wrong").login()
        assert caught.value.kind is Kind.AUTHENTICATION
        assert len(device.calls_of("login")) == 1


@pytest.mark.parametrize("vendor", ["synology", "qnap"])
@pytest.mark.parametrize(
    ("who", "lacking"),
    [
        ({"password": ""}, "no password for it"),
        ({"username": ""}, "no user name for it"),
        ({"username": "", "password": ""}, "no user name and no password for it"),
    ],
)
def test_a_login_says_what_is_missing_for_it_and_asks_the_device_nothing(start, vendor, who, lacking):
    device = start(vendor)
    with pytest.raises(NasError) as caught:
        connect(device, **who).login()
    assert caught.value.kind is Kind.AUTHENTICATION
    assert caught.value.message == f"a login is due, and there is {lacking}"
    assert not device.entries()


ONE_SESSION = [
    ("synology", None, {"single_session": 1}),
    ("synology", "dsm5", {"single_session": 1}),
    ("qnap", None, {"one_session": 1}),
    ("qnap", None, {"one_session": 1, "ended_session": "xml"}),
]


@pytest.mark.parametrize(("vendor", "profile", "settings"), ONE_SESSION)
def test_two_runs_at_once_on_a_device_that_knows_one_session_of_an_account(start, vendor, profile, settings):
    device = start(vendor, profile=profile, **settings)
    clients = [connect(device), connect(device)]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        runs = [pool.submit(work, client, f"run{number}") for number, client in enumerate(clients)]
        assert [run.result(timeout=120) for run in runs] == [list("01234")] * 2


def test_a_refusal_that_ends_the_session_on_dsm_5(start):
    device = start("synology", profile="dsm5", forbidden="SYNO.DSM.Info")
    client = connect(device)
    for _time in range(2):
        facts = client.device.facts()
        assert (facts.model, bool(facts.hostname)) == (None, True)
        assert client.files.stat(["/home"])["/home"].is_folder
    assert len(client.warnings) == 2
    # One login to begin with, and one for each refusal.
    assert len(device.calls_of("login")) == 3


def test_an_old_qts_that_ends_a_session_by_the_page_of_its_login(start):
    device = start("qnap", profile="qts4", ended_session="xml")
    client = connect(device)
    client.login()
    device.faults({"call": "*", "after": 2, "times": 1, "do": {"expire_session": True}})
    assert work(client, "folder") == list("01234")
    assert len(device.calls_of("login")) == 2


def test_logout_of_a_strict_qnap(start):
    device = start("qnap", logout="strict")
    client = connect(device)
    session = client.login()
    client.logout()
    with pytest.raises(NasError) as caught:
        connect(device, session, password="").files.stat(["/home"])
    assert caught.value.kind is Kind.AUTHENTICATION


TOKENS = {
    "dsm7": ("synology", {}),
    "dsm7 with an empty device_id": ("synology", {"empty_device_id": 1}),
    "dsm6": ("synology", {"profile": "dsm6"}),
    "qts5": ("qnap", {}),
    "qts5 with another word": ("qnap", {"two_step_element": "need_2_step_verification"}),
}


@pytest.mark.parametrize("case", TOKENS)
def test_a_device_token_comes_of_a_code_and_spares_the_next(start, case):
    vendor, settings = TOKENS[case]
    device = start(vendor, *OTP, **settings)
    with pytest.raises(NasError) as caught:
        connect(device).login()
    assert (caught.value.kind, caught.value.hint) == (Kind.OTP_REQUIRED, CODE_WANTED)
    client = connect(device, otp_code=CODE)
    token = client.login()["device_token"]
    assert token
    assert client.warnings == []
    assert connect(device, device_token=f"{token}\n").files.stat(["/home"])["/home"].is_folder
    # A token that is no longer good: the code counts, where there is one.
    client = connect(device, device_token="stale", otp_code=CODE)
    assert client.login()["device_token"] not in (None, "", "stale")
    with pytest.raises(NasError) as caught:
        connect(device, device_token="stale").login()
    assert (caught.value.kind, caught.value.hint) == (Kind.OTP_REQUIRED, NEW_DEVICE_TOKEN)
    with pytest.raises(NasError) as caught:
        connect(device, otp_code="000000").login()
    assert caught.value.kind is Kind.OTP_REQUIRED
    assert CODE_REFUSED in caught.value.hint


def test_a_device_that_gives_no_token_is_warned_of(start):
    client = connect(start("qnap", *OTP, vtoken="off"), otp_code=CODE)
    client.login()
    assert client.warnings == [NO_DEVICE_TOKEN]


def test_a_qnap_tells_its_clock_with_a_wrong_code(start):
    with pytest.raises(NasError) as caught:
        connect(start("qnap", *OTP, clock=-3600), otp_code="000000").login()
    assert "the NAS's says 20" in caught.value.hint


def test_a_qnap_that_wants_its_service_key(start):
    connect(start("qnap", profile="qts4", post_needs_service_key="page")).login()


def test_model_and_firmware_of_a_qnap_need_no_rights(start):
    client = connect(start("qnap", admin="no"))
    facts = client.device.facts()
    assert facts.model
    assert facts.version
    assert client.warnings == []


@pytest.mark.parametrize("shape", ["404", "401", "302", "page", "no_dates"])
def test_container_station_3(start, shape):
    client = connect(start("qnap", cs3=shape))
    for action in (client.container_tls.certificate, lambda: client.container_tls.set_domain_names(["nas"])):
        with pytest.raises(NasError) as caught:
            action()
        assert TLS_OF_2 in caught.value.hint


def test_a_freebox_that_was_reset_is_paired_again(start):
    device = start("freebox", token_known=0)
    client = connect(device)
    assert client.pairing.is_refused()
    pairing = client.pairing.request(devices.USER, "Test", "1", "here")
    assert client.pairing.state(pairing) == "granted"
    assert not connect(device, password=f" {pairing.token}\n").pairing.is_refused()


@pytest.mark.parametrize("lacks", ["storage,system"])
def test_a_freebox_that_lacks_calls_still_has_facts(start, lacks):
    client = connect(start("freebox", lacks=lacks))
    assert client.device.facts().vendor == "freebox"
    assert {share.path for share in client.files.shares()} >= {"/home"}
    assert len(client.warnings) == 2
