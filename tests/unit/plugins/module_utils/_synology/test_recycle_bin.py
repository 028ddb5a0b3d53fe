# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Synology: the recycle bins, which are folders of a certain name."""

from __future__ import annotations

import pytest
from ansible_collections.nasops.nas.plugins.module_utils._core.device import Bin
from ansible_collections.nasops.nas.plugins.module_utils._core.errors import Kind, NasError
from ansible_collections.nasops.nas.plugins.module_utils._core.waiting import Watch
from ansible_collections.nasops.nas.tests.unit.plugins.module_utils._synology.fake import file, folder

MOVED = {"finished": True, "processed_size": 0, "total": 0, "progress": 1, "path": "", "status": "PROCESSING"}
DELETED = {"finished": True, "processed_num": 2, "total": 2, "progress": 1, "path": ""}


def getinfo(*known):
    held = {item["path"]: item for item in known}
    return lambda asked: {"files": [held.get(path, {"path": path, "code": 408}) for path in asked.json("path")]}


def listing(*items):
    return {"files": list(items), "offset": 0, "total": len(items)}


def test_bins(dsm, nas):
    shares = [{"path": path, "name": path[1:], "isdir": True, "additional": {}} for path in ("/home", "/pub")]
    dsm.on("List/list_share", {"shares": shares, "offset": 0, "total": 2})
    dsm.on("List/getinfo", getinfo(folder("/home/#recycle"), file("/x/#recycle")))
    assert nas.recycle_bin.bins() == [Bin("/home", "/home/#recycle")]
    assert dsm.calls() == ["List/list_share", "List/getinfo"]
    assert nas.recycle_bin.bins(["/pub", "/x"]) == []
    assert dsm.calls()[2:] == ["List/getinfo"]


def test_restore(dsm, nas):
    homes = ["/home/x/a, b", "/home/x/c", "/home/d"]
    dsm.on("CopyMove/start", {"taskid": "t"}).on("CopyMove/status", MOVED)
    dsm.on("List/getinfo", getinfo(*(file(path) for path in homes)))
    nas.recycle_bin.restore(["/home/#recycle/x/a, b", "/home/#recycle/d", "/home/#recycle/x/c"], watch=Watch())
    first, second = dsm.of("CopyMove/start")
    assert first.json("path") == ["/home/#recycle/x/a, b", "/home/#recycle/x/c"]
    assert first.json("dest_folder_path") == "/home/x"
    assert (first.params["overwrite"], first.params["remove_src"]) == ("false", "true")
    assert (second.json("path"), second.json("dest_folder_path")) == (["/home/#recycle/d"], "/home")


@pytest.mark.parametrize("path", ["/home/a", "/home/#recycle", "/home/x/#recycle/a", "/home"])
def test_only_from_a_bin(dsm, nas, path):
    with pytest.raises(NasError) as caught:
        nas.recycle_bin.restore(["/home/#recycle/a", path], watch=Watch())
    assert caught.value.kind is Kind.INVALID_ARGUMENT
    assert dsm.asked == []


def test_empty(dsm, nas):
    held = [folder("/home/#recycle/x"), file("/home/#recycle/a"), folder("/home/#recycle/@eaDir")]
    answers = iter([getinfo(*held), getinfo()])
    dsm.on("List/list", listing(*held)).on("List/getinfo", *answers)
    dsm.on("Delete/start", {"taskid": "t"}).on("Delete/status", DELETED)
    nas.recycle_bin.empty("/home", watch=Watch())
    (start,) = dsm.of("Delete/start")
    assert sorted(start.json("path")) == ["/home/#recycle/a", "/home/#recycle/x"]


def test_nothing_to_empty(dsm, nas):
    dsm.on("List/list", listing())
    nas.recycle_bin.empty("/home", watch=Watch())
    assert dsm.calls() == ["List/list"]
