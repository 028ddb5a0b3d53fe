# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulated Freebox on the wire: uploads over a WebSocket and the list of uploads."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest
import websocket

from tests.contract.simulator.freebox.simulated import Box, b64, exchange

CHUNK = 512 << 10


def start(path: str, name: str = "clear.bin", **more: Any) -> dict[str, Any]:
    return {"action": "upload_start", "request_id": 1, "dirname": b64(path), "filename": name, **more}


FINALIZE = {"action": "upload_finalize", "request_id": 2}
CANCEL = {"action": "upload_cancel", "request_id": 3}


def test_upload(box: Box, place: tuple[str, Path]) -> None:
    path, folder = place
    content = os.urandom(5 * CHUNK + 17)
    socket = box.socket()
    assert exchange(socket, start(path, size=len(content))) == {"action": "upload_start", "success": True,
                                                                "request_id": 1}  # fmt: skip
    blocks = [content[at : at + CHUNK] for at in range(0, len(content), CHUNK)]
    for block in blocks:  # without waiting
        socket.send_binary(block)
    total = 0
    for block in blocks:
        total += len(block)
        assert json.loads(socket.recv()) == {"request_id": 1, "action": "upload_data", "success": True,
                                             "result": {"total_len": total, "complete": False}}  # fmt: skip
    assert exchange(socket, FINALIZE) == {"request_id": 2, "action": "upload_finalize", "success": True,
                                          "result": {"total_len": len(content), "complete": True}}  # fmt: skip
    assert (folder / "clear.bin").read_bytes() == content
    # the same socket takes the next file; an empty one has no frame; size and request_id may be missing
    answer = exchange(socket, {"action": "upload_start", "dirname": b64(path.lstrip("/")), "filename": "é mpty"})
    assert answer == {"action": "upload_start", "success": True}
    assert exchange(socket, {"action": "upload_finalize"})["result"] == {"total_len": 0, "complete": True}
    assert (folder / "é mpty").read_bytes() == b""
    # numbers as strings
    assert exchange(socket, start(path, "third", size="3", request_id="9"))["request_id"] == "9"
    assert exchange(socket, b"abc")["request_id"] == "9"
    exchange(socket, FINALIZE)
    socket.close()
    assert (folder / "third").read_bytes() == b"abc"


def test_conflict_overwrite_resume(box: Box, place: tuple[str, Path]) -> None:
    path, folder = place
    (folder / "clear.bin").write_bytes(b"0123456")
    socket = box.socket(version="v4")
    refused = exchange(socket, start(path, size=3))
    assert isinstance(refused.pop("msg"), str)
    assert refused == {"action": "upload_start", "success": False, "request_id": 1, "file_size": 7,
                       "error_code": "conflict"}  # fmt: skip
    assert (folder / "clear.bin").read_bytes() == b"0123456"
    assert exchange(socket, start(path, size=3, force="overwrite"))["success"] is True
    assert exchange(socket, b"abc")["result"]["total_len"] == 3
    assert exchange(socket, FINALIZE)["result"]["total_len"] == 3
    assert (folder / "clear.bin").read_bytes() == b"abc"
    assert exchange(socket, start(path, size=6, force="resume"))["success"] is True
    assert exchange(socket, b"def")["result"]["total_len"] == 6
    assert exchange(socket, FINALIZE)["result"]["total_len"] == 6
    assert (folder / "clear.bin").read_bytes() == b"abcdef"
    assert exchange(socket, start(path, "fresh", size=1, force="resume"))["success"] is True
    exchange(socket, b"x")
    exchange(socket, FINALIZE)
    assert (folder / "fresh").read_bytes() == b"x"
    socket.close()


def test_settings(tmp_path: Path) -> None:
    opts = {"upload_conflict": "destination_conflict", "resume_length": "session"}
    with Box(tmp_path, opts=opts) as box:
        box.folder("Freebox", f="abc")
        socket = box.socket()
        assert exchange(socket, start("/Freebox", "f"))["error_code"] == "destination_conflict"
        exchange(socket, start("/Freebox", "f", force="resume"))
        assert exchange(socket, b"de")["result"]["total_len"] == 2
        socket.close()


def test_refused_starts(box: Box, place: tuple[str, Path]) -> None:
    path, folder = place
    (folder / "dir").mkdir()
    (folder / "file").write_text("")
    socket = box.socket()
    for message, code in [
        (start(path + "/nope"), "path_not_found"),
        (start(path + "/file"), "path_not_found"),
        (start("/"), "access_denied"),
        (start(path, "dir", force="overwrite"), "conflict"),
        (start(path, "a/b"), "invalid_request"),
        (start(path, ".."), "invalid_request"),
        (start(path, ""), "invalid_request"),
        (start(path, force="maybe"), "invalid_request"),
        (start(path, size="big"), "invalid_request"),
        ({**start(path), "dirname": path}, "invalid_request"),
        ({"action": "upload_start"}, "invalid_request"),
        (FINALIZE, "invalid_request"),
        (CANCEL, "invalid_request"),
        ({"action": "upload_dance"}, "invalid_request"),
        ({"action": "\ud800", "request_id": "\udfff"}, "invalid_request"),
        (start(path, "\ud800"), "invalid_request"),
        ({}, "invalid_request"),
    ]:
        answer = exchange(socket, message)
        assert (answer["success"], answer["error_code"]) == (False, code), message
        assert answer.get("request_id") == message.get("request_id")
    assert exchange(socket, b"bytes of nothing")["success"] is False
    socket.send("no json")
    assert json.loads(socket.recv())["error_code"] == "invalid_request"
    assert exchange(socket, start(path))["success"] is True
    again = exchange(socket, start(path, "second"))
    assert (again["success"], "upload_start" in again["msg"]) == (False, True)
    socket.close()


def test_handshake_needs_a_session(box: Box) -> None:
    with pytest.raises(websocket.WebSocketBadStatusException) as caught:
        websocket.create_connection(box.url.replace("http", "ws") + "/api/v8/ws/upload", timeout=20)
    assert caught.value.status_code == 403
    answer = box.ask("GET", "ws/upload")
    assert (answer.status_code, answer.json()["error_code"]) == (400, "invalid_request")


def test_cancel(box: Box, place: tuple[str, Path]) -> None:
    path, folder = place
    socket = box.socket()
    exchange(socket, start(path, size=10))
    exchange(socket, b"12345")
    assert (folder / "clear.bin").exists()
    assert exchange(socket, CANCEL) == {"request_id": 3, "action": "upload_cancel", "success": True,
                                        "result": {"total_len": 5, "complete": True, "cancelled": True}}  # fmt: skip
    assert not (folder / "clear.bin").exists()
    assert exchange(socket, start(path, "next"))["success"] is True
    socket.close()


def test_a_closed_socket_leaves_the_part(box: Box, place: tuple[str, Path]) -> None:
    path, folder = place
    socket = box.socket()
    exchange(socket, start(path, "part", size=10))
    exchange(socket, b"12345")
    socket.close()
    until = time.monotonic() + 10
    while mine(box, "part")["status"] != "failed":
        assert time.monotonic() < until
    assert (folder / "part").read_bytes() == b"12345"


def mine(box: Box, name: str) -> Any:
    return next(upload for upload in reversed(box.ok("GET", "upload/")) if upload["upload_name"] == name)


def test_uploads_are_listed(tmp_path: Path) -> None:
    with Box(tmp_path) as box:
        folder = box.folder("Freebox")
        assert box.ask("GET", "upload/").json() == {"success": True}
        socket = box.socket()
        exchange(socket, start("Freebox", "a", size=10))
        fresh = mine(box, "a")
        assert set(fresh) == {"id", "size", "uploaded", "status", "start_date", "last_update", "upload_name", "dirname"}
        assert fresh == {**fresh, "size": 10, "uploaded": 0, "dirname": "Freebox", "status": "authorized"}
        assert fresh["start_date"] == fresh["last_update"]
        exchange(socket, b"12345")
        now = box.ok("GET", f"upload/{fresh['id']}")
        assert (now["uploaded"], now["status"]) == (5, "in_progress")
        assert box.ask("DELETE", "upload/clean").json() == {"success": True}
        assert mine(box, "a")["id"] == fresh["id"]
        assert box.ask("DELETE", f"upload/{fresh['id']}/cancel").json() == {"success": True}
        answer = json.loads(socket.recv())
        assert (answer["success"], answer["error_code"], answer["result"]["cancelled"]) == (
            False,
            "cancelled",
            True,
        )
        assert not (folder / "a").exists()
        assert box.ok("GET", f"upload/{fresh['id']}/")["status"] == "cancelled"
        assert box.refused("DELETE", f"upload/{fresh['id']}/cancel") == "invalid_request"
        exchange(socket, start("/Freebox", "b", size=1))
        exchange(socket, b"1")
        exchange(socket, FINALIZE)
        assert mine(box, "b")["status"] == "done"
        assert box.ask("DELETE", f"upload/{mine(box, 'b')['id']}").json() == {"success": True}
        for method, call in (("GET", "upload/99"), ("DELETE", "upload/99"), ("DELETE", "upload/99/cancel"),
                             ("GET", "upload/x")):  # fmt: skip
            assert box.refused(method, call) == "noent"
        box.ok("DELETE", "upload/clean")
        assert box.ok("GET", "upload/") is None
        socket.close()


def test_frame_limit(box: Box, place: tuple[str, Path]) -> None:
    path, _folder = place
    socket = box.socket()
    exchange(socket, start(path))
    assert exchange(socket, bytes(1 << 20))["success"] is True
    socket.send_binary(bytes((1 << 20) + 1))
    frame = socket.recv_frame()
    assert frame.opcode == websocket.ABNF.OPCODE_CLOSE
    assert int.from_bytes(frame.data[:2], "big") == 1009


def test_faults(tmp_path: Path) -> None:
    with Box(tmp_path) as box:
        folder = box.folder("Freebox")
        box.faults({"call": "GET ws/upload", "do": {"reset": {"at_bytes": 7}}})
        socket = box.socket()
        exchange(socket, start("/Freebox", "cut"))
        assert exchange(socket, b"12345")["success"] is True
        socket.send_binary(b"67890")
        with pytest.raises((websocket.WebSocketConnectionClosedException, ConnectionError)):
            socket.recv()
        until = time.monotonic() + 10
        while (folder / "cut").stat().st_size < 7:
            assert time.monotonic() < until
        assert (folder / "cut").read_bytes() == b"1234567"

        box.faults(
            {"call": "ws/upload upload_start", "params": {"filename": "full"}, "do": {"disk_full": {"at_bytes": 3}}}
        )
        socket = box.socket()
        exchange(socket, start("/Freebox", "full"))
        assert exchange(socket, b"12345")["error_code"] == "disk_full"
        assert exchange(socket, FINALIZE)["error_code"] == "disk_full"
        assert (folder / "full").read_bytes() == b"123"

        box.faults({"call": "ws/upload upload_start", "do": {"vendor": "lose_bytes", "value": 2}},
                   {"call": "ws/upload upload_finalize", "after": 1, "do": {"error": "internal_error"}})  # fmt: skip
        exchange(socket, start("/Freebox", "lost"))
        exchange(socket, b"12345")
        assert exchange(socket, FINALIZE)["result"] == {"total_len": 5, "complete": True}
        assert (folder / "lost").read_bytes() == b"123"
        exchange(socket, start("/Freebox", "other"))
        assert exchange(socket, FINALIZE)["error_code"] == "internal_error"
        socket.close()

        box.faults({"call": "GET ws/upload", "do": "expire_session"})
        with pytest.raises(websocket.WebSocketBadStatusException):
            box.socket()
        lines = [line for line in box.log() if line["call"].startswith("ws/upload")]
        assert [line["call"] for line in lines[:2]] == ["ws/upload upload_start"] * 2
        assert lines[0]["params"]["dirname"] == "/Freebox"
        assert all(line["writes"] for line in lines)


def test_real_disk_limits(tmp_path: Path) -> None:
    with Box(tmp_path, opts={"capacity": 1000, "read_only": "Fixed"}) as box:
        folder = box.folder("Freebox")
        box.folder("Fixed")
        socket = box.socket()
        assert exchange(socket, start("/Fixed"))["error_code"] == "access_denied"
        exchange(socket, start("/Freebox", "big"))
        assert exchange(socket, bytes(600))["success"] is True
        assert exchange(socket, bytes(600))["error_code"] == "disk_full"
        assert (folder / "big").stat().st_size == 1000
        socket.close()


def test_faults_of_messages_before_and_after_the_work(box: Box, place: tuple[str, Path]) -> None:
    path, folder = place
    good = {"action": "upload_start", "request_id": 1, "success": True}

    def opened(name: str, do: Any) -> Any:
        box.faults({"call": "ws/upload upload_start", "do": do})
        socket = box.socket()
        socket.send(json.dumps(start(path, name)))
        return socket

    for name, do, made in (
        ("a", {"status": 502}, False),
        ("b", {"status": 502, "where": "after"}, True),
        ("c", "reset", False),
        ("d", {"reset": {"where": "reply", "at_bytes": 0}}, True),
    ):
        socket = opened(name, do)
        with pytest.raises((websocket.WebSocketException, OSError)):
            socket.recv()
        assert (folder / name).exists() == made
    for name, do, made in (
        ("e", {"garbage": "<html>"}, False),
        ("f", {"garbage": "<html>", "where": "after"}, True),
        ("g", {"error": "internal_error"}, False),
        ("h", {"error": "internal_error", "where": "after"}, True),
    ):
        text = opened(name, do).recv()
        assert "<html>" in text or json.loads(text)["error_code"] == "internal_error"
        assert (folder / name).exists() == made
    socket = opened("i", {"double": True, "slow": 0.01, "where": "after"})
    assert [json.loads(socket.recv()) for _twice in range(2)] == [good, good]
    assert opened("j", {"truncate": 5}).recv() == json.dumps(good)[:5]
    assert json.loads(opened("k", {"fuzz": {"at": "success", "value": -1}}).recv()) == {**good, "success": -1}
    assert json.loads(opened("l", {"pad": 70_000}).recv()) == good
    socket = opened("m", "hang_up")
    assert json.loads(socket.recv()) == good
    with pytest.raises((websocket.WebSocketException, OSError)):
        socket.recv()
    box.faults({"call": "ws/upload upload_data", "do": {"reset": {"where": "reply", "at_bytes": 0}}})
    socket = box.socket()
    assert exchange(socket, start(path, "n")) == good
    socket.send_binary(b"content")
    with pytest.raises((websocket.WebSocketException, OSError)):
        socket.recv()
    end = time.monotonic() + 10
    while (folder / "n").read_bytes() != b"content" and time.monotonic() < end:
        time.sleep(0.01)
    assert (folder / "n").read_bytes() == b"content"
