# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""QNAP: reading broken bodies, codes, logging in, sessions."""

from __future__ import annotations

import base64
import io
import socket

import pytest
from ansible_collections.nasops.nas.plugins.module_utils._core.errors import (
    CODE_REFUSED,
    CODE_WANTED,
    NEW_DEVICE_TOKEN,
    Kind,
    NasError,
)
from ansible_collections.nasops.nas.plugins.module_utils._core.sources import BytesSource
from ansible_collections.nasops.nas.plugins.module_utils._core.waiting import Watch
from ansible_collections.nasops.nas.plugins.module_utils._qnap import codes, envelope
from ansible_collections.nasops.nas.plugins.module_utils._qnap.client import Qnap
from ansible_collections.nasops.nas.plugins.module_utils._transport.session import (
    MOST_IN_A_ROW,
    NO_DEVICE_TOKEN,
    Credentials,
    MemoryStore,
)
from ansible_collections.nasops.nas.plugins.module_utils._transport.way import Connection
from ansible_collections.nasops.nas.tests.support.raw import serving
from ansible_collections.nasops.nas.tests.unit.plugins.module_utils._qnap.fake import (
    PASSWORD,
    SECRETS,
    Reply,
    gone,
    row,
    rows,
    status,
    xml,
)


def fails(kind, action):
    with pytest.raises(NasError) as caught:
        action()
    error = caught.value
    assert error.kind is kind, error
    for text in (str(error), repr(error), str(error.failure()), repr(error.__cause__)):
        assert not any(secret in text for secret in SECRETS)
    return error


@pytest.mark.parametrize(
    "body",
    [
        b'{"status": 5}',
        b'\xef\xbb\xbf{"status": 5}\n',
        b'Content-type: text/html; charset="UTF-8"\r\n\r\n{"status": 5}',
        b'\n Content-type: text/html\n\xef\xbb\xbf\n{"status": 5}',
        b'{"status": 5}\n{"status": 5}\n',
        b'{"status": 5} and more',
    ],
)
def test_json_with_things_around_it(body):
    assert envelope.json_value(body) == {"status": 5}


@pytest.mark.parametrize("body", [b"", b"\n", b"OK", b"<html>{}</html>", b'{"status": 1', b"[" * 100000, b"\xff\xfe{"])
def test_no_json(body):
    with pytest.raises(ValueError, match=r"."):
        envelope.json_value(body)


def test_json_keeps_foreign_bytes_and_control_characters():
    assert envelope.json_value(b'{"filename": "a\xff\t\\ud83d\\ude00"}') == {"filename": "a\udcff\t😀"}


def test_numbers_come_as_strings():
    assert [envelope.number(value) for value in (7, "7", " -1\n")] == [7, 7, -1]
    assert [envelope.number(value) for value in (None, "", "x", True, 1.5, [], "٣", "9" * 5000)] == [None] * 8


def test_status_replies_are_distinguished_from_files():
    assert envelope.status_of(b'{"status": "4", "success": "true"}') == 4
    assert envelope.status_of(b'{"status": 4}') is None
    assert envelope.status_of(b"[1]") is None
    assert envelope.status_of(b"hello") is None


def test_xml_takes_the_first_and_ignores_what_it_does_not_know():
    body = b"""
      <?xml version="1.0" encoding="UTF-8" ?><!-- x --><QDocRoot version="1.0"><a><authSid>no</authSid></a>
      <authPassed>1</authPassed><authPassed>0</authPassed><authSid><![CDATA[x<&]]></authSid><e/></QDocRoot> trailing"""
    fields = envelope.xml_fields(body)
    assert (fields["authPassed"], fields["authSid"], fields["a/authSid"], fields["e"]) == ("1", "x<&", "no", "")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no",
        b"<html><body>hello</body></html>",
        b"<QDocRoot><authPassed>1</authPassed>",
        b'<!DOCTYPE QDocRoot [<!ENTITY a "aaaa">]><QDocRoot><authPassed>&a;</authPassed></QDocRoot>',
        b'<?xml version="1.0"?><QDocRoot>\xff</QDocRoot>',
    ],
)
def test_no_xml(body):
    with pytest.raises(ValueError, match=r"."):
        envelope.xml_fields(body)


def test_meanings():
    assert {codes.meaning("stat", number).kind for number in (5, 25)} == {Kind.NOT_FOUND}
    assert {codes.meaning("createdir", number).kind for number in (2, 33)} == {Kind.EXISTS}
    assert codes.meaning("checksum", 20).kind is Kind.UNSUPPORTED
    assert codes.meaning("stat", 20).kind is Kind.INVALID_ARGUMENT
    assert codes.meaning("stat", 999).kind is Kind.DEVICE


def test_login_by_post_and_once_for_many_calls(nas):
    nas.on("stat", rows(row("a")))
    client = nas.client()
    assert not nas.asked
    client.files.stat(["/Public/a"])
    client.files.stat(["/Public/a"])
    (login,) = nas.calls("authLogin.cgi")
    assert login.method == "POST"
    assert not login.raw_query
    assert login.headers["Content-Type"] == "application/x-www-form-urlencoded"
    pwd = base64.b64encode(PASSWORD.encode()).decode()
    assert login.form() == {"user": "admin", "pwd": pwd, "serviceKey": "1"}
    assert [asked["sid"] for asked in nas.calls("stat")] == ["sid-1", "sid-1"]
    assert client.login() == {"sid": "sid-1", "login": {"isAdmin": "1", "groupname": "administrators"}}


def test_a_session_handed_on_needs_no_login(nas):
    nas.on("stat", rows(row("a")))
    nas.client({"sid": "kept"}, username="", password="").files.stat(["/Public/a"])
    assert [asked["sid"] for asked in nas.asked] == ["kept"]


@pytest.mark.parametrize("code", ["-1", "-2", "-3", "-4", "-99", ""])
def test_a_refused_password_is_sent_once(nas, code):
    nas.on("authLogin.cgi", xml(authPassed=0, errorValue=code))
    client = nas.client(retries=3)
    for _again in range(2):
        error = fails(Kind.AUTHENTICATION, lambda: client.files.stat(["/Public/a"]))
        assert (error.call, error.code, error.vendor) == ("authLogin.cgi", code, "qnap")
    assert len(nas.asked) == 1


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (xml(authPassed=1), Kind.AUTHENTICATION),
        (xml(authPassed=1, authSid=""), Kind.AUTHENTICATION),
        (xml(isAdmin=1), Kind.PROTOCOL),
        (Reply(b""), Kind.PROTOCOL),
        (Reply(b"<html>login</html>"), Kind.PROTOCOL),
        (Reply(b"", 403), Kind.AUTHENTICATION),
        (Reply(b"", 404), Kind.UNSUPPORTED),
        (Reply(b"", 500), Kind.DEVICE),
        (Reply(b"", 503), Kind.BUSY),
        (Reply(b"", 302, {"Location": "https://nas:8181/cgi-bin/authLogin.cgi"}), Kind.REDIRECT),
        (Reply(b"", length=50), Kind.CONNECTION),
    ],
)
def test_other_failures_of_a_login_are_not_repeated_either(nas, reply, kind):
    nas.on("authLogin.cgi", reply)
    fails(kind, lambda: nas.client(retries=3).login())
    assert len(nas.asked) == 1


@pytest.mark.parametrize(
    "talk", [lambda connection: None, lambda connection: connection.recv(1 << 16)], ids=["at once", "when asked"]
)
@pytest.mark.parametrize("use_ssl", [False, True])
def test_a_device_that_ends_the_connection_without_a_word_may_block_the_address(talk, use_ssl):
    with serving(talk) as server:
        at = Connection("qnap", "127.0.0.1", server.port, use_ssl=use_ssl, validate_certs=False, timeout=10, retries=0)
        nas = Qnap(at, Credentials("admin", PASSWORD), MemoryStore())
        link = "https://nas/share.cgi?ssid=0123456789abcdef"
        for action in (
            nas.login,
            nas.container_station.system,
            lambda: nas.share_links.download(link, None, io.BytesIO(), watch=Watch()),
        ):
            error = fails(Kind.CONNECTION, action)
            assert "blocks the address of this machine" in error.hint
            assert "Control Panel > System > Security" in error.hint


def test_a_device_that_is_silent_to_a_login_may_block_the_address():
    with serving(lambda connection: connection.recv(1 << 16) and connection.recv(1)) as server:
        at = Connection("qnap", "127.0.0.1", server.port, use_ssl=False, timeout=0.2, retries=0)
        error = fails(Kind.TIMEOUT, Qnap(at, Credentials("admin", PASSWORD), MemoryStore()).login)
    assert "Raise timeout (nas_timeout). Perhaps the device blocks" in error.hint


def test_where_nothing_listens_and_in_a_session_it_is_another_reason(nas):
    client = nas.client({"sid": "at hand"})
    nas.on("stat", Reply(b"", length=9))
    assert "blocks" not in fails(Kind.CONNECTION, lambda: client.files.stat(["/Public/a"])).hint
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        at = Connection("qnap", "127.0.0.1", unused.getsockname()[1], use_ssl=False, retries=0)
        error = fails(Kind.CONNECTION, Qnap(at, Credentials("admin", PASSWORD), MemoryStore()).login)
    assert "blocks" not in error.hint
    assert "nas_port" in error.hint


def test_without_a_password_nothing_is_sent(nas):
    nas.on("stat", status(3))
    client = nas.client({"sid": "old"}, username="admin", password="")
    fails(Kind.AUTHENTICATION, lambda: client.files.stat(["/Public/a"]))
    assert [asked.call for asked in nas.asked] == ["stat"]


TWO_STEPS = pytest.mark.parametrize("step", ["need_2sv", "need_2_step_verification"])


@TWO_STEPS
def test_a_code_is_asked_for(nas, step):
    nas.on("authLogin.cgi", xml(authPassed=0, lost_phone=1, **{step: 1}))
    error = fails(Kind.OTP_REQUIRED, lambda: nas.client().login())
    assert error.hint == CODE_WANTED
    assert len(nas.asked) == 1
    error = fails(Kind.OTP_REQUIRED, lambda: nas.client(device_token="vtoken-1").login())
    assert "device token" in error.message
    assert error.hint == NEW_DEVICE_TOKEN


def test_a_code_logs_in_and_its_token_is_kept_and_used(nas):
    nas.on(
        "authLogin.cgi",
        xml(authPassed=1, authSid="sid-1", need_2sv=1, vtoken="vtoken-1"),
        xml(authPassed=1, authSid="sid-2"),
    )
    nas.on("stat", status(3), rows(row("a")))
    client = nas.client(otp_code="123456")
    client.files.stat(["/Public/a"])
    first, second = (asked.form() for asked in nas.calls("authLogin.cgi"))
    assert (first["security_code"], first["dont_verify_2sv_again"]) == ("123456", "1")
    assert "vtoken" not in first
    assert second["vtoken"] == "vtoken-1"
    assert "security_code" not in second
    assert client.login() == {"sid": "sid-2", "login": {}, "device_token": "vtoken-1"}
    assert "device_token" in client.session_details


@TWO_STEPS
def test_a_refused_code(nas, step):
    nas.on("authLogin.cgi", xml(authPassed=0, timestring="2026-11-26 18:01:02", **{step: 1}))
    error = fails(Kind.OTP_REQUIRED, lambda: nas.client(otp_code="123456").login())
    assert "refused" in error.message
    # A clock that drifts is the usual reason.
    assert CODE_REFUSED in error.hint
    assert "2026-11-26 18:01:02" in error.hint
    assert len(nas.asked) == 1
    nas.on("authLogin.cgi", xml(authPassed=0, lost_phone=-1, **{step: 1}))
    error = fails(Kind.AUTHENTICATION, lambda: nas.client(otp_code="123456").login())
    assert "too many" in error.message


@TWO_STEPS
def test_a_token_that_is_no_longer_good_gives_way_to_the_code(nas, step):
    nas.on("authLogin.cgi", xml(authPassed=0, **{step: 1}), xml(authPassed=1, authSid="sid-1", vtoken="fresh"))
    client = nas.client(otp_code="123456", device_token="vtoken-1")
    assert client.login()["device_token"] == "fresh"
    assert [asked.form().get("security_code") for asked in nas.asked] == [None, "123456"]
    assert client.warnings == []


def test_a_code_that_brings_no_token_is_warned_of_and_the_old_token_is_not_kept(nas):
    nas.on("authLogin.cgi", xml(authPassed=0, need_2sv=1), xml(authPassed=1, authSid="sid-1"))
    client = nas.client(otp_code="123456", device_token="vtoken-1\n")
    assert "device_token" not in client.login()
    assert client.warnings == [NO_DEVICE_TOKEN]
    assert nas.asked[0].form()["vtoken"] == "vtoken-1"


def test_a_wrong_password_with_a_token_is_sent_once(nas):
    nas.on("authLogin.cgi", xml(authPassed=0, errorValue=-1))
    fails(Kind.AUTHENTICATION, lambda: nas.client(otp_code="123456", device_token="vtoken-1").login())
    assert len(nas.asked) == 1


def test_a_refusal_that_also_asks_for_a_code(nas):
    nas.on("authLogin.cgi", xml(authPassed=0, errorValue=-1, need_2sv=1))
    fails(Kind.AUTHENTICATION, nas.client(otp_code="123456", device_token="vtoken-1").login)
    fails(Kind.AUTHENTICATION, nas.client().login)
    fails(Kind.OTP_REQUIRED, nas.client(otp_code="123456").login)
    assert len(nas.asked) == 3


def test_the_token_of_a_stored_session_is_used_for_the_next_login(nas):
    nas.on("stat", status(3), rows(row("a")))
    client = nas.client({"sid": "old", "device_token": "vtoken-1"})
    client.files.stat(["/Public/a"])
    (login,) = nas.calls("authLogin.cgi")
    assert login.form()["vtoken"] == "vtoken-1"
    assert client.login()["device_token"] == "vtoken-1"


def test_an_expired_session_is_renewed_once_and_the_call_repeated_once(nas):
    nas.on("createdir", status(3), status(1))
    nas.client({"sid": "old"}).files.create_folders(["/Public/a"])
    assert [asked.call for asked in nas.asked] == ["createdir", "authLogin.cgi", "createdir"]
    assert [asked["sid"] for asked in nas.calls("createdir")] == ["old", "sid-1"]
    nas.on("createdir", status(3))
    fails(Kind.SESSION_EXPIRED, lambda: nas.client({"sid": "old"}).files.create_folders(["/Public/a"]))
    assert len(nas.calls("authLogin.cgi")) == 1 + MOST_IN_A_ROW


def test_old_firmware_says_by_the_page_of_the_login_that_a_session_has_ended(nas):
    nobody = xml(authPassed=0, doQuick="")
    nas.on("createdir", nobody, status(1))
    nas.client({"sid": "old"}).files.create_folders(["/Public/a"])
    nas.on("stat", rows(gone("a"))).on("upload", nobody, {"status": 1, "size": "5", "name": "a"})
    nas.client({"sid": "old"}).files.upload(BytesSource(b"hello"), "/Public/a", mtime=None, watch=Watch())
    nas.on("stat", rows(row("a"))).on("download", nobody, b"hello")
    sink = io.BytesIO()
    nas.client({"sid": "old"}).files.download("/Public/a", sink, watch=Watch())
    assert sink.getvalue() == b"hello"
    nas.on("get_thumb", nobody, Reply(b"\xff\xd8jpeg", headers={"Content-Type": "image/jpeg"}))
    nas.client({"sid": "old"}).downloads.thumbnail("/Public/a", "small", io.BytesIO())
    assert nas.logins == 4
    for call in ("createdir", "upload", "download", "get_thumb"):
        first, second = nas.calls(call)
        assert first["sid"] == "old" != second["sid"]


@pytest.mark.parametrize("session", [{"sid": ""}, {"sid": 5}, {"other": 1}])
def test_a_session_of_another_shape_is_replaced(nas, session):
    nas.on("stat", rows(row("a")))
    nas.client(session).files.stat(["/Public/a"])
    assert [asked.call for asked in nas.asked] == ["authLogin.cgi", "stat"]


def test_logout_needs_no_credentials(nas):
    nas.on("authLogout.cgi", xml(authPassed=0))
    client = nas.client(username="", password="")
    client.end({"sid": "old"})
    client.end({})
    (asked,) = nas.asked
    assert (asked["sid"], asked["logout"]) == ("old", "1")
    client = nas.client({"sid": "mine"})
    assert client.logout() is True
    assert client.logout() is False
    assert nas.asked[-1]["sid"] == "mine"
    client.close()


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (status(4), Kind.PERMISSION_DENIED),
        ({"status": "4"}, Kind.PERMISSION_DENIED),
        (status(17), Kind.AUTHENTICATION),
        (status(19), Kind.BUSY),
        (status(8), Kind.UNSUPPORTED),
        (status(0), Kind.DEVICE),
        (status(777), Kind.DEVICE),
        (status(1), Kind.PROTOCOL),
        ({"status": "what"}, Kind.PROTOCOL),
        ({"total": 1}, Kind.PROTOCOL),
        ([], Kind.PROTOCOL),
        (b"", Kind.PROTOCOL),
        (b"oops", Kind.PROTOCOL),
        (b'{"datas": [{"filename": "a"', Kind.PROTOCOL),
        ({"datas": "none"}, Kind.PROTOCOL),
        ({"datas": [1]}, Kind.PROTOCOL),
        (rows({"exist": 1}), Kind.PROTOCOL),
        (rows(row("")), Kind.PROTOCOL),
        (rows(row("x/y")), Kind.PROTOCOL),
        (rows(row("b")), Kind.PROTOCOL),
        (rows(row("a", isfolder="?")), Kind.PROTOCOL),
        (rows(row("a", filesize="big")), Kind.PROTOCOL),
        (rows({"filename": "a", "isfolder": 0, "filesize": "0"}), Kind.PROTOCOL),
        (Reply(b"<html>", 401), Kind.PERMISSION_DENIED),
        (Reply(b"<html>", 404), Kind.UNSUPPORTED),
        (Reply(b"<html>", 411), Kind.PROTOCOL),
        (Reply(b"<html>", 500), Kind.DEVICE),
        (Reply(b"<html>", 503), Kind.BUSY),
    ],
)
def test_no_reply_is_taken_for_absent(nas, reply, kind):
    nas.on("stat", reply)
    error = fails(kind, lambda: nas.client().files.stat(["/Public/a"]))
    assert error.vendor == "qnap"
    assert error.call == "stat"
    assert error.path.startswith("/Public")


def test_transient_failures_of_reading_are_repeated(nas, monkeypatch):
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    nas.on("stat", status(19), Reply(b"", 503), Reply(b"", length=9), rows(gone("a")))
    assert nas.client(retries=3).files.stat(["/Public/a"]) == {"/Public/a": None}


def test_changes_are_never_repeated_blindly(nas, monkeypatch):
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    nas.on("createdir", Reply(b"", 503), status(1))
    fails(Kind.BUSY, lambda: nas.client(retries=3).files.create_folders(["/Public/a"]))
    assert len(nas.calls("createdir")) == 1


SYSINFO = b"""<?xml version="1.0" encoding="UTF-8" ?><QDocRoot version="1.0">
<model><modelName>TS-X53</modelName><displayModelName>TS-453D</displayModelName></model>
<firmware><version>5.2.6</version><build>20250801</build></firmware><hostname>other</hostname>
<func><ownContent><root><server_name>attic</server_name><serial_number>Q123</serial_number>
<uptime_day>3</uptime_day></root></ownContent></func></QDocRoot>"""


def test_facts_of_an_administrator(nas):
    nas.on("manaRequest.cgi", SYSINFO)
    facts = nas.client().device.facts()
    assert (facts.vendor, facts.model, facts.version) == ("qnap", "TS-453D", "5.2.6")
    assert (facts.hostname, facts.serial) == ("attic", "Q123")
    assert facts.details["isAdmin"] == "1"
    assert facts.details["build"] == "20250801"
    assert facts.details["uptime_day"] == "3"
    assert nas.calls()[0]["subfunc"] == "sysinfo"


def test_facts_of_others(nas):
    nas.on("check_sid", {"status": 1, "version": "5.5.6", "build": "2026", "servername": "attic", "sid": "0"})
    nas.on("authLogin.cgi", xml(authPassed=1, authSid="sid-1", isAdmin=0))
    facts = nas.client().device.facts()
    assert (facts.hostname, facts.model, facts.serial) == ("attic", None, None)
    assert facts.details == {"isAdmin": "0", "file_station_version": "5.5.6", "file_station_build": "2026"}
    assert len(nas.calls()) == 1


def test_facts_where_nothing_tells(nas):
    nas.on("manaRequest.cgi", xml(authPassed=0)).on("check_sid", status(20))
    client = nas.client()
    assert client.device.facts().hostname is None
    assert [asked.method for asked in nas.calls("authLogin.cgi")] == ["POST", "GET"]  # a login, and its page
    assert ["serial number" in warning for warning in client.warnings] == [True]
    nas.on("check_sid", status(4)).on("manaRequest.cgi", Reply(b"", 500))
    client = nas.client()
    assert client.device.facts().hostname is None
    assert len(client.warnings) == 2


LOGIN_PAGE = {"authPassed": 0, "doQuick": ""}
MODEL = """<model><modelName>TS-X53</modelName><displayModelName>TS-453D</displayModelName><is_zfs>1</is_zfs></model>
<firmware><version>4.3.6</version><number>0895</number></firmware><hostname>attic</hostname>"""


def page(**fields):
    """A page of a login, with what it says about the device."""
    reply = xml(**fields)
    return Reply(reply.body.replace(b"</QDocRoot>", MODEL.encode() + b"</QDocRoot>"), headers=reply.headers)


def test_model_and_firmware_of_the_login_need_no_rights(nas):
    nas.on("authLogin.cgi", page(authPassed=1, authSid="sid-1", isAdmin=0))
    client = nas.client()
    facts = client.device.facts()
    assert (facts.model, facts.version, facts.hostname) == ("TS-453D", "4.3.6", "attic")
    assert facts.details == {"isAdmin": "0", "number": "0895", "modelName": "TS-X53", "is_zfs": "1"}
    assert len(nas.asked) == 1
    assert client.warnings == []


def test_model_and_firmware_of_the_page_of_the_login(nas):
    nas.on("authLogin.cgi", xml(authPassed=1, authSid="sid-1", isAdmin=0), page(**LOGIN_PAGE))
    facts = nas.client().device.facts()
    assert (facts.model, facts.version, facts.hostname) == ("TS-453D", "4.3.6", "attic")
    assert [asked.method for asked in nas.asked] == ["POST", "GET"]
    assert nas.asked[1].pairs == []


def test_a_login_that_is_answered_by_the_page_about_the_device(nas):
    nas.on("authLogin.cgi", page(doQuick=""))
    error = fails(Kind.PROTOCOL, nas.client().login)
    assert "firmware 4.3.6" in error.message
    assert "neither accepted nor refused" in error.hint
    assert len(nas.asked) == 1


def test_the_size_of_a_share_that_the_device_fails_to_tell(nas):
    nas.on("get_tree", [{"id": "/Public", "cls": "w"}, {"id": "/home", "cls": "w"}])
    nas.on("get_disk_info", status(19), {"status": 1, "free_size": "2", "used_size": "1"})
    client = nas.client()
    assert [share.total for share in client.files.shares()] == [None, 3072]
    (warning,) = client.warnings
    assert "the size of /Public" in warning


def test_an_expired_session_of_facts(nas):
    nas.on("manaRequest.cgi", xml(authPassed=0), SYSINFO).on("check_sid", status(3))
    assert nas.client({"sid": "old"}).device.facts().hostname == "attic"
    assert [(asked.call, asked["sid"]) for asked in nas.calls()] == [
        ("manaRequest.cgi", "old"),
        ("check_sid", "old"),
        ("manaRequest.cgi", "sid-1"),
    ]


def test_what_a_qnap_lacks_is_said(nas):
    error = fails(Kind.UNSUPPORTED, lambda: nas.client().pairing)
    assert "pairing" in error.message
