# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulated Freebox on the wire: pairing, login, sessions, permissions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.contract.simulator.freebox.simulated import APP, TOKEN, Box, sign


def test_login(tmp_path: Path) -> None:
    with Box(tmp_path, login=False) as box:
        refused = box.ask("GET", "fs/tasks/")
        assert refused.status_code == 403
        body = refused.json()
        assert (body["success"], body["error_code"]) == (False, "auth_required")
        # the challenge of the refusal serves for the login
        password = sign(TOKEN, body["result"]["challenge"])
        answer = box.ask("POST", "login/session/", {"app_id": APP, "password": password, "app_version": "1"})
        result = answer.json()["result"]
        assert set(result) == {"session_token", "challenge", "permissions", "password_salt", "password_set"}
        assert result["permissions"]["explorer"] is True
        assert len(result["permissions"]) == 14
        assert ("/" in result["session_token"]) == ("\\/" in answer.text.split('"challenge"')[0])
        assert box.ok("GET", "login")["logged_in"] is False
        box.session.headers["X-Fbx-App-Auth"] = result["session_token"]
        assert box.ok("GET", "login")["logged_in"] is True
        reported = box.ok("GET", "login/perms/")
        assert {name: right["granted"] for name, right in reported.items()} == result["permissions"]
        assert box.ok("GET", "fs/tasks/") is None
        assert box.ask("POST", "login/logout/").json() == {"success": True}
        assert box.refused("GET", "fs/tasks/") == "auth_required"
        assert box.refused("POST", "login/logout/") == "auth_required"
        text = box.log_file.read_text()
        assert TOKEN not in text
        assert password not in text
        assert result["session_token"] not in text


def test_login_refusals_and_ratelimit(tmp_path: Path) -> None:
    with Box(tmp_path, login=False, opts={"max_failures": 3}) as box:
        assert box.refused("POST", "login/session/", {"app_id": APP}) == "invalid_request"
        challenge = box.ok("GET", "login/")["challenge"]
        upper = {"app_id": APP, "password": sign(TOKEN, challenge).upper()}
        for body in (upper, {"app_id": "who", "password": sign(TOKEN, challenge)},
                     {"app_id": APP, "password": sign(TOKEN, "another")}):  # fmt: skip
            answer = box.ask("POST", "login/session/", body)
            assert answer.status_code == 403
            assert answer.json()["error_code"] == "invalid_token"
            assert answer.json()["result"]["challenge"]
        good = {"app_id": APP, "password": sign(TOKEN, challenge)}
        assert box.refused("POST", "login/session/", good) == "ratelimited"


def test_a_good_login_clears_the_failures(tmp_path: Path) -> None:
    with Box(tmp_path, opts={"max_failures": 2}) as box:
        for _round in range(3):
            assert box.refused("POST", "login/session/", {"app_id": APP, "password": "0" * 40}) == "invalid_token"
            box.login()


def test_old_challenge(tmp_path: Path) -> None:
    with Box(tmp_path, login=False, opts={"challenge_seconds": 0}) as box:
        body = {"app_id": APP, "password": sign(TOKEN, box.ok("GET", "login/")["challenge"])}
        assert box.refused("POST", "login/session/", body) == "invalid_token"


APPLICATION = {"app_id": "fr.freebox.testapp", "app_name": "Test App", "app_version": "0.0.7",
               "device_name": "Pc de Xavier"}  # fmt: skip


def test_pairing(tmp_path: Path) -> None:
    with Box(tmp_path, login=False, grant_after=2) as box:
        given = box.ok("POST", "login/authorize/", APPLICATION)
        assert set(given) == {"app_token", "track_id"}
        assert len(given["app_token"]) == 64
        first = box.ok("GET", f"login/authorize/{given['track_id']}")
        assert first["status"] == "pending"

        def try_login() -> Any:
            password = sign(given["app_token"], box.ok("GET", "login/")["challenge"])
            return box.ask("POST", "login/session/", {"app_id": APPLICATION["app_id"], "password": password}).json()

        assert try_login()["error_code"] == "pending_token"
        while (code := try_login().get("error_code")) == "pending_token":
            pass
        assert code == "invalid_token"  # granted, but nobody asked
        assert box.ok("GET", f"login/authorize/{given['track_id']}/")["status"] == "granted"
        assert try_login()["success"] is True
        assert box.ok("GET", "login/authorize/4711")["status"] == "unknown"
        assert box.refused("POST", "login/authorize/", {"app_id": "x"}) == "invalid_request"
        old = {name: value for name, value in APPLICATION.items() if name != "app_version"}
        assert box.ok("POST", "login/authorize/", old)["app_token"] != given["app_token"]


@pytest.mark.parametrize("outcome", ["denied", "timeout"])
def test_pairing_not_granted(tmp_path: Path, outcome: str) -> None:
    with Box(tmp_path, login=False, opts={"grant": outcome}) as box:
        given = box.ok("POST", "login/authorize/", APPLICATION)
        assert box.ok("GET", f"login/authorize/{given['track_id']}")["status"] == outcome
        password = sign(given["app_token"], box.ok("GET", "login/")["challenge"])
        body = {"app_id": APPLICATION["app_id"], "password": password}
        assert box.refused("POST", "login/session/", body) == "invalid_token"


@pytest.mark.parametrize(
    ("option", "call", "code"),
    [
        ("new_apps_denied", "login/authorize/", "new_apps_denied"),
        ("external", "login/authorize/", "denied_from_external_ip"),
        ("apps_denied", "login/session/", "apps_denied"),
    ],
)
def test_refused_applications(tmp_path: Path, option: str, call: str, code: str) -> None:
    with Box(tmp_path, login=False, opts={option: 1}) as box:
        answer = box.ask("POST", call, {**APPLICATION, "password": "x"})
        assert (answer.status_code, answer.json()["error_code"]) == (403, code)


def test_missing_permission(tmp_path: Path) -> None:
    with Box(tmp_path, opts={"missing_permissions": "explorer,vm"}) as box:
        assert box.login()["permissions"]["explorer"] is False
        for call in ("fs/tasks/", "fs/ls/Lw==", "dl/Lw==", "upload/", "share_link/", "ws/upload"):
            answer = box.ask("GET", call)
            assert (answer.status_code, answer.json()["error_code"]) == (403, "insufficient_rights")
        assert box.ok("GET", "system/")["firmware_version"]


def test_sessions_end(tmp_path: Path) -> None:
    with Box(tmp_path, session_seconds=0, opts={"session_error": "invalid_session"}) as box:
        assert box.refused("GET", "fs/tasks/") == "invalid_session"
