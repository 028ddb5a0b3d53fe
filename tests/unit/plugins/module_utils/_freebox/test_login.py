# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Finding the API, logging in once, and losing a session."""

from __future__ import annotations

import hashlib
import hmac

import pytest
from ansible_collections.nasops.nas.plugins.module_utils._core.errors import Kind, NasError
from ansible_collections.nasops.nas.plugins.module_utils._freebox.client import Freebox
from ansible_collections.nasops.nas.plugins.module_utils._transport.http import Connection
from ansible_collections.nasops.nas.plugins.module_utils._transport.session import (
    MOST_IN_A_ROW,
    Credentials,
    MemoryStore,
)
from ansible_collections.nasops.nas.tests.unit.plugins.module_utils._freebox.fake import (
    APP,
    APP_TOKEN,
    CHALLENGE,
    Answer,
    Fake,
    b64,
    bad,
    good,
    info,
)

SHARE = "/Freebox/a"
INFO = f"GET fs/info/{b64(SHARE)}"
SESSION = {"token": "old/session", "permissions": ["explorer"], "api": ["/api/", 12, 1]}


@pytest.fixture
def box(box):
    box.on(INFO, good(info(SHARE)))
    return box


def proof(challenge):
    return hmac.new(APP_TOKEN.encode(), challenge.encode(), hashlib.sha1).hexdigest()


def test_building_a_client_makes_no_call(box):
    box.client()
    assert box.requests == []


def test_login_answers_the_challenge_and_uses_the_decoded_token(box):
    box.client().files.stat([SHARE])
    assert box.bodies("POST login/session/") == [{"app_id": APP, "password": proof(CHALLENGE)}]
    assert box.requests[-1].headers["X-Fbx-App-Auth"] == "session/1"
    assert [r.call for r in box.requests] == ["GET /api_version", "GET login/", "POST login/session/", INFO]


@pytest.mark.parametrize(
    ("reported", "used"), [("16.0", 16), ("15.1", 15), ("17.3", 16), ("4.0", 4), ("8", 8), ("11.2", 11)]
)
def test_the_newest_version_that_both_know(reported, used):
    box = Fake(version=reported)
    box.on(INFO, good(info(SHARE)))
    box.client().files.stat([SHARE])
    assert box.requests[-1].target == f"/api/v{used}/fs/info/{b64(SHARE)}"
    box.stop()


def test_a_box_that_is_too_old(box):
    box.on("GET /api_version", {"api_base_url": "/api/", "api_version": "3.0"})
    with pytest.raises(NasError) as caught:
        box.client().login()
    assert caught.value.kind is Kind.UNSUPPORTED


@pytest.mark.parametrize(
    "answer",
    [
        Answer(200, b"<html>hello</html>"),
        Answer(404, b"{}"),
        {"api_base_url": "//elsewhere/", "api_version": "16.0"},
        {"api_base_url": "/api/", "api_version": 16},
        {"api_base_url": "/api/", "api_version": "latest"},
        {"api_version": "16.0"},
        Answer(200, b"[]"),
    ],
)
def test_discovery_believes_nothing(box, answer):
    box.on("GET /api_version", answer)
    with pytest.raises(NasError) as caught:
        box.client().login()
    assert caught.value.kind is Kind.PROTOCOL
    assert caught.value.call == "GET api_version"
    assert box.count("POST login/session/") == 0


def test_a_session_at_hand_makes_one_call(box):
    client = box.client(SESSION)
    client.files.stat([SHARE])
    assert [r.target for r in box.requests] == [f"/api/v12/fs/info/{b64(SHARE)}"]


def test_a_session_survives_json_and_is_enough(box):
    session = box.client().login()
    assert session == {"token": "session/1", "permissions": ["explorer"], "api": ["/api/", 16, 0]}


@pytest.mark.parametrize("code", ["auth_required", "invalid_session", "invalid_token"])
def test_an_expired_session_means_one_login_and_one_repeat(box, code):
    box.on(INFO, bad(code, 403, result={"challenge": "fresh"}), good(info(SHARE)))
    found = box.client(SESSION).files.stat([SHARE])
    assert found[SHARE].size == 5
    # The refusal brought the challenge, and the old session told the API.
    assert [r.call for r in box.requests] == [INFO, "POST login/session/", INFO]
    assert box.bodies("POST login/session/")[0]["password"] == proof("fresh")


def test_blanks_around_a_token_are_not_the_tokens(box):
    box.client(password=f" {APP_TOKEN}\n").login()
    assert box.bodies("POST login/session/")[0]["password"] == proof(CHALLENGE)


def test_an_expired_session_without_a_challenge(box):
    box.on(INFO, bad("auth_required", 403), good(info(SHARE)))
    box.client(SESSION).files.stat([SHARE])
    assert [r.call for r in box.requests] == [INFO, "GET login/", "POST login/session/", INFO]


def test_a_session_that_never_works_is_not_renewed_for_ever(box):
    box.on(INFO, bad("auth_required", 403, result={"challenge": "fresh"}))
    with pytest.raises(NasError) as caught:
        box.client().files.stat([SHARE])
    assert caught.value.kind is Kind.SESSION_EXPIRED
    assert box.logins == 1 + MOST_IN_A_ROW


@pytest.mark.parametrize(
    "session", [{}, {"token": 5}, {"token": "x", "api": ["http://else/", 16, 0]}, {"token": "a b"}]
)
def test_what_is_no_session_is_replaced(box, session):
    box.client(session).files.stat([SHARE])
    assert box.logins == 1


@pytest.mark.parametrize(
    "code",
    ["invalid_token", "pending_token", "ratelimited", "apps_denied", "access_denied", "denied_from_external_ip"],
)
def test_a_refused_login_is_tried_exactly_once(box, code):
    box.on("POST login/session/", bad(code, 403, result={"challenge": "another"}))
    client = box.client(retries=3)
    for _number in range(3):
        with pytest.raises(NasError) as caught:
            client.files.stat([SHARE])
        assert caught.value.kind is Kind.AUTHENTICATION
        assert caught.value.hint
        assert APP_TOKEN not in str(caught.value) + repr(caught.value) + repr(caught.value.failure())
    assert box.count("POST login/session/") == 1
    assert box.count(INFO) == 0


def test_a_login_that_breaks_off_is_not_sent_again(box):
    box.on("POST login/session/", Answer(503, b""))
    with pytest.raises(NasError) as caught:
        box.client(retries=3).login()
    assert caught.value.kind is Kind.BUSY
    assert box.count("POST login/session/") == 1


@pytest.mark.parametrize("result", [None, {}, {"session_token": 5}, {"session_token": "two\nlines"}, [1]])
def test_a_login_answer_that_makes_no_sense(box, result):
    box.on("POST login/session/", good(result))
    with pytest.raises(NasError) as caught:
        box.client().login()
    assert caught.value.kind is Kind.PROTOCOL


def test_nothing_to_log_in_with(box):
    with pytest.raises(NasError) as caught:
        box.client(password="").login()
    assert caught.value.kind is Kind.AUTHENTICATION
    assert box.requests == []


@pytest.mark.parametrize("code", ["insufficient_rights", "access_denied"])
def test_a_missing_right_names_where_to_grant_it(code):
    box = Fake(permissions={"settings": True})
    box.on(INFO, bad(code, 403))
    with pytest.raises(NasError) as caught:
        box.client().files.stat([SHARE])
    assert caught.value.kind is Kind.PERMISSION_DENIED
    assert "explorer" in caught.value.hint
    assert "Gestion des accès" in caught.value.hint
    assert box.logins == 1
    box.stop()


def test_logout_by_another_process_that_has_no_credentials(box):
    other = Freebox(Connection("freebox", "127.0.0.1", box.port, use_ssl=False), Credentials(), MemoryStore())
    other.end(SESSION)
    assert [r.target for r in box.requests] == ["/api/v12/login/logout/"]
    assert box.requests[0].headers["X-Fbx-App-Auth"] == "old/session"


def test_logout_of_a_session_that_is_over_already(box):
    box.on("POST login/logout/", bad("auth_required", 403))
    client = box.client(SESSION)
    assert client.logout() is True
    assert client.logout() is False
    assert box.logins == 0
    client.close()


def test_a_redirect_is_not_followed(box):
    box.on(INFO, Answer(302, b"", {"Location": "https://elsewhere.example/"}))
    with pytest.raises(NasError) as caught:
        box.client(SESSION).files.stat([SHARE])
    assert caught.value.kind is Kind.REDIRECT


def test_a_busy_box_is_asked_again_for_what_changes_nothing(box):
    box.on(INFO, Answer(503, b""), good(info(SHARE)))
    assert box.client(SESSION).files.stat([SHARE])[SHARE] is not None


def test_secrets_are_in_no_text(box):
    box.on(INFO, bad("internal_error", 200, msg=f"{APP_TOKEN} session/1 old/session"))
    client = box.client(SESSION)
    with pytest.raises(NasError) as caught:
        client.files.stat([SHARE])
    error = caught.value
    for text in (str(error), repr(error), repr(error.failure()), repr(error.args)):
        assert APP_TOKEN not in text
        assert "old/session" not in text
    assert error.__cause__ is None
