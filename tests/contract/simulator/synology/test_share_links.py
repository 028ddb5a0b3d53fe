# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulated Synology on the wire: share links."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import requests

from tests.contract.simulator.synology.simulated import FS, Nas, Start, q


def test_share_links(nas: Nas) -> None:
    share, folder = nas.share()
    (folder / "f é.txt").write_bytes(b"shared")
    (folder / "d").mkdir()
    (folder / "d" / "g").write_bytes(b"inside")
    paths = [share + "/f é.txt", share + "/none", share + "/d"]
    links = nas.data(FS + "Sharing", "create", 3, path=q(paths))["links"]
    assert links[1] == {"error": 408, "path": share + "/none"}
    assert sorted(links[0]) == ["error", "id", "path", "qrcode", "url"]
    assert links[0]["qrcode"].startswith("data:image/png;base64,")
    reply = requests.get(links[0]["url"], timeout=30)
    assert (reply.status_code, reply.content) == (200, b"shared")
    assert zipfile.ZipFile(io.BytesIO(requests.get(links[2]["url"], timeout=30).content)).read("d/g") == b"inside"
    again = nas.data(FS + "Sharing", "create", 3, path=paths[0])["links"][0]
    assert again["id"] != links[0]["id"]
    info = nas.data(FS + "Sharing", "getinfo", 3, id=q(again["id"]))
    expected = {
        "date_available": "",
        "date_expired": "",
        "has_password": False,
        "isFolder": False,
        "name": "f é.txt",
        "link_owner": "admin",
        "path": paths[0],
        "status": "valid",
        "url": again["url"],
        "protect_type": "none",
    }
    assert {key: info[key] for key in expected} == expected
    listed = nas.data(FS + "Sharing", "list", 3, offset=0, limit=10, sort_by="path")
    assert {item["id"] for item in listed["links"]} >= {links[0]["id"], links[2]["id"], again["id"]}
    assert nas.call(FS + "Sharing", "delete", 3, id=q([again["id"], links[0]["id"]])) == {"success": True}
    assert requests.get(again["url"], timeout=30).status_code == 404
    assert nas.code(FS + "Sharing", "getinfo", 3, id=q(again["id"])) == 2000
    assert nas.call(FS + "Sharing", "delete", 3, id=q("nothing"))["error"]["code"] == 2000


def test_share_link_settings(nas: Nas) -> None:
    share, folder = nas.share()
    (folder / "f").write_bytes(b"shared")
    path = share + "/f"
    link = nas.data(FS + "Sharing", "create", 3, path=path, password=q("123"), date_expired=q("2999-12-31"))["links"][0]

    def info() -> dict[str, Any]:
        return dict(nas.data(FS + "Sharing", "getinfo", 3, id=q(link["id"])))

    assert (info()["has_password"], info()["date_expired"]) == (True, "2999-12-31 23:59:59")
    assert requests.get(link["url"], timeout=30).status_code == 403
    assert requests.get(link["url"], params={"password": "124"}, timeout=30).status_code == 403
    assert requests.post(link["url"], data={"password": "123"}, timeout=30).content == b"shared"
    nas.data(FS + "Sharing", "edit", 3, id=q(link["id"]), password="")
    assert requests.get(link["url"], timeout=30).content == b"shared"
    nas.data(FS + "Sharing", "edit", 3, id=q([link["id"]]), date_available=q("2999-01-01"))
    assert (info()["status"], requests.get(link["url"], timeout=30).status_code) == ("invalid", 404)
    nas.data(FS + "Sharing", "clear_invalid", 3)
    assert info()["status"] == "invalid"
    nas.data(FS + "Sharing", "edit", 3, id=q(link["id"]), date_available=q("0"), date_expired=q("2001-01-01"))
    assert info()["status"] == "expired"
    nas.data(FS + "Sharing", "edit", 3, id=q(link["id"]), date_expired="0", expire_times=1)
    assert requests.get(link["url"], timeout=30).content == b"shared"
    assert info()["status"] == "expired"
    assert nas.code(FS + "Sharing", "edit", 3, id=q(link["id"]), date_expired="2999-12-31") == 400
    assert nas.code(FS + "Sharing", "edit", 3, id=q(link["id"]), password=q("x" * 17)) == 400
    (folder / "f").unlink()
    assert info()["status"] == "broken"
    nas.data(FS + "Sharing", "clear_invalid", 3)
    assert nas.code(FS + "Sharing", "getinfo", 3, id=q(link["id"])) == 2000


def test_too_many_links(start: Start) -> None:
    nas = start("--vendor-opt", "max_links=1", "--profile", "dsm6")
    share, _folder = nas.share()
    nas.login(6, cgi="auth.cgi")
    link = nas.data(FS + "Sharing", "create", 3, path=share)["links"][0]
    assert nas.data(FS + "Sharing", "getinfo", 3, id=q(link["id"]))["date_expired"] == "0"
    assert nas.code(FS + "Sharing", "create", 3, path=share) == 2001
