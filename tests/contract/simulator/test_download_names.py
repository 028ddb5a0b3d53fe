# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Downloads of names that no header can hold: the simulated devices escape them, whatever characters they have."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import requests

from tests.support.devices import PASSWORD, USER
from tests.support.local import LocalDevice

CONTROL = "".join(map(chr, (*range(1, 0x20), 0x7F, *range(0x80, 0xA0))))
NAMES = ["a\r\nX-Evil: 1\r\n\r\nb", 'quote".txt', "back\\slash", CONTROL, "\n", "é\u2028\u202e汉", "tab\there"]


def get(url: str, **params: Any) -> requests.Response:
    return requests.get(url, params=params, timeout=30)


def synology(nas: LocalDevice, name: str) -> list[requests.Response]:
    url = f"{nas.url}/webapi/entry.cgi"
    login = {"api": "SYNO.API.Auth", "version": 6, "method": "login", "format": "sid"}
    sid = get(url, account=USER, passwd=PASSWORD, **login).json()["data"]["sid"]
    call = {"api": "SYNO.FileStation.Download", "version": 2, "method": "download", "_sid": sid}
    link = {"api": "SYNO.FileStation.Sharing", "version": 3, "method": "create", "_sid": sid}
    found = [
        get(url, path=json.dumps([f"/home/{entry_type}/{name}"]), mode="download", **call)
        for entry_type in ("file", "folder")
    ]
    for entry_type in ("file", "folder"):
        made = get(url, path=json.dumps([f"/home/{entry_type}/{name}"]), **link).json()["data"]["links"][0]["url"]
        found.append(get(made))
    return found


def qnap(nas: LocalDevice, name: str) -> list[requests.Response]:
    url = f"{nas.url}/cgi-bin/filemanager/utilRequest.cgi"
    login = {"user": USER, "pwd": base64.b64encode(PASSWORD.encode()).decode()}
    sid = get(f"{nas.url}/cgi-bin/filemanager/wfm2Login.cgi", **login).json()["sid"]
    found = []
    for entry_type in ("file", "folder"):
        place = {"source_path": f"/home/{entry_type}", "source_file": name, "source_total": 1}
        found.append(get(url, func="download", sid=sid, isfolder=int(entry_type == "folder"), compress=0, **place))
        place = {"path": f"/home/{entry_type}", "file_name": name, "file_total": 1, "valid_duration": "forever"}
        made = get(url, func="get_share_link", sid=sid, download_type="create_download_link", **place).json()
        found.append(get(made["links"][0]["link_url"]))
    return found


def freebox(nas: LocalDevice, name: str) -> list[requests.Response]:
    api = f"{nas.url}/api/v15"
    challenge = get(f"{api}/login/").json()["result"]["challenge"]
    word = hmac.new(PASSWORD.encode(), challenge.encode(), hashlib.sha1).hexdigest()
    answer = requests.post(f"{api}/login/session/", json={"app_id": USER, "password": word}, timeout=30).json()
    head = {"X-Fbx-App-Auth": answer["result"]["session_token"]}
    path = base64.b64encode(f"/home/file/{name}".encode()).decode()
    link = requests.post(f"{api}/share_link/", json={"path": path, "expire": 0}, headers=head, timeout=30).json()
    return [
        requests.get(f"{api}/dl/{quote(path, safe='')}", headers=head, timeout=30),
        get(f"{nas.url}/api/v15/share/{link['result']['token']}"),
    ]


@pytest.mark.parametrize("download", [synology, qnap, freebox])
def test_a_name_that_no_header_can_hold(
    tmp_path: Path, download: Callable[[LocalDevice, str], list[requests.Response]]
) -> None:
    with LocalDevice(download.__name__, tmp_path / "nas", shares=("home",)) as nas:
        (nas.root / "home/file").mkdir()
        for name in NAMES:
            (nas.root / "home/folder" / name).mkdir(parents=True)
            (nas.root / "home/file" / name).write_bytes(b"content")
            answers = download(nas, name)
            assert [answer.status_code for answer in answers] == [200] * len(answers), name
            assert answers[0].content == b"content"
            for answer in answers:
                assert "X-Evil" not in answer.headers
                reported = answer.headers["Content-Disposition"]
                assert not [char for char in reported if char < " " or char == "\x7f"], name
                if download is not freebox:
                    assert quote(name, safe="") in reported
