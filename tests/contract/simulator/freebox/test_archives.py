# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulated Freebox on the wire: cat, archive, extract, repair, and the upload of old."""

from __future__ import annotations

import io
import lzma
import os
import tarfile
import time
import zipfile
from pathlib import Path
from typing import Any

import py7zr
import pytest
import pyzipper

from tests.contract.simulator.freebox.simulated import LICENSE, PAR2_INDEX, PAR2_VOLUME, TASK_KEYS, Box, b64


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# -- the page's own examples, on the oldest box


def test_documented_examples(tmp_path: Path) -> None:
    with Box(tmp_path, profile="v4") as box:
        disk = box.folder("Disque dur", file1="1", file2="22", file12="0", file001="a", file002="b", file003="c")
        box.folder("Disque dur/Photos/Launchpad", DSC_3491__jpg="one", DSC_3500__jpg="two")
        old = box.folder("Disque dur/old_hdd")

        def run(call: str, body: Any) -> Any:
            task = box.ok("POST", f"fs/{call}/", body, version="v4")
            assert set(task) == TASK_KEYS
            assert (task["type"], task["state"], task["progress"]) == (call, "running", 0)
            done = box.wait(task["id"], "v4")
            assert (done["state"], done["error"]) == ("done", "none")
            return task

        run("cat", {"files": ["L0Rpc3F1ZSBkdXIvZmlsZTE=", "L0Rpc3F1ZSBkdXIvZmlsZTI="],
                    "dst": "L0Rpc3F1ZSBkdXIvZmlsZTEy", "multi_volumes": False, "delete_files": False, "append": True,
                    "overwrite": False})  # fmt: skip
        assert (disk / "file12").read_bytes() == b"0122"
        run("cat", {"files": ["L0Rpc3F1ZSBkdXIvZmlsZTAwMQ=="], "dst": "L0Rpc3F1ZSBkdXIvZmlsZQ==",
                    "multi_volumes": True, "delete_files": True, "append": False, "overwrite": True})  # fmt: skip
        assert (disk / "file").read_bytes() == b"abc"
        assert not (disk / "file002").exists()

        files = ["L0Rpc3F1ZSBkdXIvUGhvdG9zL0xhdW5jaHBhZC9EU0NfMzQ5MS5qcGc=",
                 "L0Rpc3F1ZSBkdXIvUGhvdG9zL0xhdW5jaHBhZC9EU0NfMzUwMC5qcGc="]  # fmt: skip
        run("archive", {"files": files, "dst": "L0Rpc3F1ZSBkdXIvUGhvdG9zL3JvY2tldHMuemlw"})
        with zipfile.ZipFile(disk / "Photos" / "rockets.zip") as packed:
            assert packed.read("DSC_3491.jpg") == b"one"
            assert packed.namelist() == ["DSC_3491.jpg", "DSC_3500.jpg"]

        image = "L0Rpc3F1ZSBkdXIvb2xkX2hkZC90ZXN0aXNvLjEuaXNv"
        run("archive", {"files": files, "dst": image})
        # the page forgets a comma behind dst
        task = run("extract", {"src": image, "dst": "L0Rpc3F1ZSBkdXIvb2xkX2hkZA==", "password": "",
                               "delete_archive": False, "overwrite": True})  # fmt: skip
        assert (task["from"], task["to"]) == ("/Disque dur/old_hdd/testiso.1.iso", "/Disque dur/old_hdd")
        assert (old / "DSC_3500.jpg").read_bytes() == b"two"
        assert (old / "testiso.1.iso").exists()

        folder = box.folder("Disque dur/tests/par2", license__txt=LICENSE.replace(b"003", b"XXX"))
        (folder / "license.txt.par2").write_bytes(PAR2_INDEX)
        (folder / "license.txt.vol0+3.par2").write_bytes(PAR2_VOLUME)
        run("repair", {"src": "L0Rpc3F1ZSBkdXIvdGVzdHMvcGFyMi9saWNlbnNlLnR4dC5wYXIy", "delete_archive": False})
        assert (folder / "license.txt").read_bytes() == LICENSE


# -- cat


def test_cat(box: Box, place: tuple[str, Path]) -> None:
    path, folder = place
    for name in ("a", "b", "taken"):
        (folder / name).write_text(name)
    (folder / "dir").mkdir()

    def run(files: list[str], dst: str, **flags: Any) -> Any:
        return box.run("cat", {"files": [b64(path + "/" + name) for name in files], "dst": b64(path + "/" + dst),
                               **flags})  # fmt: skip

    done = run(["a", "b"], "new")
    assert (done["state"], done["nfiles"], done["total_bytes"]) == ("done", 2, 2)
    assert (folder / "new").read_text() == "ab"
    assert run(["a"], "taken")["error"] == "file_exists"
    assert run(["a"], "taken", append=1)["state"] == "done"
    assert (folder / "taken").read_text() == "takena"
    assert run(["b"], "taken", overwrite="1")["state"] == "done"
    assert (folder / "taken").read_text() == "b"
    assert run(["a", "taken"], "taken", append=True)["error"] == "same_file"
    assert run(["a", "nope"], "x", delete_files=True)["error"] == "file_not_found"
    assert (folder / "a").exists()
    assert run(["dir"], "x")["error"] == "unsupported_file_type"
    assert run(["a"], "dir", overwrite=True)["error"] == "open_output_failed"
    assert run(["a"], "nope/x")["error"] == "file_not_found"
    assert run(["a"], "x", multi_volumes=True)["error"] == "unsupported_file_type"
    assert run(["a", "b"], "all", delete_files=True)["state"] == "done"
    assert not (folder / "a").exists()
    assert box.refused("POST", "fs/cat/", {"files": [b64(path)]}) == "invalid_request"
    for number in range(1, 12):
        (folder / f"v.{number:03d}").write_text(f"{number},")
    assert run(["v.001"], "v", multi_volumes=True)["nfiles"] == 11
    assert (folder / "v").read_text() == "1,2,3,4,5,6,7,8,9,10,11,"


# -- archive and extract

ENDINGS = ["zip", "7z", "tar.7z", "tar", "tar.gz", "tgz", "tar.bz2", "tar.xz", "cpio", "iso"]


@pytest.mark.parametrize("ending", ENDINGS)
def test_round_trip(box: Box, place: tuple[str, Path], ending: str) -> None:
    path, folder = place
    tree = folder / "tree"
    (tree / "in deep" / "é").mkdir(parents=True)
    (tree / "in deep" / "é" / "leaf 1.bin").write_bytes(os.urandom(300_000))
    (tree / "empty").write_bytes(b"")
    (tree / "nothing").mkdir()
    (folder / "single.txt").write_text("single")
    os.utime(folder / "single.txt", (1370354348, 1370354348))
    target = f"{path}/pack.{ending}"
    made = box.ok(
        "POST", "fs/archive/", {"files": [b64(path + "/tree"), b64(path + "/single.txt")], "dst": b64(target)}
    )
    # the recorded confusion of src and dst
    assert made["src"] == [target, path + "/tree"]
    assert (made["dst"], made["to"], made["from"]) == (path + "/single.txt", target, "")
    done = box.wait(made["id"])
    assert (done["state"], done["nfiles"], done["nfiles_done"], done["total_bytes"]) == ("done", 3, 3, 300_006)
    assert done["to"] == target
    (folder / "out").mkdir()
    body = {"src": b64(target), "dst": b64(path + "/out")}
    made = box.ok("POST", "fs/extract/", body)
    assert made["src"] == [target]
    assert (made["dst"], made["from"], made["to"]) == (path + "/out", target, path + "/out")
    done = box.wait(made["id"])
    assert (done["state"], done["error"]) == ("done", "none")
    assert contents(folder / "out" / "tree") == contents(tree)
    assert (folder / "out" / "tree" / "nothing").is_dir()
    assert (folder / "out" / "single.txt").read_text() == "single"
    assert (folder / "out" / "single.txt").stat().st_mtime == pytest.approx(1370354348, abs=2)
    assert box.run("extract", body)["error"] == "file_exists"
    (folder / "out" / "single.txt").write_text("changed")
    done = box.run("extract", {**body, "overwrite": True, "delete_archive": True})
    assert done["state"] == "done"
    assert (folder / "out" / "single.txt").read_text() == "single"
    assert not (folder / f"pack.{ending}").exists()


def test_archives_are_real(box: Box, place: tuple[str, Path]) -> None:
    path, folder = place
    (folder / "a").write_text("content")
    for ending in ("zip", "7z", "tar.xz"):
        body = {"files": [b64(path + "/a")], "dst": b64(f"{path}/x.{ending}")}
        assert box.run("archive", body)["state"] == "done"
    with zipfile.ZipFile(folder / "x.zip") as packed:
        assert packed.read("a") == b"content"
    with py7zr.SevenZipFile(folder / "x.7z") as seven:
        assert seven.getnames() == ["a"]
    with tarfile.open(folder / "x.tar.xz", "r:xz") as tar:
        assert tar.getnames() == ["a"]


def test_archive_errors(box: Box, place: tuple[str, Path]) -> None:
    path, folder = place
    (folder / "a").write_text("1")
    (folder / "taken.zip").write_text("old")
    for dst, code in [("x.rar", "archive_open_failed"), ("zip", "archive_open_failed"),
                      ("no/where.zip", "archive_open_failed"), ("taken.zip", "file_exists")]:  # fmt: skip
        body = {"files": [b64(path + "/a")], "dst": b64(path + "/" + dst)}
        assert box.run("archive", body)["error"] == code, dst
    assert (folder / "taken.zip").read_text() == "old"
    body = {"files": [b64(path + "/nope")], "dst": b64(path + "/x.zip")}
    assert box.run("archive", body)["error"] == "file_not_found"
    assert box.refused("POST", "fs/archive/", {"files": [b64(path + "/a")]}) == "invalid_request"


def test_passwords(box: Box, place: tuple[str, Path]) -> None:
    path, folder = place
    (folder / "plain").write_text("secret text")
    with pyzipper.AESZipFile(folder / "p.zip", "w", encryption=pyzipper.WZ_AES) as packed:
        packed.setpassword(b"pa ss")
        packed.writestr("inner", b"secret text")
    with py7zr.SevenZipFile(folder / "p.7z", "w", password="pa ss") as seven:
        seven.write(folder / "plain", "inner")
    with py7zr.SevenZipFile(folder / "h.7z", "w", password="pa ss", header_encryption=True) as seven:
        seven.write(folder / "plain", "inner")
    for name in ("p.zip", "p.7z", "h.7z"):
        (folder / ("out " + name)).mkdir()
        body = {"src": b64(path + "/" + name), "dst": b64(path + "/out " + name)}
        assert box.run("extract", body)["error"] == "incorrect_password", name
        assert box.run("extract", {**body, "password": "no"})["error"] == "incorrect_password", name
        good = box.run("extract", {**body, "password": "pa ss", "overwrite": True})
        assert good["error"] == "none", name
        assert (folder / ("out " + name) / "inner").read_text() == "secret text"
    assert "pa ss" not in box.log_file.read_text()


def test_extract_errors(box: Box, place: tuple[str, Path]) -> None:
    path, folder = place
    (folder / "text").write_text("no archive " * 100)
    (folder / "x.rar").write_bytes(b"Rar!\x1a\x07\x00 more")
    with zipfile.ZipFile(folder / "good.zip", "w") as packed:
        packed.writestr("inner", os.urandom(5000))
    raw = (folder / "good.zip").read_bytes()
    (folder / "cut.zip").write_bytes(raw[:3000])
    (folder / "bad.zip").write_bytes(raw[:500] + b"?" + raw[501:])
    with tarfile.open(folder / "slip.tar", "w") as tar:
        tar.addfile(tarfile.TarInfo("../../slipped"), io.BytesIO())
    (folder / "out").mkdir()

    def error(src: str, dst: str = path + "/out") -> Any:
        return box.run("extract", {"src": b64(src), "dst": b64(dst)})["error"]

    assert error(path + "/nope.zip") == "file_not_found"
    assert error(path + "/text") == "archive_open_failed"
    assert error(path + "/out") == "archive_open_failed"
    assert error(path + "/x.rar") == "unsupported_file_type"
    assert error(path + "/cut.zip") == "invalid_format"
    assert error(path + "/bad.zip") == "archive_read_failed"
    assert error(path + "/slip.tar") == "archive_read_failed"
    assert error(path + "/good.zip", path + "/nope") == "chdir_failed"
    assert error(path + "/good.zip", path + "/text") == "dest_is_not_dir"
    assert error(path.lstrip("/") + "/good.zip") == "archive_open_failed"
    assert error(path + "/good.zip", path.lstrip("/") + "/out") == "chdir_failed"
    assert not (folder.parent / "slipped").exists()
    assert box.refused("POST", "fs/extract/", {"src": b64(path)}) == "invalid_request"
    body = {"src": b64(path + "/good.zip"), "dst": b64(path + "/out"), "password": 5}
    assert box.refused("POST", "fs/extract/", body) == "invalid_request"


def test_single_compressed_file(box: Box, place: tuple[str, Path]) -> None:
    path, folder = place
    (folder / "disk.qcow2.xz").write_bytes(lzma.compress(b"image"))
    assert box.run("extract", {"src": b64(path + "/disk.qcow2.xz"), "dst": b64(path)})["state"] == "done"
    assert (folder / "disk.qcow2").read_bytes() == b"image"


def test_running_archive_and_disk_full(tmp_path: Path) -> None:
    with Box(tmp_path, opts={"task_seconds": 30}) as box:
        box.folder("Freebox/tree", **{f"f{number}": os.urandom(1 << 20) for number in range(4)})
        body = {"files": [b64("/Freebox/tree")], "dst": b64("/Freebox/x.tar")}
        task = box.ok("POST", "fs/archive/", body)["id"]
        until = time.monotonic() + 20
        while not 0 < (now := box.ok("GET", f"fs/tasks/{task}"))["progress"] < 100:
            assert time.monotonic() < until
        assert now["from"].startswith("/Freebox/tree")
        assert (now["to"], now["nfiles"], now["total_bytes"]) == ("/Freebox/x.tar", 4, 4 << 20)
        box.ok("DELETE", f"fs/tasks/{task}")
        assert (box.root / "Freebox" / "x.tar").exists()
    with Box(tmp_path / "small", opts={"capacity": 3 << 20}) as box:
        folder = box.folder("Freebox", big=os.urandom(2 << 20))
        body = {"files": [b64("/Freebox/big")], "dst": b64("/Freebox/x.zip")}
        assert box.run("archive", body)["error"] == "disk_full"
        with zipfile.ZipFile(folder / "y.zip", "w") as packed:
            packed.writestr("zeros", bytes(2 << 20), zipfile.ZIP_DEFLATED)
        (folder / "x.zip").unlink(missing_ok=True)
        body = {"src": b64("/Freebox/y.zip"), "dst": b64("/Freebox")}
        assert box.run("extract", body)["error"] == "disk_full"
        box.faults({"call": "POST fs/extract/", "do": {"fail_task": "invalid_format"}})
        assert box.run("extract", body)["error"] == "invalid_format"


# -- repair


def test_repair(box: Box, place: tuple[str, Path]) -> None:
    path, folder = place
    index, volume = folder / "license.txt.par2", folder / "license.txt.vol0+3.par2"
    index.write_bytes(PAR2_INDEX)
    volume.write_bytes(PAR2_VOLUME)
    text = folder / "license.txt"

    def run(**more: Any) -> Any:
        return box.run("repair", {"src": b64(path + "/license.txt.par2"), "delete_archive": False, **more})

    for damaged in (
        LICENSE,
        LICENSE[:-150],
        LICENSE + b"more",
        b"#" * 250 + LICENSE[250:],
        LICENSE[:300] + b"\0" * 292,
    ):
        text.write_bytes(damaged)
        done = run()
        assert (done["type"], done["state"], done["error"]) == ("repair", "done", "none")
        assert text.read_bytes() == LICENSE
    text.write_bytes(b"#" * 350 + LICENSE[350:])
    assert run(delete_archive=True)["error"] == "repair_failed"
    text.unlink()
    assert run()["error"] == "repair_failed"
    assert sorted(os.listdir(folder)) == [index.name, volume.name]
    text.write_bytes(LICENSE.replace(b"015", b"???"))
    volume.rename(folder / "kept")
    assert run()["error"] == "repair_failed"
    (folder / "kept").rename(volume)
    assert run(delete_archive=True)["error"] == "none"
    assert os.listdir(folder) == ["license.txt"]
    assert text.read_bytes() == LICENSE
    assert run()["error"] == "file_not_found"
    index.write_bytes(b"no par2")
    assert run()["error"] == "invalid_format"
    assert box.refused("POST", "fs/repair/", {}) == "invalid_request"


# -- the upload of old


def test_http_upload(tmp_path: Path) -> None:
    with Box(tmp_path) as box:
        folder = box.folder("Freebox")
        body = {"dirname": b64("/Freebox"), "upload_name": "old.bin"}
        assert box.ask("POST", "upload/", body, version="v5").status_code == 404
        given = box.ok("POST", "upload/", body, version="v3")["id"]
        assert box.ok("GET", f"upload/{given}", version="v3")["status"] == "authorized"
        files = {"file": ("anything", b"content")}
        assert box.ask("POST", f"upload/{given}/send", version="v3", files=files).json() == {"success": True}
        assert (folder / "old.bin").read_bytes() == b"content"
        assert box.ok("GET", f"upload/{given}", version="v4")["status"] == "done"
        again = box.ask("POST", f"upload/{given}/send", version="v3", files=files)
        assert again.json()["error_code"] == "invalid_request"
        assert box.refused("POST", "upload/", body, version="v4") == "conflict"
        assert box.refused("POST", "upload/99/send", {}, version="v4") == "noent"
        given = box.ok("POST", "upload/", {**body, "upload_name": "x"}, version="v4")["id"]
        assert box.refused("POST", f"upload/{given}/send", {}, version="v4") == "invalid_request"
        box.faults({"call": "POST upload/{id}/send", "do": {"disk_full": {"at_bytes": 3}}})
        full = box.ask("POST", f"upload/{given}/send", version="v4", files=files)
        assert full.json()["error_code"] == "disk_full"
        assert (folder / "x").read_bytes() == b"con"
