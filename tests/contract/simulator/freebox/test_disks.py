# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulated Freebox's disks and partitions on the wire: the members and words of the vendor's Storage page."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.support.devices import PASSWORD, USER
from tests.support.local import LocalDevice

DISK = {
    "id", "type", "state", "connector", "total_bytes", "table_type", "model", "serial", "firmware", "temp", "idle",
    "spinning", "partitions",
}  # fmt: skip
PARTITION = {
    "id", "disk_id", "state", "fstype", "label", "path", "total_bytes", "used_bytes", "free_bytes", "fsck_result",
}  # fmt: skip


def b64(path: str) -> str:
    return base64.b64encode(path.encode()).decode()


class Box:
    """A box, and a session on it."""

    def __init__(self, device: LocalDevice) -> None:
        self.device, self.http = device, requests.Session()
        challenge = self("GET", "login/")["result"]["challenge"]
        word = hmac.new(PASSWORD.encode(), challenge.encode(), hashlib.sha1).hexdigest()
        body = {"app_id": USER, "password": word}
        self.http.headers["X-Fbx-App-Auth"] = self("POST", "login/session/", body)["result"]["session_token"]

    def __call__(self, method: str, call: str, body: Any = None) -> Any:
        return self.http.request(method, f"{self.device.url}/api/v15/{call}", json=body, timeout=30).json()

    def get(self, call: str) -> Any:
        answer = self("GET", call)
        assert answer["success"] is True, answer
        return answer.get("result")


@contextlib.contextmanager
def started(tmp_path: Path, *, profile: str = "", **options: str) -> Iterator[Box]:
    shares = ("Freebox", "Films", "Stick")
    with LocalDevice("freebox", tmp_path / "box", shares=shares, profile=profile, options=options) as device:
        yield Box(device)


def test_the_members_of_disks_and_partitions(tmp_path: Path) -> None:
    with started(tmp_path, usb="Stick", capacity="10000") as box:
        (box.device.root / "Films/film").write_bytes(b"x" * 1000)
        disks = box.get("storage/disk/")
        assert [(disk["id"], disk["type"], disk["connector"], disk["table_type"]) for disk in disks] == [
            (1000, "internal", 0, "gpt"),
            (2000, "usb", 1, "msdos"),
        ]
        assert all(set(disk) == DISK for disk in disks)
        assert [disk["temp"] for disk in disks] == [38, 0]
        partitions = box.get("storage/partition/")
        assert partitions == [partition for disk in disks for partition in disk["partitions"]]
        assert all(set(partition) >= PARTITION for partition in partitions)
        reported = [(one["id"], one["disk_id"], one["label"], one["fstype"], one["path"]) for one in partitions]
        assert reported == [
            (1001, 1000, "Films", "ext4", b64("/Films")),
            (1002, 1000, "Freebox", "ext4", b64("/Freebox")),
            (2001, 2000, "Stick", "exfat", b64("/Stick")),
        ]
        sizes = {(one["total_bytes"], one["used_bytes"], one["free_bytes"]) for one in partitions}
        assert sizes == {(10000, 1000, 9000)}
        assert box.get("storage/disk/2000") == disks[1]
        assert box.get("storage/partition/2001/") == partitions[2]
        assert box.get("storage/raid/") is None


def test_states(tmp_path: Path) -> None:
    options = {
        "partition_state": "Films:checking,Stick:error", "fsck": "Films:running,Freebox:fs_needs_correction",
        "usb": "Stick", "disk_state": "2000:error", "asleep": "1000", "fstype": "Stick:unknown", "empty_disk": "1",
        "disk_temp": "61",
    }  # fmt: skip
    with started(tmp_path, **options) as box:
        inner, stick, empty = box.get("storage/disk/")
        assert (inner["idle"], inner["spinning"], inner["temp"], inner["state"]) == (True, False, 61, "enabled")
        assert (stick["state"], stick["idle"], stick["partitions"][0]["fstype"]) == ("error", False, "unknown")
        assert (empty["id"], empty["table_type"], empty["partitions"]) == (3000, "empty", [])
        films, free, _stick = box.get("storage/partition/")
        assert (films["state"], films["path"], films["total_bytes"]) == ("checking", "", 0)
        assert (films["fsck_result"], free["fsck_result"]) == ("running", "fs_needs_correction")
        assert free["state"] == "mounted"
        assert box("GET", f"fs/ls/{b64('/Films')}")["error_code"] == "disk_unavailable"
        assert box.get(f"fs/ls/{b64('/Freebox')}") is not None


def test_a_volume_of_vfat_holds_no_links(tmp_path: Path) -> None:
    with started(tmp_path, usb="Stick", fstype="Films:vfat") as box:
        assert [one["fstype"] for one in box.get("storage/partition/")] == ["vfat", "ext4", "exfat"]
        (box.device.root / "Freebox/link").symlink_to("nowhere")
        for volume in ("Films", "Stick"):
            task = box("POST", "fs/cp/", {"files": [b64("/Freebox/link")], "dst": b64(f"/{volume}"), "mode": "skip"})
            while task["result"]["state"] not in {"done", "failed"}:
                task = box("GET", f"fs/tasks/{task['result']['id']}")
            assert task["result"]["error"] == "symlink_failed"


@pytest.mark.parametrize("call", ["storage/disk/7", "storage/partition/1000", "storage/disk/x", "storage/disk/1001"])
def test_what_is_not_there(tmp_path: Path, call: str) -> None:
    with started(tmp_path) as box:
        assert box("GET", call)["error_code"] == "not_found"


def test_calls_that_change_disks_are_refused(tmp_path: Path) -> None:
    with started(tmp_path) as box:
        for method, call, body in (
            ("PUT", "storage/disk/1000", {"state": "disabled"}),
            ("PUT", "storage/disk/1000/format/", {"label": "x", "fs_type": "ext4", "table_type": "gpt"}),
            ("PUT", "storage/partition/1001/check", {"checkmode": "ro"}),
            ("GET", "storage/config/", None),
        ):
            assert box(method, call, body)["error_code"] == "invalid_request"


def test_a_model_without_storage_and_a_box_without_volumes(tmp_path: Path) -> None:
    with started(tmp_path, lacks="storage") as box:
        for call in ("storage/disk/", "storage/partition/", "storage/raid/"):
            assert box("GET", call)["error_code"] == "internal_error"
    (tmp_path / "bare").mkdir()
    with LocalDevice("freebox", tmp_path / "bare", shares=()) as device:
        assert Box(device).get("storage/partition/") is None
        assert Box(device).get("storage/disk/")[0]["partitions"] == []


@pytest.mark.parametrize("call", ["disk/", "partition/", "disk/{id}", "partition/{id}", "raid/"])
def test_faults_meet_these_calls(tmp_path: Path, call: str) -> None:
    with started(tmp_path) as box:
        path = f"storage/{call}".replace("{id}", "1000" if "disk" in call else "1001")
        name = f"GET storage/{call}"
        box.device.faults = [
            {"call": name, "do": {"error": "internal_error"}},
            {"call": name, "after": 1, "do": "reset"},
            {"call": name, "after": 2, "do": "expire_session"},
        ]
        assert box("GET", path)["error_code"] == "internal_error"
        with pytest.raises(requests.ConnectionError):
            box("GET", path)
        assert box("GET", path)["error_code"] == "auth_required"
        assert [(entry["call"], entry["writes"]) for entry in box.device.log[-3:]] == [(name, False)] * 3
