# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulated QNAP on the wire: malformed bodies, pages of the web server, faults."""

from __future__ import annotations

import os

import pytest
import requests

from tests.contract.simulator.qnap.simulated import Nas, Start

# -- malformed bodies and faults


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("header_in_body", b"Content-type: text/html"),
        ("doubled", b'"true" }\n{ "version"'),
        ("broken_bytes", b"\xff\xfe"),
        ("not_json", b"<html>"),
        ("trailing_newline", b"}\n"),
        ("bom", b"\xef\xbb\xbf{"),
        ("empty_body", b""),
    ],
)
def test_malformed_bodies(nas: Nas, name: str, body: bytes) -> None:
    nas.faults({"call": "get_list", "do": {"vendor": name}})
    answer = nas.raw("get_list", path="/")
    assert answer.status_code == 200
    assert body in answer.content
    assert len(answer.content) > 0 or name == "empty_body"
    assert nas.log()[-1]["fault"] == "vendor"
    assert nas.status("get_list", path="/") == 5


def test_pages_of_the_web_server(nas: Nas) -> None:
    rules = [{"vendor": "html_404"}, {"vendor": "html_411"}, {"vendor": "redirect", "value": "https://nas:8181/x"},
             {"vendor": "content_type", "value": "text/json"}, {"status": 503, "body": "busy"}]  # fmt: skip
    nas.faults(*({"call": "check_sid", "after": number, "do": do} for number, do in enumerate(rules)))
    answers = [
        requests.get(f"{nas.util}?func=check_sid&sid={nas.sid}", timeout=30, allow_redirects=False) for _rule in rules
    ]
    assert [answer.status_code for answer in answers] == [404, 411, 302, 200, 503]
    assert answers[2].headers["Location"] == "https://nas:8181/x"
    assert answers[3].headers["Content-Type"] == "text/json"


def test_faults_in_the_device_s_own_words(nas: Nas, start: Start) -> None:
    nas.faults({"call": "stat", "do": {"error": 19}}, {"call": "get_list", "do": "expire_session"})
    assert nas.status("stat", path="/x") == 19
    assert nas.status("get_list", path="/x") == 3
    nas.login()
    other = start()
    other.faults({"call": "authLogin.cgi", "do": {"error": -2}},
                 {"call": "authLogin.cgi", "after": 1, "do": {"vendor": "no_sid"}})  # fmt: skip
    refused = other.login()
    assert (refused["authPassed"], refused["errorValue"]) == ("0", "-2")
    found = other.login()
    assert (found["authPassed"], "authSid" in found) == ("1", False)
    nas.faults({"call": "delete", "do": {"vendor": "pretend"}})
    share, folder = nas.share("file")
    assert nas.status("delete", path=share, file_total=1, file_name="file") == 1
    assert os.listdir(folder) == ["file"]


def test_a_url_can_be_too_long(nas: Nas) -> None:
    assert requests.get(f"{nas.util}?func=check_sid&sid={nas.sid}&x={'x' * 9000}", timeout=30).status_code == 414
