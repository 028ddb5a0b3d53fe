# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Synology: the search, and favorites."""

from __future__ import annotations

import pytest
from ansible_collections.nasops.nas.plugins.module_utils._core.device import Criteria, Favorite
from ansible_collections.nasops.nas.plugins.module_utils._core.errors import Kind
from ansible_collections.nasops.nas.plugins.module_utils._core.model import FILE, FOLDER
from ansible_collections.nasops.nas.plugins.module_utils._core.waiting import Watch
from ansible_collections.nasops.nas.plugins.module_utils._synology.search import glob, narrowed
from ansible_collections.nasops.nas.tests.unit.plugins.module_utils._synology.fake import (
    Dsm,
    Fail,
    client,
    dsm7,
    fails,
    file,
    folder,
    serving,
)

TASK = {"taskid": "51CE617CF57B24E5"}
ENDING = ["Search/stop", "Search/clean"]
NAMES = ["2024", "a, b.txt", "\u00e9", "e\u0301", "100% #1+?.txt", "[1]", " leading", 'it\'s "q"', "😀", "l-\udce9"]


@pytest.fixture
def dsm(dsm):
    return dsm.on("Search/start", TASK).on("Search/stop", None).on("Search/clean", None)


def found(*items, finished=True, **more):
    """Answers to Search/list: a limit of 0 lists nothing."""

    def answer(asked):
        limit, offset = int(asked.params["limit"]), int(asked.params["offset"])
        page = [] if limit == 0 else list(items[offset : offset + limit])
        return {"files": page, "finished": finished, "offset": offset, "total": len(items), **more}

    return answer


def current(*known):
    by_path = {item["path"]: item for item in known}
    return lambda asked: {"files": [by_path.get(path, {"path": path, "code": 408}) for path in asked.json("path")]}


# The search


def test_a_search(dsm, nas):
    dsm.on("Search/list", found(file("/p/a"), finished=False), found(file("/p/a"), folder("/p/d"), folder("/p")))
    seen = []
    entries = nas.search.find("/p", Criteria(), watch=Watch(lambda done, total: seen.append(done)))
    assert [(entry.path, entry.type, entry.size) for entry in entries] == [("/p/a", FILE, 3), ("/p/d", FOLDER, None)]
    assert dsm.calls() == ["Search/start", *["Search/list"] * 3, *ENDING]
    assert [asked.params["limit"] for asked in dsm.of("Search/list")] == ["0", "0", "1000"]
    assert {asked.json("taskid") for asked in dsm.asked if asked.call.endswith(("stop", "clean"))} == {TASK["taskid"]}
    assert dsm.of("Search/start")[0].json("folder_path") == ["/p"]
    assert seen == [1, 3]


def test_names_survive(dsm, nas):
    dsm.on("Search/list", found(*(file(f"/p/{name}") for name in NAMES)))
    assert [entry.name for entry in nas.search.find("/p", Criteria(), watch=Watch())] == NAMES


def test_pages(dsm, nas):
    dsm.on("Search/list", found(*(file(f"/p/{number}") for number in range(2300))))
    assert len(nas.search.find("/p", Criteria(), watch=Watch())) == 2300
    assert [asked.params["offset"] for asked in dsm.of("Search/list")] == ["0", "0", "1000", "2000"]


def test_what_goes_away_meanwhile_is_not_there(dsm, nas):
    bare = [{"path": path, "name": path[3:], "isdir": False} for path in ("/p/gone", "/p/b")]
    dsm.on("Search/list", found(file("/p/a"), *bare)).on("List/getinfo", current(file("/p/b", size=9)))
    entries = nas.search.find("/p", Criteria(), watch=Watch())
    assert [(entry.name, entry.size) for entry in entries] == [("a", 3), ("b", 9)]


@pytest.mark.parametrize(
    ("answer", "there", "kind"),
    [
        ({"files": [], "offset": 0, "total": 0}, (), None),
        ({"files": [file("/p/.other")], "offset": 0, "total": 1}, (), None),
        (Fail(407), (), Kind.PERMISSION_DENIED),
        (Fail(408), (), Kind.NOT_FOUND),
        (Fail(408), (file("/p"),), Kind.WRONG_TYPE),
    ],
)
def test_nothing_found(dsm, nas, answer, there, kind):
    dsm.on("Search/list", found()).on("List/list", answer).on("List/getinfo", current(*there))
    if kind is None:
        assert nas.search.find("/p", Criteria(), watch=Watch()) == []
    else:
        fails(kind, lambda: nas.search.find("/p", Criteria(), watch=Watch()))
    assert dsm.calls()[:5] == ["Search/start", "Search/list", *ENDING, "List/list"]


@pytest.mark.parametrize(
    ("code", "kind"), [(408, Kind.NOT_FOUND), (400, Kind.NOT_FOUND), (407, Kind.PERMISSION_DENIED)]
)
def test_a_search_that_does_not_start(dsm, nas, code, kind):
    dsm.on("Search/start", Fail(code)).on("List/getinfo", current())
    fails(kind, lambda: nas.search.find("/p", Criteria(), watch=Watch()))
    assert not dsm.of("Search/clean")


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Fail(407), Kind.PERMISSION_DENIED),
        ({"total": 1}, Kind.PROTOCOL),
        ({"total": "1", "finished": True, "files": []}, Kind.PROTOCOL),
        ({"total": 1, "finished": True, "files": []}, Kind.PROTOCOL),
        ({"total": 1, "finished": True, "files": 7}, Kind.PROTOCOL),
    ],
)
def test_a_search_is_always_ended(dsm, nas, answer, kind):
    dsm.on("Search/list", answer)
    fails(kind, lambda: nas.search.find("/p", Criteria(), watch=Watch()))
    assert dsm.calls()[-2:] == ENDING


def test_a_search_is_ended_on_timeout_and_interruption(dsm, nas):
    dsm.on("Search/list", found(finished=False))
    fails(Kind.TIMEOUT, lambda: nas.search.find("/p", Criteria(), watch=Watch(timeout=0)))
    assert dsm.calls()[-2:] == ENDING

    def interrupt(_done, _total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        nas.search.find("/p", Criteria(), watch=Watch(interrupt))
    assert dsm.calls()[-2:] == ENDING


def test_an_end_that_fails_harms_nothing(dsm, nas):
    dsm.on("Search/list", found(file("/p/a"))).on("Search/stop", Fail(100)).on("Search/clean", Fail(599))
    assert len(nas.search.find("/p", Criteria(), watch=Watch())) == 1


def test_an_id_that_is_taken_without_quotes_only(dsm, nas):
    def answer(asked):
        return {"finished": True} if asked.params["taskid"].startswith('"') else found(file("/p/a"))(asked)

    dsm.on("Search/list", answer)
    assert len(nas.search.find("/p", Criteria(), watch=Watch())) == 1
    assert dsm.calls() == ["Search/start", *["Search/list"] * 3, *ENDING]
    assert dsm.of("Search/clean")[0].params["taskid"] == TASK["taskid"]


def test_a_lost_search_is_begun_once_more(dsm, nas):
    dsm.on("Search/list", found(finished=False), {"finished": True}, found(file("/p/a")))
    assert len(nas.search.find("/p", Criteria(), watch=Watch())) == 1
    assert dsm.calls().count("Search/start") == dsm.calls().count("Search/clean") == 2
    dsm.on("Search/list", Fail(599))
    error = fails(Kind.UNSUPPORTED, lambda: nas.search.find("/p", Criteria(), watch=Watch()))
    assert error.call == "SYNO.FileStation.Search/list"
    assert dsm.calls().count("Search/clean") == 4


def test_a_device_without_a_search():
    with serving(Dsm(dsm7("SYNO.FileStation.Search"))) as port:
        nas = client(port)
        fails(Kind.UNSUPPORTED, lambda: nas.search.find("/p", Criteria(), watch=Watch()))
        nas.close()


def test_a_session_that_ends_meanwhile(dsm, nas):
    dsm.on("Search/list", Fail(119), found(file("/p/a")))
    assert len(nas.search.find("/p", Criteria(), watch=Watch())) == 1
    assert dsm.logins == 2


def test_what_narrows_a_search():
    everything = Criteria(("*.jpg", "a?"), FILE, 10, 20, 100, 200, "ann", "users")
    assert narrowed("/p", everything) == {
        "folder_path": ["/p"],
        "recursive": True,
        "pattern": "*.jpg a*",
        "filetype": "file",
        "size_from": 9,
        "size_to": 21,
        "mtime_from": 98,
        "mtime_to": 202,
        "owner": "ann",
        "group": "users",
    }
    assert narrowed("/p", Criteria(("*.jpg", "\u00e9"), FOLDER, 0, owner="NAS\\ann")) == {
        "folder_path": ["/p"],
        "recursive": True,
        "filetype": "dir",
    }


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("*.jpg", "*.jpg"),
        ("2024", "2024"),
        ("a b", "a*b"),
        ("?", "*"),
        ("img_[0-9][!]x]?.jpg", "img_*.jpg"),
        ("[[]1]", "*1*"),
        ("[", "*"),
        ("caf\u00e9*", "caf*"),
        ("**", "*"),
        ("", "*"),
    ],
)
def test_globs_become_wider(pattern, expected):
    assert glob(pattern) == expected


# Favorites


def listed(*favorites):
    return {
        "favorites": [
            {"path": path, "name": name, "status": status, "isdir": status == "valid"}
            for path, name, status in favorites
        ],
        "offset": 0,
        "total": len(favorites),
    }


def test_favorites(dsm, nas):
    dsm.on("Favorite/list", listed(("/video", "My Video", "valid"), ("/share/gone", "2024", "broken")))
    assert nas.favorites.list() == [Favorite("/video", "My Video"), Favorite("/share/gone", "2024", valid=False)]
    assert dsm.calls() == ["Favorite/list"]


def test_changes_of_favorites(dsm, nas):
    for method in ("add", "edit", "delete", "clear_broken", "replace_all"):
        dsm.on(f"Favorite/{method}", None)
    nas.favorites.add("/p/a, b", "2024")
    nas.favorites.edit("/p/a, b", "null")
    nas.favorites.delete("/p/[1]")
    nas.favorites.clear_broken()
    nas.favorites.replace_all([Favorite("/p/a, b", "a, b"), Favorite("/p/2024", "😀")])
    add, edit, delete, clear, replace = dsm.asked[2:]
    assert (add.json("path"), add.json("name"), add.json("index")) == ("/p/a, b", "2024", -1)
    assert (edit.json("path"), edit.json("name")) == ("/p/a, b", "null")
    assert delete.json("path") == "/p/[1]"
    assert clear.call.endswith("/clear_broken")
    assert (replace.json("path"), replace.json("name")) == (["/p/a, b", "/p/2024"], ["a, b", "😀"])


@pytest.mark.parametrize(
    ("code", "kind"), [(800, Kind.EXISTS), (801, Kind.EXISTS), (802, Kind.QUOTA_EXCEEDED), (408, Kind.NOT_FOUND)]
)
def test_a_favorite_that_cannot_be(dsm, nas, code, kind):
    dsm.on("Favorite/add", Fail(code))
    error = fails(kind, lambda: nas.favorites.add("/p", "p"))
    assert (error.path, error.code) == ("/p", str(code))


@pytest.mark.parametrize(
    "answer", [{"total": 1}, {"favorites": [{"path": "/p"}], "total": 1}, listed(("/p", "p", "perhaps"))]
)
def test_favorites_that_make_no_sense(dsm, nas, answer):
    dsm.on("Favorite/list", answer)
    fails(Kind.PROTOCOL, nas.favorites.list)
