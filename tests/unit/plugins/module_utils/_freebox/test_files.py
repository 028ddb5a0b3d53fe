# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading and changing what is on a Freebox."""

from __future__ import annotations

import pytest
from ansible_collections.nasops.nas.plugins.module_utils._core.errors import Kind, NasError
from ansible_collections.nasops.nas.plugins.module_utils._core.model import FILE, FOLDER, Entry, Share
from ansible_collections.nasops.nas.plugins.module_utils._core.waiting import Watch
from ansible_collections.nasops.nas.tests.unit.plugins.module_utils._freebox.fake import (
    Answer,
    Fake,
    b64,
    bad,
    good,
    info,
    listing,
    task,
)

PARENT = "/Disque dur/folder"
ODD_NAMES = [
    "2024",
    "a, b.txt",
    "\u00e9",  # NFC
    "e\u0301",  # NFD
    "100% #1+?.txt",
    "[1]",
    " leading space",
    "'\"",
    "\U0001f600",
    "~~~>>>???",
    b"latin-\xe9".decode("utf-8", "surrogateescape"),
]


@pytest.fixture
def old():
    """A box of API v8: no batch, no pages."""
    box = Fake(version="8.2")
    yield box
    box.stop()


@pytest.fixture
def new():
    box = Fake(version="16.0")
    yield box
    box.stop()


def ls(path):
    return f"GET fs/ls/{b64(path)}"


def pages(path, cursor=""):
    return f"{ls(path)}?limit=1000{cursor and '&cursor=' + cursor}"


def stat_call(path):
    return f"GET fs/info/{b64(path)}"


def names_of(requests, call):
    return [r.call for r in requests if r.call.startswith(call)]


# stat


@pytest.mark.parametrize("name", ODD_NAMES)
def test_a_path_travels_byte_for_byte(new, name):
    path = f"{PARENT}/{name}"
    new.on(stat_call(path), good(info(path)))
    assert new.client().files.stat([path]) == {path: Entry(path, FILE, 5, 1700000000, link=False)}
    assert new.requests[-1].target == "/api/v16/fs/info/" + b64(path)


def test_a_folder_has_no_size(new):
    new.on(stat_call("/Disque dur"), good(info("/Disque dur", "dir", 4096)))
    assert new.client().files.stat(["/Disque dur"])["/Disque dur"] == Entry(
        "/Disque dur", FOLDER, None, 1700000000, link=False
    )


def test_absent_is_what_the_box_calls_not_found(new):
    path = f"{PARENT}/gone"
    new.on(stat_call(path), bad("path_not_found"))
    assert new.client().files.stat([path]) == {path: None}


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("access_denied", Kind.PERMISSION_DENIED),
        ("disk_unavailable", Kind.DEVICE),
        ("internal_error", Kind.DEVICE),
        ("invalid_id", Kind.DEVICE),
        ("noent", Kind.DEVICE),
        ("invalid_request", Kind.INVALID_ARGUMENT),
        ("out_of_memory", Kind.DEVICE),
        ("something_new", Kind.DEVICE),
        ("notsupp", Kind.UNSUPPORTED),
    ],
)
def test_no_other_code_passes_for_absent(new, code, kind):
    path = f"{PARENT}/x"
    new.on(stat_call(path), bad(code))
    with pytest.raises(NasError) as caught:
        new.client().files.stat([path])
    error = caught.value
    assert (error.kind, error.code, error.vendor, error.path) == (kind, code, "freebox", path)
    assert error.call == "GET fs/info/{path}"


@pytest.mark.parametrize(
    "answer",
    [
        Answer(200, b"garbage"),
        Answer(200, b""),
        Answer(200, b"[]"),
        Answer(200, b'{"result": {}}'),
        Answer(200, b'{"success": "yes"}'),
        Answer(404, b"not here"),
        good(),
        good([]),
        good({"type": "dir"}),
        good({"type": "fifo", "size": 1, "modification": 1}),
        good({"type": "file", "size": "5", "modification": 1}),
        good({"type": "file", "size": True, "modification": 1}),
        good({"type": "file", "size": -1, "modification": 1}),
        good({"type": "file", "size": 2**63, "modification": 1}),
        good({"type": "file", "size": 1.5, "modification": 1}),
        good({"type": "file", "size": None, "modification": 1}),
        good({"type": "file", "size": 1, "modification": "1"}),
        good({"type": "file", "size": 1, "modification": None}),
        good({"type": "dir", "size": 1, "modification": True}),
        good({"type": "dir", "modification": 1, "link": True, "target": "?"}),
        good({"type": "dir", "modification": 1, "link": True, "target": 1}),
        bad("", 200),
        bad(None, 200),
        bad("x y\nz", 200),
    ],
)
def test_garbage_is_an_error(new, answer):
    path = f"{PARENT}/x"
    new.on(stat_call(path), answer)
    with pytest.raises(NasError) as caught:
        new.client().files.stat([path])
    assert caught.value.kind is Kind.PROTOCOL


def test_many_paths_are_one_call_on_a_new_box(new):
    paths = [f"{PARENT}/{name}" for name in ODD_NAMES]
    new.on("POST fs/info", lambda request: good([info(path) for path in reversed(paths)]))
    found = new.client().files.stat([*paths, paths[0]])
    assert list(found) == paths
    assert all(found[path].path == path for path in paths)
    assert new.calls() == ["POST fs/info"]
    assert new.bodies("POST fs/info") == [[b64(path) for path in paths]]


def test_what_the_batch_leaves_out_is_asked_for_again(new):
    alone, two, three = f"{PARENT}/alone", "/Disque dur/other/2", "/Disque dur/other/3"
    here = f"{PARENT}/here"
    new.on("POST fs/info", good([info(here)]))
    new.on(stat_call(alone), bad("path_not_found"))
    new.on(pages("/Disque dur/other"), good({"entries": listing("/Disque dur/other", info(three))}))
    found = new.client().files.stat([alone, two, three, here])
    assert [bool(found[path]) for path in (alone, two, three, here)] == [False, False, True, True]
    assert sorted(new.calls()) == sorted(["POST fs/info", stat_call(alone), pages("/Disque dur/other")])


TEXT, REST, OLD = f"{PARENT}/a.txt", f"{PARENT}/.nasops-1.part", f"{PARENT}/.nasops-1.old.a.txt"


@pytest.mark.parametrize("left", [[], [REST], [REST, OLD]])
def test_a_file_and_what_may_lie_beside_it_cost_no_listing(new, left):
    new.on("POST fs/info", good([info(path) for path in [*left, TEXT]]))
    found = new.client().files.stat([TEXT, REST, OLD])
    assert [path for path, entry in found.items() if entry] == [TEXT, *left]
    assert new.calls() == ["POST fs/info"]


@pytest.mark.parametrize("answer", [good(), good([info(REST)]), bad("invalid_request"), good({"a": 1}), good([{}])])
def test_a_file_that_the_batch_does_not_tell_of_is_looked_for_in_its_folder(new, answer):
    new.on("POST fs/info", answer)
    new.on(pages(PARENT), good({"entries": listing(PARENT, info(OLD))}))
    found = new.client().files.stat([TEXT, REST, OLD])
    assert (found[TEXT], bool(found[OLD])) == (None, True)
    assert new.calls()[0] == "POST fs/info"


def test_what_the_user_names_is_never_absent_for_what_the_batch_leaves_out(new):
    other = f"{PARENT}/b.txt"
    new.on(pages(PARENT), good({"entries": listing(PARENT, info(TEXT), info(other))}))
    assert all(new.client().files.stat([TEXT, other]).values())
    new.on("POST fs/info", bad("access_denied", 403))
    with pytest.raises(NasError):
        new.client().files.stat([TEXT, REST])


def test_a_path_that_the_batch_left_out_for_lack_of_rights_is_not_absent(new):
    new.on("POST fs/info", good())
    new.on(pages(PARENT), bad("access_denied", 403))
    with pytest.raises(NasError) as caught:
        new.client().files.stat([f"{PARENT}/1", f"{PARENT}/2"])
    assert caught.value.kind is Kind.PERMISSION_DENIED


def test_a_box_without_the_batch(new):
    new.on(pages(PARENT), good({"entries": listing(PARENT, info(f"{PARENT}/1"))}))
    found = new.client().files.stat([f"{PARENT}/1", f"{PARENT}/2"])
    assert found[f"{PARENT}/2"] is None
    assert found[f"{PARENT}/1"] is not None


def test_many_paths_on_an_old_box_are_one_listing_a_folder(old):
    paths = [f"{PARENT}/{name}" for name in ODD_NAMES]
    old.on(ls(PARENT), good(listing(PARENT, *(info(path) for path in paths[:-2]))))
    found = old.client().files.stat(paths)
    assert [path for path in paths if found[path] is None] == paths[-2:]
    assert old.calls() == [ls(PARENT)]


def test_nothing_is_asked_below_a_folder_that_is_absent(old):
    paths = ["/v/a", "/v/a/b", "/v/a/b/1", "/v/a/b/2", "/v/a/c/1"]
    old.on(stat_call("/v/a"), bad("path_not_found"))
    assert old.client().files.stat(paths) == dict.fromkeys(paths)
    assert old.calls() == [stat_call("/v/a")]


def test_a_missing_folder_is_asked_for_once(old):
    paths = ["/v/a/1", "/v/a/2", "/v/a/b/3", "/v/a/b/4"]
    old.on(ls("/v/a"), bad("path_not_found"))
    assert old.client().files.stat(paths) == dict.fromkeys(paths)
    assert old.calls() == [ls("/v/a")]


def test_five_hundred_paths_are_one_body_and_more_are_two(new):
    paths = [f"{PARENT}/{number}" for number in range(501)]
    by_code = {b64(path): path for path in paths}
    new.on("POST fs/info", lambda request: good([info(by_code[code]) for code in request.body]))
    assert all(new.client().files.stat(paths).values())
    assert new.calls() == ["POST fs/info"] * 2


# list


@pytest.mark.parametrize("version", ["14.0", "16.0"])
def test_a_folder_without_itself_and_its_parent(version):
    box = Fake(version=version)
    inside = [info(f"{PARENT}/{name}") for name in ODD_NAMES] + [info(f"{PARENT}/.hidden")]
    if version == "14.0":
        box.on(ls(PARENT), good(listing(PARENT, *inside)))
    else:
        box.on(pages(PARENT), good({"entries": listing(PARENT, *inside)}))
    assert [entry.path for entry in box.client().files.list(PARENT)] == [
        f"{PARENT}/{name}" for name in [*ODD_NAMES, ".hidden"]
    ]
    box.stop()


def test_pages_are_followed_by_the_cursor(new):
    first = "eyJvZmZzZXQiOjJ9+/="
    new.on(pages(PARENT), good({"entries": listing(PARENT, info(f"{PARENT}/1")), "cursor": first}))
    new.on(pages(PARENT, "eyJvZmZzZXQiOjJ9%2B%2F%3D"), good({"entries": [info(f"{PARENT}/2")], "cursor": "last"}))
    new.on(pages(PARENT, "last"), good({"entries": []}))
    assert [entry.name for entry in new.client().files.list(PARENT)] == ["1", "2"]


def test_of_a_large_folder_one_page_is_read_for_a_few_paths(new):
    inside = [info(f"{PARENT}/{number}") for number in range(998)]  # and the two entries of dots
    new.on(pages(PARENT), good({"entries": listing(PARENT, *inside), "cursor": "more"}))
    there, late, absent = (f"{PARENT}/{name}" for name in ("7", "late", "absent"))
    new.on(stat_call(late), good(info(late)))
    new.on(stat_call(absent), bad("path_not_found"))
    found = new.client().files.stat([there, late, absent])
    assert [path for path, entry in found.items() if entry] == [there, late]
    assert len(names_of(new.requests, "GET fs/ls/")) == 1


def test_a_cursor_that_comes_again(new):
    new.on(pages(PARENT), good({"entries": [], "cursor": "same"}))
    new.on(pages(PARENT, "same"), good({"entries": [], "cursor": "same"}))
    with pytest.raises(NasError) as caught:
        list(new.client().files.list(PARENT))
    assert caught.value.kind is Kind.PROTOCOL


def test_two_entries_whose_names_look_the_same(new):
    entries = [info(f"{PARENT}/Spe\u0301cial", name="Spécial"), info(f"{PARENT}/Sp\u00e9cial", name="Spécial")]
    new.on(pages(PARENT), good({"entries": entries}))
    assert [entry.path for entry in new.client().files.list(PARENT)] == [
        f"{PARENT}/Spe\u0301cial",
        f"{PARENT}/Sp\u00e9cial",
    ]


def test_a_name_that_is_no_utf8_in_json(new):
    raw = b'{"success":true,"result":{"entries":[{"path":"%s","name":"\xe9","type":"dir","size":1,"modification":2}]}}'
    path = f"{PARENT}/\udce9"
    new.on(pages(PARENT), Answer(200, raw % b64(path).encode()))
    assert [entry.path for entry in new.client().files.list(PARENT)] == [path]


def test_a_folder_that_is_absent_and_one_that_is_a_file(new):
    new.on(pages(PARENT), bad("path_not_found"))
    new.on(stat_call(PARENT), bad("path_not_found"), good(info(PARENT)))
    for kind in (Kind.NOT_FOUND, Kind.WRONG_TYPE):
        with pytest.raises(NasError) as caught:
            list(new.client().files.list(PARENT))
        assert caught.value.kind is kind


@pytest.mark.parametrize("result", [5, "text", {"entries": 5}, {}, [5], [{"name": "a"}], [{"name": "a", "path": "!"}]])
def test_a_listing_that_makes_no_sense(new, result):
    new.on(pages(PARENT), good(result))
    new.on(stat_call(PARENT), good(info(PARENT, "dir")))
    with pytest.raises(NasError) as caught:
        list(new.client().files.list(PARENT))
    assert caught.value.kind is Kind.PROTOCOL


# create, rename


@pytest.mark.parametrize("name", ODD_NAMES[:-1])
def test_a_folder_is_made_by_its_clear_name(new, name):
    path = f"{PARENT}/{name}"
    new.on("POST fs/mkdir/", good(b64(path)))
    new.client().files.create_folders([path, f"{path}/below"])
    assert new.bodies("POST fs/mkdir/") == [
        {"parent": b64(PARENT), "dirname": name},
        {"parent": b64(path), "dirname": "below"},
    ]


def test_mkdir_may_answer_with_success_alone(new):
    new.on("POST fs/mkdir/", good())
    new.client().files.create_folders([f"{PARENT}/x"])


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("destination_conflict", Kind.EXISTS),
        ("path_not_found", Kind.NOT_FOUND),
        ("disk_full", Kind.NO_SPACE),
        ("access_denied", Kind.PERMISSION_DENIED),
    ],
)
def test_a_folder_that_cannot_be_made(new, code, kind):
    new.on("POST fs/mkdir/", bad(code))
    with pytest.raises(NasError) as caught:
        new.client().files.create_folders([f"{PARENT}/x"])
    assert (caught.value.kind, caught.value.path, caught.value.call) == (kind, f"{PARENT}/x", "POST fs/mkdir/")


def test_a_new_name_that_is_no_utf8_is_refused_before_the_call(new):
    with pytest.raises(NasError) as caught:
        new.client().files.create_folders([f"{PARENT}/{ODD_NAMES[-1]}"])
    assert caught.value.kind is Kind.INVALID_NAME
    assert new.count("POST fs/mkdir/") == 0


def test_a_change_is_not_repeated_when_the_box_is_busy(new):
    new.on("POST fs/mkdir/", Answer(503, b""))
    with pytest.raises(NasError):
        new.client(retries=3).files.create_folders([f"{PARENT}/x"])
    assert new.count("POST fs/mkdir/") == 1


@pytest.mark.parametrize("name", ODD_NAMES[:-1])
def test_rename(new, name):
    path = f"{PARENT}/before"
    new.on(stat_call(f"{PARENT}/{name}"), bad("path_not_found"))
    new.on("POST fs/rename/", good(b64(f"{PARENT}/{name}")))
    new.client().files.rename(path, name)
    assert new.bodies("POST fs/rename/") == [{"src": b64(path), "dst": name}]


def test_rename_never_overwrites(new):
    new.on(stat_call(f"{PARENT}/after"), good(info(f"{PARENT}/after")))
    with pytest.raises(NasError) as caught:
        new.client().files.rename(f"{PARENT}/before", "after")
    assert caught.value.kind is Kind.EXISTS
    assert new.count("POST fs/rename/") == 0


# delete


def current(box, *infos):
    """The box answers for these paths, and for no others, until `rm` has started."""
    paths = {entry["path"]: entry for entry in infos}

    def many(request):
        return good([paths[code] for code in request.body if code in paths])

    box.on("POST fs/info", many)
    for code, entry in paths.items():
        box.on(f"GET fs/info/{code}", good(entry), bad("path_not_found"))


def test_delete_follows_the_task_verifies_and_clears_it(new):
    path = f"{PARENT}/file"
    current(new, info(path))
    new.on("POST fs/rm/", good(task(45, "queued")))
    new.on("GET fs/tasks/45", good(task(45, "running", progress=50)), good(task(45, "done", progress=100)))
    new.on("DELETE fs/tasks/45", good())
    seen = []
    new.client().files.delete([path], recursive=False, watch=Watch(lambda done, total: seen.append((done, total))))
    assert new.bodies("POST fs/rm/") == [{"files": [b64(path)]}]
    assert seen == [(0, 100), (50, 100), (100, 100)]
    assert new.calls() == [
        stat_call(path),
        "POST fs/rm/",
        "GET fs/tasks/45",
        "GET fs/tasks/45",
        "DELETE fs/tasks/45",
        stat_call(path),
    ]


@pytest.mark.parametrize("code", ["task_not_found", "invalid_id", "noent"])
def test_a_task_that_vanished_is_verified_by_the_files(new, code):
    path = f"{PARENT}/file"
    new.on("POST fs/rm/", good(task(45, "running")))
    new.on("GET fs/tasks/45", bad(code))
    new.on("DELETE fs/tasks/45", bad(code))
    current(new, info(path))
    new.client().files.delete([path], recursive=False, watch=Watch())
    new.on(stat_call(path), good(info(path)))
    with pytest.raises(NasError) as caught:
        new.client().files.delete([path], recursive=False, watch=Watch())
    assert (caught.value.kind, caught.value.path) == (Kind.DEVICE, path)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ("permission_denied", Kind.PERMISSION_DENIED),
        ("unlink_failed", Kind.DEVICE),
        ("rmdir_failed", Kind.DEVICE),
        ("brand_new", Kind.DEVICE),
    ],
)
@pytest.mark.parametrize("state", ["failed", "done"])
def test_a_task_that_failed(new, error, kind, state):
    path = f"{PARENT}/file"
    new.on(stat_call(path), good(info(path)))
    new.on("POST fs/rm/", good(task(45, state, error=error)))
    new.on("DELETE fs/tasks/45", good())
    with pytest.raises(NasError) as caught:
        new.client().files.delete([path], recursive=False, watch=Watch())
    assert (caught.value.kind, caught.value.code, caught.value.path) == (kind, error, path)
    assert new.count("DELETE fs/tasks/45") == 1


def test_success_is_not_believed(new):
    path = f"{PARENT}/file"
    new.on(stat_call(path), good(info(path)))
    new.on("POST fs/rm/", good(task(45, "done")))
    with pytest.raises(NasError) as caught:
        new.client().files.delete([path], recursive=False, watch=Watch())
    assert caught.value.kind is Kind.DEVICE


def test_a_folder_with_content_is_refused_before_anything_goes(new):
    folder, other = f"{PARENT}/folder", f"{PARENT}/other"
    current(new, info(folder, "dir"), info(other))
    new.on(pages(folder), good({"entries": listing(folder, info(f"{folder}/.hidden"))}))
    with pytest.raises(NasError) as caught:
        new.client().files.delete([other, folder], recursive=False, watch=Watch())
    assert (caught.value.kind, caught.value.path) == (Kind.NOT_EMPTY, folder)
    assert new.count("POST fs/rm/") == 0


def test_a_folder_goes_with_what_was_named_too(new):
    folder, inside = f"{PARENT}/folder", f"{PARENT}/folder/inside"
    current(new, info(folder, "dir"), info(inside))
    new.on(pages(folder), good({"entries": listing(folder, info(inside))}))
    new.on("POST fs/rm/", good(task(45, "done")))
    new.on(stat_call(folder), bad("path_not_found"))
    new.client().files.delete([inside, folder], recursive=False, watch=Watch())
    assert new.bodies("POST fs/rm/") == [{"files": [b64(folder)]}]


def test_recursive_does_not_list(new):
    folder = f"{PARENT}/folder"
    current(new, info(folder, "dir"))
    new.on("POST fs/rm/", good(task(45, "done")))
    new.client().files.delete([folder], recursive=True, watch=Watch())
    assert names_of(new.requests, "GET fs/ls") == []


def test_what_is_absent_or_a_volume_is_not_deleted(new):
    new.on(stat_call(f"{PARENT}/gone"), bad("path_not_found"))
    for path, kind in ((f"{PARENT}/gone", Kind.NOT_FOUND), ("/Disque dur", Kind.USAGE), ("/", Kind.USAGE)):
        with pytest.raises(NasError) as caught:
            new.client().files.delete([path], recursive=True, watch=Watch())
        assert caught.value.kind is kind
    assert new.count("POST fs/rm/") == 0


def test_hundreds_go_in_one_task(new):
    paths = [f"{PARENT}/{number}" for number in range(300)]
    current(new, *(info(path) for path in paths))
    new.on("POST fs/rm/", good(task(45, "done")))
    new.on("DELETE fs/tasks/45", good())
    new.on(pages(PARENT), good({"entries": listing(PARENT)}))
    new.client().files.delete(paths, recursive=False, watch=Watch())
    assert new.calls() == ["POST fs/info", "POST fs/rm/", "DELETE fs/tasks/45", pages(PARENT)]


def test_a_task_that_takes_too_long_is_stopped(new):
    path = f"{PARENT}/file"
    current(new, info(path))
    new.on("POST fs/rm/", good(task(45, "running")))
    new.on("GET fs/tasks/45", good(task(45, "running", progress=None)))
    new.on("DELETE fs/tasks/45", good())
    with pytest.raises(NasError) as caught:
        new.client().files.delete([path], recursive=False, watch=Watch(timeout=0))
    assert caught.value.kind is Kind.TIMEOUT
    assert new.count("DELETE fs/tasks/45") == 1


def test_a_session_that_expires_while_a_task_is_followed(new):
    path = f"{PARENT}/file"
    current(new, info(path))
    new.on("POST fs/rm/", good(task(45, "running")))
    new.on("GET fs/tasks/45", bad("auth_required", 403, result={"challenge": "c"}), good(task(45, "done")))
    new.client().files.delete([path], recursive=False, watch=Watch())
    assert new.logins == 2
    assert new.count("POST fs/rm/") == 1


@pytest.mark.parametrize("result", [None, {}, b64("/x"), {"id": "45", "state": "done"}, task(45, "asleep")])
def test_a_task_that_makes_no_sense(new, result):
    path = f"{PARENT}/file"
    current(new, info(path))
    new.on(stat_call(path), good(info(path)))
    new.on("POST fs/rm/", good(result))
    with pytest.raises(NasError) as caught:
        new.client().files.delete([path], recursive=False, watch=Watch())
    assert caught.value.kind is Kind.PROTOCOL


# checksum

DIGESTS = {"md5": "D41D8CD98F00B204E9800998ECF8427E", "sha1": "a" * 40, "sha256": "b" * 64, "sha512": "c" * 128}


@pytest.mark.parametrize("algorithm", sorted(DIGESTS))
@pytest.mark.parametrize("form", ["text", "object"])
def test_checksum(new, algorithm, form):
    path = f"{PARENT}/file"
    digest = DIGESTS[algorithm]
    new.on("POST fs/hash/", good(task(50, "running", "hash")))
    new.on("GET fs/tasks/50", good(task(50, "done", "hash", progress=100)))
    new.on("GET fs/tasks/50/hash", good(digest if form == "text" else {"hash": digest}))
    new.on("DELETE fs/tasks/50", good())
    assert new.client().files.checksum(path, algorithm, watch=Watch()) == digest.lower()
    assert new.bodies("POST fs/hash/") == [{"src": b64(path), "hash_type": algorithm}]
    assert new.calls()[-1] == "DELETE fs/tasks/50"


@pytest.mark.parametrize("result", [None, "", "zz", "a" * 31, {"hash": 5}, {}, 5])
def test_a_checksum_that_is_none(new, result):
    new.on("POST fs/hash/", good(task(50, "done", "hash")))
    new.on("GET fs/tasks/50/hash", good(result))
    new.on(stat_call(f"{PARENT}/file"), good(info(f"{PARENT}/file")))
    with pytest.raises(NasError) as caught:
        new.client().files.checksum(f"{PARENT}/file", "md5", watch=Watch())
    assert caught.value.kind is Kind.PROTOCOL


@pytest.mark.parametrize(
    ("error", "there", "kind"),
    [
        ("file_not_found", None, Kind.NOT_FOUND),
        ("open_input_failed", None, Kind.NOT_FOUND),
        ("open_input_failed", "dir", Kind.WRONG_TYPE),
        ("open_input_failed", "file", Kind.DEVICE),
        ("unsupported_file_type", "dir", Kind.WRONG_TYPE),
        ("permission_denied", "file", Kind.PERMISSION_DENIED),
    ],
)
def test_a_checksum_task_that_fails(new, error, there, kind):
    path = f"{PARENT}/x"
    new.on("POST fs/hash/", good(task(50, "failed", "hash", error)))
    new.on(stat_call(path), good(info(path, there)) if there else bad("path_not_found"))
    with pytest.raises(NasError) as caught:
        new.client().files.checksum(path, "sha256", watch=Watch())
    assert caught.value.kind is kind


@pytest.mark.parametrize("answer", [bad("invalid_request", 404), bad("unknown_hash_type"), bad("notsupp")])
def test_a_box_that_calculates_no_checksum(new, answer):
    path = f"{PARENT}/x"
    new.on("POST fs/hash/", answer)
    new.on(stat_call(path), good(info(path)))
    with pytest.raises(NasError) as caught:
        new.client().files.checksum(path, "sha256", watch=Watch())
    assert caught.value.kind is Kind.UNSUPPORTED


def test_a_checksum_that_nobody_knows(new):
    with pytest.raises(NasError) as caught:
        new.client().files.checksum(f"{PARENT}/x", "crc32", watch=Watch())
    assert caught.value.kind is Kind.UNSUPPORTED


def test_a_checksum_task_that_vanished_is_started_again_once(new):
    new.on("POST fs/hash/", good(task(50, "running", "hash")), good(task(51, "done", "hash")))
    new.on("GET fs/tasks/50", bad("task_not_found"))
    new.on("GET fs/tasks/51/hash", good("a" * 32))
    assert new.client().files.checksum(f"{PARENT}/x", "md5", watch=Watch()) == "a" * 32


# shares


def test_shares_are_the_volumes_with_their_sizes(new):
    new.on(
        "GET storage/partition/", good([{"path": b64("/Disque dur"), "total_bytes": 10, "free_bytes": 4}, {"id": 3}])
    )
    new.on(pages("/"), good({"entries": listing("/", info("/Disque dur", "dir"), info("/Clé", "dir"))}))
    assert new.client().files.shares() == [
        Share("Disque dur", "/Disque dur", 10, 4),
        Share("Clé", "/Clé", None, None),
    ]


def test_shares_without_the_right_to_the_sizes(new):
    new.on("GET storage/partition/", bad("insufficient_rights", 403))
    new.on(pages("/"), good({"entries": [info("/Freebox", "dir")]}))
    assert new.client().files.shares() == [Share("Freebox", "/Freebox")]


def test_what_a_box_cannot_do(new):
    files = new.client().files
    assert files.features.sets_mtime_at_upload is False
    assert files.features.sets_mtime_of == frozenset()
    assert files.writable(f"{PARENT}/x") is None
