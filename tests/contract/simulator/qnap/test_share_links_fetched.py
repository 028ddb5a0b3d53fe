# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulated QNAP on the wire: share links as programs fetch them."""

from __future__ import annotations

import base64

import requests

from tests.contract.simulator.qnap.simulated import Nas, Start, link, options, status


def test_links_as_programs_fetch_them(nas: Nas, old: Nas) -> None:
    for device in (nas, old):
        share, folder = device.share("top/a b.txt", "top/sub/deep.txt", "top/.hidden", "outside.txt")
        ssid = link(device, share, "top", access_enabled="true", access_code="pä ss")
        url, ep = f"{device.url}/share.cgi", base64.b64encode("pä ss".encode()).decode()
        known = {"ssid": ssid, "fid": ssid, "ep": ep}
        fetch = {**known, "openfolder": "forcedownload"}
        assert requests.post(url, data={"ssid": ssid, "func": "check_passwd", "ep": ep}, timeout=30).json() == {
            "status": 1
        }
        for wrong, code in (({"ep": "eA=="}, 17), ({"ep": ""}, 17), ({"ssid": "none", "fid": "none"}, 5)):
            for func in ("check_passwd", "get_list"):
                assert status(requests.get(url, params={**known, "func": func, **wrong}, timeout=30)) == code
        listing = {**known, "func": "get_list"}
        reported = requests.get(url, params=listing, timeout=30).json()
        assert (reported["total"], reported["foldername"], reported["link_name"]) == (2, "top", "top")
        rows = {row["filename"]: row for row in reported["datas"]}
        assert {name: (row["isfolder"], row["filesize"]) for name, row in rows.items() if not row["isfolder"]} == {
            "a b.txt": (0, "11")
        }
        assert rows["a b.txt"]["epochmt"] == int((folder / "top/a b.txt").stat().st_mtime)
        below = requests.get(url, params={**listing, "path": "/sub"}, timeout=30).json()
        assert [row["filename"] for row in below["datas"]] == ["deep.txt"]
        assert status(requests.get(url, params={**listing, "path": "/none"}, timeout=30)) == 5
        for more, content in (
            ({"filename": "a b.txt"}, b"top/a b.txt"),
            ({"path": "/", "filename": "a b.txt"}, b"top/a b.txt"),
            ({"path": "/sub", "filename": "deep.txt"}, b"top/sub/deep.txt"),
        ):
            assert requests.get(url, params={**fetch, **more}, timeout=30).content == content
        part = requests.get(url, params={**fetch, "filename": "a b.txt"}, headers={"Range": "bytes=4-6"}, timeout=30)
        assert (part.status_code, part.content) == (206, b"a b")
        assert requests.get(url, params=fetch, timeout=30).content[:2] == b"PK"
        for more in ({"filename": "none"}, {"path": "/..", "filename": "outside.txt"}, {"filename": "../outside.txt"},
                     {"fid": "other"}):  # fmt: skip
            assert requests.get(url, params={**fetch, **more}, timeout=30).status_code == 404
        single = link(device, share, "outside.txt")
        for more in ({}, {"fid": single}, {"fid": single, "filename": "outside.txt", "openfolder": "forcedownload"}):
            assert requests.get(url, params={"ssid": single, **more}, timeout=30).content == b"outside.txt"


def test_a_link_that_is_a_page_for_browsers(start: Start) -> None:
    nas = start(*options(share_page=1))
    nas.login()
    share, _folder = nas.share("x")
    ssid = link(nas, share, "x")
    page = requests.get(f"{nas.url}/share.cgi?ssid={ssid}", timeout=30)
    assert page.headers["Content-Type"].startswith("text/html")
    assert page.text.startswith("<!DOCTYPE html>")
    got = requests.get(f"{nas.url}/share.cgi?ssid={ssid}&fid={ssid}&openfolder=forcedownload&ep=", timeout=30)
    assert got.content == b"x"


def test_network_type(nas: Nas) -> None:
    share, _folder = nas.share("x")
    fields = {"path": share, "file_total": 1, "file_name": "x", "valid_duration": "forever"}
    for network, code in (("internet", 1), ("local", 1), ("lan", 20), ("", 20)):
        assert status(nas.raw("get_share_link", network_type=network, **fields)) == code
        assert status(nas.raw("share_file", network_type=network, addressee="a@example.org", **fields)) == code
