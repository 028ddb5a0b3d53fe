# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulated QNAP on the wire: what goes on in the background (File Station guide, 4 to 7, 18, 19)."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from typing import Any

import py7zr
import pytest
import pyzipper
import requests

from tests.contract.simulator.qnap.simulated import Nas, Start, options, until

PROGRESS = {"status", "the_num", "filename", "filesize", "files", "percent", "copying"}


@pytest.fixture
def slow(nas: Nas) -> Iterator[Nas]:
    """The next process never gets on."""
    nas.faults({"call": "*", "params": {"sid": "*"}, "times": 0, "do": "stall_task"})
    yield nas
    nas.faults()


# -- copy (4) and move (5)


def test_copy(nas: Nas) -> None:
    source, _folder = nas.share("test/a", "test/sub/b", "file")
    target, folder = nas.share("file")
    (folder / "file").write_text("old")
    query = f"?func=copy&sid={nas.sid}&source_file=test&source_total=1&source_path={source}&dest_path={target}&mode=1"
    started = requests.get(nas.util + query, timeout=30).json()
    assert sorted(started) == ["pid", "status"]
    ended = nas.finish("get_copy_status", started["pid"])
    assert set(ended) == PROGRESS
    assert (ended["percent"], ended["files"], ended["filesize"]) == (100, "2", "16")
    assert (folder / "test/sub/b").read_text() == "test/sub/b"
    # it is forgotten with that answer: the next one looks like a beginning
    again = nas.call("get_copy_status", pid=started["pid"])
    assert (again["status"], again["percent"], again["filename"]) == (1, 0, "")
    fields = {"source_file": "file", "source_total": 1, "source_path": source, "dest_path": target}
    nas.finish("get_copy_status", nas.pid("copy", **fields, mode=1))
    assert (folder / "file").read_text() == "old"
    nas.finish("get_copy_status", nas.pid("copy", **fields, mode=0, dest_file="ignored"))
    assert (folder / "file").read_text() == "file"
    (folder / "file").write_text("old")
    nas.finish("get_copy_status", nas.pid("copy", **fields, overwrite=0))  # no such parameter; mode is 0 without one
    assert (folder / "file").read_text() == "file"


def test_copy_beside_itself(nas: Nas) -> None:
    share, folder = nas.share("test/a", "file.txt")
    fields = {"source_total": 1, "source_path": share, "dest_path": share, "mode": 0, "dup": "copy"}
    for _time in range(2):
        nas.finish("get_copy_status", nas.pid("copy", source_file="test", **fields))
    nas.finish("get_copy_status", nas.pid("copy", source_file="file.txt", **fields))
    names = sorted(item.name for item in folder.iterdir())
    assert names == ["file-copy(1).txt", "file.txt", "test", "test-copy(1)", "test-copy(2)"]


def test_move(nas: Nas) -> None:
    source, from_folder = nas.share("test/a", "file", "other")
    target, to_folder = nas.share("other")
    (to_folder / "other").write_text("old")
    # the guide's template lacks dest_path, its example has it
    query = f"?func=move&sid={nas.sid}&source_file=test&source_total=1&source_path={source}&dest_path={target}&mode=1"
    pid = requests.get(nas.util + query, timeout=30).json()["pid"]
    assert nas.finish("get_move_status", pid)["percent"] == 100
    assert (to_folder / "test/a").exists()
    assert not (from_folder / "test").exists()
    fields = {"source_path": source, "dest_path": target}
    nas.finish("get_move_status", nas.pid("move", source_file="other", source_total=1, mode=1, **fields))
    assert (from_folder / "other").exists()
    nas.pid("move", source_file="other", source_total=1, mode=0, no_fork=1, **fields)
    assert (to_folder / "other").read_text() == "other"  # no_fork: it is done when the answer comes
    # without a count nothing is moved, and it is said to be
    pid = nas.pid("move", source_file="file", mode=1, **fields)
    assert nas.finish("get_move_status", pid)["percent"] == 100
    assert (from_folder / "file").exists()


@pytest.mark.parametrize("func", ["copy", "move"])
def test_copy_and_move_that_cannot_be(nas: Nas, old: Nas, func: str) -> None:
    for device, inside in ((nas, 55), (old, 12)):
        share, _folder = device.share("test/sub/x", "file")
        fields = {"source_total": 1, "source_path": share, "mode": 1}
        assert device.status(func, source_file="gone", dest_path=share + "/test", **fields) == 5
        assert device.status(func, source_file="file", dest_path=share + "/none", **fields) == 25
        assert device.status(func, source_file="test", dest_path=share + "/test/sub", **fields) == inside
        assert device.status(func, source_file="test", dest_path="/", **fields) == 4
        assert device.status(func, source_path=share, dest_path=share) == 20
    assert nas.status("move", source_file="file", source_total=1, source_path=nas.share("file")[0], mode=0,
                      dest_path="/Share" + str(len(list(nas.root.glob("Share*"))))) == 92  # fmt: skip


def test_copy_in_the_words_of_qts_4(old: Nas) -> None:
    source, _folder = old.share("test/a", "b")
    target, folder = old.share()
    fields: dict[str, Any] = {"source_total": 1, "source_path": source, "dest_path": target, "mode": 1}
    lines = old.raw("copy", source_file="test", **fields).text.splitlines()
    assert len(lines) == 2
    assert lines[0] == lines[1]
    until((folder / "test/a").exists)
    pid = int(old.raw("move", source_file="b", **fields).text.splitlines()[0].split('"pid": ')[1].split()[0])
    until((folder / "b").exists)

    def broken() -> bool:
        try:
            old.raw("get_move_status", pid=pid).json()
        except ValueError:
            return True
        return False

    until(broken)
    assert old.call("get_move_status", pid=pid)["percent"] == 0


def test_progress_and_cancel(slow: Nas) -> None:
    source, _folder = slow.share("a", "b")
    target, folder = slow.share()
    for func in ("copy", "move"):
        fields = {"source_file": ["a", "b"], "source_total": 2, "source_path": source, "dest_path": target, "mode": 1}
        pid = slow.pid(func, **fields)
        answer = slow.call(f"get_{func}_status", pid=pid)
        assert set(answer) == PROGRESS
        assert answer["percent"] < 100
        assert slow.status(f"cancel_{func}", pid=pid) == 1
        assert slow.status(f"cancel_{func}", pid=pid) == 1
        assert not list(folder.iterdir())


def test_how_a_copy_fails(nas: Nas) -> None:
    source, _folder = nas.share("a", "b", "c")
    target, folder = nas.share()
    fields = {"source_file": ["a", "b", "c"], "source_total": 3, "source_path": source, "dest_path": target, "mode": 0}
    for fault, status, left in (
        ({"fail_task": 10}, 10, []),
        ({"fail_task": {"code": 11, "after_files": 1}}, 11, ["a"]),
        ({"disk_full": {"at_bytes": 2}}, 9, ["a", "b", "c"]),
    ):
        nas.faults({"call": "copy", "do": fault})
        answer = nas.finish("get_copy_status", nas.pid("copy", **fields))
        assert answer["status"] == status
        assert sorted(item.name for item in folder.iterdir()) == left
    nas.faults({"call": "copy", "do": "lose_task"})
    pid = nas.pid("copy", **fields)
    until((folder / "c").exists)
    until(lambda: nas.call("get_copy_status", pid=pid)["filename"] == "")
    nas.faults({"call": "copy", "do": {"vendor": "pretend"}})
    target, folder = nas.share()
    pid = nas.pid("copy", source_file="a", source_total=1, source_path=source, dest_path=target, mode=0)
    assert nas.finish("get_copy_status", pid)["percent"] == 100
    assert not list(folder.iterdir())


# -- archives (6, 7)


def archive_rows(nas: Nas, path: str, **params: Any) -> list[dict[str, Any]]:
    answer = nas.call("get_extract_list", path="/", extract_file=path, code_page="UTF-8", **params)
    assert answer["total"] >= len(answer["datas"])
    return list(answer["datas"])


def test_members_of_archives(nas: Nas) -> None:
    share, folder = nas.share("text.txt")
    with zipfile.ZipFile(folder / "test.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("b.txt", (2009, 2, 3, 12, 22, 54)), b"b" * 1000, zipfile.ZIP_DEFLATED)
        archive.writestr("sub/é.txt", b"longer" * 1000)
    query = f"?func=get_extract_list&sid={nas.sid}&path=/&extract_file={share}/test.zip&code_page=UTF-8"
    answer = requests.get(f"{nas.util}{query}&start=0&limit=50&sort=filename&dir=ASC", timeout=30).json()
    assert answer["total"] == 2
    row = answer["datas"][0]
    assert set(row) == {"filename", "isfolder", "filesize", "mt", "id", "compress_size"}
    assert (row["filename"], row["isfolder"], row["filesize"], row["id"]) == ("b.txt", 0, "1000", 0)
    assert row["mt"] == "2009-02-03 12:22:54"
    assert 0 < int(row["compress_size"]) < 1000
    assert [
        row["filename"] for row in archive_rows(nas, share + "/test.zip", sort="file_size", dir="DESC", limit=1)
    ] == ["sub/é.txt"]
    assert nas.status("get_extract_list", extract_file=share + "/none.zip") == 5
    assert nas.status("get_extract_list", extract_file=share + "/text.txt") == 7
    with py7zr.SevenZipFile(folder / "locked.7z", "w", password="pw", header_encryption=True) as locked:
        locked.write(folder / "text.txt", "text.txt")
    assert nas.status("get_extract_list", extract_file=share + "/locked.7z") == 17
    assert len(archive_rows(nas, share + "/locked.7z", pwd="pw")) == 1


def test_extract(nas: Nas) -> None:
    share, folder = nas.share()
    with zipfile.ZipFile(folder / "test.zip", "w") as archive:
        for name in ("a.txt", "sub/b.txt", "sub/deep/c.txt", "../../evil"):
            archive.writestr(name, name)
    target, there = nas.share("a.txt")
    (there / "a.txt").write_text("old")
    common = {"extract_file": share + "/test.zip", "pwd": "", "code_page": "UTF-8", "path_mode": "full"}
    query = "&".join(f"{name}={value}" for name, value in {**common, "dest_path": target}.items())
    answer = requests.get(
        f"{nas.util}?func=extract&sid={nas.sid}&{query}&mode=extract_all&overwrite=0", timeout=30
    ).json()
    assert sorted(answer) == ["pid", "status"]
    assert nas.finish("get_extract_status", answer["pid"])["status"] == 1
    assert (there / "a.txt").read_text() == "old"
    assert (there / "sub/deep/c.txt").read_text() == "sub/deep/c.txt"
    assert not (nas.root.parent / "evil").exists()
    pid = nas.pid("extract", **common, dest_path=target, mode="extract_all", overwrite=1)
    assert nas.finish("get_extract_status", pid)["status"] == 1
    assert (there / "a.txt").read_text() == "a.txt"
    target, there = nas.share()
    parts = {**common, "path_mode": "none", "mode": "extract_part", "part_file": ["sub/deep"], "part_total": 1}
    assert nas.finish("get_extract_status", nas.pid("extract", **parts, dest_path=target))["status"] == 1
    assert [item.name for item in there.iterdir()] == ["c.txt"]
    assert nas.status("extract", **{**parts, "part_file": "none"}, dest_path=target) == 5
    assert nas.status("extract", **common, dest_path=target + "/none", mode="extract_all") == 25
    assert nas.status("extract", **{**common, "extract_file": share + "/none"}, dest_path=target) == 5
    assert nas.status("extract", **common, dest_path=target, mode="extract_some") == 20
    assert nas.status("get_extract_status", pid=1) == 0
    assert nas.status("cancel_extract", pid=pid) == 0


def test_extract_with_a_password(nas: Nas) -> None:
    share, folder = nas.share("secret.txt")
    with pyzipper.AESZipFile(folder / "aes.zip", "w", encryption=pyzipper.WZ_AES) as archive:
        archive.setpassword("pä ss".encode())
        archive.writestr("secret.txt", b"inside")
    with py7zr.SevenZipFile(folder / "seven.7z", "w", password="pä ss") as seven:
        seven.writestr("inside", "secret.txt")
    for name in ("aes.zip", "seven.7z"):
        (folder / "secret.txt").write_text("outside")
        fields = {"extract_file": f"{share}/{name}", "dest_path": share, "mode": "extract_all", "overwrite": 1}
        assert nas.status("extract", **fields) == 17
        assert nas.finish("get_extract_status", nas.pid("extract", **fields, pwd="wrong"))["status"] == 17
        assert (folder / "secret.txt").read_text() == "outside"
        assert nas.finish("get_extract_status", nas.pid("extract", **fields, pwd="pä ss"))["status"] == 1
        assert (folder / "secret.txt").read_text() == "inside"


def test_compress(nas: Nas) -> None:
    share, folder = nas.share("4.jpg", "sample001.jpg", "sub/deep/é.txt")
    query = (
        f"?func=compress&sid={nas.sid}&compress_name=test&type=7z&level=large&pwd=123456&encryipt=AES256&path={share}"
        "&total=2&compress_file=4.jpg&compress_file=sample001.jpg"
    )
    answer = requests.get(nas.util + query, timeout=30).json()
    assert sorted(answer) == ["pid", "status"]
    assert nas.finish("get_compress_status", answer["pid"])["status"] == 1
    with py7zr.SevenZipFile(folder / "test.7z", password="123456") as seven:
        assert sorted(seven.getnames()) == ["4.jpg", "sample001.jpg"]
        assert seven.testzip() is None
    fields = {"path": share, "total": 1, "compress_file": "sub"}
    pid = nas.pid("compress", compress_name="plain", **fields)
    assert nas.finish("get_compress_status", pid)["status"] == 1
    with zipfile.ZipFile(folder / "plain.zip") as archive:
        assert archive.read("sub/deep/é.txt") == "sub/deep/é.txt".encode()
    for name, method in (("crypto", "ZipCrypto"), ("strong", "AES256"), ("default", "")):
        pid = nas.pid("compress", compress_name=name, type="zip", pwd="pw é", encryipt=method, **fields)
        assert nas.finish("get_compress_status", pid)["status"] == 1
        with pyzipper.AESZipFile(folder / f"{name}.zip") as locked:
            locked.setpassword("pw é".encode())
            assert locked.read("sub/deep/é.txt") == "sub/deep/é.txt".encode()
            info = locked.getinfo("sub/deep/é.txt")
            assert (info.wz_aes_strength is not None) == (name == "strong")
        # Of 256 wrong passwords one fits the check of ZipCrypto, and what then comes is no content.
        wrong = (RuntimeError, NotImplementedError, zlib.error, zipfile.BadZipFile)
        with zipfile.ZipFile(folder / f"{name}.zip") as locked, pytest.raises(wrong):
            locked.read("sub/deep/é.txt", pwd=b"wrong")
    assert nas.status("compress", compress_name="plain", mode=2, **fields) == 33
    assert nas.status("compress", compress_name="x", type="rar", **fields) == 20
    assert nas.status("compress", compress_name="x", path=share, total=1, compress_file="gone") == 5
    assert nas.status("compress", compress_name="x", path=share) == 20


def test_archives_that_are_cancelled(slow: Nas) -> None:
    share, folder = slow.share("a.txt")
    with zipfile.ZipFile(folder / "test.zip", "w") as archive:
        archive.writestr("new.txt", "x")
    pid = slow.pid("compress", compress_name="out", path=share, total=1, compress_file="a.txt")
    assert slow.status("get_compress_status", pid=pid) == 6
    assert slow.status("cancel_compress", pid=pid) == 1
    assert slow.status("get_compress_status", pid=pid) == 0
    assert slow.status("cancel_compress", pid=pid) == 0
    pid = slow.pid("extract", extract_file=share + "/test.zip", dest_path=share, mode="extract_all", overwrite=1)
    assert slow.status("get_extract_status", pid=pid) == 6
    assert slow.status("cancel_extract", pid=pid) == 1
    assert slow.status("get_extract_status", pid=pid) == 0
    assert sorted(item.name for item in folder.iterdir()) == ["a.txt", "test.zip"]


def test_archives_that_fail(nas: Nas, start: Start) -> None:
    share, _folder = nas.share("a.txt")
    fields = {"compress_name": "out", "path": share, "total": 1, "compress_file": "a.txt"}
    nas.faults({"call": "compress", "do": {"fail_task": 0}})
    assert nas.finish("get_compress_status", nas.pid("compress", **fields))["status"] == 0
    nas.faults({"call": "compress", "do": {"disk_full": {"at_bytes": 3}}})
    assert nas.finish("get_compress_status", nas.pid("compress", **fields))["status"] == 9
    late = start(*options(compress_running=36, task_seconds=0.2))
    late.login()
    share, _folder = late.share("a.txt")
    pid = late.pid("compress", compress_name="out", path=share, total=1, compress_file="a.txt")
    assert late.status("get_compress_status", pid=pid) == 36
    assert late.finish("get_compress_status", pid)["status"] == 1


# -- recycle bin (18)


def test_recycle_bin(nas: Nas) -> None:
    share, folder = nas.share("testPath/txt.txt", "testPath/1.jpg", "testPath/keep")
    names = {"file_total": 2, "file_name": ["txt.txt", "1.jpg"]}
    assert nas.status("delete", path=share + "/testPath", **names) == 1
    (folder / "testPath/1.jpg").write_text("new")
    assert "@Recycle" in nas.names(share)
    # the guide's example, source_path twice as it has it
    bin_path = f"{share}/@Recycle/testPath"
    query = (
        f"?func=trash_recovery&sid={nas.sid}&source_path={bin_path}&source_total=2&source_path={bin_path}"
        "&mode=1&source_file=txt.txt&source_file=1.jpg"
    )
    answer = requests.get(nas.util + query, timeout=30).json()
    assert sorted(answer) == ["pid", "status"]
    until((folder / "testPath/txt.txt").exists)
    assert (folder / "testPath/1.jpg").read_text() == "new"
    fields = {"source_path": bin_path, "source_total": 1, "source_file": "1.jpg"}
    nas.pid("trash_recovery", **fields, mode=0)
    until(lambda: (folder / "testPath/1.jpg").read_text() == "testPath/1.jpg")
    assert nas.status("trash_recovery", **fields, mode=0) == 0
    assert nas.status("cancel_trash_recovery", pid=answer["pid"]) == 0
    for content in ("first", "second"):
        (folder / "same.txt").write_text(content)
        assert nas.status("delete", path=share, file_total=1, file_name="same.txt") == 1
    assert sorted(item.name for item in (folder / "@Recycle").glob("same*")) == ["same (1).txt", "same.txt"]
    assert nas.status("delete", path=share + "/@Recycle", file_name=share + "/@Recycle") == 1
    assert nas.log()[-1]["call"] == "delete&@Recycle"
    assert not list((folder / "@Recycle").iterdir())


def test_recovery_that_is_cancelled(slow: Nas) -> None:
    share, folder = slow.share("@Recycle/file")
    fields = {"source_path": share + "/@Recycle", "source_total": 1, "source_file": "file", "mode": 1}
    pid = slow.pid("trash_recovery", **fields)
    assert slow.status("cancel_trash_recovery", pid=pid) == 1
    assert not (folder / "file").exists()


# -- transcoding (19)


def test_transcoding(nas: Nas) -> None:
    share, folder = nas.share("Dream1.mp4", "test.mp4", "text.txt")
    queue = f"{nas.url}/utilRequest.cgi?sid={nas.sid}&func=video_ml_queue"  # the guide drops the folders here
    query = f"&op=3&path={share}&total=3&filename=Dream1.mp4&filename=test.mp4&filename=text.txt"
    assert requests.get(queue + query, timeout=30).json() == {"status": 1, "result": "2"}

    def rows(**params: Any) -> list[dict[str, Any]]:
        answer = nas.call("video_ml_queue", op=1, **params)
        assert set(answer) == {"status", "total", "percentage", "datas"}
        return [row for row in answer["datas"] if row["filename"].startswith(share)]

    until(lambda: [row["status"] for row in rows(subop=4)] == [1, 1])
    row = rows(subop=1)[0]
    assert set(row) == {"id", "filename", "addtime", "time", "status", "type"}
    assert row["type"] == 1
    assert nas.call("video_ml_queue", op=1, subop=4)["percentage"] == 200
    assert rows(subop=3) == []
    fields = {"source_path": share, "source_total": 2, "source_file": ["Dream1.mp4", "test.mp4"]}
    listed = nas.call("video_list", **fields)
    assert listed["total"] == 2
    assert listed["datas"][0] == {"filename": "Dream1.mp4", "mp4_360": 1, "mp4_720": 1, "flv_720": 1}
    status = nas.call("video_ml_status", path=share, total=1, filename="test.mp4")
    assert [row["filename"] for row in status["datas"]] == [share + "/test.mp4"]
    assert nas.status("video_ml_status", path=share, total=1, filename="gone.mp4") == 5
    assert nas.status("video_list", source_path=share, source_total=1, source_file="gone.mp4") == 5
    viewed = nas.raw("get_viewer", source_path=share, source_file="Dream1.mp4", format="mp4_360")
    assert (viewed.headers["Content-Type"], viewed.content[4:12]) == ("video/mp4", b"ftypisom")
    assert nas.call("get_list", path=share, type=2, flv_720=1)["total"] == 2
    # the guide's example calls `delete`; its command line has the right name
    fields = {"path": share, "file_total": 1, "file_name": "Dream1.mp4", "mode": 3}
    assert nas.status("delete_transcode", **fields, keep_trans=1) == 1
    assert nas.call("get_list", path=share, type=2, flv_720=1)["total"] == 2
    assert nas.status("delete_transcode", **fields, keep_trans=0) == 1
    assert nas.call("get_list", path=share, type=2, flv_720=1)["total"] == 1
    assert nas.status("delete_transcode", **{**fields, "file_name": "gone"}, keep_trans=0) == 5
    assert nas.call("video_ml_queue", op=5, path=share, total=1, filename="test.mp4") == {"status": 1, "result": "1"}
    assert [row["filename"] for row in rows(subop=4)] == [share + "/Dream1.mp4"]
    assert nas.call("video_ml_queue", op=5, subop=1) == {"status": 1, "result": "true"}
    assert rows(subop=4) == []
    assert (folder / "Dream1.mp4").exists()


def test_transcoding_one_after_the_other(slow: Nas) -> None:
    share, _folder = slow.share("a.mp4", "b.mp4", "c.mp4", "d.avi")
    add = {"op": 3, "path": share, "total": 1}
    for name, first in (("a.mp4", 0), ("b.mp4", 0), ("c.mp4", 1)):
        assert slow.call("video_ml_queue", **add, filename=name, subop=first, mask=1)["result"] == "1"
    assert slow.call("video_ml_queue", **add, filename="b.mp4")["result"] == "0"

    def found(subop: int) -> dict[str, int]:
        answer = slow.call("video_ml_queue", op=1, subop=subop)
        return {row["filename"].rpartition("/")[2]: int(row["id"]) for row in answer["datas"]}

    until(lambda: list(found(3)) == ["a.mp4"])
    assert list(found(0)) == ["c.mp4", "b.mp4"]
    assert slow.call("video_ml_queue", op=1, subop=4)["percentage"] == 0
    running = found(3)["a.mp4"]
    assert slow.call("get_video_qstatus", pid=running) == {"status": 1, "filename": "a.mp4", "running": 1}
    assert slow.status("cancel_transcode", pid=running) == 1
    assert slow.status("get_video_qstatus", pid=running) == 1
    assert slow.status("cancel_transcode", pid=running) == 0
    until(lambda: list(found(3)) == ["c.mp4"])
    assert slow.call("video_ml_queue", op=5, subop=5)["result"] == "true"
    assert found(4) == {}
    slow.faults({"call": "video_ml_queue&op=3", "do": {"fail_task": 1}})
    slow.call("video_ml_queue", **add, filename="d.avi")
    until(lambda: list(found(2)) == ["d.avi"])
    slow.call("video_ml_queue", op=5, subop=5)


def test_media_library_that_is_off(start: Start) -> None:
    nas = start(*options(transcoding="off"))
    nas.login()
    for func in ("video_ml_queue", "video_list", "video_ml_status"):
        assert nas.status(func, op=1) == 18
