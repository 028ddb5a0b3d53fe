# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulated Synology on the wire: the search."""

from __future__ import annotations

import os
import time
from typing import Any

from tests.contract.simulator.synology.simulated import FS, Nas, Start, options, q


def test_forgotten_searches(start: Start) -> None:
    nas = start(*options(lost_searches="60"))
    share, folder = nas.share()
    (folder / "f").touch()
    nas.login()
    seen = []
    for _attempt in range(5):
        task = q(nas.data(FS + "Search", "start", folder_path=q([share]))["taskid"])
        answer = nas.data(FS + "Search", "list", taskid=task, limit=-1)
        while not answer["finished"]:
            answer = nas.data(FS + "Search", "list", taskid=task, limit=-1)
        seen.append(answer == {"finished": True})
        nas.data(FS + "Search", "clean", taskid=task)
    assert seen == [False, True, False, True, True]


def search(nas: Nas, **criteria: Any) -> list[str]:
    task = q(nas.data(FS + "Search", "start", **criteria)["taskid"])
    end = time.monotonic() + 20
    while not (found := nas.data(FS + "Search", "list", taskid=task, limit=-1))["finished"]:
        assert time.monotonic() < end
    assert found["total"] == len(found["files"])
    nas.data(FS + "Search", "clean", taskid=task)
    return [item["path"].split("/", 2)[2] for item in found["files"]]


def test_search(nas: Nas) -> None:
    share, folder = nas.share()
    (folder / "Sub").mkdir()
    for name, size, mtime in (("a.txt", 10, 1000), ("B.TXT", 20, 2000), ("Sub/c.bin", 30, 3000)):
        (folder / name).write_bytes(b"x" * size)
        os.utime(folder / name, (mtime, mtime))
    where: dict[str, Any] = {"folder_path": q([share])}
    assert search(nas, **where) == ["a.txt", "B.TXT", "Sub/c.bin", "Sub"]
    assert search(nas, **where, recursive="false") == ["a.txt", "B.TXT", "Sub"]
    assert search(nas, **where, pattern="TXT") == ["a.txt", "B.TXT"]
    assert search(nas, **where, pattern=q("a* *.bin")) == ["a.txt", "Sub/c.bin"]
    assert search(nas, **where, extension=q("txt,b?n"), size_from="10") == ["B.TXT", "Sub/c.bin"]
    assert search(nas, **where, filetype="dir") == ["Sub"]
    assert search(nas, **where, mtime_from="1000", mtime_to="3000") == ["B.TXT"]
    assert search(nas, **where, owner="ADMIN", filetype="file") == ["a.txt", "B.TXT", "Sub/c.bin"]
    assert search(nas, **where, owner="nobody") == []
    assert nas.raw(FS + "Search", "start", **where, pattern="2024").status_code == 502


def test_search_results_stay_until_cleaned(nas: Nas) -> None:
    share, folder = nas.share()
    (folder / "f").write_bytes(b"x")
    task = nas.data(FS + "Search", "start", folder_path=share)["taskid"]
    assert not task.startswith("FileStation_")
    while not nas.data(FS + "Search", "list", taskid=q(task))["finished"]:
        pass
    assert nas.data(FS + "Search", "list", taskid=q(task)) == {"files": [], "finished": True, "offset": 0, "total": 1}
    assert nas.call(FS + "Search", "stop", taskid=q([task])) == {"success": True}
    more = nas.data(FS + "Search", "list", taskid=q(task), limit=1, additional=q(["size"]))
    assert more["files"][0]["additional"] == {"size": 1}
    assert nas.call(FS + "Search", "clean", taskid=q(task)) == {"success": True}
    assert nas.data(FS + "Search", "list", taskid=q(task)) == {"finished": True}
