# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""QNAP: the recycle bins."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from ansible_collections.nasops.nas.plugins.module_utils._core import waiting as _watch
from ansible_collections.nasops.nas.plugins.module_utils._core.device import Bin
from ansible_collections.nasops.nas.plugins.module_utils._core.errors import Kind
from ansible_collections.nasops.nas.plugins.module_utils._core.waiting import Watch
from ansible_collections.nasops.nas.plugins.module_utils._qnap import process
from ansible_collections.nasops.nas.tests.unit.plugins.module_utils._qnap.fake import (
    ODD,
    fails,
    gone,
    row,
    rows,
    status,
)

PID = {"status": 1, "pid": 11654}


@pytest.fixture
def nas(nas, monkeypatch):
    monkeypatch.setattr(_watch.time, "sleep", lambda _seconds: None)
    return nas.on("get_file_size", {"status": 1, "size": "5"})


@pytest.fixture
def recycle_bin(nas):
    return nas.client({"sid": "sid-1"}).recycle_bin


def holds(nas, *paths):
    """The device answers stat from a set of paths."""
    current = set(paths)

    def stat(asked):
        return rows(
            *(row(name) if f"{asked['path']}/{name}" in current else gone(name) for name in asked.all("file_name"))
        )

    nas.on("stat", stat)
    return current


def moves(nas, current, source, target, polls=2):
    """The device is done after some questions."""
    answer = nas.answers["stat"][0]
    count = iter(range(polls))

    def stat(asked):
        if next(count, None) is None:
            current.discard(source)
            current.add(target)
        return answer(asked)

    nas.on("stat", stat)


def test_bins(nas, recycle_bin):
    nas.on(
        "get_tree",
        [{"text": "Download", "id": "/share/HDA_DATA/Download", "cls": "w"}, {"text": "P", "id": "/P", "cls": "r"}],
    )
    assert recycle_bin.bins() == [Bin("/Download", "/Download/@Recycle"), Bin("/P", "/P/@Recycle")]
    assert recycle_bin.bins(["/P", "/none"]) == [Bin("/P", "/P/@Recycle")]
    assert nas.asked[-1]["node"] == "recycle_root"


def test_bins_switched_off(nas, recycle_bin):
    nas.on("get_tree", status(16))
    assert recycle_bin.bins() == []


@pytest.mark.parametrize(
    ("answer", "kind"), [(status(4), Kind.PERMISSION_DENIED), (b"<html>", Kind.PROTOCOL), ([{}], Kind.PROTOCOL)]
)
def test_what_is_wrong_with_the_bins(nas, recycle_bin, answer, kind):
    nas.on("get_tree", answer)
    fails(kind, recycle_bin.bins)


def test_restore(nas, recycle_bin):
    current = holds(nas, "/D/@Recycle/x/a")
    moves(nas, current, "/D/@Recycle/x/a", "/D/x/a")
    nas.on("trash_recovery", PID)
    recycle_bin.restore(["/D/@Recycle/x/a"], watch=Watch())
    (asked,) = nas.calls("trash_recovery")
    wanted = {"source_path": "/D/@Recycle/x", "source_total": "1", "mode": "1", "source_file": "a"}
    assert {name: asked[name] for name in wanted} == wanted
    assert {stat["path"] for stat in nas.calls("stat")} == {"/D/@Recycle/x", "/D/x"}


def test_odd_names_and_several_folders(nas, recycle_bin):
    nas.on("trash_recovery", status(1))
    recycle_bin.restore([*(f"/D/@Recycle/{name}" for name in ODD), "/E/@Recycle/q/r"], watch=Watch())
    first, second = nas.calls("trash_recovery")
    assert first.all("source_file") == ODD
    assert first["source_total"] == str(len(ODD))
    assert second["source_path"] == "/E/@Recycle/q"


@pytest.mark.parametrize("path", ["/D/a", "/D/@Recycle", "/D/x/@Recycle/a", "/D"])
def test_only_from_a_bin(nas, recycle_bin, path):
    fails(Kind.INVALID_ARGUMENT, lambda: recycle_bin.restore(["/D/@Recycle/a", path], watch=Watch()))
    assert nas.asked == []


def test_a_failure(nas, recycle_bin):
    nas.on("trash_recovery", status(0))
    error = fails(Kind.DEVICE, lambda: recycle_bin.restore(["/D/@Recycle/a"], watch=Watch()))
    assert (error.call, error.code, error.path) == ("trash_recovery", "0", "/D/@Recycle/a")


def test_nothing_happens(nas, recycle_bin, monkeypatch):
    clock = iter(range(0, 10000, 20))
    monkeypatch.setattr(process, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    holds(nas, "/D/@Recycle/a")
    nas.on("trash_recovery", PID).on("cancel_trash_recovery", status(1))
    error = fails(Kind.DEVICE, lambda: recycle_bin.restore(["/D/@Recycle/a"], watch=Watch()))
    assert "no longer knows" in error.message
    assert nas.calls("cancel_trash_recovery")[0]["pid"] == "11654"


def test_timeout_stops_it(nas, recycle_bin):
    holds(nas, "/D/@Recycle/a")
    nas.on("trash_recovery", PID).on("cancel_trash_recovery", status(0))
    fails(Kind.TIMEOUT, lambda: recycle_bin.restore(["/D/@Recycle/a"], watch=Watch(timeout=0)))
    assert nas.calls("cancel_trash_recovery")


FOLDER = rows(row("@Recycle", isfolder=1))


def test_empty(nas, recycle_bin):
    nas.on("delete", status(1)).on("get_list", rows()).on("stat", FOLDER)
    recycle_bin.empty("/D", watch=Watch())
    (asked,) = nas.calls("delete")
    assert (asked["path"], asked["file_name"]) == ("/D/@Recycle", "/D/@Recycle")
    assert not asked.all("file_total")


def test_a_bin_that_is_gone_is_empty(nas, recycle_bin):
    nas.on("delete", status(1)).on("get_list", status(5)).on("stat", rows(gone("@Recycle")))
    recycle_bin.empty("/D", watch=Watch())


def test_emptied_in_the_background(nas, recycle_bin):
    nas.on("delete", PID).on("get_list", rows(row("a")), rows(row("a")), rows()).on("stat", FOLDER)
    recycle_bin.empty("/D", watch=Watch())
    assert len(nas.calls("get_list")) >= 3


def test_not_emptied(nas, recycle_bin):
    nas.on("get_list", rows(row("a")))
    nas.on("delete", status(1))
    error = fails(Kind.DEVICE, lambda: recycle_bin.empty("/D", watch=Watch()))
    assert error.call == "delete&@Recycle"
    nas.on("delete", b"garbage")
    fails(Kind.PROTOCOL, lambda: recycle_bin.empty("/D", watch=Watch()))
    nas.on("delete", status(4))
    fails(Kind.PERMISSION_DENIED, lambda: recycle_bin.empty("/D", watch=Watch()))


def test_an_expired_session_is_renewed_once(nas):
    nas.on("get_tree", status(3), [{"id": "/P", "cls": "w"}])
    assert nas.client({"sid": "old"}).recycle_bin.bins() == [Bin("/P", "/P/@Recycle")]
    assert nas.logins == 1
