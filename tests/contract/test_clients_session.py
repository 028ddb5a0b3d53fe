# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every vendor's client promises about logins and sessions, the device's facts, and asking for access.

`Client`, `Device`, `Pairings`.
"""

from __future__ import annotations

import copy
import io
import json
import logging
import socket
import time

import pytest
from ansible_collections.nasops.nas.plugins.module_utils import _vendors
from ansible_collections.nasops.nas.plugins.module_utils._api.capabilities.pairings import Pairings
from ansible_collections.nasops.nas.plugins.module_utils._core.device import (
    PAIRING_DENIED,
    PAIRING_GRANTED,
    PAIRING_PENDING,
    PAIRING_TIMEOUT,
    PAIRING_UNKNOWN,
    Pairing,
)
from ansible_collections.nasops.nas.plugins.module_utils._core.errors import Kind, NasError
from ansible_collections.nasops.nas.plugins.module_utils._core.sources import BytesSource
from ansible_collections.nasops.nas.plugins.module_utils._core.waiting import Watch
from ansible_collections.nasops.nas.plugins.module_utils._transport import session as _session


def use_all(nas, client, place):
    """A bit of everything."""
    files = client.files
    files.shares()
    files.create_folders([place / "folder"])
    files.upload(BytesSource(b"x"), place / "folder/file", mtime=None, watch=Watch())
    files.rename(place / "folder/file", "renamed")
    files.stat([place / "folder/renamed", place / "none"])
    files.download(place / "folder/renamed", io.BytesIO(), watch=Watch())
    files.writable(place / "folder/new")
    assert [entry.name for entry in files.list(place / "folder")] == ["renamed"]
    for algorithm in files.features.checksum_algorithms[:1]:
        if not nas.lacks("checksum"):
            files.checksum(place / "folder/renamed", algorithm, watch=Watch())
    files.delete([place / "folder"], recursive=True, watch=Watch())
    client.device.facts()


def test_building_makes_no_call_and_the_first_call_logs_in(nas):
    client = nas.connect()
    assert client.vendor == nas.vendor
    assert all(isinstance(port, int) for port in client.default_ports)
    assert nas.device.log() == []
    assert client.files.stat(["/home"])["/home"].is_folder
    assert nas.logins() == 1


def test_one_login_for_many_calls(nas):
    client, place = nas.connect(), nas.place()
    session = client.login()
    assert client.login() == session
    use_all(nas, client, place)
    assert client.login() == session
    assert nas.logins() == 1


def test_closing_keeps_the_session(nas):
    session = nas.client.login()
    nas.client.close()
    client = nas.connect(session, "", "")
    assert client.files.stat(["/home"])["/home"].is_folder
    assert nas.device.calls_of("logout") == []
    assert nas.logins() == 1


def test_a_session_that_is_handed_on_works_without_a_login(nas):
    place = nas.place()
    session = json.loads(json.dumps(nas.client.login()))
    nas.client.close()
    kept = copy.deepcopy(session)
    client = nas.connect(session, "", "")
    assert client.login() == kept
    use_all(nas, client, place)
    assert nas.logins() == 1
    assert session == kept


def test_a_session_is_ended_by_a_client_without_credentials(nas):
    session = nas.client.login()
    nas.connect(None, "", "").end(session)
    assert len(nas.device.calls_of("logout")) == 1
    with nas.refuses(Kind.AUTHENTICATION):
        nas.connect(session, "", "").files.stat(["/home"])
    assert nas.logins() == 1
    # One that the device no longer knows is over too.
    nas.connect(None, "", "").end(session)
    nas.client.end(session)


def test_logout(nas):
    client = nas.connect()
    assert client.logout() is False
    assert nas.device.log() == []
    session = client.login()
    assert client.logout() is True
    assert client.logout() is False
    assert len(nas.device.calls_of("logout")) == 1
    with nas.refuses(Kind.AUTHENTICATION):
        nas.connect(session, "", "").files.stat(["/home"])
    # ... and the client may begin anew.
    assert client.files.stat(["/home"])["/home"].is_folder
    assert nas.logins() == 2


LOST_LOGOUTS = {
    "busy": {"status": 503, "body": "later"},
    "error": {"status": 500, "body": "<html>broken</html>"},
    "cut_before": {"reset": True},
    "cut_after": {"reset": {"where": "reply", "at_bytes": 0}},
    "page": {"status": 200, "body": "<html>Sign in</html>"},
    "not_there": {"status": 404, "body": "<html>nothing here</html>"},
    "nothing": {"truncate": 0},
}


@pytest.mark.parametrize("lost", LOST_LOGOUTS)
def test_a_session_whose_logout_fails_is_kept_for_the_next_attempt(nas, lost):
    client = nas.connect()
    session = client.login()
    nas.faults({"call": nas.told("logout")[0], "times": 1, "do": LOST_LOGOUTS[lost]})
    with nas.refuses(Kind.BUSY, Kind.CONNECTION, Kind.PROTOCOL, Kind.DEVICE, Kind.UNSUPPORTED) as refusal:
        client.logout()
    assert refusal.error.call
    assert client.login() == session
    # The device may have ended it before its answer was lost; what it does not know is over.
    assert client.logout() is True
    assert client.logout() is False
    assert len(nas.device.calls_of("logout")) == 2
    with nas.refuses(Kind.AUTHENTICATION):
        nas.connect(session, "", "").files.stat(["/home"])
    assert nas.logins() == 1


def test_a_logout_is_repeated_while_the_device_is_away(nas):
    client = nas.connect(retries=2)
    session = client.login()
    nas.faults({"call": nas.told("logout")[0], "times": 2, "do": {"status": 503}})
    assert client.logout() is True
    with nas.refuses(Kind.AUTHENTICATION):
        nas.connect(session, "", "").files.stat(["/home"])


def test_the_logout_of_a_session_that_the_device_has_forgotten(nas):
    client = nas.connect()
    session = client.login()
    nas.connect(None, "", "").end(session)
    assert client.logout() is True
    assert client.logout() is False
    assert nas.logins() == 1


def test_without_credentials_nothing_is_tried(nas):
    with nas.refuses(Kind.AUTHENTICATION) as refusal:
        nas.connect(None, "", "").files.stat(["/home"])
    assert refusal.error.hint
    assert nas.logins() == 0


@pytest.mark.parametrize("retries", [0, 3])
def test_a_wrong_password_is_tried_exactly_once(nas, retries):
    wrong = "wr0ng-password"
    client = nas.connect(password=wrong, retries=retries)
    place = nas.place()
    for _number in range(3):
        with nas.refuses(Kind.AUTHENTICATION) as refusal:
            client.login()
        assert wrong not in str(refusal.error) + repr(refusal.error)
        with nas.refuses(Kind.AUTHENTICATION):
            client.files.stat([place.path, place / "x"])
        with nas.refuses(Kind.AUTHENTICATION):
            client.files.create_folders([place / "folder"])
    assert nas.logins() == 1
    assert place.tree() == {}
    assert client.logout() is False


def test_a_password_that_was_changed_is_tried_exactly_once(nas):
    session = nas.client.login()
    nas.client.end(session)
    nas.device.forget()
    client = nas.connect(session, password="wr0ng-password")
    for _number in range(3):
        with nas.refuses(Kind.AUTHENTICATION):
            client.files.stat(["/home", "/home/x"])
    assert nas.logins() == 1


def test_a_user_that_there_is_not(nas):
    with nas.refuses(Kind.AUTHENTICATION):
        nas.connect(username="nobody").files.shares()
    assert nas.logins() == 1


def test_a_session_that_never_lives_ends_in_an_error(nas, monkeypatch):
    monkeypatch.setattr(_session, "_pause", lambda _seconds: None)
    nas.client.login()
    nas.device.forget()
    nas.faults(*({"call": read, "times": 0, "do": {"expire_session": True}} for read in nas.told("reads")))
    with nas.refuses(Kind.SESSION_EXPIRED):
        list(nas.files.list("/home"))
    assert 1 <= nas.logins() <= 1 + _session.MOST_IN_A_ROW


def test_two_clients_of_one_account_that_end_each_other_both_get_through(nas):
    place = nas.place()
    (place.disk / "a").write_bytes(b"abc")
    rules = [
        {"call": read, "after": after, "do": {"expire_session": True}}
        for read in nas.told("reads")
        for after in range(0, 6, 2)
    ]
    nas.faults(*rules)
    for client in (nas.connect(), nas.connect()):
        sink = io.BytesIO()
        assert client.files.stat([place / "a"])[place / "a"].size == 3
        client.files.download(place / "a", sink, watch=Watch())
        assert sink.getvalue() == b"abc"
    assert nas.logins() > 2


@pytest.mark.parametrize("lost", [{"reset": True}, {"status": 503}, {"garbage": True}, {"truncate": 7}])
def test_a_login_whose_answer_makes_no_sense_is_not_repeated(nas, lost):
    nas.faults({"call": nas.told("login")[0], "times": 0, "do": lost})
    client = nas.connect(retries=2)
    with nas.refuses(Kind.CONNECTION, Kind.BUSY, Kind.PROTOCOL):
        client.files.stat(["/home"])
    assert nas.logins() == 1
    nas.faults()
    assert client.files.stat(["/home"])["/home"].is_folder


def test_two_clients_have_a_session_each(nas):
    first, second = nas.connect(), nas.connect()
    assert first.login() != second.login()
    assert first.logout()
    assert second.files.stat(["/home"])["/home"].is_folder
    assert nas.logins() == 2


def test_nobody_there(nas):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        client = nas.connect(port=taken.getsockname()[1])
        with nas.refuses(Kind.CONNECTION) as refusal:
            client.files.stat(["/home"])
    assert refusal.error.unsent
    assert refusal.error.vendor == nas.vendor


def test_no_secret_is_logged(nas, caplog):
    caplog.set_level(logging.DEBUG)
    place = nas.place()
    use_all(nas, nas.client, place)
    with pytest.raises(NasError):
        nas.files.stat(["/denied/x"])
    nas.client.logout()
    assert len(nas.secrets()) > 1, "the session names no secret: the test would prove nothing"
    for secret in nas.secrets():
        assert secret not in caplog.text


def test_what_a_client_shows_of_itself_is_no_secret(nas):
    shown = repr(nas.client) + str(nas.client) + repr(nas.files) + repr(vars(nas.client))
    for secret in nas.secrets():
        assert secret not in shown


def undisturbed(entries):
    """Those that no fault delayed: a request that an earlier test gave up may be logged only now."""
    return [entry for entry in entries if not entry["fault"]]


def test_capabilities(nas):
    assert {"files", "device"} <= set(nas.client.capabilities())
    names = {name for vendor_class in _vendors.VENDORS.values() for name in vendor_class.capabilities()}
    for name in names:
        if name in nas.client.capabilities():
            assert isinstance(getattr(nas.client, name), nas.client.capabilities()[name])
        else:
            with nas.refuses(Kind.UNSUPPORTED) as refusal:
                getattr(nas.client, name)
            assert refusal.error.vendor == nas.vendor
    assert undisturbed(nas.device.writes()) == []


def test_facts(nas):
    facts = nas.client.device.facts()
    assert facts.vendor == nas.vendor
    assert facts.version
    assert facts.hostname is None or facts.hostname
    result = json.dumps(facts.as_result())
    for secret in nas.secrets():
        assert secret not in result
    assert undisturbed(nas.device.writes()) == []


# Asking for access


def pairing_of(nas):
    return nas.client.pairing.request("org.example.test", "Test", "1.0", "workstation")


def client_for_pairing(start, *settings, arguments=()):
    return start(*settings, arguments=arguments)


def settled(nas, pairs, pairing):
    """The state that follows `pending`, asked for as often as it takes."""
    end = time.monotonic() + 20
    while time.monotonic() < end:
        state = pairs.state(pairing)
        if state != PAIRING_PENDING:
            return state
    raise AssertionError("pending for ever")


def test_a_vendor_without_pairing_says_so(nas):
    with nas.refuses(Kind.UNSUPPORTED) as refusal:
        pairing_of(nas)
    assert refusal.error.vendor == nas.vendor


def test_pairing_is_granted(start):
    nas = client_for_pairing(start, arguments=("--grant-after", "0.3"))
    pairs = nas.connect(None, "", "").pairing
    pairing = pairs.request("org.example.test", "Test", "1.0", "workstation")
    assert pairing.token
    assert pairs.state(pairing) == PAIRING_PENDING
    # Worthless until it is granted.
    with nas.refuses(Kind.AUTHENTICATION) as refusal:
        nas.connect(None, "org.example.test", pairing.token).files.stat(["/home"])
    assert pairing.token not in str(refusal.error)
    assert settled(nas, pairs, pairing) == PAIRING_GRANTED
    client = nas.connect(None, "org.example.test", pairing.token)
    assert client.files.stat(["/home"])["/home"].is_folder


@pytest.mark.parametrize(("setting", "state"), [("denied", PAIRING_DENIED), ("timeout", PAIRING_TIMEOUT)])
def test_pairing_is_refused(start, setting, state):
    nas = client_for_pairing(start, f"grant={setting}")
    pairs = nas.connect(None, "", "").pairing
    pairing = pairs.request("org.example.test", "Test", "1.0", "workstation")
    assert settled(nas, pairs, pairing) == state
    with nas.refuses(Kind.AUTHENTICATION):
        nas.connect(None, "org.example.test", pairing.token).files.stat(["/home"])
    assert pairs.state(Pairing(pairing.token, "999999")) == PAIRING_UNKNOWN


def applies(test, vendor, params):
    """Whether there is anything to test: pairing is for vendors that have it, its refusal for the others."""
    pairs = _vendors.VENDORS[vendor].offers(Pairings)
    if test == "test_a_vendor_without_pairing_says_so":
        return not pairs
    return pairs or "pairing" not in test
