# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulated Synology on the wire: answers that the guide does not have, and a web server in front."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import requests

from tests.contract.simulator.synology.simulated import FS, Nas, Start, options
from tests.support.tls import self_signed


def test_errors_as_an_object(nas: Nas) -> None:
    nas.faults(
        {"call": "SYNO.DSM.Info/*", "do": {"error": 1055, "vendor": "errors"}},
        {"call": FS + "Info/get", "do": {"error": 120, "vendor": "errors", "value": {"name": "x", "reason": "type"}}},
        {"call": FS + "List/list_share", "do": {"error": 402}},
    )
    error = nas.call("SYNO.DSM.Info", "getinfo")["error"]
    assert (error["code"], sorted(error["errors"])) == (1055, ["err_line", "err_msg"])
    assert nas.call(FS + "Info", "get")["error"] == {"code": 120, "errors": {"name": "x", "reason": "type"}}
    assert nas.call(FS + "List", "list_share")["error"] == {"code": 402}


def test_a_web_server_in_front_with_a_limit(start: Start) -> None:
    nas = start(*options(max_body="10000"))
    share, folder = nas.share()
    nas.login()
    assert nas.upload("small", b"x" * 100, path=share)["success"]
    url = {"api": FS + "Upload", "version": "2", "method": "upload", "_sid": nas.sid}
    fields = {"path": (None, share), "file": ("large", b"x" * 2_000_000)}
    reply = requests.post(f"{nas.url}/webapi/entry.cgi", params=url, files=fields, timeout=30)
    assert (reply.status_code, reply.headers["Content-Type"].split(";")[0]) == (413, "text/html")
    assert "413 Request Entity Too Large" in reply.text
    assert nas.log()[-1]["bytes_in"] == 0, "answered before the body is read"

    def chunks() -> Iterator[bytes]:
        yield f'--B\r\ncontent-disposition: form-data; name="path"\r\n\r\n{share}\r\n'.encode()
        yield b'--B\r\ncontent-disposition: form-data; name="file"; filename="large"\r\n\r\n'
        yield from [b"x" * 50000, b"\r\n--B--\r\n"]

    headers = {"Content-Type": "multipart/form-data; boundary=B"}
    reply = requests.post(f"{nas.url}/webapi/entry.cgi", params=url, data=chunks(), headers=headers, timeout=30)
    assert reply.status_code == 413
    assert [item.name for item in folder.iterdir()] == ["small"]


def test_plain_http_at_the_https_port(start: Start, tmp_path: Path) -> None:
    certificate, key = self_signed(tmp_path)
    nas = start("--tls", str(certificate), str(key))
    plain = nas.url.replace("https", "http")
    fields = {"api": "SYNO.API.Info", "version": "1", "method": "query"}
    for reply in (
        requests.get(f"{plain}/webapi/query.cgi", params=fields, timeout=30),
        requests.post(f"{plain}/webapi/entry.cgi", data={**fields, "more": "x" * 300_000}, timeout=30),
    ):
        assert (reply.status_code, reply.headers["Server"]) == (400, "nginx")
        assert "The plain HTTP request was sent to HTTPS port" in reply.text
    with requests.Session() as secure:
        for _request in range(2):
            reply = secure.get(f"{nas.url}/webapi/query.cgi", params=fields, timeout=30, verify=str(certificate))
            assert reply.json()["success"]


def test_lists_without_an_end(nas: Nas) -> None:
    share, folder = nas.share()
    for name in "ab":
        (folder / name).touch()
    nas.faults({"call": FS + "List/list", "times": 2, "do": {"vendor": "endless_list"}})
    for offset in (0, 2):
        page = nas.data(FS + "List", "list", folder_path=share, offset=offset, limit=2)
        assert [item["name"] for item in page["files"]] == ["a", "b"]
        assert (page["total"], page["offset"]) == (offset + 1002, offset)
    assert nas.data(FS + "List", "list", folder_path=share, offset=2)["files"] == []
    nas.faults({"call": FS + "*", "times": 0, "do": {"vendor": "endless_list", "value": "new"}})
    page = nas.data(FS + "List", "list", folder_path=share, offset=20, limit=2)
    assert [item["path"] for item in page["files"]] == [f"{share}/a 20", f"{share}/b 20"]
    assert nas.data(FS + "BackgroundTask", "list", 3, offset=50)["total"] == 1050
    nas.faults()


def test_an_upload_takes_true_and_not_python(nas: Nas) -> None:
    share, folder = nas.share()
    assert nas.upload("f", b"1", path=share + "/a", create_parents="True")["error"]["code"] == 408
    assert nas.upload("f", b"1", path=share + "/a", create_parents="true")["success"]
    for word in ("True", "False", "1", "yes"):
        assert nas.upload("f", b"2", path=share + "/a", overwrite=word)["error"]["code"] == 414
    assert nas.upload("f", b"2", version=3, path=share + "/a", overwrite="Overwrite")["error"]["code"] == 414
    assert (folder / "a/f").read_bytes() == b"1"
