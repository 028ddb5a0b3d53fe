# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Synology: codes, envelopes, finding the APIs, logging in and out, sessions, secrets."""

from __future__ import annotations

import io
import json

import pytest
from ansible_collections.nasops.nas.plugins.module_utils._core.errors import (
    CODE_REFUSED,
    NEW_DEVICE_TOKEN,
    Kind,
    NasError,
)
from ansible_collections.nasops.nas.plugins.module_utils._core.sources import BytesSource
from ansible_collections.nasops.nas.plugins.module_utils._core.waiting import Watch
from ansible_collections.nasops.nas.plugins.module_utils._synology.codes import meaning, to_error
from ansible_collections.nasops.nas.plugins.module_utils._synology.encoding import Raw, batches, encode_value
from ansible_collections.nasops.nas.plugins.module_utils._synology.reply import read_envelope
from ansible_collections.nasops.nas.plugins.module_utils._transport.session import (
    MOST_IN_A_ROW,
    NO_DEVICE_TOKEN,
    MemoryStore,
)
from ansible_collections.nasops.nas.tests.unit.plugins.module_utils._synology.fake import (
    PASSWORD,
    SID,
    TOKEN,
    USER,
    Answer,
    Fail,
    client,
    dsm5,
    dsm7,
    file,
    serving,
)

SECRETS = (PASSWORD, SID, TOKEN, "123456", "device-S3CRET", "otp-state-S3CRET")


@pytest.fixture
def port(dsm):
    with serving(dsm) as number:
        yield number


def fails(kind, action):
    with pytest.raises(NasError) as caught:
        action()
    error = caught.value
    assert error.kind is kind, error
    assert error.vendor == "synology"
    cause = error
    while cause is not None:
        for text in (str(cause), repr(cause), str(error.failure())):
            assert not any(secret in text for secret in SECRETS)
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    return error


@pytest.mark.parametrize(
    ("api", "code", "kind"),
    [
        ("SYNO.API.Auth", 400, Kind.AUTHENTICATION),
        ("SYNO.FileStation.List", 400, Kind.INVALID_ARGUMENT),
        ("SYNO.API.Auth", 403, Kind.OTP_REQUIRED),
        ("SYNO.FileStation.List", 403, Kind.PERMISSION_DENIED),
        ("SYNO.API.Auth", 407, Kind.AUTHENTICATION),
        ("SYNO.FileStation.List", 407, Kind.PERMISSION_DENIED),
        ("SYNO.API.Auth", 408, Kind.AUTHENTICATION),
        ("SYNO.FileStation.List", 408, Kind.NOT_FOUND),
        ("SYNO.FileStation.List", 411, Kind.READ_ONLY),
        ("SYNO.FileStation.List", 402, Kind.BUSY),
        ("SYNO.FileStation.Upload", 414, Kind.EXISTS),
        ("SYNO.FileStation.Upload", 1805, Kind.EXISTS),
        ("SYNO.FileStation.Upload", 415, Kind.QUOTA_EXCEEDED),
        ("SYNO.FileStation.Upload", 416, Kind.NO_SPACE),
        ("SYNO.FileStation.Upload", 1800, Kind.MISMATCH),
        ("SYNO.FileStation.CreateFolder", 419, Kind.INVALID_NAME),
        ("SYNO.DSM.Info", 400, Kind.DEVICE),
        ("SYNO.FileStation.List", 102, Kind.UNSUPPORTED),
        ("SYNO.FileStation.List", 105, Kind.PERMISSION_DENIED),
        ("SYNO.FileStation.List", 106, Kind.SESSION_EXPIRED),
        ("SYNO.FileStation.List", 107, Kind.SESSION_EXPIRED),
        ("SYNO.FileStation.List", 119, Kind.SESSION_EXPIRED),
        ("SYNO.FileStation.List", 31337, Kind.DEVICE),
    ],
)
def test_a_number_means_what_its_api_says(api, code, kind):
    assert meaning(api, code).kind is kind


def test_a_detail_says_more_than_the_code():
    error = to_error(
        "SYNO.FileStation.CreateFolder",
        "create",
        "",
        {"code": 1100, "errors": [{"code": 414, "path": "/pub/a"}, {"code": 407, "path": "/pub/b"}]},
    )
    assert (error.kind, error.code, error.path) == (Kind.EXISTS, "1100/414", "/pub/a")
    assert "2 paths" in error.message


@pytest.mark.parametrize("errors", [{"token": "otp-state-S3CRET"}, [1, {"code": "408"}], "x", None, []])
def test_odd_details_are_not_needed(errors):
    error = to_error("SYNO.FileStation.Rename", "rename", "/pub/a", {"code": 1200, "errors": errors})
    assert (error.kind, error.code, error.path) == (Kind.DEVICE, "1200", "/pub/a")
    assert "S3CRET" not in str(error)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>welcome</html>",
        b"[]",
        b"null",
        b'{"success": true, "data": [1]}',
        b'{"success": "true"}',
        b'{"success": false}',
        b'{"success": false, "error": {"code": "400"}}',
        b'{"success": false, "error": {"code": true}}',
        b'{"success": true, "data": {"files": [',
        b"[" * 200000,
        b"\xff\xfe",
    ],
)
def test_a_body_that_is_no_envelope(body):
    error = fails(Kind.PROTOCOL, lambda: read_envelope(body, 200, "SYNO.FileStation.List", "getinfo", "/pub"))
    assert error.call == "SYNO.FileStation.List/getinfo"
    assert error.path == "/pub"


@pytest.mark.parametrize(("status", "kind"), [(404, Kind.PROTOCOL), (414, Kind.PROTOCOL), (500, Kind.DEVICE)])
def test_an_http_error(status, kind):
    error = fails(kind, lambda: read_envelope(b"<html>", status, "SYNO.FileStation.List", "list"))
    assert error.code == f"HTTP {status}"


def test_values_are_json_or_the_older_spelling():
    assert encode_value("2024", True) == '"2024"'
    assert encode_value(["a, b", 'q"'], True) == '["a, b","q\\""]'
    assert encode_value("caf\u00e9\udcff", True) == '"caf\u00e9\udcff"'
    assert encode_value(["a, b", "c\\d"], False) == "a\\, b,c\\\\d"
    assert encode_value("2024", False) == "2024"
    assert (encode_value(True, True), encode_value(7, False)) == ("true", "7")
    assert encode_value(Raw("51CE"), True) == "51CE"


def test_many_paths_travel_in_few_requests():
    paths = [f"/pub/{number}" for number in range(1200)]
    portions = list(batches(paths))
    assert [len(portion) for portion in portions] == [500, 500, 200]
    assert [path for portion in portions for path in portion] == paths
    assert len(list(batches(["/pub/" + "ö" * 200] * 300))) == 3
    assert list(batches([])) == []


def test_nothing_is_asked_before_it_is_needed(dsm, port):
    client(port).close()
    assert dsm.asked == []


def test_first_call_finds_the_apis_and_logs_in(dsm, port):
    dsm.on("List/getinfo", {"files": [file("/pub/a")]})
    nas = client(port)
    nas.files.stat(["/pub/a"])
    info, login, stat = dsm.asked
    assert (info.http, info.cgi, info.params["query"].split(",")[0]) == ("GET", "/webapi/query.cgi", "SYNO.API.Auth")
    assert (login.http, login.url) == ("POST", "/webapi/entry.cgi")
    wanted = {
        "api": "SYNO.API.Auth",
        "version": "7",
        "method": "login",
        "account": USER,
        "passwd": PASSWORD,
        "session": "FileStation",
        "format": "sid",
        "enable_syno_token": "yes",
    }
    assert login.params == wanted
    assert (stat.http, stat.url) == ("POST", "/webapi/entry.cgi")
    assert (stat.params["_sid"], stat.params["version"]) == (f"{SID}-1", "2")
    assert stat.headers["X-SYNO-TOKEN"].encode("latin-1").decode("utf-8") == TOKEN


def test_a_kept_session_makes_one_call(dsm, port):
    dsm.on("List/getinfo", {"files": [file("/pub/a")]})
    session = json.loads(json.dumps(client(port).login()))
    dsm.asked.clear()
    client(port, session=session, username="", password="").files.stat(["/pub/a"])
    assert [asked.call for asked in dsm.asked] == ["SYNO.FileStation.List/getinfo"]


@pytest.mark.parametrize("code", [106, 107, 119, 150])
def test_an_expired_session_is_renewed_once_and_the_call_repeated(dsm, port, code):
    dsm.on("List/getinfo", Fail(code), {"files": [file("/pub/a")]})
    assert client(port).files.stat(["/pub/a"])["/pub/a"].size == 3
    assert dsm.logins == 2
    assert [asked.params["_sid"] for asked in dsm.of("List/getinfo")] == [f"{SID}-1", f"{SID}-2"]


def test_a_device_that_never_knows_the_session(dsm, port):
    dsm.on("List/getinfo", Fail(119))
    error = fails(Kind.SESSION_EXPIRED, lambda: client(port).files.stat(["/pub/a"]))
    assert dsm.logins == 1 + MOST_IN_A_ROW
    assert "account of its own" in error.hint


def test_no_permission_in_a_session_that_was_made_for_the_call_is_the_verdict(dsm, port):
    dsm.on("List/getinfo", Fail(105))
    fails(Kind.PERMISSION_DENIED, lambda: client(port).files.stat(["/pub/a"]))
    assert dsm.logins == 1


def test_no_permission_in_an_older_session_is_worth_one_new_login(dsm, port):
    # DSM 5.2: after one refused call it says 105 of everything, until the next login.
    dsm.on("SYNO.API.Auth/logout", None)
    dsm.on("List/getinfo", {"files": [file("/pub/a")]}, Fail(105), {"files": [file("/pub/a")]}, Fail(105))
    nas = client(port)
    for _time in range(2):
        assert nas.files.stat(["/pub/a"])["/pub/a"].size == 3
    assert dsm.logins == 2
    # What the device may still know is logged out.
    assert [asked.params["_sid"] for asked in dsm.of("SYNO.API.Auth/logout")] == [f"{SID}-1"]
    error = fails(Kind.PERMISSION_DENIED, lambda: nas.files.stat(["/pub/a"]))
    assert error.code == "105"
    assert dsm.logins == 3
    # The calls that are refused in a session of which nothing else is known: one new login, and no more.
    session = nas.login()
    fails(Kind.PERMISSION_DENIED, lambda: client(port, session=session).files.stat(["/pub/a"]))
    assert dsm.logins == 4


@pytest.mark.parametrize("who", [{"password": ""}, {"otp_code": "123456"}])
def test_no_permission_where_nobody_can_log_in_again(dsm, port, who):
    dsm.on("List/getinfo", Fail(105))
    session = client(port).login()
    fails(Kind.PERMISSION_DENIED, lambda: client(port, session=session, **who).files.stat(["/pub/a"]))
    assert dsm.logins == 1


def test_a_session_of_an_older_dsm_that_ended_under_an_upload_and_a_download(dsm, port):
    # No letters of hexadecimal numbers: the boundary between the parts of a form is one.
    dsm.on("SYNO.API.Auth/logout", None)
    dsm.on("Upload/upload", Fail(105), {"blSkip": False, "file": "a"})
    body = Answer(b"xyz", headers={"Content-Type": "application/octet-stream", "Content-Disposition": "attachment"})
    dsm.on("Download/download", Fail(105), body)
    dsm.on("List/getinfo", {"files": [file("/pub/a")]})
    session = client(port).login()
    client(port, session=session).files.upload(BytesSource(b"xyz"), "/pub/a", mtime=None, watch=Watch())
    assert [asked.body.count(b"xyz") for asked in dsm.of("Upload/upload")] == [1, 1]
    sink = io.BytesIO()
    client(port, session=session).files.download("/pub/a", sink, watch=Watch())
    assert sink.getvalue() == b"xyz"
    assert dsm.logins == 3


@pytest.mark.parametrize(
    "session", [{}, {"sid": "x"}, {"apis": {}, "sid": ""}, {"apis": {"SYNO.FileStation.List": 1}, "sid": "x"}]
)
def test_a_session_of_something_else_is_renewed(dsm, port, session):
    dsm.on("List/getinfo", {"files": [file("/pub/a")]})
    client(port, session=session).files.stat(["/pub/a"])
    assert dsm.logins == 1


def test_an_expired_session_without_credentials(dsm, port):
    dsm.on("List/getinfo", Fail(119))
    session = client(port).login()
    fails(Kind.AUTHENTICATION, lambda: client(port, session=session, password="").files.stat(["/pub/a"]))
    assert dsm.logins == 1


@pytest.mark.parametrize("code", [400, 401, 402, 405, 406, 407, 408, 409, 410, 411])
def test_a_refused_password_is_tried_exactly_once(dsm, port, code):
    dsm.on("SYNO.API.Auth/login", Fail(code))
    nas = client(port, retries=3)
    for _attempt in range(2):
        error = fails(Kind.AUTHENTICATION, lambda: nas.files.stat(["/pub/a"]))
        assert (error.code, error.call) == (str(code), "SYNO.API.Auth/login")
    assert len(dsm.of("SYNO.API.Auth/login")) == 1


def test_a_login_is_not_repeated_after_a_failure_of_the_device(dsm, port):
    dsm.on("SYNO.API.Auth/login", Fail(499))
    fails(Kind.BUSY, lambda: client(port, retries=3).login())
    dsm.on("SYNO.API.Auth/login", Answer(b"", 503))
    fails(Kind.BUSY, lambda: client(port, retries=3).login())
    assert len(dsm.of("SYNO.API.Auth/login")) == 2


def test_a_missing_one_time_code(dsm, port):
    dsm.on("SYNO.API.Auth/login", Fail(403, {"token": "otp-state-S3CRET", "types": [{"type": "otp"}]}))
    error = fails(Kind.OTP_REQUIRED, client(port).login)
    assert "otp_code" in error.hint
    dsm.on("SYNO.API.Auth/login", Fail(404))
    fails(Kind.OTP_REQUIRED, client(port, otp_code="123456").login)


@pytest.mark.parametrize("key", ["device_id", "did"])
def test_a_one_time_code_is_sent_once_and_then_the_device_token(dsm, port, key):
    dsm.on(
        "SYNO.API.Auth/login",
        {"sid": f"{SID}-1", key: "device-S3CRET"},
        {"sid": f"{SID}-2"},
    )
    dsm.on("List/getinfo", Fail(106), {"files": [file("/pub/a")]})
    store = MemoryStore()
    client(port, store=store, otp_code="123456").files.stat(["/pub/a"])
    first, second = (asked.params for asked in dsm.of("SYNO.API.Auth/login"))
    assert (first["otp_code"], first["enable_device_token"]) == ("123456", "yes")
    assert "device_id" not in first
    assert second["device_id"] == "device-S3CRET"
    assert second["device_name"] == first["device_name"]
    assert "otp_code" not in second
    assert store.current()["device_token"] == "device-S3CRET"


def test_a_login_with_a_code_asks_for_no_format_and_takes_the_session_of_a_cookie(dsm, port):
    # DSM 7.0.1 leaves device_id empty where a format is asked for. The guide has the session in a cookie without one.
    body = {"success": True, "data": {"device_id": "device-S3CRET", "synotoken": "--------"}}
    answer = Answer(json.dumps(body).encode(), headers={"Set-Cookie": f"id={SID}-cookie; path=/; HttpOnly"})
    dsm.on("SYNO.API.Auth/login", answer)
    nas = client(port, otp_code="123456")
    session = nas.login()
    assert (session["sid"], session["token"], session["device_token"]) == (f"{SID}-cookie", None, "device-S3CRET")
    (asked,) = dsm.of("SYNO.API.Auth/login")
    assert "format" not in asked.params
    assert nas.warnings == []


@pytest.mark.parametrize("more", [{}, {"device_id": ""}, {"device_id": "", "did": ""}])
def test_a_code_that_brings_no_device_token_is_warned_of(dsm, port, more):
    dsm.on("SYNO.API.Auth/login", {"sid": f"{SID}-1", **more})
    nas = client(port, otp_code="123456")
    assert nas.login()["device_token"] is None
    assert nas.warnings == [NO_DEVICE_TOKEN]
    quiet = client(port)
    quiet.login()
    assert quiet.warnings == []


def test_a_device_token_that_is_no_longer_good_gives_way_to_the_code(dsm, port):
    dsm.on("SYNO.API.Auth/login", Fail(403), {"sid": f"{SID}-1", "device_id": "fresh"})
    nas = client(port, otp_code="123456", device_token="device-S3CRET")
    assert nas.login()["device_token"] == "fresh"
    first, second = (asked.params for asked in dsm.of("SYNO.API.Auth/login"))
    assert (first["device_id"], first.get("otp_code")) == ("device-S3CRET", None)
    assert (second.get("device_id"), second["otp_code"]) == (None, "123456")


def test_a_good_device_token_spares_the_code(dsm, port):
    dsm.on("SYNO.API.Auth/login", {"sid": f"{SID}-1"})
    assert client(port, otp_code="123456", device_token=" device-S3CRET\n").login()["device_token"] == "device-S3CRET"
    (asked,) = dsm.of("SYNO.API.Auth/login")
    assert asked.params["device_id"] == "device-S3CRET"
    assert "otp_code" not in asked.params


def test_a_device_token_that_is_no_longer_good_is_not_asked_for_once_more(dsm, port):
    dsm.on("SYNO.API.Auth/login", Fail(403))
    error = fails(Kind.OTP_REQUIRED, client(port, device_token="device-S3CRET").login)
    assert "device token" in error.message
    assert error.hint == NEW_DEVICE_TOKEN
    dsm.on("SYNO.API.Auth/login", Fail(403), Fail(404))
    error = fails(Kind.OTP_REQUIRED, client(port, device_token="device-S3CRET", otp_code="123456").login)
    assert (error.code, error.hint) == ("404", CODE_REFUSED)
    dsm.on("SYNO.API.Auth/login", Fail(400))
    fails(Kind.AUTHENTICATION, client(port, device_token="device-S3CRET", otp_code="123456").login)
    assert len(dsm.of("SYNO.API.Auth/login")) == 4


def test_a_device_token_of_the_user(dsm, port):
    session = client(port, device_token="device-S3CRET").login()
    (login,) = dsm.of("SYNO.API.Auth/login")
    assert login.params["device_id"] == "device-S3CRET"
    assert "enable_device_token" not in login.params
    assert session["device_token"] == "device-S3CRET"


@pytest.mark.parametrize(
    "login", [{}, {"sid": 5}, {"sid": ""}, {"sid": "x", "synotoken": "a\r\nb"}, {"sid": "x", "synotoken": 1}]
)
def test_a_login_that_makes_no_sense(dsm, port, login):
    dsm.on("SYNO.API.Auth/login", login)
    fails(Kind.PROTOCOL, client(port).login)


@pytest.mark.parametrize(
    "about",
    [
        {},
        {"SYNO.API.Auth": []},
        {"SYNO.API.Auth": {"path": "entry.cgi"}},
        {"SYNO.API.Auth": {"path": "/elsewhere", "minVersion": 1, "maxVersion": 7}},
        {"SYNO.API.Auth": {"path": "../../x.cgi", "minVersion": 1, "maxVersion": 7}},
        {"SYNO.API.Auth": {"path": "x.cgi?y", "minVersion": 1, "maxVersion": 7}},
        {"SYNO.API.Auth": {"path": "entry.cgi", "minVersion": "1", "maxVersion": 7}},
    ],
)
def test_a_device_that_does_not_tell_its_apis_sees_no_password(dsm, port, about):
    dsm.on("SYNO.API.Info/query", about)
    fails(Kind.PROTOCOL, client(port).login)
    assert len(dsm.asked) == 1


def test_an_api_that_is_missing_or_too_new(dsm, port):
    dsm.apis = dsm7("SYNO.FileStation.Rename")
    dsm.apis["SYNO.FileStation.List"]["minVersion"] = 3
    dsm.apis["SYNO.FileStation.List"]["maxVersion"] = 4
    nas = client(port)
    assert "SYNO.FileStation.Rename" in fails(Kind.UNSUPPORTED, lambda: nas.files.rename("/pub/a", "b")).message
    assert "version 3" in fails(Kind.UNSUPPORTED, lambda: nas.files.stat(["/pub/a"])).message
    assert dsm.calls() == []


def test_an_old_device_has_other_paths_versions_and_spelling(dsm, port):
    dsm.apis = dsm5()
    dsm.on("SYNO.API.Auth/login", {"sid": f"{SID}-1"})
    dsm.on("List/getinfo", {"files": [file("/pub/a, b"), file("/pub/2024")]})
    found = client(port).files.stat(["/pub/a, b", "/pub/2024"])
    assert all(found.values())
    (login,) = dsm.of("SYNO.API.Auth/login")
    assert (login.cgi, login.params["version"]) == ("/webapi/auth.cgi", "4")
    (stat,) = dsm.of("List/getinfo")
    assert (stat.cgi, stat.params["version"]) == ("/webapi/FileStation/file_list.cgi", "1")
    assert stat.params["path"] == "/pub/a\\, b,/pub/2024"
    assert stat.params["additional"] == "real_path,size,owner,time,perm"
    assert "X-SYNO-TOKEN" not in stat.headers


def test_logout_needs_no_credentials(dsm, port):
    dsm.on("SYNO.API.Auth/logout", None)
    session = json.loads(json.dumps(client(port).login()))
    client(port, username="", password="").end(session)
    (logout,) = dsm.of("SYNO.API.Auth/logout")
    assert logout.url == "/webapi/entry.cgi"
    assert (logout.params["_sid"], logout.params["session"]) == (f"{SID}-1", "FileStation")
    assert "X-SYNO-TOKEN" in logout.headers


@pytest.mark.parametrize("code", [105, 106, 119])
def test_logging_out_of_a_session_that_is_gone(dsm, port, code):
    dsm.on("SYNO.API.Auth/logout", Fail(code))
    nas = client(port)
    nas.login()
    assert nas.logout() is True
    assert nas.logout() is False
    nas.end({})
    assert dsm.logins == 1


def test_a_failed_logout_is_reported(dsm, port):
    dsm.on("SYNO.API.Auth/logout", Fail(100))
    nas = client(port)
    nas.login()
    fails(Kind.DEVICE, nas.logout)


def test_reading_is_repeated_after_a_transient_failure_and_changing_is_not(dsm, port):
    dsm.on("List/getinfo", Answer(b"", 502), Fail(402), {"files": []})
    nas = client(port, retries=3)
    assert nas.files.stat(["/pub/a"]) == {"/pub/a": None}
    dsm.on("Rename/rename", Answer(b"", 502))
    fails(Kind.BUSY, lambda: nas.files.rename("/pub/a", "b"))
    assert len(dsm.of("Rename/rename")) == 1


def test_a_redirect_is_not_followed(dsm, port):
    dsm.on("SYNO.API.Info/query", Answer(b"", 302, {"Location": "https://nas.example:5001/webapi/query.cgi"}))
    error = fails(Kind.REDIRECT, client(port).login)
    assert "5001" in error.hint
    assert len(dsm.asked) == 1


def test_secrets_stay_out_of_urls_but_those_of_uploads(dsm, port):
    dsm.on("List/getinfo", {"files": []}).on("SYNO.API.Auth/logout", None)
    nas = client(port)
    nas.files.stat(["/pub/a"])
    nas.logout()
    assert not [asked.url for asked in dsm.asked if "S3CRET" in asked.url or "ss+w" in asked.url]


def test_what_the_device_tells_about_itself(dsm, port):
    station = {"hostname": "nas1", "is_manager": True, "support_virtual_protocol": ["cifs", "iso"]}
    system = {"model": "DS1618+", "version_string": "DSM 7.2.2-72806", "serial": "17A0XYZ", "ram": 4096}
    dsm.on("Info/get", station).on("SYNO.DSM.Info/getinfo", system)
    facts = client(port).device.facts()
    assert (facts.vendor, facts.model, facts.version) == ("synology", "DS1618+", "DSM 7.2.2-72806")
    assert (facts.hostname, facts.serial) == ("nas1", "17A0XYZ")
    assert facts.details == {"is_manager": True, "support_virtual_protocol": ["cifs", "iso"], "ram": 4096}


@pytest.mark.parametrize("refusal", [Fail(105), Fail(102), Fail(103)])
def test_what_a_user_without_rights_learns(dsm, port, refusal):
    dsm.on("Info/get", {"hostname": "nas1"}).on("SYNO.DSM.Info/getinfo", refusal)
    facts = client(port).device.facts()
    assert (facts.hostname, facts.model) == ("nas1", None)


def test_the_older_name_of_the_device_call(dsm, port):
    dsm.apis = dsm5()
    dsm.on("Info/getinfo", {"hostname": "nas1"})
    assert client(port).device.facts().hostname == "nas1"
    assert dsm.calls() == ["Info/get", "Info/getinfo"]


@pytest.mark.parametrize(
    "answer",
    [
        Fail(1055, {"err_line": 182, "err_msg": "no fan"}),
        Fail(105),
        Answer(b"<html>", 500),
        {"model": 5},
    ],
)
def test_a_fact_that_the_device_refuses_or_fails_at_is_a_gap_with_a_warning(dsm, port, answer):
    dsm.on("Info/get", {"hostname": "nas1"}).on("SYNO.DSM.Info/getinfo", answer)
    nas = client(port)
    facts = nas.device.facts()
    assert (facts.hostname, facts.model, facts.version) == ("nas1", None, None)
    (warning,) = nas.warnings
    assert "model and version" in warning
    assert dsm.logins == 1


def test_an_unknown_code_says_what_the_device_says():
    error = to_error("SYNO.DSM.Info", "getinfo", "", {"code": 1055, "errors": {"err_line": 182, "err_msg": "no fan"}})
    assert error.message.endswith(": no fan")


def test_what_this_client_offers(dsm, port):
    nas = client(port)
    assert set(nas.capabilities()) == {
        "files",
        "device",
        "copies",
        "share_links",
        "archives",
        "jobs",
        "downloads",
        "mounts",
        "favorites",
        "search",
        "recycle_bin",
        "accounts",
        "shared_folders",
        "share_permissions",
        "storage",
        "updates",
    }
    for name, offered in nas.capabilities().items():
        assert isinstance(getattr(nas, name), offered)
    assert nas.default_ports == (5000, 5001)
    assert nas.session_details == {"device_token"}
    fails(Kind.UNSUPPORTED, lambda: nas.pairing)
