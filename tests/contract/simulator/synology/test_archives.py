# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulated Synology on the wire: archives."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path
from typing import Any

import py7zr
import pytest
import pyzipper

from tests.contract.simulator.synology.simulated import FS, Nas, Start, options, q


def shift_jis_zip(target: Path, name: str) -> None:
    """A zip as Windows makes it in Japan: no flag for UTF-8, the name's bytes in Shift-JIS."""
    with zipfile.ZipFile(target, "w") as made:
        made.writestr("x" * len(name.encode("cp932")), b"content")
        made.writestr("plain.txt", b"1")
        made.writestr("ünï.txt", b"2")
    data = target.read_bytes().replace(b"x" * len(name.encode("cp932")), name.encode("cp932"))
    target.write_bytes(data)


@pytest.mark.parametrize("codepage", ["jpn", "enu", "rus", None])
def test_code_pages(kept: Start, codepage: str | None) -> None:
    nas = kept(*options(codepage="jpn") if codepage is None else [])
    share, folder = nas.share()
    name = "写真/表ソ.txt"
    shift_jis_zip(folder / "x.zip", name)
    nas.login()
    given: dict[str, Any] = {"file_path": q(share + "/x.zip"), **({"codepage": codepage} if codepage else {})}
    read = codepage in {"jpn", None}
    top = nas.data(FS + "Extract", "list", **given)["items"]
    names = {item["name"] for item in top}
    assert {"plain.txt", "ünï.txt"} <= names, "ASCII, and what is marked as UTF-8, is the same in each"
    assert ("写真" in names) == read
    if codepage == "enu":
        assert name.encode("cp932").decode("cp437").partition("/")[0] in names
    if read:
        number = next(item["itemid"] for item in top if item["name"] == "写真")
        inside = nas.data(FS + "Extract", "list", **given, item_id=number)["items"]
        assert [(item["path"], item["size"]) for item in inside[1:]] == [(name, 7)]
    assert nas.job(FS + "Extract", 2, dest_folder_path=q(share), **given)["success"]
    assert (folder / name).is_file() == read
    assert (folder / "ünï.txt").read_bytes() == b"2"
    files = [item for item in folder.rglob("*") if item.is_file() and item.read_bytes() == b"content"]
    assert len(files) == 1
    assert nas.code(FS + "Extract", "list", file_path=q(share + "/x.zip"), codepage="xyz") == 400
    assert nas.data(FS + "Info", "get")["system_codepage"] == ("jpn" if codepage is None else "enu")


def test_members_as_they_are_listed(nas: Nas) -> None:
    share, folder = nas.share()
    with zipfile.ZipFile(folder / "x.zip", "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr(zipfile.ZipInfo("d/f", (2020, 2, 3, 4, 5, 6)), b"x" * 1000, zipfile.ZIP_DEFLATED)
    (top,) = nas.data(FS + "Extract", "list", file_path=q(share + "/x.zip"))["items"]
    assert (top["is_dir"], top["path"]) == (True, "d")
    _up, member = nas.data(FS + "Extract", "list", file_path=q(share + "/x.zip"), item_id=top["itemid"])["items"]
    assert {key: member[key] for key in ("is_dir", "mtime", "path", "size")} == {
        "is_dir": False, "mtime": "2020-02-03 04:05:06", "path": "d/f", "size": 1000
    }  # fmt: skip
    assert 0 < member["pack_size"] < 1000


def filled(nas: Nas) -> tuple[str, Path]:
    share, folder = nas.share()
    (folder / "src/deep").mkdir(parents=True)
    (folder / "src/a.txt").write_bytes(b"hello" * 100)
    (folder / "src/deep/ä.bin").write_bytes(bytes(range(256)) * 20)
    os.utime(folder / "src/a.txt", (1600000000, 1600000000))
    (folder / "out").mkdir()
    return share, folder


@pytest.mark.parametrize("archive_format", ["zip", "7z"])
@pytest.mark.parametrize("password", ["", "12 pässw"])
def test_compress_and_extract(nas: Nas, archive_format: str, password: str) -> None:
    share, folder = filled(nas)
    archive = f"{share}/x.{archive_format}"
    secret = {"password": q(password)} if password else {}
    what = {"path": q([share + "/src"]), "dest_file_path": q(archive), "format": archive_format, "level": "best"}
    done = nas.job(FS + "Compress", 3, **what, **secret)
    assert done["data"] == {"dest_file_path": archive, "finished": True}
    if archive_format == "7z":
        with py7zr.SevenZipFile(folder / "x.7z", password=password or None) as real:
            assert real.needs_password() == bool(password)
            assert "src/deep/ä.bin" in real.getnames()
    else:
        with pyzipper.AESZipFile(folder / "x.zip") as real:
            real.setpassword(password.encode() or None)
            assert real.read("src/a.txt") == b"hello" * 100
    into = {"file_path": q(archive), "dest_folder_path": q(share + "/out")}
    if password:
        assert nas.job(FS + "Extract", 2, **into)["error"]["code"] == 1403
        assert nas.job(FS + "Extract", 2, **into, password=q("wrong"))["error"]["code"] == 1403
        assert not (folder / "out/src/a.txt").exists()
    done = nas.job(FS + "Extract", 2, **into, **secret)
    assert done["data"] == {"dest_folder_path": share + "/out", "finished": True, "progress": 1}
    assert (folder / "out/src/deep/ä.bin").read_bytes() == bytes(range(256)) * 20
    assert (folder / "out/src/a.txt").stat().st_mtime == 1600000000


def test_what_an_archive_holds(nas: Nas) -> None:
    share, folder = nas.share()
    with zipfile.ZipFile(folder / "x.zip", "w") as real:
        real.writestr("top.txt", b"1")
        real.writestr("one/two/deep.txt", b"12")

    def listed(**more: Any) -> dict[str, dict[str, Any]]:
        items = nas.data(FS + "Extract", "list", file_path=q(share + "/x.zip"), **more)["items"]
        return {item["name"]: item for item in items}

    top = listed(item_id=-1)
    assert list(top) == ["one", "top.txt"]
    assert sorted(top["top.txt"]) == ["is_dir", "itemid", "mtime", "name", "pack_size", "path", "size"]
    level = listed(item_id=top["one"]["itemid"])
    assert list(level) == ["..", "two"]
    level = listed(item_id=level["two"]["itemid"])
    assert level["deep.txt"]["path"] == "one/two/deep.txt"
    into = {"file_path": share + "/x.zip", "dest_folder_path": share}
    nas.job(FS + "Extract", 2, **into, item_id=level["deep.txt"]["itemid"], keep_dir="false", create_subfolder="true")
    assert [item.name for item in (folder / "x").iterdir()] == ["deep.txt"]
    (folder / "top.txt").write_bytes(b"mine")
    nas.job(FS + "Extract", 2, **into)
    assert (folder / "top.txt").read_bytes() == b"mine"
    nas.job(FS + "Extract", 2, **into, overwrite="true")
    assert (folder / "top.txt").read_bytes() == b"1"
    assert nas.code(FS + "Extract", "list", file_path=share + "/x.zip", item_id=99) == 1405
    assert nas.job(FS + "Extract", 2, **into, item_id=99)["error"]["code"] == 1405


def test_bad_archives(nas: Nas) -> None:
    share, folder = nas.share()
    (folder / "text.zip").write_bytes(b"no archive at all")
    (folder / "cut.zip").write_bytes(b"PK\x03\x04 and then nothing")
    assert nas.code(FS + "Extract", "list", file_path=share + "/text.zip") == 1401
    assert nas.code(FS + "Extract", "list", file_path=share + "/cut.zip") == 1402
    assert nas.code(FS + "Extract", "list", file_path=share + "/none.zip") == 408
    assert nas.job(FS + "Extract", 2, file_path=share + "/text.zip", dest_folder_path=share)["error"]["code"] == 1401
    assert nas.code(FS + "Extract", "start", file_path=share + "/text.zip", dest_folder_path=share + "/none") == 408
    with zipfile.ZipFile(folder / "evil.zip", "w") as real:
        real.writestr("../../evil", b"1")
    answer = nas.job(FS + "Extract", 2, file_path=share + "/evil.zip", dest_folder_path=share)
    assert answer["error"]["code"] == 1400
    assert not (nas.root.parent / "evil").exists()
    failed = nas.job(FS + "Compress", 3, path=q([share + "/none"]), dest_file_path=share + "/new.zip")["error"]
    assert failed == {"code": 1300, "errors": [{"code": 408, "path": share + "/none"}]}
    long = {"path": share + "/text.zip", "dest_file_path": share + "/" + "x" * 256}
    assert nas.code(FS + "Compress", "start", 3, **long) == 1301


def test_compress_modes(nas: Nas) -> None:
    share, folder = nas.share()
    (folder / "old").write_bytes(b"1")
    (folder / "new").write_bytes(b"2")

    def packed(mode: str) -> dict[str, bytes]:
        what = {"path": q([share + "/old", share + "/new"]), "dest_file_path": share + "/x.zip"}
        done = nas.job(FS + "Compress", 3, **what, mode=mode)
        assert done["success"], done
        with zipfile.ZipFile(folder / "x.zip") as real:
            return {name: real.read(name) for name in real.namelist()}

    with zipfile.ZipFile(folder / "x.zip", "w") as real:
        real.writestr(zipfile.ZipInfo("old", (2050, 1, 1, 0, 0, 0)), b"kept")
        real.writestr("other", b"3")
    assert packed("refreshen") == {"old": b"kept", "other": b"3"}
    assert packed("update") == {"old": b"kept", "other": b"3", "new": b"2"}
    assert packed("add") == {"old": b"1", "other": b"3", "new": b"2"}


def test_compress_needs_a_login_of_version_7(start: Start) -> None:
    nas = start()
    share, folder = nas.share()
    (folder / "f").write_bytes(b"1")
    nas.login(6)
    assert nas.code(FS + "Compress", "start", 3, path=share + "/f", dest_file_path=share + "/x.zip") == 105


def test_a_stopped_compress_leaves_nothing(start: Start) -> None:
    nas = start("--vendor-opt", "task_seconds=30")
    share, folder = filled(nas)
    nas.login()
    task = nas.data(FS + "Compress", "start", 3, path=share + "/src", dest_file_path=share + "/x.zip")["taskid"]
    assert nas.data(FS + "BackgroundTask", "list", 3)["tasks"][0]["api"] == FS + "Compress"
    assert nas.call(FS + "Compress", "stop", 3, taskid=q(task)) == {"success": True}
    assert sorted(item.name for item in folder.iterdir()) == ["out", "src"]
