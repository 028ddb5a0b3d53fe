# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulated QNAP on the wire: Container Station 3."""

from __future__ import annotations

import pytest
import requests

from tests.contract.simulator.qnap.simulated import PASSWORD, Start, options


@pytest.mark.parametrize("shape", ["404", "401", "302", "page", "no_dates"])
def test_container_station_3(start: Start, shape: str) -> None:
    nas = start(*options(cs3=shape))
    nas.login()
    http, api = requests.Session(), f"{nas.url}/container-station/api"
    account = {"username": "admin", "password": PASSWORD}
    form = http.post(f"{api}/v1/login", data=account, timeout=30)
    assert (form.status_code, form.json()["code"]) == (400, 1009)
    assert set(form.json()) == {"code", "message"}
    assert http.get(f"{api}/v3/containers", timeout=30).status_code == 401
    bearer = {"Authorization": f"Bearer {nas.sid}"}
    assert http.get(f"{api}/v3/containers", headers=bearer, timeout=30).json() == {"data": {"items": []}}
    assert http.post(f"{api}/v1/login", json={"sid": nas.sid}, timeout=30).json()["username"] == "admin"
    assert http.get(f"{api}/v3/volumes", timeout=30).json() == {"data": {"items": []}}
    assert http.get(f"{api}/v1/system", timeout=30).json()["version"]["qpkg"].startswith("3.")
    unknown = http.get(f"{api}/v1/nothing", timeout=30)
    assert (unknown.status_code, unknown.json()["code"]) == (404, 1009)
    for method, call in (("GET", "tls"), ("POST", "tls"), ("GET", "tls/domain_names"), ("PUT", "tls/domain_names"),
                         ("GET", "tls/export"), ("POST", "tls/rotation")):  # fmt: skip
        body = {} if method == "GET" else {"json": {"outdatedNotify": False, "domain_names": ""}}
        answer = http.request(method, f"{api}/v1/{call}", timeout=30, allow_redirects=False, **body)
        assert answer.status_code == (int(shape) if shape.isdigit() else 200)
        assert str(nas.log()[-1]["code"]) == shape
        if shape == "302":
            assert answer.headers["Location"].startswith("/container-station/")
        elif shape == "page":
            assert answer.headers["Content-Type"].startswith("text/html")
        elif shape == "no_dates":
            assert "startdate" not in answer.json()
        else:
            assert answer.json()["code"] == 1009
    # nobody has to log in to be told so
    assert requests.get(f"{api}/v1/tls", timeout=30, allow_redirects=False).text == answer.text
