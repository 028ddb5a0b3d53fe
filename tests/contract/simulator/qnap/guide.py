# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the File Station guide's requests need on the device beforehand, and how it is seen that they worked."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import py7zr
import requests
from PIL import Image

from tests.contract.simulator.qnap.simulated import Nas, first, until, xml

UTIL = "/cgi-bin/filemanager/utilRequest.cgi"
Check = Callable[[Nas, Any], None]
Before = Callable[[Nas], dict[str, str]]


@dataclass(frozen=True)
class Example:
    """A request: a path of the device, or what stands behind `utilRequest.cgi?`.

    Without a `reply` it is no JSON, and `check` is given the response. `later` is QTS 5's reply where it is another.
    """

    section: str
    request: str
    reply: Any = None
    later: Any = None
    needs: tuple[str, ...] = ()
    before: Before | None = None
    check: Check | None = None
    post: dict[str, tuple[str, bytes]] = field(default_factory=dict)


def put(nas: Nas, *names: str) -> None:
    """Each holds its own path."""
    for name in names:
        path: Path = nas.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)


def ask(nas: Nas, request: str, post: dict[str, tuple[str, bytes]]) -> requests.Response:
    url = nas.url + (request if request.startswith("/") else f"{UTIL}?{request}")
    return requests.post(url, files=post, timeout=30) if post else requests.get(url, timeout=30)


# -- what must be there before


def zipped(nas: Nas) -> dict[str, str]:
    with zipfile.ZipFile(nas.root / "Public/test.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("7-zip.chm", "a.txt", "b.txt", "c.txt", "sub/d.txt"):
            archive.writestr(zipfile.ZipInfo(name, (2009, 2, 3, 12, 22, 54)), name)
    return {}


def pictured(nas: Nas) -> dict[str, str]:
    Image.new("RGB", (400, 200)).save(nas.root / "Public/sample.jpg")
    return {}


def linked(nas: Nas) -> dict[str, str]:
    fields = {"path": "/Public", "file_total": 1, "file_name": "keyword.txt", "valid_duration": "forever"}
    link = first(nas.raw("get_share_link", download_type="create_download_link", **fields))["links"][0]["link_url"]
    return {"link": link, "ssid": link.rpartition("=")[2]}


def queue(nas: Nas, **params: Any) -> Any:
    return first(nas.raw("video_ml_queue", **params))


def states(nas: Nas) -> list[int]:
    """Of the videos in the queue: 0 waits, 1 done, 3 goes on."""
    return [row["status"] for row in queue(nas, op=1, subop=4)["datas"]]


def transcoded(folder: str, *names: str) -> Before:
    def before(nas: Nas) -> dict[str, str]:
        assert queue(nas, op=3, path=folder, total=len(names), filename=list(names))["result"] == str(len(names))
        until(lambda: states(nas) == [1] * len(names))
        return {"pid": queue(nas, op=1, subop=4)["datas"][0]["id"]}

    return before


def transcoding(nas: Nas) -> dict[str, str]:
    nas.faults({"call": "video_ml_queue&op=3", "times": 0, "do": "stall_task"})
    queue(nas, op=3, path="/Download", total=1, filename="aa.mp4")
    until(lambda: states(nas) == [3])
    return {"pid": queue(nas, op=1, subop=3)["datas"][0]["id"]}


def going_on(func: str, **params: Any) -> Before:
    """A process that does not come to its end."""

    def before(nas: Nas) -> dict[str, str]:
        zipped(nas)
        nas.faults({"call": func, "times": 0, "do": "stall_task"})
        return {"pid": str(first(nas.raw(func, **params))["pid"])}

    return before


EXTRACTING = going_on("extract", extract_file="/Public/test.zip", dest_path="/Public", mode="extract_all")
COMPRESSING = going_on("compress", compress_name="test", path="/Public", total=1, compress_file="test.zip")
RECOVERING = going_on(
    "trash_recovery", source_path="/Download/@Recycle", source_total=1, source_file="a.txt", mode=1
)  # fmt: skip


def compressed(nas: Nas) -> dict[str, str]:
    pid = first(nas.raw("compress", compress_name="x", path="/Public", total=1, compress_file="a.txt"))["pid"]
    until(lambda: first(nas.raw("get_compress_status", pid=pid))["status"] == 1)
    return {"pid": str(pid)}


# -- what must be so afterwards


def holds(*pairs: str) -> Check:
    """A file has come to be that holds this text, another, ..."""

    def check(nas: Nas, _found: Any) -> None:
        files = [(nas.root / path, text) for path, text in zip(pairs[::2], pairs[1::2])]
        until(lambda: all(file.is_file() and file.read_text() == text for file, text in files))

    return check


def gone(*paths: str) -> Check:
    return lambda nas, _found: until(lambda: not any((nas.root / path).exists() for path in paths))


def both(*checks: Check) -> Check:
    def check(nas: Nas, found: Any) -> None:
        for one in checks:
            one(nas, found)

    return check


def shows(*names: str) -> Check:
    """The rows, in this order."""

    def check(_nas: Nas, found: Any) -> None:
        rows = found if isinstance(found, list) else found["datas"]
        assert [row.get("filename", row.get("text")) for row in rows] == list(names)

    return check


def that(condition: Callable[[Nas, Any], bool]) -> Check:
    def check(nas: Nas, found: Any) -> None:
        assert condition(nas, found), found

    return check


def content(body: bytes, content_type: str) -> Check:
    return that(lambda _nas, got: got.content == body and got.headers["Content-Type"] == content_type)


def starts(body: bytes, content_type: str) -> Check:
    return that(
        lambda _nas, got: got.content[: len(body)] == body and got.headers["Content-Type"].startswith(content_type)
    )


def logged_in(nas: Nas, got: requests.Response) -> None:
    assert got.text.startswith('<?xml version="1.0" encoding="UTF-8" ?>')
    for name, value in (("authPassed", "1"), ("isAdmin", "1"), ("authSid", xml(got)["authSid"])):
        assert f"<{name}><![CDATA[{value}]]></{name}>" in got.text
    nas.sid = xml(got)["authSid"]
    assert first(nas.raw("check_sid"))["status"] == 1


def packed(nas: Nas, found: Any) -> None:
    until(lambda: first(nas.raw("get_compress_status", pid=found["pid"]))["status"] == 1)
    with py7zr.SevenZipFile(nas.root / "Download/test.7z", password="123456") as archive:
        assert sorted(archive.getnames()) == ["4.jpg", "sample001.jpg"]


def zip_of(*names: str) -> Check:
    def check(_nas: Nas, got: requests.Response) -> None:
        with zipfile.ZipFile(io.BytesIO(got.content)) as archive:
            assert archive.namelist() == list(names)
            assert archive.testzip() is None

    return check


def volume(path: str) -> Check:
    """Names that carry the volume in front."""
    return that(lambda nas, found: path in found["datas"][0]["filename"].partition("_DATA")[2])


def mailed(nas: Nas, _found: Any) -> None:
    lines = (nas.root / ".simulator/outbox.jsonl").read_text().splitlines()
    assert json.loads(lines[-1])["to"] == ["admin@qnap.com"]


def links_left(number: int) -> Check:
    return that(lambda nas, _found: first(nas.raw("get_share_list"))["total"] == number)


def thumb(_nas: Nas, got: requests.Response) -> None:
    assert Image.open(io.BytesIO(got.content)).size == (80, 40)


def renditions_gone(nas: Nas, _found: Any) -> None:
    row = first(nas.raw("video_list", source_path="/Public/folder_name", source_total=1, source_file="v.mp4"))
    assert (row["datas"][0]["mp4_360"], row["datas"][0]["mp4_720"], row["datas"][0]["flv_720"]) == (0, 0, 0)
