# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulated QNAP on the wire: changing, sending and fetching (File Station guide, 2, 3, 8 to 11, 13).

The guide's examples are sent as it prints them; where it has a slip, a remark says what was put right.
"""

from __future__ import annotations

import hashlib
import io
import os
import socket
import zipfile
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from PIL import Image

from tests.contract.simulator.qnap.simulated import Nas, Start, options, until

TRANSFER_KEYS = {"status", "the_num", "filename", "filesize", "files", "percent", "copying"}


# -- createdir (2), rename (3), delete (13)


def test_createdir(nas: Nas, old: Nas) -> None:
    share, folder = nas.share("file")
    answer = nas.call("createdir", dest_folder="test", dest_path=share)
    assert answer == {"version": "5.2.6", "build": "20250808", "status": 1, "success": "true"}
    assert (folder / "test").is_dir()
    assert nas.status("createdir", dest_folder="test", dest_path=share) == 33
    assert nas.status("createdir", dest_folder="file", dest_path=share) == 33
    assert nas.status("createdir", dest_folder="x", dest_path=share + "/none") == 5
    assert nas.status("createdir", dest_folder="x/y", dest_path=share) == 12
    assert nas.status("createdir", dest_folder="_sn_bk", dest_path=share) == 12
    assert nas.status("createdir", dest_folder="a:b*c", dest_path=share) == 1
    assert nas.status("createdir", dest_folder="ü" * 128, dest_path=share) == 26
    assert nas.status("createdir", dest_folder="new", dest_path="/") == 4
    share, folder = old.share("test/x")
    assert old.status("createdir", dest_folder="test", dest_path=share) == 2
    for bad in "\"+=\\:|*?<>;[]%,`'":
        assert old.status("createdir", dest_folder=f"a{bad}b", dest_path=share) == 12
    assert old.status("rename", path=share, source_name="test", dest_name="a:b") == 12
    reply = old.raw("createdir", dest_folder="new", dest_path=share).text
    assert reply.startswith('Content-type: text/html; charset="UTF-8"\r\n\r\n{')
    assert (folder / "new").is_dir()


def test_rename(nas: Nas, old: Nas) -> None:
    for device, taken in ((nas, 33), (old, 2)):
        share, folder = device.share("test", "other")
        assert device.status("rename", path=share, source_name="test", dest_name="test1") == 1
        assert sorted(item.name for item in folder.iterdir()) == ["other", "test1"]
        assert device.status("rename", path=share, source_name="test1", dest_name="other") == taken
        assert device.status("rename", path=share, source_name="gone", dest_name="x") == 0
        assert device.status("rename", path=share + "/none", source_name="gone", dest_name="x") == 5
        assert device.status("rename", path=share, source_name="test1", dest_name="TEST1") == 1
        assert device.status("rename", path=share, source_file="TEST1", dest_file="x") == 20
        assert device.status("rename", path=share, source_name="TEST1", dest_name="a/b") == 12
        assert device.status("rename", path="/", source_name=share[1:], dest_name="x") == 4


def test_delete(nas: Nas, old: Nas) -> None:
    for device, gone, nowhere in ((nas, 4, 25), (old, 0, 5)):
        share, folder = device.share("folder_name/sub/x", "file_name", "stays")
        fields = {"path": share, "file_total": 2, "file_name": ["folder_name", "file_name"]}
        assert device.status("delete", **fields) == 1
        assert sorted(item.name for item in folder.iterdir()) == ["@Recycle", "stays"]
        assert (folder / "@Recycle/folder_name/sub/x").exists()
        assert device.status("delete", **fields) == gone
        assert device.status("delete", path=share + "/none", file_total=1, file_name="x") == nowhere
        assert device.status("delete", path=share, file_total=1, file_name="stays", force=1) == 1
        assert not (folder / "@Recycle/stays").exists()
        assert device.status("delete", path="/", file_total=1, file_name=share[1:]) == 4
        assert folder.is_dir()
        assert device.status("delete", path=share, file_total=1, file_name="@Recycle") == 1
    share, folder = nas.share("deep/a/b")
    assert nas.pid("delete", path=share, file_total=1, file_name="deep", v=2, force=1)
    until(lambda: not list(folder.iterdir()))
    share, folder = old.share("one", "two")
    assert old.status("delete", path=share, file_total=3, file_name=["one", "gone", "two"], v=2) == 0
    assert sorted(item.name for item in folder.iterdir()) == ["@Recycle", "two"]  # it stopped at the first failure


def test_guests_read_only(start: Start) -> None:
    nas = start(*options(guests="eye:pw"))
    share, _folder = nas.share("file")
    nas.login("eye", "pw")
    assert nas.names(share) == ["file"]
    assert nas.status("delete", path=share, file_total=1, file_name="file") == 4
    assert nas.status("rename", path=share, source_name="file", dest_name="x") == 4


# -- upload (10) and upload in pieces


def test_upload(nas: Nas) -> None:
    share, folder = nas.share()
    answer = nas.upload(share, "ex ample é.pdf", b"content", progress=f"-{share[1:]}-ex ample é.pdf")
    assert answer.json() == {"status": 1, "size": "7", "name": "ex ample é.pdf"}
    assert (folder / "ex ample é.pdf").read_bytes() == b"content"
    for part in ("", "fileupload", "files[]"):
        assert nas.upload(share, "again", part.encode(), part=part).json()["status"] == 1
        assert (folder / "again").read_bytes() == part.encode()
    big = os.urandom(5_000_000)
    assert nas.upload(share, "big", big).json()["size"] == "5000000"
    assert (folder / "big").read_bytes() == big
    # a file that is there is left alone, and nothing says so
    assert nas.upload(share, "big", b"new", overwrite=0).json()["status"] == 1
    assert (folder / "big").read_bytes() == big
    assert nas.upload(share + "/none", "x", b"").json()["status"] == 25
    assert nas.upload(share, "_sn_x", b"").json()["status"] == 12
    query = f"?func=upload&type=standard&sid={nas.sid}&dest_path={share}&overwrite=1"
    assert requests.post(nas.util + query, data={"file": "x"}, timeout=30).json()["status"] == 20
    assert sorted(item.name for item in folder.iterdir()) == ["again", "big", "ex ample é.pdf"]


def test_upload_wants_its_length(nas: Nas) -> None:
    share, folder = nas.share()
    url = f"{nas.util}?func=upload&type=standard&sid={nas.sid}&dest_path={share}&overwrite=1"
    answer = requests.post(url, data=iter([b"--x\r\n"]), headers={"Content-Type": "multipart/form-data; boundary=x"})
    assert answer.status_code == 411
    assert answer.headers["Content-Type"].startswith("text/html")
    assert not list(folder.iterdir())


def arrived(nas: Nas, folder: Path) -> bool:
    """Whether the device began to write."""
    return any(folder.iterdir()) or any((nas.root / ".parts").glob("*"))


def logged(nas: Nas) -> bool:
    return bool(nas.log()[-1]["call"] == "upload")


def test_upload_that_breaks_off(start: Start, nas: Nas) -> None:
    for device, left in ((nas, []), (start(*options(upload_in_place=1)), ["cut"])):
        device.login()
        share, folder = device.share()
        parts = urlsplit(device.url)
        url = f"{urlsplit(device.util).path}?func=upload&type=standard&sid={device.sid}&dest_path={share}&overwrite=1"
        head = b'--x\r\nContent-Disposition: form-data; name="f"; filename="cut"\r\n\r\n' + b"y" * 100_000
        with socket.create_connection((parts.hostname, parts.port or 80)) as wire:
            wire.sendall(
                f"POST {url} HTTP/1.1\r\nHost: x\r\nContent-Length: 900000\r\n"
                "Content-Type: multipart/form-data; boundary=x\r\n\r\n".encode()
                + head
            )
            until(partial(arrived, device, folder))
        until(partial(logged, device))
        assert [item.name for item in folder.iterdir()] == left


def test_upload_without_space(start: Start) -> None:
    nas = start(*options(capacity=200_000, quota="Share1:1000"))
    nas.login()
    share, folder = nas.share()
    assert nas.upload(share, "small", b"x" * 900).json()["status"] == 1
    assert nas.upload(share, "more", b"x" * 200).json()["status"] == 9
    share, folder = nas.share()
    assert nas.upload(share, "big", b"x" * 300_000).json()["status"] == 9
    assert not list(folder.iterdir())
    info = nas.call("get_disk_info", path=share)
    assert int(info["used_size"]) + int(info["free_size"]) in range(193, 197)


def test_upload_to_qts_4(old: Nas) -> None:
    share, folder = old.share()
    answer = old.upload(share, "file", b"x")
    with pytest.raises(requests.JSONDecodeError):
        answer.json()
    assert (folder / "file").read_bytes() == b"x"
    assert old.upload(share + "/none", "x", b"").json()["status"] == 5


def test_upload_in_pieces(nas: Nas) -> None:
    share, folder = nas.share()
    begun = nas.call("start_chunked_upload", upload_root_dir=share)
    assert begun["status"] == 0
    assert len(begun["upload_id"]) == 7
    assert (folder / ".upload_cache").is_dir()
    fields = {"upload_id": begun["upload_id"], "upload_root_dir": share, "dest_path": share, "upload_name": "file é"}

    def piece(content: bytes, **more: object) -> dict[str, object]:
        query = {"func": "chunked_upload", "sid": nas.sid, **fields, "filesize": 8, "overwrite": 1, "settime": 1,
                 "mtime": 1336632200, **more}  # fmt: skip
        files = {"fileName": (None, "file é"), "file": ("blob", content)}
        return dict(requests.post(nas.util, params=query, files=files, timeout=30).json())  # type: ignore[arg-type]

    assert piece(b"1234", offset=0, multipart=1)["status"] == 1
    state = nas.call("get_chunked_upload_status", **fields)
    assert (state["size"], state["md5"], state["md5Size"]) == ("4", hashlib.md5(b"1234").hexdigest(), "4")
    assert piece(b"9", offset=7, multipart=1)["status"] == 109
    assert piece(b"56", offset=4)["status"] == 107
    assert piece(b"5678", offset=4)["status"] == 1
    assert (folder / "file é").read_bytes() == b"12345678"
    assert (folder / "file é").stat().st_mtime == 1336632200
    other = nas.call("start_chunked_upload", upload_root_dir=share)["upload_id"]
    fields["upload_id"] = other
    assert piece(b"12", offset=0, multipart=1)["status"] == 1
    assert nas.status("delete_chunked_upload_file", **fields) == 1
    assert not list((folder / ".upload_cache").iterdir())
    assert nas.status("get_chunked_upload_status", **fields) == 0
    assert nas.status("start_chunked_upload", upload_root_dir=share + "/none") == 25


# -- download (8), thumbnails (9), viewer (11)


def test_download_one_file(nas: Nas) -> None:
    share, folder = nas.share()
    content = os.urandom(300_000)
    (folder / "test é.txt").write_bytes(content)
    fields: dict[str, Any] = {
        "isfolder": 0,
        "compress": 0,
        "source_path": share,
        "source_file": "test é.txt",
        "source_total": 1,
    }
    answer = nas.raw("download", **fields)
    assert answer.content == content
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert "filename*=UTF-8''test%20%C3%A9.txt" in answer.headers["Content-Disposition"]
    part = requests.get(answer.url, headers={"Range": "bytes=299990-"}, timeout=30)
    assert (part.status_code, part.content) == (206, content[-10:])
    assert part.headers["Content-Range"] == "bytes 299990-299999/300000"
    assert requests.get(answer.url, headers={"Range": "bytes=300000-"}, timeout=30).status_code == 416
    fields["compress"] = 1
    with zipfile.ZipFile(io.BytesIO(nas.raw("download", **fields).content)) as archive:
        assert archive.read("test é.txt") == content


def test_download_several(nas: Nas) -> None:
    share, _folder = nas.share("test.txt", "test2.txt", "folder/sub/deep.txt", "folder/empty/.keep")
    query = f"?func=download&sid={nas.sid}&isfolder=0&source_path={share}"
    answer = requests.get(f"{nas.util}{query}&source_file=test.txt&source_file=test2.txt&source_total=2", timeout=30)
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        assert sorted(archive.namelist()) == ["test.txt", "test2.txt"]
        assert archive.getinfo("test.txt").compress_type == zipfile.ZIP_STORED
    answer = nas.raw("download", isfolder=1, compress=2, source_path=share, source_file="folder", source_total=1)
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.read("folder/sub/deep.txt") == b"folder/sub/deep.txt"
        assert archive.getinfo("folder/sub/deep.txt").compress_type == zipfile.ZIP_DEFLATED
    # a wrong count: a good zip with nothing in it
    with zipfile.ZipFile(io.BytesIO(nas.raw("download", source_path=share, source_file="test.txt").content)) as archive:
        assert archive.namelist() == []


def test_download_that_fails(nas: Nas, old: Nas) -> None:
    fields: dict[str, Any] = {"isfolder": 0, "compress": 0, "source_file": "gone", "source_total": 1}
    answer = nas.raw("download", source_path=nas.share()[0], **fields)
    assert (answer.status_code, answer.json()["status"]) == (200, 5)
    answer = old.raw("download", source_path=old.share()[0], **fields)
    assert (answer.status_code, answer.content) == (200, b"")
    assert old.log()[-1]["code"] == 5


def test_thumbnails(nas: Nas) -> None:
    share, folder = nas.share("no.jpg")
    Image.new("RGB", (1000, 500), "red").save(folder / "sample.jpg")
    Image.new("RGBA", (30, 60), "blue").save(folder / "small.png")
    for size, expected in ((80, (80, 40)), (320, (320, 160)), (640, (640, 320)), (7, (320, 160))):
        answer = nas.raw("get_thumb", path=share, name="sample.jpg", size=size)
        assert answer.headers["Content-Type"] == "image/jpeg"
        assert Image.open(io.BytesIO(answer.content)).size == expected
    assert Image.open(io.BytesIO(nas.raw("get_thumb", path=share, name="small.png").content)).size == (30, 60)
    assert nas.status("get_thumb", path=share, name="no.jpg", size=80) == 65
    assert nas.status("get_thumb", path=share, name="gone.jpg", size=80) == 5


def test_viewer(nas: Nas, old: Nas) -> None:
    share, _folder = nas.share("123.jpg", "123.avi")
    query = f"?sid={nas.sid}&func=get_viewer&source_path={share}&source_file="
    answer = requests.get(f"{nas.util}/123.jpg{query}123.jpg", timeout=30)
    assert (answer.headers["Content-Type"], answer.content) == ("image/jpeg", b"123.jpg")
    page = requests.get(f"{nas.util}/123.avi{query}123.avi&player=1", timeout=30)
    assert "jwplayer" in page.text
    flv = requests.get(f"{nas.util}/123.avi{query}123.avi&rtt=1", timeout=30)
    assert flv.content.startswith(b"FLV")
    assert nas.call("get_viewer", source_path=share, source_file="123.avi", format="mp4_360")["status"] == 5
    share, _folder = old.share()
    assert old.raw("get_viewer", source_path=share, source_file="gone").content == b""
