# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every request that the vendor's File System page (API v4) prints, in the page's order: `EXAMPLES` is the list.

Each is sent as printed, with the header of a session, to a box that holds the files it names; ids are those of tasks
that were made for it. Answers have the printed keys with the printed types, and the printed values where these are no
times, ids or sizes. A box of v4 answers as printed, key for key. One of v15 answers under the same URLs, where it
differs as boxes were recorded to (`recorded`).

The page's comments inside JSON, and its commas behind a last element, are left out without a word.
"""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import tarfile
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.contract.simulator.freebox.simulated import LICENSE, PAR2_INDEX, PAR2_VOLUME, Box, b64

DISK = "Disque dur"
PICTURE = b"?" * 600864
SLOW = 2
"""Seconds that a task takes on the box on which tasks are looked at."""

# -- the printed answers: keys and types

TASK = {
    **dict.fromkeys(("id", "created_ts", "started_ts", "done_ts", "duration", "progress", "eta", "rate"), int),
    **dict.fromkeys(("nfiles", "nfiles_done", "total_bytes", "total_bytes_done"), int),
    **dict.fromkeys(("curr_bytes", "curr_bytes_done"), int),
    **dict.fromkeys(("type", "state", "error", "from", "to"), str),
}
INFO = {
    **dict.fromkeys(("type", "path", "name", "mimetype"), str),
    **dict.fromkeys(("modification", "size"), int),
    **dict.fromkeys(("link", "hidden"), bool),
}
NOTHING = object()
"""An answer of `success` alone."""

# -- the printed values

IDLE = dict.fromkeys(("curr_bytes", "curr_bytes_done", "total_bytes", "total_bytes_done", "nfiles", "nfiles_done",
                      "rate", "eta", "progress", "done_ts"), 0)  # fmt: skip
NEW = {**IDLE, "duration": 0, "state": "running", "error": "none", "from": "", "to": ""}
"""What all tasks have in common in the answer of the call that makes them."""
DONE = {key: value for key, value in NEW.items() if key not in {"duration", "done_ts"}}
DONE.update(state="done", progress=100)
EXTRACTING = {**IDLE, "type": "extract", "error": "none", "from": f"/{DISK}/tests/oxygennosvg.tar.gz"}
FOLDER = {"type": "dir", "mimetype": "inode/directory", "size": 4096, "hidden": False, "link": False}
LOOKALIKES = ("Le Sp\u00e9cial 2", "Le Spe\u0301cial 2")


@dataclass(frozen=True)
class Example:
    """A printed request. A task's printed id stands for the task of that name of `given`."""

    section: str
    request: str
    body: str | None = None
    answer: Any = field(default_factory=lambda: TASK)
    values: Any = field(default_factory=dict)
    given: Callable[[Box], dict[str, int]] = lambda _box: {}
    """What has to be there besides the files: the ids of tasks."""
    slow: bool = False
    """Whether its tasks have to take their time."""
    after: Callable[[Box, Path, Any], Any] = lambda _box, _disk, _result: True
    """Whether the box did it. Tasks have ended by then when the request made them."""
    recorded: Any = None
    """The values that boxes were recorded to answer in the place of the printed ones."""
    recorded_answer: Any = None


# -- tasks to be looked at


def until(box: Box, task: int, **wanted: Any) -> None:
    end = time.monotonic() + 20
    while {**(now := box.ok("GET", f"fs/tasks/{task}", version="v4")), **wanted} != now:
        assert time.monotonic() < end, now


def extraction(box: Box, member: str) -> dict[str, int]:
    """Task 12: an extraction that is at this member."""
    with tarfile.open(box.root / DISK / "tests" / "oxygennosvg.tar.gz", "w:gz") as tar:
        for name, size in ((member, 100_000), ("oxygennosvg/last.png", 1000)):  # it stays long at the first
            info = tarfile.TarInfo(name)
            info.size = size
            tar.addfile(info, io.BytesIO(os.urandom(info.size)))
    body = {"src": b64(f"/{DISK}/tests/oxygennosvg.tar.gz"), "dst": b64(f"/{DISK}/tests")}
    task = box.ok("POST", "fs/extract/", body, version="v4")["id"]
    until(box, task, state="running", to=member)
    return {"12": task}


def running_extraction(box: Box) -> dict[str, int]:
    return extraction(box, "oxygennosvg/16x16/actions/format_stroke_color.png")


def paused_extraction_and_done_removal(box: Box) -> dict[str, int]:
    removal = box.run("rm", {"files": [b64(f"/{DISK}/test/testiso.1.iso")]}, "v4")
    tasks = extraction(box, "oxygennosvg/128x128/mimetypes/application_x_nzb.png")
    box.ok("PUT", f"fs/tasks/{tasks['12']}", {"state": "paused"}, version="v4")
    return {**tasks, "11": removal["id"]}


def running_copy(box: Box) -> dict[str, int]:
    """Task 15: a copy of a file beside itself."""
    body = {"files": [b64(f"/{DISK}/old_hdd/testiso.iso")], "dst": b64(f"/{DISK}/old_hdd"), "mode": "both"}
    task = box.ok("POST", "fs/cp/", body, version="v4")["id"]
    end = time.monotonic() + 20
    while not box.ok("GET", f"fs/tasks/{task}", version="v4")["progress"]:
        assert time.monotonic() < end
    return {"15": task}


def an_image(box: Box) -> dict[str, int]:
    """An image with file1, made by the box."""
    body = {"files": [b64(f"/{DISK}/file1")], "dst": b64(f"/{DISK}/old_hdd/testiso.1.iso")}
    assert box.run("archive", body, "v4")["state"] == "done"
    return {}


def finished_hash(box: Box) -> dict[str, int]:
    return {"50": box.run("hash", {"src": b64(f"/{DISK}/my_file"), "hash_type": "md5"}, "v4")["id"]}


# -- what was done


def names(folder: Path) -> list[str]:
    return sorted(os.listdir(folder))


def listed(_box: Box, _disk: Path, result: Any) -> bool:
    return [task["type"] for task in result] == ["extract", "rm"]  # the newest first


def deleted(box: Box, disk: Path, _result: Any) -> bool:
    """Stopped, and nothing taken back."""
    return box.ask("GET", "fs/tasks/", version="v4").json().get("result", []) == [] and (
        names(disk / "tests/oxygennosvg") == ["16x16"]
    )


def stays_paused(box: Box, _disk: Path, result: Any) -> bool:
    again = box.ok("GET", f"fs/tasks/{result['id']}", version="v4")
    counted = ("state", "progress", "total_bytes", "total_bytes_done")
    return [again[key] for key in counted] == [result[key] for key in counted] and result["total_bytes"] == 8 << 20


def numbered(box: Box, _disk: Path, result: Any) -> bool:
    """Natural order; and a request without the parameter, which the page forgets, brings no counts."""
    plain = box.ok("GET", f"fs/ls/{b64('/' + DISK)}", version="v4")
    indexes = [entry["index"] for entry in result]
    return indexes == sorted(set(indexes)) and not any("filecount" in entry for entry in plain)


def packed(_box: Box, disk: Path, _result: Any) -> bool:
    with zipfile.ZipFile(disk / "Photos/rockets.zip") as archive:
        return archive.namelist() == ["DSC_3491.jpg", "DSC_3500.jpg"]


# -- the list

LS_VALUES: list[dict[str, Any]] = [
    {**FOLDER, "path": "L0Rpc3F1ZSBkdXIvRW5yZWdpc3RyZW1lbnRz", "name": "Enregistrements", "modification": 1362005535,
     "filecount": 0, "foldercount": 0},
    {**FOLDER, "path": "L0Rpc3F1ZSBkdXIvTGUgU3DDqWNpYWwgMg==", "name": LOOKALIKES[0], "modification": 1362492511,
     "filecount": 0, "foldercount": 0},
    {**FOLDER, "path": "L0Rpc3F1ZSBkdXIvTGUgU3BlzIFjaWFsIDI=", "name": LOOKALIKES[1], "modification": 1361995307,
     "filecount": 4, "foldercount": 1},
    {**FOLDER, "path": "L0Rpc3F1ZSBkdXIvVmlkw6lvcw==", "name": "Vid\u00e9os", "modification": 1361887598,
     "filecount": 8, "foldercount": 2},
]  # fmt: skip

EXAMPLES = [
    Example(
        "List every tasks", "GET /api/v4/fs/tasks/", slow=True, given=paused_extraction_and_done_removal,
        answer=[TASK, TASK],
        values=[{**EXTRACTING, "state": "paused", "to": "oxygennosvg/128x128/mimetypes/application_x_nzb.png"},
                {**DONE, "type": "rm", "from": f"/{DISK}/test/testiso.1.iso"}],
        after=listed,
    ),
    Example(
        "List a task", "GET /api/v4/fs/tasks/12", slow=True, given=running_extraction,
        values={**EXTRACTING, "state": "running", "to": "oxygennosvg/16x16/actions/format_stroke_color.png"},
    ),
    Example(
        "Delete a task", "DELETE /api/v4/fs/tasks/12", slow=True, given=running_extraction,
        answer=NOTHING, after=deleted,
    ),
    Example(
        "Update a task", "PUT /api/v4/fs/tasks/15", '{"state": "paused"}', slow=True, given=running_copy,
        # Printed with no bytes of a current file; a recorded paused task has them, and they are in the simulator's.
        values={"type": "cp", "state": "paused", "error": "none", "done_ts": 0, "rate": 0,
                "nfiles": 1, "nfiles_done": 0,
                "from": f"/{DISK}/old_hdd/testiso.iso", "to": f"/{DISK}/old_hdd/testiso.1.iso"},
        after=stays_paused,
    ),
    Example(
        # The printed answer has counts, which come only with a parameter that the printed request lacks.
        "List files", "GET /api/v4/fs/ls/L0Rpc3F1ZSBkdXI=?countSubFolder=1",
        answer=[{**INFO, "index": int, "filecount": int, "foldercount": int}] * 4, values=LS_VALUES, after=numbered,
    ),
    Example(
        "Get file information", "GET /api/v4/fs/info/L0Rpc3F1ZSBkdXIvdG90bw==",
        answer={**INFO, "parent": str, "target": str},
        values={**FOLDER, "link": True, "parent": "L0Rpc3F1ZSBkdXI=", "modification": 1370354349, "name": "toto",
                "target": "L0Rpc3F1ZSBkdXIvUGhvdG9z", "path": "L0Rpc3F1ZSBkdXIvdG90bw=="},
    ),
    Example(
        "Move files", "POST /api/v4/fs/mv/",
        """{"files": ["L0Rpc3F1ZSBkdXIvUGhvdG9zL0RTQ18zNDkxLmpwZw==", "L0Rpc3F1ZSBkdXIvUGhvdG9zL0RTQ18zNTAwLmpwZw=="],
            "dst": "L0Rpc3F1ZSBkdXIvUGhvdG9zL0xhdW5jaHBhZA==", "mode": "overwrite"}""",
        values={**NEW, "type": "mv"},
        after=lambda _box, disk, _result: (
            (disk / "Photos/Launchpad/DSC_3491.jpg").read_text() == "3491"
            and names(disk / "Photos") == ["Launchpad", "Plans secrets.jpg", "Rockets"]
        ),
    ),
    Example(
        # All printed paths end with an encoded line break.
        "Copy files", "POST /api/v4/fs/cp/",
        """{"files": ["L0Rpc3F1ZSBkdXIvUGhvdG9zL0xhdW5jaHBhZC9EU0NfMzQ5MS5qcGc=",
                      "L0Rpc3F1ZSBkdXIvUGhvdG9zL0xhdW5jaHBhZC9EU0NfMzUwMC5qcGc="],
            "dst": "L0Rpc3F1ZSBkdXIvUGhvdG9zL1JvY2tldHM=", "mode": "both"}""",
        values={**NEW, "type": "cp"},
        after=lambda _box, disk, _result: (
            names(disk / "Photos/Rockets") == ["DSC_3491.1.jpg", "DSC_3491.jpg", "DSC_3500.1.jpg", "DSC_3500.jpg"]
        ),
    ),
    Example(
        # So do these.
        "Remove files", "POST /api/v4/fs/rm/",
        """{"files": ["L0Rpc3F1ZSBkdXIvUGhvdG9zL1JvY2tldHMvRFNDXzM0OTEuanBn",
                      "L0Rpc3F1ZSBkdXIvUGhvdG9zL1JvY2tldHMvRFNDXzM1MDAuanBn"]}""",
        values={**NEW, "type": "rm", "from": f"/{DISK}/Photos/Rockets/DSC_3491.jpg"},
        after=lambda _box, disk, _result: names(disk / "Photos/Rockets") == [],
    ),
    Example(
        "Cat files", "POST /api/v4/fs/cat/",
        """{"files": ["L0Rpc3F1ZSBkdXIvZmlsZTE=", "L0Rpc3F1ZSBkdXIvZmlsZTI="], "dst": "L0Rpc3F1ZSBkdXIvZmlsZTEy",
            "multi_volumes": false, "delete_files": false, "append": true, "overwrite": false}""",
        values={**NEW, "type": "cat"},
        after=lambda _box, disk, _result: (disk / "file12").read_text() == "0122" and (disk / "file1").exists(),
    ),
    Example(
        "Cat files, multi-volumes", "POST /api/v4/fs/cat/",
        """{"files": ["L0Rpc3F1ZSBkdXIvZmlsZTAwMQ=="], "dst": "L0Rpc3F1ZSBkdXIvZmlsZQ==",
            "multi_volumes": true, "delete_files": true, "append": false, "overwrite": true}""",
        values={**NEW, "type": "cat"},
        after=lambda _box, disk, _result: (disk / "file").read_text() == "abc" and not [*disk.glob("file00*")],
    ),
    Example(
        "Create an archive", "POST /api/v4/fs/archive/",
        """{"files": ["L0Rpc3F1ZSBkdXIvUGhvdG9zL0xhdW5jaHBhZC9EU0NfMzQ5MS5qcGc=",
                      "L0Rpc3F1ZSBkdXIvUGhvdG9zL0xhdW5jaHBhZC9EU0NfMzUwMC5qcGc="],
            "dst": "L0Rpc3F1ZSBkdXIvUGhvdG9zL3JvY2tldHMuemlw"}""",
        values={**NEW, "type": "archive"}, recorded={"to": f"/{DISK}/Photos/rockets.zip"}, after=packed,
    ),
    Example(
        # The comma behind `dst` is missing.
        "Extract a file", "POST /api/v4/fs/extract/", given=an_image,
        body="""{"src": "L0Rpc3F1ZSBkdXIvb2xkX2hkZC90ZXN0aXNvLjEuaXNv", "dst": "L0Rpc3F1ZSBkdXIvb2xkX2hkZA==",
            "password": "", "delete_archive": false, "overwrite": true}""",
        values={**NEW, "type": "extract", "from": f"/{DISK}/old_hdd/testiso.1.iso", "to": f"/{DISK}/old_hdd"},
        after=lambda _box, disk, _result: (
            (disk / "old_hdd/file1").read_text() == "1" and (disk / "old_hdd/testiso.1.iso").exists()
        ),
    ),
    Example(
        "Repair a file", "POST /api/v4/fs/repair/",
        '{"src": "L0Rpc3F1ZSBkdXIvdGVzdHMvcGFyMi9saWNlbnNlLnR4dC5wYXIy", "delete_archive": false}',
        values={**NEW, "type": "repair"},
        after=lambda _box, disk, _result: (
            (disk / "tests/par2/license.txt").read_bytes() == LICENSE and len(names(disk / "tests/par2")) == 3
        ),
    ),
    Example(
        # The page's list of types lacks this one.
        "Hash a file", "POST /api/v4/fs/hash/", '{"src": "L0Rpc3F1ZSBkdXIvbXlfZmlsZQ==", "hash_type": "md5"}',
        values={**NEW, "type": "hash", "from": f"/{DISK}/my_file", "nfiles": 1, "total_bytes": 4242,
                "curr_bytes": 4242},
        recorded={"nfiles": 0, "total_bytes": 0, "curr_bytes": 0, "from": ""},
    ),
    Example(
        "Get the hash value", "GET /api/v4/fs/tasks/50/hash", given=finished_hash,
        answer={"hash": str}, values={"hash": hashlib.md5(b"x" * 4242).hexdigest()},
        recorded_answer=str, recorded=hashlib.md5(b"x" * 4242).hexdigest(),
    ),
    Example(
        "Create a directory", "POST /api/v4/fs/mkdir/", '{"parent": "L0Rpc3F1ZSBkdXI=", "dirname": "Test"}',
        answer=NOTHING, recorded_answer=str, recorded=b64(f"/{DISK}/Test"),
        after=lambda _box, disk, _result: (disk / "Test").is_dir(),
    ),
    Example(
        "Rename a file/folder", "POST /api/v4/fs/rename/",
        '{"src": "L0Rpc3F1ZSBkdXIvdGVzdC50eHQ=", "dst": "plop.txt"}',
        answer=str, values="L0Rpc3F1ZSBkdXIvcGxvcC50eHQ=",
        after=lambda _box, disk, _result: (
            (disk / "plop.txt").read_text() == "test" and not (disk / "test.txt").exists()
        ),
    ),
    # "Download a file" answers with the file: test_download.
]  # fmt: skip


# -- boxes


def fill(box: Box) -> Path:
    """The page's disk."""
    small = {"file1": "1", "file2": "22", "file12": "0", "file": "old", "file001": "a", "file002": "b", "file003": "c"}
    disk: Path = box.folder(DISK, my_file="x" * 4242, test__txt="test", **small)
    box.folder(f"{DISK}/Photos", **{"DSC_3491__jpg": "3491", "DSC_3500__jpg": "3500", "Plans secrets__jpg": PICTURE})
    for name in ("Launchpad", "Rockets"):
        box.folder(f"{DISK}/Photos/{name}", DSC_3491__jpg="one", DSC_3500__jpg="two")
    box.folder(f"{DISK}/test", **{"testiso.1__iso": "image"})
    box.folder(f"{DISK}/tests/par2", license__txt=LICENSE.replace(b"003", b"XXX"))
    box.folder(f"{DISK}/tests/par2", **{"license.txt__par2": PAR2_INDEX, "license.txt.vol0+3__par2": PAR2_VOLUME})
    box.folder(f"{DISK}/old_hdd", testiso__iso=bytes(8 << 20))
    (disk / "toto").symlink_to("Photos")
    for entry in LS_VALUES:
        folder = box.folder(f"{DISK}/{entry['name']}", **{f"file{number}": "" for number in range(entry["filecount"])})
        for number in range(entry["foldercount"]):
            (folder / f"folder{number}").mkdir(exist_ok=True)
        os.utime(folder, (entry["modification"], entry["modification"]))
    os.utime(disk / "Photos", (1370354349, 1370354349))
    return disk


@dataclass
class Boxes:
    """Two of a profile: on one, tasks take their time; on the other, they do not."""

    slow: Box
    quick: Box
    as_printed: bool


@pytest.fixture(scope="module", params=["v4", "v15"])
def boxes(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Boxes]:
    base, profile = tmp_path_factory.mktemp("freebox"), request.param
    slowly, quickly = {"task_seconds": SLOW}, {"task_seconds": 0.05}
    with Box(base / "1", profile=profile, opts=slowly) as slow, Box(base / "2", profile=profile, opts=quickly) as quick:
        for box in (slow, quick):
            box.session.headers["Host"] = "mafreebox.freebox.fr"
        yield Boxes(slow, quick, profile == "v4")


@pytest.fixture
def ready(boxes: Boxes) -> Iterator[tuple[Boxes, Path]]:
    """Both without tasks and with the page's files; the path is that of the quick one's disk."""
    fill(boxes.slow)
    yield boxes, fill(boxes.quick)
    for box in (boxes.slow, boxes.quick):
        for task in box.ok("GET", "fs/tasks/", version="v4") or []:
            box.ok("DELETE", f"fs/tasks/{task['id']}", version="v4")
        shutil.rmtree(box.root / DISK)


def check(result: Any, answer: Any, values: Any, *, whole: bool) -> None:
    """The keys (`whole`: no others), their types, and the printed values."""
    if not isinstance(answer, dict):
        assert (type(result), result) == (answer, values)
        return
    assert set(answer) == set(result) if whole else set(answer) <= set(result)
    assert {key: type(result[key]) for key in answer} == answer  # true is no number here
    assert {key: result[key] for key in values} == values


@pytest.mark.parametrize("example", [pytest.param(example, id=example.section) for example in EXAMPLES])
def test_example(ready: tuple[Boxes, Path], example: Example) -> None:
    boxes, disk = ready
    box = boxes.slow if example.slow else boxes.quick
    tasks = example.given(box)
    method, path = example.request.split(" ")
    for printed, task in tasks.items():
        path = path.replace(f"/tasks/{printed}", f"/tasks/{task}")
    reply = box.raw(method, path, data=example.body)
    assert (reply.status_code, reply.headers["Content-Type"]) == (200, "application/json; charset=utf-8")

    answer, values = example.answer, example.values
    if not boxes.as_printed and example.recorded is not None:
        answer = example.recorded_answer or answer
        values = {**values, **example.recorded} if isinstance(example.recorded, dict) else example.recorded
    if answer is NOTHING:
        assert reply.json() == {"success": True}
    else:
        assert set(reply.json()) == {"success", "result"}
        assert reply.json()["success"] is True
    result = reply.json().get("result")
    if isinstance(answer, list):
        if "path" in values[0]:  # the printed listing leaves some out
            shown = [entry for entry in result if entry["path"] in {value["path"] for value in values}]
        else:
            shown = result
        assert len(shown) == len(answer)
        for item, keys, wanted in zip(shown, answer, values):
            check(item, keys, wanted, whole=boxes.as_printed)
    elif answer is not NOTHING:
        check(result, answer, values, whole=boxes.as_printed)

    if answer is TASK:
        now = int(time.time())
        assert now - 60 < result["created_ts"] <= result["started_ts"] <= now
        if method == "POST":
            done = box.wait(result["id"], "v4")
            assert (done["state"], done["error"], done["progress"]) == ("done", "none", 100)
            assert done["done_ts"] >= done["started_ts"]
        else:
            assert result["id"] in tasks.values()
    assert example.after(box, disk if box is boxes.quick else box.root / DISK, result)


def test_download(ready: tuple[Boxes, Path]) -> None:
    """Download a file."""
    boxes, _disk = ready
    reply = boxes.quick.raw("GET", "/api/v4/dl/L0Rpc3F1ZSBkdXIvUGhvdG9zL1BsYW5zIHNlY3JldHMuanBn")
    assert (reply.status_code, reply.content) == (200, PICTURE)
    assert reply.headers["Content-Type"] == "image/jpeg"
    assert reply.headers["Content-Length"] == "600864"
    assert reply.headers["Content-Disposition"] == 'attachment; filename="Plans secrets.jpg"'
