# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Container Station of a QNAP: its login and session, its certificate, what it tells."""

from __future__ import annotations

import io
import json
import random
import zipfile

import pytest
from ansible_collections.nasops.nas.plugins.module_utils._core.errors import Kind, NasError
from ansible_collections.nasops.nas.plugins.module_utils._qnap.client import Qnap
from ansible_collections.nasops.nas.plugins.module_utils._qnap.container_station import tls
from ansible_collections.nasops.nas.tests.unit.plugins.module_utils._qnap.container_station_fake import (
    CERTIFICATE,
    COOKIES,
    WHO,
    Station,
    cookie_of,
    envelope,
    say,
)
from ansible_collections.nasops.nas.tests.unit.plugins.module_utils._qnap.fake import (
    PASSWORD,
    SECRETS,
    Fake,
    Reply,
    row,
    rows,
    xml,
)


@pytest.fixture
def nas():
    fake = Station()
    yield fake
    fake.close()


def fails(kind, action):
    with pytest.raises(NasError) as caught:
        action()
    error = caught.value
    assert error.kind is kind, error
    assert error.vendor == "qnap"
    for text in (str(error), repr(error), str(error.failure()), repr(error.__cause__)):
        assert not any(secret in text for secret in (*SECRETS, *COOKIES))
    return error


def test_a_login_by_password_and_none_to_file_station(nas):
    client = nas.client()
    assert not nas.asked
    client.container_tls.certificate()
    assert nas.names() == ["POST login", "GET tls", "GET domain_names"]
    login, *calls = nas.asked
    assert json.loads(login.body) == {"username": "admin", "password": PASSWORD}
    assert login.headers["Content-Type"] == "application/json"
    assert not login.raw_query
    assert [cookie_of(asked) for asked in calls] == ["CS_SESS_ID=cookie-1"] * 2


def test_the_cookie_goes_to_nobody_else(nas):
    nas.on("stat", rows(row("a")))
    client = nas.client()
    client.container_tls.certificate()
    client.files.stat(["/Public/a"])
    assert not cookie_of(nas.calls("stat")[0])
    assert "container_station" not in client.login()


def test_an_account_with_two_steps_logs_in_by_the_sid(nas):
    nas.two_step = True
    nas.on("authLogin.cgi", xml(authPassed=1, authSid="sid-1", vtoken="vtoken-1"))
    client = nas.client(otp_code="123456")
    client.container_tls.certificate()
    assert nas.names()[:3] == ["POST login", "POST authLogin.cgi", "POST login"]
    assert json.loads(nas.asked[2].body) == {"sid": "sid-1"}
    assert nas.asked[1].form()["security_code"] == "123456"


def test_a_session_of_file_station_at_hand_serves(nas):
    nas.two_step = True
    nas.client({"sid": "sid-1"}).container_tls.certificate()
    assert [json.loads(asked.body) for asked in nas.calls("login")][1:] == [{"sid": "sid-1"}]
    nas.client({"sid": "sid-2"}, username="", password="").container_tls.certificate()
    assert json.loads(nas.calls("login")[-1].body) == {"sid": "sid-2"}
    assert nas.logins == 0


def test_a_sid_that_has_expired_is_renewed_once(nas):
    nas.two_step = True
    nas.on("authLogin.cgi", xml(authPassed=1, authSid="sid-2"))
    nas.on("login", envelope(403), envelope(401), nas.log_in)
    nas.client({"sid": "sid-1"}).container_tls.certificate()
    assert nas.names()[:4] == ["POST login", "POST login", "POST authLogin.cgi", "POST login"]
    nas.on("login", envelope(401))
    error = fails(Kind.AUTHENTICATION, nas.client({"sid": "sid-1"}, device_token="vtoken-1").container_tls.certificate)
    assert error.call == "POST /api/v1/login"


def test_a_sid_is_no_good_for_somebody_who_may_not(nas):
    nas.on("login", envelope(403))
    error = fails(Kind.AUTHENTICATION, nas.client({"sid": "sid-1"}).container_tls.certificate)
    assert "administrators" in error.hint
    assert len(nas.asked) == 2
    fails(Kind.AUTHENTICATION, nas.client(username="", password="").container_tls.certificate)
    assert len(nas.asked) == 2


def test_a_missing_code_is_asked_for(nas):
    nas.two_step = True
    nas.on("authLogin.cgi", xml(authPassed=0, need_2sv=1))
    error = fails(Kind.OTP_REQUIRED, nas.client().container_tls.certificate)
    assert "otp_code" in error.hint


@pytest.mark.parametrize(
    "reply", [envelope(401), Reply(b"", 401), envelope(401, http=200), say({**WHO, "anonymous": True}), say(WHO)]
)
def test_a_refused_password_is_sent_once(nas, reply):
    nas.on("login", reply)
    client = nas.client(retries=3)
    for _again in range(2):
        error = fails(Kind.AUTHENTICATION, client.container_tls.certificate)
        assert error.call == "POST /api/v1/login"
    assert len(nas.asked) == 1


def test_a_refusal_leaves_file_station_alone(nas):
    nas.on("login", envelope(401)).on("stat", rows(row("a")))
    client = nas.client()
    client.files.stat(["/Public/a"])
    fails(Kind.AUTHENTICATION, client.container_station.system)
    client.files.stat(["/Public/a"])
    assert nas.logins == 1


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply(b"<html>", 404), Kind.UNSUPPORTED),
        (envelope(404), Kind.UNSUPPORTED),
        (envelope(400, PASSWORD), Kind.INVALID_ARGUMENT),
        (envelope(500), Kind.DEVICE),
        (Reply(b"", 503), Kind.BUSY),
        (Reply(b"<html>page</html>"), Kind.PROTOCOL),
        (Reply(b""), Kind.PROTOCOL),
        (say([]), Kind.PROTOCOL),
        (Reply(b"", 302, {"Location": "https://nas:443/"}), Kind.REDIRECT),
        (Reply(b"{", length=50), Kind.CONNECTION),
    ],
)
def test_other_failures_of_a_login_are_not_repeated_either(nas, reply, kind):
    nas.on("login", reply)
    error = fails(kind, nas.client(retries=3).container_tls.certificate)
    assert error.call == "POST /api/v1/login"
    assert error.hint or kind not in (Kind.UNSUPPORTED, Kind.PROTOCOL, Kind.BUSY)
    assert len(nas.asked) == 1


def test_a_password_that_no_json_can_hold(nas):
    fails(Kind.AUTHENTICATION, nas.client(password="\udcff").container_tls.certificate)
    assert not nas.asked


def test_an_expired_session_is_renewed_once_and_the_call_repeated_once(nas):
    client = nas.client()
    client.container_tls.certificate()
    nas.known.clear()
    nas.asked.clear()
    client.container_tls.certificate()
    assert nas.names() == ["GET tls", "GET login_refresh", "POST login", "GET tls", "GET domain_names"]
    # A login must not go on with the old session.
    assert not cookie_of(nas.calls("login")[0])
    assert cookie_of(nas.asked[-1]) == "CS_SESS_ID=cookie-2"


def test_login_refresh_saves_a_login(nas):
    nas.on("tls", envelope(401), CERTIFICATE)
    nas.client().container_tls.certificate()
    assert nas.names() == ["POST login", "GET tls", "GET login_refresh", "GET tls", "GET domain_names"]
    nas.on("tls", envelope(401))
    error = fails(Kind.PERMISSION_DENIED, nas.client().container_tls.certificate)
    assert error.call == "GET /api/v1/tls"
    assert nas.container_logins == 2


@pytest.mark.parametrize("reply", [say({**WHO, "anonymous": True}), Reply(b"", 404), Reply(b"", 403)])
def test_a_session_that_login_refresh_does_not_vouch_for(nas, reply):
    nas.on("tls", envelope(401), CERTIFICATE).on("login_refresh", reply)
    nas.client().container_tls.certificate()
    assert nas.container_logins == 2


PAGE = Reply(b"<!DOCTYPE html><html>QTS</html>", headers={"Content-Type": "text/html"})
SHAPES = {
    "404": Reply(b"404 page not found", 404),
    "404 as JSON": Reply(b'{"code": 1009, "message": "not found"}', 404),
    "a web page": PAGE,
    "no dates": say({"data": {}}),
    "empty dates": say({"startdate": "", "enddate": None}),
    "302": Reply(b"", 302, {"Location": "/container-station/"}),
    "401": Reply(b'{"code": 1001, "message": "unauthorized"}', 401),
    "405": Reply(b"", 405),
}


@pytest.mark.parametrize("knows", [True, False])
@pytest.mark.parametrize("shape", SHAPES)
def test_container_station_3_has_no_certificates_whatever_it_says(nas, shape, knows):
    if not knows:
        nas.on("login_refresh", Reply(b"404 page not found", 404))
    nas.on("tls", SHAPES[shape]).on("domain_names", SHAPES[shape]).on("export", SHAPES[shape])
    tls_of = nas.client().container_tls
    for action in (tls_of.certificate, lambda: tls_of.set_domain_names(["a"]), lambda: tls_of.export(io.BytesIO())):
        with pytest.raises(NasError) as caught:
            action()
        assert tls.TLS_OF_2 in caught.value.hint, caught.value
        assert caught.value.kind in (Kind.UNSUPPORTED, Kind.PROTOCOL, Kind.REDIRECT, Kind.PERMISSION_DENIED)
    assert nas.container_logins <= 2


@pytest.mark.parametrize("shape", ["404", "a web page"])
def test_no_container_station_with_this_login_at_all(nas, shape):
    nas.on("login", SHAPES[shape])
    with pytest.raises(NasError) as caught:
        nas.client().container_tls.certificate()
    assert tls.TLS_OF_2 in caught.value.hint
    assert "Install Container Station" in caught.value.hint


def test_a_failing_login_refresh(nas):
    nas.on("tls", envelope(401)).on("login_refresh", envelope(500))
    error = fails(Kind.DEVICE, nas.client().container_tls.certificate)
    assert error.call == "GET /api/v1/login_refresh"
    assert nas.container_logins == 1


def test_logout_ends_both_sessions(nas):
    nas.on("stat", rows(row("a")))
    client = nas.client()
    client.container_tls.certificate()
    client.files.stat(["/Public/a"])
    nas.asked.clear()
    assert client.logout() is True
    assert nas.names() == ["PUT logout", "GET authLogout.cgi"]
    assert cookie_of(nas.asked[0]) == "CS_SESS_ID=cookie-1"
    assert client.logout() is False


@pytest.mark.parametrize("reply", [envelope(401), envelope(401, http=200), Reply(b"", 404)])
def test_a_session_that_is_not_known_is_over(nas, reply):
    nas.on("logout", reply)
    nas.client(username="", password="").end({"container_station": {"CS_SESS_ID": "cookie-1"}})
    nas.client().end({"container_station": {}})
    nas.client().end({"container_station": "?"})
    assert nas.names() == ["PUT logout"]


def test_a_failing_logout_is_reported_and_file_station_s_still_made(nas):
    nas.on("stat", rows(row("a"))).on("logout", envelope(500))
    client = nas.client()
    client.container_tls.certificate()
    client.files.stat(["/Public/a"])
    fails(Kind.DEVICE, client.logout)
    assert nas.names()[-1] == "GET authLogout.cgi"


def test_a_session_beside_one_that_was_handed_on_ends_with_the_task(nas):
    client = nas.client({"sid": "sid-1"})
    client.container_tls.certificate()
    client.close()
    assert nas.names()[-1] == "PUT logout"
    assert "GET authLogout.cgi" not in nas.names()


def test_a_certificate(nas):
    nas.on("domain_names", {"domain_names": "nas.example, 10.0.0.1;nas.example\nfe80::1  b.example,"})
    found = nas.client().container_tls.certificate()
    assert found.as_result() == {
        "start_date": "2026-01-02",
        "end_date": "2028-12-17",
        "domain_names": ("nas.example", "10.0.0.1", "fe80::1", "b.example"),
        "outdated_notify": False,
    }


@pytest.mark.parametrize(
    ("value", "notify"), [(True, True), ("", False), ("true", True), ("False", False), (1, True), (None, None)]
)
def test_outdated_notify_in_many_forms(nas, value, notify):
    nas.on("tls", {**CERTIFICATE, "outdatedNotify": value})
    assert nas.client().container_tls.certificate().outdated_notify is notify


@pytest.mark.parametrize(
    ("tls_reply", "names_reply", "kind"),
    [
        (Reply(b"<html>", 404), {}, Kind.UNSUPPORTED),
        (Reply(b"<html>", 405), {}, Kind.UNSUPPORTED),
        (envelope(404, http=200), {}, Kind.UNSUPPORTED),
        (say({"code": 404, "message": "page not found"}), {}, Kind.UNSUPPORTED),
        (envelope(403), {}, Kind.PERMISSION_DENIED),
        (envelope(500), {}, Kind.DEVICE),
        (say({"error": "broken"}), {}, Kind.DEVICE),
        (Reply(b"{}", 503), {}, Kind.BUSY),
        ({}, {}, Kind.PROTOCOL),
        ([], {}, Kind.PROTOCOL),
        (b"", {}, Kind.PROTOCOL),
        (b'{"startdate": "2026', {}, Kind.PROTOCOL),
        ({**CERTIFICATE, "startdate": 20260102}, {}, Kind.PROTOCOL),
        ({**CERTIFICATE, "enddate": "2026-13-40"}, {}, Kind.PROTOCOL),
        ({**CERTIFICATE, "enddate": "Dec 17 2028"}, {}, Kind.PROTOCOL),
        ({**CERTIFICATE, "outdatedNotify": "?"}, {}, Kind.PROTOCOL),
        (CERTIFICATE, {}, Kind.PROTOCOL),
        (CERTIFICATE, {"domain_names": ["a"]}, Kind.PROTOCOL),
        (CERTIFICATE, Reply(b"", 404), Kind.UNSUPPORTED),
    ],
)
def test_no_reply_is_taken_for_a_certificate(nas, tls_reply, names_reply, kind):
    nas.on("tls", tls_reply).on("domain_names", names_reply)
    error = fails(kind, nas.client().container_tls.certificate)
    assert error.call.startswith("GET /api/v1/tls")
    if kind is Kind.UNSUPPORTED:
        assert "this Container Station offers no such API (v3?)" in str(error)


def test_no_names_at_all(nas):
    for names in ("", " , ", None):
        nas.on("domain_names", {"domain_names": names})
        assert nas.client().container_tls.certificate().domain_names == ()


def test_names_are_written_with_commas(nas):
    nas.on("domain_names", {"result": True})
    nas.client().container_tls.set_domain_names(["nas.example", "10.0.0.1", "nas.example"])
    nas.client().container_tls.set_domain_names([])
    asked = nas.calls("domain_names")
    assert [(one.method, json.loads(one.body)) for one in asked] == [
        ("PUT", {"domain_names": "nas.example,10.0.0.1"}),
        ("PUT", {"domain_names": ""}),
    ]
    assert tls.split_names(tls.SEPARATOR.join(("a", "b"))) == ("a", "b")


@pytest.mark.parametrize("name", ["", "a,b", "a b", "a;b", "a\n"])
def test_what_is_not_one_name_is_refused_before_any_call(nas, name):
    fails(Kind.INVALID_ARGUMENT, lambda: nas.client().container_tls.set_domain_names(["ok.example", name]))
    assert not nas.asked


def test_outdated_notify_is_written(nas):
    nas.on("tls", {"result": True})
    nas.client().container_tls.set_outdated_notify(True)
    (asked,) = nas.calls("tls")
    assert (asked.method, json.loads(asked.body)) == ("POST", {"outdatedNotify": True})


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        ({"result": False}, Kind.DEVICE),
        ({}, Kind.PROTOCOL),
        (b"", Kind.PROTOCOL),
        (envelope(400, "409 Client Error: Conflict"), Kind.INVALID_ARGUMENT),
    ],
)
def test_a_change_that_was_not_made(nas, reply, kind):
    nas.on("tls", reply).on("domain_names", reply)
    fails(kind, lambda: nas.client().container_tls.set_outdated_notify(False))
    error = fails(kind, lambda: nas.client().container_tls.set_domain_names(["a"]))
    assert error.call == "PUT /api/v1/tls/domain_names"
    if kind is Kind.INVALID_ARGUMENT:
        assert "409 Client Error: Conflict" in error.message
        assert error.code == "400"


@pytest.mark.parametrize("message", ["cookie-1 is bad", "see http://nas/x?sid=1"])
def test_the_device_s_words_are_left_out_where_they_quote_secrets(nas, message):
    nas.on("tls", envelope(500, message))
    error = fails(Kind.DEVICE, nas.client().container_tls.certificate)
    assert error.message == "Container Station reports an error"


@pytest.mark.parametrize("reply", [b"", b"OK", {"result": True}, {}, Reply(b"", 204)])
def test_rotation(nas, reply):
    nas.on("rotation", reply)
    nas.client().container_tls.rotate()
    assert nas.names() == ["POST login", "GET login_refresh", "POST rotation"]
    assert nas.asked[-1].body == b""


def test_rotation_in_a_kept_session_that_has_expired(nas):
    nas.on("rotation", nas.inside({}))
    client = nas.client()
    client.container_tls.certificate()
    nas.known.clear()
    nas.asked.clear()
    client.container_tls.rotate()
    assert nas.names() == ["GET login_refresh", "POST login", "GET login_refresh", "POST rotation"]


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (envelope(401), Kind.PERMISSION_DENIED),
        (envelope(403), Kind.PERMISSION_DENIED),
        (envelope(404), Kind.UNSUPPORTED),
        (envelope(500), Kind.DEVICE),
        (envelope(500, http=200), Kind.DEVICE),
        ({"result": False}, Kind.DEVICE),
        (Reply(b"", 503), Kind.BUSY),
        (Reply(b"", length=9), Kind.CONNECTION),
    ],
)
def test_rotation_is_never_repeated(nas, reply, kind):
    nas.on("rotation", reply)
    error = fails(kind, nas.client(retries=3).container_tls.rotate)
    assert error.call == "POST /api/v1/tls/rotation"
    assert len(nas.calls("rotation")) == 1
    assert kind is not Kind.CONNECTION or "start date" in error.hint


def zipped(comment: bytes = b"") -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("any/name.pem", random.Random(1).randbytes(1_500_000))
        archive.comment = comment
    return target.getvalue()


class Pieces(io.BytesIO):
    """Remembers how much was written at a time."""

    def __init__(self) -> None:
        super().__init__()
        self.largest = 0

    def write(self, piece) -> int:
        self.largest = max(self.largest, len(piece))
        return super().write(piece)


@pytest.mark.parametrize("headers", [{}, {"Content-Disposition": "attachment; filename=cert.zip"}])
@pytest.mark.parametrize("comment", [b"", b"x" * 60000, b"PK\x05\x06" * 9])
def test_export_is_streamed(nas, headers, comment):
    content = zipped(comment)
    for length in (None, -1):
        nas.on("export", Reply(content, headers=headers, length=length))
        sink = Pieces()
        assert nas.client().container_tls.export(sink) == len(content)
        assert sink.getvalue() == content
        assert sink.largest <= 600 * 1024


@pytest.mark.parametrize(
    ("reply", "kind", "written"),
    [
        (envelope(500), Kind.DEVICE, False),
        (envelope(500, http=200), Kind.DEVICE, False),
        (envelope(404), Kind.UNSUPPORTED, False),
        (b"", Kind.DEVICE, False),
        (b"<html>login</html>", Kind.PROTOCOL, False),
        (say({"result": True}), Kind.PROTOCOL, False),
        (Reply(zipped()[:-1], length=-1), Kind.MISMATCH, True),
        (Reply(zipped()[:700000], length=-1), Kind.MISMATCH, True),
    ],
)
def test_what_is_no_whole_zip_is_an_error(nas, reply, kind, written):
    nas.on("export", reply)
    sink = io.BytesIO()
    error = fails(kind, lambda: nas.client().container_tls.export(sink))
    assert error.call == "GET /api/v1/tls/export"
    assert bool(sink.getvalue()) is written


def test_an_export_that_breaks_off(nas):
    nas.on("export", Reply(zipped()[:700000], length=800000))
    with pytest.raises(NasError) as caught:
        nas.client().container_tls.export(io.BytesIO())
    assert caught.value.kind in (Kind.CONNECTION, Kind.MISMATCH)


def test_an_export_in_an_expired_session(nas):
    nas.on("export", nas.inside(zipped()))
    client = nas.client()
    client.container_tls.certificate()
    nas.known.clear()
    assert client.container_tls.export(io.BytesIO()) == len(zipped())
    assert nas.container_logins == 2


def test_system(nas):
    system = {"hostname": "attic", "version": {"qpkg": "2.4.0"}, "features": ["", "lxd"]}
    resources = {"cpu_usage": "7.5", "memory_usage": {"total": 7810, "used": 2086}}
    networks = {"data": [{"name": "eth0", "bridge": None}], "default": 0}
    nas.on("system", system).on("resource", resources).on("bridge", networks)
    station = nas.client().container_station
    assert (station.system(), station.resources(), station.networks()) == (system, resources, networks)
    assert nas.container_logins == 1


@pytest.mark.parametrize("reply", [{}, [], b"", {"version": 1, "memory_usage": [], "data": {}}])
def test_system_that_makes_no_sense(nas, reply):
    nas.on("system", reply).on("resource", reply).on("bridge", reply)
    station = nas.client().container_station
    for action in (station.system, station.resources, station.networks):
        fails(Kind.PROTOCOL, action)


def test_ports(nas):
    nas.on("8080", {"used": True}).on("53", {"used": False}).on("1", {"used": "no"})
    station = nas.client().container_station
    assert station.port_used("tcp", 8080) is True
    assert station.port_used("udp", 53) is False
    error = fails(Kind.PROTOCOL, lambda: station.port_used("tcp", 1))
    assert error.call == "GET /api/v1/system/port"
    for protocol, port in (("tcp", 0), ("tcp", 65536), ("icmp", 1)):
        fails(Kind.INVALID_ARGUMENT, lambda protocol=protocol, port=port: station.port_used(protocol, port))
    assert len(nas.asked) == 4


@pytest.mark.parametrize(
    "content", [b"\x1f\x8b" + bytes(200000), b"a line\nanother", b'{"system": {"error": 5}}', b'{"error": null}', b"{"]
)
def test_a_report_is_written_as_it_comes(nas, content):
    nas.on("report", content)
    sink = io.BytesIO()
    assert nas.client().container_station.report(sink) == len(content)
    assert sink.getvalue() == content


def test_an_attachment_is_no_error(nas):
    content = b'{"error": {"code": 500, "message": "seen yesterday"}}'
    nas.on("report", Reply(content, headers={"Content-Disposition": "attachment"}))
    assert nas.client().container_station.report(io.BytesIO()) == len(content)


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (envelope(500), Kind.DEVICE),
        (envelope(403, http=200), Kind.PERMISSION_DENIED),
        (Reply(b"<html>", 500), Kind.DEVICE),
        (b"", Kind.DEVICE),
    ],
)
def test_an_error_instead_of_a_report(nas, reply, kind):
    nas.on("report", reply)
    sink = io.BytesIO()
    fails(kind, lambda: nas.client().container_station.report(sink))
    assert not sink.getvalue()


def test_transient_failures_of_reading_are_repeated(nas, monkeypatch):
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    nas.on("tls", Reply(b"", 503), envelope(429), Reply(b"", length=9), CERTIFICATE)
    assert nas.client(retries=3).container_tls.certificate().start_date == "2026-01-02"


def test_changes_are_never_repeated_blindly(nas, monkeypatch):
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    nas.on("domain_names", Reply(b"", 503), {"result": True})
    error = fails(Kind.BUSY, lambda: nas.client(retries=3).container_tls.set_domain_names(["a"]))
    assert "Container Station" in error.hint
    assert len(nas.calls("domain_names")) == 1


def test_a_device_that_cannot_be_reached_is_tried_as_often_as_retries_says(monkeypatch):
    pauses = []
    monkeypatch.setattr("time.sleep", pauses.append)
    gone = Fake()
    client = gone.client(retries=2)
    gone.close()
    fails(Kind.CONNECTION, client.container_tls.certificate)
    fails(Kind.CONNECTION, client.container_tls.rotate)
    assert len(pauses) == 4


def test_it_is_offered():
    assert {"container_tls", "container_station"} <= set(Qnap.capabilities())
