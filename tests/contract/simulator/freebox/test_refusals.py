# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulated Freebox on the wire: what boxes were seen to refuse.

Tokens from before a reset, calls that a model lacks, volumes and ids that are not there.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.contract.simulator.freebox.simulated import APP, DISK, Box, b64, exchange


def test_a_token_from_before_a_reset(tmp_path: Path) -> None:
    with Box(tmp_path, opts={"token_known": 0}, login=False) as box:
        box.folder(DISK)
        for _time in range(2):
            challenge = box.ok("GET", "login/")["challenge"]
            assert challenge
            with pytest.raises(AssertionError, match="invalid_token"):
                box.login()
        app = {"app_id": APP, "app_name": "test", "app_version": "1", "device_name": "here"}
        pairing = box.ok("POST", "login/authorize/", app)
        assert box.ok("GET", f"login/authorize/{pairing['track_id']}")["status"] == "granted"
        box.login(token=pairing["app_token"])
        assert box.ok("GET", f"fs/ls/{b64('/')}")


def test_calls_that_a_model_lacks(tmp_path: Path) -> None:
    opts = {"lacks": "storage,system", "api_version_lacks": "uid,api_domain", "https_port": 0}
    with Box(tmp_path, opts=opts) as box:
        for call in ("storage/disk/", "storage/partition/", "storage/disk/1000", "storage/partition/1001", "system/"):
            assert box.refused("GET", call) == "internal_error"
        assert box.ok("GET", "connection/")["state"] == "up"
        reported = box.raw("GET", "/api_version").json()
        assert not {"uid", "api_domain"} & set(reported)
        assert reported["https_port"] == 0
    with Box(tmp_path / "other", opts={"api_domain": ""}) as box:
        assert box.raw("GET", "/api_version").json()["api_domain"] == ""


CALLS: list[tuple[str, str, Any]] = [
    ("GET", "fs/ls/{path}", None),
    ("GET", "fs/info/{path}", None),
    ("GET", "dl/{path}", None),
    ("POST", "fs/mkdir/", {"parent": "{path}", "dirname": "new"}),
    ("POST", "fs/rename/", {"src": "{path}", "dst": "new"}),
    ("POST", "fs/cp/", {"files": ["{path}"], "dst": "{path}", "mode": "skip"}),
    ("POST", "fs/mv/", {"files": ["{path}"], "dst": "{path}", "mode": "skip"}),
    ("POST", "fs/rm/", {"files": ["{path}"]}),
    ("POST", "fs/hash/", {"src": "{path}", "hash_type": "md5"}),
    ("POST", "fs/cat/", {"files": ["{path}"], "dst": "{path}"}),
    ("POST", "fs/archive/", {"files": ["{path}"], "dst": "{path}"}),
    ("POST", "fs/extract/", {"src": "{path}", "dst": "{path}"}),
    ("POST", "fs/repair/", {"src": "{path}"}),
    ("POST", "share_link/", {"path": "{path}", "expire": 0}),
]


def filled(value: Any, path: str) -> Any:
    """A call with the path in it, in base64."""
    if isinstance(value, dict):
        return {name: filled(item, path) for name, item in value.items()}
    if isinstance(value, list):
        return [filled(item, path) for item in value]
    return value.replace("{path}", b64(path)) if isinstance(value, str) else value


def test_a_volume_that_is_not_there(box: Box) -> None:
    """By each call: at once, or in the task that it starts."""
    for method, call, body in CALLS:
        answer = box.ask(method, filled(call, "/volume1/data/x"), filled(body, "/volume1/data/x")).json()
        if answer["success"]:
            task = box.wait(answer["result"]["id"])
            assert (task["state"], task["error"]) == ("failed", "file_not_found"), call
        else:
            assert answer["error_code"] == "path_not_found", call
    socket = box.socket()
    start = {"action": "upload_start", "request_id": 1, "dirname": b64("/volume1/data"), "filename": "x", "size": 1}
    assert exchange(socket, start)["error_code"] == "path_not_found"
    socket.close()


@pytest.mark.parametrize("code", ["invalid_id", "task_not_found", "internal_error", "disk_unavailable"])
def test_every_call_may_be_refused_in_words_of_another(box: Box, code: str) -> None:
    box.folder(DISK, file="x")
    for method, call, body in CALLS:
        box.faults({"call": f"{method} {call}", "do": {"error": code}})
        assert box.refused(method, filled(call, f"/{DISK}/file"), filled(body, f"/{DISK}/file")) == code
    box.faults()


def test_ids_that_nobody_knows(box: Box, tmp_path: Path) -> None:
    for call in ("fs/tasks/999999", "share_link/none"):
        assert [box.refused(method, call) for method in ("GET", "DELETE")] == ["invalid_id"] * 2
    assert box.refused("GET", "fs/tasks/999999/hash") == "invalid_id"
    assert box.refused("GET", "upload/999999") == "noent"
    assert box.refused("PUT", "fs/tasks/999999", {"state": "paused"}) == "invalid_id"
    with Box(tmp_path, profile="v4") as old:
        assert old.refused("GET", "fs/tasks/999999", version="v4") == "task_not_found"
