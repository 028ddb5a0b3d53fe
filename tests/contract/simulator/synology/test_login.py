# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulated Synology on the wire: logins, device tokens, and sessions that end, as devices were seen to do it."""

from __future__ import annotations

import pytest
import requests

from tests.contract.simulator.synology.simulated import FS, Nas, Start, options


def login_reply(nas: Nas, version: int, cgi: str = "auth.cgi", **more: str) -> requests.Response:
    fields = {"api": "SYNO.API.Auth", "version": str(version), "method": "login", "account": "admin", **more}
    return requests.post(f"{nas.url}/webapi/{cgi}", data={"passwd": "secret", **fields}, timeout=30)


@pytest.mark.parametrize(
    ("profile", "version", "reported", "cookies"),
    [
        ("dsm7", 7, {"account", "device_id", "ik_message", "is_portal_port", "sid", "synotoken"}, {"id"}),
        ("dsm7", 6, {"did", "is_portal_port", "sid"}, {"did", "id"}),
        ("dsm7", 3, {"did", "is_portal_port", "sid"}, {"did", "id"}),
        ("dsm6", 6, {"did", "is_portal_port", "sid"}, {"did", "id"}),
        ("dsm6", 2, {"sid"}, {"id"}),
        ("dsm5", 4, {"is_portal_port", "sid"}, {"id"}),
    ],
)
def test_what_a_login_tells(kept: Start, profile: str, version: int, reported: set[str], cookies: set[str]) -> None:
    nas = kept("--profile", profile)
    reply = login_reply(nas, version)
    data = reply.json()["data"]
    assert set(data) == reported
    assert set(reply.cookies.keys()) == cookies
    assert reply.cookies.get("did") == data.get("did")
    if version == 7:
        assert (data["device_id"], data["ik_message"], data["synotoken"]) == ("", "", "--------")
        asked = login_reply(nas, 7, enable_syno_token="yes").json()["data"]
        assert asked["synotoken"] not in {"", "--------"}
    assert "id" not in login_reply(nas, version, format="sid").cookies


def test_an_empty_device_id(start: Start) -> None:
    nas = start("--otp-code", "123456", *options(empty_device_id="1"))
    asked = {"otp_code": "123456", "enable_device_token": "yes", "device_name": "me"}
    assert login_reply(nas, 7, format="sid", **asked).json()["data"]["device_id"] == ""
    reply = login_reply(nas, 7, **asked)
    token = reply.json()["data"]["device_id"]
    assert token
    assert reply.cookies["did"] == token
    assert login_reply(nas, 6, format="sid", **asked).json()["data"]["did"]
    assert nas.login(device_id=token, device_name="me")["success"]


def test_a_device_token_that_is_not_taken_any_more(start: Start) -> None:
    nas = start("--otp-code", "123456", *options(otp_types="authenticator,fido,otp"))
    asked = {"otp_code": "123456", "enable_device_token": "yes", "device_name": "me"}
    token = nas.login(**asked)["data"]["device_id"]
    known = {"device_id": token, "device_name": "me"}
    assert nas.login(**known)["success"]
    nas.faults({"call": "SYNO.API.Auth/login", "do": {"vendor": "forget_devices"}})
    error = nas.login(**known)["error"]
    assert error["code"] == 403
    assert [item["type"] for item in error["errors"]["types"]] == ["authenticator", "fido", "otp"]
    assert nas.login(**known)["error"]["code"] == 403
    assert nas.login(**known, otp_code="000000")["error"]["code"] == 404
    assert nas.login(**known, otp_code="123456")["success"], "the code counts"


def test_a_second_login_ends_the_first(start: Start) -> None:
    nas = start(*options(single_session="1", users="joe:pw"))
    nas.login()
    first = nas.sid
    nas.login(account="joe", passwd="pw")
    joes = nas.sid
    nas.login()
    second = nas.sid
    nas.sid = first
    assert nas.code(FS + "Info", "get") == 107
    for nas.sid in (second, joes):
        assert nas.data(FS + "Info", "get")


@pytest.mark.parametrize(
    ("profile", "settings", "after"),
    [("dsm5", {}, 105), ("dsm5", {"refusal_ends_session": "0"}, 0), ("dsm7", {}, 0),
     ("dsm7", {"refusal_ends_session": "1"}, 105)],
)  # fmt: skip
def test_a_refusal_that_ends_the_session(start: Start, profile: str, settings: dict[str, str], after: int) -> None:
    nas = start("--profile", profile, *options(forbidden="SYNO.DSM.Info", **settings))
    share, _folder = nas.share()
    old = profile == "dsm5"
    version, place, dsm = (1, "FileStation/file_share.cgi", "dsm/info.cgi") if old else (2, "entry.cgi", "entry.cgi")

    def read() -> int:
        answer = nas.call(FS + "List", "list", version, cgi=place, folder_path=share)
        return 0 if answer["success"] else int(answer["error"]["code"])

    for _round in range(2):
        nas.login(4 if old else 7, cgi="auth.cgi")
        assert read() == 0
        assert nas.code("SYNO.DSM.Info", "getinfo", 1 if old else 2, cgi=dsm) == 105
        assert [read(), read()] == [after, after]
    nas.login(4 if old else 7, cgi="auth.cgi")
    nas.faults({"call": FS + "List/list", "do": {"error": 105}})
    assert [read(), read()] == [105, after]
