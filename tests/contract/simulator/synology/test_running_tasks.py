# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulated Synology on the wire: what running tasks tell."""

from __future__ import annotations

import time

from tests.contract.simulator.synology.simulated import FS, Start, options, q


def test_what_a_running_task_tells(start: Start) -> None:
    nas = start(*options(task_seconds="4"))
    share, folder = nas.share()
    (folder / "into").mkdir()
    (folder / "gone").mkdir()
    for name in "abcd":
        (folder / name).write_bytes(b"x" * 250_000)
    nas.login()
    paths = [f"{share}/{name}" for name in "abcd"]
    before = int(time.time())
    copying = nas.data(FS + "CopyMove", "start", 3, path=q(paths), dest_folder_path=q(share + "/into"))["taskid"]
    removing = nas.data(FS + "Delete", "start", path=q([share + "/gone"]))["taskid"]
    end = time.monotonic() + 20
    sizes: list[int] = []
    while time.monotonic() < end:
        tasks = {item["taskid"]: item for item in nas.data(FS + "BackgroundTask", "list", 3)["tasks"]}
        sizes.append(tasks[copying]["processed_size"])
        if tasks[copying]["finished"] or 0 < sizes[-1] < 1_000_000:
            break
        assert 0 <= tasks[copying]["progress"] <= 1
        time.sleep(0.05)
    assert sizes == sorted(sizes)
    assert any(0 < size < 1_000_000 for size in sizes), "it grows"
    assert before <= tasks[copying]["crtime"] <= time.time()
    assert {"path", "processing_path", "total", "params", "api", "version", "method"} <= set(tasks[copying])
    assert {"processed_num", "total", "processing_path"} <= set(tasks[removing])
