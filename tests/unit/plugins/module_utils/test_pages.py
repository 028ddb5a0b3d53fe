# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists and replies of a device without limits: each ends, with all that there is or with a clear error."""

from __future__ import annotations

import itertools
import json
import tracemalloc

import pytest
from ansible_collections.nasops.nas.plugins.module_utils._core import json_text
from ansible_collections.nasops.nas.plugins.module_utils._core import pages as _pages
from ansible_collections.nasops.nas.plugins.module_utils._core.device import Criteria
from ansible_collections.nasops.nas.plugins.module_utils._core.errors import Kind, NasError
from ansible_collections.nasops.nas.plugins.module_utils._core.pages import Page, every
from ansible_collections.nasops.nas.plugins.module_utils._core.waiting import Watch
from ansible_collections.nasops.nas.plugins.module_utils._freebox import envelope as freebox
from ansible_collections.nasops.nas.plugins.module_utils._qnap.container_station.replies import error_in
from ansible_collections.nasops.nas.plugins.module_utils._qnap.envelope import json_value, xml_fields
from ansible_collections.nasops.nas.plugins.module_utils._synology.reply import read_envelope
from ansible_collections.nasops.nas.tests.unit.plugins.module_utils._freebox.fake import Fake as Box
from ansible_collections.nasops.nas.tests.unit.plugins.module_utils._freebox.fake import b64, good, info
from ansible_collections.nasops.nas.tests.unit.plugins.module_utils._qnap.fake import Fake as Qnap
from ansible_collections.nasops.nas.tests.unit.plugins.module_utils._qnap.fake import row, rows
from ansible_collections.nasops.nas.tests.unit.plugins.module_utils._synology.fake import Dsm, client, file, serving


def broken(problem):
    return NasError(Kind.PROTOCOL, problem)


def read(pages, *, limit=2, exact=False):
    """What comes of pages of (rows, total) or (rows, cursor); the last one goes on."""
    asked = []
    reported = itertools.chain(pages[:-1], itertools.repeat(pages[-1]))

    def ask(place):
        asked.append(place)
        rows, more = next(reported)
        by_cursor = isinstance(more, str)
        return Page(rows, None if by_cursor else more, (more or None) if by_cursor else None, by_cursor)

    return list(every(ask, lambda one: one, broken, limit=limit, exact=exact)), len(asked)


@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize(
    ("pages", "expected"),
    [
        ([("", 0)], ("", 1)),
        ([("ab", 2)], ("ab", 1)),
        ([("ab", 3), ("c", 3)], ("abc", 2)),
        ([("ab", 4), ("bc", 4)], ("abc", 2)),  # changed meanwhile
        ([("ab", 1), ("cd", 1), ("", 1)], ("abcd", 3)),  # more than its total
        ([("a", -1)], ("a", 1)),
        ([("ab", None), ("c", None), ("", None)], ("abc", 3)),
        ([("ab", None)], ("ab", 2)),  # all at once, again and again
        ([("ab", "x"), ("c", "")], ("abc", 2)),
        ([("", "x"), ("", "y"), ("c", "")], ("c", 3)),
    ],
)
def test_all_rows_once(pages, expected, exact):
    rows, calls = read(pages, exact=exact)
    assert ("".join(rows), calls) == expected


def test_all_rows_at_once():
    assert read([("abc", 1)], limit=0) == (["a", "b", "c"], 1)


@pytest.mark.parametrize(
    "pages",
    [
        [("ab", 9)],
        [("ab", 9), ("cd", 9), ("ab", 9)],
        [("ab", "x"), ("ab", "y")],
        [("ab", "x"), ("cd", "x")],
        [("", "x")],
    ],
)
def test_a_list_that_repeats_itself(pages):
    with pytest.raises(NasError) as caught:
        read(pages)
    assert caught.value.kind is Kind.PROTOCOL


@pytest.mark.parametrize("mark", [[], {}, (1, [])])
def test_rows_that_cannot_be_distinguished_are_an_error(mark):
    with pytest.raises(NasError) as caught:
        list(every(lambda place: Page([mark], 1), lambda one: one, broken))
    assert caught.value.kind is Kind.PROTOCOL


def test_an_end_before_the_total():
    assert read([("ab", 9), ("", 9)])[0] == ["a", "b"]
    with pytest.raises(NasError, match="after 2 of 9"):
        read([("ab", 9), ("", 9)], exact=True)


def test_always_something_new(monkeypatch):
    numbers = itertools.count()
    with pytest.raises(NasError, match="never ends"):
        list(every(lambda place: Page([next(numbers)], place.start + 10), lambda one: one, broken))
    assert next(numbers) == _pages.PAGES
    monkeypatch.setattr(_pages, "ROWS", 10)
    with pytest.raises(NasError, match="never ends"):
        list(every(lambda place: Page(range(place.start, place.start + 11), 99), lambda one: one, broken))


# Every list of every vendor


@pytest.fixture(autouse=True)
def few_pages(monkeypatch):
    monkeypatch.setattr(_pages, "PAGES", 40)


def no_watch():
    return Watch()


LINK = {"id": "", "path": "/pub/a", "url": "http://x/y", "status": "valid"}
SYNOLOGY = {
    "shares": (
        "List/list_share",
        "shares",
        lambda number: {"name": str(number), "path": f"/{number}", "isdir": True},
        lambda nas: nas.files.shares(),
    ),
    "files": ("List/list", "files", lambda number: file(f"/pub/{number}"), lambda nas: list(nas.files.list("/pub"))),
    "search": (
        "Search/list",
        "files",
        lambda number: file(f"/pub/{number}"),
        lambda nas: nas.search.find("/pub", Criteria(), watch=no_watch()),
    ),
    "share links": (
        "Sharing/list",
        "links",
        lambda number: {**LINK, "id": str(number)},
        lambda nas: nas.share_links.list(),
    ),
    "favorites": (
        "Favorite/list",
        "favorites",
        lambda number: {"path": f"/pub/{number}", "name": "x", "status": "valid"},
        lambda nas: nas.favorites.list(),
    ),
    "tasks": (
        "BackgroundTask/list",
        "tasks",
        lambda number: {"api": "SYNO.FileStation.Delete", "taskid": str(number), "finished": True},
        lambda nas: nas.jobs.list(),
    ),
    "mounts": (
        "VirtualFolder/list",
        "folders",
        lambda number: {"path": f"/m/{number}", "name": "m"},
        lambda nas: nas.mounts.mounts(),
    ),
    "members": (
        "Extract/list",
        "items",
        lambda number: {"item_id": number, "name": str(number), "is_dir": False, "size": 1},
        lambda nas: list(nas.archives.members("/pub/a.zip")),
    ),
}


@pytest.mark.parametrize("what", SYNOLOGY)
def test_no_list_of_a_synology_is_endless(what):
    call, key, make, read = SYNOLOGY[what]
    numbers = itertools.count()
    dsm = Dsm()
    dsm.on(call, lambda _asked: {key: [make(next(numbers))], "total": 10**9, "offset": 0, "finished": True})
    dsm.on("Search/start", {"taskid": "1"}).on("Search/stop", {}).on("Search/clean", {})
    with serving(dsm) as port, pytest.raises(NasError) as caught:
        read(client(port))
    assert caught.value.kind is Kind.PROTOCOL
    assert caught.value.call.endswith(call)
    assert "never ends" in caught.value.message


QNAP = {
    "files": ("get_list", lambda number: row(str(number)), lambda nas: list(nas.files.list("/S"))),
    "search": (
        "search",
        lambda number: row(f"/S/ab{number}"),
        lambda nas: nas.search.find("/S", Criteria(patterns=("ab*",)), watch=no_watch()),
    ),
    "share links": (
        "get_share_list",
        lambda number: {"ssid": str(number), "filename": "/S/a", "download_link": "http://x/y", "expire_time": 0},
        lambda nas: nas.share_links.list(),
    ),
    "members": (
        "get_extract_list",
        lambda number: {"id": number, "filename": str(number), "isfolder": 0, "filesize": 1, "mt": ""},
        lambda nas: list(nas.archives.members("/S/a.zip")),
    ),
    "recycle bin": ("get_list", lambda number: row(str(number)), lambda nas: nas.recycle_bin._held("/S/@Recycle")),
}


@pytest.mark.parametrize("total", [10**9, 0])
@pytest.mark.parametrize("what", QNAP)
def test_no_list_of_a_qnap_is_endless(what, total):
    call, make, read = QNAP[what]
    nas = Qnap()
    numbers = itertools.count()
    nas.on("get_list", rows(row("x")))  # the search checks whether its folder is one
    nas.on(call, lambda _asked: {"datas": [make(next(numbers))], "total": total})
    try:
        with pytest.raises(NasError) as caught:
            read(nas.client())
    finally:
        nas.close()
    assert (caught.value.kind, caught.value.call) == (Kind.PROTOCOL, call)
    assert "never ends" in caught.value.message


def test_no_list_of_a_freebox_is_endless():
    box = Box(version="16.0")
    numbers = itertools.count()

    def page(_request):
        number = next(numbers)
        return good({"entries": [info(f"/d/{number}")], "cursor": str(number)})

    nas = box.client()
    target = f"GET fs/ls/{b64('/d')}"
    for cursor in ("", *(f"&cursor={number}" for number in range(60))):
        box.on(f"{target}?limit=1000{cursor}", page)
    try:
        with pytest.raises(NasError) as caught:
            list(nas.files.list("/d"))
    finally:
        box.stop()
    assert caught.value.kind is Kind.PROTOCOL
    assert "never ends" in caught.value.message


@pytest.mark.parametrize("limit", ["LEVELS", "FOLDERS"])
def test_no_archive_of_a_synology_has_folders_without_end(monkeypatch, limit):
    monkeypatch.setattr(_pages, limit, 20)
    numbers = itertools.count()
    dsm = Dsm()

    def answer(_asked):
        number = next(numbers)
        return {"items": [{"item_id": number, "name": str(number), "is_dir": True}], "total": 1}

    dsm.on("Extract/list", answer)
    with serving(dsm) as port, pytest.raises(NasError, match="never end") as caught:
        list(client(port).archives.members("/pub/a.zip"))
    assert caught.value.kind is Kind.PROTOCOL


@pytest.mark.parametrize("limit", ["LEVELS", "FOLDERS"])
def test_no_archive_of_a_qnap_has_folders_without_end(monkeypatch, limit):
    monkeypatch.setattr(_pages, limit, 20)
    numbers = itertools.count()
    nas = Qnap()

    def answer(_asked):
        number = next(numbers)
        return {"datas": [{"id": number, "filename": str(number), "isfolder": 1, "mt": ""}], "total": 1}

    nas.on("get_extract_list", answer)
    try:
        with pytest.raises(NasError, match="never end") as caught:
            list(nas.client().archives.members("/S/a.zip"))
    finally:
        nas.close()
    assert caught.value.kind is Kind.PROTOCOL


# What is nested


@pytest.mark.parametrize("depth", [100, 5000, 200_000])
@pytest.mark.parametrize("pair", [("[", "]"), ('{"a":', "}")])
def test_json_that_is_nested_without_end(depth, pair):
    inner = pair[0] * depth + "1" + pair[1] * depth
    body = f'{{"success": true, "data": {{"x": {inner}}}, "result": {inner}, "datas": {inner}}}'.encode()
    with pytest.raises(NasError) as caught:
        read_envelope(body, 200, "SYNO.X", "y")
    assert caught.value.kind is Kind.PROTOCOL
    with pytest.raises(NasError) as caught:
        freebox.parse(body, "GET x")
    assert caught.value.kind is Kind.PROTOCOL
    with pytest.raises(ValueError, match="deep"):
        json_value(body)
    assert error_in(body) is None


def test_json_of_a_usual_depth():
    value = [[[{"a": [1, {"b": [{}]}]}]]]
    assert json_text.parse(json.dumps(value)) == value
    assert json_text.first(json.dumps(value) + "rest", 0) == value


@pytest.mark.parametrize("closed", [True, False])
@pytest.mark.parametrize("count", [100, 200_000])
def test_xml_that_is_nested_without_end(count, closed):
    body = b"<QDocRoot>" + b"<a>" * count + (b"</a>" * count + b"</QDocRoot>" if closed else b"")
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match="elements"):
            xml_fields(body)
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()


def test_xml_with_elements_without_end():
    with pytest.raises(ValueError, match="elements"):
        xml_fields(b"<QDocRoot>" + b"<a/>" * 200_000 + b"</QDocRoot>")


@pytest.mark.parametrize("definition", ["<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;'>", "<!ELEMENT a ANY>", ""])
def test_xml_that_defines_anything(definition):
    with pytest.raises(ValueError, match="document type"):
        xml_fields(f"<!DOCTYPE QDocRoot [{definition}]><QDocRoot><a>&b;</a></QDocRoot>".encode())
