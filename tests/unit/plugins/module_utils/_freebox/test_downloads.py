# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Freebox: sizes of folders."""

from __future__ import annotations

import io
from types import SimpleNamespace

import pytest
from ansible_collections.nasops.nas.plugins.module_utils._api.capabilities.downloads import DownloadFeatures
from ansible_collections.nasops.nas.plugins.module_utils._core.errors import Kind, NasError
from ansible_collections.nasops.nas.plugins.module_utils._core.waiting import Watch
from ansible_collections.nasops.nas.plugins.module_utils._freebox import downloads
from ansible_collections.nasops.nas.tests.unit.plugins.module_utils._freebox.fake import (
    b64,
    bad,
    good,
    info,
    listing,
)

TOP = "/Disque dur/top"


def ls(path, *infos):
    return f"GET fs/ls/{b64(path)}?countSubFolder=1&limit=1000", good({"entries": listing(path, *infos)})


def folder(path, folders, files, **more):
    return {**info(path, "dir", size=4096), "foldercount": folders, "filecount": files, **more}


def size(box, path=TOP, watch=None):
    return box.client().downloads.folder_size(path, watch=watch or Watch())


def test_folder_size(box):
    deep, empty, elsewhere = f"{TOP}/é+~", f"{TOP}/empty", f"{TOP}/loop"
    link = {"link": True, "target": b64("/Disque dur")}
    linked = {**info(f"{TOP}/linked", size=700), **link}
    box.on(
        *ls(
            TOP,
            info(f"{TOP}/a", size=5),
            folder(deep, 1, 2),
            folder(empty, 0, 0),
            folder(elsewhere, 9, 9, **link),
            linked,
        )
    )
    box.on(*ls(deep, info(f"{deep}/b", size=7), info(f"{deep}/.c", size=0), {**info(f"{deep}/d", "dir"), "size": 4096}))
    # Of a folder that the box does not count, nobody knows whether it is empty.
    box.on(*ls(f"{deep}/d"))
    seen = []
    assert size(box, watch=Watch(lambda done, total: seen.append((done, total)))) == {
        "folders": 3,
        "files": 5,
        "size": 12,
    }
    # Neither the empty folder nor what a link leads to was listed.
    assert len(box.calls()) == 3
    assert seen[-1] == (5, None)


@pytest.mark.parametrize(
    ("answer", "kind"), [(bad("path_not_found"), Kind.NOT_FOUND), (good(info(TOP)), Kind.WRONG_TYPE)]
)
def test_what_is_no_folder(box, answer, kind):
    box.on(ls(TOP)[0], bad("path_not_found") if kind is Kind.NOT_FOUND else bad("internal_error"))
    box.on(f"GET fs/info/{b64(TOP)}", answer)
    with pytest.raises(NasError) as caught:
        size(box)
    assert (caught.value.kind, caught.value.path) == (kind, TOP)


def test_it_may_not_take_for_ever(box, monkeypatch):
    clock = iter(range(0, 1000000, 10))
    monkeypatch.setattr(downloads, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    box.on(*ls(TOP, folder(f"{TOP}/a", 1, 0)))
    box.on(*ls(f"{TOP}/a", folder(f"{TOP}/a/a", 1, 0)))
    with pytest.raises(NasError, match="wait_timeout") as caught:
        size(box, watch=Watch(timeout=15))
    assert caught.value.kind is Kind.TIMEOUT


def test_what_a_box_lacks(box):
    offered = box.client().downloads
    assert offered.features == DownloadFeatures(folder_size=True)
    for action in (
        lambda: offered.download_zip(["/v/a"], io.BytesIO(), watch=Watch()),
        lambda: offered.thumbnail("/v/a", "small", io.BytesIO()),
        lambda: offered.rendition("/v/a", "mp3", io.BytesIO(), watch=Watch()),
    ):
        with pytest.raises(NasError) as caught:
            action()
        assert (caught.value.kind, caught.value.path) == (Kind.UNSUPPORTED, "/v/a")
    assert box.requests == []
