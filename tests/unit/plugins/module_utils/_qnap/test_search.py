# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""QNAP: the search by a word."""

from __future__ import annotations

import json

import pytest
from ansible_collections.nasops.nas.plugins.module_utils._core.device import Criteria
from ansible_collections.nasops.nas.plugins.module_utils._core.errors import Kind
from ansible_collections.nasops.nas.plugins.module_utils._core.model import FILE, FOLDER, Entry
from ansible_collections.nasops.nas.plugins.module_utils._core.waiting import Watch
from ansible_collections.nasops.nas.plugins.module_utils._qnap.search import keywords
from ansible_collections.nasops.nas.tests.unit.plugins.module_utils._qnap.fake import (
    ODD,
    fails,
    gone,
    row,
    rows,
    status,
)

TXT = Criteria(("*.txt",))


@pytest.fixture
def search(nas):
    return nas.client({"sid": "sid-1"}).search


def real(path, volume="CACHEDEV1_DATA", **more):
    return row(f"/share/{volume}{path}", **more)


def test_a_search(nas, search):
    nas.on("search", rows(real("/S/d/a.txt"), real("/S/d.txt", isfolder=1, filesize="4096")))
    seen = []
    found = search.find("/S", TXT, watch=Watch(lambda done, total: seen.append(done)))
    assert found == [
        Entry("/S/d/a.txt", FILE, 5, 1700000000, "admin", "everyone", "644"),
        Entry("/S/d.txt", FOLDER, None, 1700000000, "admin", "everyone", "644"),
    ]
    (asked,) = nas.calls()
    assert (asked["keyword"], asked["source_path"], asked["start"]) == (".txt", "/S", "0")
    assert seen == [2]


def test_a_row_of_old_firmware_tells_no_time(nas, search):
    old = {"filename": "/share/HDA_DATA/S/keyword.txt", "isfolder": 0, "filesize": "5818", "group": "administrators"}
    nas.on("search", rows({**old, "owner": "admin", "privilege": "770", "mt": "2011/05/06 14:35:20\n"}))
    assert search.find("/S", TXT, watch=Watch()) == [
        Entry("/S/keyword.txt", FILE, 5818, None, "admin", "administrators", "770")
    ]


@pytest.mark.parametrize("name", ODD)
def test_names_survive(nas, search, name):
    body = json.dumps(rows(real(f"/S/{name}")), ensure_ascii=False).encode("utf-8", "surrogateescape")
    nas.on("search", body)
    assert [entry.name for entry in search.find("/S", TXT, watch=Watch())] == [name]


def test_pages_and_words(nas, search):
    def answer(asked):
        start, ending = int(asked["start"]), asked["keyword"]
        found = [real(f"/S/{number}{ending}") for number in range(1000 if ending == ".jpg" else 3)]
        return rows(*found[start : start + int(asked["limit"])], total=len(found))

    nas.on("search", answer)
    assert len(search.find("/S", Criteria(("*.jpg", "*.txt")), watch=Watch())) == 1003


def test_shares_at_their_links(nas, search):
    nas.on("search", rows(row("/share/homes/ann/a.txt")))
    assert [entry.path for entry in search.find("/homes/ann", TXT, watch=Watch())] == ["/homes/ann/a.txt"]


@pytest.mark.parametrize("code", [20, 34])
def test_a_search_that_the_device_gives_up(nas, search, code):
    nas.on("search", status(code))
    assert fails(Kind.UNSUPPORTED, lambda: search.find("/S", TXT, watch=Watch())).code == str(code)


def test_elsewhere(nas, search):
    nas.on("search", rows(real("/T/a.txt")))
    fails(Kind.UNSUPPORTED, lambda: search.find("/S", TXT, watch=Watch()))


@pytest.mark.parametrize("criteria", [Criteria(), Criteria(("*",)), Criteria(("*.txt", "?")), Criteria(type=FILE)])
def test_no_word_no_call(nas, search, criteria):
    fails(Kind.UNSUPPORTED, lambda: search.find("/S", criteria, watch=Watch()))
    assert nas.calls() == []


@pytest.mark.parametrize(
    ("answer", "listed", "there", "kind"),
    [
        (rows(), rows(), rows(gone("d")), Kind.NOT_FOUND),
        (rows(), rows(), rows(row("d")), Kind.WRONG_TYPE),
        (rows(), rows(), rows(row("d", isfolder=1)), None),
        (rows(), rows(row("other")), None, None),
        (rows(), status(4), rows(row("d", isfolder=1)), Kind.PERMISSION_DENIED),
        (status(5), status(5), rows(gone("d")), Kind.NOT_FOUND),
        (status(0), status(0), rows(row("d")), Kind.WRONG_TYPE),
        (status(0), rows(row("other")), None, Kind.DEVICE),
    ],
)
def test_a_folder_that_is_none(nas, search, answer, listed, there, kind):
    nas.on("search", answer).on("get_list", listed).on("stat", there)
    if kind is None:
        assert search.find("/S/d", TXT, watch=Watch()) == []
    else:
        fails(kind, lambda: search.find("/S/d", TXT, watch=Watch()))


@pytest.mark.parametrize(
    "answer",
    [
        {"total": 1},
        {"total": 1, "datas": 7},
        rows({"isfolder": 0}),
        rows(row("relative.txt")),
        rows(real("/S/d/a.txt", filesize="many")),
        b"<html>",
    ],
)
def test_answers_that_make_no_sense(nas, search, answer):
    nas.on("search", answer).on("get_list", rows(row("other")))
    fails(Kind.PROTOCOL, lambda: search.find("/S/d", TXT, watch=Watch()))


def test_no_permission(nas, search):
    nas.on("search", status(4))
    fails(Kind.PERMISSION_DENIED, lambda: search.find("/S", TXT, watch=Watch()))


def test_a_session_that_has_ended(nas):
    nas.on("search", status(3), rows(real("/S/a.txt")))
    assert len(nas.client({"sid": "old"}).search.find("/S", TXT, watch=Watch())) == 1
    assert nas.logins == 1


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [
        ((), []),
        (("*",), []),
        (("*.JPG",), [".jpg"]),
        (("*.jpg", "*.JPG"), [".jpg"]),
        (("IMG_*.jpg",), ["img_"]),
        (("*.tar", "*.tar.gz"), [".tar"]),
        (("photo [0-9][0-9] trip?.png",), ["photo"]),
        (("-force",), ["force"]),
        (("[abcdef]x",), []),
        (("caf\u00e9",), ["caf"]),
        (("a.txt", "*"), []),
        (("aa", "bb", "cc", "dd", "ee"), []),
    ],
)
def test_words_that_a_search_asks_for(patterns, expected):
    assert keywords(patterns) == expected


@pytest.mark.parametrize("refused", [{"total": 0, "datas": []}, status(5)])
def test_search_on_an_image(nas, search, refused):
    found = {"filename": "/share/Disc/key.txt", "isfolder": 0, "filesize": "5", "mt": "2011/05/06 14:35:20"}
    answers = {"1": {"total": 1, "datas": [found]}, "0": refused}
    nas.on("search", lambda asked: answers[asked["is_iso"]])
    nas.on("get_list", lambda asked: answers[asked["is_iso"]] if asked["is_iso"] == "0" else rows(row("key.txt")))
    nas.on("get_tree", [{"id": "/Disc", "cls": "r", "iconCls": "iso"}])
    assert [entry.path for entry in search.find("/Disc", Criteria(("*key*",)), watch=Watch())] == ["/Disc/key.txt"]
    assert [asked["is_iso"] for asked in nas.calls("search")] == ["0", "1"]
